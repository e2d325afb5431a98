import assert from "node:assert/strict";
import { test } from "node:test";
import { commaSeparated } from "../../dashboard/web/core/words.js";
import { PRIORITY, visibleColumns } from "../../dashboard/web/runs/columns.js";
import {
  deviationWords,
  differingWords,
  groupCurve,
  methodWords,
  nameParts,
  networkWords,
  settingWords,
  sizeWords,
  smallCurve,
} from "../../dashboard/web/runs/row_words.js";
import { known } from "../../dashboard/web/runs/state.js";

const WIDTHS = new Map([["name", 148], ["status", 118], ...PRIORITY.map((id) => /** @type {const} */ ([id, 100]))]);
const FIXED = 148 + 118;

/** @param {Map<string, boolean>} visible */
const shownOf = (visible) => [...visible].filter(([, isVisible]) => isVisible).map(([id]) => id);

test("columns get room in their order, and one without room leaves out the rest", () => {
  assert.deepEqual(shownOf(visibleColumns(WIDTHS, FIXED + 350, {}, new Set())), PRIORITY.slice(0, 3));
  const narrow = new Map([...WIDTHS, ["curve", 300]]);
  assert.deepEqual(shownOf(visibleColumns(narrow, FIXED + 400, {}, new Set())), PRIORITY.slice(0, 3));
  assert.deepEqual(shownOf(visibleColumns(WIDTHS, 5000, {}, new Set())), PRIORITY);
});

test("a chosen column is shown without room, a hidden one gives its room away", () => {
  const shown = shownOf(visibleColumns(WIDTHS, FIXED + 300, { owner: true, choose: false }, new Set()));
  assert.deepEqual(shown, ["more", "progress", "owner"]);
});

test("a column that no row has a value for gives its room to the next", () => {
  const shown = shownOf(visibleColumns(WIDTHS, 5000, {}, new Set(["tags"])));
  assert.ok(!shown.includes("tags") && shown.includes("method"));
});

test("no more is shown than has room", () => {
  for (let room = 0; room < 2000; room += 90) {
    const visible = shownOf(visibleColumns(WIDTHS, room, {}, new Set()));
    assert.ok(visible.length === 0 || FIXED + 100 * visible.length <= room);
  }
});

/** @param {Record<string, unknown>} config */
const row = (config) =>
  /** @type {import("../../dashboard/web/types/ag_grid.js").Row} */ (/** @type {unknown} */ ({ config }));

test("a row names its network and its method", () => {
  assert.equal(networkWords(row({ hidden_layers: [32, 16], activation: "relu" })), "32–16 ReLU");
  assert.equal(networkWords(row({ hidden_layers: [] })), "no hidden layer");
  assert.equal(networkWords(undefined), "");
  assert.equal(methodWords(row({ method: "gradient", optimizer: "adam" })), "gradient descent, adam");
  assert.equal(methodWords(row({ method: "synaptic", policy: "win_stay", adaptive: true })), "win stay, adaptive");
});

test("settings that differ are told as people write them", () => {
  const differs = { "Step size": 0.001, "Hidden layers": [], Adaptive: true, Policy: "win_stay", Seed: null };
  const words = ["Step size 0.001", "Hidden layers none", "Adaptive yes", "Policy win stay", "Seed –"];
  assert.deepEqual(settingWords(differs), words);
});

test("small curves of all rows have one scale", () => {
  const { points, width, height } = smallCurve(
    [
      [0, 0],
      [50, 0.5],
      [100, 1],
    ],
    100,
  );
  assert.deepEqual(points, [
    `1.0,${(height - 2).toFixed(1)}`,
    `${(width / 2 - 1).toFixed(1)},14.0`,
    `${width - 3}.0,2.0`,
  ]);
  assert.equal(deviationWords(0.0123), "± 1.2 %");
  assert.equal(deviationWords(null), "");
  assert.equal(deviationWords(0), "all equal");
  assert.equal(deviationWords(0.0001), "± 0.010 %");
});

test("an address says only what the page knows", () => {
  assert.deepEqual(known(new URLSearchParams("search=a&nonsense=1&owner=")), { search: "a" });
});

test("words between commas are trimmed, empty ones left out", () => {
  assert.deepEqual(commaSeparated(" a, b ,, c d,"), ["a", "b", "c d"]);
});

test("a group says how many of its runs are copies", () => {
  assert.equal(sizeWords({ runs: 3, copies: 0 }), "3 runs");
  assert.equal(sizeWords({ runs: 3, copies: 1 }), "3 runs, 1 copy not counted");
  assert.equal(sizeWords({ runs: 1, copies: 0 }), "1 run");
});

test("what tells a run from the others of its sweep comes first in its name", () => {
  const sweep = { sweep_id: "s1", name: "Iris policies: seed 3, policy bred" };
  assert.deepEqual(nameParts(sweep), ["seed 3, policy bred", "Iris policies"]);
  assert.deepEqual(nameParts({ ...sweep, sweep_id: null }), [sweep.name, ""]);
  assert.deepEqual(nameParts({ sweep_id: "s1", name: "Renamed" }), ["Renamed", ""]);
  assert.deepEqual(nameParts({ sweep_id: "s1", name: "Ends: " }), ["Ends: ", ""]);
});

test("what differs is told in few letters, so that all of it is seen", () => {
  assert.equal(differingWords("policy win_stay_lose_shift, seed 0"), "win stay lose shift, seed 0");
  assert.equal(differingWords("seed 1, policy bred, bias_policy bred"), "seed 1, bred, bias policy bred");
  assert.equal(differingWords("hidden_layers [8], adaptive True"), "hidden layers [8], adaptive True");
});

test("the band of a group stays within 0 and 100 %", () => {
  const { points, band } = groupCurve({
    iterations: 100,
    runs: 2,
    points: [
      [0, 0.1, 0.3],
      [100, 0.9, 0.3],
    ],
  });
  assert.equal(points.length, 2);
  const heights = band.map((point) => Number(point.split(",")[1]));
  assert.deepEqual([Math.min(...heights), Math.max(...heights)], [2, 26], "the whole height of the drawing, no more");
});
