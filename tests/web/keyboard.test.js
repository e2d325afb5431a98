// Curves by the keyboard: where the arrow keys stop, and which point they read there.
import assert from "node:assert/strict";
import test from "node:test";
import { along, nearestTo, placesOf } from "../../dashboard/web/charts/keyboard.js";

test("keys stop at every point of every curve once, in order, and at none that a logarithm lacks", () => {
  assert.deepEqual(placesOf([{ x: [0, 10, 30] }, { y: [1, 1, 1], x0: 10, dx: 10 }]), [10, 20, 30]);
  assert.deepEqual(placesOf([]), []);
});

test("places that are given by start and step are those of its values", () => {
  assert.deepEqual(along({ y: new Float32Array(3), x0: 5, dx: 2 }), [5, 7, 9]);
});

test("a curve without a point at a place is read at its nearest", () => {
  assert.equal(nearestTo([0, 10, 30], 19), 1);
  assert.equal(nearestTo([0, 10, 30], 21), 2);
  assert.equal(nearestTo([0, 10, 30], 99), 2);
});
