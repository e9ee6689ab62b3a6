/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Code below 6.x, one image: OS79XX.TXT first, then the protocol's own files, then the image (F§2.4).
 * Unsigned .bin below 5.0, signed .sbn from 5.0 on, which refuses unsigned (F§4.1). Inferred, because F§2.4
 * has no capture of it: that 5.x asks for <LOAD>.sbn and nothing before it, that the phone fetches at once
 * without a second reading, and that an unregistered one reads everything again every --repoll seconds.
 */
#include "vp_classic.h"

#include "vp_config.h"
#include "vp_image.h"
#include "vp_tftp.h"

#define FIRST_SIGNED_MAJOR 5
#define FIRST_XML_MAJOR 3 /* 2.x asks for SEP<MAC>.cnf and SEPDefault.cnf: the border is inferred */

static struct load_version running(const struct vp *vp)
{
	return load_version_parse(vp->flash.image);
}

/*
 * The first four characters tell the protocol; where they match the running image's, the protocol's own
 * configuration decides (F§2.4). Very old code, which reads no XML, takes any other name from here (inferred
 * from F§7.1 A1).
 */
static bool os79xx_decides(const struct vp *vp, const char *load)
{
	if (running(vp).protocol == LOAD_SCCP && running(vp).major < FIRST_XML_MAJOR)
		return strcmp(load, vp->flash.image) != 0;
	return strncmp(load, vp->flash.image, 4) != 0;
}

static enum vp_end read_os79xx(struct vp *vp, char ret_load[LOAD_NAME_MAX])
{
	struct vp_file file = { 0 };
	enum vp_end end = vp_tftp_get(vp, "OS79XX.TXT", NULL, &file);

	ret_load[0] = '\0';
	if (end != VP_OK)
		return end;
	if (vp_config_os79xx_load((const char *)file.bytes, ret_load) == 0 && !os79xx_decides(vp, ret_load))
		ret_load[0] = '\0';
	vp_file_fini(&file);
	return VP_OK;
}

typedef enum vp_end fetch_config(struct vp *vp, const char *name, char ret_load[LOAD_NAME_MAX]);

/* The phone's own file; where it is missing, the default one. */
static enum vp_end read_own_or_default(struct vp *vp, fetch_config *fetch, const char *own,
				       const char *fallback, char ret_load[LOAD_NAME_MAX])
{
	enum vp_end end = fetch(vp, own, ret_load);

	return end == VP_MISSING ? fetch(vp, fallback, ret_load) : end;
}

/*
 * Old SIP code: SIPDefault.cnf, then SIP<MAC>.cnf, the latter wins (F§5.3); they rule over OS79XX.TXT
 * (F§2.4).
 */
static enum vp_end read_sip(struct vp *vp, char ret_load[LOAD_NAME_MAX])
{
	char own[LOAD_NAME_MAX], load[LOAD_NAME_MAX];
	enum vp_end end = vp_fetch_cnf(vp, "SIPDefault.cnf", load);

	if (*load)
		memcpy(ret_load, load, LOAD_NAME_MAX);
	if (end != VP_OK && end != VP_MISSING)
		return end;
	end = vp_fetch_cnf(vp, vp_mac_file(vp, "SIP", ".cnf", own), load);
	if (*load)
		memcpy(ret_load, load, LOAD_NAME_MAX);
	return end;
}

static enum vp_end read_configuration(struct vp *vp, char ret_load[LOAD_NAME_MAX])
{
	char own[LOAD_NAME_MAX];
	bool is_7910 = vp->opt.model->digit == '4';
	enum vp_end end = VP_MISSING;

	ret_load[0] = '\0';
	if (!is_7910) /* a 7910 has no choice of protocols, which that file is for: inferred */
		end = read_os79xx(vp, ret_load);
	if (end != VP_OK && end != VP_MISSING)
		return end;
	if (running(vp).protocol == LOAD_SIP)
		return read_sip(vp, ret_load);
	if (*ret_load)
		return VP_OK;
	if (running(vp).major < FIRST_XML_MAJOR)
		return read_own_or_default(vp, vp_fetch_cnf, vp_mac_file(vp, "SEP", ".cnf", own),
					   "SEPDefault.cnf", ret_load);
	return read_own_or_default(vp, vp_fetch_xml, vp_mac_file(vp, "SEP", ".cnf.xml", own),
				   "XMLDefault.cnf.xml", ret_load);
}

/* Whether this code takes this image; the reason where it does not. */
static bool accepts(struct vp *vp, const struct vp_image *image, const char *file, const char *load,
		    const char **ret_why)
{
	bool wants_signed = running(vp).major >= FIRST_SIGNED_MAJOR;

	if (vp_fault_find(vp, VP_FAULT_REFUSE, load))
		*ret_why = "authentication";
	else if (wants_signed != image->is_signed)
		*ret_why = wants_signed ? "not signed" : "this code knows no signed images";
	else if (wants_signed && !vp_image_signed_as(image, file))
		*ret_why = "signed under another name";
	else
		return true;
	return false;
}

/*
 * What the phone is from now on is what the bytes say: a whole image, or a loader that has no application
 * yet.
 */
static void install(struct vp *vp, const struct vp_image *image)
{
	struct vp_flash *f = &vp->flash;

	if (!image->is_loader) {
		f->image_state = VP_PART_VALID;
		memcpy(f->image, image->load, sizeof f->image);
		return;
	}
	f->image_state = VP_PART_NONE;
	f->image[0] = '\0';
	f->loader_state = VP_PART_VALID;
	memcpy(f->loader, image->ident, sizeof f->loader);
	memcpy(f->loader_name, image->load, sizeof f->loader_name);
	f->app_state = VP_PART_NONE;
}

static enum vp_end judge_and_install(struct vp *vp, const struct vp_file *file, const char *name,
				     const char *load)
{
	struct vp_image image;
	const char *why = NULL;
	enum vp_end end;

	if (vp_image_read(file->bytes, file->n, &image, &why) != 0 ||
	    !accepts(vp, &image, name, load, &why)) {
		vp_say_refused(vp, name, why);
		return vp_reboot(vp, VP_POWER_ON,
				 VP_REFUSED_BOOT_MS); /* keeps what it has, asks again: A11 */
	}
	vp->flash.image_state = VP_PART_WRITING;
	end = vp_burn(vp, name, VP_PRE_FLASH_MS);
	if (end != VP_OK)
		return end;
	install(vp, &image);
	end = vp_commit(vp);
	return end == VP_OK ? vp_reboot(vp, VP_POWER_ON, VP_PRE_BOOT_MS) : end;
}

static enum vp_end fetch_image(struct vp *vp, const char *load)
{
	char name[LOAD_NAME_MAX + 8];
	struct vp_file file = { 0 };
	enum vp_end end;

	if (!vp_load_is_ours(vp, load)) {
		vp_display(vp, "Load ID incorrect");
		return VP_MISSING;
	}
	vp_display(vp, "Upgrading Software");
	snprintf(name, sizeof name, "%s%s", load, running(vp).major < FIRST_SIGNED_MAJOR ? ".bin" : ".sbn");
	end = vp_tftp_get(vp, name, NULL, &file);
	if (end == VP_MISSING)
		vp_display(vp, "File not found");
	if (end == VP_OK)
		end = judge_and_install(vp, &file, name, load);
	vp_file_fini(&file);
	return end;
}

enum vp_end vp_pre_run(struct vp *vp)
{
	char load[LOAD_NAME_MAX];

	vp_say(vp, "runs: %s (pre-universal)", vp->flash.image);
	for (;;) {
		enum vp_end end = read_configuration(vp, load);

		if (end <= VP_MISSING && *load && strcmp(load, vp->flash.image) != 0) {
			end = fetch_image(vp, load);
		} else if (end <= VP_MISSING) {
			vp_display(vp, "Opening");
			end = vp_settle(vp, "pre-universal", vp->flash.image);
			if (end == VP_OK && running(vp).protocol == LOAD_SCCP)
				end = vp_sccp_register(vp, vp->flash.image);
		}
		if (end >= VP_REBOOT)
			return end;
		if (end == VP_SILENT)
			end = vp_pause(vp, VP_SILENT_PAUSE_MS);
		else if (end == VP_REFUSED)
			end = vp_pause(vp, VP_SEP_LOOP_MS);
		else
			end = vp_pause_until_reread(vp, vp->flash.image);
		if (end != VP_OK)
			return end;
	}
}
