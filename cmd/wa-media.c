/*
 * wa-media - fetch the media of messages, upload those that are to be sent
 *
 * Holds: a file is in its place and synced before the transaction that names
 * it, so media.stored is never said of what is not there. Fetching again what
 * is there changes nothing.
 *
 * The provider gives a URL that lives minutes, and an id that lives days; the
 * URL is asked for at each attempt.
 */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/sniff.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/act.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/instance.h"
#include "desk/media.h"
#include "desk/message.h"
#include "desk/parts.h"
#include "desk/secret.h"
#include "desk/settings.h"
#include "net/addr.h"
#include "net/http.h"
#include "store/stage.h"
#include "wa/errors.h"
#include "wa/graph.h"

#define BACKOFF_MOST_MS (10 * 60 * 1000)
#define SLOW_MOST_MS (60 * 60 * 1000)
#define STOPPED_MS (5 * 60 * 1000) /* then one fetch tries again */
/* What waits for an instance looks again, also after a restart. */
#define LOOK_MS (stage_options.follow && !stage_options.once ? 15 * 1000 : 1000)
#define AGAIN_TRIES 4 /* stdin form: then it gives up for now */
#define MIB (INT64_C(1024) * 1024)
/* An id in a webhook lives 7 days. */
#define MAX_AGE_MS (INT64_C(6) * 86400 * 1000)
#define URL_MAX_BYTES 4096

/* What is known of an instance while this process runs. */
struct line {
	struct line *next;
	char *name;
	struct graph_place place; /* base NULL: it cannot be called */
	bool looked;
	char why[256];
	int64_t until_ms; /* no call before */
	bool stopped;	  /* by an account error */
};

struct fetcher {
	struct conf *conf;
	bool stale; /* conf, by an event */
	struct http *http;
	struct line *lines;
	int64_t max_bytes, timeout_ms, backoff_ms, give_up_ms;
	bool dry, looked;
	bool swept;
	int again; /* in a row: fetches that failed in passing */
	int code;  /* stdin form: why it gave up; 0 */
};

enum verdict {
	V_DONE,	 /* it is there */
	V_AGAIN, /* it may be had later */
	V_LOST,	 /* it cannot be had */
	V_STOP,	 /* nothing of this instance can */
};

/* The work of a job. */
struct work {
	struct fetcher *f;
	struct stage *stage;
	struct job *job;
	struct line *line;
	struct message *message;
	char *media_id;		     /* fetch */
	char *reference;	     /* upload: SHA-256 */
	char told[SHA256_HEX_BYTES]; /* "": the provider tells no hash */
	struct media_draft *draft;   /* while it comes */
	struct media_file file;	     /* when it is there */
	char *uploaded;		     /* the provider's id */
	enum verdict verdict;
	struct wa_error error;
	char why[256]; /* a reason of a few fixed words */
	int64_t wait_ms;
};

static struct graph_options place_options = { .reader = "wa-media" };

static const struct cli_option options[] = { STAGE_JOB_OPTIONS, STAGE_OPTIONS,
	{ 0, "token-file", "FILE", CLI_TEXT, &place_options.token_file,
	    "the access token, for every instance" },
	{ 0, "url", "URL", CLI_TEXT, &place_options.url,
	    "the provider's address, for every instance" },
	CLI_END };

static const struct cli_spec spec = { .name = "wa-media",
	.summary = "fetch the media of messages, upload those to send",
	.args = "",
	.options = options,
	.examples = "wa-media --follow --token-file token\n"
		    "desk-events --since 1d | wa-media -q\n" };

static struct line *
line_for(struct fetcher *f, const char *name)
{
	struct line *l;

	for (l = f->lines; l != NULL; l = l->next)
		if (strcmp(l->name, name) == 0)
			return l;
	l = xcalloc(1, sizeof *l);
	l->name = xstrdup(name);
	l->next = f->lines;
	f->lines = l;
	return l;
}

static void
line_look_up(struct fetcher *f, struct store *s, struct line *l)
{
	struct conf *c = NULL;

	if (f->stale && settings_readable() == 0 && conf_open(&c) == 0) {
		conf_close(f->conf);
		f->conf = c;
	}
	f->stale = false;
	graph_place_release(&l->place);
	l->looked = true;
	if (graph_place(f->conf, s, l->name, &place_options, &l->place) < 0)
		snprintf(l->why, sizeof l->why, "%s", err_reason());
}

static void
drop(void *own)
{
	struct work *w = own;

	message_free(w->message);
	free(w->media_id);
	free(w->reference);
	free(w->uploaded);
	media_draft_drop(w->draft);
	media_file_release(&w->file);
	free(w);
}

/* Whether the store forbids calls; it is open from the first event on. */
static bool
is_dry(struct fetcher *f, struct stage *st)
{
	if (!f->looked)
		f->dry = stage_is_dry(st) || store_is_scratch(stage_store(st));
	f->looked = true;
	return f->dry;
}

/* The first file in content that the provider does not hold: 1, 0 or an ERR. */
static int
next_reference(struct store *s, const char *instance, const json_t *content,
    char ret[SHA256_HEX_BYTES])
{
	const char *key;
	char *id = NULL;
	json_t *value;
	size_t i;
	int code = 0;

	if (media_reference(json_str(content, "media"), ret)) {
		code = media_uploaded(s, instance, ret, now_ms(), &id);
		free(id);
		if (code <= 0)
			return code < 0 ? code : 1;
		code = 0;
	}
	json_object_foreach((json_t *)content, key, value)
		if (code == 0)
			code = next_reference(s, instance, value, ret);
	json_array_foreach(content, i, value)
		if (code == 0)
			code = next_reference(s, instance, value, ret);
	return code;
}

/*
 * The message of an event, if it has a medium: its id at the provider, or the
 * file to be uploaded. 1, 0 or an ERR.
 */
static int
load(struct stage *st, const struct event *e, struct message **ret,
    char **ret_media_id, char **ret_reference)
{
	const char *id = json_str(e->data, "message"), *media;
	char reference[SHA256_HEX_BYTES];
	struct message *m = NULL;
	struct conversation *c = NULL;
	int code;

	if (id == NULL)
		return 0;
	code = message_get(stage_store(st), id, &m);
	if (code < 0)
		return code == ERR_NOINPUT ? 0 : code;
	if (strcmp(e->type, "message.queued") == 0) {
		/* Its conversation alone says by which instance it goes. */
		code = conversation_get(stage_store(st), m->conversation, &c);
		if (code < 0) {
			message_free(m);
			return code == ERR_NOINPUT ? 0 : code;
		}
		free(m->instance);
		m->instance = xstrdup(c->instance);
		conversation_free(c);
		code = next_reference(stage_store(st), m->instance, m->content,
		    reference);
		if (code < 0) {
			message_free(m);
			return code;
		}
		if (code == 1)
			*ret_reference = xstrdup(reference);
	} else {
		media = json_str(media_object(m->kind, m->content), "id");
		/* History tells its kind apart. */
		if (media == NULL && strcmp(m->kind, "history") == 0)
			for (size_t i = 0; media_kinds[i] != NULL; i++)
				if (media == NULL)
					media =
					    json_str(media_object(media_kinds
								      [i],
							 m->content),
						"id");
		*ret_media_id = xstrdup(media);
	}
	if (*ret_media_id == NULL && *ret_reference == NULL) {
		message_free(m);
		return 0;
	}
	*ret = m;
	return 1;
}

/* Settings, token, a restart or the end of it: look again, and try at once. */
static int
take_instance(struct stage *st, const struct event *e)
{
	struct fetcher *f = stage_ctx(st);
	const char *name = json_str(e->data, "instance");
	struct line *l;

	if (name == NULL || !instance_concerns_sending(e))
		return 0;
	f->stale = true;
	l = line_for(f, name);
	l->looked = l->stopped = false;
	l->until_ms = 0;
	return instance_hurry(stage_store(st), name);
}

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	char *media_id = NULL, *reference = NULL;
	struct message *m = NULL;
	int code;

	if (str_starts(e->type, "instance."))
		return take_instance(st, e);
	code = load(st, e, &m, &media_id, &reference);
	/* One file is uploaded once, however many wait for it. */
	if (code == 1)
		ret->key = media_id != NULL ?
		    xformat("%s/%s", m->instance, m->id) :
		    xformat("%s/up/%s", m->instance, reference);
	message_free(m);
	free(media_id);
	free(reference);
	return code;
}

/* Whether what the message has is here already: 1, 0 or an ERR. */
static int
is_kept(struct store *s, const struct message *m)
{
	struct media *known = NULL;
	int code = media_get(s, m->id, &known);

	if (code == ERR_NOINPUT)
		return 0;
	if (code == 0)
		code = known->sha256 != NULL;
	media_free(known);
	return code;
}

static json_t *
data_of(const struct message *m)
{
	json_t *data = json_object();

	json_put(data, "message", m->id);
	json_put(data, "conversation", m->conversation);
	json_put(data, "contact", m->contact);
	json_put(data, "instance", m->instance);
	json_put(data, "kind", m->kind);
	return data;
}

/* Takes data. */
static int
tell(struct stage *st, const struct job *j, const struct message *m,
    const char *type, json_t *data)
{
	char subject[32];

	return stage_emit(st, j->event, type,
	    conversation_subject(m->conversation, subject), data, NULL);
}

/* The medium cannot be had, and the message says why. */
static int
lost(struct stage *st, const struct job *j, const struct message *m,
    const char *reason, const struct wa_error *error)
{
	json_t *data = data_of(m);
	int code = media_put(stage_store(st), m->id, NULL, reason);

	if (code < 0) {
		json_decref(data);
		return code;
	}
	json_put(data, "reason", reason);
	if (error != NULL && error->http != 0)
		json_put_new(data, "error", wa_error_json(error));
	return tell(st, j, m, "media.failed", data);
}

static int
begin(struct stage *st, struct job *j)
{
	struct fetcher *f = stage_ctx(st);
	char *media_id = NULL, *reference = NULL;
	struct message *m = NULL;
	struct line *l;
	struct work *w;
	int code = load(st, j->event, &m, &media_id, &reference);

	if (code <= 0)
		return code < 0 ? code : BEGIN_CLOSED;
	code = media_id != NULL ? is_kept(stage_store(st), m) : 0;
	if (code == 0 && is_dry(f, st)) {
		code = lost(st, j, m, "not fetched in a dry run", NULL);
		code = code < 0 ? code : 1;
	} else if (code == 0 && j->late) {
		code = lost(st, j, m, "too old", NULL);
		code = code < 0 ? code : 1;
	}
	l = line_for(f, m->instance);
	if (code == 0 && l->until_ms > now_ms()) {
		stage_retry(st, j,
		    l->until_ms < now_ms() + LOOK_MS ? l->until_ms :
						       now_ms() + LOOK_MS);
		code = 2;
	}
	if (code != 0) {
		message_free(m);
		free(media_id);
		free(reference);
		return code < 0 ? code : code == 1 ? BEGIN_CLOSED : BEGIN_START;
	}
	w = xcalloc(1, sizeof *w);
	w->f = f;
	w->stage = st;
	w->job = j;
	w->line = l;
	w->message = m;
	w->media_id = media_id;
	w->reference = reference;
	j->own = w;
	return BEGIN_START;
}

/* The waiting. */

static void
end(struct work *w, enum verdict verdict, const char *why)
{
	w->verdict = verdict;
	snprintf(w->why, sizeof w->why, "%s", why != NULL ? why : "");
	stage_finish(w->stage, w->job);
}

/* first * 4^(attempt - 1), at most most. */
static int64_t
backoff(int64_t first, int attempt, int64_t most)
{
	while (--attempt > 0 && first < most)
		first *= 4;
	return first < most ? first : most;
}

/* What came is no 2xx, or nothing came. */
static void
refused(struct work *w, const struct http_result *r)
{
	json_t *root = NULL;

	w->wait_ms =
	    backoff(w->f->backoff_ms, w->job->attempt, BACKOFF_MOST_MS);
	if (r->too_big) {
		end(w, V_LOST, "larger than wa.media_size");
		return;
	}
	if (r->class != HTTP_ANSWERED) {
		end(w, V_AGAIN, "the provider was not reached");
		return;
	}
	if (json_lenient(r->body, r->body_len, &root) < 0)
		root = NULL;
	wa_error_read(root, r->status, &w->error);
	json_decref(root);
	switch (wa_error_class(&w->error)) {
	case WA_ACCOUNT:
		end(w, V_STOP, w->error.title);
		return;
	case WA_SLOW:
	case WA_SLOW_PAIR:
	case WA_RETRY:
		if (r->retry_after_ms > w->wait_ms)
			w->wait_ms = r->retry_after_ms < SLOW_MOST_MS ?
			    r->retry_after_ms :
			    SLOW_MOST_MS;
		end(w, V_AGAIN, w->error.title);
		return;
	default:
		/* The URL may have run out; the next attempt asks anew. */
		end(w,
		    r->status == 404 && !w->error.has_code &&
			    w->job->attempt < 3 ?
			V_AGAIN :
			V_LOST,
		    r->status == 404 || w->error.code == 33 ||
			    w->error.subcode == 33 ?
			"the provider no longer has it" :
			w->error.title);
	}
}

/* SHA-256 in hexadecimal or base64, as the provider likes; "" if neither. */
static void
read_hash(const char *told, char ret[SHA256_HEX_BYTES])
{
	unsigned char sum[crypto_hash_sha256_BYTES];
	size_t n = 0;

	ret[0] = '\0';
	if (told == NULL)
		return;
	if (strlen(told) == SHA256_HEX_BYTES - 1 &&
	    strspn(told, "0123456789abcdefABCDEF") == SHA256_HEX_BYTES - 1) {
		for (n = 0; told[n] != '\0'; n++)
			ret[n] = (char)tolower((unsigned char)told[n]);
		ret[n] = '\0';
	} else if (sodium_base642bin(sum, sizeof sum, told, strlen(told), "=",
		       &n, NULL,
		       sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
	    n == sizeof sum)
		sodium_bin2hex(ret, SHA256_HEX_BYTES, sum, sizeof sum);
}

static bool
tells_hash(const json_t *about)
{
	const json_t *told = json_object_get(about, "sha256");

	return told != NULL && !json_is_null(told) &&
	    !(json_is_string(told) && *json_string_value(told) == '\0');
}

static int
on_bytes(void *arg, const void *data, size_t len)
{
	struct work *w = arg;

	return media_draft_add(w->draft, data, len);
}

static void
on_file(void *arg, const struct http_result *r)
{
	struct work *w = arg;
	struct media_draft *d = w->draft;
	char *mime = NULL;
	int code;

	fault("wa-media.fetched");
	if (r->class != HTTP_ANSWERED || r->status / 100 != 2) {
		refused(w, r);
		return;
	}
	w->draft = NULL;
	mime = sniff_type(media_draft_fd(d));
	code = media_draft_keep(d, mime, w->told[0] != '\0' ? w->told : NULL,
	    &w->file);
	if (code == ERR_DATA) {
		w->wait_ms =
		    backoff(w->f->backoff_ms, w->job->attempt, BACKOFF_MOST_MS);
		end(w, V_AGAIN, "what came is not what was sent");
	} else if (code < 0) {
		w->wait_ms = BACKOFF_MOST_MS / 10;
		log_warnx("a file cannot be kept: %s", err_reason());
		end(w, V_AGAIN, "it could not be written");
	} else
		end(w, V_DONE, NULL);
	free(mime);
}

static void
fetch_file(struct work *w, const char *url, int64_t size)
{
	struct http_request r = {
		.url = url,
		.bearer = w->line->place.token,
		.total_ms = w->f->timeout_ms,
		.redirects = 0,
		.sink = on_bytes,
		.sink_max_bytes = (size_t)w->f->max_bytes,
	};

	if (size > w->f->max_bytes)
		end(w, V_LOST, "larger than wa.media_size");
	else if (!addr_url_is_private(url))
		end(w, V_LOST, "its address is not https");
	else if (media_draft_open(stage_store(w->stage), &w->draft) < 0) {
		log_warnx("a file cannot be kept: %s", err_reason());
		w->wait_ms = BACKOFF_MOST_MS / 10;
		end(w, V_AGAIN, "it could not be written");
	} else if (http_get(w->f->http, &r, on_file, w) < 0)
		end(w, V_LOST, "its address makes no sense");
}

/* {"url", "mime_type", "sha256", "file_size", "id"} */
static void
on_place(void *arg, const struct http_result *r)
{
	struct work *w = arg;
	json_t *root = NULL;
	const char *url;

	if (r->class != HTTP_ANSWERED || r->status / 100 != 2) {
		refused(w, r);
		return;
	}
	if (json_lenient(r->body, r->body_len, &root) < 0)
		root = NULL;
	url = json_str(root, "url");
	if (url == NULL || strlen(url) > URL_MAX_BYTES) {
		w->wait_ms =
		    backoff(w->f->backoff_ms, w->job->attempt, BACKOFF_MOST_MS);
		end(w, V_AGAIN, "the provider's answer makes no sense");
	} else {
		const json_t *about =
		    media_object(w->message->kind, w->message->content);

		/* The webhook was signed; so its word counts first. */
		read_hash(json_str(about, "sha256"), w->told);
		if (w->told[0] == '\0')
			read_hash(json_str(root, "sha256"), w->told);
		/* Where none is told there is none to hold it to; one that
		 * cannot be read is no leave to take anything. */
		if (w->told[0] == '\0' &&
		    (tells_hash(about) || tells_hash(root)))
			end(w, V_LOST, "its SHA-256 makes no sense");
		else
			fetch_file(w, url, json_int_or(root, "file_size", 0));
	}
	json_decref(root);
}

/* Ids go into a path: only what an id may be. */
static bool
is_plain_id(const char *id)
{
	return *id != '\0' && strlen(id) <= 128 &&
	    id[strspn(id,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_-.")] == '\0';
}

static void
on_upload(void *arg, const struct http_result *r)
{
	struct work *w = arg;
	json_t *root = NULL;

	fault("wa-media.uploaded");
	if (r->class != HTTP_ANSWERED || r->status / 100 != 2) {
		refused(w, r);
		return;
	}
	if (json_lenient(r->body, r->body_len, &root) < 0)
		root = NULL;
	w->uploaded = xstrdup(json_str(root, "id"));
	json_decref(root);
	if (w->uploaded == NULL) {
		w->wait_ms =
		    backoff(w->f->backoff_ms, w->job->attempt, BACKOFF_MOST_MS);
		end(w, V_AGAIN, "the provider's answer makes no sense");
	} else
		end(w, V_DONE, NULL);
}

/* The type a file is sent as: its kind's own, not what its bytes alone say. */
static char *
type_of(struct store *s, const char *sha256)
{
	struct query q = query(store_desk(s),
	    "SELECT mime FROM media_file WHERE sha256 = :sha256");
	char *type = NULL;

	bind_text(&q, ":sha256", sha256);
	if (step(&q))
		type = column_copy(&q, 0);
	done(&q);
	/* libmagic calls a voice note by its container. */
	if (type != NULL && strcmp(type, "application/ogg") == 0) {
		free(type);
		type = xstrdup("audio/ogg");
	}
	return type;
}

static int
upload(struct work *w)
{
	struct store *s = stage_store(w->stage);
	char *path = media_path(s, w->reference),
	     *type = type_of(s, w->reference),
	     *url =
		 graph_url(&w->line->place, "%s/media", w->line->place.number);
	struct http_part parts[] = {
		{ .name = "messaging_product", .text = "whatsapp" },
		{ .name = "type", .text = type },
		{ .name = "file", .file = path, .type = type, .as = "file" },
		{ .name = NULL },
	};
	/* Twice is a copy that nobody uses: no harm. */
	struct http_request r = {
		.url = url,
		.bearer = w->line->place.token,
		.parts = parts,
		.total_ms = w->f->timeout_ms,
		.repeatable = true,
	};

	if (type == NULL || access(path, R_OK) < 0)
		end(w, V_LOST, "the file is not there");
	else if (http_post(w->f->http, &r, on_upload, w) < 0)
		end(w, V_LOST, "the file cannot be read");
	free(path);
	free(type);
	free(url);
	return 0;
}

static int
start(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	struct line *l = w->line;
	struct http_request r = { 0 };
	char *url;

	if (!l->looked || l->stopped)
		line_look_up(w->f, stage_store(st), l);
	if (l->place.base == NULL) {
		end(w, V_STOP, l->why);
		return 0;
	}
	if (w->reference != NULL)
		return upload(w);
	if (!is_plain_id(w->media_id)) {
		end(w, V_LOST, "its id makes no sense");
		return 0;
	}
	url = graph_url(&l->place, "%s?phone_number_id=%s", w->media_id,
	    l->place.number);
	r.url = url;
	r.bearer = l->place.token;
	if (http_get(w->f->http, &r, on_place, w) < 0)
		end(w, V_STOP, err_reason());
	free(url);
	return 0;
}

/* The outcome. */

static int
stored(struct stage *st, struct job *j, struct work *w)
{
	struct store *s = stage_store(st);
	json_t *data;
	int code;

	if (w->reference != NULL) {
		/* Once more, for what else it brings. */
		code = media_upload_put(s, w->message->instance, w->reference,
		    w->uploaded, now_ms());
		if (code == 0)
			stage_retry(st, j, now_ms());
		return code;
	}
	code = media_file_put(s, &w->file);
	if (code == 0)
		code = media_put(s, w->message->id, w->file.sha256, NULL);
	if (code < 0)
		return code;
	data = data_of(w->message);
	json_put(data, "media", w->file.sha256);
	json_put(data, "mime", w->file.mime);
	json_put_int(data, "bytes", w->file.bytes);
	if (message_announced(w->message->kind, w->message->content,
		w->file.mime) != NULL)
		json_object_set_new(data, "differs", json_true());
	if (w->told[0] == '\0')
		json_object_set_new(data, "unverified", json_true());
	return tell(st, j, w->message, "media.stored", data);
}

static int
finish(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	struct line *l = w->line;

	switch (w->verdict) {
	case V_DONE:
		w->f->again = 0;
		l->stopped = false;
		l->until_ms = 0;
		return stored(st, j, w);
	case V_AGAIN:
		if (now_ms() + w->wait_ms < j->first_ms + w->f->give_up_ms) {
			w->f->again++;
			stage_failed(st,
			    "message %s: medium: %s: again in "
			    "%lld ms",
			    w->message->id, w->why, (long long)w->wait_ms);
			stage_retry(st, j, now_ms() + w->wait_ms);
			return 0;
		}
		break;
	case V_STOP:
		/* wa-send tells people of the instance; here it waits. */
		if (!l->stopped)
			stage_failed(st, "instance %s: %s", l->name, w->why);
		l->stopped = true;
		l->until_ms = now_ms() + STOPPED_MS;
		stage_retry(st, j, now_ms() + LOOK_MS);
		return 0;
	case V_LOST:
		break;
	}
	stage_failed(st, "message %s: medium: %s", w->message->id, w->why);
	return lost(st, j, w->message, w->why, &w->error);
}

/*
 * The stdin form, at the end of its input: nobody waits for better days. What
 * was not fetched is so again by the same lines, or by a service.
 */
static void
give_up(struct fetcher *f)
{
	struct line *l;

	for (l = f->lines; l != NULL && !l->stopped; l = l->next)
		;
	if ((l == NULL && f->again < AGAIN_TRIES) || http_busy(f->http) > 0 ||
	    f->code < 0)
		return;
	f->code = ERR_UNAVAILABLE;
	if (l != NULL)
		log_warnx("instance %s: its media are left for later", l->name);
	else
		log_warnx("what cannot be had now is left for later");
	kill(getpid(), SIGTERM);
}

static int
wait_for(struct stage *st, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct fetcher *f = stage_ctx(st);

	/* Signals alone are waited for: the input has ended. */
	if (!stage_options.follow && nfds == 1)
		give_up(f);
	return http_wait(f->http, fds, nfds, timeout_ms);
}

static int
tick(struct stage *st)
{
	struct fetcher *f = stage_ctx(st);

	if (!f->swept)
		media_sweep(stage_store(st));
	f->swept = true;
	return 0;
}

static const char *const types[] = { "instance.changed", "instance.connecting",
	"instance.removed", "message.echoed", "message.imported",
	"message.queued", "message.received", NULL };

static struct stage_def def = {
	.name = "wa-media",
	.types = types,
	.max_age_ms = MAX_AGE_MS,
	.join = desk_join,
	.import = desk_import,
	.take = take,
	.begin = begin,
	.start = start,
	.finish = finish,
	.wait = wait_for,
	.drop = drop,
	.tick = tick,
	.reload_check = settings_readable,
};

int
main(int argc, char *argv[])
{
	struct cli cli;
	struct fetcher f = { 0 };
	struct http_limits limits = { 0 };
	int64_t mib;
	int code;

	secret_guard();
	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (stage_options.follow)
		cli_hold_hangup();
	cli_need(conf_open(&f.conf));
	cli_need(setting_int(f.conf, "wa", "media_size", &mib));
	cli_need(
	    setting_duration(f.conf, "wa", "media_give_up", &f.give_up_ms));
	cli_need(
	    setting_duration(f.conf, "wa", "media_timeout", &f.timeout_ms));
	cli_need(
	    setting_duration(f.conf, "wa", "media_backoff", &f.backoff_ms));
	cli_need(setting_duration(f.conf, "wa", "timeout", &limits.total_ms));
	f.max_bytes = mib * MIB;
	if (place_options.url != NULL &&
	    (http_url_check(place_options.url) < 0 ||
		!addr_url_is_private(place_options.url)))
		cli_usage(&cli, "--url %s: not an address of https",
		    place_options.url);
	if (place_options.token_file != NULL &&
	    access(place_options.token_file, R_OK) != 0)
		cli_need(
		    err_errno(ERR_NOINPUT, "%s", place_options.token_file));
	limits.max_flight =
	    stage_options.jobs < 1000 ? (int)stage_options.jobs : 1000;
	cli_need(http_new(&limits, &f.http));
	code = stage_run(&def, &f);
	http_free(f.http);
	while (f.lines != NULL) {
		struct line *next = f.lines->next;

		graph_place_release(&f.lines->place);
		free(f.lines->name);
		free(f.lines);
		f.lines = next;
	}
	conf_close(f.conf);
	if (code == 0 && f.code < 0) /* said already */
		return err_status(f.code);
	cli_exit(code);
}
