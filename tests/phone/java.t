#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Java phones against real servers, and nothing else of this project: an operator takes them up by editing
# XMLDefault.cnf.xml by hand. What the server's log shows is what F§2.5 and F§7.2 say of real ones.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
. "$(dirname "$0")/phones.sh"

SCALE=100
bench_up
make_load SCCP41.8-3-1S SIP41.8-5-4S SCCP41.9-4-2SR3-1S SIP41.9-4-2SR3-1S SIP42.9-4-2SR3-1S
make_load --component 9-4-2ES26 SCCP41.9-4-2SR8-1S
make_load --capital-jar SIP41.8-2-2S
for load in SIP41.8-5-4S SCCP41.9-4-2SR3-1S SIP41.9-4-2SR3-1S SCCP41.9-4-2SR8-1S; do serve_load $load; done
rm "$TFTP_ROOT"/term*

# --- the ladder
show 30018=SCCP41.8-3-1S 115=SIP41.8-5-4S
phone climber --model 7961 --init-load SCCP41.8-3-1S --scale $SCALE
ok 'a load it has is not asked for' phone_wait climber 'settled: sccp SCCP41.8-3-1S' 10
ok '8.x: three files, and those again' saw_within climber 5 \
	CTLSEPMAC.tlv! SEPMAC.cnf.xml! XMLDefault.cnf.xml CTLSEPMAC.tlv! SEPMAC.cnf.xml! XMLDefault.cnf.xml
ok 'and nothing else (B1)' never_saw climber 'loads|sbn|ITL|jar'
ok 'its class names the model' phone_said climber 'discover as "Cisco Systems, Inc. IP Phone CP-7961G"$'
mark climber
show 30018=SIP41.8-5-4S 115=SCCP41.8-3-1S
ok '8.3(1) becomes SIP 8.5(4)' phone_wait climber 'settled: sip SIP41.8-5-4S' 15
ok 'B2: manifest and members in order; B3: then the configuration alone; row 54 behind it' saw_within climber 1 \
	CTLSEPMAC.tlv! SEPMAC.cnf.xml! XMLDefault.cnf.xml SIP41.8-5-4S.loads \
	jar41sip.8-5-4TH1-6.sbn cnu41.8-5-4TH1-6.sbn apps41.8-5-4TH1-6.sbn dsp41.8-5-4TH1-6.sbn \
	cvm41sip.8-5-4TH1-6.sbn CTLSEPMAC.tlv! SEPMAC.cnf.xml! XMLDefault.cnf.xml \
	mk-sip.jar! g3-tones.xml! dialplan.xml! softkeys.xml! Ringlist.xml! DistinctiveRingList.xml! CTLSEPMAC.tlv!
is "$(times_said climber 'boot: restarting')" 1 'one reboot'
is "$(phone_flash climber jar)" jar41sip.8-5-4TH1-6.sbn 'the flash has the new members'
mark climber
show 30018=SCCP41.9-4-2SR3-1S
ok 'and SCCP 9.4(2)' phone_wait climber 'settled: sccp SCCP41.9-4-2SR3-1S' 15
ok '9.x asks for trust lists, too' saw_within climber 1 cvm41sccp.9-4-2ES26.sbn \
	CTLSEPMAC.tlv! ITLSEPMAC.tlv! ITLFile.tlv! SEPMAC.cnf.xml! XMLDefault.cnf.xml
ok 'having found no HTTP' phone_said climber 'http: nobody listens, so TFTP'
mark climber
show 30018=SIP41.9-4-2SR3-1S
ok 'and SIP of the same release' phone_wait climber 'settled: sip SIP41.9-4-2SR3-1S' 15
ok 'B6: what is equal is not fetched' saw_within climber 1 SIP41.9-4-2SR3-1S.loads \
	jar41sip.9-4-2ES26.sbn cvm41sip.9-4-2ES26.sbn CTLSEPMAC.tlv!
mark climber
phone_power_cycle climber
ok 'it is the same after power off and on' phone_wait climber 'settled: sip SIP41.9-4-2SR3-1S' 10
ok 'B12: and asks for no firmware' never_saw climber 'loads|sbn'
phone_power_cut climber

phone renamed --model 7941 --init-load SCCP41.9-4-2SR3-1S --scale $SCALE
show 115=SCCP41.9-4-2SR8-1S
ok 'a load with the same members' phone_wait renamed 'settled: sccp SCCP41.9-4-2SR8-1S' 10
ok 'B5: its manifest alone' saw_within renamed 2 XMLDefault.cnf.xml SCCP41.9-4-2SR8-1S.loads CTLSEPMAC.tlv!
phone_power_cut renamed

# --- what leads to nothing
default_xml =SIP41.8-5-4S 119=SIP41.8-5-4S | put_file XMLDefault.cnf.xml
phone bare --model 7941 --init-load SCCP41.8-3-1S --scale $SCALE
ok 'the bare element is not for it' phone_wait bare 'settled: sccp SCCP41.8-3-1S' 10
show 115=SIP42.9-4-2SR3-1S
ok 'nor is another family' phone_wait bare 'display: Load ID incorrect' 5
ok 'which it does not ask for' never_saw bare loads
mark bare
show 115=SIP41.8-2-2S
serve_load SIP41.8-2-2S
rm "$TFTP_ROOT"/term*
ok 'B7: a capital Jar on a disk that knows case' saw_within bare 5 SIP41.8-2-2S.loads \
	Jar41sip.8-2-2TH1-1.sbn! CTLSEPMAC.tlv!
ok 'and that is shown' phone_said bare 'display: File not found'
ln -s jar41sip.8-2-2TH1-1.sbn "$TFTP_ROOT/Jar41sip.8-2-2TH1-1.sbn"
ok 'with a link it is taken' phone_wait bare 'settled: sip SIP41.8-2-2S' 10
mark bare
show 115=SIP41.9-4-2SR3-1S
ok 'signatures: 8.2(2) does not take 9.x' phone_wait bare 'display: Load Authentication Failed' 5
ok 'B5: its manifest alone, again and again' saw_within bare 5 SIP41.9-4-2SR3-1S.loads \
	CTLSEPMAC.tlv! SEPMAC.cnf.xml! XMLDefault.cnf.xml SIP41.9-4-2SR3-1S.loads
phone_power_cut bare
show 115=SIP41.8-5-4S
phone bridge --model 7941 --init-load SCCP41.8-3-1S --scale $SCALE --keys bridge --once
phone board --model 7941 --init-load SCCP41.8-3-1S --scale $SCALE --hardware 3 --once
phone auth --model 7941 --init-load SCCP41.8-3-1S --scale $SCALE --fault refuse:SIP41.8-5-4S
phone_ended bridge 10
ok '--keys bridge: not past 8.5(2) in one step' phone_said bridge 'refused: SIP41.8-5-4S.loads: Load Auth'
phone_ended board 10
ok 'a board that needs a newer load' phone_said board 'display: Load rejected HC'
ok 'B4: all members, a boot, and all again' saw_within auth 10 \
	cvm41sip.8-5-4TH1-6.sbn CTLSEPMAC.tlv! SEPMAC.cnf.xml! XMLDefault.cnf.xml SIP41.8-5-4S.loads \
	jar41sip.8-5-4TH1-6.sbn
is "$(phone_flash auth load)" SCCP41.8-3-1S 'under its old load'
phone_power_cut auth

# --- power cuts
phone cut --model 7941 --init-load SCCP41.8-3-1S --scale $SCALE --fault cut:.sbn:3000
phone_ended cut 10
is $? 20 'a power cut in a member'
phone cut --scale $SCALE --model 7941 --fault cut:.loads:flash --power-back-after 0.1
ok 'finds the old load whole' phone_wait cut 'runs: SCCP41.8-3-1S' 5
ok 'one while all is written' phone_wait cut 'power: cut while SIP41.8-5-4S.loads' 10
ok 'leaves boot code' phone_wait cut 'runs: boot code 8-3-1S' 5
ok 'B10: which asks for one file, twice' saw_within cut 5 term41.default.loads! term41.default.loads! \
	term41.default.loads! term41.default.loads!
ok 'every two minutes' perl -e '
	my @at = map { /^([0-9.]+) tftp: term41.*found/ ? $1 : () } <STDIN>;
	exit !(@at >= 4 && $at[1] - $at[0] < 0.5 && $at[2] - $at[1] > 0.9 && $at[3] - $at[2] < 0.5);
	' <"$(phone_log cut)"
mark cut
serve_load SIP41.8-5-4S
ok 'B9: the default load in order, then a normal boot' phone_wait cut 'settled: sip SIP41.8-5-4S' 10
ok 'as the server saw' saw_within cut 1 term41.default.loads jar41sip.8-5-4TH1-6.sbn cnu41.8-5-4TH1-6.sbn \
	apps41.8-5-4TH1-6.sbn dsp41.8-5-4TH1-6.sbn cvm41sip.8-5-4TH1-6.sbn CTLSEPMAC.tlv! SEPMAC.cnf.xml! \
	XMLDefault.cnf.xml
phone_power_cut cut

# --- factory reset
serve_load SIP41.9-4-2SR3-1S
phone reset --model 7961G-GE --init-load SCCP41.8-3-1S --boot-code 8-2-1S --factory-reset --scale $SCALE \
	--fault cut:dsp41.8-5-4TH1-6.sbn:0 --power-back-after 0.1
ok 'B8: boot code that refuses a generation' saw_within reset 10 term61.default.loads term61.default.loads \
	term61.default.loads
ok 'asks for no member of it' never_saw reset sbn
cp "$T/made/SIP41.8-5-4S"/term* "$TFTP_ROOT/"
show 308=SIP41.8-5-4S
ok 'an older one is taken' phone_wait reset 'settled: sip SIP41.8-5-4S' 15
ok 'after a cut only what is missing' saw_within reset 1 apps41.8-5-4TH1-6.sbn term61.default.loads \
	dsp41.8-5-4TH1-6.sbn cvm41sip.8-5-4TH1-6.sbn CTLSEPMAC.tlv!
phone_power_cut reset

make_load TERM41.7-0-3-0S
serve_load TERM41.7-0-3-0S
show 115=TERM41.7-0-3-0S
phone term --model 7941 --init-load TERM41.7-0-3-0S --factory-reset --scale $SCALE
ok 'before 8.0: the default file in capitals, three members' saw_within term 15 TERM41.DEFAULT.loads \
	Jar41.2-9-2-26.sbn cnu41.2-7-6-26.sbn CVM41.2-0-2-26.sbn CTLSEPMAC.tlv! SEPMAC.cnf.xml! XMLDefault.cnf.xml \
	CTLSEPMAC.tlv!
phone_power_cut term

# --- a file of its own that cannot be read
printf '<device><loadInformation>SIP41.8-5-4S</device>' | put_file SEP001122334503.cnf.xml
phone garbled --mac 00:11:22:33:45:03 --model 7941 --init-load SCCP41.8-3-1S --scale $SCALE
ok 'hides XMLDefault' saw_within garbled 10 SEPMAC.cnf.xml CTLSEPMAC.tlv! SEPMAC.cnf.xml
ok 'and does nothing else' never_saw garbled 'loads|XMLDefault'
phone_power_cut garbled

# --- trust
printf '<device><deviceProtocol>SIP</deviceProtocol><loadInformation>SIP41.8-5-4S</loadInformation></device>' |
	put_file SEP001122334501.cnf.xml
phone other --mac 00:11:22:33:45:01 --model 7941 --init-load SCCP41.8-3-1S --trust elsewhere --scale $SCALE
ok 'of another cluster: signed names only' saw_within other 10 CTLSEPMAC.tlv! SEPMAC.cnf.xml.sgn! \
	XMLDefault.cnf.xml.sgn! CTLSEPMAC.tlv!
echo no signature | put_file SEP001122334501.cnf.xml.sgn
ok 'and no others'"' word" phone_wait other 'refused: SEP001122334501.cnf.xml.sgn: not signed' 5
phone_power_cut other
phone other --model 7941 --factory-reset --scale $SCALE
ok 'a reset makes it forget' phone_wait other 'settled: sip SIP41.8-5-4S' 15
ok 'its own file wins, and is all it reads' saw_within other 1 SEPMAC.cnf.xml mk-sip.jar!
phone_power_cut other
rm "$TFTP_ROOT"/SEP*
echo 'a trust list' | put_file CTLSEP001122334502.tlv
phone locked --mac 00:11:22:33:45:02 --model 7941 --init-load SCCP41.8-3-1S --scale $SCALE
ok 'a list that is served is kept' phone_wait locked 'trust: CTLSEP001122334502.tlv installed' 10
ok 'with all it means' saw_within locked 5 SEPMAC.cnf.xml.sgn!
phone_power_cut locked

# --- HTTP first
start_daemon "$T/http.log" perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(LocalPort => 6970, Listen => 5, ReuseAddr => 1) or die $!;
	while (my $c = $s->accept) {
		my ($name) = (<$c> // "") =~ m|^GET /(\S+) HTTP/1.1|;
		if (!defined $name) { close $c; next }
		1 while defined(my $l = <$c>) && $l ne "\r\n" && $l ne "";
		if (open my $f, "<", "$ARGV[0]/$name") { local $/; print $c "HTTP/1.1 200 OK\r\n\r\n", <$f> }
		else { print $c "HTTP/1.1 404 Not Found\r\n\r\n" }
		close $c;
	}' "$TFTP_ROOT"
ok 'somebody listens on 6970' wait_for 'grep -qi ":1B3A 00000000:0000 0A" /proc/net/tcp' 5
show 115=SIP41.9-4-2SR3-1S
phone modern --model 7941 --init-load SCCP41.9-4-2SR8-1S --scale $SCALE
ok '9.4 loads by HTTP' phone_wait modern 'settled: sip SIP41.9-4-2SR3-1S' 15
ok 'all of it' phone_said modern 'http: jar41sip.9-4-2ES26.sbn [0-9]+ bytes'
is "$(server_saw modern)" ' ' 'and the TFTP server saw nothing'
phone_power_cut modern

# --- a server that says nothing
dnsmasq_stop
start_daemon "$T/deaf.log" perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(LocalPort => 69, Proto => "udp") or die $!;
	$| = 1;
	while (my $from = $s->recv(my $p, 600)) {
		printf "%d %s\n", (sockaddr_in($from))[0], $p =~ /^..([^\0]*)/s;
	}'
ok 'a deaf server' wait_for 'in_server_udp 69' 5
phone alone --model 7941 --init-load SCCP41.8-3-1S --scale $SCALE
ok 'B13: it gives its address back' phone_wait alone 'dhcp: released' 10
ok 'and starts over' wait_for '[ "$(times_said alone "dhcp: released")" -ge 2 ]' 10
like "$(head -6 "$T/deaf.log" | cut -d' ' -f2 | sort | uniq -c)" '6 CTLSEP' 'asking for nothing but CTLSEP'
is "$(sed -n 3p "$T/deaf.log" | cut -d' ' -f1)" "$(sed -n 1p "$T/deaf.log" | cut -d' ' -f1)" 'thrice from one port'
phone_power_cut alone

done_testing
