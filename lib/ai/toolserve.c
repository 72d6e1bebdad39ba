/* toolserve - the side of ai-tool: a line with a job in, a line with text out */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ai/lexicon.h"
#include "ai/toolserve.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/act.h"
#include "desk/contact.h"
#include "desk/conversation.h"
#include "desk/message.h"

#define LOCKS "ai-tool.lock"
#define LOCK_POLL_MS 20
#define STAGE "ai-tool"

struct tool_job {
	const struct conf *c;
	struct store *s;
	const char *tool, *pending, *cause_id;
	json_t *arguments; /* borrowed from the request, or own */
	json_t *own;
	struct conversation *conversation;
	struct event *cause;
	char *text; /* of the customer's message; NULL: none */
	int64_t stored_ms;
	char key[HASH_HEX_BYTES];
	struct tool t;
	bool confirmed;
	int lock;
};

/* --- who may have it done for whom --- */

/* The message of the event that is the cause: whose it is, and its words. */
static int
find_message(struct tool_job *j, char ret_conversation[SHORT_ID_BYTES],
    bool *ret_is_in)
{
	const char *message = json_str(j->cause->data, "message");
	/* What was changed afterwards agrees to nothing. */
	struct query q = query(store_desk(j->s),
	    "SELECT m.conversation, m.direction = 'in',"
	    " iif(" EDITED_SQL ", NULL, m.text), m.stored_ms"
	    " FROM message m WHERE m.id = :id");
	bool found;
	int code;

	bind_text(&q, ":id", message);
	found = step(&q);
	if (found) {
		snprintf(ret_conversation, SHORT_ID_BYTES, "%s",
		    column_text(&q, 0));
		*ret_is_in = column_int(&q, 1) != 0;
		j->text = column_copy(&q, 2);
		j->stored_ms = column_int(&q, 3);
	}
	code = done(&q);
	return code == 0 && !found ? ERR_NOINPUT : code;
}

static int
find_cause(struct tool_job *j, const char *conversation,
    struct tool_result *ret)
{
	char theirs[SHORT_ID_BYTES];
	struct conversation *other = NULL;
	bool is_in = false;
	int code = conversation_get(j->s, conversation, &j->conversation);

	if (code == 0)
		code = log_get(j->s, j->cause_id, &j->cause);
	if (code == 0)
		code = find_message(j, theirs, &is_in);
	if (code == 0)
		code = conversation_get(j->s, theirs, &other);
	if (code == 0 &&
	    (!is_in || strcmp(other->id, j->conversation->id) != 0))
		code = ERR_NOINPUT;
	conversation_free(other);
	if (code == ERR_NOINPUT)
		tool_result_fail(ret, "denied",
		    "no message of this conversation is the cause");
	else if (code < 0)
		tool_result_fail(ret, code == ERR_BUSY ? "busy" : "unavailable",
		    "%s", err_reason());
	if (code < 0)
		ret->undone = true;
	return code;
}

int
tool_identity_of(struct store *s, const char *contact, const char *conversation,
    json_t **ret)
{
	char id[SHORT_ID_BYTES], *phone, *name;
	json_t *o;
	int code = contact_resolve(s, contact, id);

	if (code < 0)
		return code;
	phone = contact_alias(s, id, "phone");
	name = contact_name(s, id);
	o = json_object();
	json_put(o, "contact", id);
	json_put(o, "conversation", conversation);
	json_put(o, "phone", phone);
	json_put(o, "name", name);
	free(phone);
	free(name);
	*ret = o;
	return 0;
}

/* --- a yes --- */

/* Beside those of the lexicon. */
static const char *const agreeing[] = { "do it", "do that", "go ahead",
	"confirm", "confirmed", "i confirm", "correct", "exactly", "right",
	"thanks", "thank you", "thx", "gracias", "adelante", "hazlo",
	"confirmo", "correcto", "exacto", "danke", "genau", "richtig", "jawohl",
	"mach das", "machen sie das", "bestatige ich", "merci", "d accord",
	"je confirme", "exact", "grazie", "confermo", "esatto", "obrigado",
	"obrigada", "isso", "pode", "bedankt", "dank je", "klopt", "evet",
	"tamam", "tak", NULL };

static size_t
agrees_at(const char *at)
{
	size_t i, len, best = 0;

	for (i = 0; agreeing[i] != NULL; i++) {
		len = strlen(agreeing[i]);
		if (len > best && strncmp(at, agreeing[i], len) == 0 &&
		    (at[len] == ' ' || at[len] == '\0'))
			best = len;
	}
	return best;
}

bool
tool_consent(const char *text)
{
	static const char *const signs[] = { "\U0001f44d", "\U00002705",
		"\U0001f44c", NULL };
	struct lexicon_text t = { .text = NULL };
	char *words, *p;
	size_t len, i;
	bool yes = false;

	if (strchr(text, '?') != NULL)
		return false;
	words = utf8_words(text);
	t.text = str_trim(words);
	for (p = t.text; *p != '\0'; p += len, p += *p == ' ') {
		len = lexicon_at(&t, p, LEXICON_YES);
		yes |= len > 0;
		if (len == 0 && (len = agrees_at(p)) == 0)
			break;
		/* "right" and "thanks" alone are one too, but not "no". */
		yes = true;
	}
	yes = yes && *p == '\0';
	for (i = 0; *t.text == '\0' && signs[i] != NULL; i++)
		yes |= str_starts(text, signs[i]);
	free(words);
	return yes;
}

/* --- one call is one --- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A copy with the members of each object in the order of their names. */
static json_t *
sorted(const json_t *v)
{
	const char **names, *name;
	json_t *copy, *part;
	size_t i, n = 0;

	if (json_is_array(v)) {
		copy = json_array();
		json_array_foreach(v, i, part)
			json_array_append_new(copy, sorted(part));
		return copy;
	}
	if (!json_is_object(v))
		return json_deep_copy(v);
	copy = json_object();
	names = xcalloc(json_object_size(v) + 1, sizeof(*names));
	json_object_foreach((json_t *)(uintptr_t)v, name, part)
		names[n++] = name;
	qsort(names, n, sizeof(*names), by_name);
	for (i = 0; i < n; i++)
		json_object_set_new(copy, names[i],
		    sorted(json_object_get(v, names[i])));
	free(names);
	return copy;
}

/* The same arguments in another order are the same. */
static void
make_key(struct tool_job *j)
{
	json_t *arguments = sorted(j->arguments);
	struct buf b = BUF_INIT(0);

	buf_addf(&b, "%s\n%s\n", j->cause_id, j->tool);
	json_write(&b, arguments);
	hash_hex(j->key, b.data, b.len);
	buf_release(&b);
	json_decref(arguments);
}

/* Wait until nobody else is at the call of this key. The kernel ends the lock
 * of one who is killed. */
static int
lock_key(struct tool_job *j, int64_t until_ms)
{
	char *path = store_run_path(j->s, LOCKS), place[16];
	struct flock l = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_len = 1 };

	j->lock =
	    path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660) : -1;
	if (j->lock < 0)
		err_errno(0, "%s", path != NULL ? path : LOCKS);
	free(path);
	if (j->lock < 0)
		return ERR_IO;
	memcpy(place, j->key, 15);
	place[15] = '\0';
	l.l_start = (off_t)strtoll(place, NULL, 16);
	while (fcntl(j->lock, F_OFD_SETLK, &l) < 0) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return err_errno(ERR_IO, "%s", LOCKS);
		if (mono_ms() > until_ms)
			return err_set(ERR_BUSY, "it is being run already");
		poll(NULL, 0, LOCK_POLL_MS);
	}
	return 0;
}

struct row {
	char state[8]; /* "" : there is none */
	int64_t since_ms;
	char *arguments, *result, *tool, *conversation;
};

static void
row_release(struct row *r)
{
	free(r->arguments);
	free(r->result);
	free(r->tool);
	free(r->conversation);
}

static int
row_get(struct store *s, const char *key, struct row *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT state, since_ms, arguments, result, tool, conversation"
	    " FROM tool_call WHERE key = :key");

	*ret = (struct row){ .since_ms = 0 };
	bind_text(&q, ":key", key);
	if (step(&q)) {
		snprintf(ret->state, sizeof(ret->state), "%s",
		    column_text(&q, 0));
		ret->since_ms = column_int(&q, 1);
		ret->arguments = column_copy(&q, 2);
		ret->result = column_copy(&q, 3);
		ret->tool = column_copy(&q, 4);
		ret->conversation = column_copy(&q, 5);
	}
	return done(&q);
}

/* In a transaction: the row is as said from now on. */
static int
row_put(const struct tool_job *j, const char *state, const char *arguments,
    const char *result)
{
	struct query q = query(store_desk(j->s),
	    "INSERT OR REPLACE INTO tool_call (key, tool, conversation, cause,"
	    " state, since_ms, arguments, result) VALUES (:key, :tool,"
	    " :conversation, :cause, :state, :now, :arguments, :result)");

	bind_text(&q, ":key", j->key);
	bind_text(&q, ":tool", j->tool);
	bind_text(&q, ":conversation", j->conversation->id);
	bind_text(&q, ":cause", j->cause_id);
	bind_text(&q, ":state", state);
	bind_int(&q, ":now", now_ms());
	bind_text(&q, ":arguments", arguments);
	bind_text(&q, ":result", result);
	step(&q);
	return done(&q);
}

static int
row_drop(struct store *s, const char *key)
{
	struct query q =
	    query(store_desk(s), "DELETE FROM tool_call WHERE key = :key");

	bind_text(&q, ":key", key);
	step(&q);
	return done(&q);
}

/* In a transaction: what is over is forgotten. */
static int
forget_old(struct store *s)
{
	struct query q = query(store_desk(s),
	    "DELETE FROM tool_call WHERE key IN (SELECT key FROM tool_call"
	    " WHERE since_ms < :before LIMIT :most)");

	bind_int(&q, ":before", now_ms() - TOOL_KEPT_MS);
	bind_int(&q, ":most", DB_BATCH_ROWS);
	step(&q);
	return done(&q);
}

static int
finish(struct store *s, int code)
{
	if (code == 0)
		return db_commit(store_desk(s));
	db_rollback(store_desk(s));
	return code;
}

/* What was agreed to is kept until it is done: it cannot be asked for again. */
static int
begin(const struct tool_job *j)
{
	char *agreed = j->confirmed ? json_text(j->arguments) : NULL;
	int code = db_begin(store_desk(j->s));

	if (code == 0)
		code = forget_old(j->s);
	if (code == 0)
		code = row_put(j, "begun", agreed, NULL);
	code = finish(j->s, code);
	free(agreed);
	return code;
}

/* It was run: the event of it, whatever came of it. */
static int
tell(const struct tool_job *j, const struct tool_result *r)
{
	char subject[32];
	struct act a;
	json_t *o = json_object();
	char place[8];
	int code;

	json_put(o, "conversation", j->conversation->id);
	json_put(o, "instance", j->conversation->instance);
	json_put(o, "tool", j->tool);
	json_put_new(o, "ok", json_boolean(r->ok));
	if (!r->ok)
		json_put(o, "class", r->class);
	if (j->confirmed)
		json_put_new(o, "confirmed", json_true());
	json_put_int(o, "took_ms", r->took_ms);
	act_program(&a, j->s, STAGE, j->cause, "ai");
	/* A cause may lead to several; each has its own id, the same again. */
	memcpy(place, j->key, 7);
	place[7] = '\0';
	a.ordinal = (int)strtol(place, NULL, 16);
	code = act_emit(&a, "tool.ran",
	    conversation_subject(j->conversation->id, subject), o, NULL);
	act_release(&a);
	return code;
}

/* What is told again to who asks again; what did nothing may be tried again. */
static int
end(const struct tool_job *j, const struct tool_result *r)
{
	bool again = r->undone || (!r->ok && j->t.repeatable);
	json_t *o = tool_result_json(r);
	char *text = json_text(o), *agreed = json_text(j->arguments);
	int code = db_begin(store_desk(j->s));

	if (code == 0)
		code = !again	 ? row_put(j, "done", NULL, text) :
		    j->confirmed ? row_put(j, "asked", agreed, NULL) :
				   row_drop(j->s, j->key);
	if (code == 0)
		code = tell(j, r);
	code = finish(j->s, code);
	free(agreed);
	free(text);
	json_decref(o);
	return code;
}

/* --- what the customer has to agree to --- */

int
tool_pending(struct store *s, const char *conversation,
    char ret_key[HASH_HEX_BYTES])
{
	struct query q = query(store_desk(s),
	    "SELECT key FROM tool_call WHERE conversation = :id"
	    " AND state = 'asked' AND since_ms >= :since"
	    " ORDER BY since_ms DESC LIMIT 1");
	bool found;
	int code;

	bind_text(&q, ":id", conversation);
	bind_int(&q, ":since", now_ms() - TOOL_ASKED_MS);
	found = step(&q);
	if (found) {
		snprintf(ret_key, HASH_HEX_BYTES, "%s", column_text(&q, 0));
	}
	code = done(&q);
	return code == 0 && !found ? ERR_NO : code;
}

/* One question at a time: a new one takes the place of an older one. */
static int
keep_question(const struct tool_job *j)
{
	char *text = json_text(j->arguments);
	struct query q;
	int code = db_begin(store_desk(j->s));

	if (code == 0)
		code = forget_old(j->s);
	if (code == 0) {
		q = query(store_desk(j->s),
		    "DELETE FROM tool_call WHERE conversation = :id"
		    " AND state = 'asked'");
		bind_text(&q, ":id", j->conversation->id);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = row_put(j, "asked", text, NULL);
	code = finish(j->s, code);
	free(text);
	return code;
}

static void
fail(int code, struct tool_result *ret)
{
	tool_result_fail(ret, code == ERR_BUSY ? "busy" : "unavailable", "%s",
	    err_reason());
	ret->undone = true;
}

static void
ask(const struct tool_job *j, struct tool_result *ret)
{
	int code = keep_question(j);

	if (code < 0) {
		fail(code, ret);
		return;
	}
	tool_result_fail(ret, "confirm", "the customer has to agree first");
	ret->text =
	    tool_question(j->c, &j->t, j->arguments, j->conversation->language);
	ret->pending = xstrdup(j->key);
	ret->undone = true;
}

/* Take up what was asked about: the job is that of its row from now on. 0, 1
 * if it was run already, or ERR_NO: *ret is set. */
static int
take_up(struct tool_job *j, struct row *row, struct tool_result *ret)
{
	int code = 0;

	if (*row->state == '\0' ||
	    strcmp(row->conversation, j->conversation->id) != 0) {
		/* Nobody else's word forgets it. */
		tool_result_fail(ret, "refused", "nothing was asked about");
		ret->undone = true;
		return ERR_NO;
	}
	if (strcmp(row->state, "asked") == 0 &&
	    now_ms() - row->since_ms > TOOL_ASKED_MS)
		code = err_set(ERR_NO, "it was asked about too long ago");
	else if (strcmp(row->state, "asked") == 0 &&
	    (j->text == NULL || j->stored_ms < row->since_ms ||
		!tool_consent(j->text)))
		code = err_set(ERR_NO, "the customer did not agree");
	if (code < 0) {
		tool_result_fail(ret, "refused", "%s", err_reason());
		ret->undone = true;
		if (strcmp(row->state, "asked") != 0)
			return code;
		if (db_begin(store_desk(j->s)) == 0)
			finish(j->s, row_drop(j->s, j->key));
		return ERR_NO;
	}
	j->confirmed = true;
	j->tool = row->tool;
	if (row->arguments != NULL &&
	    json_object_parse(row->arguments, strlen(row->arguments),
		&j->own) == 0)
		j->arguments = j->own;
	return 0;
}

/* --- one request --- */

/* Run it, once. */
static void
run(struct tool_job *j, struct tool_result *ret)
{
	json_t *identity = NULL, *all = NULL;
	int code = tool_identity_of(j->s, j->conversation->contact,
	    j->conversation->id, &identity);

	if (code == 0)
		code = tool_identify(&j->t, j->arguments, identity, &all);
	json_decref(identity);
	if (code == ERR_DATA || code == ERR_NOINPUT) {
		tool_result_fail(ret, "identity", "%s", err_reason());
		ret->undone = true;
		return;
	}
	if (code == 0)
		code = begin(j);
	if (code < 0) {
		json_decref(all);
		fail(code, ret);
		return;
	}
	tool_run(&j->t, all, store_dir(j->s), j->key, ret);
	json_decref(all);
	/* What cannot be noted was done all the same, and is told: the row says
	 * "begun", and nobody does it again. */
	end(j, ret);
}

/* What an earlier call left: true if that is the answer. */
static bool
answered(struct tool_job *j, const struct row *row, struct tool_result *ret)
{
	if (strcmp(row->state, "done") == 0 && row->result != NULL &&
	    tool_result_parse(row->result, strlen(row->result), ret) == 0) {
		ret->again = true;
		return true;
	}
	if (strcmp(row->state, "begun") == 0 && !j->t.repeatable) {
		tool_result_fail(ret, "unknown",
		    "it was begun, and nobody knows how it ended");
		return true;
	}
	return false;
}

static void
decide(struct tool_job *j, struct tool_result *ret)
{
	struct row row = { .since_ms = 0 };
	int64_t until_ms = mono_ms() + 60000;
	int code;

	if (j->pending == NULL)
		make_key(j);
	else {
		snprintf(j->key, sizeof(j->key), "%s", j->pending);
	}
	code = lock_key(j, until_ms);
	if (code == 0)
		code = row_get(j->s, j->key, &row);
	if (code < 0) {
		fail(code, ret);
		return;
	}
	if (j->pending != NULL && take_up(j, &row, ret) < 0)
		goto out;
	code = tool_open(j->c, j->tool, &j->t);
	if (code == 0 && answered(j, &row, ret))
		goto out;
	if (code < 0)
		tool_result_fail(ret, "off", "%s",
		    code == ERR_NOINPUT ? "there is no such tool" :
					  "its declaration is wrong");
	else if (!j->t.enabled)
		tool_result_fail(ret, "off", "it is switched off");
	else if (tool_arguments(&j->t, j->arguments) < 0)
		tool_result_fail(ret, "arguments", "%s", err_reason());
	else if (j->t.confirm && !j->confirmed)
		ask(j, ret);
	else
		run(j, ret);
	if (ret->class != NULL &&
	    (strcmp(ret->class, "off") == 0 ||
		strcmp(ret->class, "arguments") == 0))
		ret->undone = true;
out:
	row_release(&row);
}

void
tool_serve(const struct conf *c, struct store *s, const char *line, size_t len,
    struct tool_result *ret)
{
	struct tool_job j = { .c = c, .s = s, .lock = -1 };
	const char *conversation;
	json_t *o = NULL, *none = json_object();
	bool good = json_object_parse(line, len, &o) == 0;

	*ret = (struct tool_result){ .ok = false };
	conversation = json_str(o, "conversation");
	j.tool = json_str(o, "tool");
	j.pending = json_str(o, "pending");
	j.cause_id = json_str(o, "cause");
	j.arguments = json_object_get(o, "arguments");
	if (j.arguments == NULL)
		j.arguments = none;
	if (!good || (j.tool == NULL) == (j.pending == NULL) ||
	    conversation == NULL || j.cause_id == NULL ||
	    (j.pending != NULL && strlen(j.pending) != HASH_HEX_BYTES - 1)) {
		tool_result_fail(ret, "denied", "it is no request");
		ret->undone = true;
	} else if (!json_is_object(j.arguments)) {
		tool_result_fail(ret, "arguments", "they are no object");
		ret->undone = true;
	} else if (find_cause(&j, conversation, ret) == 0)
		decide(&j, ret);
	if (j.lock >= 0)
		close(j.lock);
	tool_release(&j.t);
	conversation_free(j.conversation);
	event_free(j.cause);
	json_decref(j.own);
	json_decref(o);
	json_decref(none);
	free(j.text);
}
