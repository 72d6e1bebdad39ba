/* early - statuses that came before anybody knew whose they are */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/conversation.h"
#include "desk/message.h"
#include "desk/reach.h"
#include "wa/early.h"
#include "wa/errors.h"

int
early_reach(struct act *a, const char *contact, const char *status,
    const json_t *facts)
{
	const json_t *error;
	struct wa_error read;

	if (strcmp(status, "delivered") == 0 || strcmp(status, "read") == 0 ||
	    strcmp(status, "played") == 0)
		return reach_found(a, contact);
	if (strcmp(status, "failed") != 0)
		return 0;
	error = json_array_get(json_object_get(facts, "errors"), 0);
	wa_error_read(error, 0, &read);
	if (error == NULL || wa_error_class(&read) != WA_RECIPIENT)
		return 0;
	return reach_lost(a, contact, read.title);
}

/* The event that its webhook would have made of it now. */
static int
tell(struct act *a, const struct message *m, const struct message_early *t)
{
	json_t *data = json_object(), *value;
	char subject[32], type[32];
	const char *key;
	int code;

	json_put(data, "message", m->id);
	json_put(data, "conversation", m->conversation);
	json_put(data, "contact", m->contact);
	json_put(data, "status", t->status);
	json_put(data, "instance", m->instance);
	json_object_foreach(t->data, key, value)
		json_object_set(data, key, value);
	snprintf(type, sizeof(type), "message.%s", t->status);
	code = act_emit(a, type, conversation_subject(m->conversation, subject),
	    data, NULL);
	return code < 0 ? code : early_reach(a, m->contact, t->status, t->data);
}

int
early_tell(struct act *a, const char *id)
{
	struct message_early *list = NULL;
	struct message *m = NULL;
	int64_t now = a->now_ms;
	bool failed = false;
	size_t n = 0, i;
	int code = message_adopt(a->store, id, &list, &n);

	if (code == 0 && n > 0)
		code = message_get(a->store, id, &m);
	for (i = 0; i < n && code == 0; i++) {
		a->now_ms = list[i].wa_ms;
		failed = failed || strcmp(list[i].status, "failed") == 0;
		code = tell(a, m, &list[i]);
	}
	a->now_ms = now;
	/* It may have arrived after all. */
	failed = failed && m != NULL && strcmp(m->status, "failed") == 0;
	message_free(m);
	message_early_free(list, n);
	return code < 0 ? code : failed;
}
