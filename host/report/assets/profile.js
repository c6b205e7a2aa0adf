// SPDX-License-Identifier: Apache-2.0
"use strict";
// Where the accelerator's cycles go: by role, over time, and command by command.

const unitNames = { load: "weight loader", gemm: "array", vec: "vector unit", io: "input, output" };
const causes = [["gemm_busy", "array multiplies"], ["weight_stall", "array waits for weights"], ["drain_stall", "array waits for accumulators"],
  ["vec_busy", "vector unit works"], ["io_busy", "input, output works"]];

function roleChart(parent, name, phase, rows) {
  const parts = rows.flatMap((row) => causes.map(([key, cause]) => ({ role: row.role, cause, cycles: row[key] }))).filter((part) => part.cycles > 0);
  if (parts.length === 0) return;
  const colour = colours(causes.map(([, cause]) => cause));
  const total = (role) => parts.filter((part) => part.role === role).reduce((sum, part) => sum + part.cycles, 0);
  const roles = distinct(parts, "role").sort((a, b) => total(b) - total(a));
  const most = Math.max(...roles.map(total));
  const unit = most >= 2e6 ? [1e6, "million cycles"] : most >= 2e3 ? [1e3, "thousand cycles"] : [1, "cycles"];
  chart(parent, `roles-${phase}`, `${name}, ${phaseNames[phase] || phase}: work and stalls by role`,
    "All layers together. Units work at the same time, so bars do not add up to the run's length.", colour, () => ({
      height: 76 + 24 * roles.length, marginLeft: 106, marginRight: 20,
      marginBottom: 46, x: { label: unit[1], labelOffset: 40, grid: true, tickFormat: short }, y: { domain: roles, label: null },
      color: { domain: [...colour.keys()], range: [...colour.values()] },
      marks: [Plot.barX(parts, { x: (part) => part.cycles / unit[0], y: "role", fill: "cause", order: [...colour.keys()],
        title: (part) => `${part.role}: ${part.cause}, ${short(part.cycles)} cycles`, tip: true }), Plot.ruleX([0])],
    }));
}

function busyChart(parent, name, phase, rows) {
  const units = Object.keys(unitNames).filter((unit) => rows.some((row) => row.unit === unit));
  const last = Math.max(...rows.map((row) => row.end));
  const scale = last >= 2e6 ? [1e6, "million cycles"] : last >= 2e3 ? [1e3, "thousand cycles"] : [1, "cycles"];
  const shown = rows.map((row) => ({ ...row, name: unitNames[row.unit] }));
  const colour = colours(units.map((unit) => unitNames[unit]));
  chart(parent, `busy-${phase}`, `${name}, ${phaseNames[phase] || phase}: busy units over time`,
    "The first pass, from start to done; height is the share of a moment's cycles in which the unit was busy.", null, () => ({
      height: 70 + 62 * units.length, marginLeft: 48, marginRight: 20, marginTop: 30,
      marginBottom: 46, x: { label: scale[1], labelOffset: 40, tickFormat: short }, y: { domain: [0, 1], ticks: [0, 1], tickFormat: (value) => 100 * value + " %", label: null },
      fy: { domain: units.map((unit) => unitNames[unit]), label: null, axis: null, padding: 0.35 },
      color: { domain: [...colour.keys()], range: [...colour.values()] },
      marks: [
        Plot.rectY(shown, { x1: (row) => row.start / scale[0], x2: (row) => row.end / scale[0], y: "busy", fy: "name", fill: "name", inset: -0.2 }),
        Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
        Plot.text([...colour.keys()], { fy: (unit) => unit, text: (unit) => unit, frameAnchor: "top-left", dy: -14, fontWeight: 600 }),
      ],
    }));
}

function commandChart(parent, name, phase, rows) {
  const units = Object.keys(unitNames).filter((unit) => rows.some((row) => row.unit === unit)).map((unit) => unitNames[unit]);
  const roles = distinct(rows, "role");
  const colour = colours(roles);
  const start = Math.min(...rows.map((row) => row.start));
  chart(parent, `commands-${phase}`, `${name}, ${phaseNames[phase] || phase}: the commands of layer ${rows[0].layer}`,
    "One bar is one command, from acceptance to done. Touch a bar for its head and stalls.", colour, () => ({
      height: 70 + 40 * units.length, marginLeft: 96, marginRight: 20,
      marginBottom: 46, x: { label: "thousand cycles of this layer", labelOffset: 40, tickFormat: short }, y: { domain: units, label: null },
      color: { domain: roles, range: roles.map((role) => colour.get(role)) },
      marks: [Plot.barX(rows, { x1: (row) => (row.start - start) / 1e3, x2: (row) => (row.end - start) / 1e3, y: (row) => unitNames[row.unit], fill: "role",
        stroke: "var(--page)", strokeWidth: 0.3, title: (row) => `${row.role}${row.head === null ? "" : ", head " + row.head}\n${short(row.end - row.start)} cycles, waits ${short(row.weight_stall)} for weights, ${short(row.drain_stall)} for accumulators`, tip: true })],
    }));
}

function profileSection() {
  const place = section("profile", "Where the accelerator's cycles go");
  const profile = data.profile;
  if (!profile) return place.append(missing("No profile was given: add --profile FILE, from squat bench --device sim --profile --format json."));
  const key = (row) => `${row.device} ${row.phase}`;
  const all = (rows) => [...new Set((rows || []).map(key))];
  for (const each of all(profile.roles)) {
    const of = (rows) => (rows || []).filter((row) => key(row) === each);
    const roles = of(profile.roles), { device, phase } = roles[0];
    const timeline = of(profile.timeline), commands = of(profile.layer_commands);
    if (timeline.length > 0) busyChart(place, device, phase, timeline);
    roleChart(place, device, phase, roles);
    if (commands.length > 0) commandChart(place, device, phase, commands);
    place.append(folded(`${device}, ${phase}: every role in numbers`, tableOf(roles.map(({ device: d, phase: p, role, ...rest }) => ({ role, ...rest })))));
  }
  const linear = profile.linear || [];
  if (Array.isArray(linear) && linear.length > 0) {
    place.append(el("h3", {}, "Linear layers"), table(["device, phase", "MAC use", "at least", "waits for weights", "waits for accumulators"],
      linear.map((row) => [`${row.device}, ${row.phase}`, percent(row.mac_use), percent(row.mac_use_least), row.weight_stall, row.drain_stall])));
  }
}
