#!/bin/sh
# options.sh PROGRAM... - one table of all options: tab-separated lines of
# program, verb (- for none), letter, name, argument, help; a verb's own line
# has no letter and no name, and its arguments
set -eu
tab=$(printf '\t')
for program; do
	"$program" --options </dev/null | sed "s|^|${program##*/}$tab|"
done
