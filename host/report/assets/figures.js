// SPDX-License-Identifier: Apache-2.0
"use strict";
// The figures of analyze: one function for each analysis, from its rows.

const plainAxis = (label, more) => ({ label, labelOffset: 40, grid: true, tickFormat: short, ...more });

const figures = {
  modules(parent, study) {
    const rows = study.rows.filter((row) => isNumber(row.increase));
    chart(parent, "analyze-modules", "Sensitivity by module", `Perplexity above the floating-point model's ${short(study.perplexity)} when only this is rounded (weights and activations).`, null, () => ({
      height: 76 + 30 * rows.length, marginLeft: 168, marginRight: 60, marginBottom: 46, x: plainAxis("perplexity added", { nice: true }), y: { domain: rows.map((row) => row.rounded), label: null },
      marks: [Plot.barX(rows, { x: "increase", y: "rounded", fill: "var(--c0)", title: (row) => `${row.rounded}: +${short(row.increase)}, together ${short(row.perplexity)}`, tip: true }),
        Plot.text(rows, { x: (row) => Math.max(0, row.increase), y: "rounded", text: (row) => short(row.increase), textAnchor: "start", dx: 5, fill: "currentColor" }), Plot.ruleX([0])],
    }));
  },

  bits(parent, study) {
    const rows = study.rows.filter((row) => isNumber(row.mean_bits)).map((row) => ({ ...row, kind: row.activations === "mixed" ? "8 and 4 bits mixed" : "uniform" }));
    const colour = colours(distinct(rows, "kind"));
    chart(parent, "analyze-bits", "Mixed against uniform widths", "Perplexity over the mean number of bits of an activation.", colour, (width) => ({
      height: Math.min(360, 130 + width / 3), marginLeft: 56, marginBottom: 46, marginRight: 20, grid: true, x: plainAxis("mean bits of activations"), y: { label: "perplexity", tickFormat: short, nice: true },
      color: { domain: [...colour.keys()], range: [...colour.values()] },
      marks: [Plot.line(rows, { x: "mean_bits", y: "perplexity", stroke: "kind", z: "kind", sort: "mean_bits" }), Plot.dot(rows, { x: "mean_bits", y: "perplexity", fill: "kind", r: 5, title: (row) => `${row.kind}\n${short(row.mean_bits)} bits: ${short(row.perplexity)}`, tip: true })],
    }));
  },

  distributions(parent, study) {
    const colour = new Map([["before rounding", "var(--c0)"], ["after rounding", "var(--c1)"]]);
    const rows = (study.histograms || []).flatMap((histogram) => [["before rounding", histogram.before], ["after rounding", histogram.after]].filter(([, values]) => Array.isArray(values))
      .flatMap(([when, values]) => values.map((share, i) => ({ panel: `layer ${histogram.layer}, ${histogram.tensor}`, when, at: (i - (values.length - 1) / 2) * study.bin_width, share }))));
    const panels = distinct(rows, "panel");
    if (panels.length === 0) return;
    chart(parent, "analyze-distributions", "Queries and keys", "Share of values by distance from the mean, in standard deviations, all heads of a layer.", colour, () => ({
      height: 60 + 66 * panels.length, marginLeft: 40, marginRight: 16, marginBottom: 46, marginTop: 26, x: plainAxis("standard deviations"), y: { axis: null }, fy: { domain: panels, axis: null, padding: 0.35 },
      color: { domain: [...colour.keys()], range: [...colour.values()] },
      marks: [Plot.areaY(rows.filter((row) => row.when === "before rounding"), { x: "at", y: "share", fy: "panel", fill: "when", fillOpacity: 0.35 }),
        Plot.line(rows, { x: "at", y: "share", fy: "panel", stroke: "when", z: "when" }), Plot.ruleY([0], { strokeOpacity: 0.4 }),
        Plot.text(panels, { fy: (panel) => panel, text: (panel) => panel, frameAnchor: "top-left", dy: -12, fontWeight: 600 })],
    }));
  },

  attention(parent, study) {
    const rows = study.rows.filter((row) => isNumber(row.first_column) && isNumber(row.first_column_rounded)).map((row) => ({ ...row, name: "layer " + row.layer }));
    const colour = colours(distinct(rows, "name"));
    const most = Math.max(...rows.flatMap((row) => [row.first_column, row.first_column_rounded]));
    chart(parent, "analyze-attention", "Attention to the first token", "Mean probability of the first token in each head, rounded against floating point. On the line nothing changed; below it the first column fades.", colour, (width) => ({
      height: Math.min(420, 130 + width / 2), marginLeft: 60, marginBottom: 46, marginRight: 20, grid: true, x: plainAxis("floating point"), y: { label: "rounded", tickFormat: short },
      color: { domain: [...colour.keys()], range: [...colour.values()] },
      marks: [Plot.line([[0, 0], [most, most]], { stroke: "currentColor", strokeOpacity: 0.5, strokeDasharray: "4 4" }),
        Plot.dot(rows, { x: "first_column", y: "first_column_rounded", fill: "name", r: 5, title: (row) => `layer ${row.layer}, head ${row.head}\n${short(row.first_column)} to ${short(row.first_column_rounded)}\ncosine of the maps ${short(row.cosine)}`, tip: true })],
    }));
    const shownTokens = 48;  // a rectangle for each pair: more would be too many for a page
    (study.maps || []).slice(0, 6).forEach((map, index) => {
      const cells = ["float", "rounded"].flatMap((kind) => map[kind].slice(0, shownTokens).flatMap((line, query) => line.slice(0, query + 1)
        .map((value, key) => ({ kind: kind === "float" ? "floating point" : "rounded", query, key, value }))));
      chart(parent, "analyze-map-" + index, `Attention map, layer ${map.layer}`, `Queries downwards, keys to the right, the first ${Math.min(shownTokens, map.float.length)} tokens; fuller colour is more attention (square root).`, null, (width) => ({
        height: 60 + Math.min(width - 60, 760) / 2, width: Math.min(width, 760), marginLeft: 40, marginBottom: 34, x: { label: "key", ticks: [], type: "band", padding: 0 }, y: { label: "query", ticks: [], type: "band", padding: 0 }, fx: { label: null },
        marks: [Plot.frame({ strokeOpacity: 0.3 }), Plot.cell(cells, { x: "key", y: "query", fx: "kind", fill: "var(--c0)", fillOpacity: (cell) => Math.sqrt(cell.value) })],
      }));
    });
  },

  correlation(parent, study) {
    const rows = study.rows.filter((row) => isNumber(row.pearson)).map((row) => ({ ...row, name: `${row.x} ~ ${row.y}` }));
    chart(parent, "analyze-correlation", "Does entropy go with smaller errors?", "Pearson's correlation over all heads with its 95 % interval; left of 0 more entropy goes with smaller errors.", null, () => ({
      height: 70 + 52 * rows.length, marginLeft: 16, marginRight: 16, marginBottom: 46, x: plainAxis("correlation", { domain: [-1, 1] }), y: { domain: rows.map((row) => row.name), axis: null },
      marks: [Plot.ruleX([0]), Plot.ruleY(rows.filter((row) => isNumber(row.low) && isNumber(row.high)), { y: "name", x1: "low", x2: "high", stroke: "var(--c0)", strokeWidth: 2 }),
        Plot.dot(rows, { x: "pearson", y: "name", fill: "var(--c0)", r: 5, title: (row) => `${row.name}\n${short(row.pearson)} (${short(row.low)} to ${short(row.high)}), ${row.heads} heads`, tip: true }),
        Plot.text(rows, { y: "name", text: "name", frameAnchor: "left", dy: -16, fontSize: 11 })],
    }));
  },

  importance(parent, study) {
    const means = groups(study.rows.filter((row) => isNumber(row.perplexity) && isNumber(row.rho)), "score").flatMap(([score, some]) =>
      groups(some, "rho").map(([rho, same]) => ({ score, rho, perplexity: same.reduce((sum, row) => sum + row.perplexity, 0) / same.length, seeds: same.length })));
    const colour = colours(distinct(means, "score"));
    chart(parent, "analyze-importance", "Does the score choose well?", "Perplexity over the share of 8-bit tokens, when each score chooses them; mean over seeds.", colour, (width) => ({
      height: Math.min(400, 140 + width / 3), marginLeft: 56, marginBottom: 46, marginRight: 20, grid: true, x: plainAxis("share of 8-bit tokens"), y: { label: "perplexity", tickFormat: short, nice: true },
      color: { domain: [...colour.keys()], range: [...colour.values()] },
      marks: [Plot.line(means, { x: "rho", y: "perplexity", stroke: "score", z: "score", sort: "rho" }), Plot.dot(means, { x: "rho", y: "perplexity", fill: "score", r: 4, title: (row) => `${row.score}\n${percent(row.rho)} 8 bit: ${short(row.perplexity)} (${row.seeds} seeds)`, tip: true })],
    }));
  },

  widths(parent, study) {
    const rhos = distinct(study.rows, "rho"), rho = rhos.includes(0.5) ? 0.5 : rhos[0];
    const rows = groups(study.rows.filter((row) => row.rho === rho && Array.isArray(row.by_position)), "rule").flatMap(([rule, layers]) =>
      layers[0].by_position.map((unused, part) => ({ rule, at: (part + 0.5) / layers[0].by_position.length, share: layers.reduce((sum, row) => sum + row.by_position[part], 0) / layers.length })));
    const colour = colours(distinct(rows, "rule"));
    chart(parent, "analyze-widths", "Which tokens get 8 bits?", `Share of 8-bit tokens along the window, mean of all layers, for each rule; wanted ${percent(rho)}.`, colour, (width) => ({
      height: Math.min(380, 130 + width / 3), marginLeft: 50, marginBottom: 46, marginRight: 20, grid: true, x: plainAxis("position in the window", { domain: [0, 1], tickFormat: (at) => 100 * at + " %" }), y: { domain: [0, 1], label: "share of 8-bit tokens", tickFormat: (share) => Math.round(100 * share) + " %" },
      color: { domain: [...colour.keys()], range: [...colour.values()] },
      marks: [Plot.ruleY([rho], { strokeDasharray: "4 4", strokeOpacity: 0.6 }), Plot.line(rows, { x: "at", y: "share", stroke: "rule", z: "rule" }), Plot.dot(rows, { x: "at", y: "share", fill: "rule", r: 3.5, title: (row) => `${row.rule}: ${percent(row.share)}`, tip: true })],
    }));
  },
};

// Numbers by name, for an analysis without a figure of its own: a bar for each row, of its last number.
function barsOf(parent, id, title, rows) {
  const texts = Object.keys(rows[0]).filter((key) => typeof rows[0][key] === "string"), numbers = Object.keys(rows[0]).filter((key) => isNumber(rows[0][key]));
  if (texts.length === 0 || numbers.length === 0) return;
  const name = (row) => texts.map((key) => asText(row[key])).join(", "), value = numbers.includes("perplexity") ? "perplexity" : numbers[numbers.length - 1];
  const shown = rows.filter((row) => isNumber(row[value])).slice(0, 40);
  chart(parent, id, title, `${value} by ${texts.join(", ")}.`, null, () => ({
    height: 76 + 26 * new Set(shown.map(name)).size, marginLeft: 160, marginRight: 20, marginBottom: 46, x: plainAxis(value), y: { label: null, domain: [...new Set(shown.map(name))] },
    marks: [Plot.dot(shown, { x: value, y: name, fill: "var(--c0)", r: 5, title: (row) => `${name(row)}: ${short(row[value])}`, tip: true })],
  }));
}

function analyzeSection() {
  const place = section("analyze", "Why: analysis of the model");
  if (data.analyze.length === 0) return place.append(missing("No analysis was given: add --analyze FILE for each study, from squat analyze STUDY --format json."));
  for (const study of data.analyze) {
    const title = study.analysis.replaceAll("_", " ");
    if (Object.hasOwn(figures, study.analysis)) figures[study.analysis](place, study);
    else if (study.rows.length > 0) barsOf(place, "analyze-" + study.analysis.replace(/[^a-z]/g, "-"), title, study.rows);
    const { schema, rows, histograms, maps, definition, environment, command, ...about } = study;
    place.append(folded(`${title}: ${rows.length} rows`, table(["field", "value"], Object.entries(about).map(([name, value]) => [name, isNumber(value) ? value : asText(value)])), rows.length > 0 ? tableOf(rows) : null));
  }
}
