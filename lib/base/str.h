/*
 * str - memory that does not fail, growing buffers, small string helpers
 *
 * Running out of memory ends the program with a line on stderr and 70; so the
 * x functions never return NULL. What they return, the caller frees.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);

/* For what is large and looked into here and there: in pages of 2 MiB, where
 * the system has them, so that few are missed. */
void *xmalloc_huge(size_t size);

void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);		   /* NULL stays NULL */
char *xstrndup(const char *s, size_t len); /* always NUL-terminated */
char *xformat(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A growing buffer that takes its largest size at birth. data is always
 * NUL-terminated once anything was added, and NULL before. When max is passed,
 * what does not fit is left out and failed is set; ask once, at the end.
 */
struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max; /* bytes; 0: no limit but memory */
	bool failed;
};

#define BUF_INIT(max_bytes)                    \
	{                                      \
		NULL, 0, 0, (max_bytes), false \
	}

void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Where len bytes more may be put, and a NUL; the caller raises b->len. It
 * does not look at max. */
char *buf_room(struct buf *b, size_t len);
void buf_drop(struct buf *b, size_t len); /* the first len bytes go */
void buf_reset(struct buf *b);		  /* empty, memory kept */
void buf_release(struct buf *b);	  /* empty, memory freed */
char *buf_detach(struct buf *b);	  /* the text, "" if none; b empty */

bool str_same(const char *a, const char *b); /* NULL is only as NULL */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
char *str_trim(char *s); /* without white space at its ends, in place */
bool str_in(const char *s, const char *const *list); /* NULL-ended list */

/* The words of text, NULL-ended, the caller frees each, and all: blanks part
 * them, "a word" may have some in it. False if a quote does not end, or there
 * are more than STR_WORDS_MAX. */
#define STR_WORDS_MAX 256
bool str_words(const char *text, char ***ret);

/* What a hexadecimal digit stands for; -1: it is none. */
int hex_digit(int c);

/* A whole decimal number in [min, max]; 0, or ERR_DATA with a reason. */
int str_int(const char *s, int64_t min, int64_t max, int64_t *ret);

/* The name in names (NULL-ended) nearest to s, or NULL if none is near. */
const char *str_nearest(const char *s, const char *const *names);

/* The whole of a file, at most max bytes; the caller frees. ERR_NOINPUT. */
int file_read(const char *path, size_t max, char **ret, size_t *ret_len);

/* Why a path is no file to read: NULL, it is one; the caller frees. A pipe is
 * none: who waits for it waits for ever. */
char *file_unreadable(const char *path);

/* The same as file_read, of a regular file alone. */
int file_read_regular(const char *path, size_t max, char **ret,
    size_t *ret_len);

/* A secret from a file: as file_read, without white space around it. */
int file_secret(const char *path, char **ret);

/* Write all of data to fd, again after a short write; -1 with errno. */
int write_all(int fd, const void *data, size_t len);

/*
 * Make data the whole of path, synced, by way of a file beside it that is gone
 * afterwards. A file that is there keeps its owner and mode, a link stays one;
 * what is no regular file is written into. mode, less the umask, is for a new
 * file. ERR_CREATE, ERR_DENIED, ERR_IO.
 */
int file_put(const char *path, const void *data, size_t len, int mode);

#endif
