/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The java generation: an application that reads its configuration and fetches new loads itself (vp_java.c,
 * vp_java_config.c, vp_java_load.c), and boot code that knows nothing but termNN.default.loads (vp_java_boot.c).
 * What a load must be like to be taken: vp_java_rules.c. Times are the phone's own (F§2.5, F§6).
 *
 * Inferred: that members are kept beside the running application until all are here and found good, and only then
 * replace it. F§7.2 B2 to B4 say that flash and verification follow the download, and that a rejected phone goes
 * on asking; nothing is known of a power cut in between. One while the flash is written leaves boot code alone
 * (F§8 row 50: "maybe term recovery").
 */
#ifndef VP_JAVA_H
#define VP_JAVA_H

#include "vp.h"
#include "vp_image.h"
#include "vp_steps.h"
#include "vp_tftp.h"

#define VP_JAVA_FLASH_MS        90000  /* last member to the next configuration 1-4 min (F§7.2 B3): this */
#define VP_JAVA_BOOT_MS         40000  /* and this: inferred */
#define VP_JAVA_REFUSED_BOOT_MS 60000  /* inferred */
#define VP_JAVA_ASK_MS          1500   /* manifest to first member 2 s (F§2.5) */
#define VP_JAVA_TERM_AGAIN_MS   1000   /* termNN.default.loads twice, 1 s apart … */
#define VP_JAVA_TERM_LOOP_MS    120000 /* … every 90-150 s (F§6) */
#define VP_JAVA_HTTP_PORT       6970   /* F§2.5 */

#define VP_JAVA_LIST_MAX 8

struct vp_java_list {
	char member[VP_JAVA_LIST_MAX][LOAD_NAME_MAX]; /* in the manifest's order */
	size_t n;
	unsigned hardware_comp; /* 0: the manifest says nothing */
};

/* One boot, from DHCP on. */
enum vp_end vp_java_boot(struct vp *vp);

/* Until its boot ends. */
enum vp_end vp_java_boot_code_run(struct vp *vp);

/*
 * Any file, by HTTP or TFTP as this code does it. VP_OK, VP_MISSING, or the end of this boot; a server that says
 * nothing ends it, too: the address goes back and all begins anew (F§7.2 B13).
 */
enum vp_end vp_java_get(struct vp *vp, const char *name, struct vp_file *ret_file);

/*
 * The configuration: VP_OK with the load it names or none; VP_MISSING: there is none; VP_REFUSED: it cannot be
 * read or is not trusted.
 */
enum vp_end vp_java_read_config(struct vp *vp, char ret_load[LOAD_NAME_MAX], bool *ret_own);

/* Display "File not found" and all. VP_OK, VP_MISSING, VP_REFUSED, or the end of this boot. */
enum vp_end vp_java_get_list(struct vp *vp, const char *name, const char *code, struct vp_java_list *ret_list);

/* One component, found good: ret_image. Results as above. */
enum vp_end vp_java_get_member(struct vp *vp, const char *name, struct vp_image *ret_image);

/* How long a member of that name takes to be written. */
int64_t vp_java_write_ms(const char *name);

/*
 * From an application to that load. VP_OK: the flash holds all of it already; VP_REBOOT: it is in or was rejected;
 * VP_MISSING, VP_REFUSED: not to be had.
 */
enum vp_end vp_java_upgrade(struct vp *vp, const char *load);

/* ---- vp_java_rules.c */

/* Body of a manifest (F§3.5); 0, or -1 where there is no member in it, or none that could be one. */
int vp_java_list_read(const char *body, struct vp_java_list *ret_list);

/* Whether this is a load, or a termNN.default, of this model's family. */
bool vp_java_load_is_ours(const struct vp *vp, const char *load);

/* Why code of that version (8-3-1S) on this board does not take such a list; NULL: it does. */
const char *vp_java_objection(const struct vp *vp, const char *code, const struct vp_java_list *list);

#endif
