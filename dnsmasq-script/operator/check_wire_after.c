/* SPDX-License-Identifier: MPL-2.0 */
/*
 * check --wire: a phone that is done gets its plan's after-tftp-servers, and what it finds there must not turn it
 * back (F§7.1 A19, F§8 row 34): XMLDefault.cnf.xml may name the plan's last load for its models, or none; so may
 * SIPDefault.cnf, whose image_version starts an upgrade of its own (F§2.3).
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "phone.h"
#include "strbuf.h"
#include "tftpget.h"
#include "xmlconf.h"

#define RESEND_MS 1000
#define TRIES 5
#define XMLDEFAULT "XMLDefault.cnf.xml"
#define SIPDEFAULT "SIPDefault.cnf"

struct after {
	struct checking *k;
	const struct plan *plan;
	struct ip4 server;
	char place[IP4_TEXT_SIZE + 40]; /* "192.168.1.5:69 XMLDefault.cnf.xml" */
};

static const struct load_name *last_load(const struct plan *pl)
{
	return &pl->stages[pl->n_stages - 1].load;
}

/* 0 = here; 1 = none there, or no way to ask (told). */
static int fetch(struct after *a, const char *file, struct strbuf *body)
{
	const struct tftp_server server = {
		.address = a->server, .port = TFTP_PORT, .resend_ms = RESEND_MS, .tries = TRIES
	};
	char ip[IP4_TEXT_SIZE], name[64];
	struct tftp_answer r;
	struct err e;

	snprintf(a->place, sizeof(a->place), "%s:%d %s", ip4_format(ip, a->server), TFTP_PORT, file);
	snprintf(name, sizeof(name), PHONE_PROBE_PREFIX "%s", file);
	if (tftp_get(&server, name, body, &r, &e) < 0) {
		found(a->k, FINDING_WIRE_NOT_PROBED, a->place, "%s", e.text);
		return 1;
	}
	if (r.outcome == TFTP_GOT)
		return 0;
	if (r.outcome == TFTP_BROKE_OFF)
		found(a->k, FINDING_TRANSFER_FAILING, a->place, "after %zu bytes nothing more came",
		      body->len);
	else if (r.outcome != TFTP_SAYS_NO)
		found(a->k, FINDING_SERVER_SILENT, a->place, "plan %s sends finished phones there: %s",
		      a->plan->name,
		      r.outcome == TFTP_TOO_LONG      ? "the file is longer than any phone takes"
		      : r.outcome == TFTP_UNREACHABLE ? r.text
						      : "no answer");
	return r.outcome == TFTP_SILENT || r.outcome == TFTP_UNREACHABLE ? 2 : 1;
}

static void tell(const struct after *a, const char *for_whom, const char *load)
{
	found(a->k, FINDING_FLIPPED_BACK, a->place, "it names %s for %s; plan %s ends at %s", load, for_whom,
	      a->plan->name, last_load(a->plan)->s);
}

/* ---- XMLDefault.cnf.xml */

/* A phone without a model is a 7940 or a 7960 once it has come this far. */
static const struct model *model_of(const char *name, unsigned idx)
{
	static const char *const unnamed[] = { "7940", "7960" };

	if (strcmp(name, "unnamed") == 0)
		return idx < 2 ? model_find(unnamed[idx]) : NULL;
	return idx == 0 ? model_find(name) : NULL;
}

static bool listed_before(const struct plan *pl, unsigned upto, const struct model *m)
{
	for (unsigned i = 0; i < upto; i++)
		if (strcmp(pl->models[i], m->name) == 0)
			return true;
	return false;
}

static bool names_other(const struct after *a, const struct xmlconf *x, int number, char *load, size_t size)
{
	return xmlconf_get_load(x, number, load, size) == 0 && load[0] &&
	       strcmp(load, last_load(a->plan)->s) != 0;
}

static void look_at_xml(const struct after *a, const struct strbuf *body)
{
	struct xmlconf *x = NULL;
	char load[128];
	bool classic = false;
	struct err e;

	if (xmlconf_parse(XMLDEFAULT, strbuf_text(body), body->len, false, &x, &e) < 0) {
		found(a->k, FINDING_XML_MALFORMED, a->place, "%s", e.text);
		return;
	}
	for (unsigned i = 0; i < a->plan->n_models; i++) {
		const struct model *m;

		for (unsigned j = 0; (m = model_of(a->plan->models[i], j)) != NULL; j++) {
			classic = classic || m->generation == GEN_CLASSIC;
			if (!listed_before(a->plan, i, m) && names_other(a, x, m->number, load, sizeof(load)))
				tell(a, m->name, load);
		}
	}
	/* the form without a number is for all classic phones (F§5.1) */
	if (classic && names_other(a, x, 0, load, sizeof(load)))
		tell(a, "phones that read the element without a number", load);
	xmlconf_free(x);
}

/* ---- SIPDefault.cnf: "image_version: P0S3-8-12-00", quoted or not */

static bool image_version(const struct strbuf *body, char *ret, size_t size)
{
	static const char key[] = "image_version";
	const char *line = strbuf_text(body);

	for (; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *p = line + strspn(line, " \t");

		if (strncmp(p, key, sizeof(key) - 1) != 0)
			continue;
		p += sizeof(key) - 1;
		p += strspn(p, " \t");
		if (*p != ':')
			continue;
		p += 1 + strspn(p + 1, " \t\"'");
		snprintf(ret, size, "%.*s", (int)strcspn(p, " \t\r\n\"'#"), p);
		return ret[0] != '\0';
	}
	return false;
}

static bool ends_as_classic_sip(const struct plan *pl)
{
	const struct loadset *ls = &pl->stages[pl->n_stages - 1];

	return ls->proto == PROTO_SIP && ls->generation == GEN_CLASSIC;
}

static void look_at_sip(const struct after *a, const struct strbuf *body)
{
	char load[128];

	if (image_version(body, load, sizeof(load)) && strcmp(load, last_load(a->plan)->s) != 0)
		tell(a, "every SIP phone (image_version)", load);
}

/* ---- */

static void ask(struct checking *k, const struct plan *pl, struct ip4 server)
{
	CLEANUP(strbuf_fini) struct strbuf body = STRBUF_INIT(XMLCONF_BYTES_MAX);
	struct after a = { .k = k, .plan = pl, .server = server };
	int rc = fetch(&a, XMLDEFAULT, &body);

	if (rc == 2)
		return; /* nobody there */
	if (rc == 0)
		look_at_xml(&a, &body);
	strbuf_reset(&body);
	if (ends_as_classic_sip(pl) && fetch(&a, SIPDEFAULT, &body) == 0)
		look_at_sip(&a, &body);
}

void check_wire_after(struct checking *k)
{
	if (!k->wire || !k->cfg)
		return;
	for (unsigned i = 0; i < k->cfg->n_plans; i++)
		for (unsigned j = 0; k->cfg->plans[i].n_stages && j < k->cfg->plans[i].after_servers.n; j++)
			ask(k, &k->cfg->plans[i], k->cfg->plans[i].after_servers.a[j]);
}
