/* SPDX-License-Identifier: MPL-2.0 */
/* A name that a phone asked for, against every stage of a plan; the same bytes as a load's name. */
#include <string.h>

#include "plan.h"

#include "fuzz.h"

static void plan_make(struct plan *pl)
{
	static const char *const loads[] = { "P00303010102", "P00305000500", "P00308000900", "P0S3-8-12-00",
					     "SIP41.9-4-2SR3-1S" };

	memset(pl, 0, sizeof *pl);
	for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
		struct load_name name = { .s = "" };

		memcpy(name.s, loads[i], strlen(loads[i]));
		loadset_from_name(&name, &pl->stages[pl->n_stages++]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[512] = "";
	struct mac mac = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
	struct file_identity id;
	struct load_name load;
	struct loadset ls;
	struct phone p;
	struct plan pl;
	struct err e;
	int stage;

	memcpy(name, data, size < sizeof name ? size : sizeof name - 1);
	file_identity(name, &id);
	plan_make(&pl);
	phone_init(&p, &mac);
	for (int i = 0; i <= (int)pl.n_stages; i++) {
		MUST(plan_file_class(&pl, i, &p, name, &stage) < FILE_CLASS_COUNT);
		MUST(stage >= 0 && stage <= (int)pl.n_stages);
	}
	if (load_name_parse((const char *)data, size, &load, &e) == 0) {
		MUST(strlen(load.s) == size);
		loadset_from_name(&load, &ls);
		MUST(load_name_equal(&ls.load, &load));
	}
	return 0;
}
