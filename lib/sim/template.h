/*
 * template - message templates: made, listed, and whether a message fits one
 */
#ifndef SIM_TEMPLATE_H
#define SIM_TEMPLATE_H

#include "sim/core.h"

/* Give those of a list that lack them id, status and category. ERR_DATA. */
int sim_templates_complete(struct sim *s, json_t *list);

/* NULL: none of that name in that language (NULL: any). Borrowed. */
json_t *sim_template_find(const struct sim *s, const char *name,
    const char *language);

/*
 * What is wrong with a template to be made: details, or NULL. {"name",
 * "language", "category", "components", ...}.
 */
const char *sim_template_wrong(const json_t *t, char details[256]);

/*
 * Make t (checked): PENDING, and APPROVED after a while. Its id. One for
 * codes gets the words and the link that Meta gives it.
 */
const char *sim_template_add(struct sim *s, const json_t *t);

/* Delete one of the list; its name in its language is taken for 30 days. */
void sim_template_drop(struct sim *s, size_t index);
bool sim_template_is_dropped(const struct sim *s, const json_t *t);

/*
 * Whether the message's "template" object can go out: 0, or a code of Meta's
 * with details. *ret is the template, NULL if there is none and that is let
 * pass.
 */
int sim_template_fits(const struct sim *s, const json_t *object,
    const json_t **ret, char details[256]);

/* Set status and post message_template_status_update. */
void sim_template_status(struct sim *s, json_t *t, const char *status);

/* Approve what has waited long enough; when to look again, mono ms. */
int64_t sim_templates_due(struct sim *s);

#endif
