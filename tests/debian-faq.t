#!/bin/sh
# The Debian FAQ, from Debian's own package: newcomers' questions are answered
# with the right section quoted, and what it does not answer is refused. The
# questions are tests/data/debian-faq*.jsonl; whatever section a right answer
# may come from begins with one of its numbers. All that is said goes to
# $BUILD/debian-faq.transcript.
. "${0%/*}/lib.sh"
. "$top/tests/answers.sh"
build=${BUILD:-$top/build}
faq=
for dir in /usr/share/doc/debian/FAQ /usr/share/doc/debian-faq/html; do
	[ -f "$dir/basic-defs.en.html" ] && faq=$dir && break
done
if [ -z "$faq" ]; then	# documents may be left out of an installed system
	(mkdir package && cd package && apt-get -qq download debian-faq &&
		dpkg-deb -x debian-faq_*.deb .) >apt.log 2>&1
	faq=$work/package/usr/share/doc/debian/FAQ
	[ -f "$faq/basic-defs.en.html" ] || {
		echo "1..0 # SKIP debian-faq: $(tail -n 1 apt.log)"
		exit 0
	}
fi
ln -s "$faq" FAQ
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null

check 'every chapter is read, and nothing of the pages around them' '
	kb-ingest --json FAQ/ >ingested &&
	[ "$(jq -r .state ingested | sort | uniq -c | tr -s " ")" = " 17 ready" ] &&
	[ "$(jq -s "map(.passages) | add" ingested)" -gt 150 ] &&
	! sqlite3 -readonly store/kb.db "SELECT text FROM passage" |
		grep -E "^(Prev|Next|Up|Home)$|Table of Contents"
'
judge "$FRONTDESK_STORE" "$top/tests/data/debian-faq.jsonl" transcript
cp transcript "$build/debian-faq.transcript" 2>/dev/null
check 'at least 24 questions of each kind were asked' '
	[ $((right + wrong + declined)) -ge 24 ] && [ $((refused + invented)) -ge 24 ]
'
check 'at least 20 are answered with the right section quoted, few with another' '
	[ "$right" -ge 27 ] && at_least 80 67 0 transcript
'
check 'at least 20 that it does not answer are refused' '
	[ "$refused" -ge 31 ] || { cat transcript; exit 1; }
'
judge "$FRONTDESK_STORE" "$top/tests/data/debian-faq-more.jsonl" more.transcript
check 'so are more of them, and harder' '
	at_least 70 55 88 more.transcript
'
# Written before anything was fitted, and not looked at while it was.
judge "$FRONTDESK_STORE" "$top/tests/data/debian-faq-unseen.jsonl" unseen.transcript
cp unseen.transcript "$build/debian-faq-unseen.transcript" 2>/dev/null
check 'questions that nothing was fitted to' '
	at_least 78 63 87 unseen.transcript
'
"$build/tests/unit-extract" "$FRONTDESK_STORE" \
    <"$top/tests/data/debian-faq.jsonl" >answers
check 'an answer is one to three sentences, a list, a row: short' '
	jq -e -s "all(.[]; (.answer // \"\" | length) <= 1700)" answers
'
check 'what is quoted stands in the FAQ as it is said' '
	sqlite3 -readonly store/kb.db "SELECT text FROM passage" |
		tr -s " \n" " " >all &&
	jq -r "select(.answer != null).answer" answers | grep -v "^ " |
	while IFS= read -r line; do
		grep -qF -e "$(printf %s "$line" | cut -c 1-120)" all ||
			echo "$line"
	done >invented && same /dev/null invented
'
done_testing
