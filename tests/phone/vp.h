/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The virtual phone as one struct: what it was told, its clock, its flash, its address. Every wait goes
 * through vp_wait(), which also renews the lease and hears the signals, so that a power cut takes effect
 * wherever the phone happens to be: each function returns an enum vp_end, and from VP_REBOOT upwards callers
 * only pass it on.
 */
#ifndef VP_H
#define VP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "load_names.h"
#include "vp_dhcp.h"
#include "vp_end.h"
#include "vp_flash.h"
#include "vp_sccp.h"

enum vp_start { VP_POWER_ON, VP_INTO_LOADER, VP_INTO_APP };

#define VP_FAULTS_MAX 8
#define VP_CUT_IN_FLASH (-1) /* --fault cut:SUFFIX:flash */

enum vp_fault_kind { VP_FAULT_CUT, VP_FAULT_REFUSE, VP_FAULT_SILENT_AFTER };

struct vp_fault {
	enum vp_fault_kind kind;
	char what[LOAD_NAME_MAX]; /* file suffix, or load */
	long at_byte;
	bool spent;
};

struct vp_options {
	uint8_t mac[6];
	unsigned model; /* 7940 or 7960 */
	const char *iface;
	bool shared_iface;       /* with other phones: it has no MAC, address and route to give */
	const char *flash_path;  /* NULL: in memory only, until the process ends */
	const char *init_load;
	const char *trace_path;
	const char *until;       /* PERSONALITY/LOAD */
	double scale;
	int64_t repoll_ms;       /* phone time */
	int64_t cycle_after_ms;  /* wall time, 0: never */
	int64_t max_time_ms;     /* wall time, 0: no limit */
	int64_t power_back_ms;   /* wall time after a cut, -1: exit 20 */
	bool silent;
	bool once;
	bool provisioned;
	enum vp_sccp_manner sccp;
	const char *sccp_alarm;  /* NULL: as it would say it; "": none */
	uint8_t prl[32];
	size_t prl_n;            /* 0: as F§1.4 */
	struct vp_fault faults[VP_FAULTS_MAX];
	size_t fault_n;
};

struct vp_trace;
struct vp;

/* Told of each settling, from the phone's own thread. */
typedef void vp_settled(struct vp *vp, const char *personality, const char *load);

struct vp {
	struct vp_options opt;
	struct vp_flash flash;
	struct vp_dhcp dhcp;
	struct vp_trace *trace;
	FILE *voice;              /* NULL: mute; several phones may share one */
	vp_settled *on_settled;   /* may be NULL */
	int64_t start_ms;
	int signal_fd;            /* -1: deaf to signals */
	uint16_t next_port;       /* TFTP source port, +1 a file (F§2) */
	bool in_loader;           /* whose TFTP retries apply (F§6) */
	bool settled;             /* said so in this boot */
	bool cycled;              /* --power-cycle-after is spent */
	enum vp_start next_start;
	int64_t next_boot_ms;     /* phone time from here to its first DHCP packet */
	char mac_text[13];        /* upper-case hex, as in file names */
	char shown[64];           /* on the display */
	char wanted[LOAD_NAME_MAX]; /* by image_version, for the loader */
	bool image_refused;       /* so the old application was booted again */
	char node[LOAD_NAME_MAX]; /* processNodeName of the XML it read last */
};

int64_t vp_now_ms(void);

/* Phone time to wall time. */
int64_t vp_scaled(const struct vp *vp, int64_t phone_ms);

/* Waits until fd (or -1) is readable or until_ms (vp_now_ms clock); *ret_readable may be NULL. */
enum vp_end vp_wait(struct vp *vp, int fd, int64_t until_ms, bool *ret_readable);

/* Waits that long on the phone's clock. */
enum vp_end vp_pause(struct vp *vp, int64_t phone_ms);

/* Until something ends this boot. */
enum vp_end vp_pause_for_ever(struct vp *vp);

/* One line: elapsed seconds, then the text; on a shared interface the MAC comes first. */
__attribute__((format(printf, 2, 3))) void vp_say(const struct vp *vp, const char *fmt, ...);

/* "display: TEXT", when it changes. */
void vp_display(struct vp *vp, const char *text);

/* One line of --trace, without time; the same line only once a boot, so that polling does not show. */
__attribute__((format(printf, 2, 3))) void vp_trace(struct vp *vp, const char *fmt, ...);
void vp_trace_boot(struct vp *vp);
int vp_trace_open(struct vp *vp);
void vp_trace_close(struct vp *vp);

/* The phone runs this, read its configuration and wants nothing: VP_DONE where --until or --once says so. */
enum vp_end vp_settle(struct vp *vp, const char *personality, const char *load);

/* The fault of that kind for this load or file, or NULL. */
struct vp_fault *vp_fault_find(struct vp *vp, enum vp_fault_kind kind, const char *name);

#endif
