/* SPDX-License-Identifier: MPL-2.0 */
/*
 * SCCP's few messages by offset, as the protocol's public descriptions and recorded messages have them. Each
 * field is read only where the length says that it is there.
 *
 * Inferred: that the number in front of an Alarm's text ("25: Name=…", as gateways log it) is the cause number
 * of F§7.6, and that the words behind Last= are those of the phones' status pages.
 */
#include "sccp.h"

#include <ctype.h>
#include <string.h>

/* Register, by offset. */
#define REG_NAME 0
#define REG_INSTANCE 20
#define REG_ADDRESS 24
#define REG_DEVICE_TYPE 28
#define REG_BYTES_MIN 32 /* up to the device type; a 7936 sends 44, a 7960 with 8.1 68 */
#define REG_PROTOCOL 40
#define REG_LOAD 92

/* Alarm, by offset. */
#define ALARM_TEXT 4
#define ALARM_PARAMETERS (ALARM_TEXT + SCCP_ALARM_TEXT_MAX)

#define DEVICE_NAME_CHARS 15 /* SEP and 12 hex digits */
#define DATE_TEMPLATE "D/M/YA"
#define REJECT_TEXT_BYTES 32
#define ACK_BYTES 20
#define ACK_DATE 4
#define ACK_SECONDARY 12
#define ACK_PROTOCOL 16

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

int sccp_message_parse(const void *bytes, size_t len, struct sccp_message *ret, struct err *e)
{
	const uint8_t *p = bytes;

	if (len < 4)
		return 1;
	uint32_t length = le32(p);
	if (length < SCCP_LENGTH_MIN || length - SCCP_LENGTH_MIN > SCCP_BODY_MAX)
		return err_set(e, ERR_INPUT, "no SCCP message: a length of %u (%d to %d is expected)", length,
			       SCCP_LENGTH_MIN, SCCP_LENGTH_MIN + SCCP_BODY_MAX);
	size_t body = length - SCCP_LENGTH_MIN;
	if (len < SCCP_PREFIX_BYTES + body)
		return 1;
	*ret = (struct sccp_message){
		.header_version = le32(p + 4),
		.id = le32(p + 8),
		.body = p + SCCP_PREFIX_BYTES,
		.body_bytes = body,
		.whole_bytes = SCCP_PREFIX_BYTES + body,
	};
	return 0;
}

/* A field of text: up to its first NUL, or all of it; "" where the message ends before it. */
static void take_text(const struct sccp_message *m, size_t off, size_t field, char *ret, size_t size)
{
	size_t n = off < m->body_bytes ? m->body_bytes - off : 0;

	if (n > field)
		n = field;
	if (n > size - 1)
		n = size - 1;
	n = n ? strnlen((const char *)m->body + off, n) : 0;
	if (n)
		memcpy(ret, m->body + off, n);
	ret[n] = '\0';
}

static bool take_mac(const char *name, struct mac *ret)
{
	return strlen(name) == DEVICE_NAME_CHARS && strncmp(name, "SEP", 3) == 0 &&
	       parse_mac("name", name, ret, NULL) == 0;
}

int sccp_register_parse(const struct sccp_message *m, struct sccp_register *ret, struct err *e)
{
	struct sccp_register r = { .protocol = -1 };
	const uint8_t *b = m->body;

	if (m->body_bytes < REG_BYTES_MIN)
		return err_set(e, ERR_INPUT, "a Register of %zu bytes: %d are needed for the device type",
			       m->body_bytes, REG_BYTES_MIN);
	take_text(m, REG_NAME, SCCP_NAME_MAX, r.name, sizeof(r.name));
	r.mac_known = take_mac(r.name, &r.mac);
	r.instance = le32(b + REG_INSTANCE);
	/* network order */
	r.address.host = (uint32_t)b[REG_ADDRESS] << 24 | (uint32_t)b[REG_ADDRESS + 1] << 16 |
			 (uint32_t)b[REG_ADDRESS + 2] << 8 | b[REG_ADDRESS + 3];
	r.device_type = le32(b + REG_DEVICE_TYPE);
	if (m->id == SCCP_REGISTER) {
		if (m->body_bytes > REG_PROTOCOL)
			r.protocol = b[REG_PROTOCOL];
		take_text(m, REG_LOAD, SCCP_LOAD_MAX, r.load, sizeof(r.load));
	}
	*ret = r;
	return 0;
}

/* ---- Alarm */

/* Cause numbers (F§7.6, from the comments of chan-sccp). 0, "Load rejected HC", is known by its words alone: a
 * number that nobody has set is 0, too. */
static const struct {
	int number;
	enum witness about;
} alarm_numbers[] = {
	{ 1, WITNESS_ALARM_TFTP },	{ 2, WITNESS_ALARM_DAMAGED }, { 3, WITNESS_ALARM_VERSION },
	{ 4, WITNESS_ALARM_DISK_FULL }, { 5, WITNESS_ALARM_DAMAGED }, { 6, WITNESS_ALARM_NOT_FOUND },
	{ 7, WITNESS_ALARM_TFTP },	{ 8, WITNESS_ALARM_TFTP },    { 9, WITNESS_ALARM_TFTP },
	{ 31, WITNESS_ALARM_AUTH },
};

/* Words behind Last=, lower case, '-' and '_' read as blanks. A configuration file that is not found is no
 * trouble with the load. */
static const struct {
	const char *words;
	enum witness about;
} alarm_words[] = {
	{ "cfg", WITNESS_COUNT },
	{ "load rejected", WITNESS_ALARM_REJECTED },
	{ "version error", WITNESS_ALARM_VERSION },
	{ "load id incorrect", WITNESS_ALARM_VERSION },
	{ "disk full", WITNESS_ALARM_DISK_FULL },
	{ "checksum", WITNESS_ALARM_DAMAGED },
	{ "compressor error", WITNESS_ALARM_DAMAGED },
	{ "file auth", WITNESS_ALARM_AUTH },
	{ "auth fail", WITNESS_ALARM_AUTH },
	{ "load not found", WITNESS_ALARM_NOT_FOUND },
	{ "file not found", WITNESS_ALARM_NOT_FOUND },
	{ "tftp", WITNESS_ALARM_TFTP },
};

static enum witness about_number(int number)
{
	for (size_t i = 0; i < sizeof(alarm_numbers) / sizeof(alarm_numbers[0]); i++)
		if (alarm_numbers[i].number == number)
			return alarm_numbers[i].about;
	return WITNESS_COUNT;
}

static enum witness about_words(const char *last)
{
	char text[SCCP_ALARM_TEXT_MAX + 1];
	size_t n = strnlen(last, SCCP_ALARM_TEXT_MAX);

	for (size_t i = 0; i < n; i++) {
		text[i] = (char)tolower((unsigned char)last[i]);
		if (text[i] == '-' || text[i] == '_')
			text[i] = ' ';
	}
	text[n] = '\0';
	for (size_t i = 0; i < sizeof(alarm_words) / sizeof(alarm_words[0]); i++)
		if (strstr(text, alarm_words[i].words))
			return alarm_words[i].about;
	return WITNESS_COUNT;
}

/* "NN:" in front, at most three digits. */
static int take_number(const char *text)
{
	int v = 0, n = 0;

	while (n < 3 && isdigit((unsigned char)text[n]))
		v = v * 10 + (text[n++] - '0');
	return n > 0 && text[n] == ':' ? v : -1;
}

/* The value behind KEY=, blanks before it passed over: one word, or with `to_end` all that is left. */
static void take_value(const char *text, const char *key, bool to_end, char *ret, size_t size)
{
	const char *at = strstr(text, key);

	ret[0] = '\0';
	if (!at)
		return;
	at += strlen(key);
	at += strspn(at, " ");
	size_t n = to_end ? strlen(at) : strcspn(at, " ");
	if (n > size - 1)
		n = size - 1;
	memcpy(ret, at, n);
	ret[n] = '\0';
}

int sccp_alarm_parse(const struct sccp_message *m, struct sccp_alarm *ret, struct err *e)
{
	struct sccp_alarm a = { .number = -1, .about = WITNESS_COUNT };
	char name[SCCP_NAME_MAX + 1];

	if (m->id == SCCP_XML_ALARM) {
		take_text(m, 0, SCCP_XML_TEXT_MAX, a.text, sizeof(a.text));
		*ret = a;
		return 0;
	}
	if (m->body_bytes < ALARM_TEXT)
		return err_set(e, ERR_INPUT, "an Alarm of %zu bytes: its severity alone has %d",
			       m->body_bytes, ALARM_TEXT);
	a.severity = le32(m->body);
	take_text(m, ALARM_TEXT, SCCP_ALARM_TEXT_MAX, a.text, sizeof(a.text));
	for (size_t i = 0; i < 2; i++)
		if (m->body_bytes >= ALARM_PARAMETERS + 4 * (i + 1))
			a.parameter[i] = le32(m->body + ALARM_PARAMETERS + 4 * i);
	a.number = take_number(a.text);
	take_value(a.text, "Name=", false, name, sizeof(name));
	a.mac_known = take_mac(name, &a.mac);
	take_value(a.text, "Load=", false, a.load, sizeof(a.load));
	take_value(a.text, "Last=", true, a.last, sizeof(a.last));
	a.about = about_number(a.number);
	if (a.about == WITNESS_COUNT)
		a.about = about_words(a.last);
	*ret = a;
	return 0;
}

/* ---- answers */

/* Room for one more message with that many bytes of body, zeroed; NULL: none. */
static uint8_t *add(struct sccp_answer *a, const struct sccp_message *to, enum sccp_id id, size_t body)
{
	uint8_t *p = a->bytes + a->len;

	if (sizeof(a->bytes) - a->len < SCCP_PREFIX_BYTES + body)
		return NULL;
	put_le32(p, (uint32_t)(SCCP_LENGTH_MIN + body));
	put_le32(p + 4, to->header_version);
	put_le32(p + 8, (uint32_t)id);
	memset(p + SCCP_PREFIX_BYTES, 0, body);
	a->len += SCCP_PREFIX_BYTES + body;
	return p + SCCP_PREFIX_BYTES;
}

bool sccp_add_register_ack(struct sccp_answer *a, const struct sccp_message *to, uint32_t keepalive_s,
			   int protocol)
{
	uint8_t *b = add(a, to, SCCP_REGISTER_ACK, ACK_BYTES);

	if (!b)
		return false;
	put_le32(b, keepalive_s);
	memcpy(b + ACK_DATE, DATE_TEMPLATE, sizeof(DATE_TEMPLATE) - 1);
	put_le32(b + ACK_SECONDARY, keepalive_s);
	b[ACK_PROTOCOL] = protocol > 0 ? (uint8_t)protocol : 0;
	return true;
}

bool sccp_add_register_reject(struct sccp_answer *a, const struct sccp_message *to, const char *text)
{
	uint8_t *b = add(a, to, SCCP_REGISTER_REJECT, REJECT_TEXT_BYTES);

	if (b)
		memcpy(b, text, strnlen(text, REJECT_TEXT_BYTES));
	return b != NULL;
}

bool sccp_add_reset(struct sccp_answer *a, const struct sccp_message *to, enum sccp_reset type)
{
	uint8_t *b = add(a, to, SCCP_RESET, 4);

	if (b)
		put_le32(b, (uint32_t)type);
	return b != NULL;
}

bool sccp_add_keepalive_ack(struct sccp_answer *a, const struct sccp_message *to)
{
	return add(a, to, SCCP_KEEPALIVE_ACK, 0) != NULL;
}

bool sccp_add_token_reject(struct sccp_answer *a, const struct sccp_message *to, uint32_t wait_s)
{
	uint8_t *b = add(a, to, SCCP_TOKEN_REJECT, 4);

	if (b)
		put_le32(b, wait_s);
	return b != NULL;
}
