/* SPDX-License-Identifier: MPL-2.0 */
#include "explain_action.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define OLD ACTION_OLD
#define CLASSIC ACTION_CLASSIC
#define JAVA ACTION_JAVA
#define OLD_7970 ACTION_OLD_7970
#define UNKNOWN ACTION_UNKNOWN
#define ANY ACTION_ANY
static const struct action_row rows[] = {
#define ACTION(sit, kinds, text, dont, source) { SITUATION_##sit, kinds, text, dont, source },
#include "explain_action.def"
#undef ACTION
};
#undef OLD
#undef CLASSIC
#undef JAVA
#undef OLD_7970
#undef UNKNOWN
#undef ANY

static const struct {
	bool whole;
	const char *when;
} situations[SITUATION_COUNT] = {
#define SITUATION(sym, whole, when) { whole, when },
#include "explain_action.def"
#undef SITUATION
};

/* Of a phone that is stuck, or in trouble though nobody started it. */
static const enum situation by_cause[CAUSE_COUNT] = {
	[CAUSE_IMAGE_REJECTED] = SITUATION_REFUSES,
	[CAUSE_LOADER_LOOPING] = SITUATION_LINE,
	[CAUSE_TRANSFER_FAILING] = SITUATION_LINE,
	[CAUSE_LOAD_NOT_FOUND] = SITUATION_FILES,
	[CAUSE_APP_MISSING_AFTER_LOADER] = SITUATION_HALF_STUCK,
	[CAUSE_SILENT_AFTER_FLASH] = SITUATION_SILENT,
	[CAUSE_WRONG_FAMILY] = SITUATION_NOTHING,
	[CAUSE_SIP_TOO_OLD] = SITUATION_NOTHING,
	[CAUSE_LOAD_VERSION] = SITUATION_REFUSES,
	[CAUSE_DISK_FULL] = SITUATION_NOTHING,
	[CAUSE_LOAD_DAMAGED] = SITUATION_FILES,
	[CAUSE_ADDRESS_SHARED] = SITUATION_NOTHING,
	[CAUSE_CONFIGURATION_IGNORED] = SITUATION_IGNORES,
	[CAUSE_LOAD_NOT_AUTHORIZED] = SITUATION_REFUSES,
	[CAUSE_MEMBER_MISSING] = SITUATION_FILES,
	[CAUSE_DEFAULT_LOAD_LOOPING] = SITUATION_REFUSES,
	[CAUSE_MANIFEST_REFUSED] = SITUATION_REFUSES,
	[CAUSE_SEP_MALFORMED] = SITUATION_OWN_FILE,
	[CAUSE_FLIPPED_BACK] = SITUATION_NOTHING,
	[CAUSE_AUTH_BRIDGE_NEEDED] = SITUATION_REFUSES,
	[CAUSE_NO_TFTP_AFTER_DHCP] = SITUATION_NO_TFTP,
	[CAUSE_SERVER_SILENT] = SITUATION_LINE,
	[CAUSE_LOAD_HAS_EXTENSION] = SITUATION_FILES,
	[CAUSE_LOAD_NAME_ODD] = SITUATION_FILES,
	[CAUSE_MEMBER_CASE] = SITUATION_FILES,
	[CAUSE_NAME_CASE] = SITUATION_FILES,
	[CAUSE_NAME_CUT] = SITUATION_FILES,
	[CAUSE_XML_MALFORMED] = SITUATION_FILES,
	[CAUSE_MODEL_ELEMENT_MISSING] = SITUATION_FILES,
	[CAUSE_SEP_OVERRIDES_DEFAULT] = SITUATION_FILES,
	[CAUSE_SEP_NAME_ODD] = SITUATION_FILES,
	[CAUSE_PROVISIONING_MISSING] = SITUATION_NOTHING,
	[CAUSE_RECOVERY_IMAGE_MISSING] = SITUATION_FILES,
	[CAUSE_UNKNOWN_CLASS] = SITUATION_NOTHING,
	[CAUSE_OTHER_DHCP_SERVER] = SITUATION_LOOK,
	[CAUSE_TRUST_LIST] = SITUATION_NOTHING,
};

const struct action_row *action_row_at(size_t idx)
{
	return idx < sizeof(rows) / sizeof(rows[0]) ? &rows[idx] : NULL;
}

const char *action_situation_text(enum situation s)
{
	return situations[s].when;
}

bool action_is_whole(enum situation s)
{
	return situations[s].whole;
}

unsigned action_kinds(const struct phone *p)
{
	bool seventy = strncmp(p->model, "7970", 4) == 0 || strncmp(p->model, "7971", 4) == 0;

	switch (p->generation) {
	case GEN_CLASSIC:
		return p->vendor == VENDOR_NAMED ? ACTION_CLASSIC : ACTION_OLD;
	case GEN_JAVA:
		return ACTION_JAVA | (seventy ? ACTION_OLD_7970 : 0);
	case GEN_UNKNOWN:
		return p->vendor == VENDOR_BARE ? ACTION_OLD : ACTION_UNKNOWN;
	case GEN_OTHER:
		return ACTION_UNKNOWN;
	}
	return ACTION_UNKNOWN;
}

static enum situation by_phase(const struct phone *p)
{
	switch (p->phase) {
	case PHASE_DOWNLOADING:
		return SITUATION_FETCHES;
	case PHASE_HALF_FLASHED:
		return SITUATION_HALF;
	case PHASE_FLASHING:
		return SITUATION_WRITES;
	case PHASE_OFFERED:
		return phone_is(p, PHONE_NEEDS_REBOOT) ? SITUATION_LOOK : SITUATION_NOTHING;
	case PHASE_SEEN:
	case PHASE_WAITING:
	case PHASE_CHECKING:
	case PHASE_DONE:
	case PHASE_STUCK:
	case PHASE_COUNT:
		return SITUATION_NOTHING;
	}
	return SITUATION_NOTHING;
}

/* A part of an image went out, so lately that the phone may still be writing it, and no boot has ended that. So may
 * one that is stuck, for it takes the load again and again, and one that nobody started. */
static bool writes(const struct phone *p, const struct limits *lim, int64_t now_ms)
{
	static const enum file_class parts[] = { FILE_CLASS_LOADER, FILE_CLASS_APP, FILE_CLASS_IMAGE,
						 FILE_CLASS_MEMBER };
	int64_t limit = p->generation == GEN_JAVA ? lim->stage_java : lim->app;
	int64_t last = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int64_t t = evidence_got(&p->evidence, parts[i]);

		last = t > last ? t : last;
	}
	return last && now_ms - last < limit && !times_first_from(&p->evidence.boot, last + 1);
}

/* What it does at this moment comes before any trouble: nothing is worth a power cut while it writes. */
enum situation action_situation(const struct phone *p, const struct limits *lim, int64_t now_ms, bool no_tftp)
{
	enum situation s = by_phase(p);

	if (s != SITUATION_NOTHING && s != SITUATION_LOOK)
		return s;
	if (writes(p, lim, now_ms))
		return SITUATION_WRITES;
	if (p->cause != CAUSE_NONE)
		return by_cause[p->cause];
	return no_tftp ? SITUATION_NO_TFTP : s;
}

size_t action_find(enum situation s, unsigned kinds, const struct action_row *ret[], size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && n < max; i++)
		if (rows[i].situation == s && rows[i].for_kinds & kinds)
			ret[n++] = &rows[i];
	return n;
}

/* ---- option 82 */

#define RELAY_BYTES_MAX (PHONE_RELAY_MAX / 2)

static int hex_value(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static size_t hex_bytes(const char *hex, uint8_t ret[static RELAY_BYTES_MAX])
{
	size_t n = 0;

	for (; n < RELAY_BYTES_MAX && hex_value(hex[0]) >= 0 && hex_value(hex[1]) >= 0; hex += 2)
		ret[n++] = (uint8_t)(hex_value(hex[0]) << 4 | hex_value(hex[1]));
	return n;
}

static bool printable(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	return len > 0;
}

/* Circuit id: Cisco's 00 04 VLAN(2) module port; remote id: 00 06 MAC. Of other forms the bytes, escaped where they are
 * text. (Cisco's form is how its switches write it by default; inferred from the lengths.) */
static void add_suboption(struct strbuf *sb, uint8_t code, const uint8_t *p, size_t len)
{
	const char *between = sb->len ? " of " : "";

	if (code == 1 && len == 6 && p[0] == 0 && p[1] == 4) {
		strbuf_addf(sb, "VLAN %u, module %u, port %u", p[2] << 8 | p[3], p[4], p[5]);
	} else if (code == 2 && len == 8 && p[0] == 0 && p[1] == 6) {
		strbuf_addf(sb, "%sswitch %02x:%02x:%02x:%02x:%02x:%02x", between, p[2], p[3], p[4], p[5],
			    p[6], p[7]);
	} else if (printable(p, len)) {
		strbuf_add(sb, code == 2 ? between : "");
		strbuf_add_escaped(sb, p, len);
	} else {
		strbuf_add(sb, code == 2 ? between : "");
		for (size_t i = 0; i < len; i++)
			strbuf_addf(sb, "%02x", p[i]);
	}
}

void action_port(const char *hex, struct strbuf *sb)
{
	uint8_t bytes[RELAY_BYTES_MAX];
	size_t n = hex_bytes(hex, bytes);

	for (size_t i = 0; i + 2 <= n && i + 2 + bytes[i + 1] <= n; i += 2 + bytes[i + 1])
		if ((bytes[i] == 1 || bytes[i] == 2) && bytes[i + 1] > 0)
			add_suboption(sb, bytes[i], bytes + i + 2, bytes[i + 1]);
}
