// Words for the status of a run, from the server.
import { make } from "./dom.js";
import { pageData } from "./page_data.js";

/** @import { RunStatus } from "../types/schemas.js" */

/** @param {RunStatus} status */
export const statusWord = (status) => pageData().statuses[status].word;

/**
 * Every status and its word.
 *
 * @returns {[RunStatus, string][]}
 */
export function statusWords() {
  const statuses = Object.entries(pageData().statuses);
  return statuses.map(([status, { word }]) => [/** @type {RunStatus} */ (status), word]);
}

/**
 * Whether nothing more will happen to a run by itself.
 *
 * @param {RunStatus} status
 */
export const isFinal = (status) => pageData().statuses[status].is_final;

/**
 * The word of a status with its mark, as dashboard/components/status.py makes it.
 *
 * @param {RunStatus} status
 */
export function statusBadge(status) {
  const parts = [make("span", "mark"), make("span", "word", statusWord(status))];
  return make("span", "status", undefined, { "data-status": status }, ...parts);
}
