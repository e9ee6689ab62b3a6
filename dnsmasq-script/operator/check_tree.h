/* SPDX-License-Identifier: MPL-2.0 */
/* What the checks of the TFTP root share: paths below it, counted findings, and the judgement of a load's name. */
#ifndef LOADSTEP_CHECK_TREE_H
#define LOADSTEP_CHECK_TREE_H

#include "check.h"
#include "phone.h"

#define PATH_BYTES 512
#define XMLDEFAULT "XMLDefault.cnf.xml"

/* Phones have a limit that no document tells (F§8 row 52: "CFG TFTP Size Error", "buffer full"). Files that work are
 * some 5 to 20 KiB, so what is beyond this is doubted: inferred. */
#define CONFIG_BYTES_USUAL (64 * 1024)

static inline bool has_root(const struct checking *k)
{
	return k->cfg && k->cfg->tftp_root[0] != '\0';
}

/* <root>/name into buf. Returns buf. */
const char *below_root(const struct checking *k, char buf[static PATH_BYTES], const char *name);
bool ends_with(const char *text, const char *end);

/* A fault that xmlconf told: "PATH:LINE:COLUMN: text" to place and text; the text is borrowed from `told`. */
const char *xml_fault_at(const char *path, const char *told, char place[static PATH_BYTES]);

/* Each name in the root but "." and ".."; `fn` may add findings. */
typedef void (*root_fn)(struct checking *k, void *arg, const char *name);
void each_in_root(struct checking *k, root_fn fn, void *arg);

/* Is `name` in the root, a regular file or a link to one? */
bool in_root(const struct checking *k, const char *name);

/* What is wrong with an OS79XX.TXT whose first word has name_len bytes; NULL = it is as Cisco ships it: the name and CR
 * LF; LF alone or no line end do as well (check_root.c). */
const char *os79xx_fault(const char *text, size_t len, size_t name_len);

/* Do two lists of a load's files say the same behind their headers? 0 = the same; 1 = not; 2 = one of them cannot be
 * read (check_term.c). */
int compare_lists(const char *a, const char *b);

/* ---- what a site has for each phone or for none: one finding, the first by place and how many more */

struct counted {
	unsigned n;
	char place[PATH_BYTES];
	char what[400];
};

void count_one(struct counted *c, const char *place, const char *what, ...) PRINTF_LIKE(3, 4);
void found_counted(struct checking *k, enum finding_id id, const struct counted *c);
/* One for each kind, by finding. */
void found_all(struct checking *k, const struct counted counts[static FINDING_COUNT]);

/* ---- check_names.c: a load that a file names */

struct mention {
	const char *place; /* FILE:LINE, or FILE */
	const char *who; /* what names it: "loadInformation404 (7962)", "image_version" */
	const char *load; /* the text as it stands there */
	const struct model *model; /* whose load it must be; NULL = not known */
	bool loader_too; /* a loader's name is as good */
};

/* What is wrong with the name itself: 0 = nothing, else *ret_id, and what in words. */
int mention_name(const struct mention *m, enum finding_id *ret_id, char what[static 400]);

/* Are the load's files in the root, where who asks there finds them, all that its list names, or a plan's in loads/?
 * 0 = yes; 1 = no, *ret_id load-not-found or member-missing, and what in words. */
int mention_files(const struct checking *k, const struct mention *m, enum finding_id *ret_id,
		  char what[static 400]);

#endif
