/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a rule says of what it found: when, how often, and which file. Evidence has times and classes of files; a name comes
 * from the phone's history where the caller has given that, else from what the class is called.
 */
#include "causes_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum verdict say(struct cause_found *f, enum cause c, enum verdict v, const char *fmt, ...)
{
	va_list ap;

	f->cause = c;
	f->sure = v == SURE;
	va_start(ap, fmt);
	(void)vsnprintf(f->what, sizeof(f->what), fmt, ap);
	va_end(ap);
	return v;
}

void say_times(struct cause_found *f, const struct times *t, int64_t from_ms)
{
	f->first_ms = times_first_from(t, from_ms);
	f->last_ms = times_latest(t);
	f->times = times_count(t, from_ms, 1);
}

void say_moment(struct cause_found *f, int64_t at_ms)
{
	f->first_ms = f->last_ms = at_ms;
}

static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static bool is_of_class(const struct loadset *stage, const char *base, enum file_class c)
{
	switch (loadset_file(stage, base)) {
	case LOAD_FILE_MANIFEST:
		return c == FILE_CLASS_MANIFEST;
	case LOAD_FILE_LOADER:
		return c == FILE_CLASS_LOADER;
	case LOAD_FILE_APP:
		return c == FILE_CLASS_APP;
	case LOAD_FILE_IMAGE:
		return c == FILE_CLASS_IMAGE;
	case LOAD_FILE_MEMBER:
		return c == FILE_CLASS_MEMBER;
	case LOAD_FILE_SIGNED_NAME:
	case LOAD_FILE_NONE:
		return c == FILE_CLASS_TERM && file_is_term(base);
	}
	return false;
}

const char *say_file(const struct look *l, enum file_class c, enum event_kind k,
		     char buf[static LOAD_FILE_MAX + 1])
{
	for (unsigned i = 0; i < l->facts->n_files; i++) {
		const char *base = base_of(l->facts->files[i].name);

		if (l->facts->files[i].kind == k && is_of_class(l->stage, base, c)) {
			(void)text_copy(buf, LOAD_FILE_MAX + 1, base);
			return buf;
		}
	}
	if (c == FILE_CLASS_MANIFEST && l->stage->load.s[0])
		(void)snprintf(buf, LOAD_FILE_MAX + 1, "%s.loads", l->stage->load.s);
	else if (c == FILE_CLASS_APP && l->stage->app[0])
		(void)text_copy(buf, LOAD_FILE_MAX + 1, l->stage->app);
	else if (c == FILE_CLASS_LOADER && l->stage->loader[0])
		(void)text_copy(buf, LOAD_FILE_MAX + 1, l->stage->loader);
	else
		(void)text_copy(buf, LOAD_FILE_MAX + 1, c < FILE_CLASS_COUNT ? file_class_text(c) : "a file");
	return buf;
}

const char *say_named(const struct look *l, bool (*fits)(const struct look *l, const struct causes_file *f))
{
	for (unsigned i = 0; i < l->facts->n_files; i++)
		if (fits(l, &l->facts->files[i]))
			return base_of(l->facts->files[i].name);
	return NULL;
}

const char *say_own(const struct look *l, const char *head, const char *tail,
		    char buf[static LOAD_FILE_MAX + 1])
{
	char mac[MAC_TEXT_SIZE] = "<MAC>";

	if (l->p->mac_known)
		mac_format_bare(mac, &l->p->mac);
	(void)snprintf(buf, LOAD_FILE_MAX + 1, "%s%s%s", head, mac, tail);
	return buf;
}

void causes_evidence(const struct cause_found *f, const char *first, const char *last, struct strbuf *sb)
{
	strbuf_add(sb, f->what);
	if (!f->last_ms)
		return;
	strbuf_add(sb, ":");
	if (f->times > 1)
		strbuf_addf(sb, " %u times,", f->times);
	if (f->first_ms && f->first_ms != f->last_ms)
		strbuf_addf(sb, " from %s to %s", first, last);
	else
		strbuf_addf(sb, " at %s", last);
}
