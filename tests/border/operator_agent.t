#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep agent: follows a log that grows, is rotated, cut short and left alone for a while; takes in the
# spool; ends cleanly. Each line of the log counts once, and none is lost.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need perl setpriv gzip
site
log=$T/tftp.log

# stamp [WHEN]: as dnsmasq writes it
stamp() { date -d "${1:-now}" '+%b %e %H:%M:%S dnsmasq-tftp[7]:'; }
# say FILE [LOG]: it was fetched now; each line has a file of its own
say() { echo "$(stamp) sent $T/tftp/$1 to 10.0.0.20" >>"${2:-$log}"; }
agent_up()
{
	start_daemon "$T/agent.err" "$LOADSTEP" --config "$T/loadstep.conf" agent --log "$log"
	agent=$!
}
agent_down() { stop "$agent"; }
in_history() { wait_for "[ \"\$(history | grep -c '^sent $1 ')\" = 1 ]" 10; }
seen() { history | grep -c '^sent file'; }

echo "$(stamp) file $T/tftp/SEP001122334455.cnf.xml not found for 10.0.0.20" >"$log"
echo "$(stamp '1 hour ago') sent $T/tftp/earlier to 10.0.0.20" >>"$log"
say file1
agent_up
ok 'what was in the log before' in_history file1
is "$(phone_json 00:11:22:33:44:55 address)" 10.0.0.20 'a not-found probe made the phone known'
not_ok 'of a log never followed before, what is older than ten minutes is passed over' \
	grep -q earlier <(history)
ok 'the tree is published' wait_for "[ -s '$T/tftp/stages/ladder/waiting/XMLDefault.cnf.xml' ]" 10
ok 'missing load sets are told' wait_for "grep -q 'P00303010102.* is missing' '$T/agent.err'" 10
say file2
ok 'what comes' in_history file2
printf '%s sent %s/fil' "$(stamp)" "$T/tftp" >>"$log"
sleep 0.5
printf 'e3 to 10.0.0.20\n' >>"$log"
ok 'a line that comes in two pieces' in_history file3
{ head -c 40000 /dev/zero | tr '\0' x; echo; } >>"$log"
say file4
ok 'behind a line that is far too long' in_history file4
echo "$(stamp) $T/tftp/f an 10.0.0.20 verschickt" >>"$log"
ok 'another language is told' wait_for "grep -q 'dnsmasq writes in another language' '$T/agent.err'" 5

# ---- rotation, as logrotate does it: the writer goes on in the old file until it is told
mv "$log" "$log.1"
: >"$log"
say file5 "$log.1"
ok 'renamed away, the writer still in the old file' in_history file5
say file6
ok 'then in the new one' in_history file6
cp "$log" "$log.2"
: >"$log"
say file7
ok 'cut short in its place (copytruncate)' in_history file7

# ---- while nobody looks
agent_down
is "$(grep -c 'agent: .*, 1 passed over as too long; done' "$T/agent.err")" 1 'SIGTERM: a clean end, and what was too long is counted'
say file8
agent_up
ok 'what came while the agent was away' in_history file8
agent_down
say file9
mv "$log" "$log.3"
gzip "$log.3"
say file10
agent_up
ok 'the rest of a file that was rotated and packed meanwhile' in_history file9
ok 'and the file in its place' in_history file10
agent_down
: >"$log"
for i in $(seq 11 30); do say "file$i"; done
agent_up
ok 'a file that was cut short meanwhile, and is longer now than it was' in_history file30
sleep 0.5
is "$(seen)" 30 'every line counted once'

# ---- the spool, and a store that goes away
printf 'sent %s000 10.0.0.20 5 script %s\n' "$(date +%s)" "$T/tftp/spooled" >"$T/store/state.db.spool"
ok 'the spool is taken in' in_history spooled
ok 'and it is told' grep -q '1 spooled event taken in' "$T/agent.err"
run loadstep agent --once
is "$code" 0 'no log at all: ticks, publishes and ends (--once)'
ok 'the agent still runs' is_running "$agent"
ok 'while a log is followed, status has no word about it' wait_for "! '$LOADSTEP' status | grep -q 'no log is followed'" 10
agent_down
touch -d '1 minute ago' "$T/store/state.db.agent"
start_daemon "$T/agent.err" "$LOADSTEP" --config "$T/loadstep.conf" agent
agent=$!
ok 'without, it has one' wait_for "'$LOADSTEP' status | grep -q '^no log is followed: causes from missing files are blind (loadstep agent)\$'" 10
agent_down
not_ok 'no sanitizer or library had anything to say' grep -qi 'runtime error\|malloc\|assert' "$T/agent.err"
done_testing
