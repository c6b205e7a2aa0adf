# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# Sourced by the scripts that build: packages, configure, build, test, and what is printed meanwhile.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Debian 12 names. What each is for: docs/start/README.md.
packages=(build-essential cmake ninja-build ccache python3 git
  nlohmann-json3-dev libsentencepiece-dev libicu-dev libdeflate-dev libcli11-dev nettle-dev libexpat1-dev libeigen3-dev catch2
  libsimde-dev verilator zlib1g-dev libsystemc-dev libxrt-dev uuid-dev yosys z3 clang libclang-rt-dev llvm tcl device-tree-compiler dpkg-dev file groff-base)
jobs=${SQUAT_JOBS:-$(nproc)}

say() { printf '[%4d s] %s\n' "$SECONDS" "$*" >&2; }

# step TEXT COMMAND...: says what runs and how long it took; stops the script when it fails.
step() {
  local text=$1 start=$SECONDS status=0
  shift
  say "$text"
  "$@" || status=$?
  if ((status != 0)); then
    say "FAILED after $((SECONDS - start)) s (exit $status): $*"
    exit "$status"
  fi
  say "done in $((SECONDS - start)) s: $text"
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "this needs root: $*"
    return 1
  fi
}

# install_packages NAME...: installs what is missing, skips what is there.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: please provide $*"
    return
  fi
  local missing=() name
  for name in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
  done
  if ((${#missing[@]} == 0)); then
    say "all $# packages are installed"
    return
  fi
  step "refresh the package lists" as_root apt-get -qq update
  step "install ${missing[*]}" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends "${missing[@]}"
}

# build PRESET [TARGET...]: configures and builds in the folder build/PRESET; only what changed is built again.
build() {
  local preset=$1
  shift
  step "configure build/$preset" cmake --preset "$preset" -Wno-dev
  step "build ${*:-everything} in build/$preset with $jobs jobs" cmake --build "build/$preset" -j "$jobs" ${1:+--target "$@"}
}

# run_tests PRESET [CTEST OPTION...]
run_tests() {
  local preset=$1
  shift
  step "test build/$preset" ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure --no-tests=error "$@"
}
