#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthesisability lint of the Vitis kernels, without a vendor tool: clang's intermediate code of everything reachable from a top
function has loops of a known bound, no recursion, no allocation, no indirect (virtual) call, no floating point and no function without
source; pragmas name known directives, existing variables and every port, and every innermost loop is pipelined or unrolled.

    scripts/lint_hls.py [FILE.cpp ...]        default: the sources of hls/kernels, linked together

Top functions are the extern "C" ones. hls::stream is a primitive of the tool: its methods are not looked into.
Exit: 0 clean, 1 violations (one line each), 2 usage, 3 a source does not compile, 4 a tool is missing.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import hls_pragmas  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_TRIPS = 1 << 26  # a bound that follows only from the counter's type is none
PRIMITIVES = re.compile(r"^_ZNK?3hls6stream")
# What the compiler adds around destructors; a throw of the kernel itself calls more than these.
SUPPORT = {"__clang_call_terminate", "__cxa_begin_catch", "_ZSt9terminatev", "_Unwind_Resume"}
ALLOCATION = re.compile(r"^(_Zn[wa]|_Zd[la]|malloc$|calloc$|realloc$|free$|aligned_alloc$|posix_memalign$|llvm\.stacksave)")
FLOATING = re.compile(r"(?<![\w.])(half|bfloat|float|double|x86_fp80|fp128)(?![\w.])")
CALL = re.compile(r"^\s+(?:%[\w.]+ = )?(?:tail |musttail |notail )?(?:call|invoke) (.*)")
CALLEE = re.compile(r"([@%][\w.$]+)\(")
DEFINE = re.compile(r"^define\b.*?@(\"?[\w.$]+\"?)\(")


class Unusable(Exception):
    """A tool refused a source."""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unusable("%s: exit %d\n%s" % (command[0], done.returncode, done.stderr.strip()))
    return done.stdout + done.stderr


def compile_all(sources, folder):
    """The kernels as one module of unoptimised code."""
    parts = []
    for source in sources:
        parts.append(str(folder / (source.stem + ".ll")))
        run("clang++", "-std=c++14", "-O0", "-Xclang", "-disable-O0-optnone", "-fno-discard-value-names", "-Wno-unknown-pragmas",
            "-Wno-unused-label", "-I", str(ROOT), "-S", "-emit-llvm", str(source), "-o", parts[-1])
    module = folder / "kernels.ll"
    run("llvm-link", "-S", *parts, "-o", str(module))
    return module


def functions(text):
    """name -> lines, of the functions with a body."""
    found, name = {}, None
    for line in text.splitlines():
        start = DEFINE.match(line)
        if start:
            name = start.group(1).strip('"')
            found[name] = [line]
        elif name:
            found[name].append(line)
            if line == "}":
                name = None
    return found


def callees(lines):
    """What a function calls: @name, or %register for a call through a pointer."""
    for line in lines:
        call = CALL.match(line)
        if call:
            callee = CALLEE.search(call.group(1))
            yield callee.group(1) if callee else "%unknown"


def reachable(top, bodies):
    """Functions called from `top`, itself included; without primitives."""
    seen, todo = {top}, [top]
    while todo:
        for callee in callees(bodies[todo.pop()]):
            name = callee[1:]
            if callee[0] == "@" and name in bodies and name not in seen and not PRIMITIVES.match(name) and name not in SUPPORT:
                seen.add(name)
                todo.append(name)
    return seen


def check_function(name, lines, bodies):
    for callee in sorted(set(callees(lines))):
        called = callee[1:]
        if callee[0] == "%":
            yield "virtual or indirect call"
        elif ALLOCATION.match(called):
            yield "allocation: calls " + called
        elif called not in bodies and not PRIMITIVES.match(called) and called not in SUPPORT and not called.startswith("llvm."):
            yield "calls %s, which has no source here" % called
    if name in reachable_from_callees(name, bodies):
        yield "recursion"
    for line in lines:
        if re.search(r"= alloca .*, i\d+ %", line):
            yield "allocation: array of variable length"
            break
    for line in lines:
        if FLOATING.search(re.sub(r'"[^"]*"|[%@][\w.$]+', "", line)):
            yield "floating point: " + line.strip()
            break


def reachable_from_callees(name, bodies):
    found = set()
    for callee in set(callees(bodies[name])):
        if callee[0] == "@" and callee[1:] in bodies and not PRIMITIVES.match(callee[1:]):
            found |= reachable(callee[1:], bodies)
    return found


def loop_bounds(module, folder):
    """(function, loop, bound or None) of every loop, after clang has simplified them."""
    simple = folder / "simple.ll"
    run("opt", "-S", "-passes=default<O1>", "-unroll-threshold=0", "-unroll-full-max-count=0", "-enable-loop-distribute=false",
        str(module), "-o", str(simple))
    text = run("opt", "-disable-output", "-passes=print<scalar-evolution>", "-scalar-evolution-classify-expressions=0", str(simple))
    bounds, function = {}, None
    for line in text.splitlines():
        start = re.match(r"Determining loop execution counts for: @(\S+)", line)
        if start:
            function = start.group(1)
        loop = re.match(r"Loop %([^:]+): (.*)", line)
        if not loop:
            continue
        key = (function, loop.group(1))
        bounds.setdefault(key, None)
        known = re.match(r"(?:max )?backedge-taken count is (\d+)$", loop.group(2))
        if known:
            bounds[key] = int(known.group(1)) + 1
    return bounds, functions(simple.read_text(encoding="utf-8"))


def lint(sources):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        module = compile_all(sources, folder)
        text = module.read_text(encoding="utf-8")
        bodies = functions(text)
        tops = sorted(f for f, lines in bodies.items() if not f.startswith(("_", "main")) and " internal " not in lines[0])
        if not tops:
            yield "no top function: none is extern \"C\""
        parts = set().union(*(reachable(top, bodies) for top in tops)) if tops else set()
        for part in sorted(parts):
            for what in check_function(part, bodies[part], bodies):
                yield "%s: %s" % (demangled(part), what)
        bounds, kept = loop_bounds(module, folder)
        left = set().union(*(reachable(top, kept) for top in tops if top in kept)) if tops else set()
        for (function, loop), bound in sorted(bounds.items()):
            if function in left and (bound is None or bound > MAX_TRIPS):
                why = "no static bound" if bound is None else "bound of %d, more than %d" % (bound, MAX_TRIPS)
                yield "%s: loop %s: %s" % (demangled(function), loop, why)
        for source in sources:
            for problem in hls_pragmas.problems(source, tops):
                yield problem


def demangled(name):
    tool = shutil.which("c++filt")
    return subprocess.run([tool, name], capture_output=True, text=True, check=False).stdout.strip() if tool else name


def main():
    missing = [tool for tool in ("clang++", "opt", "llvm-link") if not shutil.which(tool)]
    if missing:
        print("lint_hls: missing: %s (Debian: apt-get install clang llvm)" % ", ".join(missing), file=sys.stderr)
        return 4
    sources = [pathlib.Path(name) for name in sys.argv[1:]]
    if not sources:
        sources = sorted(p for p in (ROOT / "hls/kernels").glob("*.cpp") if not p.stem.endswith("_tb"))
    for source in sources:
        if not source.is_file():
            print("lint_hls: %s: no such file" % source, file=sys.stderr)
            return 2
    try:
        found = list(lint(sources))
    except Unusable as error:
        print("lint_hls: %s" % error, file=sys.stderr)
        return 3
    print("\n".join(found) if found else "%d sources can be synthesised as far as this lint sees" % len(sources))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
