/* SPDX-License-Identifier: MPL-2.0 */
/* See tftpmsg.h. */
#include "tftpmsg.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct rest {
	const uint8_t *p;
	size_t len;
};

/* The next text with its NUL; false: it has no end here. */
static bool take_text(struct rest *r, struct rest *ret)
{
	const uint8_t *end = r->len ? memchr(r->p, '\0', r->len) : NULL;

	if (!end)
		return false;
	*ret = (struct rest){ r->p, (size_t)(end - r->p) };
	r->p += ret->len + 1;
	r->len -= ret->len + 1;
	return true;
}

static bool is_number(const struct rest *r, unsigned max, unsigned *ret)
{
	unsigned v = 0;

	for (size_t i = 0; i < r->len; i++) {
		if (r->p[i] < '0' || r->p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(r->p[i] - '0');
		if (v > max)
			return false;
	}
	*ret = v;
	return r->len > 0;
}

static int read_request(struct rest r, struct tftp_packet *ret)
{
	struct rest name;

	if (!take_text(&r, &name) || name.len == 0)
		return 1;
	ret->bytes = name.p;
	ret->len = name.len;
	return 0;
}

static int read_oack(struct rest r, struct tftp_packet *ret)
{
	struct rest option, value;
	unsigned n;

	while (take_text(&r, &option) && take_text(&r, &value))
		if (option.len == strlen("blksize") &&
		    strncasecmp((const char *)option.p, "blksize", option.len) == 0 &&
		    is_number(&value, TFTP_BLOCK_MAX, &n))
			ret->block_bytes = (uint16_t)n;
	return 0;
}

int tftpmsg_parse(const void *bytes, size_t len, struct tftp_packet *ret)
{
	const uint8_t *p = bytes;
	struct tftp_packet out = { .len = 0 };

	if (len < 2 || p[0] != 0 || p[1] < TFTP_RRQ || p[1] > TFTP_OACK)
		return 1;
	out.op = (enum tftp_op)p[1];
	struct rest r = { p + 2, len - 2 };

	if (out.op == TFTP_RRQ || out.op == TFTP_WRQ || out.op == TFTP_OACK) {
		if (out.op == TFTP_OACK ? read_oack(r, &out) : read_request(r, &out))
			return 1;
		*ret = out;
		return 0;
	}
	if (len < 4)
		return 1;
	out.number = (uint16_t)(p[2] << 8 | p[3]);
	out.bytes = p + 4;
	out.len = len - 4;
	if (out.op == TFTP_ERROR)
		out.len = strnlen((const char *)out.bytes, out.len); /* some leave the NUL out */
	*ret = out;
	return 0;
}

int tftp_packet_parse(const void *bytes, size_t len, struct tftp_packet *ret)
{
	struct tftp_packet p;

	if (tftpmsg_parse(bytes, len, &p) != 0 || (p.op != TFTP_DATA && p.op != TFTP_ERROR) ||
	    (p.op == TFTP_DATA && p.len > TFTP_BLOCK))
		return 1;
	*ret = p;
	return 0;
}
