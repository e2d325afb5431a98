import assert from "node:assert/strict";
import { test } from "node:test";
import { tableWords } from "../../../dashboard/web/classroom/figures.js";

const STAY = 1;

/**
 * A class's table with decisions after a lit and a dark lamp: `again` times the last move, `other` times another.
 *
 * @param {{ lit?: [number, number], dark?: [number, number] }} made
 */
function table({ lit = [0, 0], dark = [0, 0] }) {
  const counts = Array.from({ length: 9 }, () => Array.from({ length: 4 }, () => [0, 0, 0]));
  counts[STAY][1] = [lit[1], lit[0], 0];
  counts[STAY][2] = [dark[1], dark[0], 0];
  return counts;
}

test("the table's words give the shares after lit and dark lamps", () => {
  assert.equal(
    tableWords(table({ lit: [3, 1], dark: [1, 4] })),
    "After a lit lamp the last move was made again in 75 % of cases, after a dark one in 20 %.",
  );
  assert.match(tableWords(table({ lit: [0, 2], dark: [1, 1] })), /again in 0 % of cases/);
});

test("the table's words say where no lamp was on, or off, or shown at all", () => {
  assert.equal(
    tableWords(table({ dark: [1, 3] })),
    "No lamp was on; after a dark one the last move was made again in 25 % of cases.",
  );
  assert.equal(
    tableWords(table({ lit: [2, 2] })),
    "After a lit lamp the last move was made again in 50 % of cases; no lamp was off.",
  );
  assert.equal(tableWords(table({})), "No lamp was shown yet.");
});
