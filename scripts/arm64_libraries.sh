#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Unpacks Debian's 64-bit Arm build of XNNPACK, with what it needs, into FOLDER, for the comparison of scripts/arm_cost.sh; nothing
# is installed. Usage: arm64_libraries.sh FOLDER. Exit 4 where apt-get is missing or reaches no Debian mirror.
set -euo pipefail
folder=$(realpath -m "${1:?usage: arm64_libraries.sh FOLDER}")
if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
  echo "arm64_libraries: apt-get and dpkg are missing: this needs a Debian system" >&2
  exit 4
fi
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$folder"
touch "$state/status"
options=(-qq -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache" -o "Dir::State::status=$state/status"
  -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root)
cd "$state"
if ! apt-get "${options[@]}" update ||
  ! apt-get "${options[@]}" download libxnnpack0 libxnnpack-dev libcpuinfo0 libpthreadpool0 libpthreadpool-dev; then
  echo "arm64_libraries: the packages could not be downloaded" >&2
  exit 4
fi
for package in *.deb; do dpkg -x "$package" "$folder"; done
echo "$folder"
