/* container - the members of a zip archive, which office documents are too */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <utf8proc.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/block.h"
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

/* libarchive has the names that are marked as UTF-8 in the charset of the
 * locale, and none of what that lacks: in "C" all but ASCII. */
static locale_t
letters(void)
{
	static locale_t loaded;

	if (loaded == (locale_t)0)
		loaded = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return loaded;
}

void
container_ready(void)
{
	letters();
}

static int
next_header(struct container *c, struct archive_entry **ret)
{
	locale_t own = letters(), before = uselocale(own);
	int got = archive_read_next_header(c->archive, ret);

	uselocale(before);
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
 * A name to go by, which the caller frees. Another of a name that is there is
 * numbered before its ending: both are there to be read.
 */
static char *
own_name(const struct container *c, const char *name)
{
	char *own = xstrdup(name);
	const char *slash = strrchr(name, '/');
	const char *dot = strrchr(slash != NULL ? slash : name, '.');
	size_t n;

	if (dot == NULL)
		dot = name + strlen(name);
	for (n = 2; n <= SAME_NAMES_MAX && find(c, own) != SIZE_MAX; n++) {
		free(own);
		own = xformat("%.*s (%zu)%s", (int)(dot - name), name, n, dot);
	}
	return own;
}

/*
 * The bytes of a member's name, which the caller frees; NULL: it is no file.
 * The beginning of a name that is too long goes: its end tells the type. One
 * that cannot be read is made up, as one that is taken for a document.
 */
static char *
raw_name(struct archive_entry *e, size_t at)
{
	const char *name = archive_entry_pathname(e);
	size_t len;

	if (archive_entry_filetype(e) != AE_IFREG)
		return NULL;
	if (name == NULL || *name == '\0')
		return xformat("member %zu.txt", at + 1);
	len = strlen(name);
	if (len > NAME_MAX_BYTES)
		for (name += len - NAME_MAX_BYTES; (*name & 0xc0) == 0x80;)
			name++; /* within a character */
	return xstrdup(name);
}

/* Names that are not UTF-8 are of one charset, which many tell best. */
static void
name_members(struct container *c)
{
	struct buf odd = BUF_INIT(0);
	char **raw = c->names, *name;
	const char *charset = NULL;
	size_t i, len;

	for (i = 0; i < c->count; i++)
		if (raw[i] != NULL && !utf8_valid(raw[i], strlen(raw[i])))
			buf_addf(&odd, "%s\n", raw[i]);
	if (odd.len > 0)
		charset = text_names_charset(odd.data, odd.len);
	c->names = xcalloc(c->count, sizeof(*c->names));
	for (i = 0; i < c->count; i++) {
		if (raw[i] == NULL)
			continue;
		len = strlen(raw[i]);
		name = utf8_valid(raw[i], len) || charset == NULL ?
		    NULL :
		    text_from(raw[i], len, charset, &len);
		if (name == NULL)
			name = utf8_mend(raw[i], len);
		c->names[i] = own_name(c, name);
		c->named++;
		free(name);
		free(raw[i]);
	}
	free(raw);
	buf_release(&odd);
}

int
container_open(const char *bytes, size_t len, struct container **ret)
{
	struct container *c = xcalloc(1, sizeof(*c));
	struct archive_entry *e;
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
		c->names[c->count] = raw_name(e, c->count);
		c->count++;
	}
	if (code == 0 && c->count == 0)
		code = err_set(ERR_DATA, "is a zip archive without members");
	if (code < 0)
		container_close(c);
	else {
		name_members(c);
		*ret = c;
	}
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

static bool
is_ascii(const char *name)
{
	while (*name != '\0' && (unsigned char)*name < 0x80)
		name++;
	return *name == '\0';
}

static char *
composed(const char *name)
{
	return (char *)utf8proc_NFC((const utf8proc_uint8_t *)name);
}

/* The member that is meant: a Macintosh parts accents from letters in names of
 * files, and what refers to them may not. */
static size_t
find_meant(const struct container *c, const char *name)
{
	size_t at = find(c, name), i;
	char *wanted, *own;

	if (at != SIZE_MAX || is_ascii(name) ||
	    (wanted = composed(name)) == NULL)
		return at;
	for (i = 0; i < c->count && at == SIZE_MAX; i++) {
		own = c->names[i] != NULL ? composed(c->names[i]) : NULL;
		if (own != NULL && strcmp(own, wanted) == 0)
			at = i;
		free(own);
	}
	free(wanted);
	return at;
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
	return find_meant(c, name) != SIZE_MAX;
}

int
container_read(struct container *c, const char *name,
    int (*fn)(void *ctx, const char *bytes, size_t len), void *ctx)
{
	size_t wanted = find_meant(c, name), len, grown = 0, packed;
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
