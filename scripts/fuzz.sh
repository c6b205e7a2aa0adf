#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes every reader of untrusted bytes under AddressSanitizer and UndefinedBehaviorSanitizer, with the libraries of sanitize.sh.
# Usage: fuzz.sh [SECONDS [TARGET...]]: so long for each target (default 60), beginning with its seeds, past findings, the corpus
# in tests/fuzz/corpus and what earlier runs kept in build/fuzz/corpus. A finding stays in build/fuzz/findings; once mended, it
# goes to tests/fuzz/past/TARGET. keep_corpus.sh adds what runs have kept to tests/fuzz/corpus.
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=${1:-60}
shift || true
install_packages "${packages[@]}"
build sanitize squat_fuzz squat_fuzz_seeds
programs=build/sanitize/tests/fuzz
folder=build/fuzz
mkdir -p "$folder/findings"
mapfile -t names < <("$programs/squat_fuzz_seeds" "$folder/seeds")
(($# == 0)) || names=("$@")

# fuzz TARGET: a summary line on standard output; fails when there was a finding.
fuzz() {
  local name=$1 log=$folder/$1.log status=0
  mkdir -p "$folder/corpus/$name" "$folder/seeds/$name"
  local given=("$folder/seeds/$name")
  [[ ! -d tests/fuzz/past/$name ]] || given+=("tests/fuzz/past/$name")
  if [[ -f tests/fuzz/corpus/$name.tar.xz ]]; then
    mkdir -p "$folder/kept/$name"
    tar -xJf "tests/fuzz/corpus/$name.tar.xz" -C "$folder/kept/$name"
    given+=("$folder/kept/$name")
  fi
  SQUAT_FUZZ_TARGET=$name "$programs/squat_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=64 \
    -max_len=65536 -print_final_stats=1 -artifact_prefix="$folder/findings/$name-" "$folder/corpus/$name" "${given[@]}" >"$log" 2>&1 || status=$?
  local runs
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if ((status == 0)); then
    echo "fuzz: $name: ${runs:-?} inputs, no finding"
  else
    echo "fuzz: $name: FINDING after ${runs:-?} inputs, see $log and $folder/findings"
    return 1
  fi
}
# finds_planted: a fuzzer that misses a planted overflow is worth nothing.
finds_planted() {
  local found=$folder/planted start=$SECONDS
  rm -rf "$found"
  mkdir -p "$found"
  SQUAT_FUZZ_TARGET=planted "$programs/squat_fuzz" -max_total_time=60 -artifact_prefix="$found/" >"$folder/planted.log" 2>&1 || true
  if ! grep -q heap-buffer-overflow "$folder/planted.log"; then
    echo "fuzz: the planted overflow was NOT FOUND, see $folder/planted.log"
    return 1
  fi
  echo "fuzz: the planted overflow was found in $((SECONDS - start)) s"
}
step "find a planted overflow" finds_planted
export -f fuzz
export folder programs seconds
step "fuzz ${names[*]} for $seconds s each, $jobs at a time" xargs -P "$jobs" -I NAME bash -c 'fuzz NAME' < <(printf '%s\n' "${names[@]}")
say "no finding"
