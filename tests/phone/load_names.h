/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a classic load's name tells: protocol, major version, and which loader its set carries. Shared by the
 * virtual phone (what a phone has in its flash when it is bought with a load) and by mkload (what it writes),
 * so that both mean the same loader. Header only, because the two are separate programs. Names: F§3.1;
 * LA_VERSION: F§3.4.
 */
#ifndef LOAD_NAMES_H
#define LOAD_NAMES_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LOAD_NAME_MAX 64 /* 63 and a NUL; real names end below 20 */

/* Images' identities at body offset 0x120 (F§3.4); anything else there is a loader's LA_VERSION. */
#define IDENT_SIP  "PAS3ARM1"
#define IDENT_SCCP "PA03Z031"
#define IDENT_7910 "PA04Z031"

enum load_protocol { LOAD_SCCP, LOAD_SIP, LOAD_MGCP, LOAD_OTHER };

struct load_version {
	enum load_protocol protocol;
	unsigned major;
	unsigned sub;
	unsigned maintenance;
};

/* Third character: 0 SCCP, S SIP, M MGCP (F§2.4), fourth: 3, or 4 for a 7910; then xxyyzzww or -x-y-zz (F§3.1). */
static inline struct load_version load_version_parse(const char *name)
{
	struct load_version v = { LOAD_OTHER, 0, 0, 0 };

	if (strlen(name) < 8 || name[0] != 'P' || name[1] != '0' || (name[3] != '3' && name[3] != '4'))
		return v;
	if (name[2] == '0')
		v.protocol = LOAD_SCCP;
	else if (name[2] == 'S')
		v.protocol = LOAD_SIP;
	else if (name[2] == 'M')
		v.protocol = LOAD_MGCP;
	if (name[4] == '-')
		(void)sscanf(name + 5, "%2u-%2u-%2u", &v.major, &v.sub, &v.maintenance);
	else
		(void)sscanf(name + 4, "%2u%2u%2u", &v.major, &v.sub, &v.maintenance);
	return v;
}

/* From SCCP 6.x and SIP 7.x on a load is two parts, loader and application (F§4.1); a 7910's is one image. */
static inline bool load_is_two_part(const char *name)
{
	struct load_version v = load_version_parse(name);

	if (strlen(name) > 3 && name[3] == '4')
		return false;
	return v.protocol == LOAD_SCCP ? v.major >= 6 : v.major >= 7;
}

/*
 * A SIP package names its loader like the load with 0 for S: P003-8-12-00 (F§3.1); SCCP: the load's own name.
 */
static inline void load_loader_name(const char *load, char ret_name[LOAD_NAME_MAX])
{
	snprintf(ret_name, LOAD_NAME_MAX, "%s", load);
	if (strlen(ret_name) > 2)
		ret_name[2] = '0';
}

/*
 * LA_VERSION of the set. Two are known from real packages (F§3.4); the others are made up after the same
 * pattern, so that different releases have different loaders.
 */
static inline void load_loader_identity(const char *load, char ret_ident[LOAD_NAME_MAX])
{
	struct load_version v = load_version_parse(load);
	unsigned second = load[4] == '-' ? v.sub : v.maintenance;

	if (strcmp(load, "P0S3-8-12-00") == 0 || strcmp(load, "P003-8-12-00") == 0)
		snprintf(ret_ident, LOAD_NAME_MAX, "PAS30830");
	else if (strcmp(load, "P0030801SR02") == 0)
		snprintf(ret_ident, LOAD_NAME_MAX, "PAS30831");
	else
		snprintf(ret_ident, LOAD_NAME_MAX, "PAS3%02u%02u", v.major % 100, second % 100);
}

/* FNV-1a, 32 bit: names a file's bytes in traces and seals the bodies mkload makes. */
static inline unsigned fnv1a(const unsigned char *p, size_t n)
{
	unsigned h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

#endif
