/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Many DHCP clients behind one relay agent, whose address this program has: each boots (DISCOVER, REQUEST)
 * a given number of times, a window of them at once in a closed loop, and asks again where an answer is
 * missing. Tells what was answered and for how long the server was silent at worst. Knows nothing of the
 * project.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6 };

#define HEADER 240 /* fixed fields and the magic cookie */
#define CLIENTS_MAX 4096
#define RESEND_US 40000

struct client {
	int64_t sent_us;
	uint32_t xid, address, server; /* network order */
	int type;		       /* of the message that waits for its answer, 0 = none */
	int boots;
};

struct load {
	int fd;
	struct in_addr relay, server;
	const char *vendor, *servers; /* what option 150 is to be for a reply to be counted, as address */
	int n, window, rounds, seconds, pause_ms;
	unsigned kind; /* fifth byte of the MACs */
	bool list;
	struct client *c;
	int next, busy;
	int64_t boots, with, resent, silence_us, heard_us;
};

static void die(const char *what)
{
	fprintf(stderr, "dhcpload: %s: %s\n", what, errno ? strerror(errno) : "wrong");
	exit(2);
}

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void mac_of(const struct load *l, int i, uint8_t mac[6])
{
	const uint8_t m[6] = { 0, 0x11, 0x22, (uint8_t)l->kind, (uint8_t)(i >> 8), (uint8_t)i };

	memcpy(mac, m, sizeof m);
}

static size_t add(uint8_t *m, size_t at, uint8_t code, const void *data, size_t len)
{
	m[at] = code;
	m[at + 1] = (uint8_t)len;
	memcpy(m + at + 2, data, len);
	return at + 2 + len;
}

static size_t build(const struct load *l, int i, uint8_t *m, size_t size)
{
	static const uint8_t cookie[4] = { 99, 130, 83, 99 }, asked[] = { 1, 3, 6, 66, 150 };
	const struct client *c = &l->c[i];
	uint8_t type = (uint8_t)c->type;
	size_t at = HEADER;

	memset(m, 0, size);
	m[0] = m[1] = m[3] = 1; /* BOOTREQUEST, Ethernet, one hop */
	m[2] = 6;
	memcpy(m + 4, &c->xid, 4);
	memcpy(m + 24, &l->relay, 4);
	mac_of(l, i, m + 28);
	memcpy(m + 236, cookie, 4);
	at = add(m, at, 53, &type, 1);
	if (*l->vendor)
		at = add(m, at, 60, l->vendor, strlen(l->vendor) + 1); /* the phones count a NUL (F§1.1) */
	if (c->type == REQUEST) {
		at = add(m, at, 50, &c->address, 4);
		at = add(m, at, 54, &c->server, 4);
	}
	at = add(m, at, 55, asked, sizeof asked);
	m[at++] = 255;
	return at < 300 ? 300 : at;
}

/* A server that is being reloaded has no socket for a moment: that is a message lost on the way. */
static void send_one(struct load *l, int i)
{
	uint8_t m[600];
	size_t len = build(l, i, m, sizeof m);

	l->c[i].sent_us = now_us();
	(void)!send(l->fd, m, len, 0);
}

static void boot(struct load *l, int i)
{
	struct client *c = &l->c[i];

	c->type = DISCOVER;
	c->xid = htonl((uint32_t)(c->boots + 1) << 16 | (uint32_t)i);
	send_one(l, i);
}

static const uint8_t *option(const uint8_t *m, size_t len, uint8_t code, size_t *ret_len)
{
	for (size_t at = HEADER; at + 1 < len && m[at] != 255; at += m[at] ? 2u + m[at + 1] : 1u)
		if (m[at] == code && at + 2 + m[at + 1] <= len) {
			*ret_len = m[at + 1];
			return m + at + 2;
		}
	return NULL;
}

static void acknowledged(struct load *l, int i, const uint8_t *m, size_t len)
{
	struct client *c = &l->c[i];
	size_t n = 0;
	const uint8_t *o = option(m, len, 150, &n);
	struct in_addr want;

	l->boots++;
	l->with += o && n == 4 && inet_pton(AF_INET, l->servers, &want) == 1 && memcmp(o, &want, 4) == 0;
	c->type = 0;
	if (++c->boots == l->rounds)
		l->busy--;
	else if (!l->pause_ms)
		boot(l, i);
}

static void answered(struct load *l, const uint8_t *m, size_t len)
{
	uint32_t xid;
	size_t n = 0;

	if (len < HEADER || m[0] != 2)
		return;
	memcpy(&xid, m + 4, 4);
	int i = (int)(ntohl(xid) & 0xffff);
	const uint8_t *type = option(m, len, 53, &n);

	if (i >= l->n || l->c[i].xid != xid || !type || n != 1)
		return;
	if (*type == OFFER && l->c[i].type == DISCOVER) {
		const uint8_t *server = option(m, len, 54, &n);

		if (!server || n != 4)
			return;
		l->c[i].type = REQUEST;
		memcpy(&l->c[i].address, m + 16, 4);
		memcpy(&l->c[i].server, server, 4);
		send_one(l, i);
	} else if (*type == ACK && l->c[i].type == REQUEST) {
		acknowledged(l, i, m, len);
	} else if (*type == NAK) {
		boot(l, i);
	}
}

static void listen_a_while(struct load *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	uint8_t m[2048];

	if (poll(&p, 1, 1) <= 0)
		return;
	for (ssize_t n; (n = recv(l->fd, m, sizeof m, MSG_DONTWAIT)) > 0;) {
		int64_t now = now_us();

		if (now - l->heard_us > l->silence_us)
			l->silence_us = now - l->heard_us;
		l->heard_us = now;
		answered(l, m, (size_t)n);
	}
}

/* Where an answer is missing, and boot again where the pause is over. */
static void ask_again(struct load *l)
{
	int64_t now = now_us();

	for (int i = 0; i < l->next; i++) {
		const struct client *c = &l->c[i];

		if (c->type && now - c->sent_us > RESEND_US) {
			l->resent++;
			send_one(l, i);
		} else if (!c->type && c->boots < l->rounds && now - c->sent_us > l->pause_ms * 1000) {
			boot(l, i);
		}
	}
}

static int run(struct load *l)
{
	int64_t until = now_us() + (int64_t)l->seconds * 1000000;

	l->heard_us = now_us();
	while (now_us() < until) {
		for (; l->busy < l->window && l->next < l->n; l->busy++)
			boot(l, l->next++);
		if (!l->busy)
			break;
		listen_a_while(l);
		ask_again(l);
	}
	printf("boots %lld with %lld resent %lld silence %lld unfinished %d\n", (long long)l->boots,
	       (long long)l->with, (long long)l->resent, (long long)(l->silence_us / 1000),
	       l->busy + l->n - l->next);
	for (int i = 0; l->list && i < l->n; i++) {
		uint8_t m[6];

		mac_of(l, i, m);
		printf("%02x:%02x:%02x:%02x:%02x:%02x boots=%d\n", m[0], m[1], m[2], m[3], m[4], m[5],
		       l->c[i].boots);
	}
	return l->busy || l->next < l->n;
}

static int open_socket(const struct load *l)
{
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(67), .sin_addr = l->relay };
	struct sockaddr_in you = { .sin_family = AF_INET, .sin_port = htons(67), .sin_addr = l->server };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bytes = 4 << 20;

	if (fd < 0 || bind(fd, (const struct sockaddr *)&me, sizeof me) < 0 ||
	    connect(fd, (const struct sockaddr *)&you, sizeof you) < 0)
		die("socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	return fd;
}

static int number(const char *text, int max)
{
	int n = atoi(text);

	errno = 0;
	if (n < 1 || n > max)
		die(text);
	return n;
}

static void usage(void)
{
	fputs("dhcpload -g RELAY -S SERVER [-v CLASS] [-e OPTION150] [-k MAC-BYTE] [-n CLIENTS] [-w AT-ONCE]\n"
	      "         [-r BOOTS-EACH] [-p PAUSE-MS] [-t SECONDS] [-l]\n",
	      stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	struct load l = { .vendor = "", .servers = "", .n = 64, .window = 64, .rounds = 1, .seconds = 20,
			  .kind = 0x50 };

	for (int o; (o = getopt(argc, argv, "g:S:v:e:k:n:w:r:p:t:l")) != -1;) {
		errno = 0;
		if ((o == 'g' && inet_pton(AF_INET, optarg, &l.relay) != 1) ||
		    (o == 'S' && inet_pton(AF_INET, optarg, &l.server) != 1))
			die(optarg);
		switch (o) {
		case 'v': l.vendor = optarg; break;
		case 'e': l.servers = optarg; break;
		case 'k': l.kind = (unsigned)strtoul(optarg, NULL, 16); break;
		case 'n': l.n = number(optarg, CLIENTS_MAX); break;
		case 'w': l.window = number(optarg, CLIENTS_MAX); break;
		case 'r': l.rounds = number(optarg, 30000); break;
		case 'p': l.pause_ms = number(optarg, 10000); break;
		case 't': l.seconds = number(optarg, 3600); break;
		case 'l': l.list = true; break;
		case 'g':
		case 'S': break;
		default: usage();
		}
	}
	if (optind != argc || !l.relay.s_addr || !l.server.s_addr || strlen(l.vendor) > 250)
		usage();
	l.c = calloc((size_t)l.n, sizeof *l.c);
	if (!l.c)
		die("memory");
	l.fd = open_socket(&l);
	int code = run(&l);
	free(l.c);
	return code;
}
