/* SPDX-License-Identifier: MPL-2.0 */
/* Names that exist, for who was given one that does not: the one that was perhaps meant, and all of them. */
#ifndef LOADSTEP_NAMES_H
#define LOADSTEP_NAMES_H

#include <stddef.h>

#include "err.h"
#include "strbuf.h"

struct names {
	size_t n, cap;
	char **a; /* owned, and so is each */
};

void names_fini(struct names *s);
/* Once each; "" is none. */
int names_add(struct names *s, const char *name, struct err *e) MUST_CHECK;
/* The nearest: one that differs in case, of which it is a part, or by a slip or two of the fingers. NULL = none is near. */
const char *names_near(const struct names *s, const char *name);
/* `--plan: there is no "clasic"; perhaps "classic"? There are: classic, java`. Sorts them. */
void names_unknown(struct names *s, const char *option, const char *name, struct strbuf *sb);

#endif
