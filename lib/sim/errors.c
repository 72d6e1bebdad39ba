/* errors.c - what the pretended Cloud API answers when it refuses */
#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/str.h"
#include "sim/errors.h"

#define ONE(code) code, code

/* Sorted by code; the first row that holds a code counts. */
static const struct sim_code codes[] = {
	{ ONE(0), 401, false, "the user cannot be authenticated" },
	{ ONE(1), 400, false, "an unknown failure" },
	{ ONE(2), 503, true, "the service is down for now" },
	{ ONE(3), 500, false, "the app may not call this" },
	{ ONE(4), 429, true, "the app has made too many calls" },
	{ ONE(10), 403, false, "the permission was not granted" },
	{ ONE(17), 400, true, "the user has made too many calls" },
	{ ONE(32), 400, true, "the page has made too many calls" },
	{ ONE(33), 400, false, "the number was deleted" },
	{ ONE(100), 400, false, "invalid parameter" },
	{ ONE(102), 401, false, "the session is not valid" },
	{ ONE(104), 401, false, "the signature is not right" },
	{ ONE(190), 401, false, "the access token is not valid" },
	{ 200, 299, 403, false, "the token lacks a permission" },
	{ ONE(341), 400, true, "the limit of the app is reached" },
	{ ONE(368), 403, false, "blocked for violating a policy" },
	{ ONE(613), 400, true, "calls come too fast" },
	{ ONE(803), 404, false, "no object has this id" },
	{ ONE(80007), 429, true, "the account has made too many calls" },
	{ ONE(130429), 429, true, "the number sends too many messages" },
	{ ONE(130472), 400, false, "the user is part of an experiment" },
	{ ONE(130497), 403, false, "may not message this country" },
	{ ONE(131000), 500, true, "something went wrong" },
	{ ONE(131005), 403, false, "access denied" },
	{ ONE(131008), 400, false, "a required parameter is missing" },
	{ ONE(131009), 400, false, "a parameter has an invalid value" },
	{ ONE(131016), 503, true, "the service is unavailable" },
	{ ONE(131021), 400, false, "the recipient is the sender" },
	{ ONE(131026), 400, false, "the message is undeliverable" },
	{ ONE(131030), 400, false, "the recipient is not in the test list" },
	{ ONE(131031), 403, false, "the account is locked" },
	{ ONE(131037), 400, false, "the display name is not approved" },
	{ ONE(131042), 400, false, "the account has a payment problem" },
	{ ONE(131045), 500, false, "the certificate is not right" },
	{ ONE(131047), 400, false, "24 hours passed since the user wrote" },
	{ ONE(131048), 400, true, "too many messages were marked as spam" },
	{ ONE(131049), 400, false, "held back for a healthy ecosystem" },
	{ ONE(131050), 400, false, "the user stopped marketing messages" },
	{ ONE(131051), 400, false, "the type of message is not supported" },
	{ ONE(131052), 400, false, "the user's media cannot be downloaded" },
	{ ONE(131053), 400, false, "the media cannot be uploaded" },
	{ ONE(131056), 400, true, "too many messages to this recipient" },
	{ ONE(131057), 500, true, "the account is in maintenance" },
	{ ONE(131060), 400, false, "the message is unavailable" },
	{ ONE(131062), 400, false, "this message needs a phone number" },
	{ ONE(131064), 400, false, "not allowed to this recipient" },
	{ ONE(132000), 400, false, "the number of parameters does not match" },
	{ ONE(132001), 404, false, "no such template in this language" },
	{ ONE(132005), 400, false, "the filled text is too long" },
	{ ONE(132007), 400, false, "the template breaks a policy" },
	{ ONE(132008), 400, false, "a parameter breaks the format" },
	{ ONE(132012), 400, false, "a parameter has the wrong format" },
	{ ONE(132015), 400, false, "the template is paused" },
	{ ONE(132016), 400, false, "the template is disabled" },
	{ ONE(132018), 400, false, "a parameter of the template is wrong" },
	{ ONE(132068), 400, false, "the flow is blocked" },
	{ ONE(132069), 400, false, "the flow is throttled" },
	{ ONE(133005), 400, false, "the PIN does not match" },
	{ ONE(133010), 400, false, "the number is not registered" },
	{ ONE(133016), 400, true, "too many tries to register" },
	{ ONE(135000), 400, false, "an unknown failure of the user" },
	{ ONE(137000), 400, false, "the user's identity changed" },
	{ ONE(139100), 400, false, "some users were not blocked" },
	{ ONE(139101), 400, false, "the block list is full" },
	{ ONE(139102), 400, true, "the block list is being changed" },
};

const struct sim_code *
sim_code_find(int code)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (code >= codes[i].code && code <= codes[i].last)
			return &codes[i];
	return NULL;
}

const char *
sim_code_title(int code)
{
	const struct sim_code *known = sim_code_find(code);

	return known != NULL ? known->title : "refused";
}

int
sim_code_http(int code)
{
	const struct sim_code *known = sim_code_find(code);

	return known != NULL ? known->http : 400;
}

json_t *
sim_error(int code, int subcode, const char *details, uint64_t call)
{
	const struct sim_code *known = sim_code_find(code);
	char trace[SHORT_ID_BYTES], number[24];
	json_t *e = json_object();
	char *words = xformat("(#%d) %s", code, sim_code_title(code));

	snprintf(number, sizeof number, "%llu", (unsigned long long)call);
	id_short(trace, "fbtrace", number, NULL);
	json_put(e, "message", words);
	json_put(e, "type",
	    code == SIM_NO_OBJECT || subcode == 33 ? "GraphMethodException" :
						     "OAuthException");
	json_put_int(e, "code", code);
	if (subcode != 0)
		json_put_int(e, "error_subcode", subcode);
	if (known != NULL && known->transient)
		json_put_new(e, "is_transient", json_true());
	if (details != NULL)
		json_put_new(e, "error_data",
		    json_pack("{ss ss}", "messaging_product", "whatsapp",
			"details", details));
	json_put(e, "fbtrace_id", trace);
	free(words);
	return json_pack("{so}", "error", e);
}
