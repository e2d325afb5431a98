import assert from "node:assert/strict";
import { test } from "node:test";
import { actionChances } from "../../../dashboard/web/charts/chances.js";
import * as edit from "../../../dashboard/web/policies/table_edit.js";

/** @param {number} history @param {number} temperature @returns {edit.Table} */
function tableOf(history, temperature = 0) {
  const q = Array.from({ length: 3 ** (2 * history + 1) }, (_, i) => Math.sin(7 * i));
  return { history, q, temperature, exploration: 0 };
}

/** @param {edit.Table} table @param {edit.State} state */
const best = (table, state) => {
  const values = edit.valuesOf(table, state);
  return values.indexOf(Math.max(...values));
};

test("each action can be made the likeliest of each state, and nothing else changes", () => {
  for (const history of [1, 2]) {
    for (const table of [
      tableOf(history),
      edit.always(tableOf(history), 1),
      { ...tableOf(history), q: tableOf(history).q.map(() => 0) },
    ]) {
      for (const state of edit.statesOf(table)) {
        for (const action of [0, 1, 2]) {
          const changed = edit.withAction(table, state, action, false);
          assert.equal(best(changed, state), action);
          for (const other of edit.statesOf(table)) {
            if (other.acted === state.acted && other.rewarded === state.rewarded) continue;
            assert.deepEqual(edit.valuesOf(changed, other), edit.valuesOf(table, other));
          }
        }
      }
    }
  }
});

test("a symmetric table stays symmetric when it is edited with its mirror", () => {
  for (const history of [1, 2, 3]) {
    let table = edit.symmetrised(tableOf(history, 0.5));
    assert.ok(edit.isSymmetric(table));
    for (const [i, state] of edit.statesOf(table).slice(0, 40).entries()) {
      table = edit.withValues(table, state, [i, i / 2, -i], true);
      assert.ok(edit.isSymmetric(table), `${history} ${i}`);
    }
  }
  assert.ok(!edit.isSymmetric(tableOf(2)));
});

test("the mirror of a mirrored state is the state", () => {
  const table = tableOf(3);
  for (const state of edit.statesOf(table)) {
    assert.deepEqual(edit.mirrorState(table, edit.mirrorState(table, state)), state);
  }
});

test("probabilities that are written are those that are drawn", () => {
  const table = tableOf(2, 0.3);
  const state = { acted: 5, rewarded: 8 };
  const changed = edit.withProbabilities(table, state, [0.2, 0.5, 0.3], false);
  const drawn = actionChances(edit.valuesOf(changed, state), 0.3);
  for (const [i, share] of [0.2, 0.5, 0.3].entries()) assert.ok(Math.abs(drawn[i] - share) < 1e-9);
});

test("an action that is never drawn keeps a small probability, as a softmax has no zeros", () => {
  const changed = edit.withProbabilities(tableOf(1, 1), { acted: 0, rewarded: 2 }, [0, 0, 4], false);
  assert.ok(changed.q.every(Number.isFinite));
  assert.equal(best(changed, { acted: 0, rewarded: 2 }), 2);
});

test("a policy that always decreases has one action in every state", () => {
  const table = edit.always(tableOf(2, 0.5), 0);
  assert.equal(table.temperature, 0);
  for (const state of edit.statesOf(table)) assert.deepEqual(edit.valuesOf(table, state), [1, 0, 0]);
});

test("a table does not differ from itself, and from its opposite in every state", () => {
  const down = edit.always(tableOf(2), 0);
  const up = edit.always(tableOf(2), 2);
  assert.deepEqual(edit.differenceOf(down, down), { states: 36, differing: [], distance: 0 });
  const { differing, distance } = edit.differenceOf(down, up);
  assert.deepEqual([differing.length, distance], [36, 1]);
});

test("edits are undone and redone in order, and a new edit ends what could be redone", () => {
  const [first, second, third] = [tableOf(1), edit.always(tableOf(1), 0), edit.always(tableOf(1), 2)];
  const edits = new edit.Edits(first);
  edits.push(second);
  edits.push(second);
  assert.equal(edits.steps.length, 2);
  edits.undo();
  edits.undo();
  assert.equal(edits.table, first);
  edits.redo();
  assert.equal(edits.table, second);
  edits.undo();
  edits.push(third);
  assert.deepEqual([edits.table, edits.canRedo, edits.canUndo], [third, false, true]);
});
