/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Inside config: the one table of keys, and the types of their values, each with how it is read and how it is
 * written. Parser, revision, help and manual page all go through this table, so a key exists everywhere or
 * nowhere. Included by config*.c alone.
 */
#ifndef LOADSTEP_CONFIG_KEYS_H
#define LOADSTEP_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "err.h"
#include "strbuf.h"

enum section {
	SECTION_STORE,
	SECTION_TFTP,
	SECTION_PLAN,
	SECTION_SITE,
	SECTION_VENDOR_CLASS,
	SECTION_WITNESS,
	SECTION_ROLLOUT,
	SECTION_LIMITS,
	SECTION_LOADSET, /* in revisions only */
	SECTION_COUNT
};

struct section_shape {
	const char *name;
	bool named;	  /* [plan NAME] */
	bool in_file;	  /* people may write it */
	bool in_revision; /* a revision carries it */
};
const struct section_shape *section_shape(enum section s);
int section_find(const char *name, size_t len, enum section *ret); /* 0 = found, 1 = there is none */

/* A text that is being read, and what was found wrong with it so far. */
struct config_reader {
	const char *name;      /* opens the messages */
	const char *base_dir;  /* NULL: file names must be absolute */
	bool revision;	       /* the text is a revision, not a file */
	unsigned line;	       /* of what is being read */
	char what[128];	       /* "[plan lobby] models" */
	struct strbuf *faults; /* may be NULL */
	unsigned n_faults;
	struct err *e; /* gets the first fault */
};

/* config_check.c. One fault more: "NAME:LINE: WHAT: text", or for _err, whose text says what by itself,
 * "NAME:LINE: text". */
void config_fault(struct config_reader *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
void config_fault_err(struct config_reader *r, const struct err *e);
void config_fault_at(struct config_reader *r, unsigned line, const char *fmt, ...) PRINTF_LIKE(3, 4);

struct key;

/* A type of value. `field` is where the value lives in its struct. `set` tells faults to the reader; for a
 * list it adds to what is there, so that a list may go on in the next line. `format` adds the value as text,
 * nothing when it is empty. */
struct key_type {
	bool list;
	void (*set)(struct config_reader *r, const struct key *k, void *field, const char *value);
	void (*format)(const struct key *k, const void *field, struct strbuf *sb);
};

extern const struct key_type type_text, type_path, type_url, type_word, type_duration, type_int, type_percent,
	type_address;
extern const struct key_type type_servers, type_nets, type_models, type_model, type_stages, type_load, type_unsafe, type_classes,
	type_macs_file, type_macs, type_generation, type_kind, type_proto, type_members;

/* Canonical name of a model, or "unnamed"; NULL and a fault when the word is neither. Borrowed. */
const char *config_model_name(struct config_reader *r, const char *word);

struct key {
	struct config_key pub;
	enum section section;
	const struct key_type *type;
	size_t offset; /* of the field in config, plan, site, vendor_class or loadset */
	size_t size;
	int64_t min, max;	  /* durations (ms) and numbers */
	const char *const *words; /* type_word: names by value, NULL at the end */
	bool revision_only;	  /* not a key for people */
	bool file_only;		  /* a revision has it in another form */
};

#define CONFIG_KEYS_MAX 64 /* more than the table has; key_index() < this */

const struct key *key_at(unsigned idx); /* NULL behind the last */
const struct key *key_find(enum section s, const char *name, bool revision);
unsigned key_index(const struct key *k);

static inline void *key_field(const struct key *k, void *base)
{
	return (char *)base + k->offset;
}

/* A plan, site or class of the config by index; the parts without names: the config itself. */
void *config_section(struct config *c, enum section s, unsigned idx);

/* ---- config_check.c: what a section must be when it is whole. `lines`: line of each key by key_index, 0 =
 * not given. */
void config_check_plan(struct config_reader *r, const struct plan *pl, const unsigned *lines,
		       unsigned section_line);
void config_check_site(struct config_reader *r, const struct site *s, const unsigned *lines,
		       unsigned section_line);
void config_check_class(struct config_reader *r, const struct config *c, const struct vendor_class *vc,
			unsigned section_line);
/* What takes more than one section. */
void config_check_witness(struct config_reader *r, const struct config *c, unsigned section_line);
void config_check_daemon(struct config_reader *r, const struct config *c, unsigned section_line);
/* `lines`: of each plan's models. */
void config_check_shared(struct config_reader *r, const struct config *c, const unsigned *lines);
void config_check_plans(struct config_reader *r, const struct config *c, const unsigned *lines);
/* What tftpd-hpa's map needs. `lines`: of each plan's networks, or of its section. */
void config_check_map(struct config_reader *r, const struct config *c, const unsigned *lines);

/* ---- config_read.c: the parser itself, for a file or a revision. 0; -1: r->e and r->faults say why. */
int config_read(struct config_reader *r, const char *text, size_t len, struct config **ret) MUST_CHECK;

#endif
