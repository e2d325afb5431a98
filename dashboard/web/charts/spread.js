// Range of the colours of a layer's weights. One scale set by the largest weight of all layers leaves most pictures pale,
// as a few large values decide it. Here the 99th percentile of the layer in view decides; values beyond it take the last
// colour, and the largest is told in words.

/** @import { LayerWeights } from "../types/schemas.js" */

const SHARE = 0.99;
const MOST = 20000; // values sampled: of larger layers evenly spaced ones

/**
 * The share-quantile of the absolute values of rows of numbers; 0 where there are none.
 *
 * @param {ArrayLike<number>[]} rows
 */
export function spread(rows, share = SHARE) {
  const count = rows.reduce((total, row) => total + row.length, 0);
  const stride = Math.max(1, Math.ceil(count / MOST));
  /** @type {number[]} */
  const sizes = [];
  let place = 0;
  for (const row of rows) {
    for (; place < row.length; place += stride) {
      if (!Number.isNaN(row[place])) sizes.push(Math.abs(row[place]));
    }
    place -= row.length;
  }
  sizes.sort((one, other) => one - other);
  return sizes.length ? sizes[Math.min(sizes.length - 1, Math.ceil(share * sizes.length) - 1)] : 0;
}

/**
 * Whether any weight of a layer is finite: of others there is nothing to colour.
 *
 * @param {LayerWeights} layer
 */
export const hasFinite = ({ rows, columns, not_finite }) => not_finite < rows * columns;

/**
 * The next round number at or above a value, so that the scale rests while weights grow a little.
 *
 * @param {number} value
 * @param {number[]} steps round numbers from 1 to 10
 * @returns {number}
 */
export function ceilingOf(value, steps) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = steps.find((one) => one * power >= value * (1 - 1e-9));
  return (step ?? 10) * power;
}
