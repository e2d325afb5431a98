// Breeding on the page of the policies: a form, and a breeding with the curve of its generations.
import { navigate, url } from "../core/address.js";
import { call, messageOf, Refusal } from "../core/api.js";
import { button, checkLabel, labelled, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { curvesOf, linePath, passesWords } from "./breed_words.js";

/** @import { BreedingRead } from "../types/schemas.js" */

const API = "/api/v1/breedings";
const POLL_MS = 1500;
/**
 * Sizes that are offered; a large one is what ships with SynRL was bred with, but for its longer races.
 *
 * @type {Record<string, { words: string, samples: number, config: Record<string, unknown>, bowl: Record<string, number> }>}
 */
const SIZES = {
  small: {
    words: "small: a minute or two",
    samples: 500,
    config: {
      parents: 4,
      parent_iterations: 4000,
      generations: 4,
      population: 10,
      elite: 4,
      race_iterations: 500,
      final_iterations: 1500,
    },
    bowl: { generations: 60 },
  },
  medium: { words: "medium: some ten minutes", samples: 1000, config: {}, bowl: {} },
};
/** A data set that ships, and the network that learns on it. @typedef {{ dataset: string, hidden_layers?: number[], step_size?: number }} Task */
/** Boundaries in the plane on which adaptive networks learn their tables. @type {[string, Task, boolean][]} */
const SCHOOLS = [
  ["teacher", { dataset: "teacher" }, true],
  ["circles", { dataset: "circles" }, true],
  ["moons", { dataset: "moons" }, true],
  ["xor", { dataset: "xor" }, false],
  ["spirals", { dataset: "spirals" }, false],
  ["gaussians", { dataset: "gaussians" }, false],
];
/** What tables are raced on. @type {[string, Task, boolean][]} */
const TASKS = [
  ["digits, no hidden layer", { dataset: "digits" }, true],
  ["digits, 16 hidden units", { dataset: "digits", hidden_layers: [16] }, true],
  ["glyphs, no hidden layer", { dataset: "glyphs", step_size: 3e-3 }, false],
  ["moons, 8 hidden units", { dataset: "moons", hidden_layers: [8] }, false],
  ["circles, 8 hidden units", { dataset: "circles", hidden_layers: [8] }, false],
  ["xor, 8 hidden units", { dataset: "xor", hidden_layers: [8] }, false],
];
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [460, 130];
/** Room for the numbers on the axes. */
const [LEFT, TOP, BELOW] = [56, 10, 24];

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
    this.schools = new Choice("breed-school", "Learned on", SCHOOLS);
    this.tasks = new Choice("breed-task", "Raced on", TASKS);
    this.bowl = make("input", "", undefined, { type: "checkbox", id: "breed-bowl" });
    this.bowl.checked = true;
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
      this.schools.element,
      this.tasks.element,
      checkLabel("Evolve tables that draw their actions on the bowl, from the best one", this.bowl),
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
    const size = SIZES[this.size.value];
    const [schools, tasks] = [this.schools.chosen(), this.tasks.chosen()];
    if (!schools.length || !tasks.length) {
      text(this.problem, "Choose at least one data set to learn on and one task to race on.");
      return;
    }
    const config = {
      ...size.config,
      schools: schools.map(({ dataset }) => dataset),
      tasks: tasks.map((task) => ({ ...task, samples: size.samples })),
      bowl: this.bowl.checked ? size.bowl : { ...size.bowl, generations: 0 },
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

/** Boxes of which any may be chosen. */
class Choice {
  /** @param {string} id @param {string} legend @param {[string, Task, boolean][]} tasks words, task, and whether it is chosen at first */
  constructor(id, legend, tasks) {
    this.boxes = tasks.map(([words, task, checked], i) => {
      const box = make("input", "", undefined, { type: "checkbox", id: `${id}-${i}` });
      box.checked = checked;
      return { box, words, task };
    });
    const labels = this.boxes.map(({ box, words }) => checkLabel(words, box));
    this.element = make("fieldset", "race-policies", undefined, {}, make("legend", "", legend), ...labels);
  }

  chosen() {
    return this.boxes.filter(({ box }) => box.checked).map(({ task }) => task);
  }
}

export class BreedingView {
  /** @param {HTMLElement} place @param {string} id @param {() => void} bred called when its policies are in the library */
  constructor(place, id, bred) {
    this.id = id;
    this.bred = bred;
    this.place = place;
    /** @type {string | null} actions that are offered */
    this.offered = null;
    /** Whether it was seen before it ended: the list of policies is then older than what it bred. */
    this.hasRun = false;
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
      if (breeding.status === "succeeded" && this.hasRun) this.bred();
      this.hasRun = !["succeeded", "stopped", "failed"].includes(breeding.status);
      if (!this.hasRun) return;
    } catch (error) {
      text(this.problem, messageOf(error));
      if (this.place.dataset.breeding === undefined) text(this.now, "");
      if (error instanceof Refusal && error.status === 404) return;
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
    const last = points[points.length - 1];
    const svg = drawn("svg", {
      viewBox: `${-LEFT} ${-TOP} ${WIDTH + LEFT + TOP} ${HEIGHT + TOP + BELOW}`,
      role: "img",
      "aria-label": `${of}: ${last.toFixed(3)} after ${format.plural(points.length, "generation")}`,
    });
    svg.append(
      drawn("path", { d: `M0 0V${HEIGHT}H${WIDTH}`, class: "axis" }),
      label(high.toFixed(3), { x: "-6", y: "4", "text-anchor": "end" }),
      label(low.toFixed(3), { x: "-6", y: String(HEIGHT + 4), "text-anchor": "end" }),
      label("1", { x: "0", y: String(HEIGHT + 18) }),
      label("generation", { x: String(WIDTH / 2), y: String(HEIGHT + 18), "text-anchor": "middle" }),
      label(String(points.length), { x: String(WIDTH), y: String(HEIGHT + 18), "text-anchor": "end" }),
    );
    if (low < 0 && high > 0) {
      const zero = ((HEIGHT * high) / (high - low)).toFixed(1);
      svg.append(drawn("path", { d: `M0 ${zero}H${WIDTH}`, class: "even" }));
      svg.append(label("0", { x: "-6", y: String(Number(zero) + 4), "text-anchor": "end" }));
    }
    svg.append(drawn("path", { d: path }));
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

/** @param {string} name @param {Record<string, string>} attributes */
function drawn(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** @param {string} words @param {Record<string, string>} attributes */
function label(words, attributes) {
  const element = drawn("text", attributes);
  element.textContent = words;
  return element;
}

/** @param {string} id */
const breedingPath = (id) => `/policies?breed=${encodeURIComponent(id)}`;
