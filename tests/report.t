#!/bin/sh
# report(1): exact numbers, days of 23 and 25 hours, a page that stands alone
. "${0%/*}/lib.sh"

id=$(sed -n 's/^#define APPLICATION_ID \(0x[0-9a-f]*\).*/\1/p' "$top/lib/store/db.c")
tell () {	# a new store in ./store, of the story on stdin
	rm -rf store && mkdir -p store/run &&
	{ cat "$top/share/schema/desk-001-core.sql"
	echo "PRAGMA application_id = $((id)); PRAGMA user_version = 1;"
	awk -v language="${language:-en}" -f "$top/tests/report/story.awk"
	} | sqlite3 -bail store/desk.db
}
report () { command report -S store "$@"; }
# METRIC KEY [DAY]: a value of --json, of all days or of one
value () { jq -c --arg m "$1" --arg k "$2" --arg d "${3-}" \
	'select(.metric == $m) | if $d == "" then .[$k]
	else (.days[] | select(.day == $d) | .[$k]) end' got; }
is () { [ "$1" = "$2" ] || { echo "$1, not $2" >&2; return 1; }; }
days () { jq -c "select(.metric == \"$1\") | [.days[].count]" got; }

FRONTDESK_NOW=2026-11-20T12:00:00Z
export FRONTDESK_NOW

check 'an empty desk has an empty report of thirty days' '
	tell </dev/null && report --json >got &&
	is "$(value messages_in count)" 0 &&
	is "$(value first_answer_ai median_ms)" null &&
	is "$(jq -c "select(.metric == \"openings\") | .days | length" got)" 30 &&
	report -o - >page && grep -q "</html>" page'

check 'messages are counted by day, by who wrote them, and if they went out' '
	tell <<-! &&
	2026-11-18/09:00:00 in a a1 hello
	2026-11-18/09:00:00 open a ai a1
	2026-11-18/09:00:05 out a a2 ai delivered
	2026-11-18/09:01:00 out a a3 rule read
	2026-11-18/09:02:00 out a a4 user:ann played
	2026-11-18/09:03:00 echo a a5
	2026-11-18/09:04:00 out a a6 ai cancelled
	2026-11-18/09:05:00 out a a7 user:ann failed
	2026-11-18/09:06:00 out a a8 user:ann held
	2026-11-18/09:07:00 out a a9 user:ann queued
	2026-11-19/09:00:00 in a b1 again
	2026-11-19/23:59:59 out a b2 system accepted
	!
	report --json --since 2026-11-18 --until 2026-11-20 >got &&
	is "$(days messages_in)" "[1,1]" &&
	is "$(days messages_out)" "[4,1]" &&
	is "$(days messages_out_ai)" "[1,0]" &&
	is "$(days messages_out_people)" "[2,0]" &&
	is "$(days messages_out_automatic)" "[1,1]" &&
	is "$(days messages_unsent)" "[3,0]"'

check 'what is no message of a customer does not count as one' '
	tell <<-! &&
	2026-11-18/09:00:00 in a a1 hello
	2026-11-18/09:00:01 in a a2
	2026-11-18/09:00:02 in a a3
	!
	sqlite3 store/desk.db "UPDATE message SET kind = '\''image'\''
		WHERE id = '\''a2'\''; UPDATE message SET kind = '\''system'\''
		WHERE id = '\''a3'\''" &&
	report --json >got && is "$(value messages_in count)" 2'

# Clocks go forward on 2026-03-29 and back on 2026-10-25 in Berlin.
check 'a day of 23 hours and its neighbours hold what is theirs' '
	tell <<-! &&
	2026-03-28/22:59:59 in a a1 x
	2026-03-28/23:00:00 in a a2 x
	2026-03-29/21:59:59 in a a3 x
	2026-03-29/22:00:00 in a a4 x
	!
	report --json --zone Europe/Berlin --since 2026-03-28 --until 2026-03-31 >got &&
	is "$(days messages_in)" "[1,2,1]" &&
	is "$(value messages_in since)" "\"2026-03-27T23:00:00.000Z\"" &&
	is "$(value messages_in until)" "\"2026-03-30T22:00:00.000Z\""'
check 'so do a day of 25 hours and its neighbours' '
	tell <<-! &&
	2026-10-24/21:59:59 in a a1 x
	2026-10-24/22:00:00 in a a2 x
	2026-10-25/00:30:00 in a a3 x
	2026-10-25/01:30:00 in a a4 x
	2026-10-25/22:59:59 in a a5 x
	2026-10-25/23:00:00 in a a6 x
	!
	report --json --zone Europe/Berlin --since 2026-10-24 --until 2026-10-27 >got &&
	is "$(days messages_in)" "[1,4,1]" &&
	is "$(value messages_in count)" 6'
check 'where clocks go forward at midnight the day begins at one' '
	tell <<-! &&
	2026-09-06/03:59:59 in a a1 x
	2026-09-06/04:00:00 in a a2 x
	2026-09-07/02:59:59 in a a3 x
	2026-09-07/03:00:00 in a a4 x
	!
	report --json --zone America/Santiago --since 2026-09-05 --until 2026-09-08 >got &&
	is "$(days messages_in)" "[1,2,1]"'
check 'the zone is a setting, too, and --zone goes before it' '
	printf "[desk]\nzone = Asia/Kathmandu\n" >frontdesk.conf &&
	report --json >got && is "$(value messages_in zone)" "\"Asia/Kathmandu\"" &&
	report --json --zone UTC >got && is "$(value messages_in zone)" "\"UTC\"" &&
	: >frontdesk.conf'

check 'the first answer of the AI is from the message that opened to the one taken' '
	tell <<-! &&
	2026-11-18/09:00:00 in a a1 first
	2026-11-18/09:00:01 open a ai a1
	2026-11-18/09:00:02 out a a2 rule delivered 2026-11-18/09:00:02
	2026-11-18/09:00:03 out a a3 ai cancelled
	2026-11-18/09:00:04 out a a4 ai read 2026-11-18/09:00:07
	2026-11-18/09:00:09 out a a5 ai read 2026-11-18/09:00:10
	2026-11-18/10:00:00 in b b1 first
	2026-11-18/10:00:00 open b ai b1
	2026-11-18/10:00:20 out b b2 ai sent 2026-11-18/10:00:21
	2026-11-18/11:00:00 in c c1 nobody answers
	2026-11-18/11:00:00 open c ai c1
	2026-11-18/12:00:00 in d d1 no AI here
	2026-11-18/12:00:00 open d queue d1
	!
	report --json >got &&
	is "$(value first_answer_ai answered)" 2 &&
	is "$(value first_answer_ai of)" 3 &&
	is "$(value first_answer_ai median_ms)" 7000 &&
	is "$(value first_answer_ai p90_ms)" 21000 &&
	is "$(value first_answer_ai median_ms 2026-11-18)" 7000'
check 'an answer after the next opening does not count for the one before' '
	tell <<-! &&
	2026-11-17/09:00:00 in a a1 first
	2026-11-17/09:00:00 open a ai a1
	2026-11-17/10:00:00 resolved a ai
	2026-11-18/09:00:00 in a a2 again
	2026-11-18/09:00:00 reopen a ai a2
	2026-11-18/09:00:03 out a a3 ai sent 2026-11-18/09:00:03
	2026-11-18/09:30:00 resolved a ai
	!
	report --json >got &&
	is "$(value first_answer_ai answered)" 1 &&
	is "$(value first_answer_ai of)" 2 &&
	is "$(value first_answer_ai median_ms)" 3000 &&
	is "$(days openings | tr -d "0,")" "[11]" &&
	is "$(value resolution answered)" 2 &&
	is "$(value resolution median_ms)" 1800000 &&
	is "$(value resolution p90_ms)" 3600000'
check 'the clock of people runs from the hand-over, never from the first message' '
	tell <<-! &&
	2026-11-18/09:00:00 in a a1 first
	2026-11-18/09:00:00 open a ai a1
	2026-11-18/09:00:02 out a a2 ai sent 2026-11-18/09:00:02
	2026-11-18/09:10:00 escalated a queue
	2026-11-18/09:10:00 out a a3 system sent 2026-11-18/09:10:01
	2026-11-18/09:12:00 assigned a user
	2026-11-18/09:13:00 out a a4 user:ann failed
	2026-11-18/09:15:00 out a a5 user:ann sent 2026-11-18/09:15:30
	2026-11-18/09:20:00 released a queue
	2026-11-18/09:30:00 out a a6 user:bob sent 2026-11-18/09:30:00
	2026-11-18/10:00:00 in b b1 opens without AI
	2026-11-18/10:00:00 open b queue b1
	2026-11-18/10:00:00 escalated b queue
	2026-11-18/10:01:00 echo b b2
	2026-11-18/10:01:00 taken b user
	2026-11-18/11:00:00 in c c1 handed over, then back
	2026-11-18/11:00:00 open c ai c1
	2026-11-18/11:01:00 escalated c queue
	2026-11-18/11:05:00 released c ai
	2026-11-18/11:06:00 out c c2 user:ann sent 2026-11-18/11:06:00
	2026-11-18/12:00:00 in d d1 taken unasked
	2026-11-18/12:00:00 open d ai d1
	2026-11-18/12:05:00 taken d user
	2026-11-18/12:06:00 out d d2 user:ann sent 2026-11-18/12:06:00
	2026-11-18/13:00:00 in e e1 a rule gives it to somebody
	2026-11-18/13:00:00 open e ai e1
	2026-11-18/13:00:00 assigned e user
	2026-11-18/13:02:00 out e e2 user:ann sent 2026-11-18/13:02:00
	!
	report --json >got &&
	is "$(value first_answer_people of)" 4 &&
	is "$(value first_answer_people answered)" 3 &&
	is "$(value first_answer_people median_ms)" 120000 &&
	is "$(value first_answer_people p90_ms)" 330000'
check 'shares: answered by the AI alone, handed over, and the rest' '
	tell <<-! &&
	2026-11-18/09:00:00 in a a1 one
	2026-11-18/09:00:00 open a ai a1
	2026-11-18/09:00:02 out a a2 ai sent
	2026-11-18/09:00:00 in b b1 two
	2026-11-18/09:00:00 open b ai b1
	2026-11-18/09:00:02 out b b2 ai sent
	2026-11-19/09:00:02 escalated b queue
	2026-11-18/10:00:00 in c c1 three
	2026-11-18/10:00:00 open c ai c1
	2026-11-18/10:00:02 out c c2 rule sent
	2026-11-18/11:00:00 in d d1 four
	2026-11-18/11:00:00 open d queue d1
	2026-11-19/09:00:00 resolved a ai
	2026-11-19/10:00:00 in a a3 five
	2026-11-19/10:00:00 reopen a ai a3
	2026-11-19/10:00:00 taken a user
	!
	report --json >got &&
	is "$(value answered_by_ai count)/$(value answered_by_ai of)" 1/5 &&
	is "$(value handed_over count)/$(value handed_over of)" 3/5 &&
	is "$(value handed_over count 2026-11-18)" 2 &&
	is "$(value handed_over of 2026-11-18)" 4'
check 'one number of the business, and no other, by --instance' '
	tell <<-! &&
	2026-11-18/09:00:00 in a a1 one
	2026-11-18/09:00:00 open a ai a1
	2026-11-18/09:00:00 in sales:b b1 two
	2026-11-18/09:00:00 open sales:b ai b1
	2026-11-18/09:00:02 out sales:b b2 ai sent
	2026-11-18/09:00:03 escalated sales:b queue
	2026-11-18/09:00:04 resolved sales:b queue
	!
	report --json --instance main >got &&
	is "$(value messages_in count)" 1 && is "$(value messages_out count)" 0 &&
	is "$(value openings count)" 1 && is "$(value handed_over count)" 0 &&
	is "$(value resolution of)" 0 && is "$(value questions count)" 1 &&
	report --json --instance sales >got &&
	is "$(value messages_out count)" 1 && is "$(value handed_over count)" 1 &&
	is "$(value first_answer_people of)" 1 && is "$(value resolution of)" 1 &&
	status 66 report --json --instance nosuch'

check 'alike questions are one group, whatever the order; numbers are masked' '
	cat >story <<-! &&
	2026-11-18/09:00:00 in a a1 Where is my parcel?
	2026-11-18/09:00:00 open a ai a1
	2026-11-18/09:00:00 in b b1 where are the PARCELS
	2026-11-18/09:00:00 in c c1 parcel
	2026-11-18/09:00:00 open c ai c1
	2026-11-18/09:05:00 escalated c queue
	2026-11-18/09:00:00 in d d1 Can I return order 4711-0815?
	2026-11-18/09:00:00 in e e1 can i return an order, mine is 12 345 678, mail jo@example.org
	2026-11-18/09:00:00 in f f1 opening hours
	2026-11-18/09:00:00 in f f2 opening hours
	2026-11-18/09:00:00 in g g1 hello
	!
	tell <story && report --json >got && value questions groups >one &&
	jq -c '\''del(.[].handed_over)'\'' one >one.group &&
	sort -r story | tell && report --json >got && value questions groups |
		jq -c '\''del(.[].handed_over)'\'' >two &&
	same one.group two &&
	is "$(jq -c ".[0]" one)" "{\"text\":\"parcel\",\"messages\":3,\"customers\":3,\"handed_over\":1}" &&
	is "$(jq -c ".[1].messages, (. | length)" one | tr "\n" " ")" "2 2 " &&
	is "$(jq -r ".[1].text" one)" "Can I return order [number]?" &&
	is "$(value questions count)" 8'
check 'German and Spanish questions are grouped by their own endings' '
	language=de tell <<-! &&
	2026-11-18/09:00:00 in a a1 Was kostet eine Lieferung?
	2026-11-18/09:00:00 in b b1 wieviel kostet das bei Lieferungen
	!
	report --json >got && is "$(jq -c "select(.groups) | .groups[].messages" got)" 2 &&
	language=es-MX tell <<-! &&
	2026-11-18/09:00:00 in a a1 ¿Dónde está mi pedido?
	2026-11-18/09:00:00 in b b1 donde estan los pedidos
	!
	report --json >got && is "$(jq -c "select(.groups) | .groups[].messages" got)" 2'
check 'e-mail addresses, links, names of accounts and long numbers never show' '
	tell <<-! &&
	2026-11-18/09:00:00 in a a1 pay (jo.doe@example.org) https://x.example/t?k=1 www.x.example @jodoe +49 171/234 56 78 DE89370400440532013000 ٠١٢٣٤٥ in 24 h
	2026-11-18/09:00:00 in b b1 pay (jo.doe@example.org) https://x.example/t?k=1 www.x.example @jodoe +49 171/234 56 78 DE89370400440532013000 ٠١٢٣٤٥ in 24 h
	!
	report --json >got &&
	is "$(jq -r "select(.groups) | .groups[].text" got)" \
	"pay [e-mail] [link] [link] [name] [number] in 24 h"'

check 'the SQL that is shown is the SQL that counts' '
	tell <<-! &&
	2026-11-18/09:00:00 in a a1 one
	2026-11-18/09:00:00 open a ai a1
	2026-11-18/09:00:02 out a a2 ai sent 2026-11-18/09:00:04
	2026-11-18/09:00:09 escalated a queue
	2026-11-18/09:05:09 echo a a3
	2026-11-18/10:00:00 resolved a user
	!
	report --json >got && report --definitions >defs &&
	is "$(jq -s length defs)" "$(jq -s length got)" &&
	for m in $(jq -r "select(.kind == (\"count\", \"share\", \"time\")).metric" defs); do
		{ printf ".parameter init\n.parameter set :from_ms 0\n"
		printf ".parameter set :until_ms 9999999999999\n"
		printf ".parameter set :seq 99\n.mode json\n"
		jq -r --arg m $m "select(.metric == \$m).sql + \";\"" defs
		} | sqlite3 -list -readonly store/desk.db | tr "|" "\n" >sql || exit 1
		jq -r --arg m $m "select(.metric == \$m) | if .kind == \"time\"
			then .median_ms else (.count, .of // empty) end" got >json
		jq -r "[.[0][]][]" sql >flat
		same flat json || exit 1
	done'

check 'CSV: a line for each day and statistic; no formula for a spreadsheet' '
	tell <<-! &&
	2026-11-19/09:00:00 in a a1 =cmd("delete")
	2026-11-19/09:00:00 in b b1 =cmd("delete")
	2026-11-19/09:00:00 open b ai b1
	!
	report --csv --since 2026-11-19 >got &&
	is "$(head -n 4 got | tr "\n" " ")" \
	"metric,day,statistic,value messages_in,,count,2 messages_in,2026-11-19,count,2 messages_in,2026-11-20,count,0 " &&
	grep -Fqx "first_answer_ai,2026-11-19,of,1" got &&
	grep -Fqx "first_answer_ai,2026-11-19,median_ms," got &&
	grep -Fqx "questions,,\"'\''=cmd(\"\"delete\"\")\",2" got'
check 'a table of sums on a terminal, the same numbers by --plain' '
	report --plain --since 2026-11-19 >got &&
	is "$(head -n 1 got | tr "\t" " ")" "messages_in 2   " &&
	script -qec "report -S store" /dev/null </dev/null >got &&
	grep -q "Messages from customers *2" got'

cat >valid.pl <<'EOF'
# One HTML page: every tag closed in order, ids unique, each reference leads to
# one, nothing from elsewhere, no script.
undef $/; my $page = <>; my (@open, %id, @to);
$page =~ s/^<!DOCTYPE html>\n// or die "no doctype\n";
$page =~ s/<style>.*?<\/style>//s;
die "from elsewhere\n" if $page =~ /\b(?:src|srcset|action|data)=|href="(?!#)|url\(|<(?:script|link|iframe|img)\b|\son\w+=/i;
while ($page =~ /<(\/?)([a-z0-9]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([<>])/gi) {
	die "stray $5\n" if defined $5;
	my ($end, $tag, $attr, $self) = ($1, $2, $3, $4);
	if ($end) { my $was = pop @open; die "</$tag> ends <$was>\n" if $was ne $tag; next }
	$attr =~ /\sid="([^"]*)"/ and $id{$1}++ and die "id $1 twice\n";
	push @to, $1 while $attr =~ /href="#([^"]*)"/g;
	push @to, split ' ', $1 while $attr =~ /aria-labelledby="([^"]*)"/g;
	push @open, $tag unless $self or $tag =~ /^(?:meta|br|hr)$/;
}
die "never closed: @open\n" if @open;
$id{$_} or die "nothing has id $_\n" for @to;
die "a chart without a table\n" if () = $page =~ /role="img"/g and 5 > (() = $page =~ /<table>/g);
EOF
check 'the page is whole: tags, ids, references; nothing from elsewhere' '
	cat >story <<-! &&
	2026-11-18/09:00:00 in a a1 <script>alert("1")</script> & co
	2026-11-18/09:00:00 open a ai a1
	2026-11-18/09:00:02 out a a2 ai sent 2026-11-18/09:00:04
	2026-11-18/09:00:00 in b b1 <script>alert("1")</script> & co
	2026-11-18/09:10:00 escalated b queue
	2026-11-18/09:11:00 echo b b2
	2026-11-18/10:00:00 resolved a user
	!
	tell <story && report >page && perl valid.pl page &&
	! grep -qi "<script\|http:\|https:" page &&
	grep -q "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; co" page &&
	grep -q "<a href=\"#first_answer_people\">1 min</a>" page'
check 'tables begin with the newest day and end with all of them' '
	sed "s/<tr>/\n&/g" page | sed -n "s/.*<time datetime=\"\([^\"]*\)\".*/\1/p; s/.*All days.*/all/p" |
		awk "/all/ { exit } { print }" >days && [ "$(wc -l <days)" -gt 1 ] && sort -r days >sorted && same days sorted'
check 'the same store and the same clock give the same page' '
	report >one && report >two && same one two'

check 'a file is written whole, with an event in the log' '
	report -o out.html && perl valid.pl out.html &&
	is "$(ls -l out.html | cut -c1-10)" "-rw-r-----" && [ ! -e out.html.new ] &&
	sqlite3 store/desk.db "SELECT data FROM event
		WHERE type = '\''report.written'\''" >got &&
	is "$(jq -r .format got)" html && is "$(jq -r .bytes got)" "$(wc -c <out.html)" &&
	is "$(jq -r .until got)" 2026-11-20T12:00:00.000Z'
check 'a dry run, and standard output, leave no event and no file' '
	sqlite3 store/desk.db "SELECT count(*) FROM event" >before &&
	report -o none.html --dry-run && [ ! -e none.html ] &&
	report -o - >/dev/null && report --json >/dev/null &&
	sqlite3 store/desk.db "SELECT count(*) FROM event" >after && same before after'
check 'wrong use is 64, a folder that is not there 73, no store 66' '
	status 64 report --json --csv 2>err && status 64 report stray 2>err &&
	status 64 report --zone Nowhere/None 2>err && grep -q "no time zone" err &&
	status 64 report --since yesterday-ish 2>err &&
	status 64 report --since 2026-11-19 --until 2026-11-18 2>err &&
	status 64 report --since 1990-01-01 2>err &&
	status 73 report -o nowhere/x.html 2>err &&
	status 66 command report -S nosuch 2>err &&
	status 74 report --json >/dev/full 2>err'
check 'nothing that could reach a network is linked' '
	! ldd "${BUILD:-$top/build}/report" | grep -i "curl\|ssl"'
check 'a pipe is written into, a link stays one, a file keeps its mode' '
	mkfifo pipe && { timeout 10 cat pipe >read & } && report -o pipe && wait && [ -p pipe ] &&
	grep -q "</html>" read && echo old >real.html && chmod 664 real.html &&
	ln -s real.html link.html && report -o link.html && [ -L link.html ] &&
	grep -q "</html>" real.html && is "$(stat -c %a real.html)" 664 &&
	[ -z "$(ls ./*.new.* 2>/dev/null)" ]'
check 'a name that somebody laid a link under is not followed' '
	mkdir laid && echo keep >keep &&
	perl -e "symlink \"../keep\", \"laid/out.html.new.\$_\" for \$\$ .. \$\$ + 500" &&
	report -o laid/out.html && is "$(cat keep)" keep && grep -q "</html>" laid/out.html'
[ "$(id -u)" -ne 0 ] || check 'root destroys no device, and takes no file from its owner' '
	mknod full c 1 7 && status 74 report -o full 2>err && [ -c full ] &&
	touch theirs.html && chown 65534:65534 theirs.html && report -o theirs.html &&
	is "$(stat -c %u:%g:%a theirs.html)" 65534:65534:644 && grep -q "</html>" theirs.html'
done_testing
