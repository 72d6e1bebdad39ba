/* contact - customers, known by any of several names at one instance */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "desk/contact.h"

#define SEEN_MAX 16    /* names in one sighting */
#define HOLDERS_MAX 16 /* of one number, over the years */
#define SPLITS_MAX 16

bool
alias_is_sure(const char *kind)
{
	static const char *const sure[] = { "bsuid", "parent_bsuid", "lid",
		"group", "other", NULL };

	return str_in(kind, sure);
}

/* --- rows --- */

int
contact_resolve(struct store *s, const char *id, char ret_id[SHORT_ID_BYTES])
{
	struct query q = query(store_desk(s),
	    "SELECT coalesce(merged_into, id) FROM contact WHERE id = :id");
	bool found;
	int code;

	bind_text(&q, ":id", id);
	found = step(&q);
	if (found)
		snprintf(ret_id, SHORT_ID_BYTES, "%s", column_text(&q, 0));
	code = done(&q);
	if (code == 0 && !found)
		code = err_set(ERR_NOINPUT, "no contact %s", id);
	return code;
}

static int
id_taken(struct store *s, const char *id)
{
	struct query q =
	    query(store_desk(s), "SELECT 1 FROM contact WHERE id = :id");

	bind_text(&q, ":id", id);
	return any_row(&q);
}

int
contact_make(struct store *s, const char *instance, const struct alias *alias,
    const char *name, int64_t at_ms, char ret_id[SHORT_ID_BYTES])
{
	struct query q;
	char again[16] = "";
	int n, code;

	/* 40 bits: two contacts of a large desk may meet; then hash again. */
	for (n = 0;; n++) {
		if (n > 0)
			snprintf(again, sizeof(again), "%d", n);
		id_short(ret_id, "contact", instance, alias->kind, alias->value,
		    again, NULL);
		code = id_taken(s, ret_id);
		if (code <= 0)
			break;
	}
	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "INSERT INTO contact (id, instance, kind, name, created_ms)"
	    " VALUES (:id, :instance, :kind, :name, :at)");
	bind_text(&q, ":id", ret_id);
	bind_text(&q, ":instance", instance);
	bind_text(&q, ":kind",
	    strcmp(alias->kind, "group") == 0 ? "group" : "person");
	bind_text(&q, ":name", name);
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

/* Somebody who has, or had, a name. */
struct holder {
	char contact[SHORT_ID_BYTES];
	int64_t since_ms, sure_ms, left_ms, got_ms;
	int64_t next_ms; /* of a user name: they had another from then; 0 */
};

struct holders {
	struct holder list[HOLDERS_MAX];
	size_t count;
};

static int
holders_read(struct store *s, const char *instance, const struct alias *a,
    struct holders *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT contact, since_ms, sure_ms, left_ms, got_ms,"
	    " iif(kind <> 'username', 0, coalesce((SELECT"
	    "  min(iif(o.sure_ms > 0, o.sure_ms, o.since_ms)) AS next_ms"
	    "  FROM contact_alias o WHERE o.contact = a.contact"
	    "  AND o.kind = 'username'"
	    "  AND iif(o.sure_ms > 0, o.sure_ms, o.since_ms) >"
	    "   iif(a.sure_ms > 0, a.sure_ms, a.since_ms)), 0))"
	    " FROM contact_alias a"
	    " WHERE instance = :instance AND kind = :kind AND value = :value");
	struct holder *h;

	ret->count = 0;
	bind_text(&q, ":instance", instance);
	bind_text(&q, ":kind", a->kind);
	bind_text(&q, ":value", a->value);
	while (step(&q) && ret->count < HOLDERS_MAX) {
		h = &ret->list[ret->count++];
		snprintf(h->contact, sizeof(h->contact), "%s",
		    column_text(&q, 0));
		h->since_ms = column_int(&q, 1);
		h->sure_ms = column_int(&q, 2);
		h->left_ms = column_int(&q, 3);
		h->got_ms = column_int(&q, 4);
		h->next_ms = column_int(&q, 5);
	}
	return done(&q);
}

static struct holder *
holder_is(struct holders *all, const char *contact)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		if (strcmp(all->list[i].contact, contact) == 0)
			return &all->list[i];
	return NULL;
}

/* When its time with the name begins. What came from the bare name before is
 * somebody else's if there was somebody else. */
static int64_t
start_of(const struct holder *h)
{
	return h->sure_ms > 0 ? h->sure_ms : h->since_ms;
}

static bool
begins_later(const struct holder *a, const struct holder *b)
{
	if (start_of(a) != start_of(b))
		return start_of(a) > start_of(b);
	return strcmp(a->contact, b->contact) > 0;
}

/* The one whose time had begun; NULL if nobody's had. */
static struct holder *
begun_by(struct holders *all, int64_t at_ms)
{
	struct holder *h = NULL;
	size_t i;

	for (i = 0; i < all->count; i++)
		if (start_of(&all->list[i]) <= at_ms &&
		    (h == NULL || begins_later(&all->list[i], h)))
			h = &all->list[i];
	return h;
}

static bool
had_it(const struct holder *h, int64_t at_ms)
{
	return (h->left_ms == 0 || at_ms <= h->left_ms) &&
	    (h->next_ms == 0 || at_ms < h->next_ms);
}

/* Who had the name then: whoever came last, unless they had given it up; else
 * the next one. NULL: nobody we know of. */
static struct holder *
holder_at(struct holders *all, int64_t at_ms)
{
	struct holder *h = begun_by(all, at_ms), *next = NULL;
	size_t i;

	if (h != NULL && had_it(h, at_ms))
		return h;
	for (i = 0; i < all->count; i++)
		if (start_of(&all->list[i]) > at_ms &&
		    (next == NULL || begins_later(next, &all->list[i])))
			next = &all->list[i];
	return next;
}

/* Whether a contact goes by another name of a kind that a person has one of:
 * then what carries this one is of another person. */
static int
has_other(struct store *s, const char *contact, const char *kind,
    const char *value)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*), coalesce(sum(value = :value), 0)"
	    " FROM contact_alias WHERE contact = :contact AND kind = :kind"
	    " AND left_ms = 0");
	bool other = false;
	int code;

	bind_text(&q, ":contact", contact);
	bind_text(&q, ":kind", kind);
	bind_text(&q, ":value", value);
	if (step(&q))
		other = column_int(&q, 0) > 0 && column_int(&q, 1) == 0;
	code = done(&q);
	return code < 0 ? code : other;
}

/* Whether two contacts cannot be one by what they are called. */
static int
are_different(struct store *s, const char *a, const char *b)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM contact_alias x JOIN contact_alias y"
	    " ON y.contact = :b AND y.kind = x.kind AND y.left_ms = 0"
	    " WHERE x.contact = :a AND x.left_ms = 0"
	    " AND x.kind IN ('bsuid', 'parent_bsuid', 'lid', 'group') LIMIT 1");

	bind_text(&q, ":a", a);
	bind_text(&q, ":b", b);
	return any_row(&q);
}

/* --- one sighting --- */

struct seen {
	struct store *s;
	const struct sighting *g;
	struct deeds *made;
	struct alias list[SEEN_MAX];
	bool former[SEEN_MAX], skip[SEEN_MAX];
	bool other[SEEN_MAX]; /* no name of the sighting: one's other way */
	struct holders holders[SEEN_MAX];
	char *owned[SEEN_MAX]; /* values of our own making */
	size_t count, nowned;
	bool sure;		 /* something in it is the person's alone */
	bool named;		 /* there is more in it than a user name */
	char id[SHORT_ID_BYTES]; /* "": nobody yet */
	bool is_new, changed;
	int64_t earliest_ms;
	bool reassess[SEEN_MAX]; /* bare messages may be another's */
	bool renamed;		 /* the same by a user name */
};

/*
 * Mobile numbers that are written in two ways: Brazil's with or without a 9
 * before the last eight digits, Argentina's with or without a 9 and Mexico's
 * with or without a 1 behind the country's code. Caller frees; NULL if there
 * is but one way.
 */
static char *
other_way(const char *phone)
{
	static const struct {
		const char *code, *digit;
		size_t len, at; /* without the digit; where it would stand */
	} ways[] = { { "55", "9", 12, 4 }, { "54", "9", 12, 2 },
		{ "52", "1", 12, 2 } };
	size_t i, len = strlen(phone);

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!str_starts(phone, ways[i].code))
			continue;
		/* A number on a wire in Brazil begins with 2 to 5. */
		if (len == ways[i].len && (i > 0 || phone[4] >= '6'))
			return xformat("%.*s%s%s", (int)ways[i].at, phone,
			    ways[i].digit, phone + ways[i].at);
		if (len == ways[i].len + 1 &&
		    phone[ways[i].at] == ways[i].digit[0] &&
		    (i > 0 || phone[ways[i].at + 1] >= '6'))
			return xformat("%.*s%s", (int)ways[i].at, phone,
			    phone + ways[i].at + 1);
	}
	return NULL;
}

static int
add(struct seen *n, const char *kind, const char *value, bool former)
{
	size_t i;

	if (value == NULL || *value == '\0' || n->count == SEEN_MAX)
		return 0;
	for (i = 0; i < n->count; i++)
		if (strcmp(n->list[i].kind, kind) == 0 &&
		    strcmp(n->list[i].value, value) == 0)
			return 0;
	n->list[n->count].kind = kind;
	n->list[n->count].value = value;
	n->former[n->count] = former;
	n->skip[n->count] = n->other[n->count] = false;
	n->sure |= alias_is_sure(kind);
	n->named |= strcmp(kind, "username") != 0;
	n->count++;
	return holders_read(n->s, n->g->instance, &n->list[n->count - 1],
	    &n->holders[n->count - 1]);
}

/* Every name of the sighting and, of a number, the way it is known by. */
static int
collect(struct seen *n)
{
	const struct sighting *g = n->g;
	struct holders other;
	struct alias a = { "phone", NULL };
	size_t i, given;
	int code = 0;

	for (i = 0; i < g->count && code == 0; i++)
		code = add(n, g->aliases[i].kind, g->aliases[i].value,
		    i < g->nformer);
	given = n->count;
	for (i = 0; i < given && code == 0; i++) {
		if (strcmp(n->list[i].kind, "phone") != 0 ||
		    n->holders[i].count > 0)
			continue;
		a.value = other_way(n->list[i].value);
		if (a.value == NULL)
			continue;
		n->owned[n->nowned++] = (char *)a.value;
		code = holders_read(n->s, g->instance, &a, &other);
		if (code < 0 || other.count == 0)
			continue;
		code = add(n, "phone", a.value, n->former[i]);
		n->other[n->count - 1] |= n->count > given;
	}
	return code;
}

static int
refresh(struct seen *n)
{
	size_t i;
	int code = 0;

	for (i = 0; i < n->count && code == 0; i++)
		code = holders_read(n->s, n->g->instance, &n->list[i],
		    &n->holders[i]);
	return code;
}

/* The sighting says that its contact and another are one. 1 if they are now,
 * 0 if they stay two. */
static int
join(struct seen *n, const char *other)
{
	int code;

	if (n->id[0] == '\0') {
		memcpy(n->id, other, SHORT_ID_BYTES);
		return 1;
	}
	if (strcmp(n->id, other) == 0)
		return 1;
	code = contact_are_apart(n->s, n->id, other);
	if (code != 0)
		return code < 0 ? code : 0;
	code = contact_merge(n->s, n->id, other, n->made, n->id);
	if (code == 0)
		code = refresh(n);
	n->changed = true;
	return code < 0 ? code : 1;
}

/* Whom the names that are one contact's alone belong to. */
static int
by_sure_names(struct seen *n)
{
	struct holder *h;
	size_t i;
	int code;

	for (i = 0; i < n->count; i++) {
		if (!alias_is_sure(n->list[i].kind))
			continue;
		h = n->holders[i].count > 0 ? &n->holders[i].list[0] : NULL;
		/* Of a contact that is known otherwise, it must not be another
		 * person's: the number may have been given away since. */
		if (n->g->contact != NULL) {
			code = h != NULL ?
			    strcmp(h->contact, n->id) != 0 &&
				are_different(n->s, n->id, h->contact) :
			    has_other(n->s, n->id, n->list[i].kind,
				n->list[i].value);
			if (code < 0)
				return code;
			if (code == 1) {
				n->skip[i] = true;
				continue;
			}
		}
		if (h == NULL)
			continue;
		code = join(n, h->contact);
		if (code < 0)
			return code;
		n->skip[i] = code == 0;
	}
	return 0;
}

/* Whether the phone's holder is somebody else than the sighting is of. */
static int
is_another(struct seen *n, const char *holder)
{
	size_t i;
	int code;

	if (n->id[0] != '\0' && strcmp(n->id, holder) == 0)
		return 0;
	for (i = 0; i < n->count; i++) {
		if (!alias_is_sure(n->list[i].kind) || n->former[i])
			continue;
		code =
		    has_other(n->s, holder, n->list[i].kind, n->list[i].value);
		if (code != 0)
			return code;
	}
	return n->id[0] != '\0' ? are_different(n->s, n->id, holder) : 0;
}

static int
by_phone(struct seen *n, size_t i)
{
	struct holders *all = &n->holders[i];
	struct holder *h;
	int code;

	/* Theirs already: the time of it is put right with the rows. One that
	 * was given up and taken on again may have named others since. */
	h = n->id[0] != '\0' ? holder_is(all, n->id) : NULL;
	if (h != NULL && (h->left_ms == 0 || n->g->at_ms <= h->left_ms))
		return 0;
	/* What a person was is what they were, given up or not. */
	h = n->former[i] ? begun_by(all, n->g->at_ms) :
			   holder_at(all, n->g->at_ms);
	if (h == NULL)
		return 0;
	code = is_another(n, h->contact);
	if (code < 0)
		return code;
	if (code == 1) {
		code = n->id[0] != '\0' ?
		    contact_are_apart(n->s, n->id, h->contact) :
		    0;
		n->skip[i] = code == 1;
		/* A status tells of whom we wrote to, not of a number. */
		n->skip[i] |= n->g->contact != NULL;
		return code < 0 ? code : 0;
	}
	code = join(n, h->contact);
	if (code == 0)
		n->skip[i] = true;
	return code < 0 ? code : 0;
}

/* Whether a contact has nothing but a user name. */
static int
is_unnamed(struct store *s, const char *contact)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM contact_alias WHERE contact = :contact"
	    " AND kind <> 'username' LIMIT 1");
	int found, code;

	bind_text(&q, ":contact", contact);
	found = step(&q);
	code = done(&q);
	return code < 0 ? code : !found;
}

/*
 * A user name may be given up and taken by another person, so it joins nobody
 * who is known by anything else. Alone it is of whoever had it then; and who
 * was known by it alone is who it stands beside more for.
 */
static int
by_username(struct seen *n, size_t i)
{
	struct holder *h;
	int code = 1;

	if (n->id[0] != '\0' && holder_is(&n->holders[i], n->id) != NULL)
		return 0;
	h = holder_at(&n->holders[i], n->g->at_ms);
	if (h == NULL)
		return 0;
	if (n->named)
		code = is_unnamed(n->s, h->contact);
	else if (n->id[0] != '\0')
		code = 0;
	if (code == 1)
		code = join(n, h->contact);
	return code < 0 ? code : 0;
}

static int
by_weak_names(struct seen *n)
{
	size_t i;
	int code = 0;

	for (i = 0; i < n->count && code == 0; i++)
		if (strcmp(n->list[i].kind, "phone") == 0)
			code = by_phone(n, i);
	for (i = 0; i < n->count && code == 0; i++)
		if (strcmp(n->list[i].kind, "username") == 0)
			code = by_username(n, i);
	return code;
}

static int
put_row(struct seen *n, const struct alias *a, const struct holder *h)
{
	struct query q = query(store_desk(n->s),
	    "INSERT INTO contact_alias (instance, kind, value, contact,"
	    " since_ms, sure_ms, left_ms, got_ms)"
	    " VALUES (:instance, :kind, :value, :contact, :since, :sure, :left,"
	    " :got) ON CONFLICT DO UPDATE SET since_ms = excluded.since_ms,"
	    " sure_ms = excluded.sure_ms, left_ms = excluded.left_ms,"
	    " got_ms = excluded.got_ms");

	bind_text(&q, ":instance", n->g->instance);
	bind_text(&q, ":kind", a->kind);
	bind_text(&q, ":value", a->value);
	bind_text(&q, ":contact", n->id);
	bind_int(&q, ":since", h->since_ms);
	bind_int(&q, ":sure", h->sure_ms);
	bind_int(&q, ":left", h->left_ms);
	bind_int(&q, ":got", h->got_ms);
	step(&q);
	return done(&q);
}

/* Whether the contact wrote from a name later, beside one of its own. */
static int
wrote_later(struct seen *n, const struct alias *a)
{
	struct query q = query(store_desk(n->s),
	    "SELECT 1 FROM conversation c JOIN message m"
	    " ON m.conversation = c.id AND m.wa_ms > :at"
	    " WHERE c.instance = :instance AND c.contact = :contact"
	    " AND instr(m.sender, :name) > 0"
	    " AND (:kind <> 'phone' OR EXISTS (SELECT 1"
	    "  FROM json_each(m.sender) WHERE value GLOB 'bsuid:*'"
	    "  OR value GLOB 'parent_bsuid:*' OR value GLOB 'lid:*'))"
	    " LIMIT 1");
	char *name = xformat("\"%s:%s\"", a->kind, a->value);
	int found, code;

	bind_int(&q, ":at", n->g->at_ms);
	bind_text(&q, ":instance", n->g->instance);
	bind_text(&q, ":contact", n->id);
	bind_text(&q, ":kind", a->kind);
	bind_text(&q, ":name", name);
	found = step(&q);
	code = done(&q);
	free(name);
	return code < 0 ? code : found;
}

/* Whether a name of this kind came in the place of the former one. */
static bool
is_replaced(const struct seen *n, const char *kind)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		if (!n->former[i] && strcmp(n->list[i].kind, kind) == 0)
			return true;
	return false;
}

static int
keep_name(struct seen *n, size_t i)
{
	const struct alias *a = &n->list[i];
	struct holder *was = holder_is(&n->holders[i], n->id), now;
	bool phone = strcmp(a->kind, "phone") == 0,
	     user = strcmp(a->kind, "username") == 0, left;
	/* Who they were is older than who they are. */
	int64_t at = n->g->at_ms - n->former[i];
	int code = 0;

	left = n->former[i] && is_replaced(n, a->kind);
	now = was != NULL ? *was : (struct holder){ .since_ms = INT64_MAX };
	/* The number shown is the newest: when each way of it came decides. */
	if (at < now.since_ms && (was == NULL || !n->other[i]))
		now.since_ms = at;
	if (((phone && (n->sure || left)) || (user && n->named)) &&
	    (now.sure_ms == 0 || at < now.sure_ms))
		now.sure_ms = at;
	if (!n->former[i] && n->g->nformer > 0 && at > now.got_ms)
		now.got_ms = at;
	if (left && n->g->at_ms > now.left_ms && n->g->at_ms > now.got_ms) {
		code = wrote_later(n, a);
		if (code == 0)
			now.left_ms = n->g->at_ms;
	} else if (!n->former[i] && (n->sure || !phone || n->g->nformer > 0) &&
	    at > now.left_ms) {
		/* Theirs again: beside an id, or since they said so. */
		now.left_ms = 0;
	}
	if (code < 0)
		return code;
	if (was != NULL && now.since_ms == was->since_ms &&
	    now.sure_ms == was->sure_ms && now.left_ms == was->left_ms &&
	    now.got_ms == was->got_ms)
		return 0;
	if (was == NULL)
		n->changed = true;
	if (now.since_ms < n->earliest_ms)
		n->earliest_ms = now.since_ms;
	if (phone &&
	    (n->holders[i].count > (was != NULL) ||
		now.left_ms != (was != NULL ? was->left_ms : 0)))
		n->reassess[i] = true;
	n->renamed |= user;
	return put_row(n, a, &now);
}

/* A sighting of something that was said earlier than what made the contact. */
static int
known_earlier(struct seen *n)
{
	struct query q = query(store_desk(n->s),
	    "UPDATE contact SET created_ms = :at"
	    " WHERE id = :id AND :at < created_ms");

	if (n->earliest_ms == INT64_MAX || n->is_new)
		return done(&q);
	bind_text(&q, ":id", n->id);
	bind_int(&q, ":at", n->earliest_ms);
	step(&q);
	return done(&q);
}

/* The name on the newest message counts; one without changes nothing. */
static int
keep_profile(struct seen *n)
{
	const char *name = n->g->name;
	struct query q;
	int code;

	if (name == NULL || *name == '\0' || n->is_new)
		return 0;
	q = query(store_desk(n->s),
	    "UPDATE contact SET name = :name WHERE id = :id"
	    " AND name IS NOT :name AND erased = 0 AND renamed = 0"
	    " AND NOT EXISTS (SELECT 1"
	    "  FROM conversation c JOIN message m"
	    "  ON m.conversation = c.id AND m.wa_ms > :at"
	    "  WHERE c.instance = :instance AND c.contact = :id"
	    "  AND instr(m.sender, '\"name:') > 0)");
	bind_text(&q, ":id", n->id);
	bind_text(&q, ":name", name);
	bind_text(&q, ":instance", n->g->instance);
	bind_int(&q, ":at", n->g->at_ms);
	step(&q);
	code = done(&q);
	if (code == 0 && db_changes(store_desk(n->s)) > 0)
		n->changed = true;
	return code;
}

/* --- what came from a bare number or user name, when it turns out to have had
 * others --- */

struct bare {
	char *name; /* as it stands in a sender */
	bool user;  /* it is a user name */
	struct holders *all;
	const char *to;
};

/* Whether a sender's text has a name of a kind. A quote inside of a name has a
 * backslash before it. */
static bool
has_kind(const char *sender, const char *kind)
{
	char *quoted = xformat("\"%s:", kind);
	const char *at = sender;

	while (
	    (at = strstr(at, quoted)) != NULL && at > sender && at[-1] == '\\')
		at++;
	free(quoted);
	return at != NULL;
}

static bool
is_bare(const char *sender, const struct bare *b)
{
	return strstr(sender, b->name) != NULL && !has_kind(sender, "bsuid") &&
	    !has_kind(sender, "parent_bsuid") && !has_kind(sender, "lid") &&
	    !(b->user && has_kind(sender, "phone"));
}

static bool
is_theirs(void *ctx, const char *sender, int64_t wa_ms)
{
	struct bare *b = ctx;
	struct holder *h;

	if (!is_bare(sender, b))
		return false;
	h = holder_at(b->all, wa_ms);
	return h != NULL && strcmp(h->contact, b->to) == 0;
}

/* A message of from whose number was another's then: 1, and to, or "" where
 * nobody is known; 0 if there is none. */
static int
find_stray(struct seen *n, struct bare *b, const char *from,
    char ret_to[SHORT_ID_BYTES], int64_t *ret_ms)
{
	struct query q = query(store_desk(n->s),
	    "SELECT m.sender, m.wa_ms FROM conversation c JOIN message m"
	    " ON m.conversation = c.id WHERE c.instance = :instance"
	    " AND c.contact = :contact AND instr(m.sender, :name) > 0"
	    " ORDER BY m.wa_ms");
	struct holder *h;
	int found = 0, code;

	bind_text(&q, ":instance", n->g->instance);
	bind_text(&q, ":contact", from);
	bind_text(&q, ":name", b->name);
	while (found == 0 && step(&q)) {
		if (!is_bare(column_text(&q, 0), b))
			continue;
		*ret_ms = column_int(&q, 1);
		h = holder_at(b->all, *ret_ms);
		if (h != NULL && strcmp(h->contact, from) == 0)
			continue;
		snprintf(ret_to, SHORT_ID_BYTES, "%s",
		    h != NULL ? h->contact : "");
		found = 1;
	}
	code = done(&q);
	return code < 0 ? code : found;
}

/* Somebody of whom nothing is known but a number, at a time. */
static int
make_bare(struct seen *n, const struct alias *a, int64_t at_ms,
    char ret_id[SHORT_ID_BYTES])
{
	struct holder h = { .since_ms = at_ms };
	char id[SHORT_ID_BYTES];
	int code = contact_make(n->s, n->g->instance, a, NULL, at_ms, ret_id);

	if (code < 0)
		return code;
	memcpy(id, n->id, sizeof(id));
	memcpy(n->id, ret_id, sizeof(id));
	code = put_row(n, a, &h);
	memcpy(n->id, id, sizeof(id));
	return code;
}

#define SAID_SQL                                                           \
	" FROM contact k JOIN conversation c"                              \
	" ON c.instance = k.instance AND c.contact = k.id"                 \
	" JOIN message m ON m.conversation = c.id,"                        \
	" json_each(m.sender) j WHERE substr(j.value, 1, 9) = 'username:'" \
	" AND k.id = "

#define USERNAMES_SQL(who)                                                   \
	"INSERT INTO contact_alias (instance, kind, value, contact,"         \
	" since_ms, sure_ms) SELECT k.instance, 'username',"                 \
	" substr(j.value, 10), k.id, min(m.wa_ms),"                          \
	" coalesce(min(iif((SELECT count(*) FROM json_each(m.sender) x"      \
	"  WHERE x.value NOT GLOB 'username:*'"                              \
	"  AND x.value NOT GLOB 'name:*') > 0, m.wa_ms, NULL)), 0)" SAID_SQL \
	    who " AND :to <> :from GROUP BY j.value"                         \
	" ON CONFLICT DO UPDATE SET since_ms = excluded.since_ms,"           \
	" sure_ms = excluded.sure_ms"

/* A user name goes with what was said under it: nobody keeps one that came
 * with what turned out to be another's. */
static const char *const usernames_sql[] = {
	"DELETE FROM contact_alias WHERE contact = :from AND kind = 'username'"
	" AND value IN (SELECT substr(j.value, 10)" SAID_SQL ":to)"
	" AND value NOT IN (SELECT substr(j.value, 10)" SAID_SQL ":from)",
	USERNAMES_SQL(":to"), USERNAMES_SQL(":from"), NULL
};

static int
move_usernames(struct store *s, const char *from, const char *to)
{
	struct query q;
	size_t i;
	int code = 0;

	for (i = 0; usernames_sql[i] != NULL && code == 0; i++) {
		q = query(store_desk(s), usernames_sql[i]);
		bind_text(&q, ":from", from);
		bind_text(&q, ":to", to);
		step(&q);
		code = done(&q);
	}
	return code;
}

static int
one_stray(struct seen *n, const struct alias *a, struct bare *b)
{
	char to[SHORT_ID_BYTES];
	int64_t at_ms = 0;
	size_t i;
	int code = 0;

	for (i = 0; i < b->all->count && code == 0; i++) {
		code = find_stray(n, b, b->all->list[i].contact, to, &at_ms);
		if (code == 1)
			break;
	}
	if (code <= 0)
		return code;
	if (to[0] == '\0') {
		code = make_bare(n, a, at_ms, to);
		return code < 0 ? code : 1;
	}
	b->to = to;
	code = contact_move(n->s, b->all->list[i].contact, to, is_theirs, b,
	    n->made);
	if (code >= 0)
		code = move_usernames(n->s, b->all->list[i].contact, to);
	return code < 0 ? code : 1;
}

static int
reassess(struct seen *n, const struct alias *a)
{
	struct holders all;
	struct bare b = { .user = strcmp(a->kind, "username") == 0,
		.all = &all };
	int code = 1, turns;

	b.name = xformat("\"%s:%s\"", a->kind, a->value);
	for (turns = 0; code == 1 && turns < SPLITS_MAX; turns++) {
		code = holders_read(n->s, n->g->instance, a, &all);
		if (code == 0)
			code = one_stray(n, a, &b);
	}
	free(b.name);
	return code < 0 ? code : 0;
}

/* All user names of a contact: one that is new ends the time of another. */
static int
reassess_usernames(struct seen *n, const char *contact)
{
	struct alias list[SEEN_MAX];
	struct query q = query(store_desk(n->s),
	    "SELECT value FROM contact_alias WHERE contact = :id"
	    " AND kind = 'username' ORDER BY since_ms DESC, value LIMIT :max");
	size_t count = 0, i;
	int code;

	bind_text(&q, ":id", contact);
	bind_int(&q, ":max", SEEN_MAX);
	while (step(&q)) {
		list[count].kind = "username";
		list[count++].value = column_copy(&q, 0);
	}
	code = done(&q);
	for (i = 0; i < count; i++) {
		if (code == 0)
			code = reassess(n, &list[i]);
		free((char *)list[i].value);
	}
	return code;
}

/* What was moved took its user names along; those of the sighting itself are
 * not among the messages yet. */
static int
keep_usernames(struct seen *n)
{
	size_t i;
	int code = refresh(n);

	for (i = 0; i < n->count && code == 0; i++)
		if (!n->skip[i] && strcmp(n->list[i].kind, "username") == 0)
			code = keep_name(n, i);
	return code;
}

/* Where user names came, went or began at another time, what was said under
 * them alone may be another's. */
static int
settle_usernames(struct seen *n, size_t from)
{
	char id[SHORT_ID_BYTES];
	size_t i, most = from + 2 * SPLITS_MAX;
	int code = n->made->count > from ? keep_usernames(n) : 0;

	if (code == 0 && n->renamed)
		code = reassess_usernames(n, n->id);
	for (i = from; i < n->made->count && i < most && code == 0; i++) {
		if (n->made->list[i].what != DEED_CONTACT_SPLIT)
			continue;
		memcpy(id, n->made->list[i].one, sizeof(id));
		code = reassess_usernames(n, id);
		memcpy(id, n->made->list[i].other, sizeof(id));
		if (code == 0)
			code = reassess_usernames(n, id);
		if (code == 0)
			code = keep_usernames(n);
	}
	return code;
}

/* --- all of it --- */

static int
make(struct seen *n)
{
	size_t i, first = 0;
	int code;

	for (i = 0; i < n->count && n->skip[i]; i++)
		;
	if (i < n->count)
		first = i;
	code = contact_make(n->s, n->g->instance, &n->list[first], n->g->name,
	    n->g->at_ms, n->id);
	n->is_new = true;
	return code;
}

static int
see(struct seen *n)
{
	size_t i, made;
	int code = collect(n);

	if (code == 0 && n->g->contact != NULL)
		code = contact_resolve(n->s, n->g->contact, n->id);
	if (code < 0)
		return code;
	if (n->count == 0)
		return err_set(ERR_DATA, "a contact without any address");
	code = by_sure_names(n);
	if (code == 0)
		code = by_weak_names(n);
	if (code == 0 && n->id[0] == '\0')
		code = make(n);
	for (i = 0; i < n->count && code == 0; i++)
		if (!n->skip[i])
			code = keep_name(n, i);
	if (code == 0)
		code = known_earlier(n);
	if (code == 0)
		code = keep_profile(n);
	made = n->made->count;
	for (i = 0; i < n->count && code == 0; i++)
		if (n->reassess[i])
			code = reassess(n, &n->list[i]);
	return code == 0 ? settle_usernames(n, made) : code;
}

int
contact_see(struct store *s, const struct sighting *g, struct deeds *made,
    char ret_id[SHORT_ID_BYTES], enum contact_news *ret_news)
{
	struct seen n = { .s = s,
		.g = g,
		.made = made,
		.earliest_ms = INT64_MAX };
	int code = see(&n);
	size_t i;

	for (i = 0; i < n.nowned; i++)
		free(n.owned[i]);
	if (code < 0)
		return code;
	memcpy(ret_id, n.id, SHORT_ID_BYTES);
	*ret_news = n.is_new ? CONTACT_NEW :
	    n.changed	     ? CONTACT_CHANGED :
			       CONTACT_KNOWN;
	return 0;
}

int
contact_for(struct store *s, const char *instance, const struct alias *aliases,
    size_t count, const char *name, int64_t at_ms, char ret_id[SHORT_ID_BYTES],
    enum contact_news *ret_news)
{
	struct sighting g = { .instance = instance,
		.aliases = aliases,
		.count = count,
		.name = name,
		.at_ms = at_ms };
	struct deeds made = { NULL, 0 };
	int code = contact_see(s, &g, &made, ret_id, ret_news);

	deeds_free(&made);
	return code;
}

/* --- what is asked of one --- */

char *
contact_alias(struct store *s, const char *contact, const char *kind)
{
	/* The newest: the one the customer uses now. There are few, and
	 * sorting them here costs a table in memory each time. */
	struct query q = query(store_desk(s),
	    "SELECT value, since_ms FROM held_alias WHERE contact ="
	    " (SELECT coalesce(merged_into, id) FROM contact WHERE id = :id)"
	    " AND kind = :kind");
	char *value = NULL;
	int64_t since_ms = 0, at_ms;

	bind_text(&q, ":id", contact);
	bind_text(&q, ":kind", kind);
	while (step(&q)) {
		at_ms = column_int(&q, 1);
		if (value != NULL &&
		    (at_ms < since_ms ||
			(at_ms == since_ms &&
			    strcmp(column_text(&q, 0), value) > 0)))
			continue;
		free(value);
		value = column_copy(&q, 0);
		since_ms = at_ms;
	}
	done(&q);
	return value;
}

static const char *const address_kinds[] = { "phone", "bsuid", "lid",
	"parent_bsuid", "group", NULL };

/* "phone:4915..." taken apart; NULL if it is no address of this contact. */
static const char *
address_in(struct store *s, const char *contact, const char *sender,
    char **ret_value)
{
	struct query q;
	json_t *list = NULL;
	const char *first, *colon, *kind = NULL;
	size_t i;

	if (json_value_parse(sender, strlen(sender), &list) < 0)
		return NULL;
	first = json_string_value(json_array_get(list, 0));
	colon = first != NULL ? strchr(first, ':') : NULL;
	for (i = 0; colon != NULL && address_kinds[i] != NULL; i++)
		if (strncmp(first, address_kinds[i], (size_t)(colon - first)) ==
			0 &&
		    address_kinds[i][colon - first] == '\0')
			kind = address_kinds[i];
	if (kind != NULL) {
		q = query(store_desk(s),
		    "SELECT value FROM held_alias WHERE contact = :contact"
		    " AND kind = :kind AND value = :value");
		bind_text(&q, ":contact", contact);
		bind_text(&q, ":kind", kind);
		bind_text(&q, ":value", colon + 1);
		if (step(&q))
			*ret_value = column_copy(&q, 0);
		else
			kind = NULL;
		done(&q);
	}
	json_decref(list);
	return kind;
}

/* The sender of the newest message the customer wrote; NULL if none. */
static char *
last_sender(struct store *s, const char *contact)
{
	struct query q = query(store_desk(s),
	    "SELECT m.sender FROM contact k JOIN conversation c"
	    " ON c.instance = k.instance AND c.contact = k.id"
	    " JOIN message m ON m.id = (SELECT l.id FROM message l"
	    "  WHERE l.conversation = c.id AND l.direction = 'in'"
	    "  AND l.sender IS NOT NULL ORDER BY l.wa_ms DESC, l.id DESC"
	    "  LIMIT 1)"
	    " WHERE k.id = :id ORDER BY m.wa_ms DESC, m.id DESC LIMIT 1");
	char *sender = NULL;

	bind_text(&q, ":id", contact);
	if (step(&q))
		sender = column_copy(&q, 0);
	done(&q);
	return sender;
}

int
contact_address(struct store *s, const char *contact, const char **ret_kind,
    char **ret_value)
{
	const char *kind = NULL;
	char id[SHORT_ID_BYTES], *sender, *value = NULL;
	int code = contact_resolve(s, contact, id);
	size_t i;

	if (code < 0)
		return code;
	sender = last_sender(s, id);
	if (sender != NULL)
		kind = address_in(s, id, sender, &value);
	free(sender);
	for (i = 0; kind == NULL && address_kinds[i] != NULL; i++) {
		value = contact_alias(s, id, address_kinds[i]);
		if (value != NULL)
			kind = address_kinds[i];
	}
	if (kind == NULL)
		return err_set(ERR_NOINPUT, "contact %s has no address",
		    contact);
	*ret_kind = kind;
	*ret_value = value;
	return 0;
}

char *
contact_name(struct store *s, const char *contact)
{
	struct query q = query(store_desk(s),
	    "SELECT name FROM contact WHERE id ="
	    " (SELECT coalesce(merged_into, id) FROM contact WHERE id = :id)");
	char *name = NULL;

	bind_text(&q, ":id", contact);
	if (step(&q))
		name = column_copy(&q, 0);
	done(&q);
	return name;
}

int
contact_rename(struct store *s, const char *contact)
{
	struct query q = query(store_desk(s),
	    "UPDATE contact SET name = coalesce((SELECT substr(j.value, 6)"
	    "  FROM conversation c JOIN message m ON m.conversation = c.id"
	    "  AND m.direction = 'in' AND instr(m.sender, '\"name:') > 0,"
	    "  json_each(m.sender) j WHERE c.instance = contact.instance"
	    "  AND c.contact = contact.id AND substr(j.value, 1, 5) = 'name:'"
	    "  ORDER BY m.wa_ms DESC, m.id DESC LIMIT 1), name)"
	    " WHERE id = :id AND erased = 0 AND renamed = 0");

	bind_text(&q, ":id", contact);
	step(&q);
	return done(&q);
}

char *
contact_sender(const struct alias *aliases, size_t count, const char *name)
{
	json_t *list = json_array();
	char *text;
	size_t i;

	for (i = 0; i < count; i++) {
		if (aliases[i].value == NULL || *aliases[i].value == '\0')
			continue;
		text = xformat("%s:%s", aliases[i].kind, aliases[i].value);
		json_array_append_new(list, json_text_new(text));
		free(text);
	}
	if (name != NULL && *name != '\0') {
		text = xformat("name:%s", name);
		json_array_append_new(list, json_text_new(text));
		free(text);
	}
	text = json_array_size(list) > 0 ? json_text(list) : NULL;
	json_decref(list);
	return text;
}
