/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The client of java code from about 9.3 on: the same files by HTTP from port 6970 of the TFTP server, before it
 * falls back to TFTP (F§2.5). A request a connection.
 */
#ifndef VP_HTTP_H
#define VP_HTTP_H

#include "vp.h"
#include "vp_tftp.h"

/* Does anybody accept there? */
enum vp_http vp_http_probe(struct vp *vp);

/* As vp_tftp_get(). */
enum vp_end vp_http_get(struct vp *vp, const char *name, struct vp_file *ret_file);

#endif
