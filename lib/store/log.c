/* log - events: the line, the row, the log */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/err.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "store/db.h"
#include "store/log.h"

/* The text of an event's line; the rest of 64 KiB is for its other fields. */
#define TEXT_MAX_BYTES 16384
#define TEXT_LEAST_BYTES 256 /* no text is cut shorter than that */

static const char *const personal[] = { "text", "content", "wamid", "quoted",
	"name", "phone", "bsuid", "parent_bsuid", "lid", "username", NULL };

bool
log_is_personal(const char *type, const char *field)
{
	/* A document's name and text are the company's, not a person's. */
	if (str_starts(type, "document.") || str_starts(type, "template."))
		return false;
	/* That of an action is a name of the settings, or of the staff. */
	if (str_starts(type, "action.") && strcmp(field, "name") == 0)
		return false;
	return str_in(field, personal);
}

void
event_free(struct event *e)
{
	if (e == NULL)
		return;
	free(e->type);
	free(e->source);
	free(e->subject);
	free(e->stage);
	json_decref(e->data);
	json_decref(e->extra);
	free(e);
}

struct event *
event_copy(const struct event *e)
{
	struct event *c = xcalloc(1, sizeof(*c));

	*c = *e;
	c->type = xstrdup(e->type);
	c->source = xstrdup(e->source);
	c->subject = xstrdup(e->subject);
	c->stage = xstrdup(e->stage);
	c->data = json_deep_copy(e->data);
	c->extra = e->extra != NULL ? json_deep_copy(e->extra) : NULL;
	return c;
}

struct event *
event_new(const struct event *cause, const char *type, const char *source,
    const char *subject, int64_t time_ms, json_t *data)
{
	struct event *e = xcalloc(1, sizeof(*e));

	e->type = xstrdup(type);
	e->source = xstrdup(source != NULL ? source :
		cause != NULL		   ? cause->source :
					     "/desk");
	e->subject = xstrdup(subject);
	e->time_ms = time_ms;
	if (cause != NULL) {
		memcpy(e->cause, cause->id, sizeof(e->cause));
		e->depth = cause->depth + 1;
	}
	e->data = data != NULL ? data : json_object();
	return e;
}

/* A field that must be a string if it is there. */
static int
take_string(json_t *line, const char *key, const char **ret)
{
	json_t *value = json_object_get(line, key);

	if (value != NULL && !json_is_null(value) && !json_is_string(value))
		return err_set(ERR_DATA, "%s is not a string", key);
	*ret = json_string_value(value);
	return 0;
}

int
event_parse(const char *line, size_t len, struct event **ret)
{
	static const char *const known[] = { "specversion", "id", "source",
		"type", "time", "subject", "causeid", "depth", "data", NULL };
	const char *id, *source, *type, *time, *subject, *cause, *key;
	json_t *object = NULL, *data, *value;
	struct event *e = NULL;
	char *text, hash[HASH_HEX_BYTES];
	int64_t time_ms = 0;
	void *next;
	int code;

	code = json_object_parse(line, len, &object);
	if (code < 0)
		return code;
	if ((code = take_string(object, "id", &id)) < 0 ||
	    (code = take_string(object, "source", &source)) < 0 ||
	    (code = take_string(object, "type", &type)) < 0 ||
	    (code = take_string(object, "time", &time)) < 0 ||
	    (code = take_string(object, "subject", &subject)) < 0 ||
	    (code = take_string(object, "causeid", &cause)) < 0)
		goto out;
	if (type == NULL || *type == '\0') {
		code = err_set(ERR_DATA, "type is missing");
		goto out;
	}
	if (id != NULL && !id_is_ulid(id)) {
		code = err_set(ERR_DATA, "id is not a ULID");
		goto out;
	}
	if (cause != NULL && !id_is_ulid(cause)) {
		code = err_set(ERR_DATA, "causeid is not a ULID");
		goto out;
	}
	if (time != NULL && (code = time_parse(time, &time_ms)) < 0)
		goto out;
	data = json_object_get(object, "data");
	if (data != NULL && !json_is_object(data)) {
		code = err_set(ERR_DATA, "data is not an object");
		goto out;
	}
	e = event_new(NULL, type,
	    source != NULL && *source != '\0' ? source : "/desk", subject,
	    time != NULL ? time_ms : now_ms(),
	    data != NULL ? json_incref(data) : NULL);
	e->depth = (int)json_int_or(object, "depth", 0);
	if (e->depth < 0 || e->depth > EVENT_DEPTH_MAX) {
		code = err_set(ERR_DATA, "depth is not from 0 to %d",
		    EVENT_DEPTH_MAX);
		goto out;
	}
	if (cause != NULL)
		memcpy(e->cause, cause, sizeof(e->cause));
	if (id != NULL)
		memcpy(e->id, id, sizeof(e->id));
	else {
		/* The same line is the same event, whatever the clock says. */
		text = json_text(object);
		hash_hex(hash, text, strlen(text));
		free(text);
		id_ulid(e->id, time_ms, "line", hash, NULL);
	}
	json_object_foreach_safe(object, next, key, value)
		if (!str_in(key, known)) {
			if (e->extra == NULL)
				e->extra = json_object();
			json_object_set(e->extra, key, value);
		}
	*ret = e;
	e = NULL;
out:
	event_free(e);
	json_decref(object);
	return code;
}

/* The data of a line that says that it is not all; borrowed. */
static json_t *
cut_data(json_t *line)
{
	json_t *data = json_copy(json_object_get(line, "data"));

	json_object_set_new(data, "truncated", json_true());
	json_object_set_new(line, "data", data);
	return data;
}

static void
cut_text(json_t *line, size_t most)
{
	json_t *data = cut_data(line);
	const char *text = json_str(data, "text");
	char *cut = xstrndup(text, utf8_cut(text, strlen(text), most));

	json_put(data, "text", cut);
	free(cut);
}

char *
event_line(const struct event *e)
{
	json_t *line = json_object(), *value;
	const char *key, *text = json_str(e->data, "text");
	char time[TIME_TEXT_BYTES], *result;
	size_t most = TEXT_MAX_BYTES;

	json_put(line, "specversion", "1.0");
	json_put(line, "id", e->id);
	json_put(line, "source", e->source);
	json_put(line, "type", e->type);
	json_put(line, "time", time_text(e->time_ms, time));
	json_put(line, "subject", e->subject);
	json_put(line, "causeid", e->cause);
	json_put_int(line, "depth", e->depth);
	if (e->extra != NULL)
		json_object_foreach(e->extra, key, value)
			json_object_set(line, key, value);
	json_object_set(line, "data", e->data);
	if (text != NULL && strlen(text) > most)
		cut_text(line, most);
	result = json_text(line);
	/* The whole of it is in the store. */
	while (strlen(result) > LINE_MAX_BYTES) {
		if (json_at(line, "data/content") != NULL)
			json_object_del(cut_data(line), "content");
		else if (text != NULL && strlen(text) > TEXT_LEAST_BYTES &&
		    most > TEXT_LEAST_BYTES)
			/* Escapes make six bytes of one. */
			cut_text(line, most /= 2);
		else
			break;
		free(result);
		result = json_text(line);
	}
	json_decref(line);
	return result;
}

const char *
event_subject(const struct event *e, const char *kind)
{
	size_t len = strlen(kind);

	if (e->subject != NULL && strncmp(e->subject, kind, len) == 0 &&
	    e->subject[len] == '/')
		return e->subject + len + 1;
	return NULL;
}

/* data without what is personal: what a row may hold. */
static char *
row_text(const struct event *e)
{
	json_t *row = json_object(), *value;
	const char *key;
	char *text;

	json_object_foreach(e->data, key, value)
		if (!log_is_personal(e->type, key) &&
		    strcmp(key, "truncated") != 0)
			json_object_set(row, key, value);
	text = json_text(row);
	json_decref(row);
	return text;
}

int
log_append(struct store *s, struct event *e, const char *stage, bool *ret_new)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO event (id, type, source, subject, time_ms, cause,"
	    " depth, stage, data, extra)"
	    " VALUES (:id, :type, :source, :subject, :time_ms, :cause,"
	    " :depth, :stage, :data, :extra)"
	    " ON CONFLICT (id) DO NOTHING");
	char *data = row_text(e),
	     *extra = e->extra != NULL ? json_text(e->extra) : NULL;
	bool is_new;
	int code;

	bind_text(&q, ":id", e->id);
	bind_text(&q, ":type", e->type);
	bind_text(&q, ":source", e->source);
	bind_text(&q, ":subject", e->subject);
	bind_int(&q, ":time_ms", e->time_ms);
	bind_text(&q, ":cause", e->cause[0] ? e->cause : NULL);
	bind_int(&q, ":depth", e->depth);
	bind_text(&q, ":stage", stage);
	bind_text(&q, ":data", data);
	bind_text(&q, ":extra", extra);
	step(&q);
	code = done(&q);
	is_new = code == 0 && db_changes(store_desk(s)) > 0;
	if (is_new)
		e->seq = db_last_row(store_desk(s));
	free(data);
	free(extra);
	if (code == 0 && !is_new) {
		q = query(store_desk(s),
		    "SELECT seq FROM event WHERE id = :id");
		bind_text(&q, ":id", e->id);
		if (step(&q))
			e->seq = column_int(&q, 0);
		code = done(&q);
	} else if (code == 0) {
		free(e->stage);
		e->stage = xstrdup(stage);
	}
	if (code == 0 && ret_new != NULL)
		*ret_new = is_new;
	return code;
}

#define INSERT_EVENT                                                     \
	"INSERT OR FAIL INTO event (id, type, source, subject, time_ms," \
	" depth, stage, data) VALUES (?, ?, '/desk', ?, ?, 0, ?, ?)"
#define ONE_MORE ", (?, ?, '/desk', ?, ?, 0, ?, ?)"
#define INSERT_DO_NOTHING " ON CONFLICT (id) DO NOTHING"

/* OR FAIL: SQLite keeps no copy of pages for a statement whose transaction is
 * undone with it. */
int
log_append_some(struct store *s, const struct log_row *rows, size_t n,
    const char *stage)
{
	struct query q = query(store_desk(s),
	    n == LOG_APPEND_SOME ?
		INSERT_EVENT ONE_MORE ONE_MORE ONE_MORE ONE_MORE ONE_MORE
		    ONE_MORE ONE_MORE INSERT_DO_NOTHING :
		INSERT_EVENT INSERT_DO_NOTHING);
	const struct log_row *r;
	int at = 0;

	for (r = rows; r < rows + n; r++) {
		bind_lent_at(&q, ++at, r->id, strlen(r->id));
		bind_lent_at(&q, ++at, r->type, strlen(r->type));
		bind_lent_at(&q, ++at, r->subject, strlen(r->subject));
		bind_int_at(&q, ++at, r->time_ms);
		bind_lent_at(&q, ++at, stage, strlen(stage));
		bind_lent_at(&q, ++at, r->data, strlen(r->data));
	}
	step(&q);
	return done(&q);
}

#define EVENT_COLUMNS                                                         \
	"seq, id, type, source, subject, time_ms, cause, depth, stage, data," \
	" extra"

static int
row_event(struct query *q, struct event **ret)
{
	struct event *e = xcalloc(1, sizeof(*e));
	const char *text;
	int code;

	e->seq = column_int(q, 0);
	strncpy(e->id, column_text(q, 1), sizeof(e->id) - 1);
	e->type = column_copy(q, 2);
	e->source = column_copy(q, 3);
	e->subject = column_copy(q, 4);
	e->time_ms = column_int(q, 5);
	if ((text = column_text(q, 6)) != NULL)
		strncpy(e->cause, text, sizeof(e->cause) - 1);
	e->depth = (int)column_int(q, 7);
	e->stage = column_copy(q, 8);
	text = column_text(q, 9);
	code = json_object_parse(text, strlen(text), &e->data);
	if (code == 0 && (text = column_text(q, 10)) != NULL)
		code = json_object_parse(text, strlen(text), &e->extra);
	if (code < 0)
		event_free(e);
	else
		*ret = e;
	return code;
}

static bool
type_wanted(const char *type, const char *const *types)
{
	if (types == NULL)
		return true;
	for (; *types != NULL; types++)
		if (strcmp(type, *types) == 0 ||
		    (str_ends(*types, ".") && str_starts(type, *types)))
			return true;
	return false;
}

/* The rows of q that are of types; *ret_seq is that of the last row of all.
 * One that is not wanted costs no parsing. */
static int
row_events(struct query *q, const char *const *types, struct event ***ret,
    size_t *ret_count, int64_t *ret_seq)
{
	struct event **list = NULL;
	size_t n = 0, i;
	int code = 0;

	while (code == 0 && step(q)) {
		if (ret_seq != NULL)
			*ret_seq = column_int(q, 0);
		if (!type_wanted(column_text(q, 2), types))
			continue;
		list = xrealloc(list, (n + 1) * sizeof(*list));
		code = row_event(q, &list[n]);
		if (code == 0)
			n++;
	}
	if (done(q) < 0 && code == 0)
		code = q->code;
	if (code < 0) {
		for (i = 0; i < n; i++)
			event_free(list[i]);
		free(list);
		return code;
	}
	*ret = list;
	*ret_count = n;
	return 0;
}

int
log_get(struct store *s, const char *id, struct event **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT " EVENT_COLUMNS " FROM event WHERE id = :id");
	int code, got = 0;

	bind_text(&q, ":id", id);
	code = 0;
	if (step(&q)) {
		got = 1;
		code = row_event(&q, ret);
	}
	if (done(&q) < 0 && code == 0)
		code = q.code;
	if (code == 0 && !got)
		code = err_set(ERR_NOINPUT, "no event %s", id);
	return code;
}

int
log_caused(struct store *s, const char *id, const char *stage,
    struct event ***ret, size_t *ret_count)
{
	struct query q = query(store_desk(s),
	    "SELECT " EVENT_COLUMNS " FROM event"
	    " WHERE cause = :cause AND stage = :stage ORDER BY seq");

	bind_text(&q, ":cause", id);
	bind_text(&q, ":stage", stage);
	return row_events(&q, NULL, ret, ret_count, NULL);
}

int
log_read(struct store *s, int64_t after, int max, const char *const *types,
    struct event ***ret, size_t *ret_count, int64_t *ret_seq)
{
	struct query q = query(store_desk(s),
	    "SELECT " EVENT_COLUMNS " FROM event WHERE seq > :after"
	    " ORDER BY seq LIMIT :max");
	int64_t last = after;
	int code;

	bind_int(&q, ":after", after);
	bind_int(&q, ":max", max);
	code = row_events(&q, types, ret, ret_count, &last);
	if (code == 0)
		*ret_seq = last;
	return code;
}

int
log_read_these(struct store *s, const char *seqs, const char *const *types,
    struct event ***ret, size_t *ret_count)
{
	struct query q = query(store_desk(s),
	    "SELECT " EVENT_COLUMNS " FROM event"
	    " WHERE seq IN (SELECT value FROM json_each(:seqs))"
	    " ORDER BY seq");

	bind_text(&q, ":seqs", seqs);
	return row_events(&q, types, ret, ret_count, NULL);
}

static int
one_number(struct query *q, int64_t *ret)
{
	int64_t n = 0;
	int code;

	if (step(q))
		n = column_int(q, 0);
	code = done(q);
	if (code == 0)
		*ret = n;
	return code;
}

int
log_last(struct store *s, int64_t *ret)
{
	struct query q =
	    query(store_desk(s), "SELECT coalesce(max(seq), 0) FROM event");

	return one_number(&q, ret);
}

int
log_since(struct store *s, int64_t since_ms, int64_t *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT coalesce(min(seq) - 1,"
	    " (SELECT coalesce(max(seq), 0) FROM event))"
	    " FROM event WHERE time_ms >= :since");

	bind_int(&q, ":since", since_ms);
	return one_number(&q, ret);
}

int
bell_open(const char *path, int *ret_fd)
{
	int fd = db_open_bell(path), watch;

	/* It must exist to be watched; whoever may only read need not make it. */
	if (fd >= 0)
		close(fd);
	watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch < 0)
		return err_errno(ERR_IO, "inotify");
	if (inotify_add_watch(watch, path, IN_MODIFY) < 0) {
		err_errno(ERR_IO, "%s", path);
		close(watch);
		return ERR_IO;
	}
	*ret_fd = watch;
	return 0;
}

void
bell_clear(int fd)
{
	char room[4096];

	while (read(fd, room, sizeof(room)) > 0)
		;
}
