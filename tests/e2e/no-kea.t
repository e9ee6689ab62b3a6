#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# No Kea and no hook: one phone gets its address from a server that tells us nothing, as a router does, and is known by the
# files it asks for; another one from the dnsmasq that serves TFTP, whose script tells of the lease. Both climb by proof.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
. "$(dirname "$0")/site.sh"
need "$DNSMASQ" ip ethtool nsenter perl jq "$LOADSTEP" "$EVENT" "$VPHONE" "$MKLOAD"
LEASED=00:11:22:33:44:71 ROUTED=00:11:22:33:44:72

# somebody's: it knows nothing of loadstep
router()
{
	start_daemon "$T/router.out" "$(confined_copy "$DNSMASQ")" -k -C /dev/null --port=0 --interface=br0 --except-interface=lo \
		--bind-dynamic --no-ping --dhcp-authoritative --user=root --pid-file= --dhcp-leasefile="$T/router.leases" \
		--dhcp-range=10.77.0.120,10.77.0.139,2m --dhcp-option=150,10.77.0.1 --dhcp-host=$LEASED,ignore
}

site_alone
site_net
site_tree
ok 'the plan is put in force' site_configure 'start = automatic'
router
DNSMASQ_SCRIPT=$EVENT
ok 'dnsmasq serves TFTP and DHCP' dnsmasq_start interface=site0 no-ping dhcp-authoritative "dhcp-leasefile=$T/dnsmasq/leases" \
	dhcp-range=10.77.0.20,10.77.0.39,2m dhcp-option=150,10.77.0.1 "dhcp-host=$ROUTED,ignore"
site_agent
phone leased --mac $LEASED --init-load P00302000000 --scale "$SITE_SCALE"
phone routed --mac $ROUTED --init-load P00302000000 --scale "$SITE_SCALE"

ok 'the leased one is known' expect leased '.address | startswith("10.77.0.2") or startswith("10.77.0.3")' 20
ok 'by its vendor class' expect leased '."vendor-class" == "Cisco Systems, Inc. IP Phone"' 5
ok 'the routed one is known by its files' expect routed '.address | startswith("10.77.0.1")' 20
is "$(status_json routed '."vendor-class"')" null 'and by nothing else'
for name in leased routed; do
	ok "$name: its address leads to its own links" expect_address "$(status_json $name .address)" $name 10
	ok "$name: it comes to its third stage" expect $name '.stage >= 3' 60
	is "$(history_json $name '.note // ""' | sed -n 's/^proven.*(\(.*\))$/\1/p' | head -n 2 | tr '\n' ' ')" \
		'P00303010102 P00305000500 ' "$name: two loads are proven, in their order"
done
is "$(history_json routed .event | grep -c '^boot$')" 0 'of boots nobody told'
[ "$LS_FAILED" = 0 ] || { site_tail; diag "$(cat "$T/router.out")"; }
done_testing
