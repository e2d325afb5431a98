// Choice of the runs to compare: the whole page while nothing is compared, a panel above the comparison afterwards.
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { button, byId, make } from "../core/dom.js";
import * as format from "../core/format.js";
import { pageData } from "../core/page_data.js";
import { statusWord } from "../core/status.js";

/** @import { RunPage, RunRead } from "../types/schemas.js" */

const LISTED = 200; // runs that are offered

/**
 * @typedef {object} Chooser
 * @property {() => string[]} compared ids of the runs that are compared already
 * @property {(runs: string[]) => void} add
 */

export class Picker {
  /** @param {Chooser} chooser */
  constructor(chooser) {
    this.element = byId("compare-picker");
    this.chooser = chooser;
    this.list = make("div", "picker-list", undefined, { role: "group", "aria-label": "Runs" });
    this.add = button("button", "Compare", () => this.confirm(), { id: "picker-add" });
    this.count = make("span", "now", "", { role: "status" });
    this.list.addEventListener("change", () => this.countChosen());
  }

  async open() {
    const isMore = this.chooser.compared().length > 0;
    const filter = make("input", "field", undefined, {
      type: "search",
      placeholder: "Name, data set or tag",
      "aria-label": "Find runs",
    });
    filter.addEventListener("input", () => this.find(filter.value));
    const actions = make("div", "picker-actions", undefined, {}, this.add);
    if (isMore) actions.append(button("button-plain", "Cancel", () => this.close()));
    actions.append(
      make("button", "button-plain", "Import a bundle", { type: "button", "data-import": "bundle" }),
      this.count,
    );
    const heading = make("h2", "", isMore ? "Add runs" : "Choose runs to compare");
    this.list.replaceChildren(make("p", "now", "Loading the runs …"));
    this.element.replaceChildren(heading, filter, this.list, actions);
    this.element.hidden = false;
    this.countChosen();
    if (await this.load()) {
      this.find(filter.value);
      if (isMore) filter.focus();
    }
  }

  /** Fill the list. Returns whether it is there, and still wanted. */
  async load() {
    try {
      /** @type {RunPage} */
      const { items } = await call("GET", `/api/v1/runs?limit=${LISTED}`);
      if (!this.list.isConnected) return false;
      this.list.replaceChildren(...(items.length ? items.map((run) => this.entry(run)) : [nothing()]));
      document.body.dataset.offered = String(items.length);
      return true;
    } catch (error) {
      this.list.replaceChildren(make("p", "refusal", messageOf(error)));
      return false;
    }
  }

  /** @param {RunRead} run */
  entry(run) {
    const entry = make("label", "picker-run");
    entry.dataset.words = [run.name, run.dataset_name, ...run.tags].join(" ").toLowerCase();
    const input = make("input", "", undefined, { type: "checkbox", value: run.id });
    if (this.chooser.compared().includes(run.id)) Object.assign(input, { checked: true, disabled: true });
    const about = [
      run.dataset_name,
      statusWord(run.status),
      format.percent(run.validation_accuracy),
      format.ago(run.created_at),
    ];
    entry.append(input, make("span", "picker-name", run.name), make("span", "now", about.join(" · ")));
    return entry;
  }

  /** @param {string} typed */
  find(typed) {
    const wanted = typed.trim().toLowerCase();
    for (const entry of this.list.querySelectorAll(/** @type {"label"} */ ("label.picker-run"))) {
      entry.hidden = !entry.dataset.words?.includes(wanted);
    }
  }

  get chosen() {
    const boxes = this.list.querySelectorAll(/** @type {"input"} */ ("input:checked:not(:disabled)"));
    return [...boxes].map((box) => box.value);
  }

  countChosen() {
    const { compared: most } = pageData().limits;
    const total = this.chosen.length + this.chooser.compared().length;
    this.add.disabled = !this.chosen.length || total > most;
    this.count.textContent = total > most ? `${total} runs; at most ${most} can be compared` : "";
  }

  confirm() {
    const { chosen } = this;
    this.close();
    this.chooser.add(chosen);
  }

  close() {
    this.element.hidden = true;
    this.element.replaceChildren();
  }
}

function nothing() {
  const words = make("p", "caption", "There are no runs yet. ");
  words.append(make("a", "", "Start one", { href: url("/new") }));
  return words;
}
