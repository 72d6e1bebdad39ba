#!/usr/bin/env python3
"""search-xapian.py build|ask DB - Xapian beside our search.

build reads documents, ask reads questions, both lines of JSON from stdin;
figures go to stdout as one object. English stems, no positions, title three
times, BM25 as it comes, any of the words, the ten best.
"""
import json
import os
import re
import sys
import time

import xapian

WORD = re.compile(r"\w+")


def build(path):
    db = xapian.WritableDatabase(path, xapian.DB_CREATE_OR_OVERWRITE)
    generator = xapian.TermGenerator()
    generator.set_stemmer(xapian.Stem("en"))
    generator.set_stemming_strategy(xapian.TermGenerator.STEM_ALL)
    began, size, rows = time.monotonic(), 0, 0
    for line in sys.stdin:
        d = json.loads(line)
        document = xapian.Document()
        generator.set_document(document)
        generator.index_text_without_positions(d["title"], 3)
        generator.index_text_without_positions(d["text"])
        db.add_document(document)
        size += len(d["text"].encode())
        rows += 1
    db.commit()
    took = time.monotonic() - began
    db.close()
    kept = sum(os.path.getsize(os.path.join(path, f)) for f in os.listdir(path))
    print(json.dumps({"rows": rows, "bytes_per_second": round(size / took), "bytes": kept}))


def ask(path):
    db = xapian.Database(path)
    stem = xapian.Stem("en")
    times = []
    for line in sys.stdin:
        words = WORD.findall(json.loads(line)["query"].lower())
        began = time.monotonic()
        enquire = xapian.Enquire(db)
        enquire.set_query(xapian.Query(xapian.Query.OP_OR,
                                       [stem(w).decode() for w in words]))
        for match in enquire.get_mset(0, 10):
            match.docid
        times.append((time.monotonic() - began) * 1e6)
    times.sort()
    print(json.dumps({"count": len(times), "p50_us": round(times[len(times) // 2]),
                      "p99_us": round(times[len(times) * 99 // 100])}))


{"build": build, "ask": ask}[sys.argv[1]](sys.argv[2])
