// A short line as a curve is drawn, for legends and tables.
import { make } from "../core/dom.js";

/** @import { LineStyle } from "../types/schemas.js" */

/**
 * A style sheet can't name a class after lengths.
 *
 * @type {Record<string, string>}
 */
const DASH_NAMES = { "2px,8px": "sparse" };

/**
 * A short line as a group's curve is drawn.
 *
 * @param {LineStyle} style
 */
export function swatch({ colour, dash }) {
  const element = make("span", `swatch dash-${DASH_NAMES[dash] ?? dash}`, undefined, { "aria-hidden": "true" });
  element.style.setProperty("--series", `var(--${colour.replaceAll("_", "-")})`);
  return element;
}
