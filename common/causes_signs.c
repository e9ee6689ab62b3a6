/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Rules over signs: troubles that lie beside the stage's load, in a name that is asked for, in what lies in the server's
 * directory, in DHCP (F§8). A sign stands until the phone has had another chance and did not show it again.
 */
#include "causes_priv.h"

#include <string.h>

/* The phone's own questions at a boot, and a poll of 31 s between them (F§2.3). */
#define POLLS 2
#define FOREIGN_FILES 3

static int64_t sign_at(const struct look *l, enum sign s)
{
	return times_latest(&l->e->sign[s]);
}

/* It has booted since, read a configuration, and gone on without the sign for a while. */
static bool had_its_chance(const struct look *l, int64_t at)
{
	static const enum file_class configs[] = { FILE_CLASS_XMLDEFAULT, FILE_CLASS_XMLOTHER,
						   FILE_CLASS_SEP,	  FILE_CLASS_OS79XX,
						   FILE_CLASS_SEPDEFAULT, FILE_CLASS_SIPDEFAULT,
						   FILE_CLASS_SIPMAC };
	int64_t boot = times_first_from(&l->e->boot, at + 1);
	int64_t read = 0;

	for (size_t i = 0; boot && i < sizeof(configs) / sizeof(configs[0]); i++) {
		int64_t t = evidence_asked_first_from(l->e, configs[i], boot);

		read = t && (!read || t < read) ? t : read;
	}
	return read && l->now_ms - read >= l->lim->quiet;
}

/* Files of a load that went out, but for the list, which is read before each failure anew. */
static int64_t load_got(const struct look *l)
{
	int64_t at = 0;

	for (size_t i = 0; i < LOAD_CLASSES; i++) {
		enum file_class c = causes_load_classes[i];
		int64_t t = c == FILE_CLASS_MANIFEST || c == FILE_CLASS_TERM ? 0 : evidence_got(l->e, c);

		at = t > at ? t : at;
	}
	return at;
}

static bool stands(const struct look *l, enum sign s)
{
	int64_t at = sign_at(l, s);

	return at && !had_its_chance(l, at);
}

static void say_sign(const struct look *l, enum sign s, struct cause_found *f)
{
	say_times(f, &l->e->sign[s], 1);
}

/* ---- what a name tells */

static bool has_two_extensions(const struct look *l, const struct causes_file *f)
{
	(void)l;
	return f->kind != EVENT_SENT && load_file_oddity(f->name) == LOAD_ODD_EXTENSION;
}

static bool names_no_load(const struct look *l, const struct causes_file *f)
{
	enum load_oddity odd = f->kind == EVENT_SENT ? LOAD_ODD_NOT : load_file_oddity(f->name);

	return odd != LOAD_ODD_NOT && odd != LOAD_ODD_EXTENSION &&
	       loadset_file(l->stage, f->name) == LOAD_FILE_NONE;
}

static enum verdict name_verdict(const struct look *l, enum sign s, enum cause c, const char *name,
				 const char *generic, struct cause_found *f)
{
	if (!stands(l, s) || load_got(l) > sign_at(l, s))
		return NO;
	say_sign(l, s, f);
	return say(f, c, SURE, "asked for %s", name ? name : generic);
}

enum verdict rule_extension(const struct look *l, struct cause_found *f)
{
	if (!sign_at(l, SIGN_EXTENSION))
		return NO;
	return name_verdict(l, SIGN_EXTENSION, CAUSE_LOAD_HAS_EXTENSION, say_named(l, has_two_extensions),
			    sign_text(SIGN_EXTENSION), f);
}

enum verdict rule_odd_name(const struct look *l, struct cause_found *f)
{
	if (!sign_at(l, SIGN_ODD_NAME))
		return NO;
	return name_verdict(l, SIGN_ODD_NAME, CAUSE_LOAD_NAME_ODD, say_named(l, names_no_load),
			    sign_text(SIGN_ODD_NAME), f);
}

static bool is_missing(const struct look *l, const struct causes_file *f)
{
	(void)l;
	return f->kind == EVENT_MISSING;
}

enum verdict rule_cut_name(const struct look *l, struct cause_found *f)
{
	const char *name = say_named(l, is_missing);

	if (!stands(l, SIGN_CUT_NAME))
		return NO;
	say_sign(l, SIGN_CUT_NAME, f);
	return say(f, CAUSE_NAME_CUT, SURE, "asked for %s, which the server looked for under a shorter name",
		   name ? name : "a file");
}

static bool is_signed(const struct look *l, const struct causes_file *f)
{
	(void)l;
	return strstr(f->name, ".sgn") != NULL;
}

/* It reads nothing else while the list is there: a plain configuration that went out says that it is gone. */
enum verdict rule_trust_list(const struct look *l, struct cause_found *f)
{
	int64_t at = sign_at(l, SIGN_SIGNED_CONFIG);
	const char *name = say_named(l, is_signed);
	char file[LOAD_FILE_MAX + 1];

	if (!stands(l, SIGN_SIGNED_CONFIG) || evidence_got(l->e, FILE_CLASS_XMLDEFAULT) > at ||
	    evidence_got(l->e, FILE_CLASS_XMLOTHER) > at ||
	    times_latest(&l->e->file[FILE_CLASS_SEP][OUTCOME_SENT]) > at)
		return NO;
	say_sign(l, SIGN_SIGNED_CONFIG, f);
	return say(f, CAUSE_TRUST_LIST, SURE, "asked for %s",
		   name ? name : say_own(l, "SEP", ".cnf.xml.sgn", file));
}

static bool is_recovery(const struct look *l, const struct causes_file *f)
{
	(void)l;
	return strstr(f->name, ".zup") != NULL;
}

enum verdict rule_recovery(const struct look *l, struct cause_found *f)
{
	int64_t at = sign_at(l, SIGN_RECOVERY);
	const char *name = say_named(l, is_recovery);

	if (!at || times_latest(&l->e->file[FILE_CLASS_OTHER][OUTCOME_SENT]) > at)
		return NO;
	say_sign(l, SIGN_RECOVERY, f);
	return say(f, CAUSE_RECOVERY_IMAGE_MISSING, SURE, "asked for %s, which is not there",
		   name ? name : "its recovery image");
}

/* ---- what lies in the server's directory */

enum verdict rule_member_case(const struct look *l, struct cause_found *f)
{
	enum file_class c = FILE_CLASS_COUNT;
	char file[LOAD_FILE_MAX + 1];
	int64_t at = sign_at(l, SIGN_LOAD_CASE);

	if (!at || load_got(l) > at)
		return NO;
	for (size_t i = 0; i < LOAD_CLASSES; i++)
		if (times_latest(&l->e->file[causes_load_classes[i]][OUTCOME_MISSING]) == at)
			c = causes_load_classes[i];
	say_sign(l, SIGN_LOAD_CASE, f);
	return say(f, CAUSE_MEMBER_CASE, SURE, "asked for %s, which is there in other letters",
		   say_file(l, c, EVENT_MISSING, file));
}

static bool is_config(const struct look *l, const struct causes_file *f)
{
	struct file_identity id;

	(void)l;
	file_identity(f->name, &id);
	return f->kind == EVENT_MISSING && !id.mac_known && id.phone_file && !strstr(f->name, ".loads");
}

enum verdict rule_config_case(const struct look *l, struct cause_found *f)
{
	const char *name = say_named(l, is_config);

	if (!stands(l, SIGN_CONFIG_CASE))
		return NO;
	say_sign(l, SIGN_CONFIG_CASE, f);
	return say(f, CAUSE_NAME_CASE, SURE, "asked for %s, which is there in other letters",
		   name ? name : "a configuration file");
}

enum verdict rule_sep_name(const struct look *l, struct cause_found *f)
{
	char file[LOAD_FILE_MAX + 1];

	if (look_on_way(l) || !stands(l, SIGN_SEP_NAME) ||
	    times_latest(&l->e->file[FILE_CLASS_SEP][OUTCOME_SENT]) > sign_at(l, SIGN_SEP_NAME))
		return NO;
	say_sign(l, SIGN_SEP_NAME, f);
	return say(f, CAUSE_SEP_NAME_ODD, SURE,
		   "asked for %s, and the root has it under a name that is nearly that",
		   say_own(l, "SEP", ".cnf.xml", file));
}

/* The loader asks for SIP<MAC>.cnf, too, and then for MGC<MAC>.cnf; the application never does (F§2.2). */
enum verdict rule_provisioning(const struct look *l, struct cause_found *f)
{
	const struct times *t = &l->e->sign[SIGN_SEP_ALONE];

	if (!times_latest(t))
		return NO;
	int64_t hunt = evidence_asked(l->e, FILE_CLASS_MGCMAC);
	int64_t from = hunt ? hunt + l->lim->boot_gap : 1;
	char sip[LOAD_FILE_MAX + 1], sep[LOAD_FILE_MAX + 1];

	if (look_on_way(l) || times_count(t, from, l->lim->boot_gap) < POLLS ||
	    times_latest(&l->e->file[FILE_CLASS_SIPMAC][OUTCOME_SENT]) > times_latest(t))
		return NO;
	say_times(f, t, from);
	return say(f, CAUSE_PROVISIONING_MISSING, SURE, "asked for %s; there is %s",
		   say_own(l, "SIP", ".cnf", sip), say_own(l, "SEP", ".cnf.xml", sep));
}

/* ---- what DHCP tells */

enum verdict rule_unknown_class(const struct look *l, struct cause_found *f)
{
	int64_t at = sign_at(l, SIGN_UNKNOWN_CLASS);

	if (!at || at < times_latest(&l->e->boot) || phone_is(l->p, PHONE_STARTED))
		return NO;
	say_moment(f, at);
	return say(f, CAUSE_UNKNOWN_CLASS, SURE, "it booted as \"%.100s\"", l->p->vendor_class);
}

enum verdict rule_other_dhcp(const struct look *l, struct cause_found *f)
{
	int64_t at = sign_at(l, SIGN_OTHER_DHCP);
	int64_t boot = times_latest(&l->e->boot);

	if (!at || boot > at)
		return NO;
	say_times(f, &l->e->sign[SIGN_OTHER_DHCP], boot + 1);
	return say(f, CAUSE_OTHER_DHCP_SERVER, SURE,
		   "was offered an address here and took another server's offer");
}

enum verdict rule_elsewhere(const struct look *l, struct cause_found *f)
{
	const struct times *t = &l->e->sign[SIGN_ELSEWHERE];
	int64_t boot = times_latest(&l->e->boot);

	if (times_count(t, boot + 1, 1) < FOREIGN_FILES)
		return NO;
	say_times(f, t, boot + 1);
	f->apart =
		"or it has a static address, or somebody tries its files by hand: what address does its display show?";
	return say(f, CAUSE_OTHER_DHCP_SERVER, PERHAPS,
		   "its own files were asked for from an address that is not its lease");
}
