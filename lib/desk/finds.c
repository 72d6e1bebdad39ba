/* finds - messages that hold the words, as the lines of a list */
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/finds.h"

#define FOUND_PAGE 4096 /* each looks for its words anew */

/* Who said it, in a few words. */
static char *
found_who(const struct found *f)
{
	const char *author = f->author != NULL ? f->author : "";

	if (strcmp(f->direction, "in") == 0)
		return xstrdup(f->name != NULL ? f->name : f->contact);
	if (strcmp(f->direction, "echo") == 0)
		return xstrdup("(phone)");
	if (str_starts(author, "user:"))
		author += strlen("user:");
	return xformat("%s%s", strcmp(f->direction, "note") == 0 ? "note " : "",
	    author);
}

static void
found_json(const struct found *f)
{
	json_t *o = json_object();
	char time[TIME_TEXT_BYTES];

	json_put(o, "message", f->message);
	json_put(o, "conversation", f->conversation);
	json_put(o, "instance", f->instance);
	json_put(o, "contact", f->contact);
	json_object_set_new(o, "name", json_text_new(f->name));
	json_put(o, "direction", f->direction);
	json_put(o, "kind", f->kind);
	json_object_set_new(o, "author", json_text_new(f->author));
	json_put(o, "time", time_text(f->wa_ms, time));
	json_put(o, "text", f->text != NULL ? f->text : f->gist);
	json_object_set_new(o, "edited", json_boolean(f->is_edited));
	json_object_set_new(o, "deleted", json_boolean(f->is_deleted));
	cli_json(o);
	json_decref(o);
}

static void
found_cells(struct cli_table *t, const struct found *f, const struct finds *how)
{
	const bool is_plain = how->form == ROWS_PLAIN;
	char time[TIME_TEXT_BYTES], *who = found_who(f), *name, *around;

	if (is_plain)
		time_text(f->wa_ms, time);
	else
		time_local(f->wa_ms, "%Y-%m-%d %H:%M", time, sizeof(time));
	name = is_plain ? xstrdup(who) : listed_cut(who, ROWS_NAME_COLUMNS);
	around = is_plain ? xstrdup(f->gist) :
			    words_around(f->gist, how->asked, how->nasked);
	cli_table_cell(t, "%s", time);
	cli_table_cell(t, "%s", f->conversation);
	cli_table_cell(t, "%s", name);
	cli_table_cell(t, "%s%s", around,
	    f->is_deleted    ? LISTED_DELETED :
		f->is_edited ? LISTED_EDITED :
			       "");
	free(who);
	free(name);
	free(around);
}

/* Conversations that were printed already, newest first. */
struct told {
	char (*ids)[SHORT_ID_BYTES];
	size_t n;
};

static void
found_id(struct cli_table *t, struct told *told, const struct found *f)
{
	size_t i;

	for (i = 0; i < told->n; i++)
		if (strcmp(told->ids[i], f->conversation) == 0)
			return;
	told->ids = xrealloc(told->ids, (told->n + 1) * sizeof(*told->ids));
	memcpy(told->ids[told->n++], f->conversation, SHORT_ID_BYTES);
	cli_table_cell(t, "%s", f->conversation);
}

int
finds_print(struct store *s, const struct finds *f)
{
	static const char *const headers[] = { "TIME", "ID", "WHO", "TEXT",
		NULL };
	static const char *const id[] = { "ID", NULL };
	const bool is_ids = f->form == ROWS_IDS;
	struct cli_table *t = f->form == ROWS_JSON ?
	    NULL :
	    cli_table_new(is_ids ? id : headers,
		is_ids || f->form == ROWS_PLAIN);
	struct told told = { NULL, 0 };
	struct found *list = NULL;
	int64_t place = 0, left = f->max == 0 ? INT64_MAX : f->max;
	size_t n, i, page;
	int code;

	do {
		page = left < FOUND_PAGE ? (size_t)left : FOUND_PAGE;
		code = words_search(s, f->question, f->filter, f->since_ms,
		    place, page, &list, &n);
		if (code < 0)
			break;
		for (i = 0; i < n; i++)
			if (is_ids)
				found_id(t, &told, &list[i]);
			else if (f->form == ROWS_JSON)
				found_json(&list[i]);
			else
				found_cells(t, &list[i], f);
		if (n > 0)
			place = list[n - 1].place;
		left -= (int64_t)n;
		found_free(list, n);
	} while (n == page && left > 0);
	if (t != NULL)
		cli_table_end(t);
	free(told.ids);
	return code < 0 ? code : place == 0 ? ERR_NO : 0;
}
