#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of report_utilisation.sh, from the JSON objects that `squat bench` printed.

    scripts/report_utilisation.py DIR

DIR holds SHAPE_WIDTHS.json (llama_w4a8.json ...), kv260_SHAPE_WIDTHS.json and alveo_SHAPE_WIDTHS.json, simulated in the configurations sim, kv260 and alveo, with _estimate predicted, and both again with _ideal memory; and
llama_w4a8_profile.json, a prefill with --profile. Exit: 0 every bar is reached, 1 one is missed, 3 a file is missing or not what
bench prints.
"""
import json
import pathlib
import sys

NAMES = {"llama": "LLaMA-58M", "gpt2": "GPT2-97M", "w4a8": "W4A8", "w4a4": "W4A4", "mixed": "mixed 1:1", "w8a8": "W8A8"}
RUNS = [("llama", "w4a8"), ("llama", "w4a4"), ("llama", "mixed"), ("llama", "w8a8"), ("gpt2", "w4a8"), ("gpt2", "w4a4")]

WIDER = ("kv260", "alveo")  # configurations beside sim
WIDE = [("llama", "w4a8"), ("llama", "w4a4"), ("gpt2", "w4a8"), ("gpt2", "w4a4")]  # in them
PREDICTED = [("sim", *run) for run in RUNS + [("gpt2", "mixed")]] + [(config, *run) for config in WIDER for run in WIDE]
PROFILE_LIMIT = 0.001  # by how much the cycles of a pass with --profile may differ: its records are written too


def stem(config, shape, widths):
    return ("" if config == "sim" else config + "_") + shape + "_" + widths


def read(path, phases=("prefill", "decode"), source="rtl-simulated", config="sim"):
    """Rows of one run by phase, and the whole object."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        if result["schema"] != "squat.bench/1":
            raise ValueError("schema is %s, expected squat.bench/1" % result["schema"])
        if result["environment"]["config"] != config:
            raise ValueError("configuration is %s, expected %s" % (result["environment"]["config"], config))
        rows = {row["phase"]: row for row in result["results"]}
        for phase in phases:
            if rows[phase]["source"] != source:
                raise ValueError("%s is %s, expected %s" % (phase, rows[phase]["source"], source))
        return rows, result
    except (OSError, ValueError, KeyError) as error:
        print("report_utilisation: %s: %s: %s; run scripts/report_utilisation.sh anew" % (path, type(error).__name__, error), file=sys.stderr)
        sys.exit(3)


def linear_use(path, cycles):
    """MAC use of the linear layers of the profiled prefill, which must be the pass of `cycles` cycles."""
    rows, result = read(path, ("prefill",))
    longer = rows["prefill"]["cycles"] / cycles - 1
    if abs(longer) > PROFILE_LIMIT:
        print("report_utilisation: %s: %+.2f %% cycles beside the run without --profile, at most %.2f %% expected"
              % (path, 100 * longer, 100 * PROFILE_LIMIT), file=sys.stderr)
        sys.exit(3)
    return next(row["mac_use"] for row in result["linear"] if row["phase"] == "prefill")


def bars(runs, wide, linear):
    """(line, value as text, bar as text, reached) for everything that has a bar."""
    def cycles(shape, widths):
        return runs[shape, widths]["prefill"]["cycles"]

    lines = [("LLaMA-58M, prefill of 128 tokens, linear layers, W4A8: MAC use", "%.1f %%" % (100 * linear), ">= 97 %", linear >= 0.97)]
    for widths, bar in (("w4a8", 0.90), ("w4a4", 0.82)):
        use = runs["llama", widths]["prefill"]["mac_utilisation"]
        lines.append(("LLaMA-58M, prefill of 128 tokens, whole pass, %s: MAC use" % NAMES[widths], "%.1f %%" % (100 * use), ">= %.0f %%" % (100 * bar), use >= bar))
    speed = cycles("llama", "w4a8") / cycles("llama", "w4a4")
    lines.append(("LLaMA-58M, prefill: W4A4 faster than W4A8", "%.3fx" % speed, ">= 1.75x", speed >= 1.75))
    mean = (cycles("llama", "w4a8") + cycles("llama", "w4a4")) / 2
    away = cycles("llama", "mixed") / mean - 1
    lines.append(("LLaMA-58M, prefill: cycles of mixed 1:1 (exact) over the mean of W4A8 and W4A4", "%+.1f %%" % (100 * away), "within 3 %", abs(away) <= 0.03))
    for shape, widths in RUNS:
        if widths == "w8a8":
            continue  # the bar is that of 4-bit weights
        use = runs[shape, widths]["decode"]["bandwidth_utilisation"]
        lines.append(("%s, decoding at context 128, %s: bandwidth use" % (NAMES[shape], NAMES[widths]), "%.1f %%" % (100 * use), ">= 90 %", use >= 0.90))
    for shape, widths in WIDE:
        use = wide["kv260", shape, widths]["decode"]["bandwidth_utilisation"]
        lines.append(("kv260: %s, decoding at context 128, %s: bandwidth use" % (NAMES[shape], NAMES[widths]), "%.1f %%" % (100 * use), ">= 90 %", use >= 0.90))
    return lines


def predictions(folder):
    """Lines (configuration, shape, widths, phase, memory, predicted, simulated, error in percent, reached): cycles a pass."""
    lines = []
    for suffix, memory, bar in (("_ideal", "ideal", 1.0), ("", "DDR model", 5.0)):
        for config, shape, widths in PREDICTED:
            name = stem(config, shape, widths) + suffix
            simulated, _ = read(folder / (name + ".json"), config=config)
            predicted, _ = read(folder / (name + "_estimate.json"), source="estimated", config=config)
            for phase in ("prefill", "decode"):
                passes = simulated[phase]["tokens"] if phase == "decode" else 1
                if predicted[phase]["tokens"] != simulated[phase]["tokens"] or predicted[phase]["context"] != simulated[phase]["context"]:
                    raise ValueError("%s: %s of different lengths" % (name, phase))
                a, b = predicted[phase]["cycles"] / passes, simulated[phase]["cycles"] / passes
                error = 100 * (a / b - 1)
                lines.append((config, NAMES[shape], NAMES[widths], phase, memory, a, b, error, abs(error) <= bar))
    return lines


def speed(folder):
    """Lines (what, value, bar): how fast this machine simulates. They depend on its load, so no bar is held against them."""
    seconds = json.loads((folder / "speed.json").read_text(encoding="utf-8"))
    cycles = {name: read(folder / ("speed_%s.json" % name), ("decode",))[0]["decode"]["cycles"] for name in ("one", "nine")}
    between = seconds["nine"] - seconds["one"]
    return [("cycles a second", "%.2f million" % ((cycles["nine"] - cycles["one"]) / between / 1e6), ">= 0.3 million"),
            ("a decoded token of LLaMA-58M", "%.2f s" % (between / 8), "< 2 s"),
            ("a prefill of 128 tokens, building the model included", "%.1f s" % seconds["prefill"], "< 60 s")]


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    runs, wide, result, wider = {}, {}, None, {}
    folder = pathlib.Path(sys.argv[1])
    for shape, widths in RUNS:
        runs[shape, widths], result = read(folder / (stem("sim", shape, widths) + ".json"))
    for config in WIDER:
        for shape, widths in WIDE:
            wide[config, shape, widths], wider[config] = read(folder / (stem(config, shape, widths) + ".json"), config=config)
    linear = linear_use(folder / "llama_w4a8_profile.json", runs["llama", "w4a8"]["prefill"]["cycles"])
    environment = result["environment"]
    print("RTL-simulated: cycles from start to done. Configuration sim, where none is named: %s; %s. Memory model: %s; %s. Commit %s.\n"
          % (environment["accelerator"], "; ".join("%s: %s" % (config, wider[config]["environment"]["accelerator"]) for config in WIDER), environment["ddr"],
             "; ".join("%s: %s" % (config, wider[config]["environment"]["ddr"]) for config in WIDER), environment.get("commit", "unknown")))
    print("| what | simulated | bar | |\n|---|---|---|---|")
    lines = bars(runs, wide, linear)
    for what, value, bar, reached in lines:
        print("| %s | %s | %s | %s |" % (what, value, bar, "ok" if reached else "miss"))
    print("\n| shape | widths | 8-bit share | prefill cycles | MAC use | decoding cycles a token | bandwidth use |\n|---|---|---|---|---|---|---|")
    for shape, widths in RUNS:
        prefill, decode = runs[shape, widths]["prefill"], runs[shape, widths]["decode"]
        print("| %s | %s | %.3f | %s | %.1f %% | %s | %.1f %% |"
              % (NAMES[shape], NAMES[widths], prefill["eight_bit_share"], format(prefill["cycles"], ","), 100 * prefill["mac_utilisation"],
                 format(round(decode["cycles"] / decode["tokens"]), ","), 100 * decode["bandwidth_utilisation"]))
    print("\nThe same in the other configurations, each against its own cells and ports, beside sim:\n\n"
          "| configuration | shape | widths | prefill cycles | MAC use | faster than sim | decoding cycles a token | bandwidth use | faster than sim |\n"
          "|---|---|---|---|---|---|---|---|---|")
    for config, shape, widths in wide:
        prefill, decode = wide[config, shape, widths]["prefill"], wide[config, shape, widths]["decode"]
        beside = runs[shape, widths]
        print("| %s | %s | %s | %s | %.1f %% | %.2fx | %s | %.1f %% | %.2fx |"
              % (config, NAMES[shape], NAMES[widths], format(prefill["cycles"], ","), 100 * prefill["mac_utilisation"],
                 beside["prefill"]["cycles"] / prefill["cycles"], format(round(decode["cycles"] / decode["tokens"]), ","),
                 100 * decode["bandwidth_utilisation"], beside["decode"]["cycles"] / decode["cycles"]))
    predicted = predictions(pathlib.Path(sys.argv[1]))
    print("\nPredicted by `squat bench --device estimate`: within 1 % with an ideal memory, within 5 % with the memory model above.\n\n"
          "| configuration | shape | widths | phase | memory | predicted cycles a pass | simulated | error | |\n|---|---|---|---|---|---|---|---|---|")
    for config, shape, widths, phase, memory, a, b, error, reached in predicted:
        print("| %s | %s | %s | %s | %s | %s | %s | %+.3f %% | %s |"
              % (config, shape, widths, phase, memory, format(round(a), ","), format(round(b), ","), error, "ok" if reached else "miss"))
    print("\nSpeed of the simulation here and now, on the wall (not counted below):\n\n| what | found | bar |\n|---|---|---|")
    for line in speed(folder):
        print("| %s | %s | %s |" % line)
    every = lines + predicted
    missed = sum(not reached for *_, reached in every)
    print("\n%d of %d bars reached" % (len(every) - missed, len(every)))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
