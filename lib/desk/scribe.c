/* scribe - a person at work on a reply: others see it, and no word is lost */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/conversation.h"
#include "desk/draft.h"
#include "desk/scribe.h"
#include "store/log.h"

char *
scribe_text(const char *text)
{
	size_t len = strlen(text);
	char *kept, *shown;

	while (len > 0 && text[len - 1] == '\n')
		len--;
	kept = xstrndup(text, len);
	if (utf8_valid(kept, len))
		return kept;
	shown = utf8_show(kept, true);
	free(kept);
	return shown;
}

int
scribe_alone(struct store *s, const char *id, const char *person,
    const char *process, int64_t at_ms)
{
	char *other = NULL, time[TIME_TEXT_BYTES];
	int64_t since_ms = 0;
	int code = typist_other(s, id, process, at_ms, &other, &since_ms);

	if (code <= 0)
		return code;
	duration_text(at_ms - since_ms, time);
	if (strcmp(other, person) == 0)
		err_set(ERR_NO,
		    "you have been writing a reply elsewhere for %s; --force "
		    "goes on",
		    time);
	else
		err_set(ERR_NO,
		    "%s has been writing a reply for %s; --force goes on",
		    other, time);
	free(other);
	return ERR_NO;
}

/* Their conversation may have been merged into another since. In a
 * transaction. */
static int
follow(struct scribe *w)
{
	struct conversation *c = NULL;
	int code = conversation_get(w->store, w->id, &c);

	if (code == 0)
		memcpy(w->id, c->id, SHORT_ID_BYTES);
	conversation_free(c);
	return code;
}

/* End what was begun: all of it or nothing. */
static int
end(struct scribe *w, struct act *a, int code)
{
	if (code < 0)
		store_rollback(w->store);
	else
		code = store_commit(w->store);
	act_release(a);
	return code;
}

int
scribe_begin(struct scribe *w, bool anyway)
{
	struct act a;
	int code = store_begin(w->store);

	if (code < 0)
		return code;
	act_person(&a, w->store, w->person);
	if (!anyway)
		code = scribe_alone(w->store, w->id, w->person, NULL, a.now_ms);
	if (code == 0)
		code =
		    typist_begin(&a, w->id, w->person, w->lease_ms, w->process);
	if (code == 0)
		code = log_last(w->store, &w->began_seq);
	return end(w, &a, code);
}

void
scribe_tick(void *scribe, const char *text)
{
	struct scribe *w = scribe;
	struct act a;
	char *kept;
	int code = store_begin(w->store);

	if (code == 0) {
		act_person(&a, w->store, w->person);
		code = follow(w);
		if (code == 0)
			code = typist_go_on(&a, w->id, w->person, w->lease_ms,
			    w->process);
		if (code == 0 && text != NULL) {
			kept = scribe_text(text);
			code = draft_keep(w->store, w->person, w->id, kept,
			    a.now_ms);
			free(kept);
		}
		code = end(w, &a, code);
	}
	/* What is kept now is all that they wrote. */
	if (text != NULL || code < 0)
		w->failed = code;
}

int
scribe_end(struct scribe *w)
{
	struct act a;
	int code = store_begin(w->store);

	if (code < 0)
		return code;
	act_person(&a, w->store, w->person);
	code = follow(w);
	if (code == 0)
		code = typist_end(&a, w->id, w->process);
	return end(w, &a, code);
}
