/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The plain files of the root that phones ask for by one exact name: their spelling, what OS79XX.TXT and the
 * image_version lines name; and firmware packages that lie there unpacked by nobody (F§2, F§8 rows 5–7, 10–12, 41).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "check_tree.h"
#include "cleanup.h"
#include "file.h"
#include "plan.h"
#include "stagedir.h"
#include "strbuf.h"

#define OS79XX "OS79XX.TXT"
#define OS79XX_MAX 4096
#define CNF_MAX (256 * 1024)

/* ---- names */

/* Wire names without a MAC (F§2); of two spellings phones use either. Absent ones are no fault (F§8 row 54). */
static const struct {
	const char *name, *also;
} wire_names[] = {
	{ XMLDEFAULT, NULL },	    { OS79XX, NULL },
	{ "SIPDefault.cnf", NULL }, { "SEPDefault.cnf", "SEPDEFAULT.cnf" },
	{ "RINGLIST.DAT", NULL },   { "dialplan.xml", NULL },
};

static void check_spelling(struct checking *k, const char *name, const char *wire, const char *also)
{
	char path[PATH_BYTES];

	if (strcasecmp(name, wire) != 0 || strcmp(name, wire) == 0 || (also && strcmp(name, also) == 0) ||
	    in_root(k, wire) || (also && in_root(k, also)))
		return;
	found(k, FINDING_NAME_CASE, below_root(k, path, name), "phones ask for %s", wire);
}

/* termNN.default.loads, TERMnn.DEFAULT.loads (F§2.5) */
static void check_term_spelling(struct checking *k, const char *name)
{
	const struct model *m;
	char upper[32];

	for (unsigned i = 0; (m = model_at(i)) != NULL; i++) {
		const struct model *next = model_at(i + 1);
		if (!m->term_file[0] || (next && strcmp(next->term_file, m->term_file) == 0))
			continue; /* once for two models of one file */
		snprintf(upper, sizeof(upper), "TERM%.2s.DEFAULT.loads", m->term_file + 4);
		check_spelling(k, name, m->term_file, upper);
	}
}

static void check_name(struct checking *k, void *arg, const char *name)
{
	(void)arg;
	for (size_t i = 0; i < sizeof(wire_names) / sizeof(wire_names[0]); i++)
		check_spelling(k, name, wire_names[i].name, wire_names[i].also);
	check_term_spelling(k, name);
}

void check_names(struct checking *k)
{
	each_in_root(k, check_name, NULL);
}

/* ---- what old code reads */

/* Name and files of what `m` says, each as a finding of its own. */
static void check_mention(struct checking *k, const struct mention *m)
{
	enum finding_id id;
	char what[400];

	if (mention_name(m, &id, what) != 0 || mention_files(k, m, &id, what) != 0)
		found(k, id, m->place, "%s", what);
}

/* What else is behind the name an old image takes for part of it (CSCdv19260). */
const char *os79xx_fault(const char *text, size_t len, size_t name_len)
{
	static const char *const ends[] = { "", "\n", "\r\n" };

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return "it begins with a byte order mark";
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len - name_len == strlen(ends[i]) &&
		    memcmp(text + name_len, ends[i], len - name_len) == 0)
			return NULL;
	if (name_len == 0 && len > 0)
		return "it begins with a blank";
	if (text[name_len] == ' ' || text[name_len] == '\t')
		return "a blank stands behind the name";
	return text[name_len] == '\r' && (name_len + 1 == len || text[name_len + 1] != '\n')
		       ? "a carriage return without a line feed stands behind the name"
		       : "it has more than one line";
}

void check_os79xx(struct checking *k)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(OS79XX_MAX);
	char path[PATH_BYTES], place[PATH_BYTES], name[128] = "";
	struct err e;

	if (!has_root(k) || file_read(below_root(k, path, OS79XX), OS79XX_MAX, &sb, &e) != 0)
		return; /* what cannot be read is check_rights' to tell */
	const char *text = strbuf_text(&sb);
	size_t n = strcspn(text, " \t\r\n");
	const char *fault = os79xx_fault(text, sb.len, n);

	snprintf(place, sizeof(place), "%.480s:1", path);
	if (fault && n < sb.len) {
		found(k, FINDING_OS79XX_ODD, place, "%s", fault);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)n, text);
	/* guides disagree whether the load or its loader is named (F§3.2) */
	check_mention(k, &(struct mention){ place, "it", name, model_find("7960"), true });
}

/* ---- image_version of SIPDefault.cnf and its like */

/* SIPDefault.cnf counts for every classic phone under SIP, those that are done with their plan, too (F§2.3). */
static void check_last(struct checking *k, const struct mention *m)
{
	for (unsigned i = 0; i < k->cfg->n_plans; i++) {
		const struct plan *pl = &k->cfg->plans[i];
		const struct loadset *last = plan_stage(pl, (int)pl->n_stages);

		if (last && last->generation == GEN_CLASSIC && last->proto == PROTO_SIP &&
		    strcmp(last->load.s, m->load) != 0)
			found(k, FINDING_IMAGE_VERSION_DIFFERS, m->place,
			      "it names %s, and %s is the last load of plan %s", m->load, last->load.s,
			      pl->name);
	}
}

/* Of a name that is no family's nothing more is known: 7905s ask for SEPDefault.cnf, too (F§2.6). */
static void check_image_version(struct checking *k, const struct mention *m, struct counted *counts,
				bool for_all)
{
	enum finding_id id;
	char what[400];

	if (mention_name(m, &id, what) != 0 ||
	    (load_family(m->load)[0] != '\0' && mention_files(k, m, &id, what) != 0))
		count_one(&counts[id], m->place, "%s", what);
	else if (for_all)
		check_last(k, m);
}

static void check_cnf(struct checking *k, void *arg, const char *name)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(CNF_MAX);
	char path[PATH_BYTES], place[PATH_BYTES], load[128];
	struct err e;

	if (!ends_with(name, ".cnf") || (strncmp(name, "SIP", 3) != 0 && strncmp(name, "SEP", 3) != 0) ||
	    file_read(below_root(k, path, name), CNF_MAX, &sb, &e) != 0)
		return;
	const char *p = strbuf_text(&sb);
	for (unsigned line = 1; *p; line++) {
		size_t len = strcspn(p, "\n");
		snprintf(place, sizeof(place), "%.480s:%u", path, line);
		if (stagedir_image_version(p, len, load, sizeof(load)) == 0 && load[0])
			check_image_version(
				k,
				&(struct mention){ place, "image_version", load, model_find("7960"), false },
				arg, strcmp(name, "SIPDefault.cnf") == 0);
		p += len + (p[len] == '\n');
	}
}

void check_cnfs(struct checking *k)
{
	CLEANUP(cleanup_free) struct counted *counts = calloc(FINDING_COUNT, sizeof(*counts));

	if (!counts)
		return;
	each_in_root(k, check_cnf, counts);
	found_all(k, counts);
}

/* ---- packages */

static bool is_package(const char *name)
{
	static const char *const ends[] = { ".cop", ".cop.sgn", ".cop.sha512", ".zip",
					    ".tar", ".tar.gz",	".tgz" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t a = strlen(name), b = strlen(ends[i]);
		if (a > b && strcasecmp(name + a - b, ends[i]) == 0)
			return true;
	}
	return false;
}

/* A signature in front of the archive makes tar and zip say no, whatever the name is (F§3.2, F§3.3). */
static bool has_signature(const char *path)
{
	CLEANUP(cleanup_file) FILE *f = fopen(path, "re");
	char start[3];

	return f && fread(start, 1, sizeof(start), f) == sizeof(start) &&
	       memcmp(start, "\x01\x00\x02", 3) == 0;
}

static void check_package(struct checking *k, void *arg, const char *name)
{
	char path[PATH_BYTES];

	if (!is_package(name) || !in_root(k, name))
		return;
	below_root(k, path, name);
	if (has_signature(path))
		count_one(arg, path,
			  "a firmware package with a signature in front of the archive: tar says no to it");
	else
		count_one(arg, path, "a firmware package, of no use to a phone as it is");
}

void check_packages(struct checking *k)
{
	struct counted packages = { 0 };

	each_in_root(k, check_package, &packages);
	found_counted(k, FINDING_PACKAGE_IN_ROOT, &packages);
}
