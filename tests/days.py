#!/usr/bin/env python3
"""days.py SEED STEPS FOLDER - days of a desk at random, and whether a replay ends where it stands

Customers write, people do what conv can, time goes by; the rules that hold are
in FOLDER/rules. Then rules that do something else to nearly everything are
replayed: what the present ones came to, from the log alone, must be what the
tables of the desk say. Prints each field that is not, and how many were held
against one another.
"""
import datetime
import json
import os
import random
import sqlite3
import subprocess
import sys

seed, steps, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
random.seed(seed)
now = datetime.datetime(2026, 11, 23, 9, 0, tzinfo=datetime.timezone.utc)
words = ["hello", "refund", "money", "boss", "team", "mine", "bye", "later", "robot",
         "machine", "away", "day", "stuff", "thanks", "question", "human agent", "deal", "least"]
phones = ["49170000%03d" % i for i in range(12)]
deeds = [["take"], ["release"], ["release", "--to-ai"], ["resolve"], ["archive"],
         ["tag", "vip"], ["untag", "billing"], ["priority", "low"], ["reopen"],
         ["reply", "an answer"], ["escalate", "why"], ["assign", "me"], ["pause"],
         ["assign", "--team=sup", "--round-robin"], ["assign", "--team=sup"]]


def run(*args, text=None):
    env = dict(os.environ, FRONTDESK_NOW=now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    done = subprocess.run(args, input=text, capture_output=True, text=True, env=env, cwd=folder)
    said = [line for line in done.stderr.splitlines() if "would have been open for longer" not in line]
    if args[0] == "route" and (done.returncode not in (0, 1) or said):
        sys.exit(f"{args}: {done.returncode} {done.stderr}")
    return done.stdout


def rows(sql):
    db = sqlite3.connect("file:" + os.environ["FRONTDESK_STORE"] + "/desk.db?mode=ro", uri=True)
    got = db.execute(sql).fetchall()
    db.close()
    return got


def write():
    global now
    lines = ""
    for _ in range(random.choice([1, 1, 1, 2])):
        lines += json.dumps({"type": "message.received",
                             "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                             "data": {"kind": random.choice(["text"] * 9 + ["image"]),
                                      "phone": random.choice(phones),
                                      "text": " ".join(random.sample(words, random.randint(1, 2)))}})
        lines += "\n"
        now += datetime.timedelta(seconds=random.choice([3, 40]))
    run("route", "-q", text=lines)


def hear():
    """Several of one second, of which rules are asked later."""
    lines = "".join(json.dumps({"from": random.choice(phones[:4]), "timestamp": int(now.timestamp()),
                                "text": random.choice(words)}) + "\n"
                    for _ in range(random.choice([1, 2, 4])))
    run("wa-recv", "--stdin", text=run("wa-sim", "--bodies", text=lines))


def tell():
    ids = [row[0] for row in rows("SELECT id FROM contact ORDER BY id")]
    if ids:
        run(*random.choice([["desk-contact", "opt-out", random.choice(ids)],
                            ["desk-contact", "opt-in", random.choice(ids)],
                            ["desk-contact", "language", random.choice(ids), "pt"],
                            ["desk-user", "away", "anna"], ["desk-user", "online", "anna"]]))


def act():
    ids = [row[0] for row in rows("SELECT id FROM conversation ORDER BY id")]
    if ids:
        deed = random.choice(deeds)
        options = [word for word in deed[1:] if word.startswith("--")]
        run("conv", deed[0], *options, random.choice(ids),
            *[word for word in deed[1:] if word not in options])


def join():
    """Two customers turn out to be one, or one two."""
    ids = [row[0] for row in rows("SELECT id FROM conversation WHERE merged_into IS NULL ORDER BY id")]
    several = rows("SELECT c.id, max(a.value) FROM conversation c JOIN contact_alias a"
                   " ON a.contact = c.contact WHERE c.merged_into IS NULL AND a.kind = 'phone'"
                   " GROUP BY c.id HAVING count(*) > 1 ORDER BY c.id")
    if several and random.random() < 0.3:
        run("conv", "split", *random.choice(several))
    elif len(ids) > 1:
        run("conv", "merge", *random.sample(ids, 2))


run("route", "--follow", "--once", "--from", "start")
for _ in range(steps):
    now += datetime.timedelta(seconds=random.choice([5, 20, 70, 400, 900, 1500]))
    at = random.random()
    if at < 0.5:
        write()
    elif at < 0.6:
        hear()
        if random.random() < 0.5:
            act()
    elif at < 0.65:
        tell()
    elif at < 0.7:
        join()
    else:
        act()
    if random.random() < 0.5:
        run("route", "--follow", "--once")
run("route", "--follow", "--once")

wanted = {}
for line in run("route", "--replay", "-f", "other").splitlines():
    difference = json.loads(line)
    wanted[difference["conversation"], difference["field"]] = difference["now"]
tags = {}
for conversation, tag in rows("SELECT conversation, tag FROM conversation_tag ORDER BY tag"):
    tags.setdefault(conversation, []).append(tag)
held = 0
for c, owner, assignee, team, priority, status in rows(
        "SELECT id, owner, assignee, team, priority, status FROM conversation"):
    if owner == "user":
        owner = assignee
    elif owner == "queue" and team:
        owner = "team " + team
    for field, value in (("owner", owner), ("priority", priority), ("status", status),
                         ("tags", tags.get(c, []))):
        if (c, field) in wanted:
            held += 1
            if wanted[c, field] != value:
                print(seed, c, field, "replayed", wanted[c, field], "the desk", value)
if run("route", "--replay", "-f", "rules"):
    print(seed, "the same rules differ")
print("held", held)
