import assert from "node:assert/strict";
import { test } from "node:test";
import { lacks, pointsOf, withoutPoint, withPoint } from "../../../dashboard/web/playground/drawing.js";

/** @type {[number, number, number][]} */
const GENERATED = [
  [0, 0, 0],
  [1, 0, 1],
  [0, 1, 0],
  [1, 1, 1],
];

test("points are taken away by the number that they were generated with", () => {
  assert.deepEqual(withoutPoint({}, GENERATED, 0.02, 0.98), { removed: [2] });
  const left = GENERATED.filter((_, number) => number !== 0 && number !== 2);
  assert.deepEqual(withoutPoint({ removed: [0, 2] }, left, 1, 1), { removed: [0, 2, 3] });
  assert.deepEqual(withoutPoint({ removed: [2, 0] }, left, 1, 0), { removed: [0, 1, 2] });
  assert.equal(withoutPoint({}, GENERATED, 0.5, 0.5), null);
  assert.equal(withoutPoint({}, [], 0.5, 0.5), null);
});

test("points that were added are taken away from those added", () => {
  const scene = { removed: [1], ...withPoint(withPoint({}, [-1, -1, 0]), [-1, 0, 1]) };
  const points = [...GENERATED.filter((_, number) => number !== 1), ...(scene.added ?? [])];
  assert.deepEqual(withoutPoint(scene, points, -1, -0.95), { added: [[-1, 0, 1]] });
});

test("points are told apart by number while the answer to the last change is on its way", () => {
  const before = /** @type {any} */ ({
    scene: { added: [[-1, -1, 0]], removed: [1] },
    points: [...GENERATED.filter((_, number) => number !== 1), [-1, -1, 0]],
  });
  const added = [
    [-1, -1, 0],
    [-1, 0, 1],
  ];
  const scene = { added, removed: [1, 3] };
  assert.deepEqual(pointsOf(scene, before), [GENERATED[0], GENERATED[2], ...added]);
  assert.deepEqual(withoutPoint(scene, pointsOf(scene, before), -1, 0), { added: [[-1, -1, 0]] });
  assert.deepEqual(withoutPoint(scene, pointsOf(scene, before), 0, 1), { removed: [1, 2, 3] });
  assert.deepEqual(pointsOf({}, before), [], "a point that was brought back is not here yet");
});

test("drawn points are enough with two of each class", () => {
  assert.equal(lacks({ dataset: "xor" }), "");
  assert.match(lacks({ dataset: "drawn" }), /2 more ● and 2 more ▲/);
  const added = [0, 0, 1].map((label) => [0, 0, label]);
  assert.match(lacks({ dataset: "drawn", added }), /0 more ● and 1 more ▲/);
  assert.equal(lacks({ dataset: "drawn", added: [...added, [1, 1, 1]] }), "");
});
