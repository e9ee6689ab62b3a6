/* SPDX-License-Identifier: MPL-2.0 */
/* The steps both generations share; see vp_steps.h. */
#include "vp_steps.h"

#include "vp_config.h"
#include "vp_tftp.h"

const char *vp_mac_file(const struct vp *vp, const char *before, const char *after, char ret[LOAD_NAME_MAX])
{
	snprintf(ret, LOAD_NAME_MAX, "%s%s%s", before, vp->mac_text, after);
	return ret;
}

enum vp_end vp_fetch_other(struct vp *vp, const char *name)
{
	struct vp_file file = { 0 };
	enum vp_end end = vp_tftp_get(vp, name, NULL, &file);

	vp_file_fini(&file);
	return end >= VP_REBOOT ? end : VP_OK;
}

bool vp_counts_as_config(struct vp *vp, const char *name, const char *text)
{
	bool own = strncmp(name, "SEP", 3) == 0;
	bool counts = own && (vp->opt.xmldefault == VP_XMLDEFAULT_IGNORED || vp_config_is_default(text));

	if (vp->opt.xmldefault == VP_XMLDEFAULT_READ || counts)
		return true;
	vp_say(vp, "config: %s read and not heeded", name);
	return false;
}

void vp_say_refused(struct vp *vp, const char *file, const char *why)
{
	vp_say(vp, "refused: %s: %s", file, why);
	vp_display(vp, "Load Authentication Failed");
}

enum vp_end vp_commit(struct vp *vp)
{
	if (!vp->opt.flash_path)
		return VP_OK;
	return vp_flash_save(&vp->flash, vp->opt.flash_path) == 0 ? VP_OK : VP_BROKEN;
}

enum vp_end vp_burn(struct vp *vp, const char *file, int64_t phone_ms)
{
	struct vp_fault *cut = vp_fault_find(vp, VP_FAULT_CUT, file);
	enum vp_end end = vp_commit(vp);

	if (end != VP_OK)
		return end;
	vp_display(vp, "Writing flash");
	if (!cut || cut->at_byte != VP_CUT_IN_FLASH)
		return vp_pause(vp, phone_ms);
	end = vp_pause(vp, phone_ms / 2);
	if (end != VP_OK)
		return end;
	cut->spent = true;
	vp_say(vp, "power: cut while %s is written to flash", file);
	return VP_CUT;
}

enum vp_end vp_reboot(struct vp *vp, enum vp_start start, int64_t boot_ms)
{
	vp->next_start = start;
	vp->next_boot_ms = boot_ms;
	return VP_REBOOT;
}

enum vp_end vp_pause_until_reread(struct vp *vp, const char *load)
{
	if (vp->opt.once)
		return VP_DONE;
	if (vp->opt.silent || vp_fault_find(vp, VP_FAULT_SILENT_AFTER, load))
		return vp_pause_for_ever(vp);
	return vp_pause(vp, vp->opt.repoll_ms);
}
