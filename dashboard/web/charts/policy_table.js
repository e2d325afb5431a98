// The policy table on the page: a row for each sequence of last actions, a column for each of last rewards.
import { make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import {
  CODES,
  chanceWords,
  compact,
  digits,
  entryOf,
  numberOf,
  sequences,
  temperatureOf,
  valueWords,
  whole,
} from "./chances.js";
import { lamp, rewardWord, sign } from "./signs.js";

/** @import { Rows } from "./csv.js" */
/** @import { TableCell, TableDrawing } from "./table_figure.js" */
/** @import { PolicyRead } from "../types/schemas.js" */
/** @import { Entry, TableName } from "./chances.js" */

/** @typedef {{ acted: number, rewarded: number, element: HTMLTableCellElement }} Cell */

/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// Strengths of colours, as in run.css: of a state that no synapse was in, and added to it where most were.
const [FAINTEST, RANGE] = [0.1, 0.45];

export class PolicyTable {
  /**
   * @param {HTMLElement} place
   * @param {(cell: Cell) => void} [pressed] called when a cell is pressed, by mouse, touch or Enter
   */
  constructor(place, pressed) {
    this.place = place;
    this.pressed = pressed;
    /** @type {PolicyRead | null} */
    this.policy = null;
    /** @type {TableName} */
    this.shows = "table";
    this.built = "";
    /** @type {Map<string, Cell>} by state */
    this.cells = new Map();
    this.table = make("table", "policy-table");
    this.detail = make("p", "caption policy-detail");
    /** @type {Cell | null} cell that is explained */
    this.explained = null;
    /** @type {Cell | null} cell of the synapse in view */
    this.marked = null;
  }

  /**
   * For CSV: every state of the table in view.
   *
   * @returns {Rows | null}
   */
  rows() {
    const { policy, shows } = this;
    if (!policy) return null;
    const { history } = policy;
    /** @param {string} event */
    const ago = (event) => Array.from({ length: history }, (_, i) => `${event} ${history - i} ago`);
    /** @param {string} measure */
    const each = (measure) => CODES.map(({ word }) => `${measure} of ${word}`);
    const head = [
      ...ago("action"),
      ...ago("reward"),
      "action now",
      ...each("value"),
      ...each("probability"),
      "times used",
    ];
    const rows = [...this.cells.values()].map(({ acted, rewarded }) => {
      const { chances, greedy, values, visits } = entryOf(policy, shows, acted, rewarded);
      return [
        ...digits(acted, history).map((code) => CODES[code].word),
        ...digits(rewarded, history).map((code) => code - 1),
        CODES[greedy].word,
        ...values,
        ...chances.map((chance) => Number(chance.toPrecision(4))),
        visits,
      ];
    });
    return [head, ...rows];
  }

  /**
   * For pictures: the table in view, coloured as run.css colours it.
   *
   * @returns {TableDrawing | null}
   */
  drawing() {
    const { marked, policy, shows } = this;
    if (!policy) return null;
    const { history } = policy;
    const draws = temperatureOf(policy, shows) > 0;
    const [rows, columns] = [sequences(history, [0, 1, 2]), sequences(history, [0, 2])];
    const entries = rows.map((acted) =>
      columns.map((rewarded) => entryOf(policy, shows, numberOf(acted), numberOf(rewarded))),
    );
    const most = Math.max(1, ...entries.flat().map(({ visits }) => visits));
    /** @type {(entry: Entry) => TableCell} */
    const cell = ({ acted, chances, greedy, rewarded, visits }) => ({
      text: [CODES[greedy].sign, draws ? whole(chances[greedy]) : "", compact(visits)].filter(Boolean).join(" "),
      tint: CODES[greedy].word,
      strength: FAINTEST + RANGE * (visits / most),
      isFramed: marked?.acted === acted && marked.rewarded === rewarded,
    });
    return {
      columns: columns.map((codes) => codes.map((code) => rewardWord(code - 1)).join(" ")),
      rows: rows.map((codes) => codes.map((code) => CODES[code].sign).join(" ")),
      columnTitle: "last rewards",
      rowTitle: "last actions",
      cells: entries.map((row) => row.map(cell)),
    };
  }

  /** @param {PolicyRead} policy */
  show(policy) {
    this.policy = policy;
    const built = `${policy.history} ${Boolean(policy.bias_table)}`;
    if (this.built !== built) this.build(policy);
    this.built = built;
    const draws = temperatureOf(policy, this.shows) > 0;
    this.table.dataset.draws = String(draws);
    const shown = draws ? "The likeliest action of a synapse, and how likely it is," : "The action of a synapse";
    text(
      this.table.caption,
      `${shown} after its last actions (rows) and the last rewards (columns), oldest first, and how often synapses were there.`,
    );
    const cells = [...this.cells.values()];
    const entries = cells.map(({ acted, rewarded }) => entryOf(policy, this.shows, acted, rewarded));
    const most = Math.max(0, ...entries.map(({ visits }) => visits));
    for (const [i, cell] of cells.entries()) writeCell(cell.element, entries[i], most, draws, policy.history);
    if (this.explained) this.explain(this.explained);
  }

  /** @param {PolicyRead} policy */
  build({ bias_table: biases, history }) {
    this.cells = new Map();
    this.explained = null;
    this.marked = null;
    const columns = sequences(history, [0, 2]);
    const rows = sequences(history, [0, 1, 2]);
    this.table = make(
      "table",
      "policy-table",
      undefined,
      {},
      make("caption", "visually-hidden"),
      make("thead", "", undefined, {}, headRow(columns)),
      make("tbody", "", undefined, {}, ...rows.map((codes) => this.row(codes, columns))),
    );
    this.table.addEventListener("keydown", (event) => move(event));
    this.detail = make(
      "p",
      "caption policy-detail",
      "Point at a cell, or move to it with the arrow keys, to see all three actions.",
      { role: "status" },
    );
    const frame = make("div", "policy-frame", undefined, {}, this.table);
    this.place.replaceChildren(...(biases ? [this.choice()] : []), frame, this.detail);
    const [first] = this.cells.values();
    first.element.tabIndex = 0;
  }

  /** The choice between the table of the weights and that of the biases. */
  choice() {
    const select = make("select", "field small-field", undefined, { "aria-label": "Whose table" });
    select.append(new Option("Table of the weights", "table"), new Option("Table of the biases", "bias_table"));
    select.value = this.shows;
    select.addEventListener("change", () => {
      this.shows = select.value === "bias_table" ? "bias_table" : "table";
      if (this.policy) this.show(this.policy);
    });
    return select;
  }

  /**
   * @param {number[]} codes last actions
   * @param {number[][]} columns last rewards of each column
   */
  row(codes, columns) {
    const words = codes.map((code) => CODES[code].word).join(", ");
    const head = make(
      "th",
      "signs",
      undefined,
      { scope: "row", "aria-label": `actions ${words}` },
      ...codes.map((code) => sign(code - 1)),
    );
    const cells = columns.map((rewards) => this.cell(numberOf(codes), numberOf(rewards)));
    return make("tr", "", undefined, {}, head, ...cells);
  }

  /**
   * @param {number} acted
   * @param {number} rewarded
   */
  cell(acted, rewarded) {
    const parts = ["sign", "chance", "visits"].map((part) => make("span", part, "", { "aria-hidden": "true" }));
    const element = make("td", "policy-cell", undefined, { tabindex: "-1" }, ...parts);
    const cell = { acted, rewarded, element };
    element.dataset.state = stateKey(acted, rewarded);
    element.addEventListener("mouseenter", () => this.explain(cell));
    element.addEventListener("focus", () => this.explain(cell));
    const { pressed } = this;
    if (pressed) {
      element.setAttribute("role", "button");
      element.addEventListener("click", () => {
        element.focus();
        pressed(cell);
      });
      element.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        pressed(cell);
      });
    }
    this.cells.set(stateKey(acted, rewarded), cell);
    return element;
  }

  /** @param {Cell} cell */
  explain(cell) {
    this.explained = cell;
    text(this.detail, cell.element.getAttribute("aria-label") ?? "");
  }

  /**
   * Frame the state of the synapse in view.
   *
   * @param {number[] | null | undefined} state
   */
  mark(state) {
    this.marked?.element.removeAttribute("data-mine");
    this.marked = (state && this.cells.get(stateKey(state[0], state[1]))) ?? null;
    this.marked?.element.setAttribute("data-mine", "true");
  }
}

/**
 * @param {number} acted last actions as a number in base 3
 * @param {number} rewarded last rewards as a number in base 3
 */
export const stateKey = (acted, rewarded) => `${acted} ${rewarded}`;

/** @param {number[][]} columns */
function headRow(columns) {
  const heads = columns.map((codes) =>
    make(
      "th",
      "",
      undefined,
      { scope: "col", "aria-label": `rewards ${codes.map((code) => rewardWord(code - 1)).join(", ")}` },
      ...codes.map((code) => lamp(code - 1)),
    ),
  );
  const corner = make("th", "corner", "last actions ↓\nrewards →", { scope: "col" });
  return make("tr", "", undefined, {}, corner, ...heads);
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {Entry} entry
 * @param {number} most visits of a state; 0 of a table that nobody has used
 * @param {boolean} draws whether actions are drawn
 * @param {number} history
 */
function writeCell(cell, { acted, rewarded, values, chances, greedy, visits }, most, draws, history) {
  const { word, sign: shape } = CODES[greedy];
  if (cell.dataset.action !== word) cell.dataset.action = word;
  const [action, chance, used] = cell.children;
  text(action, shape);
  text(chance, draws ? whole(chances[greedy]) : "");
  text(used, most ? compact(visits) : "");
  cell.style.setProperty("--share", (visits / (most || 1)).toFixed(3));
  const actions = digits(acted, history).map((code) => CODES[code].word);
  const rewards = digits(rewarded, history).map((code) => rewardWord(code - 1));
  cell.setAttribute(
    "aria-label",
    `After ${actions.join(", ")} and rewards ${rewards.join(", ")}: ` +
      `${draws ? chanceWords(chances) : valueWords(values)}${most ? ` Used ${format.count(visits)} times.` : ""}`,
  );
}

/**
 * Arrow keys move from cell to cell.
 *
 * @param {KeyboardEvent} event
 */
function move(event) {
  const cell = event.target instanceof HTMLTableCellElement ? event.target : null;
  const step = STEPS[event.key];
  const row = cell?.parentElement;
  if (!cell?.classList.contains("policy-cell") || !row || !step) return;
  event.preventDefault();
  const [down, right] = step;
  const line = down ? (down > 0 ? row.nextElementSibling : row.previousElementSibling) : row;
  const next = line?.children[cell.cellIndex + right];
  if (!(next instanceof HTMLTableCellElement) || !next.classList.contains("policy-cell")) return;
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
