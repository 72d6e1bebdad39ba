#!/bin/sh
# desk-notify(1): people are told, by mail or by a command, once
# shellcheck disable=SC2016,SC2119,SC2120,SC2154
. "${0%/*}/lib.sh"
frontdesk init --user >/dev/null 2>&1
store=$HOME/.local/share/frontdesk
sql () { sqlite3 -cmd ".timeout 5000" "$store/desk.db" "$1"; }
# What stands in for sendmail keeps each letter, and its arguments.
mkdir box out commands.d
cat >mailer <<END
#!/bin/sh
status=\$(cat "$work/status" 2>/dev/null) && { rm -f "$work/status"; exit "\$status"; }
n=\$(ls "$work/box" | wc -l)
{ echo "args \$*"; cat; } >"$work/box/\$(printf %03d "\$n").\$\$" # two at once
END
cat >commands.d/push <<END
#!/bin/sh
{ cat; echo "\$FRONTDESK_ACTION \$*"; } >>"$work/out/pushed"
END
chmod 755 mailer commands.d/push
settings () {	# [LINE ...]: [notify], and what else
	printf '%s\n' '[desk]' 'name = Möbel & Söhne' '[channel leads]' \
	    'mail = ana@example.com, bo@example.com' '[channel loud]' 'mail = ana@example.com' 'text = on' \
	    '[channel push]' 'exec = push "two words"' '[channel pushtext]' 'exec = push' 'text = on' \
	    '[notify]' "sendmail = $work/mailer" 'from = desk@example.com' 'retry = 10ms' "$@" >frontdesk.conf
}
settings
echo 'vip: match any notify leads' >rules
echo 0 >n
asks () {	# TEXT [PHONE]: a customer writes, and the rule has people told
	n=$(($(cat n) + 1)); echo $n >n	# in a subshell of its own
	printf '{"type":"message.received","data":{"phone":"4917%07d","name":"Zoë","text":"%s","n":%d}}\n' \
	    "${2:-$n}" "$1" $n | route -q -f rules >routed
	jq -c 'select(.type == "action.requested")' routed >requested
	asked=$(jq -r .id requested)
}
tells () { desk-notify --follow --once --from start "$@" 2>err; }
told () { desk-events --type "$1" | tail -n 1 | jq -c .data | grep .; }
number () { desk-events --type "$1" | wc -l; }
letters () { find box -type f | wc -l; }
letter () { find box -type f | sort | tail -n 1 | xargs cat; }
failed () { told notification.failed | jq -e --arg r "$1" ".reason == \$r and .request == \"$asked\""; }

check 'a channel of mail: a letter to all of it, by sendmail as it is' '
	asks "a zebra please" && tells && same /dev/null err && [ "$(letters)" -eq 1 ] && letter >got && head -n 1 got | grep -qx "args -t -i -f desk@example.com" &&
	c=$(told notification.sent | jq -r .conversation) && grep -qx "To: ana@example.com, bo@example.com" got && grep -qx "Subject: conversation $c: vip" got &&
	grep -q "^From: =?[Uu][Tt][Ff]-8?.*<desk@example.com>" got && grep -qx "Message-Id: <$asked@example.com>" got && grep -qx "References: <$c@example.com>" got &&
	grep -q "^Date: " got && grep -qx "MIME-Version: 1.0" got && grep -qx "Auto-Submitted: auto-generated" got && grep -q "^Content-Type: text/plain; charset=utf-8" got &&
	grep -qx "    frontdesk conv show $c" got && grep -q "^Rule:  *vip" got && ! grep -E "zebra|Zo|4917" got &&
	told notification.sent | jq -e --arg id "$asked" ".to == \"leads\" and .by == \"mail\" and .request == \$id and .rule == \"vip\" and .attempt == 1 and (has(\"requests\") | not)"
'
check 'again, by another cursor: no letter, no event' '
	tells --cursor other && [ "$(letters)" -eq 1 ] && [ "$(number notification.sent)" -eq 1 ]
'
check 'stdin form: copies, the same lines again; a dry run and a scratch store tell nobody' '
	asks "on stdin" && frontdesk scratch desk-notify -q <requested | jq -e ".data.reason == \"nobody is told in a dry run\"" &&
	desk-notify -q --dry-run <requested | jq -e ".type == \"notification.failed\"" && [ "$(letters)" -eq 1 ] &&
	desk-notify <requested >one && head -n 1 one | same requested - && sed 1d one | jq -e ".type == \"notification.sent\" and .causeid == \"$asked\"" &&
	desk-notify <requested >two && same one two && [ "$(letters)" -eq 2 ] && tells && [ "$(letters)" -eq 2 ]
'
check 'a person: by their address of mail' '
	echo "vip: match any notify bea" >rules && desk-user add bea --mail bea@example.org && asks one && tells && letter | grep -qx "To: bea@example.org" &&
	desk-user set bea --mail "" && asks two && tells && failed "the person has no address of mail" &&
	desk-user set bea --mail bea@example.net && asks three && tells && letter | grep -qx "To: bea@example.net" &&
	desk-user rm bea && asks four && tells && failed "the person has left" && [ "$(sql "SELECT mail IS NULL FROM person WHERE name = '\''bea'\''")" = 1 ] &&
	echo "vip: match any notify nobody-here" >rules && asks five && tells && failed "no person, team or channel has this name"; r=$?; echo "vip: match any notify leads" >rules; [ $r -eq 0 ]
'
check 'a team: those of it who are there, in one letter; if nobody is, all' '
	echo "vip: match any notify returns" >rules && for p in dan eve fay; do desk-user add $p --mail $p@example.org || return 1; done && desk-user add gus && desk-team add returns dan eve gus &&
	asks one && tells && letter | grep -qx "To: dan@example.org, eve@example.org" && told notification.sent | jq -e ".to == \"returns\"" &&
	desk-user away dan && asks two && tells && letter | grep -qx "To: eve@example.org" && desk-user offline eve && desk-user away gus && asks three && tells &&
	letter | grep -qx "To: dan@example.org, eve@example.org" && desk-user online gus && asks four && tells && failed "nobody of the team has an address of mail"; r=$?
	echo "vip: match any notify leads" >rules; return $r
'
check 'of a team, who is told by name is not told twice; who has no address is named' '
	for p in dan eve gus; do desk-user online $p || return 1; done; before=$(letters)
	echo "vip: match any notify returns, dan" >rules && asks twice && tells; r=$?; echo "vip: match any notify leads" >rules
	cat err; [ $r -eq 0 ] && [ "$(letters)" -eq $((before + 2)) ] && grep -q "team returns: gus has no address of mail" err &&
	find box -type f | sort | tail -n 2 | xargs cat | grep "^To: " | sort >got && printf "To: %s@example.org\n" dan eve | same - got
'
check 'an address that could be an option, a header or two is none' '
	for bad in "-oX@example.com" "a@b c" "a@b,c@d" "a b@c" "a@" "@b" "a" "a@b
Bcc: x@example.com" "<a@b.c>" "a@-b" "a@b..c"; do status 65 desk-user add cy --mail "$bad" || return 1; done 2>err
	desk-user add cy --mail "a.b+c@x-y.example.com" && desk-user rm cy
'
check 'nothing of a customer'\''s is told, unless text is on; and then it begins no header' '
	echo "vip: match any notify loud" >rules && asks "two lines\\nBcc: thief@example.com\\n.\\nFrom us ü \\u001b[31m" && tells && letter >got &&
	[ "$(sed "/^\$/q" got | grep -c "^Bcc:")" -eq 0 ] && perl -MMIME::QuotedPrint -MMIME::Base64 -0777 -ne "
		my (\$h, \$b) = split /\n\n/, \$_, 2; print \$h =~ /base64/i ? decode_base64(\$b) : \$h =~ /quoted/i ? decode_qp(\$b) : \$b" got >body &&
	grep -q "^Zoë:\$" body && grep -q "^> two lines\$" body && grep -q "^> Bcc: thief@example.com" body && grep -q "From us ü" body && ! grep -q "$(printf "\033")" body; r=$?; echo "vip: match any notify leads" >rules; [ $r -eq 0 ]
'
check 'a name that a customer gives himself is one line, without escapes' '
	echo "vip: match any notify loud" >rules &&
	printf "%s\n" "{\"type\":\"message.received\",\"data\":{\"phone\":\"491700000777\",\"name\":\"N\u001b[7m\u202e\nOwner:         anna\u2028x\u009b5\",\"text\":\"hi\"}}" |
	    route -q -f rules >routed && tells && letter >got &&
	perl -MMIME::QuotedPrint -MMIME::Base64 -0777 -ne "
		my (\$h, \$b) = split /\n\n/, \$_, 2; print \$h =~ /base64/i ? decode_base64(\$b) : \$h =~ /quoted/i ? decode_qp(\$b) : \$b" got >body; echo "vip: match any notify leads" >rules
	tail -n 5 body && grep -qFx "N\x1b[7m\u{202e} Owner:         anna x\x9b5:" body && grep -qx "> hi" body && [ "$(grep -c "^Owner:" body)" -eq 1 ]
'
check 'a name of a rule and of the desk that would be headers are not' '
	printf "[desk]\nname = Shop\\\\\n\tBcc: x@example.com\n" >more.conf && sed "1,2d" frontdesk.conf >>more.conf && asks x && before=$(letters) && FRONTDESK_CONF=$work/more.conf tells && [ "$(letters)" -eq $((before + 1)) ] &&
	! letter | sed "/^\$/q" | grep -i "^Bcc:"
'
check 'a command: the event on its input, no text unless it is on' '
	echo "vip: match any notify push, pushtext" >rules && asks "a giraffe" && tells && [ "$(wc -l <out/pushed)" -eq 4 ] &&
	grep "^{" out/pushed | jq -c "[.type, .data.text, .data.name, .action, .rule]" | sort >got &&
	printf "%s\n" "[\"message.received\",\"a giraffe\",\"Zoë\",\"pushtext\",\"vip\"]" "[\"message.received\",null,null,\"push\",\"vip\"]" | sort >want && same want got &&
	! grep -q "4917.*push\"" out/pushed && grep -q "^[0-9A-Z]* two words\$" out/pushed && told notification.sent | jq -e ".by == \"exec\""; r=$?; echo "vip: match any notify leads" >rules; [ $r -eq 0 ]
'
check 'the same conversation within quiet: one letter, that says how many' '
	before=$(letters) && for i in 1 2 3; do asks "burst $i" 901; done && tells && [ "$(letters)" -eq $((before + 1)) ] &&
	told notification.sent | jq -e --arg id "$asked" ".request == \$id and (.requests | length) == 3 and .requests[0] == \$id" && letter | grep -q "^And: *2 more" &&
	tells --cursor third && [ "$(letters)" -eq $((before + 1)) ]
'
check 'after it: one more, not before' '
	settings "quiet = 2s" && before=$(letters) && asks first 902 && t=$(date +%s%N) && tells && asks second 902 && asks third 902 && asks elsewhere 903 &&
	tells && t=$((($(date +%s%N) - t) / 1000000)) && echo "# $t ms" && [ $t -ge 2000 ] && [ $t -lt 12000 ] && [ "$(letters)" -eq $((before + 3)) ] &&
	told notification.sent | jq -e "(.requests | length) == 2"; r=$?; settings; [ $r -eq 0 ]
'
check 'a failure in passing is got over, with the same name' '
	echo 75 >status && asks x && tells && told notification.sent | jq -e ".attempt == 2 and .request == \"$asked\"" && letter | grep -qx "Message-Id: <$asked@example.com>"
'
check 'what sendmail refuses for good is not tried again, and done once more by a person'\''s word' '
	echo 67 >status && before=$(letters) && asks x && tells && failed "what tells them failed" && told notification.failed | jq -e ".status == 67 and .attempt == 1" && [ "$(letters)" -eq "$before" ] &&
	desk-notify --list-failed --plain | head -n 1 | grep -q "^$asked	.*	leads	vip	" && desk-notify --retry "$asked" && tells && told notification.sent | jq -e ".request == \"$asked\"" && [ "$(letters)" -eq $((before + 1)) ]
'
check 'what failed is named with whom it was for and the status' '
	echo 67 >status && asks x && tells && grep -qx "desk-notify: leads: action $asked: what tells them failed (status 67)" err &&
	echo 75 >status && asks x && tells && grep -q "^desk-notify: leads: action $asked: what tells them failed (status 75): again in" err
'
check 'a team whose only one is told by name is told' '
	desk-user add --mail solo@example.com solo 2>/dev/null; desk-team add alone solo && echo "vip: match any notify solo, alone" >rules && before=$(letters) failures=$(number notification.failed) &&
	asks "for solo" && tells && [ "$(letters)" -eq $((before + 1)) ] && [ "$(number notification.failed)" -eq "$failures" ] && told notification.sent | jq -e ".to == \"solo\""; r=$?; echo "vip: match any notify leads" >rules; [ $r -eq 0 ]
'
check 'alerts: to the channel of [notify], each once; to nobody without it' '
	alert () { jq -cn --arg n "$1" "{type: \"health.alert\", data: {what: \"number_quality\", severity: \"warning\", about: \$n, instance: \"shop\"}}" | desk-notify "$2"; }
	before=$(letters) && alert one -q >got && same /dev/null got && [ "$(letters)" -eq "$before" ] && settings "alerts = leads" &&
	alert two -q | jq -e ".type == \"notification.sent\" and .data.alert == \"number_quality\" and .data.to == \"leads\" and (.data | has(\"rule\") | not)" && [ "$(letters)" -eq $((before + 1)) ] &&
	letter >got && grep -qx "Subject: warning: number_quality" got && grep -q "^About: *two" got && grep -qx "    frontdesk status" got &&
	alert three -q && [ "$(letters)" -eq $((before + 2)) ] && tells --cursor alerts && tells --cursor alerts2 && settings; r=$?; settings; [ $r -eq 0 ]
'
check 'an erased text is not told' '
	echo "vip: match any notify pushtext" >rules && asks "erase me" && sql "UPDATE message SET text = NULL, erased = 1 WHERE text = '\''erase me'\''" && tells && grep "^{" out/pushed | tail -n 1 | jq -e ".data.text == null and .data.erased"; r=$?; echo "vip: match any notify leads" >rules; [ $r -eq 0 ]
'
check 'settings that are not right: named by --check, and the action fails' '
	desk-notify --check 2>err && same /dev/null err &&
	printf "[channel a]\ntext = on\n[channel b]\nmail = x\n[channel c]\nmail = a@b.c\nexec = push\n[channel d]\nexec = none\n[notify]\nsendmail = /no/such\n" >frontdesk.conf &&
	status 78 desk-notify --check 2>err && grep -q "^desk-notify: \[channel a\]: wants mail or exec" err && grep -q "\[channel b\]: mail: .x. cannot be" err && grep -q "\[channel c\]: wants mail or exec" err && grep -q "\[channel d\]: exec: .*commands.d/none: No such" err && grep -q "\[notify\]: sendmail: /no/such: No such file" err &&
	printf "#!/no/such/shell\n" >commands.d/odd && chmod 755 commands.d/odd && printf "[channel odd]\nexec = odd\n" >frontdesk.conf &&
	{ desk-notify --check 2>err; grep -q "\[channel odd\]: exec: .*commands.d/odd: #!/no/such/shell: No such file" err; } &&
	settings && asks x && settings "sendmail = /no/such" && tells && failed "no mail can be sent: desk-notify --check"; r=$?; settings; [ $r -eq 0 ]
'
check 'what is too old is not told' '
	asks old && sleep 0.1 && before=$(letters) && tells --max-age 10ms && failed "too old" && [ "$(letters)" -eq "$before" ]
'
for point in before-commit after-commit begin.before-commit begin.after-commit \
    told worked finish.before-commit finish.after-commit; do
	check "killed at $point: one outcome, and one name however often it was told" '
		before=$(number notification.sent) letters=$(letters) && asks "killed" &&
		{ FRONTDESK_FAULT=desk-notify.$point:1 tells; [ $? -eq 137 ]; } && tells &&
		[ "$(number notification.sent)" -eq $((before + 1)) ] && [ "$(told notification.sent | jq -r .request)" = "$asked" ] &&
		n=$(grep -lx "Message-Id: <$asked@example.com>" box/* | wc -l) && [ "$n" -ge 1 ] && [ "$n" -le 2 ] && [ "$(letters)" -eq $((letters + n)) ] &&
		[ "$(sql "SELECT count(*) FROM job WHERE stage = '\''desk-notify'\''")" -eq 0 ]
	'
done
check 'no address, name or text is in what it says of failures' '
	echo 75 >status && asks "secret words" && tells; echo 67 >status && asks "secret words" && tells; ! grep -E "example.com|secret words|4917" err
'
done_testing
