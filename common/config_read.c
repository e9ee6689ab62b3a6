/* SPDX-License-Identifier: MPL-2.0 */
/*
 * From text to config. libinih splits keys from values, but it cuts a line at its buffer, cuts section
 * names, tells no line number to its handler, and takes an indented key for more of the value before. So
 * the lines are read, checked and put into one shape here, and libinih gets them one by one; the section
 * and the line number are what we read.
 */
#include "config_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "cleanup.h"

#define LINE_SIZE_MIN 128 /* Debian's libinih: 200 */

struct parser {
	struct config_reader *r;
	struct config *c;
	const char *text;
	size_t len;
	size_t pos;
	bool stop;

	bool in_section; /* false: before the first one */
	bool skip; /* the section is none, or there twice: one fault is enough */
	enum section section;
	char section_name[LOAD_NAME_MAX + 1];
	unsigned section_idx;
	unsigned section_line;
	unsigned lines[CONFIG_KEYS_MAX]; /* where each key of this section was given */
	struct loadset set; /* of [loadset] */
	const struct key *key; /* the last one, which an indented line continues; NULL: none */
	bool more; /* the line handed out is such an indented line */
	bool swallow; /* the last key was refused: so is what continues it */
	bool hollow; /* the last key is a list whose words are still to come */

	unsigned once[SECTION_COUNT]; /* where each section without a name is */
	unsigned plan_lines[CONFIG_PLANS_MAX]; /* where each plan's models are */
	unsigned net_lines[CONFIG_PLANS_MAX];  /* and its networks, or itself */
};

static void what_set(struct parser *p, const char *key)
{
	const char *name = p->in_section ? section_shape(p->section)->name : "";
	bool named = p->in_section && section_shape(p->section)->named;

	(void)snprintf(p->r->what, sizeof(p->r->what), "[%s%s%s]%s%.40s", name, named ? " " : "",
		       named ? p->section_name : "", key ? " " : "", key ? key : "");
}

/* ---- sections */

/* One element more behind an array of ours, zeroed. NULL: no memory. */
static void *array_grow(void *array, unsigned n, size_t size)
{
	char *p = realloc(array, (n + 1) * size);

	if (p)
		memset(p + n * size, 0, size);
	return p;
}

static unsigned *section_count(struct config *c, enum section s, unsigned *ret_max)
{
	if (s == SECTION_PLAN) {
		*ret_max = CONFIG_PLANS_MAX;
		return &c->n_plans;
	}
	if (s == SECTION_SITE) {
		*ret_max = CONFIG_SITES_MAX;
		return &c->n_sites;
	}
	*ret_max = CONFIG_CLASSES_MAX;
	return &c->n_classes;
}

/* plan, site and vendor_class all begin with their name. */
static const char *section_name(struct config *c, enum section s, unsigned idx)
{
	return config_section(c, s, idx);
}

static bool section_grow(struct config *c, enum section s, unsigned n)
{
	void *p = NULL;

	if (s == SECTION_PLAN) {
		p = array_grow(c->plans, n, sizeof(*c->plans));
		c->plans = p ? p : c->plans;
	} else if (s == SECTION_SITE) {
		p = array_grow(c->sites, n, sizeof(*c->sites));
		c->sites = p ? p : c->sites;
	} else {
		p = array_grow(c->classes, n, sizeof(*c->classes));
		c->classes = p ? p : c->classes;
	}
	return p != NULL;
}

static void *section_base(struct parser *p)
{
	return p->section == SECTION_LOADSET ? (void *)&p->set
					     : config_section(p->c, p->section, p->section_idx);
}

static void defaults_set(struct config_reader *r, enum section s, void *base)
{
	const struct key *k;

	for (unsigned i = 0; (k = key_at(i)); i++)
		if (k->section == s && k->pub.def[0] != '\0')
			k->type->set(r, k, key_field(k, base), k->pub.def);
}

/* A new [plan NAME], [site NAME] or [vendor-class NAME]. */
static void section_add(struct parser *p)
{
	unsigned max = 0;
	unsigned *n = section_count(p->c, p->section, &max);

	p->skip = true;
	for (unsigned i = 0; i < *n; i++) {
		if (strcmp(section_name(p->c, p->section, i), p->section_name) == 0) {
			config_fault(p->r, "a second section of this name");
			return;
		}
	}
	if (*n == max) {
		config_fault(p->r, "one too many: at most %u [%s …] are expected", max,
			     section_shape(p->section)->name);
		return;
	}
	if (!section_grow(p->c, p->section, *n)) {
		config_fault(p->r, "no memory");
		return;
	}
	p->section_idx = (*n)++;
	char *name = config_section(p->c, p->section, p->section_idx);
	(void)text_copy(name, PLAN_NAME_MAX + 1, p->section_name);
	defaults_set(p->r, p->section, section_base(p));
	p->skip = false;
}

_Static_assert(offsetof(struct plan, name) == 0 && offsetof(struct site, name) == 0 &&
		       offsetof(struct vendor_class, name) == 0,
	       "section_name() and section_add() take the name's place");
_Static_assert(sizeof(((struct site *)0)->name) == PLAN_NAME_MAX + 1 &&
		       sizeof(((struct vendor_class *)0)->name) == PLAN_NAME_MAX + 1,
	       "one length of names");

static void loadset_begin(struct parser *p)
{
	struct load_name name;
	struct err e;

	if (load_name_parse(p->section_name, strlen(p->section_name), &name, &e) != 0) {
		config_fault(p->r, "%s", e.text);
		p->skip = true;
		return;
	}
	memset(&p->set, 0, sizeof(p->set));
	p->set.load = name;
	defaults_set(p->r, p->section, &p->set);
}

/* The facts of a load, for every plan that has it. */
static void loadset_end(struct parser *p)
{
	bool used = false;

	for (unsigned i = 0; i < p->c->n_plans; i++) {
		int stage_no = plan_stage_of(&p->c->plans[i], &p->set.load);
		if (stage_no == 0)
			continue;
		p->c->plans[i].stages[stage_no - 1] = p->set;
		used = true;
	}
	if (!used)
		config_fault_at(p->r, p->section_line, "[loadset %s]: no plan has this load",
				p->section_name);
}

/* Where a key of this [plan] was given; 0 = it was not. */
static unsigned key_line(const struct parser *p, const char *name)
{
	const struct key *k = key_find(SECTION_PLAN, name, false);

	return k ? p->lines[key_index(k)] : 0;
}

static void section_end(struct parser *p)
{
	if (!p->in_section || p->skip)
		return;
	struct config *c = p->c;
	struct config_reader *r = p->r;

	switch (p->section) {
	case SECTION_PLAN:
		config_check_plan(r, &c->plans[p->section_idx], p->lines, p->section_line);
		p->plan_lines[p->section_idx] = key_line(p, "models");
		p->net_lines[p->section_idx] = key_line(p, "networks") ? key_line(p, "networks") : p->section_line;
		if (!r->revision)
			c->plans[p->section_idx].ladder_line = key_line(p, "stages") + key_line(p, "target");
		break;
	case SECTION_SITE:
		config_check_site(r, &c->sites[p->section_idx], p->lines, p->section_line);
		break;
	case SECTION_VENDOR_CLASS:
		config_check_class(r, c, &c->classes[p->section_idx], p->section_line);
		break;
	case SECTION_LOADSET:
		loadset_end(p);
		break;
	case SECTION_STORE:
	case SECTION_TFTP:
	case SECTION_WITNESS:
	case SECTION_ROLLOUT:
	case SECTION_LIMITS:
	case SECTION_COUNT:
		break;
	}
}

static bool is_section_name(const char *s, size_t len, size_t max)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	if (len == 0 || len > max || !strchr(first, s[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!strchr(first, s[i]) && !strchr("._-", s[i]))
			return false;
	return true;
}

/* `s`: what stands between the brackets. */
static void section_open(struct parser *p, const char *s, size_t len)
{
	const char *cursor = s;
	const struct section_shape *shape;
	char shown[64];
	size_t n = strcspn(s, " \t]");

	(void)text_escape(shown, sizeof(shown), s, len);
	if (section_find(s, n < len ? n : len, &p->section) != 0 ||
	    !(p->r->revision ? section_shape(p->section)->in_revision : section_shape(p->section)->in_file)) {
		config_fault_at(p->r, p->r->line,
				"[%s]: unknown section; [store], [tftp], [plan NAME], [site NAME], "
				"[vendor-class NAME], [witness], [rollout] and [limits] are expected",
				shown);
		return;
	}
	shape = section_shape(p->section);
	cursor += n + strspn(s + n, " \t");
	size_t name_len = strcspn(cursor, " \t]");
	if (!shape->named && (size_t)(cursor - s) < len) {
		config_fault_at(p->r, p->r->line, "[%s]: takes no name; [%s] is expected", shown,
				shape->name);
		return;
	}
	bool loads = p->section == SECTION_LOADSET;
	if (shape->named && ((size_t)(cursor - s) + name_len != len ||
			     !is_section_name(cursor, name_len, loads ? LOAD_NAME_MAX : PLAN_NAME_MAX))) {
		config_fault_at(p->r, p->r->line,
				"[%s]: [%s NAME] is expected, a name of letters, digits, '-', '.', "
				"'_', at most %d long",
				shown, shape->name, PLAN_NAME_MAX);
		return;
	}
	(void)snprintf(p->section_name, sizeof(p->section_name), "%.*s", shape->named ? (int)name_len : 0,
		       cursor);
	p->skip = false;
	what_set(p, NULL);
	if (loads) {
		loadset_begin(p);
	} else if (shape->named) {
		section_add(p);
	} else if (p->once[p->section] != 0) {
		config_fault(p->r, "a second section of this name; the first is in line %u",
			     p->once[p->section]);
		p->skip = true;
	} else {
		p->once[p->section] = p->r->line;
	}
}

/* A list may begin in the line below its key, but it must begin. */
static void hollow_end(struct parser *p)
{
	if (!p->hollow)
		return;
	p->hollow = false;
	what_set(p, p->key->pub.key);
	config_fault_at(p->r, p->lines[key_index(p->key)], "%s: a value is missing: %s is expected",
			p->r->what, p->key->pub.type);
}

static void section_begin(struct parser *p, const char *line)
{
	const char *end = strchr(line, ']');

	hollow_end(p);
	section_end(p);
	p->in_section = true;
	p->skip = true;
	p->key = NULL;
	p->swallow = false;
	p->section_line = p->r->line;
	memset(p->lines, 0, sizeof(p->lines));
	if (!end || end[1] != '\0') {
		char shown[64];
		config_fault_at(p->r, p->r->line, "%s: [SECTION] or [SECTION NAME] is expected",
				text_escape(shown, sizeof(shown), line, strlen(line)));
		return;
	}
	line += 1 + strspn(line + 1, " \t");
	while (end > line && strchr(" \t", end[-1]))
		end--;
	section_open(p, line, (size_t)(end - line));
}

/* ---- lines */

/* Where a comment begins: a line's first ; or #, or a ; behind a blank. */
static size_t comment_start(const char *s, size_t len)
{
	bool blank = true;
	size_t first = 0;

	while (first < len && (s[first] == ' ' || s[first] == '\t'))
		first++;
	if (first < len && (s[first] == ';' || s[first] == '#'))
		return first;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == ';' && blank)
			return i;
		blank = s[i] == ' ' || s[i] == '\t';
	}
	return len;
}

static bool bytes_refuse(struct parser *p, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if ((c >= 0x20 && c <= 0x7e) || c == '\t')
			continue;
		/* U+2018–U+201F, U+2032, U+2033: what word processors and blogs make of quotes (F§8-1) */
		bool quote = len - i >= 3 && c == 0xe2 && (unsigned char)s[i + 1] == 0x80 &&
			     (((unsigned char)s[i + 2] & 0xf8) == 0x98 || (unsigned char)s[i + 2] == 0xb2 ||
			      (unsigned char)s[i + 2] == 0xb3);
		config_fault_at(p->r, p->r->line,
				"%s (byte 0x%02x) in column %zu: plain ASCII is expected outside comments",
				quote ? "a typographic quote" : "a character", c, i + 1);
		return true;
	}
	return false;
}

/* One line's key and value in the one shape that cannot be misread, into libinih's buffer. */
static void hand_out(struct parser *p, char *buf, int size, const char *key, size_t key_len,
		     const char *value)
{
	int n = snprintf(buf, (size_t)size, "%.*s = %s\n", (int)key_len, key, value);
	char name[40];

	/* inih wants three bytes more than the line has */
	if (n >= 0 && n + 3 <= size)
		return;
	(void)snprintf(name, sizeof(name), "%.*s", (int)key_len, key);
	what_set(p, name);
	config_fault(p->r, "the line is longer than %d bytes; a list may go on in the next line, indented",
		     size - 8);
	buf[0] = '\n';
	buf[1] = '\0';
	p->swallow = true;
}

static void line_more(struct parser *p, const char *line, char *buf, int size)
{
	if (p->swallow || p->skip)
		return;
	if (p->key && p->key->type->list) {
		p->more = true;
		hand_out(p, buf, size, p->key->pub.key, strlen(p->key->pub.key), line);
		return;
	}
	what_set(p, p->key ? p->key->pub.key : NULL);
	if (p->key)
		config_fault(p->r, "goes on in an indented line, but is one value, not a list");
	else
		config_fault(p->r, "KEY = VALUE is expected");
}

static void line_key(struct parser *p, const char *line, char *buf, int size)
{
	size_t n = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
	const char *eq = line + n + strspn(line + n, " \t");

	hollow_end(p);
	p->key = NULL;
	p->swallow = true;
	if (n == 0 || *eq != '=') {
		char shown[64];
		if (!p->in_section || !p->skip)
			config_fault_at(p->r, p->r->line, "\"%s\": KEY = VALUE is expected",
					text_escape(shown, sizeof(shown), line, strlen(line)));
		return;
	}
	p->swallow = false;
	hand_out(p, buf, size, line, n, eq + 1 + strspn(eq + 1, " \t"));
}

/* One line without its end. NULs are refused before. */
static void line_read(struct parser *p, const char *s, size_t len, char *buf, int size)
{
	CLEANUP(cleanup_free) char *line = NULL;
	size_t n = comment_start(s, len);

	if (bytes_refuse(p, s, n))
		return;
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	if (n == 0)
		return;
	line = strndup(s, n);
	if (!line) {
		config_fault_at(p->r, p->r->line, "no memory");
		return;
	}
	const char *start = line + strspn(line, " \t");
	if (*start == '[')
		section_begin(p, start);
	else if (start > line && !strchr(start, '='))
		line_more(p, start, buf, size);
	else
		line_key(p, start, buf, size);
}

/* libinih's reader: the next line, or an empty one when that line holds no key. */
static char *next_line(char *buf, int size, void *stream)
{
	struct parser *p = stream;
	const char *s = p->text + p->pos;
	size_t rem = p->len - p->pos;

	if (p->stop || rem == 0)
		return NULL;
	if (size < LINE_SIZE_MIN) {
		config_fault_at(p->r, p->r->line, "libinih was built for lines of %d bytes: too short for us",
				size);
		return NULL;
	}
	const char *end = memchr(s, '\n', rem);
	size_t len = end ? (size_t)(end - s) : rem;
	p->pos += end ? len + 1 : len;
	p->r->line++;
	p->more = false;
	buf[0] = '\n';
	buf[1] = '\0';
	if (memchr(s, '\0', len)) {
		config_fault_at(p->r, p->r->line, "a NUL byte: this is no text file");
		p->stop = true;
		return buf;
	}
	if (len > 0 && s[len - 1] == '\r')
		len--;
	line_read(p, s, len, buf, size);
	return buf;
}

/* ---- keys */

static void keys_list(const struct parser *p, struct strbuf *sb)
{
	const struct key *k;

	for (unsigned i = 0; (k = key_at(i)); i++)
		if (k->section == p->section && key_find(p->section, k->pub.key, p->r->revision))
			strbuf_addf(sb, "%s%s", sb->len ? ", " : "", k->pub.key);
}

/* NULL: refused. */
static const struct key *key_accept(struct parser *p, const char *name)
{
	const struct key *k = key_find(p->section, name, p->r->revision);

	if (!k) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(512);
		keys_list(p, &sb);
		config_fault(p->r, "unknown key; expected: %s", strbuf_text(&sb));
		return NULL;
	}
	unsigned *line = &p->lines[key_index(k)];
	if (*line != 0 && !p->more) {
		config_fault(p->r, "given twice; the first is in line %u", *line);
		return NULL;
	}
	if (*line == 0)
		*line = p->r->line;
	return k;
}

/* libinih's handler. It always says yes: what is wrong has been told, and the rest of the file is wanted,
 * too. */
static int on_key(void *user, const char *section, const char *name, const char *value)
{
	struct parser *p = user;

	(void)section; /* libinih cuts it: ours counts */
	if (p->skip && p->in_section)
		return 1;
	what_set(p, name);
	if (!p->in_section) {
		config_fault_at(p->r, p->r->line,
				"%s: a key outside a section; [store], [tftp], [plan NAME] … is "
				"expected above it",
				name);
		return 1;
	}
	p->key = key_accept(p, name);
	p->swallow = !p->key;
	if (!p->key)
		return 1;
	p->hollow = value[0] == '\0' && p->key->type->list;
	if (p->hollow)
		return 1;
	if (value[0] == '\0')
		config_fault(p->r, "a value is missing: %s is expected", p->key->pub.type);
	else
		p->key->type->set(p->r, p->key, key_field(p->key, section_base(p)), value);
	return 1;
}

/* ---- the whole */

static void parse_lines(struct parser *p)
{
	static const char bom[] = "\xef\xbb\xbf";

	if (p->len >= 3 && memcmp(p->text, bom, 3) == 0) {
		config_fault_at(p->r, 1,
				"the file begins with a byte order mark: plain text without one is expected");
		p->pos = 3;
	}
	unsigned faults = p->r->n_faults;
	int rc = ini_parse_stream(next_line, p, on_key, p);
	if (rc != 0 && p->r->n_faults == faults)
		config_fault_at(p->r, rc > 0 ? (unsigned)rc : p->r->line, "not understood");
	hollow_end(p);
	section_end(p);
	config_check_plans(p->r, p->c, p->plan_lines);
	config_check_shared(p->r, p->c, p->plan_lines);
	config_check_witness(p->r, p->c, p->once[SECTION_WITNESS]);
	config_check_map(p->r, p->c, p->net_lines);
	config_check_daemon(p->r, p->c, p->once[SECTION_TFTP]);
}

int config_read(struct config_reader *r, const char *text, size_t len, struct config **ret)
{
	static const enum section plain[] = { SECTION_STORE, SECTION_TFTP, SECTION_WITNESS, SECTION_ROLLOUT,
					      SECTION_LIMITS };
	CLEANUP(cleanup_free) struct parser *p = calloc(1, sizeof(*p));
	struct config *c = calloc(1, sizeof(*c));

	if (!p || !c) {
		free(c);
		return err_set(r->e, ERR_SYSTEM, "%s: no memory", r->name);
	}
	*p = (struct parser){ .r = r, .c = c, .text = text, .len = len };
	(void)text_copy(c->path, sizeof(c->path), r->name);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		defaults_set(r, plain[i], c);
	parse_lines(p);
	if (r->n_faults > 0) {
		config_free(c);
		return -1;
	}
	*ret = c;
	return 0;
}
