import assert from "node:assert/strict";
import { test } from "node:test";
import { accuracy, Forward, grid, margins, meanLoss, probability } from "../../../dashboard/web/playground/forward.js";

/** @param {number} one @param {number} other */
const near = (one, other) => assert.ok(Math.abs(one - other) < 1e-6, `${one} is not ${other}`);

test("a hand calculation: bias first, then the inputs", () => {
  const network = new Forward([2, 1, 2], "relu", [Float32Array.of(1, -1), Float32Array.of(2, 0)]);
  const [first, second] = network.run(Float32Array.of(0.5, 1, 2, 0.25, 3, -1, 0.5));
  assert.deepEqual([...network.layers[0][0]], [5.5, 0]);
  assert.deepEqual([...first], [16.75, 0.25]);
  assert.deepEqual([...second], [1.75, -1]);
});

test("without hidden layers the outputs are sums", () => {
  const [only] = new Forward([2, 1], "tanh", [Float32Array.of(1), Float32Array.of(1)]).run(Float32Array.of(1, 2, 4));
  assert.deepEqual([...only], [7]);
});

test("thresholds at 0 are off, as in the engine", () => {
  for (const [name, wanted] of /** @type {const} */ ([
    ["step", [0, 1, 0]],
    ["sign", [0, 1, -1]],
  ])) {
    const network = new Forward([1, 1, 1], name, [Float32Array.of(0, 1, -1)]);
    assert.deepEqual([...network.run(Float32Array.of(0, 1, 0, 1))[0]], wanted);
  }
});

test("losses of two logits and of one agree", () => {
  const two = [Float32Array.of(0, 0), Float32Array.of(3, -2)];
  const one = [Float32Array.of(3, -2)];
  near(meanLoss("cross_entropy", 2, two, [1, 1]), meanLoss("logistic", 2, one, [1, 1]));
  near(meanLoss("cross_entropy", 2, two, [1, 0]), (Math.log1p(Math.exp(-3)) + Math.log1p(Math.exp(-2))) / 2);
  near(meanLoss("l_p", 2, two, [1, 0]), ((1 / (1 + Math.exp(3))) ** 2 + (1 / (1 + Math.exp(2))) ** 2) / 2);
  assert.equal(meanLoss("squared_error", 2, two, [1, 0]), (0 + 4 + 1 + 4) / 2);
  assert.equal(accuracy(two, [1, 1]), 0.5);
  assert.equal(accuracy(one, [1, 0]), 1);
});

test("a large margin overflows nothing", () => {
  assert.equal(meanLoss("cross_entropy", 2, [Float32Array.of(1e30), Float32Array.of(-1e30)], [0]), 0);
  assert.equal(probability("cross_entropy", 1e30), 1);
});

test("where the margin is 0, both classes are as likely", () => {
  assert.deepEqual([...margins([Float32Array.of(1), Float32Array.of(1)], new Float32Array(1))], [0]);
  for (const loss of /** @type {const} */ (["cross_entropy", "squared_error", "logistic", "l_p"])) {
    assert.equal(probability(loss, 0), 0.5);
  }
});

test("a grid runs row by row from the top left", () => {
  const [x, y] = grid(2, 2);
  assert.deepEqual([...x], [-1, 1, -1, 1]);
  assert.deepEqual([...y], [1, 1, -1, -1]);
});
