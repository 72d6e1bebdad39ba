/* view - a person has looked at a conversation */
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/str.h"
#include "desk/conversation.h"
#include "desk/person.h"
#include "desk/seen.h"
#include "desk/settings.h"
#include "wa/outbox.h"
#include "wa/view.h"

/* Where the customer sees that an agent has looked, say so, once a message. */
static int
tell_viewed(struct store *s, const struct conf *conf, const char *self,
    const char *id)
{
	struct conversation *c = NULL;
	struct act act;
	char *section;
	int code = conversation_get(s, id, &c);

	if (code < 0)
		return code;
	section = xformat("instance %s", c->instance);
	if (strcmp(setting_text(conf, section, "read_receipts"), "view") == 0) {
		act_person(&act, s, self);
		code = outbox_viewed(&act, c);
		act_release(&act);
	}
	free(section);
	conversation_free(c);
	return code < 0 ? code : 0;
}

static bool
views_are_told(const struct conf *conf)
{
	const struct conf_entry *e;
	size_t i;

	for (i = 0; i < conf_count(conf); i++) {
		e = conf_entry(conf, i);
		if (strcmp(e->key, "read_receipts") == 0 &&
		    strcmp(e->value, "view") == 0)
			return true;
	}
	return false;
}

void
view_looked(const char *store_flag, const char *id, int64_t seq,
    bool unread_before)
{
	char *self = NULL, *writer = NULL;
	struct store *s = NULL;
	struct conf *conf = NULL;
	bool tells;
	int code;

	if (conf_open(&conf) < 0)
		return;
	tells = views_are_told(conf);
	if (!tells && !unread_before) {
		conf_close(conf);
		return;
	}
	code = store_open(store_flag, STORE_WRITE, &s);
	if (code == 0)
		code = person_self(s, MAY_READ, &self);
	/* What the customer is told is the deed of one who may answer. */
	if (code == 0 && tells)
		tells = person_self(s, MAY_WRITE, &writer) == 0;
	if (code == 0 && store_begin(s) == 0) {
		code = seen_mark(s, self, id, seq);
		if (code == 0 && tells)
			code = tell_viewed(s, conf, self, id);
		if (code == 0)
			store_commit(s);
		else
			store_rollback(s);
	}
	free(writer);
	free(self);
	store_close(s);
	conf_close(conf);
}
