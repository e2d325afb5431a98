// Axes of figures that are drawn as SVG: places of values, and round ticks, linear or by powers of ten.

/** @typedef {[number, number]} Range */
/** @typedef {{ at: (value: number) => number, ticks: number[], domain: Range }} Axis */

const STEPS = [1, 2, 5, 10];

/**
 * Axis from a domain of values to a range of places.
 *
 * @param {Range} domain
 * @param {Range} range pixels of its two ends
 * @param {{ log?: boolean, count?: number }} [options] `count`: about so many ticks
 * @returns {Axis}
 */
export function axis(domain, [from, to], { log = false, count = 5 } = {}) {
  const [low, high] = widened(domain, log);
  const turned = log ? Math.log10 : (/** @type {number} */ value) => value;
  const span = turned(high) - turned(low);
  const at = (/** @type {number} */ value) => from + ((turned(value) - turned(low)) / span) * (to - from);
  const ticks = log ? decades(low, high, count) : rounded(low, high, count);
  return { at, ticks, domain: [low, high] };
}

/**
 * A domain of a single value has no extent: give it some.
 *
 * @param {Range} domain
 * @param {boolean} log
 * @returns {Range}
 */
function widened([low, high], log) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return log ? [0.1, 1] : [0, 1];
  if (high > low) return [low, high];
  return log ? [low / 2, low * 2] : [low - 0.5, low + 0.5];
}

/** @param {number} low @param {number} high @param {number} count */
function rounded(low, high, count) {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (STEPS.find((one) => one * power >= raw) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, place) => Number(((first + place) * step).toPrecision(12)));
}

/** @param {number} low @param {number} high @param {number} count */
function decades(low, high, count) {
  /** @type {number[]} */
  const found = [];
  const steps = Math.log10(high / low) * 3 <= count + 2 ? [1, 2, 5] : [1];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of steps) {
      const tick = Number((step * 10 ** power).toPrecision(6));
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) found.push(tick);
    }
  }
  return found.length ? found : [low, high];
}

/**
 * Least and largest of values; passes over what is no number.
 *
 * @param {Iterable<number>} values
 * @returns {Range}
 */
export function extent(values) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
