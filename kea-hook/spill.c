/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A line: "lease 1 <kind> <wall ms> <mac> <address> <xid> <giaddr> <option 60> <option 12> <option 82>
 * <classes>"; bytes from the network are hex, "-" is empty.
 */
#include "spill.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#define LINE_FIELDS 12
#define LINE_MAX_BYTES 2048 /* 255 + 64 + 127 + 256 bytes as hex, and the fields before them */

static void add_hex(struct strbuf *sb, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	char text[2 * 256]; /* the longest: classes, at most 255 */

	if (len > sizeof text / 2)
		len = sizeof text / 2;
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[p[i] >> 4];
		text[2 * i + 1] = digits[p[i] & 15];
	}
	strbuf_add(sb, len ? " " : " -");
	strbuf_add_bytes(sb, text, 2 * len);
}

static void add_ip4(struct strbuf *sb, struct ip4 a)
{
	char buf[IP4_TEXT_SIZE];

	strbuf_addf(sb, " %s", a.host ? ip4_format(buf, a) : "-");
}

void spill_format(const struct lease_event *le, struct strbuf *sb)
{
	char mac[MAC_TEXT_SIZE];
	const char *host = (const char *)le->hostname;

	strbuf_addf(sb, "lease 1 %d %lld %s", (int)le->kind, (long long)le->at_ms, mac_format(mac, &le->mac));
	add_ip4(sb, le->address);
	strbuf_addf(sb, " %u", (unsigned)le->xid);
	add_ip4(sb, le->giaddr);
	add_hex(sb, le->vendor_class, le->vendor_len);
	add_hex(sb, host, strnlen(host, sizeof le->hostname));
	add_hex(sb, le->relay, le->relay_len);
	add_hex(sb, le->classes, strnlen(le->classes, sizeof le->classes));
	strbuf_add_char(sb, '\n');
}

static int nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* Hex text into at most max bytes; the number of bytes, or -1. */
static int parse_hex(const char *text, void *out, size_t max)
{
	unsigned char *p = out;
	size_t n = strlen(text);

	if (strcmp(text, "-") == 0)
		return 0;
	if (n % 2 || n / 2 > max)
		return -1;
	for (size_t i = 0; i < n; i += 2) {
		int hi = nibble(text[i]), lo = nibble(text[i + 1]);

		if (hi < 0 || lo < 0)
			return -1;
		p[i / 2] = (unsigned char)(hi << 4 | lo);
	}
	return (int)(n / 2);
}

static int parse_address(const char *text, struct ip4 *ret)
{
	*ret = (struct ip4){ 0 };
	return strcmp(text, "-") == 0 ? 0 : parse_ip4("address", text, ret, NULL);
}

static int parse_fields(char *f[LINE_FIELDS], struct lease_event *le)
{
	int64_t kind, xid;
	int vendor, relay;

	if (strcmp(f[0], "lease") != 0 || strcmp(f[1], "1") != 0 ||
	    parse_int("kind", f[2], LEASE_OFFER, LEASE_ELSEWHERE, &kind, NULL) < 0 ||
	    parse_int("time", f[3], 0, INT64_MAX, &le->at_ms, NULL) < 0 ||
	    parse_mac("mac", f[4], &le->mac, NULL) < 0 || parse_address(f[5], &le->address) < 0 ||
	    parse_int("xid", f[6], 0, UINT32_MAX, &xid, NULL) < 0 || parse_address(f[7], &le->giaddr) < 0)
		return -1;
	vendor = parse_hex(f[8], le->vendor_class, sizeof le->vendor_class);
	relay = parse_hex(f[10], le->relay, sizeof le->relay);
	if (vendor < 0 || relay < 0 || parse_hex(f[9], le->hostname, sizeof le->hostname - 1) < 0 ||
	    parse_hex(f[11], le->classes, sizeof le->classes - 1) < 0)
		return -1;
	le->kind = (enum lease_kind)kind;
	le->xid = (uint32_t)xid;
	le->vendor_len = (uint8_t)vendor;
	le->relay_len = (uint8_t)relay;
	return 0;
}

int spill_parse(const char *line, size_t len, struct lease_event *ret, struct err *e)
{
	char buf[LINE_MAX_BYTES], *rest = buf, *f[LINE_FIELDS];
	struct lease_event le;

	if (len >= sizeof buf || memchr(line, '\0', len))
		return err_set(e, ERR_INPUT, "not a spilled event: %zu bytes", len);
	memcpy(buf, line, len);
	buf[len] = '\0';
	memset(&le, 0, sizeof le);
	for (int i = 0; i < LINE_FIELDS; i++) {
		f[i] = strsep(&rest, " ");
		if (!f[i])
			return err_set(e, ERR_INPUT, "not a spilled event: %d fields of %d", i, LINE_FIELDS);
	}
	if (rest || parse_fields(f, &le) < 0)
		return err_set(e, ERR_INPUT, "not a spilled event");
	*ret = le;
	return 0;
}

int spill_append(const char *path, const struct lease_event *le, size_t n, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(SPILL_BYTES_MAX);

	for (size_t i = 0; i < n; i++)
		spill_format(&le[i], &sb);
	if (strbuf_check(&sb, path, e) < 0)
		return -1;
	return n ? file_append(path, strbuf_text(&sb), sb.len, 0660, e) : 0;
}

/* 0 = `taken` is there (perhaps left by a start that did not get through), 1 = nothing to take. */
static int claim(const char *path, const char *taken, struct err *e)
{
	if (access(taken, F_OK) == 0 || rename(path, taken) == 0)
		return 0;
	return errno == ENOENT ? 1 : err_sys(e, ERR_SYSTEM, errno, "renaming %s", path);
}

static int each_line(const struct strbuf *sb, spill_fn fn, void *arg, unsigned *ret_events, unsigned *ret_bad,
		     struct err *e)
{
	size_t at = 0;

	while (at < sb->len) {
		const char *line = strbuf_text(sb) + at;
		const char *end = memchr(line, '\n', sb->len - at);
		size_t n = end ? (size_t)(end - line) : sb->len - at;
		struct lease_event le;

		at += n + 1;
		if (spill_parse(line, n, &le, NULL) < 0) {
			++*ret_bad;
			continue;
		}
		if (fn(arg, &le, e) < 0)
			return -1;
		++*ret_events;
	}
	return fn(arg, NULL, e);
}

int spill_take(const char *path, spill_fn fn, void *arg, unsigned *ret_events, unsigned *ret_bad,
	       struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(SPILL_BYTES_MAX);
	char taken[512];
	int n = snprintf(taken, sizeof taken, "%s.taken", path);
	int rc;

	if (n < 0 || (size_t)n >= sizeof taken)
		return err_set(e, ERR_LIMIT, "%s.taken: the name is too long", path);
	rc = claim(path, taken, e);
	if (rc != 0)
		return rc;
	rc = file_read(taken, SPILL_BYTES_MAX, &sb, e);
	if (rc != 0)
		return rc;
	if (each_line(&sb, fn, arg, ret_events, ret_bad, e) < 0)
		return -1;
	return unlink(taken) == 0 || errno == ENOENT ? 0
						     : err_sys(e, ERR_SYSTEM, errno, "removing %s", taken);
}
