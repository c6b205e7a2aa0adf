#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Training speed: tokens per second of FP32 and W4A8 steps beside PyTorch's in the same minutes, turn by turn, one thread each;
# what quantisation costs, two threads over one, and peak memory. Options: --shapes h256,llama-58m --turns 12.
# A step is forward, cross entropy, backward, AdamW on random tokens, without teachers and clipping.
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build release squat_step_bench >&2
python3 scripts/bench_trainer.py --binary build/release/qat/bench/squat_step_bench "$@"
