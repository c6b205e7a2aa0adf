// SPDX-License-Identifier: Apache-2.0
"use strict";
// What every part of the report is built from. Data reach the page as text nodes and numbers only, never as markup.

// Seen by whoever tests the page: what went wrong while it was drawn.
const problems = [];
const report = (text) => {
  problems.push(text);
  document.documentElement.dataset.problems = problems.join(" | ");
};
addEventListener("error", (event) => report(event.message));
addEventListener("securitypolicyviolation", (event) => report("blocked: " + event.blockedURI));

const data = JSON.parse(document.getElementById("data").textContent);

function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const asText = (value) => (value === null || value === undefined ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value));

// Four significant digits, thousands apart, no exponent where none is needed.
function short(value) {
  if (!isNumber(value)) return asText(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2);
  return value.toLocaleString("en", size >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 });
}
const percent = (value) => (isNumber(value) ? (100 * value).toFixed(1) + " %" : "–");

// Different values in the order of their first appearance.
const distinct = (rows, key) => [...new Set(rows.map((row) => row[key]))];
const groups = (rows, key) => distinct(rows, key).map((value) => [value, rows.filter((row) => row[key] === value)]);

const colours = (names) => new Map(names.map((name, i) => [name, `var(--c${i % 14})`]));

function legend(colour) {
  return el("ul", { class: "legend" }, ...[...colour].map(([name, value]) => el("li", {}, el("i", { style: `background:${value}` }), name)));
}

function table(headers, rows) {
  const cell = (value) => (value instanceof Node ? el("td", { class: "text" }, value) : el("td", typeof value === "string" && value.length > 24 ? { class: "text" } : {}, short(value)));
  return el("div", { class: "scroll", tabindex: "0" },
    el("table", {}, el("thead", {}, el("tr", {}, ...headers.map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map(cell))))));
}

// The rows of an array of objects, whatever their fields.
function tableOf(rows, limit = 200) {
  const names = [...new Set(rows.slice(0, limit).flatMap((row) => Object.keys(row)))];
  return table(names.map((name) => name.replaceAll("_", " ")), rows.slice(0, limit).map((row) => names.map((name) => row[name])));
}

const folded = (title, ...children) => el("details", {}, el("summary", {}, title), ...children);

function section(id, title, ...intro) {
  const element = el("section", { id }, el("h2", {}, title), ...intro.map((text) => (text instanceof Node ? text : el("p", {}, text))));
  document.getElementById("main").append(element);
  document.getElementById("contents").append(el("a", { href: "#" + id }, title));
  return element;
}

const missing = (text) => el("p", { class: "missing" }, text);

const charts = [];

// A chart that is drawn anew when its width changes. `draw(width)` gives the options of Plot.plot.
function chart(parent, id, title, caption, colour, draw) {
  const figure = el("figure", { id }, el("figcaption", {}, el("b", {}, title), caption), colour ? legend(colour) : null);
  const place = el("div");
  figure.append(place);
  parent.append(figure);
  let drawn = 0;
  const redraw = () => {
    const width = Math.max(280, Math.min(place.clientWidth || 640, 1050));
    if (width === drawn) return;
    drawn = width;
    try {
      const options = draw(width);
      const svg = Plot.plot({ width, ariaLabel: title, ariaDescription: caption, ...options, style: { fontSize: "12px", ...(options.style || {}) } });
      place.replaceChildren(svg);
    } catch (error) {
      report(id + ": " + error.message);
      place.replaceChildren(missing("This chart could not be drawn: " + error.message));
    }
  };
  charts.push({ place, redraw });
  redraw();
  return figure;
}

let waiting = 0;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => charts.forEach(({ redraw }) => redraw()), 120);
});
addEventListener("beforeprint", () => document.querySelectorAll("main details").forEach((each) => { each.open = true; }));
