/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Inside stagedir: a directory as a list of what it is to hold, compared with a real one or written; the
 * files that are generated; what a site keeps in its root. For stagedir*.c only.
 */
#ifndef LOADSTEP_STAGEDIR_PRIV_H
#define LOADSTEP_STAGEDIR_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"
#include "loadset.h"
#include "parse.h"
#include "plan.h"
#include "stagedir.h"
#include "strbuf.h"
#include "xmlconf.h"

#define STAGEDIR_PATH 768 /* root, stages, plan, load, a file's name */
#define WAITING_ROOM "waiting"
#define XMLDEFAULT_NAME "XMLDefault.cnf.xml"
#define OS79XX_NAME "OS79XX.TXT" /* exactly so on the wire (F§8 row 11) */
#define SEPDEFAULT_NAME "SEPDefault.cnf"
#define SIPDEFAULT_NAME "SIPDefault.cnf"

/* root/a/b (b NULL: root/a) into buf. */
int stagedir_path(char *buf, size_t size, const char *root, const char *a, const char *b, struct err *e)
	MUST_CHECK;

/* ---- a directory to be: names, each a link or a file of bytes */

struct entry {
	char *name;
	char *text; /* a link's text, or a file's bytes */
	size_t len;
	bool is_link;
	unsigned rank; /* of two with one name the lower stays */
};

struct listing {
	struct entry *a;
	size_t n;
	size_t cap;
};

void listing_fini(struct listing *l); /* fits CLEANUP() */
int listing_add_link(struct listing *l, const char *name, const char *text, struct err *e) MUST_CHECK;
int listing_add_file(struct listing *l, const char *name, const struct strbuf *bytes, struct err *e)
	MUST_CHECK;
void listing_finish(struct listing *l); /* sorted, each name once: the first that was added */

/* 0 = dir holds exactly this; 1 = not, `what` says the first difference; 2 = there is no dir; -1 */
int listing_compare(const struct listing *l, const char *dir, char *what, size_t size, struct err *e)
	MUST_CHECK;

/* Into a new directory beside `dir`, then put in its place at once. */
int listing_publish(const struct listing *l, const char *dir, struct err *e) MUST_CHECK;

/* Calls fn for each name of a directory but "." and "..". 0; 1 = no such directory; what fn returned; -1 */
typedef int (*dir_fn)(void *arg, const char *name, struct err *e);
int stagedir_each(const char *dir, dir_fn fn, void *arg, struct err *e) MUST_CHECK;

/* ---- what a site keeps in its root, read once */

struct site_files {
	bool has_xml;
	bool has_sip;
	struct strbuf xml; /* XMLDefault.cnf.xml */
	struct strbuf sip; /* SIPDefault.cnf */
	struct ip4
		witness; /* what stages name as CallManager; 0 = none. Nothing of the root's: set by the caller */
};

int site_files_read(struct site_files *s, const char *root, struct err *e) MUST_CHECK;
void site_files_fini(struct site_files *s); /* fits CLEANUP() */

/* The site's XMLDefault, or the built-in one. -1: not well-formed, with FILE:LINE:COLUMN. */
int site_xml_open(const struct site_files *s, const char *root, struct xmlconf **ret, struct err *e)
	MUST_CHECK;
void site_xml_close(struct xmlconf **x); /* fits CLEANUP() */

/* ---- load elements of a plan */

#define LOAD_ELEMENTS_MAX (PLAN_MODELS_MAX + 3)

struct load_elements {
	size_t n;
	struct xmlconf_load a[LOAD_ELEMENTS_MAX];
	char label[LOAD_ELEMENTS_MAX][32];
};

/* The elements for the plan's models, all naming this load (borrowed). Classic: also the bare one (the seed's
 * form). An unnamed phone is a 7940 or a 7960, and its loader will ask by number. */
void load_elements_of(const struct plan *pl, const struct load_name *load, bool classic,
		      struct load_elements *ret);
bool plan_is_classic(const struct plan *pl);

/* A SIPDefault.cnf (text NULL: none) with image_version set to the load; load NULL: without one. Line ends
 * stay the file's. */
void sipdefault_set(const char *text, const struct load_name *load, struct strbuf *sb);

/* ---- java (stagedir_java.c) */

/* The member's file in dir: under the list's spelling, or with its capitals before the version in lower case (F§3.5).
 * false: in neither. */
bool member_on_disk(const char *dir, const char *listed, char ret[static LOAD_FILE_MAX + 1]);
/* Links under the list's spelling for members whose file has another. `up`: the way to the root, "" or "../../../". */
int java_add_members(const char *root, const char *up, const struct loadset *ls, struct listing *l,
		     struct err *e) MUST_CHECK;
/* Of the default loads that lie with the load, for the plan's models, the spelling that is not there. */
int java_add_default(const char *root, const char *up, const struct plan *pl, const struct load_name *load,
		     struct listing *l, struct err *e) MUST_CHECK;
/* term41.default.loads to TERM41.DEFAULT.loads */
void java_other_spelling(const char *term, char ret[static LOAD_FILE_MAX + 1]);
/* Is that default load, loose in the root, the one of this load, which lies there too? Their lists are the same. */
bool java_default_is_ours(const char *root, const struct loadset *ls, const char *file);

/* ---- SEP files that we have made (stagedir_sep_made.c) */

/* The minimal <device> that names the stage's load. */
void sep_device_text(const struct loadset *stage, struct strbuf *sb);
/* One of ours goes; one that another hand has changed stays, and is not ours any more. 0 = there was none, 1, -1. */
int sep_made_drop(const char *root, const char *kept, const struct mac *mac, bool apply, stagedir_fn fn, void *arg,
		  struct err *e) MUST_CHECK;
int sep_made_each(const char *kept, dir_fn fn, void *arg, struct err *e) MUST_CHECK;

/* ---- the listings */

/* XMLDefault for a stage (stage_no 0: the waiting room), padded to exactly pad_to bytes when that is not 0.
 */
int content_xml(const struct site_files *s, const char *root, const struct plan *pl, int stage_no,
		size_t pad_to, struct strbuf *sb, struct err *e) MUST_CHECK;

/* Byte size of each stage's XMLDefault, [0] the waiting room's: all different, and none the plain root's. */
int content_xml_sizes(const struct site_files *s, const char *root, const struct plan *pl,
		      size_t ret[PLAN_STAGES_MAX + 1], struct err *e) MUST_CHECK;

/* Links to what lies below loads/ of the plan's loads: of two with one name the stage's own; and the default loads (F§2.5)
 * of the stage alone, none where stage is NULL. */
int content_add_loads(const char *root, const char *up, const struct plan *pl, const struct loadset *stage,
		      struct listing *l, struct err *e) MUST_CHECK;

/* What a phone at that stage (0: in the waiting room) may see. */
int content_listing(const struct site_files *s, const char *root, const struct plan *pl, int stage_no,
		    size_t xml_bytes, struct listing *ret, struct err *e) MUST_CHECK;

#endif
