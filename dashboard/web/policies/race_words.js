// What the page says of a race.
import * as format from "../core/format.js";

/** @import { PolicyRace, RaceCell, RaceRank, RaceRead, RaceTransfer } from "../types/schemas.js" */

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
export function cellWords({ mean, low, high, samples, step_size: size, complete, bred_here: isOwn }) {
  const own = isOwn ? "● bred on this data" : "";
  if (mean === null || mean === undefined) return { value: complete ? "no result" : "…", interval: "", about: "", own };
  const interval =
    isKnown(low) && isKnown(high)
      ? `${format.percent(Math.max(0, low))} to ${format.percent(Math.min(1, high))}`
      : "no interval";
  const about = `${format.plural(samples, "run")}, step ${size}${complete ? "" : ", more to come"}`;
  return { value: format.percent(mean), interval, about, own };
}

/**
 * A mean with its interval, cut to what an accuracy can be.
 *
 * @param {number} mean
 * @param {number | null | undefined} low
 * @param {number | null | undefined} high
 */
function meanWords(mean, low, high) {
  const shown = format.percent(mean);
  if (!isKnown(low) || !isKnown(high)) return shown;
  return `${shown} (95 % interval ${format.percent(Math.max(0, low))} to ${format.percent(Math.min(1, high))})`;
}

/** @param {number | null | undefined} value @returns {value is number} */
const isKnown = (value) => value !== null && value !== undefined;

/** @param {number} share */
const points = (share) => (100 * share).toFixed(1);

/**
 * What a policy does where it was bred, and elsewhere.
 *
 * @param {RaceTransfer} transfer
 */
export function transferWords({ policy, trained_on: on, own, others }) {
  const start = `${policy} was learned or raced on ${on.join(", ")}`;
  const here = isKnown(own) ? `${format.percent(own)} on tasks with these data` : "no result on these data yet";
  return `${start}: ${here}, ${isKnown(others) ? `${format.percent(others)} on the other tasks` : "no other task has a result"}.`;
}

/**
 * The place of a policy in a race.
 *
 * @param {PolicyRace} race
 */
export function placeWords({ state, place, policies, mean, low, high, behind, distinguishable, is_there: isThere }) {
  const gone = isThere ? [] : ["its runs were removed"];
  if (!isKnown(place) || !isKnown(mean))
    return [state === "running" ? "no result yet" : `${state}, no ranking`, ...gone].join("; ");
  const parts = [`place ${place} of ${policies}`, meanWords(mean, low, high)];
  if (place > 1 && isKnown(behind)) {
    const chance = distinguishable ? "" : ", not distinguishable from the first";
    parts.push(`${points(behind)} points behind${chance}`);
  }
  if (state !== "complete") parts.push(state);
  return [...parts, ...gone].join("; ");
}

/**
 * @param {RaceRank} rank
 * @param {string} first the policy in front
 * @param {boolean} isFirst
 */
export function rankWords(rank, first, isFirst) {
  const { policy, mean, behind, low, high, distinguishable } = rank;
  const start = `${policy}: ${meanWords(mean, rank.mean_low, rank.mean_high)}`;
  if (isFirst) return start;
  const known = isKnown(low) && isKnown(high);
  const interval = known ? `; 95 % interval ${points(low)} to ${points(high)}` : "";
  const verdict = distinguishable ? "" : `, which may be chance: not distinguishable from ${first}`;
  return `${start}, ${points(behind)} points behind${interval}${verdict}`;
}
