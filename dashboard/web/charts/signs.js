// Words and signs of actions and rewards, wherever a run shows what its synapses do.
import { make } from "../core/dom.js";
import { CODES } from "./chances.js";

/** @param {number} reward */
export const rewardWord = (reward) => (reward > 0 ? "+1" : reward < 0 ? "−1" : "none yet");

/**
 * An action as a sign in its colour; its word stands beside it.
 *
 * @param {number} action -1, 0 or 1
 */
export function sign(action) {
  const { word, sign: shape } = CODES[action + 1];
  return make("span", `sign sign-${word}`, shape, { "aria-hidden": "true" });
}

/** @param {number} reward */
export function lamp(reward) {
  return make("span", "lamp", undefined, {
    "data-on": String(reward > 0),
    "data-none": String(reward === 0),
    "aria-hidden": "true",
  });
}
