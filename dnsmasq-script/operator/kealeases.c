/* SPDX-License-Identifier: MPL-2.0 */
/* Kea's lease file. */
#include "kealeases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "strbuf.h"

enum { COLUMN_ADDRESS, COLUMN_HWADDR, COLUMN_EXPIRE = 4, COLUMN_STATE = 9, COLUMNS = 10 };

/* The column's text; false: there is none, or it is too long for any value of ours. */
static bool column(const char *line, size_t len, int nth, char *ret, size_t size)
{
	size_t at = 0, n;

	for (; nth > 0; nth--) {
		const char *comma = memchr(line + at, ',', len - at);
		if (!comma)
			return false;
		at = (size_t)(comma - line) + 1;
	}
	const char *comma = memchr(line + at, ',', len - at);
	n = comma ? (size_t)(comma - line) - at : len - at;
	if (n >= size)
		return false;
	memcpy(ret, line + at, n);
	ret[n] = '\0';
	return true;
}

int kealease_parse(const char *line, size_t len, struct kealease *ret)
{
	char text[64];
	struct err e;
	int64_t state = 0;

	memset(ret, 0, sizeof(*ret));
	if (!column(line, len, COLUMN_ADDRESS, text, sizeof(text)) ||
	    parse_ip4("address", text, &ret->address, &e) < 0)
		return 1;
	ret->mac_known = column(line, len, COLUMN_HWADDR, text, sizeof(text)) &&
			 parse_mac("hwaddr", text, &ret->mac, &e) == 0;
	if (!column(line, len, COLUMN_EXPIRE, text, sizeof(text)) ||
	    parse_int("expire", text, 0, INT64_MAX, &ret->until_s, &e) < 0 ||
	    !column(line, len, COLUMN_STATE, text, sizeof(text)) ||
	    parse_int("state", text, 0, INT64_MAX, &state, &e) < 0)
		return 1;
	if (state != 0)
		ret->until_s = 0;
	return 0;
}

struct reading {
	struct kealease *a;
	size_t n, cap;
};

static int add(struct reading *r, const struct kealease *one, struct err *e)
{
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 256;
		struct kealease *more = realloc(r->a, cap * sizeof(*more));

		if (!more)
			return err_set(e, ERR_SYSTEM, "no memory for %zu leases", cap);
		r->a = more;
		r->cap = cap;
	}
	r->a[r->n] = *one;
	r->a[r->n].line = r->n;
	r->n++;
	return 0;
}

static void cleanup_reading(struct reading *r)
{
	free(r->a);
}

/* 0; 1 = there is none; -1. */
static int read_file(struct reading *r, const char *path, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(KEALEASES_BYTES_MAX);
	struct kealease one;
	int rc = file_read(path, KEALEASES_BYTES_MAX, &text, e);

	if (rc != 0)
		return rc;
	for (const char *line = strbuf_text(&text), *end; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		if (kealease_parse(line, (size_t)(end - line), &one) == 0 && add(r, &one, e) < 0)
			return -1;
	}
	return 0;
}

static int by_address_and_line(const void *a, const void *b)
{
	const struct kealease *x = a, *y = b;

	if (x->address.host != y->address.host)
		return x->address.host < y->address.host ? -1 : 1;
	return x->line < y->line ? -1 : 1;
}

int kealeases_load(const char *path, struct kealeases *ret, struct err *e)
{
	static const char *const older[] = { ".2", ".1", "" };
	CLEANUP(cleanup_reading) struct reading r = { .n = 0 };
	char name[320];
	size_t kept = 0;
	int rc = 1;

	*ret = (struct kealeases){ .n = 0 };
	for (size_t i = 0; i < sizeof(older) / sizeof(older[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, older[i]);
		int one = read_file(&r, name, e);
		if (one < 0)
			return -1;
		rc = one == 0 ? 0 : rc;
	}
	if (r.n > 1)
		qsort(r.a, r.n, sizeof(r.a[0]), by_address_and_line);
	for (size_t i = 0; i < r.n; i++)
		if (i + 1 == r.n || r.a[i].address.host != r.a[i + 1].address.host)
			r.a[kept++] = r.a[i];
	ret->n = kept;
	ret->a = TAKE(r.a);
	return rc;
}

void kealeases_fini(struct kealeases *l)
{
	free(l->a);
	*l = (struct kealeases){ .n = 0 };
}
