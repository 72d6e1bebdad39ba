/* audience - whom the AI answers, and when it comes back */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/audience.h"
#include "desk/settings.h"

#define WITHIN_HOURS "the AI answers within hours only"
#define OUTSIDE_HOURS "the AI answers outside of hours only"
#define NOT_THIS_CONTACT "the AI does not answer this contact"

bool
audience_is_reason(const char *reason)
{
	static const char *const reasons[] = { AUDIENCE_OFF, AUDIENCE_NO_WORD,
		WITHIN_HOURS, OUTSIDE_HOURS, NOT_THIS_CONTACT, NULL };

	return str_in(reason, reasons);
}

#define LIST_MAX_BYTES (1024 * 1024)

/* Whether one of the words of a list stands in text. */
static bool
says_one(const char *text, const char *list)
{
	char *said = utf8_words(text != NULL ? text : ""),
	     *copy = xstrdup(list), *save = NULL, *word, *wanted;
	bool found = false;

	for (word = strtok_r(copy, " \t\n", &save); word != NULL && !found;
	     word = strtok_r(NULL, " \t\n", &save)) {
		wanted = utf8_words(word);
		found = strlen(wanted) > 1 && strstr(said, wanted) != NULL;
		free(wanted);
	}
	free(said);
	free(copy);
	return found;
}

/* --- contacts --- */

/* A line of the list without its comment: an id, or the digits of a number. */
static void
entry(char *line, bool *ret_number)
{
	char *from, *to = line;

	line[strcspn(line, "#\r")] = '\0';
	for (from = line; *from != '\0'; from++)
		if (strchr(" \t+-().", *from) == NULL)
			*to++ = *from;
	*to = '\0';
	*ret_number =
	    *line != '\0' && strspn(line, "0123456789") == strlen(line);
}

/* A number of the contact is on the list: 1, 0 or an ERR. */
static int
has_number(struct store *s, const char *contact, const char *number)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM contact_alias WHERE contact = :contact"
	    " AND kind = 'phone' AND left_ms = 0"
	    " AND ltrim(value, '+') = :number LIMIT 1");

	bind_text(&q, ":contact", contact);
	bind_text(&q, ":number", number);
	return any_row(&q);
}

static int
is_excluded(struct store *s, const char *path, const char *contact)
{
	char *text, *save = NULL, *line;
	bool number;
	int code = file_read(path, LIST_MAX_BYTES, &text, NULL);

	/* Nobody knows whom it names: people answer, and nothing stops. */
	if (code < 0) {
		log_warnx("ai_exclude: %s: people answer everybody",
		    err_reason());
		return 1;
	}
	for (line = strtok_r(text, "\n", &save); line != NULL && code == 0;
	     line = strtok_r(NULL, "\n", &save)) {
		entry(line, &number);
		if (strcmp(line, contact) == 0)
			code = 1;
		else if (number)
			code = has_number(s, contact, line);
	}
	free(text);
	return code;
}

/* --- whom --- */

static int
is_in_hours(const struct audience *a, const char *section, const char **ret_why)
{
	const char *when = setting_text(a->conf, section, "ai_when"),
		   *hours = setting_text(a->conf, section, "hours");
	int open;

	if (strcmp(when, "always") == 0)
		return 1;
	/* Without hours it is always open. */
	open = hours != NULL ? hours_open(a->conf, hours, a->at_ms) : 1;
	if (open < 0)
		return open;
	if (strcmp(when, "open") == 0) {
		*ret_why = WITHIN_HOURS;
		return open;
	}
	*ret_why = OUTSIDE_HOURS;
	return !open;
}

int
audience_is_in(struct store *s, const struct audience *a, const char **ret_why)
{
	const struct conversation *c = a->conversation;
	char *section = xformat("instance %s", c->instance),
	     *path = setting_path(a->conf, section, "ai_exclude");
	const char *trigger = setting_text(a->conf, section, "ai_trigger");
	int code = 1;

	if (path != NULL) {
		code = is_excluded(s, path, c->contact);
		*ret_why = NOT_THIS_CONTACT;
		code = code < 0 ? code : !code;
	}
	if (code == 1)
		code = is_in_hours(a, section, ret_why);
	/* Said once it holds for as long as the AI has the conversation. */
	if (code == 1 && trigger != NULL && *trigger != '\0' &&
	    (a->first || strcmp(c->owner, "ai") != 0) &&
	    !says_one(a->text, trigger)) {
		*ret_why = AUDIENCE_NO_WORD;
		code = 0;
	}
	free(section);
	free(path);
	return code;
}

/* --- coming back --- */

/* When a person last wrote in it, notes and the phone included; 0: never. */
static int
last_person(struct store *s, const char *id, int64_t *ret_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT max(stored_ms) FROM message WHERE conversation = :id"
	    " AND (author LIKE 'user:%' OR direction = 'echo')");
	int code;

	bind_text(&q, ":id", id);
	*ret_ms = step(&q) ? column_int(&q, 0) : 0;
	code = done(&q);
	return code;
}

int
audience_comes_back(struct store *s, const struct audience *a,
    const char **ret_why)
{
	const struct conversation *c = a->conversation;
	char *section = xformat("instance %s", c->instance);
	const char *resume = setting_text(a->conf, section, "ai_resume");
	struct conversation_handed h;
	int64_t wait_ms = -1, person_ms = 0;
	int code = conversation_handed(s, c->id, &h);

	if (code == 1 && resume != NULL && *resume != '\0')
		code = setting_duration(a->conf, section, "ai_resume",
			   &wait_ms) < 0 ?
		    ERR_CONFIG :
		    1;
	free(section);
	if (code != 1)
		return code;
	if (strcmp(h.type, "conversation.escalated") == 0 &&
	    strcmp(h.reason, AUDIENCE_NO_WORD) == 0) {
		*ret_why = "its word was said";
		return 1;
	}
	if (strcmp(h.type, "conversation.paused") == 0) {
		*ret_why = "the pause is over";
		if (a->at_ms < h.until_ms)
			return 0;
		/* The end of a pause takes it from nobody. */
		if (strcmp(c->owner, "user") != 0)
			return 1;
	}
	/* Who asked for a person and got none waits for one all the same. */
	if (wait_ms < 0 ||
	    (strcmp(c->owner, "user") != 0 &&
		strcmp(h.type, "conversation.escalated") == 0))
		return 0;
	code = last_person(s, c->id, &person_ms);
	if (code < 0)
		return code;
	*ret_why = "no person has answered for long";
	return a->at_ms - (person_ms > h.at_ms ? person_ms : h.at_ms) >=
	    wait_ms;
}
