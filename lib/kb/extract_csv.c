/*
 * extract_csv - tables of values between commas, semicolons or tabs
 *
 * Fields may be quoted, with quotes doubled within, and then hold lines. A
 * form feed alone on a line parts two sheets.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "kb/writer.h"

#define SAMPLE_LINES 20
#define FIELD_MAX_BYTES (1 << 20)

/*
 * Fields of the record at p; *next is behind it. *chars: bytes of them. A
 * quote that does not end makes 0.
 */
static size_t
fields_at(const char *p, const char *end, char delimiter, const char **next)
{
	size_t n = 1;
	bool quoted = false, begun = false;

	for (; p < end; p++) {
		if (*p == '"' && (quoted || !begun))
			quoted = !quoted;
		else if (!quoted && *p == delimiter) {
			n++;
			begun = false;
			continue;
		} else if (!quoted && *p == '\n')
			break;
		begun = true;
	}
	*next = p < end ? p + 1 : end;
	return quoted ? 0 : n;
}

/* Whether there may be three records, each of three fields or more. */
static bool
may_be_table(const char *text, size_t len, char delimiter)
{
	const char *end = text + len, *p = memchr(text, '\n', len);

	return p != NULL &&
	    memchr(p + 1, '\n', (size_t)(end - p - 1)) != NULL &&
	    memchr(text, delimiter, len) != NULL;
}

char
csv_delimiter(const char *text, size_t len, bool is_named)
{
	static const char delimiters[] = "\t;,|";
	const char *end = text + len, *p, *next;
	size_t i, n, first, lines, same, best_fields = 0;
	char best = '\0';

	for (i = 0; delimiters[i] != '\0'; i++) {
		/* Most of what is asked about is prose. */
		if (!is_named && !may_be_table(text, len, delimiters[i]))
			continue;
		first = lines = same = 0;
		for (p = text; p < end && lines < SAMPLE_LINES; p = next) {
			n = fields_at(p, end, delimiters[i], &next);
			if (next - p <= 1)
				continue;
			if (n == 0)
				break;
			if (first == 0)
				first = n;
			lines++;
			same += n == first;
			if (!is_named && (first < 3 || n != first))
				break; /* see below */
		}
		/* By its content alone it has to be plain as day. */
		if (is_named ? first >= 2 && same * 10 >= lines * 7 &&
			    first > best_fields :
			       first >= 3 && lines >= 3 && same == lines &&
			    len / lines < 60 * first && first > best_fields) {
			best = delimiters[i];
			best_fields = first;
		}
	}
	if (best == '\0' && is_named)
		best = ',';
	/* Sentences have commas, too. */
	if (best == ',' && !is_named &&
	    memmem(text, len < 4096 ? len : 4096, ", ", 2) != NULL)
		best = '\0';
	return best;
}

int
extract_csv(const char *text, size_t len, char delimiter, struct blocks *b)
{
	const char *p = text, *end = text + len;
	struct buf field = BUF_INIT(FIELD_MAX_BYTES);
	struct grid g = { 0 };
	size_t cells = 0;
	bool quoted = false, begun = false, row = false;

	/* Excel's word to itself. */
	if (len > 6 && strncasecmp(text, "sep=", 4) == 0 && text[5] == '\n') {
		delimiter = text[4];
		p += 6;
	}
	for (; p < end && !b->full; p++) {
		if (quoted) {
			if (*p != '"')
				buf_addc(&field, *p == '\n' ? ' ' : *p);
			else if (p + 1 < end && p[1] == '"')
				buf_addc(&field, *p++);
			else
				quoted = false;
			continue;
		}
		if (*p == '"' && !begun) {
			quoted = begun = true;
			continue;
		}
		if (*p == '\f' && !row && !begun) {
			grid_end_sheet(&g, b, true);
			continue;
		}
		if (*p != delimiter && *p != '\n') {
			if (*p != '\r')
				buf_addc(&field, *p);
			begun |= *p != ' ';
			continue;
		}
		if (!row)
			grid_row(&g);
		row = *p != '\n';
		grid_cell(&g, field.data != NULL ? field.data : "", field.len,
		    1, 1, false, false);
		buf_reset(&field);
		field.failed = false;
		begun = false;
		if (++cells > CELLS_MAX || g.text.len > b->max)
			b->full = true;
	}
	if (field.len > 0 && !b->full) {
		if (!row)
			grid_row(&g);
		grid_cell(&g, field.data, field.len, 1, 1, false, false);
	}
	grid_end_sheet(&g, b, true);
	buf_release(&field);
	return cells > CELLS_MAX ?
	    err_set(ERR_DATA, "has more than %d cells", CELLS_MAX) :
	    0;
}
