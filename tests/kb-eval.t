#!/bin/sh
# kb-search(1) --eval, --calibrate and --min-score: measures as trec_eval's by
# hand, files as TREC and BEIR write them, and a likelihood one can rely on
# shellcheck disable=SC2016,SC2034
. "${0%/*}/lib.sh"

frontdesk init --user >/dev/null || exit 1
line () { jq -cn --arg s "$1" --arg t "$2" --arg c "${3:-default}" \
    '{source: $s, text: $t, collection: $c}'; }
{
	line d1 "Zebras graze on the open savannah in the morning."
	line d2 "Zebras and giraffes graze together."
	line d3 "The lighthouse keeper lights the lamp at dusk."
	line d4 "Pancakes need flour, milk and eggs."
} | kb-ingest --jsonl --language en >/dev/null || exit 1

printf 'a\tzebras graze\nb\tlighthouse lamp\nc\tnothing judged\n' >q.tsv
check 'the measures of a ranking, reckoned by hand' '
	first=$(kb-search -n 1 "zebras graze" | jq -r .source) &&
	second=$(kb-search -n 2 "zebras graze" | jq -rs ".[1].source") &&
	printf "a 0 $second 2\na 0 elsewhere 1\na 0 $first 0\nb 0 d3 1\n" >qrels &&
	kb-search --eval --json q.tsv qrels >got &&
	jq -se "(.[0] | .query == \"a\" and .mrr == 0.5 and .map == 0.25 and
	    .recall_5 == 0.5 and .recall_100 == 0.5 and .ndcg_10 == 0.4796) and
	    (.[1] | .query == \"b\" and .mrr == 1 and .map == 1 and .ndcg_10 == 1) and
	    (.[2] | .query == \"all\" and .queries == 2 and .mrr == 0.75 and .map == 0.625)" got
'
check 'a table for people; BEIR files with a heading and three columns, objects, ids of passages' '
	kb-search --eval q.tsv qrels >got && grep -qx "queries	2" got && grep -qx "MRR	0.7500" got &&
	p=$(kb-search -n 1 "lighthouse lamp" | jq -r .passage) &&
	printf "query-id\tcorpus-id\tscore\nb\t$p\t1\n" >beir &&
	echo "{\"_id\":\"b\",\"text\":\"lighthouse lamp\"}" | kb-search --eval - beir >got &&
	grep -qx "nDCG@10	1.0000" got
'
check 'filters hold for it too' '
	kb-search --eval --collection none q.tsv qrels | grep -qx "MRR	0.0000"
'
check 'bad lines are named, the rest counts; files that are none, wrong use' '
	printf "no tab here\nb\tlighthouse lamp\n" >bad.tsv && status 65 kb-search --eval bad.tsv qrels >got 2>err &&
	grep -q "bad.tsv:1: neither" err && grep -qx "MRR	1.0000" got &&
	printf "b 0 d3 1\nb 0 d3 much\n" >bad && status 65 kb-search --eval q.tsv bad >got 2>err &&
	grep -q "bad:2: not a question" err &&
	status 66 kb-search --eval none qrels && : >empty && status 65 kb-search --eval empty qrels &&
	status 65 kb-search --eval q.tsv empty && printf "z 0 d1 1\n" >other &&
	status 65 kb-search --eval q.tsv other 2>err && grep -q "anything relevant" err &&
	status 64 kb-search --eval q.tsv && status 64 kb-search --eval --calibrate q.tsv qrels &&
	status 64 kb-search --json x && status 74 sh -c "kb-search --eval q.tsv qrels >/dev/full"
'

(cd "$top/share/sample/docs" && kb-ingest --collection shop . >/dev/null)
(cd "$top/tests/data" && kb-ingest --collection help help >/dev/null)
{
	jq -c '{query, collection: "shop"}' "$top/share/sample/questions.jsonl"
	jq -c '{query, collection: "help"}' "$top/tests/data/help-unseen.jsonl"
} >questions
# Of 20 examples the rate itself is known to two times 0.11.
check '--calibrate: better than the rate, and as often right as it says' '
	kb-search --calibrate --json questions >got && cat got &&
	jq -e ".brier < .brier_rate * 0.85 and .examples > 200 and
	    ([.bins[] | select(.count >= 20) | (.said - .answered) | if . < 0 then -. else . end] | max) < 0.22" got &&
	kb-search --calibrate questions >got && sed "s/^/# /" got && grep -q "^Brier score 0\.[0-9]*, of always" got &&
	[ "$(head -n 1 got)" = "$(printf "SAID\tQUESTIONS\tMEAN\tANSWERED")" ] && ! tr "\0" "\1" <got | grep -q "$(printf "\1")"
'
check '--min-score: what is likely an answer is printed, the rest is none' '
	kb-search --min-score 0.5 -n 3 "how long does delivery take" >got && [ -s got ] &&
	jq -se "all(.confidence >= 0.5 and .confidence <= 1) and (map(.confidence) | . == (sort | reverse))" got &&
	status 1 kb-search --min-score 0.5 "who wins the elections in Peru" &&
	echo "{\"query\":\"who wins the elections in Peru\"}" | kb-search --min-score 0.5 | jq -e ".hits == []" &&
	status 64 kb-search --min-score 2 x && status 64 kb-search --min-score much x
'
check 'what was learned is kept with the version of the ranking, and dropped with it' '
	db=$HOME/.local/share/frontdesk/kb.db && ask () { kb-search -n 1 "how long does delivery take" | jq .confidence; } &&
	sqlite3 "$db" "UPDATE calibration SET one = -99" && jq -en "$(ask) < 0.01" &&
	sqlite3 "$db" "UPDATE calibration SET ranking = '\''older'\''" && jq -en "$(ask) > 0.5"
'
check '--calibrate: answerable said outright; too few, bad lines, not for those who only look' '
	head -n 5 questions >few && status 65 kb-search --calibrate few 2>err && grep -q "at least 10 of each" err &&
	{ jq -c "{query, answerable: true}" questions | head -n 20
	  for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "{\"query\":\"zzz$n planets orbit delivery\",\"answerable\":false}"; done
	  echo "{\"query\":\"x\"}"; } >mixed && status 65 kb-search --calibrate mixed >got 2>err &&
	grep -q "mixed:33: not a query" err && grep -q "Brier" got && status 66 kb-search --calibrate none
'
check '--calibrate: questions that find nothing are told of where others are too few' '
	{ jq -c "{query, answerable: true}" questions | head -n 20
	  for n in 1 2 3 4 5 6 7 8; do echo "{\"query\":\"zzz$n planets orbit delivery\",\"answerable\":false}"; done
	  for n in 1 2 3; do echo "{\"query\":\"qqzx$n\",\"answerable\":false}"; done; } >silent &&
	status 65 kb-search --calibrate silent 2>err &&
	grep -q "and 8 without: at least 10 of each are needed; 3 more found nothing" err
'
check '--calibrate: what says less than the rate does is not kept' '
	db=$HOME/.local/share/frontdesk/kb.db && sqlite3 "$db" "DELETE FROM calibration" &&
	n=0 && jq -r .query questions | head -n 60 | while read -r q; do
		n=$((n + 1)) && jq -cn --arg q "$q" --argjson n $n "{query: \$q, answerable: ((\$n * 7 % 11) % 2 == 0)}"
	done >coins && status 65 kb-search --calibrate coins >got 2>err &&
	grep -q "Brier" got && grep -q "not kept" err &&
	[ "$(sqlite3 "$db" "SELECT count(*) FROM calibration")" -eq 0 ]
'
done_testing
