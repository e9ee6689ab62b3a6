/* SPDX-License-Identifier: MPL-2.0 */
/*
 * mkload for the java phones: manifest, five members, and the termNN.default.loads of the family's models, which
 * have the manifest's body under a header of their own (F§2.5, F§3.5). Bodies are pseudo-random.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mkload.h"

#define NAME_BYTES 96
#define MEMBERS 5

/* Family digits of the components, and of the models that a package of that family has a default for (F§2.5). */
static const struct family {
	const char *digits;
	const char *models[3];
} families[] = {
	{ "11", { "06", "11" } }, { "31", { "31" } }, { "41", { "41", "61" } }, { "42", { "42", "62" } },
	{ "45", { "45", "65" } }, { "70", { "70" } }, { "75", { "75" } },
};

static const struct family *family_of(const char *load)
{
	static const char *const heads[] = { "SIP", "SCCP", "TERM" };

	for (size_t h = 0; h < sizeof heads / sizeof heads[0]; h++) {
		size_t n = strlen(heads[h]);

		for (size_t i = 0;
		     strncmp(load, heads[h], n) == 0 && i < sizeof families / sizeof families[0]; i++)
			if (strncmp(load + n, families[i].digits, 2) == 0 && load[n + 2] == '.')
				return &families[i];
	}
	return NULL;
}

bool mkload_is_java(const char *load)
{
	return family_of(load) != NULL;
}

/* In the order in which phones fetch them (F§2.5). */
static void member_name(char name[NAME_BYTES], const char *load, const struct family *f, int no,
			const char *version)
{
	static const char *const heads[MEMBERS] = { "jar", "cnu", "apps", "dsp", "cvm" };
	bool infix = no == 0 || no == MEMBERS - 1;

	snprintf(name, NAME_BYTES, "%s%s%s.%s.sbn", heads[no], f->digits,
		 !infix		  ? ""
		 : load[1] == 'I' ? "sip"
				  : "sccp",
		 version);
}

static int save_member(const struct settings *s, const char *load, const char *name)
{
	struct buffer b = { malloc(HEADER_MAX + s->member_bytes), 0 };
	int rc;

	if (!b.p)
		return -1;
	mkload_header(&b, name);
	mkload_body(&b, name, "", s->member_bytes);
	rc = mkload_save(s, load, name, &b);
	free(b.p);
	return rc;
}

static int save_list(const struct settings *s, const char *load, const char *file, const char *body)
{
	uint8_t room[HEADER_MAX + 2048];
	struct buffer b = { room, 0 };

	mkload_header(&b, file);
	mkload_put(&b, body, strlen(body));
	return mkload_save(s, load, file, &b);
}

int mkload_java(const struct settings *s, const char *load)
{
	const struct family *f = family_of(load);
	const char *version = s->component ? s->component : strchr(load, '.') + 1;
	char dir[4096], name[NAME_BYTES], body[2048];
	int n = snprintf(body, sizeof body,
			 "#\r\n# This file contains a list of archive image files\r\n"
			 "# RELEASE load version %s\r\n#\r\n#HARDWARE_COMP_1 5\r\n\r\n",
			 version);

	snprintf(dir, sizeof dir, "%s/%s", s->out, load);
	if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
		perror(dir);
		return -1;
	}
	for (int i = 0; i < MEMBERS; i++) {
		member_name(name, load, f, i, version);
		if (save_member(s, load, name) != 0)
			return -1;
		if (i == 0 && s->capital_jar)
			name[0] = 'J';
		/* the last two have a trailing blank in real ones */
		n += snprintf(body + n, sizeof body - (size_t)n, "%s%s\r\n", name,
			      i >= MEMBERS - 2 ? " " : "");
	}
	for (int i = 0; i < 3 && f->models[i]; i++) {
		snprintf(name, sizeof name, "term%s.default.loads", f->models[i]);
		if (save_list(s, load, name, body) != 0)
			return -1;
	}
	snprintf(name, sizeof name, "%s.loads", load);
	return save_list(s, load, name, body);
}
