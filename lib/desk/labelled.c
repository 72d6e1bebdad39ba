/* labelled - what a model says a message is about, and how it is meant */
#include <stdlib.h>

#include "base/time.h"
#include "desk/labelled.h"

int
labelled_put(struct store *s, const char *message, const struct labelled *l)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO label (message, intent, score, sentiment, feeling,"
	    " evidence, model, revision, updated_ms) VALUES (:message, :intent,"
	    " :score, :sentiment, :feeling, :evidence, :model, :revision, :now)"
	    " ON CONFLICT DO UPDATE SET intent = excluded.intent,"
	    " score = excluded.score, sentiment = excluded.sentiment,"
	    " feeling = excluded.feeling, evidence = excluded.evidence,"
	    " model = excluded.model, revision = excluded.revision,"
	    " updated_ms = excluded.updated_ms");
	char *evidence = l->evidence != NULL ? json_text(l->evidence) : NULL;
	int code;

	bind_text(&q, ":message", message);
	bind_text(&q, ":intent", l->intent);
	bind_real(&q, ":score", l->score);
	bind_real(&q, ":sentiment", l->sentiment);
	bind_text(&q, ":feeling", l->feeling);
	bind_text(&q, ":evidence", evidence);
	bind_text(&q, ":model", l->model);
	bind_text(&q, ":revision", l->revision);
	bind_int(&q, ":now", now_ms());
	step(&q);
	code = done(&q);
	free(evidence);
	return code;
}

int
labelled_has(struct store *s, const char *message, const char *model,
    const char *revision)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM label WHERE message = :message"
	    " AND model = :model AND revision = :revision");

	bind_text(&q, ":message", message);
	bind_text(&q, ":model", model);
	bind_text(&q, ":revision", revision);
	return any_row(&q);
}

int
labelled_wanted(struct store *s, const char *message)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM message WHERE id = :id AND direction = 'in'"
	    " AND erased = 0 AND text IS NOT NULL AND text <> ''"
	    " AND kind NOT IN ('reaction', 'system', 'edit', 'revoke',"
	    "  'history')");

	bind_text(&q, ":id", message);
	return any_row(&q);
}
