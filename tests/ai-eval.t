#!/bin/sh
# ai-eval(1): cases, scores, two set-ups, history, CI
. "${0%/*}/lib.sh"
. "$top/tests/model.sh"
export FRONTDESK_STORE="$work/store"
frontdesk init store >/dev/null
cat >delivery.md <<'END'
# Delivery

## How long it takes

Parcels to France take 3 to 5 working days. Parcels to Norway take 8 to 10 working days. You can see where they are on our page at any time.

## What it costs

Delivery to France costs 9.90 euros.
END
kb-ingest delivery.md >/dev/null 2>&1
mkdir cases
cat >cases/a.jsonl <<'END'
# what they ask most
{"id":"norway","question":"how long does a parcel to Norway take?","facts":[["8 to 10","8-10"]],"sources":["How long it takes"],"language":"en"}

{"id":"france","question":"and to France?","turns":[{"in":"how long does a parcel to Norway take?"},{"out":"8 to 10 working days."}],"facts":["3 to 5"],"forbidden":["8 to 10"]}
END
echo '{"id":"away","question":"Who will win the election?","action":"hand_over"}' >cases/b.jsonl
only () { jq -c "select(.case == \"$1\")" got; }

desk-events --since 1000d >before
check 'cases of a folder, each with its scores, and what they come to' '
	ai-eval cases >got && [ "$(jq -r "select(.case) | .case" got | tr "\n" " ")" = "norway france away " ] &&
	only norway | jq -e ".ok and .facts == 1 and .grounded == 1 and .action == \"answer\" and (.answer | test(\"8 to 10\")) and .took_ms >= 0 and (.revision | length) == 64" &&
	only away | jq -e ".ok and .action == \"hand_over\"" &&
	tail -n 1 got | jq -e ".summary == \"default\" and .cases == 3 and .ok == 3 and .share == 1 and .facts == 1 and .took_ms_max >= .took_ms_p50"
'
check 'nothing is stored' 'desk-events --since 1000d >after && same before after'
check 'what is wrong is named: facts missing, words forbidden, action, source, language' '
	mkdir bad && cat >bad/x.jsonl <<-END &&
	{"id":"facts","question":"how long does a parcel to Norway take?","facts":["two weeks","8 to 10"]}
	{"id":"forbidden","question":"how long does a parcel to Norway take?","forbidden":["WORKING days"]}
	{"id":"action","question":"how long does a parcel to Norway take?","action":"hand_over"}
	{"id":"source","question":"how long does a parcel to Norway take?","sources":["What it costs"]}
	{"id":"language","question":"how long does a parcel to Norway take?","language":"de"}
	END
	status 1 ai-eval bad >got && only facts | jq -e ".missing == [\"two weeks\"] and .facts == 0.5 and (.ok | not)" &&
	only forbidden | jq -e ".forbidden == [\"WORKING days\"] and (.ok | not)" && only action | jq -e "(.action_right | not) and (.ok | not)" &&
	only source | jq -e "(.source_right | not) and (.ok | not)" && only language | jq -e "(.language_right | not) and (.ok | not)" &&
	tail -n 1 got | jq -e ".ok == 0"
'
check '--min: enough of them is enough' '
	cp -r cases more && echo "{\"question\":\"how long does a parcel to Norway take?\",\"facts\":[\"two weeks\"]}" >more/c.jsonl &&
	status 1 ai-eval more >got && ai-eval more --min 0.75 >got && status 1 ai-eval more --min 0.76 >got &&
	jq -r .case got | grep -qx "more/c.jsonl:1" && status 64 ai-eval more --min 2
'
check 'a bad line is named, the others run, and the status says so' '
	mkdir odd && cat >odd/x.jsonl <<-END &&
	{"question":"how long does a parcel to Norway take?","fact":["8 to 10"]}
	oops
	{"facts":["x"]}
	{"question":"q","action":"dance"}
	{"question":"q","facts":"x"}
	{"question":"q","turns":[{"who":"me"}]}
	{"question":" \u200b"}
	{"question":"how long does a parcel to Norway take?","profile":"zork"}
	{"question":"how long does a parcel to Norway take?","facts":["8 to 10"]}
	END
	status 65 ai-eval odd >got 2>err && [ "$(grep -c "^ai-eval: odd/x.jsonl:" err)" -eq 8 ] && grep -q "x.jsonl:1: no such field .fact., did you mean facts?" err &&
	grep -q "x.jsonl:7: its question is empty" err && grep -q "x.jsonl:8: there is no .profile zork." err &&
	jq -se "map(select(.case)) | length == 1 and .[0].ok" got && printf "\357\273\277{\"id\":\"a\",\"question\":\"how long does a parcel to Norway take?\"}\n" >bom.jsonl && ai-eval bom.jsonl >got &&
	cat bom.jsonl >two.jsonl && echo "{\"id\":\"a\",\"question\":\"other\"}" >>two.jsonl && status 65 ai-eval two.jsonl >got 2>err && grep -q "^ai-eval: two.jsonl:2: its id .a. is that of two.jsonl:1" err && [ "$(jq -r .case got | grep -cx a)" -eq 1 ] && mkdir empty && status 66 ai-eval empty && status 66 ai-eval gone
'
check 'a report for CI is well-formed, also with odd words' '
	printf "{\"id\":\"<&\\\\\"\\\\u0001\",\"question\":\"how long does a parcel to Norway take?\",\"facts\":[\"<b>\"]}\n" >odd.jsonl &&
	status 1 ai-eval odd.jsonl --junit report.xml >got && xmllint --noout report.xml && grep -q "failures=\"1\"" report.xml && grep -q "missing:" report.xml &&
	status 73 ai-eval cases --junit gone/report.xml >got
'
check 'two set-ups side by side; the second one decides' '
	printf "[profile narrow]\nprovider = extractive\ncollections = none\n[profile wide]\nprovider = extractive\n" >frontdesk.conf &&
	status 1 ai-eval cases --compare wide narrow >got && [ "$(jq -r "select(.summary) | .summary" got | tr "\n" " ")" = "wide narrow " ] &&
	jq -se "map(select(.summary)) | .[0].ok == 3 and .[1].ok == 1" got && ai-eval cases --compare narrow wide >got &&
	status 1 ai-eval cases --compare wide narrow --plain >got && [ "$(cut -f 1-3 got | head -n 1)" = "$(printf "norway\tok\tno")" ] &&
	ai-eval cases --compare extractive wide >got && [ "$(jq -r "select(.summary) | .summary" got | tr "\n" " ")" = "extractive wide " ] &&
	status 64 ai-eval cases --compare wide && status 78 ai-eval cases --profile nobody
'
check 'a set-up with a fault is the error of its cases alone' '
	printf "[profile bad]\nprovider = openai\n" >frontdesk.conf && mkdir both && cp cases/a.jsonl both &&
	echo "{\"id\":\"bad\",\"question\":\"Who will win?\",\"action\":\"hand_over\",\"profile\":\"bad\"}" >both/b.jsonl &&
	status 78 ai-eval both >got 2>err && grep -q "^ai-eval: both/b.jsonl:1: profile bad.model: the provider needs a model" err &&
	only bad | jq -e "(.ok | not) and (.error | test(\"needs a model\"))" && tail -n 1 got | jq -e ".cases == 3 and .ok == 2 and .errors == 1"
'
check 'a provider that nobody reaches: no case is ok, whatever is wanted of it' '
	model openai && model_stop &&
	status 69 ai-eval cases --min 0 --junit report.xml >got 2>err && grep -q "^ai-eval: no provider answered: " err &&
	only away | jq -e "(.ok | not) and (.error | length > 0) and (.action_right | not)" && tail -n 1 got | jq -e ".ok == 0 and .errors == 3 and .action == 0" &&
	xmllint --noout report.xml && grep -q "failures=\"0\" errors=\"3\"" report.xml && status 69 ai-eval cases --plain >got 2>err && [ "$(cut -f 2 got | sort -u)" = error ]
'
: >frontdesk.conf
check 'a model: many at a time, what it cost, recorded and played back without it' '
	model openai && openai_says "{\"action\":\"answer\",\"text\":\"Eight to ten (8 to 10) working days.\",\"sources\":[1]}" && sed -i "1s/.*/200 400/" answer &&
	sed -i "s/^model.*/&\nprice_in = 1\nprice_out = 2/" frontdesk.conf && mkdir many &&
	for i in $(seq 40); do echo "{\"question\":\"how long does parcel $i to Norway take?\",\"facts\":[\"8 to 10\"]}"; done >many/x.jsonl &&
	before=$(date +%s) && ai-eval many -j 40 --record kept >got && [ $(($(date +%s) - before)) -lt 8 ] &&
	tail -n 1 got | jq -e ".ok == 40 and .calls == 40 and .tokens_in == 440 and .cost == \"0.001\"" &&
	model_stop && ai-eval many --replay kept | jq -c "del(.took_ms)" >two && tail -n 1 two | jq -e ".ok == 40" &&
	mkdir none && status 69 ai-eval many --replay none | tail -n 1 | jq -e ".tokens_in == 0 and .tokens_out == 0"
'
# PERIOD: the tokens that the default set-up has spent in it
spent () { sqlite3 store/desk.db "SELECT coalesce(sum(tokens), 0) FROM ai_spent WHERE profile = 'default' AND period GLOB '$1'"; }
check 'what it spends is counted apart from what customers cost; what was kept costs nothing' '
	[ "$(spent "eval/????-??-??")" -eq 720 ] && [ "$(spent "eval/????-??")" -eq 720 ] && [ "$(spent "????-??-??")" -eq 0 ] &&
	[ "$(sqlite3 store/desk.db "SELECT cost FROM ai_spent WHERE period GLOB '\''eval/????-??-??'\''")" -gt 900 ]
'
check 'a limit of its own: cases wait for each other; those that it does not allow are told, and customers are answered' '
	model openai && openai_says "{\"action\":\"answer\",\"text\":\"8 to 10 working days.\",\"sources\":[1]}" && sed -i "1s/.*/200 100/" answer &&
	sed -i "s/^model.*/&\neval_tokens_per_day = 8000\nmax_tokens = 500/" frontdesk.conf && ai-eval many -j 40 >got && tail -n 1 got | jq -e ".ok == 40" && [ "$(spent "eval/????-??-??")" -eq 1440 ] &&
	sed -i "s/\"completion_tokens\":7/\"completion_tokens\":1989/" answer && rm -f requests && status 75 ai-eval many -j 40 >got 2>err &&
	grep -Eq "^ai-eval: 3[78] of 40 cases were not asked: the tokens of the day for evaluations are spent" err && [ "$(wc -l <requests)" -le 3 ] && [ "$(spent "eval/????-??-??")" -le 8000 ] &&
	[ "$(jq -r "select(.case).error // empty" got | sort | uniq -c | wc -l)" -eq 1 ] && [ -z "$(desk-events --since 1000d --type health.alert)" ] &&
	printf "{\"type\":\"message.routed\",\"data\":{\"phone\":\"491700000077\",\"instance\":\"shop\",\"language\":\"en\",\"ai\":true,\"text\":\"how long does a parcel to Norway take?\"}}\n" |
	    ai-reply -q --dry-run | jq -se "any(.[]; .type == \"reply.drafted\")"; right=$?; : >frontdesk.conf; return $right
'
check 'a case that a limit did not allow is an error and not ok, whatever is wanted of it; the report says so' '
	sqlite3 store/desk.db "DELETE FROM ai_spent" && model openai && openai_says "{\"action\":\"answer\",\"text\":\"8 to 10 working days.\",\"sources\":[1]}" &&
	sed -i "s/^model.*/&\nmax_tokens = 500\neval_tokens_per_day = 4000/" frontdesk.conf && mkdir any && for i in $(seq 6); do echo "{\"id\":\"c$i\",\"question\":\"how long does parcel $i to Norway take?\"}"; done >any/x.jsonl &&
	sed -i "s/\"completion_tokens\":7/\"completion_tokens\":3900/" answer && status 75 ai-eval any -j 1 --junit report.xml >got 2>err && : >requests && status 75 ai-eval any --junit report.xml >got 2>err && ! [ -s requests ] &&
	grep -q "^ai-eval: 6 of 6 cases were not asked: the tokens of the day for evaluations are spent" err &&
	jq -se "map(select(.case)) | length == 6 and all(.[]; (.ok | not) and (.error | test(\"tokens of the day\")) and .facts == 0 and .grounded == 0 and (.action_right | not))" got &&
	tail -n 1 got | jq -e ".ok == 0 and .errors == 6 and .share == 0 and .facts == 0 and .grounded == 0" && xmllint --noout report.xml && grep -q "failures=\"0\" errors=\"6\"" report.xml && [ "$(grep -c "<error" report.xml)" -eq 6 ]; right=$?; sqlite3 store/desk.db "DELETE FROM ai_spent"; : >frontdesk.conf; return $right
'
check 'a question asked by hand is counted so, too' '
	model openai && openai_says "{\"action\":\"answer\",\"text\":\"8 to 10 working days.\",\"sources\":[1]}" && before=$(spent "eval/????-??-??") && now=$(spent "????-??-??") &&
	ai-reply --ask "how long does a parcel to Norway take?" >got && [ "$(spent "eval/????-??-??")" -eq $((before + 18)) ] && [ "$(spent "????-??-??")" -eq "$now" ]
'
: >frontdesk.conf
# A customer asks, a person answers: HOW LONG AGO
talk () {
	printf '{"type":"message.received","time":"%s","data":{"phone":"491700000001","instance":"shop","text":"how long does a parcel to Norway take?"}}\n' \
	    "$(date -u -d "$1 ago" +%FT%TZ)" | route -q >/dev/null
	conv reply "$(conv list --ids)" "It takes 8 to 10 working days, see https://example.com/norway." >/dev/null
}
check 'cases from what people answered, and the AI beside them' '
	talk "1 hour" && ai-eval --from-history --since 1d >got && [ "$(wc -l <got)" -eq 1 ] &&
	jq -e ".question == \"how long does a parcel to Norway take?\" and .facts == [\"8\", \"10\", \"https://example.com/norway\"] and (.human | startswith(\"It takes\"))" got &&
	mkdir history && cp got history/x.jsonl && status 1 ai-eval history >scores && jq -se ".[0].missing == [\"https://example.com/norway\"] and (.[0].sources | length) > 0" scores &&
	ai-eval --shadow --since 1d --min 0 >got && jq -se "any(.[]; (.human // \"\" | startswith(\"It takes\")) and (.answer // \"\" | test(\"8 to 10\")))" got &&
	ai-eval --from-history --since 2099-01-01 >got && ! [ -s got ]
'
check 'what a person says in a row is one answer, also after a word of the desk' '
	printf "{\"type\":\"message.received\",\"time\":\"%s\",\"data\":{\"phone\":\"491700000002\",\"instance\":\"shop\",\"text\":\"do you ship to Peru?\"}}\n" "$(date -u +%FT%T.%3NZ)" | route -q >/dev/null &&
	id=$(sqlite3 store/desk.db "SELECT conversation FROM message ORDER BY stored_ms DESC, id DESC LIMIT 1") &&
	sqlite3 store/desk.db "INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, author, status, text)
	    SELECT \"01KZZZZZZZZZZZZZZZZZZZZZZ1\", instance, conversation, contact, \"out\", \"text\", wa_ms + 1, stored_ms + 1, \"system\", \"sent\", \"A colleague answers soon.\" FROM message WHERE conversation = \"$id\"" &&
	conv reply "$id" "Yes, we do." >/dev/null && conv reply "$id" "It takes 20 days." >/dev/null && ai-eval --from-history --since 1d >got &&
	jq -se "length == 2 and .[1].question == \"do you ship to Peru?\" and .[1].human == \"Yes, we do.\nIt takes 20 days.\" and .[1].facts == [\"20\"] and (.[1] | has(\"turns\") | not)" got
'
check 'a telephone number and a date in a person'"'"'s answer are one fact each' '
	printf "{\"type\":\"message.received\",\"time\":\"%s\",\"data\":{\"phone\":\"491700000003\",\"instance\":\"shop\",\"text\":\"who can I call?\"}}\n" "$(date -u +%FT%T.%3NZ)" | route -q >/dev/null &&
	conv reply "$(sqlite3 store/desk.db "SELECT conversation FROM message ORDER BY stored_ms DESC, id DESC LIMIT 1")" "Please call 0800 123 456 before 3 May." >/dev/null &&
	ai-eval --from-history --since 1h | jq -se "map(select(.question == \"who can I call?\")) | length == 1 and .[0].facts == [\"0800 123 456\", \"3 May\"]"
'
check 'a full disk is an error' 'status 74 ai-eval cases >/dev/full'
check 'every request of this test is as the references have it' all_were_right
done_testing
