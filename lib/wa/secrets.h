/*
 * secrets - what the receiver of webhooks knows: app secrets, verify token
 */
#ifndef WA_SECRETS_H
#define WA_SECRETS_H

#include <stddef.h>

#include "net/signature.h"

/*
 * The app secrets of files, each one a line, so that a secret can be rotated;
 * with no file given, of the files app-secret* in $CREDENTIALS_DIRECTORY.
 * token_file is the verify token's file (NULL: verify-token in
 * $CREDENTIALS_DIRECTORY if it is there; *ret_token NULL: none). The caller
 * ends both results. ERR_CONFIG if there is no secret, ERR_NOINPUT names a
 * file that cannot be read.
 */
int secrets_read(const char *const *files, size_t count, const char *token_file,
    struct signature_keys **ret_keys, char **ret_token);

#endif
