/* SPDX-License-Identifier: MPL-2.0 */
/*
 * DHCP messages built and read by hand (RFC 2131 §2, RFC 2132), in the option order of F§1.4: 53, 61, 12, 60,
 * [50], [54], 55; broadcast flag set. Left out: ARP probing and DECLINE, INFORM, and the DNS look-up of
 * CiscoCM1 (F§1.5).
 */
#include "vp_dhcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vp.h"
#include "vp_net.h"

enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6, RELEASE = 7 };

#define MSG_MIN 300 /* RFC 951: BOOTP messages are not shorter */
#define OPTIONS_AT 240 /* fixed part 236, magic cookie 4 */
#define RETRY_MS 4000 /* RFC 2131 §4.1: 4, 8, 16 seconds */
#define RETRY_MAX_MS 16000
#define RETRY_FLOOR_MS 500 /* wall time: no scale makes the server faster */
#define RENEW_RETRY_FLOOR_MS 5000

static const uint8_t cookie[4] = { 99, 130, 83, 99 };

struct message {
	uint8_t b[1024];
	size_t n;
};

static void add_option(struct message *m, uint8_t code, const void *data, size_t n)
{
	if (n > 255 || m->n + 2 + n > sizeof m->b - 1)
		return;
	m->b[m->n++] = code;
	m->b[m->n++] = (uint8_t)n;
	memcpy(m->b + m->n, data, n);
	m->n += n;
}

static void add_request_list(struct message *m, const struct vp *vp)
{
	/*
	 * F§1.4, the java phones' too; the 7940 and 7960 are also seen with 151 at the end: inferred to be the
	 * newer code.
	 */
	static const uint8_t list[] = { 1, 66, 6, 3, 15, 150, 35, 151 };

	bool with_151 = !vp->flash.is_java && vp->flash.image_state == VP_PART_NONE;

	if (vp->opt.prl_n)
		add_option(m, 55, vp->opt.prl, vp->opt.prl_n);
	else
		add_option(m, 55, list, with_151 ? sizeof list : sizeof list - 1);
}

/*
 * ciaddr is set when renewing; then 50 and 54 must not be there (RFC 2131 §4.3.6). A RELEASE has 54, and neither
 * 60 nor 55 (RFC 2131 §4.4.1, table 5).
 */
static void build_message(const struct vp *vp, uint8_t type, uint32_t ciaddr, int64_t began_ms,
			  const struct vp_reply *offer, struct message *m)
{
	uint8_t client_id[7] = { 1 };
	char name[16];
	uint16_t secs = htons((uint16_t)((vp_now_ms() - began_ms) / 1000));

	memset(m, 0, sizeof *m);
	m->b[0] = m->b[1] = 1; /* BOOTREQUEST, Ethernet */
	m->b[2] = 6;
	memcpy(m->b + 4, &vp->dhcp.xid, 4);
	memcpy(m->b + 8, &secs, 2);
	m->b[10] = ciaddr ? 0 : 0x80; /* broadcast flag, F§1.4 */
	memcpy(m->b + 12, &ciaddr, 4);
	memcpy(m->b + 28, vp->opt.mac, 6);
	memcpy(m->b + 236, cookie, 4);
	m->n = OPTIONS_AT;

	memcpy(client_id + 1, vp->opt.mac, 6);
	snprintf(name, sizeof name, "SEP%s", vp->mac_text);
	add_option(m, 53, &type, 1);
	add_option(m, 61, client_id, sizeof client_id);
	add_option(m, 12, name, 15); /* no NUL */
	if (type == RELEASE) {
		add_option(m, 54, &vp->dhcp.ack.server_id, 4);
	} else {
		add_option(m, 60, vp->dhcp.option60, strlen(vp->dhcp.option60) + 1); /* with its NUL, F§1.1 */
		if (type == DISCOVER && vp->opt.ask_address)
			add_option(m, 50, &vp->opt.ask_address, 4);
		if (offer) {
			add_option(m, 50, &offer->yiaddr, 4);
			add_option(m, 54, &offer->server_id, 4);
		}
		add_request_list(m, vp);
	}
	m->b[m->n++] = 255;
	if (m->n < MSG_MIN)
		m->n = MSG_MIN;
}

static uint32_t read_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void read_address(const uint8_t *p, size_t n, uint32_t *ret)
{
	if (n >= 4)
		memcpy(ret, p, 4);
}

static void read_option(struct vp_reply *r, uint8_t code, const uint8_t *p, size_t n)
{
	switch (code) {
	case 1:
		read_address(p, n, &r->mask);
		break;
	case 3:
		read_address(p, n, &r->router);
		break;
	case 54:
		read_address(p, n, &r->server_id);
		break;
	case 51:
		r->lease_s = n >= 4 ? read_u32(p) : 0;
		break;
	case 58:
		r->t1_s = n >= 4 ? read_u32(p) : 0;
		break;
	case 59:
		r->t2_s = n >= 4 ? read_u32(p) : 0;
		break;
	case 53:
		r->type = n ? p[0] : 0;
		break;
	case 66:
		n = n < sizeof r->tftp66 - 1 ? n : sizeof r->tftp66 - 1;
		memcpy(r->tftp66, p, n);
		r->tftp66[n] = '\0';
		break;
	case 150:
		memcpy(r->tftp150, p, n);
		r->tftp150_n = n;
		break;
	default:
		break;
	}
}

/* 0 when it is a well-formed answer to our xid. The options as they came also go to hex. */
static int read_reply(const struct vp *vp, const uint8_t *b, size_t n, struct vp_reply *ret)
{
	size_t at = OPTIONS_AT, used = 0;

	memset(ret, 0, sizeof *ret);
	if (n < OPTIONS_AT || b[0] != 2 || memcmp(b + 236, cookie, 4) != 0)
		return -1;
	if (memcmp(b + 4, &vp->dhcp.xid, 4) != 0 || memcmp(b + 28, vp->opt.mac, 6) != 0)
		return -1;
	memcpy(&ret->yiaddr, b + 16, 4);
	memcpy(&ret->siaddr, b + 20, 4);
	while (at < n && b[at] != 255) {
		size_t len;

		if (b[at] == 0) {
			at++;
			continue;
		}
		if (n - at < 2 || n - at - 2 < b[at + 1])
			return -1;
		len = b[at + 1];
		read_option(ret, b[at], b + at + 2, len);
		if (used + 16 > sizeof ret->hex)
			return -1; /* a thousand empty options are no answer */
		used += (size_t)snprintf(ret->hex + used, sizeof ret->hex - used, " %u=", b[at]);
		for (size_t i = 0; i < len && used + 16 < sizeof ret->hex; i++)
			used += (size_t)snprintf(ret->hex + used, sizeof ret->hex - used, "%02x",
						 b[at + 2 + i]);
		at += 2 + len;
	}
	return 0;
}

static const char *address_text(uint32_t address, char ret[INET_ADDRSTRLEN])
{
	return inet_ntop(AF_INET, &address, ret, INET_ADDRSTRLEN);
}

static void say_reply(struct vp *vp, const char *what, const struct vp_reply *r)
{
	char yi[INET_ADDRSTRLEN], si[INET_ADDRSTRLEN],
		o150[2 * sizeof r->tftp150 + 1] = "-", o66[VP_DHCP_TEXT_MAX] = "-";

	for (size_t i = 0; i < r->tftp150_n; i++)
		snprintf(o150 + 2 * i, 3, "%02x", r->tftp150[i]);
	if (*r->tftp66)
		snprintf(o66, sizeof o66, "%s", r->tftp66);
	for (char *p = o66; *p; p++)
		if (*p <= ' ' || *p >= 127)
			*p = '?';
	address_text(r->yiaddr, yi);
	address_text(r->siaddr, si);
	vp_say(vp, "dhcp: %s %s 150=%s 66=%s siaddr=%s lease=%u", what, yi, o150, o66, si, r->lease_s);
	vp_trace(vp, "dhcp %s yiaddr=%s siaddr=%s%s", what, yi, si, r->hex);
}

/*
 * F§1.5: sources disagree. 150, then 66 where it is a dotted quad, then siaddr, then the DHCP server itself; what
 * was configured by hand rules over all. The phone looks only where --looks-at says. 0: no server.
 */
static uint32_t choose_tftp_server(const struct vp *vp, const char **ret_from)
{
	const struct vp_reply *ack = &vp->dhcp.ack;
	uint32_t of150 = 0;
	struct in_addr of66 = { 0 };

	if (ack->tftp150_n >= 4)
		memcpy(&of150, ack->tftp150, 4);
	if (inet_pton(AF_INET, ack->tftp66, &of66) != 1)
		of66.s_addr = 0;
	const struct {
		bool looks;
		uint32_t address;
		const char *from;
	} places[] = {
		{ true, vp->opt.alternate_tftp, "Alternate TFTP" },
		{ vp->opt.looks_at & VP_LOOKS_AT_150, of150, "option 150" },
		{ vp->opt.looks_at & VP_LOOKS_AT_66, of66.s_addr, "option 66" },
		{ vp->opt.looks_at & VP_LOOKS_AT_SIADDR, ack->siaddr, "siaddr" },
		{ vp->opt.looks_at & VP_LOOKS_AT_SERVER, ack->server_id, "no option: the DHCP server" },
	};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (places[i].looks && places[i].address) {
			*ret_from = places[i].from;
			return places[i].address;
		}
	return 0;
}

static enum vp_end take_tftp_server(struct vp *vp)
{
	char text[INET_ADDRSTRLEN];
	const char *from = "";

	vp->dhcp.tftp_server = choose_tftp_server(vp, &from);
	if (vp->dhcp.tftp_server) {
		vp_say(vp, "tftp: server %s (%s)", address_text(vp->dhcp.tftp_server, text), from);
		return VP_OK;
	}
	vp_say(vp, "tftp: no server, nobody is asked");
	return vp->opt.once ? VP_DONE : vp_pause_for_ever(vp);
}

/* Timers from the ACK; T1 and T2 default to 1/2 and 7/8 (RFC 2131 §4.4.5). */
static void set_timers(struct vp_dhcp *d, int64_t now)
{
	int64_t lease_ms = (int64_t)d->ack.lease_s * 1000;

	d->renew_ms = now + (d->ack.t1_s ? (int64_t)d->ack.t1_s * 1000 : lease_ms / 2);
	d->rebind_ms = now + (d->ack.t2_s ? (int64_t)d->ack.t2_s * 1000 : lease_ms * 7 / 8);
	d->expire_ms = now + lease_ms;
	if (d->ack.lease_s == UINT32_MAX)
		d->renew_ms = d->rebind_ms = d->expire_ms = INT64_MAX;
	d->next_ms = d->renew_ms;
	d->tried_renewal = false;
}

static int open_renewal_socket(const struct vp *vp)
{
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(VP_DHCP_CLIENT_PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int yes = 1;

	if (fd < 0)
		return -1;
	me.sin_addr.s_addr = vp->dhcp.ack.yiaddr;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
	    bind(fd, (struct sockaddr *)&me, sizeof me) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int take_address(struct vp *vp)
{
	const struct vp_reply *ack = &vp->dhcp.ack;
	uint32_t mask = ack->mask ? ack->mask : htonl(0xffffff00);

	if (vp_net_set_address(vp->opt.iface, ack->yiaddr, mask) != 0)
		return -1;
	if (ack->router && vp_net_add_default(vp->opt.iface, ack->router) != 0)
		vp_say(vp, "dhcp: the router is no good, going without");
	vp_net_announce(vp->opt.iface, vp->opt.mac, ack->yiaddr);
	return 0;
}

static enum vp_end become_bound(struct vp *vp)
{
	struct vp_dhcp *d = &vp->dhcp;

	if (!vp->opt.shared_iface && take_address(vp) != 0) {
		perror("setting the address");
		return VP_BROKEN;
	}
	d->udp_fd = open_renewal_socket(vp);
	if (d->udp_fd < 0) {
		perror("port 68");
		return VP_BROKEN;
	}
	d->bound = true;
	set_timers(d, vp_now_ms());
	return take_tftp_server(vp);
}

/* The first reply to our xid of one of two types; ret->type is 0 where the time went by without. */
static enum vp_end await_reply(struct vp *vp, int64_t until_ms, uint8_t type, uint8_t other,
			       struct vp_reply *ret)
{
	uint8_t b[1500];

	while (vp_now_ms() < until_ms) {
		bool readable = false;
		enum vp_end end = vp_wait(vp, vp->dhcp.raw_fd, until_ms, &readable);
		ssize_t n;

		if (end != VP_OK)
			return end;
		if (!readable)
			continue;
		n = vp_net_receive(vp->dhcp.raw_fd, b, sizeof b);
		if (n > 0 && read_reply(vp, b, (size_t)n, ret) == 0 &&
		    (ret->type == type || ret->type == other))
			return VP_OK;
	}
	ret->type = 0;
	return VP_OK;
}

/* One DISCOVER or (with an offer) REQUEST, repeated with doubling pauses. */
static enum vp_end ask(struct vp *vp, int64_t began_ms, const struct vp_reply *offer, int tries,
		       struct vp_reply *ret)
{
	int64_t wait_ms = RETRY_MS;
	struct message m;

	ret->type = 0;
	for (int i = 0; i < tries && !ret->type; i++) {
		int64_t wall = vp_scaled(vp, wait_ms);
		int64_t until = vp_now_ms() + (wall < RETRY_FLOOR_MS ? RETRY_FLOOR_MS : wall);
		enum vp_end end;

		build_message(vp, offer ? REQUEST : DISCOVER, 0, began_ms, offer, &m);
		if (vp_net_broadcast(vp->dhcp.send_fd, vp->opt.iface, m.b, m.n) != 0)
			vp_say(vp, "dhcp: cannot send: %s", strerror(errno));
		end = offer ? await_reply(vp, until, ACK, NAK, ret)
			    : await_reply(vp, until, OFFER, OFFER, ret);
		if (end != VP_OK)
			return end;
		wait_ms = wait_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : wait_ms * 2;
	}
	return VP_OK;
}

enum vp_end vp_dhcp_acquire(struct vp *vp, const char *option60)
{
	int64_t began_ms = vp_now_ms();
	struct vp_reply offer, answer;

	vp_dhcp_drop(vp);
	vp->dhcp.option60 = option60;
	vp_display(vp, "Configuring IP");
	for (;;) {
		enum vp_end end;

		vp->dhcp.xid = (uint32_t)random();
		vp_say(vp, "dhcp: discover as \"%s\"", option60);
		end = ask(vp, began_ms, NULL, 4, &offer);
		if (end != VP_OK)
			return end;
		if (!offer.type)
			continue;
		say_reply(vp, "offer", &offer);
		end = ask(vp, began_ms, &offer, 3, &answer);
		if (end != VP_OK)
			return end;
		if (answer.type == ACK) {
			say_reply(vp, "ack", &answer);
			vp->dhcp.ack = answer;
			return become_bound(vp);
		}
		if (answer.type == NAK) {
			vp_say(vp, "dhcp: nak");
			end = vp_pause(vp, 10000); /* RFC 2131 §3.1: wait before starting again */
			if (end != VP_OK)
				return end;
		}
	}
}

void vp_dhcp_release(struct vp *vp)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(VP_DHCP_SERVER_PORT) };
	struct vp_dhcp *d = &vp->dhcp;
	struct message m;

	if (d->bound) {
		d->xid = (uint32_t)random();
		build_message(vp, RELEASE, d->ack.yiaddr, vp_now_ms(), NULL, &m);
		to.sin_addr.s_addr = d->ack.server_id;
		vp_say(vp, "dhcp: released");
		(void)sendto(d->udp_fd, m.b, m.n, 0, (struct sockaddr *)&to, sizeof to);
	}
	vp_dhcp_drop(vp);
}

void vp_dhcp_drop(struct vp *vp)
{
	struct vp_dhcp *d = &vp->dhcp;

	if (d->udp_fd >= 0)
		close(d->udp_fd);
	d->udp_fd = -1;
	d->bound = false;
	if (!vp->opt.shared_iface)
		vp_net_clear_address(vp->opt.iface);
}

/* To the server until T2, to everybody after that (RFC 2131 §4.4.5); retried at half of what is left. */
static void send_renewal(struct vp *vp, int64_t now)
{
	struct vp_dhcp *d = &vp->dhcp;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(VP_DHCP_SERVER_PORT) };
	bool rebinding = now >= d->rebind_ms;
	int64_t left = (rebinding ? d->expire_ms : d->rebind_ms) - now;
	struct message m;

	if (!d->tried_renewal)
		d->xid = (uint32_t)random();
	d->tried_renewal = true;
	build_message(vp, REQUEST, d->ack.yiaddr, now, NULL, &m);
	to.sin_addr.s_addr = d->ack.server_id;
	vp_say(vp, "dhcp: %s", rebinding ? "rebinding by broadcast" : "renewing by unicast");
	if (rebinding)
		(void)vp_net_broadcast(d->send_fd, vp->opt.iface, m.b, m.n);
	else
		(void)sendto(d->udp_fd, m.b, m.n, 0, (struct sockaddr *)&to, sizeof to);
	left = left / 2 < RENEW_RETRY_FLOOR_MS ? RENEW_RETRY_FLOOR_MS : left / 2;
	d->next_ms = now + left < d->expire_ms ? now + left : d->expire_ms;
	if (!rebinding && d->next_ms > d->rebind_ms)
		d->next_ms = d->rebind_ms;
}

static enum vp_end hear_renewal(struct vp *vp)
{
	struct vp_dhcp *d = &vp->dhcp;
	uint8_t b[1500], drain[16];
	struct vp_reply r;
	ssize_t n = vp_net_receive(d->raw_fd, b, sizeof b);

	while (recv(d->udp_fd, drain, sizeof drain, 0) >= 0)
		; /* the same bytes, for the kernel's peace of mind */
	if (!d->tried_renewal || n < 0 || read_reply(vp, b, (size_t)n, &r) != 0)
		return VP_OK;
	if (r.type == NAK) {
		vp_say(vp, "dhcp: nak, the address is gone");
		return VP_NET_LOST;
	}
	if (r.type != ACK || r.yiaddr != d->ack.yiaddr)
		return VP_OK;
	say_reply(vp, "renewed", &r);
	if (!r.server_id)
		r.server_id = d->ack.server_id;
	d->ack = r; /* the TFTP server is chosen at boot only: inferred */
	set_timers(d, vp_now_ms());
	return VP_OK;
}

enum vp_end vp_dhcp_tick(struct vp *vp, bool readable)
{
	struct vp_dhcp *d = &vp->dhcp;
	int64_t now = vp_now_ms();

	if (!d->bound)
		return VP_OK;
	if (readable) {
		enum vp_end end = hear_renewal(vp);

		if (end != VP_OK)
			return end;
	}
	if (now >= d->expire_ms) {
		vp_say(vp, "dhcp: the lease is over");
		return VP_NET_LOST;
	}
	if (now >= d->next_ms)
		send_renewal(vp, now);
	return VP_OK;
}
