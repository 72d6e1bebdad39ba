/* watch - the list of conversations as it changes, for eyes and for programs */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/jsonl.h"
#include "base/screen.h"
#include "base/stop.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/watch.h"
#include "desk/typist.h"
#include "store/log.h"

#define MINUTE_MS 60000
#define REST_MAX_MS 80 /* between two looks, however much happens */
#define REST_FACTOR 8  /* and this many times as long as a look took */
#define COMMIT_MS 5000 /* a change that is dated may be seen so much later */
#define HEAD_LINES 2
#define FOOT_LINES 1
#define CUSTOMER_COLUMNS 18
#define CUSTOMER_NARROW_COLUMNS 12
#define STATE_COLUMNS 12
#define DUE_COLUMNS 12 /* "119 min open" */
#define INSTANCE_FROM_COLUMNS 100
#define NARROW_COLUMNS 70
#define PROMPT_MAX_BYTES 200

/* No bell rings when somebody is not writing any more who was killed. */
static int64_t
rest_most(struct store *s)
{
	int64_t at_ms = now_ms(), next_ms = typist_next(s, at_ms);

	return next_ms != 0 && next_ms - at_ms < MINUTE_MS ? next_ms - at_ms :
							     MINUTE_MS;
}

static int
open_bell(struct store *s, int *ret)
{
	char *path = store_run_path(s, "desk.bell");
	int code = bell_open(path, ret);

	free(path);
	return code;
}

/* --- on a terminal --- */

struct watch {
	struct store *s;
	struct screen *screen;
	const struct watch_deeds *deeds;
	struct listing_filter first, filter;
	const char *self;
	int bell;
	struct listing_key *keys;
	size_t count;
	size_t top, cursor;	    /* of keys */
	char under[SHORT_ID_BYTES]; /* the cursor; "": nothing */
	bool instances, promises;   /* columns that say something here */
	int64_t looked_ms, rest_ms; /* mono */
	int64_t most_ms;	    /* until the next look, without a bell */
	bool stale;		    /* the bell rang since */
	char *said;		    /* in the last line; NULL: the keys */
	struct buf words;	    /* of the filter that was typed */
	struct listing_words typed;
	/* The conversation that is shown; "": the list is. */
	char shown[SHORT_ID_BYTES];
	struct buf text;
	const char **lines;
	size_t nlines, from;
};

static size_t
room(const struct watch *w)
{
	int rows = screen_rows(w->screen) - HEAD_LINES - FOOT_LINES;

	return rows > 0 ? (size_t)rows : 1;
}

static void
say(struct watch *w, char *text)
{
	free(w->said);
	w->said = text;
}

/* The same conversation stays under the cursor, on the same line if it can; at
 * the top of the list what is new comes into sight. */
static void
keep_place(struct watch *w)
{
	size_t line = w->cursor - w->top, i, rows = room(w);
	bool at_top = w->top == 0;

	for (i = 0; i < w->count; i++)
		if (strcmp(w->keys[i].id, w->under) == 0)
			break;
	if (i < w->count)
		w->cursor = i;
	else if (w->cursor >= w->count)
		w->cursor = w->count > 0 ? w->count - 1 : 0;
	if (at_top && w->cursor < rows)
		w->top = 0;
	else
		w->top = w->cursor > line ? w->cursor - line : 0;
}

/* The first line of the last n of count. */
static size_t
last_top(size_t count, size_t n)
{
	return count > n ? count - n : 0;
}

/* The cursor is in sight, and no line is empty while there are rows above. */
static void
cursor_on(struct watch *w, size_t i)
{
	size_t rows = room(w), last = last_top(w->count, rows);

	if (w->count == 0) {
		w->cursor = w->top = 0;
		w->under[0] = '\0';
		return;
	}
	w->cursor = i < w->count ? i : w->count - 1;
	if (w->cursor < w->top)
		w->top = w->cursor;
	if (w->cursor >= w->top + rows)
		w->top = w->cursor - rows + 1;
	if (w->top > last)
		w->top = last;
	memcpy(w->under, w->keys[w->cursor].id, SHORT_ID_BYTES);
}

static bool
several_instances(struct store *s)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*) > 1 FROM instance i WHERE EXISTS"
	    " (SELECT 1 FROM conversation c WHERE c.instance = i.name)");
	bool several = step(&q) && column_int(&q, 0) != 0;

	done(&q);
	return several;
}

static int
look_at_list(struct watch *w)
{
	struct listing_key *keys = NULL;
	size_t n = 0;
	int code = listing_keys(w->s, &w->filter, now_ms(), &keys, &n);

	if (code < 0)
		return code;
	free(w->keys);
	w->keys = keys;
	w->count = n;
	keep_place(w);
	cursor_on(w, w->cursor);
	return 0;
}

/* Cut text into lines, in place. */
static void
split_lines(struct watch *w)
{
	char *p = w->text.data, *end;

	w->nlines = 0;
	while (p != NULL && *p != '\0') {
		w->lines =
		    xrealloc(w->lines, (w->nlines + 1) * sizeof(*w->lines));
		w->lines[w->nlines++] = p;
		end = strchr(p, '\n');
		if (end == NULL)
			break;
		*end = '\0';
		p = end + 1;
	}
}

/* Of the conversation that is shown, which has no head. */
static size_t
room_shown(const struct watch *w)
{
	int rows = screen_rows(w->screen) - FOOT_LINES;

	return rows > 0 ? (size_t)rows : 1;
}

static size_t
last_from(const struct watch *w)
{
	return last_top(w->nlines, room_shown(w));
}

/* Who stands at the end sees what comes. */
static int
look_at_shown(struct watch *w, bool opened)
{
	bool at_end = opened || w->from >= last_from(w);
	int code;

	buf_reset(&w->text);
	code = w->deeds->show(w->deeds->ctx, w->s, w->shown,
	    screen_columns(w->screen), &w->text);
	if (code < 0)
		return code;
	split_lines(w);
	if (at_end || w->from > last_from(w))
		w->from = last_from(w);
	return 0;
}

static int
look(struct watch *w)
{
	int64_t began = mono_ms(), took;
	int code = look_at_list(w);

	if (code == 0 && w->shown[0] != '\0')
		code = look_at_shown(w, false);
	w->looked_ms = mono_ms();
	took = w->looked_ms - began;
	w->rest_ms =
	    took * REST_FACTOR < REST_MAX_MS ? took * REST_FACTOR : REST_MAX_MS;
	w->most_ms = rest_most(w->s);
	w->stale = false;
	return code;
}

/* text in a column of its own, with two blanks behind it. */
static void
add_cell(struct buf *b, const char *text, size_t columns)
{
	char *cut = listed_cut(text, columns);
	size_t width = utf8_width(cut);

	buf_adds(b, cut);
	for (; width < columns + 2; width++)
		buf_addc(b, ' ');
	free(cut);
}

static void
add_rest(struct buf *b, const char *text, int columns)
{
	size_t used = utf8_width(b->data != NULL ? b->data : "");
	char *cut;

	if (used >= (size_t)columns)
		return;
	cut = listed_cut(text, (size_t)columns - used);
	buf_adds(b, cut);
	free(cut);
}

static bool
wide(const struct watch *w)
{
	return w->instances &&
	    screen_columns(w->screen) >= INSTANCE_FROM_COLUMNS;
}

/* No room for all that is good to know. */
static bool
narrow(const struct watch *w)
{
	return screen_columns(w->screen) < NARROW_COLUMNS;
}

static size_t
customer_columns(const struct watch *w)
{
	return narrow(w) ? CUSTOMER_NARROW_COLUMNS : CUSTOMER_COLUMNS;
}

static void
put_row(struct watch *w, int line, size_t i, int64_t at_ms)
{
	char a[TIME_TEXT_BYTES], b[TIME_TEXT_BYTES], c[TIME_TEXT_BYTES];
	char *state, *who, *gist;
	struct buf text = BUF_INIT(0);
	struct listed l;
	unsigned style = STYLE_PLAIN;

	if (listed_get(w->s, w->keys[i].id,
		LISTED_UNREAD | listed_writers(w->s), w->self, &l) < 0) {
		screen_put(w->screen, line, STYLE_PLAIN, "");
		return;
	}
	state = listed_state(&l);
	who = listed_customer(&l, customer_columns(w));
	gist = listed_gist(&l);
	if (l.unread)
		style |= STYLE_BOLD;
	if (i == w->cursor)
		style |= STYLE_REVERSE;
	/* Bold is not seen by all. */
	buf_adds(&text, l.unread ? "*" : " ");
	add_cell(&text, l.id, SHORT_ID_BYTES - 1);
	add_cell(&text, listed_age(l.waiting_ms, at_ms, a), 6);
	if (w->promises)
		add_cell(&text, listed_due(&l.due, c), DUE_COLUMNS);
	if (!narrow(w))
		add_cell(&text, listed_age(l.last_ms, at_ms, b), 6);
	add_cell(&text, state, narrow(w) ? 6 : STATE_COLUMNS);
	add_cell(&text, l.priority, 6);
	if (wide(w))
		add_cell(&text, l.instance, 10);
	add_cell(&text, who, customer_columns(w));
	add_rest(&text, gist, screen_columns(w->screen));
	screen_put(w->screen, line, style, text.data);
	buf_release(&text);
	free(state);
	free(who);
	free(gist);
	listed_release(&l);
}

static void
put_cut(struct watch *w, int line, unsigned style, const char *text)
{
	char *cut = listed_cut(text, (size_t)screen_columns(w->screen));

	screen_put(w->screen, line, style, cut);
	free(cut);
}

static void
put_foot(struct watch *w, const char *keys)
{
	put_cut(w, screen_rows(w->screen) - 1, STYLE_DIM,
	    w->said != NULL ? w->said : keys);
}

static void
put_list(struct watch *w)
{
	int64_t at_ms = now_ms();
	struct buf head = BUF_INIT(0);
	size_t i, rows = room(w), waiting = 0, missed = 0;
	char *title, late[32] = "";

	for (i = 0; i < w->count; i++) {
		waiting += w->keys[i].waiting_ms != 0;
		missed += w->keys[i].due_ms != 0 && w->keys[i].due_ms <= at_ms;
	}
	if (missed > 0)
		snprintf(late, sizeof(late), ", %zu too late", missed);
	title = xformat("%zu conversation%s, %zu wait%s%s%s%s", w->count,
	    w->count == 1 ? "" : "s", waiting, waiting == 1 ? "s" : "", late,
	    w->words.len > 0 ? "   only: " : "",
	    w->words.len > 0 ? w->words.data : "");
	put_cut(w, 0, STYLE_BOLD, title);
	free(title);
	buf_adds(&head, " ");
	add_cell(&head, "ID", SHORT_ID_BYTES - 1);
	add_cell(&head, "WAITS", 6);
	if (w->promises)
		add_cell(&head, "DUE", DUE_COLUMNS);
	if (!narrow(w))
		add_cell(&head, "LAST", 6);
	add_cell(&head, "STATE", narrow(w) ? 6 : STATE_COLUMNS);
	add_cell(&head, "PRIO", 6);
	if (wide(w))
		add_cell(&head, "INSTANCE", 10);
	add_cell(&head, "CONTACT", customer_columns(w));
	add_rest(&head, "TEXT", screen_columns(w->screen));
	put_cut(w, 1, STYLE_DIM, head.data);
	buf_release(&head);
	for (i = 0; i < rows; i++)
		if (w->top + i < w->count)
			put_row(w, (int)i + HEAD_LINES, w->top + i, at_ms);
		else
			screen_put(w->screen, (int)i + HEAD_LINES, STYLE_PLAIN,
			    "");
	put_foot(w,
	    "j k move   Enter show   a answer   t take   r resolve   / filter   "
	    "q quit");
}

static void
put_shown(struct watch *w)
{
	size_t i, rows = room_shown(w);

	for (i = 0; i < rows; i++)
		put_cut(w, (int)i, STYLE_PLAIN,
		    w->from + i < w->nlines ? w->lines[w->from + i] : "");
	put_foot(w, "j k move   a answer   t take   r resolve   q back");
}

static int
put_all(struct watch *w)
{
	/* One look for all lines: they are of one instant. */
	int code = db_read_begin(store_desk(w->s));

	if (code < 0)
		return code;
	if (w->shown[0] != '\0')
		put_shown(w);
	else
		put_list(w);
	db_read_end(store_desk(w->s));
	screen_draw(w->screen);
	return 0;
}

/* How long nothing needs to be done. */
static int64_t
rest(const struct watch *w)
{
	int64_t since = mono_ms() - w->looked_ms;

	if (w->stale)
		return since < w->rest_ms ? w->rest_ms - since : 0;
	return since < w->most_ms ? w->most_ms - since : 0;
}

static void
take_filter(struct watch *w)
{
	int code;

	listing_words_release(&w->typed);
	w->filter = w->first;
	code = listing_narrow(w->s, w->words.data != NULL ? w->words.data : "",
	    w->self, &w->filter, &w->typed);
	if (code < 0) {
		say(w, xstrdup(err_reason()));
		buf_reset(&w->words);
		w->filter = w->first;
	}
	w->top = w->cursor = 0;
	w->under[0] = '\0';
}

static void
type_words(struct buf *words, int key)
{
	char bytes[5];
	size_t len = 0;

	if (key == KEY_BACKSPACE && words->len > 0) {
		words->len = utf8_cut(words->data, words->len, words->len - 1);
		words->data[words->len] = '\0';
		return;
	}
	if (key < ' ' || key == KEY_BACKSPACE || key >= KEY_UP ||
	    words->len > PROMPT_MAX_BYTES)
		return;
	if (key < 0x80)
		bytes[len++] = (char)key;
	else if (key < 0x800) {
		bytes[len++] = (char)(0xc0 | key >> 6);
		bytes[len++] = (char)(0x80 | (key & 0x3f));
	} else if (key < 0x10000) {
		bytes[len++] = (char)(0xe0 | key >> 12);
		bytes[len++] = (char)(0x80 | (key >> 6 & 0x3f));
		bytes[len++] = (char)(0x80 | (key & 0x3f));
	} else
		return;
	buf_add(words, bytes, len);
}

/* The line at the bottom asks for a filter, and shows the one that is on until
 * another is typed. 0, or KEY_STOP. */
static int
ask_filter(struct watch *w)
{
	struct buf words = BUF_INIT(0);
	char *line, *shown;
	int key;

	for (;;) {
		shown = utf8_show(words.len > 0 ? words.data : "", false);
		if (words.len == 0 && w->words.len > 0)
			line = xformat("only (Up: as now, Enter: all): _   "
				       "now: %s",
			    w->words.data);
		else
			line = xformat(
			    "only (owner=queue tag=vip unread ...): %s_",
			    shown);
		put_cut(w, screen_rows(w->screen) - 1, STYLE_BOLD, line);
		screen_draw(w->screen);
		free(shown);
		free(line);
		key = screen_next(w->screen, -1, -1);
		if (key == KEY_STOP || key == KEY_ENTER || key == KEY_ESCAPE)
			break;
		if (key == KEY_RESIZE)
			put_all(w);
		if (key == KEY_UP && w->words.len > 0) {
			buf_reset(&words);
			buf_adds(&words, w->words.data);
		}
		type_words(&words, key);
	}
	if (key == KEY_ENTER) {
		buf_release(&w->words);
		w->words = words;
		take_filter(w);
	} else
		buf_release(&words);
	return key == KEY_STOP ? KEY_STOP : 0;
}

/* Who has it; NULL: nobody, or the AI. Caller frees. */
static char *
holder(const struct watch *w, const char *id)
{
	struct listed l;
	char *name;

	if (listed_get(w->s, id, 0, w->self, &l) < 0)
		return NULL;
	name = xstrdup(l.assignee);
	listed_release(&l);
	return name;
}

static bool
is_self(const struct watch *w, const char *person)
{
	return w->self != NULL && person != NULL &&
	    strcmp(person, w->self) == 0;
}

static bool
is_mine(const struct watch *w, const char *id)
{
	char *name = holder(w, id);
	bool mine = is_self(w, name);

	free(name);
	return mine;
}

static void
act_on(struct watch *w, const char *verb)
{
	const char *id = w->shown[0] != '\0' ? w->shown : w->under;
	char *before;
	int code;

	if (*id == '\0')
		return;
	before = holder(w, id);
	code = w->deeds->act(w->deeds->ctx, verb, id);
	if (code < 0)
		say(w, xformat("%s: %s", id, err_reason()));
	else if (strcmp(verb, "take") != 0)
		say(w, xformat("%s: resolved", id));
	else if (before == NULL || is_self(w, before))
		say(w, xformat("%s: taken", id));
	else
		say(w, xformat("%s: taken; it was with %s", id, before));
	free(before);
}

/* The person answers on a terminal of lines; then the screen is there again. */
static int
answer(struct watch *w)
{
	const char *id = w->shown[0] != '\0' ? w->shown : w->under;
	bool mine;
	int code;

	if (*id == '\0')
		return 0;
	mine = is_mine(w, id);
	screen_close(w->screen);
	w->screen = NULL;
	code = w->deeds->answer(w->deeds->ctx, id);
	if (code < 0)
		say(w, xformat("%s: %s", id, err_reason()));
	else
		say(w,
		    xformat("%s: answered%s", id,
			!mine && is_mine(w, id) ? ", and taken: it is yours" :
						  ""));
	code = screen_open(&w->screen);
	return code < 0 ? code : look(w);
}

/* By how many lines a key moves; *ret_end: to the first or last one. */
static int64_t
moves(const struct watch *w, int key, bool *ret_end)
{
	int64_t page = (int64_t)(w->shown[0] != '\0' ? room_shown(w) : room(w));

	*ret_end =
	    key == KEY_HOME || key == KEY_END || key == 'g' || key == 'G';
	switch (key) {
	case 'j':
	case KEY_DOWN:
		return 1;
	case 'k':
	case KEY_UP:
		return -1;
	case KEY_PAGE_DOWN:
	case ' ':
		return page;
	case KEY_PAGE_UP:
		return -page;
	case KEY_END:
	case 'G':
		return INT32_MAX;
	case KEY_HOME:
	case 'g':
		return -INT32_MAX;
	default:
		return 0;
	}
}

static size_t
moved(size_t from, int64_t by, size_t last)
{
	int64_t to = (int64_t)from + by;

	return to < 0 ? 0 : (size_t)to > last ? last : (size_t)to;
}

/* What a key does. 0, KEY_STOP to end, or an ERR. */
static int
list_key(struct watch *w, int key)
{
	bool end;
	int64_t by = moves(w, key, &end);
	int code = 0;

	if (by != 0) {
		cursor_on(w,
		    moved(w->cursor, by, w->count > 0 ? w->count - 1 : 0));
		return 0;
	}
	switch (key) {
	case 'q':
		return KEY_STOP;
	case KEY_ENTER:
	case KEY_RIGHT:
		if (w->under[0] == '\0')
			return 0;
		memcpy(w->shown, w->under, SHORT_ID_BYTES);
		code = look_at_shown(w, true);
		break;
	case '/':
		code = ask_filter(w);
		w->stale = true;
		w->rest_ms = 0;
		break;
	case 'a':
		code = answer(w);
		break;
	case 't':
		act_on(w, "take");
		break;
	case 'r':
		act_on(w, "resolve");
		break;
	default:
		break;
	}
	return code;
}

static int
shown_key(struct watch *w, int key)
{
	bool end;
	int64_t by = moves(w, key, &end);

	if (by != 0)
		w->from = moved(w->from, by, last_from(w));
	else if (key == 'q' || key == KEY_ESCAPE || key == KEY_LEFT) {
		w->shown[0] = '\0';
		return look(w);
	} else if (key == 'a')
		return answer(w);
	else if (key == 't')
		act_on(w, "take");
	else if (key == 'r')
		act_on(w, "resolve");
	return 0;
}

static int
turn(struct watch *w)
{
	int key = screen_next(w->screen, w->bell, rest(w)), code = 0;

	switch (key) {
	case KEY_STOP:
		return KEY_STOP;
	case KEY_WATCHED:
		bell_clear(w->bell);
		w->stale = true;
		if (rest(w) > 0)
			return 0;
		break;
	case KEY_NONE:
		break;
	case KEY_RESIZE:
		cursor_on(w, w->cursor);
		return w->shown[0] != '\0' ? look_at_shown(w, false) :
					     put_all(w);
	default:
		say(w, NULL);
		code =
		    w->shown[0] != '\0' ? shown_key(w, key) : list_key(w, key);
		break;
	}
	if (code == 0 &&
	    (key == KEY_WATCHED || key == KEY_NONE ||
		(w->stale && rest(w) == 0)))
		code = look(w);
	return code;
}

int
watch_screen(struct store *s, const struct listing_filter *f, const char *self,
    const struct watch_deeds *deeds)
{
	struct watch w = { .s = s,
		.deeds = deeds,
		.first = *f,
		.filter = *f,
		.self = self,
		.bell = -1,
		.words = BUF_INIT(0),
		.text = BUF_INIT(0) };
	int code = open_bell(s, &w.bell);

	if (code == 0)
		code = screen_open(&w.screen);
	if (code == 0) {
		w.instances = several_instances(s);
		w.promises = sla_is_used(s);
		code = look(&w);
	}
	while (code == 0) {
		code = put_all(&w);
		if (code == 0)
			code = turn(&w);
	}
	screen_close(w.screen);
	if (w.bell >= 0)
		close(w.bell);
	free(w.keys);
	free(w.said);
	free(w.lines);
	listing_words_release(&w.typed);
	buf_release(&w.words);
	buf_release(&w.text);
	return code < 0 ? code : 0;
}

/* --- as lines --- */

/* What was last told of a conversation. */
struct known {
	char id[SHORT_ID_BYTES];
	uint64_t hash; /* of its line; 0: not told yet */
};

struct lines {
	struct store *s;
	const struct listing_filter *filter;
	const char *self;
	struct jsonl *out;
	struct known *known; /* by id */
	size_t count;
	int64_t seq;	   /* of the log, looked at so far */
	int64_t looked_ms; /* when: who stopped writing since */
	bool gone;	   /* the reader */
};

static int
by_id(const void *one, const void *other)
{
	return strcmp(((const struct known *)one)->id,
	    ((const struct known *)other)->id);
}

static uint64_t
hash_of(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return h != 0 ? h : 1;
}

static int
put_object(struct lines *w, json_t *o, const char *change)
{
	char *text;
	int code;

	json_put(o, "change", change);
	text = json_text(o);
	code = jsonl_put(w->out, text, strlen(text));
	free(text);
	return code;
}

/* Tell of it, if it is not as it was told. */
static int
tell(struct lines *w, struct known *k, const char *change)
{
	struct listed l;
	json_t *o;
	char *text;
	uint64_t hash;
	int code = listed_get(w->s, k->id,
	    LISTED_NAMES | LISTED_ADDRESS | LISTED_UNREAD | LISTED_WRITERS,
	    w->self, &l);

	/* Merged this instant: the next look has it gone. */
	if (code == ERR_NOINPUT)
		return 0;
	if (code < 0)
		return code;
	o = listed_json(&l);
	text = json_text(o);
	hash = hash_of(text);
	free(text);
	if (hash != k->hash)
		code = put_object(w, o, change);
	k->hash = hash;
	json_decref(o);
	listed_release(&l);
	return code;
}

static int
tell_gone(struct lines *w, const char *id)
{
	json_t *o = json_object();
	int code;

	json_put(o, "conversation", id);
	code = put_object(w, o, "gone");
	json_decref(o);
	return code;
}

/* The conversations the log tells of since the last look, as a set of ids. By
 * the plus SQLite looks at these events alone, not at all of all conversations. */
static int
touched(struct lines *w, int64_t to, struct known **ret, size_t *ret_count)
{
	struct query q = query(store_desk(w->s),
	    "SELECT DISTINCT substr(subject, 14) FROM event WHERE seq > :from"
	    " AND seq <= :to AND +subject GLOB 'conversation/*'"
	    " UNION SELECT c.id FROM event e JOIN conversation c"
	    " ON c.contact = substr(e.subject, 9) WHERE e.seq > :from"
	    " AND e.seq <= :to AND +e.subject GLOB 'contact/*'"
	    " UNION SELECT conversation FROM seen"
	    " WHERE person = :self AND seq >= :from"
	    " UNION SELECT conversation FROM writer"
	    " WHERE until_ms BETWEEN :since AND :now ORDER BY 1");
	struct known *list = NULL;
	size_t n = 0;
	int code;

	bind_int(&q, ":from", w->seq);
	bind_int(&q, ":to", to);
	bind_text(&q, ":self", w->self);
	bind_int(&q, ":since", w->looked_ms - COMMIT_MS);
	bind_int(&q, ":now", now_ms());
	while (step(&q)) {
		list = xrealloc(list, (n + 1) * sizeof(*list));
		snprintf(list[n].id, sizeof(list[n].id), "%s",
		    column_text(&q, 0));
		list[n++].hash = 0;
	}
	code = done(&q);
	if (code < 0) {
		free(list);
		return code;
	}
	*ret = list;
	*ret_count = n;
	return 0;
}

/* All that are listed now, in the order of the list, as not told yet. */
static int
read_list(struct lines *w, struct known **ret, size_t *ret_count)
{
	struct listing_key *keys = NULL;
	struct known *list;
	size_t n = 0, i;
	int code = listing_keys(w->s, w->filter, now_ms(), &keys, &n);

	if (code < 0)
		return code;
	list = xcalloc(n + 1, sizeof(*list));
	for (i = 0; i < n; i++)
		memcpy(list[i].id, keys[i].id, SHORT_ID_BYTES);
	free(keys);
	*ret = list;
	*ret_count = n;
	return 0;
}

/* Those that came, changed and went, by two sorted lists. */
static int
compare_lists(struct lines *w, struct known *now, size_t n,
    const struct known *news, size_t nnews)
{
	size_t i = 0, j = 0;
	int code = 0, order;

	while (code == 0 && (i < w->count || j < n)) {
		order = i == w->count ? 1 :
		    j == n	      ? -1 :
					by_id(&w->known[i], &now[j]);
		if (order < 0)
			code = tell_gone(w, w->known[i++].id);
		else if (order > 0)
			code = tell(w, &now[j++], "new");
		else {
			now[j].hash = w->known[i++].hash;
			if (nnews > 0 &&
			    bsearch(&now[j], news, nnews, sizeof(*news),
				by_id) != NULL)
				code = tell(w, &now[j], "changed");
			j++;
		}
	}
	return code;
}

static int
look_again(struct lines *w)
{
	struct known *news = NULL, *now = NULL;
	size_t nnews = 0, n = 0;
	int64_t to = 0, at_ms = now_ms();
	int code = log_last(w->s, &to);

	if (code == 0)
		code = touched(w, to, &news, &nnews);
	if (code == 0)
		code = read_list(w, &now, &n);
	if (code == 0) {
		if (n > 0)
			qsort(now, n, sizeof(*now), by_id);
		code = compare_lists(w, now, n, news, nnews);
	}
	free(news);
	if (code < 0) {
		free(now);
		return code;
	}
	free(w->known);
	w->known = now;
	w->count = n;
	w->seq = to;
	w->looked_ms = at_ms;
	return jsonl_flush(w->out);
}

static int
look_first(struct lines *w)
{
	size_t i;
	int code;

	w->looked_ms = now_ms();
	code = log_last(w->s, &w->seq);

	if (code == 0)
		code = read_list(w, &w->known, &w->count);
	for (i = 0; code == 0 && i < w->count; i++)
		code = tell(w, &w->known[i], "present");
	if (code == 0)
		code = jsonl_flush(w->out);
	if (w->count > 0)
		qsort(w->known, w->count, sizeof(*w->known), by_id);
	return code;
}

/* Until the bell, a minute, the end of the reader or a signal; open: signals
 * are let in while it waits, and only then. */
static int
wait_for_bell(struct lines *w, int bell, const sigset_t *open)
{
	struct pollfd fds[2] = { { bell, POLLIN, 0 }, { STDOUT_FILENO, 0, 0 } };
	int64_t ms = rest_most(w->s);
	const struct timespec most = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	if (ppoll(fds, 2, &most, open) < 0 && errno != EINTR)
		return err_errno(ERR_IO, "poll");
	if (fds[1].revents & (POLLERR | POLLHUP))
		w->gone = true;
	bell_clear(bell);
	return 0;
}

/* However much happens, others have the processor, too. */
static void
take_rest(int64_t took_ms)
{
	int64_t ms = took_ms * REST_FACTOR;

	poll(NULL, 0, (int)(ms < REST_MAX_MS ? ms : REST_MAX_MS));
}

static int
follow_list(struct lines *w, int bell)
{
	sigset_t mask, before;
	int64_t began;
	int code;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, &before);
	stop_on_signals();
	code = look_first(w);
	while (code == 0) {
		code = wait_for_bell(w, bell, &before);
		if (code < 0 || stop_wanted != 0 || w->gone)
			break;
		began = mono_ms();
		code = look_again(w);
		take_rest(mono_ms() - began);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return code;
}

int
watch_lines(struct store *s, const struct listing_filter *f, const char *self)
{
	struct lines w = { .s = s,
		.filter = f,
		.self = self,
		.out = jsonl_new(-1, STDOUT_FILENO, "output", BODY_MAX_BYTES) };
	int bell = -1, code = open_bell(s, &bell);

	if (code == 0)
		code = follow_list(&w, bell);
	if (bell >= 0)
		close(bell);
	jsonl_free(w.out);
	free(w.known);
	return code;
}
