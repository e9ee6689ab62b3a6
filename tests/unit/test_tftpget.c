/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The TFTP client against a scripted server: a thread that waits for each packet that it expects and answers with
 * what the script says, so nothing depends on how long anything takes.
 */
#include "tftpget.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LOCALHOST 0x7f000001

/* ---- packets */

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	int rc;
	enum tftp_op op;
	unsigned number;
	size_t rest;
} packets[] = {
	{ "empty", "", 0, 1, TFTP_DATA, 0, 0 },
	{ "three bytes", "\0\3\0", 3, 1, TFTP_DATA, 0, 0 },
	{ "no data", "\0\3\0\1", 4, 0, TFTP_DATA, 1, 0 },
	{ "data", "\0\3\1\2abc", 7, 0, TFTP_DATA, 0x102, 3 },
	{ "opcode of two bytes", "\1\3\0\1abc", 7, 1, TFTP_DATA, 0, 0 },
	{ "error", "\0\5\0\1none", 9, 0, TFTP_ERROR, 1, 4 },
	{ "error without NUL", "\0\5\0\2no", 6, 0, TFTP_ERROR, 2, 2 },
	{ "error without text", "\0\5\0\1", 4, 0, TFTP_ERROR, 1, 0 },
	{ "request", "\0\1a\0octet", 10, 1, TFTP_DATA, 0, 0 },
	{ "acknowledgement", "\0\4\0\1", 4, 1, TFTP_DATA, 0, 0 },
	{ "option acknowledgement", "\0\6blksize\0001468", 14, 1, TFTP_DATA, 0, 0 },
};

static void test_packets(void **state)
{
	uint8_t big[4 + TFTP_BLOCK + 1] = { 0, TFTP_DATA, 0, 1 };
	struct tftp_packet p;

	(void)state;
	for (size_t i = 0; i < COUNT(packets); i++) {
		int rc = tftp_packet_parse(packets[i].bytes, packets[i].len, &p);

		if (rc != packets[i].rc)
			fail_msg("%s: %d", packets[i].name, rc);
		if (rc == 0 &&
		    (p.op != packets[i].op || p.number != packets[i].number || p.len != packets[i].rest))
			fail_msg("%s: %d %u %zu", packets[i].name, (int)p.op, p.number, p.len);
	}
	assert_int_equal(tftp_packet_parse(big, sizeof(big) - 1, &p), 0);
	assert_int_equal(p.len, TFTP_BLOCK);
	assert_int_equal(tftp_packet_parse(big, sizeof(big), &p), 1);
}

/* ---- a server by script */

enum from { DOOR, DATA, STRANGER, ELSEWHERE };

struct step {
	int expect; /* the opcode to wait for; 0: answer without waiting */
	unsigned number; /* of the ACK or ERROR waited for */
	enum from from; /* which socket answers */
	int answer; /* opcode; 0 = nothing */
	unsigned block; /* or the error's number */
	size_t len; /* bytes of the block */
	const char *text; /* of the error */
};

struct script {
	const struct step *steps;
	size_t n;
	int fds[4];
	uint16_t port;
	char asked[128]; /* the request's name and mode, '|' for NUL */
	size_t failed_at;
	pthread_t thread;
};

static int open_at(uint32_t host, uint16_t *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(host) };
	struct timeval limit = { .tv_sec = 10 };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)); /* a script that hangs ends */
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static size_t pack(const struct step *s, uint8_t *out)
{
	out[0] = 0;
	out[1] = (uint8_t)s->answer;
	out[2] = (uint8_t)(s->block >> 8);
	out[3] = (uint8_t)s->block;
	if (s->text) {
		memcpy(out + 4, s->text, strlen(s->text) + 1);
		return 4 + strlen(s->text) + 1;
	}
	memset(out + 4, 'a' + (int)(s->block % 26), s->len);
	return 4 + s->len;
}

/* Where a step waits: at port 69's place for the request, at a stranger's for the ERROR that it gets, else at
 * the transfer's own port. */
static int waits_at(const struct script *s, const struct step *step)
{
	if (step->expect == TFTP_RRQ)
		return s->fds[DOOR];
	return s->fds[step->expect == TFTP_ERROR && step->number == 5 ? STRANGER : DATA];
}

static void *serve(void *arg)
{
	struct script *s = arg;
	struct sockaddr_in client;
	uint8_t buf[1024];

	memset(&client, 0, sizeof(client));
	for (size_t i = 0; i < s->n; i++) {
		const struct step *step = &s->steps[i];
		socklen_t len = sizeof(client);
		ssize_t n = 0;

		if (step->expect) {
			n = recvfrom(waits_at(s, step), buf, sizeof(buf), 0, (struct sockaddr *)&client,
				     &len);
			if (n < 4 || buf[1] != step->expect ||
			    (step->expect != TFTP_RRQ && (buf[2] << 8 | buf[3]) != (int)step->number)) {
				s->failed_at = i + 1;
				return NULL;
			}
		}
		for (ssize_t j = 2; step->expect == TFTP_RRQ && j < n && j < 127; j++)
			s->asked[j - 2] = buf[j] ? (char)buf[j] : '|';
		if (step->answer) {
			size_t out = pack(step, buf);
			(void)!sendto(s->fds[step->from], buf, out, 0, (struct sockaddr *)&client, len);
		}
	}
	return NULL;
}

static int run(struct script *s, const struct step *steps, size_t n, size_t max, int tries,
	       struct strbuf *body, struct tftp_answer *ret)
{
	struct tftp_server server = { .address = { LOCALHOST }, .resend_ms = 5000, .tries = tries };
	uint16_t other;
	struct err e;

	*s = (struct script){ .steps = steps, .n = n };
	s->fds[DOOR] = open_at(LOCALHOST, &server.port);
	s->fds[DATA] = open_at(LOCALHOST, &other);
	s->fds[STRANGER] = open_at(LOCALHOST, &other);
	s->fds[ELSEWHERE] = open_at(LOCALHOST + 1, &other);
	if (tries > 1 || n == 0)
		server.resend_ms = 50; /* the script waits for the repetition, or nothing is to come */
	strbuf_init(body, max);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	int rc = tftp_get(&server, "XMLDefault.cnf.xml", body, ret, &e);
	pthread_join(s->thread, NULL);
	for (size_t i = 0; i < 4; i++)
		close(s->fds[i]);
	assert_int_equal(s->failed_at, 0);
	return rc;
}

#define RUN(steps, max, tries) run(&s, steps, COUNT(steps), max, tries, &body, &r)

static void test_reads(void **state)
{
	static const struct step steps[] = {
		{ TFTP_RRQ, 0, DATA, TFTP_DATA, 1, 512, NULL },
		{ TFTP_ACK, 1, DATA, TFTP_DATA, 2, 512, NULL },
		{ TFTP_ACK, 2, DATA, TFTP_DATA, 3, 0,
		  NULL }, /* a file of whole blocks ends with an empty one */
		{ TFTP_ACK, 3, DATA, 0, 0, 0, NULL },
	};
	struct tftp_answer r;
	struct strbuf body;
	struct script s;

	(void)state;
	assert_int_equal(RUN(steps, 1024, 1), 0);
	assert_int_equal(r.outcome, TFTP_GOT);
	assert_int_equal(body.len, 1024);
	assert_int_equal(body.p[511], 'b');
	assert_int_equal(body.p[512], 'c');
	assert_int_equal(r.packets, 4);
	assert_string_equal(s.asked, "XMLDefault.cnf.xml|octet|"); /* and no options (F§2) */
	strbuf_fini(&body);
}

static void test_copies_are_not_answered(void **state)
{
	static const struct step steps[] = {
		{ TFTP_RRQ, 0, DATA, TFTP_DATA, 1, 512, NULL },
		{ 0, 0, DATA, TFTP_DATA, 1, 512, NULL },
		{ TFTP_ACK, 1, DATA, TFTP_DATA, 1, 512, NULL },
		{ 0, 0, DATA, TFTP_DATA, 7, 3, NULL }, /* out of nowhere */
		{ 0, 0, DATA, TFTP_DATA, 2, 3, NULL },
		{ TFTP_ACK, 2, DATA, 0, 0, 0, NULL }, /* and no second ACK 1 before it */
	};
	struct tftp_answer r;
	struct strbuf body;
	struct script s;

	(void)state;
	assert_int_equal(RUN(steps, 4096, 1), 0);
	assert_int_equal(r.outcome, TFTP_GOT);
	assert_int_equal(body.len, 515);
	strbuf_fini(&body);
}

static void test_other_ends(void **state)
{
	static const struct step steps[] = {
		{ TFTP_RRQ, 0, ELSEWHERE, TFTP_DATA, 1, 3, NULL }, /* another host's is not believed */
		{ 0, 0, DATA, TFTP_DATA, 1, 512, NULL },
		{ TFTP_ACK, 1, STRANGER, TFTP_DATA, 2, 1, NULL }, /* another port's is refused */
		{ TFTP_ERROR, 5, DATA, TFTP_DATA, 2, 2, NULL },
		{ TFTP_ACK, 2, DATA, 0, 0, 0, NULL },
	};
	struct tftp_answer r;
	struct strbuf body;
	struct script s;

	(void)state;
	assert_int_equal(RUN(steps, 4096, 1), 0);
	assert_int_equal(r.outcome, TFTP_GOT);
	assert_int_equal(body.len, 514);
	assert_int_equal(r.elsewhere.host, LOCALHOST + 1);
	strbuf_fini(&body);
}

static void test_says_no(void **state)
{
	static const struct step steps[] = {
		{ TFTP_RRQ, 0, DATA, TFTP_ERROR, TFTP_NOT_FOUND, 0, "file \x1b[2J not found" },
	};
	struct tftp_answer r;
	struct strbuf body;
	struct script s;

	(void)state;
	assert_int_equal(RUN(steps, 4096, 1), 0);
	assert_int_equal(r.outcome, TFTP_SAYS_NO);
	assert_int_equal(r.code, TFTP_NOT_FOUND);
	assert_string_equal(r.text, "file \\x1b[2J not found");
	assert_int_equal(body.len, 0);
	strbuf_fini(&body);
}

static void test_repeats(void **state)
{
	static const struct step steps[] = {
		{ TFTP_RRQ, 0, DATA, 0, 0, 0, NULL },	      { TFTP_RRQ, 0, DATA, TFTP_DATA, 1, 512, NULL },
		{ TFTP_ACK, 1, DATA, 0, 0, 0, NULL },	      { TFTP_ACK, 1, DATA, 0, 0, 0, NULL },
		{ TFTP_ACK, 1, DATA, TFTP_DATA, 2, 9, NULL }, { TFTP_ACK, 2, DATA, 0, 0, 0, NULL },
	};
	struct tftp_answer r;
	struct strbuf body;
	struct script s;

	(void)state;
	assert_int_equal(RUN(steps, 4096, 100), 0);
	assert_int_equal(r.outcome, TFTP_GOT);
	assert_int_equal(body.len, 521);
	assert_int_equal(r.packets, 3); /* what was repeated is not counted */
	strbuf_fini(&body);
}

static void test_ends_early(void **state)
{
	static const struct step broken[] = {
		{ TFTP_RRQ, 0, DATA, TFTP_DATA, 1, 512, NULL },
		{ TFTP_ACK, 1, DATA, 0, 0, 0, NULL },
		{ TFTP_ACK, 1, DATA, 0, 0, 0, NULL },
	};
	static const struct step elsewhere[] = {
		{ TFTP_RRQ, 0, ELSEWHERE, TFTP_ERROR, 1, 0, "no" },
		{ TFTP_RRQ, 0, ELSEWHERE, 0, 0, 0, NULL },
	};
	struct tftp_answer r;
	struct strbuf body;
	struct script s;

	(void)state;
	assert_int_equal(RUN(broken, 4096, 2), 0);
	assert_int_equal(r.outcome, TFTP_BROKE_OFF);
	assert_int_equal(body.len, 512);
	strbuf_fini(&body);
	assert_int_equal(RUN(elsewhere, 4096, 2), 0);
	assert_int_equal(r.outcome, TFTP_SILENT);
	assert_int_equal(r.elsewhere.host, LOCALHOST + 1);
	strbuf_fini(&body);
	assert_int_equal(run(&s, NULL, 0, 4096, 2, &body, &r), 0);
	assert_int_equal(r.outcome, TFTP_SILENT);
	assert_int_equal(r.elsewhere.host, 0);
	assert_int_equal(r.packets, 1);
	strbuf_fini(&body);
}

static void test_limits(void **state)
{
	static const struct step steps[] = {
		{ TFTP_RRQ, 0, DATA, TFTP_DATA, 1, 512, NULL },
		{ TFTP_ACK, 1, DATA, TFTP_DATA, 2, 512, NULL },
		{ TFTP_ERROR, 3, DATA, 0, 0, 0, NULL }, /* the server is told, and stops */
	};
	struct tftp_server server = { .address = { LOCALHOST }, .port = 9, .resend_ms = 5000, .tries = 1 };
	char name[600];
	struct tftp_answer r;
	struct strbuf body;
	struct script s;
	struct err e;

	(void)state;
	assert_int_equal(RUN(steps, 1000, 1), 0);
	assert_int_equal(r.outcome, TFTP_TOO_LONG);
	assert_int_equal(body.len, 512);
	strbuf_fini(&body);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(tftp_get(&server, name, &body, &r, &e), -1);
	assert_non_null(strstr(e.text, "599 bytes"));
}

static void test_nobody_there(void **state)
{
	struct tftp_server server = { .address = { LOCALHOST }, .resend_ms = 5000, .tries = 5 };
	struct strbuf body = STRBUF_INIT(10);
	struct tftp_answer r;
	struct err e;

	(void)state;
	close(open_at(LOCALHOST, &server.port));
	assert_int_equal(tftp_get(&server, "x", &body, &r, &e), 0);
	assert_int_equal(r.outcome, TFTP_UNREACHABLE);
	assert_non_null(strstr(r.text, "Connection refused"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_copies_are_not_answered),
		cmocka_unit_test(test_other_ends),
		cmocka_unit_test(test_says_no),
		cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_ends_early),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
