/* form - the form of a model's answer: its schema, and the reading of it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/inside.h"
#include "ai/outgoing.h"
#include "base/str.h"
#include "base/utf8.h"

#define MESSAGE_MAX 4096 /* characters of a text on WhatsApp */
#define SOURCES_MAX 64
#define OBJECTS_MAX 16 /* looked at in what a model said */

static const char *const actions[] = { "answer", "ask", "hand_over", "resolve",
	NULL };

static const char answer_schema[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"action\":{\"type\":\"string\","
    "\"enum\":[\"answer\",\"ask\",\"hand_over\",\"resolve\"]},"
    "\"text\":{\"type\":\"string\",\"description\":"
    "\"what the customer reads; empty with hand_over\"},"
    "\"sources\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"},"
    "\"description\":\"numbers of the passages that the text rests on\"},"
    "\"reason\":{\"type\":\"string\",\"description\":"
    "\"with hand_over: why, in a few words; else empty\"},"
    "\"wants\":{\"type\":\"string\",\"description\":"
    "\"with hand_over: what the customer wants; else empty\"},"
    "\"tried\":{\"type\":\"string\",\"description\":"
    "\"with hand_over: what was said or tried so far; else empty\"},"
    "\"language\":{\"type\":\"string\",\"description\":"
    "\"with hand_over: the customer's language; else empty\"},"
    "\"mood\":{\"type\":\"string\",\"description\":"
    "\"with hand_over: how the customer feels; else empty\"}},"
    "\"required\":[\"action\",\"text\",\"sources\",\"reason\",\"wants\","
    "\"tried\",\"language\",\"mood\"],\"additionalProperties\":false}";

static const char rewrite_schema[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"question\":{\"type\":\"string\"}},"
    "\"required\":[\"question\"],\"additionalProperties\":false}";

static const char judge_schema[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"unsupported\":{\"type\":\"string\",\"description\":"
    "\"the first statement that is not supported; empty if all are\"},"
    "\"holds\":{\"type\":\"string\",\"enum\":[\"yes\",\"no\"]}},"
    "\"required\":[\"unsupported\",\"holds\"],"
    "\"additionalProperties\":false}";

static const char label_schema[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"intent\":{\"type\":\"string\",\"description\":"
    "\"one of the intents, or none\"},"
    "\"intent_score\":{\"type\":\"number\",\"description\":"
    "\"how sure that is, from 0 to 1\"},"
    "\"sentiment\":{\"type\":\"number\",\"description\":"
    "\"from -1, very negative, to 1, very positive\"},"
    "\"sentiment_label\":{\"type\":\"string\","
    "\"enum\":[\"negative\",\"neutral\",\"positive\"]},"
    "\"evidence\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
    "\"description\":\"words of the message that show it, four at most\"}},"
    "\"required\":[\"intent\",\"intent_score\",\"sentiment\","
    "\"sentiment_label\",\"evidence\"],\"additionalProperties\":false}";

static const struct {
	const char *name, *schema, *words;
} forms[] = {
	[TASK_ANSWER] = { "answer", answer_schema,
	    "{\"action\": \"answer\", \"ask\", \"hand_over\" or \"resolve\", "
	    "\"text\": what the customer reads, \"sources\": [numbers of the "
	    "passages it rests on], \"reason\": \"\", \"wants\": \"\", "
	    "\"tried\": \"\", \"language\": \"\", \"mood\": \"\"}" },
	[TASK_REWRITE] = { "question", rewrite_schema,
	    "{\"question\": the question that stands alone}" },
	[TASK_JUDGE] = { "judgement", judge_schema,
	    "{\"unsupported\": the first statement that is not supported, or "
	    "\"\", \"holds\": \"yes\" or \"no\"}" },
	[TASK_LABEL] = { "labels", label_schema,
	    "{\"intent\": one of the intents or \"none\", \"intent_score\": 0 "
	    "to 1, \"sentiment\": -1 to 1, \"sentiment_label\": \"negative\", "
	    "\"neutral\" or \"positive\", \"evidence\": [words of the "
	    "message]}" },
};

json_t *
form_schema(enum provider_task task)
{
	const char *text = forms[task].schema;
	json_t *schema = NULL;

	json_object_parse(text, strlen(text), &schema);
	return schema;
}

const char *
form_name(enum provider_task task)
{
	return forms[task].name;
}

const char *
form_words(enum provider_task task)
{
	return forms[task].words;
}

/* --- reading --- */

static void
misshapen(struct provider_answer *ret, const char *why)
{
	ret->outcome = PROVIDER_MISSHAPEN;
	snprintf(ret->why, sizeof(ret->why), "%s", why);
}

/* Takes text; it without blanks around it, or NULL if there is nothing else. */
static char *
trimmed(char *text)
{
	char *copy = xstrdup(str_trim(text));

	free(text);
	if (*copy != '\0')
		return copy;
	free(copy);
	return NULL;
}

/* Plain text of a model for ourselves and our people; NULL if there is none. */
static char *
said(const char *text)
{
	return trimmed(outgoing_seen(text != NULL ? text : ""));
}

/* The same for a customer. */
static char *
told(const char *text)
{
	return trimmed(outgoing_text(text != NULL ? text : ""));
}

/* A number of a passage: 2, "2", "[2]" or "passage 2"; 0: none. */
static int
source_number(const json_t *v)
{
	const char *s = json_string_value(v);
	json_int_t n = json_integer_value(v);

	if (json_is_real(v))
		n = (json_int_t)(json_real_value(v) > 0 &&
			    json_real_value(v) < 1e6 ?
			json_real_value(v) :
			0);
	if (s != NULL) {
		s += strcspn(s, "0123456789");
		n = strspn(s, "0123456789") < 7 ? strtol(s, NULL, 10) : 0;
	}
	return n > 0 && n < 1000000 ? (int)n : 0;
}

static void
add_source(struct provider_answer *ret, int n)
{
	size_t i;

	if (n <= 0 || ret->nsources == SOURCES_MAX)
		return;
	for (i = 0; i < ret->nsources; i++)
		if (ret->sources[i] == n)
			return;
	ret->sources =
	    xrealloc(ret->sources, (ret->nsources + 1) * sizeof(int));
	ret->sources[ret->nsources++] = n;
}

/* The parts of a note for the person who takes over, a line each. */
static char *
summary(const json_t *o)
{
	static const struct {
		const char *key, *name;
	} parts[] = { { "wants", "Wants" }, { "tried", "So far" },
		{ "language", "Language" }, { "mood", "Mood" } };
	const json_t *inner = json_at(o, "summary"),
		     *from = json_is_object(inner) ? inner : o;
	struct buf b = BUF_INIT(0);
	char *text = said(json_str(o, "summary"));
	size_t i;

	for (i = 0; text == NULL && i < sizeof(parts) / sizeof(*parts); i++) {
		char *part = said(json_str(from, parts[i].key));

		if (part != NULL)
			buf_addf(&b, "%s%s: %s", b.len > 0 ? "\n" : "",
			    parts[i].name, part);
		free(part);
	}
	if (text == NULL && b.len > 0)
		text = buf_detach(&b);
	buf_release(&b);
	return text;
}

/* Whether what was said can be sent at all. Broken bytes are mended where they
 * are read; what they were may come whole the next time. */
static void
look_at_text(struct provider_answer *ret)
{
	if (ret->text == NULL)
		misshapen(ret, "the model said nothing");
	else if (utf8_length(ret->text) > MESSAGE_MAX)
		misshapen(ret, "the model said more than a message can hold");
	else if (strstr(ret->text, "\ufffd") != NULL) {
		misshapen(ret, "the model's text is broken");
		ret->outcome = PROVIDER_BROKEN;
		free(ret->text);
		ret->text = NULL;
	}
}

static void
read_answer(const json_t *o, struct provider_answer *ret)
{
	const char *action = json_str_or(o, "action", "");
	const json_t *sources = json_at(o, "sources"), *v;
	size_t i;

	for (i = 0; actions[i] != NULL && strcmp(action, actions[i]) != 0;)
		i++;
	ret->outcome = PROVIDER_ANSWERED;
	ret->action = (enum provider_action)i;
	ret->text = told(json_str(o, "text"));
	json_array_foreach(sources, i, v)
		add_source(ret, source_number(v));
	ret->reason = said(json_str(o, "reason"));
	if (ret->action == ACTION_HAND_OVER)
		ret->summary = summary(o);
	else if (ret->text != NULL || ret->action != ACTION_RESOLVE)
		look_at_text(ret);
}

static void
read_rewrite(const json_t *o, struct provider_answer *ret)
{
	char *p;

	ret->text = said(json_str(o, "question"));
	if (ret->text == NULL || utf8_length(ret->text) > MESSAGE_MAX) {
		misshapen(ret, "the model made no question");
		return;
	}
	for (p = ret->text; *p != '\0'; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	ret->outcome = PROVIDER_ANSWERED;
	ret->action = ACTION_ANSWER;
}

static void
read_judge(const json_t *o, struct provider_answer *ret)
{
	const json_t *holds = json_at(o, "holds");
	const char *word = json_string_value(holds);

	ret->outcome = PROVIDER_ANSWERED;
	ret->holds =
	    json_is_true(holds) || (word != NULL && strcmp(word, "yes") == 0);
	ret->reason = said(json_str(o, "unsupported"));
	/* It cannot hold and not hold: then it does not. */
	if (ret->reason != NULL)
		ret->holds = false;
}

static const char *const feelings[] = { "negative", "neutral", "positive",
	NULL };

static bool
fits_labels(const json_t *o)
{
	const char *feeling = json_str(o, "sentiment_label");
	double score = json_number_value(json_at(o, "intent_score")),
	       sentiment = json_number_value(json_at(o, "sentiment"));

	return json_str(o, "intent") != NULL && feeling != NULL &&
	    str_in(feeling, feelings) &&
	    json_is_number(json_at(o, "intent_score")) && score >= 0 &&
	    score <= 1 && json_is_number(json_at(o, "sentiment")) &&
	    sentiment >= -1 && sentiment <= 1;
}

/* Whether an object is of the form at all. */
static bool
fits(enum provider_task task, const json_t *o)
{
	const char *word;
	const json_t *holds;

	switch (task) {
	case TASK_ANSWER:
		word = json_str(o, "action");
		return word != NULL && str_in(word, actions);
	case TASK_REWRITE:
		return json_str(o, "question") != NULL;
	case TASK_JUDGE:
		holds = json_at(o, "holds");
		word = json_string_value(holds);
		return json_is_boolean(holds) ||
		    (word != NULL &&
			(strcmp(word, "yes") == 0 || strcmp(word, "no") == 0));
	case TASK_LABEL:
		return fits_labels(o);
	}
	return false;
}

/* The bytes of the object that begins at p; 0: it does not end. */
static size_t
object_len(const char *p)
{
	size_t i;
	int depth = 0;
	bool quoted = false;

	for (i = 0; p[i] != '\0'; i++) {
		if (quoted && p[i] == '\\' && p[i + 1] != '\0')
			i++;
		else if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted && p[i] == '{')
			depth++;
		else if (!quoted && p[i] == '}' && --depth == 0)
			return i + 1;
	}
	return 0;
}

/*
 * The one object of the form in a text, NULL if there is none. Where there are
 * several that differ nobody knows which one is meant: *ret_many.
 */
static json_t *
find(enum provider_task task, const char *text, bool *ret_many)
{
	const char *p = strchr(text, '{');
	json_t *found = NULL, *o;
	size_t len;
	int looked;

	*ret_many = false;
	for (looked = 0; p != NULL && looked < OBJECTS_MAX; looked++) {
		len = object_len(p);
		o = NULL;
		if (len > 0)
			json_lenient(p, len, &o);
		if (o == NULL || !fits(task, o))
			len = 1; /* there may be one inside */
		else if (found == NULL)
			found = json_incref(o);
		else if (!json_equal(found, o))
			*ret_many = true;
		p = strchr(p + len, '{');
		json_decref(o);
	}
	return found;
}

/* Some models think aloud before they answer. NULL: they did not stop. */
static const char *
after_thought(const char *text)
{
	const char *end;

	text += strspn(text, " \t\r\n");
	if (!str_starts(text, "<think>"))
		return text;
	end = strstr(text, "</think>");
	return end != NULL ? end + strlen("</think>") : NULL;
}

/* Words without any form: marks as [1] or [1, 3] name their sources. */
static void
read_plain(const char *text, struct provider_answer *ret)
{
	struct buf b = BUF_INIT(0);
	const char *p = text, *close;
	char *words, *p2;
	size_t len;

	while (*p != '\0') {
		close = *p == '[' ? strchr(p, ']') : NULL;
		len = close != NULL ? (size_t)(close - p) : 0;
		if (len < 2 || len > 32 ||
		    strspn(p + 1, "0123456789, ") != len - 1) {
			buf_addc(&b, *p++);
			continue;
		}
		words = xstrndup(p + 1, len - 1);
		for (p2 = words; *p2 != '\0';) {
			len = strspn(p2, "0123456789");
			if (len > 0 && len < 7)
				add_source(ret, (int)strtol(p2, NULL, 10));
			p2 += len > 0 ? len : 1;
		}
		free(words);
		while (b.len > 0 && b.data[b.len - 1] == ' ')
			b.data[--b.len] = '\0';
		p = close + 1;
	}
	ret->outcome = PROVIDER_ANSWERED;
	ret->action = ACTION_ANSWER;
	ret->text = told(b.data);
	buf_release(&b);
	look_at_text(ret);
}

void
form_read(enum provider_task task, const char *text, bool plain,
    struct provider_answer *ret)
{
	json_t *o;
	bool many;

	text = after_thought(text);
	if (text == NULL) {
		misshapen(ret, "the model did not finish thinking");
		return;
	}
	o = find(task, text, &many);
	if (many)
		misshapen(ret, "the model gave several answers");
	else if (o != NULL && task == TASK_ANSWER)
		read_answer(o, ret);
	else if (o != NULL && task == TASK_REWRITE)
		read_rewrite(o, ret);
	else if (o != NULL && task == TASK_LABEL) {
		ret->outcome = PROVIDER_ANSWERED;
		ret->labels = json_incref(o);
	} else if (o != NULL)
		read_judge(o, ret);
	else if (plain && task == TASK_ANSWER && strchr(text, '{') == NULL &&
	    strstr(text, "\"action\"") == NULL)
		read_plain(text, ret);
	else
		misshapen(ret, "the model did not keep the format");
	json_decref(o);
}
