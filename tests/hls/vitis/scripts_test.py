#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Vitis scripts against recording stubs: each runs from start to end, names only files that exist, and refuses wrong arguments.

scripts_test.py: exit 0 all as expected, 1 not, 77 (skipped) without tclsh or make.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
KERNELS = ["mkmp_gemm", "tclm", "weight_reader"]
bad = 0


def check(condition, text):
    global bad
    if not condition:
        bad += 1
        print("FAIL " + text)


class Tree:
    """The parts of the project that the scripts name, in a folder where files may be taken away."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "tree"
        for part in ("hls", "scripts/vitis"):
            shutil.copytree(ROOT / part, self.root / part)
        self.log = pathlib.Path(folder) / "log"
        self.out = pathlib.Path(folder) / "out"

    def run(self, *command, **environment):
        self.log.write_text("", encoding="utf-8")
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.root, timeout=60,
                              env=dict(os.environ, STUB_LOG=str(self.log), **environment))
        return done.returncode, done.stdout + done.stderr, self.log.read_text(encoding="utf-8").splitlines()

    def hls(self, *arguments, **environment):
        return self.run("tclsh", str(HERE / "vitis_hls_stub.tcl"), "-f", str(self.root / "scripts/vitis/kernel.tcl"), "-tclargs",
                        *arguments, **environment)

    def make(self, *arguments):
        return self.run("make", "-C", "scripts/vitis", "VITIS_HLS=tclsh %s" % (HERE / "vitis_hls_stub.tcl"),
                        "VPP=%s %s" % (sys.executable, HERE / "vpp_stub.py"), "OUT=%s" % self.out, *arguments)


def scripts(tree):
    for kernel in KERNELS:
        code, text, log = tree.hls("kernel=" + kernel, "out=%s" % tree.out)
        check(code == 0, "%s: exit %d, %s" % (kernel, code, text))
        verbs = [line.split()[0] for line in log]
        expected = ["csim_design", "csynth_design", "cosim_design", "export_design", "exit"]
        check(verbs[-5:] == expected, "%s: recorded %s" % (kernel, verbs))
        check("set_top " + kernel in log, "%s: top" % kernel)
        check("set_part xck26-sfvc784-2LV-c" in log and "create_clock -period 3.333 -name default" in log, "%s: part, clock: %s" % (kernel, log))
        check((tree.out / (kernel + ".xo")).is_file(), "%s: nothing exported" % kernel)
    code, _, log = tree.hls("kernel=tclm", "part=xcu250-figd2104-2L-e", "clock_mhz=250", "steps=csim", "out=%s" % tree.out)
    check(code == 0 and "set_part xcu250-figd2104-2L-e" in log and "create_clock -period 4.000 -name default" in log, "part and clock as arguments")
    check(not any(line.startswith(("csynth", "cosim", "export")) for line in log), "only the steps asked for")
    code, _, log = tree.hls(SQUAT_HLS_KERNEL="tclm", SQUAT_HLS_STEPS="csim", SQUAT_HLS_OUT=str(tree.out))
    check(code == 0 and "set_top tclm" in log, "arguments from the environment")
    sources = [line.split()[1] for line in log if line.startswith("add_files") and "-tb" not in line]
    check(sources == [str(tree.root / "hls/kernels/tclm.cpp")], "files: %s" % sources)


def refusals(tree):
    out = "out=%s" % tree.out
    for arguments, text in [(["kernel=mkmp", out], "expected one of: mkmp_gemm tclm weight_reader"), ([out], "kernel=, expected"),
                            (["kernel=tclm", "part=kv260", out], "is no part name"), (["kernel=tclm", "clock_mhz=fast", out], "expected 10 to 1000"),
                            (["kernel=tclm", "clock_mhz=0", out], "expected 10 to 1000"), (["kernel=tclm", "steps=csim,route", out], "route is none of"),
                            (["kernel=tclm", "steps=export", out], "step export needs csynth"), (["kernel=tclm", "speed=1", out], "unknown argument speed")]:
        code, message, _ = tree.hls(*arguments)
        check(code == 1 and text in message, "%s: exit %d, %s" % (arguments, code, message))


def missing_files(tree):
    """Every file of every script is looked at: without it the run fails and names it."""
    named = set()
    for kernel in KERNELS:
        _, _, log = tree.hls("kernel=" + kernel, "out=%s" % tree.out)
        named |= {word for line in log if line.startswith("add_files") for word in line.split() if word.endswith(".cpp")}
    check(len(named) == 7, "files named: %s" % sorted(named))
    for name in sorted(named):
        hidden = name + ".away"
        os.rename(name, hidden)
        results = [tree.hls("kernel=" + kernel, "out=%s" % tree.out) for kernel in KERNELS]
        check(sum(code == 1 and pathlib.Path(name).name in text for code, text, _ in results) == 1, "without " + name)
        os.rename(hidden, name)
    source = tree.root / "hls/kernels/tclm.cpp"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace('extern "C" void tclm(', 'extern "C" void tclm2('), encoding="utf-8")
    code, message, _ = tree.hls("kernel=tclm", "out=%s" % tree.out)
    check(code == 1 and "no source defines tclm" in message, "a top function that is not there: " + message)
    source.write_text(text, encoding="utf-8")


def makefile(tree):
    code, text, log = tree.make("csim")
    check(code == 0 and sum(line.startswith("csim_design") for line in log) == 3, "make csim: exit %d, %s" % (code, text))
    code, text, log = tree.make("synth")
    check(code == 0 and sum(line.startswith("export_design") for line in log) == 3, "make synth: exit %d, %s" % (code, text))
    code, text, log = tree.make("xclbin")
    check(code != 0 and "PLATFORM is not set" in text and not log, "make xclbin without a platform: %s" % text)
    code, text, log = tree.make("xclbin", "PLATFORM=kv260_base", "TARGET=hw_emu")
    check(code == 0 and len(log) == 4 and log[-1].startswith("v++ -l"), "make xclbin: exit %d, %s %s" % (code, text, log))
    check((tree.out / "squat_hls.hw_emu.xclbin").is_file(), "make xclbin: nothing there")
    code, _, log = tree.make("xclbin", "PLATFORM=kv260_base", "TARGET=hw_emu")
    check(code == 0 and not log, "make xclbin a second time does nothing: %s" % log)
    # What the link step compiles is what the scripts compile, and streams join streams.
    for kernel in KERNELS:
        _, _, hls = tree.hls("kernel=" + kernel, "steps=csynth", "out=%s" % tree.out)
        scripted = {pathlib.Path(line.split()[1]).name for line in hls if line.startswith("add_files") and "-tb" not in line}
        _, _, log = tree.make("-B", "%s/%s.hw.xo" % (tree.out, kernel), "PLATFORM=p")
        linked = {pathlib.Path(word).name for word in log[0].split() if word.endswith(".cpp")}
        check(scripted == linked, "%s: %s by the script, %s by the makefile" % (kernel, scripted, linked))
    for line in (tree.root / "scripts/vitis/link.cfg").read_text(encoding="utf-8").splitlines():
        if line.startswith("stream_connect="):
            widths = set()
            for end in line[15:].split(":"):
                kernel, port = end.split(".")
                header = (tree.root / ("hls/kernels/%s.hpp" % kernel[:-2])).read_text(encoding="utf-8")
                widths.add(re.search(r"hls::stream<ap_uint<(\d+)>>& %s\b" % port, header).group(1))
            check(len(widths) == 1, "%s: widths %s" % (line, widths))
    os.remove(tree.root / "hls/kernels/mkmp_array.cpp")
    code, text, _ = tree.make("xclbin", "PLATFORM=kv260_base")
    check(code != 0 and "mkmp_array.cpp" in text, "make without a source: " + text)


def main():
    for tool in ("tclsh", "make"):
        if not shutil.which(tool):
            print("%s not found (Debian: apt-get install tcl make)" % tool)
            return 77
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder)
        scripts(tree)
        refusals(tree)
        missing_files(tree)
        makefile(tree)
    print("Vitis scripts: %d not as expected" % bad)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
