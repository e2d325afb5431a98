// All synapses as a table: name, weight and last action in words, for those who read rather than look.
import { button, make, text } from "../core/dom.js";
import { ACTION_WORDS, nameOf } from "./decision.js";

/** @typedef {import("../tape/tape.js").Header} Header */

export class SynapseList {
  /** @param {(synapse: number) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.body = make("tbody");
    const head = ["Synapse", "Weight", "Last action"].map((name) => make("th", "", name, { scope: "col" }));
    const table = make(
      "table",
      "",
      undefined,
      {},
      make("thead", "", undefined, {}, make("tr", "", undefined, {}, ...head)),
    );
    table.append(this.body);
    const scrolled = make("div", "playground-scrolled", undefined, { tabindex: "0", role: "group" });
    scrolled.setAttribute("aria-label", "All synapses");
    scrolled.append(table);
    this.element = make(
      "details",
      "playground-more playground-list",
      undefined,
      {},
      make("summary", "", "All synapses"),
    );
    this.element.dataset.control = "list";
    this.element.append(scrolled);
    /** @type {[HTMLTableCellElement, HTMLTableCellElement][]} */
    this.cells = [];
  }

  /** @param {Header} header */
  begin(header) {
    this.cells = [];
    this.body.replaceChildren();
    for (let synapse = 0; synapse < header.synapses; synapse++) {
      const row = this.body.insertRow();
      row.insertCell().append(button("link-button", nameOf(header, synapse), () => this.choose(synapse)));
      this.cells.push([row.insertCell(), row.insertCell()]);
    }
  }

  /** @param {Float32Array} weights @param {Uint8Array | null} moves */
  draw(weights, moves) {
    if (!this.element.open) return;
    this.cells.forEach(([weight, action], synapse) => {
      text(weight, weights[synapse].toFixed(4));
      text(action, moves?.length ? ACTION_WORDS[moves[synapse]] : "");
    });
  }
}
