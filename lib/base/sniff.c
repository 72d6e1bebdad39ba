/* sniff - what a file is, by its bytes, by way of libmagic */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <magic.h>

#include "base/sniff.h"
#include "base/str.h"

#define HEAD_BYTES (256 * 1024) /* enough for the tables of office files */

char *
sniff_type(int fd)
{
	magic_t m = magic_open(MAGIC_MIME_TYPE);
	char *head = xmalloc(HEAD_BYTES), *type = NULL;
	const char *told;
	ssize_t n = pread(fd, head, HEAD_BYTES, 0);

	/* By a buffer: libmagic would read devices and follow names. */
	if (m != NULL && n > 0 && magic_load(m, NULL) == 0 &&
	    (told = magic_buffer(m, head, (size_t)n)) != NULL)
		type = xstrdup(told);
	if (m != NULL)
		magic_close(m);
	free(head);
	lseek(fd, 0, SEEK_SET);
	return type != NULL ? type : xstrdup("application/octet-stream");
}
