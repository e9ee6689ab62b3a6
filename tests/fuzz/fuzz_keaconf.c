/* SPDX-License-Identifier: MPL-2.0 */
/* Kea's JSON made plain, and places in it. The first line is a JSON pointer, the rest the text. */
#include <string.h>

#include "keaconf.h"

#include "fuzz.h"

#define POINTER_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nl = size ? memchr(data, '\n', size) : NULL;
	struct keaconf_include inc[8];
	char pointer[POINTER_MAX] = "";
	size_t n = 0, at = 0, head = nl ? (size_t)(nl - data) : 0, len = nl ? size - head - 1 : 0;
	char *text = malloc(len + 1);
	struct err e;

	if (!nl || !text || head >= sizeof(pointer)) {
		free(text);
		return 0;
	}
	memcpy(pointer, data, head);
	memcpy(text, nl + 1, len);
	int rc = keaconf_plain(text, len, inc, 8, &n, &at, &e);
	MUST(n <= 8 && at <= len);
	for (size_t i = 0; i < n; i++)
		MUST(inc[i].at < inc[i].name && inc[i].name_len > 0 && inc[i].name + inc[i].name_len < len);
	for (size_t i = 0; rc == 0 && i < len; i++) /* lines and columns stay */
		MUST(text[i] == (char)nl[1 + i] || (text[i] == ' ' && nl[1 + i] != '\n'));
	MUST(keaconf_find(text, len, pointer) <= len);
	free(text);
	return 0;
}
