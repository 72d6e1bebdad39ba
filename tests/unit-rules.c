/* The rule language: what parses, what fires, what comes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "rules/rules.h"

static struct buf said = BUF_INIT(0);

static void
say(void *ctx, const char *text)
{
	(void)ctx;
	buf_addf(&said, "%s\n", text);
}

static struct rules *
parsed(const char *text)
{
	struct rules *r = NULL;

	buf_reset(&said);
	if (rules_parse(text, "r", NULL, say, NULL, &r) != 0)
		fail_msg("%s: %s", text, said.data);
	return r;
}

/* What the world answers. */
struct world {
	int first, open;
	const char *fired; /* key that has fired */
	char asked[64];	   /* the hours that were asked for */
	enum rules_once once;
};

static int
world_first(void *ctx)
{
	return ((struct world *)ctx)->first;
}

static int
world_open(void *ctx, const char *hours)
{
	struct world *w = ctx;

	snprintf(w->asked, sizeof(w->asked), "%s",
	    hours != NULL ? hours : "(own)");
	return w->open;
}

static int
world_fresh(void *ctx, const char *key, enum rules_once once, const char *hours)
{
	struct world *w = ctx;

	snprintf(w->asked, sizeof(w->asked), "%s",
	    hours != NULL ? hours : "(own)");
	w->once = once;
	return w->fired == NULL || strcmp(w->fired, key) != 0;
}

static struct rules_facts
facts_of(struct world *w)
{
	struct rules_facts f = { .kind = "text",
		.instance = "sales",
		.language = "en",
		.tags = "",
		.priority = "medium",
		.owner = "ai",
		.first = world_first,
		.open = world_open,
		.fresh = world_fresh,
		.ctx = w };

	return f;
}

/* The effects of rules on a text, as "kind value, ..." */
static char *
effects(const char *rules, const char *text, const struct rules_facts *facts)
{
	static const char *const names[] = { "tag", "untag", "priority",
		"profile", "escalate", "assign", "team", "reply", "text",
		"no-ai" };
	struct rules *r = parsed(rules);
	struct rules_reading *f = rules_read(r, text);
	struct rules_result result;
	struct buf b = BUF_INIT(0);
	size_t i;

	assert_int_equal(rules_apply(r, f, facts, &result), 0);
	for (i = 0; i < result.count; i++)
		buf_addf(&b, "%s%s %s", i > 0 ? ", " : "",
		    names[result.effects[i].kind], result.effects[i].value);
	rules_result_release(&result);
	rules_reading_free(f);
	rules_free(r);
	return buf_detach(&b);
}

static void
expect(const char *rules, const char *text, const char *want)
{
	struct world w = { .first = 1 };
	struct rules_facts facts = facts_of(&w);
	char *got = effects(rules, text, &facts);

	if (strcmp(got, want) != 0)
		fail_msg("%s on \"%s\": \"%s\", not \"%s\"", rules, text, got,
		    want);
	free(got);
}

static void
words_are_folded_and_whole(void **state)
{
	static const char rule[] = "match text \"Money back\", \"niño\" tag a";
	static const char han[] = "match text \"人工\", \"退款\" tag a";
	static const char *const yes[] = { "money back", "MONEY  BACK!",
		"I want my money\nback.", "(money-back)", "El NINO", "niño",
		NULL };
	static const char *const no[] = { "money backed", "moneyback",
		"back money", "niños", "", NULL };
	size_t i;

	(void)state;
	for (i = 0; yes[i] != NULL; i++)
		expect(rule, yes[i], "tag a");
	for (i = 0; no[i] != NULL; i++)
		expect(rule, no[i], "");
	expect(han, "我要人工服务", "tag a");
	expect(han, "我要服务", "");
	expect("match text \"คน\" tag a", "ขอคุยกับคนจริง", "tag a");
	expect("match text \"he\", \"she\", \"hers\", \"his\" tag a", "ushers",
	    "");
}

static void
expressions(void **state)
{
	(void)state;
	expect("match text /refund|money back/i tag a", "REFUND me", "tag a");
	expect("match text /refund/c tag a", "Refund", "");
	expect("match text /^x.y$/s tag a", "x\ny", "tag a");
	expect("match text /größe/ tag a", "GRÖSSE? GRÖßE", "tag a");
	expect("match text /\\bÜber\\b/ tag a", "über", "tag a");
	expect("match text /a\\/b/ tag a", "a/b", "tag a");
	expect("match not text /x/ tag a", "y", "tag a");
	expect("match not text /x/ tag a", "x", "");
	expect("match text /^$/ tag a", NULL, "");
}

static void
conditions(void **state)
{
	static const struct {
		const char *condition;
		int holds;
	} rows[] = {
		{ "any", 1 },
		{ "not any", 0 },
		{ "kind text", 1 },
		{ "kind image, text", 1 },
		{ "kind voice", 0 },
		{ "instance sales", 1 },
		{ "instance help", 0 },
		{ "not instance help", 1 },
		{ "language en", 1 },
		{ "language pt", 1 },
		{ "language es, fr", 0 },
		{ "first message", 1 },
		{ "not first message", 0 },
		{ "tagged vip", 1 },
		{ "tagged old, x", 1 },
		{ "tagged vi", 0 },
		{ "not tagged vip", 0 },
		{ "with priority high", 1 },
		{ "with priority low, urgent", 0 },
		{ "owner ai", 1 },
		{ "owner queue, user", 0 },
		{ "inside hours", 1 },
		{ "outside hours", 0 },
		{ "not outside hours", 1 },
		{ "inside hours shop", 1 },
		{ "kind text instance sales first message", 1 },
		{ "kind text instance help first message", 0 },
	};
	struct world w = { .first = 1, .open = 1 };
	struct rules_facts facts = facts_of(&w);
	char *rule, *got;
	size_t i;

	(void)state;
	facts.tags = "old,vip";
	facts.priority = "high";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		facts.language =
		    strstr(rows[i].condition, "pt") != NULL ? "pt-BR" : "en";
		rule = xformat("match %s tag yes", rows[i].condition);
		got = effects(rule, "x", &facts);
		if ((strcmp(got, "tag yes") == 0) != rows[i].holds)
			fail_msg("%s: \"%s\"", rule, got);
		free(got);
		free(rule);
	}
	got = effects("match inside hours shop tag a", "x", &facts);
	assert_string_equal(w.asked, "shop");
	free(got);
}

static void
later_ones_replace(void **state)
{
	(void)state;
	expect("match any tag a priority low profile p reply x\n"
	       "match any tag b priority high profile q reply \"hi\"\n",
	    "x", "tag a, tag b, priority high, profile q, text hi");
	expect("match any tag a\nmatch any untag a", "x", "untag a");
	expect("match any untag a\nmatch any tag a", "x", "tag a");
	expect("match any assign ana\nmatch any assign team sales", "x",
	    "team sales");
	expect("match any escalate \"one\"\nmatch any escalate \"two\"", "x",
	    "escalate one");
	expect("match any no-ai reply x escalate", "x",
	    "escalate rule, reply x, no-ai ");
	expect("match any tag a stop\nmatch any tag b", "x", "tag a");
	expect("match not any stop\nmatch any tag b", "x", "tag b");
	expect("match any tag a, b, c", "x", "tag a, tag b, tag c");
}

static void
once(void **state)
{
	static const struct {
		const char *rule;
		enum rules_once once;
		const char *hours;
	} rows[] = {
		{ "match any once tag a", ONCE_OPENING, "(own)" },
		{ "match any once per conversation tag a", ONCE_EVER, "(own)" },
		{ "match any once per day tag a", ONCE_DAY, "(own)" },
		{ "match outside hours shop once per closed period tag a",
		    ONCE_CLOSED, "shop" },
	};
	struct world w = { .open = 0 };
	struct rules_facts facts = facts_of(&w);
	struct rules_reading *f;
	struct rules_result result;
	struct rules *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = parsed(rows[i].rule);
		f = rules_read(r, "x");
		w.fired = NULL;
		assert_int_equal(rules_apply(r, f, &facts, &result), 0);
		assert_int_equal(result.nmarks, 1);
		assert_int_equal(result.marks[0].once, rows[i].once);
		assert_int_equal(w.once, rows[i].once);
		assert_string_equal(w.asked, rows[i].hours);
		w.fired = result.marks[0].key;
		rules_result_release(&result);
		assert_int_equal(rules_apply(r, f, &facts, &result), 0);
		assert_int_equal(result.count, 0);
		assert_int_equal(result.nfired, 0);
		rules_result_release(&result);
		rules_reading_free(f);
		rules_free(r);
	}
}

static void
names_of_rules(void **state)
{
	struct world w = { .first = 1 };
	struct rules_facts facts = facts_of(&w);
	struct rules *r = parsed("# a comment\n\nhi: match any tag a\n"
				 "match any \\\n\ttag b # and so on\n"
				 "match kind voice tag c\n");
	struct rules_reading *f = rules_read(r, "x");
	struct rules_result result;

	(void)state;
	assert_int_equal(rules_apply(r, f, &facts, &result), 0);
	assert_int_equal(result.nfired, 2);
	assert_string_equal(result.fired[0], "hi");
	assert_string_equal(result.fired[1], "4");
	assert_string_equal(result.effects[1].rule, "4");
	rules_result_release(&result);
	rules_reading_free(f);
	rules_free(r);
}

/* A callback that fails ends the run with its error. */
static int
broken(void *ctx)
{
	(void)ctx;
	return err_set(ERR_IO, "no luck");
}

static void
errors_of_facts_come_through(void **state)
{
	struct world w = { .first = 1 };
	struct rules_facts facts = facts_of(&w);
	struct rules *r = parsed("match any tag a\nmatch first message tag b");
	struct rules_reading *f = rules_read(r, "x");
	struct rules_result result;

	(void)state;
	facts.first = broken;
	assert_int_equal(rules_apply(r, f, &facts, &result), ERR_IO);
	rules_reading_free(f);
	rules_free(r);
}

static void
errors_have_their_place(void **state)
{
	static const struct {
		const char *rules, *want;
	} rows[] = {
		{ "mach any tag a", "r:1:1: 'mach': did you mean match?\n" },
		{ "\n  match txt \"x\" tag a",
		    "r:2:9: 'txt' is no condition, did you mean text?\n" },
		{ "match text foo tag a",
		    "r:1:12: \"words\", /an expression/ "
		    "or $SET is wanted here, found "
		    "'foo'\n" },
		{ "match text \"x tag a",
		    "r:1:12: the closing \" is "
		    "missing\n" },
		{ "match text /x tag a", "r:1:12: the closing / is missing\n" },
		{ "match text /a(b/ tag a",
		    "r:1:16: expression: missing closing parenthesis\n" },
		{ "match text /é(/ tag a",
		    "r:1:15: expression: missing closing parenthesis\n" },
		{ "match text /x/q tag a",
		    "r:1:15: no flag q: c (case counts), i, m, s, x\n" },
		{ "match text \"!?\" tag a",
		    "r:1:12: there is no word in it "
		    "(an expression is written "
		    "/.../)\n" },
		{ "match text $hum tag a",
		    "r:1:12: there is no set hum "
		    "above\n" },
		{ "set human = \"x\"\nmatch text $humann tag a",
		    "r:2:12: there is no set humann above, did you mean "
		    "human?\n" },
		{ "match any",
		    "r:1:10: an action is wanted, found the end of "
		    "the rule\n" },
		{ "match tag a",
		    "r:1:7: a condition is wanted before the "
		    "action ('any' holds always, 'tagged NAME' "
		    "asks for a tag), found 'tag'\n" },
		{ "match any tag a kind text",
		    "r:1:17: 'kind' is a condition: conditions come before "
		    "the actions\n" },
		{ "match any escalte",
		    "r:1:11: 'escalte' is no action, did "
		    "you mean escalate?\n" },
		{ "match any tag stop",
		    "r:1:15: a tag is wanted here; 'stop' "
		    "is a word of the language (as a name "
		    "it needs quotes: \"stop\")\n" },
		{ "match kind voise tag a",
		    "r:1:12: 'voise' is not a kind of "
		    "message, did you mean voice?\n" },
		{ "match any priority hihg",
		    "r:1:20: 'hihg' is not a "
		    "priority, did you mean high?\n" },
		{ "match any once per week tag a",
		    "r:1:20: 'conversation', 'day' or 'closed period' is "
		    "wanted here, found 'week'\n" },
		{ "a: match any stop\na: match any stop",
		    "r:2:1: there is a rule a already\n" },
		{ "7: match any stop",
		    "r:1:1: a label is a name, and no number\n" },
		{ "match any \\\n  tga x",
		    "r:2:3: 'tga' is no action, did you mean tag?\n" },
		{ "match any bad\nmatch any tag a\nmatch any reply", NULL },
	};
	struct rules *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&said);
		assert_int_equal(rules_parse(rows[i].rules, "r", NULL, say,
				     NULL, &r),
		    ERR_CONFIG);
		if (rows[i].want != NULL &&
		    strcmp(said.data, rows[i].want) != 0)
			fail_msg("%s:\n%s not\n%s", rows[i].rules, said.data,
			    rows[i].want);
	}
	/* All of them are told, each in its line. */
	assert_non_null(strstr(said.data, "r:1:11: "));
	assert_null(strstr(said.data, "r:2:"));
	assert_non_null(strstr(said.data, "r:3:16: "));
}

static void
names_are_known_to_the_settings(void **state)
{
	static const char conf[] = "[hours shop]\nmon=09:00-17:00\n"
				   "[profile orders]\nmodel=x\n"
				   "[reply hello]\nen=Hello\n";
	static const char good[] = "match inside hours shop profile orders "
				   "reply hello\nmatch any reply holding\n";
	static const char bad[] = "match inside hours shpo tag a\n"
				  "match any profile order\n"
				  "match any reply helo\nmatch any reply zzz\n";
	char path[] = "/tmp/unit-rules.XXXXXX";
	struct conf *c;
	struct rules *r;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(file_put(path, conf, strlen(conf), 0600), 0);
	assert_int_equal(conf_open_file(path, &c), 0);
	assert_int_equal(rules_parse(good, "r", c, say, NULL, &r), 0);
	rules_free(r);
	buf_reset(&said);
	assert_int_equal(rules_parse(bad, "r", c, say, NULL, &r), ERR_CONFIG);
	assert_string_equal(said.data,
	    "r:1:20: there is no [hours shpo] in the settings, did you mean "
	    "shop?\n"
	    "r:2:19: there is no [profile order] in the settings, did you "
	    "mean orders?\n"
	    "r:3:17: there is no [reply helo] in the settings, did you mean "
	    "hello?\n"
	    "r:4:17: there is no [reply zzz] in the settings\n");
	conf_close(c);
	unlink(path);
}

static char *
printed(const char *text)
{
	struct rules *r = parsed(text);
	struct buf b = BUF_INIT(0);

	rules_print(r, &b);
	rules_free(r);
	return buf_detach(&b);
}

static void
printing_and_reading_agree(void **state)
{
	static const char rules[] =
	    "set s = \"a \\\"b\\\" \\\\\", /x\\/y\\d/sc\n"
	    "l: match  text $s,  \"z\"  not kind voice, text language pt-BR "
	    "outside hours once per closed period tag a,b escalate "
	    "reply \"line\\nline\" assign team \"north east\" no-ai stop\n"
	    "match not inside hours \"once\" first message with priority low "
	    "owner ai tagged \"x y\" once untag c priority high profile p\n";
	char *once_printed = printed(rules), *twice = printed(once_printed);

	(void)state;
	assert_string_equal(once_printed, twice);
	assert_string_equal(once_printed,
	    "set s = \"a \\\"b\\\" \\\\\", /x\\/y\\d/sc\n"
	    "l: match text $s, \"z\" not kind voice, text language pt-BR "
	    "outside hours once per closed period tag a tag b escalate "
	    "\"rule\" reply \"line\\nline\" assign team \"north east\" no-ai "
	    "stop\n"
	    "match outside hours \"once\" first message with priority low "
	    "owner ai tagged \"x y\" once untag c priority high profile p\n");
	free(once_printed);
	free(twice);
}

/* An expression that would run for ages is given up, and says so. */
static void
costly_expressions_end(void **state)
{
	struct rules *r = parsed("slow: match text /^(a+)+$/ tag a\n"
				 "match text \"aaa\" tag b");
	char text[4096];
	struct rules_reading *f;
	int64_t start = mono_ms();

	(void)state;
	memset(text, 'a', sizeof(text) - 2);
	text[sizeof(text) - 2] = '!';
	text[sizeof(text) - 1] = '\0';
	f = rules_read(r, text);
	assert_string_equal(rules_gave_up(f), "slow");
	assert_true(mono_ms() - start < 1000);
	rules_reading_free(f);
	f = rules_read(r, "aaa");
	assert_null(rules_gave_up(f));
	rules_reading_free(f);
	rules_free(r);
}

struct ask {
	const char *text;
	int human;
};

static void
the_shipped_rules(void **state)
{
	static const struct ask asks[] = {
		{ "I want to talk to a human please", 1 },
		{ "Can I speak with a real person?", 1 },
		{ "agent", 1 },
		{ "please connect me to somebody from your team who is staff",
		    1 },
		{ "Quiero hablar con una persona", 1 },
		{ "¿me puede atender un agente?", 1 },
		{ "pásame con un asesor", 1 },
		{ "Kann ich bitte mit einem Mitarbeiter sprechen?", 1 },
		{ "Ich möchte mit jemandem reden", 1 },
		{ "verbinden Sie mich mit einem Menschen", 1 },
		{ "je voudrais parler à un conseiller", 1 },
		{ "parler à quelqu'un svp", 1 },
		{ "quero falar com um atendente", 1 },
		{ "Posso falar com alguém?", 1 },
		{ "vorrei parlare con un operatore", 1 },
		{ "ik wil met een medewerker spreken", 1 },
		{ "How do I return a parcel?", 0 },
		{ "Is the agent fee refundable?", 0 },
		{ "what does human resources do", 0 },
		{ "¿Cuánto cuesta el envío por persona?", 0 },
		{ "Wie lange dauert der Versand?", 0 },
		{ "Gilt das Angebot pro Person?", 0 },
		{ "quel est le prix par personne ?", 0 },
		{ "quanto custa por pessoa", 0 },
	};
	struct world w = { .first = 1 };
	struct rules_facts facts = facts_of(&w);
	char *got, want[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		snprintf(want, sizeof(want), "%s",
		    asks[i].human ?
			"escalate asked for a person, reply holding" :
			"");
		got = effects(rules_default, asks[i].text, &facts);
		if (strcmp(got, want) != 0)
			fail_msg("%s: %s", asks[i].text, got);
		free(got);
	}
	facts.kind = "image";
	got = effects(rules_default, NULL, &facts);
	assert_string_equal(got,
	    "escalate a message that the AI cannot read, reply unsupported");
	free(got);
	/* What is spoken may be written down yet. */
	facts.kind = "voice";
	got = effects(rules_default, NULL, &facts);
	assert_string_equal(got, "");
	free(got);
}

/* Words are found by one automaton: hold it against plain search. */
static void
many_words_at_once(void **state)
{
	static const char *const parts[] = { "a", "b", "ab", "ba", "aab", "é" };
	char *words[200], text[64], rule[128];
	struct rules *all, *one;
	struct rules_reading *f, *g;
	struct rules_result ra, rb;
	struct world w = { .first = 1 };
	struct rules_facts facts = facts_of(&w);
	struct buf b = BUF_INIT(0);
	unsigned seed = 7;
	size_t i, j, k;

	(void)state;
	for (i = 0; i < 200; i++) {
		words[i] = xformat("%s%s%s %s", parts[rand_r(&seed) % 6],
		    parts[rand_r(&seed) % 6], parts[rand_r(&seed) % 6],
		    parts[rand_r(&seed) % 6]);
		buf_addf(&b, "w%zu: match text \"%s\" tag \"w%zu\"\n", i,
		    words[i], i);
	}
	all = parsed(b.data);
	for (k = 0; k < 200; k++) {
		snprintf(text, sizeof(text), "%s %s, %s %s%s",
		    words[rand_r(&seed) % 200], words[rand_r(&seed) % 200],
		    parts[rand_r(&seed) % 6], parts[rand_r(&seed) % 6],
		    parts[rand_r(&seed) % 6]);
		f = rules_read(all, text);
		assert_int_equal(rules_apply(all, f, &facts, &ra), 0);
		for (i = 0; i < 200; i++) {
			snprintf(rule, sizeof(rule),
			    "w%zu: match text \"%s\" tag a", i, words[i]);
			if (k > 20 && i % 10 != 0)
				continue;
			one = parsed(rule);
			g = rules_read(one, text);
			assert_int_equal(rules_apply(one, g, &facts, &rb), 0);
			for (j = 0; j < ra.nfired; j++) {
				snprintf(rule, sizeof(rule), "w%zu", i);
				if (strcmp(ra.fired[j], rule) == 0)
					break;
			}
			assert_int_equal(rb.nfired, j < ra.nfired);
			rules_result_release(&rb);
			rules_reading_free(g);
			rules_free(one);
		}
		rules_result_release(&ra);
		rules_reading_free(f);
	}
	for (i = 0; i < 200; i++)
		free(words[i]);
	rules_free(all);
	buf_release(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_folded_and_whole),
		cmocka_unit_test(expressions),
		cmocka_unit_test(conditions),
		cmocka_unit_test(later_ones_replace),
		cmocka_unit_test(once),
		cmocka_unit_test(names_of_rules),
		cmocka_unit_test(errors_of_facts_come_through),
		cmocka_unit_test(errors_have_their_place),
		cmocka_unit_test(names_are_known_to_the_settings),
		cmocka_unit_test(printing_and_reading_agree),
		cmocka_unit_test(costly_expressions_end),
		cmocka_unit_test(the_shipped_rules),
		cmocka_unit_test(many_words_at_once),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buf_release(&said);
	return failed;
}
