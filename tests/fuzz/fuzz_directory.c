/* SPDX-License-Identifier: MPL-2.0 */
/* The hook's file of last answers: whatever it says, a packet can be answered from it. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "directory.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char bare[] = "Cisco Systems, Inc. IP Phone";
	struct directory_ask ask = { .mac_known = true,
				     .mac = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } },
				     .vendor_class = (const uint8_t *)bare,
				     .vendor_len = sizeof bare - 1 };
	struct directory_told told = { .ours = false };
	struct directory *d = NULL;
	char path[64];
	unsigned bad = 0;
	struct err e = { .code = ERR_NONE };
	int fd = memfd_create("directory", MFD_CLOEXEC);

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size && directory_new(&d, &e) == 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (directory_load(d, path, &bad, &e) < 0)
		MUST(e.text[0]);
	directory_answer(d, &ask, &told);
	MUST(told.answer.kind == ANSWER_UNTOUCHED || told.answer.servers.n <= SERVERS_MAX);
	directory_free(d);
	close(fd);
	return 0;
}
