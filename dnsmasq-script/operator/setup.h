/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep setup --print: what runs on this host, as facts, and the configuration made of them. Facts are gathered
 * first and only read afterwards; each part is one function that prints.
 */
#ifndef LOADSTEP_SETUP_H
#define LOADSTEP_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cmds.h"
#include "dnsmasqconf.h"
#include "keaconf.h"
#include "kearun.h"
#include "loadset.h"
#include "parse.h"
#include "plan.h"
#include "strbuf.h"
#include "tftpdconf.h"

#define SETUP_TEXT_MAX (256 * 1024)
#define SETUP_LOADS_MAX 64

struct setup {
	const char *config_path;
	char store_url[256];
	char root[256];

	struct kearun kea;
	struct keaconf *conf; /* owned; NULL = there is none that listens anywhere */
	char kea_fault[ERR_TEXT_MAX]; /* why it could not be read, "" = nothing is wrong */

	bool dnsmasq_serves, tftpd_serves; /* port 69, now */
	struct dnsmasq_conf dnsmasq; /* owned; of the one that serves */
	struct tftpd_conf tftpd;

	char interface[32]; /* the phones', "" = none found */
	struct ip4 address; /* ours there */
	struct net4 network;
	struct net_list networks; /* Kea's subnets, else that one */

	unsigned n_loads;
	struct loadset loads
		[SETUP_LOADS_MAX]; /* classic ones that lie in <root>/loads, in the order of the ladder */
	unsigned n_others; /* that lie there, too */

	const char *kea_user;
	bool own_user, own_group_has_kea;
};

/* setup_facts.c. Always fills; what cannot be found stays empty. */
void setup_facts(struct ctl *c, struct setup *ret);
void setup_fini(struct setup *s);

/* setup_text.c: each part as text to paste. 0, or -1. */
int setup_text_conf(const struct setup *s, struct strbuf *out, struct err *e) MUST_CHECK;
int setup_text_kea(const struct setup *s, struct strbuf *out, struct err *e) MUST_CHECK;
int setup_text_dnsmasq(const struct setup *s, struct strbuf *out, struct err *e) MUST_CHECK;
int setup_text_apparmor(const struct setup *s, struct strbuf *out, struct err *e) MUST_CHECK;
int setup_text_system(const struct setup *s, struct strbuf *out, struct err *e) MUST_CHECK;

#endif
