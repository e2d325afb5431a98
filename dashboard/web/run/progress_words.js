// How far a run is, in words.
import * as format from "../core/format.js";
import { isFinal } from "../core/status.js";

/** @import { RunRead } from "../types/schemas.js" */

/** @typedef {Pick<RunRead, "status" | "iteration" | "iterations" | "queue_position" | "iterations_per_second"
 *   | "training_seconds">} Progress */

/**
 * @param {Progress} run
 * @param {number} share of the iterations that are done
 */
export function progressWords(run, share) {
  const iterations = `${format.count(run.iteration)} of ${format.count(run.iterations)} iterations`;
  if (run.status === "queued") return [queueWords(run.queue_position), iterations];
  if (run.status === "running" && run.iterations_per_second) {
    const left = Math.ceil((run.iterations - run.iteration) / run.iterations_per_second);
    const speed = format.speed(run.iterations_per_second);
    return [`${Math.floor(100 * share)} %`, iterations, speed, `${format.duration(left)} left`];
  }
  if (run.status === "paused" || isFinal(run.status)) {
    return [iterations, `${format.duration(run.training_seconds)} of training`];
  }
  return [iterations];
}

/** @param {number | null | undefined} position */
function queueWords(position) {
  if (!position) return "waits for a free worker";
  return position === 1 ? "next in the queue" : `number ${position} in the queue`;
}
