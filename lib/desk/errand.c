/* errand - what a person has done to conversations by a command */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "desk/conversation.h"
#include "desk/errand.h"
#include "desk/person.h"

int
errand_begin(struct errand *e, const char *store_flag, const char *verb)
{
	struct person *p = NULL;
	int code;

	memset(e, 0, sizeof(*e));
	e->verb = verb;
	code = store_open(store_flag, STORE_WRITE, &e->store);
	if (code == 0)
		code = person_self(e->store, MAY_WRITE, &e->self);
	if (code == 0 &&
	    (code = person_get(e->store, e->self, &p)) == ERR_NOINPUT)
		code = err_set(ERR_DENIED,
		    "%s is no person of this desk; an admin adds you: "
		    "desk-user add NAME --account ACCOUNT",
		    e->self);
	person_free(p);
	return code;
}

void
errand_end(struct errand *e)
{
	free(e->self);
	store_close(e->store);
}

int
errand_do(struct errand *e, const char *name, errand_fn fn, const void *arg)
{
	char id[SHORT_ID_BYTES], *action, *lines;
	int code = conversation_named(e->store, name, id);

	if (code == 0)
		code = store_begin(e->store);
	if (code < 0)
		return code;
	act_person(&e->act, e->store, e->self);
	code = fn(e, id, arg);
	if (code == 0 && e->act.nmade > 0) {
		action = xformat("conversation.%s", e->verb);
		code = act_audit(&e->act, action, id, e->detail);
		e->detail = NULL;
		free(action);
	}
	json_decref(e->detail);
	e->detail = NULL;
	if (code < 0)
		store_rollback(e->store);
	else
		code = store_commit(e->store);
	if (code == 0 && e->tell != NULL) {
		lines = act_lines(&e->act);
		e->tell(lines);
		free(lines);
	}
	if (code == 0 && e->note != NULL && e->say != NULL)
		e->say(e->note);
	free(e->note);
	e->note = NULL;
	act_release(&e->act);
	return code;
}
