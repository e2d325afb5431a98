import assert from "node:assert/strict";
import { test } from "node:test";
import { DRAW } from "../../dashboard/web/charts/drawing.js";
import { RunData } from "../../dashboard/web/run/data.js";

/** @import { Plot } from "../../dashboard/web/charts/plot.js" */
/** @import { Series } from "../../dashboard/web/types/plotly.js" */
/** @import { Metrics, RunRead } from "../../dashboard/web/types/schemas.js" */

// What drawings ask of a page.
Object.assign(globalThis, { document: { documentElement: { dataset: {} } } });
const plot = /** @type {Plot} */ (
  /** @type {unknown} */ ({
    layer: null,
    window: null,
    yScale: () => ({ bottom: 0, top: 1, perPixel: 1 / 320 }),
  })
);

/** @returns {Metrics} */
function metrics() {
  const values = { validation_accuracy: [0.1, 0.5, 0.9], train_accuracy: [0.1, 0.5, 0.92] };
  const deviation = { validation_accuracy: [0, 0.1, 0.2] };
  return { iteration: [0, 100, 200], forward_passes: [1, 101, 201], seconds: [0, 0.1, 0.2], values, deviation };
}

/**
 * Attributes that a trace gets.
 *
 * @param {RunData} data
 * @param {Series} series
 * @returns {Record<string, any>}
 */
function drawn(data, series) {
  /** @type {Record<string, unknown>} */
  const attributes = {};
  DRAW[series.of](
    data,
    series,
    (name, value) => {
      attributes[name] = ArrayBuffer.isView(value) ? Array.from(/** @type {Float32Array} */ (value)) : value;
    },
    plot,
  );
  return attributes;
}

/** @param {number} iterations */
function run(iterations) {
  const data = new RunData();
  data.add({ metrics: metrics() });
  data.run = /** @type {RunRead} */ ({ iterations });
  return data;
}

/**
 * @param {number[]} found
 * @param {number[]} expected
 */
function close(found, expected) {
  assert.equal(found.length, expected.length);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(found[i] - value) < 1e-6, `${found} ${expected}`);
}

test("a curve is drawn over its iterations, and the band a deviation around it", () => {
  const data = run(200);
  const mean = drawn(data, { of: "metrics", y: "validation_accuracy", role: "mean" });
  assert.deepEqual(mean.x, [0, 100, 200]);
  close(mean.y, [0.1, 0.5, 0.9]);
  close(drawn(data, { of: "metrics", y: "validation_accuracy", role: "upper" }).y, [0.1, 0.6, 1.1]);
  close(drawn(data, { of: "metrics", y: "validation_accuracy", role: "lower" }).y, [0.1, 0.4, 0.7]);
});

test("the ends of curves say their last values, apart from each other", () => {
  /** @type {Series} */
  const ends = {
    of: "metrics",
    role: "ends",
    columns: [
      ["validation_accuracy", "validation"],
      ["train_accuracy", "train"],
    ],
    baseline: "validation_accuracy",
    format: "percent",
  };
  const data = run(200);
  const { text, x, y } = drawn(data, ends);
  assert.deepEqual(text, ["\u00a0validation 90.0 %", "\u00a0train 92.0 %"]);
  assert.deepEqual(x, [200, 200]);
  assert.ok(y[1] - y[0] >= 0.05 - 1e-9);
  data.baseline = metrics();
  assert.ok(drawn(data, ends).text.includes("\u00a0gradient 90.0 %"));
  assert.deepEqual(drawn(new RunData(), ends).text, []);
});

test("each replicate is a line with a gap before the next", () => {
  const data = run(200);
  assert.deepEqual(drawn(data, { of: "replicates", y: "validation_accuracy" }), { x: [], y: [] });
  data.replicates = {
    iteration: [0, 100],
    values: {
      validation_accuracy: [
        [1, 2],
        [3, 4],
      ],
    },
  };
  const { x, y } = drawn(data, { of: "replicates", y: "validation_accuracy" });
  assert.deepEqual(x, [0, 100, null, 0, 100, null]);
  assert.deepEqual(y, [1, 2, null, 3, 4, null]);
});

test("gradient descent goes on from its end to the end of a longer run", () => {
  const longer = run(1000);
  longer.baseline = metrics();
  assert.deepEqual(drawn(longer, { of: "baseline", y: "validation_accuracy", role: "curve" }).x, [0, 100, 200]);
  const rest = drawn(longer, { of: "baseline", y: "validation_accuracy", role: "rest" });
  assert.deepEqual(rest, { x: [], y: [] }, "while it trains, nothing says how it ends");
  longer.baselineIsOver = true;
  assert.deepEqual(drawn(longer, { of: "baseline", y: "validation_accuracy", role: "rest" }), {
    x: [200, 1000],
    y: [0.9, 0.9],
  });
  const same = run(200);
  same.baseline = metrics();
  assert.deepEqual(drawn(same, { of: "baseline", y: "validation_accuracy", role: "rest" }).x, []);
});

test("shares of actions are drawn over iterations and, now, by layer", () => {
  const data = new RunData();
  assert.deepEqual(drawn(data, { of: "shares", y: "up" }), { x: [], y: [] });
  data.add({
    actions: {
      iteration: [100, 200],
      layers: [
        { down: [10, 20], stay: [70, 0], up: [20, 80] },
        { down: [30, 0], stay: [0, 0], up: [70, 100] },
      ],
    },
  });
  const up = drawn(data, { of: "shares", y: "up" });
  assert.deepEqual(up.x, [100, 200]);
  close(up.y, [0.45, 0.9]);
  close(drawn(data, { of: "layers", y: "up" }).x, [0.8, 1]);
});
