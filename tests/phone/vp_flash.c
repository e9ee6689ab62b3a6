/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The flash file: "key value" lines from one table, of the phone's generation. Unknown keys are an error, so that a file of another
 * version is not half understood. Nothing here knows when the flash changes; that is the personalities'
 * business.
 */
#include "vp_flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "vp.h"

static const char *const part_names[] = { "none", "valid", "writing", "stale" };

struct key {
	const char *name;
	size_t at;
	enum { TEXT, PART, NUMBER } type;
	bool is_java;
};

#define JAVA(name, field, type)                                         \
	{                                                               \
		name, offsetof(struct vp_flash, java.field), type, true \
	}

static const struct key keys[] = {
	{ "image", offsetof(struct vp_flash, image), TEXT, false },
	{ "image-state", offsetof(struct vp_flash, image_state), PART, false },
	{ "loader", offsetof(struct vp_flash, loader), TEXT, false },
	{ "loader-name", offsetof(struct vp_flash, loader_name), TEXT, false },
	{ "loader-state", offsetof(struct vp_flash, loader_state), PART, false },
	{ "application", offsetof(struct vp_flash, app), TEXT, false },
	{ "application-identity", offsetof(struct vp_flash, app_ident), TEXT, false },
	{ "application-state", offsetof(struct vp_flash, app_state), PART, false },
	{ "refused", offsetof(struct vp_flash, refused), NUMBER, false },
	JAVA("load", load, TEXT),
	JAVA("load-state", state, PART),
	JAVA("boot-code", boot_code, TEXT),
	JAVA("trust", trust, TEXT),
	JAVA("jar", part[VP_SLOT_JAR], TEXT),
	JAVA("cnu", part[VP_SLOT_CNU], TEXT),
	JAVA("apps", part[VP_SLOT_APPS], TEXT),
	JAVA("dsp", part[VP_SLOT_DSP], TEXT),
	JAVA("cvm", part[VP_SLOT_CVM], TEXT),
};

#define KEY_N (sizeof keys / sizeof keys[0])

static int set_key(struct vp_flash *flash, const char *name, const char *value)
{
	for (size_t i = 0; i < KEY_N; i++) {
		void *field = (char *)flash + keys[i].at;

		if (strcmp(name, keys[i].name) != 0)
			continue;
		flash->is_java |= keys[i].is_java;
		if (keys[i].type == TEXT) {
			snprintf(field, LOAD_NAME_MAX, "%.63s", strcmp(value, "-") == 0 ? "" : value);
			return 0;
		}
		if (keys[i].type == NUMBER) {
			*(unsigned *)field = (unsigned)strtoul(value, NULL, 10);
			return 0;
		}
		for (unsigned p = 0; p < sizeof part_names / sizeof part_names[0]; p++)
			if (strcmp(value, part_names[p]) == 0) {
				*(enum vp_part *)field = (enum vp_part)p;
				return 0;
			}
	}
	return -1;
}

int vp_flash_load(struct vp_flash *ret_flash, const char *path)
{
	struct vp_flash flash = { 0 };
	char line[256], name[64], value[128];
	FILE *f = fopen(path, "r");
	int bad = 0;

	if (!f)
		return errno == ENOENT ? 1 : (perror(path), -1);
	while (!bad && fgets(line, sizeof line, f))
		if (line[0] != '#')
			bad = sscanf(line, "%63s %127s", name, value) != 2 || set_key(&flash, name, value);
	fclose(f);
	if (bad) {
		fprintf(stderr, "%s: not a flash file: %s", path, line);
		return -1;
	}
	*ret_flash = flash;
	return 0;
}

int vp_flash_slot(const char *file)
{
	static const char *const heads[VP_SLOT_N] = { "jar", "cnu", "apps", "dsp", "cvm" };

	for (int slot = 0; slot < VP_SLOT_N; slot++) {
		size_t n = strlen(heads[slot]);

		if (strncasecmp(file, heads[slot], n) == 0 && isdigit((unsigned char)file[n]))
			return slot;
	}
	return -1;
}

static int init_java(struct vp_flash *ret_flash, const struct vp_model *model, const char *name)
{
	struct vp_flash flash = { .is_java = true, .java.state = VP_PART_VALID };
	struct java_load load;
	char member[LOAD_NAME_MAX];

	if (!java_load_parse(name, &load) || strcmp(load.family->digits, model->family) != 0)
		return -1;
	snprintf(flash.java.load, sizeof flash.java.load, "%s", name);
	snprintf(flash.java.boot_code, sizeof flash.java.boot_code, "%s", load.version_text);
	for (size_t i = 0; java_member(name, i, NULL, member); i++)
		memcpy(flash.java.part[vp_flash_slot(member)], member, sizeof member);
	*ret_flash = flash;
	return 0;
}

int vp_flash_init(struct vp_flash *ret_flash, const struct vp_model *model, const char *load)
{
	struct vp_flash flash = { 0 };
	struct load_version v = load_version_parse(load);

	if (vp_model_is_java(model))
		return init_java(ret_flash, model, load);
	if (v.protocol == LOAD_OTHER || load[3] != model->digit || strlen(load) >= LOAD_NAME_MAX)
		return -1;
	if (!load_is_two_part(load)) {
		flash.image_state = VP_PART_VALID;
		snprintf(flash.image, sizeof flash.image, "%s", load);
	} else {
		flash.loader_state = flash.app_state = VP_PART_VALID;
		load_loader_name(load, flash.loader_name);
		load_loader_identity(load, flash.loader);
		snprintf(flash.app, sizeof flash.app, "%s", load);
		snprintf(flash.app_ident, sizeof flash.app_ident, "%s",
			 v.protocol == LOAD_SIP ? IDENT_SIP : IDENT_SCCP);
	}
	*ret_flash = flash;
	return 0;
}

static void write_keys(const struct vp_flash *flash, FILE *f)
{
	fputs("# flash of a virtual phone\n", f);
	for (size_t i = 0; i < KEY_N; i++) {
		const void *field = (const char *)flash + keys[i].at;

		if (keys[i].is_java != flash->is_java)
			continue;
		if (keys[i].type == TEXT)
			fprintf(f, "%s %s\n", keys[i].name, *(const char *)field ? (const char *)field : "-");
		else if (keys[i].type == PART)
			fprintf(f, "%s %s\n", keys[i].name, part_names[*(const enum vp_part *)field]);
		else
			fprintf(f, "%s %u\n", keys[i].name, *(const unsigned *)field);
	}
}

int vp_flash_save(const struct vp_flash *flash, const char *path)
{
	char tmp[4096];
	FILE *f;
	int bad;

	snprintf(tmp, sizeof tmp, "%s.new", path);
	f = fopen(tmp, "w");
	if (!f) {
		perror(tmp);
		return -1;
	}
	write_keys(flash, f);
	bad = fflush(f) != 0 || fsync(fileno(f)) != 0;
	bad |= fclose(f) != 0;
	if (bad || rename(tmp, path) != 0) {
		perror(path);
		return -1;
	}
	return 0;
}

void vp_flash_print(const struct vp *vp)
{
	const struct vp_flash *f = &vp->flash;

	if (f->is_java)
		vp_say(vp, "flash: load %s %s", *f->java.load ? f->java.load : "-",
		       part_names[f->java.state]);
	else if (f->image_state != VP_PART_NONE)
		vp_say(vp, "flash: image %s %s", f->image, part_names[f->image_state]);
	else
		vp_say(vp, "flash: loader %s %s, application %s %s", f->loader, part_names[f->loader_state],
		       *f->app ? f->app : "-", part_names[f->app_state]);
}
