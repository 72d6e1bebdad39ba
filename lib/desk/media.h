/*
 * media - pictures, voice notes and files: what is kept of a message's medium
 *
 * A file is kept once, under the SHA-256 of its bytes: media/XX/SHA256 in the
 * store. Rows of a message say which file is its medium, or why there is none.
 * A file is put in place before its row is committed, so a row never names a
 * file that is not there; a file without a row is harmless.
 */
#ifndef DESK_MEDIA_H
#define DESK_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/json.h"
#include "store/store.h"

#define SHA256_HEX_BYTES 65
#define MEDIA_PREFIX "sha256:" /* content.media of what is to be sent */
/* The provider keeps an upload for 30 days; a day is for sending it. */
#define MEDIA_UPLOAD_MS (INT64_C(29) * 86400 * 1000)

/* Kinds of messages that have a medium, NULL-ended; voice is an audio. */
extern const char *const media_kinds[];

/* The object in a message's content that names its medium; NULL: none. */
const json_t *media_object(const char *kind, const json_t *content);

/* A file that is being written into media/. */
struct media_draft;

/* ERR_IO, ERR_DENIED. */
int media_draft_open(struct store *s, struct media_draft **ret);
int media_draft_add(struct media_draft *d, const void *data, size_t len);
/* To be read by who looks at what it is; not to be closed. */
int media_draft_fd(const struct media_draft *d);
/* Throw it away; NULL is allowed. */
void media_draft_drop(struct media_draft *d);

struct media_file {
	char sha256[SHA256_HEX_BYTES];
	char *mime;
	int64_t bytes;
};
void media_file_release(struct media_file *f);

/*
 * All is there, and it is of the type mime: sync it and put it in its place; d
 * is gone in any case. No row is written. want is the SHA-256 it must have;
 * NULL: any. ERR_DATA: it has another, and nothing was put anywhere.
 */
int media_draft_keep(struct media_draft *d, const char *mime, const char *want,
    struct media_file *ret);

/* The same of an open file of a person; at most max bytes, else ERR_DATA. */
int media_import(struct store *s, int fd, int64_t max, const char *mime,
    struct media_file *ret);

/* Rows, in a transaction. */
int media_file_put(struct store *s, const struct media_file *f);
/* The medium of a message, or (sha256 NULL) why it could not be had. */
int media_put(struct store *s, const char *message, const char *sha256,
    const char *reason);

/* What is known of a message's medium. */
struct media {
	char *sha256; /* NULL: it could not be had */
	char *mime;   /* NULL with sha256 */
	char *reason; /* NULL: it is there */
	int64_t bytes;
};
/* ERR_NOINPUT: nothing yet, or it has none. */
int media_get(struct store *s, const char *message, struct media **ret);
void media_free(struct media *m);

/* Whether a file of that hash is kept: 1, 0 or an ERR. */
int media_is_kept(struct store *s, const char *sha256);

/* The path of a kept file; the caller frees. */
char *media_path(struct store *s, const char *sha256);

/* Whether text is "sha256:" and 64 digits; the digits in ret. */
bool media_reference(const char *text, char ret[SHA256_HEX_BYTES]);

/*
 * The provider's id of a file that was uploaded for an instance and is still
 * good; 1, *ret is malloc'd; 0: it must be uploaded (again).
 */
int media_uploaded(struct store *s, const char *instance, const char *sha256,
    int64_t now_ms, char **ret);
/* In a transaction. provider_id NULL: it is not good after all. */
int media_upload_put(struct store *s, const char *instance, const char *sha256,
    const char *provider_id, int64_t now_ms);

/* Remove drafts that a killed process left, older than an hour. */
void media_sweep(struct store *s);

#endif
