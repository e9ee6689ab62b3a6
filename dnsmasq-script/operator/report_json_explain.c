/* SPDX-License-Identifier: MPL-2.0 */
/* One phone's story for programs: the phone as `status --json` has it, and what loadstep(8) documents beside. */
#include "report_explain.h"

#include "report_json.h"

static json_t *namings(const struct report_explain *x)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < x->n_namings; i++) {
		const struct report_naming *n = &x->namings[i];
		json_t *o = json_object();

		json_object_set_new(o, "file", text_or_null(n->file));
		json_object_set_new(o, "element", text_or_null(n->element));
		json_object_set_new(o, "load", stored_or_null(n->load));
		json_object_set_new(o, "model", text_or_null(n->of));
		json_object_set_new(o, "bytes", n->bytes >= 0 ? json_integer(n->bytes) : json_null());
		json_object_set_new(o, "changed", time_or_null(n->changed_ms));
		json_object_set_new(o, "note", text_or_null(n->note));
		json_object_set_new(o, "fault", text_or_null(n->fault));
		json_object_set_new(o, "cure", text_or_null(n->cure ? n->cure : ""));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *files(const struct report_explain *x)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < x->n_files; i++) {
		const struct report_load_file *f = &x->files[i];
		json_t *o = json_object();

		json_object_set_new(o, "file", text_or_null(f->name));
		json_object_set_new(o, "bytes", f->bytes >= 0 ? json_integer(f->bytes) : json_null());
		json_object_set_new(o, "fault", text_or_null(f->fault));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *timeline(const struct report_explain *x)
{
	json_t *a = json_array();

	for (size_t i = x->n_earlier; i < x->n_moments; i++) {
		const struct report_moment *m = &x->moments[i];
		json_t *o = json_object();

		json_object_set_new(o, "time", time_or_null(m->at_ms));
		json_object_set_new(o, "until", m->times > 1 ? time_or_null(m->until_ms) : json_null());
		json_object_set_new(o, "times", json_integer(m->times));
		json_object_set_new(o, "boot", json_boolean(m->boot));
		json_object_set_new(o, "what", stored_or_null(m->what));
		json_object_set_new(o, "counts-as", text_or_null(m->counts));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *fits(const struct report_explain *x)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < x->n_fits; i++) {
		const struct report_fit *f = &x->fits[i];
		json_t *o = json_object();

		json_object_set_new(o, "cause", text_or_null(cause_name(f->found.cause)));
		json_object_set_new(o, "sure", json_boolean(f->found.sure));
		json_object_set_new(o, "summary", text_or_null(cause_summary(f->found.cause)));
		json_object_set_new(o, "evidence", stored_or_null(f->found.what));
		json_object_set_new(o, "times", number_or_null(f->found.times));
		json_object_set_new(o, "first", time_or_null(f->first_ms));
		json_object_set_new(o, "last", time_or_null(f->last_ms));
		json_object_set_new(o, "apart", text_or_null(f->found.apart ? f->found.apart : ""));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *next(const struct report_explain *x)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < x->n_next; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "time", time_or_null(x->next[i].at_ms));
		json_object_set_new(o, "what", text_or_null(x->next[i].what));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *checks(unsigned n, const struct report_check *k)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < n; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "look", text_or_null(k[i].look));
		json_object_set_new(o, "command", text_or_null(k[i].command));
		json_object_set_new(o, "tells", text_or_null(k[i].tells));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *evidence(const struct report_explain *x)
{
	json_t *a = json_array();

	for (size_t i = 0; i < x->n_evidence; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "time", time_or_null(x->evidence[i].at_ms));
		json_object_set_new(o, "event", stored_or_null(x->evidence[i].text));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *steps(const struct report_explain *x)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < x->n_steps; i++)
		json_array_append_new(a, text_or_null(x->steps[i]));
	return a;
}

void report_json_explain(const struct report *r, const struct report_explain *x)
{
	json_t *o = phone_object(&x->subject);

	json_object_set_new(o, "sentence", text_or_null(x->sentence));
	json_object_set_new(o, "sees", text_or_null(x->sees));
	json_object_set_new(o, "names", namings(x));
	json_object_set_new(o, "load-files", files(x));
	json_object_set_new(o, "load-fault", text_or_null(x->files_fault));
	json_object_set_new(o, "running-how", text_or_null(x->runs));
	json_object_set_new(o, "port", stored_or_null(x->port));
	json_object_set_new(o, "summary", text_or_null(x->summary));
	json_object_set_new(o, "causes", fits(x));
	json_object_set_new(o, "evidence", evidence(x));
	json_object_set_new(o, "timeline", timeline(x));
	json_object_set_new(o, "heard", time_or_null(x->heard_ms));
	json_object_set_new(o, "limit", time_or_null(x->limit_ms));
	json_object_set_new(o, "action", text_or_null(x->action));
	json_object_set_new(o, "steps", steps(x));
	json_object_set_new(o, "do-not", text_or_null(x->dont));
	json_object_set_new(o, "next", next(x));
	json_object_set_new(o, "checklist", checks(x->n_checks, x->checks));
	print(r, o, JSON_INDENT(2));
}

void report_json_stranger(const struct report *r, const struct report_stranger *s)
{
	json_t *o = json_object(), *near = json_array();

	for (unsigned i = 0; i < s->n_near; i++)
		json_array_append_new(near, text_or_null(s->near[i]));
	json_object_set_new(o, "asked", stored_or_null(s->asked));
	json_object_set_new(o, "known", json_false());
	json_object_set_new(o, "near", near);
	json_object_set_new(o, "checklist", checks(s->n_checks, s->checks));
	print(r, o, JSON_INDENT(2));
}
