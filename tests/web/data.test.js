import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeWords } from "../../dashboard/web/charts/samples.js";
import { datasetPath, formOf } from "../../dashboard/web/data/api.js";
import { suitableConfig } from "../../dashboard/web/data/config.js";
import { withChanges } from "../../dashboard/web/data/reading.js";

test("a choice that renames columns forgets what was chosen by their names", () => {
  const before = { separator: ",", label_column: "class", ignored_columns: ["id"] };
  assert.deepEqual(withChanges(before, { separator: ";" }), { separator: ";" });
  assert.deepEqual(withChanges(before, { missing: "mean" }), { ...before, missing: "mean" });
  assert.deepEqual(withChanges(before, { label_column: "kind" }), { ...before, label_column: "kind" });
});

test("a form holds each value of a list in turn", () => {
  const form = formOf({ name: "Flowers", class_names: ["a, b", "c"] });
  assert.deepEqual(form.getAll("class_names"), ["a, b", "c"]);
  assert.equal(form.get("name"), "Flowers");
});

test("the id of a data set is one part of its address", () => {
  assert.equal(datasetPath("a/b"), "/api/v1/datasets/a%2Fb");
});

test("pictures are trained straight to their classes, but for the digits", () => {
  assert.deepEqual(suitableConfig("letters", true).hidden_layers, []);
  assert.deepEqual(suitableConfig("digits", true).hidden_layers, [32]);
  assert.deepEqual(suitableConfig("iris", false).hidden_layers, [16]);
});

test("the size of a data set is told in samples, inputs and classes", () => {
  const preview = { scaling: "", remarks: [], feature_names: [], rows: [] };
  const classes = [{ name: "a", samples: 1500 }];
  assert.equal(
    sizeWords({ ...preview, classes, samples: 1500, sample_shape: [9, 9] }),
    "1,500 samples · 9 × 9 pixels · 1 class",
  );
  assert.match(sizeWords({ ...preview, classes, samples: 1, sample_shape: [4] }), /^1 sample · 4 inputs/);
  assert.match(sizeWords({ ...preview, classes, samples: 2, sample_shape: [10, 1, 5] }), /· 10 steps of 5 inputs ·/);
  assert.match(sizeWords({ ...preview, classes, samples: 2, sample_shape: [10, 1, 1] }), /· 10 steps of 1 input ·/);
});
