#!/bin/sh
# fish.sh TABLE - the completion for fish, on stdout; TAKEN names the programs
# that are completed on their own only where they are ours
set -eu
cat <<'EOT'
# fish completion for frontdesk and its programs; made from their own tables of
# options, so it is edited by editing those
EOT
awk -F '\t' -v taken="$TAKEN" '
function quote(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/\047/, "\\\047", s)
	return "\047" s "\047"
}
function values(arg) {
	if (arg == "-")
		return ""
	if (arg ~ /^(CONTACT|CONVERSATION|INSTANCE|PERSON|REPLY|TAG|TEAM)$/)
		return " -x -a " quote("(__frontdesk_named " tolower(arg) ")")
	if (index(arg, "|")) {
		gsub(/\|/, " ", arg)
		return " -x -a " quote(arg)
	}
	if (arg ~ /FILE|PATH|PROGRAM|COMMAND|DOC/)
		return " -r -F"
	if (arg == "STORE" || arg ~ /DIR/)
		return " -x -a " quote("(__fish_complete_directories)")
	return " -x"
}
BEGIN {
	n = split(taken, t, " ")
	for (i = 1; i <= n; i++)
		is_taken[t[i]] = 1
}
!($1 in seen) { seen[$1] = 1; names = names " " $1 }
$4 == "-" { verbs = verbs " " quote($1 " " $2) }
{
	what = $4 == "-" ? " -n " quote("__frontdesk_at " $1 " -") " -f -a " $2 : \
	    " -n " quote("__frontdesk_at " $1 " " ($2 == "-" ? "any" : $2)) \
	    ($3 == "-" ? "" : " -s " $3) " -l " $4 values($5)
	line[NR] = what " -d " quote($6)
	name[NR] = $1
}
# What the arguments of its verbs are called, wherever they stand.
$4 == "-" && $5 ~ /^[[]?(CONTACT|CONVERSATION|PERSON|TEAM|[a-z]+[|])/ {
	m = split($5, words, /[] .[]+/)
	for (i = 1; i <= m; i++)
		if ((what = values(words[i])) ~ / -a / && !seen[$1, $2, what]++) {
			at[++nnamed] = $1
			sub(/ -x/, " -f", what)
			named[nnamed] = " -n " quote("__frontdesk_at " $1 " " $2) what
		}
}
END {
	print "set -g __frontdesk_names" names
	print "set -g __frontdesk_verbs" verbs
	print "function __frontdesk_at --description \047NAME VERB: is the line there?\047"
	print "	set -l words (commandline -opc)"
	print "	set -l name (string replace -r \047.*/\047 \047\047 -- $words[1])"
	print "	set -e words[1]"
	print "	if test $name = frontdesk"
	print "		set -l word (string match -v -- \047-*\047 $words)[1]"
	print "		if test -n \"$word\"; and contains -- $word $__frontdesk_names"
	print "			set name $word"
	print "			set -e words[(contains -i -- $word $words)]"
	print "		end"
	print "	end"
	print "	set -l verb -"
	print "	for word in $words"
	print "		if contains -- \"$name $word\" $__frontdesk_verbs"
	print "			set verb $word"
	print "			break"
	print "		end"
	print "	end"
	print "	test $name = $argv[1]; and contains -- $argv[2] any $verb"
	print "end"
	print "function __frontdesk_named --description \047KIND: what is in the store\047"
	print "	set -l program (commandline -opc)[1]"
	print "	if test (string replace -r \047.*/\047 \047\047 -- $program) = frontdesk"
	print "		$program conv names $argv[1] 2>/dev/null"
	print "	else"
	print "		set -l conv (string replace -r \047[^/]*$\047 conv -- $program)"
	print "		$conv names $argv[1] 2>/dev/null"
	print "	end"
	print "end"
	for (i = 1; i <= nnamed; i++) {
		print "complete -c frontdesk" named[i]
		print "complete -c " at[i] named[i]
	}
	print "complete -c frontdesk -n \047__frontdesk_at frontdesk -\047 -f -a \"$__frontdesk_names\" -d program"
	for (i = 1; i <= NR; i++) {
		print "complete -c frontdesk" line[i]
		if (name[i] != "frontdesk" && !(name[i] in is_taken))
			print "complete -c " name[i] line[i]
	}
	for (i = 1; i <= n; i++) {
		print "if test -x (path dirname -- (command -s " t[i] "; or echo /))/kb-search"
		for (j = 1; j <= NR; j++)
			if (name[j] == t[i])
				print "	complete -c " t[i] line[j]
		print "end"
	}
}' "$1"
