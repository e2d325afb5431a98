// Breeding on the page of the policies: a form, and a breeding with the curve of its generations.
import { navigate, url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { button, labelled, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { curvesOf, linePath, passesWords } from "./breed_words.js";

/** @import { BreedingRead } from "../types/schemas.js" */

const API = "/api/v1/breedings";
const POLL_MS = 1500;
/**
 * Sizes that are offered; a large one is what ships with SynRL was bred with, but for its longer races.
 *
 * @type {Record<string, { words: string, config: Record<string, unknown> }>}
 */
const SIZES = {
  small: {
    words: "small: a minute or two",
    config: {
      parents: 4,
      parent_iterations: 4000,
      generations: 4,
      population: 10,
      elite: 4,
      race_iterations: 500,
      final_iterations: 1500,
      bowl: { generations: 60 },
      tasks: [
        { dataset: "digits", samples: 500 },
        { dataset: "digits", hidden_layers: [16], samples: 500 },
      ],
    },
  },
  medium: { words: "medium: some ten minutes", config: {} },
};
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [520, 140];

export class BreedForm {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.problem = make("p", "refusal", "", { role: "alert" });
    this.name = make("input", "field small-field", undefined, { id: "breed-name", maxlength: "200" });
    this.name.value = "bred here";
    this.size = make("select", "field small-field", undefined, { id: "breed-size" });
    for (const [value, { words }] of Object.entries(SIZES)) this.size.append(new Option(words, value));
    this.history = make("select", "field small-field", undefined, { id: "breed-history" });
    for (const history of ["1", "2", "3"]) this.history.append(new Option(history, history));
    this.history.value = "2";
    this.seed = make("input", "field small-field", undefined, {
      id: "breed-seed",
      type: "number",
      min: "0",
      step: "1",
    });
    this.seed.value = "0";
    this.budget = make("input", "field small-field", undefined, {
      id: "breed-budget",
      type: "number",
      min: "1",
      step: "1",
      placeholder: "as many as it takes",
    });
    this.list = make("div", "");
    place.replaceChildren(
      make("h2", "policy-name", "Breed a policy"),
      make(
        "p",
        "caption",
        "Adaptive networks learn tables on simulated boundaries. The tables are frozen, the best are crossed, mutated and raced for some generations, then evolved into tables that draw their actions. A final race decides; the winner and the other finalists go into the library.",
      ),
      this.problem,
      make(
        "div",
        "policy-numbers",
        undefined,
        {},
        labelled("Name", this.name),
        labelled("Size", this.size),
        labelled("History", this.history),
        labelled("Seed", this.seed),
        labelled("Forward passes, at most", this.budget),
      ),
      make(
        "div",
        "policy-actions",
        undefined,
        {},
        button("button", "Start breeding", () => void this.start()),
      ),
      make("h3", "", "Breedings so far"),
      this.list,
    );
    void this.load();
  }

  async load() {
    try {
      /** @type {BreedingRead[]} */
      const breedings = await call("GET", API);
      const entries = breedings.map((one) =>
        make(
          "li",
          "",
          undefined,
          {},
          make("a", "", one.name, { href: url(breedingPath(one.id)) }),
          make("span", "caption", ` ${one.status}, ${passesWords(one)}`),
        ),
      );
      this.list.replaceChildren(
        entries.length ? make("ul", "policy-runs", undefined, {}, ...entries) : make("p", "caption", "None yet."),
      );
    } catch (error) {
      text(this.problem, messageOf(error));
    }
  }

  async start() {
    const budget = this.budget.value ? { budget: this.budget.valueAsNumber } : {};
    const config = {
      ...SIZES[this.size.value].config,
      name: this.name.value.trim() || "bred here",
      history: Number(this.history.value),
      seed: this.seed.valueAsNumber || 0,
      ...budget,
    };
    try {
      /** @type {BreedingRead} */
      const made = await call("POST", API, { config });
      navigate(breedingPath(made.id));
    } catch (error) {
      text(this.problem, messageOf(error));
    }
  }
}

export class BreedingView {
  /** @param {HTMLElement} place @param {string} id */
  constructor(place, id) {
    this.id = id;
    this.place = place;
    /** @type {string | null} actions that are offered */
    this.offered = null;
    this.title = make("h2", "policy-name", "Breeding");
    this.now = make("p", "now", "Loading …", { role: "status" });
    this.bar = make("progress", "breed-progress", undefined, { max: "1", value: "0", "aria-label": "Forward passes" });
    this.problem = make("p", "refusal", "", { role: "alert" });
    this.actions = make("div", "policy-actions");
    this.curves = make("div", "breed-curves");
    this.results = make("div", "");
    this.lines = make("ol", "breed-lines", undefined, { tabindex: "0", "aria-label": "Progress of the breeding" });
    place.replaceChildren(
      this.title,
      this.now,
      this.bar,
      this.problem,
      this.actions,
      this.curves,
      this.results,
      make("h3", "", "Step by step"),
      this.lines,
    );
    void this.load();
  }

  async load() {
    try {
      /** @type {BreedingRead} */
      const breeding = await call("GET", `${API}/${encodeURIComponent(this.id)}`);
      text(this.problem, breeding.error ?? "");
      this.show(breeding);
      if (["succeeded", "stopped", "failed"].includes(breeding.status)) return;
    } catch (error) {
      text(this.problem, messageOf(error));
    }
    setTimeout(() => this.lines.isConnected && void this.load(), POLL_MS);
  }

  /** @param {BreedingRead} breeding */
  show(breeding) {
    text(this.title, breeding.name);
    text(this.now, `${breeding.status} · ${passesWords(breeding)}`);
    this.place.dataset.breeding = breeding.status;
    this.bar.value = breeding.total_passes ? breeding.forward_passes / breeding.total_passes : 0;
    this.showActions(breeding);
    this.curves.replaceChildren(...curvesOf(breeding.curve).map((curve) => this.curve(curve)));
    this.lines.replaceChildren(...breeding.lines.map((line) => make("li", "", line)));
    if (breeding.policy_ids.length) {
      const links = breeding.policy_ids.map((id, i) =>
        make(
          "li",
          "",
          undefined,
          {},
          make("a", "", i ? `Finalist ${i + 1}` : "The winner", { href: url(`/policies?policy=${id}`) }),
        ),
      );
      this.results.replaceChildren(
        make("h3", "", "In the library"),
        make("ol", "policy-words", undefined, {}, ...links),
      );
    }
  }

  /** @param {import("./breed_words.js").Curve} curve */
  curve({ of, better, points }) {
    const { path, low, high } = linePath(points, WIDTH, HEIGHT);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("role", "img");
    const last = points[points.length - 1];
    svg.setAttribute("aria-label", `${of}: ${last.toFixed(3)} after ${format.plural(points.length, "generation")}`);
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", path);
    svg.append(line);
    const words = `${of}: ${last.toFixed(3)} in generation ${points.length}; from ${low.toFixed(3)} to ${high.toFixed(3)}. ${better}`;
    return make("figure", "breed-curve", undefined, {}, svg, make("figcaption", "caption", words));
  }

  /** @param {BreedingRead} breeding */
  showActions(breeding) {
    const offered = breeding.allowed_actions.join();
    if (this.offered === offered) return;
    this.offered = offered;
    const verbs = { pause: "Pause", resume: "Resume", stop: "Stop", delete: "Delete" };
    this.actions.replaceChildren(
      ...breeding.allowed_actions.map((action) =>
        button("button-plain", verbs[/** @type {keyof typeof verbs} */ (action)], () => void this.act(action)),
      ),
      button("button-plain", "Another breeding", () => navigate("/policies?breed=new")),
    );
  }

  /** @param {string} action */
  async act(action) {
    try {
      if (action === "delete") {
        await call("DELETE", `${API}/${this.id}`);
        navigate("/policies?breed=new");
        return;
      }
      await call("POST", `${API}/${this.id}/${action}`);
      await this.load();
    } catch (error) {
      text(this.problem, messageOf(error));
    }
  }
}

/** @param {string} id */
const breedingPath = (id) => `/policies?breed=${encodeURIComponent(id)}`;
