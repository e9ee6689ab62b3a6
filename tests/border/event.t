#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep-event with the argument vectors of dnsmasq (D§1, D§2): right, false, doubled and malicious ones;
# a store that is damaged, locked or not there; the script that was there before; rights; rotation; time.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
own_namespace "$@"
need perl setpriv jq
dev_log || skip_all "no private /dev/log"
site
mac=00:11:22:33:44:55
sep=$T/tftp/SEP001122334455.cnf.xml

# ---- not for us: exit 0, not a word, no store
for arguments in '' 'tftp' 'tftp 1' 'tftp 1 10.0.0.20' "tftp 1 10.0.0.20 $sep more" 'init' \
	'add 00:11:22:33:44:55' 'add 00:11:22:33:44:55 fd00::1' 'add 06-01:23:45:67:89:ab 10.0.0.20' \
	'old 00:01:00:01:2a:0b:0c:0d 10.0.0.20 name' 'arp-add 00:11:22:33:44:55 10.0.0.20' 'TFTP 1 10.0.0.20 /x' \
	"tftp 1 fe80::1 $sep"; do
	# shellcheck disable=SC2086
	event $arguments
	is "$code:$out" 0: "nothing to do: \"$arguments\""
done
not_ok 'and no store was made' test -e "$T/store/state.db"

# ---- a fetch
event tftp 59 10.0.0.20 "$sep"
is "$code:$out" 0: 'a fetch'
is "$(history)" 'sent SEP001122334455.cnf.xml 59' 'is in the history'
is "$(phone_json $mac address)" 10.0.0.20 'and its phone is known'
wait_for "[ -s '$T/syslog' ]" 5
like "$(cat "$T/syslog")" \
	"^<30>.*loadstep-event\[[0-9]+\]: fetch mac=$mac address=10.0.0.20 file=SEP.* bytes=59 stage=.* load=" \
	'one line in the syslog, facility daemon'
is "$("$LOADSTEP" --store "sqlite:$T/again.db" replay --format fetch "$T/syslog" >/dev/null &&
	"$LOADSTEP" --store "sqlite:$T/again.db" log --json "$mac" | jq -r '"\(.event) \(.file) \(.bytes) \(.address)"')" \
	'sent SEP001122334455.cnf.xml 59 10.0.0.20' 'from which replay knows the same'
is "$(wc -l <"$T/syslog")" 1 'exactly one'
ok 'the store is for its group' test "$(stat -c %a "$T/store/state.db")" = 660

before=$(loadstep status --json | grep -vE '"(generated|watched|seconds|last-event)"')
event tftp 59 10.0.0.20 "$sep"
is "$(loadstep status --json | grep -vE '"(generated|watched|seconds|last-event)"')" "$before" 'doubled: the phone stands as before'

event tftp 59 10.0.0.99 "$T/tftp/RINGLIST.DAT"
is "$code:$out" 0: 'somebody who is no phone of ours'
not_ok 'leaves no phone behind' grep -q 10.0.0.99 <(loadstep status --json)

# ---- names
event tftp 7 10.0.0.20 "$T/tftp/we"$'\n'"ird é.bin"
is "$code:$out" 0: 'a name with a newline and UTF-8'
is "$(history | tail -n 1)" 'sent we\nird \xc3\xa9.bin 7' 'is escaped in the history'
wait_for "grep -q ird '$T/syslog'" 5
is "$(grep -c 'file=we\\nird \\xc3\\xa9\.bin ' "$T/syslog")" 1 'and one line in the syslog'

count=$(history | wc -l)
for path in /etc/passwd "$T/tftp/../secret" "$T/tftp/a/../../secret" "$T/tftpx/file"; do
	event tftp 7 10.0.0.20 "$path"
	is "$code" 0 "outside the root: $path"
	like "$out" '^loadstep-event: ignored: .* is not below the TFTP root [^'$'\n'']*$' 'one line says so'
done
event tftp 7 10.0.0.20 "/e"$'\n\e'"[31m"
is "$out" "loadstep-event: ignored: /e\\n\\x1b[31m is not below the TFTP root $T/tftp" 'and it is escaped'
event tftp 7 10.0.0.20 ''
like "$out" '^loadstep-event: path: empty' 'no path at all'
event tftp 7 10.0.0.20 "$T/tftp/$(printf '%01100d' 0)"
is "$code" 0 'a path longer than any request'
like "$out" 'longer than 1024 bytes$' 'one line says so'
is "$(history | wc -l)" "$count" 'none of them is recorded'

# ---- sizes and addresses
event tftp 9223372036854775807 10.0.0.20 "$sep"
is "$(history | tail -n 1)" 'sent SEP001122334455.cnf.xml 9223372036854775807' 'the largest size there is'
count=$(history | wc -l)
for size in 9223372036854775808 99999999999999999999999 -1 12x '' ' 5' 0x10; do
	event tftp "$size" 10.0.0.20 "$sep"
	is "$code" 0 "a size of \"$size\""
	like "$out" '^loadstep-event: size: [^'$'\n'']*$' 'one line says what is wrong'
done
for address in 10.0.0 10.0.0.256 0.0.0.0 nobody ''; do
	event tftp 5 "$address" "$sep"
	is "$code" 0 "an address of \"$address\""
	like "$out" '^loadstep-event: client: [^'$'\n'']*$' 'one line says what is wrong'
done
is "$(history | wc -l)" "$count" 'none of them is recorded'

# ---- a store that is damaged: the event waits beside it
cp "$T/store/state.db" "$T/good.db"
count=$(history | wc -l)
rm -f "$T"/store/state.db-*
head -c 5000 "$T/good.db" >"$T/store/state.db"
cp "$T/store/state.db" "$T/truncated.db"
event tftp 60 10.0.0.20 "$sep"
is "$code" 0 'a truncated store: exit 0'
like "$out" '^loadstep-event: [^'$'\n'']*kept in '"$T"'/store/state\.db\.spool$' \
	'one line says what and where'
is "$(wc -l <"$T/store/state.db.spool")" 1 'the event is in the spool'
ok 'the damaged store is left as it is' cmp "$T/store/state.db" "$T/truncated.db"
echo 'this is no database, and was never one' >"$T/store/state.db"
event tftp 61 10.0.0.20 "$sep"
is "$code $(wc -l <"$T/store/state.db.spool")" '0 2' 'a store that is none: the same'
rm -f "$T"/store/state.db-*
cp "$T/good.db" "$T/store/state.db"
event tftp 62 10.0.0.20 "$sep"
is "$code:$out" 0: 'the store is back: the next event'
is "$(history | tail -n 3 | cut -d' ' -f3 | sort | tr '\n' ' ')" '60 61 62 ' 'takes in those that waited'
is "$(history | wc -l)" "$((count + 3))" 'each once'
is "$(echo "$T"/store/*spool*)" "$T/store/*spool*" 'and nothing of the spool stays behind'

# ---- a store that is locked by somebody: the lock is SQLite's own (its pending byte and what follows)
lock_store()
{
	rm -f "$T/locked"
	start_daemon "$T/lock.err" perl -MFcntl -e '
		open my $db, "+<", $ARGV[0] or die $!;
		my $lock = pack("s s x4 q q i x4", F_WRLCK, 0, 0x40000000, 512, 0);
		fcntl($db, F_SETLK, $lock) or die $!;
		open my $ready, ">", $ARGV[1] or die $!;
		close $ready;
		sleep 60' "$T/store/state.db" "$T/locked"
	lock_pid=$!
	wait_for "[ -e '$T/locked' ]" 5
}
ok 'somebody locks the store' lock_store
event tftp 63 10.0.0.20 "$sep"
is "$code" 0 'locked: exit 0'
like "$out" '^loadstep-event: [^'$'\n'']*kept in [^'$'\n'']*$' 'one line'
ok "within the time that is allowed ($took_ms ms)" test "$took_ms" -lt 1000
for i in 1 2 3; do event tftp "7$i" 10.0.0.20 "$T/tftp/file$i"; done
is "$(wc -l <"$T/store/state.db.spool")" 4 'four events wait'
stop "$lock_pid"
count=$(history | wc -l)
for i in $(seq 8); do (event tftp "8$i" 10.0.0.20 "$T/tftp/file8$i") & done
wait $(jobs -p | grep -vxF -f <(printf '%s\n' "${LS_PIDS[@]}"))
event tftp 90 10.0.0.20 "$T/tftp/file90"
is "$(history | wc -l)" "$((count + 13))" 'eight helpers at once: every event is there once'
is "$(history | tail -n 13 | sort -u | wc -l)" 13 'and no two are the same'

# ---- late: an event that was spooled keeps the time it had
printf 'sent 1700000000000 10.0.0.21 5 script %s\nno event\n' "$T/tftp/SEP001122334466.cnf.xml" \
	>"$T/store/state.db.spool"
event tftp 91 10.0.0.20 "$sep"
like "$(loadstep log --json 3344:66)" '"time":"2023-11-14T22:13:20Z"' 'a late event has its own time'

# ---- leases, where dnsmasq is the DHCP server, too (dnsmasq(8))
export DNSMASQ_VENDOR_CLASS='Cisco Systems, Inc. IP Phone CP-7960G' DNSMASQ_RELAY_ADDRESS=10.0.0.254 DNSMASQ_TAGS=br0
event add 00:11:22:33:44:77 10.0.0.30 SEP001122334477
is "$code:$out" 0: 'a lease: exit 0, and not a word'
is "$(phone_json 00:11:22:33:44:77 model) $(phone_json 00:11:22:33:44:77 boots)" '7960 0' 'its phone and model are known; it is no boot'
is "$(readlink "$T/tftp/10.0.0.30")" phones/00:11:22:33:44:77 'its address leads to it before it asks for anything'
unset DNSMASQ_VENDOR_CLASS DNSMASQ_RELAY_ADDRESS DNSMASQ_TAGS
DNSMASQ_DATA_MISSING=1 event old 00:11:22:33:44:77 10.0.0.31
is "$(readlink "$T/tftp/10.0.0.31") $(readlink "$T/tftp/10.0.0.30") $(phone_json 00:11:22:33:44:77 model)" \
	'phones/00:11:22:33:44:77  7960' 'at its start dnsmasq tells who has what: only the address is new'
event add 00:11:22:33:44:78 10.0.0.31 printer
is "$(readlink "$T/tftp/10.0.0.31")" '' 'an address that somebody else is given is no longer the phone'"'"'s'
event old 00:11:22:33:44:79 10.0.0.32 SEP001122334479
is "$(readlink "$T/tftp/10.0.0.32")" phones/00:11:22:33:44:79 'a phone that only its name tells'
event del 00:11:22:33:44:79 10.0.0.32 SEP001122334479
is "$code:$(readlink "$T/tftp/10.0.0.32")" 0: 'a lease that ends takes its link'
DNSMASQ_VENDOR_CLASS=$(printf '%0300d' 0) event add 00:11:22:33:44:80 10.0.0.33 "$(printf '%0200d' 0)"
is "$code:$out" 0: 'a vendor class and a name that are too long'
event add 00:11:22:33:44:80 10.0.0
is "$code" 0 'a broken address: exit 0'
like "$out" '^loadstep-event: address: "10.0.0" is not' 'and one line'

# ---- the configuration
before=$(history | wc -l)
LOADSTEP_CONFIG=$T/none.conf event tftp 5 10.0.0.20 "$sep"
is "$code" 0 'no configuration: exit 0'
like "$out" '^loadstep-event: [^'$'\n'']*none\.conf[^'$'\n'']*$' 'one line'
LOADSTEP_CONFIG=$T/none.conf event add 00:11:22:33:44:55 10.0.0.20
like "$code:$out" '^0:loadstep-event: [^'$'\n'']*none\.conf.*; the lease is not noted$' 'a lease: one line, too'
LOADSTEP_CONFIG=$T/none.conf event arp-add 00:11:22:33:44:55 10.0.0.20
is "$code:$out" 0: 'and no word about what is not for us'
is "$(history | wc -l)" "$before" 'nothing is recorded where nobody looks'

# ---- the script that was there before
cat >"$T/before.sh" <<-END
	#!/bin/sh
	ignored=\$(sed -n 's/^SigIgn:.*\(....\)\$/\1/p' /proc/self/status)
	{ printf '<%s>' "\$@"; echo " \$SITE \$(id -u) \$(umask) \$ignored"; } >>$T/before.log
	exit 3
END
chmod 755 "$T/before.sh"
sed -i "s|^root = .*|&\nchain-script = $T/before.sh|" "$T/loadstep.conf"
SITE=berlin event tftp 92 10.0.0.20 "$T/tftp/with blank"
is "$code:$out" 3: 'the script before us runs, and its exit code is ours'
is "$(cat "$T/before.log")" "<tftp><92><10.0.0.20><$T/tftp/with blank> berlin 0 0022 7002" \
	'with the arguments, environment, rights, umask and ignored signals we were given'
is "$(history | tail -n 1)" 'sent with blank 92' 'and the event is recorded'
event arp-add 00:11:22:33:44:55 10.0.0.20
is "$code $(tail -n 1 "$T/before.log" | cut -d' ' -f1)" '3 <arp-add><00:11:22:33:44:55><10.0.0.20>' \
	'what is not for us is for it'
chmod 757 "$T/before.sh"
event tftp 93 10.0.0.20 "$T/tftp/f93"
like "$out" '^loadstep-event: chain-script not started: [^'$'\n'']*$' \
	'as root, a script that others can write is not started'
is "$(history | tail -n 1)" 'sent f93 93' 'and the event is recorded'
printf '#!/bin/sh\nexec >/dev/null 2>&1 sleep 30\n' >"$T/before.sh"
chmod 755 "$T/before.sh"
event tftp 94 10.0.0.20 "$T/tftp/f94"
like "$out" '^loadstep-event: chain-script still runs after 5 s' 'a script that hangs'
ok "is waited for no longer than 5 s ($took_ms ms)" test "$took_ms" -ge 4900 -a "$took_ms" -lt 6000
sed -i '/^chain-script/d' "$T/loadstep.conf"

# ---- rights: started as root, as the stock dnsmasq does in TFTP-only mode (D§1)
mkdir -m 2770 "$T/theirs"
chown -R nobody:nogroup "$T/theirs" "$T/tftp"
chmod 755 "$T/store"
sed "s|$T/store/|$T/theirs/|" "$T/loadstep.conf" >"$T/theirs.conf"
LOADSTEP_CONFIG=$T/theirs.conf event tftp 5 10.0.0.20 "$sep"
is "$code:$out" 0: 'the store is somebody'"'"'s'
is "$(stat -c %U:%G "$T/theirs/state.db")" nobody:nogroup 'and was opened with his rights'
cp /etc/passwd "$T/passwd"
echo 'loadstep:x:64321:65534::/:/bin/false' >>"$T/passwd"
mount --bind "$T/passwd" /etc/passwd
mkdir "$T/own"
chmod 777 "$T/own"
chown -R 64321:nogroup "$T/tftp"
sed "s|$T/store/|$T/own/|" "$T/loadstep.conf" >"$T/own.conf"
LOADSTEP_CONFIG=$T/own.conf event tftp 5 10.0.0.20 "$sep"
is "$code:$out" 0: 'there is a user loadstep'
is "$(stat -c %u "$T/own/state.db")" 64321 'and the store was opened with his rights'
chmod 600 "$T/own.conf"
LOADSTEP_CONFIG=$T/own.conf event tftp 5 10.0.0.20 "$sep"
like "$out" 'own\.conf: Permission denied' 'as was the configuration'
umount /etc/passwd
chown -R root:root "$T/tftp"

# ---- layout = shared: a proof makes the root's XMLDefault name the next load, through the program beside us
site '[limits]' 'proof-silence = 1s' 'order-window = 100ms' 'quiet = 100ms' 'boot-gap = 500ms' \
	'holder-change = 0ms'
sed -i -e "s|^root = .*|&\nlayout = shared|; s|/state.db|/shared.db|" \
	-e "s|^stages = .*|stages = P00303010102 P00304000101|" "$T/loadstep.conf"
for load in P00303010102 P00304000101; do
	mkdir -p "$T/tftp/loads/$load"
	echo "image $load" >"$T/tftp/loads/$load/$load.bin"
done
names() { sed -n 's|.*<loadInformation>\(.*\)</loadInformation>.*|\1|p' "$T/tftp/XMLDefault.cnf.xml"; }
fetch() { event tftp "$(stat -c %s "$T/tftp/$1" 2>/dev/null || echo 9)" 10.0.0.20 "$T/tftp/$1"; }
loadstep reload >/dev/null
fetch SEP001122334455.cnf.xml
fetch OS79XX.TXT
loadstep start 4455 >/dev/null
is "$(names)" P00303010102 'shared: the first one who starts makes the root name the first load'
for file in OS79XX.TXT XMLDefault.cnf.xml P00303010102.bin; do fetch $file; done
like "$(loadstep status)" '^writing flash: 1 phone, do not cut power' 'status warns while it flashes'
like "$(loadstep explain 4455)" $'\n''sees  .*XMLDefault\.cnf\.xml, which names P00303010102' \
	'explain says what it sees'
sleep 1
for file in SEP001122334455.cnf.xml OS79XX.TXT XMLDefault.cnf.xml; do fetch $file; done
is "$(names)" P00303010102 'it was fetched and the phone is back: not proven yet'
sleep 1.3
event tftp 9 10.0.0.99 "$T/tftp/RINGLIST.DAT"
is "$code:$out" 0: 'somebody else'"'"'s fetch, when the silence is long enough'
is "$(names)" P00304000101 'rotates the root'

# ---- time: SIGALRM comes ignored, and something hangs
mkfifo "$T/fifo"
mount --bind "$T/fifo" /etc/passwd
event tftp 5 10.0.0.20 "$sep"
umount /etc/passwd
is "$code" 142 'something hangs: SIGALRM ends it'
ok "after 2 s ($took_ms ms)" test "$took_ms" -ge 900 -a "$took_ms" -lt 2500
done_testing
