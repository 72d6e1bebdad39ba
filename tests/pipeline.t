#!/bin/sh
# share/examples/pipeline.sh: starts the whole desk, says when it is ready,
# stops it; the commands are the units' (tests/systemd.t)
. "${0%/*}/lib.sh"
pipeline=$top/share/examples/pipeline.sh
cat >desk.conf <<'EOT'
[listen]
address = 127.0.0.1:0
secrets_file = secret
[instance sales]
phone_number_id = 100200300
account_id = 900
phone = +49 30 1234
token_file = token
url = http://127.0.0.1:9
quiet = 100ms
EOT
echo 0123456789abcdef0123456789abcdef >secret
echo token >token
stages='wa-recv wa-recv-follow wa-media ai-transcribe ai-label route ai-reply wa-send desk-hook desk-run desk-notify'
trap 'sh "$pipeline" stop run >/dev/null 2>&1; cleanup' EXIT

check 'wrong use is 64' '
	status 64 sh "$pipeline" 2>err && grep -q ^usage: err &&
	status 64 sh "$pipeline" stop 2>err
'
check 'a store that is not there is named, and nothing runs' '
	mkdir none && status 66 sh "$pipeline" none desk.conf run 2>err && [ -s err ] &&
	! ls run/*.pid 2>/dev/null
'
check 'all stages are ready when it returns' '
	frontdesk init store >/dev/null && sh "$pipeline" store desk.conf run &&
	for name in $stages; do kill -0 "$(cat run/$name.pid)" || exit 1; done
'
check 'they do not start twice' '
	status 73 sh "$pipeline" store desk.conf run 2>err &&
	grep -q "every stage is running already" err
'
check 'one that has died is started alone, the others stay' '
	cat run/*.pid | sort >before && dead=$(cat run/ai-reply.pid) && kill -KILL "$dead" && wait_for test ! -e "/proc/$dead/exe" &&
	sh "$pipeline" store desk.conf run && cat run/*.pid | sort >after && [ "$(comm -12 before after | wc -l)" -eq 10 ] &&
	for name in $stages; do kill -0 "$(cat run/$name.pid)" || exit 1; done
'
check 'a webhook goes all the way to a queued reply' '
	echo "{\"from\":\"491700000001\",\"text\":\"where is my parcel\"}" |
		wa-sim --bodies --phone-number-id 100200300 --account-id 900 |
		tr -d "\n" >body &&
	port=$(sed -n "s/.*listening at .*:\([0-9]*\)$/\1/p" run/wa-recv.log) &&
	signature=$(perl -MDigest::SHA=hmac_sha256_hex -0777 -ne "
		print hmac_sha256_hex(\$_, \"$(cat secret)\")" body) &&
	curl -sf -H "X-Hub-Signature-256: sha256=$signature" \
	    --data-binary @body "http://127.0.0.1:$port/" &&
	wait_for sh -c "desk-events -S store --type message.queued | grep -q ."
'
check 'a stage that dies is seen, and the others stop with it' '
	sh "$pipeline" stop run && ! ls run/*.pid 2>/dev/null &&
	sed "s/^secrets_file/#&/" desk.conf >broken.conf &&
	status 69 sh "$pipeline" store broken.conf run 2>err &&
	grep -q "wa-recv ended" err && ! ls run/*.pid 2>/dev/null
'
check 'stop ends all of them, each as it should, and can be said twice' '
	sh "$pipeline" store desk.conf run &&
	for name in $stages; do cat run/$name.pid; done >pids &&
	sh "$pipeline" stop run && sh "$pipeline" stop run &&
	while read -r pid; do
		! grep -q "^State:.[^Z]" "/proc/$pid/status" 2>/dev/null || exit 1
	done <pids
'
of_desk () {	# the stages of any desk with this store, by their environment
	grep -lsz "^FRONTDESK_STORE=$work/store\$" /proc/[0-9]*/environ | cut -d/ -f3
}
check 'after SIGHUP to all of them they are still known, by name and to stop' '
	sh "$pipeline" store desk.conf run && [ "$(of_desk | wc -l)" -eq 11 ] &&
	kill -HUP $(cat run/*.pid) &&
	for name in ai-reply wa-send; do
		wait_for grep -q "reading the settings again" run/$name.log &&
		wait_for test "$(readlink "/proc/$(cat run/$name.pid)/exe")" = "$(realpath "$(command -v $name)")" || exit 1
	done &&
	sleep 0.5 && [ "$(of_desk | wc -l)" -eq 11 ] &&
	for name in $stages; do
		[ "$(cat "/proc/$(cat run/$name.pid)/comm")" = "${name%-follow}" ] || exit 1
	done &&
	status 73 sh "$pipeline" store desk.conf run 2>err &&
	sh "$pipeline" stop run && [ -z "$(of_desk)" ] && ! ls run/*.pid run/*.began 2>/dev/null
'
done_testing
