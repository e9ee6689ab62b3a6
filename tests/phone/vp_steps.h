/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The steps both generations share: names with the MAC in them, files that are thrown away, the flash being
 * written, the end of a boot, the pause before the configuration is read again.
 */
#ifndef VP_STEPS_H
#define VP_STEPS_H

#include "vp.h"

#define VP_POWER_ON_MS 5000 /* power to the first DHCP packet: inferred */

/* One boot, as the phone's generation does it. */
enum vp_end vp_boot(struct vp *vp, enum vp_start start);

/* Fetched and thrown away: CTLSEP, ring lists, fonts. Missing and silent are VP_OK. */
enum vp_end vp_fetch_other(struct vp *vp, const char *name);

/* "SEP" + MAC + ".cnf.xml" and the like. */
const char *vp_mac_file(const struct vp *vp, const char *before, const char *after, char ret[LOAD_NAME_MAX]);

/*
 * Whether this phone heeds that file at all (--ignores-xmldefault); where not, it says so, and the file was read
 * for nothing.
 */
bool vp_counts_as_config(struct vp *vp, const char *name, const char *text);

/* Display and event line of an image this phone does not take. */
void vp_say_refused(struct vp *vp, const char *file, const char *why);

/*
 * The fault "cut:FILE:flash" strikes, or the time passes; the caller has marked the component as being
 * written.
 */
enum vp_end vp_burn(struct vp *vp, const char *file, int64_t phone_ms);

/* Saves the flash; VP_OK or VP_BROKEN. */
enum vp_end vp_commit(struct vp *vp);

/* Ends this boot; the next one starts there after that time. */
enum vp_end vp_reboot(struct vp *vp, enum vp_start start, int64_t boot_ms);

/*
 * Between two readings of the configuration: --repoll, or never again (--silent, silent-after). Both
 * inferred.
 */
enum vp_end vp_pause_until_reread(struct vp *vp, const char *load);

#endif
