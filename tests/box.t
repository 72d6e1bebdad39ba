#!/bin/sh
# base/box: the box holds for root and for others, on a kernel that gives less,
# and where the service manager already took system calls away
. "${0%/*}/lib.sh"
build=${BUILD:-$top/build}
CMOCKA_MESSAGE_OUTPUT=stdout
export CMOCKA_MESSAGE_OUTPUT
# A sanitizer finds leaks by ptrace(2), which the units take away.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
# Where everybody may run it.
chmod 755 "$work" && cp "$build/tests/unit-box" box && chmod 755 box

ordinary () {	# COMMAND...: as a user without privileges
	if [ "$(id -u)" -eq 0 ]; then
		timeout 60 setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		timeout 60 "$@"
	fi
}
check 'for an ordinary user' 'ordinary ./box'
# The names in sets of the service manager, sets in sets followed.
names () {	# SET...
	systemd-analyze syscall-filter 2>/dev/null | awk -v want="$*" '
	/^@/ { set = $1; next }
	/^    [a-z@]/ { has[set] = has[set] " " $1 }
	function show(s,	i, n, a) {
		n = split(has[s], a, " ")
		for (i = 1; i <= n; i++)
			if (a[i] ~ /^@/) show(a[i]); else print a[i]
	}
	END { n = split(want, w, " "); for (j = 1; j <= n; j++) show(w[j]) }' | sort -u
}
if command -v systemd-analyze >/dev/null; then
	# As in hardening.conf and the unit of kb-extract.
	names @system-service >all
	names @privileged @resources >less
	allowed=$(sed -n 's/^SystemCallFilter=\(landlock.*\)$/\1/p' \
	    "$top/systemd/kb-extract@.service.in")
	check 'under the system calls of its unit' '
		[ "$(wc -l <all)" -gt 200 ] && [ -n "$allowed" ] &&
		{ comm -23 all less; echo $allowed | tr " " "\n"; } >allowed &&
		! grep -qx capset allowed &&
		ordinary ./box --like allowed ./box
	'
	check 'where the unit gives no Landlock, the rest holds' '
		comm -23 all less >allowed &&
		printf "# T\n\nWords.\n" >in.md && cp "$build/kb-extract" . &&
		chmod 755 kb-extract && chmod 644 frontdesk.conf &&
		ordinary ./box --like allowed ./kb-extract <in.md >out &&
		grep -q Words. out
	'
else
	count=$((count + 1))
	echo "ok $count - system calls of the units # SKIP no systemd-analyze"
fi
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null
printf '# T\n\nWords.\n' >a.md
check 'a kernel with neither lock: nothing is read, and why' '
	status 69 ./box --bare "$(command -v kb-ingest)" a.md 2>err &&
	grep -q "neither seccomp nor Landlock" err && grep -q -e --unsafe err &&
	status 69 ./box --bare "$(command -v kb-extract)" <a.md 2>err &&
	grep -q "neither seccomp nor Landlock" err
'
check 'but with --unsafe' '
	./box --bare "$(command -v kb-ingest)" --unsafe --plain a.md >got &&
	grep -q "^ready" got &&
	./box --bare "$(command -v kb-extract)" --unsafe --name a.md <a.md >got &&
	grep -q Words. got
'
done_testing
