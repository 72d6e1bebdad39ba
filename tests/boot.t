#!/bin/sh
# the whole service under a real systemd, in a container that boots in a second
. "${0%/*}/lib.sh"
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS
skip () { echo "1..0 # SKIP $*"; exit 0; }
[ "$(id -u)" -eq 0 ] || skip 'only root can boot a container'
for tool in systemd-nspawn debootstrap; do
	command -v $tool >/dev/null || skip "no $tool: make check-boot installs it"
done
build=${BUILD:-$top/build}

! ldd "$build/route" | grep -qE 'lib(a|ub|t)san' ||
	skip 'a sanitizer wants what the units forbid'

# The libraries the programs are linked with, as packages; libcurl is loaded.
# shellcheck disable=SC2046 # file names without blanks
libraries=$(ldd $(find "$build" -maxdepth 1 -type f -perm -100) 2>/dev/null |
	sed -n 's/.* => \([^ ]*\) .*/\1/p' | sort -u | while read -r lib; do
		dpkg -S "$lib" "/usr$lib" "$(realpath "$lib")" 2>/dev/null |
			sed -n '1s/:.*//p'
	done | sort -u)
# shellcheck disable=SC2086 # names of packages
sh "$top/tests/root.sh" "$work/root" systemd systemd-sysv dbus jq libcurl4 perl rclone $libraries \
	2>root.log || skip "no tree to boot: $(tail -n 1 root.log)"
root=$work/root

make -s -C "$top" B="$build" DESTDIR="$root" prefix=/usr install >install.log 2>&1 ||
	{ sed 's/^/# /' install.log; exit 1; }

# What README tells the administrator to do; tmpfiles run at boot.
chroot "$root" systemd-sysusers >users.log 2>&1 ||
	{ sed 's/^/# /' users.log; exit 1; }
mkdir -p "$root/etc/frontdesk/secrets"
secret=0123456789abcdef0123456789abcdef
echo "$secret" >"$root/etc/frontdesk/secrets/app-secret"
echo handshake >"$root/etc/frontdesk/secrets/verify-token"
cat >"$root/etc/frontdesk/frontdesk.conf" <<'EOT'
[desk]
name = Example
[instance sales]
phone_number_id = 100200300
account_id = 900
phone = +49 30 1234
url = http://127.0.0.1:8026
quiet = 100ms
EOT
for unit in frontdesk.target frontdesk-wa-recv.socket; do
	systemctl --root="$root" enable $unit >/dev/null 2>&1
done

# A webhook of one customer's text, and its signature.
mkdir out
hook () {	# N TEXT
	echo "{\"from\":\"49170000000$1\",\"text\":\"$2\"}" |
		wa-sim --bodies --phone-number-id 100200300 --account-id 900 --seed "$1" |
		head -n 1 | tr -d '\n' >"out/body$1"
	perl -MDigest::SHA=hmac_sha256_hex -0777 -ne \
		'BEGIN { $k = shift } print "sha256=", hmac_sha256_hex($_, $k), "\n"' \
		"$secret" "out/body$1" >"out/signature$1"
}
hook 1 'where is my parcel zebra'
hook 2 'a human please zebra'
hook 3 'hello zebra'
hook 4 'where is my zebra parcel'
hook 5 'a quagga, please'

# A site and a remote folder with the same words in other places, and a model.
mkdir -p out/srv/site/help out/srv/folder
printf '<html><head><title>Help</title></head><body><main><h1>Help</h1>
<p>The word caravel stands here.</p><a href="more.html">more</a></main></body></html>' \
	>out/srv/site/help/index.html
printf '<html><body><main><h1>More</h1><p>And the word felucca here.</p></main></body></html>' \
	>out/srv/site/help/more.html
cp "$top/tests/docs/slides.pptx" out/srv/folder/
printf '# Ships\n\nThe word trireme stands here.\n' >out/srv/folder/ships.md
cp "$top/tests/embed.pl" "$top/tests/hook.pl" "$top/tests/loop.pl" out/
cat >out/asks.pl <<'EOT'
use IO::Socket::UNIX;
my $s = IO::Socket::UNIX->new(Peer => '/run/frontdesk/ai-tool.sock') or die "$!\n";
print {$s} <STDIN>;
$s->flush;
print <$s>;
EOT
chmod 755 out && chmod 644 out/asks.pl

cat >out/inside.sh <<'EOT'
# Runs inside, as root; prints TAP.
exec >/out/tap 2>/out/err
services='wa-recv wa-recv-follow wa-media ai-transcribe ai-label route ai-reply wa-send desk-hook desk-run desk-notify'
count=0
check () {
	count=$((count + 1))
	if (eval "$2") >/tmp/log 2>&1; then echo "ok $count - $1"
	else echo "not ok $count - $1"; sed 's/^/# /' /tmp/log; fi
}
wait_for () {
	for _ in $(seq 200); do "$@" >/dev/null 2>&1 && return 0; sleep 0.05; done
	echo "never came true: $*"
	return 1
}
up () {
	for s in $services; do
		systemctl is-active "frontdesk-$s.service" || return 1
	done
}
post () {	# N [SIGNATURE]: the status of the answer
	bash -c '
	exec 3<>/dev/tcp/127.0.0.1/8025
	{
		printf "POST / HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n"
		printf "Content-Type: application/json\r\n"
		printf "X-Hub-Signature-256: %s\r\n" "$2"
		printf "Content-Length: %s\r\n\r\n" "$(stat -c %s "/out/body$1")"
		cat "/out/body$1"
	} >&3
	read -r _ status _ <&3
	echo "$status"' post "$1" "${2:-$(cat "/out/signature$1")}"
}
events () { frontdesk desk-events --type "$1"; }
main () { systemctl show -P MainPID "frontdesk-$1.service"; }
back () {
	systemctl is-active "frontdesk-$1.service" && new=$(main "$1") &&
		[ "$new" -ne 0 ] && [ "$new" -ne "$2" ]
}

check 'the target comes up with all its services' '
	wait_for systemctl is-active frontdesk.target && wait_for up ||
		{ systemctl --no-pager status "frontdesk*"; exit 1; }
'
check 'users, groups and modes are as the units need them' '
	[ "$(stat -c %a:%U:%G /var/lib/frontdesk)" = 2770:frontdesk:frontdesk ] &&
	[ "$(stat -c %a:%G /var/lib/frontdesk/desk.db)" = 660:frontdesk ]
'
check 'a signed webhook is answered 200, a wrong signature is not' '
	[ "$(post 1)" = 200 ] && [ "$(post 1 "sha256=$(printf %064d 0)")" = 403 ]
'
check 'it becomes a message in the log, and only one' '
	wait_for sh -c "frontdesk desk-events --type message.received | grep -q ." &&
	events message.received | tee /dev/stderr | jq -e .data.message >/dev/null &&
	[ "$(events message.received | wc -l)" -eq 1 ]
'
check 'it goes through all stages: routed, and something is said' '
	wait_for sh -c "frontdesk desk-events --type message.routed | grep -q ." &&
	wait_for sh -c "frontdesk desk-events --type message.queued | grep -q ."
'
check 'the listener cannot see the record' '
	! [ -s "/proc/$(main wa-recv)/root/var/lib/frontdesk/desk.db" ] &&
	! [ -s "/proc/$(main wa-recv)/root/var/lib/frontdesk/desk.db-wal" ]
'
check 'each service sees its own secrets only' '
	ls /run/credentials >/tmp/units && ls /run/credentials/* &&
	[ -f /run/credentials/frontdesk-wa-recv.service/app-secret ] &&
	[ -s /run/credentials/frontdesk-wa-send.service/secret-key ] &&
	[ "$(stat -c %a:%u /etc/frontdesk/secrets/key/wa-send)" = 600:0 ] &&
	[ -s /run/credentials/frontdesk-ai-reply.service/secret-key ] &&
	! cmp -s /run/credentials/frontdesk-ai-reply.service/secret-key /run/credentials/frontdesk-wa-send.service/secret-key &&
	[ -s /run/credentials/frontdesk-ai-transcribe.service/secret-key ] &&
	! cmp -s /run/credentials/frontdesk-ai-transcribe.service/secret-key /run/credentials/frontdesk-ai-reply.service/secret-key &&
	! [ -e /run/credentials/frontdesk-ai-transcribe.service/key-openai ] &&
	! [ -s "/proc/$(main route)/root/var/lib/frontdesk/auth.db" ] &&
	! [ -e /run/credentials/frontdesk-ai-reply.service/app-secret ] &&
	! grep -q route /tmp/units
'
for s in $services; do
	check "$s comes back after SIGKILL" '
		old=$(main $s) && [ "$old" -gt 1 ] &&
		systemctl kill --kill-whom=main -s KILL "frontdesk-$s.service" &&
		wait_for back $s "$old"
	'
done
check 'webhooks are taken as before' '
	[ "$(post 2)" = 200 ] &&
	wait_for sh -c "[ \$(frontdesk desk-events --type message.received | wc -l) -eq 2 ]"
'
check 'a webhook while the listener is down waits in the socket' '
	systemctl kill --kill-whom=main -s KILL frontdesk-wa-recv.service &&
	[ "$(post 2)" = 200 ]
'
printf "# Parcels\n\nThe word lighthouse stands here.\n" >/root/a.md
printf "caf\351 au lait\n" >/root/b.txt
printf "SQLite format 3\000x" >/root/c.md
printf "%%PDF-1.4\n" >/root/d.md
check 'documents are read by the service, in its box, under a user of its own' '
	[ "$(stat -c %a:%G /run/frontdesk/kb-extract.sock)" = 660:frontdesk ] &&
	printf "[kb]\nextractor = socket\n" >/etc/frontdesk/conf.d/kb.conf &&
	cd /root && { frontdesk kb-ingest --plain a.md b.txt c.md d.md >/tmp/got 2>/tmp/said
		[ $? -eq 65 ]; } &&
	cut -f 1,5 /tmp/got | tr "\t\n" " ," >/tmp/line &&
	[ "$(cat /tmp/line)" = "ready a.md,ready b.txt,failed c.md,failed d.md," ] &&
	! grep -i landlock /tmp/said &&
	frontdesk kb-search lighthouse | jq -e .passage
'
perl /out/embed.pl /tmp/port /tmp/record /tmp/faults >/tmp/said 2>&1 &
wait_for test -s /tmp/port
cat >/etc/frontdesk/conf.d/sources.conf <<END
[crawl help]
url = http://127.0.0.1:8027/help/index.html
private = on
delay = 0ms
[sync folder]
remote = here:/srv/folder
[embed]
url = http://127.0.0.1:$(cat /tmp/port)/v1/
model = m
END
cp -r /out/srv/* /srv/
printf "[here]\ntype = local\n" >/etc/frontdesk/secrets/rclone.conf
echo "sk-boot0key0of0the0test" >/etc/frontdesk/secrets/key-embed
rclone serve http /srv/site --addr 127.0.0.1:8027 >/tmp/said 2>&1 &
read_by_socket () { systemctl show -P NAccepted kb-extract.socket; }
run_unit () {	# UNIT: once, to its end, which is a good one
	systemctl start "$1" && [ "$(systemctl show -P Result "$1")" = success ] ||
		{ journalctl --no-pager -u "$1"; return 1; }
}
check 'a site is crawled by its unit, and read by the service' '
	wait_for bash -c "exec 3<>/dev/tcp/127.0.0.1/8027" && before=$(read_by_socket) &&
	run_unit frontdesk-kb-crawl@help.service && [ "$(read_by_socket)" -gt "$before" ] &&
	frontdesk kb-search caravel | jq -e ".url | endswith(\"/help/index.html\")" &&
	frontdesk kb-search felucca | jq -e .passage
'
echo "127.0.0.1 inside.example" >>/etc/hosts
check 'a name of outside with an address inside is not connected to' '
	{ frontdesk kb-crawl --print http://inside.example:8027/ 2>/tmp/got; [ $? -eq 77 ]; } &&
	grep "its address is not public" /tmp/got
'
check 'a remote folder is synced by its unit, and read by the service' '
	before=$(read_by_socket) && run_unit frontdesk-kb-sync@folder.service &&
	[ "$(read_by_socket)" -gt "$before" ] &&
	frontdesk kb-search trireme | jq -e ".source == \"here:/srv/folder/ships.md\"" &&
	frontdesk kb-doc list --plain --source "here:*" >/tmp/got && cat /tmp/got && [ "$(wc -l </tmp/got)" -eq 2 ]
'
check 'their timers run them, and find nothing due' '
	systemctl start frontdesk-kb-crawl@help.timer frontdesk-kb-sync@folder.timer &&
	rm -r /srv/site/help && run_unit frontdesk-kb-crawl@help.service &&
	run_unit frontdesk-kb-sync@folder.service && frontdesk kb-search felucca | jq -e .passage
'
check 'passages are embedded by their unit, with its key' '
	run_unit frontdesk-kb-embed.service &&
	frontdesk kb-embed --status --json | jq -e ".state == \"searched\" and .missing == 0 and .embedded > 2" &&
	[ "$(jq -r .key /tmp/record | sort -u)" = sk-boot0key0of0the0test ] &&
	! journalctl --no-pager -u frontdesk-kb-embed.service | grep sk-boot
'
check 'documents are still read where each box is narrower than that of the unit' '
	! journalctl --no-pager -u "kb-extract@*" -u "frontdesk-kb-*" | grep -iE "landlock|seccomp|operation not permitted"
'
for unit in frontdesk-kb-crawl@help frontdesk-kb-sync@folder frontdesk-kb-embed kb-extract@1; do
	case $unit in kb-extract*) most=6 ;; *) most=13 ;; esac
	check "$unit.service exposes no more than $most tenths" '
		systemd-analyze security --no-pager --threshold=$most "$unit.service" >/tmp/got ||
			{ cat /tmp/got; exit 1; }
	'
done
for s in report backup; do
	check "$s runs" '
		systemctl start "frontdesk-$s.service" ||
			{ journalctl --no-pager -u "frontdesk-$s.service"; exit 1; }
	'
done
check 'frontdesk status: all are up, and what is missing is named: a token' '
	wait_for sh -c "frontdesk status | grep \"instance sales is stopped\"" &&
	{ frontdesk status >/tmp/status; [ $? -eq 1 ]; } && cat /tmp/status &&
	[ "$(grep -c "  [0-2][0-9]:[0-5][0-9]  " /tmp/status)" -eq 11 ] &&
	[ "$(grep ^problem /tmp/status)" = "problem: instance sales is stopped:\
 there is no access token: wa-instance token sales < TOKEN-FILE" ]
'
wa_instance="frontdesk wa-instance"
api_token=EAAboot0token0of0the0test
state () { $wa_instance show sales --json | jq -r .state; }
is () { [ "$(state)" = "$1" ]; }
accepted () { [ "$(events message.accepted | wc -l)" -ge "$1" ]; }
umask 077
echo $api_token >/root/token
umask 022
frontdesk wa-sim -l 127.0.0.1:8026 --token-file /root/token --no-status \
	--phone-number-id 100200300 --account-id 900 </dev/null >/tmp/said 2>&1 &
check "a sealed token: the running wa-send takes it up and sends" '
	before=$(main wa-send) && [ "$(events instance.error | wc -l)" -eq 1 ] &&
	$wa_instance token sales </root/token && wait_for is connected &&
	wait_for accepted 1 && [ "$(main wa-send)" = "$before" ] &&
	[ "$(events instance.connected | wc -l)" -eq 2 ]
'
check "root can ask the provider with it" '
	{ $wa_instance check sales >/tmp/check; :; } && cat /tmp/check &&
	grep "^ok       token " /tmp/check && grep "^ok       app-secret " /tmp/check &&
	grep "^ok       number " /tmp/check
'
templates () { frontdesk wa-template list --plain 2>/tmp/err; }
account_has () {	# TEMPLATES: what the provider lists
	bash -c '
	exec 3<>/dev/tcp/127.0.0.1/8026
	printf "POST /sim/state HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" \
		"${#1}" "$1" >&3
	cat <&3' account_has "{\"templates\":$1}"
}
check "templates are synced by their unit, with the sealed token; its timer is on" '
	! templates | grep order_update && account_has "[{\"name\":\"order_update\",\"language\":\"en\",
	    \"status\":\"APPROVED\",\"category\":\"UTILITY\",
	    \"components\":[{\"type\":\"BODY\",\"text\":\"It is on its way.\"}]}]" | grep 200 &&
	systemctl is-active frontdesk-wa-template.timer &&
	run_unit frontdesk-wa-template.service &&
	[ "$(systemctl show -P ExecMainStatus frontdesk-wa-template.service)" = 0 ] &&
	templates | grep order_update && n=$(events template.changed | wc -l) && [ "$n" -gt 0 ] &&
	run_unit frontdesk-wa-template.service && [ "$(events template.changed | wc -l)" -eq "$n" ]
'
check "frontdesk-wa-template.service exposes no more than 13 tenths" '
	systemd-analyze security --no-pager --threshold=13 frontdesk-wa-template.service >/tmp/got ||
		{ cat /tmp/got; exit 1; }
'
check "a lost key does not keep the unit down: it is made anew, and opens" '
	rm /etc/frontdesk/secrets/key/wa-send &&
	systemctl restart frontdesk-wa-send.service &&
	[ -s /etc/frontdesk/secrets/key/wa-send ] && n=$(events message.accepted | wc -l) &&
	post 3 && wait_for accepted $((n + 1)) && is connected
'
check "a token in a file of the folder is found by its name" '
	$wa_instance token sales --forget &&
	cp /root/token /etc/frontdesk/secrets/token/sales &&
	systemctl restart frontdesk-wa-send.service &&
	[ -f /run/credentials/frontdesk-wa-send.service/token_sales ] &&
	n=$(events message.accepted | wc -l) && post 4 &&
	wait_for accepted $((n + 1)) && rm /etc/frontdesk/secrets/token/sales &&
	$wa_instance token sales </root/token
'
check 'people reach the store by the programs only, each with their role' '
	desk_user="frontdesk desk-user" && useradd anna && useradd bert &&
	$desk_user add boss --role admin --account root &&
	$desk_user add anna --role agent --account anna &&
	runuser -u anna -- frontdesk conv list --ids >/tmp/ids && [ -s /tmp/ids ] &&
	runuser -u anna -- frontdesk conv note "$(head -n 1 /tmp/ids)" seen &&
	! runuser -u anna -- cat /var/lib/frontdesk/desk.db &&
	{ runuser -u anna -- frontdesk desk-user add eve; [ $? -eq 77 ]; } &&
	{ runuser -u bert -- frontdesk conv list; [ $? -eq 77 ]; }
'
check 'an admin who is not root can replace a token, and not read it; others cannot' '
	frontdesk desk-user set anna --role admin &&
	echo another | runuser -u anna -- frontdesk wa-instance token sales &&
	runuser -u anna -- frontdesk wa-instance list >/tmp/list && grep sales /tmp/list &&
	{ runuser -u anna -- frontdesk wa-instance check sales >/tmp/check; [ $? -eq 77 ]; } &&
	grep "run this check as root" /tmp/check &&
	{ runuser -u bert -- frontdesk wa-instance token sales </root/token; [ $? -eq 77 ]; } &&
	! runuser -u anna -- cat /etc/frontdesk/secrets/key/wa-send &&
	! runuser -u anna -- cat /var/lib/frontdesk/auth.db &&
	$wa_instance token sales </root/token && frontdesk desk-user set anna --role agent
'
check 'what lends the group its rights does not trust the environment' '
	mkdir -p /home/anna && ln -s /var/lib/frontdesk/desk.db /home/anna/conf &&
	! runuser -u anna -- env FRONTDESK_CONF=/home/anna/conf \
	    frontdesk report --json 2>/tmp/err &&
	cat /tmp/err && grep -q "not a file of yours" /tmp/err &&
	runuser -u anna -- env FRONTDESK_NOW=2001-01-01T00:00:00Z \
	    frontdesk conv note "$(head -n 1 /tmp/ids)" then &&
	! frontdesk desk-events | grep "\"time\":\"2001"
'
check 'a file that a person names is read with their rights, not with those of the group' '
	printf "1\twords\n" >/tmp/queries && chgrp frontdesk /tmp/queries && chmod 640 /tmp/queries &&
	! runuser -u anna -- frontdesk kb-search --eval /tmp/queries /tmp/queries 2>/tmp/err &&
	cat /tmp/err && grep -q "/tmp/queries: Permission denied" /tmp/err
'
mkdir /etc/frontdesk/tools.d
umask 077
echo "X-Key: hush0of0the0tool" >/etc/frontdesk/secrets/tool/inner
umask 022
tool () { name=$1; shift; printf '%s\n' 'description = for a test' "$@" >/etc/frontdesk/tools.d/$name.conf; }
printf '#!/bin/sh\ncat; id -un; cat /var/lib/frontdesk/desk.db /var/lib/frontdesk/auth.db /run/credentials/*/* /etc/passwd | wc -c\n' \
	>/etc/frontdesk/tools.d/whoami
chmod 755 /etc/frontdesk/tools.d/whoami
tool whoami 'command = whoami' 'identity = phone'
tool open 'command = whoami' 'private = on'
tool outer 'url = http://127.0.0.1:8026/x'
tool named 'url = http://inside.example:8026/x'
tool inner 'url = http://127.0.0.1:8026/x' 'private = on' 'headers_file = %d/tool_inner'
asks () {	# USER TOOL: what ai-tool answers
	events message.received | head -n 1 |
		jq -c "{tool: \"$2\", cause: .id, conversation: .data.conversation}" |
		runuser -u "$1" -- perl /out/asks.pl
}
check 'a tool is run for ai-reply, under a user of its own, in a box without store and secrets' '
	frontdesk ai-tool check && asks frontdesk-ai whoami >/tmp/got && cat /tmp/got &&
	jq -e ".ok and (.text | startswith(\"{\\\"customer_phone\\\":\\\"491700000001\\\"}\"))" /tmp/got &&
	jq -e ".text | endswith(\"\\n0\")" /tmp/got && asks frontdesk-ai open >/tmp/got && cat /tmp/got &&
	jq -r .text /tmp/got | grep -qx frontdesk-tool && events tool.ran | jq -se "length == 2 and all(.[]; .data.ok)"
'
check 'nobody else gets to it' '
	for user in frontdesk-route frontdesk-recv nobody; do
		! asks $user whoami 2>/tmp/said && grep -q "Permission denied" /tmp/said || exit 1
	done
'
check 'it connects to no address of inside, unless the tool says so; with its own headers then' '
	for tool in outer named; do
		asks frontdesk-ai $tool >/tmp/got; cat /tmp/got; jq -e ".class == \"unavailable\" and .reason == \"its address is not public\"" /tmp/got || exit 1
	done && asks frontdesk-ai inner >/tmp/got && cat /tmp/got && jq -e ".class == \"failed\" and (.reason | startswith(\"it answered with status 4\"))" /tmp/got
'
check 'frontdesk-ai-tool@1.service exposes no more than 13 tenths' '
	systemd-analyze security --no-pager --threshold=13 frontdesk-ai-tool@1.service >/tmp/got || { cat /tmp/got; exit 1; }
'
hook_secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
perl /out/hook.pl /tmp/hook.port /tmp/calls /tmp/none $hook_secret >/tmp/said 2>&1 &
wait_for test -s /tmp/hook.port
umask 077
echo $hook_secret >/etc/frontdesk/secrets/webhook/crm
umask 022
mkdir /etc/frontdesk/commands.d
printf '#!/bin/sh\n[ "$(id -un)" = frontdesk-run ] && grep -q quagga && ! cat /var/lib/frontdesk/desk.db /var/lib/frontdesk/auth.db /run/credentials/*/*\n' \
	>/etc/frontdesk/commands.d/who
printf '#!/bin/sh\n[ "$(id -un) $*" = "frontdesk-notify -t -i -f desk@example.com" ] && grep -q "^To: ana@example.com"\n' >/etc/frontdesk/mailer
chmod 755 /etc/frontdesk/commands.d/who /etc/frontdesk/mailer
cat >/etc/frontdesk/conf.d/actions.conf <<END
[webhook crm]
url = http://127.0.0.1:$(cat /tmp/hook.port)/
private = on
secret_file = %d/webhook_crm
[webhook named]
url = https://inside.example:$(cat /tmp/hook.port)/
secret_file = %d/webhook_crm
tries = 1
[command boxed]
command = who
[command open]
command = who
private = on
[channel staff]
mail = ana@example.com
[notify]
sendmail = /etc/frontdesk/mailer
from = desk@example.com
END
echo 'quagga: match text /quagga/ webhook crm, named run boxed, open notify staff' >/etc/frontdesk/rules
outcome () { [ "$(events "$1" | wc -l)" -eq "$2" ]; }
check 'what a rule asks for is done, each by its service under a user of its own, away from the store' '
	systemctl restart frontdesk-route.service frontdesk-desk-hook.service frontdesk-desk-run.service frontdesk-desk-notify.service &&
	post 5 && { wait_for outcome command.ran 2; wait_for outcome webhook.delivered 1; wait_for outcome webhook.failed 1; wait_for outcome notification.sent 1; } ||
		{ events action.requested; events command.failed; events notification.failed; journalctl --no-pager -u "frontdesk-desk-*" -u frontdesk-route | tail -n 30; exit 1; }
	events webhook.failed | jq -e ".data.reason == \"its address is not public\"" && jq -e ".signed == 1 and .body.data.text == \"a quagga, please\"" /tmp/calls
'
for s in desk-hook desk-notify desk-run; do
	check "frontdesk-$s.service exposes no more than 13 tenths" '
		systemd-analyze security --no-pager --threshold=13 "frontdesk-$s.service" >/tmp/got || { cat /tmp/got; exit 1; }
	'
done
check 'stop drains: within ten seconds, and each ends as it should' '
	# systemctl waits for the target, which ends before what it pulled in: those are waited for here.
	start=$(date +%s) && systemctl stop frontdesk.target &&
	for s in $services; do
		while case $(systemctl show -P ActiveState "frontdesk-$s.service") in active | deactivating) ;; *) false ;; esac do
			[ $(($(date +%s) - start)) -le 10 ] || break
			sleep 0.1
		done
		[ "$(systemctl show -P ActiveState "frontdesk-$s.service")" = inactive ] &&
		[ "$(systemctl show -P Result "frontdesk-$s.service")" = success ] ||
			{ systemctl status --no-pager "frontdesk-$s.service"; exit 1; }
	done && [ $(($(date +%s) - start)) -le 10 ]
'
check 'no message text and no number is in the journal' '
	journalctl --no-pager >/tmp/journal && grep -q frontdesk /tmp/journal &&
	! grep -E "zebra|quagga|49170000000" /tmp/journal
'
check "no token is in the journal, the store, the settings or the runtime directory" '
	! grep -F "$api_token" /tmp/journal &&
	! grep -rlaF "$api_token" /var/lib/frontdesk /etc/frontdesk /run/frontdesk && ! grep -F hush0of0the0tool /tmp/journal && ! grep -F "${hook_secret#whsec_}" /tmp/journal
'
echo "1..$count"
journalctl --no-pager -u "frontdesk*" >/out/journal 2>&1
EOT
cat >"$root/etc/systemd/system/check.service" <<'EOT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=sh /out/inside.sh
ExecStopPost=systemctl poweroff --no-block
TimeoutStartSec=120
EOT
mkdir -p "$root/etc/systemd/system/default.target.wants"
ln -s ../check.service "$root/etc/systemd/system/default.target.wants/"

# Where no systemd owns the cgroups, give the container a place of its own.
own=
if [ ! -d /run/systemd/system ]; then
	for h in /sys/fs/cgroup/unified /sys/fs/cgroup/systemd /sys/fs/cgroup; do
		[ ! -f "$h/cgroup.procs" ] || own="$own $h/frontdesk-boot.$$"
	done
fi
tidy () {
	for g in $own; do
		find "$g" -depth -type d -exec rmdir {} \; 2>/dev/null
	done
	cleanup
}
trap tidy EXIT
OWN=$own timeout -k 5 240 sh -c '
	for g in $OWN; do mkdir -p "$g" && echo $$ >"$g/cgroup.procs"; done
	exec systemd-nspawn -q -D "$1" -b --register=no --keep-unit \
	    --system-call-filter="landlock_create_ruleset landlock_add_rule landlock_restrict_self" \
	    --bind="$2:/out" --console=read-only --private-network \
	    systemd.log_target=journal' boot "$root" "$work/out" \
	</dev/null >console 2>&1
booted=$?
if [ ! -s out/tap ]; then
	echo "not ok 1 - it boots and runs its checks"
	echo "# systemd-nspawn: $booted"
	tail -n 20 console | sed 's/^/# /'
	echo '1..1'
	exit 1
fi
cat out/tap
if grep -q '^not ok' out/tap; then
	tail -n 60 out/journal | sed 's/^/# /'
	sed 's/^/# /' out/err
fi
