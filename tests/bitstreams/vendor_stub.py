#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands in for v++, xclbinutil and bootgen: records its command (environment: STUB_LOG), refuses unknown options, missing files and
connections that lead nowhere, and writes the output.

vendor_stub.py TOOL ARGUMENTS...
"""
import os
import pathlib
import re
import subprocess
import sys

TOOL = sys.argv[1]
SETTINGS = {"": {"kernel_frequency", "platform"}, "connectivity": {"nk", "sp", "slr", "stream_connect"}, "clock": {"freqHz"},
            "vivado": {"prop"}}
STRATEGIES = {"Performance_Explore", "Performance_EarlyBlockPlacement"}


def refuse(text):
    print(f"{TOOL}_stub: {text}", file=sys.stderr)
    sys.exit(1)


def options(words, with_value, plain):
    """{option: values}, other words."""
    values, rest, words = {}, [], iter(words)
    for word in words:
        if word in with_value:
            value = next(words, None)
            if value is None:
                refuse("option %s needs a value" % word)
            values.setdefault(word, []).append(value)
        elif word in plain:
            values.setdefault(word, []).append("")
        elif word.startswith("-"):
            refuse("unknown option " + word)
        else:
            rest.append(word)
    return values, rest


def need_file(name):
    if not pathlib.Path(name).is_file():
        refuse(name + ": no such file")
    return pathlib.Path(name)


def connect(path, kernel, ports):
    """The compute unit; every memory port of the kernel must be connected once."""
    section, units, connected = "", [], {}
    for line in need_file(path).read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        key, _, value = line.partition("=")
        if key not in SETTINGS.get(section, ()):
            refuse(f"{path}: [{section}] {key}: unknown")
        if key == "nk":
            name, count, unit = value.split(":")
            if name != kernel or count != "1":
                refuse(f"{path}: {line}: the .xo holds {kernel}")
            units.append(unit)
        if key == "slr" and not re.fullmatch(r"%s:SLR[0-3]" % re.escape(units[0] if units else ""), value):
            refuse(f"{path}: {line}")
        if key == "sp":
            end, _, tag = value.partition(":")
            unit, _, port = end.partition(".")
            if unit not in units or port not in ports:
                refuse(f"{path}: {line}: no such port")
            if port in connected or not re.fullmatch(r"HPC?[0-3]|DDR\[[0-3]\]|HBM\[\d+(:\d+)?\]", tag):
                refuse(f"{path}: {line}")
            connected[port] = tag
        if key == "prop" and value.startswith("run.impl_1.strategy=") and value.split("=")[1] not in STRATEGIES:
            refuse(f"{path}: {line}: unknown strategy")
    if set(connected) != ports:
        refuse(f"{path}: not connected: {sorted(ports - set(connected))}")
    return units[0]


def vpp(words):
    if words == ["--version"]:
        print("****** v++ v2023.2 (64-bit)")
        return
    if "-p" in words:
        return package(words)
    values, inputs = options(words, {"-t", "--platform", "--config", "--temp_dir", "--log_dir", "--report_dir", "-o", "--vivado.prop",
                                     "--clock.freqHz", "--kernel_frequency"}, {"-l", "--save-temps"})
    if len(inputs) != 1 or not inputs[0].endswith(".xo"):
        refuse("expected one .xo, found %s" % inputs)
    xml = need_file(need_file(inputs[0]).with_suffix(".xml")).read_text(encoding="utf-8")
    kernel = re.search(r'<kernel name="(\w+)"', xml).group(1)
    unit = connect(values["--config"][0], kernel, {port for port in re.findall(r'port="(\w+)"', xml) if port.startswith("m_axi_")})
    for clock in values.get("--clock.freqHz", []):
        if not re.fullmatch(r"\d{8,9}:" + re.escape(unit), clock):
            refuse("--clock.freqHz " + clock)
    for prop in values.get("--vivado.prop", []):
        match = re.fullmatch(r"run\.impl_1\.STEPS\.ROUTE_DESIGN\.TCL\.POST=(/.*)", prop)
        if not match:
            refuse("--vivado.prop " + prop)
        if values["-t"] == ["hw"]:
            stub = pathlib.Path(__file__).with_name("vivado_stub.tcl")
            done = subprocess.run(["tclsh", str(stub), "-mode", "batch", "-source", str(need_file(match.group(1)))], check=False,
                                  capture_output=True, text=True, env=dict(os.environ, STUB_CELL=unit))
            if done.returncode:
                refuse("after routing: " + done.stderr)
    pathlib.Path(values["-o"][0]).write_text("xclbin2 %s\n" % values["--platform"][0], encoding="utf-8")


def package(words):
    """v++ -p: a card image from a device program and a Linux image."""
    files = ["--package.rootfs", "--package.kernel_image", "--package.sd_file"]
    values, inputs = options(words, {"-t", "--platform", "--package.boot_mode", "--package.out_dir", "-o", *files}, {"-p"})
    for name in inputs + [values[key][0] for key in files]:
        need_file(name)
    if values["--package.boot_mode"] != ["sd"] or len(inputs) != 1:
        refuse(" ".join(words))
    out = pathlib.Path(values["--package.out_dir"][0])
    out.mkdir(exist_ok=True)
    (out / "sd_card.img").write_bytes(need_file(inputs[0]).read_bytes())


def xclbinutil(words):
    values, rest = options(words, {"--input", "--output", "--dump-section", "--add-section"}, ())
    if rest:
        refuse("unexpected %s" % rest)
    text = need_file(values["--input"][0]).read_text(encoding="utf-8")
    for dump in values.get("--dump-section", []):
        section, form, name = dump.split(":")
        content = {("CLOCK_FREQ_TOPOLOGY", "JSON"): '{"clock_freq_topology": {"m_count": "1", "m_clock_freq": [{"m_freq_Mhz": "299", '
                                                    '"m_type": "DATA", "m_name": "DATA_CLK"}]}}',
                   ("BITSTREAM", "RAW"): "bitstream"}.get((section, form))
        if content is None or pathlib.Path(name).exists():
            refuse("--dump-section %s: unknown, or the file is there" % dump)
        pathlib.Path(name).write_text(content, encoding="utf-8")
    for add in values.get("--add-section", []):
        section, form, name = add.split(":")
        if (section, form) != ("USER_METADATA", "RAW"):
            refuse("--add-section " + add)
        text += need_file(name).read_text(encoding="utf-8")
    for name in values.get("--output", []):
        if pathlib.Path(name).exists():
            refuse(name + " is there")
        pathlib.Path(name).write_text(text, encoding="utf-8")


def bootgen(words):
    values, _ = options(words, {"-arch", "-process_bitstream", "-image"}, {"-w"})
    if values.get("-arch") != ["zynqmp"] or values.get("-process_bitstream") != ["bin"]:
        refuse(" ".join(words))
    inside = re.fullmatch(r"\s*\w+:\s*\{\s*(\S+)\s*\}\s*", need_file(values["-image"][0]).read_text(encoding="utf-8"))
    if not inside:
        refuse("%s: not an image description" % values["-image"][0])
    bit = need_file(inside.group(1))
    pathlib.Path(str(bit) + ".bin").write_bytes(bit.read_bytes())


def main():
    with open(os.environ["STUB_LOG"], "a", encoding="utf-8") as log:
        log.write(" ".join(sys.argv[1:]) + "\n")
    {"v++": vpp, "xclbinutil": xclbinutil, "bootgen": bootgen}[TOOL](sys.argv[2:])


main()
