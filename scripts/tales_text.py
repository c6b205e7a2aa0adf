#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the texts of models/tales: OUT/train.txt and OUT/valid.txt, the last 6 % of each source.

Grimm's tales as Project Gutenberg transcribes F. J. Olcott's edition lose front matter, transcriber's notes, captions and
italics marks; wrapped paragraphs become one line each, verse keeps its lines. "Tiny Shakespeare" loses its empty lines.

    scripts/tales_text.py GRIMM.txt SHAKESPEARE.txt OUT
"""
import pathlib
import re
import sys

HELD_OUT = 0.06


def tales(text):
    lines = text.replace("\r\n", "\n").split("\n")
    title = lines.index("GRIMM’S FAIRY TALES")
    end = next(i for i, line in enumerate(lines) if line.startswith("Transcriber"))
    body = re.sub(r"\[Illustration[^\]]*\]", "", "\n".join(lines[title + 1:end])).replace("_", "")
    for paragraph in re.split(r"\n\s*\n", body):
        rows = [row for row in paragraph.split("\n") if row.strip()]
        if rows and all(row.startswith("    ") for row in rows):
            yield from (row.strip() for row in rows)
        elif rows:
            yield " ".join(row.strip() for row in rows)


def plays(text):
    return [line.strip() for line in text.split("\n") if line.strip()]


def split(lines):
    lines = list(lines)
    total = sum(len(line.encode()) + 1 for line in lines)
    seen = 0
    for number, line in enumerate(lines):
        seen += len(line.encode()) + 1
        if seen > total * (1 - HELD_OUT):
            return lines[:number], lines[number:]
    return lines, []


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    parts = [split(tales(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))),
             split(plays(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")))]
    for name, which in (("train.txt", 0), ("valid.txt", 1)):
        lines = [line for part in parts for line in part[which]]
        (out / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
