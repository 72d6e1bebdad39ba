#!/usr/bin/env python3
"""graph.py SCHEMAS NAME FILE   validate the lines of FILE against graph/NAME

SCHEMAS is share/schema. Says what is wrong, a line each, and exits with 1.
"""
import json
import os
import sys

from jsonschema import Draft202012Validator


def inlined(schema, load):
    """The schema with the files it names put in their places."""
    if isinstance(schema, list):
        return [inlined(part, load) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return inlined(load(schema["$ref"]), load)
    return {key: inlined(part, load) for key, part in schema.items()
            if key not in ("$id", "$schema")}


def main():
    folder, name, path = sys.argv[1:]

    def load(file):
        with open(os.path.join(folder, "graph", file), encoding="utf-8") as f:
            return json.load(f)

    schema = inlined(load(name + ".json"), load)
    Draft202012Validator.check_schema(schema)
    checker = Draft202012Validator(schema)
    wrong = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            for error in checker.iter_errors(json.loads(line)):
                where = "/".join(str(part) for part in error.absolute_path)
                wrong.append(f"{number}: {where or '.'}: {error.message}")
    for line in wrong:
        print(line[:400])
    sys.exit(1 if wrong else 0)


main()
