/* SPDX-License-Identifier: MPL-2.0 */
/* Text to value, each kind, from the same bytes; what is printed is read as the same. */
#include <string.h>

#include "parse.h"
#include "when.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[256] = "", buf[MAC_TEXT_SIZE];
	const char *cursor = text, *word;
	struct mac mac, mac_again;
	struct ip4 addr, addr_again;
	struct net4 net;
	struct err e;
	int64_t n;
	size_t len;
	bool b;
	int pc;

	memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
	if (parse_mac("mac", text, &mac, &e) == 0)
		MUST(parse_mac("mac", mac_format(buf, &mac), &mac_again, &e) == 0 && mac_equal(&mac, &mac_again));
	if (parse_ip4("ip", text, &addr, &e) == 0)
		MUST(parse_ip4("ip", ip4_format(buf, addr), &addr_again, &e) == 0 && addr.host == addr_again.host);
	if (parse_net4("net", text, &net, &e) == 0)
		MUST(net.prefix >= 0 && net.prefix <= 32 && net4_contains(&net, net.base));
	if (parse_duration("time", text, &n, &e) == 0)
		MUST(n >= 0);
	if (parse_percent("percent", text, &pc, &e) == 0)
		MUST(pc >= 0 && pc <= 100);
	if (parse_int("int", text, -5, 5, &n, &e) == 0)
		MUST(n >= -5 && n <= 5);
	if (parse_bool("bool", text, &b, &e) < 0)
		MUST(e.text[0]);
	if (when_parse("when", text, INT64_C(1767614405000), &n, &e) < 0)
		MUST(e.text[0]);
	while (parse_word(&cursor, &word, &len) == 0)
		MUST(len > 0 && word >= text && word + len <= text + strlen(text));
	return 0;
}
