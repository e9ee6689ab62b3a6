/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a java phone accepts. A header does not show which of Cisco's keys signed it (F§3.3), so the release in the
 * members' names stands for the key: inferred, as is every exact border below, which reports give differently
 * (F§4.2, F§11, 7). A board's revision against #HARDWARE_COMP_1: F§4.2, its meaning inferred.
 */
#include "vp_java.h"

#include <stdlib.h>

struct key_rule {
	unsigned rules; /* bits by enum vp_keys */
	struct java_version below; /* code older than this … */
	struct java_version from; /* … refuses what was released from here on */
};

static const struct key_rule key_rules[] = {
	/* "below 8.3(3): first to something in 8.3(3) to 8.5(2), then 9.2(3)": F§4.2, first row */
	{ 1u << VP_KEYS_RELEASE_NOTE | 1u << VP_KEYS_BRIDGE, { 8, 3, 3, 0 }, { 9, 0, 0, 0 } },
	/* The key changed between 8.5(2) and 8.5(2)SR1 or 8.5(3), and not all at once: F§4.2, rows 2 to 5 */
	{ 1u << VP_KEYS_BRIDGE, { 8, 5, 2, 0 }, { 8, 5, 2, 1 } },
	{ 1u << VP_KEYS_BRIDGE, { 8, 5, 2, 1 }, { 9, 0, 0, 0 } },
};

static bool takes_key(const struct vp *vp, struct java_version code, struct java_version release)
{
	for (size_t i = 0; i < sizeof key_rules / sizeof key_rules[0]; i++)
		if (key_rules[i].rules & 1u << vp->opt.keys &&
		    java_version_compare(code, key_rules[i].below) < 0 &&
		    java_version_compare(release, key_rules[i].from) >= 0)
			return false;
	return true;
}

const char *vp_java_objection(const struct vp *vp, const char *code, const struct vp_java_list *list)
{
	if (vp->opt.hardware > list->hardware_comp)
		return "Load rejected HC";
	for (size_t i = 0; i < list->n; i++) {
		const char *digits = strpbrk(list->member[i], "0123456789");
		const char *dot = strchr(list->member[i], '.');

		if (vp_flash_slot(list->member[i]) < 0 || !digits || !dot ||
		    strncmp(digits, vp->opt.model->family, 2) != 0)
			return "Load ID incorrect";
		if (!takes_key(vp, java_version_parse(code), java_version_parse(dot + 1)))
			return "Load Authentication Failed";
	}
	return NULL;
}

bool vp_java_load_is_ours(const struct vp *vp, const char *load)
{
	char term[LOAD_NAME_MAX];
	struct java_load parsed;

	/* F§5.3: a SEP file may name the default load */
	snprintf(term, sizeof term, "term%s.default", vp->opt.model->term);
	return strcmp(load, term) == 0 ||
	       (java_load_parse(load, &parsed) && strcmp(parsed.family->digits, vp->opt.model->family) == 0);
}

int vp_java_list_read(const char *body, struct vp_java_list *ret_list)
{
	static const char comp[] = "#HARDWARE_COMP_1 ";
	struct vp_java_list list = { .n = 0 };

	for (const char *line = body; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t n = strcspn(line, " \t\r\n");

		if (strncmp(line, comp, sizeof comp - 1) == 0)
			list.hardware_comp = (unsigned)strtoul(line + sizeof comp - 1, NULL, 10);
		if (*line == '#' || n == 0)
			continue;
		if (n >= LOAD_NAME_MAX || list.n == VP_JAVA_LIST_MAX)
			return -1;
		memcpy(list.member[list.n], line, n);
		list.member[list.n++][n] = '\0';
	}
	*ret_list = list;
	return list.n ? 0 : -1;
}
