#!/bin/sh
# frontdesk maintain: no word of what was taken out or changed stays in kb.db
. "${0%/*}/lib.sh"
. "$top/tests/kb.sh"
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null

# 600 documents; each has a word of its own in every place a word can be.
perl -e '
	for my $n (1 .. 600) {
		my $w = sprintf "zyx%04d", $n;
		my $body = join " ", map { "filling$_ number " . ($n * $_) % 97 } 1 .. 20 + $n % 50;
		my $more = $n % 3 ? "" : "\\n\\n## Shared part\\n\\nA text that many have alike.";
		my $long = $n == 77 ? " lorem${w}lorem" x 40000 : "";
		print qq({"source":"s/$w-a","title":"Title $w-b","text":"# Top $w-c\\n\\nBody $w-d $body$long$more",),
		    qq("description":"About $w-e","url":"https://example.com/$w-f","extra":"$w-g"}\n);
	}' >lines
kb-ingest --jsonl <lines >/dev/null 2>&1
# Words of documents in the bytes of the file: "zyx0007" of 7.
words () { cat store/kb.db store/kb.db-wal store/kb.db-shm 2>/dev/null | LC_ALL=C grep -aoE 'zyx[0-9]{4}' | sort -u; }
kb-doc list --ids --source 's/*' >ids

check 'all words are there before' '
	[ "$(words | wc -l)" -eq 600 ] && whole
'
check 'rm: after maintain no word of them is in any byte of the file' '
	for n in $(seq 1 2 300) 77; do printf "s/zyx%04d-a\n" $n; done | sort -u >gone &&
	kb-doc list --json | jq -r "[.document, .source] | @tsv" |
		awk -F"\t" "NR == FNR { gone[\$1]; next } \$2 in gone { print \$1 }" gone - >gone.ids &&
	[ "$(wc -l <gone.ids)" -eq 150 ] && kb-doc rm <gone.ids && whole &&
	frontdesk maintain && whole &&
	words >left && [ "$(wc -l <left)" -eq 450 ] &&
	sed "s/^s.//; s/-a$//" gone >gone.words && ! grep -qxF -f gone.words left &&
	kb-search zyx0008 | jq -e .rank >/dev/null && status 1 kb-search zyx0007 >/dev/null
'
check 'what a document said before it was changed is gone too' '
	grep -E "zyx0(30|31|32)[0-9]" lines | sed "s/zyx0/new0/g; s/new0\([0-9]*\)-a/zyx0\1-a/" |
		kb-ingest --jsonl >/dev/null && whole && frontdesk maintain &&
	words >left && for n in 300 315 329; do
		LC_ALL=C grep -acE "zyx0$n-[b-g]" store/kb.db && exit 1
		LC_ALL=C grep -qaE "new0$n" store/kb.db || exit 1
	done; true
'
check 'a title of a person that was taken back is gone' '
	id=$(head -n 1 gone.ids) && id=$(kb-doc list --ids | head -n 1) &&
	kb-doc edit "$id" --title "Zyx9999 title" --description "zyx9998" && frontdesk maintain &&
	words | grep -qx zyx9998 && LC_ALL=C grep -qa zyx9999 store/kb.db &&
	kb-doc edit "$id" --title "" --description "" && frontdesk maintain &&
	! words | grep -q zyx999 && ! LC_ALL=C grep -qai zyx9999 store/kb.db
'
check 'the last is gone: nothing is left, and the file is small again' '
	before=$(stat -c %s store/kb.db) && kb-doc rm --yes --source "s/*" &&
	frontdesk maintain && [ -z "$(words)" ] &&
	! LC_ALL=C grep -qaE "new0[0-9]|filling|lorem|shared part|text that many" store/kb.db &&
	[ "$(stat -c %s store/kb.db)" -lt $((before / 4)) ] && [ ! -s store/kb.db-wal ] && whole
'
# SQLite wipes a row that is deleted, and not the copies of it that stay where
# the rows of a page were shared out anew.
check 'copies that a page kept of rows it gave away are gone, too' '
	sqlite3 store/kb.db "PRAGMA secure_delete = ON;
	    CREATE TABLE odd (id TEXT PRIMARY KEY, x TEXT) WITHOUT ROWID;
	    WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
	    INSERT INTO odd SELECT printf(\"%08x\", (n * 2654435761) & 0xffffffff),
		printf(\"zyx%04d%.*c\", n, n * 7 % 200, \"p\") FROM n;
	    DELETE FROM odd WHERE x < \"zyx2500\"" >/dev/null &&
	[ "$(words | grep -c "zyx[01]")" -gt 0 ] && frontdesk maintain && whole &&
	[ "$(words | grep -c "zyx[01]")" -eq 0 ] && [ "$(words | wc -l)" -eq 501 ] &&
	[ "$(sqlite3 store/kb.db "SELECT count(*) FROM odd; DROP TABLE odd")" -eq 501 ]
'
check 'a file that was not made for it shrinks as well' '
	kb-ingest --jsonl <lines >/dev/null 2>&1 && kb-doc rm --yes --source "s/*" &&
	sqlite3 store/kb.db "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM;
	    PRAGMA journal_mode = WAL; PRAGMA auto_vacuum;" | tail -n 1 | grep -qx 0 &&
	kb-ingest --jsonl <lines >/dev/null 2>&1 && kb-doc rm --yes --source "s/*" &&
	before=$(stat -c %s store/kb.db) && frontdesk maintain && [ -z "$(words)" ] &&
	[ "$(stat -c %s store/kb.db)" -lt "$before" ] && whole
'
done_testing
