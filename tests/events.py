#!/usr/bin/env python3
"""events.py SCHEMAS lines FILE     validate event lines
events.py SCHEMAS rows FILE      the same, and nothing personal may be there
events.py SCHEMAS page FILE      the page names every type, field and version

SCHEMAS is share/schema. Says what is wrong, a line each, and exits with 1.
"""
import json
import os
import re
import sys

from jsonschema import Draft202012Validator

PERSONAL = {"text", "content", "wamid", "quoted", "name", "phone", "bsuid",
            "username", "erased", "truncated"}


def inlined(schema, common):
    """The schema with what it takes from common.json put in its place."""
    if isinstance(schema, list):
        return [inlined(part, common) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return inlined(common[schema["$ref"].rsplit("/", 1)[1]], common)
    return {key: inlined(part, common) for key, part in schema.items()
            if key != "$id"}


def load(folder):
    events = os.path.join(folder, "event")
    with open(os.path.join(events, "common.json"), encoding="utf-8") as f:
        common = json.load(f)["$defs"]
    types = {}
    for name in sorted(os.listdir(events)):
        if name == "common.json":
            continue
        with open(os.path.join(events, name), encoding="utf-8") as f:
            types[name[:-len(".json")]] = inlined(json.load(f), common)
    with open(os.path.join(folder, "event.json"), encoding="utf-8") as f:
        envelope = inlined(json.load(f), common)
    for schema in [envelope, *types.values()]:
        Draft202012Validator.check_schema(schema)
    return envelope, types


def reasons(schema, value):
    for error in Draft202012Validator(schema).iter_errors(value):
        where = "/".join(str(part) for part in error.absolute_path)
        yield f"{where or '.'}: {error.message}"


def check_lines(folder, path, bare):
    envelope, types = load(folder)
    wrong = set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            name = event.get("type", "?")
            for reason in reasons(envelope, event):
                wrong.add(f"{name}: {reason}")
            if name not in types:
                wrong.add(f"{name}: has no schema")
                continue
            for reason in reasons(types[name], event["data"]):
                wrong.add(f"{name}: data: {reason}")
            personal = PERSONAL & event["data"].keys()
            if bare and personal and not name.startswith(("document.", "action.")):
                if name.startswith("template."):
                    continue
                wrong.add(f"{name}: personal in a row: {sorted(personal)}")
    return wrong


def check_page(folder, path):
    """Each type is an .It Em, each field an .It Va or .Va below it."""
    _, types = load(folder)
    named, current = {}, None
    with open(path, encoding="utf-8") as page:
        text = page.read()
    for line in text.splitlines():
        if line.startswith(".Sh "):
            current = None
        elif match := re.match(r"\.It Em ([a-z]+\.[a-z_]+)$", line):
            current = named.setdefault(match[1], set())
        elif current is not None:
            if match := re.match(r"\.(?:It )?Va ([a-z_]+)", line):
                current.add(match[1])
    wrong = set()
    if "This is version 1" not in text:
        wrong.add("the page does not say its version")
    for name in sorted(named.keys() - types.keys()):
        wrong.add(f"{name}: in the page, has no schema")
    for name, schema in types.items():
        fields = set(schema["properties"])
        if name not in named:
            wrong.add(f"{name}: not in the page")
            continue
        for field in fields - named[name]:
            wrong.add(f"{name}: the page lacks the field {field}")
        for field in named[name] - fields:
            wrong.add(f"{name}: the page names {field}, the schema does not")
    return wrong


def main():
    folder, what, path = sys.argv[1:]
    if what == "page":
        wrong = check_page(folder, path)
    else:
        wrong = check_lines(folder, path, what == "rows")
    for line in sorted(wrong):
        print(line)
    sys.exit(1 if wrong else 0)


main()
