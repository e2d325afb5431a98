import assert from "node:assert/strict";
import { test } from "node:test";
import { fitted, isCrowded, withoutNames } from "../../dashboard/web/charts/fit.js";
import { setIn } from "../../dashboard/web/charts/paint.js";
import { groupingOf, queryOf, withMember } from "../../dashboard/web/compare/address.js";

/** @import { CompareState } from "../../dashboard/web/types/schemas.js" */

/** @type {CompareState} */
const USUAL = {
  runs: ["a", "b"],
  sweep: null,
  metric: "validation_accuracy",
  x: "iteration",
  statistic: "final",
  smoothing: 0,
  group: null,
  baseline: null,
  members: null,
  log_x: false,
  log_y: false,
};

test("an address holds the runs, and of the rest only what differs from the default", () => {
  assert.equal(queryOf(USUAL), "runs=a,b");
  assert.equal(queryOf({ ...USUAL, sweep: "s1" }), "sweep=s1");
  assert.equal(queryOf({ ...USUAL, runs: [] }), "");
  assert.equal(
    queryOf({ ...USUAL, x: "seconds", smoothing: 0.5, group: "", baseline: "a", members: "a,b", log_y: true }),
    "runs=a,b&x=seconds&smoothing=0.5&group=&baseline=a&members=a,b&log_y=yes",
  );
});

test("the usual grouping leaves the seed out and needs no words", () => {
  const all = ["seed", "policy", "step_size"];
  assert.equal(groupingOf(["step_size", "policy"], all), null);
  assert.equal(groupingOf(all, all), "none");
  assert.equal(groupingOf(["policy"], all), "policy");
  assert.equal(groupingOf([], all), "");
});

test("groups whose runs are drawn are opened and closed one by one", () => {
  assert.equal(withMember(null, "a", true), "a");
  assert.equal(withMember("a,b", "a", true), "a,b");
  assert.equal(withMember("a,b", "a", false), "b");
});

test("a layout fits the size of type and stays as it was for the next drawing", () => {
  const original = { margin: { l: 10, r: 20 }, xaxis: { title: { text: "x" } }, yaxis: { tickfont: { size: 10 } } };
  const wide = fitted(original, 900, 1.5);
  assert.deepEqual(wide.margin, { l: 15, r: 30 });
  assert.equal(wide.yaxis.tickfont.size, 15);
  assert.equal(wide.xaxis.nticks, undefined);
  assert.equal(fitted(original, 400, 1).xaxis.nticks, 4);
  assert.deepEqual(original.margin, { l: 10, r: 20 });
});

test("names at the ends of curves give way where they would take the room of the curves", () => {
  const layout = { margin: { r: 200 } };
  assert.equal(isCrowded(layout, 900), false);
  assert.equal(isCrowded(layout, 400), true);
  const end = { mode: "markers+text", meta: { series: { of: "comparison", role: "end" } } };
  const mean = { mode: "lines", meta: { series: { of: "comparison", role: "mean" } } };
  const shown = withoutNames([end, mean], layout);
  assert.deepEqual(
    shown.map(({ mode }) => mode),
    ["markers", "lines"],
  );
  assert.equal(layout.margin.r, 16);
  assert.equal(end.mode, "markers+text");
});

test("a colour is set in a part of a trace that need not be there", () => {
  const trace = { line: { width: 2 } };
  setIn(trace, ["line", "color"], "#000");
  setIn(trace, ["marker", "line", "color"], "#fff");
  assert.deepEqual(trace, { line: { width: 2, color: "#000" }, marker: { line: { color: "#fff" } } });
});
