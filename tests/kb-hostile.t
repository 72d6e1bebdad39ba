#!/bin/sh
# documents that mean harm: each costs itself at most, and the others are read
. "${0%/*}/lib.sh"
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
command -v python3 >/dev/null || { echo '1..0 # SKIP no python3'; exit 0; }
frontdesk init "$FRONTDESK_STORE" >/dev/null
mkdir docs
echo 'canary ztrxwvq' >canary
# Others on the machine may be at the same: the name is of this run alone.
mark=pwned-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')

# Whoever is called, from any document, is heard here.
port=$(free_port)
socat TCP-LISTEN:"$port",bind=127.0.0.1,fork,reuseaddr OPEN:calls,creat,append 2>socat.err &
pids="$pids $!"

check 'at least 80 of them are made, and the good ones among them' '
	python3 "$top/tests/hostile.py" docs "$work/canary" "$port" "$mark" &&
	for i in a m z; do
		printf "# Good %s\n\nThe word lighthouse%s stands here.\n" $i $i \
		    >docs/$i-good.md
	done &&
	[ "$(find docs -type f | wc -l)" -ge 180 ]
'
# Each by name, for of a folder only what is called a document is taken; but for
# the link to the folder itself, which would be all of it once more.
find docs -mindepth 1 -maxdepth 1 ! -name itself -print0 | sort -z >names
# Times are a fraction of what they are by default, memory and text are not;
# LONG=1 takes minutes and leaves them too.
[ -n "${LONG-}" ] || printf '[kb]\ncpu = 400ms\ntimeout = 3s\n' >frontdesk.conf
find docs -printf '%p %y %s %m\n' | sort >docs.before
cat >run.py <<'EOT'
import ctypes, json, os, resource, subprocess, sys, time

def children():
    """Those that are left and not ended."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                state, parent = f.read().rpartition(")")[2].split()[:2]
            if int(parent) == os.getpid() and state != "Z":
                with open(f"/proc/{pid}/cmdline") as f:
                    yield pid + " " + f.read().replace("\0", " ")
        except OSError:
            pass

# What loses its parent comes to us, whatever session it has made for itself.
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
names = open("names", "rb").read().split(b"\0")[:-1]
began = time.time()
r = subprocess.run([b"kb-ingest", b"--json", b"--"] + names,
                   stdin=subprocess.DEVNULL, stdout=open("out", "wb"),
                   stderr=open("err", "wb"), timeout=600)
wall = time.time() - began
u = resource.getrusage(resource.RUSAGE_CHILDREN)
time.sleep(0.5)
with open("left", "w") as f:
    f.writelines(line + "\n" for line in children())
json.dump({"status": r.returncode, "memory": u.ru_maxrss >> 10,
           "cpu": u.ru_utime + u.ru_stime, "wall": wall,
           "count": len(names)}, open("used", "w"))
EOT
check 'all of them in one run: it ends, with 65' '
	python3 run.py && cat used && jq -e ".status == 65" used
'
echo "# $(cat used)"
# A reader that ends by itself in failure is what a sanitizer makes of one.
check 'each is named with what became of it' '
	jq -r .source out | sort -u >got && grep -c . got &&
	[ "$(wc -l <got)" -ge "$(jq .count used)" ] &&
	jq -e -s "all(.state == \"ready\" or (.state == \"failed\" and
	    (.reason | length) > 5))" out &&
	! jq -r "select(.state == \"failed\").reason" out |
		grep -iE "^crashed its reader\$|answer is damaged|before it had|bug"
'
check 'the good ones are found' '
	for i in a m z; do
		kb-search "lighthouse$i" | jq -e -s ".[0].source == \"docs/$i-good.md\"" ||
			exit 1
	done
'
check 'and documents after them, by a new run' '
	printf "# Later\n\nThe word windmill stands here.\n" >later.md &&
	kb-ingest later.md && kb-search windmill | jq -e .passage
'
check 'none read the file outside, nor called anybody' '
	! grep -aq ztrxwvq store/*.db store/*.db-wal out err && [ ! -s calls ]
'
check 'nothing is written outside' '
	[ -z "$(find / -xdev \( -path /proc -o -path "$work" \) -prune -o \
	    -name "*$mark*" -print 2>/dev/null)" ] &&
	[ -n "$(find docs -name "*$mark*")" ] &&
	[ -z "$(find . -name "*$mark*" ! -path "./docs/*")" ] &&
	find docs -printf "%p %y %s %m\n" | sort >docs.after &&
	grep -v -- -good docs.before >a && grep -v -- -good docs.after >b && same a b
'
check 'no process is left of them' '
	[ -e left ] && same /dev/null left
'
# A sanitizer reserves what no limit could hold.
ldd "$(command -v kb-ingest)" | grep -qE 'lib(a|ub)san' ||
check 'memory of each, and of kb-ingest itself, within 256 MiB' '
	jq -e ".memory <= 256" used
'
check 'words for people are on one line each, without control characters' '
	! LC_ALL=C grep -n "[[:cntrl:]]" err &&
	[ "$(grep -c "^kb-ingest: docs/" err)" -eq "$(wc -l <err)" ]
'
done_testing
