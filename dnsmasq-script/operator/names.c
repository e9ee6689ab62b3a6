/* SPDX-License-Identifier: MPL-2.0 */
/* See names.h. */
#include "names.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX 30 /* of a fleet's switch ports there may be thousands */
#define NAME_MAX_LEN 63 /* longer ones are compared by their begin */
#define FAR 1000

void names_fini(struct names *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->a[i]);
	free(s->a);
}

int names_add(struct names *s, const char *name, struct err *e)
{
	if (!name[0])
		return 0;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->a[i], name) == 0)
			return 0;
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 16;
		char **more = reallocarray(s->a, cap, sizeof(*more));

		if (!more)
			return err_set(e, ERR_SYSTEM, "no memory for %zu names", cap);
		s->a = more;
		s->cap = cap;
	}
	s->a[s->n] = strdup(name);
	if (!s->a[s->n])
		return err_set(e, ERR_SYSTEM, "no memory for a name");
	s->n++;
	return 0;
}

/* ---- how far two names are from each other */

static size_t bounded(const char *s)
{
	size_t len = strlen(s);

	return len < NAME_MAX_LEN ? len : NAME_MAX_LEN;
}

static int least(int a, int b, int c)
{
	int least = a < b ? a : b;

	return c < least ? c : least;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Letters put in, left out, changed or changed places, whatever the case. */
static int slips(const char *a, const char *b)
{
	int d[NAME_MAX_LEN + 1][NAME_MAX_LEN + 1];
	size_t n = bounded(a), m = bounded(b);

	for (size_t i = 0; i <= n; i++)
		d[i][0] = (int)i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1,
					d[i - 1][j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1, FAR);
		}
	}
	return d[n][m];
}

/* Of a short name every other is a slip or two away. */
static int slips_allowed(const char *name)
{
	size_t len = strlen(name);

	return len < 4 ? 1 : len < 8 ? 2 : 3;
}

static int distance(const char *name, const char *other)
{
	int d = slips(name, other);

	if (d <= slips_allowed(name) && d < (int)strlen(name))
		return d;
	return strlen(name) > 1 && strcasestr(other, name) ? slips_allowed(name) + 1 : FAR;
}

const char *names_near(const struct names *s, const char *name)
{
	const char *near = NULL;
	int best = FAR;

	for (size_t i = 0; i < s->n; i++) {
		int d = distance(name, s->a[i]);

		if (d < best) {
			best = d;
			near = s->a[i];
		}
	}
	return near;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

void names_unknown(struct names *s, const char *option, const char *name, struct strbuf *sb)
{
	const char *near;

	if (s->n > 0)
		qsort(s->a, s->n, sizeof(*s->a), by_name);
	near = names_near(s, name);
	strbuf_addf(sb, "%s: there is no \"", option);
	strbuf_add_escaped(sb, name, strlen(name));
	strbuf_add(sb, "\"");
	if (near)
		strbuf_addf(sb, "; perhaps \"%s\"?", near);
	if (s->n == 0)
		strbuf_add(sb, "; there are none");
	else
		strbuf_addf(sb, "%s there are: ", near ? "" : ";");
	for (size_t i = 0; i < s->n && i < SHOWN_MAX; i++)
		strbuf_addf(sb, "%s%s", i ? ", " : "", s->a[i]);
	if (s->n > SHOWN_MAX)
		strbuf_addf(sb, " and %zu more", s->n - SHOWN_MAX);
}
