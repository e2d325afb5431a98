// State of the page of the comparison as a query: what is compared and how. dashboard/comparison/address.py reads it.

/** @import { CompareState } from "../types/schemas.js" */

/** @type {Pick<CompareState, "metric" | "x" | "statistic" | "smoothing">} */
const DEFAULTS = { metric: "validation_accuracy", x: "iteration", statistic: "final", smoothing: 0 };

/**
 * What differs from the defaults, as a query without its question mark.
 *
 * @param {CompareState} state
 */
export function queryOf(state) {
  const query = new URLSearchParams();
  if (state.sweep) query.set("sweep", state.sweep);
  else if (state.runs.length) query.set("runs", state.runs.join(","));
  for (const name of /** @type {const} */ (["metric", "x", "statistic", "smoothing"])) {
    if (state[name] !== DEFAULTS[name]) query.set(name, String(state[name]));
  }
  if (state.group !== null) query.set("group", state.group);
  if (state.baseline) query.set("baseline", state.baseline);
  if (state.members) query.set("members", state.members);
  if (state.log_x) query.set("log_x", "yes");
  if (state.log_y) query.set("log_y", "yes");
  return query.toString().replaceAll("%2C", ",");
}

/**
 * The `group` of a state for a choice of settings: null for the usual one, "none" for all of them, the seed included.
 *
 * @param {string[]} chosen names of settings
 * @param {string[]} all names of the settings that differ
 */
export function groupingOf(chosen, all) {
  const usual = all.filter((name) => name !== "seed");
  if (chosen.length === usual.length && usual.every((name) => chosen.includes(name))) return null;
  return chosen.length === all.length && chosen.includes("seed") ? "none" : chosen.join(",");
}

/**
 * The `members` of a state, with a run taken in or out.
 *
 * @param {string | null} members
 * @param {string} run
 * @param {boolean} isIn
 */
export function withMember(members, run, isIn) {
  const opened = new Set((members ?? "").split(",").filter(Boolean));
  if (isIn) opened.add(run);
  else opened.delete(run);
  return [...opened].join(",");
}
