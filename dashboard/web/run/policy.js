// @ts-nocheck
// The table of all synapses: a row for each sequence of last actions, a column for each of last rewards.
import { make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { CODES, lamp, rewardWord, short, sign, whole } from "./signs.js";

export class PolicyTable {
  constructor(place) {
    this.place = place;
    this.history = null;
    this.marked = null;
    this.shows = "table";
  }

  // For CSV: every state of the table in view.
  rows() {
    if (!this.policy) return null;
    const { history } = this.policy;
    const ago = (what) => Array.from({ length: history }, (_, i) => `${what} ${history - i} ago`);
    const each = (what) => CODES.map(({ word }) => `${what} of ${word}`);
    const head = [
      ...ago("action"),
      ...ago("reward"),
      "action now",
      ...each("value"),
      ...each("probability"),
      "times used",
    ];
    const rows = [...this.cells.keys()].map((state) => {
      const { acted, rewarded, values, chances, greedy, visits } = this.at(state);
      const actions = digits(acted, history).map((code) => CODES[code].word);
      const rewards = digits(rewarded, history).map((code) => code - 1);
      return [
        ...actions,
        ...rewards,
        CODES[greedy].word,
        ...values,
        ...chances.map((chance) => Number(chance.toPrecision(4))),
        visits,
      ];
    });
    return [head, ...rows];
  }

  // Above 0 the table in view is of a policy that draws its actions.
  get temperature() {
    return (this.shows === "bias_table" ? this.policy.bias_temperature : this.policy.temperature) || 0;
  }

  // What stands in the table for a state.
  at(state) {
    const { policy } = this;
    const table = this.shows === "bias_table" ? policy.bias_table : policy.table;
    const states = 3 ** policy.history;
    const [acted, rewarded] = state.split(" ").map(Number);
    const of = (list) => [0, 1, 2].map((action) => list[(action * states + acted) * states + rewarded]);
    const values = of(table);
    const visits = of(policy.visits).reduce((sum, count) => sum + count, 0);
    return {
      acted,
      rewarded,
      values,
      chances: actionChances(values, this.temperature),
      greedy: values.indexOf(Math.max(...values)),
      visits,
    };
  }

  show(policy) {
    this.policy = policy;
    if (this.history !== policy.history || Boolean(policy.bias_table) !== this.hasBiases) this.build(policy);
    const places = new Map([...this.cells.keys()].map((state) => [state, this.at(state)]));
    const most = Math.max(1, ...[...places.values()].map(({ visits }) => visits));
    const draws = this.temperature > 0;
    this.table.dataset.draws = String(draws);
    text(
      this.table.caption,
      `What a synapse ${draws ? "most likely does, and how likely," : "does"} after its last actions (rows) and the last rewards (columns), oldest first, and how often synapses were there.`,
    );
    for (const [state, cell] of this.cells) {
      const { acted, rewarded, values, chances, greedy, visits } = places.get(state);
      const { word, sign: shape } = CODES[greedy];
      if (cell.dataset.action !== word) cell.dataset.action = word;
      const [signed, chance, used] = cell.children;
      text(signed, shape);
      text(chance, draws ? whole(chances[greedy]) : "");
      text(used, compact(visits));
      cell.style.setProperty("--share", (visits / most).toFixed(3));
      const said = draws ? describeDraw(chances) : describeChoice(values);
      cell.setAttribute(
        "aria-label",
        `${describeState(acted, rewarded, policy.history)}: ${said} Used ${format.count(visits)} times.`,
      );
    }
    if (this.focused) this.explain(this.focused);
  }

  build(policy) {
    const { history } = policy;
    this.history = history;
    this.hasBiases = Boolean(policy.bias_table);
    this.cells = new Map();
    const columns = sequences(history, [0, 2]);
    const rows = sequences(history, [0, 1, 2]);
    const head = make("tr", "", undefined, {}, make("th", "corner", "last actions ↓\nrewards →", { scope: "col" }));
    columns.forEach((codes) =>
      head.append(
        make(
          "th",
          "",
          undefined,
          { scope: "col", "aria-label": `rewards ${codes.map((code) => rewardWord(code - 1)).join(", ")}` },
          ...codes.map((code) => lamp(code - 1)),
        ),
      ),
    );
    const body = rows.map((codes) => {
      const words = codes.map((code) => CODES[code].word).join(", ");
      const line = make(
        "tr",
        "",
        undefined,
        {},
        make(
          "th",
          "signs",
          undefined,
          { scope: "row", "aria-label": `actions ${words}` },
          ...codes.map((code) => sign(code - 1)),
        ),
      );
      columns.forEach((rewards) => line.append(this.cell(number(codes), number(rewards))));
      return line;
    });
    const table = (this.table = make(
      "table",
      "policy-table",
      undefined,
      {},
      make("caption", "visually-hidden"),
      make("thead", "", undefined, {}, head),
      make("tbody", "", undefined, {}, ...body),
    ));
    this.detail = make(
      "p",
      "caption policy-detail",
      "Point at a cell, or move to it with the arrow keys, to see all three actions.",
      { role: "status" },
    );
    const frame = make("div", "policy-frame", undefined, {}, table);
    const choice = this.hasBiases ? [this.choice()] : [];
    this.place.replaceChildren(...choice, frame, this.detail);
    table.addEventListener("keydown", (event) => this.move(event));
    const first = this.cells.values().next().value;
    first.tabIndex = 0;
  }

  choice() {
    const select = make("select", "field small-field", undefined, { "aria-label": "Whose table" });
    select.append(new Option("Table of the weights", "table"), new Option("Table of the biases", "bias_table"));
    select.value = this.shows;
    select.addEventListener("change", () => {
      this.shows = select.value;
      this.show(this.policy);
    });
    return select;
  }

  cell(acted, rewarded) {
    const made = make(
      "td",
      "policy-cell",
      undefined,
      { tabindex: "-1" },
      make("span", "sign", "", { "aria-hidden": "true" }),
      make("span", "chance", "", { "aria-hidden": "true" }),
      make("span", "visits", "", { "aria-hidden": "true" }),
    );
    const state = `${acted} ${rewarded}`;
    made.dataset.state = state;
    const look = () => this.explain(state);
    made.addEventListener("mouseenter", look);
    made.addEventListener("focus", look);
    this.cells.set(state, made);
    return made;
  }

  explain(state) {
    this.focused = state;
    text(this.detail, this.cells.get(state).getAttribute("aria-label"));
  }

  // Arrow keys go from cell to cell.
  move(event) {
    const cell = event.target.closest(".policy-cell");
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (!cell || !steps[event.key]) return;
    event.preventDefault();
    const [down, right] = steps[event.key];
    const row = cell.parentElement;
    const line = down ? (down > 0 ? row.nextElementSibling : row.previousElementSibling) : row;
    const next = line?.children[cell.cellIndex + right];
    if (!next?.classList.contains("policy-cell")) return;
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  // Frame the place of the synapse that is looked at.
  mark(state) {
    if (!this.cells) return;
    if (this.marked) this.marked.removeAttribute("data-mine");
    this.marked = state ? this.cells.get(`${state[0]} ${state[1]}`) : null;
    if (this.marked) this.marked.setAttribute("data-mine", "true");
  }
}

// All sequences of so many codes, in the order of their numbers.
function sequences(length, codes) {
  if (!length) return [[]];
  return codes.flatMap((code) => sequences(length - 1, codes).map((rest) => [code, ...rest]));
}

const number = (codes) => codes.reduce((sum, code) => 3 * sum + code, 0);
const digits = (value, length) => Array.from({ length }, (_, i) => Math.floor(value / 3 ** (length - 1 - i)) % 3);

// How likely each action is by the table, before exploration: synrl_core.policies.policy.action_probabilities.
function actionChances(values, temperature) {
  const best = Math.max(...values);
  if (!temperature) return values.map((_, code) => Number(code === values.indexOf(best)));
  const powers = values.map((value) => Math.exp((value - best) / temperature));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function describeState(acted, rewarded, history) {
  const actions = digits(acted, history)
    .map((code) => CODES[code].word)
    .join(", ");
  const rewards = digits(rewarded, history)
    .map((code) => rewardWord(code - 1))
    .join(", ");
  return `After ${actions} and rewards ${rewards}`;
}

function describeChoice(values) {
  const greedy = CODES[values.indexOf(Math.max(...values))].word;
  return `${greedy}. Values: ${CODES.map(({ word }, code) => `${word} ${short(values[code])}`).join(", ")}.`;
}

// The likeliest first.
function describeDraw(chances) {
  const order = CODES.map((_, code) => code).sort((a, b) => chances[b] - chances[a]);
  return `${order.map((code) => `${CODES[code].word} ${whole(chances[code])}`).join(", ")}.`;
}

const UNITS = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

function compact(count) {
  for (const [size, unit] of UNITS) if (count >= size) return `${Number((count / size).toPrecision(2))} ${unit}`;
  return String(count);
}
