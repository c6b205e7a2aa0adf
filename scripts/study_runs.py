# SPDX-License-Identifier: Apache-2.0
"""What the studies have in common: runs of `squat`, one CSV row each, those that are there skipped."""
import argparse
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

FIELDS = ["method", "widths", "losses", "seed", "steps", "fake_perplexity", "integer_perplexity", "eight_bit_share",
          "seconds", "flags", "squat"]


def arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squat", default="build/release/squat", help="the program (default: %(default)s)")
    parser.add_argument("--model", required=True, help="floating-point directory: start and teacher")
    parser.add_argument("--data", required=True, help="training text")
    parser.add_argument("--valid", required=True, help="validation text")
    parser.add_argument("--csv", required=True, type=pathlib.Path, help="results, appended to")
    parser.add_argument("--seeds", default="1,2,3", help="comma-separated (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=130, help="optimiser steps (default: %(default)s)")
    parser.add_argument("--windows", type=int, default=464, help="windows of 128 tokens measured (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="threads of each run (default: %(default)s)")
    parser.add_argument("--only", default="", help="run only those whose 'method widths losses' contains this text")
    parser.add_argument("--flags", default="", help="more flags for every training run, recorded in the row")
    return parser


def call(command):
    """The JSON object of a successful run of squat."""
    command = [str(part) for part in command]
    done = subprocess.run(command + ["--format", "json"], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"exit code {done.returncode} from: {' '.join(command)}")
    return json.loads(done.stdout)


def train(options, run, command, directory):
    """Trains into directory / 'model' and returns the row of the run (method, widths, losses, seed)."""
    method, widths, losses, seed = run
    begin = time.monotonic()
    report = call([options.squat] + command + ["--data", options.data, "--valid", options.valid, "--out", directory / "model",
                                               "--seed", seed, "--threads", options.threads, "--max-windows", options.windows,
                                               "--validate-every", 1000000] + options.flags.split())
    share = report.get("eight_bit_share")
    return {"method": method, "widths": widths, "losses": losses, "seed": seed, "steps": report["step"],
            "fake_perplexity": round(report["perplexity"], 4), "integer_perplexity": "",
            "eight_bit_share": "" if share is None else round(share, 4), "seconds": round(time.monotonic() - begin, 1),
            "flags": options.flags, "squat": options.version}


def evaluate(options, row, directory):
    """Adds the integer model's perplexity and share to a row."""
    report = call([options.squat, "eval", "--model", directory / "model", "--text", options.valid, "--max-windows",
                   options.windows, "--threads", options.threads])
    row["integer_perplexity"] = round(report["perplexity"], 4)
    row["eight_bit_share"] = round(report["eight_bit_share"], 4)


def run_all(options, runs, one):
    """Calls one(options, run, directory) -> row for every run that the CSV does not have."""
    version = subprocess.run([options.squat, "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout
    options.version = version.strip()
    done = set()
    if options.csv.exists():
        with options.csv.open(newline="") as file:
            done = {(r["method"], r["widths"], r["losses"], int(r["seed"]), r["flags"]) for r in csv.DictReader(file)}
    else:
        options.csv.write_text(",".join(FIELDS) + "\n")
    runs = [r for r in runs if options.only in " ".join(r[:3]) and (*r, options.flags) not in done]
    for number, run in enumerate(runs, 1):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="squat-study-"))
        try:
            row = one(options, run, directory)
        finally:
            shutil.rmtree(directory)
        with options.csv.open("a", newline="") as file:
            csv.DictWriter(file, FIELDS, lineterminator="\n").writerow(row)
        print(f"{number}/{len(runs)} {run}: {row['fake_perplexity']} {row['integer_perplexity']} {row['seconds']} s", flush=True)
