# shellcheck shell=sh disable=SC2154,SC2034
# model.sh - a pretended model, for tests that source lib.sh: model starts one,
# openai_says and anthropic_says tell it what to say
model () {	# start model.pl and set up a profile for provider $1
	pkill -f "model.pl $work" 2>/dev/null
	rm -f port requests
	perl "$top/tests/model.pl" "$work/port" "$work/requests" "$work/answer" &
	pids="$pids $!"
	wait_for test -s port
	echo sekret >key
	printf '[ai]\nprovider = %s\nurl = http://127.0.0.1:%s/v1\nmodel = m-1\nkey_file = key\ntimeout = 2s\n[instance shop]\nquiet = 0ms\n' \
	    "$1" "$(cat port)" >frontdesk.conf
}
openai_says () {	# TEXT of the model, STATUS
	printf '%s 0\n' "${2:-200}" >answer
	jq -nc --arg t "$1" '{choices: [{message: {content: $t}, finish_reason: "stop"}], usage: {prompt_tokens: 11, completion_tokens: 7}}' >>answer
}
anthropic_says () {
	printf '200 0\n' >answer
	jq -nc --arg t "$1" '{content: [{type: "text", text: $t}], stop_reason: "end_turn", usage: {input_tokens: 5, output_tokens: 3}}' >>answer
}
