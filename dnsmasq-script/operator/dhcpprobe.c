/* SPDX-License-Identifier: MPL-2.0 */
/* The probe itself: segments, sockets, waiting. Packets are dhcpoffer.c's. */
#include "dhcpprobe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "strbuf.h"

#define FRAME_MAX 2048

struct probe {
	unsigned n;
	struct pollfd fds[SEGMENTS_MAX];
	struct offers *offers;
	uint32_t xid;
};

static void probe_fini(struct probe *p)
{
	for (unsigned i = 0; i < p->n; i++)
		close(p->fds[i].fd);
}

static int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- segments: what is up, can broadcast, and has an IPv4 address */

static bool is_listed(const struct offers *o, const char *name)
{
	for (unsigned i = 0; i < o->n_segments; i++)
		if (strcmp(o->segments[i], name) == 0)
			return true;
	return false;
}

static void cleanup_ifaddrs(struct ifaddrs **ifa)
{
	if (*ifa)
		freeifaddrs(*ifa);
}

static int find_segments(const char *interface, struct offers *ret, struct err *e)
{
	const unsigned wanted = IFF_UP | IFF_RUNNING | IFF_BROADCAST;
	CLEANUP(cleanup_ifaddrs) struct ifaddrs *all = NULL;

	if (getifaddrs(&all) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "cannot list the interfaces");
	for (const struct ifaddrs *i = all; i && ret->n_segments < SEGMENTS_MAX; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || is_listed(ret, i->ifa_name))
			continue;
		if (interface ? strcmp(interface, i->ifa_name) == 0
			      : (i->ifa_flags & wanted) == wanted && !(i->ifa_flags & IFF_LOOPBACK))
			(void)text_copy(ret->segments[ret->n_segments++], sizeof(ret->segments[0]),
					i->ifa_name);
	}
	if (ret->n_segments > 0)
		return 0;
	return interface ? err_set(e, ERR_INPUT, "there is no interface %s with an IPv4 address", interface)
			 : err_set(e, ERR_INPUT, "no interface has an IPv4 address");
}

/* ---- sockets */

/* ETH_P_ALL, since what this host sends itself (its own DHCP server's offers) is shown to nothing less. */
static int open_segment(struct probe *p, const char *name, struct err *e)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(name) };
	CLEANUP(cleanup_fd) int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 && errno == EPERM)
		return 1;
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", name);
	p->fds[p->n++] = (struct pollfd){ .fd = TAKE_FD(fd), .events = POLLIN };
	return 0;
}

static int open_segments(struct probe *p, struct err *e)
{
	for (unsigned i = 0; i < p->offers->n_segments; i++) {
		int rc = open_segment(p, p->offers->segments[i], e);

		if (rc != 0)
			return rc;
	}
	return 0;
}

static int ask(const struct probe *p, const void *vendor_class, size_t vendor_len, struct err *e)
{
	uint8_t packet[1024];
	size_t n = discover_format(packet, sizeof(packet), p->xid, vendor_class, vendor_len);

	if (n == 0)
		return err_set(e, ERR_LIMIT, "a vendor class of %zu bytes", vendor_len);
	for (unsigned i = 0; i < p->n; i++) {
		struct sockaddr_ll to = { .sll_family = AF_PACKET,
					  .sll_protocol = htons(ETH_P_IP),
					  .sll_ifindex = (int)if_nametoindex(p->offers->segments[i]),
					  .sll_halen = ETH_ALEN };

		memset(to.sll_addr, 0xff, ETH_ALEN);
		if (sendto(p->fds[i].fd, packet, n, 0, (const struct sockaddr *)&to, sizeof(to)) < 0)
			return err_sys(e, ERR_SYSTEM, errno, "%s", p->offers->segments[i]);
	}
	return 0;
}

/* ---- offers */

static void add(struct offers *o, const struct offer *x)
{
	for (unsigned i = 0; i < o->n; i++)
		if (o->a[i].server.host == x->server.host && o->a[i].from.host == x->from.host &&
		    strcmp(o->a[i].segment, x->segment) == 0)
			return; /* the same one again, or seen on its way out and in */
	if (o->n < OFFERS_MAX)
		o->a[o->n++] = *x;
}

static void read_one(struct probe *p, unsigned i)
{
	uint8_t frame[FRAME_MAX];
	struct sockaddr_ll from = { .sll_protocol = 0 };
	socklen_t from_len = sizeof(from);
	struct offer x;
	ssize_t n = recvfrom(p->fds[i].fd, frame, sizeof(frame), MSG_DONTWAIT, (struct sockaddr *)&from,
			     &from_len);

	if (n <= 0 || from.sll_protocol != htons(ETH_P_IP) || offer_parse(frame, (size_t)n, p->xid, &x) != 0)
		return;
	(void)text_copy(x.segment, sizeof(x.segment), p->offers->segments[i]);
	add(p->offers, &x);
}

static void read_offers(struct probe *p, int wait_ms)
{
	int64_t until = clock_ms() + wait_ms, left;

	while ((left = until - clock_ms()) > 0) {
		if (poll(p->fds, p->n, (int)left) <= 0)
			continue;
		for (unsigned i = 0; i < p->n; i++)
			if (p->fds[i].revents & POLLIN)
				read_one(p, i);
	}
}

int dhcp_probe(const char *interface, const void *vendor_class, size_t vendor_len, int wait_ms,
	       struct offers *ret, struct err *e)
{
	CLEANUP(probe_fini) struct probe p = { .offers = ret };

	*ret = (struct offers){ .n = 0 };
	if (getrandom(&p.xid, sizeof(p.xid), 0) != (ssize_t)sizeof(p.xid))
		return err_sys(e, ERR_SYSTEM, errno, "no random number");
	if (find_segments(interface, ret, e) < 0)
		return -1;
	int rc = open_segments(&p, e);

	if (rc != 0)
		return rc;
	if (ask(&p, vendor_class, vendor_len, e) < 0)
		return -1;
	read_offers(&p, wait_ms);
	return 0;
}
