// The editor of a policy: cell by cell, with its mirror, undo and redo; beside it a network that learns under it.
import { actionChances, CODES, digits } from "../charts/chances.js";
import { PolicyTable } from "../charts/policy_table.js";
import { lamp, rewardWord, sign } from "../charts/signs.js";
import { call, messageOf } from "../core/api.js";
import { openDialog } from "../core/dialog.js";
import { button, checkLabel, labelled, make, text } from "../core/dom.js";
import * as edit from "./table_edit.js";
import { Trial } from "./trial.js";
import { asPolicyRead } from "./words.js";

/** @import { Cell } from "../charts/policy_table.js" */
/** @import { LibraryPolicy, LibraryPolicyDetail, PolicyCreate } from "../types/schemas.js" */

/** Temperature of a table that begins to draw its actions: its values, 0 and 1, then give 91 % to the best one. */
const FIRST_TEMPERATURE = 0.33;

export class Editor {
  /**
   * @param {HTMLElement} place
   * @param {LibraryPolicyDetail} parent
   * @param {{ saved: (stored: LibraryPolicy) => void, left: () => void }} ends
   */
  constructor(place, parent, ends) {
    this.parent = parent;
    this.ends = ends;
    const { history, q, temperature, exploration } = parent;
    this.edits = new edit.Edits({ history, q, temperature, exploration });
    /** @type {edit.State | null} */
    this.state = null;
    this.picture = make("div", "policy-picture");
    this.table = new PolicyTable(this.picture, (cell) => this.press(cell));
    this.cell = make("div", "policy-cell-editor");
    this.trialPlace = make("div", "policy-trial");
    this.mirror = make("input", "", undefined, { type: "checkbox", id: "policy-mirror" });
    this.keepsMirror = parent.mirror_symmetric;
    this.mirror.addEventListener("change", () => this.mirrored());
    this.undoButton = button("button-plain", "Undo", () => this.back(() => this.edits.undo()), { title: "Ctrl+Z" });
    this.redoButton = button("button-plain", "Redo", () => this.back(() => this.edits.redo()), {
      title: "Ctrl+Shift+Z",
    });
    place.replaceChildren(
      make("h2", "policy-name", `Edit a copy of ${parent.name}`),
      make("p", "caption", "Press a cell to choose its action. The network beside learns under every change."),
      this.bar(),
      make(
        "div",
        "policy-pictures",
        undefined,
        {},
        make("div", "", undefined, {}, this.picture, this.cell),
        this.trialPlace,
      ),
    );
    this.trial = new Trial(this.trialPlace);
    this.keys = (/** @type {KeyboardEvent} */ event) => this.key(event);
    document.addEventListener("keydown", this.keys);
    this.show();
  }

  close() {
    document.removeEventListener("keydown", this.keys);
    this.trial.close();
  }

  get isChanged() {
    return this.edits.canUndo;
  }

  bar() {
    const all = make("div", "policy-actions", undefined, { role: "group", "aria-label": "Every state" });
    all.append(make("span", "caption", "Every state:"));
    for (const [action, { word, sign: shape }] of CODES.entries()) {
      all.append(
        button("button-plain", `${shape} always ${word}`, () => this.push(edit.always(this.edits.table, action))),
      );
    }
    this.draws = make("input", "", undefined, { type: "checkbox", id: "policy-draws" });
    this.draws.addEventListener("change", () => this.drawing());
    const bar = make("div", "policy-actions");
    bar.append(
      button("button", "Save as a policy …", () => this.save()),
      this.undoButton,
      this.redoButton,
      checkLabel("Keep it mirror symmetric", this.mirror),
      checkLabel("Draws its actions", this.draws),
      button("button-plain", "Leave", () => {
        if (this.isChanged && !confirm("Leave these edits? They are not saved as a policy.")) return;
        this.close();
        this.ends.left();
      }),
    );
    return make("div", "", undefined, {}, bar, all);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.picture.isConnected) {
      this.close();
      return;
    }
    const field = event.target instanceof HTMLInputElement && event.target.type === "number";
    if (field || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    this.back(() => (event.shiftKey ? this.edits.redo() : this.edits.undo()));
  }

  // -- changes

  /** @param {edit.Table} table */
  push(table) {
    this.edits.push(table);
    this.show();
  }

  /** @param {() => void} step */
  back(step) {
    step();
    this.show();
  }

  /** @param {Cell} cell */
  press({ acted, rewarded }) {
    const state = { acted, rewarded };
    const same = this.state?.acted === acted && this.state.rewarded === rewarded;
    this.state = state;
    // The first press chooses the cell, each further one has it favour the next action.
    if (!same) {
      this.showCell();
      return;
    }
    const values = edit.valuesOf(this.edits.table, state);
    const best = values.indexOf(Math.max(...values));
    this.push(edit.withAction(this.edits.table, state, (best + 1) % 3, this.mirror.checked));
  }

  mirrored() {
    this.keepsMirror = this.mirror.checked;
    if (this.mirror.checked && !edit.isSymmetric(this.edits.table)) this.push(edit.symmetrised(this.edits.table));
    else this.show();
  }

  drawing() {
    const { table } = this.edits;
    this.push({ ...table, temperature: this.draws?.checked ? FIRST_TEMPERATURE : 0 });
  }

  // -- shown

  show() {
    const { table } = this.edits;
    this.table.show(asPolicyRead({ ...this.parent, ...table, lineage: {} }));
    this.undoButton.disabled = !this.edits.canUndo;
    this.redoButton.disabled = !this.edits.canRedo;
    if (this.draws) this.draws.checked = table.temperature > 0;
    // Asked for once, it comes back with the table that is symmetric.
    this.mirror.checked = this.keepsMirror && edit.isSymmetric(table);
    this.showCell();
    this.trial.run(table);
  }

  showCell() {
    const { state } = this;
    const { table } = this.edits;
    if (!state) {
      this.cell.replaceChildren(make("p", "caption", "No cell is chosen."));
      return;
    }
    this.table.mark([state.acted, state.rewarded]);
    const actions = digits(state.acted, table.history);
    const rewards = digits(state.rewarded, table.history);
    const head = make("p", "policy-state signs", "After ", {}, ...actions.map((code) => sign(code - 1)));
    head.append(" and ", ...rewards.map((code) => lamp(code - 1)));
    head.append(
      make(
        "span",
        "visually-hidden",
        `${actions.map((code) => CODES[code].word).join(", ")} and rewards ${rewards.map((code) => rewardWord(code - 1)).join(", ")}`,
      ),
    );
    this.cell.replaceChildren(head, this.favours(table, state), this.numbers(table, state));
  }

  /** @param {edit.Table} table @param {edit.State} state */
  favours(table, state) {
    const values = edit.valuesOf(table, state);
    const best = values.indexOf(Math.max(...values));
    const group = make("div", "policy-actions", undefined, { role: "group", "aria-label": "Likeliest action" });
    for (const [action, { word, sign: shape }] of CODES.entries()) {
      const pressed = () => this.push(edit.withAction(this.edits.table, state, action, this.mirror.checked));
      group.append(button("button-plain", `${shape} ${word}`, pressed, { "aria-pressed": String(action === best) }));
    }
    return group;
  }

  /** Values of the three actions or, where actions are drawn, how likely each is. @param {edit.Table} table
   * @param {edit.State} state */
  numbers(table, state) {
    const draws = table.temperature > 0;
    const values = edit.valuesOf(table, state);
    const shown = draws ? actionChances(values, table.temperature).map((share) => 100 * share) : values;
    const fields = CODES.map(({ word }, action) => {
      const field = make("input", "field small-field", undefined, {
        id: `policy-number-${word}`,
        type: "number",
        step: "any",
        inputmode: "decimal",
      });
      field.value = String(Number(shown[action].toPrecision(4)));
      field.addEventListener("change", () => {
        const given = fields.map((one) => one.valueAsNumber);
        if (!given.every(Number.isFinite) || (draws && given.some((share) => share < 0))) {
          field.setCustomValidity(draws ? "A per cent, 0 to 100" : "A number");
          field.reportValidity();
          return;
        }
        const write = draws ? edit.withProbabilities : edit.withValues;
        this.push(write(this.edits.table, state, given, this.mirror.checked));
      });
      return field;
    });
    const names = CODES.map(({ word }) => (draws ? `${word}, %` : `value of ${word}`));
    return make(
      "div",
      "policy-numbers",
      undefined,
      {},
      ...fields.map((field, action) => labelled(names[action], field)),
    );
  }

  // -- saving

  save() {
    const name = make("input", "field", undefined, { id: "policy-save-name", maxlength: "200", required: "" });
    const notes = make("textarea", "field", undefined, { id: "policy-save-notes", rows: "3" });
    name.value = `${this.parent.name} edited`;
    openDialog({
      title: "Save as a policy",
      parts: [labelled("Name", name), labelled("Notes", notes)],
      verb: "Save",
      save: async () => {
        const { q, temperature, exploration } = this.edits.table;
        /** @type {PolicyCreate} */
        const body = {
          name: name.value,
          notes: notes.value,
          description: `Edited from ${this.parent.name}.`,
          q,
          temperature,
          exploration,
          parent: this.parent.id,
        };
        /** @type {LibraryPolicy} */
        const stored = await call("POST", "/api/v1/policies", body);
        this.close();
        this.ends.saved(stored);
      },
    });
  }

  /** @param {unknown} error */
  refuse(error) {
    text(this.cell, messageOf(error));
  }
}
