/* cite - where an answer is from, as the customer reads it and as it is kept */
#include <string.h>

#include "ai/cite.h"
#include "base/str.h"

static const char *
source_word(const char *language)
{
	static const char *const words[][2] = { { "en", "Source" },
		{ "es", "Fuente" }, { "de", "Quelle" }, { "fr", "Source" },
		{ "pt", "Fonte" }, { "it", "Fonte" }, { "nl", "Bron" } };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (language != NULL && str_starts(language, words[i][0]))
			return words[i][1];
	return words[0][1];
}

char *
cite_text(const char *text, const char *language, const char *title,
    const char *source)
{
	bool link = source != NULL &&
	    (str_starts(source, "https://") || str_starts(source, "http://"));

	if (title == NULL || *title == '\0')
		return xstrdup(text);
	return xformat("%s\n\n%s: %s%s%s", text, source_word(language), title,
	    link ? "\n" : "", link ? source : "");
}

json_t *
cite_new(const char *passage, const char *document, const char *title,
    const char *source, const char *section, double score, bool quoted)
{
	json_t *o = json_object();

	json_put(o, "passage", passage);
	json_put(o, "document", document);
	json_put(o, "title", title);
	json_put(o, "source", source);
	json_put(o, "section", section);
	json_object_set_new(o, "score", json_real(score));
	if (quoted)
		json_object_set_new(o, "quoted", json_true());
	return o;
}

void
cite_add(json_t *sources, json_t *one)
{
	const char *passage = json_str_or(one, "passage", "");
	json_t *old;
	size_t i;

	json_array_foreach(sources, i, old)
		if (strcmp(json_str_or(old, "passage", ""), passage) == 0) {
			json_decref(one);
			return;
		}
	json_array_append_new(sources, one);
}
