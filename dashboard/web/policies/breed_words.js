// What the page says of a breeding, and its curve as a path.
import * as format from "../core/format.js";

/** @import { BreedingRead } from "../types/schemas.js" */

/** @typedef {{ of: string, better: string, points: number[] }} Curve */

/** @param {Pick<BreedingRead, "forward_passes" | "total_passes">} breeding */
export function passesWords({ forward_passes: done, total_passes: total }) {
  return `${format.count(done)} of ${format.count(total)} forward passes`;
}

/**
 * Scores by what they are of, in the order of the generations.
 *
 * @param {BreedingRead["curve"]} scores
 * @returns {Curve[]}
 */
export function curvesOf(scores) {
  /** @type {Map<string, number[]>} */
  const found = new Map();
  for (const { of, score } of scores) found.set(of, [...(found.get(of) ?? []), score]);
  return [...found].map(([of, points]) => ({
    of: of.startsWith("bowl") ? `Progress on the ${of}` : `Best of the races, ${of}`,
    better: of.startsWith("bowl")
      ? "Higher is better."
      : "Logarithm of the validation loss over that of win-stay lose-shift: below 0 is better.",
    points,
  }));
}

/**
 * A line through points at equal distances, the lowest at the bottom.
 *
 * @param {number[]} points
 * @param {number} width
 * @param {number} height
 */
export function linePath(points, width, height) {
  const low = Math.min(...points);
  const high = Math.max(...points);
  const x = (/** @type {number} */ i) => (points.length > 1 ? (width * i) / (points.length - 1) : width / 2);
  const y = (/** @type {number} */ value) =>
    high > low ? height - (height * (value - low)) / (high - low) : height / 2;
  const path = points.map((value, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  return { path, low, high };
}
