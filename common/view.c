/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Links, and nothing but links. What is already there is read first: only a link whose text is one of ours is
 * ever replaced or removed. A link that is not there yet is made under its final name (symlink(2) refuses to
 * replace anything); a swing makes a link under a unique name and renames it, so that a reader sees the old
 * or the new one.
 */
#include "view.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "strbuf.h"

#define PATH_BYTES 512
#define LINK_BYTES 160 /* "../stages/" + plan + "/" + load, NUL; a longer text is not ours */
#define LOCK_NAME ".loadstep.lock"
#define LOCK_STEP_MS 5
#define DIR_MODE 0775
#define LOCK_MODE 0660 /* hook, helper and operator: one group */
#define SWING_TRIES 16
#define STAGES_PREFIX "../stages/"
#define PHONES_PREFIX "phones/"
#define NEUTRAL_TEXT "."
#define WAITING_NAME "waiting"
#define XMLDEFAULT "XMLDefault.cnf.xml"

/* ---- the root */

static int make_phones_dir(const char *root, struct err *e)
{
	char path[PATH_BYTES];
	struct stat sb;

	if (path_join(path, sizeof(path), root, "phones", e) < 0)
		return -1;
	if (mkdir(path, DIR_MODE) < 0) {
		if (errno != EEXIST)
			return err_sys(e, ERR_TREE, errno, "making %s", path);
		return 0;
	}
	/* The umask of whoever comes first must not shut the others out; the root's setgid bit was inherited
	 * and stays. */
	if (stat(path, &sb) < 0 || chmod(path, (sb.st_mode & 07777) | DIR_MODE) < 0)
		return err_sys(e, ERR_TREE, errno, "setting the mode of %s", path);
	return 0;
}

int view_init(struct view *v, const char *root, struct err *e)
{
	struct view fresh;
	struct stat sb;
	size_t len = strlen(root);

	if (root[0] != '/')
		return err_set(e, ERR_TREE, "TFTP root \"%s\": must be an absolute path", root);
	if (!text_copy(fresh.root, sizeof(fresh.root), root))
		return err_set(e, ERR_LIMIT, "TFTP root %s: longer than %zu bytes", root,
			       sizeof(fresh.root) - 1);
	while (len > 1 && fresh.root[len - 1] == '/')
		fresh.root[--len] = '\0';
	if (stat(fresh.root, &sb) < 0)
		return err_sys(e, ERR_TREE, errno, "TFTP root %s", root);
	if (!S_ISDIR(sb.st_mode))
		return err_set(e, ERR_TREE, "TFTP root %s: is not a directory", root);
	if (make_phones_dir(fresh.root, e) < 0)
		return -1;
	*v = fresh;
	return 0;
}

static int open_lock(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, LOCK_MODE);

	if (fd >= 0 && fchmod(fd, LOCK_MODE) < 0) {
		err_sys(e, ERR_TREE, errno, "setting the mode of %s", path);
		close(fd);
		return -1;
	}
	if (fd < 0 && errno == EEXIST)
		fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, ERR_TREE, errno, "%s", path);
	return fd;
}

int view_lock(const struct view *v, int wait_ms, int *ret_fd, struct err *e)
{
	const struct timespec step = { .tv_nsec = LOCK_STEP_MS * 1000000L };
	char path[PATH_BYTES];

	if (path_join(path, sizeof(path), v->root, LOCK_NAME, e) < 0)
		return -1;
	CLEANUP(cleanup_fd) int fd = open_lock(path, e);
	if (fd < 0)
		return -1;
	for (int waited_ms = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited_ms += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(e, ERR_TREE, errno, "locking %s", path);
		if (waited_ms >= wait_ms)
			return err_set(e, ERR_BUSY, "%s is held by another process for more than %d ms", path,
				       wait_ms);
		nanosleep(&step, NULL);
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

void view_unlock(int fd)
{
	if (fd >= 0)
		close(fd); /* the lock goes with the last descriptor */
}

/* ---- one link */

enum link_state { LINK_NONE, LINK_TEXT, LINK_NOT_A_LINK };

/* What is at path: the text of a link in *ret. A text too long to be ours is returned as "". */
static int read_link(const char *path, char ret[static LINK_BYTES], enum link_state *ret_state, struct err *e)
{
	ssize_t n = readlink(path, ret, LINK_BYTES);

	*ret_state = LINK_TEXT;
	if (n >= 0) {
		ret[n < LINK_BYTES ? n : 0] = '\0';
		return 0;
	}
	ret[0] = '\0';
	if (errno == ENOENT)
		*ret_state = LINK_NONE;
	else if (errno == EINVAL)
		*ret_state = LINK_NOT_A_LINK;
	else
		return err_sys(e, ERR_TREE, errno, "reading %s", path);
	return 0;
}

static int unique_name(char *buf, size_t size, const char *path, struct err *e)
{
	uint64_t random;
	const char *base = path_base(path);

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return err_sys(e, ERR_SYSTEM, errno, "random bytes");
	int n = snprintf(buf, size, "%.*s.loadstep-%016llx", (int)(base - path), path,
			 (unsigned long long)random);
	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_LIMIT, "%s: path is too long", path);
	return 0;
}

/* Replace the link at path. */
static int swing(const char *path, const char *text, struct err *e)
{
	char temp[PATH_BYTES + 32];

	for (int i = 0; i < SWING_TRIES; i++) {
		if (unique_name(temp, sizeof(temp), path, e) < 0)
			return -1;
		if (symlink(text, temp) < 0) {
			if (errno == EEXIST)
				continue;
			return err_sys(e, ERR_TREE, errno, "making a link in the directory of %s", path);
		}
		if (rename(temp, path) == 0)
			return 0;
		err_sys(e, ERR_TREE, errno, "swinging %s", path);
		unlink(temp);
		return -1;
	}
	return err_set(e, ERR_TREE, "%s: no unique name beside it", path);
}

typedef bool (*ours_fn)(const char *text);

/* Make the link at path say `text` (NULL: be gone). 0 = changed, 1 = was so; -1 also for what is not ours. */
static int set_link(const char *path, const char *text, ours_fn ours, struct err *e)
{
	char now[LINK_BYTES];
	enum link_state state;

	for (int i = 0; i < SWING_TRIES; i++) {
		if (read_link(path, now, &state, e) < 0)
			return -1;
		if (state == LINK_NOT_A_LINK || (state == LINK_TEXT && !ours(now)))
			return err_set(e, ERR_TREE, "%s is there and no link of loadstep's: left as it is",
				       path);
		if (state == LINK_NONE && !text)
			return 1;
		if (state == LINK_TEXT && text && strcmp(now, text) == 0)
			return 1;
		if (state == LINK_TEXT && text)
			return swing(path, text, e);
		if (!text && (unlink(path) == 0 || errno == ENOENT))
			return 0;
		if (text && symlink(text, path) == 0)
			return 0;
		if (!text || errno != EEXIST) /* there meanwhile: look again */
			return err_sys(e, ERR_TREE, errno, "%s %s", text ? "making" : "removing", path);
	}
	return err_set(e, ERR_TREE, "%s: changes all the time", path);
}

/* ---- phones/<mac> */

static int phone_path(const struct view *v, const struct mac *mac, char *buf, size_t size, struct err *e)
{
	char text[MAC_TEXT_SIZE];
	int n = snprintf(buf, size, "%s/" PHONES_PREFIX "%s", v->root, mac_format(text, mac));

	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_LIMIT, "%s: path is too long", v->root);
	return 0;
}

static void parse_standing(const char *text, struct standing *ret)
{
	struct standing s = { .kind = VIEW_FOREIGN };
	size_t prefix = strlen(STAGES_PREFIX);

	*ret = s;
	if (strcmp(text, "..") == 0) {
		ret->kind = VIEW_PLAIN;
		return;
	}
	if (strncmp(text, STAGES_PREFIX, prefix) != 0)
		return;
	const char *plan = text + prefix, *slash = strchr(plan, '/');
	if (!slash || slash == plan || (size_t)(slash - plan) >= sizeof(s.plan))
		return;
	memcpy(s.plan, plan, (size_t)(slash - plan));
	if (s.plan[0] == '.')
		return;
	const char *load = slash + 1;
	if (strcmp(load, WAITING_NAME) == 0)
		s.kind = VIEW_WAITING;
	else if (load_name_parse(load, strlen(load), &s.load, NULL) == 0)
		s.kind = VIEW_STAGE;
	if (s.kind != VIEW_FOREIGN)
		*ret = s;
}

static bool is_phone_link(const char *text)
{
	struct standing s;

	parse_standing(text, &s);
	return s.kind != VIEW_FOREIGN;
}

int view_phone_get(const struct view *v, const struct mac *mac, struct standing *ret, struct err *e)
{
	char path[PATH_BYTES], text[LINK_BYTES];
	enum link_state state;

	if (phone_path(v, mac, path, sizeof(path), e) < 0 || read_link(path, text, &state, e) < 0)
		return -1;
	if (state == LINK_TEXT)
		parse_standing(text, ret);
	else
		*ret = (struct standing){ .kind = state == LINK_NONE ? VIEW_NONE : VIEW_FOREIGN };
	return 0;
}

/* The text of a phone's link; *ret_text NULL for VIEW_NONE. */
static int format_standing(const struct standing *s, char buf[static LINK_BYTES], const char **ret_text,
			   struct err *e)
{
	int n = 0;

	switch (s->kind) {
	case VIEW_NONE:
		*ret_text = NULL;
		return 0;
	case VIEW_PLAIN:
		n = snprintf(buf, LINK_BYTES, "..");
		break;
	case VIEW_STAGE:
		n = snprintf(buf, LINK_BYTES, STAGES_PREFIX "%s/%s", s->plan, s->load.s);
		break;
	case VIEW_WAITING:
		n = snprintf(buf, LINK_BYTES, STAGES_PREFIX "%s/" WAITING_NAME, s->plan);
		break;
	case VIEW_FOREIGN:
		break;
	}
	/* What we could not read back as the same standing must not be written. */
	struct standing back = { .kind = VIEW_FOREIGN };
	if (n > 0 && n < LINK_BYTES)
		parse_standing(buf, &back);
	if (back.kind != s->kind)
		return err_set(e, ERR_TREE, "plan \"%s\", load \"%s\": cannot be a link", s->plan, s->load.s);
	*ret_text = buf;
	return 0;
}

int view_phone_set(const struct view *v, const struct mac *mac, const struct standing *s, struct err *e)
{
	char path[PATH_BYTES], buf[LINK_BYTES];
	const char *text = NULL;

	if (phone_path(v, mac, path, sizeof(path), e) < 0 || format_standing(s, buf, &text, e) < 0)
		return -1;
	return set_link(path, text, is_phone_link, e);
}

/* ---- <root>/<address> */

static int address_path(const struct view *v, struct ip4 addr, char *buf, size_t size, struct err *e)
{
	char text[IP4_TEXT_SIZE];

	return path_join(buf, size, v->root, ip4_format(text, addr), e);
}

/* Exactly as we write it. 0 or 1. */
static int parse_address_link(const char *text, struct mac *ret)
{
	size_t prefix = strlen(PHONES_PREFIX);
	char again[MAC_TEXT_SIZE];
	struct mac mac;

	if (strncmp(text, PHONES_PREFIX, prefix) != 0 || parse_mac("link", text + prefix, &mac, NULL) < 0 ||
	    strcmp(mac_format(again, &mac), text + prefix) != 0)
		return 1;
	*ret = mac;
	return 0;
}

static bool is_address_link(const char *text)
{
	struct mac mac;

	return strcmp(text, NEUTRAL_TEXT) == 0 || parse_address_link(text, &mac) == 0;
}

int view_address_get(const struct view *v, struct ip4 addr, struct mac *ret_mac, struct err *e)
{
	char path[PATH_BYTES], text[LINK_BYTES];
	enum link_state state;

	if (address_path(v, addr, path, sizeof(path), e) < 0 || read_link(path, text, &state, e) < 0)
		return -1;
	return state == LINK_TEXT ? parse_address_link(text, ret_mac) : 1;
}

int view_address_set(const struct view *v, struct ip4 addr, const struct mac *mac, struct err *e)
{
	char path[PATH_BYTES], name[MAC_TEXT_SIZE], text[LINK_BYTES];

	if (address_path(v, addr, path, sizeof(path), e) < 0)
		return -1;
	if (mac)
		snprintf(text, sizeof(text), PHONES_PREFIX "%s", mac_format(name, mac));
	return set_link(path, mac ? text : NULL, is_address_link, e);
}

int view_address_neutral(const struct view *v, struct ip4 addr, struct err *e)
{
	char path[PATH_BYTES];

	if (address_path(v, addr, path, sizeof(path), e) < 0)
		return -1;
	return set_link(path, NEUTRAL_TEXT, is_address_link, e);
}

bool view_address_is_neutral(const struct view *v, struct ip4 addr)
{
	char path[PATH_BYTES], text[LINK_BYTES];
	enum link_state state;
	struct err e;

	return address_path(v, addr, path, sizeof(path), &e) == 0 && read_link(path, text, &state, &e) == 0 &&
	       state == LINK_TEXT && strcmp(text, NEUTRAL_TEXT) == 0;
}

int view_address_fill(const struct view *v, struct ip4 addr, bool apply, struct err *e)
{
	char path[PATH_BYTES];
	struct stat sb;

	if (address_path(v, addr, path, sizeof(path), e) < 0)
		return -1;
	if (lstat(path, &sb) == 0)
		return 1;
	if (!apply || symlink(NEUTRAL_TEXT, path) == 0)
		return 0;
	return errno == EEXIST ? 1 : err_sys(e, ERR_TREE, errno, "making %s", path);
}

struct addresses {
	struct ip4 *a;
	size_t n;
};

static void addresses_fini(struct addresses *list)
{
	free(list->a);
}

/* Every name in the root that is an address. They are gathered first: what a callback changes must not change
 * the walk. */
static int collect_addresses(const char *root, struct addresses *ret, struct err *e)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(root);
	const struct dirent *d;

	if (!dir)
		return err_sys(e, ERR_TREE, errno, "reading %s", root);
	while (errno = 0, (d = readdir(dir))) {
		struct ip4 addr;
		if (parse_ip4("name", d->d_name, &addr, NULL) < 0)
			continue;
		struct ip4 *a = reallocarray(ret->a, ret->n + 1, sizeof(*a));
		if (!a)
			return err_sys(e, ERR_SYSTEM, ENOMEM, "reading %s", root);
		ret->a = a;
		a[ret->n++] = addr;
	}
	return errno ? err_sys(e, ERR_TREE, errno, "reading %s", root) : 0;
}

int view_address_list(const struct view *v, view_address_fn fn, void *arg, struct err *e)
{
	CLEANUP(addresses_fini) struct addresses list = { 0 };

	if (collect_addresses(v->root, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		struct mac mac;
		int r = view_address_get(v, list.a[i], &mac, e);
		if (r == 0)
			r = fn(arg, list.a[i], &mac, e);
		else if (r == 1)
			r = 0;
		if (r != 0)
			return r;
	}
	return 0;
}

int view_neutral_remove(const struct view *v, bool apply, struct err *e)
{
	CLEANUP(addresses_fini) struct addresses list = { 0 };
	char path[PATH_BYTES];
	int n = 0;

	if (collect_addresses(v->root, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		if (!view_address_is_neutral(v, list.a[i]))
			continue;
		if (address_path(v, list.a[i], path, sizeof(path), e) < 0)
			return -1;
		if (apply && unlink(path) < 0 && errno != ENOENT)
			return err_sys(e, ERR_TREE, errno, "removing %s", path);
		n++;
	}
	return n;
}

/* ---- looking at files */

static int file_size(const char *path, int64_t *ret_bytes)
{
	struct stat sb;

	if (stat(path, &sb) < 0 || !S_ISREG(sb.st_mode))
		return 1;
	if (ret_bytes)
		*ret_bytes = sb.st_size;
	return 0;
}

int view_stage_ready(const struct view *v, const char *plan, const struct load_name *load, int64_t *ret_bytes)
{
	char path[PATH_BYTES];
	int n = snprintf(path, sizeof(path), "%s/stages/%s/%s/" XMLDEFAULT, v->root, plan,
			 load ? load->s : WAITING_NAME);

	if (n < 0 || (size_t)n >= sizeof(path))
		return 1;
	return file_size(path, ret_bytes);
}

/* ---- SEP<MAC>.cnf.xml in a stage */

static const char *const sep_texts[] = {
	[VIEW_SEP_NONE] = NULL,
	[VIEW_SEP_DEVICE] = VIEW_SEP_FILE,
	[VIEW_SEP_DEFAULT] = XMLDEFAULT,
};

static int sep_path(const struct view *v, const char *plan, const struct load_name *load, const struct mac *mac,
		    char *buf, size_t size)
{
	char bare[MAC_TEXT_SIZE];
	int n = snprintf(buf, size, "%s/stages/%s/%s/SEP%s.cnf.xml", v->root, plan, load->s, mac_format_bare(bare, mac));

	return n > 0 && (size_t)n < size ? 0 : -1;
}

static bool is_sep_link(const char *text)
{
	return strcmp(text, VIEW_SEP_FILE) == 0 || strcmp(text, XMLDEFAULT) == 0;
}

int view_sep_set(const struct view *v, const char *plan, const struct load_name *load, const struct mac *mac,
		 enum view_sep sep, struct err *e)
{
	char path[PATH_BYTES];

	if (sep_path(v, plan, load, mac, path, sizeof(path)) < 0)
		return err_set(e, ERR_LIMIT, "stages/%s/%s: path is too long", plan, load->s);
	return set_link(path, sep_texts[sep], is_sep_link, e);
}

int view_sep_bytes(const struct view *v, const char *plan, const struct load_name *load, const struct mac *mac,
		   int64_t *ret_bytes)
{
	char path[PATH_BYTES];

	return sep_path(v, plan, load, mac, path, sizeof(path)) < 0 ? 1 : file_size(path, ret_bytes);
}

bool view_is_sep_name(const char *name)
{
	return strncmp(name, "SEP", 3) == 0 && strspn(name + 3, "0123456789ABCDEF") == 12 &&
	       strcmp(name + 15, ".cnf.xml") == 0;
}

static bool has_own(const struct view *v, const struct mac *mac, const char *before, const char *behind)
{
	char path[PATH_BYTES], bare[MAC_TEXT_SIZE];
	int n = snprintf(path, sizeof(path), "%s/%s%s%s", v->root, before, mac_format_bare(bare, mac), behind);

	return n > 0 && (size_t)n < sizeof(path) && file_size(path, NULL) == 0;
}

bool view_has_sep(const struct view *v, const struct mac *mac)
{
	return has_own(v, mac, "SEP", ".cnf.xml");
}

bool view_has_sip(const struct view *v, const struct mac *mac)
{
	return has_own(v, mac, "SIP", ".cnf");
}

bool view_provisioned(const struct view *v, const struct mac *mac)
{
	return view_has_sep(v, mac) || view_has_sip(v, mac);
}

/* "./" and "//" are how phones spell some names (F§2) and lead nowhere; ".." does. */
static bool has_parent(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += strspn(p, "/");
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
			return true;
	}
	return false;
}

int view_split_path(const struct view *v, const char *path, struct ip4 *ret_addr, const char **ret_file)
{
	size_t root_len = strcmp(v->root, "/") == 0 ? 0 : strlen(v->root);
	char first[IP4_TEXT_SIZE];
	struct ip4 addr = { 0 };

	if (strncmp(path, v->root, root_len) != 0 || path[root_len] != '/' || has_parent(path))
		return 1;
	const char *file = path + root_len + 1;
	const char *slash = strchr(file, '/');
	if (slash && slash[1] != '\0' && (size_t)(slash - file) < sizeof(first)) {
		memcpy(first, file, (size_t)(slash - file));
		first[slash - file] = '\0';
		if (parse_ip4("directory", first, &addr, NULL) == 0)
			file = slash + 1;
	}
	if (file[0] == '\0')
		return 1;
	*ret_addr = addr;
	*ret_file = file;
	return 0;
}
