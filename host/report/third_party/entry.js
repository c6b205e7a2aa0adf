// The parts of Observable Plot that the report draws with; everything else stays out of the bundle.
export { plot, areaY, barX, dot, line, rectX, rectY, ruleX, ruleY, text, tip, pointer, cell, frame } from "@observablehq/plot";
