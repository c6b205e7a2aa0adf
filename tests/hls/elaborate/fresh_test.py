#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hw/gen/squat_hls_leaves.sv is what squat_hls_leaves prints, and Verilator accepts every module of it without a warning.

fresh_test.py PROGRAM [VERILATOR]: exit 0 yes, 1 no.
"""
import pathlib
import re
import subprocess
import sys

COMMITTED = pathlib.Path(__file__).resolve().parents[3] / "hw/gen/squat_hls_leaves.sv"


def main():
    program = sys.argv[1]
    printed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    if printed != COMMITTED.read_text(encoding="utf-8"):
        print("hw/gen/squat_hls_leaves.sv is not what the C++ says; write it anew: %s > hw/gen/squat_hls_leaves.sv" % program)
        return 1
    modules = re.findall(r"^module (\w+)", printed, re.MULTILINE)
    bad = 0
    for module in modules if len(sys.argv) > 2 else []:
        done = subprocess.run([sys.argv[2], "--lint-only", "-Wall", "--top-module", module, str(COMMITTED)], capture_output=True, text=True, check=False)
        if done.returncode != 0 or done.stderr.strip():
            print("%s: %s" % (module, done.stderr))
            bad += 1
    print("%d modules, %d with warnings" % (len(modules), bad))
    return 1 if bad or len(modules) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
