/* SPDX-License-Identifier: MPL-2.0 */
/* A store with a fleet that has a history, for the tests of what is shown of it: makefleet URL PHONES BEGIN-SECONDS.
 * Every phone is in the plan "ladder" of operator.sh; they come in waves, most climb, one in 25 is stuck, each in its
 * way. 48 of them are behind a switch, which sends option 82. The first two are strangers with hostile names. The same
 * arguments make the same fleet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define STAGES 4
#define MINUTE 60000

static const struct stage {
	const char *load;
	const char *files[4];
	int64_t bytes[4];
} ladder[STAGES] = {
	{ "P00303010102", { "P00303010102.bin" }, { 391704 } },
	{ "P00305000500", { "P00305000500.sbn" }, { 705272 } },
	{ "P00308000900",
	  { "P00308000900.loads", "P00308000900.sbn", "P00308000900.sb2" },
	  { 461, 130228, 771172 } },
	{ "P0S3-8-12-00",
	  { "P0S3-8-12-00.loads", "P003-8-12-00.sbn", "P0S3-8-12-00.sb2" },
	  { 461, 130228, 886544 } },
};

static const enum cause troubles[] = { CAUSE_IMAGE_REJECTED,	       CAUSE_LOADER_LOOPING,
				       CAUSE_TRANSFER_FAILING,	       CAUSE_LOAD_NOT_FOUND,
				       CAUSE_APP_MISSING_AFTER_LOADER, CAUSE_SILENT_AFTER_FLASH };
#define TROUBLES (sizeof(troubles) / sizeof(troubles[0]))

static const char *const hostile[] = {
	"</script><script>document.title='owned'</script>",
	"\"><img src=x onerror=document.title='owned'>&lt;\\x07",
};

struct maker {
	struct state *st;
	struct phone p;
	int64_t at_ms;
	struct err e;
};

static void check(struct maker *m, int rc)
{
	if (rc < 0) {
		fprintf(stderr, "makefleet: %s\n", m->e.text);
		exit(1);
	}
}

static void put_phone(struct maker *m)
{
	m->p.since_ms = m->p.last_event_ms = m->at_ms;
	check(m, state_phone_put(m->st, &m->p, &m->e));
}

static enum file_class class_of(const struct maker *m, const char *file)
{
	const char *dot = strrchr(file, '.');

	if (strcmp(file, "XMLDefault.cnf.xml") == 0)
		return FILE_CLASS_XMLDEFAULT;
	if (strncmp(file, "CTLSEP", 6) == 0)
		return FILE_CLASS_CTLSEP;
	if (dot && strcmp(dot, ".loads") == 0)
		return FILE_CLASS_MANIFEST;
	if (dot && strcmp(dot, ".sb2") == 0)
		return FILE_CLASS_APP;
	return m->p.stage_no > 2 ? FILE_CLASS_LOADER : m->p.stage_no ? FILE_CLASS_IMAGE : FILE_CLASS_OTHER;
}

/* The phone's evidence, as the engine would keep it. */
static void remember(struct maker *m, enum event_kind kind, const char *file)
{
	if (kind == EVENT_BOOT)
		times_add(&m->p.evidence.boot, m->at_ms);
	else if (file[0])
		times_add(&m->p.evidence.file[class_of(m, file)][evidence_outcome(kind)], m->at_ms);
}

/* One entry; the phone is in `to` from then on. */
static void event(struct maker *m, enum event_kind kind, const char *file, int64_t bytes, enum phase to,
		  const char *note)
{
	struct history h = { .at_ms = m->at_ms,
			     .phone_id = m->p.id,
			     .mac = m->p.mac,
			     .mac_known = true,
			     .address = m->p.address,
			     .kind = kind,
			     .bytes = bytes,
			     .from = m->p.phase,
			     .to = to,
			     .stage_no = m->p.stage_no };

	text_copy(h.file, sizeof h.file, file);
	text_copy(h.note, sizeof h.note, note);
	check(m, state_history_put(m->st, &h, &m->e));
	if (kind == EVENT_SENT)
		check(m, state_fetch_add(m->st, m->p.id, m->p.stage_no, file, bytes, m->at_ms, &m->e));
	remember(m, kind, file);
	m->p.boots += kind == EVENT_BOOT;
	m->p.phase = to;
}

static void stick(struct maker *m, enum cause c)
{
	if (c == CAUSE_LOAD_NOT_FOUND)
		event(m, EVENT_MISSING, ladder[m->p.stage_no - 1].files[0], -1, m->p.phase, "");
	if (c == CAUSE_TRANSFER_FAILING)
		event(m, EVENT_FAILED, ladder[m->p.stage_no - 1].files[0], -1, m->p.phase, "");
	m->at_ms += 10 * MINUTE;
	m->p.cause = c;
	event(m, EVENT_TICK, "", -1, PHASE_STUCK, cause_name(c));
}

/* One stage; false: the phone goes no further. */
static bool climb(struct maker *m, int stage_no, unsigned n, bool gets_stuck)
{
	const struct stage *s = &ladder[stage_no - 1];
	char note[128];

	m->p.stage_no = stage_no;
	evidence_cut(&m->p.evidence, m->at_ms);
	text_copy(m->p.load.s, sizeof m->p.load.s, s->load);
	snprintf(note, sizeof note, "%s: stage %d, %s", stage_no == 1 ? "started" : "next stage", stage_no,
		 s->load);
	event(m, stage_no == 1 ? EVENT_OPERATOR : EVENT_TICK, "", -1, PHASE_OFFERED, note);
	m->at_ms += MINUTE + n % 37 * 1000;
	event(m, EVENT_BOOT, "", -1, PHASE_OFFERED, "");
	event(m, EVENT_MISSING, "CTLSEP001122334455.tlv", -1, PHASE_OFFERED, "");
	event(m, EVENT_SENT, "XMLDefault.cnf.xml", 1200 + stage_no, PHASE_OFFERED, "");
	if (gets_stuck) {
		stick(m, troubles[n / 25 % TROUBLES]);
		return false;
	}
	for (int i = 0; i < 4 && s->files[i]; i++) {
		m->at_ms += 4000 + s->bytes[i] / 40;
		event(m, EVENT_SENT, s->files[i], s->bytes[i], PHASE_DOWNLOADING,
		      i == 0 ? "fetches the load" : "");
	}
	event(m, EVENT_TICK, "", -1, PHASE_FLASHING, "has the whole load");
	if (n % 97 == 0 && stage_no == 3)
		return false;
	m->at_ms += 3 * MINUTE;
	event(m, EVENT_BOOT, "", -1, PHASE_CHECKING, "came back");
	m->at_ms += 2 * MINUTE;
	snprintf(note, sizeof note,
		 stage_no == STAGES ? "proven: it runs the plan's last load (%s)" : "proven (%s)", s->load);
	event(m, EVENT_TICK, "", -1, stage_no == STAGES ? PHASE_DONE : PHASE_CHECKING, note);
	text_copy(m->p.running, sizeof m->p.running, s->load);
	m->p.running_by = RUNNING_BY_PROOF;
	return true;
}

static void make_phone(struct maker *m, unsigned n, unsigned phones, int64_t begin_ms)
{
	struct mac mac = { { 0x00, 0x1b, 0x0c, n >> 16 & 255, n >> 8 & 255, n & 255 } };
	unsigned waves = phones / 500 + 1;

	phone_init(&m->p, &mac);
	m->p.address = (struct ip4){ 0x0a000000 + 256 + n };
	text_copy(m->p.vendor_class, sizeof m->p.vendor_class, "Cisco Systems, Inc. IP Phone CP-7960G");
	m->p.vendor = VENDOR_NAMED;
	text_copy(m->p.model, sizeof m->p.model, "7960");
	m->p.generation = GEN_CLASSIC;
	/* circuit-id: VLAN 100, module 1, port; remote-id: the switch's MAC */
	snprintf(m->p.relay, sizeof m->p.relay, "01060004006401%02x0208000600aabb00%04x", n % 48 + 1,
		 n / 48 & 0xffff);
	m->at_ms = begin_ms + (n % waves) * 60 * (int64_t)MINUTE + n * 7919 % 7200 * 1000;
	put_phone(m);
	if (n < 2) {
		text_copy(m->p.vendor_class, sizeof m->p.vendor_class,
			  n == 0 ? hostile[n] : "=HYPERLINK(\"x\",1)");
		event(m, EVENT_SENT, hostile[n], 100, PHASE_SEEN, "");
		event(m, EVENT_FAILED, hostile[n], -1, PHASE_SEEN, "");
	} else if (n % 40 == 39) {
		event(m, EVENT_BOOT, "", -1, PHASE_SEEN, "");
	} else {
		text_copy(m->p.plan, sizeof m->p.plan, "ladder");
		m->p.flags = PHONE_STARTED | PHONE_DHCP_KNOWN | (n % 61 == 0 ? PHONE_NEEDS_REBOOT : 0);
		for (int s = 1; s <= STAGES && climb(m, s, n, n % 25 == 2 && s == 1 + (int)(n / 50 % STAGES));
		     s++)
			;
	}
	put_phone(m);
}

int main(int argc, char **argv)
{
	struct maker m = { .st = NULL };
	int64_t phones, begin_s;

	if (argc != 4 || parse_int("PHONES", argv[2], 1, 100000, &phones, &m.e) ||
	    parse_int("BEGIN-SECONDS", argv[3], 1, INT32_MAX, &begin_s, &m.e)) {
		fputs("makefleet URL PHONES BEGIN-SECONDS\n", stderr);
		return 2;
	}
	check(&m, state_open(&m.st, argv[1], STATE_CREATE | STATE_UPGRADE, 2000, &m.e));
	check(&m, state_begin(m.st, &m.e));
	for (int64_t n = 0; n < phones; n++)
		make_phone(&m, (unsigned)n, (unsigned)phones, begin_s * 1000);
	check(&m, state_commit(m.st, &m.e));
	state_close(m.st);
	return 0;
}
