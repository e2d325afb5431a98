// Numbers of figures as CSV.

/** @import { Trace } from "../types/plotly.js" */

/** @typedef {string | number | null | undefined} Cell */
/** @typedef {Cell[][]} Rows the first names the columns */

const NO_DATA = ["end", "ends", "ticks", "rest"]; // roles of traces that are words and marks

/**
 * @param {Rows} rows
 */
export function csv(rows) {
  return rows.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");
}

/**
 * A cell that begins like a formula would be run by a spreadsheet: an apostrophe in front makes it text.
 *
 * @param {Cell} value
 */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * The numbers of drawn traces, as Plotly holds them.
 *
 * @param {Trace[]} drawn
 * @returns {Rows}
 */
export function rowsOfTraces(drawn) {
  const traces = drawn.filter((trace) => trace.visible !== false);
  const isHeatmap = traces.some((trace) => trace.type === "heatmap");
  const head = isHeatmap ? ["series", "role", "column", "row", "value"] : ["series", "role", "x", "y"];
  return [head, ...traces.flatMap(rowsOfTrace)];
}

/**
 * Numbers of a trace as they are drawn; Plotly keeps numbers that came as bytes decoded in its own copy.
 *
 * @param {Trace} trace
 * @returns {Rows}
 */
function rowsOfTrace(trace) {
  const { label, of, role = "", y: column } = trace.meta?.series ?? {};
  const name = label || (of === "metrics" || of === "replicates" ? column : trace.name) || "";
  if (NO_DATA.includes(role)) return [];
  if (trace.type === "heatmap") return rowsOfHeatmap(trace, name, role);
  const y = Array.from(trace.y ?? []);
  const x = trace.x ? Array.from(trace.x) : y.map((_, i) => trace.x0 + i * trace.dx);
  if (of === "replicates") return rowsOfReplicates(name, x, y);
  const [first, second] = trace.orientation === "h" ? [y, x] : [x, y];
  return x.map((_, i) => [name, role, first[i], second[i]]);
}

/**
 * @param {Trace} trace
 * @param {string} name
 * @param {string} role
 * @returns {Rows}
 */
function rowsOfHeatmap(trace, name, role) {
  const z = /** @type {ArrayLike<number>[]} */ (Array.from(trace.z ?? []));
  /** @type {(axis: "x" | "y", start: number | undefined, i: number) => Cell} */
  const at = (axis, start, i) => (trace[axis] ? trace[axis][i] : (start ?? 0) + i);
  return z.flatMap((line, y) =>
    Array.from(line, (value, x) => [name, role, at("x", trace.x0, x), at("y", trace.y0, y), value]),
  );
}

/**
 * Curves of one trace, with gaps between them.
 *
 * @param {string} name
 * @param {Cell[]} x
 * @param {Cell[]} y
 */
function rowsOfReplicates(name, x, y) {
  /** @type {Rows} */
  const rows = [];
  let replicate = 1;
  for (const [i, at] of x.entries()) {
    if (at === null) replicate += 1;
    else rows.push([name, `replicate ${replicate}`, at, y[i]]);
  }
  return rows;
}
