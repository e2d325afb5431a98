import assert from "node:assert/strict";
import { test } from "node:test";
import { tableFigure } from "../../dashboard/web/charts/table_figure.js";
import { drawingOfConfusion } from "../../dashboard/web/run/confusion.js";

/** @import { TableDrawing } from "../../dashboard/web/charts/table_figure.js" */

const look = { font: 12, colour: (/** @type {string} */ role) => `#${role}` };

/** @type {TableDrawing} */
const small = {
  columns: ["<b>", "c"],
  rows: ["a"],
  columnTitle: "columns",
  rowTitle: "rows",
  cells: [
    [
      { text: "5", tint: "run", strength: 0.3 },
      { text: "7", tint: "failed", strength: 0.6, isFramed: true },
    ],
  ],
};

test("each cell of a table is drawn once, in its tint", () => {
  const { data } = tableFigure(small, look);
  assert.deepEqual(
    data.map(({ text, z }) => ({ text, z })),
    [
      { text: [["5", ""]], z: [[0.3, null]] },
      { text: [["", "7"]], z: [[null, 0.6]] },
    ],
  );
  assert.deepEqual(data[1].colorscale, [
    [0, "#canvas"],
    [1, "#failed"],
  ]);
});

test("names are never HTML, and the framed cell has its frame", () => {
  const { layout } = tableFigure(small, look);
  assert.deepEqual(layout.xaxis.ticktext, ["&lt;b>", "c"]);
  assert.deepEqual([layout.shapes.length, layout.shapes[0].x0, layout.shapes[0].y1], [1, 0.5, 0.5]);
});

test("a table has room for all its rows and columns, and more with larger type", () => {
  const tall = { ...small, rows: ["a", "b"], cells: [small.cells[0], small.cells[0]] };
  assert.ok(tableFigure(tall, look).height > tableFigure(small, look).height);
  assert.ok(tableFigure(small, { ...look, font: 24 }).width > 1.5 * tableFigure(small, look).width);
});

test("a confusion matrix shows counts, the diagonal in the colour of what is right", () => {
  const { cells, rows } = drawingOfConfusion({
    iteration: 1,
    replicate: 0,
    samples: 10,
    right: 7,
    classes: [0, 1],
    class_names: ["A", "B"],
    class_samples: [4, 6],
    counts: [
      [4, 0],
      [3, 3],
    ],
    all_classes: 2,
  });
  assert.deepEqual(rows, ["A", "B"]);
  assert.deepEqual(
    cells.flat().map(({ text, tint }) => [text, tint]),
    [
      ["4", "run"],
      ["·", "failed"],
      ["3", "failed"],
      ["3", "run"],
    ],
  );
  assert.deepEqual([cells[0][0].strength, cells[1][0].strength], [0.38, 0.6]);
});
