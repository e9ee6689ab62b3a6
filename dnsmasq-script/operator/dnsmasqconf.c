/* SPDX-License-Identifier: MPL-2.0 */
/* dnsmasq's options as dnsmasq 2.90 reads them. */
#include "dnsmasqconf.h"

#include <ctype.h>
#include <dirent.h>
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#define LINE_BYTES_MAX 1024 /* dnsmasq's MAXDNAME buffer: what is longer it does not take */
#define DEPTH_MAX 8
#define FILES_MAX 256

/* What anybody here asks for. All others (hosts, zones) are left out: a site may have thousands. */
static const char *const kept[] = {
	"bind-dynamic",
	"bind-interfaces",
	"dhcp-luascript",
	"dhcp-range",
	"dhcp-script",
	"dhcp-scriptuser",
	"enable-tftp",
	"except-interface",
	"interface",
	"listen-address",
	"log-async",
	"log-facility",
	"port",
	"quiet-tftp",
	"tftp-lowercase",
	"tftp-max",
	"tftp-no-fail",
	"tftp-port-range",
	"tftp-root",
	"tftp-secure",
	"tftp-single-port",
	"tftp-unique-root",
	"user",
};

static bool is_kept(const char *name)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (strcmp(kept[i], name) == 0)
			return true;
	return false;
}

static void add(struct dnsmasq_conf *c, const char *name, const char *value, const char *place)
{
	if (!is_kept(name) || c->n == DNSMASQ_OPTIONS_MAX)
		return;
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 32;
		struct dnsmasq_option *more = realloc(c->a, cap * sizeof(*more));

		if (!more)
			return;
		c->a = more;
		c->cap = cap;
	}
	struct dnsmasq_option *o = &c->a[c->n++];

	(void)text_copy(o->name, sizeof(o->name), name);
	(void)text_copy(o->value, sizeof(o->value), value);
	(void)text_copy(o->place, sizeof(o->place), place);
}

/* ---- one line */

/* What a backslash in quotes and this letter stand for; 0 = the backslash stands for itself. */
static char unescape(char c)
{
	static const char from[] = "tnbre\"\\", to[] = "\t\n\b\r\033\"\\";
	const char *hit = c ? strchr(from, c) : NULL;

	if (!hit)
		return '\0';
	return to[hit - from];
}

/* Quotes and comments. A byte that was quoted is marked, so that it is neither blank nor '='. */
static int strip(const char *line, size_t len, char *text, bool *quoted, size_t *ret_n)
{
	bool inside = false, blank = true;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = line[i];

		if (c == '"') {
			inside = !inside;
			blank = false;
			continue;
		}
		if (!inside && c == '#' && blank)
			break;
		blank = !inside && isspace((unsigned char)c);
		if (inside && c == '\\' && i + 1 < len && unescape(line[i + 1]))
			c = unescape(line[++i]);
		text[n] = c;
		quoted[n++] = inside;
	}
	*ret_n = n;
	return inside ? -1 : 0;
}

static void part(const char *text, const bool *quoted, size_t from, size_t to, char *ret, size_t size)
{
	while (from < to && !quoted[from] && isspace((unsigned char)text[from]))
		from++;
	while (to > from && !quoted[to - 1] && isspace((unsigned char)text[to - 1]))
		to--;
	snprintf(ret, size, "%.*s", (int)(to - from), text + from);
}

int dnsmasq_line(const char *line, size_t len, char *ret_name, size_t name_size, char *ret_value,
		 size_t value_size)
{
	char text[LINE_BYTES_MAX];
	bool quoted[LINE_BYTES_MAX];
	size_t n = 0, eq;

	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (len > sizeof(text) || strip(line, len, text, quoted, &n) < 0)
		return -1;
	for (eq = 0; eq < n && (text[eq] != '=' || quoted[eq]); eq++)
		continue;
	part(text, quoted, 0, eq, ret_name, name_size);
	ret_value[0] = '\0';
	if (eq < n)
		part(text, quoted, eq + 1, n, ret_value, value_size);
	return ret_name[0] ? 0 : 1;
}

/* ---- files */

static void read_conf(struct dnsmasq_conf *c, const char *path, unsigned depth);
static void read_dir(struct dnsmasq_conf *c, const char *spec, unsigned depth);

/* A pattern since 2.87; most are plain names. */
/* NOLINTNEXTLINE(misc-no-recursion): to a fixed depth */
static void read_pattern(struct dnsmasq_conf *c, const char *pattern, unsigned depth)
{
	glob_t g;

	if (glob(pattern, GLOB_NOCHECK, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++)
		read_conf(c, g.gl_pathv[i], depth);
	globfree(&g);
}

/* NOLINTNEXTLINE(misc-no-recursion): to a fixed depth */
static void read_lines(struct dnsmasq_conf *c, const char *path, const struct strbuf *text, unsigned depth)
{
	char name[64], value[512], place[288];
	size_t line = 0;

	for (const char *p = strbuf_text(text), *end; *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		line++;
		if (dnsmasq_line(p, (size_t)(end - p), name, sizeof(name), value, sizeof(value)) != 0)
			continue; /* a fault is dnsmasq's to tell: it is asked with --test */
		if (strcmp(name, "conf-file") == 0)
			read_pattern(c, value, depth + 1);
		else if (strcmp(name, "conf-dir") == 0)
			read_dir(c, value, depth + 1);
		snprintf(place, sizeof(place), "%.256s:%zu", path, line);
		add(c, name, value, place);
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): to a fixed depth */
static void read_conf(struct dnsmasq_conf *c, const char *path, unsigned depth)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(DNSMASQ_FILE_MAX);
	struct err e;

	if (depth > DEPTH_MAX || c->n_files == FILES_MAX || strcmp(path, "/dev/null") == 0)
		return;
	c->n_files++;
	int rc = file_read(path, DNSMASQ_FILE_MAX, &text, &e);
	if (rc != 0 && !c->unread[0]) {
		(void)text_copy(c->unread, sizeof(c->unread), path);
		(void)text_copy(c->why, sizeof(c->why), rc > 0 ? "there is no such file" : e.text);
	}
	if (!c->file[0])
		(void)text_copy(c->file, sizeof(c->file), path);
	if (rc == 0)
		read_lines(c, path, &text, depth);
}

static bool ends_with(const char *name, const char *end, size_t n)
{
	size_t len = strlen(name);

	return len >= n && memcmp(name + len - n, end, n) == 0;
}

/* "DIR[,END...]": names that end so are left out; with "*END" only those that end so are read. */
static bool wanted_in_dir(const char *name, const char *ends)
{
	bool only = false, listed = false;
	size_t len = strlen(name);

	if (len == 0 || name[0] == '.' || name[len - 1] == '~' || (name[0] == '#' && name[len - 1] == '#'))
		return false;
	while (*ends == ',') {
		const char *end = ends + 1;
		size_t n = strcspn(end, ",");

		if (n > 0 && end[0] == '*') {
			only = only || n > 1;
			listed = listed || (n > 1 && ends_with(name, end + 1, n - 1));
		} else if (n > 0 && ends_with(name, end, n)) {
			return false;
		}
		ends = end + n;
	}
	return !only || listed;
}

/* NOLINTNEXTLINE(misc-no-recursion): to a fixed depth */
static void read_dir(struct dnsmasq_conf *c, const char *spec, unsigned depth)
{
	struct dirent **list = NULL;
	char dir[256], path[600];
	struct stat sb;

	snprintf(dir, sizeof(dir), "%.*s", (int)strcspn(spec, ","), spec);
	int n = dir[0] ? scandir(dir, &list, NULL, alphasort) : 0;
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		if (wanted_in_dir(list[i]->d_name, spec + strcspn(spec, ",")) && stat(path, &sb) == 0 &&
		    S_ISREG(sb.st_mode))
			read_conf(c, path, depth);
		free(list[i]);
	}
	free(list);
}

void dnsmasq_conf_file(struct dnsmasq_conf *c, const char *path)
{
	read_pattern(c, path, 0);
}

/* ---- the command line */

/* Those of its short options that anybody here asks for, or that name files. */
static const struct {
	char letter;
	const char *name;
} letters[] = {
	{ 'C', "conf-file" },	   { '7', "conf-dir" },	       { 'p', "port" },
	{ 'u', "user" },	   { 'i', "interface" },       { 'I', "except-interface" },
	{ 'a', "listen-address" }, { 'z', "bind-interfaces" }, { '6', "dhcp-script" },
	{ 'F', "dhcp-range" },	   { '8', "log-facility" },
};

/* dnsmasq(8): the letters, with ":" behind those that take a value */
#define SHORT_OPTIONS \
	"951yZDNLERKzowefnbvhdkqr:m:p:c:l:s:i:t:u:g:a:x:S:C:A:T:H:Q:I:B:F:G:O:M:X:V:U:j:P:J:W:Y:2:4:6:7:8:0:3:"

static const char *long_name(char letter)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].letter == letter)
			return letters[i].name;
	return "";
}

struct told {
	char name[32];
	const char *value;
};

/* One argument (and the next, where that is its value): 0, or 1 = nothing of interest. Returns how many it took. */
static int argument(int argc, char **argv, int i, struct told *ret, size_t *ret_n)
{
	const char *arg = argv[i];

	*ret_n = 0;
	if (strncmp(arg, "--", 2) == 0) {
		size_t n = strcspn(arg + 2, "=");
		bool next = !arg[2 + n] && i + 1 < argc && argv[i + 1][0] != '-';

		snprintf(ret[0].name, sizeof(ret[0].name), "%.*s", (int)n, arg + 2);
		ret[0].value = arg[2 + n] ? arg + 3 + n : next ? argv[i + 1] : "";
		*ret_n = 1;
		return next ? 2 : 1;
	}
	for (const char *p = arg[0] == '-' ? arg + 1 : ""; *p; p++) {
		const char *known = strchr(SHORT_OPTIONS, *p);
		bool takes = known && known[1] == ':';
		const char *value = !takes ? "" : p[1] ? p + 1 : i + 1 < argc ? argv[i + 1] : "";

		(void)text_copy(ret[*ret_n].name, sizeof(ret[*ret_n].name), long_name(*p));
		ret[(*ret_n)++].value = value;
		if (takes)
			return p[1] ? 1 : 2;
		if (*ret_n == 16)
			break;
	}
	return 1;
}

void dnsmasq_conf_args(struct dnsmasq_conf *c, int argc, char **argv)
{
	const char *file = DNSMASQ_DEFAULT_PATH;
	const char *dirs[16];
	struct told told[17];
	size_t n, n_dirs = 0;

	for (int i = 1; i < argc;) {
		i += argument(argc, argv, i, told, &n);
		for (size_t j = 0; j < n; j++) {
			if (strcmp(told[j].name, "conf-file") == 0)
				file = told[j].value;
			else if (strcmp(told[j].name, "conf-dir") == 0 && n_dirs < 16)
				dirs[n_dirs++] = told[j].value;
			add(c, told[j].name, told[j].value, "command line");
		}
	}
	/* the default one may be missing */
	if (file[0] && (strcmp(file, DNSMASQ_DEFAULT_PATH) != 0 || access(file, F_OK) == 0))
		read_pattern(c, file, 0);
	for (size_t i = 0; i < n_dirs; i++)
		read_dir(c, dirs[i], 0);
}

void dnsmasq_conf_fini(struct dnsmasq_conf *c)
{
	free(c->a);
	*c = (struct dnsmasq_conf){ .n = 0 };
}

const struct dnsmasq_option *dnsmasq_conf_find(const struct dnsmasq_conf *c, const char *name,
					       const struct dnsmasq_option *from)
{
	size_t i = from ? (size_t)(from - c->a) : c->n;

	while (i-- > 0)
		if (strcmp(c->a[i].name, name) == 0)
			return &c->a[i];
	return NULL;
}
