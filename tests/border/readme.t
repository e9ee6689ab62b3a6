#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# What README.md tells people to paste is what works: the configuration, Kea's snippet, dnsmasq's lines.
. "$(dirname "$0")/../lib.sh"
need dnsmasq jq zip
workdir
README=$(dirname "$0")/../../README.md

# snippet LANGUAGE WORD: the first fenced block of that language (or of none) that has the word in it, without its indent
snippet()
{
	awk -v language="$1" -v word="$2" '
		/^ *```/ && !inside { inside = 1; text = ""; mine = ($0 ~ "```" language "$"); next }
		/^ *```/ { if (mine && index(text, word)) { printf "%s", text; exit } inside = 0; next }
		inside { sub(/^   /, ""); text = text $0 "\n" }' "$README"
}

snippet ini '[plan' >"$T/loadstep.conf"
like "$(cat "$T/loadstep.conf")" 'stages +=' 'README has a loadstep.conf'
mkdir "$T/store" "$T/tftp"
sed -i "s|/var/lib/loadstep|$T/store|; s|/srv/tftp|$T/tftp|" "$T/loadstep.conf"
"$BUILD/loadstep" --config "$T/loadstep.conf" reload >"$T/out" 2>&1
is $? 0 'which is put in force as it stands'
like "$(cat "$T/out")" 'P00303010102.* is missing' 'and says which load sets are still to be brought'
mkdir "$T/firmware"
for load in P00303010102 P00305000500 P00308000900 P0S3-8-12-00; do
	"$MKLOAD" --out "$T" "$load" && (cd "$T" && zip -qr "firmware/$load.zip" "$load")
done
import=$(snippet sh 'loadstep import')
is "$import" 'loadstep import ~/firmware/*' 'README imports what was downloaded'
(PATH=$BUILD:$PATH HOME=$T LOADSTEP_CONFIG=$T/loadstep.conf bash -c "$import" >"$T/out" 2>&1)
is "$? $(grep -c ' imported ' "$T/out")" '0 4' 'which brings the four loads in'
# "/srv/tftp/loads/L/F1  F2  .x": .x stands for L.x, and of the loader's two forms for its name
while read -r first rest; do
	load=$(cut -d / -f 5 <<<"$first") last=${first##*/} names=${first##*/}
	for name in $rest; do
		[ "${name#.}" = "$name" ] || name=${last%.*}$name
		names="$names $name" last=$name
	done
	is "$(ls "$T/tftp/loads/$load" | sort | tr '\n' ' ')" "$(tr ' ' '\n' <<<"$names" | sort | tr '\n' ' ')" "as README shows $load"
done < <(snippet '' 'loads/P0S3')
is "$(ls "$T/tftp/loads" | tr '\n' ' ')" 'P00303010102 P00305000500 P00308000900 P0S3-8-12-00 ' 'its tree has a directory for each load of that plan'
"$BUILD/loadstep" --config "$T/loadstep.conf" publish >"$T/out" 2>&1
is "$(cat "$T/out")" 'the tree says what the state says' 'and the stages are built'

is "$(printf '{ %s }' "$(snippet json hooks-libraries)" | jq -r '."hooks-libraries"[0].parameters."config-file"')" \
	/etc/loadstep/loadstep.conf "Kea's snippet is JSON and names that file"

snippet '' dhcp-script= >"$T/dnsmasq.conf"
"$DNSMASQ" --test -C "$T/dnsmasq.conf" >"$T/out" 2>&1
is "$? $(cat "$T/out")" '0 dnsmasq: syntax check OK.' 'dnsmasq takes its lines'
snippet '' TFTP_OPTIONS >"$T/default"
is "$(cat "$T/default")" "$(grep '^TFTP_OPTIONS' "$LS_HERE/../examples/tftpd-hpa.default")" \
	'the options for tftpd-hpa are those of the example, which is started by a test of its own'
sed "s|^\[tftp\]|&\ndaemon = tftpd-hpa\nmap-file = $T/store/tftpd-hpa.map|" "$T/loadstep.conf" >"$T/hpa.conf"
"$BUILD/loadstep" --config "$T/hpa.conf" reload >"$T/out" 2>&1
is $? 0 'its plan can be served by tftpd-hpa, too'

is "$(grep -cE '^(port=0|enable-tftp|tftp-unique-root=ip|dhcp-script=)' "$T/dnsmasq.conf")" 4 'among them those without which nothing works'
done_testing
