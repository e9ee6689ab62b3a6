#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep-event under a real dnsmasq, with examples/dnsmasq.conf: a fetch, a name no one should use, what
# dnsmasq calls "sent" and was not (D§2), a burst; and the agent on the log of all that.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
own_namespace "$@"
need perl setpriv tftp "$DNSMASQ"
site
example=$LS_HERE/../examples/dnsmasq.conf
is "$("$DNSMASQ" --test -C "$example" 2>&1)" 'dnsmasq: syntax check OK.' 'examples/dnsmasq.conf is understood'

net_up 10.0.0.1/24
client_ns lobby 00:11:22:33:44:55
in_ns lobby ip address add 10.0.0.20/24 dev eth0
echo '<Default/>' >"$T/tftp/XMLDefault.cnf.xml"
echo '<device/>' >"$T/tftp/SEP001122334455.cnf.xml"
head -c 1024 /dev/zero >"$T/tftp/two-blocks.bin"
echo x >"$T/tftp/we"$'\n'"ird é.bin"
chmod -R a+rX "$T/tftp"
# The same file, with this site's interface and places.
sed -e "s|^interface=.*|interface=br0|; s|^tftp-root=.*|tftp-root=$T/tftp|" \
	-e "s|^dhcp-script=.*|dhcp-script=$EVENT|" -e "s|^log-facility=.*|log-facility=$T/tftp.log|" \
	"$example" >"$T/dnsmasq.conf"
start_daemon "$T/dnsmasq.out" env LC_ALL=C "$(confined_copy "$DNSMASQ")" -k -C "$T/dnsmasq.conf" \
	--user=root --pid-file=
wait_for 'in_server_udp 69' 10

fetch() { in_ns lobby timeout 10 tftp -m binary 10.0.0.1 -c get "$1" "$T/fetched"; }
in_history() { wait_for "history | grep -qxF -- '$1'" 10; }

fetch SEP001122334455.cnf.xml
ok 'a phone fetches its file' cmp "$T/fetched" "$T/tftp/SEP001122334455.cnf.xml"
ok 'and it is in the history' in_history 'sent SEP001122334455.cnf.xml 10'
fetch two-blocks.bin
ok 'a file of whole blocks' in_history 'sent two-blocks.bin 1024'
fetch "we"$'\n'"ird é.bin"
ok 'a name with a newline and UTF-8, as dnsmasq hands it on' in_history 'sent we\nird \xc3\xa9.bin 2'
fetch missing.bin
is "$(phone_json 00:11:22:33:44:55 address)" 10.0.0.20 'the phone is known'
not_ok 'what is missing is no event of the script' grep -q missing <(history)

# D§2: a client that answers the OACK with an error has nothing, and dnsmasq reports the file as sent.
in_ns lobby perl -MSocket -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(Proto => "udp", LocalAddr => "10.0.0.20") or die $!;
	my $to = pack_sockaddr_in(69, inet_aton("10.0.0.1"));
	$s->send(pack("n", 1) . "XMLDefault.cnf.xml\0octet\0tsize\0" . "0\0", 0, $to);
	my $from = $s->recv(my $oack, 1024) or die $!;
	$s->send(pack("nn", 5, 8) . "no options\0", 0, $from)'
ok 'a client that refuses the options: the script reports a file that was not sent' \
	in_history 'sent XMLDefault.cnf.xml 11'
ok 'dnsmasq logs the error' wait_for "grep -q 'error 8 .*received from 10.0.0.20' '$T/tftp.log'" 5
ok 'and "sent"' wait_for "grep -q 'sent .*XMLDefault' '$T/tftp.log'" 5

count=$(history | wc -l)
run loadstep agent --once --log "$T/tftp.log"
is "$code" 0 'the agent reads the log'
ok 'it unmasks the false one' in_history 'failed XMLDefault.cnf.xml -'
ok 'it adds what was asked for and is not there' in_history 'missing missing.bin -'
# dnsmasq deletes what is not printable from the names it logs (D§2), so that one is not known again.
is "$(history | tail -n +$((count + 1)) | sort | tr '\n' ';')" \
	'failed XMLDefault.cnf.xml -;missing missing.bin -;sent weird .bin -;' \
	'and what the script reported counts once'
run loadstep agent --once --log "$T/tftp.log"
is "$(history | wc -l)" "$((count + 3))" 'a second run repeats nothing'

# A burst: every transfer is in the history once. dnsmasq runs one script at a time and queues the others.
for i in $(seq 40); do echo "$i" >"$T/tftp/burst$i"; done
for i in $(seq 40); do echo "get burst$i /dev/null"; done |
	in_ns lobby timeout 20 tftp -m binary 10.0.0.1 >/dev/null
ok 'forty files at once' wait_for '[ "$(history | grep -c "^sent burst")" = 40 ]' 15
is "$(history | grep '^sent burst' | sort -u | wc -l)" 40 'each once'
not_ok 'and dnsmasq heard no complaint' grep -q 'dnsmasq-script\|exited with status\|killed by' "$T/tftp.log"
done_testing
