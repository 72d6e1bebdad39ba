/*
 * profile - an AI set-up: the settings of [profile NAME] over those of [ai]
 */
#ifndef AI_PROFILE_H
#define AI_PROFILE_H

#include <stdint.h>

#include "base/conf.h"

struct profile {
	const char *name;      /* "default" for [ai] alone */
	const char *provider;  /* extractive, openai, anthropic */
	const char *model;     /* NULL: none set */
	char *url;	       /* where requests go, whole; NULL: none */
	char *key;	       /* the provider's secret; NULL: none */
	char *prompt;	       /* the business's own words; NULL: none */
	const char *business;  /* name of the business; NULL */
	const char *languages; /* NULL: the customer's */
	double temperature;
	int64_t max_tokens, passages, turns;
	int64_t timeout_ms;
};

/*
 * Resolve a profile; name NULL or "" is [ai] alone. Strings that are const
 * are borrowed from c. A key comes from key_file, else from the file
 * key-PROVIDER in $CREDENTIALS_DIRECTORY. ERR_CONFIG.
 */
int profile_open(const struct conf *c, const char *name, struct profile *ret);
void profile_release(struct profile *p);

#endif
