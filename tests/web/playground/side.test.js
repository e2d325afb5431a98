import assert from "node:assert/strict";
import { test } from "node:test";
import { forwardPasses, lockStep, sideScene } from "../../../dashboard/web/playground/side.js";

/** @param {Record<string, any>} scene @returns {any} */
const header = (scene) => ({
  iterations: 20000,
  train: Array.from({ length: 200 }),
  scene: { method: "synaptic", batch_size: 1000, batch_interval: 100, ...scene },
});

test("a second scene has the first one's data and changes, but for its own settings", () => {
  const scene = {
    seed: 3,
    changes: [
      { iteration: 5, setting: "step_size", value: 0.1 },
      { iteration: 6, setting: "weight", value: [1, 2] },
      { iteration: 7, setting: "cell", value: [1, 2] },
    ],
  };
  const settings = (/** @type {any} */ own) =>
    sideScene(scene, own).changes.map((/** @type {any} */ change) => change.setting);
  assert.deepEqual(settings({ step_size: 0.5 }), ["weight", "cell"]);
  assert.deepEqual(settings({ policy: "random" }), ["step_size", "weight"]);
  assert.equal(sideScene(scene, { policy: "random" }).seed, 3);
});

test("synapses measure once to begin, once an iteration, and once for each batch drawn", () => {
  const batches = header({ batch_size: 50, batch_interval: 10 });
  assert.deepEqual(
    [0, 1, 10, 11, 21].map((iterations) => forwardPasses(batches, iterations)),
    [0, 2, 11, 13, 24],
  );
  assert.equal(forwardPasses(header({}), 500), 501);
  assert.equal(forwardPasses(header({ method: "gradient" }), 500), 500);
});

test("in lock step the second never spends more forward passes, and as many as it can", () => {
  const [first, second] = [header({ batch_size: 50, batch_interval: 10 }), header({ method: "gradient" })];
  for (const [one, other] of [
    [first, second],
    [second, first],
  ]) {
    for (const cursor of [0, 1, 2, 10, 11, 99, 1000]) {
      const at = lockStep(one, other, cursor);
      assert.ok(forwardPasses(other, at) <= forwardPasses(one, cursor));
      assert.ok(forwardPasses(other, at + 1) > forwardPasses(one, cursor));
    }
  }
});
