/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A relay agent with ever new phones behind it: DISCOVER, OFFER, REQUEST, ACK, a new hardware address for each
 * exchange, a fixed number of them in flight, so that the server is never overrun (closed loop). Prints
 * exchanges a second and percentiles of the whole exchange in microseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5 };

#define HEADER 240 /* fixed fields and the magic cookie (RFC 2131 §2) */
#define WINDOW 32
#define RESEND_US 100000
#define TIMES_MAX 4000000

struct exchange {
	uint32_t number; /* xid, and the last four bytes of the hardware address */
	uint8_t waits_for;
	int64_t began_us, sent_us;
	uint32_t address, server; /* network order */
};

struct load {
	int fd;
	uint32_t relay; /* network order */
	const char *class;
	struct exchange x[WINDOW];
	uint32_t next;
	uint32_t *times;
	size_t n, resent;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static size_t add(uint8_t *m, size_t at, uint8_t code, const void *data, size_t n)
{
	m[at] = code;
	m[at + 1] = (uint8_t)n;
	memcpy(m + at + 2, data, n);
	return at + 2 + n;
}

static void send_one(struct load *l, struct exchange *x)
{
	static const uint8_t cookie[] = { 99, 130, 83, 99 }, list[] = { 1, 66, 6, 3, 15, 150, 35, 151 };
	uint8_t m[576] = { 1, 1, 6, 1 }, type = x->waits_for == OFFER ? DISCOVER : REQUEST;
	uint32_t number = htonl(x->number);
	size_t at = HEADER;

	memcpy(m + 4, &number, 4);
	memcpy(m + 24, &l->relay, 4);
	m[28] = 0x02;
	memcpy(m + 30, &number, 4);
	memcpy(m + 236, cookie, 4);
	at = add(m, at, 53, &type, 1);
	at = add(m, at, 60, l->class, strlen(l->class) + 1); /* with its NUL, as the phones */
	if (type == REQUEST) {
		at = add(m, at, 50, &x->address, 4);
		at = add(m, at, 54, &x->server, 4);
	}
	at = add(m, at, 55, list, sizeof list);
	m[at++] = 255;
	x->sent_us = now_us();
	(void)send(l->fd, m, at < 300 ? 300 : at, 0);
}

static void begin(struct load *l, size_t slot)
{
	struct exchange *x = &l->x[slot];

	/* the slot is the low digit, so that an answer finds it */
	*x = (struct exchange){ .number = l->next++ * WINDOW + (uint32_t)slot, .waits_for = OFFER };
	x->began_us = now_us();
	send_one(l, x);
}

static const uint8_t *option(const uint8_t *m, size_t n, uint8_t code)
{
	for (size_t at = HEADER; at + 1 < n && m[at] != 255; at += m[at] ? 2u + m[at + 1] : 1u)
		if (m[at] == code && m[at + 1] && at + 2 + m[at + 1] <= n)
			return m + at + 2;
	return NULL;
}

static void hear(struct load *l, const uint8_t *m, size_t n)
{
	uint32_t number;
	const uint8_t *type = n > HEADER ? option(m, n, 53) : NULL;
	const uint8_t *server = n > HEADER ? option(m, n, 54) : NULL;

	if (!type || !server)
		return;
	memcpy(&number, m + 4, 4);
	struct exchange *x = &l->x[ntohl(number) % WINDOW];

	if (x->number != ntohl(number) || *type != x->waits_for)
		return;
	if (*type == OFFER) {
		memcpy(&x->address, m + 16, 4);
		memcpy(&x->server, server, 4);
		x->waits_for = ACK;
		send_one(l, x);
		return;
	}
	if (l->n < TIMES_MAX)
		l->times[l->n++] = (uint32_t)(now_us() - x->began_us);
	begin(l, (size_t)(x - l->x));
}

static void turn(struct load *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	uint8_t m[1500];
	ssize_t n;

	if (poll(&p, 1, RESEND_US / 2000) > 0)
		while ((n = recv(l->fd, m, sizeof m, MSG_DONTWAIT)) > 0)
			hear(l, m, (size_t)n);
	int64_t late = now_us() - RESEND_US;

	for (size_t i = 0; i < WINDOW; i++)
		if (l->x[i].sent_us < late) {
			l->resent++;
			send_one(l, &l->x[i]);
		}
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int open_socket(struct load *l, const char *relay, const char *server)
{
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(67) };
	struct sockaddr_in you = me;

	if (inet_pton(AF_INET, relay, &me.sin_addr) != 1 || inet_pton(AF_INET, server, &you.sin_addr) != 1)
		return -1;
	l->relay = me.sin_addr.s_addr;
	l->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return l->fd < 0 || bind(l->fd, (struct sockaddr *)&me, sizeof me) != 0 ||
			       connect(l->fd, (struct sockaddr *)&you, sizeof you) != 0
		       ? -1
		       : 0;
}

int main(int argc, char **argv)
{
	struct load l = { .class = argc == 6 ? argv[3] : "" };
	int64_t warm_ms = argc == 6 ? strtol(argv[4], NULL, 10) : 0, ms = argc == 6 ? strtol(argv[5], NULL, 10) : 0;

	if (ms < 1 || strlen(l.class) > 200) {
		fprintf(stderr, "usage: exchanges RELAY SERVER CLASS WARM-UP-MS MS\n");
		return 2;
	}
	l.times = calloc(TIMES_MAX, sizeof *l.times);
	if (!l.times || open_socket(&l, argv[1], argv[2]) != 0) {
		perror("exchanges");
		return 1;
	}
	for (size_t i = 0; i < WINDOW; i++)
		begin(&l, i);
	for (int64_t until = now_us() + warm_ms * 1000; now_us() < until;)
		turn(&l);
	printf("warm\n"); /* whoever counts the server's processor time begins here */
	fflush(stdout);
	l.n = l.resent = 0;
	int64_t began = now_us();

	for (int64_t until = began + ms * 1000; now_us() < until;)
		turn(&l);
	double took = (double)(now_us() - began) / 1e6;

	printf("exchanges %zu\n", l.n);
	fflush(stdout);
	qsort(l.times, l.n, sizeof *l.times, by_size);
	if (!l.n)
		return 1;
	printf("per-s %.0f\np50-us %" PRIu32 "\np99-us %" PRIu32 "\nresent %zu\n", (double)l.n / took,
	       l.times[l.n / 2], l.times[l.n * 99 / 100], l.resent);
	return 0;
}
