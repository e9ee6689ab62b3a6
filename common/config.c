/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The configuration as a value: loaded, freed, and asked. How text becomes one is config_read.c; the keys
 * are in config_keys.c.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "config_keys.h"
#include "file.h"

int config_parse(const char *name, const char *text, size_t len, const char *base_dir, struct config **ret,
		 struct strbuf *faults, struct err *e)
{
	struct config_reader r = { .name = name, .base_dir = base_dir, .faults = faults, .e = e };

	if (len > CONFIG_BYTES_MAX)
		return err_set(e, ERR_CONFIG, "%s: larger than %d bytes", name, CONFIG_BYTES_MAX);
	return config_read(&r, text, len, ret);
}

int config_load(const char *path, struct config **ret, struct strbuf *faults, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(CONFIG_BYTES_MAX);
	CLEANUP(cleanup_free) char *dir = NULL;
	const char *base = path_base(path);

	int rc = file_read(path, CONFIG_BYTES_MAX, &sb, e);
	if (rc > 0)
		return err_sys(e, ERR_CONFIG, ENOENT, "%s", path);
	if (rc < 0) {
		if (e)
			e->code = ERR_CONFIG;
		return -1;
	}
	dir = base > path ? strndup(path, (size_t)(base - path)) : strdup(".");
	if (!dir)
		return err_set(e, ERR_SYSTEM, "%s: no memory", path);
	return config_parse(path, strbuf_text(&sb), sb.len, dir, ret, faults, e);
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < c->n_plans; i++) {
		free(c->plans[i].only_macs.a);
		free(c->plans[i].except_macs.a);
	}
	free(c->plans);
	free(c->sites);
	free(c->classes);
	free(c);
}

const struct plan *config_plan(const struct config *c, const char *name)
{
	for (unsigned i = 0; i < c->n_plans; i++)
		if (strcmp(c->plans[i].name, name) == 0)
			return &c->plans[i];
	return NULL;
}

struct plan *config_plan_mutable(struct config *c, const char *name)
{
	for (unsigned i = 0; i < c->n_plans; i++)
		if (strcmp(c->plans[i].name, name) == 0)
			return &c->plans[i];
	return NULL;
}

const struct plan *config_plan_for(const struct config *c, const struct phone *p, const char *classes)
{
	const struct plan *by_model = NULL;

	for (unsigned i = 0; i < c->n_plans; i++) {
		const struct plan *pl = &c->plans[i];
		if (pl->n_stages == 0)
			continue; /* a target, before the first `reload` derives its stages */
		if (plan_may_start(pl, p, classes, NULL) == 0)
			return pl;
		if (!by_model && plan_fits(pl, p))
			by_model = pl;
	}
	return by_model;
}

/* The site with the narrowest network around `a`, NULL = none. */
static const struct site *site_find(const struct config *c, struct ip4 a)
{
	const struct site *best = NULL;
	int prefix = -1;

	if (a.host == 0)
		return NULL;
	for (unsigned i = 0; i < c->n_sites; i++) {
		const struct net_list *nets = &c->sites[i].networks;
		for (unsigned j = 0; j < nets->n; j++) {
			if (nets->a[j].prefix > prefix && net4_contains(&nets->a[j], a)) {
				best = &c->sites[i];
				prefix = nets->a[j].prefix;
			}
		}
	}
	return best;
}

const struct site *config_site(const struct config *c, struct ip4 giaddr, struct ip4 address)
{
	const struct site *s = site_find(c, giaddr);

	return s ? s : site_find(c, address);
}

const struct servers *config_servers(const struct config *c, const struct plan *pl, struct ip4 giaddr,
				     struct ip4 address)
{
	const struct site *s = config_site(c, giaddr, address);

	return s && s->servers.n > 0 ? &s->servers : &pl->servers;
}

static bool class_names(const struct vendor_class *vc, const struct vendor *v)
{
	switch (v->kind) {
	case VENDOR_BARE:
		return strcmp(vc->model, "unnamed") == 0;
	case VENDOR_NAMED:
		return strcmp(vc->model, v->model) == 0;
	case VENDOR_NONE:
	case VENDOR_OTHER:
		return false;
	}
	return false;
}

/* What a section that matched says: its model, or without one what F§1.1 says. */
static void class_vendor(const struct vendor_class *vc, struct vendor *ret)
{
	if (vc->model[0] == '\0')
		return;
	*ret = (struct vendor){ .kind = VENDOR_BARE };
	if (strcmp(vc->model, "unnamed") == 0)
		return;
	ret->kind = VENDOR_NAMED;
	(void)text_copy(ret->model, sizeof(ret->model), vc->model);
}

void config_vendor(const struct config *c, const void *bytes, size_t len, struct vendor *ret,
		   const struct vendor_class **ret_class)
{
	const char *text = bytes;
	const struct vendor_class *found = NULL;

	while (len > 0 && text[len - 1] == '\0')
		len--;
	vendor_parse(text, len, ret);
	for (unsigned i = 0; i < c->n_classes && !found && len > 0; i++) {
		const struct vendor_class *vc = &c->classes[i];
		if (vc->match[0] != '\0' && strlen(vc->match) == len && memcmp(vc->match, text, len) == 0) {
			found = vc;
			class_vendor(vc, ret);
		}
	}
	for (unsigned i = 0; i < c->n_classes && !found; i++)
		if (c->classes[i].match[0] == '\0' && class_names(&c->classes[i], ret))
			found = &c->classes[i];
	if (ret_class)
		*ret_class = found;
}
