/*
 * graph - where the calls of an instance go, with which token, and single
 * calls to the Graph API that are waited for
 *
 * Programs with many calls in flight (wa-send, wa-media) take the place and
 * call net/http.h themselves; those that ask a question and end take the calls
 * here. Nothing here logs, and no reason holds a token, URL or body.
 *
 * Source: Meta's description of the business messaging API, v23.0.
 */
#ifndef WA_GRAPH_H
#define WA_GRAPH_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/json.h"
#include "net/http.h"
#include "store/store.h"
#include "wa/errors.h"

/* What a command line says instead of the settings; NULL: nothing. */
struct graph_options {
	const char *url;
	const char *token_file;
	const char *reader; /* the program, of desk/secret.h; NULL: people's */
};

/* Owned; end with graph_place_release, which wipes the token. */
struct graph_place {
	char *base;    /* "https://graph.facebook.com/v23.0" */
	char *number;  /* phone_number_id; NULL: none is known */
	char *account; /* WhatsApp Business Account; NULL: none is known */
	char *token;   /* secret_free */
};

/*
 * Look up an instance. ERR_CONFIG if it cannot be called: no phone_number_id
 * is set, it was removed, there is no token or it cannot be read, the address
 * is no https (loopback may be http). The token is that of the options, else
 * of the setting token_file, else the sealed one (desk/secret.h), else of the
 * credentials token_INSTANCE (as systemd names the files of a folder),
 * token-INSTANCE and token.
 */
int graph_place(const struct conf *c, struct store *s, const char *instance,
    const struct graph_options *o, struct graph_place *ret);
void graph_place_release(struct graph_place *p);

/* The token alone, as above: 0 with *ret for secret_free, or ERR_CONFIG. */
int graph_token(const struct conf *c, struct store *s, const char *instance,
    const struct graph_options *o, char **ret);

/* The name of an instance's token in desk/secret.h; the caller frees. */
char *graph_secret(const char *instance);

/* "BASE/..." of a path; the caller frees. */
char *graph_url(const struct graph_place *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* End with graph_answer_release. */
struct graph_answer {
	int status;	       /* 0: there was no answer */
	json_t *root;	       /* NULL: none, or no JSON object */
	struct wa_error error; /* where status is no 2xx */
	int64_t date_ms;       /* the provider's clock; 0: not told */
};

/*
 * Ask, and wait for the answer. 0 when a 2xx came with a JSON object. Else
 * ERR_UNAVAILABLE (not reached, or a passing failure), ERR_DENIED (the token
 * or a permission), ERR_DATA (refused, or the answer makes no sense); *ret is
 * set in any case. body is not taken; NULL for GET and DELETE. token: instead
 * of the place's, NULL for that.
 */
int graph_call(struct http *h, const struct graph_place *p, const char *method,
    const char *path, const json_t *body, const char *token,
    struct graph_answer *ret);
void graph_answer_release(struct graph_answer *a);

#endif
