import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Clock, LOOK_EVERY_MS } from "../../../dashboard/web/playground/clock.js";

/** @type {((now: number) => void)[]} */
let asked = [];
const ask = (/** @type {(now: number) => void} */ draw) => void asked.push(draw);

beforeEach(() => {
  asked = [];
});

/** Refresh the screen. */
function refresh() {
  for (const draw of asked.splice(0)) draw(0);
}

test("frames come while something changes, and none at rest", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const left = [true, true, false, false, false];
  let drawn = 0;
  const clock = new Clock(() => left[drawn++], ask);
  clock.wake();
  clock.wake();
  assert.equal(asked.length, 1);
  for (let frame = 0; frame < 10; frame++) refresh();
  assert.equal(drawn, 3);
  mock.timers.tick(LOOK_EVERY_MS);
  assert.equal(drawn, 4);
  assert.equal(asked.length, 0);
  clock.wake();
  refresh();
  assert.equal(drawn, 5);
  clock.stop();
  clock.wake();
  mock.timers.tick(LOOK_EVERY_MS);
  refresh();
  assert.equal(drawn, 5);
  mock.timers.reset();
});

test("a frame that fails does not end the looking", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let drawn = 0;
  const clock = new Clock(() => {
    drawn += 1;
    if (drawn === 1) throw new Error("no context");
    return false;
  }, ask);
  clock.wake();
  assert.throws(refresh);
  mock.timers.tick(LOOK_EVERY_MS);
  assert.equal(drawn, 2);
  clock.stop();
  mock.timers.reset();
});
