# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash
#
# site.sh: a whole loadstep site inside a test's namespace and below $T: load sets, a TFTP root,
# loadstep.conf, store, kea-dhcp4 with the hook, dnsmasq with loadstep-event or tftpd-hpa, the agent. Source it behind
# tests/lib.sh; then
#
#	. "$(dirname "$0")/../lib.sh"
#	own_namespace "$@"
#	. "$(dirname "$0")/site.sh"
#	site_up 'start = automatic'
#	phone lobby --init-load P00302000000 --scale $SITE_SCALE
#	ok 'the phone climbs' expect_phase lobby done 60
#	ok 'and runs it' flash_runs lobby P0S3-8-12-00
#	done_testing
#
# Settings, before the verbs: SITE_SCALE (20: phones and limits run so many times faster; at most 25,
# because a log's stamps have whole seconds and `quiet`, 30 s, must be longer), SITE_LAYOUT (views),
# SITE_SERVER (dnsmasq | tftpd-hpa: a test that is to run over both says $SITE_GOT and $SITE_CUT, below),
# SITE_LOADS (the four), SITE_LOOSE (no: their files are below loads/ | yes: in the root), SITE_LIMITS (lines for [limits] that win over the scaled ones), SITE_AGENT (yes |
# no), SITE ($T/site: configuration and store), TFTP_ROOT ($T/tftp), and those of kea_conf and dnsmasq_conf.
# Phones get option 150 = 10.77.0.1 from loadstep; the site's own Kea configuration gives everybody
# KEA_OPTION150 = 10.77.0.2, which is the same server. WHO below is a phone's name or a MAC as `loadstep`
# takes it.
#
#	site_up [LINE]...           all of it; LINEs go into the plan, or behind it where one begins with `['
#	site_net                    the bridge, and the server's two addresses
#	site_down                   kea, dnsmasq and agent end; tree and store stay
#	site_tree [OPTION]...       load sets into loads/ (OPTIONs for mkload) and the site's own plain root
#	site_conf [LINE]...         prints loadstep.conf
#	site_limits SCALE           prints [limits]: the defaults divided by SCALE, then SITE_LIMITS
#	site_configure [LINE]...    writes loadstep.conf and reloads: plans in force, stages built
#	site_reload                 loadstep reload; its words go to $SITE/reload
#	site_kea, site_server, site_agent   each alone; site_server_stop
#	site_plain_kea, site_plain_server   without anything of ours
#	site_fast_class NAME SECONDS T1 TEST   for KEA_GLOBAL: such leases where Kea's TEST holds
#	site_phone_log FILE         dnsmasq's log goes to FILE too, in the phones' own time: see there
#	loadstep ARGUMENT...        the command, with this site's configuration
#	who WHO                     a phone's MAC with colons
#	status_json [WHO [FILTER]]  `status --json`, or WHO's object, or what jq's FILTER makes of it, raw
#	history_json WHO [FILTER]   `log --json`, or what FILTER makes of each line
#	expect WHO FILTER SECONDS   until FILTER (jq, over WHO's object of `status --json`) holds
#	expect_phase WHO PHASE SECONDS    expect_load WHO LOAD SECONDS     expect_flag WHO FLAG SECONDS
#	expect_cause WHO CAUSE SECONDS    expect_running WHO LOAD SECONDS: it is proven to run it
#	expect_link WHO LOAD|waiting|plain|none SECONDS      where phones/<mac> leads
#	expect_address ADDRESS WHO|none SECONDS              to which phone's link the address's link leads
#	expect_root_load LOAD|none SECONDS          what the root's XMLDefault.cnf.xml names for a 7960
#	root_load                   prints it
#	sees ADDRESS FILE           prints what the server serves to that address under that name
#	was_phase WHO PHASE         its history has that phase
#	never_phase WHO PHASE       its history has not
#	flash_runs NAME LOAD        the phone's flash holds that load, whole
#	site_tail                   what each process logged last

LOADSTEP=$BUILD/loadstep
EVENT=$BUILD/loadstep-event
HOOK=$BUILD/libdhcp_loadstep.so
SITE_SCALE=${SITE_SCALE:-20}
SITE_LAYOUT=${SITE_LAYOUT:-views}
SITE_LOADS=${SITE_LOADS:-P00303010102 P00305000500 P00308000900 P0S3-8-12-00}
SITE_PLAN=ladder
SITE_AGENT=${SITE_AGENT:-yes}
SITE=${SITE:-$T/site}
TFTP_ROOT=${TFTP_ROOT:-$T/tftp}
KEA_OPTION150=${KEA_OPTION150-10.77.0.2}
SITE_SERVER=${SITE_SERVER:-dnsmasq}
SITE_LOG=$T/dnsmasq/log # what the TFTP server logs
SITE_GOT=sent           # the event of a file that a phone has fetched
SITE_CUT=half-flashed   # where a phone stands whose power was cut with the first block of its application
if [ "$SITE_SERVER" = tftpd-hpa ]; then
	SITE_LOG=$T/syslog SITE_GOT=asked SITE_CUT=flashing # that it was cut nobody sees
fi

# ----------------------------------------------------------------------------------------- what it is made of

site_limits()
{
	local key seconds
	echo '[limits]'
	while read -r key seconds; do
		grep -q "^ *$key *=" <<<"${SITE_LIMITS:-}" || echo "$key = $((seconds * 1000 / $1))ms"
	done <<-END
	loader 120
	app 180
	stage-classic 600
	stage-java 1500
	proof-silence 120
	quiet 30
	order-window 5
	presume 300
	idle 600
	round-gap 60
	boot-gap 15
	holder-change 30
	END
	[ -z "${SITE_LIMITS:-}" ] || printf '%s\n' "$SITE_LIMITS"
}

site_conf()
{
	cat <<-END
	[store]
	url = sqlite:$SITE/store/state.db
	[tftp]
	root = $TFTP_ROOT
	layout = $SITE_LAYOUT
	daemon = $SITE_SERVER
	map-file = $SITE/store/tftpd-hpa.map
	END
	site_limits "$SITE_SCALE"
	cat <<-END
	[plan $SITE_PLAN]
	models = 7940 7960 unnamed
	stages = $SITE_LOADS
	networks = ${KEA_SUBNET:-10.77.0.0/24}
	tftp-servers = 10.77.0.1
	END
	printf '%s\n' "$@"
}

# The site's own root, as it was before anybody thought of loadstep: an XMLDefault that names no load for
# phones.
site_tree()
{
	mkdir -p "$TFTP_ROOT/loads" "$TFTP_ROOT/US" "$SITE/store"
	# shellcheck disable=SC2086 # a list of loads
	"$MKLOAD" --out "$TFTP_ROOT/loads" "$@" $SITE_LOADS || return
	[ "${SITE_LOOSE:-no}" = no ] || { mv "$TFTP_ROOT"/loads/*/* "$TFTP_ROOT" && rmdir "$TFTP_ROOT"/loads/*; }
	cat >"$TFTP_ROOT/XMLDefault.cnf.xml" <<-END
	<?xml version="1.0" encoding="UTF-8"?>
	<!-- the site's own -->
	<Default>
	  <callManagerGroup>
	    <members>
	      <member priority="0">
	        <callManager>
	          <ports><ethernetPhonePort>2000</ethernetPhonePort></ports>
	          <processNodeName>10.77.0.2</processNodeName>
	        </callManager>
	      </member>
	    </members>
	  </callManagerGroup>
	  <authenticationURL></authenticationURL>
	  <directoryURL></directoryURL>
	</Default>
	END
	cat >"$TFTP_ROOT/dialplan.xml" <<-END
	<DIALTEMPLATE>
	  <TEMPLATE MATCH="0,......." Timeout="1"/>
	  <TEMPLATE MATCH="*" Timeout="5"/>
	</DIALTEMPLATE>
	END
	printf 'Ringer1\tringer1.raw\r\nRinger2\tringer2.raw\r\n' >"$TFTP_ROOT/RINGLIST.DAT"
	echo '<tones/>' >"$TFTP_ROOT/US/7960-tones.xml"
	head -c 40960 /dev/zero | tr '\0' '~' >"$TFTP_ROOT/ringer1.raw"
}

site_reload() { loadstep --yes reload >"$SITE/reload" 2>&1; }

site_configure()
{
	mkdir -p "$SITE/store"
	site_conf "$@" >"$SITE/loadstep.conf"
	export LOADSTEP_CONFIG=$SITE/loadstep.conf
	site_reload && return
	diag "loadstep reload said no:"
	diag "$(cat "$SITE/reload")"
	return 1
}

# A host where loadstep is installed has a user of that name, to whom loadstep-event drops; ours is root's
# test. And what it logs is not for that host's log.
site_alone()
{
	[ -z "${SITE_ALONE:-}" ] || return 0
	SITE_ALONE=yes
	grep -v '^loadstep:' /etc/passwd >"$T/passwd"
	mount --bind "$T/passwd" /etc/passwd
	[ ! -e /dev/log ] || mount --bind /dev/null "$(readlink -f /dev/log)"
}

site_fast_class()
{
	echo "\"client-classes\": [ { \"name\": \"$1\", \"test\": \"$4\", \"valid-lifetime\": $2," \
		"\"option-data\": [ { \"code\": 58, \"csv-format\": false, \"always-send\": true," \
		"\"data\": \"$(printf %08x "$3")\" } ] } ],"
}

site_plain_kea()
{
	kea_conf >"$(kea_dir)/kea.json"
	kea_start "$(kea_dir)/kea.json"
}

site_kea()
{
	local parameters="\"config-file\": \"$SITE/loadstep.conf\""
	KEA_HOOKS="{ \"library\": \"$HOOK\", \"parameters\": { $parameters } }" site_plain_kea
}

# in.tftpd logs to the syslog alone. rsyslog's stamps have fractions, and a second here is much of the phones' time.
site_hpa()
{
	[ -S /dev/log ] && [ -e "$SITE_LOG" ] || dev_log rsyslog || return
	tftpd_start --verbosity 2 "$@"
}

site_plain_server()
{
	if [ "$SITE_SERVER" = tftpd-hpa ]; then
		site_hpa
	else
		DNSMASQ_SCRIPT='' dnsmasq_start interface=site0
	fi
}

# dnsmasq hands its environment on to the script, LOADSTEP_CONFIG too.
site_server()
{
	if [ "$SITE_SERVER" = tftpd-hpa ]; then
		site_hpa --map-file "$SITE/store/tftpd-hpa.map"
	else
		DNSMASQ_SCRIPT=$EVENT dnsmasq_start interface=site0
	fi
}

site_server_stop()
{
	if [ "$SITE_SERVER" = tftpd-hpa ]; then tftpd_stop; else dnsmasq_stop; fi
}

# The server's second address is not on br0: there Kea would hear every packet once for each address.
site_net()
{
	! ip link show br0 >/dev/null 2>&1 || return 0
	net_up
	ip link add site0 type bridge && ip address add 10.77.0.2/32 dev site0 && ip link set site0 up
}

site_agent()
{
	start_daemon "$SITE/agent.log" "$LOADSTEP" --config "$SITE/loadstep.conf" agent --log "$SITE_LOG"
	SITE_AGENT_PID=$!
}

# dnsmasq stamps whole seconds, and a second here is much of the phones' time. So each line is given the
# moment it came at, in the phones' time and with a fraction, as journald writes it: a log of real phones,
# for the limits of real life.
site_phone_log()
{
	start_daemon "$SITE/phone-log.err" perl -MTime::HiRes=time,sleep -MPOSIX=strftime -e '
		my ($log, $scale, $to) = @ARGV;
		open my $in, "<", $log or die "$log: $!\n";
		open my $out, ">", $to or die "$to: $!\n";
		$out->autoflush(1);
		my $begin = time;
		for (;;) {
			while (defined(my $line = <$in>)) {
				my $at = $begin - 86400 + (time - $begin) * $scale;
				$line =~ s/^(?:\w+ [ \d]\d [\d:]+|\d+-\S+T\S+) // or next;
				printf $out "%s.%06dZ %s", strftime("%Y-%m-%dT%H:%M:%S", gmtime $at),
					($at - int $at) * 1e6, $line;
			}
			seek $in, 0, 1;
			sleep 0.005;
		}' "$SITE_LOG" "$SITE_SCALE" "$1"
}

site_up()
{
	local description
	need "$KEA_DHCP4" "$DNSMASQ" ip ethtool nsenter perl jq xmllint
	need "$LOADSTEP" "$EVENT" "$HOOK" "$VPHONE" "$MKLOAD"
	[ "$SITE_SERVER" = dnsmasq ] || need "$TFTPD"
	site_alone
	site_net
	[ -d "$TFTP_ROOT/loads" ] || site_tree || return
	site_configure "$@" && site_kea && site_server || return
	[ "$SITE_AGENT" = no ] || site_agent
}

site_down()
{
	[ -z "${SITE_AGENT_PID:-}" ] || stop "$SITE_AGENT_PID"
	SITE_AGENT_PID=''
	site_server_stop
	kea_stop
}

site_tail()
{
	local file
	for file in "$SITE/reload" "$(kea_log)" "$(kea_dir)/out" "$SITE_LOG" "$T/dnsmasq/out" "$T/tftpd.out" \
		"$SITE/agent.log"; do
		[ -s "$file" ] || continue
		diag "--- the end of ${file#"$T/"}"
		diag "$(tail -n "${1:-12}" "$file")"
	done
}

# ----------------------------------------------------------------------------------------------- what it says

loadstep() { "$LOADSTEP" --config "$SITE/loadstep.conf" "$@"; }

who()
{
	if [ -n "${PHONE_MAC[$1]:-}" ]; then
		echo "${PHONE_MAC[$1],,}"
	else
		echo "${1,,}"
	fi
}

status_json()
{
	case $# in
	0) loadstep status --json ;;
	1) loadstep status --json | jq --arg mac "$(who "$1")" '.phones[] | select(.mac == $mac)' ;;
	*) loadstep status --json | jq -r --arg mac "$(who "$1")" ".phones[] | select(.mac == \$mac) | $2" ;;
	esac
}

history_json() { loadstep log --json "$(who "$1")" | jq -r "${2:-.}"; }

expect()
{
	local who
	who=$(who "$1")
	wait_for "[ \"\$(status_json $who ${2@Q})\" = true ]" "$3" 0.1 && return
	diag "$1 ($who) after $3 s is not: $2"
	diag "$(status_json "$who")"
	diag "$(loadstep explain "$who" 2>&1)"
	diag "$(loadstep log --last 15 "$who" 2>&1)"
	[ -z "${PHONE_MAC[$1]:-}" ] || diag "$(tail -n 8 "$(phone_log "$1")")"
	return 1
}

expect_phase() { expect "$1" ".phase == \"$2\"" "$3"; }
expect_load() { expect "$1" ".load == \"$2\"" "$3"; }
expect_flag() { expect "$1" ".flags | index(\"$2\") != null" "$3"; }
expect_cause() { expect "$1" ".cause == \"$2\"" "$3"; }
expect_running() { expect "$1" ".running == \"$2\" and .\"running-by\" == \"proof\"" "$3"; }

# ls_link_is PATH TEXT: a link says it; TEXT empty: there is none
ls_link_is() { [ "$(readlink "$TFTP_ROOT/$1")" = "$2" ]; }

ls_expect_link()
{
	wait_for "ls_link_is ${1@Q} ${2@Q}" "$3" && return
	diag "$1 after $3 s: \"$(readlink "$TFTP_ROOT/$1")\"" "wanted: \"$2\""
	return 1
}

# The names in phones/ are the MACs as people write them.
expect_link()
{
	local text=../stages/$SITE_PLAN/$2
	[ "$2" != plain ] || text=..
	[ "$2" != none ] || text=
	ls_expect_link "phones/$(who "$1")" "$text" "$3"
}

expect_address()
{
	local text=
	[ "$SITE_SERVER" = dnsmasq ] || text=. # tftpd-hpa needs a link for everybody: to the plain root
	[ "$2" = none ] || text=phones/$(who "$2")
	ls_expect_link "$1" "$text" "$3"
}

root_load() { xmllint --xpath 'string(//loadInformation7)' "$TFTP_ROOT/XMLDefault.cnf.xml" 2>/dev/null; }

expect_root_load()
{
	local want=$1
	[ "$want" != none ] || want=
	wait_for "[ \"\$(root_load)\" = ${want@Q} ]" "$2" && return
	diag "the root's XMLDefault.cnf.xml after $2 s names \"$(root_load)\", not \"$1\""
	return 1
}

sees()
{
	if [ -e "$TFTP_ROOT/$1/." ]; then
		cat "$TFTP_ROOT/$1/$2"
	else
		cat "$TFTP_ROOT/$2"
	fi
}

was_phase() { history_json "$1" .to | grep -qx -- "$2"; }
never_phase() { ! was_phase "$@"; }

flash_runs()
{
	local part=application
	[ "$(phone_flash "$1" image-state)" = none ] || part=image
	[ -z "$(phone_flash "$1" load)" ] || part=load
	[ "$(phone_flash "$1" $part)" = "$2" ] && [ "$(phone_flash "$1" $part-state)" = valid ] && return
	diag "the flash of $1:"
	diag "$(cat "$T/phones/$1.flash")"
	return 1
}
