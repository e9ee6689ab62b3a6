/* SPDX-License-Identifier: MPL-2.0 */
/* A load by its name or by the version that a phone shows for it: see load_named.h. */
#include "load_named.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct version {
	unsigned part[4]; /* 8.1(2.0) */
};

static bool two_digits(const char *p, unsigned *ret)
{
	if (!isdigit((unsigned char)p[0]) || !isdigit((unsigned char)p[1]))
		return false;
	*ret = (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
	return true;
}

/* P003MMmmppbb (F§3.1) */
static bool version_of_name(const char *load, struct version *ret)
{
	if (strlen(load) != 12 || strncmp(load, "P003", 4) != 0)
		return false;
	for (int i = 0; i < 4; i++)
		if (!two_digits(load + 4 + 2 * i, &ret->part[i]))
			return false;
	return true;
}

/* "8.0(9)" or "8.0(9.0)", all of it. */
static bool version_of_text(const char *text, struct version *ret)
{
	int n = 0;

	*ret = (struct version){ { 0 } };
	if (strspn(text, "0123456789.()") != strlen(text))
		return false;
	if (sscanf(text, "%2u.%2u(%2u.%2u)%n", &ret->part[0], &ret->part[1], &ret->part[2], &ret->part[3],
		   &n) == 4 &&
	    n > 0 && text[n] == '\0')
		return true;
	*ret = (struct version){ { 0 } };
	n = 0;
	return sscanf(text, "%2u.%2u(%2u)%n", &ret->part[0], &ret->part[1], &ret->part[2], &n) == 3 &&
	       n > 0 && text[n] == '\0';
}

int load_is_named(const char *text, const struct load_name *load)
{
	struct version named, wanted;
	struct load_name name;

	if (strcmp(text, load->s) == 0)
		return 0;
	if (version_of_text(text, &named)) {
		if (!version_of_name(load->s, &wanted))
			return -1;
		return memcmp(&named, &wanted, sizeof(named)) == 0 ? 0 : 1;
	}
	return load_name_parse(text, strlen(text), &name, NULL) == 0 ? 1 : -1;
}
