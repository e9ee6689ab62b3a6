/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a plan says: whom it is for, who may start, where a phone enters, and what a file means on a stage
 * (design: "Kinds of load", "Where a phone enters"; file names by F§2). Pure: values in, values out.
 */
#include "plan.h"

#include <string.h>

/* ---- whom it is for */

static bool has_model(const struct plan *pl, const char *name)
{
	for (unsigned i = 0; i < pl->n_models; i++)
		if (strcmp(pl->models[i], name) == 0)
			return true;
	return false;
}

static bool has_generation(const struct plan *pl, enum generation g)
{
	for (unsigned i = 0; i < pl->n_models; i++) {
		const struct model *m = model_find(pl->models[i]);
		/* a bare vendor class is old classic code, or a 7910 that its files will tell (F§1.2) */
		if ((m ? m->generation : GEN_CLASSIC) == g)
			return true;
	}
	return false;
}

/* A java phone never comes into a plan of classic loads, nor the other way round, whatever a model says. */
static bool other_generation(const struct plan *pl, const struct phone *p)
{
	enum generation g = pl->n_stages ? pl->stages[0].generation : GEN_UNKNOWN;
	const struct model *m = model_find(p->model);

	return m && g != GEN_UNKNOWN && m->generation != g;
}

bool plan_fits(const struct plan *pl, const struct phone *p)
{
	if (other_generation(pl, p))
		return false;
	if (p->model[0] != '\0' && has_model(pl, p->model))
		return true;
	if (p->model[0] != '\0' && p->vendor != VENDOR_BARE) /* a bare one's model comes from elsewhere */
		return false;
	switch (p->vendor) {
	case VENDOR_BARE:
		return p->generation != GEN_JAVA && p->generation != GEN_OTHER && has_model(pl, "unnamed");
	case VENDOR_NONE:
		/* known by TFTP only: it belongs to the generation of the files it asks for */
		return p->generation != GEN_UNKNOWN && has_generation(pl, p->generation);
	case VENDOR_OTHER:
	case VENDOR_NAMED:
		return false;
	}
	return false;
}

/* ---- who may start */

static bool nets_contain(const struct net_list *nets, struct ip4 a)
{
	for (unsigned i = 0; i < nets->n; i++)
		if (net4_contains(&nets->a[i], a))
			return true;
	return false;
}

static bool macs_contain(const struct mac_list *macs, const struct mac *m)
{
	unsigned lo = 0, hi = macs->n;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;
		int c = memcmp(macs->a[mid].b, m->b, sizeof(m->b));
		if (c == 0)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static bool has_class(const struct plan *pl, const char *classes)
{
	const char *word = NULL;
	size_t len = 0;

	while (parse_word(&classes, &word, &len) == 0)
		for (unsigned i = 0; i < pl->n_client_classes; i++)
			if (strlen(pl->client_classes[i]) == len &&
			    memcmp(pl->client_classes[i], word, len) == 0)
				return true;
	return false;
}

static int no(const char **ret_why, const char *why)
{
	if (ret_why)
		*ret_why = why;
	return 1;
}

static int in_networks(const struct plan *pl, const struct phone *p, const char **ret_why)
{
	struct ip4 a = p->address.host != 0 ? p->address : p->giaddr;

	if (pl->networks.n == 0)
		return 0;
	if (a.host == 0)
		return no(ret_why, "its address is not known, and the plan is limited to networks");
	if (!nets_contain(&pl->networks, a))
		return no(ret_why, "its address is in none of the plan's networks");
	return 0;
}

static int in_macs(const struct plan *pl, const struct phone *p, const char **ret_why)
{
	if (pl->only_macs.n == 0 && pl->except_macs.n == 0)
		return 0;
	if (!p->mac_known)
		return no(ret_why, "its MAC is not known, and the plan has a list of MACs");
	if (pl->only_macs.n > 0 && !macs_contain(&pl->only_macs, &p->mac))
		return no(ret_why, "its MAC is not in the plan's only-macs");
	if (macs_contain(&pl->except_macs, &p->mac))
		return no(ret_why, "its MAC is in the plan's except-macs");
	return 0;
}

int plan_may_start(const struct plan *pl, const struct phone *p, const char *classes, const char **ret_why)
{
	if (!plan_fits(pl, p))
		return no(ret_why, "the plan is not for its model");
	if (in_networks(pl, p, ret_why) != 0 || in_macs(pl, p, ret_why) != 0)
		return 1;
	if (pl->n_client_classes == 0)
		return 0;
	if (!classes)
		return no(ret_why, "its client classes are not known, and the plan asks for one");
	if (!has_class(pl, classes))
		return no(ret_why, "it has none of the plan's client classes");
	return 0;
}

/* ---- stages */

const struct loadset *plan_stage(const struct plan *pl, int stage_no)
{
	return stage_no >= 1 && (unsigned)stage_no <= pl->n_stages ? &pl->stages[stage_no - 1] : NULL;
}

int plan_stage_of(const struct plan *pl, const struct load_name *load)
{
	for (unsigned i = 0; i < pl->n_stages; i++)
		if (load_name_equal(&pl->stages[i].load, load))
			return (int)i + 1;
	return 0;
}

bool plan_step_unsafe(const struct plan *pl, const struct load_name *load)
{
	for (unsigned i = 0; i < pl->n_unsafe; i++)
		if (load_name_equal(&pl->unsafe[i], load))
			return true;
	return false;
}

static bool is_signed(const struct loadset *ls)
{
	switch (ls->kind) {
	case LOAD_SINGLE_SIGNED:
	case LOAD_TWO_PART:
	case LOAD_JAVA:
		return true;
	case LOAD_KIND_UNKNOWN:
	case LOAD_SINGLE_UNSIGNED:
		return false;
	}
	return false;
}

bool plan_takes_unsigned(const struct plan *pl, int stage_no)
{
	for (int no = 1; no < stage_no && no <= (int)pl->n_stages; no++)
		if (is_signed(&pl->stages[no - 1]))
			return false;
	if (stage_no > 1)
		return true;
	for (unsigned i = 0; i < pl->n_models; i++)
		if (strcmp(pl->models[i], "unnamed") == 0)
			return true;
	return false;
}

int plan_first_signed_after(const struct plan *pl, int stage_no)
{
	for (int s = stage_no + 1; s <= (int)pl->n_stages; s++)
		if (s >= 1 && is_signed(&pl->stages[s - 1]))
			return s;
	return 0;
}

/*
 * A phone with a universal loader takes any two-part load in one step (F§4.1), so it skips to the last of
 * them: that one step is all it has still to do, and what stands before it is behind it. A plan without
 * two-part loads has nothing to skip to, except a signed end: signed code takes no unsigned image.
 */
static int entry_of_universal(const struct plan *pl)
{
	for (int s = (int)pl->n_stages; s >= 1; s--)
		if (pl->stages[s - 1].kind == LOAD_TWO_PART)
			return s;
	return pl->n_stages > 0 && is_signed(&pl->stages[pl->n_stages - 1]) ? (int)pl->n_stages : 1;
}

/* Java phones do not tell their version, but that they ask for ITLSEP<MAC>.tlv: 9.x (F§2.5). What was before a
 * factory reset does not count. */
static bool runs_nine(const struct phone *p)
{
	return evidence_asked(&p->evidence, FILE_CLASS_ITLSEP) >
	       evidence_asked(&p->evidence, FILE_CLASS_TERM);
}

int plan_entry_stage(const struct plan *pl, const struct phone *p, bool *ret_tentative)
{
	bool java = pl->n_stages && pl->stages[0].generation == GEN_JAVA;
	bool concluded = false;
	int stage_no = 1;

	switch (pl->enter) {
	case PLAN_ENTER_FIRST:
		break;
	case PLAN_ENTER_LAST:
		stage_no = (int)pl->n_stages;
		break;
	case PLAN_ENTER_AUTO:
		concluded = p->vendor == VENDOR_NAMED && p->generation != GEN_JAVA && !java;
		if (concluded)
			stage_no = entry_of_universal(pl);
		else if (java && runs_nine(p))
			stage_no = (int)pl->n_stages;
		break;
	}
	if (ret_tentative)
		*ret_tentative = concluded && stage_no != 1;
	return stage_no;
}

/* ---- what a file means */

static const char *base_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

static const struct config_file {
	const char *name;
	enum file_class class;
} config_files[] = {
	{ "OS79XX.TXT", FILE_CLASS_OS79XX },
	{ "OS79XX.txt", FILE_CLASS_OS79XX }, /* as people have seen it (F§2.4) */
	{ "XMLDefault.cnf.xml", FILE_CLASS_XMLDEFAULT },
	{ "SEPDefault.cnf", FILE_CLASS_SEPDEFAULT },
	{ "SEPDEFAULT.cnf", FILE_CLASS_SEPDEFAULT },
	{ "SIPDefault.cnf", FILE_CLASS_SIPDEFAULT },
};

static const struct config_file mac_files[] = {
	{ "CTLSEP", FILE_CLASS_CTLSEP }, { "ITLSEP", FILE_CLASS_ITLSEP }, { "SEP", FILE_CLASS_SEP },
	{ "SIP", FILE_CLASS_SIPMAC },	 { "MGC", FILE_CLASS_MGCMAC },
};

/* A name with a MAC in it, or one of the fixed names. false: neither. */
static bool config_class(const struct phone *p, const char *base, enum file_class *ret)
{
	struct file_identity id;

	for (size_t i = 0; i < sizeof(config_files) / sizeof(config_files[0]); i++) {
		if (strcmp(base, config_files[i].name) == 0) {
			*ret = config_files[i].class;
			return true;
		}
	}
	file_identity(base, &id);
	if (!id.mac_known)
		return false;
	if (p && p->mac_known && !mac_equal(&id.mac, &p->mac)) {
		*ret = FILE_CLASS_OTHER_PHONE;
		return true;
	}
	if (strstr(base, ".sgn")) { /* what a phone with a trust list asks for: not the file that is counted as SEP */
		*ret = FILE_CLASS_OTHER;
		return true;
	}
	for (size_t i = 0; i < sizeof(mac_files) / sizeof(mac_files[0]); i++) {
		if (strncmp(base, mac_files[i].name, strlen(mac_files[i].name)) == 0) {
			*ret = mac_files[i].class;
			return true;
		}
	}
	return false;
}

static enum file_class class_of(enum load_file f)
{
	switch (f) {
	case LOAD_FILE_NONE:
		return FILE_CLASS_OTHER;
	case LOAD_FILE_MANIFEST:
		return FILE_CLASS_MANIFEST;
	case LOAD_FILE_LOADER:
		return FILE_CLASS_LOADER;
	case LOAD_FILE_APP:
		return FILE_CLASS_APP;
	case LOAD_FILE_IMAGE:
		return FILE_CLASS_IMAGE;
	case LOAD_FILE_MEMBER:
		return FILE_CLASS_MEMBER;
	case LOAD_FILE_SIGNED_NAME:
		return FILE_CLASS_SIGNED_NAME;
	}
	return FILE_CLASS_OTHER;
}

/* Its name tells the phone, not the stage: it is the one of the stage whose view served it (F§2.5). */
static bool is_default_load(const struct plan *pl, int stage_no, const char *base)
{
	const struct loadset *ls = plan_stage(pl, stage_no ? stage_no : 1);

	return ls && ls->kind == LOAD_JAVA && file_is_term(base);
}

/* The phone's own stage first: SIP loads of one release share a loader, java loads of one release members. */
static enum file_class stage_class(const struct plan *pl, int stage_no, const char *base, int *ret_stage_no)
{
	const struct loadset *own = plan_stage(pl, stage_no);

	if (own) {
		enum load_file f = loadset_file(own, base);
		if (f != LOAD_FILE_NONE) {
			*ret_stage_no = stage_no;
			return class_of(f);
		}
	}
	for (int s = 1; s <= (int)pl->n_stages; s++) {
		if (s != stage_no && loadset_file(&pl->stages[s - 1], base) != LOAD_FILE_NONE) {
			*ret_stage_no = s;
			return FILE_CLASS_OTHER_STAGE;
		}
	}
	if (!is_default_load(pl, stage_no, base))
		return FILE_CLASS_OTHER;
	*ret_stage_no = stage_no;
	return FILE_CLASS_TERM;
}

enum file_class plan_file_class(const struct plan *pl, int stage_no, const struct phone *p, const char *file,
				int *ret_stage_no)
{
	const char *base = base_of(file);
	enum file_class c = FILE_CLASS_OTHER;
	int found = 0;

	if (!config_class(p, base, &c) && pl)
		c = stage_class(pl, stage_no, base, &found);
	/* A 7910's images (F§2.6), unless the plan is for those. */
	if (c == FILE_CLASS_OTHER && strncmp(base, "P004", 4) == 0)
		c = FILE_CLASS_WRONG_FAMILY;
	if (ret_stage_no)
		*ret_stage_no = found;
	return c;
}
