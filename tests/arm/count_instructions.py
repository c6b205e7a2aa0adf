#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts executed Arm instructions of the CPU device under QEMU's user emulation: exact, and the same on every machine.

Usage: count_instructions.py --program FILE --plugin FILE [--golden FILE] [--update]
--program: count_product, built by run.sh. --plugin: the shared library of instruction_count.cpp.
Prints a table of instructions per multiply-add (K = N = 512) and of a whole token. With --golden, exit 1 when a count is above its
bar, or a product's differs from the golden file written by the same compiler; --update writes that file. Counts, not time.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SIZE = 512
GEMM_TOKENS = 16
# name: (kernel, work, multiply-adds, bar per multiply-add or per token; None = for comparison)
MEASURED = {
    "W4A8 GEMV, dot product": ("dotprod", ["product", "4", "1", "0"], SIZE * SIZE, 0.145),
    "W4A8 GEMM, dot product": ("dotprod", ["product", "4", str(GEMM_TOKENS), "0"], GEMM_TOKENS * SIZE * SIZE, 0.083),
    "W8A8 GEMV, dot product": ("dotprod", ["product", "8", "1", "0"], SIZE * SIZE, None),
    "W8A8 GEMM, dot product": ("dotprod", ["product", "8", str(GEMM_TOKENS), "0"], GEMM_TOKENS * SIZE * SIZE, None),
    "W4A8 GEMV, i8mm": ("i8mm", ["product", "4", "1", "0"], SIZE * SIZE, 0.145),
    "W4A8 GEMM, i8mm": ("i8mm", ["product", "4", str(GEMM_TOKENS), "0"], GEMM_TOKENS * SIZE * SIZE, 0.053),
    "W8A8 GEMM, i8mm": ("i8mm", ["product", "8", str(GEMM_TOKENS), "0"], GEMM_TOKENS * SIZE * SIZE, None),
    "W4A8 GEMV, ARMv8.0": ("neon", ["product", "4", "1", "0"], SIZE * SIZE, 0.36),
    "W4A4 GEMV, ARMv8.0": ("neon", ["product", "4", "1", "1"], SIZE * SIZE, 0.29),
    "W8A8 GEMV, ARMv8.0": ("neon", ["product", "8", "1", "0"], SIZE * SIZE, None),
    "W4A8 GEMV, MKMP in 32-bit lanes": ("mkmp", ["product", "4", "1", "0"], SIZE * SIZE, None),
    "LLaMA-58M token, W4A8, dot product": ("dotprod", ["token"], 1, 9.5e6),
    "LLaMA-58M token, W4A8, i8mm": ("i8mm", ["token"], 1, None),
    "LLaMA-58M token, W4A8, ARMv8.0": ("neon", ["token"], 1, None),
}


def run(program, plugin, repeats, kernel, work):
    """Instructions per function of one run."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "counts"
        command = ["qemu-aarch64", "-cpu", "max", "-plugin", f"{plugin},out={out}", str(program), str(repeats), kernel, *work]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=600, env={**os.environ, "LC_ALL": "C"})
        return {symbol: int(count) for count, symbol in (line.split(maxsplit=1) for line in out.read_text().splitlines())}


def difference(program, plugin, kernel, work):
    """Instructions per function of the work alone: two repeats less one."""
    one, two = (run(program, plugin, repeats, kernel, work) for repeats in (1, 2))
    counts = {symbol: count - one.get(symbol, 0) for symbol, count in two.items()}
    return {symbol: count for symbol, count in counts.items() if count > 0}


def compiler():
    return subprocess.run(["aarch64-linux-gnu-g++", "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--plugin", required=True, type=pathlib.Path)
    parser.add_argument("--golden", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--functions", metavar="NAME", help="also print the functions of one row")
    args = parser.parse_args()

    counts, failed = {}, False
    print(f"{'work':40} {'instructions':>14} {'per multiply-add':>18} {'bar':>8}")
    for name, (kernel, work, macs, bar) in MEASURED.items():
        functions = difference(args.program, args.plugin.resolve(), kernel, work)
        counts[name] = sum(functions.values())
        value = counts[name] / macs
        above = bar is not None and value > bar
        failed |= above
        per = f"{value:18.4f}" if macs > 1 else " " * 18
        print(f"{name:40} {counts[name]:14d} {per} {bar if bar is not None else '-':>8}{'  ABOVE' if above else ''}")
        if args.functions == name:
            for symbol, count in sorted(functions.items(), key=lambda item: -item[1])[:40]:
                print(f"    {count:12d} {symbol}")
    counts = {name: count for name, count in counts.items() if MEASURED[name][2] > 1}  # a token includes the C library
    if args.golden and args.update:
        args.golden.write_text(json.dumps({"compiler": compiler(), "instructions": counts}, indent=1) + "\n")
    elif args.golden:
        golden = json.loads(args.golden.read_text())
        if golden["compiler"] != compiler():
            print(f"not compared with {args.golden}: written by \"{golden['compiler']}\", here is \"{compiler()}\"")
        else:
            for name, count in counts.items():
                if golden["instructions"].get(name) != count:
                    print(f"{name}: {count} instructions, {args.golden} has {golden['instructions'].get(name)}; if the change is "
                          "meant, write it with --update")
                    failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
