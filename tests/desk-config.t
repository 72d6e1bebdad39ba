#!/bin/sh
# desk-config(1): settings as they hold, changed in place, every error named
. "${0%/*}/lib.sh"
conf=$work/frontdesk.conf
page=$top/man/frontdesk.conf.5
example=$top/share/frontdesk.conf
tab=$(printf '\t')

check 'without a file all is built in' '
	desk-config list --origin --plain >got && [ -s got ] &&
	! cut -f2 got | grep -vx "built in" &&
	desk-config get inbox.keep >got && echo 14d >want && same want got
'
check 'the example that is shipped loads, and as it stands sets nothing' '
	desk-config check "$example" &&
	desk-config list --file "$example" >got && desk-config list >want &&
	same want got
'
check 'the example shows every setting, each with a value that fits' '
	sed "s/^#\([a-z][a-z,_-]* =\)/\1/" "$example" >all.conf &&
	sed "/_file = \|^ai_exclude = \|^file = \|^holidays = /d" all.conf >fit.conf &&
	desk-config check fit.conf &&
	desk-config list --all --plain | cut -f1 |
		sed "s/^\([a-z]*\) NAME/\1/; s/reply\.LANGUAGE/reply.en/; s/reply\.buttons_LANGUAGE/reply.buttons_en/
		    s/hours\.mon\$/hours.mon-fri/" |
		grep -v "^profile\." | sort >want &&
	awk "/^\[/ { gsub(/[][]/, \"\"); section = \$1 }
		/ = / { print section \".\" \$1 }" all.conf | grep -v "^profile\." |
		sort -u | grep -vx "reply.es\|hours.sat" >got &&
	same want got
'
check 'the page has every setting, with the default of the table' '
	desk-config list --all --plain | awk -F "\t" "{
		sub(/ NAME/, \" NAME\", \$1); print \$1 \"\t\" \$2 }" |
		sed "s/^hours NAME.zone${tab}UTC/hours NAME.zone${tab}/" |
		sort >want &&
	awk "/^\.Ss \[/ { section = substr(\$0, 6); sub(/\]/, \"\", section) }
		/^\.Sh/ { section = \"\" }
		/^\.It Va / && section {
			n = \$3
			sub(/^\.It Va [^ ]* ?(Pq )?/, \"\")
			print section \".\" n \"\t\" \$0
		}" "$page" | sort >got && same want got
'
check 'every setting is read by some program' '
	desk-config list --all --plain | cut -f1 | sed "s/.*\.//" | sort -u |
	grep -vx "mon\|\(buttons_\)*LANGUAGE" | while read -r key; do
		grep -rqF "\"$key\"" "$top/cmd" "$top/lib" --include="*.c" \
		    --exclude=settings.c || echo "$key"
	done >got && same /dev/null got
'

cat >before <<'EOF'
# The desk of a shop.

[inbox]
	# not too long
	keep = 3d
keep=4d

; numbers
[instance sales]
#ai = on
kind = cloud

# answers
[ai]
provider = extractive
prompt_file =
EOF
check 'a value is changed where it stands last, all else stays' '
	cp before "$conf" && desk-config set inbox.keep 30d &&
	sed "s/^keep=4d/keep = 30d/" before >want && same want "$conf" &&
	desk-config get inbox.keep --origin >got &&
	printf "30d\t%s:6\n" "$conf" >want && same want got
'
check 'a new setting stands behind a commented-out one' '
	cp before "$conf" && desk-config set "instance sales.ai" off &&
	sed "s/^#ai = on/&\nai = off/" before >want && same want "$conf"
'
check 'else at the end of its section, before what belongs to the next' '
	cp before "$conf" && desk-config set "instance sales.phone" "+1 555" &&
	sed "s/^kind = cloud/&\nphone = +1 555/" before >want &&
	same want "$conf"
'
check 'a new section goes to the end' '
	cp before "$conf" && desk-config set wa.hold 5m &&
	{ cat before; printf "\n[wa]\nhold = 5m\n"; } >want &&
	same want "$conf"
'
check 'a file without a last newline, or without anything' '
	printf "[wa]\nhold = 5m" >"$conf" && desk-config set wa.window 1h &&
	printf "[wa]\nhold = 5m\nwindow = 1h\n" >want && same want "$conf" &&
	: >"$conf" && desk-config set wa.window 1h &&
	printf "[wa]\nwindow = 1h\n" >want && same want "$conf"
'
check 'several lines go out and come back' '
	cp before "$conf" &&
	text=$(printf "Hello.\n\nWrite to us # any time; day or night") &&
	desk-config set "reply welcome.en" "$text" &&
	[ "$(desk-config get "reply welcome.en")" = "$text" ] &&
	desk-config set "reply welcome.en" Hi &&
	[ "$(desk-config get "reply welcome.en")" = Hi ] &&
	desk-config unset "reply welcome.en" && echo >>before.nl &&
	grep -c Write "$conf" >got || [ "$(cat got)" = 0 ]
'
check 'unset takes out every line of it, also one that is none' '
	{ cat before; printf "modle = x \\\\\n  y\n"; } >"$conf" &&
	desk-config unset ai.modle && same before "$conf" &&
	desk-config unset inbox.keep && grep -v "keep" before >want &&
	same want "$conf" && desk-config unset inbox.keep && same want "$conf"
'
check 'set and unset again: the file is as it was' '
	cp before "$conf" && desk-config set desk.zone Europe/Berlin &&
	desk-config set desk.zone Europe/Paris && desk-config unset desk.zone &&
	same before "$conf" && desk-config set "instance new.ai" off &&
	desk-config set desk.zone Europe/Berlin && desk-config unset "instance new.ai" &&
	{ cat before; printf "\n[desk]\nzone = Europe/Berlin\n"; } >want && same want "$conf" &&
	printf "[a]\n# why\nx = 1\n[inbox]\nkeep = 2d\n" >small && desk-config unset --file small inbox.keep &&
	printf "[a]\n# why\nx = 1\n" >want && same want small && desk-config unset --file small a.x &&
	printf "[a]\n# why\n" >want && same want small
'
https='wants https://; plain http goes to this machine only (127.0.0.1, [::1], localhost)'
check 'a value that does not fit is refused, the file stays' '
	cp before "$conf" &&
	while IFS="|" read -r name value why; do
		status 78 desk-config set "$name" "$value" 2>err &&
		echo "desk-config: $name: $why" >want && same want err ||
			echo "$name" >>bad
	done <<-EOF &&
	inbox.keep|4|'"'4' is not a duration (250ms, 90s, 15m, 2h, 7d)"'
	instance sales.ai|maybe|wants on or off
	ai.provider|openia|'"'openia' is none of: extractive openai azure anthropic; did you mean openai?"'
	ai.temperature|2.5|2.5 is not in 0..2
	ai.temperature|warm|'"'warm' is no number"'
	ai.url|ftp://x|wants an address that begins with https:// or http://
	ai.url|https://me:pass@x/|an address with a password in it: use a key_file
	desk.zone|Europe/Bielefeld|'"'Europe/Bielefeld' is no time zone that this system knows (try Europe/Berlin)"'
	hours shop.mon|9-17|'"'9-17' is no range of times such as 09:00-17:30"'
	desk.languages|en english!|'"'english!' is no language (en, es, pt-BR)"'
	desk.languages|en qq|'"'qq' is no language (en, es, pt-BR)"'
	ai.languages|jp|'"'jp' is no language, did you mean ja?"'
	ai.languages|xx-zz-qq|'"'xx-zz-qq' is no language (en, es, pt-BR)"'
	ai.languages|en German|'"'German' is no language, did you mean de?"'
	ai.languages|en pt EN|'"'EN' is named twice"'
	listen.address|banana|'"'banana' is not HOST:PORT, as in 127.0.0.1:8025"'
	listen.address|127.0.0.1|'"'127.0.0.1' is not HOST:PORT, as in 127.0.0.1:8025"'
	listen.address|127.0.0.1:99999|'"'127.0.0.1:99999' is not HOST:PORT, as in 127.0.0.1:8025"'
	listen.address|::1:80|'"'::1:80' is not HOST:PORT, as in 127.0.0.1:8025"'
	instance sales.phone_number_id||wants an id, which is of digits
	instance sales.phone_number_id|abc|wants an id, which is of digits
	instance sales.phone_number_id|10 0|wants an id, which is of digits
	instance sales.url|http://example.com|$https
	instance sales.url|http://127.0.0.1.example.com/|$https
	instance sales.url|http://localhost.example.com|$https
	instance sales.url|http://128.0.0.1|$https
	instance sales.url|http://[::2]:80/|$https
	instance sales.webhook|http://desk.example.com/|$https
	inbox.keep|0s|0s is less than 1s
	wa.timeout|0s|0s is less than 1ms
	desk.name|$(printf "caf\351")|not a text in UTF-8
	rules.file|nowhere|$work/nowhere: No such file or directory
	EOF
	[ ! -e bad ] && same before "$conf" &&
	for name in url webhook; do
		for value in http://127.0.0.2:80/x http://localhost "http://[::1]:8025/" http://127.1.2.3 https://example.com; do
			desk-config set "instance sales.$name" "$value" || exit 1
		done && desk-config unset "instance sales.$name" || exit 1
	done
'
check 'addresses as they are meant' '
	for a in 127.0.0.1:0 "[::1]:8025" localhost:80 0.0.0.0:65535; do
		desk-config set listen.address "$a" || exit 1; done; desk-config unset listen.address
'
check 'an id of two sections: the second one is refused, and named by check' '
	cp before "$conf" && desk-config set "instance one.phone_number_id" 5550001 &&
	cp "$conf" one && status 78 desk-config set "instance two.phone_number_id" 5550001 2>err &&
	echo "desk-config: instance two.phone_number_id: that is the id of [instance one]" >want &&
	same want err && same one "$conf" && desk-config set "instance one.phone_number_id" 5550001 &&
	printf "[instance two]\nphone_number_id = 5550001\n" >>"$conf" &&
	status 78 desk-config check "$conf" 2>err && grep "two.phone_number_id: that is the id of" err &&
	cp before "$conf"
'
check 'a language is not its name' '
	status 64 desk-config set "reply greeting.english" Hi 2>err && grep -q "is no language" err &&
	desk-config set --file other.conf "reply greeting.zh-Hant" 您好 && rm other.conf
'
check 'a line that is not UTF-8 is named by its number' '
	printf "[desk]\n# all is well\nname = caf\351\n" >latin && status 78 desk-config check latin 2>err &&
	echo "desk-config: latin:3: not a text in UTF-8" >want && same want err
'
check 'a name that is none: the nearest one, and 64' '
	status 64 desk-config get inbox.kep 2>err &&
	grep -q "^desk-config: inbox.kep: no such setting, did you mean keep?$" err &&
	status 64 desk-config set inbx.keep 1d 2>err &&
	grep -q "did you mean \[inbox\]?$" err &&
	status 64 desk-config get instance.ai 2>err &&
	grep -q "the section wants a name: \[instance NAME\]$" err &&
	status 64 desk-config get keep 2>err && grep -q "is not SECTION.KEY" err
'
check 'what is not set is 1, and quiet' '
	status 1 desk-config get ai.model >got 2>&1 && same /dev/null got &&
	status 1 desk-config list nothing >got 2>&1 && same /dev/null got
'
check 'list of a kind of section, of one, of one setting' '
	printf "%s\n" "[hours a]" "mon-fri=09:00-17:00" "fri=closed" \
	    "[hours b]" "zone=Asia/Tokyo" "sun=10:00-11:00" >"$conf" &&
	desk-config list --plain hours >got &&
	printf "%s\t%s\n" "hours a.zone" UTC "hours a.mon-fri" 09:00-17:00 \
	    "hours a.fri" closed "hours b.zone" Asia/Tokyo \
	    "hours b.sun" 10:00-11:00 >want && same want got &&
	desk-config list --plain "hours b" >got && tail -n 2 want >want2 &&
	same want2 got && desk-config list --plain "hours b.sun" >got &&
	tail -n 1 want >want2 && same want2 got
'
check '--json has all there is to know' '
	desk-config list --json hours | jq -se "length == 5 and
	    .[4] == {section: \"hours b\", key: \"sun\", value: \"10:00-11:00\",
		origin: \"$conf:6\", help: .[4].help}" &&
	desk-config get --json inbox.keep |
	    jq -e ".value == \"14d\" and .origin == \"built in\""
'

echo key >secret && chmod 600 secret && echo key >open && chmod 644 open
printf '12-25\n2026-13-01\n' >dates
cat >"$conf" <<'EOF'
nothing
[inbox
[inbox]
keep = soon
=x
[instance a]
hours = shpo
profile = none
token_file = open
ai = on
[hours shop]
mon = 09:00-17:00
holidays = dates
[hours empty]
zone = UTC
[ai]
key_file = secret
modle = x
[insance b]
ai = on
EOF
check 'check names every error of a file, by its line' '
	status 78 desk-config check >out 2>err && same /dev/null out &&
	sed "s|$work/||g" err | sort -t: -k3n >got &&
	cat >want <<-EOF &&
	desk-config: frontdesk.conf:1: neither [section], key = value nor a comment
	desk-config: frontdesk.conf:2: a section is [NAME], alone on its line
	desk-config: frontdesk.conf:4: inbox.keep: '"'soon' is not a duration (250ms, 90s, 15m, 2h, 7d)"'
	desk-config: frontdesk.conf:5: neither [section], key = value nor a comment
	desk-config: frontdesk.conf:7: instance a.hours: there is no [hours shpo]
	desk-config: frontdesk.conf:8: instance a.profile: there is no [profile none]
	desk-config: frontdesk.conf:9: instance a.token_file: everybody may read open (chmod o-r)
	desk-config: frontdesk.conf:13: hours shop.holidays: dates:2: '"'2026-13-01' is no date such as 2026-12-25, or 12-25 for every year"'
	desk-config: frontdesk.conf:15: hours empty.zone: there are no hours '"'empty': [hours empty] names no day"'
	desk-config: frontdesk.conf:18: ai.modle: no such setting, did you mean model?
	desk-config: frontdesk.conf:20: insance b.ai: no such section, did you mean [instance NAME]?
	EOF
	same want got
'
check 'check of a file by name; one that is not there is 66' '
	printf "[inbox]\nkeep = 1d\n" >other && desk-config check other &&
	status 66 desk-config check none
'
check 'files are found from the folder of the settings' '
	mkdir -p sub && echo "match any stop" >sub/my-rules &&
	printf "[rules]\nfile = my-rules\n" >sub/c.conf &&
	desk-config check sub/c.conf && FRONTDESK_CONF=$work/sub/c.conf route --check
'
check 'a file of holidays: each bad line, by the setting that names the file' '
	printf "2026-12-25\n13-01\n12-24 9:00-13:00\nsoon\n" >days && printf "\n[hours shop]\nzone = Europe/Berlin\nmon = 9:00-17:00\nholidays = days\n" >other &&
	status 78 desk-config check other 2>err && cat >want <<-E && same want err &&
	desk-config: other:5: hours shop.holidays: days:2: '"'13-01' is no date such as 2026-12-25, or 12-25 for every year"'
	desk-config: other:5: hours shop.holidays: days:4: '"'soon' is no date such as 2026-12-25, or 12-25 for every year"'
	E
	printf "12-25\n" >days && desk-config check other
'
check 'a calendar of holidays: each event that cannot be read, by its line' '
	printf "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260230\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n" >days.ics &&
	printf "[hours shop]\nmon = 9:00-17:00\nholidays = days.ics\n" >other && status 78 desk-config check other 2>err && cat >want <<-E && same want err &&
	desk-config: other:3: hours shop.holidays: days.ics:2: one of its dates is none
	desk-config: other:3: hours shop.holidays: days.ics:5: the event says not when it begins
	E
	sed -i "s/0230/0228/; s/^UID:a/DTSTART;VALUE=DATE:20260301/" days.ics && desk-config check other
'
check 'a file that is no text in UTF-8 is refused' '
	printf "[inbox]\nkeep = \377\n" >other &&
	status 78 desk-config check other 2>err &&
	grep -q "other:2: not a text in UTF-8" err
'
check 'a line of any length is read whole' '
	{ echo "[reply long]"; printf "en = "; yes "word" | head -n 2000 |
	    tr "\n" " "; } >other &&
	[ "$(desk-config get --file other "reply long.en" | wc -c)" -eq 10000 ]
'

# The usual places, as somebody with a home of their own.
unset FRONTDESK_CONF
person=$work/home/.config/frontdesk/frontdesk.conf
check 'the person'"'"'s own file is made where it belongs, and wins' '
	desk-config set --file "$person" inbox.keep 5d &&
	desk-config get inbox.keep --origin >got &&
	printf "5d\t%s:2\n" "$person" >want && same want got &&
	XDG_CONFIG_HOME=$work/xdg desk-config get inbox.keep >got &&
	echo 14d >want && same want got
'
check 'a link stays a link, and the mode of the file stays' '
	mkdir -p real && printf "[inbox]\nkeep = 1d\n" >real/c &&
	chmod 640 real/c && ln -s real/c link &&
	desk-config set --file link inbox.keep 2d && [ -L link ] &&
	grep -q 2d real/c && [ "$(stat -c %a real/c)" = 640 ]
'
check 'where it cannot be written: 73, and the file stays' '
	status 73 desk-config set --file /proc/none/x inbox.keep 2d
'
check 'ten at a time: each is there, and nothing beside the file' '
	mkdir -p many && pids= &&
	for i in 1 2 3 4 5 6 7 8 9 10; do
		desk-config set --file many/new/c "reply r$i.en" "t$i" &
		pids="$pids $!"
	done &&
	for pid in $pids; do wait "$pid" || exit 1; done &&
	desk-config list --plain --file many/new/c reply | sort >got &&
	for i in 1 2 3 4 5 6 7 8 9 10; do
		printf "reply r%s.en\tt%s\n" $i $i
	done | sort >want && same want got && [ "$(ls many/new)" = c ]
'
check 'somebody holds the lock: 75 after a while, the file stays' '
	mkdir -p held && printf "[inbox]\nkeep = 1d\n" >held/c && cp held/c want &&
	status 75 flock held desk-config set --file held/c inbox.keep 2d 2>err &&
	grep -q "others are changing settings" err && same want held/c
'
check 'a value below zero: how to say it' '
	status 64 desk-config set listen.connections -5 2>err &&
	grep -q "unknown option -5; a value below zero goes behind --$" err
'
check 'replies that cannot be said are named' '
	printf "%s\n" "[reply ask]" "en = Hello {frist_name}" "buttons_en = Yes | Yes" "de = Hallo {first_name}" "buttons_de = Ja | Nein" >odd && status 78 desk-config check odd 2>err &&
	grep -q "odd:2: reply ask.en: .*frist_name" err && grep -q "odd:3: reply ask.buttons_en: two buttons are the same" err && [ "$(wc -l <err)" -eq 2 ]
'
done_testing
