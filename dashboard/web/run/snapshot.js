// Weights and policy table of a network at one iteration, and the change between two.
import * as format from "../core/format.js";

/** @import { LayerWeights, PolicyRead, Weights } from "../types/schemas.js" */

/**
 * Weights of a matrix: a row for each unit with a column for each source, and the biases apart.
 *
 * @typedef {{ weights: Float32Array[], biases: Float32Array[] }} Cells
 */

/**
 * What is shown at once: the weights of a layer from below with its biases, or those from its own units one step
 * earlier. `layer` is counted from 0, and source x of the matrix, from 1, is input `first` + x of the layer.
 *
 * @typedef {{ coded: LayerWeights, kind: "forward" | "recurrent", layer: number, first: number, sources: number }} Matrix
 */

/**
 * The matrices of layers, in the order in which the page offers them.
 *
 * @param {LayerWeights[]} layers
 * @returns {Matrix[]}
 */
export function matricesOf(layers) {
  return layers.flatMap((coded, layer) => {
    const kinds = kindsOf(coded);
    const count = (/** @type {string} */ kind) => kinds.filter((one) => one === kind).length;
    const [forward, recurrent] = [count("forward"), count("recurrent")];
    /** @type {Matrix[]} */
    const found = [{ coded, kind: "forward", layer, first: 0, sources: forward }];
    if (recurrent) found.push({ coded, kind: "recurrent", layer, first: forward, sources: recurrent });
    return found;
  });
}

/** Matrices are decoded when they are asked for. */
export class Snapshot {
  /**
   * @param {Weights} weights
   * @param {PolicyRead | null} [policy] table of the synapses
   */
  constructor(weights, policy) {
    this.iteration = weights.iteration;
    this.replicate = weights.replicate;
    this.layers = weights.layers;
    this.matrices = matricesOf(weights.layers);
    this.policy = policy ?? null;
    /** @type {(Cells | undefined)[]} */
    this.decoded = [];
  }

  /**
   * @param {number} index of the matrix
   * @returns {Cells | null}
   */
  layer(index) {
    const matrix = this.matrices[index];
    if (!matrix) return null;
    this.decoded[index] ??= decode(matrix.coded, matrix.kind);
    return this.decoded[index];
  }

  /** Words on weights that are infinite or no number, as after an explosion; "" while all are finite. */
  get lostWords() {
    const lost = this.layers.reduce((total, { not_finite }) => total + not_finite, 0);
    const all = this.layers.reduce((total, { rows, columns }) => total + rows * columns, 0);
    if (!lost) return "";
    if (lost === all) return "no weight is finite: there is nothing to colour";
    return `${format.count(lost)} of ${format.count(all)} weights are not finite and shown as 0; the colours span the others`;
  }

  /** Size of the largest weight of all layers. */
  get largest() {
    return Math.max(...this.layers.map((layer) => layer.scale));
  }
}

/** The change of the weights from one snapshot to another, in the form of a snapshot. */
export class WeightChange {
  /**
   * @param {Snapshot} first
   * @param {Snapshot} now
   */
  constructor(first, now) {
    this.first = first;
    this.now = now;
    this.matrices = now.matrices;
    /** @type {(Cells | undefined)[]} */
    this.decoded = [];
  }

  /**
   * @param {number} index
   * @returns {Cells | null}
   */
  layer(index) {
    if (!this.decoded[index]) {
      const [before, after] = [this.first.layer(index), this.now.layer(index)];
      if (!before || !after) return null;
      this.decoded[index] = {
        weights: difference(after.weights, before.weights),
        biases: difference(after.biases, before.biases),
      };
    }
    return this.decoded[index];
  }

  get largest() {
    let most = 0;
    for (const index of this.matrices.keys()) {
      const { weights, biases } = this.layer(index) ?? { weights: [], biases: [] };
      for (const row of [...weights, ...biases]) for (const value of row) most = Math.max(most, Math.abs(value));
    }
    return most;
  }
}

/**
 * @param {Float32Array[]} rows
 * @param {Float32Array[]} others
 */
function difference(rows, others) {
  return rows.map((row, unit) => row.map((value, place) => value - others[unit][place]));
}

/**
 * @param {LayerWeights} layer
 * @returns {string[]} kind of each row
 */
const kindsOf = ({ blocks }) => blocks.flatMap(({ kind, rows }) => Array.from({ length: rows }, () => kind));

/**
 * Decode a matrix: weight = scale * int8 / 127, row by row. The layer's blocks say which rows it has, and which row holds
 * the biases, which stand beside the weights from below.
 *
 * @param {LayerWeights} layer
 * @param {"forward" | "recurrent"} [kind]
 * @returns {Cells}
 */
export function decode(layer, kind = "forward") {
  const { columns, scale, data } = layer;
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const codes = new Int8Array(bytes.buffer);
  const kinds = kindsOf(layer);
  const cells = (/** @type {string} */ wanted) => {
    const rows = [...kinds.keys()].filter((row) => kinds[row] === wanted);
    return Array.from({ length: columns }, (_, unit) =>
      Float32Array.from(rows, (row) => (codes[row * columns + unit] * scale) / 127),
    );
  };
  return { weights: cells(kind), biases: kind === "forward" ? cells("bias") : [] };
}
