#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# Install the Debian packages that building and testing need, and those named, where they are missing, and say so in
# one line. Nobody's services start by it, now or at the next boot: while packages are unpacked, policy-rc.d says no (one
# that was there before comes back), and their units are disabled.
# Needs root, and the network, only when something is missing.
set -eu

build="gcc g++ make pkg-config kea-dev libboost-dev libsqlite3-dev libxml2-dev libinih-dev libjansson-dev
	libarchive-dev nettle-dev zlib1g-dev libpcap-dev libncurses-dev libcmocka-dev"
run="kea-dhcp4-server kea-common dnsmasq-base sqlite3 tftp-hpa tftpd-hpa udhcpc iproute2 ethtool tcpdump perl
	jq libxml2-utils libpcre2-8-0 systemd zip libarchive-tools libjson-validator-perl prometheus chromium-headless-shell
	tmux"
more="$*"
# These conflict with one of the above: they are only unpacked, for the tests alone, which are skipped without.
beside="atftpd"
unpacked=/var/cache/loadstep-tests

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

missing_beside() {
	for p in $beside; do
		[ -d "$unpacked/$p" ] || printf ' %s' "$p"
	done
}

# unpack_beside PACKAGES
unpack_beside() {
	for p in $1; do
		into=$(mktemp -d) || return
		(cd "$into" && apt-get -q download "$p" >>"$log" 2>&1 && dpkg-deb -x ./"$p"_*.deb "$into/$p" &&
			chmod 755 "$into/$p" && mkdir -p "$unpacked" && mv "$into/$p" "$unpacked/") || { rm -rf "$into"; return 1; }
		rm -rf "$into"
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

# policy-rc.d keeps what was just unpacked from starting now; that it does not start at the next boot either is said here.
units_off() {
	command -v systemctl >/dev/null || return 0
	for p in $(sed -n 's/^Setting up \([^ :]*\).*/\1/p' "$log"); do
		for unit in $(dpkg-query -L "$p" 2>/dev/null |
			sed -n 's#.*/lib/systemd/system/\([^/@]*\.\(service\|socket\|timer\)\)$#\1#p'); do
			! systemctl --quiet is-enabled "$unit" 2>/dev/null ||
				! systemctl --quiet disable "$unit" >/dev/null 2>&1 || units="$units $unit"
		done
	done
}

if ! command -v dpkg-query >/dev/null; then
	echo "deps: not a Debian system; the Debian names of what is needed: $(echo $build $run $more $beside)"
	exit 0
fi
missing=$(missing_packages)
lacking=$(missing_beside)
if [ -z "$missing$lacking" ]; then
	echo "deps: nothing was missing"
	exit 0
fi
if [ "$(id -u)" != 0 ] && [ -z "$missing" ]; then
	echo "deps: not unpacked, which needs root:$lacking"
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
lacking=$(missing_beside)
if [ -z "$missing$lacking" ]; then
	echo "deps: nothing was missing"
	exit 0
fi
log=$(mktemp)
trap finish EXIT
trap 'exit 130' INT TERM HUP
policy_put
# The package lists of a fresh machine are absent, those of an old one name versions that are gone.
twice() { "$@" || { apt-get -q update >>"$log" 2>&1 && "$@"; }; }
if [ -n "$missing" ] && ! twice install_packages "$missing"; then
	tail -n 20 "$log" >&2
	echo "deps: could not install:$missing" >&2
	exit 1
fi
units=
units_off
said=${missing:+ added$missing}
if [ -n "$lacking" ]; then
	twice unpack_beside "$(missing_beside)" && words="unpacked in $unpacked" || words="could not be unpacked"
	said="$said${said:+;} $words:$lacking"
fi
echo "deps:$said"
[ -z "$units" ] || echo "deps: not started, and disabled (systemctl enable UNIT if you want one):$units"
