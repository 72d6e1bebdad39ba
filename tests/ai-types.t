#!/bin/sh
# what ai-reply(1) asks models, held against the types of the providers' own
# packages of npm: openai and @anthropic-ai/sdk, of which the last one for the
# interface of 2023 is what takes a temperature. Long: they are fetched.
. "${0%/*}/lib.sh"
. "$top/tests/model.sh"

[ -n "${LONG-}" ] || { echo '1..0 # SKIP make check-long'; exit 0; }
command -v npm >/dev/null || { echo '1..0 # SKIP no npm'; exit 0; }
types=${BUILD:-$top/build}/types
mkdir -p "$types"
cmp -s "$top/tests/types/package.json" "$types/package.json" || {
	cp "$top/tests/types/package.json" "$types/" && rm -rf "$types/node_modules"
}
[ -x "$types/node_modules/.bin/tsc" ] ||
	(cd "$types" && HOME=$work/home timeout 300 npm install --no-audit --no-fund --silent) >npm.log 2>&1 || {
	echo '1..0 # SKIP npm could not fetch the packages'
	exit 0
}
# FILE: whether the types take what is in it; by npm's node, not the system's
tsc () {
	"$types/node_modules/.bin/node" "$types/node_modules/typescript/bin/tsc" --noEmit --strict --skipLibCheck \
	    --target es2022 --module nodenext --moduleResolution nodenext "$1"
}
# Recorded requests as a program that declares them, each of its type.
program () {
	cat <<-'END'
	import type OpenAI from "openai";
	import type Anthropic from "@anthropic-ai/sdk";
	import type Anthropic2023 from "anthropic-2023";
	END
	jq -r '(.path | split("?")[0]) as $p | "const r\(input_line_number): " +
	    (if ($p | endswith("/messages")) and (.body | has("temperature") or has("top_p")) then "Anthropic2023.Messages.MessageCreateParams"
	     elif $p | endswith("/messages") then "Anthropic.Messages.MessageCreateParams"
	     elif $p | endswith("/embeddings") then "OpenAI.EmbeddingCreateParams"
	     elif $p | endswith("/transcriptions") then "Omit<OpenAI.Audio.TranscriptionCreateParams, \"file\">"
	     else "OpenAI.Chat.Completions.ChatCompletionCreateParams" end) +
	    " = \(.body);"' "$1"
	echo "export {};"
}

export FRONTDESK_STORE="$work/store"
frontdesk init store >/dev/null
printf '# Delivery\n\nA parcel to Norway takes 8 to 10 working days.\n' >delivery.md
kb-ingest delivery.md >/dev/null 2>&1
ask () { ai-reply --ask "how long does a parcel to Norway take?" >>got 2>>err; }

check 'recorded requests: each form, each provider, with and without a stream' '
	for p in openai anthropic azure; do for format in schema json text; do for s in on off; do
		model $p && sed -i "s/^\[instance/format = $format\nstream = $s\nrewrite = model\n&/" frontdesk.conf && model_does "{}" &&
		{ [ $p != anthropic ] || { ask && cat requests >>all; }; } &&
		sed -i "s/^\[instance/top_p = 0.9\ntemperature = 0.1\n&/" frontdesk.conf &&
		{ [ $p = anthropic ] || sed -i "s/^\[instance/reasoning = low\n&/" frontdesk.conf; } && ask && cat requests >>all || exit 1
	done; done; done && [ "$(wc -l <all)" -ge 18 ] && program all >"$types/requests.mts" && tsc "$types/requests.mts"
'
check 'the same of tools and their results, as the tests of the units make them' '
	"${BUILD:-$top/build}/tests/unit-provider" --requests >some && [ "$(wc -l <some)" -ge 6 ] && program some >"$types/units.mts" && tsc "$types/units.mts"
'
check 'what is wrong is found: a field there is not, a type that is another' '
	for change in ".body.max_token = 5" ".body.temperature = \"1\"" "del(.body.messages)" ".body.messages[0].role = \"boss\""; do
		head -n 1 all | jq -c "$change" >bad && program bad >"$types/bad.mts" && status 2 tsc "$types/bad.mts" >out && grep -q "error TS" out || { echo "$change"; exit 1; }
	done
'
done_testing
