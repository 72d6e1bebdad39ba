#!/bin/sh
# wa-template(1): what is approved, what it looks like filled, and what cannot be
. "${0%/*}/lib.sh"

printf '[instance shop]\nphone_number_id = 100000000000001\naccount_id = 200000000000001\n' >frontdesk.conf
frontdesk init --user >/dev/null || exit 1
echo secret-token >token
sim () {	# [OPTION ...]: wa-sim, its address in $api
	rm -f port
	wa-sim --port-file port --token-file token --approve 50ms "$@" \
	    >said 2>sim.err </dev/null &
	sim=$!
	pids="$pids $sim"
	wait_for test -s port
	api=http://127.0.0.1:$(cat port)
	at="--url $api --token-file token"
}
stop_sim () { kill "$sim"; wait "$sim" 2>/dev/null; :; }
sim --record record
# shellcheck disable=SC2086
create () { wa-template create "$@" $at; }
# shellcheck disable=SC2086,SC2120
sync () { wa-template sync $at "$@"; }
# shellcheck disable=SC2119
approved () { sync 2>/dev/null && [ "$(wa-template list --usable --plain | wc -l)" -eq "$1" ]; }
bad () {	# WORDS OPTION...: create refuses, naming them, and asks nobody
	words=$1; shift
	touch record; wc -l <record >calls
	status 65 wa-template create --url "$api" --token-file token "$@" 2>err &&
	grep -qF "$words" err && [ "$(wc -l <record)" -eq "$(cat calls)" ]
}

check 'created, pending, then approved by a sync' '
	create order_ready -c utility -l en_US --body "Hello {{1}}, your order {{2}} is ready." \
	    --example Ana --example 12345 -b "Open it=https://example.com/o/{{1}}" --dry-run >out 2>err; cat err
	grep -q "no example" err &&
	create order_ready -c utility -l en_US --header News --footer Bye --body "Hello {{1}}, your order {{2}} is ready." \
	    --example Ana --example 12345 -b "Open it=https://example.com/o" -b Thanks >got &&
	echo "order_ready (en_US) is PENDING" >want && same want got &&
	wait_for approved 1 &&
	desk-events --type template.changed | jq -r ".data.value | [.name, .change, .status] | join(\" \")" >got &&
	printf "%s\n" "order_ready added PENDING" "order_ready changed APPROVED" >want && same want got
'
check 'a header with a parameter has an example, one without has none' '
	bad "HEADER has a parameter and no example" news_of -c utility -l en_US --header "News of {{1}}" --body Hello &&
	bad "HEADER has no parameter but an example" news_of -c utility -l en_US --header News --header-example May --body Hello &&
	status 64 wa-template create news_of -c utility -l en_US --header-example May --body Hello 2>err && grep -q "goes with --header" err &&
	create news_of -c utility -l en_US --header "News of {{1}}" --header-example May --body Hello --dry-run >out &&
	jq -e ".components[0] == {type: \"HEADER\", format: \"TEXT\", text: \"News of {{1}}\", example: {header_text: [\"May\"]}}" out
'
check 'a sync that finds nothing new says nothing' '
	sync --json >got && same /dev/null got && sync 2>err && grep -q "1 template, 0 changed" err
'
check 'the list, as a table, plain and JSON' '
	wa-template list --plain | cut -f1-4 >got &&
	printf "order_ready\ten_US\tAPPROVED\tUTILITY\n" >want && same want got &&
	wa-template list --json | jq -e ".usable and .name == \"order_ready\" and .components == null" &&
	wa-template list --status rejected --plain >got && same /dev/null got &&
	status 64 wa-template list -s nonsense 2>err && grep -q "none of approved, pending" err && status 64 wa-template list -c nonsense
'
check 'what the customer will see, and the object that is sent' '
	wa-template preview order_ready -p Ana -p 77 >got && cat >want <<-E && same want got &&
	News

	Hello Ana, your order 77 is ready.

	Bye

	[ Open it: https://example.com/o ]
	[ Thanks ]
	E
	wa-template preview order_ready -p Ana -p 77 --json | jq -c .template >got &&
	echo "{\"name\":\"order_ready\",\"language\":{\"code\":\"en_US\"},\"components\":[{\"type\":\"body\",\"parameters\":[{\"type\":\"text\",\"text\":\"Ana\"},{\"type\":\"text\",\"text\":\"77\"}]}]}" >want &&
	same want got
'
check 'a value that is missing or one too many is named' '
	status 65 wa-template preview order_ready -p Ana 2>err && grep -q "the body.s {{2}} has no value" err &&
	status 65 wa-template preview order_ready -p a -p b -p c 2>err && grep -q "3 values for a body of 2" err &&
	status 65 wa-template preview order_ready -p a -p b -H x 2>err && grep -q "header takes no value" err &&
	status 65 wa-template preview order_ready -p a -p "$(printf "x\ny")" 2>err && grep -q "line end" err &&
	status 66 wa-template preview order_redy 2>err && grep -q "did you mean order_ready?" err
'
check 'names, media, codes and buttons of a file' '
	cat >promo.json <<-E &&
	{"name":"promo","language":"es","category":"MARKETING","parameter_format":"NAMED","components":[
	{"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::aW"]}},
	{"type":"BODY","text":"Hola {{nombre}}, hay {{descuento}} de descuento.","example":{"body_text_named_params":[{"param_name":"nombre","example":"Ana"},{"param_name":"descuento","example":"10 %"}]}},
	{"type":"BUTTONS","buttons":[{"type":"URL","text":"Ver","url":"https://example.com/{{1}}","example":["https://example.com/x"]},{"type":"COPY_CODE","example":"SAVE10"}]}]}
	E
	create promo.json >/dev/null && wait_for approved 2 &&
	wa-template preview promo -p descuento=10% -p nombre=Ana -H id:99 -b abc -b CODE1 --json >got &&
	jq -r .body got >text && echo "Hola Ana, hay 10% de descuento." >want && same want text &&
	jq -c "[.template.components[] | [.type, .sub_type, .index, .parameters[0]]]" got >parts &&
	echo "[[\"header\",null,null,{\"type\":\"image\",\"image\":{\"id\":\"99\"}}],[\"body\",null,null,{\"type\":\"text\",\"parameter_name\":\"nombre\",\"text\":\"Ana\"}],[\"button\",\"url\",\"0\",{\"type\":\"text\",\"text\":\"abc\"}],[\"button\",\"copy_code\",\"1\",{\"type\":\"coupon_code\",\"coupon_code\":\"CODE1\"}]]" >want &&
	same want parts &&
	status 65 wa-template preview promo -p nombre=Ana -H id:9 -b a -b b 2>err && grep -q "{{descuento}} has no value" err
'
check 'a code: the words and the link are the provider'\''s, the code is given once, and it can be sent' '
	jq -cn "{name: \"code\", language: \"en\", category: \"AUTHENTICATION\", components: [{type: \"BODY\", add_security_recommendation: true},
	    {type: \"FOOTER\", code_expiration_minutes: 10}, {type: \"BUTTONS\", buttons: [{type: \"OTP\", otp_type: \"COPY_CODE\", text: \"Copy code\"}]}]}" >code.json &&
	create code.json >/dev/null && wa-template preview code -p 123456 >got && grep -q "^123456" got && wait_for approved 3 &&
	wa-template preview code -p 123456 >got && cat >want <<-E && same want got &&
	*123456* is your verification code. For your security, do not share this code.

	This code expires in 10 minutes.

	[ Copy code: https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456 ]
	E
	wa-template show code | grep -q "{{1}}\* is your verification code" &&
	c=$(echo "{\"from\":\"491700000001\",\"text\":\"hello\"}" | wa-sim --bodies | wa-recv --stdin | jq -r "select(.type == \"message.received\").data.conversation") &&
	wa-template preview code -p 123456 --json | jq "{template}" | conv reply "$c" --content - && conv reply "$c" --template code --param 654321 &&
	wa-send --follow --once --from start $at 2>err && [ "$(desk-events --type message.accepted | wc -l)" -eq 2 ]
'
check 'a carousel and an offer: the values of the cards in order, the time it ends' '
	cat >cards.json <<-E && create cards.json >/dev/null &&
	{"name":"cards","language":"en","category":"MARKETING","components":[{"type":"BODY","text":"For {{1}} today:","example":{"body_text":[["Ana"]]}},
	{"type":"CAROUSEL","cards":[{"components":[{"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::aW"]}},{"type":"BODY","text":"Lamp for {{1}} euros.","example":{"body_text":[["9"]]}},
	{"type":"BUTTONS","buttons":[{"type":"URL","text":"See","url":"https://example.com/{{1}}","example":["https://example.com/x"]},{"type":"QUICK_REPLY","text":"No"}]}]},
	{"components":[{"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::aW"]}},{"type":"BODY","text":"Chair."},{"type":"BUTTONS","buttons":[{"type":"URL","text":"See","url":"https://example.com/chair"},{"type":"QUICK_REPLY","text":"No"}]}]}]}]}
	E
	wa-template preview cards -p Ana --card id:1 --card 9 --card lamp --card id:2 2>err >got && cat >want <<-E && same want got &&
	For Ana today:

	--- card 1

	[image]

	Lamp for 9 euros.

	[ See: https://example.com/lamp ]
	[ No ]

	--- card 2

	[image]

	Chair.

	[ See: https://example.com/chair ]
	[ No ]
	E
	wa-template preview cards -p Ana --card id:1 --card 9 --card lamp --card id:2 --json 2>err | jq -c ".template.components[1] | [.type, (.cards[] | [.card_index, (.components | map(.type))])]" >got &&
	echo "[\"carousel\",[0,[\"header\",\"body\",\"button\"]],[1,[\"header\"]]]" >want && same want got &&
	status 65 wa-template preview cards -p Ana --card id:1 --card 9 --card lamp 2>err && grep -q "card 2: the header wants its IMAGE" err &&
	status 65 wa-template preview cards -p Ana --card id:1 --card 9 --card l --card id:2 --card x 2>err && grep -q "5 values for cards that take 4" err &&
	wa-template show cards | grep -q "^Lamp for {{1}} euros" &&
	cat >offer.json <<-E && create offer.json >/dev/null &&
	{"name":"offer","language":"en","category":"MARKETING","components":[{"type":"LIMITED_TIME_OFFER","limited_time_offer":{"text":"Ends soon","has_expiration":true}},{"type":"BODY","text":"All lamps."},
	{"type":"BUTTONS","buttons":[{"type":"COPY_CODE","example":"SAVE10"},{"type":"URL","text":"See","url":"https://example.com/"}]}]}
	E
	wa-template preview offer -b SAVE10 --expires 2027-01-01T00:00:00Z 2>err >got && grep -q "^Ends soon" got && grep -q "^until 2027-01-01" got &&
	wa-template preview offer -b SAVE10 --expires 2027-01-01T00:00:00Z --json 2>err | jq -c ".template.components[0].parameters[0]" >got &&
	echo "{\"limited_time_offer\":{\"expiration_time_ms\":1798761600000},\"type\":\"limited_time_offer\"}" >want && same want got &&
	status 65 wa-template preview offer -b SAVE10 2>err && grep -q "offer wants the time it ends" err &&
	status 64 wa-template preview offer -b SAVE10 --expires soon
'
check 'what cannot be is refused here, with field and limit, and nobody is asked' '
	bad "name: small letters" "Bad Name" -c utility -l en --body x &&
	bad "category is none of" x -c news -l en --body x &&
	bad "language: one as" x -c utility -l 1 --body x &&
	bad "BODY begins with a parameter" x -c utility -l en --body "{{1}} x" --example a &&
	bad "BODY ends with a parameter" x -c utility -l en --body "x {{1}}" --example a &&
	bad "BODY: {{2}} is missing" x -c utility -l en --body "x {{1}} y {{3}} z" --example a --example b &&
	bad "BODY has 1 parameter and 0 examples" x -c utility -l en --body "x {{1}} y" &&
	bad "BODY is longer than 1024" x -c utility -l en --body "$(printf "%01025d" 0)" &&
	bad "HEADER is longer than 60" x -c utility -l en --body x --header "$(printf "%061d" 0)" &&
	bad "FOOTER takes no parameter" x -c utility -l en --body x --footer "{{1}}" &&
	bad "text is longer than 25" x -c utility -l en --body x -b "$(printf "%026d" 0)" &&
	bad "a URL begins with https://" x -c utility -l en --body x -b "Bad=nonsense" &&
	bad "language: one as" x -c utility -l english --body x &&
	bad "HEADER has a parameter and no example" x -c utility -l en --body x --header "For {{1}}" &&
	bad "HEADER has a new line, an asterisk or an emoji" x -c utility -l en --body x --header "*News*" &&
	bad "HEADER has a new line, an asterisk or an emoji" x -c utility -l en --body x --header "News 🎉" &&
	bad "quick replies and others are mixed" x -c utility -l en --body x -b Yes -b "Open=https://x.example/" -b No &&
	bad "the provider writes it" x -c authentication -l en --body x &&
	bad "BODY has no parameter but an example" x -c utility -l en --body x --example a &&
	bad "more than 10 buttons" x -c utility -l en --body x -b 1 -b 2 -b 3 -b 4 -b 5 -b 6 -b 7 -b 8 -b 9 -b 10 -b 11
'
check 'a webhook changes what is kept, at once; an older word does not' '
	told () {	# FIELD VALUE TIME
		jq -cn --arg f "$1" --argjson v "$2" --argjson t "$3" "{object: \"whatsapp_business_account\", entry: [{id: \"200000000000001\",
		    time: \$t, changes: [{field: \$f, value: (\$v + {message_template_id: 1, message_template_name: \"order_ready\", message_template_language: \"en_US\"})}]}]}" |
		    wa-recv --stdin >/dev/null
	} &&
	told message_template_status_update "{\"event\":\"PAUSED\",\"reason\":\"INCORRECT_CATEGORY\"}" 1000 &&
	wa-template list --plain | grep -q "^order_ready.*APPROVED" &&
	told message_template_status_update "{\"event\":\"PAUSED\",\"reason\":\"INCORRECT_CATEGORY\"}" "$(date +%s)" &&
	told message_template_quality_update "{\"previous_quality_score\":\"GREEN\",\"new_quality_score\":\"YELLOW\"}" "$(date +%s)" &&
	wa-template show order_ready --json | jq -e ".status == \"PAUSED\" and .quality == \"YELLOW\" and .usable == false and .reason == \"INCORRECT_CATEGORY\"" &&
	sync 2>/dev/null && wa-template list --plain | grep -q "^order_ready.*APPROVED"
'
check 'gone at the provider: gone here, and named as such' '
	status 64 wa-template rm promo --url "$api" --token-file token 2>err && grep -q "30 days" err &&
	wa-template rm -y promo --url "$api" --token-file token &&
	! wa-template list --plain | grep -q promo && wa-template list -a --plain | grep -q "^promo.*gone" &&
	wa-template preview promo -p nombre=a -p descuento=b -H id:1 -b a -b b >/dev/null 2>err && grep -q "it is gone" err
'
check 'the token is never told, and who asks is in the audit' '
	sqlite3 -readonly "$HOME/.local/share/frontdesk/desk.db" "SELECT action FROM audit ORDER BY seq" >got &&
	grep -v -x -e message.reply -e conversation.reply <got | xargs >line && echo "template.create template.create template.create template.create template.create template.rm" >want && same want line && ! grep -rqa secret-token "$HOME/.local/share/frontdesk"
'
check 'the name of a deleted one is taken for 30 days' '
	! create promo.json >got 2>err && grep -q "30 days" err && jq ".language = \"fr\"" promo.json >fr.json && create fr.json >/dev/null
'
check 'a hundred and more templates come in pages' '
	for i in $(seq 130); do
		jq -cn --arg n "t_$i" "{name: \$n, language: \"en\", category: \"UTILITY\", components: [{type: \"BODY\", text: \"x\"}]}" >one &&
		curl -sf -H "Authorization: Bearer secret-token" -H "Content-Type: application/json" -d @one "$api/v23.0/200000000000001/message_templates" >/dev/null || return 1
	done
	sync 2>err && grep -q "135 templates, 131 changed" err
'
check 'a request to be called is made, shown and ready; products and a GIF are filled by hand' '
	jq -cn "{name: \"may_we\", language: \"en_US\", category: \"UTILITY\", components: [{type: \"BODY\", text: \"May we call you?\"},
	    {type: \"call_permission_request\"}]}" >call.json && create call.json >got && echo "may_we (en_US) is PENDING" | same - got &&
	wa-template preview may_we >got && printf "%s\n" "May we call you?" "" "[asks whether the business may call]" | same - got &&
	wa-template preview may_we --json | jq -e ".template == {name: \"may_we\", language: {code: \"en_US\"}}"
'
# Answers each request with the file answer, as if it were the provider.
cat >lister.py <<-'END'
	import http.server
	class Lister(http.server.BaseHTTPRequestHandler):
	    def do_GET(self):
	        body = open('answer', 'rb').read()
	        self.send_response(200)
	        self.send_header('Content-Length', str(len(body)))
	        self.end_headers()
	        self.wfile.write(body)
	    def log_message(self, *args):
	        pass
	server = http.server.HTTPServer(('127.0.0.1', 0), Lister)
	open('lister', 'w').write(str(server.server_address[1]))
	server.serve_forever()
END
python3 lister.py & pids="$pids $!"
wait_for test -s lister
listed () { wa-template sync --url "http://127.0.0.1:$(cat lister)" --token-file token "$@"; }
check 'what is no list of templates takes none away' '
	wa-template list --plain >before && [ -s before ] &&
	for answer in "{}" "{\"data\":null}" "{\"data\":{}}" "{\"data\":[],\"paging\":{\"next\":\"https://x/\"}}"; do
		echo "$answer" >answer && status 65 listed 2>err &&
		grep -q "the provider.s answer is no list of templates" err &&
		wa-template list --plain | same before - || return 1
	done
'
check 'what the values of preview cannot fill is refused' '
	jq -cn "[[\"mpm\", {type: \"BUTTONS\", buttons: [{type: \"MPM\", text: \"View items\"}]}], [\"gif\", {type: \"HEADER\", format: \"GIF\"}],
	    [\"spm\", {type: \"HEADER\", format: \"PRODUCT\"}]] | {data: map({id: .[0], name: .[0], language: \"en_US\", status: \"APPROVED\",
	    category: \"MARKETING\", components: [{type: \"BODY\", text: \"x\"}, .[1]]})}" >answer && listed 2>err &&
	status 65 wa-template preview mpm --json 2>err && grep -q "MPM wants sections of products: it is filled by hand only" err &&
	status 65 wa-template preview gif -H id:1 --json 2>err && grep -q "header GIF is filled by hand only" err &&
	status 65 wa-template preview spm -H id:1 2>err && grep -q "header PRODUCT is filled by hand only" err
'
check 'a wrong token, no provider, an instance that is not there' '
	echo wrong >other && status 77 wa-template sync --url "$api" --token-file other 2>err && grep -q "token" err &&
	status 66 wa-template sync -i nope --url "$api" --token-file token &&
	stop_sim && status 69 wa-template sync --url "$api" --token-file token
'
done_testing
