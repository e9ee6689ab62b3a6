#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# Install the Debian packages that building and testing need, and those named, where they are missing, and say so in
# one line. Nobody's services start by it: while packages are unpacked, policy-rc.d says no; one that was there before
# comes back.
# Needs root, and the network, only when something is missing.
set -eu

build="gcc g++ make pkg-config kea-dev libboost-dev libsqlite3-dev libxml2-dev libinih-dev libjansson-dev
	libcmocka-dev"
run="kea-dhcp4-server kea-common dnsmasq-base sqlite3 tftp-hpa udhcpc iproute2 ethtool tcpdump perl jq
	libxml2-utils libjson-validator-perl prometheus chromium-headless-shell"
more="$*"

policy=/usr/sbin/policy-rc.d
saved=$policy.before-loadstep
mark="made by loadstep's tests/deps.sh"
log=

missing_packages() {
	for p in $build $run $more; do
		state=$(dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -x installed | head -n 1) || :
		[ "$state" = installed ] || printf ' %s' "$p"
	done
}

# A policy of ours that a killed run left behind is not somebody's: it only goes.
policy_put() {
	if [ -e "$policy" ] && ! grep -q "$mark" "$policy"; then
		mv "$policy" "$saved"
	fi
	printf '#!/bin/sh\n# %s; removed again by it\nexit 101\n' "$mark" >"$policy"
	chmod 755 "$policy"
}

policy_restore() {
	if grep -qs "$mark" "$policy"; then
		rm -f "$policy"
	fi
	if [ -e "$saved" ] && [ ! -e "$policy" ]; then
		mv "$saved" "$policy"
	fi
}

finish() {
	policy_restore
	[ -z "$log" ] || rm -f "$log"
}

install_packages() {
	# shellcheck disable=SC2086 # a list of names
	DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends \
		install $1 >>"$log" 2>&1 </dev/null 9>&-
}

if ! command -v dpkg-query >/dev/null; then
	echo "deps: not a Debian system; the Debian names of what is needed: $(echo $build $run $more)"
	exit 0
fi
missing=$(missing_packages)
if [ -z "$missing" ]; then
	echo "deps: nothing was missing"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "deps: missing:$missing; installing needs root: run 'sudo make deps'" >&2
	exit 1
fi

# One at a time, or the second would take the first one's policy for somebody's.
exec 9>/run/loadstep-deps.lock
flock 9
missing=$(missing_packages)
if [ -z "$missing" ]; then
	echo "deps: nothing was missing"
	exit 0
fi
log=$(mktemp)
trap finish EXIT
trap 'exit 130' INT TERM HUP
policy_put
# The package lists of a fresh machine are absent, those of an old one name versions that are gone.
if ! install_packages "$missing" && ! { apt-get -q update >>"$log" 2>&1 && install_packages "$missing"; }; then
	tail -n 20 "$log" >&2
	echo "deps: could not install:$missing" >&2
	exit 1
fi
echo "deps: added$missing"
