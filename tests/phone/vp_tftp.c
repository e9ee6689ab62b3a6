/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The RRQ client (RFC 1350). Retries are those of F§6: an application sends five times from one port, four
 * seconds apart, from three ports in turn; a loader four times; a java phone three times. Transfers are paced
 * at what the real ones take (classic: 131 kB in 1 to 5 s, 757 kB in 7 to 16 s), divided by the scale, so that a
 * power cut can fall into one.
 */
#include "vp_tftp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vp.h"
#include "vp_link.h"

enum { RRQ = 1, DATA = 3, ACK = 4, ERROR = 5 };

#define BLOCK 512
#define FILE_MAX (8u << 20) /* ten times the largest classic image */
#define FIRST_PORT 50000 /* of each boot: a lower port than before means a reboot (F§2) */
/*
 * On a lossy link each boot has others: a server repeats a block for half a minute, which is less than a reboot takes,
 * but not a scaled one.
 */
#define LOSSY_PORTS 128
#define LOSSY_BASES 64
#define CLASSIC_BYTES_PER_SECOND 75000 /* F§6: 757 kB in about 10 s */
#define JAVA_BYTES_PER_SECOND 500000 /* F§2.5: apps, 3.1 MB, in 6 s */
/* Wall time, so that a busy host is no silent server; within a transfer servers repeat after 2 or 3 s themselves. */
#define RETRY_FLOOR_MS 400
#define RETRY_WITHIN_FLOOR_MS 1500

struct retries {
	int sends;
	int ports;
	int64_t interval_ms;
};

static const struct retries app_retries = { 5, 3, 4000 };
static const struct retries loader_retries = { 4, 3,
					       3250 }; /* 13 s a port; the number of ports is inferred */

/* Three questions for CTLSEP before it gives up (F§6, F§7.2 B13); their distance is inferred. */
static const struct retries java_retries = { 3, 1, 4000 };

struct transfer {
	struct vp *vp;
	const char *name;
	vp_first_block *first;
	int fd;
	struct sockaddr_in peer; /* port 69 until the first answer: then the server's TID */
	uint8_t out[LOAD_NAME_MAX * 2];
	size_t out_n;
	uint16_t expected;
	struct vp_file file;
	size_t room;
	int64_t began_ms;
	bool complete;
};

void vp_file_fini(struct vp_file *file)
{
	free(file->bytes);
	*file = (struct vp_file){ 0 };
}

static int open_port(const struct vp *vp)
{
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(vp->next_port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	me.sin_addr.s_addr = vp->dhcp.ack.yiaddr;
	if (bind(fd, (struct sockaddr *)&me, sizeof me) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void send_out(struct transfer *t)
{
	for (int copies = vp_link_copies(t->vp); copies > 0; copies--)
		if (sendto(t->fd, t->out, t->out_n, 0, (struct sockaddr *)&t->peer, sizeof t->peer) < 0 &&
		    errno != EAGAIN)
			vp_say(t->vp, "tftp: cannot send: %s", strerror(errno));
}

static int build_request(struct transfer *t)
{
	int n = snprintf((char *)t->out + 2, sizeof t->out - 2, "%s%coctet", t->name, '\0');

	if (n < 0 || (size_t)n + 3 > sizeof t->out)
		return -1;
	t->out[0] = 0;
	t->out[1] = RRQ;
	t->out_n = (size_t)n + 3; /* opcode, both strings, the last NUL */
	return 0;
}

static void send_ack(struct transfer *t, uint16_t block)
{
	t->out[0] = 0;
	t->out[1] = ACK;
	t->out[2] = (uint8_t)(block >> 8);
	t->out[3] = (uint8_t)block;
	t->out_n = 4;
	send_out(t);
}

static uint16_t first_port(struct vp *vp)
{
	unsigned base = vp->port_bases++ % LOSSY_BASES;

	return (uint16_t)(FIRST_PORT + (vp->opt.loss ? base * LOSSY_PORTS : 0));
}

/* Only a first block, or an error, can be the answer to a request; others are late ones of a former transfer. */
static bool may_be_first(const uint8_t *p)
{
	return p[0] == 0 && (p[1] == ERROR || (p[1] == DATA && p[2] == 0 && p[3] == 1));
}

/* RFC 1350 §4: a packet from another TID gets error 5 and disturbs nothing. */
static bool from_our_server(struct transfer *t, const struct sockaddr_in *from, const uint8_t *p)
{
	static const uint8_t unknown_tid[] = { 0, ERROR, 0, 5, 'T', 'I', 'D', 0 };
	bool same_host = from->sin_addr.s_addr == t->peer.sin_addr.s_addr;

	if (same_host && t->peer.sin_port == htons(69) && may_be_first(p)) {
		t->peer.sin_port = from->sin_port;
		return true;
	}
	if (same_host && t->peer.sin_port == from->sin_port)
		return true;
	(void)sendto(t->fd, unknown_tid, sizeof unknown_tid, 0, (const struct sockaddr *)from, sizeof *from);
	return false;
}

static enum vp_end keep_block(struct transfer *t, const uint8_t *data, size_t n)
{
	struct vp_file *f = &t->file;

	if (f->n + n > FILE_MAX)
		return VP_REFUSED;
	if (f->n + n + 1 > t->room) {
		size_t room = t->room ? t->room * 2 : 64 * 1024;
		uint8_t *grown = realloc(f->bytes, room);

		if (!grown)
			return VP_BROKEN;
		f->bytes = grown;
		t->room = room;
	}
	memcpy(f->bytes + f->n, data, n);
	f->n += n;
	f->bytes[f->n] = '\0';
	return VP_OK;
}

/* --fault release: as a cut, but the address is given back first. */
static enum vp_end release_here(struct transfer *t)
{
	struct vp_fault *fault = vp_fault_find(t->vp, VP_FAULT_RELEASE, t->name);

	if (!fault || fault->at_byte < 0 || t->file.n < (size_t)fault->at_byte)
		return VP_OK;
	fault->spent = true;
	vp_say(t->vp, "power: off at byte %zu of %s", t->file.n, t->name);
	vp_dhcp_release(t->vp);
	return VP_CUT;
}

/* --fault cut: when byte N of the file is here, the power goes; N = 0 is the first packet. */
static enum vp_end cut_here(struct transfer *t)
{
	struct vp_fault *fault = vp_fault_find(t->vp, VP_FAULT_CUT, t->name);

	if (!fault || fault->at_byte == VP_CUT_IN_FLASH || t->file.n < (size_t)fault->at_byte)
		return release_here(t);
	fault->spent = true;
	vp_say(t->vp, "power: cut at byte %zu of %s", t->file.n, t->name);
	return VP_CUT;
}

static enum vp_end pace(struct transfer *t)
{
	int64_t rate = t->vp->flash.is_java ? JAVA_BYTES_PER_SECOND : CLASSIC_BYTES_PER_SECOND;
	int64_t due = t->began_ms + vp_scaled(t->vp, (int64_t)t->file.n * 1000 / rate);

	return due > vp_now_ms() + 1 ? vp_wait(t->vp, -1, due, NULL) : VP_OK;
}

/* One DATA packet in order or out of it. */
static enum vp_end hear_data(struct transfer *t, const uint8_t *p, size_t n)
{
	uint16_t block = (uint16_t)(p[2] << 8 | p[3]);
	enum vp_end end;

	if (block != t->expected) {
		if (block == (uint16_t)(t->expected - 1))
			send_ack(t, block); /* our ACK was lost */
		return VP_OK;
	}
	end = keep_block(t, p + 4, n - 4);
	if (end != VP_OK)
		return end;
	if (block == 1 && t->file.n <= BLOCK && t->first)
		t->first(t->vp, &t->file);
	end = cut_here(t);
	if (end == VP_OK)
		end = pace(t);
	if (end != VP_OK)
		return end;
	t->expected++;
	t->complete = n - 4 < BLOCK;
	send_ack(t, block);
	return VP_OK;
}

static enum vp_end hear(struct transfer *t, bool *ret_progress)
{
	uint8_t p[4 + BLOCK + 512];
	struct sockaddr_in from = { 0 };
	socklen_t from_n = sizeof from;
	ssize_t n = recvfrom(t->fd, p, sizeof p, 0, (struct sockaddr *)&from, &from_n);
	int copies = n < 0 ? 0 : vp_link_copies(t->vp);
	enum vp_end end = VP_OK;

	if (n < 4 || !copies || !from_our_server(t, &from, p))
		return VP_OK;
	if (p[0] == 0 && p[1] == ERROR) {
		/* F§7.1: whatever the code, the file is not to be had */
		vp_say(t->vp, "tftp: %s %s", t->name, p[3] == 1 ? "not found" : "refused by the server");
		vp_trace(t->vp, "file %s error %u", t->name, (unsigned)(p[2] << 8 | p[3]));
		return VP_MISSING;
	}
	if (p[0] != 0 || p[1] != DATA || n > 4 + BLOCK)
		return VP_OK;
	*ret_progress = true;
	for (; copies > 0 && end == VP_OK && !t->complete; copies--)
		end = hear_data(t, p, (size_t)n);
	return end;
}

/* When to say the last thing again, if nothing comes. */
static int64_t retry_at(const struct transfer *t, const struct retries *r)
{
	int64_t wall = vp_scaled(t->vp, r->interval_ms);
	int64_t floor = t->file.n ? RETRY_WITHIN_FLOOR_MS : RETRY_FLOOR_MS;

	return vp_now_ms() + (wall < floor ? floor : wall);
}

/* From one port: VP_SILENT where the sends are used up without progress. */
static enum vp_end transfer_from_port(struct transfer *t, const struct retries *r)
{
	int64_t resend_at = retry_at(t, r);
	int sends = 1;

	send_out(t);
	while (!t->complete) {
		bool readable = false, progress = false;
		enum vp_end end = vp_wait(t->vp, t->fd, resend_at, &readable);

		if (end == VP_OK && readable)
			end = hear(t, &progress);
		if (end != VP_OK)
			return end;
		if (progress) {
			resend_at = retry_at(t, r);
			sends = 1;
		} else if (vp_now_ms() >= resend_at) {
			if (sends++ >= r->sends)
				return VP_SILENT;
			resend_at = retry_at(t, r);
			send_out(t);
		}
	}
	return VP_OK;
}

static enum vp_end try_ports(struct transfer *t, const struct retries *r)
{
	enum vp_end end = VP_SILENT;

	for (int port = 0; port < r->ports && end == VP_SILENT && !t->file.n; port++) {
		if (t->vp->next_port < FIRST_PORT)
			t->vp->next_port = first_port(t->vp);
		t->fd = open_port(t->vp);
		t->vp->next_port++;
		if (t->fd < 0) {
			perror("TFTP port");
			return VP_BROKEN;
		}
		t->peer = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(69) };
		t->peer.sin_addr.s_addr = t->vp->dhcp.tftp_server;
		t->expected = 1;
		t->began_ms = vp_now_ms();
		end = build_request(t) == 0 ? transfer_from_port(t, r) : VP_MISSING;
		close(t->fd);
	}
	return end;
}

enum vp_end vp_tftp_get(struct vp *vp, const char *name, vp_first_block *first, struct vp_file *ret_file)
{
	struct transfer t = { .vp = vp, .name = name, .first = first };
	const struct retries *usual = vp->flash.is_java ? &java_retries : &app_retries;
	enum vp_end end = try_ports(&t, vp->in_loader ? &loader_retries : usual);

	if (end == VP_SILENT && t.file.n)
		vp_say(vp, "tftp: %s broke off after %zu bytes", name, t.file.n);
	else if (end == VP_SILENT)
		vp_say(vp, "tftp: %s: no answer", name);
	if (end != VP_OK) {
		vp_file_fini(&t.file);
		return end;
	}
	vp_say(vp, "tftp: %s %zu bytes", name, t.file.n);
	vp_trace(vp, "file %s %zu fnv1a=%08x", name, t.file.n, fnv1a(t.file.bytes, t.file.n));
	*ret_file = t.file;
	return VP_OK;
}
