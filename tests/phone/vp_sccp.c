/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Registering with a CallManager, byte by byte as the protocol's public descriptions have it; nothing here knows
 * the server side.
 *
 * Inferred: that it registers after each reading of its configuration, also when that names another load (the
 * old application before it upgrades); that a phone which refused an image says so by alarm 31; what it does
 * after a Reset or a Reject (enum vp_sccp_manner); how patient it is.
 */
#include "vp_sccp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vp.h"
#include "vp_classic.h"

#define SCCP_PORT 2000
#define PREFIX 12 /* length, header version, message id */
#define REGISTER_BODY 68
#define ALARM_BODY 92
#define BUFFER 1024

#define CONNECT_MS 5000 /* phone time, as the next four; inferred */
#define PATIENCE_MS 30000
#define RETRY_MS 5000
#define RETRIES 12 /* then it reads its configuration again */
#define WALL_FLOOR_MS 5000 /* a busy host is no silent server */

enum { KEEPALIVE = 0x0000, REGISTER = 0x0001, ALARM = 0x0020 };
enum { REGISTER_ACK = 0x0081, REGISTER_REJECT = 0x009D, RESET = 0x009F };

struct talk {
	struct vp *vp;
	int fd;
	bool accepted;
	bool reset_seen;
	int64_t keepalive_ms; /* phone time between them, once accepted */
	uint8_t in[BUFFER];
	size_t have;
};

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool say(struct talk *t, uint32_t id, const uint8_t *body, size_t n)
{
	uint8_t out[PREFIX + ALARM_BODY] = { 0 };

	put32(out, (uint32_t)(4 + n));
	put32(out + 8, id);
	if (n)
		memcpy(out + PREFIX, body, n);
	return send(t->fd, out, PREFIX + n, MSG_NOSIGNAL) == (ssize_t)(PREFIX + n);
}

static bool say_alarm(struct talk *t, const char *load)
{
	uint8_t body[ALARM_BODY] = { 0 };
	struct vp *vp = t->vp;
	char text[256];

	if (vp->opt.sccp_alarm && !*vp->opt.sccp_alarm)
		return true;
	if (vp->opt.sccp_alarm)
		snprintf(text, sizeof text, "%s", vp->opt.sccp_alarm);
	else
		snprintf(text, sizeof text, "%s: Name=SEP%s Load=%s Last=%s", vp->image_refused ? "31" : "25",
			 vp->mac_text, load, vp->image_refused ? "File Auth Failed" : "Initialized");
	put32(body, vp->image_refused ? 1 : 2);
	memcpy(body + 4, text, strlen(text) < 80 ? strlen(text) : 80);
	memcpy(body + 88, &vp->dhcp.ack.yiaddr, 4);
	return say(t, ALARM, body, sizeof body);
}

static bool say_register(struct talk *t)
{
	uint8_t body[REGISTER_BODY] = { 0 };
	struct vp *vp = t->vp;

	memcpy(body, "SEP", 3);
	memcpy(body + 3, vp->mac_text, 12);
	put32(body + 20, 1);
	memcpy(body + 24, &vp->dhcp.ack.yiaddr, 4);
	put32(body + 28, vp->opt.model->number);
	put32(body + 32, 5);
	body[40] = 11; /* as a 7960 with 8.1(2) was seen to */
	memcpy(body + 52, vp->opt.mac, 6);
	return say(t, REGISTER, body, sizeof body);
}

static int64_t patience(const struct vp *vp, int64_t phone_ms)
{
	int64_t wall = vp_scaled(vp, phone_ms);

	return vp_now_ms() + (wall < WALL_FLOOR_MS ? WALL_FLOOR_MS : wall);
}

/* VP_OK with *ret_fd, -1 where nobody is there. */
static enum vp_end open_connection(struct vp *vp, struct in_addr node, int *ret_fd)
{
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_addr.s_addr = vp->dhcp.ack.yiaddr };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(SCCP_PORT), .sin_addr = node };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int64_t until = vp_now_ms() + vp_scaled(vp, CONNECT_MS);
	enum vp_end end = VP_OK;

	*ret_fd = -1;
	if (fd < 0)
		return VP_BROKEN;
	if (bind(fd, (struct sockaddr *)&me, sizeof me) != 0 ||
	    (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)) {
		close(fd);
		return VP_OK;
	}
	while (end == VP_OK && vp_now_ms() < until) {
		struct pollfd p = { fd, POLLOUT, 0 };
		int failed = 0;
		socklen_t size = sizeof failed;

		if (poll(&p, 1, 0) == 1) {
			if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0 || failed)
				break;
			*ret_fd = fd;
			return VP_OK;
		}
		end = vp_wait(vp, -1, vp_now_ms() + 5, NULL);
	}
	close(fd);
	return end;
}

/* What one message means: VP_OK go on listening, VP_MISSING it is over, VP_REBOOT. */
static enum vp_end hear(struct talk *t, uint32_t id, const uint8_t *body, size_t n)
{
	struct vp *vp = t->vp;
	enum vp_sccp_manner manner = vp->opt.sccp;

	if (id == REGISTER_ACK && n >= 4) {
		t->accepted = true;
		t->keepalive_ms = (int64_t)get32(body) * 1000;
		vp_say(vp, "sccp: accepted");
	} else if (id == REGISTER_REJECT) {
		vp_say(vp, "sccp: rejected");
		return VP_MISSING;
	} else if (id == RESET && n >= 4) {
		bool obeys = manner != VP_SCCP_IGNORE && (t->accepted || manner != VP_SCCP_OBEY_ACCEPTED);

		vp_say(vp, "sccp: reset %u %s", get32(body), obeys ? "obeyed" : "ignored");
		t->reset_seen = true;
		if (obeys)
			return vp_reboot(vp, VP_POWER_ON, VP_SCCP_REBOOT_MS);
	}
	return VP_OK;
}

static enum vp_end take_messages(struct talk *t)
{
	size_t at = 0;

	while (t->have - at >= PREFIX) {
		uint32_t length = get32(t->in + at);

		if (length < 4 || length > BUFFER - 8)
			return VP_MISSING;
		if (t->have - at < length + 8)
			break;
		enum vp_end end = hear(t, get32(t->in + at + 8), t->in + at + PREFIX, length - 4);
		if (end != VP_OK)
			return end;
		at += length + 8;
	}
	memmove(t->in, t->in + at, t->have - at);
	t->have -= at;
	return VP_OK;
}

/* Until it is over. */
static enum vp_end listen_to(struct talk *t)
{
	struct vp *vp = t->vp;
	int64_t until = patience(vp, PATIENCE_MS);

	for (;;) {
		int64_t next = until;
		bool readable = false;
		enum vp_end end;

		if (t->accepted) /* stays as long as it is let */
			next = vp_now_ms() +
			       vp_scaled(vp, t->keepalive_ms > 0 ? t->keepalive_ms : PATIENCE_MS);
		end = vp_wait(vp, t->fd, next, &readable);
		if (end != VP_OK)
			return end;
		if (!readable && !t->accepted) {
			vp_say(vp, "sccp: no answer");
			return VP_MISSING;
		}
		if (!readable) {
			if (!say(t, KEEPALIVE, NULL, 0))
				return VP_MISSING;
			continue;
		}
		ssize_t n = recv(t->fd, t->in + t->have, sizeof t->in - t->have, 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0) {
			vp_say(vp, "sccp: closed%s", t->accepted ? " after it was accepted" : "");
			return VP_MISSING;
		}
		t->have += (size_t)n;
		end = take_messages(t);
		if (end != VP_OK)
			return end;
	}
}

static enum vp_end register_once(struct vp *vp, struct in_addr node, const char *load)
{
	struct talk t = { .vp = vp };
	enum vp_end end = open_connection(vp, node, &t.fd);

	if (end != VP_OK || t.fd < 0)
		return end;
	vp_say(vp, "sccp: registers at %s", vp->node);
	end = say_alarm(&t, load) && say_register(&t) ? listen_to(&t) : VP_OK;
	close(t.fd);
	return end == VP_MISSING ? VP_OK : end;
}

enum vp_end vp_sccp_register(struct vp *vp, const char *load)
{
	struct in_addr node;
	enum vp_end end;

	if (vp->opt.sccp == VP_SCCP_OFF || vp->opt.once || inet_pton(AF_INET, vp->node, &node) != 1)
		return VP_OK;
	end = register_once(vp, node, load);
	for (int i = 0; end == VP_OK && vp->opt.sccp == VP_SCCP_RETRY && i < RETRIES; i++) {
		end = vp_pause(vp, RETRY_MS);
		if (end == VP_OK)
			end = register_once(vp, node, load);
	}
	return end;
}
