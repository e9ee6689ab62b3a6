/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The phones' own files, SEP<MAC>.cnf.xml, which hide XMLDefault (F§5.3): can they be read, which load do they name,
 * and where does that lead a phone of a plan? A site has one for each phone, so each kind of fault is told once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_tree.h"
#include "cleanup.h"
#include "config.h"
#include "file.h"
#include "state.h"
#include "strbuf.h"
#include "xmlconf.h"

#define PASSWORD_MAX 12 /* F§8 row 53: one report, of a 7942 */

/* One file as it was read, and whose it is. */
struct sep {
	char path[PATH_BYTES];
	struct mac mac;
	struct phone phone; /* id 0: the store does not know it */
	const struct plan *plan; /* it is on; NULL = none */
	bool has_load;
	int load_line, server_line, password_line; /* 0 = none */
	size_t password_len;
	char load[LOAD_NAME_MAX + 40];
	const struct model *label;
};

/* What was found out of a load's files: hundreds of phones name the same few. */
#define ANSWERS_MAX 32

struct known_load {
	char load[LOAD_NAME_MAX + 40];
	int rc; /* of mention_files */
	enum finding_id id;
	char what[400];
};

struct scan {
	struct counted counts[FINDING_COUNT];
	unsigned n;
	struct known_load a[ANSWERS_MAX];
};

static int note_element(void *arg, const struct xmlconf_element *el)
{
	struct sep *s = arg;

	if (el->load_number >= 0 && el->text[0] && !s->has_load) {
		s->has_load = true;
		s->load_line = el->line;
		(void)text_copy(s->load, sizeof(s->load), el->text);
		s->label = el->load_number ? model_by_number(el->load_number) : model_of_label(el->model);
	}
	if (strcmp(el->name, "loadServer") == 0 && el->text[0])
		s->server_line = el->line;
	if (strcmp(el->name, "authPassword") == 0 && strlen(el->text) > s->password_len) {
		s->password_len = strlen(el->text);
		s->password_line = el->line;
	}
	return 0;
}

static const char *place_of(const struct sep *s, int line, char place[static PATH_BYTES])
{
	snprintf(place, PATH_BYTES, "%.480s:%d", s->path, line);
	return place;
}

/* ---- the load it names */

static const struct model *model_of(const struct sep *s)
{
	return s->label ? s->label : s->phone.model[0] ? model_find(s->phone.model) : NULL;
}

/* The answer for this load's files, from before or now. */
static const struct known_load *ask_files(const struct checking *k, struct scan *scan,
					  const struct mention *m)
{
	unsigned i = 0;

	while (i < scan->n && strcmp(scan->a[i].load, m->load) != 0)
		i++;
	struct known_load *a = &scan->a[i < ANSWERS_MAX ? i : 0];
	if (i < scan->n)
		return a;
	(void)text_copy(a->load, sizeof(a->load), m->load);
	a->rc = mention_files(k, m, &a->id, a->what);
	scan->n += i < ANSWERS_MAX;
	return a;
}

static void check_load(const struct checking *k, const struct sep *s, struct scan *scan)
{
	char place[PATH_BYTES], what[400];
	const struct mention m = { place_of(s, s->load_line, place), "loadInformation", s->load, model_of(s),
				   false };
	enum finding_id id;

	if (m.model && m.model->generation == GEN_OTHER && load_family(s->load)[0] == '\0')
		return; /* other makes have names of their own (F§3.1) */
	if (mention_name(&m, &id, what) != 0) {
		count_one(&scan->counts[id], place, "%s", what);
		return;
	}
	const struct known_load *a = ask_files(k, scan, &m);
	if (a->rc == 1)
		count_one(&scan->counts[a->id], place, "%s", a->what);
}

/* A phone on its way never sees what the file names: in views not the file, in the shared layout its stage's load in
 * it. It gets to see it when it is done. */
static void check_override(const struct checking *k, const struct sep *s, struct counted *counts)
{
	struct counted *c = &counts[FINDING_SEP_OVERRIDES_DEFAULT];
	char place[PATH_BYTES];

	if (!s->plan || !s->has_load)
		return;
	const char *last = s->plan->stages[s->plan->n_stages - 1].load.s;

	place_of(s, s->load_line, place);
	if (k->cfg->layout == LAYOUT_SHARED && phone_on_way(&s->phone))
		return; /* what it names now is ours */
	if (strcmp(s->load, last) != 0)
		count_one(c, place,
			  "it names %s, and %s is the last load of plan %s: a phone that is done goes back",
			  s->load, last, s->plan->name);
}

/* ---- what else there is in it */

/* A classic phone with a SIP load reads SIP<MAC>.cnf, never this file (F§2.3, F§8 row 55). */
static void check_sip_file(const struct checking *k, const struct sep *s, struct counted *counts)
{
	char name[40], bare[MAC_TEXT_SIZE];
	struct loadset ls = { .proto = PROTO_UNKNOWN };
	struct load_name load = { "" };

	if (s->plan)
		ls = s->plan->stages[s->plan->n_stages - 1];
	else if (text_copy(load.s, sizeof(load.s), s->load))
		loadset_from_name(&load, &ls);
	if (ls.generation != GEN_CLASSIC || ls.proto != PROTO_SIP)
		return;
	snprintf(name, sizeof(name), "SIP%s.cnf", mac_format_bare(bare, &s->mac));
	if (!in_root(k, name))
		count_one(&counts[FINDING_PROVISIONING_MISSING], s->path,
			  "there is no %s, which is what %s reads", name, ls.load.s);
}

static void check_password(const struct sep *s, struct counted *counts)
{
	const struct model *m = model_of(s);
	const char *family = m ? m->family : load_family(s->load);
	char place[PATH_BYTES];

	if (s->password_len > PASSWORD_MAX && strcmp(family, "42") == 0)
		count_one(&counts[FINDING_SIP_PASSWORD_LONG], place_of(s, s->password_line, place),
			  "the SIP password has %zu characters, more than %d", s->password_len, PASSWORD_MAX);
}

static void check_contents(const struct checking *k, const struct sep *s, struct scan *scan)
{
	struct counted *counts = scan->counts;
	char place[PATH_BYTES];

	if (s->has_load)
		check_load(k, s, scan);
	check_override(k, s, counts);
	check_sip_file(k, s, counts);
	if (s->server_line)
		count_one(&counts[FINDING_LOAD_SERVER_SET], place_of(s, s->server_line, place),
			  "loadServer names another server for loads");
	check_password(s, counts);
}

/* ---- the file */

/* <device>, or a <Default> that was stored under this name, which phones take as well (F§5.3). 0, or -1. */
static int parse(const char *path, const struct strbuf *sb, struct xmlconf **ret, struct err *e)
{
	if (xmlconf_parse(path, strbuf_text(sb), sb->len, true, ret, e) == 0)
		return 0;
	return xmlconf_parse(path, strbuf_text(sb), sb->len, false, ret, NULL);
}

static void find_phone(const struct checking *k, struct sep *s)
{
	struct err e;

	if (!k->c->fleet || state_phone_find(fleet_state(k->c->fleet), &s->mac, &s->phone, &e) != 0)
		return;
	s->plan = s->phone.plan[0] ? config_plan(k->cfg, s->phone.plan) : NULL;
	if (s->plan && s->plan->n_stages == 0)
		s->plan = NULL;
}

/* 0 = read; 1 = not, told where it is worth it. */
static int read_file(const char *path, struct counted *counts, struct strbuf *sb)
{
	struct err e;
	int rc = file_read(path, XMLCONF_BYTES_MAX, sb, &e);

	if (rc < 0 ? e.code == ERR_LIMIT : sb->len > CONFIG_BYTES_USUAL)
		count_one(&counts[FINDING_CONFIG_TOO_LARGE], path, "more than %d bytes",
			  rc < 0 ? XMLCONF_BYTES_MAX : CONFIG_BYTES_USUAL);
	else if (rc < 0) /* another than root may not look into files with passwords */
		count_one(&counts[geteuid() == 0 ? FINDING_TREE_UNREADABLE : FINDING_RIGHTS_NOT_CHECKED],
			  path, "%s", e.text);
	return rc != 0; /* 1: a link that dangles, or gone meanwhile */
}

static void check_file(struct checking *k, void *arg, const char *name)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX);
	struct sep s = { .has_load = false };
	struct scan *scan = arg;
	struct file_identity id;
	struct xmlconf *x = NULL;
	char place[PATH_BYTES];
	struct err e;

	file_identity(name, &id);
	if (!id.mac_known || strncmp(name, "SEP", 3) != 0 || !ends_with(name, ".cnf.xml"))
		return;
	s.mac = id.mac;
	below_root(k, s.path, name);
	if (read_file(s.path, scan->counts, &sb) != 0)
		return;
	if (parse(s.path, &sb, &x, &e) < 0) {
		const char *text = xml_fault_at(s.path, e.text, place);
		count_one(&scan->counts[FINDING_SEP_MALFORMED], place, "%s", text);
		return;
	}
	find_phone(k, &s);
	(void)xmlconf_walk(x, note_element, &s);
	xmlconf_free(x);
	check_contents(k, &s, scan);
}

void check_seps(struct checking *k)
{
	CLEANUP(cleanup_free) struct scan *scan = calloc(1, sizeof(*scan));

	if (!scan)
		return;
	each_in_root(k, check_file, scan);
	found_all(k, scan->counts);
}
