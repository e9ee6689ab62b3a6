/* SPDX-License-Identifier: MPL-2.0 */
/* in.tftpd (tftp-hpa): the options of a running one, or of Debian's /etc/default/tftpd-hpa; and its map file. atftpd: the
 * options of a running one. */
#ifndef LOADSTEP_TFTPDCONF_H
#define LOADSTEP_TFTPDCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define TFTPD_DEFAULTS "/etc/default/tftpd-hpa"

struct tftpd_conf {
	bool secure;
	char user[64]; /* "" = not named: nobody */
	char map[256]; /* "" = none */
	char dir[256]; /* the first directory, "" = none */
	char address[64]; /* "" = every one, port tftp */
};

/* Arguments without the program's name. */
void tftpd_conf_args(struct tftpd_conf *ret, int argc, char *const argv[]);

/* TFTP_USERNAME, TFTP_DIRECTORY, TFTP_ADDRESS and TFTP_OPTIONS of the file's text, each as sh reads NAME=word or
 * NAME="words". Total. */
void tftpd_conf_defaults(struct tftpd_conf *ret, const char *text, size_t len);

/* Does a map file's text have a rule that looks at the client's address (\i or \x)? Comments do not count. */
bool tftpd_map_uses_address(const char *text, size_t len);

#define ATFTPD_TELLS_ENDS 7 /* --verbose; files that are missing from 6 on (D§6) */

struct atftpd_conf {
	int verbose;
	char dir[256];
};

/* Arguments without the program's name. */
void atftpd_conf_args(struct atftpd_conf *ret, int argc, char *const argv[]);

#endif
