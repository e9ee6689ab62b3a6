/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Kea's configuration file as kea-dhcp4 reads it: JSON with //, # and block comments, commas too many (Kea 2.4 and
 * later) and <?include "FILE"?>. The text is made plain JSON in place, byte for byte, so that each value keeps
 * its file and line; jansson parses it. Values are named by JSON pointers (RFC 6901; Kea's keys need no escapes).
 */
#ifndef LOADSTEP_KEACONF_H
#define LOADSTEP_KEACONF_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "err.h"
#include "strbuf.h"

#define KEACONF_BYTES_MAX (16 * 1024 * 1024) /* with what it includes; real ones stay below 1 MiB */
#define KEACONF_FILES_MAX 64
#define KEACONF_DEPTH_MAX 10 /* Kea's own limit */
#define KEACONF_POINTER_MAX 192

/* ---- the text, pure */

struct keaconf_include {
	size_t at; /* offset of its "<?" */
	size_t name; /* offset of the file's name */
	size_t name_len;
};

/* Blanks out comments, include directives and a comma before a closing bracket; line breaks and every other
 * byte stay where they are. *ret_n directives are told, in order. -1: a comment or a directive that does not end,
 * or more than `max` directives (*ret_at: where). */
int keaconf_plain(char *text, size_t len, struct keaconf_include *ret, size_t max, size_t *ret_n,
		  size_t *ret_at, struct err *e) MUST_CHECK;

/* Where the value begins that a pointer names, in plain JSON; of a member its key. Total: text that is no JSON gives
 * `len` or a place inside. Returns len when there is none. */
size_t keaconf_find(const char *text, size_t len, const char *pointer);

/* ---- the file */

struct keaconf;

/* Reads it and what it includes. 0; 1 = there is no such file; -1: *ret_place (may be NULL) has "FILE:LINE" of the
 * fault, or the file. */
int keaconf_load(const char *path, struct keaconf **ret, struct strbuf *ret_place, struct err *e) MUST_CHECK;
void keaconf_free(struct keaconf *kc);

const char *keaconf_path(const struct keaconf *kc);
const json_t *keaconf_dhcp4(const struct keaconf *kc); /* the object "Dhcp4"; borrowed */

/* "FILE:LINE" of the value that the pointer names below Dhcp4 ("/subnet4/0"), else the file. Returns buf. */
const char *keaconf_place(const struct keaconf *kc, const char *pointer, char *buf, size_t size);

/* Does it listen at any interface? The files that packages bring do not. */
bool keaconf_listens(const struct keaconf *kc);

/* Text or array member of an object; "" or an empty array where it is absent or of another type. */
const char *keaconf_text(const json_t *o, const char *key);
const json_t *keaconf_array(const json_t *o, const char *key);

/* ---- where options can stand */

enum kea_level { KEA_GLOBAL, KEA_CLASS, KEA_NETWORK, KEA_SUBNET, KEA_POOL, KEA_HOST };

struct kea_scope {
	enum kea_level level;
	const json_t *o;
	const json_t *subnet; /* the subnet it is in or is; NULL outside */
	const json_t *network; /* the shared network around it; NULL outside */
	char pointer[KEACONF_POINTER_MAX]; /* below Dhcp4 */
};

const char *kea_level_name(enum kea_level l); /* "global", "client class" … */

/* Each object that may carry options, outer ones first. */
typedef void (*kea_scope_fn)(void *arg, const struct keaconf *kc, const struct kea_scope *s);
void keaconf_scopes(const struct keaconf *kc, kea_scope_fn fn, void *arg);

#endif
