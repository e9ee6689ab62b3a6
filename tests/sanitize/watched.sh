#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# watched.sh DIR COMMAND...: run it, then show what the sanitizers or valgrind wrote into DIR (one file a process). Fails
# when the command fails or anything was found. A leak in Kea's process counts, whoever stands in its stack: Kea 2.2 has
# none of its own at exit, and since our library is closed by then, its addresses are shown as "<unknown module>" or as
# those of whatever was mapped there later.
set -u
dir=$1
shift
rm -rf "$dir"
mkdir -p "$dir"
chmod 1777 "$dir" # some tests run as other users
"$@"
code=$?
for report in "$dir"/*; do
	[ -s "$report" ] || continue
	# Nobody may trace a process that gave up root's rights, so its leaks cannot be looked for. That is no finding.
	if grep -q 'LeakSanitizer has encountered a fatal error' "$report" && ! grep -q 'ERROR: \|runtime error:' "$report"; then
		continue
	fi
	cat "$report"
	echo "# found by $report" >&2
	code=1
done
exit "$code"
