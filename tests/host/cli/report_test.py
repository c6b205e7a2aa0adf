#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""squat report from fixed results: one file that loads nothing, hostile texts stay text, charts have a mark for every number.

Usage: report_test.py SQUAT. The page is drawn by headless Chromium where there is one; else that part is skipped with a message.
"""
import html.parser
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
SETTINGS = [(8, "8", 1.0), (4, "8", 1.0), (4, "mixed", 0.5), (4, "4", 0.0)]


def row(device, phase, bits, activations, rho, ms, **more):
    return dict({"device": device, "shape": HOSTILE, "phase": phase, "weight_bits": bits, "activations": activations, "rho": rho,
                 "tokens": 128 if phase == "prefill" else 4, "context": 0 if phase == "prefill" else 128, "ms_per_token": ms,
                 "source": "measured"}, **more)


def compare():
    rows = []
    for device, scale in (("cpu", 1.0), (HOSTILE, 2.0)):
        for phase in ("prefill", "decode"):
            for i, (bits, activations, rho) in enumerate(SETTINGS):
                rows.append(row(device, phase, bits, activations, rho, scale * (4 - i), macs_per_token=4e7, bytes_per_token=2e7,
                                limit="memory", limit_share=0.5, memory_gb_per_s=20.0, compute_gmac_per_s=100.0))
    rows.append(row("phone", "not stated", 16, "16", None, 4.5, source="published"))
    return {"schema": "squat.compare/1", "results": rows, "environment": {"cpu": HOSTILE}, "command": "squat compare " + HOSTILE}


def command(unit, start, end, **more):
    return dict({"device": "sim", "phase": "decode", "pass": 0, "layer": 0, "role": "q", "head": None, "unit": unit, "start": start,
                 "end": end, "busy": end - start, "first": start, "last": end - 1, "weight_stall": 3, "drain_stall": 0}, **more)


def profile():
    roles = [{"device": "sim", "phase": "decode", "role": role, "gemm_busy": 100, "vec_busy": 0, "io_busy": 0, "weight_stall": stall,
              "drain_stall": 0} for role, stall in (("q", 7), ("k", 0))]
    return {"schema": "squat.bench/1", "results": [], "roles": roles, "layers": [], "linear": [],
            "commands": [command("load", 0, 500), command("gemm", 100, 1000), command("vec", 900, 1600, role="k")]}


def generate():
    tokens = [{"id": 1, "text": "", "eight_bit_layers": 4}, {"id": 2, "text": "<b>bold</b>", "eight_bit_layers": 4},
              {"id": 3, "text": "\u2028two", "eight_bit_layers": 2}, {"id": 4, "text": "four", "eight_bit_layers": 0},
              {"id": 5, "text": "last", "eight_bit_layers": None}]
    return {"schema": "squat.generate/1", "model": HOSTILE, "device": "cpu", "prompt_ids": [1, 2], "ids": [3, 4, 5], "layers": 4,
            "eight_bit_share": 0.625, "tokens": tokens}


def evals():
    # 12 and 9 points on the front of each device and phase: 4 is slower and worse than 3 (W8A8 takes longest).
    return [{"schema": "squat.eval/1", "model": HOSTILE, "text": "t", "windows": 2, "perplexity": perplexity, "weight_bits": bits,
             "activations": activations, "eight_bit_share": share}
            for perplexity, (bits, activations, share) in zip((30.0, 20.0, 25.0, 28.0), SETTINGS)]


def analyses():
    """The fields that squat analyze writes, with hostile names where it writes names."""
    def study(name, rows, **more):
        return dict({"schema": "squat.analyze/1", "analysis": name, "model": HOSTILE, "rows": rows}, **more)
    return [
        study("modules", [{"rounded": HOSTILE, "increase": 3.0, "perplexity": 23.0}, {"rounded": "mlp", "increase": -0.1, "perplexity": 19.9}], perplexity=20.0),
        study("bits", [{"activations": "float", "mean_bits": None, "perplexity": 20.0}, {"activations": "8", "mean_bits": 8.0, "perplexity": 21.0},
                       {"activations": "mixed", "mean_bits": 6.0, "perplexity": 22.0}, {"activations": "4", "mean_bits": 4.0, "perplexity": 25.0}]),
        study("distributions", [{"layer": 0, "tensor": "query", "head": 0}], bin_width=0.25,
              histograms=[{"layer": 0, "tensor": tensor, "before": [0.1, 0.8, 0.1], "after": [0.2, 0.6, 0.2]} for tensor in ("query", "key")]),
        study("attention", [{"layer": l, "head": 0, "first_column": 0.1, "first_column_rounded": 0.2, "cosine": 0.9} for l in range(3)],
              maps=[{"layer": 0, "tokens": 2, "float": [[1.0, 0.0], [0.5, 0.5]], "rounded": [[1.0, 0.0], [0.4, 0.6]]}]),
        study("correlation", [{"x": HOSTILE, "y": "e", "heads": 16, "pearson": -0.5, "low": -0.8, "high": 0.1}]),
        study("importance", [{"score": score, "rho": rho, "seed": seed, "perplexity": 20.0 + seed} for score in ("random", "gradient") for rho in (0.25, 0.5)
                             for seed in (0, 1)]),
        study("widths", [{"rule": rule, "rho": rho, "layer": layer, "share": rho, "by_position": [1.0, 0.5, 0.0]} for rule in ("budget", "sequence")
                         for rho in (0.25, 0.5) for layer in (0, 1)]),
        study("not yet known", [{"name": "a", "perplexity": 3.0}, {"name": "b", "perplexity": 4.0}]),
    ]


class Document(html.parser.HTMLParser):
    """Start tags in document order with the ids and labels of their ancestors, and all texts with theirs."""
    VOID = {"meta", "link", "img", "br", "hr", "input"}

    def __init__(self, text):
        super().__init__()
        self.stack, self.tags, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes, [a.get("id") for _, a in self.stack], [a.get("aria-label") for _, a in self.stack]))
        if tag not in self.VOID:
            self.stack.append((tag, attributes))

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes), [a.get("id") for _, a in self.stack], [a.get("aria-label") for _, a in self.stack]))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, text):
        self.texts.append((text, [t for t, _ in self.stack], [a.get("id") for _, a in self.stack]))

    def within(self, place, tag, label=None):
        """Tags inside the element with the id `place`; with `label` inside a part of it of that aria-label."""
        return [t for t in self.tags if t[0] == tag and place in t[2] and (label is None or label in t[3])]


def check(condition, what):
    if not condition:
        sys.exit("FAILED: " + what)
    print("ok: " + what)


def run(squat, *arguments):
    return subprocess.run([squat, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280)


def check_file(path):
    text = path.read_text(encoding="utf-8")
    page = Document(text)
    check(path.stat().st_size < 3_000_000, "the page is under 3 MB: %d bytes" % path.stat().st_size)
    loading = [(tag, a) for tag, a, _, _ in page.tags if tag in ("link", "img", "iframe", "object", "embed", "base") or a.get("src") or
               (tag == "a" and a.get("href"))]
    check(not loading, "nothing is loaded and nothing linked")
    check("owned" not in "".join(a.get("onerror", "") for _, a, _, _ in page.tags), "no hostile attribute came through")
    check(sum(1 for tag, _, _, _ in page.tags if tag == "script") == 1 + 7, "one data block and seven scripts, none from the data")
    check("default-src 'none'" in text and "script-src 'sha256-" in text, "the policy allows the page's own scripts only")
    data = [t for t, _, ids in page.texts if ids and ids[-1] == "data"]
    check(len(data) == 1 and json.loads(data[0])["compare"]["results"][4]["shape"] == HOSTILE, "the data are whole")
    check("Mike Bostock" in text and "Observable, Inc." in text, "the library's licences are in the file")


def draw(chromium, path, width):
    with tempfile.TemporaryDirectory() as home:
        return subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--user-data-dir=" + home, "--window-size=%d,900" % width,
             "--virtual-time-budget=5000", "--dump-dom", path.as_uri()],
            capture_output=True, text=True, timeout=120)


def check_drawn(chromium, path):
    for width in (1400, 500):
        result = draw(chromium, path, width)
        check("CONSOLE" not in result.stderr, "no console message at %d px: %s" % (width, [l for l in result.stderr.splitlines() if "CONSOLE" in l]))
        page = Document(result.stdout)
        root = page.tags[0][1]
        check("data-problems" not in root, "no error while drawing: %s" % root.get("data-problems"))
        needed, wide = map(int, root["data-width"].split("/"))
        check(needed <= wide, "nothing is wider than the page: %d of %d px" % (needed, wide))
    title = [t for t, tags, _ in page.texts if tags and tags[-1] == "title" and "svg" not in tags]
    check(title == ["Squat report"], "the page's title is its own: %s" % title)
    for phase in ("prefill", "decode"):
        check(len(page.within("latency-" + phase, "circle")) == 2 * len(SETTINGS), "a dot for each of 2 devices and 4 settings, " + phase)
        # Of (ms 4, 3, 2, 1; perplexity 30, 20, 25, 28) all but the first are on the front of each device.
        dots = page.within("quality-perplexity-" + phase, "circle")
        filled = [d for d in dots if d[1].get("fill", "").startswith("var(")]
        check((len(dots), len(filled)) == (8, 6), "8 points of quality, 6 on the front: %d, %d" % (len(dots), len(filled)))
    check(len(page.within("latency-not-stated", "circle")) == 1, "one published dot")
    points = page.within("roofline", "path", "dot")
    check(len(points) == 16, "a point for each of 16 rows under the roof: %d" % len(points))
    check(len(page.within("busy-decode", "rect")) == 4 * 160, "160 moments of four units")
    check(len(page.within("roles-decode", "rect")) == 3, "two roles that multiply, one that waits")
    check(len(page.within("commands-decode", "rect")) == 3, "a bar for each of three commands")
    # A dot for each number: two kinds of widths and one mixed; heads; studies; scores and shares, seeds averaged; rules and parts.
    for study, tag, marks in (("modules", "rect", 2), ("bits", "circle", 3), ("attention", "circle", 3), ("map-0", "rect", 6 + 2),
                              ("correlation", "circle", 1), ("importance", "circle", 4), ("widths", "circle", 6), ("not-yet-known", "circle", 2)):
        found = page.within("analyze-" + study, tag)
        check(len(found) == marks, "%d marks of %s: %d" % (marks, study, len(found)))
    lines = page.within("analyze-distributions", "path", "line")
    check(len(lines) == 4, "two lines in each of two panels: %d" % len(lines))
    spans = [(a.get("class") or "").split() for tag, a, ids, _ in page.tags if tag == "span" and "tokens-0" in ids]
    check(spans == [["eight", "prompt"], ["eight", "prompt"], ["between"], ["four"], []], "five tokens in the classes of their widths: %s" % spans)
    check(any(t == "<b>bold</b>" and tags[-1] == "span" for t, tags, _ in page.texts), "markup in a token is text")


def main():
    squat = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        files = {"compare": compare(), "profile": profile(), "generate": generate()}
        files.update({"eval%d" % i: e for i, e in enumerate(evals())})
        for name, content in files.items():
            (folder / (name + ".json")).write_text(json.dumps(content))
        for i, a in enumerate(analyses()):
            (folder / ("analyze%d.json" % i)).write_text(json.dumps(a))
        out = folder / "report.html"
        arguments = ["report", "--out", str(out), "--format", "json"]
        for option in ("compare", "profile", "generate"):
            arguments += ["--" + option, str(folder / (option + ".json"))]
        for i in range(4):
            arguments += ["--eval", str(folder / ("eval%d.json" % i))]
        for i in range(len(analyses())):
            arguments += ["--analyze", str(folder / ("analyze%d.json" % i))]
        result = run(squat, *arguments)
        check(result.returncode == 0, "squat report: " + result.stderr)
        answer = json.loads(result.stdout)
        check(answer["schema"] == "squat.report/1" and answer["bytes"] == out.stat().st_size and len(answer["results"]) == 7 + len(analyses()), "its result says what it wrote")
        check_file(out)

        # What cannot be drawn is refused by name, and nothing is written.
        for name, change, message in (
                ("schema", lambda c: c.update(schema="squat.bench/1"), 'expected "squat.compare/1", found "squat.bench/1"'),
                ("type", lambda c: c["results"][3].update(ms_per_token="fast"), "results[3].ms_per_token: expected a number, found string"),
                ("missing", lambda c: c["results"][0].pop("source"), "results[0].source: expected a text, found none"),
                ("array", lambda c: c.update(results={}), "results: expected an array, found object")):
            broken = compare()
            change(broken)
            (folder / "broken.json").write_text(json.dumps(broken))
            target = folder / ("no-" + name + ".html")
            result = run(squat, "report", "--out", str(target), "--compare", str(folder / "broken.json"))
            check(result.returncode == 3 and message in result.stderr and not target.exists(), "refused: " + result.stderr.strip())
        (folder / "broken.json").write_text('{"schema": "squat.compare/1", "schema": 1}')
        result = run(squat, "report", "--out", str(folder / "x.html"), "--compare", str(folder / "broken.json"))
        check(result.returncode == 3, "refused: " + result.stderr.strip())
        result = run(squat, "report", "--out", str(folder / "x.html"), "--profile", str(folder / "nowhere.json"))
        check(result.returncode == 3, "refused: " + result.stderr.strip())
        result = run(squat, "report", "--out", str(folder / "x.html"), "--text", str(folder / "nowhere"))
        check(result.returncode == 2, "refused: " + result.stderr.strip())
        check(run(squat, "report").returncode == 2, "--out is required")

        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if chromium is None:
            print("skipped: no Chromium here to draw the page with (Debian: apt-get install chromium)")
            return
        check_drawn(chromium, out)


if __name__ == "__main__":
    main()
