/* tool - programs of the system that read what no library of ours reads */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/box.h"
#include "base/err.h"
#include "base/utf8.h"
#include "kb/tool.h"
#include "kb/writer.h"

#define LANGUAGES_MAX 8 /* that tesseract tries */

static bool has_none;

bool
tool_is_there(const char *path)
{
	return !has_none && access(path, X_OK) == 0;
}

void
tool_none(void)
{
	has_none = true;
}

int
tool_run(const char *const argv[], const char *package, const char *bytes,
    size_t len, struct buf *out, int *ret_status)
{
	if (!tool_is_there(argv[0]))
		return err_set(ERR_DATA,
		    "cannot be read without %s; install %s", argv[0], package);
	return box_program(argv, bytes, len, out, ret_status);
}

/* Paragraphs of a text: to b. */
static int
take_text(const struct buf *text, struct blocks *b)
{
	char *clean;
	size_t i, k, len;
	int code;

	if (text->failed)
		b->full = true;
	if (text->len == 0 || b->full)
		return 0;
	clean = utf8_mend(text->data, text->len);
	len = strlen(clean);
	for (i = k = 0; i < len; i++)
		if (clean[i] == '\f')
			clean[k++] = '\n';
		else if (clean[i] != '\r')
			clean[k++] = clean[i];
	clean[k] = '\0';
	code = extract_plain(clean, k, b);
	free(clean);
	return code;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "deu+eng+spa": what tesseract has been given to read. */
static char *
scan_languages(void)
{
	static const char *const folders[] = {
		"/usr/share/tesseract-ocr/5/tessdata",
		"/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata",
		NULL
	};
	struct buf out = BUF_INIT(0);
	char *names[LANGUAGES_MAX];
	struct dirent *e;
	size_t n = 0, i, len;
	DIR *d = NULL;

	for (i = 0; folders[i] != NULL && d == NULL; i++)
		d = opendir(folders[i]);
	while (d != NULL && n < LANGUAGES_MAX && (e = readdir(d)) != NULL) {
		len = strlen(e->d_name);
		if (len > 12 && str_ends(e->d_name, ".traineddata") &&
		    strncmp(e->d_name, "osd", 3) != 0)
			names[n++] = xstrndup(e->d_name, len - 12);
	}
	if (d != NULL)
		closedir(d);
	if (n > 0)
		qsort(names, n, sizeof(*names), by_name);
	for (i = 0; i < n; i++) {
		buf_addf(&out, i > 0 ? "+%s" : "%s", names[i]);
		free(names[i]);
	}
	if (out.len == 0)
		buf_adds(&out, "eng");
	return buf_detach(&out);
}

int
extract_image(const char *bytes, size_t len, struct blocks *b)
{
	char *languages;
	struct buf text = BUF_INIT(b->max);
	int status, code;

	if (!tool_is_there("/usr/bin/tesseract"))
		return err_set(ERR_DATA,
		    "is a picture; install tesseract-ocr to have its text"
		    " read");
	languages = scan_languages();
	const char *argv[] = { "/usr/bin/tesseract", "stdin", "stdout", "-l",
		languages, NULL };

	code = tool_run(argv, "tesseract-ocr", bytes, len, &text, &status);
	free(languages);
	if (code == 0 && status != 0)
		code = err_set(ERR_DATA, "is a picture that cannot be read");
	if (code == 0)
		code = take_text(&text, b);
	buf_release(&text);
	return code;
}

/* What catdoc prints: a line for a paragraph or a row of a table, whose cells
 * end with tabs. */
static int
take_lines(const struct buf *text, struct blocks *b)
{
	struct writer w = { .b = b };
	char *clean = utf8_mend(text->data, text->len), *line, *next, *cell;
	size_t n;

	if (text->failed)
		b->full = true;
	for (line = clean; *line != '\0' && !b->full; line = next) {
		n = strcspn(line, "\n");
		next = line + n + (line[n] == '\n');
		line[n] = '\0';
		if (strchr(line, '\t') == NULL) {
			if (w.table_depth > 0)
				writer_table_end(&w, false);
			writer_paragraph(&w, line, n);
			continue;
		}
		if (w.table_depth == 0)
			writer_table(&w);
		writer_row(&w);
		while ((cell = strsep(&line, "\t")) != NULL) {
			writer_paragraph(&w, cell, strlen(cell));
			writer_cell_end(&w, 1, 1, false, false);
		}
	}
	free(clean);
	return writer_end(&w);
}

int
extract_doc(const char *bytes, size_t len, struct blocks *b)
{
	static const char *const catdoc[] = { "/usr/bin/catdoc", "-w", "-d",
		"utf-8", NULL };
	struct buf text = BUF_INIT(b->max);
	int status = 0, code;

	if (!tool_is_there(catdoc[0]))
		return err_set(ERR_DATA,
		    "is a Word document of before 2007; install catdoc, or"
		    " save it anew");
	code = box_program(catdoc, bytes, len, &text, &status);
	if (code == 0 && (status != 0 || text.len == 0))
		code = err_set(ERR_DATA,
		    "is a Word document that catdoc cannot read");
	if (code == 0)
		code = take_lines(&text, b);
	buf_release(&text);
	return code;
}
