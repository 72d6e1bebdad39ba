/* The rule language: what parses, what fires, what comes of it. */
#include <dirent.h>
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
#include "base/utf8.h"
#include "rules/own.h"
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
	struct rules_facts f = { .occasion = RULES_MESSAGE,
		.kind = "text",
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

/* What a desk would answer, of which each test looks at a part. */
static int
world_ask(void *ctx, enum rules_question what)
{
	(void)ctx;
	return what == ASK_NEW || what == ASK_BLOCKED;
}

static int
world_number(void *ctx, enum rules_number what, double *ret)
{
	(void)ctx;
	*ret = what == NUMBER_COUNT ? 3 : what == NUMBER_RATING ? 2 : 0.4;
	return 1;
}

static int
world_attribute(void *ctx, const char *name, char **ret)
{
	(void)ctx;
	if (strcmp(name, "tier") != 0 && strcmp(name, "age") != 0)
		return 0;
	*ret = xstrdup(strcmp(name, "tier") == 0 ? "Größe" : "42");
	return 1;
}

static int
world_intent(void *ctx, const char *name, double *ret)
{
	(void)ctx;
	*ret = 0.7;
	return strcmp(name, "order_status") == 0;
}

static int
world_sentiment(void *ctx, const char **ret_label, double *ret)
{
	(void)ctx;
	*ret_label = "negative";
	*ret = -0.6;
	return 1;
}

static struct rules_facts
all_facts(struct world *w)
{
	struct rules_facts f = facts_of(w);

	f.status = "open";
	f.team = "sales";
	f.contact = "abcdefgh";
	f.name = "Ana Núñez";
	f.ad = "ad 7";
	f.tags = "old,vip";
	f.ask = world_ask;
	f.number = world_number;
	f.attribute = world_attribute;
	f.intent = world_intent;
	f.sentiment = world_sentiment;
	return f;
}

/* The effects of rules on a text, as "kind value, ..." */
static char *
effects(const char *rules, const char *text, const struct rules_facts *facts)
{
	static const char *const names[] = { "tag", "untag", "priority",
		"profile", "sla", "attribute", "ai on", "ai off", "ai pause",
		"escalate", "assign", "team", "reply", "text", "template",
		"survey", "notify", "webhook", "run", "snooze", "resolve",
		"archive", "no-ai" };
	struct rules *r = parsed(rules);
	struct rules_reading *f = rules_read(r, text);
	struct rules_result result;
	struct buf b = BUF_INIT(0);
	size_t i;

	assert_int_equal(rules_apply(r, f, facts, &result), 0);
	for (i = 0; i < result.count; i++) {
		buf_addf(&b, "%s%s %s", i > 0 ? ", " : "",
		    names[result.effects[i].kind], result.effects[i].value);
		if (*result.effects[i].more != '\0')
			buf_addf(&b, "=%s", result.effects[i].more);
		if (result.effects[i].ms != 0)
			buf_addf(&b, "%llds",
			    (long long)result.effects[i].ms / 1000);
	}
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

/* Each row is asked of what its conditions belong to. */
static void
more_conditions(void **state)
{
	static const struct {
		const char *condition;
		enum rules_occasion occasion;
		int holds;
	} rows[] = {
		{ "status open", RULES_MESSAGE, 1 },
		{ "status snoozed, resolved", RULES_MESSAGE, 0 },
		{ "team sales", RULES_MESSAGE, 1 },
		{ "team none", RULES_MESSAGE, 0 },
		{ "assignee none", RULES_MESSAGE, 1 },
		{ "assignee ana", RULES_MESSAGE, 0 },
		{ "contact abcdefgh", RULES_MESSAGE, 1 },
		{ "contact \"ana nunez\"", RULES_MESSAGE, 1 },
		{ "contact ana", RULES_MESSAGE, 0 },
		{ "attribute tier", RULES_MESSAGE, 1 },
		{ "attribute nothing", RULES_MESSAGE, 0 },
		{ "not attribute nothing", RULES_MESSAGE, 1 },
		{ "attribute tier = gold, GROSSE", RULES_MESSAGE, 1 },
		{ "attribute tier != gold", RULES_MESSAGE, 1 },
		{ "attribute nothing != gold", RULES_MESSAGE, 0 },
		{ "attribute age > 41.5", RULES_MESSAGE, 1 },
		{ "attribute age >= 43", RULES_MESSAGE, 0 },
		{ "attribute tier > 1", RULES_MESSAGE, 0 },
		{ "new conversation", RULES_MESSAGE, 1 },
		{ "reopened", RULES_MESSAGE, 0 },
		{ "message count > 2", RULES_MESSAGE, 1 },
		{ "message count >3", RULES_MESSAGE, 0 },
		{ "message count = 3", RULES_MESSAGE, 1 },
		{ "message count != 3", RULES_MESSAGE, 0 },
		{ "message count <= 3", RULES_MESSAGE, 1 },
		{ "ad", RULES_MESSAGE, 1 },
		{ "ad \"ad 7\"", RULES_MESSAGE, 1 },
		{ "ad \"ad 8\", \"9\"", RULES_MESSAGE, 0 },
		{ "intent order_status", RULES_MESSAGE, 1 },
		{ "intent order_status > 0.6", RULES_MESSAGE, 1 },
		{ "intent order_status > 0.7", RULES_MESSAGE, 0 },
		{ "intent refund, order_status >= 0.7", RULES_MESSAGE, 1 },
		{ "intent refund", RULES_MESSAGE, 0 },
		{ "sentiment negative", RULES_MESSAGE, 1 },
		{ "sentiment neutral, positive", RULES_MESSAGE, 0 },
		{ "sentiment < -0.5", RULES_MESSAGE, 1 },
		{ "sentiment <-0.6", RULES_MESSAGE, 0 },
		{ "opted out", RULES_MESSAGE, 0 },
		{ "blocked", RULES_MESSAGE, 1 },
		{ "idle 30m", RULES_IDLE, 1 },
		{ "idle 31m", RULES_IDLE, 0 },
		{ "idle 30m", RULES_MESSAGE, 0 },
		{ "not idle 31m", RULES_IDLE, 1 },
		{ "waiting 30m tagged vip", RULES_WAITING, 1 },
		{ "waiting 30m not tagged vip", RULES_WAITING, 0 },
		{ "waiting 30m", RULES_IDLE, 0 },
		{ "window closes in 30m", RULES_WINDOW, 1 },
		{ "sla due within 30m", RULES_SLA, 1 },
		{ "sla due within 31m", RULES_SLA, 0 },
		{ "sla next-response due within 30m tagged vip", RULES_SLA, 1 },
		{ "sla first-response due within 30m", RULES_SLA, 0 },
		{ "not sla resolution due within 30m", RULES_SLA, 1 },
		{ "sla missed", RULES_SLA, 0 },
		{ "sla due within 30m", RULES_WAITING, 0 },
		{ "ai confidence < 0.5", RULES_ANSWER, 1 },
		{ "ai confidence > 0.5", RULES_ANSWER, 0 },
		{ "rated <= 2", RULES_RATING, 1 },
		{ "rated", RULES_RATING, 1 },
		{ "rated > 2 and tagged vip", RULES_RATING, 0 },
		{ "any", RULES_RATING, 0 },
		{ "tagged vip", RULES_IDLE, 0 },
	};
	struct world w = { .first = 1, .open = 1 };
	struct rules_facts facts = all_facts(&w);
	char *rule, *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		facts.occasion = rows[i].occasion;
		facts.after_ms = 1800000;
		facts.target = "next-response";
		rule = xformat("match %s tag yes", rows[i].condition);
		got = effects(rule, "x", &facts);
		if ((strcmp(got, "tag yes") == 0) != rows[i].holds)
			fail_msg("%s: \"%s\"", rule, got);
		free(got);
		free(rule);
	}
}

/* What nobody knows does not hold, whatever it is compared with. */
static void
unknown_facts_do_not_hold(void **state)
{
	static const char *const conditions[] = { "attribute tier",
		"attribute tier != gold", "intent x", "intent x < 1",
		"sentiment neutral", "sentiment < 1", "new conversation",
		"message count >= 0", "ad", "opted out", "blocked", "contact x",
		"status open", NULL };
	struct world w = { .first = 1 };
	struct rules_facts facts = facts_of(&w);
	char *rule, *got;
	size_t i;

	(void)state;
	for (i = 0; conditions[i] != NULL; i++) {
		rule = xformat("match %s tag yes", conditions[i]);
		got = effects(rule, "x", &facts);
		assert_string_equal(got, "");
		free(got);
		free(rule);
	}
}

static void
and_or_not(void **state)
{
	static const struct {
		const char *conditions;
		int holds;
	} rows[] = {
		/* a and b hold, x and y do not. */
		{ "tagged a tagged b", 1 },
		{ "tagged a and tagged b", 1 },
		{ "tagged a tagged x", 0 },
		{ "tagged x or tagged a", 1 },
		{ "tagged x or tagged y", 0 },
		{ "tagged x tagged y or tagged a", 1 },
		{ "tagged x and (tagged y or tagged a)", 0 },
		{ "tagged a and (tagged y or tagged b)", 1 },
		{ "(tagged x or tagged a)(tagged y or tagged b)", 1 },
		{ "not (tagged x or tagged y)", 1 },
		{ "not(tagged x or tagged a)", 0 },
		{ "not (tagged a tagged x)", 1 },
		{ "tagged a and not tagged x", 1 },
		{ "not tagged a or not tagged x", 1 },
		{ "((tagged a))", 1 },
		{ "tagged a, x or tagged x", 1 },
		{ "tagged x or(tagged a and(tagged b))", 1 },
		{ "tagged a and not (tagged b and not (tagged x))", 0 },
	};
	struct world w = { .first = 1 };
	struct rules_facts facts = facts_of(&w);
	char *rule, *got;
	size_t i;

	(void)state;
	facts.tags = "a,b";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rule = xformat("match %s tag yes", rows[i].conditions);
		got = effects(rule, "x", &facts);
		if ((strcmp(got, "tag yes") == 0) != rows[i].holds)
			fail_msg("%s: \"%s\"", rule, got);
		free(got);
		free(rule);
	}
}

/* Each branch of an `or` is asked of its own; a general one of messages. */
static void
branches_have_their_occasions(void **state)
{
	static const struct {
		const char *conditions;
		unsigned holds_on;
	} rows[] = {
		{ "idle 30m or tagged vip", RULES_IDLE | RULES_MESSAGE },
		{ "idle 31m or tagged vip", RULES_MESSAGE },
		{ "(idle 31m or tagged vip) and owner ai", RULES_MESSAGE },
		{ "(idle 31m or owner queue) and tagged vip", 0 },
		{ "idle 30m and (tagged vip or tagged x)", RULES_IDLE },
		{ "idle 30m or waiting 30m", RULES_IDLE | RULES_WAITING },
		{ "tagged vip and (text \"x\" or waiting 30m)",
		    RULES_MESSAGE | RULES_WAITING },
		{ "tagged x or rated < 3", RULES_RATING },
		{ "not (idle 31m or tagged x)", RULES_IDLE | RULES_MESSAGE },
		{ "(any or text \"b\") (any or text \"d\")", RULES_MESSAGE },
		{ "(tagged vip or text \"a\") (instance ny or text \"x\")",
		    RULES_MESSAGE },
		{ "(any or text \"a\") (any or idle 30m)",
		    RULES_MESSAGE | RULES_IDLE },
		{ "(any or text \"a\") (tagged x or idle 30m)", RULES_IDLE },
		{ "(any or (any or text \"a\")) and not (tagged x or idle 31m)",
		    RULES_MESSAGE | RULES_IDLE },
	};
	static const enum rules_occasion all[] = { RULES_MESSAGE, RULES_IDLE,
		RULES_WAITING, RULES_WINDOW, RULES_ANSWER, RULES_RATING,
		RULES_INSTANCE };
	struct world w = { .first = 1 };
	struct rules_facts facts = all_facts(&w);
	char *rule, *got;
	size_t i, j;

	(void)state;
	facts.after_ms = 1800000;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rule = xformat("match %s tag yes", rows[i].conditions);
		for (j = 0; j < sizeof(all) / sizeof(all[0]); j++) {
			facts.occasion = all[j];
			got = effects(rule, "x", &facts);
			if ((strcmp(got, "tag yes") == 0) !=
			    ((rows[i].holds_on & all[j]) != 0))
				fail_msg("%s on %d: \"%s\"", rule, all[j], got);
			free(got);
		}
		free(rule);
	}
}

static void
sets_stand_everywhere(void **state)
{
	static const struct {
		const char *rules, *want;
	} rows[] = {
		{ "set s = \"hello\", bye, /x{3}/\nmatch text $s tag a",
		    "tag a" },
		{ "set s = vip, gold\nmatch tagged $s tag a", "tag a" },
		{ "set s = vip\nset t = gold, $s\nmatch tagged x, $t tag a",
		    "tag a" },
		{ "set s = a, b\nmatch any tag $s, c", "tag a, tag b, tag c" },
		{ "set s = text, voice\nmatch kind $s tag a", "tag a" },
		{ "set p = high\nmatch any priority $p", "priority high" },
		{ "set p = high\nmatch any reply $p", "reply high" },
		{ "set p = \"high\"\nmatch any reply $p escalate $p",
		    "escalate high, text high" },
		{ "set h = shop\nmatch inside hours $h tag a", "tag a" },
		{ "set n = 2\nmatch message count > $n tag a", "tag a" },
		{ "set d = 2h\nmatch any snooze $d", "snooze 7200s" },
		{ "set s = Grosse\nmatch attribute tier = $s tag a", "tag a" },
		{ "set i = refund, order_status\nmatch intent $i > 0.5 tag a",
		    "tag a" },
		{ "set vip if tagged vip or tagged gold\n"
		  "match $vip and not $vip tag a\nmatch not $vip tag b\n"
		  "match $vip kind text tag c",
		    "tag c" },
		{ "set a if tagged x\nset b if $a or tagged vip\n"
		  "match $b tag a",
		    "tag a" },
		{ "set v if tagged vip\nmatch inside hours $v tag a", "tag a" },
	};
	struct world w = { .first = 1, .open = 1 };
	struct rules_facts facts = all_facts(&w);
	char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = effects(rows[i].rules, "hello bye", &facts);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", rows[i].rules, got,
			    rows[i].want);
		free(got);
	}
}

static void
more_actions(void **state)
{
	(void)state;
	expect("match any ai on", "x", "ai on ");
	expect("match any ai on ai off", "x", "ai off ");
	expect("match any ai pause for 2h", "x", "ai pause 7200s");
	expect("match any ai pause stop", "x", "ai pause ");
	expect("match any sla gold", "x", "sla gold");
	expect("match any sla gold sla none", "x", "sla none");
	expect("match any sla \"due\" tag a", "x", "tag a, sla due");
	expect("match any tag sla sla default", "x", "tag sla, sla default");
	expect("match any template hello", "x", "template hello");
	expect("match any template hello es", "x", "template hello=es");
	expect("match any template hello en_US tag a", "x",
	    "tag a, template hello=en_US");
	expect("match any template hello run x", "x", "template hello, run x");
	expect("match any template hello reply x", "x", "reply x");
	expect("match any notify leads, ana webhook crm run \"my tool\"", "x",
	    "notify leads, notify ana, webhook crm, run my tool");
	expect("match any notify ana\nmatch any notify ana, bo", "x",
	    "notify ana, notify bo");
	expect("match any snooze 90m", "x", "snooze 5400s");
	expect("match any snooze until opening", "x", "snooze ");
	expect("match any snooze 1h\nmatch any resolve", "x", "resolve ");
	expect("match any resolve\nmatch any archive", "x", "archive ");
	expect("match any set attribute tier gold set attribute b \"c d\"", "x",
	    "attribute tier=gold, attribute b=c d");
	expect("match any set attribute a 1\nmatch any set attribute a 2", "x",
	    "attribute a=2");
	expect("match any survey", "x", "survey ");
	expect("match any assign team a round robin tag b", "x",
	    "tag b, team a=round robin");
	expect("match any assign team a least loaded", "x",
	    "team a=least loaded");
	expect("match any reply \"Hi {first_name|there}, {opening}\"", "x",
	    "text Hi {first_name|there}, {opening}");
	expect("match any tag survey, status assign notify", "x",
	    "tag survey, tag status, assign notify");
}

/* Names that were names before they were words stay names. */
static void
files_of_before_keep_their_meaning(void **state)
{
	struct world w = { .open = 1 };
	struct rules_facts facts = facts_of(&w);
	char *got;

	(void)state;
	facts.tags = "waiting,or,ad,a(b),x)";
	got = effects("match tagged waiting, or tagged ad tagged a(b), c "
		      "tagged x) tag idle, run(y)",
	    "x", &facts);
	assert_string_equal(got, "tag idle, tag run(y)");
	free(got);
	/* Hours by the name of a word of before. */
	got = effects("match inside hours \"waiting\" tag a", "x", &facts);
	assert_string_equal(got, "tag a");
	assert_string_equal(w.asked, "waiting");
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

/* Of several replies to one message: that of opt_out, of a hand-over, another. */
static void
weightier_replies_stand(void **state)
{
#define OPT "opt_out: match text \"stop\" escalate reply bye\n"
#define HUMAN "human: match text \"human\" escalate \"asked\" reply holding\n"
	static const struct {
		const char *rules, *text, *want;
	} rows[] = {
		{ HUMAN "match any reply closed", "human",
		    "escalate asked, reply holding" },
		{ HUMAN "match any reply closed", "x", "reply closed" },
		{ "match any reply closed\n" HUMAN, "human",
		    "escalate asked, reply holding" },
		{ HUMAN "match any reply \"hi\"", "human",
		    "escalate asked, reply holding" },
		{ HUMAN "match any template t", "human",
		    "escalate asked, reply holding" },
		{ HUMAN "match any reply a escalate", "human",
		    "escalate asked, reply a" },
		{ HUMAN "match any reply a assign team t", "human",
		    "escalate asked, team t, reply a" },
		{ "match any reply a assign ana\nmatch any reply b", "x",
		    "assign ana, reply a" },
		{ "match any ai off reply a\nmatch any reply b", "x",
		    "ai off , reply b" },
		{ "match any escalate\nmatch any reply closed", "x",
		    "escalate rule, reply closed" },
		{ HUMAN "match any survey", "human",
		    "escalate asked, reply holding, survey " },
		{ OPT "match any reply closed", "stop",
		    "escalate rule, reply bye" },
		{ OPT "match any escalate \"e\" reply closed", "stop",
		    "escalate rule, reply bye" },
		{ "match any escalate \"e\" reply closed\n" OPT, "stop",
		    "escalate e, reply bye" },
		{ OPT "match any survey template t tag a", "stop",
		    "tag a, escalate rule, reply bye" },
		{ OPT "match any survey template t tag a", "x",
		    "tag a, template t, survey " },
		{ "opt_out: match any tag out\nmatch any reply closed", "x",
		    "tag out" },
		{ "match any reply closed survey\nopt_out: match any survey",
		    "x", "survey " },
		{ "match any reply \"a\"\nopt_out: match any template t\n"
		  "match any reply b",
		    "x", "template t" },
	};
#undef OPT
#undef HUMAN
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].rules, rows[i].text, rows[i].want);
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
	assert_string_equal(result.fired[0].name, "hi");
	assert_string_equal(result.fired[1].name, "4");
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
		{ "set f file \"gone\"\nmatch text $f tag a\nmatch $f tag b",
		    "r:1:12: no other file may be read from here\n" },
		{ "match with priority hi tag a",
		    "r:1:21: 'hi' is not a priority: there are low, medium, "
		    "high and urgent\n" },
		{ "match owner human tag a",
		    "r:1:13: 'human' is not an owner: there are ai, queue and "
		    "user\n" },
		{ "match sentiment angry tag a",
		    "r:1:17: 'angry' is not negative, neutral, positive or a "
		    "comparison\n" },
		{ "match TEXT \"a\" tag b",
		    "r:1:7: 'TEXT' is no condition, did you mean text?\n" },
		{ "TEXT \"a\" tag b",
		    "r:1:1: a line begins with match or set; the one above may "
		    "lack its \\ at the end\n" },
		{ "match text \u201crefund\u201d tag b",
		    "r:1:12: \"words\", /an expression/ or $SET is wanted here, "
		    "found '\u201crefund\u201d' (a quote here is a plain \")\n" },
		{ "match message count=3 tag b",
		    "r:1:15: 'count' is wanted here with a blank behind it, "
		    "found 'count=3'\n" },
		{ "match rated>3 tag b",
		    "r:1:7: 'rated>3': a blank stands behind rated\n" },
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
		{ "match any and tag a",
		    "r:1:15: a condition is wanted here, found 'tag'\n" },
		{ "match any or",
		    "r:1:13: a condition is wanted here, found "
		    "the end of the rule\n" },
		{ "match (any tag a",
		    "r:1:12: 'and', 'or' or ')' is wanted "
		    "here, found 'tag'\n" },
		{ "match (any", "r:1:7: the closing ) is missing\n" },
		{ "match (any)) tag a", "r:1:12: this ) closes nothing\n" },
		{ "match any ) tag a",
		    "r:1:11: ')': a parenthesis opens before a condition and "
		    "closes behind one\n" },
		{ "match () tag a",
		    "r:1:8: a condition is wanted here, found ')'\n" },
		{ "match not not any tag a",
		    "r:1:11: one 'not' is enough before a condition\n" },
		{ "match statsu open tag a",
		    "r:1:7: 'statsu' is no condition, did you mean status?\n" },
		{ "match status opne tag a",
		    "r:1:14: 'opne' is not a status, did you mean open?\n" },
		{ "match message cuont > 3 tag a",
		    "r:1:15: 'count' is wanted here, found 'cuont'\n" },
		{ "match message count tag a",
		    "r:1:21: a comparison such as < 0.5 or >= 3 is wanted here "
		    "(with blanks around it), found 'tag'\n" },
		{ "match message count > many tag a",
		    "r:1:23: 'many' is no number\n" },
		{ "match sentiment < -2 tag a",
		    "r:1:19: a number from -1 to 1 is wanted here\n" },
		{ "match sentiment angry tag a",
		    "r:1:17: 'angry' is not negative, neutral, positive or a "
		    "comparison\n" },
		{ "match sentiment nagative tag a",
		    "r:1:17: 'nagative' is not negative, neutral, positive or "
		    "a comparison, did you mean negative?\n" },
		{ "match intent > 0.5 tag a",
		    "r:1:14: the name of an intent is wanted here, found "
		    "'>'\n" },
		{ "match rated > 7 tag a",
		    "r:1:15: a number from 1 to 5 is wanted here\n" },
		{ "match idle soon tag a",
		    "r:1:12: 'soon' is no duration, such as 90s, 30m, 2h or "
		    "7d\n" },
		{ "match idle 1ms tag a",
		    "r:1:12: a duration is from 1s to 3660d here\n" },
		{ "match window closes soon tag a",
		    "r:1:21: 'in' is wanted here, found 'soon'\n" },
		{ "match sla tag a",
		    "r:1:11: first-response, next-response, resolution, missed "
		    "or due within is wanted here, found 'tag'\n" },
		{ "match sla resolution tag a",
		    "r:1:22: 'missed' or 'due within' is wanted here, found "
		    "'tag'\n" },
		{ "match sla due in 5m tag a",
		    "r:1:15: 'within' is wanted here, found 'in'\n" },
		{ "match sla due within tag a",
		    "r:1:22: 'tag' is no duration, such as 90s, 30m, 2h or "
		    "7d\n" },
		{ "match sla missed waiting 5m tag a",
		    "r:1:18: 'sla' and 'waiting' never hold at once: one is "
		    "asked of a timer of what is promised, the other of a timer "
		    "of waiting time; put them in two "
		    "rules, or 'or' between them\n" },
		{ "match any sla a, b",
		    "r:1:16: one name is wanted, not several\n" },
		{ "match attribute = x tag a",
		    "r:1:17: the name of an attribute is wanted here, found "
		    "'='\n" },
		{ "match attribute age > old tag a",
		    "r:1:23: 'old' is no number\n" },
		{ "match idle 30m text \"x\" tag a",
		    "r:1:16: 'idle' and 'text' never hold at once: one is "
		    "asked of a timer of idle time, the other of a message; put them in two "
		    "rules, or 'or' between them\n" },
		{ "match idle 30m waiting 1h tag a",
		    "r:1:16: 'idle' and 'waiting' never hold at once: one is "
		    "asked of a timer of idle time, the other of a timer of "
		    "waiting time; put them in two rules, or 'or' between them\n" },
		{ "match rated < 3 and ai confidence < 0.5 tag a",
		    "r:1:21: 'rated' and 'ai confidence' never hold at once: "
		    "one is asked of a rating, the other of an answer of the "
		    "AI; put them in two rules, or 'or' between them\n" },
		{ "match (text \"x\" or tagged y) and idle 30m tag a",
		    "r:1:8: 'text' and 'idle' never hold at once: one is asked "
		    "of a message, the other of a timer of idle time; put them in two "
		    "rules, or 'or' between them\n" },
		{ "match instance trouble tagged x notify a",
		    "r:1:24: 'instance trouble' and 'tagged' never hold at "
		    "once: one is asked of the trouble of an instance, the "
		    "other of a message; put them in two rules, or 'or' "
		    "between them\n" },
		{ "match instance trouble tag a",
		    "r:1:24: 'tag' needs a conversation, and the trouble of an "
		    "instance has none: notify, webhook or run\n" },
		{ "match idle 30m no-ai",
		    "r:1:16: 'no-ai' is about the answer to a message, and "
		    "this rule is not asked of one: ai off or ai pause\n" },
		{ "match any ai stop",
		    "r:1:14: 'on', 'off' or 'pause' is wanted here, found "
		    "'stop'\n" },
		{ "match any snooze tag a",
		    "r:1:18: 'tag' is no duration, such as 90s, 30m, 2h or "
		    "7d\n" },
		{ "match any snooze until monday",
		    "r:1:24: 'opening' is wanted here, found 'monday'\n" },
		{ "match any notify resolve",
		    "r:1:18: the name of a person, a team or a channel is "
		    "wanted here; 'resolve' is a word of the language (as a "
		    "name it needs quotes: \"resolve\")\n" },
		{ "match any set tier gold",
		    "r:1:15: 'attribute' is wanted here, found 'tier'\n" },
		{ "match any set attribute tier",
		    "r:1:29: a value is wanted here, found the end of the "
		    "rule\n" },
		{ "match any assign team a round",
		    "r:1:30: 'robin' is wanted here, found the end of the "
		    "rule\n" },
		{ "match any assign team a, b",
		    "r:1:24: one name is wanted, not several\n" },
		{ "match any reply \"Hi {frist_name}\"",
		    "r:1:17: there is no {frist_name} to be filled in, did you "
		    "mean {first_name}?\n" },
		{ "match any reslove",
		    "r:1:11: 'reslove' is no action, did you mean resolve?\n" },
		{ "match any tag a snoze 1h",
		    "r:1:17: 'snoze' is no action, did you mean snooze?\n" },
		{ "set s = a, b\nmatch any priority $s",
		    "r:2:20: a priority is wanted here, and $s has several "
		    "values\n" },
		{ "set s = /x/\nmatch tagged $s tag a",
		    "r:2:14: a tag is wanted here, and $s has an "
		    "expression\n" },
		{ "set s = voise\nmatch kind $s tag a",
		    "r:2:12: 'voise' (of $s) is not a kind of message, did you "
		    "mean voice?\n" },
		{ "set s = \"x\", \"!?\"\nmatch text $s tag a",
		    "r:1:14: \"!?\": there is no word in it (an expression is "
		    "written /.../)\n" },
		{ "set s = a\nmatch $s tag a",
		    "r:2:7: $s stands for values, and a condition is wanted "
		    "here\n" },
		{ "set s if any\nmatch tagged $s tag a",
		    "r:2:14: $s stands for a condition, and a value is wanted "
		    "here\n" },
		{ "set s if any tag a",
		    "r:1:14: the end is wanted here, found 'tag'\n" },
		{ "set s = a\nset s = b", "r:2:7: there is a set s already\n" },
		{ "set s file \"x\"",
		    "r:1:12: no other file may be read from here\n" },
		{ "include \"x\"",
		    "r:1:9: no other file may be read from here\n" },
		{ "inclde \"x\"", "r:1:1: 'inclde': did you mean include?\n" },
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

static struct rules *
opened(const char *dir, const char *text)
{
	char *path = xformat("%s/rules", dir);
	struct rules *r = NULL;

	buf_reset(&said);
	assert_int_equal(file_put(path, text, strlen(text), 0600), 0);
	if (rules_open(path, NULL, say, NULL, &r) != 0)
		r = NULL;
	free(path);
	return r;
}

static void
put(const char *dir, const char *name, const char *text)
{
	char *path = xformat("%s/%s", dir, name);

	assert_int_equal(file_put(path, text, strlen(text), 0600), 0);
	free(path);
}

/* What was told, without the folder of the test. */
static void
told(const char *dir, const char *want)
{
	struct buf b = BUF_INIT(0);
	const char *p = said.data != NULL ? said.data : "", *at;

	while ((at = strstr(p, dir)) != NULL) {
		buf_add(&b, p, (size_t)(at - p));
		p = at + strlen(dir) + 1;
	}
	buf_adds(&b, p);
	assert_string_equal(b.data, want);
	buf_release(&b);
}

static void
remove_all(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	char *path;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		path = xformat("%s/%s", dir, entry->d_name);
		if (*entry->d_name != '.')
			assert_int_equal(unlink(path), 0);
		free(path);
	}
	closedir(d);
	assert_int_equal(rmdir(dir), 0);
}

static void
other_files(void **state)
{
	char dir[] = "/tmp/unit-rules.XXXXXX", *many;
	struct world w = { .first = 1 };
	struct rules_facts facts = facts_of(&w);
	struct rules_reading *f;
	struct rules_result result;
	struct rules *r;
	struct buf deep = BUF_INIT(0);
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	put(dir, "words", "# what people call it\n\nMoney back\r\n  refund \n");
	put(dir, "more", "match text \"hello\" tag hi\n");
	r = opened(dir,
	    "set refund file \"words\"\ninclude more\n"
	    "match text $refund tag billing\n");
	assert_non_null(r);
	f = rules_read(r, "hello, my MONEY-back");
	assert_int_equal(rules_apply(r, f, &facts, &result), 0);
	assert_int_equal(result.nfired, 2);
	assert_string_equal(result.fired[0].name, "more:1");
	assert_string_equal(result.fired[1].name, "3");
	rules_result_release(&result);
	rules_reading_free(f);
	rules_free(r);

	/* Each with its own place. */
	put(dir, "more", "match any tga a\n\nset s file nowhere\n");
	put(dir, "words", "refund\n!?\n");
	assert_null(opened(dir,
	    "include \"more\"\nset r file \"words\"\n"
	    "match text $r tag a\n"));
	many = xformat("more:1:11: 'tga' is no action, did you mean tag?\n"
		       "more:3:12: nowhere: No such file or directory\n"
		       "words:2:1: \"!?\": there is no word in it (an "
		       "expression is written /.../)\n");
	told(dir, many);
	free(many);
	put(dir, "more", "include rules\n");
	assert_null(opened(dir, "include more\n"));
	told(dir, "more:1:9: rules includes itself\n");
	put(dir, "words", "# nothing\n");
	assert_null(opened(dir, "set s file words\n"));
	told(dir, "rules:1:12: there is nothing in words\n");
	put(dir, "words", "a\xff\n");
	assert_null(opened(dir, "set s file words\n"));
	told(dir, "words:1:2: not a text in UTF-8\n");
	for (i = 0; i < 10; i++) {
		many = xformat("d%zu", i);
		buf_reset(&deep);
		buf_addf(&deep, "include d%zu\n", i + 1);
		put(dir, many, deep.data);
		free(many);
	}
	put(dir, "d10", "match any tag a\n");
	assert_null(opened(dir, "include d0\n"));
	told(dir, "d7:1:9: more than 8 files in one another\n");
	assert_non_null(r = opened(dir, "include d4\n"));
	rules_free(r);
	buf_release(&deep);
	remove_all(dir);
}

/* Sets of conditions that would grow beyond measure are refused in time. */
static void
big_conditions_are_refused(void **state)
{
	struct buf b = BUF_INIT(0);
	struct rules *r = NULL;
	int i;

	(void)state;
	buf_adds(&b, "set s0 if any\n");
	for (i = 1; i < 40; i++)
		buf_addf(&b, "set s%d if $s%d and $s%d\n", i, i - 1, i - 1);
	buf_reset(&said);
	assert_int_equal(rules_parse(b.data, "r", NULL, say, NULL, &r),
	    ERR_CONFIG);
	assert_non_null(strstr(said.data, "more than 1000 conditions"));
	buf_reset(&b);
	buf_adds(&b, "match ");
	for (i = 0; i < 40; i++)
		buf_addc(&b, '(');
	buf_reset(&said);
	assert_int_equal(rules_parse(b.data, "r", NULL, say, NULL, &r),
	    ERR_CONFIG);
	assert_string_equal(said.data,
	    "r:1:39: more than 32 parentheses in one another\n");
	buf_release(&b);
}

static int
always_open(void *ctx, const char *hours)
{
	(void)ctx;
	(void)hours;
	return 1;
}

/* Why each rule did not fire, branch by branch. */
static void
tell(void *ctx, const char *rule, bool fires, const char *text)
{
	buf_addf(ctx, "%s %s: %s\n", rule, fires ? "fires" : "no", text);
}

static void
explaining(void **state)
{
	static const struct {
		const char *conditions, *want;
	} rows[] = {
		{ "text \"zzz\"",
		    "the text has none of the words or expressions" },
		{ "not text \"hello\"",
		    "the text has one of the words or expressions" },
		{ "tagged gold or team east",
		    "tagged is old,vip; and team is sales" },
		{ "tagged vip and (team east or not blocked)",
		    "team is sales; and the customer is blocked" },
		{ "not (tagged vip or team east)",
		    "this holds: tagged vip or team east" },
		{ "message count > 7", "the message count is 3" },
		{ "intent order_status > 0.9", "intent order_status has 0.70" },
		{ "intent refund", "no such intent is known of it" },
		{ "sentiment positive", "the sentiment is negative, -0.60" },
		{ "attribute tier = gold", "attribute tier is another" },
		{ "attribute x", "the contact has no attribute x" },
		{ "idle 30m or tagged gold",
		    "it is asked of a timer of idle time; and tagged is old,vip" },
		{ "contact bo", "it is another contact" },
		{ "reopened", "the conversation was not opened again" },
		{ "assignee ana", "assignee is none" },
		{ "outside hours", "the hours are open" },
		{ "opted out", "the customer has not opted out" },
		{ "ad \"x\"", "the customer came by no such ad" },
		{ "not any", "it never holds" },
	};
	struct world w = { .first = 1, .open = 1 };
	struct rules_facts facts = all_facts(&w);
	struct rules_reading *f;
	struct rules_result result;
	struct buf b = BUF_INIT(0);
	struct rules *r;
	static const char fires[] = "match tagged x or (tagged vip and (team y "
				    "or contact \"ana nunez\")) tag a";
	char *rule, *want;
	size_t i;

	(void)state;
	r = parsed(fires);
	f = rules_read(r, "hello");
	facts.why = tell;
	facts.ctx = &b;
	assert_int_equal(rules_apply(r, f, &facts, &result), 0);
	assert_string_equal(b.data,
	    "1 fires: match tagged x or tagged vip (team y or contact \"ana "
	    "nunez\") tag a, by tagged vip (team y or contact \"ana nunez\"),"
	    " by contact \"ana nunez\"\n");
	rules_result_release(&result);
	rules_reading_free(f);
	rules_free(r);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rule = xformat("match %s tag a", rows[i].conditions);
		want = xformat("1 no: %s\n", rows[i].want);
		r = parsed(rule);
		f = rules_read(r, "hello");
		facts.why = tell;
		facts.ctx = &b;
		buf_reset(&b);
		facts.open = always_open;
		assert_int_equal(rules_apply(r, f, &facts, &result), 0);
		if (strcmp(b.data != NULL ? b.data : "", want) != 0)
			fail_msg("%s: %s", rule, b.data);
		rules_result_release(&result);
		rules_reading_free(f);
		rules_free(r);
		free(rule);
		free(want);
	}
	buf_release(&b);
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

static void
new_words_print_and_read_back(void **state)
{
	static const char *const rules[] = {
		"set s = vip, \"a b\", /x/\n",
		"set v if tagged x or not (team y status open)\n"
		"match $v or not $v (tagged a or tagged b) tag a\n",
		"match not ((idle 1h30m or waiting 2d) tagged \"a)\") tag "
		"x\n",
		"match attribute \"run\" != \"a b\", c attribute age >= -1.5 "
		"attribute x message count < 3 tag a\n",
		"match intent a, \"ai\" > 0.25 sentiment negative ad \"1\" "
		"sentiment < -0.5 tag a\n",
		"match window closes in 45m opted out blocked contact \"A B\" "
		"tag a\n",
		"match sla missed or sla next-response due within 1h30m sla a\n",
		"match not sla resolution missed sla none sla \"sla\"\n",
		"match instance trouble instance \"trouble\" notify a webhook b "
		"run c stop\n",
		"match rated <= 2 ai pause for 1h ai pause ai on ai off\n",
		"match any snooze until opening snooze 1h resolve archive "
		"survey template a en_US template b set attribute c \"d\" assign "
		"team e round robin assign team f\n",
		"match inside hours \"idle\" tag a\n",
		NULL,
	};
	char *once_printed;
	size_t i;

	(void)state;
	for (i = 0; rules[i] != NULL; i++) {
		once_printed = printed(rules[i]);
		assert_string_equal(once_printed, rules[i]);
		free(once_printed);
	}
	once_printed = printed("match ((tagged a)) and(kind text)or not(any) "
			       "tag a");
	assert_string_equal(once_printed,
	    "match tagged a kind text or not (any) tag a\n");
	free(once_printed);
}

/* What a service must look for, and when. */
static void
needs(void **state)
{
	struct rules *r = parsed("match idle 30m or idle 1h tag a\n"
				 "match waiting 5m status resolved tag b\n"
				 "match idle 30m tagged x tag c\n"
				 "match intent x tag d\n");
	const struct rules_timer *t;

	(void)state;
	assert_int_equal(rules_occasions(r),
	    RULES_IDLE | RULES_WAITING | RULES_MESSAGE);
	assert_true(rules_ask_intent(r));
	assert_false(rules_ask_sentiment(r));
	assert_int_equal(rules_timers(r, &t), 3);
	assert_int_equal(t[0].occasion, RULES_IDLE);
	assert_int_equal(t[0].after_ms, 1800000);
	assert_int_equal(t[1].after_ms, 3600000);
	assert_false(t[1].closed);
	assert_int_equal(t[2].occasion, RULES_WAITING);
	assert_true(t[2].closed);
	assert_string_equal(rules_name(r, 3), "4");
	assert_null(rules_name(r, 4));
	rules_free(r);
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

static void
hints_are_what_must_be_there(void **state)
{
	static const struct {
		const char *expression, *flags, *want;
	} rows[] = {
		{ "refund|money back", "", "refund, money back" },
		{ "\\bput me through\\b", "s", "put me through" },
		{ "Gr[oö]ßE", "", "grosse" },
		{ "(can|could) (someone|anybody) call", "",
		    "someone, anybody" },
		{ "abcd?efg", "", "abc" },
		{ "abcd*", "", "abc" },
		{ "(abc)?defg", "", "defg" },
		{ "(abc){0,2}defg", "", "defg" },
		{ "(abc){2,}d", "", "abc" },
		{ "(abc|d)", "", "" },
		{ "(?<!not )human", "", "human" },
		{ "human(?= please)", "", "human" },
		{ "(?<x>human)s", "", "human" },
		{ "(?:human)s", "", "human" },
		{ "[abc]human[^x]", "", "human" },
		{ "hum[aáà]n", "", "human" },
		{ "hum[a-c]n", "", "hum" },
		{ "hum\\wan agent", "", "an agent" },
		{ "a.b.c", "", "" },
		{ "(?i)human", "", "" },
		{ "human", "x", "" },
		{ "human\\Q|\\E", "", "" },
		{ "(*UCP)human", "", "" },
		{ "(human", "", "" },
		{ "[[:alpha:]]human", "", "" },
		{ "human{2}agent", "", "human" },
		{ "human{agent", "", "human" },
		{ "人工服务", "", "" },
	};
	struct pattern p;
	struct names names;
	struct buf b = BUF_INIT(0);
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&p, 0, sizeof(p));
		p.source = (char *)rows[i].expression;
		snprintf(p.flags, sizeof(p.flags), "%s", rows[i].flags);
		hints_of(&p, &names);
		buf_reset(&b);
		buf_adds(&b, "");
		for (j = 0; j < names.count; j++)
			buf_addf(&b, "%s%s", j > 0 ? ", " : "", names.items[j]);
		names_release(&names);
		if (strcmp(b.data != NULL ? b.data : "", rows[i].want) != 0)
			fail_msg("%s: %s, not %s", rows[i].expression, b.data,
			    rows[i].want);
	}
	buf_release(&b);
}

/* With hints or without: the same is found. */
static void
held_against_expressions(struct rules *r, const char *text, size_t *matches)
{
	struct rules_reading *f = rules_read(r, text);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	size_t i;
	bool found;

	for (i = 0; i < r->npatterns; i++) {
		if (r->patterns[i].code == NULL || *text == '\0')
			continue;
		found = pcre2_match(r->patterns[i].code, (PCRE2_SPTR)text,
			    strlen(text), 0, 0, data, NULL) >= 0;
		*matches += found;
		if (found != f->found[i])
			fail_msg("/%s/ on \"%s\"", r->patterns[i].source, text);
	}
	pcre2_match_data_free(data);
	rules_reading_free(f);
}

static void
hints_lose_nothing(void **state)
{
	static const char *const texts[] = { "I WANT A HUMAN",
		"Ich möchte mit jemandem reden",
		"PO\xcc\x81NGAME CON UNA PERSONA", "hablar con\nalguien",
		"Je veux parler a\xcc\x80 un conseiller",
		"\xef\xbd\x88uman agent", "hu\xc2\xadman agent",
		"\xc4\xb0s anyone there", "", NULL };
	struct rules *r = parsed(rules_default);
	char *all, *line, *next_line, *upper;
	size_t len, i, lines = 0, matches = 0;
	int64_t hinted = 0;

	(void)state;
	for (i = 0; i < r->npatterns; i++)
		hinted += r->sure[i];
	assert_true(hinted > 60);
	for (i = 0; texts[i] != NULL; i++)
		held_against_expressions(r, texts[i], &matches);
	if (file_read("tests/data/human.txt", 1 << 20, &all, &len) < 0)
		fail_msg("%s", err_reason());
	for (line = all; line != NULL; line = next_line) {
		next_line = strchr(line, '\n');
		if (next_line != NULL)
			*next_line++ = '\0';
		if (strlen(line) < 3)
			continue;
		held_against_expressions(r, line + 2, &matches);
		upper = utf8_fold(line + 2, strlen(line + 2));
		held_against_expressions(r, upper, &matches);
		for (i = 0; upper[i] != '\0'; i++)
			if (upper[i] >= 'a' && upper[i] <= 'z')
				upper[i] = (char)(upper[i] - 32);
		held_against_expressions(r, upper, &matches);
		free(upper);
		lines++;
	}
	assert_true(lines > 250 && matches > 300);
	free(all);
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
				if (strcmp(ra.fired[j].name, rule) == 0)
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

/* A condition at random, of words and of what needs none. */
static void
put_condition(struct buf *b, int depth, unsigned *seed)
{
	static const char *const leaves[] = { "text \"ab\"", "text \"ba\"",
		"text \"cc\"", "text $some", "text /b+a/", "kind text",
		"first message", "not text \"ab\"", "$either", "not $either",
		"text \"zz\", \"cc\"", "tagged x" };
	int kids = depth > 0 ? 1 + rand_r(seed) % 3 : 1, i;
	bool is_or = rand_r(seed) % 2 == 0;

	if (kids == 1) {
		buf_adds(b, leaves[rand_r(seed) % 12]);
		return;
	}
	if (rand_r(seed) % 4 == 0)
		buf_adds(b, "not ");
	for (i = 0; i < kids; i++) {
		buf_adds(b, i == 0 ? "(" : is_or ? " or " : " and ");
		put_condition(b, depth - 1, seed);
	}
	buf_addc(b, ')');
}

static void
ignore(void *ctx, const char *rule, bool fires, const char *text)
{
	(void)ctx;
	(void)rule;
	(void)fires;
	(void)text;
}

/* Rules that are passed over for want of words would not have fired: who asks
 * why is told of every rule. */
static void
passed_over_would_not_fire(void **state)
{
	static const char *const texts[] = { NULL, "", "ab", "cc", "zz ba",
		"bba", "ab cc", "nothing" };
	struct world w = { .first = 1 };
	struct rules_facts facts = facts_of(&w);
	struct rules_reading *f;
	struct rules_result all, some;
	struct rules *r;
	struct buf b = BUF_INIT(0);
	unsigned seed = 3;
	size_t i, j;

	(void)state;
	buf_adds(&b,
	    "set some = \"ab\", \"cc dd\", /zz/\n"
	    "set either if text \"ba\" or text \"zz\"\n");
	for (i = 0; i < 400; i++) {
		buf_adds(&b, "match ");
		put_condition(&b, 3, &seed);
		buf_addf(&b, " tag t%zu%s\n", i, i % 97 == 96 ? " stop" : "");
	}
	r = parsed(b.data);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		f = rules_read(r, texts[i]);
		facts.why = NULL;
		assert_int_equal(rules_apply(r, f, &facts, &some), 0);
		facts.why = ignore;
		assert_int_equal(rules_apply(r, f, &facts, &all), 0);
		assert_int_equal(some.nfired, all.nfired);
		for (j = 0; j < all.nfired; j++)
			assert_ptr_equal(some.fired[j].name, all.fired[j].name);
		rules_result_release(&some);
		rules_result_release(&all);
		rules_reading_free(f);
	}
	rules_free(r);
	buf_release(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_folded_and_whole),
		cmocka_unit_test(expressions),
		cmocka_unit_test(conditions),
		cmocka_unit_test(more_conditions),
		cmocka_unit_test(unknown_facts_do_not_hold),
		cmocka_unit_test(and_or_not),
		cmocka_unit_test(branches_have_their_occasions),
		cmocka_unit_test(sets_stand_everywhere),
		cmocka_unit_test(more_actions),
		cmocka_unit_test(files_of_before_keep_their_meaning),
		cmocka_unit_test(later_ones_replace),
		cmocka_unit_test(weightier_replies_stand),
		cmocka_unit_test(once),
		cmocka_unit_test(names_of_rules),
		cmocka_unit_test(errors_of_facts_come_through),
		cmocka_unit_test(errors_have_their_place),
		cmocka_unit_test(names_are_known_to_the_settings),
		cmocka_unit_test(other_files),
		cmocka_unit_test(big_conditions_are_refused),
		cmocka_unit_test(explaining),
		cmocka_unit_test(printing_and_reading_agree),
		cmocka_unit_test(new_words_print_and_read_back),
		cmocka_unit_test(needs),
		cmocka_unit_test(costly_expressions_end),
		cmocka_unit_test(hints_are_what_must_be_there),
		cmocka_unit_test(hints_lose_nothing),
		cmocka_unit_test(the_shipped_rules),
		cmocka_unit_test(many_words_at_once),
		cmocka_unit_test(passed_over_would_not_fire),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buf_release(&said);
	return failed;
}
