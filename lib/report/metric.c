/* metric - what the report counts: a name, a definition, an SQL text */
#include <stdlib.h>
#include <string.h>

#include "report/metric.h"

/* SQL is laid out as SQL. */
/* clang-format off */

/* The events of a slice; "+" keeps SQLite on the index of time. */
#define IN_SLICE(e)                                              \
	e ".time_ms >= :from_ms AND " e ".time_ms < :until_ms\n" \
	"   AND +" e ".seq <= :seq"

#define OF_INSTANCE(m) "(:instance IS NULL OR " m ".instance = :instance)"

/* What a message has to be to have gone out. */
#define TAKEN(m) \
	m ".status IN ('accepted', 'sent', 'delivered', 'read', 'played')"

/* When a queued message q, a row m, went out: the provider took it. */
#define WENT_OUT                                                          \
	"coalesce((SELECT min(a.time_ms) FROM event AS a\n"               \
	"                          WHERE a.cause = q.id\n"                \
	"                            AND a.type = 'message.accepted'),\n" \
	"                        m.attempt_ms, q.time_ms)"

/* The openings of a slice, and where each of them ends in the log. */
#define OPENINGS                                                              \
	"WITH opening AS (\n"                                                 \
	"  SELECT o.subject, o.seq, o.data ->> 'owner' AS owner,\n"           \
	"         coalesce(r.time_ms, o.time_ms) AS asked_ms,\n"              \
	"         coalesce((SELECT min(n.seq) FROM event AS n\n"              \
	"                    WHERE n.subject = o.subject AND n.seq > o.seq\n" \
	"                      AND n.type = 'conversation.reopened'),\n"      \
	"                  :seq + 1) AS end_seq\n"                            \
	"    FROM event AS o\n"                                               \
	"    JOIN conversation AS c ON c.id = substr(o.subject, 14)\n"        \
	"    LEFT JOIN event AS r ON r.id = o.cause\n"                        \
	"   WHERE o.type IN ('conversation.opened',\n"                        \
	"                    'conversation.reopened')\n"                      \
	"   AND " IN_SLICE("o") "\n"                                          \
	"   AND " OF_INSTANCE("c") ")\n"

/* Whether people came into it before the opening's end. */
#define HANDED                                                       \
	"EXISTS (SELECT 1 FROM event AS h\n"                         \
	"         WHERE h.subject = opening.subject\n"               \
	"           AND h.seq >= opening.seq\n"                      \
	"           AND h.seq < opening.end_seq AND h.seq <= :seq\n" \
	"           AND h.type LIKE 'conversation.%'\n"              \
	"           AND h.data ->> 'owner' IN ('queue', 'user'))"

/* The first reply of the AI to the opening that went out. */
#define AI_ANSWER(what)                                              \
	"SELECT " what "\n"                                          \
	"          FROM event AS q\n"                                \
	"          JOIN message AS m ON m.id = q.id\n"               \
	"          JOIN reply AS y ON y.message = q.id\n"            \
	"         WHERE q.subject = opening.subject\n"               \
	"           AND q.seq > opening.seq\n"                       \
	"           AND q.seq < opening.end_seq AND q.seq <= :seq\n" \
	"           AND q.type = 'message.queued'\n"                 \
	"           AND m.author = 'ai' AND " TAKEN("m")

#define COUNT_MESSAGES(who)                                                   \
	"SELECT count(*)\n"                                                   \
	"  FROM event AS e JOIN message AS m ON m.id = e.id\n"                \
	" WHERE " IN_SLICE("e") "\n"                                          \
	"   AND " OF_INSTANCE("m") "\n"                                       \
	"   AND " who

/* Promises that ended in a slice; :seq is of no use to them, for what has ended
 * stays as it is. */
#define MET                                                                \
	"count(*) FILTER (WHERE k.due_ms IS NULL\n"                        \
	"                           OR k.ended_ms <= k.due_ms), count(*)\n"
#define ENDED                                                              \
	"  FROM sla_clock AS k\n"                                          \
	"  JOIN conversation AS c ON c.id = k.conversation\n"              \
	" WHERE k.ended_ms >= :from_ms AND k.ended_ms < :until_ms\n"       \
	"   AND :seq IS NOT NULL\n"                                        \
	"   AND " OF_INSTANCE("c")
#define KEPT(target) \
	"SELECT " MET ENDED "\n   AND k.target = '" target "'"

const struct metric metrics[] = {
	{ "messages_in", "Messages from customers", METRIC_COUNT,
	    "Messages of customers that arrived, of any kind; a reaction, an "
	    "edit, a deletion, a receipt and a notice of WhatsApp's own are "
	    "not messages. A message counts on the day of its event.",
	    COUNT_MESSAGES(
		"e.type = 'message.received'\n"
		"   AND m.kind NOT IN ('reaction', 'edit', 'revoke', 'system',\n"
		"                      'history')") },
	{ "messages_out", "Messages to customers", METRIC_COUNT,
	    "Messages written to customers that the provider took, by the day "
	    "they were written; what people typed on the phone itself is "
	    "among them. The three numbers below are its parts.",
	    COUNT_MESSAGES(
		"(e.type = 'message.echoed'\n"
		"        OR (e.type = 'message.queued' AND " TAKEN("m") "))") },
	{ "messages_out_ai", "Messages by the AI", METRIC_COUNT,
	    "Of the messages to customers, those the AI wrote.",
	    COUNT_MESSAGES("e.type = 'message.queued' AND " TAKEN("m") "\n"
		"   AND m.author = 'ai'") },
	{ "messages_out_people", "Messages by people", METRIC_COUNT,
	    "Of the messages to customers, those a person wrote, here or on "
	    "the phone.",
	    COUNT_MESSAGES(
		"(e.type = 'message.echoed'\n"
		"        OR (e.type = 'message.queued' AND " TAKEN("m") "\n"
		"            AND m.author LIKE 'user:%'))") },
	{ "messages_out_automatic", "Automatic messages", METRIC_COUNT,
	    "Of the messages to customers, those of rules and of the desk "
	    "itself: out of hours, a person will answer. A greeting that the "
	    "AI gives back is the AI's.",
	    COUNT_MESSAGES("e.type = 'message.queued' AND " TAKEN("m") "\n"
		"   AND (m.author IS NULL\n"
		"        OR (m.author <> 'ai' AND m.author NOT LIKE 'user:%'))") },
	{ "messages_unsent", "Messages not sent", METRIC_COUNT,
	    "Messages written to customers that failed, were cancelled or are "
	    "held because their outcome is unknown, by the day they were "
	    "written. A draft of the AI that a person's reply overtook is "
	    "cancelled, too.",
	    COUNT_MESSAGES(
		"e.type = 'message.queued'\n"
		"   AND m.status IN ('failed', 'cancelled', 'held')") },
	{ "openings", "Conversations opened", METRIC_COUNT,
	    "A conversation is opened by a customer's first message, and "
	    "again by the first one after it was resolved. Each opening "
	    "counts.",
	    OPENINGS "SELECT count(*) FROM opening" },
	{ "first_answer_ai", "First answer of the AI", METRIC_TIME,
	    "From the customer's message that opened the conversation to the "
	    "first reply of the AI that the provider took, for each opening "
	    "that began with the AI. No answer: there was none before the "
	    "conversation was opened again, or there is none yet. Messages of "
	    "rules and of people do not count. WhatsApp tells the time of a "
	    "message in whole seconds, cut off: a wait may seem up to one "
	    "second too long.",
	    OPENINGS
	    "SELECT max(0, answered_ms - asked_ms) FROM (\n"
	    "  SELECT asked_ms, (\n"
	    "        " AI_ANSWER(WENT_OUT) "\n"
	    "         ORDER BY q.seq LIMIT 1) AS answered_ms\n"
	    "    FROM opening WHERE coalesce(owner, 'ai') = 'ai')" },
	{ "first_answer_people", "First answer of people", METRIC_TIME,
	    "From the hand-over of a conversation to people to the first "
	    "message a person wrote in it that the provider took, or typed on "
	    "the phone. A hand-over: the conversation comes to the queue, or "
	    "is assigned to somebody, from the AI, or opens in the queue "
	    "because there is no AI. A person who takes a conversation from "
	    "the AI unasked ends no wait and is left out. No answer: it went "
	    "back to the AI or was opened again first, or there is none yet. "
	    "The AI's time is no part of it.",
	    "WITH handover AS (\n"
	    "  SELECT h.subject, h.seq, h.time_ms,\n"
	    "         coalesce((SELECT min(n.seq) FROM event AS n\n"
	    "                    WHERE n.subject = h.subject AND n.seq > "
	    "h.seq\n"
	    "                      AND (n.type = 'conversation.reopened'\n"
	    "                           OR (n.type LIKE 'conversation.%'\n"
	    "                               AND n.data ->> 'owner' = 'ai'))),\n"
	    "                  :seq + 1) AS end_seq\n"
	    "    FROM event AS h\n"
	    "    JOIN conversation AS c ON c.id = substr(h.subject, 14)\n"
	    "   WHERE h.type LIKE 'conversation.%'\n"
	    "   AND " IN_SLICE("h") "\n"
	    "   AND " OF_INSTANCE("c") "\n"
	    "   AND (h.data ->> 'owner' = 'queue'\n"
	    "        OR (h.type = 'conversation.assigned'\n"
	    "            AND h.data ->> 'owner' = 'user'))\n"
	    "   AND (h.type IN ('conversation.opened', "
	    "'conversation.reopened')\n"
	    "        OR coalesce((SELECT p.data ->> 'owner' FROM event AS p\n"
	    "                      WHERE p.subject = h.subject\n"
	    "                        AND p.seq < h.seq\n"
	    "                        AND p.type LIKE 'conversation.%'\n"
	    "                        AND p.data ->> 'owner' IS NOT NULL\n"
	    "                      ORDER BY p.seq DESC LIMIT 1), 'ai') = "
	    "'ai'))\n"
	    "SELECT max(0, answered_ms - time_ms) FROM (\n"
	    "  SELECT time_ms, (\n"
	    "        SELECT CASE WHEN q.type = 'message.echoed' THEN q.time_ms\n"
	    "               ELSE " WENT_OUT " END\n"
	    "          FROM event AS q\n"
	    "          JOIN message AS m ON m.id = q.id\n"
	    "         WHERE q.subject = handover.subject\n"
	    "           AND q.seq > handover.seq\n"
	    "           AND q.seq < handover.end_seq AND q.seq <= :seq\n"
	    "           AND (q.type = 'message.echoed'\n"
	    "                OR (q.type = 'message.queued'\n"
	    "                    AND m.author LIKE 'user:%'\n"
	    "                    AND " TAKEN("m") "))\n"
	    "         ORDER BY q.seq LIMIT 1) AS answered_ms\n"
	    "    FROM handover)" },
	{ "resolution", "Time to resolve", METRIC_TIME,
	    "From the customer's message that last opened the conversation to "
	    "when it was resolved, by the day it was resolved. Earlier "
	    "openings of the same conversation are no part of it.",
	    "SELECT max(0, v.time_ms - coalesce(r.time_ms, o.time_ms))\n"
	    "  FROM event AS v\n"
	    "  JOIN conversation AS c ON c.id = substr(v.subject, 14)\n"
	    "  JOIN event AS o ON o.seq = (SELECT max(p.seq) FROM event AS p\n"
	    "                               WHERE p.subject = v.subject\n"
	    "                                 AND p.seq < v.seq\n"
	    "                                 AND p.type IN "
	    "('conversation.opened',\n"
	    "                                   'conversation.reopened'))\n"
	    "  LEFT JOIN event AS r ON r.id = o.cause\n"
	    " WHERE v.type = 'conversation.resolved'\n"
	    "   AND " IN_SLICE("v") "\n"
	    "   AND " OF_INSTANCE("c") },
	{ "answered_by_ai", "Answered by the AI alone", METRIC_SHARE,
	    "Of the openings, those in which at least one reply of the AI "
	    "went out and no person was asked for or came in before the end: "
	    "the next opening, or now. A conversation that is handed over "
	    "later moves from here to there.",
	    OPENINGS "SELECT count(*) FILTER (WHERE NOT " HANDED "\n"
	    "   AND EXISTS (" AI_ANSWER("1") ")), count(*)\n"
	    "  FROM opening" },
	{ "handed_over", "Handed over to people", METRIC_SHARE,
	    "Of the openings, those that were handed to people, or taken by "
	    "one, before the end: the next opening, or now. What is neither "
	    "here nor answered by the AI had no reply of the AI: a rule "
	    "answered, or nobody has yet.",
	    OPENINGS "SELECT count(*) FILTER (WHERE " HANDED "), count(*)\n"
	    "  FROM opening" },
	{ "first_response_kept", "First responses in time", METRIC_SHARE,
	    "Of the first responses that were promised by a policy and came, "
	    "or were given up when they were late already, those that came in "
	    "time, by the day they came. What is owed yet does not count, and "
	    "neither does what nobody needed any more before it was late.",
	    KEPT("first-response") },
	{ "next_response_kept", "Next responses in time", METRIC_SHARE,
	    "The same of answers to a conversation's later messages.",
	    KEPT("next-response") },
	{ "resolution_kept", "Resolved in time", METRIC_SHARE,
	    "The same of conversations that were promised to be resolved, by "
	    "the day they were.",
	    KEPT("resolution") },
	{ "promises", "Promises by policy", METRIC_PROMISES,
	    "The three of them by the policy that promised, as it was called "
	    "when it did: those that came in time, and missed, the others. A "
	    "conversation whose policy was changed counts for the one that "
	    "held when it ended.",
	    "SELECT k.policy, k.target, " MET ENDED
	    "\n GROUP BY k.policy, k.target" },
	{ "questions", "Similar questions", METRIC_QUESTIONS,
	    "Text messages of customers, grouped by their words: small words "
	    "are left out, endings and accents taken off, and a message joins "
	    "the group with whose words it has most in common if it is at "
	    "least half of the words of both. One of them stands for the "
	    "group; numbers, addresses and links in it are masked. Words are "
	    "compared, not meanings: the same question in two languages is "
	    "two groups. Only groups with messages of two or more customers are "
	    "shown. Handed over: after the message, and before the conversation was "
	    "opened again, it was handed to people.",
	    "SELECT e.subject, c.language, m.text,\n"
	    "       EXISTS (SELECT 1 FROM event AS h\n"
	    "                WHERE h.subject = e.subject AND h.seq > e.seq\n"
	    "                  AND h.seq <= :seq\n"
	    "                  AND h.seq < coalesce(\n"
	    "                    (SELECT min(n.seq) FROM event AS n\n"
	    "                      WHERE n.subject = e.subject AND n.seq > "
	    "e.seq\n"
	    "                        AND n.type = 'conversation.reopened'),\n"
	    "                    :seq + 1)\n"
	    "                  AND h.type LIKE 'conversation.%'\n"
	    "                  AND h.data ->> 'owner' IN ('queue', 'user'))\n"
	    "  FROM event AS e JOIN message AS m ON m.id = e.id\n"
	    "  JOIN conversation AS c ON c.id = m.conversation\n"
	    " WHERE e.type = 'message.received'\n"
	    "   AND " IN_SLICE("e") "\n"
	    "   AND " OF_INSTANCE("m") "\n"
	    "   AND m.kind = 'text' AND m.text IS NOT NULL AND m.erased = 0" },
	{ NULL, NULL, METRIC_COUNT, NULL, NULL },
};

size_t
metric_index(const char *name)
{
	for (size_t i = 0; metrics[i].name != NULL; i++)
	    if (strcmp(metrics[i].name, name) == 0)
	    	return i;
	abort(); /* names are written here and in page.c only */
}
