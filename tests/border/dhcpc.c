/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A DHCP client that shows what is on the wire: one message out, the reply's fields and options as hex, in
 * the order they came. The MAC is the message's alone (chaddr), so one network interface plays any number of
 * clients. Written from RFC 2131 and 2132; it knows nothing of the project.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
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

enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, DECLINE = 4, ACK = 5, NAK = 6, RELEASE = 7, INFORM = 8 };

#define HEADER 240 /* fixed fields and the magic cookie */

struct ask {
	const char *iface, *vendor, *host, *prl, *verb;
	const char *circuit; /* option 82, suboption 1: we play the relay, too */
	bool vendor_nul; /* the phones count a NUL into option 60 (F§1.1) */
	bool dump, split;
	uint8_t mac[6];
	uint32_t xid;
	uint32_t address, server, giaddr; /* network order */
	int timeout_ms;
	int ear; /* packet socket */
};

static void die(const char *what)
{
	fprintf(stderr, "dhcpc: %s: %s\n", what, errno ? strerror(errno) : "wrong");
	exit(2);
}

static size_t add(uint8_t *m, size_t at, uint8_t code, const void *data, size_t len)
{
	m[at] = code;
	m[at + 1] = (uint8_t)len;
	memcpy(m + at + 2, data, len);
	return at + 2 + len;
}

static size_t add_prl(uint8_t *m, size_t at, const char *prl)
{
	uint8_t codes[64];
	size_t n = 0;

	for (const char *p = prl; *p && n < sizeof codes; p += strspn(p, ",")) {
		codes[n++] = (uint8_t)strtoul(p, NULL, 10);
		p += strcspn(p, ",");
	}
	return n ? add(m, at, 55, codes, n) : at;
}

static size_t add_relay(uint8_t *m, size_t at, const char *circuit)
{
	uint8_t sub[64];
	size_t len = strlen(circuit) > 60 ? 60 : strlen(circuit);

	return add(m, at, 82, sub, add(sub, 0, 1, circuit, len));
}

/* Option 60, as one piece or as two (RFC 3396). */
static size_t add_vendor(uint8_t *m, size_t at, const struct ask *a)
{
	size_t len = strlen(a->vendor) + a->vendor_nul;

	if (!a->split)
		return add(m, at, 60, a->vendor, len);
	at = add(m, at, 60, a->vendor, 10);
	return add(m, at, 60, a->vendor + 10, len - 10);
}

static size_t build(const struct ask *a, int type, bool with_ciaddr, uint8_t *m, size_t size)
{
	static const uint8_t cookie[4] = { 99, 130, 83, 99 };
	uint8_t id[7] = { 1 }, t = (uint8_t)type;
	size_t at = HEADER;

	memset(m, 0, size);
	m[0] = 1; /* BOOTREQUEST, Ethernet, 6 */
	m[1] = 1;
	m[2] = 6;
	memcpy(m + 4, &a->xid, 4);
	m[10] = 0x80; /* answer by broadcast: we have no address */
	if (with_ciaddr)
		memcpy(m + 12, &a->address, 4);
	memcpy(m + 24, &a->giaddr, 4);
	memcpy(m + 28, a->mac, 6);
	memcpy(m + 236, cookie, 4);
	memcpy(id + 1, a->mac, 6);
	at = add(m, at, 53, &t, 1);
	at = add(m, at, 61, id, 7);
	if (a->host)
		at = add(m, at, 12, a->host, strlen(a->host));
	if (a->vendor)
		at = add_vendor(m, at, a);
	if (a->address && !with_ciaddr)
		at = add(m, at, 50, &a->address, 4);
	if (a->server)
		at = add(m, at, 54, &a->server, 4);
	at = add_prl(m, at, a->prl);
	if (a->circuit)
		at = add_relay(m, at, a->circuit);
	m[at++] = 255;
	return at < 300 ? 300 : at; /* BOOTP's least */
}

static int open_socket(const char *iface)
{
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(68) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, iface, (socklen_t)strlen(iface)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    bind(fd, (const struct sockaddr *)&me, sizeof me) < 0)
		die("socket");
	return fd;
}

static void send_message(int fd, const uint8_t *m, size_t len)
{
	struct sockaddr_in all = { .sin_family = AF_INET,
				   .sin_port = htons(67),
				   .sin_addr.s_addr = INADDR_BROADCAST };

	if (sendto(fd, m, len, 0, (const struct sockaddr *)&all, sizeof all) != (ssize_t)len)
		die("sending");
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The DHCP message in an IP packet to port 68 (or a relay's 67); its length, 0 = it is something else. */
static size_t unwrap(const uint8_t *ip, size_t len, const uint8_t **ret)
{
	size_t header = len ? (size_t)(ip[0] & 15) * 4 : 0;

	if (len < header + 8 + HEADER || ip[0] >> 4 != 4 || ip[9] != IPPROTO_UDP || ip[header + 2] != 0 ||
	    (ip[header + 3] != 68 && ip[header + 3] != 67))
		return 0;
	size_t udp = (size_t)ip[header + 4] << 8 | ip[header + 5];

	if (udp < 8 + HEADER || header + udp > len)
		return 0;
	*ret = ip + header + 8;
	return udp - 8;
}

/* The reply to our xid; its length, 0 = silence. */
static size_t receive(const struct ask *a, uint8_t *m, size_t size)
{
	int64_t until = now_ms() + a->timeout_ms;

	for (int64_t left; (left = until - now_ms()) > 0;) {
		struct pollfd p = { .fd = a->ear, .events = POLLIN };
		const uint8_t *got;
		uint8_t packet[2048];

		if (poll(&p, 1, (int)left) <= 0)
			continue;
		ssize_t n = recv(a->ear, packet, sizeof packet, 0);
		size_t len = n > 0 ? unwrap(packet, (size_t)n, &got) : 0;

		if (!len || len > size || got[0] != 2 || memcmp(got + 4, &a->xid, 4) != 0 ||
		    memcmp(got + 28, a->mac, 6) != 0)
			continue;
		memcpy(m, got, len);
		return len;
	}
	return 0;
}

/* Replies to a client that has an address go to that address and to the MAC of the message, neither of which
 * is this interface's: every frame on it is looked at. */
static int open_ear(const char *iface)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IP),
				  .sll_ifindex = (int)if_nametoindex(iface) };
	struct packet_mreq all = { .mr_ifindex = at.sll_ifindex, .mr_type = PACKET_MR_PROMISC };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP));

	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0)
		die("packet socket");
	return fd;
}

static void print_hex(const char *name, const uint8_t *p, size_t len)
{
	printf("%s ", name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", p[i]);
	putchar('\n');
}

static int message_type(const uint8_t *m, size_t len)
{
	for (size_t at = HEADER; at + 1 < len && m[at] != 255; at += m[at] ? 2u + m[at + 1] : 1u)
		if (m[at] == 53 && at + 2 < len)
			return m[at + 2];
	return 0;
}

static void print_reply(const struct ask *a, const uint8_t *m, size_t len)
{
	static const char *const names[] = { "?", "?", "OFFER", "?", "?", "ACK", "NAK" };
	int type = message_type(m, len);
	char text[INET_ADDRSTRLEN];

	printf("%s\n", names[type <= NAK ? type : 0]);
	if (a->dump)
		print_hex("message", m, len);
	printf("yiaddr %s\n", inet_ntop(AF_INET, m + 16, text, sizeof text));
	printf("siaddr %s\n", inet_ntop(AF_INET, m + 20, text, sizeof text));
	for (size_t at = HEADER; at + 1 < len && m[at] != 255; at += m[at] ? 2u + m[at + 1] : 1u) {
		char name[16];

		if (!m[at] || at + 2 + m[at + 1] > len)
			continue;
		snprintf(name, sizeof name, "option %d", m[at]);
		print_hex(name, m + at + 2, m[at + 1]);
	}
}

/* One exchange; 0 = a reply, printed; 1 = silence. The reply's address and server are kept for the next. */
static int exchange(int fd, struct ask *a, int type, bool with_ciaddr, bool expect)
{
	uint8_t m[1500];

	send_message(fd, m, build(a, type, with_ciaddr, m, sizeof m));
	if (!expect)
		return 0;
	size_t len = receive(a, m, sizeof m);

	if (!len) {
		puts("silence");
		return 1;
	}
	print_reply(a, m, len);
	memcpy(&a->address, m + 16, 4);
	for (size_t at = HEADER; at + 1 < len && m[at] != 255; at += m[at] ? 2u + m[at + 1] : 1u)
		if (m[at] == 54 && m[at + 1] == 4)
			memcpy(&a->server, m + at + 2, 4);
	return 0;
}

static int boot(int fd, struct ask *a)
{
	return exchange(fd, a, DISCOVER, false, true) ? 1 : exchange(fd, a, REQUEST, false, true);
}

static int run(int fd, struct ask *a)
{
	static const struct verb {
		const char *name;
		int type;
		bool ciaddr, expect;
	} verbs[] = {
		{ "discover", DISCOVER, false, true }, { "request", REQUEST, false, true },
		{ "renew", REQUEST, true, true },      { "inform", INFORM, true, true },
		{ "release", RELEASE, true, false },   { "decline", DECLINE, false, false },
	};

	if (strcmp(a->verb, "boot") == 0)
		return boot(fd, a);
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].name, a->verb) == 0)
			return exchange(fd, a, verbs[i].type, verbs[i].ciaddr, verbs[i].expect);
	errno = 0;
	die(a->verb);
	return 2;
}

static void usage(void)
{
	fputs("dhcpc -i IFACE -m MAC [-v CLASS [-n] [-s]] [-h HOST] [-p 1,3,6] [-x XID] [-a ADDRESS]\n"
	      "      [-S SERVER] [-g GIADDR] [-c CIRCUIT] [-t MS] [-d]\n"
	      "      boot | discover | request | renew | inform | release | decline\n",
	      stderr);
	exit(2);
}

static uint32_t address(const char *text)
{
	struct in_addr in;

	errno = 0;
	if (inet_pton(AF_INET, text, &in) != 1)
		die(text);
	return in.s_addr;
}

static void options(int argc, char **argv, struct ask *a)
{
	for (int c; (c = getopt(argc, argv, "i:m:v:nsh:p:x:a:S:g:c:t:d")) != -1;) {
		uint8_t *b = a->mac;

		switch (c) {
		case 'i':
			a->iface = optarg;
			break;
		case 'v':
			a->vendor = optarg;
			break;
		case 'n':
			a->vendor_nul = true;
			break;
		case 's':
			a->split = true;
			break;
		case 'h':
			a->host = optarg;
			break;
		case 'p':
			a->prl = optarg;
			break;
		case 'x':
			a->xid = htonl((uint32_t)strtoul(optarg, NULL, 0));
			break;
		case 'a':
			a->address = address(optarg);
			break;
		case 'S':
			a->server = address(optarg);
			break;
		case 'g':
			a->giaddr = address(optarg);
			break;
		case 'c':
			a->circuit = optarg;
			break;
		case 't':
			a->timeout_ms = atoi(optarg);
			break;
		case 'd':
			a->dump = true;
			break;
		case 'm':
			if (sscanf(optarg, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", b, b + 1, b + 2, b + 3, b + 4,
				   b + 5) != 6)
				usage();
			break;
		default:
			usage();
		}
	}
	if (optind + 1 != argc || !a->iface)
		usage();
	a->verb = argv[optind];
}

int main(int argc, char **argv)
{
	struct ask a = { .prl = "1,3,6,15", .timeout_ms = 3000, .xid = htonl((uint32_t)getpid() << 8 | 1) };
	int fd;

	options(argc, argv, &a);
	fd = open_socket(a.iface);
	a.ear = open_ear(a.iface);
	return run(fd, &a);
}
