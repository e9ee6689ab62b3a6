/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Booting a classic phone: the flash decides who runs, that decides option 60 (F§1.1, F§1.2), DHCP comes
 * first, then the personality. And the steps the personalities share.
 */
#include "vp_classic.h"

#include "vp_config.h"
#include "vp_tftp.h"

#define BARE_CLASS "Cisco Systems, Inc. IP Phone"

bool vp_load_is_ours(const struct vp *vp, const char *load)
{
	return strlen(load) > 4 && load[0] == 'P' && (load[1] == '0' || load[1] == 'O') &&
	       load[3] == vp->opt.model->digit;
}

enum vp_end vp_fetch_xml(struct vp *vp, const char *name, char ret_load[LOAD_NAME_MAX])
{
	struct vp_file file = { 0 };
	enum vp_end end = vp_tftp_get(vp, name, NULL, &file);

	ret_load[0] = '\0';
	if (end != VP_OK)
		return end;
	if (vp_config_xml_load((const char *)file.bytes, vp->opt.model->number, ret_load) < 0) {
		vp_say(vp, "config: %s cannot be read", name);
		end = VP_REFUSED;
	} else if (!vp_counts_as_config(vp, name, (const char *)file.bytes)) {
		ret_load[0] = '\0';
	}
	vp_config_xml_node((const char *)file.bytes, vp->node);
	vp_file_fini(&file);
	return end;
}

enum vp_end vp_fetch_cnf(struct vp *vp, const char *name, char ret_load[LOAD_NAME_MAX])
{
	struct vp_file file = { 0 };
	enum vp_end end = vp_tftp_get(vp, name, NULL, &file);

	ret_load[0] = '\0';
	if (end == VP_OK)
		(void)vp_config_cnf_load((const char *)file.bytes, ret_load);
	vp_file_fini(&file);
	return end;
}

/* A component that was being written when power went (F§7.1 A5): nothing runs that could ask for anything. */
static enum vp_end stay_dark(struct vp *vp)
{
	vp_say(vp, "runs: nothing");
	vp_display(vp, "(dark)");
	return vp->opt.once ? VP_DONE : vp_pause_for_ever(vp);
}

static bool starts_in_loader(const struct vp *vp, enum vp_start start)
{
	const struct vp_flash *f = &vp->flash;

	if (f->app_state != VP_PART_VALID || start == VP_INTO_LOADER)
		return true;
	/*
	 * A SIP phone hunts on every boot (F§2.2, TEO); an SCCP one starts its application (inferred, F§7.1
	 * A8).
	 */
	return start == VP_POWER_ON && strcmp(f->app_ident, IDENT_SIP) == 0;
}

enum vp_end vp_classic_boot(struct vp *vp, enum vp_start start)
{
	const struct vp_flash *f = &vp->flash;
	bool pre = f->image_state != VP_PART_NONE;
	char option60[64] = BARE_CLASS;
	enum vp_end end;

	vp_flash_print(vp);
	vp_trace_boot(vp);
	vp->settled = false;
	vp->node[0] = '\0';
	vp->next_port = 0;
	if ((pre ? f->image_state : f->loader_state) != VP_PART_VALID)
		return stay_dark(vp);
	vp->in_loader = !pre && starts_in_loader(vp, start);
	/* In the loader the class is not documented; the model form is implied (F§1.2). */
	if (!pre)
		snprintf(option60, sizeof option60, BARE_CLASS " CP-%s", vp->opt.model->cp);
	end = vp_pause(vp, vp->next_boot_ms);
	if (end == VP_OK)
		end = vp_dhcp_acquire(vp, option60);
	if (end == VP_OK)
		end = pre ? vp_pre_run(vp) : vp->in_loader ? vp_loader_run(vp) : vp_app_run(vp);
	vp_dhcp_drop(vp);
	return end;
}
