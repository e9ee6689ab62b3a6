#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep watch on a real terminal (tmux's), over a store that changes, and as plain lines without one.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need tmux perl jq
export TZ=UTC
URL=sqlite:$T/store/state.db
MOVE=$BUILD/tests/movefleet
site

# ---- usage
run loadstep watch --nonsense
is "$code" 2 'usage'
run loadstep watch "$(printf 'x%.0s' {1..70})"
is "$code" 2 'a filter that is too long'
run loadstep watch </dev/null
is "$code" 4 'without a store'

# ---- without a terminal
"$MOVE" make "$URL" 40 || exit 1
HALF=00:1b:0c:18:b0:08 # half-flashed
start_daemon "$T/lines" "$LOADSTEP" watch
lines=$!
start_daemon "$T/json" "$LOADSTEP" watch --json
start_daemon "$T/few" "$LOADSTEP" watch 'b0:27'
ok 'a summary comes first' wait_for 'grep -q "^..:..:.. summary: 40 phones, 6 done (15 %): 2 stuck, " "$T/lines"' 5
like "$(head -n 1 "$T/lines")" 'writing flash: [0-9]+ phones, do not cut power .*files/min, .*MB/min; time left: ' 'with all that counts'
is "$(grep -c ': stuck: [a-z-]*: .*; ' "$T/lines")" 2 'then who is stuck, why, and what to do'
wait_for '[ -s "$T/few" ]' 5
sleep 0.3 # the JSON form says nothing of its beginning
"$MOVE" step "$URL" $HALF 2
ok 'a line an event' wait_for 'grep -q "checking: came back" "$T/lines"' 5
is "$(grep "$HALF" "$T/lines" | cut -c 10-)" "$HALF 7960 P00308000900: sent P00308000900.sb2 (3/3); half-flashed -> flashing: has the whole load
$HALF 7960 P00308000900: flashing -> checking: came back" 'with the file, how many of them, and the phase'
ok 'one JSON object an event' wait_for '[ "$(wc -l <"$T/json")" = 2 ]' 5
is "$(jq -sc 'map([.mac, .event, .file, .to])' "$T/json")" \
	"[[\"$HALF\",\"sent\",\"P00308000900.sb2\",\"flashing\"],[\"$HALF\",\"boot\",null,\"checking\"]]" 'as log --json has them'
is "$(grep -c "$HALF" "$T/few")" 0 'words leave the others out'
stop $lines
like "$(tail -n 1 "$T/lines")" 'summary: 40 phones' 'at its end a summary again'

# ---- a terminal with a shell in it that leaves the terminal's modes as they are
MUX=(tmux -S "$T/tmux" -f /dev/null)
at_end "${MUX[@]}" kill-server
ended=0
modes="stty -a | tr ' ' '\\n' | grep -cx -e icanon -e echo -e icrnl -e opost"
"${MUX[@]}" new-session -d -x 80 -y 24 -s w "env PS1='ready> ' LC_ALL=C.UTF-8 sh -i" || exit 1
"${MUX[@]}" set -g status off
"${MUX[@]}" resize-window -t w -x 80 -y 24

screen() { "${MUX[@]}" capture-pane -p "$@" -t w; }
type_() { "${MUX[@]}" send-keys -t w "$@"; }
# shows REGEX [SECONDS]: the screen does, soon
shows()
{
	wait_for "screen | grep -Eq -- ${1@Q}" "${2:-4}" && return
	diag "not on the screen: $1" "$(screen)"
	return 1
}
row() { screen | grep -m 1 "^00:1b:0c:18:$1 "; }
# watch [VARIABLE=VALUE]...: types the command; its pid will be in $T/pid
watch()
{
	rm -f "$T/pid"
	type_ "env $* sh -c 'echo \$\$ >$T/pid; exec $LOADSTEP --config $T/loadstep.conf watch'" Enter
	wait_for '[ -s "$T/pid" ]' 5
}
# ended: it has, with exit code 0, and the terminal is as it was before
ended()
{
	wait_for '! kill -0 "$(cat "$T/pid")"' 4
	ended=$((ended + 1))
	type_ "echo \"$ended: code \$?, \$($modes) modes\"" Enter
	shows "^$ended: code 0, 4 modes"
}

shows '^ready>'
type_ 'echo before the picture' Enter
shows '^before the picture'
watch
ok 'the picture comes' shows '^40 phones, 6 done \(15 %\): 2 stuck'
like "$(screen | sed -n 1p)" '^ loadstep watch  ..:..:.. .* 1-14 of 40, by attention' 'a title'
ok 'what must not be unplugged' shows '^writing flash: [0-9]+ phones, do not cut power'
like "$(screen | sed -n 6,7p | tail -n 1)" '^00:1b:0c:18:b0:03 7960 .*■■■!.* stuck: image-rejected' 'the stuck are on top, with the cause'
ok 'and what to do about the chosen one' shows '^it took the whole image twice .*: read$'

type_ / b 0 : 1 7 Enter
ok 'filter' shows '"b0:17": 1-1 of 1,'
like "$(row b0:17)" '\[■■■►\] \[■\]\[■\]\[ \] .* half-flashed' 'stages, and boxes of files'
"$MOVE" step "$URL" 00:1b:0c:18:b0:17
ok 'what changes is seen' shows '\[■■■►\] \[■\]\[■\]\[■\] .* flashing'
type_ p
ok 'pause' shows 'PAUSED'
"$MOVE" step "$URL" 00:1b:0c:18:b0:17
sleep 0.7
like "$(row b0:17)" ' flashing' 'nothing moves'
type_ p
ok 'and on' shows '^00:1b:0c:18:b0:17 .* checking'
type_ Escape
ok 'all again' shows '1-14 of 40,'
type_ s
ok 'sort' shows 'by MAC'
like "$(screen | sed -n 7p)" '^00:1b:0c:18:b0:00 ' 'by MAC'
type_ End
ok 'scroll' shows '27-40 of 40'
ok 'to the last' shows '^00:1b:0c:18:b0:27 '
type_ Home Down Down Down Enter
ok 'the story of one' shows '^7960 00:1b:0c:18:b0:03 at stage 4 of 4 '
type_ NPage
ok 'with what to do' shows '^to do +1. read Settings'
type_ q '?'
ok 'help' shows '■ sent  ▄ asked for'
type_ q

"${MUX[@]}" resize-window -t w -x 150 -y 40
ok 'a wider window has more columns' shows '^MAC +ADDRESS +MODEL +PLAN +STAGE +LOAD +FILES +SINCE +LEFT +PHASE'
ok 'and what to do in the row' shows '^00:1b:0c:18:b0:03 .*stuck: image-rejected: read Settings'
"${MUX[@]}" resize-window -t w -x 50 -y 9
ok 'a small one less' shows '^MAC +STAGE +FILES +SINCE +PHASE$'
ok 'but never the warning' shows '^writing flash: [0-9]+ phones, do not cut power'
"${MUX[@]}" resize-window -t w -x 20 -y 9
ok 'too small: it says so' shows '^too small: 48 by 5'
"${MUX[@]}" resize-window -t w -x 100 -y 24
ok 'and back' shows '^MAC .*MODEL'

"$MOVE" spoil "$URL" 00:1b:0c:18:b0:00
ok 'hostile text is escaped' shows '^00:1b:0c:18:b0:00 .*\\x1b\[31mR\\x9b'
type_ g Enter
ok 'in its story, too' shows 'loadstep watch' && shows ' 00:1b:0c:18:b0:00 at '
is "$("${MUX[@]}" display -p -t w '#{pane_title}' | grep -c owned)" 0 'none of it reaches the terminal'
type_ q

mv "$T/store/state.db" "$T/store/aside"
ok 'the store is away: it says so' shows '^the store cannot be read since ..:..:..'
ok 'and shows what it knows' shows '^00:1b:0c:18:b0:03 '
mv "$T/store/aside" "$T/store/state.db"
ok 'and goes on' wait_for '! screen | grep -q "cannot be read"' 5

type_ C-z
ok 'stopped: what was there before is there again' shows '^before the picture'
type_ "$modes" Enter
ok 'and the terminal is as it was' shows '^4$'
type_ fg Enter
ok 'and it takes it again' shows '^40 phones'
type_ q
ok 'quit' ended
ok 'what was there before is there again' shows '^before the picture'

watch
shows '^40 phones'
is "$(screen -e | grep -cP '\x1b\[[0-9;]*31m.*stuck' | sed 's/^[1-9].*/some/')" some 'the stuck are red'
kill -TERM "$(cat "$T/pid")"
ok 'SIGTERM' ended
watch NO_COLOR=1 LC_ALL=C
ok 'without Unicode' shows '^00:1b:0c:18:b0:03 .*\[###!\]'
is "$(screen -e | grep -cP '\x1b\[[0-9;]*3[0-7][;m]')" 0 'NO_COLOR: no colour'
type_ C-c
ok 'Ctrl-C' ended
watch TERM=dumb
ok 'a terminal that cannot place its cursor gets lines' shows '^..:..:.. summary: 40 phones'
type_ C-c
ok 'and ends as well' ended
done_testing
