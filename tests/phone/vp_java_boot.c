/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Boot code without an application, after a factory reset or a flash that was cut: termNN.default.loads, its
 * members in order, reboot (F§2.5). Refused or missing it is asked for twice, 1 s apart, every two minutes, and
 * nothing else (F§6, F§7.2 B8 and B10). Components are written as they come, so that after a power cut only the
 * missing ones are fetched: inferred, like all that a missing or bad member leads to.
 */
#include "vp_java.h"

#include <strings.h>

#define FIRST_LOWER_CASE_MAJOR \
	8 /* older boot code asks for TERMnn.DEFAULT.loads (F§2.5); the border is inferred */

static const char *term_file(const struct vp *vp, char ret[LOAD_NAME_MAX])
{
	bool old = java_version_parse(vp->flash.java.boot_code).major < FIRST_LOWER_CASE_MAJOR;

	snprintf(ret, LOAD_NAME_MAX, old ? "TERM%s.DEFAULT.loads" : "term%s.default.loads",
		 vp->opt.model->term);
	return ret;
}

static enum vp_end get_default_list(struct vp *vp, struct vp_java_list *ret_list)
{
	char name[LOAD_NAME_MAX];
	enum vp_end end = vp_java_get_list(vp, term_file(vp, name), vp->flash.java.boot_code, ret_list);

	if (end != VP_MISSING && end != VP_REFUSED)
		return end;
	end = vp_pause(vp, VP_JAVA_TERM_AGAIN_MS);
	return end == VP_OK ? vp_java_get_list(vp, name, vp->flash.java.boot_code, ret_list) : end;
}

/* One member into its place. Which load it makes is written in the cvm, where anything is. */
static enum vp_end install_member(struct vp *vp, const char *name)
{
	struct vp_java_flash *f = &vp->flash.java;
	char *part = f->part[vp_flash_slot(name)];
	struct java_load load;
	struct vp_image image;
	enum vp_end end = vp_java_get_member(vp, name, &image);

	if (end != VP_OK)
		return end;
	part[0] = '\0';
	end = vp_burn(vp, name, vp_java_write_ms(name));
	if (end != VP_OK)
		return end;
	snprintf(part, LOAD_NAME_MAX, "%s", name);
	if (vp_flash_slot(name) == VP_SLOT_CVM && java_load_parse(image.load, &load))
		memcpy(f->load, image.load, sizeof f->load);
	return vp_commit(vp);
}

static enum vp_end install(struct vp *vp, const struct vp_java_list *list)
{
	enum vp_end end = vp_pause(vp, VP_JAVA_ASK_MS);

	for (size_t i = 0; i < list->n && end == VP_OK; i++)
		if (strcasecmp(vp->flash.java.part[vp_flash_slot(list->member[i])], list->member[i]) != 0)
			end = install_member(vp, list->member[i]);
	if (end != VP_OK)
		return end;
	vp->flash.java.state = VP_PART_VALID;
	end = vp_commit(vp);
	return end == VP_OK ? vp_reboot(vp, VP_POWER_ON, VP_JAVA_BOOT_MS) : end;
}

enum vp_end vp_java_boot_code_run(struct vp *vp)
{
	struct vp_java_list list;

	vp_say(vp, "runs: boot code %s", vp->flash.java.boot_code);
	for (;;) {
		enum vp_end end;

		vp_display(vp, "Upgrading");
		end = get_default_list(vp, &list);
		if (end == VP_OK)
			end = install(vp, &list);
		if (end < VP_REBOOT)
			end = vp_settle(vp, "boot-code", "");
		if (end == VP_OK)
			end = vp_pause(vp, VP_JAVA_TERM_LOOP_MS);
		if (end != VP_OK)
			return end;
	}
}
