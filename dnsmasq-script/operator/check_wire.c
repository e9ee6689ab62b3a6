/* SPDX-License-Identifier: MPL-2.0 */
/*
 * check --wire, the TFTP half: every announced server is asked, over the network, for what a phone of each stage
 * would fetch, and the bytes are held against the published tree. A server that answers by the client's address
 * shows this host the plain root (no link leads from its address), and that has stages/ in it: so a stage's
 * files are asked for by their path there, through the very links that a phone's own request goes by.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "cleanup.h"
#include "file.h"
#include "loadfiles.h"
#include "phone.h"
#include "stagedir.h"
#include "strbuf.h"
#include "tftpget.h"
#include "view.h"
#include "wire.h"

#define FILE_MAX (16u << 20) /* the largest real member is 3.2 MB (F§3.7) */
#define PATH_BYTES 1024
/* As a classic application's (F§6), but four times as fast: somebody waits. */
#define RESEND_MS 1000
#define TRIES 5
#define SLOW_MS 1000 /* of "file not found": five such answers stand at the beginning of each boot (F§2.2) */
#define SLOW_ROUNDS 3
#define LOSSY_LEAST 3 /* packets, and more than */
#define LOSSY_ONE_IN 50

/* One server as it is asked. */
struct asking {
	struct checking *k;
	struct tftp_server server;
	char place[IP4_TEXT_SIZE + 8];
	unsigned packets, late;
	bool gone; /* it does not answer: nothing more is asked of it */
};

/* ---- one question */

static void tell_silent(struct asking *a, const struct tftp_answer *r)
{
	char other[IP4_TEXT_SIZE];

	a->gone = true;
	if (r->elsewhere.host)
		found(a->k, FINDING_SERVER_SILENT, a->place,
		      "its answers come from %s, not from the address that was asked",
		      ip4_format(other, r->elsewhere));
	else if (r->outcome == TFTP_UNREACHABLE)
		found(a->k, FINDING_SERVER_SILENT, a->place, "nobody serves there: %s", r->text);
	else
		found(a->k, FINDING_SERVER_SILENT, a->place, "no answer to %d requests in %d s", TRIES,
		      (int)(r->first_ms / 1000));
}

/* 0 = came or was refused, *ret says which; 1 = neither, told. */
static int get(struct asking *a, const char *file, struct strbuf *body, struct tftp_answer *ret)
{
	char name[PATH_BYTES];
	struct err e;

	if (a->gone)
		return 1;
	snprintf(name, sizeof(name), PHONE_PROBE_PREFIX "%s", file);
	if (tftp_get(&a->server, name, body, ret, &e) < 0) {
		found(a->k, FINDING_WIRE_NOT_PROBED, a->place, "%s: %s", file, e.text);
		return 1;
	}
	a->packets += ret->packets;
	a->late += ret->late;
	switch (ret->outcome) {
	case TFTP_GOT:
	case TFTP_TOO_LONG:
	case TFTP_SAYS_NO:
		return 0;
	case TFTP_SILENT:
	case TFTP_UNREACHABLE:
		tell_silent(a, ret);
		return 1;
	case TFTP_BROKE_OFF:
		a->gone = true;
		found(a->k, FINDING_TRANSFER_FAILING, a->place, "%s: after %zu bytes nothing more came", file,
		      body->len);
		return 1;
	}
	return 1;
}

/* ---- is it there, and how fast does it say no? */

static void ask_for_nothing(struct asking *a)
{
	static const char no_such[] = "loadstep-asks-for-no-such-file";
	CLEANUP(strbuf_fini) struct strbuf body = STRBUF_INIT(FILE_MAX);
	int64_t fastest_ms = 0;
	struct tftp_answer r;

	for (int i = 0; i < SLOW_ROUNDS && (i == 0 || fastest_ms > SLOW_MS); i++) {
		strbuf_reset(&body);
		if (get(a, no_such, &body, &r) != 0)
			return;
		if (i == 0 || r.first_ms < fastest_ms)
			fastest_ms = r.first_ms;
	}
	if (r.outcome != TFTP_SAYS_NO)
		found(a->k, FINDING_WIRE_DIFFERS, a->place,
		      "it sends %zu bytes for a file that does not exist (%s)", body.len, no_such);
	if (fastest_ms > SLOW_MS)
		found(a->k, FINDING_SERVER_SLOW, a->place, "\"%s\" took it %lld.%lld s", r.text,
		      (long long)(fastest_ms / 1000), (long long)(fastest_ms % 1000 / 100));
}

/* ---- a file against what is on disk */

static size_t first_difference(const struct strbuf *a, const struct strbuf *b)
{
	size_t i = 0;

	while (i < a->len && i < b->len && a->p[i] == b->p[i])
		i++;
	return i;
}

static void compare(struct asking *a, const char *file, const struct strbuf *disk, const struct strbuf *wire,
		    const struct tftp_answer *r)
{
	if (r->outcome == TFTP_TOO_LONG)
		found(a->k, FINDING_WIRE_DIFFERS, a->place, "%s: more than the %zu bytes on disk came", file,
		      disk->len);
	else if (disk->len != wire->len)
		found(a->k, FINDING_WIRE_DIFFERS, a->place, "%s: %zu bytes came, on disk it has %zu", file,
		      wire->len, disk->len);
	else if (disk->len && memcmp(disk->p, wire->p, disk->len) != 0)
		found(a->k, FINDING_WIRE_DIFFERS, a->place, "%s: differs from byte %zu of %zu on", file,
		      first_difference(disk, wire) + 1, disk->len);
}

/* `file` below the root, through the server. `refused`: the finding when it says no to what is there. 0 = asked
 * and told; 1 = it said no, or does not answer any more. */
static int hold(struct asking *a, const char *file, enum finding_id refused)
{
	CLEANUP(strbuf_fini) struct strbuf disk = STRBUF_INIT(FILE_MAX);
	CLEANUP(strbuf_fini) struct strbuf wire = STRBUF_INIT(0);
	char path[PATH_BYTES];
	struct tftp_answer r;
	struct err e;

	snprintf(path, sizeof(path), "%s/%s", a->k->cfg->tftp_root, file);
	int there = file_read(path, FILE_MAX, &disk, &e);

	if (there < 0)
		return 0; /* check_tree's to tell */
	wire.max = there == 0 ? disk.len : FILE_MAX;
	if (get(a, file, &wire, &r) != 0)
		return 1;
	if (r.outcome == TFTP_SAYS_NO && there == 0) {
		found(a->k, refused, a->place, "%s: it says \"%s\", and the file is there", file, r.text);
		return 1;
	}
	if (r.outcome != TFTP_SAYS_NO && there == 1)
		found(a->k, FINDING_WIRE_DIFFERS, a->place, "%s: %zu bytes came, on disk there is none", file,
		      wire.len);
	else if (there == 0)
		compare(a, file, &disk, &wire, &r);
	return 0;
}

/* ---- a stage */

static bool is_there(const struct asking *a, const char *file)
{
	char path[PATH_BYTES];
	struct stat sb;

	snprintf(path, sizeof(path), "%s/%s", a->k->cfg->tftp_root, file);
	return stat(path, &sb) == 0 && S_ISREG(sb.st_mode);
}

static void hold_if_there(struct asking *a, const char *dir, const char *name, enum finding_id refused)
{
	char file[PATH_BYTES];

	snprintf(file, sizeof(file), "%s%s", dir, name);
	if (is_there(a, file))
		(void)hold(a, file, refused);
}

/* What a phone at this stage reads, and what it fetches. `dir`: where it sees them, "" or with a slash behind. */
static void hold_stage(struct asking *a, const char *dir, const struct load_name *load)
{
	static const char *const small[] = { "OS79XX.TXT", "SEPDefault.cnf", "SIPDefault.cnf" };
	char file[PATH_BYTES], missing[256], name[LOAD_FILE_MAX + 1];
	struct loadset ls;
	struct err e;

	snprintf(file, sizeof(file), "%sXMLDefault.cnf.xml", dir);
	if (is_there(a, file) && hold(a, file, FINDING_STAGE_NOT_SERVED) != 0)
		return; /* what else is there will not be served either */
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		hold_if_there(a, dir, small[i], FINDING_STAGE_NOT_SERVED);
	if (stagedir_loadset(a->k->cfg->tftp_root, load, &ls, missing, sizeof(missing), &e) < 0)
		return;
	for (unsigned i = 0; loadfile_at(&ls, i, name) == 0; i++)
		hold_if_there(a, dir, name, FINDING_LOAD_NOT_SERVED);
}

static void hold_plan(struct asking *a, const struct plan *pl)
{
	bool shared = a->k->cfg->layout == LAYOUT_SHARED;
	char dir[PATH_BYTES] = "";
	struct view v;

	(void)text_copy(v.root, sizeof(v.root), a->k->cfg->tftp_root);
	for (unsigned i = 0; i < pl->n_stages && !a->gone; i++) {
		const struct load_name *load = &pl->stages[i].load;

		if (!shared) {
			if (view_stage_ready(&v, pl->name, load, NULL) != 0)
				continue; /* nobody is let in, and check_published says so */
			snprintf(dir, sizeof(dir), "stages/%s/%s/", pl->name, load->s);
		}
		hold_stage(a, dir, load);
	}
}

/* ---- a server */

static bool has_server(const struct servers *s, struct ip4 a)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->a[i].host == a.host)
			return true;
	return false;
}

/* A site's servers stand in for those of every plan. */
static bool serves_plan(const struct config *cfg, const struct plan *pl, struct ip4 a)
{
	for (unsigned i = 0; i < cfg->n_sites; i++)
		if (has_server(&cfg->sites[i].servers, a))
			return true;
	return has_server(&pl->servers, a);
}

static void ask_server(struct checking *k, struct ip4 address)
{
	struct asking a = {
		.k = k,
		.server = { .address = address, .port = TFTP_PORT, .resend_ms = RESEND_MS, .tries = TRIES },
	};
	bool any = false;
	char ip[IP4_TEXT_SIZE];

	snprintf(a.place, sizeof(a.place), "%s:%d", ip4_format(ip, address), TFTP_PORT);
	ask_for_nothing(&a);
	for (unsigned i = 0; k->cfg->tftp_root[0] && i < k->cfg->n_plans; i++) {
		if (!serves_plan(k->cfg, &k->cfg->plans[i], address))
			continue;
		if (!any && k->cfg->layout == LAYOUT_VIEWS)
			(void)hold(&a, "XMLDefault.cnf.xml", FINDING_WIRE_DIFFERS);
		any = true;
		hold_plan(&a, &k->cfg->plans[i]);
	}
	if (a.late >= LOSSY_LEAST && a.late * LOSSY_ONE_IN > a.packets && !a.gone)
		found(k, FINDING_LINK_LOSSY, a.place, "%u of %u packets were lost or answered late", a.late,
		      a.packets);
}

/* ---- all of them */

static void add_servers(struct wire_servers *w, const struct servers *s)
{
	for (unsigned i = 0; i < s->n && w->n < WIRE_SERVERS_MAX; i++)
		if (!wire_announced(w, s->a[i]))
			w->a[w->n++] = s->a[i];
}

void wire_servers_of(const struct config *cfg, struct wire_servers *ret)
{
	ret->n = 0;
	for (unsigned i = 0; i < cfg->n_plans; i++)
		add_servers(ret, &cfg->plans[i].servers);
	for (unsigned i = 0; i < cfg->n_sites; i++)
		add_servers(ret, &cfg->sites[i].servers);
	for (unsigned i = 0; i < cfg->n_classes; i++)
		add_servers(ret, &cfg->classes[i].servers);
}

bool wire_announced(const struct wire_servers *w, struct ip4 a)
{
	for (unsigned i = 0; i < w->n; i++)
		if (w->a[i].host == a.host)
			return true;
	return false;
}

void check_wire_tftp(struct checking *k)
{
	struct wire_servers w;

	if (!k->wire || !k->cfg)
		return;
	wire_servers_of(k->cfg, &w);
	if (w.n == 0)
		found(k, FINDING_WIRE_NOT_PROBED, ctl_config_path(k->c),
		      "no plan, site or vendor class names tftp-servers: there is nobody to ask");
	else if (!k->cfg->tftp_root[0])
		found(k, FINDING_WIRE_NOT_PROBED, ctl_config_path(k->c),
		      "no [tftp] root on this host: what the servers send is compared with nothing");
	for (unsigned i = 0; i < w.n; i++)
		ask_server(k, w.a[i]);
}
