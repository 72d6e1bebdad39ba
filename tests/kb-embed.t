#!/bin/sh
# kb-embed(1): vectors of passages and questions, whatever the endpoint does
. "${0%/*}/lib.sh"
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null
perl "$top/tests/embed.pl" port record faults & pids="$pids $!"
wait_for test -s port
echo sk-secret >key
# conf MODEL [LINE...]: short waits, so that a run of retries takes no time
conf () {
	printf '[embed]\nurl = http://127.0.0.1:%s/v1/\nmodel = %s\n' "$(cat port)" "$1"
	printf 'key_file = %s/key\nbatch = 4\nretry = 10ms\n' "$work"
	printf 'retry_most = 1500ms\ntimeout = 1s\n'
	shift
	printf '%s\n' "$@"
} >frontdesk.conf
# shellcheck disable=SC2120
faults () { printf '%s\n' "$@" >faults; : >record; }
# fresh: no vectors at all
fresh () {
	sqlite3 store/kb.db "DELETE FROM vector; DELETE FROM vector_loose;
	    DELETE FROM vector_model; DELETE FROM vector_refused;"
	# shellcheck disable=SC2119
	faults
}
state () { kb-embed --status --json | jq -r .state; }
embedded () { kb-embed --status --json | jq .embedded; }
mkdir docs
for n in $(seq 24); do
	printf '# Subject %s\n\nThe text of number%s is about thing%s.\n' "$n" "$n" "$n"
done >docs/things.md
kb-ingest docs >/dev/null
passages=$(kb-embed --status --json | jq .passages)
conf m

check 'without a model it says what to set: 78' '
	: >frontdesk.conf && status 78 kb-embed 2>err && grep -q "embed.model" err &&
	kb-embed --status >/dev/null && conf m
'
check 'every passage gets a vector, and the model is searched' '
	[ "$passages" -eq 24 ] &&
	kb-embed --json | jq -c "[.model, .dimensions, .embedded, .refused, .switched]" >got &&
	echo "[\"m\",64,24,0,true]" >want && same want got &&
	kb-embed --status --plain >got &&
	printf "searched\tm\t64\t24\t24\t0\t0\n" >want && same want got
'
check 'requests are as the published API has them' '
	jq -r "[.path, .key, .model, .format, (.dimensions | tostring)] | join(\" \")" record |
		sort -u >got &&
	echo "/v1/embeddings sk-secret m base64 null" >want && same want got &&
	jq -e "(.input | length) <= 4" record >/dev/null &&
	jq -r ".input[]" record | grep -c "^Things > Subject\|^Subject" >/dev/null &&
	[ "$(jq -r ".input[]" record | grep -c "^The text of number")" -eq 24 ]
'
check 'again: nothing is asked, nothing changes' '
	: >record && kb-embed --plain >got && [ ! -s record ] &&
	printf "0\t0\t64\tm\n" >want && same want got
'
check 'the key is in no argument, no environment and no message' '
	fresh && faults "-1 slow 300" && { kb-embed >out 2>&1 & } && pid=$! &&
	wait_for test -s record &&
	! tr "\0" "\n" </proc/$pid/cmdline | grep -q sk-secret &&
	! tr "\0" "\n" </proc/$pid/environ | grep -q sk-secret &&
	wait $pid && ! grep -q sk-secret out && faults
'
check '429 with Retry-After is waited for' '
	fresh && faults "1 status 429 1" && kb-embed --json >got &&
	jq -e ".embedded == 24 and .retries >= 1" got &&
	jq -s -e "(map(select(.status == 429))[0].at) as \$t |
	    [.[] | select(.at > \$t + 0.3)][0].at - \$t >= 0.9" record
'
check '429 without, 500, 503, 408, a closed connection, half an answer: again' '
	fresh && faults "1 status 429" "2 status 500" "1 status 503 0" "1 status 408" \
	    "1 reset" "1 half" && kb-embed --json >got &&
	jq -e ".embedded == 24 and .refused == 0 and .retries >= 6" got
'
check 'garbled, too few vectors, a wrong index: again' '
	fresh && faults "1 garbled" "1 short" "1 index" && kb-embed --json >got &&
	jq -e ".embedded == 24 and .retries >= 3" got
'
check 'slower than the timeout: again' '
	fresh && conf m "parallel = 1" && sed -i "s/timeout = .*/timeout = 200ms/" frontdesk.conf &&
	faults "1 slow 500" && kb-embed --json >got && conf m &&
	jq -e ".embedded == 24 and .retries == 1" got
'
check 'floats as arrays and in another order are the same vectors' '
	fresh && kb-embed >/dev/null && sqlite3 store/kb.db "SELECT digest, hex(data)
	    FROM vector ORDER BY digest" >want &&
	fresh && faults "3 arrays" "-1 reversed" && kb-embed >/dev/null &&
	sqlite3 store/kb.db "SELECT digest, hex(data) FROM vector ORDER BY digest" >got &&
	same want got && [ "$(wc -l <got)" -eq 24 ]
'
check 'what fails for good: 69, 75 for too many, and what came is kept' '
	fresh && conf m "retries = 1" "parallel = 1" && faults "0 x" &&
	printf "%s\n" "2 slow 1" "-1 status 500" >faults &&
	status 69 kb-embed 2>err >out && grep -q "answered with status 500" err &&
	[ "$(embedded)" -eq 8 ] && [ "$(state)" = filled ] &&
	faults "-1 status 429" && status 75 kb-embed 2>err &&
	faults "-1 status 429 3600" && status 75 kb-embed 2>err &&
	grep -q "wait for 3600 s" err && [ "$(wc -l <record)" -eq 1 ] &&
	faults "-1 garbled" && status 69 kb-embed 2>err && grep -q "not JSON" err &&
	faults "-1 short" && status 69 kb-embed 2>err && grep -q "3 vectors for 4" err &&
	faults && kb-embed >/dev/null && [ "$(embedded)" -eq 24 ] &&
	[ "$(state)" = searched ] && [ "$(jq -s "map(.input | length) | add" record)" -eq 16 ]
'
check 'nobody there: 69; the name of the endpoint is not said' '
	fresh && sed -i "s/^url = .*/url = http:\/\/127.0.0.1:1\/v1/;s/^batch/retries = 0\nbatch/" \
	    frontdesk.conf && status 69 kb-embed 2>err && grep -q "^kb-embed: the endpoint: " err &&
	conf m
'
check 'a key that is not taken, a wrong address, no money: once, and said' '
	fresh && conf m "parallel = 1" && faults "-1 status 401" && status 78 kb-embed 2>err && grep -q key_file err &&
	! grep -q sk-secret err && faults "-1 status 404 code:model_not_found" &&
	status 78 kb-embed 2>err && grep -q "404 model_not_found: look at embed.url" err &&
	faults "-1 status 429 code:insufficient_quota" && status 69 kb-embed 2>err &&
	grep -q insufficient_quota err && [ "$(embedded)" -eq 0 ] &&
	[ "$(wc -l <record)" -eq 1 ] && conf m
'
check '413 halves the batch, for good' '
	fresh && conf m "parallel = 1" && faults "-1 most 2" && kb-embed >/dev/null && conf m &&
	[ "$(embedded)" -eq 24 ] &&
	[ "$(jq -s "map(select(.status == 413)) | length" record)" -eq 1 ] &&
	[ "$(jq -s "map(.input | length) | max" record)" -eq 4 ]
'
# documents: how many wait for vectors, how many are ready, and what status says
documents () { kb-doc status --json | jq -c "[.states.embedding, .states.ready, .stalled]"; }
check 'a document waits for the vectors of all its passages, and is found by its words' '
	fresh && printf "# Other\n\nAbout a lighthouse.\n" >docs/other.md && kb-ingest docs >/dev/null &&
	conf m "retries = 0" "parallel = 1" && [ "$(documents)" = "[2,0,0]" ] &&
	kb-search lighthouse >/dev/null && faults "2 slow 1" "-1 status 500" &&
	status 69 kb-embed >out 2>err && [ "$(documents)" = "[2,0,0]" ] &&
	[ "$(kb-doc list --state embedding --ids | wc -l)" -eq 2 ] && [ -z "$(kb-doc list --state ready --ids)" ] &&
	kb-doc list --json | jq -se "all(.state == \"embedding\" and .deadline > .since)" &&
	faults "-1 refuse lighthouse" && status 65 kb-embed >out 2>err && [ "$(documents)" = "[0,2,0]" ] &&
	[ "$(kb-doc list --state ready --ids | wc -l)" -eq 2 ] && faults
'
check 'it is stalled after its deadline; another model is waited for anew; none is not' '
	conf n "[kb]" "embedding = 1ms" && sleep 0.1 && status 1 kb-doc status --json 2>err >got &&
	jq -e ".states.embedding == 2 and .stalled == 2" got && grep -q "other.md: stalled: took longer" err &&
	conf n && [ "$(documents)" = "[2,0,0]" ] && faults && kb-embed >/dev/null && [ "$(documents)" = "[0,2,0]" ] &&
	echo "And a buoy." >>docs/other.md && kb-ingest docs >/dev/null && [ "$(documents)" = "[1,1,0]" ] &&
	: >frontdesk.conf && [ "$(documents)" = "[0,2,0]" ] && conf m &&
	rm docs/other.md && kb-ingest --prune docs >/dev/null
'
check 'a passage that is refused is named and left out, and not asked for again: 65' '
	fresh && faults "-1 refuse number7" && status 65 kb-embed >out 2>err &&
	[ "$(grep -c "docs/things.md: passage .* is left out: .*status 400 invalid_request_error" err)" -eq 1 ] &&
	! grep -q number7 err && [ "$(embedded)" -eq 23 ] && [ "$(state)" = searched ] &&
	: >record && kb-embed >/dev/null && [ ! -s record ] &&
	[ "$(kb-embed --status --json | jq -c "[.refused, .missing]")" = "[1,0]" ] &&
	faults && kb-embed --retry >/dev/null && [ "$(embedded)" -eq 24 ] &&
	[ "$(kb-embed --status --json | jq .refused)" -eq 0 ]
'
check 'a passage whose vector is of no numbers is left out too' '
	fresh && faults "-1 nan-for number9" && status 65 kb-embed >out 2>err &&
	grep -q "no number in it" err && [ "$(embedded)" -eq 23 ] &&
	fresh && faults "1 nan" "1 zero" && kb-embed >/dev/null && [ "$(embedded)" -eq 24 ]
'
check 'where no text at all is taken no passage is to blame: 78' '
	fresh && conf m "batch = 1" && faults "-1 refuse o" && status 78 kb-embed 2>err &&
	conf m && grep -q "takes no text at all" err &&
	[ "$(sqlite3 store/kb.db "SELECT count(*) FROM vector_refused")" -eq 0 ]
'
check 'where every vector is bad the run ends, after few calls: 78' '
	for i in 1 2 3; do
		fresh && conf m "parallel = 4" && faults "-1 nan-for o" &&
		status 78 timeout -k 5 20 kb-embed 2>err && grep -q "takes no text at all" err &&
		[ "$(wc -l <record)" -lt 100 ] || exit 1
	done && conf m && [ "$(embedded)" -eq 0 ]
'
check 'vectors of another length are not mixed in: 78' '
	fresh && kb-embed >/dev/null && printf "\n# New\n\nA new one.\n" >>docs/things.md &&
	kb-ingest docs >/dev/null && faults "-1 dimensions 32" && status 78 kb-embed 2>err &&
	grep -q "have 32 numbers and 64 are wanted" err && [ "$(embedded)" -eq 24 ] &&
	faults && kb-embed --json | jq -e ".embedded == 1" && [ "$(embedded)" -eq 25 ]
'
check 'a document that comes again is asked for where it changed' '
	sed -i "s/number3 is/number3 was/" docs/things.md && kb-ingest docs >/dev/null &&
	[ "$(kb-embed --status --json | jq .missing)" -eq 1 ] && : >record &&
	kb-embed >/dev/null && [ "$(jq -r ".input[]" record | grep -c number)" -eq 1 ] &&
	[ "$(sqlite3 store/kb.db "SELECT count(*) FROM vector")" -eq 25 ]
'
check 'another model is filled beside, and searched when it is complete' '
	conf n "dimensions = 48" "retries = 0" "parallel = 1" && faults "3 slow 1" "-1 status 500" &&
	status 69 kb-embed >out 2>err && grep -q "left for the next time" out &&
	kb-embed --status --plain >got &&
	printf "searched\tm\t64\t25\t25\t0\t0\nfilled\tn\t48\t25\t12\t0\t13\n" >want &&
	same want got && faults &&
	echo "{\"query\":\"number5\"}" | kb-embed --query | jq -c "[.model, (.vector | length)]" >got &&
	echo "[\"m\",64]" >want && same want got &&
	kb-embed --json | jq -e ".switched and .embedded == 13" && kb-embed --status --plain >got &&
	printf "searched\tn\t48\t25\t25\t0\t0\n" >want && same want got &&
	[ "$(jq -r .dimensions record | sort -u | tr "\n" " ")" = "48 64 " ] &&
	[ "$(sqlite3 store/kb.db "SELECT count(DISTINCT length(data)) || count(*) FROM vector")" = 125 ]
'
check 'a model that refuses nearly all takes the place of none, unless told to' '
	conf p && faults "-1 refuse number" && status 65 kb-embed >out 2>err &&
	grep -q "p took less than half" err && ! grep -q "searched from now on" out &&
	kb-embed --status --plain >got &&
	printf "searched\tn\t48\t25\t25\t0\t0\nfilled\tp\t64\t25\t1\t24\t0\n" >want && same want got &&
	status 65 kb-embed >out 2>err && grep -q "p took less than half" err &&
	kb-embed --switch --json | jq -e .switched && [ "$(kb-embed --status --plain | cut -f 1,2)" = "searched	p" ] &&
	status 64 kb-embed --switch --status 2>/dev/null &&
	conf n "dimensions = 48" && faults && kb-embed >/dev/null
'
check 'a model that was begun and is not wanted any more is swept' '
	conf o "retries = 0" && faults "1 slow 1" "-1 status 500" && { kb-embed >out 2>&1; :; } &&
	conf n "dimensions = 48" && faults && kb-embed >/dev/null &&
	[ "$(kb-embed --status --plain | cut -f 1,2 | tr "\t\n" "  ")" = "searched n " ]
'
check 'prefixes go before passages and questions, and are part of the model' '
	conf n "dimensions = 48" "passage_prefix = passage:" "query_prefix = query:" && faults &&
	kb-embed --json | jq -e ".embedded == 25 and .switched" &&
	[ "$(jq -r ".input[] | select(startswith(\"passage: \")) | 1" record | wc -l)" -eq 25 ] &&
	: >record && echo "{\"query\":\"x\"}" | kb-embed --query >/dev/null &&
	[ "$(jq -r ".input[0]" record)" = "query: x" ]
'
check 'what is removed takes its vectors along' '
	conf m && faults && kb-embed >/dev/null && rm docs/things.md && echo Left. >docs/left.md &&
	kb-ingest --prune docs >/dev/null && kb-embed >/dev/null &&
	[ "$(sqlite3 store/kb.db "SELECT (SELECT count(*) FROM vector) || (SELECT count(*)
	    FROM vector_loose) || (SELECT count(*) FROM vector_group)")" = 110 ]
'
# --- questions ---
rm -r docs && mkdir docs
cat >docs/shop.md <<'END'
# The shop

## Refunds

You get it back within five working days.

## Zeppelins

Ours fly on Sundays, in the airshipyard.

## Opening

We are there from nine to five.
END
kb-ingest --prune docs >/dev/null && kb-embed >/dev/null
check 'a vector finds what no word does, and where words find it helps' '
	status 1 kb-search qqairshipqq >got && [ ! -s got ] &&
	echo "{\"query\":\"qqairshipqq\"}" | kb-embed --query |
		kb-search -n 1 --explain | jq -r ".hits[0] | .section, .explain" >got &&
	sed -n 1p got | grep -qx Zeppelins && grep -q "meaning 1.00" got
'
check 'lines go through in order, with their fields, empty ones too' '
	printf "%s\n" "{\"id\":1,\"query\":\"refunds\"}" "{\"query\":\"\",\"x\":[1]}" oops \
	    "{\"id\":2}" "{\"id\":3,\"query\":\"opening\"}" >in &&
	status 65 kb-embed --query <in >got 2>err &&
	grep -q "stdin:3: " err && grep -q "stdin:4: query" err &&
	jq -c "[.id, .query, .x, (.vector | length), .model]" got >seen &&
	printf "%s\n" "[1,\"refunds\",null,64,\"m\"]" "[null,\"\",[1],0,null]" \
	    "[3,\"opening\",null,64,\"m\"]" >want && same want seen
'
check 'the endpoint down: lines go through without vectors, words still find, 69' '
	conf m "retries = 0" && faults "-1 status 500" &&
	echo "{\"query\":\"refunds\"}" >in && status 69 kb-embed --query <in >got 2>err &&
	conf m && faults && same in got && grep -q "1 questions are left without a vector" err &&
	[ "$(kb-search -n 1 <got | jq -r ".hits[0].section")" = Refunds ]
'
check 'lines are answered before more are waited for' '
	mkfifo fifo && { kb-embed --query <fifo >out & } && exec 3>fifo &&
	echo "{\"query\":\"refunds\"}" >&3 && wait_for grep -q vector out &&
	exec 3>&- && wait $!
'
check 'kb-search: a vector of another model goes by words, a wrong one is named' '
	v=$(echo "{\"query\":\"refunds\"}" | kb-embed --query) &&
	echo "$v" | jq -c ".model = \"other\"" | kb-search -n 1 --explain >got &&
	[ "$(jq -r ".hits[0].section" got)" = Refunds ] && grep -q "meaning 0.00" got &&
	! jq -e "has(\"vector\")" got &&
	{ echo "$v" | jq -c ".vector = [1, 2]"; echo "$v" | jq -c "del(.model)"
	  echo "$v" | jq -c ".vector = \"x\""; echo "$v" | jq -c ".vector |= map(0)"
	  echo "$v"; } >in && status 65 kb-search <in >got 2>err && [ "$(wc -l <got)" -eq 1 ] &&
	grep -q "stdin:1: the vector has 2 numbers, those of m have 64" err &&
	grep -q "stdin:2: vector is there without its model" err &&
	grep -q "stdin:3: vector is no array of numbers" err && grep -q "stdin:4: .*zeros" err
'
check 'filters hold for what is found by its vector' '
	v=$(echo "{\"query\":\"airshipyards\"}" | kb-embed --query) &&
	echo "$v" | kb-search --collection other | jq -e ".hits == []" &&
	echo "$v" | kb-search --collection default | jq -e ".hits | length > 0"
'
# --- killed anywhere ---
rm -r docs && mkdir docs
for n in $(seq 2600); do
	printf '{"source":"s%s","text":"Thing%s is word%s and letter%s."}\n' \
	    "$n" "$n" "$((n % 97))" "$((n % 7))"
done | kb-ingest --jsonl >/dev/null
conf k
sed -i 's/^batch = .*/batch = 200/' frontdesk.conf
check 'killed at any point it goes on where it was, and nothing is lost or doubled' '
	faults && kills=0 &&
	for point in stored-some:3 before-commit:5 packing:1 packing:1 stored-some:2 \
	    recoded:1 switching:1 switched:1; do
		FRONTDESK_FAULT=kb-embed.$point kb-embed >/dev/null 2>&1
		[ $? -eq 137 ] && kills=$((kills + 1)) || echo "not at $point"
	done && [ "$kills" -eq 8 ] && kb-embed >/dev/null &&
	kb-embed --status --json | jq -e ".state == \"searched\" and .missing == 0" &&
	n=$(kb-embed --status --json | jq .passages) &&
	sqlite3 store/kb.db "SELECT (SELECT count(*) FROM vector),
	    (SELECT count(*) FROM vector_loose) + (SELECT sum(count - dead) FROM vector_group),
	    (SELECT count(*) FROM vector_model), (SELECT count(*) FROM vector_centre),
	    (SELECT count(DISTINCT centre) FROM vector_group)" >got &&
	echo "$n|$n|1|1|1" >want && same want got
'
check 'SIGTERM: what is in flight is kept' '
	conf t "parallel = 2" && faults "-1 slow 100" && { kb-embed >out 2>&1 & } && pid=$! &&
	wait_for test "$(wc -l <record)" -ge 0 && sleep 0.4 && kill $pid && status 0 wait $pid &&
	grep -q "left for the next time" out && asked=$(jq -s "map(.input | length) | add" record) &&
	[ "$(kb-embed --status --json | jq -s ".[1].embedded")" -eq "$asked" ]
'
check 'wrong use: 64' '
	status 64 kb-embed x 2>err && status 64 kb-embed --query --status 2>err &&
	status 64 kb-embed --query --json 2>err
'
check 'a full disk is an error: 74' '
	echo "{\"query\":\"x\"}" >in && status 74 kb-embed --query <in >/dev/full 2>err
'
check 'reindexed passages keep their vectors, those of a new title are asked for' '
	fresh && conf m && printf "# Own\n\nA text of its own.\n" >own.md &&
	kb-ingest own.md >/dev/null && kb-embed >/dev/null && n=$(embedded) &&
	: >record && kb-doc reindex && [ "$(embedded)" -eq "$n" ] &&
	kb-embed >/dev/null && [ ! -s record ] &&
	kb-doc edit "$(kb-doc list --source own.md --ids)" --title Others &&
	[ "$(embedded)" -lt "$n" ] && [ "$(sqlite3 -readonly store/kb.db "SELECT count(*)
	    FROM vector WHERE id & ((1 << 40) - 1) NOT IN (SELECT row FROM passage)")" -eq 0 ] &&
	kb-embed >/dev/null && [ "$(embedded)" -eq "$n" ] &&
	jq -r ".input[]" record | grep -q "^Others"
'
done_testing
