/*
 * unit-ladder.c - the end of a message does not depend on the order in which
 * it is told: every order of sent, delivered, read, failed and of the call's
 * answer, each status once and twice, with our id in it, without, and with it
 * in some; nor do the events of the message that are in the log then
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "desk/message.h"
#include "store/store.h"
#include "wa/early.h"
#include "wa/inbound.h"

#define STATUSES 5
#define ANSWER STATUSES /* the call's answer, among them */

static const char *const statuses[STATUSES] = { "sent", "delivered", "read",
	"played", "failed" };
static const char *const events[STATUSES] = { "message.sent",
	"message.delivered", "message.read", "message.played",
	"message.failed" };

enum answer { NONE, ACCEPTED, HELD, REFUSED, ANSWERS };

struct run {
	struct store *s;
	char id[ULID_BYTES], wamid[64];
	enum answer answer;
	unsigned tracked; /* which statuses bring our id */
	unsigned told;	  /* which statuses come */
	bool log;	  /* by way of the webhook, with events */
};

static const char *
tracker(const struct run *r, int what)
{
	return r->tracked & 1u << what ? r->id : NULL;
}

static void
sql(struct store *s, const char *text, const char *id)
{
	struct query q = query(store_desk(s), text);

	if (id != NULL)
		bind_text(&q, ":id", id);
	step(&q);
	assert_int_equal(done(&q), 0);
}

static void
begin(struct run *r, int n)
{
	snprintf(r->id, sizeof r->id, "01JD%022d", n);
	snprintf(r->wamid, sizeof r->wamid, "wamid.%d", n);
	sql(r->s,
	    "INSERT INTO message (id, instance, conversation, contact,"
	    " direction, kind, wa_ms, stored_ms, author, status, attempt)"
	    " VALUES (:id, 'i', 'c0000000', 'k0000000', 'out', 'text', 1, 1,"
	    " 'ai', 'sending', 1)",
	    r->id);
}

/* What came without our id is the message's, now that it has its name. */
static void
adopt(struct run *r)
{
	struct message_early *early = NULL;
	struct act act;
	size_t n = 0;

	if (r->log) {
		act_program(&act, r->s, "wa-send", NULL, "system");
		assert_true(early_tell(&act, r->id) >= 0);
		act_release(&act);
		return;
	}
	assert_int_equal(message_adopt(r->s, r->id, &early, &n), 0);
	message_early_free(early, n);
}

static void
answer(struct run *r)
{
	switch (r->answer) {
	case ACCEPTED:
		assert_int_equal(message_name(r->s, r->id, r->wamid), 0);
		assert_true(message_climb(r->s, r->id, "accepted") >= 0);
		adopt(r);
		break;
	case HELD:
		assert_true(message_climb(r->s, r->id, "held") >= 0);
		break;
	case REFUSED:
		assert_true(message_climb(r->s, r->id, "failed") >= 0);
		break;
	default:
		break;
	}
}

static void
tell_webhook(struct run *r, int what)
{
	struct webhook_item it = { .what = WEBHOOK_STATUS,
		.type = events[what],
		.number_id = "100000000000001",
		.wamid = r->wamid,
		.wa_ms = 1000 + what,
		.status = statuses[what],
		.tracker = tracker(r, what) };
	char id[ULID_BYTES];

	if (strcmp(it.status, "failed") == 0)
		it.facts = json_pack("{s[{si ss}]}", "errors", "code", 131026,
		    "title", "undeliverable");
	assert_int_equal(inbound_apply(r->s, &it, 2000, id), 0);
	json_decref(it.facts);
}

static void
tell(struct run *r, int what)
{
	struct message_told t = { .instance = "i",
		.wamid = r->wamid,
		.wa_ms = 1000 + what };
	char id[ULID_BYTES];

	if (what == ANSWER) {
		answer(r);
	} else if (r->log) {
		tell_webhook(r, what);
	} else {
		t.status = statuses[what];
		t.tracker = tracker(r, what);
		assert_true(message_status_store(r->s, &t, id) >= 0);
		if (t.tracker != NULL)
			adopt(r);
	}
}

/* Whether the provider's name for the message is known in the end. */
static bool
is_named(const struct run *r)
{
	return r->answer == ACCEPTED || (r->tracked & r->told) != 0;
}

/* What must be true in the end, whatever the order was. */
static const char *
wanted(const struct run *r)
{
	/* Statuses that cannot be told whose they are wait for the answer. */
	unsigned told = is_named(r) ? r->told : 0;

	if (told & 1u << 3)
		return "played";
	if (told & 1u << 2)
		return "read";
	if (told & 1u << 1)
		return "delivered";
	if (told & 1u << 4 || r->answer == REFUSED)
		return "failed";
	if (told & 1u << 0)
		return "sent";
	return r->answer == ACCEPTED ? "accepted" :
	    r->answer == HELD	     ? "held" :
				       "sending";
}

/* How many events of that type are of the message, with all they need. */
static int
count(const struct run *r, const char *type)
{
	struct query q = query(store_desk(r->s),
	    "SELECT count(*) FROM event WHERE subject = 'conversation/c0000000'"
	    " AND type = :type AND json_extract(data, '$.message') = :id"
	    " AND json_extract(data, '$.conversation') = 'c0000000'"
	    " AND json_extract(data, '$.instance') = 'i'"
	    " AND (type <> 'message.failed'"
	    "  OR json_extract(data, '$.errors[0].code') = 131026)");
	int n = -1;

	bind_text(&q, ":type", type);
	bind_text(&q, ":id", r->id);
	if (step(&q))
		n = (int)column_int(&q, 0);
	assert_int_equal(done(&q), 0);
	return n;
}

/* Each status that came is told of the message once. */
static void
check_log(const struct run *r)
{
	for (int i = 0; i < STATUSES; i++)
		assert_int_equal(count(r, events[i]),
		    is_named(r) && r->told & 1u << i ? 1 : 0);
}

static void
check(struct run *r, const int *order, int n)
{
	struct message *m;

	if (r->log)
		check_log(r);

	assert_int_equal(message_get(r->s, r->id, &m), 0);
	if (strcmp(m->status, wanted(r)) != 0) {
		for (int i = 0; i < n; i++)
			print_message("%s ",
			    order[i] == ANSWER ? "answer" : statuses[order[i]]);
		fail_msg("answer %d: is %s, not %s", r->answer, m->status,
		    wanted(r));
	}
	message_free(m);
}

static int runs;

/* Each order of the first n, from place k on. */
static void
permute(struct run *r, int *order, int n, int k)
{
	if (k == n) {
		begin(r, runs++);
		for (int i = 0; i < n; i++)
			tell(r, order[i]);
		check(r, order, n);
		for (int i = 0; i < n; i++) /* webhooks come again */
			if (order[i] != ANSWER)
				tell(r, order[i]);
		check(r, order, n);
		sql(r->s, "DELETE FROM message WHERE id = :id", r->id);
		return;
	}
	for (int i = k; i < n; i++) {
		int swap = order[k];

		order[k] = order[i];
		order[i] = swap;
		permute(r, order, n, k + 1);
		order[i] = order[k];
		order[k] = swap;
	}
}

/* The statuses of one run, and the answer if there is one. */
static int
places(const struct run *r, int order[STATUSES + 1])
{
	int n = 0;

	for (int i = 0; i < STATUSES; i++)
		if (r->told & 1u << i)
			order[n++] = i;
	if (r->answer != NONE)
		order[n++] = ANSWER;
	return n;
}

static void
open_store(struct run *r)
{
	unsetenv("FRONTDESK_STORE");
	setenv("XDG_DATA_HOME", "/nonexistent", 1);
	assert_int_equal(store_open(NULL, STORE_COPY, &r->s), 0);
	assert_int_equal(store_begin(r->s), 0);
	sql(r->s,
	    "INSERT INTO instance (name, kind, phone_number_id, created_ms)"
	    " VALUES ('i', 'cloud', '100000000000001', 1)",
	    NULL);
	sql(r->s,
	    "INSERT INTO contact (id, instance, created_ms)"
	    " VALUES ('k0000000', 'i', 1)",
	    NULL);
	sql(r->s,
	    "INSERT INTO conversation (id, instance, contact, number, status,"
	    " owner, opened_ms, reopened_ms) VALUES ('c0000000', 'i',"
	    " 'k0000000', 1, 'open', 'ai', 1, 1)",
	    NULL);
}

static void
close_store(struct run *r)
{
	print_message("# %d orders\n", runs);
	store_rollback(r->s);
	store_close(r->s);
}

static void
test_orders(void **state)
{
	/* None, all, and those of every other step. */
	static const unsigned tracked[] = { 0, (1u << STATUSES) - 1, 0x0a };
	struct run r = { .s = NULL };
	int order[STATUSES + 1];

	(void)state;
	open_store(&r);
	for (r.told = 0; r.told < 1u << STATUSES; r.told++)
		for (int a = 0; a < ANSWERS; a++)
			for (size_t t = 0; t < 3; t++) {
				r.answer = (enum answer)a;
				r.tracked = tracked[t];
				permute(&r, order, places(&r, order), 0);
			}
	close_store(&r);
}

/* The same by way of webhooks: the log is the same too. */
static void
test_log(void **state)
{
	/* sent, delivered, read and failed. */
	static const unsigned told = 0x17;
	static const unsigned tracked[] = { 0, told, 0x02, 0x10 };
	struct run r = { .log = true };
	int order[STATUSES + 1];

	(void)state;
	open_store(&r);
	for (r.told = 0; r.told <= told; r.told++)
		for (size_t t = 0; t < 4 && (r.told & ~told) == 0; t++) {
			r.tracked = tracked[t];
			r.answer = ACCEPTED;
			permute(&r, order, places(&r, order), 0);
			r.answer = NONE;
			permute(&r, order, places(&r, order), 0);
		}
	close_store(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
