// Which font files a drawing needs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isNeeded, rangesOf } from "../../dashboard/web/charts/typeface.js";

test("a range of characters is read as style sheets write it", () => {
  assert.deepEqual(rangesOf("U+100-2BA, U+2C7"), [
    [0x100, 0x2ba],
    [0x2c7, 0x2c7],
  ]);
  assert.deepEqual(rangesOf(""), []);
});

test("a file is needed for the characters of its range, or always where it has none", () => {
  const extended = rangesOf("U+0100-02BA");
  assert.equal(isNeeded("Łukasz", extended), true);
  assert.equal(isNeeded("Ada", extended), false);
  assert.equal(isNeeded("Ada", []), true);
});
