/*
 * ask - the calls of ai-reply alone: no documents, no store, no checks
 *
 *	ask URL REQUEST COUNT FLIGHT
 *
 * Asks a model with the request of the file REQUEST COUNT times, FLIGHT at a
 * time, through the pool that ai-reply asks through, and reads each answer as it
 * does. Prints one object: answered, failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/pool.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

#define REQUEST_MAX_BYTES (1024 * 1024)
#define DEADLINE_MS 60000

struct one {
	struct provider_reader *reader;
	bool over;
};

static struct profile profile = { .enabled = true,
	.name = (char *)"bench",
	.provider = "openai",
	.kind = PROVIDER_OPENAI,
	.model = "m-1",
	.timeout_ms = DEADLINE_MS };
static struct provider_ask ask = { .profile = &profile, .task = TASK_ANSWER };
static struct pool *pool;
static long answered, failed;

static void
on_done(void *arg, const struct pool_result *r)
{
	struct one *one = arg;
	struct provider_answer said;

	provider_end(one->reader, r->status, r->retry_after_ms, &said);
	if (said.outcome == PROVIDER_ANSWERED && said.text != NULL)
		answered++;
	else
		failed++;
	provider_answer_release(&said);
	one->over = true;
}

static int
begin(struct one *one, const struct provider_request *request)
{
	struct pool_call c = { .profile = &profile,
		.request = request,
		.deadline_ms = mono_ms() + DEADLINE_MS,
		.done = on_done,
		.arg = one };

	provider_reader_free(one->reader);
	c.reader = one->reader = provider_reader_new(&ask);
	one->over = false;
	return pool_ask(pool, &c);
}

static int
run(const struct provider_request *request, long count, long flight)
{
	struct one *all = xcalloc((size_t)flight, sizeof(*all));
	long begun = 0, i;
	int code = 0;

	for (i = 0; i < flight; i++)
		all[i].over = true;
	while (code == 0 && answered + failed < count) {
		for (i = 0; i < flight && begun < count && code == 0; i++)
			if (all[i].over) {
				code = begin(&all[i], request);
				begun++;
			}
		if (code == 0)
			code = pool_wait(pool, NULL, 0, 1000);
	}
	for (i = 0; i < flight; i++)
		provider_reader_free(all[i].reader);
	free(all);
	return code;
}

int
main(int argc, char *argv[])
{
	struct provider_request request = { .body = NULL };
	struct pool_options options = { .max_flight = 0 };
	long count, flight;
	int code;

	if (argc != 5)
		return 64;
	count = strtol(argv[3], NULL, 10);
	flight = strtol(argv[4], NULL, 10);
	profile.url = argv[1];
	profile.parallel = flight;
	code = file_read(argv[2], REQUEST_MAX_BYTES, &request.body, NULL);
	if (code == 0) {
		profile.stream =
		    strstr(request.body, "\"stream\":true") != NULL;
		code = pool_new(&options, &pool);
	}
	if (code == 0)
		code = run(&request, count, flight);
	pool_free(pool);
	free(request.body);
	if (code < 0) {
		fprintf(stderr, "ask: %s\n", err_reason());
		return err_status(code);
	}
	printf("{\"answered\": %ld, \"failed\": %ld}\n", answered, failed);
	return failed > 0;
}
