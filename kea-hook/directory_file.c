/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The directory's copy beside the store: text, one line a phone that gets an answer, and the plans as the
 * revision's text, so that the same pure decision can be made from it. Replaced atomically. Read with
 * forgiveness: a line that cannot be read costs that phone only.
 *
 *   loadstep-directory 1
 *   revision 7
 *   = [plan classic-to-sip]                     the plans, each line behind "= "
 *   phone 00:1b:0c:18:bd:c1 address=192.168.1.20 phase=half-flashed stage=3 plan=classic-to-sip
 *         load=P00308000900 model=7960 generation=classic vendor=2 flags=1      (one line)
 *   end 1                                       phones; without it the file is cut short
 */
#include "directory.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "directory_priv.h"
#include "file.h"
#include "strbuf.h"

#define DIRECTORY_VERSION 1
#define LINE_MAX_BYTES 512 /* a phone's line has at most 300 */

/* ---- writing */

static void format_entry(const struct entry *en, struct strbuf *sb)
{
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE];

	strbuf_addf(sb, "phone %s", mac_format(mac, &en->mac));
	if (en->address.host)
		strbuf_addf(sb, " address=%s", ip4_format(addr, en->address));
	strbuf_addf(sb, " phase=%s stage=%d", phase_name(en->phase), en->stage_no);
	if (en->plan[0])
		strbuf_addf(sb, " plan=%s", en->plan);
	if (en->load.s[0])
		strbuf_addf(sb, " load=%s", en->load.s);
	if (en->model[0])
		strbuf_addf(sb, " model=%s", en->model);
	strbuf_addf(sb, " generation=%s vendor=%d flags=%u\n", generation_name(en->generation),
		    (int)en->vendor, (unsigned)en->flags);
}

static void format_plans(const char *text, struct strbuf *sb)
{
	while (text && *text) {
		size_t n = strcspn(text, "\n");

		strbuf_add(sb, "= ");
		strbuf_add_bytes(sb, text, n);
		strbuf_add_char(sb, '\n');
		text += n + (text[n] == '\n');
	}
}

int directory_save(struct directory *d, const char *path, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(DIRECTORY_BYTES_MAX);
	int64_t answers = 0;

	strbuf_addf(&sb, "loadstep-directory %d\nrevision %lld\n", DIRECTORY_VERSION, (long long)d->revision);
	format_plans(d->text, &sb);
	for (size_t i = 0; i < d->phones.cap; i++) {
		const struct entry *en = map_at(&d->phones, i);

		if (!en || !entry_answered(d, en))
			continue;
		format_entry(en, &sb);
		answers++;
	}
	strbuf_addf(&sb, "end %lld\n", (long long)answers);
	if (strbuf_check(&sb, "the directory file", e) < 0)
		return -1;
	if (file_replace(path, strbuf_text(&sb), sb.len, 0660, 0, e) < 0)
		return -1;
	__atomic_store_n(&d->answers, answers, __ATOMIC_RELAXED);
	d->dirty = false;
	return 0;
}

/* ---- reading */

static int set_address(struct entry *en, const char *v)
{
	return parse_ip4("address", v, &en->address, NULL);
}

static int set_phase(struct entry *en, const char *v)
{
	return phase_parse(v, &en->phase);
}

static int set_stage(struct entry *en, const char *v)
{
	int64_t n;

	if (parse_int("stage", v, 0, PLAN_STAGES_MAX, &n, NULL) < 0)
		return -1;
	en->stage_no = (int)n;
	return 0;
}

static int set_plan(struct entry *en, const char *v)
{
	return text_copy(en->plan, sizeof en->plan, v) ? 0 : -1;
}

static int set_load(struct entry *en, const char *v)
{
	return text_copy(en->load.s, sizeof en->load.s, v) ? 0 : -1;
}

static int set_model(struct entry *en, const char *v)
{
	return text_copy(en->model, sizeof en->model, v) ? 0 : -1;
}

static int set_generation(struct entry *en, const char *v)
{
	return generation_parse(v, &en->generation);
}

static int set_vendor(struct entry *en, const char *v)
{
	int64_t n;

	if (parse_int("vendor", v, VENDOR_NONE, VENDOR_NAMED, &n, NULL) < 0)
		return -1;
	en->vendor = (enum vendor_kind)n;
	return 0;
}

static int set_flags(struct entry *en, const char *v)
{
	int64_t n;

	if (parse_int("flags", v, 0, UINT32_MAX, &n, NULL) < 0)
		return -1;
	en->flags = (uint32_t)n;
	return 0;
}

static const struct field {
	const char *name;
	int (*set)(struct entry *en, const char *value);
} fields[] = {
	{ "address", set_address }, { "phase", set_phase },
	{ "stage", set_stage },	    { "plan", set_plan },
	{ "load", set_load },	    { "model", set_model },
	{ "vendor", set_vendor },   { "generation", set_generation },
	{ "flags", set_flags },
};

static int set_field(struct entry *en, char *word)
{
	char *eq = strchr(word, '=');

	if (!eq)
		return -1;
	*eq = '\0';
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strcmp(fields[i].name, word) == 0)
			return fields[i].set(en, eq + 1);
	return -1;
}

/* "MAC name=value …" into the directory; 0, or -1: not such a line. */
static int read_phone(struct directory *d, const char *text, size_t len)
{
	char line[LINE_MAX_BYTES], *rest, *word;
	struct entry en;

	if (len >= sizeof line)
		return -1;
	memcpy(line, text, len);
	line[len] = '\0';
	memset(&en, 0, sizeof en);
	rest = line;
	word = strsep(&rest, " ");
	if (parse_mac("phone", word, &en.mac, NULL) < 0)
		return -1;
	while ((word = strsep(&rest, " ")))
		if (set_field(&en, word) != 0)
			return -1;
	return entry_put(d, &en, NULL);
}

struct reading {
	struct strbuf plans;
	int64_t revision;
	int64_t phones;
	unsigned bad;
	bool ended;
};

static bool after_word(const char *line, size_t len, const char *word, const char **ret, size_t *ret_len)
{
	size_t n = strlen(word);

	if (len < n || memcmp(line, word, n) != 0)
		return false;
	*ret = line + n;
	*ret_len = len - n;
	return true;
}

static bool number(const char *text, size_t len, int64_t *ret)
{
	char buf[24];

	if (len >= sizeof buf)
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	return parse_int("number", buf, 0, INT64_MAX, ret, NULL) == 0;
}

static void read_line(struct directory *d, struct reading *r, const char *line, size_t len)
{
	const char *rest;
	size_t n;
	int64_t v;

	if (after_word(line, len, "= ", &rest, &n)) {
		strbuf_add_bytes(&r->plans, rest, n);
		strbuf_add_char(&r->plans, '\n');
	} else if (after_word(line, len, "phone ", &rest, &n) && read_phone(d, rest, n) == 0) {
		r->phones++;
	} else if (after_word(line, len, "revision ", &rest, &n) && number(rest, n, &v)) {
		r->revision = v;
	} else if (after_word(line, len, "end ", &rest, &n) && number(rest, n, &v) &&
		   v == r->phones + r->bad) {
		r->ended = true;
	} else {
		r->bad++;
	}
}

static int check_head(const char *path, const struct strbuf *sb, size_t *ret_len, struct err *e)
{
	const char *text = strbuf_text(sb);
	size_t len = strcspn(text, "\n");
	const char *rest;
	size_t n;
	int64_t v;

	if (!after_word(text, len, "loadstep-directory ", &rest, &n) || !number(rest, n, &v))
		return err_set(e, ERR_INPUT, "%s: not a directory file of loadstep", path);
	if (v != DIRECTORY_VERSION)
		return err_set(e, ERR_INPUT, "%s: version %lld, this library reads version %d", path,
			       (long long)v, DIRECTORY_VERSION);
	*ret_len = len + (text[len] == '\n');
	return 0;
}

/* Plans of the file count where none are there yet, and where they come from a revision of the store: what
 * `loadstep reload` put in force is newer than what the configuration file says until then. */
static int take_plans(struct directory *d, const struct reading *r, struct err *e)
{
	if (d->cfg && r->revision == 0)
		return 0;
	if (strbuf_check(&r->plans, "the plans", e) < 0)
		return -1;
	return r->plans.len ? directory_plans_apply(d, r->revision, strbuf_text(&r->plans), r->plans.len, e)
			    : 0;
}

static void reading_fini(struct reading *r)
{
	strbuf_fini(&r->plans);
}

int directory_load(struct directory *d, const char *path, unsigned *ret_bad, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(DIRECTORY_BYTES_MAX);
	CLEANUP(reading_fini) struct reading r = { .plans = STRBUF_INIT(DIRECTORY_BYTES_MAX) };
	size_t at = 0;
	int rc = file_read(path, DIRECTORY_BYTES_MAX, &sb, e);

	if (rc != 0)
		return rc;
	if (check_head(path, &sb, &at, e) < 0)
		return -1;
	while (at < sb.len) {
		const char *line = strbuf_text(&sb) + at;
		const char *end = memchr(line, '\n', sb.len - at);
		size_t n = end ? (size_t)(end - line) : sb.len - at;

		read_line(d, &r, line, n);
		at += n + 1;
	}
	if (take_plans(d, &r, e) < 0)
		return err_wrap(e, "%s", path);
	__atomic_store_n(&d->answers, r.phones, __ATOMIC_RELAXED);
	d->dirty = false;
	*ret_bad = r.bad + !r.ended;
	return 0;
}
