/* follow - from kept bodies to events */
#include <sys/file.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/instance.h"
#include "desk/settings.h"
#include "desk/words.h"
#include "store/cursor.h"
#include "wa/follow.h"

#define SLOTS_MAX 64
#define WORDS_AT_LEAST 256 /* fewer are left to who searches */
#define EXPIRE_EVERY_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)

void
batch_reset(struct batch *b)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		webhook_free(b->bodies[i]);
	free(b->ids);
	memset(b, 0, sizeof(*b));
}

/* Where in a batch the work is. */
struct position {
	size_t body, item, ids;
};

/* By the name people gave it. Caller frees. */
static char *
name_of(struct store *s, const char *number_id)
{
	struct query q = query(store_desk(s),
	    "SELECT name FROM instance WHERE phone_number_id = :number");
	char *name = NULL;

	bind_text(&q, ":number", number_id);
	if (number_id != NULL && step(&q))
		name = column_copy(&q, 0);
	done(&q);
	return name != NULL ? name : xstrdup("?");
}

/* What of an item was not as it should be; said once it is done, for then its
 * instance has a name. */
static void
warn_odd(struct store *s, const struct webhook_item *it)
{
	bool odd =
	    it->naliases > 0 && strcmp(it->aliases[0].kind, "other") == 0;
	char *name;

	if (!it->bad_time && !odd)
		return;
	name = name_of(s, it->number_id);
	if (it->bad_time)
		log_warnx("%s of instance %s: no valid time, that of "
			  "reception is taken",
		    it->type, name);
	if (odd)
		log_warnx("%s of instance %s: the customer's id is neither a "
			  "phone number nor a user id: it cannot be answered",
		    it->type, name);
	free(name);
}

/* What one transaction holds: until its turn is over. *ret_bad is the item
 * that could not be done. */
static int
do_turn(struct store *s, struct batch *b, struct position *p,
    struct webhook_item **ret_bad)
{
	struct webhook_item *it;
	size_t first = p->ids;
	int code;

	*ret_bad = NULL;
	/* At least one, however slow the disk is. */
	while (p->body < b->count &&
	    (p->ids == first || !db_turn_over(store_desk(s)))) {
		if (p->item == b->bodies[p->body]->count) {
			p->body++;
			p->item = 0;
			continue;
		}
		it = &b->bodies[p->body]->items[p->item];
		code = inbound_apply(s, it, b->received_ms[p->body],
		    b->ids[p->ids]);
		if (code == ERR_DATA || code == ERR_BUG)
			*ret_bad = it;
		if (code < 0)
			return code;
		p->item++;
		p->ids++;
	}
	/* The end of a body may be all that is left of it. */
	while (p->body < b->count && p->item == b->bodies[p->body]->count) {
		p->body++;
		p->item = 0;
	}
	return 0;
}

static int
one_turn(struct store *s, struct batch *b, struct position *p, int64_t *cursor)
{
	struct webhook_item *bad = NULL;
	struct position next = *p;
	int64_t place = 0;
	int code = store_begin(s);

	if (code < 0)
		return code;
	code = do_turn(s, b, &next, &bad);
	if (code == 0 && next.body > p->body)
		place = b->places[next.body - 1];
	if (code == 0 && cursor != NULL && place > *cursor)
		code = cursor_move(s, INBOUND_WRITER, *cursor, place);
	if (code < 0) {
		store_rollback(s);
		/* It must not hold up what comes behind it. */
		if (bad != NULL && bad->what != WEBHOOK_UNKNOWN) {
			log_err("a part of a body is set aside: %s",
			    err_reason());
			webhook_item_failed(bad);
			return 0;
		}
		return code;
	}
	fault("wa-recv.before-commit");
	code = store_commit(s);
	if (code < 0)
		return code;
	fault("wa-recv.after-commit");
	if (cursor != NULL && place > *cursor)
		*cursor = place;
	*p = next;
	return 0;
}

int
batch_do(struct store *s, struct batch *b, int64_t *cursor)
{
	struct position p = { 0, 0, 0 };
	size_t total = 0, i, k;
	int code = 0;

	for (i = 0; i < b->count; i++)
		total += b->bodies[i]->count;
	free(b->ids);
	b->ids = xcalloc(total + 1, sizeof(*b->ids));
	b->nids = total;
	while (code == 0 && p.body < b->count)
		code = one_turn(s, b, &p, cursor);
	for (i = 0; code == 0 && i < b->count; i++)
		for (k = 0; k < b->bodies[i]->count; k++)
			warn_odd(s, &b->bodies[i]->items[k]);
	return code;
}

/* --- the service --- */

struct follow {
	const struct follow_options *o;
	struct store *s;
	struct inbox *inbox;
	int bell, signals, slot_fd;
	int64_t cursor, keep_ms, expire_at_ms;
	bool stopping;
};

/* frontdesk status sees who is up by the lock of a file. */
static int
sign_on(struct follow *f)
{
	char name[64], *path;
	struct query q;
	int i, code = 0;

	for (i = 1; i <= SLOTS_MAX && f->slot_fd < 0; i++) {
		snprintf(name, sizeof(name), INBOUND_WRITER ".%d.slot", i);
		path = store_run_path(f->s, name);
		f->slot_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
		if (f->slot_fd < 0)
			code = err_errno(errno == EACCES ? ERR_DENIED : ERR_IO,
			    "%s", path);
		free(path);
		if (f->slot_fd < 0)
			return code;
		if (flock(f->slot_fd, LOCK_EX | LOCK_NB) < 0) {
			close(f->slot_fd);
			f->slot_fd = -1;
		}
	}
	if (f->slot_fd < 0)
		return err_set(ERR_BUSY, "more than %d followers", SLOTS_MAX);
	code = store_begin(f->s);
	if (code < 0)
		return code;
	q = query(store_desk(f->s),
	    "INSERT INTO worker (stage, slot, pid, since_ms)"
	    " VALUES (:stage, :slot, :pid, :now)"
	    " ON CONFLICT DO UPDATE SET pid = :pid, since_ms = :now");
	bind_text(&q, ":stage", INBOUND_WRITER);
	bind_text(&q, ":slot", name);
	bind_int(&q, ":pid", getpid());
	bind_int(&q, ":now", now_ms());
	step(&q);
	code = done(&q);
	if (code == 0)
		code = cursor_get(f->s, INBOUND_WRITER, f->o->from, &f->cursor);
	if (code < 0) {
		store_rollback(f->s);
		return code;
	}
	return store_commit(f->s);
}

static int
read_settings(struct follow *f)
{
	struct conf *c = NULL;
	int code = conf_open(&c);

	if (code == 0)
		code = setting_duration(c, "inbox", "keep", &f->keep_ms);
	if (code == 0)
		code = instances_load(f->s, c);
	conf_close(c);
	return code;
}

static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
take_signals(struct follow *f)
{
	struct signalfd_siginfo info;

	while (read(f->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGHUP) {
			f->stopping = true;
			notify("STOPPING=1");
		} else if (read_settings(f) < 0)
			log_warnx("settings stay as they are: %s",
			    err_reason());
	}
}

/* While nothing else is to do: the words of what came. 1 if there are more. */
static int
index_words(struct follow *f)
{
	int more = words_index(f->s, WORDS_AT_LEAST);

	/* Another one has its turn: later, then. */
	return more == ERR_BUSY ? 0 : more;
}

static void
wait_for_news(struct follow *f)
{
	struct pollfd fds[2] = { { .fd = f->signals, .events = POLLIN },
		{ .fd = f->bell, .events = POLLIN } };

	poll(fds, 2, (int)f->o->poll_ms);
	notify("WATCHDOG=1");
}

static int
expire(struct follow *f)
{
	int64_t now = now_ms();

	if (now < f->expire_at_ms)
		return 0;
	f->expire_at_ms = now + EXPIRE_EVERY_MS;
	return inbox_expire(f->inbox, (f->keep_ms + DAY_MS - 1) / DAY_MS,
	    f->cursor, now, NULL);
}

/* One read of the inbox: how many bodies were done, or an ERR. */
static int
follow_once(struct follow *f)
{
	struct inbox_body *bodies = NULL;
	struct batch b = { .count = 0 };
	int64_t before = f->cursor, now;
	size_t n, i;
	int code;

	code = inbox_read(f->inbox, f->cursor, FOLLOW_BODIES_MAX, &bodies, &n);
	if (code < 0)
		return code;
	for (i = 0; i < n; i++) {
		b.bodies[i] = webhook_parse(bodies[i].body, bodies[i].len);
		b.received_ms[i] = bodies[i].received_ms;
		b.places[i] = bodies[i].place;
		b.count++;
	}
	free(bodies);
	if (n > 0)
		code = batch_do(f->s, &b, &f->cursor);
	batch_reset(&b);
	if (code == ERR_BUSY &&
	    cursor_get(f->s, INBOUND_WRITER, f->o->from, &now) == 0 &&
	    now != before) {
		/* Another one is at it: go on from where they are. */
		f->cursor = now;
		code = 0;
	}
	return code < 0 ? code : (int)n;
}

static int
set_up(struct follow *f)
{
	char *bell;
	int code;

	f->signals = open_signals();
	code = store_open(f->o->store, STORE_WRITE, &f->s);
	if (code == 0)
		code = read_settings(f);
	if (code == 0)
		code = sign_on(f);
	if (code == 0)
		code = inbox_open(store_dir(f->s), true, &f->inbox);
	if (code == 0) {
		bell = inbox_bell(store_dir(f->s));
		code = bell_open(bell, &f->bell);
		free(bell);
	}
	return code;
}

/* A clean end: nobody needs to ask why it is not up. */
static int
sign_off(struct follow *f)
{
	struct query q;
	int code = store_begin(f->s);

	if (code < 0)
		return code;
	q = query(store_desk(f->s),
	    "UPDATE worker SET pid = 0 WHERE stage = :stage AND pid = :pid");
	bind_text(&q, ":stage", INBOUND_WRITER);
	bind_int(&q, ":pid", getpid());
	step(&q);
	code = done(&q);
	if (code < 0) {
		store_rollback(f->s);
		return code;
	}
	return store_commit(f->s);
}

int
follow_run(const struct follow_options *o)
{
	struct follow f = { .o = o, .bell = -1, .signals = -1, .slot_fd = -1 };
	int code = set_up(&f), n;

	if (code == 0)
		notify("READY=1");
	while (code == 0 && !f.stopping) {
		bell_clear(f.bell);
		n = follow_once(&f);
		if (n == 0)
			code = expire(&f);
		if (n == 0 && o->once)
			break;
		if (n == 0 && code == 0)
			code = index_words(&f);
		if (n == 0 && code == 0)
			wait_for_news(&f);
		if (code > 0)
			code = 0;
		take_signals(&f);
		if (n < 0)
			code = n;
	}
	if (code == 0)
		code = sign_off(&f);
	inbox_close(f.inbox);
	store_close(f.s);
	if (f.bell >= 0)
		close(f.bell);
	if (f.signals >= 0)
		close(f.signals);
	if (f.slot_fd >= 0)
		close(f.slot_fd);
	return code;
}
