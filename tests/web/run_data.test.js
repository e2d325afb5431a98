import assert from "node:assert/strict";
import { test } from "node:test";
import { hasFinite } from "../../dashboard/web/charts/spread.js";
import { Column } from "../../dashboard/web/run/column.js";
import { RunData, sharesOf } from "../../dashboard/web/run/data.js";
import { moved, startOfMoves } from "../../dashboard/web/run/moves.js";
import { decode, matricesOf, Snapshot } from "../../dashboard/web/run/snapshot.js";

/** @param {number[]} iteration */
const metrics = (iteration) => ({
  iteration,
  forward_passes: [],
  seconds: [],
  values: { validation_accuracy: iteration.map((i) => i / 100) },
  deviation: { validation_accuracy: iteration.map(() => 0.1) },
});

/** @type {import("../../dashboard/web/types/schemas.js").WeightBlock[]} */
const BLOCKS = [
  { source: "ones", kind: "bias", rows: 1 },
  { source: "inputs", kind: "forward", rows: 2 },
];

/**
 * A layer of two inputs and two units, its biases in row 0.
 *
 * @param {number} scale
 */
function layer(scale, codes = [127, -127, 64, 0, 0, 1]) {
  const data = btoa(String.fromCharCode(...new Uint8Array(Int8Array.from(codes).buffer)));
  return { rows: 3, columns: 2, scale, not_finite: 0, data, blocks: BLOCKS };
}

/** @param {number} iteration @param {number} [scale] */
const weights = (iteration, scale = 1) => ({ iteration, replicate: 0, layers: [layer(scale)] });

test("a column grows, and unknown values are NaN", () => {
  const column = new Column();
  for (let i = 0; i < 1000; i++) column.push(i);
  assert.equal(column.length, 1000);
  assert.deepEqual([...column.view.slice(998)], [998, 999]);
  column.push(null);
  assert.ok(Number.isNaN(column.last));
});

test("points of frames that overlap are kept once", () => {
  const data = new RunData();
  assert.ok(data.add({ metrics: metrics([0, 10, 20]) }).has("metrics"));
  assert.ok(data.add({ metrics: metrics([10, 20, 30]) }).has("metrics"));
  assert.ok(!data.add({ metrics: metrics([30]) }).has("metrics"));
  assert.deepEqual([...data.metrics.iteration.view], [0, 10, 20, 30]);
  assert.deepEqual([...data.metrics.values.validation_accuracy.view], [0, 0.1, 0.2, 0.3]);
});

test("a frame that resets replaces all, and everything has changed", () => {
  const data = new RunData();
  data.add({ metrics: metrics([0, 10]) });
  const changed = data.add({ reset: true, metrics: metrics([0]) });
  assert.deepEqual([...changed].sort(), ["layers", "metrics", "shares", "weights"]);
  assert.equal(data.points, 1);
});

test("actions are shares of all synapses and of each layer", () => {
  const layers = [
    { down: [0, 1], stay: [0, 2], up: [0, 1] },
    { down: [0, 4], stay: [0, 0], up: [0, 0] },
  ];
  const data = new RunData();
  data.add({ actions: { iteration: [0, 10], layers } });
  assert.deepEqual([...data.shares.iteration.view], [10], "before the first action there is no share");
  assert.deepEqual(data.layers, [
    { down: 0.25, stay: 0.5, up: 0.25 },
    { down: 1, stay: 0, up: 0 },
  ]);
  assert.equal(data.shares.all.down.last, 5 / 8);
  assert.equal(sharesOf({ iteration: [10], layers: [{ down: [3], stay: [1], up: [0] }] }).all.down.last, 0.75);
});

test("weights are decoded from 127 steps, biases apart", () => {
  const { weights: rows, biases } = decode(layer(2));
  assert.deepEqual(
    rows.map((row) => [...row].map((value) => Number(value.toFixed(4)))),
    [
      [1.0079, 0],
      [0, 0.0157],
    ],
  );
  assert.deepEqual(
    biases.map(([bias]) => bias),
    [2, -2],
  );
});

const RECURRENT = {
  rows: 3,
  columns: 2,
  scale: 127,
  not_finite: 0,
  data: layer(127, [1, 2, 3, 4, 5, 6]).data,
  blocks: [
    { source: "inputs", kind: /** @type {const} */ ("forward"), rows: 1 },
    { source: "ones", kind: /** @type {const} */ ("bias"), rows: 1 },
    { source: "hidden_1", kind: /** @type {const} */ ("recurrent"), rows: 1 },
  ],
};

test("recurrent weights are a matrix of their own, wherever the biases are", () => {
  const { weights: rows, biases } = decode(RECURRENT);
  assert.deepEqual([...rows.map((row) => [...row]), ...biases.map((row) => [...row])], [[1], [2], [3], [4]]);
  const own = decode(RECURRENT, "recurrent");
  assert.deepEqual([own.weights.map((row) => [...row]), own.biases], [[[5], [6]], []]);
});

test("a layer with recurrent weights is shown as two matrices that know their inputs", () => {
  const places = matricesOf([RECURRENT, layer(1)]).map(({ kind, layer: at, first, sources }) => [
    kind,
    at,
    first,
    sources,
  ]);
  assert.deepEqual(places, [
    ["forward", 0, 0, 1],
    ["recurrent", 0, 1, 1],
    ["forward", 1, 0, 2],
  ]);
});

test("the newest snapshot is in view unless a stored one was chosen", () => {
  const data = new RunData();
  assert.ok(data.add({ weights: weights(10) }).has("weights"));
  data.past = new Snapshot(weights(5));
  assert.ok(!data.add({ weights: weights(20) }).has("weights"));
  assert.equal(data.snapshot?.iteration, 5);
  data.past = null;
  assert.equal(data.snapshot?.iteration, 20);
});

test("changes are told from the start, once it is known, of the same replicate", () => {
  const data = new RunData();
  data.add({ weights: weights(10, 3) });
  const cells = () => data.cells;
  data.showsChange = true;
  assert.equal(cells(), null);
  data.first = new Snapshot({ ...weights(0), replicate: 1 });
  assert.equal(cells(), null);
  data.first = new Snapshot(weights(0));
  assert.equal(cells()?.layer(0)?.biases[0][0], 2);
  assert.equal(cells()?.largest, 2);
  assert.equal(cells(), cells(), "it is computed once");
});

test("keys move the selected synapse within its layer", () => {
  const matrix = { inputs: 4, units: 3, picture: null };
  const picture = { inputs: 6, units: 3, picture: 3 };
  const from = { layer: 1, input: 1, unit: 0 };
  assert.deepEqual(moved("ArrowRight", from, matrix), { layer: 1, input: 2, unit: 0 });
  assert.deepEqual(moved("ArrowLeft", from, matrix), { layer: 1, input: 0, unit: 0 }, "the bias");
  assert.deepEqual(moved("ArrowLeft", from, picture), from, "pictures have no bias");
  assert.deepEqual(moved("ArrowDown", from, matrix), { layer: 1, input: 1, unit: 1 });
  assert.deepEqual(moved("ArrowDown", from, picture), { layer: 1, input: 4, unit: 0 }, "a row of pixels down");
  assert.deepEqual(moved("ArrowUp", from, matrix), from);
  assert.deepEqual(moved("PageDown", { ...from, unit: 2 }, picture), { ...from, unit: 2 });
  assert.equal(moved("x", from, matrix), null);
});

test("the first key selects the first synapse", () => {
  assert.deepEqual(startOfMoves("ArrowUp", 2), { layer: 2, input: 1, unit: 0 });
  assert.equal(startOfMoves("Tab", 2), null);
});

test("a snapshot says which weights are not finite, as after an explosion", () => {
  const withLost = (/** @type {number[]} */ ...lost) =>
    new Snapshot({ ...weights(5), layers: lost.map((not_finite) => ({ ...layer(1), not_finite })) });
  assert.equal(withLost(0, 0).lostWords, "");
  assert.equal(withLost(0, 4).lostWords, "4 of 12 weights are not finite and shown as 0; the colours span the others");
  const none = withLost(6, 6);
  assert.equal(none.lostWords, "no weight is finite: there is nothing to colour");
  assert.deepEqual(none.layers.map(hasFinite), [false, false]);
  assert.ok(hasFinite(withLost(5).layers[0]));
});
