/* SPDX-License-Identifier: MPL-2.0 */
/*
 * vphone: a Cisco phone of the 79xx family that boots, asks and flashes as the facts say the real ones do, on a network
 * namespace's own interface. Here: options, signals, and the life between power on and power off. It knows
 * nothing of the server side it is there to test. Exit codes are in the help text.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "vp.h"
#include "vp_net.h"
#include "vp_options.h"
#include "vp_steps.h"

#define POWER_OFF_MS 2000 /* phone time between off and on */

enum { EXIT_DONE = 0, EXIT_BROKEN = 1, EXIT_USAGE = 2, EXIT_TIME_UP = 3, EXIT_CUT = 20 };

static const char help[] =
	"usage: vphone --mac MAC --iface IFACE --flash FILE [option]...\n"
	"  --mac MAC            12 hex digits, with or without colons\n"
	"  --iface IFACE        its network port; gets the MAC, the address and the route\n"
	"  --flash FILE         what survives power cuts\n"
	"  --init-load LOAD     where there is no such file: a phone that runs this load\n"
	"  --scale N            divide the phone's own delays by N (not lease times, nor what says wall)\n"
	"  --repoll S           an unregistered phone (SCCP, or java) reads its configuration again every S seconds\n"
	"                       of its own (default 34; inferred: one phone was seen reading twice)\n"
	"  --silent             it reads once a boot and never again until power-cycled (inferred)\n"
	"  --provisioned        with a SEP file of its own it is registered and reads nothing again\n"
	"  --sccp MANNER        where its configuration names a CallManager it registers there, and is\n"
	"                       obey (default; any Reset), obey-accepted (a Reset after its registration\n"
	"                       was accepted), ignore (none), retry (turned away, it registers a dozen\n"
	"                       times before it reads again), off (does not register)\n"
	"  --sccp-alarm TEXT    the alarm it sends before it registers; empty: none\n"
	"  --power-cycle-after S  off and on, once, after S wall seconds (SIGUSR1: now)\n"
	"  --until WHO/LOAD     exit 0 when settled; WHO: pre-universal, loader, sccp, sip, boot-code, any\n"
	"  --once               one boot, then exit 0\n"
	"  --max-time S         give up after S wall seconds, exit 3\n"
	"  --fault cut:SUFFIX:BYTE   power cut when that byte of such a file is here (0: first packet;\n"
	"                       `flash': while it is being written; java: .loads:flash, while all is); exit 20\n"
	"  --fault release:SUFFIX:BYTE   as a cut, but it gives its address back first\n"
	"  --power-back-after S with a cut: power is back after S wall seconds, and the fault is spent\n"
	"  --fault refuse:LOAD  its application (single image, members) is not authentic to this phone\n"
	"  --fault silent-after:LOAD   as --silent while it runs this load\n"
	"  --prl N,N,...        option 55, instead of the usual list\n"
	"  --trace FILE         one line for each thing it saw, without times; no line twice a boot\n"
	"Signals: SIGUSR1 power cycle, SIGTERM power off.\n"
	"Exit: 0 done or powered off, 1 the host failed us, 2 usage, 3 --max-time, 20 power cut.\n"
	"Inferred rather than documented: see also the comments in vp_pre.c, vp_loader.c, vp_app.c and vp_java*.\n";

static const struct option long_options[] = {
	{ "mac", required_argument, NULL, 'm' },
	{ "iface", required_argument, NULL, 'i' },
	{ "flash", required_argument, NULL, 'f' },
	{ "init-load", required_argument, NULL, 'l' },
	{ "scale", required_argument, NULL, 's' },
	{ "repoll", required_argument, NULL, 'r' },
	{ "silent", no_argument, NULL, 'S' },
	{ "provisioned", no_argument, NULL, 'P' },
	{ "sccp", required_argument, NULL, 'C' },
	{ "sccp-alarm", required_argument, NULL, 'A' },
	{ "power-cycle-after", required_argument, NULL, 'c' },
	{ "power-back-after", required_argument, NULL, 'b' },
	{ "until", required_argument, NULL, 'u' },
	{ "once", no_argument, NULL, 'o' },
	{ "max-time", required_argument, NULL, 't' },
	{ "fault", required_argument, NULL, 'F' },
	{ "prl", required_argument, NULL, 'p' },
	{ "trace", required_argument, NULL, 'T' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int parse_mac(const char *text, uint8_t ret_mac[6])
{
	size_t digits = 0;
	uint8_t mac[6] = { 0 };

	for (; *text; text++) {
		const char *hex = "0123456789abcdef";
		const char *at = strchr(hex, tolower((unsigned char)*text));

		if (*text == ':' || *text == '-' || *text == '.')
			continue;
		if (!at || digits == 12)
			return -1;
		mac[digits / 2] = (uint8_t)(mac[digits / 2] << 4 | (at - hex));
		digits++;
	}
	if (digits != 12)
		return -1;
	memcpy(ret_mac, mac, 6);
	return 0;
}

/* Seconds, with a fraction if need be, as milliseconds. */
static int parse_seconds(const char *text, int64_t *ret_ms)
{
	char *end;
	double s = strtod(text, &end);

	if (end == text || *end || !(s >= 0) || s > 1e7)
		return -1;
	*ret_ms = (int64_t)(s * 1000);
	return 0;
}

static int parse_prl(struct vp_options *o, const char *text)
{
	o->prl_n = 0;
	while (*text && o->prl_n < sizeof o->prl) {
		char *end;
		long code = strtol(text, &end, 10);

		if (end == text || code < 1 || code > 254 || (*end && *end != ','))
			return -1;
		o->prl[o->prl_n++] = (uint8_t)code;
		text = *end ? end + 1 : end;
	}
	return *text || !o->prl_n ? -1 : 0;
}

static int parse_manner(struct vp_options *o, const char *text)
{
	static const char *const manners[] = {
		[VP_SCCP_OBEY] = "obey",     [VP_SCCP_OBEY_ACCEPTED] = "obey-accepted",
		[VP_SCCP_IGNORE] = "ignore", [VP_SCCP_RETRY] = "retry",
		[VP_SCCP_OFF] = "off",
	};

	for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++) {
		if (strcmp(text, manners[i]) == 0) {
			o->sccp = (enum vp_sccp_manner)i;
			return 0;
		}
	}
	return -1;
}

/* One option; 0 or -1. */
static int take_option(struct vp_options *o, int c, const char *value)
{
	char *end;

	switch (c) {
	case 'm':
		return parse_mac(value, o->mac);
	case 'i':
		o->iface = value;
		return 0;
	case 'f':
		o->flash_path = value;
		return 0;
	case 'l':
		o->init_load = value;
		return 0;
	case 's':
		o->scale = strtod(value, &end);
		return o->scale > 0 && !*end ? 0 : -1;
	case 'r':
		return parse_seconds(value, &o->repoll_ms);
	case 'S':
		o->silent = true;
		return 0;
	case 'P':
		o->provisioned = true;
		return 0;
	case 'C':
		return parse_manner(o, value);
	case 'A':
		o->sccp_alarm = value;
		return 0;
	case 'c':
		return parse_seconds(value, &o->cycle_after_ms);
	case 'b':
		return parse_seconds(value, &o->power_back_ms);
	case 'u':
		o->until = value;
		return strchr(value, '/') ? 0 : -1;
	case 'o':
		o->once = true;
		return 0;
	case 't':
		return parse_seconds(value, &o->max_time_ms);
	case 'F':
		return vp_options_fault(o, value);
	case 'p':
		return parse_prl(o, value);
	case 'T':
		o->trace_path = value;
		return 0;
	default:
		return vp_options_take(o, c, value);
	}
}

static int parse_options(int argc, char **argv, struct vp_options *o)
{
	static const uint8_t no_mac[6];
	struct option all[VP_OPTIONS_MAX];
	int c, at;

	*o = vp_options_default();
	vp_options_list(long_options, all);
	while ((c = getopt_long(argc, argv, "", all, &at)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			fputs(vp_options_help, stdout);
			exit(EXIT_DONE);
		}
		if (c == '?')
			return -1;
		if (take_option(o, c, optarg) != 0) {
			fprintf(stderr, "vphone: --%s %s: not understood\n", all[at].name,
				optarg ? optarg : "");
			return -1;
		}
	}
	if (optind != argc || !o->iface || !o->flash_path || memcmp(o->mac, no_mac, 6) == 0) {
		fprintf(stderr, "vphone: --mac, --iface and --flash are needed; see --help\n");
		return -1;
	}
	return vp_options_check(o);
}

/* From here on signals are read where the phone waits, and nowhere else. */
static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int read_flash(struct vp *vp)
{
	int rc = vp_flash_load(&vp->flash, vp->opt.flash_path);

	if (rc == 0 && vp->flash.is_java != vp_model_is_java(vp->opt.model)) {
		fprintf(stderr, "vphone: %s is of another generation than a %s\n", vp->opt.flash_path,
			vp->opt.model->name);
		return -1;
	}
	if (rc != 1)
		return rc;
	if (!vp->opt.init_load) {
		fprintf(stderr, "vphone: %s does not exist and there is no --init-load\n",
			vp->opt.flash_path);
		return -1;
	}
	if (vp_flash_init(&vp->flash, vp->opt.model, vp->opt.init_load) != 0) {
		fprintf(stderr, "vphone: %s is no load of a %s\n", vp->opt.init_load, vp->opt.model->name);
		return -1;
	}
	return vp_flash_save(&vp->flash, vp->opt.flash_path);
}

static int open_phone(struct vp *vp)
{
	const uint8_t *m = vp->opt.mac;

	vp->voice = stdout;
	vp->start_ms = vp_now_ms();
	vp->dhcp.raw_fd = vp->dhcp.udp_fd = -1;
	snprintf(vp->mac_text, sizeof vp->mac_text, "%02X%02X%02X%02X%02X%02X", m[0], m[1], m[2], m[3], m[4],
		 m[5]);
	srandom((unsigned)(vp->start_ms ^ getpid()) ^ fnv1a(m, 6));
	vp->signal_fd = open_signals();
	if (vp->signal_fd < 0 || vp_trace_open(vp) != 0) {
		perror("vphone");
		return -1;
	}
	if (read_flash(vp) != 0)
		return -1;
	if (vp_net_init(vp->opt.iface, vp->opt.mac) != 0 ||
	    (vp->dhcp.raw_fd = vp_net_open_raw(vp->opt.iface)) < 0) {
		perror(vp->opt.iface);
		return -1;
	}
	vp->dhcp.send_fd = vp->dhcp.raw_fd;
	return 0;
}

/* Power was off and is on: all that is left is in the flash file. */
static enum vp_end power_on(struct vp *vp, int64_t off_wall_ms)
{
	enum vp_end end = vp_wait(vp, -1, vp_now_ms() + off_wall_ms, NULL);

	vp->shown[0] = vp->wanted[0] = '\0';
	vp->image_refused = false;
	vp->next_boot_ms = VP_POWER_ON_MS;
	if (end == VP_OK && vp_flash_load(&vp->flash, vp->opt.flash_path) != 0)
		return VP_BROKEN;
	return end;
}

/* What the end of a boot means for the next one; VP_OK: there is one, from *start. */
static enum vp_end after_boot(struct vp *vp, enum vp_end end, enum vp_start *start)
{
	*start = VP_POWER_ON;
	if (end == VP_REBOOT && vp->opt.once)
		return VP_DONE;
	if (end == VP_REBOOT) {
		*start = vp->next_start;
		vp_say(vp, "boot: restarting");
		return VP_OK;
	}
	if (end == VP_NET_LOST) { /* starts over like after power on: inferred */
		vp->next_boot_ms = VP_POWER_ON_MS;
		return VP_OK;
	}
	if (end == VP_CYCLE)
		return power_on(vp, vp_scaled(vp, POWER_OFF_MS));
	if (end == VP_CUT && vp->opt.power_back_ms >= 0)
		return power_on(vp, vp->opt.power_back_ms);
	return end;
}

static int exit_code(enum vp_end end)
{
	switch (end) {
	case VP_DONE:
	case VP_OFF:
		return EXIT_DONE;
	case VP_TIME_UP:
		return EXIT_TIME_UP;
	case VP_CUT:
		return EXIT_CUT;
	case VP_OK:
	case VP_MISSING:
	case VP_SILENT:
	case VP_REFUSED:
	case VP_REBOOT:
	case VP_NET_LOST:
	case VP_CYCLE:
	case VP_BROKEN:
		break;
	}
	return EXIT_BROKEN;
}

int main(int argc, char **argv)
{
	static struct vp vp;
	enum vp_start start = VP_POWER_ON;
	enum vp_end end = VP_OK;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (parse_options(argc, argv, &vp.opt) != 0)
		return EXIT_USAGE;
	if (open_phone(&vp) != 0)
		return EXIT_BROKEN;
	vp.next_boot_ms = VP_POWER_ON_MS;
	while (end == VP_OK)
		end = after_boot(&vp, vp_boot(&vp, start), &start);
	vp_net_clear_address(vp.opt.iface);
	vp_trace_close(&vp);
	return exit_code(end);
}
