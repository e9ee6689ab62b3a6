/* SPDX-License-Identifier: MPL-2.0 */
/*
 * From manifest to new flash, by the application: only what differs from the flash is fetched, by file name, in
 * the manifest's order, with a pause behind each (F§2.5, F§7.2 B2 and B6); then flash, verification, reboot.
 */
#include "vp_java.h"

#include <strings.h>

int64_t vp_java_write_ms(const char *name)
{
	/* F§2.5: from the end of each transfer to the next question, 7961 with 9.4(2); by enum vp_slot */
	static const int64_t ms[VP_SLOT_N] = { 5000, 3000, 8000, 3000, 4000 };
	int slot = vp_flash_slot(name);

	return slot < 0 ? 0 : ms[slot];
}

/*
 * Under a capital Jar the file was signed in lower case (F§3.5), and Windows' servers made no difference: the phone
 * does not either (inferred).
 */
static bool signed_as(const struct vp_image *image, const char *name)
{
	return image->is_signed && strcasecmp(image->name_tag, name) == 0;
}

enum vp_end vp_java_get_list(struct vp *vp, const char *name, const char *code, struct vp_java_list *ret_list)
{
	struct vp_file file = { 0 };
	struct vp_image header;
	const char *why = "not signed under this name";
	enum vp_end end = vp_java_get(vp, name, &file);

	if (end == VP_MISSING)
		vp_display(vp, "File not found");
	if (end != VP_OK)
		return end;
	end = VP_REFUSED;
	if (vp_image_read_header(file.bytes, file.n, &header, &why) == 0 &&
	    vp_image_signed_as(&header, name)) {
		why = "no list of components";
		if (vp_java_list_read((const char *)file.bytes + header.body_at, ret_list) == 0)
			why = vp_java_objection(vp, code, ret_list);
		end = why ? VP_REFUSED : VP_OK;
	}
	if (end == VP_REFUSED) {
		vp_say(vp, "refused: %s: %s", name, why);
		vp_display(vp, strncmp(why, "Load", 4) == 0 ? why : "Load Authentication Failed");
	}
	vp_file_fini(&file);
	return end;
}

enum vp_end vp_java_get_member(struct vp *vp, const char *name, struct vp_image *ret_image)
{
	struct vp_file file = { 0 };
	const char *why = "not signed under this name";
	enum vp_end end = vp_java_get(vp, name, &file);

	if (end == VP_MISSING)
		vp_display(vp, "File not found");
	if (end == VP_OK && (vp_image_read_component(file.bytes, file.n, ret_image, &why) != 0 ||
			     !signed_as(ret_image, name))) {
		vp_say_refused(vp, name, why);
		end = VP_REFUSED;
	}
	vp_file_fini(&file);
	return end;
}

/* All components that the flash has not; *ret_n: how many came. */
static enum vp_end get_members(struct vp *vp, const struct vp_java_list *list, size_t *ret_n)
{
	enum vp_end end = VP_OK;

	for (size_t i = 0; i < list->n; i++) {
		const char *name = list->member[i];
		struct vp_image image;

		if (strcasecmp(vp->flash.java.part[vp_flash_slot(name)], name) == 0)
			continue;
		vp_display(vp, "Upgrading");
		if (!(*ret_n)++)
			end = vp_pause(vp, VP_JAVA_ASK_MS);
		if (end == VP_OK)
			end = vp_java_get_member(vp, name, &image);
		if (end == VP_OK)
			end = vp_burn(vp, name, vp_java_write_ms(name));
		if (end != VP_OK)
			return end;
	}
	return VP_OK;
}

/* A load that has fewer parts than the running one leaves the others where they are (inferred). */
static enum vp_end activate(struct vp *vp, const char *load, const struct vp_java_list *list, bool changed)
{
	struct vp_java_flash *f = &vp->flash.java;
	char name[LOAD_NAME_MAX + 8];
	enum vp_end end = VP_OK;

	if (changed) {
		snprintf(name, sizeof name, "%s.loads", load);
		f->state = VP_PART_WRITING;
		end = vp_burn(vp, name, VP_JAVA_FLASH_MS);
		if (end != VP_OK)
			return end;
	}
	for (size_t i = 0; i < list->n; i++)
		memcpy(f->part[vp_flash_slot(list->member[i])], list->member[i], sizeof list->member[i]);
	f->state = VP_PART_VALID;
	snprintf(f->load, sizeof f->load, "%s", load);
	end = vp_commit(vp);
	if (end != VP_OK || !changed)
		return end; /* F§7.2 B5, nothing to fetch: goes on as it is, under the new name (inferred) */
	return vp_reboot(vp, VP_POWER_ON, VP_JAVA_BOOT_MS);
}

enum vp_end vp_java_upgrade(struct vp *vp, const char *load)
{
	struct java_load running = { .version_text = "" };
	char name[LOAD_NAME_MAX + 8];
	struct vp_java_list list;
	size_t n = 0;
	enum vp_end end;

	if (!vp_java_load_is_ours(vp, load)) {
		vp_display(vp, "Load ID incorrect");
		return VP_REFUSED;
	}
	(void)java_load_parse(vp->flash.java.load, &running);
	snprintf(name, sizeof name, "%s.loads", load);
	end = vp_java_get_list(vp, name, running.version_text, &list);
	if (end == VP_OK)
		end = get_members(vp, &list, &n);
	if (end != VP_OK)
		return end;
	if (vp_fault_find(vp, VP_FAULT_REFUSE, load)) { /* F§7.2 B4 */
		end = vp_pause(vp, VP_JAVA_FLASH_MS);
		if (end != VP_OK)
			return end;
		vp_say_refused(vp, name, "authentication");
		return vp_reboot(vp, VP_POWER_ON, VP_JAVA_REFUSED_BOOT_MS);
	}
	return activate(vp, load, &list, n > 0);
}
