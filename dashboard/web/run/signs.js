// @ts-nocheck
// How actions, rewards and probabilities are written wherever a run shows what its synapses do.
import { make } from "../core/dom.js";

export const CODES = [
  { word: "down", sign: "▼", value: -1 },
  { word: "stay", sign: "●", value: 0 },
  { word: "up", sign: "▲", value: 1 },
];

export const short = (value) => (value === null ? "–" : String(Number(value.toPrecision(3))).replace("-", "−"));

// A probability as a whole per cent; what can happen is never 0 %, what need not never 100 %.
export function whole(share) {
  if (share > 0 && share < 0.005) return "<1\u00a0%";
  if (share < 1 && share >= 0.995) return ">99\u00a0%";
  return `${Math.round(100 * share)}\u00a0%`;
}

export const rewardWord = (reward) => (reward > 0 ? "+1" : reward < 0 ? "−1" : "none yet");

// An action as a sign in its colour; words stand beside it.
export function sign(action) {
  const { word, sign: shape } = CODES[action + 1];
  return make("span", `sign sign-${word}`, shape, { "aria-hidden": "true" });
}

export function lamp(reward) {
  return make("span", "lamp", undefined, {
    "data-on": String(reward > 0),
    "data-none": String(reward === 0),
    "aria-hidden": "true",
  });
}
