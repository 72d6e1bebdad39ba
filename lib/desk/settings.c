/*
 * settings - every setting there is: section, key, type, default, meaning
 *
 * A new setting is a row here and a paragraph in frontdesk.conf(5); a test
 * holds the two together.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/err.h"
#include "base/language.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "desk/hours.h"
#include "desk/settings.h"
#include "desk/sla.h"
#include "net/addr.h"

#define ID_DIGITS_MAX 32
#define CHOICES_MAX 32

/* What [ai] says for all, and a [profile NAME] otherwise. Each of them reaches
 * somebody: ai/profile.c says whom. */
#define AI_SETTINGS(section, or)                                               \
	{ section, "provider", SET_CHOICE, or ("extractive"),                  \
		"extractive openai azure anthropic",                           \
		"who words the answers" },                                     \
	    { section, "url", SET_URL, NULL, NULL,                             \
		    "base address of the provider; none: its own" },           \
	    { section, "api_version", SET_TEXT, NULL, NULL,                    \
		    "version of Azure's interface; none: its v1" },            \
	    { section, "model", SET_TEXT, NULL, NULL, "name of the model" },   \
	    { section, "key_file", SET_FILE, NULL, NULL,                       \
		    "file that holds the provider's key" },                    \
	    { section, "temperature", SET_REAL, or ("0.2"), "0..2",            \
		    "how freely the model words" },                            \
	    { section, "top_p", SET_REAL, NULL, "0..1",                        \
		    "share of the likeliest words it chooses from" },          \
	    { section, "max_tokens", SET_INT, or ("600"), "16..32768",         \
		    "longest answer of the model" },                           \
	    { section, "reasoning", SET_CHOICE, NULL,                          \
		    "none minimal low medium high xhigh",                      \
		    "how long the model thinks first" },                       \
	    { section, "stream", SET_BOOL, or ("on"), NULL,                    \
		    "take the answer as it comes" },                           \
	    { section, "format", SET_CHOICE, or ("auto"),                      \
		    "auto schema json text",                                   \
		    "how the model is held to the form of an answer" },        \
	    { section, "prompt_file", SET_FILE, NULL, NULL,                    \
		    "file with the business's words for the model" },          \
	    { section, "voice", SET_TEXT, NULL, NULL,                          \
		    "who is speaking: the brand's voice" },                    \
	    { section, "tone", SET_TEXT, NULL, NULL,                           \
		    "how it sounds: friendly, formal" },                       \
	    { section, "length", SET_CHOICE, or ("medium"),                    \
		    "short medium long", "how long an answer is" },            \
	    { section, "languages", SET_LANGUAGES, NULL, NULL,                 \
		    "languages it may answer in; none: the customer's" },      \
	    { section, "contact_name", SET_BOOL, or ("off"), NULL,             \
		    "tell the model the customer's first name" },              \
	    { section, "guardrails", SET_TEXT, NULL, NULL,                     \
		    "what it must not do, in words" },                         \
	    { section, "hand_over", SET_TEXT, NULL, NULL,                      \
		    "when it hands over, in words" },                          \
	    { section, "passages", SET_INT, or ("5"), "1..50",                 \
		    "passages of the knowledge base it is shown" },            \
	    { section, "min_score", SET_REAL, or ("0"), "0..1",                \
		    "least confidence of a passage" },                         \
	    { section, "collections", SET_TEXT, NULL, NULL,                    \
		    "collections it answers from; none: all" },                \
	    { section, "sources", SET_TEXT, NULL, NULL,                        \
		    "sources it answers from; none: all" },                    \
	    { section, "turns", SET_INT, or ("10"), "0..100",                  \
		    "earlier messages it is shown" },                          \
	    { section, "context_tokens", SET_INT, or ("6000"), "500..1000000", \
		    "most of passages and turns together" },                   \
	    { section, "rewrite", SET_CHOICE, or ("rules"), "off rules model", \
		    "who makes the question stand alone" },                    \
	    { section, "grounding", SET_CHOICE, or ("strict"), "strict facts", \
		    "what of an answer must be in its "                        \
		    "passages" },                                              \
	    { section, "retries_ungrounded", SET_INT, or ("0"), "0..1",        \
		    "more tries of an answer not in its passages" },           \
	    { section, "judge", SET_BOOL, or ("off"), NULL,                    \
		    "ask the model whether the passages say so" },             \
	    { section, "allow", SET_TEXT, NULL, NULL,                          \
		    "links, numbers and names it may always say" },            \
	    { section, "tools", SET_TEXT, NULL, NULL, "tools it may use" },    \
	    { section, "max_turns", SET_INT, or ("20"), "1..1000",             \
		    "answers before people take a conversation" },             \
	    { section, "timeout", SET_DURATION, or ("60s"), "1ms",             \
		    "give up on a call to the provider after" },               \
	    { section, "deadline", SET_DURATION, or ("90s"), "1ms",            \
		    "a person is asked after" },                               \
	    { section, "parallel", SET_INT, or ("64"), "1..10000",             \
		    "calls to the provider at a time" },                       \
	    { section, "rate", SET_INT, or ("0"), "0..1000000",                \
		    "calls to the provider a minute; 0: any" },                \
	    { section, "price_in", SET_REAL, NULL, "0..100000",                \
		    "price of a million tokens shown to the model" },          \
	    { section, "price_out", SET_REAL, NULL, "0..100000",               \
		    "price of a million tokens of its answers" },              \
	    { section, "tokens_per_conversation", SET_INT, NULL, NULL,         \
		    "most tokens in a conversation" },                         \
	    { section, "tokens_per_day", SET_INT, NULL, NULL,                  \
		    "most tokens in a day" },                                  \
	    { section, "tokens_per_month", SET_INT, NULL, NULL,                \
		    "most tokens in a month" },                                \
	    { section, "cost_per_conversation", SET_REAL, NULL, "0..1000000",  \
		    "most money in a conversation" },                          \
	    { section, "cost_per_day", SET_REAL, NULL, "0..1000000",           \
		    "most money in a day" },                                   \
	    { section, "cost_per_month", SET_REAL, NULL, "0..1000000",         \
		    "most money in a month" },                                 \
	    { section, "eval_tokens_per_day", SET_INT, NULL, NULL,             \
		    "most tokens of evaluations in a day" },                   \
	    { section, "eval_cost_per_day", SET_REAL, NULL, "0..1000000",      \
		    "most money of evaluations in a day" },                    \
	{                                                                      \
		section, "fallback", SET_TEXT, NULL, NULL,                     \
		    "profiles that answer where this one cannot"               \
	}

#define SAME(value) value
#define NONE(value) NULL

const struct setting settings[] = {
	{ "desk", "name", SET_TEXT, NULL, NULL,
	    "name of the business, as customers know it" },
	{ "desk", "language", SET_LANGUAGES, "en", NULL,
	    "language of replies where the customer's is not known" },
	{ "desk", "languages", SET_LANGUAGES, NULL, NULL,
	    "languages that customers write in; none: any" },
	{ "desk", "zone", SET_ZONE, "UTC", NULL,
	    "time zone of reports, and of hours that name none" },
	{ "desk", "writing", SET_DURATION, "30s", "1ms",
	    "a person who writes a reply is seen for so long at a time" },

	{ "inbox", "keep", SET_DURATION, "14d", "1s",
	    "keep raw webhook bodies for" },

	{ "listen", "address", SET_ADDRESS, "127.0.0.1:8025", NULL,
	    "where wa-recv listens: HOST:PORT" },
	{ "listen", "secrets_file", SET_FILE, NULL, NULL,
	    "app secrets, one a line" },
	{ "listen", "verify_token_file", SET_FILE, NULL, NULL,
	    "token of the provider's handshake" },
	{ "listen", "header_timeout", SET_DURATION, "10s", "1ms",
	    "a request's headers must be in after" },
	{ "listen", "body_timeout", SET_DURATION, "15s", "1ms",
	    "a request's body must be in after" },
	{ "listen", "connections", SET_INT, "1024", "1..65536",
	    "connections at a time" },
	{ "listen", "per_source", SET_INT, "64", "1..65536",
	    "connections at a time from one address" },

	{ "instance *", "kind", SET_CHOICE, "cloud", "cloud link",
	    "the Cloud API, or a linked device" },
	{ "instance *", "phone_number_id", SET_ID, NULL, NULL,
	    "the provider's id of the number" },
	{ "instance *", "account_id", SET_TEXT, NULL, NULL,
	    "WhatsApp Business Account" },
	{ "instance *", "phone", SET_TEXT, NULL, NULL,
	    "the number as displayed" },
	{ "instance *", "url", SET_URL, "https://graph.facebook.com", "https",
	    "the provider's address" },
	{ "instance *", "api_version", SET_TEXT, "v23.0", NULL,
	    "version of the Cloud API" },
	{ "instance *", "app_id", SET_TEXT, NULL, NULL,
	    "the app that holds the token and gets the webhooks" },
	{ "instance *", "webhook", SET_URL, NULL, "https",
	    "the public address of its webhooks" },
	{ "instance *", "token_file", SET_FILE, NULL, NULL,
	    "file that holds the access token" },
	{ "instance *", "ai", SET_BOOL, "on", NULL, "the AI may answer" },
	{ "instance *", "after_resolve", SET_CHOICE, "reopen", "reopen new",
	    "the customer's next message reopens it, or begins a new one" },
	{ "instance *", "ignore", SET_WORDS, "status channels",
	    "groups status channels none",
	    "what is written there is left out" },
	{ "instance *", "hours", SET_NAME, NULL, "hours",
	    "its hours: the NAME of [hours NAME]" },
	{ "instance *", "language", SET_LANGUAGES, NULL, NULL,
	    "language of replies where the customer's is not known" },
	{ "instance *", "quiet", SET_DURATION, "2500ms", NULL,
	    "wait for more lines of a burst before answering" },
	{ "instance *", "quiet_max", SET_DURATION, "12s", NULL,
	    "but not longer than" },
	{ "instance *", "profile", SET_NAME, NULL, "profile",
	    "its AI set-up: the NAME of [profile NAME]" },
	{ "instance *", "profile_closed", SET_NAME, NULL, "profile",
	    "its AI set-up outside of its hours" },
	{ "instance *", "ai_when", SET_CHOICE, "always", "always open closed",
	    "the AI answers always, within its hours, or outside of them" },
	{ "instance *", "ai_trigger", SET_TEXT, NULL, NULL,
	    "the AI answers who says one of these words; none: everybody" },
	{ "instance *", "ai_exclude", SET_FILE, NULL, NULL,
	    "contacts the AI does not answer, one a line" },
	{ "instance *", "ai_resume", SET_DURATION, NULL, "1s",
	    "the AI takes up what people have left for so long; none: never" },
	{ "instance *", "welcome", SET_NAME, NULL, "reply",
	    "said to who writes for the first time: NAME of [reply NAME]" },
	{ "instance *", "welcome_before_ai", SET_BOOL, "off", NULL,
	    "said before the AI's first answer, too" },
	{ "instance *", "auto_reply", SET_NAME, NULL, "reply",
	    "said when a conversation begins: NAME of [reply NAME]" },
	{ "instance *", "sla", SET_NAME, "none", "sla",
	    "what its customers are promised" },
	{ "instance *", "survey", SET_BOOL, "off", NULL,
	    "after a resolve the customer is asked how it was" },
	{ "instance *", "survey_template", SET_TEXT, NULL, NULL,
	    "template that asks where the window is shut; none: nobody is asked" },
	{ "instance *", "read_receipts", SET_CHOICE, "ai",
	    "never view reply ai",
	    "the customer sees that it was read: when an agent looks, at the "
	    "reply, when the AI begins" },
	{ "instance *", "typing", SET_BOOL, "on", NULL,
	    "the customer sees that the AI writes an answer" },
	{ "instance *", "typing_people", SET_BOOL, "off", NULL,
	    "and that a person does" },
	{ "instance *", "rate", SET_INT, "80", "1..1000",
	    "messages a second, at most" },

	{ "hours *", "zone", SET_ZONE, NULL, NULL,
	    "time zone; none: that of [desk]" },
	{ "hours *", "holidays", SET_FILE, NULL, NULL,
	    "file of dates that are closed or have other hours" },
	{ "hours *", "mon", SET_HOURS, NULL, NULL,
	    "open at: 09:00-12:30 13:30-18:00, or closed" },

	AI_SETTINGS("ai", SAME),
	{ "ai", "max_age", SET_DURATION, "1h", NULL,
	    "older messages are left to people" },
	{ "profile *", "enabled", SET_BOOL, "on", NULL, "it may be used" },
	{ "profile *", "description", SET_TEXT, NULL, NULL,
	    "what it is for, for people" },
	AI_SETTINGS("profile *", NONE),

	{ "kb", "document_size", SET_INT, "64", "1..1024",
	    "largest document, in MiB" },
	{ "kb", "text_size", SET_INT, "64", "1..1024",
	    "most text of one document, in MiB" },
	{ "kb", "queued", SET_DURATION, "1h", "1ms",
	    "a document that waits to be read is stalled after" },
	{ "kb", "indexing", SET_DURATION, "10m", "1ms",
	    "a document that is put into the index is stalled after" },
	{ "kb", "embedding", SET_DURATION, "1d", "1ms",
	    "a document that waits for vectors is stalled after" },
	{ "kb", "memory", SET_INT, "256", "64..65536",
	    "memory for reading one document, in MiB" },
	{ "kb", "cpu", SET_DURATION, "10s", "1ms",
	    "processor time for reading one document" },
	{ "kb", "timeout", SET_DURATION, "30s", "1ms",
	    "give up on reading one document after" },
	{ "kb", "extractor", SET_CHOICE, "auto", "auto child socket",
	    "who reads documents: a child, or the service at its socket" },

	{ "crawl *", "url", SET_URL, NULL, NULL, "page to start at" },
	{ "crawl *", "collection", SET_TEXT, "default", NULL,
	    "the group of documents its pages belong to" },
	{ "crawl *", "every", SET_DURATION, "1d", "1s", "crawl again after" },
	{ "crawl *", "prefix", SET_TEXT, NULL, NULL,
	    "paths begin with this; none: the folder of url" },
	{ "crawl *", "types", SET_TEXT,
	    "html,text,markdown,pdf,docx,pptx,xlsx,odt,odp,ods,epub,rtf", NULL,
	    "kinds of documents to take" },
	{ "crawl *", "depth", SET_INT, "16", "0..1000",
	    "follow so many links from the start" },
	{ "crawl *", "pages", SET_INT, "10000", "1..1000000",
	    "pages asked for in one run" },
	{ "crawl *", "size", SET_INT, "2048", "1..1048576",
	    "most that is fetched in one run, in MiB" },
	{ "crawl *", "page_size", SET_INT, "16", "1..48",
	    "largest page or document, in MiB" },
	{ "crawl *", "variants", SET_INT, "200", "1..100000",
	    "pages that differ in what stands behind ? only" },
	{ "crawl *", "delay", SET_DURATION, "500ms", NULL,
	    "wait between two requests" },
	{ "crawl *", "retry", SET_DURATION, "2s", NULL,
	    "first wait after a failure; then twice as long" },
	{ "crawl *", "pause", SET_DURATION, "5m", NULL,
	    "longest wait a site may ask for" },
	{ "crawl *", "timeout", SET_DURATION, "30s", "1ms",
	    "give up on a request after" },
	{ "crawl *", "private", SET_BOOL, "off", NULL,
	    "addresses that are not public, too" },
	{ "crawl *", "contact", SET_TEXT, NULL, NULL,
	    "page or mail that sites are told to turn to" },

	{ "sync *", "remote", SET_TEXT, NULL, NULL,
	    "folder to keep in step: REMOTE:PATH of rclone" },
	{ "sync *", "collection", SET_TEXT, "default", NULL,
	    "the group of documents its files belong to" },
	{ "sync *", "every", SET_DURATION, "1h", "1s", "look again after" },
	{ "sync *", "config", SET_PATH, NULL, NULL,
	    "rclone's settings; none: its own place" },
	{ "sync *", "shared_drive", SET_TEXT, NULL, NULL,
	    "id of a shared drive of Google Drive" },
	{ "sync *", "shared_with_me", SET_BOOL, "off", NULL,
	    "what others shared on Google Drive" },
	{ "sync *", "export", SET_TEXT, "docx,xlsx,pptx", NULL,
	    "formats that Google's own documents are taken in" },
	{ "sync *", "bandwidth", SET_TEXT, NULL, NULL,
	    "rclone's --bwlimit: 2M" },
	{ "sync *", "files", SET_INT, "100000", "1..10000000",
	    "files of the folder at most" },
	{ "sync *", "size", SET_INT, "4096", "1..1048576",
	    "most that is fetched in one run, in MiB" },
	{ "sync *", "file_size", SET_INT, "64", "1..1024",
	    "largest file, in MiB" },
	{ "sync *", "timeout", SET_DURATION, "1h", "1ms",
	    "give up on one command of rclone after" },

	{ "transcribe", "url", SET_URL, NULL, NULL,
	    "base address of the transcription endpoint; none: OpenAI's" },
	{ "transcribe", "model", SET_TEXT, NULL, NULL,
	    "name of the transcription model; this or url: voice is heard" },
	{ "transcribe", "key_file", SET_FILE, NULL, NULL,
	    "file that holds the endpoint's key" },
	{ "transcribe", "language", SET_TEXT, NULL, NULL,
	    "tell the endpoint that this is spoken; none: it finds out" },
	{ "transcribe", "prompt", SET_TEXT, NULL, NULL,
	    "names and words the endpoint should know" },
	{ "transcribe", "size", SET_INT, "25", "1..1024",
	    "largest voice note or audio, in MiB" },
	{ "transcribe", "timeout", SET_DURATION, "30s", "1ms",
	    "give up on a call after" },
	{ "transcribe", "deadline", SET_DURATION, "60s", "1ms",
	    "an answer waits for what was said this long" },
	{ "transcribe", "retries", SET_INT, "5", "0..100",
	    "more tries of a call that fails in passing" },
	{ "transcribe", "retry", SET_DURATION, "1s", NULL,
	    "first wait after a passing failure; then twice as long" },
	{ "transcribe", "parallel", SET_INT, "8", "1..1000",
	    "calls at a time" },
	{ "transcribe", "price_minute", SET_REAL, NULL, "0..1000",
	    "price of a minute that is listened to" },
	{ "transcribe", "cost_per_day", SET_REAL, NULL, "0..1000000",
	    "most money in a day" },
	{ "transcribe", "cost_per_month", SET_REAL, NULL, "0..1000000",
	    "most money in a month" },
	{ "tool *", "enabled", SET_BOOL, "on", NULL, "it may be used" },
	{ "tool *", "description", SET_TEXT, NULL, NULL,
	    "what it does and when to use it, for the model" },
	{ "tool *", "schema", SET_TEXT, NULL, NULL,
	    "JSON Schema of its arguments; none: it has none" },
	{ "tool *", "schema_file", SET_FILE, NULL, NULL,
	    "file that holds the schema" },
	{ "tool *", "url", SET_URL, NULL, NULL,
	    "address to call, with {NAME} for arguments" },
	{ "tool *", "method", SET_CHOICE, "GET", "GET POST",
	    "how url is called" },
	{ "tool *", "headers_file", SET_FILE, NULL, NULL,
	    "file of headers for url, one a line" },
	{ "tool *", "command", SET_TEXT, NULL, NULL,
	    "program to run instead, and its arguments" },
	{ "tool *", "files", SET_TEXT, NULL, NULL,
	    "files and folders the command may read besides" },
	{ "tool *", "timeout", SET_DURATION, "10s", "1ms",
	    "give up on a call after" },
	{ "tool *", "max_bytes", SET_INT, "4096", "64..65536",
	    "most of a result that the model is shown" },
	{ "tool *", "private", SET_BOOL, "off", NULL,
	    "addresses that are not public, too" },
	{ "tool *", "identity", SET_WORDS, NULL,
	    "contact conversation name phone",
	    "what it is told of the customer, by the desk" },
	{ "tool *", "confirm", SET_BOOL, "off", NULL,
	    "the customer is asked before it runs" },
	{ "tool *", "question", SET_TEXT, NULL, NULL,
	    "what the customer is asked, with {NAME} for arguments" },
	{ "tool *", "repeatable", SET_BOOL, "off", NULL,
	    "once more does no harm where it is not known how it went" },
	{ "tool *", "links", SET_BOOL, "off", NULL,
	    "links and telephone numbers of its results may be said" },

	{ "sla *", "first_response", SET_DURATION, NULL, "1s",
	    "from the customer's first message to the first answer" },
	{ "sla *", "first_response_urgent", SET_DURATION, NULL, "1s",
	    "the same where the priority is urgent" },
	{ "sla *", "first_response_high", SET_DURATION, NULL, "1s",
	    "the same where the priority is high" },
	{ "sla *", "first_response_medium", SET_DURATION, NULL, "1s",
	    "the same where the priority is medium" },
	{ "sla *", "first_response_low", SET_DURATION, NULL, "1s",
	    "the same where the priority is low" },
	{ "sla *", "next_response", SET_DURATION, NULL, "1s",
	    "from the oldest unanswered message to the next answer" },
	{ "sla *", "next_response_urgent", SET_DURATION, NULL, "1s",
	    "the same where the priority is urgent" },
	{ "sla *", "next_response_high", SET_DURATION, NULL, "1s",
	    "the same where the priority is high" },
	{ "sla *", "next_response_medium", SET_DURATION, NULL, "1s",
	    "the same where the priority is medium" },
	{ "sla *", "next_response_low", SET_DURATION, NULL, "1s",
	    "the same where the priority is low" },
	{ "sla *", "resolution", SET_DURATION, NULL, "1s",
	    "from the opening to the resolving" },
	{ "sla *", "resolution_urgent", SET_DURATION, NULL, "1s",
	    "the same where the priority is urgent" },
	{ "sla *", "resolution_high", SET_DURATION, NULL, "1s",
	    "the same where the priority is high" },
	{ "sla *", "resolution_medium", SET_DURATION, NULL, "1s",
	    "the same where the priority is medium" },
	{ "sla *", "resolution_low", SET_DURATION, NULL, "1s",
	    "the same where the priority is low" },
	{ "sla *", "hours", SET_NAME, "none", "hours",
	    "all of them count over these; none: over all hours" },
	{ "sla *", "answers", SET_CHOICE, "people", "people all",
	    "whose answers count; all: the AI's, too" },
	{ "sla *", "pause", SET_WORDS, "snoozed answered", "snoozed answered",
	    "a resolution rests meanwhile" },

	{ "webhook *", "url", SET_URL, NULL, NULL, "address to call" },
	{ "webhook *", "secret_file", SET_FILE, NULL, NULL,
	    "file of the secrets its calls are signed with, one a line" },
	{ "webhook *", "private", SET_BOOL, "off", NULL,
	    "addresses that are not public, too" },
	{ "webhook *", "timeout", SET_DURATION, "20s", "1ms",
	    "give up on a call after" },
	{ "webhook *", "tries", SET_INT, "20", "1..1000",
	    "calls at most, until one is taken" },
	{ "webhook *", "retry", SET_DURATION, "5s", NULL,
	    "first wait after a call that failed; then four times as long" },
	{ "webhook *", "retry_most", SET_DURATION, "6h", NULL,
	    "the longest of these" },
	{ "webhook *", "give_up", SET_DURATION, "3d", "1ms",
	    "no more calls after" },

	{ "command *", "command", SET_TEXT, NULL, NULL,
	    "program to run, and its arguments" },
	{ "command *", "files", SET_TEXT, NULL, NULL,
	    "files and folders it may read besides" },
	{ "command *", "private", SET_BOOL, "off", NULL,
	    "run it outside of the box" },
	{ "command *", "timeout", SET_DURATION, "30s", "1ms", "end it after" },
	{ "command *", "max_bytes", SET_INT, "65536", "1..1073741824",
	    "end it when it has written more" },
	{ "command *", "tries", SET_INT, "5", "1..1000",
	    "runs at most, where it wants to be run later" },
	{ "command *", "retry", SET_DURATION, "10s", NULL,
	    "first wait before that; then four times as long" },

	{ "notify", "sendmail", SET_TEXT, "/usr/sbin/sendmail", NULL,
	    "program that mail is handed to, as sendmail takes it" },
	{ "notify", "from", SET_TEXT, NULL, NULL,
	    "address of the desk in mail; none: frontdesk at this machine" },
	{ "notify", "quiet", SET_DURATION, "5m", NULL,
	    "one notice of the same conversation each" },
	{ "notify", "alerts", SET_NAME, NULL, "channel",
	    "who is told of alerts: the NAME of [channel NAME]" },
	{ "notify", "timeout", SET_DURATION, "30s", "1ms",
	    "give up on sendmail or a command after" },
	{ "notify", "tries", SET_INT, "6", "1..1000",
	    "tries of a notice, until one succeeds" },
	{ "notify", "retry", SET_DURATION, "30s", NULL,
	    "first wait after one that failed; then four times as long" },
	{ "channel *", "mail", SET_TEXT, NULL, NULL,
	    "addresses that are told, with commas between" },
	{ "channel *", "exec", SET_TEXT, NULL, NULL,
	    "program that tells them instead, and its arguments" },
	{ "channel *", "text", SET_BOOL, "off", NULL,
	    "what the customer wrote is told, too" },

	{ "embed", "url", SET_URL, NULL, NULL,
	    "base address of the embeddings endpoint; none: OpenAI's" },
	{ "embed", "model", SET_TEXT, NULL, NULL,
	    "name of the embedding model" },
	{ "embed", "key_file", SET_FILE, NULL, NULL,
	    "file that holds the endpoint's key" },
	{ "embed", "dimensions", SET_INT, "0", "0..8192",
	    "numbers in a vector, for models that shorten; 0: the model's" },
	{ "embed", "passage_prefix", SET_TEXT, NULL, NULL,
	    "what the model wants before a passage" },
	{ "embed", "query_prefix", SET_TEXT, NULL, NULL,
	    "what the model wants before a question" },
	{ "embed", "batch", SET_INT, "64", "1..2048",
	    "texts in a call, at most" },
	{ "embed", "parallel", SET_INT, "4", "1..64", "calls at a time" },
	{ "embed", "timeout", SET_DURATION, "60s", "1ms",
	    "give up on a call after" },
	{ "embed", "retries", SET_INT, "5", "0..100",
	    "more tries of a call that fails in passing" },
	{ "embed", "retry", SET_DURATION, "1s", NULL,
	    "first wait after a passing failure; then twice as long" },
	{ "embed", "retry_most", SET_DURATION, "1m", NULL,
	    "the longest of these, and of what the endpoint asks for" },

	{ "rules", "file", SET_FILE, NULL, NULL,
	    "the rules; none: /etc/frontdesk/rules, else those built in" },

	{ "label", "profile", SET_TEXT, NULL, NULL,
	    "set-up of the model that labels; none: nothing is labelled" },
	{ "label", "deadline", SET_DURATION, "30s", "1ms",
	    "a message is labelled within this, or not at all" },
	{ "label", "retries", SET_INT, "3", "0..100",
	    "more tries of a call that fails in passing" },
	{ "label", "retry", SET_DURATION, "1s", NULL,
	    "first wait after a passing failure; then twice as long" },
	{ "label", "wait", SET_DURATION, "3s", NULL,
	    "route waits so long for a label that rules ask for; 0: not" },
	{ "intents", "folder", SET_PATH, NULL, NULL,
	    "examples of intents; none: intents.d beside the settings" },

	{ "reply *", "*", SET_TEXT, NULL, NULL,
	    "words of a reply in a language; empty: send none" },
	{ "reply *", "buttons_*", SET_TEXT, NULL, NULL,
	    "what the customer may press below it, with | between" },

	{ "wa", "window", SET_DURATION, "24h", "1s",
	    "write freely after the customer's last message for" },
	{ "wa", "hold", SET_DURATION, "10m", NULL,
	    "tell people of a message whose fate is unknown after" },
	{ "wa", "max_age", SET_DURATION, "24h", NULL,
	    "older queued messages are not sent" },
	{ "wa", "timeout", SET_DURATION, "30s", "1ms",
	    "give up on a call to the provider after" },
	{ "wa", "unknown", SET_CHOICE, "hold", "hold resend",
	    "what becomes of a message whose fate is unknown" },
	{ "wa", "resend", SET_DURATION, "30s", NULL,
	    "with unknown = resend: wait for a status first for" },
	{ "wa", "unknown_most", SET_INT, "5", "1..1000",
	    "outcomes in a row that are unknown stop an instance" },
	{ "wa", "pair_every", SET_DURATION, "6s", NULL,
	    "one message to a recipient each" },
	{ "wa", "pair_burst", SET_INT, "45", "1..1000",
	    "messages to a recipient at once, at most" },
	{ "wa", "pair_wait", SET_DURATION, "4s", NULL,
	    "first wait after too many to one recipient; then 4 times as long" },
	{ "wa", "retry", SET_DURATION, "1s", NULL,
	    "first wait after a passing failure; then longer" },
	{ "wa", "retry_most", SET_DURATION, "5m", NULL,
	    "the longest of these" },
	{ "wa", "tries", SET_INT, "5", "1..100",
	    "tries of a message that fails in passing" },
	{ "wa", "jitter", SET_INT, "20", "0..100",
	    "percent by which waits differ" },
	{ "wa", "give_up", SET_DURATION, "1h", NULL,
	    "a message that is refused again and again fails after" },
	{ "wa", "probe", SET_DURATION, "5m", NULL,
	    "one message of a stopped instance tries again each" },
	{ "wa", "typing_every", SET_DURATION, "20s", NULL,
	    "show again that an answer is written each" },
	{ "wa", "typing_most", SET_DURATION, "3m", NULL,
	    "but not longer than" },
	{ "wa", "link_preview", SET_BOOL, "off", NULL,
	    "texts show a preview of the first link in them" },
	{ "wa", "media_size", SET_INT, "100", "1..2048",
	    "largest medium that is fetched, in MiB" },
	{ "wa", "media_timeout", SET_DURATION, "5m", NULL,
	    "give up on fetching or uploading one medium after" },
	{ "wa", "media_give_up", SET_DURATION, "6h", NULL,
	    "no more attempts at one medium after" },
	{ "wa", "media_backoff", SET_DURATION, "1s", NULL,
	    "wait before the second attempt; then four times as long" },

	{ "backup", "directory", SET_PATH, NULL, NULL, "folder of backups" },
	{ "backup", "keep", SET_INT, "0", NULL,
	    "remove all but so many of the newest; 0: none" },
};
const size_t settings_count = sizeof(settings) / sizeof(settings[0]);

/* "hours sales" is of "hours *". */
static bool
section_is(const char *pattern, const char *section)
{
	size_t len;

	if (*pattern != *section)
		return false;
	len = strlen(pattern);
	if (!str_ends(pattern, " *"))
		return strcmp(pattern, section) == 0;
	return strncmp(section, pattern, len - 1) == 0 &&
	    section[len - 1] != '\0';
}

static bool
key_is(const struct setting *s, const char *key)
{
	size_t prefix;

	if (s->kind == SET_HOURS)
		return hours_days(key) != 0;
	if (str_ends(s->key, "*")) {
		prefix = strlen(s->key) - 1;
		return strncmp(key, s->key, prefix) == 0 &&
		    language_tag_valid(key + prefix, strlen(key) - prefix);
	}
	return strcmp(s->key, key) == 0;
}

/* Some hundred settings are looked up for an answer. Their numbers by the letter
 * that the key begins with, and of those that have more than one key; -1 ends
 * a row. */
static int16_t row_of[UCHAR_MAX + 1], any_key = -1;
static int16_t after[sizeof(settings) / sizeof(settings[0])];
static pthread_once_t rows_made = PTHREAD_ONCE_INIT;

static void
make_rows(void)
{
	const struct setting *s;
	int16_t *row;
	size_t i;

	for (i = 0; i <= UCHAR_MAX; i++)
		row_of[i] = -1;
	for (i = settings_count; i-- > 0;) {
		s = &settings[i];
		row = *s->key == '*' || s->kind == SET_HOURS ?
		    &any_key :
		    &row_of[(unsigned char)*s->key];
		after[i] = *row;
		*row = (int16_t)i;
	}
}

static const struct setting *
find_in(int16_t row, const char *section, const char *key)
{
	for (; row >= 0; row = after[row])
		if (section_is(settings[row].section, section) &&
		    key_is(&settings[row], key))
			return &settings[row];
	return NULL;
}

const struct setting *
setting_find(const char *section, const char *key)
{
	const struct setting *found;

	pthread_once(&rows_made, make_rows);
	found = find_in(row_of[(unsigned char)*key], section, key);
	return found != NULL ? found : find_in(any_key, section, key);
}

/* The names of the keys of a section, or of all sections. NULL-ended. */
static void
names_of(const char *section, const char **names, size_t max)
{
	size_t i, n = 0;
	const char *name;

	for (i = 0; i < settings_count && n + 1 < max; i++) {
		if (section != NULL &&
		    !section_is(settings[i].section, section))
			continue;
		name = section != NULL ? settings[i].key : settings[i].section;
		if (n == 0 || strcmp(names[n - 1], name) != 0)
			names[n++] = name;
	}
	names[n] = NULL;
}

static int
unknown(const char *section, const char *key)
{
	const char *names[256], *near, *space = strchr(section, ' ');
	char *kind;
	size_t i;

	names_of(section, names, 256);
	if (names[0] != NULL) {
		if (strcmp(names[0], "*") == 0)
			return err_set(ERR_CONFIG,
			    "'%s' is no language (en, es, pt-BR)", key);
		near = str_nearest(key, names);
		return err_set(ERR_CONFIG, "no such setting%s%s%s",
		    near != NULL ? ", did you mean " : "",
		    near != NULL ? near : "", near != NULL ? "?" : "");
	}
	kind = xformat("%s *", section);
	for (i = 0; i < settings_count; i++)
		if (strcmp(settings[i].section, kind) == 0)
			break;
	free(kind);
	if (i < settings_count)
		return err_set(ERR_CONFIG,
		    "the section wants a name: [%s NAME]", section);
	/* Compare [instnce x] to "instance *" with its own name. */
	names_of(NULL, names, 256);
	kind = space != NULL ?
	    xformat("%.*s *", (int)(space - section), section) :
	    xstrdup(section);
	near = str_nearest(kind, names);
	free(kind);
	if (near == NULL)
		return err_set(ERR_CONFIG, "no such section");
	if (str_ends(near, " *"))
		return err_set(ERR_CONFIG,
		    "no such section, did you mean [%.*sNAME]?",
		    (int)strlen(near) - 1, near);
	return err_set(ERR_CONFIG, "no such section, did you mean [%s]?", near);
}

static int
check_choice(const struct setting *s, const char *value)
{
	const char *words[CHOICES_MAX], *near = NULL;
	char *copy = xstrdup(s->choices), *save = NULL, *word;
	size_t n = 0;
	int code = 0;

	for (word = strtok_r(copy, " ", &save);
	     word != NULL && n + 1 < CHOICES_MAX;
	     word = strtok_r(NULL, " ", &save))
		words[n++] = word;
	words[n] = NULL;
	if (!str_in(value, words)) {
		near = str_nearest(value, words);
		if (near != NULL)
			code = err_set(ERR_CONFIG,
			    "'%s' is none of: %s; did you mean %s?", value,
			    s->choices, near);
		else
			code = err_set(ERR_CONFIG, "'%s' is none of: %s", value,
			    s->choices);
	}
	free(copy);
	return code;
}

/* Each word of value is one of the choices. */
static int
check_words(const struct setting *s, const char *value)
{
	char *copy = xstrdup(value), *save = NULL, *word;
	int code = 0;

	for (word = strtok_r(copy, " \n", &save); word != NULL && code == 0;
	     word = strtok_r(NULL, " \n", &save))
		code = check_choice(s, word);
	free(copy);
	return code;
}

static int
check_real(const struct setting *s, const char *value)
{
	const char *dots = strstr(s->choices, "..");
	double number;
	char *end, *low;
	bool inside;

	errno = 0;
	number = strtod(value, &end);
	if (*value == '\0' || *end != '\0' || errno != 0 || !isfinite(number))
		return err_set(ERR_CONFIG, "'%s' is no number", value);
	/* Cut out: strtod would take "0." of "0..2". */
	low = xstrndup(s->choices, (size_t)(dots - s->choices));
	inside =
	    number >= strtod(low, NULL) && number <= strtod(dots + 2, NULL);
	free(low);
	if (!inside)
		return err_set(ERR_CONFIG, "%s is not in %s", value,
		    s->choices);
	return 0;
}

static int
check_url(const struct setting *s, const char *value)
{
	const char *host = str_starts(value, "https://") ? value + 8 :
	    str_starts(value, "http://")		 ? value + 7 :
							   NULL;

	if (host == NULL || *host == '\0' || *host == '/' ||
	    strpbrk(value, " \t\n\"<>") != NULL)
		return err_set(ERR_CONFIG,
		    "wants an address that begins with https:// or http://");
	if (strchr(host, '@') != NULL &&
	    strchr(host, '@') < host + strcspn(host, "/"))
		return err_set(ERR_CONFIG,
		    "an address with a password in it: use a key_file");
	/* On loopback wa-sim may stand in. */
	if (s->choices != NULL && !addr_url_is_private(value))
		return err_set(ERR_CONFIG,
		    "wants https://; plain http goes to this machine only "
		    "(127.0.0.1, [::1], localhost)");
	return 0;
}

static int
check_address(const char *value)
{
	const char *colon = strrchr(value, ':');
	size_t host = colon != NULL ? (size_t)(colon - value) : 0;
	int64_t port;

	/* An IPv6 address has colons of its own, and stands in brackets. */
	if (host == 0 || strpbrk(value, " \t\n/") != NULL ||
	    (value[0] == '[' ? host < 3 || value[host - 1] != ']' :
			       strcspn(value, ":") != host) ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    str_int(colon + 1, 0, 65535, &port) < 0)
		return err_set(ERR_CONFIG,
		    "'%s' is not HOST:PORT, as in 127.0.0.1:8025", value);
	return 0;
}

static int
check_duration(const struct setting *s, const char *value)
{
	int64_t ms, least = 0;
	int code = duration_parse(value, &ms);

	if (code == 0 && s->choices != NULL)
		code = duration_parse(s->choices, &least);
	if (code == 0 && ms < least)
		return err_set(ERR_CONFIG, "%s is less than %s", value,
		    s->choices);
	return code < 0 ? err_set(ERR_CONFIG, "%s", err_reason()) : 0;
}

/* Whether the len bytes at tag stand in the text between all and end. */
static bool
is_named(const char *all, const char *end, const char *tag, size_t len)
{
	size_t n;

	for (; all < end; all += n, all += strspn(all, " \n")) {
		n = strcspn(all, " \n");
		if (n == len && strncasecmp(all, tag, len) == 0)
			return true;
	}
	return false;
}

static int
check_languages(const char *value)
{
	const char *all, *meant;
	size_t len;

	value += strspn(value, " \n");
	if (*value == '\0')
		return err_set(ERR_CONFIG, "wants languages: en es pt-BR");
	all = value;
	for (; *value != '\0'; value += len, value += strspn(value, " \n")) {
		len = strcspn(value, " \n");
		meant = language_meant(value, len);
		if (meant != NULL)
			return err_set(ERR_CONFIG,
			    "'%.*s' is no language, did you mean %s?", (int)len,
			    value, meant);
		if (!language_tag_valid(value, len) ||
		    !language_known(value, len))
			return err_set(ERR_CONFIG,
			    "'%.*s' is no language (en, es, pt-BR)", (int)len,
			    value);
		if (is_named(all, value, value, len))
			return err_set(ERR_CONFIG, "'%.*s' is named twice",
			    (int)len, value);
	}
	return 0;
}

/* path as seen from file's folder; %d/ is the folder of credentials. */
static char *
resolve(const char *path, const char *file)
{
	const char *dir, *slash;

	if (str_starts(path, "%d/")) {
		dir = getenv("CREDENTIALS_DIRECTORY");
		return xformat("%s%s", dir != NULL ? dir : "/run/credentials",
		    path + 2);
	}
	slash = file != NULL ? strrchr(file, '/') : NULL;
	if (*path == '/' || slash == NULL)
		return xstrdup(path);
	return xformat("%.*s/%s", (int)(slash - file), file, path);
}

static int
check_file(const char *value, const char *file)
{
	char *path;
	int code = 0;

	if (*value == '\0')
		return err_set(ERR_CONFIG, "wants a file");
	if (str_starts(value, "%d/")) /* there only when the service runs */
		return 0;
	path = resolve(value, file);
	if (access(path, F_OK) < 0 && errno != EACCES)
		code = err_errno(ERR_CONFIG, "%s", path);
	free(path);
	return code;
}

static int
check_value(const struct setting *s, const char *value, const char *file)
{
	static const char *const bools[] = { "on", "off", "yes", "no", "true",
		"false", "1", "0", NULL };
	int64_t number, low = 0, high = INT64_C(1) << 53;
	struct zone *z;
	int code = 0;

	switch (s->kind) {
	case SET_TEXT:
	case SET_PATH:
		return 0;
	case SET_BOOL:
		if (!str_in(value, bools))
			return err_set(ERR_CONFIG, "wants on or off");
		return 0;
	case SET_INT:
		if (s->choices != NULL &&
		    sscanf(s->choices, "%ld..%ld", &low, &high) != 2)
			return err_set(ERR_BUG, "%s: no range", s->key);
		code = str_int(value, low, high, &number);
		break;
	case SET_REAL:
		return check_real(s, value);
	case SET_DURATION:
		return check_duration(s, value);
	case SET_ADDRESS:
		return check_address(value);
	case SET_ID:
		if (*value == '\0' || strlen(value) > ID_DIGITS_MAX ||
		    strspn(value, "0123456789") != strlen(value))
			return err_set(ERR_CONFIG,
			    "wants an id, which is of digits");
		return 0;
	case SET_FILE:
		return check_file(value, file);
	case SET_URL:
		return check_url(s, value);
	case SET_HOURS:
		code = hours_parse_day(value);
		break;
	case SET_ZONE:
		code = zone_open(value, &z);
		if (code == 0)
			zone_close(z);
		break;
	case SET_CHOICE:
		return check_choice(s, value);
	case SET_WORDS:
		return check_words(s, value);
	case SET_NAME:
		if (!conf_is_name(value))
			return err_set(ERR_CONFIG, "'%s' is no name", value);
		return 0;
	case SET_LANGUAGES:
		return check_languages(value);
	}
	return code < 0 ? err_set(ERR_CONFIG, "%s", err_reason()) : 0;
}

int
setting_check(const char *section, const char *key, const char *value,
    const char *file)
{
	const struct setting *s = setting_find(section, key);

	if (s == NULL)
		return unknown(section, key);
	/* Nothing could read the file any more. */
	if (!utf8_valid(value, strlen(value)))
		return err_set(ERR_CONFIG, "not a text in UTF-8");
	if (str_ends(s->section, " *") &&
	    !conf_is_name(section + strlen(s->section) - 1))
		return err_set(ERR_CONFIG,
		    "[%s]: a name is of letters, digits, dot, dash and "
		    "underscore, at most %d",
		    section, CONF_NAME_MAX_BYTES);
	if (str_starts(section, "sla ") &&
	    sla_name_check(section + strlen("sla ")) < 0)
		return ERR_CONFIG;
	return check_value(s, value, file);
}

struct sayer {
	void (*say)(void *ctx, const char *text);
	void *ctx;
	int code;
};

static void
complain(struct sayer *to, const struct conf_entry *e, const char *why)
{
	char *text = xformat("%s:%d: %s.%s: %s", e->file, e->line, e->section,
	    e->key, why);

	to->code = err_set(ERR_CONFIG, "%s", text);
	if (to->say != NULL)
		to->say(to->ctx, text);
	free(text);
}

/* Whether any setting stands in the section "KIND NAME"; with a reason. */
static bool
has_section(const struct conf *c, const char *kind, const char *name)
{
	char *section = xformat("%s %s", kind, name);
	bool found = conf_has(c, section);

	if (!found)
		conf_missing(c, section, ERR_CONFIG);
	free(section);
	return found;
}

int
setting_clash(const struct conf *c, const char *section, const char *key,
    const char *value)
{
	const struct setting *s = setting_find(section, key);
	const struct conf_entry *e;
	size_t i;

	for (i = 0;
	     s != NULL && s->kind == SET_ID && (e = conf_entry(c, i)) != NULL;
	     i++)
		if (strcmp(e->section, section) != 0 &&
		    setting_find(e->section, e->key) == s &&
		    strcmp(e->value, value) == 0)
			return err_set(ERR_CONFIG, "that is the id of [%s]",
			    e->section);
	return 0;
}

/* A fault in the file that an entry names. */
struct at_entry {
	struct sayer *to;
	const struct conf_entry *e;
};

static void
complain_at(void *ctx, const char *text)
{
	struct at_entry *at = ctx;

	complain(at->to, at->e, text);
}

/* What one entry alone cannot tell. */
static void
check_whole(const struct conf *c, const struct conf_entry *e,
    const struct setting *s, struct sayer *to)
{
	struct at_entry at = { to, e };
	const struct conf_entry *other;
	char *holidays;
	struct hours *h;
	size_t i;
	int code;

	if (s->kind == SET_NAME &&
	    (s->fallback == NULL || strcmp(e->value, s->fallback) != 0) &&
	    !has_section(c, s->choices, e->value) &&
	    !(strcmp(s->choices, "reply") == 0 &&
		str_in(e->value, reply_names))) {
		char *why = xstrdup(err_reason());
		complain(to, e, why);
		free(why);
	}
	if (setting_clash(c, e->section, e->key, e->value) < 0)
		complain(to, e, err_reason());
	if (!str_starts(e->section, "hours "))
		return;
	holidays = setting_path(c, e->section, "holidays");
	if (strcmp(e->key, "holidays") == 0 && holidays != NULL)
		holidays_check(holidays, complain_at, &at);
	code = holidays != NULL ? holidays_check(holidays, NULL, NULL) : 0;
	free(holidays);
	if (code < 0) /* told where it stands */
		return;
	/* Once a section, at its first entry, if its values are good. */
	for (i = 0; (other = conf_entry(c, i)) != NULL; i++) {
		if (strcmp(other->section, e->section) != 0)
			continue;
		if (other < e ||
		    setting_check(other->section, other->key, other->value,
			other->file) < 0)
			return;
	}
	if (hours_load(c, e->section + strlen("hours "), &h) == 0)
		hours_free(h);
	else
		complain(to, e, err_reason());
}

int
settings_check(const struct conf *c, void (*say)(void *ctx, const char *text),
    void *ctx)
{
	struct sayer to = { say, ctx, 0 };
	const struct conf_entry *e;
	const struct setting *s;
	size_t i;

	for (i = 0; (e = conf_entry(c, i)) != NULL; i++) {
		if (setting_check(e->section, e->key, e->value, e->file) < 0)
			complain(&to, e, err_reason());
		else if ((s = setting_find(e->section, e->key)) != NULL)
			check_whole(c, e, s, &to);
	}
	return to.code;
}

/* The row and what counts of a setting: what is set, or the default. */
static const struct setting *
look_up(const struct conf *c, const char *section, const char *key,
    const struct conf_entry **ret_entry, const char **ret_value)
{
	const struct setting *s = setting_find(section, key);
	const struct conf_entry *e =
	    c != NULL ? conf_find(c, section, key) : NULL;

	if (s == NULL)
		err_set(ERR_BUG, "%s.%s is asked for and not in the table",
		    section, key);
	*ret_entry = e;
	*ret_value = e != NULL ? e->value : s != NULL ? s->fallback : NULL;
	/* Hours without a zone of their own are in the desk's. */
	if (*ret_value == NULL && s != NULL && s->kind == SET_ZONE)
		return look_up(c, "desk", "zone", ret_entry, ret_value);
	return s;
}

const char *
setting_text(const struct conf *c, const char *section, const char *key)
{
	const struct conf_entry *e;
	const char *value;

	look_up(c, section, key, &e, &value);
	return value;
}

/* As look_up, with the value checked; a value is there. */
static int
checked(const struct conf *c, const char *section, const char *key,
    const char **ret_value)
{
	const struct conf_entry *e;
	const struct setting *s = look_up(c, section, key, &e, ret_value);
	int code;

	if (s == NULL)
		return ERR_BUG;
	if (*ret_value == NULL)
		return err_set(ERR_CONFIG, "%s.%s is not set", section, key);
	code = check_value(s, *ret_value, e != NULL ? e->file : NULL);
	if (code < 0 && e != NULL)
		return err_set(code, "%s:%d: %s.%s: %s", e->file, e->line,
		    section, key, err_reason());
	return code;
}

int
setting_bool(const struct conf *c, const char *section, const char *key,
    bool *ret)
{
	static const char *const yes[] = { "on", "yes", "true", "1", NULL };
	const char *value;
	int code = checked(c, section, key, &value);

	if (code == 0)
		*ret = str_in(value, yes);
	return code;
}

int
setting_int(const struct conf *c, const char *section, const char *key,
    int64_t *ret)
{
	const char *value;
	int code = checked(c, section, key, &value);

	return code < 0 ? code : str_int(value, INT64_MIN, INT64_MAX, ret);
}

int
setting_real(const struct conf *c, const char *section, const char *key,
    double *ret)
{
	const char *value;
	int code = checked(c, section, key, &value);

	if (code == 0)
		*ret = strtod(value, NULL);
	return code;
}

int
setting_duration(const struct conf *c, const char *section, const char *key,
    int64_t *ret_ms)
{
	const char *value;
	int code = checked(c, section, key, &value);

	return code < 0 ? code : duration_parse(value, ret_ms);
}

char *
setting_beside(const struct conf *c, const char *section, const char *key,
    const char *path)
{
	const struct conf_entry *e = conf_find(c, section, key);
	const char *slash = e != NULL ? strrchr(e->file, '/') : NULL;
	char *dir, *whole;

	if (*path == '/')
		return xstrdup(path);
	if (slash != NULL && *e->file == '/')
		return xformat("%.*s/%s", (int)(slash - e->file), e->file,
		    path);
	/* The child works elsewhere. */
	dir = realpath(".", NULL);
	whole = slash != NULL ?
	    xformat("%s/%.*s/%s", dir, (int)(slash - e->file), e->file, path) :
	    xformat("%s/%s", dir, path);
	free(dir);
	return whole;
}

char *
setting_path(const struct conf *c, const char *section, const char *key)
{
	const struct conf_entry *e;
	const char *value;

	look_up(c, section, key, &e, &value);
	if (value == NULL || *value == '\0')
		return NULL;
	return resolve(value, e != NULL ? e->file : NULL);
}

/* The first fault is kept as the reason. */
static void
first_fault(void *ctx, const char *text)
{
	char **first = ctx;

	if (*first == NULL)
		*first = xstrdup(text);
}

int
settings_readable(void)
{
	struct conf *c = NULL;
	char *first = NULL;
	int code = conf_open(&c);

	if (code == 0)
		code = settings_check(c, first_fault, &first);
	if (code < 0 && first != NULL)
		err_set(ERR_CONFIG, "%s", first);
	free(first);
	conf_close(c);
	return code < 0 ? ERR_CONFIG : 0;
}
