/* examples - the sentences that intents are learnt from */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "label/examples.h"

#define ENDING ".txt"
#define NONE "none"
#define MARK_HASH_BYTES ((EXAMPLES_MARK_BYTES - 1) / 2)

struct reader {
	const char *folder;
	struct examples *to;
	size_t cap;
	crypto_generichash_state mark;
	void (*say)(void *ctx, const char *text);
	void *ctx;
};

/* Where an example stands, by its folded words, to find it again. */
struct place {
	char *words;
	size_t intent;
	const char *name; /* of the intent */
	int line;
};

void
examples_release(struct examples *e)
{
	size_t i;

	for (i = 0; i < e->nintents; i++)
		free(e->names[i]);
	for (i = 0; i < e->count; i++)
		free(e->items[i].text);
	free(e->names);
	free(e->items);
	memset(e, 0, sizeof(*e));
}

static int
is_examples(const struct dirent *d)
{
	return d->d_name[0] != '.' && str_ends(d->d_name, ENDING);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool
is_name(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_-.",
			name[i]) == NULL)
			return false;
	return len > 0 && len <= 64;
}

static int
by_words(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = strcmp(x->words, y->words);

	if (order == 0)
		order = (x->intent > y->intent) - (x->intent < y->intent);
	return order != 0 ? order : x->line - y->line;
}

/* Says what stands twice, and takes out the second of one intent. */
static void
tell_doubles(struct reader *r, struct place *places)
{
	struct examples *e = r->to;
	size_t i, n = 0;
	char *text;

	for (i = 0; i < e->count; i++)
		places[i].words = utf8_words(e->items[i].text);
	for (i = 0; i < e->count; i++)
		places[i].intent = e->items[i].intent * EXAMPLES_MAX + i;
	qsort(places, e->count, sizeof(*places), by_words);
	for (i = 1; i < e->count; i++) {
		const struct place *a = &places[i - 1], *b = &places[i];
		size_t second = b->intent % EXAMPLES_MAX;
		bool same =
		    a->intent / EXAMPLES_MAX == b->intent / EXAMPLES_MAX;

		if (strcmp(a->words, b->words) != 0)
			continue;
		text = same ?
		    xformat("%s/%s" ENDING ":%d: stands in line %d already, "
			    "and is left out",
			r->folder, b->name, b->line, a->line) :
		    xformat("%s/%s" ENDING ":%d: stands in %s" ENDING
			    ":%d too: no text can be of both",
			r->folder, b->name, b->line, a->name, a->line);
		r->say(r->ctx, text);
		free(text);
		if (same) {
			free(e->items[second].text);
			e->items[second].text = NULL;
		}
	}
	for (i = 0; i < e->count; i++)
		free(places[i].words);
	for (i = 0; i < e->count; i++)
		if (e->items[i].text != NULL)
			e->items[n++] = e->items[i];
	e->count = n;
}

static int
add_line(struct reader *r, const char *line, size_t len, size_t intent)
{
	struct examples *e = r->to;

	if (e->count == EXAMPLES_MAX)
		return err_set(ERR_CONFIG, "%s: more than %d examples",
		    r->folder, EXAMPLES_MAX);
	if (e->count == r->cap) {
		r->cap = r->cap == 0 ? 256 : 2 * r->cap;
		e->items = xrealloc(e->items, r->cap * sizeof(*e->items));
	}
	e->items[e->count].text = xstrndup(line, len);
	e->items[e->count++].intent = intent;
	return 0;
}

/* The examples of a file; lines[] gets where each stands. */
static int
read_file(struct reader *r, const char *path, size_t intent, int **lines,
    size_t *lines_cap)
{
	char *text = NULL, *line, *next;
	size_t size;
	int code, number = 0;

	code = file_read(path, EXAMPLES_FILE_MAX, &text, &size);
	if (code < 0)
		return code;
	if (!utf8_valid(text, size)) {
		free(text);
		return err_set(ERR_CONFIG, "%s: it is not UTF-8", path);
	}
	for (line = text; line != NULL && code == 0; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		number++;
		line = str_trim(line);
		if (*line == '\0' || *line == '#')
			continue;
		crypto_generichash_update(&r->mark, (const unsigned char *)line,
		    strlen(line) + 1);
		code = add_line(r, line, strlen(line), intent);
		if (code < 0 || lines == NULL)
			continue;
		if (r->to->count > *lines_cap) {
			*lines_cap = *lines_cap == 0 ? 256 : 2 * *lines_cap;
			*lines = xrealloc(*lines, *lines_cap * sizeof(int));
		}
		(*lines)[r->to->count - 1] = number;
	}
	free(text);
	return code;
}

static int
read_all(struct reader *r, struct dirent **found, int nfound)
{
	struct examples *e = r->to;
	struct place *places;
	int *lines = NULL, i, code = 0, none = -1;
	size_t lines_cap = 0, len, j;
	char *path;

	for (i = 0; i < nfound && code == 0; i++) {
		len = strlen(found[i]->d_name) - strlen(ENDING);
		if (!is_name(found[i]->d_name, len)) {
			code = err_set(ERR_CONFIG,
			    "%s/%s: the name of an intent is of small letters, "
			    "digits, _, - and .",
			    r->folder, found[i]->d_name);
			break;
		}
		if (len == strlen(NONE) &&
		    strncmp(found[i]->d_name, NONE, len) == 0) {
			none = i;
			continue;
		}
		if (e->nintents == INTENTS_MAX) {
			code = err_set(ERR_CONFIG, "%s: more than %d intents",
			    r->folder, INTENTS_MAX);
			break;
		}
		e->names =
		    xrealloc(e->names, (e->nintents + 1) * sizeof(*e->names));
		e->names[e->nintents] = xstrndup(found[i]->d_name, len);
		crypto_generichash_update(&r->mark,
		    (const unsigned char *)e->names[e->nintents], len + 1);
		path = xformat("%s/%s", r->folder, found[i]->d_name);
		code = read_file(r, path, e->nintents++, &lines, &lines_cap);
		free(path);
	}
	if (code == 0 && none >= 0) {
		path = xformat("%s/%s", r->folder, found[none]->d_name);
		crypto_generichash_update(&r->mark, (const unsigned char *)NONE,
		    sizeof(NONE));
		code = read_file(r, path, e->nintents, &lines, &lines_cap);
		free(path);
	}
	if (code == 0 && r->say != NULL && e->count > 0) {
		places = xcalloc(e->count, sizeof(*places));
		for (j = 0; j < e->count; j++) {
			places[j].line = lines[j];
			places[j].name = e->items[j].intent == e->nintents ?
			    NONE :
			    e->names[e->items[j].intent];
		}
		tell_doubles(r, places);
		free(places);
	}
	free(lines);
	return code;
}

int
examples_read(const char *folder, void (*say)(void *ctx, const char *text),
    void *ctx, struct examples *ret)
{
	struct examples e = { .names = NULL };
	struct reader r = { .folder = folder,
		.to = &e,
		.say = say,
		.ctx = ctx };
	unsigned char hash[MARK_HASH_BYTES];
	struct dirent **found = NULL;
	int code, n, i;

	n = scandir(folder, &found, is_examples, by_name);
	if (n < 0)
		return err_errno(errno == EACCES ? ERR_DENIED : ERR_NOINPUT,
		    "%s", folder);
	crypto_generichash_init(&r.mark, NULL, 0, sizeof(hash));
	code = read_all(&r, found, n);
	crypto_generichash_final(&r.mark, hash, sizeof(hash));
	sodium_bin2hex(e.mark, sizeof(e.mark), hash, sizeof(hash));
	for (i = 0; i < n; i++)
		free(found[i]);
	free(found);
	if (code < 0) {
		examples_release(&e);
		return code;
	}
	*ret = e;
	return 0;
}

int
examples_mark(const char *folder, char ret[EXAMPLES_MARK_BYTES])
{
	struct examples e;
	int code = examples_read(folder, NULL, NULL, &e);

	if (code < 0)
		return code;
	memcpy(ret, e.mark, EXAMPLES_MARK_BYTES);
	examples_release(&e);
	return 0;
}
