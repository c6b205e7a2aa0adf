# SPDX-License-Identifier: Apache-2.0
"""Checks `#pragma HLS` lines, which other compilers ignore: known directives, names that exist, ports and loops that are covered."""
import re

DIRECTIVES = {"interface", "pipeline", "dataflow", "unroll", "inline", "array_partition", "bind_storage", "dependence", "stream"}
PRAGMA = re.compile(r"^\s*#pragma HLS (\w+)(.*)$")
LOOP = re.compile(r"^(\s*)for \(")


def problems(source, tops):
    lines = source.read_text(encoding="utf-8").splitlines()
    plain = "\n".join(line.split("//", 1)[0] for line in lines if not PRAGMA.match(line))
    for number, line in enumerate(lines, 1):
        where = "%s:%d: " % (source.name, number)
        pragma = PRAGMA.match(line)
        if pragma:
            if pragma.group(1) not in DIRECTIVES:
                yield where + "unknown directive %s" % pragma.group(1)
            if pragma.group(1) == "pipeline" and not re.search(r"\bII = 1\b", pragma.group(2)):
                yield where + "a pipeline without II = 1"
            named = re.search(r"\b(?:variable|port) = ([\w.]+)", pragma.group(2))
            for part in named.group(1).split(".") if named else []:
                if part != "return" and not re.search(r"\b%s\b" % part, plain):
                    yield where + "there is no %s" % part
        loop = LOOP.match(line)
        if loop and not covered(lines, number, len(loop.group(1))):
            yield where + "an innermost loop that is neither pipelined nor unrolled"
    for top in tops:
        yield from ports(source.name, plain, lines, top)


def covered(lines, number, indent):
    """Has the loop in line `number` a pragma, or a loop in it?"""
    pragma = PRAGMA.match(lines[number]) if number < len(lines) else None
    if pragma and pragma.group(1) in ("pipeline", "unroll"):
        return True
    for line in lines[number:]:
        if line.strip() and not line.lstrip().startswith("#") and len(line) - len(line.lstrip()) <= indent and not re.match(r"\s*\w+:$", line):
            return False
        if LOOP.match(line):
            return True
    return False


def ports(name, plain, lines, top):
    """Every argument of a top function has one kind of port, and the function a control port."""
    start = re.search(r'extern "C" void %s\(([^{;]*)\)\s*\{' % top, plain)
    if not start:
        return
    arguments = [re.search(r"(\w+)\s*$", part).group(1) for part in split_arguments(start.group(1))]
    interfaces = {}
    for line in lines:
        pragma = PRAGMA.match(line)
        port = re.search(r"\bport = (\w+)", line) if pragma and pragma.group(1) == "interface" else None
        if port:
            kind = re.match(r"\s*(\w+)", pragma.group(2)).group(1)
            interfaces.setdefault(port.group(1), []).append(kind)
    for argument in arguments:
        kinds = sorted(interfaces.get(argument, []))
        if kinds not in (["axis"], ["s_axilite"], ["m_axi", "s_axilite"]):
            yield "%s: argument %s of %s: ports %s, expected axis, s_axilite, or m_axi with s_axilite" % (name, argument, top, kinds or "none")
    if interfaces.get("return") != ["s_axilite"]:
        yield "%s: %s: no s_axilite port for return" % (name, top)


def split_arguments(text):
    depth, part = 0, ""
    for c in text:
        depth += (c in "<([") - (c in ">)]")
        if c == "," and depth == 0:
            yield part
            part = ""
        else:
            part += c
    if part.strip():
        yield part
