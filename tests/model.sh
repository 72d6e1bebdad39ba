# shellcheck shell=sh disable=SC2154,SC2034
# model.sh - a pretended provider of models, for tests that source lib.sh: model
# starts one, openai_says, anthropic_says and says tell it what to say
model_stop () {	# a check runs in a shell of its own: the file remembers
	[ -s "$work/model.pid" ] || return 0
	kill "$(cat "$work/model.pid")" 2>/dev/null
	rm -f "$work/model.pid"
}
trap 'model_stop; cleanup' EXIT
model_start () {	# another one in place of the last
	model_stop
	rm -f port requests
	[ -e answer ] || echo '{}' >answer
	python3 "$top/tests/model.py" "$work/port" "$work/requests" "$work/answer" &
	echo $! >"$work/model.pid"
	wait_for test -s port
}
model () {	# start one and set up a profile for provider $1
	rm -f answer
	model_start
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
# Whether no request of the whole test was other than the references have it.
all_were_right () {
	[ ! -s requests.wrong ] || { jq -c "{wrong, path}" requests.wrong | sort | uniq -c; return 1; }
}
# JSON as jq has it: what it does from now on, see model.py
model_does () { jq -nc "$1" >answer.new && mv answer.new answer; }
