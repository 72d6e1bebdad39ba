#!/bin/sh
# wa-instance check, reconcile: each fault of a set-up is one line with one
# remedy and no other; what the provider's history has and we have not
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
frontdesk init --user >/dev/null || exit 1
umask 077
tab=$(printf '\t')
echo api0token0of0the0test >token && echo 0123456789abcdef >secret && echo handshake >verify
cat >frontdesk.conf <<END
[wa]
pair_every = 0s
[listen]
secrets_file = $work/secret
verify_token_file = $work/verify
END
# The listener and the provider have secrets of their own.
cp secret secret.recv && cp verify verify.recv && cp secret secret.sim
wa-recv --listen 127.0.0.1:0 --port-file recv.port --secret-file secret.recv \
    --verify-token-file verify.recv 2>recv.err &
recv=$!
pids="$pids $recv"
wait_for test -s recv.port
hook=http://127.0.0.1:$(cat recv.port)/
sim () {	# [OPTION ...]: wa-sim, its address in $api, its process in $sim
	rm -f port
	wa-sim --port-file port --token-file token --secret-file secret.sim -w "$hook" \
	    --phone-number-id 100 --account-id 900 --app-id 300 "$@" \
	    >said 2>sim.err </dev/null &
	sim=$!
	pids="$pids $sim"
	wait_for test -s port
	api=http://127.0.0.1:$(cat port)
}
facts () { curl -sf -d "$1" "$api/sim/state" >/dev/null; }
faults () { curl -sf -d "$1" "$api/sim/fault" >/dev/null; }
says () { curl -sf -d "{\"from\":\"$1\",\"text\":\"$2\"}" "$api/sim/message" >/dev/null; }
follow () { wa-recv --follow --once; }
state () { wa-instance show sales --json | jq -r .state; }
# CHECK WHAT REMEDY: check finds this one fault, and all else is ok
finds () {
	status 1 wa-instance check sales --plain >got 2>err && same /dev/null err &&
	printf "fault\t%s\t%s\t%s\n" "$1" "$2" "$3" >want &&
	grep -v "^ok$tab" got >bad; same want bad
}
fine () { wa-instance check sales --plain >got && ! grep -v "^ok$tab" got; }
again='a new one of a system user, then wa-instance token sales < FILE'
manager='WhatsApp Manager > Phone numbers'
secret_is="App settings > Basic > App secret into $work/secret, then systemctl restart frontdesk-wa-recv"

sim
wa-instance add sales --phone-number-id 100 --account-id 900 url="$api" webhook="$hook"
check 'no token' '
	finds token "there is no access token" "wa-instance token sales < FILE" &&
	[ "$(state)" = error ]
'
echo api0token0of0the0test | wa-instance token sales
check 'before the first webhook all that can be known is well' '
	status 0 wa-instance check sales --plain >got &&
	[ "$(grep -v "^ok$tab" got)" = "unknown${tab}app-secret${tab}no webhook has come yet$tab" ]
'
says 491700000001 hello && wait_for sh -c 'wa-recv --export | grep -q hello' && follow
check 'all is well: a line each, the facts are kept, and it is connected' '
	fine && cut -f 2 got | tr "\n" " " >names &&
	[ "$(cat names)" = "token permissions number quality name limit sending webhook\
 account subscribed fields reachable verify-token app-secret clock " ] &&
	grep "^ok${tab}limit${tab}TIER_1K customers a day may be written to first" got &&
	[ "$(state)" = connected ] &&
	wa-instance show sales --json | jq -e ".quality == \"GREEN\" and
	    .messaging_limit == \"TIER_1K\" and .throughput == \"STANDARD\" and
	    .verified_name == \"wa-sim\" and .token_expires == \"never\" and .checked != null"
'
check 'frontdesk-setup(7): each step ends in what proves it, in the words of check or status' '
	page=$top/man/frontdesk-setup.7 &&
	awk "/^\.Ss [1-9]/ { step = \$2 } /^\.Sh SEE/ { step = \"\" }
	    step && /^(ok |wa-recv |problem: |all is well)/ { proven[step] = 1 }
	    /^\.Ss [1-9]/ { steps++ } END { for (s in proven) n++; print steps, n }" "$page" >n &&
	[ "$(cat n)" = "7 7" ] &&
	for name in $(sed -n "s/^ok  *\([a-z-]*\)  .*/\1/p" "$page" | sort -u); do
		grep -q "^ok$tab$name$tab" got || { echo "$name"; exit 1; }
	done &&
	for said in "accepted, it does not expire" "messaging and management" "the provider lets it send" \
	    "the account tells the app" "messages is ticked" "ours is taken" "within 30 s of the provider"; do
		grep -q "^ok  *[a-z-]*  *$said" "$page" && grep -q "$tab$said" got || { echo "$said"; exit 1; }
	done
'
check 'on a terminal, or for a person: the remedy stands below' '
	facts "{\"number\":{\"quality_rating\":\"YELLOW\"}}" &&
	status 1 wa-instance check sales >got && facts "{\"number\":{\"quality_rating\":\"GREEN\"}}" &&
	grep -A 1 "^fault    quality       the quality of the number is medium (YELLOW)\$" got |
	    tail -n 1 | grep "^ *-> customers block or report it" &&
	wa-instance check sales --json | jq -s -e "map(select(.result != \"ok\")) == []"
'
check 'the token: not accepted, expired, expiring' '
	facts "{\"token\":{\"valid\":false}}" &&
	finds token "the access token is not accepted" "$again" && [ "$(state)" = error ] &&
	facts "{\"token\":{\"valid\":true,\"expires_at\":1}}" &&
	finds token "the access token has expired" "$again" &&
	facts "{\"token\":{\"expires_at\":$(($(date +%s) + 6 * 86400 + 3600))}}" &&
	finds token "the access token expires in 6 d" "$again" &&
	{ frontdesk status >got; grep "^problem: instance sales: its access token expires in 6 d" got; } &&
	facts "{\"token\":{\"expires_at\":$(($(date +%s) + 8 * 86400))}}" && fine &&
	facts "{\"token\":{\"expires_at\":0,
	    \"data_access_expires_at\":$(($(date +%s) + 3600))}}" &&
	finds token "the access token expires in 59 min" "$again" &&
	facts "{\"token\":{\"data_access_expires_at\":0}}" && fine
'
check 'after an error a check that finds nothing has it tried at once' '
	wa-instance show sales --json | jq -e ".state == \"connecting\" or .state == \"connected\""
'
check 'permissions' '
	facts "{\"token\":{\"scopes\":[\"whatsapp_business_management\"]}}" &&
	finds permissions "the access token lacks whatsapp_business_messaging" \
	    "make the token anew with whatsapp_business_messaging, then wa-instance token sales < FILE" &&
	[ "$(state)" = error ] &&
	facts "{\"token\":{\"scopes\":[\"whatsapp_business_messaging\"]}}" &&
	finds permissions "the access token lacks whatsapp_business_management" \
	    "make the token anew with whatsapp_business_management, then wa-instance token sales < FILE" &&
	facts "{\"token\":{\"scopes\":[\"whatsapp_business_messaging\",\"whatsapp_business_management\"]}}" && fine
'
check 'the app: not subscribed, field not ticked, not active, not live, another one' '
	facts "{\"account\":{\"subscribed\":false}}" &&
	finds subscribed "the app is not subscribed to the account: no webhook comes" \
	    "POST /900/subscribed_apps: frontdesk-setup(7), the webhook" &&
	facts "{\"account\":{\"subscribed\":true}}" &&
	facts "{\"webhook\":{\"fields\":[\"message_template_status_update\"]}}" &&
	finds fields "the field messages is not ticked" \
	    "the app > WhatsApp > Configuration > Webhook fields: messages" &&
	facts "{\"webhook\":{\"fields\":[\"messages\"],\"active\":false}}" &&
	finds fields "the app'\''s subscription is not active" \
	    "the app > WhatsApp > Configuration: verify and save the callback again" &&
	facts "{\"webhook\":{\"active\":true},\"app\":{\"live\":false}}" &&
	finds sending "the app is limited: it may not be live" \
	    "developers.facebook.com > the app > App mode: Live" &&
	facts "{\"app\":{\"live\":true}}" && wa-instance set sales app_id=77 &&
	finds app "the access token is of app 300, not of app_id 77" \
	    "wa-instance set sales app_id=300, or a token of that app" &&
	wa-instance set sales app_id=300 && fine
'
check 'the address of webhooks: another one, an override, none' '
	facts "{\"webhook\":{\"url\":\"https://other.example/x\"}}" &&
	finds webhook "webhooks go to https://other.example/x, not to $hook" \
	    "the app > WhatsApp > Configuration > Callback URL: $hook" &&
	facts "{\"webhook\":{\"url\":\"${hook%/}\"},
	    \"account\":{\"override_callback_uri\":\"https://over.example/\"}}" &&
	finds webhook "an override sends webhooks to https://over.example/, not to $hook" \
	    "take the override away: POST /900/subscribed_apps without an address" &&
	facts "{\"account\":{\"override_callback_uri\":\"\"}}" && fine &&
	facts "{\"webhook\":{\"url\":\"\"}}" &&
	status 1 wa-instance check sales --plain >got &&
	grep "^fault${tab}webhook${tab}the provider has no address for webhooks${tab}the app > WhatsApp > Configuration > Callback URL: $hook\$" got &&
	[ "$(grep -c "^fault" got)" -eq 1 ] && facts "{\"webhook\":{\"url\":\"$hook\"}}" && fine
'
check 'the address does not answer, or something else answers' '
	free=$(free_port) && wa-instance set sales "webhook=http://127.0.0.1:$free/" &&
	facts "{\"webhook\":{\"url\":\"http://127.0.0.1:$free/\"}}" &&
	finds reachable "http://127.0.0.1:$free/ does not answer: Connection refused" \
	    "name, certificate, firewall and proxy of that address: frontdesk-setup(7), the proxy" &&
	wa-instance set sales "webhook=$api/nothing" &&
	facts "{\"webhook\":{\"url\":\"$api/nothing\"}}" &&
	status 1 wa-instance check sales --plain >got && grep -c "^fault" got >n && [ "$(cat n)" -eq 1 ] &&
	grep "^fault${tab}reachable${tab}$api/nothing answers 40[0-9], not our challenge${tab}the proxy hands it to another program: frontdesk-setup(7), the proxy\$" got &&
	wa-instance set sales "webhook=$hook" && facts "{\"webhook\":{\"url\":\"$hook\"}}" && fine
'
cat >guard.py <<'END'
import http.server
class Guard(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'<html>no</html>'
        self.send_response(int(self.path[1:4]))
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
s = http.server.HTTPServer(('127.0.0.1', 0), Guard)
print(s.server_port, flush=True)
s.serve_forever()
END
python3 guard.py >guard.port &
pids="$pids $!"
wait_for test -s guard.port
check 'a proxy that does not reach the listener, and one that lets nothing through' '
	guard=http://127.0.0.1:$(cat guard.port) &&
	for n in 502 503 504; do
		wa-instance set sales "webhook=$guard/$n" && facts "{\"webhook\":{\"url\":\"$guard/$n\"}}" &&
		finds reachable "$guard/$n answers $n: the proxy does not reach wa-recv" \
		    "start wa-recv (systemctl start frontdesk-wa-recv), and see that the proxy hands it to listen.address: frontdesk-setup(7), the proxy" || exit 1
	done &&
	for n in 401 403; do
		wa-instance set sales "webhook=$guard/$n" && facts "{\"webhook\":{\"url\":\"$guard/$n\"}}" &&
		finds reachable "$guard/$n answers $n, and that is not wa-recv" \
		    "let the provider'\''s requests pass the proxy and what guards it: frontdesk-setup(7), the proxy" || exit 1
	done &&
	wa-instance set sales "webhook=$hook" && facts "{\"webhook\":{\"url\":\"$hook\"}}" && fine
'
check 'an app secret that cannot be read: one line, what helps' '
	help="make $work/secret a file of who runs wa-recv, of mode 600: chown, chmod; then restart wa-recv" &&
	rm secret && mkdir secret && status 1 wa-instance check sales --plain >got && rmdir secret &&
	printf "fault\tapp-secret\t%s cannot be read: Is a directory\t%s\n" "$work/secret" "$help" >want &&
	grep -v "^ok$tab" got >bad; same want bad &&
	status 1 wa-instance check sales --plain >got &&
	printf "fault\tapp-secret\tthere is no app secret\t%s\n" "$secret_is" >want &&
	grep -v "^ok$tab" got >bad; same want bad && cp secret.recv secret &&
	if [ "$(id -u)" -ne 0 ]; then
		chmod 0 secret && status 1 wa-instance check sales --plain >got && chmod 600 secret &&
		printf "fault\tapp-secret\t%s cannot be read: Permission denied\t%s\n" "$work/secret" "$help" >want &&
		grep -v "^ok$tab" got >bad; same want bad
	fi && fine
'
check 'the verify token: another one than the listener has, or none' '
	echo another >verify &&
	finds verify-token "the listener does not take our verify token" \
	    "the token of $work/verify in the app, and systemctl restart frontdesk-wa-recv" &&
	: >verify && finds verify-token "there is no verify token" \
	    "make one: frontdesk-setup(7), the webhook" &&
	cp verify.recv verify && fine
'
check 'the app secret: not that of the app, none, not that of the last webhook' '
	echo fedcba9876543210 >secret &&
	finds app-secret "our app secret is not that of app 300" "$secret_is" &&
	: >secret && status 1 wa-instance check sales --plain >got &&
	grep "^fault${tab}app-secret${tab}there is no app secret${tab}$secret_is\$" got &&
	[ "$(grep -c "^fault" got)" -eq 1 ] && cp secret.recv secret && fine &&
	facts "{\"app\":{\"secret\":\"fedcba9876543210\"}}" && echo fedcba9876543210 >secret &&
	finds app-secret "the last webhook was not signed by our app secret" "$secret_is" &&
	facts "{\"app\":{\"secret\":\"0123456789abcdef\"}}" && cp secret.recv secret && fine
'
check 'a refused signature is a forgery where our secret is known to be right, else a fault' '
	says 491700000001 fresh && wait_for sh -c "wa-recv --export | grep -q fresh" && follow &&
	sleep 0.01 && status 22 curl -sf -H "X-Hub-Signature-256: sha256=$(printf %064d 0)" \
	    -d "{}" "$hook" && fine &&
	grep "^ok${tab}app-secret${tab}it is that of app 300; what was refused [0-9]* m*s ago was signed by somebody else$tab\$" got &&
	echo fedcba9876543210 >secret &&
	status 1 wa-instance check sales --plain >got && [ "$(grep -c "^fault" got)" -eq 1 ] &&
	grep "^fault${tab}app-secret${tab}webhooks are refused, their signature is not of our app secret; the last one [0-9]* m*s ago${tab}$secret_is\$" got &&
	cp secret.recv secret &&
	sleep 0.01 && says 491700000001 newer && wait_for sh -c "wa-recv --export | grep -q newer" &&
	follow && fine
'
check 'the number: banned, restricted, pending, not registered, its quality and name' '
	number () { facts "{\"number\":$1}"; } && ask="see $manager, and ask the provider" &&
	register="register it with its PIN: frontdesk-setup(7), the number" &&
	number "{\"status\":\"BANNED\"}" && finds number "the number is banned" "$ask" &&
	[ "$(state)" = error ] &&
	number "{\"status\":\"RESTRICTED\"}" && finds number "the number is restricted" "$ask" &&
	[ "$(state)" != error ] &&
	number "{\"status\":\"FLAGGED\"}" &&
	finds number "the number is flagged for its quality" "$ask" &&
	number "{\"status\":\"RATE_LIMITED\"}" &&
	finds number "the number has reached its messaging limit" "$ask" &&
	number "{\"status\":\"PENDING\"}" &&
	finds number "the number is pending: it is not registered yet" "$register" &&
	number "{\"status\":\"CONNECTED\",\"registered\":false}" &&
	finds number "the number is not registered" "$register" &&
	better="customers block or report it: write to fewer first, answer better" &&
	number "{\"registered\":true,\"quality_rating\":\"YELLOW\"}" &&
	finds quality "the quality of the number is medium (YELLOW)" "$better" &&
	number "{\"quality_rating\":\"RED\"}" &&
	finds quality "the quality of the number is low (RED)" "$better" &&
	number "{\"quality_rating\":\"GREEN\",\"name_status\":\"DECLINED\"}" &&
	finds name "the display name is not approved (DECLINED)" \
	    "$manager > the number > Profile: ask for another display name" &&
	number "{\"name_status\":\"PENDING_REVIEW\"}" &&
	finds name "the display name is not approved (PENDING_REVIEW)" \
	    "$manager > the number > Profile: wait for the review" &&
	number "{\"name_status\":\"APPROVED\"}" && fine
'
check 'the account: restricted; another one; a number the token does not reach' '
	facts "{\"account\":{\"restricted\":true}}" &&
	finds sending "the account is restricted by the provider" \
	    "business.facebook.com > Account quality: see why, and ask for a review" &&
	facts "{\"account\":{\"restricted\":false}}" && wa-instance set sales account_id=901 &&
	finds account "account 901, as the access token sees it, has no phone_number_id 100" \
	    "wa-instance set sales account_id=ID, as $manager has it" &&
	wa-instance set sales account_id=900 phone_number_id=101 &&
	finds number "the token reaches no number of phone_number_id 101" \
	    "wa-instance set sales phone_number_id=ID, as $manager has it" &&
	wa-instance set sales phone_number_id=100 && fine
'
check 'webhooks of a number that no instance has' '
	echo "{\"from\":\"491700000001\",\"text\":\"x\"}" |
	    wa-sim --bodies --phone-number-id 555 --account-id 900 >body &&
	signature=$(perl -MDigest::SHA=hmac_sha256_hex -0777 -ne \
	    "print hmac_sha256_hex(\$_, \"0123456789abcdef\")" body) &&
	curl -sf -H "X-Hub-Signature-256: sha256=$signature" --data-binary @body "$hook" && follow &&
	finds strangers "webhooks come for phone_number_id 555, which is no instance" \
	    "wa-instance add NAME --phone-number-id 555" &&
	wa-instance add other --phone-number-id 555 && fine && wa-instance rm other
'
check 'what the provider does not let it send: the number, the account, for want of payment' '
	review="business.facebook.com > Account quality: see why, and ask for a review" &&
	facts "{\"account\":{\"blocked\":true}}" &&
	finds sending "the number is blocked by the provider" "$review" && [ "$(state)" = error ] &&
	facts "{\"account\":{\"blocked\":false},\"numbers\":[{\"id\":\"100\",\"can_send_message\":\"BLOCKED\"}]}" &&
	finds sending "the number is blocked by the provider" "$review" &&
	facts "{\"numbers\":[{\"id\":\"100\",\"can_send_message\":\"LIMITED\"}]}" &&
	finds sending "the number is limited by the provider" "$review" &&
	facts "{\"numbers\":[{\"id\":\"100\",\"can_send_message\":\"AVAILABLE\"}],\"account\":{\"payment\":false}}" &&
	finds sending "the account has a payment problem" \
	    "business.facebook.com > Billing & payments: a way of payment for the account" &&
	[ "$(state)" = error ] && facts "{\"account\":{\"payment\":true}}" && fine
'
check 'an answer that says nothing of the set-up is no fault of it: 69, the state stays' '
	wa-instance restart sales && before=$(state) || exit
	for fault in garbled@debug_token redirect@debug_token 368@debug_token 429@debug_token \
	    error-200@debug_token 500@debug_token garbled@phone_numbers redirect@subscribed_apps \
	    garbled@subscriptions; do
		faults $fault && status 69 wa-instance check sales --plain >got 2>err &&
		grep "^wa-instance: the provider gave no answer to go by" err &&
		! grep "^fault" got && [ "$(grep -c "^unknown${tab}provider$tab" got)" -eq 1 ] &&
		[ "$(state)" = "$before" ] || { echo "$fault"; cat got err; exit 1; }
	done
	faults none && fine
'
check 'the token may not be asked about, by nobody: no fault' '
	faults 100@debug_token && status 69 wa-instance check sales --plain >got && ! grep "^fault" got &&
	[ "$(grep -c "^unknown${tab}token$tab" got)" -eq 1 ] && faults none && fine
'
check 'a token that is refused after it was taken is a fault of the token, not of the number' '
	faults 401@number && status 1 wa-instance check sales --plain >got &&
	grep "^fault${tab}token${tab}the access token is not accepted${tab}$again\$" got &&
	[ "$(grep -c "^fault" got)" -eq 1 ] && faults none && fine
'
kill $sim
sim --skew -45s
wa-instance set sales "url=$api"
check 'the clock: behind and ahead' '
	status 1 wa-instance check sales --plain >got && grep -v "^ok$tab" got >bad && [ "$(wc -l <bad)" -eq 1 ] &&
	grep "^fault${tab}clock${tab}the clock of this machine is 4[45] s ahead of the provider'\''s${tab}timedatectl set-ntp true\$" bad
'
kill $sim
sim --skew 90s
wa-instance set sales "url=$api"
check 'behind' '
	status 1 wa-instance check sales --plain >got && [ "$(grep -c ^fault got)" -eq 1 ] &&
	grep "^fault${tab}clock${tab}the clock of this machine is .* behind the provider" got
'
check 'the provider does not answer: 69, and the desk knows' '
	kill $sim && wait_for sh -c "! curl -s $api/" &&
	status 69 wa-instance check sales --plain >got 2>err && ! grep "^fault" got &&
	grep "^unknown${tab}provider${tab}the provider did not answer: Connection refused" got &&
	[ "$(state)" = disconnected ]
'
sim
wa-instance set sales "url=$api"
check 'a provider that is busy is no fault of the set-up: 69' '
	faults 503@debug_token && status 69 wa-instance check sales --plain >got && ! grep "^fault" got &&
	faults none && fine
'
check 'secrets are in nothing it prints or keeps' '
	! grep -rlaF -e "api0token0of0the0test" -e 0123456789abcdef got err ./*.err \
	    "$HOME/.local/share/frontdesk/desk.db" "$HOME/.local/share/frontdesk/desk.db-wal" \
	    "$HOME/.local/share/frontdesk/run"
'

# --- reconcile ---
kill $sim
sim --status-delay 10ms --seed 7
wa-instance set sales "url=$api"
send () { wa-send --follow --once -q; }
send
says 491700000021 first && wait_for sh -c 'wa-recv --export | grep -q first' && follow
c=$(conv list --ids | while read -r id; do
	conv show "$id" | grep -q first && echo "$id"; done)
settled () { wait_for sh -c "curl -sf $api/sim/state | jq -e '.waiting == 0 or true'"; sleep 0.3; }
check 'when all came nothing differs' '
	conv reply "$c" one && send && settled && follow &&
	wa-instance reconcile sales --plain >got && same /dev/null got
'
check 'what never reached us is listed: a message, statuses; and why' '
	facts "{\"webhook\":{\"active\":false}}" && says 491700000022 lost &&
	conv reply "$c" two && send && settled && follow &&
	status 1 wa-instance reconcile sales --json >got &&
	jq -s -e "map([.difference, .status, .webhook]) == [
	    [\"status\", \"sent\", \"FAILED\"], [\"status\", \"delivered\", \"FAILED\"],
	    [\"status\", \"read\", \"FAILED\"], [\"missing\", \"delivered\", \"FAILED\"]] and
	    all(.[]; .why == \"the subscription is not active\") and
	    .[0].conversation == \"$c\" and (.[3].wamid | startswith(\"wamid.\"))" got
'
check 'what stands in the inbox, read or not, did reach us' '
	sleep 1.1 && now=$(date -u +%FT%TZ) &&
	facts "{\"webhook\":{\"active\":true}}" && conv reply "$c" seen && send && settled &&
	says 491700000023 arrived && wait_for sh -c "wa-recv --export | grep -q arrived" &&
	status 1 wa-instance reconcile sales --json >got &&
	jq -s -e "map(.difference) | sort == [\"missing\", \"status\", \"status\", \"status\",
	    \"waiting\", \"waiting\", \"waiting\", \"waiting\"]" got &&
	wa-instance reconcile sales --since "$now" --json >got && jq -s -e "length > 0 and all(.[]; .difference == \"waiting\")" got &&
	wa-instance reconcile sales --since "$now" | grep -q "^in the inbox, not read yet" &&
	wa-instance reconcile sales --since "$now" --settle --json | jq -s -e "all(.[]; .settled | not)" &&
	follow && sqlite3 "$HOME/.local/share/frontdesk/desk.db" \
	    "UPDATE message SET wamid = \"wamid.other\" WHERE text = \"arrived\"" &&
	status 1 wa-instance reconcile sales --json >got && jq -s -e "map(select(.difference == \"waiting\")) == []" got &&
	jq -s -e "map(select(.difference == \"missing\")) | length == 1" got && facts "{\"webhook\":{\"active\":false}}"
'
check 'a held message is recognised where it can be nothing else' '
	curl -sf "$api/sim/state" >state && faults garbled && conv reply "$c" three && send
	faults none && settled && follow && conv show "$c" | grep -q "held" &&
	status 1 wa-instance reconcile sales --json >got &&
	jq -s -e "map(select(.difference == \"held\")) | length == 1 and
	    (.[0].wamid | startswith(\"wamid.\")) and .[0].status == \"read\"" got
'
check '--settle does what the history tells; again it changes nothing' '
	# A webhook told the last step already, of a name that nobody knew.
	jq -c "select(.difference == \"held\") | {object: \"whatsapp_business_account\",
	    entry: [{id: \"1\", changes: [{field: \"messages\", value: {
	    metadata: {phone_number_id: \"100\"}, statuses: [{id: .wamid,
	    status: .status, timestamp: (.time[:19] + \"Z\" | fromdate | tostring)}]}}]}]}" got |
	    wa-recv --stdin | jq -e ".type == \"message.read\" and .data.message == null" &&
	status 1 wa-instance reconcile sales --settle --json >got &&
	jq -s -e "map(select(.settled)) | length == 4" got &&
	! conv show "$c" | grep -q "held" &&
	[ "$(desk-events --type message.read | jq -s "map(.data.message | strings) | unique | length")" -eq 4 ] &&
	desk-events >before && status 1 wa-instance reconcile sales --settle --json >got &&
	jq -s -e "map(.difference) == [\"missing\"]" got && desk-events >after && same before after &&
	sqlite3 -readonly "$HOME/.local/share/frontdesk/desk.db" \
	    "SELECT detail FROM audit WHERE action = \"instance.reconcile\"" >got &&
	echo "{\"settled\":4}" >want && same want got
'
check 'a webhook that comes late after all makes no second effect' '
	wamid=$(desk-events --type message.read | tail -n 1 | jq -r .data.wamid) &&
	desk-events --type message.read | wc -l >before &&
	sqlite3 -readonly "$HOME/.local/share/frontdesk/desk.db" \
	    "SELECT wa_ms / 1000 FROM message_status WHERE wamid = \"$wamid\" AND status = \"read\"" >at &&
	jq -cn --arg w "$wamid" --arg t "$(cat at)" "{object: \"whatsapp_business_account\", entry:
	    [{id: \"900\", changes: [{field: \"messages\", value: {metadata: {phone_number_id: \"100\"},
	    statuses: [{id: \$w, status: \"read\", timestamp: \$t, recipient_id: \"491700000021\"}]}}]}]}" |
	    wa-recv --stdin >/dev/null && desk-events --type message.read | wc -l >after &&
	same before after
'
check 'it reads page by page, and passes over what is older' '
	facts "{\"webhook\":{\"active\":true}}" && for n in $(seq 120); do
		echo "{\"type\":\"message.queued\",\"data\":{\"conversation\":\"$c\",\"author\":\"user:me\",
		    \"kind\":\"text\",\"text\":\"line $n\",\"instance\":\"sales\"}}" | tr -d "\n"; echo
	done >many && wa-send -q <many >/dev/null && settled && follow &&
	status 1 wa-instance reconcile sales --json >got && jq -s -e "map(.difference) == [\"missing\"]" got &&
	sleep 1.1 && wa-instance reconcile sales --since 1s --json >got && same /dev/null got
'
check 'what was accepted and is not in the history is told' '
	sqlite3 "$HOME/.local/share/frontdesk/desk.db" "UPDATE message SET wamid = \"wamid.gone\",
	    attempt_ms = attempt_ms - 120000 WHERE text = \"line 1\"" &&
	status 1 wa-instance reconcile sales --json >got &&
	jq -s -e "map(.difference) | contains([\"unlisted\"])" got
'
check 'no token, nobody there: 78, 69' '
	wa-instance token sales --forget && status 78 wa-instance reconcile sales 2>err &&
	wa-instance token sales <token && kill $sim && wait_for sh -c "! curl -s $api/" &&
	status 69 wa-instance reconcile sales
'
kill $recv
done_testing
