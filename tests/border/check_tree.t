#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep check, what it sees in the TFTP root: a healthy site as sites are, of classic and of Java phones, with sample
# files and harmless absences, has no finding. Then each fault planted, found by id and place with nothing else, and taken
# away again; behind "row" the row of the problem catalogue (F§8) it is.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
own_namespace "$@"
need perl "$DNSMASQ"
export TZ=UTC
TOOL=$BUILD/tests/storetool
umask 022

printf '%s\n' root:x:0:0::/root:/bin/sh _kea:x:901:901::/:/bin/false loadstep:x:902:902::/:/bin/false \
	dnsmasq:x:903:65534::/:/bin/false nobody:x:65534:65534::/:/bin/false >"$T/passwd"
printf '%s\n' root:x:0: _kea:x:901: loadstep:x:902:_kea nogroup:x:65534: >"$T/group"
mount --bind "$T/passwd" /etc/passwd && mount --bind "$T/group" /etc/group ||
	skip_all 'cannot give this namespace its own users'

# ------------------------------------------------------------------------------------------------ a healthy site

R=$T/tftp L=$T/tftp/loads X=$T/tftp/XMLDefault.cnf.xml C=$T/loadstep.conf

# java DIR LOAD VERSION FAMILY TERM...: a load of Java phones (F§3.5), and its default lists (F§2.5)
java()
{
	perl -e '
		my ($dir, $load, $version, $family, @term) = @ARGV;
		my ($proto) = $load =~ /^(SIP|SCCP)/;
		sub put { my ($name, $body) = @_;
			my $name0 = "$name\0";
			my $rest = "\x0c\x01\x00" . "s" x 256 . "\x0e" . pack("n", length $name0) . $name0;
			my $n = 10 + length $rest;
			my $pad = -$n % 4;
			open my $f, ">:raw", "$dir/$name" or die $!;
			print $f "\x01\x00\x02\x01\x01\x02\x00\x02", pack("n", $n + $pad), $rest, "\x0d" x $pad, $body; }
		my @members = map { "$_.$version.sbn" } "jar$family" . lc $proto, "cnu$family", "apps$family", "dsp$family",
			"cvm$family" . lc $proto;
		srand 1;
		put($_, join "", map { chr int rand 256 } 1 .. 16384) for @members;
		my $list = join "", map { "$_\r\n" } "# list", "", @members;
		put("$_.loads", $list) for $load, map { "term$_.default" } @term;
	' "$@"
}

site '[plan desks]' 'models = 7941 7961 7961G-GE' 'stages = SIP41.8-5-2S SIP41.8-5-4S' 'networks = 10.0.1.0/24' \
	'tftp-servers = 10.0.0.1' 'enter = first'
"$MKLOAD" --out "$L" P00303010102 P00305000500 P00308000900 P0S3-8-12-00 >/dev/null
mkdir "$L/SIP41.8-5-2S" "$L/SIP41.8-5-4S"
java "$L/SIP41.8-5-2S" SIP41.8-5-2S 8-5-2TH1-9 41 41 61
java "$L/SIP41.8-5-4S" SIP41.8-5-4S 8-5-4TH1-6 41 41 61
# of other phones, loose in the root as one unpacked them
java "$R" SCCP42.9-4-2SR3-1S 9-4-2ES26 42 42 62
java "$R" SIP45.9-3-1SR1-1S 9-3-1ES8 45

# xml [SED]...: the root's XMLDefault as the site has it, edited
good_xml()
{
	cat <<-'END'
	<?xml version="1.0" encoding="UTF-8"?>
	<!-- phones of the house -->
	<Default>
	  <callManagerGroup>
	    <members>
	      <member priority="0">
	        <callManager>
	          <ports>
	            <ethernetPhonePort>2000</ethernetPhonePort>
	          </ports>
	          <processNodeName>192.0.2.1</processNodeName>
	        </callManager>
	      </member>
	    </members>
	  </callManagerGroup>
	  <loadInformation404 model="IP Phone 7962">SCCP42.9-4-2SR3-1S</loadInformation404>
	  <loadInformation434 model="CP-7942">SCCP42.9-4-2SR3-1S</loadInformation434>
	  <loadInformation436 model="Cisco 7965">SIP45.9-3-1SR1-1S</loadInformation436>
	  <loadInformation435>SIP45.9-3-1SR1-1S</loadInformation435>
	  <loadInformation124 model="7914 14-Button Expansion Module">S00105000300</loadInformation124>
	  <loadInformation30007 model="Cisco IP Phone 7912">CP7912080004SCCP080108A.sbin</loadInformation30007>
	  <loadInformation683 model="Cisco 8841">sip88xx.12-5-1SR1-4</loadInformation683>
	  <servicesURL></servicesURL>
	</Default>
	END
}
xml() { good_xml | sed "${1:-}" >"$X"; publish; }
publish() { loadstep publish --apply >"$T/publish.out" 2>&1; }
good_xml >"$X"

# A phone's own file, by MAC: provisioned classic phones under SIP, with and without a load in it.
sep() { printf '<device>\n <deviceProtocol>SIP</deviceProtocol>\n %s\n</device>\n' "$2" >"$R/SEP$1.cnf.xml"; }
sep 001122334401 '<loadInformation model="IP Phone 7960">P0S3-8-12-00</loadInformation>'
echo 'line1_name: 101' >"$R/SIP001122334401.cnf"
sep 001122334402 '<loadInformation></loadInformation><sipLines><line><authPassword>short</authPassword></line></sipLines>'
sep 001122334403 '<loadInformation>SCCP42.9-4-2SR3-1S</loadInformation>'
sep 001122334404 '<loadInformation>sip88xx.12-5-1SR1-4</loadInformation>'
rm "$R/SEP001122334404.cnf.xml"
printf '# ours\nproxy1_address: 192.0.2.1\nimage_version: "P0S3-8-12-00" ; the newest\n' >"$R/SIPDefault.cnf"
printf 'P0S3-8-12-00\r\n' >"$R/OS79XX.TXT"
echo '<DIALTEMPLATE/>' >"$R/dialplan.xml"
echo kept >"$R/SEP001122334401.cnf.xml.bak"
chmod 640 "$R"/SEP* "$R"/SIP0*

chown _kea:loadstep "$T/store"
chmod 2770 "$T/store"
chown loadstep:loadstep "$R"
chmod 2775 "$R"
put() { "$TOOL" put "sqlite:$T/store/state.db" "$@"; }
put 00:11:22:33:44:55 10.0.0.20 offered ladder 1 P00303010102 7960
put 00:11:22:33:44:01 10.0.0.21 done ladder 4 P0S3-8-12-00
loadstep reload >"$T/reload.out"
chown loadstep:loadstep "$T/store"/* "$R/phones"
start_daemon "$T/dnsmasq.log" "$DNSMASQ" -k -C /dev/null --port=0 --enable-tftp --tftp-root="$R" \
	--tftp-unique-root=ip --dhcp-script="$EVENT" --user=dnsmasq --pid-file=
wait_for 'grep -qi ":0045 " /proc/net/udp' 5

# findings [ARGUMENT]...: "severity id place" a line; what this test has no say in is left out: the servers
findings()
{
	loadstep "$@" check --json | perl -MJSON::PP -0777 -ne '
		print "$_->{severity} $_->{id} $_->{place}\n" for @{decode_json($_)->{findings}}' |
		grep -vE "$SERVERS"
}
SERVERS='^[a-z]+ (not-looked-at|kea-|option-|router-|pool-|lease-|dnsmasq-|daemon-|tftpd?-|script|chain-|descriptors-|log-'
SERVERS+='|server-|apparmor-|path-read-only|store-on-|root-on-|disk-|clock-)'

# says ID: what its findings say, a line each
says()
{
	loadstep check --json | perl -MJSON::PP -0777 -e 'my $id = shift;
		print "$_->{what}\n" for grep { $_->{id} eq $id } @{decode_json(<STDIN>)->{findings}}' "$1"
}

# finds SEVERITY ID PLACE WHAT DESCRIPTION: this and nothing else is found, and that it says (a pattern)
finds()
{
	is "$(findings)" "$1 $2 $3" "$5: $2"
	like "$(says "$2")" "$4" "$5: what it says"
}

# healthy DESCRIPTION: nothing is found
healthy() { is "$(findings)" '' "$1"; }

healthy 'a site as sites are: no finding'

# ------------------------------------------------------------------------------------------------ XMLDefault

xml 's/priority="0"/priority=”0″/'
finds error xml-malformed "$X:6:24" 'a typographic quote U\+201D where a plain " must stand' 'row 1: quotes of a blog'
printf '<Default>\r\n<member priority=\x940\x94>\r\n</member></Default>' >"$X"
finds error xml-malformed "$X:2:18" 'byte 0x94 of Windows-1252' 'row 1: quotes of Windows'
cat >"$X" <<'END'
<Default>
<callManagerGroup>
<members>
<member priority=”0″>
</member>
</members>
</callManagerGroup>
<loadInformation>SCCP40.8-3-1S</loadInformation>
</Default>
END
finds error xml-malformed "$X:4:18" 'U\+201D' 'row 1: the sample that went round'
sed -i 's/”/"/; s/″/"/; s/<member .*/&<processNodeName\/>/' "$X"
publish
is "$(findings | grep -v root-names)" "error load-name-odd $X:8" 'the same with plain quotes: load-name-odd'
like "$(says load-name-odd)" 'SCCP40\.8-3-1S: no phone is of that family' 'it says which family'
good_xml | sed 's/Default>/device>/' >"$X"
finds error xml-root "$X:3" 'root element is <device>, <Default> is expected' 'another root element'
good_xml | sed '/<.callManagerGroup/d' >"$X"
like "$(findings)" "^error xml-malformed $X:[0-9:]+$" 'an element that is not closed: xml-malformed'
xml '/processNodeName/d'
finds warning xml-incomplete "$X" 'no processNodeName' 'F§5.1: processNodeName is missing'
xml '/callManagerGroup>/,/callManagerGroup>/d'
finds warning xml-incomplete "$X" 'no callManagerGroup' 'F§5.1: callManagerGroup is missing'
xml
mv "$X" "$R/XmlDefault.cnf.xml"
publish
finds error name-case "$R/XmlDefault.cnf.xml" 'phones ask for XMLDefault\.cnf\.xml' 'F§5.3: the spelling of manuals'
cp "$R/XmlDefault.cnf.xml" "$X"
publish
healthy 'beside the right one it is a copy'
rm "$R/XmlDefault.cnf.xml"

LINE=$(good_xml | grep -n loadInformation404 | cut -d: -f1)
xml '/loadInformation[0-9]/d; s,</callManagerGroup>,&<loadInformation>SIP41.8-5-4S</loadInformation>,'
is "$(findings | grep -v root-names)" "warning model-element-missing $X:$((LINE - 1))" \
	'row 2: a bare element for Java phones: model-element-missing'
like "$(says model-element-missing)" \
	'plan desks: only the bare loadInformation is there for loadInformation115 \(7941\), loadInformation30018' \
	'it says which elements they want'
xml 's/loadInformation404/loadInformation8/g'
is "$(findings)" "warning model-label-mismatch $X:$LINE
warning root-names-load $X" "row 3: a 7940's number for a 7962: model-label-mismatch"
like "$(says model-label-mismatch)" "it says \"IP Phone 7962\", and 8 is the 7940: the 7962's number is 404" \
	'it says the right number'
xml 's/loadInformation404 model="IP Phone 7962"/loadInformation5 model="IP Phone 7961"/; s/loadInformation404/loadInformation5/'
finds warning model-label-mismatch "$X:$LINE" "5 is the 30 VIP: the 7961's number is 30018" 'row 3: 5 for a 7961'
xml 's/loadInformation404 model="IP Phone 7962"/loadInformation4044 model="desk"/; s/loadInformation404>/loadInformation4044>/'
finds warning model-number-unknown "$X:$LINE" 'no model with the number 4044' 'row 3: a number that there is none'
xml 's/loadInformation434 model="CP-7942"/loadInformation404/; s/loadInformation434/loadInformation404/'
finds warning model-element-repeated "$X:$((LINE + 1))" "loadInformation404 \(7962\) is there already in line $LINE" \
	'row 3: a number twice'
xml "${LINE}s/SCCP42.9-4-2SR3-1S/P00308000500/"
finds error wrong-family "$X:$LINE" 'names P00308000500, a load for the 7940, 7960, and is the 7962' \
	"row 4: a 7960's load for a 7962"
xml 's/<loadInformation683.*/<loadInformation6>SCCP11.8-5-3S<\/loadInformation6>/'
finds error wrong-family "$X:$((LINE + 6))" "a load for the 7906, 7911, and is the 7910's" "row 4: a 7911's load for a 7910"
xml "${LINE}s/3-1S</3-1S.loads</"
finds error load-has-extension "$X:$LINE" 'names SCCP42\.9-4-2SR3-1S\.loads: a file' 'row 5: an extension'
xml "s,</callManagerGroup>,&<loadInformation>P003-8-12-00</loadInformation>,"
is "$(findings | grep -v root-names)" "error load-name-odd $X:$((LINE - 1))" "row 6: the loader's name: load-name-odd"
like "$(says load-name-odd)" 'the loader inside a SIP package' 'it says what it is'
xml "${LINE}s/SCCP42.9-4-2SR3-1S/POS3-8-12-00/"
finds error load-name-odd "$X:$LINE" 'letter O where Cisco writes the digit zero' 'row 7: the letter O'
xml "${LINE}s/SCCP42/sccp42/"
finds error load-name-odd "$X:$LINE" 'case-sensitive' 'row 7: small letters'
xml "${LINE}s/SCCP42.9-4-2SR3-1S/POs3-08-06-00/"
finds error load-name-odd "$X:$LINE" 'POs3-08-06-00: the letter O' 'row 47: a 7960 load for a Java phone, and spelled so'
xml "${LINE}s/SCCP42.9-4-2SR3-1S/P0S3-08-06-00/"
finds error wrong-family "$X:$LINE" 'P0S3-08-06-00, a load for the 7940' 'row 47: the same, spelled right'
xml "${LINE}s/SCCP42.9-4-2SR3-1S//"
finds warning load-empty "$X:$LINE" 'loadInformation404 \(7962\) names no load' 'an empty element'
xml "s/>SCCP42.9-4-2SR3-1S</> </"
finds warning load-empty "$X:$LINE" 'names no load, and 1 more of its kind' 'two of them: counted'
xml "s/3-1S</3-2S</"
finds warning load-not-found "$X:$LINE" 'names SCCP42\.9-4-2SR3-2S, which is not there, and 1 more' 'loads that are not there'
xml
mv "$R/dsp42.9-4-2ES26.sbn" "$T/away"
publish
is "$(findings | grep -v /SEP)" "warning member-missing $X:$LINE" 'row 8: a member of a load that lies in the root: member-missing'
like "$(says member-missing)" 'names SCCP42\.9-4-2SR3-1S, and dsp42\.9-4-2ES26\.sbn is missing, and 1 more' 'it says which'
mv "$T/away" "$R/Dsp42.9-4-2ES26.sbn"
publish
like "$(says member-missing)" 'dsp42\.9-4-2ES26\.sbn is there as Dsp42\.9-4-2ES26\.sbn' 'row 9: there in another case'
mv "$R/Dsp42.9-4-2ES26.sbn" "$R/dsp42.9-4-2ES26.sbn"
mv "$R/SCCP42.9-4-2SR3-1S.loads" "$R/sccp42.9-4-2sr3-1s.LOADS"
publish
is "$(findings | grep -v /SEP)" "warning load-not-found $X:$LINE" 'there under another case: load-not-found'
like "$(says load-not-found)" 'its file is there as sccp42\.9-4-2sr3-1s\.LOADS' 'it says as what'
mkdir "$R/firmware"
mv "$R/sccp42.9-4-2sr3-1s.LOADS" "$R/firmware/SCCP42.9-4-2SR3-1S.loads"
publish
like "$(says load-not-found)" 'lies in firmware, where nobody asks for it' 'in a directory'
mv "$R/firmware/SCCP42.9-4-2SR3-1S.loads" "$R"
rmdir "$R/firmware"
xml "s,</callManagerGroup>,&<loadInformation7>P0S3-8-12-00</loadInformation7>,"
finds warning root-names-load "$X" "names P0S3-8-12-00 for models of plan ladder, the plan's last load" \
	'the root names a load for models under a plan'
{ good_xml | sed '$d'; perl -e 'print "<!-- ", "x" x 70000, " -->\n"'; echo '</Default>'; } >"$X"
publish
finds warning config-too-large "$X" 'more than 65536 bytes' 'row 52: an XMLDefault too large'
xml
healthy 'as it was'
sed -i 's/^root = .*/&\nlayout = shared/' "$C"
xml "s,</callManagerGroup>,&<loadInformation115>SIP41.8-5-4S</loadInformation115>,"
like "$(findings)" "warning model-element-missing $X($|"$'\n'")" 'layout shared, one of three models has an element'
like "$(says model-element-missing)" 'plan desks: there is no loadInformation30018 \(7961\), loadInformation308' \
	'it says which are missing'
sed -i '/^layout = shared/d' "$C"
xml
healthy 'as it was, in views'

# ------------------------------------------------------------------------------------------------ the plans' loads

PLAN=$(grep -n '^stages = SIP41' "$C" | cut -d: -f1)
# plan OLD NEW: that stage of a plan, put in force
plan_says() { sed -i "/^stages/s/$1/$2/" "$C"; loadstep reload >"$T/reload.out" 2>&1; }
plan_says SIP41.8-5-4S SIP42.8-5-4S
is "$(findings | grep -v plan-not-reloaded)" "error config-fault $C:$PLAN" "row 4: a 7942's load in a 7941's plan: reload refuses it"
like "$(says config-fault)" '\[plan desks\] stages: SIP42.8-5-4S is a load for the 7942, 7962; the plan is for the 7941, too' \
	'it says why'
# with a store that has no plan in force the file's own plans count
like "$(findings --store "sqlite:$T/none/state.db")" "error wrong-family $C:$PLAN" 'and in force: wrong-family'
like "$(loadstep --store "sqlite:$T/none/state.db" check | tr -s '\n ' ' ')" \
	"plan desks, stage 2 names SIP42.8-5-4S, a load for the 7942, 7962, and is the 7941's" 'it says which stage'
plan_says SIP42.8-5-4S SCCP40.8-3-1S
is "$(findings | grep -vE 'stage-|loadset-missing')" "error load-name-odd $C:$PLAN" 'a family that there is none: load-name-odd'
plan_says SCCP40.8-3-1S SIP41.8-5-4S
plan_says P0S3-8-12-00 P003-8-12-00
finds error config-fault "$C:$((PLAN - 5))" '"P003-8-12-00" is a loader, not a load' 'row 6: the loader in a plan'
plan_says P003-8-12-00 POS3-8-12-00
finds error config-fault "$C:$((PLAN - 5))" '"POS3-8-12-00" has the letter O' 'row 7: the letter O in a plan'
plan_says POS3-8-12-00 P0S3-8-12-00.loads
finds error config-fault "$C:$((PLAN - 5))" 'without extension, drop the \.loads' 'row 5: an extension in a plan'
plan_says P0S3-8-12-00.loads P0S3-8-12-00
publish
healthy 'as it was'

J=$L/SIP41.8-5-4S
mv "$J/dsp41.8-5-4TH1-6.sbn" "$T/away"
is "$(findings | grep -v stage-outdated)" "error loadset-incomplete $J/dsp41.8-5-4TH1-6.sbn" \
	'row 8: a member is missing: loadset-incomplete'
mv "$T/away" "$J/Dsp41.8-5-4TH1-6.sbn"
is "$(findings | grep -v stage-outdated)" "error member-case $J/dsp41.8-5-4TH1-6.sbn" \
	'row 9: a member in another case: member-case'
like "$(says member-case)" 'is there as Dsp41\.8-5-4TH1-6\.sbn' 'it says as what'
mv "$J/Dsp41.8-5-4TH1-6.sbn" "$J/dsp41.8-5-4TH1-6.sbn"
cp -p "$J/dsp41.8-5-4TH1-6.sbn" "$T/whole"
cp "$J/cnu41.8-5-4TH1-6.sbn" "$J/dsp41.8-5-4TH1-6.sbn"
finds error loadset-damaged "$J/dsp41.8-5-4TH1-6.sbn" 'was signed as cnu41\.8-5-4TH1-6\.sbn' \
	"row 42: another file's bytes under its name"
head -c 200 "$T/whole" >"$J/dsp41.8-5-4TH1-6.sbn"
finds error loadset-damaged "$J/dsp41.8-5-4TH1-6.sbn" 'cut short' 'row 42: cut within the header'
# no line feed in this header, so only the body tells
perl -0pe 's/\n/\r\n/g' "$T/whole" >"$J/dsp41.8-5-4TH1-6.sbn"
finds error loadset-damaged "$J/dsp41.8-5-4TH1-6.sbn" 'line feeds stands behind a carriage return: copied in text mode' \
	'row 42: a member through text mode'
cp -p "$T/whole" "$J/dsp41.8-5-4TH1-6.sbn"
cp -p "$L/P00303010102/P00303010102.bin" "$T/whole"
perl -0pe 's/\n/\r\n/g' "$T/whole" >"$L/P00303010102/P00303010102.bin"
finds error loadset-damaged "$L/P00303010102/P00303010102.bin" 'plan ladder, stage 1 P00303010102: each of its' \
	'row 42: an unsigned image through text mode'
cp -p "$T/whole" "$L/P00303010102/P00303010102.bin"
cp -p "$L/P00305000500/P00305000500.sbn" "$T/whole"
truncate -s -1000 "$L/P00305000500/P00305000500.sbn"
finds error loadset-damaged "$L/P00305000500/P00305000500.sbn" 'bytes signed and [0-9]+ unsigned: one of the two' \
	'row 42: a signed image cut short, beside its unsigned form'
cp -p "$T/whole" "$L/P00305000500/P00305000500.sbn"
cp -p "$L/P0S3-8-12-00/P003-8-12-00.bin" "$T/whole"
truncate -s -1000 "$L/P0S3-8-12-00/P003-8-12-00.bin"
finds error loadset-damaged "$L/P0S3-8-12-00/P003-8-12-00.bin" 'one of the two is cut short' "row 42: a loader's unsigned form"
cp -p "$T/whole" "$L/P0S3-8-12-00/P003-8-12-00.bin"
chmod 600 "$J/jar41sip.8-5-4TH1-6.sbn" "$J/cnu41.8-5-4TH1-6.sbn"
finds error tree-unreadable "$J/cnu41.8-5-4TH1-6.sbn" 'user dnsmasq may not read it, and 1 more of its kind' \
	'row 39: members that the TFTP server may not read'
chmod 644 "$J"/*
chmod 600 "$L/P0S3-8-12-00/P0S3-8-12-00.sb2"
finds error tree-unreadable "$L/P0S3-8-12-00/P0S3-8-12-00.sb2" 'user dnsmasq may not read it' 'row 39: an application'
chmod 644 "$L/P0S3-8-12-00"/*
healthy 'as it was'

# ------------------------------------------------------------------------------------------------ default lists

cp "$L/SIP41.8-5-4S/term41.default.loads" "$T/newer"
cp -p "$L/SIP41.8-5-2S/term41.default.loads" "$T/older"
cp "$T/newer" "$L/SIP41.8-5-2S/term41.default.loads"
finds warning term-other-load "$R/stages/desks/SIP41.8-5-2S/term41.default.loads" 'other files than SIP41\.8-5-2S\.loads' \
	"row 29: a newer package's term41 in a stage"
cp "$T/newer" "$L/SIP41.8-5-2S/term61.default.loads"
like "$(says term-other-load)" 'and 1 more of its kind' 'row 29: the same package brings term61'
cp -p "$T/older" "$L/SIP41.8-5-2S/term41.default.loads"
perl -0pe 's/term41/term61/' "$T/older" >"$L/SIP41.8-5-2S/term61.default.loads"
mv "$L/SIP41.8-5-2S/term61.default.loads" "$T/t61"
cp "$T/newer" "$L/SIP41.8-5-2S/TERM61.DEFAULT.loads"
publish
finds warning term-other-load "$R/stages/desks/SIP41.8-5-2S/TERM61.DEFAULT.loads" 'other files' 'row 29: in capitals'
rm "$L/SIP41.8-5-2S/TERM61.DEFAULT.loads"
mv "$T/t61" "$L/SIP41.8-5-2S/term61.default.loads"
publish
healthy 'as it was'
cp "$R/term62.default.loads" "$T/t62"
perl -0pe 's/9-4-2ES26/8-4-1-23xx/g' "$T/t62" >"$R/term62.default.loads"
finds warning term-other-load "$R/term62.default.loads" 'than any load of its family in the root' \
	'row 29: the root has the list of another release'
cp "$T/t62" "$R/term62.default.loads"
cp "$T/older" "$R/term41.default.loads"
perl -0pe 's/term41/term61/' "$T/newer" >"$R/term61.default.loads"
publish
finds warning term-other-load "$R/term61.default.loads" 'other files than term41\.default\.loads: of another release' \
	'row 29: two generations in the root'
rm "$R/term61.default.loads"
publish
healthy 'one of them alone is no fault'
mv "$R/term41.default.loads" "$R/Term41.default.loads"
publish
finds error name-case "$R/Term41.default.loads" 'phones ask for term41\.default\.loads' 'a default list in another case'
rm "$R/Term41.default.loads"
publish

# ------------------------------------------------------------------------------------------------ old code's files

O=$R/OS79XX.TXT
mv "$O" "$R/OS79XX.txt"
publish
finds error name-case "$R/OS79XX.txt" 'phones ask for OS79XX\.TXT' 'row 11: its extension in small letters'
rm "$R/OS79XX.txt"
os79xx() { printf "$1" >"$O"; }
os79xx 'P0S3-8-12-00 \r\n'
finds error os79xx-odd "$O:1" 'a blank stands behind the name' 'row 12: a trailing blank'
os79xx 'P0S3-8-12-00\r'
finds error os79xx-odd "$O:1" 'a carriage return without a line feed' 'row 12: a carriage return alone'
os79xx 'P0S3-8-12-00\r\r\n'
finds error os79xx-odd "$O:1" 'a carriage return without a line feed' 'row 12: two of them'
os79xx 'P0S3-8-12-00\r\nP00308000900\r\n'
finds error os79xx-odd "$O:1" 'more than one line' 'row 12: two lines'
os79xx '\xef\xbb\xbfP0S3-8-12-00\r\n'
finds error os79xx-odd "$O:1" 'byte order mark' 'row 12: a byte order mark'
os79xx 'P0S3-8-12-00.bin\r\n'
finds error load-has-extension "$O:1" 'names P0S3-8-12-00\.bin: a file' 'row 5: an extension in OS79XX.TXT'
os79xx 'POS3-8-12-00\n'
finds error load-name-odd "$O:1" 'letter O' 'row 7: the letter O in OS79XX.TXT'
os79xx 'P00307020300\n'
finds warning load-not-found "$O:1" 'names P00307020300, which is not there' 'OS79XX.TXT names what is not there'
os79xx 'SCCP41.8-3-1S\n'
finds error wrong-family "$O:1" 'a load for the 7941, 7941G-GE, 7961, 7961G-GE, and is the 7960' \
	"row 4: a 7941's load in OS79XX.TXT"
os79xx ''
finds warning load-empty "$O:1" 'names no load' 'an empty OS79XX.TXT'
os79xx 'P0S3-8-12-00'
healthy 'without a line end it is right'
cp "$L/P0S3-8-12-00/P003-8-12-00.sbn" "$R"
os79xx 'P003-8-12-00\n'
publish
healthy 'and with a loader that is there'
rm "$R/P003-8-12-00.sbn"
os79xx 'P0S3-8-12-00\r\n'
publish

sed -i 's/P0S3-8-12-00/POS3-8-12-00/' "$R/SIPDefault.cnf"
publish
finds error load-name-odd "$R/SIPDefault.cnf:3" 'image_version names POS3-8-12-00' 'row 7: image_version with the letter O'
sed -i 's/POS3-8-12-00/P0S3-8-12-00.sb2/' "$R/SIPDefault.cnf"
publish
finds error load-has-extension "$R/SIPDefault.cnf:3" 'P0S3-8-12-00\.sb2: a file' 'row 5: image_version with an extension'
cp "$L/P00308000900"/* "$R"
sed -i 's/P0S3-8-12-00.sb2/P00308000900/' "$R/SIPDefault.cnf"
publish
finds warning image-version-differs "$R/SIPDefault.cnf:3" 'names P00308000900, and P0S3-8-12-00 is the last load of plan' \
	'SIPDefault.cnf takes a phone that is done away from its last load'
rm "$R"/P00308000900.*
sed -i 's/P00308000900/P0S3-8-11-00/' "$R/SIPDefault.cnf"
publish
finds warning load-not-found "$R/SIPDefault.cnf:3" 'names P0S3-8-11-00, which is not there' 'image_version of what is not there'
sed -i 's/P0S3-8-11-00/P0S3-8-12-00/' "$R/SIPDefault.cnf"
mv "$R/SIPDefault.cnf" "$R/sipdefault.cnf"
publish
finds error name-case "$R/sipdefault.cnf" 'phones ask for SIPDefault\.cnf' 'row 11: SIPDefault.cnf in another case'
mv "$R/sipdefault.cnf" "$R/SIPDefault.cnf"
echo 'image_version: P003-8-12-00' >"$R/SEPDefault.cnf"
publish
finds error load-name-odd "$R/SEPDefault.cnf:1" 'the loader inside' 'row 6: the loader in SEPDefault.cnf'
rm "$R/SEPDefault.cnf"
publish
for i in 1 2 3; do
	echo 'image_version: P0S3-8-12-00.loads' >"$R/SIP00112233442$i.cnf"
done
chmod 640 "$R"/SIP0*
finds error load-has-extension "$R/SIP001122334421.cnf:1" 'a load has no extension, and 2 more of its kind' \
	"row 5: in phones' own SIP files, counted"
rm "$R"/SIP00112233442?.cnf
healthy 'as it was'

# ------------------------------------------------------------------------------------------------ SEP files

S=$R/SEP001122334455.cnf.xml
# own XML: the file of the phone that is on its way
own() { sep 001122334455 "$1"; chmod 640 "$S"; }
echo 'line1_name: 1' >"$R/SIP001122334455.cnf"
chmod 640 "$R/SIP001122334455.cnf"
own '<loadInformation>P0S3-8-12-00</loadInformation>'
healthy 'a phone with a file that names its last load'
own '<loadInformation>P00308000900</loadInformation>'
finds warning sep-overrides-default "$S:3" \
	'names P00308000900, and P0S3-8-12-00 is the last load of plan ladder: a phone that is done goes back' \
	'row 13: a SEP file that hides XMLDefault'
own '<loadInformation>P0S3-8-12-00</loadInformation>'
sed -i 's/^root = .*/&\nlayout = shared/' "$C"
is "$(says sep-overrides-default)" '' 'row 13: in the shared layout its load is set for the climb'
: >"$S"
like "$(says sep-overrides-default)" 'the phone does not climb: .*:1:1: ' 'row 13: unless the file cannot be edited'
sed -i '/^layout = shared/d' "$C"
: >"$S"
finds error sep-malformed "$S:1:1" 'the file is empty' 'row 37: an empty SEP file'
echo 'garbage' >"$S"
finds error sep-malformed "$S:1:1" "at 'g'" 'row 37: garbage'
own '<loadInformation model=”x”>P0S3-8-12-00</loadInformation>'
finds error sep-malformed "$S:3:25" 'typographic quote U\+201D' 'row 1: typographic quotes in a SEP file'
echo '<x/>' >"$S"
finds error sep-malformed "$S:1" 'root element is <x>, <device>' 'row 37: another root element'
good_xml | sed '/loadInformation/d' >"$S"
healthy 'F§5.3: the text of an XMLDefault is taken, too'
own '<loadServer>192.0.2.99</loadServer>'
finds warning load-server-set "$S:3" 'loadServer names another server' 'row 45: loadServer'
own '<loadServer></loadServer>'
healthy 'an empty one is none'
own '<loadInformation>P0S3-8-12-00.loads</loadInformation>'
is "$(findings | grep -v overrides)" "error load-has-extension $S:3" 'row 5: an extension in a SEP file: load-has-extension'
own '<loadInformation>POS3-8-12-00</loadInformation>'
is "$(findings | grep -v overrides)" "error load-name-odd $S:3" 'row 7: the letter O in a SEP file: load-name-odd'
own '<loadInformation>P003-8-12-00</loadInformation>'
is "$(findings | grep -v overrides)" "error load-name-odd $S:3" 'row 6: the loader in a SEP file: load-name-odd'
own '<loadInformation>P0S3-8-11-00</loadInformation>'
is "$(findings | grep -v overrides)" "warning load-not-found $S:3" 'a load that is not there, in a SEP file: load-not-found'
own '<loadInformation>SIP75.9-4-2S</loadInformation>'
is "$(findings | grep -v overrides)" "error wrong-family $S:3" "row 47: a 7975's load for a 7960: wrong-family"
own '<loadInformation model="IP Phone 7941">SIP42.9-4-2S</loadInformation>'
like "$(says wrong-family)" "a load for the 7942, 7962, and is the 7941's" 'row 4: by what stands beside it'
own "$(perl -e 'print "<x>", "y" x 70000, "</x>"')"
finds warning config-too-large "$S" 'more than 65536 bytes' 'row 52: too large'
own "$(perl -e 'print "<x>", "y" x 300000, "</x>"')"
finds warning config-too-large "$S" 'more than 262144 bytes' 'row 52: far too large'
rm "$R/SIP001122334455.cnf"
own '<loadInformation>P0S3-8-12-00</loadInformation>'
finds warning provisioning-missing "$S" 'there is no SIP001122334455\.cnf, which is what P0S3-8-12-00 reads' \
	'row 55: a SEP file for a 7960 under SIP'
rm "$S"
for i in 1 2 3 4; do
	sep 00112233443$i '<loadInformation>P0S3-8-12-00</loadInformation>'
done
chmod 640 "$R"/SEP*
like "$(says provisioning-missing)" 'SIP001122334431\.cnf, which is what P0S3-8-12-00 reads, and 3 more of its kind' \
	'row 55: phones that the store does not know, counted'
rm "$R"/SEP00112233443?.cnf.xml
LONG='<sipLines><line><authPassword>a-dozen-and-1</authPassword></line></sipLines>'
sep 001122334403 "<loadInformation>SCCP42.9-4-2SR3-1S</loadInformation>
$LONG"
finds note sip-password-long "$R/SEP001122334403.cnf.xml:4" 'has 13 characters, more than 12' "row 53: a 7942's long password"
sep 001122334403 "<loadInformation>SIP45.9-3-1SR1-1S</loadInformation>$LONG"
healthy "row 53: another model's is no fault"
sep 001122334403 '<loadInformation>SCCP42.9-4-2SR3-1S</loadInformation>'

# near_miss NAME WHAT DESCRIPTION
near_miss()
{
	echo '<device/>' >"$R/$1"
	chmod 640 "$R/$1"
	publish
	finds warning sep-name-odd "$R/$1" "$2" "$3"
	rm "$R/$1"
}
near_miss SEP001122aabbcc.cnf.xml 'the phone asks for SEP001122AABBCC\.cnf\.xml' 'row 10: a MAC in small letters'
near_miss SEP001122AABBCC.cnf.xml.txt 'asks for SEP001122AABBCC\.cnf\.xml' 'row 10: .txt behind it'
near_miss SEP001122AABBCC.xml 'asks for SEP001122AABBCC\.cnf\.xml' 'row 10: .cnf forgotten'
near_miss sep001122AABBCC.cnf.xml 'asks for SEP001122AABBCC\.cnf\.xml' 'row 10: sep'
near_miss SEP00:11:22:AA:BB:CC.cnf.xml 'asks for SEP001122AABBCC\.cnf\.xml' 'row 10: colons'
near_miss SEP001122AABBC.cnf.xml '11 hex digits, where a MAC has 12' 'row 10: a digit too few'
near_miss SEP001122AABBCCD.cnf.xml '13 hex digits' 'row 10: a digit too many'
near_miss SEP011122AABBCC.cnf.xml 'no phone has that MAC' 'row 10: a group address'
near_miss SIP001122aabbcc.cnf 'asks for SIP001122AABBCC\.cnf' 'row 10: of a 7960'
near_miss SIP001122AABBCC.cnf.txt 'asks for SIP001122AABBCC\.cnf' 'row 10: .txt behind that'
for i in 1 2 3; do
	echo '<device/>' >"$R/SEP001122aabbc$i.cnf.xml"
done
chmod 640 "$R"/SEP*
finds warning sep-name-odd "$R/SEP001122aabbc1.cnf.xml" 'and 2 more of its kind' 'row 10: three of them, counted'
rm "$R"/SEP001122aabbc?.cnf.xml
echo copy >"$R/SEP001122334401.cnf.xml.txt"
echo copy >"$R/SEP001122AABBCC.cnf.xml~"
healthy 'row 10: copies of files that are there, and of editors, are no fault'
rm "$R/SEP001122334401.cnf.xml.txt" "$R/SEP001122AABBCC.cnf.xml~"
chmod 644 "$R/SEP001122334401.cnf.xml"
finds warning secret-readable "$R/SEP001122334401.cnf.xml" 'every user may read it' 'passwords'
chmod 640 "$R/SEP001122334401.cnf.xml"

# ------------------------------------------------------------------------------------------------ packages, absences

printf '\x01\x00\x02\x01\x01signed' >"$R/cmterm-7941_7961-sip.8-5-4.tar.gz"
publish
finds note package-in-root "$R/cmterm-7941_7961-sip.8-5-4.tar.gz" 'a signature in front of the archive: tar says no' \
	'row 41: a .cop.sgn under another name'
mv "$R/cmterm-7941_7961-sip.8-5-4.tar.gz" "$R/cmterm-7941_7961-sip.8-5-4.cop.sgn"
printf '\x1f\x8b' >"$R/cmterm-7941_7961-sip.8-5-3.cop"
echo PK >"$R/P0S3-8-12-00.ZIP"
publish
finds note package-in-root "$R/P0S3-8-12-00.ZIP" 'a firmware package, of no use to a phone as it is, and 2 more' \
	'row 41: packages that nobody unpacked, counted'
rm "$R"/*.ZIP "$R"/*.cop*
publish
rm "$R/dialplan.xml" "$R/OS79XX.TXT" "$R/SIPDefault.cnf" "$X"
publish
healthy 'row 54: dial plan, tones, trust lists, and all the rest of the plain files may be absent'

# ------------------------------------------------------------------------------------------------ many, and all at once

good_xml >"$X"
publish
for i in {100..399}; do
	sep "001122335$i" '<loadInformation>SCCP42.9-4-2SR3-1S</loadInformation>'
done
chmod 640 "$R"/SEP*
healthy 'three hundred phones with files of their own'
cp "$LOADSTEP" "$T/loadstep"
is "$(setpriv --reuid 65534 --regid 65534 --clear-groups "$T/loadstep" --config "$C" check --json | perl -MJSON::PP -0777 -ne '
	print "$_->{severity} $_->{what}\n" for grep { $_->{place} =~ m,/SEP, } @{decode_json($_)->{findings}}' |
	sed 's,/.*/,,')" 'note SEP001122334401.cnf.xml: Permission denied, and 302 more of its kind' \
	'who is not root may not look into them: one note'
for f in "$R"/SEP001122335*; do
	sed -i 's/3-1S/3-1S.loads/' "$f"
done
chmod 640 "$R"/SEP*
finds error load-has-extension "$R/SEP001122335100.cnf.xml:3" 'and 299 more of its kind' 'one fault three hundred times'
is "$(loadstep check | awk 'length > 80 && $1 !~ /:$/')" '' 'the texts stay within 80 columns'
loadstep check >"$T/out"
is "$?" 1 'exit 1 where there is an error'
done_testing
