// Tables.
import { make } from "./dom.js";

/**
 * A head of one row.
 *
 * @param {string[]} words of each column
 */
export function tableHead(words) {
  const cells = words.map((word) => make("th", "", word, { scope: "col" }));
  return make("thead", "", undefined, {}, make("tr", "", undefined, {}, ...cells));
}

/**
 * A frame that scrolls, which the keyboard reaches too.
 *
 * @param {string} className
 * @param {string} label
 * @param {HTMLTableElement} table
 */
export function tableFrame(className, label, table) {
  return make("div", className, undefined, { tabindex: "0", role: "region", "aria-label": label }, table);
}
