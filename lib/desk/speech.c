/* speech - what customers say in voice notes and audio, as text */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "desk/settings.h"
#include "desk/speech.h"

bool
speech_wanted(const struct conf *c)
{
	const char *url = setting_text(c, "transcribe", "url"),
		   *model = setting_text(c, "transcribe", "model");

	return (url != NULL && *url != '\0') ||
	    (model != NULL && *model != '\0');
}

bool
speech_kind(const char *kind)
{
	return strcmp(kind, "voice") == 0 || strcmp(kind, "audio") == 0;
}

void
speech_source_release(struct speech_source *p)
{
	free(p->instance);
	free(p->announced);
	free(p->mime);
	memset(p, 0, sizeof(*p));
}

int
speech_find(struct store *s, const char *message, struct speech_source *ret)
{
	/* Where only the file was missing it may be there by now. */
	struct query q = query(store_desk(s),
	    "SELECT m.conversation, m.contact, m.kind, m.instance,"
	    " json_extract(m.content, '$.audio.mime_type'), f.mime, d.sha256,"
	    " f.bytes, d.reason IS NOT NULL, t.message IS NOT NULL AND NOT"
	    " (t.reason IS :missing AND d.sha256 IS NOT NULL)"
	    " FROM message m LEFT JOIN media d ON d.message = m.id"
	    " LEFT JOIN media_file f ON f.sha256 = d.sha256"
	    " LEFT JOIN transcript t ON t.message = m.id"
	    " WHERE m.id = :id AND m.direction = 'in' AND m.erased = 0"
	    " AND m.kind IN ('voice', 'audio')");
	struct speech_source p = { 0 };
	bool found;
	int code;

	bind_text(&q, ":id", message);
	bind_text(&q, ":missing", SPEECH_NO_FILE);
	found = step(&q);
	if (found) {
		snprintf(p.message, sizeof(p.message), "%s", message);
		snprintf(p.conversation, sizeof(p.conversation), "%s",
		    column_text(&q, 0));
		snprintf(p.contact, sizeof(p.contact), "%s",
		    column_text(&q, 1));
		snprintf(p.kind, sizeof(p.kind), "%s", column_text(&q, 2));
		p.instance = column_copy(&q, 3);
		p.announced = column_copy(&q, 4);
		p.mime = column_copy(&q, 5);
		if (!column_null(&q, 6))
			snprintf(p.sha256, sizeof(p.sha256), "%s",
			    column_text(&q, 6));
		p.bytes = column_int(&q, 7);
		p.lost = column_int(&q, 8) != 0;
		p.settled = column_int(&q, 9) != 0;
	}
	code = done(&q);
	if (code < 0 || !found) {
		speech_source_release(&p);
		return code;
	}
	*ret = p;
	return 1;
}

int
speech_put(struct store *s, const char *message, const struct speech *p)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO transcript (message, text, reason, language, provider,"
	    " model, took_ms, updated_ms) VALUES (:message, :text, :reason,"
	    " :language, :provider, :model, :took, :now)"
	    " ON CONFLICT DO UPDATE SET text = excluded.text,"
	    " reason = excluded.reason, language = excluded.language,"
	    " provider = excluded.provider, model = excluded.model,"
	    " took_ms = excluded.took_ms, updated_ms = excluded.updated_ms");

	bind_text(&q, ":message", message);
	bind_text(&q, ":text", p->text);
	bind_text(&q, ":reason", p->text != NULL ? NULL : p->reason);
	bind_text(&q, ":language", p->language);
	bind_text(&q, ":provider", p->provider);
	bind_text(&q, ":model", p->model);
	bind_int(&q, ":took", p->took_ms);
	bind_int(&q, ":now", now_ms());
	step(&q);
	return done(&q);
}

int
speech_get(struct store *s, const char *message, char **ret_text,
    char **ret_reason, char **ret_model)
{
	struct query q = query(store_desk(s),
	    "SELECT text, reason, model FROM transcript"
	    " WHERE message = :message");

	bind_text(&q, ":message", message);
	if (step(&q)) {
		*ret_text = column_copy(&q, 0);
		*ret_reason = column_copy(&q, 1);
		*ret_model = column_copy(&q, 2);
	}
	return done(&q);
}

int
speech_pending(struct store *s, const char *message, int64_t *ret_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT stored_ms FROM message m WHERE id = :id"
	    " AND direction = 'in' AND kind IN ('voice', 'audio')"
	    " AND text IS NULL AND erased = 0"
	    " AND (json_extract(content, '$.audio.id') IS NOT NULL OR EXISTS"
	    "  (SELECT 1 FROM media WHERE message = m.id))"
	    " AND NOT EXISTS"
	    " (SELECT 1 FROM transcript WHERE message = m.id)");
	int code, found;

	bind_text(&q, ":id", message);
	found = step(&q);
	if (found)
		*ret_ms = column_int(&q, 0);
	code = done(&q);
	return code < 0 ? code : found;
}
