/* SPDX-License-Identifier: MPL-2.0 */
/* A stream of SCCP messages, as anybody may send it to the witness. */
#include <string.h>

#include "load_named.h"
#include "sccp.h"

#include "fuzz.h"

static void message(const struct sccp_message *m)
{
	struct sccp_register r;
	struct sccp_alarm a;
	struct sccp_answer out = { 0 };
	static const struct load_name load = { "P00308000900" };

	if (sccp_register_parse(m, &r, NULL) == 0) {
		MUST(memchr(r.name, '\0', sizeof r.name) && memchr(r.load, '\0', sizeof r.load));
		MUST(r.protocol >= -1 && r.protocol <= 255);
		(void)load_is_named(r.load, &load);
		MUST(sccp_add_register_ack(&out, m, 30, r.protocol));
	}
	if (sccp_alarm_parse(m, &a, NULL) == 0) {
		MUST(memchr(a.text, '\0', sizeof a.text) && memchr(a.last, '\0', sizeof a.last));
		MUST(a.number >= -1 && a.number <= 999);
		MUST(a.about <= WITNESS_COUNT);
		MUST(load_is_named(a.load, &load) != 0 || a.load[0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sccp_message m;

	while (sccp_message_parse(data, size, &m, NULL) == 0) {
		MUST(m.whole_bytes >= SCCP_PREFIX_BYTES && m.whole_bytes <= size);
		MUST(m.body_bytes <= SCCP_BODY_MAX);
		message(&m);
		data += m.whole_bytes;
		size -= m.whole_bytes;
	}
	return 0;
}
