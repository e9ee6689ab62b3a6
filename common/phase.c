/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Names and texts of the enums of phase.h, expanded from the same list. An enum that came from outside (a
 * store of another version) may hold any number: the lookups check it, and nothing here indexes a table
 * unchecked.
 */
#include "phase.h"

#include <stddef.h>
#include <string.h>

struct word {
	const char *name;
	const char *text;
	const char *action;
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct word phase_words[] = {
#define PHASE(sym, name, text) [PHASE_##sym] = { name, text, "" },
#include "phase.def"
#undef PHASE
};

static const struct word event_words[] = {
#define EVENT(sym, name, text) [EVENT_##sym] = { name, text, "" },
#include "phase.def"
#undef EVENT
};

static const struct word running_by_words[] = {
#define RUNNING_BY(sym, name, text) [RUNNING_BY_##sym] = { name, text, "" },
#include "phase.def"
#undef RUNNING_BY
};

static const struct word file_class_words[] = {
#define FILE_CLASS(sym, name, text) [FILE_CLASS_##sym] = { name, text, "" },
#include "phase.def"
#undef FILE_CLASS
};

static const struct word witness_words[] = {
#define WITNESS(sym, name, text) [WITNESS_##sym] = { name, text, "" },
#include "phase.def"
#undef WITNESS
};

static const struct word sign_words[] = {
#define SIGN(sym, name, text) [SIGN_##sym] = { name, text, "" },
#include "phase.def"
#undef SIGN
};

static const struct word cause_words[] = {
#define CAUSE(sym, name, summary, action, signature, rows, how) [CAUSE_##sym] = { name, summary, action },
#include "causes.def"
#undef CAUSE
};

/* The rest of a cause's row. */
static const struct word cause_grounds[] = {
#define CAUSE(sym, name, summary, action, signature, rows, how) [CAUSE_##sym] = { signature, rows, how },
#include "causes.def"
#undef CAUSE
};

static const struct {
	uint32_t bit;
	struct word word;
} flags[] = {
#define FLAG(sym, bit, name, text) { PHONE_##sym, { name, text, "" } },
#include "phase.def"
#undef FLAG
};

static const struct word *word_at(const struct word *words, size_t n, size_t idx)
{
	static const struct word none = { "?", "?", "?" };

	return idx < n ? &words[idx] : &none;
}

/* Index of that name, or n. */
static size_t word_find(const struct word *words, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(words[i].name, name) != 0)
		i++;
	return i;
}

const char *phase_name(enum phase p)
{
	return word_at(phase_words, COUNT(phase_words), (size_t)p)->name;
}

const char *phase_text(enum phase p)
{
	return word_at(phase_words, COUNT(phase_words), (size_t)p)->text;
}

int phase_parse(const char *name, enum phase *ret)
{
	size_t i = word_find(phase_words, COUNT(phase_words), name);

	if (i == COUNT(phase_words))
		return 1;
	*ret = (enum phase)i;
	return 0;
}

const char *event_kind_name(enum event_kind k)
{
	return word_at(event_words, COUNT(event_words), (size_t)k)->name;
}

const char *event_kind_text(enum event_kind k)
{
	return word_at(event_words, COUNT(event_words), (size_t)k)->text;
}

int event_kind_parse(const char *name, enum event_kind *ret)
{
	size_t i = word_find(event_words, COUNT(event_words), name);

	if (i == COUNT(event_words))
		return 1;
	*ret = (enum event_kind)i;
	return 0;
}

const char *running_by_name(enum running_by r)
{
	return word_at(running_by_words, COUNT(running_by_words), (size_t)r)->name;
}

int running_by_parse(const char *name, enum running_by *ret)
{
	size_t i = word_find(running_by_words, COUNT(running_by_words), name);

	if (i == COUNT(running_by_words))
		return 1;
	*ret = (enum running_by)i;
	return 0;
}

const char *file_class_name(enum file_class c)
{
	return word_at(file_class_words, COUNT(file_class_words), (size_t)c)->name;
}

const char *file_class_text(enum file_class c)
{
	return word_at(file_class_words, COUNT(file_class_words), (size_t)c)->text;
}

int file_class_parse(const char *name, enum file_class *ret)
{
	size_t i = word_find(file_class_words, COUNT(file_class_words), name);

	if (i == COUNT(file_class_words))
		return 1;
	*ret = (enum file_class)i;
	return 0;
}

const char *witness_name(enum witness w)
{
	return word_at(witness_words, COUNT(witness_words), (size_t)w)->name;
}

const char *witness_text(enum witness w)
{
	return word_at(witness_words, COUNT(witness_words), (size_t)w)->text;
}

const char *sign_name(enum sign s)
{
	return word_at(sign_words, COUNT(sign_words), (size_t)s)->name;
}

const char *sign_text(enum sign s)
{
	return word_at(sign_words, COUNT(sign_words), (size_t)s)->text;
}

const char *cause_name(enum cause c)
{
	return word_at(cause_words, COUNT(cause_words), (size_t)c)->name;
}

const char *cause_summary(enum cause c)
{
	return word_at(cause_words, COUNT(cause_words), (size_t)c)->text;
}

const char *cause_action(enum cause c)
{
	return word_at(cause_words, COUNT(cause_words), (size_t)c)->action;
}

const char *cause_signature(enum cause c)
{
	return word_at(cause_grounds, COUNT(cause_grounds), (size_t)c)->name;
}

const char *cause_rows(enum cause c)
{
	return word_at(cause_grounds, COUNT(cause_grounds), (size_t)c)->text;
}

const char *cause_how(enum cause c)
{
	return word_at(cause_grounds, COUNT(cause_grounds), (size_t)c)->action;
}

int cause_parse(const char *name, enum cause *ret)
{
	size_t i = word_find(cause_words, COUNT(cause_words), name);

	if (i == COUNT(cause_words))
		return 1;
	*ret = (enum cause)i;
	return 0;
}

const char *phone_flag_name(unsigned idx, uint32_t *ret_bit)
{
	if (idx >= COUNT(flags))
		return NULL;
	*ret_bit = flags[idx].bit;
	return flags[idx].word.name;
}

const char *phone_flag_text(unsigned idx)
{
	return idx < COUNT(flags) ? flags[idx].word.text : NULL;
}
