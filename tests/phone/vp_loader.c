/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The universal application loader: the hunt in its exact order, the manifest, the loader where LA_VERSION
 * differs, the application (F§2.2). It shows "Protocol Application Invalid" while there is no application it
 * would start.
 *
 * Inferred: that replacing the loader makes the old application unusable ("stale") until the new one is in or
 * was refused twice, after which the old one is booted (F§7.1 A10); that the flash is erased only once the
 * header of the new application was found good; and how often a loader that finds nothing hunts again.
 */
#include "vp_classic.h"

#include "vp_config.h"
#include "vp_image.h"
#include "vp_tftp.h"

#define APP_INVALID "Protocol Application Invalid"
#define REFUSALS_BEFORE_OLD_APP 2

/* First file that exists wins, whatever it says (F§2.2, F§5.3). VP_MISSING: none exists. */
static enum vp_end hunt(struct vp *vp, char ret_load[LOAD_NAME_MAX])
{
	char name[LOAD_NAME_MAX];
	enum vp_end end;

	ret_load[0] = '\0';
	end = vp_fetch_other(vp, vp_mac_file(vp, "CTLSEP", ".tlv", name));
	if (end == VP_OK)
		end = vp_fetch_xml(vp, vp_mac_file(vp, "SEP", ".cnf.xml", name), ret_load);
	if (end == VP_MISSING)
		end = vp_fetch_cnf(vp, vp_mac_file(vp, "SIP", ".cnf", name), ret_load);
	if (end == VP_MISSING)
		end = vp_fetch_cnf(vp, vp_mac_file(vp, "MGC", ".cnf", name), ret_load);
	if (end == VP_MISSING) {
		end = vp_fetch_xml(vp, "XMLDefault.cnf.xml", ret_load);
		if (end == VP_REFUSED) /* the tight loop was seen with SEP files only */
			end = VP_MISSING;
	}
	return end;
}

static enum vp_end fetch_manifest(struct vp *vp, const char *load, struct vp_manifest *ret_manifest)
{
	char name[LOAD_NAME_MAX + 8];
	struct vp_file file = { 0 };
	struct vp_image header;
	const char *why = "not signed under this name";
	enum vp_end end;

	snprintf(name, sizeof name, "%s.loads", load);
	end = vp_tftp_get(vp, name, NULL, &file);
	if (end == VP_MISSING)
		vp_display(vp, "File not found");
	if (end != VP_OK)
		return end;
	if (vp_image_read_header(file.bytes, file.n, &header, &why) != 0 ||
	    !vp_image_signed_as(&header, name)) {
		vp_say_refused(vp, name, why);
		end = VP_MISSING; /* nothing that could be loaded */
	} else if (vp_config_manifest((const char *)file.bytes + header.body_at, ret_manifest) != 0) {
		vp_say_refused(vp, name, "no loader, application and LA_VERSION in it");
		end = VP_MISSING;
	}
	vp_file_fini(&file);
	return end;
}

/* A10: twice refused, then the old application is booted, if there is one; A11: hunt again otherwise. */
static enum vp_end refuse(struct vp *vp, const char *file, const char *why)
{
	struct vp_flash *f = &vp->flash;
	bool old_app = f->app_state == VP_PART_VALID || f->app_state == VP_PART_STALE;
	enum vp_start next = VP_INTO_LOADER;
	enum vp_end end;

	vp_say_refused(vp, file, why);
	if (++f->refused >= REFUSALS_BEFORE_OLD_APP && old_app) {
		f->app_state = VP_PART_VALID;
		vp->image_refused = true;
		f->refused = 0;
		next = VP_INTO_APP;
	}
	end = vp_commit(vp);
	return end == VP_OK ? vp_reboot(vp, next, VP_REFUSED_BOOT_MS) : end;
}

static enum vp_end install_loader(struct vp *vp, const struct vp_file *file, const char *name)
{
	struct vp_flash *f = &vp->flash;
	struct vp_image image;
	const char *why = "not a loader signed under this name";
	enum vp_end end;

	if (vp_image_read(file->bytes, file->n, &image, &why) != 0 || !vp_image_signed_as(&image, name) ||
	    !image.is_loader)
		return refuse(vp, name, why);
	f->loader_state = VP_PART_WRITING;
	end = vp_burn(vp, name, VP_LOADER_FLASH_MS);
	if (end != VP_OK)
		return end;
	f->loader_state = VP_PART_VALID;
	memcpy(f->loader, image.ident, sizeof f->loader);
	memcpy(f->loader_name, image.load, sizeof f->loader_name);
	if (f->app_state == VP_PART_VALID)
		f->app_state = VP_PART_STALE;
	f->refused = 0;
	end = vp_commit(vp);
	return end == VP_OK ? vp_reboot(vp, VP_INTO_LOADER, VP_LOADER_BOOT_MS) : end;
}

static enum vp_end fetch_loader(struct vp *vp, const char *name)
{
	struct vp_file file = { 0 };
	enum vp_end end = vp_pause(vp, VP_LOADER_ASK_MS);

	if (end == VP_OK)
		end = vp_tftp_get(vp, name, NULL, &file);
	if (end == VP_MISSING)
		vp_display(vp, "File not found");
	if (end == VP_OK)
		end = install_loader(vp, &file, name);
	vp_file_fini(&file);
	return end;
}

/* The load a file belongs to: its name without extension. */
static void load_of_file(const char *file, char ret_load[LOAD_NAME_MAX])
{
	size_t n = strlen(file);

	n = n > 4 && file[n - 4] == '.' ? n - 4 : n;
	snprintf(ret_load, LOAD_NAME_MAX, "%.*s", (int)n, file);
}

/*
 * The old application goes as soon as the new one's header is found good: a power cut from here on leaves
 * none.
 */
static void erase_app(struct vp *vp, const struct vp_file *first)
{
	struct vp_image header;
	char load[LOAD_NAME_MAX];
	const char *why;

	if (vp_image_read_header(first->bytes, first->n, &header, &why) != 0 || !header.is_signed)
		return;
	load_of_file(header.name_tag, load);
	if (vp_fault_find(vp, VP_FAULT_REFUSE, load))
		return;
	vp->flash.app_state = VP_PART_WRITING;
	(void)vp_commit(vp);
}

static enum vp_end install_app(struct vp *vp, const struct vp_file *file, const char *name)
{
	struct vp_flash *f = &vp->flash;
	struct vp_image image;
	char load[LOAD_NAME_MAX];
	const char *why = "not an application signed under this name";
	enum vp_end end;

	load_of_file(name, load);
	if (vp_image_read(file->bytes, file->n, &image, &why) != 0 || !vp_image_signed_as(&image, name) ||
	    image.is_loader)
		return refuse(vp, name, why);
	if (vp_fault_find(vp, VP_FAULT_REFUSE, load))
		return refuse(vp, name, "authentication");
	f->app_state = VP_PART_WRITING;
	vp->image_refused = false;
	end = vp_burn(vp, name, VP_APP_FLASH_MS);
	if (end != VP_OK)
		return end;
	f->app_state = VP_PART_VALID;
	memcpy(f->app, image.load, sizeof f->app);
	memcpy(f->app_ident, image.ident, sizeof f->app_ident);
	f->refused = 0;
	end = vp_commit(vp);
	return end == VP_OK ? vp_reboot(vp, VP_INTO_APP, VP_APP_BOOT_MS) : end;
}

static enum vp_end fetch_app(struct vp *vp, const char *name)
{
	struct vp_file file = { 0 };
	enum vp_end end = vp_pause(vp, VP_APP_ERASE_MS);

	if (end == VP_OK)
		end = vp_tftp_get(vp, name, erase_app, &file);
	if (end == VP_MISSING)
		vp_display(vp, "File not found");
	if (end == VP_OK)
		end = install_app(vp, &file, name);
	vp_file_fini(&file);
	return end;
}

/* VP_OK: the flash holds all this load has. VP_MISSING, VP_SILENT: it cannot be had now. */
static enum vp_end upgrade_to(struct vp *vp, const char *load)
{
	const struct vp_flash *f = &vp->flash;
	struct vp_manifest m;
	char app[LOAD_NAME_MAX];
	enum vp_end end;

	if (!vp_load_is_ours(vp, load)) {
		vp_display(vp, "Load ID incorrect");
		return VP_MISSING;
	}
	end = fetch_manifest(vp, load, &m);
	if (end != VP_OK)
		return end;
	load_of_file(m.app_file, app);
	if (strcmp(m.la_version, f->loader) == 0 && f->app_state == VP_PART_VALID && strcmp(f->app, app) == 0)
		return VP_OK;
	vp_display(vp, "Upgrading Software");
	/* The loader is fetched only where LA_VERSION differs: inferred from two logs (F§3.4). */
	if (strcmp(m.la_version, f->loader) != 0)
		return fetch_loader(vp, m.loader_file);
	return fetch_app(vp, m.app_file);
}

static enum vp_end pause_and_hunt_again(struct vp *vp, enum vp_end last)
{
	if (last == VP_SILENT)
		return vp_pause(vp, VP_SILENT_PAUSE_MS);
	if (last == VP_REFUSED)
		return vp_pause(vp, VP_SEP_LOOP_MS);
	return vp->opt.once ? VP_DONE : vp_pause(vp, VP_HUNT_AGAIN_MS);
}

enum vp_end vp_loader_run(struct vp *vp)
{
	const struct vp_flash *f = &vp->flash;
	char load[LOAD_NAME_MAX];

	vp_say(vp, "runs: %s (universal loader %s)", f->loader_name, f->loader);
	for (;;) {
		enum vp_end end;

		if (f->app_state != VP_PART_VALID)
			vp_display(vp, APP_INVALID);
		end = hunt(vp, load);
		if (end <= VP_MISSING && !*load)
			memcpy(load, vp->wanted, sizeof load);
		if (end <= VP_MISSING && *load)
			end = upgrade_to(vp, load);
		if (end >= VP_REBOOT)
			return end;
		if (f->app_state == VP_PART_VALID && end != VP_REFUSED) {
			end = vp_pause(vp, VP_STEADY_BOOT_MS);
			return end == VP_OK ? vp_app_run(vp) : end;
		}
		if (end == VP_OK || end == VP_MISSING) {
			vp_display(vp, APP_INVALID);
			end = vp_settle(vp, "loader", f->loader_name);
		}
		if (end < VP_REBOOT)
			end = pause_and_hunt_again(vp, end);
		if (end != VP_OK)
			return end;
	}
}
