#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep import: packages as people have them, made by zip, tar, bsdtar and gzip, become load sets; what is not whole
# does not. What strangers pack is in import_hostile.t.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
own_namespace "$@"
need perl zip tar bsdtar gzip sha256sum
TOOL=$BUILD/tests/storetool
PACKER=$(realpath "$(dirname "$0")/packer.pl")
umask 022

site '[plan java]' 'models = 7941 7961' 'stages = SIP41.8-3-1S SIP41.8-5-4S' 'unsafe-steps = SIP41.8-5-4S' 'enter = first' 'networks = 10.0.1.0/24'
LOADS=$T/tftp/loads
mkdir "$T/fw"
"$MKLOAD" --out "$T/fw" P00303010102 P00305000500 P00308000900 P0S3-8-12-00
"$MKLOAD" --out "$T/fw" --component 8-3-0-50 --capital-jar SIP41.8-3-1S
"$MKLOAD" --out "$T/fw" --component 8-3-0-50 SCCP41.8-3-1S
"$MKLOAD" --out "$T/fw" --component 8-5-4TH1-6 SIP41.8-5-4S
FW=$T/fw

# result LOAD: what import --json says about it; why LOAD; files LOAD
result() { jq -r --arg l "$1" '.loads[] | select(.load == $l) | .result' <<<"$out"; }
why() { jq -r --arg l "$1" '.loads[] | select(.load == $l) | .why' <<<"$out"; }
left() { jq -r '."left-out"[] | "\(.file): \(.why)"' <<<"$out"; }

# holds LOAD FILE...: its directory has these, with the bytes they had, and nothing else but the inventory
holds()
{
	local load=$1 file
	shift
	is "$(ls -A "$LOADS/$load" | sort | tr '\n' ' ')" "$(printf '%s\n' .loadstep-sha256 "$@" | sort | tr '\n' ' ')" \
		"$load: its files, no others"
	for file; do
		[ -L "$LOADS/$load/$file" ] || cmp -s "$LOADS/$load/$file" "$FW/$load/$file" || { fail "$load/$file: its bytes"; return; }
	done
	ok "$load: the inventory is right" sh -c "cd '$LOADS/$load' && sha256sum --quiet --strict -c .loadstep-sha256"
}

# clean: no directory of the work is left
clean() { is "$(find "$LOADS" -maxdepth 1 -name '.*' -printf '%f\n')" '' "nothing else is left${1:+: $1}"; }

# fresh: no load is there
fresh() { rm -rf "${LOADS:?}"/*; }

CLASSIC_SIP='P003-8-12-00.bin P003-8-12-00.sbn P0S3-8-12-00.loads P0S3-8-12-00.sb2'

# ---- usage
run loadstep import
is "$code" 2 'no package: usage'
like "$err" 'usage: loadstep .*import \[--replace\]' 'is told'
run loadstep import "$T/none.zip"
is "$code" 1 'a package that is not there: exit 1'
like "$out" 'refused: .*none\.zip: No such file' 'and named'
clean
sed '/^root/d' "$T/loadstep.conf" >"$T/rootless.conf"
run "$LOADSTEP" --config "$T/rootless.conf" import "$FW"
is "$code" 3 'no TFTP root on this host: exit 3'

# ---- each kind of package
printf 'Read me first.\n' >"$T/readme.txt"
printf '#!/bin/sh\nrm -f /usr/local/cm/tftp/TERM41.DEFAULT.loads\n' >"$T/copstart.sh"
(cd "$FW/P0S3-8-12-00" && cp "$T/readme.txt" . && zip -q "$T/sip.zip" ./* && rm readme.txt)
(cd "$FW" && tar cf "$T/sip.tar" P0S3-8-12-00)
(cd "$FW" && tar czf "$T/sip.tar.gz" P0S3-8-12-00 && cp "$T/sip.tar.gz" "$T/sip.cop")
(cd "$FW" && tar --format=v7 -cf "$T/sip-v7.tar" P0S3-8-12-00)
(cd "$FW" && bsdtar --format pax -czf "$T/sip-pax.tgz" P0S3-8-12-00)
(cd "$FW" && bsdtar --format zip -cf "$T/sip-bsd.zip" P0S3-8-12-00)
"$PACKER" sign cmterm-sip.cop.sgn <"$T/sip.cop" >"$T/sip.cop.sgn"
"$PACKER" sign cmterm-sip.k3.cop.sha512 <"$T/sip.cop" >"$T/sip.cop.sha512"
"$PACKER" sign cmterm-sip8.cop.sgn 8 <"$T/sip.cop" >"$T/sip-odd.cop.sgn"
(cd "$T" && mkdir -p outer/sub && cp sip.cop.sgn outer/sub && cp readme.txt copstart.sh outer && zip -qr nested.zip outer)
(cd "$T" && tar czf nested.tar.gz sip.zip)
(cd "$T" && zip -q twice.zip nested.zip)
cp "$T/sip.cop" "$T/sip.dat"
for package in sip.zip sip.tar sip.tar.gz sip.cop sip-v7.tar sip-pax.tgz sip-bsd.zip sip.cop.sgn sip.cop.sha512 \
	sip-odd.cop.sgn nested.zip nested.tar.gz sip.dat fw/P0S3-8-12-00 fw/P0S3-8-12-00/; do
	fresh
	run loadstep import --json "$T/$package"
	is "$code:$err:$(result P0S3-8-12-00)" 0::imported "$package"
	# shellcheck disable=SC2086
	holds P0S3-8-12-00 $CLASSIC_SIP
	clean "$package"
done
fresh
run loadstep import --json "$T/twice.zip"
is "$code:$(jq '.loads | length' <<<"$out")" 1:0 'an archive in an archive in an archive is not opened'
like "$(left)" 'sip\.cop\.sgn: an archive in an archive in an archive' 'and named'
run loadstep import "$FW"/P0S3-8-12-00/*
is "$code" 0 'loose files'
# shellcheck disable=SC2086
holds P0S3-8-12-00 $CLASSIC_SIP
like "$out" '^P0S3-8-12-00 +imported +4 files, +255\.7 kB' 'in a line for people'

# ---- clutter is left out and named
fresh
run loadstep import --json "$T/nested.zip"
is "$(left | sort)" $'copstart.sh: no firmware\nreadme.txt: no firmware' 'readme and copstart.sh'
is "$(jq -r '."left-out"[0].place' <<<"$out")" "$T/nested.zip/outer" 'with the place they lay in'
printf 'MZ\220\0' >"$T/P00308000500.exe"
run loadstep import --json "$T/P00308000500.exe"
is "$code" 1 'nothing for phones in it: exit 1'
like "$(left)" 'P00308000500\.exe: a Windows program: unpack it there' 'a self-extracting package is told as such'
run loadstep import "$T/readme.txt"
is "$code:$out" "1:left out: readme.txt ($T): no firmware"$'\n''no load set was found' 'for people'

# ---- several loads in one, several packages at once, the plan's stages
fresh
(cd "$FW" && zip -qr "$T/both.zip" P00303010102 P00308000900)
run loadstep import --json "$T/both.zip" "$FW/P00305000500" "$T/sip.cop.sgn"
is "$code:$(jq -r '.loads[] | "\(.load) \(.kind) \(.result)"' <<<"$out" | tr '\n' ,)" \
	0:'P00303010102 single-unsigned imported,P00305000500 single-signed imported,P00308000900 two-part imported,P0S3-8-12-00 two-part imported,' \
	'four loads of three packages'
holds P00303010102 P00303010102.bin
holds P00305000500 P00305000500.bin P00305000500.sbn
not_ok 'no store is made by it' test -e "$T/store/state.db"
fresh
run loadstep import "$T/both.zip"
like "$out" 'no plan is in force yet: `loadstep reload`' 'and before the first reload no stage'
loadstep reload >"$T/out"
like "$(cat "$T/out")" 'stage 4 P0S3-8-12-00: loads/P0S3-8-12-00/P0S3-8-12-00\.loads is missing' 'one is missing'
not_ok 'its stage is not built' test -e "$T/tftp/stages/ladder/P0S3-8-12-00"
run loadstep import "$T/sip.zip" "$FW/P00305000500"
like "$out" $'\n''new      stages/ladder/P0S3-8-12-00: a stage' 'an import builds the stages that waited for it'
is "$(jq -r .loadInformation 2>/dev/null </dev/null; grep -c P0S3-8-12-00 "$T/tftp/stages/ladder/P0S3-8-12-00/XMLDefault.cnf.xml")" 3 \
	'and it names the load'
ok 'its files are there through the links' cmp "$T/tftp/stages/ladder/P0S3-8-12-00/P0S3-8-12-00.sb2" "$FW/P0S3-8-12-00/P0S3-8-12-00.sb2"
is "$(find "$T/tftp/stages" -name '*sha256*')" '' 'no stage shows the inventory'
is "$(stat -c %a "$LOADS/P0S3-8-12-00/.loadstep-sha256")" 640 'nor may others read it'
run loadstep publish
like "$code:$out" '^0:.*the tree says what the state says' 'nothing is left for publish'

# ---- the same again
before=$(find "$T/tftp" -printf '%p %i %T@ %s\n' | grep -v ' ' | sort; stat -c '%i %Y' "$LOADS"/*/*)
run loadstep import "$T/sip.zip" "$T/sip.cop.sgn"
is "$code:$err" 0: 'the same package twice'
like "$out" '^P0S3-8-12-00 +unchanged' 'is no change'
is "$(stat -c '%i %Y' "$LOADS"/*/*)" "${before##*$'\n\n'}" 'no file was touched'
rm "$LOADS/P0S3-8-12-00/.loadstep-sha256"
run loadstep import "$T/sip.zip"
# shellcheck disable=SC2086
holds P0S3-8-12-00 $CLASSIC_SIP

# ---- rights: what lies in loads/ is its owner's, and everybody's to read
fresh
chown 905:906 "$LOADS" && chmod 2775 "$LOADS"
(umask 077 && loadstep import "$T/sip.zip" >/dev/null)
is "$(stat -c '%u:%g %a' "$LOADS/P0S3-8-12-00" "$LOADS/P0S3-8-12-00/P0S3-8-12-00.sb2" | tr '\n' ,)" '905:906 2775,905:906 644,' \
	'owner as loads/, mode for the TFTP server, whatever the umask'
chown 0:0 "$LOADS" && chmod 755 "$LOADS"

# ---- other bytes in its place
fresh
loadstep import "$T/sip.zip" "$FW/P00308000900" "$FW/P00305000500" >/dev/null
mkdir -p "$T/other" && "$MKLOAD" --out "$T/other" --app-bytes 100000 P0S3-8-12-00
run loadstep import --json "$T/other/P0S3-8-12-00"
is "$code:$(result P0S3-8-12-00)" 1:refused 'other bytes are refused'
there=$(sha256sum <"$FW/P0S3-8-12-00/P0S3-8-12-00.sb2" | cut -c 1-64)
here=$(sha256sum <"$T/other/P0S3-8-12-00/P0S3-8-12-00.sb2" | cut -c 1-64)
is "$(jq -r '.loads[0].differences[]' <<<"$out")" "P0S3-8-12-00.sb2: sha256 $there is there, $here in the package" 'with both hashes'
like "$(why P0S3-8-12-00)" '--replace' 'and what to do'
# shellcheck disable=SC2086
holds P0S3-8-12-00 $CLASSIC_SIP
inode=$(stat -c %i "$LOADS/P0S3-8-12-00")
"$TOOL" put "sqlite:$T/store/state.db" 00:11:22:33:44:01 10.0.0.21 downloading ladder 4 P0S3-8-12-00
run loadstep import --replace "$T/other/P0S3-8-12-00"
like "$code:$out" '1:.*1 phone is loading it now' 'nor replaced under a phone that loads it'
is "$(stat -c %i "$LOADS/P0S3-8-12-00")" "$inode" 'it stays'
"$TOOL" put "sqlite:$T/store/state.db" 00:11:22:33:44:01 10.0.0.21 offered ladder 4 P0S3-8-12-00
run loadstep import --replace --json "$T/other/P0S3-8-12-00"
is "$code:$(result P0S3-8-12-00)" 0:replaced '--replace'
ok 'has its bytes now' cmp "$T/other/P0S3-8-12-00/P0S3-8-12-00.sb2" "$T/tftp/stages/ladder/P0S3-8-12-00/P0S3-8-12-00.sb2"
clean 'after a replacement'
mv "$LOADS/P0S3-8-12-00/P003-8-12-00.sbn" "$LOADS/P0S3-8-12-00/P003-8-12-00.bin" "$T"
run loadstep import --json "$T/other/P0S3-8-12-00"
is "$code:$(result P0S3-8-12-00)" 0:completed 'what is a part of it is completed'
echo >"$LOADS/P0S3-8-12-00/notes.txt"
rm "$LOADS/P0S3-8-12-00/P003-8-12-00.sbn"
run loadstep import --json "$T/other/P0S3-8-12-00"
is "$code:$(result P0S3-8-12-00)" 1:refused 'but not when there are files of somebody else'
like "$(jq -r '.loads[0].differences[]' <<<"$out")" 'notes\.txt is there and not in the package' 'which are named'

# ---- java: defaults, shared members, a capital J
fresh
(cd "$FW" && zip -qr "$T/java.zip" SIP41.8-3-1S SCCP41.8-3-1S SIP41.8-5-4S)
run loadstep import --json "$T/java.zip"
is "$code:$(jq -r '.loads[] | "\(.load) \(.kind) \(.result)"' <<<"$out" | tr '\n' ,)" \
	0:'SCCP41.8-3-1S java imported,SIP41.8-3-1S java imported,SIP41.8-5-4S java imported,' 'three releases in one package'
is "$(left)" '' 'each file is somebody'\''s'
J83='apps41.8-3-0-50.sbn cnu41.8-3-0-50.sbn dsp41.8-3-0-50.sbn term41.default.loads term61.default.loads'
# shellcheck disable=SC2086
holds SCCP41.8-3-1S $J83 SCCP41.8-3-1S.loads cvm41sccp.8-3-0-50.sbn jar41sccp.8-3-0-50.sbn
# shellcheck disable=SC2086
holds SIP41.8-3-1S $J83 SIP41.8-3-1S.loads cvm41sip.8-3-0-50.sbn jar41sip.8-3-0-50.sbn Jar41sip.8-3-0-50.sbn
# shellcheck disable=SC2046
holds SIP41.8-5-4S $(ls "$FW/SIP41.8-5-4S")
is "$(readlink "$LOADS/SIP41.8-3-1S/Jar41sip.8-3-0-50.sbn")" jar41sip.8-3-0-50.sbn 'the list'\''s spelling is a link to the file'
like "$(jq -r '.loads[] | select(.load == "SIP41.8-3-1S") | .notes[]' <<<"$out")" \
	'the list says Jar41sip.8-3-0-50.sbn, the file is signed as jar41sip.8-3-0-50.sbn' 'and it is told'
like "$(jq -r '.changes[].path' <<<"$out" | tr '\n' ,)" 'stages/java/SIP41.8-3-1S,' 'its stage is built'
ok 'a phone gets what the list says' cmp "$FW/SIP41.8-3-1S/jar41sip.8-3-0-50.sbn" "$T/tftp/stages/java/SIP41.8-3-1S/Jar41sip.8-3-0-50.sbn"
ok 'each stage has its own termNN' cmp "$T/tftp/stages/java/SIP41.8-5-4S/term61.default.loads" "$FW/SIP41.8-5-4S/term61.default.loads"
run loadstep import --json "$FW/SIP41.8-3-1S/"*41*.sbn "$FW/SIP41.8-3-1S/SIP41.8-3-1S.loads" "$FW/SIP41.8-5-4S/term41.default.loads"
is "$code:$(result SIP41.8-3-1S)" 0:unchanged 'without its termNN'
is "$(left)" 'term41.default.loads: no load here has the same list' 'a termNN of another release is not taken for its own'
like "$(jq -r '.loads[0].notes[]' <<<"$out")" 'no termNN\.default\.loads came with it' 'which is told'

# ---- single images
fresh
run loadstep import --json "$FW/P00305000500/P00305000500.sbn"
is "$code:$(result P00305000500)" 0:imported '5.x: its .sbn alone'
like "$(jq -r '.loads[0].notes[]' <<<"$out")" 'P00305000500\.bin is not with it: phones below 5\.0' 'says who cannot take it'
run loadstep import --json "$FW/P00305000500"
is "$code:$(result P00305000500)" 0:completed 'its .bin later'
fresh
run loadstep import --json "$FW/P00305000500/P00305000500.bin"
is "$code:$(why P00305000500)" '1:P00305000500.sbn is missing' '5.x: its .bin alone is half of it'

# ---- names
fresh
mkdir "$T/dos" && for file in $CLASSIC_SIP; do
	cp "$FW/P0S3-8-12-00/$file" "$T/dos/$(tr 'A-Z' 'a-z' <<<"$file").txt"
done
mv "$T/dos/p003-8-12-00.bin.txt" "$T/dos/P003-8-12-00.bin"
run loadstep import --json "$T/dos"
is "$code:$(result P0S3-8-12-00)" 0:imported 'names that lost their case and won a .txt'
# shellcheck disable=SC2086
holds P0S3-8-12-00 $CLASSIC_SIP
like "$(jq -r '.loads[0].notes[]' <<<"$out")" 'P0S3-8-12-00\.sb2 was found as "p0s3-8-12-00\.sb2\.txt": it gets the name it was signed under' \
	'become those they were signed under, and it is told'

# ---- what is not whole. faulty LOAD FILE EXPRESSION DESCRIPTION: LOAD with FILE gone through a perl filter (or away)
faulty()
{
	rm -rf "$T/bad" && cp -r "$FW/$1" "$T/bad"
	if [ "$2" = - ]; then sh -c "cd '$T/bad' && $3"; else perl -0777 -pe "binmode STDOUT; $3" "$FW/$1/$2" >"$T/bad/$2"; fi
	fresh
	run loadstep import --json "$T/bad"
	is "$code:$(result "$1")" 1:refused "$5"
	like "$(why "$1")" "$4" 'and why'
	is "$(ls -A "$LOADS")" '' 'nothing came in'
}
SIP=P0S3-8-12-00
faulty $SIP - 'rm P003-8-12-00.sbn' '^P003-8-12-00\.sbn is missing' 'a member is missing'
faulty $SIP - 'rm *.loads' '^P0S3-8-12-00\.loads is missing' 'the list is missing'
faulty $SIP $SIP.sb2 '$_ = substr $_, 0, 300' 'P0S3-8-12-00\.sb2 .*cut short: 300 bytes of' 'cut within its header'
faulty $SIP $SIP.sb2 '$_ = substr $_, 0, 404' 'P0S3-8-12-00\.sb2 .*ends with its header: cut short' 'cut behind its header'
faulty $SIP $SIP.sb2 '$_ = ""' 'P0S3-8-12-00\.sb2 .*empty' 'empty'
faulty $SIP $SIP.loads '$_ = substr $_, 0, 430' 'P0S3-8-12-00\.loads .*cut short' 'a list cut short'
faulty $SIP P003-8-12-00.sbn 's/\n/\r\n/g' 'P003-8-12-00\.sbn .*text mode .every LF became CR LF' 'text mode'
faulty $SIP $SIP.loads 's/\n/\r\n/g' 'P0S3-8-12-00\.loads .*text mode' 'a list in text mode'
faulty $SIP P003-8-12-00.bin 's/\n/\r\n/g' 'P003-8-12-00\.bin .*text mode' 'an unsigned image in text mode'
faulty $SIP $SIP.sb2 'tr/\x80-\xff/\x00-\x7f/' 'P0S3-8-12-00\.sb2 .*high bit' 'seven bits'
faulty $SIP $SIP.sb2 '$_ = "x" . $_' 'P0S3-8-12-00\.sb2 .*not signed' 'a byte too many at its start'
faulty $SIP P003-8-12-00.bin '$_ = substr $_, 0, 20000' '32638 bytes behind its header and P003-8-12-00\.bin 20000: one of them was cut short' \
	'an unsigned image that was cut short'
faulty $SIP P003-8-12-00.sbn 'substr($_, 5000, 1) ^= "\x01"' 'are not the same image' 'a byte that changed'
faulty P00303010102 P00303010102.bin 's/\n/\r\n/g' 'text mode' 'a single image in text mode'
faulty SIP41.8-5-4S - 'rm cvm41*' '^cvm41sip\.8-5-4TH1-6\.sbn is missing' 'a java member is missing'
faulty SIP41.8-5-4S SIP41.8-5-4S.loads 's{\ncnu41.*}{\n}s' 'no cnu… component is listed: incomplete or cut short' 'a java list cut short'
fresh
mkdir "$T/two" && cp -r "$FW/SIP41.8-5-4S" "$T/two/a" && cp -r "$FW/SIP41.8-5-4S" "$T/two/b"
printf '#\r\n' >>"$T/two/b/SIP41.8-5-4S.loads"
run loadstep import --json "$T/two" "$FW/P00303010102"
is "$code:$(result SIP41.8-5-4S):$(result P00303010102)" 1:refused:imported 'one load twice with other bytes; the rest comes in'
like "$(why SIP41.8-5-4S)" 'is there twice with other bytes, in .*two/a and in .*two/b' 'and where'
for cut in zip tar.gz cop.sgn tar; do
	fresh
	head -c -20000 "$T/sip.$cut" >"$T/cut.$cut"
	run loadstep import --json "$T/cut.$cut" "$FW/P00303010102"
	is "$code:$(result P0S3-8-12-00):$(result P00303010102)" 1::imported "sip.$cut, cut short; the rest comes in"
	like "$(jq -r '.refused[].why' <<<"$out")" "cut\.$cut: .*(damaged or cut short|Damaged)" 'it is refused, and why'
	clean "$cut"
done
for changed in zip tar.gz cop.sgn; do
	perl -0777 -pe 'substr($_, length($_) >> 1, 1) ^= "\x10"' "$T/sip.$changed" >"$T/changed.$changed"
	run loadstep import --json "$T/changed.$changed"
	is "$code:$(jq '.refused | length' <<<"$out")" 1:1 "sip.$changed with one bit changed is refused"
done

# ---- who waits
run loadstep import "$T/sip.zip"
is "$err" '' 'no progress bar in a log'
script -qec "'$LOADSTEP' --config '$T/loadstep.conf' import '$T/sip.zip'" "$T/typescript" >/dev/null </dev/null
like "$(cat "$T/typescript")" $'\r'' 1/1 sip\.zip +\[#+-*\] +[0-9]+ %' 'a progress bar on a terminal'

# ---- work that was cut off
fresh
mkdir -p "$LOADS/.loadstep-import-dead01/1" "$LOADS/.loadstep-import-alive1"
echo >"$LOADS/.loadstep-import-dead01/1/000001"
(exec 9<"$LOADS/.loadstep-import-alive1"; flock 9; exec sleep 60) &
sleeper=$!
wait_for "! flock -n '$LOADS/.loadstep-import-alive1' true" 5
run loadstep import "$T/sip.zip"
is "$code:$(ls -A "$LOADS" | tr '\n' ' ')" '0:.loadstep-import-alive1 P0S3-8-12-00 ' \
	'what a killed import left goes with the next; what one at work has stays'
stop "$sleeper"
rmdir "$LOADS/.loadstep-import-alive1"
fresh
perl -e 'open F, ">", $ARGV[0]; binmode F; print F qx("$ARGV[1]" tar /dev/stdout "f|big.bin||\@700000000"); truncate F, 700001792' "$T/big.tar" "$PACKER"
"$LOADSTEP" --config "$T/loadstep.conf" import "$T/big.tar" "$T/sip.zip" >"$T/out" 2>"$T/err" &
importer=$!
wait_for "ls -d '$LOADS'/.loadstep-import-*/1/000001" 5
kill -TERM "$importer"
wait "$importer"
is $? 1 'SIGTERM ends it'
like "$(cat "$T/err")" 'stopped; nothing was imported' 'and says so'
is "$(ls -A "$LOADS")" '' 'nothing is left of it'
done_testing
