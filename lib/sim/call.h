/*
 * call - a call of the Graph API: its parameters, its pages, who makes it
 */
#ifndef SIM_CALL_H
#define SIM_CALL_H

#include "sim/wire.h"

struct sim_call {
	struct sim *s;
	struct request *q;
	const char *method;
	char *version, *node, *edge;
	const char *bytes;
	size_t len;
	json_t *body;	/* NULL: no JSON object */
	json_t *params; /* of a form; NULL: none */
	bool app;	/* it bears the app's token */
	bool authorized;
	const struct sim_fault *fault;
	char wamid[64];
};

bool sim_is_method(const struct sim_call *c, const char *method);

/* A parameter, from the query, a form or the JSON of the body. NULL: none. */
const char *sim_param(const struct sim_call *c, const char *name);

/* The same as a number from 1 to max; what stands for none. */
int64_t sim_param_int(const struct sim_call *c, const char *name, int64_t or,
    int64_t max);

/* An application/x-www-form-urlencoded body as an object. */
json_t *sim_form_plain(const char *text, size_t len);

/* Answers. */
struct sim_reply sim_refuse(const struct sim_call *c, int code,
    const char *details);
struct sim_reply sim_no_call(const struct sim_call *c);
struct sim_reply sim_success(void);

/*
 * The members of o that fields names; all of them if it is NULL. A name may
 * carry a list of its own in braces, which is not looked at. NULL if one is
 * not there; ret_name is it.
 */
json_t *sim_pick(const json_t *o, const char *fields, char ret_name[64]);

/* The answer of o with the fields the call asks for. Takes o. */
struct sim_reply sim_picked(const struct sim_call *c, json_t *o);

/* The page of list that limit, after and before ask for. Takes list. */
struct sim_reply sim_paged(const struct sim_call *c, json_t *list);

/* Whether token is that of the app, "ID|SECRET". */
bool sim_is_app_token(const struct sim *s, const char *token);

/* Whether the token's time is over. */
bool sim_is_expired(const struct sim *s);

/* 0, or the code and subcode of a call that may not be made. */
int sim_authorize(struct sim_call *c, int *ret_subcode);

/* Whether its token has the scope of managing, or else of messaging. */
bool sim_may(const struct sim_call *c, bool manage);

#endif
