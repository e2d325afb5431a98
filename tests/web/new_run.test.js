import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isRewritten, problemOf, toValues } from "../../dashboard/web/new_run/form.js";
import { decimalNumber, layers, wholeNumber } from "../../dashboard/web/new_run/numbers.js";

const table = JSON.parse(readFileSync(new URL("../written_numbers.json", import.meta.url), "utf8"));
/** @type {Record<string, (text: string) => unknown>} */
const READERS = { whole: wholeNumber, decimal: decimalNumber, layers };

test("numbers are read as the server reads them", () => {
  for (const [kind, read] of Object.entries(READERS)) {
    for (const [text, value] of Object.entries(table[kind].read))
      assert.deepEqual(read(text), value, `${kind} ${text}`);
    for (const text of [...table[kind].ambiguous, ...table[kind].refused])
      assert.equal(read(text), null, `${kind} ${text}`);
  }
});

const step = { kind: "number", default: 0.004, low: 1e-12, high: 1 };
const exploration = { kind: "number", default: 0.1, low: 0, high: 1 };
const seed = { kind: "integer", default: 0 };
const hidden = { kind: "layers", default: [32] };

test("several values are separated by semicolons, or by commas with a space", () => {
  assert.deepEqual(toValues(step, "0.002; 0.004"), [0.002, 0.004]);
  assert.deepEqual(toValues(step, "0.002, 0.004"), [0.002, 0.004]);
  assert.deepEqual(toValues(step, "0,002; 0,004"), [0.002, 0.004]);
  assert.deepEqual(toValues(step, "0.002,0.004"), [0.002, 0.004]);
  assert.deepEqual(toValues(seed, "20,000, 40,000"), [20000, 40000]);
  assert.deepEqual(toValues(seed, "0..3; 7"), [0, 1, 2, 3, 7]);
  assert.deepEqual(toValues(seed, "1,2,3"), [1, 2, 3]);
  assert.deepEqual(toValues(hidden, "64-32; 16"), [[64, 32], [16]]);
  assert.deepEqual(toValues(hidden, "(64, 32), (16)"), [[64, 32], [16]]);
});

test("0,001 is never 1 and 20.000 is never 20", () => {
  assert.deepEqual(toValues(step, "0,001"), [0.001]);
  assert.deepEqual(toValues(step, "0,5"), [0.5]); // 5 is no step size
  assert.deepEqual(toValues(seed, "20.000"), ["20.000"]); // text: the server refuses it with both readings
  assert.ok(isRewritten(step, "0,001", [0.001]));
  assert.ok(!isRewritten(step, "0.001", [0.001]));
});

test("one network written in any way is one run", () => {
  for (const text of ["64-32", "64 32", "(64, 32)", "[64,32]"]) assert.deepEqual(toValues(hidden, text), [[64, 32]]);
});

test("what has two meanings is asked about, with a choice for each", () => {
  assert.deepEqual(
    problemOf(hidden, "64, 32")?.choices.map((choice) => choice.text),
    ["64-32", "64; 32"],
  );
  assert.deepEqual(
    problemOf(exploration, "0,1")?.choices.map((choice) => choice.text),
    ["0.1", "0; 1"],
  );
  for (const text of ["0.1", "0; 1", "0,05", ""]) assert.equal(problemOf(exploration, text), null);
});

test("a span that can't be one says why", () => {
  assert.match(problemOf(seed, "3..1")?.message || "", /counts down: write 1\.\.3/);
  assert.match(problemOf(seed, "1..")?.message || "", /needs two whole numbers/);
  assert.match(problemOf(seed, "0..100000")?.message || "", /would be 100001 values\. A field takes at most 1000/);
});
