// Weights and policy table of a network at one iteration, and the change between two.

/** @import { LayerWeights, PolicyRead, Weights } from "../types/schemas.js" */

/**
 * Weights of a layer: a row for each unit with a column for each input, and the biases apart.
 *
 * @typedef {{ weights: Float32Array[], biases: Float32Array[] }} Cells
 */

/** Layers are decoded when they are asked for. */
export class Snapshot {
  /**
   * @param {Weights} weights
   * @param {PolicyRead | null} [policy] table of the synapses
   */
  constructor(weights, policy) {
    this.iteration = weights.iteration;
    this.replicate = weights.replicate;
    this.coded = weights.layers;
    this.policy = policy ?? null;
    /** @type {(Cells | undefined)[]} */
    this.decoded = [];
  }

  /**
   * @param {number} index
   * @returns {Cells | null}
   */
  layer(index) {
    if (!this.coded[index]) return null;
    this.decoded[index] ??= decode(this.coded[index]);
    return this.decoded[index];
  }

  /** Size of the largest weight of all layers. */
  get largest() {
    return Math.max(...this.coded.map((layer) => layer.scale));
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
    this.coded = now.coded;
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
    for (const index of this.coded.keys()) {
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
 * Decode a layer: weight = scale * int8 / 127, row by row. Its blocks say which row holds the biases.
 *
 * @param {LayerWeights} layer
 * @returns {Cells}
 */
export function decode({ columns, scale, data, blocks }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const codes = new Int8Array(bytes.buffer);
  const kinds = blocks.flatMap(({ kind, rows }) => Array.from({ length: rows }, () => kind));
  const rowsOf = (/** @type {boolean} */ isBias) =>
    [...kinds.keys()].filter((row) => (kinds[row] === "bias") === isBias);
  const cells = (/** @type {number[]} */ rows) =>
    Array.from({ length: columns }, (_, unit) =>
      Float32Array.from(rows, (row) => (codes[row * columns + unit] * scale) / 127),
    );
  return { weights: cells(rowsOf(false)), biases: cells(rowsOf(true)) };
}
