/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A day's log to standard output, the same at each run: PHONES classic phones climb from SCCP 3.1 to SIP 8.12 (F§2,
 * F§6: names, order and times), a few at a time, and then look for their file every 31 s.
 *
 *	mklog dnsmasq LINES PHONES    dnsmasq's own log: each line is one of these
 *	mklog syslog LINES PHONES     a syslog: one line in twenty is, the rest is other programs'
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define T0 1767571200 /* 2026-01-05 00:00 UTC */
#define PHONES_MAX 65000
#define STAGGER_S 8 /* between the beginnings of two phones */
#define POLL_S 31
#define SYSLOG_SHARE 20

/* Seconds after the line before, "+" sent or "-" not there, the name; % is the phone's MAC. */
static const struct step {
	int after_s;
	const char *name;
} steps[] = {
	/* SCCP 3.0: an image without a loader of its own */
	{ 0, "+OS79XX.TXT" }, { 0, "-SEP%.cnf.xml" }, { 1, "+XMLDefault.cnf.xml" }, { 4, "+P00303010102.bin" },
	{ 50, "+OS79XX.TXT" }, { 0, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	{ 34, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" }, { 34, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	{ 34, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" }, { 34, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	/* 5.0, the first signed one */
	{ 34, "+OS79XX.TXT" }, { 0, "-SEP%.cnf.xml" }, { 1, "+XMLDefault.cnf.xml" }, { 4, "+P00305000500.bin" },
	{ 52, "+OS79XX.TXT" }, { 0, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	{ 34, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" }, { 34, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	{ 34, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" }, { 34, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	/* 8.0: loader, application */
	{ 34, "+OS79XX.TXT" }, { 0, "-SEP%.cnf.xml" }, { 1, "+XMLDefault.cnf.xml" }, { 3, "+P00308000900.sbn" },
	{ 31, "-CTLSEP%.tlv" }, { 0, "-SEP%.cnf.xml" }, { 0, "-SIP%.cnf" }, { 0, "-MGC%.cnf" },
	{ 0, "+XMLDefault.cnf.xml" }, { 1, "+P00308000900.loads" }, { 10, "+P00308000900.sb2" },
	{ 55, "-CTLSEP%.tlv" }, { 0, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	{ 34, "-CTLSEP%.tlv" }, { 0, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	{ 34, "-CTLSEP%.tlv" }, { 0, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	{ 34, "-CTLSEP%.tlv" }, { 0, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	{ 34, "-CTLSEP%.tlv" }, { 0, "-SEP%.cnf.xml" }, { 0, "+XMLDefault.cnf.xml" },
	/* SIP 8.12: the application reboots into its loader, which takes the new one */
	{ 15, "-CTLSEP%.tlv" }, { 0, "-SEP%.cnf.xml" }, { 0, "-SIP%.cnf" }, { 0, "-MGC%.cnf" },
	{ 0, "+XMLDefault.cnf.xml" }, { 1, "+P0S3-8-12-00.loads" }, { 3, "+P003-8-12-00.sbn" },
	{ 31, "-CTLSEP%.tlv" }, { 0, "-SEP%.cnf.xml" }, { 0, "-SIP%.cnf" }, { 0, "-MGC%.cnf" },
	{ 0, "+XMLDefault.cnf.xml" }, { 1, "+P0S3-8-12-00.loads" }, { 12, "+P0S3-8-12-00.sb2" },
	{ 56, "+SIPDefault.cnf" }, { 0, "-SIP%.cnf" }, { 0, "+RINGLIST.DAT" }, { 0, "+dialplan.xml" },
};
#define N_STEPS (sizeof steps / sizeof steps[0])

/* Other programs' lines; # stands for a number. */
static const char *const others[] = {
	"sshd[#]: Accepted publickey for deploy from 192.0.2.# port # ssh2: ED25519 SHA256:Yb2mJq1c",
	"CRON[#]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)",
	"kernel: [#.#] IPv6: ADDRCONF(NETDEV_CHANGE): veth#: link becomes ready",
	"postfix/smtpd[#]: connect from mail#.example.net[198.51.100.#]",
	"systemd[1]: session-#.scope: Deactivated successfully.",
	"named[#]: client @0x7f3c# 192.0.2.7:53211: query: www.example.com IN A + (192.0.2.53)",
	"dhcpd[#]: DHCPACK on 10.0.#.# to 00:16:3e:5e:6c:00 via eth0",
	"dnsmasq-dhcp[#]: DHCPREQUEST(eth0) 10.2.#.# 00:16:3e:11:22:33",
	"rsyslogd: action 'action-#-builtin:omfwd' resumed (module 'builtin:omfwd') [v8.2302.0 try https://www.rsyslog.com/e/2359 ]",
	"asterisk[#]: NOTICE[#]: chan_sip.c:24832 handle_response_peerpoke: Peer '#' is now Reachable. (#ms / 2000ms)",
};
#define N_OTHERS (sizeof others / sizeof others[0])

struct phone {
	int64_t due_s;
	size_t step;
};

struct log {
	int64_t left;
	int64_t stamp_s; /* of `stamp` */
	char stamp[32];
	bool syslog;
	uint32_t random;
};

static uint32_t next(struct log *l)
{
	l->random = l->random * 1664525 + 1013904223;
	return l->random >> 8;
}

static void put_stamp(struct log *l, int64_t at_s)
{
	if (at_s != l->stamp_s) {
		time_t t = (time_t)at_s;
		struct tm tm;

		strftime(l->stamp, sizeof l->stamp, "%b %e %H:%M:%S", gmtime_r(&t, &tm));
		l->stamp_s = at_s;
	}
	fputs(l->stamp, stdout);
	fputs(l->syslog ? " pbx1 " : " ", stdout);
	l->left--;
}

static void put_others(struct log *l, int64_t at_s)
{
	for (int i = 1; i < SYSLOG_SHARE && l->left > 0; i++) {
		put_stamp(l, at_s);
		for (const char *c = others[next(l) % N_OTHERS]; *c; c++)
			*c == '#' ? printf("%" PRIu32, next(l) % 251) : putchar(*c);
		putchar('\n');
	}
}

static void put_line(struct log *l, unsigned number, int64_t at_s, const char *name)
{
	const char *mac = strchr(name, '%');
	char file[64], address[16];

	snprintf(address, sizeof address, "10.1.%u.%u", number / 250, number % 250 + 1);
	if (mac)
		snprintf(file, sizeof file, "%.*s001B0C%06X%s", (int)(mac - name - 1), name + 1, number, mac + 1);
	else
		snprintf(file, sizeof file, "%s", name + 1);
	put_stamp(l, at_s);
	if (name[0] == '+')
		printf("dnsmasq-tftp[871]: sent /srv/tftp/%s/%s to %s\n", address, file, address);
	else
		printf("dnsmasq-tftp[871]: file /srv/tftp/%s/%s not found for %s\n", address, file, address);
	if (l->syslog)
		put_others(l, at_s);
}

/* All that a phone has to say in this second. */
static void speak(struct log *l, struct phone *p, unsigned number, int64_t at_s)
{
	while (p->due_s == at_s && l->left > 0) {
		bool climbs = p->step < N_STEPS;

		put_line(l, number, at_s, climbs ? steps[p->step].name : "-SIP%.cnf");
		p->step += climbs;
		p->due_s += p->step < N_STEPS ? steps[p->step].after_s : POLL_S;
	}
}

int main(int argc, char **argv)
{
	struct log l = { .left = argc == 4 ? strtoll(argv[2], NULL, 10) : 0, .random = 1 };
	long n = argc == 4 ? strtol(argv[3], NULL, 10) : 0;

	l.syslog = argc == 4 && strcmp(argv[1], "syslog") == 0;
	if (l.left < 1 || n < 1 || n > PHONES_MAX || (!l.syslog && strcmp(argv[1], "dnsmasq") != 0)) {
		fprintf(stderr, "usage: mklog dnsmasq|syslog LINES PHONES\n");
		return 2;
	}
	struct phone *phones = calloc((size_t)n, sizeof *phones);

	if (!phones)
		return 1;
	for (long i = 0; i < n; i++)
		phones[i].due_s = T0 + i * STAGGER_S;
	for (int64_t at_s = T0; l.left > 0; at_s++)
		for (long i = 0; i < n && l.left > 0; i++)
			speak(&l, &phones[i], (unsigned)i, at_s);
	free(phones);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
