#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The operator's command: what each verb prints and its exit code. Phones come from a replayed log.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need perl
export TZ=UTC
site

# A line of dnsmasq's log, so many seconds after a time of today's year
log_line()
{
	echo "$(date -d "2026-01-05 12:00:00 UTC +$1 seconds" '+%b %e %H:%M:%S') dnsmasq-tftp[7]: $2"
}

# ---- usage
run "$LOADSTEP"
is "$code:$out" 2: 'no verb: usage'
like "$err" '^usage: loadstep' 'is told'
run "$LOADSTEP" --help
is "$code:$err" 0: '--help'
for verb in reload publish start stop status explain log replay agent; do
	like "$out" $'\n'"  $verb +[a-z]" "names $verb"
	run_help=$("$LOADSTEP" help $verb) || run_help="exit code $?"
	like "$run_help" "^usage: loadstep .* $verb" "help $verb"
done
run "$LOADSTEP" help config
like "$out" '\[plan\] stages' 'help config shows the keys'
run "$LOADSTEP" --version
like "$code:$out" '^0:loadstep [0-9]' '--version'
for arguments in 'nonsense' 'status --phase' 'explain' 'explain a b' 'log --event' 'log --last none' \
	'start' 'stop' 'start --all 10.0.0.0/24' 'publish now' 'reload now' 'replay' 'replay --format tftpd x' \
	'status --what' 'agent now' 'start 10.0.0.1/24'; do
	# shellcheck disable=SC2086
	run loadstep $arguments
	is "$code" 2 "usage: $arguments"
	like "$err" 'usage: loadstep ' 'is told'
done

# ---- the configuration
cat >"$T/bad.conf" <<-END
	[store]
	url = nowhere
	[plan x]
	colour = red
	stages =
END
run "$LOADSTEP" --config "$T/bad.conf" reload
is "$code:$out" 3: 'a bad configuration: exit 3'
like "$err" 'bad\.conf:2: .*url' 'with file, line and key'
like "$err" 'bad\.conf:4: .*colour' 'and all its faults at once'
run "$LOADSTEP" --config "$T/missing.conf" status
is "$code" 3 'no configuration: exit 3'

# ---- the store
run "$LOADSTEP" --store "sqlite:$T/nowhere/x.db" status
is "$code" 4 'no store: exit 4'
like "$err" "^loadstep: .*$T/nowhere/x\.db" 'is told'
echo 'no database at all' >"$T/none.db"
run loadstep --store "sqlite:$T/none.db" status
is "$code" 4 'a store that is none: exit 4'

# ---- replay: needs no configuration, no root and no load set
{
	log_line 0 'file /srv/tftp/SEP001122334455.cnf.xml not found for 10.0.0.20'
	log_line 1 'sent /srv/tftp/XMLDefault.cnf.xml to 10.0.0.20'
	log_line 2 'sent /srv/tftp/10.0.0.21/XMLDefault.cnf.xml to 10.0.0.21'
	log_line 3 'file /srv/tftp/CTLSEP00112233AABB.tlv not found for 10.0.0.22'
	log_line 3 'sent /srv/tftp/OS79XX.TXT to 10.0.0.22'
	log_line 4 'error 8 no options for me received from 10.0.0.20'
	log_line 4 'sent /srv/tftp/OS79XX.TXT to 10.0.0.20'
	log_line 9 'error 8 no options for me received from 10.0.0.20'
	log_line 11 'sent /srv/tftp/RINGLIST.DAT to 10.0.0.20'
	log_line 12 $'sent /srv/tftp/\e[31mred to 10.0.0.20'
	echo 'some other program says hello'
	printf 'Jan  5 12:00:13 dnsmasq-tftp[7]: sent /srv/tf'
} >"$T/tftp.log"
HOME=$T run env -u LOADSTEP_CONFIG "$LOADSTEP" --store "sqlite:$T/fresh.db" replay "$T/tftp.log"
is "$code:$err" 0: 'replay into a fresh store, without a configuration'
like "$out" '^12 lines read, [0-9]+ events, 2 lines that are none of ours' 'a summary'
like "$out" $'\n''3 phones: 3 seen' 'with the phones'
run loadstep replay --format dnsmasq - <"$T/tftp.log"
is "$code" 0 'replay of standard input'
run loadstep replay "$T/none.log"
is "$code:$out" 1: 'a log that is not there: exit 1'
is "$(find "$T/tftp" ! -type d)" '' 'replay publishes nothing'

# ---- log
run loadstep log --json 4455
is "$code" 0 'log of one phone'
is "$(history 4455 | sed -n 3p)" 'failed OS79XX.TXT -' 'an error right before "sent": it was not taken'
is "$(history 4455 | sed -n 4p)" 'sent RINGLIST.DAT -' 'an error two seconds before: it was'
start='{"time":"2026-01-05T12:00:00Z","mac":"00:11:22:33:44:55","address":"10.0.0.20","event":"missing",'
is "${out:0:${#start}}" "$start" 'time, mac, address, event first'
like "$out" ',"file":"SEP001122334455\.cnf\.xml","bytes":null,"from":"seen","to":"seen","note":' \
	'one object a line, times UTC'
is "$(loadstep log --last 2 --json | wc -l)" 2 'log --last'
run loadstep log
not_ok 'no escape sequence reaches the terminal' grep -q $'\e' <<<"$out"
like "$out" '2026-01-05 12:00:00 00:11:22:33:44:55 missing +SEP001122334455\.cnf\.xml' 'log for people'
TZ=Europe/Berlin like "$(TZ=Europe/Berlin loadstep log)" '2026-01-05 13:00:00' 'in local time'

# ---- MACs in any spelling
for mac in 00:11:22:33:44:55 00-11-22-33-44-55 0011.2233.4455 001122334455 SEP001122334455 \
	4455 44:55 34455; do
	run loadstep explain "$mac"
	is "$code" 0 "explain $mac"
done
for mac in 455 9999 nonsense 00:11:22:33:44:5g; do
	run loadstep explain "$mac"
	is "$code:$out" 1: "explain $mac: exit 1"
done
{
	log_line 20 'file /srv/tftp/SEP00AA22334455.cnf.xml not found for 10.0.0.23'
	log_line 21 'sent /srv/tftp/OS79XX.TXT to 10.0.0.23'
} >"$T/more.log"
run loadstep replay "$T/more.log"
run loadstep explain 4455
is "$code" 1 'a tail that two phones have: exit 1'
like "$err" '2 phones have a MAC that ends so' 'is told'

# ---- status
run loadstep status
is "$code" 0 'status'
is "$(awk '/^plan ladder, stage/ { exit } length > 80' <<<"$out")" '' 'the table is within 80 columns'
like "$out" '^4 phones: 4 seen'$'\n' 'with counts on top'
like "$out" 'plan ladder, stage 4 P0S3-8-12-00: .* is missing' 'and the load sets that are missing'
not_ok 'no colour where there is no terminal' grep -q $'\e' <<<"$out"
ok 'the order of keys in status --json is the documented one' perl -MJSON::PP -e '
	local $/; my $text = <STDIN>; my $o = decode_json($text);
	my @keys = qw(version generated watched not-known writing counts causes known phones);
	my @counts = qw(seen waiting offered downloading half-flashed flashing checking done stuck);
	my @phone = qw(mac address vendor-class model generation plan stage stages load phase since boots
		running running-by cause flags unplug last-event giaddr site switch switch-port vlan);
	sub same { my ($have, @want) = @_; join(",", sort keys %$have) eq join(",", sort @want) }
	exit 1 unless same($o, @keys) && same($o->{counts}, @counts) && $o->{version} == 1;
	exit 1 unless $o->{generated} =~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
	for (@{$o->{phones}}) { exit 1 unless same($_, @phone) && ref $_->{flags} eq "ARRAY" }
	my $at = -1;
	for (@phone) { my $next = index $text, "\"$_\"", $at; exit 1 if $next < $at; $at = $next }
	exit(@{$o->{phones}} == 4 ? 0 : 1)' < <(loadstep status --json)
run loadstep status --fail-if-stuck
is "$code" 0 'nobody is stuck'

# ---- explain
run loadstep explain 1122:3344:55 --json
is "$code" 0 'options may stand behind'
like "$out" '"sees": "the plain root"' 'explain --json tells what it sees'
ok 'and has all its keys' perl -MJSON::PP -0777 -ne '
	my $o = decode_json($_);
	exit 1 for grep { !exists $o->{$_} } qw(mac phase sees summary evidence action sentence timeline next);
	my $e = $o->{evidence};
	exit(ref $e eq "ARRAY" && @$e && $e->[0]{time} =~ /^2026-01-05T/ ? 0 : 1)' <<<"$out"
run loadstep explain 0011:2233:4455
is "$(awk 'length > 80' <<<"$out")" '' 'explain stays within 80 columns'
like "$out" '^Phone 00:11:22:33:44:55 .*'$'\n''to do  .*'$'\n''next  ' 'and says who and where, what to do and what comes'

# ---- reload
run loadstep reload
is "$code" 0 'reload'
like "$out" 'revision 1 is in force' 'puts the plans in force'
like "$out" 'P00303010102: .* is missing' 'names the load sets that are missing'
run loadstep reload
like "$out" 'revision 1 stays in force' 'again: nothing new'
sed -i 's/^networks = .*/networks = 10.0.0.0\/16/' "$T/loadstep.conf"
run loadstep reload
like "$out" 'revision 2 is in force' 'a change is a new revision'

# ---- publish
rm -rf "$T/tftp/stages"
run loadstep publish
is "$code" 0 'publish'
like "$out" 'nothing done; --apply makes it true' 'only shows'
not_ok 'and makes nothing' test -e "$T/tftp/stages"
run loadstep publish --apply
is "$code" 0 'publish --apply'
ok 'makes the waiting room' test -s "$T/tftp/stages/ladder/waiting/XMLDefault.cnf.xml"
run loadstep publish
like "$out" 'the tree says what the state says' 'then nothing differs'
is "$(stat -c %a "$T/tftp/stages/ladder/waiting/XMLDefault.cnf.xml")" 644 'readable for any TFTP server'
(umask 077 && rm -rf "$T/tftp/stages" && loadstep publish --apply >/dev/null)
is "$(cd "$T/tftp/stages" && stat -c %a . ladder/waiting/XMLDefault.cnf.xml | tr '\n' ' ')" '755 644 ' \
	'whatever the umask'
sed "s|^root = .*|root = $T/no-such-root|" "$T/loadstep.conf" >"$T/noroot.conf"
run "$LOADSTEP" --config "$T/noroot.conf" publish --apply
is "$code" 5 'a tree that cannot be had: exit 5'
sed '/^root = /d' "$T/loadstep.conf" >"$T/dhcp-host.conf"
run "$LOADSTEP" --config "$T/dhcp-host.conf" --store "sqlite:$T/dhcp-host.db" reload
is "$code" 0 'reload where there is no TFTP root'
run "$LOADSTEP" --config "$T/dhcp-host.conf" --store "sqlite:$T/dhcp-host.db" publish
is "$code" 3 'publish there: exit 3'

# ---- start and stop
run loadstep start --all </dev/null
is "$code" 2 'more than one phone, nobody to ask, no --yes: refused'
like "$out" '00:11:22:33:44:55 .*'$'\n''.*00:aa:22:33:44:55' 'after they were printed'
is "$(phone_json 00:11:22:33:44:55 phase)" seen 'and nothing was done'
run loadstep start 0011:2233:4455
is "$code" 0 'one phone needs no question'
is "$(phone_json 00:11:22:33:44:55 phase)" waiting 'it is started'
run loadstep stop 001122334455
is "$code" 0 'stop'
run loadstep --yes start 10.0.0.0/24
is "$code" 0 'a network, with --yes'
is "$(wc -l <<<"$out")" 6 'all three, printed and started'
is "$(phone_json 00:aa:22:33:44:55 phase)" waiting 'are started'
run loadstep start --all --yes
is "$code" 1 'nobody is left to start: exit 1'
run loadstep stop --plan ladder --yes
is "$code" 0 'stop by plan'
run loadstep start --plan none
is "$code" 1 'a plan that there is not: exit 1'
run loadstep start 10.99.0.0/24
is "$code" 1 'a network with no phone: exit 1'
run loadstep start 00:11:22:99:99:99
like "$code:$err$out" '^[01]:.*00:11:22:99:99:99' 'a phone that was never seen: it is said what becomes of it'
run loadstep status
like "$out" 'stopped|seen|waiting' 'and status still answers'
done_testing
