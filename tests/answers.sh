# shellcheck shell=sh
# answers.sh - sourced by tests that judge whole sets of answers: a question is
# answered right if the innermost heading quoted begins with one of "sections"
# (any letter case), of one of "documents" if there are any. Without sections
# it is to be refused. Sourced after lib.sh.

# judge STORE QUESTIONS TRANSCRIPT: sets right, wrong, declined, refused,
# invented, and says them.
judge () {
	"${BUILD:-$top/build}/tests/unit-extract" "$1" <"$2" | jq -r '
	(.section // .title // "") as $path |
	($path | split(" > ") | last // "" | ascii_downcase) as $leaf |
	(if (.sections | length) > 0
	 then (if .answer == null then "declined"
	       elif any(.sections[]; ascii_downcase as $s | $leaf | startswith($s))
		and (.documents == null or
		 (.source as $f | any(.documents[]; . as $d | $f | endswith($d))))
	       then "right" else "wrong" end)
	 else (if .answer == null then "refused" else "invented" end) end) as $is |
	"\(.id) \($is)\n  asked:   \(.query)\n" +
	(if .answer == null then "  refused: \(.refusal)\n"
	 else "  quoted:  \(.source): \($path)\n  said:    \(.answer | gsub("\n"; "\n           "))\n" end) +
	(if $is == "wrong" or $is == "declined" then "  wanted:  \(.sections | join(" or "))\n" else "" end)
	' >"$3"
	right=$(n_of right "$3") wrong=$(n_of wrong "$3") declined=$(n_of declined "$3")
	refused=$(n_of refused "$3") invented=$(n_of invented "$3")
	said=$((right + wrong + invented))
	echo "# ${2##*/}: $((right + wrong + declined)) it answers: $right right, $wrong wrong, $declined declined;" \
	    "$((refused + invented)) it does not: $refused refused, $invented answered;" \
	    "precision $((100 * right / (said ? said : 1)))%, recall $((100 * right / (right + wrong + declined)))%"
}
n_of () { grep -cE "^[a-z0-9-]+ $1\$" "$2"; }
# at_least PRECISION RECALL REFUSALS TRANSCRIPT: per cent, of what judge found
at_least () {
	if [ $((100 * right)) -lt $(($1 * (right + wrong + invented))) ] ||
	    [ $((100 * right)) -lt $(($2 * (right + wrong + declined))) ] ||
	    [ $((100 * refused)) -lt $(($3 * (refused + invented))) ]; then
		cat "$4"
		return 1
	fi
}
