/* SPDX-License-Identifier: MPL-2.0 */
/*
 * SCCP's messages, each written out as a dissection and then as bytes; what is cut short, too long or foreign;
 * and the answers byte for byte.
 */
#include "sccp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define NUL4 0, 0, 0, 0
#define NUL16 NUL4, NUL4, NUL4, NUL4

/*
 * Register of a 7960 with SCCP 8.1(2), 68 bytes of body:
 *   length          72 = 4 + 68
 *   header version  0
 *   message id      0x0001 Register
 *    0 device name  "SEP001B0C18BDC1" NUL
 *   16 user id      0
 *   20 instance     1
 *   24 address      10.1.0.20, network order
 *   28 device type  7 = 7960
 *   32 max streams  0
 *   36 streams      0
 *   40 protocol     11
 *   41 features     00 00 80
 *   44 conferences  0 of 0
 *   52 MAC          leftover memory
 *   64 IPv4 scope   0
 */
static const uint8_t register_7960[] = {
	72, 0, 0, 0, NUL4, 0x01, 0, 0, 0,
	'S', 'E', 'P', '0', '0', '1', 'B', '0', 'C', '1', '8', 'B', 'D', 'C', '1', 0,
	NUL4, 1, 0, 0, 0,
	10, 1, 0, 20,
	7, 0, 0, 0,
	NUL4, NUL4,
	11, 0, 0, 0x80,
	NUL4, NUL4,
	0xde, 0xad, 0xbe, 0xef, 0xde, 0xad, 0xbe, 0xef, 0xde, 0xad, 0xbe, 0xef,
	NUL4,
};

/*
 * Register of a 7941 with SCCP 8.5(3), 172 bytes of body:
 *   length          176, header version 17, message id 0x0001
 *    0 device name  "SEP00A0C9112233" NUL
 *   16 user id 0, instance 0, address 10.2.0.9
 *   28 device type  115 = 7941
 *   32 streams      5 of 0
 *   40 protocol     17, features 00 72 85
 *   44 conferences  0 of 0
 *   52 MAC          binary, then NULs
 *   64 IPv4 scope   0
 *   68 max lines    40
 *   72 IPv6 address ::, scope 0
 *   92 load name    "SCCP41.8-5-3S", NUL-padded to 32
 *  124 stamp        48 bytes
 */
static const uint8_t register_7941[] = {
	176, 0, 0, 0, 17, 0, 0, 0, 0x01, 0, 0, 0,
	'S', 'E', 'P', '0', '0', 'A', '0', 'C', '9', '1', '1', '2', '2', '3', '3', 0,
	NUL4, NUL4,
	10, 2, 0, 9,
	115, 0, 0, 0,
	5, 0, 0, 0, NUL4,
	17, 0, 0x72, 0x85,
	NUL4, NUL4,
	0x00, 0xa0, 0xc9, 0x11, 0x22, 0x33, 0, 0, 0, 0, 0, 0,
	NUL4,
	40, 0, 0, 0,
	NUL16, NUL4,
	'S', 'C', 'C', 'P', '4', '1', '.', '8', '-', '5', '-', '3', 'S', 0, 0, 0, NUL16,
	NUL16, NUL16, NUL16,
};

/*
 * Register of a 7936, 44 bytes of body, ending after the protocol version:
 *   length 48, header version 0, message id 0x0001
 *   "SEP0004F2E0A1B2", user id 0, instance 0, 10.1.0.7, device type 30019 = 7936, streams 0 of 0, protocol 3
 */
static const uint8_t register_7936[] = {
	48, 0, 0, 0, NUL4, 0x01, 0, 0, 0,
	'S', 'E', 'P', '0', '0', '0', '4', 'F', '2', 'E', '0', 'A', '1', 'B', '2', 0,
	NUL4, NUL4, 10, 1, 0, 7, 0x43, 0x75, 0, 0, NUL4, NUL4, 3, 0, 0, 0,
};

/*
 * Alarm, 92 bytes of body:
 *   length          96, header version 0, message id 0x0020
 *    0 severity     2 (informational)
 *    4 text         "25: Name=SEP001B0C18BDC1 Load=8.0(9.0) Last=Initialized", NUL-padded to 80
 *   84 parameter 1  0x101
 *   88 parameter 2  10.1.0.20
 */
static const uint8_t alarm_head[] = { 96, 0, 0, 0, NUL4, 0x20, 0, 0, 0 };

static size_t alarm_make(uint8_t *buf, const char *text)
{
	static const uint8_t tail[] = { 1, 1, 0, 0, 10, 1, 0, 20 };

	memset(buf, 0, 104);
	memcpy(buf, alarm_head, sizeof(alarm_head));
	buf[12] = 2;
	memcpy(buf + 16, text, strnlen(text, 80));
	memcpy(buf + 96, tail, sizeof(tail));
	return 104;
}

static struct sccp_message whole(const uint8_t *bytes, size_t len)
{
	struct sccp_message m;
	struct err e = { 0 };

	if (sccp_message_parse(bytes, len, &m, &e) != 0)
		fail_msg("no message: %s", e.text);
	assert_int_equal(m.whole_bytes, len);
	assert_ptr_equal(m.body, bytes + SCCP_PREFIX_BYTES);
	return m;
}

static void a_7960_registers(void **state)
{
	struct sccp_message m = whole(register_7960, sizeof(register_7960));
	static const struct mac mac = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
	struct sccp_register r;

	(void)state;
	assert_int_equal(m.id, SCCP_REGISTER);
	assert_int_equal(m.header_version, 0);
	assert_int_equal(m.body_bytes, 68);
	assert_int_equal(sccp_register_parse(&m, &r, NULL), 0);
	assert_string_equal(r.name, "SEP001B0C18BDC1");
	assert_true(r.mac_known && mac_equal(&r.mac, &mac));
	assert_int_equal(r.instance, 1);
	assert_int_equal(r.address.host, 0x0a010014);
	assert_int_equal(r.device_type, 7);
	assert_int_equal(r.protocol, 11);
	assert_string_equal(r.load, "");
}

static void a_7941_names_its_load(void **state)
{
	struct sccp_message m = whole(register_7941, sizeof(register_7941));
	struct sccp_register r;

	(void)state;
	assert_int_equal(m.header_version, 17);
	assert_int_equal(m.body_bytes, 172);
	assert_int_equal(sccp_register_parse(&m, &r, NULL), 0);
	assert_int_equal(r.device_type, 115);
	assert_int_equal(r.protocol, 17);
	assert_string_equal(r.load, "SCCP41.8-5-3S");
}

static void old_ones_are_short(void **state)
{
	struct sccp_message m = whole(register_7936, sizeof(register_7936));
	struct sccp_register r, before;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(m.body_bytes, 44);
	assert_int_equal(sccp_register_parse(&m, &r, NULL), 0);
	assert_int_equal(r.device_type, 30019);
	assert_int_equal(r.protocol, 3);
	assert_string_equal(r.load, "");
	m.body_bytes = 40; /* up to before the protocol version */
	assert_int_equal(sccp_register_parse(&m, &r, NULL), 0);
	assert_int_equal(r.protocol, -1);
	m.body_bytes = 32; /* up to the device type: the least */
	assert_int_equal(sccp_register_parse(&m, &r, NULL), 0);
	assert_int_equal(r.device_type, 30019);
	m.body_bytes = 31;
	memset(&r, 0x55, sizeof(r));
	before = r;
	assert_int_equal(sccp_register_parse(&m, &r, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	assert_non_null(strstr(e.text, "31 bytes"));
	assert_memory_equal(&r, &before, sizeof(r));
}

/* A load name that fills its field, one that the message cuts, one behind the end. */
static void the_load_is_read_as_far_as_it_goes(void **state)
{
	uint8_t bytes[sizeof(register_7941)];
	struct sccp_message m;
	struct sccp_register r;

	(void)state;
	memcpy(bytes, register_7941, sizeof(bytes));
	memset(bytes + SCCP_PREFIX_BYTES + 92, 'x', SCCP_LOAD_MAX);
	m = whole(bytes, sizeof(bytes));
	assert_int_equal(sccp_register_parse(&m, &r, NULL), 0);
	assert_int_equal(strlen(r.load), SCCP_LOAD_MAX);
	m.body_bytes = 98;
	assert_int_equal(sccp_register_parse(&m, &r, NULL), 0);
	assert_string_equal(r.load, "xxxxxx");
	m.body_bytes = 92;
	assert_int_equal(sccp_register_parse(&m, &r, NULL), 0);
	assert_string_equal(r.load, "");
}

static void names_that_are_no_phones(void **state)
{
	static const char *const names[] = { "",		 "SEP",		    "SEP001B0C18BDC",
					     "SEP001B0C18BDC1X", "ATA001B0C18BDC1", "sep001B0C18BDC1",
					     "SEP001B0C18BDCG",	 "SEP00:1B0C18BDC", "VGC001B0C18BDC1" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		uint8_t bytes[sizeof(register_7960)];
		struct sccp_register r;

		memcpy(bytes, register_7960, sizeof(bytes));
		memset(bytes + SCCP_PREFIX_BYTES, 0, 16);
		memcpy(bytes + SCCP_PREFIX_BYTES, names[i], strlen(names[i]));
		struct sccp_message m = whole(bytes, sizeof(bytes));
		assert_int_equal(sccp_register_parse(&m, &r, NULL), 0);
		if (r.mac_known)
			fail_msg("\"%s\" was taken for a phone's name", names[i]);
		assert_string_equal(r.name, names[i]);
	}
}

/* RegisterTokenRequest begins like Register; what stands further on is something else. */
static void a_token_request_names_no_load(void **state)
{
	uint8_t bytes[sizeof(register_7941)];
	struct sccp_register r;

	(void)state;
	memcpy(bytes, register_7941, sizeof(bytes));
	bytes[8] = 0x29;
	struct sccp_message m = whole(bytes, sizeof(bytes));
	assert_int_equal(m.id, SCCP_TOKEN_REQUEST);
	assert_int_equal(sccp_register_parse(&m, &r, NULL), 0);
	assert_int_equal(r.device_type, 115);
	assert_int_equal(r.protocol, -1);
	assert_string_equal(r.load, "");
}

/* ---- the stream */

static void a_stream_in_any_pieces(void **state)
{
	uint8_t stream[sizeof(register_7960) + sizeof(register_7936) + 12];
	static const uint8_t keepalive[] = { 4, 0, 0, 0, NUL4, NUL4 };
	struct sccp_message m;

	(void)state;
	memcpy(stream, register_7960, sizeof(register_7960));
	memcpy(stream + sizeof(register_7960), keepalive, sizeof(keepalive));
	memcpy(stream + sizeof(register_7960) + sizeof(keepalive), register_7936, sizeof(register_7936));
	for (size_t n = 0; n < sizeof(register_7960); n++) {
		uint8_t *cut = malloc(n ? n : 1); /* its own block: a byte too many shows */
		assert_non_null(cut);
		memcpy(cut, stream, n);
		assert_int_equal(sccp_message_parse(cut, n, &m, NULL), 1);
		free(cut);
	}
	size_t at = 0;
	static const uint32_t ids[] = { SCCP_REGISTER, SCCP_KEEPALIVE, SCCP_REGISTER };
	for (size_t i = 0; i < COUNT(ids); i++) {
		assert_int_equal(sccp_message_parse(stream + at, sizeof(stream) - at, &m, NULL), 0);
		assert_int_equal(m.id, ids[i]);
		at += m.whole_bytes;
	}
	assert_int_equal(at, sizeof(stream));
}

static void lengths_have_bounds(void **state)
{
	static const struct {
		uint8_t length[4];
		int want;
	} rows[] = {
		{ { 0, 0, 0, 0 }, -1 },		   { { 3, 0, 0, 0 }, -1 },
		{ { 4, 0, 0, 0 }, 1 },		   { { 0x04, 0x10, 0, 0 }, 1 }, /* 4 + SCCP_BODY_MAX */
		{ { 0x05, 0x10, 0, 0 }, -1 },	   { { 0, 0, 1, 0 }, -1 },
		{ { 0xff, 0xff, 0xff, 0xff }, -1 }, { { 0, 0, 0, 0x80 }, -1 },
		{ { 'G', 'E', 'T', ' ' }, -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sccp_message m;
		struct err e = { 0 };

		if (sccp_message_parse(rows[i].length, 4, &m, &e) != rows[i].want)
			fail_msg("row %zu", i);
		assert_int_equal(e.code, rows[i].want < 0 ? ERR_INPUT : ERR_NONE);
		assert_int_equal(sccp_message_parse(rows[i].length, 3, &m, NULL), 1);
	}
}

/* ---- Alarm */

static const struct {
	const char *text;
	int number;
	const char *load, *last;
	enum witness about;
} alarms[] = {
	{ "25: Name=SEP001B0C18BDC1 Load=8.0(9.0) Last=Initialized", 25, "8.0(9.0)", "Initialized", WITNESS_COUNT },
	{ "20: Name=SEP001B0C18BDC1 Load= 8.3(2) Last=Phone-Keypad", 20, "8.3(2)", "Phone-Keypad", WITNESS_COUNT },
	{ "Name=SEP001B0C18BDC1 Load=SCCP41.8-5-3S Last=Reset-Restart", -1, "SCCP41.8-5-3S", "Reset-Restart",
	  WITNESS_COUNT },
	{ "3: Name=SEP001B0C18BDC1 Load=8.0(5.0) Last=Version error", 3, "8.0(5.0)", "Version error",
	  WITNESS_ALARM_VERSION },
	{ "31: Name=SEP001B0C18BDC1 Load=X Last=", 31, "X", "", WITNESS_ALARM_AUTH },
	{ "1:", 1, "", "", WITNESS_ALARM_TFTP },
	{ "2:", 2, "", "", WITNESS_ALARM_DAMAGED },
	{ "4:", 4, "", "", WITNESS_ALARM_DISK_FULL },
	{ "5:", 5, "", "", WITNESS_ALARM_DAMAGED },
	{ "6:", 6, "", "", WITNESS_ALARM_NOT_FOUND },
	{ "7:", 7, "", "", WITNESS_ALARM_TFTP },
	{ "8:", 8, "", "", WITNESS_ALARM_TFTP },
	{ "9:", 9, "", "", WITNESS_ALARM_TFTP },
	{ "0: Name=SEP001B0C18BDC1", 0, "", "", WITNESS_COUNT },
	{ "10: Name=SEP001B0C18BDC1 Last=TCP-timeout", 10, "", "TCP-timeout", WITNESS_COUNT },
	{ "Last=Load-rejected-HC", -1, "", "Load-rejected-HC", WITNESS_ALARM_REJECTED },
	{ "Last=CHECKSUM ERROR", -1, "", "CHECKSUM ERROR", WITNESS_ALARM_DAMAGED },
	{ "Last=TFTP_timeout", -1, "", "TFTP_timeout", WITNESS_ALARM_TFTP },
	{ "Last=File not found", -1, "", "File not found", WITNESS_ALARM_NOT_FOUND },
	{ "Last=CFG file not found", -1, "", "CFG file not found", WITNESS_COUNT },
	{ "Last=Disk full", -1, "", "Disk full", WITNESS_ALARM_DISK_FULL },
	{ "Last=File Auth Failed", -1, "", "File Auth Failed", WITNESS_ALARM_AUTH },
	{ "1234: Last=x", -1, "", "x", WITNESS_COUNT },
	{ "", -1, "", "", WITNESS_COUNT },
};

static void alarms_say_what_is_the_matter(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(alarms); i++) {
		uint8_t bytes[104];
		struct sccp_alarm a;
		struct sccp_message m = whole(bytes, alarm_make(bytes, alarms[i].text));

		assert_int_equal(m.id, SCCP_ALARM);
		assert_int_equal(sccp_alarm_parse(&m, &a, NULL), 0);
		assert_int_equal(a.severity, 2);
		assert_string_equal(a.text, alarms[i].text);
		assert_int_equal(a.parameter[0], 0x101);
		assert_int_equal(a.parameter[1], 0x1400010a);
		assert_int_equal(a.mac_known, strstr(alarms[i].text, "Name=SEP001B0C18BDC1") != NULL);
		assert_int_equal(a.mac.b[5], a.mac_known ? 0xc1 : 0);
		if (a.number != alarms[i].number || a.about != alarms[i].about ||
		    strcmp(a.load, alarms[i].load) != 0 || strcmp(a.last, alarms[i].last) != 0)
			fail_msg("\"%s\": %d \"%s\" \"%s\" %s", alarms[i].text, a.number, a.load, a.last,
				 witness_name(a.about));
	}
}

static void alarms_that_are_cut(void **state)
{
	uint8_t bytes[104];
	struct sccp_alarm a;
	struct err e = { 0 };
	struct sccp_message m = whole(bytes, alarm_make(bytes, alarms[0].text));

	(void)state;
	m.body_bytes = 4;
	assert_int_equal(sccp_alarm_parse(&m, &a, NULL), 0);
	assert_string_equal(a.text, "");
	assert_int_equal(a.parameter[0], 0);
	m.body_bytes = 91; /* the second parameter is not whole */
	assert_int_equal(sccp_alarm_parse(&m, &a, NULL), 0);
	assert_int_equal(a.parameter[0], 0x101);
	assert_int_equal(a.parameter[1], 0);
	m.body_bytes = 3;
	assert_int_equal(sccp_alarm_parse(&m, &a, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
}

/*
 * XMLAlarm: length 4 + n, header version 20, message id 0x015A, n bytes of XML without a NUL behind it.
 */
static void an_xml_alarm_is_text(void **state)
{
	static const char xml[] = "<x-cisco-alarm><Alarm Name=\"LastOutOfServiceInformation\">";
	uint8_t bytes[SCCP_PREFIX_BYTES + sizeof(xml) - 1] = { 4 + sizeof(xml) - 1, 0, 0, 0, 20, 0, 0, 0, 0x5a, 1 };
	struct sccp_alarm a;

	(void)state;
	memcpy(bytes + SCCP_PREFIX_BYTES, xml, sizeof(xml) - 1);
	struct sccp_message m = whole(bytes, sizeof(bytes));
	assert_int_equal(m.id, SCCP_XML_ALARM);
	assert_int_equal(sccp_alarm_parse(&m, &a, NULL), 0);
	assert_string_equal(a.text, xml);
	assert_int_equal(a.about, WITNESS_COUNT);
	assert_int_equal(a.number, -1);
}

/* ---- answers */

static void answer_is(const struct sccp_answer *a, const uint8_t *want, size_t len)
{
	assert_int_equal(a->len, len);
	assert_memory_equal(a->bytes, want, len);
}

static void answers_byte_for_byte(void **state)
{
	static const struct sccp_message to = { .header_version = 17, .id = SCCP_REGISTER };
	/* RegisterAck: length 24; keep-alive 30 s, "D/M/YA" and two NULs, secondary 30 s, protocol 11, features 0 */
	static const uint8_t ack[] = { 24, 0, 0, 0, 17, 0, 0, 0, 0x81, 0, 0, 0, 30,  0, 0, 0, 'D', '/',
				       'M', '/', 'Y', 'A', 0, 0, 30, 0, 0, 0, 11, 0, 0, 0 };
	/* RegisterReject: length 36; text of 32 bytes */
	static const uint8_t reject[] = { 36, 0, 0, 0, 17, 0, 0, 0, 0x9d, 0, 0, 0, 'n', 'o', 0, 0,
					  NUL4, NUL4, NUL4, NUL16 };
	/* Reset: length 8; type 2 = restart */
	static const uint8_t reset[] = { 8, 0, 0, 0, 17, 0, 0, 0, 0x9f, 0, 0, 0, 2, 0, 0, 0 };
	/* KeepAliveAck: length 4, no body */
	static const uint8_t alive[] = { 4, 0, 0, 0, 17, 0, 0, 0, 0x00, 1, 0, 0 };
	/* RegisterTokenReject: length 8; 60 seconds to wait */
	static const uint8_t token[] = { 8, 0, 0, 0, 17, 0, 0, 0, 0x1b, 1, 0, 0, 60, 0, 0, 0 };
	struct sccp_answer a = { 0 };

	(void)state;
	assert_true(sccp_add_register_ack(&a, &to, 30, 11));
	answer_is(&a, ack, sizeof(ack));
	assert_true(sccp_add_reset(&a, &to, SCCP_RESET_RESTART)); /* behind it */
	assert_int_equal(a.len, sizeof(ack) + sizeof(reset));
	assert_memory_equal(a.bytes + sizeof(ack), reset, sizeof(reset));
	assert_false(sccp_add_register_ack(&a, &to, 30, 11)); /* no room: nothing happens */
	assert_int_equal(a.len, sizeof(ack) + sizeof(reset));
	a.len = 0;
	assert_true(sccp_add_register_reject(&a, &to, "no"));
	answer_is(&a, reject, sizeof(reject));
	a.len = 0;
	assert_true(sccp_add_keepalive_ack(&a, &to));
	answer_is(&a, alive, sizeof(alive));
	a.len = 0;
	assert_true(sccp_add_token_reject(&a, &to, 60));
	answer_is(&a, token, sizeof(token));
	a.len = 0;
	assert_true(sccp_add_register_ack(&a, &to, 30, -1)); /* a phone that tells none gets 0 */
	assert_int_equal(a.bytes[SCCP_PREFIX_BYTES + 16], 0);
	a.len = 0;
	assert_true(sccp_add_register_reject(&a, &to, "a text that is longer than its field of 32 bytes"));
	assert_int_equal(a.len, SCCP_PREFIX_BYTES + 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_7960_registers),
		cmocka_unit_test(a_7941_names_its_load),
		cmocka_unit_test(old_ones_are_short),
		cmocka_unit_test(the_load_is_read_as_far_as_it_goes),
		cmocka_unit_test(names_that_are_no_phones),
		cmocka_unit_test(a_token_request_names_no_load),
		cmocka_unit_test(a_stream_in_any_pieces),
		cmocka_unit_test(lengths_have_bounds),
		cmocka_unit_test(alarms_say_what_is_the_matter),
		cmocka_unit_test(alarms_that_are_cut),
		cmocka_unit_test(an_xml_alarm_is_text),
		cmocka_unit_test(answers_byte_for_byte),
	};

	return cmocka_run_group_tests_name("sccp", tests, NULL, NULL);
}
