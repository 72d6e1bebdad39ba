/* verb - what a person may do to a conversation */
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/consent.h"
#include "desk/contact.h"
#include "desk/conversation.h"
#include "desk/draft.h"
#include "desk/merge.h"
#include "desk/note.h"
#include "desk/person.h"
#include "desk/seen.h"
#include "desk/snooze.h"
#include "desk/team.h"
#include "desk/typist.h"
#include "wa/canned.h"
#include "wa/survey.h"
#include "wa/verb.h"
#include "wa/writing.h"

/* Another word for whoever has it done, which it takes. */
static void
add_note(struct errand *e, char *words)
{
	char *before = e->note;

	e->note = before != NULL ? xformat("%s; %s", before, words) : words;
	if (before != NULL)
		free(words);
	free(before);
}

/* A person who answers without having seen what was said last is told. */
static void
note_unseen(struct errand *e, const char *id)
{
	int64_t seq = seen_until(e->store, e->self, id);
	char *news =
	    seq > 0 ? writing_meanwhile(e->store, id, e->self, seq) : NULL;

	if (news != NULL)
		add_note(e,
		    xformat("%s: %s since you looked; what you wrote goes out "
			    "all the same",
			id, news));
	free(news);
}

/* So is who gets what a colleague has. */
static int
note_colleague(struct errand *e, const char *id)
{
	struct conversation *c = NULL;
	int code = conversation_get(e->store, id, &c);

	if (code == 0 && strcmp(c->owner, "user") == 0 && c->assignee != NULL &&
	    strcmp(c->assignee, e->self) != 0)
		add_note(e,
		    xformat("%s: it was with %s, and is yours now", c->id,
			c->assignee));
	conversation_free(c);
	return code;
}

/* And who goes on with what was put away, if the customer has begun another
 * since. */
static int
note_other(struct errand *e, const char *id)
{
	struct conversation *c = NULL;
	char other[SHORT_ID_BYTES];
	int code = conversation_get(e->store, id, &c);

	if (code == 0 && conversation_is_closed(c))
		code = conversation_elsewhere(e->store, c, WITH_ANYBODY, other);
	if (code == 1)
		add_note(e,
		    xformat("%s: %s of the same customer is open, too; what "
			    "they write next comes to the one that a person "
			    "has",
			c->id, other));
	conversation_free(c);
	return code < 0 ? code : 0;
}

static int
go_on(struct errand *e, const char *id)
{
	int code = note_other(e, id);

	return code < 0 ? code : conversation_reopen(&e->act, id);
}

/* And who takes or puts away what a colleague is writing in. */
static int
note_writer(struct errand *e, const char *id)
{
	char *other = NULL, time[TIME_TEXT_BYTES];
	int64_t since_ms = 0;
	int code =
	    typist_other(e->store, id, NULL, e->act.now_ms, &other, &since_ms);

	if (code == 1 && strcmp(other, e->self) != 0)
		add_note(e,
		    xformat("%s: %s has been writing a reply for %s", id, other,
			duration_text(e->act.now_ms - since_ms, time)));
	free(other);
	return code < 0 ? code : 0;
}

/* The draft that is sent is there yet, as it was read. */
static int
check_kept(struct errand *e, const char *id, const char *text)
{
	char *kept = NULL;
	int64_t ms;
	int code = draft_get(e->store, e->self, id, &kept, &ms);

	if (code == 0 || (code == 1 && strcmp(kept, text) != 0))
		code =
		    err_set(ERR_NO, "%s: the draft is no more as it was", id);
	free(kept);
	return code < 0 ? code : 0;
}

int
verb_reply(struct errand *e, const char *id, const void *arg)
{
	const struct answering *r = arg;
	const char *process = r->what.process;
	int code = 0;

	if (process == NULL && r->what.reaction == NULL && e->say != NULL &&
	    r->mind_news) {
		note_unseen(e, id);
		code = note_colleague(e, id);
	}
	if (code == 0 && r->what.reaction == NULL)
		code = note_other(e, id);
	if (code == 0 && r->must_be_kept)
		code = check_kept(e, id, r->what.text);
	if (code == 0)
		code =
		    writing_queue(&e->act, id, e->self, &r->what, r->window_ms);
	if (code == 0 && r->is_draft)
		code = draft_drop(e->store, e->self, id);
	else if (code == 0 && r->what.text != NULL)
		code = draft_sent(e->store, e->self, id, r->what.text);
	if (code >= 0 && process != NULL)
		code = typist_end(&e->act, id, process);
	return code < 0 ? code : 0;
}

/* What is canned is made for each customer. */
int
verb_canned(struct errand *e, const char *id, const void *arg)
{
	const struct verb_canned *c = arg;
	struct answering r = *c->answering;
	int code = canned_reply(e->store, id, e->self, c->name, c->language,
	    &r.what.text, &r.what.content);

	if (r.what.content != NULL)
		r.what.kind = "interactive";
	if (code == 0)
		code = writing_check(&r.what);
	if (code == 0)
		code = verb_reply(e, id, &r);
	writing_release(&r.what);
	return code;
}

int
verb_note(struct errand *e, const char *id, const void *text)
{
	return note_add(&e->act, id, text);
}

int
verb_take(struct errand *e, const char *id, const void *arg)
{
	int code = note_colleague(e, id);

	(void)arg;
	if (code == 0)
		code = note_writer(e, id);
	if (code == 0)
		code = go_on(e, id);
	return code < 0 ? code : conversation_take(&e->act, id, e->self);
}

int
verb_pause(struct errand *e, const char *id, const void *arg)
{
	const int64_t *ms = arg;
	struct conversation *c = NULL;
	int code = conversation_get(e->act.store, id, &c);

	/* Its end would give it to the AI. */
	if (code == 0 && *ms > 0 && strcmp(c->owner, "user") == 0)
		code = err_set(ERR_NO,
		    "%s is with %s, and the AI stays out of it anyway; "
		    "conv release comes first",
		    c->id, c->assignee != NULL ? c->assignee : "a person");
	conversation_free(c);
	return code < 0 ?
	    code :
	    conversation_pause(&e->act, id, *ms > 0 ? e->act.now_ms + *ms : 0);
}

int
verb_release(struct errand *e, const char *id, const void *arg)
{
	const bool *to_ai = arg;
	int code = go_on(e, id);

	return code < 0 ? code : conversation_release(&e->act, id, *to_ai);
}

int
verb_assign(struct errand *e, const char *id, const void *arg)
{
	const struct verb_assign *to = arg;
	const char *person = to->person;
	struct conversation *c = NULL;
	struct team *t = NULL;
	int code = 0;

	if (person != NULL && strcmp(person, "me") == 0)
		person = e->self;
	if (person != NULL)
		code = person_answers(e->store, person);
	else
		code = team_get(e->store, to->team, &t);
	team_free(t);
	if (code == 0)
		code = go_on(e, id);
	if (code == 0 && person != NULL) {
		/* Its team stays: their queue has it again by a release. */
		code = conversation_get(e->store, id, &c);
		if (code == 0)
			code =
			    conversation_assign(&e->act, id, person, c->team);
		conversation_free(c);
		return code;
	}
	if (code < 0)
		return code;
	if (to->deal == VERB_QUEUE)
		return conversation_assign(&e->act, id, NULL, to->team);
	code = team_assign(&e->act, id, to->team,
	    to->deal == VERB_LEAST_LOADED ? TEAM_LEAST_LOADED :
					    TEAM_ROUND_ROBIN);
	if (code == 0)
		add_note(e,
		    xformat("%s: nobody of %s is free; it waits in their queue",
			id, to->team));
	return code < 0 ? code : 0;
}

int
verb_tag(struct errand *e, const char *id, const void *tag)
{
	return conversation_tag(&e->act, id, tag);
}

int
verb_untag(struct errand *e, const char *id, const void *tag)
{
	return conversation_untag(&e->act, id, tag);
}

int
verb_priority(struct errand *e, const char *id, const void *word)
{
	return conversation_priority(&e->act, id, word);
}

int
verb_escalate(struct errand *e, const char *id, const void *reason)
{
	struct conversation *c = NULL;
	int code = go_on(e, id);

	if (code == 0)
		code = conversation_get(e->act.store, id, &c);
	if (code == 0 && reason != NULL)
		code = conversation_is_handed_over(e->act.store, c);
	/* It is with people already: what is said about it is kept. */
	if (code == 1)
		code = note_add(&e->act, id, reason);
	else if (code == 0)
		code = conversation_escalate(&e->act, id, reason);
	conversation_free(c);
	return code;
}

int
verb_resolve(struct errand *e, const char *id, const void *arg)
{
	const bool *no_survey = arg;
	struct conf *conf = NULL;
	int code = note_writer(e, id);

	if (code == 0)
		code = conversation_resolve(&e->act, id);
	/* Only what was not resolved already. */
	if (code < 0 || e->act.nmade == 0 || *no_survey)
		return code;
	code = conf_open(&conf);
	if (code == 0)
		code = survey_ask(&e->act, conf, id, false);
	conf_close(conf);
	return code < 0 ? code : 0;
}

int
verb_snooze(struct errand *e, const char *id, const void *arg)
{
	const int64_t *until_ms = arg;
	struct conversation *c = NULL;
	int code = conversation_get(e->store, id, &c);

	if (code == 0 && strcmp(c->status, "open") != 0 &&
	    strcmp(c->status, "snoozed") != 0)
		code = err_set(ERR_NO, "%s is %s; conv reopen comes first", id,
		    c->status);
	conversation_free(c);
	return code < 0 ? code : conversation_snooze(&e->act, id, *until_ms);
}

int
verb_reopen(struct errand *e, const char *id, const void *arg)
{
	int code = go_on(e, id);

	(void)arg;
	return code < 0 ? code : conversation_wake(&e->act, id);
}

int
verb_archive(struct errand *e, const char *id, const void *arg)
{
	int code = note_writer(e, id);

	(void)arg;
	return code < 0 ? code : conversation_archive(&e->act, id);
}

/* Whom text names: a conversation's customer, or a contact by its id. */
static int
contact_meant(struct store *s, const char *text, char ret_id[SHORT_ID_BYTES])
{
	struct conversation *c = NULL;
	char id[SHORT_ID_BYTES];
	int code;

	if (str_starts(text, "contact/"))
		return contact_resolve(s, text + strlen("contact/"), ret_id);
	code = conversation_named(s, text, id);
	if (code == 0)
		code = conversation_get(s, id, &c);
	if (code == 0)
		memcpy(ret_id, c->contact, SHORT_ID_BYTES);
	else if (code == ERR_NOINPUT && contact_resolve(s, text, ret_id) == 0)
		code = 0;
	else if (code == ERR_NOINPUT)
		code =
		    err_set(ERR_NOINPUT, "no conversation or contact %s", text);
	conversation_free(c);
	return code;
}

/* A block would fall on whom nobody blocked, and nobody would be told. */
static int
must_agree_on_block(struct store *s, const char *one, const char *other)
{
	int a = contact_blocked(s, one), b = contact_blocked(s, other);

	if (a < 0 || b < 0)
		return a < 0 ? a : b;
	if (a == b)
		return 0;
	return err_set(ERR_NO,
	    "contact %s is blocked and contact %s is not: "
	    "desk-contact unblock the one or block the other first",
	    a ? one : other, a ? other : one);
}

int
verb_merge(struct errand *e, const char *id, const void *other)
{
	struct conversation *c = NULL;
	struct deeds made = { NULL, 0 };
	char contact[SHORT_ID_BYTES];
	int code = conversation_get(e->store, id, &c);

	if (code == 0)
		code = contact_meant(e->store, other, contact);
	if (code == 0)
		code = must_agree_on_block(e->store, c->contact, contact);
	if (code == 0)
		code = contact_set_apart(e->store, c->contact, contact, false,
		    e->act.now_ms);
	if (code == 0) {
		e->detail = json_object();
		json_put(e->detail, "contact", c->contact);
		json_put(e->detail, "other", contact);
		code = contact_merge(e->store, c->contact, contact, &made,
		    contact);
	}
	if (code == 0)
		code = deeds_announce(&e->act, &made);
	deeds_free(&made);
	conversation_free(c);
	return code;
}

int
verb_split(struct errand *e, const char *id, const void *arg)
{
	struct conversation *c = NULL;
	struct deeds made = { NULL, 0 };
	char contact[SHORT_ID_BYTES];
	int code = conversation_get(e->store, id, &c);

	(void)arg;
	if (code == 0)
		code = contact_split(e->store, c->contact, e->args,
		    (size_t)e->nargs, e->act.now_ms, &made, contact);
	if (code == 0) {
		e->detail = json_object();
		json_put(e->detail, "contact", c->contact);
		json_put(e->detail, "other", contact);
		code = deeds_announce(&e->act, &made);
	}
	deeds_free(&made);
	conversation_free(c);
	return code;
}
