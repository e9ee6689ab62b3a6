#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep import and packages that somebody made to do harm, or that a bad day did: each refused as a whole, with the
# limit or the reason, and the tree afterwards as it was, to the last name.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
own_namespace "$@"
need perl zip tar bsdtar gzip
PACKER=$(realpath "$(dirname "$0")/packer.pl")
umask 022
site
mkdir "$T/fw" && "$MKLOAD" --out "$T/fw" P00303010102 P0S3-8-12-00
FW=$T/fw/P0S3-8-12-00
loadstep import "$T/fw/P00303010102" >/dev/null
mkdir "$T/outside" && echo untouched >"$T/outside/file"

# tree: every name below $T that an import could have touched, with type, size, target and bytes' time
tree() { (cd "$T" && find tftp outside store -printf '%p %y %s %l %T@ %m\n' | grep -v '^tftp/loads d ' | sort); }
before=$(tree)

# refused PACKAGE REGEX DESCRIPTION
refused()
{
	run loadstep import --json "$1"
	is "$code:$(jq -r '"\(.loads | length) \(.refused | length)"' <<<"$out")" '1:0 1' "$3: refused"
	like "$(jq -r '.refused[0].why' <<<"$out")" "$2" 'with the reason'
	is "$(tree)" "$before" 'nothing is left behind'
}

# ---- names that lead out
cd "$FW" || exit
for name in /etc/passwd ../outside/file P0S3/../../../outside/file '..' 'a\..\..\b' 'C:\P0S3.bin' '\P0S3.bin'; do
	"$PACKER" tar "$T/x.tar" 'f|P0S3.bin||good' "f|$name||bad"
	refused "$T/x.tar" '(absolute name|leads out of the package)' "tar with $name"
	"$PACKER" zip "$T/x.zip" 'P0S3.bin|good' "$name|bad"
	refused "$T/x.zip" '(absolute name|leads out of the package)' "zip with $name"
done
tar -cPf "$T/abs.tar" "$T/outside/file"
refused "$T/abs.tar" 'outside/file: an absolute name' 'tar -P'
(cd "$T/outside" && bsdtar -cPf "$T/up.tar" ../outside/file)
refused "$T/up.tar" '\.\./outside/file: a name that leads out' "bsdtar with .."

# ---- what is no file
"$PACKER" tar "$T/x.tar" 'l|P0S3.sb2|/etc/passwd|'
refused "$T/x.tar" 'P0S3\.sb2: a link that leads out' 'a link to an absolute name'
"$PACKER" tar "$T/x.tar" 'l|dir|../../outside|' 'f|dir/file||bad'
refused "$T/x.tar" 'dir: a link that leads out' 'a link out, and a file through it'
"$PACKER" tar "$T/x.tar" 'f|a||x' 'h|P0S3.sb2|/etc/shadow|'
refused "$T/x.tar" 'P0S3\.sb2: a hard link' 'a hard link'
for kind in 'c a.device' 'b a.device' 'p a.pipe'; do
	"$PACKER" tar "$T/x.tar" "${kind%% *}|P0S3.bin||"
	refused "$T/x.tar" "P0S3\.bin: ${kind#* }" "${kind#* }"
done
mkdir "$T/links" && ln -s "$T/outside/file" "$T/links/P0S3.bin" && (cd "$T/links" && zip -qy "$T/link.zip" P0S3.bin)
refused "$T/link.zip" 'P0S3\.bin: a link that leads out' "zip -y: a link out"
cp -r "$FW" "$T/inside" && ln -s P0S3-8-12-00.sb2 "$T/inside/latest.sb2" && mkfifo "$T/inside/pipe"
(cd "$T/inside" && tar czf "$T/inside.tar.gz" --exclude=pipe .)
for harmless in inside inside.tar.gz; do
	run loadstep import --json "$T/$harmless"
	is "$code:$(jq -r '.loads[].result' <<<"$out")" 0:imported "$harmless: a link within harms nobody"
	like "$(jq -r '."left-out"[] | "\(.file) \(.why)"' <<<"$out" | tr '\n' ,)" 'latest\.sb2 a link' 'it is left out'
	is "$(ls "$T/tftp/loads/P0S3-8-12-00" | wc -l)" 4 'and not made'
	rm -r "$T/tftp/loads/P0S3-8-12-00"
done
is "$(tree)" "$before" 'as before'

# ---- one name, two contents
"$PACKER" tar "$T/x.tar" 'f|P0S3.bin||one' 'f|P0S3.bin||two'
refused "$T/x.tar" 'P0S3\.bin: it is there twice, with other bytes' 'a member repeated with other bytes'
"$PACKER" zip "$T/x.zip" 'P0S3.bin|one' 'P0S3.bin|two'
refused "$T/x.zip" 'P0S3\.bin: it is there twice, with other bytes' 'in a zip'
"$PACKER" tar "$T/x.tar" 'f|P0S3.bin||one' 'f|p0s3.BIN||two'
refused "$T/x.tar" 'p0s3\.BIN: another file differs from it in case alone' 'names that differ in case alone'
tar cf "$T/again.tar" ./* && tar rf "$T/again.tar" P0S3-8-12-00.loads
run loadstep import --json "$T/again.tar"
is "$code:$(jq -r '.loads[].result' <<<"$out")" 0:imported 'a member repeated with the same bytes harms nobody'
rm -r "$T/tftp/loads/P0S3-8-12-00"

# ---- sizes and numbers
name=$(perl -e 'print "n" x 65000')
"$PACKER" tar "$T/x.tar" "f|$name||x"
refused "$T/x.tar" 'a name of 65000 bytes: the limit is 1024' 'a name of 64 KiB in a tar'
"$PACKER" zip "$T/x.zip" "$name|x"
refused "$T/x.zip" 'a name of 65000 bytes: the limit is 1024' 'in a zip'
deep=$(perl -e 'print "d/" x 600, "x"')
"$PACKER" tar "$T/x.tar" "f|$deep||x"
refused "$T/x.tar" 'a name of 1201 bytes: the limit is 1024' 'six hundred directories deep'
"$PACKER" tar-many "$T/x.tar" 21000
refused "$T/x.tar" 'more than 20000 files' 'too many files in a tar'
"$PACKER" tar-many /dev/stdout 1000000 | gzip -1 >"$T/x.tar.gz"
refused "$T/x.tar.gz" 'more than 20000 files' 'a million files in a tar.gz'
"$PACKER" zip-many "$T/x.zip" 1000000
refused "$T/x.zip" 'more than 20000 files' 'a million files in a zip'
rm -f "$T"/x.*
"$PACKER" tar "$T/x.tar" 'f|P0S3.bin||@2000000000'
refused "$T/x.tar" 'a file of 2000000000 bytes: the limit is 1073741824' 'a file of 2 GB, as its head says'
head -c 400M /dev/zero | (cd "$T" && zip -q x.zip - && head -c 400M /dev/zero | gzip -9 >zeros.gz)
refused "$T/x.zip" 'unpacks to more than 20 times its size' 'a bomb'
(cd "$T" && zip -q nested.zip x.zip)
refused "$T/nested.zip" 'unpacks to more than 20 times its size' 'a bomb in a zip'
mkdir "$T/sparse" && truncate -s 400M "$T/sparse/P0S3.bin" && echo >>"$T/sparse/P0S3.bin" && tar -C "$T/sparse" -Sczf "$T/sparse.tar.gz" P0S3.bin
refused "$T/sparse.tar.gz" 'unpacks to more than 20 times its size' 'a hole of 400 MB'
tar -C "$T/sparse" -czf "$T/bomb.cop" P0S3.bin && "$PACKER" sign bomb.cop.sgn <"$T/bomb.cop" >"$T/bomb.cop.sgn"
refused "$T/bomb.cop.sgn" 'unpacks to more than 20 times its size' 'a signed bomb'
run loadstep import --json "$T/zeros.gz"
is "$code:$(jq -r '."left-out"[].why' <<<"$out")" '1:an archive with nothing in it' '400 MB of zeros, which is an empty tar'
echo nothing | gzip >"$T/text.gz"
refused "$T/text.gz" 'damaged or cut short' 'a gzip without a tar in it'
rm -rf "$T"/x.* "$T/sparse" "$T"/*.gz "$T"/bomb* "$T/nested.zip"

# ---- directories of the operator's own
mkdir -p "$T/$(perl -e 'print "d/" x 20')"
refused "$T/d" 'more than 16 directories deep' 'twenty directories deep'
mkfifo "$T/fifo"
refused "$T/fifo" 'neither a file nor a directory' 'a pipe does not hold it up'

# ---- sealed, or nonsense
(cd "$FW" && zip -q -P secret "$T/sealed.zip" ./*)
refused "$T/sealed.zip" 'encrypted: unpack it first' 'an encrypted zip'
head -c 100000 /dev/urandom >"$T/random"
for magic in 'PK\003\004' '\037\213\010' 'PK\005\006'; do
	{ printf "$magic"; cat "$T/random"; } >"$T/x"
	run loadstep import --json "$T/x"
	is "$code:$(jq '.loads | length' <<<"$out")" 1:0 "noise behind $magic"
	is "$(tree)" "$before" 'nothing is left behind'
done
"$PACKER" tar "$T/x.tar" $'f|bell\a\e[31m\n.txt||x'
run loadstep import "$T/x.tar"
is "$out" "left out: bell\\x07\\x1b[31m\\n.txt ($T/x.tar): no firmware"$'\n''no load set was found' 'names are escaped for the terminal'

# ---- the disk is full
mkdir "$T/small" && mount -t tmpfs -o size=200k none "$T/small" && at_end umount -l "$T/small"
sed "s|^root = .*|root = $T/small|" "$T/loadstep.conf" >"$T/small.conf"
run "$LOADSTEP" --config "$T/small.conf" import "$FW"
is "$code" 1 'a full disk'
like "$err" 'No space left on device; nothing was imported' 'is told'
is "$(find "$T/small" -mindepth 1 -printf '%P\n')" loads 'nothing is left behind'
umount "$T/small" && mount -t tmpfs -o size=400k none "$T/small"
run "$LOADSTEP" --config "$T/small.conf" import "$FW"
is "$code" 5 'full while the set is built'
like "$err" 'P0S3-8-12-00: .*No space left on device' 'is told'
is "$(find "$T/small" -mindepth 1 -printf '%P\n')" loads 'nothing is left behind'
done_testing
