#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the accelerator makes of its cycles and its memory: simulates LLaMA-58M and GPT2-97M whole (minutes) and prints a Markdown
# table with a bar for each line. Only counters of the RTL count; the memory is the simulator's model, named in the table.
#   scripts/report_utilisation.sh [--keep DIR]   DIR keeps the JSON objects of the runs
# Exit: 0 every bar is reached, 1 one is missed, otherwise what squat bench said.
set -euo pipefail

keep=
case "${1-}" in
  "") ;;
  --keep) keep=$(mkdir -p "${2:?--keep needs a folder}" && cd "$2" && pwd) ;;
  *)
    sed -n 3,6p "$0" >&2
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

# run NAME BENCH OPTION...: a prefill of 128 tokens and what the options add; at most 20 minutes.
run() {
  local name=$1
  shift
  step "simulate $name" timeout 1200 "$squat" bench --device sim --prefill 128 --format json "$@" >"$folder/$name.json"
}

run llama_w4a8 --shape llama-58m --weight-bits 4 --activations 8 --decode 4
run llama_w4a4 --shape llama-58m --weight-bits 4 --activations 4 --decode 4
run llama_mixed --shape llama-58m --weight-bits 4 --activations mixed --rho 0.5 --widths exact --decode 4
run llama_w8a8 --shape llama-58m --weight-bits 8 --activations 8 --decode 4
run gpt2_w4a8 --shape gpt2-97m --weight-bits 4 --activations 8 --decode 4
run gpt2_w4a4 --shape gpt2-97m --weight-bits 4 --activations 4 --decode 4
run llama_w4a8_profile --shape llama-58m --weight-bits 4 --activations 8 --decode 0 --profile
python3 scripts/report_utilisation.py "$folder"
