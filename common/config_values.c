/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Configuration values that are one thing: how each is read, strictly, and how a revision writes it. What
 * `format` writes, `set` reads back to the same value.
 */
#include "config_keys.h"

#include <string.h>

static void text_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	if (!text_copy(field, k->size, value))
		config_fault(r, "longer than %zu bytes", k->size - 1);
}

static void text_format(const struct key *k, const void *field, struct strbuf *sb)
{
	(void)k;
	strbuf_add(sb, field);
}

const struct key_type type_text = { .set = text_set, .format = text_format };

static void path_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	char *path = field;
	size_t len;

	if (value[0] != '/') {
		config_fault(r, "\"%s\" is no absolute path: it must begin with '/'", value);
		return;
	}
	text_set(r, k, field, value);
	len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	if (len == 1)
		config_fault(r, "\"%s\": a path below '/' is expected", value);
}

const struct key_type type_path = { .set = path_set, .format = text_format };

static void url_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	static const char scheme[] = "sqlite:/";

	if (strncmp(value, scheme, sizeof(scheme) - 1) != 0 || value[sizeof(scheme) - 1] == '\0') {
		config_fault(r, "\"%s\" is no store: sqlite:/PATH is expected, the path absolute", value);
		return;
	}
	text_set(r, k, field, value);
}

const struct key_type type_url = { .set = url_set, .format = text_format };

/* bools and enums: by the size of the member */
static void number_store(const struct key *k, void *field, unsigned v)
{
	if (k->size == sizeof(bool))
		*(bool *)field = v != 0;
	else
		memcpy(field, &v, sizeof(v));
}

static unsigned number_load(const struct key *k, const void *field)
{
	unsigned v = 0;

	if (k->size == sizeof(bool))
		return *(const bool *)field;
	memcpy(&v, field, sizeof(v));
	return v;
}

static void word_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	for (unsigned i = 0; k->words[i]; i++) {
		if (strcmp(k->words[i], value) == 0) {
			number_store(k, field, i);
			return;
		}
	}
	config_fault(r, "\"%s\" is none of %s", value, k->pub.type);
}

static void word_format(const struct key *k, const void *field, struct strbuf *sb)
{
	strbuf_add(sb, k->words[number_load(k, field)]);
}

const struct key_type type_word = { .set = word_set, .format = word_format };

static void duration_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct err e;
	int64_t ms = 0;

	if (parse_duration(r->what, value, &ms, &e) != 0)
		config_fault_err(r, &e);
	else if (ms < k->min || ms > k->max)
		config_fault(r, "\"%s\" is not between %lldms and %lldh", value, (long long)k->min,
			     (long long)(k->max / 3600000));
	else
		memcpy(field, &ms, sizeof(ms));
}

static void duration_format(const struct key *k, const void *field, struct strbuf *sb)
{
	int64_t ms = 0;

	(void)k;
	memcpy(&ms, field, sizeof(ms));
	strbuf_addf(sb, "%lldms", (long long)ms);
}

const struct key_type type_duration = { .set = duration_set, .format = duration_format };

static void int_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct err e;
	int64_t v = 0;

	if (parse_int(r->what, value, k->min, k->max, &v, &e) != 0)
		config_fault_err(r, &e);
	else
		*(int *)field = (int)v;
}

static void int_format(const struct key *k, const void *field, struct strbuf *sb)
{
	(void)k;
	strbuf_addf(sb, "%d", *(const int *)field);
}

const struct key_type type_int = { .set = int_set, .format = int_format };

static void percent_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct err e;
	int v = 0;

	(void)k;
	if (parse_percent(r->what, value, &v, &e) != 0)
		config_fault_err(r, &e);
	else
		*(int *)field = v;
}

static void percent_format(const struct key *k, const void *field, struct strbuf *sb)
{
	(void)k;
	strbuf_addf(sb, "%d%%", *(const int *)field);
}

const struct key_type type_percent = { .set = percent_set, .format = percent_format };

static void address_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct err e;

	(void)k;
	if (parse_ip4(r->what, value, field, &e) != 0)
		config_fault_err(r, &e);
}

static void address_format(const struct key *k, const void *field, struct strbuf *sb)
{
	const struct ip4 *a = field;
	char buf[IP4_TEXT_SIZE];

	(void)k;
	if (a->host)
		strbuf_add(sb, ip4_format(buf, *a));
}

const struct key_type type_address = { .set = address_set, .format = address_format };

const char *config_model_name(struct config_reader *r, const char *word)
{
	const struct model *m = model_parse(word, strlen(word));

	if (strcmp(word, "unnamed") == 0)
		return "unnamed";
	if (!m)
		config_fault(
			r,
			"\"%s\" is no model of the 79xx (such as 7940, 7960, 7941G-GE) and not \"unnamed\"",
			word);
	return m ? m->name : NULL;
}

static void model_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	const char *name = config_model_name(r, value);

	if (name)
		(void)text_copy(field, k->size, name);
}

const struct key_type type_model = { .set = model_set, .format = text_format };

/* ---- what a load set is (revisions only) */

static void generation_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	(void)k;
	if (generation_parse(value, field) != 0)
		config_fault(r, "\"%s\" is no generation", value);
}

static void generation_format(const struct key *k, const void *field, struct strbuf *sb)
{
	(void)k;
	strbuf_add(sb, generation_name(*(const enum generation *)field));
}

const struct key_type type_generation = { .set = generation_set, .format = generation_format };

static void kind_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	(void)k;
	if (load_kind_parse(value, field) != 0)
		config_fault(r, "\"%s\" is no kind of load", value);
}

static void kind_format(const struct key *k, const void *field, struct strbuf *sb)
{
	(void)k;
	strbuf_add(sb, load_kind_name(*(const enum load_kind *)field));
}

const struct key_type type_kind = { .set = kind_set, .format = kind_format };

static void proto_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	(void)k;
	for (int p = PROTO_UNKNOWN; p <= PROTO_MGCP; p++) {
		if (strcmp(load_proto_name((enum load_proto)p), value) == 0) {
			*(enum load_proto *)field = (enum load_proto)p;
			return;
		}
	}
	config_fault(r, "\"%s\" is no protocol", value);
}

static void proto_format(const struct key *k, const void *field, struct strbuf *sb)
{
	(void)k;
	strbuf_add(sb, load_proto_name(*(const enum load_proto *)field));
}

const struct key_type type_proto = { .set = proto_set, .format = proto_format };
