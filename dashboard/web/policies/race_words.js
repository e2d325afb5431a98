// What the page says of a race.
import * as format from "../core/format.js";

/** @import { RaceCell, RaceRank, RaceRead } from "../types/schemas.js" */

/**
 * Numbers between semicolons or spaces; what is none is left out.
 *
 * @param {string} written
 */
export function splitNumbers(written) {
  return written
    .split(/[;\s]+/)
    .filter(Boolean)
    .map(Number)
    .filter(Number.isFinite);
}

/** @param {Partial<RaceRead["by_status"]>} byStatus */
export function progressWords(byStatus) {
  const total = Object.values(byStatus).reduce((sum, count) => sum + (count ?? 0), 0);
  const done = byStatus.succeeded ?? 0;
  const others = /** @type {const} */ (["failed", "stopped", "paused"])
    .filter((status) => byStatus[status])
    .map((status) => `${byStatus[status]} ${status}`);
  return [`${done} of ${format.plural(total, "run")} done`, ...others].join(", ");
}

/**
 * Words of a cell of the matrix: the mean, its interval, and what they rest on.
 *
 * @param {RaceCell} cell
 */
export function cellWords({ mean, low, high, samples, step_size: size, complete }) {
  if (mean === null || mean === undefined) return { value: complete ? "no result" : "…", interval: "", about: "" };
  const known = low !== null && low !== undefined && high !== null && high !== undefined;
  const interval = known
    ? `${format.percent(Math.max(0, low))} to ${format.percent(Math.min(1, high))}`
    : "no interval";
  const about = `${format.plural(samples, "run")}, step ${size}${complete ? "" : ", more to come"}`;
  return { value: format.percent(mean), interval, about };
}

/**
 * @param {RaceRank} rank
 * @param {string} first the policy in front
 * @param {boolean} isFirst
 */
export function rankWords({ policy, mean, behind, low, high, distinguishable }, first, isFirst) {
  const start = `${policy}: ${format.percent(mean)}`;
  if (isFirst) return start;
  const points = (/** @type {number} */ share) => (100 * share).toFixed(1);
  const known = low !== null && low !== undefined && high !== null && high !== undefined;
  const interval = known ? `; 95 % interval ${points(low)} to ${points(high)}` : "";
  const verdict = distinguishable ? "" : `, which may be chance: not distinguishable from ${first}`;
  return `${start}, ${points(behind)} points behind${interval}${verdict}`;
}
