/* SPDX-License-Identifier: MPL-2.0 */
/* Kea's configuration file with what it includes as one value, each part of which knows its file and line. */
#include "keaconf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"

struct piece {
	size_t start; /* offset in the text */
	unsigned file; /* index of files[] */
	size_t line; /* of that file, from 1 */
};

#define PIECES_MAX (2 * KEACONF_FILES_MAX)

struct keaconf {
	json_t *root; /* owned */
	struct strbuf text; /* plain JSON, includes in place */
	unsigned n_files, n_pieces;
	char files[KEACONF_FILES_MAX][256];
	struct piece pieces[PIECES_MAX];
};

/* ---- reading */

static size_t lines_in(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static int place_fault(struct strbuf *place, const char *file, size_t line, struct err *e)
{
	(void)e;
	if (place && line)
		strbuf_addf(place, "%s:%zu", file, line);
	else if (place)
		strbuf_add(place, file);
	return -1;
}

static int add_file(struct keaconf *kc, const char *path, unsigned depth, struct strbuf *place,
		    struct err *e);

static int add_piece(struct keaconf *kc, unsigned file, size_t line, const char *text, size_t len,
		     struct err *e)
{
	if (kc->n_pieces == PIECES_MAX)
		return err_set(e, ERR_LIMIT, "more than %d files", KEACONF_FILES_MAX);
	kc->pieces[kc->n_pieces++] = (struct piece){ .start = kc->text.len, .file = file, .line = line };
	strbuf_add_bytes(&kc->text, text, len);
	return strbuf_check(&kc->text, "the configuration", e);
}

/* The text between the directives, and in their place what they name. */
/* NOLINTNEXTLINE(misc-no-recursion): to a fixed depth */
static int splice(struct keaconf *kc, unsigned file, const struct strbuf *own, unsigned depth,
		  struct strbuf *place, struct err *e)
{
	struct keaconf_include inc[KEACONF_FILES_MAX];
	const char *path = kc->files[file];
	size_t n, at = 0, done = 0;
	char name[256];

	if (keaconf_plain(own->p, own->len, inc, KEACONF_FILES_MAX, &n, &at, e) < 0)
		return place_fault(place, path, 1 + lines_in(own->p, at), e);
	for (size_t i = 0; i <= n; i++) {
		size_t end = i < n ? inc[i].at : own->len;

		if (add_piece(kc, file, 1 + lines_in(own->p, done), own->p + done, end - done, e) < 0)
			return place_fault(place, path, 0, e);
		if (i == n)
			break;
		snprintf(name, sizeof(name), "%.*s", (int)inc[i].name_len, own->p + inc[i].name);
		if (depth == KEACONF_DEPTH_MAX) {
			err_set(e, ERR_LIMIT, "files include each other more than %d deep",
				KEACONF_DEPTH_MAX);
			return place_fault(place, path, 1 + lines_in(own->p, end), e);
		}
		int rc = add_file(kc, name, depth + 1, place, e);
		if (rc > 0) {
			err_set(e, ERR_INPUT, "includes %s, which is not there", name);
			return place_fault(place, path, 1 + lines_in(own->p, end), e);
		}
		if (rc < 0)
			return -1;
		const char *close = memmem(own->p + end, own->len - end, "?>", 2);
		done = close ? (size_t)(close - own->p) + 2 : own->len;
	}
	return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): to a fixed depth */
static int add_file(struct keaconf *kc, const char *path, unsigned depth, struct strbuf *place, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf own = STRBUF_INIT(KEACONF_BYTES_MAX);
	unsigned file = kc->n_files;
	int rc;

	if (file == KEACONF_FILES_MAX) {
		err_set(e, ERR_LIMIT, "more than %d files", KEACONF_FILES_MAX);
		return place_fault(place, path, 0, e);
	}
	rc = file_read(path, KEACONF_BYTES_MAX, &own, e);
	if (rc != 0)
		return rc < 0 ? place_fault(place, path, 0, e) : 1;
	if (!text_copy(kc->files[file], sizeof(kc->files[file]), path)) {
		err_set(e, ERR_LIMIT, "the file's name is too long");
		return place_fault(place, path, 0, e);
	}
	kc->n_files++;
	strbuf_add(&own, ""); /* an empty file has a text, too */
	return own.len ? splice(kc, file, &own, depth, place, e) : 0;
}

static const char *place_at(const struct keaconf *kc, size_t offset, char *buf, size_t size)
{
	unsigned i = kc->n_pieces;

	while (i > 1 && kc->pieces[i - 1].start > offset)
		i--;
	if (i == 0)
		return "";
	const struct piece *p = &kc->pieces[i - 1];
	snprintf(buf, size, "%s:%zu", kc->files[p->file],
		 p->line + lines_in(kc->text.p + p->start, offset - p->start));
	return buf;
}

/* JSON, and an object with an object Dhcp4 in it. */
static int parse(struct keaconf *kc, struct strbuf *place, struct err *e)
{
	json_error_t fault;
	char at[300];

	kc->root = json_loadb(strbuf_text(&kc->text), kc->text.len, 0, &fault);
	if (!kc->root) {
		size_t pos = fault.position > 0 ? (size_t)fault.position - 1 : 0;

		if (place && kc->n_pieces)
			strbuf_add(place,
				   place_at(kc, pos < kc->text.len ? pos : kc->text.len, at, sizeof(at)));
		return err_set(e, ERR_INPUT, "is no JSON: %s", fault.text);
	}
	if (!json_is_object(json_object_get(kc->root, "Dhcp4"))) {
		err_set(e, ERR_INPUT, "has no object \"Dhcp4\"");
		return place_fault(place, kc->files[0], 0, e);
	}
	return 0;
}

int keaconf_load(const char *path, struct keaconf **ret, struct strbuf *ret_place, struct err *e)
{
	struct keaconf *kc = calloc(1, sizeof(*kc));
	int rc;

	if (!kc)
		return err_set(e, ERR_SYSTEM, "no memory for %s", path);
	strbuf_init(&kc->text, KEACONF_BYTES_MAX);
	rc = add_file(kc, path, 0, ret_place, e);
	if (rc == 0)
		rc = parse(kc, ret_place, e);
	if (rc == 0)
		*ret = kc;
	else
		keaconf_free(kc);
	return rc;
}

void keaconf_free(struct keaconf *kc)
{
	if (!kc)
		return;
	json_decref(kc->root);
	strbuf_fini(&kc->text);
	free(kc);
}

/* ---- asking */

const char *keaconf_path(const struct keaconf *kc)
{
	return kc->files[0];
}

const json_t *keaconf_dhcp4(const struct keaconf *kc)
{
	return json_object_get(kc->root, "Dhcp4");
}

const char *keaconf_place(const struct keaconf *kc, const char *pointer, char *buf, size_t size)
{
	char whole[KEACONF_POINTER_MAX + 8];
	size_t at;

	snprintf(whole, sizeof(whole), "/Dhcp4%s", pointer);
	at = keaconf_find(kc->text.p, kc->text.len, whole);
	if (at < kc->text.len)
		return place_at(kc, at, buf, size);
	snprintf(buf, size, "%s", kc->files[0]);
	return buf;
}

const char *keaconf_text(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

const json_t *keaconf_array(const json_t *o, const char *key)
{
	const json_t *a = json_object_get(o, key);

	return json_is_array(a) ? a : NULL;
}

bool keaconf_listens(const struct keaconf *kc)
{
	return json_array_size(keaconf_array(json_object_get(keaconf_dhcp4(kc), "interfaces-config"),
					     "interfaces")) > 0;
}

/* ---- where options can stand */

const char *kea_level_name(enum kea_level l)
{
	switch (l) {
	case KEA_GLOBAL:
		return "global";
	case KEA_CLASS:
		return "client class";
	case KEA_NETWORK:
		return "shared network";
	case KEA_SUBNET:
		return "subnet";
	case KEA_POOL:
		return "pool";
	case KEA_HOST:
		return "host";
	}
	return "";
}

struct visit {
	const struct keaconf *kc;
	kea_scope_fn fn;
	void *arg;
};

/* What may stand in a scope of each level. */
static const struct inner {
	enum kea_level outer, level;
	const char *key;
} inners[] = {
	{ KEA_GLOBAL, KEA_CLASS, "client-classes" },	{ KEA_GLOBAL, KEA_HOST, "reservations" },
	{ KEA_GLOBAL, KEA_NETWORK, "shared-networks" }, { KEA_GLOBAL, KEA_SUBNET, "subnet4" },
	{ KEA_NETWORK, KEA_SUBNET, "subnet4" },		{ KEA_SUBNET, KEA_POOL, "pools" },
	{ KEA_SUBNET, KEA_HOST, "reservations" },
};

/* At most four deep, as the table is. */
/* NOLINTNEXTLINE(misc-no-recursion): to a fixed depth */
static void visit(const struct visit *v, const struct kea_scope *s)
{
	v->fn(v->arg, v->kc, s);
	for (size_t i = 0; i < sizeof(inners) / sizeof(inners[0]); i++) {
		const json_t *list = inners[i].outer == s->level ? keaconf_array(s->o, inners[i].key) : NULL;

		for (size_t j = 0; j < json_array_size(list); j++) {
			struct kea_scope in = { .level = inners[i].level,
						.o = json_array_get(list, j),
						.subnet = s->subnet,
						.network = s->network };

			if (!json_is_object(in.o))
				continue;
			if (in.level == KEA_SUBNET)
				in.subnet = in.o;
			if (in.level == KEA_NETWORK)
				in.network = in.o;
			snprintf(in.pointer, sizeof(in.pointer), "%.*s/%s/%zu", KEACONF_POINTER_MAX - 48,
				 s->pointer, inners[i].key, j);
			visit(v, &in);
		}
	}
}

void keaconf_scopes(const struct keaconf *kc, kea_scope_fn fn, void *arg)
{
	struct visit v = { .kc = kc, .fn = fn, .arg = arg };
	struct kea_scope s = { .level = KEA_GLOBAL, .o = keaconf_dhcp4(kc) };

	visit(&v, &s);
}
