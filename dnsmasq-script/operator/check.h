/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What `loadstep check` is made of: a list of small functions, each of which looks at one thing and adds what
 * it finds. A check that cannot look says so as a finding; it never ends the others. Texts that belong to a
 * kind of finding (severity, what it shows, cure) are in findings.def and nowhere else.
 */
#ifndef LOADSTEP_CHECK_H
#define LOADSTEP_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "cmds.h"
#include "config.h"

enum finding_id {
#define FINDING(sym, id, severity, shows, cure) FINDING_##sym,
#include "findings.def"
#undef FINDING
	FINDING_COUNT
};

struct found {
	enum finding_id id;
	char place[320];
	char what[600];
};

struct checking {
	/* c->cfg: the file, NULL when it has faults; c->fleet: NULL when there is no store */
	struct ctl *c;
	const struct config *cfg; /* in force; the file's where there is no store */
	/* --wire */
	bool wire;
	const char *interface; /* NULL: every segment */
	int64_t listen_ms; /* 0: the usual time */
	unsigned n_dhcp_servers; /* named as ours */
	struct ip4 dhcp_servers[8];
	bool xml_good; /* the plain root's XMLDefault can be read, or there is none */
	bool server_known; /* which user serves port 69 */
	uid_t server_uid;
	/* what runs here, or was named */
	const char *kea_named, *dnsmasq_named; /* --kea, --dnsmasq: look at that file only; NULL = what runs */
	pid_t server_pid;		       /* of port 69's server; 0 = not known */
	char server[16];		       /* its program's name */
	struct keaconf *kea;		       /* owned; NULL = there is none to look at */
	pid_t kea_pid;			       /* 0 = it does not run, or a file was named */
	struct dnsmasq_conf *dnsmasq;	       /* owned; NULL = there is none to look at */
	size_t n, cap;
	struct found *a; /* owned */
};

/* What a finding makes a phone show, and its cure: findings.def's words. */
const char *finding_shows(enum finding_id id);
const char *finding_cure(enum finding_id id);

/* One finding more. Foreign text (names of files) is escaped here. */
void found(struct checking *k, enum finding_id id, const char *place, const char *what, ...)
	PRINTF_LIKE(4, 5);

/* check_config.c */
void check_config(struct checking *k); /* comes first: opens what there is to open */
void check_store(struct checking *k);
void check_revision(struct checking *k);
void check_log(struct checking *k);
/* check_tree.c */
void check_loadsets(struct checking *k);
void check_published(struct checking *k);
void check_secrets(struct checking *k);
/* check_links.c */
void check_address_links(struct checking *k);
void check_phone_links(struct checking *k);
/* check_host.c */
void check_port(struct checking *k);
void check_rights(struct checking *k);
/* check_wire*.c: nothing without --wire */
void check_wire_tftp(struct checking *k);
void check_wire_after(struct checking *k);
void check_wire_dhcp(struct checking *k);

/* ---- what lies in the root */

void check_root_xml(struct checking *k);   /* check_xml.c */
void check_plan_loads(struct checking *k); /* check_loads.c; comes behind check_port: the server's user */
void check_names(struct checking *k);	   /* check_root.c */
void check_os79xx(struct checking *k);
void check_cnfs(struct checking *k);
void check_packages(struct checking *k);
void check_seps(struct checking *k);	  /* check_sep.c */
void check_sep_names(struct checking *k); /* check_sepname.c */
void check_terms(struct checking *k);	  /* check_term.c */

/* ---- the servers and the host */

/* Do plans, sites or vendor classes send phones to that address, at any time? */
bool check_is_server(const struct config *cfg, struct ip4 a);
/* Is it an address of this host? *ret_interface (may be NULL) gets the name of what has it. */
bool check_is_local(struct ip4 a, char *ret_interface, size_t size);
/* The directory that the store lies in, "" = it is no file. Returns buf. */
const char *check_store_dir(const struct config *cfg, char *buf, size_t size);
/* Whom Debian lets that server run as. */
const char *check_usual_user(enum tftp_daemon d);
bool check_same_file(const char *a, const char *b); /* also through links */

void check_kea(struct checking *k);	    /* check_kea.c: opens k->kea; the library in it */
void check_kea_options(struct checking *k); /* check_kea_options.c: option 150 and its like elsewhere */
void check_kea_pools(struct checking *k);   /* check_kea_pools.c: addresses and leases */
void check_dnsmasq(struct checking *k);	    /* check_dnsmasq.c */
void check_tftpd(struct checking *k);	    /* check_tftpd.c: in.tftpd, atftpd */
void check_listening(struct checking *k);   /* check_listening.c: at the addresses that phones are sent to */
void check_confined(struct checking *k);    /* check_confined.c: AppArmor, read-only mounts */
void check_disks(struct checking *k);	    /* check_machine.c */
void check_clock(struct checking *k);

#endif
