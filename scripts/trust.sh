#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints every number of docs/develop/trust.md: trust.sh [PART...], by default all parts, about two hours on two cores.
#   hostile     every truncation and bit of small valid files; time of a header of 10,000 tensors
#   fuzz        60 s for each reader (SQUAT_FUZZ_SECONDS for others)
#   saves       faults in every system call of a checkpoint, a training run, a model directory
#   simulation  flipped bits, error responses, resets and aborts of the simulated accelerator
#   driver      a device that fails in every way a script can say, signals
#   soak        10,000 tokens on the processor and 1,000 on the simulated accelerator, in one process each
#   coverage    lines of C++ that the tests reach
# The lines with figures are kept in build/trust/PART.txt. Exit 1 when a fault was silent, a bar was missed or a part failed.
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

parts=("$@")
((${#parts[@]} > 0)) || parts=(hostile fuzz saves simulation driver soak coverage)
tests=build/release/tests
kept=build/trust
failed=()
mkdir -p "$kept"

# test_programs TARGET...: built in the release folder.
test_programs() {
  install_packages "${packages[@]}"
  build release "$@"
}

part_hostile() {
  test_programs test_hostile_bytes test_model
  "$tests/fuzz/test_hostile_bytes" "[nightly]" && "$tests/fuzz/test_hostile_bytes" && "$tests/host/model/test_model" "the validator is linear*"
}
part_fuzz() { scripts/fuzz.sh "${SQUAT_FUZZ_SECONDS:-60}"; }
part_saves() {
  test_programs test_save_campaign test_qat_checkpoint test_qat_train test_quantize
  "$tests/support/test_save_campaign" && "$tests/qat/checkpoint/test_qat_checkpoint" && "$tests/qat/train/test_qat_train" "[nightly]" &&
    "$tests/host/quantize/test_quantize" "[nightly]"
}
part_simulation() {
  test_programs kernel_disturbed_test
  "$tests/kernel/kernel_disturbed_test" "[nightly]"
}
part_driver() {
  test_programs driver_faults_test
  "$tests/sim/driver/driver_faults_test"
}
part_soak() {
  test_programs squat_soak
  "$tests/soak/squat_soak" cpu 10000 && "$tests/soak/squat_soak" sim 1000
}
part_coverage() { scripts/coverage_cpp.sh; }

# totals FILE: the campaigns of a part summed up; fails when a fault was silent. What is broken on purpose does not count.
totals() {
  awk '/^campaign: / && !/: a broken / {
         for (i = 2; i <= NF; i++) {
           if ($i ~ /^tried/) tried += $(i - 1)
           if ($i ~ /^detected/) detected += $(i - 1)
           if ($i ~ /^masked/) masked += $(i - 1)
           if ($i ~ /^silent/) silent += $(i - 1)
         }
       }
       END {
         if (tried > 0) print "total: " tried " tried, " detected " detected, " masked " masked, " silent " silent"
         exit silent > 0
       }' "$1"
}

for part in "${parts[@]}"; do
  if ! declare -F "part_$part" >/dev/null; then
    echo "trust.sh: expected hostile, fuzz, saves, simulation, driver, soak or coverage, found '$part'" >&2
    exit 2
  fi
done
printf '# %s, %s, %s cores, %s GiB, commit %s\n' "$(date -u +%F)" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" \
  "$(awk '/MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)" "$(git rev-parse --short HEAD)" | tee "$kept/machine.txt"
for part in "${parts[@]}"; do
  echo "## $part"
  # In a process of its own, so that a part that fails ends alone.
  (set -e && "part_$part") >"$kept/$part.log" || failed+=("$part")
  grep -E '^(campaign|hostile bytes|validation|fuzz|soak|coverage): ' "$kept/$part.log" | grep -v ': planted, ' | tee "$kept/$part.txt" || true
  totals "$kept/$part.txt" | tee -a "$kept/$part.txt" || failed+=("$part: silent faults")
done
if ((${#failed[@]} > 0)); then
  printf 'FAILED: %s\n' "${failed[@]}"
  exit 1
fi
