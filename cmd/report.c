/*
 * report - metrics of the desk as a page, a table, JSON or CSV
 *
 * Reads the store and writes one document. Metrics and their SQL stand in
 * lib/report/metric.c, the page in lib/report/page.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/time.h"
#include "desk/act.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "report/report.h"

#define DAYS_DEFAULT 30 /* today is the last of them */

static bool as_csv, as_json, as_plain, definitions, dry_run;
static const char *instance, *output, *since, *store_flag, *until, *zone_name;

static const struct cli_option options[] = { { 'S', "store", "STORE", CLI_TEXT,
						 &store_flag,
						 "directory of the store" },
	{ 'o', "output", "FILE", CLI_TEXT, &output,
	    "write to FILE; -: standard output" },
	{ 0, "csv", NULL, CLI_FLAG, &as_csv,
	    "lines of metric, day, statistic, value" },
	{ 0, "definitions", NULL, CLI_FLAG, &definitions,
	    "print what is counted and its SQL, as JSON Lines" },
	{ 0, "dry-run", NULL, CLI_FLAG, &dry_run,
	    "write no file and leave no event" },
	{ 0, "instance", "NAME", CLI_TEXT, &instance,
	    "only this number of the business" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "one object a metric, a line" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain,
	    "the sums of all days, tab-separated" },
	{ 0, "since", "TIME", CLI_TEXT, &since,
	    "from the day of a time, or of a duration before now" },
	{ 0, "until", "TIME", CLI_TEXT, &until,
	    "up to a time, or a duration before now" },
	{ 0, "zone", "ZONE", CLI_TEXT, &zone_name,
	    "time zone of the days, such as Europe/Berlin" },
	CLI_END };

static const struct cli_spec spec = {
	.name = "report",
	.summary = "metrics of the desk as a page, a table, JSON or CSV",
	.args = "",
	.options = options,
	.examples =
	    "  report -o report.html --since 7d\n"
	    "  report --csv --since 2026-10-01 --until 2026-11-01 >october.csv\n",
};

/* The sums of all days, for a terminal. */
static void
print_table(const struct report *r)
{
	static const char *const headers[] = { "METRIC", "VALUE", "OF",
		"MEDIAN", "P90", NULL };
	struct cli_table *t = cli_table_new(headers, as_plain);
	char text[TIME_TEXT_BYTES];

	for (const struct metric *m = metrics; m->name != NULL; m++) {
		const struct cell *c = report_cell(r, m->name, r->ndays);

		cli_table_cell(t, "%s", as_plain ? m->name : m->title);
		cli_table_cell(t, "%lld", (long long)c->n);
		if (m->kind == METRIC_SHARE || m->kind == METRIC_TIME ||
		    m->kind == METRIC_PROMISES)
			cli_table_cell(t, "%lld", (long long)c->of);
		else
			cli_table_cell(t, "%s", "");
		for (int p = 50; p <= 90; p += 40) {
			int64_t ms = cell_percentile(c, p);

			if (m->kind != METRIC_TIME || ms < 0)
				cli_table_cell(t, "%s", "");
			else if (as_plain)
				cli_table_cell(t, "%lld", (long long)ms);
			else
				cli_table_cell(t, "%s",
				    duration_text(ms, text));
		}
	}
	for (size_t i = 0; i < r->npromises; i++) {
		const struct report_promise *p = &r->promises[i];

		cli_table_cell(t,
		    as_plain ? "promises/%s/%s" : "%s: %s in time", p->policy,
		    p->target);
		cli_table_cell(t, "%lld", (long long)p->met);
		cli_table_cell(t, "%lld", (long long)p->of);
		cli_table_cell(t, "%s", "");
		cli_table_cell(t, "%s", "");
	}
	cli_table_end(t);
}

/* Files that a person names are written with that person's rights. */
static int
write_file(const struct buf *b)
{
	gid_t gid = getegid();
	uid_t uid = geteuid();
	int code;

	/* A service has no other rights, and no right to ask for them. */
	if (gid == getgid() && uid == getuid())
		return file_put(output, b->data, b->len, 0640);
	if (setegid(getgid()) < 0 || seteuid(getuid()) < 0)
		return err_errno(ERR_DENIED, "rights");
	code = file_put(output, b->data, b->len, 0640);
	if (seteuid(uid) < 0 || setegid(gid) < 0)
		return err_errno(ERR_BUG, "rights");
	return code;
}

static int
leave_event(struct store *s, const struct report *r, size_t bytes,
    const char *person)
{
	char t[TIME_TEXT_BYTES];
	json_t *data = json_object();
	struct act a;
	int code;

	json_put(data, "since", time_text(r->from_ms, t));
	json_put(data, "until", time_text(r->until_ms, t));
	json_put(data, "zone", r->zone_name);
	json_put(data, "instance", r->instance);
	json_put(data, "format", as_json ? "json" : as_csv ? "csv" : "html");
	json_put_int(data, "bytes", (int64_t)bytes);
	json_put_int(data, "seq", r->seq);
	if ((code = store_begin(s)) < 0) {
		json_decref(data);
		return code;
	}
	act_person(&a, s, person);
	code = act_emit(&a, "report.written", "report", data, NULL);
	if (code == 0)
		code = store_commit(s);
	else
		store_rollback(s);
	act_release(&a);
	return code;
}

/* What the options ask for; zone is the caller's to close. */
static int
make_wish(struct conf *conf, struct zone **zone, struct report_wish *ret)
{
	int code;

	memset(ret, 0, sizeof(*ret));
	ret->now_ms = ret->until_ms = now_ms();
	ret->from_ms = ret->now_ms - (DAYS_DEFAULT - 1) * INT64_C(86400000);
	ret->instance = instance;
	ret->zone_name = zone_name;
	if (zone_name == NULL)
		ret->zone_name = setting_text(conf, "desk", "zone");
	code = zone_open(ret->zone_name, zone);
	if (code < 0 && zone_name != NULL)
		code = err_set(ERR_USAGE, "--zone: %s", err_reason());
	if (code < 0)
		return code;
	ret->zone = *zone;
	if (since != NULL && day_parse(*zone, since, &ret->from_ms) < 0)
		return err_set(ERR_USAGE, "--since: '%s' is no time", since);
	if (until != NULL && day_parse(*zone, until, &ret->until_ms) < 0)
		return err_set(ERR_USAGE, "--until: '%s' is no time", until);
	return 0;
}

/* A name that is no number of this desk is a mistake, not an empty report. */
static int
check_instance(struct store *s)
{
	struct query q =
	    query(store_desk(s), "SELECT 1 FROM instance WHERE name = :name");
	bool found;
	int code;

	bind_text(&q, ":name", instance);
	found = step(&q);
	code = done(&q);
	if (code == 0 && !found)
		code = err_set(ERR_NOINPUT, "no instance '%s'", instance);
	return code;
}

static int
print(struct store *s, const struct report *r, const char *person)
{
	bool to_file = output != NULL && strcmp(output, "-") != 0;
	struct buf b = BUF_INIT(0);
	int code = 0;

	if (as_plain ||
	    (output == NULL && !as_json && !as_csv && isatty(STDOUT_FILENO))) {
		print_table(r);
		return 0;
	}
	if (as_json)
		report_json(r, &b);
	else if (as_csv)
		report_csv(r, &b);
	else
		report_page(r, &b);
	if (!to_file) {
		fwrite(b.data, 1, b.len, stdout); /* cli_exit checks */
	} else if (!dry_run) {
		code = write_file(&b);
		if (code == 0)
			code = leave_event(s, r, b.len, person);
	}
	buf_release(&b);
	return code;
}

static int
run(void)
{
	bool writes = output != NULL && strcmp(output, "-") != 0 && !dry_run;
	struct conf *conf = NULL;
	struct report *r = NULL;
	struct report_wish wish;
	struct store *s = NULL;
	struct zone *zone = NULL;
	char *person = NULL;
	int code;

	if ((code = conf_open(&conf)) < 0 ||
	    (code = make_wish(conf, &zone, &wish)) < 0 ||
	    (code = store_open(store_flag, writes ? STORE_WRITE : STORE_READ,
		 &s)) < 0 ||
	    (code = person_self(s, MAY_READ, &person)) < 0)
		goto out;
	if (instance != NULL && (code = check_instance(s)) < 0)
		goto out;
	code = report_gather(s, &wish, &r);
	if (code == 0)
		code = print(s, r, person);
out:
	report_free(r);
	free(person);
	store_close(s);
	zone_close(zone);
	conf_close(conf);
	return code;
}

int
main(int argc, char *argv[])
{
	struct buf b = BUF_INIT(0);
	struct cli cli;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (as_csv + as_json + as_plain > 1)
		cli_usage(&cli, "only one of --csv, --json and --plain");
	if (as_plain && output != NULL)
		cli_usage(&cli, "--plain goes to standard output only");
	if (definitions) {
		report_definitions(&b);
		fwrite(b.data, 1, b.len, stdout);
		buf_release(&b);
		cli_exit(0);
	}
	cli_exit(run());
}
