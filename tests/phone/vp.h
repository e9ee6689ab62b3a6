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
#include "vp_model.h"
#include "vp_dhcp.h"
#include "vp_end.h"
#include "vp_flash.h"
#include "vp_sccp.h"

enum vp_http { VP_HTTP_UNTRIED, VP_HTTP_YES, VP_HTTP_NO };

enum vp_start { VP_POWER_ON, VP_INTO_LOADER, VP_INTO_APP };

#define VP_FAULTS_MAX 8
#define VP_CUT_IN_FLASH (-1) /* --fault cut:SUFFIX:flash */

enum vp_fault_kind { VP_FAULT_CUT, VP_FAULT_REFUSE, VP_FAULT_SILENT_AFTER, VP_FAULT_RELEASE };

/* Whose signatures a java phone takes (F§4.2); see vp_java_rules.c. */
enum vp_keys { VP_KEYS_RELEASE_NOTE, VP_KEYS_BRIDGE, VP_KEYS_NONE };

/* What XMLDefault.cnf.xml is to it: its configuration; nothing; nothing unless it lies under a SEP name (F§5.3). */
enum vp_xmldefault { VP_XMLDEFAULT_READ, VP_XMLDEFAULT_IGNORED, VP_XMLDEFAULT_AS_SEP };

/* Where it looks for a TFTP server (F§1.5). */
enum {
	VP_LOOKS_AT_150 = 1,
	VP_LOOKS_AT_66 = 2,
	VP_LOOKS_AT_SIADDR = 4,
	VP_LOOKS_AT_SERVER = 8,
	VP_LOOKS_AT_ALL = 15
};

struct vp_fault {
	enum vp_fault_kind kind;
	char what[LOAD_NAME_MAX]; /* file suffix, or load */
	long at_byte;
	bool spent;
};

struct vp_options {
	uint8_t mac[6];
	const struct vp_model *model;
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
	enum vp_xmldefault xmldefault;
	bool factory_reset;
	const char *boot_code;   /* NULL: of the first load */
	enum vp_keys keys;
	unsigned hardware;       /* 0: takes every load */
	const char *trust;       /* NULL: what the flash says */
	unsigned loss;           /* of 100 packets */
	unsigned duplicate;
	unsigned seed;
	unsigned looks_at;       /* VP_LOOKS_AT_… */
	uint32_t alternate_tftp; /* addresses in network byte order, 0: none */
	uint32_t ask_address;
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
	bool was_reset;           /* --factory-reset is spent */
	enum vp_http http;        /* of this boot */
	unsigned port_bases;      /* how often it began with its first port */
	uint32_t link_state;      /* of --loss and --duplicate; 0: not used yet */
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
