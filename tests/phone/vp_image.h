/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Firmware files as a phone judges them: the signed header (F§3.3), then a body that says what it is
 * (F§3.4). What a phone runs afterwards is read here, from the bytes, never from the name it asked for.
 */
#ifndef VP_IMAGE_H
#define VP_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load_names.h"

struct vp_image {
	bool is_signed;
	char name_tag[LOAD_NAME_MAX]; /* tag 0x0E, empty where unsigned */
	size_t body_at;
	char load[LOAD_NAME_MAX];     /* body offset 0x20 */
	char ident[LOAD_NAME_MAX];    /* body offset 0x120 */
	bool is_loader;               /* by ident: none of the applications */
};

/*
 * 0, or -1 with the reason: not signed right, truncated, damaged. bytes may be the first block only: see
 * below.
 */
int vp_image_read(const uint8_t *p, size_t n, struct vp_image *ret_image, const char **ret_why);

/*
 * Header alone; where the whole file is not there yet. An unsigned file has none and passes with body_at 0.
 */
int vp_image_read_header(const uint8_t *p, size_t n, struct vp_image *ret_image, const char **ret_why);

/*
 * A java phone's component. Nothing is known of their bodies; mkload writes the load's name into the cvm's, as
 * the real code must know it, and there it is read to load; elsewhere, load is of no use.
 */
int vp_image_read_component(const uint8_t *p, size_t n, struct vp_image *ret_image, const char **ret_why);

/* Is it signed in this name? */
bool vp_image_signed_as(const struct vp_image *image, const char *file_name);

#endif
