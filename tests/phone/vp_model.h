/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The models one can play, a row each. Option 60 is the bare string, or that and " CP-" with the model's name
 * (F§1.1); the number is that of its loadInformation element (F§5.2), and what it registers as.
 */
#ifndef VP_MODEL_H
#define VP_MODEL_H

#include <stdbool.h>

struct vp_model {
	const char *name;   /* as --model takes it: 7941G-GE */
	const char *cp;     /* behind "CP-"; "": its class never names it (7910) */
	unsigned number;
	char digit;         /* classic: fourth character of its loads */
	const char *term;   /* java: NN of termNN.default.loads; NULL: classic */
	const char *family; /* java: digits in its loads' and their members' names (F§2.5) */
};

/* NULL where there is no such model. */
const struct vp_model *vp_model_find(const char *name);

bool vp_model_is_java(const struct vp_model *model);

#endif
