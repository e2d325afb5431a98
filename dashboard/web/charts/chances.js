// The policy table as numbers: its states, the values of a state, and how likely each action is.

/** @import { PolicyRead } from "../types/schemas.js" */

/** Actions by their codes in the table. */
export const CODES = [
  { word: "down", sign: "▼", value: -1 },
  { word: "stay", sign: "●", value: 0 },
  { word: "up", sign: "▲", value: 1 },
];

/** @typedef {"table" | "bias_table"} TableName */

/**
 * A state's entry: last actions and last rewards as numbers in base 3, the oldest first.
 *
 * @typedef {object} Entry
 * @property {number} acted
 * @property {number} rewarded
 * @property {number[]} values of each action
 * @property {number[]} chances of each action, exploration included
 * @property {number} greedy code of the best action
 * @property {number} visits
 */

/**
 * All sequences of so many codes, in the order of their numbers.
 *
 * @param {number} length
 * @param {number[]} codes
 * @returns {number[][]}
 */
export function sequences(length, codes) {
  if (!length) return [[]];
  return codes.flatMap((code) => sequences(length - 1, codes).map((rest) => [code, ...rest]));
}

/**
 * The number of a sequence of codes, in base 3.
 *
 * @param {number[]} codes
 */
export const numberOf = (codes) => codes.reduce((sum, code) => 3 * sum + code, 0);

/**
 * The sequence of codes of a number.
 *
 * @param {number} value
 * @param {number} length
 */
export function digits(value, length) {
  return Array.from({ length }, (_, i) => Math.floor(value / 3 ** (length - 1 - i)) % 3);
}

/**
 * How likely each action is by its values, as synrl_core.policies.policy.action_probabilities: by the best value alone,
 * or where a temperature is above 0 by a softmax.
 *
 * @param {number[]} values
 * @param {number} temperature
 */
export function actionChances(values, temperature) {
  const best = Math.max(...values);
  if (!temperature) return values.map((_, code) => Number(code === values.indexOf(best)));
  const powers = values.map((value) => Math.exp((value - best) / temperature));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * Above 0 a table is of a policy that draws its actions.
 *
 * @param {PolicyRead} policy
 * @param {TableName} name
 */
export function temperatureOf(policy, name) {
  return (name === "bias_table" ? policy.bias_temperature : policy.temperature) || 0;
}

/**
 * Probability of a random action by this table.
 *
 * @param {PolicyRead} policy
 * @param {TableName} name
 */
export function explorationOf(policy, name) {
  return (name === "bias_table" ? policy.bias_exploration : null) ?? policy.exploration;
}

/**
 * Chances with exploration mixed in, as synrl_core.policies.policy.mixed_probabilities: what a synapse really does, so that
 * the table and the panel of one synapse tell the same number.
 *
 * @param {number[]} chances
 * @param {number} exploration
 */
export const mixedChances = (chances, exploration) =>
  chances.map((chance) => exploration / chances.length + (1 - exploration) * chance);

/**
 * @param {PolicyRead} policy
 * @param {TableName} name
 * @param {number} acted
 * @param {number} rewarded
 * @returns {Entry}
 */
export function entryOf(policy, name, acted, rewarded) {
  const states = 3 ** policy.history;
  /** @param {number[]} list */
  const of = (list) => CODES.map((_, action) => list[(action * states + acted) * states + rewarded]);
  const values = of((name === "bias_table" ? policy.bias_table : null) ?? policy.table);
  const visits = of(policy.visits).reduce((sum, count) => sum + count, 0);
  const drawn = actionChances(values, temperatureOf(policy, name));
  const chances = mixedChances(drawn, explorationOf(policy, name));
  return { acted, rewarded, values, chances, greedy: values.indexOf(Math.max(...values)), visits };
}

/** @param {number | null | undefined} value */
export function short(value) {
  return value === null || value === undefined ? "–" : String(Number(value.toPrecision(3))).replace("-", "−");
}

/**
 * A probability as a whole per cent; a chance is never 0 %, and an uncertain event never 100 %.
 *
 * @param {number} share
 */
export function whole(share) {
  if (share > 0 && share < 0.005) return "<1\u00a0%";
  if (share < 1 && share >= 0.995) return ">99\u00a0%";
  return `${Math.round(100 * share)}\u00a0%`;
}

/** @type {[number, string][]} */
const UNITS = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** @param {number} count */
export function compact(count) {
  for (const [size, unit] of UNITS) if (count >= size) return `${Number((count / size).toPrecision(2))} ${unit}`;
  return String(count);
}

/** @param {number[]} values */
export function valueWords(values) {
  const greedy = CODES[values.indexOf(Math.max(...values))].word;
  return `${greedy}. Values: ${CODES.map(({ word }, code) => `${word} ${short(values[code])}`).join(", ")}.`;
}

/**
 * The likeliest first.
 *
 * @param {number[]} chances
 */
export function chanceWords(chances) {
  const order = CODES.map((_, code) => code).sort((a, b) => chances[b] - chances[a]);
  return `${order.map((code) => `${CODES[code].word} ${whole(chances[code])}`).join(", ")}.`;
}
