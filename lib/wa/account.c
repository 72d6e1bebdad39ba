/* account - what the provider says about the business and its numbers */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "wa/account.h"

bool
account_is_word(const char *s)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (i >= ACCOUNT_WORD_MAX_BYTES ||
		    (!isalnum((unsigned char)s[i]) &&
			strchr("_.-=:/+@", s[i]) == NULL))
			return false;
	return i > 0;
}

/* Of several places of a fact the first one counts. */
static const struct {
	const char *fact, *path;
} places[] = {
	{ "event", "event" },
	{ "event", "calls/0/event" },
	{ "event", "automatic_events/0/event_name" },
	{ "decision", "decision" },
	{ "reason", "reason" },
	{ "reason", "rejection_reason" },
	{ "limit", "max_daily_conversations_per_business" },
	{ "limit", "current_limit" },
	{ "limit", "max_daily_conversation_per_phone" },
	{ "old_limit", "old_limit" },
	{ "quality", "new_quality_score" },
	{ "old_quality", "previous_quality_score" },
	{ "template", "message_template_name" },
	{ "template_id", "message_template_id" },
	{ "language", "message_template_language" },
	{ "category", "new_category" },
	{ "category", "message_template_category" },
	{ "old_category", "previous_category" },
	{ "alert", "alert_info/alert_type" },
	{ "alert", "alert_type" },
	{ "entity", "entity_type" },
	{ "state", "ban_info/waba_ban_state" },
	{ "violation", "violation_info/violation_type" },
	{ "restriction", "restriction_info/0/restriction_type" },
	{ "expires", "restriction_info/0/expiration" },
	{ "title", "other_info/title" },
	{ "status", "new_status" },
	{ "status", "calls/0/status" },
	{ "old_status", "old_status" },
	{ "flow", "flow_id" },
};

void
account_facts(const json_t *value, json_t *facts)
{
	const json_t *part;
	const char *text;
	char number[32];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (json_object_get(facts, places[i].fact) != NULL)
			continue;
		part = json_at(value, places[i].path);
		text = json_string_value(part);
		if (json_is_integer(part)) {
			snprintf(number, sizeof(number), "%lld",
			    (long long)json_integer_value(part));
			text = number;
		}
		if (text != NULL && account_is_word(text))
			json_put(facts, places[i].fact, text);
	}
}

/* A word at a path means something about what; severity NULL is an all-clear.
 * about: where the name of what it is about stands. */
static const struct {
	const char *field, *path, *word, *what, *severity, *about;
} meanings[] = {
	{ "account_update", "event", "ACCOUNT_DELETED", "account_deleted",
	    "critical", NULL },
	{ "account_update", "event", "ACCOUNT_RESTRICTION",
	    "account_restricted", "critical", NULL },
	{ "account_update", "event", "ACCOUNT_VIOLATION", "account_violation",
	    "warning", NULL },
	{ "account_update", "ban_info/waba_ban_state", "DISABLE",
	    "account_disabled", "critical", NULL },
	{ "account_update", "ban_info/waba_ban_state", "SCHEDULE_FOR_DISABLE",
	    "account_disabled", "critical", NULL },
	{ "account_update", "ban_info/waba_ban_state", "REINSTATE",
	    "account_disabled", NULL, NULL },
	{ "account_update", "event", "ACCOUNT_OFFBOARDED", "account_offboarded",
	    "critical", NULL },
	{ "account_update", "event", "ACCOUNT_RECONNECTED",
	    "account_offboarded", NULL, NULL },
	{ "account_update", "event", "PARTNER_REMOVED", "partner_removed",
	    "critical", NULL },
	{ "account_update", "event", "PARTNER_ADDED", "partner_removed", NULL,
	    NULL },
	{ "account_update", "event", "PARTNER_APP_UNINSTALLED",
	    "app_uninstalled", "critical", NULL },
	{ "account_update", "event", "PARTNER_APP_INSTALLED", "app_uninstalled",
	    NULL, NULL },
	{ "account_review_update", "decision", "REJECTED", "account_review",
	    "critical", NULL },
	{ "account_review_update", "decision", "APPROVED", "account_review",
	    NULL, NULL },
	{ "account_alerts", "alert_info/alert_status", "NONE", "provider_alert",
	    NULL, "alert_info/alert_type" },
	{ "account_alerts", "alert_info/alert_severity", "CRITICAL",
	    "provider_alert", "critical", "alert_info/alert_type" },
	{ "account_alerts", "alert_info/alert_severity", "WARNING",
	    "provider_alert", "warning", "alert_info/alert_type" },
	{ "account_alerts", "alert_status", "NONE", "provider_alert", NULL,
	    "alert_type" },
	{ "account_alerts", "alert_severity", "CRITICAL", "provider_alert",
	    "critical", "alert_type" },
	{ "account_alerts", "alert_severity", "WARNING", "provider_alert",
	    "warning", "alert_type" },
	{ "phone_number_quality_update", "event", "FLAGGED", "number_quality",
	    "warning", NULL },
	{ "phone_number_quality_update", "event", "UNFLAGGED", "number_quality",
	    NULL, NULL },
	{ "phone_number_quality_update", "event", "DOWNGRADE",
	    "messaging_limit", "warning", NULL },
	{ "phone_number_quality_update", "event", "UPGRADE", "messaging_limit",
	    NULL, NULL },
	{ "phone_number_name_update", "decision", "REJECTED", "number_name",
	    "warning", NULL },
	{ "phone_number_name_update", "decision", "APPROVED", "number_name",
	    NULL, NULL },
	{ "security", "event", "PIN_CHANGED", "two_step", "warning", NULL },
	{ "security", "event", "PIN_RESET_REQUEST", "two_step", "critical",
	    NULL },
	{ "security", "event", "PIN_REQUEST_SUCCESS", "two_step", "critical",
	    NULL },
	{ "message_template_status_update", "event", "REJECTED",
	    "template_status", "warning", "message_template_name" },
	{ "message_template_status_update", "event", "FLAGGED",
	    "template_status", "warning", "message_template_name" },
	{ "message_template_status_update", "event", "PAUSED",
	    "template_status", "warning", "message_template_name" },
	{ "message_template_status_update", "event", "LIMIT_EXCEEDED",
	    "template_status", "warning", "message_template_name" },
	{ "message_template_status_update", "event", "DISABLED",
	    "template_status", "critical", "message_template_name" },
	{ "message_template_status_update", "event", "APPROVED",
	    "template_status", NULL, "message_template_name" },
	{ "message_template_status_update", "event", "REINSTATED",
	    "template_status", NULL, "message_template_name" },
	{ "message_template_status_update", "event", "UNPAUSED",
	    "template_status", NULL, "message_template_name" },
	{ "message_template_quality_update", "new_quality_score", "YELLOW",
	    "template_quality", "warning", "message_template_name" },
	{ "message_template_quality_update", "new_quality_score", "RED",
	    "template_quality", "critical", "message_template_name" },
	{ "message_template_quality_update", "new_quality_score", "GREEN",
	    "template_quality", NULL, "message_template_name" },
	{ "template_category_update", "new_category", "MARKETING",
	    "template_category", "warning", "message_template_name" },
	{ "template_category_update", "new_category", "UTILITY",
	    "template_category", NULL, "message_template_name" },
};

void
account_judge(const char *field, const json_t *value, struct account_alert *ret)
{
	const char *word;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; field != NULL && i < sizeof(meanings) / sizeof(meanings[0]);
	     i++) {
		if (strcmp(meanings[i].field, field) != 0)
			continue;
		word = json_str(value, meanings[i].path);
		if (word == NULL || strcmp(word, meanings[i].word) != 0)
			continue;
		ret->what = meanings[i].what;
		ret->severity = meanings[i].severity;
		if (meanings[i].about != NULL)
			ret->about = json_str(value, meanings[i].about);
		if (ret->about != NULL && !account_is_word(ret->about))
			ret->about = NULL;
		return;
	}
}
