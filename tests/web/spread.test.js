import assert from "node:assert/strict";
import { test } from "node:test";
import { ceilingOf, spread } from "../../dashboard/web/charts/spread.js";

const STEPS = [1, 1.5, 2, 3, 5, 7, 10]; // as dashboard/figures/weights.py

test("a single large weight does not decide the scale", () => {
  const row = Array.from({ length: 199 }, (_, index) => (index % 2 ? 0.5 : -0.5));
  assert.equal(spread([[...row, 40]]), 0.5);
});

test("with share 1 the largest decides", () => assert.equal(spread([[0.1, -3], [2]], 1), 3));

test("a layer of one weight has its size as spread, none has 0", () => {
  assert.equal(spread([[-0.25]]), 0.25);
  assert.equal(spread([]), 0);
  assert.equal(spread([[NaN]]), 0);
});

test("of a large layer evenly spaced weights are looked at, across rows", () => {
  const rows = Array.from({ length: 300 }, (_, row) => Float32Array.from({ length: 301 }, () => row / 300));
  assert.ok(Math.abs(spread(rows) - 0.99) < 0.02);
});

test("the ceiling is a round number at or above the value", () => {
  for (const [value, ceiling] of [
    [0.1, 0.1],
    [0.11, 0.15],
    [1.2, 1.5],
    [7.1, 10],
    [0, 1],
  ])
    assert.ok(Math.abs(ceilingOf(value, STEPS) - ceiling) < 1e-12);
});
