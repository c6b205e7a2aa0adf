#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthesises the accelerator with Yosys (synth_xilinx -family xcup) and prints its resources beside a board's, as Markdown: the KV260's,
for the configuration alveo those of an Alveo U250.

    scripts/resources.sh [--config NAME] [--only leaf|array|units] [--jobs N] [--limit SECONDS] [--keep DIR]

Estimates by Yosys, not vendor numbers. Modules are mapped one by one and summed: nothing is optimised across their borders, so LUTs
come out too high rather than too low. Exit: 0 done, 1 the sum is larger than the board or a unit was left out, 2 usage, 4 no Yosys.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

HW = pathlib.Path(__file__).resolve().parent.parent / "hw"
COLUMNS = ["DSP", "LUT", "FF", "BRAM36", "URAM"]
KV260 = {"DSP": 1248, "LUT": 117120, "FF": 234240, "BRAM36": 144, "URAM": 64}  # XCK26, AMD DS987
U250 = {"DSP": 12288, "LUT": 1728000, "FF": 3456000, "BRAM36": 2688, "URAM": 1280}  # AMD DS962, the platform's own share included
EXPLICIT = ("SYNTHESIS", "SQUAT_DSP48E2")

# What one cell of the netlist takes. Distributed memories take the LUTs of the slice they fill (AMD UG574).
CELLS = dict(
    {"LUT%d" % n: ("LUT", 1) for n in range(1, 7)}, INV=("LUT", 1), SRL16E=("LUT", 1), SRLC32E=("LUT", 1),
    RAM32M=("LUT", 4), RAM64M=("LUT", 4), RAM32M16=("LUT", 8), RAM64M8=("LUT", 8), RAM32X1D=("LUT", 2), RAM64X1D=("LUT", 2),
    RAM128X1D=("LUT", 4), RAM256X1D=("LUT", 8), RAM32X1S=("LUT", 1), RAM64X1S=("LUT", 1), RAM128X1S=("LUT", 2), RAM256X1S=("LUT", 4),
    RAM512X1S=("LUT", 8), FDRE=("FF", 1), FDSE=("FF", 1), FDCE=("FF", 1), FDPE=("FF", 1), DSP48E2=("DSP", 1), RAMB36E2=("BRAM36", 1),
    RAMB18E2=("BRAM36", 0.5), URAM288=("URAM", 1))
FREE = {"CARRY4", "MUXF7", "MUXF8", "MUXF9", "BUFG"}  # come with the LUTs of a slice, or are none of the columns

# synth_xilinx, its step map_luts written out: no wide multiplexers (a LUT7 of two LUTs and a MUXF7 is only shallower), and equal gates
# behind ABC become one, above all the inverter of the reset that every register bit gets of its own.
SYNTHESIS = ("synth_xilinx -family xcup -uram -noiopad -noclkbuf -nowidelut -run begin:map_luts; opt_expr -mux_undef -noclkinv; abc -luts 2:2,3,6:5; "
             "opt_merge; clean; techmap -map +/xilinx/ff_map.v; xilinx_srl -fixed -minlen 3; "
             "techmap -map +/xilinx/lut_map.v -map +/xilinx/cells_map.v -D LUT_WIDTH=6; xilinx_dffopt; opt_lut_ins -tech xilinx; clean")


RUNNING = set()  # processes of Yosys, each with a group of its own: ABC is a child of it
STOPPED = threading.Event()


def stop(*_):
    """An interrupt must not leave a Yosys behind."""
    STOPPED.set()
    for process in list(RUNNING):
        os.killpg(process.pid, signal.SIGKILL)
    sys.exit(143)


class Failed(Exception):
    """A step of synthesis did not end, or its netlist holds something unknown."""


def plain(name):
    """The module's name in its source: without Yosys' parameters."""
    return re.sub(r"^\$paramod(\$[0-9a-f]+)?\\", "", name).lstrip("\\").split("\\")[0]


def synthesise(top, defines, limit, folder, parameters=None):
    """Runs one synthesis in `folder` (log and netlist stay there). Returns {module: {cell: count}} and the top's name."""
    sources = " ".join(str(HW / line) for line in (HW / "rtl/squat_kernel.f").read_text(encoding="utf-8").split())
    change = "".join("chparam -set %s %d %s; " % (name, value, top) for name, value in (parameters or {}).items())
    script = "read_verilog -sv %s %s; %shierarchy -top %s; %s; write_json netlist.json" % (
        " ".join("-D" + d for d in defines), sources, change, top, SYNTHESIS)
    if STOPPED.is_set():
        raise Failed("stopped")
    process = subprocess.Popen(["yosys", "-q", "-l", "yosys.log", "-p", script], cwd=folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, start_new_session=True)
    RUNNING.add(process)
    try:
        _, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise Failed("no result in %d s" % limit) from None
    finally:
        RUNNING.discard(process)
    if process.returncode != 0:
        raise Failed("yosys: exit %d: %s" % (process.returncode, errors.strip()[-500:]))
    modules = json.loads((pathlib.Path(folder) / "netlist.json").read_text(encoding="utf-8"))["modules"]
    cells = {name.lstrip("\\"): census(module) for name, module in modules.items() if not {"blackbox", "whitebox"} & set(module["attributes"])}
    return cells, next(name for name in cells if plain(name) == top)


def census(module):
    """Cells of a module by type. "carry" corrects the LUTs of carry chains (AMD UG574): S of a bit comes from O6 of its LUT, so a bit that
    comes straight from elsewhere, or from a LUT of another chain, takes a LUT too; DI may come from O5 of the same LUT, so two functions of
    5 inputs together are one LUT."""
    cells = collections.Counter(cell["type"].lstrip("\\") for cell in module["cells"].values())
    luts, readers, chained = {}, collections.Counter(), set()
    for cell in module["cells"].values():
        pins = cell["connections"]
        if re.fullmatch("LUT[1-6]|INV", cell["type"]):
            luts[pins["O"][0]] = [bits[0] for pin, bits in pins.items() if pin != "O"]
        for pin, bits in pins.items():
            readers.update(bits if cell["port_directions"][pin] == "input" else [])
    readers.update(bit for port in module["ports"].values() for bit in port["bits"])
    for cell in module["cells"].values():
        if cell["type"] == "CARRY4":
            for s, di in zip(cell["connections"]["S"], cell["connections"]["DI"]):
                if s in luts and di in luts and s != di:
                    inside = readers[s] == 1 and readers[di] == 1 + (di in luts[s])
                    cells["carry"] -= inside and len((set(luts[s]) | set(luts[di])) - {di, "0", "1"}) <= 5
                cells["carry"] += isinstance(s, int) and (s not in luts or s in chained)
                chained.add(s)
    return cells


def total(cells, module):
    """Resources of one module with everything below it."""
    result = collections.Counter()
    for cell, count in cells[module].items():
        name = cell.lstrip("\\")
        if name in cells:
            for column, amount in total(cells, name).items():
                result[column] += count * amount
        elif name == "carry":
            result["LUT"] += count
        elif name in CELLS:
            column, amount = CELLS[name]
            result[column] += count * amount
        elif name not in FREE:
            raise Failed("%s holds %d cells %s, which no column counts" % (module, count, name))
    return result


def row(text, counts):
    print("| %s | %s |" % (text, " | ".join(format(counts[c], ",.1f" if counts[c] % 1 else ",.0f") for c in COLUMNS)), flush=True)


class Step(NamedTuple):
    """One synthesis: a unit of the kernel, or the leaf by itself."""
    only: str  # option of --only that it belongs to
    top: str
    text: str
    limit: int  # seconds
    defines: tuple = EXPLICIT
    parameters: dict = {}


LEAVES = [Step("leaf", "squat_dsp", "squat_dsp, behavioural body", 120, ("SYNTHESIS",)),
          Step("leaf", "squat_dsp", "squat_dsp, explicit DSP48E2", 120)]
UNITS = ("vsram asram dispatch cmd_fetch gemm_ctrl weight_feed token_tables param_buffer bias_buffer rope_buffer logits_writer memory_ports control "
         "io post vec profile")


def units(config):
    """What together is the kernel in a configuration. squat_kernel, squat_executor, squat_core, squat_gemm and squat_memories add wires and
    256 multiplexers of one bit, with several blocks of columns 512 of as many bits, and behind 512-bit ports registers of 265 bits between blocks."""
    blocks = config["columns"] // 16
    beat_words = config["axi_bits"] // 128
    wide = {"Blocks": blocks, "BeatWords": beat_words, "RingDepth": config["ring_depth"]}
    ports = {"AxiBits": config["axi_bits"]}
    parameters = {"gemm_ctrl": wide, "weight_feed": wide, "vsram": {"Depth": config["vsram_depth"]}, "asram": {"Depth": config["asram_depth"]},
                  "memory_ports": ports, "control": ports, "profile": {"BeatWords": beat_words}}
    steps = [Step("array", "squat_mac_array", "squat_mac_array", 1800, parameters={"Bands": config["bands"]})]
    steps += [Step("array", "squat_mac_array", "squat_mac_array, block %d" % block, 1800,
                   parameters={"Bands": config["bands"] if beat_words > 1 else 1}) for block in range(1, blocks)]
    return steps + [Step("units", "squat_" + unit, "squat_" + unit, 1800, parameters=parameters.get(unit, {})) for unit in UNITS.split()]


def run_step(step, options):
    """Resources of one step, or why there are none."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = temporary
        if options.keep:
            folder = pathlib.Path(options.keep) / step.text.replace(", ", "_").replace(" ", "_")
            folder.mkdir(parents=True, exist_ok=True)
        start = time.monotonic()
        try:
            cells, top = synthesise(step.top, step.defines, options.limit or step.limit, folder, step.parameters)
            counts = total(cells, top)
        except Failed as failure:
            return failure
        print("%s: %.0f s" % (step.text, time.monotonic() - start), file=sys.stderr)
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    configs = sorted(path.stem for path in (HW / "spec/configs").glob("*.json"))
    parser.add_argument("--config", choices=configs, default="kv260", help="configuration of the kernel (default: kv260)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="steps at a time (default: 1), each of up to 2 GB")
    parser.add_argument("--only", choices=["leaf", "array", "units"], help="one step (default: all)")
    parser.add_argument("--limit", type=int, metavar="SECONDS", help="time limit of every step (default: its own, at most 1800)")
    parser.add_argument("--keep", metavar="DIR", help="keep logs and netlists of every step in this folder")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if not shutil.which("yosys"):
        print("resources: yosys is missing (Debian: apt-get install yosys)", file=sys.stderr)
        return 4
    version = subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True).stdout.split("(")[0].strip()
    print("Configuration %s. Estimates by Yosys, not vendor numbers: %s, synth_xilinx -family xcup, modules mapped one by one and summed.\n"
          % (options.config, version))
    print("| | %s |\n|---|%s" % (" | ".join(COLUMNS), "---|" * len(COLUMNS)))
    left_out, sums = [], collections.Counter()
    kernel = units(json.loads((HW / "spec/configs" / (options.config + ".json")).read_text(encoding="utf-8")))
    board, budget = ("U250 (XCU250)", U250) if options.config == "alveo" else ("KV260 (XCK26)", KV260)
    steps = [step for step in LEAVES + kernel if options.only in (None, step.only)]
    with ThreadPoolExecutor(max(options.jobs, 1)) as pool:
        for step, counts in zip(steps, pool.map(lambda step: run_step(step, options), steps)):
            if isinstance(counts, Failed):
                left_out.append("%s: %s" % (step.text, counts))
                continue
            row(step.text, counts)
            if step in kernel:
                sums.update(counts)
    if options.only is None:
        row("sum of the units", sums)
    row(board, budget)
    print("\nLeft out: %s." % ("; ".join(left_out) or "nothing that was asked for"))
    over = ["%s %.0f of %d" % (c, sums[c], budget[c]) for c in COLUMNS if sums[c] > budget[c]]
    if over:
        print("This does not fit the %s: " % board + ", ".join(over) + ".")
    elif options.only is None and not left_out:
        print("The kernel fits the %s by this estimate." % board)
    return 1 if over or left_out else 0


if __name__ == "__main__":
    sys.exit(main())
