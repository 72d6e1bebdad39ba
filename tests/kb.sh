# shellcheck shell=sh
# kb.sh - for tests of the knowledge base in ./store: look into it, and what
# must hold of it after anything that happened to it
base () { sqlite3 -readonly store/kb.db "$1"; }
none () {	# QUERY: it counts to 0
	[ "$(base "$1")" -eq 0 ] || { echo "not 0: $1" >&2; return 1; }
}
whole () {
	[ "$(base 'PRAGMA integrity_check')" = ok ] &&
	[ -z "$(base 'PRAGMA foreign_key_check')" ] &&
	none 'SELECT count(*) FROM place p LEFT JOIN document d
	    ON d.id = p.document WHERE p.version IS NOT d.version' &&
	none 'SELECT count(*) FROM document d WHERE passages <>
	    (SELECT count(*) FROM place WHERE document = d.id)' &&
	none 'SELECT count(*) FROM (SELECT 1 FROM place
	    GROUP BY document, ordinal HAVING count(*) > 1)' &&
	none 'SELECT count(*) FROM (SELECT 1 FROM passage
	    GROUP BY same HAVING count(*) > 1)' &&
	none 'SELECT count(*) FROM passage WHERE stale' &&
	none 'SELECT count(*) FROM dropped p LEFT JOIN document d
	    ON d.id = p.document WHERE p.version IS NOT d.version' &&
	"${BUILD:-$top/build}/tests/unit-index" store
}
