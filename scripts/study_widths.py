#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does the token score choose well? The same model under different width rules, over seeds; one CSV row per run.

sequence ranks by the paper's score, reversed ranks the other way round, random ignores it, budget is the causal rule for
deployment. --steps 0 (the default here) rounds without training, which shows the rule alone; with --steps N every model is
trained under its rule first. --label names the model in the table.

    scripts/study_widths.py --model FP32_DIR --data train.txt --valid valid.txt --csv docs/reference/quality.csv --label h256

A larger model to ask, about an hour on one core:

    squat train --data train.txt --valid valid.txt --out h256 --vocab 4096 --hidden 256 --layers 4 --heads 8 --ffn 768 \\
        --steps 2000
"""
import study_runs

RULES = ["sequence", "random", "reversed", "budget"]
SHARES = ["0.50", "0.25", "0.75"]


def one(options, run, directory):
    rule, share = run[1].split()
    command = ["qat", "--model", options.model, "--weight-bits", "4", "--activations", "mixed", "--rule", rule, "--rho", share]
    command += ["--method", "ptq"] if options.steps == 0 else ["--steps", options.steps]
    return study_runs.train(options, run, command, directory)


def main():
    parser = study_runs.arguments(__doc__)
    parser.set_defaults(steps=0)
    parser.add_argument("--label", required=True, help="name of the model in the table")
    options = parser.parse_args()
    seeds = [int(s) for s in options.seeds.split(",")]
    label = options.label + (f", {options.steps} steps" if options.steps else ", not trained")
    runs = [("rule", f"{rule} {share}", label, seed) for share in SHARES for seed in seeds for rule in RULES]
    study_runs.run_all(options, runs, one)


if __name__ == "__main__":
    main()
