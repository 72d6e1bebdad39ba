/* hook - the receiving end of webhooks: verify, keep, acknowledge */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "store/db.h"
#include "store/inbox.h"
#include "wa/hook.h"

#define SIGNATURE_HEADER "X-Hub-Signature-256"
#define RETRY_AFTER_S 5
#define FAILING_MS 10000
#define CHALLENGE_MAX_BYTES 1024
#define NOTE_MS 1000 /* refusals are noted at most so often */

/* What a person can mend: wa-instance check tells of it. */
enum refusal { REFUSED_SIGNATURE, REFUSED_TOKEN, REFUSALS, REFUSED_OTHER };

struct hook {
	void (*say)(const char *text);
	char *note; /* path; where what was refused last is noted */
	struct inbox *inbox;
	pthread_t writer;
	bool writing;
	atomic_bool failing;
	atomic_llong failed_ms; /* monotonic; of the last failure */

	pthread_mutex_t secret_lock; /* of the next two */
	struct signature_keys *keys;
	char *verify_token;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct request *first, *tail; /* waiting to be kept */
	bool closing;
	struct hook_counts counts;
	int64_t noted_ms[REFUSALS]; /* wall clock; 0: never */
};

/* What is worth keeping beside the body, as a JSON object. */
static char *
headers_kept(const struct request *r)
{
	static const char *const names[] = { "Content-Type", "User-Agent",
		"X-Forwarded-For", SIGNATURE_HEADER, NULL };
	json_t *object = json_object();
	char *text;
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		json_put(object, names[i], request_header(r, names[i]));
	text = json_text(object);
	json_decref(object);
	return text;
}

static size_t
take_waiting(struct hook *h, struct request **ret)
{
	struct request *r;
	size_t n = 0;

	pthread_mutex_lock(&h->lock);
	while (h->first == NULL && !h->closing)
		pthread_cond_wait(&h->wake, &h->lock);
	while (n < DB_BATCH_ROWS && (r = h->first) != NULL) {
		h->first = request_next(r);
		ret[n++] = r;
	}
	pthread_mutex_unlock(&h->lock);
	return n;
}

/* Say it once when it begins and once when it ends. */
static void
tell(struct hook *h, int code)
{
	char *text = NULL;
	bool failing = code < 0;

	if (failing)
		atomic_store(&h->failed_ms, mono_ms());
	if (atomic_exchange(&h->failing, failing) == failing)
		return;
	if (failing)
		text = xformat("bodies cannot be kept, answering 503: %s",
		    err_reason());
	h->say(failing ? text : "bodies are kept again");
	free(text);
}

static void
keep(struct hook *h, struct request **all, size_t n)
{
	struct inbox_body bodies[DB_BATCH_ROWS];
	size_t i;
	int code;

	for (i = 0; i < n; i++) {
		struct inbox_body *b = &bodies[i];

		memset(b, 0, sizeof(*b));
		b->received_ms = now_ms();
		b->remote = request_remote(all[i]);
		b->headers = headers_kept(all[i]);
		b->body = request_body(all[i], &b->len);
	}
	code = inbox_put(h->inbox, bodies, n);
	tell(h, code);
	pthread_mutex_lock(&h->lock);
	if (code == 0) {
		h->counts.kept += (int64_t)n;
		h->counts.commits++;
	} else
		h->counts.failed += (int64_t)n;
	pthread_mutex_unlock(&h->lock);
	for (i = 0; i < n; i++) {
		free((char *)bodies[i].headers);
		if (code == 0)
			request_answer(all[i], 200, NULL, 0);
		else
			request_answer(all[i], 503, NULL, RETRY_AFTER_S);
	}
}

static void *
write_on(void *arg)
{
	struct request *batch[DB_BATCH_ROWS];
	struct hook *h = arg;
	size_t n;

	while ((n = take_waiting(h, batch)) > 0)
		keep(h, batch, n);
	return NULL;
}

int
hook_open(const char *dir, void (*say)(const char *text), struct hook **ret)
{
	struct hook *h = xcalloc(1, sizeof(*h));
	int code;

	h->say = say;
	h->note = xformat("%s/run/" REFUSED_NOTE, dir);
	pthread_mutex_init(&h->secret_lock, NULL);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->wake, NULL);
	code = inbox_open(dir, true, &h->inbox);
	if (code == 0) {
		h->writing = pthread_create(&h->writer, NULL, write_on, h) == 0;
		if (!h->writing)
			code = err_set(ERR_BUG, "no thread can be started");
	}
	if (code < 0)
		hook_close(h);
	else
		*ret = h;
	return code;
}

void
hook_close(struct hook *h)
{
	if (h == NULL)
		return;
	if (h->writing) {
		pthread_mutex_lock(&h->lock);
		h->closing = true;
		pthread_cond_signal(&h->wake);
		pthread_mutex_unlock(&h->lock);
		pthread_join(h->writer, NULL);
	}
	inbox_close(h->inbox);
	signature_keys_free(h->keys);
	free(h->verify_token);
	free(h->note);
	pthread_cond_destroy(&h->wake);
	pthread_mutex_destroy(&h->lock);
	pthread_mutex_destroy(&h->secret_lock);
	free(h);
}

int
hook_secrets(struct hook *h, struct signature_keys *keys,
    const char *verify_token)
{
	struct signature_keys *old;
	char *old_token;

	if (signature_keys_count(keys) == 0)
		return err_set(ERR_CONFIG,
		    "no app secret: nothing could be verified");
	pthread_mutex_lock(&h->secret_lock);
	old = h->keys;
	old_token = h->verify_token;
	h->keys = keys;
	h->verify_token = xstrdup(verify_token);
	pthread_mutex_unlock(&h->secret_lock);
	signature_keys_free(old);
	free(old_token);
	return 0;
}

void
hook_counts(struct hook *h, struct hook_counts *ret)
{
	pthread_mutex_lock(&h->lock);
	*ret = h->counts;
	pthread_mutex_unlock(&h->lock);
}

/* Hashes are of one length whatever the texts are. */
static bool
same_secret(const char *a, const char *b)
{
	char one[HASH_HEX_BYTES], two[HASH_HEX_BYTES];

	if (a == NULL || b == NULL)
		return false;
	hash_hex(one, a, strlen(a));
	hash_hex(two, b, strlen(b));
	return CRYPTO_memcmp(one, two, sizeof(one)) == 0;
}

/* Not synced, and no matter if it fails: it is a hint. */
static void
note(const char *path, const int64_t *times)
{
	static const char *const names[] = { "signature", "verify_token" };
	char stamp[TIME_TEXT_BYTES], *text;
	json_t *o = json_object();
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0660);
	size_t i;

	for (i = 0; i < REFUSALS; i++)
		if (times[i] > 0)
			json_put(o, names[i], time_text(times[i], stamp));
	text = json_text(o);
	if (fd >= 0) {
		write_all(fd, text, strlen(text));
		close(fd);
	}
	free(text);
	json_decref(o);
}

static void
refuse(struct hook *h, struct request *r, int status, const char *text,
    enum refusal why)
{
	int64_t now = now_ms(), times[REFUSALS];
	bool news = false;

	pthread_mutex_lock(&h->lock);
	h->counts.refused++;
	if (why < REFUSALS && now - h->noted_ms[why] >= NOTE_MS) {
		h->noted_ms[why] = now;
		memcpy(times, h->noted_ms, sizeof(times));
		news = true;
	}
	pthread_mutex_unlock(&h->lock);
	if (news)
		note(h->note, times);
	request_answer(r, status, text, 0);
}

static void
handshake(struct hook *h, struct request *r)
{
	const char *mode = request_query(r, "hub.mode"),
		   *challenge = request_query(r, "hub.challenge");
	bool known;

	pthread_mutex_lock(&h->secret_lock);
	known =
	    same_secret(request_query(r, "hub.verify_token"), h->verify_token);
	pthread_mutex_unlock(&h->secret_lock);
	if (mode != NULL && !known)
		refuse(h, r, 403, HOOK_OTHER_TOKEN, REFUSED_TOKEN);
	else if (mode == NULL || strcmp(mode, "subscribe") != 0)
		refuse(h, r, 403, NULL, REFUSED_OTHER);
	else if (challenge == NULL || strlen(challenge) > CHALLENGE_MAX_BYTES)
		refuse(h, r, 400, NULL, REFUSED_OTHER);
	else
		request_answer(r, 200, challenge, 0);
}

static void
delivery(struct hook *h, struct request *r)
{
	const char *signature = request_header(r, SIGNATURE_HEADER);
	const void *body;
	size_t len;
	bool good;

	/* Two of them: which one did the proxy look at? Neither counts. */
	if (request_header_count(r, SIGNATURE_HEADER) != 1 ||
	    strlen(signature) != SIGNATURE_BYTES - 1) {
		refuse(h, r, 401, NULL, REFUSED_OTHER);
		return;
	}
	body = request_body(r, &len);
	pthread_mutex_lock(&h->secret_lock);
	good = h->keys != NULL && signature_ok(h->keys, signature, body, len);
	pthread_mutex_unlock(&h->secret_lock);
	if (!good) {
		refuse(h, r, 403, NULL, REFUSED_SIGNATURE);
		return;
	}
	request_hold(r);
	request_set_next(r, NULL);
	pthread_mutex_lock(&h->lock);
	if (h->first == NULL) {
		h->first = r;
		pthread_cond_signal(&h->wake);
	} else
		request_set_next(h->tail, r);
	h->tail = r;
	pthread_mutex_unlock(&h->lock);
}

/* For a while after a failure only: a balancer that took us out because of it
 * must let bodies come again. */
static bool
is_failing(struct hook *h)
{
	return atomic_load(&h->failing) &&
	    mono_ms() - atomic_load(&h->failed_ms) < FAILING_MS;
}

void
hook_request(struct request *r, void *hook)
{
	struct hook *h = hook;
	const char *method = request_method(r);

	if (strcmp(method, "POST") == 0)
		delivery(h, r);
	else if (strcmp(method, "GET") != 0)
		refuse(h, r, 405, NULL, REFUSED_OTHER);
	else if (strcmp(request_path(r), "/healthz") != 0)
		handshake(h, r);
	else if (is_failing(h))
		request_answer(r, 503, "bodies cannot be kept\n",
		    RETRY_AFTER_S);
	else
		request_answer(r, 200, "ok\n", 0);
}
