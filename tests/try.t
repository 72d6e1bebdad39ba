#!/bin/sh
# frontdesk try: the whole desk, by script and at a terminal
. "${0%/*}/lib.sh"

mkdir tmp
check 'by script: everything happens as it should' '
	TMPDIR=$work/tmp BUILD= frontdesk try >got 2>err </dev/null || { cat got err; false; }
'
check 'the transcript shows both sides and the ticks' '
	grep -q "Ana: hi, when do i get my money back" got && grep -q "5 working days" got &&
	grep -q "read$" got && [ "$(grep -c "^[0-9:]*  [A-Z]" got)" -ge 10 ]
'
check 'nothing is left but the report page, whose path is last' '
	page=$(sed -n "s/^report: //p" got) && test -s "$page" && grep -q "<svg" "$page" &&
	[ "$(ls tmp)" = "$(basename "$page")" ] && ! pgrep -f "$work/tmp" >/dev/null
'
check 'with documents of one'\''s own' '
	mkdir docs && printf "# Opening\n\nThe museum opens at nine.\n" >docs/a.md &&
	TMPDIR=$work/tmp BUILD= frontdesk try --docs docs >got 2>err </dev/null || { cat got err; false; }
'
check 'a folder that is not there' 'status 66 frontdesk try --docs nowhere 2>err'
check 'at a terminal: a question, its answer, its ticks, a person, the end' '
	{ sleep 3; echo "when do i get my money back"; sleep 3; echo /human; sleep 3; echo /quit; sleep 2; } |
	TMPDIR=$work/tmp BUILD= TERM=xterm script -qec "frontdesk try" /dev/null >screen &&
	grep -q "5 working days" screen && grep -q "Source: " screen && grep -q "read" screen &&
	grep -q "colleague" screen && grep -q "report: " screen
'
done_testing
