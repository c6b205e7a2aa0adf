// SPDX-License-Identifier: Apache-2.0
"use strict";
// Tokens coloured by their width.

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
