// Confusion matrix of a run: as a table on the page, as a drawing to save, and as rows of a CSV.
import { make } from "../core/dom.js";
import * as format from "../core/format.js";
import { tableFrame, tableHead } from "../core/table.js";

/** @import { Rows } from "../charts/csv.js" */
/** @import { TableCell, TableDrawing } from "../charts/table_figure.js" */
/** @import { Confusion } from "../types/schemas.js" */

// Strengths of colours, as in run.css: of right ones, at most of wrong ones, and for each share that is wrong.
const [MOST_RIGHT, MOST_WRONG, WRONG] = [0.38, 0.6, 1.8];

/** @param {Confusion} confusion */
export function showConfusion({ classes, class_names: names, class_samples: samples, counts, all_classes: all }) {
  /** @type {(count: number, label: number, named: number) => HTMLTableCellElement} */
  const cell = (count, label, named) => {
    const made = make("td", count ? "" : "none", count ? format.count(count) : "·");
    made.dataset.kind = label === named ? "right" : "wrong";
    made.style.setProperty("--share", (samples[label] ? count / samples[label] : 0).toFixed(3));
    const of = `${format.count(count)} of ${format.count(samples[label])} samples of ${names[label]}`;
    made.title = `${of} were predicted as ${names[named]}`;
    return made;
  };
  const rows = counts.map((row, label) => {
    const head = make("th", "", names[label], { scope: "row" });
    const found = samples[label] ? format.percent(row[label] / samples[label]) : "–";
    const recall = make("td", "recall", found, {
      title: `Share of ${names[label]} that was predicted as ${names[label]}`,
    });
    return make("tr", "", undefined, {}, head, ...row.map((count, named) => cell(count, label, named)), recall);
  });
  const table = make(
    "table",
    "confusion-table",
    undefined,
    {},
    make(
      "caption",
      "",
      "Rows: the true class. Columns: the predicted class. Recall: the share of a class that was found.",
    ),
    tableHead(["", ...names, "recall"]),
    make("tbody", "", undefined, {}, ...rows),
  );
  const frame = tableFrame("table-frame", "Confusion matrix", table);
  if (all <= classes.length) return [frame];
  const words = `These are the ${classes.length} of ${format.count(all)} classes with most mistakes.`;
  return [frame, make("p", "caption", words)];
}

/**
 * For pictures: the counts, darker the larger their share of the true class.
 *
 * @param {Confusion} confusion
 * @returns {TableDrawing}
 */
export function drawingOfConfusion({ class_names: names, class_samples: samples, counts }) {
  /** @type {(count: number, label: number, named: number) => TableCell} */
  const cell = (count, label, named) => {
    const share = samples[label] ? count / samples[label] : 0;
    const isRight = label === named;
    const strength = isRight ? MOST_RIGHT * share : Math.min(MOST_WRONG, WRONG * share);
    return { text: count ? format.count(count) : "·", tint: isRight ? "run" : "failed", strength };
  };
  return {
    columns: names,
    rows: names,
    columnTitle: "predicted class",
    rowTitle: "true class",
    cells: counts.map((row, label) => row.map((count, named) => cell(count, label, named))),
  };
}

/**
 * For CSV: every pair of classes.
 *
 * @param {Confusion} confusion
 * @returns {Rows}
 */
export function rowsOfConfusion({ class_names: names, counts }) {
  const rows = counts.flatMap((row, label) => row.map((count, named) => [names[label], names[named], count]));
  return [["true class", "predicted class", "samples"], ...rows];
}
