#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep explain: phones with an hour of history in real trees, and each page read as a person would: who, where and
# why; what it sees; a timeline; what to do; what comes when; and what is said of who is not known.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need perl
export TZ=UTC
site '[plan java]' 'models = 7961' 'stages = SIP41.8-5-2S SIP41.9-4-2SR3-1S' 'networks = 10.0.0.0/24' \
	'tftp-servers = 10.0.0.1'
"$MKLOAD" --out "$T/tftp/loads" P00303010102 P00305000500 P00308000900 P0S3-8-12-00 SIP41.8-5-2S SIP41.9-4-2SR3-1S >/dev/null
loadstep reload >"$T/reload.out"
L4=P0S3-8-12-00

# mac N, bare N: of the Nth phone; it has the address 10.0.0.N
mac() { printf '00:1b:0c:18:44:%02x' "$1"; }
bare() { printf '001B0C1844%02X' "$1"; }
# boot N AGO [MODEL], file N AGO KIND NAME [BYTES], says N AGO WORD, hunts N AGO, reads N AGO: lines of a story
boot() { echo "$2 $(mac "$1") 10.0.0.$1 boot ${3-}"; }
file() { echo "$2 - 10.0.0.$1 $3 $4 ${5-}"; }
says() { echo "$2 $(mac "$1") - $3"; }
reads() { file "$1" "$2" missing "CTLSEP$(bare "$1").tlv"; file "$1" "$2" missing "SEP$(bare "$1").cnf.xml"; file "$1" "$2" sent XMLDefault.cnf.xml; }
hunts() { file "$1" "$2" missing "SIP$(bare "$1").cnf"; file "$1" "$2" missing "MGC$(bare "$1").cnf"; reads "$1" "$2"; }
starts() { boot "$1" "$2" "$3"; says "$1" $(($2 - 1)) start; }
tell() { sort -k1,1nr -s | "$BUILD/tests/makestory" "${1:-$T/loadstep.conf}"; }

# page N [OPTION]...: its page, as one line in $out and as it is in $page
page()
{
	local who=$1
	shift
	[[ $who =~ ^[0-9]+$ ]] && who=$(mac "$who")
	page=$(loadstep explain "$who" "$@" 2>"$T/err")
	code=$?
	out=$(tr -s '\n ' ' ' <<<"$page")
}
# json N EXPRESSION: of its object $o
json() { loadstep explain "$(mac "$1")" --json | perl -MJSON::PP -MTime::Piece -0777 -ne '
	my $o = decode_json($_);
	sub at { Time::Piece->strptime(shift, "%Y-%m-%dT%H:%M:%SZ")->epoch }
	print join("\n", map { $_ // "null" } eval $ARGV[0]), "\n"' - "$2" 2>/dev/null; }

{
	starts 20 900 7960; hunts 20 890; file 20 888 sent $L4.loads; file 20 880 sent $L4.sb2 756524
	boot 20 800 7960; hunts 20 799; file 20 798 sent $L4.loads; file 20 790 sent $L4.sb2 756524
	boot 20 700 7960; hunts 20 699; file 20 698 sent $L4.loads; file 20 690 sent $L4.sb2 756524
	starts 21 60 7940; hunts 21 50; file 21 49 sent $L4.loads; file 21 40 sent P003-8-12-00.sbn 130956
	boot 22 1200 7960; says 22 1100 start
	starts 23 70 ''; file 23 68 sent OS79XX.TXT; file 23 67 sent XMLDefault.cnf.xml
	starts 24 90 7961G; reads 24 80; file 24 78 sent SIP41.8-5-2S.loads; file 24 70 sent jar41sip.8-5-2TH1-1.sbn
	boot 25 500 7961G; says 25 490 start; boot 25 400 7961G
	starts 26 400 ''; file 26 398 sent OS79XX.TXT; file 26 397 sent XMLDefault.cnf.xml; file 26 390 sent P00303010102.bin
	boot 26 300; for ago in 298 264 230 196 162; do file 26 $ago sent OS79XX.TXT; file 26 $ago sent XMLDefault.cnf.xml; done
	boot 27 300 7960; reads 27 295
	boot 28 300 7961G; file 28 290 missing '\033[2J</script>'
	file 29 200 sent OS79XX.TXT
	starts 30 500 7960; hunts 30 490; file 30 489 sent $L4.loads; file 30 480 missing $L4.sb2; file 30 430 missing $L4.sb2
} | tell

# ---- one sentence, and all that is known
page 20
is "$code:$(cat "$T/err")" 0: 'explain'
like "$out" "^7960 $(mac 20) at stage 4 of 4 \($L4\) is stuck: it took the whole image twice and asked for it again[^.]*\. address 10\.0\.0\.20" \
	'who, where and why, in a sentence on top'
like "$out" 'plugged in port 0/12, VLAN 10, switch 00:1a:2b:3c:4d:5e' 'the switch port, by option 82'
bytes=$(stat -c %s "$T/tftp/stages/ladder/$L4/XMLDefault.cnf.xml")
like "$out" "sees stages/ladder/$L4 loadInformation[^=]* = $L4 \(XMLDefault.cnf.xml, $bytes bytes, published [0-9:]+\)" \
	'the directory, and the element that counts'
not_ok 'without what code below 6.x reads' grep -q OS79XX <<<"$page"
like "$out" "files of $L4: all there, $L4.loads \([0-9]+ bytes\), P003-8-12-00.sbn \([0-9]+ bytes\), $L4.sb2" 'each file of the load'
like "$page" $'\n''timeline    [0-9]+ earlier lines, from [0-9:]+ on, with --all' 'the timeline is short'
ok '  at most twelve lines, and the silence up to now' \
	test "$(sed -n '/^timeline/,/now: silent/p' <<<"$page" | grep -c '^  [0-9][0-9]:')" -le 13
like "$out" 'asked for [^:]*SIP, MGC[^:]*: none, as usual \[the loader asks\]' 'probes are one line'
like "$page" $'\n''  [0-9:]{8} +\+8 s  fetched P0S3-8-12-00.sb2, 756524 bytes -> ' 'a file with its gap, size and what it made'
like "$out" 'now: silent for 11 min' 'the last line is up to now'
like "$out" 'causes image-rejected: ' 'the cause with its evidence'
like "$out" 'do NOT restart or reset it before: it would take the same load' 'what not to do'
page 20 --all
not_ok '--all has nothing to hide' grep -q 'earlier line' <<<"$page"
is "$(sed -n '/^timeline/,/now: silent/p' <<<"$page" | grep -c '^  [0-9][0-9]:')" "$(($(loadstep log --json "$(mac 20)" | wc -l) + 1))" \
	'  each entry of the history is a line'

# ---- what comes when
page 21
like "$out" "has the new loader and not yet the application: do not cut its power\." 'half-flashed'
like "$out" 'silent for 4[0-9] s; limit 2 min, at [0-9:]+' 'the limit, and when it is reached'
like "$out" 'next it boots with the new loader .* at [0-9:]+ without a sign of it: stuck \(app-missing-after-loader\)' 'as a promise'
is "$(json 21 'at($o->{limit}) - at($o->{heard})')" 120 'by the clock: 120 s from the loader'
is "$(json 21 '(grep { $_->{what} =~ /stuck/ } @{$o->{next}})[0]{time}')" "$(json 21 '$o->{limit}')" 'the same in both'
like "$out" 'do NOT cut its power' 'and its power is to be left'
page 26
like "$out" 'proven here: .* runs|runs P00303010102: proven here: it took the load' 'what it runs, and how that is known'
like "$page" 'XMLDefault.cnf.xml, [0-9]+ bytes, 4 times until' 'a phone that polls is one line'
like "$out" 'at stage 2 of 4 \(P00305000500\) has read its configuration and not asked for the load yet\.' 'it was let on'

# ---- by model
page 22
like "$out" 'is idle: its load waits' 'needs-reboot'
like "$out" 'to do 1\. restart it: press Settings, then \*\*#\*\* on its keys; .*PoE.* 2\. it is plugged in at port 0/12, VLAN 10, switch 00:1a:2b:3c:4d:5e' '  the keys, or its port'
not_ok '  and no reset' grep -Eq '123456789|3491672850' <<<"$page"
page 23
like "$out" 'a 7940 or 7960: it does not say which' 'an unnamed phone'
like "$out" 'OS79XX.TXT = P00303010102 \(14 bytes, published [0-9:]+; read first, by code below 6.x alone\)' '  what old code reads'
like "$out" 'loadInformation8 \(7940\)' '  the element of a 7940'
like "$out" 'loadInformation7 \(7960\)' '  and of a 7960'
page 24
like "$out" "loadInformation30018 = SIP41.8-5-2S \(XMLDefault.cnf.xml, " 'a 7961: its own number'
like "$out" 'term61.default.loads = SIP41.8-5-2S \([0-9]+ bytes, published [0-9:]+; the same list' '  which load its default load is'
like "$out" '\[part 1 of 5\]' '  which part of its load it fetched'

# ---- the load's files
mv "$T/tftp/stages/ladder/$L4/$L4.sb2" "$T/tftp/stages/ladder/$L4/p0s3-8-12-00.SB2"
page 30
like "$out" "is stuck: it asks for a file of the load and the server says there is none" 'a file that is refused'
like "$out" "files of $L4: NOT AS THEY MUST BE, .*$L4.sb2: not there; there is p0s3-8-12-00.SB2, and case counts" '  is there in another case'
rm "$T/tftp/stages/ladder/$L4/p0s3-8-12-00.SB2"
page 30
like "$out" "$L4.sb2: NOT THERE" '  or not there'
rm -rf "$T/tftp/stages/ladder/$L4"
loadstep publish --apply >"$T/publish.out"
page 30
like "$out" 'to do 1\. all files of the load are there now' '  and when it is there, that is said'

# ---- an observed phone: the plain root, in the words of check
cp "$(dirname "$0")/../data/xml/seed-typographic.cnf.xml" "$T/tftp/XMLDefault.cnf.xml" 2>/dev/null ||
	printf '<Default>\n<member priority=\342\200\2350\342\200\263>\n</member></Default>\n' >"$T/tftp/XMLDefault.cnf.xml"
page 27
what=$(loadstep check --json | perl -MJSON::PP -0777 -ne 'print map { $_->{what} } grep { $_->{id} eq "xml-malformed" } @{decode_json($_)->{findings}}')
like "$what" 'typographic' 'check names the quotes'
like "$out" "$(sed 's/[][()."+*?^$|\\]/\\&/g' <<<"$what")" 'and explain has the same words'
like "$out" 'to do 1\. XMLDefault.cnf.xml: correct it at that place: plain ASCII quotes' '  with the cure'
printf '<Default><callManagerGroup><members><member><callManager><processNodeName/></callManager></member></members></callManagerGroup><loadInformation>SIP41.8-5-2S</loadInformation></Default>\n' >"$T/tftp/XMLDefault.cnf.xml"
page 28
like "$out" 'loadInformation30018 = none .* WRONG: only the bare loadInformation is there: phones of that model read the file and do nothing' \
	'the element of its model is missing'
not_ok 'no escape sequence reaches the terminal' grep -q $'\e' <<<"$page"
printf '<device><loadInformation>P00308000900.loads</loadInformation></device>' >"$T/tftp/SEP$(bare 27).cnf.xml"
page 27
like "$out" "loadInformation = P00308000900.loads \(SEP$(bare 27).cnf.xml, .*it wins, XMLDefault is not asked for\)" 'a file of its own wins'
like "$out" 'WRONG: loadInformation names P00308000900.loads: .*no extension' '  and is judged'
rm "$T/tftp/SEP$(bare 27).cnf.xml" "$T/tftp/XMLDefault.cnf.xml"

# ---- who asks for nothing
page 25
like "$out" 'it has an address, and asks this host for no file\.' 'an address, and no file asked for'
like "$out" 'to do 1\. .*go through the list below.* last of all: hold # .*123456789\*0#.*3491672850\*#.*five minutes.*termNN.default.loads' \
	'the list first, keys last, with the warning'
like "$page" $'\n'"    tcpdump -ni any 'host 10.0.0.25 and udp port 69'"$'\n' 'what to run'
like "$page" 'loadstep check --wire' 'and check --wire'
is "$(json 25 'scalar @{$o->{checklist}}')" "$(grep -c '^ [1-9]\. ' <<<"$page")" 'JSON has the same list'

# ---- who is not known
page 10.0.0.29
like "$out" '^The phone at 10\.0\.0\.29 \(its MAC is not known\) is only watched' 'by its address: seen by TFTP only'
page 10.0.0.20
like "$out" "^7960 $(mac 20) " 'by its address'
page 00:1b:0c:18:44:8b
is "$code" 1 'a MAC of nobody: exit 1'
like "$out" "^00:1b:0c:18:44:8b is no phone that loadstep knows" 'is told'
like "$out" "near it .*at 10.0.0.29 is a phone seen by TFTP only" '  with who may be it'
like "$out" "$(mac 27), a 7960 at 10.0.0.27, differs in 1 digit " '  and MACs like it'
like "$page" $'\n'"    tcpdump -ni any 'udp port 67 and udp\[36:4\]=0x001b0c18 and udp\[40:2\]=0x448b'" '  what to run, by its hardware address'
is "$(loadstep explain --json 00:1b:0c:18:44:8b | perl -MJSON::PP -0777 -ne 'my $o = decode_json($_); print $o->{known} ? 1 : 0, scalar @{$o->{checklist}}')" 09 \
	'  the same as JSON'
page 10.9.9.9
like "$code:$out" '^1:10\.9\.9\.9 is no phone' 'an address of nobody'

# ---- the waiting room, and who keeps time
sed "s|/store/|/few/|" "$T/loadstep.conf" >"$T/few.conf"
printf '%s\n' '[rollout]' 'max-at-once = 1' >>"$T/few.conf"
mkdir "$T/few"
{ starts 40 400 7960; starts 41 390 7960; file 40 380 sent $L4.loads; echo "200 - - quiet"; } | tell "$T/few.conf"
few() { "$LOADSTEP" --config "$T/few.conf" explain "$(mac "$1")" | tr -s '\n ' ' '; }
like "$(few 41)" 'is started and waits to be let into plan ladder\..* it is let in when one of the 1 on their way is done \(max-at-once = 1\)' \
	'waiting: for whom'
like "$(few 40)" 'next nobody has kept time since [0-9:]+: start Kea' 'nobody keeps time: that is said'
echo "$(date '+%b %e %H:%M:%S') dnsmasq-tftp[7]: file /srv/tftp/SEP001122334455.cnf.xml not found for 10.0.0.20" |
	loadstep --store "sqlite:$T/old.db" replay - >"$T/replay.out"
like "$(loadstep --store "sqlite:$T/old.db" explain 4455 | tr -s '\n ' ' ')" 'nothing by the clock: neither' 'nor on a store that was replayed'

# ---- another host's tree, and the shared layout
sed '/^root = /d' "$T/loadstep.conf" >"$T/far.conf"
like "$("$LOADSTEP" --config "$T/far.conf" explain "$(mac 20)" | tr -s '\n ' ' ')" \
	"sees stages/ladder/$L4; the TFTP tree is on another host, so what lies there is not looked at" 'another host'
mkdir -p "$T/shared/loads"
"$MKLOAD" --out "$T/shared/loads" P00305000500 P00308000900 >/dev/null
printf '%s\n' '[store]' "url = sqlite:$T/shared.db" '[tftp]' "root = $T/shared" 'layout = shared' '[plan signed]' \
	'models = 7940 7960 unnamed' 'stages = P00305000500 P00308000900' >"$T/shared.conf"
"$LOADSTEP" --config "$T/shared.conf" reload >/dev/null
{ boot 50 100; says 50 99 start; boot 51 100; says 51 98 start; } | tell "$T/shared.conf"
"$LOADSTEP" --config "$T/shared.conf" publish --apply >/dev/null
like "$("$LOADSTEP" --config "$T/shared.conf" explain "$(mac 50)" | tr -s '\n ' ' ')" \
	"sees the root's XMLDefault.cnf.xml, which names P00305000500, the same for all \(layout = shared\) OS79XX.TXT = P00305000500" 'layout = shared'

# ---- every page
change=$(sha256sum <"$T/store/state.db")
wide='' missing=''
for n in {20..28} 10.0.0.29 30; do
	page "$n"
	wide+=$(awk 'length > 80' <<<"$page")
	page "$n" --all
	wide+=$(awk 'length > 80' <<<"$page")
	for part in address phase sees runs timeline 'to do' next; do
		grep -q "^$part" <<<"$page" || missing+="$n $part, "
	done
done
is "$wide" '' 'no page is wider than 80 columns'
is "$missing" '' 'each has its parts'
is "$(sha256sum <"$T/store/state.db")" "$change" 'explain writes nothing'
for key in $(json 20 'sort keys %$o') $(json 20 'map { sort keys %{$o->{$_}[0]} } qw(names load-files timeline causes evidence next)' | sort -u); do
	grep -q "${key//-/\\\\-}" "$(dirname "$0")/../../dnsmasq-script/loadstep.8" || missing+="$key "
done
is "$missing" '' 'the manual page has each key of explain --json'
done_testing
