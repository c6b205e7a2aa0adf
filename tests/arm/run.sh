#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the CPU device for 64-bit Arm, runs its tests under QEMU's user emulation of three processors, and compares its cost with the
# committed one (scripts/arm_cost.sh). Usage: run.sh BUILD_FOLDER. Exit 77, with what is missing, where a tool is not installed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${1:?usage: run.sh BUILD_FOLDER}
jobs=${SQUAT_JOBS:-$(nproc)}

skip() {
  echo "skipped: $*"
  exit 77
}
for tool in aarch64-linux-gnu-g++ qemu-aarch64 cmake ninja python3; do
  command -v "$tool" >/dev/null || skip "$tool is not installed (Debian: apt-get install g++-aarch64-linux-gnu qemu-user)"
done
[[ -f /usr/include/catch2/catch.hpp ]] || skip "Catch2 2, a single header, is not in /usr/include/catch2 (Debian: catch2)"
qemu-aarch64 -help | grep -q -- -plugin || skip "this qemu-aarch64 has no plug-ins (the dynamically linked one of Debian 12 has)"

mkdir -p "$build/catch"
ln -sfn /usr/include/catch2 "$build/catch/catch2"  # nothing else of the build machine's headers
cmake -G Ninja -S "$here" -B "$build" -DCMAKE_BUILD_TYPE=Release -DSQUAT_CATCH2_DIR="$build/catch" \
  -DCMAKE_TOOLCHAIN_FILE="$here/../../scripts/cmake/aarch64-linux-gnu.cmake" >/dev/null
ninja -C "$build" -j "$jobs" kernels_test count_product >/dev/null || ninja -C "$build" kernels_test count_product

# Each emulated processor stops at an instruction it does not have, so these also show that the choice at run time is right.
for cpu in cortex-a53 cortex-a76 max; do
  echo "== $cpu"
  qemu-aarch64 -cpu "$cpu" "$build/kernels_test"
done

# refuses CPU KERNEL: asked for by name, a kernel the processor lacks is refused with exit code 4.
refuses() {
  local status=0
  qemu-aarch64 -cpu "$1" "$build/count_product" 1 "$2" product 4 512 512 1 0 >/dev/null || status=$?
  ((status == 4)) || { echo "kernel $2 on $1: exit code $status, expected 4"; exit 1; }
}
refuses cortex-a53 dotprod
refuses cortex-a76 i8mm

"$here/../../scripts/arm_cost.sh" "$build"
