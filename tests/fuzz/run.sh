#!/bin/sh
# run.sh [TARGET...] - feed the parsers what nobody would send
#
# libFuzzer with the address and undefined behaviour sanitizers, our own code
# instrumented. SECONDS_EACH (30) for each target, or RUNS inputs. What was
# found worth keeping stays in $BUILD/fuzz/corpus; a finding is kept beside it
# and named, and the status is 1.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
BUILD=${BUILD:-$top/build}
out=$BUILD/fuzz
each=${SECONDS_EACH:-30} runs=${RUNS:-}

if [ $# -eq 0 ]; then
	for target in "$here"/*.c; do
		target=${target##*/}
		set -- "$@" "${target%.c}"
	done
fi
wanted=
for name; do
	[ -e "$here/$name.c" ] || { echo "fuzz: no target $name" >&2; exit 64; }
	wanted="$wanted $out/tests/fuzz/$name"
done
# shellcheck disable=SC2086 # a list of files
make -s -C "$top" B="$out" CC=clang SANITIZE= \
	CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' \
	LDFLAGS='-fsanitize=address,undefined' $wanted

part () {	# BYTE NAME ARCHIVE...: a part of each, with the byte before it
	byte=$1 within=$2
	shift 2
	for archive; do
		{ printf '%s' "$byte" && python3 -c 'import sys, zipfile
sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' \
		    "$archive" "$within"; } \
		    >"$out/seeds/office/$(basename "$archive")-$(basename "$within")"
	done
}
stream () {	# BYTE HEX FILE...: from the first of these bytes on, which is a stream
	python3 - "$out/seeds/binary" "$@" <<-'EOT'
		import os, sys
		folder, byte, start, *files = sys.argv[1:]
		for name in files:
		    data = open(name, "rb").read()
		    at = data.find(bytes.fromhex(start))
		    if at >= 0:
		        with open(f"{folder}/{os.path.basename(name)}-stream", "wb") as f:
		            f.write(byte.encode() + data[at:at + 16000])
	EOT
}
seeds () {	# TARGET FOLDER: what is known to be right, and some that is not
	data=$top/tests/data
	[ ! -d "$here/seed/$1" ] || cp "$here/seed/$1"/* "$2"
	case $1 in
	webhook | json) cp "$data"/webhooks/*.json "$2" ;;
	event) cat "$data"/webhooks/*.events | head -n 200 |
		(cd "$2" && split -l 1 -a 3 - seed) ;;
	rules) cp "$top/share/rules.default" "$2/default" ;;
	extract)
		for f in "$top"/tests/docs/*.xls "$top"/tests/docs/*.ppt; do
			{ printf 0; cat "$f"; } >"$2/${f##*/}"
		done
		for f in "$top"/share/sample/docs/*; do
			[ ! -f "$f" ] || { printf 0; cat "$f"; } >"$2/${f##*/}"
		done ;;
	binary)
		for f in "$top"/tests/docs/*.xls; do
			{ printf 0; cat "$f"; } >"$2/${f##*/}"
		done
		for f in "$top"/tests/docs/*.ppt; do
			{ printf 1; cat "$f"; } >"$2/${f##*/}"
		done
		for f in "$top"/tests/docs/*.msg; do
			{ printf 4; cat "$f"; } >"$2/${f##*/}"
		done
		stream 2 0908100000060500 "$top"/tests/docs/*.xls
		stream 3 0f00e803 "$top"/tests/docs/*.ppt ;;
	rtf)
		for f in "$top"/tests/docs/*.rtf; do
			{ printf 0; cat "$f"; } >"$2/${f##*/}"
		done
		{ printf 1; cat "$top/tests/docs/table.csv"; } >"$2/table.csv" ;;
	office)
		part 0 word/document.xml "$top"/tests/docs/en*.docx
		part 0 word/numbering.xml "$top"/tests/docs/en*.docx
		part 1 ppt/slides/slide2.xml "$top/tests/docs/slides.pptx"
		part 1 ppt/presentation.xml "$top/tests/docs/slides.pptx"
		part 2 xl/worksheets/sheet1.xml "$top/tests/docs/table.xlsx"
		part 2 xl/styles.xml "$top/tests/docs/table.xlsx"
		part 2 xl/workbook.xml "$top/tests/docs/table.xlsx"
		part 3 content.xml "$top"/tests/docs/*.od[tps] ;;
	analyse | query)
		for f in "$top"/share/sample/docs/*; do
			[ ! -f "$f" ] || head -c 4000 "$f" >"$2/${f##*/}"
		done ;;
	embed)
		for n in 0 1 2; do
			printf '%b{"data":[' "\\0$n" && for i in $(seq 0 $n); do
				[ "$i" -eq 0 ] || printf ,
				printf '{"index":%s,"embedding":[0.5,-1e-3,2]}' "$i"
			done && echo ']}'
		done >"$2/arrays"
		printf '\0{"data":[{"index":0,"embedding":"AACAPwAAAEA="}]}' >"$2/packed" ;;
	index | vector)
		for n in 0 1 2 3 4; do
			printf '%b%s' "\\0$n\\0\\07\\0\\0" damage >"$2/over$n"
			printf '%b' "\\0$n\\01\\04\\0\\01" >"$2/cut$n"
		done ;;
	model)
		for n in 0 1 2 3; do
			printf '%b%s' "\\0$n\\040\\0" damage >"$2/head$n"
			printf '%b%s' "\\0$n\\0200\\02" damage >"$2/rest$n"
		done ;;
	signature)
		printf 'sha256=%064d' 0 >"$2/zeros"
		printf 'sha256=' >"$2/short" ;;
	ground)
		# Each pair of tests/data/ground: answer, passages, question.
		python3 - "$data/ground" "$2" <<-'EOT'
			import json, sys
			folder, out = sys.argv[1:]
			texts = {}
			for line in open(folder + "/passages.jsonl", encoding="utf-8"):
			    p = json.loads(line)
			    texts[p["id"]] = p["text"]
			for line in open(folder + "/pairs.jsonl", encoding="utf-8"):
			    p = json.loads(line)
			    ids = p["passages"]
			    parts = [p["answer"], texts[ids[0]], ids[0], texts[ids[-1]], p["question"]]
			    with open(out + "/" + p["id"], "wb") as f:
			        f.write(b"\0" + b"\0".join(x.encode() for x in parts))
		EOT
		;;
	question)
		printf 'Where is my parcel?\nwhere are parcels +49 171 2345678\nmail a@b.example https://x.example\n' >"$2/some" ;;
	esac
}

found=0
for name; do
	corpus=$out/corpus/$name
	log=$out/$name.log
	mkdir -p "$corpus" "$out/seeds/$name" "$out/findings"
	seeds "$name" "$out/seeds/$name"
	if [ -n "$runs" ]; then limit=-runs=$runs; else limit=-max_total_time=$each; fi
	# Memory that a library keeps for ever is no finding, ours is.
	got=0
	"$out/tests/fuzz/$name" "$limit" -timeout=10 -rss_limit_mb=1024 \
		-max_len=32768 -artifact_prefix="$out/findings/$name-" \
		-print_final_stats=1 "$corpus" "$out/seeds/$name" \
		>"$log" 2>&1 || got=$?
	edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
	done_runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	echo "fuzz: $name: ${done_runs:-?} inputs, ${edges:-?} edges, $(find "$corpus" -type f | wc -l) kept"
	[ $got -eq 0 ] || {
		found=1
		echo "fuzz: $name: found something, see $log" >&2
		grep -E 'SUMMARY|ERROR|runtime error|artifact' "$log" >&2 || :
	}
done
exit $found
