#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the xclbin of the simulated device: what XRT needs to know about the kernel, without a bitstream.

Usage: make_xclbin.py RECIPE.json REGISTERS.json OUT.xclbin

The recipe names platform, memory banks and connections (hs.json), one unit of the kernel or several in
"units", its "control" protocol (ap_ctrl_hs) and whether it has an "interrupt" (true); arguments and their offsets come from
registers.json. The layout is axlf as in XRT's public xclbin.h, the four sections are those XRT 2.13 asks for. The
same input gives the same bytes. Python standard library only, because Debian's xclbinutil does not work.
"""
import hashlib
import json
import pathlib
import struct
import sys
from xml.sax.saxutils import quoteattr

EMBEDDED_METADATA, MEM_TOPOLOGY, CONNECTIVITY, IP_LAYOUT = 2, 6, 7, 8
MEM_DDR4 = 1
MODE_HW_EMU = 4
IP_KERNEL = 1
CONTROL_PROTOCOLS = {"ap_ctrl_hs": 0, "ap_ctrl_chain": 1}
CONTROL = "S_AXI_CONTROL"


def arguments(registers):
    """Kernel arguments in register order; pointers are those with a memory port."""
    return [dict(name=reg["arg"], offset=int(reg["offset"], 16), bits=reg.get("bits", 32), port=reg.get("port"))
            for reg in registers["registers"] if "arg" in reg]


def mem_topology(recipe):
    out = struct.pack("<i4x", len(recipe["banks"]))
    for bank in recipe["banks"]:
        kib = bank["mib"] * 1024 if "mib" in bank else bank["kib"]
        out += struct.pack("<BB6xQQ16s", MEM_DDR4, 1, kib, int(bank["base"], 16), bank["tag"].encode())
    return out


def units(recipe):
    return recipe.get("units") or [recipe]


def control(recipe):
    return recipe.get("control", "ap_ctrl_hs")


def ip_layout(recipe):
    properties = int(recipe.get("interrupt", True)) | CONTROL_PROTOCOLS[control(recipe)] << 8
    out = struct.pack("<i4x", len(units(recipe)))
    for unit in units(recipe):
        name = f"{recipe['kernel']}:{unit['instance']}".encode()
        out += struct.pack("<IIQ64s", IP_KERNEL, properties, int(unit["base"], 16), name)
    return out


def connectivity(recipe, args):
    tags = [bank["tag"] for bank in recipe["banks"]]
    rows = [(index, unit, tags.index(recipe["connect"][arg["port"]])) for unit in range(len(units(recipe)))
            for index, arg in enumerate(args) if arg["port"]]
    return struct.pack("<i", len(rows)) + b"".join(struct.pack("<iii", *row) for row in rows)


def element(tag, text="", /, **attributes):
    inside = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{tag}{inside}>{text}</{tag}>"


def metadata(recipe, args):
    body = ""
    for port in recipe["connect"]:
        body += element("port", name=port.upper(), mode="master", range="0xFFFFFFFFFFFFFFFF", dataWidth=recipe["data_width"],
                        portType="addressable", base="0x0")
    body += element("port", name=CONTROL, mode="slave", range=recipe["range"], dataWidth=32, portType="addressable", base="0x0")
    for index, arg in enumerate(args):
        size = hex(arg["bits"] // 8)
        body += element("arg", name=arg["name"], addressQualifier=1 if arg["port"] else 0, id=index,
                        port=(arg["port"] or CONTROL).upper(), size=size, offset=hex(arg["offset"]), hostOffset="0x0",
                        hostSize=size, type="void*" if arg["port"] else "uint")
    for unit in units(recipe):
        body += element("instance", element("addrRemap", base=unit["base"], port=CONTROL), name=unit["instance"])
    kernel = element("kernel", body, name=recipe["kernel"], language="ip_c", hwControlProtocol=control(recipe))
    clock = element("kernelClocks", element("clock", port="KERNEL_CLK", frequency=f"{recipe['clock_mhz']}MHz"))
    core = element("core", clock + kernel, name="OCL_REGION_0", target="hw_em", type="clc_region", clockFreq="0MHz", numComputeUnits=len(units(recipe)))
    vendor, board, name, _ = recipe["platform"].split(":")
    platform = element("platform", element("device", core, name="fpga0", fpgaDevice=board), vendor=vendor, boardid=board, name=name,
                       featureRomTime=0)
    return ('<?xml version="1.0" encoding="utf-8"?>\n' + element("project", platform, name=recipe["kernel"]) + "\n").encode()


def axlf(recipe, registers):
    args = arguments(registers)
    sections = [(MEM_TOPOLOGY, mem_topology(recipe)), (CONNECTIVITY, connectivity(recipe, args)), (IP_LAYOUT, ip_layout(recipe)),
                (EMBEDDED_METADATA, metadata(recipe, args))]
    signature = b"xclbin2\0" + struct.pack("<i", -1) + b"\xff" * 284
    identity = hashlib.sha256(b"".join(data for _, data in sections)).digest()
    offset = len(signature) + 8 + 152 + 40 * len(sections)
    table = body = b""
    for kind, data in sections:
        padding = -offset % 8
        body += b"\0" * padding + data
        table += struct.pack("<I16s4xQQ", kind, b"", offset + padding, len(data))
        offset += padding + len(data)
    header = struct.pack("<QQQHBBHH16s64s16s16sI4x", offset, 1, 0, 0, 2, 13, MODE_HW_EMU, 0, b"", recipe["platform"].encode(),
                         identity[:16], b"", len(sections))
    return signature + identity[16:24] + header + table + body


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    recipe, registers = (json.loads(pathlib.Path(name).read_text()) for name in sys.argv[1:3])
    missing = {arg["port"] for arg in arguments(registers) if arg["port"]} - set(recipe["connect"])
    if missing:
        sys.exit(f"{sys.argv[1]}: no connection for {', '.join(sorted(missing))}")
    target = pathlib.Path(sys.argv[3])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(axlf(recipe, registers))


if __name__ == "__main__":
    main()
