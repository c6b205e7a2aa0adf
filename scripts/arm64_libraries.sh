#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Unpacks Debian's 64-bit Arm build of packages, or with --source their source without Debian's patches (SentencePiece's take the
# static library away), into FOLDER; nothing is installed.
# Usage: arm64_libraries.sh [--source] FOLDER [PACKAGE...], by default XNNPACK with what it needs, for the comparison of
# scripts/arm_cost.sh. Exit 4 where apt-get is missing or reaches no Debian mirror.
set -euo pipefail
usage="usage: arm64_libraries.sh [--source] FOLDER [PACKAGE...]"
source=
if [[ ${1:-} == --source ]]; then
  source=yes
  shift
fi
folder=$(realpath -m "${1:?$usage}")
shift
packages=("$@")
((${#packages[@]})) || packages=(libxnnpack0 libxnnpack-dev libcpuinfo0 libpthreadpool0 libpthreadpool-dev)
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
action=(download "${packages[@]}")
if [[ $source ]]; then
  # The mirrors and releases that apt-get knows, for sources.
  apt-get indextargets --format 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(CODENAME) main' \
    'Created-By: Packages' 'Component: main' 'Origin: Debian' | sort -u >"$state/sources.list"
  options+=(-o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=/nonexistent)
  action=(--download-only source "${packages[@]}")
fi
if ! apt-get "${options[@]}" update || ! apt-get "${options[@]}" "${action[@]}"; then
  echo "arm64_libraries: the packages could not be downloaded" >&2
  exit 4
fi
if [[ $source ]]; then
  for description in *.dsc; do (cd "$folder" && dpkg-source --no-check --skip-patches -x "$state/$description" >/dev/null); done
else
  for package in *.deb; do dpkg -x "$package" "$folder"; done
fi
echo "$folder"
