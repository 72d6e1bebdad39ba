#!/usr/bin/python3
"""zip.py ARCHIVE CHARSET NAME... - a zip archive of texts by these names

Each holds "text of NAME". The names are written in the charset, without a word
in the archive on which it is, as programs of before UTF-8 do; in UTF-8 they
are marked as that.
"""
import sys
import zipfile

archive, charset, names = sys.argv[1], sys.argv[2], sys.argv[3:]
stand_ins = []
with zipfile.ZipFile(archive, "w") as z:
    for i, name in enumerate(names):
        own = name.encode(charset)
        shown = name
        if charset != "utf-8":
            shown = ("%d_" % i).ljust(len(own), "x")
            stand_ins.append((shown.encode(), own))
        z.writestr(shown, "text of " + name)
if stand_ins:
    with open(archive, "rb") as f:
        data = f.read()
    for shown, own in stand_ins:
        data = data.replace(shown, own)
    with open(archive, "wb") as f:
        f.write(data)
