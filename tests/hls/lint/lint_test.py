#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The lint accepts the kernels and finds each planted violation. The first lines of a planted file say what must be reported.

lint_test.py: exit 0 all as expected, 1 not, 77 (skipped) without clang and llvm.
"""
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
LINT = HERE.parents[2] / "scripts/lint_hls.py"


def run(*files):
    done = subprocess.run([sys.executable, LINT, *files], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def main():
    code, text = run()
    if code == 4:
        print(text)
        return 77
    bad = 0
    if code != 0:
        print("FAIL the kernels: exit %d\n%s" % (code, text))
        bad += 1
    planted = sorted(HERE.glob("*.cpp"))
    if len(planted) < 15:
        print("FAIL only %d planted violations were found" % len(planted))
        bad += 1
    with ThreadPoolExecutor(max_workers=2) as pool:
        for path, (code, text) in zip(planted, pool.map(run, planted)):
            expected = re.search(r"^// expect: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE).group(1)
            lines = text.strip().splitlines()
            found = any(re.search(expected, line) for line in lines)
            # One fault, one kind of report: a lint that complains about everything would pass otherwise.
            if code != 1 or not found or len(lines) > 4:
                print("FAIL %s: exit %d, expected a line with: %s\n%s" % (path.name, code, expected, text[:1500]))
                bad += 1
    print("%d planted violations, %d not as expected" % (len(planted), bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
