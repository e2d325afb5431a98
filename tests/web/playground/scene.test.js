import assert from "node:assert/strict";
import { test } from "node:test";
import { actingBy, fromAddress, historyOf, toAddress } from "../../../dashboard/web/tape/scene.js";

/** @type {import("../../../dashboard/web/tape/scene.js").Form} */
const FORM = {
  settings: {
    dataset: { type: "string", enum: ["circles", "xor", "teacher"], default: "circles" },
    samples: { type: "integer", minimum: 20, maximum: 1000, default: 400 },
    added: {
      type: "array",
      default: [],
      maxItems: 3,
      items: {
        prefixItems: [
          { type: "number", minimum: -4, maximum: 4 },
          { type: "number", minimum: -4, maximum: 4 },
          { type: "integer", minimum: 0, maximum: 1 },
        ],
      },
    },
    hidden_layers: {
      type: "array",
      default: [4],
      maxItems: 4,
      items: { type: "integer", default: 1, minimum: 1, maximum: 32 },
    },
    policy: { default: "bred" },
    step_size: { type: "number", exclusiveMinimum: 0, maximum: 1, default: 0.02 },
    discount: { type: "number", minimum: 0, exclusiveMaximum: 1, default: 0.5 },
    adaptive: { type: "boolean", default: false },
    batch_interval: { type: "integer", minimum: 1, maximum: 20000, default: 100 },
  },
  parameters: {
    circles: { inner: { type: "number", minimum: 0.05, maximum: 0.95, default: 0.5 } },
    xor: {},
    teacher: { hidden: { type: "integer", minimum: 0, maximum: 1024, default: 16 } },
  },
  presets: [],
  words: {},
  policies: [
    { name: "bred", title: "Bred" },
    { name: "win_stay", title: "Win-stay" },
  ],
  changeable: ["step_size", "policy", "weight", "cell"],
  points: 1000,
  synapses: 2000,
  changes: 2,
};

/** @param {string} search */
const read = (search) => fromAddress(search, FORM);

test("a table that always takes its best action begins with exploration, one that draws without", () => {
  const form = { ...FORM, policies: [{ name: "bred", title: "Bred", history: 3, exploration: 0.2 }] };
  const greedy = { q: Array(27).fill(0) };
  assert.deepEqual(actingBy(greedy, 0, form), { policy: greedy, exploration: 0.2 });
  const drawing = { ...greedy, temperature: 0.5 };
  assert.deepEqual(actingBy(drawing, 0, form), { policy: drawing });
  assert.deepEqual([historyOf(greedy, form), historyOf("bred", form)], [1, 3]);
});

test("an empty address is the default scene", () => assert.deepEqual(read(""), { scene: {}, notes: [] }));

test("only what differs is in the scene", () => {
  assert.deepEqual(read("?data=xor&step=0.02&hidden=8_8").scene, { dataset: "xor", hidden_layers: [8, 8] });
});

test("an excessive value becomes the nearest, and is named", () => {
  const { scene, notes } = read("n=2000&step=0&discount=1&inner=7&hidden=8_99_1.6");
  assert.deepEqual(scene, {
    samples: 1000,
    step_size: 1e-6,
    discount: 1 - 1e-6,
    parameters: { inner: 0.95 },
    hidden_layers: [8, 32, 2],
  });
  assert.deepEqual(
    notes.map((note) => [note.key, note.given, note.used]),
    [
      ["n", "2000", "1000"],
      ["step", "0", "0.000001"],
      ["discount", "1", "0.999999"],
      ["inner", "7", "0.95"],
      ["hidden", "99", "32"],
      ["hidden", "1.6", "2"],
    ],
  );
});

test("what is unknown or no number is left out, and is named", () => {
  const { scene, notes } = read("noise=9&data=squares&step=much&policy=mine&turns=2&n=");
  assert.deepEqual(scene, {});
  assert.deepEqual(notes.map((note) => note.key).sort(), ["data", "n", "noise", "policy", "step", "turns"]);
  assert.ok(notes.every((note) => note.used === "left out" && note.why));
});

test("an unknown word is answered with the nearest one", () => {
  const why = (/** @type {string} */ search) => read(search).notes[0].why;
  assert.match(why("exploration=0.2"), /the nearest is explore$/);
  assert.match(why("hiden=4"), /the nearest is hidden$/);
  assert.match(why("iner=0.4"), /the nearest is inner$/);
  assert.match(why("turns=2"), /no such word here$/);
});

test("words of the page are no settings of the scene", () => {
  assert.deepEqual(read("at=1240&syn=1.3.2&speed=10&projector=1"), { scene: {}, notes: [] });
});

test("too many items are cut", () => {
  const { scene, notes } = read("hidden=1_2_3_5_6&add=0_0_1*1_1_0*1_0_1*0_1_1");
  assert.deepEqual(scene.hidden_layers, [1, 2, 3, 5]);
  assert.equal(scene.added.length, 3);
  assert.deepEqual(
    notes.map((note) => note.used),
    ["the first 4", "the first 3"],
  );
});

test("a parameter that has a word's name goes by data_", () => {
  const scene = { dataset: "teacher", parameters: { hidden: 3 }, hidden_layers: [2] };
  assert.equal(toAddress(scene, FORM), "data=teacher&hidden=2&data_hidden=3");
  assert.deepEqual(read(toAddress(scene, FORM)).scene, scene);
});

test("changes name iteration, word and value", () => {
  const changes = [
    { iteration: 412, setting: "step_size", value: 0.05 },
    { iteration: 500, setting: "policy", value: "win_stay" },
  ];
  const address = toAddress({ changes }, FORM);
  assert.equal(address, "changes=412_step_0.05*500_policy_win_stay");
  assert.deepEqual(read(address).scene.changes, changes);
});

test("changes that can't be made are left out, and are named", () => {
  const { scene, notes } = read("changes=5_data_xor*99999_step_0.1");
  assert.deepEqual(scene.changes, [{ iteration: 19999, setting: "step_size", value: 0.1 }]);
  assert.deepEqual(
    notes.map((note) => note.used),
    ["left out", "19999"],
  );
  assert.equal(read("changes=5_weight_1").notes[0].why, "it is iteration_weight_number_value");
});

test("a table survives, a cut one is named", () => {
  const policy = { q: Array.from({ length: 27 }, (_, cell) => cell / 8), temperature: 0.5, exploration: 0 };
  assert.deepEqual(read(toAddress({ policy }, FORM)).scene, { policy });
  assert.equal(read("policy=table_0_0_1_2").notes[0].used, "left out");
});
