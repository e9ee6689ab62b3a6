/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The links first, the map behind them: whoever is sent below his address finds a link there. Links that a former map
 * needed stay as long as tftpd-hpa is the server, which may not have read the new one yet.
 */
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "publish_priv.h"
#include "tftpmap.h"

/* 64 networks in each of 32 plans, the longest with 128 numbers in its rule */
#define MAP_BYTES_MAX (2 * 1024 * 1024)

struct filling {
	const struct view *view;
	bool apply;
	stagedir_fn fn;
	void *arg;
	bool differed;
};

static void tell(struct filling *w, enum stagedir_change change, const char *path, const char *what)
{
	w->differed = true;
	if (w->fn)
		w->fn(w->arg, change, path, what);
}

static int fill_net(void *arg, const struct net4 *net, struct err *e)
{
	struct filling *w = arg;
	uint32_t n = 1u << (32 - net->prefix);
	unsigned made = 0;
	char path[32], what[96], base[IP4_TEXT_SIZE];

	for (uint32_t i = 0; i < n; i++) {
		struct ip4 a = { net->base.host + i };
		int rc = a.host ? view_address_fill(w->view, a, w->apply, e) : 1;

		if (rc < 0)
			return -1;
		made += rc == 0;
	}
	if (made == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/%d", ip4_format(base, net->base), net->prefix);
	snprintf(what, sizeof(what), "%u link%s to the plain root, for tftpd-hpa", made, made == 1 ? "" : "s");
	tell(w, STAGEDIR_NEW, path, what);
	return 0;
}

static void name_left_out(const struct config *cfg, struct strbuf *missing)
{
	char base[IP4_TEXT_SIZE];

	if (!missing || !tftpmap_used(cfg))
		return;
	for (unsigned i = 0; i < cfg->n_plans; i++) {
		const struct net_list *l = &cfg->plans[i].networks;

		for (unsigned j = 0; j < l->n; j++)
			if (l->a[j].prefix < CONFIG_MAP_PREFIX)
				strbuf_addf(missing,
					    "plan %s: %s/%d is wider than /%d: tftpd-hpa shows its phones the plain root\n",
					    cfg->plans[i].name, ip4_format(base, l->a[j].base), l->a[j].prefix,
					    CONFIG_MAP_PREFIX);
	}
}

static int write_map(struct filling *w, const struct config *cfg, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf want = STRBUF_INIT(MAP_BYTES_MAX);
	CLEANUP(strbuf_fini) struct strbuf is = STRBUF_INIT(MAP_BYTES_MAX);

	if (tftpmap_format(cfg, &want, e))
		return -1;
	int rc = file_read(cfg->map_file, MAP_BYTES_MAX, &is, e);
	if (rc < 0)
		return -1;
	if (rc == 0 && is.len == want.len && memcmp(strbuf_text(&is), strbuf_text(&want), want.len) == 0)
		return 0;
	if (w->apply && file_replace(cfg->map_file, strbuf_text(&want), want.len, 0644, 0, e) < 0)
		return -1;
	tell(w, rc == 1 ? STAGEDIR_NEW : STAGEDIR_CHANGED, cfg->map_file,
	     "whom tftpd-hpa sends to a view; in.tftpd reads it at SIGHUP: systemctl reload tftpd-hpa");
	return 0;
}

static int remove_links(struct filling *w, struct err *e)
{
	char what[96];
	int n = view_neutral_remove(w->view, w->apply, e);

	if (n <= 0)
		return n;
	snprintf(what, sizeof(what), "%d link%s to the plain root: only tftpd-hpa needs them", n, n == 1 ? "" : "s");
	tell(w, STAGEDIR_GONE, "addresses", what);
	return 0;
}

int publish_map(const struct config *cfg, const struct view *v, bool apply, stagedir_fn fn, void *arg,
		struct strbuf *missing, struct err *e)
{
	struct filling w = { .view = v, .apply = apply, .fn = fn, .arg = arg };

	name_left_out(cfg, missing);
	if (cfg->daemon != DAEMON_TFTPD_HPA) {
		if (remove_links(&w, e) < 0)
			return -1;
	} else if (tftpmap_each(cfg, fill_net, &w, e) < 0) {
		return err_wrap(e, "links for tftpd-hpa");
	} else if (write_map(&w, cfg, e) < 0) {
		return err_wrap(e, "[tftp] map-file %s", cfg->map_file);
	}
	return w.differed ? 1 : 0;
}
