/* SPDX-License-Identifier: MPL-2.0 */
/* Differences of the tree as lines of text. */
#include "changes.h"

#include <stdio.h>
#include <string.h>

const char *changes_word(enum stagedir_change change)
{
	switch (change) {
	case STAGEDIR_SAME:
		return "same";
	case STAGEDIR_NEW:
		return "new";
	case STAGEDIR_CHANGED:
		return "changed";
	case STAGEDIR_GONE:
		return "gone";
	case STAGEDIR_LEFT:
		return "left";
	}
	return "?";
}

void changes_print(void *arg, enum stagedir_change change, const char *path, const char *what)
{
	char shown[512], why[256];

	if (change == STAGEDIR_SAME)
		return;
	text_escape(shown, sizeof(shown), path, strlen(path));
	text_escape(why, sizeof(why), what ? what : "", what ? strlen(what) : 0);
	fprintf(arg, "%-8s %s%s%s\n", changes_word(change), shown, why[0] ? ": " : "", why);
}

void changes_print_missing(const struct strbuf *missing)
{
	if (missing->len > 0)
		printf("%snobody is let into a stage whose files are missing\n", strbuf_text(missing));
}
