/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Files of any bytes judged, and the sets among them. The input is files one after the other: a byte that chooses
 * the name, two bytes of length, the bytes.
 */
#include <string.h>

#include "package.h"

#include "fuzz.h"

static const char *const names[] = { "P0S3-8-12-00.loads",   "P0S3-8-12-00.sb2", "P003-8-12-00.sbn",
				     "P003-8-12-00.bin",     "P00303010102.bin", "SIP41.8-5-4S.loads",
				     "jar41sip.8-5.sbn",     "cnu41.8-5.sbn",	 "cvm41sip.8-5.sbn",
				     "term41.default.loads", "readme.txt",	 "Jar41sip.8-5.sbn" };

static size_t add_one(struct package *p, const uint8_t *data, size_t size)
{
	size_t len = (size_t)data[1] << 8 | data[2], rest = size - 3;
	struct package_bytes counts = { .total = 0 };
	struct package_file *f = package_add(p);

	MUST(f);
	if (len > rest)
		len = rest;
	f->place = strdup(data[0] & 0x80 ? "a" : "b");
	f->found = strdup(names[(data[0] & 0x7f) % (sizeof names / sizeof names[0])]);
	f->path = strdup("x");
	f->bytes = (int64_t)len;
	digest_bytes(data + 3, len, &f->sha256);
	package_count(&counts, data + 3, len);
	MUST(package_judge(f, data + 3, len, &counts, NULL) == 0);
	MUST(memchr(f->name, '\0', sizeof f->name) && f->body_bytes <= f->bytes);
	MUST((f->kind == PACKAGE_OTHER || f->damaged) == (f->why[0] != '\0'));
	if (f->kind != PACKAGE_OTHER && !f->damaged)
		digest_bytes(data + 3 + (f->bytes - f->body_bytes), (size_t)f->body_bytes, &f->body);
	return 3 + len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct package p = { .n = 0 };
	struct package_sets sets = { .n = 0 };

	while (size > 3 && p.n < 64) {
		size_t n = add_one(&p, data, size);

		data += n;
		size -= n;
	}
	MUST(package_find_sets(&p, &sets, NULL) == 0);
	for (size_t i = 0; i < sets.n; i++) {
		const struct package_set *s = &sets.a[i];

		MUST(s->n_parts <= PACKAGE_PARTS_MAX && (s->fault[0] || s->n_parts > 0));
		for (unsigned k = 0; k < s->n_parts; k++)
			MUST(s->parts[k].name[0] && s->parts[k].file->used &&
			     (s->fault[0] || !s->parts[k].file->damaged));
	}
	package_sets_fini(&sets);
	package_fini(&p);
	return 0;
}
