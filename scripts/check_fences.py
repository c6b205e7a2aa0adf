#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that third-party headers stay behind their fences and that folders only include what they may depend on.

Usage: check_fences.py [ROOT]. Exit 1 with one line per offending include. Python standard library only.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
FOLDERS = ("hls", "host", "sim", "qat", "tests")
SUFFIXES = {".cpp", ".hpp", ".h", ".cc"}

# (what is fenced, pattern of the include, folders that may use it)
FENCES = [
    ("Eigen", re.compile(r"^(Eigen|unsupported/Eigen)/"), ("qat/", "tests/qat/")),
    ("XRT", re.compile(r"^(xrt/|experimental/xrt_|xrt\.h$|xclbin\.h$|ert\.h$|xclhal2)"), ("host/backends/xrt/", "sim/", "tests/sim/")),
    ("Verilator", re.compile(r"^(verilated|V[a-z_]+\.h$)"), ("sim/", "tests/")),
    ("SystemC", re.compile(r"^(systemc|tlm)"), ("sim/", "tests/")),
    ("CLI11", re.compile(r"^CLI/"), ("host/cli/",)),
    ("Expat", re.compile(r"^expat"), ("host/xclbin/",)),
    ("Catch2", re.compile(r"^catch2/"), ("tests/",)),
    ("Arm and x86 intrinsics", re.compile(r"^(arm_neon|arm_sve|immintrin|x86intrin|[a-z]mmintrin|cpuid)\.h$"), ("host/backends/cpu/",)),
]

# Dependencies point one way: a file under the folder may include project headers from these places only. The first rule counts.
LAYERS = [
    ("hls/", ("hls/", "hw/gen/")),
    ("host/model/", ("host/model/", "host/squat/error.hpp", "hls/")),
    ("host/xclbin/", ("host/xclbin/", "host/model/", "hw/gen/")),
    ("host/reference_float/", ("host/reference_float/", "host/model/", "hls/")),
    ("host/evaluate/", ("host/evaluate/", "host/model/", "hls/")),
    ("host/task/", ("host/task/", "host/evaluate/", "host/model/", "hls/")),
    ("host/report/", ("host/report/", "host/evaluate/", "host/model/", "hls/")),
    ("host/quantize/", ("host/quantize/", "host/reference_float/", "host/model/", "hls/")),
    ("host/analyze/", ("host/analyze/", "host/quantize/", "host/evaluate/", "host/reference_float/", "host/model/", "hls/")),
    ("host/engine/", ("host/engine/", "host/model/", "hls/", "hw/gen/")),
    ("host/backends/", ("host/backends/", "host/engine/", "host/model/", "host/xclbin/", "hls/", "hw/gen/")),
    ("host/devices/", ("host/devices/", "host/backends/", "host/estimate/", "host/engine/", "host/model/", "sim/", "hls/", "hw/gen/")),
    ("host/api/", ("host/api/", "host/squat/", "host/devices/", "host/backends/", "host/engine/", "host/model/", "hls/")),
    ("host/cli/", ("host/", "sim/", "qat/", "hls/", "hw/gen/")),
    ("sim/systemc/platform/", ("sim/", "host/backends/", "host/engine/", "host/model/", "hw/gen/")),
    ("sim/", ("sim/", "host/backends/xrt/", "host/engine/", "host/model/", "host/xclbin/", "hls/", "hw/gen/")),
    ("qat/", ("qat/", "host/model/", "host/evaluate/", "host/quantize/", "host/reference_float/", "hls/")),
]
# The library's public headers and the programs over them: the C++17 standard library and public headers only, which other headers
# reach as "NAME.hpp" and programs as <squat/NAME.hpp>.
PUBLIC = "host/squat/"
PUBLIC_USERS = "host/examples/"
STANDARD = frozenset("""algorithm any array atomic bitset cassert cctype cerrno charconv chrono climits cmath complex condition_variable
    cstddef cstdint cstdio cstdlib cstring ctime deque exception filesystem forward_list fstream functional future initializer_list
    iomanip iosfwd iostream istream iterator limits list locale map memory mutex new numeric optional ostream queue random ratio regex
    set shared_mutex sstream stack stdexcept streambuf string string_view system_error thread tuple type_traits typeindex typeinfo
    unordered_map unordered_set utility valarray variant vector""".split())
PROJECT = re.compile(r"^(hls|host|sim|qat|tests|hw)/")


def allowed_in_public(root, name, header):
    """May a public header, or a program over them, include this?"""
    if header in STANDARD:
        return True
    prefix = "" if name.startswith(PUBLIC) else "squat/"
    file = header[len(prefix):]
    return header.startswith(prefix) and "/" not in file and (root / PUBLIC / file).is_file()


def problems(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SUFFIXES:
                continue
            name = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                header = match.group(1)
                for what, pattern, allowed in FENCES:
                    if pattern.match(header) and not name.startswith(allowed):
                        yield f"{name}:{number}: <{header}>: {what} may only be used in {', '.join(allowed)}"
                if name.startswith((PUBLIC, PUBLIC_USERS)) and not allowed_in_public(root, name, header):
                    yield f"{name}:{number}: <{header}>: the standard library and the public headers of {PUBLIC} only"
                layer, allowed = next((rule for rule in LAYERS if name.startswith(rule[0])), (None, ()))
                if layer and PROJECT.match(header) and not header.startswith(allowed):
                    yield f"{name}:{number}: \"{header}\": {layer} may only include {', '.join(allowed)}"


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    found = list(problems(root))
    print("\n".join(found) if found else "all includes stay behind their fences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
