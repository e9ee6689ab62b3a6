/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Who a phone is: the model table, what option 60 says (F§1.1, F§1.7) and what the name of a TFTP file
 * says of the one who asks for it (F§2). Nothing here guesses: a string or a name that is not documented
 * for a phone of ours is another make's, and is left alone.
 */
#include "phone.h"

#include <string.h>

static const struct model models[] = {
#define MODEL(name, gen, number, term, family) { name, GEN_##gen, number, term, family },
#include "model.def"
#undef MODEL
};

#define N_MODELS (sizeof(models) / sizeof(models[0]))

const struct model *model_at(unsigned idx)
{
	return idx < N_MODELS ? &models[idx] : NULL;
}

const struct model *model_find(const char *name)
{
	for (size_t i = 0; i < N_MODELS; i++)
		if (strcmp(models[i].name, name) == 0)
			return &models[i];
	return NULL;
}

const struct model *model_by_number(int number)
{
	for (size_t i = 0; i < N_MODELS; i++)
		if (models[i].number == number)
			return &models[i];
	return NULL;
}

/* Text with a moving start. */
struct slice {
	const char *p;
	size_t len;
};

static bool slice_take(struct slice *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (s->len < n || memcmp(s->p, prefix, n) != 0)
		return false;
	s->p += n;
	s->len -= n;
	return true;
}

static bool slice_drop_tail(struct slice *s, const char *tail)
{
	size_t n = strlen(tail);

	if (s->len < n || memcmp(s->p + s->len - n, tail, n) != 0)
		return false;
	s->len -= n;
	return true;
}

static const struct model *model_find_joined(struct slice digits, const char *tail)
{
	char name[MODEL_MAX + 1];

	memcpy(name, digits.p, digits.len); /* the caller has seen that it is four bytes */
	memcpy(name + digits.len, tail, strlen(tail) + 1);
	return model_find(name);
}

/* "-GE" tells two models apart where both exist (7941G, 7941G-GE) and is just a name elsewhere (7971G-GE). */
const struct model *model_parse(const char *text, size_t len)
{
	struct slice s = { text, len };
	const struct model *m = NULL;

	(void)slice_take(&s, "CP-");
	bool gigabit = slice_drop_tail(&s, "-GE");
	(void)slice_drop_tail(&s, "G");
	if (s.len != 4)
		return NULL;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return NULL;
	if (gigabit)
		m = model_find_joined(s, "G-GE");
	return m ? m : model_find_joined(s, "");
}

const struct model *model_of_label(const char *label)
{
	const char *word;
	size_t len;

	while (parse_word(&label, &word, &len) == 0) {
		const struct model *m = model_parse(word, len);
		if (m)
			return m;
	}
	return NULL;
}

/* Of F§5.2 what model.def has not, and the 30 VIP, for which a sample file in the wild names a 7961. */
static const struct {
	int number;
	const char *name;
} other_numbers[] = {
	{ 5, "30 VIP" },   { 12, "ATA 186" }, { 227, "7915" }, { 228, "7915" },
	{ 229, "7916" },   { 230, "7916" },   { 493, "9971" }, { 495, "6921" },
	{ 496, "6941" },   { 497, "6961" },   { 537, "9951" }, { 540, "8961" },
	{ 547, "6901" },   { 548, "6911" },   { 564, "6945" }, { 585, "8945" },
	{ 586, "8941" },   { 621, "7821" },   { 622, "7841" }, { 623, "7861" },
	{ 683, "8841" },   { 684, "8851" },   { 685, "8861" }, { 30016, "IP Communicator" },
	{ 36217, "8811" },
};

const char *model_number_name(int number)
{
	const struct model *m = model_by_number(number);

	for (size_t i = 0; !m && i < sizeof(other_numbers) / sizeof(other_numbers[0]); i++)
		if (other_numbers[i].number == number)
			return other_numbers[i].name;
	return m ? m->name : NULL;
}

int model_takes(const struct model *m, const char *load)
{
	const char *family = load_family(load);

	if (family[0] == '\0')
		return 2;
	return strcmp(family, m->family) == 0 ? 0 : 1;
}

/* "Cisco Systems, Inc." with or without the s and the comma, or plain "Cisco" (F§1.7-2; a 7905's REQUEST,
 * F§1.1). */
static bool take_maker(struct slice *s)
{
	if (!slice_take(s, "Cisco"))
		return false;
	if (!slice_take(s, " System"))
		return true;
	(void)slice_take(s, "s");
	(void)slice_take(s, ",");
	return slice_take(s, " Inc.");
}

void vendor_parse(const void *bytes, size_t len, struct vendor *ret)
{
	struct slice s = { bytes, len };

	*ret = (struct vendor){ .kind = VENDOR_NONE };
	while (s.len > 0 && s.p[s.len - 1] == '\0')
		s.len--;
	if (s.len == 0)
		return;
	ret->kind = VENDOR_OTHER;
	size_t before = s.len;
	if (!take_maker(&s))
		return;
	bool full_maker = before - s.len > strlen("Cisco");
	bool desk = slice_take(&s, " IP Phone");
	if (!desk && !slice_take(&s, " Wireless Phone"))
		return;
	/* The bare string is a prefix of all others: only its whole length counts (F§1.2). */
	if (s.len == 0) {
		if (desk && full_maker)
			ret->kind = VENDOR_BARE;
		return;
	}
	if (!slice_take(&s, " "))
		return;
	const struct model *m = model_parse(s.p, s.len);
	if (!m)
		return;
	ret->kind = VENDOR_NAMED;
	memcpy(ret->model, m->name, strlen(m->name) + 1);
}

/* Four digits in a row that are not 79xx, or the mark of those that have no CallManager: 3905, 7841, 8861-3PCC. */
static bool is_later_make(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		n = text[i] >= '0' && text[i] <= '9' ? n + 1 : 0;
		if (n == 4 && memcmp(text + i - 3, "79", 2) != 0)
			return true;
		if (len - i >= 4 && memcmp(text + i, "3PCC", 4) == 0)
			return true;
	}
	return false;
}

static bool has_word(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= len; i++)
		if (memcmp(text + i, word, n) == 0)
			return true;
	return false;
}

bool vendor_is_unknown(const struct vendor *v, const void *bytes, size_t len, bool named_sep)
{
	const char *text = bytes;

	if (v->kind != VENDOR_OTHER)
		return false;
	bool phone = len >= 5 && memcmp(text, "Cisco", 5) == 0 && has_word(text, len, "Phone");

	return (phone || named_sep) && !is_later_make(text, len);
}

void phone_init(struct phone *p, const struct mac *mac)
{
	memset(p, 0, sizeof(*p)); /* the padding too: two phones with the same values are the same bytes */
	p->phase = PHASE_SEEN;
	p->vendor = VENDOR_NONE;
	p->generation = GEN_UNKNOWN;
	p->running_by = RUNNING_BY_NOTHING;
	p->cause = CAUSE_NONE;
	if (mac) {
		p->mac = *mac;
		p->mac_known = true;
	}
}

bool phone_on_way(const struct phone *p)
{
	if (!phone_is(p, PHONE_STARTED))
		return false;
	switch (p->phase) {
	case PHASE_OFFERED:
	case PHASE_DOWNLOADING:
	case PHASE_HALF_FLASHED:
	case PHASE_FLASHING:
	case PHASE_CHECKING:
	case PHASE_STUCK:
		return true;
	case PHASE_SEEN:
	case PHASE_WAITING:
	case PHASE_DONE:
	case PHASE_COUNT:
		return false;
	}
	return false;
}

static int hex_upper(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Twelve upper-case hex digits (F§2) that can be a station's address: not all zero, no group bit. */
static bool take_mac(struct slice *s, struct mac *ret)
{
	struct mac m;
	bool any = false;

	if (s->len < 12)
		return false;
	for (size_t i = 0; i < sizeof(m.b); i++) {
		int hi = hex_upper(s->p[2 * i]);
		int lo = hex_upper(s->p[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		m.b[i] = (uint8_t)(hi << 4 | lo);
		any = any || m.b[i] != 0;
	}
	if (!any || (m.b[0] & 1))
		return false;
	*ret = m;
	s->p += 12;
	s->len -= 12;
	return true;
}

static const struct mac_file {
	const char *prefix;
	const char *tail;
	enum generation generation;
} mac_files[] = {
	{ "SEP", ".cnf.xml", GEN_UNKNOWN },	{ "SEP", ".cnf", GEN_UNKNOWN },
	{ "SEP", ".cnf.xml.sgn", GEN_UNKNOWN }, { "SEP", ".cnf.xml.enc.sgn", GEN_UNKNOWN },
	{ "CTLSEP", ".tlv", GEN_UNKNOWN },	{ "ITLSEP", ".tlv", GEN_JAVA },
	{ "SIP", ".cnf", GEN_CLASSIC },		{ "MGC", ".cnf", GEN_CLASSIC },
};

static bool identify_mac(const char *base, struct file_identity *ret)
{
	for (size_t i = 0; i < sizeof(mac_files) / sizeof(mac_files[0]); i++) {
		struct slice s = { base, strlen(base) };
		struct mac m;
		if (!slice_take(&s, mac_files[i].prefix) || !take_mac(&s, &m))
			continue;
		if (strcmp(s.p, mac_files[i].tail) != 0)
			continue;
		ret->mac = m;
		ret->mac_known = true;
		ret->generation = mac_files[i].generation;
		ret->phone_file = true;
		return true;
	}
	return false;
}

/* Names without a MAC that phones alone ask for (F§2.1–§2.4). 7905-class phones ask for SEPDefault.cnf,
 * too, and for a recovery image when nothing else is left (F§2.6). */
static const struct plain_file {
	const char *name;
	enum generation generation;
} plain_files[] = {
	{ "OS79XX.TXT", GEN_CLASSIC },	       { "OS79XX.txt", GEN_CLASSIC },
	{ "XMLDefault.cnf.xml", GEN_UNKNOWN }, { "SEPDefault.cnf", GEN_UNKNOWN },
	{ "SEPDEFAULT.cnf", GEN_UNKNOWN },     { "SIPDefault.cnf", GEN_CLASSIC },
	{ "ITLFile.tlv", GEN_JAVA },	       { "cp7902r.zup", GEN_OTHER },
	{ "ldragonr.zup", GEN_OTHER },	       { "cp7912r.zup", GEN_OTHER },
};

static bool identify_plain(const char *base, struct file_identity *ret)
{
	for (size_t i = 0; i < sizeof(plain_files) / sizeof(plain_files[0]); i++) {
		if (strcmp(base, plain_files[i].name) == 0) {
			ret->generation = plain_files[i].generation;
			ret->phone_file = true;
			return true;
		}
	}
	return false;
}

bool file_is_term(const char *base)
{
	struct slice s = { base, strlen(base) };
	bool upper = slice_take(&s, "TERM");

	if (!upper && !slice_take(&s, "term"))
		return false;
	if (s.len < 2 || s.p[0] < '0' || s.p[0] > '9' || s.p[1] < '0' || s.p[1] > '9')
		return false;
	return strcmp(s.p + 2, upper ? ".DEFAULT.loads" : ".default.loads") == 0;
}

/* Names of loads and their parts by F§3.1: what the part before the extension says, if it names a load at
 * all. */
static bool identify_load(const char *base, struct file_identity *ret)
{
	static const char *const tails[] = { ".loads", ".sb2", ".sbn", ".bin" };
	struct slice s = { base, strlen(base) };
	bool found = false;

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]) && !found; i++)
		found = slice_drop_tail(&s, tails[i]);
	if (!found || s.len == 0 || s.len > LOAD_NAME_MAX)
		return false;
	struct load_name name = { .s = "" };
	struct loadset ls;
	memcpy(name.s, s.p, s.len);
	loadset_from_name(&name, &ls);
	if (ls.generation == GEN_UNKNOWN)
		return false;
	ret->generation = ls.generation;
	ret->phone_file = true;
	return true;
}

void file_identity(const char *name, struct file_identity *ret)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;

	memset(ret, 0, sizeof(*ret));
	ret->generation = GEN_UNKNOWN;
	if (identify_mac(base, ret) || identify_plain(base, ret))
		return;
	if (file_is_term(base)) {
		ret->generation = GEN_JAVA;
		ret->phone_file = true;
		return;
	}
	(void)identify_load(base, ret);
}

const struct mac phone_probe_mac = { .b = { 0x02, 'L', 'S', 'C', 'H', 'K' } };

bool file_is_probe(const char *path)
{
	const char *at = strstr(path, PHONE_PROBE_PREFIX);

	return at && (at == path || at[-1] == '/');
}
