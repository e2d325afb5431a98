import assert from "node:assert/strict";
import { test } from "node:test";
import {
  firing,
  inWords,
  rowsOfStates,
  spikesOf,
  statesFigure,
  valuesOf,
} from "../../dashboard/web/run/states_figure.js";

/** @import { LayerStates, StatesRead } from "../../dashboard/web/types/schemas.js" */

/** @param {number[]} codes */
const packed = (codes) => Buffer.from(Int8Array.from(codes).buffer).toString("base64");

const inputs = { name: "inputs", units: 1, shown: 1, scale: 2, data: packed([127, 0, -127]) };
/** @type {LayerStates} */
const layer = {
  name: "hidden_1",
  units: 300,
  shown: 2,
  scale: 1.27,
  data: packed([10, -20, 30, 40, 127, 0]),
  spikes: packed([0, 1, 0, 0, 1, 1]),
  rates: [1 / 3, 2 / 3],
};
/** @type {StatesRead} */
const states = {
  iteration: 0,
  replicate: 0,
  architecture: "spiking",
  steps: 3,
  samples: 9,
  place: 0,
  sample: 4,
  label_name: "a",
  named_name: "b",
  class_names: ["b", "a"],
  probabilities: [0.7, 0.3],
  choices: [],
  inputs,
  layers: [layer],
};

test("grids are decoded step by step", () => {
  assert.deepEqual(
    valuesOf(layer).map((step) => Array.from(step, (value) => Math.round(value * 100) / 100)),
    [
      [0.1, -0.2],
      [0.3, 0.4],
      [1.27, 0],
    ],
  );
});

test("spikes stand at their step and unit, counted from 1", () => {
  assert.deepEqual(spikesOf(layer), { steps: [1, 3, 3], units: [2, 1, 2] });
  assert.deepEqual(spikesOf({ ...layer, spikes: null }), { steps: [], units: [] });
});

test("units that never fire are counted", () => {
  assert.deepEqual(firing({ ...layer, rates: [0, 0.5] }), { mean: 0.25, silent: 1, units: 2 });
  assert.equal(firing({ ...layer, rates: null }), null);
  assert.match(inWords(states), /hidden 1 has 0\.50 spikes per unit and step, 0 of 2 units are silent/);
  const quiet = { ...states, layers: [{ ...layer, rates: [0, 0] }] };
  assert.match(inWords(quiet), /no unit of hidden 1 fires for this sample/);
});

test("the numbers are rows of group, unit, step, value and spike", () => {
  const rows = rowsOfStates(states);
  assert.equal(rows.length, 1 + 3 + 6);
  assert.deepEqual(rows[1], ["input", 1, 1, 2, null]);
  assert.deepEqual(rows.at(-1), ["hidden 1", 2, 3, 0, 1]);
});

test("a layer has a line for each unit, its spikes and their rates", () => {
  const { data, layout } = statesFigure(states);
  const roles = data.map((trace) => /** @type {any} */ (trace).meta.series.role ?? "values");
  assert.deepEqual(roles, ["values", "spikes", "rates", "values"]);
  assert.match(JSON.stringify(layout.annotations), /the first 2 of 300/);
  const recurrent = statesFigure({
    ...states,
    architecture: "recurrent",
    layers: [{ ...layer, spikes: null, rates: null }],
  });
  assert.equal(recurrent.data.length, 2);
});
