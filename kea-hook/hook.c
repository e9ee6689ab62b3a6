/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One struct hook a loaded library: parameters and configuration, then directory and recorder. Loading never
 * fails for what is wrong in them (a library that says no stops DHCP, K§0.1): it answers from the directory
 * file, or is disabled, and says so, unless "strict" asks for the refusal. What Kea hands over is checked
 * again here: the host must survive our mistakes.
 */
#include "hook.h"

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "commands.h"
#include "config.h"
#include "directory.h"
#include "file.h"
#include "recorder.h"
#include "request.h"
#include "spool.h"
#include "strbuf.h"

enum { DHCPDISCOVER = 1, DHCPOFFER = 2, DHCPREQUEST = 3, DHCPACK = 5, DHCPINFORM = 8 }; /* RFC 2132 §9.6 */

#define FAULTS_BYTES_MAX 65536
#define THREAD_NICE 10 /* K§6.3: drops at 10 000/s fell from 0.43 % to what they are without a hook */

#define SERVER_IDS_MAX 16 /* one an interface; a server with more is not told apart from others */

enum hook_mode { MODE_DISABLED, MODE_FALLBACK, MODE_RUNNING };

struct hook {
	enum hook_mode mode;
	bool strict;
	unsigned n_faults;
	char reason[HOOK_LINE_SIZE]; /* the first fault */
	char config_file[256];
	char store_url[256]; /* the parameter, "" = the configuration's */
	struct recorder_paths paths;
	struct config *cfg;
	struct directory *dir;
	struct recorder *rec;
	struct hook_said said;
	sigset_t signals; /* of the thread that loads us, while it makes ours */
	int64_t replies, answered; /* atomic */
	/* Our own identifiers, learnt from what we send: slots are filled in order and never change. Atomic, host order. */
	uint32_t servers[SERVER_IDS_MAX];
};

static int64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- load */

struct hook *hook_new(void)
{
	struct hook *h = calloc(1, sizeof *h);
	const char *named = getenv("LOADSTEP_CONFIG");

	if (h)
		text_copy(h->config_file, sizeof h->config_file,
			  named && *named ? named : CONFIG_DEFAULT_PATH);
	return h;
}

static void fault(struct hook *h, struct hook_log *log, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void fault(struct hook *h, struct hook_log *log, const char *fmt, ...)
{
	char text[HOOK_LINE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (h->n_faults++ == 0)
		text_copy(h->reason, sizeof h->reason, text);
	/* The last line is for what follows from the faults. */
	if (log->n + 2 < HOOK_LINES_MAX)
		hook_log_add(log, MSG_FAULT, "%s", text);
}

/* Into a text parameter's place. Empty counts as a mistake: leave the parameter out. */
static void set_text(struct hook *h, const struct hook_param *p, char *dst, size_t size, struct hook_log *log)
{
	if (!p->is_text || !p->value[0])
		fault(h, log, "parameter '%s': expected a text in quotes (%s)", p->name, p->place);
	else if (p->cut || !text_copy(dst, size, p->value))
		fault(h, log, "parameter '%s': longer than %zu bytes (%s)", p->name, size - 1, p->place);
}

/* The configuration's own rules for a store URL, by asking it. */
static void check_store_url(struct hook *h, const struct hook_param *p, struct hook_log *log)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(1024);
	struct config *cfg = NULL;
	struct err e;

	if (!h->store_url[0])
		return;
	strbuf_addf(&text, "[store]\nurl = %s\n", h->store_url);
	if (config_parse("store", strbuf_text(&text), text.len, NULL, &cfg, NULL, &e) < 0) {
		fault(h, log, "parameter 'store': %s (%s)", e.text, p->place);
		h->store_url[0] = '\0';
	}
	config_free(cfg);
}

void hook_param_put(struct hook *h, const struct hook_param *p, struct hook_log *log)
{
	if (strcmp(p->name, "config-file") == 0) {
		set_text(h, p, h->config_file, sizeof h->config_file, log);
		if (h->config_file[0] != '/')
			fault(h, log, "parameter 'config-file': \"%s\" is no absolute path (%s)",
			      h->config_file, p->place);
	} else if (strcmp(p->name, "store") == 0) {
		set_text(h, p, h->store_url, sizeof h->store_url, log);
		check_store_url(h, p, log);
	} else if (strcmp(p->name, "strict") == 0) {
		h->strict = !p->is_text && strcmp(p->value, "true") == 0;
		if (p->is_text || (!h->strict && strcmp(p->value, "false") != 0))
			fault(h, log, "parameter 'strict': expected true or false (%s)", p->place);
	} else {
		char name[128];

		fault(h, log, "parameter '%s': unknown, expected config-file, store or strict (%s)",
		      text_escape(name, sizeof name, p->name, strlen(p->name)), p->place);
	}
}

/* All the faults of a configuration file, one line each. */
static void config_faults(struct hook *h, const char *faults, const struct err *e, struct hook_log *log)
{
	if (!*faults)
		fault(h, log, "%s", e->text);
	while (*faults) {
		int n = (int)strcspn(faults, "\n");

		fault(h, log, "%.*s", n, faults);
		faults += n + (faults[n] == '\n');
	}
}

static void load_config(struct hook *h, struct hook_log *log)
{
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(FAULTS_BYTES_MAX);
	struct err e;

	if (config_load(h->config_file, &h->cfg, &faults, &e) < 0) {
		h->cfg = NULL;
		config_faults(h, strbuf_text(&faults), &e, log);
	} else if (h->store_url[0]) {
		text_copy(h->cfg->store_url, sizeof h->cfg->store_url, h->store_url);
	}
}

/* The [store] section alone of a file that has faults elsewhere: the directory file is beside the store. */
static void salvage_store_url(const char *path, char *url, size_t size)
{
	CLEANUP(strbuf_fini) struct strbuf all = STRBUF_INIT(CONFIG_BYTES_MAX);
	CLEANUP(strbuf_fini) struct strbuf part = STRBUF_INIT(CONFIG_BYTES_MAX);
	struct config *cfg = NULL;
	bool inside = false;

	if (file_read(path, CONFIG_BYTES_MAX, &all, NULL) == 0)
		for (const char *p = strbuf_text(&all); *p;) {
			size_t n = strcspn(p, "\n");

			if (p[0] == '[')
				inside = n >= 7 && memcmp(p, "[store]", 7) == 0;
			if (inside) {
				strbuf_add_bytes(&part, p, n);
				strbuf_add_char(&part, '\n');
			}
			p += n + (p[n] == '\n');
		}
	if (config_parse(path, strbuf_text(&part), part.len, NULL, &cfg, NULL, NULL) == 0 ||
	    config_parse(path, "", 0, NULL, &cfg, NULL, NULL) == 0)
		text_copy(url, size, cfg->store_url);
	config_free(cfg);
}

/* Everything of ours stays in the store's directory, which is all that AppArmor must open (K§0.10). */
static int find_paths(struct hook *h, struct err *e)
{
	char store[256], url[256] = "";
	char *slash;

	if (h->store_url[0])
		text_copy(url, sizeof url, h->store_url);
	else if (h->cfg)
		text_copy(url, sizeof url, h->cfg->store_url);
	else
		salvage_store_url(h->config_file, url, sizeof url);
	if (spool_beside(url, "", store, sizeof store, e) < 0 ||
	    spool_beside(url, SPOOL_SUFFIX, h->paths.spool, sizeof h->paths.spool, e) < 0)
		return -1;
	slash = strrchr(store, '/');
	if (!slash)
		return err_set(e, ERR_CONFIG, "store %s: not in a directory", url);
	*slash = '\0';
	if (path_join(h->paths.directory, sizeof h->paths.directory, store, "directory", e) < 0 ||
	    path_join(h->paths.spill, sizeof h->paths.spill, store, "hook-spill", e) < 0)
		return -1;
	return 0;
}

/* The plans of the file, for the packets; the fleet keeps its own copy. */
static int take_plans(struct hook *h, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(DIRECTORY_BYTES_MAX / 2);

	if (config_format_revision(h->cfg, &text, e) < 0 || strbuf_check(&text, "the plans", e) < 0)
		return -1;
	return directory_plans_apply(h->dir, 0, strbuf_text(&text), text.len, e);
}

static void read_directory(struct hook *h, struct hook_log *log)
{
	unsigned bad = 0;
	struct err e;
	int rc = directory_load(h->dir, h->paths.directory, &bad, &e);

	if (rc < 0)
		hook_log_add(log, MSG_DIRECTORY_READ, "%s", e.text);
	else if (rc == 0 && bad)
		hook_log_add(log, MSG_DIRECTORY_READ, "%s: %u lines unreadable or missing",
			     h->paths.directory, bad);
}

/* Something is wrong, and all of it has been said. */
static int fall_back(struct hook *h, struct hook_log *log)
{
	struct directory_counts c = { 0 };

	if (h->dir)
		directory_counts(h->dir, &c);
	if (h->strict) {
		hook_log_add(log, MSG_REFUSED, "%s", h->reason);
		return 1;
	}
	if (h->dir && directory_has_plans(h->dir)) {
		h->mode = MODE_FALLBACK;
		hook_log_add(log, MSG_FALLBACK, "%s; %s has %lld phones", h->reason, h->paths.directory,
			     (long long)c.phones);
	} else {
		hook_log_add(log, MSG_DISABLED, "%s", h->reason);
	}
	return 0;
}

int hook_start(struct hook *h, struct hook_log *log)
{
	struct directory_counts c;
	struct err e;

	load_config(h, log);
	if (directory_new(&h->dir, &e) < 0 || find_paths(h, &e) < 0) {
		fault(h, log, "%s", e.text);
		return fall_back(h, log);
	}
	if (!h->n_faults && take_plans(h, &e) < 0)
		fault(h, log, "%s: %s", h->config_file, e.text);
	read_directory(h, log);
	if (!h->n_faults && recorder_new(&h->rec, h->cfg, h->dir, &h->paths, &e) < 0)
		fault(h, log, "%s", e.text);
	if (h->n_faults)
		return fall_back(h, log);
	directory_counts(h->dir, &c);
	h->mode = MODE_RUNNING;
	hook_log_add(log, MSG_STARTED, "loadstep: %s, store %s, %lld phones from %s", h->config_file,
		     h->cfg->store_url, (long long)c.phones, h->paths.directory);
	return 0;
}

/* ---- the thread */

bool hook_thread_wanted(struct hook *h)
{
	sigset_t all;

	if (!h->rec)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &h->signals);
	return true;
}

void hook_thread_made(struct hook *h, bool made, struct hook_log *log)
{
	pthread_sigmask(SIG_SETMASK, &h->signals, NULL);
	if (!made)
		hook_log_add(log, MSG_RECORD,
			     "no thread could be started: phones are answered, nothing is recorded");
}

void hook_thread_enter(void)
{
	pthread_setname_np(pthread_self(), "loadstep");
	/* Of this thread alone, by its Linux id. Failing costs fairness only. */
	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), THREAD_NICE);
}

int hook_run_once(struct hook *h, struct hook_log *log)
{
	return recorder_run_once(h->rec, &h->said, log);
}

void hook_stop(struct hook *h)
{
	if (h->rec)
		recorder_stop(h->rec, HOOK_DRAIN_MS);
}

void hook_finish(struct hook *h, struct hook_log *log)
{
	if (h && h->rec)
		recorder_spill(h->rec, log);
}

void hook_free(struct hook *h)
{
	if (!h)
		return;
	recorder_free(h->rec);
	directory_free(h->dir);
	config_free(h->cfg);
	free(h);
}

/* ---- packets */

/* `classes` has one name a line; ours are told apart by blanks, so a name that has one (Kea 2.2's
 * VENDOR_CLASS_Cisco Systems, …) cannot be said, and no configuration could name it. */
static void copy_classes(const struct dhcp_query *q, char *dst, size_t size)
{
	size_t len = q->classes_len < sizeof q->classes ? q->classes_len : sizeof q->classes;
	const char *at = q->classes, *end = q->classes + len;
	size_t used = 0;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = stop ? (size_t)(stop - at) : (size_t)(end - at);

		if (n && !memchr(at, ' ', n) && used + n + 2 <= size) {
			if (used)
				dst[used++] = ' ';
			memcpy(dst + used, at, n);
			used += n;
		}
		at = stop ? stop + 1 : end;
	}
	dst[used] = '\0';
}

/* Control characters of a name end it: what is stored is a name or nothing. */
static void copy_hostname(const struct dhcp_query *q, uint8_t *dst, size_t size)
{
	size_t n = 0;

	while (n < q->hostname_len && n + 1 < size && q->hostname[n] > 0x20 && q->hostname[n] < 0x7f) {
		dst[n] = q->hostname[n];
		n++;
	}
	dst[n] = '\0';
}

static enum lease_kind kind_of(const struct dhcp_query *q)
{
	if (q->reply_type == DHCPOFFER)
		return LEASE_OFFER;
	return q->query_type == DHCPINFORM || q->ciaddr ? LEASE_RENEW : LEASE_ACK;
}

static uint32_t address_of(const struct dhcp_query *q)
{
	return q->yiaddr ? q->yiaddr : q->ciaddr; /* an INFORM's ACK has no yiaddr (K§8.7) */
}

static void push(struct hook *h, const struct lease_event *le, bool urgent, struct hook_log *log)
{
	if (!recorder_push(h->rec, le, urgent))
		hook_log_add_limited(log, &h->said, clock_ms(CLOCK_MONOTONIC), MSG_QUEUE_FULL,
				     "%d events are waiting", RECORDER_QUEUE);
}

static void record(struct hook *h, const struct dhcp_query *q, bool urgent, struct hook_log *log)
{
	struct lease_event le;

	if (!h->rec || !q->mac_known || !address_of(q))
		return;
	le.kind = kind_of(q);
	le.at_ms = clock_ms(CLOCK_REALTIME);
	memcpy(le.mac.b, q->mac, sizeof le.mac.b);
	le.address.host = address_of(q);
	le.giaddr.host = q->giaddr;
	le.xid = q->xid;
	le.vendor_len = q->vendor_len;
	memcpy(le.vendor_class, q->vendor_class, q->vendor_len);
	le.relay_len = q->relay_len < sizeof le.relay ? q->relay_len : sizeof le.relay;
	memcpy(le.relay, q->relay, le.relay_len);
	copy_hostname(q, le.hostname, sizeof le.hostname);
	copy_classes(q, le.classes, sizeof le.classes);
	le.note = NULL;
	push(h, &le, urgent, log);
}

/* if-absent: where the site's own configuration gives option 150, all three stay the site's, so that they
 * agree. */
static void fill_reply(const struct dhcp_query *q, const struct answer *a, struct dhcp_reply *ret)
{
	bool always = a->override == OVERRIDE_ALWAYS;
	char text[IP4_TEXT_SIZE];
	unsigned n = a->servers.n < HOOK_SERVERS_MAX ? a->servers.n : HOOK_SERVERS_MAX;

	if (a->kind != ANSWER_SERVERS || !n || (!always && q->has_150))
		return;
	for (unsigned i = 0; i < n; i++) {
		uint32_t wire = htonl(a->servers.a[i].host);

		memcpy(ret->servers + 4 * i, &wire, 4);
	}
	ret->n_bytes = (uint8_t)(4 * n);
	ret->siaddr = a->servers.a[0].host;
	ip4_format(text, a->servers.a[0]);
	text_copy(ret->text, sizeof ret->text, text);
	ret->text_len = (uint8_t)strlen(ret->text);
	ret->set_150 = true;
	ret->set_66 = always || !q->has_66;
	ret->set_siaddr = always || !q->siaddr;
}

static void say_answer(const struct dhcp_query *q, const struct dhcp_reply *r, struct hook_log *log)
{
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE];
	struct mac m;

	memcpy(m.b, q->mac, sizeof m.b);
	hook_log_add(log, MSG_ANSWERED, "%s %s: %s", q->mac_known ? mac_format(mac, &m) : "-",
		     ip4_format(addr, (struct ip4){ address_of(q) }), r->set_150 ? r->text : "untouched");
}

/* 0 = one of ours; 1 = of nobody whom we know; 2 = we may have more than we can remember. `learn` makes it ours. */
static int server_is_other(struct hook *h, uint32_t id, bool learn)
{
	for (unsigned i = 0; i < SERVER_IDS_MAX; i++) {
		uint32_t have = __atomic_load_n(&h->servers[i], __ATOMIC_RELAXED);

		if (!have && !learn)
			return 1;
		/* where another thread was faster, `have` is what it put there */
		if (!have && __atomic_compare_exchange_n(&h->servers[i], &have, id, false, __ATOMIC_RELAXED,
							 __ATOMIC_RELAXED))
			return 0;
		if (have == id)
			return 0;
	}
	return 2;
}

static void learn_server(struct hook *h, const struct dhcp_query *q)
{
	uint32_t id;

	memcpy(&id, q->server, sizeof id);
	if (q->server_len == sizeof id && id)
		(void)server_is_other(h, ntohl(id), true);
}

void hook_on_message(struct hook *h, const uint8_t *bytes, size_t len, struct hook_log *log)
{
	struct lease_event le = { .kind = LEASE_ELSEWHERE };
	struct request r;

	if (!h->rec || request_parse(bytes, len, &r) != 0 || server_is_other(h, r.server, false) != 1)
		return;
	memcpy(le.mac.b, r.mac, sizeof le.mac.b);
	if (!directory_concerns(h->dir, &le.mac, (struct ip4){ 0 }))
		return;
	le.at_ms = clock_ms(CLOCK_REALTIME);
	le.address.host = r.server;
	le.xid = r.xid;
	push(h, &le, false, log);
}

void hook_on_reply(struct hook *h, const struct dhcp_query *q, struct dhcp_reply *ret, struct hook_log *log)
{
	struct directory_ask ask;
	struct directory_told told;

	ret->set_150 = ret->set_66 = ret->set_siaddr = false;
	if (h->mode == MODE_DISABLED || (q->reply_type != DHCPOFFER && q->reply_type != DHCPACK))
		return;
	ask.mac_known = q->mac_known;
	memcpy(ask.mac.b, q->mac, sizeof ask.mac.b);
	ask.vendor_class = q->vendor_class;
	ask.vendor_len = q->vendor_len;
	ask.hostname = q->hostname;
	ask.hostname_len = q->hostname_len < sizeof q->hostname ? q->hostname_len : sizeof q->hostname;
	ask.giaddr.host = q->giaddr;
	ask.address.host = address_of(q);
	directory_answer(h->dir, &ask, &told);
	learn_server(h, q);
	if (told.ours) {
		fill_reply(q, &told.answer, ret);
		__atomic_add_fetch(&h->replies, 1, __ATOMIC_RELAXED);
		if (ret->set_150)
			__atomic_add_fetch(&h->answered, 1, __ATOMIC_RELAXED);
		record(h, q, true, log);
		if (q->debug)
			say_answer(q, ret, log);
	} else if (told.held_by_other && q->reply_type == DHCPACK && q->yiaddr) {
		record(h, q, true, log); /* a phone's link must not serve the next holder of its address */
	}
}

void hook_on_gone(struct hook *h, const struct dhcp_gone *g, struct hook_log *log)
{
	struct lease_event le = { .kind = LEASE_GONE, .address.host = g->address };

	if (!h->rec || !g->mac_known || !g->address)
		return;
	memcpy(le.mac.b, g->mac, sizeof le.mac.b);
	if (!directory_concerns(h->dir, &le.mac, le.address))
		return;
	le.at_ms = clock_ms(CLOCK_REALTIME);
	push(h, &le, false, log);
}

void hook_on_exception(struct hook *h, const char *what, struct hook_log *log)
{
	if (h)
		hook_log_add_limited(log, &h->said, clock_ms(CLOCK_MONOTONIC), MSG_EXCEPTION, "%s", what);
	else
		hook_log_add(log, MSG_EXCEPTION, "%s", what);
}

/* ---- commands */

void hook_on_status(struct hook *h, struct hook_status *ret)
{
	static const char *const states[] = { "disabled", "directory-file", "running" };
	struct command_state cs = { .result = 1,
				    .state = "disabled",
				    .reason = "not loaded",
				    .config_file = "",
				    .store = "",
				    .directory_file = "" };

	if (h) {
		cs.result = h->mode == MODE_RUNNING ? 0 : 1;
		cs.state = states[h->mode];
		cs.reason = h->reason;
		cs.config_file = h->config_file;
		cs.store = h->cfg ? h->cfg->store_url : h->store_url;
		cs.directory_file = h->paths.directory;
		cs.dir = h->mode == MODE_DISABLED ? NULL : h->dir;
		cs.rec = h->rec;
		cs.replies = __atomic_load_n(&h->replies, __ATOMIC_RELAXED);
		cs.answered = __atomic_load_n(&h->answered, __ATOMIC_RELAXED);
	}
	command_status(&cs, ret);
}
