# SPDX-License-Identifier: Apache-2.0
"""Executed Arm instructions under QEMU's user emulation, and the cycles that llvm-mca's models give their basic blocks.

Counts are exact and the same on every machine. Cycles are a model: a block runs in its steady state with everything in the first
cache, no branch is mispredicted and nothing waits for memory.
"""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ITERATIONS = 200
SMALL = 0.002  # blocks with less than this share of the instructions are taken at two instructions per cycle
BRANCH = re.compile(r"(b|bl|b\.\w+|cbn?z|tbn?z)\s(?:.*,\s*)?#(-?\d+)$")
ENDS_BLOCK = re.compile(r"(b|bl|b\.\w+|cbn?z|tbn?z|ret|br|blr|svc)\b")

# Core: (LLVM version, processor of its model). Cortex-A76 has none of its own (LLVM takes Cortex-A57's); Neoverse N1 is the same
# core for servers. LLVM 19 takes Neoverse N2's for Cortex-X3. Several models are a range.
CORES = {
    "cortex-a53": (("19", "cortex-a53"), ("22", "cortex-a53")),
    "cortex-a76": (("19", "neoverse-n1"), ("22", "neoverse-n1")),
    "cortex-x3": (("22", "cortex-x3"),),
}

Instruction = collections.namedtuple("Instruction", "address count word symbol")


class Missing(Exception):
    """A tool that is not installed."""


def qemu(plugin, cpu, command, environment=()):
    """The instructions that a program executes."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "counts"
        options = [word for setting in environment for word in ("-E", setting)]
        run = subprocess.run(["qemu-aarch64", "-cpu", cpu, *options, "-plugin", f"{plugin},out={out}", *map(str, command)],
                             capture_output=True, text=True, timeout=600, check=False, env={**os.environ, "LC_ALL": "C"})
        if run.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}: exit code {run.returncode}: {run.stderr.strip()}")
        fields = (line.split(maxsplit=3) for line in out.read_text().splitlines())
        return [Instruction(int(address, 16), int(count), word, symbol) for address, count, word, symbol in fields]


def work_alone(run):
    """What two repeats of run(repeats) execute more often than one."""
    once = {i.address: i.count for i in run(1)}
    more = (i._replace(count=i.count - once.get(i.address, 0)) for i in run(2))
    return [i for i in more if i.count > 0]


def disassemble(words):
    """The text of instruction words."""
    tool = "llvm-mc-19"
    if shutil.which(tool) is None:
        raise Missing(f"{tool} is not installed (Debian: apt-get install llvm-19)")
    words = sorted(words)
    lines = "\n".join(" ".join("0x" + w[i:i + 2] for i in (6, 4, 2, 0)) for w in words) + "\n"
    text = subprocess.run([tool, "-disassemble", "-triple=aarch64", "-mattr=+all"], input=lines, capture_output=True, text=True,
                          check=True).stdout
    texts = [" ".join(line.split()) for line in text.splitlines() if line.strip() and not line.strip().startswith(".text")]
    if len(texts) != len(words):
        raise RuntimeError(f"{tool} knows {len(texts)} of {len(words)} instruction words")
    return dict(zip(words, texts))


def basic_blocks(instructions):
    """[(count, [text, ...])]: cut where control can enter or leave, and where the count changes."""
    text = disassemble({i.word for i in instructions})
    targets = {i.address + int(m[2]) for i in instructions if (m := BRANCH.match(text[i.word]))}
    blocks, last = [], None
    for i in sorted(instructions):
        if last is None or i.address != last.address + 4 or i.address in targets or i.count != last.count or \
                ENDS_BLOCK.match(text[last.word]):
            blocks.append((i.count, []))
        blocks[-1][1].append(text[i.word])
        last = i
    return blocks


def fix_neoverse_n1(line):
    """LLVM's Neoverse N1 (19 and 22) has no entry for MLA, MLS and MUL by element or on bytes and gives them latency 2, two per
    cycle. They run as the vector forms do: latency 4 to 5, one per two cycles."""
    line = re.sub(r"\b(mla|mls|mul) (v\d+)\.(4s|8h), (v\d+)\.\3, (v\d+)\.[sh]\[\d\]", r"\1 \2.\3, \4.\3, \5.\3", line)
    return re.sub(r"\b(mla|mls|mul) (v\d+)\.16b, (v\d+)\.16b, (v\d+)\.16b", r"\1 \2.8h, \3.8h, \4.8h", line)


class CycleModel:
    """Cycles of blocks by one processor's model; every block is asked for once."""

    def __init__(self, version, processor):
        self.tool, self.processor, self.known = f"llvm-mca-{version}", processor, {}
        if shutil.which(self.tool) is None:
            raise Missing(f"{self.tool} is not installed (Debian: apt-get install llvm-{version})")

    def version(self):
        return re.search(r"version (\S+)", subprocess.run([self.tool, "--version"], capture_output=True, text=True,
                                                          check=True).stdout)[1]

    def learn(self, blocks):
        new = [key for key in {"\n".join(lines) for lines in blocks} if key not in self.known]
        if not new:
            return
        fix = fix_neoverse_n1 if self.processor == "neoverse-n1" else str
        source = "".join(f"# LLVM-MCA-BEGIN {n}\n" + "\n".join(map(fix, key.split("\n"))) + "\n# LLVM-MCA-END\n"
                         for n, key in enumerate(new))
        run = subprocess.run([self.tool, "-mtriple=aarch64", f"-mcpu={self.processor}", "-mattr=+dotprod,+i8mm,+fullfp16",
                              f"-iterations={ITERATIONS}", "-instruction-info=false", "-resource-pressure=false"],
                             input=source, capture_output=True, text=True, check=False)
        found = re.findall(r"Code Region - (\d+)\n.*?Total Cycles:\s+(\d+)", run.stdout, re.S)
        if len(found) != len(new):
            raise RuntimeError(f"{self.tool}: {len(found)} of {len(new)} blocks: {run.stderr[:500]}")
        for n, cycles in found:
            self.known[new[int(n)]] = int(cycles) / ITERATIONS

    def cycles(self, blocks):
        total = sum(count * len(lines) for count, lines in blocks)
        large = [(count, lines) for count, lines in blocks if count * len(lines) >= SMALL * total]
        self.learn([lines for _, lines in large])
        small = total - sum(count * len(lines) for count, lines in large)
        return small / 2 + sum(count * self.known["\n".join(lines)] for count, lines in large)


def core_models():
    """{core: [CycleModel, ...]}; raises Missing."""
    made = {}
    return {core: [made.setdefault(m, CycleModel(*m)) for m in models] for core, models in CORES.items()}
