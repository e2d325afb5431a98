import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { AnimationLoop, LOOK_EVERY_MS } from "../../../dashboard/web/playground/animation_loop.js";

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
  const loop = new AnimationLoop(() => left[drawn++], ask);
  loop.wake();
  loop.wake();
  assert.equal(asked.length, 1);
  for (let frame = 0; frame < 10; frame++) refresh();
  assert.equal(drawn, 3);
  mock.timers.tick(LOOK_EVERY_MS);
  assert.equal(drawn, 4);
  assert.equal(asked.length, 0);
  loop.wake();
  refresh();
  assert.equal(drawn, 5);
  loop.stop();
  loop.wake();
  mock.timers.tick(LOOK_EVERY_MS);
  refresh();
  assert.equal(drawn, 5);
  mock.timers.reset();
});

test("a frame that fails does not end the looking", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let drawn = 0;
  const loop = new AnimationLoop(() => {
    drawn += 1;
    if (drawn === 1) throw new Error("no context");
    return false;
  }, ask);
  loop.wake();
  assert.throws(refresh);
  mock.timers.tick(LOOK_EVERY_MS);
  assert.equal(drawn, 2);
  loop.stop();
  mock.timers.reset();
});
