#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep check of the servers and the host: a real Kea with our library and a real dnsmasq as they must be, and then each
# fault planted, found by id and place and nothing else, and taken away again. AppArmor cannot be enforced and NFS not
# mounted in here: of the one the files that are read are the test's (bind mounts), the other is test_machine's.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
own_namespace "$@"
need perl sqlite3 ethtool setpriv "$DNSMASQ" "$KEA_DHCP4"
export TZ=UTC
umask 022
HOOK=$BUILD/libdhcp_loadstep.so
TOOL=$BUILD/tests/storetool

# Users as a packaged site has them (D§8).
printf '%s\n' root:x:0:0::/root:/bin/sh _kea:x:901:901::/:/bin/false loadstep:x:902:902::/:/bin/false \
	dnsmasq:x:903:65534::/:/bin/false tftp:x:904:904::/:/bin/false nobody:x:65534:65534::/:/bin/false >"$T/passwd"
printf '%s\n' root:x:0: _kea:x:901: loadstep:x:902:_kea nogroup:x:65534: tftp:x:904: >"$T/group"
mount --bind "$T/passwd" /etc/passwd && mount --bind "$T/group" /etc/group ||
	skip_all 'cannot give this namespace its own users'

bench_host
ip address del 10.0.0.1/24 dev lo
net_up 10.0.0.1/24
site
agent_sign
sed -i 's/ P00308000900 P0S3-8-12-00$//' "$T/loadstep.conf"
"$MKLOAD" --out "$T/tftp/loads" P00303010102 P00305000500 >/dev/null
chown _kea:loadstep "$T/store"
chmod 2770 "$T/store"
chown loadstep:loadstep "$T/tftp"
chmod 2775 "$T/tftp"
"$TOOL" put "sqlite:$T/store/state.db" 00:11:22:33:44:55 10.0.0.20 seen '' 0 ''
loadstep reload >"$T/reload.out"
chown loadstep:loadstep "$T/store"/* "$T/tftp/phones"
cp "$T/loadstep.conf" "$T/good.conf"

# As people keep them: comments of all three kinds, an included file, a comma too many.
K=$T/kea.json
cat >"$T/options.json" <<-END
	/* for everybody */
	{ "name": "domain-name-servers", "data": "10.0.0.1" }
END
cat >"$K" <<-END
	// our site
	{ "Dhcp4": {
	  "interfaces-config": { "interfaces": [ "br0" ], "dhcp-socket-type": "raw" }, # phones are there
	  "control-socket": { "socket-type": "unix", "socket-name": "$(kea_dir)/socket" },
	  "lease-database": { "type": "memfile", "lfc-interval": 0, "name": "$(kea_dir)/leases.csv" },
	  "valid-lifetime": 3600,
	  "hooks-libraries": [
	    { "library": "/usr/lib/$(cc -print-multiarch 2>/dev/null || echo none)/kea/hooks/libdhcp_lease_cmds.so" },
	    { "library": "$HOOK",
	      "parameters": { "config-file": "$T/loadstep.conf" } }
	  ],
	  "option-data": [
	    <?include "$T/options.json"?>
	  ],
	  /* one subnet
	     for phones */
	  "subnet4": [
	    { "id": 1, "subnet": "10.0.0.0/24",
	      "pools": [
	        { "pool": "10.0.0.20 - 10.0.0.99" } ],
	      "option-data": [
	        { "name": "routers", "data": "10.0.0.254" } ] }
	  ],
	  "loggers": [ { "name": "kea-dhcp4", "severity": "INFO",
	    "output_options": [ { "output": "$(kea_log)", "flush": true, "maxsize": 0 } ] } ]
	} }
END
[ -e "$(sed -n 's/.*"\(.*libdhcp_lease_cmds.so\)".*/\1/p' "$K")" ] || sed -i '/lease_cmds/d' "$K"
cp "$K" "$T/good.json"
kea_start "$K" || skip_all 'Kea does not start here'
chown -R _kea:loadstep "$T/store"
chmod 2770 "$T/store"
chmod 660 "$T/store"/*
bench_dnsmasq
cp "$T/dnsmasq.conf" "$T/good.dnsmasq"
D=$T/dnsmasq.conf

# findings [ARGUMENT]...: "severity id place" a line
findings()
{
	"$LOADSTEP" --config "$T/loadstep.conf" check --json "$@" | perl -MJSON::PP -0777 -ne '
		print "$_->{severity} $_->{id} $_->{place}\n" for @{decode_json($_)->{findings}}' | grep . ||
		[[ ${PIPESTATUS[*]} =~ ^[01]\ 0 ]] || echo "check gave no answer"
}

# what [ARGUMENT]...: what they say, on one line each
what()
{
	"$LOADSTEP" --config "$T/loadstep.conf" check --json "$@" |
		perl -MJSON::PP -0777 -ne 'print "$_->{what}\n" for @{decode_json($_)->{findings}}'
}

# finds SEVERITY ID PLACE DESCRIPTION [WHAT]: this and nothing else, and it says so
finds()
{
	is "$(findings)" "$1 $2 $3" "$4: $2"
	[ -z "${5:-}" ] || like "$(what)" "$5" '  and says which'
}

# kea_fine SED DESCRIPTION: with that edit nothing is found
kea_fine()
{
	sed -i -e "$1" "$K"
	is "$(findings)" '' "$2"
	cp "$T/good.json" "$K"
}

# clock_sql MS: the store has seen that time
clock_sql() { echo "INSERT OR REPLACE INTO observed_clock (id, last_tick_wall_ms, skew_ms, gap_from_ms, gap_to_ms, gap_skew_ms) VALUES (1, $1, 0, 0, 0, 0)"; }

line() { grep -n -m1 -e "$1" "${2:-$K}" | cut -d: -f1; }

# kea_says SED SEVERITY ID PATTERN DESCRIPTION [WHAT]: with that edit; PATTERN is in the line that is its place
kea_says()
{
	sed -i -e "$1" "$K"
	finds "$2" "$3" "$K:$(line "$4")" "$5" "${6:-}"
	cp "$T/good.json" "$K"
}

# dnsmasq_says LINE SEVERITY ID DESCRIPTION [WHAT]: with that line more, in dnsmasq's file, which it need not have read
dnsmasq_says()
{
	echo "$1" >>"$D"
	finds "$2" "$3" "$D:$(wc -l <"$D")" "$4" "${5:-}"
	cp "$T/good.dnsmasq" "$D"
}

run loadstep check
is "$code:$out:$err" '0:everything is as it must be:' 'real servers as they must be'
rm "$T/store/state.db.agent"
finds warning log-not-followed "the TFTP server's log" 'Kea keeps time, and no agent runs' 'nobody follows it'
agent_sign

# ---- Kea's file
kea_says 's/"valid-lifetime": 3600,/"valid-lifetime": 3600/' error kea-config-fault '"hooks-libraries"' 'a comma is missing'
sed -i 's/"data": "10.0.0.1"/"data": /' "$T/options.json"
finds error kea-config-fault "$T/options.json:2" 'in an included file'
sed -i 's/"data": /"data": "10.0.0.1"/' "$T/options.json"
kea_says 's/options.json"?>/none.json"?>/' error kea-config-fault none.json 'an included file is missing' 'none.json, which is not there'
kea_says 's|^/\* one|&|; s|     for phones \*/||' error kea-config-fault '/. one' 'a comment without an end' 'does not end'
sed -i 's/"Dhcp4"/"Dhcp6"/' "$K"
finds error kea-config-fault "$K" 'the file of another server' 'no object "Dhcp4"'
cp "$T/good.json" "$K"
mv "$K" "$T/away"
finds error kea-config-fault "$K" 'the file of the running Kea is gone'
mv "$T/away" "$K"

# ---- our library in it
sed -i '/libdhcp_loadstep/,/config-file/d; s/libdhcp_lease_cmds.so" },/libdhcp_lease_cmds.so" }/' "$K"
finds error kea-hook-missing "$K:$(line hooks-libraries)" 'our library is not in it'
cp "$T/good.json" "$K"
sed -i '/"parameters": { "config-file"/s/$/,\n{ "library": "libdhcp_flex_option.so" }/' "$K"
finds warning kea-hook-not-last "$K:$(line libdhcp_loadstep)" 'another one behind it'
cp "$T/good.json" "$K"
kea_says "s|$HOOK|$T/none/libdhcp_loadstep.so|" error kea-hook-path libdhcp_loadstep 'its file is missing' 'there is no such file'
if readelf -d "$KEA_DHCP4" 2>/dev/null | grep -q 'libkea-hooks.so.57'; then
	kea_says "s|$HOOK|libdhcp_loadstep.so|" error kea-hook-path libdhcp_loadstep 'a bare name, and Kea 2.2' 'full paths only'
fi
mkdir "$T/old"
perl -0777 -pe 's/(libkea-hooks\.so\.)(\d+)/$1 . ("7" x length $2)/ge' "$HOOK" >"$T/old/libdhcp_loadstep.so"
sed -i "s|$HOOK|$T/old/libdhcp_loadstep.so|" "$K"
finds error kea-hook-other-kea "$T/old/libdhcp_loadstep.so" 'Kea was updated, the library was not' 'needs libkea-hooks.so.7+, and .* is built with libkea-hooks.so'
echo 'no library' >"$T/old/libdhcp_loadstep.so"
finds error kea-hook-path "$T/old/libdhcp_loadstep.so" 'a file that is no library' 'no ELF file'
cp "$T/good.json" "$K"
kea_says 's|"config-file": "[^"]*"|"config-file": "/etc/loadstep/other.conf"|' error kea-hook-config config-file 'the library reads another file'
kea_says '/"parameters"/s/{ "config-file".* }/{ } }/' error kea-hook-config libdhcp_loadstep 'the library is given no file'

# ---- what makes Kea deaf, and what cannot be seen
kea_says 's/"interfaces": \[ "br0" \]/"interfaces": [ ]/' error kea-listens-nowhere interfaces-config 'no interface' 'no interfaces in it'
kea_says 's/"interfaces": \[ "br0" \]/"interfaces": [ "eth7\/10.0.0.1" ]/' error kea-listens-nowhere interfaces-config \
	'an interface that is not here' eth7
sed -i '/control-socket/d' "$K"
finds note kea-no-control-socket "$K" 'no control socket'
cp "$T/good.json" "$K"
kea_says 's|^\( *\){ "library": "[^"]*loadstep.so",|\1{ "library": "/x/libdhcp_ha.so" },\n&|' note kea-ha-partner libdhcp_ha 'high availability'
kea_says 's|"valid-lifetime": 3600,|&\n"config-control": { "config-databases": [ ] },|' note kea-config-backend config-control 'a configuration database'

# ---- option 150 and its like elsewhere
# option SCOPE OPTION...: a sed edit that puts these before that scope's own
option()
{
	local all=$2${3:+, $3}
	case $1 in
	global) echo "s|<?include.*|$all,\n&|" ;;
	subnet) echo "s|^.*{ \"name\": \"routers\"|$all,\n&|" ;;
	esac
}
plan_says() { sed -i "/^tftp-servers/i $1" "$T/loadstep.conf"; loadstep reload >"$T/reload.out"; }
plan_back() { cp "$T/good.conf" "$T/loadstep.conf"; loadstep reload >"$T/reload.out"; }
NAME='{ "name": "tftp-server-name", "data": "10.0.0.5" }'
DEF='"option-def": [ { "name": "tftp", "code": 150, "type": "ipv4-address", "array": true } ],'
hex() { echo "{ \"code\": 150, \"csv-format\": false, \"data\": \"$1\" }"; }
kea_fine "$(option global "$(hex 0A000005)" "$NAME")" 'other phones are sent elsewhere: the site'"'"'s own affair'
kea_says "$(option global "$(hex 0500000A)" "$NAME")" error option-150-reversed 0500000A 'bytes reversed' 'gives 5.0.0.10; 10.0.0.5 would'
kea_says "$(option subnet "$(hex 0A0000)" "$NAME")" error option-150-form 0A0000 'three bytes' 'no list of addresses'
kea_says "$(option subnet '{ "code": 150, "csv-format": true, "data": "10.0.0.5" }' "$NAME")" error option-150-form '"code": 150' \
	'no definition' 'no definition of option 150'
kea_says "s|\"valid-lifetime\": 3600,|&\n${DEF/ipv4-address/string}|; $(option subnet '{ "name": "tftp", "data": "10.0.0.5" }' "$NAME")" \
	error option-150-form '"tftp", "data"' 'defined as text' 'its type is string'
kea_fine "s|\"valid-lifetime\": 3600,|&\n$DEF|; $(option subnet '{ "name": "tftp", "data": "10.0.0.5, 10.0.0.6" }' "$NAME")" 'defined as addresses'
kea_says "$(option global "$(hex 0A000005)")" note option-150-alone 0A000005 'option 150 alone' 'neither option 66'
kea_fine "$(option global "$(hex 0A000005)"); s|\"valid-lifetime\": 3600,|&\n\"next-server\": \"10.0.0.5\",|" 'with next-server'
kea_says "$(option global "$NAME")" note option-150-alone tftp-server-name 'option 66 alone' 'without option 150'
plan_says 'override = if-absent'
for scope in global subnet; do
	kea_says "$(option $scope "$(hex 0A000005)" "$NAME")" warning option-150-wins 0A000005 "if-absent, and a $scope option" "the $scope option 150 is 10.0.0.5"
done
kea_says 's|"pool": "[^"]*" }|"pool": "10.0.0.20 - 10.0.0.99", "option-data": [\n'"$(hex 0A000005)"', '"$NAME"' ] }|' \
	warning option-150-wins 0A000005 'if-absent, and an option of a pool' 'the pool option 150 is'
kea_says 's|"subnet4": \[|"client-classes": [ { "name": "c", "option-data": [\n'"$(hex 0A000005)"', '"$NAME"' ] } ],\n&|' \
	warning option-150-wins 0A000005 'of a class' 'the client class option 150 is'
kea_says 's|"pools": \[|"reservations": [ { "hw-address": "00:11:22:33:44:55", "option-data": [\n'"$(hex 0A000005)"', '"$NAME"' ] } ],\n&|' \
	warning option-150-wins 0A000005 'of a host' 'the host option 150 is'
sed -i -e 's|^  "subnet4": \[|"shared-networks": [ { "name": "n", "option-data": [\n'"$(hex 0A000005)"', '"$NAME"' ], "subnet4": [|' \
	-e 's|^  "loggers"|} ],\n&|; s|^  \],$|  ]|' -e 's|^  \]$|&|' "$K"
perl -0777 -i -pe 's/\]\n\} \],/] } ],/; s/("hooks-libraries".*?\n  \])\n/$1,\n/s; s/(<\?include.*?\n  \])\n/$1,\n/s' "$K"
finds warning option-150-wins "$K:$(line 0A000005)" 'of a shared network' 'the shared network option 150 is'
cp "$T/good.json" "$K"
kea_fine "$(option global "$(hex 0A000001)" "$NAME")" 'if-absent, and the same server'
kea_says 's|"valid-lifetime": 3600,|&\n"next-server": "10.0.0.5",|' warning option-66-stays next-server 'if-absent, and siaddr stays' \
	'the global next-server is 10.0.0.5'
kea_fine 's|"valid-lifetime": 3600,|&\n"next-server": "10.0.0.1",|' 'siaddr that is the same'
plan_back
kea_says 's/"10.0.0.254"/"10.0.1.254"/' warning router-outside-subnet 10.0.1.254 'a router elsewhere' 'router 10.0.1.254 is not in'

# ---- networks, classes, addresses, leases
sed -i 's/^networks = .*/networks = 10.9.0.0\/16/' "$T/loadstep.conf"
loadstep reload >"$T/reload.out"
finds warning kea-network-missing "$K:$(line '"subnet4"')" 'no subnet for the plan'
plan_back
plan_says 'client-class = bench'
finds warning kea-class-missing "$K" "a class that Kea has not"
kea_fine 's|"subnet4": \[|"client-classes": [ { "name": "bench", "test": "member('"'ALL'"')" } ],\n&|' 'a class that it has'
plan_back
for i in 1 2 3 4 5; do echo "00:11:22:33:55:0$i"; done >"$T/bench.macs"
chmod 644 "$T/bench.macs"
plan_says "only-macs = $T/bench.macs"
kea_says 's/10.0.0.20 - 10.0.0.99/10.0.0.20 - 10.0.0.22/' warning pool-small 10.0.0.22 'three addresses for five phones' '5 phones .* 3 addresses: 3 in'
kea_says 's|10.0.0.20 - 10.0.0.99|10.0.0.64/30|' warning pool-small 10.0.0.64 'a pool by its prefix' '5 phones .* 4 addresses'
cat >"$T/leases.csv" <<-END
	address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context
	10.0.0.20,00:aa:00:00:00:01,,3600,$(($(date +%s) + 3600)),1,0,0,,0,
	10.0.0.21,00:11:22:33:55:01,,3600,$(($(date +%s) + 3600)),1,0,0,,0,
	10.0.0.22,00:aa:00:00:00:02,,3600,$(($(date +%s) + 3600)),1,0,0,,0,
	10.0.0.22,00:aa:00:00:00:02,,3600,$(($(date +%s) - 10)),1,0,0,,0,
	10.0.0.23,00:aa:00:00:00:03,,3600,$(($(date +%s) - 3600)),1,0,0,,0,
END
kea_says "s/10.0.0.20 - 10.0.0.99/10.0.0.20 - 10.0.0.24/; s|$(kea_dir)/leases.csv|$T/leases.csv|" warning pool-small 10.0.0.24 \
	'one of five is held by somebody else, one by a phone, two are free again' '4 addresses: 5 in the pools, 1 held by others'
kea_says 's/"type": "memfile"/"type": "mysql"/' note not-looked-at lease-database 'leases that are in a database' 'mysql'
kea_says 's/10.0.0.20 - 10.0.0.99/10.0.0.20 - 10.0.0.26/; s/3600,/604800,/' warning lease-long 604800 'a week, and no room for second addresses'
plan_back
kea_says 's/"valid-lifetime": 3600/"valid-lifetime": 300/' warning lease-short '"valid-lifetime": 300' 'leases of five minutes' 'leases of 300 s'
kea_says 's|"subnet": "10.0.0.0/24",|&\n"valid-lifetime": 60,|' warning lease-short '"valid-lifetime": 60' 'of one subnet'

# ---- no Kea, another Kea, a file by name
kea_stop
is "$(findings)" '' 'no Kea on this host: nothing to say'
is "$(findings --kea "$T/good.json")" '' '--kea: a file that is as it must be'
is "$(findings --kea "$T/none.json")" "error kea-config-fault $T/none.json" '--kea: one that is not there'
if [ -d /etc/kea ]; then
	echo '{ "Dhcp4": { "interfaces-config": { "interfaces": [ ] }, "subnet4": [ { "id": 1, "subnet": "192.0.2.0/24" } ] } }' >/etc/kea/kea-dhcp4.conf
	is "$(findings)" '' "the package's own file, that serves nobody: nothing to say"
	cp "$T/good.json" /etc/kea/kea-dhcp4.conf
	is "$(findings)" 'warning kea-not-running /etc/kea/kea-dhcp4.conf' 'one that does not run: kea-not-running'
	sed -i '/libdhcp_loadstep/,/config-file/d; s/libdhcp_lease_cmds.so" },/libdhcp_lease_cmds.so" }/' /etc/kea/kea-dhcp4.conf
	is "$(findings)" '' 'one that does not run and has no library of ours: no part of this'
	rm /etc/kea/kea-dhcp4.conf
fi
chmod 600 "$T/options.json" "$K"
cp "$LOADSTEP" "$T/loadstep"
like "$(setpriv --reuid 902 --regid 902 --clear-groups "$T/loadstep" check --kea "$K" --json)" 'not-looked-at' 'not as root: not-looked-at'
run loadstep check --kea
is "$code" 2 '--kea wants a file'
run loadstep check x
like "$code:$err" '^2:loadstep: x: it takes no operands.usage: .* check \[--json\] \[--kea FILE\]' 'and nothing else'

# ---- dnsmasq's own opinion
dnsmasq_says 'tftp-rooot=/x' error dnsmasq-config-fault 'a word that dnsmasq does not know' 'bad option'
mkdir "$T/conf.d"
echo "tftp-lowercase" >"$T/conf.d/a.conf"
echo "tftp-secure" >"$T/conf.d/b.conf.bak"
echo "conf-dir=$T/conf.d,.bak" >>"$D"
finds error tftp-lowercase "$T/conf.d/a.conf:1" 'in a file of a conf-dir'
cp "$T/good.dnsmasq" "$D"

# ---- and ours
# without PATTERN ID DESCRIPTION [WHAT]: that line is not there
without()
{
	sed -i "/$1/d" "$D"
	finds error "$2" "$D" "$3" "${4:-}"
	cp "$T/good.dnsmasq" "$D"
}
without '^enable-tftp' tftp-disabled 'TFTP is off'
without '^tftp-root' tftp-root-differs 'no root' 'no tftp-root'
without '^tftp-unique' tftp-unique-root 'no view by address'
without '^dhcp-script' script-slot 'no script'
sed -i "s|^tftp-root=.*|tftp-root=$T|" "$D"
finds error tftp-root-differs "$D:$(line tftp-root= "$D")" 'another root'
cp "$T/good.dnsmasq" "$D"
ln -s tftp "$T/same"
sed -i "s|^tftp-root=.*|tftp-root=$T/same/|" "$D"
is "$(findings)" '' 'the same root by another name'
cp "$T/good.dnsmasq" "$D"
dnsmasq_says "tftp-root=$T/store,br0" error tftp-root-interface "a root of one interface's own" 'store,br0'
sed -i 's/^tftp-unique-root=ip/tftp-unique-root=mac/' "$D"
finds error tftp-unique-root "$D:$(line tftp-unique "$D")" 'a view by MAC'
cp "$T/good.dnsmasq" "$D"
sed -i "s|^dhcp-script=.*|dhcp-script=/usr/local/bin/site-script|" "$D"
finds error script-slot "$D:$(line dhcp-script "$D")" "somebody else's script" 'dhcp-script is /usr/local/bin/site-script'
sed -i "s|^dhcp-script=.*|dhcp-script=$T/none/loadstep-event|" "$D"
finds error script-slot "$D:$(line dhcp-script "$D")" 'ours, that is not there' 'is not there'
cp "$T/good.dnsmasq" "$D"
sed -i "s|^root = .*|&\nchain-script = $T/none/site-script|" "$T/loadstep.conf"
finds warning chain-script "$T/loadstep.conf" "the site's script is gone" 'site-script is not there'
cp "$T/good.conf" "$T/loadstep.conf"
dnsmasq_says 'dhcp-scriptuser=loadstep' warning scriptuser-no-effect 'a user for the script, without DHCP' 'dhcp-scriptuser=loadstep'
dnsmasq_says 'tftp-lowercase' error tftp-lowercase 'names in lower case'
dnsmasq_says 'tftp-secure' error tftp-secure 'only own files'
dnsmasq_says 'tftp-no-fail' note tftp-no-fail 'starts without its root'
dnsmasq_says 'quiet-tftp' warning log-incomplete 'missing files not logged'
printf '%s\n' tftp-single-port bind-interfaces >>"$D"
finds error tftp-single-port "$D:$(line tftp-single "$D")" 'one port, and bound to interfaces'
cp "$T/good.dnsmasq" "$D"
echo tftp-single-port >>"$D"
is "$(findings)" '' 'one port alone is fine'
cp "$T/good.dnsmasq" "$D"
sed -i 's|^log-facility=.*|log-facility=-|' "$D"
finds warning log-incomplete "$D:$(line log-facility "$D")" 'a log that nobody follows'
cp "$T/good.dnsmasq" "$D"
sed -i "s/^tftp-max=.*/tftp-max=9 # few/" "$D"
plan_says "only-macs = $T/bench.macs"
finds warning tftp-max-low "$D:$(line tftp-max "$D")" 'nine places for five phones' '9 transfers at once, and 5 phones'
printf '[rollout]\nmax-at-once = 4\n' >>"$T/loadstep.conf"
loadstep reload >"$T/reload.out"
is "$(findings)" '' 'four at once: enough'
sed -i '/^tftp-max/d' "$D"
is "$(findings)" '' 'the default of fifty'
echo 'tftp-port-range=4000,4003' >>"$D"
finds warning tftp-max-low "$D:$(line tftp-port-range "$D")" 'four ports'
plan_back
cp "$T/good.dnsmasq" "$D"

# ---- what runs: where it listens, limits, language, rights
server_off() { stop "$dnsmasq"; wait_for '! grep -qi ":0045 " /proc/net/udp' 5; }
# running [LINE]... -- [COMMAND]...: dnsmasq anew with these lines, by way of that command
running()
{
	local lines=()
	while [ "$1" != -- ]; do
		lines+=("$1")
		shift
	done
	server_off
	DNSMASQ_BY=("${@:2}")
	bench_dnsmasq "${lines[@]}"
	wait_for '[ "$(cat /proc/$dnsmasq/comm)" = dnsmasq ]' 5
}
PLAN='[plan ladder]'
running except-interface=br0 bind-dynamic --
finds error server-not-listening "$PLAN" 'bound to another interface' '10.0.0.1, which this host has at br0'
running interface=lo --
finds error server-not-listening "$PLAN" 'listens to another interface, at the wildcard address'
running listen-address=127.0.0.1 --
finds error server-not-listening "$PLAN" 'listens at another address'
running 'interface=br*' --
is "$(findings)" '' 'interfaces by a pattern'
running listen-address=10.0.0.1 bind-interfaces --
is "$(findings)" '' 'the very address'
start_daemon "$T/second.out" "$DNSMASQ" -k -C "$D"
second=$!
wait_for '[ "$(grep -ci ":0045 " /proc/net/udp)" = 2 ]' 5
finds error tftp-two-servers 'UDP port 69' 'two at one address' 'two sockets at 10.0.0.1'
stop "$second"
ip address del 10.0.0.1/24 dev br0
finds warning server-elsewhere "$PLAN" "phones are sent to an address that is none of this host's" 'names 10.0.0.1'
ip address add 10.0.0.1/24 dev br0
running -- prlimit --nofile=256:256
finds warning descriptors-low "$D" 'too few files' 'may open 256 files, and 200 transfers'
running -- env LC_ALL=de_DE.UTF-8
finds warning log-translated "$D" 'speaks German' 'runs with LC_ALL=de_DE.UTF-8'
running -- env -u LC_ALL LC_MESSAGES=fr_FR
finds warning log-translated "$D" 'or French' 'runs with LC_MESSAGES=fr_FR'
running -- env LC_ALL=en_GB.UTF-8
is "$(findings)" '' 'English is fine'
running -- unshare -m sh -c 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"' "$T/store"
finds error path-read-only "$T/store" 'a unit that lets it not write the store' "read-only for dnsmasq's script"
running --
is "$(findings)" '' 'all well again'

# ---- AppArmor: what the kernel says and the profiles are of our making
mkdir -p "$T/profiles/local" "$T/securityfs/apparmor"
if [ -d /etc/apparmor.d ] && [ -d /sys/kernel/security ] && mount --bind "$T/profiles" /etc/apparmor.d &&
	mount --bind "$T/securityfs" /sys/kernel/security; then
	at_end umount -l /sys/kernel/security
	P=/etc/apparmor.d/usr.sbin.kea-dhcp4
	cat >"$T/profiles/usr.sbin.kea-dhcp4" <<-END
	profile kea-dhcp4 /usr/sbin/kea-dhcp4 {
	  include <abstractions/base>
	  /etc/kea/** r,
	  owner $T/store/** rwk,
	  owner /var/lib/kea/kea-leases4.csv* rw,
	}
	END
	echo 'kea-dhcp4 (complain)' >"$T/securityfs/apparmor/profiles"
	is "$(findings --kea "$K")" '' 'a profile that only complains'
	printf '%s\n' 'other (enforce)' 'kea-dhcp4 (enforce)' >"$T/securityfs/apparmor/profiles"
	is "$(findings --kea "$K" | uniq -c | tr -s ' ')" " 5 error apparmor-denies $P" "Debian's profile, enforced: apparmor-denies"
	what --kea "$K" | sed 's/.*: //' >"$T/lines"
	is "$(cat "$T/lines")" "$T/** r,
$T/store/ r,
$T/store/** rwk,
$T/tftp/ r,
$T/tftp/** rwk," 'with the lines that it lacks; owner rules do not count'
	sed -i "/abstractions/r $T/lines" "$T/profiles/usr.sbin.kea-dhcp4"
	is "$(findings --kea "$K")" '' 'with those lines'
	echo "deny $T/store/state.db-wal w," >"$T/profiles/local/usr.sbin.kea-dhcp4"
	sed -i 's|^}|  include if exists <local/usr.sbin.kea-dhcp4>\n}|' "$T/profiles/usr.sbin.kea-dhcp4"
	is "$(findings --kea "$K")" "error apparmor-denies $P" 'a deny in the local file'
	mv "$T/profiles/usr.sbin.kea-dhcp4" "$T/away"
	is "$(findings --kea "$K")" "note not-looked-at $P" 'a profile whose file is gone: not-looked-at'
	P=/etc/apparmor.d/usr.sbin.dnsmasq
	printf '%s\n' 'profile dnsmasq /usr/sbin/dnsmasq {' "$D r," '@{TFTP_DIR}/** r,' '/var/log/dnsmasq*.log w,' '}' \
		>"$T/profiles/usr.sbin.dnsmasq"
	echo '/usr/sbin/dnsmasq (enforce)' >"$T/securityfs/apparmor/profiles"
	is "$(what | sed 's/.*: //')" "$EVENT Ux,
$T/tftp.log rw," "dnsmasq's profile lets it run no script of ours and write no log of ours"
	is "$(findings | uniq -c | tr -s ' ')" " 2 error apparmor-denies $P" 'apparmor-denies'
	rm "$T/securityfs/apparmor/profiles"
	is "$(findings)" '' 'no AppArmor in this kernel'
fi

# ---- disks and the clock
mkdir "$T/small"
mount -t tmpfs -o size=8m none "$T/small"
at_end umount -l "$T/small"
cp -a "$T/tftp/." "$T/small/"
chown loadstep:loadstep "$T/small"
chmod 2775 "$T/small"
mount --bind "$T/small" "$T/tftp"
finds warning disk-full "$T/tftp" 'a small disk' '[0-7] MiB and [0-9]+ files are left'
umount "$T/tftp"
DB=$T/store/state.db
sqlite3 "$DB" "$(clock_sql "$(($(date +%s) + 86400))000")"
finds error clock-wrong clock 'the clock went back by a day' 'and the store has seen 20'
sqlite3 "$DB" "$(clock_sql 0)"
cat >"$T/clock.c" <<-'END'
	#define _GNU_SOURCE
	#include <time.h>
	int clock_gettime(clockid_t id, struct timespec *ts) { (void)id; ts->tv_sec = 1500000000; ts->tv_nsec = 0; return 0; }
END
if command -v "${CC:=cc}" >/dev/null && "$CC" -shared -fPIC -o "$T/clock.so" "$T/clock.c" 2>/dev/null &&
	[ -z "${ASAN_OPTIONS:-}" ]; then
	is "$(LD_PRELOAD=$T/clock.so findings)" 'error clock-wrong clock' 'a clock of 2017: clock-wrong'
fi

# ---- a server that another one starts
server_off
cp -L "$(command -v perl)" "$T/inetd"
start_daemon "$T/inetd.out" "$T/inetd" -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(LocalPort => 69, Proto => "udp") or die $!;
	sleep 60'
inetd=$!
wait_for 'grep -qi ":0045 " /proc/net/udp' 5
finds note not-looked-at 'UDP port 69' 'inetd' 'inetd .* starts a TFTP server'
stop "$inetd"

# ---- in.tftpd
if command -v in.tftpd >/dev/null; then
	tftpd() # OPTION...
	{
		[ -z "${tftpd:-}" ] || stop "$tftpd"
		start_daemon "$T/tftpd.out" in.tftpd -L -a 10.0.0.1:69 "$@"
		tftpd=$!
		wait_for 'grep -qi ":0045 " /proc/net/udp' 5
	}
	map='r ^XMLDefault\.cnf\.xml$ \i/XMLDefault.cnf.xml'
	echo "$map" >"$T/map"
	sed "s|^root = .*|&\ndaemon = tftpd-hpa\nmap-file = $T/ours.map|" "$T/loadstep.conf" >"$T/hpa.conf"
	tftpd -u tftp -m "$T/map" -s "$T/tftp"
	at="in.tftpd (process $tftpd)"
	finds warning daemon-differs "$T/loadstep.conf" 'in.tftpd in place of dnsmasq' 'daemon = dnsmasq, and in.tftpd'
	cp "$T/hpa.conf" "$T/loadstep.conf"
	loadstep publish --apply >/dev/null
	is "$(findings)" '' 'in.tftpd as it must be, with a map of the site'"'"'s own'
	tftpd -u tftp -m "$T/ours.map" -s "$T/tftp"
	is "$(findings)" '' 'and with ours'
	echo '# changed' >>"$T/ours.map"
	finds error tftpd-map "$T/ours.map" 'a map that somebody changed' 'whom tftpd-hpa sends to a view'
	loadstep publish --apply >/dev/null
	rm "$T/tftp/10.0.0.77"
	finds warning stage-not-published "$T/tftp/10.0.0.0/24" 'an address without a link' '1 link to the plain root'
	loadstep publish --apply >/dev/null
	tftpd -u tftp -m "$T/map" -s "$T/tftp"
	echo 'r ^/srv/(.*) \1' >"$T/map"
	finds error tftpd-map "$T/map" 'a map that knows no addresses' 'no rule in it'
	rm "$T/map"
	finds error tftpd-map "$T/map" 'no map' 'no such file'
	echo "$map" >"$T/map"
	tftpd --user tftp --secure "$T/tftp"
	finds error tftpd-map "in.tftpd (process $tftpd)" 'no map is named' 'no --map-file'
	tftpd --user tftp --map-file "$T/map" "$T/tftp"
	finds error tftpd-no-secure "in.tftpd (process $tftpd)" 'not --secure'
	tftpd -u tftp -m "$T/map" -s "$T/store"
	finds error tftp-root-differs "in.tftpd (process $tftpd)" 'another directory' "its directory is $T/store"
	stop "$tftpd"
	mkdir "$T/default"
	if mount --bind "$T/default" /etc/default; then
		cat >"$T/default/tftpd-hpa" <<-END
		# /etc/default/tftpd-hpa
		TFTP_USERNAME="nobody-here"
		TFTP_DIRECTORY="$T/tftp"
		TFTP_ADDRESS=":69"
		TFTP_OPTIONS="--secure --map-file $T/map"
		END
		is "$(findings)" "warning port-69-unserved UDP port 69
error tftpd-user /etc/default/tftpd-hpa" "Debian's defaults, for a server that does not run: tftpd-user"
	fi
	cp "$T/good.conf" "$T/loadstep.conf"
	loadstep publish --apply >/dev/null
fi
is "$(findings | grep -v port-69-unserved)" '' 'and that was all'
is "$(loadstep check | awk 'length > 80 && $1 !~ /:$/')" '' 'the texts stay within 80 columns'
done_testing
