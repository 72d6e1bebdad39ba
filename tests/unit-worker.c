/* unit-worker - one thread beside ours: what is run where, and in what order */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/worker.h"

/* Notes its letter, and who ran it; a gate keeps the worker until it opens. */
struct job {
	struct worker_job job;
	char letter;
	bool is_gate;
	pthread_t by;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_begun, is_open;
static char ran[16];

static void
run(struct worker_job *job)
{
	struct job *j = (struct job *)job;

	pthread_mutex_lock(&lock);
	j->by = pthread_self();
	if (j->is_gate) {
		is_begun = true;
		pthread_cond_broadcast(&changed);
		while (!is_open)
			pthread_cond_wait(&changed, &lock);
	}
	ran[strlen(ran)] = j->letter;
	pthread_mutex_unlock(&lock);
}

/* A worker that is at a gate. */
static struct worker *
at_gate(struct job *gate)
{
	struct worker *w = worker_new();

	memset(ran, 0, sizeof(ran));
	is_begun = is_open = false;
	*gate = (struct job){ .job.run = run, .letter = 'g', .is_gate = true };
	worker_put(w, &gate->job);
	pthread_mutex_lock(&lock);
	while (!is_begun)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return w;
}

static void
open_gate(void)
{
	pthread_mutex_lock(&lock);
	is_open = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void
make(struct job *jobs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		jobs[i] =
		    (struct job){ .job.run = run, .letter = (char)('a' + i) };
}

static void
runs_what_was_put_first_before_the_others(void **state)
{
	struct job gate, j[4];
	struct worker *w = at_gate(&gate);

	(void)state;
	make(j, 4);
	worker_put(w, &j[0].job);
	worker_put_first(w, &j[1].job);
	worker_put(w, &j[2].job);
	worker_put_first(w, &j[3].job);
	open_gate();
	worker_drain(w);
	assert_string_equal(ran, "gbdac");
	worker_free(w);
}

static void
helps_with_what_has_not_begun(void **state)
{
	struct job gate, j[6];
	struct worker *w = at_gate(&gate);
	size_t i;

	(void)state;
	make(j, 6);
	for (i = 0; i < 4; i++)
		worker_put(w, &j[i].job);
	worker_put_first(w, &j[4].job);
	/* The last, one in the midst, one of those before, and none twice. */
	worker_help(w, &j[3].job);
	worker_help(w, &j[1].job);
	worker_help(w, &j[4].job);
	worker_help(w, &j[1].job);
	worker_help(w, &gate.job); /* it has begun */
	assert_string_equal(ran, "dbe");
	worker_wait(w, &j[1].job);
	worker_put(w, &j[5].job); /* behind what is left */
	open_gate();
	worker_drain(w);
	assert_string_equal(ran, "dbegacf");
	assert_true(pthread_equal(j[3].by, pthread_self()));
	assert_false(pthread_equal(j[5].by, pthread_self()));
	worker_free(w);
}

static void
goes_on_when_all_was_helped_with(void **state)
{
	struct job gate, j[3];
	struct worker *w = at_gate(&gate);

	(void)state;
	make(j, 3);
	worker_put(w, &j[0].job);
	worker_help(w, &j[0].job);
	open_gate();
	worker_drain(w);
	worker_put(w, &j[1].job);
	worker_wait(w, &j[1].job);
	worker_put(w, &j[2].job);
	worker_drain(w);
	assert_string_equal(ran, "agbc");
	worker_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_what_was_put_first_before_the_others),
		cmocka_unit_test(helps_with_what_has_not_begun),
		cmocka_unit_test(goes_on_when_all_was_helped_with),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
