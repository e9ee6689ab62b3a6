/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The table of keys: section, key, type, default and meaning, and where the value lives. Defaults are
 * texts that go through the same parser as everybody's (durations: F§7.4). The texts are what `loadstep
 * help config` prints; loadstep.conf(5) repeats type and default, and a unit test compares the two.
 */
#include "config_keys.h"

#include <string.h>

static const struct section_shape shapes[SECTION_COUNT] = {
	[SECTION_STORE] = { "store", false, true, false },
	[SECTION_TFTP] = { "tftp", false, true, false },
	[SECTION_PLAN] = { "plan", true, true, true },
	[SECTION_SITE] = { "site", true, true, true },
	[SECTION_VENDOR_CLASS] = { "vendor-class", true, true, true },
	[SECTION_WITNESS] = { "witness", false, true, true },
	[SECTION_ROLLOUT] = { "rollout", false, true, true },
	[SECTION_LIMITS] = { "limits", false, true, true },
	[SECTION_LOADSET] = { "loadset", true, false, true },
};

const struct section_shape *section_shape(enum section s)
{
	return &shapes[s];
}

int section_find(const char *name, size_t len, enum section *ret)
{
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		if (strlen(shapes[i].name) == len && memcmp(shapes[i].name, name, len) == 0) {
			*ret = (enum section)i;
			return 0;
		}
	}
	return 1;
}

static const char *const layouts[] = { "views", "shared", NULL };
static const char *const daemons[] = { "dnsmasq", "tftpd-hpa", "atftpd", NULL };

const char *config_daemon_name(enum tftp_daemon d)
{
	return daemons[d];
}

static const char *const starts[] = { "by-hand", "automatic", NULL };
static const char *const enters[] = { "auto", "first", "last", NULL };
static const char *const overrides[] = { "always", "if-absent", NULL };
static const char *const resets[] = { "accept-first", "at-once", NULL };
static const char *const yes_no[] = { "no", "yes", NULL };

#define SEC ((int64_t)1000)
#define MIN (60 * SEC)
#define DAY (24 * 60 * MIN)

#define FIELD(of, member) .offset = offsetof(struct of, member), .size = sizeof(((struct of *)0)->member)
/* For values that are more than one member: the setter gets the whole struct. */
#define WHOLE(of) .offset = 0, .size = sizeof(struct of)
#define KEY(sec, secname, name, kind, def, text) \
	.pub = { secname, name, kind, def, text }, .section = SECTION_##sec
#define LIMIT(name, member, def, least, text)                                                            \
	{                                                                                                \
		KEY(LIMITS, "limits", name, "duration", def, text),                                      \
			.type = &type_duration, FIELD(config, limits.member), .min = (least), .max = DAY \
	}

static const struct key keys[] = {
	{ KEY(STORE, "store", "url", "sqlite:/PATH", "sqlite:/var/lib/loadstep/state.db",
	      "where the state is kept"),
	  .type = &type_url, FIELD(config, store_url) },

	{ KEY(TFTP, "tftp", "root", "path", "",
	      "the TFTP root; leave it out on a DHCP host without one: then the TFTP host's agent publishes"),
	  .type = &type_path, FIELD(config, tftp_root) },
	{ KEY(TFTP, "tftp", "layout", "views | shared", "views",
	      "views: each phone sees its own stage; shared: one XMLDefault.cnf.xml for all, rotated"),
	  .type = &type_word, FIELD(config, layout), .words = layouts },
	{ KEY(TFTP, "tftp", "daemon", "dnsmasq | tftpd-hpa | atftpd", "dnsmasq",
	      "which server serves the root; atftpd cannot tell clients apart: with layout = shared only"),
	  .type = &type_word, FIELD(config, daemon), .words = daemons },
	{ KEY(TFTP, "tftp", "map-file", "path", "/var/lib/loadstep/tftpd-hpa.map",
	      "tftpd-hpa: where its map is written, which it gets with --map-file"),
	  .type = &type_path, FIELD(config, map_file) },
	{ KEY(TFTP, "tftp", "chain-script", "path", "",
	      "the site's own dhcp-script: started first, with our rights, arguments and environment"),
	  .type = &type_path, FIELD(config, chain_script) },

	{ KEY(PLAN, "plan", "models", "list of models", "",
	      "whom the plan is for; unnamed: a bare vendor class, which names no model"),
	  .type = &type_models, WHOLE(plan) },
	{ KEY(PLAN, "plan", "stages", "list of loads", "",
	      "the loads to pass, in order, without extension; at most 16"),
	  .type = &type_stages, WHOLE(plan) },
	{ KEY(PLAN, "plan", "target", "load", "",
	      "in place of stages: the load to arrive at; `reload` derives the stages from what is imported"),
	  .type = &type_load, FIELD(plan, target) },
	{ KEY(PLAN, "plan", "unsafe-steps", "list of loads", "",
	      "stages to go to although no single step to them is known to work; recorded in the history"),
	  .type = &type_unsafe, WHOLE(plan) },
	{ KEY(PLAN, "plan", "networks", "list of networks", "",
	      "who may start: phones with an address in one of these"),
	  .type = &type_nets, FIELD(plan, networks) },
	{ KEY(PLAN, "plan", "client-class", "list of names", "",
	      "who may start: phones in one of these Kea classes"),
	  .type = &type_classes, WHOLE(plan) },
	{ KEY(PLAN, "plan", "only-macs", "file", "", "who may start: the MACs in this file, one a line"),
	  .type = &type_macs_file, FIELD(plan, only_macs), .file_only = true },
	{ KEY(PLAN, "plan", "except-macs", "file", "",
	      "who may not start: the MACs in this file, one a line"),
	  .type = &type_macs_file, FIELD(plan, except_macs), .file_only = true },
	{ KEY(PLAN, "plan", "start", "by-hand | automatic", "by-hand",
	      "automatic: phones in scope start by themselves; needs networks, client-class or only-macs"),
	  .type = &type_word, FIELD(plan, automatic), .words = starts },
	{ KEY(PLAN, "plan", "provisioned", "yes | no", "no",
	      "start phones automatically that have a configuration file of their own, too"),
	  .type = &type_word, FIELD(plan, provisioned), .words = yes_no },
	{ KEY(PLAN, "plan", "keep-callmanager", "yes | no", "no",
	      "leave processNodeName and the URLs in the stages' XMLDefault.cnf.xml"),
	  .type = &type_word, FIELD(plan, keep_callmanager), .words = yes_no },
	{ KEY(PLAN, "plan", "enter", "auto | first | last", "auto",
	      "where a phone begins; auto: by its vendor class, the first stage for a Java phone"),
	  .type = &type_word, FIELD(plan, enter), .words = enters },
	{ KEY(PLAN, "plan", "override", "always | if-absent", "always",
	      "if-absent: leave an option 150, 66 or siaddr that Kea's own configuration gives"),
	  .type = &type_word, FIELD(plan, override), .words = overrides },
	{ KEY(PLAN, "plan", "tftp-servers", "list of IPv4 addresses", "",
	      "option 150 for phones on their way, at most four; the first is also option 66 and siaddr"),
	  .type = &type_servers, FIELD(plan, servers) },
	{ KEY(PLAN, "plan", "after-tftp-servers", "list of IPv4 addresses", "",
	      "the same for phones that are done; without it they get what the site gives"),
	  .type = &type_servers, FIELD(plan, after_servers) },
	{ KEY(PLAN, "plan", "only-mac-list", "list of MACs", "", "only-macs, written out"),
	  .type = &type_macs, FIELD(plan, only_macs), .revision_only = true },
	{ KEY(PLAN, "plan", "except-mac-list", "list of MACs", "", "except-macs, written out"),
	  .type = &type_macs, FIELD(plan, except_macs), .revision_only = true },

	{ KEY(SITE, "site", "networks", "list of networks", "",
	      "the site's networks; the relay's address counts first"),
	  .type = &type_nets, FIELD(site, networks) },
	{ KEY(SITE, "site", "tftp-servers", "list of IPv4 addresses", "",
	      "used there in place of the plan's"),
	  .type = &type_servers, FIELD(site, servers) },

	{ KEY(VENDOR_CLASS, "vendor-class", "match", "text", "",
	      "option 60, exactly, without its NULs; left out: what Cisco's phones of that model send"),
	  .type = &type_text, FIELD(vendor_class, match) },
	{ KEY(VENDOR_CLASS, "vendor-class", "model", "model", "",
	      "which phone it is; unnamed: Cisco's bare string, which names none"),
	  .type = &type_model, FIELD(vendor_class, model) },
	{ KEY(VENDOR_CLASS, "vendor-class", "tftp-servers", "list of IPv4 addresses", "",
	      "option 150 for every phone that sends it, with or without a plan"),
	  .type = &type_servers, FIELD(vendor_class, servers) },
	{ KEY(VENDOR_CLASS, "vendor-class", "override", "always | if-absent", "always", "as in [plan]"),
	  .type = &type_word, FIELD(vendor_class, override), .words = overrides },

	{ KEY(WITNESS, "witness", "listen", "IPv4 address", "",
	      "the agent listens there on TCP 2000, and stages name it as CallManager; empty: no witness"),
	  .type = &type_address, FIELD(config, witness) },
	{ KEY(WITNESS, "witness", "reset", "accept-first | at-once", "accept-first",
	      "how a phone is sent to look at its next load: after its registration was accepted, or at once"),
	  .type = &type_word, FIELD(config, witness_reset), .words = resets },

	{ KEY(ROLLOUT, "rollout", "max-at-once", "number", "0",
	      "how many phones may be on their way; 0: no limit"),
	  .type = &type_int, FIELD(config, max_at_once), .min = 0, .max = 100000 },
	{ KEY(ROLLOUT, "rollout", "halt-at", "percentage", "0%",
	      "let nobody else in when this part of those who started is stuck; 0%: never"),
	  .type = &type_percent, FIELD(config, halt_at) },

	LIMIT("loader", loader, "120s", 1, "from the loader's file to the phone's next sign"),
	LIMIT("app", app, "180s", 1, "from the application's file to the phone's next sign"),
	LIMIT("stage-classic", stage_classic, "10m", 1,
	      "a whole stage of a 7940 or 7960, from the load's first file"),
	LIMIT("stage-java", stage_java, "25m", 1, "a whole stage of a Java phone"),
	LIMIT("proof-silence", proof_silence, "120s", 1,
	      "how long a phone must leave the image alone to have proven it"),
	LIMIT("quiet", quiet, "30s", 0, "no event of a phone for this long before what it sees changes"),
	LIMIT("order-window", order_window, "5s", 0, "events closer than this have no order"),
	LIMIT("presume", presume, "5m", 1,
	      "a phone that wants nothing for this long is taken to be past a single image"),
	LIMIT("idle", idle, "10m", 1, "offered and silent for this long: needs-reboot"),
	LIMIT("round-gap", round_gap, "60s", 0, "the same file twice within this counts once"),
	LIMIT("boot-gap", boot_gap, "15s", 0,
	      "without DHCP: a probe this long after the last file is a boot"),
	LIMIT("holder-change", holder_change, "30s", 0,
	      "an event this soon after an address changed hands is noted, not credited"),
	LIMIT("tick-gap", tick_gap, "30s", 1,
	      "a longer gap between two looks at the clock is time nobody watched, and counts as this much"),

	{ KEY(LOADSET, "loadset", "generation", "classic | java | other | unknown", "", "whose load it is"),
	  .type = &type_generation, FIELD(loadset, generation), .revision_only = true },
	{ KEY(LOADSET, "loadset", "kind", "kind", "", "what files it has"), .type = &type_kind,
	  FIELD(loadset, kind), .revision_only = true },
	{ KEY(LOADSET, "loadset", "protocol", "sccp | sip | mgcp | unknown", "", "what it speaks"),
	  .type = &type_proto, FIELD(loadset, proto), .revision_only = true },
	{ KEY(LOADSET, "loadset", "loader", "file name", "", "its loader"), .type = &type_text,
	  FIELD(loadset, loader), .revision_only = true },
	{ KEY(LOADSET, "loadset", "application", "file name", "", "its application"), .type = &type_text,
	  FIELD(loadset, app), .revision_only = true },
	{ KEY(LOADSET, "loadset", "la-version", "text", "", "its manifest's LA_VERSION"), .type = &type_text,
	  FIELD(loadset, la_version), .revision_only = true },
	{ KEY(LOADSET, "loadset", "members", "list of file names", "", "what else its manifest lists"),
	  .type = &type_members, WHOLE(loadset), .revision_only = true },
	{ KEY(LOADSET, "loadset", "complete", "yes | no", "no", "whether every file was there"),
	  .type = &type_word, FIELD(loadset, complete), .words = yes_no, .revision_only = true },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))
_Static_assert(N_KEYS <= CONFIG_KEYS_MAX, "raise CONFIG_KEYS_MAX");

const struct key *key_at(unsigned idx)
{
	return idx < N_KEYS ? &keys[idx] : NULL;
}

unsigned key_index(const struct key *k)
{
	return (unsigned)(k - keys);
}

const struct key *key_find(enum section s, const char *name, bool revision)
{
	for (size_t i = 0; i < N_KEYS; i++) {
		if (keys[i].section != s || strcmp(keys[i].pub.key, name) != 0)
			continue;
		return (revision ? keys[i].file_only : keys[i].revision_only) ? NULL : &keys[i];
	}
	return NULL;
}

const struct config_key *config_key_at(unsigned idx)
{
	for (size_t i = 0; i < N_KEYS; i++)
		if (!keys[i].revision_only && idx-- == 0)
			return &keys[i].pub;
	return NULL;
}

void *config_section(struct config *c, enum section s, unsigned idx)
{
	switch (s) {
	case SECTION_PLAN:
		return &c->plans[idx];
	case SECTION_SITE:
		return &c->sites[idx];
	case SECTION_VENDOR_CLASS:
		return &c->classes[idx];
	case SECTION_STORE:
	case SECTION_TFTP:
	case SECTION_WITNESS:
	case SECTION_ROLLOUT:
	case SECTION_LIMITS:
	case SECTION_LOADSET: /* a value of its own while it is read */
	case SECTION_COUNT:
		return c;
	}
	return c;
}
