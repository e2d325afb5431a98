// Curves at full resolution where someone zoomed in: coarse values outside of the window, fine ones within it.

/**
 * Coarse values with those of a window in their place.
 *
 * @param {Float64Array} iterations of the coarse values, ascending
 * @param {ArrayLike<number>} windowIterations of the fine ones, ascending
 * @param {Float64Array} values coarse
 * @param {ArrayLike<number | null>} fine
 * @returns {(number | null)[]}
 */
export function refined(iterations, windowIterations, values, fine) {
  const last = windowIterations[windowIterations.length - 1];
  const first = iterations.findIndex((iteration) => iteration >= windowIterations[0]);
  const after = iterations.findIndex((iteration) => iteration > last);
  return [
    ...values.subarray(0, first < 0 ? values.length : first),
    ...Array.from(fine),
    ...(after < 0 ? [] : values.subarray(after)),
  ];
}

/**
 * Edge of a band: a mean with its standard deviation added or taken away. Empty where there is no deviation.
 *
 * @param {ArrayLike<number | null>} means
 * @param {ArrayLike<number | null> | undefined} deviations
 * @param {1 | -1} sign
 */
export function edge(means, deviations, sign) {
  if (!deviations) return new Float64Array(0);
  return Float64Array.from(
    { length: means.length },
    (_, i) => (means[i] ?? Number.NaN) + sign * (deviations[i] ?? Number.NaN),
  );
}
