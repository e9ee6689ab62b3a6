/* SPDX-License-Identifier: MPL-2.0 */
/* See relayinfo.h. */
#include "relayinfo.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "strbuf.h"

#define CIRCUIT_ID 1
#define REMOTE_ID 2

/* Cisco's types, in the first byte of both (the second is the length of the rest). */
#define TYPE_NUMBERS 0 /* circuit-id: VLAN, module, port; remote-id: a MAC */
#define TYPE_TEXT 1
#define NUMBERS_LEN 4

struct bytes {
	const uint8_t *p;
	size_t len;
};

/* ---- bytes to text */

static bool printable(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (b.p[i] < 0x20 || b.p[i] > 0x7e)
			return false;
	return b.len > 0;
}

static void put_hex(struct bytes b, char ret[static RELAY_TEXT_SIZE])
{
	size_t at = (size_t)snprintf(ret, RELAY_TEXT_SIZE, "0x");

	for (size_t i = 0; i < b.len && at + 2 < RELAY_TEXT_SIZE; i++)
		at += (size_t)snprintf(ret + at, RELAY_TEXT_SIZE - at, "%02x", b.p[i]);
}

static void put_mac(const uint8_t *p, char ret[static RELAY_TEXT_SIZE])
{
	struct mac mac;

	memcpy(mac.b, p, sizeof(mac.b));
	mac_format(ret, &mac);
}

static void put_text_or_hex(struct bytes b, char ret[static RELAY_TEXT_SIZE])
{
	if (printable(b))
		text_escape(ret, RELAY_TEXT_SIZE, b.p, b.len);
	else if (b.len > 0)
		put_hex(b, ret);
}

/* A type and a length that is that of the rest: the rest. */
static bool typed(struct bytes b, uint8_t type, struct bytes *ret_rest)
{
	if (b.len < 2 || b.p[0] != type || b.p[1] != b.len - 2)
		return false;
	*ret_rest = (struct bytes){ b.p + 2, b.len - 2 };
	return true;
}

static void read_circuit(struct bytes b, struct relay_info *ret)
{
	struct bytes rest;

	if (typed(b, TYPE_NUMBERS, &rest) && rest.len == NUMBERS_LEN) {
		ret->vlan = rest.p[0] << 8 | rest.p[1];
		snprintf(ret->port, sizeof(ret->port), "%u/%u", rest.p[2], rest.p[3]);
	} else if (typed(b, TYPE_TEXT, &rest) && printable(rest)) {
		put_text_or_hex(rest, ret->port);
	} else {
		put_text_or_hex(b, ret->port);
	}
}

static void read_remote(struct bytes b, struct relay_info *ret)
{
	struct bytes rest;

	if (typed(b, TYPE_NUMBERS, &rest) && rest.len == sizeof(struct mac))
		put_mac(rest.p, ret->device);
	else if (typed(b, TYPE_TEXT, &rest) && printable(rest))
		put_text_or_hex(rest, ret->device);
	else if (b.len == sizeof(struct mac) && !printable(b))
		put_mac(b.p, ret->device);
	else
		put_text_or_hex(b, ret->device);
}

int relay_info_parse(const void *bytes, size_t len, struct relay_info *ret)
{
	struct bytes left = { bytes, len };

	*ret = (struct relay_info){ .vlan = -1 };
	while (left.len >= 2 && left.p[1] <= left.len - 2) {
		struct bytes sub = { left.p + 2, left.p[1] };

		if (left.p[0] == CIRCUIT_ID && !ret->port[0])
			read_circuit(sub, ret);
		else if (left.p[0] == REMOTE_ID && !ret->device[0])
			read_remote(sub, ret);
		left.p += 2 + sub.len;
		left.len -= 2 + sub.len;
	}
	return left.len > 0;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

int relay_info_of(const char *hex, struct relay_info *ret)
{
	uint8_t raw[255];
	size_t n = 0;

	for (; *hex && n < sizeof(raw); hex += 2) {
		int high = hex_digit(hex[0]), low = high < 0 ? -1 : hex_digit(hex[1]);

		if (low < 0)
			break;
		raw[n++] = (uint8_t)(high << 4 | low);
	}
	int rc = relay_info_parse(raw, n, ret);

	return *hex ? 1 : rc;
}

/* ---- what people call it */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* No number is cut in two at either end of the part. */
static bool whole_numbers(const char *text, const char *part, size_t len)
{
	return !(part > text && is_digit(part[-1]) && is_digit(part[0])) &&
	       !(len > 0 && is_digit(part[len - 1]) && is_digit(part[len]));
}

static bool has_part(const char *text, const char *wanted)
{
	size_t len = strlen(wanted);

	for (const char *at = text; len > 0 && (at = strcasestr(at, wanted)) != NULL; at++)
		if (whole_numbers(text, at, len))
			return true;
	return false;
}

static size_t letters(const char *text)
{
	size_t n = 0;

	while (isalpha((unsigned char)text[n]))
		n++;
	return n;
}

#define SHORT_MIN 2 /* "Gi", "Fa", "Te"; one letter says too little */

/* "Gi1/0/7" and "GigabitEthernet1/0/7": one word begins like the other, and the numbers are the same. */
static bool has_interface(const char *text, const char *wanted)
{
	size_t word = letters(wanted), len = strlen(wanted + word);

	if (word < SHORT_MIN || !is_digit(wanted[word]))
		return false;
	for (const char *at = text; *at; at++) {
		size_t n = letters(at), same = n < word ? n : word;

		if (n >= SHORT_MIN && strncasecmp(at, wanted, same) == 0 &&
		    strncasecmp(at + n, wanted + word, len) == 0 && whole_numbers(text, at + n, len))
			return true;
		at += n ? n - 1 : 0;
	}
	return false;
}

bool relay_info_port_is(const struct relay_info *ri, const char *wanted)
{
	return has_part(ri->port, wanted) || has_interface(ri->port, wanted);
}

bool relay_info_device_is(const struct relay_info *ri, const char *wanted)
{
	struct mac a, b;
	struct err e;

	if (has_part(ri->device, wanted))
		return true;
	return parse_mac("", wanted, &a, &e) == 0 && parse_mac("", ri->device, &b, &e) == 0 &&
	       mac_equal(&a, &b);
}
