/*
 * wa-sim - a WhatsApp on loopback
 *
 * The server's thread only hands requests over; everything else happens on
 * the main thread, in the order the requests came. A webhook is posted until
 * it is answered 200: those of one customer's messages one after the other,
 * the statuses of one message one after the other.
 */
#include <sys/eventfd.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/id.h"
#include "base/jsonl.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "net/http.h"
#include "net/listen.h"
#include "net/signature.h"
#include "wa/sim.h"

#define TEXT_MAX_CHARS 4096
#define RETRY_FIRST_MS 100
#define RETRY_MOST_MS 10000
#define EARLY_MS 300 /* how much later an early one is answered */
#define BUCKETS 4096

static const char *listen_at = "127.0.0.1:0";
static const char *port_file, *webhook, *secret_file, *token_file;
static const char *record_file, *fault_spec = "";
static const char *phone_number_id = "100000000000001";
static const char *account_id = "200000000000001";
static const char *phone = "15550000001";
static int64_t delay_ms, status_ms = 50, until_idle_ms = -1;
static int64_t give_up_ms = 7LL * 24 * 3600 * 1000;
static int64_t seed = -1;
static bool no_status, bodies_only;

static const struct cli_option options[] = {
	{ 0, "account-id", "ID", CLI_TEXT, &account_id,
	    "the business account in webhooks" },
	{ 0, "bodies", NULL, CLI_FLAG, &bodies_only,
	    "print the webhooks of customers' lines, do nothing else" },
	{ 0, "delay", "DURATION", CLI_DURATION, &delay_ms,
	    "answer calls after" },
	{ 0, "fault", "LIST", CLI_TEXT, &fault_spec,
	    "misbehave: NAME[=SECONDS][:WHEN],..." },
	{ 0, "give-up", "DURATION", CLI_DURATION, &give_up_ms,
	    "drop a webhook that is not taken for" },
	{ 'l', "listen", "ADDRESS", CLI_TEXT, &listen_at,
	    "HOST:PORT on loopback; port 0: any" },
	{ 0, "no-status", NULL, CLI_FLAG, &no_status,
	    "post no statuses of what the business sends" },
	{ 0, "phone", "NUMBER", CLI_TEXT, &phone,
	    "the business's number as displayed" },
	{ 0, "phone-number-id", "ID", CLI_TEXT, &phone_number_id,
	    "the business's number as the API calls it" },
	{ 0, "port-file", "FILE", CLI_TEXT, &port_file,
	    "write the port there" },
	{ 0, "record", "FILE", CLI_TEXT, &record_file,
	    "append every call of the API to it" },
	{ 0, "secret-file", "FILE", CLI_TEXT, &secret_file,
	    "the app secret that signs webhooks" },
	{ 0, "seed", "N", CLI_NUMBER, &seed, "same ids and faults again" },
	{ 0, "status-delay", "DURATION", CLI_DURATION, &status_ms,
	    "between sent, delivered and read" },
	{ 0, "token-file", "FILE", CLI_TEXT, &token_file,
	    "the token calls must bear" },
	{ 0, "until-idle", "DURATION", CLI_DURATION, &until_idle_ms,
	    "after the end of input, stop when nothing happened for" },
	{ 'w', "webhook", "URL", CLI_TEXT, &webhook, "post webhooks to" },
	CLI_END
};

static const struct cli_spec spec = { .name = "wa-sim",
	.summary = "a WhatsApp on loopback",
	.args = "",
	.options = options,
	.examples = "echo '{\"from\":\"491700000001\",\"text\":\"hello\"}' |\n"
		    "    wa-sim --bodies" };

struct post;

struct customer {
	struct customer *next;	  /* in its bucket */
	char *id;		  /* wa_id or BSUID */
	char last[128];		  /* what the business said last */
	char own[128];		  /* what the customer said last */
	int64_t said;		  /* times the business said something */
	struct post *first, *end; /* messages that wait for the one before */
	bool busy;
};

/* A message of the business on its way up. */
struct sent {
	char wamid[64];
	char *to, *opaque;
	bool undelivered;
	int step;
};

/* A webhook to be posted. */
struct post {
	struct post *next; /* behind another one of its customer */
	char *body;
	size_t len;
	struct customer *customer; /* NULL: not a customer's message */
	struct sent *sent;	   /* NULL: not a status */
	char id[128];
	int64_t due_ms, born_ms;
	uint64_t order;
	int attempt;
};

/* A call whose answer is still to go out. */
struct answer {
	struct request *request;
	int64_t due_ms; /* INT64_MAX: never */
	int status, retry_after_s;
	char *text; /* NULL: the connection is closed */
};

static struct {
	struct sim_number number;
	struct sim_faults *faults;
	struct signature_keys *keys;
	char *token;
	struct http *http;
	struct listener *listener;
	struct jsonl *io;
	int record_fd, wake_fd;
	pthread_mutex_t lock; /* of the two below */
	struct request *asked, *asked_end;
	struct customer *buckets[BUCKETS];
	struct post **heap; /* by due_ms, then order */
	size_t nheap, heap_room;
	struct answer *answers;
	size_t nanswers;
	uint64_t order, calls, messages, posted, dropped, flying, lined;
	int64_t active_ms; /* something happened last */
	char run[32];	   /* makes ids differ from run to run */
	bool input_open;
	struct customer *speaker; /* of the last line of input */
	int64_t wait_ms;	  /* input waits until then; 0: it does not */
	bool wait_reply;
	int64_t wait_said;
} sim = { .record_fd = -1, .wake_fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER };

static volatile sig_atomic_t stop;

static void
on_signal(int signal)
{
	uint64_t one = 1;

	stop = signal;
	(void)!write(sim.wake_fd, &one, sizeof one);
}

static void
new_id(char ret[64], const char *what)
{
	char n[24], id[ULID_BYTES];

	snprintf(n, sizeof n, "%llu", (unsigned long long)++sim.messages);
	id_ulid(id, now_ms(), "wa-sim", sim.run, what, n, NULL);
	snprintf(ret, 64, "wamid.SIM%s", id);
}

static struct customer *
customer_for(const char *id)
{
	char hash[HASH_HEX_BYTES];
	struct customer **at, *c;

	hash_hex(hash, id, strlen(id));
	hash[8] = '\0';
	at = &sim.buckets[strtoul(hash, NULL, 16) % BUCKETS];
	for (c = *at; c != NULL; c = c->next)
		if (strcmp(c->id, id) == 0)
			return c;
	c = xcalloc(1, sizeof *c);
	c->id = xstrdup(id);
	c->next = *at;
	*at = c;
	return c;
}

/* A line of what happened, on stdout. */
static json_t *
news(const char *type)
{
	json_t *o = json_object();
	char text[TIME_TEXT_BYTES];

	json_put(o, "type", type);
	json_put(o, "time", time_text(now_ms(), text));
	return o;
}

static void
tell(json_t *o)
{
	char *line = json_text(o);

	jsonl_put(sim.io, line, strlen(line));
	free(line);
	json_decref(o);
}

/* Posting. */

static bool
sooner(const struct post *a, const struct post *b)
{
	return a->due_ms < b->due_ms ||
	    (a->due_ms == b->due_ms && a->order < b->order);
}

static void
heap_add(struct post *p, int64_t due_ms)
{
	size_t i = sim.nheap++;

	p->due_ms = due_ms;
	p->order = sim.order++;
	if (sim.nheap > sim.heap_room) {
		sim.heap_room = sim.heap_room * 2 + 64;
		sim.heap = xrealloc(sim.heap, sim.heap_room * sizeof *sim.heap);
	}
	for (; i > 0 && sooner(p, sim.heap[(i - 1) / 2]); i = (i - 1) / 2)
		sim.heap[i] = sim.heap[(i - 1) / 2];
	sim.heap[i] = p;
}

static struct post *
heap_take(void)
{
	struct post *first = sim.heap[0], *p = sim.heap[--sim.nheap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < sim.nheap) {
		if (child + 1 < sim.nheap &&
		    sooner(sim.heap[child + 1], sim.heap[child]))
			child++;
		if (!sooner(sim.heap[child], p))
			break;
		sim.heap[i] = sim.heap[child];
		i = child;
	}
	sim.heap[i] = p;
	return first;
}

static void
post_body(json_t *body, struct customer *c, struct sent *sent, const char *id,
    int64_t due_ms)
{
	struct post *p = xcalloc(1, sizeof *p);

	p->body = json_text(body);
	p->len = strlen(p->body);
	p->customer = c;
	p->sent = sent;
	p->born_ms = mono_ms();
	snprintf(p->id, sizeof p->id, "%s", id);
	json_decref(body);
	if (c == NULL || !c->busy) {
		if (c != NULL)
			c->busy = true;
		heap_add(p, due_ms);
		return;
	}
	sim.lined++;
	if (c->first != NULL)
		c->end->next = p;
	else
		c->first = p;
	c->end = p;
}

/* The next step of a message of the business, or its end. */
static void
climb(struct sent *s)
{
	static const char *const steps[] = { "sent", "delivered", "read" };
	const struct wa_error_code *error = NULL;
	const char *status;
	struct sim_sent m = { s->wamid, s->to, s->opaque };

	if (s->undelivered && s->step == 1) {
		status = "failed";
		error = wa_error_find(131026);
	} else if (s->step == 3 || (s->undelivered && s->step > 1)) {
		free(s->to);
		free(s->opaque);
		free(s);
		return;
	} else {
		status = steps[s->step];
	}
	s->step++;
	post_body(sim_status(&sim.number, &m, status, error, now_ms()), NULL, s,
	    status, mono_ms() + (s->step > 1 ? status_ms : 0));
}

static void
post_free(struct post *p)
{
	free(p->body);
	free(p);
}

static void
posted(struct post *p)
{
	struct customer *c = p->customer;
	json_t *o;

	if (p->sent != NULL) {
		o = news("status");
		json_put(o, "customer", p->sent->to);
		json_put(o, "id", p->sent->wamid);
		json_put(o, "status", p->id);
		tell(o);
		climb(p->sent);
	} else if (c != NULL) {
		o = news("customer.acknowledged");
		json_put(o, "customer", c->id);
		json_put(o, "id", p->id);
		tell(o);
	}
	if (c != NULL) {
		c->busy = c->first != NULL;
		if (c->first != NULL) {
			struct post *n = c->first;

			c->first = n->next;
			sim.lined--;
			heap_add(n, mono_ms());
		}
	}
	post_free(p);
}

static void
on_posted(void *arg, const struct http_result *r)
{
	struct post *p = arg;
	int64_t back_ms;

	sim.flying--;
	if (r->class == HTTP_ANSWERED && r->status == 200) {
		sim.posted++;
		sim.active_ms = mono_ms();
		posted(p);
		return;
	}
	if (mono_ms() - p->born_ms > give_up_ms) {
		sim.dropped++;
		log_warnx("a webhook was not taken: %s",
		    r->why != NULL ? r->why : "not answered 200");
		posted(p);
		return;
	}
	back_ms = (int64_t)RETRY_FIRST_MS << (p->attempt < 8 ? p->attempt : 8);
	if (back_ms > RETRY_MOST_MS)
		back_ms = RETRY_MOST_MS;
	p->attempt++;
	heap_add(p, mono_ms() + back_ms);
}

static void
post_due(void)
{
	while (sim.nheap > 0 && sim.heap[0]->due_ms <= mono_ms()) {
		struct post *p = heap_take();
		char signature[SIGNATURE_BYTES], header[128];
		const char *headers[] = { header, NULL };
		struct http_request r = { .url = webhook,
			.headers = headers,
			.body = p->body,
			.body_len = p->len,
			.repeatable = true };

		signature_make(sim.keys, p->body, p->len, signature);
		snprintf(header, sizeof header, "X-Hub-Signature-256: %s",
		    signature);
		sim.flying++;
		cli_need(http_post(sim.http, &r, on_posted, p));
	}
}

/* Customers. */

/* "@last" and "@own" in a line stand for ids only wa-sim knows. */
static void
put_ids(json_t *o, const struct customer *c)
{
	const char *key;
	json_t *v;

	json_object_foreach(o, key, v) {
		if (json_is_object(v))
			put_ids(v, c);
		else if (!json_is_string(v))
			continue;
		else if (strcmp(json_string_value(v), "@last") == 0)
			json_string_set(v, c->last);
		else if (strcmp(json_string_value(v), "@own") == 0)
			json_string_set(v, c->own);
	}
}

static const char *
line_who(const json_t *line)
{
	return json_str_or(line, "from", json_str(line, "user_id"));
}

/* A customer says line. ret_id: the message's id. */
static int
say(json_t *line, char ret_id[128])
{
	const char *who = line_who(line), *type = json_str(line, "type"), *text;
	struct customer *c = NULL;
	char id[64];
	json_t *body, *o;
	int code;

	if (webhook == NULL && !bodies_only)
		return err_set(ERR_DATA, "no --webhook to tell it to");
	if (who != NULL && *who != '\0') {
		c = customer_for(who);
		put_ids(line, c);
	}
	new_id(id, "in");
	code = sim_message(&sim.number, line, id, now_ms(), &body, ret_id);
	if (code < 0)
		return code;
	if (bodies_only) {
		tell(body);
		return 0;
	}
	sim.active_ms = mono_ms();
	if (c != NULL) {
		if (type == NULL)
			type = "text";
		if (strcmp(type, "reaction") != 0 &&
		    strcmp(type, "edit") != 0 && strcmp(type, "revoke") != 0)
			snprintf(c->own, sizeof c->own, "%s", ret_id);
		sim.speaker = c;
		sim.wait_said = c->said;
		o = news("customer.said");
		json_put(o, "customer", c->id);
		json_put(o, "name", json_str(line, "name"));
		json_put(o, "id", ret_id);
		json_put(o, "kind", type);
		text = json_str_or(line, "text", json_str(line, "text/body"));
		json_put(o, "text", text);
		if (text == NULL && json_at(line, type) != NULL)
			json_put_new(o, "content",
			    json_deep_copy(json_object_get(line, type)));
		tell(o);
	}
	post_body(body, c, NULL, ret_id, mono_ms());
	return 0;
}

/* One line of input: what a customer says, or a wait. */
static int
take_line(const char *text, size_t len)
{
	json_t *line;
	char id[128];
	const char *type;
	int code = json_object_parse(text, len, &line);

	if (code < 0)
		return code;
	type = json_str(line, "type");
	if (type != NULL && strcmp(type, "wait") == 0) {
		sim.wait_reply = json_bool_or(line, "reply", false);
		sim.wait_ms = bodies_only ? 0 :
					    mono_ms() +
			json_int_or(line, "ms", sim.wait_reply ? 30000 : 0);
	} else {
		code = say(line, id);
	}
	json_decref(line);
	return code;
}

/* Whether input is held back by a wait. */
static bool
waiting(void)
{
	if (sim.wait_ms == 0)
		return false;
	if (mono_ms() >= sim.wait_ms ||
	    (sim.wait_reply &&
		(sim.speaker == NULL || sim.speaker->said > sim.wait_said)))
		sim.wait_ms = 0;
	return sim.wait_ms != 0;
}

static void
take_input(void)
{
	char *line;
	size_t len;
	int got;

	while (sim.input_open && !waiting()) {
		got = jsonl_next(sim.io, &line, &len);
		if (got == JSONL_END)
			sim.input_open = false;
		if (got != JSONL_LINE)
			return;
		if (take_line(line, len) < 0)
			jsonl_complain(sim.io, err_reason());
	}
}

/* The API. */

struct reply {
	int status, retry_after_s;
	char *text;
	bool dropped, held;
	int64_t late_ms;
};

static struct reply
reply_json(int status, json_t *o)
{
	struct reply r = { .status = status, .text = json_text(o) };

	json_decref(o);
	return r;
}

static struct reply
refuse(int status, int code, const char *details)
{
	const struct wa_error_code *known = wa_error_find(code);

	return reply_json(status,
	    sim_error(code, known != NULL ? known->title : "refused", details,
		sim.calls));
}

static struct reply
reply_fault(const struct sim_fault *f, const char *to)
{
	struct reply r = { 0 };
	json_t *o = news("fault");

	json_put(o, "fault", f->name);
	json_put(o, "customer", to);
	tell(o);
	switch (f->act) {
	case SIM_REFUSE:
		r = refuse(f->http, f->code, NULL);
		r.retry_after_s = f->retry_after_s;
		break;
	case SIM_HANG:
		r.held = true;
		break;
	case SIM_GARBLE:
		r.status = 200;
		r.text = xstrdup("{\"messaging_product\":\"whatsapp\",\"mess");
		break;
	default:
		r.dropped = true;
		break;
	}
	return r;
}

/* What is wrong with a message; NULL: nothing. */
static const char *
message_fault(const json_t *m, int *code)
{
	const char *type = json_str_or(m, "type", "text");
	const char *text = json_str(m, "text/body");

	*code = 131008;
	if (strcmp(json_str_or(m, "messaging_product", ""), "whatsapp") != 0)
		return "messaging_product is missing";
	if (json_str(m, "to") == NULL && json_str(m, "recipient") == NULL)
		return "to is missing";
	if (!json_is_object(json_object_get(m, type)))
		return "the object of the type is missing";
	*code = 131009;
	if (strcmp(type, "text") == 0 &&
	    (text == NULL || *text == '\0' ||
		utf8_length(text) > TEXT_MAX_CHARS))
		return "text.body must have 1 to 4096 characters";
	if (json_is_string(json_at(m, "biz_opaque_callback_data")) &&
	    utf8_length(json_str(m, "biz_opaque_callback_data")) > 512)
		return "biz_opaque_callback_data is too long";
	return NULL;
}

/* Read receipt, with or without "typing". */
static struct reply
take_read(const json_t *m)
{
	json_t *o =
	    news(json_at(m, "typing_indicator") != NULL ? "business.typing" :
							  "business.read");

	json_put(o, "id", json_str(m, "message_id"));
	tell(o);
	return reply_json(200, json_pack("{sb}", "success", 1));
}

static void
take_message(const json_t *m, const char *to, const char *wamid,
    bool undelivered)
{
	const char *type = json_str_or(m, "type", "text"), *text;
	struct customer *c = customer_for(to);
	json_t *o = news("business.said");
	struct sent *s;

	snprintf(c->last, sizeof c->last, "%s", wamid);
	c->said++;
	json_put(o, "customer", to);
	json_put(o, "id", wamid);
	json_put(o, "kind", type);
	text =
	    json_str_or(m, "text/body", json_str(m, "interactive/body/text"));
	json_put(o, "text", text);
	json_put(o, "quoted", json_str(m, "context/message_id"));
	if (strcmp(type, "text") != 0)
		json_put_new(o, "content",
		    json_deep_copy(json_object_get(m, type)));
	tell(o);
	if (no_status || webhook == NULL)
		return;
	s = xcalloc(1, sizeof *s);
	snprintf(s->wamid, sizeof s->wamid, "%s", wamid);
	s->to = xstrdup(to);
	s->opaque = xstrdup(json_str(m, "biz_opaque_callback_data"));
	s->undelivered = undelivered;
	climb(s);
}

/* The customer a message is for: digits of `to`, else `recipient`. */
static char *
message_to(const json_t *m)
{
	struct buf b = BUF_INIT(0);

	for (const char *p = json_str_or(m, "to", ""); *p != '\0'; p++)
		if (*p >= '0' && *p <= '9')
			buf_addc(&b, *p);
	if (b.len == 0)
		buf_adds(&b, json_str_or(m, "recipient", ""));
	return buf_detach(&b);
}

static struct reply
send_message(const json_t *m, const struct sim_fault *f, char wamid[64])
{
	char *to = message_to(m);
	const char *wrong;
	struct reply r;
	json_t *contact;
	int code;

	wrong = message_fault(m, &code);
	if (wrong != NULL ||
	    (f != NULL &&
		(f->act == SIM_REFUSE || f->act == SIM_DROP ||
		    f->act == SIM_HANG))) {
		r = wrong != NULL ? refuse(400, code, wrong) :
				    reply_fault(f, to);
		free(to);
		return r;
	}
	new_id(wamid, "out");
	take_message(m, to, wamid, f != NULL && f->act == SIM_UNDELIVERED);
	if (f != NULL && (f->act == SIM_RESET || f->act == SIM_GARBLE)) {
		r = reply_fault(f, to);
	} else {
		contact = json_object();
		json_put(contact, "input", json_str_or(m, "to", to));
		json_put(contact, strchr(to, '.') != NULL ? "user_id" : "wa_id",
		    to);
		r = reply_json(200,
		    json_pack("{ss s[o] s[{ss}]}", "messaging_product",
			"whatsapp", "contacts", contact, "messages", "id",
			wamid));
		if (f != NULL && f->act == SIM_EARLY)
			r.late_ms = EARLY_MS;
	}
	free(to);
	return r;
}

static void
record(const struct request *q, const struct reply *r, const json_t *body,
    bool authorized, const struct sim_fault *f, const char *wamid)
{
	json_t *o;
	char *line, *whole, text[TIME_TEXT_BYTES];

	if (sim.record_fd < 0)
		return;
	o = json_object();
	json_put_int(o, "n", (int64_t)sim.calls);
	json_put(o, "time", time_text(now_ms(), text));
	json_put(o, "method", request_method(q));
	json_put(o, "path", request_path(q));
	json_put_new(o, "authorized", json_boolean(authorized));
	json_put(o, "fault", f != NULL ? f->name : NULL);
	if (r->text != NULL)
		json_put_int(o, "status", r->status);
	json_put(o, "id", wamid);
	json_object_set(o, "body", (json_t *)body);
	line = json_text(o);
	whole = xformat("%s\n", line);
	if (write_all(sim.record_fd, whole, strlen(whole)) < 0)
		cli_die(err_errno(ERR_IO, "%s", record_file), "%s",
		    err_reason());
	free(whole);
	free(line);
	json_decref(o);
}

static bool
authorized(const struct request *q)
{
	const char *header = request_header(q, "Authorization");
	char *want;
	bool ok;

	if (sim.token == NULL)
		return true;
	want = xformat("Bearer %s", sim.token);
	ok = header != NULL && strcmp(header, want) == 0;
	free(want);
	return ok;
}

/* What a media id stands for: a short text, the same each time. */
static struct reply
get_media(const char *id, bool bytes)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof hash + 1], *text = xformat("wa-sim %s\n", id);
	char *url =
	    xformat("http://%s/sim/media/%s", listen_address(sim.listener), id);
	struct reply r = { .status = 200, .text = text };

	if (!bytes) {
		crypto_hash_sha256(hash, (unsigned char *)text, strlen(text));
		r = reply_json(200,
		    json_pack("{ss ss ss ss sI ss}", "messaging_product",
			"whatsapp", "id", id, "url", url, "mime_type",
			"application/octet-stream", "file_size",
			(json_int_t)strlen(text), "sha256",
			sodium_bin2hex(hex, sizeof hex, hash, sizeof hash)));
		free(text);
	}
	free(url);
	return r;
}

/* Calls of the Graph API: /vNN.N/NODE[/EDGE]. */
static struct reply
api(const struct request *q, const char *node, const char *edge)
{
	const struct sim_fault *f = NULL;
	const char *method = request_method(q), *bytes;
	bool post = strcmp(method, "POST") == 0, ok = authorized(q);
	char wamid[64] = "", id[32];
	json_t *body = NULL;
	struct reply r;
	size_t len;

	sim.calls++;
	bytes = request_body(q, &len);
	if (!ok) {
		r = refuse(401, 190, NULL);
	} else if (strcmp(node, phone_number_id) == 0 && post &&
	    strcmp(edge, "messages") == 0) {
		if (json_object_parse(bytes, len, &body) < 0) {
			r = refuse(400, 100, "the body is not a JSON object");
		} else if (strcmp(json_str_or(body, "status", ""), "read") ==
		    0) {
			r = take_read(body);
		} else {
			f = sim_fault_draw(sim.faults, sim.calls);
			r = send_message(body, f, wamid);
		}
	} else if (strcmp(node, phone_number_id) == 0 && post &&
	    strcmp(edge, "media") == 0) {
		snprintf(id, sizeof id, "media-%llu",
		    (unsigned long long)++sim.messages);
		r = reply_json(200, json_pack("{ss}", "id", id));
	} else if (strcmp(node, phone_number_id) == 0 && !post &&
	    *edge == '\0') {
		r = reply_json(200,
		    json_pack("{ss ss ss ss}", "id", phone_number_id,
			"display_phone_number", phone, "verified_name",
			"wa-sim", "quality_rating", "GREEN"));
	} else if (str_starts(node, "media-") && !post && *edge == '\0') {
		r = get_media(node, false);
	} else {
		r = refuse(400, 100, "no such object or call");
	}
	record(q, &r, body, ok, f, wamid);
	json_decref(body);
	return r;
}

/* The control side: /sim/message, /sim/fault, /sim/state. */
static struct reply
control(const struct request *q, const char *what)
{
	bool post = strcmp(request_method(q), "POST") == 0;
	struct sim_faults *faults;
	json_int_t open = (json_int_t)sim.nheap + (json_int_t)sim.lined +
	    (json_int_t)sim.flying;
	size_t len;
	char *text, id[128];
	json_t *line;
	int code;

	text = xstrdup(request_body(q, &len));
	if (post && strcmp(what, "message") == 0) {
		code = json_object_parse(text, len, &line);
		if (code == 0) {
			code = say(line, id);
			json_decref(line);
		}
		free(text);
		if (code < 0)
			return reply_json(400,
			    json_pack("{ss}", "error", err_reason()));
		return reply_json(200, json_pack("{ss}", "id", id));
	}
	if (post && strcmp(what, "fault") == 0) {
		text[strcspn(text, "\n")] = '\0';
		code = sim_faults_parse(text, (uint64_t)seed, &faults);
		free(text);
		if (code < 0)
			return reply_json(400,
			    json_pack("{ss}", "error", err_reason()));
		sim_faults_free(sim.faults);
		sim.faults = faults;
		return reply_json(200, json_pack("{sb}", "success", 1));
	}
	free(text);
	if (!post && strcmp(what, "state") == 0)
		return reply_json(200,
		    json_pack("{sI sI sI sI}", "calls", (json_int_t)sim.calls,
			"webhooks_taken", (json_int_t)sim.posted,
			"webhooks_waiting", open, "webhooks_dropped",
			(json_int_t)sim.dropped));
	if (!post && str_starts(what, "media/"))
		return authorized(q) ? get_media(what + 6, true) :
				       refuse(401, 190, NULL);
	return reply_json(404, json_pack("{ss}", "error", "no such page"));
}

/* "/v23.0/NODE/EDGE": the two; false if it is none. */
static bool
graph_path(const char *path, char **ret_node, char **ret_edge)
{
	const char *node, *edge;
	size_t digits;

	if (!str_starts(path, "/v"))
		return false;
	digits = strspn(path + 2, "0123456789.");
	if (digits == 0 || path[2 + digits] != '/')
		return false;
	node = path + 3 + digits;
	edge = node + strcspn(node, "/");
	*ret_node = xstrndup(node, (size_t)(edge - node));
	*ret_edge = xstrdup(*edge == '/' ? edge + 1 : "");
	return true;
}

static void
answer(struct request *q, struct reply r)
{
	struct answer *a;
	int64_t wait_ms = delay_ms + r.late_ms;

	if (!r.held && wait_ms == 0) {
		request_type(q, "application/json");
		if (r.dropped)
			request_drop(q);
		else
			request_answer(q, r.status, r.text, r.retry_after_s);
		free(r.text);
		return;
	}
	sim.answers =
	    xrealloc(sim.answers, (sim.nanswers + 1) * sizeof *sim.answers);
	a = &sim.answers[sim.nanswers++];
	a->request = q;
	a->due_ms = r.held ? INT64_MAX : mono_ms() + wait_ms;
	a->status = r.status;
	a->retry_after_s = r.retry_after_s;
	a->text = r.text;
}

static void
answer_due(int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < sim.nanswers; i++) {
		struct answer a = sim.answers[i];

		if (a.due_ms > now) {
			sim.answers[kept++] = a;
			continue;
		}
		request_type(a.request, "application/json");
		if (a.text == NULL)
			request_drop(a.request);
		else
			request_answer(a.request, a.status, a.text,
			    a.retry_after_s);
		free(a.text);
	}
	sim.nanswers = kept;
}

static void
take_requests(void)
{
	struct request *q, *next;
	char *node, *edge;

	pthread_mutex_lock(&sim.lock);
	q = sim.asked;
	sim.asked = NULL;
	sim.asked_end = NULL;
	pthread_mutex_unlock(&sim.lock);
	for (; q != NULL; q = next) {
		next = request_next(q);
		if (str_starts(request_path(q), "/sim/")) {
			answer(q, control(q, request_path(q) + 5));
			continue;
		}
		sim.active_ms = mono_ms();
		if (!graph_path(request_path(q), &node, &edge)) {
			answer(q, refuse(404, 100, "no such path"));
			continue;
		}
		answer(q, api(q, node, edge));
		free(node);
		free(edge);
	}
}

/* On the server's thread. */
static void
on_request(struct request *q, void *ctx)
{
	uint64_t one = 1;

	(void)ctx;
	request_hold(q);
	request_set_next(q, NULL);
	pthread_mutex_lock(&sim.lock);
	if (sim.asked != NULL)
		request_set_next(sim.asked_end, q);
	else
		sim.asked = q;
	sim.asked_end = q;
	pthread_mutex_unlock(&sim.lock);
	(void)!write(sim.wake_fd, &one, sizeof one);
}

/* The loop. */

static bool
idle(void)
{
	return until_idle_ms >= 0 && !sim.input_open && sim.nheap == 0 &&
	    sim.flying == 0 && sim.lined == 0 && sim.nanswers == 0 &&
	    mono_ms() - sim.active_ms >= until_idle_ms;
}

static int
sleep_ms(void)
{
	int64_t now = mono_ms(), at = now + 60 * 1000;

	if (sim.nheap > 0 && sim.heap[0]->due_ms < at)
		at = sim.heap[0]->due_ms;
	for (size_t i = 0; i < sim.nanswers; i++)
		if (sim.answers[i].due_ms < at)
			at = sim.answers[i].due_ms;
	if (sim.wait_ms > 0 && sim.wait_ms < at)
		at = sim.wait_ms;
	if (until_idle_ms >= 0 && !sim.input_open &&
	    sim.active_ms + until_idle_ms > now &&
	    sim.active_ms + until_idle_ms < at)
		at = sim.active_ms + until_idle_ms;
	return at > now ? (int)(at - now) : 0;
}

static void
run(void)
{
	uint64_t n;

	sim.active_ms = mono_ms();
	while (!stop && !idle()) {
		struct pollfd fds[2] = { { .fd = sim.wake_fd,
					     .events = POLLIN },
			{ .fd = 0, .events = POLLIN } };
		bool reading = sim.input_open && !waiting();

		cli_need(jsonl_flush(sim.io));
		cli_need(http_wait(sim.http, fds, reading ? 2 : 1, sleep_ms()));
		if (fds[0].revents != 0)
			(void)!read(sim.wake_fd, &n, sizeof n);
		if (reading && fds[1].revents != 0)
			cli_need(jsonl_fill(sim.io));
		take_requests();
		take_input();
		answer_due(mono_ms());
		post_due();
	}
}

/* --bodies: lines in, bodies of webhooks out. */
static int
convert(void)
{
	char *line;
	size_t len;
	int got;

	while ((got = jsonl_wait(sim.io, &line, &len)) == JSONL_LINE)
		if (take_line(line, len) < 0)
			jsonl_complain(sim.io, err_reason());
	return got == JSONL_END ? jsonl_flush(sim.io) : got;
}

static void
on_loopback(const struct cli *cli)
{
	if (!str_starts(listen_at, "127.") &&
	    !str_starts(listen_at, "[::1]:") &&
	    !str_starts(listen_at, "localhost:"))
		cli_usage(cli, "--listen %s: not on loopback", listen_at);
}

static void
set_up(const struct cli *cli)
{
	struct listen_options o = listen_defaults;
	struct sigaction act = { .sa_handler = on_signal };
	char *secret = NULL, *text;
	json_t *ready;

	on_loopback(cli);
	if (webhook != NULL && secret_file == NULL)
		cli_usage(cli, "--webhook needs --secret-file to sign with");
	if (webhook != NULL)
		cli_need(http_url_check(webhook));
	sim.keys = signature_keys_new();
	if (secret_file != NULL) {
		cli_need(file_secret(secret_file, &secret));
		cli_need(signature_keys_add(sim.keys, secret));
		explicit_bzero(secret, strlen(secret));
		free(secret);
	}
	if (token_file != NULL)
		cli_need(file_secret(token_file, &sim.token));
	if (record_file != NULL) {
		sim.record_fd = open(record_file,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		if (sim.record_fd < 0)
			cli_need(err_errno(ERR_CREATE, "%s", record_file));
	}
	sim.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	cli_need(http_new(&(struct http_limits){ .max_flight = 64,
			      .total_ms = 20 * 1000,
			      .agent = "facebookexternalua" },
	    &sim.http));
	o.idle_ms = 10 * 60 * 1000;
	cli_need(listen_open(listen_at, &o, on_request, NULL, &sim.listener));
	if (port_file != NULL) {
		text = xformat("%d\n", listen_port(sim.listener));
		cli_need(file_put(port_file, text, strlen(text), 0644));
		free(text);
	}
	ready = news("listening");
	json_put(ready, "address", listen_address(sim.listener));
	tell(ready);
}

static void
tear_down(void)
{
	take_requests();
	for (size_t i = 0; i < sim.nanswers; i++)
		sim.answers[i].due_ms = 0;
	answer_due(INT64_MAX);
	listen_drain(sim.listener, 500);
	take_requests();
	answer_due(INT64_MAX);
	listen_close(sim.listener);
	http_free(sim.http);
	signature_keys_free(sim.keys);
}

int
main(int argc, char *argv[])
{
	struct cli cli;
	int code = 0;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (sodium_init() < 0)
		cli_die(ERR_BUG, "libsodium cannot start");
	sim.number = (struct sim_number){ phone_number_id, account_id, phone };
	cli_need(sim_faults_parse(fault_spec, (uint64_t)seed, &sim.faults));
	if (seed >= 0)
		snprintf(sim.run, sizeof sim.run, "%lld", (long long)seed);
	else
		snprintf(sim.run, sizeof sim.run, "%lld.%d",
		    (long long)mono_us(), (int)getpid());
	sim.io = jsonl_new(0, 1, "stdin", BODY_MAX_BYTES);
	sim.input_open = true;
	if (bodies_only) {
		code = convert();
	} else {
		set_up(&cli);
		run();
		tear_down();
		code = jsonl_flush(sim.io);
	}
	if (code == 0 && jsonl_bad(sim.io) > 0)
		code = err_set(ERR_DATA, "bad lines left out: %ld",
		    jsonl_bad(sim.io));
	if (code == 0 && sim.dropped > 0)
		code = err_set(ERR_UNAVAILABLE, "webhooks not taken: %llu",
		    (unsigned long long)sim.dropped);
	cli_exit(code);
}
