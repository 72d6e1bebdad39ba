#!/bin/sh
# tests/fuzz: each parser, with all that was ever found and a second of new
. "${0%/*}/lib.sh"
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS
command -v clang >/dev/null || {
	echo '1..0 # SKIP no clang'
	exit 0
}
build=${BUILD:-$top/build}
for target in "$top"/tests/fuzz/*.c; do
	name=${target##*/} name=${name%.c}
	check "$name" '
		BUILD=$build SECONDS_EACH=${FUZZ_SECONDS:-1} sh "$top/tests/fuzz/run.sh" $name
	'
done
done_testing
