#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep check: a site as it must be, and then each fault planted, found by id and place, and taken away again. In
# namespaces of its own: users, ports and processes are the test's.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
own_namespace "$@"
need perl "$DNSMASQ"
export TZ=UTC
TOOL=$BUILD/tests/storetool
umask 022

# Users as a packaged site has them (D§8).
printf '%s\n' root:x:0:0::/root:/bin/sh _kea:x:901:901::/:/bin/false loadstep:x:902:902::/:/bin/false \
	dnsmasq:x:903:65534::/:/bin/false nobody:x:65534:65534::/:/bin/false >"$T/passwd"
printf '%s\n' root:x:0: _kea:x:901: loadstep:x:902:_kea nogroup:x:65534: >"$T/group"
mount --bind "$T/passwd" /etc/passwd && mount --bind "$T/group" /etc/group ||
	skip_all 'cannot give this namespace its own users'

site
agent_sign
sed -i 's/ P00308000900 P0S3-8-12-00$/ P00308000900/' "$T/loadstep.conf"
"$MKLOAD" --out "$T/tftp/loads" P00303010102 P00305000500 P00308000900 >/dev/null
chown _kea:loadstep "$T/store"
chmod 2770 "$T/store"
chown loadstep:loadstep "$T/tftp"
chmod 2775 "$T/tftp"
"$TOOL" put "sqlite:$T/store/state.db" 00:11:22:33:44:55 10.0.0.20 offered ladder 1 P00303010102
loadstep reload >"$T/reload.out"
chown loadstep:loadstep "$T/store"/* "$T/tftp/phones"
bench_host
bench_dnsmasq

# findings [ARGUMENT]...: "severity id place" a line
findings()
{
	loadstep "$@" check --json | perl -MJSON::PP -0777 -ne '
		print "$_->{severity} $_->{id} $_->{place}\n" for @{decode_json($_)->{findings}}'
}

# finds SEVERITY ID PLACE DESCRIPTION: this and nothing else is found (the other stages of a plan link to the
# files of each of its loads, so they differ where one is missing)
finds()
{
	case $2 in
	loadset-incomplete | member-case)
		is "$(findings | grep -v ' stage-outdated ')" "$1 $2 $3" "$4: $2" ;;
	*)
		is "$(findings)" "$1 $2 $3" "$4: $2" ;;
	esac
	loadstep check >"$T/out"
	is "$?" "$([ "$1" = error ]; echo $((1 - $?)))" 'and the exit code'
}

run loadstep check
is "$code:$out:$err" '0:everything is as it must be:' 'a site as it must be'
run loadstep check --json
ok 'as JSON' perl -MJSON::PP -e 'my $o = decode_json($ARGV[0]);
	exit($o->{version} == 1 && ref $o->{findings} eq "ARRAY" && !@{$o->{findings}} ? 0 : 1)' "$out"

# ---- configuration
cp "$T/loadstep.conf" "$T/good.conf"
printf '[plan x]\ncolour = red\n[limits]\nloader = 12x\n' >>"$T/loadstep.conf"
is "$(findings | grep -c '^error config-fault ')" "$(findings | wc -l)" 'a bad configuration: nothing else'
like "$(findings)" "error config-fault $T/loadstep.conf:11"$'\n' 'an unknown key: by its line'
like "$(findings)" "error config-fault $T/loadstep.conf:14($|"$'\n'")" 'all faults at once'
run loadstep check
is "$code" 1 'exit 1'
cp "$T/good.conf" "$T/loadstep.conf"
like "$("$LOADSTEP" --config "$T/no.conf" check --json)" "\"place\": \"$T/no\.conf\"" 'no configuration at all'
sed -i 's/^networks = .*/networks = 10.0.0.0\/16/' "$T/loadstep.conf"
finds warning plan-not-reloaded "$T/loadstep.conf" 'changed, and not reloaded'
like "$(loadstep check)" 'networks = 10.0.0.0/16' 'names the line'
cp "$T/good.conf" "$T/loadstep.conf"
chmod 600 "$T/loadstep.conf"
is "$(findings)" "error config-unreadable $T/loadstep.conf
error config-unreadable $T/loadstep.conf" 'neither Kea nor the helper may read it: config-unreadable'
chmod 644 "$T/loadstep.conf"

# ---- the store
like "$(findings --store "sqlite:$T/store/none.db")" "error store-missing $T/store/none.db" 'no store'
echo 'no database at all' >"$T/store/bad.db"
like "$(findings --store "sqlite:$T/store/bad.db")" "error store-unusable $T/store/bad.db" 'a store that is none'
cp "$T/store/state.db" "$T/store/new.db"
perl -e 'open my $f, "+<", $ARGV[0]; seek $f, 60, 0; print $f pack "N", 9999' "$T/store/new.db"
like "$(findings --store "sqlite:$T/store/new.db")" "error store-unusable $T/store/new.db" 'a newer schema'
like "$(loadstep --store "sqlite:$T/store/new.db" check | tr -s ' \n' ' ')" 'schema is version 9999, this program' \
	'with both numbers'
rm "$T/store"/new.db* "$T/store"/bad.db*
"$TOOL" put "sqlite:$T/store/fresh.db" 00:11:22:33:44:55 10.0.0.20 seen '' 0 ''
chown loadstep:loadstep "$T/store"/fresh*
like "$(findings --store "sqlite:$T/store/fresh.db")" "warning plan-not-reloaded $T/loadstep.conf" \
	'no plan was ever put in force'
rm "$T/store"/fresh.db*
chmod 2775 "$T/store"
finds warning store-mode "$T/store" 'the directory is open to all'
chmod g-s "$T/store"
finds warning store-mode "$T/store" 'the directory hands its group on to no file'
chmod 2770 "$T/store"
chmod 640 "$T/store/state.db"
is "$(findings | grep 'state.db$')" "warning store-mode $T/store/state.db
error store-unwritable $T/store/state.db" 'the database is read-only for Kea: store-unwritable'
chmod 660 "$T/store"/*
chown root:root "$T/store"
is "$(findings | grep "$T/store$")" "error store-unwritable $T/store
error store-unwritable $T/store" 'another owner: neither Kea nor the helper may write'
chown _kea:loadstep "$T/store"

# ---- load sets
L=$T/tftp/loads
mv "$L/P00308000900" "$T/away"
is "$(findings | grep -v stage-outdated)" "error loadset-missing $L/P00308000900" 'no load at all: loadset-missing'
mv "$T/away" "$L/P00308000900"
mv "$L/P00308000900/P00308000900.sb2" "$T/away"
finds error loadset-incomplete "$L/P00308000900/P00308000900.sb2" 'a file of a load'
like "$(loadstep check)" 'plan ladder, stage 3 P00308000900: is missing' 'which stage'
mv "$T/away" "$L/P00308000900/p00308000900.SB2"
finds error member-case "$L/P00308000900/P00308000900.sb2" 'there under another case'
mv "$L/P00308000900/p00308000900.SB2" "$L/P00308000900/P00308000900.sb2"
cp -p "$L/P00308000900/P00308000900.sb2" "$T/whole"
truncate -s 200 "$L/P00308000900/P00308000900.sb2"
finds error loadset-damaged "$L/P00308000900/P00308000900.sb2" 'cut short'
: >"$L/P00308000900/P00308000900.sb2"
finds error loadset-damaged "$L/P00308000900/P00308000900.sb2" 'empty'
cp -p "$T/whole" "$L/P00308000900/P00308000900.sb2"

# ---- stages and links against the state
S=$T/tftp/stages/ladder
mv "$S/P00305000500" "$T/stage"
finds warning stage-not-published "$S/P00305000500" 'a stage that is not published'
mv "$T/stage" "$S/P00305000500"
echo changed >"$T/tftp/RINGLIST.DAT"
like "$(findings)" "^warning stage-outdated $S/" 'a new file in the root: stage-outdated'
rm "$T/tftp/RINGLIST.DAT"
mkdir "$S/P00302010100"
finds note stage-left-over "$S/P00302010100" 'a stage whose load left the plan'
rmdir "$S/P00302010100"
ln -sfn ../stages/ladder/P00305000500 "$T/tftp/phones/00:11:22:33:44:55"
finds warning link-differs "$T/tftp/phones/00:11:22:33:44:55" 'a link that says something else'
loadstep publish --apply >"$T/publish.out"
run loadstep check
is "$code:$out" '0:everything is as it must be' 'publish mends it'
mv "$S/P00303010102" "$T/stage"
is "$(findings)" "warning stage-not-published $S/P00303010102
error link-dangling $T/tftp/phones/00:11:22:33:44:55" 'a stage taken away under a phone: link-dangling'
mv "$T/stage" "$S/P00303010102"
ln -s ../stages/ladder/P00303010102 "$T/tftp/phones/00:11:22:33:44:99"
finds warning orphan-link "$T/tftp/phones/00:11:22:33:44:99" 'a link of an unknown phone'
rm "$T/tftp/phones/00:11:22:33:44:99"
ln -s phones/00:11:22:33:44:55 "$T/tftp/10.0.0.77"
finds warning orphan-link "$T/tftp/10.0.0.77" 'a link at an address that nobody holds'
rm "$T/tftp/10.0.0.77"
mkdir "$T/tftp/10.0.0.78"
finds error foreign-entry "$T/tftp/10.0.0.78" 'a directory at an address'
rmdir "$T/tftp/10.0.0.78"
ln -s ../../elsewhere "$T/tftp/phones/00:11:22:33:44:98"
finds error foreign-entry "$T/tftp/phones/00:11:22:33:44:98" "a phone's link that we did not make"
rm "$T/tftp/phones/00:11:22:33:44:98"

# ---- the site's own files
X=$T/tftp/XMLDefault.cnf.xml
# root_xml TEXT: the root's own, and stages built of it where they can be
root_xml() { printf '%s\n' "$1" >"$X"; loadstep publish --apply >"$T/publish.out" 2>&1; }
GROUP='<callManagerGroup><members><member><processNodeName/></member></members></callManagerGroup>'
root_xml "<Default>$GROUP<loadInformation7 model=\"IP Phone 7960\">P00308000900</loadInformation7></Default>"
finds warning root-names-load "$X" 'the root names a load for models under a plan'
root_xml "<Default>$GROUP<loadInformation683>sip88xx.12-5-1SR1-4</loadInformation683></Default>"
run loadstep check
is "$code:$out" '0:everything is as it must be' 'one for other models is none of ours'
root_xml $'<Default>\n<loadInformation model=\xe2\x80\x9cx\xe2\x80\x9d>P00303010102</loadInformation>\n</Default>'
like "$(findings)" "^error xml-malformed $X:2:[0-9]+$" "typographic quotes: xml-malformed, with line and column"
root_xml '<device></device>'
like "$(findings)" "^error xml-root $X:1$" 'another root element: xml-root'
rm "$X"
loadstep publish --apply >"$T/publish.out"
echo '<device/>' >"$T/tftp/SEP001122334455.cnf.xml"
chmod 644 "$T/tftp/SEP001122334455.cnf.xml"
finds warning secret-readable "$T/tftp/SEP001122334455.cnf.xml" 'passwords that all may read'
echo 'x' >"$T/tftp/SIP001122334455.cnf"
like "$(loadstep check)" 'and 1 more of its kind' 'counted'
chmod 640 "$T/tftp"/S*
run loadstep check
is "$code:$out" '0:everything is as it must be' 'not by all'
rm "$T/tftp"/S*

# ---- rights in the tree
chmod 600 "$L/P00305000500/P00305000500.bin"
finds error tree-unreadable "$L/P00305000500/P00305000500.bin" 'a file that the TFTP server may not read'
chmod 644 "$L/P00305000500/P00305000500.bin"
chmod 2755 "$T/tftp/phones"
finds error tree-unwritable "$T/tftp/phones" 'a directory that Kea may not write'
chmod 2775 "$T/tftp/phones"
grep -v ^loadstep: "$T/passwd" >"$T/others" && cat "$T/others" >"$T/passwd"
is "$(findings | head -1)" 'note user-missing user loadstep' 'no user of our own: user-missing'
echo loadstep:x:902:902::/:/bin/false >>"$T/passwd"
cp "$LOADSTEP" "$T/loadstep"
like "$(setpriv --reuid 902 --regid 902 --clear-groups "$T/loadstep" --config "$T/loadstep.conf" check --json)" \
	'"rights-not-checked"' 'not as root: rights-not-checked'

# ---- port 69
stop "$dnsmasq"
wait_for '! grep -qi ":0045 " /proc/net/udp' 5
finds warning port-69-unserved 'UDP port 69' 'nobody serves it'
cp -L "$(command -v perl)" "$T/utftpd"
start_daemon "$T/taken.log" "$T/utftpd" -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(LocalPort => 69, Proto => "udp") or die $!;
	sleep 60'
taken=$!
wait_for 'grep -qi ":0045 " /proc/net/udp' 5
finds warning port-69-taken 'UDP port 69' 'another program serves it'
like "$(loadstep check)" 'utftpd \(process [0-9]+\) serves it' 'and which'
like "$(setpriv --reuid 902 --regid 902 --clear-groups "$T/loadstep" --config "$T/loadstep.conf" check --json)" \
	'"port-69-unknown"' 'not as root: port-69-unknown'
stop "$taken"

# ---- where nothing is to check
sed '/^root = /d' "$T/loadstep.conf" >"$T/dhcp-host.conf"
run "$LOADSTEP" --config "$T/dhcp-host.conf" check
is "$code:$out" '0:everything is as it must be' 'a host without a TFTP root'
is "$(loadstep check | awk 'length > 80 && $1 !~ /:$/')" '' 'the texts stay within 80 columns'
loadstep check >"$T/out"
like "$(tail -1 "$T/out")" '^0 errors, 1 warning, 0 notes$' 'a closing count'
done_testing
