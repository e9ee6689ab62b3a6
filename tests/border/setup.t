#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep setup --print: what it prints is pasted as it stands, the servers are started with it, and then `loadstep check` finds
# no fault. On a host with a Kea of its own, with none, and with a dnsmasq whose script slot is taken. The paths are the
# installed ones, in namespaces where these are the test's.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
own_namespace "$@"
need perl ethtool "$DNSMASQ" "$KEA_DHCP4" install
export TZ=UTC
umask 022

# Users as packages and the printed commands make them.
printf '%s\n' root:x:0:0::/root:/bin/sh _kea:x:901:901::/:/bin/false dnsmasq:x:903:65534::/:/bin/false \
	nobody:x:65534:65534::/:/bin/false >"$T/passwd"
printf '%s\n' root:x:0: _kea:x:901: nogroup:x:65534: >"$T/group"
mount --bind "$T/passwd" /etc/passwd && mount --bind "$T/group" /etc/group ||
	skip_all 'cannot give this namespace its own users'
for dir in /srv /var/lib /var/log /usr/local/lib; do mount -t tmpfs -o mode=0755 none $dir; done
bench_host
ip address del 10.0.0.1/24 dev lo
net_up 10.0.0.1/24
export LOADSTEP_CONFIG=$T/loadstep.conf

# What `make install` would bring, to where it says that it is.
event=$("$LOADSTEP" setup --print dnsmasq | sed -n 's/^dhcp-script=//p')
hooks=$("$LOADSTEP" setup --print kea | sed -n 's|.*"library": "\(.*\)/libdhcp_loadstep.so".*|\1|p')
[ -d "$hooks" ] || skip_all "there is no directory of Kea's hook libraries"
mkdir -p "${event%/*}" "$T/hooks"
cp "$EVENT" "$event"
cp "$hooks"/*.so "$BUILD/libdhcp_loadstep.so" "$T/hooks/"
mount --bind "$T/hooks" "$hooks"

part() { loadstep setup --print "$1"; }
findings()
{
	loadstep check --json | perl -MJSON::PP -0777 -ne '
		print "$_->{severity} $_->{id} $_->{place} $_->{what}\n" for @{decode_json($_)->{findings}}' | grep . ||
		[[ ${PIPESTATUS[*]} =~ ^[01]\ 0 ]] || echo "check gave no answer"
}
server_off() { stop "$dnsmasq"; wait_for '! grep -qi ":0045 " /proc/net/udp' 5; }
# serve: dnsmasq with the lines that were printed, as its unit would start it but for the user's rights; and as if an agent
# followed its log
serve()
{
	echo tftp.log >/var/lib/loadstep/state.db.agent
	touch -d '+1 hour' /var/lib/loadstep/state.db.agent
	start_daemon "$T/dnsmasq.out" env LC_ALL=C "$DNSMASQ" -k -C "$T/dnsmasq.conf" --user=loadstep --pid-file=
	dnsmasq=$!
	wait_for 'grep -qi ":0045 " /proc/net/udp' 5
}

run loadstep setup
is "$code" 2 'without --print: usage'
like "$err" 'changes no file: say --print' 'which says what it does'
run loadstep setup --print colour
is "$code" 2 'an unknown part: usage'
like "$err" 'none of system, loadstep.conf, kea, dnsmasq, apparmor' 'which names them'
run loadstep setup --print --json
is "$code" 2 'no JSON'

# ---- a host with a Kea that serves the phones' network, without loadstep
mkdir -p /srv/tftp/loads
"$MKLOAD" --out /srv/tftp/loads P00305000500 P00303010102 P00308000900 >/dev/null
K=$T/kea.json
KEA_SUBNET=10.0.0.0/24 KEA_POOL=10.0.0.20-10.0.0.99 \
	KEA_HOOKS="{ \"library\": \"$hooks/libdhcp_lease_cmds.so\" }" kea_conf >"$T/kea.before"
{ echo '// ours'; cat "$T/kea.before"; } >"$K"
ok 'Kea runs' kea_start "$K"
like "$(part system)" '^adduser --system --group .* loadstep' 'a host without our user: the command for it'
like "$(part system)" 'adduser _kea loadstep' 'and the group for Kea'
echo loadstep:x:902:902::/:/bin/false >>"$T/passwd"
echo loadstep:x:902:_kea >>"$T/group"
is "$(part system | grep -c adduser)" 0 'where they are: none'
for name in system loadstep.conf kea dnsmasq apparmor; do part $name >"$T/$name.out"; done
loadstep setup --print >"$T/all.out"
is "$(grep -v '^====' "$T/all.out" | grep -c .)" "$(cat "$T"/{system,loadstep.conf,kea,dnsmasq,apparmor}.out | grep -c .)" 'without a part: all of them'
like "$(cat "$T/loadstep.conf.out")" $'\nstages       = P00303010102 P00305000500 P00308000900\n' 'the loads that lie there, in their order'
like "$(cat "$T/loadstep.conf.out")" $'\nnetworks     = 10.0.0.0/24\n' "Kea's subnet"
like "$(cat "$T/loadstep.conf.out")" $'\ntftp-servers = 10.0.0.1\n' 'our address there'
like "$(head -1 "$T/kea.out")" "in place of hooks-libraries at $K:[0-9]+" "where in Kea's file"
is "$(cat "$T/apparmor.out" | grep -v '^#')" "  $T/** r,
  /var/lib/loadstep/ r,
  /var/lib/loadstep/** rwk,
  /srv/tftp/ r,
  /srv/tftp/** rwk," 'AppArmor: configuration, store and tree'

# paste: each where its first line says
sh -e "$T/system.out"
is "$?" 0 'the commands run'
cp "$T/loadstep.conf.out" "$T/loadstep.conf"
cp "$T/dnsmasq.out" "$T/dnsmasq.conf"
perl -0777 -pe 'BEGIN { local @ARGV = shift; $new = <> } s/"hooks-libraries":.*?\],/$new/s' "$T/kea.out" "$K" >"$T/kea.new"
kea_stop
cp "$T/kea.new" "$K"
"$DNSMASQ" --test -C "$T/dnsmasq.conf" >"$T/out" 2>&1
is "$?" 0 'dnsmasq takes its lines'
env KEA_PIDFILE_DIR="$T" KEA_LOCKFILE_DIR="$T" "$KEA_DHCP4" -t "$K" >"$T/out" 2>&1
is "$?" 0 'Kea takes its lines'
run loadstep reload
is "$code" 0 'the configuration is put in force'
ok 'Kea serves with it' kea_start "$K"
wait_for '[ -e /var/lib/loadstep/directory ]' 5
like "$(kea_cmd '{ "command": "loadstep-status" }')" '"result": *0' 'our library runs in it'
serve
chown -R _kea:loadstep /var/lib/loadstep
chmod 660 /var/lib/loadstep/*
is "$(findings)" '' 'and check finds nothing: no error, no warning, no note'
part kea >"$T/again.out"
is "$(sed 1d "$T/again.out")" "$(sed 1d "$T/kea.out")" 'printed again it is the same, our library once'

# ---- a dnsmasq that serves TFTP already, with a script of the site's own
server_off
echo '#!/bin/sh' >/srv/site-script
chmod 755 /srv/site-script
printf '%s\n' port=0 enable-tftp tftp-root=/srv/tftp dhcp-script=/srv/site-script tftp-lowercase >"$T/dnsmasq.conf"
serve
is "$(findings | cut -d' ' -f1,2 | sort | tr '\n' ';')" 'error script-slot;error tftp-lowercase;error tftp-unique-root;' \
	'as it is: what is wrong'
like "$(part loadstep.conf)" $'\nchain-script = /srv/site-script\n' 'its script goes into chain-script'
part dnsmasq >"$T/dnsmasq.out"
like "$(cat "$T/dnsmasq.out")" "into $T/dnsmasq.conf" 'and ours into its file'
like "$(cat "$T/dnsmasq.out")" "in place of dhcp-script=/srv/site-script \($T/dnsmasq.conf:4\)" 'in place of which line'
like "$(cat "$T/dnsmasq.out")" "take out tftp-lowercase \($T/dnsmasq.conf:5\)" 'and without which'
part loadstep.conf >"$T/loadstep.conf.out"
cp "$T/loadstep.conf.out" "$T/loadstep.conf"
sed -n 's/^# \(in place of\|take out\) \([a-z-]*\).*/\2/p' "$T/dnsmasq.out" | while read -r name; do sed -i "/^$name/d" "$T/dnsmasq.conf"; done
sed -i '/^enable-tftp/d' "$T/dnsmasq.conf"
cat "$T/dnsmasq.out" >>"$T/dnsmasq.conf"
server_off
serve
is "$(findings)" '' 'pasted: check finds nothing'

# ---- a host with nothing yet
server_off
kea_stop
rm -rf /srv/tftp /var/lib/loadstep "$T/loadstep.conf"
part system >"$T/system.out"
part loadstep.conf >"$T/loadstep.conf.out"
part kea >"$K"
part dnsmasq >"$T/dnsmasq.conf"
like "$(cat "$T/loadstep.conf.out")" ';\[plan classic\]' 'no load is there: the plan is an example'
sh -e "$T/system.out"
cp "$T/loadstep.conf.out" "$T/loadstep.conf"
sed -i "s|/run/kea/kea4-ctrl-socket|$(kea_dir)/socket|" "$K"
mkdir -p /var/lib/kea
env KEA_PIDFILE_DIR="$T" KEA_LOCKFILE_DIR="$T" "$KEA_DHCP4" -t "$K" >"$T/out" 2>&1
is "$?" 0 'Kea takes a whole configuration'
like "$(cat "$K")" '"pool": "10.0.0.128-10.0.0.254"' 'the half of the network that we are not in'
run loadstep reload
is "$code" 0 'the configuration is put in force'
start_daemon "$T/kea/out" env KEA_PIDFILE_DIR="$T" KEA_LOCKFILE_DIR="$T" "$(confined_copy "$KEA_DHCP4")" -c "$K"
wait_for '[ -e /var/lib/loadstep/directory ]' 5
serve
chown -R _kea:loadstep /var/lib/loadstep
chmod 660 /var/lib/loadstep/*
is "$(findings)" '' 'and check finds nothing'
done_testing
