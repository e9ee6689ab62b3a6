/* SPDX-License-Identifier: MPL-2.0 */
/* A configuration that must be good, for the tests of config: from text or from a file. */
#ifndef LOADSTEP_CONFIG_FIXTURE_H
#define LOADSTEP_CONFIG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "config.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DATA "tests/data/config"
#define PLAN "[plan p]\nmodels = 7960\nstages = P0S3-8-12-00\n"

static inline struct config *must_parse(const char *text)
{
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(65536);
	struct config *c = NULL;
	struct err e;

	if (config_parse("t", text, strlen(text), DATA, &c, &faults, &e) != 0)
		fail_msg("%s", strbuf_text(&faults));
	assert_int_equal(faults.len, 0);
	return c;
}

static inline struct config *must_load(const char *path)
{
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(65536);
	struct config *c = NULL;
	struct err e;

	if (config_load(path, &c, &faults, &e) != 0)
		fail_msg("%s%s", e.text, strbuf_text(&faults));
	return c;
}

#endif
