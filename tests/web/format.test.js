import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../../dashboard/web/core/format.js";

test("numbers that are not known are a dash", () => {
  for (const value of [null, undefined, Number.NaN]) {
    for (const say of [format.count, format.percent, format.number, format.duration]) assert.equal(say(value), "–");
    assert.equal(format.speed(value), "");
  }
});

test("numbers read as the server writes them", () => {
  assert.equal(format.count(20000), "20,000");
  assert.equal(format.percent(0.8834), "88.3 %");
  assert.equal(format.number(2.30751), "2.308");
  const large = { 99.9994: "99.999", 99.9996: "100.0", 9999.9: "9999.9", 9999.96: "10000", 123456: "1.2e5" };
  for (const [value, said] of Object.entries(large)) assert.equal(format.number(Number(value)), said);
  assert.equal(format.number(-9.59683e33), "-9.6e33");
});

test("durations take a larger unit before the number gets long", () => {
  const expected = {
    0: "0.0 s",
    9.94: "9.9 s",
    9.96: "10 s",
    89.4: "89 s",
    90: "1 min 30 s",
    5399: "89 min 59 s",
    5400: "1 h 30 min",
    172799: "2 days",
    864000: "10 days",
  };
  for (const [seconds, words] of Object.entries(expected)) assert.equal(format.duration(Number(seconds)), words);
});

test("speeds keep three figures", () => {
  assert.equal(format.speed(3.1499), "3.1 it/s");
  assert.equal(format.speed(12345), "12,300 it/s");
});

test("memory is in MB below a GiB, and never nothing", () => {
  assert.equal(format.memory(1), "0.1 MB");
  assert.equal(format.memory(5 * 2 ** 20), "5.0 MB");
  assert.equal(format.memory(300 * 2 ** 20), "300 MB");
  assert.equal(format.memory(1.5 * 2 ** 30), "1.5 GB");
});

test("places have the ending that English gives them", () => {
  const places = [1, 2, 3, 4, 11, 12, 13, 21, 101, 111, 1002];
  assert.deepEqual(places.map(format.ordinal), [
    "1st",
    "2nd",
    "3rd",
    "4th",
    "11th",
    "12th",
    "13th",
    "21st",
    "101st",
    "111th",
    "1,002nd",
  ]);
});

test("times without a zone are UTC", () => {
  const utc = Date.UTC(2026, 0, 2, 3, 4, 5);
  for (const text of ["2026-01-02T03:04:05", "2026-01-02T03:04:05Z", "2026-01-02T05:04:05+02:00"]) {
    assert.equal(format.time(text), utc);
  }
  assert.ok(Number.isNaN(format.time(null)));
});

test("ages are told in the largest unit that is not 0", () => {
  const now = Date.UTC(2026, 0, 10);
  const before = (/** @type {number} */ seconds) => format.ago(new Date(now - 1000 * seconds).toISOString(), now);
  assert.equal(before(59), "just now");
  assert.equal(before(60), "1 min ago");
  assert.equal(before(7200), "2 h ago");
  assert.equal(before(86400 * 3), "7 Jan 2026");
  assert.equal(format.ago(null, now), "–");
});

test("a moment is a day and a time of day, to the minute or exactly", () => {
  const text = "2026-11-27T15:39:07Z";
  assert.equal(format.moment(text, { timeZone: "UTC" }), "27 Nov 2026, 15:39");
  assert.equal(format.moment(text, { timeZone: "UTC", exactly: true }), "27 Nov 2026, 15:39:07");
  assert.equal(format.moment(null), "–");
});

test("one has no plural", () => {
  assert.equal(format.plural(1, "run"), "1 run");
  assert.equal(format.plural(0, "run"), "0 runs");
  assert.equal(format.plural(2, "class", "classes"), "2 classes");
});
