/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One program a parser: fuzz_NAME.c defines fuzz_one(), and maybe a set-up. Linked with libFuzzer (make fuzz)
 * it is fed by a machine, with replay.c (make fuzz-replay, part of make check) it goes through
 * corpus/NAME/. What must hold whatever the bytes are is said with MUST(): a sanitizer sees the rest.
 */
#ifndef LOADSTEP_FUZZ_H
#define LOADSTEP_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                                                \
	do {                                                                                           \
		if (!(condition)) {                                                                    \
			fprintf(stderr, "# %s:%d: must hold: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                       \
		}                                                                                      \
	} while (0)

/* The name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
