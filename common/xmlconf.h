/* SPDX-License-Identifier: MPL-2.0 */
/*
 * XMLDefault.cnf.xml and SEP<MAC>.cnf.xml: read, check, set the load elements, serialise. xmlconf.c alone
 * knows libxml2 (no network, no entities). Everything but the load elements (and, where asked,
 * processNodeName and the URLs) is kept byte for byte: comments, order, unknown elements, encoding, line ends,
 * indentation, quotes.
 */
#ifndef LOADSTEP_XMLCONF_H
#define LOADSTEP_XMLCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "loadset.h"
#include "strbuf.h"

#define XMLCONF_BYTES_MAX (256 * 1024)

struct xmlconf;

/* Parse and check: well-formed, root element <Default> (or <device> when `sep`). Errors: "NAME:LINE:COLUMN:
 * …" and the offending character, typographic quotes named as such (F§8 row 1). -1 = refused. */
int xmlconf_parse(const char *name, const void *bytes, size_t len, bool sep, struct xmlconf **ret,
		  struct err *e) MUST_CHECK;
/* a complete <Default> of our own (F§5.1) */
int xmlconf_builtin(struct xmlconf **ret, struct err *e) MUST_CHECK;
void xmlconf_free(struct xmlconf *x);

struct xmlconf_load {
	int number; /* loadInformationNNN; 0 = the bare loadInformation */
	const char *label; /* "IP Phone 7940", "" = none (bare) */
	const char *load; /* "" = empty element: names no load */
};

/* Make the document name exactly these loads among the numbers given: an element there is set in place (its
 * attributes kept), a missing one is added behind the last load element, indented as that is. Numbers not
 * given stay as they are; a bare element not given is removed when remove_bare. -1: no memory, or what came of
 * it is no XML (a load name with bytes that no load name has). */
int xmlconf_set_loads(struct xmlconf *x, const struct xmlconf_load *loads, size_t n, bool remove_bare,
		      struct err *e) MUST_CHECK;

/* Take every load element out, numbered or bare, with the blanks before it: a phone that reads such a file does nothing (F§8 row 2);
 * what it does with an empty element nobody has seen. */
int xmlconf_remove_loads(struct xmlconf *x, struct err *e) MUST_CHECK;

/* Empty processNodeName and the *URL elements: a phone half way up must not register with a production
 * CallManager. */
int xmlconf_clear_callmanager(struct xmlconf *x, struct err *e) MUST_CHECK;

/* One element as it was read. Borrowed, for the time of the call. */
struct xmlconf_element {
	const char *name;
	int line;
	int depth; /* 0 = the root element */
	int load_number; /* a load element directly below the root: its number, 0 = bare; else -1 */
	const char *model; /* the attribute of that name, "" = none */
	const char *text; /* without blanks around it; "" where other elements are in it */
};

/* Calls fn for each element in the order of the document; ends when fn returns other than 0. Returns what fn
 * returned last. */
typedef int (*xmlconf_fn)(void *arg, const struct xmlconf_element *el);
int xmlconf_walk(const struct xmlconf *x, xmlconf_fn fn, void *arg);

/* Load named for this number (0: bare). 0 = there, *ret filled ("" when empty); 1 = no such element. */
int xmlconf_get_load(const struct xmlconf *x, int number, char *ret, size_t size);

/* The document as bytes, appended to *sb; padded with a trailing comment to exactly pad_to bytes when pad_to > 0 (-1 when it
 * is longer already). */
int xmlconf_format(const struct xmlconf *x, size_t pad_to, struct strbuf *sb, struct err *e) MUST_CHECK;

#endif
