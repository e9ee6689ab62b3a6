/* SPDX-License-Identifier: MPL-2.0 */
/*
 * "The TFTP server's log doesn't show any files being pulled by the phone": what to look at, in this order, each step
 * with the command that shows it (F§7.2 B11, F§8 rows 16-22, 26, 43). The first steps are for a phone that is not even
 * seen in DHCP.
 */
#include <stdio.h>

#include "explain.h"

/* What its command needs to know of the phone. */
enum command { PLAIN, DHCP_OF_MAC, TFTP_OF_PHONE };

static const struct {
	bool unseen; /* only for a phone that DHCP has not seen */
	bool java; /* not for one that is known to be classic */
	enum command kind;
	const char *look, *command, *tells;
} steps[] = {
	/* F§8 rows 25, 26; F§1.6 */
	{ true, false, DHCP_OF_MAC, "Does its DHCP question arrive here?", "",
	  "nothing: power or cable, another VLAN (a switch that announces a voice VLAN moves the phone there), a router "
	  "that relays no DHCP, a port that waits a minute for spanning tree" },
	/* F§8 row 20 */
	{ true, false, PLAIN, "Does another DHCP server answer it?", "loadstep check --wire",
	  "it names every server that offers; the phone takes whichever it likes" },
	/* F§8 rows 16, 17, 27 */
	{ false, false, PLAIN, "Do the answers name this TFTP server?", "loadstep check --wire",
	  "option 150, option 66 and siaddr must be one address, this host's; a value in hex with its bytes the wrong way "
	  "round sends the phone to an odd one" },
	/* F§8 row 22, F§7.1 A16, F§7.2 B13 */
	{ false, false, TFTP_OF_PHONE, "Does it ask for files, and whom?", "",
	  "it asks this host and gets no answer: a firewall, or the server listens at another address; nothing at all: it "
	  "asks somebody else, which only its router or a mirror port shows" },
	/* F§8 row 22 */
	{ false, false, PLAIN, "Does a TFTP server listen there?", "ss -lunp 'sport = :69'",
	  "no line: it does not run; another address than phones are sent to: its listen-address; else the firewall: UDP 69 "
	  "in, and the server's answers out from any port" },
	/* F§8 row 18; F§1.5 */
	{ false, false, PLAIN, "Does it ask somebody else?", "",
	  "on the phone, Settings > Network Configuration: Alternate TFTP must be NO and DHCP YES; both outlive every lease" },
	/* F§8 row 19 */
	{ false, false, PLAIN, "Was it another CallManager's?", "",
	  "its trust list (CTL, ITL) keeps it there; it asks for .cnf.xml.sgn: erase the list on the phone, in its Security "
	  "Configuration" },
	/* F§8 row 43; F§2.5 */
	{ false, true, PLAIN, "Does a web server answer on TCP 6970?", "ss -ltnp 'sport = :6970'",
	  "java phones with 9.x ask there first, and what it answers no TFTP log shows: stop it" },
	/* F§8 row 21 */
	{ false, true, PLAIN, "A java phone, and nothing above is it?", "",
	  "the name of its default load may be damaged: hold # while its power comes on until the line buttons blink amber, "
	  "then 3491672850*#; it stays dark for five minutes and more, needs termNN.default.loads within reach, and must "
	  "keep its power" },
};

/* By the hardware address in the DHCP message, not the frame's: behind a relay that is the router's. */
static void dhcp_of(const struct mac *mac, char *buf, size_t size)
{
	const uint8_t *b = mac->b;

	snprintf(buf, size,
		 "tcpdump -ni any 'udp port 67 and udp[36:4]=0x%02x%02x%02x%02x and udp[40:2]=0x%02x%02x'",
		 b[0], b[1], b[2], b[3], b[4], b[5]);
}

static void tftp_of(const struct phone *p, char *buf, size_t size)
{
	char text[MAC_TEXT_SIZE];

	if (p->address.host)
		snprintf(buf, size, "tcpdump -ni any 'host %s and udp port 69'",
			 ip4_format(text, p->address));
	else if (p->mac_known)
		snprintf(buf, size, "tcpdump -lAni any 'udp port 69' | grep -a %s",
			 mac_format_bare(text, &p->mac));
	else
		snprintf(buf, size, "tcpdump -ni any 'udp port 69'");
}

unsigned explain_checklist(const struct phone *p, struct report_check ret[static REPORT_CHECKS_MAX])
{
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && n < REPORT_CHECKS_MAX; i++) {
		if ((steps[i].unseen && (p->boots || !p->mac_known)) ||
		    (steps[i].java && p->generation == GEN_CLASSIC))
			continue;
		struct report_check *r = &ret[n++];

		*r = (struct report_check){ .look = steps[i].look, .tells = steps[i].tells };
		if (steps[i].kind == DHCP_OF_MAC)
			dhcp_of(&p->mac, r->command, sizeof(r->command));
		else if (steps[i].kind == TFTP_OF_PHONE)
			tftp_of(p, r->command, sizeof(r->command));
		else
			(void)text_copy(r->command, sizeof(r->command), steps[i].command);
	}
	return n;
}
