/* record - things told by names and values, as text that reads alone */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "kb/record.h"

#define LONG_BYTES 200 /* a value with more is no cell of a row */
#define TITLE_MAX_BYTES 300

bool
record_is_title(const char *name)
{
	static const char *const titles[] = { "title", "name", "question",
		"heading", "headline", "subject", "label", "term", NULL };

	for (size_t i = 0; titles[i] != NULL; i++)
		if (strcasecmp(name, titles[i]) == 0)
			return true;
	return false;
}

void
records_put(struct records *r, const char *name, const char *value)
{
	if (value[strspn(value, " \t\r\n")] == '\0')
		return;
	if ((r->fields & (r->fields - 1)) == 0)
		r->field = xrealloc(r->field,
		    (r->fields ? 2 * r->fields : 1) * sizeof(*r->field));
	r->field[r->fields].name = xstrdup(name);
	r->field[r->fields++].value = xstrdup(value);
}

static bool
is_markup(const char *value)
{
	return strstr(value, "</") != NULL || strstr(value, "<br") != NULL ||
	    strstr(value, "/>") != NULL;
}

static bool
is_long(const char *value)
{
	return strlen(value) > LONG_BYTES || is_markup(value);
}

/* "name: value; name: value", of the short ones but one. */
static void
put_row(struct records *r, const struct record_field *without)
{
	struct buf row = BUF_INIT(0);
	const char *p;
	size_t i;

	for (i = 0; i < r->fields; i++) {
		if (&r->field[i] == without || is_long(r->field[i].value))
			continue;
		if (row.len > 0)
			buf_adds(&row, "; ");
		if (*r->field[i].name != '\0')
			buf_addf(&row, "%s: ", r->field[i].name);
		for (p = r->field[i].value; *p != '\0'; p++)
			buf_addc(&row, strchr("\r\n", *p) != NULL ? ' ' : *p);
	}
	if (row.len > 0) {
		buf_add(&r->rows, row.data, row.len);
		buf_addc(&r->rows, '\n');
	}
	buf_release(&row);
}

static int
put_long(struct records *r, const char *value)
{
	if (is_markup(value))
		return extract_html(value, strlen(value), r->b);
	blocks_add(r->b, BLOCK_PARAGRAPH, 0, value, strlen(value));
	return 0;
}

static int
put_section(struct records *r, int depth)
{
	const struct record_field *title = NULL;
	size_t i;
	int code = 0;

	records_flush(r);
	for (i = 0; i < r->fields && title == NULL; i++)
		if (record_is_title(r->field[i].name) &&
		    strlen(r->field[i].value) < TITLE_MAX_BYTES)
			title = &r->field[i];
	if (title != NULL)
		blocks_add(r->b, BLOCK_HEADING, depth < 6 ? depth : 6,
		    title->value, strlen(title->value));
	put_row(r, title);
	records_flush(r);
	for (i = 0; i < r->fields && code == 0; i++)
		if (&r->field[i] != title && is_long(r->field[i].value))
			code = put_long(r, r->field[i].value);
	return code;
}

int
records_next(struct records *r, int depth)
{
	bool has_long = false;
	size_t i;
	int code = 0, level = depth;

	for (i = 0; i < r->fields; i++)
		has_long |= is_long(r->field[i].value);
	if (r->fields == 1 && record_is_title(r->field[0].name)) {
		if (depth < 4 && r->b->text->title == NULL)
			r->b->text->title = xstrdup(r->field[0].value);
		has_long = true;
		level = depth > 1 ? depth - 1 : 1;
	}
	if (has_long)
		code = put_section(r, level);
	else
		put_row(r, NULL);
	for (i = 0; i < r->fields; i++) {
		free(r->field[i].name);
		free(r->field[i].value);
	}
	r->fields = 0;
	return code;
}

void
records_flush(struct records *r)
{
	if (r->rows.len > 0)
		blocks_add(r->b, BLOCK_ROWS, 0, r->rows.data, r->rows.len);
	buf_reset(&r->rows);
}

void
records_end(struct records *r)
{
	records_flush(r);
	buf_release(&r->rows);
	free(r->field);
}
