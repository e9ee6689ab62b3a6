/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Packets as the shim would hand them over, lengths that it would never give included, into a hook with a
 * store of its own; the recorder's body runs now and then, so that what was pushed reaches the engine.
 */
#include <ftw.h>
#include <string.h>

#include "hook.h"

#include "fuzz.h"

#define RUN_EVERY 64

struct input {
	const uint8_t *p;
	size_t n;
};

/* The next bytes; zeros behind the end. */
static void take(struct input *in, void *to, size_t size)
{
	size_t n = in->n < size ? in->n : size;

	memset(to, 0, size);
	memcpy(to, in->p, n);
	in->p += n;
	in->n -= n;
}

static uint8_t byte(struct input *in)
{
	uint8_t b;

	take(in, &b, 1);
	return b;
}

static struct hook *the_hook(struct hook *made)
{
	static struct hook *h;

	if (made)
		h = made;
	return h;
}

static char *place(void)
{
	static char dir[] = "/tmp/fuzz_border.XXXXXX";

	return dir;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void end(void)
{
	struct hook_log log = { .n = 0 };
	struct hook *h = the_hook(NULL);

	hook_stop(h);
	hook_finish(h, &log);
	hook_free(h);
	nftw(place(), remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void write_config(const char *path)
{
	FILE *f = fopen(path, "w");

	MUST(f);
	fprintf(f,
		"[store]\nurl = sqlite:%s/state.db\n[tftp]\nroot = %s\n[plan climb]\nmodels = 7940 7960 unnamed\n"
		"stages = P00303010102 P00305000500\nstart = automatic\nnetworks = 0.0.0.0/0\n"
		"client-class = a b\ntftp-servers = 10.0.0.1 10.0.0.2\n"
		"[vendor-class own]\nmatch = Own\nmodel = 7961\ntftp-servers = 10.0.0.9\noverride = if-absent\n",
		place(), place());
	MUST(fclose(f) == 0);
}

static struct hook *start(void)
{
	struct hook_param p = { .name = "config-file", .place = "here", .is_text = true };
	struct hook_log log = { .n = 0 };
	struct hook *h = hook_new();

	MUST(h && mkdtemp(place()));
	snprintf(p.value, sizeof p.value, "%s/conf", place());
	write_config(p.value);
	hook_param_put(h, &p, &log);
	MUST(hook_start(h, &log) == 0 && log.n && log.line[log.n - 1].id == MSG_STARTED);
	atexit(end);
	return the_hook(h);
}

static void fill(struct input *in, struct dhcp_query *q)
{
	uint8_t flags = byte(in);

	q->query_type = byte(in) % 9;
	q->reply_type = flags & 1 ? 5 : 2;
	q->mac_known = flags & 2;
	q->has_150 = flags & 4;
	q->has_66 = flags & 8;
	q->debug = flags & 16;
	memset(q->mac, 0x11, sizeof q->mac);
	q->mac[5] = byte(in) % 16; /* few phones, so that the store stays small */
	q->yiaddr = flags & 32 ? 0 : 0x0a000014 + byte(in) % 16;
	q->ciaddr = flags & 64 ? q->yiaddr : 0;
	take(in, &q->giaddr, sizeof q->giaddr);
	take(in, &q->xid, sizeof q->xid);
	take(in, &q->siaddr, sizeof q->siaddr);
	take(in, &q->vendor_len, sizeof q->vendor_len);
	take(in, &q->hostname_len, sizeof q->hostname_len);
	take(in, &q->relay_len, sizeof q->relay_len);
	take(in, &q->classes_len, sizeof q->classes_len);
	take(in, q->vendor_class, sizeof q->vendor_class);
	take(in, q->hostname, sizeof q->hostname);
	take(in, q->relay, sizeof q->relay);
	take(in, q->classes, sizeof q->classes);
	take(in, &q->server_len, sizeof q->server_len);
	take(in, q->server, sizeof q->server);
}

static void check(const struct dhcp_reply *r)
{
	if (!r->set_150)
		MUST(!r->set_66 && !r->set_siaddr);
	else
		MUST(r->n_bytes && r->n_bytes % 4 == 0 && r->n_bytes <= sizeof r->servers &&
		     strnlen(r->text, sizeof r->text) == r->text_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char bare[] = "Cisco Systems, Inc. IP Phone";
	static unsigned count;
	struct hook *h = the_hook(NULL) ? the_hook(NULL) : start();
	struct input in = { data, size };
	struct hook_log log = { .n = 0 };
	struct dhcp_gone gone = { .mac_known = true };
	struct dhcp_reply reply;
	/* on the heap: what is read behind its end is seen */
	struct dhcp_query *q = calloc(1, sizeof *q);

	MUST(q);
	fill(&in, q);
	hook_on_reply(h, q, &reply, &log);
	check(&reply);
	memcpy(gone.mac, q->mac, sizeof gone.mac);
	gone.address = q->yiaddr;
	if (q->query_type == 7)
		hook_on_gone(h, &gone, &log);
	hook_on_message(h, data, size, &log);
	/* a phone of ours wakes the recorder, which would wait otherwise */
	if (++count % RUN_EVERY == 1) {
		q->reply_type = 5;
		q->mac_known = true;
		q->yiaddr = 0x0a000013;
		q->vendor_len = sizeof bare - 1;
		memcpy(q->vendor_class, bare, sizeof bare - 1);
		hook_on_reply(h, q, &reply, &log);
		log.n = 0;
		MUST(hook_run_once(h, &log) == 0);
	}
	free(q);
	return 0;
}
