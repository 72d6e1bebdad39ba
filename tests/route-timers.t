#!/bin/sh
# route(1): timers fire without a message, once, whatever the clock does
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
frontdesk init --user >/dev/null 2>&1
store=${XDG_DATA_HOME:-$HOME/.local/share}/frontdesk
sql () { sqlite3 -cmd ".timeout 5000" "$store/desk.db" "$1"; }
of () { sql "SELECT conversation FROM message JOIN contact_alias USING (contact)
	WHERE value = '$1' LIMIT 1"; }
field () { sql "SELECT $2 FROM conversation WHERE id = '$(of "$1")'"; }
# at TIME COMMAND ...: with the clock standing there
at () { now=$1; shift; FRONTDESK_NOW=$now "$@"; }
# PHONE TIME [TEXT]: a customer wrote, and was routed by the file `own`
wrote () {
	jq -nc --arg phone "$1" --arg time "$2" --arg text "${3:-hello}" \
	    '{type: "message.received", time: $time, data: {kind: "text", phone: $phone, text: $text}}' |
	    FRONTDESK_NOW=$2 route -q -f own >out
}
follow () { at "$1" route --follow --once --from start -f own; }
timers () { sql "SELECT data ->> '\$.timer' || ' ' || (data ->> '\$.since') FROM event
	WHERE type = 'timer.fired' AND subject = 'conversation/$(of "$1")' ORDER BY seq"; }
fired () { sql "SELECT count(*) FROM event WHERE type = 'rules.fired' AND subject = 'conversation/$(of "$1")'"; }
tags () { sql "SELECT group_concat(tag, ' ') FROM (SELECT tag FROM conversation_tag WHERE conversation = '$(of "$1")' ORDER BY tag)"; }
anew () { rm -rf "$store" && frontdesk init --user >/dev/null 2>&1; }
cat >frontdesk.conf <<'END'
[desk]
zone = Europe/Berlin
[hours shop]
zone = Europe/Berlin
mon-sun = 09:00-17:00
[instance default]
hours = shop
END

check 'idle: once, when nobody has written for so long; again after more was said' '
	echo "match idle 30m tag idle" >own && follow 2026-11-23T09:00:00Z &&
	wrote 1 2026-11-23T10:00:00Z && follow 2026-11-23T10:29:59Z && [ -z "$(timers 1)" ] &&
	follow 2026-11-23T10:30:00Z && follow 2026-11-23T10:31:00Z && follow 2026-11-23T12:00:00Z &&
	[ "$(timers 1)" = "idle 2026-11-23T10:00:00.000Z" ] && [ "$(tags 1)" = idle ] && [ "$(fired 1)" -eq 1 ] &&
	wrote 1 2026-11-23T12:10:00Z && follow 2026-11-23T12:39:00Z && [ "$(fired 1)" -eq 1 ] &&
	follow 2026-11-23T12:41:00Z && [ "$(fired 1)" -eq 2 ]
'
check 'what it says: the duration, since when, when it was due; its id is of what it is about' '
	desk-events --type timer.fired | head -n 1 | jq -e ".data.after_ms == 1800000 and .data.due == \"2026-11-23T10:30:00.000Z\"
	    and .time == \"2026-11-23T10:30:00.000Z\" and .data.instance == \"default\" and .depth == 0 and (has(\"causeid\") | not)" &&
	before=$(sql "SELECT count(*) FROM event") && sql "DELETE FROM timer" && follow 2026-11-23T12:42:00Z &&
	[ "$(sql "SELECT count(*) FROM event")" -eq "$before" ]
'
check 'what was due before the rule was there does not fire' '
	anew && echo "match any tag x" >own && wrote 2 2026-11-23T08:00:00Z && wrote 3 2026-11-23T09:40:00Z &&
	echo "match idle 30m tag idle" >own && follow 2026-11-23T10:00:00Z && [ -z "$(timers 2)" ] &&
	follow 2026-11-23T10:11:00Z && [ -z "$(timers 2)" ] && [ -n "$(timers 3)" ]
'
check 'a rule that goes and comes again is new' '
	anew && echo "match idle 30m tag idle" >own && follow 2026-11-23T09:00:00Z && echo "match any tag x" >own && follow 2026-11-23T09:30:00Z &&
	wrote 50 2026-11-23T10:00:00Z && follow 2026-11-23T10:40:00Z && echo "match idle 30m tag idle" >own && follow 2026-11-23T11:00:00Z && [ -z "$(timers 50)" ] &&
	wrote 50 2026-11-23T11:01:00Z && follow 2026-11-23T11:31:00Z && [ "$(timers 50)" = "idle 2026-11-23T11:01:00.000Z" ]
'
check 'waiting: since the customer waits, not since they last wrote; an answer ends it' '
	anew && printf "five: match waiting 5m tag five\nten: match waiting 10m and not tagged vip tag ten\n" >own && follow 2026-11-23T09:00:00Z &&
	wrote 491700004 2026-11-23T10:00:00Z && wrote 491700004 2026-11-23T10:04:00Z && wrote 491700005 2026-11-23T10:01:00Z &&
	follow 2026-11-23T10:05:00Z && [ "$(tags 491700004)" = five ] && [ -z "$(tags 491700005)" ] &&
	at 2026-11-23T10:05:30Z conv reply "$(of 491700005)" "here I am" && follow 2026-11-23T10:20:00Z && [ "$(tags 491700004)" = "five ten" ] && [ -z "$(timers 491700005)" ]
'
check 'the window: so long before the provider shuts it' '
	anew && echo "match window closes in 2h tag soon" >own && follow 2026-11-23T09:00:00Z &&
	wrote 6 2026-11-23T10:00:00Z && follow 2026-11-24T07:59:00Z && [ -z "$(tags 6)" ] && follow 2026-11-24T08:00:00Z && [ "$(tags 6)" = soon ] &&
	desk-events --type timer.fired | jq -e ".data.timer == \"window\" and .data.due == \"2026-11-24T08:00:00.000Z\""
'
check 'closed conversations are left alone, unless a rule looks at the status' '
	anew && printf "match idle 30m tag idle\n" >own && follow 2026-11-23T09:00:00Z && wrote 7 2026-11-23T10:00:00Z && at 2026-11-23T10:01:00Z conv resolve "$(of 7)" &&
	follow 2026-11-23T11:00:00Z && [ -z "$(timers 7)" ] &&
	printf "one: match idle 30m tag idle\ntwo: match idle 2h status resolved archive\n" >own && follow 2026-11-23T11:01:00Z && follow 2026-11-23T12:30:00Z &&
	[ "$(field 7 status)" = archived ] && [ -z "$(tags 7)" ]
'
check 'a timer whose time is over when it is looked at fires no rule' '
	anew && echo "match idle 30m tag idle" >own && follow 2026-11-23T09:00:00Z && wrote 8 2026-11-23T10:00:00Z &&
	follow 2026-11-23T10:30:00Z && desk-events --type timer.fired >line && [ -s line ] &&
	conv untag "$(of 8)" idle && wrote 8 2026-11-23T10:31:00Z && sql "DELETE FROM done; DELETE FROM event WHERE cause IN (SELECT id FROM event WHERE type LIKE \"timer.%\"); DELETE FROM event WHERE type LIKE \"timer.%\"" &&
	route -q --explain -f own <line 2>err && grep -q "timer.fired: the conversation has gone on since" err && [ -z "$(tags 8)" ]
'
check 'old traffic is judged by its own events: a dry run of a timer needs no clock' '
	anew && echo "match idle 30m inside hours tag idle" >own && follow 2026-11-23T09:00:00Z && wrote 9 2026-11-23T10:00:00Z && follow 2026-11-23T10:30:00Z &&
	sql "DELETE FROM conversation_tag" && desk-events --type timer.fired >line && sql "DELETE FROM event WHERE type LIKE \"timer.%\"" &&
	route -q --dry-run -f own <line >one && sleep 1 && route -q --dry-run -f own <line >two && same one two && jq -e "select(.type == \"rules.fired\").data.rules == [\"1\"]" one
'
check 'the clock jumps forward: once; and back: not again' '
	anew && echo "match idle 30m tag idle" >own && follow 2026-11-23T09:00:00Z && wrote 10 2026-11-23T10:00:00Z &&
	follow 2026-11-25T00:00:00Z && follow 2026-11-23T10:05:00Z && follow 2026-11-23T10:31:00Z && [ "$(timers 10 | wc -l)" -eq 1 ] && [ "$(fired 10)" -eq 1 ]
'
check 'the clock jumps back before a rule is new: it fires all the same' '
	anew && echo "match idle 30m tag idle" >own && follow 2026-11-23T15:00:00Z && follow 2026-11-23T10:00:00Z &&
	wrote 11 2026-11-23T10:01:00Z && follow 2026-11-23T10:31:00Z && [ "$(tags 11)" = idle ]
'
check 'a standstill of hours is made up for, one of weeks is not' '
	anew && echo "match idle 30m tag idle" >own && follow 2026-11-01T09:00:00Z && wrote 12 2026-11-01T10:00:00Z && wrote 13 2026-11-22T10:00:00Z &&
	follow 2026-11-23T10:00:00Z && [ -z "$(timers 12)" ] && [ "$(tags 13)" = idle ]
'
check 'durations are of real time over both nights of the clock change' '
	anew && echo "match idle 2h tag idle" >own && follow 2026-10-24T20:00:00Z && wrote 14 2026-10-25T00:30:00Z &&
	follow 2026-10-25T02:29:00Z && [ -z "$(tags 14)" ] && follow 2026-10-25T02:30:00Z && [ "$(tags 14)" = idle ] &&
	anew && follow 2026-03-28T20:00:00Z && wrote 15 2026-03-29T00:30:00Z &&
	follow 2026-03-29T02:29:00Z && [ -z "$(tags 15)" ] && follow 2026-03-29T02:30:00Z && [ "$(tags 15)" = idle ]
'
check 'until opening is by the clock on the wall, also over these nights' '
	echo "match any snooze until opening" >own &&
	for d in "2026-03-28T20:00:00Z 2026-03-29T07:00:00.000Z" "2026-10-24T20:00:00Z 2026-10-25T08:00:00.000Z" "2026-03-29T05:00:00Z 2026-03-29T07:00:00.000Z"; do
		anew && wrote 16 "${d% *}" && jq -se --arg t "${d#* }" "map(select(.type == \"conversation.snoozed\"))[0].data.until == \$t" out || return 1
	done
'
check 'hours are those of the moment the timer fires' '
	anew && echo "match waiting 30m outside hours once per closed period tag late" >own && follow 2026-11-23T09:00:00Z &&
	wrote 17 2026-11-23T15:40:00Z && follow 2026-11-23T16:10:00Z && [ "$(tags 17)" = late ] && wrote 18 2026-11-23T15:10:00Z && follow 2026-11-23T15:40:00Z && [ -z "$(tags 18)" ]
'
check 'a snooze ends: open again, with its owner; not before, and once' '
	anew && echo "match text \"rest\" snooze 2h" >own && wrote 20 2026-11-23T10:00:00Z x && at 2026-11-23T10:00:30Z conv take "$(of 20)" && wrote 20 2026-11-23T10:01:00Z rest &&
	[ "$(field 20 status)" = snoozed ] && follow 2026-11-23T12:00:59Z && [ "$(field 20 status)" = snoozed ] &&
	follow 2026-11-23T12:01:00Z && [ "$(field 20 "status, owner")" = "open|user" ] && follow 2026-11-23T13:00:00Z &&
	[ "$(sql "SELECT count(*) FROM event WHERE type = \"conversation.reopened\"")" -eq 1 ] && [ "$(timers 20)" = "snooze 2026-11-23T10:01:00.000Z" ]
'
check 'a snooze that the customer has ended fires nothing' '
	wrote 21 2026-11-23T10:00:00Z rest && wrote 21 2026-11-23T10:30:00Z more && [ "$(field 21 status)" = open ] &&
	follow 2026-11-23T14:00:00Z && [ -z "$(timers 21)" ] && [ "$(sql "SELECT count(*) FROM snooze")" -eq 0 ]
'
check '--once fires, too, what became due as a snooze ended' '
	anew && printf "%s\n" "match text \"rest\" snooze 2h" "match idle 30m tag idle" >own && follow 2026-11-23T09:00:00Z && wrote 22 2026-11-23T10:00:00Z rest &&
	follow 2026-11-23T12:30:00Z && [ "$(timers 22 | cut -d " " -f 1 | xargs)" = "snooze idle" ] && [ "$(tags 22)" = idle ]
'
check 'two that follow at once: each timer once' '
	anew && echo "match idle 30m tag idle" >own && follow 2026-11-23T09:00:00Z &&
	for i in $(seq 100 139); do jq -nc --arg p $i "{type: \"message.received\", time: \"2026-11-23T10:00:00Z\", data: {kind: \"text\", phone: \$p, text: \"x\"}}"; done |
	    FRONTDESK_NOW=2026-11-23T10:00:00Z route -q -f own >/dev/null &&
	{ follow 2026-11-23T10:30:00Z & one=$!; FRONTDESK_NOW=2026-11-23T10:30:00Z route --follow --once --cursor other --from end -f own; wait $one; } &&
	[ "$(sql "SELECT count(*) || \" \" || count(DISTINCT subject) FROM event WHERE type = \"timer.fired\"")" = "40 40" ] &&
	follow 2026-11-23T10:31:00Z && [ "$(sql "SELECT count(*) FROM conversation_tag")" -eq 40 ]
'
check 'a rule on a timer answers nobody it may not' '
	anew && echo "match waiting 5m reply \"Still there, {first_name|friend}.\"" >own && follow 2026-11-23T09:00:00Z && wrote 22 2026-11-23T10:00:00Z && wrote 23 2026-11-23T10:00:00Z &&
	at 2026-11-23T10:01:00Z conv escalate "$(of 23)" why && follow 2026-11-23T10:06:00Z &&
	desk-events --type message.queued | jq -r "[.data.conversation, .data.text] | join(\" \")" >got && echo "$(of 22) Still there, friend." >want && same want got
'

if ! command -v faketime >/dev/null || case ${BUILD:-} in *-address*) true ;; *) false ;; esac; then
	skip 'a clock that jumps under a service that runs' 'no faketime here'
	done_testing
	exit
fi
up () { [ "$(sql "SELECT count(*) FROM worker WHERE stage = 'route'")" -gt 0 ]; }
seen () { [ "$(sql "SELECT count(*) FROM event WHERE type = 'timer.fired'")" -eq "$1" ]; }
real () { date -u -d "$1" +%FT%TZ; }
lib=$(faketime -f +0 printenv LD_PRELOAD)
export FAKETIME_TIMESTAMP_FILE="$work/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
check 'a clock that jumps under a service that runs: forward, back, and on' '
	anew && echo "match idle 30m tag idle" >own && echo +0 >clock &&
	{ LD_PRELOAD=$lib route --follow --poll 100ms --from start -f own 2>log & } && pid=$! && pids="$pids $pid" && wait_for up && sleep 0.5 &&
	wrote 30 "$(real "now + 1 second")" && sleep 0.5 && seen 0 && echo +31m >clock && wait_for seen 1 &&
	echo +1m >clock && sleep 0.5 && seen 1 && echo -2h >clock && sleep 0.5 && wrote 31 "$(real "now - 2 hours")" && sleep 0.5 && seen 1 &&
	echo -89m >clock && wait_for seen 2 && echo +40m >clock && sleep 0.5 && seen 2 && kill "$pid" && wait "$pid"
'
check 'a machine that was suspended: what came due in between fires at once' '
	anew && echo "match waiting 30m tag late" >own && echo +0 >clock &&
	{ LD_PRELOAD=$lib route --follow --poll 100ms --from start -f own 2>log & } && pid=$! && pids="$pids $pid" && wait_for up && sleep 0.5 &&
	wrote 40 "$(real "now + 1 second")" && sleep 0.5 && seen 0 && echo +3h >clock && wait_for seen 1 &&
	wrote 41 "$(real "now + 3 hours")" && sleep 0.5 && seen 1 && echo +3d >clock && wait_for seen 2 && kill "$pid" && wait "$pid"
'
done_testing
