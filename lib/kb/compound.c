/* compound - the streams of a compound file */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "kb/compound.h"

#define HEADER_BYTES 512
#define HEADER_FATS 109 /* sectors of the table that the header names */
#define ENTRY_BYTES 128
#define SECTORS_MAX 0xfffffff0u /* what is above means an end */
#define ROOT 5
#define STREAM 2
#define FOLDER 1

struct compound {
	const char *bytes;
	size_t len;
	unsigned shift, mini_shift;
	uint32_t cutoff; /* streams below are in small sectors */
	uint32_t *fat_at;
	size_t fats;
	struct buf entries, mini, mini_fat;
	/* Of compound_next(): entries that are still to be looked at, each with
	 * its folder, and whether one ever was. */
	struct waiting {
		uint32_t entry, folder;
	} * waiting;
	size_t waits;
	bool *is_seen;
};

uint16_t
le16(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint16_t)(b[0] | b[1] << 8);
}

uint32_t
le32(const char *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

/* NULL: it is not within the file. */
static const char *
sector(const struct compound *c, uint32_t n)
{
	uint64_t at = ((uint64_t)n + 1) << c->shift;

	return at + (1u << c->shift) <= c->len ? c->bytes + at : NULL;
}

/* The sector behind n; SECTORS_MAX: it is the last, or nobody knows. */
static uint32_t
behind(const struct compound *c, uint32_t n)
{
	uint32_t each = (1u << c->shift) / 4;
	const char *fat =
	    n / each < c->fats ? sector(c, c->fat_at[n / each]) : NULL;
	uint32_t next = fat != NULL ? le32(fat + n % each * 4) : SECTORS_MAX;

	return next < SECTORS_MAX ? next : SECTORS_MAX;
}

/* At most max bytes of the chain that begins at n. */
static int
load_chain(const struct compound *c, uint32_t n, size_t max, struct buf *ret)
{
	size_t left = c->len >> c->shift, some;
	const char *p;

	for (; n < SECTORS_MAX && ret->len < max; n = behind(c, n)) {
		p = sector(c, n);
		if (p == NULL || left-- == 0)
			return err_set(ERR_DATA,
			    "is a damaged office document");
		some = max - ret->len;
		buf_add(ret, p,
		    some < 1u << c->shift ? some : (size_t)1 << c->shift);
	}
	return 0;
}

/* The same in the small sectors. */
static int
load_small(const struct compound *c, uint32_t n, size_t max, struct buf *ret)
{
	size_t each = (size_t)1 << c->mini_shift, left, some;

	left = c->mini.len / each + 1;
	while (n < SECTORS_MAX && ret->len < max) {
		if ((n + (uint64_t)1) * each > c->mini.len ||
		    (n + (uint64_t)1) * 4 > c->mini_fat.len || left-- == 0)
			return err_set(ERR_DATA,
			    "is a damaged office document");
		some = max - ret->len;
		buf_add(ret, c->mini.data + n * each,
		    some < each ? some : each);
		n = le32(c->mini_fat.data + (size_t)n * 4);
	}
	return 0;
}

static void
add_fat(struct compound *c, uint32_t at)
{
	if (at >= SECTORS_MAX)
		return;
	if ((c->fats & (c->fats - 1)) == 0)
		c->fat_at = xrealloc(c->fat_at,
		    (c->fats ? 2 * c->fats : 1) * sizeof(*c->fat_at));
	c->fat_at[c->fats++] = at;
}

/* Where the table of sectors is: in the header, and a chain of its own. */
static void
find_fats(struct compound *c)
{
	uint32_t each = (1u << c->shift) / 4 - 1, i, n = le32(c->bytes + 68);
	size_t left = c->len >> c->shift;
	const char *p;

	for (i = 0; i < HEADER_FATS; i++)
		add_fat(c, le32(c->bytes + 76 + 4 * i));
	for (; n < SECTORS_MAX && left-- > 0 && (p = sector(c, n)) != NULL;
	     n = le32(p + (size_t)each * 4))
		for (i = 0; i < each; i++)
			add_fat(c, le32(p + (size_t)i * 4));
}

static bool
is_called(const char *entry, const char *name)
{
	size_t n = strlen(name), i;

	if (le16(entry + 64) != 2 * n + 2 || n > 31)
		return false;
	for (i = 0; i < n; i++)
		if (le16(entry + 2 * i) != (unsigned char)name[i])
			return false;
	return true;
}

static int
open_file(struct compound *c)
{
	const char *b = c->bytes;
	size_t i;
	int code;

	if (c->len < HEADER_BYTES || memcmp(b, "\320\317\021\340", 4) != 0)
		return err_set(ERR_DATA,
		    "is no office document of before"
		    " 2007");
	c->shift = le16(b + 30);
	c->mini_shift = le16(b + 32);
	c->cutoff = le32(b + 56);
	if ((c->shift != 9 && c->shift != 12) || c->mini_shift != 6)
		return err_set(ERR_DATA, "is a damaged office document");
	find_fats(c);
	code = load_chain(c, le32(b + 48), c->len, &c->entries);
	if (code == 0)
		code = load_chain(c, le32(b + 60), c->len, &c->mini_fat);
	for (i = 0; code == 0 && i + ENTRY_BYTES <= c->entries.len;
	     i += ENTRY_BYTES)
		if (c->entries.data[i + 66] == ROOT)
			return load_chain(c, le32(c->entries.data + i + 116),
			    le32(c->entries.data + i + 120), &c->mini);
	return code;
}

static int
load_entry(const struct compound *c, const char *e, size_t max, struct buf *ret)
{
	size_t size = le32(e + 120);
	uint32_t at = le32(e + 116);

	if (size > max)
		return err_set(ERR_DATA, "has a part of more than %zu MiB",
		    max >> 20);
	return size < c->cutoff ? load_small(c, at, size, ret) :
				  load_chain(c, at, size, ret);
}

static int
load_stream(const struct compound *c, const char *name, size_t max,
    struct buf *ret)
{
	const char *e;
	size_t i;

	for (i = 0; i + ENTRY_BYTES <= c->entries.len; i += ENTRY_BYTES) {
		e = c->entries.data + i;
		if (e[66] != STREAM || !is_called(e, name))
			continue;
		return load_entry(c, e, max, ret);
	}
	return err_set(ERR_NO, "has no %s", name);
}

static void
release(struct compound *c)
{
	buf_release(&c->entries);
	buf_release(&c->mini);
	buf_release(&c->mini_fat);
	free(c->fat_at);
}

int
compound_load(const char *bytes, size_t len, const char *name, size_t max,
    char **ret, size_t *ret_len)
{
	struct compound c = { .bytes = bytes, .len = len };
	struct buf b = BUF_INIT(0);
	int code = open_file(&c);

	if (code == 0)
		code = load_stream(&c, name, max, &b);
	if (code == 0) {
		*ret_len = b.len;
		*ret = buf_detach(&b);
	} else
		buf_release(&b);
	release(&c);
	return code;
}

/* --- as a tree --- */

int
compound_open(const char *bytes, size_t len, struct compound **ret)
{
	struct compound *c = xcalloc(1, sizeof(*c));
	size_t n;
	int code;

	c->bytes = bytes;
	c->len = len;
	code = open_file(c);
	n = c->entries.len / ENTRY_BYTES;
	if (code == 0 && (n == 0 || c->entries.data[66] != ROOT))
		code = err_set(ERR_DATA, "is a damaged office document");
	if (code < 0) {
		compound_close(c);
		return code;
	}
	c->is_seen = xcalloc(n, sizeof(*c->is_seen));
	c->is_seen[COMPOUND_ROOT] = true;
	c->waiting = xcalloc(n, sizeof(*c->waiting));
	*ret = c;
	return 0;
}

void
compound_close(struct compound *c)
{
	if (c == NULL)
		return;
	release(c);
	free(c->waiting);
	free(c->is_seen);
	free(c);
}

static const char *
entry_at(const struct compound *c, size_t entry)
{
	return c->entries.data + entry * ENTRY_BYTES;
}

/* Each entry waits once, so there is room for all. */
static void
wait_for(struct compound *c, uint32_t entry, size_t folder)
{
	if (entry >= c->entries.len / ENTRY_BYTES || c->is_seen[entry])
		return;
	c->is_seen[entry] = true;
	c->waiting[c->waits++] = (struct waiting){ entry, (uint32_t)folder };
}

size_t
compound_next(struct compound *c, size_t folder)
{
	const char *e;
	size_t entry;

	/* Below are those of folders around it. */
	if (c->waits == 0 || c->waiting[c->waits - 1].folder != folder)
		wait_for(c, le32(entry_at(c, folder) + 76), folder);
	while (c->waits > 0 && c->waiting[c->waits - 1].folder == folder) {
		entry = c->waiting[--c->waits].entry;
		e = entry_at(c, entry);
		wait_for(c, le32(e + 68), folder);
		wait_for(c, le32(e + 72), folder);
		if (e[66] == STREAM || e[66] == FOLDER)
			return entry;
	}
	return 0;
}

bool
compound_is_folder(const struct compound *c, size_t entry)
{
	return entry_at(c, entry)[66] == FOLDER;
}

void
compound_name(const struct compound *c, size_t entry,
    char ret[COMPOUND_NAME_BYTES])
{
	const char *e = entry_at(c, entry);
	size_t i, n = le16(e + 64) / 2;
	unsigned u;

	for (i = 0; i + 1 < n && i < 32; i++) {
		u = le16(e + 2 * i);
		ret[i] = u >= ' ' && u < 127 ? (char)u : '?';
	}
	ret[i] = '\0';
}

int
compound_read(const struct compound *c, size_t entry, size_t max, char **ret,
    size_t *ret_len)
{
	struct buf b = BUF_INIT(0);
	int code = load_entry(c, entry_at(c, entry), max, &b);

	if (code < 0) {
		buf_release(&b);
		return code;
	}
	*ret_len = b.len;
	*ret = buf_detach(&b);
	return 0;
}
