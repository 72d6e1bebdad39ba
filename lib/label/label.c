/* label - what a text is about and how its writer feels, with no network and
 * no key */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/language.h"
#include "desk/settings.h"
#include "label/label.h"
#include "label/train.h"

#define FOLDER "intents.d"

struct labeller {
	struct model *model; /* NULL: none */
	struct lexicon *lexicon;
};

/* intents.d beside the settings, if it is there. The caller frees. */
static char *
usual_folder(void)
{
	const char *one = getenv("FRONTDESK_CONF");
	bool alone = one != NULL && *one != '\0';
	char *conf = alone ? xstrdup(one) : conf_person_path(), *slash;
	char *path = NULL;

	if (conf != NULL) {
		slash = strrchr(conf, '/');
		path = slash == NULL ?
		    xstrdup(FOLDER) :
		    xformat("%.*s/" FOLDER, (int)(slash - conf), conf);
		free(conf);
		if (access(path, F_OK) == 0)
			return path;
		free(path);
	}
	path = xstrdup(CONF_SYSTEM_DIR "/" FOLDER);
	if (!alone && access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

char *
label_folder(const struct label_places *at)
{
	char *path;

	if (at->folder != NULL)
		return xstrdup(at->folder);
	path = setting_path(at->conf, "intents", "folder");
	return path != NULL ? path : usual_folder();
}

static char *
model_of(const struct label_places *at)
{
	if (at->model != NULL)
		return xstrdup(at->model);
	return at->store != NULL && *at->store != '\0' ?
	    xformat("%s/" MODEL_FILE, at->store) :
	    NULL;
}

/* The model, held against its examples where these can be read: those of the
 * settings are not those of just any file. */
static int
read_model(const char *folder, const char *path, struct model **ret)
{
	char mark[EXAMPLES_MARK_BYTES];
	bool marked = folder != NULL && examples_mark(folder, mark) == 0;
	int code = model_read(path, marked ? mark : NULL, ret);

	if (code == ERR_NOINPUT)
		return err_set(ERR_NOINPUT,
		    "%s: there is no model of intents yet: run route --train",
		    path);
	return code;
}

struct labeller *
labeller_open(const struct label_places *at,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	struct labeller *l = xcalloc(1, sizeof(*l));
	char *folder = label_folder(at), *path = model_of(at);

	l->lexicon = lexicon_new();
	/* With no examples and none asked for, nothing is missed. */
	if (path != NULL && (folder != NULL || at->model != NULL) &&
	    read_model(at->model == NULL || at->folder != NULL ? folder : NULL,
		path, &l->model) < 0)
		say(ctx, err_reason());
	free(folder);
	free(path);
	return l;
}

void
labeller_close(struct labeller *l)
{
	if (l == NULL)
		return;
	model_free(l->model);
	lexicon_free(l->lexicon);
	free(l);
}

bool
labeller_has_intents(const struct labeller *l)
{
	return l->model != NULL;
}

void
label_text(const struct labeller *l, const char *text, size_t len,
    unsigned kinds, struct label *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->kinds = kinds;
	if (kinds & LABEL_SENTIMENT)
		sentiment_of(l->lexicon, text, len, language_detect(text, len),
		    &ret->feels);
	if (!(kinds & LABEL_INTENT))
		return;
	if (l->model != NULL)
		model_guess(l->model, text, len, &ret->about);
	else
		ret->about.why = "there is no model";
}

void
label_release(struct label *l)
{
	guess_release(&l->about);
	sentiment_release(&l->feels);
}

/* Numbers in three digits: what comes behind is noise. */
static json_t *
rounded(double value)
{
	return json_real(
	    (double)(long long)(value * 1000 + (value < 0 ? -0.5 : 0.5)) /
	    1000);
}

static json_t *
words(char *const *list)
{
	json_t *array = json_array();

	for (; *list != NULL; list++)
		json_array_append_new(array, json_text_new(*list));
	return array;
}

void
label_put_brief(const struct label *l, json_t *object)
{
	if (l->kinds & LABEL_INTENT) {
		json_put_new(object, "intent", json_text_new(l->about.intent));
		json_put_new(object, "intent_score", rounded(l->about.score));
	}
	if (l->kinds & LABEL_SENTIMENT) {
		json_put_new(object, "sentiment", rounded(l->feels.score));
		json_put(object, "sentiment_label", l->feels.label);
	}
}

void
label_put(const struct label *l, json_t *object)
{
	label_put_brief(l, object);
	if (l->kinds & LABEL_INTENT) {
		json_put(object, "intent_nearest", l->about.nearest);
		json_put(object, "intent_why", l->about.why);
		if (l->about.evidence[0] != NULL)
			json_put_new(object, "intent_evidence",
			    words(l->about.evidence));
	}
	if (l->kinds & LABEL_SENTIMENT) {
		json_put_new(object, "sentiment_confidence",
		    rounded(l->feels.confidence));
		if (l->feels.evidence[0] != NULL)
			json_put_new(object, "sentiment_evidence",
			    words(l->feels.evidence));
	}
}

/* What stands in for it is of no desk. */
static void
tell_no_none(const struct examples *e, const char *folder,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	char *text;

	/* They stand at the end. */
	if (e->count > 0 && e->items[e->count - 1].intent == e->nintents)
		return;
	text = xformat("%s/none.txt: it is missing: what your customers write "
		       "that is about no intent is best learnt from them",
	    folder);
	say(ctx, text);
	free(text);
}

int
label_train(const struct label_places *at,
    void (*say)(void *ctx, const char *text), void *ctx, struct buf *ret)
{
	char *folder = label_folder(at), *path = model_of(at);
	struct examples e = { .names = NULL };
	struct train_figures f = { .intents = NULL };
	struct buf bytes = BUF_INIT(0);
	struct model *m = NULL;
	int code = 0;

	if (folder == NULL)
		code = err_set(ERR_NOINPUT,
		    "there are no examples: make a folder " FOLDER
		    " beside the settings, with a file NAME.txt for each "
		    "intent");
	if (code == 0)
		code = examples_read(folder, say, ctx, &e);
	if (code == 0)
		tell_no_none(&e, folder, say, ctx);
	if (code == 0)
		code = train_model(&e, &m, &f);
	if (code == 0) {
		model_write(m, &bytes);
		train_print(&e, m, &f, ret);
		if (path != NULL)
			code = file_put(path, bytes.data, bytes.len, 0660);
	}
	buf_release(&bytes);
	model_free(m);
	train_figures_release(&f);
	examples_release(&e);
	free(folder);
	free(path);
	return code;
}

static int
label_line(const struct labeller *l, struct jsonl *lines, const char *line,
    size_t len)
{
	struct label label;
	const char *text;
	json_t *object;
	char *out;
	int code;

	if (*line != '{') {
		object = json_object();
		json_put_new(object, "text", json_text_new(line));
	} else if (json_lenient(line, len, &object) < 0) {
		jsonl_complain(lines, err_reason());
		return 0;
	}
	text = json_str(object, "text");
	if (text == NULL) {
		jsonl_complain(lines, "it has no text");
		json_decref(object);
		return 0;
	}
	label_text(l, text, strlen(text), LABEL_ALL, &label);
	label_put(&label, object);
	label_release(&label);
	out = json_text(object);
	json_decref(object);
	code = jsonl_put(lines, out, strlen(out));
	free(out);
	return code;
}

int
label_lines(const struct labeller *l, struct jsonl *lines)
{
	char *line;
	size_t len;
	int code;

	while ((code = jsonl_wait(lines, &line, &len)) == JSONL_LINE) {
		code = label_line(l, lines, line, len);
		if (code < 0)
			return code;
	}
	if (code == JSONL_END)
		code = jsonl_flush(lines);
	if (code == 0 && jsonl_bad(lines) > 0)
		code = err_set(ERR_DATA, "%ld lines were left out",
		    jsonl_bad(lines));
	return code;
}
