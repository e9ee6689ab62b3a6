/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Editing an XML configuration as bytes: the text of an element replaced, an element added or taken out, and not
 * a byte besides. Tags are found by a reader that may be plain because libxml2 took the text before; what came
 * of an edit is read by libxml2 again.
 */
#include "xmlconf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

#include "xmlconf_priv.h"

#define PAD_MIN 8 /* "<!---->" and a line feed */

/* Bytes from..to replaced by a text. */
static int replace(struct xmlconf *x, size_t from, size_t to, const char *text, size_t n)
{
	uint8_t *bytes = malloc(x->len - (to - from) + n + 1);

	if (!bytes)
		return -1;
	memcpy(bytes, x->bytes, from);
	memcpy(bytes + from, text, n);
	memcpy(bytes + from + n, x->bytes + to, x->len - to);
	free(x->bytes);
	x->bytes = bytes;
	x->len = x->len - (to - from) + n;
	return 0;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Where the blanks before `at` begin. */
static size_t blanks_before(const struct xmlconf *x, size_t at)
{
	while (at > 0 && is_blank(x->bytes[at - 1]))
		at--;
	return at;
}

/* ---- elements with their depth */

struct cursor {
	size_t pos;
	int depth; /* of the next start tag; the root has 0 */
};

/* The next start tag and its depth. 0; 1 = no more. */
static int next_start(const struct xmlconf *x, struct cursor *c, struct xml_tag *ret, int *ret_depth)
{
	while (xml_next_tag(x->bytes, x->len, &c->pos, ret) == 0) {
		*ret_depth = c->depth;
		c->depth += ret->closes ? -1 : ret->empty ? 0 : 1;
		if (!ret->closes)
			return 0;
	}
	return 1;
}

static bool has_name(const struct xml_tag *tag, const char *name)
{
	return tag->name_len == strlen(name) && memcmp(tag->name, name, tag->name_len) == 0;
}

/* `text` (XML already) as all that the element holds. *c moves with what is moved. */
static int set_text(struct xmlconf *x, struct cursor *c, const struct xml_tag *open, const char *text,
		    size_t n)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX);
	size_t from = open->end, to = from;
	struct xml_tag close;

	if (open->empty && n == 0)
		return 0;
	if (open->empty) {
		from = blanks_before(x, open->end - 2);
		strbuf_add_char(&sb, '>');
	}
	strbuf_add_bytes(&sb, text, n);
	if (open->empty) {
		strbuf_add(&sb, "</");
		strbuf_add_bytes(&sb, open->name, open->name_len);
		strbuf_add_char(&sb, '>');
	} else {
		if (xml_end_tag(x->bytes, x->len, open, &close) != 0)
			return -1;
		to = close.start;
	}
	if (sb.failed || replace(x, from, to, strbuf_text(&sb), sb.len) < 0)
		return -1;
	c->pos = from + sb.len;
	return 0;
}

/* ---- loads */

static void add_escaped(struct strbuf *sb, const char *text)
{
	static const struct {
		char c;
		const char *as;
	} special[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" } };

	for (; *text; text++) {
		const char *as = NULL;
		for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
			if (special[i].c == *text)
				as = special[i].as;
		if (as)
			strbuf_add(sb, as);
		else
			strbuf_add_char(sb, *text);
	}
}

/* Every element of that number set. Returns how many, -1 = no memory. */
static int set_existing(struct xmlconf *x, const struct xmlconf_load *l)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX);
	struct cursor c = { 0, 0 };
	struct xml_tag tag;
	int n = 0, depth, number;

	add_escaped(&sb, l->load);
	while (next_start(x, &c, &tag, &depth) == 0) {
		if (depth != 1 || xml_load_number(tag.name, tag.name_len, &number) != 0 ||
		    number != l->number)
			continue;
		if (sb.failed || set_text(x, &c, &tag, strbuf_text(&sb), sb.len) < 0)
			return -1;
		n++;
	}
	return n;
}

/* Behind which child of the root a new load element goes: the last of its kind, else callManagerGroup, else
 * the last. 0; 1 = the root has no child, *ret is the root itself. */
static int place_for_load(const struct xmlconf *x, struct xml_tag *ret)
{
	struct xml_tag tag, root = { .start = 0 }, last_load = { .end = 0 }, group = { .end = 0 },
			    last = { .end = 0 };
	struct cursor c = { 0, 0 };
	int depth, number;

	while (next_start(x, &c, &tag, &depth) == 0) {
		if (depth == 0)
			root = tag;
		if (depth != 1)
			continue;
		last = tag;
		if (xml_load_number(tag.name, tag.name_len, &number) == 0)
			last_load = tag;
		if (has_name(&tag, "callManagerGroup"))
			group = tag;
	}
	*ret = last_load.end ? last_load : group.end ? group : last.end ? last : root;
	return last.end ? 0 : 1;
}

/* On a line of its own, indented as its neighbour is. */
static int add_load(struct xmlconf *x, const struct xmlconf_load *l)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(2 * XMLCONF_BYTES_MAX);
	struct cursor c = { 0, 0 };
	struct xml_tag place, close;
	char number[12] = "";

	bool first = place_for_load(x, &place) != 0;
	size_t blank = blanks_before(x, place.start);
	if (!first)
		strbuf_add_bytes(&sb, x->bytes + blank, place.start - blank);
	if (l->number)
		snprintf(number, sizeof(number), "%d", l->number);
	strbuf_addf(&sb, "<" LOAD_ELEMENT "%s", number);
	if (l->label[0]) {
		strbuf_add(&sb, " model=\"");
		add_escaped(&sb, l->label);
		strbuf_add_char(&sb, '"');
	}
	strbuf_add_char(&sb, '>');
	add_escaped(&sb, l->load);
	strbuf_addf(&sb, "</" LOAD_ELEMENT "%s>", number);
	if (sb.failed || xml_end_tag(x->bytes, x->len, &place, &close) != 0)
		return -1;
	if (first && place.empty)
		return set_text(x, &c, &place, strbuf_text(&sb), sb.len);
	size_t at = first ? close.start : close.end;
	return replace(x, at, at, strbuf_text(&sb), sb.len);
}

/* The load elements, all or the bare ones alone, each with the blanks before it. */
static int remove_elements(struct xmlconf *x, bool bare_only)
{
	struct cursor c = { 0, 0 };
	struct xml_tag tag, close;
	int depth, number;

	while (next_start(x, &c, &tag, &depth) == 0) {
		if (depth != 1 || xml_load_number(tag.name, tag.name_len, &number) != 0 ||
		    (bare_only && number != 0))
			continue;
		size_t from = blanks_before(x, tag.start);
		if (xml_end_tag(x->bytes, x->len, &tag, &close) != 0 ||
		    replace(x, from, close.end, "", 0) < 0)
			return -1;
		c = (struct cursor){ from, depth };
	}
	return 0;
}

static int no_memory(const char *what, struct err *e)
{
	return err_sys(e, ERR_SYSTEM, ENOMEM, "%s", what);
}

int xmlconf_remove_loads(struct xmlconf *x, struct err *e)
{
	return remove_elements(x, false) < 0 ? no_memory("removing " LOAD_ELEMENT, e) : xmlconf_edited(x, e);
}

int xmlconf_set_loads(struct xmlconf *x, const struct xmlconf_load *loads, size_t n, bool remove_bare,
		      struct err *e)
{
	bool bare_given = false;

	for (size_t i = 0; i < n; i++) {
		int found = set_existing(x, &loads[i]);
		if (found < 0 || (found == 0 && add_load(x, &loads[i]) < 0))
			return no_memory("setting " LOAD_ELEMENT, e);
		bare_given |= loads[i].number == 0;
	}
	if (remove_bare && !bare_given && remove_elements(x, true) < 0)
		return no_memory("removing " LOAD_ELEMENT, e);
	return xmlconf_edited(x, e);
}

/* ---- what leads elsewhere */

static bool leads_elsewhere(const struct xml_tag *tag)
{
	return has_name(tag, "processNodeName") ||
	       (tag->name_len >= 3 && memcmp(tag->name + tag->name_len - 3, "URL", 3) == 0);
}

int xmlconf_clear_callmanager(struct xmlconf *x, struct err *e)
{
	struct cursor c = { 0, 0 };
	struct xml_tag tag;
	int depth;

	while (next_start(x, &c, &tag, &depth) == 0)
		if (leads_elsewhere(&tag) && set_text(x, &c, &tag, "", 0) < 0)
			return no_memory("emptying a CallManager's address", e);
	return xmlconf_edited(x, e);
}

/* ---- writing */

int xmlconf_format(const struct xmlconf *x, size_t pad_to, struct strbuf *sb, struct err *e)
{
	if (pad_to > 0 && pad_to != x->len && pad_to < x->len + PAD_MIN)
		return err_set(e, ERR_LIMIT, "the XML has %zu bytes and cannot be made %zu", x->len, pad_to);
	strbuf_add_bytes(sb, x->bytes, x->len);
	if (pad_to > x->len) {
		strbuf_add(sb, "<!--");
		for (size_t i = x->len + PAD_MIN; i < pad_to; i++)
			strbuf_add_char(sb, '.');
		strbuf_add(sb, "-->\n");
	}
	return strbuf_check(sb, "XML", e);
}
