// SPDX-License-Identifier: Apache-2.0
"use strict";
// The order of the page.

function facts(rows) {
  const own = rows.filter((row) => row.source !== "published");
  const best = (some, key, sign) => some.filter((row) => isNumber(row[key])).sort((a, b) => sign * (a[key] - b[key]))[0];
  const items = [];
  for (const phase of ["decode", "prefill"]) {
    const row = best(own.filter((each) => each.phase === phase), "ms_per_token", 1);
    if (row) items.push([`${short(row.ms_per_token)} ms per token`, `fastest ${phase === "decode" ? "decoding" : "prompt"}: ${row.series}, ${row.setting}`]);
  }
  for (const [key, name] of [["speedup_fp16", "FP16"], ["speedup_w8a8", "W8A8"]]) {
    const row = best(own, key, -1);
    if (row && row[key] > 1) {
      items.push([`${row[key].toFixed(2)}× ${name}`, `largest gain over the same device's ${name}: ${row.series}, ${row.setting}, ${row.phase}`]);
      break;
    }
  }
  const row = best(own, "limit_share", -1);
  if (row) items.push([percent(row.limit_share), `nearest to its limit: ${row.series}, ${row.setting}, ${row.phase}`]);
  return el("ul", { class: "facts" }, ...items.map(([value, text]) => el("li", {}, el("strong", {}, value), el("span", {}, text))));
}

function comparisonSections() {
  const rows = data.compare ? withSeries(data.compare.results) : [];
  const own = rows.filter((row) => row.source !== "published");
  const shapes = distinct(own, "shape");
  const published = rows.filter((row) => row.source === "published" && (shapes.includes(row.shape) || !rows.some((each) => each.source === "published" && shapes.includes(each.shape))));
  const colour = colours(distinct(own, "series"));
  const place = section("comparison", "Comparison");
  if (rows.length === 0) {
    place.append(missing("No comparison was given: add --compare FILE, from squat compare --format json."));
  } else {
    const tokens = (phase) => (own.find((row) => row.phase === phase) || {}).tokens;
    place.append(facts(rows), el("p", {}, `Shape ${shapes.join(", ")}: a prompt of ${short(tokens("prefill"))} tokens, then ${short(tokens("decode") || 0)} decoded one by one. `,
      "What a time is stands behind the device's name: measured on this machine; rtl-simulated or estimated: cycles of the accelerator over an assumed clock; modelled; or published. Times of different kinds are not to be divided by each other."));
    for (const phase of ["prefill", "decode"]) {
      latencyChart(place, own, phase, colour);
      latencyTable(place, own, phase);
    }
    latencyChart(place, published, "not stated", colours(distinct(published, "series")));
    latencyTable(place, published, "not stated");
  }
  const quality = section("quality", "Quality against latency");
  if (data.quality.length === 0) {
    quality.append(missing("Needs a comparison and results of eval for its settings: add --eval FILE for each."));
  } else {
    quality.append(el("p", {}, `Time of the shape ${shapes.join(", ")}, quality of ${distinct(data.quality, "model").join(", ")}: one picture only where they are the same model's.`));
    qualityCharts(quality, data.quality);
    quality.append(folded("Every point in numbers", table(["device", "phase", "setting", "ms per token", "quality", "measure", "on the front"],
      data.quality.map((row) => [row.label, row.phase, row.setting, row.ms_per_token, row.quality, row.measure, row.front ? "yes" : "no"]))));
  }
  const roof = section("limits", "Roofline");
  if (own.length === 0) roof.append(missing("Needs a comparison: add --compare FILE."));
  else rooflineChart(roof, own);
}

function sourcesSection() {
  const place = section("sources", "Environment and commands");
  for (const { schema, from, command } of data.commands) {
    place.append(el("h3", {}, asText(schema)), el("pre", {}, command === null ? "squat does not say which command made " + asText(from) : asText(command)));
    if (command !== null && command !== from) place.append(el("p", { class: "quiet" }, "read from " + asText(from)));
  }
  for (const [name, object] of [["comparison", data.compare], ["profile", data.profile], ...data.analyze.map((study) => ["analysis of " + study.analysis, study])]) {
    if (!object || !object.environment) continue;
    place.append(folded("Environment of the " + name, table(["field", "value"], Object.entries(object.environment).map(([key, value]) => [key, asText(value)])),
      ...(Array.isArray(object.accelerators) ? [tableOf(object.accelerators)] : []),
      object.definition ? table(["term", "meaning"], Object.entries(object.definition).filter(([, value]) => typeof value === "string").map(([key, value]) => [key, value])) : null));
  }
}

document.getElementById("main").append(el("nav", { id: "contents", "aria-label": "Contents" }));
for (const part of [comparisonSections, profileSection, tokensSection, analyzeSection, sourcesSection]) {
  try {
    part();
  } catch (error) {
    report(part.name + ": " + error.message);
  }
}
document.documentElement.dataset.drawn = String(charts.length);
document.documentElement.dataset.width = `${document.documentElement.scrollWidth}/${innerWidth}`;
