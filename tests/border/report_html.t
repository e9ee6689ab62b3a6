#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep report --html: the page holds what the fleet's numbers are, and a browser shows it: no complaint, nothing
# fetched, nothing too wide for a telephone, legible in both schemes and on paper, told to who does not see it; with names
# that were made to break it, and with 10,000 phones.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need jq perl
command -v chromium-headless-shell chromium >/dev/null || skip_all 'there is no chromium'
export TZ=Europe/Berlin
BEGIN=1772359500 # 2026-03-01T10:05:00Z
VIEWS='360-light 360-dark 1280-light 1280-dark print'
site

# look FILE [VIEW]...: opens it; what is said of it in $T/said
look()
{
	"$(dirname "$0")/page.pl" "$1" "$T/shots" "${@:2}" >"$T/said" 2>"$T/err" || { diag "$(cat "$T/err")"; return 1; }
}
said() { jq -c "$1" "$T/said"; }

# sound DESCRIPTION VIEW...: neither the browser nor page.js has found fault
sound()
{
	local view kind
	is "$(said .console)" '[]' "$1: nothing in the console"
	is "$(said .requests)" '[]' "$1: nothing is fetched"
	is "$(said .nameless)" '[]' "$1: nothing that is read out lacks a name"
	for view in "${@:2}"; do
		for kind in overflow contrast names structure outside; do
			is "$(said ".views[\"$view\"].$kind")" '[]' "$1, $view: $kind"
		done
	done
}

mkdir "$T/shots"
loadstep reload >/dev/null 2>&1

# ---- the judge itself: a page with each fault is found out
cat >"$T/bad.html" <<-'END'
	<!DOCTYPE html><html><head><title>bad</title><meta name="viewport" content="width=device-width"></head><body>
	<h3>first</h3><p style="color:#999">faint</p><p style="width:900px">wide</p><a href="#nowhere"></a>
	<svg viewBox="0 0 1 1"><path class="a" fill="#eee" d="M0 0H1V1Z"/></svg><table><tr><th>x</th></tr></table>
	<p id="twice">1</p><p id="twice">2</p><script>console.log("talks")</script>
	<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></body></html>
END
ok 'a bad page opens' look "$T/bad.html" 360-light
for kind in overflow contrast names structure outside; do
	ok "its faults are found: $kind" test "$(said ".views[\"360-light\"].$kind | length > 0")" = true
done
is "$(said '[.console, .nameless] | map(length > 0)')" '[true,true]' 'and what it says in the console, and what has no name'

# ---- nobody yet
run loadstep report --html "$T/page.html"
is "$code:$out$err" 0: 'of an empty store'
ok 'opens' look "$T/page.html" 360-light
sound 'empty' 360-light

# ---- a fleet, two of which have hostile names
"$BUILD/tests/makefleet" "sqlite:$T/store/state.db" 120 $BEGIN || exit 1
run loadstep report --html "$T/page.html"
is "$code:$out$err" 0: 'of a fleet'
is "$(stat -c %a "$T/page.html")" 644 'a web server may read it'
loadstep report --json >"$T/report.json"
page=$(tr '\n' ' ' <"$T/page.html")
ok 'opens' look "$T/page.html"
# shellcheck disable=SC2086
sound 'fleet' $VIEWS
is "$(said '.views | map(.title) | unique | length') $(said '.views["360-light"].title[:16]')" '1 "loadstep report,"' 'no name of a phone has run'
is "$(said '[.views["1280-light", "1280-dark", "print"].ground]')" '["rgb(255, 255, 255)","rgb(20, 23, 26)","rgb(255, 255, 255)"]' \
	'light and dark as the reader has it, paper white'
ok 'the pictures are there' test "$(find "$T/shots" -name '*.png' -size +8k | wc -l)" -ge 5
like "$page" '&lt;/script&gt;&lt;script&gt;document.title=&#39;owned&#39;&lt;/script&gt;' 'a hostile name is text'
like "$page" '&quot;&gt;&lt;img src=x onerror=document.title=&#39;owned&#39;&gt;&amp;lt;\\x07' 'and another'
not_ok 'no markup came in' grep -qiE '<script|<img|</title>.*</title>' "$T/page.html"
is "$(LC_ALL=C grep -c '[^ -~	]' "$T/page.html")" 0 'nothing but printable ASCII'
like "$page" "default-src 'none';style-src 'unsafe-inline'" 'the browser is told to load and run nothing'

# ---- what it says
is "$(grep -c '<details class="lane"' "$T/page.html")" 120 'a lane a phone'
is "$(grep -o '<dt>[a-z ]*</dt><dd[^>]*>[0-9,]*' "$T/page.html" | sed 's/<dt>//; s/<.*>/ /' | head -n 5 | tr '\n' ';')" \
	"$(jq -r '"phones \(.phones | length);done \(.counts.done);on their way \([.counts | .offered, .downloading, ."half-flashed", .flashing,
		.checking] | add);stuck \(.counts.stuck);waiting \(.counts.waiting);"' "$T/report.json")" 'the sums'
while IFS=$'\t' read -r cause n summary; do
	like "$page" "<h3>$cause: $n phones? now</h3> <p>${summary:0:1}" "cause $cause with its phones"
done < <(jq -r '.causes[] | [.cause, .phones, (.summary | ascii_upcase)] | @tsv' "$T/report.json")
like "$page" '<strong>To do:</strong> See which file with <code>loadstep log</code>;' 'and with what to do'
for stage in 'P00303010102' 'P0S3-8-12-00'; do
	like "$page" "<td class=\"l\">$stage</td><td>$(jq --arg load $stage '.plans[0].stages[] | select(.load == $load).here' \
		"$T/report.json")</td>" "where the phones are: $stage"
done
like "$page" 'stage 1 P00303010102, proven <time datetime="2026-03-01T1[0-9:]{7}Z">2026-03-01 1[0-9:]{4}</time>: XMLDefault.cnf.xml \(1,201 bytes\), P00303010102.bin \(391,704 bytes\)' \
	'fetches and proofs in words'
like "$page" '<time datetime="2026-03-01T10:05:00Z">2026-03-01 11:05</time>' 'times are local for people, with UTC beside them'
mac=$(jq -r 'first(.phones[] | select(.phase == "done")).finished' "$T/report.json")
like "$page" "datetime=\"$mac\"" 'the end of one that is done'
not_ok 'no limit is mentioned where none was met' grep -q 'The other' "$T/page.html"

# ---- a real server's log, nobody started, no load set here
loadstep --store "sqlite:$T/replayed.db" replay --format dnsmasq "$(dirname "$0")/../data/tftplog/dnsmasq-2.90.txt" >/dev/null 2>&1
run loadstep --store "sqlite:$T/replayed.db" report --html "$T/page.html"
is "$code:$err" 0: 'of a log that was replayed'
ok 'opens' look "$T/page.html" 360-dark
sound 'replayed' 360-dark
like "$(tr '\n' ' ' <"$T/page.html")" '<div class="x" aria-hidden="true"><span style="left:[0-9.]+%">' 'with labels on its time axis, however short it is'
ok 'and tells of phones' grep -q '<details class="lane"' "$T/page.html"

# ---- 10,000 phones
"$BUILD/tests/makefleet" "sqlite:$T/big.db" 10000 $BEGIN || exit 1
run loadstep --store "sqlite:$T/big.db" report --html "$T/page.html"
is "$code:$err" 0: 'of 10,000 phones'
is "$(grep -c '<details class="lane"' "$T/page.html")" 500 '500 have a lane of their own'
like "$(tr '\n' ' ' <"$T/page.html")" 'The other 9,500 phones</h3> <p>[^<]*it draws the 500 phones that need attention first' 'the page says so'
is "$(grep -o '<div class="many"><span><b>[0-9,]*' "$T/page.html" | sed 's/.*>//; s/,//' | awk '{ n += $1 } END { print n }')" 9500 'the others are all there, together'
ok 'it opens on a telephone' look "$T/page.html" 360-light
sound 'many' 360-light
ok 'few enough elements for any browser' test "$(said '.views["360-light"].elements')" -lt 20000
ok 'and bytes' test "$(stat -c %s "$T/page.html")" -lt 2000000
diag "10,000 phones: $(stat -c %s "$T/page.html") bytes, $(said '.views["360-light"].elements') elements, loaded in $(said .load_ms) ms"
done_testing
