/* SPDX-License-Identifier: MPL-2.0 */
/* The one place that knows both generations; they never mix. */
#include "vp_classic.h"
#include "vp_java.h"

enum vp_end vp_boot(struct vp *vp, enum vp_start start)
{
	return vp_model_is_java(vp->opt.model) ? vp_java_boot(vp) : vp_classic_boot(vp, start);
}
