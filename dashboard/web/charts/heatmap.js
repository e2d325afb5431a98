// The heatmap of weights: which matrix is in view, as cells or as pictures of units, its colour scales, and the frame
// around the selected synapse.
import { pageData } from "../core/page_data.js";
import { colour } from "../core/theme.js";
import { ceilingOf, hasFinite, spread } from "./spread.js";

/** @import { RunData } from "../run/data.js" */
/** @import { Cells, Matrix } from "../run/snapshot.js" */
/** @import { Attributes, Point } from "../types/plotly.js" */
/** @import { Mosaic } from "./mosaic.js" */
/** @import { Plot } from "./plot.js" */

/** @typedef {{ layer: number, input: number, unit: number }} SynapsePlace input 0 is the bias */

const FEW_TICKS = 12; // each has a tick then; Plotly would put some between them

export class Heatmap {
  /** @param {Plot} plot */
  constructor(plot) {
    this.plot = plot;
    this.ceiling = ""; // ends of the colour scales as drawn
    /** @type {Matrix | null} matrix of weights in view */
    this.matrix = null;
    this.layers = 1;
    this.pictures = false;
    /** @type {Mosaic | null} */
    this.mosaic = null;
    /** @type {SynapsePlace | null} */
    this.selected = null;
    /** @type {string | null} what the axes are for as drawn */
    this.arranged = null;
  }

  /** Dash drew the figure anew: nothing is as it was drawn here. */
  adopt() {
    this.ceiling = "";
    this.arranged = null;
  }

  /**
   * @param {Cells | null} layer in view
   * @param {RunData} data
   * @returns {Attributes}
   */
  layoutChanges(layer, data) {
    return { ...this.colours(layer, data.snapshot?.matrices[this.plot.layer ?? 0]), ...this.arrangement(data) };
  }

  /**
   * Show another layer, as pictures where its inputs are pixels and pictures are wanted.
   *
   * @param {number} layer
   * @param {number} layers how many there are
   * @param {boolean} pictures
   */
  show(layer, layers, pictures) {
    Object.assign(this, { layers, pictures, arranged: null });
    this.plot.showLayer(layer);
  }

  /**
   * Frame a synapse.
   *
   * @param {SynapsePlace} synapse
   */
  select(synapse) {
    this.selected = synapse;
    this.plot.redraw();
  }

  /**
   * Height and width of a unit's picture; null where there is none: only inputs of the first layer can be pixels.
   *
   * @param {RunData} data
   */
  pictureShape({ run }) {
    const isFirst = this.pictures && this.plot.layer === 0;
    return isFirst && run?.sample_shape.length === 2 ? run.sample_shape : null;
  }

  /**
   * The synapse at a point of the drawn heatmap; null between pictures.
   *
   * @param {Point} point
   * @returns {SynapsePlace | null}
   */
  synapseAt({ curveNumber, x, y }) {
    const { first, layer } = this.matrix ?? { first: 0, layer: this.plot.layer ?? 0 };
    if (this.plot.series[curveNumber]?.part === "biases") return { layer, input: 0, unit: y - 1 };
    if (!this.mosaic) return { layer, input: first + x, unit: y - 1 };
    const place = this.mosaic.place(y - 1, x - 1);
    return place && { layer, input: place[1] + 1, unit: place[0] };
  }

  /**
   * The selected synapse as a place of a matrix, its input counted from the matrix's own sources; null: not in it.
   *
   * @param {Matrix} matrix
   * @returns {SynapsePlace | null}
   */
  selectedIn({ first, kind, layer, sources }) {
    const { selected } = this;
    if (selected?.layer !== layer) return null;
    if (selected.input === 0) return kind === "forward" ? selected : null;
    const input = selected.input - first;
    return input >= 1 && input <= sources ? { ...selected, input } : null;
  }

  /** A frame around the selected synapse, where it is in view. */
  selection() {
    const { matrix, mosaic } = this;
    const selected = matrix && this.selectedIn(matrix);
    if (!selected) return [];
    let [x, y, xref] = [selected.input, selected.unit + 1, "x"];
    if (mosaic) {
      if (selected.input === 0 || selected.unit >= mosaic.count) return [];
      const [row, column] = mosaic.cell(selected.unit, selected.input - 1);
      [x, y] = [column + 1, row + 1];
    } else if (selected.input === 0) [x, xref] = [0, "x2"];
    const line = { color: colour("ink"), width: 2 };
    return [{ type: "rect", xref, yref: "y", x0: x - 0.5, x1: x + 0.5, y0: y - 0.5, y1: y + 0.5, line }];
  }

  /**
   * Ends of the colour scales of the layer in view: of its weights, and of its biases, which move by larger steps.
   *
   * A layer without a finite weight has none.
   *
   * @param {Cells | null} layer
   * @param {Matrix} [matrix]
   */
  colours(layer, matrix) {
    if (!layer) return {};
    const { ceilings: steps } = pageData();
    const weights = ceilingOf(spread(layer.weights), steps);
    const biases = ceilingOf(spread(layer.biases, 1), steps);
    const hasColours = !matrix || hasFinite(matrix.coded);
    const drawn = `${weights} ${biases} ${hasColours}`;
    if (this.ceiling === drawn) return {};
    this.ceiling = drawn;
    return {
      "coloraxis.showscale": hasColours,
      "coloraxis.cmin": -weights,
      "coloraxis.cmax": weights,
      "coloraxis2.cmin": -biases,
      "coloraxis2.cmax": biases,
    };
  }

  /**
   * Axes for what is shown: changed when that changes, so that zoom is kept otherwise.
   *
   * @param {RunData} data
   */
  arrangement(data) {
    const layer = this.plot.layer ?? 0;
    const matrix = data.snapshot?.matrices[layer];
    const isPicture = this.pictureShape(data) !== null;
    const shown = `${layer} ${isPicture}`;
    if (shown === this.arranged || !matrix) return {};
    this.arranged = shown;
    this.matrix = matrix;
    const source = matrix.layer ? "unit of the layer before" : "input";
    return {
      "xaxis.title.text": isPicture ? "" : matrix.kind === "recurrent" ? "unit, one step before" : source,
      "yaxis.title.text": isPicture ? "" : layer === this.layers - 1 ? "output" : "unit",
      ...ticks("xaxis", isPicture ? null : matrix.sources),
      ...ticks("yaxis", isPicture ? null : matrix.coded.columns),
      "xaxis.autorange": true,
      "yaxis.autorange": "reversed",
      "xaxis.showticklabels": !isPicture,
      "yaxis.showticklabels": !isPicture,
      "xaxis.domain": isPicture || matrix.kind === "recurrent" ? [0, 1] : [0, 0.955],
      "xaxis2.visible": !isPicture && matrix.kind === "forward",
      "yaxis.scaleanchor": isPicture ? "x" : false,
    };
  }
}

/**
 * Ticks of an axis of whole numbers: one for each of few, else as Plotly sees fit, however the axis was before.
 *
 * @param {string} axis
 * @param {number | null} count
 */
function ticks(axis, count) {
  const each = count !== null && count <= FEW_TICKS;
  return { [`${axis}.tickmode`]: each ? "linear" : "auto", [`${axis}.dtick`]: each ? 1 : null };
}
