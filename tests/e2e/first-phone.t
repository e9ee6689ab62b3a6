#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# README's "your first phone in ten commands", as it stands there: the block that begins with ```sh first-phone is run line
# by line on a site that has Kea and dnsmasq as README says, while a 7940 with SCCP 3.1 stands in the lobby.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
. "$(dirname "$0")/site.sh"

README=${README:-$(dirname "$0")/../../README.md}
commands=$(sed -n '/^```sh first-phone$/,/^```$/p' "$README" | sed '1d;$d' | sed '/^[[:space:]]*\(#.*\)\?$/d')
[ -n "$commands" ] || skip_all 'README.md has no ```sh first-phone block yet'

# What README has installed by then: `loadstep` on PATH. $LOADSTEP_CONFIG stands for /etc/loadstep/loadstep.conf.
mkdir -p "$T/usr/sbin"
ln -s "$(realpath "$LOADSTEP")" "$T/usr/sbin/loadstep"
PATH=$T/usr/sbin:$PATH
ok 'the site is up' site_up
phone lobby --mac 00:1b:0c:18:bd:c1 --model 7940 --init-load P00303010102 --scale "$SITE_SCALE"
ok 'the phone in the lobby has booted' wait_for "loadstep status --json | grep -q 00:1b:0c:18:bd:c1" 15

is "$(wc -l <<<"$commands")" 10 'there are ten commands'
while IFS= read -r command; do
	timeout 60 bash -c "$command" >"$T/said" 2>&1 </dev/null
	is $? 0 "$command"
	diag "$(cat "$T/said")"
done <<<"$commands"

ok 'the phone is on its way' wait_for "loadstep status --json | jq -e '.phones[0].stage >= 1'" 5

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
