#!/bin/sh
# conv reply: the text in the making is kept, and who writes is seen
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"

XDG_DATA_HOME=$work/data TMPDIR=$work/tmp
export XDG_DATA_HOME TMPDIR
unset VISUAL EDITOR XDG_RUNTIME_DIR
mkdir tmp
db=$XDG_DATA_HOME/frontdesk/desk.db
sql () { sqlite3 -cmd '.timeout 10000' "$db" "$1"; }
printf '[desk]\nwriting = 1500ms\n' >frontdesk.conf
frontdesk init --user >/dev/null 2>&1
desk-user add bert
# PHONE TEXT: the customer writes; the conversation's id
hears () {
	echo "{\"from\":\"$1\",\"name\":\"Ada\",\"text\":\"$2\"}" | wa-sim --bodies | wa-recv --stdin |
	    jq -r 'select(.type == "message.received").data.conversation'
}
queued () { sql "SELECT text FROM message WHERE conversation = '$1' AND direction = 'out'"; }
kept () { sql "SELECT text FROM draft WHERE conversation = '$1'"; }
# Bert has the conversation's reply open, for so many milliseconds.
bert_writes () {
	sql "INSERT INTO writer VALUES ('$1', '01BERT$(date +%s%N)', 'bert', $(date +%s%3N) - 120000, $(date +%s%3N) + $2)"
}
# An editor that adds a line and then waits for somebody to let it go.
cat >editor <<'END'
#!/bin/sh
printf '%s\n' "$text" >>"$1"
cp "$1" begun; ls -l "$1" >mode; echo "$1" >path; : >open
while [ ! -e leave ]; do sleep 0.05; done
exit "$(cat leave)"
END
chmod +x editor
# COMMAND: on a terminal, in the background; said and its status in out
on_terminal () {
	rm -f leave open out
	{ script -qec "$1" /dev/null </dev/null >said 2>&1; echo "$?" >out; } &
	pids="$pids $!"
}
leave () { echo "$1" >leave && wait_for test -s out; }

a=$(hears 491700000001 "Is it on its way?") || exit 1
check 'a draft is kept, shown, sent and dropped' '
	conv reply $a "not yet" --draft keep && conv reply $a --draft keep <<-E && conv reply $a --draft show >got && printf "%s\n" "It is," "nearly." >want &&
	It is,
	nearly.
	E
	same want got && [ -z "$(queued $a)" ] && conv show $a | grep -q "^  draft  *of yours, .* ago: It is," &&
	conv reply $a --draft send && queued $a >got && same want got && [ -z "$(kept $a)" ] &&
	conv reply $a x --draft keep && conv reply $a --draft drop && [ -z "$(kept $a)" ] && ! conv show $a | grep -q "^  draft"
'
check 'a draft that two send at once goes out once' '
	z=$(hears 4917250001 "hello twice") && for i in 1 2 3 4 5; do
		conv reply --draft=keep "$z" "text $i" && { conv reply --draft=send "$z" >/dev/null 2>one & a=$!; conv reply --draft=send "$z" >/dev/null 2>two & b=$!; wait $a; x=$?; wait $b; y=$?; } &&
		[ $((x + y)) -eq 1 ] && grep -q "the draft is no more as it was\|no draft of yours is kept" one two || return 1
	done && [ "$(queued "$z" | sort | uniq -c | awk "{ print \$1 }" | xargs)" = "1 1 1 1 1" ]
'
check 'there is none; wrong use' '
	for w in send show drop; do status 1 conv reply $a --draft $w 2>err && grep -q "no draft of yours" err || exit 1; done &&
	status 64 conv reply $a --draft later && status 64 conv reply $a text --draft send && status 64 conv reply - text --draft keep &&
	status 64 conv reply $a --draft keep --reaction x && status 66 conv reply zzz99 --draft show && status 65 conv reply $a "" --draft keep
'
b=$(hears 491700000002 "Hello?")
check 'what is refused is kept, and goes when it is sent; another draft is not lost by it' '
	sql "UPDATE conversation SET last_in_ms = last_in_ms - 90000000 WHERE id = \"$b\"" &&
	status 1 conv reply $b "sorry for the delay" 2>err && grep -q "window has been shut" err && grep -q "is kept as your draft" err &&
	[ "$(kept $b)" = "sorry for the delay" ] && status 1 conv reply $b "another" 2>err && grep -q "this text is not kept" err &&
	[ "$(kept $b)" = "sorry for the delay" ] && sql "UPDATE conversation SET last_in_ms = last_in_ms + 90000000 WHERE id = \"$b\"" &&
	conv reply $b "something else" && [ "$(kept $b)" = "sorry for the delay" ] && conv reply $b "sorry for the delay" && [ -z "$(kept $b)" ]
'
c=$(hears 491700000003 "What does it cost?")
text="Ten euros." EDITOR=$work/editor
export text EDITOR
check 'an editor, where one is set: a file of our own, readable by nobody else, and gone at the end' '
	on_terminal "conv reply $c" && wait_for test -e open && grep -q "^-rw-------" mode && grep -q "^$work/tmp/frontdesk-......./*reply-$c.txt$" path &&
	wait_for eval "[ \"\$(kept $c)\" = \"Ten euros.\" ]" && leave 0 && [ "$(cat out)" = 0 ] && [ "$(queued $c)" = "Ten euros." ] && [ -z "$(kept $c)" ] &&
	[ -z "$(ls tmp)" ] && grep -q "to Ada; WhatsApp takes free texts for 23 h more" said && grep -q . begun
'
check 'the file is named by the conversation, and by nothing of the customer' '
	desk-contact rename $c "Ana López" && rm -f open path && on_terminal "conv reply $c" && wait_for test -e open && leave 3 && [ "$(basename "$(cat path)")" = "reply-$c.txt" ]
'
check 'who writes is seen: in show, in the list, by others alone, and until they are done' '
	d=$(hears 491700000004 "Anybody there?") && echo $d >d && conv list --watch --json >lines 2>err & pids="$pids $!"
	wait_for grep -q "Anybody there" lines && d=$(cat d) && bert_writes $d 60000 && conv tag $d x && conv show $d | grep -q "^  writing  *bert$" &&
	conv list | grep -qF "[bert writing] Anybody there?" && conv list --json --contact $d | jq -se "length == 1 and .[0].writing == [\"bert\"]" &&
	wait_for eval "tail -n 1 lines | jq -e \".writing == [\\\"bert\\\"]\"" &&
	on_terminal "conv reply $d --force" && wait_for test -e open && ! conv list | grep -qF "[me writing" && conv show $d --json | jq -se "[.[] | select(.type == \"presence.typing\").data.actor] == [\"user:me\"]" &&
	leave 0 && [ "$(cat out)" = 0 ]
'
check 'one who is killed is seen no longer than the setting says, and what they wrote is there' '
	e=$(hears 491700000005 "Hm?") && text="half a" on_terminal "exec conv reply $e" && wait_for test -e open && wait_for eval "[ \"\$(kept $e)\" = \"half a\" ]" &&
	sql "UPDATE writer SET person = \"bert\" WHERE conversation = \"$e\"" && conv list --json --contact $e | jq -se ".[0].writing == [\"bert\"]" && conv tag $e x &&
	wait_for eval "tail -n 1 lines | jq -e \".conversation == \\\"$e\\\" and .writing == [\\\"bert\\\"]\"" &&
	kill -9 $(pgrep -f "^conv reply $e") && began=$(date +%s%3N) && wait_for eval "conv list --json --contact $e | jq -se \".[0].writing == []\"" &&
	took=$(($(date +%s%3N) - began)) && echo "$took ms" && [ $took -lt 2500 ] && wait_for eval "tail -n 1 lines | jq -e \".conversation == \\\"$e\\\" and .writing == []\"" &&
	: >leave && rm -rf tmp/* && text=" lemon" on_terminal "conv reply $e" && wait_for test -e open && grep -qx "half a" begun && leave 0 &&
	[ "$(queued $e | xargs)" = "half a lemon" ]
'
check 'it goes on being seen for as long as the editor is open' '
	e=$(hears 491700000006 "Long?") && on_terminal "conv reply $e" && wait_for test -e open && sleep 2.5 &&
	[ "$(sql "SELECT count(*) FROM writer WHERE conversation = \"$e\" AND until_ms > $(date +%s%3N)")" -eq 1 ] && leave 0 &&
	[ "$(sql "SELECT count(*) FROM writer WHERE conversation = \"$e\" AND until_ms > $(date +%s%3N)")" -eq 0 ]
'
f=$(hears 491700000007 "Which one?")
check 'somebody else is writing: said, 1, nothing queued, kept; --force goes on' '
	bert_writes $f 60000 && status 1 conv reply $f "the red one" 2>err && grep -q "bert has been writing a reply for 2 min; --force goes on" err && [ -z "$(queued $f)" ] &&
	[ "$(kept $f)" = "the red one" ] && conv reply $f --reaction "👍" && [ "$(sql "SELECT count(*) FROM message WHERE conversation = \"$f\" AND kind = \"text\" AND direction = \"out\"")" -eq 0 ] &&
	on_terminal "conv reply $f" && wait_for test -s out && [ "$(cat out)" = 1 ] && [ ! -e open ] && grep -q "bert has been writing" said && [ "$(kept $f)" = "the red one" ] &&
	printf "%s\n" $a $f | status 1 conv reply - "to all" 2>err && [ "$(queued $a | tail -n 1)" = "to all" ] && grep -q "^conv: $f: bert has" err && [ "$(kept $f)" = "the red one" ] &&
	conv reply $f --draft send --force && queued $f | grep -qx "the red one" && [ -z "$(kept $f)" ]
'
check 'who takes or puts away what somebody writes in is told' '
	x=$(hears 4917250003 "hello you two") && bert_writes "$x" 60000 && conv take "$x" 2>err && grep -q "^conv: $x: bert has been writing a reply for " err &&
	conv resolve --no-survey "$x" 2>err && grep -q "$x: bert has been writing" err && sql "DELETE FROM writer" && conv archive "$x" 2>err && ! grep -q writing err
'
check 'the customer, or a colleague, was faster: said, kept, and --force goes on' '
	g=$(hears 491700000008 "And now?") && on_terminal "conv reply $g" && wait_for test -e open && hears 491700000008 "Never mind" >/dev/null && leave 0 &&
	[ "$(cat out)" = 1 ] && grep -q "the customer wrote since you began to write; --force goes on" said && [ -z "$(queued $g)" ] && [ "$(kept $g)" = "Ten euros." ] &&
	on_terminal "conv reply $g" && wait_for test -e open && sql "INSERT INTO message (id, conversation, contact, instance, direction, kind, wa_ms, stored_ms, author, status, text)
	    SELECT \"01ARZ3NDEKTSV4RRFFQ69G5FAV\", id, contact, instance, \"out\", \"text\", 1, 1, \"user:bert\", \"queued\", \"x\" FROM conversation WHERE id = \"$g\";
	    INSERT INTO event (id, type, time_ms, subject, depth, data, source) VALUES (\"01ARZ3NDEKTSV4RRFFQ69G5FAV\", \"message.queued\", 1, \"conversation/$g\", 0, \"{}\", \"/desk\")" &&
	leave 0 && [ "$(cat out)" = 1 ] && grep -q "bert answered since you began" said && conv reply $g --draft send && [ -z "$(kept $g)" ]
'
check 'so it is where the customer changed or deleted a message meanwhile' '
	n=20 && for did in "edit:to street 21:changed" "revoke:true:deleted"; do
		n=$((n + 1)) && g=$(hears "4917000020$n" "to street 12") && on_terminal "conv reply $g" && wait_for test -e open &&
		jq -nc --arg f "4917000020$n" --arg k "${did%%:*}" --arg v "$(echo "$did" | cut -d : -f 2)" "{from: \$f, text: \"to street 12\"}, {from: \$f, (\$k): (if \$k == \"revoke\" then true else \$v end)}" | wa-sim --bodies | sed -n 2p |
		    jq -c --arg w "$(sql "SELECT wamid FROM message WHERE conversation = \"$g\" AND direction = \"in\"")" ".entry[0].changes[0].value.messages[0] |= ((.edit, .revoke | select(. != null)).original_message_id = \$w)" | wa-recv --stdin >/dev/null &&
		leave 0 && [ "$(cat out)" = 1 ] && grep -q "the customer ${did##*:} a message since you began to write; --force goes on" said && [ -z "$(queued "$g")" ] || exit 1
	done
'
check 'who gives the text at once is told what came since they looked' '
	h=$(hears 491700000009 "One") && conv show $h >/dev/null && script -qec "conv reply $h now" /dev/null >said && [ ! -s said ] && hears 491700000009 "Two" >/dev/null &&
	script -qec "conv reply $h again" /dev/null >said && grep -q "^conv: $h: the customer wrote since you looked; what you wrote goes out all the same" said && hears 491700000009 "Three" >/dev/null &&
	conv reply $h "of a program" 2>err && [ ! -s err ] && [ "$(queued $h | wc -l)" -eq 3 ]
'
check 'whoever takes or answers what a colleague has is told so, before and after' '
	o=$(hears 491700000014 "Still there?") && conv assign $o bert && on_terminal "conv reply $o" && wait_for test -e open && leave 0 && [ "$(cat out)" = 0 ] &&
	grep -q "it is with bert, and yours once you answer" said && ! grep -q "was with" said && conv assign $o bert && conv take $o 2>err && echo "conv: $o: it was with bert, and is yours now" >want && same want err &&
	conv take $o 2>err && [ ! -s err ] && conv assign $o bert && conv show $o >/dev/null && script -qec "conv reply $o now" /dev/null >said && grep -q "^conv: $o: it was with bert, and is yours now" said &&
	conv release $o && conv take $o 2>err && [ ! -s err ] && conv assign $o bert && conv reply $o "of a program" 2>err && [ ! -s err ]
'
check 'an editor that fails, a text emptied, a shut window: nothing is queued' '
	i=$(hears 491700000010 "Eh?") && on_terminal "conv reply $i" && wait_for test -e open && leave 3 && [ "$(cat out)" = 1 ] && grep -q "the editor failed" said &&
	grep -q "is kept as your draft" said && [ "$(kept $i)" = "Ten euros." ] && [ -z "$(queued $i)" ] &&
	printf "#!/bin/sh\n: >\"\$1\"\n" >empty && chmod +x empty && EDITOR=$work/empty on_terminal "conv reply $i" && wait_for test -s out && [ "$(cat out)" = 65 ] && [ -z "$(kept $i)" ] &&
	sql "UPDATE conversation SET last_in_ms = last_in_ms - 90000000 WHERE id = \"$i\"" && on_terminal "conv reply $i" && wait_for test -s out && [ "$(cat out)" = 1 ] && [ ! -e open ] && [ -z "$(ls tmp)" ]
'
check 'a text that cannot be taken is left where it is, and what is said of a draft is so' '
	j=$(hears 491700000401 "Much?") && conv reply $j "the old one" --draft keep && printf "#!/bin/sh\nhead -c 100000 /dev/zero | tr \"\\\\0\" y >\"\$1\"\n\$then\n" >large && chmod +x large &&
	for then in true "sleep 2.5" false; do
		export then && EDITOR=$work/large on_terminal "conv reply $j" && wait_for test -s out && [ "$(cat out)" = 65 ] && grep -q "frontdesk-......./*reply-$j.txt: larger than 65536 bytes; it is left there" said &&
		grep -q "what was written last is not kept" said && [ "$(cat tmp/*/reply-*.txt | wc -c)" -eq 100000 ] && [ "$(kept $j)" = "the old one" ] && rm -rf tmp/* || exit 1
	done
	printf "#!/bin/sh\nprintf \"a\\\\0b\" >\"\$1\"\n" >zero && chmod +x zero && EDITOR=$work/zero on_terminal "conv reply $j" && wait_for test -s out && [ "$(cat out)" = 65 ] &&
	grep -q "character of zero; it is left there" said && [ "$(cat tmp/*/reply-*.txt | wc -c)" -eq 3 ] && rm -rf tmp/* &&
	EDITOR=$work/empty on_terminal "conv reply $j" && wait_for test -s out && [ "$(cat out)" = 65 ] && [ -z "$(kept $j)" ] && grep -q "no draft of it is kept" said &&
	EDITOR=true on_terminal "conv reply $j" && wait_for test -s out && [ "$(cat out)" = 65 ] && grep -q "no draft of it is kept" said && ! grep -q "is kept as" said && [ -z "$(ls tmp)" ]
'
check 'the store takes no more while somebody writes: the text stays in a file that is named' '
	y=$(hears 4917250002 "hello full") && printf "#!/bin/sh\necho \"a long answer\" >\"\$1\"\nprlimit --fsize=4096 --pid \"\$(cat pidof)\"\n" >filling && chmod +x filling &&
	printf "#!/bin/sh\necho \$\$ >pidof\nexec conv reply %s\n" "$y" >begin && chmod +x begin && EDITOR=$work/filling on_terminal ./begin && wait_for test -s out && [ "$(cat out)" -ne 0 ] && [ -z "$(queued "$y")" ] &&
	grep -q "what was written stays in $TMPDIR/frontdesk-.*/reply-$y.txt" said && [ "$(cat tmp/frontdesk-*/reply-"$y".txt)" = "a long answer" ] && rm -r tmp/frontdesk-*
'
check 'told to end, by a window that is shut, too: the draft is kept, the file gone, and nobody writes there' '
	j=$(hears 491700000402 "Well?") && conv reply $j --draft drop 2>err; for sig in HUP TERM; do
		text="by $sig" on_terminal "exec conv reply $j" && wait_for test -e open && kill -$sig $(pgrep -f "^conv reply $j") && wait_for test -s out && [ "$(cat out)" != 0 ] && [ -z "$(ls tmp)" ] &&
		kept $j | grep -qx "by $sig" && [ "$(sql "SELECT count(*) FROM writer WHERE conversation = \"$j\" AND until_ms > $(date +%s%3N)")" -eq 0 ] && [ -z "$(queued $j)" ] || exit 1
	done
'
check 'buttons and a quote are no part of a draft' '
	for o in --button=Yes --reply-to=last --list=x; do status 64 conv reply $a text --draft keep $o 2>err && grep -q "for --draft send" err || exit 1; done
'
check 'without an editor each line is kept as it is typed' '
	k=$(hears 491700000011 "So?") && rm -f fifo out && mkfifo fifo || exit 1
	{ EDITOR= script -qec "conv reply $k" /dev/null <fifo >said 2>&1; echo "$?" >out; } & pids="$pids $!"
	exec 8>fifo && wait_for grep -q "then Ctrl-D" said && printf "first\n" >&8 && wait_for eval "[ \"\$(kept $k)\" = first ]" &&
	printf "second\n\004" >&8 && wait_for test -s out && [ "$(cat out)" = 0 ] && [ "$(sql "SELECT text FROM message WHERE direction = \"out\" ORDER BY id DESC LIMIT 1" | xargs)" = "first second" ]
	r=$?; exec 8>&-; [ $r -eq 0 ]
'
check 'drafts are erased with a message, with the customer, with who leaves; after a merge there is one' '
	l=$(hears 491700000012 one) && m=$(hears 491700000013 two) && conv reply $l mine --draft keep && conv reply $m "mine, too" --draft keep &&
	sql "UPDATE message SET erased = 1, text = NULL WHERE conversation = \"$l\"" && [ -z "$(kept $l)" ] && [ -n "$(kept $m)" ] &&
	sql "UPDATE contact SET erased = 1 WHERE id = (SELECT contact FROM conversation WHERE id = \"$m\")" && [ -z "$(kept $m)" ] &&
	sql "INSERT INTO draft VALUES (\"bert\", \"$l\", \"x\", 1)" && desk-user rm bert && [ -z "$(kept $l)" ] &&
	n=$(hears 491700000014 three) && o=$(hears 491700000015 four) && conv reply $n older --draft keep && conv reply $o newer --draft keep && conv merge $n $o && conv reply $n --draft show | sort | xargs >got && [ "$(cat got)" = "newer older" ] &&
	[ "$(sql "SELECT count(*) FROM draft WHERE text LIKE \"%older%\"")" -eq 1 ]
'
check 'merged while a reply is written: who writes is seen where it goes on, and what was said in either is news' '
	for i in 1 2; do
		p=$(hears "49170000010$i" "which one?") && q=$(hears "49170000020$i" "this one?") && one=$p && [ $i = 1 ] || one=$q
		text="by hand" on_terminal "conv reply $one" && wait_for test -e open && wait_for eval "[ \"\$(kept $one)\" = \"by hand\" ]" && hears "49170000020$i" "really" >/dev/null &&
		conv merge $p $q && on=$(conv list --ids --contact $q) && sql "UPDATE writer SET person = \"bert\" WHERE conversation = \"$on\"" && conv show $on | grep -q "^  writing  *bert$" &&
		status 1 conv reply $on "at once" 2>err && grep -q "bert has been writing" err && conv reply $on --draft drop && sleep 1.6 &&
		status 1 conv reply $on "later" 2>err && grep -q "bert has been writing" err && [ -z "$(queued $on)" ] && conv reply $on --draft drop &&
		leave 0 && [ "$(cat out)" = 1 ] && grep -q "the customer wrote since you began to write" said && [ -z "$(queued $on)" ] && [ "$(kept $on)" = "by hand" ] &&
		[ "$(sql "SELECT count(*) FROM writer WHERE conversation = \"$on\" AND until_ms <= $(date +%s%3N)")" -ge 1 ] || exit 1
	done
'
check 'merged: what somebody has seen of both is seen, and what is new in one is new' '
	p=$(hears 491700000301 a) && q=$(hears 491700000302 b) && unread () { conv list --json --contact $p | jq -se ".[0].unread == $1"; } && script -qec "conv show $p" /dev/null >/dev/null &&
	script -qec "conv show $q" /dev/null >/dev/null && conv merge $p $q && unread false && r=$(hears 491700000303 c) && conv merge $p $r && unread true &&
	script -qec "conv show $p" /dev/null >/dev/null && unread false && hears 491700000301 d >/dev/null && unread true && [ "$(sql "SELECT count(*) FROM seen JOIN conversation ON id = conversation WHERE merged_into IS NOT NULL")" -eq 0 ]
'
# A system store: the real user is the person, and conv is set-group-ID.
# LeakSanitizer cannot look into a program with other rights.
if [ "$(id -u)" -eq 0 ] && ! ldd "$(command -v conv)" | grep -q libasan; then
	mkdir bin && cp "$(command -v conv)" bin/ && chgrp bin bin/conv && chmod 2755 bin/conv && chmod 755 "$work" && mkdir store store/run && chmod 1777 tmp
	sqlite3 "$db" ".backup store/desk.db" && sqlite3 store/desk.db "UPDATE meta SET value = 'system' WHERE key = 'kind'; DELETE FROM draft; DELETE FROM writer; DELETE FROM seen;
	    UPDATE person SET active = 0, account = NULL; INSERT INTO person (name, role, account, active, created_ms) VALUES ('dan', 'agent', 'daemon', 1, 1), ('nora', 'agent', 'nobody', 1, 1)"
	touch store/desk.db-lock-a store/desk.db-lock-b
	chown -R root:bin store && chmod -R g+rwX,o= store && chmod g+s store store/run
	# ACCOUNT COMMAND...: without the group of the store
	as () {
		account=$1; shift
		setpriv --reuid="$account" --regid="$(id -g "$account")" --clear-groups env FRONTDESK_STORE="$work/store" "$@"
	}
	check 'two people: the second is told of the first; the editor has nothing of the rights of the store' '
		p=$a && rm -f out && sqlite3 store/desk.db "UPDATE conversation SET last_in_ms = $(date +%s%3N) WHERE id = \"$p\"" && mkdir -m 1777 spool &&
		{ EDITOR="id -g >$work/spool/gid; cat $work/store/desk.db >/dev/null 2>$work/spool/denied; touch $work/spool/open; while [ ! -e $work/spool/leave ]; do sleep 0.05; done; echo by dan >" \
			as daemon script -qec "$work/bin/conv reply $p" /dev/null </dev/null >said 2>&1; echo $? >out; } & pids="$pids $!"
		p=$a && wait_for test -e spool/open &&
		as nobody $work/bin/conv show $p | grep -q "^  writing  *dan$" && status 1 as nobody $work/bin/conv reply $p "by nora" 2>err && grep -q "dan has been writing a reply" err &&
		as nobody $work/bin/conv reply $p --draft show | grep -qx "by nora" && status 1 as daemon $work/bin/conv reply $p --draft show &&
		: >spool/leave && wait_for test -s out && [ "$(cat out)" = 0 ] && [ "$(cat spool/gid)" = "$(id -g daemon)" ] && grep -qi "denied" spool/denied &&
		as nobody $work/bin/conv reply $p --draft send 2>err && sqlite3 store/desk.db "SELECT author FROM message WHERE conversation = \"$p\" AND text GLOB \"by *\" ORDER BY id" | xargs >got && [ "$(cat got)" = "user:dan user:nora" ]
	'
else
	skip 'two people on a system store' 'it takes root, and no sanitizer'
fi
done_testing
