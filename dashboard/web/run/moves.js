// Moves of the selected synapse by the keyboard.

/** @import { SynapsePlace } from "../charts/heatmap.js" */

/**
 * Shape of what is drawn; picture: width of a unit's, if drawn; bias: false where no biases stand beside the weights.
 *
 * @typedef {{ inputs: number, units: number, picture: number | null, bias?: boolean }} LayerShape
 */

const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Enter", " "];

/**
 * The synapse that a key selects first; null if the key means nothing.
 *
 * @param {string} key
 * @param {number} layer
 * @returns {SynapsePlace | null}
 */
export function startOfMoves(key, layer) {
  return KEYS.includes(key) ? { layer, input: 1, unit: 0 } : null;
}

/**
 * The synapse beside another, in the picture or in the matrix; where there is none, the same. Null if the key moves
 * nothing. In a matrix input 0 is the bias; pictures have none.
 *
 * @param {string} key
 * @param {SynapsePlace} from
 * @param {LayerShape} shape
 * @returns {SynapsePlace | null}
 */
export function moved(key, { layer, input, unit }, { inputs, units, picture, bias = true }) {
  /** @type {Record<string, [number, number]>} */
  const steps = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: picture ? [-picture, 0] : [0, -1],
    ArrowDown: picture ? [picture, 0] : [0, 1],
    PageUp: [0, -1],
    PageDown: [0, 1],
  };
  const step = steps[key];
  if (!step) return null;
  const to = input + step[0];
  return {
    layer,
    input: to < (picture || !bias ? 1 : 0) || to > inputs ? input : to,
    unit: Math.min(Math.max(unit + step[1], 0), units - 1),
  };
}
