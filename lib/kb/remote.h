/*
 * remote - a folder elsewhere, by way of rclone
 *
 * Each call runs rclone as a child that reaches no file of the store but its
 * spool (base/confine.h), with no terminal to ask anything on. rclone tells
 * passwords and tokens to nobody; neither do we.
 */
#ifndef KB_REMOTE_H
#define KB_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct remote_options {
	const char *remote;	  /* "drive:Help" */
	const char *config;	  /* NULL: where rclone has it */
	const char *store;	  /* kept out of */
	const char *spool;	  /* may be written to */
	const char *export;	  /* of Google's own documents */
	const char *shared_drive; /* id; NULL: none */
	bool shared_with_me;
	const char *bandwidth; /* NULL: all */
	int64_t timeout_ms;    /* of one run of rclone */
	bool (*stop)(void);    /* true: end rclone, and ERR_BUSY */
};

/* A file of the folder; strings good during the call. */
struct remote_file {
	const char *path;    /* in the folder */
	int64_t bytes;	     /* -1: not known before it is fetched */
	int64_t modified_ms; /* 0: the remote has none */
	const char *print;   /* what is another when the file is */
	const char *url;     /* for people; NULL: none */
};

struct remote;

/*
 * Look at the remote: what it is, and what it can tell. The options must
 * outlive it. ERR_UNAVAILABLE: no rclone, or no answer, with its words;
 * ERR_DENIED: the settings are open to others. ERR_BUSY: stopped.
 */
int remote_open(const struct remote_options *o, struct remote **ret);
void remote_close(struct remote *r); /* NULL is allowed */

/* Whether it is Google Drive. */
bool remote_is_drive(const struct remote *r);
bool remote_is_crypt(const struct remote *r);

/*
 * Tell each file, in whatever order. ERR_UNAVAILABLE: what was told is not
 * all there is. each: not 0 ends it, and is returned.
 */
int remote_list(struct remote *r,
    int (*each)(void *ctx, const struct remote_file *f), void *ctx);

/*
 * Fetch the files named in the file at list, a path each line, into the
 * directory to. ERR_UNAVAILABLE: perhaps not all came, or not whole.
 */
int remote_fetch(struct remote *r, const char *list, const char *to);

#endif
