/* SPDX-License-Identifier: MPL-2.0 */
/* SHA-256 by nettle. The only file that knows it. */
#include "digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

#define CHUNK_BYTES 65536

_Static_assert(sizeof(((struct digest *)0)->b) == SHA256_DIGEST_SIZE, "a digest is what SHA-256 gives");

void digest_bytes(const void *bytes, size_t len, struct digest *ret)
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, bytes);
	sha256_digest(&ctx, sizeof(ret->b), ret->b);
}

int digest_fd(int fd, const char *name, int64_t offset, digest_fn fn, void *arg, struct digest *ret,
	      struct err *e)
{
	uint8_t chunk[CHUNK_BYTES];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	for (;;) {
		ssize_t n = pread(fd, chunk, sizeof(chunk), offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, ERR_SYSTEM, errno, "reading %s", name);
		if (n == 0)
			break;
		sha256_update(&ctx, (size_t)n, chunk);
		if (fn)
			fn(arg, chunk, (size_t)n);
		offset += n;
	}
	sha256_digest(&ctx, sizeof(ret->b), ret->b);
	return 0;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

const char *digest_format(char buf[static DIGEST_TEXT_SIZE], const struct digest *d)
{
	for (size_t i = 0; i < sizeof(d->b); i++)
		(void)snprintf(buf + 2 * i, 3, "%02x", d->b[i]);
	return buf;
}

int digest_parse(const char *text, size_t len, struct digest *ret, struct err *e)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	struct digest d = { { 0 } };

	if (len != DIGEST_TEXT_SIZE - 1)
		return err_set(e, ERR_INPUT, "a SHA-256 has %d hex digits, this one %zu",
			       DIGEST_TEXT_SIZE - 1, len);
	for (size_t i = 0; i < len; i++) {
		const char *at = text[i] ? strchr(digits, text[i]) : NULL;

		if (!at)
			return err_set(e, ERR_INPUT, "no hex digit at place %zu", i + 1);
		d.b[i / 2] = (uint8_t)(d.b[i / 2] << 4 | ((at - digits) & 15));
	}
	*ret = d;
	return 0;
}
