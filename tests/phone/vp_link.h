/* SPDX-License-Identifier: MPL-2.0 */
/* --loss and --duplicate: a link that loses and doubles packets, the same ones for the same seed. */
#ifndef VP_LINK_H
#define VP_LINK_H

struct vp;

/* How often the next packet passes: 0 lost, 1, 2 doubled. */
int vp_link_copies(struct vp *vp);

#endif
