#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# A phone played by hand, with nothing of this project's on its side: udhcpc asks for the address as a 7960 would, tftp-hpa
# fetches what a 7960 would fetch, and `loadstep status` shows each phase.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LOADS='P00303010102 P0S3-8-12-00'
. "$(dirname "$0")/site.sh"
need udhcpc tftp

MAC=00:11:22:33:44:55
BARE='Cisco Systems, Inc. IP Phone'
cat >"$T/udhcpc" <<'SCRIPT'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip address flush dev "$interface"
ip address add "$ip/$mask" dev "$interface"
env >"$0.env"
SCRIPT
chmod +x "$T/udhcpc"

# boot CLASS: DISCOVER to ACK
boot()
{
	in_ns hand udhcpc -i eth0 -n -q -f -t 10 -T 1 -V "$1" -x hostname:SEP001122334455 -O 66 -O 150 -s "$T/udhcpc" \
		>>"$T/udhcpc.log" 2>&1
}

# get FILE: 0 when it is there; what came is $T/got
get()
{
	rm -f "$T/got"
	in_ns hand tftp -m octet "$server" -c get "$1" "$T/got" >>"$T/tftp.log" 2>&1
	[ -s "$T/got" ]
}

# It writes its flash: 30 s of a phone's time. (A log's stamps have whole seconds: what comes sooner may look like before.)
write_flash() { sleep 1.2; }

ok 'the site is up' site_up 'unsafe-steps = P0S3-8-12-00' # a hand that plays a phone takes what it is shown
client_ns hand "$MAC"

# ---- seen
ok 'a bare class asks for an address' boot "$BARE"
ok 'it is seen' expect_phase $MAC seen 10
is "$(status_json $MAC '."vendor-class"')" "$BARE" 'with its class'
server=10.77.0.1
not_ok 'there is no OS79XX.TXT' get OS79XX.TXT
ok 'XMLDefault is the plain root'\''s' get XMLDefault.cnf.xml
ok 'byte for byte' cmp "$T/got" "$TFTP_ROOT/XMLDefault.cnf.xml"

# ---- offered
ok 'loadstep start' loadstep start 4455
ok 'it is offered the first load' expect_phase $MAC offered 5
ok 'under its address' expect_address 10.77.0.20 $MAC 5
ok 'it boots again' boot "$BARE"
like "$(cat "$T/udhcpc.env")" $'\n''siaddr=10\.77\.0\.1'$'\n' 'and is told its server: siaddr'
like "$(cat "$T/udhcpc.env")" $'\n''tftp=10\.77\.0\.1'$'\n' '66'
like "$(cat "$T/udhcpc.env")" $'\n''(opt150|tftp150)=0a4d0001'$'\n' 'and 150, as bytes'
ok 'OS79XX.TXT is there' get OS79XX.TXT
ok 'and names the load' cmp "$T/got" <(printf 'P00303010102\r\n')
not_ok 'no file of its own' get SEP001122334455.cnf.xml

# ---- flashing, checking, proven
ok 'it fetches the image' get P00303010102.bin
ok 'whole' cmp "$T/got" "$TFTP_ROOT/loads/P00303010102/P00303010102.bin"
ok 'flashing' expect_phase $MAC flashing 10
write_flash
ok 'it boots' boot "$BARE"
ok 'checking' expect_phase $MAC checking 10
ok 'it reads its configuration' get XMLDefault.cnf.xml
ok 'after a silence it is offered the next load' expect_load $MAC P0S3-8-12-00 20
ok 'offered' expect_phase $MAC offered 5
ok 'the first one is proven' expect_running $MAC P00303010102 5

# ---- downloading, half-flashed, flashing, checking, done
get OS79XX.TXT
ok 'XMLDefault names it' get XMLDefault.cnf.xml
is "$(xmllint --xpath 'string(//loadInformation7)' "$T/got")" P0S3-8-12-00 'for a 7960'
ok 'it fetches the manifest' get P0S3-8-12-00.loads
ok 'downloading' expect_phase $MAC downloading 10
ok 'it fetches the loader' get P003-8-12-00.sbn
ok 'half-flashed' expect_phase $MAC half-flashed 10
write_flash
ok 'it boots as a 7960' boot "$BARE CP-7960G"
is "$(status_json $MAC .phase)" half-flashed 'a boot is no application'
ok 'it fetches the application' get P0S3-8-12-00.sb2
ok 'flashing' expect_phase $MAC flashing 10
write_flash
ok 'it boots' boot "$BARE CP-7960G"
ok 'checking' expect_phase $MAC checking 10
ok 'it asks for SIPDefault.cnf' get SIPDefault.cnf
ok 'done' expect_phase $MAC done 10
ok 'it runs SIP 8.12' expect_running $MAC P0S3-8-12-00 1
is "$(status_json $MAC .model)" 7960 'a 7960'
is "$(status_json $MAC .boots)" 5 'five boots'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
