/* SPDX-License-Identifier: MPL-2.0 */
/*
 * layout = shared: the root's own files say the stage's load. Each is replaced as a whole, and only when it
 * says something else; the one before stays as FILE.prev, a name no phone asks for. XMLDefault, which phones
 * follow, is judged first and written last.
 *
 * SIPDefault.cnf is touched only where the site has one and the plan has reached a SIP load: phones that are
 * done, and all the site's other SIP phones, read it too, and an SCCP load in it would send them back
 * (F§2.3).
 */
#include "stagedir.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"

#include "stagedir_priv.h"

#define FILE_MODE 0644
#define SIP_BYTES_MAX (256 * 1024)

struct rotation {
	const char *root;
	bool apply;
	stagedir_fn fn;
	void *arg;
	bool differed;
};

/* One file as it must be. 0, or -1. */
static int rotate_file(struct rotation *r, const char *name, const struct strbuf *bytes,
		       const struct load_name *load, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf now = STRBUF_INIT(XMLCONF_BYTES_MAX);
	char path[STAGEDIR_PATH], what[128];

	if (strbuf_check(bytes, name, e) < 0 || path_join(path, sizeof(path), r->root, name, e) < 0)
		return -1;
	int there = file_read(path, XMLCONF_BYTES_MAX, &now, e);
	if (there < 0)
		return -1;
	if (there == 0 && now.len == bytes->len &&
	    memcmp(strbuf_text(&now), strbuf_text(bytes), now.len) == 0)
		return 0;
	if (r->apply && file_replace(path, strbuf_text(bytes), bytes->len, FILE_MODE, FILE_KEEP_PREV, e) < 0)
		return -1;
	snprintf(what, sizeof(what), "names %s", load->s);
	r->differed = true;
	if (r->fn)
		r->fn(r->arg, there == 0 ? STAGEDIR_CHANGED : STAGEDIR_NEW, name, what);
	return 0;
}

static bool names_all(const struct xmlconf *x, const struct load_elements *le)
{
	char now[LOAD_NAME_MAX + 1];

	for (size_t i = 0; i < le->n; i++)
		if (xmlconf_get_load(x, le->a[i].number, now, sizeof(now)) != 0 ||
		    strcmp(now, le->a[i].load) != 0)
			return false;
	return true;
}

/* The XMLDefault's new bytes; those that are there when they say it already, so that a site's spelling stays.
 */
static int new_xml(const struct site_files *s, const char *root, const struct plan *pl,
		   const struct load_name *load, struct strbuf *sb, struct err *e)
{
	CLEANUP(site_xml_close) struct xmlconf *x = NULL;
	struct load_elements le;

	if (site_xml_open(s, root, &x, e) < 0)
		return -1;
	load_elements_of(pl, load, plan_is_classic(pl), &le);
	if (s->has_xml && names_all(x, &le)) {
		strbuf_add_bytes(sb, strbuf_text(&s->xml), s->xml.len);
		return 0;
	}
	if (xmlconf_set_loads(x, le.a, le.n, false, e) < 0)
		return -1;
	return xmlconf_format(x, 0, sb, e);
}

static bool reached_sip(const struct plan *pl, const struct load_name *load)
{
	int upto = plan_stage_of(pl, load);

	for (int no = 1; no <= upto; no++)
		if (plan_stage(pl, no)->proto == PROTO_SIP)
			return true;
	return false;
}

static int rotate_classic(struct rotation *r, const struct site_files *s, const struct plan *pl,
			  const struct load_name *load, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf os = STRBUF_INIT(128), sip = STRBUF_INIT(SIP_BYTES_MAX + 256);

	strbuf_addf(&os, "%s\r\n", load->s);
	if (rotate_file(r, OS79XX_NAME, &os, load, e) < 0)
		return -1;
	if (!s->has_sip || !reached_sip(pl, load))
		return 0;
	sipdefault_set(strbuf_text(&s->sip), load, &sip);
	return rotate_file(r, SIPDEFAULT_NAME, &sip, load, e);
}

static int report_now(const struct rotation *r, const struct plan *pl, struct err *e)
{
	struct load_name now;
	char what[128];
	int rc = stagedir_root_load(r->root, pl, &now, e);

	if (rc < 0)
		return -1;
	snprintf(what, sizeof(what), "%s%s", rc == 0 ? "names " : "names no load", rc == 0 ? now.s : "");
	if (r->fn)
		r->fn(r->arg, STAGEDIR_SAME, XMLDEFAULT_NAME, what);
	return 0;
}

int stagedir_rotate(const char *root, const struct plan *pl, const struct load_name *load, bool apply,
		    stagedir_fn fn, void *arg, struct err *e)
{
	CLEANUP(site_files_fini) struct site_files s = { .has_xml = false };
	CLEANUP(strbuf_fini) struct strbuf xml = STRBUF_INIT(XMLCONF_BYTES_MAX);
	struct rotation r = { root, apply, fn, arg, false };

	if (!load)
		return report_now(&r, pl, e);
	if (site_files_read(&s, root, e) < 0 || new_xml(&s, root, pl, load, &xml, e) < 0)
		return -1;
	if (plan_is_classic(pl) && rotate_classic(&r, &s, pl, load, e) < 0)
		return -1;
	if (rotate_file(&r, XMLDEFAULT_NAME, &xml, load, e) < 0)
		return -1;
	return r.differed ? 1 : 0;
}

int stagedir_root_load(const char *root, const struct plan *pl, struct load_name *ret, struct err *e)
{
	CLEANUP(site_files_fini) struct site_files s = { .has_xml = false };
	CLEANUP(site_xml_close) struct xmlconf *x = NULL;
	const struct load_name none = { "" };
	struct load_elements le;
	char now[LOAD_NAME_MAX + 1];

	if (site_files_read(&s, root, e) < 0)
		return -1;
	if (!s.has_xml)
		return 1;
	if (site_xml_open(&s, root, &x, e) < 0)
		return -1;
	load_elements_of(pl, &none, plan_is_classic(pl),
			 &le); /* the bare one last: numbers count first (F§5.1) */
	for (size_t i = 0; i < le.n; i++) {
		if (xmlconf_get_load(x, le.a[i].number, now, sizeof(now)) != 0 || now[0] == '\0')
			continue;
		memcpy(ret->s, now, sizeof(now));
		return 0;
	}
	return 1;
}
