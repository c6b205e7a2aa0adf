#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures how many small changes of the RTL its unit tests notice. All changes (mutants) are behind one selector in one build.

    scripts/mutate_rtl.py generate --out DIR [--count 200] [--seed 1]
    scripts/mutate_rtl.py run --mutants DIR/mutants.json --test NAME=PATH ... [--report FILE] [--jobs 2]

`generate` writes changed copies of the sources and the list of mutants; the build (tests/rtl/mutants/CMakeLists.txt) makes one test program per
model from them. `run` starts the programs once per mutant, until one fails. Mutants that no test can tell from the original stand with
their reason in tests/rtl/mutants/equivalent.json; one that a test tells all the same, or that no longer fits its source, is an error.
Exit: 0 at least 95 % of the others are noticed, 1 fewer or an error in the list, 2 usage, 4 a test program is missing or fails unchanged.
"""
import argparse
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import sv_mutations

ROOT = pathlib.Path(__file__).resolve().parent.parent
EQUIVALENT = ROOT / "tests/rtl/mutants/equivalent.json"
BAR = 0.95
# Which test programs see a source; the first ones are asked first.
TESTS = {"squat_pack_pkg": ["array", "cells"], "squat_dsp": ["dsp", "cells"], "squat_accumulator": ["array"], "squat_mac_array": ["array", "cells"],
         "squat_tclm": ["tclm"], "squat_width_rank": ["tclm"], "squat_width_key": ["width_key", "tclm"], "squat_token_tables": ["token_tables"],
         "squat_axil_regs": ["regs"]}


def candidates():
    """Every possible mutant as (file, key, mutation, record); the key depends on the statement and on nothing else in the file."""
    found = []
    for name in TESTS:
        text = (ROOT / "hw/rtl" / (name + ".sv")).read_text(encoding="utf-8")
        seen = Counter()
        for m in sv_mutations.find(text):
            before = " ".join(text[m.statement[0]:m.statement[1]].split())
            after = " ".join(sv_mutations.applied(text, m).split())
            record = {"file": name + ".sv", "line": text.count("\n", 0, m.change[0]) + 1, "operator": m.operator, "before": before, "after": after,
                      "nth": seen[before, after]}  # of several equal statements
            key = (name, before, after, record["nth"])
            seen[before, after] += 1
            found.append((name, key, m, record))
    return found


def choose(found, count, seed):
    """`count` of them (0: all): the same number of every file as far as it has them, pseudo-random within a file."""
    order = {}
    for entry in found:
        rank = hashlib.sha256(repr((seed,) + entry[1]).encode()).hexdigest()
        order.setdefault(entry[0], []).append((rank, entry))
    queues = [[entry for _, entry in sorted(entries, key=lambda e: e[0])] for entries in order.values()]
    chosen = []
    while any(queues) and (count == 0 or len(chosen) < count):
        for queue in queues:
            if queue and (count == 0 or len(chosen) < count):
                chosen.append(queue.pop(0))
    return chosen


def write(path, text):
    """Leaves the file alone when nothing changes, so that nothing is built again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def generate(options):
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    records, per_file = [], {name: {} for name in TESTS}
    for number, (name, _, mutation, record) in enumerate(choose(candidates(), options.count, options.seed), 1):
        records.append(dict(record, id=number, tests=TESTS[name]))
        per_file[name][number] = mutation
    for name, chosen in per_file.items():
        text = (ROOT / "hw/rtl" / (name + ".sv")).read_text(encoding="utf-8")
        write(out / (name + ".sv"), sv_mutations.schemata(text, chosen))
    write(out / "squat_mutant_pkg.sv", "package squat_mutant_pkg;\n  int unsigned selected;\nendpackage\n")
    write(out / "mutants.json", json.dumps({"seed": options.seed, "mutants": records}, indent=1) + "\n")
    print("%d mutants of %d" % (len(records), len(candidates())))
    return 0


def execute(path, number, limit):
    """0, the exit status, or None after the time limit."""
    process = subprocess.Popen([path, "--abort"], env=dict(os.environ, SQUAT_MUTANT=str(number)), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


def judge(mutant, tests, limits):
    for name in mutant["tests"]:
        status = execute(tests[name], mutant["id"], limits[name])
        if status is None:
            return dict(mutant, result="timed out", test=name)
        if status != 0:
            return dict(mutant, result="killed", test=name)
    return dict(mutant, result="survived")


def place(entry):
    return entry["file"], entry["before"], entry["after"], entry.get("nth", 0)


def listed(mutants):
    """{place: reason} of the equivalent mutants, and what is wrong with the list."""
    known = {place(record) for _, _, _, record in candidates()}
    reasons, wrong = {}, []
    for entry in json.loads(EQUIVALENT.read_text(encoding="utf-8")):
        reasons[place(entry)] = entry["reason"]
        if place(entry) not in known:
            wrong.append("%s: no such mutant any more: %s -> %s" % place(entry)[:3])
    for m in mutants:
        if m["result"] != "survived" and place(m) in reasons:
            wrong.append("%s: listed as equivalent, but noticed: %s -> %s" % place(m)[:3])
    return reasons, wrong


def table(mutants):
    print("| source | mutants | killed | timed out | equivalent | survived |\n|---|---|---|---|---|---|")
    for name in list(dict.fromkeys(m["file"] for m in mutants)) + ["all"]:
        count = Counter(m["result"] for m in mutants if name in (m["file"], "all"))
        print("| %s | %d | %s |" % (name, sum(count.values()), " | ".join(str(count[r]) for r in ("killed", "timed out", "equivalent", "survived"))))


def run(options):
    data = json.loads(pathlib.Path(options.mutants).read_text(encoding="utf-8"))
    tests = dict(t.split("=", 1) for t in options.test)
    missing = sorted({t for m in data["mutants"] for t in m["tests"]} - set(tests))
    if missing:
        print("mutate_rtl: no program for %s; pass --test NAME=PATH" % ", ".join(missing), file=sys.stderr)
        return 2
    limits = {}
    for name, path in tests.items():
        start = time.monotonic()
        status = execute(path, 0, 120) if os.path.exists(path) else -1
        if status != 0:
            print("mutate_rtl: %s: missing or fails without a change; build the target rtl_mutants anew" % path, file=sys.stderr)
            return 4
        limits[name] = 5 + 10 * (time.monotonic() - start)
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        mutants = list(pool.map(lambda m: judge(m, tests, limits), data["mutants"]))
    reasons, wrong = listed(mutants)
    for m in mutants:
        reason = reasons.get(place(m))
        if m["result"] == "survived" and reason:
            m.update(result="equivalent", reason=reason)
    table(mutants)
    for m in mutants:
        if m["result"] == "survived":
            print("survived: %s:%d, %s: %s -> %s" % (m["file"], m["line"], m["operator"], m["before"], m["after"] or "nothing"))
    count = Counter(m["result"] for m in mutants)
    noticed = count["killed"] + count["timed out"]
    share = noticed / max(1, noticed + count["survived"])
    print("%d of %d mutants noticed (%.1f %%, at least %.0f %% wanted), %d equivalent"
          % (noticed, noticed + count["survived"], 100 * share, 100 * BAR, count["equivalent"]))
    for text in wrong:
        print("mutate_rtl: %s: %s" % (EQUIVALENT.relative_to(ROOT), text), file=sys.stderr)
    if options.report:
        report = {"schema": "squat.mutants/1", "seed": data["seed"], "noticed": noticed, "share": share, "results": dict(count), "mutants": mutants}
        pathlib.Path(options.report).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0 if share >= BAR and not wrong else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("generate", help="write the changed sources and mutants.json")
    one.add_argument("--out", required=True, metavar="DIR")
    one.add_argument("--count", type=int, default=200, metavar="N", help="mutants, 0 = all (default 200)")
    one.add_argument("--seed", type=int, default=1, metavar="S", help="which ones (default 1)")
    two = commands.add_parser("run", help="run the tests once per mutant")
    two.add_argument("--mutants", required=True, metavar="FILE", help="mutants.json of generate")
    two.add_argument("--test", action="append", default=[], metavar="NAME=PATH", help="a test program built from the changed sources")
    two.add_argument("--report", metavar="FILE", help="write every mutant's fate as JSON")
    two.add_argument("--jobs", type=int, default=2, metavar="N", help="programs at a time (default 2)")
    options = parser.parse_args()
    return generate(options) if options.command == "generate" else run(options)


if __name__ == "__main__":
    sys.exit(main())
