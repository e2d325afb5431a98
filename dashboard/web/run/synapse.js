// @ts-nocheck
// One synapse: its weight, what it remembers, its row of the table, and what it does next.
import { call } from "../core/api.js";
import { make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { isFinal } from "../core/status.js";
import { CODES, lamp, rewardWord, short, sign, whole } from "./signs.js";

const PAUSE = 500; // ms between two looks at a synapse while a run trains
const ALIKE = 1e-6; // probabilities so close are said to be the same

export class Synapse {
  constructor(view, inside) {
    this.view = view;
    this.inside = inside;
    this.place = document.getElementById("synapse");
    this.chosen = null;
    this.shown = null;
    this.asked = 0;
    this.place.replaceChildren(
      make("p", "quiet", "Click a cell of the weights, or focus them and press an arrow key."),
    );
  }

  close() {
    clearTimeout(this.timer);
    this.closed = true;
  }

  select(chosen) {
    this.chosen = chosen;
    this.look();
  }

  // There is a newer look, or another moment: at most so often.
  renew() {
    if (!this.chosen || this.timer) return;
    const pause = Math.max(0, PAUSE - (performance.now() - (this.lookedAt || 0)));
    this.timer = setTimeout(
      () => {
        this.timer = null;
        this.look();
      },
      this.view.data.past ? 0 : pause,
    );
  }

  async look() {
    const { layer, input, unit } = this.chosen;
    const { past } = this.view.data;
    const asked = ++this.asked;
    this.lookedAt = performance.now();
    const query = `replicate=${this.view.replicate}${past ? `&iteration=${past.iteration}` : ""}`;
    try {
      const seen = await call("GET", `${this.view.api}/synapses/${layer}/${input}/${unit}?${query}`);
      if (!this.closed && asked === this.asked) this.show(seen);
    } catch (error) {
      if (!this.closed && asked === this.asked) this.place.replaceChildren(make("p", "quiet", error.message));
    }
  }

  show(seen) {
    this.shown = seen;
    const moment = `at iteration ${format.count(seen.iteration)}`;
    text("synapse-now", moment);
    const { run } = this.view.data;
    const parts = [
      make("h3", "synapse-name", this.name(seen, run), { role: "status" }),
      make("dl", "facts", undefined, {}, ...weightFacts(seen)),
    ];
    if (seen.state) parts.push(this.history(seen), this.row(seen, run));
    this.place.replaceChildren(...parts);
    if (this.inside.policy) this.inside.policy.mark(seen.state);
  }

  name({ layer, input, unit }, run) {
    const shape = run.sample_shape;
    const to = layer === run.config.hidden_layers.length ? `output ${unit + 1}` : `unit ${unit + 1}`;
    if (input === 0) return `Bias of ${to}${layer ? ` in layer ${layer + 1}` : ""}`;
    if (layer > 0) return `Unit ${input} of layer ${layer} to ${to}`;
    if (shape.length !== 2) return `Input ${input} to ${to}`;
    return `Pixel in row ${Math.floor((input - 1) / shape[1]) + 1}, column ${((input - 1) % shape[1]) + 1} to ${to}`;
  }

  history(seen) {
    const acted = make("span", "signs", undefined, {}, ...seen.actions.map((action) => sign(action)));
    const rewarded = make("span", "signs", undefined, {}, ...seen.rewards.map((reward) => lamp(reward)));
    return make(
      "dl",
      "facts",
      undefined,
      {},
      fact("Last actions", acted, seen.actions.map((action) => CODES[action + 1].word).join(", then ")),
      fact("Last rewards", rewarded, seen.rewards.map(rewardWord).join(", then ")),
    );
  }

  // Its row of the table: a bar for each action's value, and what it does with it. Where actions are drawn the bars
  // are chances: of values that are logarithms the shortest bar would be the likeliest action's.
  row(seen, run) {
    const shown = seen.temperature ? seen.probabilities : seen.values;
    const [least, most] = [Math.min(...shown, 0), Math.max(...shown, 0)];
    const span = most - least || 1;
    const lines = CODES.map(({ word, value }, code) => {
      const bar = make("span", `value-bar bar-${word}`);
      bar.style.left = `${(100 * (Math.min(shown[code], 0) - least)) / span}%`;
      bar.style.width = `${Math.max(1, (100 * Math.abs(shown[code])) / span)}%`;
      const chosen = seen.next_action === value;
      const line = make(
        "tr",
        chosen ? "chosen" : "",
        undefined,
        {},
        make("th", "", undefined, { scope: "row" }, sign(value), make("span", "", word)),
        make("td", "value-cell", undefined, {}, make("span", "value-track", undefined, {}, bar)),
        make("td", "number", short(seen.values[code])),
        make("td", "number", format.percent(seen.probabilities[code])),
        make("td", "number", format.count(seen.visits[code])),
      );
      return line;
    });
    const head = ["", "", "value", "chance", "times"].map((words) => make("th", "", words, { scope: "col" }));
    const table = make(
      "table",
      "row-table",
      undefined,
      {},
      make("thead", "", undefined, {}, make("tr", "", undefined, {}, ...head)),
      make("tbody", "", undefined, {}, ...lines),
    );
    return make(
      "div",
      "",
      undefined,
      {},
      make("h3", "", "Its row of the table"),
      table,
      make("p", "caption", this.next(seen, run)),
    );
  }

  next(seen, run) {
    const likely = seen.probabilities[seen.next_action + 1];
    const over = isFinal(run.status) && !this.view.data.past;
    const step = ({ word, value }) => (value === 0 ? "stays where it is" : `moves ${word} by ${short(seen.next_step)}`);
    if (seen.temperature) {
      const alike = CODES.filter((_, code) => likely - seen.probabilities[code] < ALIKE);
      const chance = `${whole(likely)}${alike.length > 1 ? " each" : ""}`;
      return `${over ? "If it went on, it would draw" : "Next it draws"} its action: most likely it ${alike.map(step).join(" or ")} (${chance}).`;
    }
    const move = `${over ? "If it went on, it" : "Next it"} ${step(CODES[seen.next_action + 1])}`;
    return likely < 1
      ? `${move}, with a chance of ${format.percent(likely)}; else it explores.`
      : `${move}: nothing is left to chance.`;
  }
}

function weightFacts(seen) {
  const facts = [fact("Weight", make("strong", "", signed(seen.weight)))];
  if (seen.first_weight !== null && seen.first_weight !== undefined) {
    facts.push(
      fact("At the start", signed(seen.first_weight)),
      fact("Change", signed(seen.weight - seen.first_weight)),
    );
  }
  return facts;
}

function fact(term, ...values) {
  return make("div", "", undefined, {}, make("dt", "", term), make("dd", "", undefined, {}, ...values.map(spaced)));
}

const spaced = (value) => (typeof value === "string" ? make("span", "", value) : value);
const signed = (value) => `${value < 0 ? "−" : value > 0 ? "+" : ""}${Math.abs(value).toFixed(4)}`;
