/* rows - conversations as the lines of a list */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/rows.h"
#include "desk/sla.h"

#define INSTANCE_FROM_COLUMNS 100 /* narrower: more of the text */

/* Whether a column of instances says something, and has room. */
static bool
show_instances(struct store *s)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*) > 1 FROM instance i WHERE EXISTS"
	    " (SELECT 1 FROM conversation c WHERE c.instance = i.name)");
	struct winsize ws;
	bool many = step(&q) && column_int(&q, 0) != 0;

	done(&q);
	if (isatty(1) && ioctl(1, TIOCGWINSZ, &ws) == 0)
		many = many && ws.ws_col >= INSTANCE_FROM_COLUMNS;
	return many;
}

/* How a list is printed. */
struct form {
	enum rows_form as;
	struct cli_table *table;  /* NULL: as JSON */
	bool instances, promises; /* columns that say something here */
	int64_t at_ms;
};

static void
begin_table(struct form *f)
{
	static const char *const plain[] = { "id", "status", "owner",
		"assignee", "team", "priority", "instance", "contact", "name",
		"phone", "tags", "waiting_since", "last", "text", "due", NULL };
	static const char *head[10]; /* the table keeps it */
	size_t n = 0;

	head[n++] = "ID";
	head[n++] = "WAITS";
	if (f->promises)
		head[n++] = "DUE";
	head[n++] = "LAST";
	head[n++] = "STATE";
	head[n++] = "PRIO";
	if (f->instances)
		head[n++] = "INSTANCE";
	head[n++] = "CONTACT";
	head[n++] = "TEXT";
	head[n] = NULL;
	f->table = cli_table_new(f->as == ROWS_PLAIN ? plain : head,
	    f->as == ROWS_PLAIN);
}

static void
put_cells(const struct form *f, const struct listed *l)
{
	char a[TIME_TEXT_BYTES], b[TIME_TEXT_BYTES], c[TIME_TEXT_BYTES];
	char *state = listed_state(l),
	     *name = listed_customer(l, ROWS_NAME_COLUMNS),
	     *gist = listed_gist(l);

	cli_table_cell(f->table, "%s", l->id);
	cli_table_cell(f->table, "%s", listed_age(l->waiting_ms, f->at_ms, a));
	if (f->promises)
		cli_table_cell(f->table, "%s", listed_due(&l->due, c));
	cli_table_cell(f->table, "%s", listed_age(l->last_ms, f->at_ms, b));
	cli_table_cell(f->table, "%s", state);
	cli_table_cell(f->table, "%s", l->priority);
	if (f->instances)
		cli_table_cell(f->table, "%s", l->instance);
	cli_table_cell(f->table, "%s", name);
	cli_table_cell(f->table, "%s", gist);
	free(state);
	free(name);
	free(gist);
}

/* Everything, for cut(1) and awk(1); the columns are in the page. */
static void
put_plain(struct cli_table *t, const struct listed *l)
{
	char a[TIME_TEXT_BYTES], b[TIME_TEXT_BYTES], c[TIME_TEXT_BYTES];

	cli_table_cell(t, "%s", l->id);
	cli_table_cell(t, "%s", l->status);
	cli_table_cell(t, "%s", l->owner);
	cli_table_cell(t, "%s", l->assignee != NULL ? l->assignee : "");
	cli_table_cell(t, "%s", l->team != NULL ? l->team : "");
	cli_table_cell(t, "%s", l->priority);
	cli_table_cell(t, "%s", l->instance);
	cli_table_cell(t, "%s", l->contact);
	cli_table_cell(t, "%s", l->name != NULL ? l->name : "");
	cli_table_cell(t, "%s", l->phone != NULL ? l->phone : "");
	cli_table_cell(t, "%s", l->tags);
	cli_table_cell(t, "%s",
	    l->waiting_ms != 0 ? time_text(l->waiting_ms, a) : "");
	cli_table_cell(t, "%s",
	    l->last_ms != 0 ? time_text(l->last_ms, b) : "");
	cli_table_cell(t, "%s", l->text != NULL ? l->text : "");
	cli_table_cell(t, "%s",
	    l->due.due_ms != 0 ? time_text(l->due.due_ms, c) : "");
}

static void
put_row(const struct form *f, const struct listed *l)
{
	json_t *o;

	if (f->as == ROWS_JSON) {
		o = listed_json(l);
		cli_json(o);
		json_decref(o);
	} else if (f->as == ROWS_PLAIN)
		put_plain(f->table, l);
	else
		put_cells(f, l);
}

/* A page under one look at the store, then out with it. One that was merged
 * since it was found is told of by the other. */
static int
put_page(struct store *s, const struct form *f, const struct listing_key *keys,
    size_t n, const char *self)
{
	unsigned parts = f->as == ROWS_JSON ?
	    LISTED_NAMES | LISTED_ADDRESS | LISTED_UNREAD :
	    f->as == ROWS_PLAIN ? LISTED_NAMES :
				  0;
	struct listed *rows = xcalloc(n, sizeof(*rows));
	size_t i, kept = 0;
	int code = db_read_begin(store_desk(s));

	if (code < 0) {
		free(rows);
		return code;
	}
	parts |= listed_writers(s);
	for (i = 0; code == 0 && i < n; i++) {
		code = listed_get(s, keys[i].id, parts, self, &rows[kept]);
		if (code == 0)
			kept++;
		else if (code == ERR_NOINPUT)
			code = 0;
	}
	db_read_end(store_desk(s));
	for (i = 0; i < kept; i++) {
		if (code == 0)
			put_row(f, &rows[i]);
		listed_release(&rows[i]);
	}
	free(rows);
	return code;
}

static void
put_ids(const struct listing_key *keys, size_t n)
{
	static const char *const head[] = { "id", NULL };
	struct cli_table *t = cli_table_new(head, true);
	size_t i;

	for (i = 0; i < n; i++)
		cli_table_cell(t, "%s", keys[i].id);
	cli_table_end(t);
}

int
rows_print(struct store *s, const struct listing_filter *f, enum rows_form form,
    const char *self)
{
	struct form how = { .as = form, .at_ms = now_ms() };
	struct listing_key *keys = NULL;
	size_t n = 0, i, page;
	int code = listing_keys(s, f, how.at_ms, &keys, &n);

	if (form == ROWS_IDS) {
		put_ids(keys, n);
		free(keys);
		return code;
	}
	if (form != ROWS_JSON) {
		how.instances = show_instances(s);
		how.promises = sla_is_used(s);
		begin_table(&how);
	}
	for (i = 0; code == 0 && i < n; i += page) {
		page = n - i < LISTING_PAGE ? n - i : LISTING_PAGE;
		code = put_page(s, &how, keys + i, page, self);
	}
	if (how.table != NULL)
		cli_table_end(how.table);
	free(keys);
	return code;
}
