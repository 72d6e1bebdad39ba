#!/bin/sh
# kb-search(1) on words with one slip of the pen, in fourteen languages: each in
# a base of its own, and all in one base with a phrase that tells the language.
# Figures are printed; the least is held.
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"

# The documents of a language: what kb-retrieval.t and kb-words.t ask of.
docs () {
	for f in "$top/tests/data/retrieval/$1.tsv" "$top"/tests/data/words/"$1"*.tsv; do
		[ ! -e "$f" ] || jq -Rc --arg l "$1" --arg f "${f#"$top"/tests/data/}" 'split("\t") | select(.[0] == "p") |
		    {source: "\($l)/\($f)/\(.[1])", title: .[2], text: .[3], language: $l}' "$f"
	done
}
# found STORE FIELD <questions: what kb-search finds for that field
found () {
	jq -c "{id, query: .$2}" | kb-search -S "$1" -n 20
}
# measure STORE QUESTIONS: how many words, and how many slips found one of their passages
measure () {
	found "$1" word <"$2" >words && found "$1" query <"$2" >slips &&
	perl "$top/tests/slips.pl" judge words slips
}
frontdesk init all >/dev/null || exit 1
while IFS='	' read -r l phrase; do
	docs "$l" >"$l.docs" && [ -s "$l.docs" ] || exit 1
	frontdesk init "s-$l" >/dev/null && kb-ingest -S "s-$l" --jsonl <"$l.docs" >/dev/null || exit 1
	perl "$top/tests/slips.pl" make "$l" "" <"$l.docs" >"$l.alone"
	perl "$top/tests/slips.pl" make "$l" "$phrase " <"$l.docs" >"$l.told"
	echo "$l" >>languages
done <<'END'
en	what about the
de	was ist mit der
es	que pasa con el
fr	et pour la
pt	e quanto ao
it	e per quanto riguarda il
nl	hoe zit het met
pl	a co z tym jak
sv	hur är det med
tr	peki bu nasıl olacak
id	bagaimana dengan yang
ru	что с этим
uk	що з цим
ar	ماذا عن هذا
END
cat ./*.docs | kb-ingest -S all --jsonl >/dev/null || exit 1
while read -r l; do
	printf '%s\t%s\t%s\n' "$l" "$(measure "s-$l" "$l.alone")" "$(measure all "$l.told")"
done <languages >table
awk -F '\t' '{ for (i = 2; i <= 5; i++) all[i] += $i; print }
    END { print "all\t" all[2] "\t" all[3] "\t" all[4] "\t" all[5] }' table >sums
printf '# language\twords\tright\tmixed\tright\n'
sed 's/^/# /' sums
# least COLUMN SHARE: of the words in that column those in the next, of all languages
least () { awk -F '\t' -v c="$1" -v s="$2" '$1 == "all" { print $(c + 1) / $c; exit !($(c + 1) >= s * $c) }' sums; }

check 'fourteen languages, fifty slips each at least' '
	[ "$(wc -l <languages)" -eq 14 ] && ! awk -F "\t" "\$2 < 50" sums | grep .
'
check 'one slip, a base of one language: its word is meant' '
	least 2 0.95 && ! awk -F "\t" "\$3 < 0.9 * \$2" sums | grep .
'
check 'one base of fourteen languages, the question tells its own' '
	least 4 0.9 && ! awk -F "\t" "\$5 < 0.8 * \$4" sums | grep .
'
check 'a word that the base has is never taken for another' '
	while read -r l; do
		jq -c "{id, query: .word, word}" "$l.alone" | kb-search -S "s-$l" -n 20 --explain |
		    jq -r "select([.hits[].explain | test(\"coverage (1.00|0.00)\")] | any | not) | .word" || return 1
	done <languages >corrected && [ ! -s corrected ] || { cat corrected; false; }
'
# A word of other documents is none of these misspelt.
for l in en de es fr pt it nl; do
	jq -r --arg l "$l" 'select((.language // (.id | split(".")[0])) == $l) | [.passages[]?, .] |
	    .[] | objects | .text, .section | strings' "$top"/tests/data/ground/*.jsonl |
	    perl -CS -lne 'print for map { lc } /\p{L}{4,}/g' | sort -u >"$l.right"
	jq -Rc '{id: ., query: .}' "$l.right" | kb-search -S "s-$l" -n 1 --explain |
	    jq -r --arg l "$l" '[.id, $l, .hits[0].confidence, .hits[0].explain] | select(.[3] | strings | test(" [^ ]+~")) | .[:3] | @tsv'
done >taken
check 'a word that the base lacks is seldom taken for one it has, and then unsure' '
	awk -F "\t" "\$3 >= 0.35 { sure++ } END { print \"# \" NR \" taken for others, \" sure + 0 \" surely\"; exit !(NR >= 100 && sure <= 0.15 * NR) }" taken
'
done_testing
