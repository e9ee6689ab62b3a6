/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Checks of Kea's configuration: can it be read, and is our library in it as it must be. Kea itself is not started to
 * try (`kea-dhcp4 -t` would leave a log or lock file of root's behind that Kea's user may not write).
 */
#include "check.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "elfneeds.h"
#include "file.h"
#include "keaconf.h"
#include "kearun.h"
#include "strbuf.h"

#define PLACE_MAX 320

static const char *place(const struct checking *k, char buf[static PLACE_MAX], const char *pointer)
{
	return keaconf_place(k->kea, pointer, buf, PLACE_MAX);
}

static const char *element(char buf[static KEACONF_POINTER_MAX], const char *list, size_t i)
{
	snprintf(buf, KEACONF_POINTER_MAX, "/%s/%zu", list, i);
	return buf;
}

/* ---- the library */

static const json_t *our_library(const struct checking *k, size_t *ret_at, size_t *ret_n)
{
	const json_t *list = keaconf_array(keaconf_dhcp4(k->kea), "hooks-libraries");

	*ret_n = json_array_size(list);
	for (size_t i = 0; i < *ret_n; i++) {
		const json_t *entry = json_array_get(list, i);

		*ret_at = i;
		if (kearun_is_ours(keaconf_text(entry, "library")))
			return entry;
	}
	return NULL;
}

/* The file that Kea will open; "" = it will not open any, and the finding is told. */
static void library_path(struct checking *k, const struct kearun *r, const char *library, const char *at,
			 char *ret, size_t size)
{
	int bound = kearun_restricts(r->program);
	const char *name = path_base(library);
	size_t dir = (size_t)(name - library);

	ret[0] = '\0';
	if (dir == 0 && bound == 0) {
		found(k, FINDING_KEA_HOOK_PATH, at, "%s: this Kea (2.2) takes full paths only", library);
		return;
	}
	if (dir > 0 && bound > 0 &&
	    (strlen(r->hooks_dir) != dir - 1 || strncmp(r->hooks_dir, library, dir - 1) != 0)) {
		found(k, FINDING_KEA_HOOK_PATH, at, "%s: this Kea takes libraries from %s only", library,
		      r->hooks_dir);
		return;
	}
	snprintf(ret, size, "%s%s%s", dir ? "" : r->hooks_dir, dir ? "" : "/", library);
	if (access(ret, R_OK) == 0)
		return;
	found(k, FINDING_KEA_HOOK_PATH, at, "%s: %s", ret,
	      errno == ENOENT ? "there is no such file" : "cannot be read");
	ret[0] = '\0';
}

/* A library and a kea-dhcp4 that need different numbers of one of Kea's own libraries (K§1.2). */
static void library_build(struct checking *k, const struct kearun *r, const char *library)
{
	struct elfneeds ours, kea;
	const char *a, *b;
	struct err e;
	int rc = elfneeds_read(library, &ours, &e);

	if (rc < 0) {
		found(k, FINDING_KEA_HOOK_PATH, library, "%s", e.text);
		return;
	}
	if (rc > 0 || elfneeds_read(r->program, &kea, &e) != 0)
		return; /* no Kea here to compare with: a file that was named, from another host */
	if (elfneeds_differ(&ours, &kea, "libkea-", &a, &b) == 0)
		found(k, FINDING_KEA_HOOK_OTHER_KEA, library, "it needs %s, and %s is built with %s", a,
		      r->program, b);
}

static void library_parameters(struct checking *k, const json_t *entry, const char *pointer)
{
	char deeper[KEACONF_POINTER_MAX + 32], at[PLACE_MAX];
	const json_t *parameters = json_object_get(entry, "parameters");
	const char *file = keaconf_text(parameters, "config-file");

	snprintf(deeper, sizeof(deeper), "%s/parameters/config-file", pointer);
	if (file[0] && !check_same_file(file, ctl_config_path(k->c)))
		found(k, FINDING_KEA_HOOK_CONFIG, place(k, at, deeper),
		      "config-file is %s, and %s is checked", file, ctl_config_path(k->c));
	else if (!file[0] && !check_same_file(CONFIG_DEFAULT_PATH, ctl_config_path(k->c)))
		found(k, FINDING_KEA_HOOK_CONFIG, place(k, at, pointer),
		      "it names no config-file, so it reads %s, and %s is checked", CONFIG_DEFAULT_PATH,
		      ctl_config_path(k->c));
}

static void check_library(struct checking *k, const struct kearun *r)
{
	char pointer[KEACONF_POINTER_MAX], at[PLACE_MAX], path[512];
	const json_t *entry;
	size_t i = 0, n;

	entry = our_library(k, &i, &n);
	if (!entry) {
		found(k, FINDING_KEA_HOOK_MISSING,
		      n ? place(k, at, "/hooks-libraries") : keaconf_path(k->kea),
		      n ? "%s is not among its %zu libraries" : "%s is not loaded: there are no libraries",
		      KEA_LIBRARY, n);
		return;
	}
	(void)place(k, at, element(pointer, "hooks-libraries", i));
	if (i + 1 < n)
		found(k, FINDING_KEA_HOOK_NOT_LAST, at, "%zu libraries stand behind it", n - i - 1);
	library_path(k, r, keaconf_text(entry, "library"), at, path, sizeof(path));
	if (path[0])
		library_build(k, r, path);
	library_parameters(k, entry, pointer);
}

/* ---- what else makes Kea deaf, or hides something from us */

static void check_interfaces(struct checking *k)
{
	const json_t *list =
		keaconf_array(json_object_get(keaconf_dhcp4(k->kea), "interfaces-config"), "interfaces");
	char at[PLACE_MAX], name[64] = "";
	bool here = false;

	(void)place(k, at, list ? "/interfaces-config/interfaces" : "/interfaces-config");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		snprintf(name, sizeof(name), "%.*s", text ? (int)strcspn(text, "/") : 0, text ? text : "");
		here = here || strcmp(name, "*") == 0 || if_nametoindex(name) != 0;
	}
	if (json_array_size(list) == 0)
		found(k, FINDING_KEA_LISTENS_NOWHERE, at, "there are no interfaces in it");
	else if (!here && !k->kea_named)
		found(k, FINDING_KEA_LISTENS_NOWHERE, at, "none of its interfaces is on this host, %s", name);
}

static void check_blind_spots(struct checking *k)
{
	const json_t *dhcp4 = keaconf_dhcp4(k->kea), *list = keaconf_array(dhcp4, "hooks-libraries");
	char pointer[KEACONF_POINTER_MAX], at[PLACE_MAX];

	if (!json_object_get(dhcp4, "control-socket") && !json_object_get(dhcp4, "control-sockets"))
		found(k, FINDING_KEA_NO_CONTROL, keaconf_path(k->kea), "it has no control-socket");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strncmp(path_base(keaconf_text(json_array_get(list, i), "library")), "libdhcp_ha.", 11) ==
		    0)
			found(k, FINDING_KEA_HA_PARTNER, place(k, at, element(pointer, "hooks-libraries", i)),
			      "there is a partner, and how it is set up cannot be seen from here");
	if (json_object_get(dhcp4, "config-control"))
		found(k, FINDING_KEA_CONFIG_BACKEND, place(k, at, "/config-control"),
		      "subnets and options may also come from a database, which is not looked at");
}

/* ---- opening it */

/* 0 = k->kea is there; 1 = there is none, or nothing that it is asked for; told where that is a fault. */
static int open_conf(struct checking *k, const struct kearun *r)
{
	CLEANUP(strbuf_fini) struct strbuf at = STRBUF_INIT(PLACE_MAX);
	const char *path = k->kea_named ? k->kea_named : r->config;
	bool asked = k->kea_named || r->pid != 0;
	struct err e;
	size_t i, n;
	int rc;

	if (access(path, R_OK) < 0 && errno == EACCES) {
		found(k, FINDING_NOT_LOOKED_AT, path, "Kea's configuration may not be read by this user");
		return 1;
	}
	rc = keaconf_load(path, &k->kea, &at, &e);
	if (rc > 0 && asked)
		found(k, FINDING_KEA_CONFIG_FAULT, path, "there is no such file");
	if (rc < 0)
		found(k, FINDING_KEA_CONFIG_FAULT, at.len ? strbuf_text(&at) : path, "%s", e.text);
	if (rc != 0)
		return 1;
	/* one that does not run and was not told of us, the package's own file say, is no part of this */
	if (!asked && !our_library(k, &i, &n)) {
		keaconf_free(TAKE(k->kea));
		return 1;
	}
	return 0;
}

void check_kea(struct checking *k)
{
	struct kearun r;

	if (!k->cfg)
		return;
	kearun_find(&r);
	if (k->kea_named)
		r.pid = 0;
	k->kea_pid = r.pid;
	if (open_conf(k, &r) != 0)
		return;
	if (!k->kea_named && r.pid == 0)
		found(k, FINDING_KEA_NOT_RUNNING, r.config, "no kea-dhcp4 runs with it");
	check_library(k, &r);
	check_interfaces(k);
	check_blind_spots(k);
}
