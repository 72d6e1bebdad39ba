/* typist - who is writing a reply at this moment */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "desk/conversation.h"
#include "desk/typist.h"

/* What has ended stands for a while, so that nobody who looks misses it. */
#define GONE_MS INT64_C(600000)

/* Rows of processes that were killed. */
static int
sweep(struct act *a)
{
	struct query q = query(store_desk(a->store),
	    "DELETE FROM writer WHERE until_ms < :before");

	bind_int(&q, ":before", a->now_ms - GONE_MS);
	step(&q);
	return done(&q);
}

static int
tell(struct act *a, const char *conversation)
{
	struct conversation *c = NULL;
	char subject[32];
	json_t *data;
	int code = conversation_get(a->store, conversation, &c);

	if (code < 0)
		return code;
	data = json_object();
	json_put(data, "conversation", c->id);
	json_put(data, "contact", c->contact);
	json_put(data, "instance", c->instance);
	json_put(data, "actor", a->actor);
	code = act_emit(a, "presence.typing",
	    conversation_subject(c->id, subject), data, NULL);
	conversation_free(c);
	return code;
}

int
typist_go_on(struct act *a, const char *conversation, const char *person,
    int64_t lease_ms, const char *process)
{
	/* A process that was stopped for long has no row any more. */
	struct query q = query(store_desk(a->store),
	    "INSERT INTO writer (conversation, process, person, since_ms,"
	    " until_ms) VALUES (:conversation, :process, :person, :now,"
	    " :until) ON CONFLICT DO UPDATE SET until_ms = :until");

	bind_text(&q, ":conversation", conversation);
	bind_text(&q, ":process", process);
	bind_text(&q, ":person", person);
	bind_int(&q, ":now", a->now_ms);
	bind_int(&q, ":until", a->now_ms + lease_ms);
	step(&q);
	return done(&q);
}

int
typist_begin(struct act *a, const char *conversation, const char *person,
    int64_t lease_ms, char ret_process[ULID_BYTES])
{
	char process[ULID_BYTES], pid[16];
	int code = sweep(a);

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	id_ulid(process, a->now_ms, "writer", conversation, person, pid, NULL);
	if (code == 0)
		code = typist_go_on(a, conversation, person, lease_ms, process);
	if (code == 0)
		code = tell(a, conversation);
	if (code == 0)
		memcpy(ret_process, process, ULID_BYTES);
	return code;
}

int
typist_end(struct act *a, const char *conversation, const char *process)
{
	/* The row stays for who looks at what has ended since. */
	struct query q = query(store_desk(a->store),
	    "UPDATE writer SET until_ms = :now"
	    " WHERE conversation = :conversation AND process = :process");

	bind_text(&q, ":conversation", conversation);
	bind_text(&q, ":process", process);
	bind_int(&q, ":now", a->now_ms);
	step(&q);
	return done(&q);
}

int
typist_other(struct store *s, const char *conversation, const char *process,
    int64_t at_ms, char **ret_person, int64_t *ret_since_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT person, since_ms FROM writer"
	    " WHERE conversation = :conversation AND until_ms > :at"
	    " AND process IS NOT :process ORDER BY since_ms, process LIMIT 1");
	bool found;
	int code;

	bind_text(&q, ":conversation", conversation);
	bind_text(&q, ":process", process);
	bind_int(&q, ":at", at_ms);
	found = step(&q);
	if (found) {
		*ret_person = column_copy(&q, 0);
		*ret_since_ms = column_int(&q, 1);
	}
	code = done(&q);
	return code < 0 ? code : found;
}

char *
typist_names(struct store *s, const char *conversation,
    const char *except_person, int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT DISTINCT person FROM writer"
	    " WHERE conversation = :conversation AND until_ms > :at"
	    " AND person IS NOT :except ORDER BY person");
	struct buf names = BUF_INIT(0);

	bind_text(&q, ":conversation", conversation);
	bind_int(&q, ":at", at_ms);
	bind_text(&q, ":except", except_person);
	while (step(&q))
		buf_addf(&names, "%s%s", names.len > 0 ? "," : "",
		    column_text(&q, 0));
	done(&q);
	return names.len > 0 ? buf_detach(&names) : xstrdup("");
}

int64_t
typist_next(struct store *s, int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT min(until_ms) FROM writer WHERE until_ms > :at");
	int64_t ms = 0;

	bind_int(&q, ":at", at_ms);
	if (step(&q) && !column_null(&q, 0))
		ms = column_int(&q, 0);
	done(&q);
	return ms;
}
