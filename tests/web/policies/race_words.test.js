import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cellWords,
  placeWords,
  progressWords,
  rankWords,
  splitNumbers,
  transferWords,
} from "../../../dashboard/web/policies/race_words.js";

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
  bred_here: false,
  run_ids: [],
};

test("numbers are split at semicolons and spaces", () => {
  assert.deepEqual(splitNumbers("0.002; 0.004 x"), [0.002, 0.004]);
  assert.deepEqual(splitNumbers(""), []);
});

test("a cell tells mean, interval, runs and step size", () => {
  assert.deepEqual(cellWords(CELL), {
    value: "90.0 %",
    interval: "88.0 % to 92.0 %",
    about: "5 runs, step 0.004",
    own: "",
  });
  assert.match(cellWords({ ...CELL, bred_here: true }).own, /bred on this data/);
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
  const rank = {
    policy: "bred",
    mean: 0.9,
    mean_low: null,
    mean_high: null,
    behind: 0.004,
    low: -0.01,
    high: 0.018,
    distinguishable: false,
  };
  assert.match(
    rankWords(rank, "first", false),
    /0\.4 points behind; 95 % interval -1\.0 to 1\.8.*not distinguishable from first/,
  );
  assert.equal(rankWords({ ...rank, behind: 0 }, "bred", true), "bred: 90.0 %");
  const known = { ...rank, mean_low: 0.88, mean_high: 1.02 };
  assert.equal(rankWords(known, "bred", true), "bred: 90.0 % (95 % interval 88.0 % to 100.0 %)");
});

test("a place in a race tells rank, mean, interval and whether chance explains it", () => {
  const race = {
    race_id: "r",
    name: "Race",
    owner: "Ada",
    created_at: "",
    tasks: ["moons"],
    policies: 4,
    state: /** @type {const} */ ("complete"),
    is_there: true,
    place: 2,
    mean: 0.8,
    low: 0.78,
    high: 0.82,
    behind: 0.05,
    distinguishable: false,
  };
  assert.equal(
    placeWords(race),
    "place 2 of 4; 80.0 % (95 % interval 78.0 % to 82.0 %); 5.0 points behind, not distinguishable from the first",
  );
  assert.equal(placeWords({ ...race, place: null, mean: null, state: "running" }), "no result yet");
  assert.match(placeWords({ ...race, place: 1, is_there: false }), /^place 1 of 4; 80.*its runs were removed$/);
});

test("transfer tells the tasks that a policy was bred on from the others", () => {
  const told = { policy: "bred", trained_on: ["moons", "xor"], own: 0.9, others: 0.7 };
  assert.equal(
    transferWords(told),
    "bred was learned or raced on moons, xor: 90.0 % on tasks with these data, 70.0 % on the other tasks.",
  );
  assert.match(transferWords({ ...told, others: null }), /no other task has a result/);
});

test("progress counts what is done, failed and stopped", () => {
  assert.equal(progressWords({ succeeded: 3, queued: 2, failed: 1 }), "3 of 6 runs done, 1 failed");
});
