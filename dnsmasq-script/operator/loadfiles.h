/* SPDX-License-Identifier: MPL-2.0 */
/* The files of one load by name, in the order in which a phone fetches them. */
#ifndef LOADSTEP_LOADFILES_H
#define LOADSTEP_LOADFILES_H

#include "loadset.h"

/* The idx-th file into buf. 0; 1 = no more. What the set's kind says (F§3.2): a single image is `.bin`, from 5.x
 * on `.sbn` too; two parts have a manifest, a loader (where it is known) and an application; java a manifest and
 * its members. Of a load of no known kind: its manifest. */
int loadfile_at(const struct loadset *ls, unsigned idx, char buf[static LOAD_FILE_MAX + 1]);

#endif
