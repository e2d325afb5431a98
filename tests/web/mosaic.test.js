import assert from "node:assert/strict";
import { test } from "node:test";
import { Mosaic } from "../../dashboard/web/charts/mosaic.js";

const SIZES = [1, 2, 3, 7, 10, 32, 128, 300];
const ROOM = { w: 600, h: 400 };

test("cell and place are the inverse of each other", () => {
  for (const units of SIZES) {
    const mosaic = new Mosaic(units, [5, 4], ROOM);
    for (let unit = 0; unit < mosaic.count; unit++) {
      for (let input = 0; input < 20; input++)
        assert.deepEqual(mosaic.place(...mosaic.cell(unit, input)), [unit, input]);
    }
  }
});

test("every cell that is not a gap shows one weight, and gaps show none", () => {
  for (const units of SIZES) {
    const mosaic = new Mosaic(units, [3, 2], ROOM);
    const cells = mosaic.fill(Array.from({ length: units }, (_, unit) => Float32Array.from({ length: 6 }, () => unit)));
    const shown = cells.flatMap((row, y) => row.map((value, x) => ({ value, place: mosaic.place(y, x) })));
    for (const { value, place } of shown) assert.equal(value, place?.[0] ?? null);
    assert.equal(shown.filter(({ place }) => place).length, 6 * mosaic.count);
  }
});

test("rows are as many as make pictures largest", () => {
  assert.equal(new Mosaic(10, [8, 8], { w: 1000, h: 100 }).rows, 1);
  assert.equal(new Mosaic(10, [8, 8], { w: 100, h: 1000 }).rows, 10);
  assert.equal(new Mosaic(16, [8, 8], { w: 400, h: 400 }).rows, 4);
});

test("no more than 128 units are drawn", () => assert.equal(new Mosaic(1000, [2, 2], ROOM).count, 128));
