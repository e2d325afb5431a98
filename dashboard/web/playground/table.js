// The shared table: which action each state favours, how often it was met, and where the synapses stand now. A press on
// a cell has it favour the next action: the values of both actions change places. Tab stops at one cell, the one that the
// chosen synapse looks in; arrow keys lead to the others.
import { button, make } from "../core/dom.js";
import { ACTION_SIGNS, ACTION_WORDS, digits } from "./decision.js";

/** @typedef {import("../tape/tape.js").Header} Header */
/** @typedef {import("../tape/tape.js").Tape} Tape */

const CODES = 3;
const NONE = 1;

export class TablePicture {
  /** @param {HTMLElement} place @param {Header} header
   * @param {{edit: (changes: {setting: string, value: [number, number]}[]) => void, save: () => void}} acts */
  constructor(place, header, { edit, save }) {
    this.header = header;
    this.edit = edit;
    /** Values of the table that is shown. */
    this.values = new Float64Array(0);
    /** @type {HTMLButtonElement[][]} cells by action history and reward history */
    this.cells = [];
    if (header.scene.method !== "synaptic") {
      place.replaceChildren();
      return;
    }
    const count = CODES ** header.history;
    this.rewards = Array.from({ length: count }, (_, state) => state).filter(
      (state) => !digits(state, header.history).includes(NONE),
    );
    const table = make("table", "");
    const caption = make("p", "caption", undefined, { id: "playground-table-caption" });
    caption.textContent =
      "What each state favours; press a cell to change it. Rows: last moves; columns: last lamps. Framed: now.";
    table.setAttribute("aria-labelledby", caption.id);
    const head = table.createTHead().insertRow();
    head.append(make("td", ""));
    for (const state of this.rewards) head.append(make("th", "", lamps(state, header.history), { scope: "col" }));
    const body = table.createTBody();
    for (let state = 0; state < count; state++) {
      const row = body.insertRow();
      const moves = digits(state, header.history).map((code) => ACTION_SIGNS[code]);
      row.append(make("th", "", moves.join(" "), { scope: "row" }));
      this.cells.push(
        this.rewards.map((reward) => {
          const cell = button("", "", () => this.favourNext(state, reward), { tabindex: "-1" });
          cell.setAttribute("aria-label", described(state, reward, header.history)); // until the tape is here
          row.insertCell().append(cell);
          return cell;
        }),
      );
    }
    table.addEventListener("keydown", (event) => this.walk(event));
    table.addEventListener("focusin", () => this.stopAt(this.focused() ?? [0, 0]));
    this.stopAt([0, 0]);
    const saving = button("link-button", "Save it as a policy (JSON)", save);
    place.replaceChildren(table, make("div", "", undefined, {}, caption, saving));
  }

  /** Have a state favour the next action. @param {number} state @param {number} reward */
  favourNext(state, reward) {
    if (!this.values.length) return; // the tape is still on its way
    const rows = CODES ** this.header.history;
    const places = [0, 1, 2].map((code) => (code * rows + state) * rows + reward);
    const values = places.map((place) => this.values[place]);
    const highest = Math.max(...values);
    const best = values.indexOf(highest);
    const next = (best + 1) % CODES;
    // Where the table is flat, ties go to the lowest code: the next one has to stand out.
    const raised = values[next] === highest ? highest + 1 : highest;
    this.edit([
      { setting: "cell", value: [places[next], raised] },
      { setting: "cell", value: [places[best], values[next]] },
    ]);
  }

  /** Place of the cell that has the focus. @returns {[number, number] | null} */
  focused() {
    for (const [row, cells] of this.cells.entries()) {
      const column = cells.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
      if (column >= 0) return [row, column];
    }
    return null;
  }

  /** Let Tab stop at one cell. @param {[number, number]} place */
  stopAt([row, column]) {
    const cell = this.cells[row][column];
    if (cell.tabIndex === 0) return;
    for (const one of this.cells.flat()) one.tabIndex = -1;
    cell.tabIndex = 0;
  }

  /** Go to the next cell by an arrow key. @param {KeyboardEvent} event */
  walk(event) {
    /** @type {Record<string, [number, number]>} */
    const ways = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const way = ways[event.key];
    const place = this.focused();
    if (!way || !place || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation(); // elsewhere arrow keys move the cursor
    this.focus([place[0] + way[0], place[1] + way[1]]);
  }

  /** Give a cell the focus, so that keys go on where they were. @param {[number, number]} place */
  focus([row, column]) {
    this.cells[row]?.[column]?.focus();
  }

  /** @param {Tape} tape @param {number} cursor @param {number} chosen
   * @param {{state: number, rewardState: number} | null} used the state of the last decision */
  draw(tape, cursor, chosen, used) {
    if (!this.cells.length) return;
    const moment = tape.seek(cursor);
    this.values = moment.table;
    const rows = tape.actionHistories;
    const mine = tape.base3[moment.states[chosen]];
    const now = /** @type {number[]} */ (this.rewards).indexOf(moment.rewardState);
    if (now >= 0 && !this.focused()) this.stopAt([mine, now]);
    this.cells.forEach((cells, state) =>
      cells.forEach((cell, column) => {
        const reward = /** @type {number[]} */ (this.rewards)[column];
        const values = [0, 1, 2].map((code) => moment.table[(code * rows + state) * rows + reward]);
        const best = values.indexOf(Math.max(...values));
        const visits = [0, 1, 2].reduce((sum, code) => sum + moment.visits[(code * rows + state) * rows + reward], 0);
        if (cell.textContent !== ACTION_SIGNS[best]) cell.textContent = ACTION_SIGNS[best];
        cell.dataset.action = ACTION_WORDS[best];
        cell.toggleAttribute("data-used", state === used?.state && reward === used.rewardState);
        cell.toggleAttribute("data-now", reward === moment.rewardState);
        cell.toggleAttribute("data-mine", reward === moment.rewardState && state === mine);
        const met = `met ${visits.toLocaleString("en")} times`;
        cell.title = `favours ${ACTION_WORDS[best]}; ${met}`;
        cell.setAttribute("aria-label", `${described(state, reward, this.header.history)}: ${cell.title}`);
      }),
    );
  }
}

/** @param {number} state @param {number} history */
function lamps(state, history) {
  return digits(state, history)
    .map((code) => (code === CODES - 1 ? "●" : "○"))
    .join("");
}

/** @param {number} state @param {number} reward @param {number} history */
function described(state, reward, history) {
  const moves = digits(state, history).map((code) => ACTION_WORDS[code]);
  const seen = digits(reward, history).map((code) => (code === CODES - 1 ? "on" : "off"));
  return `after ${moves.join(", ")} with lamps ${seen.join(", ")}`;
}
