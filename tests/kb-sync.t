#!/bin/sh
# kb-sync(1): a remote folder and the base are the same, or nothing is lost
. "${0%/*}/lib.sh"
command -v rclone >/dev/null || {
	echo '1..0 # SKIP no rclone'
	exit 0
}
FRONTDESK_STORE=$work/store RCLONE_CONFIG=$work/rclone.conf
export FRONTDESK_STORE RCLONE_CONFIG
frontdesk init "$FRONTDESK_STORE" >/dev/null
(umask 077 && printf '[here]\ntype = local\n' >rclone.conf)
mkdir -p far/sub
doc () { printf '# %s\n\nAll about %s.\n' "$2" "$2" >"far/$1"; }
doc a.md walrus
doc sub/b.md zebra
doc 'sub/two words ü.md' okapi
: >far/picture.png
: >far/.hidden.md
sync () { timeout -k 2 60 kb-sync "$@"; }
states () { jq -r '.state + " " + (.source | sub("^[^:]*:"; ""))' "$1" | sort; }
there () { kb-search -n 1 "$1" >/dev/null; }
fetched () { grep -c . "$1"; }

check 'a folder: its documents, with their place in the remote' '
	sync --json here:$work/far >got && states got >seen &&
	printf "ready $work/far/%s\n" a.md sub/b.md "sub/two words ü.md" | sort >want && same want seen &&
	kb-search -n 1 okapi | jq -e ".source == \"here:$work/far/sub/two words ü.md\"" &&
	[ -z "$(ls store/spool/*/files)" ]
'
check 'again: nothing is fetched; then what changed, what is new, what is gone' '
	sync --json here:$work/far >got && [ "$(states got | cut -d " " -f 1 | sort -u)" = unchanged ] &&
	doc a.md gnu && doc c.md quokka && rm far/sub/b.md && sync --dry-run --json here:$work/far >got &&
	states got >seen && printf "%s\n" "changed $work/far/a.md" "gone $work/far/sub/b.md" \
	    "new $work/far/c.md" "unchanged $work/far/sub/two words ü.md" >want && same want seen &&
	there zebra && ! there quokka &&
	sync --json here:$work/far >got && states got >seen &&
	printf "%s\n" "ready $work/far/a.md" "ready $work/far/c.md" "removed $work/far/sub/b.md" \
	    "unchanged $work/far/sub/two words ü.md" >want && same want seen &&
	! there zebra && ! there walrus && there gnu && there quokka
'
check 'a listing that fails takes nothing out, and says why: 69' '
	mv far away && status 69 sync here:$work/far >got 2>err && grep -q "nothing is removed" err &&
	there gnu && mv away far && sync here:$work/far >/dev/null
'
check 'a folder without documents takes nothing out: 65' '
	mkdir aside && mv far/* aside/ && status 65 sync here:$work/far >got 2>err &&
	grep -q "holds no documents" err && there gnu && mv aside/* far/
'
check 'a base made anew is filled again; what it holds too much is taken out' '
	echo "{\"prefix\":\"here:\",\"complete\":true}" | kb-ingest --jsonl >/dev/null && ! there gnu &&
	sync --json here:$work/far >got && [ "$(states got | grep -c ^ready)" -eq 3 ] && there gnu &&
	echo "{\"source\":\"here:$work/far/old.md\",\"text\":\"An old ibex.\"}" | kb-ingest --jsonl >/dev/null &&
	rm -r store/spool && sync --json here:$work/far >got && ! there ibex &&
	[ "$(states got | grep -v ^unchanged)" = "removed $work/far/old.md" ]
'
check 'limits: of files, of a file, of all; the next run goes on' '
	mkdir lim && for i in 1 2 3; do { echo "# Limit$i"; echo; head -c 700000 /dev/zero | tr "\0" x; echo " lim$i."; } >lim/$i.md; done &&
	{ sync --files 2 --json here:$work/lim >got 2>err || :; } && grep -q "more than 2 files" err &&
	[ "$(wc -l <got)" -eq 2 ] && { echo "# Big"; head -c 1100000 /dev/zero | tr "\0" y; } >lim/4.md &&
	{ sync --file-size 1 --json here:$work/lim >got 2>err || :; } &&
	[ "$(states got | grep 4.md)" = "skipped $work/lim/4.md" ] &&
	rm -r store/spool && { sync --full --size 1 --json here:$work/lim >got 2>err || :; } &&
	[ "$(wc -l <got)" -eq 1 ] && grep -q "left to the next run" err &&
	{ sync --json here:$work/lim >got || :; } && [ "$(wc -l <got)" -ge 3 ]
'
check 'one at a time for each remote: 75' '
	mkdir bin && printf "#!/bin/sh\n[ ! -e %s/stall ] || { : >%s/stalled; exec sleep 20; }\nexec %s \"\$@\"\n" \
	    "$work" "$work" "$(command -v rclone)" >bin/rclone && chmod +x bin/rclone && : >stall &&
	{ PATH=$work/bin:$PATH timeout 30 kb-sync here:$work/far >one 2>err & } && pid=$! &&
	wait_for test -e stalled && status 75 sync here:$work/far 2>err2 && grep -q "another run" err2 &&
	kill $(pgrep -P $pid -x kb-sync) && status 75 wait $pid && rm stall && there gnu
'
check 'an rclone that hangs is given up' '
	: >stall && status 69 env PATH="$work/bin:$PATH" timeout 20 kb-sync --timeout 300ms here:$work/far 2>err &&
	grep -q "took longer" err && rm stall && there gnu
'
check 'a cut-off listing and a file that comes short are told from whole ones' '
	mkdir bin2 && cat >bin2/rclone <<EOF &&
#!/bin/sh
case \$1 in
lsjson) $(command -v rclone) "\$@" | sed \$(cat $work/cut) ;;
copy) $(command -v rclone) "\$@" && : >"\${8#:local*Dot?:}/c.md"; [ ! -e $work/fail ] ;;
*) exec $(command -v rclone) "\$@" ;;
esac
EOF
	chmod +x bin2/rclone && echo "\$d" >cut && status 69 env PATH="$work/bin2:$PATH" kb-sync here:$work/far 2>err &&
	grep -q "cut off; nothing is removed" err && there gnu && echo "s/^//" >cut &&
	doc c.md numbat && : >fail && status 65 env PATH="$work/bin2:$PATH" kb-sync --json here:$work/far >got 2>err &&
	[ "$(states got | grep c.md)" = "error $work/far/c.md" ] && there quokka &&
	sync here:$work/far >/dev/null && there numbat && ! there quokka
'
check 'crypt: names and contents are what was encrypted' '
	mkdir vault && printf "[vault]\ntype = crypt\nremote = %s/vault\npassword = %s\n" "$work" \
	    "$(rclone obscure pass)" >>rclone.conf && rclone -q copy far vault:docs 2>/dev/null &&
	! ls -R vault | grep -q a.md && sync --collection secret --json vault:docs >got && states got >seen &&
	printf "ready docs/%s\n" a.md c.md "sub/two words ü.md" >want && same want seen &&
	rclone -q deletefile vault:docs/c.md 2>/dev/null && sync --collection secret --json vault:docs >got &&
	states got | grep -qx "removed docs/c.md"
'
check 'serve webdav: another machine' '
	port=$(free_port) && { rclone serve webdav far --dir-cache-time 0s --addr 127.0.0.1:$port 2>dav.log & } && dav=$! && pids="$pids $dav" &&
	wait_for curl -sf http://127.0.0.1:$port/ &&
	printf "[dav]\ntype = webdav\nurl = http://127.0.0.1:%s/\nvendor = other\n" "$port" >>rclone.conf &&
	sync --collection dav --json dav: >got && states got >seen &&
	printf "ready %s\n" a.md c.md "sub/two words ü.md" >want && same want seen &&
	jq -e ".source | startswith(\"dav:\")" got && doc a.md tapir && sleep 1 && sync --collection dav --json dav: >got &&
	[ "$(states got | grep ^ready)" = "ready a.md" ] && there tapir &&
	kill $dav && wait_for status 7 curl -s http://127.0.0.1:$port/ && status 69 sync --collection dav dav: 2>/dev/null &&
	there tapir
'
# A Drive of ours: what rclone prints of one, and the options it is given.
mkdir drive
cat >drive/rclone <<EOF
#!/bin/sh
echo "\$*" >>$work/calls
case \$1 in
backend) echo '{"Precision":1000000,"Hashes":["md5"],"Features":{"SlowHash":false}}' ;;
listremotes) printf 'other: local\ndrive: drive\n' ;;
lsjson) cat $work/listing ;;
copy)
	to=\${8#:local*Dot?:}
	while IFS= read -r f; do mkdir -p "\$(dirname "\$to/\$f")"; cp "$work/onedrive/\$f" "\$to/\$f"; done <"\$3"
	cp "\$3" $work/asked ;;
esac
EOF
chmod +x drive/rclone
check 'Google Drive: exports, links, times, shared drives; only what changed' '
	mkdir onedrive onedrive/Team && printf "# Opening\n\nOur hours capybara.\n" >onedrive/Hours.txt &&
	printf "# Team\n\nMeet the aardvark.\n" >onedrive/Team/us.md &&
	cat >listing <<EOF &&
[
{"Path":"Hours.txt","Name":"Hours.txt","Size":-1,"ModTime":"2026-11-01T10:00:00.000Z","IsDir":false,"ID":"1AbC"},
{"Path":"Hours.txt","Name":"Hours.txt","Size":-1,"ModTime":"2026-10-01T10:00:00.000Z","IsDir":false,"ID":"2Old"},
{"Path":"Team/us.md","Name":"us.md","Size":27,"ModTime":"2026-11-02T12:00:00.000+02:00","IsDir":false,"ID":"3DeF","Hashes":{"md5":"00ff"}}
]
EOF
	: >calls && PATH=$work/drive:$PATH sync --shared-drive 0Team --shared-with-me --bandwidth 2M \
	    --export docx,txt --collection drive --json drive:Help >got 2>err &&
	states got >seen && printf "ready Help/%s\n" Hours.txt Team/us.md >want && same want seen &&
	grep -q "Hours.txt: is there twice" err &&
	for option in "--drive-export-formats docx,txt" "--drive-team-drive 0Team" --drive-shared-with-me "--bwlimit 2M" \
	    --ask-password=false; do grep "^lsjson" calls | grep -q -e "$option" && grep "^copy" calls | grep -q -e "$option" || exit 1; done &&
	sqlite3 -readonly store/kb.db "SELECT extra FROM document WHERE source = \"drive:Help/Team/us.md\"" >extra &&
	sed -i "s/00ff/00fe/" listing && PATH=$work/drive:$PATH sync --shared-drive 0Team --shared-with-me --bandwidth 2M \
	    --export docx,txt --collection drive --json drive:Help >got 2>err && [ "$(cat asked)" = Team/us.md ]
'
check 'archives: what is within comes and goes with them' '
	mkdir zips pack && echo "# Emu" >pack/e.md && echo "An emu runs." >>pack/e.md &&
	echo "# Kiwi" >pack/k.md && echo "A kiwi hides." >>pack/k.md && echo "# Plain" >zips/p.md && echo "Plain." >>zips/p.md &&
	(cd pack && python3 -m zipfile -c ../zips/two.zip e.md k.md) &&
	sync --json here:$work/zips >got && states got >seen &&
	printf "ready $work/zips/%s\n" p.md two.zip two.zip!/e.md two.zip!/k.md >want && same want seen &&
	sync --json here:$work/zips >got && [ "$(states got | cut -d " " -f 1 | sort -u)" = unchanged ] && there emu &&
	(cd pack && python3 -m zipfile -c ../zips/two.zip e.md) && sync --json here:$work/zips >got &&
	there emu && ! there kiwi && mv zips/two.zip . && sync --json here:$work/zips >got && ! there emu &&
	mv two.zip zips/ && sync here:$work/zips >/dev/null && rm -r store/spool && sync --json here:$work/zips >got && there emu
'
check 'what failed is told of in each run: 65, and fetched again once it changes' '
	mkdir bad && printf "# Good\n\nA good lemur.\n" >bad/g.md && : >bad/e.md &&
	mkdir pack2 && echo "A loris." >pack2/l.md && : >pack2/m.md && (cd pack2 && python3 -m zipfile -c ../bad/z.zip l.md m.md) &&
	status 65 sync --json here:$work/bad >got && states got >want &&
	[ "$(grep "^failed" want)" = "$(printf "failed $work/bad/%s\n" e.md z.zip!/m.md)" ] &&
	for i in 1 2; do
		status 65 sync --json here:$work/bad >got 2>err && [ "$(states got | grep "^failed")" = "$(grep "^failed" want)" ] &&
		[ "$(states got | grep -c ^ready)" -eq 0 ] && grep -q "bad/e.md: has no text" err && grep -q "m.md: has no text" err || exit 1
	done && status 0 sync --dry-run here:$work/bad >got; [ "$(grep -c ^failed got)" -eq 2 ] &&
	echo "Now text." >bad/e.md && echo "A monitor." >pack2/m.md && (cd pack2 && python3 -m zipfile -c ../bad/z.zip l.md m.md) &&
	sync here:$work/bad >/dev/null && sync here:$work/bad >/dev/null && there monitor
'
check 'names of any bytes; one that rclone cannot name is told as that' '
	mkdir names && for n in "new
line" "tab	x" "cr$(printf "\r")x" "#x" "back\\slash" " lead" ; do echo "Some kinkajou." >"names/$n.md"; done &&
	sync --json here:$work/names >got && [ "$(jq -s "map(select(.state == \"ready\")) | length" got)" -eq 6 ] &&
	sync --json here:$work/names >got && jq -se "length == 6 and all(.state == \"unchanged\")" got &&
	echo x >"names/$(printf "bad\377").md" && status 65 sync --json here:$work/names >got 2>err &&
	grep -q "rclone cannot name it" err && ! grep -q "not there any more" err
'
check 'a file that grows beyond --file-size is an error: its older version stays' '
	mkdir grow && printf "# Small\n\nA small numbat.\n" >grow/a.md && echo "# B" >grow/b.md && head -c 1200000 /dev/zero | tr "\0" x >>grow/b.md &&
	sync --file-size 1 --json here:$work/grow >got && states got >seen &&
	printf "%s\n" "ready $work/grow/a.md" "skipped $work/grow/b.md" | same - seen &&
	cp grow/b.md grow/a.md && status 65 sync --file-size 1 --json here:$work/grow >got 2>err && states got >seen &&
	printf "%s\n" "error $work/grow/a.md" "skipped $work/grow/b.md" | same - seen &&
	grep -q "a.md: has grown too large" err && there "small numbat" &&
	{ sync --file-size 1 --dry-run --json here:$work/grow >got 2>err || :; } && states got | grep -q "^error .*a.md"
'
check 'settings that are open to others are refused: 77' '
	cp rclone.conf open.conf && chmod 644 open.conf && status 77 sync --config open.conf here:$work/far 2>err &&
	grep -q "chmod 600" err && status 66 sync --config none.conf here:$work/far 2>/dev/null
'
check 'a credential is copied for the run and taken out behind it' '
	mkdir cred && cp rclone.conf cred/rclone.conf && chmod 440 cred/rclone.conf &&
	env -u RCLONE_CONFIG CREDENTIALS_DIRECTORY="$work/cred" timeout 30 kb-sync --dry-run here:$work/far >/dev/null &&
	CREDENTIALS_DIRECTORY=$work/cred sync --config $work/cred/rclone.conf --dry-run here:$work/far >/dev/null &&
	! find store -name "rclone.conf*" | grep . && [ "$(stat -c %a cred/rclone.conf)" = 440 ]
'
check 'rclone cannot read the store' '
	mkdir -p peek && printf "#!/bin/sh\ncase \$1 in lsjson) cat %s/store/kb.db >%s/peek/kb 2>/dev/null || echo no >&2; exit 1;; *) exec %s \"\$@\";; esac\n" \
	    "$work" "/tmp" "$(command -v rclone)" >peek/rclone && chmod +x peek/rclone &&
	status 69 env PATH="$work/peek:$PATH" kb-sync here:$work/far 2>err && grep -q "rclone: no" err
'
check '[sync NAME] and --if-due' '
	printf "[sync help]\nremote = here:%s/far\ncollection = named\nevery = 1h\n" "$work" >frontdesk.conf &&
	desk-config check && sync --name help --json >got && jq -se "length == 3 and all(.collection == \"named\")" got &&
	sync --name help --if-due --json >got && [ ! -s got ] &&
	status 78 kb-sync --name other 2>err && grep -q "has no remote" err && : >frontdesk.conf
'
check 'killed anywhere, the next run goes on' '
	mkdir many && for i in $(seq 60); do printf "# M%s\n\nNumber many%s.\n" $i $i >many/$i.md; done &&
	for ms in 0.05 0.1 0.15 0.2 0.3; do timeout -s KILL $ms kb-sync here:$work/many >/dev/null 2>&1; done
	again () { sync --json here:$work/many >got; } && wait_for again && [ "$(wc -l <got)" -eq 60 ] && there many33
'
check 'wrong use is 64, no rclone 69, no store 66, a full disk 74' '
	status 64 kb-sync 2>/dev/null && status 64 kb-sync far 2>err && grep -q "kb-ingest takes folders" err &&
	status 64 kb-sync --if-due here: 2>/dev/null && status 66 kb-sync -S nowhere here:$work/far 2>/dev/null &&
	mkdir empty && for p in kb-sync kb-ingest; do ln -s "$(command -v $p)" empty/; done &&
	status 69 env PATH="$work/empty" kb-sync here:$work/far 2>err && grep -q "rclone is not installed" err &&
	status 74 sync --json here:$work/far >/dev/full 2>/dev/null &&
	status 69 sync nosuch:x 2>err && grep -q "rclone: its settings have no remote \"nosuch\"" err &&
	printf "[shut]\ntype = crypt\nremote = %s/vault\npassword = %s\n" "$work" "$(rclone obscure wrong)" >>rclone.conf &&
	status 65 sync shut: 2>err && grep -q "holds no documents; or the password of the remote is wrong" err
'
done_testing
