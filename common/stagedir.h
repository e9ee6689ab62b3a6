/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Building what phones see: load sets read from <root>/loads/<LOAD>/ (or loose in the root), stage
 * directories built beside and renamed into place, and what differs. Knows files and XML; knows no phone.
 */
#ifndef LOADSTEP_STAGEDIR_H
#define LOADSTEP_STAGEDIR_H

#include <stdbool.h>

#include "config.h"
#include "err.h"
#include "loadset.h"
#include "plan.h"
#include "strbuf.h"

/* Look at the files of one load below root: loads/<LOAD>/ first, then the plain root. Fills *ret (kind,
 * names, complete). 0 = complete; 1 = not: ret_missing says which file is missing or wrong, in words
 * ("loads/P0S3-8-12-00/P0S3-8-12-00.sb2 is missing"), complete = false; -1 = cannot read. */
int stagedir_loadset(const char *root, const struct load_name *load, struct loadset *ret, char *ret_missing,
		     size_t missing_size, struct err *e) MUST_CHECK;

/* The same for a stage of a plan. The unsigned image of a 5.x load need not be there where no phone comes from below 5.0. */
int stagedir_stage(const char *root, const struct plan *pl, int stage_no, struct loadset *ret, char *ret_missing,
		   size_t missing_size, struct err *e) MUST_CHECK;

/* The plan's load sets as they are on disk, into pl->stages. Returns how many stages are incomplete (0 = all
 * there), -1 = failed. Each missing one adds a line to `missing` ("plan classic-to-sip, stage 4 P0S3-8-12-00:
 * loads/… is missing"). */
int stagedir_loadsets(const char *root, struct plan *pl, struct strbuf *missing, struct err *e) MUST_CHECK;

/* Each whole load set below root/loads/, in the order of the directory; fn returns 0, or -1 to end it. 0; -1 = fn did, or
 * it cannot be read. A root without loads/ has none. */
typedef int (*stagedir_load_fn)(void *arg, const struct loadset *ls, struct err *e);
int stagedir_imported(const char *root, stagedir_load_fn fn, void *arg, struct err *e) MUST_CHECK;

enum stagedir_change {
	STAGEDIR_SAME,
	STAGEDIR_NEW,
	STAGEDIR_CHANGED,
	STAGEDIR_GONE,
	STAGEDIR_LEFT, /* cannot be made so: stays as it is, and `what` says why */
};
typedef void (*stagedir_fn)(void *arg, enum stagedir_change change, const char *path, const char *what);

/* Compare (apply = false) or make true (apply = true) <root>/stages/<plan>/ for one plan: a directory for
 * each complete stage, the waiting room; directories of loads that left the plan are removed only when no
 * link in phones/ points to them. Each difference is told to fn (may be NULL). An incomplete stage is not
 * published (an existing good one stays). 0 = nothing differed, 1 = something did (and was made true when
 * apply), -1 = failed. */
int stagedir_publish(const char *root, const struct config *cfg, const struct plan *pl, bool apply,
		     stagedir_fn fn, void *arg, struct err *e) MUST_CHECK;

/* layout = shared: make the root's own XMLDefault.cnf.xml, OS79XX.TXT and SIPDefault.cnf's image_version say
 * this stage's load. Same returns. Atomic, .prev kept. load NULL: only report what they say now. An
 * XMLDefault that is not well-formed is refused and stays. */
int stagedir_rotate(const char *root, const struct plan *pl, const struct load_name *load, bool apply,
		    stagedir_fn fn, void *arg, struct err *e) MUST_CHECK;

/* layout = shared: what lies below loads/ of the plan's loads as links in the root, and in it the default loads
 * (termNN.default.loads) of that stage alone; stage_no 0: nobody has started, these stay as they are. Same returns; what
 * the site has under such a name is told as STAGEDIR_LEFT where it is another file. */
int stagedir_root_loads(const char *root, const struct plan *pl, int stage_no, bool apply, stagedir_fn fn,
			void *arg, struct err *e) MUST_CHECK;

/* layout = shared: a phone's own SEP<MAC>.cnf.xml in the root counts as its XMLDefault (F§5.3). `kept`: a directory
 * outside the root, made 0700, for what such files named before. Of the file nothing but the load elements changes;
 * owner and mode stay; what another hand writes into it meanwhile stays, and a load that it names is kept in turn. A
 * file that cannot be edited is told as STAGEDIR_LEFT and fails nothing. */
enum sep_state {
	SEP_NONE,   /* no such file, or nothing of ours in it */
	SEP_SET,    /* names the load it must */
	SEP_HELD,   /* stays at the plan's last load: what it named before would take the phone back */
	SEP_UNABLE, /* told */
	SEP_GIVEN,  /* made by us, where the phone had none */
	SEP_GIVEN_DEFAULT, /* the same as a whole <Default> document */
};

/* Name this load, keeping what it named. Returns 0, 1, -1 as stagedir_publish does; *ret says how it stands. */
int stagedir_sep_set(const char *root, const char *kept, const struct mac *mac, const struct load_name *load,
		     bool apply, stagedir_fn fn, void *arg, enum sep_state *ret, struct err *e) MUST_CHECK;

/* A SEP<MAC>.cnf.xml of ours that names this load of the plan, where the phone has none of its own; there a file of its
 * own is treated as above. Goes with stagedir_sep_set and stagedir_sep_back, unless another hand has written it. Same
 * returns. */
int stagedir_sep_give(const char *root, const char *kept, const struct mac *mac, const struct plan *pl,
		      const struct load_name *load, bool whole_default, bool apply, stagedir_fn fn, void *arg,
		      enum sep_state *ret, struct err *e) MUST_CHECK;

/* Name again what it named, in the file as it is now. `pl` (may be NULL): the plan that its phone has done, which a
 * load of an earlier stage would undo. Same returns. */
int stagedir_sep_back(const char *root, const char *kept, const struct mac *mac, const struct plan *pl, bool apply,
		      stagedir_fn fn, void *arg, enum sep_state *ret, struct err *e) MUST_CHECK;

/* Calls fn for each phone of which something is kept. 0; what fn returned; -1 */
typedef int (*stagedir_mac_fn)(void *arg, const struct mac *mac, struct err *e);
int stagedir_sep_each(const char *kept, stagedir_mac_fn fn, void *arg, struct err *e) MUST_CHECK;

/* A line of SIPDefault.cnf and its like: is it "image_version: P0S3-8-12-00" (blanks, quotes, a comment allowed)? 0 =
 * yes, *ret the value, cut to size, "" = none; 1 = another line. Total. */
int stagedir_image_version(const char *line, size_t len, char *ret, size_t size);

/* What the plain root's XMLDefault names for this plan's classic models. 0 = a load; 1 = none, or no such
 * file. */
int stagedir_root_load(const char *root, const struct plan *pl, struct load_name *ret, struct err *e)
	MUST_CHECK;

#endif
