#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep agent over systemd's journal, with the real journald and journalctl: from where it was, each entry once, whatever
# ends in between; the same entries through pipes, in each form that journalctl prints them; and a named pipe.
. "$(dirname "$0")/../lib.sh"
JOURNALD=/lib/systemd/systemd-journald
own_namespace "$@"
. "$(dirname "$0")/operator.sh"
need perl journalctl logger mkfifo "$JOURNALD"
site

# journald with a /run and a /dev of its own
dev_log # the nodes; its socket gives way
mount -t tmpfs -o mode=0755 none /run
mkdir -p /run/systemd/journal /run/log/journal
rm -f /dev/log
ln -s /run/systemd/journal/dev-log /dev/log
start_daemon "$T/journald.out" "$JOURNALD"
wait_for '[ -S /dev/log ] && journalctl -n 1' 10 || skip_all 'journald does not run here'

# say FILE: it is asked for, and not there, now
say() { logger -t dnsmasq-tftp "file $T/tftp/$1 not found for 10.0.0.20"; }
# missing: which files the history has as missing, in order
missing() { history "$@" | sed -n 's/^missing \([^ ]*\) .*/\1/p' | tr '\n' ' '; }
expect_missing() { wait_for "[ \"\$(missing)\" = '$1 ' ]" 10 || { diag "$(missing)" "$(cat "$T/agent.err")"; return 1; }; }
agent_up() # OPTION...
{
	start_daemon "$T/agent.err" "$LOADSTEP" --config "$T/loadstep.conf" agent "$@"
	agent=$!
}
# pid of the journalctl that the agent has started
reader() { sed 's/ .*//' "/proc/$agent/task/$agent/children"; }

SEP=SEP001122334455.cnf.xml
say $SEP
logger -t cron "file $T/tftp/nobody not found for 10.0.0.20"
wait_for "journalctl -t dnsmasq-tftp -o cat | grep -q $SEP" 5
agent_up --journal
ok 'what is in the journal' expect_missing $SEP
is "$(phone_json 00:11:22:33:44:55 address)" 10.0.0.20 'a not-found probe made the phone known'
say f1
ok 'what comes' expect_missing "$SEP f1"
# dnsmasq -k, whose standard error the journal catches, and a name with bytes that are no UTF-8
logger -t dnsmasq "dnsmasq-tftp: file $T/tftp/f2 not found for 10.0.0.20"
printf 'file %s/tftp/\xff\x1b not found for 10.0.0.20' "$T" | logger -t dnsmasq-tftp
ok 'its standard error, and bytes that are no UTF-8' expect_missing "$SEP f1 f2 \\xff\\x1b"
wait_for "grep -q '^journal cursor=s=' '$T/store/state.db.place'" 5
first=$(reader)
kill "$first"
say f3
ok 'journalctl ends: it is started again, and goes on where it was' expect_missing "$SEP f1 f2 \\xff\\x1b f3"
like "$(cat "$T/agent.err")" 'journalctl has ended \(signal 15\)' 'and it is told'
reader=$(reader)
stop "$agent"
not_ok 'with the agent its journalctl ends' [ -e "/proc/$reader" ]
say f4
agent_up --journal
ok 'what came while the agent was away' expect_missing "$SEP f1 f2 \\xff\\x1b f3 f4"
{ kill -9 "$agent" && wait "$agent"; } 2>/dev/null
say f5
run loadstep agent --journal --once
is "$code" 0 '--once: what is there, and no more'
is "$(missing)" "$SEP f1 f2 \\xff\\x1b f3 f4 f5 " 'each entry once, also after a kill'
all=$(missing)

# ---- the same through a pipe: nothing is new but what is told in another form
for form in json json-seq short-iso short-iso-precise short-unix short short-precise; do
	journalctl -o $form >"$T/journal.$form"
	run loadstep --store "sqlite:$T/$form.db" replay - <"$T/journal.$form"
	got=$(loadstep --store "sqlite:$T/$form.db" log --json | grep -c '"missing"')
	# as text, journalctl does not show a message with control characters
	case $form in json*) want=7 ;; *) want=6 ;; esac
	is "$got" "$want" "journalctl -o $form"
done
journalctl -o json | "$LOADSTEP" --config "$T/loadstep.conf" agent --log - --once 2>"$T/err"
is "$(missing)" "$all" 'a pipe with what was read before: each entry counts once'
ok 'and is said to be followed' grep -q 'following -' "$T/err"
journalctl -o json | "$LOADSTEP" --config "$T/loadstep.conf" agent --log - 2>"$T/err"
is "${PIPESTATUS[1]}" 1 'a pipe that ends is followed no more'
like "$(cat "$T/err")" 'the log has ended' 'and that is said'

# ---- a named pipe
mkfifo "$T/fifo"
agent_up --log "$T/fifo"
echo "$(date '+%b %e %H:%M:%S') dnsmasq-tftp[7]: file $T/tftp/f6 not found for 10.0.0.20" >"$T/fifo"
ok 'a named pipe' expect_missing "${all}f6"
echo "$(date '+%b %e %H:%M:%S') dnsmasq-tftp[7]: file $T/tftp/f7 not found for 10.0.0.20" >"$T/fifo"
ok 'and its next writer' expect_missing "${all}f6 f7"
stop "$agent"

# ---- what does not work
mkdir "$T/empty"
: >"$T/agent.err"
PATH=$T/empty agent_up --journal
ok 'without journalctl it is told' wait_for "grep -q 'journalctl cannot be started' '$T/agent.err'" 5
ok 'and the agent goes on' is_running "$agent"
sleep 2.5
is "$(grep -c 'journalctl' "$T/agent.err")" 1 'it is told once'
stop "$agent"
PATH=$T/empty "$LOADSTEP" --config "$T/loadstep.conf" agent --journal --once 2>/dev/null
is $? 1 'with --once it is a failure'
run loadstep agent --journal --log "$T/fifo"
is "$code" 2 'one log'
not_ok 'no sanitizer or library had anything to say' grep -qi 'runtime error\|malloc\|assert' "$T/agent.err"
done_testing
