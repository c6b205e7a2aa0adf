#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lines and branches of hw/rtl that the unit tests of the RTL reach, counted by Verilator in a build of its own (build/coverage_rtl).
# Options go to coverage_rtl.py; see --help.
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

step "configure build/coverage_rtl" cmake -S . -B build/coverage_rtl -G Ninja -DCMAKE_BUILD_TYPE=Release -DSQUAT_RTL_COVERAGE=ON
mapfile -t tests < <(ctest --test-dir build/coverage_rtl -N -L '^rtl$' | sed -n 's/^ *Test *#[0-9]*: //p')
if ((${#tests[@]} == 0)); then
  say "no tests of the RTL: Verilator or Catch2 is missing"
  exit 4
fi
step "build ${#tests[@]} test programs" cmake --build build/coverage_rtl -j "$jobs" --target "${tests[@]}"
counts=$PWD/build/coverage_rtl/counts
rm -rf "$counts"
mkdir -p "$counts"
step "run them" env SQUAT_RTL_COVERAGE_DIR="$counts" ctest --test-dir build/coverage_rtl -L '^rtl$' --output-on-failure -j "$jobs"
python3 scripts/coverage_rtl.py "$counts" "$@"
