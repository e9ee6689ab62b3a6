/* SPDX-License-Identifier: MPL-2.0 */
/* Checks of the configuration file, of the store, and of what is in force against what the file says. */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blind.h"
#include "cleanup.h"
#include "file.h"
#include "ladder.h"
#include "loadset.h"
#include "strbuf.h"

#define FAULTS_MAX (64 * 1024)
#define WHY_MAX 1024
#define DIR_MODE 02770 /* two services of one group write there (D§8) */
#define FILE_MODE 0660
#define STORE_PREFIX "sqlite:"

/* "FILE:LINE: text" to place and text. */
static void config_fault(struct checking *k, const char *line)
{
	char copy[1024], *text;

	(void)text_copy(copy, sizeof(copy), line);
	text = strstr(copy, ": ");
	if (!text) {
		found(k, FINDING_CONFIG_FAULT, ctl_config_path(k->c), "%s", copy);
		return;
	}
	*text = '\0';
	found(k, FINDING_CONFIG_FAULT, copy, "%s", text + 2);
}

static void config_faults(struct checking *k, struct strbuf *faults)
{
	for (char *line = faults->p, *end; line && *line; line = end) {
		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		config_fault(k, line);
	}
}

void check_config(struct checking *k)
{
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(FAULTS_MAX);
	struct err e;

	if (ctl_config_read(k->c, &faults, &e) < 0) {
		if (faults.len == 0)
			config_fault(k, e.text);
		config_faults(k, &faults);
		return;
	}
	k->cfg = k->c->cfg;
	/* what cannot be read of loads/ is told where the load sets are looked at */
	if (ladder_settle(k->c->cfg, &faults, NULL, &e) > 0)
		config_faults(k, &faults);
}

/* ---- the store */

/* One of the store's files or its directory: may we write it, and has it the mode that lets the others? */
static void store_entry(struct checking *k, const char *path, mode_t wanted)
{
	struct stat sb;

	if (stat(path, &sb) < 0)
		return;
	mode_t mode = sb.st_mode & 07777;

	if (access(path, S_ISDIR(sb.st_mode) ? W_OK | X_OK : R_OK | W_OK) < 0)
		found(k, FINDING_STORE_UNWRITABLE, path, "the user who runs this check may not write it");
	if ((mode & wanted) != wanted || mode & 07)
		found(k, FINDING_STORE_MODE, path, "its mode is %04o, %04o is expected", (unsigned)mode,
		      (unsigned)wanted);
}

static void store_files(struct checking *k, const char *path)
{
	static const char *const beside[] = { "", "-wal", "-shm" };
	char name[320];

	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, beside[i]);
		store_entry(k, name, FILE_MODE);
	}
	snprintf(name, sizeof(name), "%.*s", (int)(path_base(path) - path), path);
	size_t n = strlen(name);
	if (n > 1)
		name[n - 1] = '\0';
	store_entry(k, name, DIR_MODE);
}

void check_store(struct checking *k)
{
	const char *path;
	struct err e;

	if (!k->cfg)
		return;
	const char *url = k->cfg->store_url;
	bool is_file = strncmp(url, STORE_PREFIX "/", strlen(STORE_PREFIX) + 1) == 0;

	path = is_file ? url + strlen(STORE_PREFIX) : url;
	if (is_file && access(path, F_OK) < 0 && errno == ENOENT) {
		found(k, FINDING_STORE_MISSING, path, "there is no store");
		return;
	}
	if (fleet_open(&k->c->fleet, k->c->cfg, FLEET_READ_ONLY | FLEET_NO_EFFECTS, STORE_WAIT_MS, &e) < 0)
		found(k, FINDING_STORE_UNUSABLE, path, "%s", e.text);
	else
		k->cfg = fleet_config(k->c->fleet);
	if (is_file)
		store_files(k, path);
}

/* ---- the plans in force against the file's */

static void cleanup_plans(struct config *cfg)
{
	free(cfg->plans);
}

/* As text, without what is known of the load sets' files: those come and go by themselves. */
static int plans_text(const struct config *src, struct strbuf *sb, struct err *e)
{
	CLEANUP(cleanup_plans) struct config cfg = *src;

	cfg.plans = calloc(src->n_plans ? src->n_plans : 1, sizeof(*cfg.plans));
	if (!cfg.plans)
		return err_set(e, ERR_SYSTEM, "no memory for %u plans", src->n_plans);
	if (src->n_plans)
		memcpy(cfg.plans, src->plans, src->n_plans * sizeof(*cfg.plans));
	for (unsigned i = 0; i < cfg.n_plans; i++)
		for (unsigned j = 0; j < cfg.plans[i].n_stages; j++)
			loadset_from_name(&src->plans[i].stages[j].load, &cfg.plans[i].stages[j]);
	return config_format_revision(&cfg, sb, e);
}

/* The first line of b that differs from a's, "" at the end of b. */
static const char *first_difference(const char *a, const char *b, char *buf, size_t size)
{
	size_t i = 0, line = 0;

	for (; a[i] && a[i] == b[i]; i++)
		if (a[i] == '\n')
			line = i + 1;
	snprintf(buf, size, "%.*s", (int)strcspn(b + line, "\n"), b + line);
	return buf;
}

void check_revision(struct checking *k)
{
	CLEANUP(strbuf_fini) struct strbuf file = STRBUF_INIT(CONFIG_BYTES_MAX);
	CLEANUP(strbuf_fini) struct strbuf force = STRBUF_INIT(CONFIG_BYTES_MAX);
	const char *path = ctl_config_path(k->c);
	long long revision;
	char line[200];
	struct err e;

	if (!k->c->fleet)
		return;
	revision = (long long)fleet_revision(k->c->fleet);
	if (revision == 0) {
		found(k, FINDING_PLAN_NOT_RELOADED, path, "no plan was put in force yet");
		return;
	}
	if (plans_text(k->c->cfg, &file, &e) < 0 || plans_text(k->cfg, &force, &e) < 0) {
		found(k, FINDING_PLAN_NOT_RELOADED, path, "cannot be compared with what is in force: %s",
		      e.text);
		return;
	}
	if (strcmp(strbuf_text(&file), strbuf_text(&force)) != 0)
		found(k, FINDING_PLAN_NOT_RELOADED, path,
		      "the file was changed after revision %lld was put in force; first new line: %s",
		      revision,
		      first_difference(strbuf_text(&force), strbuf_text(&file), line, sizeof(line)));
}

/* Where somebody keeps time, phones are watched; what they do not find is in the server's log alone. */
void check_log(struct checking *k)
{
	CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(WHY_MAX);
	struct report_time t;

	if (!k->c->fleet || !k->cfg || k->cfg->tftp_root[0] == '\0' || ctl_report_time(k->c, &t) != 0)
		return;
	if (!blind_look(k->cfg, &t, &why) && blind_to_missing(k->cfg, &t))
		found(k, FINDING_LOG_NOT_FOLLOWED, "the TFTP server's log", "nobody follows it");
}
