#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Quality study: methods x widths x seeds and the loss ablation, all by `squat`; one CSV row per run.

Every run starts from the same floating-point directory, which is also the teacher, trains 130 steps of 16 x 128 tokens
(the defaults of squat qat) and is measured on windows of 128 tokens of the validation text. Runs that
the CSV has are skipped, so the study can be stopped at any time and continued. scripts/render_quality.py makes the tables.

    scripts/study_methods.py --model FP32_DIR --data train.txt --valid valid.txt --csv docs/reference/quality.csv
"""
import study_runs

RATE = "2e-3"  # the default of squat qat, for the floating-point control

# The paper's 4:8 = 1:3 is one 4-bit token to three 8-bit ones: a share of 8-bit tokens, rho, of 0.75.
WIDTHS = {
    "W8A8": ["--weight-bits", "8", "--activations", "8"],
    "W4A8": ["--weight-bits", "4", "--activations", "8"],
    "4:8=1:3": ["--weight-bits", "4", "--activations", "mixed", "--rho", "0.75", "--rule", "sequence"],
    "4:8=1:1": ["--weight-bits", "4", "--activations", "mixed", "--rho", "0.5", "--rule", "sequence"],
    "4:8=3:1": ["--weight-bits", "4", "--activations", "mixed", "--rho", "0.25", "--rule", "sequence"],
    "W4A4": ["--weight-bits", "4", "--activations", "4"],
    "1:1 budget": ["--weight-bits", "4", "--activations", "mixed", "--rho", "0.5", "--rule", "budget"],
    "W4A7": ["--weight-bits", "4", "--activation-bits", "7"],
    "W4A6": ["--weight-bits", "4", "--activation-bits", "6"],
    "W4A5": ["--weight-bits", "4", "--activation-bits", "5"],
}
PAPER_WIDTHS = list(WIDTHS)[:6]
FAKE_ONLY = {"W4A7", "W4A6", "W4A5"}
METHODS = ["lsq", "llm-qat", "pact", "nipq", "ptq"]
LOSSES = {
    "default": [],
    "L_E": ["--entropy-weight", "0.5"],
    "L_D": ["--distribution-weight", "1"],
    "both": ["--entropy-weight", "0.5", "--distribution-weight", "1"],
    "paper": ["--preset", "paper"],
    "published": ["--preset", "published"],
}


def plan(seeds):
    """(method, widths, losses, seed), the most telling runs first."""
    runs = []

    def add(method, widths, losses, seed):
        if (method, widths, losses, seed) not in runs:
            runs.append((method, widths, losses, seed))

    def squat(seed):
        for widths in ("4:8=1:1", "W4A4", "W4A8"):
            add("squat", widths, "default", seed)
        add("fp32", "FP32", "default", seed)
        for widths in PAPER_WIDTHS + ["1:1 budget"]:
            add("squat", widths, "default", seed)

    def losses(seed):
        for widths in ("W4A4", "4:8=1:1"):
            for name in LOSSES:
                add("squat", widths, name, seed)

    squat(seeds[0])
    losses(seeds[0])
    for seed in seeds[1:]:
        squat(seed)
    for position, seed in enumerate(seeds):
        for method in METHODS:
            for widths in PAPER_WIDTHS:
                add(method, widths, "default", seed)
        if position == 0:
            for widths in sorted(FAKE_ONLY):
                add("squat", widths, "default", seed)
        if position > 0:
            losses(seed)
            for widths in sorted(FAKE_ONLY):
                add("squat", widths, "default", seed)
    return runs


def one(options, run, directory):
    method, widths, losses, _ = run
    if method == "fp32":
        command = ["train", "--init", options.model, "--teacher", options.model, "--warmup", "20"]
        command += [] if "--lr" in options.flags else ["--lr", RATE]
    else:
        command = ["qat", "--model", options.model] + ([] if method == "squat" else ["--method", method])
        command += WIDTHS[widths] + LOSSES[losses]
    if method != "ptq":
        command += ["--steps", options.steps]
    row = study_runs.train(options, run, command, directory)
    if method == "squat" and widths not in FAKE_ONLY:
        study_runs.evaluate(options, row, directory)
    return row


def main():
    options = study_runs.arguments(__doc__).parse_args()
    study_runs.run_all(options, plan([int(s) for s in options.seeds.split(",")]), one)


if __name__ == "__main__":
    main()
