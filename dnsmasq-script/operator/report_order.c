/* SPDX-License-Identifier: MPL-2.0 */
/* See report_order.h. */
#include "report_order.h"

#include <stdlib.h>
#include <string.h>

static enum report_rank rank_of_phase(const struct phone *p)
{
	switch (p->phase) {
	case PHASE_STUCK:
		return RANK_STUCK;
	case PHASE_HALF_FLASHED:
		return RANK_HALF_FLASHED;
	case PHASE_FLASHING:
		return RANK_FLASHING;
	case PHASE_DOWNLOADING:
		return RANK_DOWNLOADING;
	case PHASE_CHECKING:
		return RANK_CHECKING;
	case PHASE_OFFERED:
		return RANK_OFFERED;
	case PHASE_WAITING:
		return RANK_WAITING;
	case PHASE_DONE:
		return phone_is(p, PHONE_ON_LAST) ? RANK_NOT_PROVISIONED : RANK_DONE;
	case PHASE_SEEN:
	case PHASE_COUNT:
		break;
	}
	return RANK_SEEN;
}

enum report_rank report_rank(const struct report_phone *rp)
{
	const struct phone *p = &rp->phone;
	enum report_rank rank = rank_of_phase(p);

	if (rank == RANK_STUCK)
		return rank;
	if (p->cause != CAUSE_NONE)
		return RANK_TROUBLE;
	if (phone_is(p, PHONE_NEEDS_REBOOT))
		return RANK_NEEDS_REBOOT;
	if (phone_is(p, PHONE_LATE))
		return RANK_LATE;
	return rank > RANK_WRITING && !rp->unplug.may ? RANK_WRITING : rank;
}

/* ---- order */

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_cause(enum cause a, enum cause b, const unsigned *phones)
{
	if (a == b)
		return 0;
	return phones[a] != phones[b] ? compare(phones[b], phones[a]) : strcmp(cause_name(a), cause_name(b));
}

static int by_plan(const struct phone *a, const struct phone *b)
{
	int order = (a->plan[0] == '\0') - (b->plan[0] == '\0');

	return order ? order : strcmp(a->plan, b->plan);
}

static int by_identity(const struct phone *a, const struct phone *b)
{
	int order = memcmp(a->mac.b, b->mac.b, sizeof(a->mac.b));

	if (order == 0)
		order = compare(a->address.host, b->address.host);
	return order ? order : compare((uint64_t)a->id, (uint64_t)b->id);
}

static int by_attention(const void *x, const void *y, void *arg)
{
	const struct report_phone *a = x, *b = y;
	const struct phone *p = &a->phone, *q = &b->phone;
	int order = compare(report_rank(a), report_rank(b));

	if (order == 0)
		order = by_cause(p->cause, q->cause, arg);
	if (order == 0)
		order = compare(p->phase, q->phase);
	if (order == 0)
		order = by_plan(p, q);
	if (order == 0)
		order = compare(report_flags(p), report_flags(q));
	return order ? order : by_identity(p, q);
}

void report_sort(struct report_phone *a, size_t n)
{
	unsigned phones[CAUSE_COUNT] = { 0 };

	for (size_t i = 0; i < n; i++)
		phones[a[i].phone.cause]++;
	if (n > 0)
		qsort_r(a, n, sizeof(*a), by_attention, phones);
}

bool report_alike(const struct report_phone *a, const struct report_phone *b)
{
	const struct phone *p = &a->phone, *q = &b->phone;

	return report_rank(a) == report_rank(b) && p->cause == q->cause && p->phase == q->phase &&
	       strcmp(p->plan, q->plan) == 0 && report_flags(p) == report_flags(q);
}
