/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Connections of the witness. Everything is bounded: how many there are, how many of one address, how much a
 * message may have, how many messages, how long each may take. A phone is heard once it has told its name;
 * nobody else gets a byte.
 *
 * A Register whose proof is a moment away (the order window; a boot that DHCP has not told yet) is held and
 * looked at again before it is answered. After a Reset the phone is watched until it closes, since what real
 * ones do then is not known (F§11, 16): the history says what this one did.
 */
#include "witness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "cmds.h"
#include "sccp.h"

#define CONNECTIONS_MAX 256 /* a bench of 400 that boots at once is spread over its TFTP transfers */
#define PER_ADDRESS_MAX 4 /* a phone has one, and perhaps an old one that is not yet gone */
#define MESSAGES_MAX 64 /* of one connection */
#define FIRST_WORD_MS 10000 /* until it has registered */
#define HOLD_EXTRA_MS \
	3000 /* beyond the order window: a boot is told by Kea's thread within a second or two */
#define HOLD_LOOK_MS 200
#define RESET_WAIT_MS 5000 /* until a phone that was sent a Reset closes */
#define LEAVE_MS 2000 /* after the last word: so that it arrives before the end does */
#define LIFE_MAX_MS 60000
#define KEEPALIVE_S 30
#define TOKEN_WAIT_S 60
#define BACKLOG 64
#define EVENTS_AT_ONCE 64
#define SAID_MAX 160 /* an alarm's text in our own log */

enum talk {
	TALK_FREE,
	TALK_OPEN, /* has not registered yet */
	TALK_HELD, /* registered; its answer waits for the proof */
	TALK_RESET, /* was sent a Reset */
	TALK_OVER, /* has its last word; waits for the phone's end */
};

struct conn {
	enum talk talk;
	int fd;
	struct ip4 client;
	int64_t since_ms; /* monotonic, like the next two */
	int64_t until_ms; /* of what it is in now */
	int64_t look_ms; /* HELD: the next look */
	unsigned messages;
	bool known; /* it told its name, and is a phone that is started */
	struct sccp_register reg; /* its last Register; name "" = none yet */
	uint32_t header_version; /* of it */
	struct sccp_alarm alarm; /* waits for a name to go with; text "" = none */
	char alarm_load[SCCP_LOAD_MAX + 1];
	size_t have;
	uint8_t in[SCCP_MESSAGE_MAX];
};

struct witness_port {
	struct fleet *fleet;
	struct ip4 address;
	int listen_fd;
	int epoll_fd;
	bool full; /* told once */
	struct conn conns[CONNECTIONS_MAX];
};

static int64_t monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- ends */

static void conn_close(struct conn *c)
{
	close(c->fd); /* epoll forgets it by itself */
	c->fd = -1;
	c->talk = TALK_FREE;
}

/* The phone ends it: what is sent arrives before the end does. */
static void conn_leave(struct conn *c)
{
	shutdown(c->fd, SHUT_WR);
	c->talk = TALK_OVER;
	c->until_ms = monotonic_ms() + LEAVE_MS;
}

static const char *who(const struct conn *c, char buf[static MAC_TEXT_SIZE + IP4_TEXT_SIZE + 8])
{
	char mac[MAC_TEXT_SIZE], address[IP4_TEXT_SIZE];

	snprintf(buf, MAC_TEXT_SIZE + IP4_TEXT_SIZE + 8, "%s at %s",
		 c->reg.mac_known ? mac_format(mac, &c->reg.mac) : "somebody",
		 ip4_format(address, c->client));
	return buf;
}

#define WHO(c) who(c, (char[MAC_TEXT_SIZE + IP4_TEXT_SIZE + 8]){ "" })

/* A few bytes into an empty buffer: what does not go at once never will. */
static bool conn_send(struct conn *c, const struct sccp_answer *a)
{
	return send(c->fd, a->bytes, a->len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)a->len;
}

static struct sccp_message answer_to(const struct conn *c)
{
	return (struct sccp_message){ .header_version = c->header_version, .id = SCCP_REGISTER };
}

/* ---- the answer */

static void history(struct witness_port *w, const struct conn *c, bool reset, const char *note)
{
	struct err e;

	if (fleet_witness_answered(w->fleet, &c->reg.mac, ctl_now_ms(), reset, note, &e) < 0)
		ctl_say("witness: %s: %s", WHO(c), e.text);
}

static void answer_reject(struct conn *c, bool again)
{
	struct sccp_message to = answer_to(c);
	struct sccp_answer a = { .len = 0 };

	if (!again)
		ctl_say("witness: %s is rejected: no load waits for it", WHO(c));
	if (!sccp_add_register_reject(&a, &to, "no calls here") || !conn_send(c, &a))
		conn_close(c);
	else
		conn_leave(c);
}

static void answer_reset(struct witness_port *w, struct conn *c, const struct load_name *load)
{
	bool first = fleet_config(w->fleet)->witness_reset == WITNESS_ACCEPT_FIRST;
	const char *how = first ? "accepted, then sent a Reset (restart)" : "sent a Reset (restart) at once";
	struct sccp_message to = answer_to(c);
	struct sccp_answer a = { .len = 0 };

	if ((first && !sccp_add_register_ack(&a, &to, KEEPALIVE_S, c->reg.protocol)) ||
	    !sccp_add_reset(&a, &to, SCCP_RESET_RESTART) || !conn_send(c, &a)) {
		conn_close(c);
		return;
	}
	ctl_say("witness: %s is %s: %s waits for it", WHO(c), how, load->s);
	history(w, c, true, how);
	c->talk = TALK_RESET;
	c->since_ms = monotonic_ms();
	c->until_ms = c->since_ms + RESET_WAIT_MS;
}

static void decide(struct witness_port *w, struct conn *c, const struct witness_verdict *v)
{
	int64_t now = monotonic_ms();

	if (v->wake == WAKE_NOW) {
		answer_reset(w, c, &v->load);
	} else if (v->wake == WAKE_SOON && (c->talk != TALK_HELD || now < c->until_ms)) {
		if (c->talk != TALK_HELD)
			c->until_ms = now + fleet_config(w->fleet)->limits.order_window + HOLD_EXTRA_MS;
		c->talk = TALK_HELD;
		c->look_ms = now + HOLD_LOOK_MS;
	} else {
		answer_reject(c, v->again);
	}
}

/* What it did after its Reset; said once. */
static void tell_obedience(struct witness_port *w, struct conn *c, bool closed)
{
	char note[96];
	int64_t ms = monotonic_ms() - c->since_ms;

	if (c->talk != TALK_RESET)
		return;
	snprintf(note, sizeof(note),
		 closed ? "closed %lld.%01lld s after the Reset"
			: "still there %lld.%01lld s after the Reset",
		 (long long)(ms / 1000), (long long)(ms % 1000 / 100));
	ctl_say("witness: %s %s", WHO(c), note);
	history(w, c, false, note);
}

/* ---- what it says */

/* 0 = the fleet took it; 1 = nobody of ours, or it failed: told, and nothing is answered. */
static int tell(struct witness_port *w, const struct conn *c, const struct witness_event *we,
		struct witness_verdict *ret)
{
	struct err e;
	int rc = fleet_on_witness(w->fleet, we, ret, &e);

	if (rc == 0)
		return 0;
	ctl_say("witness: %s: %s", WHO(c), rc < 0 ? e.text : ret->note);
	return 1;
}

static int tell_alarm(struct witness_port *w, struct conn *c, const struct sccp_alarm *alarm,
		      const struct mac *mac)
{
	struct witness_event we = {
		.kind = EVENT_ALARM,
		.at_ms = ctl_now_ms(),
		.client = c->client,
		.mac = *mac,
		.protocol = -1,
		.load = "",
		.text = alarm->text,
		.severity = alarm->severity,
		.parameter = { alarm->parameter[0], alarm->parameter[1] },
		.about = alarm->about,
	};
	struct witness_verdict v;
	char said[SAID_MAX], name[MAC_TEXT_SIZE];

	if (tell(w, c, &we, &v) != 0)
		return 1;
	if (!v.again)
		ctl_say("witness: alarm of %s: %s", mac_format(name, mac),
			text_escape(said, sizeof(said), alarm->text, strlen(alarm->text)));
	return 0;
}

static int tell_register(struct witness_port *w, struct conn *c, struct witness_verdict *ret)
{
	bool by_alarm = !c->reg.load[0] && c->alarm_load[0];
	struct witness_event we = {
		.kind = EVENT_REGISTERED,
		.at_ms = ctl_now_ms(),
		.client = c->client,
		.mac = c->reg.mac,
		.device_type = c->reg.device_type,
		.protocol = c->reg.protocol,
		.load = by_alarm ? c->alarm_load : c->reg.load,
		.load_by_alarm = by_alarm,
		.text = "",
		.about = WITNESS_COUNT,
	};

	return tell(w, c, &we, ret);
}

static void on_register(struct witness_port *w, struct conn *c, const struct sccp_message *m)
{
	struct witness_verdict v;
	struct err e;

	if (c->talk != TALK_OPEN)
		return; /* once is enough */
	if (sccp_register_parse(m, &c->reg, &e) < 0) {
		ctl_say("witness: %s: %s", WHO(c), e.text);
		conn_close(c);
		return;
	}
	c->header_version = m->header_version;
	if (!c->reg.mac_known) {
		char name[SAID_MAX];

		ctl_say("witness: %s calls itself \"%s\": no phone's name", WHO(c),
			text_escape(name, sizeof(name), c->reg.name, strlen(c->reg.name)));
		conn_close(c);
		return;
	}
	if (c->alarm.text[0])
		(void)tell_alarm(w, c, &c->alarm, &c->reg.mac);
	c->alarm.text[0] = '\0';
	if (tell_register(w, c, &v) != 0 || !v.started) {
		conn_close(c);
		return;
	}
	c->known = true;
	decide(w, c, &v);
}

/* What an alarm names as its load is what runs, unless it is about that load's trouble. */
static void on_alarm(struct witness_port *w, struct conn *c, const struct sccp_message *m)
{
	struct witness_verdict v;
	struct sccp_alarm a;
	struct err e;

	if (sccp_alarm_parse(m, &a, &e) < 0) {
		ctl_say("witness: %s: %s", WHO(c), e.text);
		return;
	}
	if (a.about == WITNESS_COUNT && a.load[0])
		(void)text_copy(c->alarm_load, sizeof(c->alarm_load), a.load);
	if (!c->reg.mac_known && !a.mac_known) {
		c->alarm = a; /* whose it is comes with its Register */
		return;
	}
	if (tell_alarm(w, c, &a, c->reg.mac_known ? &c->reg.mac : &a.mac) != 0) {
		conn_close(c);
		return;
	}
	if (c->talk != TALK_HELD)
		return;
	/* it has registered before, and now says what it runs */
	if (tell_register(w, c, &v) != 0 || !v.started)
		conn_close(c);
	else
		decide(w, c, &v);
}

static void on_token(struct witness_port *w, struct conn *c, const struct sccp_message *m)
{
	struct sccp_answer a = { .len = 0 };
	struct witness_verdict v;
	struct sccp_register r;
	struct err e;

	if (sccp_register_parse(m, &r, NULL) < 0 || !r.mac_known ||
	    fleet_witness_look(w->fleet, &r.mac, ctl_now_ms(), &v, &e) != 0 || !v.started ||
	    !sccp_add_token_reject(&a, m, TOKEN_WAIT_S) || !conn_send(c, &a))
		conn_close(c);
	else
		conn_leave(c);
}

static void on_keepalive(struct witness_port *w, struct conn *c, const struct sccp_message *m)
{
	struct sccp_answer a = { .len = 0 };

	(void)w;
	if (c->known && c->talk != TALK_OVER && (!sccp_add_keepalive_ack(&a, m) || !conn_send(c, &a)))
		conn_close(c);
}

static void on_unregister(struct witness_port *w, struct conn *c, const struct sccp_message *m)
{
	(void)m;
	tell_obedience(w, c, true);
	conn_close(c);
}

static const struct {
	uint32_t id;
	void (*on)(struct witness_port *w, struct conn *c, const struct sccp_message *m);
} words[] = {
	{ SCCP_REGISTER, on_register },	    { SCCP_ALARM, on_alarm },
	{ SCCP_XML_ALARM, on_alarm },	    { SCCP_KEEPALIVE, on_keepalive },
	{ SCCP_UNREGISTER, on_unregister }, { SCCP_TOKEN_REQUEST, on_token },
};

static void on_message(struct witness_port *w, struct conn *c, const struct sccp_message *m)
{
	if (++c->messages > MESSAGES_MAX) {
		ctl_say("witness: %s says too much", WHO(c));
		conn_close(c);
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].id == m->id) {
			words[i].on(w, c, m);
			return;
		}
	}
}

/* ---- the stream */

static void take_messages(struct witness_port *w, struct conn *c)
{
	struct sccp_message m;
	struct err e;
	size_t at = 0;
	int rc = 0;

	while (c->talk != TALK_FREE && c->talk != TALK_OVER &&
	       (rc = sccp_message_parse(c->in + at, c->have - at, &m, &e)) == 0) {
		at += m.whole_bytes;
		on_message(w, c, &m);
	}
	if (c->talk == TALK_FREE)
		return;
	if (rc < 0) {
		ctl_say("witness: %s: %s", WHO(c), e.text);
		conn_close(c);
		return;
	}
	c->have = c->talk == TALK_OVER ? 0 : c->have - at; /* after the last word nothing is heard */
	memmove(c->in, c->in + at, c->have);
}

static void conn_read(struct witness_port *w, struct conn *c)
{
	ssize_t n = recv(c->fd, c->in + c->have, sizeof(c->in) - c->have, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		tell_obedience(w, c, true);
		conn_close(c);
		return;
	}
	c->have += (size_t)n;
	take_messages(w, c);
}

/* ---- connections */

static struct conn *conn_free(struct witness_port *w, struct ip4 client)
{
	struct conn *found = NULL;
	unsigned same = 0;

	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct conn *c = &w->conns[i];

		if (c->talk == TALK_FREE)
			found = found ? found : c;
		else if (c->client.host == client.host)
			same++;
	}
	return same < PER_ADDRESS_MAX ? found : NULL;
}

static void conn_begin(struct witness_port *w, int fd, struct ip4 client)
{
	struct conn *c = conn_free(w, client);
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	char address[IP4_TEXT_SIZE];

	if (!c || epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0) {
		if (!w->full)
			ctl_say("witness: %s is not let in: too many connections",
				ip4_format(address, client));
		w->full = true;
		close(fd);
		return;
	}
	w->full = false;
	memset(c, 0, offsetof(struct conn, in));
	c->talk = TALK_OPEN;
	c->fd = fd;
	c->client = client;
	c->since_ms = monotonic_ms();
	c->until_ms = c->since_ms + FIRST_WORD_MS;
}

static void accept_all(struct witness_port *w)
{
	for (;;) {
		struct sockaddr_in from = { .sin_family = AF_INET };
		socklen_t size = sizeof(from);
		int fd = accept4(w->listen_fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return; /* none is left, or it is gone already */
		conn_begin(w, fd, (struct ip4){ ntohl(from.sin_addr.s_addr) });
	}
}

static void look_again(struct witness_port *w, struct conn *c)
{
	struct witness_verdict v;
	struct err e;
	int rc = fleet_witness_look(w->fleet, &c->reg.mac, ctl_now_ms(), &v, &e);

	if (rc < 0)
		ctl_say("witness: %s: %s", WHO(c), e.text);
	if (rc != 0 || !v.started)
		conn_close(c);
	else
		decide(w, c, &v);
}

static void conn_time(struct witness_port *w, struct conn *c, int64_t now)
{
	if (c->talk == TALK_HELD && now >= c->look_ms) {
		look_again(w, c);
	} else if (now >= c->until_ms && c->talk != TALK_HELD) {
		tell_obedience(w, c, false);
		conn_close(c);
	}
}

void witness_serve(struct witness_port *w)
{
	struct epoll_event ready[EVENTS_AT_ONCE];
	int n = epoll_wait(w->epoll_fd, ready, EVENTS_AT_ONCE, 0);

	for (int i = 0; i < n; i++) {
		struct conn *c = ready[i].data.ptr;

		if (!c)
			accept_all(w);
		else if (c->talk != TALK_FREE)
			conn_read(w, c);
	}
	int64_t now = monotonic_ms();

	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		if (w->conns[i].talk != TALK_FREE)
			conn_time(w, &w->conns[i], now);
}

/* ---- the listener */

static int listen_on(struct ip4 address, int *ret, struct err *e)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(SCCP_PORT),
		.sin_addr.s_addr = htonl(address.host),
	};
	CLEANUP(cleanup_fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int on = 1;
	char text[IP4_TEXT_SIZE];

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, BACKLOG) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "[witness] listen = %s, TCP %d",
			       ip4_format(text, address), SCCP_PORT);
	*ret = TAKE_FD(fd);
	return 0;
}

int witness_open(struct witness_port **ret, struct fleet *fleet, struct ip4 address, struct err *e)
{
	struct witness_port *w = calloc(1, sizeof(*w));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	if (!w)
		return err_set(e, ERR_SYSTEM, "[witness] listen: no memory");
	w->fleet = fleet;
	w->address = address;
	w->listen_fd = w->epoll_fd = -1;
	if (listen_on(address, &w->listen_fd, e) < 0) {
		witness_close(w);
		return -1;
	}
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll_fd < 0 || epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->listen_fd, &ev) < 0) {
		err_sys(e, ERR_SYSTEM, errno, "[witness] listen");
		witness_close(w);
		return -1;
	}
	*ret = w;
	return 0;
}

void witness_close(struct witness_port *w)
{
	if (!w)
		return;
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		if (w->conns[i].talk != TALK_FREE)
			conn_close(&w->conns[i]);
	cleanup_fd(&w->listen_fd);
	cleanup_fd(&w->epoll_fd);
	free(w);
}

struct ip4 witness_address(const struct witness_port *w)
{
	return w->address;
}

int witness_fd(const struct witness_port *w)
{
	return w->epoll_fd;
}
