# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash
#
# lib.sh: the verbs of the end-to-end tests and the demo. Source it from a bash script; a test then reads as a
# story:
#
#	. tests/lib.sh
#	own_namespace "$@"                  # a network of its own; vanishes with the script
#	net_up; kea_conf >"$T/kea.json"; kea_start "$T/kea.json"; dnsmasq_start
#	phone lobby --init-load P00303010102 --scale 20
#	ok 'the phone climbs' phone_wait lobby 'settled: sip' 30
#	done_testing
#
# The script itself is the server's side: it runs in network, mount and process namespaces of its own, where
# the bridge, Kea and dnsmasq live; each phone or client gets a network namespace and a cable to that bridge.
# /run/netns is private too, so names never clash and nothing stays behind, whatever ends the script.
# Processes are ended by their pid only.
#
# Everything a daemon writes is below $T. $T goes at the end; LS_KEEP=1 keeps it.

LS_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=${BUILD:-$LS_HERE/../build}
VPHONE=${VPHONE:-$BUILD/tests/vphone}
MKLOAD=${MKLOAD:-$BUILD/tests/mkload}
KEA_DHCP4=${KEA_DHCP4:-/usr/sbin/kea-dhcp4}
DNSMASQ=${DNSMASQ:-/usr/sbin/dnsmasq}
TFTPD=${TFTPD:-/usr/sbin/in.tftpd}
ATFTPD=${ATFTPD:-/var/cache/loadstep-tests/atftpd/usr/sbin/atftpd} # tests/deps.sh: beside in.tftpd it cannot be installed
export LC_ALL=C
T='' TFTP_ROOT='' # never from outside: the one is removed at the end, the other written to

# -------------------------------------------------------------------------------------------------------- TAP

LS_TESTS=0 LS_FAILED=0 LS_PLAN=

# plan N
plan() { LS_PLAN=$1; echo "1..$1"; }

# diag TEXT...: for whoever reads a failure
diag() { printf '%s\n' "$*" | sed 's/^/# /' >&2; }

# pass DESCRIPTION, fail DESCRIPTION
pass() { echo "ok $((++LS_TESTS)) - $1"; }
fail() { echo "not ok $((++LS_TESTS)) - $1"; LS_FAILED=$((LS_FAILED + 1)); return 1; }

# ok DESCRIPTION COMMAND...: the command succeeds
ok()
{
	local description=$1
	shift
	if "$@"; then pass "$description"; else fail "$description"; fi
}

# not_ok DESCRIPTION COMMAND...: the command fails
not_ok()
{
	local description=$1
	shift
	if "$@"; then fail "$description"; else pass "$description"; fi
}

# is GOT WANTED DESCRIPTION
is()
{
	[ "$1" = "$2" ] && { pass "$3"; return; }
	fail "$3"
	diag "got:    $1"
	diag "wanted: $2"
	return 1
}

# like TEXT REGEX DESCRIPTION
like()
{
	[[ $1 =~ $2 ]] && { pass "$3"; return; }
	fail "$3"
	diag "got:    $1"
	diag "wanted: something like $2"
	return 1
}

# skip_all REASON: before any test
skip_all() { echo "1..0 # SKIP $*"; exit 0; }

# done_testing: the closing line, and the script's exit code
done_testing()
{
	[ -n "$LS_PLAN" ] || echo "1..$LS_TESTS"
	[ "$LS_FAILED" = 0 ] || diag "$LS_FAILED of $LS_TESTS failed"
	[ "$LS_FAILED" = 0 ]
	exit
}

# ----------------------------------------------------------------------------------------- the script's world

LS_PIDS=() LS_CLEANUPS=()

# at_end COMMAND...: runs when the script ends, however it ends; the last one registered comes first
at_end() { LS_CLEANUPS=("$(printf '%q ' "$@")" "${LS_CLEANUPS[@]}"); }

# is_our_child PID: still running, and started by this script
is_our_child() { [ "$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)" = "$$" ]; }

# is_running PID: ours, and no zombie
is_running() { is_our_child "$1" && ! grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null; }

# stop PID...: TERM to all, KILL after three seconds; only what this script started
stop()
{
	local pid until=$((SECONDS + 3))
	for pid; do is_our_child "$pid" && kill "$pid" 2>/dev/null; done
	for pid; do
		while is_running "$pid" && [ $SECONDS -lt $until ]; do sleep 0.02; done
		is_our_child "$pid" && kill -9 "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	return 0
}

ls_end()
{
	local code=$? command
	trap - EXIT
	for command in "${LS_CLEANUPS[@]}"; do eval "$command"; done
	stop "${LS_PIDS[@]}"
	if [ -n "${LS_KEEP:-}" ]; then diag "kept: $T"; else rm -rf "$T"; fi
	exit "$code"
}

# workdir: makes $T; own_namespace does it for you
workdir()
{
	[ -n "$T" ] && return
	T=$(mktemp -d "${TMPDIR:-/tmp}/loadstep-test.XXXXXX") || exit 1
	chmod 755 "$T"
	trap ls_end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# With a process namespace the kernel ends whatever the script started, even if the script is killed.
LS_UNSHARE=(unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private)

# own_namespace "$@": starts this script anew in namespaces of its own; comes first; may skip
own_namespace()
{
	if [ -z "${LS_INSIDE:-}" ]; then
		[ "$(id -u)" = 0 ] || skip_all "network namespaces need root"
		"${LS_UNSHARE[@]}" true 2>/dev/null || skip_all "new namespaces are not permitted here"
		LS_INSIDE=1 exec "${LS_UNSHARE[@]}" bash "$0" "$@"
	fi
	unset LS_INSIDE
	mkdir -p /run/netns
	mount -t tmpfs -o mode=0755 none /run/netns || skip_all "cannot mount in a private namespace"
	ip link set lo up
	workdir
}

# need PROGRAM...: skips the whole test where one is missing
need()
{
	local program
	for program; do
		command -v "$program" >/dev/null || skip_all "$program is not here"
	done
}

# start_daemon LOG COMMAND...: in the background until the script ends; pid in $!
start_daemon()
{
	local log=$1
	shift
	"$@" >>"$log" 2>&1 &
	LS_PIDS+=($!)
}

# wait_for 'COMMAND' SECONDS [PAUSE]: until it succeeds; a look every PAUSE seconds (0.05)
wait_for()
{
	local until=$((${EPOCHREALTIME/./} + ${2:-10} * 1000000))
	until eval "$1" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt $until ] || return 1
		sleep "${3:-0.05}"
	done
}

# confined_copy PROGRAM: the path of a copy in $T, which no AppArmor profile knows
confined_copy()
{
	local copy
	copy=$T/bin/$(basename "$1")
	mkdir -p "$T/bin"
	[ -x "$copy" ] || cp "$1" "$copy"
	echo "$copy"
}

# ---------------------------------------------------------------------------------------------------- network

# net_up [ADDRESS/LENGTH]...: the bridge br0, with the servers' addresses (10.77.0.1/24)
net_up()
{
	local address
	# A bridge without an address of its own takes its ports' lowest one, so each new phone might change
	# it, and those that knew the old one would not reach us for half a minute.
	ip link add br0 address 02:00:0a:4d:00:01 type bridge stp_state 0 forward_delay 0
	echo 1 >/proc/sys/net/ipv6/conf/br0/disable_ipv6 2>/dev/null
	for address in "${@:-10.77.0.1/24}"; do ip address add "$address" dev br0; done
	ethtool -K br0 tx off >/dev/null 2>&1
	# And one without a port has no carrier, so that Kea would not listen: a cable that leads nowhere.
	ip link add port0 type veth peer name port0-end
	ip link set port0-end up
	ip link set port0 master br0 up
	ip link set br0 up
	wait_for 'ip link show br0 | grep -q LOWER_UP' 5
}

# client_ns NAME [MAC]: a namespace with eth0 on the bridge; NAME up to 13 characters
client_ns()
{
	local name=$1 cable=c-$1
	[ -e "/run/netns/$name" ] && return
	ip netns add "$name" || return
	ip link add "$cable" type veth peer name eth0 netns "$name" || return
	[ -z "${2:-}" ] || in_ns "$name" ip link set eth0 address "$2"
	# Checksums left to a network card that is not there would reach raw sockets unfinished.
	ethtool -K "$cable" tx off >/dev/null 2>&1
	in_ns "$name" ethtool -K eth0 tx off >/dev/null 2>&1
	in_ns "$name" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' 2>/dev/null
	echo 1 >"/proc/sys/net/ipv6/conf/$cable/disable_ipv6" 2>/dev/null
	in_ns "$name" ip link set lo up
	in_ns "$name" ip link set eth0 up
	ip link set "$cable" master br0 up
}

# in_ns NAME COMMAND...: as that client
in_ns()
{
	local name=$1
	shift
	nsenter --net="/run/netns/$name" -- "$@"
}

# -------------------------------------------------------------------------------------------------------- Kea

# kea_conf: prints a configuration. Variables: KEA_SUBNET KEA_POOL KEA_LEASE (seconds) KEA_IFACE,
# KEA_OPTION150 (the site's own option 150, as Kea writes addresses), and pieces of JSON: KEA_HOOKS (elements
# of hooks-libraries), KEA_OPTIONS (elements of option-data), KEA_SUBNET_EXTRA and KEA_GLOBAL (members, each
# with its comma behind).
kea_conf()
{
	local options=${KEA_OPTIONS:-} def=
	if [ -n "${KEA_OPTION150:-}" ]; then
		def='"option-def": [ { "name": "tftp-servers", "code": 150,
		                     "type": "ipv4-address", "array": true } ],'
		options+="${options:+, }{ \"name\": \"tftp-servers\", \"data\": \"$KEA_OPTION150\" }"
	fi
	cat <<-END
	{ "Dhcp4": {
	  "interfaces-config": { "interfaces": [ "${KEA_IFACE:-br0}" ], "dhcp-socket-type": "raw" },
	  "control-socket": { "socket-type": "unix", "socket-name": "$(kea_dir)/socket" },
	  "lease-database": { "type": "memfile", "persist": true, "lfc-interval": 0,
	                      "name": "$(kea_dir)/leases.csv" },
	  "valid-lifetime": ${KEA_LEASE:-3600},
	  ${KEA_GLOBAL:-}
	  "hooks-libraries": [ ${KEA_HOOKS:-} ],
	  $def
	  "option-data": [ $options ],
	  "subnet4": [ { "id": 1, "interface": "${KEA_IFACE:-br0}", ${KEA_SUBNET_EXTRA:-}
	                 "subnet": "${KEA_SUBNET:-10.77.0.0/24}",
	                 "pools": [ { "pool": "${KEA_POOL:-10.77.0.20-10.77.0.99}" } ] } ],
	  "loggers": [ { "name": "kea-dhcp4", "severity": "${KEA_SEVERITY:-INFO}", "debuglevel": 40,
	                 "output_options": [ { "output": "$(kea_log)", "flush": true, "maxsize": 0 } ] } ]
	} }
	END
}

# Several servers: KEA_NAME=second kea_start CONF, and so with each verb; each has a directory of its own
kea_dir() { mkdir -p "$T/${KEA_NAME:-kea}"; echo "$T/${KEA_NAME:-kea}"; }
kea_log() { echo "$(kea_dir)/kea.log"; }
kea_pid() { cat "$(kea_dir)/started" 2>/dev/null; }

# kea_start CONF: 0 when it serves; otherwise its log goes to stderr
kea_start()
{
	local dir program
	dir=$(kea_dir)
	program=$(confined_copy "$KEA_DHCP4")
	rm -f "$dir/socket" "$dir/socket.lock"
	: >"$(kea_log)"
	start_daemon "$dir/out" env KEA_PIDFILE_DIR="$dir" KEA_LOCKFILE_DIR="$dir" KEA_DHCP_DATA_DIR="$dir" \
		"$program" -c "$1"
	echo $! >"$dir/started"
	wait_for "grep -q DHCP4_STARTED '$dir/kea.log' || ! is_running $(kea_pid)" 15
	grep -q DHCP4_STARTED "$dir/kea.log" && ! grep -q DHCPSRV_NO_SOCKETS_OPEN "$dir/kea.log" && return
	diag "kea-dhcp4 did not start:" "$(tail -n 20 "$dir/out" "$dir/kea.log")"
	return 1
}

# kea_stop
kea_stop() { stop "$(kea_pid)"; }

# kea_cmd JSON: sends it to the control socket and prints the answer
kea_cmd()
{
	perl -MIO::Socket::UNIX -e '
		alarm 10;
		my $s = IO::Socket::UNIX->new($ARGV[0]) or die "$ARGV[0]: $!\n";
		$s->print($ARGV[1]);
		$s->flush;
		local $/;
		print <$s>, "\n";' "$(kea_dir)/socket" "$1"
}

# kea_reload: reads its configuration file again
kea_reload() { kea_cmd '{ "command": "config-reload" }' | grep -Eq '"result": *0'; }

# ---------------------------------------------------------------------------------------------------- dnsmasq

# dnsmasq_conf: prints a TFTP-only configuration. Variables: TFTP_ROOT ($T/tftp), DNSMASQ_SCRIPT (dhcp-script),
# DNSMASQ_TFTP_MAX (200)
dnsmasq_conf()
{
	cat <<-END
	port=0
	interface=br0
	except-interface=lo
	bind-dynamic
	enable-tftp
	tftp-root=$TFTP_ROOT
	tftp-unique-root=ip
	tftp-max=${DNSMASQ_TFTP_MAX:-200}
	user=root
	pid-file=$T/dnsmasq/pid
	log-facility=$T/dnsmasq/log
	${DNSMASQ_SCRIPT:+dhcp-script=$DNSMASQ_SCRIPT}
	END
}

# dnsmasq_start [LINE]...: with further configuration lines; its log is $T/dnsmasq/log, in English
dnsmasq_start()
{
	local program
	[ -n "$TFTP_ROOT" ] || TFTP_ROOT=$T/tftp
	mkdir -p "$TFTP_ROOT" "$T/dnsmasq"
	{ dnsmasq_conf; printf '%s\n' "$@"; } >"$T/dnsmasq/conf"
	: >>"$T/dnsmasq/log"
	program=$(confined_copy "$DNSMASQ")
	start_daemon "$T/dnsmasq/out" env LC_ALL=C "$program" -k -C "$T/dnsmasq/conf"
	DNSMASQ_PID=$!
	wait_for "in_server_udp 69 || ! is_running $DNSMASQ_PID" 10
	is_running "$DNSMASQ_PID" && return
	diag "dnsmasq did not start:" "$(cat "$T/dnsmasq/out" "$T/dnsmasq/log")"
	return 1
}

# dnsmasq_stop
dnsmasq_stop() { stop "$DNSMASQ_PID"; }

# -------------------------------------------------------------------------------------------------- tftpd-hpa

# dev_log [rsyslog]: /dev/log is ours, what is sent there becomes lines of $T/syslog: as it came, or as rsyslog writes it,
# with host and a stamp that has a fraction. In a private mount namespace only.
dev_log()
{
	mkdir "$T/dev"
	mount -t tmpfs -o mode=0755 none "$T/dev" || return
	mknod -m 666 "$T/dev/null" c 1 3
	mknod -m 666 "$T/dev/zero" c 1 5
	mknod -m 666 "$T/dev/urandom" c 1 9
	ln -s /proc/self/fd "$T/dev/fd"
	mount --bind "$T/dev" /dev || return
	at_end umount -l /dev "$T/dev"
	: >"$T/syslog"
	start_daemon "$T/syslog.err" perl -MIO::Socket::UNIX -MSocket -MTime::HiRes=time -MPOSIX=strftime -e '
		my ($to, $as) = @ARGV;
		my $s = IO::Socket::UNIX->new(Local => "/dev/log", Type => SOCK_DGRAM) or die $!;
		chmod 0666, "/dev/log";
		open my $out, ">>", $to or die $!;
		$out->autoflush(1);
		while (defined $s->recv(my $line, 8192)) {
			if ($as eq "rsyslog") {
				my $now = time;
				$line =~ s/^<\d+>\w+ [ \d]\d [\d:]+ //;
				chomp $line;
				printf $out "%s.%06d+00:00 bench ", strftime("%Y-%m-%dT%H:%M:%S", gmtime $now), ($now - int $now) * 1e6;
			}
			print $out "$line\n";
		}' "$T/syslog" "${1:-}"
	wait_for '[ -S /dev/log ]' 5
}

# tftpd_start OPTION...: in.tftpd for $TFTP_ROOT on every address, which logs where dev_log says; pid in $TFTPD_PID
tftpd_start()
{
	[ -n "$TFTP_ROOT" ] || TFTP_ROOT=$T/tftp
	mkdir -p "$TFTP_ROOT"
	start_daemon "$T/tftpd.out" "$TFTPD" --foreground --ipv4 --address :69 --user nobody --secure "$@" "$TFTP_ROOT"
	TFTPD_PID=$!
	wait_for "in_server_udp 69 || ! is_running $TFTPD_PID" 10
	is_running "$TFTPD_PID" && return
	diag "in.tftpd did not start:" "$(cat "$T/tftpd.out")" "$(tail -n 3 "$T/syslog")"
	return 1
}

# tftpd_stop
tftpd_stop() { stop "$TFTPD_PID"; }

# in_server_udp PORT: somebody listens there
in_server_udp() { grep -qi ": [0-9A-F]*:$(printf %04X "$1") " /proc/net/udp; }

# ----------------------------------------------------------------------------------------------------- phones

declare -A PHONE_PID PHONE_MAC PHONE_MARK PHONE_ARGS
LS_PHONES=0

# phone NAME OPTION...: plugs the phone in and switches it on (vphone --help tells the options). Without --mac
# it gets the next one of 00:11:22:33:44:NN. Started again under its name it is the same phone: its flash,
# MAC, port and log.
phone()
{
	local name=$1 log
	shift
	mkdir -p "$T/phones"
	log=$(phone_log "$name")
	[ -z "${PHONE_PID[$name]:-}" ] || phone_power_cut "$name"
	[ -n "${PHONE_MAC[$name]:-}" ] || printf -v "PHONE_MAC[$name]" '00:11:22:33:44:%02x' $((++LS_PHONES))
	PHONE_MAC[$name]=$(ls_phone_mac "${PHONE_MAC[$name]}" "$@")
	PHONE_ARGS[$name]=${*@Q}
	client_ns "$name" || return
	: >>"$log"
	phone_mark "$name"
	start_daemon "$log" nsenter --net="/run/netns/$name" -- \
		"$VPHONE" --mac "${PHONE_MAC[$name]}" --iface eth0 --flash "$T/phones/$name.flash" "$@"
	PHONE_PID[$name]=$!
}

# The MAC among a phone's options, else the first argument.
ls_phone_mac()
{
	local mac=$1 before='' argument
	shift
	for argument; do
		[ "$before" = --mac ] && mac=$argument
		before=$argument
	done
	echo "$mac"
}

# phone_again NAME [OPTION]...: power is back: the same phone, its options as before and these
phone_again()
{
	local name=$1
	shift
	eval "phone $name ${PHONE_ARGS[$name]} ${*@Q}"
}

phone_log() { echo "$T/phones/$1.log"; }
phone_mac() { echo "${PHONE_MAC[$1]}"; }

# phone_address NAME: the one it got last
phone_address() { sed -n 's/^[0-9.]* dhcp: ack \([0-9.]*\) .*/\1/p' "$(phone_log "$1")" | tail -n 1; }

# phone_running NAME
phone_running() { is_running "${PHONE_PID[$1]:-none}"; }

# phone_mark NAME: what the phone said so far is not looked at any more
phone_mark() { PHONE_MARK[$1]=$(stat -c %s "$(phone_log "$1")"); }

# phone_said NAME REGEX: in its lines since the mark, which switching on sets too
phone_said() { tail -c +$((PHONE_MARK[$1] + 1)) "$(phone_log "$1")" | grep -Eq -- "$2"; }

# phone_wait NAME REGEX SECONDS: until it says so; 1 when time is up, or the phone off, without that
phone_wait()
{
	wait_for "phone_said ${1@Q} ${2@Q} || ! phone_running ${1@Q}" "${3:-10}"
	phone_said "$1" "$2" && return
	diag "phone $1 did not say: $2; its last lines:" "$(tail -n 8 "$(phone_log "$1")")"
	return 1
}

# phone_power_cut NAME: the plug is pulled; the flash is as it is at this moment
phone_power_cut() { stop "${PHONE_PID[$1]}"; }

# phone_power_cycle NAME: off and on at once
phone_power_cycle() { phone_running "$1" && kill -USR1 "${PHONE_PID[$1]}"; }

# phone_ended NAME SECONDS: waits for its end and returns its exit code (20: cut by --fault; 124: still on)
phone_ended()
{
	wait_for "! phone_running ${1@Q}" "${2:-10}" || return 124
	wait "${PHONE_PID[$1]}"
}

# phone_flash NAME KEY: a line of its flash: image, loader, application, application-state…; java: load, load-state,
# jar, cvm…
phone_flash() { sed -n "s/^$2 //p" "$T/phones/$1.flash"; }

# fresh_tftp_root LOAD...: $TFTP_ROOT with the files of these sample loads side by side
fresh_tftp_root()
{
	[ -n "$TFTP_ROOT" ] || TFTP_ROOT=$T/tftp
	mkdir -p "$TFTP_ROOT" "$T/made"
	"$MKLOAD" --out "$T/made" "$@" || return
	local load
	for load; do cp "$T/made/$load"/* "$TFTP_ROOT/"; done
}
