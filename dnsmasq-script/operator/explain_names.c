/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Which files name a load to this phone, in the order in which phones read them: its own, XMLDefault's element for its
 * model, what old code and SIP applications read, and the default load of java boot code (F§2, F§5.3). What is wrong
 * with them is told in the words of `loadstep check`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check_tree.h"
#include "cleanup.h"
#include "explain.h"
#include "file.h"
#include "stagedir.h"
#include "xmlconf.h"

#define OS79XX "OS79XX.TXT"
#define SIPDEFAULT "SIPDefault.cnf"
#define TEXT_MAX (256 * 1024)

/* ---- rows */

/* One more place; NULL: there are too many to show. */
static struct report_naming *add(struct explain *x, const char *file, const char *element)
{
	struct report_naming *n = &x->namings[x->n_namings];
	char path[EXPLAIN_PATH];
	struct stat sb;

	if (x->n_namings == REPORT_NAMINGS_MAX)
		return NULL;
	x->n_namings++;
	*n = (struct report_naming){ .bytes = -1 };
	(void)text_copy(n->file, sizeof(n->file), file);
	(void)text_copy(n->element, sizeof(n->element), element);
	if (path_join(path, sizeof(path), x->dir, file, NULL) == 0 && stat(path, &sb) == 0) {
		n->bytes = sb.st_size;
		n->changed_ms = (int64_t)sb.st_mtim.tv_sec * 1000;
	}
	return n;
}

static void add_load(struct report_naming *n, const char *load)
{
	(void)text_escape(n->load, sizeof(n->load), load, strlen(load));
}

/* What `check` would find there: what is wrong, what it makes phones show, and the cure. */
static void wrong(struct report_naming *n, enum finding_id id, const char *what)
{
	snprintf(n->fault, sizeof(n->fault), "%.500s: %s", what, finding_shows(id));
	n->cure = finding_cure(id);
}

/* 0 = read; 1 = there is none; -1 = told as a row with its fault. */
static int read_text(struct explain *x, const char *file, struct strbuf *sb)
{
	char path[EXPLAIN_PATH];
	struct err e;
	int rc = path_join(path, sizeof(path), x->dir, file, &e);

	if (rc == 0)
		rc = file_read(path, TEXT_MAX, sb, &e);
	struct report_naming *n = rc < 0 ? add(x, file, "") : NULL;

	if (n)
		(void)text_copy(n->fault, sizeof(n->fault), e.text);
	return rc;
}

/* ---- what is wrong with a load that is named */

static bool on_stage(const struct explain *x)
{
	return !x->plain && x->p->stage_no > 0;
}

static void judge_in_root(struct explain *x, struct report_naming *n, const struct model *m)
{
	struct checking k = { .c = x->c, .cfg = x->cfg };
	const struct mention mention = { "", n->element[0] ? n->element : "it", n->load, m, false };
	enum finding_id id;
	char what[400];

	if (mention_name(&mention, &id, what) != 0 || mention_files(&k, &mention, &id, what) != 0)
		wrong(n, id, what);
}

/* Where the site wants it to be: what the plain root names leads past a plan, or away from it. */
static void judge_against_plan(const struct explain *x, struct report_naming *n)
{
	const struct plan *pl = x->pl;
	const struct phone *p = x->p;

	if (!pl || !pl->n_stages || !n->load[0] || n->fault[0] || x->cfg->layout == LAYOUT_SHARED)
		return;
	const char *last = pl->stages[pl->n_stages - 1].load.s;

	if (p->phase == PHASE_DONE && strcmp(n->load, last) != 0) {
		snprintf(n->fault, sizeof(n->fault), "%s is the last load of plan %s: it would go back", last,
			 pl->name);
		n->cure = finding_cure(FINDING_ROOT_NAMES_LOAD);
	} else if (p->phase == PHASE_SEEN) {
		snprintf(n->note, sizeof(n->note), "it takes that load by itself, past plan %s", pl->name);
	} else if (p->phase != PHASE_DONE) {
		snprintf(n->fault, sizeof(n->fault), "%s", finding_shows(FINDING_ROOT_NAMES_LOAD));
		n->cure = finding_cure(FINDING_ROOT_NAMES_LOAD);
	}
}

static void judge(struct explain *x, struct report_naming *n, const struct model *m)
{
	if (on_stage(x) && n->load[0] && strcmp(n->load, x->p->load.s) != 0 && !n->fault[0]) {
		snprintf(n->fault, sizeof(n->fault), "not its stage's load");
		n->cure = finding_cure(FINDING_STAGE_OUTDATED);
	}
	if (!x->plain)
		return;
	if (n->load[0])
		judge_in_root(x, n, m);
	judge_against_plan(x, n);
}

/* ---- XML */

/* The elements that count for this phone, by number; its model's, or those of the models that it may be. */
#define NUMBERS_MAX 8

struct elements {
	int numbers[NUMBERS_MAX];
	unsigned n;
	bool bare; /* the one without a number, too: classic phones (F§5.1) */
	bool all; /* nobody knows: whatever names a load */
};

static void want(struct elements *el, const char *model)
{
	const struct model *m = model_find(model);

	for (unsigned i = 0; m && i < el->n; i++)
		if (el->numbers[i] == m->number)
			return;
	if (m && el->n < NUMBERS_MAX)
		el->numbers[el->n++] = m->number;
}

static void wanted(const struct explain *x, struct elements *ret)
{
	const struct phone *p = x->p;
	bool classic = p->generation == GEN_CLASSIC || p->vendor == VENDOR_BARE;

	*ret = (struct elements){ .bare = classic };
	if (p->model[0]) {
		want(ret, p->model);
	} else if (classic) {
		want(ret, "7960");
		want(ret, "7940");
	} else if (p->generation == GEN_JAVA && x->pl) {
		for (unsigned i = 0; i < x->pl->n_models; i++)
			want(ret, x->pl->models[i]);
	}
	ret->all = ret->n == 0;
}

struct xml_walk {
	struct explain *x;
	const char *file;
	const struct elements *want;
	bool found[NUMBERS_MAX];
	bool bare;
	unsigned shown;
};

static bool is_wanted(struct xml_walk *w, int number)
{
	const struct elements *want = w->want;

	if (want->all)
		return w->shown < NUMBERS_MAX;
	w->bare = w->bare || number == 0;
	for (unsigned i = 0; i < want->n; i++)
		if (want->numbers[i] == number)
			return w->found[i] = true;
	return number == 0 && want->bare;
}

static int note_element(void *arg, const struct xmlconf_element *el)
{
	struct xml_walk *w = arg;
	const struct model *m = el->load_number > 0 ? model_by_number(el->load_number) : NULL;

	if (el->load_number < 0 || !is_wanted(w, el->load_number))
		return 0;
	struct report_naming *n = add(w->x, w->file, el->name);

	if (!n)
		return 1;
	w->shown++;
	add_load(n, el->text);
	(void)text_copy(n->of, sizeof(n->of), m ? m->name : "");
	judge(w->x, n, m || el->load_number > 0 ? m : model_find(w->x->p->model));
	return 0;
}

static void add_absent(struct xml_walk *w)
{
	char element[40];

	for (unsigned i = 0; i < w->want->n; i++) {
		const struct model *m = model_by_number(w->want->numbers[i]);

		if (w->found[i] || !m)
			continue;
		snprintf(element, sizeof(element), "loadInformation%d", m->number);
		struct report_naming *n = add(w->x, w->file, element);

		if (!n)
			return;
		(void)text_copy(n->of, sizeof(n->of), m->name);
		bool expected = w->x->plain && w->x->pl && w->x->cfg->layout == LAYOUT_VIEWS;

		if (m->generation == GEN_JAVA && w->bare)
			wrong(n, FINDING_MODEL_ELEMENT_MISSING, "only the bare loadInformation is there");
		else if (expected || !w->x->plain)
			snprintf(n->note, sizeof(n->note), "%s",
				 w->x->p->phase == PHASE_DONE || !expected
					 ? "there is no such element: it names no load"
					 : "there is no such element, as it must be until it is started");
		else if (!(w->want->bare && w->bare))
			wrong(n, FINDING_MODEL_ELEMENT_MISSING, "there is no such element");
	}
}

static void add_malformed(struct explain *x, const char *file, const struct err *e, enum finding_id id)
{
	struct report_naming *n = add(x, file, "");

	if (n)
		wrong(n, id, e->text);
}

static void xml_note(struct explain *x, const char *note)
{
	struct report_naming *n = add(x, XMLDEFAULT, "");

	if (n)
		snprintf(n->note, sizeof(n->note), "%s", note);
}

/* What causes are judged by: the elements that were found, before those that are absent are listed. */
static void root_facts(struct explain *x, unsigned first)
{
	for (unsigned i = first; x->plain && i < x->n_namings; i++) {
		x->facts.root_element = true;
		if (!x->facts.root_load[0])
			(void)text_copy(x->facts.root_load, sizeof(x->facts.root_load), x->namings[i].load);
	}
}

static void xmldefault(struct explain *x)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	struct xmlconf *doc = NULL;
	struct elements want;
	struct err e;
	unsigned first = x->n_namings;
	int rc = read_text(x, XMLDEFAULT, &sb);

	wanted(x, &want);
	struct xml_walk w = { .x = x, .file = XMLDEFAULT, .want = &want };

	if (rc == 1)
		xml_note(x, "there is none");
	x->facts.root_xml = !x->plain || rc < 0 ? CAUSES_XML_UNKNOWN
			    : rc == 1		? CAUSES_XML_ABSENT
						: CAUSES_XML_READ;
	if (rc != 0)
		return;
	if (xmlconf_parse(XMLDEFAULT, strbuf_text(&sb), sb.len, false, &doc, &e) < 0) {
		add_malformed(x, XMLDEFAULT, &e,
			      strstr(e.text, "the root element is") ? FINDING_XML_ROOT
								    : FINDING_XML_MALFORMED);
		return;
	}
	(void)xmlconf_walk(doc, note_element, &w);
	xmlconf_free(doc);
	root_facts(x, first);
	add_absent(&w);
	if (x->n_namings == first)
		xml_note(x, "names no load");
}

/* ---- its own files */

struct sep_load {
	char element[40], load[LOAD_NAME_MAX + 40];
};

static int first_load(void *arg, const struct xmlconf_element *el)
{
	struct sep_load *s = arg;

	if (el->load_number < 0)
		return 0;
	(void)text_copy(s->element, sizeof(s->element), el->name);
	(void)text_copy(s->load, sizeof(s->load), el->text);
	return 1;
}

/* true: there is one, so XMLDefault is not asked for (F§5.3). */
static bool own_sep(struct explain *x)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	char file[40], bare[MAC_TEXT_SIZE];
	struct sep_load s = { "", "" };
	struct xmlconf *doc = NULL;
	struct err e;

	if (!x->p->mac_known)
		return false;
	snprintf(file, sizeof(file), "SEP%s.cnf.xml", mac_format_bare(bare, &x->p->mac));
	int rc = read_text(x, file, &sb);

	x->facts.sep_xml = !x->plain || rc < 0 ? CAUSES_XML_UNKNOWN
			   : rc == 1	       ? CAUSES_XML_ABSENT
					       : CAUSES_XML_READ;
	if (rc != 0)
		return rc < 0;
	if (xmlconf_parse(file, strbuf_text(&sb), sb.len, true, &doc, &e) < 0 &&
	    xmlconf_parse(file, strbuf_text(&sb), sb.len, false, &doc, NULL) < 0) {
		add_malformed(x, file, &e, FINDING_SEP_MALFORMED);
		x->facts.sep_xml = x->plain ? CAUSES_XML_MALFORMED : CAUSES_XML_UNKNOWN;
		return true;
	}
	(void)xmlconf_walk(doc, first_load, &s);
	xmlconf_free(doc);
	struct report_naming *n = add(x, file, s.element);

	if (!n)
		return true;
	add_load(n, s.load);
	snprintf(n->note, sizeof(n->note),
		 s.load[0] ? "its own file: it wins, XMLDefault is not asked for"
			   : "its own file: XMLDefault is not asked for, and this names no load");
	judge(x, n, model_find(x->p->model));
	return true;
}

/* image_version of a text file of SIP code; 0 = there is such a line, 1 = none. */
static int image_version(const struct strbuf *sb, char *ret, size_t size)
{
	for (const char *at = strbuf_text(sb); *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (stagedir_image_version(at, strcspn(at, "\n"), ret, size) == 0)
			return 0;
	return 1;
}

static void sip_file(struct explain *x, const char *file, const char *note)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	char load[LOAD_NAME_MAX + 40] = "";

	if (read_text(x, file, &sb) != 0)
		return;
	bool named = image_version(&sb, load, sizeof(load)) == 0;
	struct report_naming *n = add(x, file, named ? "image_version" : "");

	if (!n)
		return;
	add_load(n, load);
	(void)text_copy(n->note, sizeof(n->note), note);
	if (named)
		judge(x, n, model_find("7960"));
}

static void sip_files(struct explain *x)
{
	char file[40], bare[MAC_TEXT_SIZE];

	const struct loadset *stage = on_stage(x) && x->pl ? plan_stage(x->pl, x->p->stage_no) : NULL;

	if (!stage || stage->proto == PROTO_SIP) /* each stage has the file, and no SCCP code reads it */
		sip_file(x, SIPDEFAULT, "read by SIP applications");
	if (!x->p->mac_known)
		return;
	snprintf(file, sizeof(file), "SIP%s.cnf", mac_format_bare(bare, &x->p->mac));
	sip_file(x, file, "its own file: read by the loader before XMLDefault, and by a SIP application");
}

/* ---- old code, and java boot code */

static void os79xx(struct explain *x)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	char load[LOAD_NAME_MAX + 40];

	if (x->p->vendor == VENDOR_NAMED || read_text(x, OS79XX, &sb) != 0)
		return;
	const char *text = strbuf_text(&sb);
	size_t len = strcspn(text, " \t\r\n");
	const char *fault = os79xx_fault(text, sb.len, len);
	struct report_naming *n = add(x, OS79XX, "");

	if (!n)
		return;
	snprintf(load, sizeof(load), "%.*s", (int)(len < sizeof(load) ? len : sizeof(load) - 1), text);
	add_load(n, load);
	snprintf(n->note, sizeof(n->note), "read first, by code below 6.x alone");
	if (fault)
		wrong(n, FINDING_OS79XX_ODD, fault);
	else
		judge(x, n, model_find("7960"));
}

/* The load whose list a default load says, among the plan's: "" = none of them. */
static const char *same_list(const struct explain *x, const char *term)
{
	char a[EXPLAIN_PATH], b[EXPLAIN_PATH], name[LOAD_FILE_MAX + 1];

	if (path_join(a, sizeof(a), x->dir, term, NULL) < 0)
		return "";
	for (unsigned i = 0; x->pl && i < x->pl->n_stages; i++) {
		snprintf(name, sizeof(name), "%s.loads", x->pl->stages[i].load.s);
		if (path_join(b, sizeof(b), x->dir, name, NULL) == 0 && compare_lists(a, b) == 0)
			return x->pl->stages[i].load.s;
	}
	return "";
}

static void default_load(struct explain *x)
{
	const struct model *m = x->p->model[0] ? model_find(x->p->model) : NULL;
	char upper[32];

	if (!m || !m->term_file[0])
		return;
	snprintf(upper, sizeof(upper), "TERM%.2s.DEFAULT.loads", m->term_file + 4);
	for (int i = 0; i < 2; i++) {
		const char *file = i == 0 ? m->term_file : upper;
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);

		if (read_text(x, file, &sb) != 0)
			continue;
		struct report_naming *n = add(x, file, "");

		if (!n)
			return;
		add_load(n, same_list(x, file));
		snprintf(n->note, sizeof(n->note), "%s",
			 n->load[0] ? "the same list; read after a factory reset alone"
				    : "no load of the plan has this list; read after a factory reset alone");
		if (on_stage(x) && strcmp(n->load, x->p->load.s) != 0)
			wrong(n, FINDING_TERM_OTHER_LOAD, "not its stage's list");
		return; /* the other spelling is a link to it */
	}
}

void explain_names(struct explain *x)
{
	bool classic = x->p->generation == GEN_CLASSIC || x->p->vendor == VENDOR_BARE;

	if (classic)
		os79xx(x);
	if (own_sep(x))
		xml_note(x, "not read as long as it has a SEP file of its own");
	else
		xmldefault(x);
	if (classic)
		sip_files(x);
	else
		default_load(x);
}
