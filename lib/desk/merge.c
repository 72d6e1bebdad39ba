/* merge - two contacts become one, or one two, with all that hangs on them */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "desk/contact.h"
#include "desk/conversation.h"
#include "desk/merge.h"
#include "desk/message.h"
#include "desk/seen.h"
#include "desk/sla.h"

void
deeds_free(struct deeds *d)
{
	free(d->list);
	d->list = NULL;
	d->count = 0;
}

static void
did(struct deeds *d, enum deed_what what, const char *one, const char *other)
{
	struct merge_deed *n;

	d->list = xrealloc(d->list, (d->count + 1) * sizeof(*d->list));
	n = &d->list[d->count++];
	memset(n, 0, sizeof(*n));
	n->what = what;
	snprintf(n->one, sizeof(n->one), "%s", one);
	snprintf(n->other, sizeof(n->other), "%s", other);
}

/* Every statement here has both. */
static int
run(struct store *s, const char *sql, const char *from, const char *to)
{
	struct query q = query(store_desk(s), sql);

	bind_text(&q, ":from", from);
	bind_text(&q, ":to", to);
	step(&q);
	return done(&q);
}

/* All of them in turn. NULL-ended. */
static int
run_all(struct store *s, const char *const *sql, const char *from,
    const char *to)
{
	int code = 0;

	for (; *sql != NULL && code == 0; sql++)
		code = run(s, *sql, from, to);
	return code;
}

/* --- apart --- */

static void
in_order(const char **a, const char **b)
{
	const char *x = *a;

	if (strcmp(*a, *b) > 0) {
		*a = *b;
		*b = x;
	}
}

int
contact_are_apart(struct store *s, const char *a, const char *b)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM contact_apart WHERE one = :a AND other = :b");

	in_order(&a, &b);
	bind_text(&q, ":a", a);
	bind_text(&q, ":b", b);
	return any_row(&q);
}

int
contact_set_apart(struct store *s, const char *a, const char *b, bool apart,
    int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    apart ? "INSERT INTO contact_apart (one, other, time_ms)"
		    " VALUES (:a, :b, :at) ON CONFLICT DO NOTHING" :
		    "DELETE FROM contact_apart WHERE one = :a AND other = :b");

	in_order(&a, &b);
	bind_text(&q, ":a", a);
	bind_text(&q, ":b", b);
	if (apart)
		bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

/* --- conversations --- */

static int
rank(const struct conversation *c)
{
	return strcmp(c->owner, "user") == 0 ? 2 :
	    strcmp(c->owner, "queue") == 0   ? 1 :
					       0;
}

static int
priority_rank(const char *priority)
{
	static const char *const all[] = { "low", "medium", "high", "urgent" };
	int i;

	for (i = 0; i < 3 && strcmp(priority, all[i]) != 0; i++)
		;
	return i;
}

/* Clocks anew, from the messages that are there. */
static int
reckon(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "WITH m AS (SELECT * FROM message WHERE conversation = :id)"
	    " UPDATE conversation SET last_in_ms = (SELECT max(wa_ms) FROM m"
	    "  WHERE direction = 'in' AND kind NOT IN (" NO_TURN_SQL ")),"
	    " opened_ms = coalesce((SELECT min(wa_ms) FROM m"
	    "  WHERE direction <> 'note'), opened_ms),"
	    " reopened_ms = iif(reopened_ms <= opened_ms,"
	    "  coalesce((SELECT min(wa_ms) FROM m WHERE direction <> 'note'),"
	    "   reopened_ms), reopened_ms)"
	    " WHERE id = :id");
	int code;

	bind_text(&q, ":id", id);
	step(&q);
	code = done(&q);
	return code < 0 ? code : message_reckon(s, id);
}

/* What the AI had queued in it goes on only if the AI may go on there. */
static int
queued_too(struct store *s, const struct conversation *from,
    const struct conversation *to, int64_t owner_rev)
{
	const struct conversation *each[] = { from, to };
	struct query q;
	size_t i;
	int code = 0;

	for (i = 0; i < 2 && code == 0; i++) {
		q = query(store_desk(s),
		    "UPDATE message SET owner_rev = :new"
		    " WHERE conversation = :id AND direction = 'out'"
		    " AND author = 'ai' AND owner_rev = :old"
		    " AND status IN ('queued', 'sending', 'held')");
		bind_text(&q, ":id", each[i]->id);
		bind_int(&q, ":old", each[i]->owner_rev);
		bind_int(&q, ":new", owner_rev);
		step(&q);
		code = done(&q);
	}
	return code;
}

static const char *const join_sql[] = {
	"UPDATE message SET conversation = :to WHERE conversation = :from",
	"INSERT INTO conversation_tag (conversation, tag)"
	" SELECT :to, tag FROM conversation_tag WHERE conversation = :from"
	" ON CONFLICT DO NOTHING",
	"DELETE FROM conversation_tag WHERE conversation = :from AND :to <> ''",
	"UPDATE job SET key = :to WHERE key = :from AND lease_until_ms IS NULL",
	"UPDATE OR REPLACE writer SET conversation = :to"
	" WHERE conversation = :from",
	/* Who looked at either has seen all before what is new to them in one. */
	"INSERT INTO seen (person, conversation, seq)"
	" SELECT person, :to, coalesce((SELECT min(e.seq) - 1"
	"  FROM conversation w JOIN event e"
	"   ON e.subject = 'conversation/' || w.id"
	"  WHERE (w.id IN (:from, :to) OR w.merged_into IN (:from, :to))"
	"  AND " NEWS_SQL " AND e.seq > coalesce("
	"   (SELECT o.seq FROM seen o WHERE o.person = s.person"
	"    AND o.conversation = coalesce(w.merged_into, w.id)), 0)),"
	" max(seq)) FROM seen s WHERE conversation IN (:from, :to)"
	" GROUP BY person ON CONFLICT DO UPDATE SET seq = excluded.seq",
	"DELETE FROM seen WHERE conversation = :from AND :to <> ''",
	/* Of two that run the one that is due first does, told as it was told;
	 * what has ended is history. */
	"DELETE FROM sla_clock AS k WHERE ended_ms IS NULL AND ("
	" conversation = :from AND EXISTS (SELECT 1 FROM sla_clock o"
	"  WHERE o.conversation = :to AND o.ended_ms IS NULL"
	"  AND (o.target = 'resolution') = (k.target = 'resolution')"
	"  AND coalesce(o.due_ms <= k.due_ms, k.due_ms IS NULL))"
	" OR conversation = :to AND EXISTS (SELECT 1 FROM sla_clock o"
	"  WHERE o.conversation = :from AND o.ended_ms IS NULL"
	"  AND (o.target = 'resolution') = (k.target = 'resolution')"
	"  AND coalesce(o.due_ms < k.due_ms, k.due_ms IS NULL"
	"   AND o.due_ms IS NOT NULL)))",
	"UPDATE OR IGNORE sla_clock SET conversation = :to"
	" WHERE conversation = :from",
	"DELETE FROM sla_clock WHERE conversation = :from AND :to <> ''",
	"UPDATE conversation SET merged_into = :to WHERE merged_into = :from",
	"UPDATE conversation SET merged_into = :to, status = 'archived',"
	" owner = 'queue', assignee = NULL, team = NULL, waiting_ms = NULL,"
	" due_ms = NULL, handed_ms = NULL, owner_rev = owner_rev + 1 WHERE id = :from",
	NULL
};

/* Two that were open side by side were open since the first; else the one
 * that goes on says. */
static int64_t
clocks_start(const struct conversation *to, const struct conversation *from)
{
	if (conversation_is_closed(to) || conversation_is_closed(from))
		return to->reopened_ms;
	return from->reopened_ms < to->reopened_ms ? from->reopened_ms :
						     to->reopened_ms;
}

/* Whether something is due in one before anything is in the other: 1, 0 or an
 * ERR. */
static int
due_sooner(struct store *s, const char *one, const char *other)
{
	struct query q = query(store_desk(s),
	    "SELECT coalesce(a.due_ms < b.due_ms, a.due_ms IS NOT NULL)"
	    " FROM conversation a, conversation b"
	    " WHERE a.id = :one AND b.id = :other");
	int sooner = 0, code;

	bind_text(&q, ":one", one);
	bind_text(&q, ":other", other);
	if (step(&q))
		sooner = column_int(&q, 0) != 0;
	code = done(&q);
	return code < 0 ? code : sooner;
}

/* What people had in both they have had since the first hand-over. */
static int64_t
handed_since(const struct conversation *one, const struct conversation *other,
    bool both)
{
	return both && other->handed_ms < one->handed_ms ? other->handed_ms :
							   one->handed_ms;
}

/* One goes on in the other's stead, which is closed. */
static int
join(struct store *s, const struct conversation *to,
    const struct conversation *from, struct deeds *made)
{
	/* A closed one's owner is who had it, not who has it. */
	bool counts =
		 !conversation_is_closed(from) || conversation_is_closed(to),
	     both = rank(to) == 0 && (!counts || rank(from) == 0);
	const struct conversation *human =
	    counts && rank(from) > rank(to) ? from : to;
	bool people = counts && rank(from) > 0 && rank(to) > 0;
	int64_t rev = to->owner_rev + (human != to);
	struct query q;
	int sooner = 0, code;

	code = both ? queued_too(s, from, to, rev) : 0;
	if (code == 0)
		code = sooner = due_sooner(s, from->id, to->id);
	if (code >= 0)
		code = run_all(s, join_sql, from->id, to->id);
	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "UPDATE conversation SET owner = :owner, owner_rev = :rev,"
	    " status = iif(status = 'snoozed' AND :other = 'open', 'open',"
	    "  status),"
	    " assignee = :assignee, team = coalesce(:team, team),"
	    " handed_ms = iif(:handed = 0, NULL, :handed),"
	    " priority = :priority, language = coalesce(language, :language),"
	    " profile = coalesce(profile, :profile),"
	    " sla = iif(:sooner <> 0, (SELECT f.sla FROM conversation f"
	    "  WHERE f.id = :from), coalesce(sla,"
	    "  (SELECT f.sla FROM conversation f WHERE f.id = :from))),"
	    " opened_ms = min(opened_ms, :opened), reopened_ms = :reopened"
	    " WHERE id = :id");
	bind_text(&q, ":id", to->id);
	bind_text(&q, ":from", from->id);
	bind_int(&q, ":sooner", sooner);
	bind_text(&q, ":other", from->status);
	bind_text(&q, ":owner", human->owner);
	bind_int(&q, ":rev", rev);
	bind_text(&q, ":assignee", human->assignee);
	bind_text(&q, ":team", human->team);
	bind_int(&q, ":handed",
	    handed_since(human, human == to ? from : to, people));
	bind_text(&q, ":priority",
	    !conversation_is_closed(from) &&
		    priority_rank(from->priority) >
			priority_rank(to->priority) ?
		from->priority :
		to->priority);
	bind_text(&q, ":language", from->language);
	bind_text(&q, ":profile", from->profile);
	bind_int(&q, ":opened", from->opened_ms);
	bind_int(&q, ":reopened", clocks_start(to, from));
	step(&q);
	code = done(&q);
	if (code == 0)
		code = reckon(s, to->id);
	if (code == 0)
		did(made, DEED_CONVERSATIONS_MERGED, to->id, from->id);
	return code;
}

static int
last_of(struct store *s, const char *contact, struct conversation **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT c.id FROM contact k JOIN conversation c"
	    " ON c.instance = k.instance AND c.contact = k.id"
	    " WHERE k.id = :id AND c.merged_into IS NULL"
	    " ORDER BY c.number DESC LIMIT 1");
	char id[SHORT_ID_BYTES] = "";
	int code;

	bind_text(&q, ":id", contact);
	if (step(&q))
		snprintf(id, sizeof(id), "%s", column_text(&q, 0));
	code = done(&q);
	*ret = NULL;
	return code == 0 && id[0] != '\0' ? conversation_get(s, id, ret) : code;
}

/* Whether a goes on rather than b: an open one, then the newest. */
static bool
goes_on(const struct conversation *a, const struct conversation *b)
{
	if (conversation_is_closed(a) != conversation_is_closed(b))
		return conversation_is_closed(b);
	if (a->reopened_ms != b->reopened_ms)
		return a->reopened_ms > b->reopened_ms;
	return strcmp(a->id, b->id) < 0;
}

/* The contact's last one is the one of the highest number. */
static int
put_last(struct store *s, const char *id)
{
	return run(s,
	    "UPDATE conversation SET number = (SELECT max(o.number) + 1"
	    "  FROM conversation o WHERE o.instance = conversation.instance"
	    "  AND o.contact = conversation.contact)"
	    " WHERE id = :to AND :from = ''",
	    "", id);
}

static int
join_last(struct store *s, struct conversation *a, struct conversation *b,
    struct deeds *made)
{
	struct conversation *to = goes_on(a, b) ? a : b,
			    *from = to == a ? b : a;
	struct instance *instance = NULL;
	bool apart;
	int code = instance_get(s, to->instance, &instance);

	if (code < 0)
		return code;
	apart = instance->after_resolve_new && conversation_is_closed(from);
	instance_free(instance);
	code = put_last(s, to->id);
	if (code == 0 && !apart)
		code = join(s, to, from, made);
	return code;
}

/* --- contacts --- */

static int
born(struct store *s, const char *id, char ret_id[SHORT_ID_BYTES],
    int64_t *ret_ms, char **ret_instance)
{
	struct query q = query(store_desk(s),
	    "SELECT id, created_ms, instance FROM contact WHERE id ="
	    " (SELECT coalesce(merged_into, id) FROM contact WHERE id = :id)");
	bool found;
	int code;

	bind_text(&q, ":id", id);
	found = step(&q);
	if (found) {
		snprintf(ret_id, SHORT_ID_BYTES, "%s", column_text(&q, 0));
		*ret_ms = column_int(&q, 1);
		*ret_instance = column_copy(&q, 2);
	}
	code = done(&q);
	if (code == 0 && !found)
		code = err_set(ERR_NOINPUT, "no contact %s", id);
	return code;
}

static const char *const merge_sql[] = {
	"INSERT INTO contact_alias (instance, kind, value, contact, since_ms,"
	" sure_ms, left_ms, got_ms) SELECT instance, kind, value, :to, since_ms,"
	" sure_ms, left_ms, got_ms FROM contact_alias WHERE contact = :from"
	" ON CONFLICT DO UPDATE SET"
	" since_ms = min(since_ms, excluded.since_ms),"
	" sure_ms = iif(sure_ms = 0 OR excluded.sure_ms = 0,"
	"  max(sure_ms, excluded.sure_ms), min(sure_ms, excluded.sure_ms)),"
	" left_ms = iif(left_ms = 0 OR excluded.left_ms = 0, 0,"
	"  max(left_ms, excluded.left_ms)),"
	" got_ms = max(got_ms, excluded.got_ms)",
	"DELETE FROM contact_alias WHERE contact = :from AND :to <> ''",
	"INSERT INTO contact_apart (one, other, time_ms)"
	" SELECT min(:to, iif(one = :from, other, one)),"
	"  max(:to, iif(one = :from, other, one)), time_ms FROM contact_apart"
	"  WHERE (one = :from OR other = :from) AND one <> :to"
	"  AND other <> :to ON CONFLICT DO NOTHING",
	"DELETE FROM contact_apart"
	" WHERE (one = :from OR other = :from) AND :to <> ''",
	"UPDATE message SET contact = :to WHERE conversation IN"
	" (SELECT c.id FROM contact k JOIN conversation c"
	"  ON c.instance = k.instance AND c.contact = k.id WHERE k.id = :from)",
	/* Numbers are put behind those that are there; one row at a time would
	 * do as well, but for the unique key. */
	"UPDATE conversation SET contact = :to, number = number +"
	" (SELECT coalesce(max(o.number), 0) FROM conversation o"
	"  WHERE o.instance = conversation.instance AND o.contact = :to)"
	" WHERE contact = :from AND instance ="
	"  (SELECT instance FROM contact WHERE id = :from)",
	"UPDATE job SET key = (SELECT instance FROM contact WHERE id = :to)"
	" || '/' || :to WHERE lease_until_ms IS NULL AND key ="
	" (SELECT instance FROM contact WHERE id = :from) || '/' || :from",
	"INSERT INTO pace (key, even_ms)"
	" SELECT k.instance || '/' || :to, p.even_ms FROM contact k"
	" JOIN pace p ON p.key = k.instance || '/' || :from WHERE k.id = :from"
	" ON CONFLICT DO UPDATE SET even_ms = max(even_ms, excluded.even_ms)",
	"UPDATE contact SET created_ms = min(contact.created_ms, f.created_ms),"
	" name = iif(f.renamed > contact.renamed, f.name,"
	"  coalesce(contact.name, f.name)),"
	" renamed = max(contact.renamed, f.renamed),"
	" language_set = coalesce(contact.language_set, f.language_set),"
	" zone = coalesce(contact.zone, f.zone),"
	" language = coalesce(contact.language, f.language)"
	" FROM (SELECT * FROM contact WHERE id = :from) AS f"
	" WHERE contact.id = :to",
	"UPDATE contact SET merged_into = :to WHERE merged_into = :from",
	"UPDATE contact SET merged_into = :to WHERE id = :from", NULL
};

int
contact_merge(struct store *s, const char *a, const char *b, struct deeds *made,
    char ret_id[SHORT_ID_BYTES])
{
	char one[SHORT_ID_BYTES], other[SHORT_ID_BYTES];
	const char *to = one, *from = other;
	char *instance = NULL, *second = NULL;
	struct conversation *last = NULL, *gone = NULL;
	int64_t one_ms = 0, other_ms = 0;
	int code = born(s, a, one, &one_ms, &instance);

	if (code == 0)
		code = born(s, b, other, &other_ms, &second);
	if (code == 0 && strcmp(instance, second) != 0)
		code = err_set(ERR_USAGE,
		    "%s and %s are of two instances, and stay two", a, b);
	free(instance);
	free(second);
	if (code < 0)
		return code;
	if (strcmp(one, other) != 0) {
		if (other_ms < one_ms ||
		    (other_ms == one_ms && strcmp(other, one) < 0)) {
			to = other;
			from = one;
		}
		code = last_of(s, to, &last);
		if (code == 0)
			code = last_of(s, from, &gone);
		if (code == 0)
			code = run_all(s, merge_sql, from, to);
		if (code == 0)
			did(made, DEED_CONTACTS_MERGED, to, from);
		if (code == 0 && last != NULL && gone != NULL)
			code = join_last(s, last, gone, made);
		if (code == 0)
			code = contact_rename(s, to);
	}
	conversation_free(last);
	conversation_free(gone);
	if (code == 0 && ret_id != to)
		memmove(ret_id, to, SHORT_ID_BYTES);
	return code;
}

/* --- apart again --- */

/* A message that goes, and where it is. */
struct going {
	char id[ULID_BYTES];
	char conversation[SHORT_ID_BYTES];
};

struct walk {
	struct going *list;
	size_t count;
	int64_t first_ms;
};

/* Whose words were last, of each contact that messages were told of. */
struct told {
	char contact[SHORT_ID_BYTES];
	int goes;
};

struct tellers {
	struct told *list;
	size_t count;
};

/* That of a contact, -1 at first. */
static int *
teller(struct tellers *t, const char *contact)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (strcmp(t->list[i].contact, contact) == 0)
			return &t->list[i].goes;
	t->list = xrealloc(t->list, (t->count + 1) * sizeof(*t->list));
	snprintf(t->list[i].contact, SHORT_ID_BYTES, "%s", contact);
	t->list[i].goes = -1;
	t->count++;
	return &t->list[i].goes;
}

static void
goes_too(struct walk *w, const struct going *g)
{
	w->list = xrealloc(w->list, (w->count + 1) * sizeof(*w->list));
	w->list[w->count++] = *g;
}

/*
 * What is ours goes with the customer's words that it answers: those it quotes
 * or was caused by, else the last ones before it, or the first ones. Before
 * contacts were joined it was said to one of them alone. The parts of a long text
 * stay together.
 */
static int
walk(struct store *s, const char *contact, belongs_fn belongs, void *ctx,
    struct walk *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT m.id, m.sender, m.wa_ms, m.conversation, o.sender, o.wa_ms,"
	    " iif(w.seq < (SELECT max(seq) FROM event"
	    "  WHERE subject = 'contact/' || k.id AND type = 'contact.merged'),"
	    "  w.data ->> 'contact', NULL) FROM contact k JOIN conversation c"
	    " ON c.instance = k.instance AND c.contact = k.id"
	    " JOIN message m ON m.conversation = c.id"
	    " LEFT JOIN message f ON m.sender IS NULL"
	    "  AND f.id = coalesce(m.part_of, m.id)"
	    " LEFT JOIN event w ON w.id = coalesce(m.part_of, m.id)"
	    " LEFT JOIN event v ON v.id = f.id"
	    " LEFT JOIN event r ON r.id = v.cause"
	    " LEFT JOIN message o ON o.contact = k.id AND o.id ="
	    "  coalesce((SELECT q.id FROM message q"
	    "   WHERE q.instance = f.instance AND q.wamid = f.quoted),"
	    "   r.data ->> 'message')"
	    " WHERE k.id = :id ORDER BY m.wa_ms, m.id");
	struct walk waiting = { NULL, 0, 0 };
	struct going g;
	size_t i;
	struct tellers told = { NULL, 0 };
	int goes = -1, now; /* nobody has said anything yet */
	int *theirs;

	bind_text(&q, ":id", contact);
	while (step(&q)) {
		theirs = column_null(&q, 6) ? NULL :
					      teller(&told, column_text(&q, 6));
		if (!column_null(&q, 1)) {
			goes =
			    belongs(ctx, column_text(&q, 1), column_int(&q, 2));
			if (theirs != NULL)
				*theirs = goes;
		}
		snprintf(g.id, sizeof(g.id), "%s", column_text(&q, 0));
		snprintf(g.conversation, sizeof(g.conversation), "%s",
		    column_text(&q, 3));
		if (!column_null(&q, 4)) { /* what it answers decides */
			now =
			    belongs(ctx, column_text(&q, 4), column_int(&q, 5));
		} else if (column_null(&q, 1) && theirs != NULL &&
		    *theirs != -1) {
			now = *theirs;
		} else if (goes == -1) {
			goes_too(&waiting, &g);
			continue;
		} else {
			now = goes;
			for (i = 0; i < waiting.count && now == 1; i++)
				goes_too(ret, &waiting.list[i]);
			waiting.count = 0;
		}
		if (now == 1 && ret->first_ms == 0)
			ret->first_ms = column_int(&q, 2);
		if (now == 1)
			goes_too(ret, &g);
	}
	free(waiting.list);
	free(told.list);
	return done(&q);
}

/* Where they go: the contact's last one, or a new one like the one that the
 * newest of them is in. */
static int
place_for(struct store *s, const char *contact, const struct walk *w,
    struct deeds *made, char ret_id[SHORT_ID_BYTES])
{
	struct conversation *last = NULL;
	int code = last_of(s, contact, &last);

	if (code == 0 && last != NULL) {
		memcpy(ret_id, last->id, SHORT_ID_BYTES);
	} else if (code == 0) {
		code = conversation_like(s, w->list[w->count - 1].conversation,
		    contact, w->first_ms, ret_id);
		if (code == 0)
			did(made, DEED_OPENED, ret_id, "");
	}
	conversation_free(last);
	return code;
}

static int
move_one(struct store *s, const char *id, const char *conversation,
    const char *contact)
{
	struct query q = query(store_desk(s),
	    "UPDATE message SET conversation = :conversation,"
	    " contact = :contact WHERE id = :id");

	bind_text(&q, ":id", id);
	bind_text(&q, ":conversation", conversation);
	bind_text(&q, ":contact", contact);
	step(&q);
	return done(&q);
}

/* Nothing is left in it: it goes on where its messages went. */
static int
close_empty(struct store *s, const char *from, const char *to,
    struct deeds *made)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM message WHERE conversation = :id LIMIT 1");
	bool empty;
	int code;

	bind_text(&q, ":id", from);
	empty = !step(&q);
	code = done(&q);
	if (code < 0 || !empty)
		return code < 0 ? code : reckon(s, from);
	code = run_all(s, join_sql, from, to);
	if (code == 0)
		did(made, DEED_CONVERSATIONS_MERGED, to, from);
	return code;
}

/* Whether an earlier one of them was in the same conversation. */
static bool
is_again(const struct walk *w, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(w->list[i].conversation, w->list[n].conversation) ==
		    0)
			return true;
	return false;
}

int
contact_move(struct store *s, const char *from, const char *to,
    belongs_fn belongs, void *ctx, struct deeds *made)
{
	struct walk w = { .list = NULL };
	char place[SHORT_ID_BYTES];
	size_t i;
	int code = walk(s, from, belongs, ctx, &w);

	if (code < 0 || w.count == 0)
		goto out;
	did(made, DEED_CONTACT_SPLIT, from, to);
	code = place_for(s, to, &w, made, place);
	for (i = 0; i < w.count && code == 0; i++) {
		if (!is_again(&w, i))
			code = conversation_moved(s, w.list[i].conversation,
			    place, w.first_ms);
		if (code == 0)
			code = move_one(s, w.list[i].id, place, to);
	}
	if (code == 0)
		code = reckon(s, place);
	for (i = 0; i < w.count && code == 0; i++)
		if (!is_again(&w, i))
			code =
			    close_empty(s, w.list[i].conversation, place, made);
	if (code == 0)
		code = contact_rename(s, from);
	if (code == 0)
		code = contact_rename(s, to);
out:
	free(w.list);
	return code < 0 ? code : (int)w.count;
}

/* The names a person takes off. */
struct taken {
	struct alias *list;
	size_t count;
};

static bool
is_taken(const struct taken *t, const char *name)
{
	const char *colon = strchr(name, ':');
	size_t i, len = colon != NULL ? (size_t)(colon - name) : 0;

	for (i = 0; i < t->count && colon != NULL; i++)
		if (strncmp(t->list[i].kind, name, len) == 0 &&
		    t->list[i].kind[len] == '\0' &&
		    strcmp(t->list[i].value, colon + 1) == 0)
			return true;
	return false;
}

/* What is the person's alone decides, else the number, else the user name. */
static bool
was_taken(void *ctx, const char *sender, int64_t wa_ms)
{
	static const char *const kinds[] = { "bsuid:", "lid:", "parent_bsuid:",
		"phone:", "username:", NULL };
	const struct taken *t = ctx;
	json_t *list = NULL, *value;
	bool found = false, goes = false;
	const char *name;
	size_t i, k;

	(void)wa_ms;
	if (json_value_parse(sender, strlen(sender), &list) < 0)
		return false;
	for (k = 0; kinds[k] != NULL && !found; k++)
		json_array_foreach(list, i, value) {
			name = json_string_value(value);
			if (name == NULL || !str_starts(name, kinds[k]))
				continue;
			found = true;
			goes |= is_taken(t, name);
		}
	json_decref(list);
	return goes;
}

/* The names of the contact that are meant, each once. */
static int
take_names(struct store *s, const char *contact, const char *const *aliases,
    size_t count, struct taken *ret, size_t *ret_left)
{
	struct query q = query(store_desk(s),
	    "SELECT kind, value FROM contact_alias WHERE contact = :id"
	    " AND kind <> 'group' ORDER BY kind, value");
	bool *used = xcalloc(count + 1, sizeof(*used)), meant;
	char *full;
	size_t i;
	int code;

	*ret_left = 0;
	bind_text(&q, ":id", contact);
	while (step(&q)) {
		full = xformat("%s:%s", column_text(&q, 0), column_text(&q, 1));
		meant = false;
		for (i = 0; i < count; i++)
			if (strcmp(aliases[i], full) == 0 ||
			    strcmp(aliases[i] + (aliases[i][0] == '+'),
				column_text(&q, 1)) == 0)
				meant = used[i] = true;
		free(full);
		if (!meant) {
			++*ret_left;
			continue;
		}
		ret->list =
		    xrealloc(ret->list, (ret->count + 1) * sizeof(*ret->list));
		ret->list[ret->count].kind = column_copy(&q, 0);
		ret->list[ret->count++].value = column_copy(&q, 1);
	}
	code = done(&q);
	for (i = 0; i < count && code == 0; i++)
		if (!used[i])
			code = err_set(ERR_NOINPUT,
			    "'%s' is no name of this contact", aliases[i]);
	if (code == 0 && *ret_left == 0)
		code =
		    err_set(ERR_USAGE, "no name of the contact would be left");
	free(used);
	return code;
}

static int
give_name(struct store *s, const char *from, const char *to,
    const struct alias *a)
{
	struct query q = query(store_desk(s),
	    "UPDATE contact_alias SET contact = :to WHERE contact = :from"
	    " AND kind = :kind AND value = :value");

	bind_text(&q, ":from", from);
	bind_text(&q, ":to", to);
	bind_text(&q, ":kind", a->kind);
	bind_text(&q, ":value", a->value);
	step(&q);
	return done(&q);
}

static int
instance_of(struct store *s, const char *contact, char **ret)
{
	struct query q =
	    query(store_desk(s), "SELECT instance FROM contact WHERE id = :id");
	int code;

	bind_text(&q, ":id", contact);
	if (step(&q))
		*ret = column_copy(&q, 0);
	code = done(&q);
	if (code == 0 && *ret == NULL)
		code = err_set(ERR_NOINPUT, "no contact %s", contact);
	return code;
}

int
contact_split(struct store *s, const char *contact, const char *const *aliases,
    size_t count, int64_t at_ms, struct deeds *made,
    char ret_id[SHORT_ID_BYTES])
{
	struct taken t = { NULL, 0 };
	char id[SHORT_ID_BYTES], to[SHORT_ID_BYTES], *instance = NULL;
	size_t left, i;
	int code = contact_resolve(s, contact, id);

	if (code == 0)
		code = take_names(s, id, aliases, count, &t, &left);
	if (code == 0)
		code = instance_of(s, id, &instance);
	if (code == 0)
		code = contact_make(s, instance, &t.list[0], NULL, at_ms, to);
	for (i = 0; i < t.count && code == 0; i++)
		code = give_name(s, id, to, &t.list[i]);
	if (code == 0)
		code = contact_set_apart(s, id, to, true, at_ms);
	if (code == 0)
		code = contact_move(s, id, to, was_taken, &t, made);
	if (code == 0) /* nothing was written under them */
		did(made, DEED_CONTACT_SPLIT, id, to);
	for (i = 0; i < t.count; i++) {
		free((char *)t.list[i].kind);
		free((char *)t.list[i].value);
	}
	free(t.list);
	free(instance);
	if (code < 0)
		return code;
	memcpy(ret_id, to, SHORT_ID_BYTES);
	return 0;
}

/* --- told --- */

static int
tell_contact(struct act *a, const struct merge_deed *d)
{
	char *instance = NULL, *subject;
	json_t *data;
	int code = instance_of(a->store, d->one, &instance);

	if (code < 0)
		return code;
	data = json_object();
	json_put(data, "contact", d->one);
	json_put(data, "other", d->other);
	json_put(data, "instance", instance);
	json_put(data, "actor", a->actor);
	subject = xformat("contact/%s", d->one);
	code = act_emit(a,
	    d->what == DEED_CONTACTS_MERGED ? "contact.merged" :
					      "contact.split",
	    subject, data, NULL);
	free(subject);
	free(instance);
	return code;
}

/* Of two promises one goes on: which, is told. */
static int
tell_conversations(struct act *a, const struct merge_deed *d)
{
	struct query q = query(store_desk(a->store),
	    "SELECT coalesce(sla, '" SLA_DEFAULT "') FROM conversation"
	    " WHERE id = :id");
	json_t *more = json_object();
	int code;

	json_put(more, "other", d->other);
	bind_text(&q, ":id", d->one);
	if (step(&q))
		json_put(more, "policy", column_text(&q, 0));
	code = done(&q);
	if (code == 0)
		return conversation_tell_more(a, d->one, "conversation.merged",
		    more);
	json_decref(more);
	return code;
}

int
deeds_announce(struct act *a, const struct deeds *d)
{
	size_t i;
	int code = 0;

	for (i = 0; i < d->count && code == 0; i++) {
		if (d->list[i].what == DEED_OPENED)
			code = conversation_announce(a, d->list[i].one,
			    CONV_OPENED);
		else if (d->list[i].what == DEED_CONVERSATIONS_MERGED)
			code = tell_conversations(a, &d->list[i]);
		else
			code = tell_contact(a, &d->list[i]);
	}
	return code;
}
