/* SPDX-License-Identifier: MPL-2.0 */
/* AppArmor profiles, as far as file rules go. See apparmor.d(5). */
#include "apparmor.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "file.h"
#include "strbuf.h"

#define PROFILE_BYTES_MAX (1024 * 1024)
#define INCLUDE_DEPTH_MAX 8
#define RULE_BYTES_MAX 512
#define STEPS_MAX 100000 /* a pattern of many stars may be tried in many ways */

bool apparmor_enforced(const char *list, const char *profile)
{
	size_t n = strlen(profile);

	for (const char *line = list; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, profile, n) == 0 && strncmp(line + n, " (enforce)", 10) == 0)
			return true;
	return false;
}

/* ---- patterns */

struct match {
	unsigned steps;
};

static bool match(struct match *m, const char *p, const char *t);

/* "[abc]", "[a-z]", "[^…]" at p. Behind it, or NULL: it does not end. */
static const char *set(const char *p, char c, bool *hit)
{
	bool invert = p[1] == '^';

	*hit = false;
	for (p += invert ? 2 : 1; *p && *p != ']'; p++) {
		if (p[1] == '-' && p[2] && p[2] != ']') {
			*hit = *hit || (c >= p[0] && c <= p[2]);
			p += 2;
		} else {
			*hit = *hit || c == *p;
		}
	}
	*hit = *hit != invert && c != '/' && c != '\0';
	return *p ? p + 1 : NULL;
}

/* The brace that closes the one at p, NULL = none. */
static const char *closing(const char *p)
{
	int depth = 0;

	for (; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0)
			return p;
	}
	return NULL;
}

/* "{a,b}rest": one of the words with the rest behind it. */
/* NOLINTNEXTLINE(misc-no-recursion): once for each star and brace of the pattern */
static bool alternatives(struct match *m, const char *p, const char *t)
{
	const char *end = closing(p), *word = p + 1;
	char one[RULE_BYTES_MAX];
	int depth = 0;

	for (const char *q = p + 1; end && q <= end; q++) {
		depth += (*q == '{') - (*q == '}' && q < end);
		if (depth > 0 || (*q != ',' && q != end))
			continue;
		int n = snprintf(one, sizeof(one), "%.*s%s", (int)(q - word), word, end + 1);
		if (n > 0 && (size_t)n < sizeof(one) && match(m, one, t))
			return true;
		word = q + 1;
	}
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): once for each star and brace of the pattern */
static bool star(struct match *m, const char *p, const char *t)
{
	bool deep = p[1] == '*';

	for (p += deep ? 2 : 1;; t++) {
		if (match(m, p, t))
			return true;
		if (!*t || (!deep && *t == '/'))
			return false;
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): once for each star and brace of the pattern */
static bool match(struct match *m, const char *p, const char *t)
{
	bool hit;

	for (; *p; p++, t++) {
		if (++m->steps > STEPS_MAX)
			return true; /* cannot be told: taken for allowed */
		if (*p == '*')
			return star(m, p, t);
		if (*p == '{')
			return alternatives(m, p, t);
		if (p[0] == '@' && p[1] == '{' && strchr(p, '}')) {
			const char *rest = strchr(p, '}') + 1;

			for (;; t++) {
				if (match(m, rest, t))
					return true;
				if (!*t)
					return false;
			}
		}
		if (*p == '[') {
			p = set(p, *t, &hit);
			if (!p || !hit)
				return false;
			p--;
			continue;
		}
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '?' && *t && *t != '/')
			continue;
		if (*p != *t || !*t)
			return false;
	}
	return !*t;
}

bool apparmor_match(const char *pattern, const char *path)
{
	struct match m = { .steps = 0 };

	return match(&m, pattern, path);
}

/* ---- rules */

struct rule {
	char pattern[RULE_BYTES_MAX];
	char letters[32];
	bool deny, owner;
};

static bool word_is(const char *word, size_t n, const char *text)
{
	return n == strlen(text) && memcmp(word, text, n) == 0;
}

static size_t word_len(const char *p)
{
	size_t n = 0;

	if (*p == '"') {
		for (n = 1; p[n] && p[n] != '"'; n++)
			continue;
		return p[n] ? n + 1 : n;
	}
	while (p[n] && !isspace((unsigned char)p[n]))
		n += p[n] == '\\' && p[n + 1] ? 2 : 1;
	return n;
}

/* "[audit] [deny] [owner] [file] /path rwk[ -> target]," or "rwk /path,". 0, or 1: no file rule. */
static int rule_parse(const char *line, struct rule *ret)
{
	const char *word[2] = { NULL, NULL };
	size_t len[2] = { 0, 0 }, n = 0;

	ret->deny = ret->owner = false;
	for (const char *p = line; *p && n < 2;) {
		p += strspn(p, " \t\r");
		size_t size = word_len(p);
		if (size == 0)
			break;
		if (word_is(p, size, "owner"))
			ret->owner = true;
		else if (word_is(p, size, "deny"))
			ret->deny = true;
		else if (!word_is(p, size, "audit") && !word_is(p, size, "allow") &&
			 !word_is(p, size, "file")) {
			word[n] = p;
			len[n++] = size;
		}
		p += size;
	}
	if (n < 2)
		return 1;
	size_t path = word[0][0] == '/' || word[0][0] == '@' || word[0][0] == '"' ? 0 : 1;
	const char *from = word[path] + (word[path][0] == '"');
	size_t size = len[path] - (word[path][0] == '"' && len[path] > 1 ? 2 : 0);
	if ((*from != '/' && *from != '@') || size >= sizeof(ret->pattern))
		return 1;
	snprintf(ret->pattern, sizeof(ret->pattern), "%.*s", (int)size, from);
	snprintf(ret->letters, sizeof(ret->letters), "%.*s", (int)len[1 - path], word[1 - path]);
	ret->letters[strcspn(ret->letters, ",")] = '\0';
	if (path == 1)
		ret->pattern[strcspn(ret->pattern, ",")] = '\0';
	return strspn(ret->letters, "rwaklmixuUpPcC") == strlen(ret->letters) ? 0 : 1;
}

unsigned apparmor_given(const char *text, size_t len, const char *path, const char *wanted)
{
	unsigned given = 0, denied = 0;
	char line[RULE_BYTES_MAX];
	struct rule r;

	for (size_t at = 0; at < len;) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t n = nl ? (size_t)(nl - text) - at : len - at;

		snprintf(line, sizeof(line), "%.*s", (int)(n < sizeof(line) ? n : 0), text + at);
		at += n + 1;
		if (rule_parse(line, &r) != 0 || (r.owner && !r.deny) || !apparmor_match(r.pattern, path))
			continue;
		for (size_t i = 0; wanted[i]; i++)
			if (strchr(r.letters, wanted[i]))
				*(r.deny ? &denied : &given) |= 1U << i;
	}
	return given & ~denied;
}

/* ---- files */

static int add_file(struct strbuf *sb, const char *path, unsigned depth, struct err *e);

/* A directory is included file by file. */
/* NOLINTNEXTLINE(misc-no-recursion): to a fixed depth */
static void add_included(struct strbuf *sb, const char *path, unsigned depth)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(path);
	const struct dirent *d;
	char name[600];
	struct err e;

	if (!dir)
		(void)add_file(sb, path, depth, &e); /* what is missing gives nothing */
	while (dir && (d = readdir(dir)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", path, d->d_name);
		if (d->d_name[0] != '.')
			(void)add_file(sb, name, depth, &e);
	}
}

/* "include <x>", "#include <x>", "include if exists "x"": the path, "" = another line. */
static void include_path(const char *line, size_t len, char *ret, size_t size)
{
	const char *p = line + strspn(line, " \t"), *end = line + len;

	ret[0] = '\0';
	p += *p == '#';
	if (end - p < 8 || strncmp(p, "include", 7) != 0)
		return;
	while (p < end && *p != '<' && *p != '"' && *p != '/')
		p++;
	bool relative = p < end && *p == '<', bare = p < end && *p == '/';
	p += p < end && !bare;
	size_t n = strcspn(p, bare ? " \t\n" : relative ? ">\n" : "\"\n");
	if (n > 0 && p + n <= end)
		snprintf(ret, size, "%s%.*s", relative ? APPARMOR_DIR "/" : "", (int)n, p);
}

/* NOLINTNEXTLINE(misc-no-recursion): to a fixed depth */
static int add_file(struct strbuf *sb, const char *path, unsigned depth, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf own = STRBUF_INIT(PROFILE_BYTES_MAX);
	char inner[512];
	struct stat st;
	int rc;

	if (depth > INCLUDE_DEPTH_MAX || (depth > 0 && (stat(path, &st) < 0 || !S_ISREG(st.st_mode))))
		return 1;
	rc = file_read(path, PROFILE_BYTES_MAX, &own, e);
	if (rc != 0)
		return rc;
	for (const char *line = strbuf_text(&own), *end; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		include_path(line, (size_t)(end - line), inner, sizeof(inner));
		if (inner[0]) {
			add_included(sb, inner, depth + 1);
		} else if (line[strspn(line, " \t")] != '#') {
			strbuf_add_bytes(sb, line, (size_t)(end - line));
			strbuf_add_char(sb, '\n');
		}
	}
	return strbuf_check(sb, path, e);
}

int apparmor_load(const char *path, struct apparmor_profile *ret, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(4 * PROFILE_BYTES_MAX);
	int rc = add_file(&sb, path, 0, e);

	if (rc != 0)
		return rc;
	strbuf_add(&sb, "\n");
	ret->len = sb.len;
	ret->text = strbuf_take(&sb);
	return ret->text ? 0 : err_set(e, ERR_SYSTEM, "%s: no memory", path);
}

void apparmor_fini(struct apparmor_profile *p)
{
	free(p->text);
	p->text = NULL;
}
