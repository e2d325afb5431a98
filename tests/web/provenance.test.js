import assert from "node:assert/strict";
import { test } from "node:test";
import { moment } from "../../dashboard/web/core/format.js";
import { provenanceOf } from "../../dashboard/web/run/provenance.js";

/** @import { RunRead } from "../../dashboard/web/types/schemas.js" */

/**
 * @param {Partial<RunRead>} run
 * @returns {Record<string, string>}
 */
const terms = (run) => {
  const whole = /** @type {RunRead} */ ({ id: "abc", created_at: "2026-01-02T03:04:05", ...run });
  return Object.fromEntries(provenanceOf(whole));
};

test("a run that waits says when it was created and nothing of its data", () => {
  assert.deepEqual(terms({}), {
    Run: "abc",
    Created: moment("2026-01-02T03:04:05", { exactly: true }),
    Started: "–",
    Ended: "–",
    "Data (SHA-256)": "–",
  });
});

test("what a worker told is named as people write it", () => {
  const told = terms({
    dataset_hash: "0123456789abcdef0123",
    provenance: { synrl: "1.0", scikit_learn: "1.6", host: "lab_1", imported: { at: "today", run: "x" }, cores: 2000 },
  });
  assert.equal(told["Data (SHA-256)"], "0123456789abcdef");
  assert.equal(told.SynRL, "1.0");
  assert.equal(told["scikit-learn"], "1.6");
  assert.equal(told.Host, "lab_1");
  assert.equal(told["Imported at"], "today");
  assert.equal(told.Cores, "2,000");
});
