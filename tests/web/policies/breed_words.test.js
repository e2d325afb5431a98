import assert from "node:assert/strict";
import { test } from "node:test";
import { curvesOf, linePath, passesWords } from "../../../dashboard/web/policies/breed_words.js";

test("scores of races and of the bowl are curves of their own, in order", () => {
  const curves = curvesOf([
    { of: "history 2", generation: 1, score: 0.5 },
    { of: "history 2", generation: 2, score: 0.2 },
    { of: "bowl, start 0", generation: 1, score: 0.1 },
  ]);
  assert.deepEqual(
    curves.map(({ points }) => points),
    [[0.5, 0.2], [0.1]],
  );
  assert.match(curves[0].better, /below 0/);
  assert.match(curves[1].better, /Higher/);
});

test("a path begins at the left, ends at the right and stays inside", () => {
  const { path, low, high } = linePath([3, 1, 2], 100, 10);
  assert.equal(path, "M0.0 0.0L50.0 10.0L100.0 5.0");
  assert.deepEqual([low, high], [1, 3]);
});

test("a single point and equal ones stand in the middle", () => {
  assert.equal(linePath([2], 100, 10).path, "M50.0 5.0");
  assert.equal(linePath([2, 2], 100, 10).path, "M0.0 5.0L100.0 5.0");
});

test("progress is told in forward passes", () => {
  assert.equal(passesWords({ forward_passes: 1200, total_passes: 146000 }), "1,200 of 146,000 forward passes");
});
