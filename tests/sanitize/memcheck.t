#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# loadstep-event and each verb of loadstep once or twice under valgrind: no bad access, nothing lost for good. What they do is
# the border tests' concern, with their limits of time, within which valgrind is too slow. `make check-valgrind` runs it.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../border/operator.sh"
own_namespace "$@"
need valgrind
site
M=00:11:22:33:44:55
fresh_tftp_root P00303010102 P00305000500 P00308000900 P0S3-8-12-00 2>/dev/null
mkdir -p "$T/tftp/loads"
cp -r "$T"/made/* "$T/tftp/loads/"
cp "$LS_HERE/data/tftplog/dnsmasq-2.90.txt" "$T/tftp.log"

# memcheck PROGRAM ARGUMENT...: whatever it answers; a signal, or 99 from valgrind, is a finding
memcheck()
{
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite \
		--log-file="$T/valgrind.%p" "$@" >"$T/out" 2>&1 </dev/null
	code=$?
	if [ "$code" = 99 ] || [ "$code" -ge 126 ]; then
		diag "exit $code" "$(cat "$T"/valgrind.* "$T/out" | head -n 60)"
		return 1
	fi
	rm -f "$T"/valgrind.*
}
verb() { ok "loadstep $*" memcheck "$LOADSTEP" --config "$T/loadstep.conf" --yes "$@"; }
event() { ok "loadstep-event $(text=$*; echo "${text:0:70}" | tr -c ' -~\n' '?')" memcheck "$EVENT" "$@"; }

event
event init
event tftp 1 fe80::1 "$T/tftp/x"
event tftp 12x 10.0.0.20 "$T/tftp/x"
event tftp 5 10.0.0.256 "$T/tftp/x"
event tftp 5 10.0.0.20 "/$(printf '%01100d' 0)"
event tftp 59 10.0.0.20 "$T/tftp/SEP001122334455.cnf.xml"
event tftp 7 10.0.0.20 "$T/tftp/we"$'\n'"ird é.bin"
event tftp 7 10.0.0.20 /etc/passwd
verb reload
verb preview
verb preview --model 7960 --to P0S3-8-12-00
verb start 4455
for file in OS79XX.TXT XMLDefault.cnf.xml P00303010102.bin SEP001122334455.cnf.xml; do event tftp 99 10.0.0.20 "$T/tftp/$file"; done
mv "$T/store/state.db" "$T/state.db"
mkdir "$T/store/state.db"
event tftp 60 10.0.0.20 "$T/tftp/XMLDefault.cnf.xml"
ok 'a store that is none: it is spooled' test -s "$T/store/state.db.spool"
rmdir "$T/store/state.db"
mv "$T/state.db" "$T/store/state.db"
event tftp 61 10.0.0.20 "$T/tftp/XMLDefault.cnf.xml"
verb status
verb status --json
verb status --wide --cause any,none --port nowhere 10.0.0.0/24
verb status --wide --cause any,none 10.0.0.0/24
verb status --safe-to-cut
verb explain $M
verb explain --json $M
verb log
verb log --json
verb log -n 3 --since 1h --event sent,missing --file '*.xml' --phase seen,offered
verb publish
verb publish --apply
verb replay "$T/tftp.log"
verb agent --once --log "$T/tftp.log"
verb retry $M
verb skip $M
verb stop $M
verb forget $M
verb check
verb check --kea "$LS_HERE/../examples/kea-dhcp4.conf" --dnsmasq "$LS_HERE/../examples/dnsmasq.conf"
verb setup --print
verb help config
verb nonsense
echo '[plan x' >>"$T/loadstep.conf"
verb status
verb check
event tftp 62 10.0.0.20 "$T/tftp/XMLDefault.cnf.xml"
done_testing
