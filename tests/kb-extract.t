#!/bin/sh
# kb-extract(1): a document in, its blocks out; and at the socket for kb-ingest
. "${0%/*}/lib.sh"
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null

check 'a document is its blocks, each a line' '
	printf "%s\n" "# Returns" "" "You have 30 days." "" "* shoes" "* hats" "" \
	    "| Item | Days |" "|---|---|" "| Shoe | 30 |" "" "    code  here" |
		kb-extract >got &&
	cat >want <<-EOT &&
	{"kind":"document","type":"markdown","title":"Returns"}
	{"kind":"heading","level":1,"text":"Returns"}
	{"kind":"paragraph","text":"You have 30 days."}
	{"kind":"list","text":"- shoes\n- hats"}
	{"kind":"rows","text":"Item: Shoe; Days: 30"}
	{"kind":"code","text":"code  here"}
	EOT
	same want got
'
check 'the type is what the content says, and the name where it does not' '
	echo "plain words" >in &&
	[ "$(kb-extract <in | jq -r "select(.type).type")" = text ] &&
	[ "$(kb-extract --name a.md <in | jq -r "select(.type).type")" = markdown ] &&
	echo "<html lang=de><title>T</title><p>x</p>" | kb-extract |
		jq -e -s ".[0] | .type == \"html\" and
		    .title == \"T\" and .language == \"de\""
'
check 'charsets whose tables are files are read in the box' '
	printf "<html><meta charset=koi8-r><p>\320\322\311\327\305\324" |
		kb-extract | grep -q привет &&
	printf "caf\351\n" | kb-extract | grep -q café &&
	printf "\376\377\000h\000i" | kb-extract | grep -q hi
'
check 'what cannot be read is named' '
	printf "SQLite format 3\000x" | status 65 kb-extract --name prog 2>err >got &&
	same /dev/null got &&
	grep -q "^kb-extract: prog: is .*, not text\$" err &&
	status 65 kb-extract </dev/null 2>err && grep -q "has no text" err
'
check 'too much of it is named' '
	printf "[kb]\ndocument_size = 1\ntext_size = 1\ncpu = 50ms\n" >frontdesk.conf &&
	head -c 2000000 /dev/zero | tr "\000" x | status 65 kb-extract 2>err &&
	grep -q "is larger than 1 MiB" err && : >frontdesk.conf
'
check 'a full disk is an error' '
	echo words | status 74 kb-extract >/dev/full
'
check 'wrong use' '
	status 64 kb-extract file 2>/dev/null &&
	status 64 kb-extract --serve --name x 2>/dev/null
'

# --- the service; socat stands in for the service manager ---
cat >serve <<'EOT'
#!/bin/sh
echo served >>served
exec kb-extract --serve 2>>serve.err
EOT
chmod 755 serve
mkdir docs
for i in 1 2 3 4 5; do printf '# Page %s\n\nWords of page %s.\n' $i $i >docs/$i.md; done
check 'without the service a child reads' '
	kb-ingest --plain docs/1.md && [ ! -e served ]
'
check 'setting socket: without the service nothing is read, and why' '
	printf "[kb]\nextractor = socket\n" >frontdesk.conf &&
	status 69 kb-ingest docs/2.md 2>err && grep -q "kb-extract.sock" err
'
rm -f store/run/kb-extract.sock
socat UNIX-LISTEN:store/run/kb-extract.sock,fork EXEC:./serve,nofork 2>socat.err &
pids="$pids $!"
wait_for test -S store/run/kb-extract.sock
check 'with it, one connection reads the documents of a run' '
	: >frontdesk.conf && kb-ingest --plain docs >got &&
	[ "$(cut -f1 got | sort | uniq -c | tr -s " " | tr "\n" ,)" = \
	    " 4 ready, 1 unchanged," ] && [ "$(wc -l <served)" -eq 1 ] &&
	kb-search "words of page 3" | jq -e -s ".[0].source == \"docs/3.md\""
'
check 'setting child: it is left alone' '
	printf "[kb]\nextractor = child\n" >frontdesk.conf &&
	echo "# New" >docs/6.md && echo words >>docs/6.md &&
	kb-ingest --plain docs/6.md && [ "$(wc -l <served)" -eq 1 ] &&
	: >frontdesk.conf
'
check 'a document at fault there leaves the others alone' '
	printf "SQLite format 3\000x" >docs/7.md && echo "# Eight" >docs/8.md &&
	echo words >>docs/8.md && status 65 kb-ingest --plain docs 2>err >got &&
	grep -q "^kb-ingest: docs/7.md: is .*, not text\$" err &&
	grep -q "^ready.*docs/8.md" got
'
# What else could be at the other end of the socket.
check 'who does not speak it is refused, and nothing is left running' '
	printf "GET / HTTP/1.0\n\n" | status 65 kb-extract --serve 2>err &&
	grep -q "does not speak" err && status 0 kb-extract --serve </dev/null
'
hello=$(grep -ao "kbx[0-9]" "$(command -v kb-extract)" | head -n 1)
request () {	# LENGTH BYTES: of a document, and how much of one comes
	perl -e 'print $ARGV[0], pack("QLqqqqL", $ARGV[1], 3, $ARGV[2], 1, 1, 1, 0),
	    "abc", "x" x $ARGV[3]' "$hello" "$@"
}
request 4611686018427387904 1 5 >huge
request 100 1 5 >short
request 10 -1 10 >minus
check 'a request of no sense is refused' '
	[ "${#hello}" -eq 4 ] && for f in huge short minus; do
		socat - EXEC:"kb-extract --serve" <$f >out 2>err
		grep -qE "of no sense|ends too early" err || exit 1
	done
'
pid=${pids##* }
kill "$pid" && wait "$pid" 2>/dev/null
rm -f store/run/kb-extract.sock
# The service falls over: that document failed, the next has a new one.
cat >serve <<'EOT'
#!/bin/sh
echo served >>served
head -c 4
head -c 45 >/dev/null
EOT
socat UNIX-LISTEN:store/run/kb-extract.sock,fork EXEC:./serve 2>socat.err &
pids="$pids $!"
wait_for test -S store/run/kb-extract.sock
check 'a service that goes away costs the document at hand' '
	echo "# Nine" >docs/9.md && echo words >>docs/9.md &&
	status 65 kb-ingest docs/9.md 2>err &&
	grep -q "ended before it had answered" err &&
	printf "[kb]\nextractor = child\n" >frontdesk.conf &&
	kb-ingest docs/9.md
'
done_testing
