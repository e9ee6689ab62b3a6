#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# make bench: what loadstep costs its hosts, each figure beside the same without it, in turns (A B C A B C ...) in one
# run, since a machine's speed changes from minute to minute and a ratio less so. Rows go to summary.pl, which prints
# medians and the ratios of the same round.
#
#	bench.sh [--json]      BENCH_ROUNDS (5), BENCH_MS (3000) of each measurement of DHCP; BENCH_ONLY=dhcp|event|engine|replay,
#	BENCH_LINES (1000000) of the logs that are replayed

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
BENCH=$BUILD/tests/bench
BENCH_ROUNDS=${BENCH_ROUNDS:-5}
BENCH_MS=${BENCH_MS:-3000}
BENCH_LINES=${BENCH_LINES:-1000000}
SITE_SCALE=1
SITE_AGENT=no
. "$(dirname "$0")/../e2e/site.sh"
TRACKED=$T/rows

# row GROUP CONFIGURATION: takes "metric value" lines from stdin
row() { sed "s/^/$1 $2 $ROUND /" >>"$TRACKED"; }
wanted() { [ -z "${BENCH_ONLY:-}" ] || [ "$BENCH_ONLY" = "$1" ]; }
say() { printf '%s\n' "$*" >&2; }

# in_turns GROUP CONFIGURATION...: measure_GROUP CONFIGURATION, all of them in every round, every other one backwards
in_turns()
{
	local group=$1 configuration order
	shift
	for ((ROUND = 1; ROUND <= BENCH_ROUNDS; ROUND++)); do
		say "$group, round $ROUND of $BENCH_ROUNDS"
		order=$(printf '%s\n' "$@")
		[ $((ROUND % 2)) = 1 ] || order=$(tac <<<"$order")
		for configuration in $order; do
			# into a file: what it starts is this shell's child, to be stopped by it
			"measure_${group/alone/event}" "$configuration" >"$T/measured"
			grep -E '^[a-z0-9-]+ [0-9.]+$' "$T/measured" | row "$group" "$configuration"
		done
	done
}

# ---- DHCP: a Kea of its own for each measurement, two packet threads, leases in memory, warnings only

bench_kea_conf()
{
	cat <<-END
	{ "Dhcp4": {
	  "interfaces-config": { "interfaces": [ "br0" ], "dhcp-socket-type": "udp" },
	  "lease-database": { "type": "memfile", "persist": false },
	  "multi-threading": { "enable-multi-threading": true, "thread-pool-size": 2, "packet-queue-size": 64 },
	  "valid-lifetime": 3600,
	  "hooks-libraries": [ $1 ],
	  "subnet4": [ { "id": 1, "subnet": "10.0.0.0/8", "pools": [ { "pool": "10.128.0.0-10.159.255.255" } ] } ],
	  "loggers": [ { "name": "kea-dhcp4", "severity": "WARN",
	                 "output_options": [ { "output": "$(kea_log)", "maxsize": 0 } ] } ]
	} }
	END
}

# Kea that logs only warnings does not say that it has started; it listens then.
bench_kea_start()
{
	local dir program
	dir=$(kea_dir)
	program=$(confined_copy "$KEA_DHCP4")
	bench_kea_conf "$1" >"$dir/kea.json"
	: >"$(kea_log)"
	start_daemon "$dir/out" env KEA_PIDFILE_DIR="$dir" KEA_LOCKFILE_DIR="$dir" KEA_DHCP_DATA_DIR="$dir" \
		"$program" -c "$dir/kea.json"
	echo $! >"$dir/started"
	wait_for 'in_server_udp 67' 15 || { say 'kea-dhcp4 did not start:' "$(tail "$dir/out" "$dir/kea.log")"; return 1; }
	sleep 0.5
}

# The processor time of all its threads in ns, our writer's too
kea_cpu() { cat "/proc/$(kea_pid)"/task/*/schedstat | awk '{ n += $1 } END { printf "%d\n", n }'; }

measure_dhcp()
{
	local hook='' class='Cisco Systems, Inc. IP Phone CP-7965G' line before=0 after n
	[ "$1" = none ] || hook="{ \"library\": \"$HOOK\", \"parameters\": { \"config-file\": \"$SITE/loadstep.conf\" } }"
	# Plans are for 7960s here: the other one is watched, this one is given its stage, links and all.
	[ "$1" != in-plan ] || class='Cisco Systems, Inc. IP Phone CP-7960G'
	rm -rf "$SITE/store" "$TFTP_ROOT/phones" && find "$TFTP_ROOT" -maxdepth 1 -type l -delete
	mkdir -p "$SITE/store"
	site_reload || { say "$(cat "$SITE/reload")"; return 1; }
	bench_kea_start "$hook" || return
	while read -r line n; do
		case $line in
		warm) before=$(kea_cpu) ;;
		exchanges) after=$(kea_cpu); echo "cpu-us $(((after - before) / 10 / n))" | sed 's/\(..\)$/.\1/' ;;
		*) echo "$line $n" ;;
		esac
	done < <(in_ns relay "$BENCH/exchanges" 10.77.0.3 10.77.0.1 "$class" 500 "$BENCH_MS")
	kea_stop
	if [ -n "$hook" ]; then
		grep -v MULTI_THREADING "$(kea_log)" | grep -o 'LOADSTEP_[A-Z_]*' | sort | uniq -c | sed 's/^/# /' >&2
	fi
	return 0
}

bench_dhcp()
{
	# The phones' addresses are nowhere in this network: the relay answers for itself alone.
	KEA_SUBNET=10.0.0.0/8 site_configure 'start = automatic'
	client_ns relay
	in_ns relay ip address add 10.77.0.3/24 dev eth0
	in_turns dhcp none watched in-plan
}

# ---- loadstep-event, by starting it again and again from C, without dnsmasq: XMLDefault for 250 phones in turn. It runs as
# our own unit runs it, without rights; `sqlite` is the least that a script with a store costs (D§7), the store held open by
# somebody else as Kea does, and `alone` is without that.

# as_nobody COMMAND...
as_nobody() { setpriv --reuid nobody --regid nogroup --clear-groups "$@"; }

measure_event()
{
	local holder=
	if [[ $1 != *-alone ]]; then
		site_agent
		holder=$SITE_AGENT_PID
		wait_for "ls -l /proc/$holder/fd | grep -q state.db" 5 || say 'the agent does not open the store'
	fi
	case $1 in
	nop*) as_nobody "$BENCH/spawn" 400 "$BENCH/nop" tftp 218 10.77.4.% "$TFTP_ROOT/XMLDefault.cnf.xml" ;;
	sqlite*) as_nobody "$BENCH/spawn" 200 "$BENCH/insert" "$SITE/store/bench.db" ;;
	event*) as_nobody "$BENCH/spawn" 200 "$EVENT" tftp 218 10.77.4.% "$TFTP_ROOT/XMLDefault.cnf.xml" ;;
	esac
	[ -z "$holder" ] || stop "$holder"
}

bench_event()
{
	local number other
	KEA_SUBNET=10.77.0.0/16 site_configure 'start = automatic'
	# 250 phones that have been seen: a name says whose the address is
	for ((number = 1; number <= 250; number++)); do
		printf -v mac '0011223344%02X' $number
		"$EVENT" tftp 218 10.77.4.$number "$TFTP_ROOT/SEP$mac.cnf.xml" 2>/dev/null
	done
	is_fleet=$(loadstep status --json | jq '.phones | length')
	[ "$is_fleet" = 250 ] || say "only $is_fleet phones"
	# Somebody holds the other database open, too.
	"$BENCH/insert" "$SITE/store/bench.db"
	chown -R nobody:nogroup "$SITE/store" "$TFTP_ROOT"
	sqlite3 "$SITE/store/bench.db" 'SELECT count(*) FROM bench' '.shell sleep 600' >/dev/null &
	other=$!
	LS_PIDS+=($other)
	in_turns event nop sqlite event
	stop "$other"
	in_turns alone nop-alone sqlite-alone event-alone
}

# ---- the stage machine

measure_engine() { "$BENCH/steps" "$1" 1000; }

bench_engine()
{
	in_turns engine copy engine
	ROUND=1
	"$BENCH/steps" sizes | row sizes phone
}

# ---- a log replayed into a new store, beside `wc -l` of the same file: a syslog of which one line in twenty is the TFTP
# server's (500 phones climb), and dnsmasq's own log, in which each line is

# measure_log NAME wc|replay
measure_log()
{
	local log=$T/$1.log
	case $2 in
	wc) "$BENCH/spawn" 1 "$(command -v wc)" -l "$log" ;;
	replay)
		rm -rf "$SITE/store" && mkdir -p "$SITE/store"
		"$BENCH/spawn" 1 "$LOADSTEP" --config "$SITE/loadstep.conf" replay "$log"
		;;
	esac
}
measure_syslog() { measure_log syslog "$1"; }
measure_dnsmasq() { measure_log dnsmasq "$1"; }

bench_replay()
{
	local group
	KEA_SUBNET=10.0.0.0/8 site_configure
	for group in syslog dnsmasq; do
		"$BENCH/mklog" $group "$BENCH_LINES" 500 >"$T/$group.log"
		in_turns $group wc replay
		rm "$T/$group.log"
	done
}

need "$KEA_DHCP4" ip nsenter perl jq "$LOADSTEP" "$EVENT" "$HOOK" "$MKLOAD" "$BENCH/exchanges" "$BENCH/spawn" "$BENCH/steps" "$BENCH/mklog"
site_alone
site_net
site_tree || exit 1
mkdir -p "$T/dnsmasq" && : >"$T/dnsmasq/log"
for group in engine replay event dhcp; do
	! wanted $group || "bench_$group"
done
perl "$(dirname "$0")/summary.pl" "$@" <"$TRACKED"
