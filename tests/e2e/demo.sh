#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The demo: a bench of virtual phones climbs from old SCCP loads to SIP, with real Kea and real dnsmasq in a
# network namespace that goes when it ends. Act one gives each phone its own view of the TFTP root, act two
# rotates one XMLDefault.cnf.xml for all. Exit 0 only if what is claimed was checked: loadstep's proof
# against the phones' own flash, and what bystanders got against a run of the same servers without loadstep.
#
# DEMO_SCALE (25): how many times faster than real phones; slower machines take less. LS_KEEP=1 keeps logs
# and tree.

. "$(dirname "$0")/../lib.sh"

# ------------------------------------------------------------------------------------------- before it begins

sorry() { echo "demo: $*" >&2; exit 1; }

# Here, not skip_all: whoever asked for the demo wants to know why there is none.
check_host()
{
	local program missing=
	[ "$(id -u)" = 0 ] || sorry "network namespaces and port 69 need root: run 'sudo make demo'"
	for program in "$KEA_DHCP4" "$DNSMASQ" unshare nsenter ip ethtool perl jq xmllint tcpdump tftp; do
		command -v "$program" >/dev/null || missing+=" $program"
	done
	[ -z "$missing" ] || sorry "not found:$missing; 'sudo make deps' installs what is missing"
	for program in loadstep loadstep-event libdhcp_loadstep.so tests/vphone tests/mkload tests/dhcpc; do
		[ -x "$BUILD/$program" ] || sorry "$BUILD/$program is not there: 'sudo make demo' builds it"
	done
	"${LS_UNSHARE[@]}" true 2>/dev/null ||
		sorry "this machine does not permit new namespaces (a container, perhaps)"
	[ "${DEMO_SCALE:-25}" -ge 1 ] && [ "${DEMO_SCALE:-25}" -le 25 ] ||
		sorry "DEMO_SCALE is a number from 1 to 25: beyond that a log's whole seconds are too coarse"
}

[ -n "${LS_INSIDE:-}" ] || check_host
own_namespace "$@"

SCALE=${DEMO_SCALE:-25}
SITE_SCALE=$SCALE
# An idle phone is shown `needs-reboot` after ten minutes; here after less, so that nobody waits for that.
SITE_LIMITS="idle = $((400000 / SCALE))ms"
# Stamps in dnsmasq's log have whole seconds, however fast a phone is: between two readings there must be
# time for `quiet`, for such a second, and for a look at the clock.
REPOLL=80
. "$(dirname "$0")/site.sh"

GOAL=P0S3-8-12-00
DHCPC=$BUILD/tests/dhcpc
BEGAN=${EPOCHREALTIME/./}
CAST=()    # names in the order they are shown
FAULTS=0
ACTS=()    # that were played to their end
declare -A WAS             # what was said of a phone last
declare -A NOTICED HELPED  # who was shown needs-reboot, since when, and who was helped

# -------------------------------------------------------------------------------------------------- the stage

LIVE=0 # lines of the table that stand on the terminal now
TTY=no
[ ! -t 1 ] || [ "${TERM:-dumb}" = dumb ] || TTY=yes

since_ms() { echo $(((${EPOCHREALTIME/./} - BEGAN) / 1000)); }

stamp()
{
	local ms
	ms=$(since_ms)
	printf '%3d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

wipe()
{
	[ "$LIVE" = 0 ] || printf '\033[%dA\033[J' "$LIVE"
	LIVE=0
}

# say TEXT...: a line that stays, above the table
say()
{
	wipe
	printf '%s\n' "$*"
}

heading()
{
	say ''
	say "== $* =="
}

# What each phone's display shows: name, blank, text
displays()
{
	(cd "$T/phones" && awk '
		FNR == 1 { name = FILENAME; sub(/\.log$/, "", name); names[n++] = name }
		/ display: / { sub(/^[0-9.]* display: /, ""); shows[name] = $0 }
		/ power: cut/ || / power: off/ { shows[name] = "(no power)" }
		/ boot: restarting/ { shows[name] = "(restarting)" }
		END { for (i = 0; i < n; i++) print names[i], shows[names[i]] }' "${CAST[@]/%/.log}")
}

# One line a phone: MAC|stage|load|phase and what qualifies it
standings()
{
	loadstep status --json 2>/dev/null | jq -r '.phones[] | [ .mac // "-",
		(if .stage then "\(.stage)/\(.stages)" else "-" end), .load // "-",
		([ .phase, .cause // empty, (.flags[] | select(. == "needs-reboot")) ] | join(" ")) ] |
		join("|")'
}

# look: into STANDS[mac] and SHOWS[name]
declare -A STANDS SHOWS
look()
{
	local mac rest name
	STANDS=() SHOWS=()
	while IFS='|' read -r mac rest; do STANDS[$mac]=$rest; done < <(standings)
	while read -r name rest; do SHOWS[$name]=$rest; done < <(displays)
}

row() { printf '%-10s %-17s %-5s %-13s %-20s %s' "$@"; }

table()
{
	local name stage load phase lines=()
	lines+=("$(row "$(stamp) " MAC STAGE LOAD PHASE DISPLAY)")
	for name in "${CAST[@]}"; do
		IFS='|' read -r stage load phase <<<"${STANDS[$(who "$name")]:--|-|-}"
		lines+=("$(row "$name" "$(who "$name")" "$stage" "$load" "$phase" "${SHOWS[$name]:-}")")
	done
	[ -z "${FOOT:-}" ] || lines+=("$FOOT")
	wipe
	printf '%.100s\n' "${lines[@]}"
	LIVE=${#lines[@]}
}

# Without a terminal: a line where something changed
changes()
{
	local name stage load phase
	for name in "${CAST[@]}"; do
		IFS='|' read -r stage load phase <<<"${STANDS[$(who "$name")]:--|-|-}"
		[ "${WAS[$name]:-}" = "$load $phase" ] && continue
		WAS[$name]="$load $phase"
		[ "$phase" = - ] && continue
		say "$(stamp)  $(printf '%-10s %-5s %-13s %-20s %s' "$name" "$stage" "$load" "$phase" \
			"${SHOWS[$name]:-}")"
	done
}

show()
{
	look
	if [ "$TTY" = yes ]; then table; else changes; fi
}

# ----------------------------------------------------------------------------------------------- what is true

# claim TEXT COMMAND...: the command says whether it is true
claim()
{
	local text=$1
	shift
	if "$@" >"$T/claim" 2>&1; then
		say "  yes  $text"
	else
		say "  NO   $text"
		sed 's/^/         /' "$T/claim"
		FAULTS=$((FAULTS + 1))
	fi
}

# fiasco TEXT: what did not happen in time, and where everybody stands
fiasco()
{
	local name shown=0
	say "NOT IN TIME: $*"
	loadstep status
	for name in "${CAST[@]}"; do
		[ "$(status_json "$name" .phase)" != done ] && [ $((shown++)) -lt 3 ] || continue
		echo "--- $name"
		loadstep explain "$(who "$name")"
		loadstep log --last 12 "$(who "$name")"
		tail -n 6 "$(phone_log "$name")"
	done
	site_tail 12 2>&1
	exit 1
}

# in_time SINCE: an act takes some 50 s at scale 25
in_time() { [ $(($(since_ms) - $1)) -lt $((80000 * 25 / SCALE)) ]; }

phases_of() { jq -r '.phones[] | select(.mac) | "\(.mac) \(.phase)"' | sort; }

all_done() { [ "$(status_json | jq .counts.done)" = "$1" ]; }

# Proven, not presumed.
proven()
{
	local name is='"\(.phase) \(.running) \(."running-by")"'
	for name; do
		[ "$(status_json "$name" "$is")" = "done $GOAL proof" ] && continue
		status_json "$name"
		return 1
	done
}

flashes_say()
{
	local name
	for name; do flash_runs "$name" $GOAL || return; done
}

# The boots that were counted are the phone's own: renewals are none.
boots_agree()
{
	local name own
	for name; do
		own=$(grep -c ' dhcp: ack ' "$(phone_log "$name")")
		[ "$(status_json "$name" .boots)" = "$own" ] && continue
		echo "$name booted $own times: $(status_json "$name" .boots) counted"
		return 1
	done
}

# Option 150, 66 and siaddr of the first OFFER and the last ACK to a MAC, out of what tcpdump wrote. Nobody
# knows a phone before its first OFFER, so that one is the site's own; 0 if the ACK is ours.
on_the_wire()
{
	perl -e '
		my ($file, $mac) = @ARGV;
		my %name = (2 => "OFFER", 5 => "ACK");
		my (%seen, $packet);
		open my $f, "<:raw", $file or die "$file: $!\n";
		read $f, my $head, 24;
		while (read($f, my $record, 16) == 16) {
			read $f, $packet, (unpack "V4", $record)[2];
			my $bootp = substr $packet, 14 + 20 + 8; # Ethernet, IP, UDP
			next unless length $bootp > 240 && ord($bootp) == 2;
			next unless unpack("H12", substr $bootp, 28) eq $mac =~ tr/://dr;
			my ($at, %option) = (240);
			while ((my $code = ord substr $bootp, $at, 1) != 255) {
				my $length = ord substr $bootp, $at + 1, 1;
				$option{$code} = substr $bootp, $at, 2 + $length;
				$at += 2 + $length;
			}
			my $type = $name{ord substr $option{53}, 2} // next;
			next if $type eq "OFFER" && $seen{OFFER};
			$seen{$type} = join "  ", map { join " ", unpack "(H2)*", $_ }
				$option{150} // "", $option{66} // "", substr $bootp, 20, 4;
		}
		printf "  %-11s  %s\n", "first OFFER", $seen{OFFER} // "none";
		printf "  %-11s  %s\n", "last ACK", $seen{ACK} // "none";
		my $ours = "96 04 0a 4d 00 01  42 09 31 30 2e 37 37 2e 30 2e 31  0a 4d 00 01";
		exit(($seen{ACK} // "") ne $ours);
	' "$T/dhcp.pcap" "$1"
}

# --------------------------------------------------------------------------------------------- the bystanders

PC_MAC=00:aa:00:00:00:01

# An ordinary client, by hand: every byte of each DHCP reply, and what it fetches. ordinary DIRECTORY
ordinary()
{
	local file dhcpc=("$DHCPC" -i eth0 -m $PC_MAC -h accounts -p 1,3,6,15,66,150)
	mkdir -p "$1/files"
	{
		in_ns pc "${dhcpc[@]}" -x 0x1001 -d boot
		in_ns pc "${dhcpc[@]}" -x 0x1002 -a 10.77.0.20 -d renew
		in_ns pc "${dhcpc[@]}" -x 0x1003 -a 10.77.0.20 -d inform
	} >"$1/dhcp"
	in_ns pc ip address replace 10.77.0.20/24 dev eth0
	for file in XMLDefault.cnf.xml dialplan.xml RINGLIST.DAT ringer1.raw US/7960-tones.xml absent; do
		in_ns pc timeout 10 tftp -m binary 10.77.0.1 -c get "$file" "$1/files/${file##*/}" 2>&1
	done >"$1/tftp"
	in_ns pc ip address flush dev eth0
}

PROVISIONED=00:11:22:33:46:01

# A phone that is in use: it has a configuration of its own, and nobody started it.
provision()
{
	cat >"$TFTP_ROOT/SEP$(tr -d : <<<"${PROVISIONED^^}").cnf.xml" <<-END
	<device>
	  <deviceProtocol>SCCP</deviceProtocol>
	  <loadInformation model="IP Phone 7960">P00308000900</loadInformation>
	</device>
	END
}

warehouse()
{
	phone warehouse --mac $PROVISIONED --init-load P00308000900 --provisioned --scale "$SCALE" "$@"
}

# The nth boot in a trace, without its number
boot_of() { awk -v n="$2" '/^boot /{ at = $2; next } at == n' "$1"; }

same_boot()
{
	boot_of "$T/reference/trace" 1 >"$T/reference/boot"
	boot_of "$T/warehouse.trace" "$1" >"$T/warehouse.boot"
	[ "$(grep -c '^dhcp\|^file' "$T/reference/boot")" -gt 4 ] &&
		diff "$T/reference/boot" "$T/warehouse.boot"
}

same_client() { [ "$(grep -c '^message ' "$T/reference/pc/dhcp")" = 4 ] && diff -r "$T/reference/pc" "$1"; }

# What those two see of Kea and dnsmasq alone, from the same tree
reference()
{
	mkdir -p "$T/reference"
	KEA_NAME=reference site_plain_kea && site_plain_server || fiasco "Kea and dnsmasq alone"
	ordinary "$T/reference/pc"
	warehouse --once --max-time 15 --trace "$T/reference/trace"
	phone_ended warehouse 20 || fiasco "the provisioned phone's boot without loadstep"
	cp "$T/phones/warehouse.flash" "$T/reference/flash"
	KEA_NAME=reference kea_stop
	dnsmasq_stop
	mv "$T/dnsmasq/log" "$T/reference/dnsmasq.log"
	: >"$(phone_log warehouse)"
}

# ---------------------------------------------------------------------------------------------------- act one

# join NAME WHAT OPTION...: a phone joins the bench
join()
{
	local name=$1 what=$2
	shift 2
	CAST+=("$name")
	phone "$name" --scale "$SCALE" --repoll $REPOLL "$@"
	say "$(printf '  %-10s %s' "$name" "$what")"
	sleep 0.2
}

SHORT=(kitchen library stairs) # leases of 120 s, renewed every 5: these phones boot every ten

bench()
{
	join sales 'runs SIP 8.12 already' --init-load $GOAL
	join director 'SCCP 8.0(9): past 6.x, names its model' --init-load P00308000900
	join lobby '2.x; its vendor class names no model' --init-load P00302000000
	join kitchen '2.x; leases of 120 s' --init-load P00302000000 --mac 00:11:22:33:45:01
	join reception '3.0' --init-load P00303000100
	join canteen '3.0; a 7940' --init-load P00303000100 --model 7940
	join library '3.0; leases of 120 s' --init-load P00303000100 --mac 00:11:22:33:45:02
	join stairs '2.x; leases of 120 s' --init-load P00302000000 --mac 00:11:22:33:45:03
	join office 'already at 3.1(1.2)' --init-load P00303010102
	join workshop '5.0(5), and cannot be reset' --init-load P00305000500
	join basement '2.x; power goes between loader and application' \
		--init-load P00302000000 --fault cut:.sb2:0 --power-back-after 2
	join attic '2.x; reads nothing again once it runs 3.1: needs a hand' \
		--init-load P00302000000 --fault silent-after:P00303010102
}

# The demo's own hand: what a person does who sees `needs-reboot`. That is attic; it would be another phone
# too if that had been quicker than the hook's thread, for phones are SCALE times as fast here, but servers
# are not.
attend_silent()
{
	local name
	for name in "${CAST[@]}"; do
		[[ ${STANDS[$(who "$name")]:-} == *needs-reboot* ]] || continue
		if [ -z "${NOTICED[$name]:-}" ]; then
			NOTICED[$name]=$(since_ms)
			say "$(stamp)  $name is shown needs-reboot: its load waits, and it is silent"
		elif [ -z "${HELPED[$name]:-}" ] && [ $(($(since_ms) - NOTICED[$name])) -ge 1500 ]; then
			HELPED[$name]=yes
			phone_power_cycle "$name"
			say "$(stamp)  $name is unplugged and plugged in again"
		fi
	done
}

# Meanwhile life goes on: the ordinary client asks again, the phone in use is switched off and on.
attend_bystanders()
{
	[ "$BYSTANDERS" = once ] && [ "$(since_ms)" -ge $((ACT_MS + 12000)) ] || return
	BYSTANDERS=twice
	ordinary "$T/during"
	phone_power_cycle warehouse
	say "$(stamp)  the ordinary client asked for all of it again; the phone in use was off and on"
}

attend_basement()
{
	[ "$BASEMENT" = up ] && phone_said basement 'power: cut' || return
	BASEMENT=cut
	say "$(stamp)  basement has a new loader and no application, and loses power"
}

act_one()
{
	local BYSTANDERS=once BASEMENT=up ACT_MS
	heading 'Act one: each phone has its own view (layout = views)'
	KEA_GLOBAL=$(site_fast_class short 120 5 'substring(pkt4.mac, 4, 1) == 0x45')
	site_net
	site_alone
	site_tree || fiasco 'the load sets'
	provision
	client_ns pc $PC_MAC
	say "$(stamp)  first Kea and dnsmasq without loadstep: what an ordinary client and a phone in use get"
	reference
	site_up 'start = automatic' || fiasco 'the servers'
	start_daemon "$T/tcpdump.log" tcpdump -i br0 -U -s 0 -w "$T/dhcp.pcap" 'udp port 67 or udp port 68'
	TCPDUMP_PID=$!
	wait_for '[ -s "$T/dhcp.pcap" ]' 5
	site_phone_log "$T/act-one.log"
	ordinary "$T/before"
	warehouse --trace "$T/warehouse.trace"
	wait_for 'phone_said warehouse settled' 5
	say "$(stamp)  now with loadstep: a hook in kea-dhcp4, a script of dnsmasq's, an agent; 12 phones:"
	ACT_MS=$(since_ms)
	bench
	until all_done 12; do
		in_time $ACT_MS || fiasco 'act one: not all phones are done'
		show
		attend_basement
		attend_silent
		attend_bystanders
		sleep 0.3
	done
	show
	LIVE=0
	say ''
	say "$(stamp)  all 12 are done"
	ordinary "$T/after"
	stop "$TCPDUMP_PID"
	act_one_claims
}

renewals()
{
	local name
	for name in "${SHORT[@]}"; do cat "$(phone_log "$name")"; done | grep -c ' dhcp: renewed '
}

replayed()
{
	local dir=$T/replay
	mkdir -p "$dir/store"
	SITE=$dir SITE_SCALE=1 SITE_LIMITS='' site_conf >"$dir/loadstep.conf"
	SITE=$dir loadstep replay "$T/act-one.log" || return
	SITE=$dir loadstep status --json | phases_of >"$dir/phases"
	loadstep status --json | phases_of >"$dir/live"
	diff "$dir/live" "$dir/phases"
}

act_one_claims()
{
	say ''
	say '$ loadstep status'
	loadstep status
	status_json | jq -e 'any(.phones[]; .mac == null)' >/dev/null &&
		say '(Without a MAC: the ordinary client, which asked for XMLDefault.cnf.xml as phones do.)'
	say ''
	say "\$ loadstep explain $(who basement)     (basement, whose power was cut)"
	loadstep explain "$(who basement)"
	say ''
	say 'On the wire, to lobby: option 150 (hex 96, length, address), 66 (hex 42, length, text), siaddr.'
	say "Its first OFFER is the site's own, for nobody knew it yet; from the first ACK on it is ours:"
	on_the_wire "$(who lobby)"
	say ''
	claim "each of the 12 is proven to run $GOAL" proven "${CAST[@]}"
	claim "the phones' own flash holds $GOAL, whole" flashes_say "${CAST[@]}"
	claim 'option 150 went out as network-order addresses' on_the_wire "$(who lobby)"
	claim 'basement was half flashed, without power, and is done all the same' \
		eval 'was_phase basement half-flashed && phone_said basement "power: cut" &&
			never_phase basement stuck'
	claim 'attic was shown needs-reboot, and never stuck' \
		eval '[ "${HELPED[attic]:-}" = yes ] && never_phase attic stuck'
	claim "boots counted are the phones' own; $(renewals) renewals are none" \
		eval '[ "$(renewals)" -gt 0 ] && boots_agree "${CAST[@]}"'
	claim 'the ordinary client got the same bytes before, during and after as without loadstep' \
		eval 'same_client "$T/before" && same_client "$T/during" && same_client "$T/after"'
	claim 'so did the phone in use, at both boots; it is not started, and its flash is untouched' \
		eval 'same_boot 1 && same_boot 2 && [ "$(status_json warehouse .phase)" = seen ] &&
			diff "$T/reference/flash" "$T/phones/warehouse.flash"'
	claim "dnsmasq's log alone, in the phones' time, replayed into an empty store: the same phases" \
		replayed
	ACTS+=(one)
}

# ---------------------------------------------------------------------------------------------------- act two

# Every load that the root's XMLDefault.cnf.xml names, as it changes
watch_root()
{
	local now
	now=$(root_load)
	[ "$now" != "${SHOWN[-1]:-}" ] || return
	SHOWN+=("$now")
	say "$(stamp)  XMLDefault.cnf.xml: loadInformation7 is now $now"
	FOOT="XMLDefault.cnf.xml in the root names $now"
}

act_two()
{
	local SHOWN=('') FOOT= REPOLL=34 begin name # nobody waits for a quiet moment here
	heading 'Act two: one XMLDefault.cnf.xml for all, rotated (layout = shared)'
	site_down
	for name in "${CAST[@]}" warehouse; do phone_power_cut "$name"; done
	mv "$T/dnsmasq/log" "$T/dnsmasq/log.act-one"
	CAST=()
	SITE=$T/shared SITE_LAYOUT=shared TFTP_ROOT=$T/shared/tftp KEA_NAME=kea-shared KEA_GLOBAL=
	site_up 'start = automatic' || fiasco 'the servers'
	begin=$(since_ms)
	join ward-1 '2.x' --init-load P00302000000
	join ward-2 '2.x' --init-load P00302000000
	join ward-3 '3.0' --init-load P00303000100
	until all_done 3; do
		in_time "$begin" || fiasco 'act two: not all phones are done'
		watch_root
		show
		attend_silent
		sleep 0.2
	done
	show
	LIVE=0
	say ''
	say '$ loadstep status'
	loadstep status
	say ''
	claim "the three are proven to run $GOAL" proven "${CAST[@]}"
	claim "their own flash holds it" flashes_say "${CAST[@]}"
	claim "the root named each load once, in order: ${SHOWN[*]}" [ "${SHOWN[*]}" = " $SITE_LOADS" ]
	ACTS+=(two)
}

say "A bench of phones goes from old SCCP loads to $GOAL. Kea, dnsmasq, DHCP and TFTP are real; the"
say "phones are virtual, and $SCALE times faster than real ones, and so are loadstep's limits."
act_one
act_two
site_down
say ''
if [ $FAULTS = 0 ] && [ "${ACTS[*]}" = 'one two' ]; then
	say "$(stamp)  all of it is true."
	exit 0
fi
say "$(stamp)  the demo failed: $FAULTS claims did not hold; acts played to their end: ${ACTS[*]:-none}"
site_tail 8 2>&1
exit 1
