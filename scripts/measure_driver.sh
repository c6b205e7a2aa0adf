#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints what the host costs beside the accelerator (docs/develop/driver.md, "What it costs"): the share of the time from the
# start of squat to its first token that is not simulation, and submit, wait and read back of a pass on the fake device, which
# is done at once or after 2 ms. Needs build/release with the tests, and a machine with nothing else to do.
# Usage: measure_driver.sh [--large] [ROUNDS]: starts per prompt (15). --large: only starts (5), with a model of the shape of LLaMA-58M
# with random weights, which takes two minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/release
large=no
if [[ ${1:-} == --large ]]; then
  large=yes
  shift
fi
rounds=15
[[ $large == yes ]] && rounds=5
rounds=${1:-$rounds}
first="There was once a King who had three sons and a daughter, and they lived in a castle by the sea."
sentence="$first One day the eldest said to his father that he would go out into the world"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quantize() {
  "$build/squat" quantize --model "$1" --calib models/tales/calibration.txt --out "$work/w4" --weight-bits 4 --activations mixed \
    --rho 0.5 >/dev/null
}

# From the start of the program to the first byte of its result, which it prints when it has the token: whole and simulated
# microseconds, one start per line.
starts() {
  local start end simulated
  for ((round = 0; round < rounds; ++round)); do
    rm -f "$work/report"
    start=${EPOCHREALTIME/[.,]/}
    exec 3< <(SQUAT_SIM_REPORT=$work/report "$build/squat" generate --model "$work/w4" --prompt "$1" --tokens 1 --device sim \
      --transport xrt --format json)
    read -r -n 1 -u 3
    end=${EPOCHREALTIME/[.,]/}
    cat <&3 >"$work/result"  # until the program has ended, and written its report
    exec 3<&-
    simulated=$(sed -n 's/.*; \([0-9.]*\) s in the device/\1/p' "$work/report")
    echo "$((end - start)) $simulated"
  done
}

# start_to_token MODEL PROMPT: prompt tokens are counted in the result, which has one token more.
start_to_token() {
  local times tokens
  times=$(starts "$2")
  tokens=$(grep -o '"eight_bit_layers"' "$work/result" | wc -l)
  echo "$times" | awk '{ printf "%.1f %.1f %.1f\n", 100 - 1e8 * $2 / $1, $1 / 1e3 - $2 * 1e3, $1 / 1e3 }' | sort -n |
    awk -v what="$1, prompt of $((tokens - 1)) tokens" '{ line[NR] = $0 }
      END {
        split(line[int((NR + 1) / 2)], median); split(line[1], least)
        printf "start to first token, %s, sim through XRT: %.0f ms, %.1f %% (%.1f ms) outside the simulation, median of %d; least %.1f %%\n",
          what, median[3], median[1], median[2], NR, least[1]
      }'
}

if [[ $large == yes ]]; then
  # No step of training: the weights stay as they were drawn. The vocabulary is learned from what text the repository has.
  git ls-files -z '*.md' '*.txt' '*.cpp' '*.hpp' | xargs -0 cat >"$work/text"
  "$build/squat" train --data "$work/text" --vocab 16000 --hidden 512 --layers 16 --heads 8 --ffn 1024 --untied --steps 0 \
    --threads 2 --out "$work/fp32" >/dev/null
  quantize "$work/fp32"
  start_to_token llama-58m Once
  start_to_token llama-58m "There was once a King who had"
  start_to_token llama-58m "$sentence, and his father gave him a horse"
  exit
fi
quantize models/tales/fp32
start_to_token tales "$sentence"
start_to_token tales "$sentence. $sentence. $first"
for shape in tiny llama-58m; do "$build/tests/sim/driver/driver_overhead_bench" "$shape" 2000; done
echo "run late 2" >"$work/script"
for shape in tiny llama-58m; do
  echo "the device works for 2 ms:"
  SQUAT_FAKE_SCRIPT=$work/script "$build/tests/sim/driver/driver_overhead_bench" "$shape" 1000
done
