/* SPDX-License-Identifier: MPL-2.0 */
/* Which files the two servers have to use on our behalf. */
#include "confine.h"

#include <stdio.h>
#include <string.h>

#include "file.h"
#include "strbuf.h"

struct list {
	size_t n;
	struct confine_wish *a;
};

static void wish(struct list *l, const char *letters, const char *line, const char *dir, const char *name)
{
	struct confine_wish *w = &l->a[l->n];

	if (l->n == CONFINE_WISHES_MAX)
		return;
	int n = snprintf(w->path, sizeof(w->path), "%s%s", dir, name);
	if (n < 0 || (size_t)n >= sizeof(w->path))
		return;
	(void)text_copy(w->letters, sizeof(w->letters), letters);
	(void)text_copy(w->line, sizeof(w->line), line);
	l->n++;
}

/* The directory of a file, "" = it has none. */
static void dir_of(const char *path, char *ret, size_t size)
{
	size_t n = (size_t)(path_base(path) - path);

	snprintf(ret, size, "%.*s", (int)(n > 0 ? n - 1 : 0), path);
}

size_t confine_kea(const struct config *cfg, const char *config_path,
		   struct confine_wish ret[CONFINE_WISHES_MAX])
{
	static const char *const beside[] = { "", "-wal", "-shm", ".spool" };
	const char *store = strchr(cfg->store_url, '/'), *root = cfg->tftp_root;
	struct list l = { .a = ret };
	char dir[256], line[320];

	dir_of(config_path, dir, sizeof(dir));
	snprintf(line, sizeof(line), "%s/** r,", dir);
	wish(&l, "r", line, config_path, "");
	if (store && strncmp(cfg->store_url, "sqlite:", 7) == 0) {
		dir_of(store, dir, sizeof(dir));
		snprintf(line, sizeof(line), "%s/ r,", dir);
		wish(&l, "r", line, dir, "/");
		snprintf(line, sizeof(line), "%s/** rwk,", dir);
		for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
			wish(&l, "rwk", line, store, beside[i]);
		wish(&l, "rw", line, dir, "/directory");
		wish(&l, "rw", line, dir, "/hook-spill");
	}
	if (root[0]) {
		snprintf(line, sizeof(line), "%s/ r,", root);
		wish(&l, "r", line, root, "/");
		snprintf(line, sizeof(line), "%s/** rwk,", root);
		wish(&l, "rwk", line, root, "/.loadstep.lock");
		wish(&l, "rw", line, root, "/phones/00:11:22:33:44:55");
		wish(&l, "rw", line, root, "/10.0.0.1");
	}
	return l.n;
}

size_t confine_dnsmasq(const struct config *cfg, const struct dnsmasq_conf *conf,
		       struct confine_wish ret[CONFINE_WISHES_MAX])
{
	const struct dnsmasq_option *script = dnsmasq_conf_find(conf, "dhcp-script", NULL);
	const struct dnsmasq_option *log = dnsmasq_conf_find(conf, "log-facility", NULL);
	struct list l = { .a = ret };
	char line[320];

	if (conf->file[0]) {
		snprintf(line, sizeof(line), "%s r,", conf->file);
		wish(&l, "r", line, conf->file, "");
	}
	snprintf(line, sizeof(line), "%s/** r,", cfg->tftp_root);
	if (cfg->tftp_root[0])
		wish(&l, "r", line, cfg->tftp_root, "/XMLDefault.cnf.xml");
	if (script) { /* without a profile of its own, and with a clean environment */
		snprintf(line, sizeof(line), "%s Ux,", script->value);
		wish(&l, "x", line, script->value, "");
	}
	if (log && log->value[0] == '/') {
		snprintf(line, sizeof(line), "%s rw,", log->value);
		wish(&l, "w", line, log->value, "");
	}
	return l.n;
}
