#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# Kea with a sanitizer's runtime loaded before it, which our library then finds. Stands for kea-dhcp4 in the border
# tests, which run a copy of it that no AppArmor profile knows; so Kea itself is copied, too.
set -eu
case $0 in
*/tests/sanitize/*) exec "$KEA_REAL" "$@" ;;
esac
[ -x "$0.real" ] || cp "$KEA_REAL" "$0.real"
LD_PRELOAD=$KEA_PRELOAD exec "$0.real" "$@"
