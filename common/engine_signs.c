/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Signs: what is noticed of an event besides how a file went (phase.def). Some are in a file's name, which is looked at
 * here; others come with the event, from who could look into a directory or into DHCP. Each is a time more in the
 * evidence, so that order and repetition mean nothing here either.
 */
#include "engine_priv.h"

#include <string.h>

/* What a 7902, 7905 or 7912 asks for that has nothing left to run (F§2.6). */
static bool is_recovery_image(const char *base)
{
	return strcmp(base, "cp7902r.zup") == 0 || strcmp(base, "ldragonr.zup") == 0 ||
	       strcmp(base, "cp7912r.zup") == 0;
}

static bool is_signed_config(const char *base)
{
	size_t n = strlen(base);

	return strncmp(base, "SEP", 3) == 0 && n > 4 && strcmp(base + n - 4, ".sgn") == 0;
}

static uint32_t signs_of_name(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;

	if (is_signed_config(base))
		return 1u << SIGN_SIGNED_CONFIG;
	if (is_recovery_image(base))
		return 1u << SIGN_RECOVERY;
	switch (load_file_oddity(base)) { /* F§8 rows 5 to 7 */
	case LOAD_ODD_EXTENSION:
		return 1u << SIGN_EXTENSION;
	case LOAD_ODD_LETTER_O:
	case LOAD_ODD_LOADER:
	case LOAD_ODD_CASE:
	case LOAD_ODD_FAMILY:
		return 1u << SIGN_ODD_NAME;
	case LOAD_ODD_NOT:
	case LOAD_ODD_EMPTY:
	case LOAD_ODD_BYTES:
		break;
	}
	return 0;
}

void signs_merge(struct phone *p, const struct event *ev, enum file_class c)
{
	bool in_vain = ev->kind == EVENT_MISSING || ev->kind == EVENT_ASKED || ev->kind == EVENT_FAILED;
	uint32_t signs = ev->signs;

	if (in_vain && c == FILE_CLASS_OTHER && ev->file)
		signs |= signs_of_name(ev->file);
	for (unsigned i = 0; signs; i++, signs >>= 1)
		if (signs & 1)
			times_add(&p->evidence.sign[i], ev->at_ms);
}
