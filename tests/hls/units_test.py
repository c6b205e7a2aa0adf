#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The units of hw/spec/units.json are whole, and check_units.py notices each thing that is taken away."""
import json
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import check_units  # noqa: E402

bad = 0


def expect(root, text):
    global bad
    found = list(check_units.problems(root))
    if not (any(text in line for line in found) if text else not found):
        bad += 1
        print("FAIL expected %r, found %s" % (text, found))


def edited(root, name, change, text):
    """Changes a file, expects a report, puts the file back."""
    path = root / name
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, name
    path.write_text(after, encoding="utf-8")
    expect(root, text)
    path.write_text(before, encoding="utf-8")


def changed_unit(change):
    def apply(text):
        units = json.loads(text)
        change(next(u for u in units["units"] if u["name"] == "clip_count"))
        return json.dumps(units)
    return apply


def main():
    expect(ROOT, None)
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for part in ("hw", "hls", "tests/rtl", "tests/hls"):
            shutil.copytree(ROOT / part, root / part)
        expect(root, None)
        for name in ("hw/rtl/squat_clip_count.sv", "hls/leaves/clipping.hpp", "hls/kernels/mkmp_gemm_tb.cpp"):
            (root / name).rename(root / "away")
            expect(root, "mkmp_gemm has no test bench" if name.endswith("_tb.cpp") else name + " is missing")
            (root / "away").rename(root / name)
        leaves, proofs, units = "hw/gen/squat_hls_leaves.sv", "hw/formal/proofs.json", "hw/spec/units.json"
        edited(root, leaves, lambda t: t.replace("module hls_is_clipped", "module hls_clipped"), "leaf hls_is_clipped is not in")
        edited(root, leaves, lambda t: t + "module hls_other (input logic a_i);\nendmodule\n", "leaf hls_other belongs to no unit")
        edited(root, proofs, lambda t: t.replace('"hls clip count"', '"hls clips"'), "proof hls clips belongs to no unit")
        edited(root, proofs, lambda t: t.replace('"rtl/squat_clip_count.sv"]', '"rtl/squat_dsp.sv"]'), "does not see the unit's RTL")
        edited(root, "tests/rtl/clip_count.cmake", lambda t: t.replace("squat_test(rtl_clip_count_test", "squat_test(rtl_clips_test"),
               "test rtl_clip_count_test is not registered")
        edited(root, "hw/formal/hls_clipping.sv", lambda t: t.replace("hls_is_clipped", "hls_other"), "leaf hls_is_clipped stands in no proof")
        for field in check_units.FIELDS[1:]:
            edited(root, units, changed_unit(lambda u, f=field: u.pop(f)), "no " + field)
    print("units: %d not as expected" % bad)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
