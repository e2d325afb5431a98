import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { costsOf } from "../../dashboard/web/new_run/costs.js";
import { columnsOf } from "../../dashboard/web/new_run/network_picture.js";
import { decimalNumber, layers, wholeNumber } from "../../dashboard/web/new_run/numbers.js";
import { FormState } from "../../dashboard/web/new_run/state.js";
import { isRewritten, problemOf, toValues } from "../../dashboard/web/new_run/texts.js";
import { unrolled } from "../../dashboard/web/new_run/unrolled_picture.js";

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

/** @import { FormField, PlanEstimate } from "../../dashboard/web/types/schemas.js" */
/** @import { Field } from "../../dashboard/web/new_run/texts.js" */

/** @type {Field} */
const step = { kind: "number", default: 0.004, low: 1e-12, high: 1 };
/** @type {Field} */
const exploration = { kind: "number", default: 0.1, low: 0, high: 1 };
/** @type {Field} */
const seed = { kind: "integer", default: 0 };
/** @type {Field} */
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

// -- the form

/**
 * @param {Partial<FormField> & Pick<FormField, "key" | "kind" | "default">} own
 * @returns {FormField}
 */
const field = (own) => ({ name: own.key, title: own.key, help: "", group: "", optional: false, range: "", ...own });

const FIELDS = [
  field({ key: "dataset", kind: "choice", default: "digits" }),
  field({
    key: "moons/noise",
    name: "data.noise",
    kind: "number",
    default: 0.2,
    applies_to: { dataset: ["moons"] },
  }),
  field({ key: "seed", kind: "integer", default: 0 }),
  field({ key: "policy", kind: "choice", default: "bred", applies_to: { method: ["synaptic"] } }),
  field({ key: "method", kind: "choice", default: "synaptic" }),
];

/**
 * @param {string} query
 * @param {Record<string, unknown> | null} base
 */
function formAt(query, base = null) {
  const state = new FormState(FIELDS, base);
  state.readQuery(new URLSearchParams(query));
  return state;
}

test("a form that nobody touched asks for the defaults and has an empty address", () => {
  const state = formAt("");
  assert.deepEqual(state.request(), { config: {}, grid: {} });
  assert.equal(state.query(), "");
  assert.deepEqual(state.labels(), {});
});

test("words of an address that are no settings are told, with the nearest that is one", () => {
  const state = new FormState(FIELDS, null);
  assert.deepEqual(state.readQuery(new URLSearchParams("name=a&from=x&dataset=moons&data.noise=1&sed=3&turns=1")), [
    "sed is no setting; did you mean seed?",
    "turns is no setting here.",
  ]);
});

test("an address fills the form, and the form gives the same address", () => {
  const query = "name=Race&tags=a,%20b&dataset=moons&data.noise=0.1;0.3&seed=0..2";
  const state = formAt(query);
  assert.deepEqual(state.request(), {
    config: { dataset: "moons" },
    grid: { seed: [0, 1, 2], dataset_parameters: [{ noise: 0.1 }, { noise: 0.3 }] },
  });
  assert.deepEqual(state.labels(), { name: "Race", tags: ["a", "b"] });
  assert.deepEqual(state.firstDataset(), { dataset: "moons", parameters: { noise: 0.1 } });
  assert.equal(formAt(state.query()).query(), state.query());
});

test("fields without a meaning are left out of the request and of the address", () => {
  const state = formAt("policy=random&method=gradient");
  assert.deepEqual(state.request(), { config: { method: "gradient" }, grid: {} });
  assert.equal(state.query(), "method=gradient");
  assert.ok(!formAt("dataset=moons,digits&data.noise=0.1").applies(FIELDS[1]));
});

test("a form that starts from a run says only what the clone changes", () => {
  const base = { dataset: "moons", dataset_parameters: { noise: 0.4 }, seed: 3 };
  assert.deepEqual(formAt("", base).changes(), {});
  assert.equal(formAt("", base).query("r1"), "from=r1");
  assert.deepEqual(formAt("seed=4", base).changes(), { seed: 4 });
  assert.deepEqual(formAt("data.noise=0.1", base).changes(), { dataset_parameters: { noise: 0.1 } });
});

test("a question of the page itself stands among the problems", () => {
  const [problem] = formAt("seed=3..1").problems();
  assert.equal(problem.field, "seed");
  assert.deepEqual(formAt("seed=3..1").request(), { config: {}, grid: {} });
});

// -- what it takes

/** @type {PlanEstimate} */
const estimate = {
  seconds: 12.3,
  total_seconds: 61,
  basis: "model",
  basis_runs: 0,
  memory_bytes: 2 ** 27,
  memory_available: 2 ** 32,
  forward_passes: 20001,
  workers: 2,
  waiting: 1,
};

test("costs name time, memory and the queue, of several runs how many at once", () => {
  const { basis, brief, entries } = costsOf({ runs: 4, estimate, problems: [] });
  assert.deepEqual(Object.fromEntries(entries), {
    Runs: "4, 2 at once",
    Time: "about 12 s each at most, about 61 s in all",
    Memory: "128 MB of 4.0 GB",
    "Forward passes": "20,001",
    "Before it": "1 run in the queue",
  });
  assert.match(basis, /^Time: a model measured on another machine/);
  assert.equal(brief, "about 61 s");
});

test("while settings are refused there are no costs", () => {
  const problems = [{ field: "seed" }, { field: "seed" }, { field: "policy" }];
  assert.equal(costsOf({ runs: 1, estimate, problems }).brief, "2 settings can't be used yet");
});

test("layers of a network stand evenly, and a large one is cut in its middle", () => {
  const [input, hiddenLayer, output] = columnsOf([64, 4, 1]);
  assert.deepEqual([input.ys.length, hiddenLayer.ys.length, output.ys.length], [9, 4, 1]);
  assert.deepEqual([input.gap, hiddenLayer.gap], [4, -1]);
  assert.equal(hiddenLayer.x - input.x, output.x - hiddenLayer.x);
  assert.equal((input.ys[0] + input.ys[8]) / 2, output.ys[0]);
});

test("an unrolled network shows its first steps and the last, and what the outputs read", () => {
  const elman = unrolled({ architecture: "recurrent", sizes: [28, 64, 10], steps: 28 });
  assert.deepEqual(elman.steps, [1, 2, 3, null, 28]);
  assert.deepEqual(elman.layers, [
    { name: "inputs", size: 28 },
    { name: "hidden 1", size: 64 },
  ]);
  assert.deepEqual(elman.outputAt, [4]);
  const spiking = unrolled({ architecture: "spiking", sizes: [4, 30, 3], steps: 4 });
  assert.deepEqual(spiking.steps, [1, 2, 3, 4]);
  assert.deepEqual(spiking.outputAt, [0, 1, 2, 3]);
  assert.deepEqual(unrolled({ architecture: "spiking", sizes: [4, 30, 3], steps: 12 }).outputAt, [0, 1, 2, 4]);
});
