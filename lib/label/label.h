/*
 * label - what a text is about and how its writer feels, with no network and
 * no key
 *
 * Intents are those of the settings' folder of examples, told by the model
 * that route --train has written into the store. A model that is not there, is
 * of another version or of other examples is said once and no text is then
 * about any intent. Labels know no events and no rules: who asks carries them
 * on.
 */
#ifndef LABEL_LABEL_H
#define LABEL_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "label/model.h"
#include "label/sentiment.h"

struct labeller;

/* Where things are; each NULL: the usual place. */
struct label_places {
	const struct conf *conf;
	const char *folder; /* of examples: [intents] folder, else intents.d
			       beside the settings */
	const char *model;  /* file: intents.model in the store */
	const char *store;  /* directory; NULL: none */
};

/*
 * It is made ready; never fails for want of a model: say(ctx, ...) is told
 * why there are no intents, if there are examples. *ret is shared by any
 * number of texts.
 */
struct labeller *labeller_open(const struct label_places *at,
    void (*say)(void *ctx, const char *text), void *ctx);
void labeller_close(struct labeller *l);

/* Whether there is a model of intents. */
bool labeller_has_intents(const struct labeller *l);

/* The folder of examples; NULL: there is none. The caller frees. */
char *label_folder(const struct label_places *at);

enum label_kind {
	LABEL_INTENT = 1 << 0,
	LABEL_SENTIMENT = 1 << 1,
	LABEL_ALL = LABEL_INTENT | LABEL_SENTIMENT,
};

struct label {
	unsigned kinds; /* those that were asked for */
	struct guess about;
	struct sentiment feels;
};

/* The labels of a text of these kinds; end them with label_release. */
void label_text(const struct labeller *l, const char *text, size_t len,
    unsigned kinds, struct label *ret);
void label_release(struct label *l);

/* The labels as fields of object: intent (null: none), intent_score, sentiment,
 * sentiment_label ...; briefly: these four alone. */
void label_put_brief(const struct label *l, json_t *object);
void label_put(const struct label *l, json_t *object);

/*
 * Learn the examples: the model is written, its worth is told in lines. What
 * is odd about the examples is told by say. ERR_NOINPUT, ERR_CONFIG,
 * ERR_UNAVAILABLE, ERR_CREATE.
 */
int label_train(const struct label_places *at,
    void (*say)(void *ctx, const char *text), void *ctx, struct buf *ret);

/*
 * Label lines: each a text, or an object with one under "text", which keeps its
 * fields. 0, ERR_DATA if a line was bad, or ERR_IO.
 */
int label_lines(const struct labeller *l, struct jsonl *lines);

#endif
