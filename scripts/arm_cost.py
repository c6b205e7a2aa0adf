#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cost of the CPU device on 64-bit Arm without an Arm machine: executed instructions (exact) and modelled cycles.

Usage: arm_cost.py --programs FOLDER [--update]   (scripts/arm_cost.sh builds the folder and calls this)
       arm_cost.py --table                        write the tables of docs/reference/arm_cost.md from the committed costs
       arm_cost.py --check-table                  exit 1 when they are not those
--programs counts everything of arm_works.py and compares it with host/arm_model/costs.json: exit 1 when a count of a kernel differs
from the committed one by the same compiler, is above its bar, or when cycles by the same tools differ; --update writes the file.
Without llvm-mca instructions are compared alone. No figure was measured on Arm hardware.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import arm_blocks  # noqa: E402
import arm_table  # noqa: E402
from arm_works import GEMM_TOKENS, KERNELS, OPERATIONS, PASSES, ROWS, SIZE  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
COSTS = ROOT / "host/arm_model/costs.json"


def first_line(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0]


class Counter:
    """Counts works of the programs in a folder."""

    def __init__(self, folder):
        self.folder, self.plugin = folder, (folder / "libinstruction_count.so").resolve()
        try:
            self.models = arm_blocks.core_models()
        except arm_blocks.Missing as missing:
            print(f"no cycles are modelled: {missing}")
            self.models = {}

    def environment(self, program):
        if program != "xnnpack":
            return ()
        libraries = pathlib.Path(os.environ.get("SQUAT_ARM64_LIBRARIES", "/")) / "usr/lib/aarch64-linux-gnu"
        return (f"LD_LIBRARY_PATH={libraries}:/usr/aarch64-linux-gnu/lib",)

    def count(self, program, words, cpu="max"):
        """Instructions of the work alone, or None where its program was not built. words: {repeats} is put in front."""
        file = self.folder / f"count_{program}"
        if not file.exists():
            return None
        os.environ["QEMU_LD_PREFIX"] = "/usr/aarch64-linux-gnu"
        return arm_blocks.work_alone(
            lambda repeats: arm_blocks.qemu(self.plugin, cpu, [file, repeats, *words], self.environment(program)))

    def cost(self, program, words, cores, cpu="max"):
        """{"instructions", "cycles": {core: [least, most]}} or None."""
        executed = self.count(program, words, cpu)
        if executed is None:
            return None
        cycles = {}
        blocks = arm_blocks.basic_blocks(executed) if self.models else []
        for core in (c for c in cores if c in self.models):
            by_model = [round(model.cycles(blocks)) for model in self.models[core]]
            cycles[core] = [min(by_model), max(by_model)]
        return {"instructions": sum(i.count for i in executed), "cycles": cycles}

    def tools(self):
        versions = {model.tool: model.version() for models in self.models.values() for model in models}
        return {"compiler": first_line("aarch64-linux-gnu-g++", "--version"), "qemu": first_line("qemu-aarch64", "--version"), **versions}


def measure(counter):
    costs = {"tools": counter.tools(), "rows": [], "operations": {}, "passes": {}}
    for name, widths, (program, words), cores, cpu, _ in ROWS:
        row = {"name": name, "widths": widths}
        for form, tokens in (("gemv", 1), ("gemm", GEMM_TOKENS)):
            row[form] = counter.cost(program, words.format(tokens=tokens).split(), cores, cpu)
        costs["rows"].append(row)
    for kernel, cores in KERNELS.items():
        for name, (work, items, points) in OPERATIONS.items():
            costs["operations"].setdefault(kernel, {})[name] = [
                {"n": n, "items": items, **counter.cost("product", [kernel, *work.format(n=n).split()], cores)} for n in points]
    for name, (kernel, work, _) in PASSES.items():
        executed = counter.count("product", [kernel, *work.split()])
        costs["passes"][name] = sum(i.count for i in executed)
    return costs


def above_bars(costs):
    for (name, widths, _, _, _, bars), row in zip(ROWS, costs["rows"]):
        for form, bar, tokens in zip(("gemv", "gemm"), bars, (1, GEMM_TOKENS)):
            value = row[form]["instructions"] / (SIZE * SIZE * tokens) if row[form] else 0.0
            if bar is not None and value > bar:
                yield f"{name}, {widths}, {form}: {value:.4f} instructions per multiply-add, bar {bar}"
    for name, (_, _, bar) in PASSES.items():
        if bar is not None and costs["passes"][name] > bar:
            yield f"{name}: {costs['passes'][name]} instructions, bar {bar:.0f}"


def differences(kept, found):
    """What differs from the committed file. Instructions of kernels exactly, if the compiler is the same; cycles if all tools are.
    Whole passes and other libraries run functions of the C library too, whose share depends on the machine: within a thousandth."""
    same = {tool for tool, version in kept["tools"].items() if found["tools"].get(tool) == version}
    if "compiler" not in same:
        print(f"not compared: costs.json is by \"{kept['tools']['compiler']}\", here is \"{found['tools']['compiler']}\"")
        return
    if same != set(kept["tools"]):
        print("cycles are not compared: other versions of", ", ".join(sorted(set(kept["tools"]) - same)))

    def compare(what, a, b, exact):
        if a is None or b is None:
            return
        if abs(a["instructions"] - b["instructions"]) > (0 if exact else a["instructions"] * 1e-3):
            yield f"{what}: {b['instructions']} instructions, committed {a['instructions']}"
        if same == set(kept["tools"]) and exact and a["cycles"] != b["cycles"]:
            yield f"{what}: cycles {b['cycles']}, committed {a['cycles']}"

    for a, b in zip(kept["rows"], found["rows"]):
        own = not re.match("gemmlowp|XNNPACK", b["name"])
        for form in ("gemv", "gemm"):
            yield from compare(f"{b['name']}, {b['widths']}, {form}", a[form], b[form], own)
    for kernel, operations in found["operations"].items():
        for name, points in operations.items():
            for a, b in zip(kept["operations"].get(kernel, {}).get(name, []), points):
                yield from compare(f"{kernel} {name} {b['n']}", a, b, True)
    for name, instructions in found["passes"].items():
        yield from compare(name, {"instructions": kept["passes"][name]}, {"instructions": instructions}, False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--check-table", action="store_true")
    args = parser.parse_args()
    failed = False
    if args.programs:
        counter = Counter(args.programs)
        kept = json.loads(COSTS.read_text()) if COSTS.exists() else None
        costs = measure(counter)
        problems = list(above_bars(costs))
        if args.update and not counter.models:
            problems.append(f"{COSTS.name} is not written without cycles")
        elif args.update:
            for row, old in zip(costs["rows"], kept["rows"] if kept else []):
                if row["gemv"] is None and old["name"] == row["name"]:
                    row.update(old)  # a library that is not installed here
            COSTS.write_text(json.dumps(costs, indent=1) + "\n")
        else:
            problems += differences(kept, costs)
        print(arm_table.products(costs))
        for problem in problems:
            print("FAILED:", problem)
            failed = True
        if failed:
            print("if a change is meant: scripts/arm_cost.sh FOLDER --update, then scripts/arm_cost.py --table")
    if args.table or args.check_table:
        failed |= not arm_table.refresh(json.loads(COSTS.read_text()), write=args.table)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
