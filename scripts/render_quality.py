#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills the tables of docs/reference/quality.md from the rows of scripts/study_methods.py and scripts/study_widths.py.

A table stands between '<!-- table NAME -->' and '<!-- end -->'. A cell is the mean perplexity over seeds, the spread (largest
minus smallest) and the number of seeds; without runs it is empty.

    scripts/render_quality.py docs/reference/quality.md docs/reference/quality.csv
"""
import csv
import pathlib
import re
import statistics
import sys

WIDTHS = ["W8A8", "W4A8", "4:8=1:3", "4:8=1:1", "4:8=3:1", "W4A4"]
METHODS = ["squat", "lsq", "llm-qat", "pact", "nipq", "ptq"]
LOSSES = {"default": "CE and distillation", "L_E": "and L_E, weight 0.5", "L_D": "and L_D, weight 1", "both": "and both",
          "paper": "preset paper", "published": "preset published"}


def cell(rows, column="fake_perplexity"):
    values = [float(r[column]) for r in rows if r[column]]
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.2f} (1)"
    return f"{statistics.mean(values):.2f} ± {(max(values) - min(values)) / 2:.2f} ({len(values)})"


def table(head, lines):
    rows = [head, ["---"] * len(head)] + lines
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def select(rows, **wanted):
    return [r for r in rows if all(r[name] == value for name, value in wanted.items())]


def methods(rows):
    lines = [["fp32 control: " + cell(select(rows, method="fp32"))] + [""] * len(WIDTHS)]
    for method in METHODS:
        lines.append([method] + [cell(select(rows, method=method, widths=w, losses="default")) for w in WIDTHS])
    return table(["method"] + WIDTHS, lines)


def integers(rows):
    lines = []
    for widths in WIDTHS + ["1:1 budget"]:
        chosen = [r for r in select(rows, method="squat", widths=widths, losses="default") if r["integer_perplexity"]]
        gaps = [100 * (float(r["integer_perplexity"]) / float(r["fake_perplexity"]) - 1) for r in chosen]
        worst = max(gaps, key=abs, default=None)
        lines.append([widths, cell(chosen), cell(chosen, "integer_perplexity"), "" if worst is None else f"{worst:+.2f} %"])
    return table(["squat", "fake-quantised", "integer model", "largest difference"], lines)


def losses(rows):
    lines = []
    for name, text in LOSSES.items():
        lines.append([text] + [cell(select(rows, method="squat", widths=w, losses=name)) for w in ("W4A4", "4:8=1:1")])
    return table(["losses", "W4A4", "4:8=1:1"], lines)


def uniform(rows):
    lines = []
    for widths, bits in (("W4A8", "8"), ("W4A7", "7"), ("4:8=1:1", "8 and 4, half each"), ("W4A6", "6"), ("W4A5", "5"),
                         ("W4A4", "4")):
        lines.append([bits, cell(select(rows, method="squat", widths=widths, losses="default"))])
    return table(["activations, bits", "perplexity"], lines)


def rules(rows):
    models = sorted({r["losses"] for r in rows if r["method"] == "rule"})
    names = sorted({r["widths"] for r in rows if r["method"] == "rule"})
    lines = [[n] + [cell(select(rows, method="rule", widths=n, losses=m)) for m in models] for n in names]
    return table(["rule and share"] + models, lines)


def recipes(rows):
    names = sorted({r["flags"] for r in rows})
    lines = []
    for flags in names:
        chosen = [cell(select(rows, flags=flags, method="fp32"))]
        chosen += [cell(select(rows, flags=flags, method="squat", widths=w, losses="default")) for w in ("W4A8", "4:8=1:1", "W4A4")]
        if any(chosen):
            lines.append([f"`{flags}`" if flags else "the defaults"] + chosen)
    return table(["flags", "fp32", "W4A8", "4:8=1:1", "W4A4"], lines)


TABLES = {"recipes": recipes, "methods": methods, "integers": integers, "losses": losses, "uniform": uniform, "rules": rules}


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    page = pathlib.Path(sys.argv[1])
    rows = []
    for name in sys.argv[2:]:
        with open(name, newline="") as file:
            rows += csv.DictReader(file)

    def fill(match):
        name = match.group(2)
        chosen = rows if name == "recipes" else [r for r in rows if not r["flags"]]
        return f"{match.group(1)}\n{TABLES[name](chosen)}\n{match.group(3)}"

    text = re.sub(r"(<!-- table (\w+) -->)\n.*?(<!-- end -->)", fill, page.read_text(), flags=re.DOTALL)
    page.write_text(text)


if __name__ == "__main__":
    main()
