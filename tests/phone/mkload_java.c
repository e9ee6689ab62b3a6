/* SPDX-License-Identifier: MPL-2.0 */
/*
 * mkload for the java phones: manifest, members, and the termNN.default.loads of the family's models, which have the
 * manifest's body under a header of their own (F§2.5, F§3.5). Names and versions: java_names.h. Bodies are
 * pseudo-random; the cvm's carries the load's name, because a phone that was loaded through termNN knows it.
 */
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "java_names.h"
#include "mkload.h"

bool mkload_is_java(const char *load)
{
	struct java_load parsed;

	return java_load_parse(load, &parsed);
}

static int save_member(const struct settings *s, const char *load, const char *name)
{
	bool cvm = strncasecmp(name, "cvm", 3) == 0;
	struct buffer b = { malloc(HEADER_MAX + s->member_bytes), 0 };
	int rc;

	if (!b.p)
		return -1;
	mkload_header(&b, name);
	mkload_body(&b, cvm ? load : name, "", s->member_bytes);
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

/* The members' files, and the manifest's text; 0 or -1. */
static int save_members(const struct settings *s, const char *load, const struct java_load *parsed,
			char *body, size_t size)
{
	unsigned comp = s->hardware_comp < 0 ? parsed->family->hardware_comp : (unsigned)s->hardware_comp;
	char version[LOAD_NAME_MAX], name[LOAD_NAME_MAX], next[LOAD_NAME_MAX];
	int n;

	java_component_version(parsed, version);
	n = snprintf(body, size,
		     "#\r\n# This file contains a list of archive image files\r\n"
		     "# RELEASE load version %s\r\n#\r\n",
		     s->component ? s->component : version);
	if (comp)
		n += snprintf(body + n, size - (size_t)n, "#HARDWARE_COMP_1 %u\r\n", comp);
	n += snprintf(body + n, size - (size_t)n, "\r\n");
	for (size_t i = 0; java_member(load, i, s->component, name); i++) {
		/* the last two have a trailing blank in real ones */
		bool blank = !java_member(load, i + 2, s->component, next);

		if (save_member(s, load, name) != 0)
			return -1;
		if (s->capital_jar && name[0] == 'j')
			name[0] = 'J';
		n += snprintf(body + n, size - (size_t)n, "%s%s\r\n", name, blank ? " " : "");
	}
	return 0;
}

int mkload_java(const struct settings *s, const char *load)
{
	struct java_load parsed;
	char dir[4096], file[LOAD_NAME_MAX + 8], body[2048];

	if (!java_load_parse(load, &parsed) || strlen(load) > 31)
		return -1;
	snprintf(dir, sizeof dir, "%s/%s", s->out, load);
	if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
		perror(dir);
		return -1;
	}
	if (save_members(s, load, &parsed, body, sizeof body) != 0)
		return -1;
	for (int i = 0; i < 3 && parsed.family->models[i]; i++) {
		/* upper case in packages of before 8.0 (F§2.5) */
		snprintf(file, sizeof file,
			 parsed.form == JAVA_TERM ? "TERM%s.DEFAULT.loads" : "term%s.default.loads",
			 parsed.family->models[i]);
		if (save_list(s, load, file, body) != 0)
			return -1;
	}
	snprintf(file, sizeof file, "%s.loads", load);
	return save_list(s, load, file, body);
}
