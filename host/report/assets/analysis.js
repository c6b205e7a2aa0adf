// SPDX-License-Identifier: Apache-2.0
"use strict";
// Tokens coloured by their width, and what analyze found.

function widthClass(eight, layers) {
  if (!isNumber(eight) || !(layers > 0)) return ["", "not run"];
  const share = eight / layers;
  return [share >= 2 / 3 ? "eight" : share <= 1 / 3 ? "four" : "between", `8 bit in ${eight} of ${layers} layers`];
}

function tokensSection() {
  const place = section("tokens", "Tokens by width", "The share of layers in which a token's activations have 8 bits.");
  if (data.texts.length === 0) return place.append(missing("No text was given: add --generate FILE, from squat generate --format json."));
  place.append(el("p", {}, el("span", { class: "key eight" }, "8 bit in two thirds or more"), el("span", { class: "key between" }, "between"),
    el("span", { class: "key four" }, "8 bit in a third or less")));
  data.texts.forEach((text, index) => {
    const prompt = Array.isArray(text.prompt_ids) ? text.prompt_ids.length : 0;
    place.append(el("h3", {}, asText(text.model)), el("p", { class: "tokens", id: "tokens-" + index },
      ...text.tokens.map((token, i) => {
        const [name, title] = widthClass(token.eight_bit_layers, text.layers);
        return el("span", { class: name + (i < prompt ? " prompt" : ""), title }, token.text);
      })), el("p", { class: "quiet" }, `The prompt is bold. ${percent(text.eight_bit_share)} of all widths are 8 bit; device ${asText(text.device)}.`));
  });
}

const isTable = (value) => Array.isArray(value) && value.length > 0 && value.every((row) => row !== null && typeof row === "object" && !Array.isArray(row));

// Numbers by name: one bar for each row of a table whose rows have one text and one number that say what they are.
function barsOf(parent, id, title, rows, name, value) {
  const shown = rows.filter((row) => isNumber(row[value])).slice(0, 40);
  if (shown.length === 0) return;
  const colour = colours([value]);
  chart(parent, id, title, `${value} by ${name}.`, null, () => ({
    height: 66 + 22 * new Set(shown.map((row) => asText(row[name]))).size, marginLeft: 120, marginRight: 30,
    marginBottom: 46, x: { label: value, labelOffset: 40, grid: true, tickFormat: short }, y: { label: null, domain: [...new Set(shown.map((row) => asText(row[name])))] },
    marks: [Plot.barX(shown, { x: value, y: (row) => asText(row[name]), fill: colour.get(value), title: (row) => `${asText(row[name])}: ${short(row[value])}`, tip: true }), Plot.ruleX([0])],
  }));
}

function analyzeObject(parent, object, path) {
  const single = Object.entries(object).filter(([, value]) => value === null || typeof value !== "object");
  if (single.length > 0) parent.append(table(["field", "value"], single.map(([name, value]) => [name, typeof value === "number" ? value : asText(value)])));
  for (const [name, value] of Object.entries(object)) {
    if (value === null || typeof value !== "object" || name === "environment") continue;
    const title = name.replaceAll("_", " ");
    if (isTable(value)) {
      parent.append(el("h3", {}, title));
      const texts = Object.keys(value[0]).filter((key) => typeof value[0][key] === "string");
      const numbers = Object.keys(value[0]).filter((key) => isNumber(value[0][key]) && !/^(layer|head|seed|pairs|tokens|weight_bits)$/.test(key));
      if (texts.length > 0 && numbers.length > 0) barsOf(parent, `analyze-${path}${name}`, title, value, texts[0], numbers[0]);
      parent.append(folded(`${value.length} rows`, tableOf(value)));
    } else if (!Array.isArray(value)) {
      parent.append(el("h3", {}, title));
      analyzeObject(parent, value, path + name + "-");
    } else if (value.length > 0) {
      parent.append(el("p", {}, `${title}: ${value.map(short).join(", ")}`));
    }
  }
}

function analyzeSection() {
  const place = section("analyze", "Why: analysis of the model");
  if (!data.analyze) return place.append(missing("No analysis was given: add --analyze FILE, from squat analyze --format json."));
  const { schema, ...rest } = data.analyze;
  analyzeObject(place, rest, "");
}
