/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a phone at one stage sees, as a listing. The stage's own load comes first, then the generated files'
 * names are taken, then the plan's other loads, then the rest of the root; of two with one name the first
 * stays.
 *
 * Inferred, not documented: that SEPDefault.cnf is read like a SIP configuration (image_version; F§2.4 tells
 * only that it is asked for), that OS79XX.TXT of a two-part load names the load (guides disagree, F§3.2), and
 * that a phone which reads an XMLDefault without a load element wants nothing (F§8 row 2, seen with a 7962).
 */
#include "stagedir.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "file.h"
#include "parse.h"
#include "view.h"

#include "stagedir_priv.h"

#define SIP_BYTES_MAX (256 * 1024)
#define SEP_BYTES 256 /* more than the longest load name makes it */
#define PAD_MIN 8 /* xmlconf's least comment */

/* ---- the site's own files */

int site_files_read(struct site_files *s, const char *root, struct err *e)
{
	char path[STAGEDIR_PATH];

	*s = (struct site_files){ .xml = STRBUF_INIT(XMLCONF_BYTES_MAX), .sip = STRBUF_INIT(SIP_BYTES_MAX) };
	if (path_join(path, sizeof(path), root, XMLDEFAULT_NAME, e) < 0)
		return -1;
	int r = file_read(path, XMLCONF_BYTES_MAX, &s->xml, e);
	if (r < 0)
		return -1;
	s->has_xml = r == 0;
	if (path_join(path, sizeof(path), root, SIPDEFAULT_NAME, e) < 0)
		return -1;
	r = file_read(path, SIP_BYTES_MAX, &s->sip, e);
	if (r < 0)
		return -1;
	s->has_sip = r == 0;
	return 0;
}

void site_files_fini(struct site_files *s)
{
	strbuf_fini(&s->xml);
	strbuf_fini(&s->sip);
}

int site_xml_open(const struct site_files *s, const char *root, struct xmlconf **ret, struct err *e)
{
	char path[STAGEDIR_PATH];

	if (!s->has_xml)
		return xmlconf_builtin(ret, e);
	if (path_join(path, sizeof(path), root, XMLDEFAULT_NAME, e) < 0)
		return -1;
	return xmlconf_parse(path, strbuf_text(&s->xml), s->xml.len, false, ret, e);
}

void site_xml_close(struct xmlconf **x)
{
	xmlconf_free(*x);
}

/* ---- load elements */

bool plan_is_classic(const struct plan *pl)
{
	for (unsigned i = 0; i < pl->n_stages; i++)
		if (pl->stages[i].generation == GEN_CLASSIC)
			return true;
	return false;
}

static void add_element(struct load_elements *le, const struct model *m, const struct load_name *load)
{
	for (size_t i = 0; i < le->n; i++)
		if (le->a[i].number == m->number)
			return;
	char *label = le->label[le->n];
	snprintf(label, sizeof(le->label[0]), "IP Phone %s", m->name);
	le->a[le->n++] = (struct xmlconf_load){ m->number, label, load->s };
}

void load_elements_of(const struct plan *pl, const struct load_name *load, bool classic,
		      struct load_elements *ret)
{
	ret->n = 0;
	for (unsigned i = 0; i < pl->n_models; i++) {
		const struct model *m = model_find(pl->models[i]);
		if (m) {
			add_element(ret, m, load);
		} else if (strcmp(pl->models[i], "unnamed") == 0) {
			add_element(ret, model_find("7940"), load);
			add_element(ret, model_find("7960"), load);
		}
	}
	if (classic)
		ret->a[ret->n++] = (struct xmlconf_load){ 0, "", load->s };
}

/* ---- generated files */

/* Where a phone at this stage registers: at the witness, while there is one and it is on a stage; else nowhere. A
 * plan that keeps the site's CallManager keeps it. */
static int set_callmanager(struct xmlconf *x, const struct site_files *s, const struct plan *pl,
			   const struct loadset *stage, struct err *e)
{
	char address[IP4_TEXT_SIZE];

	if (pl->keep_callmanager)
		return 0;
	if (stage && s->witness.host)
		return xmlconf_set_callmanager(x, ip4_format(address, s->witness), e);
	return xmlconf_clear_callmanager(x, e);
}

int content_xml(const struct site_files *s, const char *root, const struct plan *pl, int stage_no,
		size_t pad_to, struct strbuf *sb, struct err *e)
{
	CLEANUP(site_xml_close) struct xmlconf *x = NULL;
	const struct loadset *stage = plan_stage(pl, stage_no);

	if (site_xml_open(s, root, &x, e) < 0)
		return -1;
	if (stage) {
		struct load_elements le;
		load_elements_of(pl, &stage->load, stage->generation == GEN_CLASSIC, &le);
		if (xmlconf_set_loads(x, le.a, le.n, false, e) < 0)
			return -1;
	} else if (xmlconf_remove_loads(x, e) < 0) {
		return -1;
	}
	if (set_callmanager(x, s, pl, stage, e) < 0)
		return -1;
	return xmlconf_format(x, pad_to, sb, e);
}

/* One byte more from stage to stage is enough to tell them by the server's byte count, and phones do not like
 * large files (F§8 row 52). */
int content_xml_sizes(const struct site_files *s, const char *root, const struct plan *pl,
		      size_t ret[PLAN_STAGES_MAX + 1], struct err *e)
{
	size_t largest = 0;

	for (unsigned no = 0; no <= pl->n_stages; no++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX);
		if (content_xml(s, root, pl, (int)no, 0, &sb, e) < 0)
			return -1;
		if (sb.len > largest)
			largest = sb.len;
	}
	size_t first = largest + PAD_MIN;
	if (s->has_xml && s->xml.len >= first && s->xml.len <= first + pl->n_stages)
		first = s->xml.len + 1;
	for (unsigned no = 0; no <= pl->n_stages; no++)
		ret[no] = first + no;
	return 0;
}

int stagedir_image_version(const char *line, size_t len, char *ret, size_t size)
{
	static const char key[] = "image_version", before[] = " \t\"'", behind[] = "\"';#\r\n";
	size_t i = 0, n = 0;

	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	if (len - i < sizeof(key) - 1 || memcmp(line + i, key, sizeof(key) - 1) != 0)
		return 1;
	i += sizeof(key) - 1;
	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	if (i == len || line[i] != ':')
		return 1;
	for (i++; i < len && memchr(before, line[i], sizeof(before) - 1);)
		i++;
	while (i + n < len && !memchr(behind, line[i + n], sizeof(behind) - 1))
		n++;
	while (n > 0 && (line[i + n - 1] == ' ' || line[i + n - 1] == '\t'))
		n--;
	snprintf(ret, size, "%.*s", (int)n, line + i);
	return 0;
}

void sipdefault_set(const char *text, const struct load_name *load, struct strbuf *sb)
{
	const char *end_of_line = text && strstr(text, "\r\n") ? "\r\n" : "\n";
	bool set = load == NULL;
	char now[LOAD_NAME_MAX + 1];

	for (const char *p = text; p && *p;) {
		const char *lf = strchr(p, '\n');
		size_t len = lf ? (size_t)(lf + 1 - p) : strlen(p);
		if (stagedir_image_version(p, len, now, sizeof(now)) != 0) {
			strbuf_add_bytes(sb, p, len);
			if (!lf && !set)
				strbuf_add(sb, end_of_line);
		} else if (!set) {
			strbuf_addf(sb, "image_version: %s%s", load->s, end_of_line);
			set = true;
		}
		p += len;
	}
	if (!set)
		strbuf_addf(sb, "image_version: %s%s", load->s, end_of_line);
}

static int add_sipdefault(const struct site_files *s, const struct load_name *load, struct listing *l,
			  struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(SIP_BYTES_MAX + 256);

	if (!load && !s->has_sip)
		return 0;
	sipdefault_set(s->has_sip ? strbuf_text(&s->sip) : NULL, load, &sb);
	return listing_add_file(l, SIPDEFAULT_NAME, &sb, e);
}

static int add_classic_files(const struct site_files *s, const struct load_name *load, struct listing *l,
			     struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf os = STRBUF_INIT(128), sep = STRBUF_INIT(128);

	strbuf_addf(&os, "%s\r\n", load->s); /* no blank: CSCdv19260 */
	if (listing_add_file(l, OS79XX_NAME, &os, e) < 0)
		return -1;
	strbuf_addf(&sep, "image_version: %s\r\n", load->s);
	if (listing_add_file(l, SEPDEFAULT_NAME, &sep, e) < 0)
		return -1;
	return add_sipdefault(s, load, l, e);
}

void sep_device_text(const struct loadset *stage, struct strbuf *sb)
{
	strbuf_addf(sb,
		    "<device>\n<deviceProtocol>%s</deviceProtocol>\n<loadInformation>%s</loadInformation>\n</device>\n",
		    stage->proto == PROTO_SIP ? "SIP" : "SCCP", stage->load.s);
}

/* What the fleet links to for a phone that takes no notice of XMLDefault. A byte more from stage to stage tells them
 * by the server's count, as with XMLDefault. */
static int add_sep(const struct loadset *stage, int stage_no, struct listing *l, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(SEP_BYTES + PLAN_STAGES_MAX);

	sep_device_text(stage, &sb);
	while (sb.len < SEP_BYTES + (size_t)stage_no)
		strbuf_add_char(&sb, '\n');
	return listing_add_file(l, VIEW_SEP_FILE, &sb, e);
}

static int add_generated(const struct site_files *s, const char *root, const struct plan *pl, int stage_no,
			 size_t xml_bytes, struct listing *l, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf xml = STRBUF_INIT(XMLCONF_BYTES_MAX);
	const struct loadset *stage = plan_stage(pl, stage_no);

	if (content_xml(s, root, pl, stage_no, xml_bytes, &xml, e) < 0 ||
	    listing_add_file(l, XMLDEFAULT_NAME, &xml, e) < 0)
		return -1;
	if (stage && add_sep(stage, stage_no, l, e) < 0)
		return -1;
	if (stage && stage->generation == GEN_CLASSIC)
		return add_classic_files(s, &stage->load, l, e);
	return stage ? 0 : add_sipdefault(s, NULL, l, e);
}

/* ---- links */

static bool is_hex12(const char *text)
{
	for (int i = 0; i < 12; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* Names of single phones, of single stages, and what is no file for phones. */
static bool is_private(const char *name)
{
	static const char *const prefixes[] = { ".", "SEP", "CTL", "ITL", "MGC" };
	static const char *const generated[] = { XMLDEFAULT_NAME, OS79XX_NAME, SIPDEFAULT_NAME };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	for (size_t i = 0; i < sizeof(generated) / sizeof(generated[0]); i++)
		if (strcasecmp(name, generated[i]) == 0)
			return true;
	if (strncmp(name, "SIP", 3) == 0 && len >= 15 && is_hex12(name + 3))
		return true;
	return len > 5 && strcmp(name + len - 5, ".prev") == 0;
}

static bool is_ours_in_root(const char *name)
{
	struct ip4 addr;

	return strcmp(name, "loads") == 0 || strcmp(name, "stages") == 0 || strcmp(name, "phones") == 0 ||
	       parse_ip4("name", name, &addr, NULL) == 0;
}

struct linking {
	struct listing *l;
	const char *prefix; /* of the link's text, with a slash */
	const char *root; /* NULL: not the root, but a load's directory */
	/* java: the stage, to which no other's default load is shown; NULL = whatever there is */
	const struct loadset *stage;
};

/* Boot code takes the default load that it finds: one of another generation is worse than none (F§4.2, F§8 row 29). */
static bool is_others_default(const struct linking *k, const char *name)
{
	return k->stage && file_is_term(name) && !(k->root && java_default_is_ours(k->root, k->stage, name));
}

static int add_link(void *arg, const char *name, struct err *e)
{
	struct linking *k = arg;
	char text[STAGEDIR_PATH];

	if (is_private(name) || (k->root && is_ours_in_root(name)) || is_others_default(k, name))
		return 0;
	int n = snprintf(text, sizeof(text), "%s%s", k->prefix, name);
	if (n < 0 || (size_t)n >= sizeof(text))
		return err_set(e, ERR_LIMIT, "%s: name is too long", name);
	return listing_add_link(k->l, name, text, e);
}

/* A load without a directory of its own lies loose in the root, or is missing: what there is of it is in the root
 * already. */
static int add_load(const char *root, const char *up, const struct loadset *ls, const struct loadset *stage,
		    struct listing *l, struct err *e)
{
	char prefix[STAGEDIR_PATH], dir[STAGEDIR_PATH];
	struct linking k = { .l = l, .prefix = prefix, .stage = stage };

	snprintf(prefix, sizeof(prefix), "%sloads/%s/", up, ls->load.s);
	if (stagedir_path(dir, sizeof(dir), root, "loads", ls->load.s, e) < 0)
		return -1;
	return stagedir_each(dir, add_link, &k, e) < 0 ? -1 : java_add_members(root, up, ls, l, e);
}

/* The stage's own load first: of two files with one name its own stays. */
int content_add_loads(const char *root, const char *up, const struct plan *pl, const struct loadset *stage,
		      struct listing *l, struct err *e)
{
	const struct loadset *java = pl->stages[0].kind == LOAD_JAVA ? &pl->stages[0] : NULL;

	if (stage)
		java = stage->kind == LOAD_JAVA ? stage : NULL;
	if (stage && add_load(root, up, stage, NULL, l, e) < 0)
		return -1;
	if (stage && java && java_add_default(root, up, pl, &stage->load, l, e) < 0)
		return -1;
	for (unsigned i = 0; i < pl->n_stages; i++)
		if (add_load(root, up, &pl->stages[i], java, l, e) < 0)
			return -1;
	return 0;
}

int content_listing(const struct site_files *s, const char *root, const struct plan *pl, int stage_no,
		    size_t xml_bytes, struct listing *ret, struct err *e)
{
	const struct loadset *stage = plan_stage(pl, stage_no);
	struct linking k = { .l = ret, .prefix = "../../../", .root = root };

	if (add_generated(s, root, pl, stage_no, xml_bytes, ret, e) < 0)
		return -1;
	if (stage && content_add_loads(root, k.prefix, pl, stage, ret, e) < 0)
		return -1;
	if (stage && stage->kind == LOAD_JAVA)
		k.stage = stage;
	if (stagedir_each(root, add_link, &k, e) != 0)
		return err_wrap(e, "reading the TFTP root %s", root);
	listing_finish(ret);
	return 0;
}
