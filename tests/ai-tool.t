#!/bin/sh
# ai-tool(1): declarations, arguments, calls that go wrong, whose they are,
# what the customer agrees to, and nothing twice
# shellcheck disable=SC2016,SC2086,SC2154
. "${0%/*}/lib.sh"
# A box has a user that is nobody, who must reach what it runs.
chmod 755 "$work"
mkdir tools.d

perl "$top/tests/tool.pl" "$work/port" "$work/requests" &
pids="$pids $!"
wait_for test -s port
at=127.0.0.1:$(cat port)

tool () {	# NAME LINE...: a tool in its file
	name=$1; shift
	printf '%s\n' 'description = for a test' "$@" >"tools.d/$name.conf"
}
script () {	# NAME BODY: a command in tools.d
	printf '#!/bin/sh\n%s\n' "$2" >"tools.d/$1" && chmod 755 "tools.d/$1"
}
run () { ai-tool run --json "$@"; }
faults () { ai-tool check "$@" 2>err; got=$?; sed "s|$work/||g; s/^ai-tool: //" err; return $got; }
one='schema = {"type":"object","required":["x"],"properties":{"x":{"type":"string"}}}'

printf '[instance sales]\nphone_number_id = 100000000000001\n' >frontdesk.conf
frontdesk init --user >/dev/null || exit 1
store=$HOME/.local/share/frontdesk
# A store whose folder a nobody can pass through, as in a person's home.
wrote () {	# PHONE TEXT: "EVENT CONVERSATION" of what the customer wrote
	jq -cn --arg p "$1" --arg t "$2" '{from: $p, name: "Ana", text: $t}' |
	    wa-sim --bodies --seed "$(od -An -N4 -tu4 /dev/urandom | tr -d " ")" | wa-recv --stdin |
	    jq -r 'select(.type == "message.received") | .id + " " + .data.conversation'
}
cat >asks.pl <<'END'
# asks.pl: a line of a request in, the answer out, by a socket given to
# "ai-tool serve" as systemd does, or with a path by that socket
use IO::Socket::UNIX;
$SIG{PIPE} = 'IGNORE';	# who is too busy may answer before it has read
my $line = do { local $/; <STDIN> };
my ($s, $pid);
if (@ARGV) {
	$s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$ARGV[0]: $!\n";
} else {
	socketpair($s, my $b, AF_UNIX, SOCK_STREAM, 0);
	if (($pid = fork) == 0) {
		if (open(my $f, '>', 'asks.pid')) { print $f "$$\n" }
		close($s);
		open(STDIN, '<&', $b);
		exec qw(ai-tool serve);
	}
	close($b);
}
print {$s} $line;
$s->flush;
print <$s>;
waitpid($pid, 0) if $pid;
END
gone () { [ ! -d "/proc/$1" ] || grep -q "^State:.Z" "/proc/$1/status"; }
asks () { perl asks.pl "$@"; }
# "EVENT CONVERSATION" TOOL [ARGUMENTS]: a request
request () {
	set -- ${1:?} "$2" "${3:-{\}}"
	jq -cn --arg e "$1" --arg c "$2" --arg t "$3" --argjson a "$4" \
	    '{tool: $t, arguments: $a, conversation: $c, cause: $e}'
}
agreed () { set -- $1 "$2"; jq -cn --arg e "$1" --arg c "$2" --arg p "$3" '{pending: $p, conversation: $c, cause: $e}'; }

# --- declarations ---

check 'the examples are right, and the command among them runs' '
	mkdir ex && cp -r "$top/share/examples/tools.d" ex/ && chmod -R go+rX ex && : >ex/frontdesk.conf &&
	FRONTDESK_CONF=$work/ex/frontdesk.conf && export FRONTDESK_CONF && ai-tool check &&
	ai-tool list --json | jq -r .tool | tr "\n" " " >got && [ "$(cat got)" = "create_ticket opening_hours order_status " ] &&
	[ "$(ai-tool run opening_hours "{\"branch\":\"north\",\"day\":\"monday\"}")" = "north monday: 09:00-18:00" ] &&
	[ "$(ai-tool run opening_hours "{\"branch\":\"north\",\"day\":\"sunday\"}")" = "north sunday: closed" ] &&
	ai-tool list --json | jq -se "all(.[]; .schema.additionalProperties == false)"
'
check 'every fault is named, with its line' '
	tool bad "url = http://{x}.example.com/{y}/{z}" "command = /bin/true" "timeout = 3" &&
	status 78 faults bad >got && grep -q "^tools.d/bad.conf:4: tool bad.timeout: .3. is not a duration" got &&
	tool bad "url = http://{x}.example.com/{y}/{z}" "files = /etc/passwd" "confirm = on" "schema = {\"type\":\"object\",\"required\":[\"x\"],\"properties\":{\"x\":{},\"z\":{}}}" &&
	status 78 faults bad >got && cat >want <<-END &&
	tools.d/bad.conf:3: tool bad.files: is for a command
	tools.d/bad.conf:2: tool bad.url: an argument in the host: whom it calls is the desk'"'"'s to say
	tools.d/bad.conf:2: tool bad.url: {y} is no argument of its schema
	tools.d/bad.conf:2: tool bad.url: {z} is not required by its schema
	tools.d/bad.conf: tool bad.question: is missing: confirm asks it
	END
	same want got && printf "command = no-such\nmethod = POST\ntimeout = 1s\ncolour = red\n" >tools.d/bad.conf && status 78 faults bad >got &&
	grep -q "^tools.d/bad.conf:4: tool bad.colour: no such setting" got && sed -i /colour/d tools.d/bad.conf && status 78 faults bad >got && cat >want <<-END &&
	tools.d/bad.conf:1: tool bad.command: tools.d/no-such: No such file or directory
	tools.d/bad.conf: tool bad.description: is missing: the model knows a tool by it
	tools.d/bad.conf:2: tool bad.method: is for a url
	END
	same want got && rm tools.d/bad.conf
'
check 'faults of a schema: JSON, words that nobody would check, names of the desk, patterns' '
	schema () { tool bad "command = /bin/true" && printf "%s" "$1" >tools.d/bad.schema.json && status 78 faults bad >got && cat got && grep -q "tool bad.schema_file: $2" got; } &&
	schema "{" "" && schema "[]" "" && schema "{\"type\":\"array\"}" "type: wants" &&
	schema "{\"type\":\"object\",\"oneOf\":[]}" "oneOf: is a word of schemas that is not known here" &&
	schema "{\"type\":\"object\",\"properties\":{\"a\":{\"pattern\":\"(\"}}}" "properties/a: pattern: missing closing parenthesis" &&
	schema "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"text\"}}}" "properties/a: type: names no type" &&
	schema "{\"type\":\"object\",\"properties\":{\"customer_phone\":{}}}" "arguments that begin with customer_ are the desk" &&
	rm tools.d/bad.*
'
check 'a set-up that wants a tool that is not there is told of; names are those providers take' '
	cp frontdesk.conf keep && printf "[ai]\nprovider = openai\nmodel = m\ntools = nothing\n" >>frontdesk.conf &&
	status 78 faults >got && echo "frontdesk.conf:6: ai.tools: there is no [tool nothing]" >want && same want got && mv keep frontdesk.conf &&
	tool a.b "command = /bin/true" && status 78 faults a.b >got && grep -q "providers take names of at most 64 letters" got && rm tools.d/a.b.conf &&
	status 66 ai-tool run nothin 2>err && status 66 ai-tool check nothing 2>err && grep -q "there is no tool nothing" err
'

# --- arguments ---

check 'arguments that are not as declared are refused, with why and without the value' '
	script say "cat" && tool say "command = say" "schema = {\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9},\"w\":{\"type\":\"string\",\"pattern\":\"^[a-z]+\$\",\"maxLength\":5},\"e\":{\"enum\":[\"a\",\"b\"]}}}" &&
	no () { status 65 run say "$1" >got && cat got && jq -e --arg r "$2" ".class == \"arguments\" and .reason == \$r" got; } &&
	no "{}" "n: is missing" && no "{\"n\":\"1\"}" "n: is no integer" && no "{\"n\":1.5}" "n: is no integer" && no "{\"n\":0}" "n: is less than 1" &&
	no "{\"n\":10}" "n: is more than 9" && no "{\"n\":1,\"w\":\"Zebra\"}" "w: is not of the form that is wanted" && no "{\"n\":1,\"w\":\"zebras\"}" "w: has more than 5 characters" &&
	no "{\"n\":1,\"w\":\"a\\n\"}" "w: is not of the form that is wanted" &&
	no "{\"n\":1,\"e\":\"c\"}" "e: is none of the values it may be" && no "{\"n\":1,\"q\":1}" "q: is no argument there is" &&
	run say "{\"n\":1.0,\"w\":\"abc\"}" | jq -e ".ok and (.text | fromjson.w == \"abc\")" && status 65 run say "[1]" && status 65 run say "{" &&
	echo "{\"n\":3}" | run say - | jq -e ".text == \"{\\\"n\\\":3}\""
'
check 'there is no shell: what would be a command is text' '
	script echoes "jq -r .x" && tool echoes "command = echoes" "$one" &&
	for x in "\$(touch pwned)" "; touch pwned" "\`touch pwned\`" "a\" b" "| cat /etc/passwd" "-e" "--help" "
x"; do
		[ "$(run echoes "$(jq -cn --arg x "$x" "{x: \$x}")" | jq -r .text)" = "$(printf %s "$x" | sed "/^\$/d")" ] || echo "$x"
	done >bad && same /dev/null bad && [ ! -e pwned ] && [ ! -e tools.d/pwned ]
'
check 'in an address arguments are percent-encoded, and no step through the path' '
	tool get "url = http://$at/ok/{x}?q={x}" "private = on" "$one" && : >requests &&
	run get "{\"x\":\"a b&c=d#e%2F\\u00fc\"}" | jq -e ".ok and .text == \"{\\\"state\\\":\\\"on its way\\\"}\"" &&
	head -n 1 requests | tr -d "\r" >got && echo "GET /ok/a%20b%26c%3Dd%23e%252F%C3%BC?q=a%20b%26c%3Dd%23e%252F%C3%BC HTTP/1.1" >want && same want got && : >requests &&
	for x in .. . "" a/b "a\\\\b" ../../secret; do status 65 run get "{\"x\":\"$x\"}" >got && grep -q "x: cannot be part of an address" got || exit 1; done &&
	[ ! -s requests ] && tool get "url = http://$at/ok" "private = on" "$one" && run get "{\"x\":\"a&b=c\\r\\nX: y\"}" >got &&
	head -n 1 requests | grep -q "^GET /ok?x=a%26b%3Dc%0D%0AX%3A%20y HTTP" && ! grep -q "^X: y" requests
'
check 'POST: what has no place in the address is a JSON object, with the headers of a file' '
	printf "# key\nAuthorization: Bearer hush\n" >tools.d/headers && tool post "url = http://$at/ok/{x}" "method = POST" "private = on" "headers_file = headers" \
	    "schema = {\"type\":\"object\",\"required\":[\"x\"],\"properties\":{\"x\":{\"type\":\"string\"},\"n\":{\"type\":\"number\"}}}" &&
	: >requests && run post "{\"x\":\"k\",\"n\":2}" | jq -e .ok && tr -d "\r" <requests >got && grep -qx "POST /ok/k HTTP/1.1" got && grep -qx "{\"n\":2}" got &&
	grep -qx "Authorization: Bearer hush" got && grep -qix "content-type: application/json" got &&
	echo "no colon" >tools.d/headers && status 69 run post "{\"x\":\"k\"}" >got && ! grep -q colon got
'

# --- addresses ---

check 'no address that is not public is connected to, however it is written or resolves' '
	: >requests && p=$(cat port) && for host in 127.0.0.1 localhost 127.1 2130706433 0x7f000001 0177.0.0.1 0 0.0.0.0 "[::1]" "[::ffff:127.0.0.1]" "[::ffff:7f00:1]" localhost.; do
		tool in "url = http://$host:$p/secret" && status 69 run in >got && jq -e ".class == \"unavailable\" and .undone" got >/dev/null || { echo "$host"; cat got; }
	done >bad && same /dev/null bad && [ ! -s requests ] &&
	for host in 169.254.169.254 10.0.0.1 192.168.1.1 172.16.0.1 100.64.0.1 "[fd00::1]" "[fe80::1]" 224.0.0.1; do
		tool in "url = http://$host/latest/meta-data/" "timeout = 3s" && status 69 run in >got && jq -e "(.reason == \"its address is not public\") or (.reason | test(\"address|reach\"; \"i\"))" got >/dev/null || { echo "$host"; cat got; }
	done >bad && same /dev/null bad
'
check 'a redirect is not followed, not even with private; other schemes are a fault' '
	: >requests && tool in "url = http://$at/away" "private = on" && status 1 run in >got && jq -e ".class == \"failed\" and .reason == \"it answered with status 302\"" got &&
	! grep -q secret requests && tool in "url = file:///etc/passwd" && status 78 faults in >got && tool in "url = http://u:p@$at/ok" && status 78 faults in >got
'

# --- results ---

web () { tool web "url = http://$at/$1" "private = on" "timeout = 1s" "max_bytes = 1000"; }
check 'slow, dripping, broken off, refused: each in its time and its class' '
	is () { web "$1" && start=$(date +%s) && { run web >got; [ $? -eq "$2" ]; } && cat got && jq -e --arg c "$3" ".class == \$c" got && [ $(($(date +%s) - start)) -le 3 ]; } &&
	is slow 69 timeout && is drip 69 timeout && is reset 69 unavailable && is gone 1 failed && is error 1 failed && ! grep -q zebra got &&
	tool web "url = http://127.0.0.1:1/" "private = on" && status 69 run web >got && jq -e ".class == \"unavailable\"" got &&
	tool web "url = http://no-such-host.invalid/" && status 69 run web >got && jq -e ".class == \"unavailable\"" got
'
check 'huge is cut at a character and says so; garbage is mended; controls are left out; empty is empty' '
	web huge && run web >got && jq -e ".ok and .truncated and (.text | length) < 1100 and (.text | endswith(\"[The result is longer; the rest is left out.]\"))" got &&
	web utf8 && run web >got && jq -e ".ok and .truncated" got && iconv -f UTF-8 -t UTF-8 got >/dev/null &&
	web garbage && run web >got && jq -e .ok got && iconv -f UTF-8 -t UTF-8 got >/dev/null && grep -q "$(printf "\357\277\275")" got &&
	web nul && run web >got && jq -e ".ok and (.text | test(\"[\\u0000-\\u0008\\u001b]\") | not)" got && web empty && run web | jq -e ".ok and .text == \"\""
'
check 'a command: huge, garbage, a status, a signal, nothing to run' '
	script c "yes zebra" && tool c "command = c" "max_bytes = 500" "timeout = 5s" && run c >got && jq -e ".ok and .truncated and .took_ms < 4000 and (.text | length) < 600" got &&
	script c "printf \"a\\\\377\\\\000b\"" && run c >got && jq -e .ok got && iconv -f UTF-8 -t UTF-8 got >/dev/null &&
	script c "echo zebra; exit 3" && status 1 run c >got && jq -e ".class == \"failed\" and .reason == \"it ended with status 3\"" got && ! grep -q zebra got &&
	script c "kill -9 \$\$" && status 1 run c >got && jq -e ".class == \"failed\"" got &&
	printf "not a program\n" >tools.d/c && status 69 run c >got && jq -e ".class == \"unavailable\" and .undone" got
'
check 'a command that is late is ended with all it began, in its box and out of it' '
	script late "sleep 98.7$$ & (setsid sleep 98.7$$ &) ; sleep 98.7$$" &&
	for private in off on; do
		tool late "command = late" "timeout = 700ms" "private = $private" && status 69 run late >got && cat got && jq -e ".class == \"timeout\"" got || exit 1
	done && sleep 0.2 && ! pgrep -f "^sleep 98.7$$"
'
check 'a command that ends leaves nobody behind' '
	script leaves "setsid sleep 98.8$$ >/dev/null 2>&1 & sleep 98.8$$ >/dev/null 2>&1 & echo done" && tool leaves "command = leaves" "private = on" &&
	run leaves | jq -e ".text == \"done\"" && sleep 0.2 && ! pgrep -f "^sleep 98.8$$"
'
check 'a command in its box: no store, no files but its own, no network; it may write where it is' '
	script look "echo x >here && cat here; cat $store/desk.db $work/frontdesk.conf /etc/shadow /etc/passwd tools.d/say.conf | head -c 100; echo
	perl -MIO::Socket::INET -e \"print IO::Socket::INET->new(q($at)) ? q(net) : q(no-net)\"; ls $store | head -n 3; env | cut -d= -f1 | sort | tr \"\n\" \" \"" &&
	tool look "command = look" && run look | jq -r .text >got && cat got && [ "$(sed -n 1p got)" = x ] && ! grep -aqE "SQLite|root:|instance|desk.db" got && grep -q "^no-net" got &&
	! grep -qE "HOME|FRONTDESK|CREDENTIALS" got && ! find /tmp -maxdepth 1 -type d -name "ai-tool-??????" -mmin -1 | grep -q .
'
check 'with private it has a network, and not the store' '
	tool look "command = look" "private = on" && run look | jq -r .text >got && cat got && grep -q "^net" got && ! grep -aqE "SQLite|desk.db" got &&
	! grep -qE "HOME|FRONTDESK|CREDENTIALS" got
'

# --- whose it is ---

tool mine "command = say" "identity = phone contact name" "schema = {\"type\":\"object\",\"properties\":{\"order\":{\"type\":\"string\"}}}"
check 'what it is told of the customer is the desk'"'"'s word, by the message that is answered' '
	a=$(wrote 491700000001 "where is my order") && request "$a" mine "{\"order\":\"A-1\"}" | asks >got && cat got &&
	jq -e ".ok and (.text | fromjson | .customer_phone == \"491700000001\" and .customer_name == \"Ana\" and .order == \"A-1\" and (.customer_contact | length) == 8)" got
'
check 'a model cannot say who the customer is, nor a caller whose message it was' '
	a=$(wrote 491700000001 "again") && b=$(wrote 491700000002 "another") &&
	request "$a" mine "{\"customer_phone\":\"491700000002\"}" | asks >got && jq -e ".class == \"arguments\" and .undone" got && ! grep -q 491700000002 got &&
	request "${a% *} ${b#* }" mine | asks >got && cat got && jq -e ".class == \"denied\"" got &&
	request "01M8D20NZ8EZHT2PXX4AFAE059 ${b#* }" mine | asks >got && jq -e ".class == \"denied\"" got &&
	request "${b% *} nosuchid" mine | asks >got && jq -e ".class == \"denied\"" got &&
	status 65 run mine "{\"customer_phone\":\"1\"}" --as x >got
'
check 'by hand: of the contact that is named; without one it is not known' '
	c=$(sqlite3 "$store/desk.db" "SELECT contact FROM held_alias WHERE value = 491700000002") && run mine "{}" --as "$c" >got && jq -e ".text | fromjson.customer_phone == \"491700000002\"" got &&
	status 65 run mine "{}" >got && jq -e ".class == \"identity\"" got && status 65 run mine "{}" --as nobodyxx >got &&
	sqlite3 "$store/desk.db" "SELECT actor, object FROM audit WHERE action = '\''tool.ran'\''" | grep -q "^user:me|mine" &&
	! sqlite3 "$store/desk.db" "SELECT detail FROM audit" | grep 491700000002
'
check 'requests that are none, tools that are not there or off' '
	for bad in "" "{" "[]" "{}" "{\"tool\":\"say\"}" "{\"tool\":1,\"conversation\":\"x\",\"cause\":\"y\"}" "{\"pending\":\"x\",\"conversation\":\"x\",\"cause\":\"y\"}"; do
		echo "$bad" | asks >got 2>/dev/null; jq -e ".class == \"denied\"" got >/dev/null || { echo "$bad"; cat got; }
	done >bad && same /dev/null bad &&
	a=$(wrote 491700000001 "and") && request "$a" nothing | asks | jq -e ".class == \"off\"" && tool off "command = /bin/true" "enabled = off" && request "$a" off | asks | jq -e ".class == \"off\"" &&
	tool off "command = /bin/true" "timeout = 3" && request "$a" off | asks >got && jq -e ".class == \"off\"" got && ! grep -q "$work" got && rm tools.d/off.conf
'

# --- once ---

mkdir count && chmod 777 count
script once "echo x >>$work/count/n; wc -l <$work/count/n"
check 'the same message, tool and arguments: one run, the same answer; another is another' '
	tool once "command = once" "private = on" "schema = {\"type\":\"object\",\"additionalProperties\":true}" && a=$(wrote 491700000001 "once") &&
	request "$a" once "{\"a\":1,\"b\":[{\"c\":1,\"d\":2}]}" | asks | jq -e ".ok and .text == \"1\" and (.again | not)" &&
	request "$a" once "{\"b\":[{\"d\":2,\"c\":1}],\"a\":1}" | asks | jq -e ".ok and .text == \"1\" and .again" && [ "$(wc -l <count/n)" -eq 1 ] &&
	request "$a" once "{\"a\":2}" | asks | jq -e ".text == \"2\"" && b=$(wrote 491700000001 "twice") && request "$b" once "{\"a\":1,\"b\":[{\"c\":1,\"d\":2}]}" | asks | jq -e ".text == \"3\"" &&
	[ "$(desk-events --type tool.ran | wc -l)" -ge 4 ] && desk-events --type tool.ran | tail -n 1 | jq -e ".data.tool == \"once\" and .data.ok and .causeid == \"${b% *}\""
'
check 'two at once are one; two others run side by side' '
	script slow1 "sleep 1; echo x >>$work/count/s; wc -l <$work/count/s" && tool slow1 "command = slow1" "private = on" "$one" && a=$(wrote 491700000001 "both") &&
	request "$a" slow1 "{\"x\":\"1\"}" >r && start=$(date +%s%N) && { asks <r >g1 & p1=$!; asks <r >g2 & p2=$!; wait $p1 $p2; } &&
	[ "$(wc -l <count/s)" -eq 1 ] && [ "$(jq -r .text g1)" = 1 ] && [ "$(jq -r .text g2)" = 1 ] && [ "$(cat g1 g2 | jq -s "map(select(.again)) | length")" -eq 1 ] &&
	request "$a" slow1 "{\"x\":\"2\"}" >r2 && request "$a" slow1 "{\"x\":\"3\"}" >r3 && start=$(date +%s%N) && { asks <r2 >g1 & p1=$!; asks <r3 >g2 & p2=$!; wait $p1 $p2; } &&
	[ "$(wc -l <count/s)" -eq 3 ] && [ $((($(date +%s%N) - start) / 1000000)) -lt 1900 ]
'
check 'killed between the deed and the answer: it is not done again, and nobody says it was' '
	script ticket "echo \$\$ >$work/count/pid; echo x >>$work/count/t; exec sleep 97.5$$" && tool ticket "command = ticket" "private = on" && a=$(wrote 491700000001 "ticket") && request "$a" ticket >r &&
	{ asks <r >g1 & } && wait_for test -s count/t && kill -KILL "$(cat asks.pid)" && wait_for gone "$(cat asks.pid)" &&
	asks <r >got && cat got && jq -e ".class == \"unknown\"" got && [ "$(wc -l <count/t)" -eq 1 ]
	got=$?; kill "$(cat count/pid)"; [ $got -eq 0 ]
'
check 'one that may be repeated is run again then' '
	: >count/t && script ticket "echo \$\$ >$work/count/pid; echo x >>$work/count/t; exec sleep 97.5$$" && tool ticket "command = ticket" "private = on" "repeatable = on" && a=$(wrote 491700000001 "repeat") && request "$a" ticket >r &&
	{ asks <r >g1 & } && wait_for test -s count/t && kill -KILL "$(cat asks.pid)" && wait_for gone "$(cat asks.pid)" && script ticket "echo x >>$work/count/t; echo done" &&
	asks <r >got && jq -e ".ok and .text == \"done\"" got && [ "$(wc -l <count/t)" -eq 2 ]
	got=$?; kill "$(cat count/pid)"; [ $got -eq 0 ]
'
check 'what did nothing may be tried again; what failed on the way is the same answer' '
	tool down "url = http://127.0.0.1:1/" "method = POST" "private = on" && a=$(wrote 491700000001 "down") && request "$a" down | asks | jq -e ".class == \"unavailable\" and .undone" &&
	tool down "url = http://$at/ok" "method = POST" "private = on" && request "$a" down | asks | jq -e ".ok" && tool down "url = http://$at/reset" "method = POST" "private = on" &&
	b=$(wrote 491700000001 "reset") && request "$b" down | asks | jq -e ".class == \"unknown\"" && : >requests && request "$b" down | asks | jq -e ".class == \"unknown\" and .again" && [ ! -s requests ]
'
check 'a POST has a key that is the same each time' '
	: >requests && tool down "url = http://$at/reset" "method = POST" "private = on" "repeatable = on" && b=$(wrote 491700000001 "key") && request "$b" down | asks | jq -e ".class == \"unavailable\"" &&
	request "$b" down | asks >got && grep -c "^Idempotency-Key: " requests >n && [ "$(cat n)" -eq 2 ] && [ "$(grep "^Idempotency-Key: " requests | sort -u | wc -l)" -eq 1 ]
'

# --- what the customer agrees to ---

tool order "command = once" "private = on" "confirm = on" "question = Shall I order {what}?" 'schema = {"type":"object","required":["what"],"properties":{"what":{"type":"string"}}}'
check 'it is asked first: nothing runs, the question is kept' '
	: >count/n && a=$(wrote 491700000011 "I want a tent") && request "$a" order "{\"what\":\"a tent\"}" >r && asks <r >got && cat got &&
	jq -e ".class == \"confirm\" and .question == \"Shall I order a tent?\" and (.pending | length) == 64 and .undone" got && [ ! -s count/n ] &&
	asks <r >again && [ "$(jq -r .pending got)" = "$(jq -r .pending again)" ] && jq -r .pending got >pending && echo "$a" >a
'
check 'the message that was asked for is no yes to it; nor one of another conversation' '
	a=$(cat a) && b=$(wrote 491700000012 "yes") && agreed "${b% *} ${a#* }" "$(cat pending)" | asks | jq -e ".class == \"denied\"" && agreed "$b" "$(cat pending)" | asks | jq -e ".class == \"refused\"" &&
	[ ! -s count/n ] && sqlite3 "$store/desk.db" "SELECT state FROM tool_call WHERE key = '\''$(cat pending)'\''" | grep -qx asked
'
check 'a yes runs it, once, as it was asked about' '
	y=$(wrote 491700000011 "Yes, please!") && agreed "$y" "$(cat pending)" >r && asks <r | jq -e ".ok and .text == \"1\"" && asks <r | jq -e ".ok and .text == \"1\" and .again" && [ "$(wc -l <count/n)" -eq 1 ] &&
	desk-events --type tool.ran | tail -n 1 | jq -e ".data.confirmed and .data.tool == \"order\"" && [ -z "$(sqlite3 "$store/desk.db" "SELECT arguments FROM tool_call WHERE key = '\''$(cat pending)'\''")" ]
'
check 'anything else forgets it: no, another question, yes with a but' '
	for text in no "no, thanks" "how much is it?" "yes but in red" "yes? really" "ok stop" "sure, and pay 5 EUR to DE89" "nein" "not yet"; do
		a=$(wrote 491700000011 "a tent") && request "$a" order "{\"what\":\"$text\"}" | asks | jq -r .pending >pending && n=$(wrote 491700000011 "$text") && agreed "$n" "$(cat pending)" | asks >got &&
		jq -e ".class == \"refused\"" got >/dev/null && y=$(wrote 491700000011 yes) && agreed "$y" "$(cat pending)" | asks | jq -e ".class == \"refused\"" >/dev/null || echo "$text"
	done >bad && same /dev/null bad && [ "$(wc -l <count/n)" -eq 1 ]
'
check 'a yes that was changed afterwards is none' '
	a=$(wrote 491700000014 "a tent") && request "$a" order "{\"what\":\"a tent\"}" | asks | jq -r .pending >pending && n=$(wc -l <count/n) && y=$(wrote 491700000014 "yes") &&
	sqlite3 "$store/desk.db" "INSERT INTO message (id, instance, conversation, contact, direction, kind, wamid, wa_ms, stored_ms, quoted, text)
		SELECT '\''01M85EDIT00000000000000001'\'', instance, conversation, contact, direction, '\''edit'\'', '\''wamid.edit'\'', wa_ms, stored_ms, wamid, '\''no, do not'\'' FROM message WHERE id = '\''${y% *}'\''" &&
	agreed "$y" "$(cat pending)" | asks | jq -e ".class == \"refused\"" && [ "$(wc -l <count/n)" -eq "$n" ]
'
check 'a yes in several languages and by a thumb; a new question takes the place of the old' '
	for text in "ja" "Ja, bitte" "sí, por favor" "oui" "はい" "نعم" "да" "👍" "Yes do it" "ok thanks"; do
		a=$(wrote 491700000013 "a tent") && request "$a" order "{\"what\":\"$text\"}" | asks | jq -r .pending >pending && y=$(wrote 491700000013 "$text") && agreed "$y" "$(cat pending)" | asks | jq -e .ok >/dev/null || echo "$text"
	done >bad && same /dev/null bad &&
	a=$(wrote 491700000013 "x") && request "$a" order "{\"what\":\"x\"}" | asks | jq -r .pending >p1 && b=$(wrote 491700000013 "y") && request "$b" order "{\"what\":\"y\"}" | asks | jq -r .pending >p2 &&
	y=$(wrote 491700000013 yes) && agreed "$y" "$(cat p1)" | asks | jq -e ".class == \"refused\"" && agreed "$y" "$(cat p2)" | asks | jq -e .ok
'
check 'an hour later it is too late' '
	a=$(wrote 491700000013 "x") && request "$a" order "{\"what\":\"late\"}" | asks | jq -r .pending >p1 && sqlite3 "$store/desk.db" "UPDATE tool_call SET since_ms = since_ms - 3700000 WHERE state = '\''asked'\''" &&
	y=$(wrote 491700000013 yes) && agreed "$y" "$(cat p1)" | asks >got && jq -e ".class == \"refused\" and .reason == \"it was asked about too long ago\"" got
'
check 'in the language of the customer, where there are words in it' '
	printf "[reply tool-order]\nen = Shall I order {what}?\nde = Soll ich {what} bestellen?\n" >>frontdesk.conf && a=$(wrote 491700000014 "Guten Tag, ich möchte gerne ein Zelt bestellen") &&
	sqlite3 "$store/desk.db" "UPDATE conversation SET language = '\''de'\'' WHERE id = '\''${a#* }'\''" && request "$a" order "{\"what\":\"ein Zelt\"}" | asks | jq -e ".question == \"Soll ich ein Zelt bestellen?\""
'
check 'by hand it is not asked; with --try it is not run' '
	n=$(wc -l <count/n) && run order "{\"what\":\"x\"}" | jq -e .ok && [ "$(wc -l <count/n)" -eq $((n + 1)) ] && status 1 run --try order "{\"what\":\"x\"}" >got && jq -e ".class == \"confirm\"" got && [ "$(wc -l <count/n)" -eq $((n + 1)) ]
'

# --- the socket ---

ai-tool serve --follow -j 2 2>serve.err &
pids="$pids $!"
sock=$store/run/ai-tool.sock
wait_for test -S "$sock"
check 'by the socket: closed to others, as many at a time as it says' '
	[ "$(stat -c %a "$sock")" = 600 ] && a=$(wrote 491700000001 "sock") && request "$a" say "{\"n\":1}" | asks "$sock" | jq -e .ok &&
	for i in 4 5 6; do request "$a" slow1 "{\"x\":\"$i\"}" >"r$i"; done && { asks "$sock" <r4 >g4 & asks "$sock" <r5 >g5 & sleep 0.5; asks "$sock" <r6 >g6; wait; } 2>/dev/null
	jq -e .ok g4 g5 && jq -e ".class == \"busy\" and .undone" g6 && status 73 ai-tool serve --follow 2>err && grep -q "somebody listens there" err
'
if [ "$(id -u)" -eq 0 ]; then
	check 'who is not the peer is denied, even where the socket is open to all' '
		chmod -R a+x "$HOME" && chmod 755 "$store" "$store/run" "$HOME/.local" "$HOME/.local/share" && chmod 666 "$sock" && a=$(wrote 491700000001 "peer") && request "$a" say "{\"n\":2}" >r &&
		setpriv --reuid 65534 --regid 65534 --clear-groups perl asks.pl "$sock" <r >got && cat got && jq -e ".class == \"denied\"" got && asks "$sock" <r | jq -e .ok && chmod 600 "$sock"
	'
else
	skip 'who is not the peer is denied' 'not root'
fi
check 'one who sends nothing, half a line or too much holds up nobody' '
	perl -MIO::Socket::UNIX -e "my \$s = IO::Socket::UNIX->new(Peer => shift); sleep 3" "$sock" &
	a=$(wrote 491700000001 "more") && request "$a" say "{\"n\":3}" | asks "$sock" | jq -e .ok && head -c 200000 /dev/zero | tr "\0" x | asks "$sock" | jq -e ".class == \"denied\""
	got=$?; wait; [ $got -eq 0 ]
'
check 'a changed declaration holds at the next call; settings that are broken are no answer' '
	a=$(wrote 491700000001 "change") && tool say "command = say" && request "$a" say | asks "$sock" | jq -e ".ok" && cp frontdesk.conf keep && echo "oops" >>frontdesk.conf &&
	request "$a" say "{\"n\":4}" | asks "$sock" >got && mv keep frontdesk.conf && jq -e ".class == \"unavailable\" and .reason == \"its settings are broken\" and .undone" got
'
check 'no argument, result or number is in what the service says, and none in the log' '
	cat serve.err && ! grep -E "zebra|4917000|tent|Zelt" serve.err && sqlite3 "$store/desk.db" "SELECT data FROM event WHERE type = '\''tool.ran'\''" >got && [ -s got ] && ! grep -E "zebra|4917000|tent|Zelt" got
'
done_testing
