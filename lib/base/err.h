/*
 * err - errors as exit statuses, with a reason in words
 *
 * A function that can fail returns 0 (or a count) on success and one of these
 * on failure, after err_set() left the reason. Nothing in lib/ prints or exits
 * but base/cli and base/jsonl; a program ends with cli_exit(error).
 *
 * The values are the negated statuses of sysexits.h, so that one line maps an
 * error to the status of the process.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	ERR_NO = -1,	       /* the answer is no */
	ERR_USAGE = -64,       /* wrong use of a command */
	ERR_DATA = -65,	       /* bad data, named and skipped */
	ERR_NOINPUT = -66,     /* an input is not there */
	ERR_UNAVAILABLE = -69, /* the other side is down */
	ERR_BUG = -70,	       /* a bug of ours */
	ERR_CREATE = -73,      /* cannot create a file */
	ERR_IO = -74,	       /* input, output, disk full, damaged file */
	ERR_BUSY = -75,	       /* try again later */
	ERR_DENIED = -77,      /* not allowed */
	ERR_CONFIG = -78,      /* configuration, or the store's schema */
};

/*
 * Leave the reason of a failure, in lower case and without a full stop, and
 * return code. One reason a thread, good until the next err_set().
 */
int err_set(int code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* As err_set(), with ": " and the text of errno behind. */
int err_errno(int code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__ /* it cannot see that they return their code */
#define err_set(code, ...) ((void)err_set(code, __VA_ARGS__), (code))
#define err_errno(code, ...) ((void)err_errno(code, __VA_ARGS__), (code))
#endif

/* The last reason of this thread; never NULL. */
const char *err_reason(void);

/* The status of a process that ends with code: 0 for 0 and for counts. */
int err_status(int code);

#endif
