import assert from "node:assert/strict";
import { test } from "node:test";
import { Task } from "../../dashboard/web/learn/acts.js";
import { inWords } from "../../dashboard/web/learn/measure.js";

/** @param {Partial<import("../../dashboard/web/types/schemas.js").Done>} given */
const task = (given) =>
  new Task(/** @type {import("../../dashboard/web/types/schemas.js").Done} */ ({ times: 1, value: null, ...given }));

test("a task counts what it asks for and nothing else", () => {
  const steps = task({ act: "step", times: 2 });
  assert.equal(steps.take({ act: "step" }), false);
  assert.equal(steps.take({ act: "back" }), false);
  assert.equal(steps.take({ act: "step" }), true);
});

test("a change is done by the setting, and by the value where one is named", () => {
  const any = task({ act: "change", setting: "step_size" });
  assert.equal(any.take({ act: "change", setting: "policy", value: "random" }), false);
  assert.equal(any.take({ act: "change", setting: "step_size", value: 0.1 }), true);
  const layers = task({ act: "change", setting: "hidden_layers", value: [8, 8] });
  assert.equal(layers.take({ act: "change", setting: "hidden_layers", value: [8] }), false);
  assert.equal(layers.take({ act: "change", setting: "hidden_layers", value: [8, 8] }), true);
  const off = task({ act: "change", setting: "adaptive", value: false });
  assert.equal(off.take({ act: "change", setting: "adaptive", value: true }), false);
  assert.equal(off.take({ act: "change", setting: "adaptive", value: false }), true);
});

test("an iteration is reached by it or a later one", () => {
  const reach = task({ act: "reach", iteration: 200 });
  assert.equal(reach.take({ act: "reach", iteration: 199 }), false);
  assert.equal(reach.take({ act: "reach", iteration: 230 }), true);
});

test("a measure is said in words with its unit", () => {
  const measure = { what: "lamps", of: /** @type {const} */ ("first"), after: 0, until: 200, synapse: 1 };
  assert.equal(inWords(measure, 0.615), "62 %");
  assert.equal(inWords({ ...measure, what: "action" }, 2), "▲ up");
  const second = { ...measure, of: /** @type {const} */ ("difference") };
  assert.equal(inWords({ ...second, what: "loss" }, 0.05), "the loss of the second is 0.050 higher");
  assert.equal(inWords({ ...second, what: "loss" }, -0.05), "the loss of the second is 0.050 lower");
  assert.equal(inWords({ ...second, what: "validation" }, 0.4), "the second is 40 points ahead");
  assert.equal(inWords({ ...second, what: "validation" }, -0.4), "the first is 40 points ahead");
  assert.equal(inWords({ ...measure, what: "validation" }, 0.9), "90 % of the validation points right");
  assert.equal(inWords({ ...measure, what: "cells" }, 7), "7 cells changed");
});
