/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Interface ioctls and packet sockets. Frames are built by hand because a socket without an address cannot
 * send from 0.0.0.0, and because reverse path filtering would drop the answers (RFC 2131 §4.1). Received
 * checksums are not looked at: on a veth pair they may never have been computed.
 */
#include "vp_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int ask_kernel(const char *iface, unsigned long what, struct ifreq *r)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -1;
	snprintf(r->ifr_name, sizeof r->ifr_name, "%s", iface);
	rc = ioctl(fd, what, r);
	close(fd);
	return rc;
}

static int set_flags(const char *iface, short on, short off)
{
	struct ifreq r = { 0 };

	if (ask_kernel(iface, SIOCGIFFLAGS, &r) != 0)
		return -1;
	r.ifr_flags = (short)((r.ifr_flags & ~off) | on);
	return ask_kernel(iface, SIOCSIFFLAGS, &r);
}

static struct sockaddr inet_sockaddr(uint32_t address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = address };
	struct sockaddr out;

	memcpy(&out, &in, sizeof out);
	return out;
}

int vp_net_init(const char *iface, const uint8_t mac[6])
{
	struct ifreq r = { 0 };

	if (ask_kernel(iface, SIOCGIFHWADDR, &r) != 0)
		return -1;
	vp_net_clear_address(iface);
	if (memcmp(r.ifr_hwaddr.sa_data, mac, 6) != 0) {
		memset(&r, 0, sizeof r);
		r.ifr_hwaddr.sa_family = ARPHRD_ETHER;
		memcpy(r.ifr_hwaddr.sa_data, mac, 6);
		if (set_flags(iface, 0, IFF_UP) != 0 || ask_kernel(iface, SIOCSIFHWADDR, &r) != 0)
			return -1;
	}
	return set_flags(iface, IFF_UP, 0);
}

int vp_net_set_address(const char *iface, uint32_t address, uint32_t mask)
{
	struct ifreq r = { 0 };

	r.ifr_addr = inet_sockaddr(address);
	if (ask_kernel(iface, SIOCSIFADDR, &r) != 0)
		return -1;
	memset(&r, 0, sizeof r);
	r.ifr_netmask = inet_sockaddr(mask);
	return ask_kernel(iface, SIOCSIFNETMASK, &r);
}

void vp_net_clear_address(const char *iface)
{
	struct ifreq r = { 0 };

	r.ifr_addr = inet_sockaddr(0);
	(void)ask_kernel(iface, SIOCSIFADDR, &r); /* fails where there is none, which is what we want */
}

int vp_net_add_default(const char *iface, uint32_t router)
{
	char dev[IFNAMSIZ];
	struct rtentry rt = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -1;
	snprintf(dev, sizeof dev, "%s", iface);
	rt.rt_dst = rt.rt_genmask = inet_sockaddr(0);
	rt.rt_gateway = inet_sockaddr(router);
	rt.rt_flags = RTF_UP | RTF_GATEWAY;
	rt.rt_dev = dev;
	rc = ioctl(fd, SIOCADDRT, &rt);
	close(fd);
	return rc == 0 || errno == EEXIST ? 0 : -1;
}

static struct sockaddr_ll link_broadcast(const char *iface, uint16_t protocol)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_halen = 6 };

	to.sll_ifindex = (int)if_nametoindex(iface);
	memset(to.sll_addr, 0xff, 6);
	return to;
}

void vp_net_announce(const char *iface, const uint8_t mac[6], uint32_t address)
{
	struct sockaddr_ll to = link_broadcast(iface, ETH_P_ARP);
	uint8_t arp[28] = { 0, 1, 8, 0, 6, 4, 0, 1 }; /* Ethernet, IPv4, request; RFC 826 */
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	memcpy(arp + 8, mac, 6);
	memcpy(arp + 14, &address, 4);
	memcpy(arp + 24, &address, 4);
	(void)sendto(fd, arp, sizeof arp, 0, (struct sockaddr *)&to, sizeof to);
	close(fd);
}

int vp_net_open_raw(const char *iface)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9), /* IP protocol */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6), /* no fragments */
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 4, 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* IP header length */
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2), /* UDP destination port */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VP_DHCP_CLIENT_PORT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { sizeof code / sizeof code[0], code };
	struct sockaddr_ll at = link_broadcast(iface, ETH_P_IP);
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* RFC 1071; sum carries a pseudo header where there is one. */
static uint16_t internet_checksum(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	if (n & 1)
		sum += (uint32_t)p[n - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

int vp_net_broadcast(int raw_fd, const char *iface, const uint8_t *msg, size_t n)
{
	uint8_t packet[1500] = { 0 };
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .daddr = 0xffffffff };
	struct udphdr udp = { .source = htons(VP_DHCP_CLIENT_PORT), .dest = htons(VP_DHCP_SERVER_PORT) };
	struct sockaddr_ll to = link_broadcast(iface, ETH_P_IP);
	size_t udp_n = sizeof udp + n, all = sizeof ip + udp_n;

	if (all > sizeof packet)
		return -1;
	ip.tot_len = htons((uint16_t)all);
	memcpy(packet, &ip, sizeof ip);
	ip.check = htons(internet_checksum(packet, sizeof ip, 0));
	memcpy(packet, &ip, sizeof ip);
	udp.len = htons((uint16_t)udp_n);
	memcpy(packet + sizeof ip, &udp, sizeof udp);
	memcpy(packet + sizeof ip + sizeof udp, msg, n);
	/* pseudo header: 0.0.0.0, 255.255.255.255, 17, length */
	udp.check = htons(internet_checksum(packet + sizeof ip, udp_n,
					    0xffff + 0xffff + IPPROTO_UDP + (uint32_t)udp_n));
	memcpy(packet + sizeof ip, &udp, sizeof udp);
	return sendto(raw_fd, packet, all, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)all ? 0 : -1;
}

ssize_t vp_net_receive(int raw_fd, uint8_t *buf, size_t size)
{
	uint8_t packet[2048];
	ssize_t n = recv(raw_fd, packet, sizeof packet, 0);
	size_t head, udp_n;

	if (n < 20)
		return -1;
	head = (size_t)(packet[0] & 0x0f) * 4;
	if (head < 20 || (size_t)n < head + 8)
		return -1;
	udp_n = (size_t)packet[head + 4] << 8 | packet[head + 5];
	if (udp_n < 8 || udp_n > (size_t)n - head || udp_n - 8 > size)
		return -1;
	memcpy(buf, packet + head + 8, udp_n - 8);
	return (ssize_t)(udp_n - 8);
}
