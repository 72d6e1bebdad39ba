/* person - staff, their roles, and who runs this command */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/account.h"
#include "base/err.h"
#include "base/str.h"
#include "base/zone.h"
#include "desk/person.h"
#include "desk/team.h"

#define OWNER "me"	 /* of a personal store or a scratch copy */
#define SERVICE "system" /* the account that owns the files */
#define ADMINS_NAMED 3	 /* in an error: whom to ask */
#define ACCOUNT_MAX_BYTES 32
#define MAIL_MAX_BYTES 254
#define MAIL_LOCAL_MAX_BYTES 64

static const char *const roles[] = { "viewer", "agent", "admin", NULL };

/* Words that stand for something else where a person's name is wanted. */
static const char *const reserved[] = { "ai", "all", "anybody", "customer",
	OWNER, "nobody", "queue", "rule", SERVICE, "user", NULL };

bool
role_valid(const char *role)
{
	return role != NULL && str_in(role, roles);
}

bool
person_name_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= PERSON_NAME_MAX && name[0] >= 'a' &&
	    name[0] <= 'z' &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len &&
	    !str_in(name, reserved);
}

static bool
account_valid(const char *account)
{
	size_t len = strlen(account);

	return len > 0 && len <= ACCOUNT_MAX_BYTES && account[0] != '-' &&
	    strspn(account,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-$@") == len;
}

bool
mail_valid(const char *mail)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const char *at = strchr(mail, '@'), *host;
	char *local;
	bool ok;

	if (at == NULL || at == mail || strlen(mail) > MAIL_MAX_BYTES ||
	    *mail == '-' || *mail == '.')
		return false;
	local = xstrndup(mail, (size_t)(at - mail));
	ok = strlen(local) <= MAIL_LOCAL_MAX_BYTES &&
	    strspn(local,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		".!#$%&'*+-/=?^_`{|}~") == strlen(local);
	free(local);
	host = at + 1;
	if (strspn(host,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") != strlen(host) ||
	    strchr(word, *host) == NULL || *host == '\0' ||
	    strstr(host, "..") != NULL)
		return false;
	return ok && strchr(word, host[strlen(host) - 1]) != NULL;
}

/* Whether role has what need asks. */
static bool
role_may(const char *role, enum permission need)
{
	int i;

	for (i = 0; roles[i] != NULL; i++)
		if (strcmp(role, roles[i]) == 0)
			return i >= (int)need;
	return false;
}

/* Whether people are told apart by their accounts; else there is one owner. */
static bool
is_system(struct store *s)
{
	char *kind;
	bool ret;

	if (store_is_scratch(s))
		return false;
	kind = store_meta(s, "kind");
	/* Of an unknown kind is the stricter one. */
	ret = kind == NULL || strcmp(kind, "personal") != 0;
	free(kind);
	return ret;
}

void
person_free(struct person *p)
{
	if (p == NULL)
		return;
	free(p->name);
	free(p->full_name);
	free(p->role);
	free(p->account);
	free(p->mail);
	free(p->zone);
	free(p);
}

#define COLUMNS_SQL                                             \
	"name, full_name, role, account, active, availability," \
	" coalesce(availability_ms, 0), coalesce(capacity, 0), mail, zone"

static struct person *
person_row(struct query *q)
{
	struct person *p = xcalloc(1, sizeof(*p));

	p->name = column_copy(q, 0);
	p->full_name = column_copy(q, 1);
	p->role = column_copy(q, 2);
	p->account = column_copy(q, 3);
	p->active = column_int(q, 4) != 0;
	snprintf(p->availability, sizeof(p->availability), "%s",
	    column_text(q, 5));
	p->availability_ms = column_int(q, 6);
	p->capacity = column_int(q, 7);
	p->mail = column_copy(q, 8);
	p->zone = column_copy(q, 9);
	return p;
}

static struct person *
owner_new(void)
{
	struct person *p = xcalloc(1, sizeof(*p));

	p->name = xstrdup(OWNER);
	p->role = xstrdup("admin");
	p->active = true;
	snprintf(p->availability, sizeof(p->availability), "online");
	return p;
}

int
person_get(struct store *s, const char *name, struct person **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT " COLUMNS_SQL " FROM person WHERE name = :name");
	struct person *p = NULL;
	int code;

	bind_text(&q, ":name", name);
	if (step(&q))
		p = person_row(&q);
	code = done(&q);
	if (code < 0) {
		person_free(p);
		return code;
	}
	if (p == NULL && strcmp(name, OWNER) == 0 && !is_system(s))
		p = owner_new();
	if (p == NULL)
		return err_set(ERR_NOINPUT, "nobody on this desk is named '%s'",
		    name);
	*ret = p;
	return 0;
}

int
person_clock(struct store *s, const char *name)
{
	struct query q = query(store_desk(s),
	    "SELECT zone FROM person WHERE name = :name"
	    "  AND zone IS NOT NULL");
	struct zone *z = NULL;
	char *zone = NULL;
	int code;

	bind_text(&q, ":name", name);
	if (step(&q))
		zone = column_copy(&q, 0);
	code = done(&q);
	if (code == 0 && zone != NULL && getenv("TZ") == NULL &&
	    zone_open(zone, &z) == 0) {
		setenv("TZ", zone, 1);
		tzset();
	}
	zone_close(z);
	free(zone);
	return code;
}

static void
people_add(struct person ***people, size_t *count, struct person *p)
{
	*people = xrealloc(*people, (*count + 1) * sizeof(**people));
	(*people)[(*count)++] = p;
}

int
people_list(struct store *s, struct person ***ret, size_t *ret_count)
{
	struct person **people = NULL;
	size_t count = 0, i;
	bool has_owner = is_system(s);
	struct query q = query(store_desk(s),
	    "SELECT " COLUMNS_SQL " FROM person ORDER BY name");
	int code;

	while (step(&q))
		people_add(&people, &count, person_row(&q));
	code = done(&q);
	if (code < 0) {
		people_free(people, count);
		return code;
	}
	for (i = 0; i < count; i++)
		if (strcmp(people[i]->name, OWNER) == 0)
			has_owner = true;
	if (!has_owner)
		people_add(&people, &count, owner_new());
	*ret = people;
	*ret_count = count;
	return 0;
}

void
people_free(struct person **people, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		person_free(people[i]);
	free(people);
}

int
admins_besides(struct store *s, const char *name, int64_t *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*) FROM person"
	    " WHERE role = 'admin' AND active AND name IS NOT :name"
	    " AND name <> :owner");
	int64_t n = 0;
	int code;

	bind_text(&q, ":name", name);
	bind_text(&q, ":owner", OWNER);
	if (step(&q))
		n = column_int(&q, 0);
	code = done(&q);
	if (code < 0)
		return code;
	/* The owner is one with or without a row. */
	if (!is_system(s) && (name == NULL || strcmp(name, OWNER) != 0))
		n++;
	*ret = n;
	return 0;
}

/* "anna, bert": some admins to ask; "" if there is none. Caller frees. */
static char *
admins_some(struct store *s)
{
	struct buf names = BUF_INIT(0);
	struct query q = query(store_desk(s),
	    "SELECT name FROM person WHERE role = 'admin' AND active"
	    " ORDER BY name LIMIT :n");

	bind_int(&q, ":n", ADMINS_NAMED);
	while (step(&q))
		buf_addf(&names, "%s%s", names.len > 0 ? ", " : "",
		    column_text(&q, 0));
	done(&q);
	return buf_detach(&names);
}

static bool
owns_files(struct store *s)
{
	struct stat st;
	const char *path = db_path(store_desk(s));

	/* A service's own group is the store's; people have it by setgid only. */
	return getuid() != 0 && path != NULL && stat(path, &st) == 0 &&
	    (st.st_uid == getuid() || st.st_gid == getgid());
}

static int
stranger(struct store *s, const char *account, char **ret_name)
{
	int64_t admins = 0;
	char *some;
	int code;

	if (owns_files(s)) {
		*ret_name = xstrdup(SERVICE);
		return 0;
	}
	code = admins_besides(s, NULL, &admins);
	if (code < 0)
		return code;
	if (admins == 0 && getuid() == 0) {
		*ret_name = xstrdup("unix:root");
		return 0;
	}
	if (admins == 0)
		return err_set(ERR_DENIED,
		    "this desk has no admin yet; root adds the first one: "
		    "desk-user add NAME --role admin --account %s",
		    account != NULL ? account : "ACCOUNT");
	some = admins_some(s);
	if (account == NULL)
		code = err_set(ERR_DENIED,
		    "user id %ld has no account on this machine; ask %s",
		    (long)getuid(), some);
	else
		code = err_set(ERR_DENIED,
		    "the account '%s' belongs to nobody on this desk; ask %s "
		    "for: desk-user add NAME --account %s",
		    account, some, account);
	free(some);
	return code;
}

/* The person of an account: 1, 0 if there is none. */
static int
by_account(struct store *s, const char *account, char **ret_name,
    char **ret_role)
{
	struct query q = query(store_desk(s),
	    "SELECT name, role FROM person"
	    " WHERE account = :account AND active");
	bool found = false;
	int code;

	bind_text(&q, ":account", account);
	if (step(&q)) {
		*ret_name = column_copy(&q, 0);
		*ret_role = column_copy(&q, 1);
		found = true;
	}
	code = done(&q);
	return code < 0 ? code : found;
}

int
person_self(struct store *s, enum permission need, char **ret_name)
{
	char *account = NULL, *name = NULL, *role = NULL, *some;
	int code;

	if (store_desk(s) == NULL)
		return ERR_NOINPUT;
	if (!is_system(s)) {
		*ret_name = xstrdup(OWNER);
		return 0;
	}
	account = account_name(getuid());
	code = account != NULL ? by_account(s, account, &name, &role) : 0;
	if (code == 0)
		code = stranger(s, account, ret_name);
	else if (code > 0 && role_may(role, need)) {
		*ret_name = name;
		name = NULL;
		code = 0;
	} else if (code > 0) {
		some = admins_some(s);
		code = err_set(ERR_DENIED, "%s is %s %s; this needs an %s%s%s",
		    name, role[0] == 'a' ? "an" : "a", role,
		    need == MAY_ADMIN ? "admin" : "agent",
		    *some != '\0' ? ": ask " : "", some);
		free(some);
	}
	free(account);
	free(name);
	free(role);
	return code;
}

/* Whether another active person has the account; ERR_DATA says who. */
static int
account_free(struct store *s, const char *account, const char *name)
{
	struct query q = query(store_desk(s),
	    "SELECT name FROM person"
	    " WHERE account = :account AND name IS NOT :name");
	char *who = NULL;
	int code;

	bind_text(&q, ":account", account);
	bind_text(&q, ":name", name);
	if (step(&q))
		who = column_copy(&q, 0);
	code = done(&q);
	if (code == 0 && who != NULL)
		code =
		    err_set(ERR_DATA, "the account '%s' is %s's", account, who);
	free(who);
	return code;
}

static int
check_zone(const char *name)
{
	struct zone *z = NULL;

	if (name == NULL || *name == '\0')
		return 0;
	if (zone_open(name, &z) < 0)
		return err_set(ERR_DATA, "%s", err_reason());
	zone_close(z);
	return 0;
}

static int
check_fields(struct store *s, const struct person *p)
{
	int code = check_zone(p->zone);

	if (code < 0)
		return code;
	if (p->role != NULL && !role_valid(p->role))
		return err_set(ERR_DATA,
		    "no role is named '%s': admin, agent or viewer", p->role);
	if (p->mail != NULL && *p->mail != '\0' && !mail_valid(p->mail))
		return err_set(ERR_DATA,
		    "'%s' cannot be an address of mail: name@example.com",
		    p->mail);
	if (p->account != NULL && *p->account != '\0') {
		if (!account_valid(p->account))
			return err_set(ERR_DATA,
			    "'%s' cannot be the name of a Unix account",
			    p->account);
		return account_free(s, p->account, p->name);
	}
	if (p->capacity > CAPACITY_MAX)
		return err_set(ERR_DATA,
		    "a capacity is at most %d; 0 is any number", CAPACITY_MAX);
	return 0;
}

/* The facts of a user.* event: never the full name. */
static json_t *
facts(const struct act *a, const struct person *p)
{
	json_t *data = json_object();

	json_put(data, "user", p->name);
	json_put(data, "role", p->role);
	json_object_set_new(data, "account",
	    p->account != NULL && *p->account != '\0' ?
		json_text_new(p->account) :
		json_null());
	json_object_set_new(data, "active", json_boolean(p->active));
	json_put(data, "actor", a->actor);
	return data;
}

/* The event, and its facts in the audit. Takes data. */
static int
record(struct act *a, const char *type, const char *action, const char *name,
    json_t *data)
{
	json_t *detail = json_copy(data);
	char *subject = xformat("user/%s", name);
	int code;

	json_object_del(detail, "actor");
	json_object_del(detail, "user");
	code = act_emit(a, type, subject, data, NULL);
	if (code == 0)
		code = act_audit(a, action, name, detail);
	else
		json_decref(detail);
	free(subject);
	return code;
}

/* The row of p, made or changed to it. */
static int
put(struct act *a, const struct person *p)
{
	struct query q = query(store_desk(a->store),
	    "INSERT INTO person"
	    " (name, full_name, role, account, active, created_ms,"
	    "  availability, availability_ms, capacity, mail, zone)"
	    " VALUES (:name, nullif(:full_name, ''), :role,"
	    "  nullif(:account, ''), :active, :now, :availability,"
	    "  nullif(:availability_ms, 0), nullif(:capacity, 0),"
	    "  nullif(:mail, ''), nullif(:zone, ''))"
	    " ON CONFLICT (name) DO UPDATE SET full_name = excluded.full_name,"
	    "  role = excluded.role, account = excluded.account,"
	    "  active = excluded.active, mail = excluded.mail,"
	    "  zone = excluded.zone,"
	    "  availability = excluded.availability,"
	    "  availability_ms = excluded.availability_ms,"
	    "  capacity = excluded.capacity");

	bind_text(&q, ":name", p->name);
	bind_text(&q, ":full_name", p->full_name);
	bind_text(&q, ":role", p->role);
	bind_text(&q, ":account", p->account);
	bind_text(&q, ":mail", p->mail);
	bind_text(&q, ":zone", p->zone);
	bind_int(&q, ":active", p->active);
	bind_int(&q, ":now", a->now_ms);
	bind_text(&q, ":availability",
	    p->availability[0] != '\0' ? p->availability : "online");
	bind_int(&q, ":availability_ms", p->availability_ms);
	bind_int(&q, ":capacity", p->capacity);
	step(&q);
	return done(&q);
}

int
person_add(struct act *a, const struct person *p)
{
	struct person *old = NULL;
	int code;

	if (!person_name_valid(p->name))
		return err_set(ERR_DATA,
		    "'%s' cannot be a name: a small letter, then small "
		    "letters, digits, '.', '_' or '-', at most %d, and no "
		    "word of the desk",
		    p->name, PERSON_NAME_MAX);
	code = check_fields(a->store, p);
	if (code < 0)
		return code;
	code = person_get(a->store, p->name, &old);
	if (code == 0) {
		if (old->active)
			code =
			    err_set(ERR_DATA, "'%s' is there already", p->name);
		else
			code = err_set(ERR_DATA,
			    "'%s' was here before; desk-user set %s --active "
			    "brings them back",
			    p->name, p->name);
		person_free(old);
		return code;
	}
	if (code != ERR_NOINPUT)
		return code;
	code = put(a, p);
	if (code < 0)
		return code;
	return record(a, "user.added", "user.add", p->name, facts(a, p));
}

static bool
differs(const char *new, const char *old)
{
	return new != NULL &&strcmp(new, old != NULL ? old : "") != 0;
}

static void
take_text(char **field, const char *new)
{
	if (new == NULL)
		return;
	free(*field);
	*field = *new != '\0' ? xstrdup(new) : NULL;
}

int
person_set(struct act *a, const struct person *p)
{
	struct person *old = NULL;
	json_t *changed = json_array(), *data;
	int code;

	code = check_fields(a->store, p);
	if (code == 0)
		code = person_get(a->store, p->name, &old);
	if (code < 0)
		goto out;
	if (strcmp(p->name, OWNER) == 0 &&
	    ((p->role != NULL && strcmp(p->role, "admin") != 0) ||
		!p->active)) {
		code = err_set(ERR_DATA,
		    "the owner of a personal store is its admin");
		goto out;
	}
	if (differs(p->full_name, old->full_name))
		json_array_append_new(changed, json_string("full_name"));
	if (differs(p->role, old->role))
		json_array_append_new(changed, json_string("role"));
	if (differs(p->account, old->account))
		json_array_append_new(changed, json_string("account"));
	if (differs(p->mail, old->mail))
		json_array_append_new(changed, json_string("mail"));
	if (differs(p->zone, old->zone))
		json_array_append_new(changed, json_string("zone"));
	if (p->active != old->active)
		json_array_append_new(changed, json_string("active"));
	if (p->capacity != CAPACITY_AS_IS && p->capacity != old->capacity) {
		json_array_append_new(changed, json_string("capacity"));
		old->capacity = p->capacity;
	}
	if (json_array_size(changed) == 0)
		goto out;
	take_text(&old->full_name, p->full_name);
	take_text(&old->role, p->role);
	take_text(&old->account, p->account);
	take_text(&old->mail, p->mail);
	take_text(&old->zone, p->zone);
	old->active = p->active;
	code = put(a, old);
	if (code < 0)
		goto out;
	data = facts(a, old);
	if (p->capacity != CAPACITY_AS_IS)
		json_object_set_new(data, "capacity",
		    old->capacity > 0 ? json_integer(old->capacity) :
					json_null());
	json_object_set(data, "changed", changed);
	code = record(a, "user.changed", "user.set", p->name, data);
	/* They may have room now, or may answer at all. */
	if (code == 0)
		code = team_deal(a, p->name);
	code = code < 0 ? code : 0;
out:
	json_decref(changed);
	person_free(old);
	return code;
}

/* Nobody is to be given to who is gone; they are asked anew if they come back. */
static int
leave_teams(struct act *a, const char *name)
{
	struct query q = query(store_desk(a->store),
	    "DELETE FROM team_member WHERE person = :name");

	bind_text(&q, ":name", name);
	step(&q);
	return done(&q);
}

int
person_row_need(struct act *a, const char *name)
{
	struct person *p = NULL;
	int code;

	if (strcmp(name, OWNER) != 0)
		return 0;
	code = person_get(a->store, name, &p);
	if (code == 0)
		code = put(a, p);
	person_free(p);
	return code;
}

int
person_answers(struct store *s, const char *name)
{
	struct person *p = NULL;
	int code = person_get(s, name, &p);

	if (code == 0 && !p->active)
		code = err_set(ERR_DATA, "%s has left", name);
	else if (code == 0 && strcmp(p->role, "viewer") == 0)
		code = err_set(ERR_DATA,
		    "%s is a viewer and cannot answer customers", name);
	person_free(p);
	return code;
}

int
person_available(struct act *a, const char *name, const char *word)
{
	static const char *const words[] = { "online", "away", "offline",
		NULL };
	struct person *p = NULL;
	json_t *data, *changed;
	int code;

	if (!str_in(word, words))
		return err_set(ERR_DATA, "'%s': online, away or offline", word);
	code = person_get(a->store, name, &p);
	if (code < 0)
		return code;
	if (!p->active) {
		code = err_set(ERR_DATA, "%s has left", name);
		goto out;
	}
	if (strcmp(p->availability, word) == 0)
		goto out;
	snprintf(p->availability, sizeof(p->availability), "%s", word);
	p->availability_ms = a->now_ms;
	code = put(a, p);
	if (code < 0)
		goto out;
	data = facts(a, p);
	json_put(data, "availability", word);
	changed = json_array();
	json_array_append_new(changed, json_string("availability"));
	json_object_set_new(data, "changed", changed);
	code = record(a, "user.changed", "user.available", name, data);
	if (code == 0 && strcmp(word, "online") == 0)
		code = team_deal(a, name);
	code = code < 0 ? code : 0;
out:
	person_free(p);
	return code;
}

int
person_remove(struct act *a, const char *name)
{
	struct person *p = NULL;
	int code;

	code = person_get(a->store, name, &p);
	if (code < 0)
		return code;
	if (strcmp(name, OWNER) == 0)
		code = err_set(ERR_DATA, "the owner of a personal store stays");
	else if (!p->active)
		code = err_set(ERR_NOINPUT, "'%s' has left already", name);
	if (code < 0)
		goto out;
	take_text(&p->account, "");
	take_text(&p->mail, "");
	p->active = false;
	code = put(a, p);
	if (code == 0)
		code = leave_teams(a, name);
	if (code == 0)
		code = record(a, "user.removed", "user.rm", name, facts(a, p));
out:
	person_free(p);
	return code;
}

int
person_open(const char *path)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int fd, saved;

	if (setegid(getgid()) < 0 || seteuid(getuid()) < 0)
		return err_errno(ERR_DENIED, "%s", path);
	/* Not waiting for the writer of a pipe. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	saved = errno;
	if (seteuid(uid) < 0 || setegid(gid) < 0) {
		if (fd >= 0)
			close(fd);
		return err_errno(ERR_DENIED, "%s", path);
	}
	errno = saved;
	if (fd < 0)
		return err_errno(errno == EACCES ? ERR_DENIED : ERR_NOINPUT,
		    "%s", path);
	return fd;
}
