// What the page says of a reproduction.
import * as format from "../core/format.js";

/** @import { ArmRead, ReproductionRead, ReproductionSummary, VerdictRead } from "../types/schemas.js" */

/** @type {Record<string, string>} */
export const PARTS = {
  "784-10": "784-10: letters, no hidden layer",
  "784-32-10": "784-32-10: letters, 32 hidden units",
  activations: "Activations: 64-16-10 on digits",
  shapes: "Shapes: other layers on digits",
  tasks: "Tasks: 16 hidden units on boundaries in the plane",
  sequences: "Recurrent and spiking networks",
};

/** A sign before the words of a verdict: its shape tells it apart without colour. */
/** @type {Record<string, string>} */
export const SIGNS = { holds: "✓", "does not hold": "✗", differs: "≠", "not enough trials yet": "…" };

/** @param {number | null | undefined} share */
export const percent = (share) => (format.known(share) ? `${(100 * share).toFixed(2)} %` : "");

/**
 * A difference of accuracies in percentage points, with its sign.
 *
 * @param {number | null | undefined} share
 */
export function points(share) {
  if (!format.known(share)) return "";
  const written = Math.abs(100 * share).toFixed(2);
  return `${share < 0 ? "−" : "+"}${written}`;
}

/** @param {ArmRead} arm */
export function meanWords(arm) {
  if (!format.known(arm.mean)) return "…";
  return percent(arm.mean) + (format.known(arm.deviation) ? ` ± ${(100 * arm.deviation).toFixed(2)}` : "");
}

/** @param {ArmRead} arm */
export function differenceWords({ difference: found }) {
  if (!found) return "";
  return points(found.mean) + intervalWords(found, points);
}

/** @param {ArmRead} arm */
export function trialWords(arm) {
  return `${arm.samples} of ${arm.trials}${arm.failed ? `, ${arm.failed} failed` : ""}`;
}

/**
 * Why trials of a row failed, with the run of each.
 *
 * @param {ArmRead} arm
 * @returns {{ run: string | undefined, words: string }[]}
 */
export function failureWords({ failures, run_ids: runs }) {
  return Object.entries(failures).map(([trial, why]) => ({
    run: runs[trial],
    words: `Trial ${Number(trial) + 1} failed${why ? `: ${why}` : ""}`,
  }));
}

/**
 * The numbers that a verdict rests on, and why it is what it is.
 *
 * @param {VerdictRead} verdict
 */
export function becauseWords(verdict) {
  const isDifference = verdict.key.endsWith("difference");
  const write = isDifference ? points : percent;
  const numbers = format.known(verdict.mean)
    ? `${write(verdict.mean)}${intervalWords(verdict, write)}${isDifference ? " points" : ""}`
    : "";
  return [numbers, verdict.why].filter(Boolean).join("; ");
}

/**
 * @param {{ low?: number | null, high?: number | null }} found
 * @param {(share: number | null | undefined) => string} write
 */
function intervalWords({ low, high }, write) {
  return format.known(low) && format.known(high) ? ` [${write(low)}, ${write(high)}]` : "";
}

/** @param {ReproductionRead} found */
export function progressWords(found) {
  const done = `${found.done} of ${format.plural(found.runs, "run")} done`;
  const left = format.known(found.seconds_left) ? `about ${format.duration(found.seconds_left)} left` : "";
  const state = {
    running: "running",
    paused: "paused",
    incomplete: "not complete: some runs were stopped, deleted or lost",
  };
  const said = found.state === "complete" ? "complete" : state[found.state];
  return [said, done, left].filter(Boolean).join(" · ");
}

/** @param {ReproductionSummary} one */
export function summaryWords(one) {
  const total = Object.values(one.by_status).reduce((sum, count) => sum + (count ?? 0), 0);
  const done = (one.by_status.succeeded ?? 0) + (one.by_status.failed ?? 0);
  return `${format.plural(one.trials, "trial")}, ${done} of ${total} runs done, begun ${format.ago(one.created_at)}`;
}
