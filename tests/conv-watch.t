#!/bin/sh
# conv list --watch, conv show --follow: what happens shows as it does
. "${0%/*}/lib.sh"

XDG_DATA_HOME=$work/data
export XDG_DATA_HOME
db=$XDG_DATA_HOME/frontdesk/desk.db
frontdesk init --user >/dev/null 2>&1
sqlite3 -bail "$db" <"$top/tests/data/desk.sql"
sql () { sqlite3 "$db" "$1"; }
has () { [ "$(wc -l <"$1")" -ge "$2" ]; }
hears () {	# FROM TEXT: a customer writes
	echo "{\"from\":\"$1\",\"name\":\"N$1\",\"text\":\"$2\"}" | wa-sim --bodies | wa-recv --stdin
}
# A terminal of our own: 90 columns, 12 lines.
term () { tmux -S "$work/tmux" -f /dev/null "$@"; }
sees () { term capture-pane -p -t "$1" >"seen.$1" 2>/dev/null && grep -q -- "$2" "seen.$1"; }
sees_not () { term capture-pane -p -t "$1" >"seen.$1" && ! grep -q -- "$2" "seen.$1"; }
rows () { term capture-pane -p -t list | sed 1,2d | sed '$d' | grep -c . | grep -qx "$1"; }	# N of the list are on the screen
bottom () { term capture-pane -p -t list | tail -n 2 | head -n 1 | grep -q "$1"; }	# what stands above the last line
start () {	# NAME COMMAND
	term new-session -d -s "$1" -x 90 -y 12 "stty -a >before.$1; echo before; $2; echo left \$?; stty -a >after.$1; sleep 60"
}
cleanup_tmux () { term kill-server 2>/dev/null; cleanup; }
trap cleanup_tmux EXIT

conv list --watch >lines 2>err & watch=$!
pids=$watch
check 'off a terminal: the list first, then each change as a line' '
	wait_for has lines 3 && jq -r "[.conversation, .change] | @tsv" lines >got &&
	printf "%s\tpresent\n" bbb33333 aaa11111 aaa22222 >want && same want got &&
	conv list --json | jq -cS . >list && jq -cS "del(.change)" lines | cmp - list &&
	conv tag aaa22 new && wait_for has lines 4 && conv resolve aaa22 && wait_for has lines 5 &&
	conv take ccc && wait_for has lines 6 && conv priority aaa11 high && wait_for has lines 7 &&
	jq -c "[.conversation, .change, .tags, .priority]" lines | tail -n 4 >got && cat >want <<-E && same want got
	["aaa22222","changed",["billing","new"],"low"]
	["aaa22222","gone",null,null]
	["ccc44444","new",[],"medium"]
	["aaa11111","changed",["billing","vip"],"high"]
	E
'
check 'what changes nothing of what is shown is no line, a message is one' '
	conv note aaa11 "between us" && hears 491709999999 hello >/dev/null && wait_for has lines 8 && sleep 0.3 && has lines 8 &&
	! has lines 9 && tail -n 1 lines | jq -e ".change == \"new\" and .text == \"hello\" and .unread"
'
check 'who waits is listed by what they said, also behind an automatic reply; lines and objects have the last message' '
	id=$(hears 491709999993 "Does it fit a bicycle?" | jq -r "select(.type == \"message.received\").data.conversation") &&
	sql "INSERT INTO message (id, conversation, contact, instance, direction, kind, wa_ms, stored_ms, author, status, text)
		SELECT \"01M85000000000000000000099\", id, contact, instance, \"out\", \"text\", last_in_ms + 2000, last_in_ms + 2000, \"rule\", \"sent\", \"Back soon.\" FROM conversation WHERE id = \"$id\"" &&
	conv list | grep "^$id .* Does it fit a bicycle?$" && conv list --json | jq -se "any(.[]; .conversation == \"$id\" and .text == \"Back soon.\")" &&
	conv list --plain | grep "^$id.*Back soon." && sql "UPDATE conversation SET waiting_ms = 0 WHERE id = \"$id\"" && conv list | grep "^$id .* > Back soon.$" &&
	sql "UPDATE message SET status = \"failed\" WHERE text = \"Back soon.\"; UPDATE conversation SET waiting_ms = last_in_ms WHERE id = \"$id\"" && conv list | grep "^$id .* ! Back soon.$" &&
	conv resolve "$id"
'
check 'what the one who watches has read meanwhile is told, too' '
	id=$(conv list --json | jq -r "select(.phone == \"491709999999\" and .unread).conversation") && [ -n "$id" ] && sleep 0.3 && n=$(wc -l <lines) && conv show "$id" >/dev/null &&
	wait_for has lines $((n + 1)) && tail -n 1 lines | jq -e ".conversation == \"$id\" and .change == \"changed\" and (.unread | not)"
'
ticks () { sed "s/.*) //" "/proc/$1/stat" | cut -d" " -f12,13; }
check 'nothing happens: it takes no processor time at all' '
	ticks $watch >before && sleep 2 && ticks $watch >after && same before after
'
check 'a signal ends it well, and so does a reader that leaves' '
	kill -TERM $watch && wait $watch && [ ! -s err ] &&
	{ conv list --watch & p=$!; pids="$pids $p"; echo $p >pid; wait; } | head -n 1 >/dev/null; hears 491709999999 again >/dev/null;
	wait_for eval "! kill -0 \$(cat pid)"
'

if ! command -v tmux >/dev/null; then
	skip 'in a terminal' 'there is no tmux'
	done_testing
	exit
fi
start list "conv list --watch --status open,snoozed"
check 'in a terminal: the list, and what comes shows at once, the cursor on its line' '
	wait_for sees list "3 wait" && sees list "N491709999999 .*again" && sees list "aaa11111 .*high .*Mara" &&
	term send-keys -t list j && sleep 0.1 && term capture-pane -e -p -t list >marked && under=$(grep -a "$(printf "\033")\[7m" marked | grep -o "[a-z0-9]\{8\}" | head -n 1) &&
	conv priority ccc urgent && wait_for sees list "ccc44444 .*urgent" &&
	term capture-pane -e -p -t list | grep -a "$(printf "\033")\[[0-9;]*7m" | grep -q "$under"
'
check 'Enter shows the conversation, what comes shows there, q goes back' '
	term send-keys -t list g && id=$(conv list --ids -n 1) && term send-keys -t list Enter && wait_for sees list "q back" &&
	conv note "$id" "seen while it was open" && wait_for sees list "seen while it was open" &&
	term send-keys -t list q && wait_for sees list "CONTACT"
'
check 't takes, r resolves what is under the cursor' '
	id=$(conv list --ids -n 1) && term send-keys -t list g t && wait_for sees list "$id: taken" &&
	conv list --ids --assignee me | grep -qx "$id" && id=$(conv list --ids -n 1) && term send-keys -t list g r &&
	wait_for sees list "$id: resolved" && conv list --ids --status resolved | grep -qx "$id"
'
check 't on what a colleague has says whose it was, in the last line alone' '
	desk-user add bert && id=$(conv list --status open,snoozed --ids -n 1) && conv assign "$id" bert && wait_for sees list "^[ *]$id .*bert" && term send-keys -t list g t && wait_for sees list "^$id: taken; it was with bert" &&
	! sees list "conv: " && conv list --ids --assignee me | grep -qx "$id" && conv release "$id"
'
check '/ filters by the words of options; a wrong one is told' '
	term send-keys -t list / "owner=nobody" Enter && wait_for sees list "unknown word .nobody." &&
	term send-keys -t list / "contact=ccc44444" Enter && wait_for sees list "^1 conversation, " && sees list "only: contact=ccc44444" && sees list "^.ccc44444" &&
	term send-keys -t list / && wait_for sees list "only (Up: as now, Enter: all): _ *now: contact=ccc44444" &&
	term send-keys -t list Up && wait_for sees list "only (owner=queue.*: contact=ccc44444_" && term send-keys -t list C-h Escape && wait_for sees list "j k move" && sees list "only: contact=ccc44444" &&
	term send-keys -t list / "status=resolved" Enter && wait_for sees list "only: status=resolved$" &&
	term send-keys -t list / Enter && wait_for sees list "^[2-9] conversations, [0-9] wait$"
'
check 'another size: it is drawn anew, nothing is wider' '
	term resize-window -t list -x 50 -y 8 && wait_for sees list "CONT" && sleep 0.2 && sees list "j k move" &&
	[ "$(term capture-pane -p -t list | wc -l)" -eq 8 ] && term resize-window -t list -x 90 -y 12 && wait_for sees list "TEXT"
'
check 'a narrow terminal has room for the beginning of the text, too' '
	id=$(hears 491707770010 "Wheelbarrow for sale?" | jq -r "select(.type == \"message.received\").data.conversation") && term resize-window -t list -x 60 -y 12 && wait_for sees list "^[ *]$id .* Wheelbar[a-z]*…$" && term resize-window -t list -x 90 -y 12 && wait_for sees list "Wheelbarrow for sale" && conv resolve "$id"
'
check 'a terminal that grows is filled: no line is empty while rows are hidden above' '
	for i in 1 2 3 4 5 6 7 8; do hears 49170777000$i "row $i of a long list"; done | jq -r "select(.type == \"message.received\").data.conversation" >rows && [ "$(wc -l <rows)" -eq 8 ] && wait_for sees list "row [1-8] of" && n=$(conv list --status open,snoozed --ids | wc -l) && [ "$n" -ge 9 ] && first=$(conv list --status open,snoozed --ids -n 1) &&
	term resize-window -t list -x 90 -y 7 && wait_for rows 4 && term send-keys -t list G && wait_for sees_not list "^[ *]$first" &&
	term resize-window -t list -x 90 -y 9 && wait_for rows 6 && ! sees list "^[ *]$first" &&
	term resize-window -t list -x 90 -y 24 && wait_for rows "$n" && sees list "^[ *]$first" &&
	term resize-window -t list -x 90 -y 8 && wait_for rows 5 && term send-keys -t list G && head -n 4 rows | conv resolve - && wait_for sees list "^$((n - 4)) conv" && rows 5; r=$?
	term resize-window -t list -x 90 -y 12; [ $r -eq 0 ]
'
check 'a conversation is shown to the last line of the terminal' '
	id=$(tail -n 1 rows) && term send-keys -t list / "contact=$id" Enter && wait_for sees list "^1 conv" && term send-keys -t list Enter && wait_for sees list "q back" && conv note "$id" "$(seq -f "line %g" 1 30)" && wait_for sees list "line 30" &&
	wait_for bottom "line 30" && sees list "line 20$" && term send-keys -t list q && wait_for sees list CONTACT &&
	term send-keys -t list / Enter && tail -n 4 rows | conv resolve - && wait_for sees_not list "of a long list"
'
check 'what a customer writes is shown, not obeyed' '
	conv take bbb && wait_for wait_for sees list "look .x1b.2J" && term send-keys -t list / "contact=bbb33333" Enter && wait_for sees list "^1 conv" &&
	term send-keys -t list Enter && wait_for sees list "second line" && term send-keys -t list Escape && wait_for sees list CONTACT
'
check 'q ends it, and the terminal is as it was' '
	term send-keys -t list q && wait_for sees list "left 0" && sees list before && wait_for test -s after.list && sed 1d before.list >want && sed 1d after.list >got && same want got
'
check 'so do Ctrl-C and a signal' '
	start two "conv list --watch" && wait_for sees two CONTACT && term send-keys -t two C-c && wait_for sees two "left 0" &&
	wait_for test -s after.two && same before.two after.two &&
	start three "conv list --watch & fg" && start four "sh -c \"echo \\\$\\\$ >pid; exec conv list --watch\"" && wait_for sees four CONTACT &&
	kill -TERM "$(cat pid)" && wait_for sees four "left 0" && wait_for test -s after.four && same before.four after.four
'
check 'ten thousand conversations: moved through at once, idle when nothing happens' '
	sql "WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
		INSERT INTO conversation (id, instance, contact, number, status, owner, opened_ms, reopened_ms, last_in_ms)
		SELECT printf(\"d%07d\", n), \"sales\", \"c0000001\", n + 100, \"open\", \"queue\", n, n, n FROM n" &&
	start many "sh -c \"echo \\\$\\\$ >pid; exec conv list --watch\"" && wait_for sees many "^100.. conversations" && term send-keys -t many G &&
	wait_for sees many d0000001 && ticks "$(cat pid)" >before && sleep 2 && ticks "$(cat pid)" >after && same before after &&
	term send-keys -t many PageUp && wait_for sees_not many d0000001 && conv priority d0000005 urgent && wait_for sees many "d0000005.*urgent" &&
	term send-keys -t many q
'
check 'show --follow: new lines as they come, and what became of the others' '
	conv show aaa11 --follow >told & p=$!; pids="$pids $p"; wait_for grep -q "Mara Weiss.*Where" told &&
	conv note aaa11 "one more" && wait_for grep -q "note me .*one more" told &&
	sql "UPDATE message SET status = \"delivered\" WHERE id = \"01M85000000000000000000007\"" && conv tag aaa11 ring &&
	wait_for grep -q "~ ✓✓ delivered" told && grep -c "Where is my parcel" told | grep -qx 1 && kill $p
'
check 'show --follow --json: events as they come' '
	conv show aaa11 --follow --json >events & p=$!; pids="$pids $p"; wait_for has events 4 && n=$(wc -l <events) &&
	conv note aaa11 "a last one" && wait_for has events $((n + 1)) && tail -n 1 events | jq -e ".type == \"conversation.noted\" and .data.text == \"a last one\"" && kill $p
'
check 'show: who keeps the AI out of it, and what is quoted from further up' '
	conv pause aaa11 --for 1h && conv show aaa11 | grep -q "me keeps the AI out of it until 20..-..-.. ..:.. UTC" &&
	sql "UPDATE message SET wamid = \"wamid.q\", text = \"the first words\" WHERE id = \"01M85000000000000000000001\"" &&
	sql "UPDATE message SET quoted = \"wamid.q\" WHERE id = \"01M85000000000000000000007\"" && conv show aaa11 -n 4 >got &&
	! grep -q "^11:50" got && grep -q "to: the first words" got
'
check 'a answers: in the editor, or line by line; what is refused is said before the list comes back' '
	start answer "EDITOR=\"sleep 0.5; echo From the list. >\" conv list --watch --status all" && wait_for sees answer "a answer" &&
	id=$(hears 491709999991 "Can I ask something?" | jq -r "select(.type == \"message.received\").data.conversation") && wait_for sees answer "ask something" && term send-keys -t answer / && wait_for sees answer "only (" && term send-keys -t answer "contact=$id" Enter &&
	wait_for sees answer "$id .*ask" && term send-keys -t answer a && wait_for sees answer "$id: answered, and taken: it is yours" && wait_for sees answer "From the" &&
	term send-keys -t answer Enter && wait_for sees answer "q back" && sql "UPDATE conversation SET last_in_ms = 1 WHERE id = '\''$id'\''" && term send-keys -t answer a &&
	wait_for sees answer "Enter goes back" && sees answer "templates" && term send-keys -t answer Enter && wait_for sees answer "$id: not answered" &&
	term send-keys -t answer q && wait_for sees answer "CONTACT" && term send-keys -t answer q && wait_for sees answer "left 0"
'
check 'a where another is writing: f goes on as with --force' '
	start forced "EDITOR=\"sleep 0.5; echo By force. >\" conv list --watch --status all" && wait_for sees forced "a answer" &&
	id=$(hears 491709999992 "Is anybody there?" | jq -r "select(.type == \"message.received\").data.conversation") && wait_for sees forced "anybody there" && term send-keys -t forced / && wait_for sees forced "only (" && term send-keys -t forced "contact=$id" Enter &&
	wait_for sees forced "$id .*anybody" && sql "INSERT INTO writer VALUES ('\''$id'\'', '\''01BERT'\'', '\''bert'\'', 1, $(date +%s%3N) + 60000)" && term send-keys -t forced a &&
	wait_for sees forced "f and Enter goes on" && sees forced "bert has been writing" && term send-keys -t forced f Enter && wait_for sees forced "$id: answered" && [ "$(sql "SELECT text FROM message WHERE conversation = '\''$id'\'' AND direction = '\''out'\''")" = "By force." ] &&
	term send-keys -t forced q && wait_for sees forced "left 0"
'
printf '%s\n' '#!/bin/sh' 'head -c 70000 /dev/zero | tr "\0" x >"$1"' >long && chmod +x long
check 'a where force is of no use: it is not offered' '
	start useless "EDITOR=$PWD/long conv list --watch --status all" && wait_for sees useless "a answer" &&
	id=$(hears 491709999993 "Who is there?" | jq -r "select(.type == \"message.received\").data.conversation") && wait_for sees useless "Who is there" && term send-keys -t useless / && wait_for sees useless "only (" && term send-keys -t useless "contact=$id" Enter &&
	wait_for sees useless "$id .*there" && term send-keys -t useless a &&
	wait_for sees useless "Enter goes back" && ! sees useless "as with --force" && term send-keys -t useless f Enter && wait_for sees useless "not answered" &&
	term send-keys -t useless q && wait_for sees useless "left 0"
'
done_testing
