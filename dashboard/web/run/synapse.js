// One synapse: its weight, its last actions and rewards, its row of the policy table, and what it does next.

import { CODES, short } from "../charts/chances.js";
import { lamp, rewardWord, sign } from "../charts/signs.js";
import { call, messageOf } from "../core/api.js";
import { byId, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { isFinal } from "../core/status.js";
import { nextWords, synapseName } from "./next_action.js";

/** @import { SynapsePlace } from "../charts/heatmap.js" */
/** @import { SynapseRead } from "../types/schemas.js" */
/** @import { RunInside } from "./inside.js" */
/** @import { RunView } from "./page.js" */

const PAUSE = 500; // least ms between two requests while a run trains

export class Synapse {
  /**
   * @param {RunView} view
   * @param {RunInside} inside
   */
  constructor(view, inside) {
    this.view = view;
    this.inside = inside;
    this.place = byId("synapse");
    /** @type {SynapsePlace | null} */
    this.chosen = null;
    /** @type {number | null} */
    this.timer = null;
    this.requests = 0;
    this.requestedAt = Number.NEGATIVE_INFINITY;
    this.closed = false;
    const hint = "Click a cell of the weights, or focus them and press an arrow key.";
    this.place.replaceChildren(make("p", "quiet", hint));
  }

  close() {
    if (this.timer !== null) clearTimeout(this.timer);
    this.closed = true;
  }

  /** @param {SynapsePlace} chosen */
  select(chosen) {
    this.chosen = chosen;
    void this.fetch(chosen);
  }

  /** There is a newer snapshot, or another moment: fetch it again, but not more often than PAUSE allows. */
  renew() {
    if (!this.chosen || this.timer !== null) return;
    const pause = Math.max(0, PAUSE - (performance.now() - this.requestedAt));
    this.timer = setTimeout(
      () => {
        this.timer = null;
        if (this.chosen) void this.fetch(this.chosen);
      },
      this.view.data.past ? 0 : pause,
    );
  }

  /** @param {SynapsePlace} place */
  async fetch({ layer, input, unit }) {
    const { api, data, replicate } = this.view;
    this.requests += 1;
    const request = this.requests;
    this.requestedAt = performance.now();
    const query = `replicate=${replicate}${data.past ? `&iteration=${data.past.iteration}` : ""}`;
    try {
      /** @type {SynapseRead} */
      const synapse = await call("GET", `${api}/synapses/${layer}/${input}/${unit}?${query}`);
      if (!this.closed && request === this.requests) this.show(synapse);
    } catch (error) {
      if (this.closed || request !== this.requests) return;
      this.place.replaceChildren(make("p", "quiet", messageOf(error)));
    }
  }

  /** @param {SynapseRead} synapse */
  show(synapse) {
    const { past, run } = this.view.data;
    if (!run) return;
    text("synapse-now", `at iteration ${format.count(synapse.iteration)}`);
    const matrices = this.view.data.snapshot?.matrices ?? [];
    const recurrent = matrices.find(({ kind, layer }) => kind === "recurrent" && layer === synapse.layer);
    const pixels = this.inside.hasPictures ? run.sample_shape : [];
    const name = synapseName(synapse, run.config.hidden_layers.length, pixels, recurrent?.first);
    const parts = [
      make("h3", "synapse-name", name, { role: "status" }),
      make("dl", "facts", undefined, {}, ...weightFacts(synapse)),
    ];
    if (synapse.state)
      parts.push(historyOf(synapse), tableRow(synapse, nextWords(synapse, isFinal(run.status) && !past)));
    this.place.replaceChildren(...parts);
    this.inside.policy?.mark(synapse.state);
  }
}

/** @param {SynapseRead} synapse */
function historyOf({ actions, rewards }) {
  const signs = make("span", "signs", undefined, {}, ...actions.map((action) => sign(action)));
  const lamps = make("span", "signs", undefined, {}, ...rewards.map((reward) => lamp(reward)));
  return make(
    "dl",
    "facts",
    undefined,
    {},
    fact("Last actions", signs, actions.map((action) => CODES[action + 1].word).join(", then ")),
    fact("Last rewards", lamps, rewards.map(rewardWord).join(", then ")),
  );
}

/**
 * Its row of the table: a bar for each action's value. Where actions are drawn the bars are chances: of values that are
 * logarithms the shortest bar would be the likeliest action's.
 *
 * @param {SynapseRead} synapse
 * @param {string} next what it does next
 */
function tableRow({ next_action: nextAction, probabilities, temperature, values, visits }, next) {
  const shown = temperature ? probabilities : values;
  const [least, most] = [Math.min(...shown, 0), Math.max(...shown, 0)];
  const span = most - least || 1;
  const lines = CODES.map(({ word, value }, code) => {
    const bar = make("span", `value-bar bar-${word}`);
    bar.style.left = `${(100 * (Math.min(shown[code], 0) - least)) / span}%`;
    bar.style.width = `${Math.max(1, (100 * Math.abs(shown[code])) / span)}%`;
    return make(
      "tr",
      nextAction === value ? "chosen" : "",
      undefined,
      {},
      make("th", "", undefined, { scope: "row" }, sign(value), make("span", "", word)),
      make("td", "value-cell", undefined, {}, make("span", "value-track", undefined, {}, bar)),
      make("td", "number", short(values[code])),
      make("td", "number", format.percent(probabilities[code])),
      make("td", "number", format.count(visits[code])),
    );
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
  const title = make("h3", "", "Its row of the table");
  return make("div", "", undefined, {}, title, table, make("p", "caption", next));
}

/** @param {SynapseRead} synapse */
function weightFacts({ first_weight: first, weight }) {
  const facts = [fact("Weight", make("strong", "", signed(weight)))];
  if (format.known(first)) facts.push(fact("At the start", signed(first)), fact("Change", signed(weight - first)));
  return facts;
}

/**
 * @param {string} term
 * @param {(Node | string)[]} values
 */
function fact(term, ...values) {
  const parts = values.map((value) => (typeof value === "string" ? make("span", "", value) : value));
  return make("div", "", undefined, {}, make("dt", "", term), make("dd", "", undefined, {}, ...parts));
}

/** @param {number} value */
function signed(value) {
  return `${value < 0 ? "−" : value > 0 ? "+" : ""}${Math.abs(value).toFixed(4)}`;
}
