# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash
#
# phones.sh: for the virtual phone's own tests, after lib.sh: real Kea and dnsmasq, nothing else of this project, and
# an operator who edits files by hand.

# bench_up: network, Kea with option 150, dnsmasq; the tests' first ok lines
bench_up()
{
	need "$KEA_DHCP4" "$DNSMASQ" ip ethtool nsenter perl "$VPHONE" "$MKLOAD"
	net_up "$@"
	TFTP_ROOT=$T/tftp
	mkdir -p "$TFTP_ROOT" "$T/made"
	KEA_OPTION150=${KEA_OPTION150-10.77.0.1} kea_conf >"$T/kea.json"
	ok 'Kea serves' kea_start "$T/kea.json"
	ok 'dnsmasq serves' dnsmasq_start
}

# put_file NAME: standard input becomes a file of the root, at once
put_file() { cat >"$TFTP_ROOT/.$1.new" && mv "$TFTP_ROOT/.$1.new" "$TFTP_ROOT/$1"; }

# default_xml ELEMENT=LOAD...: an XMLDefault.cnf.xml, printed
default_xml()
{
	local pair
	cat <<-END
	<Default>
	  <callManagerGroup><members><member priority="0"><callManager>
	    <ports><ethernetPhonePort>2000</ethernetPhonePort></ports><processNodeName></processNodeName>
	  </callManager></member></members></callManagerGroup>
	END
	for pair; do echo "  <loadInformation${pair%%=*}>${pair#*=}</loadInformation${pair%%=*}>"; done
	echo '</Default>'
}

# show ELEMENT=LOAD...: what the operator did between two loads
show() { default_xml "$@" | put_file XMLDefault.cnf.xml; }

# make_load [OPTION]... LOAD: into $T/made; serve_load LOAD: its files into the root
make_load() { "$MKLOAD" --out "$T/made" "$@"; }
serve_load() { cp "$T/made/$1"/* "$TFTP_ROOT/"; }

# server_mark NAME: what the server's log says of that phone from here on
declare -A SERVER_MARK
server_mark() { SERVER_MARK[$1]=$(stat -c %s "$T/dnsmasq/log"); }

# server_saw NAME: what its address asked for since the mark, by the server's log, in order: FILE, or FILE! where it is
# not there; with a blank around each
server_saw()
{
	local address
	address=$(phone_address "$1")
	tail -c +$((${SERVER_MARK[$1]:-0} + 1)) "$T/dnsmasq/log" | sed -En "
		s|.* sent $TFTP_ROOT/+(.*) to $address\$| \1|p
		s|.* file $TFTP_ROOT/+(.*) not found for $address\$| \1!|p" | tr -d '\n'
	echo ' '
}

# phone_asked NAME: the same, by the phone's own log since its mark. Its order is the true one: dnsmasq may note a file as
# sent after it heard the next question.
phone_asked()
{
	tail -c +$((PHONE_MARK[$1] + 1)) "$(phone_log "$1")" | sed -En '
		s|^[0-9.]* tftp: /?(.*) [0-9]+ bytes$| \1|p
		s|^[0-9.]* tftp: /?(.*) not found$| \1!|p' | tr -d '\n'
	echo ' '
}

# saw NAME FILE...: consecutive questions of the phone, each of which the server has seen, too. MAC stands for the
# phone's
saw()
{
	local name=$1 mac wanted file seen
	shift
	mac=${PHONE_MAC[$name]^^}
	wanted=" ${*//MAC/${mac//:/}} "
	seen=$(server_saw "$name")
	LS_SAW="wanted$wanted; asked$(phone_asked "$name"); the server saw$seen"
	[[ "$(phone_asked "$name")" == *"$wanted"* ]] || return
	for file in $wanted; do [[ "$seen" == *" $file "* ]] || return; done
}

# saw_within NAME SECONDS FILE...
saw_within()
{
	local name=$1 seconds=$2
	shift 2
	wait_for "saw $name ${*@Q}" "$seconds" && return
	saw "$name" "$@" || diag "$LS_SAW"
	return 1
}

# never_saw NAME REGEX: in none of its questions
never_saw() { [[ ! "$(server_saw "$1")" =~ $2 ]]; }

# mark NAME: nothing that was said or asked so far counts any more
mark()
{
	phone_mark "$1"
	server_mark "$1"
}

# times_saw NAME FILE: how often
times_saw() { server_saw "$1" | tr ' ' '\n' | grep -Fxc -- "$2"; }

# times_said NAME PATTERN
times_said() { grep -Ec -- "$2" "$(phone_log "$1")"; }
