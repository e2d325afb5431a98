import assert from "node:assert/strict";
import { test } from "node:test";
import { Library } from "../../../dashboard/web/playground/library.js";
import { playPath } from "../../../dashboard/web/policies/words.js";

/** @typedef {import("../../../dashboard/web/types/schemas.js").LibraryPolicyDetail} LibraryPolicyDetail */

/** @type {LibraryPolicyDetail} */
const STORED = {
  id: "a1",
  name: "mine",
  title: "",
  description: "",
  origin: "edited",
  history: 1,
  temperature: 0,
  exploration: 0,
  owner: "Ada",
  parent: null,
  run_id: null,
  notes: "",
  tags: [],
  archived: false,
  created_at: null,
  content_hash: "",
  runs: 0,
  editable: true,
  q: Array(27).fill(0.5),
  probabilities: [],
  mirror_symmetric: true,
  sentences: [],
  lineage: {},
  parents: [],
  trained_on: [],
  used_by: [],
};

test("the playground opens with the table itself, and with the name of a policy that ships", () => {
  assert.equal(playPath(STORED), `/playground?policy=table_0_0_${Array(27).fill(0.5).join("_")}&explore=0.2`);
  const drawing = playPath({ ...STORED, temperature: 0.5 });
  assert.match(drawing, /table_0\.5_0_/);
  assert.doesNotMatch(drawing, /explore/);
  assert.equal(playPath({ ...STORED, origin: "shipped", name: "random", exploration: 1 }), "/playground?policy=random");
});

test("a table of the library goes by its name, and is offered once", () => {
  const library = new Library();
  library.policies = [STORED, { ...STORED, id: "b2", name: "other" }];
  library.tables.set("a1", { q: STORED.q, temperature: 0, exploration: 0 });
  assert.deepEqual(library.entries("bred"), [{ library: "a1" }, { library: "b2" }]);
  const inForce = { q: STORED.q }; // a scene leaves out what is the default
  assert.deepEqual(library.entries(inForce), [{ library: "b2" }]);
  assert.equal(library.nameOf(inForce), "mine");
  assert.equal(library.nameOf({ library: "b2" }), "other");
  assert.equal(library.nameOf({ q: STORED.q, temperature: 1 }), undefined);
});
