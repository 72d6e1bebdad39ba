/* propose - what of a person's answer is worth a document, if anything */
#include <stdlib.h>
#include <string.h>

#include "ai/propose.h"
#include "ai/quote.h"
#include "ai/standalone.h"
#include "base/err.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ground/ground.h"
#include "kb/calibrate.h"
#include "kb/search.h"

#define KNOWN_HITS 5
#define KNOWN_CONFIDENCE 0.5 /* of a passage that answers */
#define ANSWER_WORDS_MIN 2

struct proposer {
	struct kb *kb;
	struct grounder *grounder;
	struct calibration calibration;
};

int
proposer_open(struct store *s, struct proposer **ret)
{
	struct proposer *p = xcalloc(1, sizeof(*p));
	struct db *db;
	int code = store_kb(s, &db);

	if (code == 0)
		code = calibrate_load(db, &p->calibration);
	if (code == 0)
		code = kb_open(db, &p->kb);
	if (code < 0) {
		free(p);
		return code;
	}
	p->grounder = grounder_new();
	*ret = p;
	return 0;
}

void
proposer_close(struct proposer *p)
{
	if (p == NULL)
		return;
	kb_close(p->kb);
	grounder_free(p->grounder);
	free(p);
}

void
proposal_release(struct proposal *p)
{
	free(p->question);
	free(p->answer);
	memset(p, 0, sizeof(*p));
}

/* --- the question --- */

/* The customer's lines without the small talk around them, as one line; NULL
 * if that is all. The caller frees. */
static char *
plain_question(const char *text)
{
	struct buf b = BUF_INIT(0);
	char *copy = xstrdup(text), *rest = copy, *line, *one;
	const char *said;
	size_t len;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (smalltalk_of(line) != SMALLTALK_NONE)
			continue;
		said = smalltalk_skip(line, &len);
		one = xstrndup(said, len);
		said = str_trim(one);
		if (*said != '\0')
			buf_addf(&b, "%s%s", b.len > 0 ? " " : "", said);
		free(one);
	}
	free(copy);
	if (b.len == 0 || quote_chat(b.data) != SMALLTALK_NONE) {
		buf_release(&b);
		return NULL;
	}
	return buf_detach(&b);
}

/* A text on one line, blanks single, cut at a character. */
static char *
one_line(const char *text, size_t max)
{
	struct buf b = BUF_INIT(0);
	size_t len = utf8_cut(text, strlen(text), max), i;

	for (i = 0; i < len; i++)
		if (strchr(" \t\r\n", text[i]) == NULL)
			buf_addc(&b, text[i]);
		else if (b.len > 0 && b.data[b.len - 1] != ' ')
			buf_addc(&b, ' ');
	while (b.len > 0 && b.data[b.len - 1] == ' ')
		b.data[--b.len] = '\0';
	return buf_detach(&b);
}

/* The question with what it leans on; NULL: there is none. */
static char *
stand_alone(struct proposer *p, const struct pair *pair)
{
	struct standalone_turn *said =
	    xcalloc(pair->nbefore + 1, sizeof(*said));
	char *question = plain_question(pair->question), *whole, *line = NULL;
	const struct turn *t;
	size_t i, n = 0;

	for (i = 0; i < pair->nbefore; i++) {
		t = &pair->before[i];
		if (!turn_is_said(t))
			continue;
		said[n].is_ours = strcmp(t->direction, "in") != 0;
		said[n++].text = t->text;
	}
	if (question != NULL) {
		whole = standalone_question(said, n, question, p->kb, NULL);
		line = one_line(whole, PROPOSE_QUESTION_MAX_BYTES);
		free(whole);
	}
	free(question);
	free(said);
	return line;
}

/* --- the answer --- */

/* Whether a sentence is small talk, the customer's name aside: "Hi Anna!" */
static bool
is_small_talk(const char *sentence, const char *name)
{
	char *words = utf8_words(sentence), *names, *rest = words, *word, *own;
	struct buf b = BUF_INIT(0);
	bool is;

	names = utf8_words(name != NULL ? name : "");
	while ((word = strsep(&rest, " ")) != NULL) {
		own = xformat(" %s ", word);
		if (*word != '\0' && strstr(names, own) == NULL)
			buf_addf(&b, "%s%s", b.len > 0 ? " " : "", word);
		free(own);
	}
	is = b.len == 0 || smalltalk_of(b.data) != SMALLTALK_NONE;
	buf_release(&b);
	free(names);
	free(words);
	return is;
}

/* Whether a sentence would say something to the next one who asks. */
static bool
is_content(const struct ground_claim *c)
{
	return (c->need == GROUND_CLAIM || c->need == GROUND_REPEATED) &&
	    c->reason != GROUND_DEED;
}

/* Whether there are words enough to be an answer at all. */
static bool
has_words(const char *text)
{
	char *words = utf8_words(text), *p;
	size_t blanks = 0;

	for (p = words; *p != '\0'; p++)
		blanks += *p == ' ';
	free(words);
	/* What is written without blanks has one word, and many letters. */
	return blanks > ANSWER_WORDS_MIN ||
	    (blanks == 2 && utf8_length(text) >= 6 &&
		utf8_plain_length(text, strlen(text)) == 0);
}

/* What stands between two sentences that are kept: a blank, or a new line. */
static void
add_gap(struct buf *b, const char *text, size_t from, size_t to)
{
	size_t i;

	if (b->len == 0)
		return;
	for (i = from; i < to && text[i] != '\n';)
		i++;
	buf_addc(b, i < to ? '\n' : ' ');
}

/*
 * The answer's sentences that say something; NULL: none does. What will be done
 * for this customer is no answer by itself.
 */
static char *
content_of(const struct pair *pair, const char *name,
    const struct ground_verdict *v)
{
	struct buf b = BUF_INIT(0);
	const struct ground_claim *c;
	size_t i, end = 0;
	bool any = false;
	char *one;

	for (i = 0; i < v->nclaims; i++) {
		c = &v->claim[i];
		one = xstrndup(pair->answer + c->start, c->len);
		if (is_content(c) && !is_small_talk(one, name)) {
			add_gap(&b, pair->answer, end, c->start);
			buf_adds(&b, str_trim(one));
			end = c->start + c->len;
			any = any || c->reason != GROUND_PROMISE;
		}
		free(one);
	}
	if (!any || !has_words(b.data)) {
		buf_release(&b);
		return NULL;
	}
	return buf_detach(&b);
}

/* Hold an answer against the passages that answer the question. */
static int
check(struct proposer *p, const char *question, const struct pair *pair,
    const char *answer, struct ground_verdict *ret)
{
	const char *asked[] = { pair->question, NULL };
	struct ground_source source[KNOWN_HITS];
	struct kb_query q = { .text = question, .limit = KNOWN_HITS };
	struct kb_hits *hits = NULL;
	struct ground_input in = { .source = source, .asked = asked };
	size_t i;
	int code = kb_search(p->kb, &q, &hits);

	if (code < 0)
		return code;
	calibrate_apply(&p->calibration, hits);
	kb_hits_cut(hits, KNOWN_CONFIDENCE);
	for (i = 0; i < hits->count && i < KNOWN_HITS; i++)
		source[i] = (struct ground_source){ hits->hit[i].title,
			hits->hit[i].section, hits->hit[i].text };
	in.nsources = i;
	code = ground_check(p->grounder, &in, answer, ret);
	kb_hits_free(hits);
	return code;
}

/* Whether the passages say all of what is left of an answer. */
static int
is_known(struct proposer *p, const char *question, const struct pair *pair,
    const char *answer)
{
	struct ground_verdict v;
	size_t i;
	int code = check(p, question, pair, answer, &v), known = 1;

	if (code < 0)
		return code;
	for (i = 0; i < v.nclaims; i++)
		if (v.claim[i].need != GROUND_CLAIM ||
		    v.claim[i].reason != GROUND_SUPPORTED)
			known = 0;
	ground_release(&v);
	return known;
}

int
propose(struct proposer *p, const struct pair *pair, const char *name,
    struct proposal *ret)
{
	char *question, *answer = NULL;
	struct ground_verdict v;
	int code;

	if (strlen(pair->answer) > PROPOSE_ANSWER_MAX_BYTES)
		return PROPOSE_NO_ANSWER;
	question = stand_alone(p, pair);
	if (question == NULL)
		return PROPOSE_NO_QUESTION;
	code = check(p, question, pair, pair->answer, &v);
	if (code == 0) {
		answer = content_of(pair, name, &v);
		ground_release(&v);
	}
	/* What is no text is no answer. */
	if (code == ERR_DATA || (code == 0 && answer == NULL))
		code = PROPOSE_NO_ANSWER;
	else if (code == 0) {
		code = is_known(p, question, pair, answer);
		if (code >= 0)
			code = code > 0 ? PROPOSE_KNOWN : PROPOSE_PAIR;
	}
	if (code == PROPOSE_PAIR)
		*ret = (struct proposal){ question, answer,
			language_detect(answer, strlen(answer)) };
	else {
		free(question);
		free(answer);
	}
	return code;
}
