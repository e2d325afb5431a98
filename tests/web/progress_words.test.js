import assert from "node:assert/strict";
import { test } from "node:test";
import { progressWords } from "../../dashboard/web/run/progress_words.js";

/** @type {any} */
const RUN = { status: "running", iteration: 250, iterations: 1000, iterations_per_second: 50, training_seconds: 5 };

test("a run in training has its speed and the time that is left", () => {
  const [share, iterations, , left] = progressWords(RUN, 0.25);
  assert.equal(share, "25 %");
  assert.equal(iterations, "250 of 1,000 iterations");
  assert.match(left, /^15 s.* left$/);
});

test("a queued run has its place, a run at rest how long it trained", () => {
  const queued = (/** @type {number | null} */ place) =>
    progressWords({ ...RUN, status: "queued", queue_position: place }, 0)[0];
  assert.deepEqual([1, 3, null].map(queued), ["next in the queue", "number 3 in the queue", "waits for a free worker"]);
  assert.match(progressWords({ ...RUN, status: "paused" }, 0.25)[1], /of training$/);
});
