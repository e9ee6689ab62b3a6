/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Names that were to be a phone's own file and are not: lower case, a digit too few, ".txt" behind it (F§8 row 10). The
 * phone asks for SEP<MAC>.cnf.xml, twelve capital hex digits, and is told that there is no such file.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "check_tree.h"
#include "strbuf.h"

#define MAC_DIGITS 12
#define LEAST_DIGITS 10 /* fewer are another name: a load (SIP41…), a MAC's tail in a note of somebody's */
#define MOST_DIGITS 14

/* What phones ask for with their MAC in it (F§2). */
static const struct {
	const char *head, *tail;
} forms[] = {
	{ "CTLSEP", ".tlv" }, { "ITLSEP", ".tlv" }, { "SEP", ".cnf.xml" },
	{ "SIP", ".cnf" },    { "MGC", ".cnf" },
};

/* Of editors and packages: nobody meant these to be fetched. */
static bool is_backup(const char *name)
{
	static const char *const ends[] = { "~",	 ".bak",       ".old",	   ".orig", ".save",
					    ".prev",	 ".swp",       ".rpmsave", ".tmp",  ".dist",
					    ".dpkg-old", ".dpkg-dist", ".example" };
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t m = strlen(ends[i]);
		if (n > m && strcasecmp(name + n - m, ends[i]) == 0)
			return true;
	}
	return false;
}

/* The hex digits at the start of `text`, with the marks people put between them; *ret_rest behind them. Returns how
 * many, the first MOST_DIGITS in buf, as capitals. */
static unsigned hex_digits(const char *text, char buf[static MOST_DIGITS + 1], const char **ret_rest)
{
	unsigned n = 0;

	for (; *text; text++) {
		if (strchr(":-", *text) || (*text == '.' && isxdigit((unsigned char)text[1]) &&
					    n < MAC_DIGITS && isxdigit((unsigned char)text[2])))
			continue;
		if (!isxdigit((unsigned char)*text))
			break;
		if (n < MOST_DIGITS)
			buf[n] = (char)toupper((unsigned char)*text);
		n++;
	}
	buf[n < MOST_DIGITS ? n : MOST_DIGITS] = '\0';
	*ret_rest = text;
	return n;
}

static void check_name(struct checking *k, void *arg, const char *name)
{
	char digits[MOST_DIGITS + 1], right[64], path[PATH_BYTES];
	struct file_identity id;
	const char *rest;
	size_t i = 0;

	while (i < sizeof(forms) / sizeof(forms[0]) &&
	       strncasecmp(name, forms[i].head, strlen(forms[i].head)) != 0)
		i++;
	if (i == sizeof(forms) / sizeof(forms[0]))
		return;
	unsigned n = hex_digits(name + strlen(forms[i].head), digits, &rest);
	file_identity(name, &id);
	if (n < LEAST_DIGITS || n > MOST_DIGITS || id.mac_known || is_backup(name))
		return;
	below_root(k, path, name);
	snprintf(right, sizeof(right), "%s%s%s", forms[i].head, digits, forms[i].tail);
	if (n != MAC_DIGITS) {
		count_one(arg, path, "%u hex digits, where a MAC has %d", n, MAC_DIGITS);
		return;
	}
	file_identity(right, &id);
	if (!id.mac_known)
		count_one(arg, path, "no phone has that MAC");
	else if (!in_root(k, right)) /* else it is a copy beside the one that is read */
		count_one(arg, path, "the phone asks for %s", right);
}

void check_sep_names(struct checking *k)
{
	struct counted odd = { 0 };

	each_in_root(k, check_name, &odd);
	found_counted(k, FINDING_SEP_NAME_ODD, &odd);
}
