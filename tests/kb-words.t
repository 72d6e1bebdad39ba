#!/bin/sh
# Help pages of seventeen small companies in sixteen languages, and
# ten questions about each: seven it answers, three it does not. Pages and
# questions were written before the lists of words were.
. "${0%/*}/lib.sh"
. "$top/tests/answers.sh"
# of LANGUAGE: its page to page/LANGUAGE.md, its questions to asked/LANGUAGE
of () {
	awk -F '\t' -v l="$1" -v page="page/$1.md" -v asked="asked/$1" '
	function quoted(s) { gsub(/["\\]/, "\\\\&", s); return "\"" s "\"" }
	$1 == "t" { print "# " $2 >page }
	$1 == "p" { head[$2] = $3; print "\n## " $3 "\n\n" $4 >page }
	$1 == "q" { print "{\"id\": " quoted(sprintf("%s-%02d", l, ++n)) ", \"query\": " quoted($3) \
	    ", \"sections\": [" ($2 == "-" ? "" : quoted(head[$2])) "]}" >asked }
	' "$top/tests/data/words/$1.tsv"
}
# first STORE QUESTIONS: the questions whose section is the first hit's
first () {
	kb-search -S "$1" -n 1 <"$2" | jq -r 'select((.sections | length) > 0) |
	    .sections[0] as $s | select((.hits[0].section // "") | endswith($s)) | .id' >found
	wc -l <found
}
mkdir page asked
: >all.transcript
for f in "$top"/tests/data/words/*.tsv; do
	l=${f##*/} l=${l%.tsv}
	of "$l"
	frontdesk init "s-$l" >/dev/null
	kb-ingest -S "s-$l" "page/$l.md" >/dev/null
	n=$(first "s-$l" "asked/$l")
	judge "s-$l" "asked/$l" transcript >said
	cat transcript >>all.transcript
	printf '%s\t%d\t%d\t%d\t%d\t%d\t%d\n' "$l" "$n" "$right" "$wrong" "$declined" "$refused" "$invented" >>table
	sum_first=$((${sum_first:-0} + n))
	sum_right=$((${sum_right:-0} + right)) sum_wrong=$((${sum_wrong:-0} + wrong))
	sum_declined=$((${sum_declined:-0} + declined))
	sum_refused=$((${sum_refused:-0} + refused)) sum_invented=$((${sum_invented:-0} + invented))
done
cp all.transcript "${BUILD:-$top/build}/kb-words.transcript" 2>/dev/null
right=$sum_right wrong=$sum_wrong declined=$sum_declined
refused=$sum_refused invented=$sum_invented
printf '# language\tfirst\tright\twrong\tdeclined\trefused\tinvented\n'
sed 's/^/# /' table
printf '# all\t%d\t%d\t%d\t%d\t%d\t%d\n' "$sum_first" "$right" "$wrong" "$declined" "$refused" "$invented"
answered=$((right + wrong))
check 'seven questions of each language are answered there, three are not' '
	[ $((right + wrong + declined)) -eq 119 ] && [ $((refused + invented)) -eq 51 ]
'
check 'kb-search finds the right section first' '
	[ $((100 * sum_first)) -ge $((85 * 119)) ]
'
check 'answers: few are wrong, most questions have one' '
	[ $((100 * wrong)) -le $((10 * answered)) ] && [ $((100 * answered)) -ge $((60 * 119)) ]
'
check 'what is not there is not answered' '
	[ $((100 * refused)) -ge $((90 * 51)) ]
'
check 'two in five at least are answered in each language' '
	awk -F "\t" "\$3 + \$4 < 3 { print; bad = 1 } END { exit bad }" table
'
# All pages in one store: the words of one language make no difference to
# another's.
frontdesk init all >/dev/null
kb-ingest -S all page "$top/tests/data/help" >/dev/null
cat asked/* >asked-all
n=$(first all asked-all)
judge all asked-all transcript
echo "# in one store $n first"
answered=$((right + wrong))
check 'the same in one store with all the others' '
	[ $((100 * n)) -ge $((85 * 119)) ] && [ $((100 * wrong)) -le $((10 * answered)) ] &&
	[ $((100 * answered)) -ge $((60 * 119)) ] && [ $((100 * refused)) -ge $((90 * 51)) ]
'
check 'a word that two languages have is common in one of them only' '
	kb-search -S all -n 1 --explain "when do the trees die" >got &&
	jq -e ".explain | test(\" die\\\\([3-9]\")" got &&
	kb-search -S all -n 1 --explain "wie teuer ist die Zahnreinigung" >got &&
	jq -e ".explain | test(\" die\\\\(0\")" got
'
check 'question words of scripts without blanks are not missed' '
	status 1 ai-reply --json -S s-zh --ask "请问你们有没有卖手机耳机呢？" >got &&
	jq -r .reason got | grep "missing: " | grep -qv "[请问你们有没呢]"
'
check 'nothing but question words: nothing to look for' '
	for q in "zh 可以吗" "ja いつですか" "th ได้ไหมคะ" "ko 어떻게 하나요" "hi क्या है" "it dove e quando"; do
		status 1 ai-reply --json -S "s-${q%% *}" --ask "${q#* }" >got || return 1
		jq -e ".reason == \"it names nothing to look for\"" got || return 1
	done
'
done_testing
