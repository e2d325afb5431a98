// What a learner does on the scene, held against what completes a step.

/** @import { Done } from "../types/schemas.js" */

/** @typedef {{act: string, setting?: string, value?: any, iteration?: number}} Act */

export class Task {
  /** @param {Done} done */
  constructor(done) {
    this.done = done;
    this.count = 0;
  }

  /**
   * Take in what was done.
   *
   * @param {Act} act
   * @returns {boolean} whether the task is completed
   */
  take(act) {
    if (matches(this.done, act)) this.count += 1;
    return this.count >= this.done.times;
  }
}

/**
 * @param {Done} done
 * @param {Act} given
 */
function matches(done, given) {
  if (given.act !== done.act) return false;
  if (done.act === "reach") return (given.iteration ?? 0) >= (done.iteration ?? 0);
  const { setting, value } = done;
  if (setting && given.setting !== setting) return false;
  return value === null || value === undefined || JSON.stringify(given.value) === JSON.stringify(value);
}
