/* errors.c - error codes of the Cloud API */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "wa/errors.h"

#define CODE_DIGITS 8 /* a number of a person is longer */
#define NO_SUBJECT 33 /* what the call is addressed to: not there, not ours */

#define ONE(code) code, code

/* Sorted by code; the first row that holds a code counts. */
const struct wa_error_code wa_error_codes[] = {
	{ ONE(0), 401, WA_ACCOUNT, "the access token is not accepted" },
	{ ONE(1), 500, WA_RETRY, "the service failed" },
	{ ONE(2), 503, WA_RETRY, "the service is unavailable" },
	{ ONE(3), 500, WA_ACCOUNT, "the app may not use this call" },
	{ ONE(4), 429, WA_SLOW, "too many calls by the app" },
	{ ONE(10), 403, WA_ACCOUNT, "a permission is missing" },
	{ ONE(17), 400, WA_SLOW, "too many calls by the user" },
	{ ONE(32), 400, WA_SLOW, "too many calls by the page" },
	{ ONE(33), 400, WA_REQUEST, "no such number" },
	{ ONE(100), 400, WA_REQUEST, "a parameter is not valid" },
	{ ONE(102), 401, WA_ACCOUNT, "the session is not accepted" },
	{ ONE(104), 401, WA_ACCOUNT, "the call was not signed right" },
	{ ONE(190), 401, WA_ACCOUNT, "the access token has expired" },
	{ 200, 299, 403, WA_ACCOUNT, "a permission is missing" },
	{ ONE(341), 400, WA_SLOW, "too many calls by the app" },
	{ ONE(368), 403, WA_ACCOUNT, "blocked for breaking a policy" },
	{ ONE(613), 400, WA_SLOW, "calls come too fast" },
	{ ONE(80007), 429, WA_SLOW, "too many calls by the account" },
	{ ONE(130429), 429, WA_SLOW, "too many messages a second" },
	{ ONE(130472), 400, WA_POLICY, "the customer is in an experiment" },
	{ ONE(130497), 403, WA_RECIPIENT, "not allowed to this country" },
	{ ONE(131000), 500, WA_RETRY, "something went wrong" },
	{ ONE(131005), 403, WA_ACCOUNT, "a permission is missing" },
	{ ONE(131008), 400, WA_REQUEST, "a parameter is missing" },
	{ ONE(131009), 400, WA_REQUEST, "a parameter has a wrong value" },
	{ ONE(131016), 500, WA_RETRY, "the service is unavailable" },
	{ ONE(131021), 400, WA_RECIPIENT, "recipient and sender are the same" },
	{ ONE(131026), 400, WA_RECIPIENT, "the message cannot be delivered" },
	{ ONE(131030), 400, WA_RECIPIENT, "the recipient is no tester" },
	{ ONE(131031), 403, WA_ACCOUNT, "the account is locked" },
	{ ONE(131037), 400, WA_ACCOUNT, "the display name is not approved" },
	{ ONE(131042), 400, WA_ACCOUNT, "there is a problem with payment" },
	{ ONE(131045), 500, WA_ACCOUNT, "the number is not registered right" },
	{ ONE(131047), 400, WA_POLICY, "the 24 hour window is shut" },
	{ ONE(131048), 429, WA_SLOW, "too many messages were taken as spam" },
	{ ONE(131049), 400, WA_POLICY, "held back to keep up engagement" },
	{ ONE(131050), 400, WA_POLICY, "the customer stopped marketing" },
	{ ONE(131051), 400, WA_REQUEST, "the kind of message is not known" },
	{ ONE(131052), 400, WA_REQUEST, "the media could not be fetched" },
	{ ONE(131053), 400, WA_RETRY, "the media could not be uploaded" },
	{ ONE(131056), 400, WA_SLOW_PAIR,
	    "too many messages to one recipient" },
	{ ONE(131057), 500, WA_SLOW, "the account is in maintenance" },
	{ ONE(131062), 400, WA_RECIPIENT, "a phone number is needed" },
	{ ONE(131064), 400, WA_POLICY, "not allowed to this recipient" },
	{ ONE(132000), 400, WA_REQUEST, "the template is not usable" },
	{ ONE(132001), 400, WA_REQUEST,
	    "the template is not there in this language" },
	{ 132002, 132014, 400, WA_REQUEST, "the template is not usable" },
	{ ONE(132015), 400, WA_REQUEST, "the template is paused" },
	{ ONE(132016), 400, WA_REQUEST, "the template is disabled" },
	{ 132017, 132018, 400, WA_REQUEST, "the template is not usable" },
	{ ONE(133010), 400, WA_ACCOUNT, "the number is not registered" },
	{ ONE(133016), 400, WA_SLOW, "too many tries to register" },
	{ ONE(135000), 400, WA_RETRY, "refused for no known reason" },
	{ ONE(137000), 400, WA_RECIPIENT, "the customer's identity changed" },
};
const size_t wa_error_codes_count =
    sizeof wa_error_codes / sizeof *wa_error_codes;

const struct wa_error_code *
wa_error_find(int code)
{
	for (size_t i = 0; i < wa_error_codes_count; i++)
		if (code >= wa_error_codes[i].code &&
		    code <= wa_error_codes[i].last)
			return &wa_error_codes[i];
	return NULL;
}

/* The length of "(#131026)", which is how the provider writes a code. */
static size_t
code_length(const char *text)
{
	size_t digits;

	if (text[0] != '(' || text[1] != '#')
		return 0;
	digits = strspn(text + 2, "0123456789");
	return digits > 0 && digits <= CODE_DIGITS && text[2 + digits] == ')' ?
	    digits + 3 :
	    0;
}

/* Numbers of five digits and more, but for codes, and words with an @, become
 * "#". */
static void
mask(const char *text, char *ret, size_t size)
{
	struct buf b = BUF_INIT(0);
	size_t len;

	while (*text != '\0') {
		size_t digits = strspn(text, "0123456789");
		size_t word = strcspn(text, " \t\n\"'<>(),;");
		size_t code = code_length(text);

		if (code > 0) {
			buf_add(&b, text, code);
			text += code;
		} else if (word > 0 && memchr(text, '@', word) != NULL) {
			buf_addc(&b, '#');
			text += word;
		} else if (digits >= 5) {
			buf_addc(&b, '#');
			text += digits;
		} else if (digits > 0) {
			buf_add(&b, text, digits);
			text += digits;
		} else {
			buf_addc(&b,
			    iscntrl((unsigned char)*text) ? ' ' : *text);
			text++;
		}
	}
	len = utf8_cut(b.data != NULL ? b.data : "", b.len, size - 1);
	memcpy(ret, b.data != NULL ? b.data : "", len);
	ret[len] = '\0';
	buf_release(&b);
}

void
wa_error_read(const json_t *root, int http, struct wa_error *ret)
{
	const json_t *e = json_at(root, "error");
	const struct wa_error_code *known;
	int64_t code;

	memset(ret, 0, sizeof *ret);
	ret->http = http;
	if (!json_is_object(e))
		e = root;
	code = json_int_or(e, "code", -1);
	ret->has_code = code >= 0 && code <= 99999999;
	ret->code = ret->has_code ? (int)code : 0;
	ret->subcode = (int)json_int_or(e, "error_subcode", 0);
	ret->transient = json_bool_or(e, "is_transient", false);
	snprintf(ret->trace, sizeof ret->trace, "%.63s",
	    json_str_or(e, "fbtrace_id", ""));
	known = ret->has_code ? wa_error_find(ret->code) : NULL;
	if (known != NULL)
		snprintf(ret->title, sizeof ret->title, "%s", known->title);
	else
		mask(json_str_or(e, "title",
			 json_str_or(e, "message",
			     http >= 500 ? "the service failed" :
					   "the call was refused")),
		    ret->title, sizeof ret->title);
	mask(json_str_or(e, "error_data/details",
		 json_str_or(e, "message", "")),
	    ret->details, sizeof ret->details);
}

void
wa_error_to_number(struct wa_error *e)
{
	if (!e->has_code ||
	    (e->code != NO_SUBJECT &&
		(e->code != 100 || e->subcode != NO_SUBJECT)))
		return;
	e->number = true;
	snprintf(e->title, sizeof e->title,
	    "the number is wrong, deleted or not for this token");
}

enum wa_class
wa_error_class(const struct wa_error *e)
{
	const struct wa_error_code *known =
	    e->has_code ? wa_error_find(e->code) : NULL;

	if (e->number)
		return WA_ACCOUNT;
	if (known != NULL && known->class == WA_REQUEST && e->transient)
		return WA_RETRY;
	if (known != NULL)
		return known->class;
	if (e->http == 429 || e->http == 503)
		return WA_SLOW;
	if (e->http == 401 || e->http == 403)
		return WA_ACCOUNT;
	if (e->http >= 500 || e->http == 408 || e->transient)
		return WA_RETRY;
	return WA_REQUEST;
}

const char *wa_class_name(enum wa_class class)
{
	static const char *const names[] = {
		[WA_SLOW_PAIR] = "slow-pair",
		[WA_SLOW] = "slow",
		[WA_RETRY] = "retry",
		[WA_POLICY] = "policy",
		[WA_RECIPIENT] = "recipient",
		[WA_REQUEST] = "request",
		[WA_ACCOUNT] = "account",
	};

	return names[class];
}

json_t *
wa_error_json(const struct wa_error *e)
{
	json_t *o = json_object();

	if (e->has_code)
		json_put_int(o, "code", e->code);
	if (e->subcode != 0)
		json_put_int(o, "subcode", e->subcode);
	json_put(o, "title", e->title);
	json_put(o, "details", e->details);
	json_put(o, "fbtrace_id", e->trace);
	if (e->http != 0)
		json_put_int(o, "http", e->http);
	json_put(o, "class", wa_class_name(wa_error_class(e)));
	return o;
}
