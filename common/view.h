/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The links below the TFTP root: <root>/<address> -> phones/<mac> -> ../stages/<plan>/<LOAD>, or <root>/<address>
 * -> . for nobody of ours. Only links and the lock live here; what they point to is stagedir's. Link texts are relative; a swing is symlink(unique
 * name) + rename(2), under a lock in the root.
 */
#ifndef LOADSTEP_VIEW_H
#define LOADSTEP_VIEW_H

#include <stdbool.h>

#include "err.h"
#include "loadset.h"
#include "parse.h"

struct view {
	char root[256];
};

/* absolute, exists; makes phones/ when absent */
int view_init(struct view *v, const char *root, struct err *e) MUST_CHECK;

/* Lock <root>/.loadstep.lock (flock on a file of its own, never on a served file). Waits at most wait_ms. fd
 * to view_unlock, or -1. */
int view_lock(const struct view *v, int wait_ms, int *ret_fd, struct err *e) MUST_CHECK;
void view_unlock(int fd);

/* Where a phone stands. */
enum view_kind {
	VIEW_PLAIN,   /* ".." : the plain root */
	VIEW_STAGE,   /* ../stages/<plan>/<load> */
	VIEW_WAITING, /* ../stages/<plan>/waiting */
	VIEW_NONE,    /* there is no link */
	VIEW_FOREIGN, /* a link that we did not make, or not a link */
};

struct standing {
	enum view_kind kind;
	char plan[32];
	struct load_name load;
};

/* 0 = read (also VIEW_NONE). */
int view_phone_get(const struct view *v, const struct mac *mac, struct standing *ret, struct err *e)
	MUST_CHECK;
/* Swing; VIEW_NONE removes. 0 = changed, 1 = was so already. Caller holds the lock. */
int view_phone_set(const struct view *v, const struct mac *mac, const struct standing *s, struct err *e)
	MUST_CHECK;

/* 0 = link to a phone, *ret_mac filled; 1 = no link of ours at that address. A single readlink. */
int view_address_get(const struct view *v, struct ip4 addr, struct mac *ret_mac, struct err *e) MUST_CHECK;
/* mac NULL removes. 0 = changed, 1 = was so already. An entry there that is not ours (a directory, a file,
 * another link): -1, untouched. */
int view_address_set(const struct view *v, struct ip4 addr, const struct mac *mac, struct err *e) MUST_CHECK;

/* The neutral link, "." : that address sees the plain root. For a server that has no fall-back for addresses without
 * a link (tftpd-hpa, D§3). Same returns. */
int view_address_neutral(const struct view *v, struct ip4 addr, struct err *e) MUST_CHECK;
bool view_address_is_neutral(const struct view *v, struct ip4 addr);
/* The same, but what is there already stays, whatever it is: 1. `apply` false only asks. */
int view_address_fill(const struct view *v, struct ip4 addr, bool apply, struct err *e) MUST_CHECK;
/* Remove (apply), or count, every neutral link. Returns how many, -1 = failed. */
int view_neutral_remove(const struct view *v, bool apply, struct err *e) MUST_CHECK;

typedef int (*view_address_fn)(void *arg, struct ip4 addr, const struct mac *mac, struct err *e);
int view_address_list(const struct view *v, view_address_fn fn, void *arg, struct err *e) MUST_CHECK;

/* A phone's SEP<MAC>.cnf.xml in a stage's directory, which others share: a link to what publish has written there. */
enum view_sep {
	VIEW_SEP_NONE,
	VIEW_SEP_DEVICE,  /* to VIEW_SEP_FILE, a minimal <device> */
	VIEW_SEP_DEFAULT, /* to the stage's XMLDefault */
};
#define VIEW_SEP_FILE ".sep.cnf.xml"
/* 0 = changed, 1 = was so already. Caller holds the lock. */
int view_sep_set(const struct view *v, const char *plan, const struct load_name *load, const struct mac *mac,
		 enum view_sep sep, struct err *e) MUST_CHECK;
/* 0 = it has one there, *ret_bytes its size; 1 = none. */
int view_sep_bytes(const struct view *v, const char *plan, const struct load_name *load, const struct mac *mac,
		   int64_t *ret_bytes);
/* A name in a stage's directory: is it such a link's? Total. */
bool view_is_sep_name(const char *name);

/* Is <root>/stages/<plan>/<load>/XMLDefault.cnf.xml published? 0 = yes, *ret_bytes (may be NULL) its size; 1
 * = no. load NULL: the waiting room. */
int view_stage_ready(const struct view *v, const char *plan, const struct load_name *load,
		     int64_t *ret_bytes);

/* Has this phone a SEP<MAC>.cnf.xml or SIP<MAC>.cnf of its own in the plain root? */
bool view_provisioned(const struct view *v, const struct mac *mac);
/* either alone */
bool view_has_sep(const struct view *v, const struct mac *mac);
bool view_has_sip(const struct view *v, const struct mac *mac);

/* A path that dnsmasq opened (absolute, links not resolved) to the address directory it went through and the
 * name as the phone spelled it. 0 = under the root; 1 = not under the root, or has "..". *ret_file points
 * into path. *ret_addr.host 0 when it was the plain root. */
int view_split_path(const struct view *v, const char *path, struct ip4 *ret_addr, const char **ret_file);

#endif
