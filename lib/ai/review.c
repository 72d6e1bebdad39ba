/* review - questions that people answered, for people to make documents of */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/personal.h"
#include "ai/propose.h"
#include "ai/review.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/act.h"
#include "desk/contact.h"
#include "desk/settings.h"
#include "kb/ingest.h"

#define EVENTS 1000	     /* that are read at once */
#define SHORT_ANSWER 30	     /* bytes: the same for other questions, too */
#define SEQ_KEY "review.seq" /* of meta: the last event that was looked at */

/* --- collecting --- */

/* An answer that was looked at. */
struct seen {
	char message[ULID_BYTES], asked[ULID_BYTES];
	enum propose_outcome outcome;
	struct proposal proposal; /* with PROPOSE_PAIR */
	char same[HASH_HEX_BYTES];
};

struct collect {
	struct store *store;
	struct proposer *proposer;
	struct review_count *count;
	int64_t until_ms; /* of the resolve: what came later is not done */
	char *name;	  /* the customer's; NULL */
	struct seen *seen;
	size_t nseen;
};

static int
is_seen(struct store *s, const char *message)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM review_answer WHERE message = :message");

	bind_text(&q, ":message", message);
	return any_row(&q);
}

/* What makes two answers one: their words, and where those are few those of
 * the question. */
static void
same_hash(const struct proposal *p, char ret[HASH_HEX_BYTES])
{
	char *words = utf8_words(p->answer), *asked = NULL, *all;

	if (strlen(words) < SHORT_ANSWER)
		asked = utf8_words(p->question);
	all = xformat("%s\n%s", words, asked != NULL ? asked : "");
	hash_hex(ret, all, strlen(all));
	free(all);
	free(asked);
	free(words);
}

static int
look_at(void *ctx, const struct pair *p)
{
	struct collect *c = ctx;
	struct seen *seen;
	int code =
	    p->said->wa_ms > c->until_ms ? 1 : is_seen(c->store, p->said->id);

	if (code != 0)
		return code;
	c->seen = xrealloc(c->seen, (c->nseen + 1) * sizeof(*c->seen));
	seen = &c->seen[c->nseen];
	memset(seen, 0, sizeof(*seen));
	snprintf(seen->message, sizeof(seen->message), "%s", p->said->id);
	snprintf(seen->asked, sizeof(seen->asked), "%s", p->asked->id);
	code = propose(c->proposer, p, c->name, &seen->proposal);
	if (code < 0)
		return code;
	seen->outcome = (enum propose_outcome)code;
	if (seen->outcome == PROPOSE_PAIR)
		same_hash(&seen->proposal, seen->same);
	c->nseen++;
	return 0;
}

/* The one that says the same, if there is: 1, 0 or an ERR. */
static int
find_same(struct store *s, const char *same, char ret[SHORT_ID_BYTES])
{
	struct query q =
	    query(store_desk(s), "SELECT id FROM review WHERE same = :same");
	int found, code;

	bind_text(&q, ":same", same);
	found = step(&q);
	if (found)
		snprintf(ret, SHORT_ID_BYTES, "%s", column_text(&q, 0));
	code = done(&q);
	return code < 0 ? code : found;
}

static int
keep_proposal(struct store *s, const struct seen *seen, const char *id)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO review (id, asked, answered, question, answer, same,"
	    " language, state, created_ms) VALUES (:id, :asked, :answered,"
	    " :question, :answer, :same, :language, 'proposed', :now)"
	    " ON CONFLICT (id) DO NOTHING");

	bind_text(&q, ":id", id);
	bind_text(&q, ":asked", seen->asked);
	bind_text(&q, ":answered", seen->message);
	bind_text(&q, ":question", seen->proposal.question);
	bind_text(&q, ":answer", seen->proposal.answer);
	bind_text(&q, ":same", seen->same);
	bind_text(&q, ":language", seen->proposal.language);
	bind_int(&q, ":now", now_ms());
	step(&q);
	return done(&q);
}

static int
keep_seen(struct store *s, const struct seen *seen, struct review_count *n)
{
	char id[SHORT_ID_BYTES] = "";
	struct query q;
	int code = 0;

	if (seen->outcome == PROPOSE_PAIR) {
		code = find_same(s, seen->same, id);
		if (code > 0)
			n->same++;
		else if (code == 0) {
			id_short(id, "review", seen->message, NULL);
			code = keep_proposal(s, seen, id);
			n->proposed++;
		}
	} else if (seen->outcome == PROPOSE_KNOWN)
		n->known++;
	else
		n->empty++;
	n->answers++;
	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "INSERT INTO review_answer (message, review) VALUES (:message,"
	    " :review) ON CONFLICT (message) DO NOTHING");
	bind_text(&q, ":message", seen->message);
	bind_text(&q, ":review", *id != '\0' ? id : NULL);
	step(&q);
	return done(&q);
}

/* Keep what was looked at, a batch a transaction. */
static int
keep_all(struct collect *c)
{
	size_t i = 0, end;
	int code = 0;

	while (i < c->nseen && code == 0) {
		code = store_begin(c->store);
		for (end = i + DB_BATCH_ROWS / 2;
		     code == 0 && i < c->nseen && i < end; i++)
			code = keep_seen(c->store, &c->seen[i], c->count);
		if (code == 0)
			code = store_commit(c->store);
		store_rollback(c->store);
	}
	return code;
}

static int
collect_one(struct collect *c, const char *id, int64_t until_ms)
{
	struct conversation *v = NULL;
	size_t i;
	int code = conversation_get(c->store, id, &v);

	/* Of a log that was imported without its conversations. */
	if (code == ERR_NOINPUT)
		return 0;
	if (code < 0)
		return code;
	c->until_ms = until_ms;
	c->name = contact_name(c->store, v->contact);
	c->count->conversations++;
	code = pairs_of(c->store, v->id, look_at, c);
	if (code == 0)
		code = keep_all(c);
	for (i = 0; i < c->nseen; i++)
		proposal_release(&c->seen[i].proposal);
	free(c->seen);
	free(c->name);
	c->seen = NULL;
	c->nseen = 0;
	conversation_free(v);
	return code;
}

static int
put_seq(struct store *s, int64_t seq)
{
	struct query q;
	char text[24];
	int code = store_begin(s);

	if (code < 0)
		return code;
	snprintf(text, sizeof(text), "%lld", (long long)seq);
	q = query(store_desk(s),
	    "INSERT INTO meta (key, value) VALUES ('" SEQ_KEY "', :seq)"
	    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
	    " WHERE CAST(excluded.value AS INTEGER)"
	    "  > CAST(value AS INTEGER)");
	bind_text(&q, ":seq", text);
	step(&q);
	code = done(&q);
	if (code == 0)
		code = store_commit(s);
	store_rollback(s);
	return code;
}

static int
get_seq(struct store *s, int64_t since_ms, int64_t *ret)
{
	char *text;

	*ret = 0;
	if (since_ms > 0)
		return log_since(s, since_ms, ret);
	text = store_meta(s, SEQ_KEY);
	if (text != NULL)
		*ret = strtoll(text, NULL, 10);
	free(text);
	return 0;
}

int
review_collect(struct store *s, int64_t since_ms, struct review_count *ret)
{
	static const char *const types[] = { "conversation.resolved", NULL };
	struct collect c = { .store = s, .count = ret };
	struct event **events = NULL;
	const char *id;
	int64_t seq, before;
	size_t n = 0, i;
	int code = get_seq(s, since_ms, &seq);

	memset(ret, 0, sizeof(*ret));
	if (code == 0)
		code = proposer_open(s, &c.proposer);
	while (code == 0) {
		before = seq;
		code = log_read(s, seq, EVENTS, types, &events, &n, &seq);
		if (code < 0 || seq == before)
			break;
		for (i = 0; i < n; i++) {
			id = event_subject(events[i], "conversation");
			if (code == 0 && id != NULL)
				code = collect_one(&c, id, events[i]->time_ms);
			event_free(events[i]);
		}
		free(events);
		events = NULL;
		if (code == 0)
			code = put_seq(s, seq);
	}
	free(events);
	proposer_close(c.proposer);
	return code;
}

/* --- reading --- */

void
reviews_free(struct review *list, size_t count)
{
	size_t i;

	for (i = 0; list != NULL && i < count; i++) {
		free(list[i].contact);
		free(list[i].question);
		free(list[i].answer);
		free(list[i].language);
		free(list[i].state);
		free(list[i].decided_by);
		free(list[i].collection);
		free(list[i].document);
	}
	free(list);
}

#define REVIEW_SQL                                                       \
	"SELECT r.id, m.conversation, m.contact, r.question, r.answer,"  \
	" r.language, r.state, r.decided_by, r.collection, r.document,"  \
	" (SELECT count(*) FROM review_answer a WHERE a.review = r.id)," \
	" r.created_ms, coalesce(r.decided_ms, 0)"                       \
	" FROM review r LEFT JOIN message m ON m.id = r.answered"

static void
read_row(struct query *q, struct review *r)
{
	memset(r, 0, sizeof(*r));
	snprintf(r->id, sizeof(r->id), "%s", column_text(q, 0));
	if (!column_null(q, 1))
		snprintf(r->conversation, sizeof(r->conversation), "%s",
		    column_text(q, 1));
	r->contact = column_copy(q, 2);
	r->question = column_copy(q, 3);
	r->answer = column_copy(q, 4);
	r->language = column_copy(q, 5);
	r->state = column_copy(q, 6);
	r->decided_by = column_copy(q, 7);
	r->collection = column_copy(q, 8);
	r->document = column_copy(q, 9);
	r->times = column_int(q, 10);
	r->created_ms = column_int(q, 11);
	r->decided_ms = column_int(q, 12);
}

int
review_list(struct store *s, const char *state, const struct review *after,
    size_t max, struct review **ret, size_t *ret_count)
{
	struct query q = query(store_desk(s),
	    REVIEW_SQL " WHERE (:state IS NULL OR r.state = :state)"
		       " AND (r.created_ms, r.id) > (:after, :id)"
		       " ORDER BY r.created_ms, r.id LIMIT :max");
	struct review *list = xcalloc(max, sizeof(*list));
	size_t n = 0;
	int code;

	bind_text(&q, ":state", state);
	bind_int(&q, ":after", after != NULL ? after->created_ms : 0);
	bind_text(&q, ":id", after != NULL ? after->id : "");
	bind_int(&q, ":max", (int64_t)max);
	while (n < max && step(&q))
		read_row(&q, &list[n++]);
	code = done(&q);
	if (code < 0) {
		reviews_free(list, n);
		return code;
	}
	*ret = list;
	*ret_count = n;
	return 0;
}

int
review_get(struct store *s, const char *id, struct review **ret)
{
	struct query q = query(store_desk(s), REVIEW_SQL " WHERE r.id = :id");
	struct review *r = NULL;
	int code;

	bind_text(&q, ":id", id);
	if (step(&q)) {
		r = xcalloc(1, sizeof(*r));
		read_row(&q, r);
	}
	code = done(&q);
	if (code == 0 && r == NULL)
		code =
		    err_set(ERR_NOINPUT, "nothing to review has the id %s", id);
	if (code < 0)
		reviews_free(r, r != NULL);
	else
		*ret = r;
	return code;
}

/* Whether the base has its document: 1, 0 or an ERR. */
static int
has_document(struct store *s, const struct review *r)
{
	struct query q;
	struct db *kb;
	int code;

	if (strcmp(r->state, "approved") != 0 || r->document == NULL)
		return 0;
	code = store_kb(s, &kb);
	if (code < 0)
		return code;
	q = query(kb, "SELECT 1 FROM document WHERE id = :id");
	bind_text(&q, ":id", r->document);
	return any_row(&q);
}

const char *
review_state(struct store *s, const struct review *r)
{
	int found;

	if (strcmp(r->state, "approved") != 0)
		return r->state;
	found = has_document(s, r);
	return found < 0 ? NULL : found > 0 ? "approved" : "removed";
}

json_t *
review_personal(struct store *s, const struct review *r, const char *question,
    const char *answer)
{
	char *text = xformat("%s\n%s", question, answer), *name = NULL,
	     *user = NULL;
	const char *names[3] = { NULL };
	json_t *found;
	size_t n = 0;

	if (r->contact != NULL) {
		name = contact_name(s, r->contact);
		user = contact_alias(s, r->contact, "username");
	}
	if (name != NULL)
		names[n++] = name;
	if (user != NULL)
		names[n++] = user;
	found = personal_find(text, names);
	free(user);
	free(name);
	free(text);
	return found;
}

/* --- deciding --- */

/* Write the row as r has it, with an audit line if action is not NULL; what
 * was erased stays so. */
static int
put_decision(struct store *s, const char *person, const struct review *r,
    const char *action)
{
	struct query q;
	struct act a;
	json_t *detail;
	char *object;
	int code = store_begin(s);

	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "UPDATE review SET state = :state,"
	    " question = iif(question IS NULL, NULL, :question),"
	    " answer = iif(answer IS NULL, NULL, :answer),"
	    " collection = :collection, document = :document,"
	    " decided_by = :by, decided_ms = :now WHERE id = :id");
	bind_text(&q, ":state", r->state);
	bind_text(&q, ":question", r->question);
	bind_text(&q, ":answer", r->answer);
	bind_text(&q, ":collection", r->collection);
	bind_text(&q, ":document", r->document);
	bind_text(&q, ":by", r->decided_by);
	if (r->decided_ms > 0)
		bind_int(&q, ":now", r->decided_ms);
	else
		bind_null(&q, ":now");
	bind_text(&q, ":id", r->id);
	step(&q);
	code = done(&q);
	act_person(&a, s, person);
	if (code == 0 && action != NULL) {
		object = xformat("review/%s", r->id);
		detail = json_object();
		json_put(detail, "document", r->document);
		code = act_audit(&a, action, object, detail);
		free(object);
	}
	if (code == 0)
		code = store_commit(s);
	store_rollback(s);
	act_release(&a);
	return code;
}

struct ingested {
	char *document, *reason;
};

static void
on_result(void *ctx, const struct ingest_result *r)
{
	struct ingested *got = ctx;

	free(got->document);
	free(got->reason);
	got->document = r->state == INGEST_READY || r->state == INGEST_SAME ?
	    xstrdup(r->document) :
	    NULL;
	got->reason = xstrdup(r->reason);
}

/* Who reads documents, by the settings. */
static int
read_how(enum kb_extractor_how *ret)
{
	struct conf *conf = NULL;
	const char *word;
	int code = conf_open(&conf);

	if (code < 0)
		return code;
	word = setting_text(conf, "kb", "extractor");
	for (*ret = EXTRACTOR_AUTO; strcmp(kb_extractor_names[*ret], word) != 0;
	     ++*ret)
		; /* one of them: it is a setting of choice */
	conf_close(conf);
	return 0;
}

/* The text of an approved one as a document, found from now on. */
static int
make_document(struct store *s, const struct review *r, char **ret)
{
	const struct kb_limits limits = KB_LIMITS_DEFAULT;
	const struct ingest_facts facts = { .origin = REVIEW_ORIGIN };
	const char *language =
	    strcmp(r->language, "und") != 0 ? r->language : NULL;
	struct ingested got = { NULL, NULL };
	struct ingest *in = NULL;
	enum kb_extractor_how how;
	char *source = xformat("review:%s", r->id);
	int code = read_how(&how), ended;

	if (code == 0)
		code = ingest_open(s, &limits, true, on_result, &got, &in);
	if (code == 0) {
		ingest_extractor(in, how, false);
		ingest_facts(in, &facts);
		code = ingest_text(in, r->collection, language, source,
		    r->question, r->answer, strlen(r->answer), NULL);
		ended = ingest_close(in);
		code = code == 0 ? ended : code;
	}
	if (code == 0 && got.document == NULL)
		code = err_set(ERR_DATA, "%s",
		    got.reason != NULL ? got.reason : "it was not taken in");
	if (code == 0)
		*ret = got.document;
	else
		free(got.document);
	free(got.reason);
	free(source);
	return code;
}

static void
replace(char **at, const char *text)
{
	free(*at);
	*at = xstrdup(text);
}

static void
edit_it(struct review *r, const struct review_edit *edit)
{
	if (edit->question != NULL)
		replace(&r->question, edit->question);
	if (edit->answer != NULL)
		replace(&r->answer, edit->answer);
	if (edit->collection != NULL || r->collection == NULL)
		replace(&r->collection,
		    edit->collection != NULL ? edit->collection : "default");
}

/*
 * It is approved before its document is made, so that nobody rejects it
 * meanwhile; a crash in between leaves it without one, and it is approved
 * again. What cannot be made is as it was.
 */
static int
approve(struct store *s, const char *person, const struct review *was,
    struct review *r)
{
	char *reason;
	int code;

	replace(&r->state, "approved");
	replace(&r->decided_by, person);
	replace(&r->document, NULL);
	r->decided_ms = now_ms();
	code = put_decision(s, person, r, NULL);
	if (code < 0)
		return code;
	code = make_document(s, r, &r->document);
	if (code == 0)
		return put_decision(s, person, r, "review.approve");
	reason = xstrdup(err_reason());
	put_decision(s, person, was, NULL);
	err_set(code, "%s", reason);
	free(reason);
	return code;
}

int
review_approve(struct store *s, const char *person, const char *id,
    const struct review_edit *edit)
{
	struct review *was = NULL, *r = NULL;
	int code = review_get(s, id, &was), made = 0;

	if (code == 0)
		code = review_get(s, id, &r);
	if (code == 0)
		code = made = has_document(s, r);
	if (code == 0 && r->question == NULL)
		code = err_set(ERR_NO, "the text of %s was erased", id);
	if (code == 0) {
		edit_it(r, edit);
		code = approve(s, person, was, r);
	}
	reviews_free(was, was != NULL);
	reviews_free(r, r != NULL);
	return code < 0 ? code : made == 0;
}

int
review_reject(struct store *s, const char *person, const char *id)
{
	struct review *r = NULL;
	int code = review_get(s, id, &r), changed = 0;

	if (code < 0)
		return code;
	code = has_document(s, r);
	if (code > 0)
		code =
		    err_set(ERR_NO, "%s is document %s: kb-doc rm takes it out",
			id, r->document);
	if (code == 0 && strcmp(r->state, "rejected") != 0) {
		replace(&r->state, "rejected");
		replace(&r->decided_by, person);
		r->decided_ms = now_ms();
		changed = 1;
		code = put_decision(s, person, r, "review.reject");
	}
	reviews_free(r, 1);
	return code < 0 ? code : changed;
}
