# story.awk - a store of desk.db as SQL, from a story told a line at a time
#
#	TIME in CONVERSATION ID [TEXT]		a customer writes
#	TIME open|reopen CONVERSATION OWNER ID	because of message ID
#	TIME out CONVERSATION ID AUTHOR STATUS [ACCEPTED]	we write
#	TIME echo CONVERSATION ID		typed on the phone
#	TIME VERB CONVERSATION OWNER		escalated, assigned, taken, ...
#
# A conversation is named LETTERS or INSTANCE:LETTERS, times are without date's
# "T" and with "Z" left out: 2026-10-25/00:30:00 in UTC.
function quote(s) { gsub(/'/, "''", s); return "'" s "'" }
function ms(t) { sub(/\//, "T", t); return "(unixepoch(" quote(t) ") * 1000)" }
function rest(n,   s, i) {
	for (i = n; i <= NF; i++) s = s (i > n ? " " : "") $i
	return s
}
function meet(name,   at) {	# the conversation, its id of eight characters
	at = index(name, ":")
	inst = at ? substr(name, 1, at - 1) : "main"
	c = substr(name, at + 1)
	c = substr("zzzzzzzz", 1, 8 - length(c)) c
	if (!(inst in instances)) {
		instances[inst] = 1
		print "INSERT INTO instance (name, kind, created_ms) VALUES (" \
			quote(inst) ", 'cloud', 0);"
	}
	if (c in known) return
	known[c] = 1
	print "INSERT INTO contact (id, instance, created_ms) VALUES (" \
		quote(c) ", " quote(inst) ", 0);"
	print "INSERT INTO conversation (id, instance, contact, number, status," \
		" owner, language, opened_ms, reopened_ms) VALUES (" quote(c) ", " \
		quote(inst) ", " quote(c) ", 1, 'open', 'ai', " \
		quote(language ? language : "en") ", 0, 0);"
}
function event(id, type, cause, data) {
	print "INSERT INTO event (id, type, source, subject, time_ms, cause," \
		" depth, data) VALUES (" quote(id) ", " quote(type) \
		", '/desk', 'conversation/" c "', " ms($1) ", " \
		(cause == "" ? "NULL" : quote(cause)) ", 0, " quote(data) ");"
}
function message(id, direction, author, status, text) {
	print "INSERT INTO message (id, instance, conversation, contact," \
		" direction, kind, wa_ms, stored_ms, author, status, text)" \
		" VALUES (" quote(id) ", " quote(inst) ", " quote(c) ", " \
		quote(c) ", " quote(direction) ", 'text', " ms($1) ", " ms($1) \
		", " (author == "" ? "NULL" : quote(author)) ", " \
		(status == "" ? "NULL" : quote(status)) ", " \
		(text == "" ? "NULL" : quote(text)) ");"
}
BEGIN { print "BEGIN;" }
END { print "COMMIT;" }
/^ *(#|$)/ { next }
{ meet($3) }
$2 == "in" {
	message($4, "in", "", "", rest(5))
	event($4, "message.received", "", "{}")
	next
}
$2 == "open" || $2 == "reopen" {
	event("opened-" NR, "conversation." ($2 == "open" ? "opened" : "reopened"),
		$5, "{\"owner\":\"" $4 "\"}")
	next
}
$2 == "out" {
	message($4, "out", $5, $6, "reply")
	event($4, "message.queued", "", "{}")
	if ($5 == "ai")
		print "INSERT INTO reply (message, provider, sources, cause," \
			" took_ms) VALUES (" quote($4) ", 'x', '[]', '', 0);"
	if ($7 != "") {
		$1 = $7
		event($4 "a", "message.accepted", $4, "{}")
	}
	next
}
$2 == "echo" {
	message($4, "echo", "", "", "typed")
	event($4, "message.echoed", "", "{}")
	next
}
{ event("event-" NR, "conversation." $2, "", "{\"owner\":\"" $4 "\"}") }
