# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash
#
# operator.sh: what the tests of loadstep-event and of the operator's command share. Source it behind lib.sh.

LOADSTEP=$BUILD/loadstep
EVENT=$BUILD/loadstep-event

# site [LINE]...: a configuration with one classic plan, its store and its TFTP root below $T; further lines
# go to the end
site()
{
	mkdir -p "$T/store" "$T/tftp/loads"
	cat >"$T/loadstep.conf" <<-END
	[store]
	url = sqlite:$T/store/state.db
	[tftp]
	root = $T/tftp
	[plan ladder]
	models = 7940 7960 unnamed
	stages = P00303010102 P00305000500 P00308000900 P0S3-8-12-00
	networks = 10.0.0.0/24
	tftp-servers = 10.0.0.1
	END
	printf '%s\n' "$@" >>"$T/loadstep.conf"
	export LOADSTEP_CONFIG=$T/loadstep.conf
}

# loadstep ARGUMENT...: the command on that site
loadstep() { "$LOADSTEP" --config "$T/loadstep.conf" "$@"; }

# run COMMAND...: its output in $out, its complaints in $err, its exit code in $code
run()
{
	out=$("$@" 2>"$T/err")
	code=$?
	err=$(cat "$T/err")
}

# event ARGUMENT...: loadstep-event as dnsmasq starts it (D§1): signals ignored, / as directory, no input
event()
{
	local before=${EPOCHREALTIME/./}
	out=$(trap '' INT PIPE ALRM TERM; cd / && umask 022 && exec env --default-signal=HUP,QUIT "$EVENT" "$@" 2>&1 </dev/null)
	code=$?
	took_ms=$(((${EPOCHREALTIME/./} - before) / 1000))
}

# history [MAC]: one "event file bytes" a line
history()
{
	loadstep log --json "$@" | perl -MJSON::PP -ne '
		my $h = decode_json($_);
		print join(" ", $h->{event}, $h->{file} // "-", $h->{bytes} // "-"), "\n"'
}

# phone_json MAC KEY: that value of its object in status --json
phone_json()
{
	loadstep status --json | perl -MJSON::PP -0777 -ne '
		my ($mac, $key) = splice @ARGV, 0, 2;
		for (@{decode_json($_)->{phones}}) {
			next unless ($_->{mac} // "") eq $mac;
			my $v = $_->{$key};
			print ref $v ? join(" ", @$v) : $v // "null", "\n";
		}' - "$1" "$2" 2>/dev/null
}

# agent_sign: as of an agent that follows a log, for the next hour
agent_sign()
{
	echo "$T/tftp.log" >"$T/store/state.db.agent"
	touch -d '+1 hour' "$T/store/state.db.agent"
}

# bench_host: this namespace has the address that site()'s plan names, and neither the machine's Kea nor its AppArmor
bench_host()
{
	local dir
	ip address add 10.0.0.1/24 dev lo
	for dir in /etc/kea /etc/loadstep /sys/kernel/security; do
		[ -d $dir ] || continue
		mkdir -p "$T/none$dir"
		mount --bind "$T/none$dir" $dir
	done
}

# bench_dnsmasq [LINE]...: dnsmasq as `loadstep check` wants it for that site, with further lines; its pid is $dnsmasq.
# Variable: DNSMASQ_BY (words of a command that starts it)
bench_dnsmasq()
{
	printf '%s\n' port=0 enable-tftp "tftp-root=$T/tftp" tftp-unique-root=ip tftp-max=200 user=dnsmasq pid-file= \
		"dhcp-script=$EVENT" "log-facility=$T/tftp.log" "$@" >"$T/dnsmasq.conf"
	: >>"$T/tftp.log"
	start_daemon "$T/dnsmasq.out" env LC_ALL=C "${DNSMASQ_BY[@]}" "$DNSMASQ" -k -C "$T/dnsmasq.conf"
	dnsmasq=$!
	wait_for 'grep -qi ":0045 " /proc/net/udp' 5
}
