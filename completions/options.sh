#!/bin/sh
# options.sh PROGRAM... - one table of all options: tab-separated lines of
# program, verb (- for none), letter, name, argument, help; a verb's own line
# has no letter and no name, and its arguments; where just some words fit, they
# stand instead of the argument's name, with | between
set -eu
tab=$(printf '\t')
for program; do
	"$program" --options </dev/null | sed "s|^|${program##*/}$tab|"
done | awk -F '\t' -v OFS='\t' '
$1 == "conv" {
	sub(/PRIORITY/, "low|medium|high|urgent", $5)
	if ($4 == "instance")
		$5 = "INSTANCE"
	else if ($4 == "owner")
		$5 = "ai|queue|user"
	else if ($4 == "status")
		$5 = "open|snoozed|resolved|archived|all"
	else if ($4 == "sort")
		$5 = "wait|last|opened|priority|due"
	else if ($4 == "sla")
		$5 = "missed|due"
	else if ($4 == "kind")
		$5 = "image|video|audio|voice|document|sticker"
	else if ($4 == "draft")
		$5 = "keep|send|show|drop"
	else if ($2 == "history" && $4 == "-")
		$5 = "CONVERSATION"
	else if ($2 == "merge" && $4 == "-")
		$5 = "CONVERSATION CONVERSATION"
}
$1 == "desk-user" && $2 != "add" { sub(/NAME/, "PERSON", $5) }
$1 == "desk-user" && $4 == "role" { $5 = "admin|agent|viewer" }
{ print }'
