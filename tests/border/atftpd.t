#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The real atftpd in dnsmasq's place: what it says of each transfer, in a file of its own and through syslog, becomes one
# event; and what check has to say of it.
. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
. "$(dirname "$0")/operator.sh"
need "$ATFTPD" tftp perl
dev_log || skip_all 'no private /dev/log'
"$ATFTPD" --version >/dev/null 2>&1 || skip_all 'atftpd does not run here'
bench_host
MAC=00:11:22:33:44:55

site
sed -i "s|^root = .*|&\\ndaemon = atftpd|" "$T/loadstep.conf"
run loadstep reload
is "$code" 3 'a view for each phone is nothing that atftpd can show'
like "$err" 'loadstep.conf:3: \[tftp\] daemon: atftpd shows all clients the same files; expected with it is layout = shared' \
	'with file, line and what is expected'
sed -i "s|^daemon = .*|&\\nlayout = shared|" "$T/loadstep.conf"
run loadstep --yes reload
is "$code" 0 'layout = shared'

# ---- the server
atftpd() # OPTION...
{
	[ -z "${server:-}" ] || stop "$server"
	start_daemon "$T/atftpd.out" "$ATFTPD" --daemon --no-fork --user root.root --bind-address 10.0.0.1 "$@" "$T/tftp"
	server=$!
	wait_for 'grep -qi ":0045 " /proc/net/udp' 5
}
# get FILE: as the phone
get() { timeout 5 tftp -m octet 10.0.0.1 -c get "$1" "$T/got" >/dev/null 2>&1; }
# break_off FILE: after the first block
break_off()
{
	perl -MIO::Socket::INET -MSocket -e '
		my $s = IO::Socket::INET->new(Proto => "udp", LocalAddr => "10.0.0.1") or die $!;
		$s->send("\0\1$ARGV[0]\0octet\0", 0, scalar sockaddr_in(69, inet_aton("10.0.0.1")));
		my $from = $s->recv(my $b, 600);
		$s->send("\0\5\0\3disk full\0", 0, $from);' "$1"
}
agent_up() # LOG
{
	start_daemon "$T/agent.err" "$LOADSTEP" --config "$T/loadstep.conf" agent --log "$1"
	agent=$!
}
times() { history | grep -c "^$1 $2 "; }
happens() { wait_for "[ \"\$(times $1 $2)\" = ${3:-1} ]" 10 || { diag "$(history)" "$(cat "$T/agent.err")"; return 1; }; }

head -c 90000 /dev/zero >"$T/tftp/big.bin"
echo x >"$T/tftp/f1"
echo x >"$T/tftp/f2"
: >"$T/atftpd.log"
atftpd --verbose=7 --logfile "$T/atftpd.log"
agent_up "$T/atftpd.log"

# ---- all that happens comes from the address of this host
get SEP001122334455.cnf.xml
ok 'what is not there is missing' happens missing SEP001122334455.cnf.xml
is "$(times asked SEP001122334455.cnf.xml)" 0 'and not asked for'
like "$(loadstep status)" "$MAC" 'its phone is known'
get f1
ok 'what went out is sent' happens sent f1
break_off big.bin
ok 'what broke off has failed' happens failed big.bin
get /f2
ok 'a name with a slash in front' happens sent f2
stop "$agent"
get big.bin
agent_up "$T/atftpd.log"
ok 'while the agent was away' happens sent big.bin
is "$(times sent f1) $(times failed big.bin) $(times missing SEP001122334455.cnf.xml)" '1 1 1' 'and what came before counts once'
stop "$agent"

# ---- check
sign() { touch -d '+1 hour' "$T/store/state.db.agent"; }
ids() { loadstep check --json | perl -MJSON::PP -0777 -ne 'print "$_->{id} $_->{place}\n" for @{decode_json($_)->{findings}}' | grep "^$1"; }
sign
is "$(ids 'atftpd\|daemon\|port\|tftp-root-d')" '' 'check has nothing against it'
atftpd --verbose=5
is "$(ids atftpd)" "atftpd-quiet atftpd (process $server)" 'but when it says too little'
sed -i 's|^daemon = .*|daemon = dnsmasq|' "$T/loadstep.conf"
is "$(ids daemon)" "daemon-differs $T/loadstep.conf" 'and when another one is expected'
sed -i 's|^daemon = .*|daemon = atftpd|' "$T/loadstep.conf"

# ---- through syslog, where no line names its thread
atftpd --verbose=7
agent_up "$T/syslog"
for i in 3 4 5; do
	echo x >"$T/tftp/f$i"
	get "f$i" &
	get "none$i" &
	wait $!
done
wait_for "[ \"\$(grep -c 'Server thread exiting' '$T/syslog')\" -ge 6 ]" 5
get f1
for i in 3 4 5; do
	ok "sent f$i" happens sent "f$i"
	ok "missing none$i" happens missing "none$i"
done
stop "$agent"
not_ok 'no sanitizer or library had anything to say' grep -qi 'runtime error\|malloc\|assert' "$T/agent.err"
done_testing
