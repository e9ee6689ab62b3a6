/* SPDX-License-Identifier: MPL-2.0 */
/* The options as a table: name, whether a value follows, and who reads it. */
#include "vp_options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vp.h"

const char vp_options_help[] =
	"A phone (default: a 7960 as it should be):\n"
	"  --model MODEL        7940 7960 (-no-g: class without the G) 7910, or java: 7906 7911 7931 7941\n"
	"                       7941G-GE 7942 7945 7961 7961G-GE 7962 7965 7970 7971 7975\n"
	"  --ignores-xmldefault[=GRADE]  reads XMLDefault.cnf.xml and does nothing: a SEP<MAC>.cnf.xml counts.\n"
	"                       GRADE device (default): any such file; default: a <Default> document only\n"
	"Java:\n"
	"  --factory-reset      at its first power on everything is erased but the boot code\n"
	"  --boot-code VERSION  of that (8-3-1S); usual: of its first load. It judges termNN.default.loads\n"
	"  --keys RULE          whose signatures it takes: release-note (usual: below 8.3(3) none of 9.x), bridge\n"
	"                       (also: below 8.5(2) none of 8.5(2)SR1 and later, below that none of 9.x), none\n"
	"  --hardware N         a board that needs #HARDWARE_COMP_1 N or more in a load: Load rejected HC\n"
	"  --trust NAME         has that cluster's trust list: asks for signed files, takes no others\n"
	"The network:\n"
	"  --loss N             N in 100 TFTP packets are lost, in each direction\n"
	"  --duplicate N        and N arrive twice\n"
	"  --seed N             for these two (default 1): the same seed, the same packets\n"
	"  --looks-at LIST      of 150,66,siaddr,server: where it looks for a TFTP server, in this order\n"
	"  --alternate-tftp A   configured by hand: rules over what DHCP says\n"
	"  --ask-address A      option 50 in its DISCOVER\n";

static int parse_unsigned(const char *text, unsigned max, unsigned *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || *text == '-' || n > max)
		return -1;
	*ret = (unsigned)n;
	return 0;
}

/* Index of text among names, or -1. */
static int find_name(const char *text, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, names[i]) == 0)
			return (int)i;
	return -1;
}

static int take_model(struct vp_options *o, const char *value)
{
	o->model = vp_model_find(value);
	return o->model ? 0 : -1;
}

static int take_ignores(struct vp_options *o, const char *value)
{
	o->xmldefault = value && strcmp(value, "default") == 0 ? VP_XMLDEFAULT_AS_SEP : VP_XMLDEFAULT_IGNORED;
	return !value || strcmp(value, "default") == 0 || strcmp(value, "device") == 0 ? 0 : -1;
}

static int take_reset(struct vp_options *o, const char *value)
{
	(void)value;
	o->factory_reset = true;
	return 0;
}

static int take_boot_code(struct vp_options *o, const char *value)
{
	o->boot_code = value;
	return java_version_parse(value).major ? 0 : -1;
}

static int take_keys(struct vp_options *o, const char *value)
{
	static const char *const names[] = { "release-note", "bridge", "none" }; /* by enum vp_keys */
	int i = find_name(value, names, 3);

	o->keys = i < 0 ? VP_KEYS_NONE : (enum vp_keys)i;
	return i < 0 ? -1 : 0;
}

static int take_hardware(struct vp_options *o, const char *value)
{
	return parse_unsigned(value, 255, &o->hardware);
}

static int take_trust(struct vp_options *o, const char *value)
{
	o->trust = value;
	return *value && strlen(value) < LOAD_NAME_MAX && !strchr(value, ' ') ? 0 : -1;
}

static int take_loss(struct vp_options *o, const char *value)
{
	return parse_unsigned(value, 99, &o->loss);
}

static int take_duplicate(struct vp_options *o, const char *value)
{
	return parse_unsigned(value, 99, &o->duplicate);
}

static int take_seed(struct vp_options *o, const char *value)
{
	return parse_unsigned(value, UINT32_MAX, &o->seed);
}

static int take_looks_at(struct vp_options *o, const char *value)
{
	static const char *const names[] = { "150", "66", "siaddr", "server" }; /* bits 0 to 3 */

	o->looks_at = 0;
	while (*value) {
		size_t n = strcspn(value, ",");
		char word[8];
		int i;

		snprintf(word, sizeof word, "%.*s", (int)n, value);
		i = find_name(word, names, 4);
		if (i < 0)
			return -1;
		o->looks_at |= 1u << i;
		value += n + (value[n] == ',');
	}
	return o->looks_at ? 0 : -1;
}

static int take_alternate(struct vp_options *o, const char *value)
{
	return inet_pton(AF_INET, value, &o->alternate_tftp) == 1 ? 0 : -1;
}

static int take_ask_address(struct vp_options *o, const char *value)
{
	return inet_pton(AF_INET, value, &o->ask_address) == 1 ? 0 : -1;
}

static const struct row {
	const char *name;
	int has_value;
	int (*take)(struct vp_options *o, const char *value);
} rows[] = {
	{ "model", required_argument, take_model },
	{ "ignores-xmldefault", optional_argument, take_ignores },
	{ "factory-reset", no_argument, take_reset },
	{ "boot-code", required_argument, take_boot_code },
	{ "keys", required_argument, take_keys },
	{ "hardware", required_argument, take_hardware },
	{ "trust", required_argument, take_trust },
	{ "loss", required_argument, take_loss },
	{ "duplicate", required_argument, take_duplicate },
	{ "seed", required_argument, take_seed },
	{ "looks-at", required_argument, take_looks_at },
	{ "alternate-tftp", required_argument, take_alternate },
	{ "ask-address", required_argument, take_ask_address },
};

#define ROW_N (sizeof rows / sizeof rows[0])

void vp_options_list(const struct option *own, struct option ret_all[VP_OPTIONS_MAX])
{
	size_t n = 0;

	memset(ret_all, 0, VP_OPTIONS_MAX * sizeof *ret_all);
	for (; own->name && n < VP_OPTIONS_MAX - 1; own++)
		ret_all[n++] = *own;
	for (size_t i = 0; i < ROW_N && n < VP_OPTIONS_MAX - 1; i++)
		ret_all[n++] =
			(struct option){ rows[i].name, rows[i].has_value, NULL, VP_OPTION_FIRST + (int)i };
}

int vp_options_take(struct vp_options *o, int val, const char *value)
{
	size_t i = (size_t)(val - VP_OPTION_FIRST);

	return val >= VP_OPTION_FIRST && i < ROW_N ? rows[i].take(o, value) : -1;
}

/* kind:what, or kind:what:byte for the kinds that strike within a file. */
int vp_options_fault(struct vp_options *o, const char *text)
{
	static const struct {
		const char *name;
		bool has_byte;
	} kinds[] = { { "cut", true }, { "refuse", false }, { "silent-after", false }, { "release", true } };
	const char *what = strchr(text, ':');
	const char *last = strrchr(text, ':');

	for (size_t i = 0; what && o->fault_n < VP_FAULTS_MAX && i < sizeof kinds / sizeof kinds[0]; i++) {
		struct vp_fault f = { (enum vp_fault_kind)i, "", 0, false };
		size_t n = strlen(what + 1);
		char *end = NULL;

		if (strlen(kinds[i].name) != (size_t)(what - text) ||
		    strncmp(text, kinds[i].name, (size_t)(what - text)) != 0)
			continue;
		if (kinds[i].has_byte) {
			if (last == what)
				return -1;
			n = (size_t)(last - what - 1);
			f.at_byte =
				strcmp(last + 1, "flash") == 0 ? VP_CUT_IN_FLASH : strtol(last + 1, &end, 10);
			if (end && (end == last + 1 || *end || f.at_byte < 0))
				return -1;
		}
		if (n == 0 || n >= sizeof f.what)
			return -1;
		memcpy(f.what, what + 1, n);
		o->faults[o->fault_n++] = f;
		return 0;
	}
	return -1;
}

int vp_options_check(const struct vp_options *o)
{
	bool java_only = o->factory_reset || o->boot_code || o->hardware || o->trust ||
			 o->keys != VP_KEYS_RELEASE_NOTE;

	if (java_only && !vp_model_is_java(o->model)) {
		fprintf(stderr, "a %s knows none of the java phones' options\n", o->model->name);
		return -1;
	}
	return 0;
}

struct vp_options vp_options_default(void)
{
	return (struct vp_options){
		.model = vp_model_find("7960"),
		.scale = 1,
		.repoll_ms = 34000,
		.power_back_ms = -1,
		.seed = 1,
		.looks_at = VP_LOOKS_AT_ALL,
	};
}
