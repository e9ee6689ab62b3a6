/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What TFTP tells: whose transfer it was, what the file means, and one step of the engine. The asker is the
 * MAC that DHCP gave the address to (the address link, read before any store; else the store), else the MAC
 * in the file's name, else nobody yet: recorded by address. A file name never moves another's phone.
 */
#include <string.h>

#include "file.h"
#include "fleet_priv.h"

struct asker {
	struct mac mac;
	bool mac_known;
	bool by_name; /* the MAC comes from the file's name alone, or from our own log line */
	bool conflict;
	struct name_verdict name;
	struct file_identity id;
	int64_t holder_since_ms; /* 0 = the address did not change hands */
};

/* A name alone never moves a phone that DHCP has given another address: somebody else asked for its file. */
static bool holds_another(struct fleet *f, struct ip4 client, const struct mac *mac)
{
	struct mac holder;
	int64_t since;
	struct phone p;
	struct err e;

	return state_phone_find(f->st, mac, &p, &e) == 0 && phone_is(&p, PHONE_DHCP_KNOWN) &&
	       p.address.host && p.address.host != client.host &&
	       state_address_find(f->st, p.address, &holder, &since, &e) == 0 && mac_equal(&holder, mac);
}

static int asker_find(struct fleet *f, const struct file_event *fe, const char *file, struct asker *ret,
		      struct err *e)
{
	int rc = 1;

	*ret = (struct asker){ .mac_known = false };
	file_identity(file, &ret->id);
	if (fe->mac_known) {
		ret->mac = fe->mac;
		ret->mac_known = ret->by_name = ret->id.phone_file = true;
		return 0;
	}
	if (f->have_view && view_address_get(&f->view, fe->client, &ret->mac, e) == 0)
		ret->mac_known = true;
	rc = state_address_find(f->st, fe->client, &ret->mac, &ret->holder_since_ms, e);
	if (rc < 0)
		return -1;
	if (rc == 0)
		ret->mac_known = true;
	if (ret->id.mac_known && ret->mac_known)
		ret->conflict = !mac_equal(&ret->mac, &ret->id.mac);
	if (ret->conflict && !holds_another(f, fe->client, &ret->id.mac)) {
		if (identity_named(f, fe->client, &ret->mac, &ret->id.mac, fe->at_ms, &ret->name, e) < 0)
			return -1;
		if (ret->name.taken || ret->name.shared) {
			ret->mac = ret->id.mac;
			ret->conflict = false;
			ret->by_name = true;
			ret->holder_since_ms = 0;
		}
	}
	if (ret->id.mac_known && !ret->mac_known) {
		ret->mac = ret->id.mac;
		ret->mac_known = ret->by_name = true;
		ret->conflict = holds_another(f, fe->client, &ret->mac);
		if (ret->conflict && !(f->flags & FLEET_REPLAY) &&
		    identity_elsewhere(f, fe->client, &ret->mac, fe->at_ms, e) < 0)
			return -1;
	}
	return 0;
}

/* The asker's row. 1 = there is none and none is to be made: nothing of ours. */
static int asker_phone(struct fleet *f, const struct file_event *fe, const struct asker *a, struct phone *ret,
		       struct err *e)
{
	int rc = 1;

	if (a->mac_known) {
		rc = state_phone_find(f->st, &a->mac, ret, e);
		if (rc < 0)
			return rc;
	}
	if (rc == 0)
		return a->by_name ? identity_merge(f, fe->client, ret, fe->at_ms, e) : 0;
	if (!a->id.phone_file && !a->mac_known)
		return state_phone_find_address(f->st, fe->client, ret, e);
	rc = state_phone_find_address(f->st, fe->client, ret, e);
	if (rc < 0)
		return rc;
	if (rc == 1) {
		if (!a->id.phone_file)
			return 1;
		phone_init(ret, a->mac_known ? &a->mac : NULL);
		ret->address = fe->client;
		ret->since_ms = fe->at_ms;
	}
	if (a->mac_known) {
		ret->mac = a->mac;
		ret->mac_known = true;
	}
	return 0;
}

/* Is the XMLDefault that went out not the one of this phone's stage? Each stage's has a size of its own. */
static bool other_config(struct fleet *f, const struct phone *p, const char *file, int64_t bytes)
{
	int64_t own;

	if (!phone_on_way(p) || strcmp(path_base(file), "XMLDefault.cnf.xml") != 0)
		return false;
	if (f->cfg->layout == LAYOUT_SHARED)
		return cohort_elsewhere(f, p);
	if (!f->have_view || bytes < 0)
		return false;
	return view_stage_ready(&f->view, p->plan, &p->load, &own) == 0 && own != bytes;
}

static bool is_own_sep(const struct phone *p, const char *file)
{
	char name[40] = "SEP";

	mac_format_bare(name + 3, &p->mac);
	text_copy(name + strlen(name), sizeof(name) - strlen(name), ".cnf.xml");
	return p->mac_known && strcmp(path_base(file), name) == 0;
}

/* Is what went out its own SEP file, and names that its stage's load? */
static bool stage_sep(struct fleet *f, const struct phone *p, enum event_kind kind, const char *file, int64_t bytes)
{
	int64_t own;

	if (kind != EVENT_SENT || !phone_on_way(p) || !is_own_sep(p, file))
		return false;
	if (f->cfg->layout == LAYOUT_SHARED)
		return cohort_sep_named(f, p);
	return f->have_view && view_sep_bytes(&f->view, p->plan, &p->load, &p->mac, &own) == 0 &&
	       (bytes < 0 || own == bytes);
}

static void verdict_fill(struct file_verdict *v, const struct phone *p, enum phase from)
{
	v->known = true;
	v->mac = p->mac;
	v->mac_known = p->mac_known;
	text_copy(v->plan, sizeof(v->plan), p->plan);
	v->stage_no = p->stage_no;
	v->load = p->load;
	v->from = from;
	v->to = p->phase;
}

/* Why this event is noted and not credited; NULL = it is credited. */
static const char *not_credited(const struct fleet *f, const struct file_event *fe, const struct asker *a,
				const struct phone *p)
{
	if (a->conflict)
		return a->by_name ? NOTE_NOT_ITS_ADDRESS
				  : "the name has another phone's MAC: not credited";
	if (!(f->flags & FLEET_REPLAY) && a->holder_since_ms && fe->at_ms >= a->holder_since_ms &&
	    fe->at_ms - a->holder_since_ms < f->cfg->limits.holder_change)
		return "the address has just changed hands: not credited";
	if (phone_is(p, PHONE_ADDRESS_SHARED) && !a->id.mac_known)
		return "several phones ask from this address: not credited";
	return NULL;
}

/* Not its own doing perhaps, so nothing but that it was seen. */
static int asked_elsewhere(struct fleet *f, struct phone *p, int64_t at_ms, struct err *e)
{
	struct event ev = { .kind = EVENT_TICK, .at_ms = at_ms, .bytes = -1, .signs = 1u << SIGN_ELSEWHERE };
	struct engine_result r;

	return fleet_apply(f, p, fleet_plan_of(f, p, NULL), &ev, NULL, &r, e);
}

static int transfer(struct fleet *f, const struct file_event *fe, const char *file, struct asker *a,
		    struct phone *p, struct file_verdict *ret, struct err *e)
{
	bool live = !(f->flags & FLEET_REPLAY);
	int64_t at = fe->from_log && live ? log_time(fe->at_ms) : fe->at_ms;
	struct event ev = { .kind = fe->kind, .file = file, .bytes = fe->bytes };
	enum phase from = p->phase;
	struct engine_result r;
	struct history h;

	if (!p->id && state_phone_put(f->st, p, e) < 0)
		return -1;
	if (a->name.shared)
		p->flags |= PHONE_ADDRESS_SHARED;
	if (a->by_name && !a->conflict) {
		if (state_address_put(f->st, fe->client, &a->mac, a->name.taken ? fe->at_ms : 0, e) < 0)
			return -1;
		p->address = fe->client;
		touch_address(f, fe->client);
	}
	ev.at_ms = fleet_engine_time(f, at);
	ev.other_config = other_config(f, p, file, fe->bytes);
	ev.stage_sep = stage_sep(f, p, fe->kind, file, fe->bytes);
	ev.signs = files_signs(f, p, fe, file);
	history_init(&h, p, fe->kind, fe->at_ms);
	h.address = fe->client;
	h.bytes = fe->bytes;
	text_copy(h.file, sizeof(h.file), ret->file);
	if (fe->kind == EVENT_SENT || fe->unmasks)
		h.twin_ms = TWIN_AWAITED;
	if (fe->note)
		text_copy(h.note, sizeof(h.note), fe->note);
	const char *why = not_credited(f, fe, a, p);

	if (why) {
		text_copy(h.note, sizeof(h.note), why);
		text_copy(ret->note, sizeof(ret->note), why);
		verdict_fill(ret, p, from);
		if (state_history_put(f->st, &h, e) < 0)
			return -1;
		return a->conflict && a->by_name ? asked_elsewhere(f, p, ev.at_ms, e) : 0;
	}
	if (fleet_apply(f, p, fleet_plan_of(f, p, NULL), &ev, &h, &r, e) < 0)
		return -1;
	if (fe->kind == EVENT_SENT &&
	    state_fetch_add(f->st, p->id, p->stage_no, ret->file, fe->bytes, fe->at_ms, e) < 0)
		return -1;
	text_copy(ret->note, sizeof(ret->note), h.note);
	if (live && fleet_start_unleased(f, p, fe->at_ms, e) < 0)
		return -1;
	verdict_fill(ret, p, from);
	return 0;
}

/* The other witness has told of this transfer, so whose it was is known: its entry is completed, and the phone's
 * evidence where the time was wrong. Only what never went out is an entry of its own. */
static int second_word(struct fleet *f, const struct file_event *fe, const char *file, const struct twin *t,
		       struct file_verdict *ret, struct err *e)
{
	struct event ev = { .kind = fe->kind, .file = file, .bytes = fe->bytes };
	struct engine_result r;
	struct history h;
	struct phone p;

	ret->again = true;
	text_copy(ret->note, sizeof(ret->note), fe->from_log ? "the script has reported it" : "in the log already");
	if (twin_put(f, fe, t, e) < 0)
		return -1;
	int rc = state_phone_find_id(f->st, t->entry.phone_id, &p, e);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	enum phase from = p.phase;

	ev.at_ms = fleet_engine_time(f, log_time(fe->at_ms));
	ev.other_config = other_config(f, &p, file, fe->bytes);
	ev.stage_sep = stage_sep(f, &p, fe->kind, file, fe->bytes);
	if (twin_correct(f, fe, t, &ev) == 0) {
		history_init(&h, &p, fe->kind, fe->at_ms);
		h.address = fe->client;
		h.twin_ms = t->entry.at_ms;
		text_copy(h.file, sizeof(h.file), ret->file);
		if (fleet_apply(f, &p, fleet_plan_of(f, &p, NULL), &ev, fe->unmasks ? &h : NULL, &r, e) < 0)
			return -1;
	}
	verdict_fill(ret, &p, from);
	return 0;
}

static int on_file(struct fleet *f, const struct file_event *fe, const char *file, struct file_verdict *ret,
		   struct err *e)
{
	struct twin twin;
	struct asker a;
	struct phone p;
	int rc = twin_find(f, fe, ret->file, &twin, e);

	if (rc < 0)
		return -1;
	if (rc == 0 && twin.known)
		return second_word(f, fe, file, &twin, ret, e);
	if (rc == 0) {
		ret->again = true;
		text_copy(ret->note, sizeof(ret->note), "reported already");
		return 0;
	}
	if (asker_find(f, fe, file, &a, e) < 0)
		return -1;
	rc = asker_phone(f, fe, &a, &p, e);
	if (rc != 0)
		return rc;
	return transfer(f, fe, file, &a, &p, ret, e);
}

int fleet_on_file(struct fleet *f, const struct file_event *fe, struct file_verdict *ret, struct err *e)
{
	const char *file = fe->path;
	struct ip4 through = { 0 };

	*ret = (struct file_verdict){ .known = false };
	if (file_is_probe(fe->path)) {
		text_escape(ret->file, sizeof(ret->file), fe->path, strlen(fe->path));
		text_copy(ret->note, sizeof(ret->note), "asked for by `loadstep check --wire`");
		return 1;
	}
	if (f->flags & FLEET_REPLAY)
		file = path_base(fe->path);
	else if (f->have_view && fe->path[0] == '/' &&
		 view_split_path(&f->view, fe->path, &through, &file) != 0) {
		text_escape(ret->file, sizeof(ret->file), fe->path, strlen(fe->path));
		text_copy(ret->note, sizeof(ret->note), "outside the TFTP root");
		return 1;
	}
	text_escape(ret->file, sizeof(ret->file), file, strlen(file));
	if (replay_clock(f, fe->at_ms, e) < 0 || tx_begin(f, fe->at_ms, e) < 0)
		return -1;
	int rc = on_file(f, fe, file, ret, e);

	if (rc < 0) {
		tx_abort(f);
		return err_wrap(e, "%s of %s", event_kind_name(fe->kind), ret->file);
	}
	if (tx_end(f, e) < 0)
		return -1;
	ret->rotate = f->rotate;
	return rc;
}
