/* note - what colleagues write to each other about a conversation */
#include "desk/conversation.h"
#include "desk/note.h"

static int
insert(struct act *a, const struct conversation *c, const char *id,
    const char *text)
{
	struct query q = query(store_desk(a->store),
	    "INSERT INTO message (id, instance, conversation, contact,"
	    " direction, kind, wa_ms, stored_ms, author, text)"
	    " VALUES (:id, :instance, :conversation, :contact, 'note',"
	    " 'text', :now, :now, :author, :text)");

	bind_text(&q, ":id", id);
	bind_text(&q, ":instance", c->instance);
	bind_text(&q, ":conversation", c->id);
	bind_text(&q, ":contact", c->contact);
	bind_int(&q, ":now", a->now_ms);
	bind_text(&q, ":author", a->actor);
	bind_text(&q, ":text", text);
	step(&q);
	return done(&q);
}

int
note_add(struct act *a, const char *conversation, const char *text)
{
	struct conversation *c = NULL;
	char id[ULID_BYTES], subject[32];
	json_t *data;
	int code;

	code = conversation_get(a->store, conversation, &c);
	if (code < 0)
		return code;
	act_next_id(a, "conversation.noted", id);
	code = insert(a, c, id, text);
	if (code == 0) {
		data = json_object();
		json_put(data, "message", id);
		json_put(data, "conversation", c->id);
		json_put(data, "contact", c->contact);
		json_put(data, "instance", c->instance);
		json_put(data, "kind", "text");
		json_put(data, "actor", a->actor);
		code = act_emit(a, "conversation.noted",
		    conversation_subject(c->id, subject), data, NULL);
	}
	conversation_free(c);
	return code;
}
