/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Who will run SIP and has no configuration file to register with (id provisioning-missing). A classic SIP
 * application reads SIP<MAC>.cnf, a java one SEP<MAC>.cnf.xml (F§2.3, F§8 row 55); with after-tftp-servers those
 * files may lie there, and this looks in the plain root of this host alone. Near misses are named: another case,
 * an ending that an editor added, one digit off (of a MAC that no phone has: neighbours' files are theirs).
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "preview.h"
#include "strbuf.h"

#define NAME_BYTES 96

struct want {
	const char *prefix, *suffix;
};

static const struct want classic_sip = { "SIP", ".cnf" };
static const struct want java_sip = { "SEP", ".cnf.xml" };

static void name_for(const struct want *w, const struct mac *mac, char buf[static NAME_BYTES])
{
	char bare[MAC_TEXT_SIZE];

	snprintf(buf, NAME_BYTES, "%s%s%s", w->prefix, mac_format_bare(bare, mac), w->suffix);
}

static const struct loadset *last_of(const struct preview *v, const char *plan)
{
	for (unsigned i = 0; i < v->cfg->n_plans; i++)
		if (strcmp(v->plans[i].plan.name, plan) == 0 && v->plans[i].plan.n_stages)
			return &v->plans[i].plan.stages[v->plans[i].plan.n_stages - 1];
	return NULL;
}

static bool is_there(const struct preview *v, const char *name)
{
	char path[1024];
	struct stat sb;

	snprintf(path, sizeof(path), "%s/%s", v->cfg->tftp_root, name);
	return stat(path, &sb) == 0 && S_ISREG(sb.st_mode);
}

/* ---- near misses */

/* "SEP001B0C18BDC1.cnf.xml.txt", whatever the case: does it begin with a name of this form, and whose? */
static bool mac_in(const char *name, const struct want *w, struct mac *ret)
{
	char digits[13];
	size_t n = strlen(w->prefix);

	if (strncasecmp(name, w->prefix, n) != 0 || strlen(name) < n + 12)
		return false;
	memcpy(digits, name + n, 12);
	digits[12] = '\0';
	return strspn(digits, "0123456789abcdefABCDEF") == 12 && parse_mac("name", digits, ret, NULL) == 0;
}

static int digits_off(const struct mac *a, const struct mac *b)
{
	int off = 0;

	for (int i = 0; i < 6; i++)
		off += (a->b[i] >> 4 != b->b[i] >> 4) + ((a->b[i] & 15) != (b->b[i] & 15));
	return off;
}

static bool is_a_phones(const struct preview *v, const struct mac *mac)
{
	struct phone p;

	return state_phone_find(fleet_state(v->c->fleet), mac, &p, NULL) == 0;
}

/* What is wrong with this file as the one that is wanted; NULL = it has nothing to do with it. */
static const char *near(const struct preview *v, const char *name, const struct want *w,
			const struct mac *mac)
{
	struct mac m;

	if (!mac_in(name, w, &m))
		return NULL;
	const char *rest = name + strlen(w->prefix) + 12;
	bool rest_begins = strncasecmp(rest, w->suffix, strlen(w->suffix)) == 0;
	bool same_rest = strcasecmp(rest, w->suffix) == 0;
	int off = digits_off(&m, mac);

	if (off == 0 && same_rest)
		return "case differs";
	if (off == 0 && rest_begins)
		return "something was added to its name";
	if (off == 1 && same_rest && !is_a_phones(v, &m))
		return "one digit of the MAC differs";
	return NULL;
}

static void look_for_near(const struct preview *v, const struct want *w, const struct mac *mac,
			  struct report_unprovisioned *u)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(v->cfg->tftp_root);
	const struct dirent *d;

	while (dir && (d = readdir(dir)) != NULL) {
		const char *what = near(v, d->d_name, w, mac);
		char shown[128];

		if (!what)
			continue;
		snprintf(u->near, sizeof(u->near), "%s: %s",
			 text_escape(shown, sizeof(shown), d->d_name, strlen(d->d_name)), what);
		return;
	}
}

/* ---- */

static void look_at(struct preview *v, const struct report_preview *x)
{
	const struct loadset *last = last_of(v, x->plan);
	const struct mac *mac = &x->subject.phone.mac;
	struct report_unprovisioned *u = &v->unprovisioned[v->f.n_unprovisioned];
	char other[NAME_BYTES];

	if (!last || last->proto != PROTO_SIP || !x->subject.phone.mac_known ||
	    forecast_going(v, x) == GOING_NO_WAY)
		return;
	bool classic = last->generation == GEN_CLASSIC;
	const struct want *w = classic ? &classic_sip : &java_sip;

	*u = (struct report_unprovisioned){ .mac = *mac, .plan = x->plan };
	name_for(w, mac, u->wanted);
	if (is_there(v, u->wanted))
		return;
	name_for(&java_sip, mac, other);
	if (classic && is_there(v, other))
		snprintf(u->near, sizeof(u->near),
			 "%s is there, which a classic SIP load does not register by", other);
	else
		look_for_near(v, w, mac, u);
	v->f.n_unprovisioned++;
}

int unprovisioned_fill(struct preview *v, struct err *e)
{
	v->unprovisioned = calloc(v->n + 1, sizeof(*v->unprovisioned));
	if (!v->unprovisioned)
		return err_set(e, ERR_SYSTEM, "no memory for %zu phones", v->n);
	v->f.unprovisioned = v->unprovisioned;
	for (size_t i = 0; v->cfg->tftp_root[0] && i < v->n; i++)
		look_at(v, &v->a[i]);
	return 0;
}
