/* send.c - a message as the Cloud API wants it, and what its answer means */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "base/utf8.h"
#include "wa/send.h"

#define SECOND_MS 1000
#define TRIES_MAX 5 /* of a passing failure */
#define PAIR_MOST_MS (3600 * SECOND_MS)
#define SLOW_MOST_MS (300 * SECOND_MS)
#define DOWN_MOST_MS (60 * SECOND_MS)

/* Kinds whose object comes from the message's content. */
static const char *const content_kinds[] = { "audio", "contacts", "document",
	"image", "interactive", "location", "reaction", "sticker", "template",
	"video", NULL };

/* The object of the kind: content itself, or its member of that name. */
static const json_t *
content_of(const struct message *m)
{
	const json_t *part = json_object_get(m->content, m->kind);

	return part != NULL ? part : m->content;
}

int
send_check(const struct message *m)
{
	if (strcmp(m->kind, "text") == 0) {
		if (m->text == NULL || *m->text == '\0')
			return err_set(ERR_DATA, "there is no text");
		if (utf8_length(m->text) > SEND_TEXT_MAX_CHARS)
			return err_set(ERR_DATA,
			    "the text is longer than %d characters",
			    SEND_TEXT_MAX_CHARS);
		return 0;
	}
	if (!str_in(m->kind, content_kinds))
		return err_set(ERR_DATA, "this kind cannot be sent");
	if (content_of(m) == NULL)
		return err_set(ERR_DATA, "there is no content");
	return 0;
}

char *
send_body(const struct message *m, const char *kind, const char *address)
{
	json_t *o = json_object(), *text;
	bool group = strcmp(kind, "group") == 0;
	char *ret;

	json_put(o, "messaging_product", "whatsapp");
	json_put(o, "recipient_type", group ? "group" : "individual");
	json_put(o, group || strcmp(kind, "phone") == 0 ? "to" : "recipient",
	    address);
	json_put(o, "type", m->kind);
	if (strcmp(m->kind, "text") == 0) {
		text = json_object();
		json_put_new(text, "preview_url", json_false());
		json_put(text, "body", m->text);
		json_put_new(o, "text", text);
	} else {
		json_put_new(o, m->kind, json_deep_copy(content_of(m)));
	}
	if (m->quoted != NULL)
		json_put_new(o, "context",
		    json_pack("{ss}", "message_id", m->quoted));
	json_put(o, "biz_opaque_callback_data", m->id);
	ret = json_text(o);
	json_decref(o);
	return ret;
}

/* first * factor^(attempt - 1), at most most. */
static int64_t
backoff(int64_t first, int factor, int attempt, int64_t most)
{
	int64_t ms = first;

	while (--attempt > 0 && ms < most)
		ms *= factor;
	return ms < most ? ms : most;
}

static void
again(struct send_outcome *o, int64_t wait_ms, bool whole)
{
	o->verdict = SEND_AGAIN;
	o->wait_ms = wait_ms;
	o->whole = whole;
}

static void
refused(const struct http_result *r, int attempt, struct send_outcome *o)
{
	int64_t told_ms = r->retry_after_ms, wait_ms;

	o->class = wa_error_class(&o->error);
	snprintf(o->why, sizeof o->why, "%s", o->error.title);
	switch (o->class) {
	case WA_SLOW_PAIR:
		/* One message in 6 seconds; bursts borrow from later. */
		wait_ms = backoff(4 * SECOND_MS, 4, attempt, PAIR_MOST_MS);
		again(o, told_ms > wait_ms ? told_ms : wait_ms, false);
		break;
	case WA_SLOW:
		wait_ms = backoff(SECOND_MS, 2, attempt, SLOW_MOST_MS);
		if (told_ms > 0)
			wait_ms =
			    told_ms < PAIR_MOST_MS ? told_ms : PAIR_MOST_MS;
		again(o, wait_ms, true);
		break;
	case WA_RETRY:
		if (attempt >= TRIES_MAX) {
			o->verdict = SEND_FAILED;
			break;
		}
		wait_ms = backoff(SECOND_MS, 4, attempt, SLOW_MOST_MS);
		again(o, told_ms > wait_ms ? told_ms : wait_ms, false);
		break;
	case WA_ACCOUNT:
		o->verdict = SEND_STOP;
		break;
	default:
		o->verdict = SEND_FAILED;
		break;
	}
	o->sent = true;
}

static void
unknown(struct send_outcome *o, const char *why)
{
	o->verdict = SEND_UNKNOWN;
	snprintf(o->why, sizeof o->why, "%s", why);
}

static void
answered(const struct http_result *r, int attempt, struct send_outcome *o)
{
	json_t *root = NULL;
	const char *wamid;
	bool ours;

	if (json_lenient(r->body, r->body_len, &root) < 0)
		root = NULL;
	wamid = json_str(root, "messages/0/id");
	ours = json_is_object(json_at(root, "error"));
	wa_error_read(root, r->status, &o->error);
	if (r->status / 100 == 2) {
		if (wamid != NULL && strlen(wamid) < sizeof o->wamid) {
			o->verdict = SEND_ACCEPTED;
			snprintf(o->wamid, sizeof o->wamid, "%s", wamid);
		} else {
			unknown(o, "the answer makes no sense");
		}
	} else if (r->status / 100 == 3) {
		o->verdict = SEND_STOP;
		snprintf(o->why, sizeof o->why,
		    "the provider's address leads elsewhere");
	} else if (r->status >= 500 && r->status != 503 && !ours) {
		/* A gateway that lost patience may have passed it on. */
		unknown(o, "a gateway answered for the provider");
	} else {
		refused(r, attempt, o);
	}
	json_decref(root);
}

void
send_judge(const struct http_result *r, int attempt, struct send_outcome *ret)
{
	memset(ret, 0, sizeof *ret);
	switch (r->class) {
	case HTTP_ANSWERED:
		answered(r, attempt, ret);
		break;
	case HTTP_NOT_SENT:
		snprintf(ret->why, sizeof ret->why, "%s", r->why);
		again(ret, backoff(SECOND_MS, 2, attempt, DOWN_MOST_MS), true);
		break;
	case HTTP_UNKNOWN:
		unknown(ret, r->why);
		break;
	}
}

void
send_dry_wamid(const char *id, char ret[64])
{
	char ulid[ULID_BYTES];

	id_ulid(ulid, id_time_ms(id), "dry-run", id, NULL);
	snprintf(ret, 64, "wamid.dry-run.%s", ulid);
}
