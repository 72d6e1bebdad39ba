#!/bin/sh
# conv snooze and reopen: a conversation rests, and goes on
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"

XDG_DATA_HOME=$work/data FRONTDESK_NOW=2026-11-23T12:00:30Z
export XDG_DATA_HOME FRONTDESK_NOW
db=$XDG_DATA_HOME/frontdesk/desk.db
frontdesk init --user >/dev/null 2>&1
sqlite3 -bail "$db" <"$top/tests/data/desk.sql"
sql () { sqlite3 "$db" "$1"; }
# CONVERSATION: its status, owner and until when it rests
state () { sql "SELECT c.status, c.owner, coalesce(strftime('%Y-%m-%dT%H:%M:%S', z.until_ms / 1000, 'unixepoch'), '-') FROM conversation c LEFT JOIN snooze z ON z.conversation = c.id WHERE c.id = '$1'"; }
rests () { [ "$(state "$1")" = "$2" ] || { state "$1"; return 1; }; }

check 'for a duration: it rests, and its owner stays' '
	conv snooze aaa11 3h --json | jq -r .type,.data.until,.data.actor | xargs >got &&
	[ "$(cat got)" = "conversation.snoozed 2026-11-23T15:00:30.000Z user:me" ] &&
	rests aaa11111 "snoozed|queue|2026-11-23T15:00:30" && conv list --ids --status open | grep -v aaa11111 &&
	[ "$(sql "SELECT action FROM audit WHERE object = \"aaa11111\"")" = conversation.snooze ]
'
check 'until a time of the day: the next one of the clock of TZ' '
	conv snooze aaa11 12:00 && rests aaa11111 "snoozed|queue|2026-11-24T12:00:00" &&
	conv snooze aaa11 12:01 && rests aaa11111 "snoozed|queue|2026-11-23T12:01:00" &&
	TZ=Europe/Berlin conv snooze aaa11 09:30 && rests aaa11111 "snoozed|queue|2026-11-24T08:30:00" &&
	conv snooze aaa11 2026-12-01T09:30:00+01:00 && rests aaa11111 "snoozed|queue|2026-12-01T08:30:00"
'
check 'a time of the day over a change of clocks; an hour that comes twice, and one that is left out' '
	till () { TZ=$1 FRONTDESK_NOW=$2 conv snooze aaa11 "$3" --json | jq -r .data.until; } &&
	[ "$(till Europe/Madrid 2027-03-27T19:00:00Z 09:30)" = 2027-03-28T07:30:00.000Z ] && [ "$(till Europe/Madrid 2027-10-30T18:00:00Z 09:30)" = 2027-10-31T08:30:00.000Z ] &&
	[ "$(till America/New_York 2027-11-07T00:00:00Z 08:00)" = 2027-11-07T13:00:00.000Z ] && [ "$(till Australia/Lord_Howe 2027-10-02T09:30:00Z 09:00)" = 2027-10-02T22:00:00.000Z ] &&
	[ "$(till Europe/Madrid 2027-10-30T22:10:00Z 02:30)" = 2027-10-31T00:30:00.000Z ] && [ "$(till Europe/Madrid 2027-10-31T00:45:00Z 02:30)" = 2027-10-31T01:30:00.000Z ] &&
	[ "$(till Europe/Madrid 2027-03-27T19:00:00Z 02:30)" = 2027-03-28T01:30:00.000Z ] && [ "$(till Asia/Kolkata 2026-11-28T04:30:00Z 10:01)" = 2026-11-28T04:31:00.000Z ] &&
	conv snooze aaa11 2026-12-01T09:30:00+01:00
'
check 'show says until when, above and where it was done, by the clock of whoever looks' '
	TZ=Europe/Berlin conv show aaa11 >got && head -n 1 got | grep -qx "conversation aaa11111  snoozed until 2026-12-01 09:30 CET" &&
	grep -q "  - me snoozed it until 2026-12-01 09:30 CET$" got && conv show aaa11 | grep -q "me snoozed it until 2026-12-01 08:30 UTC$" &&
	conv show aaa22 | head -n 1 | grep -qx "conversation aaa22222  open"
'
check 'what is no time, or over, or not open, is refused' '
	for when in "" 25:00 9:75 tomorrow 12:00x 2026-11-01 2028-11-01 -3h; do status 64 conv snooze aaa22 -- "$when" 2>err || exit 1; done &&
	rests aaa22222 "open|ai|-" && status 1 conv snooze ccc44 1h 2>err && grep -q "ccc44444 is resolved; conv reopen" err &&
	rests ccc44444 "resolved|user|-"
'
check 'many at once, in either order' '
	conv list --ids --status open | conv snooze - 1h && conv list --ids --status open >got && [ ! -s got ] &&
	conv list --ids --status snoozed | conv reopen - && [ "$(conv list --ids --status open | wc -l)" -eq 3 ] &&
	conv list --ids | conv snooze 1h - && [ "$(conv list --ids --status snoozed | wc -l)" -eq 3 ]
'
check 'the time has come: route --follow opens it, once' '
	FRONTDESK_NOW=2026-11-23T13:00:29Z route --follow --once >got && rests aaa22222 "snoozed|ai|2026-11-23T13:00:30" &&
	FRONTDESK_NOW=2026-11-23T13:00:31Z route --follow --once >got && FRONTDESK_NOW=2026-11-23T13:00:32Z route --follow --once >>got &&
	rests aaa22222 "open|ai|-" && [ "$(sql "SELECT count(*) FROM event WHERE type = \"timer.fired\" AND subject = \"conversation/aaa22222\"")" -eq 1 ]
'
check 'the customer writes: it goes on with whoever has it' '
	conv take aaa11 && conv snooze aaa11 2d && rests aaa11111 "snoozed|user|2026-11-25T12:00:30" &&
	jq -cn "{object: \"whatsapp_business_account\", entry: [{id: \"1\", changes: [{field: \"messages\", value: {messaging_product: \"whatsapp\", metadata: {phone_number_id: \"1001\", display_phone_number: \"49301001\"},
	    contacts: [{wa_id: \"491701111111\"}], messages: [{from: \"491701111111\", id: \"wamid.N\", timestamp: \"1795435230\", type: \"text\", text: {body: \"Still there?\"}}]}}]}]}" |
	    wa-recv --stdin | jq -r .type | xargs >got && grep -q "message.received conversation.reopened" got &&
	[ "$(sql "SELECT status, owner, assignee FROM conversation WHERE id = \"aaa11111\"")" = "open|user|me" ]
'
check 'taken, it rests no more; reopen opens what is put away, and nothing else' '
	conv snooze bbb33 1d && conv take bbb33 && [ "$(state bbb33333 | cut -d "|" -f 1,2)" = "open|user" ] &&
	conv archive bbb33 && conv reopen bbb33 ccc44 && [ "$(state bbb33333 | cut -d "|" -f 1,2)" = "open|user" ] &&
	[ "$(state ccc44444 | cut -d "|" -f 1)" = open ] && conv reopen ccc44 --json >got && [ ! -s got ]
'
done_testing
