// Samples of a data set: points in the plane, rows of values, or strips of pictures; and its size in words.
import { make } from "../core/dom.js";
import * as format from "../core/format.js";
import { tableHead } from "../core/table.js";
import { shape } from "./svg.js";

/** @import { DatasetClass, DatasetPreview, DatasetRow } from "../types/schemas.js" */

const POINT_CLASSES = 4; // colours of points
const DIGITS = 3; // of a value in a table

/**
 * Samples, inputs and classes, in words.
 *
 * @param {DatasetPreview} preview
 */
export function sizeWords({ classes, sample_shape: sizes, samples }) {
  return [format.plural(samples, "sample"), shapeWords(sizes), format.plural(classes.length, "class", "classes")].join(
    " · ",
  );
}

/**
 * A sample in words: "8 × 8 pixels", "10 steps of 5 inputs", "13 inputs".
 *
 * @param {number[]} sizes
 */
function shapeWords(sizes) {
  const [steps, height, width] = sizes;
  if (sizes.length === 3 && height === 1) return `${format.count(steps)} steps of ${format.plural(width, "input")}`;
  if (sizes.length === 3) return `${format.count(steps)} steps of ${height} × ${width} pixels`;
  return `${sizes.map(format.count).join(" × ")} ${sizes.length === 2 ? "pixels" : "inputs"}`;
}

/**
 * Points of classes in the plane.
 *
 * @param {number[][]} points x, y and number of the class of each
 */
export function pointsPicture(points) {
  const flat = points.flatMap((point) => point.slice(0, 2));
  const [low, high] = [Math.min(...flat), Math.max(...flat)];
  /** @param {number} value */
  const place = (value) => 3 + (94 * (value - low)) / (high - low || 1);
  const dots = points.map(([x, y, label]) => {
    const at = { cx: place(x).toFixed(1), cy: (100 - place(y)).toFixed(1) };
    return shape("circle", { ...at, r: 1, class: `class-${label % POINT_CLASSES}` });
  });
  return shape("svg", { viewBox: "0 0 100 100", class: "points", "aria-hidden": "true" }, ...dots);
}

/**
 * The first rows and columns of a table.
 *
 * @param {DatasetPreview} preview
 * @param {{ rows: number, columns: number, className?: string }} most
 */
export function rowsTable({ feature_names: names, rows }, { className = "", columns, rows: most }) {
  /** @param {DatasetRow} row */
  const line = ({ class_name: name, values }) => {
    const cells = values.slice(0, columns).map((value) => make("td", "", String(Number(value.toPrecision(DIGITS)))));
    return make("tr", "", undefined, {}, make("th", "", name, { scope: "row" }), ...cells);
  };
  const head = tableHead(["class", ...names.slice(0, columns)]);
  return make(
    "table",
    className,
    undefined,
    {},
    head,
    make("tbody", "", undefined, {}, ...rows.slice(0, most).map(line)),
  );
}

/**
 * Some samples of a class, side by side; null where samples are no pictures.
 *
 * @param {DatasetClass} one
 */
export function strip({ name, picture }) {
  return picture ? make("img", "strip", undefined, { src: picture, alt: `Samples of class ${name}` }) : null;
}
