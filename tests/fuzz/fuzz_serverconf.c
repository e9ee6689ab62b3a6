/* SPDX-License-Identifier: MPL-2.0 */
/* What other programs' files hold: dnsmasq's lines, in.tftpd's defaults and map, AppArmor's rules, Kea's leases, mounts. */
#include <string.h>

#include "apparmor.h"
#include "dnsmasqconf.h"
#include "kealeases.h"
#include "procs.h"
#include "tftpdconf.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	char name[32], value[64], *text = malloc(size + 1);
	struct tftpd_conf conf;
	struct kealease lease;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (dnsmasq_line(bytes, size, name, sizeof(name), value, sizeof(value)) == 0)
		MUST(name[0] && memchr(name, '\0', sizeof(name)) && memchr(value, '\0', sizeof(value)));
	tftpd_conf_defaults(&conf, bytes, size);
	MUST(memchr(conf.map, '\0', sizeof(conf.map)) && memchr(conf.dir, '\0', sizeof(conf.dir)));
	(void)tftpd_map_uses_address(bytes, size);
	MUST(apparmor_given(bytes, size, "/var/lib/loadstep/state.db", "rwk") <= 7);
	(void)apparmor_match(text, "/srv/tftp/phones/00:11:22:33:44:55");
	(void)apparmor_enforced(text, "kea-dhcp4");
	(void)mountinfo_read_only(text, "/srv/tftp");
	if (kealease_parse(bytes, size, &lease) == 0)
		MUST(lease.address.host && lease.until_s >= 0);
	free(text);
	return 0;
}
