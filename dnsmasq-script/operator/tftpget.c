/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The reader's half of RFC 1350. Its port is the transfer's end on this side, the server's is whichever its
 * first answer comes from (§4); what comes from another port of the server is told so with ERROR 5, what comes
 * from another host is remembered and not believed. A block that was there already is acknowledged again only
 * when we must resend anyway: answering each copy would double every later packet (RFC 1123 §4.2.3.1).
 */
#include "tftpget.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "cleanup.h"

#define PACKET_MAX (4 + TFTP_BLOCK)
#define LATE_MS 250 /* servers send a lost block again after one or two seconds (D§2) */

/* ---- one transfer */

struct transfer {
	const struct tftp_server *server;
	struct tftp_answer *answer;
	struct strbuf *body;
	int fd;
	struct sockaddr_in peer; /* port: 69's until the first answer */
	bool bound; /* the server's end is known */
	uint16_t block; /* the last one that came */
	uint8_t out[PACKET_MAX]; /* what is repeated when nothing comes */
	size_t out_len;
	int64_t began_ms;
};

static int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A packet that cannot be sent now is a packet lost: it is repeated. False: there is no way there, errno. */
static bool send_to(const struct transfer *t, const struct sockaddr_in *to, const void *bytes, size_t len)
{
	return sendto(t->fd, bytes, len, 0, (const struct sockaddr *)to, sizeof(*to)) >= 0 ||
	       (errno != ENETUNREACH && errno != EHOSTUNREACH);
}

static void send_ack(struct transfer *t, uint16_t block)
{
	t->out[0] = 0;
	t->out[1] = TFTP_ACK;
	t->out[2] = (uint8_t)(block >> 8);
	t->out[3] = (uint8_t)block;
	t->out_len = 4;
	t->answer->packets++;
	(void)send_to(t, &t->peer, t->out, t->out_len);
}

static void send_error(const struct transfer *t, const struct sockaddr_in *to, uint8_t code, const char *text)
{
	uint8_t packet[64] = { 0, TFTP_ERROR, 0, code };
	size_t n = strlen(text);

	memcpy(packet + 4, text, n + 1);
	(void)send_to(t, to, packet, 4 + n + 1);
}

/* 0 = go on; 1 = at its end, t->answer->outcome says how. */
static int end(struct transfer *t, enum tftp_outcome outcome)
{
	t->answer->outcome = outcome;
	return 1;
}

static int end_unreachable(struct transfer *t, int why)
{
	struct err e;

	(void)err_sys(&e, ERR_SYSTEM, why, "the network");
	(void)text_copy(t->answer->text, sizeof(t->answer->text), e.text);
	return end(t, TFTP_UNREACHABLE);
}

/* 0 = asked; 1 = cannot be reached from here; -1 */
static int request(struct transfer *t, const char *file, struct err *e)
{
	static const char mode[] = "octet";
	size_t n = strlen(file) + 1;

	if (n + 2 + sizeof(mode) > sizeof(t->out))
		return err_set(e, ERR_LIMIT, "a name of %zu bytes does not fit into a request", n - 1);
	t->out[0] = 0;
	t->out[1] = TFTP_RRQ;
	memcpy(t->out + 2, file, n);
	memcpy(t->out + 2 + n, mode, sizeof(mode));
	t->out_len = 2 + n + sizeof(mode);
	t->answer->packets++;
	return send_to(t, &t->peer, t->out, t->out_len) ? 0 : end_unreachable(t, errno);
}

static int on_data(struct transfer *t, const struct tftp_packet *p)
{
	if (p->number != (uint16_t)(t->block + 1))
		return 0; /* a copy of what is here already, or out of nowhere */
	if (p->len && t->body->max - t->body->len < p->len) {
		send_error(t, &t->peer, 3, "longer than expected");
		return end(t, TFTP_TOO_LONG);
	}
	if (p->len)
		strbuf_add_bytes(t->body, p->bytes, p->len);
	t->block = p->number;
	send_ack(t, t->block);
	return p->len < TFTP_BLOCK ? end(t, TFTP_GOT) : 0;
}

static int on_packet(struct transfer *t, const struct sockaddr_in *from, const void *bytes, size_t len)
{
	struct tftp_packet p;

	if (from->sin_addr.s_addr != t->peer.sin_addr.s_addr) {
		if (!t->answer->elsewhere.host)
			t->answer->elsewhere.host = ntohl(from->sin_addr.s_addr);
		return 0;
	}
	if (t->bound && from->sin_port != t->peer.sin_port) {
		send_error(t, from, TFTP_UNKNOWN_TID, "not your transfer");
		return 0;
	}
	if (tftp_packet_parse(bytes, len, &p) != 0)
		return 0;
	if (!t->bound) {
		t->bound = true;
		t->peer.sin_port = from->sin_port;
		t->answer->first_ms = clock_ms() - t->began_ms;
	}
	if (p.op == TFTP_DATA)
		return on_data(t, &p);
	t->answer->code = p.number;
	text_escape(t->answer->text, sizeof(t->answer->text), p.bytes, p.len);
	return end(t, TFTP_SAYS_NO);
}

/* What the network says of a packet of ours (ICMP), once the kernel was asked for it. */
static int on_refusal(struct transfer *t)
{
	char control[512];
	struct sockaddr_in about;
	struct msghdr m = { .msg_name = &about,
			    .msg_namelen = sizeof(about),
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };

	if (recvmsg(t->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0 || t->bound)
		return 0; /* of a transfer that runs, the other end's silence decides */
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct sock_extended_err ee;

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR)
			continue;
		memcpy(&ee, CMSG_DATA(c), sizeof(ee));
		return end_unreachable(t, (int)ee.ee_errno);
	}
	return 0;
}

/* Read what is there until `until`. 1 = at its end; 0 = a block came; -1 = time is up. */
static int listen_until(struct transfer *t, int64_t until)
{
	uint16_t before = t->block;

	for (;;) {
		struct pollfd p = { .fd = t->fd, .events = POLLIN };
		struct sockaddr_in from = { .sin_port = 0 };
		socklen_t from_len = sizeof(from);
		uint8_t in[PACKET_MAX + 1]; /* one more, to see that a block is too long */
		int64_t left = until - clock_ms();

		if (left <= 0)
			return -1;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		if ((p.revents & POLLERR) && on_refusal(t))
			return 1;
		ssize_t n =
			recvfrom(t->fd, in, sizeof(in), MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);
		if (n >= 0 && on_packet(t, &from, in, (size_t)n))
			return 1;
		if (t->block != before)
			return 0;
	}
}

static void run(struct transfer *t)
{
	int64_t asked_ms = t->began_ms;
	int tries = 1;

	for (;;) {
		bool bound = t->bound;
		int rc = listen_until(t, clock_ms() + t->server->resend_ms);

		if (rc >= 0 && bound && clock_ms() - asked_ms > LATE_MS)
			t->answer->late++;
		if (rc > 0)
			return;
		if (rc == 0) {
			asked_ms = clock_ms();
			tries = 1;
			continue;
		}
		if (tries++ == t->server->tries)
			break;
		(void)send_to(t, &t->peer, t->out, t->out_len);
	}
	if (!t->bound)
		t->answer->first_ms = clock_ms() - t->began_ms;
	(void)end(t, t->bound ? TFTP_BROKE_OFF : TFTP_SILENT);
}

int tftp_get(const struct tftp_server *server, const char *file, struct strbuf *body, struct tftp_answer *ret,
	     struct err *e)
{
	struct transfer t = { .server = server, .answer = ret, .body = body, .began_ms = clock_ms() };
	int on = 1;

	*ret = (struct tftp_answer){ .outcome = TFTP_SILENT };
	CLEANUP(cleanup_fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "no socket");
	t.fd = fd;
	t.peer = (struct sockaddr_in){ .sin_family = AF_INET,
				       .sin_port = htons(server->port),
				       .sin_addr.s_addr = htonl(server->address.host) };
	int rc = request(&t, file, e);

	if (rc == 0)
		run(&t);
	return rc < 0 ? -1 : 0;
}
