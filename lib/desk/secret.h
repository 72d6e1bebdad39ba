/*
 * secret - what one program may read and nobody else: sealed access tokens
 *
 * A secret is sealed (crypto_box_seal) to the public key of each program that
 * needs it and kept in auth.db, so whoever may write one cannot read it. The
 * private key of a program is a file, 64 hexadecimal digits:
 *
 *	$CREDENTIALS_DIRECTORY/secret-key	as its unit is handed it
 *	/etc/frontdesk/secrets/key/READER	of a system store, root's alone
 *	STORE/key/READER			of a personal one
 *
 * of which the first that is there and not empty counts. Secrets in memory are
 * in pages of their own, left out of core dumps and wiped by secret_free.
 * Reasons of errors hold no secret.
 */
#ifndef DESK_SECRET_H
#define DESK_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

#define SECRET_MAX_BYTES 4096

/* How the name of a secret begins that is the key of a model: it is sealed for
 * ai-reply and ai-label. One of a transcription endpoint is for ai-transcribe, any other for
 * the programs that speak to WhatsApp. */
#define SECRET_MODEL "model "
#define SECRET_TRANSCRIBE "transcribe"

/* The programs that have a key, NULL-ended; the last, wa-instance, stands for
 * all that people run. */
extern const char *const secret_readers[];

/* No core of this process holds one; for programs that read secrets. */
void secret_guard(void);

/* A guarded copy of len bytes with a NUL behind; end with secret_free. */
char *secret_copy(const char *text, size_t len);
void secret_free(char *secret); /* NULL is allowed */

/* A guarded copy of a token or key that was read into text, of one line without
 * blanks; white space at its end is left out and text is wiped. ERR_DATA. */
int secret_line(char *text, size_t len, char **ret);

/*
 * Make the keys that are missing and tell auth.db the public ones; what is
 * sealed for one program and not for another is sealed for that too, where
 * this process can read a key that opens it. ERR_DENIED if it may not.
 */
int secret_keys(struct store *s);

/* Seal text for every program it is for that has a key. ERR_CONFIG if none
 * has. */
int secret_put(struct store *s, const char *name, const char *text);

/*
 * The secret for reader, to be ended with secret_free. ERR_NOINPUT if none is
 * kept (or there is no auth.db to look into), ERR_DENIED or ERR_CONFIG if it
 * cannot be opened.
 */
int secret_get(struct store *s, const char *name, const char *reader,
    char **ret);

/* When it was sealed for reader (NULL: for any); ERR_NOINPUT. */
int secret_since(struct store *s, const char *name, const char *reader,
    int64_t *ret_ms);

/* Forget it, if it is there. */
int secret_remove(struct store *s, const char *name);

#endif
