import assert from "node:assert/strict";
import { test } from "node:test";
import { axisEnd, tickDistance } from "../../dashboard/web/charts/axis_end.js";
import { spaced } from "../../dashboard/web/charts/curve_ends.js";
import { edge, refined } from "../../dashboard/web/charts/refine.js";

const AXIS = { bottom: 0, top: 1 };

test("words at the ends of curves never touch and keep their order", () => {
  for (const values of [
    [0.5, 0.5, 0.5],
    [0.98, 0.99, 1],
    [0, 0.01],
    [0.2, 0.21, 0.9],
  ]) {
    const places = spaced(values, 0.05, AXIS);
    for (let i = 1; i < places.length; i++) assert.ok(places[i] - places[i - 1] > 0.05 - 1e-9, `${values}`);
    for (const place of places) assert.ok(place <= 1 && place > 0, `${values}`);
  }
});

test("a word with room stays at its curve", () => {
  assert.deepEqual(spaced([0.3, 0.7], 0.05, AXIS), [0.3, 0.7]);
  assert.deepEqual(spaced([0.5], 0.05, AXIS), [0.5]);
  assert.deepEqual(spaced([], 0.05, AXIS), []);
});

test("the lowest word stays off the axis by half a gap", () => assert.deepEqual(spaced([0], 0.1, AXIS), [0.05]));

test("a window's points take the place of the coarse ones in it", () => {
  const coarse = Float64Array.of(0, 10, 20, 30, 40);
  const values = Float64Array.of(0, 1, 2, 3, 4);
  assert.deepEqual(refined(coarse, [10, 15, 20], values, [1, 1.5, 2]), [0, 1, 1.5, 2, 3, 4]);
  assert.deepEqual(refined(coarse, [35, 40, 45], values, [7, 8, 9]), [0, 1, 2, 3, 7, 8, 9]);
  assert.deepEqual(refined(coarse, [50], values, [9]), [0, 1, 2, 3, 4, 9]);
});

test("iterations that are refined stay in order", () => {
  const coarse = Float64Array.from({ length: 50 }, (_, i) => 100 * i);
  for (const [from, to] of [
    [0, 4900],
    [250, 930],
    [4800, 6000],
  ]) {
    const window = Array.from({ length: 40 }, (_, i) => from + ((to - from) * i) / 39);
    const iterations = /** @type {number[]} */ (refined(coarse, window, coarse, window));
    for (let i = 1; i < iterations.length; i++) assert.ok(iterations[i] > iterations[i - 1]);
  }
});

test("edges of a band are a deviation away; without deviations there is no band", () => {
  assert.deepEqual([...edge([0.5, 0.75], [0.25, 0.125], 1)], [0.75, 0.875]);
  assert.deepEqual([...edge([0.5, 0.75], [0.25, 0.125], -1)], [0.25, 0.625]);
  assert.ok(Number.isNaN(edge([null], [0.1], 1)[0]));
  assert.equal(edge([0.5], undefined, 1).length, 0);
});

test("the axis of a run that trains holds its newest point, which is beyond the middle", () => {
  for (const iterations of [1000, 20_000, 1_000_000]) {
    for (let iteration = 0; iteration <= iterations; iteration += iterations / 50) {
      const end = axisEnd({ iteration, iterations }, false);
      assert.ok(end >= iteration);
      assert.ok(end <= 2 * Math.max(iteration, 200) || end === iterations, `${iteration} of ${iterations}: ${end}`);
    }
  }
});

test("the axis of a run that is over ends with it", () => {
  assert.equal(axisEnd({ iteration: 730, iterations: 1000 }, true), 730);
  assert.equal(axisEnd({ iteration: 0, iterations: 1000 }, true), 1);
});

test("the axis of a short run has a tick at each iteration", () => {
  assert.deepEqual([1, 3, 6, 7, 500].map(tickDistance), [1, 1, 1, null, null]);
});
