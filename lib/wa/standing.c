/*
 * standing - what a webhook about the account or the number means for how an
 * instance is
 *
 * Meta's published description has no schema of these fields; they are read as
 * programs in use against live traffic read them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "desk/instance.h"
#include "wa/standing.h"

#define INSTANCES_MAX 1000

/* Digits are compared: a number is displayed in many ways. */
static bool
same_number(const char *a, const char *b)
{
	for (;;) {
		while (*a != '\0' && !isdigit((unsigned char)*a))
			a++;
		while (*b != '\0' && !isdigit((unsigned char)*b))
			b++;
		if (*a != *b || *a == '\0')
			return *a == *b;
		a++;
		b++;
	}
}

/*
 * The instances of an account: with number (may be NULL) those that are
 * displayed so, unless there is only one. *ret is malloc'd.
 */
static int
concerned(struct store *s, const char *account, const char *number, char ***ret,
    size_t *ret_count)
{
	struct query q = query(store_desk(s),
	    "SELECT name, phone FROM instance WHERE account_id = :account"
	    " AND known AND removed_ms IS NULL ORDER BY name LIMIT :max");
	char **names = NULL, **phones = NULL;
	size_t n = 0, kept = 0, i;
	int code;

	bind_text(&q, ":account", account);
	bind_int(&q, ":max", INSTANCES_MAX);
	while (step(&q)) {
		names = xrealloc(names, (n + 1) * sizeof(*names));
		phones = xrealloc(phones, (n + 1) * sizeof(*phones));
		names[n] = column_copy(&q, 0);
		phones[n++] = column_copy(&q, 1);
	}
	code = done(&q);
	for (i = 0; i < n; i++) {
		if (code == 0 &&
		    (number == NULL || n == 1 ||
			(phones[i] != NULL && same_number(phones[i], number))))
			names[kept++] = names[i];
		else
			free(names[i]);
		free(phones[i]);
	}
	free(phones);
	*ret = names;
	*ret_count = kept;
	return code;
}

/* What account_update says: the state, or NULL if it changes none. */
static const char *
state_of(const json_t *value, const char **ret_reason)
{
	static const struct {
		const char *event, *state, *reason;
	} known[] = {
		{ "ACCOUNT_DELETED", "disconnected",
		    "the account was deleted" },
		{ "ACCOUNT_OFFBOARDED", "disconnected",
		    "the account was taken off the platform" },
		{ "ACCOUNT_RECONNECTED", "connecting",
		    "the account was connected again" },
		{ "PARTNER_APP_UNINSTALLED", "disconnected",
		    "the app was removed from the account" },
		{ "PARTNER_REMOVED", "disconnected",
		    "the app was removed from the account" },
	};
	const char *event = json_str_or(value, "event", ""),
		   *ban = json_str_or(value, "ban_info/waba_ban_state", "");
	const json_t *list = json_object_get(value, "restriction_info"), *r;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(event, known[i].event) == 0) {
			*ret_reason = known[i].reason;
			return known[i].state;
		}
	if (strcmp(ban, "DISABLE") == 0) {
		*ret_reason = "the account is disabled by the provider";
		return "error";
	}
	if (strcmp(ban, "REINSTATE") == 0) {
		*ret_reason = "the account is enabled again";
		return "connecting";
	}
	/* A restriction of who may be written to first hinders no answer. */
	json_array_foreach(list, i, r)
		if (strcmp(json_str_or(r, "restriction_type", ""),
			"RESTRICTED_CUSTOMER_INITIATED_MESSAGING") == 0) {
			*ret_reason = "the account may not answer customers: "
				      "a restriction of the provider";
			return "error";
		}
	return NULL;
}

/* What the rest says: facts for instance_note, a new reference. */
static json_t *
facts_of(const char *field, const json_t *value)
{
	const char *event = json_str_or(value, "event", ""), *text;
	json_t *facts = json_object();
	int64_t limit;

	if (strcmp(field, "phone_number_quality_update") == 0) {
		json_put(facts, "messaging_limit",
		    json_str(value, "current_limit"));
		if (strcmp(event, "FLAGGED") == 0)
			json_put(facts, "quality", "RED");
		else if (strcmp(event, "UNFLAGGED") == 0)
			json_object_set_new(facts, "quality", json_null());
		else if (strcmp(event, "THROUGHPUT_UPGRADE") == 0)
			json_put(facts, "throughput", "HIGH");
	} else if (strcmp(field, "phone_number_name_update") == 0) {
		text = json_str(value, "decision");
		json_put(facts, "name_status",
		    text != NULL && strcmp(text, "REJECTED") == 0 ? "DECLINED" :
								    text);
		if (text != NULL && strcmp(text, "APPROVED") == 0)
			json_put(facts, "verified_name",
			    json_str(value, "requested_verified_name"));
	} else if (strcmp(field, "business_capability_update") == 0) {
		text = json_str(value, "max_daily_conversations_per_business");
		limit =
		    json_int_or(value, "max_daily_conversation_per_phone", 0);
		if (text != NULL)
			json_put(facts, "messaging_limit", text);
		else if (limit > 0) {
			char *tier = xformat("TIER_%lld", (long long)limit);

			json_put(facts, "messaging_limit", tier);
			free(tier);
		}
	}
	return facts;
}

int
standing_apply(struct act *a, const char *account, const char *field,
    const json_t *value)
{
	const char *state = NULL, *reason = NULL;
	char **names = NULL;
	json_t *facts;
	size_t n = 0, i;
	int code;

	if (account == NULL || field == NULL || value == NULL)
		return 0;
	if (strcmp(field, "account_update") == 0)
		state = state_of(value, &reason);
	facts = facts_of(field, value);
	if (state == NULL && json_object_size(facts) == 0) {
		json_decref(facts);
		return 0;
	}
	code = concerned(a->store, account,
	    json_str_or(value, "display_phone_number",
		json_str(value, "phone_number")),
	    &names, &n);
	for (i = 0; i < n; i++) {
		if (code == 0 && state != NULL)
			code = instance_state(a, names[i], state, reason);
		if (code == 0 && json_object_size(facts) > 0)
			code = instance_note(a, names[i], facts);
		free(names[i]);
	}
	free(names);
	json_decref(facts);
	return code;
}
