/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The directory in memory. One writer builds what is new beside and holds the write lock for a pointer or one
 * entry; readers hold the read lock for a look-up and the pure decision of fleet_answer(). Of a phone only
 * its standing is kept, some 200 bytes: what the answer depends on. The file is directory_file.c's.
 */
#include "directory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "directory_priv.h"
#include "map.h"
#include "strbuf.h"

static uint64_t mac_key(const struct mac *m)
{
	uint64_t k = 0;

	for (int i = 0; i < 6; i++)
		k = k << 8 | m->b[i];
	return k;
}

int directory_new(struct directory **ret, struct err *e)
{
	struct directory *d = calloc(1, sizeof *d);
	pthread_rwlockattr_t attr;

	if (!d)
		return err_set(e, ERR_SYSTEM, "no memory for the directory");
	map_init(&d->phones, sizeof(struct entry));
	map_init(&d->addresses, sizeof(struct mac));
	/* A steady stream of packets must not keep the one writer out. */
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&d->lock, &attr);
	pthread_rwlockattr_destroy(&attr);
	*ret = d;
	return 0;
}

void directory_free(struct directory *d)
{
	if (!d)
		return;
	map_fini(&d->phones);
	map_fini(&d->addresses);
	config_free(d->cfg);
	free(d->text);
	pthread_rwlock_destroy(&d->lock);
	free(d);
}

/* ---- asking */

/* Option 12 is "SEP" and the asker's own MAC (F§1.4). Where a class was sent it says whether that is a newer phone, which
 * has such a name, too. */
static bool named_sep(const struct directory_ask *ask)
{
	char expect[4 + MAC_TEXT_SIZE] = "SEP";

	if (!ask->mac_known || ask->hostname_len != 15)
		return false;
	mac_format_bare(expect + 3, &ask->mac);
	return memcmp(ask->hostname, expect, 15) == 0;
}

static void answer_locked(const struct directory *d, const struct directory_ask *ask,
			  struct directory_told *ret)
{
	const struct entry *en = ask->mac_known ? map_find(&d->phones, mac_key(&ask->mac)) : NULL;
	const struct mac *holder = ask->address.host ? map_find(&d->addresses, ask->address.host) : NULL;
	const struct vendor_class *vc = NULL;
	struct vendor v;
	struct phone p;

	ret->held_by_other = holder && !(ask->mac_known && mac_equal(holder, &ask->mac));
	if (!d->cfg)
		return;
	config_vendor(d->cfg, ask->vendor_class, ask->vendor_len, &v, &vc);
	ret->ours = en || vc || v.kind == VENDOR_BARE || v.kind == VENDOR_NAMED ||
		    (v.kind == VENDOR_NONE && named_sep(ask)) ||
		    (v.kind == VENDOR_OTHER &&
		     vendor_is_unknown(&v, ask->vendor_class, ask->vendor_len, named_sep(ask)));
	if (!ret->ours)
		return;
	if (en)
		entry_to_phone(en, &p);
	fleet_answer(d->cfg, en ? &p : NULL, &v, vc, ask->giaddr, ask->address, &ret->answer);
}

void directory_answer(struct directory *d, const struct directory_ask *ask, struct directory_told *ret)
{
	*ret = (struct directory_told){ .answer.kind = ANSWER_UNTOUCHED };
	pthread_rwlock_rdlock(&d->lock);
	answer_locked(d, ask, ret);
	pthread_rwlock_unlock(&d->lock);
}

bool directory_concerns(struct directory *d, const struct mac *mac, struct ip4 address)
{
	const struct mac *holder;
	bool yes;

	pthread_rwlock_rdlock(&d->lock);
	holder = address.host ? map_find(&d->addresses, address.host) : NULL;
	yes = map_find(&d->phones, mac_key(mac)) || (holder && mac_equal(holder, mac));
	pthread_rwlock_unlock(&d->lock);
	return yes;
}

void entry_to_phone(const struct entry *en, struct phone *ret)
{
	phone_init(ret, &en->mac);
	ret->address = en->address;
	memcpy(ret->plan, en->plan, sizeof ret->plan);
	memcpy(ret->model, en->model, sizeof ret->model);
	ret->load = en->load;
	ret->phase = en->phase;
	ret->stage_no = en->stage_no;
	ret->flags = en->flags;
	ret->generation = en->generation;
	ret->vendor = en->vendor;
}

static void phone_to_entry(const struct phone *p, struct entry *ret)
{
	memset(ret, 0, sizeof *ret); /* entries are compared as bytes */
	ret->mac = p->mac;
	ret->address = p->address;
	text_copy(ret->plan, sizeof ret->plan, p->plan);
	text_copy(ret->model, sizeof ret->model, p->model);
	text_copy(ret->load.s, sizeof ret->load.s, p->load.s);
	ret->phase = p->phase;
	ret->stage_no = p->stage_no;
	ret->flags = p->flags;
	ret->generation = p->generation;
	ret->vendor = p->vendor;
}

/* ---- writing */

/* Put into a map that readers use: grown beside, swapped or changed under the write lock. */
static int put_shared(struct directory *d, struct map *m, uint64_t key, const void *value, struct err *e)
{
	struct map grown = { 0 };
	struct map old = { 0 };
	bool grow = map_full(m) && !map_find(m, key);

	if (grow && map_grown(m, &grown) < 0)
		return err_set(e, ERR_SYSTEM, "no memory for the directory");
	pthread_rwlock_wrlock(&d->lock);
	if (grow) {
		old = *m;
		*m = grown;
	}
	map_put(m, key, value);
	pthread_rwlock_unlock(&d->lock);
	map_fini(&old);
	return 0;
}

int directory_address_put(struct directory *d, struct ip4 addr, const struct mac *mac, struct err *e)
{
	const struct mac *was = addr.host ? map_find(&d->addresses, addr.host) : NULL;

	if (!addr.host || (was && mac_equal(was, mac)))
		return 0;
	return put_shared(d, &d->addresses, addr.host, mac, e);
}

int entry_put(struct directory *d, const struct entry *en, struct err *e)
{
	const struct entry *was = map_find(&d->phones, mac_key(&en->mac));
	bool moved = !was || was->address.host != en->address.host;

	/* Zeroed, then filled; bytes between the members that differ all the same cost one more write.
	 * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c) */
	if (was && memcmp(was, en, sizeof *en) == 0)
		return 0;
	if (put_shared(d, &d->phones, mac_key(&en->mac), en, e) < 0)
		return -1;
	d->dirty = true;
	return moved ? directory_address_put(d, en->address, &en->mac, e) : 0;
}

int directory_phone_put(struct directory *d, const struct phone *p, struct err *e)
{
	struct entry en;

	if (!p->mac_known)
		return 0; /* known by its address only: DHCP cannot meet it by MAC */
	phone_to_entry(p, &en);
	return entry_put(d, &en, e);
}

int directory_plans_set(struct directory *d, struct config *cfg, int64_t revision, const char *text,
			struct err *e)
{
	char *copy = strdup(text ? text : "");
	struct config *old_cfg = d->cfg;
	char *old_text = d->text;

	if (!copy) {
		config_free(cfg);
		return err_set(e, ERR_SYSTEM, "no memory for the plans");
	}
	d->dirty = d->dirty || !old_text || strcmp(old_text, copy) != 0 || d->revision != revision;
	pthread_rwlock_wrlock(&d->lock);
	d->cfg = cfg;
	d->text = copy;
	d->revision = revision;
	pthread_rwlock_unlock(&d->lock);
	config_free(old_cfg);
	free(old_text);
	return 0;
}

int directory_plans_apply(struct directory *d, int64_t revision, const char *text, size_t len, struct err *e)
{
	CLEANUP(cleanup_free) char *copy = strndup(text, len);
	struct config *cfg = NULL;

	if (!copy)
		return err_set(e, ERR_SYSTEM, "no memory for the plans");
	if (config_parse("directory", "", 0, NULL, &cfg, NULL, e) < 0)
		return -1;
	if (config_apply_revision(cfg, text, len, e) < 0) {
		config_free(cfg);
		return err_wrap(e, "plans of revision %lld", (long long)revision);
	}
	return directory_plans_set(d, cfg, revision, copy, e);
}

bool directory_has_plans(const struct directory *d)
{
	return d->cfg != NULL;
}

/* ---- following the store */

static int follow_plans(struct directory *d, struct fleet *f, bool full, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(DIRECTORY_BYTES_MAX / 2);
	int64_t revision = fleet_revision(f);

	if (!full && revision == d->revision)
		return 0;
	if (config_format_revision(fleet_config(f), &text, e) < 0 || strbuf_check(&text, "the plans", e) < 0)
		return -1;
	if (d->cfg && revision == d->revision && d->text && strcmp(d->text, strbuf_text(&text)) == 0)
		return 0;
	return directory_plans_apply(d, revision, strbuf_text(&text), text.len, e);
}

static int on_phone(void *arg, const struct phone *p, struct err *e)
{
	struct directory *d = arg;

	if (p->change > d->change)
		__atomic_store_n(&d->change, p->change, __ATOMIC_RELAXED);
	return directory_phone_put(d, p, e);
}

static int map_put_private(struct map *m, uint64_t key, const void *value, struct err *e)
{
	if (map_full(m) && !map_find(m, key)) {
		struct map grown;

		if (map_grown(m, &grown) < 0)
			return err_set(e, ERR_SYSTEM, "no memory for the directory");
		map_fini(m);
		*m = grown;
	}
	map_put(m, key, value);
	return 0;
}

struct fresh {
	struct map phones;
	struct map addresses;
	int64_t change;
};

static void fresh_fini(struct fresh *fr)
{
	map_fini(&fr->phones);
	map_fini(&fr->addresses);
}

static int on_fresh_phone(void *arg, const struct phone *p, struct err *e)
{
	struct fresh *fr = arg;
	struct entry en;

	if (p->change > fr->change)
		fr->change = p->change;
	if (!p->mac_known)
		return 0;
	phone_to_entry(p, &en);
	if (en.address.host && map_put_private(&fr->addresses, en.address.host, &en.mac, e) < 0)
		return -1;
	return map_put_private(&fr->phones, mac_key(&en.mac), &en, e);
}

static int on_fresh_address(void *arg, struct ip4 addr, const struct mac *mac, int64_t since_ms,
			    struct err *e)
{
	struct fresh *fr = arg;

	(void)since_ms;
	return map_put_private(&fr->addresses, addr.host, mac, e);
}

/* Is every phone of `now` in `before`, the same, and as many? */
static bool same_phones(const struct map *before, const struct map *now)
{
	if (before->n != now->n)
		return false;
	for (size_t i = 0; i < now->cap; i++) {
		const struct entry *en = map_at(now, i);
		const struct entry *was = en ? map_find(before, mac_key(&en->mac)) : NULL;

		/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): as there */
		if (en && (!was || memcmp(en, was, sizeof *en) != 0))
			return false;
	}
	return true;
}

static int refresh_all(struct directory *d, struct state *st, struct err *e)
{
	CLEANUP(fresh_fini)
	struct fresh fr = { .phones.size = sizeof(struct entry), .addresses.size = sizeof(struct mac) };
	struct map phones = d->phones;
	struct map addresses = d->addresses;

	/* Phones first: where both speak of an address, the table of holders is right. */
	if (state_phone_list(st, on_fresh_phone, &fr, e) != 0 ||
	    state_address_list(st, on_fresh_address, &fr, e) != 0)
		return -1;
	d->dirty = d->dirty || !same_phones(&d->phones, &fr.phones);
	pthread_rwlock_wrlock(&d->lock);
	d->phones = fr.phones;
	d->addresses = fr.addresses;
	pthread_rwlock_unlock(&d->lock);
	__atomic_store_n(&d->change, fr.change, __ATOMIC_RELAXED);
	fr.phones = phones;
	fr.addresses = addresses;
	return 0;
}

int directory_refresh(struct directory *d, struct fleet *f, bool full, struct err *e)
{
	struct state *st = fleet_state(f);

	if (follow_plans(d, f, full, e) < 0)
		return -1;
	if (full)
		return refresh_all(d, st, e);
	return state_phone_list_since(st, d->change, on_phone, d, e) != 0 ? -1 : 0;
}

bool directory_dirty(const struct directory *d)
{
	return d->dirty;
}

bool entry_answered(const struct directory *d, const struct entry *en)
{
	struct vendor v = { .kind = en->vendor };
	struct answer a = { .kind = ANSWER_UNTOUCHED };
	struct phone p;

	if (!d->cfg)
		return false;
	text_copy(v.model, sizeof v.model, en->model);
	entry_to_phone(en, &p);
	fleet_answer(d->cfg, &p, &v, NULL, (struct ip4){ 0 }, en->address, &a);
	return a.kind == ANSWER_SERVERS;
}

void directory_counts(struct directory *d, struct directory_counts *ret)
{
	*ret = (struct directory_counts){ 0 };
	pthread_rwlock_rdlock(&d->lock);
	ret->phones = (int64_t)d->phones.n;
	ret->addresses = (int64_t)d->addresses.n;
	ret->revision = d->revision;
	pthread_rwlock_unlock(&d->lock);
	ret->answers = __atomic_load_n(&d->answers, __ATOMIC_RELAXED);
	ret->change = __atomic_load_n(&d->change, __ATOMIC_RELAXED);
}
