/* SPDX-License-Identifier: MPL-2.0 */
/*
 * An error as a value: a code and one line of text, owned by the caller.
 *
 * Convention of the whole project: functions that can fail return 0 = done, 1 = a defined "no" that the
 * prototype names, negative = failed and *e is filled. `e` is written on failure only. Each layer puts one
 * prefix in front (err_wrap) and replaces nothing, so the text reads "what: where: why".
 */
#ifndef LOADSTEP_ERR_H
#define LOADSTEP_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

enum err_code {
	ERR_NONE = 0,
	ERR_INPUT,  /* text or bytes from outside are not what they must be */
	ERR_CONFIG, /* the configuration is wrong */
	ERR_STORE,  /* the store cannot be used */
	ERR_BUSY,   /* the store is locked by somebody else; the same call may succeed later */
	ERR_TREE,   /* the TFTP tree cannot be read or written */
	ERR_SYSTEM, /* memory, file, process: the environment */
	ERR_LIMIT,  /* a ceiling of ours was reached */
};

#define ERR_TEXT_MAX 512

struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX];
};

/* Fill *e (which may be NULL) and return -1, so that `return err_set(e, ...)` reads well. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* As err_set, with ": " and the text of `errnum` behind. The only place that turns errno into text. */
int err_sys(struct err *e, enum err_code code, int errnum, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Put "prefix: " in front of what *e says; the code stays. Returns -1. */
int err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
