#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Trains the shipped model models/tales from its two texts, and an integer model from it. About ten minutes on one core.
#   scripts/train_tales.sh GRIMM.txt SHAKESPEARE.txt OUT [SQUAT]
# GRIMM.txt: Project Gutenberg's Grimm's Fairy Tales, edited by F. J. Olcott. SHAKESPEARE.txt: "tiny Shakespeare".
# OUT/fp32 is the model directory, OUT/w4 the integer one. OUT/valid.txt is never trained on. The vocabulary is the shipped
# one. An interrupted run continues when the same command is given again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -ge 3 ]] || { sed -n '3,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
texts=("$1" "$2") out=$3 squat=${4:-build/release/squat}
python3 scripts/tales_text.py "${texts[@]}" "$out"
"$squat" train --data "$out/train.txt" --valid "$out/valid.txt" --out "$out/fp32" --tokenizer models/tales/fp32 \
  --hidden 128 --layers 4 --heads 4 --kv-heads 2 --ffn 384 --max-positions 256 \
  --steps 1500 --batch 16 --length 128 --lr 3e-3 --lr-floor 0.05 --warmup 60 --seed 1 --half
"$squat" qat --model "$out/fp32" --data "$out/train.txt" --valid "$out/valid.txt" --out "$out/w4" \
  --weight-bits 4 --activations mixed --rho 0.5 --rule budget --seed 1
"$squat" eval --model "$out/w4" --text "$out/valid.txt"
