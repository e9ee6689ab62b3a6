/* SPDX-License-Identifier: MPL-2.0 */
/* The writer for programs: what an import did. */
#include "report_import.h"

#include <string.h>

#include <jansson.h>

#define FORMAT_VERSION 1

static json_t *escaped(const char *s)
{
	char safe[2048];

	return json_string(text_escape(safe, sizeof(safe), s, strlen(s)));
}

/* Words of ours, in which what is foreign was escaped when it came; cut within a character they are no UTF-8. */
static json_t *text(const char *s)
{
	json_t *t = json_string(s);

	return t ? t : escaped(s);
}

static json_t *lines(const char *s)
{
	json_t *a = json_array();

	while (s && *s) {
		size_t len = strcspn(s, "\n");

		json_array_append_new(a, json_stringn(s, len));
		s += len + (s[len] == '\n');
	}
	return a;
}

static json_t *files(const struct package_set *s)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < s->n_parts; i++) {
		char hex[DIGEST_TEXT_SIZE];
		json_t *o = json_object();

		json_object_set_new(o, "name", text(s->parts[i].name));
		json_object_set_new(o, "bytes", json_integer(s->parts[i].file->bytes));
		json_object_set_new(o, "sha256", text(digest_format(hex, &s->parts[i].file->sha256)));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *load(const struct report_load *l)
{
	json_t *o = json_object();

	json_object_set_new(o, "load", text(l->set->ls.load.s));
	json_object_set_new(o, "kind", text(load_kind_name(l->set->ls.kind)));
	json_object_set_new(o, "result", text(l->result));
	json_object_set_new(o, "why", l->why[0] ? text(l->why) : json_null());
	json_object_set_new(o, "differences", lines(l->differences));
	json_object_set_new(o, "notes", lines(l->set->notes));
	json_object_set_new(o, "files", files(l->set));
	return o;
}

/* Words as objects; a key that is NULL is left out. */
static json_t *words(const struct report_words *w, const char *name, const char *word, const char *what)
{
	json_t *a = json_array();

	for (size_t i = 0; i < w->n; i++) {
		json_t *o = json_object();

		json_object_set_new(o, name, escaped(w->a[i].name));
		if (word)
			json_object_set_new(o, word, text(w->a[i].word));
		json_object_set_new(o, what, text(w->a[i].what));
		json_array_append_new(a, o);
	}
	return a;
}

void report_json_import(const struct report *r, const struct report_import *ri)
{
	json_t *top = json_object(), *loads = json_array();

	for (size_t i = 0; i < ri->n_loads; i++)
		json_array_append_new(loads, load(&ri->loads[i]));
	json_object_set_new(top, "version", json_integer(FORMAT_VERSION));
	json_object_set_new(top, "loads", loads);
	json_object_set_new(top, "refused", words(&ri->refused, "package", NULL, "why"));
	json_object_set_new(top, "left-out", words(&ri->left, "file", "place", "why"));
	json_object_set_new(top, "changes", words(&ri->changes, "path", "change", "what"));
	json_object_set_new(top, "missing", lines(ri->missing));
	json_dumpf(top, r->out, JSON_INDENT(2));
	fputc('\n', r->out);
	json_decref(top);
}
