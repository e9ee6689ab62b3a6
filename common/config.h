/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One configuration file, read by all three programs (design: /etc/loadstep/loadstep.conf, or
 * $LOADSTEP_CONFIG as the front end says). One table of keys, types, defaults and meanings feeds the parser,
 * the manual page and the help. Errors name file, line, key and what was expected, and *all* of them are
 * collected, so that one look cures a file.
 *
 * libinih reads the lines, but it cuts long ones silently and tells no line numbers for our purposes: the
 * text is checked for line length and shape first.
 */
#ifndef LOADSTEP_CONFIG_H
#define LOADSTEP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "plan.h"
#include "strbuf.h"

#define CONFIG_PLANS_MAX 32
#define CONFIG_SITES_MAX 64
#define CONFIG_CLASSES_MAX 64
#define CONFIG_BYTES_MAX (1024 * 1024)
#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#define CONFIG_DEFAULT_PATH SYSCONFDIR "/loadstep/loadstep.conf"

/* tftpd-hpa has no fall-back: each address of a network in its map needs a link (D§3), so that many at most. */
#define CONFIG_MAP_PREFIX 20
#define CONFIG_MAP_ADDRESSES 65536 /* of all of them */

enum layout { LAYOUT_VIEWS, LAYOUT_SHARED };
enum tftp_daemon { DAEMON_DNSMASQ, DAEMON_TFTPD_HPA, DAEMON_ATFTPD };
const char *config_daemon_name(enum tftp_daemon d);
enum witness_reset { WITNESS_ACCEPT_FIRST, WITNESS_AT_ONCE };

struct site {
	char name[32];
	struct net_list networks;
	struct servers servers;
};

struct vendor_class {
	char name[32];
	/* equality after trimming NULs; "" = the section's model matches by F§1.1 */
	char match[PHONE_VENDOR_MAX + 1];
	char model[MODEL_MAX + 1]; /* "" = not said; "unnamed" = the bare class */
	struct servers servers;
	enum override override;
};

struct config {
	char path[256];
	char store_url[256];
	char tftp_root[256]; /* "" = none on this host */
	enum layout layout;
	enum tftp_daemon daemon;
	char map_file[256]; /* of tftpd-hpa */
	char chain_script[256];
	unsigned n_plans;
	struct plan *plans; /* owned */
	unsigned n_sites;
	struct site *sites; /* owned */
	unsigned n_classes;
	struct vendor_class *classes; /* owned */
	struct ip4 witness; /* where the agent listens for SCCP, and what stages name as CallManager; 0 = nowhere */
	enum witness_reset witness_reset;
	int max_at_once;	      /* 0 = no limit */
	int halt_at;		      /* percent, 0 = never */
	struct limits limits;
};

/* Text to config. `name` opens the messages ("loadstep.conf:12: key …"). 0; -1: *e has the first fault and
 * `faults` (may be NULL) one line for each. `base_dir` resolves relative only-macs / except-macs file names
 * (NULL: they must be absolute). */
int config_parse(const char *name, const char *text, size_t len, const char *base_dir, struct config **ret,
		 struct strbuf *faults, struct err *e) MUST_CHECK;
int config_load(const char *path, struct config **ret, struct strbuf *faults, struct err *e) MUST_CHECK;
void config_free(struct config *c);

/* The parts that phones depend on (plans, sites, vendor classes, witness, rollout, limits) and the facts about their
 * load sets, as text that config_apply_revision reads back to the same values. This is what a plan revision
 * stores; `[loadset NAME]` sections carry kind, protocol, loader, application, la-version and members as they
 * were when the revision was made. MAC lists are written out. */
int config_format_revision(const struct config *c, struct strbuf *sb, struct err *e) MUST_CHECK;

/* Replace those parts of *c by what a revision says; store, root, layout, daemon, map-file and chain-script
 * stay the file's. On failure *c is as it was. */
int config_apply_revision(struct config *c, const char *text, size_t len, struct err *e) MUST_CHECK;

const struct plan *config_plan(const struct config *c, const char *name); /* NULL = none */
struct plan *config_plan_mutable(struct config *c, const char *name);

/* The plan that fits this phone (by model and scope, else by model alone), NULL = none. The first in file
 * order wins. */
const struct plan *config_plan_for(const struct config *c, const struct phone *p, const char *classes);

/* layout = shared: may both plans name their loads in the root's one set of files? 0 = yes; 1 = no, ret_why says what
 * of it they would write both. */
int config_share_root(const struct plan *a, const struct plan *b, char *ret_why, size_t why_size);

/* Where a phone is: by its relay's address, else by its own; the narrowest network counts. NULL = in no site. */
const struct site *config_site(const struct config *c, struct ip4 giaddr, struct ip4 address);

/* Servers for a started phone of that plan at this giaddr/address: the site's, else the plan's; n = 0: none
 * named. */
const struct servers *config_servers(const struct config *c, const struct plan *pl, struct ip4 giaddr,
				     struct ip4 address);

/* What option 60 says under this configuration: [vendor-class] sections first, then F§1.1. *ret_class (may be
 * NULL): the section that matched, or the section whose `model` names what was recognised; NULL when none. */
void config_vendor(const struct config *c, const void *bytes, size_t len, struct vendor *ret,
		   const struct vendor_class **ret_class);

/* The key table, for help and the manual page: one line a key "[section] key  type  default  meaning". */
struct config_key {
	const char *section; /* "plan", "store", … */
	const char *key;
	const char *type; /* as people read it: "duration", "list of IPv4 addresses", "views | shared" */
	const char *def;  /* "" = none, required or empty */
	const char *text;
};
const struct config_key *config_key_at(unsigned idx); /* NULL behind the last */

#endif
