import assert from "node:assert/strict";
import { test } from "node:test";
import { cellWords, progressWords, rankWords, splitNumbers } from "../../../dashboard/web/policies/race_words.js";

const CELL = {
  policy: "bred",
  task: 0,
  samples: 5,
  mean: 0.9,
  deviation: 0.01,
  low: 0.88,
  high: 0.92,
  step_size: 0.004,
  complete: true,
  run_ids: [],
};

test("numbers are split at semicolons and spaces", () => {
  assert.deepEqual(splitNumbers("0.002; 0.004 x"), [0.002, 0.004]);
  assert.deepEqual(splitNumbers(""), []);
});

test("a cell tells mean, interval, runs and step size", () => {
  assert.deepEqual(cellWords(CELL), { value: "90.0 %", interval: "88.0 % to 92.0 %", about: "5 runs, step 0.004" });
});

test("an interval never leaves the range of an accuracy", () => {
  assert.equal(cellWords({ ...CELL, mean: 0.99, low: 0.97, high: 1.01 }).interval, "97.0 % to 100.0 %");
});

test("without an interval a cell says so, and without a result it claims none", () => {
  assert.equal(cellWords({ ...CELL, low: null, high: null }).interval, "no interval");
  assert.equal(cellWords({ ...CELL, mean: null, complete: false }).value, "…");
  assert.equal(cellWords({ ...CELL, mean: null }).value, "no result");
});

test("a rank that chance could have made says so", () => {
  const rank = { policy: "bred", mean: 0.9, behind: 0.004, low: -0.01, high: 0.018, distinguishable: false };
  assert.match(
    rankWords(rank, "first", false),
    /0\.4 points behind; 95 % interval -1\.0 to 1\.8.*not distinguishable from first/,
  );
  assert.equal(rankWords({ ...rank, behind: 0 }, "bred", true), "bred: 90.0 %");
});

test("progress counts what is done, failed and stopped", () => {
  assert.equal(progressWords({ succeeded: 3, queued: 2, failed: 1 }), "3 of 6 runs done, 1 failed");
});
