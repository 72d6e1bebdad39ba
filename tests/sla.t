#!/bin/sh
# What customers are promised: clocks, timers, lists, rules, reports
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
frontdesk init --user >/dev/null 2>&1
store=${XDG_DATA_HOME:-$HOME/.local/share}/frontdesk
sql () { sqlite3 -cmd ".timeout 5000" "$store/desk.db" "$1"; }
of () { sql "SELECT conversation FROM message JOIN contact_alias USING (contact)
	WHERE value = '4917000$1' LIMIT 1"; }
# at TIME COMMAND ...: with the clock standing there
at () { now=$1; shift; FRONTDESK_NOW=$now "$@"; }
# PHONE TIME [TEXT]: a customer wrote, and was routed by the file `own`
wrote () {
	jq -nc --arg phone "4917000$1" --arg time "$2" --arg text "${3:-hello}" \
	    '{type: "message.received", time: $time, data: {kind: "text", phone: $phone, text: $text}}' |
	    FRONTDESK_NOW=$2 route -q -f own >out
}
follow () { at "$1" route --follow --once --from start -f own; }
# PHONE: its clocks, "TARGET SINCE DUE ENDED"; what rests is due "-"
clocks () { sql "SELECT target || ' ' || strftime('%d.%H:%M', since_ms / 1000, 'unixepoch') || ' ' ||
	coalesce(strftime('%d.%H:%M', due_ms / 1000, 'unixepoch'), '-') || ' ' ||
	coalesce(strftime('%d.%H:%M', ended_ms / 1000, 'unixepoch'), '-')
	FROM sla_clock WHERE conversation = '$(of "$1")' ORDER BY since_ms, target"; }
# PHONE LINE ...: they are these
are () { clocks "$1" >got; shift; printf '%s\n' "$@" >want; same want got; }
due () { sql "SELECT coalesce(strftime('%d.%H:%M', due_ms / 1000, 'unixepoch'), '-') FROM conversation WHERE id = '$(of "$1")'"; }
told () { sql "SELECT (data ->> '\$.target') || ' ' || ((data ->> '\$.after_ms') / 60000) FROM event
	WHERE type = 'timer.fired' AND subject = 'conversation/$(of "$1")' ORDER BY seq"; }
tags () { sql "SELECT group_concat(tag, ' ') FROM (SELECT tag FROM conversation_tag WHERE conversation = '$(of "$1")' ORDER BY tag)"; }
settings () { cat >frontdesk.conf; }
desk () {	# the desk of most tests: people answer, around the clock
	settings <<-END
		[desk]
		zone = Europe/Berlin
		[instance default]
		phone_number_id = 106
		ai = off
		sla = gold
		[sla gold]
		first_response = 1h
		first_response_urgent = 10m
		next_response = 2h
		resolution = 1d
	END
	rm -rf "$store" && frontdesk init --user >/dev/null 2>&1 && echo "match any tag x" >own && follow 2026-11-23T07:00:00Z
}

check 'first response, next response and resolution run from what they are about to the answer' '
	desk && wrote 1 2026-11-23T08:00:00Z && are 1 "first-response 23.08:00 23.09:00 -" "resolution 23.08:00 24.08:00 -" && [ "$(due 1)" = 23.09:00 ] &&
	wrote 1 2026-11-23T08:10:00Z more && [ "$(due 1)" = 23.09:00 ] &&
	at 2026-11-23T08:20:00Z conv reply "$(of 1)" "good morning" &&
	are 1 "first-response 23.08:00 23.09:00 23.08:20" "resolution 23.08:00 - -" && [ "$(due 1)" = - ] &&
	wrote 1 2026-11-23T10:00:00Z && wrote 1 2026-11-23T10:30:00Z &&
	are 1 "first-response 23.08:00 23.09:00 23.08:20" "resolution 23.08:00 24.09:40 -" "next-response 23.10:00 23.12:00 -" &&
	at 2026-11-23T13:00:00Z conv reply "$(of 1)" sorry && at 2026-11-23T13:05:00Z conv resolve "$(of 1)" &&
	are 1 "first-response 23.08:00 23.09:00 23.08:20" "resolution 23.08:00 - 23.13:05" "next-response 23.10:00 23.12:00 23.13:00"
'
check 'reopened: all begins anew' '
	wrote 1 2026-11-24T08:00:00Z thanks && clocks 1 | tail -n 2 >got && [ "$(due 1)" = 24.09:00 ] &&
	printf "%s\n" "first-response 24.08:00 24.09:00 -" "resolution 24.08:00 25.08:00 -" >want && same want got &&
	at 2026-11-24T08:30:00Z conv resolve "$(of 1)" && clocks 1 | tail -n 1 >got && [ "$(due 1)" = - ] &&
	echo "resolution 24.08:00 25.08:00 24.08:30" >want && same want got && ! clocks 1 | grep "24.08:00 24.09:00"
'
check 'the priority says how long, whenever it changes; a missed one is seen at once' '
	desk && wrote 2 2026-11-23T08:00:00Z && at 2026-11-23T08:05:00Z conv priority "$(of 2)" urgent && [ "$(due 2)" = 23.08:10 ] &&
	at 2026-11-23T08:20:00Z conv priority "$(of 2)" low && [ "$(due 2)" = 23.09:00 ]
'
check 'a message of a moment before that comes late is what it runs from' '
	desk && wrote 3 2026-11-23T08:30:00Z && wrote 3 2026-11-23T08:10:00Z earlier && are 3 "first-response 23.08:10 23.09:10 -" "resolution 23.08:10 24.08:10 -"
'
check 'an answer that fails is none: its clock runs on as before' '
	desk && wrote 4 2026-11-23T08:00:00Z && at 2026-11-23T08:20:00Z conv reply "$(of 4)" hello &&
	id=$(sql "SELECT id FROM message WHERE direction = \"out\"") &&
	at 2026-11-23T08:21:00Z wa-instance rm default --yes &&
	sql "SELECT status FROM message WHERE id = \"$id\"" | grep -q cancelled && are 4 "first-response 23.08:00 23.09:00 -" "resolution 23.08:00 24.08:01 -"
'
check 'what the AI answers: people owe nothing until it is theirs; with answers = all it counts' '
	desk && sed -i "s/^ai = off/ai = on/" frontdesk.conf && follow 2026-11-23T07:10:00Z && wrote 5 2026-11-23T08:00:00Z && are 5 "resolution 23.08:00 24.08:00 -" &&
	at 2026-11-23T08:30:00Z conv escalate "$(of 5)" asked >/dev/null && are 5 "resolution 23.08:00 24.08:00 -" "first-response 23.08:30 23.09:30 -" &&
	at 2026-11-23T08:40:00Z conv release --to-ai "$(of 5)" && are 5 "resolution 23.08:00 24.08:00 -" &&
	echo "answers = all" >>frontdesk.conf && follow 2026-11-23T08:41:00Z && are 5 "first-response 23.08:00 23.09:00 -" "resolution 23.08:00 24.08:00 -"
'
check 'handed over a second time: a promise of its own, also where the first one was missed' '
	desk && sed -i "s/^ai = off/ai = on/; /^resolution/d" frontdesk.conf && follow 2026-11-23T07:10:00Z && wrote 51 2026-11-23T08:00:00Z &&
	at 2026-11-23T08:10:00Z conv escalate "$(of 51)" asked && follow 2026-11-23T09:30:00Z && at 2026-11-23T09:40:00Z conv release --to-ai "$(of 51)" &&
	wrote 51 2026-11-23T10:00:00Z && at 2026-11-23T10:05:00Z conv escalate "$(of 51)" asked &&
	are 51 "first-response 23.08:10 23.09:10 23.09:40" "first-response 23.10:05 23.11:05 -" && follow 2026-11-23T11:30:00Z && [ "$(told 51 | wc -l)" -eq 2 ]
'
check 'a snooze: the resolution rests, the customer who waits does not' '
	desk && wrote 6 2026-11-23T08:00:00Z && at 2026-11-23T08:30:00Z conv snooze "$(of 6)" 3h && are 6 "first-response 23.08:00 23.09:00 -" "resolution 23.08:00 - -" &&
	follow 2026-11-23T11:30:00Z && are 6 "first-response 23.08:00 23.09:00 -" "resolution 23.08:00 24.11:00 -"
'
check 'what is missed, or due soon, in a snoozed conversation reaches the rules; idle times rest' '
	desk && printf "%s\n" "match sla missed tag late" "match sla due within 10m tag soon" "match idle 40m tag idle" "match sla missed and status open tag open" >own && follow 2026-11-23T07:00:00Z &&
	wrote 61 2026-11-23T08:00:00Z && at 2026-11-23T08:30:00Z conv snooze "$(of 61)" 3h && follow 2026-11-23T08:50:00Z && [ "$(tags 61)" = soon ] &&
	follow 2026-11-23T09:00:00Z && [ "$(tags 61)" = "late soon" ] && [ "$(sql "SELECT status FROM conversation WHERE id = \"$(of 61)\"")" = snoozed ] &&
	cp own frontdesk.rules && printf "[rules]\nfile = frontdesk.rules\n" >>frontdesk.conf && route --replay -f own >got && [ ! -s got ] &&
	sed "s/tag late/tag missed/" own >new && status 1 route --replay -f new >got && jq -se "length == 1 and .[0].new == [\"missed\", \"soon\"]" got
'
check 'what was missed and answered before route looked is told once, and no rule fires' '
	desk && echo "match sla missed tag late" >own && follow 2026-11-23T07:00:00Z && wrote 65 2026-11-23T08:00:00Z && wrote 66 2026-11-23T08:00:00Z &&
	at 2026-11-23T09:15:00Z conv reply "$(of 65)" sorry && at 2026-11-23T09:15:00Z conv resolve "$(of 66)" && follow 2026-11-23T09:40:00Z && follow 2026-11-23T09:41:00Z &&
	for p in 65 66; do [ "$(told $p)" = "first-response 0" ] && [ -z "$(tags $p)" ] || return 1; done &&
	desk-events --type timer.fired | jq -se "length == 2 and all(.[].data; .ended == \"2026-11-23T09:15:00.000Z\" and .due == \"2026-11-23T09:00:00.000Z\")" &&
	cp own frontdesk.rules && printf "[rules]\nfile = frontdesk.rules\n" >>frontdesk.conf && echo "match sla missed tag other" >new && route --replay -f new >got && [ ! -s got ]
'
check 'route as a filter takes the policies over, too' '
	desk && sed -i "/^sla = gold/d; /^.sla gold/,\$d" frontdesk.conf && follow 2026-11-23T07:00:00Z && wrote 62 2026-11-23T08:00:00Z && [ "$(due 62)" = - ] &&
	printf "sla = gold\n[sla gold]\nfirst_response = 1h\n" >>frontdesk.conf && wrote 63 2026-11-23T08:10:00Z && [ "$(due 62)" = 23.09:00 ] && [ "$(due 63)" = 23.09:10 ]
'
check 'a policy that is gone and was chosen: what the instance promises holds, and it is said once' '
	desk && printf "[sla strict]\nfirst_response = 10m\n" >>frontdesk.conf && echo "match text \"strict\" sla strict" >own && follow 2026-11-23T07:00:00Z &&
	wrote 64 2026-11-23T08:00:00Z strict && [ "$(due 64)" = 23.08:10 ] && sed -i "/^.sla strict/,\$d" frontdesk.conf && echo "match any tag x" >own &&
	follow 2026-11-23T08:05:00Z 2>err && grep -F "there is no [sla strict] any more: to 1 open conversation for which" err && [ "$(due 64)" = 23.09:00 ] &&
	follow 2026-11-23T08:06:00Z 2>err && ! grep -F strict err && sed -i "s/^first_response = 1h/first_response = 2h/" frontdesk.conf && follow 2026-11-23T08:07:00Z && [ "$(due 64)" = 23.10:00 ] &&
	sed -i "s/^sla = gold/sla = none/" frontdesk.conf && follow 2026-11-23T08:08:00Z && [ "$(due 64)" = - ] &&
	printf "[sla strict]\nfirst_response = 30m\n" >>frontdesk.conf && follow 2026-11-23T08:09:00Z && [ "$(due 64)" = 23.08:30 ]
'
check 'a policy by the name of none or default is an error of the settings' '
	for name in none default; do
		printf "[sla %s]\nfirst_response = 1h\n" $name >bad.conf && status 78 desk-config check bad.conf 2>err &&
		grep "bad.conf:2: .*a policy is called by another word" err || return 1
	done
'
check 'pause = nothing: neither a snooze nor an answer stops the resolution' '
	desk && echo "pause =" >>frontdesk.conf && follow 2026-11-23T07:10:00Z && wrote 7 2026-11-23T08:00:00Z && at 2026-11-23T08:30:00Z conv snooze "$(of 7)" 3h &&
	at 2026-11-23T08:40:00Z conv reply "$(of 7)" hi && clocks 7 | grep -x "resolution 23.08:00 24.08:00 -"
'
check 'working hours: nights, weekends, holidays and the night of the clock change do not count' '
	desk && sed -i "s/^first_response = 1h/hours = shop\nfirst_response = 2h/" frontdesk.conf && echo 12-25 >closed &&
	printf "[hours shop]\nzone = Europe/Berlin\nholidays = closed\nmon-fri = 09:00-17:00\nsun = 01:00-04:00\n" >>frontdesk.conf && follow 2026-03-01T00:00:00Z &&
	wrote 80 2026-11-25T15:00:00Z && [ "$(due 80)" = 26.09:00 ] &&
	wrote 81 2026-11-28T12:00:00Z && [ "$(due 81)" = 29.02:00 ] &&
	wrote 82 2026-12-24T15:30:00Z && [ "$(due 82)" = 27.01:30 ] &&
	wrote 83 2026-03-28T20:00:00Z && [ "$(due 83)" = 29.02:00 ] &&
	wrote 84 2026-10-24T20:00:00Z && [ "$(due 84)" = 25.01:00 ]
'
check 'over working hours lists and show say what is left of these, and when that is' '
	wrote 85 2026-11-27T15:00:00Z && [ "$(due 85)" = 29.01:00 ] && wrote 86 2026-11-25T15:30:00Z && [ "$(due 86)" = 26.09:30 ] &&
	at 2026-11-27T15:10:00Z conv list --sort due >got && grep "^$(of 85) .* 110 min open " got && grep "^$(of 86) .* 13 h late " got &&
	at 2026-11-28T12:00:00Z conv show "$(of 85)" | grep -x "  promised   gold: first-response due in 60 min of opening hours, 2026-11-29 01:00 UTC" &&
	at 2026-11-28T12:00:00Z env -u TZ conv show "$(of 85)" | grep "due in 60 min of opening hours" &&
	TZ=Europe/Berlin && at 2026-11-28T12:00:00Z conv show "$(of 85)" | grep "of opening hours, 2026-11-29 02:00 CET" && TZ=UTC &&
	at 2026-11-29T01:30:00Z conv show "$(of 85)" | grep "gold: first-response missed 30 min of opening hours ago, 2026-11-29 01:00 UTC" &&
	at 2026-11-29T12:00:00Z conv list --sla missed --sort due >got && grep "^$(of 85) .* 2 h late " got
'
check 'timers: near for each span that rules name, then missed, once, and rules see which' '
	desk && cat >own <<-END &&
		match sla due within 30m tag soon
		match sla first-response due within 10m tag first10
		match sla next-response missed tag nextmissed
		match sla first-response missed tag missed notify boss
		match sla resolution missed tag rmissed
	END
	follow 2026-11-23T07:00:00Z && wrote 9 2026-11-23T08:00:00Z && follow 2026-11-23T08:29:59Z && [ -z "$(told 9)" ] &&
	follow 2026-11-23T08:30:00Z && follow 2026-11-23T08:31:00Z && [ "$(told 9)" = "first-response 30" ] && [ "$(tags 9)" = soon ] &&
	follow 2026-11-23T08:50:00Z && [ "$(tags 9)" = "first10 soon" ] && follow 2026-11-23T09:00:00Z && follow 2026-11-23T10:00:00Z && follow 2026-11-23T12:00:00Z &&
	[ "$(told 9 | tr "\n" ,)" = "first-response 30,first-response 10,first-response 0," ] && [ "$(tags 9)" = "first10 missed soon" ] &&
	desk-events --type timer.fired | tail -n 1 | jq -se "length == 1 and (.[0].data | .timer == \"sla\" and .policy == \"gold\" and .target == \"first-response\" and .after_ms == 0
	    and .since == \"2026-11-23T08:00:00.000Z\" and .due == \"2026-11-23T09:00:00.000Z\")" &&
	desk-events --type action.requested | jq -se "length == 1"
'
check 'missed is told without a rule that asks; nothing that was answered before is' '
	desk && wrote 10 2026-11-23T08:00:00Z && wrote 11 2026-11-23T08:00:00Z && at 2026-11-23T08:59:00Z conv reply "$(of 11)" hi &&
	follow 2026-11-23T15:00:00Z && [ "$(told 10)" = "first-response 0" ] && [ -z "$(told 11)" ]
'
check 'due at another time, it is told of anew; the same again has one effect' '
	desk && echo "match sla missed tag late" >own && wrote 12 2026-11-23T08:00:00Z && at 2026-11-23T08:01:00Z conv priority "$(of 12)" urgent &&
	follow 2026-11-23T08:11:00Z && [ "$(told 12)" = "first-response 0" ] && at 2026-11-23T08:12:00Z conv priority "$(of 12)" medium &&
	follow 2026-11-23T08:59:00Z && follow 2026-11-23T09:01:00Z && [ "$(told 12 | tr "\n" ,)" = "first-response 0,first-response 0," ] &&
	before=$(sql "SELECT count(*) FROM event") && sql "UPDATE sla_clock SET told_ms = NULL" && follow 2026-11-23T09:02:00Z &&
	[ "$(sql "SELECT count(*) FROM event")" -eq "$before" ]
'
check 'a timer that is handled after the answer fires no rule' '
	desk && echo "match sla missed tag late" >own && wrote 13 2026-11-23T08:00:00Z && follow 2026-11-23T09:00:00Z && desk-events --type timer.fired >line && [ -s line ] &&
	conv untag "$(of 13)" late && at 2026-11-23T09:01:00Z conv reply "$(of 13)" hi && sql "DELETE FROM done; DELETE FROM event WHERE cause IN (SELECT id FROM event WHERE type LIKE \"timer.%\"); DELETE FROM event WHERE type LIKE \"timer.%\"" &&
	route -q --explain -f own <line 2>err && grep -q "timer.fired: the conversation has gone on since" err && [ -z "$(tags 13)" ]
'
check 'a policy that comes or changes later holds for what is open; what it finds missed is told nobody' '
	desk && sed -i "/^sla = gold/d" frontdesk.conf && follow 2026-11-23T07:00:00Z && wrote 14 2026-11-23T08:00:00Z && wrote 15 2026-11-23T11:50:00Z && [ -z "$(clocks 14)" ] &&
	sed -i "s/^ai = off/ai = off\nsla = gold/; s/first_response = 1h/first_response = 3h/" frontdesk.conf && follow 2026-11-23T12:00:00Z &&
	[ "$(due 14)" = 23.11:00 ] && [ "$(due 15)" = 23.14:50 ] && follow 2026-11-23T15:00:00Z && [ -z "$(told 14)" ] && [ "$(told 15)" = "first-response 0" ] &&
	sed -i "/^first_response = 3h/d" frontdesk.conf && follow 2026-11-23T15:01:00Z && clocks 15 | grep "first-response.*15:01" && [ "$(due 15)" = 24.11:50 ] &&
	sed -i "/^sla = gold/d; /^\[sla/,\$d" frontdesk.conf && follow 2026-11-23T15:02:00Z && [ "$(due 15)" = - ] && ! clocks 15 | grep resolution
'
check 'rules choose: sla NAME, none, default; known names only; what was chosen is an event, once' '
	desk && printf "[sla fast]\nfirst_response = 5m\n" >>frontdesk.conf && printf "match text \"vip\" sla fast\nmatch text \"spam\" sla none\nmatch text \"back\" sla default\n" >own && follow 2026-11-23T07:00:00Z &&
	wrote 16 2026-11-23T08:00:00Z "a vip" && [ "$(due 16)" = 23.08:05 ] && ! clocks 16 | grep resolution && wrote 16 2026-11-23T08:01:00Z "vip again" &&
	wrote 16 2026-11-23T08:02:00Z spam && [ "$(due 16)" = - ] && wrote 16 2026-11-23T08:03:00Z back && [ "$(due 16)" = 23.09:00 ] &&
	desk-events --type conversation.sla_set | jq -r .data.policy >got && printf "%s\n" fast none default >want && same want got &&
	echo "match any sla fsat" >bad && status 78 route --check -f bad 2>err && grep "bad:1:15: .*fsat.*fast" err &&
	echo "match sla frist-response missed tag x" >bad && status 78 route --check -f bad 2>err && grep "^route: bad:1:11: " err &&
	echo "match sla missd tag x" >bad && status 78 route --check -f bad 2>err && grep -F "bad:1:11: '\''missd'\'': did you mean missed?" err &&
	echo "match sla next-respons missed tag x" >bad && status 78 route --check -f bad 2>err && grep -F "did you mean next-response?" err &&
	echo "match sla resolution mised tag x" >bad && status 78 route --check -f bad 2>err && grep -F "bad:1:22: '\''mised'\'': did you mean missed?" err &&
	echo "match sla missed and text \"x\" tag y" >bad && status 78 route --check -f bad 2>err && grep "never hold at once" err &&
	echo "match sla resolution due within 1h30m sla none" >good && route --print -f good | grep -x "match sla resolution due within 1h30m sla none"
'
check 'lists: a column, a sort, a filter, fields; conv show and export say it' '
	desk && for n in 1 2 3; do wrote 2$n 2026-11-23T08:${n}0:00Z; done && wrote 24 2026-11-23T08:40:00Z && at 2026-11-23T08:45:00Z conv reply "$(of 24)" hi &&
	at 2026-11-23T08:46:00Z conv priority "$(of 23)" urgent && at 2026-11-23T09:15:00Z conv list --sort due --ids >got &&
	printf "%s\n" "$(of 23)" "$(of 21)" "$(of 22)" "$(of 24)" >want && same want got &&
	at 2026-11-23T09:15:00Z conv list --sla missed --sort due --ids >got && head -n 2 want >two && same two got &&
	at 2026-11-23T09:15:00Z conv list --sla due --ids | grep -x "$(of 22)" && [ "$(at 2026-11-23T09:15:00Z conv list --sla missed,due --ids | wc -l)" -eq 3 ] &&
	at 2026-11-23T09:15:00Z conv list --sort due >got && grep "^ID .*WAITS .*DUE " got && grep "^$(of 23) .* 35 min late" got && grep "^$(of 22) .* in 300 s\|^$(of 22) .* in 5 min" got &&
	at 2026-11-23T09:15:00Z conv list --sla missed --json | jq -se "length == 2 and all(.[]; .sla == \"gold\" and .due_for == \"first-response\") and any(.[]; .due == \"2026-11-23T08:40:00.000Z\")" &&
	at 2026-11-23T09:15:00Z conv show "$(of 21)" | grep "^  promised   gold: first-response missed .* ago, 2026-11-23 09:10" &&
	at 2026-11-23T09:15:00Z conv show "$(of 24)" | grep "^  promised   gold: resolution rests" &&
	at 2026-11-23T09:15:00Z conv export "$(of 24)" | jq -se "[.[] | select(.record == \"conversation\")] | length == 1 and (.[0].promises | map(.target + \" \" + (.met | tostring)) | sort == [\"first-response true\", \"resolution null\"])" &&
	status 64 conv list --sla late 2>err && grep "sla: unknown word" err
'
check 'two of one person: what has ended is kept, what runs is of the one that goes on' '
	desk && wrote 30 2026-11-23T08:00:00Z && wrote 31 2026-11-23T08:10:00Z && at 2026-11-23T08:20:00Z conv reply "$(of 30)" hi && wrote 30 2026-11-23T08:40:00Z &&
	at 2026-11-23T08:50:00Z conv merge "$(of 30)" "$(of 31)" && [ "$(sql "SELECT count(*) FROM sla_clock WHERE conversation NOT IN (SELECT id FROM conversation WHERE merged_into IS NULL)")" -eq 0 ] &&
	are 30 "first-response 23.08:00 23.09:00 23.08:20" "resolution 23.08:00 24.08:00 -" "first-response 23.08:10 23.09:10 23.08:20" "next-response 23.08:40 23.10:40 -" && [ "$(sql "SELECT count(due_ms) FROM conversation")" -eq 1 ]
'
check 'merged: what was promised to either is not put off, and what was missed is told once' '
	desk && wrote 40 2026-11-23T08:00:00Z && wrote 41 2026-11-23T08:05:00Z && at 2026-11-23T08:01:00Z conv escalate "$(of 40)" asked >/dev/null && at 2026-11-23T08:06:00Z conv escalate "$(of 41)" asked >/dev/null &&
	sql "UPDATE conversation SET handed_ms = waiting_ms" && at 2026-11-23T08:10:00Z conv merge "$(of 40)" "$(of 41)" && are 40 "first-response 23.08:00 23.09:00 -" "resolution 23.08:00 24.08:00 -" && [ "$(due 40)" = 23.09:00 ] &&
	at 2026-11-23T08:10:00Z conv list --json | jq -se "length == 1 and .[0].waiting_since == \"2026-11-23T08:00:00.000Z\"" &&
	desk && echo "match sla missed tag missed" >own && wrote 42 2026-11-23T08:00:00Z && follow 2026-11-23T09:01:00Z && wrote 43 2026-11-23T09:02:00Z && sql "UPDATE conversation SET handed_ms = waiting_ms" &&
	at 2026-11-23T09:03:00Z conv merge "$(of 42)" "$(of 43)" && [ "$(due 42)" = 23.09:00 ] && at 2026-11-23T09:03:00Z conv list --sla missed --ids >got && [ "$(cat got)" = "$(at 2026-11-23T09:03:00Z conv list --ids)" ] &&
	follow 2026-11-23T09:04:00Z && desk-events --type timer.fired | jq -se "length == 1"
'
check 'merged into one that was answered before, or has more time: what is due first is still' '
	desk && wrote 44 2026-11-23T08:30:00Z && wrote 45 2026-11-23T08:40:00Z && at 2026-11-23T08:41:00Z conv reply "$(of 45)" hi && wrote 45 2026-11-23T08:50:00Z again && [ "$(due 45)" = 23.10:50 ] &&
	at 2026-11-23T08:55:00Z conv merge "$(of 44)" "$(of 45)" && [ "$(due 44)" = 23.10:50 ] &&
	desk && wrote 46 2026-11-23T08:00:00Z && at 2026-11-23T08:10:00Z conv reply "$(of 46)" hi && at 2026-11-23T08:20:00Z conv take "$(of 46)" && wrote 47 2026-11-23T08:30:00Z && wrote 46 2026-11-23T08:40:00Z again &&
	[ "$(due 46) $(due 47)" = "23.10:40 23.09:30" ] && at 2026-11-23T08:50:00Z conv merge "$(of 46)" "$(of 47)" && [ "$(due 46)" = 23.09:30 ] && wrote 46 2026-11-23T08:55:00Z more && [ "$(due 46)" = 23.09:30 ] &&
	at 2026-11-23T09:00:00Z conv reply "$(of 46)" hi && clocks 46 | grep "^first-response 23.08:30 23.09:30 23.09:00" && wrote 46 2026-11-23T09:10:00Z last && [ "$(due 46)" = 23.11:10 ] &&
	desk && printf "[sla slow]\nfirst_response = 8h\n" >>frontdesk.conf && echo "match text \"slow\" sla slow" >own && follow 2026-11-23T07:30:00Z && wrote 48 2026-11-23T08:00:00Z && wrote 49 2026-11-23T08:10:00Z slow &&
	[ "$(due 49)" = 23.16:10 ] && at 2026-11-23T08:20:00Z conv merge "$(of 48)" "$(of 49)" && [ "$(due 48)" = 23.09:00 ]
'
check 'who is blocked is owed nothing, until they are not' '
	desk && wrote 32 2026-11-23T08:00:00Z && at 2026-11-23T08:10:00Z desk-contact block 491700032 && [ -z "$(clocks 32)" ] && [ "$(due 32)" = - ] &&
	wrote 32 2026-11-23T08:20:00Z && [ -z "$(clocks 32)" ] && at 2026-11-23T08:30:00Z desk-contact unblock 491700032 && clocks 32 | grep "^first-response"
'
check 'a note, a reaction and what a rule says are no answer; what is typed on the phone is' '
	desk && echo "match any reply \"We got it.\"" >own && wrote 33 2026-11-23T08:00:00Z && desk-events --type message.queued | jq -se "length == 1" &&
	at 2026-11-23T08:05:00Z conv note "$(of 33)" "look at this" && [ "$(due 33)" = 23.09:00 ] &&
	jq -c ".entry[0].changes[0].value |= (.metadata.phone_number_id = \"106\" | .message_echoes[0] |= (.to = \"491700033\" | .timestamp = \"1795421400\"))" "$top/tests/data/webhooks/echo.json" |
	    FRONTDESK_NOW=2026-11-23T08:10:00Z wa-recv --stdin >/dev/null && clocks 33 | grep "^first-response 23.08:00 23.09:00 23.08:10"
'
check 'a customer who takes the question back waits for nothing' '
	desk && wrote 34 2026-11-23T08:00:00Z && sql "UPDATE message SET wamid = \"w34\"" &&
	sql "INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, quoted) SELECT \"01JD0000000000000000000000\", instance, conversation, contact, \"in\", \"revoke\", wa_ms + 1000, stored_ms, \"w34\" FROM message" &&
	at 2026-11-23T08:20:00Z conv priority "$(of 34)" high && ! clocks 34 | grep response
'
check 'kill -9 at any moment, and two that follow: each once' '
	desk && echo "match sla missed tag late" >own && for i in $(seq 100 139); do jq -nc --arg p 4917000$i "{type: \"message.received\", time: \"2026-11-23T08:00:00Z\", data: {kind: \"text\", phone: \$p, text: \"x\"}}"; done |
	    FRONTDESK_NOW=2026-11-23T08:00:00Z route -q -f own >/dev/null &&
	for ms in 004 008 012 016 020 024 028 032 036 040 050 060; do FRONTDESK_NOW=2026-11-23T09:00:00Z timeout -s KILL 0.$ms route --follow --once --from start -f own 2>/dev/null; done;
	{ follow 2026-11-23T09:00:01Z & one=$!; FRONTDESK_NOW=2026-11-23T09:00:01Z route --follow --once --cursor other --from end -f own; wait $one; } &&
	[ "$(sql "SELECT count(*) || \" \" || count(DISTINCT subject) FROM event WHERE type = \"timer.fired\"")" = "40 40" ] &&
	follow 2026-11-23T09:00:02Z && [ "$(sql "SELECT count(*) FROM conversation_tag WHERE tag = \"late\"")" -eq 40 ] && [ "$(desk-events --type conversation.tagged | wc -l)" -eq 40 ]
'
check 'replay needs no clock: the same rules differ in nothing, others in what they say' '
	printf "match sla missed tag late\n" >"${FRONTDESK_CONF:-frontdesk.conf}.rules" && sed -i "\$a [rules]\nfile = $work/same" frontdesk.conf && cp own same &&
	route --replay -f own && printf "match sla missed priority high\nmatch sla due within 5m tag soon\nmatch text \"x\" sla none\n" >new &&
	status 1 route --replay -f new >diff 2>err && [ "$(jq -r .field diff | sort | uniq -c | tr -s " " | tr "\n" ,)" = " 40 priority, 40 sla, 40 tags," ] &&
	grep -q "no timer of 5 min\|no timer of 300 s" err
'
check 'the report counts what was kept, by the day it came' '
	desk && for n in 0 1 2; do wrote 4$n 2026-11-23T08:00:00Z; done && at 2026-11-23T08:30:00Z conv reply "$(of 40)" hi && at 2026-11-23T10:00:00Z conv reply "$(of 41)" hi &&
	wrote 40 2026-11-23T11:00:00Z && at 2026-11-23T11:30:00Z conv reply "$(of 40)" ok && at 2026-11-23T11:31:00Z conv resolve "$(of 40)" &&
	at 2026-11-23T12:00:00Z report --since 2026-11-23 --json | jq -c "select(.metric | tostring | endswith(\"_kept\")) | [.metric, .total.count, .total.of]" >got; cat got;
	at 2026-11-23T12:00:00Z report --since 2026-11-23 --csv | grep "_kept,,\(count\|of\)," | cut -d, -f1,3,4 >got &&
	printf "%s\n" first_response_kept,count,1 first_response_kept,of,2 next_response_kept,count,1 next_response_kept,of,1 resolution_kept,count,1 resolution_kept,of,1 >want && same want got
'
check 'by policy: what was met and what was missed, over any days, as JSON, text and a page' '
	desk && printf "[sla quick]\nfirst_response = 5m\nresolution = 1h\n" >>frontdesk.conf && echo "match text \"quick\" sla quick" >own && follow 2026-11-23T07:30:00Z &&
	for n in 0 1 2; do wrote 6$n 2026-11-23T08:00:00Z; done && for n in 3 4; do wrote 6$n 2026-11-23T08:00:00Z quick; done &&
	at 2026-11-23T08:04:00Z conv reply "$(of 63)" hi && at 2026-11-23T08:06:00Z conv reply "$(of 64)" hi &&
	at 2026-11-23T08:30:00Z conv reply "$(of 60)" hi && wrote 63 2026-11-23T09:00:00Z &&
	at 2026-11-23T10:00:00Z conv reply "$(of 61)" hi && at 2026-11-23T10:30:00Z conv resolve "$(of 63)" &&
	wrote 60 2026-11-23T11:00:00Z && at 2026-11-23T11:30:00Z conv reply "$(of 60)" ok && at 2026-11-23T11:31:00Z conv resolve "$(of 60)" &&
	at 2026-11-24T07:50:00Z conv reply "$(of 62)" late && at 2026-11-25T09:00:00Z conv resolve "$(of 61)" &&
	at 2026-11-25T12:00:00Z report --since 2026-11-23 --json | jq -c "select(.metric == \"promises\") | [.count, .of], (.days[] | [.count, .of]), (.policies[] | [.policy, .target, .met, .missed])" >got &&
	printf "%s\n" "[5,9]" "[4,7]" "[0,1]" "[1,1]" "[\"gold\",\"first-response\",1,2]" "[\"gold\",\"next-response\",1,0]" \
	    "[\"gold\",\"resolution\",2,0]" "[\"quick\",\"first-response\",1,1]" "[\"quick\",\"resolution\",0,1]" >want && same want got &&
	at 2026-11-25T12:00:00Z report --since 2026-11-23 --plain | grep "^promises" | tr "\t" " " | sed "s/ *$//" >got &&
	printf "%s\n" "promises 5 9" "promises/gold/first-response 1 3" "promises/gold/next-response 1 1" "promises/gold/resolution 2 2" "promises/quick/first-response 1 2" "promises/quick/resolution 0 1" >want && same want got &&
	at 2026-11-25T12:00:00Z report --since 2026-11-24 --until 2026-11-25 --csv | grep "^promises,," >got &&
	printf "%s\n" promises,,count,0 promises,,of,1 "promises,,\"gold first-response met\",0" "promises,,\"gold first-response missed\",1" >want && same want got &&
	at 2026-11-25T12:00:00Z report --since 2026-11-23 >page && grep -A 1 "^<tr>.*<bdi>quick</bdi>: first-response</th><td>1</td><td>1</td><td>50" page
'

if ! command -v faketime >/dev/null || case ${BUILD:-} in *-address*) true ;; *) false ;; esac; then
	skip 'a clock that jumps under a service that runs' 'no faketime here'
	done_testing
	exit
fi
up () { [ "$(sql "SELECT count(*) FROM worker WHERE stage = 'route'")" -gt 0 ]; }
seen () { [ "$(sql "SELECT count(*) FROM event WHERE type = 'timer.fired'")" -eq "$1" ]; }
soon () { [ "$(tags 50)" = soon ]; }
real () { date -u -d "$1" +%FT%TZ; }
lib=$(faketime -f +0 printenv LD_PRELOAD)
check 'a clock that jumps under a service that runs: forward, back, and on' '
	desk && rm -rf "$store" && frontdesk init --user >/dev/null 2>&1 && echo "match sla due within 10m tag soon" >own && echo +0 >clock &&
	export FAKETIME_TIMESTAMP_FILE=$work/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 &&
	{ LD_PRELOAD=$lib route --follow --poll 100ms --from start -f own 2>log & } && pid=$! && pids="$pids $pid" && wait_for up && sleep 0.5 &&
	wrote 50 "$(real "now + 1 second")" && sleep 0.5 && seen 0 && echo +51m >clock && wait_for seen 1 && wait_for soon &&
	echo +61m >clock && wait_for seen 2 && echo -2h >clock && sleep 0.5 && seen 2 && echo +62m >clock && sleep 0.5 && seen 2 &&
	desk-events --type timer.fired | jq -se "map(.data.after_ms) == [600000, 0]" && kill "$pid" && wait "$pid"
'
done_testing
