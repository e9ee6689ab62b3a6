/* SPDX-License-Identifier: MPL-2.0 */
/* Checks of the links below the TFTP root: whose they are, and whether they lead anywhere. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "parse.h"
#include "state.h"
#include "strbuf.h"
#include "view.h"

#define PATH_BYTES 512

static bool view_of(const struct checking *k, struct view *ret)
{
	return k->cfg && k->cfg->tftp_root[0] != '\0' && k->cfg->layout == LAYOUT_VIEWS &&
	       text_copy(ret->root, sizeof(ret->root), k->cfg->tftp_root);
}

typedef void (*entry_fn)(struct checking *k, const struct view *v, const char *name, const char *path);

static void each_entry(struct checking *k, const struct view *v, const char *dir_path, entry_fn fn)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(dir_path);
	char path[PATH_BYTES];
	const struct dirent *d;
	struct err e;

	if (!dir) {
		if (errno != ENOENT) {
			(void)err_sys(&e, ERR_TREE, errno, "cannot be read");
			found(k, FINDING_TREE_UNREADABLE, dir_path, "%s", e.text);
		}
		return;
	}
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir_path, d->d_name);
		fn(k, v, d->d_name, path);
	}
}

/* ---- addresses */

static void check_holder(struct checking *k, const char *path, struct ip4 a, const struct mac *mac)
{
	char shown[MAC_TEXT_SIZE], other[MAC_TEXT_SIZE];
	struct mac holder;
	int64_t since;
	struct err e;

	if (!k->c->fleet)
		return;
	int rc = state_address_find(fleet_state(k->c->fleet), a, &holder, &since, &e);

	if (rc < 0 || (rc == 0 && mac_equal(&holder, mac)))
		return;
	found(k, FINDING_ORPHAN_LINK, path, "it leads to %s, and %s%s holds that address",
	      mac_format(shown, mac), rc == 0 ? "" : "nobody known",
	      rc == 0 ? mac_format(other, &holder) : "");
}

static void check_address(struct checking *k, const struct view *v, const char *name, const char *path)
{
	struct standing s;
	struct ip4 a;
	struct mac mac;
	struct err e;

	if (parse_ip4("name", name, &a, &e) < 0)
		return;
	int rc = view_address_get(v, a, &mac, &e);
	if (rc < 0) {
		found(k, FINDING_TREE_UNREADABLE, path, "%s", e.text);
	} else if (rc == 1 && !view_address_is_neutral(v, a)) {
		found(k, FINDING_FOREIGN_ENTRY, path, "the name of an address, and no link of loadstep's");
	} else if (rc == 0) {
		check_holder(k, path, a, &mac);
		if (view_phone_get(v, &mac, &s, &e) == 0 && s.kind == VIEW_NONE)
			found(k, FINDING_LINK_DANGLING, path, "the phone has no link of its own");
	}
}

void check_address_links(struct checking *k)
{
	struct view v;

	if (view_of(k, &v))
		each_entry(k, &v, v.root, check_address);
}

/* ---- phones */

static void check_phone(struct checking *k, const struct view *v, const char *name, const char *path)
{
	struct standing s;
	struct phone p;
	struct mac mac;
	struct err e;

	if (parse_mac("name", name, &mac, &e) < 0) {
		found(k, FINDING_FOREIGN_ENTRY, path, "no MAC, and in the directory of phones");
		return;
	}
	if (view_phone_get(v, &mac, &s, &e) < 0) {
		found(k, FINDING_TREE_UNREADABLE, path, "%s", e.text);
		return;
	}
	if (s.kind == VIEW_FOREIGN || s.kind == VIEW_NONE) {
		found(k, FINDING_FOREIGN_ENTRY, path, "the name of a phone, and no link of loadstep's");
		return;
	}
	if (s.kind == VIEW_PLAIN)
		return;
	if (view_stage_ready(v, s.plan, s.kind == VIEW_STAGE ? &s.load : NULL, NULL) != 0)
		found(k, FINDING_LINK_DANGLING, path, "stages/%s/%s is not there, or not whole", s.plan,
		      s.kind == VIEW_STAGE ? s.load.s : "waiting");
	if (k->c->fleet && state_phone_find(fleet_state(k->c->fleet), &mac, &p, &e) == 1)
		found(k, FINDING_ORPHAN_LINK, path, "the store knows no such phone");
}

void check_phone_links(struct checking *k)
{
	char path[PATH_BYTES];
	struct view v;

	if (!view_of(k, &v))
		return;
	snprintf(path, sizeof(path), "%s/phones", v.root);
	each_entry(k, &v, path, check_phone);
}
