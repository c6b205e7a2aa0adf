#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Training speed of this trainer and of PyTorch, side by side: see bench_trainer.sh."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TORCH_PYTHON = os.environ.get("SQUAT_TORCH_PYTHON", "/usr/bin/python3")
STEPS = {"tiny": 4, "h256": 3, "llama-58m": 1}  # per turn


def free_processors():
    """Processors that nobody used over the last quarter of a second."""

    def idle():
        rows = [line.split() for line in open("/proc/stat") if line.startswith("cpu")][0]
        values = list(map(int, rows[1:9]))
        return values[3] + values[4], sum(values)

    before = idle()
    time.sleep(0.25)
    after = idle()
    return os.cpu_count() * (after[0] - before[0]) / max(1, after[1] - before[1])


class Side:
    """A program that times steps when asked to."""

    def __init__(self, name, command):
        self.name, self.wall, self.processor, self.free = name, [], [], []
        self.peak = self.tokens = 0
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.turn(1, keep=False)

    def turn(self, steps, keep=True):
        print(steps, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name}: ended with code {self.process.wait()} instead of an answer")
        answer = json.loads(line)
        self.tokens, self.peak = answer["tokens"], answer["peak_bytes"]
        if keep:
            self.wall += answer["wall"]
            self.processor += answer["processor"]

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def rate(self, pick=min):
        return self.tokens / pick(self.wall)

    def row(self, what):
        figures = self.rate(), self.rate(statistics.median), self.tokens / min(self.processor)
        print(f"| {what} | {self.name} | " + " | ".join(f"{f:.0f}" for f in figures) + f" | {self.peak / 2**20:.0f} |")


def ratio(what, ours, theirs, bar):
    wall, median = ours.rate() / theirs.rate(), ours.rate(statistics.median) / theirs.rate(statistics.median)
    processor = (min(theirs.processor) / theirs.tokens) / (min(ours.processor) / ours.tokens)
    print(f"| {what} | {wall:.2f} | {median:.2f} | {processor:.2f} | {bar} |")


def measure(shape, turns, binary, torch):
    def ours(mode, threads=1):
        name = f"squat {mode}" + (f", {threads} threads" if threads > 1 else "")
        return Side(name, [str(binary), shape, mode, str(threads)])

    sides = {"peak": Side("multiply-adds alone", [str(binary), shape, "peak"]), "fp32": ours("fp32"), "w4a8": ours("w4a8"), "two": ours("fp32", 2), "two w4a8": ours("w4a8", 2)}
    if torch:
        for mode in "fp32", "w4a8":
            sides["torch " + mode] = Side(f"PyTorch {mode}", [TORCH_PYTHON, str(HERE / "bench_trainer_torch.py"), shape, mode])
    free = []
    for _ in range(turns):
        for side in sides.values():
            free.append(free_processors())
            side.turn(STEPS[shape])
    with_teacher = ours("w4a8-teacher")
    sides["teacher"] = with_teacher
    with_teacher.turn(2)
    for side in sides.values():
        side.end()
    tokens = sides["fp32"].tokens
    print(f"\n## {shape}: {tokens} tokens per step, {turns} turns of {STEPS[shape]} steps; free processors before a turn: "
          f"median {statistics.median(free):.1f} of {os.cpu_count()}\n")
    print("| shape | program | tokens/s best | median | per processor second, best | peak MiB |\n|---|---|---|---|---|---|")
    for side in sides.values():
        side.row(shape)
    print("\n| ratio | best | median | processor time | bar |\n|---|---|---|---|---|")
    if torch:
        ratio("FP32, ours / PyTorch", sides["fp32"], sides["torch fp32"], ">= 1.5")
        ratio("W4A8, ours / PyTorch", sides["w4a8"], sides["torch w4a8"], ">= 1.7")
    ratio("FP32, ours / multiply-adds alone", sides["fp32"], sides["peak"], "")
    if torch:
        ratio("FP32, PyTorch / multiply-adds alone", sides["torch fp32"], sides["peak"], "")
    ratio("ours, W4A8 / FP32", sides["w4a8"], sides["fp32"], ">= 0.87")
    ratio("FP32, two threads / one", sides["two"], sides["fp32"], ">= 1.7 with two free processors, >= 1 else")
    ratio("W4A8, two threads / one", sides["two w4a8"], sides["w4a8"], ">= 1.7 with two free processors, >= 1 else")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--shapes", default="h256,llama-58m", help="comma-separated (default %(default)s)")
    parser.add_argument("--turns", type=int, default=12, help="alternations (default %(default)s)")
    options = parser.parse_args()
    probe = subprocess.run([TORCH_PYTHON, "-c", "import torch; print(torch.__version__)"], capture_output=True, text=True)
    torch = probe.returncode == 0
    if torch:
        print(f"PyTorch {probe.stdout.strip()}")
    else:
        print(f"{TORCH_PYTHON} has no torch (Debian: apt-get install python3-torch): only our own figures", file=sys.stderr)
    print(f"load average {open('/proc/loadavg').read().strip()}")
    for shape in options.shapes.split(","):
        measure(shape, options.turns, options.binary, torch)


if __name__ == "__main__":
    main()
