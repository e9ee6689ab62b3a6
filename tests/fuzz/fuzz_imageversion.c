/* SPDX-License-Identifier: MPL-2.0 */
/* A line of SIPDefault.cnf, any bytes: the value stays within its buffer and is one line without blanks round it. */
#include <string.h>

#include "stagedir.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char value[32] = "untouched";

	if (stagedir_image_version((const char *)data, size, value, sizeof value) != 0) {
		MUST(strcmp(value, "untouched") == 0);
		return 0;
	}
	MUST(memchr(value, '\0', sizeof value));
	MUST(!strpbrk(value, "\r\n\"'#;"));
	MUST(value[0] != ' ' && value[0] != '\t');
	return 0;
}
