/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The site's own XMLDefault: what a phone that is not started reads, and what every stage's is made of (F§5.1, F§5.2,
 * F§8 rows 1–7).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_tree.h"
#include "cleanup.h"
#include "file.h"
#include "stagedir.h"
#include "strbuf.h"
#include "xmlconf.h"

#define ELEMENTS_MAX 256 /* load elements; samples have about forty */

struct element {
	int number; /* 0 = bare */
	int line;
	char load[LOAD_NAME_MAX + 40];
	char label[64];
};

struct xmldefault {
	const char *path;
	unsigned n;
	struct element a[ELEMENTS_MAX];
	bool group, members, node; /* what F§5.1 says must be there */
};

static int note_element(void *arg, const struct xmlconf_element *el)
{
	struct xmldefault *x = arg;

	x->group |= strcmp(el->name, "callManagerGroup") == 0;
	x->members |= strcmp(el->name, "member") == 0;
	x->node |= strcmp(el->name, "processNodeName") == 0;
	if (el->load_number < 0 || x->n == ELEMENTS_MAX)
		return 0;
	struct element *e = &x->a[x->n++];
	*e = (struct element){ .number = el->load_number, .line = el->line };
	(void)text_copy(e->load, sizeof(e->load), el->text);
	(void)text_copy(e->label, sizeof(e->label), el->model);
	return 0;
}

static const char *place_of(const struct xmldefault *x, int line, char place[static PATH_BYTES])
{
	snprintf(place, PATH_BYTES, "%.480s:%d", x->path, line);
	return place;
}

/* "loadInformation404 (7962)" */
static const char *who_is(int number, char buf[static 64])
{
	const char *name = model_number_name(number);

	if (number == 0)
		return "loadInformation";
	snprintf(buf, 64, "loadInformation%d%s%s%s", number, name ? " (" : "", name ? name : "",
		 name ? ")" : "");
	return buf;
}

static const struct element *find_number(const struct xmldefault *x, int number, const struct element *before)
{
	for (const struct element *e = x->a; e < (before ? before : x->a + x->n); e++)
		if (e->number == number)
			return e;
	return NULL;
}

/* ---- its number and its label */

/* The digits alone: a 7961G-GE is labelled 7961 as often as not. */
static bool same_model(const struct model *a, const char *name)
{
	return strncmp(a->name, name, 4) == 0;
}

/* 1 = told: what else there is to say of the element would say it twice. */
static int check_number(struct checking *k, const struct xmldefault *x, const struct element *e)
{
	const char *name = model_number_name(e->number);
	const struct model *label = model_of_label(e->label);
	char place[PATH_BYTES], who[64];

	const struct element *first = find_number(x, e->number, e);
	if (first) {
		found(k, FINDING_MODEL_ELEMENT_REPEATED, place_of(x, e->line, place),
		      "%s is there already in line %d", who_is(e->number, who), first->line);
		return 1;
	}
	if (e->number == 0 || (name && (!label || same_model(label, name))))
		return 0;
	if (label)
		found(k, FINDING_MODEL_LABEL_MISMATCH, place_of(x, e->line, place),
		      "it says \"%s\", and %d is %s%s: the %s's number is %d", e->label, e->number,
		      name ? "the " : "", name ? name : "no number that is known", label->name,
		      label->number);
	else
		found(k, FINDING_MODEL_NUMBER_UNKNOWN, place_of(x, e->line, place),
		      "no model with the number %d is known", e->number);
	return 1;
}

/* ---- the load it names */

/* Other makes name theirs by rules of their own (F§3.1): of those the family alone is judged. */
static bool has_our_names(const struct model *m, int number)
{
	return number == 0 || (m && (m->generation == GEN_CLASSIC || m->generation == GEN_JAVA));
}

static void check_load(struct checking *k, const struct xmldefault *x, const struct element *e,
		       struct counted *counts)
{
	const struct model *m = model_by_number(e->number);
	char place[PATH_BYTES], who[64], what[400];
	const struct mention mention = { place_of(x, e->line, place), who_is(e->number, who), e->load, m,
					 false };
	enum finding_id id;

	bool ours = has_our_names(m, e->number);
	bool odd = mention_name(&mention, &id, what) != 0;
	if (odd ? ours || id == FINDING_WRONG_FAMILY : ours && mention_files(k, &mention, &id, what) == 1)
		count_one(&counts[id], place, "%s", what);
}

/* Of each kind one finding: a file that serves forty models has the same fault forty times. */
static void check_elements(struct checking *k, const struct xmldefault *x)
{
	CLEANUP(cleanup_free) struct counted *counts = calloc(FINDING_COUNT, sizeof(*counts));

	if (!counts)
		return;
	for (const struct element *e = x->a; e < x->a + x->n; e++)
		if (check_number(k, x, e) == 0)
			check_load(k, x, e, counts);
	found_all(k, counts);
}

/* ---- what is not there */

static const char *missing_part(const struct xmldefault *x)
{
	return !x->group ? "callManagerGroup" : !x->members ? "member" : !x->node ? "processNodeName" : NULL;
}

/* The numbers of the plan's models that have no element, in words; "" = none. *ret_some: some have one. */
static void missing_numbers(const struct plan *pl, const struct xmldefault *x, bool *ret_some, char *buf,
			    size_t size)
{
	size_t n = 0;

	*ret_some = false;
	buf[0] = '\0';
	for (unsigned i = 0; i < pl->n_models; i++) {
		const struct model *m = model_find(pl->models[i]);
		const struct element *e = m ? find_number(x, m->number, NULL) : NULL;

		*ret_some |= e && e->load[0];
		if (m && !e && n < size)
			n += (size_t)snprintf(buf + n, size - n, "%sloadInformation%d (%s)", n ? ", " : "",
					      m->number, m->name);
	}
}

static bool is_java_load(const char *load)
{
	const char *family = load_family(load);

	return family[0] != '\0' && family[0] != 'P';
}

static bool is_java(const struct plan *pl)
{
	const struct model *m = pl->n_models ? model_find(pl->models[0]) : NULL;

	return m && m->generation == GEN_JAVA;
}

/* A plan whose models the file is to serve, some by number and others not, or by the bare element alone. In views the
 * root is to name none of them: there only a bare element that was meant for them counts. */
static void check_missing(struct checking *k, const struct plan *pl, const struct xmldefault *x)
{
	const struct element *bare = find_number(x, 0, NULL);
	char place[PATH_BYTES], numbers[300];
	bool some;

	missing_numbers(pl, x, &some, numbers, sizeof(numbers));
	bool by_bare = bare && is_java(pl) && is_java_load(bare->load);
	if (!numbers[0] || (!by_bare && !(some && k->cfg->layout == LAYOUT_SHARED)))
		return;
	if (by_bare)
		found(k, FINDING_MODEL_ELEMENT_MISSING, place_of(x, bare->line, place),
		      "plan %s: only the bare loadInformation is there for %s", pl->name, numbers);
	else
		found(k, FINDING_MODEL_ELEMENT_MISSING, x->path, "plan %s: there is no %s", pl->name,
		      numbers);
}

/* A bare element with a load of the Java phones, and no number at all: nobody's plan is needed to say that it does
 * nothing (F§8 row 2). */
static void check_bare(struct checking *k, const struct xmldefault *x)
{
	char place[PATH_BYTES];

	for (unsigned i = 0; i < k->cfg->n_plans; i++)
		if (is_java(&k->cfg->plans[i]))
			return; /* told by its plan */
	if (x->n != 1 || x->a[0].number != 0 || !is_java_load(x->a[0].load))
		return;
	found(k, FINDING_MODEL_ELEMENT_MISSING, place_of(x, x->a[0].line, place),
	      "only a bare loadInformation names %s", x->a[0].load);
}

/* Which load the plain root names for the plan's models, if any: only a whole file is asked. */
static void check_root_load(struct checking *k, const struct plan *pl, const char *path)
{
	struct load_name load;
	struct err e;

	if (stagedir_root_load(k->cfg->tftp_root, pl, &load, &e) != 0)
		return;
	bool last = plan_stage_of(pl, &load) == (int)pl->n_stages;
	found(k, FINDING_ROOT_NAMES_LOAD, path, "it names %s for models of plan %s%s", load.s, pl->name,
	      last ? ", the plan's last load" : "");
}

static void check_document(struct checking *k, const char *path, const struct xmlconf *doc)
{
	CLEANUP(cleanup_free) struct xmldefault *x = calloc(1, sizeof(*x));

	if (!x)
		return;
	x->path = path;
	(void)xmlconf_walk(doc, note_element, x);
	const char *part = missing_part(x);
	if (part)
		found(k, FINDING_XML_INCOMPLETE, path, "there is no %s in it", part);
	check_elements(k, x);
	check_bare(k, x);
	for (unsigned i = 0; i < k->cfg->n_plans; i++) {
		check_missing(k, &k->cfg->plans[i], x);
		if (k->cfg->layout == LAYOUT_VIEWS)
			check_root_load(k, &k->cfg->plans[i], path);
	}
}

void check_root_xml(struct checking *k)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX);
	struct xmlconf *x = NULL;
	char path[PATH_BYTES], place[PATH_BYTES];
	struct err e;

	if (!has_root(k))
		return;
	below_root(k, path, XMLDEFAULT);
	int rc = file_read(path, XMLCONF_BYTES_MAX, &sb, &e);

	k->xml_good = rc == 1;
	if (rc == 1)
		return;
	if (rc < 0 ? e.code == ERR_LIMIT : sb.len > CONFIG_BYTES_USUAL)
		found(k, FINDING_CONFIG_TOO_LARGE, path, "more than %d bytes",
		      rc < 0 ? XMLCONF_BYTES_MAX : CONFIG_BYTES_USUAL);
	else if (rc < 0)
		found(k, FINDING_TREE_UNREADABLE, path, "%s", e.text);
	if (rc < 0)
		return;
	if (xmlconf_parse(path, strbuf_text(&sb), sb.len, false, &x, &e) < 0) {
		const char *text = xml_fault_at(path, e.text, place);
		found(k, strstr(text, "the root element is") ? FINDING_XML_ROOT : FINDING_XML_MALFORMED,
		      place, "%s", text);
		return;
	}
	k->xml_good = true;
	check_document(k, path, x);
	xmlconf_free(x);
}
