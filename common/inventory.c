/* SPDX-License-Identifier: MPL-2.0 */
/* Inventories of load directories: sha256sum's own format, so that a person can check without us. */
#include "inventory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "file.h"

void inventory_format(const struct inventory *inv, struct strbuf *sb)
{
	char text[DIGEST_TEXT_SIZE];

	for (unsigned i = 0; i < inv->n; i++)
		strbuf_addf(sb, "%s  %s\n", digest_format(text, &inv->files[i].sha256), inv->files[i].name);
}

/* "DIGEST  NAME" */
static int line_parse(struct inventory *inv, const char *p, size_t len, struct err *e)
{
	struct inventory_file *f = &inv->files[inv->n];
	const size_t hex = DIGEST_TEXT_SIZE - 1;

	if (inv->n == INVENTORY_FILES_MAX)
		return err_set(e, ERR_LIMIT, "more than %d files", INVENTORY_FILES_MAX);
	if (len < hex + 3 || p[hex] != ' ' || (p[hex + 1] != ' ' && p[hex + 1] != '*'))
		return err_set(e, ERR_INPUT, "a SHA-256, two blanks and a name are expected");
	size_t n = len - hex - 2;
	if (n > LOAD_FILE_MAX || memchr(p + hex + 2, '\0', n))
		return err_set(e, ERR_INPUT, "no name of a load's file");
	memset(f->name, 0, sizeof(f->name));
	memcpy(f->name, p + hex + 2, n);
	if (!loadset_file_name(f->name))
		return err_set(e, ERR_INPUT, "no name of a load's file");
	if (digest_parse(p, hex, &f->sha256, e) < 0)
		return -1;
	inv->n++;
	return 0;
}

int inventory_parse(const char *text, size_t len, struct inventory *ret, struct err *e)
{
	struct inventory inv = { .n = 0 };

	for (unsigned line = 1; len > 0; line++) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		if (line_parse(&inv, text, n, e) < 0)
			return err_wrap(e, "line %u", line);
		n += end != NULL;
		text += n;
		len -= n;
	}
	*ret = inv;
	return 0;
}

int inventory_read(const char *dir, struct inventory *ret, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(INVENTORY_BYTES_MAX);
	char path[PATH_MAX];

	if (path_join(path, sizeof(path), dir, INVENTORY_NAME, e) < 0)
		return -1;
	int r = file_read(path, INVENTORY_BYTES_MAX, &sb, e);
	if (r != 0)
		return r;
	return inventory_parse(strbuf_text(&sb), sb.len, ret, e) < 0 ? err_wrap(e, "%s", path) : 0;
}

int inventory_digest(const char *dir, const char *name, struct digest *ret, struct err *e)
{
	char path[PATH_MAX];
	struct stat sb;

	if (path_join(path, sizeof(path), dir, name, e) < 0)
		return -1;
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0 || fstat(fd, &sb) < 0)
		return err_sys(e, ERR_TREE, errno, "%s", path);
	if (!S_ISREG(sb.st_mode))
		return err_set(e, ERR_TREE, "%s: not a regular file", path);
	return digest_fd(fd, path, 0, NULL, NULL, ret, e);
}

int inventory_check(const char *dir, const struct inventory *inv, char *ret_what, size_t size, struct err *e)
{
	char then[DIGEST_TEXT_SIZE], now[DIGEST_TEXT_SIZE];

	for (unsigned i = 0; i < inv->n; i++) {
		const struct inventory_file *f = &inv->files[i];
		struct digest d;
		int r = inventory_digest(dir, f->name, &d, e);

		if (r < 0)
			return -1;
		if (r == 0 && digest_equal(&d, &f->sha256))
			continue;
		if (r > 0)
			snprintf(ret_what, size, "%s is gone", f->name);
		else
			snprintf(ret_what, size, "%s is not what was imported: sha256 %s then, %s now",
				 f->name, digest_format(then, &f->sha256), digest_format(now, &d));
		return 1;
	}
	return 0;
}
