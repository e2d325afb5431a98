import assert from "node:assert/strict";
import { test } from "node:test";
import { axis, extent } from "../../../dashboard/web/charts/axes.js";
import { grouped, isSessionCode, tidy } from "../../../dashboard/web/classroom/code.js";
import { apart } from "../../../dashboard/web/classroom/plot.js";
import { activityOf, numbersOf } from "../../../dashboard/web/classroom/prepare.js";
import { clockOffset, newer, positionOf, secondsLeft, stageOf } from "../../../dashboard/web/classroom/seat_state.js";
import { changeWords, countdown, placeName, placeOf } from "../../../dashboard/web/classroom/words.js";

/** @import { SessionPreview, StudentView } from "../../../dashboard/web/types/schemas.js" */

/** @type {SessionPreview} */
const preview = { code: "K7TM9X", title: "", seated: false, name: "Blue 7", names_kept_hours: 24 };

/** @param {Partial<StudentView>} [changes] @returns {StudentView} */
const view = (changes = {}) => ({
  session_id: "s",
  title: "",
  server_start: "first",
  version: 3,
  now: "2026-11-27T10:00:00Z",
  closed: false,
  paused: false,
  pace: "together",
  gathering: 0,
  seat: { id: "a", number: 1, name: "Ada", hand: null },
  activity: null,
  ...changes,
});

/** @param {Partial<import("../../../dashboard/web/classroom/seat_state.js").SeatState>} changes */
const stage = (changes) =>
  stageOf({ code: "", preview: null, view: null, line: "live", refusal: "", entering: false, ...changes });

test("a seat asks for a code, then a name, then follows the class", () => {
  assert.equal(stage({}), "code");
  assert.equal(stage({ entering: true }), "entering");
  assert.equal(stage({ preview }), "name");
  assert.equal(stage({ preview, view: view() }), "waiting");
});

test("pause and close win over what goes on, and a closed session over a lost seat", () => {
  assert.equal(stage({ view: view({ paused: true }) }), "paused");
  assert.equal(stage({ view: view({ paused: true, closed: true }) }), "closed");
  assert.equal(stage({ view: view({ closed: true }), line: "gone" }), "closed");
  assert.equal(stage({ view: view(), line: "gone" }), "gone");
  assert.equal(stage({ view: view(), line: "lost" }), "waiting", "what was shown last stays");
});

test("an older view that arrives late changes nothing, one of another session does", () => {
  const known = view({ version: 7 });
  assert.equal(newer(known, view({ version: 6 })), known);
  assert.equal(newer(known, view({ version: 8 })).version, 8);
  assert.equal(newer(known, view({ version: 1, session_id: "other" })).session_id, "other");
});

test("a view of another start of the server is taken whatever its number", () => {
  const known = view({ version: 7 });
  assert.equal(newer(known, view({ version: 1, server_start: "second" })).version, 1);
});

test("a deadline is counted by the server's clock, whatever this one says", () => {
  const here = Date.parse("2026-11-27T12:30:00Z"); // this clock is 2.5 h ahead
  const offset = clockOffset("2026-11-27T10:00:00", here);
  assert.equal(secondsLeft("2026-11-27T10:00:20Z", offset, here + 5000), 15);
  assert.equal(secondsLeft(null, offset, here), null);
  assert.deepEqual([countdown(-3), countdown(4.2), countdown(75)], ["0 s", "5 s", "1:15"]);
});

test("a seat tells its step and its wrong checks in a lesson, and none outside one", () => {
  const page = (/** @type {Record<string, string>} */ said) => ({
    getAttribute: (/** @type {string} */ name) => said[name] ?? null,
  });
  const address = "/learn/one-bit?step=check";
  assert.deepEqual(positionOf(address, page({ "data-place": "4", "data-wrong": "3" })), { address, wrong: 3, step: 4 });
  assert.deepEqual(positionOf(address, page({ "data-place": "0" })), { address, wrong: 0, step: 0 });
  assert.deepEqual(positionOf("/playground", null), { address: "/playground", wrong: 0 });
});

test("a code is taken as people type it, and a longer one is the class's own", () => {
  assert.equal(tidy(" k7t-m9x "), "K7TM9X");
  assert.equal(grouped("K7TM9X"), "K7T M9X");
  assert.ok(isSessionCode(tidy("k7t m9x")));
  assert.ok(!isSessionCode(tidy("K7TM-9XWP")));
});

test("a synapse has its place in the network, the bias first in each unit", () => {
  const sizes = [2, 4, 2];
  const names = [0, 1, 7, 12, 16].map((synapse) => placeName(placeOf(synapse, sizes), sizes));
  assert.deepEqual(names, [
    "bias of hidden 1",
    "input x to hidden 1",
    "input x to hidden 3",
    "bias of output A",
    "hidden 4 to output A",
  ]);
  assert.throws(() => placeOf(22, sizes), /no synapse 22/);
});

test("ticks are round, and of a step size by powers of ten", () => {
  assert.deepEqual(axis([0, 1], [0, 100]).ticks, [0, 0.2, 0.4, 0.6, 0.8, 1]);
  const log = axis([0.001, 1], [0, 300], { log: true, count: 4 });
  assert.deepEqual(log.ticks, [0.001, 0.01, 0.1, 1]);
  assert.equal(Math.round(log.at(0.01)), 100);
  assert.deepEqual(extent([3, Number.NaN, 1]), [1, 3]);
  assert.equal(axis([2, 2], [0, 100]).at(2), 50, "one value stands in the middle");
});

test("names at the ends of curves do not lie on each other and stay within the figure", () => {
  const places = apart([10, 11, 96], 20, [0, 100]);
  assert.deepEqual(places, [10, 30, 96]);
  assert.ok(apart([95, 96, 97], 20, [0, 100]).every((place) => place <= 100));
});

test("the change of a vote is told in shares of those who voted", () => {
  assert.equal(
    changeWords({ first: [5, 5], second: [2, 18], right: 1 }),
    "Chose B: 50 % at first, 90 % after the talk.",
  );
  assert.equal(changeWords({ first: [5, 5], second: null, right: 1 }), "");
});

test("a prepared vote keeps its options by lines and refuses nothing that may stay empty", async () => {
  const given = new FormData();
  for (const [name, value] of Object.entries({
    question: "Which way?",
    options: "up\n\n down ",
    right: "1",
    seconds: "",
  })) {
    given.set(name, value);
  }
  given.set("twice", "on");
  const body = await activityOf("vote", given, async () => null);
  assert.deepEqual(body, {
    kind: "vote",
    question: "Which way?",
    options: ["up", "down"],
    right: 1,
    explanations: null,
    twice: true,
    seconds: null,
  });
});

test("values of a pooled experiment are numbers, and what is none is named", () => {
  assert.deepEqual(numbersOf("0.01, 0.1;1"), [0.01, 0.1, 1]);
  assert.equal(numbersOf("  "), null);
  assert.throws(() => numbersOf("0.01, much"), /“much” is no number/);
});
