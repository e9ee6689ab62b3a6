/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of `loadstep setup --print`, each as it is pasted. Comments say where it belongs and what to look at. */
#include "setup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apparmor.h"
#include "cleanup.h"
#include "confine.h"
#include "file.h"

#define EVENT_PATH LIBEXECDIR "/loadstep-event"
#define LOG_DIR "/var/log/loadstep"
#define OWN_DNSMASQ SYSCONFDIR "/loadstep/dnsmasq.conf"
#define TFTP_MAX_USUAL 400
#define PROFILE_KEA APPARMOR_DIR "/usr.sbin.kea-dhcp4"
#define PROFILE_DNSMASQ APPARMOR_DIR "/usr.sbin.dnsmasq"

static void add_network(struct strbuf *out, const struct net4 *n)
{
	char text[IP4_TEXT_SIZE];

	strbuf_addf(out, " %s/%d", ip4_format(text, n->base), n->prefix);
}

/* The script that has dnsmasq's slot now and is not ours; "" = none. */
static const char *other_script(const struct setup *s)
{
	const struct dnsmasq_option *o = dnsmasq_conf_find(&s->dnsmasq, "dhcp-script", NULL);

	return o && strcmp(path_base(o->value), path_base(EVENT_PATH)) != 0 ? o->value : "";
}

/* ---- loadstep.conf */

static void add_plan(const struct setup *s, struct strbuf *out, const char *comment)
{
	char text[IP4_TEXT_SIZE];

	strbuf_addf(out, "%s[plan classic]\n%smodels       = 7940 7960 unnamed\n%sstages       =", comment,
		    comment, comment);
	for (unsigned i = 0; i < s->n_loads; i++)
		strbuf_addf(out, " %s", s->loads[i].load.s);
	if (s->n_loads == 0)
		strbuf_add(out, " P00303010102 P00305000500 P00308000900 P0S3-8-12-00");
	strbuf_addf(out, "\n%snetworks     =", comment);
	for (unsigned i = 0; i < s->networks.n; i++)
		add_network(out, &s->networks.a[i]);
	strbuf_addf(out, "\n%sstart        = by-hand\n", comment);
	if (s->address.host)
		strbuf_addf(out, "%stftp-servers = %s\n", comment, ip4_format(text, s->address));
	strbuf_addf(out, ";after-tftp-servers = the site's own, where finished phones are to go\n");
}

int setup_text_conf(const struct setup *s, struct strbuf *out, struct err *e)
{
	bool plan = s->n_loads > 0 && s->networks.n > 0 && s->address.host;

	strbuf_addf(out, "; %s\n[store]\nurl = %s\n\n[tftp]\nroot   = %s\ndaemon = %s\n", s->config_path,
		    s->store_url, s->root, s->tftpd_serves ? "tftpd-hpa" : "dnsmasq");
	if (other_script(s)[0])
		strbuf_addf(out, "chain-script = %s\n", other_script(s));
	strbuf_add(out, "\n");
	if (!plan && s->n_loads == 0)
		strbuf_addf(out,
			    "; No load of a 7940 or 7960 lies in %s/loads yet. Put them there, and take the\n"
			    "; semicolons away; the stages are only an example.\n",
			    s->root);
	else if (!plan)
		strbuf_add(out, "; No network was found here: fill it in, and take the semicolons away.\n");
	else
		strbuf_addf(
			out,
			"; The loads that lie in %s/loads, oldest first: leave out what phones need not pass.\n",
			s->root);
	add_plan(s, out, plan ? "" : ";");
	if (s->n_others)
		strbuf_addf(
			out,
			"; %u other directories lie there: loads of other models want plans of their own.\n",
			s->n_others);
	return strbuf_check(out, s->config_path, e);
}

/* ---- Kea */

static void add_entry(const struct setup *s, struct strbuf *out)
{
	strbuf_addf(out,
		    "    { \"library\": \"%s/" KEA_LIBRARY "\",\n"
		    "      \"parameters\": { \"config-file\": \"%s\" } }\n",
		    s->kea.hooks_dir, s->config_path);
}

/* Those that are there stay in front, as they are. */
static int add_libraries(const struct setup *s, struct strbuf *out, struct err *e)
{
	const json_t *list = s->conf ? keaconf_array(keaconf_dhcp4(s->conf), "hooks-libraries") : NULL;

	strbuf_add(out, "  \"hooks-libraries\": [\n");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);

		if (kearun_is_ours(keaconf_text(entry, "library")))
			continue;
		CLEANUP(cleanup_free) char *text = json_dumps(entry, JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
		if (!text)
			return err_set(e, ERR_SYSTEM, "no memory for Kea's libraries");
		strbuf_addf(out, "    %s,\n", text);
	}
	add_entry(s, out);
	strbuf_add(out, "  ]");
	return 0;
}

/* A whole configuration, where there is none: the upper half of the network is given out. */
static int add_whole(const struct setup *s, struct strbuf *out, struct err *e)
{
	char first[IP4_TEXT_SIZE], last[IP4_TEXT_SIZE], base[IP4_TEXT_SIZE];
	uint32_t size = s->network.prefix > 0 ? UINT32_C(1) << (32 - s->network.prefix) : 0;
	struct ip4 from = { s->network.base.host + size / 2 }, to = { s->network.base.host + size - 2 };

	if (!s->interface[0] || size < 8)
		return err_set(e, ERR_SYSTEM, "no network with room for phones was found on this host");
	if (s->address.host >= from.host &&
	    s->address.host <= to.host) { /* our own address: the lower half */
		from.host = s->network.base.host + 1;
		to.host = s->network.base.host + size / 2 - 1;
	}
	strbuf_addf(
		out,
		"// %s: none is there yet that listens anywhere. The pool is a guess: no other server may give\n"
		"// out these addresses.\n"
		"{ \"Dhcp4\": {\n"
		"  \"interfaces-config\": { \"interfaces\": [ \"%s\" ], \"dhcp-socket-type\": \"raw\" },\n"
		"  \"control-socket\": { \"socket-type\": \"unix\", \"socket-name\": "
		"\"/run/kea/kea4-ctrl-socket\" },\n"
		"  \"lease-database\": { \"type\": \"memfile\", \"persist\": true, \"name\": "
		"\"/var/lib/kea/kea-leases4.csv\" },\n"
		"  \"valid-lifetime\": 3600,\n",
		s->kea.config, s->interface);
	if (add_libraries(s, out, e) < 0)
		return -1;
	strbuf_addf(out,
		    ",\n  \"subnet4\": [\n    { \"id\": 1, \"subnet\": \"%s/%d\",\n"
		    "      \"pools\": [ { \"pool\": \"%s-%s\" } ] } ]\n} }\n",
		    ip4_format(base, s->network.base), s->network.prefix, ip4_format(first, from),
		    ip4_format(last, to));
	return 0;
}

int setup_text_kea(const struct setup *s, struct strbuf *out, struct err *e)
{
	char at[320];

	if (s->kea_fault[0])
		strbuf_addf(out,
			    "// %s could not be read (%s): what stands in it is not taken into account\n",
			    s->kea.config, s->kea_fault);
	if (!s->conf)
		return add_whole(s, out, e);
	if (json_array_size(keaconf_array(keaconf_dhcp4(s->conf), "hooks-libraries")) > 0)
		strbuf_addf(out, "// in place of hooks-libraries at %s\n",
			    keaconf_place(s->conf, "/hooks-libraries", at, sizeof(at)));
	else
		strbuf_addf(out, "// in \"Dhcp4\" of %s\n", s->kea.config);
	if (add_libraries(s, out, e) < 0)
		return -1;
	strbuf_add(out, ",\n");
	return 0;
}

/* ---- dnsmasq */

/* As many as that; more where it has more. */
static unsigned long tftp_max(const struct setup *s)
{
	const struct dnsmasq_option *o = dnsmasq_conf_find(&s->dnsmasq, "tftp-max", NULL);
	unsigned long n = o ? strtoul(o->value, NULL, 10) : 0;

	return n > TFTP_MAX_USUAL ? n : TFTP_MAX_USUAL;
}

static const char *const unwelcome[] = { "tftp-lowercase",   "tftp-secure", "tftp-no-fail",
					 "tftp-single-port", "quiet-tftp",  "dhcp-scriptuser" };

static void add_running(const struct setup *s, struct strbuf *out)
{
	static const char *const ours[] = { "tftp-root", "tftp-unique-root", "tftp-max", "dhcp-script" };

	strbuf_addf(out, "# dnsmasq serves port 69 already: into %s\n",
		    s->dnsmasq.file[0] ? s->dnsmasq.file : DNSMASQ_DEFAULT_PATH);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		for (const struct dnsmasq_option *o = NULL;
		     (o = dnsmasq_conf_find(&s->dnsmasq, ours[i], o)) != NULL;)
			strbuf_addf(out, "# in place of %s=%s (%s)\n", o->name, o->value, o->place);
	for (size_t i = 0; i < sizeof(unwelcome) / sizeof(unwelcome[0]); i++) {
		const struct dnsmasq_option *o = dnsmasq_conf_find(&s->dnsmasq, unwelcome[i], NULL);
		if (o)
			strbuf_addf(out, "# take out %s (%s)\n", o->name, o->place);
	}
	strbuf_addf(out, "# and LC_ALL=C, LimitNOFILE=65536 in its unit\n");
}

int setup_text_dnsmasq(const struct setup *s, struct strbuf *out, struct err *e)
{
	if (s->tftpd_serves)
		strbuf_addf(
			out,
			"# in.tftpd serves port 69: it needs --secure, its directory %s, and a --map-file;\n"
			"# or stop it, and take a dnsmasq in its place:\n",
			s->root);
	if (s->dnsmasq_serves) {
		add_running(s, out);
	} else {
		strbuf_addf(out,
			    "# %s: an instance of its own, for TFTP only, with\n"
			    "# examples/loadstep-tftp.service as its unit\n"
			    "port=0\n",
			    OWN_DNSMASQ);
		if (s->interface[0])
			strbuf_addf(out, "interface=%s\nexcept-interface=lo\nbind-dynamic\n", s->interface);
	}
	strbuf_addf(out, "enable-tftp\ntftp-root=%s\ntftp-unique-root=ip\ntftp-max=%lu\ndhcp-script=%s\n",
		    s->root, tftp_max(s), EVENT_PATH);
	if (!s->dnsmasq_serves)
		strbuf_addf(out, "log-facility=%s/tftp.log\n", LOG_DIR);
	return strbuf_check(out, "dnsmasq's lines", e);
}

/* ---- AppArmor */

static void add_lines(struct strbuf *out, const struct confine_wish *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(w[i].line, w[i - 1].line) != 0)
			strbuf_addf(out, "  %s\n", w[i].line);
}

/* Debian 12's profile of Kea has no local/ file, later ones have (K§8). */
static void add_where(struct strbuf *out, const char *profile)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(1024 * 1024);
	struct err e;
	int rc = file_read(profile, 1024 * 1024, &text, &e);
	bool local = rc == 0 && strstr(strbuf_text(&text), "<local/") != NULL;

	if (rc == 0)
		strbuf_addf(out, "# in %s%s, then apparmor_parser -r %s\n",
			    local ? APPARMOR_DIR "/local/" : "the braces of ",
			    local ? path_base(profile) : profile, profile);
	else
		strbuf_addf(out, "# there is no %s here; where there is one:\n", profile);
}

int setup_text_apparmor(const struct setup *s, struct strbuf *out, struct err *e)
{
	CLEANUP(cleanup_free) struct confine_wish *w = calloc(CONFINE_WISHES_MAX, sizeof(*w));
	CLEANUP(cleanup_free) struct config *cfg = calloc(1, sizeof(*cfg));

	if (!w || !cfg)
		return err_set(e, ERR_SYSTEM, "no memory");
	(void)text_copy(cfg->store_url, sizeof(cfg->store_url), s->store_url);
	(void)text_copy(cfg->tftp_root, sizeof(cfg->tftp_root), s->root);
	add_where(out, PROFILE_KEA);
	add_lines(out, w, confine_kea(cfg, s->config_path, w));
	if (access(PROFILE_DNSMASQ, F_OK) < 0)
		return 0;
	add_where(out, PROFILE_DNSMASQ);
	strbuf_addf(out, "  %s r,\n  %s/** r,\n  %s Ux,\n  %s/* rw,\n", OWN_DNSMASQ, s->root, EVENT_PATH,
		    LOG_DIR);
	return 0;
}

/* ---- users and directories */

int setup_text_system(const struct setup *s, struct strbuf *out, struct err *e)
{
	const char *path = strchr(s->store_url, '/');
	int dir = path ? (int)(path_base(path) - path) - 1 : 0;

	if (!s->own_user)
		strbuf_add(out, "adduser --system --group --no-create-home --home /nonexistent loadstep\n");
	if (!s->own_group_has_kea && strcmp(s->kea_user, "root") != 0)
		strbuf_addf(out, "adduser %s loadstep    # and restart Kea\n", s->kea_user);
	if (dir > 0)
		strbuf_addf(out, "install -d -o %s -g loadstep -m 2770 %.*s\n", s->kea_user, dir, path);
	strbuf_addf(out, "install -d -o loadstep -g loadstep -m 2775 %s %s/loads %s/phones\n", s->root,
		    s->root, s->root);
	strbuf_addf(out, "install -d -o loadstep -g loadstep -m 2755 %s\n", LOG_DIR);
	return strbuf_check(out, "the commands", e);
}
