#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the accelerator makes of its cycles and its memory: simulates LLaMA-58M and GPT2-97M whole, in the configurations sim, kv260 and alveo (minutes), and prints a Markdown
# table with a bar for each line. Only counters of the RTL count; the memory is the simulator's model, named in the table. A last
# table sets the cycles that --device estimate predicts beside the simulated ones, with this memory and with an ideal one.
#   scripts/report_utilisation.sh [--keep DIR]   DIR keeps the JSON objects of the runs
# Exit: 0 every bar is reached, 1 one is missed, otherwise what squat bench said.
set -euo pipefail

keep=
case "${1-}" in
  "") ;;
  --keep) keep=$(mkdir -p "${2:?--keep needs a folder}" && cd "$2" && pwd) ;;
  *)
    sed -n 3,7p "$0" >&2
    exit 2
    ;;
esac
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

squat=${SQUAT:-build/release/squat}
if [[ ! -x $squat ]]; then
  say "$squat is not there; build it (cmake --build build/release --target squat) or name it in SQUAT"
  exit 4
fi
folder=$keep
if [[ -z $folder ]]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi

# run NAME BENCH OPTION...: 128 tokens at once, then some one by one; at most 20 minutes each.
run() {
  local name=$1
  shift
  for memory in ddr ideal; do
    local settings=() decode=4 suffix=
    if [[ $memory == ideal ]]; then
      settings=("SQUAT_SIM_DDR=$ideal") decode=1 suffix=_ideal
    fi
    for device in sim estimate; do
      local file=$folder/$name$suffix.json
      [[ $device == sim ]] || file=$folder/$name${suffix}_estimate.json
      step "$device $name, $memory memory" env "${settings[@]}" timeout 1200 \
        "$squat" bench --device "$device" --prefill 128 --decode "$decode" --format json "$@" >"$file"
    done
  done
}

# Every port a beat in every cycle, no latency, no refresh, no turnaround.
ideal=1024,0,0,0,0

run llama_w4a8 --shape llama-58m --weight-bits 4 --activations 8
run llama_w4a4 --shape llama-58m --weight-bits 4 --activations 4
run llama_mixed --shape llama-58m --weight-bits 4 --activations mixed --rho 0.5 --widths exact
run llama_w8a8 --shape llama-58m --weight-bits 8 --activations 8
run gpt2_w4a8 --shape gpt2-97m --weight-bits 4 --activations 8
run gpt2_w4a4 --shape gpt2-97m --weight-bits 4 --activations 4
run gpt2_mixed --shape gpt2-97m --weight-bits 4 --activations mixed --rho 0.5 --widths exact
for config in kv260 alveo; do
  for activations in 8 4; do
    run "${config}_llama_w4a$activations" --config "$config" --shape llama-58m --weight-bits 4 --activations "$activations"
    run "${config}_gpt2_w4a$activations" --config "$config" --shape gpt2-97m --weight-bits 4 --activations "$activations"
  done
done
step "simulate llama_w4a8 with --profile" timeout 1200 "$squat" bench --device sim --prefill 128 --decode 0 --profile --format json \
  --shape llama-58m --weight-bits 4 --activations 8 >"$folder/llama_w4a8_profile.json"

# seconds NAME BENCH OPTION...: keeps the result in NAME.json, prints the seconds on the wall.
seconds() {
  local begin
  begin=$(date +%s%N)
  timeout 1200 "$squat" bench --device sim --shape llama-58m --weight-bits 4 --activations 8 --format json "${@:2}" >"$folder/$1.json"
  awk -v begin="$begin" -v end="$(date +%s%N)" 'BEGIN { print (end - begin) / 1e9 }'
}

# Building the model and its weight image is in every run: it cancels in the difference of two.
say "time a decoded token and a prefill of LLaMA-58M"
one=$(seconds speed_one --prefill 1 --decode 1)
nine=$(seconds speed_nine --prefill 1 --decode 9)
prefill=$(seconds speed_prefill --prefill 128 --decode 0)
echo "{\"one\": $one, \"nine\": $nine, \"prefill\": $prefill}" >"$folder/speed.json"
python3 scripts/report_utilisation.py "$folder"
