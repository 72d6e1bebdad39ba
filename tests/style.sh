#!/bin/sh
# style.sh BUILD - what no compiler holds: rooms, banned functions, who prints
#
# BUILD holds the objects of lib/, which tell truly what is called. Quiet when
# all is well; else each line names what is wrong and where, and the exit
# status is 1. Part of make lint.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
bad=$(mktemp)
trap 'rm -f "$bad"' EXIT

# Arrows: a room may include from itself and from rooms before it; store and
# net do not know each other; base/ is known to all.
# sim/, the pretended WhatsApp, knows base/ and net/ alone, and nobody knows it:
# what it shared with wa/ it could not find wrong there.
rooms='base store net desk wa kb label ground ai rules report sim'
grep -nE '^#[[:space:]]*include "' lib/*/*.[ch] | awk -v rooms="$rooms" '
BEGIN { n = split(rooms, r, " "); for (i = 1; i <= n; i++) rank[r[i]] = i }
{
	split($0, at, ":")
	split(at[1], path, "/")
	from = path[2]
	split($0, quoted, "\"")
	to = quoted[2]
	if (!sub("/.*", "", to))
		print at[1] ":" at[2] ": include \"ROOM/file.h\", not a bare name"
	else if (!(from in rank) || !(to in rank))
		print at[1] ":" at[2] ": no room of the plan: " from " or " to
	else if (rank[to] > rank[from] || (from == "net" && to == "store") ||
	    (from == "sim" && to !~ /^(sim|base|net)$/))
		print at[1] ":" at[2] ": " from " may not include from " to
}' >>"$bad"

grep -ln '^#[[:space:]]*include "sim/' cmd/*.c | grep -vx cmd/wa-sim.c |
	sed 's/$/: only wa-sim may include sim\//' >>"$bad"

# Every header can be included first and once more.
for h in lib/*/*.h; do
	guard=$(echo "${h#lib/}" | tr 'a-z/.-' 'A-Z___')
	grep -q "^#ifndef $guard\$" "$h" ||
		echo "$h: no include guard $guard" >>"$bad"
done

# Banned: no bound, not reentrant, a shell, or silent about errors. Comments
# and strings are blanked, lines keep their numbers.
banned='strcpy strcat sprintf vsprintf gets system popen strtok atoi atol atof
	tmpnam tempnam mktemp localtime gmtime ctime asctime rand random
	vfork alloca'
re=$(echo "$banned" | tr -s ' \t\n' '|||' | sed 's/|$//')
for f in cmd/*.c lib/*/*.c lib/*/*.h; do
	[ -f "$f" ] || continue
	awk -v f="$f" -v re="(^|[^A-Za-z0-9_.>])($re) ?\\\\(" '
	{
		line = $0
		gsub(/\\./, "", line)
		gsub(/"[^"]*"/, "\"\"", line)
		if (comment) {
			if (!sub(/^.*\*\//, "", line)) next
			comment = 0
		}
		gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
		if (sub(/\/\*.*$/, "", line)) comment = 1
		if (match(line, re)) {
			what = substr(line, RSTART, RLENGTH)
			gsub(/[^A-Za-z_]/, "", what)
			print f ":" NR ": " what " is banned"
		}
	}' "$f" >>"$bad"
done

# lib/ neither prints nor exits; cli, jsonl and log are there for that, and
# out of memory (str) and a test's kill point (fault) may end a program.
for o in "$build"/lib/*/*.o; do
	case $o in
	*/base/cli.o | */base/jsonl.o | */base/log.o | */base/str.o | \
	*/base/fault.o) continue ;;
	esac
	nm -u "$o" | awk -v f="${o#"$build"/}" '
	$2 ~ /^(stdout|stderr|printf|vprintf|puts|putchar|perror|exit|err|errx|warn|warnx|__printf_chk|syslog)$/ {
		sub(/\.o$/, ".c", f)
		print f ": calls " $2 "; lib/ returns an error with a reason"
	}' >>"$bad"
done

# A program is three files with one name.
for c in cmd/*.c cmd/*.sh; do
	[ -f "$c" ] || continue
	name=$(basename "${c%.*}")
	[ -f "man/$name.1" ] || echo "$c: no page man/$name.1" >>"$bad"
	[ -f "tests/$name.t" ] || echo "$c: no test tests/$name.t" >>"$bad"
done

# Whatever a person edits: no trailing blanks, no conflict marks.
git ls-files 2>/dev/null | grep -Ev '^share/sample/|^tests/docs/|\.(png|ico|bin)$' |
	while read -r f; do
		[ -f "$f" ] || continue
		grep -nE '[ 	]+$|^(<<<<<<<|>>>>>>>) ' "$f" 2>/dev/null |
			sed "s|^\([0-9]*\):.*|$f:\1: blanks at the end, or a conflict mark|"
	done >>"$bad"

[ ! -s "$bad" ] || { cat "$bad" >&2; exit 1; }
