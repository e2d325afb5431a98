// The form that begins a reproduction: what it trains on, how large it is, and how long that takes.
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { button, checkLabel, labelled, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { say } from "../core/news.js";
import { upload } from "../core/upload.js";
import { PARTS } from "./words.js";

/** @import { LibraryPolicy, Preparation, ReproductionCreate, ReproductionRead } from "../types/schemas.js" */

const API = "/api/v1/reproductions";

export class Form {
  /**
   * @param {HTMLElement} place
   * @param {boolean} isAgain whether there is a reproduction already
   * @param {(id: string) => void} onBegun
   */
  constructor(place, isAgain, onBegun) {
    this.onBegun = onBegun;
    this.problem = make("p", "refusal", "", { role: "alert" });
    this.remarks = make("div", "paper-remarks", undefined, { role: "status" });
    this.letters = make("select", "field small-field", undefined, { id: "paper-letters" });
    this.letters.addEventListener("change", () => void this.prepare(this.letters.value));
    this.table = make("select", "field small-field", undefined, { id: "paper-table" });
    this.scales = make("fieldset", "paper-scales", undefined, {}, make("legend", "", "Scale"));
    this.trials = this.number("paper-trials", "10", "as the scale has it");
    this.most = this.number("paper-most", "100000000", "as the scale has it");
    this.parts = Object.entries(PARTS).map(([part, words]) => {
      const box = make("input", "", undefined, { type: "checkbox", id: `paper-part-${part}`, value: part });
      box.checked = true;
      return { box, label: checkLabel(words, box) };
    });
    this.begin = button("button", "Run the paper's experiments", () => void this.start("continue"));
    this.another = button("button-plain", "Begin another from the start", () => void this.start("new"));
    this.another.hidden = !isAgain;
    this.begin.disabled = true; // until it is known what would run
    place.replaceChildren(
      make("h2", "", isAgain ? "Go on, or run it once more" : "Run it here"),
      this.problem,
      make(
        "div",
        "paper-fields",
        undefined,
        {},
        labelled("Letters", this.letters),
        labelled("Table of the paper's runs", this.table),
        this.tableFile(),
      ),
      this.remarks,
      this.scales,
      this.more(),
      make("div", "policy-actions", undefined, {}, this.begin, this.another),
      make(
        "p",
        "caption",
        "They are ordinary runs of one sweep: queued, seen live, stopped and resumed like any others. Pressing again goes on with what was asked for before, and counts nothing twice.",
      ),
    );
    void this.prepare();
  }

  /** @param {string} id @param {string} most @param {string} placeholder */
  number(id, most, placeholder) {
    return make("input", "field small-field", undefined, {
      id,
      type: "number",
      min: "1",
      max: most,
      step: "1",
      placeholder,
    });
  }

  more() {
    return make(
      "details",
      "paper-more",
      undefined,
      {},
      make("summary", "", "Trials and parts"),
      make(
        "div",
        "paper-fields",
        undefined,
        {},
        labelled("Trials, each with a split of its own", this.trials),
        labelled("Most iterations of a run, for a rehearsal", this.most),
      ),
      make(
        "fieldset",
        "paper-parts",
        undefined,
        {},
        make("legend", "", "Parts of the table"),
        ...this.parts.map((one) => one.label),
      ),
    );
  }

  tableFile() {
    const input = make("input", "visually-hidden", undefined, { type: "file", id: "paper-file", accept: ".jld2" });
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file) void this.bring(file);
      input.value = "";
    });
    const label = make("label", "button-plain", "Bring the authors' file …", {
      for: "paper-file",
      title: "golden_pol2cy.jld2",
    });
    return make("div", "policy-import", undefined, {}, input, label);
  }

  /** @param {File} file */
  async bring(file) {
    const form = new FormData();
    form.append("files", file);
    const broken = "The connection broke while sending. Nothing was stored; try again.";
    /** @type {import("../core/upload.js").Upload<LibraryPolicy>} */
    const { answer } = upload(`${API}/table`, form, { sent: "Reading …", broken });
    try {
      const stored = await answer;
      if (!stored) return;
      text(this.problem, "");
      say("The authors' table is here.");
      await this.prepare(this.letters.value);
    } catch (error) {
      text(this.problem, messageOf(error));
    }
  }

  /** @param {string} [dataset] */
  async prepare(dataset) {
    try {
      const query = dataset ? `?dataset=${encodeURIComponent(dataset)}` : "";
      /** @type {Preparation} */
      const found = await call("GET", `${API}/preparation${query}`);
      text(this.problem, "");
      this.show(found);
      this.begin.disabled = false;
    } catch (error) {
      text(this.problem, messageOf(error));
    }
  }

  /** @param {Preparation} found */
  show(found) {
    const options = found.choices.map((one) => {
      const known = one.is_notmnist ? "" : " (not notMNIST)";
      return new Option(`${one.name}, ${format.count(one.samples)} pictures${known}`, one.id);
    });
    this.letters.replaceChildren(...options);
    this.letters.value = found.letters.id;
    const learned = new Option("learned on a simulated boundary", "learned");
    const authors = found.authors_table ? [new Option("the authors'", "authors")] : [];
    this.table.replaceChildren(...authors, learned);
    this.remarks.replaceChildren(...found.remarks.map((one) => make("p", "paper-remark", one)));
    if (!found.letters.is_notmnist) {
      const link = make("a", "", "Bring notMNIST", { href: url("/datasets") });
      this.remarks.append(make("p", "caption", undefined, {}, link));
    }
    this.showScales(found);
  }

  /** @param {Preparation} found */
  showScales({ scales, workers }) {
    const chosen = this.scale();
    const rows = scales.map((one) => {
      const box = make("input", "", undefined, {
        type: "radio",
        name: "paper-scale",
        id: `paper-scale-${one.name}`,
        value: one.name,
      });
      box.checked = one.name === chosen;
      const about = `${one.title}: ${one.trials} trials, ${one.runs} runs, about ${format.duration(one.seconds)}`;
      return make("label", "check", undefined, { for: box.id }, box, make("span", "", about));
    });
    const note = make("p", "caption", `With ${format.plural(workers, "run")} in training at once.`);
    this.scales.replaceChildren(make("legend", "", "Scale"), ...rows, note);
  }

  scale() {
    const checked = this.scales.querySelector("input:checked");
    return checked instanceof HTMLInputElement ? checked.value : "quick";
  }

  /** @param {"continue" | "new"} again */
  async start(again) {
    const parts = this.parts.filter((one) => one.box.checked).map((one) => one.box.value);
    if (!parts.length) {
      text(this.problem, "Choose at least one part of the table.");
      return;
    }
    const body = /** @type {ReproductionCreate} */ ({
      scale: this.scale(),
      dataset: this.letters.value,
      table: this.table.value,
      parts,
      again,
      ...(this.trials.value ? { trials: this.trials.valueAsNumber } : {}),
      ...(this.most.value ? { most_iterations: this.most.valueAsNumber } : {}),
    });
    const words = this.begin.textContent ?? "";
    text(this.begin, "Preparing …");
    for (const one of [this.begin, this.another]) one.disabled = true;
    try {
      /** @type {ReproductionRead} */
      const begun = await call("POST", API, body);
      this.onBegun(begun.id);
    } catch (error) {
      text(this.problem, messageOf(error));
    } finally {
      text(this.begin, words);
      for (const one of [this.begin, this.another]) one.disabled = false;
    }
  }
}
