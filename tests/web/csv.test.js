import assert from "node:assert/strict";
import { test } from "node:test";
import { cell, csv, rowsOfTraces } from "../../dashboard/web/charts/csv.js";

test("a cell that begins like a formula is text", () => {
  assert.equal(cell('=HYPERLINK("http://x","y")'), `"'=HYPERLINK(""http://x"",""y"")"`);
  for (const words of ["+1", "-2", "@SUM(A1)", "\tx", "\rx"]) assert.match(cell(words), /^"?'/);
  assert.equal(cell(-2), "-2");
});

test("commas, quotes and line ends are quoted", () => {
  assert.equal(cell("a,b"), '"a,b"');
  assert.equal(cell('say "so"'), '"say ""so"""');
  assert.equal(cell("a\nb"), '"a\nb"');
  assert.equal(cell("plain"), "plain");
});

test("numbers that are not known are empty", () => {
  for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) assert.equal(cell(value), "");
});

test("rows end as RFC 4180 asks", () =>
  assert.equal(
    csv([
      ["a", "b"],
      [1, null],
    ]),
    "a,b\r\n1,\r\n",
  ));

test("a curve is a row for each point, under the name that is drawn", () => {
  const traces = [
    {
      type: "scatter",
      x: Float64Array.of(0, 10),
      y: Float64Array.of(0.1, 0.2),
      meta: { series: { of: "metrics", role: "mean", y: "loss" } },
    },
    { type: "scatter", x: [0], y: [1], visible: false },
    { type: "scatter", x: [0], y: [1], meta: { series: { of: "metrics", role: "ends" } } },
  ];
  assert.deepEqual(rowsOfTraces(traces), [
    ["series", "role", "x", "y"],
    ["loss", "mean", 0, 0.1],
    ["loss", "mean", 10, 0.2],
  ]);
});

test("bars that lie change places of their coordinates", () => {
  const [, row] = rowsOfTraces([{ type: "bar", orientation: "h", x: [0.5], y: ["input → 32"], name: "down" }]);
  assert.deepEqual(row, ["down", "", "input → 32", 0.5]);
});

test("a heatmap is a row for each cell, counted from where its axes begin", () => {
  const rows = rowsOfTraces([
    {
      type: "heatmap",
      z: [
        [1, 2],
        [3, 4],
      ],
      x0: 1,
      y: ["a", "b"],
      name: "w",
    },
  ]);
  assert.deepEqual(rows[0], ["series", "role", "column", "row", "value"]);
  assert.deepEqual(rows.slice(1), [
    ["w", "", 1, "a", 1],
    ["w", "", 2, "a", 2],
    ["w", "", 1, "b", 3],
    ["w", "", 2, "b", 4],
  ]);
});

test("replicates in one trace are told apart", () => {
  const meta = { series: { of: "replicates", y: "accuracy" } };
  const rows = rowsOfTraces([
    { type: "scatter", x: [0, 1, null, 0, 1, null], y: [0.1, 0.2, null, 0.3, 0.4, null], meta },
  ]);
  assert.deepEqual(rows.slice(1), [
    ["accuracy", "replicate 1", 0, 0.1],
    ["accuracy", "replicate 1", 1, 0.2],
    ["accuracy", "replicate 2", 0, 0.3],
    ["accuracy", "replicate 2", 1, 0.4],
  ]);
});
