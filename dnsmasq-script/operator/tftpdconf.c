/* SPDX-License-Identifier: MPL-2.0 */
/* in.tftpd's options (tftp-hpa 5.2: in.tftpd(8)) and atftpd's (atftpd(8)). */
#include "tftpdconf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "strbuf.h"

#define WORDS_MAX 64

/* Those that we ask for; the others only matter for whether the next word is their value. */
static const struct known {
	char letter;
	const char *name;
	bool value;
} known[] = {
	{ '\0', "verbosity", true }, { 's', "secure", false },	  { 'm', "map-file", true },
	{ 'u', "user", true },	     { 'a', "address", true },	  { 'B', "blocksize", true },
	{ 'r', "refuse", true },     { 't', "timeout", true },	  { 'T', "retransmit", true },
	{ 'U', "umask", true },	     { 'R', "port-range", true }, { 'P', "pidfile", true },
};

static void take(struct tftpd_conf *c, char letter, const char *value)
{
	if (letter == 's')
		c->secure = true;
	else if (letter == 'm')
		(void)text_copy(c->map, sizeof(c->map), value);
	else if (letter == 'u')
		(void)text_copy(c->user, sizeof(c->user), value);
	else if (letter == 'a')
		(void)text_copy(c->address, sizeof(c->address), value);
}

static const struct known *by_letter(char letter)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].letter == letter)
			return &known[i];
	return NULL;
}

/* "--map-file FILE", "--map-file=FILE": how many words it took. */
static int long_option(struct tftpd_conf *c, const char *word, const char *next)
{
	size_t n = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i].name) != n || strncmp(known[i].name, word, n) != 0)
			continue;
		bool behind = known[i].value && word[n] == '\0';
		take(c, known[i].letter, word[n] ? word + n + 1 : behind && next ? next : "");
		return behind ? 2 : 1;
	}
	return 1;
}

/* "-lsm FILE", "-mFILE" */
static int short_options(struct tftpd_conf *c, const char *letters, const char *next)
{
	for (; *letters; letters++) {
		const struct known *k = by_letter(*letters);

		if (!k || !k->value) {
			take(c, *letters, "");
			continue;
		}
		take(c, *letters, letters[1] ? letters + 1 : next ? next : "");
		return letters[1] ? 1 : 2;
	}
	return 1;
}

void tftpd_conf_args(struct tftpd_conf *ret, int argc, char *const argv[])
{
	memset(ret, 0, sizeof(*ret));
	for (int i = 0; i < argc;) {
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;

		if (strncmp(argv[i], "--", 2) == 0) {
			i += long_option(ret, argv[i] + 2, next);
		} else if (argv[i][0] == '-' && argv[i][1]) {
			i += short_options(ret, argv[i] + 1, next);
		} else {
			if (!ret->dir[0])
				(void)text_copy(ret->dir, sizeof(ret->dir), argv[i]);
			i++;
		}
	}
}

/* ---- /etc/default */

/* The value of the last NAME=… of the text, quotes gone. false = there is none. */
static bool shell_value(const char *text, size_t len, const char *name, char *ret, size_t size)
{
	size_t n = strlen(name);
	bool hit = false;

	for (size_t at = 0; at < len;) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t end = nl ? (size_t)(nl - text) : len;

		while (at < end && (text[at] == ' ' || text[at] == '\t'))
			at++;
		if (end - at > n && memcmp(text + at, name, n) == 0 && text[at + n] == '=') {
			size_t from = at + n + 1, to;
			char quote = '\0';

			if (from < end)
				quote = text[from];
			if (quote == '"' || quote == '\'') {
				const char *close = memchr(text + from + 1, quote, end - from - 1);
				from++;
				to = close ? (size_t)(close - text) : end;
			} else {
				for (to = from; to < end && !isspace((unsigned char)text[to]); to++)
					continue;
			}
			snprintf(ret, size, "%.*s", (int)(to - from), text + from);
			hit = true;
		}
		at = end + 1;
	}
	return hit;
}

void tftpd_conf_defaults(struct tftpd_conf *ret, const char *text, size_t len)
{
	char options[1024] = "", *argv[WORDS_MAX], value[256];
	int argc = 0;

	(void)shell_value(text, len, "TFTP_OPTIONS", options, sizeof(options));
	for (char *p = options; *p && argc < WORDS_MAX;) {
		p += strspn(p, " \t");
		if (!*p)
			break;
		argv[argc++] = p;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}
	tftpd_conf_args(ret, argc, argv);
	if (shell_value(text, len, "TFTP_USERNAME", value, sizeof(value)))
		(void)text_copy(ret->user, sizeof(ret->user), value);
	if (shell_value(text, len, "TFTP_DIRECTORY", value, sizeof(value)))
		(void)text_copy(ret->dir, sizeof(ret->dir), value);
	if (shell_value(text, len, "TFTP_ADDRESS", value, sizeof(value)))
		(void)text_copy(ret->address, sizeof(ret->address), value);
}

/* ---- the map: "OPERATIONS REGEX [REPLACEMENT]" a line */

bool tftpd_map_uses_address(const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t end = nl ? (size_t)(nl - text) : len;

		for (size_t i = at; i + 1 < end && text[i] != '#'; i++) {
			if (text[i] != '\\')
				continue;
			if (text[i + 1] == 'i' || text[i + 1] == 'x')
				return true;
			i++;
		}
		at = end + 1;
	}
	return false;
}

/* ---- atftpd */

#define ATFTPD_VERBOSE 5 /* without --verbose: LOG_NOTICE */
#define ATFTPD_DIR "/tftpboot"

void atftpd_conf_args(struct atftpd_conf *ret, int argc, char *const argv[])
{
	/* whose value is the next word, if it does not stand behind "=" */
	static const char *const with_value[] = { "-t", "--tftpd-timeout", "-r", "--retry-timeout", "-m",
						  "--maxthread", "--logfile", "--pidfile", "--user", "--group",
						  "--port", "--bind-address", "--mcast-ttl", "--mcast-addr",
						  "--mcast-port", "--pcre", "--pcre-test", "--mtftp",
						  "--mtftp-port" };

	*ret = (struct atftpd_conf){ .verbose = ATFTPD_VERBOSE, .dir = ATFTPD_DIR };
	for (int i = 0; i < argc; i++) {
		const char *level = strncmp(argv[i], "--verbose", 9) == 0 ? argv[i] + 9
				    : strncmp(argv[i], "-v", 2) == 0      ? argv[i] + 2
									   : NULL;
		size_t at = 0;

		if (level && *level) {
			level += *level == '=';
			ret->verbose = *level >= '0' && *level <= '7' ? *level - '0' : ret->verbose;
		} else if (level) {
			ret->verbose++;
		} else if (argv[i][0] != '-') {
			(void)text_copy(ret->dir, sizeof(ret->dir), argv[i]);
		}
		while (at < sizeof(with_value) / sizeof(with_value[0]) && strcmp(argv[i], with_value[at]) != 0)
			at++;
		i += at < sizeof(with_value) / sizeof(with_value[0]);
	}
}
