#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# Kea with a sanitizer's runtime loaded before it, which our library then finds. Stands for kea-dhcp4 in the border
# tests, which run a copy of it that no AppArmor profile knows; so Kea itself is copied, too.
set -eu
case $0 in
*/tests/sanitize/*) LD_PRELOAD=$KEA_PRELOAD exec "$KEA_REAL" "$@" ;;
esac
# Under its own name, by which `loadstep check` finds it.
real=${0%/*}/real/${KEA_REAL##*/}
[ -x "$real" ] || { mkdir -p "${real%/*}" && cp "$KEA_REAL" "$real"; }
LD_PRELOAD=$KEA_PRELOAD exec "$real" "$@"
