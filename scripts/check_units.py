#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every unit of hw/spec/units.json is whole: C++, printed leaves, RTL, tests and proofs (docs/develop/adding_a_unit.md).

    scripts/check_units.py [ROOT]     exit 0 all whole, 1 not (one line per missing thing), 2 usage
"""
import json
import pathlib
import re
import sys

FIELDS = ("name", "what", "hls", "leaves", "rtl", "tests", "proofs")


def problems(root):
    units = json.loads((root / "hw/spec/units.json").read_text(encoding="utf-8"))["units"]
    printed = set(re.findall(r"^module (\w+)", (root / "hw/gen/squat_hls_leaves.sv").read_text(encoding="utf-8"), re.MULTILINE))
    proofs = {p["name"]: p for p in json.loads((root / "hw/formal/proofs.json").read_text(encoding="utf-8"))}
    build = "\n".join(p.read_text(encoding="utf-8") for pattern in ("CMakeLists.txt", "*.cmake") for p in sorted((root / "tests").rglob(pattern)))
    for unit in units:
        where = "unit %s: " % unit.get("name", "?")
        for field in FIELDS:
            if not unit.get(field):
                yield where + "no %s" % field
        for name in unit.get("hls", []) + unit.get("rtl", []):
            if not (root / name).is_file():
                yield where + "%s is missing" % name
        for name in unit.get("leaves", []):
            if name not in printed:
                yield where + "leaf %s is not in hw/gen/squat_hls_leaves.sv" % name
        for name in unit.get("tests", []):
            direct = re.search(r"squat_test\(%s\b" % re.escape(name), build)
            looped = re.match(r"rtl_(\w+)_test$", name) and "squat_test(rtl_${unit}_test" in build and re.search(r"foreach\(unit[^)]*\b%s\b" % name[4:-5], build)
            if not direct and not looped:
                yield where + "test %s is not registered" % name
        for name in unit.get("proofs", []):
            if name not in proofs:
                yield where + "proof %s is not in hw/formal/proofs.json" % name
            elif not proofs[name]["twins"]:
                yield where + "proof %s has no broken twin" % name
            elif not any("hw/" + s in unit.get("rtl", []) for s in proofs[name]["sources"]):
                yield where + "proof %s does not see the unit's RTL" % name
        if "kernel" in unit and not (root / ("hls/kernels/%s_tb.cpp" % unit["kernel"])).is_file():
            yield where + "kernel %s has no test bench" % unit["kernel"]
    for name in sorted(printed - {leaf for unit in units for leaf in unit.get("leaves", [])}):
        yield "leaf %s belongs to no unit" % name
    for name in sorted(p for p in proofs if p.startswith("hls ") and not any(p in unit.get("proofs", []) for unit in units)):
        yield "proof %s belongs to no unit" % name
    for leaf in sorted(printed):
        if not any(re.search(r"\b%s\b" % leaf, p.read_text(encoding="utf-8")) for p in (root / "hw/formal").glob("hls_*.sv")):
            yield "leaf %s stands in no proof" % leaf


def main():
    if len(sys.argv) > 2:
        print(__doc__, file=sys.stderr)
        return 2
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    found = list(problems(root))
    print("\n".join(found) if found else "all units are whole")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
