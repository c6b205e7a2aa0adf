#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds what arm_cost.py counts and calls it. Usage: arm_cost.sh BUILD_FOLDER [--update]. Exit 77, with what is missing, where a tool
# is not installed. Rows of other libraries appear where those are: gemmlowp's headers (Debian: libgemmlowp-dev), and XNNPACK for
# 64-bit Arm in SQUAT_ARM64_LIBRARIES, a folder made by arm64_libraries.sh, or installed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
build=${1:?usage: arm_cost.sh BUILD_FOLDER [--update]}

skip() {
  echo "skipped: $*"
  exit 77
}
for tool in aarch64-linux-gnu-g++ qemu-aarch64 cmake ninja python3; do
  command -v "$tool" >/dev/null || skip "$tool is not installed (Debian: apt-get install g++-aarch64-linux-gnu qemu-user)"
done
qemu-aarch64 -help | grep -q -- -plugin || skip "this qemu-aarch64 has no plug-ins (the dynamically linked one of Debian 12 has)"

cmake -G Ninja -S "$root/tests/arm" -B "$build" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_TOOLCHAIN_FILE="$here/cmake/aarch64-linux-gnu.cmake" >/dev/null
ninja -C "$build" -j "${SQUAT_JOBS:-$(nproc)}" count_product >/dev/null || ninja -C "$build" count_product
g++ -std=c++17 -O2 -Wall -Wextra -fPIC -shared -I "$root" "$root/tests/arm/instruction_count.cpp" -o "$build/libinstruction_count.so"

# Other libraries: with headers of their own alone, nothing else of the build machine's.
arm=(aarch64-linux-gnu-g++ -std=c++17 -O3 -I "$build/peers")
rm -f "$build"/count_{gemmlowp,xnnpack}
mkdir -p "$build/peers"
if [[ -f /usr/include/gemmlowp/public/gemmlowp.h ]]; then
  ln -sfn /usr/include/gemmlowp "$build/peers/gemmlowp"
  "${arm[@]}" -isystem "$build/peers/gemmlowp" -static -pthread "$root/tests/arm/count_gemmlowp.cpp" -o "$build/count_gemmlowp"
else
  echo "gemmlowp is not installed (Debian: apt-get install libgemmlowp-dev)"
fi
libraries=${SQUAT_ARM64_LIBRARIES:-}
if [[ -f $libraries/usr/lib/aarch64-linux-gnu/libXNNPACK.so ]]; then
  "${arm[@]}" -isystem "$libraries/usr/include" "$root/tests/arm/count_xnnpack.cpp" -o "$build/count_xnnpack" \
    -L "$libraries/usr/lib/aarch64-linux-gnu" -lXNNPACK -Wl,--allow-shlib-undefined
else
  echo "XNNPACK for 64-bit Arm is not there (scripts/arm64_libraries.sh FOLDER, then SQUAT_ARM64_LIBRARIES=FOLDER)"
fi
python3 "$here/arm_cost.py" --programs "$build" "${@:2}"
