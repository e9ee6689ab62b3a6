/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Firmware does not compress, so deflate mostly stores it, and a byte that changed on its way is seen by the
 * CRC at the end alone. libarchive skips that (and stops at the tar's end); zlib is asked here.
 */
#include "unpack_priv.h"

#include <errno.h>
#include <unistd.h>

#include <zlib.h>

#include "cleanup.h"

static void cleanup_gz(gzFile *gz)
{
	if (*gz)
		(void)gzclose_r(*gz);
}

int unpack_gzip_check(int fd, size_t offset, struct err *e)
{
	CLEANUP(cleanup_gz) gzFile gz = NULL;
	unsigned char magic[2], chunk[UNPACK_CHUNK_BYTES];
	int64_t total = 0;
	int n;

	if (pread(fd, magic, sizeof(magic), (off_t)offset) != (ssize_t)sizeof(magic) || magic[0] != 0x1f ||
	    magic[1] != 0x8b)
		return 0;
	int own = dup(fd); /* gzclose closes it */
	if (own >= 0 && lseek(own, (off_t)offset, SEEK_SET) >= 0)
		gz = gzdopen(own, "r");
	if (!gz) {
		int why = errno;

		if (own >= 0)
			close(own);
		return err_sys(e, ERR_SYSTEM, why, "checking a gzip");
	}
	while ((n = gzread(gz, chunk, sizeof(chunk))) > 0) {
		total += n;
		if (total > UNPACK_TOTAL_MAX)
			return err_set(e, ERR_LIMIT, "unpacks to more than %lld bytes", UNPACK_TOTAL_MAX);
	}
	if (n < 0 || gzclose_r(TAKE(gz)) != Z_OK)
		return err_set(e, ERR_INPUT, "damaged or cut short: gzip's checksum does not fit");
	return 0;
}
