/* SPDX-License-Identifier: MPL-2.0 */
/* What a phone says that it runs, against a load: an SCCP application names it by name or by version (F§7.6). */
#ifndef LOADSTEP_LOAD_NAMED_H
#define LOADSTEP_LOAD_NAMED_H

#include "loadset.h"

/* Does this text name that load: by its name ("P00308000900", "SCCP41.8-5-3S"), or by the version that classic
 * phones show for it ("8.0(9)", "8.0(9.0)"; inferred: P003MMmmppbb)? 0 = yes; 1 = it names another; -1 = it is
 * neither a load's name nor such a version, or the load has none: it says nothing. */
int load_is_named(const char *text, const struct load_name *load);

#endif
