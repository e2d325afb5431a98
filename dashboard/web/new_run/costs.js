// What runs would take, in words: time, memory, forward passes, and what that is based on.
import * as format from "../core/format.js";

/** @import { Plan, PlanEstimate, PlanProblem } from "../types/schemas.js" */
/** @typedef {{ entries: [string, string][], basis: string, brief: string }} Costs terms with their words */

/** @type {Record<PlanEstimate["basis"], (runs: number) => string>} */
const BASIS = {
  runs_like_this: (runs) => `measured on ${format.plural(runs, "run")} of this size here`,
  runs_of_this_server: (runs) => `a model, corrected by what ${format.plural(runs, "run")} took here`,
  model: () => "a model measured on another machine; the first run here corrects it",
};

/** @param {number} seconds */
const about = (seconds) => (seconds < 1 ? "under 1 s" : `about ${format.duration(Number(seconds.toPrecision(2)))}`);

/**
 * @param {Pick<Plan, "runs" | "estimate"> & { problems: Pick<PlanProblem, "field">[] }} plan
 * @returns {Costs}
 */
export function costsOf({ estimate, problems, runs }) {
  if (!estimate || problems.length) {
    const fields = new Set(problems.map(({ field }) => field)).size;
    const brief = `${format.plural(fields, "setting")} can't be used yet`;
    return { entries: [["Not ready", brief]], basis: "", brief };
  }
  const { memory_available: available, memory_bytes: needed, total_seconds: total, waiting, workers } = estimate;
  const each = runs > 1 ? ` each at most, ${about(total)} in all` : "";
  /** @type {[string, string][]} */
  const entries = [
    ["Time", `${about(estimate.seconds)}${each}`],
    ["Memory", `${format.memory(needed)} of ${format.memory(available)}`],
    ["Forward passes", format.count(estimate.forward_passes)],
  ];
  if (runs > 1) entries.unshift(["Runs", `${format.count(runs)}, ${format.count(workers)} at once`]);
  if (waiting) entries.push(["Before it", `${format.plural(waiting, "run")} in the queue`]);
  return { entries, basis: `Time: ${BASIS[estimate.basis](estimate.basis_runs)}.`, brief: about(total) };
}
