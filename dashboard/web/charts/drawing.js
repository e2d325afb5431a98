// Attributes of the traces of a run's figures, for each kind of series that a trace can draw.
import * as format from "../core/format.js";
import { scale } from "../core/theme.js";
import { spaced } from "./curve_ends.js";
import { Mosaic } from "./mosaic.js";
import { edge, refined } from "./refine.js";

/** @import { Series } from "../types/plotly.js" */
/** @import { Column } from "../run/column.js" */
/** @import { Action, RunData, Shares } from "../run/data.js" */
/** @import { Metrics } from "../types/schemas.js" */
/** @import { Plot } from "./plot.js" */

/** @typedef {{ metrics?: Metrics, shares?: Shares }} FineWindow points at full resolution of a part of the curves */
/** @typedef {(attribute: string, value: unknown) => void} SetAttribute */
/** @typedef {(data: RunData, series: Series, set: SetAttribute, plot: Plot) => void} Draw */

const LABEL_HEIGHT = 16; // px, of type at its usual size
const HOVER = {
  pictures: "%{z:.4f}<extra></extra>",
  weights: "input %{x} to unit %{y}: %{z:.4f}<extra></extra>",
  biases: "bias of unit %{y}: %{z:.4f}<extra></extra>",
};

/** @type {Record<string, Draw>} */
export const DRAW = {
  metrics(data, series, set, plot) {
    if (series.role === "ends") {
      drawEnds(data, series, set, plot);
      return;
    }
    const { iteration, values, deviation } = data.metrics;
    const name = series.y ?? "";
    const column = values[name];
    if (!column) return;
    const fine = plot.window?.metrics;
    const sign = series.role === "upper" ? 1 : -1;
    const isMean = series.role === "mean";
    const coarse = isMean ? column.view : edge(column.view, deviation[name]?.view, sign);
    const fineMeans = fine?.values[name];
    if (!fine || !fineMeans) {
      set("x", iteration.view);
      set("y", coarse);
      return;
    }
    const fineValues = isMean ? fineMeans : edge(fineMeans, fine.deviation?.[name], sign);
    set("x", refined(iteration.view, fine.iteration, iteration.view, fine.iteration));
    set("y", fineValues.length ? refined(iteration.view, fine.iteration, coarse, fineValues) : coarse);
  },

  // One curve after the other in one trace: a gap parts them.
  replicates(data, series, set) {
    const { iteration, values } = data.replicates ?? { iteration: [], values: {} };
    const curves = values[series.y ?? ""] ?? [];
    const x = curves.flatMap(() => [...iteration, null]);
    const y = curves.flatMap((curve) => [...curve, null]);
    set("x", x);
    set("y", y);
  },

  baseline(data, series, set) {
    const iterations = data.baseline?.iteration ?? [];
    const column = data.baseline?.values[series.y ?? ""] ?? [];
    if (series.role === "curve") {
      set("x", iterations);
      set("y", column);
      return;
    }
    // On from its last point to the end of the run.
    const [from, to, value] = [iterations.at(-1), data.run?.iterations ?? 0, column.at(-1)];
    const rest = data.baselineIsOver && from !== undefined && from < to;
    set("x", rest ? [from, to] : []);
    set("y", rest ? [value, value] : []);
  },

  shares(data, series, set, plot) {
    const action = /** @type {Action} */ (series.y);
    /** @param {Shares} shares */
    const column = (shares) => (plot.layer === null ? shares.all : shares.layers[plot.layer])?.[action].view;
    const iterations = data.shares.iteration.view;
    const coarse = column(data.shares);
    const fine = plot.window?.shares;
    const fineValues = fine && column(fine);
    if (!coarse || !fine || !fineValues?.length) {
      set("x", coarse ? iterations : []);
      set("y", coarse ?? []);
      return;
    }
    const window = fine.iteration.view;
    set("x", refined(iterations, window, iterations, window));
    set("y", refined(iterations, window, coarse, fineValues));
  },

  layers(data, series, set) {
    const shares = data.layers.map((layer) => layer[/** @type {Action} */ (series.y)]);
    if (shares.length) set("x", shares);
  },

  weights(data, series, set, plot) {
    const part = series.part ?? "weights";
    const cells = data.cells?.layer(plot.layer ?? 0);
    const shape = plot.heatmap.pictureShape(data);
    plot.heatmap.mosaic = shape && cells ? new Mosaic(cells.weights.length, shape, plot.size) : null;
    set("hovertemplate", HOVER[plot.heatmap.mosaic ? "pictures" : part]);
    if (!cells?.[part].length || (shape && part === "biases")) set("z", [[]]);
    else set("z", plot.heatmap.mosaic ? plot.heatmap.mosaic.fill(cells.weights) : cells[part]);
  },
};

/**
 * Write the word at the end of each curve.
 *
 * @type {Draw}
 */
function drawEnds(data, series, set, plot) {
  const columns = series.columns ?? [];
  const ends = columns
    .map(([column, word]) => ({ word, value: data.metrics.values[column]?.last ?? Number.NaN }))
    .filter((end) => format.known(end.value));
  const baseline = data.baseline?.values[series.baseline ?? ""]?.at(-1);
  if (format.known(baseline)) ends.push({ word: "gradient", value: baseline });
  if (!ends.length) {
    for (const attribute of ["x", "y", "text"]) set(attribute, []);
    return;
  }
  const words = series.format === "percent" ? format.percent : format.number;
  ends.sort((a, b) => a.value - b.value);
  const axis = plot.yScale(columns.map(([column]) => data.metrics.values[column]));
  const places = spaced(
    ends.map((end) => end.value),
    LABEL_HEIGHT * scale().type * axis.perPixel,
    axis,
  );
  const x = ends.map(() => data.metrics.iteration.last);
  const labels = ends.map((end) => `\u00a0${end.word} ${words(end.value)}`);
  set("x", x);
  set("y", places);
  set("text", labels);
}

/**
 * Largest value of columns; 0 where there is none. Passes over NaN.
 *
 * @param {(Column | undefined)[]} columns
 */
export function largest(columns) {
  let most = 0;
  for (const column of columns) for (const value of column?.view ?? []) if (value > most) most = value;
  return most;
}
