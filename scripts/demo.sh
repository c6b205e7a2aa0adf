#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and shows the main job on the shipped model: quantise, evaluate, generate, verify, compare.
# The work after the build takes less than a minute.
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_packages "${packages[@]}"
build release squat

squat=build/release/squat
model=build/demo/tales-w4-mixed
tales=models/tales
mkdir -p build/demo
demo_start=$SECONDS

step "what this machine can run" "$squat" doctor
step "quantise to 4-bit weights, half of the tokens with 8-bit activations" \
  "$squat" quantize --model $tales/fp32 --calib $tales/calibration.txt --out $model \
  --weight-bits 4 --activations mixed --rho 0.5 --rule budget --format csv >build/demo/sites.csv
step "perplexity of the floating-point model, 32 windows" \
  "$squat" eval --model $tales/fp32 --text $tales/valid.txt --max-windows 32
step "perplexity of the integer model, the same windows" \
  "$squat" eval --model $model --text $tales/valid.txt --max-windows 32
for device in cpu sim; do
  step "generate 16 tokens on $device" \
    "$squat" generate --model $model --prompt "There was once a King" --tokens 16 --device $device
done
step "compare every logit of the simulated accelerator with the golden model" \
  "$squat" verify --model $model --device sim --against ref --text $tales/valid.txt --prompt-tokens 64 --decode 4
step "latency of this model's shape on cpu and sim, beside the paper's published figures" \
  "$squat" compare --model $model --decode 8 --seconds 0.2
say "the demo's own work took $((SECONDS - demo_start)) s; the model is in $model, its scales in build/demo/sites.csv"
