/* SPDX-License-Identifier: MPL-2.0 */
/*
 * TFTP as the phones speak it, seen with classic ones and inferred for the others: read requests in octet mode without any option, so blocks of 512
 * bytes, from a source port that rises by one for each file (F§2); RFC 1350 otherwise.
 */
#ifndef VP_TFTP_H
#define VP_TFTP_H

#include <stddef.h>
#include <stdint.h>

#include "vp_end.h"

struct vp;

struct vp_file {
	uint8_t *bytes; /* one NUL more than n, for the readers of text */
	size_t n;
};

/* Called when the first block is there; what a phone does to its flash before the rest arrives. */
typedef void vp_first_block(struct vp *vp, const struct vp_file *first);

/*
 * VP_OK, VP_MISSING (any ERROR packet), VP_SILENT, or the end of this boot. The file is the caller's on VP_OK
 * only; vp_file_fini() takes an empty one too. first may be NULL.
 */
enum vp_end vp_tftp_get(struct vp *vp, const char *name, vp_first_block *first, struct vp_file *ret_file);

void vp_file_fini(struct vp_file *file);

#endif
