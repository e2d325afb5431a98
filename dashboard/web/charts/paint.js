// Colours of a trace: it notes roles (dashboard/figures/traces.py), which the scheme in view turns into colours.
import { colour } from "../core/theme.js";

/** @import { Trace } from "../types/plotly.js" */

/**
 * Paths of the coloured attributes of a trace, as in "marker.line.color", and their colours.
 *
 * @param {Trace} trace
 * @returns {[string, string][]}
 */
export function paints(trace) {
  return Object.entries(trace.meta?.paint ?? {}).map(([path, role]) => [path, colour(role)]);
}

/**
 * A copy of a trace in the colours of the scheme in view.
 *
 * @param {Trace} trace
 * @returns {Trace}
 */
export function painted(trace) {
  const copy = structuredClone(trace);
  for (const [path, value] of paints(trace)) setIn(copy, path.split("."), value);
  return copy;
}

/**
 * Set a value inside an object; what is missing on the way is made.
 *
 * @param {Record<string, any>} object
 * @param {string[]} path
 * @param {unknown} value
 */
export function setIn(object, path, value) {
  let part = object;
  for (const name of path.slice(0, -1)) {
    part[name] ??= {};
    part = part[name];
  }
  part[path[path.length - 1]] = value;
}
