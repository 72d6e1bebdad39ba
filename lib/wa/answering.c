/* answering - a person's answer to a conversation, from the first letter on */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/editor.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/conversation.h"
#include "desk/draft.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "desk/transcript.h"
#include "wa/answering.h"

/* Told; the words are freed. */
static void
tell(const struct answering *r, char *words)
{
	r->say(words);
	free(words);
}

int
answering_open(struct answering *r, const char *store_flag, const char *name)
{
	int code = store_open(store_flag, STORE_WRITE, &r->store);

	if (code == 0)
		code = person_self(r->store, MAY_WRITE, &r->self);
	if (code == 0)
		code = conversation_named(r->store, name, r->id);
	r->scribe.store = r->store;
	r->scribe.person = r->self;
	r->scribe.id = r->id;
	return code;
}

/* Whom it is for, and until when; a shut window is said before anything is
 * written. */
static int
begin_to_write(struct answering *r, bool anyway)
{
	char time[TIME_TEXT_BYTES], *name, *shown;
	struct conversation *c = NULL;
	struct conf *conf = NULL;
	struct act act;
	int code = conversation_get(r->store, r->id, &c);

	if (code < 0)
		return code;
	act_person(&act, r->store, r->self);
	code = writing_window(&act, c, r->window_ms);
	if (code == 0)
		code = conf_open(&conf);
	if (code == 0)
		code = setting_duration(conf, "desk", "writing",
		    &r->scribe.lease_ms);
	if (code == 0)
		code = scribe_begin(&r->scribe, anyway);
	if (code == 0) {
		name = customer_name(r->store, c->contact);
		shown = utf8_show(name, false);
		tell(r,
		    xformat("to %s; WhatsApp takes free texts for %s more",
			shown,
			duration_text(conversation_window(c, r->window_ms,
					  act.now_ms),
			    time)));
		free(shown);
		free(name);
	}
	if (code == 0 && strcmp(c->owner, "user") == 0 && c->assignee != NULL &&
	    strcmp(c->assignee, r->self) != 0)
		tell(r,
		    xformat("it is with %s, and yours once you answer",
			c->assignee));
	act_release(&act);
	conf_close(conf);
	conversation_free(c);
	return code;
}

/* The person writes, in an editor if they have one; what was kept is taken up
 * again. *ret_typed is what they left, kept as well. */
static int
let_write(struct answering *r, bool in_editor, char **ret_typed,
    size_t *ret_len)
{
	struct editor_wish wish = { .max_bytes = WRITING_MAX_BYTES,
		.every_ms = r->scribe.lease_ms / 3 + 1,
		.tick = scribe_tick,
		.ctx = &r->scribe };
	static const char had[] = "your draft, which what you write now "
				  "replaces; --draft send sends it";
	const char *command = in_editor ? editor_command() : NULL;
	char *kept = NULL, *name, *shown;
	int64_t ms = 0;
	int code = draft_get(r->store, r->self, r->id, &kept, &ms);

	if (code >= 0 && command != NULL) {
		/* Editors show the name, and keep it in files of their own:
		 * nothing of the customer is in it but the conversation. */
		name = xformat("reply-%s", r->id);
		wish.name = name;
		code = editor_run(command, kept != NULL ? kept : "", &wish,
		    ret_typed);
		free(name);
		if (code == 0) {
			*ret_len = strlen(*ret_typed);
			scribe_tick(&r->scribe, *ret_typed);
		} else if (code == ERR_DATA) {
			r->scribe.failed = code;
		}
	} else if (code >= 0) {
		if (kept != NULL) {
			shown = utf8_show(kept, true);
			tell(r, xformat("%s:\n%s", had, shown));
			free(shown);
		}
		tell(r, xstrdup("the text, then Ctrl-D"));
		code = editor_read(STDIN_FILENO, &wish, ret_typed, ret_len);
	}
	free(kept);
	return code;
}

int
answering_write(struct answering *r, bool in_editor, bool anyway, char **ret)
{
	char *typed = NULL;
	size_t len = 0;
	int code = begin_to_write(r, anyway);

	if (code == 0)
		code = let_write(r, in_editor, &typed, &len);
	if (code == 0)
		code = writing_text(typed, len, ret);
	free(typed);
	if (code < 0)
		return code;
	r->what.process = r->scribe.process;
	r->what.began_seq = r->scribe.began_seq;
	r->is_draft = true;
	return 0;
}

int
answering_kept(struct answering *r, char **ret)
{
	int64_t ms = 0;

	return draft_get(r->store, r->self, r->id, ret, &ms);
}

/* The store takes nothing, which may be full: the text is left in a file. */
static void
leave_text(struct answering *r)
{
	char *name = xformat("reply-%s", r->id), *path = NULL;

	if (r->what.text != NULL &&
	    editor_leave(name, r->what.text, &path) == 0)
		tell(r, xformat("what was written stays in %s", path));
	else
		tell(r, xstrdup("what was written last is not kept"));
	free(path);
	free(name);
}

/* Where the text is that was not queued. */
static void
say_kept(struct answering *r)
{
	char *text = NULL;
	int kept = answering_kept(r, &text);

	free(text);
	if (r->scribe.failed < 0)
		leave_text(r);
	else if (kept == 0)
		tell(r, xstrdup("no draft of it is kept"));
	else
		tell(r, xstrdup("the text is kept as your draft of it"));
}

void
answering_give_up(struct answering *r)
{
	if (r->scribe.process[0] == '\0')
		return;
	scribe_end(&r->scribe);
	say_kept(r);
}

/* A step about the draft alone; what fn returns, or an ERR. */
static int
drafted(struct answering *r, int (*fn)(struct answering *r))
{
	struct conversation *c = NULL;
	int code = store_begin(r->store), ret;

	if (code < 0)
		return code;
	ret = conversation_get(r->store, r->id, &c);
	if (ret == 0) {
		/* It may have been merged since it was named. */
		memcpy(r->id, c->id, SHORT_ID_BYTES);
		ret = fn(r);
	}
	conversation_free(c);
	if (ret < 0)
		store_rollback(r->store);
	else
		code = store_commit(r->store);
	return code < 0 ? code : ret;
}

static int
keep_it(struct answering *r)
{
	return draft_keep(r->store, r->self, r->id, r->what.text, now_ms());
}

static int
drop_it(struct answering *r)
{
	return draft_drop(r->store, r->self, r->id);
}

int
answering_keep(struct answering *r)
{
	return r->what.process != NULL ? scribe_end(&r->scribe) :
					 drafted(r, keep_it);
}

int
answering_drop(struct answering *r)
{
	return drafted(r, drop_it);
}

/* Keep what was refused; but another draft that is there goes before it. */
static int
keep_if_none(struct answering *r)
{
	char *text = NULL;
	int64_t ms = 0;
	int code = draft_get(r->store, r->self, r->id, &text, &ms);

	if (code == 0)
		code = keep_it(r);
	else if (code == 1 && strcmp(text, r->what.text) != 0)
		tell(r,
		    xstrdup("this text is not kept: there is a draft already"));
	free(text);
	return code;
}

void
answering_refused(struct answering *r, int code)
{
	char *why = xstrdup(err_reason());

	if (r->scribe.process[0] != '\0')
		scribe_end(&r->scribe);
	if (r->is_draft || drafted(r, keep_if_none) == 0)
		say_kept(r);
	err_set(code, "%s", why);
	free(why);
}

void
answering_release(struct answering *r)
{
	writing_release(&r->what);
	free(r->self);
	store_close(r->store);
}
