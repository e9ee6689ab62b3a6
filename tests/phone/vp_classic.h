/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The classic generation, 7940 and 7960 (and the 7910 as far as it is like them), in its personalities: pre-universal (below 6.x, vp_pre.c), universal
 * loader (vp_loader.c), SCCP and SIP application (vp_app.c). vp_classic.c boots the right one from what the
 * flash holds. Times are the phone's own, of the middle of what was measured (F§6); what is inferred says so.
 */
#ifndef VP_CLASSIC_H
#define VP_CLASSIC_H

#include "vp.h"
#include "vp_steps.h"

#define VP_LOADER_BOOT_MS   20000 /* .sbn request to the next .loads 25-37 s: transfer, flash, this */
#define VP_LOADER_FLASH_MS  8000
#define VP_LOADER_ASK_MS    1500  /* .loads to .sbn 1-2 s */
#define VP_APP_ERASE_MS     3000  /* .loads to .sb2 2-4 s */
#define VP_APP_FLASH_MS     15000
#define VP_APP_BOOT_MS      28000 /* .sb2 request to SIPDefault.cnf 45-69 s: transfer, flash, this */
#define VP_STEADY_BOOT_MS   23500 /* .loads to SIPDefault.cnf, nothing fetched: 23-24 s */
#define VP_SCCP_CONFIRM_MS  34000 /* an SCCP application reads again before it believes a new load (F§2.1) */
#define VP_SCCP_REBOOT_MS   15000 /* and then is in the loader */
#define VP_SIP_POLL_MS      31000 /* SIP<MAC>.cnf, unprovisioned */
#define VP_SEP_LOOP_MS      1000  /* a SEP file that cannot be read (F§7.1 A17) */
#define VP_SILENT_PAUSE_MS  55000 /* after two silent files of 60 s: about 171 s a cycle */
#define VP_HUNT_AGAIN_MS    30000 /* loader without application and without a load: inferred */
#define VP_PRE_FLASH_MS     20000 /* pre-universal, whole image: inferred */
#define VP_PRE_BOOT_MS      25000 /* inferred */
#define VP_REFUSED_BOOT_MS  20000 /* inferred */

/* One boot, from DHCP on. */
enum vp_end vp_classic_boot(struct vp *vp, enum vp_start start);

/* Each until its boot ends. */
enum vp_end vp_pre_run(struct vp *vp);
enum vp_end vp_loader_run(struct vp *vp);
enum vp_end vp_app_run(struct vp *vp);

/*
 * Fetch a file that may name a load. VP_OK: it is there (ret_load may be empty); VP_REFUSED: XML no phone can
 * read.
 */
enum vp_end vp_fetch_xml(struct vp *vp, const char *name, char ret_load[LOAD_NAME_MAX]);
enum vp_end vp_fetch_cnf(struct vp *vp, const char *name, char ret_load[LOAD_NAME_MAX]);

/*
 * P003, P0S3, P0M3, for a 7910 P004; also their misspellings with the letter O, which the phone asks for in vain
 * (F§8 row 7).
 */
bool vp_load_is_ours(const struct vp *vp, const char *load);

#endif
