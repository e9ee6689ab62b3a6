/* SPDX-License-Identifier: MPL-2.0 */
/* The writer for people: what an import did. */
#include "report_import.h"

#include <string.h>

#include "cleanup.h"

#define LINE_BYTES 4096
#define INDENT 4
#define LEFT_MAX 20 /* a site's whole TFTP directory leaves hundreds; --json has them all */

static void lines(const struct report *r, const char *label, const char *text)
{
	for (const char *p = text; p && *p;) {
		char line[LINE_BYTES];
		size_t len = strcspn(p, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, p);
		report_wrap(r, INDENT, label, line);
		p += len + (p[len] == '\n');
	}
}

static void one_load(const struct report *r, const struct report_load *l)
{
	const struct package_set *s = l->set;
	double bytes = (double)report_import_bytes(s);

	fprintf(r->out, "%-26s %-10s %2u file%s %8.1f %s\n", s->ls.load.s, l->result, s->n_parts,
		s->n_parts == 1 ? ", " : "s,", bytes < 1e6 ? bytes / 1e3 : bytes / 1e6,
		bytes < 1e6 ? "kB" : "MB");
	if (l->why[0])
		report_wrap(r, INDENT, "    ", l->why);
	lines(r, "    ", l->differences);
	lines(r, "    ", s->notes);
}

static void words(const struct report *r, const char *label, const struct report_word *w)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_BYTES);

	strbuf_add_escaped(&sb, w->name, strlen(w->name));
	if (w->word[0])
		strbuf_addf(&sb, " (%s)", w->word);
	strbuf_addf(&sb, ": %s", w->what);
	report_wrap(r, INDENT, label, strbuf_text(&sb));
}

void report_text_import(const struct report *r, const struct report_import *ri)
{
	for (size_t i = 0; i < ri->n_loads; i++)
		one_load(r, &ri->loads[i]);
	for (size_t i = 0; i < ri->refused.n; i++)
		report_wrap(r, INDENT, "refused: ", ri->refused.a[i].what);
	for (size_t i = 0; i < ri->left.n && i < LEFT_MAX; i++)
		words(r, "left out: ", &ri->left.a[i]);
	if (ri->left.n > LEFT_MAX)
		fprintf(r->out, "left out: %zu more; --json names them\n", ri->left.n - LEFT_MAX);
	if (ri->n_loads == 0)
		fputs("no load set was found\n", r->out);
	for (size_t i = 0; i < ri->changes.n; i++) {
		const struct report_word *w = &ri->changes.a[i];
		char path[512], what[256];

		fprintf(r->out, "%-8s %s%s%s\n", w->word,
			text_escape(path, sizeof(path), w->name, strlen(w->name)), w->what[0] ? ": " : "",
			text_escape(what, sizeof(what), w->what, strlen(w->what)));
	}
	if (ri->missing && ri->missing[0])
		fprintf(r->out, "%snobody is let into a stage whose files are missing\n", ri->missing);
	if (ri->no_plans)
		fputs("no plan is in force yet: `loadstep reload` builds the stages\n", r->out);
}
