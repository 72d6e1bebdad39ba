#!/bin/sh
# desk-hook(1): what rules ask for is called once, signed, until it is taken
# shellcheck disable=SC2016,SC2119,SC2120,SC2154
. "${0%/*}/lib.sh"
frontdesk init --user >/dev/null 2>&1
store=$HOME/.local/share/frontdesk
sql () { sqlite3 -cmd ".timeout 5000" "$store/desk.db" "$1"; }
old=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
new=another-secret-of-this-desk
echo "$old" >secret
perl "$top/tests/hook.pl" port calls faults "$old" "$new" & pids="$pids $!"
wait_for test -s port
: >calls
settings () {	# [LINE ...]: a webhook crm, and what else of it
	printf '%s\n' '[webhook crm]' "url = http://127.0.0.1:$(cat port)/in?x=1" \
	    'secret_file = secret' 'private = on' 'timeout = 1s' 'retry = 10ms' \
	    "$@" >frontdesk.conf
}
settings
echo 'crm: match any webhook crm' >rules
echo 0 >n
asks () {	# TEXT: a customer writes, and the rule asks for the webhook
	n=$(($(cat n) + 1)); echo $n >n	# in a subshell of its own
	printf '{"type":"message.received","data":{"phone":"4917000%05d","text":"%s"}}\n' \
	    $n "$1" | route -q -f rules >routed
	jq -c 'select(.type == "action.requested")' routed >requested
	asked=$(jq -r .id requested)
}
calls () { desk-hook --follow --once --from start "$@" 2>err; }
told () { desk-events --type "$1" | tail -n 1 | jq -c .data | grep .; }
number () { desk-events --type "$1" | wc -l; }
last () { tail -n 1 calls; }

check 'it is called: the event that caused it, signed, and how it went is told' '
	asks "a zebra" && calls && [ "$(wc -l <calls)" -eq 1 ] &&
	last | jq -e --arg id "$asked" ".path == \"/in?x=1\" and .id == \$id and .signed == 1 and .type == \"application/json\" and
	    .body.actionid == \$id and .body.action == \"crm\" and .body.rule == \"crm\" and .body.specversion == \"1.0\" and
	    .body.type == \"message.received\" and .body.data.text == \"a zebra\" and .body.data.phone == \"491700000001\"" &&
	t=$(last | jq -r .timestamp) && [ $(($(date +%s) - t)) -lt 60 ] &&
	told webhook.delivered | jq -e --arg id "$asked" ".webhook == \"crm\" and .request == \$id and .status == 204 and .attempt == 1 and .rule == \"crm\" and (.conversation | length) == 8" &&
	same /dev/null err
'
check 'what goes out is what desk-events prints' '
	last | jq -S ".body | del(.action, .actionid, .rule)" >got &&
	desk-events --type message.received | jq -S . >want && same want got
'
check 'again, by another cursor: no call, no event' '
	calls --cursor other && [ "$(wc -l <calls)" -eq 1 ] && [ "$(number webhook.delivered)" -eq 1 ]
'
check 'stdin form: copies, the same lines again; a dry run and a scratch store call nobody' '
	asks "on stdin" && frontdesk scratch desk-hook -q <requested | jq -e ".data.reason == \"not called in a dry run\"" &&
	desk-hook -q --dry-run <requested | jq -e ".type == \"webhook.failed\"" && [ "$(wc -l <calls)" -eq 1 ] &&
	desk-hook <requested >one && head -n 1 one | same requested - && sed 1d one | jq -e ".type == \"webhook.delivered\" and .causeid == \"$asked\"" &&
	desk-hook <requested >two && same one two && [ "$(wc -l <calls)" -eq 2 ] &&
	calls && [ "$(wc -l <calls)" -eq 2 ]
'
check 'two secrets: signed with each, and a new file holds at once' '
	printf "# the old one goes next week\n%s\n%s\n" "$new" "$old" >secret && asks "rotated" && calls && last | jq -e ".signed == 2" &&
	echo "$new" >secret && asks "rotated" && calls && last | jq -e ".signed == 1"; r=$?; echo "$old" >secret; [ $r -eq 0 ]
'
got_over () {	# CALLS FAULT ...: it is taken after so many calls
	want=$1
	shift
	before=$(wc -l <calls)
	printf '%s\n' "$@" >faults
	asks "secret words" && calls
	rm -f faults
	[ "$(wc -l <calls)" -eq $((before + want)) ] || { tail -n 5 calls; return 1; }
	told webhook.delivered | jq -e ".attempt == $want and .request == \"$asked\"" &&
	[ "$(tail -n "$want" calls | jq -r .id | sort -u)" = "$asked" ] &&
	! grep -E "secret words|words of theirs|49170|$old" err
}
gives_up () {	# REASON CALLS FAULT ...
	reason=$1 want=$2
	shift 2
	before=$(wc -l <calls)
	printf '%s\n' "$@" >faults
	asks "secret words" && calls
	rm -f faults
	[ "$(wc -l <calls)" -eq $((before + want)) ] || { tail -n 5 calls; return 1; }
	told webhook.failed | jq -e --arg r "$reason" '.reason == $r' && [ "$(told webhook.failed | jq -r .request)" = "$asked" ] &&
	! grep -E "secret words|words of theirs|49170|$old" err
}
check 'passing failures are got over, with the same id' '
	got_over 6 "1 status 500" "1 status 400" "1 reset" "1 status 301" "1 status 429"
'
check 'a hang ends by the timeout' '
	settings "timeout = 200ms" && got_over 2 "1 hang"; r=$?; settings; [ $r -eq 0 ]
'
check 'a long answer to what was taken is an answer' '
	got_over 1 "1 big"
'
check 'so is one that ends early, or whose headers do not' '
	got_over 1 "1 cut" && got_over 1 "1 headers"
'
check 'Retry-After is waited for' '
	t=$(date +%s%N) && got_over 2 "1 status 503 1" && [ $((($(date +%s%N) - t) / 1000000)) -ge 1000 ]
'
check 'a redirect leads nowhere' '
	settings "tries = 2" && gives_up "its receiver answered with status 302" 2 "-1 goto http://127.0.0.1:$(cat port)/other" &&
	! grep -q /other calls; r=$?; settings; [ $r -eq 0 ]
'
check 'tries end, and so does the time' '
	settings "tries = 3" && gives_up "its receiver answered with status 500" 3 "-1 status 500" &&
	told webhook.failed | jq -e ".status == 500 and .attempt == 3" &&
	settings "retry = 300ms" "give_up = 100ms" && gives_up "its receiver answered with status 500" 1 "-1 status 500" &&
	settings "give_up = 2s" && gives_up "its receiver answered with status 503" 1 "-1 status 503 3600"; r=$?; settings; [ $r -eq 0 ]
'
check 'what failed is listed, and done again when a person says so' '
	settings && asked=$(told webhook.failed | jq -r .request) && desk-hook --list-failed --json >got && [ "$(wc -l <got)" -eq 4 ] && head -n 1 got | jq -e ".request == \"$asked\" and .actionid == \"$asked\" and .webhook == \"crm\"" &&
	desk-hook --list-failed --plain | head -n 1 | grep -q "^$asked	.*	crm	crm	" &&
	before=$(wc -l <calls) && desk-hook --retry "$asked" --json | jq -e ".type == \"action.retried\" and .data.actor == \"user:me\" and .data.request == \"$asked\"" &&
	status 1 desk-hook --retry "$asked" 2>err && grep -q "being tried again" err &&
	calls && [ "$(wc -l <calls)" -eq $((before + 1)) ] && last | jq -e ".id == \"$asked\" and .signed == 1" &&
	told webhook.delivered | jq -e ".request == \"$asked\"" && [ "$(desk-hook --list-failed --plain | wc -l)" -eq 3 ] &&
	status 1 desk-hook --retry "$asked" && status 64 desk-hook --retry nonsense && status 64 desk-hook --retry "$asked" --check &&
	[ "$(sql "SELECT count(*) FROM audit WHERE action = '\''action.retry'\''")" -eq 1 ]
'
check '410: not called any more, until a person or another address' '
	gives_up "its receiver answered with status 410" 1 "1 status 410" && gone=$asked && gives_up "its receiver is gone" 0 "0 hang" &&
	before=$(wc -l <calls) && desk-hook --retry "$gone" && calls && [ "$(wc -l <calls)" -eq $((before + 1)) ] && got_over 1 "0 hang" &&
	gives_up "its receiver answered with status 410" 1 "1 status 410" && sed -i "s/x=1/x=2/" frontdesk.conf && got_over 1 "0 hang"; r=$?; settings; [ $r -eq 0 ]
'
check 'addresses that are not public are not called, whatever they are called' '
	port=$(cat port) && for host in "127.0.0.1:$port" "localhost:$port" "[::ffff:127.0.0.1]:$port" "10.0.0.1" "169.254.169.254"; do
		printf "[webhook crm]\nurl = https://%s/\nsecret_file = secret\ntries = 1\ntimeout = 1s\n" "$host" >frontdesk.conf
		gives_up "its address is not public" 0 "0 hang" || return 1
	done; settings
'
check 'a connection to what is not public is nobody else'\''s' '
	printf "[webhook crm]\nurl = http://127.0.0.1:%s/\nsecret_file = secret\nprivate = on\n[webhook open]\nurl = https://127.0.0.1:%s/\nsecret_file = secret\ntries = 1\n" "$(cat port)" "$(cat port)" >frontdesk.conf &&
	echo "both: match any webhook crm, open" >rules && before=$(wc -l <calls) && asks two && calls && [ "$(wc -l <calls)" -eq $((before + 1)) ] &&
	told webhook.failed | jq -e ".webhook == \"open\" and .reason == \"its address is not public\""; r=$?; echo "crm: match any webhook crm" >rules; settings; [ $r -eq 0 ]
'
check 'settings that are not right: named by --check, and the action fails' '
	desk-hook --check 2>err && same /dev/null err &&
	printf "[webhook a]\nsecret_file = secret\n[webhook b]\nurl = https://example.com/\n[webhook c]\nurl = http://example.com/\nsecret_file = secret\n[webhook d]\nurl = https://example.com/\nsecret_file = short\n" >frontdesk.conf &&
	echo short >short && status 78 desk-hook --check 2>err && grep -q "^desk-hook: \[webhook a\]: wants a url" err && grep -q "\[webhook b\]: wants a secret_file" err &&
	grep -q "\[webhook c\]: url: plain http" err && grep -q "\[webhook d\]: secret_file: a secret of fewer than 16 bytes" err &&
	settings && asks x && sed -i "s/^url.*//" frontdesk.conf && calls && told webhook.failed | jq -e ".reason == \"its settings are not right: desk-hook --check\"" && grep -q "wants a url" err &&
	settings && asks x && printf "[webhook other]\nurl = https://example.com/\nsecret_file = secret\n" >frontdesk.conf && calls && told webhook.failed | jq -e ".reason == \"no webhook has this name\""; r=$?; settings; [ $r -eq 0 ]
'
check 'a secret that cannot be read is tried again' '
	asks unread && mv secret kept && settings "tries = 2" && calls; mv kept secret
	told webhook.failed | jq -e ".reason == \"its secrets cannot be read\" and .attempt == 2"; r=$?; settings; [ $r -eq 0 ]
'
check 'what is too old is not called' '
	asks old && before=$(wc -l <calls) && sleep 0.1 && calls --max-age 10ms && [ "$(wc -l <calls)" -eq "$before" ] &&
	told webhook.failed | jq -e ".reason == \"too old\" and .request == \"$asked\""
'
check 'an erased text is not sent' '
	asks "erase me" && sql "UPDATE message SET text = NULL, erased = 1 WHERE text = '\''erase me'\''" && calls &&
	last | jq -e ".body.data.text == null and .body.data.erased"
'
check 'other actions are none of ours' '
	echo "other: match any notify leads run export" >rules && before=$(wc -l <calls) && asks "not us" && calls && [ "$(wc -l <calls)" -eq "$before" ]; r=$?; echo "crm: match any webhook crm" >rules; [ $r -eq 0 ]
'
for point in before-commit after-commit begin.before-commit begin.after-commit \
    answered worked finish.before-commit finish.after-commit; do
	check "killed at $point: one outcome, and one id however often it was called" '
		before=$(number webhook.delivered) calls=$(wc -l <calls) && asks "killed" &&
		{ FRONTDESK_FAULT=desk-hook.$point:1 calls; [ $? -eq 137 ]; } && calls &&
		[ "$(number webhook.delivered)" -eq $((before + 1)) ] && [ "$(told webhook.delivered | jq -r .request)" = "$asked" ] &&
		[ "$(tail -n +$((calls + 1)) calls | jq -r .id | sort -u)" = "$asked" ] && [ "$(wc -l <calls)" -le $((calls + 2)) ] &&
		[ "$(sql "SELECT count(*) FROM job WHERE stage = '\''desk-hook'\''")" -eq 0 ]
	'
done
check 'four processes: each is called once' '
	before=$(wc -l <calls) && for i in 1 2 3 4 5 6 7 8 9 10 11 12; do asks "side by side"; done &&
	for i in 1 2 3 4; do desk-hook --follow --once --from start 2>>err & all="$all $!"; done; wait $all
	[ "$(wc -l <calls)" -eq $((before + 12)) ] && [ "$(tail -n 12 calls | jq -r .id | sort -u | wc -l)" -eq 12 ]
'
check 'no secret is in the log of events, in words or in arguments' '
	! grep -aF "${old#whsec_}" "$store/desk.db" err && ! desk-events | grep -F "${old#whsec_}"
'
done_testing
