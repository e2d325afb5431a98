// Fits the layout of a figure to the width of its place and to the size of type.

/** @import { Attributes, Trace } from "../types/plotly.js" */

const MOST_MARGIN = 0.42; // of the width: where names at the curves' ends would take more, they are left to the table
const NARROW = 560; // px
const MARGIN_WITHOUT_NAMES = 16; // px

/**
 * A copy of a layout for type of a size, and for so many pixels.
 *
 * @param {Attributes} original
 * @param {number} width pixels
 * @param {number} type factor by which type is larger than usual
 * @returns {Attributes}
 */
export function fitted(original, width, type) {
  const layout = structuredClone(original);
  for (const [side, pixels] of Object.entries(layout.margin ?? {})) layout.margin[side] = Math.round(type * pixels);
  for (const [name, axis] of Object.entries(layout)) {
    if (!/^[xy]axis/.test(name)) continue;
    if (axis.tickfont?.size) axis.tickfont.size *= type;
    if (width < NARROW && name === "xaxis" && axis.title) Object.assign(axis, { nticks: 4, tickangle: 0 });
  }
  return layout;
}

/**
 * Whether the names at the curves' ends would take the room of the curves.
 *
 * @param {Attributes} layout
 * @param {number} width pixels
 */
export function isCrowded(layout, width) {
  return (layout.margin?.r ?? 0) > MOST_MARGIN * width;
}

/**
 * Leave out the names at the curves' ends, and their room.
 *
 * @param {Trace[]} data
 * @param {Attributes} layout is changed
 */
export function withoutNames(data, layout) {
  layout.margin.r = MARGIN_WITHOUT_NAMES;
  return data.map((trace) => (trace.meta?.series?.role === "end" ? { ...trace, mode: "markers" } : trace));
}
