#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the proofs listed in hw/formal/proofs.json with Yosys, z3 and ABC: each must hold, and each of its broken twins must be refuted.

    scripts/run_proofs.py [--only NAME] [--jobs N] [--keep DIR]

Engines: "inputs": a combinational claim, all inputs (z3); "induction": any number of cycles, base case and step (z3);
"pdr": any number of cycles, ABC finds the invariants; "bounded": all inputs of `depth` cycles from the initial state (ABC; z3 with a
`multiplier`).
A twin changes one piece of text of a source, or parameters, and must be refuted; where the induction only fails, it names an engine that
finds the counterexample. `multiplier`: bits of the multiplications, to
be replaced by uninterpreted functions. `products`: of one packed multiplication, for tests/formal/mac_per_dsp.py.
Exit: 0 all as expected, 1 not, 2 usage, 4 a tool is missing.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

HW = pathlib.Path(__file__).resolve().parent.parent / "hw"
AIGER = ("memory_map; async2sync; setundef -undriven -anyseq; opt -full; techmap; opt -fast; dffunmap; abc -g AND -fast; opt_clean; "
         "write_aiger -I -B -zinit -no-startoffset model.aig")


class Broken(Exception):
    """The proof could not be asked: a tool refused it, or a twin no longer fits its source."""


class Question:
    """One proof, or one twin of it, in a folder of its own."""

    def __init__(self, proof, twin, folder):
        self.proof, self.twin, self.folder = proof, twin, folder
        self.limit = proof.get("limit_s", 120)

    def tool(self, command):
        log = self.folder / (command[0] + ".log")
        with open(log, "w", encoding="utf-8") as out:
            # A group of its own: the solver is a grandchild and must end with its parent.
            process = subprocess.Popen(command, cwd=self.folder, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                code = process.wait(timeout=self.limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise Broken("%s: no answer in %d s" % (command[0], self.limit)) from None
        return code, log.read_text(encoding="utf-8", errors="replace")

    def sources(self):
        found = 0
        names = []
        for name in self.proof["sources"] + ["formal/%s.sv" % self.proof["top"]]:
            text = (HW / name).read_text(encoding="utf-8")
            if self.twin and self.twin.get("source") == name:
                found = text.count(self.twin["from"])
                text = text.replace(self.twin["from"], self.twin["to"])
            names.append(pathlib.Path(name).name)
            (self.folder / names[-1]).write_text(text, encoding="utf-8")
        if self.twin and "source" in self.twin and found != 1:
            raise Broken("the twin's text stands %d times in %s, expected once" % (found, self.twin["source"]))
        return " ".join(names)

    def elaborate(self, back_end):
        top = self.proof["top"]
        parameters = dict(self.proof.get("parameters", {}), **(self.twin or {}).get("parameters", {}))
        change = "".join("chparam -set %s %s %s; " % (name, value, top) for name, value in parameters.items())
        defines = " ".join("-D" + name for name in self.proof.get("defines", ["SYNTHESIS"]))
        code, text = self.tool(["yosys", "-q", "-p", "read_verilog -sv -formal %s %s; %sprep -top %s; flatten; %s"
                                % (defines, self.sources(), change, top, back_end)])
        if code != 0:
            raise Broken("yosys: " + text[-800:])

    def smt(self, *options):
        code, text = self.tool(["yosys-smtbmc", "-s", "z3", *options, "model.smt2"])
        status = re.findall(r"Status: (\w+)", text)
        if not status:
            raise Broken("yosys-smtbmc: exit %d, %s" % (code, text[-800:]))
        return status[-1] == "PASSED"

    def holds(self):
        if self.twin:  # a twin may be searched in another way
            self.proof = dict(self.proof, **{key: self.twin[key] for key in ("engine", "depth") if key in self.twin})
        engine = self.proof["engine"]
        if engine in ("pdr", "bounded") and "multiplier" not in self.proof:
            self.elaborate(AIGER)
            search = "pdr" if engine == "pdr" else "bmc3 -F %d" % self.proof["depth"]
            _, text = self.tool(["yosys-abc", "-c", "read_aiger model.aig; fold; strash; " + search])
            if "Property proved" in text or "No output asserted in %d frames" % self.proof.get("depth", 0) in text:
                return True
            if "was asserted in frame" in text:
                return False
            raise Broken("yosys-abc: " + text[-800:])
        self.elaborate("opt -full; dffunmap; write_smt2 -wires model.smt2")
        if "multiplier" in self.proof:
            self.free_multipliers(self.proof["multiplier"])
        if engine == "inputs":
            return self.smt("-t", "1")
        depth = str(self.proof.get("depth", 1))
        if engine == "bounded":
            return self.smt("-t", depth)
        return self.smt("-t", depth) and self.smt("-i", "-t", depth)

    def free_multipliers(self, expected):
        """Puts an uninterpreted function of the same width in the place of every multiplication; Yosys names the width in the same line."""
        path = self.folder / "model.smt2"
        lines, widths = [], set()
        for line in path.read_text(encoding="utf-8").splitlines():
            if "(bvmul " in line:
                width = int(re.search(r"\(_ BitVec (\d+)\)", line).group(1))
                widths.add(width)
                line = line.replace("(bvmul ", "(free_multiply_%d " % width)
            lines.append(line)
        if sorted(widths) != sorted(expected):
            raise Broken("multiplications of %s bits, expected %s" % (sorted(widths), sorted(expected)))
        declared = ["(declare-fun free_multiply_%d (%s %s) %s)" % ((w,) + ("(_ BitVec %d)" % w,) * 3) for w in sorted(widths)]
        path.write_text("\n".join(declared + lines) + "\n", encoding="utf-8")


def ask(proof, twin, keep):
    """Returns (line to print, as expected)."""
    what = proof["name"] + (": twin, " + twin["name"] if twin else "")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="proof-"))
    start = time.monotonic()
    try:
        holds = Question(proof, twin, folder).holds()
        good = holds == (twin is None)
        result = "proved" if holds else "refuted"
    except Broken as error:
        good, result = False, str(error)
    seconds = time.monotonic() - start
    if keep:
        shutil.move(str(folder), str(pathlib.Path(keep) / re.sub(r"\W+", "_", what)))
    else:
        shutil.rmtree(folder)
    return "%s %-58s %5.1f s  %s" % ("ok  " if good else "FAIL", what, seconds, result), good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", metavar="NAME", help="proofs whose name contains NAME")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="proofs at a time (default 2)")
    parser.add_argument("--keep", metavar="DIR", help="move each proof's files and logs into this folder")
    options = parser.parse_args()
    missing = [tool for tool in ("yosys", "yosys-smtbmc", "yosys-abc", "z3") if not shutil.which(tool)]
    if missing:
        print("run_proofs: missing: %s (Debian: apt-get install yosys z3)" % ", ".join(missing), file=sys.stderr)
        return 4
    proofs = json.loads((HW / "formal/proofs.json").read_text(encoding="utf-8"))
    proofs = [p for p in proofs if not options.only or options.only in p["name"]]
    if not proofs:
        print("run_proofs: no proof is called %s" % options.only, file=sys.stderr)
        return 2
    questions = [(p, twin) for p in proofs for twin in [None] + p["twins"]]
    bad = 0
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        for line, good in pool.map(lambda q: ask(*q, options.keep), questions):
            print(line, flush=True)
            bad += not good
    print("%d proofs, %d twins, %d not as expected" % (len(proofs), len(questions) - len(proofs), bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
