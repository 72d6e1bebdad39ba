/*
 * ai-eval - run cases against a set-up of the AI, before it goes live
 *
 * Nothing is stored or sent. Cases are lines of JSON in files of a folder; what
 * people answered can be made into such lines, and drafted beside.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ai/eval.h"
#include "ai/spend.h"
#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "desk/person.h"
#include "desk/secret.h"
#include "desk/settings.h"
#include "store/log.h"
#include "store/store.h"

#define FILE_MAX_BYTES (64 * 1024 * 1024)
#define JOBS_MAX 512
#define TURNS 10 /* of a case made from history */

static const char *store_flag, *profile, *junit, *least, *since = "7d",
							 *contact;
static struct pool_options pool;
static bool compare, from_history, shadow, as_json, as_plain;
static int64_t jobs = 16;

static const struct cli_option options[] = {
	{ 0, "as", "CONTACT", CLI_TEXT, &contact,
	    "what tools are told of the customer is of this contact" },
	{ 0, "compare", NULL, CLI_FLAG, &compare,
	    "two set-ups, named behind the folder, side by side" },
	{ 0, "from-history", NULL, CLI_FLAG, &from_history,
	    "print cases made of what people answered" },
	{ 'j', "jobs", "N", CLI_COUNT, &jobs, "cases at a time" },
	{ 0, "json", NULL, CLI_FLAG, &as_json,
	    "JSON Lines also on a terminal" },
	{ 0, "junit", "FILE", CLI_TEXT, &junit, "also a report for CI" },
	{ 0, "min", "SHARE", CLI_TEXT, &least,
	    "exit 1 if fewer of the cases are as wanted" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	{ 0, "profile", "NAME", CLI_TEXT, &profile, "the set-up to run" },
	{ 0, "record", "DIR", CLI_TEXT, &pool.record,
	    "keep what is exchanged with providers" },
	{ 0, "replay", "DIR", CLI_TEXT, &pool.replay,
	    "answer from what was kept, without a network" },
	{ 0, "shadow", NULL, CLI_FLAG, &shadow,
	    "draft beside what people answered" },
	{ 0, "since", "TIME", CLI_TEXT, &since,
	    "with --from-history and --shadow: a time, or 7d" },
	{ 'S', "store", "STORE", CLI_TEXT, &store_flag,
	    "directory of the store" },
	CLI_END
};

static const struct cli_spec spec = {
	.name = "ai-eval",
	.summary = "run cases against a set-up of the AI",
	.args = "[FOLDER [PROFILE PROFILE]]",
	.options = options,
	.examples = "  ai-eval cases/ --profile careful --min 0.9\n"
		    "  ai-eval cases/ --compare careful fast\n"
		    "  ai-eval --from-history --since 7d >cases/week.jsonl\n"
		    "  ai-eval --shadow --since 1d\n",
};

struct cases {
	struct eval_case **list;
	size_t count;
	long bad;
};

/* One set-up's run over all cases. */
struct run {
	const struct conf *conf;
	struct store *store;
	const char *profile; /* NULL: the case's, or [ai] */
	const struct cases *cases;
	struct pool *pool;
	struct spend *spend; /* NULL: it costs nothing */
	json_t **lines;	     /* by case, as it is done */
	struct eval_sum sum;
	size_t refused; /* for lack of money */
	char *refused_why;
	char *error;   /* the first why a case could not be answered */
	bool unusable; /* a set-up was none */
	size_t begun, done;
};

/* One case on its way. */
struct slot {
	struct run *run;
	size_t at;
	struct answer answer;
};

/* --- cases --- */

/* One of two would be told for the other; NULL: its name is its own. */
static const struct eval_case *
same_id(const struct cases *c, const struct eval_case *one)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->list[i]->id, one->id) == 0)
			return c->list[i];
	return NULL;
}

static void
add_case(struct cases *c, const char *text, size_t len, const char *place)
{
	const struct eval_case *other;
	struct eval_case *one;

	if (eval_case_new(text, len, place, &one) < 0) {
		cli_warn("%s: %s", place, err_reason());
		c->bad++;
		return;
	}
	other = same_id(c, one);
	if (other != NULL) {
		cli_warn("%s: its id '%s' is that of %s", place, one->id,
		    other->place);
		eval_case_free(one);
		c->bad++;
		return;
	}
	c->list = xrealloc(c->list, (c->count + 1) * sizeof(*c->list));
	c->list[c->count++] = one;
}

static void
read_cases(struct cases *c, const char *path)
{
	char *text, *p, *end, *lf, *place;
	size_t len;
	long line = 0;

	cli_need(file_read(path, FILE_MAX_BYTES, &text, &len));
	end = text + len;
	/* As editors on Windows begin a text. */
	for (p = text + (str_starts(text, "\xef\xbb\xbf") ? 3 : 0); p < end;
	     p = lf < end ? lf + 1 : end) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			lf = end;
		len = (size_t)(lf - p);
		line++;
		if (strspn(p, " \t\r") >= len || *p == '#')
			continue;
		place = xformat("%s:%ld", path, line);
		add_case(c, p, len, place);
		free(place);
	}
	free(text);
}

static int
is_cases(const struct dirent *d)
{
	return d->d_name[0] != '.' && str_ends(d->d_name, ".jsonl");
}

/* A slip of the pen would be a set-up that fails; leave such cases out. */
static void
drop_unknown(struct cases *c, const struct conf *conf)
{
	const char *name;
	size_t i, n = 0;

	for (i = 0; i < c->count; i++) {
		name = json_str(c->list[i]->line, "profile");
		if (name == NULL || profile_exists(conf, name) ||
		    profile_missing(conf, name, ERR_DATA) != ERR_DATA) {
			c->list[n++] = c->list[i];
			continue;
		}
		cli_warn("%s: %s", c->list[i]->place, err_reason());
		eval_case_free(c->list[i]);
		c->bad++;
	}
	c->count = n;
}

static void
read_folder(struct cases *c, const char *path)
{
	struct dirent **names;
	struct stat st;
	char *file;
	int n, i;

	if (stat(path, &st) < 0)
		cli_die(ERR_NOINPUT, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode)) {
		read_cases(c, path);
		return;
	}
	n = scandir(path, &names, is_cases, alphasort);
	if (n < 0)
		cli_die(ERR_NOINPUT, "%s: %s", path, strerror(errno));
	for (i = 0; i < n; i++) {
		file = xformat("%s/%s", path, names[i]->d_name);
		read_cases(c, file);
		free(file);
		free(names[i]);
	}
	free(names);
	if (c->count == 0 && c->bad == 0)
		cli_die(ERR_NOINPUT, "%s: no cases: files named *.jsonl", path);
}

static int
add_history(void *ctx, const json_t *line)
{
	char *text = json_text(line);

	add_case(ctx, text, strlen(text), "history");
	free(text);
	return 0;
}

static void
cases_release(struct cases *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		eval_case_free(c->list[i]);
	free(c->list);
}

/* --- running --- */

static void
count_refused(struct run *r, const char *why)
{
	r->refused++;
	if (r->refused_why == NULL)
		r->refused_why = xstrdup(why);
}

static void
slot_done(void *arg)
{
	struct slot *s = arg;
	struct run *r = s->run;
	const struct eval_case *c = r->cases->list[s->at];
	struct eval_score score;

	cli_need(answer_settle_now(&s->answer));
	eval_score(c, &s->answer, &score);
	if (eval_refused(&s->answer) != NULL)
		count_refused(r, score.error);
	else if (score.error != NULL && r->error == NULL)
		r->error = xstrdup(score.error);
	eval_add(&r->sum, &s->answer, &score);
	r->lines[s->at] = eval_line(c, &s->answer, &score);
	eval_score_release(&score);
	answer_release(&s->answer);
	free(s);
	r->done++;
}

/* The set-up of a case cannot be used: the others go on. */
static void
case_failed(struct run *r, struct slot *s, const char *name)
{
	const struct eval_case *c = r->cases->list[s->at];

	cli_warn("%s: %s", c->place, err_reason());
	r->lines[s->at] = eval_line_failed(c, name, err_reason());
	eval_add_failed(&r->sum);
	r->unusable = true;
	r->done++;
	free(s);
}

static void
begin_case(struct run *r)
{
	struct slot *s = xcalloc(1, sizeof(*s));
	const struct eval_case *c;
	const char *name = r->profile;

	s->run = r;
	s->at = r->begun++;
	c = r->cases->list[s->at];
	if (name == NULL)
		name = json_str(c->line, "profile");
	s->answer = (struct answer){ .conf = r->conf,
		.store = r->store,
		.pool = &r->pool,
		.pool_options = &pool,
		.spend = r->spend,
		.by_hand = true,
		.contact = contact,
		.last_try = true,
		.done = slot_done,
		.arg = s };
	if (answer_chain(&s->answer, name) < 0 ||
	    answer_keys(&s->answer, "wa-instance") < 0) {
		/* The one of all is told once. */
		if (r->profile != NULL || name == NULL)
			cli_exit(ERR_CONFIG);
		answer_release(&s->answer);
		case_failed(r, s, name);
		return;
	}
	eval_ask(c, &s->answer);
	s->answer.deadline_ms =
	    mono_ms() + s->answer.chain[0].profile.deadline_ms;
	if (answer_start(&s->answer) == 0)
		slot_done(s);
}

static void
run_all(struct run *r)
{
	size_t most = jobs > 0 && jobs < JOBS_MAX ? (size_t)jobs : JOBS_MAX;

	r->lines = xcalloc(r->cases->count + 1, sizeof(*r->lines));
	if (pool.record != NULL || pool.replay != NULL)
		cli_need(pool_new(&pool, &r->pool));
	while (r->done < r->cases->count) {
		if (r->begun < r->cases->count && r->begun - r->done < most)
			begin_case(r);
		else
			cli_need(pool_wait(r->pool, NULL, 0, 1000));
	}
	pool_free(r->pool);
	r->pool = NULL;
}

static void
run_release(struct run *r)
{
	size_t i;

	for (i = 0; r->lines != NULL && i < r->cases->count; i++)
		json_decref(r->lines[i]);
	free(r->lines);
	free(r->refused_why);
	free(r->error);
	eval_sum_release(&r->sum);
}

/* --- printing --- */

static void
cell_share(struct cli_table *t, const json_t *o, const char *key)
{
	cli_table_cell(t, "%.2f", json_number_value(json_object_get(o, key)));
}

static const char *
answer_of(const json_t *o)
{
	return json_str_or(o, "error",
	    json_str_or(o, "answer", json_str_or(o, "reason", "")));
}

static const char *
result_of(const json_t *o)
{
	return json_str(o, "error") != NULL ? "error" :
	    json_bool_or(o, "ok", false)    ? "ok" :
					      "no";
}

static void
print_table(const struct run *r)
{
	static const char *const headers[] = { "CASE", "OK", "ACTION", "FACTS",
		"GROUNDED", "MS", "ANSWER", NULL };
	struct cli_table *t = cli_table_new(headers, as_plain);
	const json_t *o;
	size_t i;

	for (i = 0; i < r->cases->count; i++) {
		o = r->lines[i];
		cli_table_cell(t, "%s", json_str_or(o, "case", ""));
		cli_table_cell(t, "%s", result_of(o));
		cli_table_cell(t, "%s%s", json_str_or(o, "action", "-"),
		    json_bool_or(o, "action_right", true) ? "" : " (wrong)");
		cell_share(t, o, "facts");
		cell_share(t, o, "grounded");
		cli_table_cell(t, "%lld",
		    (long long)json_int_or(o, "took_ms", 0));
		cli_table_cell(t, "%s", answer_of(o));
	}
	cli_table_end(t);
}

/* The same case by two set-ups: where they differ, or both are wrong. */
static void
print_comparison(const struct run *a, const struct run *b)
{
	const char *headers[] = { "CASE", a->profile, b->profile, "FACTS",
		"FACTS", "ANSWER", "ANSWER", NULL };
	struct cli_table *t = cli_table_new(headers, as_plain);
	const json_t *x, *y;
	size_t i;

	for (i = 0; i < a->cases->count; i++) {
		x = a->lines[i];
		y = b->lines[i];
		cli_table_cell(t, "%s", json_str_or(x, "case", ""));
		cli_table_cell(t, "%s", result_of(x));
		cli_table_cell(t, "%s", result_of(y));
		cell_share(t, x, "facts");
		cell_share(t, y, "facts");
		cli_table_cell(t, "%.40s", answer_of(x));
		cli_table_cell(t, "%s", answer_of(y));
	}
	cli_table_end(t);
}

static void
print_sum(struct run *r, const char *name)
{
	json_t *o = eval_sum_line(&r->sum, name);

	if (as_json || !isatty(1))
		cli_json(o);
	else
		printf("%s: %lld of %lld as wanted, right action %.2f, facts "
		       "%.2f, grounded %.2f, median %lld ms%s%s\n",
		    name, (long long)json_int_or(o, "ok", 0),
		    (long long)json_int_or(o, "cases", 0),
		    json_number_value(json_object_get(o, "action")),
		    json_number_value(json_object_get(o, "facts")),
		    json_number_value(json_object_get(o, "grounded")),
		    (long long)json_int_or(o, "took_ms_p50", 0),
		    json_str(o, "cost") != NULL ? ", cost " : "",
		    json_str_or(o, "cost", ""));
	json_decref(o);
}

static void
print_lines(const struct run *r)
{
	size_t i;

	for (i = 0; i < r->cases->count; i++)
		cli_json(r->lines[i]);
}

/* Text in an attribute or an element of XML. */
static void
put_xml(FILE *f, const char *text)
{
	char *plain = utf8_plain(text);
	const char *p;

	for (p = plain; *p != '\0'; p++)
		switch (*p) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc(*p, f);
		}
	free(plain);
}

static void
put_case(FILE *f, const json_t *o)
{
	const json_t *missing = json_object_get(o, "missing"),
		     *forbidden = json_object_get(o, "forbidden");
	char *text;

	fputs("  <testcase name=\"", f);
	put_xml(f, json_str_or(o, "case", ""));
	fprintf(f, "\" time=\"%.3f\"",
	    (double)json_int_or(o, "took_ms", 0) / 1000);
	if (json_bool_or(o, "ok", false)) {
		fputs("/>\n", f);
		return;
	}
	if (json_str(o, "error") != NULL) {
		fputs(">\n    <error message=\"", f);
		put_xml(f, json_str(o, "error"));
		fputs("\"/>\n  </testcase>\n", f);
		return;
	}
	fputs(">\n    <failure message=\"", f);
	put_xml(f, json_str_or(o, "action", "no action"));
	if (!json_bool_or(o, "action_right", true))
		fputs(" is the wrong action", f);
	fputs("\">", f);
	text = missing != NULL ? json_text(missing) : NULL;
	if (text != NULL) {
		fputs("missing: ", f);
		put_xml(f, text);
		fputc('\n', f);
	}
	free(text);
	text = forbidden != NULL ? json_text(forbidden) : NULL;
	if (text != NULL) {
		fputs("forbidden: ", f);
		put_xml(f, text);
		fputc('\n', f);
	}
	free(text);
	if (!json_bool_or(o, "language_right", true))
		fputs("another language than wanted\n", f);
	if (!json_bool_or(o, "source_right", true))
		fputs("none of the wanted sources is quoted\n", f);
	if (json_number_value(json_object_get(o, "grounded")) < 1)
		fputs("not all of it is held by the passages\n", f);
	put_xml(f, answer_of(o));
	fputs("</failure>\n  </testcase>\n", f);
}

static void
write_junit(const struct run *r, const char *name)
{
	FILE *f = fopen(junit, "we");
	size_t i;

	if (f == NULL)
		cli_die(ERR_CREATE, "%s: %s", junit, strerror(errno));
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"",
	    f);
	put_xml(f, name);
	fprintf(f, "\" tests=\"%lld\" failures=\"%lld\" errors=\"%lld\">\n",
	    (long long)r->sum.cases,
	    (long long)(r->sum.cases - r->sum.ok - r->sum.errors),
	    (long long)r->sum.errors);
	for (i = 0; i < r->cases->count; i++)
		put_case(f, r->lines[i]);
	fputs("</testsuite>\n", f);
	if (fflush(f) != 0 || ferror(f) || fclose(f) != 0)
		cli_die(ERR_IO, "%s: %s", junit, strerror(errno));
}

/* --- the command --- */

static double
threshold(const struct cli *cli)
{
	char *end;
	double share;

	if (least == NULL)
		return 1;
	share = strtod(least, &end);
	if (end == least || *end != '\0' || !(share >= 0 && share <= 1))
		cli_usage(cli, "--min wants a share from 0 to 1");
	return share;
}

/* What spoils a run, whatever its cases came to. */
static int
spoilt(const struct run *r)
{
	if (r->sum.calls > 0 && r->sum.heard == 0 && r->error != NULL)
		return err_set(ERR_UNAVAILABLE, "no provider answered: %s",
		    r->error);
	/* Each has been told. */
	return r->unusable ?
	    err_set(ERR_CONFIG, "cases name set-ups that cannot be used") :
	    0;
}

static int
verdict(const struct run *r, double share)
{
	double is = r->cases->count > 0 ?
	    (double)r->sum.ok / (double)r->cases->count :
	    1;

	if (r->refused > 0)
		return err_set(ERR_BUSY, "%zu of %zu cases were not asked: %s",
		    r->refused, r->cases->count, r->refused_why);
	/* A person's answer is no yardstick to fail by. */
	if (shadow || is + 1e-9 >= share)
		return r->cases->bad > 0 ? ERR_DATA : 0;
	return err_set(ERR_NO, "%lld of %lld cases are as wanted",
	    (long long)r->sum.ok, (long long)r->sum.cases);
}

static int
run_cases(struct cli *cli, const struct conf *conf, struct store *s,
    const struct cases *cases, struct spend *spend)
{
	double share = threshold(cli);
	struct run a = { .conf = conf,
		.store = s,
		.profile = profile,
		.cases = cases,
		.spend = spend },
		   b = a;
	bool lines = as_json || (!isatty(1) && !as_plain);
	const char *name = profile != NULL ? profile : PROFILE_DEFAULT;
	int code;

	if (compare) {
		name = a.profile = cli->args[1];
		b.profile = cli->args[2];
	}
	run_all(&a);
	if (compare)
		run_all(&b);
	if (lines) {
		print_lines(&a);
		if (compare)
			print_lines(&b);
	} else if (compare)
		print_comparison(&a, &b);
	else
		print_table(&a);
	if (!as_plain)
		print_sum(&a, name);
	if (compare && !as_plain)
		print_sum(&b, b.profile);
	if (junit != NULL)
		write_junit(compare ? &b : &a, compare ? b.profile : name);
	/* Of two the second is the one that would replace the first. */
	code = spoilt(&a);
	if (code == 0)
		code = spoilt(&b);
	if (code == 0)
		code = verdict(compare && a.refused == 0 ? &b : &a, share);
	run_release(&a);
	run_release(&b);
	return code;
}

static int
print_history(void *ctx, const json_t *line)
{
	(void)ctx;
	cli_json(line);
	return 0;
}

static void
check_args(struct cli *cli)
{
	bool history = from_history || shadow;

	cli_args(cli, history ? 0 : 1, history ? 0 : compare ? 3 : 1);
	if (compare && cli->nargs != 3)
		cli_usage(cli, "--compare wants a folder and two set-ups");
	if (compare && profile != NULL)
		cli_usage(cli, "--compare and --profile do not go together");
	if (from_history && shadow)
		cli_usage(cli,
		    "--from-history and --shadow do not go together");
	if (pool.record != NULL && pool.replay != NULL)
		cli_usage(cli, "--record and --replay do not go together");
}

int
main(int argc, char *argv[])
{
	struct cases cases = { .list = NULL };
	struct conf *conf = NULL;
	struct store *s = NULL;
	struct spend *spend = NULL;
	struct zone *zone = NULL;
	struct cli cli;
	int64_t since_ms = 0;
	char *self = NULL;
	bool pays;
	int code = 0;

	secret_guard();
	cli_open(&cli, &spec, argc, argv);
	check_args(&cli);
	cli_need(conf_open(&conf));
	/* What is spent is counted there; what was kept costs nothing. */
	pays = !from_history && pool.replay == NULL;
	cli_need(store_open(store_flag, pays ? STORE_WRITE : STORE_READ, &s));
	cli_need(person_self(s, MAY_READ, &self));
	if (pays) {
		cli_need(zone_open(setting_text(conf, "desk", "zone"), &zone));
		spend = spend_new(s, zone, true);
	}
	if (from_history || shadow)
		cli_need(since_parse(since, &since_ms));
	if (from_history)
		code = eval_history(s, since_ms, TURNS, print_history, NULL);
	else {
		if (shadow)
			code = eval_history(s, since_ms, TURNS, add_history,
			    &cases);
		else
			read_folder(&cases, cli.args[0]);
		if (!compare && profile == NULL)
			drop_unknown(&cases, conf);
		if (code == 0)
			code = run_cases(&cli, conf, s, &cases, spend);
	}
	cases_release(&cases);
	spend_free(spend);
	zone_close(zone);
	free(self);
	store_close(s);
	conf_close(conf);
	cli_exit(code);
}
