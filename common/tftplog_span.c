/* SPDX-License-Identifier: MPL-2.0 */
/* Text that is taken apart from its ends: of a name in the middle of a line nothing is known. */
#include "tftplog_priv.h"

#include <string.h>

bool span_head(struct span *s, const char *head)
{
	size_t n = strlen(head);

	if (s->len < n || memcmp(s->p, head, n) != 0)
		return false;
	s->p += n;
	s->len -= n;
	return true;
}

bool span_char(struct span *s, char c)
{
	if (s->len == 0 || s->p[0] != c)
		return false;
	s->p++;
	s->len--;
	return true;
}

bool span_number(struct span *s, size_t digits, int min, int max, int *ret)
{
	int v = 0;

	if (s->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	if (v < min || v > max)
		return false;
	s->p += digits;
	s->len -= digits;
	*ret = v;
	return true;
}

bool span_digits(struct span *s, size_t max, uint64_t *ret)
{
	uint64_t v = 0;
	size_t n = 0;

	for (; n < s->len && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
		if (n == max)
			return false;
		v = v * 10 + (uint64_t)(s->p[n] - '0');
	}
	if (n == 0)
		return false;
	s->p += n;
	s->len -= n;
	*ret = v;
	return true;
}

bool span_word(struct span *s, struct span *ret)
{
	const char *blank = memchr(s->p, ' ', s->len);

	if (!blank || blank == s->p)
		return false;
	*ret = (struct span){ s->p, (size_t)(blank - s->p) };
	s->len -= ret->len + 1;
	s->p = blank + 1;
	return true;
}

bool span_split_first(struct span *s, const char *middle, struct span *ret_rest)
{
	size_t n = strlen(middle);
	const char *at = memmem(s->p, s->len, middle, n);

	if (!at)
		return false;
	*ret_rest = (struct span){ at + n, s->len - (size_t)(at - s->p) - n };
	s->len = (size_t)(at - s->p);
	return true;
}

bool span_split_last(struct span *s, const char *middle, struct span *ret_rest)
{
	size_t n = strlen(middle);

	for (size_t i = s->len >= n ? s->len - n + 1 : 0; i-- > 0;) {
		if (memcmp(s->p + i, middle, n) != 0)
			continue;
		*ret_rest = (struct span){ s->p + i + n, s->len - i - n };
		s->len = i;
		return true;
	}
	return false;
}

bool span_ip4(const struct span *s, struct ip4 *ret)
{
	char text[IP4_TEXT_SIZE];

	if (s->len == 0 || s->len >= sizeof(text))
		return false;
	memcpy(text, s->p, s->len);
	text[s->len] = '\0';
	return parse_ip4("client", text, ret, NULL) == 0;
}

bool span_path(const struct span *s, char ret[static TFTPLOG_PATH_MAX])
{
	if (s->len == 0 || s->len >= TFTPLOG_PATH_MAX)
		return false;
	memcpy(ret, s->p, s->len);
	ret[s->len] = '\0';
	return true;
}
