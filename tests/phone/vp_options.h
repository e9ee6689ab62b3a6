/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a phone is and how it differs from the usual one, as options that vphone and vfleet have in common; a
 * row each in vp_options.c. What belongs to one process with one phone is vphone_main.c's.
 */
#ifndef VP_OPTIONS_H
#define VP_OPTIONS_H

#include <getopt.h>
#include <stddef.h>

struct vp_options;

#define VP_OPTION_FIRST 1000 /* getopt's val of the first of them */
#define VP_OPTIONS_MAX  48   /* all options of a program */

extern const char vp_options_help[];

/* own's options, then these, then getopt's end mark. own ends with such a mark. */
void vp_options_list(const struct option *own, struct option ret_all[VP_OPTIONS_MAX]);

/* A val from VP_OPTION_FIRST on with its value: 0, or -1 where it is not understood. */
int vp_options_take(struct vp_options *o, int val, const char *value);

/* --fault: kind:what[:byte]. 0 or -1. */
int vp_options_fault(struct vp_options *o, const char *text);

/* Together: 0, or -1, said on stderr. */
int vp_options_check(const struct vp_options *o);

/* As without any option. */
struct vp_options vp_options_default(void);

#endif
