#!/bin/sh
# frontdesk-providers(7): each set-up that the page shows is without fault, goes
# where the page says, and is answered by a server that takes no other address,
# header or body than that provider does
. "${0%/*}/lib.sh"
. "$top/tests/model.sh"
page=$top/man/frontdesk-providers.7
mkdir profiles.d
# Blocks that begin with the name of their file.
awk '/^\.Bd/ { block = 1; file = ""; next }
	/^\.Ed/ { block = 0 }
	block && file == "" { file = /^# profiles\.d\// ? $2 : "-"; next }
	block && file != "-" { print > file }' "$page"
export FRONTDESK_CONF="$work/frontdesk.conf" FRONTDESK_STORE="$work/store"
printf '[instance shop]\nphone_number_id = 106540352242922\n' >frontdesk.conf
frontdesk init store >/dev/null
printf '# Delivery\n\nA parcel to Norway takes 8 to 10 working days.\n' >delivery.md
kb-ingest delivery.md >/dev/null
model_start
names='openai azure azure-dated anthropic ollama llamacpp vllm'
goes () { ai-profile show "$1" --plain | sed -n 's/^request	\([^	]*\).*/\1/p'; }

check 'the page shows them all' '
	ls profiles.d | sed "s/\.conf//" | sort >got && printf "%s\n" $names | sort | same - got
'
check 'none has a fault, and no two are the same' '
	ai-profile check >got 2>&1 && same /dev/null got && ai-profile list --plain | grep -oE "[0-9a-f]{64}" | sort | uniq -d | same /dev/null -
'
check 'requests go where the page says' '
	while read -r name url; do [ "$(goes "$name")" = "$url" ] || { echo "$name: $(goes "$name")"; exit 1; }; done <<-"!"
	openai https://api.openai.com/v1/chat/completions
	azure https://meadow.openai.azure.com/openai/v1/chat/completions
	azure-dated https://meadow.openai.azure.com/openai/deployments/desk-gpt/chat/completions?api-version=2024-10-21
	anthropic https://api.anthropic.com/v1/messages
	ollama http://127.0.0.1:11434/v1/chat/completions
	llamacpp http://127.0.0.1:8080/v1/chat/completions
	vllm http://127.0.0.1:8000/v1/chat/completions
	!
	grep -qF "/openai/deployments/desk-gpt/chat/completions?api-version=2024-10-21" "$page"
'
# The same set-up, at the server of the test: NAME
moved () {
	case $1 in
	openai) url=/v1 ;; anthropic) url=/v1 ;; azure*) url= ;; *) url=/v1 ;;
	esac
	sed -i '/^url/d' "profiles.d/$1.conf" && echo "url = http://127.0.0.1:$(cat port)$url" >>"profiles.d/$1.conf"
}
for name in $names; do
	check "$name: answers, with a key that was sealed where it has one, and by its header" '
		cp "profiles.d/$name.conf" was && moved $name && : >requests &&
		case $name in
		ollama) keys="[null]" ;;
		*) echo sk-of-$name | ai-profile key $name && keys="[\"sk-of-$name\"]" ;;
		esac &&
		model_does "{keys: $keys}" && ai-reply --profile $name --ask "How long does a parcel to Norway take?" >got &&
		jq -e ".answer | test(\"8 to 10\")" got && [ "$(wc -l <requests)" -eq 1 ] &&
		jq -e "(.body.response_format.json_schema.strict // (.body.output_config.format.type == \"json_schema\")) and .body.stream" requests && cp was "profiles.d/$name.conf"
	'
done
check 'what fails says what the page has: DIAGNOSTICS' '
	moved llamacpp && failed () { # STATUS BODY WORDS
		printf "%s 0\n%s" "$1" "$2" >answer; status 69 ai-reply --profile llamacpp --ask "How long does a parcel to Norway take?" >got 2>err &&
		grep -qF "$3" err && grep -qF "${4:-$3}" "$page" || { echo "$3"; cat err; exit 1; }
	} &&
	failed 401 "{\"error\":{\"code\":\"invalid_api_key\",\"message\":\"x\"}}" "status 401 (invalid_api_key)" &&
	failed 400 "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context size\",\"type\":\"exceed_context_size_error\"}}" "status 400 (exceed_context_size_error)" &&
	failed 400 "{\"error\":{\"code\":\"context_length_exceeded\",\"message\":\"x\"}}" "status 400 (context_length_exceeded)" "(context_length_exceeded)" &&
	failed 429 "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"x\"}}" "status 429 (insufficient_quota)" &&
	failed 503 "{\"error\":{\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}" "status 503" &&
	failed 404 "{\"error\":{\"message\":\"model x not found, try pulling it first\"}}" "status 404" &&
	failed 200 "{\"choices\":[{\"message\":{\"content\":\"Hi there\"},\"finish_reason\":\"stop\"}]}" "the model did not keep the format" &&
	failed 200 "{\"choices\":[{\"message\":{\"content\":\"{\"},\"finish_reason\":\"length\"}]}" "the model'\''s answer was cut short" &&
	failed 200 "<html>x</html>" "the answer is no JSON" &&
	echo "timeout = 300ms" >>profiles.d/llamacpp.conf && sed -i "/timeout = 120s/d" profiles.d/llamacpp.conf && model_does "{delay_ms: 3000}" &&
	status 69 ai-reply --profile llamacpp --ask "How long does a parcel to Norway take?" 2>err && grep -q "no answer in time" err && grep -q "^.It no answer in time" "$page"
	model_stop; status 69 ai-reply --profile llamacpp --ask "How long does a parcel to Norway take?" 2>err && grep -q "Connection refused" err && grep -q "^.It Connection refused" "$page"
'
check 'every request of this test is as the references have it' all_were_right
done_testing
