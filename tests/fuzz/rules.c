/*
 * Fuzz target: rule files and the texts they meet.
 *
 * Input: a rule file, a line "---", a text. Rules that parse must print as
 * something that parses and prints the same, and apply to the text without
 * harm; those that do not must have said where.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "rules/own.h"
#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int errors;

static void
say(void *ctx, const char *text)
{
	(void)ctx;
	if (strncmp(text, "f:", 2) != 0)
		abort();
	errors++;
}

static int
yes(void *ctx)
{
	(void)ctx;
	return 1;
}

static int
open_now(void *ctx, const char *hours)
{
	(void)ctx;
	return hours == NULL;
}

static int
fresh(void *ctx, const char *key, enum rules_once once, const char *hours)
{
	(void)ctx;
	(void)hours;
	return key[0] != '\0' && once != ONCE_NO;
}

static int
ask(void *ctx, enum rules_question what)
{
	(void)ctx;
	return what == ASK_NEW;
}

static int
number(void *ctx, enum rules_number what, double *ret)
{
	(void)ctx;
	*ret = 2;
	return what != NUMBER_CONFIDENCE;
}

static int
attribute(void *ctx, const char *name, char **ret)
{
	(void)ctx;
	*ret = xstrdup(name);
	return 1;
}

static int
intent(void *ctx, const char *name, double *ret)
{
	(void)ctx;
	*ret = 0.5;
	return name[0] != 'a';
}

static int
sentiment(void *ctx, const char **ret_label, double *ret)
{
	(void)ctx;
	*ret_label = "neutral";
	*ret = 0;
	return 1;
}

static void
why(void *ctx, const char *rule, bool fires, const char *text)
{
	(void)ctx;
	if (rule[0] == '\0' || text[0] == '\0' ||
	    (fires && strncmp(text, "match ", 6) != 0))
		abort();
}

/* What is found is what expressions match, whatever is looked for first. */
static void
hold_hints(const struct rules *r, const struct rules_reading *f,
    const char *text)
{
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	size_t i;
	int got;

	pcre2_set_match_limit(limits, 20000);
	for (i = 0; i < r->npatterns && rules_gave_up(f) == NULL; i++) {
		if (r->patterns[i].code == NULL || !r->sure[i])
			continue;
		got = pcre2_match(r->patterns[i].code, (PCRE2_SPTR)text,
		    strlen(text), 0, 0, data, limits);
		if (got >= 0 && !f->found[i])
			abort();
	}
	pcre2_match_data_free(data);
	pcre2_match_context_free(limits);
}

/* Those that are passed over for want of words would not have fired: who wants
 * to know why is told of all. */
static void
hold_needs(const struct rules *r, const struct rules_reading *f,
    struct rules_facts facts, const struct rules_result *all)
{
	struct rules_result some;
	size_t i;

	facts.why = NULL;
	if (rules_apply(r, f, &facts, &some) != 0)
		abort();
	if (some.nfired != all->nfired || some.count != all->count ||
	    some.nmarks != all->nmarks)
		abort();
	for (i = 0; i < some.nfired; i++)
		if (some.fired[i].index != all->fired[i].index)
			abort();
	rules_result_release(&some);
}

static void
apply(const struct rules *r, const char *text)
{
	struct rules_facts facts = { .kind = "text",
		.instance = "a",
		.language = "en",
		.tags = "a,b",
		.priority = "low",
		.owner = "ai",
		.status = "open",
		.team = "a",
		.contact = "a",
		.name = "A",
		.ad = "a",
		.after_ms = 60000,
		.first = yes,
		.open = open_now,
		.ask = ask,
		.number = number,
		.attribute = attribute,
		.intent = intent,
		.sentiment = sentiment,
		.fresh = fresh,
		.why = why };
	struct rules_reading *f = rules_read(r, text);
	struct rules_result result;
	unsigned occasion;

	if (text != NULL && *text != '\0')
		hold_hints(r, f, text);
	for (occasion = RULES_MESSAGE; occasion <= RULES_INSTANCE;
	     occasion <<= 1) {
		facts.occasion = (enum rules_occasion)occasion;
		if (rules_apply(r, f, &facts, &result) != 0)
			abort();
		/* A rule that is asked of nothing here does not fire. */
		if (result.nfired > 0 && (rules_occasions(r) & occasion) == 0)
			abort();
		hold_needs(r, f, facts, &result);
		rules_result_release(&result);
	}
	rules_reading_free(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_INIT(0), twice = BUF_INIT(0);
	struct rules *r = NULL, *again = NULL;
	char *source = utf8_mend((const char *)data, size), *text;

	text = strstr(source, "\n---\n");
	if (text != NULL) {
		text[1] = '\0';
		text += 5;
	}
	errors = 0;
	if (rules_parse(source, "f", NULL, say, NULL, &r) == 0) {
		rules_print(r, &once);
		if (rules_parse(once.data != NULL ? once.data : "", "f", NULL,
			say, NULL, &again) != 0)
			abort();
		rules_print(again, &twice);
		if (once.len != twice.len ||
		    (once.len > 0 && memcmp(once.data, twice.data, once.len)))
			abort();
		if (strcmp(rules_revision(r), rules_revision(again)) != 0)
			abort();
		apply(r, text);
	} else if (errors == 0)
		abort();
	rules_free(r);
	rules_free(again);
	buf_release(&once);
	buf_release(&twice);
	free(source);
	return 0;
}
