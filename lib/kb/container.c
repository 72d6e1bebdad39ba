/* container - the members of a zip archive, which office documents are too */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/container.h"

#define SAME_NAMES_MAX 100 /* that are told apart */
#define STEPS_MAX 2000000  /* headers passed while looking for members */
#define NAME_MAX_BYTES 4096

struct container {
	const char *bytes;
	size_t len;
	char **names; /* of the members, in order; folders are NULL */
	size_t count, named;
	struct archive *archive;
	size_t next; /* member whose header comes next */
	size_t grown, steps;
};

/* Begin at the first member again. */
static int
rewind_to_first(struct container *c)
{
	if (c->archive != NULL)
		archive_read_free(c->archive);
	c->archive = archive_read_new();
	c->next = 0;
	if (c->archive == NULL ||
	    archive_read_support_format_zip_seekable(c->archive) !=
		ARCHIVE_OK ||
	    archive_read_open_memory(c->archive, c->bytes, c->len) !=
		ARCHIVE_OK)
		return err_set(ERR_DATA, "is no zip archive that can be read");
	return 0;
}

static int
next_header(struct container *c, struct archive_entry **ret)
{
	int got = archive_read_next_header(c->archive, ret);

	if (got == ARCHIVE_EOF)
		return 0;
	if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
		return err_set(ERR_DATA, "is a damaged zip archive");
	if (++c->steps > STEPS_MAX)
		return err_set(ERR_DATA, "has too many parts");
	c->next++;
	return 1;
}

static size_t find(const struct container *c, const char *name);

/*
 * The name of a member, which the caller frees. Another of a name that is there
 * is numbered before its ending: both are there to be read.
 */
static char *
own_name(const struct container *c, const char *name)
{
	char *mended = utf8_mend(name, strlen(name)), *own = xstrdup(mended);
	const char *slash = strrchr(mended, '/');
	const char *dot = strrchr(slash != NULL ? slash : mended, '.');
	size_t n;

	if (dot == NULL)
		dot = mended + strlen(mended);
	for (n = 2; n <= SAME_NAMES_MAX && find(c, own) != SIZE_MAX; n++) {
		free(own);
		own = xformat("%.*s (%zu)%s", (int)(dot - mended), mended, n,
		    dot);
	}
	free(mended);
	return own;
}

int
container_open(const char *bytes, size_t len, struct container **ret)
{
	struct container *c = xcalloc(1, sizeof(*c));
	struct archive_entry *e;
	const char *name;
	int code;

	c->bytes = bytes;
	c->len = len;
	code = rewind_to_first(c);
	while (code == 0 && (code = next_header(c, &e)) == 1) {
		code = 0;
		if (c->count == CONTAINER_MEMBERS_MAX) {
			code = err_set(ERR_DATA, "has more than %d members",
			    CONTAINER_MEMBERS_MAX);
			break;
		}
		if ((c->count & (c->count - 1)) == 0)
			c->names = xrealloc(c->names,
			    (c->count ? 2 * c->count : 1) * sizeof(*c->names));
		name = archive_entry_pathname(e);
		if (name == NULL || *name == '\0' ||
		    strlen(name) > NAME_MAX_BYTES ||
		    archive_entry_filetype(e) != AE_IFREG)
			c->names[c->count++] = NULL;
		else {
			c->names[c->count] = own_name(c, name);
			c->count++;
			c->named++;
		}
	}
	if (code == 0 && c->count == 0)
		code = err_set(ERR_DATA, "is a zip archive without members");
	if (code < 0)
		container_close(c);
	else
		*ret = c;
	return code;
}

void
container_close(struct container *c)
{
	size_t i;

	if (c == NULL)
		return;
	if (c->archive != NULL)
		archive_read_free(c->archive);
	for (i = 0; i < c->count; i++)
		free(c->names[i]);
	free(c->names);
	free(c);
}

static size_t
find(const struct container *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->names[i] != NULL && strcmp(c->names[i], name) == 0)
			return i;
	return SIZE_MAX;
}

size_t
container_count(const struct container *c)
{
	return c->named;
}

const char *
container_name(const struct container *c, size_t wanted)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->names[i] != NULL && wanted-- == 0)
			return c->names[i];
	return NULL;
}

bool
container_has(const struct container *c, const char *name)
{
	return find(c, name) != SIZE_MAX;
}

int
container_read(struct container *c, const char *name,
    int (*fn)(void *ctx, const char *bytes, size_t len), void *ctx)
{
	size_t wanted = find(c, name), len, grown = 0, packed;
	struct archive_entry *e = NULL;
	const void *piece;
	la_int64_t at;
	int code = 0, got;

	if (wanted == SIZE_MAX)
		return err_set(ERR_NO, "has no %s", name);
	if (wanted < c->next)
		code = rewind_to_first(c);
	while (code == 0 && c->next <= wanted)
		if ((code = next_header(c, &e)) == 1)
			code = 0;
		else if (code == 0)
			code = err_set(ERR_DATA, "is a damaged zip archive");
	if (code < 0)
		return code;
	if (archive_entry_is_encrypted(e))
		return err_set(ERR_DATA,
		    "is protected by a password; save it without one");
	while ((got = archive_read_data_block(c->archive, &piece, &len, &at)) ==
	    ARCHIVE_OK) {
		grown += len;
		c->grown += len;
		/* Bytes of the whole archive, as headers may say anything. */
		packed = c->len;
		if (c->grown > CONTAINER_BYTES_MAX ||
		    (grown > 1 << 20 && grown / CONTAINER_RATIO_MAX > packed))
			return err_set(ERR_DATA,
			    "grows too much when it is unpacked");
		code = fn(ctx, piece, len);
		if (code != 0)
			return code;
	}
	if (got != ARCHIVE_EOF)
		return err_set(ERR_DATA, "is a damaged zip archive, at %s",
		    name);
	return 0;
}

static int
keep(void *ctx, const char *bytes, size_t len)
{
	struct buf *b = ctx;

	buf_add(b, bytes, len);
	return b->failed ?
	    err_set(ERR_DATA, "has a part of more than %zu MiB", b->max >> 20) :
	    0;
}

int
container_load(struct container *c, const char *name, size_t max, char **ret,
    size_t *ret_len)
{
	struct buf b = BUF_INIT(max);
	int code = container_read(c, name, keep, &b);

	if (code == 0) {
		*ret_len = b.len;
		*ret = buf_detach(&b);
	} else
		buf_release(&b);
	return code;
}
