/* SPDX-License-Identifier: MPL-2.0 */
/* One draw a packet, in the order in which they pass. */
#include "vp_link.h"

#include "vp.h"

int vp_link_copies(struct vp *vp)
{
	uint32_t *x = &vp->link_state;
	unsigned draw;

	if (!vp->opt.loss && !vp->opt.duplicate)
		return 1;
	if (!*x)
		*x = vp->opt.seed * 2654435761u | 1;
	*x ^= *x << 13; /* xorshift, as in mkload */
	*x ^= *x >> 17;
	*x ^= *x << 5;
	draw = *x % 100;
	if (draw < vp->opt.loss)
		return 0;
	return draw < vp->opt.loss + vp->opt.duplicate ? 2 : 1;
}
