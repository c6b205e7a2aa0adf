#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Cross-builds FOLDER/squat, one static program for 64-bit Arm Linux that needs no other file (Android's kernel runs it too): CPU device
# and every command but training; no FPGA, no simulation. Usage: build_static_aarch64.sh FOLDER. Takes ICU, libdeflate, Nettle, Expat, CLI11 and
# nlohmann-json from Debian's 64-bit Arm packages and builds SentencePiece, of which there is no static library, from Debian's source;
# all in FOLDER. Exit 4 with what is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(realpath -m "${1:?usage: build_static_aarch64.sh FOLDER}")
jobs=${SQUAT_JOBS:-$(nproc)}
toolchain=$here/cmake/aarch64-linux-gnu.cmake

for tool in aarch64-linux-gnu-g++ aarch64-linux-gnu-strip cmake ninja apt-get dpkg-source; do
  command -v "$tool" >/dev/null || {
    echo "build_static_aarch64: $tool is missing (Debian: apt-get install g++-aarch64-linux-gnu cmake ninja-build dpkg-dev)" >&2
    exit 4
  }
done
mkdir -p "$folder"
sysroot=$folder/sysroot
if [[ ! -f $sysroot/usr/lib/aarch64-linux-gnu/libexpat.a ]]; then
  "$here/arm64_libraries.sh" "$sysroot" libicu-dev libdeflate-dev nettle-dev libexpat1-dev nlohmann-json3-dev libcli11-dev
fi

if [[ ! -f $sysroot/usr/lib/libsentencepiece.a ]]; then
  "$here/arm64_libraries.sh" --source "$folder/source" sentencepiece
  source=$(echo "$folder"/source/sentencepiece-*/)
  cmake -G Ninja -S "$source" -B "$folder/sentencepiece" -DCMAKE_BUILD_TYPE=Release -DCMAKE_TOOLCHAIN_FILE="$toolchain" \
    -DSPM_ENABLE_SHARED=OFF -DSPM_ENABLE_TCMALLOC=OFF -Wno-dev >/dev/null
  ninja -C "$folder/sentencepiece" -j "$jobs" sentencepiece-static
  install -D -m 644 "$folder/sentencepiece/src/libsentencepiece.a" "$sysroot/usr/lib/libsentencepiece.a"
  install -D -m 644 "$source/src/sentencepiece_processor.h" "$sysroot/usr/include/sentencepiece_processor.h"
fi

cmake -G Ninja -S "$here/.." -B "$folder/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_TOOLCHAIN_FILE="$toolchain" \
  -DCMAKE_FIND_ROOT_PATH="$sysroot" -DCMAKE_CXX_FLAGS="-isystem $sysroot/usr/include/aarch64-linux-gnu" -DSQUAT_TESTS=OFF -DSQUAT_SIM=OFF -DCMAKE_DISABLE_FIND_PACKAGE_MPI=ON >/dev/null
ninja -C "$folder/build" -j "$jobs" squat
aarch64-linux-gnu-strip -o "$folder/squat.partial" "$folder/build/squat"
if aarch64-linux-gnu-readelf -l -d "$folder/squat.partial" | grep -E 'INTERP|NEEDED'; then
  echo "build_static_aarch64: the program is not static" >&2
  exit 6
fi
mv "$folder/squat.partial" "$folder/squat"
ls -l "$folder/squat"
