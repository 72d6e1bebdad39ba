#!/bin/sh
# desk-user(1): people, their roles and accounts; every change has its actor
. "${0%/*}/lib.sh"

umask 007	# as the units have it: the desk's group writes, too
XDG_DATA_HOME=$work/data
export XDG_DATA_HOME
personal=$XDG_DATA_HOME/frontdesk
frontdesk init --user >/dev/null 2>&1
sql () { sqlite3 "${store:-$personal}/desk.db" "$1"; }

check 'a personal store has its owner, the admin me' '
	desk-user list --plain >got &&
	printf "me\tadmin\t\tyes\t\tonline\t\n" >want && same want got
'
check 'a person is added with a name, a role and an account' '
	desk-user add anna --full-name "Anna Weiß" --role agent --account root &&
	desk-user list --plain >got &&
	printf "anna\tagent\troot\tyes\tAnna Weiß\tonline\t\nme\tadmin\t\tyes\t\tonline\t\n" >want &&
	same want got
'
check 'show says it field by field, and as JSON' '
	desk-user show anna >got &&
	printf "%s\n" "name       anna" "full name  Anna Weiß" \
		"role       agent" "account    root" "mail       -" "zone       -" "active     yes" \
		"available  online" "capacity   -" >want &&
	same want got &&
	desk-user show anna --json >got && cat >want <<-E &&
	{"user":"anna","full_name":"Anna Weiß","role":"agent","account":"root","mail":null,"zone":null,"active":true,"availability":"online","since":null,"capacity":null}
	E
	same want got
'
check 'the event and the audit carry the actor, and never the full name' '
	sql "SELECT type, subject, data FROM event" >got && cat >want <<-E &&
	user.added|user/anna|{"user":"anna","role":"agent","account":"root","active":true,"actor":"user:me"}
	E
	same want got &&
	sql "SELECT actor, uid, action, object, detail FROM audit" >got &&
	cat >want <<-E &&
	user:me|$(id -u)|user.add|anna|{"role":"agent","account":"root","active":true}
	E
	same want got
'
check 'set changes what is named, says which, and once' '
	desk-user set anna --role admin --full-name "" --json >got &&
	jq -c .data got >facts && cat >want <<-E &&
	{"user":"anna","role":"admin","account":"root","active":true,"actor":"user:me","changed":["full_name","role"]}
	E
	same want facts &&
	desk-user set anna --role admin --json >got && [ ! -s got ]
'
check 'what cannot be is refused and changes nothing' '
	sql "SELECT count(*) FROM event" >before &&
	for name in Anna 9x ai queue me system "a b" "x;y" \
	    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; do
		status 65 desk-user add "$name" || exit 1
	done &&
	status 65 desk-user add anna &&
	status 65 desk-user add bert --role boss &&
	status 65 desk-user add bert --account root &&
	status 65 desk-user add bert --account "a/b" &&
	status 65 desk-user set me --role viewer &&
	status 66 desk-user set nobody1 --role agent &&
	status 66 desk-user rm nobody1 &&
	status 65 desk-user rm me &&
	status 64 desk-user set anna &&
	status 64 desk-user add &&
	sql "SELECT count(*) FROM event" >after && same before after
'
check 'a time zone is one of the database, or what is meant is said' '
	desk-user set anna --zone Asia/Kolkata --json | jq -c .data.changed >got &&
	echo "[\"zone\"]" >want && same want got &&
	desk-user show anna --json | jq -e ".zone == \"Asia/Kolkata\"" &&
	desk-user show anna | grep -qx "zone       Asia/Kolkata" &&
	while IFS="|" read -r name near; do
		status 65 desk-user set anna --zone "$name" 2>err &&
		echo "desk-user: '"'"'$name'"'"' is no time zone$near" >want && same want err || exit 1
	done <<-E &&
	Europe/Madird|, did you mean Europe/Madrid?
	madrid|, did you mean Europe/Madrid?
	Asia/Sydney|, did you mean Australia/Sydney?
	europe/paris|, did you mean Europe/Paris?
	America/New York|, did you mean America/New_York?
	Mars/Olympus_Mons| that this system knows (try Europe/Berlin)
	/etc/localtime|
	../zoneinfo/UTC|
	E
	desk-user show anna --json | jq -e ".zone == \"Asia/Kolkata\"" &&
	desk-user set anna --zone "" && desk-user show anna --json | jq -e ".zone == null"
'
check 'who leaves is not listed, keeps the name, and frees the account' '
	desk-user rm anna &&
	desk-user list --plain | cut -f 1 >got && echo me >want && same want got &&
	desk-user list --all --plain | cut -f 1,3,4 >got &&
	printf "anna\t\tno\nme\t\tyes\n" >want && same want got &&
	status 65 desk-user add anna 2>err && grep -q "set anna --active" err &&
	status 66 desk-user rm anna &&
	desk-user add bert --account root &&
	desk-user set anna --active && desk-user show anna | grep -qx "active     yes"
'
check 'conversations of one who leaves go back to the queue' '
	sqlite3 -bail "$personal/desk.db" <"$top/tests/data/desk.sql" &&
	conv assign aaa11 anna && desk-user rm anna --json >got 2>err &&
	jq -r .type got >types &&
	printf "user.removed\nconversation.released\n" >want && same want types &&
	conv list --owner queue --ids | grep -qx aaa11111 &&
	grep -q "1 of anna" err
'

check 'one who is made a viewer answers nobody: what they have goes back, and no rule gives them more' '
	desk-user add vera --role agent && conv assign bbb vera --json | jq -r .data.assignee | grep -qx vera && desk-user set vera --role viewer --json >got 2>err &&
	jq -r .type got | grep -qx conversation.released && grep -q "1 of vera" err && [ -z "$(conv list --owner vera --ids)" ] &&
	printf "match any assign vera\n" >rules && printf "{\"type\":\"message.received\",\"data\":{\"phone\":\"491700099\",\"text\":\"hello\"}}\n" | route -q -f rules >out 2>err &&
	jq -se ".[0].type == \"conversation.escalated\" and .[0].data.reason == \"vera answers no customers\"" out && grep -q "assigns to vera, who answers no customers" err
'

# A system store: the real user is the person. Root tries it as somebody else.
store=$work/desk
mkdir "$store" && sqlite3 "$personal/desk.db" ".backup $store/desk.db" &&
	mkdir "$store/run"
sql "UPDATE meta SET value = 'system' WHERE key = 'kind';
	DELETE FROM person" >/dev/null
chmod 755 "$work"
as () {	# ACCOUNT COMMAND...: with the desk's group, as its programs are setgid
	account=$1; shift
	setpriv --reuid="$account" --regid="$(id -g "$account")" --groups="$(id -g)" \
		env FRONTDESK_STORE="$store" "$@"
}
if [ "$(id -u)" -eq 0 ]; then
	chown -R root:root "$store"
	chmod -R g+rwX "$store" && chmod g+s "$store" "$store/run"
	FRONTDESK_STORE=$store
	export FRONTDESK_STORE
	check 'on a system store nobody but root may add the first admin' '
		status 77 as nobody desk-user list 2>err &&
		grep -q "root adds the first one" err &&
		status 77 as nobody desk-user add nob --role admin --account nobody &&
		desk-user add chief --role admin --account daemon &&
		sql "SELECT actor FROM audit ORDER BY seq DESC LIMIT 1" >got &&
		echo user:unix:root >want && same want got
	'
	check 'with an admin there, root is nobody special' '
		status 77 desk-user list 2>err && grep -q "ask chief" err
	'
	check 'an account that is nobody on the desk is told whom to ask' '
		status 77 as nobody desk-user list 2>err &&
		grep -q "nobody on this desk; ask chief" err
	'
	check 'what people have no access to says who has' '
		chown daemon "$store" && chmod 2770 "$store" &&
		for words in "frontdesk status" "desk-backup create b"; do
			status 77 setpriv --reuid=nobody --regid=nogroup --clear-groups \
				env FRONTDESK_STORE="$store" $words 2>err &&
			grep -q "for root and the account daemon alone" err || exit 1
		done; got=$?; chown root "$store"; exit $got
	'
	check 'root, who is nobody on the desk, can make a backup' '
		sqlite3 "$personal/kb.db" ".backup $store/kb.db" &&
		sqlite3 "$personal/auth.db" ".backup $store/auth.db" &&
		desk-backup create b >got && desk-backup verify "$(cat got)"
	'
	check 'nor are documents shown to them' '
		sqlite3 "$personal/kb.db" ".backup $store/kb.db" && chmod g+rw "$store"/kb.db* &&
		status 77 as nobody kb-search parcel 2>err && grep -q "nobody on this desk; ask chief" err &&
		status 1 as daemon kb-search parcel && status 1 kb-search parcel &&
		status 1 kb-search -S "$personal" parcel
	'
	check 'an account that is not in /etc/passwd is asked of getent' '
		printf "%s\n" "#!/bin/sh" "[ \"\$*\" != \"passwd 4711\" ] ||" \
			"echo nina:x:4711:4711::/:/bin/sh" >getent && chmod 755 getent &&
		for words in "desk-user list" "kb-search parcel"; do
			status 77 unshare -m sh -c "mount --bind getent /usr/bin/getent &&
				exec setpriv --reuid=4711 --regid=4711 --groups=$(id -g) \
				env FRONTDESK_STORE=$store $words" 2>err &&
			grep -q "the account .nina. belongs to nobody" err || exit 1
		done
	'
	check 'roles: a viewer looks, an agent answers, an admin adds people' '
		as daemon desk-user add vera --role viewer --account nobody &&
		as nobody desk-user list >/dev/null &&
		as nobody conv list >/dev/null &&
		status 77 as nobody conv take aaa11 2>err &&
		grep -q "vera is a viewer; this needs an agent: ask chief" err &&
		status 77 as nobody desk-user add x1 2>err &&
		grep -q "this needs an admin" err &&
		as daemon desk-user set vera --role agent &&
		as nobody conv take aaa11 &&
		as nobody conv list --assignee me --ids >got &&
		echo aaa11111 >want && same want got &&
		status 77 as nobody desk-user set vera --role admin &&
		as nobody desk-user set vera --zone Europe/Madrid &&
		as nobody desk-user show --json | jq -e ".zone == \"Europe/Madrid\"" &&
		status 77 as nobody desk-user set chief --zone Europe/Madrid 2>err &&
		grep -q "this needs an admin" err &&
		status 77 as nobody desk-user set vera --zone "" --capacity 0
	'
	check 'the environment is not trusted' '
		status 77 as nobody env USER=daemon LOGNAME=daemon SUDO_USER=root \
			desk-user add x1
	'
	check 'a viewer is not given conversations, nor one who has left' '
		as daemon desk-user add walt --role viewer &&
		status 65 as daemon conv assign aaa11 walt &&
		as daemon desk-user rm walt &&
		status 65 as daemon conv assign aaa11 walt
	'
	check 'the last admin stays, unless --yes' '
		status 1 as daemon desk-user rm chief 2>err &&
		grep -q "last admin" err &&
		status 1 as daemon desk-user set chief --role agent &&
		as daemon desk-user set chief --role agent --yes &&
		status 77 as daemon desk-user add x1
	'
	check 'the account that owns the files is the service itself' '
		chown nobody "$store/desk.db"* && sql "DELETE FROM person" &&
		as nobody desk-events -n 1 >/dev/null &&
		as nobody desk-user add chief --role admin &&
		sql "SELECT actor FROM audit ORDER BY seq DESC LIMIT 1" >got &&
		echo user:system >want && same want got
	'
else
	check 'on a system store a stranger is refused' '
		FRONTDESK_STORE=$store status 77 desk-user list
	'
fi
done_testing
