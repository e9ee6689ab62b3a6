/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a phone's requests are answered from: the two links as they are on disk, since that is what the server follows;
 * where the tree is another host's, what it is to be.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "explain.h"
#include "file.h"
#include "stagedir.h"
#include "view.h"

/* "stages/ladder/P00305000500" below the root; "" = the plain root, or nothing of ours. */
static void standing_path(const struct standing *s, char *buf, size_t size)
{
	buf[0] = '\0';
	if (s->kind == VIEW_STAGE)
		snprintf(buf, size, "stages/%s/%s", s->plan, s->load.s);
	else if (s->kind == VIEW_WAITING)
		snprintf(buf, size, "stages/%s/waiting", s->plan);
}

static void set_dir(struct explain *x, const char *below)
{
	x->plain = below[0] == '\0';
	if (x->plain)
		(void)text_copy(x->dir, sizeof(x->dir), x->cfg->tftp_root);
	else if (path_join(x->dir, sizeof(x->dir), x->cfg->tftp_root, below, NULL) < 0)
		x->dir[0] = '\0';
}

/* The tree is on another host: what it is to say. */
static void sees_elsewhere(struct explain *x)
{
	struct standing s;
	char below[128];

	fleet_standing(x->c->fleet, x->p, &s);
	standing_path(&s, below, sizeof(below));
	strbuf_addf(&x->sees, "%s; the TFTP tree is on another host, so what lies there is not looked at",
		    below[0] ? below : "the plain root");
}

static void sees_shared(struct explain *x)
{
	struct load_name load;
	struct err e;
	int rc = x->pl ? stagedir_root_load(x->cfg->tftp_root, x->pl, &load, &e) : 1;

	set_dir(x, "");
	if (rc < 0)
		strbuf_addf(&x->sees, "the plain root, the same for all (layout = shared): %s", e.text);
	else if (rc == 0)
		strbuf_addf(
			&x->sees,
			"the root's XMLDefault.cnf.xml, which names %s, the same for all (layout = shared)",
			load.s);
	else
		strbuf_add(&x->sees,
			   "the plain root, the same for all (layout = shared), which names no load for it");
}

static bool is_dir(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 && S_ISDIR(sb.st_mode);
}

static void sees_stage(struct explain *x, const char *below, int linked)
{
	char addr[IP4_TEXT_SIZE];

	set_dir(x, below);
	if (linked != 0) {
		set_dir(x, "");
		strbuf_addf(
			&x->sees,
			"the plain root: no link leads from its address %s to %s (`loadstep check` says more)",
			x->p->address.host ? ip4_format(addr, x->p->address) : "(not known)", below);
	} else if (x->dir[0] && !is_dir(x->dir)) {
		set_dir(x, "");
		strbuf_addf(&x->sees,
			    "the plain root: its link leads to %s, and that is not there (`loadstep publish "
			    "--apply` makes it, when its load set is whole)",
			    below);
	} else {
		strbuf_add(&x->sees, below);
	}
}

static void sees_by_links(struct explain *x)
{
	struct view v = { .root = "" };
	struct standing s;
	struct mac holder;
	char below[128];
	struct err e;

	(void)text_copy(v.root, sizeof(v.root), x->cfg->tftp_root);
	if (view_phone_get(&v, &x->p->mac, &s, &e) < 0) {
		strbuf_addf(&x->sees, "not known: %s", e.text);
		return;
	}
	int linked = x->p->address.host ? view_address_get(&v, x->p->address, &holder, &e) : 1;
	if (linked < 0) {
		strbuf_addf(&x->sees, "not known: %s", e.text);
		return;
	}
	if (linked == 0 && !mac_equal(&holder, &x->p->mac))
		linked = 1;
	standing_path(&s, below, sizeof(below));
	if (s.kind == VIEW_FOREIGN) {
		strbuf_addf(
			&x->sees,
			"something that loadstep did not make, below phones/ (`loadstep check` says more)");
	} else if (below[0]) {
		sees_stage(x, below, linked);
	} else {
		set_dir(x, "");
		strbuf_add(&x->sees, "the plain root");
	}
}

void explain_sees(struct explain *x)
{
	if (!x->cfg->tftp_root[0]) {
		sees_elsewhere(x);
	} else if (x->cfg->layout == LAYOUT_SHARED) {
		sees_shared(x);
	} else if (x->p->mac_known) {
		sees_by_links(x);
	} else {
		set_dir(x, "");
		strbuf_add(&x->sees, "the plain root");
	}
	if (x->dir[0] && !is_dir(x->dir)) {
		strbuf_addf(&x->sees, "; but %s is no directory", x->dir);
		x->dir[0] = '\0';
	}
	if (!x->dir[0])
		return;
	explain_names(x);
	explain_files(x);
}
