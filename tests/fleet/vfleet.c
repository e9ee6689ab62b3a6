/* SPDX-License-Identifier: MPL-2.0 */
/*
 * vfleet: hundreds of virtual phones in one process and one network namespace, a thread each; what a phone
 * does is in tests/phone. One packet socket hears for all and hands each DHCP reply to the phone whose
 * hardware address it carries. Addresses are not put on the interface: whoever makes the namespace declares
 * the DHCP server's pool local there (`ip route add local POOL dev lo`) and gives a route to the servers.
 * On the wire all phones have the interface's hardware address; DHCP, and so the server, knows each by its own.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vp.h"
#include "vp_net.h"
#include "vp_options.h"
#include "vp_steps.h"

#define PHONES_MAX 4096
#define STACK_BYTES (256 * 1024)
#define EAR_BYTES (8 << 20)
#define CHADDR_AT 28 /* RFC 2131 §2 */

enum { EXIT_ALL = 0, EXIT_BROKEN = 1, EXIT_USAGE = 2, EXIT_TIME_UP = 3 };

static const char help[] =
	"usage: vfleet --phones N --first-mac MAC --iface IFACE --init-load LOAD --until WHO/LOAD [option]...\n"
	"  --phones N           that many, with N hardware addresses from MAC on\n"
	"  --scale N            divide the phones' own delays by N\n"
	"  --spread S           they are switched on one after the other within S wall seconds\n"
	"  --repoll S           as vphone's\n"
	"  --stay S             all stay on for S wall seconds after the last one got there\n"
	"  --max-time S         give up after S wall seconds\n"
	"  --log FILE           what each phone says, its hardware address first\n"
	"At the end: how many run which load, and the seconds from power on to the goal.\n"
	"Exit: 0 all got there, 1 the host failed us, 2 usage, 3 --max-time.\n";

static const struct option long_options[] = {
	{ "phones", required_argument, NULL, 'n' },
	{ "first-mac", required_argument, NULL, 'm' },
	{ "iface", required_argument, NULL, 'i' },
	{ "init-load", required_argument, NULL, 'l' },
	{ "until", required_argument, NULL, 'u' },
	{ "scale", required_argument, NULL, 's' },
	{ "spread", required_argument, NULL, 'S' },
	{ "repoll", required_argument, NULL, 'r' },
	{ "stay", required_argument, NULL, 'y' },
	{ "max-time", required_argument, NULL, 't' },
	{ "log", required_argument, NULL, 'L' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct vfleet;

struct member {
	struct vp vp; /* first: a settled phone is found again by it */
	struct vfleet *fleet;
	int mouth; /* the fleet's end of vp.dhcp.raw_fd */
	int64_t power_on_ms;
	/* below: under fleet->lock */
	char runs[2 * LOAD_NAME_MAX]; /* personality and load when it settled last, "" = never */
	int64_t there_ms; /* from power on; -1 = not yet */
};

struct vfleet {
	struct vp_options opt; /* of every phone; mac is the first one's */
	const char *goal;
	const char *log_path;
	size_t n;
	int64_t spread_ms, stay_ms, max_time_ms;
	int ear; /* packet socket */
	FILE *log;
	struct member *members;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	size_t there;
	bool broken;
};

/* ---- options */

static int parse_mac(const char *text, uint8_t ret_mac[6])
{
	unsigned b[6];
	int used = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", b, b + 1, b + 2, b + 3, b + 4, b + 5, &used) != 6 ||
	    text[used])
		return -1;
	for (int i = 0; i < 6; i++)
		ret_mac[i] = (uint8_t)b[i];
	return 0;
}

static int parse_number(const char *text, double max, double *ret)
{
	char *end;

	*ret = strtod(text, &end);
	return end == text || *end || !(*ret >= 0) || *ret > max ? -1 : 0;
}

static int parse_ms(const char *text, int64_t *ret_ms)
{
	double s;

	if (parse_number(text, 1e6, &s) != 0)
		return -1;
	*ret_ms = (int64_t)(s * 1000);
	return 0;
}

static int take_option(struct vfleet *f, int c, const char *value)
{
	double number = 0;

	switch (c) {
	case 'n':
		if (parse_number(value, PHONES_MAX, &number) != 0)
			return -1;
		f->n = (size_t)number;
		return f->n ? 0 : -1;
	case 'm':
		return parse_mac(value, f->opt.mac);
	case 'i':
		f->opt.iface = value;
		return 0;
	case 'l':
		f->opt.init_load = value;
		return 0;
	case 'u':
		f->goal = value;
		return strchr(value, '/') ? 0 : -1;
	case 's':
		return parse_number(value, 1e6, &f->opt.scale) != 0 || f->opt.scale == 0 ? -1 : 0;
	case 'S':
		return parse_ms(value, &f->spread_ms);
	case 'r':
		return parse_ms(value, &f->opt.repoll_ms);
	case 'y':
		return parse_ms(value, &f->stay_ms);
	case 't':
		return parse_ms(value, &f->max_time_ms);
	case 'L':
		f->log_path = value;
		return 0;
	default:
		return vp_options_take(&f->opt, c, value);
	}
}

static int parse_options(int argc, char **argv, struct vfleet *f)
{
	struct option all[VP_OPTIONS_MAX];
	int c, at;

	vp_options_list(long_options, all);
	while ((c = getopt_long(argc, argv, "", all, &at)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			fputs(vp_options_help, stdout);
			exit(EXIT_ALL);
		}
		if (c == '?')
			return -1;
		if (take_option(f, c, optarg) != 0) {
			fprintf(stderr, "vfleet: --%s %s: not understood\n", all[at].name,
				optarg ? optarg : "");
			return -1;
		}
	}
	if (optind != argc || !f->n || !f->opt.iface || !f->opt.init_load || !f->goal) {
		fprintf(stderr, "vfleet: something is missing; see --help\n");
		return -1;
	}
	return vp_options_check(&f->opt);
}

/* ---- one phone */

static void mac_of(const struct vfleet *f, size_t i, uint8_t ret_mac[6])
{
	uint64_t mac = 0;

	for (int k = 0; k < 6; k++)
		mac = mac << 8 | f->opt.mac[k];
	mac += i;
	for (int k = 5; k >= 0; k--, mac >>= 8)
		ret_mac[k] = (uint8_t)mac;
}

static void settled(struct vp *vp, const char *personality, const char *load)
{
	struct member *m = (struct member *)vp;
	struct vfleet *f = m->fleet;
	int64_t now = vp_now_ms();

	pthread_mutex_lock(&f->lock);
	snprintf(m->runs, sizeof m->runs, "%s/%s", personality, *load ? load : "-");
	if (m->there_ms < 0 && strcmp(m->runs, f->goal) == 0) {
		m->there_ms = now - m->power_on_ms;
		f->there++;
		pthread_cond_signal(&f->moved);
	}
	pthread_mutex_unlock(&f->lock);
}

/* Switched on at its moment; from then on until the process ends. */
static void *live(void *arg)
{
	struct member *m = arg;
	struct vp *vp = &m->vp;
	enum vp_start start = VP_POWER_ON;
	enum vp_end end = vp_wait(vp, -1, m->power_on_ms, NULL);

	vp->start_ms = m->power_on_ms;
	vp->next_boot_ms = VP_POWER_ON_MS;
	while (end == VP_OK || end == VP_REBOOT || end == VP_NET_LOST) {
		end = vp_boot(vp, start);
		start = end == VP_REBOOT ? vp->next_start : VP_POWER_ON;
		if (end == VP_NET_LOST)
			vp->next_boot_ms = VP_POWER_ON_MS;
	}
	pthread_mutex_lock(&m->fleet->lock);
	m->fleet->broken = true;
	pthread_cond_signal(&m->fleet->moved);
	pthread_mutex_unlock(&m->fleet->lock);
	return NULL;
}

static int make_member(struct vfleet *f, size_t i, int64_t begin_ms)
{
	struct member *m = &f->members[i];
	const uint8_t *b = m->vp.opt.mac;
	int ear[2];

	m->fleet = f;
	m->there_ms = -1;
	m->power_on_ms = begin_ms + (int64_t)i * f->spread_ms / (int64_t)f->n;
	m->vp.opt = f->opt;
	mac_of(f, i, m->vp.opt.mac);
	snprintf(m->vp.mac_text, sizeof m->vp.mac_text, "%02X%02X%02X%02X%02X%02X", b[0], b[1], b[2], b[3],
		 b[4], b[5]);
	m->vp.voice = f->log;
	m->vp.on_settled = settled;
	m->vp.signal_fd = m->vp.dhcp.udp_fd = -1;
	if (vp_flash_init(&m->vp.flash, f->opt.model, f->opt.init_load) != 0) {
		fprintf(stderr, "vfleet: %s is no load of these phones\n", f->opt.init_load);
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ear) != 0)
		return -1;
	m->vp.dhcp.raw_fd = ear[0];
	m->mouth = ear[1];
	m->vp.dhcp.send_fd = f->ear;
	return 0;
}

/* ---- all of them */

/* A phone that does not listen loses the packet, as on any network. */
static void hand_over(struct vfleet *f, const uint8_t *packet, size_t n)
{
	size_t head = n ? (size_t)(packet[0] & 0x0f) * 4 + 8 : 0;
	uint64_t first = 0, mac = 0;

	if (n < head + CHADDR_AT + 6)
		return;
	for (int k = 0; k < 6; k++) {
		first = first << 8 | f->opt.mac[k];
		mac = mac << 8 | packet[head + CHADDR_AT + (size_t)k];
	}
	if (mac >= first && mac - first < f->n)
		(void)send(f->members[mac - first].mouth, packet, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void *hear(void *arg)
{
	struct vfleet *f = arg;
	struct pollfd p = { .fd = f->ear, .events = POLLIN };
	uint8_t packet[2048];

	for (;;) {
		ssize_t n = recv(f->ear, packet, sizeof packet, 0);

		if (n > 0)
			hand_over(f, packet, (size_t)n);
		else
			poll(&p, 1, -1);
	}
	return NULL;
}

static int start_threads(struct vfleet *f)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	errno = pthread_create(&thread, &attr, hear, f);
	for (size_t i = 0; i < f->n && errno == 0; i++)
		errno = pthread_create(&thread, &attr, live, &f->members[i]);
	pthread_attr_destroy(&attr);
	return errno ? -1 : 0;
}

static int open_fleet(struct vfleet *f)
{
	struct rlimit files = { 8 * PHONES_MAX, 8 * PHONES_MAX };
	int bytes = EAR_BYTES;

	srandom((unsigned)vp_now_ms());
	(void)setrlimit(RLIMIT_NOFILE, &files); /* four a phone at most; root may */
	f->members = calloc(f->n, sizeof *f->members);
	f->ear = vp_net_open_raw(f->opt.iface);
	if (!f->members || f->ear < 0)
		return -1;
	(void)setsockopt(f->ear, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
	if (f->log_path && !(f->log = fopen(f->log_path, "w")))
		return -1;
	if (f->log)
		setvbuf(f->log, NULL, _IOLBF, 0);
	for (size_t i = 0; i < f->n; i++)
		if (make_member(f, i, vp_now_ms() + 100) != 0)
			return -1;
	return start_threads(f);
}

static struct timespec at_ms(int64_t ms)
{
	return (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
}

static void await_all(struct vfleet *f)
{
	struct timespec until = at_ms(f->max_time_ms ? vp_now_ms() + f->max_time_ms : INT64_MAX / 2);

	pthread_mutex_lock(&f->lock);
	while (f->there < f->n && !f->broken)
		if (pthread_cond_timedwait(&f->moved, &f->lock, &until) == ETIMEDOUT)
			break;
	pthread_mutex_unlock(&f->lock);
}

/* ---- the summary */

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void print_loads(const struct vfleet *f)
{
	for (size_t i = 0; i < f->n; i++) {
		size_t same = 0, before = 0;

		for (size_t k = 0; k < f->n; k++)
			if (strcmp(f->members[k].runs, f->members[i].runs) == 0) {
				same++;
				before += k < i;
			}
		if (!before)
			printf("%zu %s\n", same,
			       *f->members[i].runs ? f->members[i].runs : "not settled yet");
	}
}

static int summary(struct vfleet *f)
{
	int64_t *took = calloc(f->n, sizeof *took);
	size_t n = 0;

	if (!took)
		return EXIT_BROKEN;
	pthread_mutex_lock(&f->lock);
	print_loads(f);
	for (size_t i = 0; i < f->n; i++)
		if (f->members[i].there_ms >= 0)
			took[n++] = f->members[i].there_ms;
	qsort(took, n, sizeof *took, by_time);
	printf("%zu of %zu there", n, f->n);
	if (n)
		printf(" after p50 %.1f p99 %.1f max %.1f s", (double)took[n / 2] / 1000.0,
		       (double)took[n * 99 / 100] / 1000.0, (double)took[n - 1] / 1000.0);
	printf("\n");
	if (f->broken)
		fprintf(stderr, "vfleet: a phone broke off: the host failed it\n");
	int code = f->broken ? EXIT_BROKEN : n < f->n ? EXIT_TIME_UP : EXIT_ALL;
	pthread_mutex_unlock(&f->lock);
	free(took);
	return code;
}

int main(int argc, char **argv)
{
	struct vfleet f = { .opt = vp_options_default() };
	pthread_condattr_t monotonic;
	int code;

	f.opt.shared_iface = true;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&f.moved, &monotonic);
	pthread_mutex_init(&f.lock, NULL);
	if (parse_options(argc, argv, &f) != 0)
		return EXIT_USAGE;
	if (open_fleet(&f) != 0) {
		perror("vfleet");
		return EXIT_BROKEN;
	}
	await_all(&f);
	code = summary(&f);
	fflush(stdout);
	if (code == EXIT_ALL && f.stay_ms)
		poll(NULL, 0, (int)f.stay_ms);
	exit(code); /* power off for all: the threads live until here */
}
