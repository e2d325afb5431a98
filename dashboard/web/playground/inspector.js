// The inspector: one decision of one synapse in five beats, as a formula, as a sentence, and in the shared table. In slow
// motion one beat after the other lights up, here and in the network.
import { button, make, text } from "../core/dom.js";
import { beats, decisionOf, learning, nameOf, sentence } from "./decision.js";
import { TablePicture } from "./table.js";
import { BatchLoss } from "./what_if.js";

/** @typedef {import("./decision.js").Known} Known */
/** @typedef {import("./details.js").Detail} Detail */
/** @typedef {import("../tape/tape.js").Header} Header */
/** @typedef {import("../tape/tape.js").Tape} Tape */
/** @typedef {{setting: string, value: [number, number]}[]} Edits */
/** What the page does for it.
 * @typedef {{choose: (synapse: number) => void, setWeight: (value: number) => void, edit: (edits: Edits) => void,
 *   saveTable: () => void, beat: (by: number) => void, slowly: () => void}} Acts */

const MOST_WEIGHT = 100;
/** The rule in symbols, a part for each beat. */
const FORMULA = ["s = (actions, rewards)", "→ Q(·, s)", "→ a", "→ w + α·a", "→ r = −sign ΔL"];

export class Inspector {
  /** @param {Acts} acts */
  constructor(acts) {
    this.acts = acts;
    this.element = make("section", "playground-inspector", undefined, {
      "aria-label": "One synapse",
      "data-control": "inspect",
    });
    this.synapses = make("select", "", undefined, { id: "playground-synapse", "aria-label": "Synapse" });
    this.synapses.addEventListener("change", () => acts.choose(Number(this.synapses.value)));
    this.weight = make("input", "", undefined, {
      id: "playground-weight",
      type: "number",
      step: "0.05",
      min: String(-MOST_WEIGHT),
      max: String(MOST_WEIGHT),
      "aria-label": "Weight; type another to go on with it",
      "data-control": "weight",
    });
    this.weight.addEventListener("change", () => this.typed());
    this.slow = button("link-button", "Slow motion", () => acts.slowly(), { "aria-pressed": "false", title: "Enter" });
    const heading = make("div", "playground-heading", undefined, {}, make("h2", "", "One decision"));
    heading.append(
      button("link-button", "◂", () => acts.beat(-1), { "aria-label": "Beat before", title: "," }),
      this.slow,
      button("link-button", "▸", () => acts.beat(1), { "aria-label": "Next beat", title: "." }),
    );
    const chosen = make("div", "playground-chosen", undefined, {}, this.synapses, this.weight);
    this.formula = make("p", "playground-formula", undefined, {}, ...FORMULA.map((part) => make("span", "", part)));
    this.beats = make("ol", "playground-beats");
    this.sentence = make("p", "playground-sentence");
    this.learning = make("p", "playground-learning");
    this.tablePlace = make("div", "playground-table", undefined, { "data-control": "table" });
    this.element.append(heading, chosen, this.beats, this.tablePlace);
    /** The decision as a formula and in words, for a wider place. */
    this.telling = make("section", "playground-telling", undefined, {
      "aria-label": "The decision in words",
      "data-control": "words",
    });
    this.telling.append(this.formula, this.sentence, this.learning);
    /** @type {TablePicture | null} */
    this.table = null;
    /** @type {BatchLoss | null} */
    this.batchLoss = null;
    this.batch = "";
  }

  typed() {
    const value = Number(this.weight.value);
    if (this.weight.value === "" || !Number.isFinite(value)) return;
    this.acts.setWeight(Math.max(-MOST_WEIGHT, Math.min(MOST_WEIGHT, value)));
  }

  /** Begin with a scene. @param {Header} header @param {number} chosen */
  begin(header, chosen) {
    const focused = this.table?.focused();
    this.table = new TablePicture(this.tablePlace, header, { edit: this.acts.edit, save: this.acts.saveTable });
    if (focused) this.table.focus(focused);
    this.batchLoss = null;
    this.synapses.replaceChildren(
      ...Array.from({ length: header.synapses }, (_, synapse) =>
        make("option", "", nameOf(header, synapse), { value: String(synapse) }),
      ),
    );
    this.synapses.value = String(chosen);
  }

  /** Show a decision. @param {Tape} tape @param {number} cursor @param {number} chosen @param {Detail | null} detail
   * @param {boolean} judging whether the slope of the loss may be shown
   * @returns {string} what a screen reader is told */
  draw(tape, cursor, chosen, detail, judging) {
    const decision = decisionOf(tape, chosen, cursor);
    this.table?.draw(tape, cursor, chosen, decision);
    if (document.activeElement !== this.weight) {
      this.weight.value = tape.seek(cursor).weights[chosen].toFixed(4);
    }
    if (!decision) {
      this.beats.replaceChildren();
      text(this.learning, "");
      const words = tape.synaptic
        ? "Nothing has happened yet: press Step."
        : "Under gradient descent synapses decide nothing.";
      text(this.sentence, words);
      return words;
    }
    /** @type {Known} */
    const known = {};
    const batch = batchOf(tape.header, detail);
    if (batch) known.stayed = this.lossOn(tape.header, batch).hadItStayed(decision, chosen);
    if (detail) known.draw = detail.draws[chosen];
    if (detail?.gradient && judging) known.slope = detail.gradient[chosen];
    this.beats.replaceChildren(
      ...beats(decision, known).map(([title, words]) =>
        make("li", "", undefined, {}, make("strong", "", title), ` ${words}`),
      ),
    );
    const told = sentence(tape.header, chosen, decision);
    text(this.sentence, told);
    text(this.learning, learning(decision));
    return told;
  }

  /** @param {Header} header @param {number[]} batch */
  lossOn(header, batch) {
    const name = `${header.tape} ${batch.join()}`;
    if (!this.batchLoss || this.batch !== name) {
      this.batchLoss = new BatchLoss(header, batch);
      this.batch = name;
    }
    return this.batchLoss;
  }
}

/** The points on which the loss is measured; null where that is not known yet. @param {Header} header
 * @param {Detail | null} detail @returns {number[] | null} */
function batchOf(header, detail) {
  if (header.scene.batch_size >= header.train.length) return header.train;
  return detail ? detail.batch : null;
}
