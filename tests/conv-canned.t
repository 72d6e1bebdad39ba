#!/bin/sh
# conv reply --canned: the texts of the settings, as rules say them
. "${0%/*}/lib.sh"

XDG_DATA_HOME=$work/data FRONTDESK_NOW=2026-11-23T12:00:00Z FRONTDESK_CONF=$work/desk.conf
export XDG_DATA_HOME FRONTDESK_NOW FRONTDESK_CONF
db=$XDG_DATA_HOME/frontdesk/desk.db
cat >desk.conf <<'E'
[reply late]
en = Hello {first_name|there}, it comes later. {person|Nobody}
de = Guten Tag {first_name|zusammen}, es kommt später. {person|Niemand}

[reply ask]
en = What is it about?
buttons_en = An order | A return
de = Worum geht es?
buttons_de = Bestellung | Rückgabe | Rechnung | Etwas anderes

[reply half]
en = Which way?
buttons_en = Left | Right
de = Wohin?
buttons_fr = Gauche | Droite
pt = Para onde?
buttons_pt-BR = Esquerda | Direita

[reply other]
es = Hola
buttons_en = Yes | No
buttons_es = Vale | Que no

[reply open]
en = {hours} / {opening} / {time}

[reply none]
en =

[hours ny]
zone = America/New_York
mon-fri = 09:00-17:00
sat = 00:00-24:00

[desk]
zone = Europe/Berlin

[instance sales]
hours = ny
E
frontdesk init --user >/dev/null 2>&1
sqlite3 -bail "$db" <"$top/tests/data/desk.sql"
desk-user set me --full-name 'Mia Stone'
sql () { sqlite3 "$db" "$1"; }
last () { sql "SELECT text FROM message WHERE conversation = '$1' AND direction = 'out' ORDER BY (SELECT seq FROM event WHERE event.id = message.id) DESC LIMIT 1"; }

check 'in the language of the customer, with what stands in braces filled in' '
	conv reply aaa11 --canned late && [ "$(last aaa11111)" = "Guten Tag Mara, es kommt später. Mia Stone" ] &&
	conv reply aaa22 --canned late && [ "$(last aaa22222)" = "Hello there, it comes later. Mia Stone" ] &&
	conv reply aaa11 --canned late --language en && [ "$(last aaa11111)" = "Hello Mara, it comes later. Mia Stone" ] &&
	[ "$(conv list --assignee me --ids | sort | xargs)" = "aaa11111 aaa22222" ]
'
check 'hours by their own clock, the time by that of the desk' '
	conv reply aaa22 --canned open && [ "$(last aaa22222)" = "09:00-17:00 / 2026-11-23 09:00 / 13:00" ] &&
	FRONTDESK_NOW=2026-11-28T12:00:00Z conv reply aaa22 --canned open 2>err || grep -q "window" err
'
check 'its buttons; more than three are a list; show tells them' '
	conv reply aaa22 --canned ask --json | jq -se "any(.type == \"message.queued\" and .data.kind == \"interactive\" and .data.text == \"What is it about?\")" >/dev/null &&
	conv show aaa22 | grep -qF "[An order] [A return]" &&
	conv reply aaa11 --canned ask && conv show aaa11 | grep -qF "[Bestellung] [Rückgabe] [Rechnung] [Etwas anderes]" &&
	echo "{\"button\":\"Pick\",\"sections\":[{\"title\":\"a\",\"rows\":[{\"id\":\"1\",\"title\":\"Red\"},{\"id\":\"2\",\"title\":\"Blue\"}]}]}" >list &&
	conv reply aaa22 "Which one?" --list list && conv show aaa22 | grep -qF "[Red] [Blue]"
'
check 'text and buttons are of one language, or there are none' '
	buttons () { conv reply aaa11 --canned "$@" && conv show aaa11 --json | jq -sr "[.[] | select(.type == \"message.queued\")][-1].data | .text + \": \" + ([.content | .. | .reply? | .title? | strings] | join(\", \"))"; } &&
	buttons half >got && buttons half --language en >>got && buttons half --language fr >>got && buttons half --language pt-BR >>got && buttons half --language pt >>got &&
	buttons other >>got && buttons other --language en >>got &&
	printf "%s\n" "Wohin?: " "Which way?: Left, Right" "Which way?: Left, Right" "Para onde?: Esquerda, Direita" "Para onde?: " "Hola: Vale, Que no" "Hola: Vale, Que no" >want && same want got
'
check 'to many at once, each their own' '
	printf "%s\n" aaa11111 aaa22222 bbb33333 | conv reply - --canned late && [ "$(last aaa11111)" = "Guten Tag Mara, es kommt später. Mia Stone" ] &&
	[ "$(last aaa22222)" = "Hello there, it comes later. Mia Stone" ] && last bbb33333 | grep -q "^Hello "
'
check 'what is not there, or is set to nothing; what it goes with' '
	before=$(sql "SELECT count(*) FROM message") && status 66 conv reply aaa22 --canned lat 2>err && grep -q "there is no \[reply lat\]; did you mean .late.?" err &&
	status 65 conv reply aaa22 --canned none 2>err && grep -q "set to nothing" err &&
	status 64 conv reply aaa22 --canned late text && status 64 conv reply aaa22 --canned late --button x && status 64 conv reply aaa22 --canned late --draft keep &&
	status 64 conv reply aaa22 --language de text && [ "$(sql "SELECT count(*) FROM message")" -eq "$before" ] &&
	status 1 conv reply ccc44 --canned late 2>err && grep -q "window has been shut" err && conv reply aaa22 --canned holding && last aaa22222 | grep -q "colleague"
'
check 'their names, for shells' '
	conv names reply >got && [ "$(head -n 6 got | xargs)" = "late ask half other open none" ] && grep -qx holding got
'
done_testing
