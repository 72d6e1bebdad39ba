# shellcheck shell=sh disable=SC2034
# sim.sh - sourced by the tests of wa-sim(1): start it, call it, be called

messages=/v23.0/100000000000001/messages
number=/v23.0/100000000000001
account=/v23.0/200000000000001
app=/v23.0/300000000000001
text='{"messaging_product":"whatsapp","to":"491700000001","type":"text","text":{"body":"Good day"},"biz_opaque_callback_data":"ours"}'
echo app-secret >secret
echo api-token >token

sim () {	# start wa-sim with these options; its address is in $api
	rm -f port
	wa-sim --seed 1 --port-file port --record record "$@" >said 2>err \
	    <"${script:-/dev/null}" &
	simpid=$!
	pids="$pids $simpid"
	wait_for test -s port
	api=http://127.0.0.1:$(cat port)
}
sim_end () { kill "$simpid" 2>/dev/null; wait "$simpid"; }

call () {	# [CURL OPTION ...] PATH: the answer's status; its body: answer
	curl -s -o answer -w '%{http_code}\n' --max-time 30 \
	    -H "Authorization: Bearer ${token:-api-token}" \
	    "$@"
}
get () { path=$1; shift; call -g "$@" "$api$path"; }
post () {	# PATH BODY [CURL OPTION ...]: status, then the answer on a line
	path=$1 body=$2
	shift 2
	call -d "$body" -H 'Content-Type: application/json' "$@" "$api$path"
	cat answer 2>/dev/null && echo
}
send () {	# REST-OF-THE-MESSAGE: its status
	post "$messages" "{\"messaging_product\":\"whatsapp\",$1}" | head -n 1
}
say () { curl -s -d "$1" "$api/sim/message"; }
state () { curl -s -d "$1" "$api/sim/state" | jq -e .success; }
faults () { curl -s -d "$1" "$api/sim/fault" | jq -e .success; }
code () { jq .error.code answer; }
next () {	# FAULT: hits the next call
	faults "$1:#$(($(curl -s "$api/sim/state" | jq .calls) + 1))"
}

# A receiver of webhooks: the bodies whose signature is right, a line each, in
# the file bodies. As many times as the file refuse has lines it answers 500
# first; a GET with the token verify gets its challenge.
receiver () {
	cat >receive <<-'END'
	#!/bin/sh
	len=0 sig=
	IFS= read -r first
	while IFS= read -r line; do
		line=$(printf %s "$line" | tr -d '\r')
		[ -n "$line" ] || break
		case $line in
		[Cc]ontent-[Ll]ength:*) len=${line#*: } ;;
		[Xx]-[Hh]ub-[Ss]ignature-256:*) sig=${line#*: } ;;
		esac
	done
	answer () {
		printf 'HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
		    "$1" "${#2}" "$2"
		exit
	}
	case $first in
	*hub.verify_token=verify*)
		answer '200 OK' "$(echo "$first" |
		    sed 's/.*hub.challenge=\([0-9]*\).*/\1/')" ;;
	GET*) answer '403 No' ;;
	esac
	head -c "$len" >body.$$
	if [ -s refuse ]; then
		sed -i 1d refuse
		answer '500 No'
	fi
	echo "$sig" >>signatures
	want=$(openssl dgst -sha256 -hmac app-secret <body.$$ | sed 's/.* //')
	echo >>body.$$	# one write a line: others write too
	[ "$sig" = "sha256=$want" ] && cat body.$$ >>bodies
	answer '200 OK'
	END
	chmod +x receive
	: >bodies
	socat -d -d TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr EXEC:./receive \
	    2>socat.log &
	pids="$pids $!"
	wait_for grep -q 'listening on' socat.log
	hook=http://$(sed -n 's/.*listening on AF=2 //p' socat.log)/
}
# FILTER: of all the values the webhooks brought
values () { jq -c ".entry[].changes[] | .value + {field} | $1" bodies; }
