#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a classification task of minimal pairs in BLiMP's form: each sentence by itself, acceptable or not.

    scripts/acceptability_task.py PAIRS OUT [--train N] [--valid N]

Of every file PAIRS/*.jsonl the last --valid pairs (default 20) make OUT/valid.tsv, the --train pairs before them (default 200)
OUT/train.tsv: no item is on both sides. Columns sentence and label, 1 = acceptable. This is not CoLA: the sentences come from a
few templates, which both sides share. Exit 3 for a file with too few pairs. Python standard library only.
"""
import argparse
import json
import pathlib
import sys


def rows(pairs):
    for pair in pairs:
        yield pair["sentence_good"] + "\t1"
        yield pair["sentence_bad"] + "\t0"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--train", type=int, default=200)
    parser.add_argument("--valid", type=int, default=20)
    args = parser.parse_args()
    train, valid = ["sentence\tlabel"], ["sentence\tlabel"]
    files = sorted(args.pairs.glob("*.jsonl"))
    if not files:
        sys.exit(f"{args.pairs}: expected files *.jsonl, found none; name BLiMP's data directory")
    for file in files:
        pairs = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        if len(pairs) < args.train + args.valid:
            print(f"{file}: expected {args.train + args.valid} pairs, found {len(pairs)}; ask for fewer", file=sys.stderr)
            return 3
        valid.extend(rows(pairs[-args.valid:]))
        train.extend(rows(pairs[-args.valid - args.train:-args.valid]))
    args.out.mkdir(parents=True, exist_ok=True)
    for name, lines in (("train.tsv", train), ("valid.tsv", valid)):
        (args.out / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{args.out / name}: {len(lines) - 1} sentences")
    return 0


if __name__ == "__main__":
    sys.exit(main())
