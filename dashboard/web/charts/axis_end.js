// End of the axis of iterations.

const LEAST = 200; // iterations that the axis of a run that trains shows

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
