/* lib/wa/writing, lib/desk/scribe: what a person writes, and who else does */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/time.h"
#include "desk/draft.h"
#include "desk/scribe.h"
#include "desk/seen.h"
#include "wa/writing.h"

#define WINDOW_MS INT64_C(86400000)
#define ID "aaa11111"

static char dir[] = "/tmp/writing-XXXXXX";
static struct store *store;

static void
sql(const char *text)
{
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(db_exec(store_desk(store), text), 0);
	assert_int_equal(store_commit(store), 0);
}

/* A customer who wrote a minute ago. */
static int
set_up(void **state)
{
	char *text;

	(void)state;
	if (mkdtemp(dir) == NULL || store_create(dir, "personal") < 0 ||
	    store_open_dir(dir, STORE_WRITE, &store) < 0)
		return -1;
	text = xformat(
	    "INSERT INTO instance (name, kind, created_ms)"
	    " VALUES ('sales', 'cloud', 1);"
	    "INSERT INTO contact (id, instance, created_ms)"
	    " VALUES ('c0000001', 'sales', 1);"
	    "INSERT INTO contact_alias (instance, kind, value, contact,"
	    " since_ms) VALUES ('sales', 'phone', '491700000001', 'c0000001',"
	    " 1);"
	    "INSERT INTO conversation (id, instance, contact, number, status,"
	    " owner, opened_ms, reopened_ms, last_in_ms)"
	    " VALUES ('" ID "', 'sales', 'c0000001', 1, 'open', 'ai', 1, 1,"
	    " %lld);",
	    (long long)(now_ms() - 60000));
	sql(text);
	free(text);
	return 0;
}

static int
tear_down(void **state)
{
	char *command = xformat("rm -rf %s", dir);
	int code;

	(void)state;
	store_close(store);
	code = system(command);
	free(command);
	return code;
}

/* Queue it under person, whole or not at all. */
static int
queue(const char *person, const struct writing *w)
{
	struct act a;
	int code;

	assert_int_equal(store_begin(store), 0);
	act_person(&a, store, person);
	code = writing_queue(&a, ID, person, w, WINDOW_MS);
	if (code < 0)
		store_rollback(store);
	else
		assert_int_equal(store_commit(store), 0);
	act_release(&a);
	return code;
}

static struct writing
said(const char *text)
{
	return (struct writing){ .kind = "text", .text = (char *)text };
}

static void
texts_are_taken_as_they_should_be(void **state)
{
	static const struct {
		const char *typed, *text; /* NULL: refused */
	} all[] = {
		{ "hello\n\n", "hello" },
		{ "two\r\nlines\r\n", "two\nlines" },
		{ "a\ttab", "a\ttab" },
		{ "", NULL },
		{ "\n\n", NULL },
		{ "\x1b[2J", NULL },
		{ "caf\xe9", NULL },
	};
	char *text, *huge;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		text = NULL;
		assert_int_equal(writing_text(all[i].typed,
				     strlen(all[i].typed), &text),
		    all[i].text != NULL ? 0 : ERR_DATA);
		if (all[i].text != NULL)
			assert_string_equal(text, all[i].text);
		free(text);
	}
	assert_int_equal(writing_text("a\0b", 3, &text), ERR_DATA);
	huge = xcalloc(WRITING_MAX_BYTES + 2, 1);
	memset(huge, 'x', WRITING_MAX_BYTES + 1);
	assert_int_equal(writing_text(huge, WRITING_MAX_BYTES + 1, &text),
	    ERR_DATA);
	free(huge);
}

static void
an_answer_takes_the_conversation(void **state)
{
	struct writing w = said("It comes tomorrow.");
	struct conversation *c = NULL;

	(void)state;
	assert_int_equal(writing_check(&w), 0);
	assert_int_equal(queue("anna", &w), 0);
	assert_int_equal(conversation_get(store, ID, &c), 0);
	assert_string_equal(c->owner, "user");
	assert_string_equal(c->assignee, "anna");
	conversation_free(c);
	assert_true(seen_until(store, "anna", ID) > 0);
	assert_int_equal(seen_until(store, "bert", ID), 0);
}

static void
a_shut_window_refuses_it_whole(void **state)
{
	struct writing w = said("too late");
	char *was;

	(void)state;
	sql("UPDATE conversation SET last_in_ms = last_in_ms - 90000000,"
	    " owner = 'queue', assignee = NULL");
	assert_int_equal(queue("anna", &w), ERR_NO);
	was = writing_meanwhile(store, ID, "nobody", 0);
	assert_string_equal(was, "anna answered");
	free(was);
	sql("UPDATE conversation SET last_in_ms = last_in_ms + 90000000");
}

static void
nobody_is_talked_over(void **state)
{
	char id[SHORT_ID_BYTES] = ID; /* written to */
	struct scribe anna = { .store = store,
		.person = "anna",
		.id = id,
		.lease_ms = 60000 },
		      bert = anna, again = anna;
	struct writing w = said("one of two");
	char *text = NULL;
	int64_t ms = 0;

	(void)state;
	bert.person = "bert";
	assert_int_equal(scribe_begin(&anna, false), 0);
	assert_int_equal(scribe_begin(&bert, false), ERR_NO);
	assert_non_null(strstr(err_reason(), "anna has been writing"));
	assert_int_equal(scribe_begin(&again, false), ERR_NO);
	assert_non_null(strstr(err_reason(), "you have been writing"));
	assert_int_equal(queue("bert", &w), ERR_NO);
	w.process = anna.process;
	w.began_seq = anna.began_seq;
	scribe_tick(&anna, "one of\n");
	assert_int_equal(anna.failed, 0);
	assert_int_equal(draft_get(store, "anna", ID, &text, &ms), 1);
	assert_string_equal(text, "one of");
	free(text);
	assert_int_equal(draft_get(store, "bert", ID, &text, &ms), 0);
	assert_int_equal(queue("anna", &w), 0);
	assert_int_equal(scribe_end(&anna), 0);
	/* Done: the other may, but has not seen it. */
	assert_int_equal(scribe_begin(&bert, false), 0);
	w.process = bert.process;
	assert_int_equal(queue("bert", &w), ERR_NO);
	assert_non_null(strstr(err_reason(), "anna answered since"));
	w.anyway = true;
	assert_int_equal(queue("bert", &w), 0);
	assert_int_equal(scribe_end(&bert), 0);
}

static void
who_does_not_go_on_has_ended(void **state)
{
	char id[SHORT_ID_BYTES] = ID; /* written to */
	struct scribe anna = { .store = store,
		.person = "anna",
		.id = id,
		.lease_ms = 20 };
	int64_t at_ms = now_ms();
	char *names;

	(void)state;
	assert_int_equal(scribe_begin(&anna, false), 0);
	names = typist_names(store, ID, NULL, at_ms);
	assert_string_equal(names, "anna");
	free(names);
	assert_true(typist_next(store, at_ms) >= at_ms + 20);
	names = typist_names(store, ID, NULL, now_ms() + 1000);
	assert_string_equal(names, "");
	free(names);
	names = typist_names(store, ID, "anna", at_ms);
	assert_string_equal(names, "");
	free(names);
	assert_int_equal(scribe_alone(store, ID, "bert", NULL, now_ms() + 1000),
	    0);
}

static void
what_cannot_be_shown_is_kept_all_the_same(void **state)
{
	char id[SHORT_ID_BYTES] = ID; /* written to */
	struct scribe anna = { .store = store,
		.person = "anna",
		.id = id,
		.lease_ms = 1000 };
	char *text = NULL;
	int64_t ms = 0;

	(void)state;
	assert_int_equal(scribe_begin(&anna, true), 0);
	scribe_tick(&anna, "caf\xe9 at ten");
	assert_int_equal(draft_get(store, "anna", ID, &text, &ms), 1);
	assert_non_null(strstr(text, " at ten"));
	free(text);
	scribe_tick(&anna, "\n");
	assert_int_equal(draft_get(store, "anna", ID, &text, &ms), 0);
	assert_int_equal(scribe_end(&anna), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_taken_as_they_should_be),
		cmocka_unit_test(an_answer_takes_the_conversation),
		cmocka_unit_test(a_shut_window_refuses_it_whole),
		cmocka_unit_test(nobody_is_talked_over),
		cmocka_unit_test(who_does_not_go_on_has_ended),
		cmocka_unit_test(what_cannot_be_shown_is_kept_all_the_same),
	};

	return cmocka_run_group_tests_name("writing", tests, set_up, tear_down);
}
