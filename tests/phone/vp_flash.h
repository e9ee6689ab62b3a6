/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What survives a power cut: a small text file, replaced atomically at the moments at which a real phone's
 * flash changes. A component that is being written is marked so first; if power goes then, that is what is
 * found at the next boot. Two shapes: one image (below 6.x), or a universal loader and an application
 * (F§4.1).
 */
#ifndef VP_FLASH_H
#define VP_FLASH_H

#include "load_names.h"

struct vp;

enum vp_part {
	VP_PART_NONE,
	VP_PART_VALID,
	VP_PART_WRITING, /* power went while it was written */
	VP_PART_STALE    /* an application under another loader than its own (inferred; see vp_loader.c) */
};

struct vp_flash {
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

/* As a phone that was given this load; 0, or -1 where the name is no classic load. */
int vp_flash_init(struct vp_flash *ret_flash, const char *load);

/* Atomic: beside, fsync, rename. 0 or -1, said on stderr. */
int vp_flash_save(const struct vp_flash *flash, const char *path);

/* One "flash:" line. */
void vp_flash_print(const struct vp *vp);

#endif
