#!/bin/sh
# desk-run(1): what rules ask for is run once, in a box, and how it ended is told
# shellcheck disable=SC2016,SC2119,SC2120,SC2154
. "${0%/*}/lib.sh"
chmod 755 "$work"	# in a box root is nobody, who must reach the commands
frontdesk init --user >/dev/null 2>&1
store=$HOME/.local/share/frontdesk
sql () { sqlite3 -cmd ".timeout 5000" "$store/desk.db" "$1"; }
mkdir commands.d out && chmod 777 out
cat >commands.d/push <<'END'
#!/bin/sh
# push FILE: what it was given, and its id
{ cat; echo "$FRONTDESK_ACTION"; env | sort; echo "args $*"; } >>"$1" || exit 3
echo "some output"; echo "secret words" >&2
END
chmod 755 commands.d/push
settings () {	# [LINE ...]: a command crm, and what else of it
	printf '%s\n' '[command crm]' "command = push $work/out/got \"two words\" \$HOME" \
	    'private = on' 'retry = 10ms' "$@" >frontdesk.conf
}
command () {	# COMMAND [LINE ...]: the command crm is this one
	printf '%s\n' '[command crm]' "command = $1" 'retry = 10ms' >frontdesk.conf
	shift
	printf '%s\n' "$@" >>frontdesk.conf
}
settings
echo 'crm: match any run crm' >rules
echo 0 >n
asks () {	# TEXT: a customer writes, and the rule asks for the command
	n=$(($(cat n) + 1)); echo $n >n	# in a subshell of its own
	printf '{"type":"message.received","data":{"phone":"4917000%05d","text":"%s"}}\n' \
	    $n "$1" | route -q -f rules >routed
	jq -c 'select(.type == "action.requested")' routed >requested
	asked=$(jq -r .id requested)
}
runs () { desk-run --follow --once --from start "$@" 2>err; }
told () { desk-events --type "$1" | tail -n 1 | jq -c .data | grep .; }
number () { desk-events --type "$1" | wc -l; }
failed () {	# REASON JQ: the last one failed so
	told command.failed | jq -e --arg r "$1" ".reason == \$r and .request == \"$asked\" and ($2)" &&
	! grep -E "secret words|some output|49170" err
}

check 'it is run: the event on its input, its arguments as words, its id' '
	asks "a zebra" && runs && head -n 1 out/got | jq -e ".type == \"message.received\" and .data.text == \"a zebra\" and .action == \"crm\" and .rule == \"crm\" and .actionid == \"$asked\"" &&
	sed -n 2p out/got | grep -qx "$asked" && sed 1,2d out/got >rest &&
	printf "FRONTDESK_ACTION=%s\nLANG=C.UTF-8\nPATH=/usr/local/bin:/usr/bin:/bin\nPWD=%s\nargs %s/out/got two words \$HOME\n" "$asked" "$(pwd)" "$work" | grep -v ^PWD >want && grep -v "^PWD\|^OLDPWD\|^SHLVL\|^_=" rest | same want - &&
	told command.ran | jq -e --arg id "$asked" ".command == \"crm\" and .request == \$id and .status == 0 and .attempt == 1 and .rule == \"crm\" and .took_ms >= 0" &&
	same /dev/null err
'
check 'again, by another cursor: no run, no event' '
	runs --cursor other && [ "$(grep -c "^args" out/got)" -eq 1 ] && [ "$(number command.ran)" -eq 1 ]
'
check 'stdin form: copies, the same lines again; a dry run and a scratch store run nothing' '
	asks "on stdin" && frontdesk scratch desk-run -q <requested | jq -e ".data.reason == \"not run in a dry run\"" &&
	desk-run -q --dry-run <requested | jq -e ".type == \"command.failed\"" && [ "$(grep -c "^args" out/got)" -eq 1 ] &&
	desk-run <requested >one && head -n 1 one | same requested - && sed 1d one | jq -e ".type == \"command.ran\" and .causeid == \"$asked\"" &&
	desk-run <requested >two && same one two && [ "$(grep -c "^args" out/got)" -eq 2 ] && runs && [ "$(grep -c "^args" out/got)" -eq 2 ]
'
check 'a failure is final: nobody knows how far it came' '
	command "/bin/sh -c \"echo x >>$work/out/tries; exit 3\"" "private = on" && asks x && runs && failed "it ended with a failure" ".status == 3 and .attempt == 1" &&
	[ "$(wc -l <out/tries)" -eq 1 ]
'
check '75 is run again, so often' '
	rm out/tries && command "/bin/sh -c \"echo x >>$work/out/tries; [ \$(wc -l <$work/out/tries) -ge 3 ] || exit 75\"" "private = on" "tries = 5" && asks x && runs &&
	told command.ran | jq -e ".attempt == 3" && [ "$(wc -l <out/tries)" -eq 3 ] &&
	command "/bin/sh -c \"exit 75\"" "tries = 2" && asks x && runs && failed "it wants to be run later" ".attempt == 2 and .status == 75"
'
check 'a signal, too long, too much' '
	command "/bin/sh -c \"kill -SEGV \$\$\"" "private = on" && asks x && runs && failed "it was ended by a signal" ".status == 139" &&
	command "/bin/sleep 20" "timeout = 200ms" && asks x && t=$(date +%s) && runs && failed "it took too long" "has(\"status\") | not" && [ $(($(date +%s) - t)) -lt 10 ] &&
	command "/bin/sleep 20" "timeout = 200ms" "private = on" && asks x && runs && failed "it took too long" "true" &&
	command "/usr/bin/yes" "max_bytes = 1000" && asks x && runs && failed "it wrote more than max_bytes" "true" &&
	command "/usr/bin/yes" "max_bytes = 1000" "private = on" && asks x && runs && failed "it wrote more than max_bytes" "true"
'
check 'what a command began ends with it' '
	command "/bin/sh -c \"sleep 4321 & sleep 4321 & exit 0\"" "private = on" && asks x && runs && told command.ran && ! pgrep -f "sleep 4321" &&
	command "/bin/sh -c \"sleep 4321 & sleep 4321\"" "timeout = 300ms" "private = on" && asks x && runs && failed "it took too long" "true" && ! pgrep -f "sleep 4321"
'
check 'a script whose last command is not there was run, and is not run again' '
	for boxed in "private = on" "tries = 4"; do
		rm -f out/tries && command "/bin/sh -c \"echo x >>$work/out/tries; notthere-mail boss\"" "$boxed" && asks x && runs && failed "it ended with a failure" ".status == 127 and .attempt == 1" || return 1
		[ "$boxed" = "tries = 4" ] || [ "$(wc -l <out/tries)" -eq 1 ] || return 1
	done && command "/bin/sh -c \"exit 126\"" "private = on" && asks x && runs && failed "it ended with a failure" ".status == 126 and .attempt == 1"
'
check 'what cannot be run is tried again' '
	printf "#!/no/such/shell\n" >commands.d/odd && chmod 755 commands.d/odd && command odd "private = on" "tries = 2" && asks x && runs && failed "it could not be run" ".attempt == 2 and (has(\"status\") | not)"
'
check 'a shell it is not' '
	command "/bin/echo x > $work/out/shell ; touch $work/out/shell" "private = on" && asks x && runs && told command.ran && ! [ -e out/shell ]
'
check 'in the box: no store, no file but its own, nothing outside, no network' '
	echo of-others >out/secret && chmod 644 out/secret &&
	command "/bin/sh -c \"cat $work/out/secret\"" && asks x && runs && failed "it ended with a failure" "true" &&
	command "/bin/sh -c \"cat out/secret\"" && sed -i "s|cat out/secret|grep -q of-others $work/out/secret|; s|^retry|files = $work/out/secret\nretry|" frontdesk.conf && asks x && runs && told command.ran | jq -e ".request == \"$asked\"" &&
	command "/bin/sh -c \"echo x >$work/out/new\"" && asks x && runs && failed "it ended with a failure" "true" && ! [ -e out/new ] &&
	command "/usr/bin/perl -MIO::Socket::INET -e \"IO::Socket::INET->new(Listen => 1) or exit 9\"" && asks x && runs && failed "it ended with a failure" ".status == 9"
'
cat >commands.d/tools <<'END'
#!/bin/sh
# tools WAY...: what common tools do with files of their own
cd "$PWD" || exit 9
for way; do
	case $way in
	touch) touch a && touch a && touch -d 2020-01-01 b && [ "$(stat -c %Y b)" = 1577836800 ] ;;
	copy) umask 022 && echo x >c && touch -d 2020-01-01 c && cp -p c d && [ "$(stat -c %Y d)" = 1577836800 ] && [ "$(stat -c %a d)" = "$(stat -c %a c)" ] ;;
	mode) perl -e 'open my $f, ">", "m" or exit 1; chmod 0640, $f or exit 2; exit((stat $f)[2] % 4096 == 0640 ? 0 : 3)' ;;
	tar) mkdir in out && echo x >in/x && tar cf t.tar in && tar xmf t.tar -C out && cmp in/x out/in/x && rm out/in/x && cd out && tar xmf ../t.tar && cd .. ;;
	temporary) t=$(mktemp) && echo x >"$t" && d=$(mktemp -d) && [ "${t%/*}" = "$PWD" ] && [ "${d%/*}" = "$TMPDIR" ] ;;
	setuid) perl -e 'open my $f, ">", "s" or exit 1; for my $m (04700, 02700, 01700) { exit 2 if chmod $m, $f } exit((stat $f)[2] & 07000 ? 3 : 0)' ;;
	path) ! perl -e 'exit !(chmod 0700, "/tmp" or chmod 0777, shift)' "$0" ;;
	past) ! perl -e 'exit !(utime 1, 1, shift)' "$0" ;;
	*) exit 8 ;;
	esac || { echo "$way" >&2; exit 3; }
done
END
chmod 755 commands.d/tools
check 'in the box: touch, cp -p, tar xm, mktemp and rights of files that are open; no set-user-ID, nothing by name outside' '
	for way in touch copy mode tar temporary setuid path past; do
		command "tools $way" && asks x && runs && told command.ran | jq -e ".request == \"$asked\"" >/dev/null || { echo "$way"; cat err; return 1; }
	done && [ "$(stat -c %a commands.d/tools)" = 755 ]
'
check 'a failure: its status is said, what the command wrote is not' '
	command "/bin/sh -c \"echo secret words >&2; exit 7\"" && asks x && runs && failed "it ended with a failure" ".status == 7" &&
	grep -qx "desk-run: command crm: action $asked: it ended with a failure (status 7)" err &&
	command "/bin/sh -c \"kill -SEGV \$\$\"" "private = on" && asks x && runs && grep -q "it was ended by a signal (status 139)$" err
'
check 'outside of it: not the store' '
	command "/bin/sh -c \"cat $store/desk.db >$work/out/stolen\"" "private = on" && asks x && runs && failed "it ended with a failure" "true" && ! [ -s out/stolen ]
'
check 'on the way to the store: no new file, but those and the folders that are there' '
	case $store in "$HOME"/*) ;; *) return 1 ;; esac && echo old >"$HOME/old" && mkdir -p "$HOME/there" && chmod 777 "$HOME/there" && chmod 666 "$HOME/old" &&
	command "/bin/sh -c \"echo x >$HOME/fresh\"" "private = on" && asks x && runs && failed "it ended with a failure" "true" && ! [ -e "$HOME/fresh" ] &&
	command "/bin/sh -c \"echo x >>$HOME/old && echo x >$HOME/there/fresh\"" "private = on" && asks x && runs && told command.ran | jq -e ".request == \"$asked\"" && [ -s "$HOME/there/fresh" ]
'
check 'what failed is listed, and run again when a person says so' '
	settings && asked=$(told command.failed | jq -r .request) && desk-run --list-failed --plain | head -n 1 | grep -q "^$asked	.*	crm	crm	.*it ended with a failure" &&
	desk-run --retry "$asked" && status 1 desk-run --retry "$asked" && runs && told command.ran | jq -e ".request == \"$asked\"" &&
	tail -n 20 out/got | grep -qx "$asked" && ! desk-run --list-failed --plain | grep "^$asked"
'
check 'settings that are not right: named by --check, and the action fails' '
	desk-run --check 2>err && same /dev/null err &&
	printf "[command a]\ntimeout = 1s\n[command b]\ncommand = ../x\n[command c]\ncommand = none\n[command d]\ncommand = /bin/true \"x\n[command e]\ncommand = /bin/true\nfiles = /no/such/file\n" >frontdesk.conf &&
	status 78 desk-run --check 2>err && grep -q "\[command a\]: command: wants words" err && grep -q "\[command b\]: command: wants a path that begins with /, or a name of commands.d" err &&
	grep -q "\[command c\]: command: .*/commands.d/none: No such file" err && grep -q "\[command d\]: command: wants words" err && grep -q "\[command e\]: files: /no/such/file" err &&
	printf "#!/no/such/shell -e\n" >commands.d/odd && echo "echo hello" >commands.d/bare && chmod 755 commands.d/odd commands.d/bare &&
	printf "[command odd]\ncommand = odd\n[command bare]\ncommand = bare\n[command elf]\ncommand = /bin/true\n" >frontdesk.conf && status 78 desk-run --check 2>err &&
	grep -q "\[command odd\]: command: .*/commands.d/odd: #!/no/such/shell: No such file" err && grep -q "\[command bare\]: command: .*bare: is no program, and does not begin with #!" err && ! grep -q elf err &&
	settings && asks x && command none && runs && failed "its settings are not right: desk-run --check" "has(\"attempt\") | not" &&
	settings && asks x && sed -i "s/command crm/command other/" frontdesk.conf && runs && failed "no command has this name" "true"; r=$?; settings; [ $r -eq 0 ]
'
check 'what is too old is not run' '
	asks old && sleep 0.1 && runs --max-age 10ms && failed "too old" "true" && ! tail -n 20 out/got | grep -x "$asked"
'
check 'other actions are none of ours' '
	echo "other: match any notify leads" >rules && before=$(grep -c "^args" out/got) && asks "not us" && runs && [ "$(grep -c "^args" out/got)" -eq "$before" ]; r=$?; echo "crm: match any run crm" >rules; [ $r -eq 0 ]
'
for point in before-commit after-commit begin.before-commit begin.after-commit \
    ended worked finish.before-commit finish.after-commit; do
	check "killed at $point: one outcome, and one id however often it was run" '
		before=$(number command.ran) && asks "killed" &&
		{ FRONTDESK_FAULT=desk-run.$point:1 runs; [ $? -eq 137 ]; } && runs &&
		[ "$(number command.ran)" -eq $((before + 1)) ] && [ "$(told command.ran | jq -r .request)" = "$asked" ] &&
		n=$(grep -cx "$asked" out/got) && [ "$n" -ge 1 ] && [ "$n" -le 2 ] &&
		[ "$(sql "SELECT count(*) FROM job WHERE stage = '\''desk-run'\''")" -eq 0 ]
	'
done
check 'killed while it runs: the command is ended, and run again' '
	rm -f out/tries && command "/bin/sh -c \"echo x >>$work/out/tries; [ -e $work/out/go ] || exec sleep 4322\"" "private = on" && asks x &&
	{ desk-run --follow --once --from start & } && pid=$! && wait_for test -s out/tries && kill -9 $pid && wait_for eval "! pgrep -f \"sleep 4322\"" && : >out/go && runs &&
	told command.ran | jq -e ".request == \"$asked\"" && [ "$(wc -l <out/tries)" -eq 2 ]; r=$?; settings; [ $r -eq 0 ]
'
check 'many run side by side' '
	command "/bin/sleep 0.4" && before=$(number command.ran) && for i in 1 2 3 4 5 6 7 8; do asks "side by side"; done && t=$(date +%s%N) && runs &&
	t=$((($(date +%s%N) - t) / 1000000)) && echo "# eight at 400 ms each: $t ms" && [ "$(number command.ran)" -eq $((before + 8)) ] && [ $t -lt 2500 ]
'
check 'no folder of a box stays behind' '
	! ls -d /tmp/frontdesk-box-* 2>/dev/null || [ -n "$(pgrep -x ai-tool)$(pgrep -x desk-run)" ]
'
done_testing
