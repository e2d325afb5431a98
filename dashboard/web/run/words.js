// Writes the numbers of a run beside its figures, and the figures' text alternatives.
import { text } from "../core/dom.js";
import * as format from "../core/format.js";

/** @import { RunRead } from "../types/schemas.js" */
/** @import { RunData } from "./data.js" */

const LAMPS = 10; // of the reward

/**
 * @param {RunRead} run
 * @param {RunData} data
 */
export function writeFigures(run, data) {
  const { count, known, number, percent } = format;
  /** @param {string} column */
  const last = (column) => data.metrics.values[column]?.last;
  const iteration = count(data.metrics.iteration.last);
  const best = known(run.best_validation_accuracy)
    ? `best ${percent(run.best_validation_accuracy)} at iteration ${count(run.best_iteration)}`
    : "";
  text("accuracy-now", best);
  if (data.points) {
    text(
      "accuracy-alternative",
      `Accuracy up to iteration ${iteration}. Validation ${percent(last("validation_accuracy"))}, ` +
        `training ${percent(last("train_accuracy"))} at iteration ${iteration}; ${best}.` +
        baselineWords(data, "validation_accuracy", percent),
    );
    text(
      "loss-alternative",
      `Loss at iteration ${iteration}: validation ${number(last("validation_loss"))}, ` +
        `training ${number(last("train_loss"))}.${baselineWords(data, "validation_loss", number)}`,
    );
  }
  writeActions(data);
  writeReward(last("reward_rate"), run.config.evaluate_every);
}

/**
 * @param {RunData} data
 * @param {string} column
 * @param {(value: number | null | undefined) => string} words
 */
function baselineWords({ baseline }, column, words) {
  if (!baseline?.iteration.length) return "";
  return ` Gradient descent on the same data and network: ${words(baseline.values[column]?.at(-1))}.`;
}

/** @param {RunData} data */
function writeActions({ shares, layers }) {
  if (!shares.iteration.length) return;
  const { percent } = format;
  const { down, stay, up } = shares.all;
  text(
    "actions-alternative",
    `Share of all synapses now: down ${percent(down.last)}, stay ${percent(stay.last)}, up ${percent(up.last)}.`,
  );
  const words = layers.map(
    (layer, index) =>
      `layer ${index + 1}: down ${percent(layer.down)}, stay ${percent(layer.stay)}, up ${percent(layer.up)}`,
  );
  text("layers-alternative", `By layer: ${words.join("; ")}.`);
}

/**
 * @param {number | undefined} rate share of the iterations whose reward was +1
 * @param {number} iterations
 */
function writeReward(rate, iterations) {
  if (!format.known(rate)) return;
  text("reward-now", `+1 in ${format.percent(rate)} of the last ${format.count(iterations)} iterations`);
  for (const [index, lamp] of document.querySelectorAll("#reward-lamps .lamp").entries()) {
    lamp.setAttribute("data-on", index < Math.round(LAMPS * rate) ? "true" : "false");
  }
}
