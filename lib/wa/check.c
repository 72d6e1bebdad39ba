/*
 * check - what is wrong with the set-up of an instance, and what helps
 *
 * Source: Meta's description of the business messaging API, v23.0, for
 * numbers, accounts and subscribed apps; the rest (debug_token, subscriptions,
 * health_status) is as the Graph API answers programs in use.
 */
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/instance.h"
#include "desk/secret.h"
#include "desk/settings.h"
#include "net/http.h"
#include "net/signature.h"
#include "store/inbox.h"
#include "wa/check.h"
#include "wa/graph.h"
#include "wa/hook.h"

#define SKEW_MS 30000
#define TOKEN_SOON_MS INT64_C(604800000)
#define STRANGER_MS INT64_C(604800000)
#define CALL_MS 20000
#define SECRETS_MAX 16
#define PAGE 100
#define PAGES_MAX 50
#define SYSTEM_SECRETS CONF_SYSTEM_DIR "/secrets/"

struct look {
	struct store *s;
	const struct conf *conf;
	const char *name;
	char *section;
	struct check *ret;
	struct http *http;
	struct graph_place place;
	char *secrets[SECRETS_MAX]; /* of the app */
	size_t nsecrets;
	char *secret_file; /* where they are, or should be */
	int secret_errno;  /* why it cannot be read; 0: it can */
	char *verify;	   /* the verify token; NULL: it cannot be read */
	char *verify_file;
	char *app_id;	 /* NULL: not known */
	char *app_token; /* APP|SECRET; NULL: there is none */
	int64_t skew_ms; /* of our clock; valid if timed */
	bool timed;
};

/* --- rows --- */

static void
row(struct look *k, const char *check, const char *result, const char *remedy,
    const char *fmt, va_list ap)
{
	json_t *o = json_object();
	char what[512];

	vsnprintf(what, sizeof(what), fmt, ap);
	json_put(o, "check", check);
	json_put(o, "result", result);
	json_put(o, "what", what);
	json_put(o, "remedy", remedy);
	json_array_append_new(k->ret->rows, o);
}

static void ok(struct look *k, const char *check, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void unknown(struct look *k, const char *check, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void fault(struct look *k, const char *check, bool stops, char *remedy,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void
ok(struct look *k, const char *check, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	row(k, check, "ok", NULL, fmt, ap);
	va_end(ap);
}

static void
unknown(struct look *k, const char *check, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	row(k, check, "unknown", NULL, fmt, ap);
	va_end(ap);
}

/* stops: nothing goes out with it. Takes remedy. */
static void
fault(struct look *k, const char *check, bool stops, char *remedy,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	row(k, check, "fault", remedy, fmt, ap);
	va_end(ap);
	k->ret->faults++;
	if (stops && k->ret->stops[0] == '\0') {
		va_start(ap, fmt);
		vsnprintf(k->ret->stops, sizeof(k->ret->stops), fmt, ap);
		va_end(ap);
	}
	free(remedy);
}

/* --- asking --- */

static char *
escaped(const char *text)
{
	struct buf b = BUF_INIT(0);

	for (; *text != '\0'; text++)
		if (isalnum((unsigned char)*text) ||
		    strchr("-._~", *text) != NULL)
			buf_addc(&b, *text);
		else
			buf_addf(&b, "%%%02X", (unsigned char)*text);
	return buf_detach(&b);
}

static void
wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* GET path; token NULL: the instance's. The clocks are compared on the way. */
static int
ask(struct look *k, const char *path, const char *token,
    struct graph_answer *ret)
{
	int64_t before = now_ms(), after;
	int code =
	    graph_call(k->http, &k->place, "GET", path, NULL, token, ret);

	after = now_ms();
	if (ret->status != 0)
		k->ret->answered = true;
	/* The Date is cut to seconds: the middle of that second. */
	if (ret->date_ms > 0 && !k->timed) {
		k->timed = true;
		k->skew_ms =
		    before + (after - before) / 2 - (ret->date_ms + 500);
	}
	return code;
}

/* The provider says that it does not take the token that was sent. */
static bool
refuses_token(const struct graph_answer *a)
{
	return a->status == 401 || a->error.code == 190;
}

/* The provider says that this token may not, or that there is no such thing. */
static bool
refuses_thing(const struct graph_answer *a)
{
	int64_t code = a->error.code;

	return code == 10 || (code >= 200 && code <= 299) || code == 803 ||
	    (code == 100 && a->error.subcode == 33);
}

/* It did not answer, or with what says nothing of the set-up: said once. */
static bool
is_down(struct look *k, int code, const struct graph_answer *a)
{
	if (code >= 0 || refuses_token(a) || refuses_thing(a))
		return false;
	if (!k->ret->down) {
		k->ret->down = true;
		unknown(k, "provider", "%s", err_reason());
	}
	return true;
}

/* --- what we know ourselves --- */

static char *
place_of(struct look *k, const char *key, const char *credential)
{
	const char *dir = secure_getenv("CREDENTIALS_DIRECTORY");
	char *path = setting_path(k->conf, "listen", key), *kind;

	if (path != NULL)
		return path;
	if (dir != NULL) {
		path = xformat("%s/%s", dir, credential);
		if (access(path, F_OK) == 0)
			return path;
		free(path);
	}
	kind = store_meta(k->s, "kind");
	path = kind != NULL && strcmp(kind, "system") == 0 ?
	    xformat(SYSTEM_SECRETS "%s", credential) :
	    NULL;
	free(kind);
	return path;
}

/* Whether there is a file that can be read: 0 or an errno. */
static int
readable(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), code = 0;
	struct stat st;

	if (fd < 0)
		return errno;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		code = EISDIR;
	close(fd);
	return code;
}

static void
read_secrets(struct look *k)
{
	char *text = NULL, *line, *save = NULL;
	size_t len = 0;

	k->secret_file = place_of(k, "secrets_file", "app-secret");
	k->verify_file = place_of(k, "verify_token_file", "verify-token");
	k->secret_errno =
	    k->secret_file != NULL ? readable(k->secret_file) : ENOENT;
	if (k->secret_errno == 0 &&
	    file_read(k->secret_file, 65536, &text, &len) == 0)
		for (line = strtok_r(text, "\r\n", &save);
		     line != NULL && k->nsecrets < SECRETS_MAX;
		     line = strtok_r(NULL, "\r\n", &save))
			if (*str_trim(line) != '\0')
				k->secrets[k->nsecrets++] = xstrdup(line);
	if (text != NULL)
		explicit_bzero(text, len);
	free(text);
	if (k->verify_file == NULL || access(k->verify_file, R_OK) != 0 ||
	    file_secret(k->verify_file, &k->verify) < 0)
		k->verify = NULL;
	if (k->verify != NULL && *k->verify == '\0') {
		free(k->verify);
		k->verify = NULL;
	}
}

static char *
token_remedy(const struct look *k)
{
	return xformat("a new one of a system user, then wa-instance token %s "
		       "< FILE",
	    k->name);
}

/* Whether there is anything to ask with. */
static bool
look_settings(struct look *k)
{
	struct graph_options o = { .reader = "wa-instance" };
	int code;

	if (strcmp(setting_text(k->conf, k->section, "kind"), "cloud") != 0) {
		unknown(k, "settings", "only the Cloud API can be asked");
		return false;
	}
	code = graph_place(k->conf, k->s, k->name, &o, &k->place);
	if (code == 0)
		return true;
	if (strstr(err_reason(), "token") == NULL)
		fault(k, "settings", true,
		    xformat("wa-instance set %s %s", k->name,
			strstr(err_reason(), "address") != NULL ?
			    "url=https://..." :
			    "phone_number_id=ID"),
		    "%s", err_reason());
	else if (strstr(err_reason(), "opened") != NULL && geteuid() != 0) {
		k->ret->denied = true;
		unknown(k, "token",
		    "its key is root's: run this check as root");
	} else
		fault(k, "token", true,
		    xformat("wa-instance token %s < FILE", k->name), "%s",
		    err_reason());
	return false;
}

/* --- the token --- */

/* The first secret that makes a token of the app is the app's. */
static void
find_app_token(struct look *k, const char *input)
{
	struct graph_answer a;
	char *token;
	size_t i;
	int code;

	for (i = 0; i < k->nsecrets && k->app_token == NULL; i++) {
		token = xformat("%s|%s", k->app_id, k->secrets[i]);
		code = ask(k, input, token, &a);
		/* 101: "error validating client secret". */
		if (code < 0 && a.error.code != 101)
			is_down(k, code, &a);
		graph_answer_release(&a);
		if (code == 0)
			k->app_token = token;
		else
			wipe(token);
	}
}

static void
say_expiry(struct look *k, const json_t *data)
{
	int64_t at = json_int_or(data, "expires_at", 0),
		access = json_int_or(data, "data_access_expires_at", 0), left;
	char text[TIME_TEXT_BYTES], stamp[TIME_TEXT_BYTES];

	if (access > 0 && (at == 0 || access < at))
		at = access;
	json_put_int(k->ret->facts, "token_expires_ms", at * 1000);
	left = at * 1000 - now_ms();
	if (at == 0)
		ok(k, "token", "accepted, it does not expire");
	else if (left <= 0)
		fault(k, "token", true, token_remedy(k),
		    "the access token has expired");
	else if (left < TOKEN_SOON_MS)
		fault(k, "token", false, token_remedy(k),
		    "the access token expires in %s",
		    duration_text(left, text));
	else
		ok(k, "token", "accepted until %.10s",
		    time_text(at * 1000, stamp));
}

static void
say_scopes(struct look *k, const json_t *data)
{
	static const char *const wanted[] = { "whatsapp_business_messaging",
		"whatsapp_business_management" };
	struct buf missing = BUF_INIT(0);
	json_t *scopes = json_object_get(data, "scopes"), *v;
	size_t i, n;
	bool has;

	for (i = 0; i < 2; i++) {
		has = false;
		json_array_foreach(scopes, n, v)
			has = has ||
			    (json_is_string(v) &&
				strcmp(json_string_value(v), wanted[i]) == 0);
		if (!has)
			buf_addf(&missing, "%s%s", missing.len > 0 ? ", " : "",
			    wanted[i]);
	}
	if (missing.len > 0)
		fault(k, "permissions",
		    strstr(missing.data, "messaging") != NULL,
		    xformat("make the token anew with %s, then wa-instance "
			    "token %s < FILE",
			missing.data, k->name),
		    "the access token lacks %s", missing.data);
	else
		ok(k, "permissions", "messaging and management");
	buf_release(&missing);
}

/* The app of the token is asked about, whatever is set. */
static void
say_app(struct look *k, const json_t *data, const char *set)
{
	const char *is = json_str(data, "app_id");

	k->app_id = xstrdup(is != NULL ? is : set);
	if (is != NULL && set != NULL && strcmp(is, set) != 0)
		fault(k, "app", false,
		    xformat("wa-instance set %s app_id=%s, or a token of that "
			    "app",
			k->name, is),
		    "the access token is of app %s, not of app_id %s", is, set);
}

static bool
has_scope(const json_t *data, const char *scope)
{
	json_t *v;
	size_t i;

	json_array_foreach(json_object_get(data, "scopes"), i, v)
		if (json_is_string(v) &&
		    strcmp(json_string_value(v), scope) == 0)
			return true;
	return false;
}

/* Whether the token is good for asking on. */
static bool
look_token(struct look *k)
{
	char *input = escaped(k->place.token),
	     *path = xformat("debug_token?input_token=%s", input);
	const char *set = setting_text(k->conf, k->section, "app_id");
	struct graph_answer a;
	const json_t *data;
	bool good = false;
	int code;

	code = ask(k, path, NULL, &a);
	data = json_at(a.root, "data");
	if (code == 0 && json_bool_or(data, "is_valid", false)) {
		say_expiry(k, data);
		say_scopes(k, data);
		say_app(k, data, set);
		good = has_scope(data, "whatsapp_business_management");
		if (k->app_id != NULL)
			find_app_token(k, path);
	} else if (code < 0 && !refuses_token(&a) &&
	    (refuses_thing(&a) || a.error.code == 100)) {
		/* It may not look at itself; the rest will show. */
		k->app_id = xstrdup(set);
		unknown(k, "token", "when it expires cannot be asked: %s",
		    a.error.title);
		good = true;
		if (k->app_id != NULL)
			find_app_token(k, path);
	} else if (is_down(k, code, &a)) {
		; /* nothing is known of it */
	} else if (a.error.subcode == 463 ||
	    json_int_or(data, "error/subcode", 0) == 463)
		fault(k, "token", true, token_remedy(k),
		    "the access token has expired");
	else
		fault(k, "token", true, token_remedy(k),
		    "the access token is not accepted");
	graph_answer_release(&a);
	wipe(input);
	wipe(path);
	return good;
}

/* --- the number --- */

#define DOCUMENTED                                              \
	"id,display_phone_number,verified_name,quality_rating," \
	"name_status,code_verification_status"

static const char manager[] = "WhatsApp Manager > Phone numbers";

static void
say_status(struct look *k, const json_t *n)
{
	static const struct {
		const char *status, *what;
		bool stops;
	} known[] = {
		{ "BANNED", "the number is banned", true },
		{ "DELETED", "the number was deleted", true },
		{ "DISCONNECTED", "the number is not registered", true },
		{ "FLAGGED", "the number is flagged for its quality", false },
		{ "MIGRATED", "the number was moved to another account", true },
		{ "PENDING", "the number is pending: it is not registered yet",
		    true },
		{ "RATE_LIMITED", "the number has reached its messaging limit",
		    false },
		{ "RESTRICTED", "the number is restricted", false },
		{ "UNVERIFIED", "the number is not verified", true },
	};
	const char *status = json_str_or(n, "status", "");
	char *remedy;
	size_t i;

	json_put(k->ret->facts, "number_status", status);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(status, known[i].status) != 0)
			continue;
		if (strstr(known[i].what, "not registered") != NULL)
			remedy = xstrdup("register it with its PIN: "
					 "frontdesk-setup(7), the number");
		else
			remedy =
			    xformat("see %s, and ask the provider", manager);
		fault(k, "number", known[i].stops, remedy, "%s", known[i].what);
		return;
	}
	if (strcmp(json_str_or(n, "platform_type", ""), "NOT_APPLICABLE") == 0)
		fault(k, "number", true,
		    xstrdup("register it with its PIN: frontdesk-setup(7), "
			    "the number"),
		    "the number is not registered");
	else
		ok(k, "number", "%s%s%s",
		    json_str_or(n, "display_phone_number", k->place.number),
		    *status != '\0' ? ", " : "", status);
}

static void
say_quality(struct look *k, const json_t *n)
{
	const char *q = json_str_or(n, "quality_rating", "");

	json_put(k->ret->facts, "quality", q);
	if (strcmp(q, "YELLOW") == 0 || strcmp(q, "RED") == 0)
		fault(k, "quality", false,
		    xstrdup("customers block or report it: write to fewer "
			    "first, answer better"),
		    "the quality of the number is %s",
		    strcmp(q, "RED") == 0 ? "low (RED)" : "medium (YELLOW)");
	else
		ok(k, "quality", "%s", *q != '\0' ? q : "not rated");
}

static void
say_name(struct look *k, const json_t *n)
{
	const char *s = json_str_or(n, "name_status", "");
	static const char *const bad[] = { "DECLINED", "EXPIRED",
		"PENDING_REVIEW", NULL };

	json_put(k->ret->facts, "name_status", s);
	json_put(k->ret->facts, "verified_name", json_str(n, "verified_name"));
	if (str_in(s, bad))
		fault(k, "name", false,
		    xformat("%s > the number > Profile: %s", manager,
			strcmp(s, "PENDING_REVIEW") == 0 ?
			    "wait for the review" :
			    "ask for another display name"),
		    "the display name is not approved (%s)", s);
	else
		ok(k, "name", "%s",
		    json_str_or(n, "verified_name", "none is told"));
}

static void
say_limit(struct look *k, const json_t *n)
{
	const char *limit = json_str(n, "messaging_limit_tier"),
		   *speed = json_str(n, "throughput/level");

	json_put(k->ret->facts, "messaging_limit", limit);
	json_put(k->ret->facts, "throughput", speed);
	ok(k, "limit",
	    "%s customers a day may be written to first, "
	    "throughput %s",
	    limit != NULL ? limit : "an unknown number of",
	    speed != NULL ? speed : "not told");
}

/* The entity that keeps a number from sending; the number comes last, for it
 * only says again what another one causes. NULL: none. */
static const json_t *
who_stops(const json_t *list)
{
	const json_t *e, *number = NULL;
	size_t i;

	json_array_foreach(list, i, e) {
		if (strcmp(json_str_or(e, "can_send_message", "AVAILABLE"),
			"AVAILABLE") == 0)
			continue;
		if (strcmp(json_str_or(e, "entity_type", ""), "PHONE_NUMBER") !=
		    0)
			return e;
		number = e;
	}
	return number;
}

#define NO_PAYMENT 141006 /* of health_status: "error with the payment" */

static void
say_stopped(struct look *k, const json_t *e, const char *can)
{
	static const struct {
		const char *type, *name;
	} names[] = { { "APP", "app" }, { "WABA", "account" },
		{ "PHONE_NUMBER", "number" } };
	bool stops = strcmp(can, "BLOCKED") == 0;
	const char *type = json_str_or(e, "entity_type", "PHONE_NUMBER"),
		   *name = "business", *why;
	const json_t *error = json_array_get(json_object_get(e, "errors"), 0);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(type, names[i].type) == 0)
			name = names[i].name;
	why = json_str_or(error, "error_description", "");
	if (json_int_or(error, "error_code", 0) == NO_PAYMENT)
		fault(k, "sending", stops,
		    xstrdup("business.facebook.com > Billing & payments: a way "
			    "of payment for the account"),
		    "the %s has a payment problem", name);
	else if (strcmp(type, "APP") == 0)
		fault(k, "sending", stops,
		    xstrdup("developers.facebook.com > the app > App mode: "
			    "Live"),
		    "the app is %s: %s", stops ? "blocked" : "limited",
		    *why != '\0' ? why : "it may not be live");
	else
		fault(k, "sending", stops,
		    xstrdup("business.facebook.com > Account quality: see why, "
			    "and ask for a review"),
		    "the %s is %s by the provider%s%s", name,
		    !stops				  ? "limited" :
			strcmp(type, "PHONE_NUMBER") == 0 ? "blocked" :
							    "restricted",
		    *why != '\0' ? ": " : "", why);
}

/* Whether the provider lets it send at all. */
static void
say_health(struct look *k, const json_t *n)
{
	const json_t *health = json_at(n, "health_status"),
		     *e = who_stops(json_object_get(health, "entities"));
	const char *can = json_str_or(health, "can_send_message", "");

	if (e != NULL)
		say_stopped(k, e, json_str_or(e, "can_send_message", ""));
	else if (strcmp(can, "AVAILABLE") == 0)
		ok(k, "sending", "the provider lets it send");
	else if (strcmp(can, "BLOCKED") == 0 || strcmp(can, "LIMITED") == 0)
		say_stopped(k, NULL, can);
	else if (health != NULL)
		unknown(k, "sending", "the provider says '%.32s'", can);
}

/* The address webhooks of a number go to; NULL: none. Borrowed. */
static const char *
hook_of(const json_t *n, bool *ret_override)
{
	static const char *const places[] = {
		"webhook_configuration/phone_number",
		"webhook_configuration/whatsapp_business_account",
		"webhook_configuration/application", NULL
	};
	const char *url;
	size_t i;

	for (i = 0; places[i] != NULL; i++) {
		url = json_str(n, places[i]);
		if (url != NULL && *url != '\0') {
			*ret_override = i < 2;
			return url;
		}
	}
	*ret_override = false;
	return NULL;
}

static bool
same_url(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);

	la -= la > 0 && a[la - 1] == '/';
	lb -= lb > 0 && b[lb - 1] == '/';
	return la == lb && strncmp(a, b, la) == 0;
}

/* The address as the provider has it; *ret_url is the one to try. */
static void
say_webhook(struct look *k, const json_t *n, char **ret_url)
{
	const char *want = setting_text(k->conf, k->section, "webhook"), *is;
	bool override;

	is = hook_of(n, &override);
	*ret_url = xstrdup(want != NULL ? want : is);
	if (json_at(n, "webhook_configuration") == NULL)
		unknown(k, "webhook", "the provider does not tell its address");
	else if (is == NULL)
		fault(k, "webhook", false,
		    xformat("the app > WhatsApp > Configuration > Callback "
			    "URL: %s",
			want != NULL ? want : "https://..."),
		    "the provider has no address for webhooks");
	else if (want != NULL && !same_url(is, want) && override)
		fault(k, "webhook", false,
		    xformat("take the override away: POST "
			    "/%s/subscribed_apps without an address",
			k->place.account != NULL ? k->place.account :
						   "ACCOUNT"),
		    "an override sends webhooks to %s, not to %s", is, want);
	else if (want != NULL && !same_url(is, want))
		fault(k, "webhook", false,
		    xformat("the app > WhatsApp > Configuration > Callback "
			    "URL: %s",
			want),
		    "webhooks go to %s, not to %s", is, want);
	else
		ok(k, "webhook", "%s", is);
}

static bool
look_number(struct look *k, char **ret_url)
{
	static const char all[] =
	    DOCUMENTED ",status,platform_type,throughput,messaging_limit_tier,"
		       "webhook_configuration,health_status";
	struct graph_answer a;
	char *path = xformat("%s?fields=%s", k->place.number, all);
	int code = ask(k, path, NULL, &a);
	size_t before = k->ret->faults;

	free(path);
	/* A provider that holds to the letter of its description. */
	if (code < 0 && a.error.code == 100 && a.error.subcode != 33) {
		graph_answer_release(&a);
		path = xformat("%s?fields=" DOCUMENTED, k->place.number);
		code = ask(k, path, NULL, &a);
		free(path);
	}
	if (code == 0) {
		json_put(k->ret->facts, "phone",
		    json_str(a.root, "display_phone_number"));
		say_status(k, a.root);
		say_quality(k, a.root);
		say_name(k, a.root);
		say_limit(k, a.root);
		if (k->ret->faults == before ||
		    strcmp(json_str_or(a.root, "status", "CONNECTED"),
			"CONNECTED") == 0)
			say_health(k, a.root);
		say_webhook(k, a.root, ret_url);
	} else if (refuses_token(&a))
		fault(k, "token", true, token_remedy(k),
		    "the access token is not accepted");
	else if (!is_down(k, code, &a))
		fault(k, "number", true,
		    xformat("wa-instance set %s phone_number_id=ID, as %s has "
			    "it",
			k->name, manager),
		    "the token reaches no number of phone_number_id %s",
		    k->place.number);
	graph_answer_release(&a);
	return code == 0;
}

/* --- the account and the app --- */

/* Whether the number is on a page of the account's: 1, 0 with the next page's
 * cursor in *after (NULL at the end), or an ERR. */
static int
on_page(struct look *k, char **after, struct graph_answer *a)
{
	char *path = xformat("%s/phone_numbers?fields=id&limit=%d%s%s",
	    k->place.account, PAGE, *after != NULL ? "&after=" : "",
	    *after != NULL ? *after : "");
	int code = ask(k, path, NULL, a);
	json_t *n;
	size_t i;

	free(path);
	free(*after);
	*after = NULL;
	if (code < 0)
		return code;
	json_array_foreach(json_at(a->root, "data"), i, n)
		if (strcmp(json_str_or(n, "id", ""), k->place.number) == 0)
			return 1;
	if (json_str(a->root, "paging/next") != NULL &&
	    json_str(a->root, "paging/cursors/after") != NULL)
		*after = escaped(json_str(a->root, "paging/cursors/after"));
	return 0;
}

/* Whether the account is the number's. */
static bool
look_account(struct look *k)
{
	struct graph_answer a = { .root = NULL };
	char *after = NULL;
	int code = 0, pages;
	bool down;

	if (k->place.account == NULL) {
		fault(k, "account", false,
		    xformat("wa-instance set %s account_id=ID, as %s has it",
			k->name, manager),
		    "no account_id is set, and no webhook has told it");
		return false;
	}
	for (pages = 0; pages < PAGES_MAX; pages++) {
		graph_answer_release(&a);
		code = on_page(k, &after, &a);
		if (code != 0 || after == NULL)
			break;
	}
	free(after);
	down = is_down(k, code, &a);
	graph_answer_release(&a);
	if (code == 1)
		ok(k, "account", "%s has the number", k->place.account);
	else if (!down)
		fault(k, "account", false,
		    xformat("wa-instance set %s account_id=ID, as %s has it",
			k->name, manager),
		    "account %s, as the access token sees it, has no "
		    "phone_number_id %s",
		    k->place.account, k->place.number);
	return code == 1;
}

static void
look_subscribed(struct look *k)
{
	struct graph_answer a;
	char *path = xformat("%s/subscribed_apps", k->place.account);
	int code = ask(k, path, NULL, &a);
	bool found = false;
	const char *id;
	json_t *app;
	size_t i;

	free(path);
	json_array_foreach(json_at(a.root, "data"), i, app) {
		id = json_str_or(app, "whatsapp_business_api_data/id", "");
		found =
		    found || k->app_id == NULL || strcmp(id, k->app_id) == 0;
	}
	if (code == 0 && found)
		ok(k, "subscribed", "the account tells the app");
	else if (code == 0)
		fault(k, "subscribed", false,
		    xformat("POST /%s/subscribed_apps: frontdesk-setup(7), the "
			    "webhook",
			k->place.account),
		    "the app is not subscribed to the account: no webhook "
		    "comes");
	else if (!is_down(k, code, &a))
		unknown(k, "subscribed", "%s", a.error.title);
	graph_answer_release(&a);
}

static void
look_fields(struct look *k)
{
	static const char object[] = "whatsapp_business_account";
	struct graph_answer a;
	bool there = false, active = false, ticked = false;
	json_t *sub, *f;
	char *path;
	size_t i, n;
	int code;

	if (k->app_token == NULL) {
		if (k->nsecrets > 0 && k->app_id == NULL)
			unknown(k, "fields", "no app_id is set");
		return; /* the secret has a row of its own */
	}
	path = xformat("%s/subscriptions", k->app_id);
	code = ask(k, path, k->app_token, &a);
	free(path);
	json_array_foreach(json_at(a.root, "data"), i, sub) {
		if (strcmp(json_str_or(sub, "object", ""), object) != 0)
			continue;
		there = true;
		active = json_bool_or(sub, "active", true);
		json_array_foreach(json_object_get(sub, "fields"), n, f)
			ticked = ticked ||
			    strcmp(json_is_string(f) ?
				    json_string_value(f) :
				    json_str_or(f, "name", ""),
				"messages") == 0;
	}
	if (code < 0) {
		if (!is_down(k, code, &a))
			unknown(k, "fields", "%s", a.error.title);
	} else if (there && !active)
		fault(k, "fields", false,
		    xstrdup("the app > WhatsApp > Configuration: verify and "
			    "save the callback again"),
		    "the app's subscription is not active");
	else if (there && !ticked)
		fault(k, "fields", false,
		    xstrdup("the app > WhatsApp > Configuration > Webhook "
			    "fields: messages"),
		    "the field messages is not ticked");
	else if (there)
		ok(k, "fields", "messages is ticked");
	/* None at all: the row webhook says so. */
	graph_answer_release(&a);
}

/* --- our side --- */

struct knock {
	bool done, same;
	bool denied; /* by the listener itself, for its verify token */
	int status;
	char challenge[24];
	char why[128];
};

static void
on_knock(void *arg, const struct http_result *r)
{
	struct knock *n = arg;
	size_t len = strlen(n->challenge);

	n->done = true;
	n->status = r->class == HTTP_ANSWERED ? r->status : 0;
	n->same = r->body_len >= len && r->body_len <= len + 1 &&
	    memcmp(r->body, n->challenge, len) == 0;
	n->denied = n->status == 403 &&
	    r->body_len == strlen(HOOK_OTHER_TOKEN) &&
	    memcmp(r->body, HOOK_OTHER_TOKEN, r->body_len) == 0;
	snprintf(n->why, sizeof(n->why), "%s", r->why != NULL ? r->why : "");
}

/* Something answers, and it is not wa-recv. */
static void
say_other(struct look *k, const char *url, int status)
{
	if (status >= 502 && status <= 504)
		fault(k, "reachable", false,
		    xstrdup("start wa-recv (systemctl start frontdesk-wa-recv),"
			    " and see that the proxy hands it to "
			    "listen.address: frontdesk-setup(7), the proxy"),
		    "%s answers %d: the proxy does not reach wa-recv", url,
		    status);
	else if (status == 401 || status == 403)
		fault(k, "reachable", false,
		    xstrdup("let the provider's requests pass the proxy and "
			    "what guards it: frontdesk-setup(7), the proxy"),
		    "%s answers %d, and that is not wa-recv", url, status);
	else
		fault(k, "reachable", false,
		    xstrdup("the proxy hands it to another program: "
			    "frontdesk-setup(7), the proxy"),
		    "%s answers %d, not our challenge", url, status);
}

/* The handshake as the provider does it, through the public address. */
static void
look_reachable(struct look *k, const char *url)
{
	struct knock n = { .done = false };
	struct http_request ask_for = { .total_ms = CALL_MS };
	char *token, *whole;
	int code;

	if (url == NULL)
		return;
	snprintf(n.challenge, sizeof(n.challenge), "%u",
	    randombytes_uniform(1000000000));
	token = escaped(k->verify != NULL ? k->verify : "?");
	whole = xformat("%s%chub.mode=subscribe&hub.challenge=%s"
			"&hub.verify_token=%s",
	    url, strchr(url, '?') != NULL ? '&' : '?', n.challenge, token);
	ask_for.url = whole;
	code = http_get(k->http, &ask_for, on_knock, &n);
	while (code == 0 && !n.done)
		code = http_wait(k->http, NULL, 0, 1000);
	wipe(token);
	wipe(whole);
	if (code < 0 || n.status == 0)
		fault(k, "reachable", false,
		    xstrdup("name, certificate, firewall and proxy of that "
			    "address: frontdesk-setup(7), the proxy"),
		    "%s does not answer: %s", url,
		    code < 0 ? err_reason() : n.why);
	else if (n.status == 200 && n.same) {
		ok(k, "reachable", "%s answers", url);
		ok(k, "verify-token", "ours is taken");
	} else if (n.denied && k->verify != NULL) {
		ok(k, "reachable", "%s answers", url);
		fault(k, "verify-token", false,
		    xformat("the token of %s in the app, and systemctl restart "
			    "frontdesk-wa-recv",
			k->verify_file),
		    "the listener does not take our verify token");
	} else if (n.denied) {
		ok(k, "reachable", "%s answers", url);
		if (k->verify_file != NULL && access(k->verify_file, R_OK) != 0)
			unknown(k, "verify-token",
			    "it cannot be read: run this as root");
		else
			fault(k, "verify-token", false,
			    xstrdup("make one: frontdesk-setup(7), the "
				    "webhook"),
			    "there is no verify token");
	} else
		say_other(k, url, n.status);
}

/* When something was refused last; 0: never. */
static int64_t
refused_ms(struct look *k, const char *what)
{
	char *path = store_run_path(k->s, REFUSED_NOTE), *text = NULL;
	json_t *note = NULL;
	int64_t ms = 0;
	size_t len;

	if (file_read(path, 4096, &text, &len) == 0 &&
	    json_object_parse(text, len, &note) == 0 &&
	    json_str(note, what) != NULL)
		time_parse(json_str(note, what), &ms);
	json_decref(note);
	free(text);
	free(path);
	return ms;
}

/* The newest body that was kept, if it was signed: 1, 0, or an ERR. */
static int
last_body(struct look *k, struct inbox_body **ret)
{
	struct inbox_body *b = NULL;
	struct inbox *in = NULL;
	int64_t place = 0;
	size_t n = 0;
	int code = inbox_open(store_dir(k->s), false, &in);

	if (code == 0)
		code = inbox_last(in, &place);
	if (code == 0 && place > 0)
		code = inbox_read(in, place - 1, 1, &b, &n);
	inbox_close(in);
	if (code < 0 || n == 0) {
		free(b);
		return code;
	}
	*ret = b;
	return 1;
}

static int
signed_by_ours(struct look *k, const struct inbox_body *b, bool *ret)
{
	struct signature_keys *keys = signature_keys_new();
	json_t *headers = NULL;
	const char *signature = NULL;
	size_t i;
	int code = json_object_parse(b->headers, strlen(b->headers), &headers);

	if (code == 0)
		signature = json_str(headers, "X-Hub-Signature-256");
	for (i = 0; code == 0 && i < k->nsecrets; i++)
		code = signature_keys_add(keys, k->secrets[i]);
	if (code == 0 && signature == NULL)
		code = ERR_NOINPUT; /* read from standard input */
	if (code == 0)
		*ret = signature_ok(keys, signature, b->body, b->len);
	json_decref(headers);
	signature_keys_free(keys);
	return code;
}

static char *
secret_remedy(const struct look *k)
{
	return xformat("App settings > Basic > App secret into %s, then "
		       "systemctl restart frontdesk-wa-recv",
	    k->secret_file != NULL ? k->secret_file : "listen.secrets_file");
}

/* Why there is no app secret to look with. */
static void
say_no_secret(struct look *k)
{
	char *kind = store_meta(k->s, "kind");
	bool theirs = kind != NULL && strcmp(kind, "system") == 0;

	free(kind);
	if (k->secret_errno == 0 || k->secret_errno == ENOENT)
		fault(k, "app-secret", false, secret_remedy(k),
		    "there is no app secret");
	else if (k->secret_errno == EACCES && theirs && geteuid() != 0)
		unknown(k, "app-secret", "it cannot be read: run this as root");
	else
		fault(k, "app-secret", false,
		    xformat("make %s a file of who runs wa-recv, of mode 600: "
			    "chown, chmod; then restart wa-recv",
			k->secret_file),
		    "%s cannot be read: %s", k->secret_file,
		    strerror(k->secret_errno));
}

/* Whether what is posted to us is signed by a secret we have. */
static void
look_secret(struct look *k)
{
	int64_t refused = refused_ms(k, "signature"), accepted = 0;
	struct inbox_body *b = NULL;
	char text[TIME_TEXT_BYTES];
	bool ours = false;
	int code = last_body(k, &b);

	if (code == 1)
		accepted = b->received_ms;
	/* With a secret that the provider knows, those were no webhooks of
	 * its: anybody can post with a wrong signature. */
	if (k->nsecrets == 0)
		say_no_secret(k);
	else if (refused > accepted && k->app_token == NULL)
		fault(k, "app-secret", false, secret_remedy(k),
		    "webhooks are refused, their signature is not of our app "
		    "secret; the last one %s ago",
		    duration_text(now_ms() - refused, text));
	else if (k->app_id != NULL && k->app_token == NULL && !k->ret->down)
		fault(k, "app-secret", false, secret_remedy(k),
		    "our app secret is not that of app %s", k->app_id);
	else if (code != 1)
		unknown(k, "app-secret", "no webhook has come yet");
	else if (signed_by_ours(k, b, &ours) < 0)
		unknown(k, "app-secret",
		    "the last webhook came without a signature");
	else if (!ours)
		fault(k, "app-secret", false, secret_remedy(k),
		    "the last webhook was not signed by our app secret");
	else if (refused > accepted)
		ok(k, "app-secret",
		    "it is that of app %s; what was refused %s ago was signed "
		    "by somebody else",
		    k->app_id, duration_text(now_ms() - refused, text));
	else
		ok(k, "app-secret", "it signed the last webhook, %s ago",
		    duration_text(now_ms() - accepted, text));
	free(b);
}

static void
look_clock(struct look *k)
{
	int64_t off = k->skew_ms < 0 ? -k->skew_ms : k->skew_ms;
	char text[TIME_TEXT_BYTES];

	if (!k->timed)
		return;
	if (off > SKEW_MS)
		fault(k, "clock", false, xstrdup("timedatectl set-ntp true"),
		    "the clock of this machine is %s %s the provider's",
		    duration_text(off, text),
		    k->skew_ms < 0 ? "behind" : "ahead of");
	else
		ok(k, "clock", "within %d s of the provider's", SKEW_MS / 1000);
}

/* Numbers of the same account that nobody has set up. */
static int
look_strangers(struct look *k)
{
	struct query q = query(store_desk(k->s),
	    "SELECT phone_number_id FROM instance WHERE known = 0"
	    " AND phone_number_id IS NOT NULL AND seen_ms > :since"
	    " AND (removed_ms IS NULL OR seen_ms > removed_ms)"
	    " AND (:account IS NULL OR account_id = :account)"
	    " ORDER BY name LIMIT 5");

	bind_int(&q, ":since", now_ms() - STRANGER_MS);
	bind_text(&q, ":account", k->place.account);
	while (step(&q))
		fault(k, "strangers", false,
		    xformat("wa-instance add NAME --phone-number-id %s",
			column_text(&q, 0)),
		    "webhooks come for phone_number_id %s, which is no "
		    "instance",
		    column_text(&q, 0));
	return done(&q);
}

static void
look_release(struct look *k)
{
	size_t i;

	for (i = 0; i < k->nsecrets; i++)
		wipe(k->secrets[i]);
	wipe(k->verify);
	wipe(k->app_token);
	free(k->app_id);
	free(k->secret_file);
	free(k->verify_file);
	free(k->section);
	graph_place_release(&k->place);
	http_free(k->http);
}

int
check_instance(struct store *s, const struct conf *c, const char *name,
    struct check *ret)
{
	struct http_limits limits = { .total_ms = CALL_MS };
	struct look k = { .s = s, .conf = c, .name = name, .ret = ret };
	char *url = NULL;
	int code;

	memset(ret, 0, sizeof(*ret));
	ret->rows = json_array();
	ret->facts = json_object();
	if (sodium_init() < 0)
		return err_set(ERR_BUG, "no random numbers");
	code = http_new(&limits, &k.http);
	if (code < 0)
		return code;
	k.section = xformat("instance %s", name);
	read_secrets(&k);
	if (look_settings(&k)) {
		if (look_token(&k)) {
			if (look_number(&k, &url) && look_account(&k))
				look_subscribed(&k);
			if (!ret->down)
				look_fields(&k);
		}
		if (url == NULL)
			url = xstrdup(setting_text(c, k.section, "webhook"));
		look_reachable(&k, url);
		look_secret(&k);
		look_clock(&k);
	}
	code = look_strangers(&k);
	if (ret->answered)
		json_put_int(ret->facts, "checked_ms", now_ms());
	free(url);
	look_release(&k);
	return code;
}

void
check_release(struct check *c)
{
	json_decref(c->rows);
	json_decref(c->facts);
	memset(c, 0, sizeof(*c));
}
