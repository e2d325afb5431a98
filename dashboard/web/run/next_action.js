// What a synapse does next, in words.

import { CODES, short, whole } from "../charts/chances.js";
import * as format from "../core/format.js";

/** @import { SynapseRead } from "../types/schemas.js" */

const ALIKE = 1e-6; // probabilities so close count as the same

/**
 * @param {Pick<SynapseRead, "next_action" | "next_step" | "probabilities" | "temperature">} synapse
 * @param {boolean} isOver whether the run trains no more
 */
export function nextWords({ next_action: action, next_step: step, probabilities, temperature }, isOver) {
  const chosen = CODES[(action ?? 0) + 1];
  const likely = probabilities[(action ?? 0) + 1];
  /** @param {{ word: string, value: number }} code */
  const does = ({ word, value }) => (value === 0 ? "stays where it is" : `moves ${word} by ${short(step)}`);
  if (temperature) {
    const alike = CODES.filter((_, code) => likely - probabilities[code] < ALIKE);
    const chance = `${whole(likely)}${alike.length > 1 ? " each" : ""}`;
    const draws = isOver ? "If it went on, it would draw" : "Next it draws";
    return `${draws} its action: most likely it ${alike.map(does).join(" or ")} (${chance}).`;
  }
  const move = `${isOver ? "If it went on, it" : "Next it"} ${does(chosen)}`;
  if (likely < 1) return `${move}, with a chance of ${format.percent(likely)}; else it explores.`;
  return `${move}: nothing is left to chance.`;
}

/**
 * The name of a synapse: what it joins.
 *
 * @param {{ layer: number, input: number, unit: number }} place input 0 is the bias
 * @param {number} hiddenLayers
 * @param {number[]} shape of a sample whose numbers are the inputs
 * @param {number} [first] input of the layer after which its recurrent ones come; none without them
 */
export function synapseName({ layer, input, unit }, hiddenLayers, shape, first) {
  const to = `${layer === hiddenLayers ? "output" : "unit"} ${unit + 1}`;
  if (first !== undefined && input > first) {
    return `Unit ${input - first} of layer ${layer + 1}, one step before, to ${to}`;
  }
  if (input === 0) return `Bias of ${to}${layer ? ` in layer ${layer + 1}` : ""}`;
  if (layer > 0) return `Unit ${input} of layer ${layer} to ${to}`;
  if (shape.length !== 2) return `Input ${input} to ${to}`;
  const [row, column] = [Math.floor((input - 1) / shape[1]), (input - 1) % shape[1]];
  return `Pixel in row ${row + 1}, column ${column + 1} to ${to}`;
}
