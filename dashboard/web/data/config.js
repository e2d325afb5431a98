// Configuration of a run that is started from a data set's card.

/** @import { TrainingConfig } from "../types/schemas.js" */

/**
 * Settings that suit the kind of data: pixels straight to classes show what is learned, little else needs much.
 *
 * @param {string} dataset
 * @param {boolean} hasPictures
 * @returns {Partial<TrainingConfig>}
 */
export function suitableConfig(dataset, hasPictures) {
  if (!hasPictures) return { dataset, hidden_layers: [16], iterations: 5000 };
  return { dataset, hidden_layers: dataset === "digits" ? [32] : [], iterations: 10000 };
}
