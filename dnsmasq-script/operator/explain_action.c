/* SPDX-License-Identifier: MPL-2.0 */
#include "explain_action.h"

#include <stdio.h>
#include <string.h>

#include "relayinfo.h"

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

/* What it does at this moment comes before any trouble: nothing is worth a power cut while it writes. So may one that is
 * stuck, for it takes the load again and again, and one that nobody started (unplug.h). */
enum situation action_situation(const struct phone *p, bool may_be_unplugged, bool no_tftp)
{
	enum situation s = by_phase(p);

	if (s != SITUATION_NOTHING && s != SITUATION_LOOK)
		return s;
	if (!may_be_unplugged)
		return p->phase == PHASE_OFFERED ? SITUATION_FETCHES : SITUATION_WRITES;
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

static void add_word(struct strbuf *sb, const char *between, const char *label, const char *text)
{
	if (text[0])
		strbuf_addf(sb, "%s%s%s", sb->len > 0 ? between : "", label, text);
}

void action_port(const struct phone *p, struct strbuf *sb)
{
	char giaddr[IP4_TEXT_SIZE], vlan[16] = "";
	struct relay_info ri;

	(void)relay_info_of(p->relay, &ri);
	if (ri.vlan >= 0)
		snprintf(vlan, sizeof(vlan), "%d", ri.vlan);
	add_word(sb, "", "port ", ri.port);
	add_word(sb, ", ", "VLAN ", vlan);
	add_word(sb, ", ", "switch ", ri.device);
	if (p->giaddr.host)
		add_word(sb, ", ", "behind the relay ", ip4_format(giaddr, p->giaddr));
}
