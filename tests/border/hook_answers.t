#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# What is on the wire: option 150, 66 and siaddr for those they are for, and not a byte changed for anybody else.
. "$(dirname "$0")/hook.sh"

# The ordinary client, an unknown phone of another make, and a phone of ours that nobody started: without the library...
KEA_GLOBAL='"next-server": "10.77.0.77",'
KEA_OPTIONS='{ "name": "tftp-server-name", "data": "site.example" }'
everybody()
{
	client 00:aa:00:00:00:01 -x 0x1001 -d boot
	client 00:aa:00:00:00:02 -x 0x1002 -d -v PXEClient -p 1,3,66,150 boot
	client 00:aa:00:00:00:03 -x 0x1003 -d -v 'Cisco Systems, Inc. IP Phone CP-8841' -h SEP00AA00000003 -p 1,66,150 boot
	client 00:aa:00:00:00:04 -x 0x1004 -d -v "$NAMED" -n -h SEP00AA00000004 -p 1,66,6,3,15,150,35 boot
	client 00:aa:00:00:00:05 -x 0x1005 -d -v "$BARE" -n -p 1,66,6,3,15,150,35 boot
	client 00:aa:00:00:00:01 -x 0x1006 -d -a 10.77.0.20 renew
	client 00:aa:00:00:00:01 -x 0x1007 -d -a 10.77.0.20 inform
	client 00:aa:00:00:00:01 -x 0x1008 -d -a 10.99.0.1 request
}
kea_conf >"$T/plain.json"
kea_start "$T/plain.json"
everybody >"$T/without"
kea_stop
rm -f "$T"/kea/leases.csv*

# ... and with it.
loadstep_conf >"$CONF"
ok 'Kea starts with the library' hook_start
everybody >"$T/with"
is "$(grep -c '^message ' "$T/without")" 13 'thirteen replies were compared'
ok 'the same replies with and without the library, byte for byte' cmp "$T/without" "$T/with"

# By vendor class alone, no plan needed; asked for or not.
got=$(client 01 -v 'Cisco IP Phone 7961 Special' -p 1,3 discover)
is "$(field 'option 150' <<<"$got")" 0a4d00090a4d000a 'OFFER: option 150 is the raw addresses, network order, not asked for'
is "$(field 'option 66' <<<"$got")" "$(printf 10.77.0.9 | od -An -tx1 | tr -d ' \n')" '66 is the first as dotted quad, over the site'\''s'
is "$(field siaddr <<<"$got")" 10.77.0.9 'siaddr is the first, over the site'\''s next-server'
is "$(grep -c '^option 66' <<<"$got")$(grep -c '^option 150' <<<"$got")" 11 'once each'
got=$(client 01 -v 'Cisco IP Phone 7961 Special' -n -p 1,66,150 boot)
is "$(field 'option 150' <<<"$got")" 0a4d00090a4d000a 'ACK, asked for, and the class with a NUL'
address=$(field yiaddr <<<"$got")
got=$(client 01 -v 'Cisco IP Phone 7961 Special' -a "$address" inform)
is "$(head -n 1 <<<"$got") $(field 'option 150' <<<"$got")" 'ACK 0a4d00090a4d000a' 'INFORM'
got=$(client 01 -v 'Cisco IP Phone 7961 Special' -s -p 1 discover)
is "$(field 'option 150' <<<"$got")" 0a4d00090a4d000a 'the class in two pieces (RFC 3396)'
got=$(client 02 -v 'Cisco IP Phone 7961 Specia' -p 1 discover)
is "$(field 'option 150' <<<"$got")" '' 'a class that only begins like it is another'
got=$(client 01 -v 'Cisco IP Phone 7961 Special' -a 10.99.0.1 request)
is "$(head -n 1 <<<"$got") $(field 'option 150' <<<"$got")" 'NAK ' 'a NAK carries nothing'

# By standing. The servers of a plan are for its started phones, where the plan is told apart by MAC, not by class.
"$STORETOOL" put "$STORE" 00:11:22:33:44:10 10.77.0.60 offered climb 2 P00305000500
"$STORETOOL" put "$STORE" 00:11:22:33:44:11 10.77.0.61 done climb 4 P0S3-8-12-00
wait_for '[ "$(status_of phones)" -ge 5 ]' 5
got=$(client 10 -v "$BARE" -n -p 1 discover)
is "$(field 'option 150' <<<"$got") $(field siaddr <<<"$got")" '0a4d0001 10.77.0.1' 'a phone on its way gets the plan'\''s server'
got=$(client 10 -v "$NAMED" -n -p 1 discover)
is "$(field 'option 150' <<<"$got")" 0a4d0001 'whatever it calls itself now'
got=$(client 10 -p 1 discover)
is "$(field 'option 150' <<<"$got")" 0a4d0001 'and without any class'
got=$(client 11 -v "$NAMED" -n -p 1 discover)
is "$(field 'option 150' <<<"$got")" 0a4d0005 'a phone that is done gets after-tftp-servers'

# override = if-absent: where the site gives option 150 all three are the site's.
kea_stop
CLASS_OVERRIDE=if-absent loadstep_conf >"$CONF"
hook_start
got=$(client 01 -v 'Cisco IP Phone 7961 Special' -p 1 discover)
is "$(field 'option 150' <<<"$got") $(field siaddr <<<"$got")" '0a4d00090a4d000a 10.77.0.77' 'if-absent: 150 was absent, siaddr was not'
got=$(client 01 -v 'Cisco IP Phone 7961 Special' -p 1,66 discover)
is "$(field 'option 66' <<<"$got")" "$(printf site.example | od -An -tx1 | tr -d ' \n')" 'nor 66'
kea_stop
KEA_OPTION150=10.77.0.50 hook_start
got=$(client 01 -v 'Cisco IP Phone 7961 Special' -p 1,150 discover)
is "$(field 'option 150' <<<"$got")" 0a4d0032 'if-absent: the site'\''s own option 150 stays'
kea_stop
loadstep_conf >"$CONF"
KEA_OPTION150=10.77.0.50 hook_start
got=$(client 01 -v 'Cisco IP Phone 7961 Special' -p 1,150 discover)
is "$(grep '^option 150' <<<"$got")" 'option 150 0a4d00090a4d000a' 'always: ours replaces it'

# [vendor-class] alone: a configuration without any plan.
kea_stop
rm -f "$T"/state/*
printf '[store]\nurl = %s\n' "$STORE" >"$CONF"
classes_conf >>"$CONF"
unset KEA_OPTIONS KEA_GLOBAL
ok 'no plan and no TFTP root: it starts' hook_start
is "$(status_of state)" running 'and runs'
got=$(client 01 -v 'Cisco IP Phone 7961 Special' -p 1 boot)
is "$(field 'option 150' <<<"$got")" 0a4d00090a4d000a 'option 150 by vendor class alone'
got=$(client 10 -v "$BARE" -n -p 1 boot)
is "$(field 'option 150' <<<"$got")$(field 'option 66' <<<"$got") $(field siaddr <<<"$got")" ' 0.0.0.0' 'other phones get nothing'
done_testing
