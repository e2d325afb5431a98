// End of the axis of iterations, and the distance of its ticks.

const LEAST = 200; // iterations that the axis of a run that trains shows
const MOST_SINGLE_TICKS = 6; // iterations up to which there is a tick at each (dashboard/figures/traces.py)

/**
 * The run's last iteration divided by the power of two that still holds the newest point: curves use at least half of
 * the width, and the axis moves seldom. Of a run that is over, the iteration it ended at.
 *
 * @param {{ iteration: number, iterations: number }} run
 * @param {boolean} isOver
 */
export function axisEnd({ iteration, iterations }, isOver) {
  if (isOver) return Math.max(iteration, 1);
  let end = iterations;
  while (end / 2 > Math.max(iteration, LEAST)) end /= 2;
  return Math.max(1, Math.round(end));
}

/**
 * Distance of the ticks of an axis of iterations; null: Plotly finds it, which on a short axis would be a half.
 *
 * @param {number} end
 */
export const tickDistance = (end) => (end <= MOST_SINGLE_TICKS ? 1 : null);
