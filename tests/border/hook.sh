# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash
#
# hook.sh: what the border tests of the hook library share. Source it in place of lib.sh, after which a test has its namespace, a
# bridge, one client namespace "cli", a TFTP root, a configuration file, and these verbs.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
own_namespace "$@"
need "$KEA_DHCP4" perl ethtool

HOOK=${HOOK:-$BUILD/libdhcp_loadstep.so}
DHCPC=$BUILD/tests/dhcpc
STORETOOL=$BUILD/tests/storetool
STORE=sqlite:$T/state/state.db
CONF=$T/loadstep.conf
BARE='Cisco Systems, Inc. IP Phone'
NAMED='Cisco Systems, Inc. IP Phone CP-7960G'
mkdir -p "$T/state" "$T/tftp"
net_up
client_ns cli

# loadstep_conf: prints a configuration with one plan by hand and one vendor class of the site's own
loadstep_conf()
{
	cat <<-END
	[store]
	url = $STORE
	[tftp]
	root = $T/tftp
	[plan climb]
	models = 7940 7960 unnamed
	stages = P00303010102 P00305000500 P00308000900 P0S3-8-12-00
	networks = 10.77.0.0/24
	override = ${PLAN_OVERRIDE:-always}
	tftp-servers = 10.77.0.1
	after-tftp-servers = 10.77.0.5
	END
	classes_conf
}

classes_conf()
{
	cat <<-END
	[vendor-class lobby]
	match = Cisco IP Phone 7961 Special
	model = 7961
	override = ${CLASS_OVERRIDE:-always}
	tftp-servers = 10.77.0.9 10.77.0.10
	END
}

# hook_conf [PARAMETERS]: prints Kea's configuration with our library last; the parameters are members of a JSON object
hook_conf()
{
	local parameters=${1-\"config-file\": \"$CONF\"}
	KEA_HOOKS="{ \"library\": \"$HOOK\", \"parameters\": { $parameters } }" kea_conf
}

# hook_start [PARAMETERS]: Kea with the library
hook_start() { hook_conf "$@" >"$T/kea.json" && kea_start "$T/kea.json"; }

# client MAC OPTION... VERB: prints the replies; the MAC may be given by its last byte
client()
{
	local mac=$1
	shift
	[ ${#mac} -gt 2 ] || mac=00:11:22:33:44:$mac
	in_ns cli "$DHCPC" -i eth0 -m "$mac" "$@"
}

# field NAME: the last value of that name in what `client` printed: "field 'option 150'"
field() { sed -n "s/^$1 //p" | tail -n 1; }

# status_of NAME: one value of loadstep-status; result and text too
status() { kea_cmd '{ "command": "loadstep-status" }'; }
status_of() { status | perl -ne "print \$1 if /\"$1\": (?:\"((?:[^\"\\\\]|\\\\.)*)\"|(-?\\d+))/; print \$2 // ''"; }

hook_said() { grep -a "LOADSTEP_$1" "$(kea_log)"; }
store_list() { "$STORETOOL" list "$STORE"; }

# store_lock [lock-writes], store_unlock: somebody else holds the whole store, which nobody has open, or writes to it
store_lock()
{
	start_daemon "$T/lock.out" "$STORETOOL" "${1:-lock}" "$STORE"
	LOCK_PID=$!
	wait_for "grep -qx locked '$T/lock.out'" 5
}
store_unlock() { stop "$LOCK_PID"; }

# milliseconds COMMAND...: how long it took
milliseconds()
{
	local from=${EPOCHREALTIME/./}
	"$@" >/dev/null
	echo $(((${EPOCHREALTIME/./} - from) / 1000))
}
