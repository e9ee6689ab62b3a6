/* SPDX-License-Identifier: MPL-2.0 */
/* See capture.h. */
#include "capture.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "cleanup.h"

#define YEAR_9999_S 253402300799

struct capture {
	capture_read_fn *read;
	void *arg;
	int read_errno; /* 0 = the end was one */
	bool ended;
	bool cut;
	enum frame_link link;
	pcap_t *pcap; /* owns the stream */
};

static const struct {
	int dlt;
	enum frame_link link;
} links[] = {
	{ DLT_EN10MB, FRAME_ETHERNET },	 { DLT_RAW, FRAME_RAW_IP },	    { DLT_IPV4, FRAME_RAW_IP },
	{ DLT_LINUX_SLL, FRAME_COOKED }, { DLT_LINUX_SLL2, FRAME_COOKED2 },
};
#define N_LINKS (sizeof(links) / sizeof(links[0]))

bool capture_is(const void *head, size_t len)
{
	/* In either byte order: microseconds, nanoseconds, a former form of Linux'; pcapng's section header. */
	static const uint8_t magic[][CAPTURE_MAGIC] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0x3c, 0x4d },
		{ 0x4d, 0x3c, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xcd, 0x34 }, { 0x34, 0xcd, 0xb2, 0xa1 },
		{ 0x0a, 0x0d, 0x0d, 0x0a },
	};

	for (size_t i = 0; len >= CAPTURE_MAGIC && i < sizeof(magic) / sizeof(magic[0]); i++)
		if (memcmp(head, magic[i], CAPTURE_MAGIC) == 0)
			return true;
	return false;
}

static ssize_t on_read(void *cookie, char *buf, size_t size)
{
	struct capture *c = cookie;
	ssize_t n = c->read(c->arg, buf, size);

	if (n < 0)
		c->read_errno = errno ? errno : EIO;
	c->ended = c->ended || n <= 0;
	return n;
}

static int find_link(struct capture *c, struct err *e)
{
	int dlt = pcap_datalink(c->pcap);
	const char *name = pcap_datalink_val_to_name(dlt);

	for (size_t i = 0; i < N_LINKS; i++) {
		if (links[i].dlt != dlt)
			continue;
		c->link = links[i].link;
		return 0;
	}
	return err_set(e, ERR_INPUT,
		       "a capture of link type %d (%s): expected Ethernet, raw IP or Linux cooked", dlt,
		       name ? name : "unknown");
}

int capture_open(struct capture **ret, capture_read_fn *read, void *arg, struct err *e)
{
	struct capture *c = calloc(1, sizeof(*c));
	char said[PCAP_ERRBUF_SIZE] = "";
	FILE *in = c ? fopencookie(c, "r", (cookie_io_functions_t){ .read = on_read }) : NULL;

	if (!in) {
		free(c);
		return err_set(e, ERR_SYSTEM, "out of memory");
	}
	c->read = read;
	c->arg = arg;
	c->pcap = pcap_fopen_offline(in, said);
	if (!c->pcap) {
		fclose(in);
		free(c);
		return err_set(e, ERR_INPUT, "%s", said);
	}
	if (find_link(c, e) < 0) {
		capture_close(c);
		return -1;
	}
	*ret = c;
	return 0;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	pcap_close(c->pcap);
	free(c);
}

int capture_next(struct capture *c, struct frame *ret, struct err *e)
{
	struct pcap_pkthdr *head = NULL;
	const uint8_t *bytes = NULL;
	int rc = pcap_next_ex(c->pcap, &head, &bytes);

	if (rc == 1) {
		bool dated = head->ts.tv_sec >= 0 && head->ts.tv_sec <= YEAR_9999_S &&
			     head->ts.tv_usec >= 0 && head->ts.tv_usec < 1000000;

		ret->at_ms = dated ? (int64_t)head->ts.tv_sec * 1000 + head->ts.tv_usec / 1000 : 0;
		ret->link = c->link;
		ret->bytes = bytes;
		ret->len = head->caplen;
		ret->wire_len = head->len > head->caplen ? head->len : head->caplen;
		return 0;
	}
	if (c->read_errno)
		return err_sys(e, ERR_INPUT, c->read_errno, "reading");
	/* libpcap has no code for it: an error when there is nothing more to read is a frame that lacks its end. */
	c->cut = rc != PCAP_ERROR_BREAK && c->ended;
	if (rc == PCAP_ERROR_BREAK || c->cut)
		return 1;
	return err_set(e, ERR_INPUT, "%s", pcap_geterr(c->pcap));
}

bool capture_is_cut(const struct capture *c)
{
	return c->cut;
}
