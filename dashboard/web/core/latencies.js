// For tests and measurements: window.dash_clientside.synrl.latencies.

const MOST = 500;

/**
 * Times from a point's measurement in the worker to its drawing, in milliseconds, of the run in view; the newest last.
 *
 * @type {number[]}
 */
export const latencies = [];

/** @param {number} milliseconds */
export function addLatency(milliseconds) {
  latencies.push(milliseconds);
  if (latencies.length > MOST) latencies.shift();
}
