import assert from "node:assert/strict";
import { test } from "node:test";
import * as chances from "../../dashboard/web/charts/chances.js";
import { nextWords, synapseName } from "../../dashboard/web/run/next_action.js";

const { CODES, actionChances, digits, entryOf, numberOf, sequences } = chances;

/** @param {number} history */
function policyOf(history) {
  const size = 3 * 9 ** history;
  return {
    iteration: 0,
    replicate: 0,
    history,
    table: Array.from({ length: size }, (_, i) => i),
    bias_table: Array.from({ length: size }, (_, i) => -i),
    visits: Array.from({ length: size }, () => 1),
    rewards: 2,
    exploration: 0,
    temperature: 0,
    bias_temperature: 2,
  };
}

test("sequences and their numbers are the inverse of each other", () => {
  for (let history = 0; history <= 3; history++) {
    const all = sequences(history, [0, 1, 2]);
    assert.deepEqual(
      all.map(numberOf),
      Array.from({ length: 3 ** history }, (_, i) => i),
    );
    for (const codes of all) assert.deepEqual(digits(numberOf(codes), history), codes);
  }
});

test("without a temperature the first best action is certain", () => {
  assert.deepEqual(actionChances([0.1, 0.7, 0.7], 0), [0, 1, 0]);
});

test("with a temperature chances are a softmax, however large the values", () => {
  const [down, stay, up] = actionChances([0, Math.log(2), 0], 1);
  assert.ok(Math.abs(down - 0.25) < 1e-12 && Math.abs(stay - 0.5) < 1e-12 && Math.abs(up - 0.25) < 1e-12);
  for (const values of [
    [1000, 999, 0],
    [-1e6, 0, 1e6],
    [0, 0, 0],
  ]) {
    const drawn = actionChances(values, 0.5);
    assert.ok(Math.abs(drawn.reduce((sum, chance) => sum + chance) - 1) < 1e-12);
  }
});

test("an entry takes the three actions of its state, of the table in view", () => {
  const policy = policyOf(1);
  const entry = entryOf(policy, "table", 2, 1);
  assert.deepEqual(entry.values, [7, 16, 25]);
  assert.equal(CODES[entry.greedy].word, "up");
  assert.equal(entry.visits, 3);
  const bias = entryOf(policy, "bias_table", 2, 1);
  assert.equal(CODES[bias.greedy].word, "down");
  assert.ok(bias.chances[0] > bias.chances[1]);
});

test("a chance is never 0 %, and an uncertain event never 100 %", () => {
  const shares = [0, 0.001, 0.004, 0.5, 0.996, 0.9999, 1];
  const words = ["0 %", "<1 %", "<1 %", "50 %", ">99 %", ">99 %", "100 %"];
  assert.deepEqual(
    shares.map((share) => chances.whole(share).replace("\u00a0", " ")),
    words,
  );
});

test("counts are short, values keep three figures", () => {
  assert.deepEqual([999, 1000, 12_345, 2_500_000, 3e9].map(chances.compact), ["999", "1 k", "12 k", "2.5 M", "3 G"]);
  assert.deepEqual([0.12345, -2, null].map(chances.short), ["0.123", "−2", "–"]);
});

test("a cell is told by values or by chances, the likeliest first", () => {
  assert.equal(chances.valueWords([0.5, -1, 2]), "up. Values: down 0.5, stay −1, up 2.");
  assert.equal(chances.chanceWords([0.2, 0.7, 0.1]).replaceAll("\u00a0", " "), "stay 70 %, down 20 %, up 10 %.");
});

test("what a synapse does next says what is left to chance", () => {
  const certain = { next_action: 1, next_step: 0.01, probabilities: [0, 0, 1], temperature: 0 };
  assert.equal(nextWords(certain, false), "Next it moves up by 0.01: nothing is left to chance.");
  assert.equal(nextWords(certain, true), "If it went on, it moves up by 0.01: nothing is left to chance.");
  const explores = { ...certain, next_action: 0, probabilities: [0.05, 0.9, 0.05] };
  assert.equal(nextWords(explores, false), "Next it stays where it is, with a chance of 90.0 %; else it explores.");
  const drawn = { next_action: 1, next_step: 0.1, probabilities: [0.4, 0.2, 0.4], temperature: 1 };
  const words = nextWords(drawn, false).replaceAll("\u00a0", " ");
  assert.equal(words, "Next it draws its action: most likely it moves down by 0.1 or moves up by 0.1 (40 % each).");
});

test("a synapse is named by what it joins", () => {
  assert.equal(synapseName({ layer: 0, input: 0, unit: 2 }, 1, [4]), "Bias of unit 3");
  assert.equal(synapseName({ layer: 1, input: 0, unit: 2 }, 1, [4]), "Bias of output 3 in layer 2");
  assert.equal(synapseName({ layer: 1, input: 5, unit: 0 }, 1, [4]), "Unit 5 of layer 1 to output 1");
  assert.equal(synapseName({ layer: 0, input: 4, unit: 0 }, 0, [4]), "Input 4 to output 1");
  assert.equal(synapseName({ layer: 0, input: 10, unit: 0 }, 1, [8, 8]), "Pixel in row 2, column 2 to unit 1");
});

test("chances are those of one synapse's panel: exploration is mixed in, of the biases by their own", () => {
  const mixed = { ...policyOf(2), exploration: 0.3, bias_exploration: 0.6, bias_temperature: 0 };
  const { chances: shares } = entryOf(mixed, "table", 0, 0);
  assert.ok(Math.abs(Math.max(...shares) - 0.8) < 1e-12);
  assert.ok(Math.abs(shares.reduce((sum, chance) => sum + chance, 0) - 1) < 1e-12);
  assert.ok(Math.abs(Math.max(...entryOf(mixed, "bias_table", 0, 0).chances) - 0.6) < 1e-12);
});
