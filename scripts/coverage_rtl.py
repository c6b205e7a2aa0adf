#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sums up the lines and branches of hw/rtl that test programs reached, from the files Verilator's counters left in a folder.

    scripts/coverage_rtl.py DIR [--annotate DIR] [--report FILE]

A point is a block of lines, a case or one side of an if. Points that no unit test reaches stand with their reason in
tests/rtl/coverage/unreached.json; one that is reached after all, or whose line has changed, is an error.
Exit: 0 at least 90 % of every module and a reason for the rest, 1 not, 2 usage.
"""
import argparse
import json
import pathlib
import sys
from collections import defaultdict

ROOT = pathlib.Path(__file__).resolve().parent.parent
UNREACHED = ROOT / "tests/rtl/coverage/unreached.json"
BAR = 0.9


def points(folder):
    """{(file, line, column, kind): count} over all files of counters; kind is block, case, if, else."""
    counts = defaultdict(int)
    for path in sorted(pathlib.Path(folder).glob("*.dat")):
        for row in path.read_text(encoding="utf-8").splitlines():
            if not row.startswith("C '"):
                continue
            fields, count = row[3:].rsplit("' ", 1)
            record = dict(field.split("\x02", 1) for field in fields.split("\x01")[1:])
            source = pathlib.Path(record["f"])
            if source.parent.parts[-2:] == ("hw", "rtl"):
                counts[source.name, int(record["l"]), int(record["n"]), record["o"]] += int(count)
    return counts


def explain(counts, lines):
    """{point: reason} of points nothing reached, and what is wrong with the list."""
    reasons, wrong = {}, []
    for entry in json.loads(UNREACHED.read_text(encoding="utf-8")):
        here = [p for p in counts if p[0] == entry["file"] and p[3] == entry["kind"] and lines[p[0]][p[1] - 1].strip() == entry["line"]]
        missed = [p for p in here if counts[p] == 0]
        if not missed:
            wrong.append("%s: %s: %s" % (entry["file"], "reached after all" if here else "no such line any more", entry["line"]))
        reasons.update((p, entry["reason"]) for p in missed)
    return reasons, wrong


def annotate(folder, counts, lines):
    """The sources with the smallest count of each line's points in front."""
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    for name, text in lines.items():
        least = {}
        for (file, line, _, _), count in counts.items():
            if file == name:
                least[line] = min(count, least.get(line, count))
        rows = ["%10s %s" % (least.get(i, ""), row) for i, row in enumerate(text, 1)]
        (pathlib.Path(folder) / (name + ".txt")).write_text("\n".join(rows) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", metavar="DIR", help="what SQUAT_RTL_COVERAGE_DIR named when the tests ran")
    parser.add_argument("--annotate", metavar="DIR", help="write the sources with their counts there")
    parser.add_argument("--report", metavar="FILE", help="write the table as JSON")
    options = parser.parse_args()
    counts = points(options.folder)
    if not counts:
        print("coverage_rtl: %s holds no counters; run scripts/coverage_rtl.sh" % options.folder, file=sys.stderr)
        return 2
    names = sorted({p[0] for p in counts})
    lines = {name: (ROOT / "hw/rtl" / name).read_text(encoding="utf-8").splitlines() for name in names}
    reasons, wrong = explain(counts, lines)
    rows = []
    for name in names:
        mine = {p: c for p, c in counts.items() if p[0] == name}
        branches = [c for p, c in mine.items() if p[3] in ("if", "else")]
        others = [c for p, c in mine.items() if p[3] not in ("if", "else")]
        rows.append({"module": name, "blocks": len(others), "blocks_reached": sum(c > 0 for c in others), "branches": len(branches),
                     "branches_reached": sum(c > 0 for c in branches), "share": sum(c > 0 for c in mine.values()) / len(mine)})
    print("| module | blocks and cases | branches | reached |\n|---|---|---|---|")
    for r in rows:
        print("| %s | %d of %d | %d of %d | %.1f %% |" % (r["module"][:-3], r["blocks_reached"], r["blocks"], r["branches_reached"], r["branches"], 100 * r["share"]))
    share = sum(c > 0 for c in counts.values()) / len(counts)
    print("| all | %d of %d points | | %.1f %% |" % (sum(c > 0 for c in counts.values()), len(counts), 100 * share))
    unexplained = 0
    for point in sorted(p for p, c in counts.items() if c == 0):
        unexplained += point not in reasons
        print("not reached: %s:%d, %s: %s (%s)" % (point[0], point[1], point[3], lines[point[0]][point[1] - 1].strip(), reasons.get(point, "no reason given")))
    for text in wrong:
        print("coverage_rtl: %s: %s" % (UNREACHED.relative_to(ROOT), text), file=sys.stderr)
    if options.annotate:
        annotate(options.annotate, counts, lines)
    if options.report:
        report = {"schema": "squat.rtl_coverage/1", "share": share, "modules": rows}
        pathlib.Path(options.report).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    low = [r["module"] for r in rows if r["share"] < BAR]
    print("%d of %d modules reach %.0f %%; %d points without a reason" % (len(rows) - len(low), len(rows), 100 * BAR, unexplained))
    return 1 if low or unexplained or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
