/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a java load's name tells: form, family, version, and which members its set has. Shared by the virtual
 * phone (what one has in its flash when it is bought with a load) and by mkload (what it writes). Header only,
 * like load_names.h. Names: F§3.1; members and their versions, which are not the load's: F§3.5.
 */
#ifndef JAVA_NAMES_H
#define JAVA_NAMES_H

#include <stdlib.h>

#include "load_names.h"

#define JAVA_MEMBERS_MAX 5

/*
 * Digits in the members' names; the models a package has a termNN.default.loads for (F§2.5); the value of
 * #HARDWARE_COMP_1 in its manifest, 0 where there is no such line (F§3.5).
 */
struct java_family {
	const char *digits;
	const char *models[3];
	unsigned hardware_comp;
};

struct java_version {
	unsigned major, minor, maintenance;
	unsigned service; /* the N of SRN */
};

enum java_form { JAVA_SCCP, JAVA_SIP, JAVA_TERM }; /* TERM: SCCP before 8.0 */

struct java_load {
	enum java_form form;
	const struct java_family *family;
	const char *version_text; /* "8-3-1S", inside the name that was read */
	struct java_version version;
};

static inline const struct java_family *java_family_of(const char *digits)
{
	static const struct java_family families[] = {
		{ "11", { "06", "11" }, 1 }, { "31", { "31" }, 0 },	  { "41", { "41", "61" }, 0 },
		{ "42", { "42", "62" }, 5 }, { "45", { "45", "65" }, 7 }, { "70", { "70", "71" }, 0 },
		{ "75", { "75" }, 5 },
	};

	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		if (strncmp(digits, families[i].digits, 2) == 0)
			return &families[i];
	return NULL;
}

/* "8-5-2SR1S", "9-4-2ES26", "8-5-4TH1-6": the first three numbers, and that behind SR. */
static inline struct java_version java_version_parse(const char *text)
{
	struct java_version v = { 0, 0, 0, 0 };
	const char *service = strstr(text, "SR");

	(void)sscanf(text, "%3u-%3u-%3u", &v.major, &v.minor, &v.maintenance);
	if (service)
		v.service = (unsigned)strtoul(service + 2, NULL, 10);
	return v;
}

/* <0, 0, >0 */
static inline int java_version_compare(struct java_version a, struct java_version b)
{
	const unsigned x[] = { a.major, a.minor, a.maintenance, a.service };
	const unsigned y[] = { b.major, b.minor, b.maintenance, b.service };

	for (size_t i = 0; i < 4; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

static inline bool java_load_parse(const char *name, struct java_load *ret)
{
	static const char *const heads[] = { "SCCP", "SIP", "TERM" }; /* by enum java_form */

	for (unsigned form = 0; form < 3; form++) {
		size_t n = strlen(heads[form]);

		if (strncmp(name, heads[form], n) != 0 || strlen(name) < n + 4 || name[n + 2] != '.')
			continue;
		ret->form = (enum java_form)form;
		ret->family = java_family_of(name + n);
		ret->version_text = name + n + 3;
		ret->version = java_version_parse(ret->version_text);
		return ret->family && strlen(name) < LOAD_NAME_MAX && ret->version.major > 0;
	}
	return false;
}

/*
 * The version in the members' names: from real packages where known (F§3.5), otherwise made up after the
 * pattern of 8.5 and 9.2, "8-4-3TH1-1".
 */
static inline void java_component_version(const struct java_load *load, char ret[LOAD_NAME_MAX])
{
	static const char *const known[][2] = {
		{ "8-3-1S", "8-3-0-50" },	{ "8-3-3SR2S", "8-3-3ES2" },	{ "8-4-2S", "8-4-1-23" },
		{ "8-5-3S", "8-5-3TH1-6" },	{ "8-5-4S", "8-5-4TH1-6" },	{ "9-2-1S", "9-2-1TH1-13" },
		{ "9-3-1SR1-1S", "9-3-1ES8" },	{ "9-4-2SR3-1S", "9-4-2ES26" }, { "9-4-2SR4-3S", "9-4-2SR4-3" },
	};
	size_t n = strlen(load->version_text);

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(load->version_text, known[i][0]) == 0) {
			snprintf(ret, LOAD_NAME_MAX, "%s", known[i][1]);
			return;
		}
	if (n && load->version_text[n - 1] == 'S')
		n--;
	snprintf(ret, LOAD_NAME_MAX, "%.*sTH1-1", (int)n, load->version_text);
}

/* Two packages of before 8.0, whose members all have versions of their own and no "sip" or "sccp" (F§3.5). */
static inline const char *java_old_member(const char *load, size_t i)
{
	static const char *const sets[][1 + JAVA_MEMBERS_MAX] = {
		{ "SCCP11.7-2-1-0S", "jar11.7-2-0-66", "cvm11.7-2-0-66", "dsp11.1-0-0-73", "apps11.1-0-0-72",
		  "cnu11.3-0-0-81" },
		{ "TERM41.7-0-3-0S", "Jar41.2-9-2-26", "cnu41.2-7-6-26", "CVM41.2-0-2-26", NULL, NULL },
	};

	for (size_t s = 0; s < sizeof sets / sizeof sets[0]; s++)
		if (strcmp(load, sets[s][0]) == 0)
			return sets[s][1 + i] ? sets[s][1 + i] : "";
	return NULL;
}

/*
 * File name of the load's member i, in the manifest's order; false behind the last. component replaces the
 * members' version; NULL: as above. Other TERM loads have three members like the known one (inferred).
 */
static inline bool java_member(const char *name, size_t i, const char *component, char ret[LOAD_NAME_MAX])
{
	static const char *const heads[JAVA_MEMBERS_MAX] = { "jar", "cnu", "apps", "dsp", "cvm" };
	static const char *const old_heads[] = { "Jar", "cnu", "CVM" };
	static const char *const infixes[] = { "sccp", "sip", "" }; /* by enum java_form */
	const char *old = component || i >= JAVA_MEMBERS_MAX ? NULL : java_old_member(name, i);
	char version[LOAD_NAME_MAX];
	struct java_load load;
	bool infix = i == 0 || i == JAVA_MEMBERS_MAX - 1;

	if (!java_load_parse(name, &load) || i >= (load.form == JAVA_TERM ? 3 : JAVA_MEMBERS_MAX))
		return false;
	if (old)
		return *old && snprintf(ret, LOAD_NAME_MAX, "%s.sbn", old) < LOAD_NAME_MAX;
	if (component)
		snprintf(version, sizeof version, "%s", component);
	else
		java_component_version(&load, version);
	return snprintf(ret, LOAD_NAME_MAX, "%s%s%s.%.40s.sbn",
			load.form == JAVA_TERM ? old_heads[i] : heads[i], load.family->digits,
			infix ? infixes[load.form] : "", version) < LOAD_NAME_MAX;
}

#endif
