#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the lines of C++ that tests reached against the bars, from a file of lcov.

    scripts/coverage_cpp.py FILE.info [--root DIR] [--missed] [--report FILE]

Bars: 90 % of all lines in host/, qat/ and hls/; 98 % in the readers host/model and host/xclbin, and in hls.
Exit: 0 every bar is reached, 1 not, 2 usage, or nothing was counted in one of these folders.
"""
import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ALL = ("host", "qat", "hls")
BARS = [("all", ALL, 0.90), ("host/model", ("host/model",), 0.98), ("host/xclbin", ("host/xclbin",), 0.98), ("hls", ("hls",), 0.98)]


def read_info(path, root):
    """{file relative to root: {line: count}} of the files below it; counts of the same line are added."""
    files, lines = {}, None
    for row in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        kind, _, value = row.partition(":")
        if kind == "SF":
            name = pathlib.Path(value)
            inside = name.is_relative_to(root)
            lines = files.setdefault(str(name.relative_to(root)), {}) if inside else {}
        elif kind == "DA":
            number, count = value.split(",")[:2]
            lines[int(number)] = lines.get(int(number), 0) + int(count)
    return files


def within(name, folders):
    return any(name.startswith(folder + "/") for folder in folders)


def totals(files, folders):
    """(lines reached, lines) of the files in these folders."""
    mine = [lines for name, lines in files.items() if within(name, folders)]
    return sum(count > 0 for lines in mine for count in lines.values()), sum(len(lines) for lines in mine)


def ranges(numbers):
    """"3-5 9" for 3, 4, 5, 9."""
    found = []
    for n in sorted(numbers):
        if found and found[-1][1] == n - 1:
            found[-1][1] = n
        else:
            found.append([n, n])
    return " ".join(str(a) if a == b else "%d-%d" % (a, b) for a, b in found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("info", metavar="FILE", help="what lcov wrote")
    parser.add_argument("--root", metavar="DIR", default=str(ROOT), help="of the tree that was built")
    parser.add_argument("--missed", action="store_true", help="list the lines nothing reached, of every file")
    parser.add_argument("--report", metavar="FILE", help="write the table as JSON")
    options = parser.parse_args()
    files = read_info(options.info, pathlib.Path(options.root).resolve())
    empty = [folder for _, folders, _ in BARS for folder in folders if totals(files, (folder,))[1] == 0]
    if empty:
        print("coverage_cpp: %s: no lines of %s were counted; run scripts/coverage_cpp.sh" % (options.info, ", ".join(sorted(set(empty)))), file=sys.stderr)
        return 2
    folders = sorted({"/".join(name.split("/")[:2]) if name.count("/") > 1 else name.split("/")[0] for name in files if within(name, ALL)})
    print("| folder | lines reached | share |\n|---|---|---|")
    for folder in folders:
        reached, lines = totals({n: l for n, l in files.items() if n.count("/") > folder.count("/") + 1 or n.rsplit("/", 1)[0] == folder}, (folder,))
        print("| %s | %d of %d | %.1f %% |" % (folder, reached, lines, 100 * reached / max(lines, 1)))
    rows = []
    for name, where, bar in BARS:
        reached, lines = totals(files, where)
        rows.append({"name": name, "reached": reached, "lines": lines, "share": reached / lines, "bar": bar})
        print("coverage: %s: %d of %d lines, %.2f %% (bar %.0f %%)%s" % (name, reached, lines, 100 * reached / lines, 100 * bar, "" if reached / lines >= bar else " MISSED"))
    for name, lines in sorted(files.items()):
        missed = [n for n, count in lines.items() if count == 0]
        if options.missed and missed and within(name, ALL):
            print("not reached: %s: %s" % (name, ranges(missed)))
    if options.report:
        pathlib.Path(options.report).write_text(json.dumps({"schema": "squat.cpp_coverage/1", "bars": rows}, indent=1) + "\n", encoding="utf-8")
    return 0 if all(r["share"] >= r["bar"] for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
