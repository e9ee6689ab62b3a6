/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Kea's JSON as text: made plain in place, and the place of a value in it. Both are total: any bytes will do, none
 * are read beyond the end.
 */
#include "keaconf.h"

#include <string.h>

/* ---- what Kea's lexer takes and JSON does not */

struct scan {
	char *text;
	size_t len;
	size_t i;
	size_t comma; /* offset + 1 of a comma with nothing but blanks behind it so far; 0 = none */
};

static bool at(const struct scan *s, const char *word)
{
	size_t n = strlen(word);

	return s->len - s->i >= n && memcmp(s->text + s->i, word, n) == 0;
}

/* Everything up to `end` but line breaks becomes blanks. */
static void blank(struct scan *s, size_t end)
{
	for (; s->i < end; s->i++)
		if (s->text[s->i] != '\n' && s->text[s->i] != '\r')
			s->text[s->i] = ' ';
}

static size_t line_end(const struct scan *s)
{
	const char *nl = memchr(s->text + s->i, '\n', s->len - s->i);

	return nl ? (size_t)(nl - s->text) : s->len;
}

/* Offset behind the closing word; 0 = it never comes. */
static size_t behind(const struct scan *s, size_t from, const char *word)
{
	const char *hit = from < s->len ? memmem(s->text + from, s->len - from, word, strlen(word)) : NULL;

	return hit ? (size_t)(hit - s->text) + strlen(word) : 0;
}

/* A string goes through as it is; one that does not end is jansson's to tell. */
static void skip_string(struct scan *s)
{
	for (s->i++; s->i < s->len && s->text[s->i] != '"' && s->text[s->i] != '\n'; s->i++)
		if (s->text[s->i] == '\\' && s->i + 1 < s->len)
			s->i++;
	if (s->i < s->len)
		s->i++;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "<?include "FILE"?>" at s->i. 0, or -1. */
static int directive(const struct scan *s, struct keaconf_include *ret, size_t *ret_end)
{
	size_t end = behind(s, s->i, "?>"), i = s->i + 2;

	if (end == 0)
		return -1;
	while (i < end && is_blank(s->text[i]))
		i++;
	if (end - i < 7 || memcmp(s->text + i, "include", 7) != 0)
		return -1;
	for (i += 7; i < end && is_blank(s->text[i]); i++)
		continue;
	const char *quote = i + 1 < end ? memchr(s->text + i + 1, '"', end - i - 1) : NULL;
	if (!quote || s->text[i] != '"' || quote == s->text + i + 1)
		return -1;
	*ret = (struct keaconf_include){ .at = s->i,
					 .name = i + 1,
					 .name_len = (size_t)(quote - s->text) - i - 1 };
	*ret_end = end;
	return 0;
}

/* A comment's end, or 0: none begins here, (size_t)-1: it does not end. */
static size_t comment_end(const struct scan *s)
{
	size_t end;

	if (at(s, "//") || at(s, "#"))
		return line_end(s);
	if (!at(s, "/*"))
		return 0;
	end = behind(s, s->i + 2, "*/");
	return end ? end : (size_t)-1;
}

static void plain_byte(struct scan *s)
{
	char c = s->text[s->i];

	if ((c == ']' || c == '}') && s->comma)
		s->text[s->comma - 1] = ' ';
	if (!is_blank(c))
		s->comma = c == ',' ? s->i + 1 : 0;
	if (c == '"')
		skip_string(s);
	else
		s->i++;
}

int keaconf_plain(char *text, size_t len, struct keaconf_include *ret, size_t max, size_t *ret_n,
		  size_t *ret_at, struct err *e)
{
	struct scan s = { .text = text, .len = len };
	size_t end;

	*ret_n = 0;
	while (s.i < s.len) {
		*ret_at = s.i;
		end = comment_end(&s);
		if (end == (size_t)-1)
			return err_set(e, ERR_INPUT, "a comment begins here and does not end");
		if (end) {
			blank(&s, end);
		} else if (at(&s, "<?")) {
			if (*ret_n == max)
				return err_set(e, ERR_LIMIT, "more than %zu files are included", max);
			if (directive(&s, &ret[*ret_n], &end) < 0)
				return err_set(e, ERR_INPUT, "expected <?include \"FILE\"?>");
			(*ret_n)++;
			s.comma = 0; /* what is included may stand behind it */
			s.i = end; /* the name is still needed; who splices leaves the directive out */
		} else {
			plain_byte(&s);
		}
	}
	return 0;
}

/* ---- where a value stands */

struct walk {
	const char *t;
	size_t len;
	size_t i;
};

static void skip_blanks(struct walk *w)
{
	while (w->i < w->len && is_blank(w->t[w->i]))
		w->i++;
}

static void walk_string(struct walk *w)
{
	for (w->i++; w->i < w->len && w->t[w->i] != '"'; w->i++)
		if (w->t[w->i] == '\\' && w->i + 1 < w->len)
			w->i++;
	if (w->i < w->len)
		w->i++;
}

/* Over one value, whatever is in it. */
static void walk_value(struct walk *w)
{
	size_t depth = 0;

	for (;;) {
		skip_blanks(w);
		if (w->i >= w->len)
			return;
		char c = w->t[w->i];
		if (c == '"') {
			walk_string(w);
		} else {
			if (c == '{' || c == '[')
				depth++;
			else if ((c == '}' || c == ']' || c == ',') && depth == 0)
				return;
			else if (c == '}' || c == ']')
				depth--;
			w->i++;
		}
		if (depth == 0) {
			skip_blanks(w);
			if (w->i >= w->len || strchr(",}]", w->t[w->i]))
				return;
		}
	}
}

/* In an object (w->i at its brace): to the value of that key; *ret_key is where the key stands. */
static bool enter_member(struct walk *w, const char *key, size_t n, size_t *ret_key)
{
	struct walk hit = { .t = NULL };

	for (w->i++;;) {
		skip_blanks(w);
		size_t start = w->i;
		if (w->i >= w->len || w->t[w->i] != '"')
			break;
		walk_string(w);
		bool same = w->i - start == n + 2 && memcmp(w->t + start + 1, key, n) == 0;
		skip_blanks(w);
		if (w->i >= w->len || w->t[w->i] != ':')
			break;
		w->i++;
		skip_blanks(w);
		if (same) { /* the last one of a name counts, as with the parser */
			hit = *w;
			*ret_key = start;
		}
		walk_value(w);
		if (w->i >= w->len || w->t[w->i] != ',')
			break;
		w->i++;
	}
	if (hit.t)
		*w = hit;
	return hit.t != NULL;
}

static bool enter_element(struct walk *w, const char *index, size_t n)
{
	size_t wanted = 0;

	for (size_t i = 0; i < n; i++) {
		if (index[i] < '0' || index[i] > '9' || wanted > w->len)
			return false;
		wanted = wanted * 10 + (size_t)(index[i] - '0');
	}
	w->i++;
	for (size_t i = 0; i < wanted; i++) {
		walk_value(w);
		if (w->i >= w->len || w->t[w->i] != ',')
			return false;
		w->i++;
	}
	skip_blanks(w);
	return w->i < w->len && w->t[w->i] != ']';
}

size_t keaconf_find(const char *text, size_t len, const char *pointer)
{
	struct walk w = { .t = text, .len = len };
	size_t found = 0, key = 0;

	skip_blanks(&w);
	found = w.i;
	while (*pointer == '/') {
		const char *word = pointer + 1;
		size_t n = strcspn(word, "/");
		bool inside = false;

		if (w.i < w.len && w.t[w.i] == '{') {
			inside = enter_member(&w, word, n, &key);
			found = key;
		} else if (w.i < w.len && w.t[w.i] == '[') {
			inside = enter_element(&w, word, n);
			found = w.i;
		}
		if (!inside)
			return len;
		pointer = word + n;
	}
	return found < len ? found : len;
}
