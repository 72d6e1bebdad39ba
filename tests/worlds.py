#!/usr/bin/env python3
"""worlds.py SEED STEPS FOLDER - a desk run twice with other rules, and what a replay says of it

One store is run with rules drawn at random, another with some of them changed;
the same customers write to both, and people do the same in both. What replaying
the second rules over the log of the first prints must be how the two stands
differ in the end, and no more. Prints what is not so, then how many differences
there were. What stays in FOLDER shows the rules: a and b.
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
now = datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.timezone.utc)
# A timer is in the log only where the conversation was open in that world.
timers = seed % 3 == 1
closing = not timers
words = ["refund", "parcel", "hello", "login", "broken", "thanks", "price", "cancel"]
labels = ["red", "blue", "green", "plain"]
people = ["anna", "carl"]
phones = ["49170000%03d" % i for i in range(7)]
conditions = [
    lambda: 'text "%s"' % random.choice(words),
    lambda: 'text "%s", "%s"' % tuple(random.sample(words, 2)),
    lambda: 'text "%s"' % random.choice(words),
    lambda: random.choice(["", "not "]) + "tagged " + random.choice(labels),
    lambda: "with priority " + random.choice(["low", "medium, urgent", "high"]),
    lambda: "owner " + random.choice(["ai", "queue", "user"]),
    lambda: "team " + random.choice(["north", "south", "none"]),
    lambda: "assignee " + random.choice([*people, "me", "none"]),
    lambda: random.choice(["first message", "reopened", "new conversation"]),
    lambda: "message count %s %d" % (random.choice([">", "<=", "="]), random.randint(1, 4)),
    lambda: random.choice(["inside hours", "outside hours"]),
    lambda: random.choice(["", "not "]) + "attribute tier = gold",
]
actions = [
    lambda: "tag " + random.choice(labels),
    lambda: "tag " + random.choice(labels),
    lambda: "untag " + random.choice(labels),
    lambda: "priority " + random.choice(["low", "high", "urgent"]),
    lambda: 'reply "answer %d"' % random.randint(1, 9),
    lambda: "assign team " + random.choice(["north", "south"]),
    lambda: "assign " + random.choice(people),
    lambda: 'escalate "why"',
    lambda: "set attribute tier " + random.choice(["gold", "tin"]),
    lambda: random.choice(["ai off", "ai on", "no-ai", "stop"]),
    lambda: "ai pause for %dm" % random.choice([15, 90]),
    lambda: "ai pause for %dm" % random.choice([15, 90]),
]
if closing:
    actions += [lambda: "snooze %dm" % random.choice([30, 120]), lambda: "snooze until opening", lambda: "resolve",
                lambda: "archive"]
# Each customer writes to one of them: with hours, without any, and without the AI.
numbers = {"default": "100000000000001", "plain": "100000000000002", "human": "100000000000003"}
wired = {phone: list(numbers)[i % 3] for i, phone in enumerate(phones)}


def rule():
    once = random.choice([""] * 5 + [" once", " once per conversation", " once per day"])
    return ["match " + " ".join(c() for c in random.sample(conditions, random.choice([1, 1, 2]))) + once,
            " ".join(a() for a in random.sample(actions, random.choice([1, 1, 2])))]


def timed(when):
    return ["match " + when + random.choice(["", " owner ai", " owner queue", " not tagged red"]),
            random.choice(["tag ", "untag "]) + random.choice(labels)]


def drawn():
    """The rules of both worlds."""
    a = [rule() for _ in range(random.randint(5, 9))]
    b = [list(r) for r in a]
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(b))
        change = random.random()
        if change < 0.5:
            b[at][1] = random.choice(actions)()
        elif change < 0.75:
            b.insert(at, rule())
        elif len(b) > 2:
            del b[at]
    for when in ["idle 45m", "waiting 90m"] if timers else []:
        a.append(timed(when))
        b.append(timed(when))
    return {"a": a, "b": b}


def run(world, *args, text=None, wanted=(0,)):
    env = dict(os.environ, FRONTDESK_NOW=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
               FRONTDESK_CONF=f"{folder}/{world}.conf", FRONTDESK_STORE=f"{folder}/store-{world}")
    done = subprocess.run(args, input=text, capture_output=True, text=True, env=env, cwd=folder)
    if done.returncode not in wanted:
        sys.exit(f"{seed} {world} {args}: {done.returncode} {done.stderr}")
    return done


def rows(world, sql):
    db = sqlite3.connect(f"file:{folder}/store-{world}/desk.db?mode=ro", uri=True)
    got = db.execute(sql).fetchall()
    db.close()
    return got


def standing(world):
    """What of each customer there is, by the first number; those merged are one."""
    names = {}
    for phone, conversation in rows(world, """SELECT min(ltrim(value, '+')), c.id FROM conversation c
            JOIN contact_alias a ON a.contact = c.contact AND a.kind = 'phone'
            WHERE c.merged_into IS NULL GROUP BY c.id"""):
        names[conversation] = phone
    tags = {}
    for conversation, tag in rows(world, "SELECT conversation, tag FROM conversation_tag ORDER BY tag"):
        tags.setdefault(conversation, []).append(tag)
    events = {}
    said = {}
    # The ids differ between the stores; upon what it was said does not.
    for event, kind, time, text in rows(world, """SELECT e.id, e.type, e.time_ms, m.text FROM event e
            LEFT JOIN message m ON m.id = e.id"""):
        events[event] = f"{kind} {time} {text or ''}"
    for conversation, cause, text in rows(world, """SELECT coalesce(c.merged_into, c.id), e.cause, m.text
            FROM event e JOIN message m ON m.id = e.data ->> 'message'
            JOIN conversation c ON c.id = e.data ->> 'conversation'
            WHERE e.type = 'message.queued' AND m.author = 'rule' ORDER BY e.seq"""):
        while conversation not in names:
            conversation = rows(world, f"SELECT merged_into FROM conversation WHERE id = '{conversation}'")[0][0]
        said.setdefault(conversation, []).append(f"{events[cause]} {text}")
    stands = {}
    for c, owner, assignee, team, priority, status in rows(
            world, "SELECT id, owner, assignee, team, priority, status FROM conversation"
            " WHERE merged_into IS NULL ORDER BY id"):
        if owner == "user":
            owner = assignee
        stands[names[c]] = {"conversation": c, "assignee": assignee, "plain": owner, "team": team,
                            "owner": f"team {team}" if owner == "queue" and team else owner,
                            "priority": priority, "status": status, "tags": tags.get(c, []),
                            "replies": sorted(said.get(c, []))}
    return stands, names, events


def write():
    global now
    bodies = ""
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        phone = random.choice(phones)
        line = json.dumps({"from": phone, "timestamp": int(now.timestamp()),
                           "id": f"wamid.{random.getrandbits(48):x}",
                           "text": " ".join(random.sample(words, random.randint(1, 2)))}) + "\n"
        bodies += run("a", "wa-sim", "--bodies", "--phone-number-id", numbers[wired[phone]], text=line).stdout
    for world in "ab":
        run(world, "wa-recv", "--stdin", text=bodies)


def deed(stand):
    """What a person does with one that stands so, as far as it changes anything there."""
    closed = stand["status"] in ("resolved", "archived")
    owner, tags = stand["plain"], stand["tags"]
    person, team = random.choice(people), random.choice(["north", "south"])
    tag, priority = random.choice(labels), random.choice(["low", "high", "urgent"])
    return random.choice([d for d, does in [
        (["take"], owner != "me"), (["reply", "an answer"], not closed or owner == "me"),
        (["reply", "an answer"], not closed), (["release"], owner != "queue"),
        (["release", "--to-ai"], owner != "ai"), (["assign", person], owner != person),
        (["assign", f"--team={team}"], owner != "queue" or stand["team"] != team),
        (["escalate", "why"], owner != "queue"), (["resolve"], not closed), (["archive"], not closed),
        (["reopen"], closed), (["snooze", "90m"], closing and stand["status"] == "open"),
        (["tag", tag], tag not in tags), (["untag", tag], tag in tags),
        (["priority", priority], priority != stand["priority"]), (["pause"], owner != "queue"),
        (["pause", "--for=50m"], owner in ("ai", "queue"))] if does])


def act():
    here, there = standing("a")[0], standing("b")[0]
    if not here:
        return
    if len(here) > 1 and random.random() < 0.12:
        one = random.choice(sorted(here))
        other = random.choice([phone for phone in sorted(here) if wired[phone] == wired[one]])
        if other == one:
            return
        for world, stands in (("a", here), ("b", there)):
            run(world, "conv", "merge", stands[one]["conversation"], stands[other]["conversation"])
        return
    phone = random.choice(sorted(here))
    verb, *rest = deed(here[phone])
    options = [word for word in rest if word.startswith("--")]
    for world, stands in (("a", here), ("b", there)):
        # The other world may have it so already, or not take it.
        done = run(world, "conv", verb, "--json", *options, stands[phone]["conversation"],
                   *[word for word in rest if word not in options], wanted=(0, 1))
        if world == "a" and not done.stdout:
            return


rules = drawn()
for world in "ab":
    with open(f"{folder}/{world}", "w") as f:
        f.write("".join("%s %s\n" % tuple(r) for r in rules[world]))
    with open(f"{folder}/desk.conf") as f:
        settings = f.read()
    with open(f"{folder}/{world}.conf", "w") as f:
        f.write(f"{settings}[rules]\nfile = {folder}/{world}\n")
    run(world, "frontdesk", "init", f"{folder}/store-{world}")
    for person in people:
        run(world, "desk-user", "add", person)
    run(world, "desk-team", "add", "north", "anna")
    run(world, "desk-team", "add", "south", "carl")
for _ in range(steps):
    now += datetime.timedelta(seconds=random.choice([5, 40, 120, 600, 1800, 3700]))
    if random.random() < 0.6:
        write()
    else:
        act()
    for world in "ab":
        run(world, "route", "--follow", "--once", "--from=start")

(one, names, events), (two, _, _) = standing("a"), standing("b")
wanted = {(phone, field): (one[phone][field], two[phone][field]) for phone in one
          for field in ("owner", "priority", "replies", "status", "tags")
          if one[phone][field] != two[phone][field]}
found = {}
for line in run("a", "route", "--replay", "-f", f"{folder}/b", wanted=(0, 1)).stdout.splitlines():
    told = json.loads(line)
    pair = told["now"], told["new"]
    if told["field"] == "replies":
        pair = tuple(sorted(f"{events[event]} {text}" for event, text in (said.split(" ", 1) for said in side))
                     for side in pair)
    found[names.get(told["conversation"], told["conversation"]), told["field"]] = pair
for key in sorted(set(wanted) | set(found)):
    if wanted.get(key) != found.get(key):
        print(seed, *key, "the desks", wanted.get(key), "replayed", found.get(key))
if run("a", "route", "--replay", "-f", f"{folder}/a", wanted=(0, 1)).stdout:
    print(seed, "the same rules differ")
print("differ", len(wanted))
