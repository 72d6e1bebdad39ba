/* worker - one thread beside ours, for work that need not be waited for */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/str.h"
#include "base/worker.h"

struct queue {
	struct worker_job *first, *last;
};

struct worker {
	pthread_t thread;
	bool is_started, has_none, is_ending;
	pthread_mutex_t lock; /* of what follows, and of is_done in jobs */
	pthread_cond_t came, ended;
	bool is_awaited, is_idle; /* somebody waits for that condition */
	struct queue before, behind;
	unsigned left; /* jobs that are not done */
};

static void
append(struct queue *q, struct worker_job *job)
{
	job->next = NULL;
	if (q->last != NULL)
		q->last->next = job;
	else
		q->first = job;
	q->last = job;
}

static struct worker_job *
next(struct worker *w)
{
	struct queue *q = w->before.first != NULL ? &w->before : &w->behind;
	struct worker_job *job = q->first;

	if (job == NULL)
		return NULL;
	q->first = job->next;
	if (q->first == NULL)
		q->last = NULL;
	return job;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct worker_job *job;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		while ((job = next(w)) == NULL && !w->is_ending) {
			w->is_idle = true;
			pthread_cond_wait(&w->came, &w->lock);
			w->is_idle = false;
		}
		if (job == NULL)
			break;
		pthread_mutex_unlock(&w->lock);
		job->run(job);
		pthread_mutex_lock(&w->lock);
		job->is_done = true;
		w->left--;
		if (w->is_awaited)
			pthread_cond_signal(&w->ended);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct worker *
worker_new(void)
{
	struct worker *w = xcalloc(1, sizeof(*w));

	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->came, NULL);
	pthread_cond_init(&w->ended, NULL);
	return w;
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	if (w->is_started) {
		pthread_mutex_lock(&w->lock);
		w->is_ending = true;
		pthread_cond_signal(&w->came);
		pthread_mutex_unlock(&w->lock);
		pthread_join(w->thread, NULL);
	}
	pthread_cond_destroy(&w->ended);
	pthread_cond_destroy(&w->came);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

/* Signals that come meanwhile are the caller's to handle; those that interrupt
 * a wait for a turn to write are for the thread that waits. */
static void
start(struct worker *w)
{
	sigset_t all, old;
	int n;

	sigfillset(&all);
	for (n = SIGRTMIN; n <= SIGRTMAX; n++)
		sigdelset(&all, n);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	w->is_started = pthread_create(&w->thread, NULL, work, w) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	w->has_none = !w->is_started;
}

static void
put(struct worker *w, struct queue *q, struct worker_job *job)
{
	job->is_done = false;
	if (!w->is_started && !w->has_none)
		start(w);
	if (w->has_none) {
		job->run(job);
		job->is_done = true;
		return;
	}
	pthread_mutex_lock(&w->lock);
	append(q, job);
	w->left++;
	if (w->is_idle)
		pthread_cond_signal(&w->came);
	pthread_mutex_unlock(&w->lock);
}

void
worker_put_first(struct worker *w, struct worker_job *job)
{
	put(w, &w->before, job);
}

void
worker_put(struct worker *w, struct worker_job *job)
{
	put(w, &w->behind, job);
}

/* Under the lock: whether q had job, which is taken out of it. */
static bool
take(struct queue *q, struct worker_job *job)
{
	struct worker_job **at, *before = NULL;

	for (at = &q->first; *at != NULL && *at != job; at = &before->next)
		before = *at;
	if (*at == NULL)
		return false;
	*at = job->next;
	if (q->last == job)
		q->last = before;
	return true;
}

void
worker_help(struct worker *w, struct worker_job *job)
{
	bool is_ours;

	if (!w->is_started)
		return;
	pthread_mutex_lock(&w->lock);
	is_ours = take(&w->behind, job) || take(&w->before, job);
	w->left -= is_ours;
	pthread_mutex_unlock(&w->lock);
	if (!is_ours)
		return;
	job->run(job);
	job->is_done = true;
}

void
worker_wait(struct worker *w, struct worker_job *job)
{
	if (w->has_none)
		return;
	pthread_mutex_lock(&w->lock);
	w->is_awaited = true;
	while (!job->is_done)
		pthread_cond_wait(&w->ended, &w->lock);
	w->is_awaited = false;
	pthread_mutex_unlock(&w->lock);
}

void
worker_drain(struct worker *w)
{
	if (!w->is_started)
		return;
	pthread_mutex_lock(&w->lock);
	w->is_awaited = true;
	while (w->left > 0)
		pthread_cond_wait(&w->ended, &w->lock);
	w->is_awaited = false;
	pthread_mutex_unlock(&w->lock);
}
