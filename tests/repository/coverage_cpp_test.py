#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gate of scripts/coverage_cpp.py lets covered code through and stops dead branches and folders that were not counted.

Usage: coverage_cpp_test.py SCRIPTS. With gcov and lcov the counts come from a program that is compiled and run here.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

SCRIPTS = pathlib.Path(sys.argv.pop(1)).resolve()
FOLDERS = ("host/model", "host/xclbin", "hls", "qat")


def gate(root, info):
    run = subprocess.run([sys.executable, str(SCRIPTS / "coverage_cpp.py"), str(info), "--root", str(root), "--missed"],
                         capture_output=True, text=True, timeout=60, check=False)
    return run.returncode, run.stdout + run.stderr


def write_info(root, counts):
    """A file of lcov with these counts of lines: {folder: [count of line 1, of line 2, ...]}."""
    rows = []
    for folder, lines in counts.items():
        rows += ["SF:%s/%s/code.cpp" % (root, folder)] + ["DA:%d,%d" % pair for pair in enumerate(lines, 1)] + ["end_of_record"]
    info = root / "coverage.info"
    info.write_text("\n".join(rows) + "\n")
    return info


def check(name, expected, got, texts=()):
    code, said = got
    assert code == expected and all(t in said for t in texts), "%s: expected exit code %d and %s, found %d:\n%s" % (name, expected, texts, code, said)


def from_counts(root):
    whole = {folder: [1] * 100 for folder in FOLDERS}
    check("all reached", 0, gate(root, write_info(root, whole)))
    check("98 of 100", 0, gate(root, write_info(root, dict(whole, hls=[1] * 98 + [0, 0]))))
    for folder in ("hls", "host/model", "host/xclbin"):
        check("a dead branch in " + folder, 1, gate(root, write_info(root, dict(whole, **{folder: [1] * 97 + [0] * 3}))),
              ["%s: 97 of 100 lines, 97.00 %% (bar 98 %%) MISSED" % folder, "not reached: %s/code.cpp: 98-100" % folder])
    check("a dead part of qat", 1, gate(root, write_info(root, dict(whole, qat=[0] * 41 + [1] * 59))), ["all: 359 of 400 lines"])
    for folder in ("hls", "host/model", "host/xclbin", "qat"):
        left = {f: c for f, c in whole.items() if f != folder}
        check("nothing counted in " + folder, 2, gate(root, write_info(root, left)), [folder])


def from_program(root):
    """The dead branch of a program that ran."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    names = [folder.replace("/", "_") for folder in FOLDERS]
    sources = [root / folder / (name + ".cpp") for folder, name in zip(FOLDERS, names)]
    for source, name in zip(sources, names):
        source.write_text("int %s(int x) { return x; }\n" % name)
    (root / "main.cpp").write_text("".join("int %s(int);\n" % n for n in names) + "int main(int n, char**) { return " +
                                   " + ".join(n + "(n)" for n in names) + " - %d; }\n" % len(names))

    def counted():
        for old in root.rglob("*.gc*"):
            old.unlink()
        subprocess.run(["g++", "--coverage", "-O0", "-o", "program", "main.cpp"] + [str(s) for s in sources], cwd=root, check=True, timeout=120)
        subprocess.run(["./program"], cwd=root, check=True, timeout=60)
        subprocess.run(["lcov", "-q", "--capture", "--directory", ".", "--no-external", "--output-file", "program.info"], cwd=root, check=True, timeout=120,
                       stderr=subprocess.DEVNULL)
        return gate(root, root / "program.info")

    check("a program that runs as a whole", 0, counted())
    sources[names.index("hls")].write_text("int hls(int x) {\n  if (x < 0) {\n    return 7;\n  }\n  return x;\n}\n")
    check("a program with a dead branch", 1, counted(), ["hls: 3 of 4 lines", "not reached: hls/hls.cpp: 3"])


with tempfile.TemporaryDirectory() as folder:
    place = pathlib.Path(folder).resolve()
    from_counts(place)
    if shutil.which("lcov") and shutil.which("g++"):
        from_program(place)
    else:
        print("lcov or g++ is missing: no program was counted")
