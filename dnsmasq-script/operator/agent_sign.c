/* SPDX-License-Identifier: MPL-2.0 */
/* See agent_sign.h. */
#include "agent_sign.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "spool.h"
#include "strbuf.h"

#define SIGN_MODE 0644 /* whoever may ask for the status may know it */
#define PATH_SIZE 512

int agent_sign_give(const char *store_url, const char *log, struct err *e)
{
	char path[PATH_SIZE], line[PATH_SIZE];

	if (spool_beside(store_url, AGENT_SIGN_SUFFIX, path, sizeof(path), e) < 0)
		return -1;
	line[0] = '\0';
	if (log) {
		char shown[PATH_SIZE - 1];

		snprintf(line, sizeof(line), "%s\n", text_escape(shown, sizeof(shown), log, strlen(log)));
	}
	int rc = file_replace(path, line, strlen(line), SIGN_MODE, 0, e);
	if (rc == 1)
		(void)utimensat(AT_FDCWD, path, NULL, 0);
	return rc < 0 ? -1 : 0;
}

enum agent_sign agent_sign_look(const char *store_url, int64_t *ret_at_ms)
{
	char path[PATH_SIZE];
	struct stat st;

	if (spool_beside(store_url, AGENT_SIGN_SUFFIX, path, sizeof(path), NULL) < 0 || stat(path, &st) < 0)
		return AGENT_SIGN_NEVER;
	*ret_at_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	return st.st_size > 0 ? AGENT_SIGN_LOG : AGENT_SIGN_NO_LOG;
}
