#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints what the host costs beside the accelerator (docs/develop/driver.md, "What it costs"): the share of the time from the
# start of squat to its first token that is not simulation, and submit, wait and read back of a pass on the fake device.
# Usage: measure_driver.sh [PROMPT]. Needs build/release with the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/release
prompt=${1:-"There was once a King who had three sons and a daughter, and they lived in a castle by the sea. One day the eldest said to his father that he would go out into the world"}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/squat" quantize --model models/tales/fp32 --calib models/tales/calibration.txt --out "$work/w4" --weight-bits 4 \
  --activations mixed --rho 0.5 >/dev/null
start=$(date +%s%N)
SQUAT_SIM_REPORT=$work/report "$build/squat" generate --model "$work/w4" --prompt "$prompt" --tokens 1 --device sim \
  --transport xrt --format json >/dev/null
end=$(date +%s%N)
simulated=$(sed -n 's/.*; \([0-9.]*\) s in the device/\1/p' "$work/report")
awk -v whole="$((end - start))" -v simulated="$simulated" 'BEGIN {
  whole /= 1e9
  printf "start to first token, tales, sim through XRT: %.3f s, of which %.3f s simulation, %.1f %% outside\n",
    whole, simulated, 100 * (whole - simulated) / whole }'
for shape in tiny llama-58m; do "$build/tests/sim/driver/driver_overhead_bench" "$shape" 1000; done
