#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The board recipes against recording stubs of the vendor's tools: every target runs from start to end for every board, registers, ports and
arguments are hw/spec's, and every file that is taken away and every port that is renamed is noticed.

boards_test.py: exit 0 all as expected, 1 not, 77 (skipped) without tclsh or make.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BOARDS = {"kv260": "/platforms/kv260_custom.xpfm", "zcu102": "xilinx_zcu102_base", "u250": ""}
bad = 0


def check(condition, text):
    global bad
    if not condition:
        bad += 1
        print("FAIL " + text)


def registers():
    return json.loads((ROOT / "hw/spec/registers.json").read_text(encoding="utf-8"))["registers"]


class Tree:
    """The parts of the project that the recipes name, in a folder where files may be taken away and changed."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "tree"
        for part in ("hw", "bitstreams"):
            shutil.copytree(ROOT / part, self.root / part)
        (self.root / "scripts").mkdir()
        for path in (ROOT / "scripts").iterdir():
            if path.suffix in (".py", ".tcl"):
                shutil.copy(path, self.root / "scripts")
        self.log = pathlib.Path(folder) / "log"
        self.out = pathlib.Path(folder) / "out"

    def run(self, *command, **environment):
        self.log.write_text("", encoding="utf-8")
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.root, timeout=120,
                              env=dict(os.environ, STUB_LOG=str(self.log), PYTHONDONTWRITEBYTECODE="1", **environment))
        return done.returncode, done.stdout + done.stderr, self.log.read_text(encoding="utf-8").splitlines()

    def package(self, *arguments, **environment):
        return self.run("tclsh", str(HERE / "vivado_stub.tcl"), "-mode", "batch", "-source", str(self.root / "scripts/package_kernel.tcl"),
                        "-tclargs", "out=%s" % self.out, *arguments, **environment)

    def make(self, board, *arguments, **environment):
        stub = "%s %s " % (sys.executable, HERE / "vendor_stub.py")
        platform = ["PLATFORM=" + BOARDS[board]] if BOARDS.get(board) else []
        return self.run("make", "-C", "bitstreams", "BOARD=" + board, "VIVADO=tclsh %s" % (HERE / "vivado_stub.tcl"), "VPP=" + stub + "v++",
                        "XCLBINUTIL=" + stub + "xclbinutil", "BOOTGEN=" + stub + "bootgen", "OUT=%s" % (self.out / board), *platform, *arguments,
                        **environment)


def packaging(tree):
    code, text, log = tree.package("config=kv260")
    check(code == 0, "package: exit %d, %s" % (code, text))
    check(log[-1].startswith("exit 0"), "package: ends with %s" % log[-1])
    # The register map is the control registers and the arguments of hw/spec, nothing else: package_xo would make arguments of it.
    added = [line.split()[1] for line in log if line.startswith("ipx::add_register ")]
    wanted = ["CTRL", "GIER", "IP_IER", "IP_ISR"] + [r["arg"] for r in registers() if "arg" in r]
    check(added == wanted, "registers: %s" % added)
    for register in registers():
        if "arg" not in register:
            continue
        name = register["arg"]
        for setting in ("address_offset %s" % register["offset"], "size %d" % register.get("bits", 32)):
            check("set_property %s register:%s" % (setting, name) in log, "%s: no %s" % (name, setting))
        if "port" in register:
            check("set_property value %s parameter:register:%s:ASSOCIATED_BUSIF" % (register["port"], name) in log, name + ": its port")
    ports = sorted({r["port"] for r in registers() if "port" in r})
    for port in ports + ["s_axi_control"]:
        check("ipx::associate_bus_interfaces -busif %s -clock ap_clk core:squat" % port in log, port + ": its clock")
    check(any(line == "set_property value 300000000 parameter:interface:ap_clk:FREQ_HZ" for line in log), "clock frequency")
    top = (tree.out / "rtl/squat_kernel.sv").read_text(encoding="utf-8")
    config = json.loads((ROOT / "hw/spec/configs/kv260.json").read_text(encoding="utf-8"))
    for parameter, key in (("Columns", "columns"), ("RingDepth", "ring_depth"), ("AxiBits", "axi_bits")):
        check(re.search(r"parameter int unsigned %s = %d\b" % (parameter, config[key]), top), "%s of the packaged top" % parameter)
    files = next(line for line in log if line.startswith("add_files")).split()[2:]
    listed = [line for line in (ROOT / "hw/rtl/squat_kernel.f").read_text(encoding="utf-8").splitlines() if line and line[0].isalpha()]
    check([pathlib.Path(f).name for f in files] == [pathlib.Path(f).name for f in listed], "sources in the order of squat_kernel.f")
    code, text, log = tree.package("config=kv260", "part=xczu9eg-ffvb1156-2-e", "memory=block", "clock_mhz=200")
    check(code == 0 and "set_property value 200000000 parameter:interface:ap_clk:FREQ_HZ" in log, "package for the ZCU102: %s" % text)
    code, text, _ = tree.package("config=kv260", "part=xczu9eg-ffvb1156-2-e")
    check(code == 1 and "UltraRAM" in text, "UltraRAM on a part without: " + text)
    code, text, _ = tree.package("config=kv260", STUB_SWAP="1")
    check(code == 1 and "argument cmd: id is 12, hw/spec says 0" in text, "arguments numbered the other way round: " + text)


def refusals(tree):
    for arguments, text in [(["config=u999"], "expected one of: "), (["part=kv260"], "is no part name"), (["clock_mhz=fast"], "expected 10 to 1000"),
                            (["clock_mhz=5"], "expected 10 to 1000"), (["memory=lut"], "expected ultra or block"), (["speed=1"], "unknown argument speed"),
                            (["config"], "unknown argument config")]:
        code, message, _ = tree.package(*arguments)
        check(code == 1 and text in message, "%s: exit %d, %s" % (arguments, code, message))


def changed(tree, name, before, after, run, text):
    """With `before` replaced in a file, `run` must fail and say `text`."""
    path = tree.root / name
    whole = path.read_text(encoding="utf-8")
    check(before in whole, "%s does not hold %s" % (name, before))
    path.write_text(whole.replace(before, after), encoding="utf-8")
    code, message, _ = run()
    check(code != 0 and text in message, "%s with %s for %s: exit %d, %s" % (name, after, before, code, message))
    path.write_text(whole, encoding="utf-8")


def hidden_and_renamed(tree):
    listed = [line for line in (ROOT / "hw/rtl/squat_kernel.f").read_text(encoding="utf-8").splitlines() if line and line[0].isalpha()]
    check(len(listed) > 60, "squat_kernel.f names %d files" % len(listed))
    for name in ["hw/" + line for line in listed] + ["hw/rtl/squat_kernel.f", "hw/gen/squat_registers.tcl"]:
        path = tree.root / name
        os.rename(path, str(path) + ".away")
        code, text, _ = tree.package("config=kv260")
        check(code == 1 and path.name in text, "without %s: exit %d, %s" % (name, code, text))
        os.rename(str(path) + ".away", path)

    def package():
        return tree.package("config=kv260")
    top = "hw/rtl/squat_kernel.sv"
    for port in sorted({r["port"] for r in registers() if "port" in r}):
        changed(tree, top, port + "_ar", port + "x_ar", package, "memory ports")
        changed(tree, "hw/gen/squat_registers.tcl", "{%s}" % port, "{%sx}" % port, package, "memory ports")
    for port in ("ap_clk", "ap_rst_n", "interrupt"):
        changed(tree, top, " %s,\n" % port, " %s_x,\n" % port, package, "no port " + port)
    changed(tree, top, "s_axi_control_", "s_axi_ctrl_", package, "no port s_axi_control_awaddr")
    changed(tree, top, "CfgSimColumns", "CfgSimColumnsX", package, "Columns")
    changed(tree, top, "parameter int unsigned Columns", "parameter int unsigned Cols", package, "has no Cols")
    changed(tree, top, "module squat_kernel #", "module squat_core2 #", package, "no source defines squat_kernel")
    changed(tree, "hw/gen/squat_registers.tcl", "{kv 0x048", "{kv 0x044", package, "kv")  # over its neighbour
    changed(tree, "scripts/package_kernel.tcl", "ipx::save_core $core\n", "", package, "save first")
    changed(tree, "scripts/package_kernel.tcl", "foreach port $masters {ipx::associate_bus", "foreach port {} {ipx::associate_bus", package, "has no clock")


def makefile(tree):
    code, text, log = tree.make("kv261", "xo")
    check(code != 0 and "expected one of kv260 u250 zcu102" in text and not log, "an unknown board: " + text)
    code, text, log = tree.run("make", "-C", "bitstreams", "xclbin", "BOARD=kv260", "VIVADO=false", "OUT=%s" % (tree.out / "none"))
    check(code != 0 and "PLATFORM is not set" in text, "no platform: " + text)
    for board in BOARDS:
        code, text, log = tree.make(board, "xclbin")
        check(code == 0, "make xclbin BOARD=%s: exit %d, %s" % (board, code, text))
        link = [line for line in log if line.startswith("v++ -l")]
        check(len(link) == 1, "%s: %d links" % (board, len(link)))
        check(any(line.startswith("package_xo") for line in log), board + ": not packaged")
        manifest = json.loads((tree.out / board / "manifest.hw.json").read_text(encoding="utf-8"))
        header = (ROOT / "hw/gen/squat_spec.hpp").read_text(encoding="utf-8")
        check("kSpecHash = 0x%sULL" % manifest["spec_hash"] in header, "%s: spec hash %s" % (board, manifest["spec_hash"]))
        check(manifest["schema"] == "squat.manifest/1" and manifest["board"] == board, board + ": manifest")
        check(manifest["resources"]["kernel"] == {"lut": 101234, "ff": 70001, "bram36": 119.5, "uram": 61, "dsp": 745}, board + ": resources")
        check(manifest["clock_mhz"] == {"asked": 300, "linked": 299} and manifest["worst_slack_ns"] == 0.012, board + ": clock")
        check(manifest["tools"] == {"vivado": "Vivado v2023.2 (64-bit)", "v++": "v++ v2023.2 (64-bit)"}, "%s: %s" % (board, manifest["tools"]))
        final = (tree.out / board / "squat.hw.xclbin").read_text(encoding="utf-8")
        check(final.endswith((tree.out / board / "manifest.hw.json").read_text(encoding="utf-8")), board + ": the manifest is not in the file")
        code, text, log = tree.make(board, "xclbin")
        check(code == 0 and not log, "%s a second time: %s" % (board, log))
    # The clock that is asked for reaches packaging and link, by the platform's kind of option.
    _, _, log = tree.make("kv260", "-B", "xclbin", "CLOCK_MHZ=250")
    check(any("--clock.freqHz 250000000:squat_kernel_1" in line for line in log), "kv260: the link's clock")
    check("set_property value 250000000 parameter:interface:ap_clk:FREQ_HZ" in log, "kv260: the kernel's clock")
    _, _, log = tree.make("u250", "-B", "xclbin", "CLOCK_MHZ=250")
    check(any("--kernel_frequency 250 " in line for line in log), "u250: the link's clock")
    code, text, log = tree.make("kv260", "xclbin", "TARGET=hw_emu")
    emulated = json.loads((tree.out / "kv260/manifest.hw_emu.json").read_text(encoding="utf-8"))
    check(code == 0 and emulated["target"] == "hw_emu", "hw_emu: " + text)


def card(tree):
    code, text, _ = tree.make("kv260", "sd_card")
    check(code != 0 and "no card image" in text, "a card for the KV260: " + text)
    code, text, _ = tree.make("zcu102", "sd_card", "ROOTFS=/nowhere", "KERNEL_IMAGE=/nowhere")
    check(code != 0 and "common Linux image" in text, "a card without Linux: " + text)
    for name in ("rootfs.ext4", "Image"):
        (tree.root / name).write_text(name, encoding="utf-8")
    code, text, _ = tree.make("zcu102", "sd_card", "ROOTFS=../rootfs.ext4", "KERNEL_IMAGE=../Image")
    check(code == 0 and (tree.out / "zcu102/sd_card/sd_card.img").is_file(), "make sd_card: exit %d, %s" % (code, text))


def application(tree):
    code, text, _ = tree.make("zcu102", "app")
    check(code != 0 and "needs no application package" in text, "an application for the ZCU102: " + text)
    if not shutil.which("dtc"):
        print("dtc not found (Debian: apt-get install device-tree-compiler): the application package is not built")
        return
    code, text, log = tree.make("kv260", "app")
    check(code == 0, "make app: exit %d, %s" % (code, text))
    app = tree.out / "kv260/app"
    check(sorted(p.name for p in app.iterdir()) == ["shell.json", "squat.bit.bin", "squat.dtbo", "squat.xclbin"], "application: %s" % list(app.iterdir()))
    check(json.loads((app / "shell.json").read_text(encoding="utf-8")) == {"shell_type": "XRT_FLAT", "num_slots": "1"}, "shell.json")
    # What dtc compiled, read back by dtc: the bitstream the overlay asks for is the package's, and XRT's driver is there.
    back = subprocess.run(["dtc", "-I", "dtb", "-O", "dts", str(app / "squat.dtbo")], capture_output=True, text=True, check=False, timeout=60).stdout
    check('firmware-name = "squat.bit.bin"' in back, "the overlay's bitstream")
    check('compatible = "xlnx,zocl"' in back, "the overlay's driver")
    check("__fixups__" in back and "fpga_full" in back, "an overlay refers to the board's tree")
    changed(tree, "bitstreams/kv260/squat.dtso", "/plugin/;", "/plugin/", lambda: tree.make("kv260", "app"), "squat.dtso")
    changed(tree, "bitstreams/kv260/squat.bif", "squat.bit", "other.bit",
            lambda: tree.make("kv260", "-B", "app"), "other.bit: no such file")


def broken_recipes(tree):
    for board in BOARDS:
        link = "bitstreams/%s/link.cfg" % board
        whole = (tree.root / link).read_text(encoding="utf-8")

        def xclbin(name=board):
            return tree.make(name, "-B", "xclbin")
        for line in [line for line in whole.splitlines() if line.startswith("sp=")]:
            port = line.split(".")[1].split(":")[0]
            changed(tree, link, line + "\n", "", xclbin, "not connected: ['%s']" % port)
            changed(tree, link, line, line.replace(port, port + "x"), xclbin, "no such port")
        changed(tree, link, "nk=squat_kernel:", "nk=squat_kernels:", xclbin, "the .xo holds squat_kernel")
        changed(tree, link, "[connectivity]", "[connections]", xclbin, "unknown")
        changed(tree, link, "strategy=Perf", "strategy=Berf", xclbin, "unknown strategy")
        for name in (link, "scripts/report_routed.tcl", "scripts/write_manifest.py", "scripts/package_kernel.tcl"):
            path = tree.root / name
            os.rename(path, str(path) + ".away")
            code, text, _ = xclbin()
            check(code != 0 and path.name in text, "%s without %s: exit %d, %s" % (board, name, code, text))
            os.rename(str(path) + ".away", path)
    changed(tree, "scripts/report_routed.tcl", "squat_kernel_1", "squat_kernel_2", lambda: tree.make("kv260", "-B", "xclbin"), "found 0")
    # All memory ports of a board share memory, as the host's buffers do: one bank, or ports into one DDR.
    for board in BOARDS:
        text = (ROOT / ("bitstreams/%s/link.cfg" % board)).read_text(encoding="utf-8")
        tags = {re.sub(r"^HPC?\d$", "processor", tag) for tag in re.findall(r"^sp=\S+?:(\S+)$", text, re.MULTILINE)}
        check(len(tags) == 1, "%s: memories %s" % (board, tags))


def main():
    for tool in ("tclsh", "make"):
        if not shutil.which(tool):
            print("%s not found (Debian: apt-get install tcl make)" % tool)
            return 77
    for step in (packaging, refusals, hidden_and_renamed, makefile, card, application, broken_recipes):
        with tempfile.TemporaryDirectory() as folder:
            step(Tree(folder))
    print("board recipes: %d not as expected" % bad)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
