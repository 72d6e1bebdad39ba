/*
 * unit-ladder.c - the end of a message does not depend on the order in which
 * it is told: every order of sent, delivered, read, failed and of the call's
 * answer, each status once and twice, with our id in it and without
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

#define STATUSES 5
#define ANSWER STATUSES /* the call's answer, among them */

static const char *const statuses[STATUSES] = { "sent", "delivered", "read",
	"played", "failed" };

enum answer { NONE, ACCEPTED, HELD, REFUSED, ANSWERS };

struct run {
	struct store *s;
	char id[ULID_BYTES], wamid[64];
	enum answer answer;
	bool tracked;  /* statuses bring our id */
	unsigned told; /* which statuses come */
};

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

static void
answer(struct run *r)
{
	switch (r->answer) {
	case ACCEPTED:
		assert_int_equal(message_name(r->s, r->id, r->wamid), 0);
		assert_true(message_climb(r->s, r->id, "accepted") >= 0);
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
tell(struct run *r, int what)
{
	struct message_told t = { .instance = "i",
		.wamid = r->wamid,
		.wa_ms = 1000 + what,
		.tracker = r->tracked ? r->id : NULL };
	char id[ULID_BYTES];

	if (what == ANSWER) {
		answer(r);
		return;
	}
	t.status = statuses[what];
	assert_true(message_status_store(r->s, &t, id) >= 0);
}

/* What must be true in the end, whatever the order was. */
static const char *
wanted(const struct run *r)
{
	/* Statuses that cannot be told whose they are wait for the answer. */
	unsigned told = r->tracked || r->answer == ACCEPTED ? r->told : 0;

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

static void
check(struct run *r, const int *order, int n)
{
	struct message *m;

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

static void
test_orders(void **state)
{
	struct run r = { .s = NULL };
	int order[STATUSES + 1], n;

	(void)state;
	unsetenv("FRONTDESK_STORE");
	setenv("XDG_DATA_HOME", "/nonexistent", 1);
	assert_int_equal(store_open(NULL, STORE_COPY, &r.s), 0);
	assert_int_equal(store_begin(r.s), 0);
	sql(r.s,
	    "INSERT INTO instance (name, kind, created_ms)"
	    " VALUES ('i', 'cloud', 1)",
	    NULL);
	sql(r.s,
	    "INSERT INTO contact (id, instance, created_ms)"
	    " VALUES ('k0000000', 'i', 1)",
	    NULL);
	sql(r.s,
	    "INSERT INTO conversation (id, instance, contact, number, status,"
	    " owner, opened_ms, reopened_ms) VALUES ('c0000000', 'i',"
	    " 'k0000000', 1, 'open', 'ai', 1, 1)",
	    NULL);
	for (r.told = 0; r.told < 1u << STATUSES; r.told++)
		for (int a = 0; a < ANSWERS; a++)
			for (int tracked = 0; tracked < 2; tracked++) {
				r.answer = (enum answer)a;
				r.tracked = tracked != 0;
				n = 0;
				for (int i = 0; i < STATUSES; i++)
					if (r.told & 1u << i)
						order[n++] = i;
				if (r.answer != NONE)
					order[n++] = ANSWER;
				permute(&r, order, n, 0);
			}
	print_message("# %d orders\n", runs);
	store_rollback(r.s);
	store_close(r.s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
