# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/reference/arm_cost.md, rendered from host/arm_model/costs.json."""
import pathlib

from arm_works import GEMM_TOKENS, ROWS, SIZE

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent / "docs/reference/arm_cost.md"
BEGIN, END = "<!-- made by scripts/arm_cost.py -->", "<!-- end -->"
CORES = {"cortex-a53": "A53", "cortex-a76": "A76", "cortex-x3": "X3"}


def number(value):
    return f"{value:.3f}" if value < 0.9995 else f"{value:.2f}"


def cells(cost, tokens):
    """Instructions per multiply-add, then cycles on every core."""
    if cost is None:
        return ["not installed"] + [""] * len(CORES)
    macs = SIZE * SIZE * tokens
    out = [number(cost["instructions"] / macs)]
    for core in CORES:
        least, most = cost["cycles"].get(core, (None, None))
        if least is None:
            out.append("-")
        else:
            low, high = number(least / macs), number(most / macs)
            out.append(low if low == high else f"{low} to {high}")
    return out


def products(costs):
    """The table of products, K = N = 512."""
    lines = []
    for form, title, tokens in (("gemv", "one token", 1), ("gemm", f"{GEMM_TOKENS} tokens", GEMM_TOKENS)):
        lines += [f"| {title} | widths | instructions per multiply-add | " +
                  " | ".join(f"cycles, {name}" for name in CORES.values()) + " |", "|---|---|---:|" + "---:|" * len(CORES)]
        for (name, widths, *_), row in zip(ROWS, costs["rows"]):
            lines.append(f"| {name} | {widths} | " + " | ".join(cells(row[form], tokens)) + " |")
        lines.append("")
    lines.append("Made with " + "; ".join(f"{tool} {version}" for tool, version in costs["tools"].items()) + ".")
    return "\n".join(lines)


def refresh(costs, write):
    """Writes the tables into the document, or says whether they are there."""
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN, 1)
    fresh = before + BEGIN + "\n" + products(costs) + "\n" + END + rest.split(END, 1)[1]
    if write:
        DOCUMENT.write_text(fresh)
    elif fresh != text:
        print(f"{DOCUMENT} is not what costs.json says; run scripts/arm_cost.py --table")
    return write or fresh == text
