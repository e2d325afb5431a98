// Places of the words at the ends of curves: beside their curve, or moved apart where two would touch.

/**
 * Move values apart by at least a gap and into an axis; their order is kept. What has no room at the top is moved down.
 *
 * @param {number[]} values ascending
 * @param {number} gap least distance, in units of the axis
 * @param {{ bottom: number, top: number }} axis
 */
export function spaced(values, gap, { bottom, top }) {
  /** @type {number[]} */
  const places = [];
  for (const [i, value] of values.entries()) {
    places.push(Math.max(value, i ? places[i - 1] + gap : bottom + gap / 2));
  }
  let limit = top;
  for (let i = places.length - 1; i >= 0; i--) {
    places[i] = Math.min(places[i], limit);
    limit = places[i] - gap;
  }
  return places;
}
