// Edits of a policy's table: pure functions from values to values, and the list of what can be undone.
import { actionChances, digits, numberOf } from "../charts/chances.js";

/**
 * What decides the actions of a policy.
 *
 * @typedef {object} Table
 * @property {number} history past actions and rewards that it reads, 1 to 3
 * @property {number[]} q values in C order: action, last actions, last rewards, each past as a number in base 3
 * @property {number} temperature 0: the best action always; above: actions are drawn by a softmax
 * @property {number} exploration least probability of a random action
 */
/** @typedef {{ acted: number, rewarded: number }} State */

/** Least probability of a drawn action that is edited: a softmax has no zeros. */
const LEAST = 1e-4;

/**
 * @param {Table} table
 * @param {State} state
 * @param {number} action code 0, 1, 2
 */
export function placeOf({ history }, { acted, rewarded }, action) {
  const states = 3 ** history;
  return (action * states + acted) * states + rewarded;
}

/**
 * Values of the three actions in a state.
 *
 * @param {Table} table
 * @param {State} state
 */
export function valuesOf(table, state) {
  return [0, 1, 2].map((action) => table.q[placeOf(table, state, action)]);
}

/**
 * The state in which all past actions are the opposite ones.
 *
 * @param {Table} table
 * @param {State} state
 * @returns {State}
 */
export function mirrorState({ history }, { acted, rewarded }) {
  return { acted: numberOf(digits(acted, history).map((code) => 2 - code)), rewarded };
}

/**
 * Write the values of a state; with `mirrored` the opposite state gets the opposite values, so that a mirror symmetric
 * table stays one.
 *
 * @param {Table} table
 * @param {State} state
 * @param {number[]} values of down, stay and up
 * @param {boolean} mirrored
 * @returns {Table}
 */
export function withValues(table, state, values, mirrored) {
  const q = [...table.q];
  const other = mirrorState(table, state);
  const own = mirrored && other.acted === state.acted;
  const written = own ? [(values[0] + values[2]) / 2, values[1], (values[0] + values[2]) / 2] : values;
  for (const action of [0, 1, 2]) {
    q[placeOf(table, state, action)] = written[action];
    if (mirrored && !own) q[placeOf(table, other, 2 - action)] = written[action];
  }
  return { ...table, q };
}

/**
 * Make an action the likeliest of a state: its value and the highest one change places.
 *
 * @param {Table} table
 * @param {State} state
 * @param {number} action
 * @param {boolean} mirrored
 */
export function withAction(table, state, action, mirrored) {
  const values = valuesOf(table, state);
  const highest = Math.max(...values);
  const best = values.indexOf(highest);
  if (best === action) return table;
  // Where the values are all alike, ties go to the lowest code: the action has to stand out.
  const lower = values[action] === highest ? highest - 1 : values[action];
  const changed = values.map((value, code) => (code === action ? highest : code === best ? lower : value));
  // A tie below the action would still win.
  const settled = changed.map((value, code) => (code < action && value === highest ? highest - 1 : value));
  return withValues(table, state, settled, mirrored);
}

/**
 * Write how likely each action of a state is drawn, of a table with a temperature.
 *
 * @param {Table} table
 * @param {State} state
 * @param {number[]} shares of down, stay and up; brought to a sum of 1
 * @param {boolean} mirrored
 */
export function withProbabilities(table, state, shares, mirrored) {
  const sum = shares.reduce((total, share) => total + Math.max(0, share), 0) || 1;
  const kept = shares.map((share) => Math.max(LEAST, Math.max(0, share) / sum));
  const values = kept.map((share) => table.temperature * Math.log(share));
  const best = Math.max(...values);
  return withValues(
    table,
    state,
    values.map((value) => value - best),
    mirrored,
  );
}

/**
 * Have every state take one action always.
 *
 * @param {Table} table
 * @param {number} action
 * @returns {Table}
 */
export function always(table, action) {
  const each = table.q.length / 3;
  return {
    ...table,
    temperature: 0,
    exploration: 0,
    q: table.q.map((_, i) => Number(Math.floor(i / each) === action)),
  };
}

/**
 * The nearest table that is mirror symmetric: the mean of the table and its mirror.
 *
 * @param {Table} table
 * @returns {Table}
 */
export function symmetrised(table) {
  const q = [...table.q];
  for (const state of statesOf(table)) {
    const other = mirrorState(table, state);
    for (const action of [0, 1, 2]) {
      const mean = (table.q[placeOf(table, state, action)] + table.q[placeOf(table, other, 2 - action)]) / 2;
      q[placeOf(table, state, action)] = mean;
    }
  }
  return { ...table, q };
}

/** @param {Table} table */
export function isSymmetric(table) {
  return symmetrised(table).q.every((value, i) => Math.abs(value - table.q[i]) < 1e-9);
}

/**
 * All states of a table, those before the first reward included.
 *
 * @param {Table} table
 * @returns {State[]}
 */
export function statesOf({ history }) {
  const states = 3 ** history;
  return Array.from({ length: states * states }, (_, i) => ({ acted: Math.floor(i / states), rewarded: i % states }));
}

/**
 * States after real rewards in which two tables of one history do not favour the same action, and how far apart they
 * are on the average: half the sum of the differences of their probabilities, 0 to 1.
 *
 * @param {Table} one
 * @param {Table} other
 */
export function differenceOf(one, other) {
  const real = statesOf(one).filter(({ rewarded }) => !digits(rewarded, one.history).includes(1));
  /** @type {State[]} */
  const differing = [];
  let distance = 0;
  for (const state of real) {
    const [here, there] = [one, other].map((table) => actionChances(valuesOf(table, state), table.temperature));
    distance += here.reduce((sum, share, action) => sum + Math.abs(share - there[action]), 0) / 2;
    if (here.indexOf(Math.max(...here)) !== there.indexOf(Math.max(...there))) differing.push(state);
  }
  return { states: real.length, differing, distance: distance / real.length };
}

/** What was edited, step by step: undo and redo. */
export class Edits {
  /** @param {Table} table as it was before the first edit */
  constructor(table) {
    this.steps = [table];
    this.at = 0;
  }

  /** The table as it is now. */
  get table() {
    return this.steps[this.at];
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.steps.length - 1;
  }

  /** @param {Table} table */
  push(table) {
    if (table === this.table) return;
    this.steps = [...this.steps.slice(0, this.at + 1), table];
    this.at += 1;
  }

  undo() {
    if (this.canUndo) this.at -= 1;
  }

  redo() {
    if (this.canRedo) this.at += 1;
  }
}
