/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a file is, by its first bytes: an archive, an archive behind a signature header (F§3.2: .cop.sgn), an
 * archive of a kind that nobody here opens, or a file for itself.
 */
#include "unpack.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loadset.h"

#define SIGNATURE_MAX 512 /* within which stripsgn finds the gzip (F§3.2) */
#define TAR_MAGIC_OFF 257

static const struct {
	const char *bytes;
	size_t len;
	enum unpack_look look;
	const char *what;
} magics[] = {
	{ "PK\003\004", 4, UNPACK_OPEN, NULL },
	{ "PK\005\006", 4, UNPACK_OPEN, NULL }, /* an empty one */
	{ "\x1f\x8b\x08", 3, UNPACK_OPEN, NULL },
	{ "MZ", 2, UNPACK_CANNOT, "a Windows program: unpack it there, then import what comes out" },
	{ "Rar!", 4, UNPACK_CANNOT, "a RAR archive: unpack it first" },
	{ "7z\xbc\xaf\x27\x1c", 6, UNPACK_CANNOT, "a 7-Zip archive: unpack it first" },
	{ "BZh", 3, UNPACK_CANNOT, "a bzip2 file: unpack it first" },
	{ "\xfd"
	  "7zXZ",
	  5, UNPACK_CANNOT, "an xz file: unpack it first" },
	{ "\x28\xb5\x2f\xfd", 4, UNPACK_CANNOT, "a zstd file: unpack it first" },
};

static bool is_gzip(const unsigned char *p, size_t len)
{
	return len >= 3 && memcmp(p, "\x1f\x8b\x08", 3) == 0;
}

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n >= t && strcasecmp(s + n - t, tail) == 0;
}

/* A file that a phone loads, by the name it was signed under: its body may begin with anything. */
static bool is_of_load(const char *name)
{
	static const char *const ends[] = { ".loads", ".sbn", ".sb2", ".bin", ".sbin", ".zup" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(name, ends[i]))
			return true;
	return false;
}

/* Signed: the header says where its body begins. One .cop.sgn was seen whose header says 8 bytes too few (F§3.3),
 * so the gzip is looked for as UCM does. */
static enum unpack_look look_signed(const unsigned char *p, size_t len, size_t *ret_offset)
{
	struct signed_header h = { .name = "" };
	int r = signed_header_parse(p, len, &h, NULL);

	if (r > 0 || (r == 0 && is_of_load(h.name)))
		return UNPACK_FILE;
	if (r == 0 && is_gzip(p + h.body_off, len - h.body_off)) {
		*ret_offset = h.body_off;
		return UNPACK_OPEN;
	}
	for (size_t i = 5; i < len && i < SIGNATURE_MAX; i++) {
		if (is_gzip(p + i, len - i)) {
			*ret_offset = i;
			return UNPACK_OPEN;
		}
	}
	return UNPACK_FILE;
}

/* A tar of the time before "ustar": its head's checksum fits. */
static bool is_old_tar(const unsigned char *p, size_t len)
{
	unsigned long sum = 8 * ' ';
	char *end, octal[9] = "";

	if (len < 512 || p[0] == '\0')
		return false;
	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? 0 : p[i];
	memcpy(octal, p + 148, 8);
	return strtoul(octal, &end, 8) == sum && end > octal;
}

enum unpack_look unpack_look(const void *bytes, size_t len, size_t *ret_offset, const char **ret_what)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (len < magics[i].len || memcmp(p, magics[i].bytes, magics[i].len) != 0)
			continue;
		*ret_offset = 0;
		*ret_what = magics[i].what;
		return magics[i].look;
	}
	bool tar = len >= TAR_MAGIC_OFF + 5 && memcmp(p + TAR_MAGIC_OFF, "ustar", 5) == 0;
	if (tar || is_old_tar(p, len)) {
		*ret_offset = 0;
		return UNPACK_OPEN;
	}
	return look_signed(p, len, ret_offset);
}
