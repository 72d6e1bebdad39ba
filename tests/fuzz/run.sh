#!/bin/sh
# run.sh [TARGET...] - fuzz each tests/fuzz/TARGET.c for SECONDS (30) under the
# address and undefined-behaviour sanitizers. Seeds are in seed/TARGET; what is
# found stays in build-fuzz/corpus. Exit 1 if any target failed.
set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=${SECONDS_EACH:-30}
b=build-fuzz
flags='-O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined'
make -s B=$b CC=clang CFLAGS="$flags" LDFLAGS='-fsanitize=address,undefined' \
    $b/lib.a || exit 1
pkgs=$(make -s --eval='packages:;@echo $(PKGS)' packages)
# shellcheck disable=SC2046 # names of files of ours
[ $# -gt 0 ] || set -- $(for c in tests/fuzz/*.c; do basename "$c" .c; done)
failed=0
for target; do
	mkdir -p "$b/corpus/$target"
	# shellcheck disable=SC2046,SC2086 # lists of flags
	clang -std=c11 -D_GNU_SOURCE -Ilib $(pkg-config --cflags $pkgs) $flags \
	    -fsanitize=fuzzer -o "$b/fuzz-$target" "tests/fuzz/$target.c" \
	    "$b/lib.a" -Wl,--as-needed $(pkg-config --libs $pkgs) \
	    -lstemmer -lpthread -lm || exit 1
	seed=
	[ -d "tests/fuzz/seed/$target" ] && seed=tests/fuzz/seed/$target
	# shellcheck disable=SC2086 # an absent seed is no argument
	if "$b/fuzz-$target" -max_total_time="$seconds" -timeout=5 \
	    -rss_limit_mb=512 -max_len=8192 -print_final_stats=1 \
	    -artifact_prefix="$b/" "$b/corpus/$target" $seed \
	    >"$b/$target.log" 2>&1
	then
		sed -n "s/^stat::number_of_executed_units: */$target: runs: /p" \
		    "$b/$target.log"
	else
		failed=1
		echo "$target: failed, see $b/$target.log" >&2
		grep -E "SUMMARY|Test unit written" "$b/$target.log" >&2
	fi
done
exit $failed
