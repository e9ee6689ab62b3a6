/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The readers. The XML one is a scanner of a hundred lines and not a library, because the phone must not
 * share the project's idea of well-formed: tags nest, attributes stand in straight quotes (typographic ones
 * are the commonest fault in the field, F§8 row 1), comments and processing instructions pass.
 */
#include "vp_config.h"

#include <stdlib.h>

#define DEPTH_MAX 16
#define TAG_MAX 64

struct scan {
	const char *at;
	char open[DEPTH_MAX][TAG_MAX];
	int depth;
	bool rooted;
	const char *wanted; /* element name, directly under the root */
	bool anywhere;      /* no: at any depth */
	char found[LOAD_NAME_MAX];
	bool bad;
};

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == ':';
}

static void take_name(struct scan *s, char ret[TAG_MAX])
{
	size_t n = 0;

	while (is_name_char(*s->at) && n < TAG_MAX - 1)
		ret[n++] = *s->at++;
	ret[n] = '\0';
	if (n == 0 || is_name_char(*s->at))
		s->bad = true;
}

static void skip_blanks(struct scan *s)
{
	while (isspace((unsigned char)*s->at))
		s->at++;
}

/* Past an end mark, or bad. */
static void skip_to(struct scan *s, const char *mark)
{
	const char *end = strstr(s->at, mark);

	if (!end)
		s->bad = true;
	else
		s->at = end + strlen(mark);
}

/* name="value" until > or />; tells whether the element is empty. */
static bool take_attributes(struct scan *s)
{
	char name[TAG_MAX], quote[2] = "";

	for (;;) {
		skip_blanks(s);
		if (*s->at == '>')
			return s->at++, false;
		if (s->at[0] == '/' && s->at[1] == '>')
			return s->at += 2, true;
		take_name(s, name);
		skip_blanks(s);
		if (s->bad || *s->at != '=')
			break;
		s->at++;
		skip_blanks(s);
		if (*s->at != '"' && *s->at != '\'')
			break;
		quote[0] = *s->at++;
		skip_to(s, quote);
		if (s->bad)
			break;
	}
	s->bad = true;
	return false;
}

/* The text of the element just opened, if it is the wanted one. */
static void take_text(struct scan *s, const char *name)
{
	size_t n;

	if ((s->depth != 2 && !s->anywhere) || strcmp(name, s->wanted) != 0 || *s->found)
		return;
	skip_blanks(s);
	n = strcspn(s->at, "<");
	while (n && isspace((unsigned char)s->at[n - 1]))
		n--;
	if (n < LOAD_NAME_MAX)
		snprintf(s->found, sizeof s->found, "%.*s", (int)n, s->at);
}

static void take_open_tag(struct scan *s)
{
	char name[TAG_MAX];

	take_name(s, name);
	if (s->bad || s->depth == DEPTH_MAX || (s->depth == 0 && s->rooted)) {
		s->bad = true;
		return;
	}
	if (s->depth == 0 && strcmp(name, "Default") != 0 && strcmp(name, "device") != 0)
		s->bad = true;
	s->rooted = true;
	if (take_attributes(s) || s->bad)
		return;
	snprintf(s->open[s->depth++], TAG_MAX, "%s", name);
	take_text(s, name);
}

static void take_close_tag(struct scan *s)
{
	char name[TAG_MAX];

	s->at++;
	take_name(s, name);
	skip_blanks(s);
	if (s->bad || *s->at != '>' || s->depth == 0 || strcmp(s->open[s->depth - 1], name) != 0) {
		s->bad = true;
		return;
	}
	s->at++;
	s->depth--;
}

static int scan_for(const char *text, const char *wanted, bool anywhere, char ret_load[LOAD_NAME_MAX])
{
	struct scan s = { .at = text, .wanted = wanted, .anywhere = anywhere };

	if (strncmp(s.at, "\xef\xbb\xbf", 3) == 0)
		s.at += 3; /* byte order mark */
	while (!s.bad && *s.at) {
		if (*s.at != '<') {
			if (s.depth == 0 && !isspace((unsigned char)*s.at))
				s.bad = true;
			s.at++;
			continue;
		}
		s.at++;
		if (*s.at == '?')
			skip_to(&s, "?>");
		else if (strncmp(s.at, "!--", 3) == 0)
			skip_to(&s, "-->");
		else if (*s.at == '!')
			skip_to(&s, ">");
		else if (*s.at == '/')
			take_close_tag(&s);
		else
			take_open_tag(&s);
	}
	if (s.bad || s.depth != 0 || !s.rooted)
		return -1;
	if (!*s.found)
		return 1;
	snprintf(ret_load, LOAD_NAME_MAX, "%s", s.found);
	return 0;
}

int vp_config_xml_load(const char *text, unsigned number, char ret_load[LOAD_NAME_MAX])
{
	char element[TAG_MAX];
	int rc;

	snprintf(element, sizeof element, "loadInformation%u", number);
	rc = scan_for(text, element, false, ret_load);
	return rc == 1 ? scan_for(text, "loadInformation", false, ret_load) : rc;
}

void vp_config_xml_node(const char *text, char ret_node[LOAD_NAME_MAX])
{
	if (scan_for(text, "processNodeName", true, ret_node) != 0)
		ret_node[0] = '\0';
}

/* A value with or without quotes, up to a blank or comment. */
static int take_value(const char *p, char ret_load[LOAD_NAME_MAX])
{
	size_t n;

	p += strspn(p, " \t:=");
	if (*p == '"')
		n = strcspn(++p, "\"\r\n");
	else
		n = strcspn(p, " \t\r\n;#");
	if (n == 0 || n >= LOAD_NAME_MAX)
		return 1;
	snprintf(ret_load, LOAD_NAME_MAX, "%.*s", (int)n, p);
	return 0;
}

int vp_config_cnf_load(const char *text, char ret_load[LOAD_NAME_MAX])
{
	static const char key[] = "image_version";

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *p = line + strspn(line, " \t");

		if (strncmp(p, key, sizeof key - 1) == 0)
			return take_value(p + sizeof key - 1, ret_load);
	}
	return 1;
}

int vp_config_os79xx_load(const char *text, char ret_load[LOAD_NAME_MAX])
{
	size_t n = strcspn(text, "\n");

	if (n && text[n] == '\n' && text[n - 1] == '\r')
		n--;
	if (n == 0 || n >= LOAD_NAME_MAX)
		return 1;
	snprintf(ret_load, LOAD_NAME_MAX, "%.*s", (int)n, text);
	return 0;
}

static bool ends_with(const char *s, size_t n, const char *tail)
{
	size_t m = strlen(tail);

	return n > m && memcmp(s + n - m, tail, m) == 0;
}

int vp_config_manifest(const char *body, struct vp_manifest *ret_manifest)
{
	struct vp_manifest m = { 0 };

	for (const char *line = body; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t n = strcspn(line, " \t\r\n");

		if (*line == '#' || n == 0 || n >= LOAD_NAME_MAX)
			continue;
		if (strncmp(line, "LA_VERSION=", 11) == 0)
			snprintf(m.la_version, sizeof m.la_version, "%.*s", (int)(n - 11), line + 11);
		else if (ends_with(line, n, ".sbn"))
			snprintf(m.loader_file, sizeof m.loader_file, "%.*s", (int)n, line);
		else if (ends_with(line, n, ".sb2"))
			snprintf(m.app_file, sizeof m.app_file, "%.*s", (int)n, line);
	}
	if (!*m.la_version || !*m.loader_file || !*m.app_file)
		return -1;
	*ret_manifest = m;
	return 0;
}

int vp_config_java_load(const char *text, unsigned number, char ret_load[LOAD_NAME_MAX])
{
	char element[TAG_MAX] = "loadInformation";

	if (vp_config_is_default(text))
		snprintf(element, sizeof element, "loadInformation%u", number);
	return scan_for(text, element, false, ret_load);
}

bool vp_config_is_default(const char *text)
{
	char name[TAG_MAX];
	struct scan s = { .at = text };

	while (*(s.at += strcspn(s.at, "<")) && s.at[1] && strchr("?!", s.at[1]) && !s.bad)
		skip_to(&s, strncmp(s.at, "<!--", 4) == 0 ? "-->" : ">");
	if (s.bad || !*s.at)
		return false;
	s.at++;
	take_name(&s, name);
	return !s.bad && strcmp(name, "Default") == 0;
}
