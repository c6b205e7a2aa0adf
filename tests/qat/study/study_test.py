#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The studies' bookkeeping with a stand-in for squat, and whether the committed tables are those of the committed rows.

Usage: study_test.py SOURCE_DIRECTORY
"""
import csv
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(sys.argv[1])
SCRIPTS = SOURCE / "scripts"

# Answers as squat does; the perplexity is 70 plus the seed, and every call is noted.
STAND_IN = """#!/usr/bin/env python3
import json, pathlib, sys
if "--version" in sys.argv:
    print("squat stand-in")
    sys.exit()
with open(pathlib.Path(__file__).parent / "calls", "a") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n")
seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 0
print(json.dumps({"step": 130, "perplexity": 70.0 + seed, "eight_bit_share": 0.5}))
"""


def study(directory, name, *more):
    command = [sys.executable, SCRIPTS / name, "--squat", directory / "squat", "--model", "m", "--data", "d", "--valid", "v", "--csv",
               directory / "rows.csv", *more]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def calls(directory):
    return (directory / "calls").read_text().splitlines()


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        squat = directory / "squat"
        squat.write_text(STAND_IN)
        squat.chmod(0o755)
        only = ["--only", "squat W4A4 default"]
        assert len(study(directory, "study_methods.py", *only, "--seeds", "1,2")) == 2
        assert len(calls(directory)) == 4  # training and evaluation of both seeds
        assert "--activations 4" in calls(directory)[0] and calls(directory)[1].startswith("eval ")
        assert len(study(directory, "study_methods.py", *only)) == 1  # seed 3; the others are there
        assert len(study(directory, "study_methods.py", *only, "--flags=--lr 1e-3")) == 3  # rows of their own
        assert "--lr 1e-3" in calls(directory)[-2]
        assert len(study(directory, "study_methods.py", "--only", "fp32", "--seeds", "1")) == 1
        assert len(study(directory, "study_widths.py", "--label", "tiny", "--only", "0.50", "--seeds", "1")) == 4
        assert "--rule reversed" in calls(directory)[-2] and "--method ptq" in calls(directory)[-2]
        with (directory / "rows.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [float(r["fake_perplexity"]) for r in rows[:3]] == [71.0, 72.0, 73.0]

        page = directory / "page.md"
        page.write_text("before\n<!-- table losses -->\nold\n<!-- end -->\nbehind\n")
        subprocess.run([sys.executable, SCRIPTS / "render_quality.py", page, directory / "rows.csv"], check=True)
        text = page.read_text()
        assert text.startswith("before\n") and text.endswith("behind\n") and "old" not in text
        assert "| 72.00 ± 1.00 (3) |" in text  # of the default flags only

        quality = SOURCE / "docs" / "reference" / "quality.md"
        shutil.copy(quality, page)
        subprocess.run([sys.executable, SCRIPTS / "render_quality.py", page, quality.with_suffix(".csv")], check=True)
        assert page.read_text() == quality.read_text(), "run scripts/render_quality.py: the tables are not those of the CSV"
    print("studies keep their books")


if __name__ == "__main__":
    main()
