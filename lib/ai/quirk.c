/* quirk - what models are known to take otherwise, kept in the store */
#include <string.h>
#include <stdlib.h>

#include "ai/quirk.h"
#include "base/err.h"
#include "base/json.h"
#include "base/time.h"
#include "store/db.h"

#define KNOWN_MS (INT64_C(7) * 24 * 3600 * 1000)

static const char *const formats[] = { "auto", "schema", "json", "text" };

static const struct {
	const char *word;
	size_t at;
} flags[] = {
	{ "no temperature", offsetof(struct quirks, no_temperature) },
	{ "no top_p", offsetof(struct quirks, no_top_p) },
	{ "no reasoning", offsetof(struct quirks, no_reasoning) },
	{ "no usage in streams", offsetof(struct quirks, no_stream_usage) },
	{ "no tools", offsetof(struct quirks, no_tools) },
	{ "temperature or top_p", offsetof(struct quirks, one_sampler) },
	{ "no streams", offsetof(struct quirks, no_stream) },
	{ "no system role", offsetof(struct quirks, no_system) },
	{ "the other name of max_tokens",
	    offsetof(struct quirks, other_max_tokens) },
};
#define NFLAGS (sizeof(flags) / sizeof(flags[0]))

static bool *
flag(struct quirks *q, size_t i)
{
	return (bool *)((char *)q + flags[i].at);
}

static void
read_word(struct quirks *q, const char *word)
{
	size_t i;

	for (i = 0; i < NFLAGS; i++)
		if (strcmp(word, flags[i].word) == 0)
			*flag(q, i) = true;
	for (i = 1; i < 4; i++)
		if (strcmp(word, formats[i]) == 0)
			q->format = (enum profile_format)i;
}

int
quirk_get(struct store *s, const char *url, const char *model,
    struct quirks *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT quirks FROM model_quirk"
	    " WHERE url = :url AND model = :model AND since_ms > :since");
	json_t *words = NULL, *word;
	const char *text;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	bind_text(&q, ":url", url);
	bind_text(&q, ":model", model);
	bind_int(&q, ":since", now_ms() - KNOWN_MS);
	if (step(&q)) {
		text = column_text(&q, 0);
		if (json_value_parse(text, strlen(text), &words) == 0)
			json_array_foreach(words, i, word)
				if (json_is_string(word))
					read_word(ret, json_string_value(word));
		json_decref(words);
	}
	return done(&q);
}

int
quirk_put(struct store *s, const char *url, const char *model,
    const struct quirks *known)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO model_quirk (url, model, quirks, since_ms)"
	    " VALUES (:url, :model, :quirks, :now)"
	    " ON CONFLICT (url, model) DO UPDATE"
	    " SET quirks = excluded.quirks, since_ms = excluded.since_ms");
	struct quirks copy = *known;
	json_t *words = json_array();
	char *text;
	size_t i;

	for (i = 0; i < NFLAGS; i++)
		if (*flag(&copy, i))
			json_array_append_new(words,
			    json_string(flags[i].word));
	if (copy.format != FORMAT_AUTO)
		json_array_append_new(words, json_string(formats[copy.format]));
	text = json_text(words);
	bind_text(&q, ":url", url);
	bind_text(&q, ":model", model);
	bind_text(&q, ":quirks", text);
	bind_int(&q, ":now", now_ms());
	step(&q);
	free(text);
	json_decref(words);
	return done(&q);
}
