/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Configuration values that are lists: `set` adds to what is there, tells each bad word and goes on;
 * `format` writes the words with blanks between them. Lists of MACs are a file for people and written out
 * in a revision.
 */
#include "config_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"

#define WORD_SIZE 128 /* longer than any valid word: one that is cut stays invalid */

static bool next_word(const char **cursor, char word[static WORD_SIZE])
{
	const char *p = NULL;
	size_t len = 0;

	if (parse_word(cursor, &p, &len) != 0)
		return false;
	(void)snprintf(word, WORD_SIZE, "%.*s", (int)(len < WORD_SIZE ? len : WORD_SIZE - 1), p);
	return true;
}

static void add_word(struct strbuf *sb, const char *word)
{
	if (sb->len > 0)
		strbuf_add_char(sb, ' ');
	strbuf_add(sb, word);
}

static void servers_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct servers *s = field;
	char word[WORD_SIZE];

	(void)k;
	while (next_word(&value, word)) {
		struct ip4 a;
		struct err e;
		if (parse_ip4(r->what, word, &a, &e) != 0) {
			config_fault_err(r, &e);
			continue;
		}
		if (s->n == SERVERS_MAX) {
			config_fault(r, "\"%s\" is one too many: at most %d servers are expected", word,
				     SERVERS_MAX);
			return;
		}
		for (unsigned i = 0; i < s->n; i++)
			if (s->a[i].host == a.host)
				config_fault(r, "\"%s\" is there twice", word);
		s->a[s->n++] = a;
	}
}

static void servers_format(const struct key *k, const void *field, struct strbuf *sb)
{
	const struct servers *s = field;
	char text[IP4_TEXT_SIZE];

	(void)k;
	for (unsigned i = 0; i < s->n; i++)
		add_word(sb, ip4_format(text, s->a[i]));
}

const struct key_type type_servers = { .list = true, .set = servers_set, .format = servers_format };

static void nets_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct net_list *nets = field;
	char word[WORD_SIZE];

	(void)k;
	while (next_word(&value, word)) {
		struct net4 net;
		struct err e;
		if (parse_net4(r->what, word, &net, &e) != 0) {
			config_fault_err(r, &e);
			continue;
		}
		if (nets->n == PLAN_NETS_MAX) {
			config_fault(r, "\"%s\" is one too many: at most %d networks are expected", word,
				     PLAN_NETS_MAX);
			return;
		}
		nets->a[nets->n++] = net;
	}
}

static void nets_format(const struct key *k, const void *field, struct strbuf *sb)
{
	const struct net_list *nets = field;
	char base[IP4_TEXT_SIZE];
	char text[IP4_TEXT_SIZE + 4];

	(void)k;
	for (unsigned i = 0; i < nets->n; i++) {
		(void)snprintf(text, sizeof(text), "%s/%d", ip4_format(base, nets->a[i].base),
			       nets->a[i].prefix & 63);
		add_word(sb, text);
	}
}

const struct key_type type_nets = { .list = true, .set = nets_set, .format = nets_format };

static void models_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct plan *pl = field;
	char word[WORD_SIZE];

	(void)k;
	while (next_word(&value, word)) {
		const char *name = config_model_name(r, word);
		bool again = false;
		for (unsigned i = 0; name && i < pl->n_models; i++)
			again = again || strcmp(pl->models[i], name) == 0;
		if (again)
			config_fault(r, "%s is there twice", name);
		/* as long as no name is there twice, there is room for all models that exist */
		else if (name && pl->n_models < PLAN_MODELS_MAX)
			(void)text_copy(pl->models[pl->n_models++], sizeof(pl->models[0]), name);
	}
}

static void models_format(const struct key *k, const void *field, struct strbuf *sb)
{
	const struct plan *pl = field;

	(void)k;
	for (unsigned i = 0; i < pl->n_models; i++)
		add_word(sb, pl->models[i]);
}

const struct key_type type_models = { .list = true, .set = models_set, .format = models_format };

/* false: no name of a load, told. */
static bool load_word(struct config_reader *r, const char *word, struct load_name *ret)
{
	struct err e;

	if (load_name_parse(word, strlen(word), ret, &e) != 0)
		config_fault(r, "%s", e.text);
	else if (strcmp(word, "waiting") == 0)
		config_fault(r, "\"waiting\" is the name of the waiting room, not of a load");
	else if (load_name_oddity(word) == LOAD_ODD_LOADER)
		config_fault(r, "\"%s\" is a loader, not a load: the load's name is expected, which begins with P0S3", word);
	else
		return true;
	return false;
}

static void stage_add(struct config_reader *r, struct plan *pl, const char *word)
{
	struct load_name name;

	if (!load_word(r, word, &name))
		return;
	if (plan_stage_of(pl, &name) != 0)
		config_fault(r, "\"%s\" is there twice", word);
	else if (pl->n_stages == PLAN_STAGES_MAX)
		config_fault(r, "\"%s\" is one too many: at most %d stages are expected", word,
			     PLAN_STAGES_MAX);
	else
		loadset_from_name(&name, &pl->stages[pl->n_stages++]);
}

static void stages_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	char word[WORD_SIZE];

	(void)k;
	while (next_word(&value, word))
		stage_add(r, field, word);
}

static void stages_format(const struct key *k, const void *field, struct strbuf *sb)
{
	const struct plan *pl = field;

	(void)k;
	for (unsigned i = 0; i < pl->n_stages; i++)
		add_word(sb, pl->stages[i].load.s);
}

const struct key_type type_stages = { .list = true, .set = stages_set, .format = stages_format };

static void load_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct load_name name;

	(void)k;
	if (load_word(r, value, &name))
		*(struct load_name *)field = name;
}

static void load_format(const struct key *k, const void *field, struct strbuf *sb)
{
	(void)k;
	strbuf_add(sb, ((const struct load_name *)field)->s);
}

const struct key_type type_load = { .set = load_set, .format = load_format };

static void unsafe_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct plan *pl = field;
	char word[WORD_SIZE];

	(void)k;
	while (next_word(&value, word)) {
		struct load_name name;
		if (!load_word(r, word, &name))
			continue;
		if (plan_step_unsafe(pl, &name))
			config_fault(r, "\"%s\" is there twice", word);
		else if (pl->n_unsafe == PLAN_STAGES_MAX)
			config_fault(r, "\"%s\" is one too many: at most %d are expected", word,
				     PLAN_STAGES_MAX);
		else
			pl->unsafe[pl->n_unsafe++] = name;
	}
}

static void unsafe_format(const struct key *k, const void *field, struct strbuf *sb)
{
	const struct plan *pl = field;

	(void)k;
	for (unsigned i = 0; i < pl->n_unsafe; i++)
		add_word(sb, pl->unsafe[i].s);
}

const struct key_type type_unsafe = { .list = true, .set = unsafe_set, .format = unsafe_format };

static void classes_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct plan *pl = field;
	char word[WORD_SIZE];

	(void)k;
	while (next_word(&value, word)) {
		if (pl->n_client_classes == PLAN_CLASSES_MAX) {
			config_fault(r, "\"%s\" is one too many: at most %d classes are expected", word,
				     PLAN_CLASSES_MAX);
			return;
		}
		if (!text_copy(pl->client_classes[pl->n_client_classes], sizeof(pl->client_classes[0]), word))
			config_fault(r, "\"%s\" is longer than %zu", word, sizeof(pl->client_classes[0]) - 1);
		else
			pl->n_client_classes++;
	}
}

static void classes_format(const struct key *k, const void *field, struct strbuf *sb)
{
	const struct plan *pl = field;

	(void)k;
	for (unsigned i = 0; i < pl->n_client_classes; i++)
		add_word(sb, pl->client_classes[i]);
}

const struct key_type type_classes = { .list = true, .set = classes_set, .format = classes_format };

static void members_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct loadset *ls = field;
	char word[WORD_SIZE];

	(void)k;
	while (next_word(&value, word)) {
		if (ls->n_members == LOAD_MEMBERS_MAX) {
			config_fault(r, "\"%s\" is one too many: at most %d are expected", word,
				     LOAD_MEMBERS_MAX);
			return;
		}
		if (!text_copy(ls->members[ls->n_members], sizeof(ls->members[0]), word))
			config_fault(r, "\"%s\" is longer than %d", word, LOAD_FILE_MAX);
		else
			ls->n_members++;
	}
}

static void members_format(const struct key *k, const void *field, struct strbuf *sb)
{
	const struct loadset *ls = field;

	(void)k;
	for (unsigned i = 0; i < ls->n_members; i++)
		add_word(sb, ls->members[i]);
}

const struct key_type type_members = { .list = true, .set = members_set, .format = members_format };

/* ---- lists of MACs: a file for people, written out in a revision */

static int mac_compare(const void *a, const void *b)
{
	return memcmp(((const struct mac *)a)->b, ((const struct mac *)b)->b,
		      sizeof(((const struct mac *)a)->b));
}

/* Room for the longest list at once: 24 KiB, given back when it is whole. */
static bool macs_reserve(struct config_reader *r, struct mac_list *macs)
{
	if (!macs->a)
		macs->a = calloc(PLAN_MACS_MAX, sizeof(*macs->a));
	if (!macs->a)
		config_fault(r, "no memory for the list");
	return macs->a != NULL;
}

static void macs_sort(struct mac_list *macs)
{
	unsigned n = 0;

	if (macs->n == 0)
		return;
	qsort(macs->a, macs->n, sizeof(*macs->a), mac_compare);
	for (unsigned i = 0; i < macs->n; i++)
		if (n == 0 || mac_compare(&macs->a[n - 1], &macs->a[i]) != 0)
			macs->a[n++] = macs->a[i];
	macs->n = n;
}

/* false: the list is full. */
static bool mac_add(struct config_reader *r, struct mac_list *macs, const char *what, const char *word)
{
	struct mac m;
	struct err e;

	if (parse_mac(what, word, &m, &e) != 0) {
		config_fault_err(r, &e);
		return true;
	}
	if (macs->n == PLAN_MACS_MAX) {
		config_fault(r, "more than %d MACs", PLAN_MACS_MAX);
		return false;
	}
	macs->a[macs->n++] = m;
	return true;
}

static void macs_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	struct mac_list *macs = field;
	char word[WORD_SIZE];

	(void)k;
	if (!macs_reserve(r, macs))
		return;
	while (next_word(&value, word))
		if (!mac_add(r, macs, r->what, word))
			break;
	macs_sort(macs);
}

static void macs_format(const struct key *k, const void *field, struct strbuf *sb)
{
	const struct mac_list *macs = field;
	char text[MAC_TEXT_SIZE];

	(void)k;
	for (unsigned i = 0; i < macs->n; i++)
		add_word(sb, mac_format(text, &macs->a[i]));
}

const struct key_type type_macs = { .list = true, .set = macs_set, .format = macs_format };

#define MACS_FILE_MAX (256 * 1024) /* 4096 lines with room for a comment each */

/* One MAC a line, # begins a comment. `text` is ours to cut. */
static void macs_read(struct config_reader *r, struct mac_list *macs, const char *path, char *text)
{
	char *next = text;
	unsigned line = 0;

	while (next) {
		char *p = next;
		char what[512];
		line++;
		next = strchr(p, '\n');
		if (next)
			*next++ = '\0';
		p[strcspn(p, "#\r")] = '\0';
		p += strspn(p, " \t");
		size_t len = strlen(p);
		while (len > 0 && strchr(" \t", p[len - 1]))
			p[--len] = '\0';
		(void)snprintf(what, sizeof(what), "%s: %s:%u", r->what, path, line);
		if (len > 0 && !mac_add(r, macs, what, p))
			return;
	}
}

static void macs_file_set(struct config_reader *r, const struct key *k, void *field, const char *value)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MACS_FILE_MAX);
	CLEANUP(cleanup_free) char *text = NULL;
	struct mac_list *macs = field;
	char path[256];
	struct err e;

	if (value[0] != '/' && !r->base_dir) {
		config_fault(r, "\"%s\" is no absolute path: it must begin with '/'", value);
		return;
	}
	bool fits = value[0] == '/' ? text_copy(path, sizeof(path), value)
				    : path_join(path, sizeof(path), r->base_dir, value, NULL) == 0;
	if (!fits) {
		config_fault(r, "the path is longer than %zu bytes", sizeof(path) - 1);
		return;
	}
	int rc = file_read(path, MACS_FILE_MAX, &sb, &e);
	if (rc < 0)
		config_fault(r, "%s", e.text);
	else if (rc > 0)
		config_fault(r, "%s: there is no such file", path);
	if (rc != 0 || !macs_reserve(r, macs))
		return;
	size_t len = sb.len;
	text = strbuf_take(&sb);
	if (!text || strlen(text) != len) {
		config_fault(r, "%s: a NUL byte: this is no text file", path);
		return;
	}
	unsigned faults = r->n_faults;
	macs_read(r, macs, path, text);
	macs_sort(macs);
	/* An empty only-macs would let everybody in. */
	if (macs->n == 0 && r->n_faults == faults && strcmp(k->pub.key, "only-macs") == 0)
		config_fault(r, "%s names no MAC", path);
}

const struct key_type type_macs_file = { .set = macs_file_set, .format = macs_format };
