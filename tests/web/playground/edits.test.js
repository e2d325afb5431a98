// What a change makes of a scene.
import assert from "node:assert/strict";
import { test } from "node:test";
import { branched, canBranch, restarted, settled, valueAt } from "../../../dashboard/web/playground/edits.js";

/** @type {any} */
const FORM = {
  settings: {
    dataset: { default: "xor" },
    step_size: { default: 0.05 },
    exploration: { default: 0 },
    policy: { default: "fast" },
    seed: { default: 1 },
  },
  parameters: { xor: { noise: { default: 0.1 } }, moons: {} },
  policies: [
    { name: "fast", history: 2, exploration: 0.2 },
    { name: "calm", history: 2, exploration: 0.1 },
    { name: "long", history: 3 },
  ],
  changeable: ["step_size", "exploration", "policy", "weight", "cell"],
};
const CHANGES = [
  { iteration: 10, setting: "step_size", value: 0.02 },
  { iteration: 20, setting: "cell", value: [3, 0.5] },
  { iteration: 30, setting: "step_size", value: 0.01 },
];

test("the value in force is the newest change up to the cursor", () => {
  const scene = { changes: CHANGES };
  assert.deepEqual(
    [0, 10, 29, 30].map((cursor) => valueAt(scene, FORM, "step_size", cursor)),
    [0.05, 0.02, 0.02, 0.01],
  );
  assert.equal(valueAt({}, FORM, "noise", 0), 0.1);
  assert.equal(valueAt({ dataset: "moons" }, FORM, "noise", 0), 0);
});

test("a branch drops later changes and replaces those at the cursor", () => {
  const edits = [{ setting: "cell", value: [3, 0.9] }];
  const { changes } = branched({ changes: CHANGES }, edits, 20);
  assert.deepEqual(changes, [CHANGES[0], { iteration: 20, setting: "cell", value: [3, 0.9] }]);
  const other = branched({ changes: CHANGES }, [{ setting: "cell", value: [4, 0.9] }], 20);
  assert.equal(other.changes.length, 3, "another cell at the same iteration stays");
});

test("a policy of another history begins anew, another setting branches", () => {
  const can = (/** @type {string} */ setting, /** @type {any} */ value, cursor = 20) =>
    canBranch({}, FORM, { setting, value }, cursor);
  assert.equal(can("policy", "calm"), true);
  assert.equal(can("policy", "long"), false);
  assert.equal(can("step_size", 0.1), true);
  assert.equal(can("step_size", 0.1, 0), false, "at the start nothing is kept");
  assert.equal(can("seed", 2), false);
});

test("a new start keeps settings and cells in force, and no later change", () => {
  const scene = settled({ changes: CHANGES }, FORM, 25);
  assert.equal(scene.step_size, 0.02);
  assert.deepEqual(scene.changes, [{ iteration: 0, setting: "cell", value: [3, 0.5] }]);
  const after = [...CHANGES, { iteration: 40, setting: "policy", value: "calm" }];
  assert.deepEqual(settled({ changes: after }, FORM, 50).changes, [], "a policy brings its own cells");
});

test("a new start with another data set forgets points and parameters", () => {
  const scene = { parameters: { noise: 0.3 }, added: [[0, 0, 1]], removed: [2], changes: CHANGES };
  const begun = restarted(scene, FORM, { setting: "dataset", value: "moons" }, 25);
  assert.deepEqual(
    [begun.dataset, begun.parameters, begun.added, begun.removed],
    ["moons", undefined, undefined, undefined],
  );
  assert.equal(restarted(scene, FORM, { setting: "noise", value: 0.2 }, 25).parameters.noise, 0.2);
});

test("a new start with a policy of another history has none of the old cells", () => {
  const begun = restarted({ changes: CHANGES }, FORM, { setting: "policy", value: "long" }, 25);
  assert.equal(begun.policy, "long");
  assert.equal(begun.changes, undefined);
  assert.equal(restarted({}, FORM, { setting: "policy", value: "calm" }, 0).exploration, 0.1);
});
