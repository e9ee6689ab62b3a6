/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Checks of what confines the servers: AppArmor profiles that are enforced (K§8, D§8), and file systems that a unit
 * mounts read-only for its program (ProtectSystem= and the like, seen in what proc(5) tells of the process).
 */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apparmor.h"
#include "cleanup.h"
#include "confine.h"
#include "dnsmasqconf.h"
#include "file.h"
#include "kearun.h"
#include "procs.h"
#include "strbuf.h"

#define LOADED_BYTES_MAX (1024 * 1024)

/* ---- AppArmor */

static void check_profile(struct checking *k, const char *program, const char *file,
			  const struct confine_wish *wishes, size_t n)
{
	CLEANUP(apparmor_fini) struct apparmor_profile p = { .text = NULL };
	const char *told = "";
	struct err e;
	int rc = apparmor_load(file, &p, &e);

	if (rc != 0) {
		found(k, FINDING_NOT_LOOKED_AT, file, "%s is confined by AppArmor, and its profile %s",
		      program, rc > 0 ? "is not there" : e.text);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		unsigned all = (1U << strlen(wishes[i].letters)) - 1;

		if (apparmor_given(p.text, p.len, wishes[i].path, wishes[i].letters) == all ||
		    strcmp(told, wishes[i].line) == 0)
			continue;
		told = wishes[i].line;
		found(k, FINDING_APPARMOR_DENIES, file, "%s has no rule for %s (%s): %s", program,
		      wishes[i].path, wishes[i].letters, wishes[i].line);
	}
}

static bool is_enforced(const char *loaded, const char *name, const char *path)
{
	return apparmor_enforced(loaded, name) || apparmor_enforced(loaded, path);
}

static void check_apparmor(struct checking *k)
{
	CLEANUP(strbuf_fini) struct strbuf loaded = STRBUF_INIT(LOADED_BYTES_MAX);
	CLEANUP(cleanup_free) struct confine_wish *w = calloc(CONFINE_WISHES_MAX, sizeof(*w));
	struct kearun r;
	struct err e;
	int rc = file_read(APPARMOR_LOADED, LOADED_BYTES_MAX, &loaded, &e);

	if (rc < 0)
		found(k, FINDING_NOT_LOOKED_AT, APPARMOR_LOADED, "%s", e.text);
	if (rc != 0 || !w)
		return; /* without AppArmor in the kernel nobody is confined by it */
	kearun_find(&r);
	if (k->kea && strcmp(r.program, KEA_PROGRAM) == 0 &&
	    is_enforced(strbuf_text(&loaded), "kea-dhcp4", KEA_PROGRAM))
		check_profile(k, "kea-dhcp4", APPARMOR_DIR "/usr.sbin.kea-dhcp4", w,
			      confine_kea(k->cfg, ctl_config_path(k->c), w));
	if (k->dnsmasq && is_enforced(strbuf_text(&loaded), "dnsmasq", "/usr/sbin/dnsmasq"))
		check_profile(k, "dnsmasq", APPARMOR_DIR "/usr.sbin.dnsmasq", w,
			      confine_dnsmasq(k->cfg, k->dnsmasq, w));
}

/* ---- read-only */

static void check_writable(struct checking *k, pid_t pid, const char *program, const char *path)
{
	CLEANUP(cleanup_free) char *real = path[0] ? realpath(path, NULL) : NULL;
	bool ro = false, everywhere = false;

	if (!real || pid == 0 || proc_read_only(pid, real, &ro) != 0 || !ro)
		return;
	(void)proc_read_only(getpid(), real, &everywhere);
	if (everywhere)
		found(k, FINDING_PATH_READ_ONLY, path, "its file system is mounted read-only");
	else
		found(k, FINDING_PATH_READ_ONLY, path, "it is read-only for %s (process %d)", program,
		      (int)pid);
}

static void check_read_only(struct checking *k)
{
	bool script = k->server_pid && strcmp(k->server, "dnsmasq") == 0;
	char store[256];

	(void)check_store_dir(k->cfg, store, sizeof(store));
	check_writable(k, k->kea_pid, "kea-dhcp4", store);
	check_writable(k, k->kea_pid, "kea-dhcp4", k->cfg->tftp_root);
	check_writable(k, script ? k->server_pid : 0, "dnsmasq's script", store);
	check_writable(k, script ? k->server_pid : 0, "dnsmasq's script", k->cfg->tftp_root);
}

void check_confined(struct checking *k)
{
	if (!k->cfg)
		return;
	check_apparmor(k);
	check_read_only(k);
}
