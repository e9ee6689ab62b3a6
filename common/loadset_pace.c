/* SPDX-License-Identifier: MPL-2.0 */
/* How long loads usually take (F§6): measured of two-part loads, told by users of java's, inferred of the old ones. */
#include "loadset.h"

static const struct pace paces[] = {
	{ LOAD_SINGLE_UNSIGNED, 30, 60, 60, 60,
	  "a single image: 30 to 60 s (inferred from a loader's 25 to 37 s)" },
	{ LOAD_SINGLE_SIGNED, 30, 60, 60, 60,
	  "a single image: 30 to 60 s (inferred from a loader's 25 to 37 s)" },
	{ LOAD_TWO_PART, 75, 112, 110, 69, "a load of two parts: 75 to 112 s (measured, eight conversions)" },
	{ LOAD_JAVA, 300, 420, 384, 384, "a java load: 5 to 7 min (users' reports)" },
};
#define TWO_PART 2
#define JAVA 3

const struct pace *loadset_pace(const struct loadset *ls)
{
	for (unsigned i = 0; i < sizeof(paces) / sizeof(paces[0]); i++)
		if (paces[i].kind == ls->kind)
			return &paces[i];
	return &paces[ls->generation == GEN_JAVA ? JAVA : TWO_PART];
}
