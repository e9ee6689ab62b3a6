/* SPDX-License-Identifier: MPL-2.0 */
/* Checks of in.tftpd (tftp-hpa) as loadstep's TFTP server: the one that serves port 69, else Debian's defaults for it;
 * and of an atftpd that serves it. */
#include "check.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "procs.h"
#include "strbuf.h"
#include "tftpdconf.h"

#define DEFAULTS_BYTES_MAX (64 * 1024)
#define MAP_BYTES_MAX (1024 * 1024)
#define USER_DEFAULT "nobody"

/* 0; 1 = in.tftpd is not what this host uses; *ret_place: where its options stand. */
static int read_conf(struct checking *k, struct tftpd_conf *ret, char *ret_place, size_t size)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(DEFAULTS_BYTES_MAX);
	CLEANUP(proc_args_fini) struct proc_args args = { .n = 0 };
	bool runs = k->server_pid && strcmp(k->server, "in.tftpd") == 0;
	struct err e;

	strbuf_init(&args.text, 1);
	snprintf(ret_place, size, "%s", TFTPD_DEFAULTS);
	if (runs && proc_args(k->server_pid, &args) == 0) {
		snprintf(ret_place, size, "in.tftpd (process %d)", (int)k->server_pid);
		tftpd_conf_args(ret, args.n - 1, args.a + 1);
		return 0;
	}
	if (!runs && (k->cfg->daemon != DAEMON_TFTPD_HPA || k->server_pid))
		return 1;
	if (file_read(TFTPD_DEFAULTS, DEFAULTS_BYTES_MAX, &text, &e) != 0)
		return 1; /* that nobody serves is another check's to tell */
	tftpd_conf_defaults(ret, strbuf_text(&text), text.len);
	return 0;
}

static void check_map(struct checking *k, const struct tftpd_conf *c, const char *place)
{
	CLEANUP(strbuf_fini) struct strbuf map = STRBUF_INIT(MAP_BYTES_MAX);
	struct err e;
	int rc;

	if (k->cfg->layout != LAYOUT_VIEWS)
		return;
	if (!c->map[0]) {
		found(k, FINDING_TFTPD_MAP, place, "there is no --map-file");
		return;
	}
	if (check_same_file(c->map, k->cfg->map_file) || strcmp(c->map, k->cfg->map_file) == 0)
		return; /* ours: compared with what it must be, as the tree is */
	rc = file_read(c->map, MAP_BYTES_MAX, &map, &e);
	if (rc != 0)
		found(k, FINDING_TFTPD_MAP, c->map, "%s", rc > 0 ? "there is no such file" : e.text);
	else if (!tftpd_map_uses_address(strbuf_text(&map), map.len))
		found(k, FINDING_TFTPD_MAP, c->map, "no rule in it looks at the phone's address");
}

/* Who starts it for each request is what holds the port; what it starts is in files of its own. */
static bool is_started_by_another(const char *server)
{
	return strcmp(server, "inetd") == 0 || strcmp(server, "xinetd") == 0 ||
	       strcmp(server, "systemd") == 0;
}

static void check_atftpd(struct checking *k)
{
	CLEANUP(proc_args_fini) struct proc_args args = { .n = 0 };
	struct atftpd_conf c;
	char place[64];

	strbuf_init(&args.text, 1);
	if (strcmp(k->server, "atftpd") != 0 || proc_args(k->server_pid, &args) != 0)
		return;
	snprintf(place, sizeof(place), "atftpd (process %d)", (int)k->server_pid);
	atftpd_conf_args(&c, args.n - 1, args.a + 1);
	if (k->cfg->daemon != DAEMON_ATFTPD)
		found(k, FINDING_DAEMON_DIFFERS, ctl_config_path(k->c),
		      "[tftp] daemon = %s, and atftpd serves port 69", config_daemon_name(k->cfg->daemon));
	if (c.verbose < ATFTPD_TELLS_ENDS)
		found(k, FINDING_ATFTPD_QUIET, place, "--verbose is %d", c.verbose);
	if (!check_same_file(c.dir, k->cfg->tftp_root))
		found(k, FINDING_TFTP_ROOT_DIFFERS, place, "its directory is %s, and loadstep publishes in %s",
		      c.dir, k->cfg->tftp_root);
}

void check_tftpd(struct checking *k)
{
	struct tftpd_conf c;
	char place[64];

	if (k->server_pid && is_started_by_another(k->server))
		found(k, FINDING_NOT_LOOKED_AT, "UDP port 69",
		      "%s (process %d) starts a TFTP server for it, whose options are not looked at",
		      k->server, (int)k->server_pid);
	if (k->cfg && k->cfg->tftp_root[0] && k->server_pid)
		check_atftpd(k);
	if (!k->cfg || k->cfg->tftp_root[0] == '\0' || read_conf(k, &c, place, sizeof(place)) != 0)
		return;
	if (k->cfg->daemon != DAEMON_TFTPD_HPA)
		found(k, FINDING_DAEMON_DIFFERS, ctl_config_path(k->c),
		      "[tftp] daemon = %s, and in.tftpd serves port 69", config_daemon_name(k->cfg->daemon));
	if (!c.secure)
		found(k, FINDING_TFTPD_NO_SECURE, place, "--secure is not among its options");
	if (!check_same_file(c.dir, k->cfg->tftp_root))
		found(k, FINDING_TFTP_ROOT_DIFFERS, place,
		      "its directory is %s, and loadstep publishes in %s", c.dir[0] ? c.dir : "not named",
		      k->cfg->tftp_root);
	if (!getpwnam(c.user[0] ? c.user : USER_DEFAULT))
		found(k, FINDING_TFTPD_USER, place, "there is no user %s", c.user[0] ? c.user : USER_DEFAULT);
	check_map(k, &c, place);
}
