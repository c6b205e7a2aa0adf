#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Known-bad includes: every fence of check_fences.py must notice one planted include, and accept the same one at its place.

Usage: check_fences_test.py SCRIPTS_DIRECTORY
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, sys.argv[1])
import check_fences  # noqa: E402

CASES = [
    # (include, a file that must not use it, a file that may)
    ("<Eigen/Dense>", "host/model/a.cpp", "qat/a.cpp"),
    ("<xrt/xrt_device.h>", "host/cli/a.cpp", "host/backends/xrt/a.cpp"),
    ("<verilated.h>", "host/engine/a.cpp", "sim/a.cpp"),
    ("<systemc>", "host/engine/a.cpp", "sim/a.hpp"),
    ("<CLI/CLI.hpp>", "host/model/a.cpp", "host/cli/a.hpp"),
    ("<expat.h>", "host/cli/a.cpp", "host/xclbin/a.cpp"),
    ('"host/xclbin/reader.hpp"', "host/engine/a.cpp", "host/backends/xrt/a.cpp"),
    ("<catch2/catch.hpp>", "hls/a.cpp", "tests/a.hpp"),
    ("<immintrin.h>", "host/evaluate/a.cpp", "host/backends/cpu/a.cpp"),
    ("<arm_neon.h>", "hls/a.hpp", "host/backends/cpu/a.hpp"),
    ('"host/engine/device.hpp"', "host/model/a.cpp", "host/backends/ref/a.cpp"),
    ('"host/model/error.hpp"', "hls/a.cpp", "host/cli/a.cpp"),
    ('"host/cli/output.hpp"', "host/engine/a.cpp", "host/cli/b.cpp"),
    ('"host/model/error.hpp"', "host/squat/a.hpp", "host/api/a.cpp"),
    ("<nlohmann/json.hpp>", "host/squat/a.hpp", "host/api/a.cpp"),
    ("<unistd.h>", "host/squat/a.hpp", "host/api/a.cpp"),
    ('"unwritten.hpp"', "host/squat/a.hpp", "host/api/a.cpp"),
    ('"host/engine/device.hpp"', "host/examples/a.cpp", "host/api/a.cpp"),
    ("<squat/unwritten.hpp>", "host/examples/a.cpp", "host/api/a.cpp"),
    ("<nlohmann/json.hpp>", "host/examples/a.cpp", "host/cli/a.cpp"),
    ('"host/cli/output.hpp"', "host/devices/a.cpp", "host/cli/b.cpp"),
    ('"host/cli/output.hpp"', "host/api/a.cpp", "host/cli/b.cpp"),
    ('"host/squat/model.hpp"', "host/model/a.cpp", "host/api/b.cpp"),
]
# What public headers and programs over them may include.
PUBLIC = [
    ("<vector>", "host/squat/b.hpp"),
    ('"a.hpp"', "host/squat/b.hpp"),
    ("<squat/a.hpp>", "host/examples/b.cpp"),
    ("<iostream>", "host/examples/b.cpp"),
]


def found_in(name, include):
    with tempfile.TemporaryDirectory() as root:
        path = pathlib.Path(root, name)
        public = pathlib.Path(root, "host/squat/a.hpp")
        for file in (public, path):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        path.write_text(f"// a comment\n#include {include}\n")
        return list(check_fences.problems(pathlib.Path(root)))


def main():
    failures = 0
    for include, bad, good in CASES:
        if not any(problem.startswith(f"{bad}:2:") for problem in found_in(bad, include)):
            print(f"{include} in {bad} was not noticed")
            failures += 1
        for problem in found_in(good, include):
            print(f"refused, but allowed: {problem}")
            failures += 1
    for include, good in PUBLIC:
        for problem in found_in(good, include):
            print(f"refused, but allowed: {problem}")
            failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
