/* send.c - a message as the Cloud API wants it, and what its answer means */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "base/utf8.h"
#include "wa/send.h"

#define SECOND_MS 1000
#define PHONE_MIN 5 /* digits */
#define PHONE_MAX 20
#define ID_MAX 128 /* characters behind the country of a scoped id */
#define TRIES_MAX 5
#define CODE_MEDIA 131053 /* the medium could not be uploaded */
#define PAIR_MOST_MS (3600 * SECOND_MS)
#define SLOW_MOST_MS (300 * SECOND_MS)

/* CC.abc or CC.ENT.abc. */
static bool
is_scoped_id(const char *id)
{
	static const char alnum[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz";
	const char *rest = id + 3;

	if (id[0] < 'A' || id[0] > 'Z' || id[1] < 'A' || id[1] > 'Z' ||
	    id[2] != '.')
		return false;
	if (str_starts(rest, "ENT."))
		rest += 4;
	return *rest != '\0' && strlen(rest) <= ID_MAX &&
	    strspn(rest, alnum) == strlen(rest);
}

static bool
is_phone(const char *to)
{
	size_t digits = 0;

	for (const char *p = to; *p != '\0'; p++)
		if (*p >= '0' && *p <= '9')
			digits++;
		else if (strchr("+ -()", *p) == NULL)
			return false;
	return digits >= PHONE_MIN && digits <= PHONE_MAX;
}

/* A group takes text, media, and templates of these. */
static int
check_group(const struct message *m)
{
	static const char *const kinds[] = { "text", "image", "video",
		"document", "audio", "voice", "sticker", "template", NULL };
	const json_t *template = json_object_get(m->content, "template"), *c;
	const char *type;
	size_t i;

	if (!str_in(m->kind, kinds))
		return err_set(ERR_DATA, "type: a group does not take %s",
		    m->kind);
	if (strcmp(m->kind, "template") != 0)
		return 0;
	if (template == NULL)
		template = m->content;
	json_array_foreach(json_object_get(template, "components"), i, c) {
		type = json_str_or(c, "type", "");
		if (strcasecmp(type, "header") != 0 &&
		    strcasecmp(type, "body") != 0)
			return err_set(ERR_DATA,
			    "template.components[%zu].type: a group takes "
			    "header and body only",
			    i);
	}
	return 0;
}

int
send_check_address(const struct message *m, const char *kind,
    const char *address)
{
	if (strcmp(kind, "group") == 0)
		return check_group(m);
	if (strcmp(kind, "phone") == 0 && !is_phone(address))
		return err_set(ERR_DATA,
		    "to: is no phone number of %d to %d digits", PHONE_MIN,
		    PHONE_MAX);
	if (strcmp(kind, "bsuid") == 0 && !is_scoped_id(address))
		return err_set(ERR_DATA,
		    "recipient: is no business-scoped user id");
	return 0;
}

json_t *
send_request(const struct message *m, const char *options, const char *kind,
    const char *address)
{
	bool group = strcmp(kind, "group") == 0;
	json_t *o, *object = NULL;
	const char *type;

	if (send_shape(m, options, &type, &object) < 0)
		return NULL;
	o = json_object();
	json_put(o, "messaging_product", "whatsapp");
	json_put(o, "recipient_type", group ? "group" : "individual");
	json_put(o, group || strcmp(kind, "phone") == 0 ? "to" : "recipient",
	    address);
	json_put(o, "type", type);
	json_put_new(o, type, object);
	if (m->quoted != NULL && *m->quoted != '\0' &&
	    strcmp(type, "reaction") != 0)
		json_put_new(o, "context",
		    json_pack("{ss}", "message_id", m->quoted));
	json_put(o, "biz_opaque_callback_data", m->id);
	return o;
}

json_t *
send_seen_request(const char *wamid, bool typing)
{
	json_t *o = json_object();

	json_put(o, "messaging_product", "whatsapp");
	json_put(o, "status", "read");
	json_put(o, "message_id", wamid);
	if (typing)
		json_put_new(o, "typing_indicator",
		    json_pack("{ss}", "type", "text"));
	return o;
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

/* Longer by what the id and the number of the attempt say, so that many that
 * were refused at once do not come back at once. */
static int64_t
jittered(int64_t ms, const struct send_attempt *a,
    const struct send_patience *p)
{
	char hash[HASH_HEX_BYTES], *text;
	long x;

	if (p->jitter <= 0)
		return ms;
	text = xformat("%s/%d", a->id != NULL ? a->id : "", a->attempt);
	hash_hex(hash, text, strlen(text));
	free(text);
	hash[5] = '\0';
	x = strtol(hash, NULL, 16); /* of 2^20 */
	return ms + ms * p->jitter / 100 * x / 1048576;
}

static void
again(struct send_outcome *o, int64_t wait_ms, bool whole)
{
	o->verdict = SEND_AGAIN;
	o->wait_ms = wait_ms;
	o->whole = whole;
}

static void
refused(const struct http_result *r, const struct send_attempt *a,
    const struct send_patience *p, struct send_outcome *o)
{
	int64_t told_ms = r->retry_after_ms, wait_ms;

	o->class = wa_error_class(&o->error);
	/* Nothing has to be fetched: it is the file that is wrong. */
	if (a->uploaded && o->error.code == CODE_MEDIA)
		o->class = WA_REQUEST;
	if (o->error.has_code && wa_error_find(o->error.code) == NULL)
		snprintf(o->why, sizeof o->why, "%s (code %d)", o->error.title,
		    o->error.code);
	else
		snprintf(o->why, sizeof o->why, "%s", o->error.title);
	switch (o->class) {
	case WA_SLOW_PAIR:
		/* One message in 6 seconds; bursts borrow from later. */
		wait_ms = jittered(backoff(p->pair_ms, 4, a->attempt,
				       p->pair_most_ms),
		    a, p);
		again(o, told_ms > wait_ms ? told_ms : wait_ms, false);
		break;
	case WA_SLOW:
		wait_ms =
		    jittered(backoff(p->first_ms, 2, a->attempt, p->most_ms), a,
			p);
		if (told_ms > 0)
			wait_ms = told_ms < p->pair_most_ms ? told_ms :
							      p->pair_most_ms;
		again(o, wait_ms, true);
		break;
	case WA_RETRY:
		if (a->passing + 1 >= p->tries) {
			o->verdict = SEND_FAILED;
			break;
		}
		wait_ms = jittered(backoff(p->first_ms, 4, a->passing + 1,
				       p->most_ms),
		    a, p);
		again(o, told_ms > wait_ms ? told_ms : wait_ms, false);
		o->passing = true;
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

/* What else an answer says that took the message. */
static void
taken(const json_t *root, struct send_outcome *o)
{
	const char *wa_id = json_str_or(root, "contacts/0/wa_id", ""),
		   *status = json_str_or(root, "messages/0/message_status", "");

	if (is_phone(wa_id) && wa_id[strspn(wa_id, "0123456789")] == '\0' &&
	    strlen(wa_id) < sizeof o->wa_id)
		snprintf(o->wa_id, sizeof o->wa_id, "%s", wa_id);
	if (strcmp(status, "accepted") != 0 &&
	    status[strspn(status, "abcdefghijklmnopqrstuvwxyz_")] == '\0' &&
	    strlen(status) < sizeof o->pending)
		snprintf(o->pending, sizeof o->pending, "%s", status);
}

static void
answered(const struct http_result *r, const struct send_attempt *a,
    const struct send_patience *p, struct send_outcome *o)
{
	json_t *root = NULL;
	const char *wamid;
	bool ours;

	if (json_lenient(r->body, r->body_len, &root) < 0)
		root = NULL;
	wamid = json_str(root, "messages/0/id");
	ours = json_is_object(json_at(root, "error"));
	wa_error_read(root, r->status, &o->error);
	wa_error_to_number(&o->error);
	if (r->status / 100 == 2) {
		if (wamid != NULL && strlen(wamid) < sizeof o->wamid) {
			o->verdict = SEND_ACCEPTED;
			snprintf(o->wamid, sizeof o->wamid, "%s", wamid);
			taken(root, o);
		} else if (ours) {
			refused(r, a, p, o); /* it says so, if oddly */
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
		refused(r, a, p, o);
	}
	json_decref(root);
}

void
send_judge(const struct http_result *r, const struct send_attempt *a,
    const struct send_patience *patience, struct send_outcome *ret)
{
	struct send_patience p = *patience;

	if (p.first_ms <= 0)
		p.first_ms = SECOND_MS;
	if (p.most_ms <= 0)
		p.most_ms = SLOW_MOST_MS;
	if (p.pair_ms <= 0)
		p.pair_ms = 4 * SECOND_MS;
	if (p.pair_most_ms <= 0)
		p.pair_most_ms = PAIR_MOST_MS;
	if (p.tries <= 0)
		p.tries = TRIES_MAX;
	memset(ret, 0, sizeof *ret);
	switch (r->class) {
	case HTTP_ANSWERED:
		answered(r, a, &p, ret);
		break;
	case HTTP_NOT_SENT:
		snprintf(ret->why, sizeof ret->why, "%s", r->why);
		again(ret,
		    backoff(p.first_ms, 2, a->attempt,
			p.most_ms < 60 * p.first_ms ? p.most_ms :
						      60 * p.first_ms),
		    true);
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
