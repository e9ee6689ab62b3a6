/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a person is to do with a phone: the table of explain_action.def by situation and kind of phone. Pure.
 */
#ifndef LOADSTEP_EXPLAIN_ACTION_H
#define LOADSTEP_EXPLAIN_ACTION_H

#include <stdbool.h>
#include <stddef.h>

#include "phone.h"
#include "strbuf.h"

enum situation {
#define SITUATION(sym, whole, when) SITUATION_##sym,
#include "explain_action.def"
#undef SITUATION
	SITUATION_COUNT
};

/* Kinds of phone, as bits. */
enum action_for {
	ACTION_OLD = 1,
	ACTION_CLASSIC = 2,
	ACTION_JAVA = 4,
	ACTION_OLD_7970 = 8,
	ACTION_UNKNOWN = 16,
	ACTION_ANY = ACTION_OLD | ACTION_CLASSIC | ACTION_JAVA | ACTION_UNKNOWN,
};

struct action_row {
	enum situation situation;
	unsigned for_kinds; /* enum action_for */
	const char *text;
	const char *dont; /* "" = nothing */
	const char *source;
};

const struct action_row *action_row_at(size_t idx); /* NULL behind the last */

unsigned action_kinds(const struct phone *p);
/* `may_be_unplugged`: it neither fetches nor writes (unplug.h). `no_tftp`: it has an address from DHCP, and asked for no
 * file since its last boot, for too long. */
enum situation action_situation(const struct phone *p, bool may_be_unplugged, bool no_tftp);
const char *action_situation_text(enum situation s);
/* Do its rows say all, so that the cause's own words need not be said? */
bool action_is_whole(enum situation s);

/* The rows for this phone: at most max into ret, in order. Returns how many. */
size_t action_find(enum situation s, unsigned kinds, const struct action_row *ret[], size_t max);

/* Where it is plugged in, as people look for a port: "port 0/12, VLAN 10, switch 00:1a:2b:3c:4d:5e, behind the relay
 * 10.1.0.1"; nothing where option 82 and giaddr tell nothing. */
void action_port(const struct phone *p, struct strbuf *sb);

#endif
