/* SPDX-License-Identifier: MPL-2.0 */
/* Signatures that name a cause (F§7.1 A10–A15, F§7.2, F§8), each a pure function over a phone's evidence on its
 * stage. */
#ifndef LOADSTEP_CAUSES_H
#define LOADSTEP_CAUSES_H

#include <stdbool.h>
#include <stdint.h>

#include "phase.h"
#include "phone.h"
#include "plan.h"

/* The cause that the evidence shows now, CAUSE_NONE when it shows none. A later success (the missing file
 * sent, the application fetched) takes its cause away again. `stage`: the load set of the phone's stage. */
enum cause causes_find(const struct phone *p, const struct loadset *stage, const struct limits *lim,
		       int64_t now_ms);

/* It read this stage's XMLDefault (or the SEP file that stands for it) in two boots, and asked for nothing of the load:
 * a universal loader asks for its .loads at every boot (F§2.2), so it takes no notice of what it read. Returns the
 * moment from which that is so; 0 = it is not. Boots that nobody reported are guessed, and then it must have wanted
 * nothing for longer. */
int64_t causes_ignored_from(const struct phone *p, const struct loadset *stage, const struct limits *lim);

/* Full rounds so far: the whole image, then a boot that asks for it again. */
unsigned causes_rounds(const struct phone *p, const struct loadset *stage, const struct limits *lim);

/* Java boot code has asked for the default load twice in a row and for nothing since: it refuses it (F§7.2 B8). */
bool causes_default_refused(const struct phone *p, const struct limits *lim, int64_t now_ms);

#endif
