// SPDX-License-Identifier: Apache-2.0
"use strict";
// Latency by setting, quality against latency, and the roofline: everything drawn from compare and eval.

const phaseNames = { prefill: "Prompt (prefill)", decode: "Decoding", "not stated": "Published" };

// A logarithmic axis with some room at both ends: 1, 2, 3, 5 and 7 of every decade are labelled, fewer where there are many.
function logAxis(label, values) {
  const domain = [Math.min(...values) / 1.15, Math.max(...values) * 1.15];
  const decades = Math.log10(domain[1] / domain[0]);
  const ticks = [];
  for (let e = Math.floor(Math.log10(domain[0])); e <= Math.ceil(Math.log10(domain[1])); ++e) {
    for (const m of decades > 2.2 ? [1] : decades > 1 ? [1, 3] : decades > 0.4 ? [1, 2, 3, 5, 7] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9]) ticks.push(m * 10 ** e);
  }
  return { type: "log", label, domain, grid: true, tickFormat: short, ticks: ticks.filter((tick) => tick >= domain[0] && tick <= domain[1]) };
}

function latencyChart(parent, rows, phase, colour) {
  const all = rows.filter((row) => row.phase === phase && row.ms_per_token > 0);
  if (all.length === 0) return;
  const settings = data.compare.settings.filter((name) => all.some((row) => row.setting === name));
  const names = new Map([...colour].filter(([name]) => all.some((row) => row.series === name)));
  const values = all.map((row) => row.ms_per_token);
  chart(parent, "latency-" + phase.replace(" ", "-"), phaseNames[phase] + ": milliseconds per token",
    "Logarithmic scale, less is better. A line joins the settings of one device.", names, (width) => ({
      height: 76 + 34 * settings.length, marginLeft: 78, marginRight: 24, marginTop: 24,
      marginBottom: 46, x: { ...logAxis("ms per token", values), labelOffset: 40 },
      y: { domain: settings, label: null, type: "point", padding: 0.4 },
      color: { domain: [...names.keys()], range: [...names.values()] },
      marks: [
        Plot.line(all, { x: "ms_per_token", y: "setting", stroke: "series", z: "series", strokeOpacity: 0.55, sort: (row) => settings.indexOf(row.setting) }),
        Plot.dot(all, { x: "ms_per_token", y: "setting", fill: "series", r: width < 500 ? 4 : 5,
          title: (row) => `${row.series}\n${row.setting}: ${short(row.ms_per_token)} ms per token`, tip: true }),
      ],
    }));
}

function latencyTable(parent, rows, phase) {
  const some = rows.filter((row) => row.phase === phase);
  if (some.length === 0) return;
  const settings = data.compare.settings;
  const line = (series, cells, pick) => [series, ...settings.map((name) => pick(cells.find((row) => row.setting === name)))];
  const lines = (pick) => groups(some, "series").map(([series, cells]) => line(series, cells, (row) => (row ? pick(row) : null)));
  const headers = (unit) => [unit, ...settings];
  parent.append(el("h3", {}, phaseNames[phase] + " in numbers"), table(headers("ms per token"), lines((row) => row.ms_per_token)));
  const faster = (row) => (isNumber(row.speedup_fp16) ? row.speedup_fp16.toFixed(2) + "×" : isNumber(row.speedup_w8a8) ? row.speedup_w8a8.toFixed(2) + "×*" : null);
  const limit = (row) => (row.limit ? `${row.limit} ${Math.round(100 * row.limit_share)} %` : null);
  const more = [];
  const add = (unit, pick) => {
    const found = lines(pick);
    if (found.some((cells) => cells.slice(1).some((value) => value !== null && value !== undefined))) more.push(table(headers(unit), found));
  };
  if (phase === "prefill") add("first token, ms", (row) => row.first_token_ms);
  if (phase === "decode") add("tokens per second", (row) => row.tokens_per_second);
  add("MB per token", (row) => (isNumber(row.moved_bytes_per_token) ? row.moved_bytes_per_token : row.bytes_per_token) / 1e6 || null);
  add("limit, share reached", limit);
  parent.append(el("p", { class: "quiet" }, "Times as fast as the same device's FP16 row of equal context; with *, as its W8A8 row, where the device has no FP16."), table(headers("speed-up"), lines(faster)));
  if (more.length > 0) parent.append(folded("First token, tokens per second, bytes and limits", ...more));
}

// Quality against time, one chart for each measure and phase; the front is joined by a line.
function qualityCharts(parent, rows) {
  for (const [measure, ofMeasure] of groups(rows, "measure")) {
    for (const [phase, some] of groups(ofMeasure, "phase")) {
      const colour = colours(distinct(some, "label"));
      const lower = some[0].lower_is_better, name = measure.split(",")[0];
      const front = some.filter((row) => row.front).sort((a, b) => a.ms_per_token - b.ms_per_token);
      chart(parent, "quality-" + name + "-" + phase, `${phaseNames[phase] || phase}: ${name} against time`,
        `${measure}. ${lower ? "Down" : "Up"} and to the left is better; filled points are not beaten in both by any other of their device, a line joins them.`, colour, (width) => ({
          height: Math.min(420, 120 + width / 3), marginLeft: 56, marginRight: width < 500 ? 40 : 70, grid: true,
          marginBottom: 46, x: { ...logAxis("ms per token", some.map((row) => row.ms_per_token)), labelOffset: 40 },
          y: { label: name, nice: true, zero: false, tickFormat: short },
          color: { domain: [...colour.keys()], range: [...colour.values()] },
          marks: [
            Plot.line(front, { x: "ms_per_token", y: "quality", stroke: "label", z: "label", strokeOpacity: 0.6 }),
            Plot.dot(some, { x: "ms_per_token", y: "quality", stroke: "label", fill: (row) => (row.front ? colour.get(row.label) : "none"), r: 5,
              title: (row) => `${row.label}\n${row.setting}: ${short(row.quality)}, ${short(row.ms_per_token)} ms per token\n${row.model}`, tip: true }),
            Plot.text(front, { x: "ms_per_token", y: "quality", text: "setting", dx: 8, dy: -9, textAnchor: "start", fill: "currentColor", fontSize: 10.5 }),
          ],
        }));
    }
  }
}

function rooflineChart(parent, rows) {
  const points = rows.filter((row) => row.macs_per_token > 0 && row.bytes_per_token > 0 && row.limit)
    .map((row) => ({ ...row, intensity: row.macs_per_token / row.bytes_per_token, rate: (row.macs_per_token * 1e-6) / row.ms_per_token }));
  if (points.length === 0) return parent.append(missing("No row has a known limit."));
  const colour = colours(distinct(points, "series"));
  const low = Math.min(...points.map((row) => row.intensity)) / 2, high = Math.max(...points.map((row) => row.intensity)) * 2;
  const roofs = groups(points, "series").flatMap(([series, some]) => {
    const memory = Math.max(...some.map((row) => row.memory_gb_per_s)), compute = Math.max(...some.map((row) => row.compute_gmac_per_s));
    const ridge = Math.min(high, Math.max(low, compute / memory));
    return [low, ridge, high].map((intensity) => ({ series, intensity, rate: Math.min(compute, memory * intensity) }));
  });
  chart(parent, "roofline", "How near the limit",
    "Both scales logarithmic. Each line is a device's roof: memory on the slope, its fastest products on the flat part. Circles are prompts, diamonds decoded tokens; the nearer the roof, the less is left to gain.", colour, (width) => ({
      height: Math.min(460, 140 + width / 3), marginLeft: 60, marginRight: 20, grid: true,
      marginBottom: 46, x: { ...logAxis("multiply-adds per byte", [low, high]), labelOffset: 40 },
      y: logAxis("billion multiply-adds per second", points.concat(roofs).map((row) => row.rate)),
      color: { domain: [...colour.keys()], range: [...colour.values()] },
      marks: [
        Plot.line(roofs, { x: "intensity", y: "rate", stroke: "series", z: "series", strokeWidth: 1.5 }),
        Plot.dot(points, { x: "intensity", y: "rate", fill: "series", r: 4.5, symbol: (row) => (row.phase === "decode" ? "diamond" : "circle"),
          title: (row) => `${row.series}\n${row.setting}, ${row.phase}: ${short(row.rate)} billion per second\n${percent(row.limit_share)} of the ${row.limit} limit`, tip: true }),
      ],
      symbol: { type: "identity" },
    }));
}

// "label" names a device; published rows of several shapes need the shape too.
function withSeries(rows) {
  return rows.map((row) => ({ ...row, series: row.source === "published" ? `${row.label}, ${row.shape}` : row.label }));
}
