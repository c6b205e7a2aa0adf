#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the manifest of a device program: what it was made from, with which tools, and what came out.

Called by bitstreams/Makefile. Sources, configuration and spec hash come from the tree; resources and slack from the reports of
scripts/report_routed.tcl; the clock from the linked file's CLOCK_FREQ_TOPOLOGY (xclbinutil's JSON). What a report does not say is null.
Python standard library only. Exit 1 with a message when an input is missing or malformed.
"""
import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys

import gen_spec

ROOT = gen_spec.ROOT
SCHEMA = "squat.manifest/1"  # host/xclbin/recipe.hpp
ROWS = {"lut": "CLB LUTs", "ff": "CLB Registers", "bram36": "Block RAM Tile", "uram": "URAM", "dsp": "DSPs"}


def sources(board):
    """Every file that decides what is built, relative to the root, with the SHA-256 over names and contents."""
    names = ["hw/rtl/squat_kernel.f", "hw/gen/squat_registers.tcl", "scripts/package_kernel.tcl", f"bitstreams/{board}/link.cfg",
             f"bitstreams/{board}/board.mk"]
    listed = (ROOT / "hw/rtl/squat_kernel.f").read_text(encoding="utf-8").splitlines()
    names += ["hw/" + line.strip() for line in listed if line.strip() and not line.startswith(("#", "//"))]
    names += [path.relative_to(ROOT).as_posix() for path in (ROOT / "hw/spec").rglob("*.json")]
    digest = hashlib.sha256()
    for name in sorted(names):
        data = (ROOT / name).read_bytes()
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return {"files": len(names), "sha256": digest.hexdigest()}


def commit():
    """The commit the tree stands at, with a mark when it holds changes; null outside a checkout."""
    def git(*words):
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False, timeout=60)
        return done.stdout.strip() if done.returncode == 0 else None
    try:
        head = git("rev-parse", "HEAD")
        return head + ("-dirty" if git("status", "--porcelain", "--untracked-files=no") else "") if head else None
    except OSError:
        return None


def tool_version(text):
    """NAME=COMMAND: the first line of what the command prints that holds a version."""
    name, _, command = text.partition("=")
    done = subprocess.run(command.split(), capture_output=True, text=True, check=False, timeout=300)
    for line in done.stdout.splitlines():
        if re.search(r"\d{4}\.\d", line):
            return name, re.sub(r"[*\s]+", " ", line).strip()
    sys.exit(f"{command}: exit {done.returncode}, no version in what it prints")


def utilisation(path):
    """The used counts of Vivado's utilisation report."""
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    found = {}
    for key, title in ROWS.items():
        match = re.search(r"^\|\s*%s\*?\s*\|\s*([\d.]+)\s*\|" % re.escape(title), text, re.MULTILINE)
        found[key] = float(match.group(1)) if match else None
    if found["lut"] is None:
        sys.exit(f"{path}: no row 'CLB LUTs': not a utilisation report")
    return found


def slack(path):
    if not path.exists():
        return None
    try:
        return float(path.read_text(encoding="utf-8"))
    except ValueError:
        sys.exit(f"{path}: expected a number of nanoseconds, found {path.read_text(encoding='utf-8').strip()!r}")


def kernel_clock(path):
    """The kernel clock in MHz that the linker settled on; null where the platform's clocks are fixed and not listed."""
    if not path.exists():
        return None
    try:
        clocks = json.loads(path.read_text(encoding="utf-8")).get("clock_freq_topology", {}).get("m_clock_freq", [])
        found = [int(clock["m_freq_Mhz"]) for clock in clocks if clock.get("m_type") == "KERNEL"]
        found = found or [int(clock["m_freq_Mhz"]) for clock in clocks if clock.get("m_type") == "DATA"]
    except (ValueError, KeyError, AttributeError) as error:
        sys.exit(f"{path}: not the clocks as xclbinutil writes them: {error}")
    return found[0] if found else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("board", "config", "target", "platform", "part", "linked", "clocks", "reports", "out"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--clock-mhz", type=int, required=True)
    parser.add_argument("--tool", action="append", default=[], help="NAME=COMMAND that prints a version")
    arguments = parser.parse_args()
    spec = gen_spec.load_spec()
    if arguments.config not in spec["configs"]:
        sys.exit(f"--config {arguments.config}: expected one of {', '.join(spec['configs'])}")
    linked = pathlib.Path(arguments.linked)
    if not linked.is_file():
        sys.exit(f"{linked}: no such file")
    reports = pathlib.Path(arguments.reports)
    manifest = {
        "schema": SCHEMA, "board": arguments.board, "config": arguments.config, "target": arguments.target,
        "platform": pathlib.Path(arguments.platform).stem, "part": arguments.part, "kernel": "squat_kernel", "id": "0x53515431",
        "spec_hash": spec["hash"], "sources": sources(arguments.board), "commit": commit(),
        "tools": dict(tool_version(text) for text in arguments.tool),
        "linked_sha256": hashlib.sha256(linked.read_bytes()).hexdigest(),
        "clock_mhz": {"asked": arguments.clock_mhz, "linked": kernel_clock(pathlib.Path(arguments.clocks))},
        "worst_slack_ns": slack(reports / "slack.txt"),
        "resources": {"kernel": utilisation(reports / "kernel_utilization.rpt"), "device": utilisation(reports / "utilization.rpt")},
    }
    out = pathlib.Path(arguments.out)
    part = out.with_suffix(".part")
    part.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    part.replace(out)


if __name__ == "__main__":
    main()
