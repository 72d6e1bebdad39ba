/*
 * hook - the receiving end of webhooks: verify, keep, acknowledge
 *
 * GET with hub.mode, hub.verify_token and hub.challenge is the provider's
 * handshake; it carries no signature. GET /healthz says whether bodies can be
 * kept. Any other POST must carry X-Hub-Signature-256 over its raw bytes by
 * one of the secrets; nothing of it is parsed. It is answered 200 only once
 * it is on the disk, 503 with Retry-After when that failed. One thread
 * commits whatever is waiting in one transaction.
 */
#ifndef WA_HOOK_H
#define WA_HOOK_H

#include <stdint.h>

#include "net/listen.h"
#include "net/signature.h"

/* The file in run/ that says when a signature and when a verify token was
 * refused last: a JSON object, signature and verify_token. */
#define REFUSED_NOTE "wa-recv.refused"

/* What a handshake with another verify token is answered, with 403: so that it
 * is told from the 403 of whatever stands before us. */
#define HOOK_OTHER_TOKEN "not our verify token\n"

struct hook;

/*
 * Keep bodies in the inbox of the store in dir. say is called, on any thread,
 * with words for the log when keeping begins to fail and when it works again.
 * ERR_IO, ERR_DENIED.
 */
int hook_open(const char *dir, void (*say)(const char *text),
    struct hook **ret);

/*
 * Take over these secrets and verify token (NULL: no handshake is answered)
 * from now on. ERR_CONFIG without any secret: then nothing changes.
 */
int hook_secrets(struct hook *h, struct signature_keys *keys,
    const char *verify_token);

/* A listen_fn with the hook as ctx. */
void hook_request(struct request *r, void *hook);

struct hook_counts {
	int64_t kept, refused, failed, commits;
};
void hook_counts(struct hook *h, struct hook_counts *ret);

/* Answer what is waiting and end; after listen_drain, before listen_close. */
void hook_close(struct hook *h);

#endif
