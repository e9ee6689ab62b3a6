/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What survives a power cut: a small text file, replaced atomically at the moments at which a real phone's
 * flash changes. A component that is being written is marked so first; if power goes then, that is what is
 * found at the next boot. Three shapes: one image (below 6.x), a universal loader and an application (F§4.1), or
 * the components of a java phone beside its boot code (F§2.5).
 */
#ifndef VP_FLASH_H
#define VP_FLASH_H

#include "java_names.h"
#include "vp_model.h"

struct vp;

enum vp_part {
	VP_PART_NONE,
	VP_PART_VALID,
	VP_PART_WRITING, /* power went while it was written */
	VP_PART_STALE    /* an application under another loader than its own (inferred; see vp_loader.c) */
};

/* Places of the components, whatever their order in a manifest. */
enum vp_slot { VP_SLOT_JAR, VP_SLOT_CNU, VP_SLOT_APPS, VP_SLOT_DSP, VP_SLOT_CVM, VP_SLOT_N };

struct vp_java_flash {
	enum vp_part state;              /* all components together; none after a factory reset */
	char load[LOAD_NAME_MAX];
	char boot_code[LOAD_NAME_MAX];   /* version, "8-3-1S": stays whatever is loaded (inferred) */
	char trust[LOAD_NAME_MAX];       /* whose trust list; "" = none */
	char part[VP_SLOT_N][LOAD_NAME_MAX]; /* file names; "" = erased */
};

struct vp_flash {
	bool is_java;
	struct vp_java_flash java;
	enum vp_part image_state; /* pre-universal: the one image */
	char image[LOAD_NAME_MAX];
	enum vp_part loader_state;
	char loader[LOAD_NAME_MAX];       /* identity, F§3.4: PAS30830 */
	char loader_name[LOAD_NAME_MAX];  /* P003-8-12-00 */
	enum vp_part app_state;
	char app[LOAD_NAME_MAX];
	char app_ident[LOAD_NAME_MAX];    /* PAS3ARM1 SIP, PA03Z031 SCCP */
	unsigned refused;                 /* images refused in a row (F§7.1 A10) */
};

/* 0 read; 1 there is no such file; -1 unreadable, said on stderr. */
int vp_flash_load(struct vp_flash *ret_flash, const char *path);

/* As a phone that was given this load; 0, or -1 where the name is no load of this model. */
int vp_flash_init(struct vp_flash *ret_flash, const struct vp_model *model, const char *load);

/* The place of a component, by its file name, or -1: jar41sccp.8-3-0-50.sbn, CVM41.2-0-2-26.sbn. */
int vp_flash_slot(const char *file);

/* Atomic: beside, fsync, rename. 0 or -1, said on stderr. */
int vp_flash_save(const struct vp_flash *flash, const char *path);

/* One "flash:" line. */
void vp_flash_print(const struct vp *vp);

#endif
