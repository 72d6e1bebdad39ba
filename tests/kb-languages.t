#!/bin/sh
# Help pages of other kinds of company, in four languages: nothing of the
# ranking or of the word lists was fitted to them or to these questions.
. "${0%/*}/lib.sh"
. "$top/tests/answers.sh"
all=$work/all.transcript
: >"$all"
for set in en:library de:zahnarzt fr:mobile es:soporte; do
	language=${set%%:*} page=${set#*:}
	frontdesk init "$page" >/dev/null
	kb-ingest -S "$page" "$top/tests/data/help/$page.md" >/dev/null
	grep "\"language\": \"$language\"" "$top/tests/data/help-unseen.jsonl" >"help-$language"
	judge "$page" "help-$language" transcript
	cat transcript >>"$all"
	sum_right=$((${sum_right:-0} + right)) sum_wrong=$((${sum_wrong:-0} + wrong))
	sum_declined=$((${sum_declined:-0} + declined))
	sum_refused=$((${sum_refused:-0} + refused)) sum_invented=$((${sum_invented:-0} + invented))
done
cp "$all" "${BUILD:-$top/build}/kb-languages.transcript" 2>/dev/null
right=$sum_right wrong=$sum_wrong declined=$sum_declined
refused=$sum_refused invented=$sum_invented
check 'pages in English, German, French and Spanish: right, or nothing' '
	[ $((right + wrong + declined)) -eq 53 ] && [ $((refused + invented)) -eq 31 ] &&
	at_least 88 66 90 "$all"
'
done_testing
