/* SPDX-License-Identifier: MPL-2.0 */
/* The table. */
#include "vp_model.h"

#include <stddef.h>
#include <string.h>

static const struct vp_model models[] = {
	/* The 7910 has the classic header and one image, and no model in its class (F§2.6, F§1.1). */
	{ "7910", "", 6, '4', NULL, NULL },
	{ "7940", "7940G", 8, '3', NULL, NULL },
	{ "7960", "7960G", 7, '3', NULL, NULL },
	/* Seen without the G on some units (F§1.1). */
	{ "7940-no-g", "7940", 8, '3', NULL, NULL },
	{ "7960-no-g", "7960", 7, '3', NULL, NULL },
	{ "7906", "7906G", 369, 0, "06", "11" },
	{ "7911", "7911G", 307, 0, "11", "11" },
	{ "7931", "7931G", 348, 0, "31", "31" },
	{ "7941", "7941G", 115, 0, "41", "41" },
	{ "7941G-GE", "7941G-GE", 309, 0, "41", "41" },
	{ "7942", "7942G", 434, 0, "42", "42" },
	{ "7945", "7945G", 435, 0, "45", "45" },
	{ "7961", "7961G", 30018, 0, "61", "41" },
	{ "7961G-GE", "7961G-GE", 308, 0, "61", "41" },
	{ "7962", "7962G", 404, 0, "62", "42" },
	{ "7965", "7965G", 436, 0, "65", "45" },
	{ "7970", "7970G", 30006, 0, "70", "70" },
	{ "7971", "7971G-GE", 119, 0, "71", "70" },
	{ "7975", "7975G", 437, 0, "75", "75" },
};

#define MODEL_N (sizeof models / sizeof models[0])

const struct vp_model *vp_model_find(const char *name)
{
	for (size_t i = 0; i < MODEL_N; i++)
		if (strcmp(models[i].name, name) == 0)
			return &models[i];
	return NULL;
}

bool vp_model_is_java(const struct vp_model *model)
{
	return model->term != NULL;
}
