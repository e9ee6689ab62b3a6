#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# Whatever is thrown in our callouts, by our C or by Kea's own functions under them: the packet goes out as it was, byte for byte,
# and the server goes on. The library is linked anew from its own object files with fault/throw.c wrapped around three functions.
. "$(dirname "$0")/hook.sh"
need "${CC:=cc}" "${CXX:=c++}" nm readelf

option=$(nm -u "$BUILD/kea-hook/shim.o" | awk '/4dhcp6OptionC1E/ { print $2 }')
like "$option" '^_ZN3isc4dhcp6OptionC1E[^ ]*$' 'the glue makes options by one constructor'
flags=()
! nm -u "$BUILD/kea-hook/shim.o" | grep -q __gcov || flags+=(--coverage)
mapfile -t libraries < <(readelf -d "$HOOK" | sed -n 's/.*NEEDED.*\[\(libkea.*\|libsqlite.*\|libinih.*\|lib[atu]b*san.*\)\]/-l:\1/p')
link()
{
	"$CC" -std=c11 -D_GNU_SOURCE -fPIC -O2 -Wall -Wextra "-DOPTION=\"$option\"" -I"$LS_HERE/../kea-hook" -c -o "$T/throw.o" \
		"$LS_HERE/border/fault/throw.c" &&
		"$CXX" -shared "${flags[@]}" -pthread -Wl,--version-script="$LS_HERE/../kea-hook/hook.map" -o "$T/libfaulty.so" \
			-Wl,--wrap=hook_on_reply,--wrap=hook_on_gone,--wrap="$option" \
			"$BUILD"/kea-hook/*.o "$T/throw.o" "$BUILD/libloadstep.a" "${libraries[@]}"
}
ok 'the library with its faults is linked' link || done_testing

KEA_GLOBAL='"next-server": "10.77.0.77",'
KEA_OPTIONS='{ "name": "tftp-server-name", "data": "site.example" }'
KEA_OPTION150=10.77.0.50
faults='e0 e1 e2 e3 e4 e5 e6 e7'
everybody()
{
	local i
	for i in $faults; do
		client "$i" -x "0x10$i" -d -v 'Cisco IP Phone 7961 Special' -p 1,66,150 boot
		client "$i" -x "0x20$i" -d -v 'Cisco IP Phone 7961 Special' -p 1,3 discover
	done
}
kea_conf >"$T/plain.json"
kea_start "$T/plain.json"
everybody >"$T/without"
kea_stop
rm -f "$T"/kea/leases.csv*

loadstep_conf >"$CONF"
HOOK=$T/libfaulty.so
ok 'Kea starts with it' hook_start || done_testing
everybody >"$T/with"
is "$(grep -c '^message ' "$T/without")" 24 'replies to eight phones, three each'
block() { awk -v n="$2" '/^(OFFER|ACK)/ { c++ } int((c - 1) / 3) == n' "$1"; }
n=0
for what in 'a std::exception' 'no memory' 'an int' 'a text' 'a foreign exception' 'after the answer was made' \
	'while option 150 is made' 'option 150 is made, 66 fails'; do
	is "$(block "$T/with" $n)" "$(block "$T/without" $n)" "$what: the packets are as they were"
	n=$((n + 1))
done
is "$(client 01 -v 'Cisco IP Phone 7961 Special' discover | field 'option 150')" 0a4d00090a4d000a 'the next phone is answered as ever'
like "$(hook_said EXCEPTION | head -n 1)" '50% %s %1 of all, and a text that is longer' 'the log says what it was, as it was'
lines=$(hook_said EXCEPTION | wc -l)
ok "and not once a packet ($lines)" test "$lines" -le 3
wait_for '[ "$(store_list | grep -c "^00:11:22:33:44:01 ")" = 1 ]' 3
ok 'others are recorded' grep -q '^00:11:22:33:44:01 ' <<<"$(store_list)"

# A callout for leases: what is thrown there costs the release nothing.
got=$(client e2 -v "$BARE" -n -x 0x3001 boot)
address=$(field yiaddr <<<"$got")
server=$(field 'option 54' <<<"$got" | perl -ne 'print join ".", map hex, /(..)/g')
client e2 -a "$address" -S "$server" release
ok 'a release goes through' wait_for "grep -q DHCP4_RELEASE.*$address '$(kea_log)'" 3
ok 'a reload with it' kea_reload
is "$(status_of state)" running 'and it runs'
done_testing
