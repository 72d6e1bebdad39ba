#!/bin/sh
# desk-backup(1): copies under load that are whole or not there; verify; restore
. "${0%/*}/lib.sh"

store=$work/home/.local/share/frontdesk
id=$(sed -n 's/^#define APPLICATION_ID \(0x[0-9a-f]*\).*/\1/p' "$top/lib/store/db.c")
is () { [ "$1" = "$2" ] || { echo "$1, not $2" >&2; return 1; }; }
# N: stop the clock at second N, so that each backup has a name of its own
at () { FRONTDESK_NOW=$(printf '2026-11-23T20:%02d:%02dZ' $(($1 / 60)) $(($1 % 60)))
	export FRONTDESK_NOW; }
name () { printf 'frontdesk-20261123T20%02d%02dZ' $(($1 / 60)) $(($1 % 60)); }
finals () { find "$1" -maxdepth 1 -name 'frontdesk-*' | wc -l; }
log () { sqlite3 -readonly "file:$1/desk.db?mode=ro" 'SELECT * FROM event ORDER BY seq'; }
prefix_of () {	# FILE FILE: the first is how the second begins
	head -n "$(wc -l <"$1")" "$2" | cmp - "$1"
}

frontdesk init --user >/dev/null || exit 1
mkdir -p "$store/media/ab" && printf 'picture' >"$store/media/ab/abcdef"
{ cat "$top/share/schema/inbox-001-core.sql"
echo "PRAGMA application_id = $((id)); PRAGMA user_version = 1;"
} | sqlite3 "$store/inbox-20261123.db"
desk-user add ann --role agent --full-name Ann || exit 1

check 'create prints the path of a backup; nobody else may read it' '
	at 1 && desk-backup create b >got && is "$(cat got)" "b/$(name 1)" &&
	is "$(find b -type d ! -perm 700; find b -type f ! -perm 600)" "" &&
	is "$(cd "b/$(name 1)" && find . -type f | sort | tr "\n" " ")" \
	"./MANIFEST ./auth.db ./desk.db ./inbox-20261123.db ./kb.db ./media/ab/abcdef " &&
	desk-backup verify "$(cat got)"'
check 'the MANIFEST holds size, hash and schema of each file and the last event' '
	m="b/$(name 1)/MANIFEST" &&
	is "$(jq -c "select(.manifest) | [.time, .files]" "$m")" "[\"2026-11-23T20:00:01.000Z\",5]" &&
	is "$(jq "select(.manifest).seq" "$m")" "$(log "$store" | wc -l)" &&
	is "$(jq -r "select(.file == \"media/ab/abcdef\") | \"\(.bytes) \(.schema)\"" "$m")" "7 null" &&
	is "$(jq -r "select(.file == \"media/ab/abcdef\").blake2b" "$m")" \
	"$(b2sum -l 256 "$store/media/ab/abcdef" | cut -c1-64)" &&
	is "$(jq -r "select(.schema).file" "$m" | tr "\n" " ")" "desk.db kb.db auth.db inbox-20261123.db "'
check 'list: the oldest first, a damaged one named so' '
	at 2 && desk-backup create b >/dev/null &&
	desk-backup list --json b >got && is "$(jq -r .backup got | tr "\n" " ")" "$(name 1) $(name 2) " &&
	mkdir "b/$(name 3)" && desk-backup list --plain b >got &&
	is "$(tail -n 1 got | cut -f 1,2)" "$(name 3)	damaged" && rmdir "b/$(name 3)"'
check 'a second name for the same second is refused, the first one kept' '
	at 2 && cp -a "b/$(name 2)" was && status 73 desk-backup create b 2>err &&
	diff -r was "b/$(name 2)" && rm -rf was && is "$(find b -name ".*" -mindepth 1)" ""'
check '--keep and the settings leave the newest ones' '
	for n in 4 5 6; do at $n && desk-backup create k >/dev/null || exit 1; done &&
	at 7 && desk-backup create --keep 2 k >/dev/null &&
	is "$(ls k | tr "\n" " ")" "$(name 6) $(name 7) " &&
	printf "[backup]\ndirectory = %s\nkeep = 1\n" "$work/k" >frontdesk.conf &&
	at 8 && desk-backup create >/dev/null && is "$(ls -A k)" "$(name 8)" &&
	desk-backup list --plain | grep -q "^$(name 8)" && : >frontdesk.conf'

check 'verify finds one changed byte, a missing, a strange and a short file: 1' '
	v="b/$(name 1)" &&
	for f in desk.db kb.db media/ab/abcdef MANIFEST; do
		cp -a "$v" bad && printf X | dd of="bad/$f" bs=1 seek=5 conv=notrunc 2>/dev/null &&
		status 1 desk-backup verify bad 2>err && grep -q "$f" err || exit 1
		rm "bad/$f" && { got=0; desk-backup verify bad 2>err || got=$?; }
		case $f:$got in MANIFEST:66 | *:1) ;; *) echo "$f: $got"; exit 1 ;; esac
		rm -rf bad
	done &&
	cp -a "$v" bad && : >bad/stray && status 1 desk-backup verify bad 2>err &&
	grep -q "stray: not of this backup" err && rm -rf bad &&
	cp -a "$v" bad && truncate -s -1 bad/auth.db && status 1 desk-backup verify bad 2>err &&
	rm -rf bad && cp -a "$v" bad && sed -i "\$d" bad/MANIFEST &&
	status 1 desk-backup verify bad 2>err && rm -rf bad'
# A database that is broken, or breaks its own rules, behind a right MANIFEST.
forge () {	# FILE: make the MANIFEST of ./bad true again
	h=$(b2sum -l 256 "bad/$1" | cut -c1-64) n=$(stat -c %s "bad/$1")
	jq -c --arg f "$1" --arg h "$h" --argjson n "$n" 'select(.end | not)
		| if .file == $f then .blake2b = $h | .bytes = $n else . end' \
		bad/MANIFEST >m && mv m bad/MANIFEST &&
	echo "{\"end\":\"$(b2sum -l 256 bad/MANIFEST | cut -c1-64)\"}" >>bad/MANIFEST
}
check 'verify looks into the databases: integrity, keys, schema, last event' '
	v="b/$(name 1)" &&
	cp -a "$v" bad && sqlite3 bad/desk.db "PRAGMA journal_mode = DELETE;
		INSERT INTO conversation_tag VALUES ('\''nosuch'\'', '\''x'\'')" >/dev/null &&
	forge desk.db && status 1 desk-backup verify bad 2>err &&
	grep -q "conversation_tag" err && rm -rf bad &&
	cp -a "$v" bad && sqlite3 bad/desk.db "PRAGMA journal_mode = DELETE;
		DELETE FROM event" >/dev/null && forge desk.db &&
	status 1 desk-backup verify bad 2>err && grep -q "last event" err && rm -rf bad &&
	cp -a "$v" bad && dd if=/dev/zero of=bad/desk.db bs=4096 seek=3 count=2 conv=notrunc 2>/dev/null &&
	forge desk.db && status 1 desk-backup verify bad 2>err && grep -q integrity err && rm -rf bad &&
	cp -a "$v" bad && sed -i "/kb.db/s/\"schema\":[0-9]*/\"schema\":99/" bad/MANIFEST &&
	forge kb.db && status 78 desk-backup verify bad 2>err && grep -q newer err && rm -rf bad'
check 'a name in the MANIFEST never leads out of the backup' '
	cp -a "b/$(name 1)" bad && for n in ../x /etc/x media/../../x .hidden; do
		sed -i "s|\"file\":\"media[^\"]*\"|\"file\":\"$n\"|" bad/MANIFEST && forge x 2>/dev/null
		status 1 desk-backup restore bad out 2>err || exit 1
		[ ! -e out ] || exit 1
		sed -i "s|\"file\":\"$n\"|\"file\":\"media/ab/abcdef\"|" bad/MANIFEST
	done && rm -rf bad'

check 'restore makes the store of the copy, and never over another' '
	v="b/$(name 1)" && desk-backup restore "$v" new &&
	log "$v" >want && log new >got && same want got &&
	desk-user list -S new | grep -q "^ann" &&
	is "$(stat -c %a new/auth.db) $(stat -c %a new/desk.db) $(stat -c %a new/media)" "600 660 770" &&
	cmp "$store/media/ab/abcdef" new/media/ab/abcdef && is "$(find new -name ".restore*")" "" &&
	status 73 desk-backup restore "$v" new 2>err && grep -q "not empty" err &&
	status 73 desk-backup restore "$v" "$store" 2>err &&
	mkdir empty && desk-backup restore "$v" empty && desk-user list -S empty >/dev/null'
check 'a bad backup is not restored: 1, and nothing is left' '
	cp -a "b/$(name 1)" bad && printf X | dd of=bad/kb.db bs=1 seek=99 conv=notrunc 2>/dev/null &&
	status 1 desk-backup restore bad no 2>err && [ ! -e no ] && rm -rf bad'
check 'a restore killed before its end leaves no store' '
	status 137 env FRONTDESK_FAULT=backup.before-settle:1 \
		sh -c "exec desk-backup restore b/$(name 1) half" && [ ! -e half/desk.db ] &&
	status 73 desk-backup restore "b/$(name 1)" half 2>err && rm -rf half'
check 'what was waiting to be sent is held after a restore, unless --resend' '
	sqlite3 "$store/desk.db" "INSERT INTO instance (name, kind, created_ms) VALUES ('\''i'\'', '\''cloud'\'', 0);
		INSERT INTO contact (id, instance, created_ms) VALUES ('\''c'\'', '\''i'\'', 0);
		INSERT INTO conversation (id, instance, contact, number, status, owner, opened_ms, reopened_ms)
			VALUES ('\''v'\'', '\''i'\'', '\''c'\'', 1, '\''open'\'', '\''ai'\'', 0, 0);
		WITH n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 150)
		INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, author, status)
			SELECT '\''m'\'' || n, '\''i'\'', '\''v'\'', '\''c'\'', '\''out'\'', '\''text'\'', 0, 0, '\''ai'\'',
			iif(n = 1, '\''sent'\'', iif(n = 2, '\''sending'\'', '\''queued'\'')) FROM n" &&
	at 20 && desk-backup create b >/dev/null &&
	desk-backup restore "b/$(name 20)" held 2>err && grep -q "149 messages" err &&
	is "$(sqlite3 held/desk.db "SELECT status, count(*) FROM message GROUP BY 1" | tr "\n" " ")" "held|149 sent|1 " &&
	is "$(sqlite3 held/desk.db "SELECT count(*) FROM message WHERE status = '\''held'\'' AND attempt_ms > 0")" 149 &&
	is "$(desk-events -S held --type message.held | jq -r .data.reason | sort | uniq -c | tr -s " ")" " 149 restored" &&
	desk-backup restore --resend "b/$(name 20)" again &&
	is "$(sqlite3 again/desk.db "SELECT count(*) FROM message WHERE status = '\''queued'\''")" 148'

unset FRONTDESK_NOW
for w in 1 2 3; do
	( n=0; while [ ! -e stop ]; do n=$((n + 1))
		desk-user set ann --full-name "Ann $w.$n" || echo "writer $w failed"
	done ) >>writers 2>&1 &
	pids="$pids $!"
done
check 'twenty copies while three write: each is whole and a prefix of the log' '
	for n in $(seq 30 49); do
		( at $n && desk-backup create c >/dev/null ) || exit 1
	done && is "$(finals c)" 20 && log "$store" >all &&
	for n in $(seq 30 49); do
		desk-backup verify "c/$(name $n)" && rm -rf r && desk-backup restore --resend "c/$(name $n)" r &&
		log r >some && prefix_of some all || exit 1
		is "$(wc -l <some)" "$(jq "select(.manifest).seq" "c/$(name $n)/MANIFEST")" || exit 1
		is "$(sqlite3 r/desk.db "PRAGMA integrity_check")" ok || exit 1
	done && [ "$(wc -l <all)" -gt 30 ]'
check 'killed at any of its points, no half carries the name; the next one sweeps' '
	for p in copied:1 copied:2 copied:4 before-rename:1; do
		( at 50 && status 137 env FRONTDESK_FAULT=backup.$p sh -c "exec desk-backup create f" ) || exit 1
		is "$(finals f)" 0 || exit 1
	done && [ "$(find f -mindepth 1 -maxdepth 1 | wc -l)" -ge 1 ] &&
	( at 51 && status 137 env FRONTDESK_FAULT=backup.after-rename:1 sh -c "exec desk-backup create f" ) &&
	desk-backup verify "f/$(name 51)" && ( at 52 && desk-backup create f >/dev/null ) &&
	is "$(ls -A f | tr "\n" " ")" "$(name 51) $(name 52) "'
check 'killed at random moments: what carries the name is whole' '
	for n in $(seq 60 89); do
		( at $n; exec desk-backup create g >/dev/null ) & pid=$!
		sleep "0.0$(((n * 7) % 5))"; kill -9 $pid 2>/dev/null; wait $pid
	done
	for b in g/frontdesk-*; do
		[ ! -e "$b" ] || desk-backup verify "$b" || exit 1
	done
	( at 90 && desk-backup create g >/dev/null ) && is "$(find g -name ".*" -mindepth 1)" ""'
touch stop
wait
check 'the writers noticed nothing' '! grep . writers'

check 'wrong use is 64, no store 66, no backup 66, no room 73' '
	status 64 desk-backup 2>err && status 64 desk-backup create 2>err &&
	status 64 desk-backup create a b 2>err && status 64 desk-backup verify 2>err &&
	status 64 desk-backup restore x 2>err && status 66 desk-backup verify nosuch 2>err &&
	status 66 desk-backup list nosuch 2>err && status 66 desk-backup create -S nosuch b 2>err &&
	: >file && status 73 desk-backup create file 2>err'
done_testing
