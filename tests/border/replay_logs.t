#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep replay over logs as they lie about: a rotated set in any order, packed in any way, in each dialect, damaged, hostile.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need perl gzip xz zstd bzip2 mkfifo

# replay ARGUMENT...: into an empty store; its words in $out
replay() { db=$(mktemp -u "$T/XXXXXX.db"); run "$LOADSTEP" --store "sqlite:$db" replay "$@"; }
# told: "time event file" of each entry, in the order of the history
told()
{
	"$LOADSTEP" --store "sqlite:$db" log --json | perl -MJSON::PP -ne '
		my $h = decode_json($_);
		print join(" ", $h->{time}, $h->{event}, $h->{file} // "-"), "\n"'
}
files() { told | sed 's/.* //' | tr '\n' ' '; }
# line DAY FILE: it was not there on that day of November 2025
line() { printf '2025-11-%02dT03:00:25Z bench dnsmasq-tftp[7]: file /srv/tftp/%s not found for 10.0.0.20\n' "$@"; }

# ---- a rotated set, packed as it is found
mkdir "$T/log"
cd "$T/log" || exit
{ echo 'no stamp here'; line 9 SEP001122334455.cnf.xml; line 9 f9; } >old && gzip -c old >tftp.log.10.gz
line 10 f10 >old && xz -c old >tftp.log.9.xz
{ line 11 f11; line 12 f12; } >old && zstd -q -c old >tftp.log.3.zst
line 13 f13 >old && bzip2 -c old >tftp.log.2.bz2
line 14 f14 >tftp.log.1
line 15 f15 >tftp.log
: >tftp.log.empty
rm old
replay tftp.log*
is "$code" 0 'a rotated set as the shell sorts its names'
is "$(files)" 'SEP001122334455.cnf.xml f9 f10 f11 f12 f13 f14 f15 ' 'is read in the order of time'
like "$out" '^9 lines read, 8 events, 1 lines that are none of ours' 'each once'
mv tftp.log.10.gz oldest
replay tftp.log oldest
is "$(files)" 'SEP001122334455.cnf.xml f9 f15 ' 'what is packed its bytes tell, not its name'
cat tftp.log.1 | { replay tftp.log - oldest; files >"$T/files"; }
is "$(cat "$T/files")" 'SEP001122334455.cnf.xml f9 f14 f15 ' 'standard input has its place, too'
replay <(cat tftp.log) <(cat oldest)
is "$(files)" 'SEP001122334455.cnf.xml f9 f15 ' 'and other pipes, packed or not'
# the capture is of 2026-01-05 12:00
printf '1 ask 10.0.0.20:2000 mid.bin\n1 error 10.0.0.20:2000 1 none\n' | perl "$LS_HERE/border/pcap.pl" | gzip >cap
echo "2026-01-05T13:00:00Z bench dnsmasq-tftp[7]: file /srv/tftp/after not found for 10.0.0.20" >after
replay after cap oldest
is "$(files)" 'SEP001122334455.cnf.xml f9 mid.bin after ' 'a capture, packed too, has its place by its first frame'
replay tftp.log nowhere oldest
is "$code" 1 'one that is not there'
like "$err" 'nowhere: No such file' 'is named'
is "$(files)" '' 'and nothing was read'

# ---- damage
{ for i in $(seq 1 4000); do line 10 "$i$RANDOM$RANDOM$RANDOM$RANDOM"; done; } | gzip >whole.gz
head -c $(($(stat -c %s whole.gz) - 200)) whole.gz >cut.gz
replay tftp.log cut.gz oldest
is "$code" 1 'one that is cut short'
like "$err" 'cut.gz: damaged or cut short' 'is named'
count=$(told | wc -l)
ok "what was before the damage counts ($count entries), and the other logs" [ "$count" -gt 2000 ]
ok 'those behind it, too' grep -q ' f15$' <(told)

# ---- years: the second half of a set without years is of this one
year=$(date -d '-40 days' +%Y)
cat >years <<-END
$(date -d '-300 days' '+%b %e') 10:00:00 dnsmasq-tftp[7]: file /srv/tftp/SEP001122334455.cnf.xml not found for 10.0.0.20
$(date -d '-40 days' '+%b %e') 10:00:00 dnsmasq-tftp[7]: file /srv/tftp/b not found for 10.0.0.20
$(date -d '+40 days' '+%b %e') 10:00:00 dnsmasq-tftp[7]: file /srv/tftp/c not found for 10.0.0.20
END
TZ=UTC replay years
is "$(told | sed -n 's/^\([0-9]*\)-.* b$/\1/p')" "$year" 'a stamp without a year is the latest that is not in the future'
is "$(told | sed -n 's/^\([0-9]*\)-.* c$/\1/p')" "$(date -d '-325 days' +%Y)" 'which may be last year'

# ---- dialects of one event
at='Nov 23 03:00:25' words='file /srv/tftp/SEP001122334455.cnf.xml not found for 10.0.0.20'
while read -r dialect; do
	echo "$dialect" >one
	TZ=UTC replay one
	like "$(told)" '^20[0-9]{2}-11-23T03:00:25.*Z missing SEP001122334455.cnf.xml$' "${dialect%%dnsmasq-*}"
done <<-END
$at dnsmasq-tftp[7]: $words
<30>$at dnsmasq-tftp[7]: $words
$at bench dnsmasq-tftp[7]: $words
$at bench dnsmasq[7]: dnsmasq-tftp: $words
2025-11-23T03:00:25.000001+00:00 bench dnsmasq-tftp[7]: $words
2025-11-23T04:00:25+0100 bench dnsmasq-tftp[7]: $words
<30>1 2025-11-23T03:00:25Z bench dnsmasq-tftp 7 - - $words
1763866825.000001 bench dnsmasq-tftp[7]: $words
{"__REALTIME_TIMESTAMP":"1763866825000000","SYSLOG_IDENTIFIER":"dnsmasq-tftp","MESSAGE":"$words"}
END

# ---- what the real atftpd wrote, with thread numbers and without: the same, but for what overlapped
for form in logfile syslog; do
	replay --format atftpd "$LS_HERE/data/tftplog/atftpd-0.8-$form.txt"
	case $form in logfile) want='9 0 2 8' ;; syslog) want='7 9 2 1' ;; esac
	is "$(told | awk '{ n[$2]++ } END { print n["sent"], n["asked"] + 0, n["missing"], n["failed"] }')" "$want" "atftpd 0.8, $form"
	is "$(told | grep -c ' sent \(dir\|big\|x\)$')" 0 'what was not sent whole does not pass for it'
done
replay --format fetch "$LS_HERE/data/tftplog/atftpd-0.8-syslog.txt"
like "$out" '^189 lines read, 0 events, 189 lines that are none of ours' 'of another format nothing is taken'

# ---- another language, counted and told
cat >german <<-END
$at dnsmasq-tftp[7]: TFTP Wurzel ist /srv/tftp
$at dnsmasq-tftp[7]: /srv/tftp/f an 10.0.0.20 verschickt
$at dnsmasq-tftp[7]: Datei /srv/tftp/nix nicht gefunden für 10.0.0.20
$at dnsmasq[7]: beende nach Empfang von SIGTERM
END
replay german
is "$code" 0 'a log in another language'
like "$out" '3 lines of dnsmasq-tftp in another language or version: set LC_ALL=C' 'is told, and what to do'

# ---- hostile lines: counted, escaped, harmless
{
	line 9 SEP001122334455.cnf.xml
	line 10 "$(printf 'a\033[31m\001\377b')"
	printf '2025-11-10T03:00:26Z bench dnsmasq-tftp[7]: file /srv/tftp/nul\0 not found for 10.0.0.20\n'
	head -c 1048576 /dev/zero | tr '\0' x; echo
	printf '2025-11-10T03:00:27Z bench dnsmasq-tftp[7]: file /srv/tftp/'; head -c 1048576 /dev/zero | tr '\0' y; echo ' not found for 10.0.0.20'
	printf '2025-11-10T03:00:28Z bench in.tftpd[7]: RRQ from 10.0.0.20 filename a\nb remapped to 10.0.0.20/a\nb\n'
	printf '2025-11-10T03:00:29Z bench atftpd[7.1]: Serving ../../etc/passwd to 10.0.0.20:69\n'
	head -c 3000 /dev/urandom | tr -d '\n'; echo
	printf '%4000s\n' ' '
	printf '{"__REALTIME_TIMESTAMP":"1763866825000000","MESSAGE":'; head -c 20000 /dev/zero | tr '\0' '['; echo
	line 11 f11
	printf 'the last line has no end'
} >hostile
replay hostile
is "$code" 0 'hostile lines'
like "$out" '2 lines above 32768 bytes passed over' 'what is too long is counted'
is "$(files)" 'SEP001122334455.cnf.xml a\x1b[31m\x01\xffb a passwd f11 ' 'names are escaped'
not_ok 'and nothing else comes out' grep -q '[^ -~]' <("$LOADSTEP" --store "sqlite:$db" log | tr -d '\n')
not_ok 'no sanitizer or library had anything to say' grep -qi 'runtime error\|malloc\|assert' <<<"$err"
done_testing
