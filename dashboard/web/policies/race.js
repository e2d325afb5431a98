// Races on the page of the policies: a form, and the matrix of results, which fills as runs end.
import { navigate, url } from "../core/address.js";
import { call, messageOf, Refusal } from "../core/api.js";
import { button, checkLabel, labelled, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { cellWords, progressWords, rankWords, splitNumbers, transferWords } from "./race_words.js";

/** @import { DatasetRead, LibraryPolicy, RaceCell, RaceCreate, RaceRead, RaceSummary } from "../types/schemas.js" */

const API = "/api/v1/races";
const POLL_MS = 2000;
const MOST_TASKS = 10;
/** What a first race asks for: small enough to end in a minute or two. */
const FIRST = {
  tasks: [
    ["moons", "8"],
    ["digits", ""],
  ],
  seeds: 5,
  iterations: 4000,
  stepSizes: "0.002; 0.006; 0.02",
};
/** Policies that are offered at once; the others are found by their names. */
const MOST_BOXES = 40;

/** The list of races, and the form of a new one. */
export class RaceForm {
  /**
   * @param {HTMLElement} place
   * @param {LibraryPolicy[]} policies
   * @param {URLSearchParams} query `of`, names of the policies that are chosen at first; `on`, data sets; `name`
   */
  constructor(place, policies, query) {
    const chosen = query.getAll("of");
    this.datasetsAsked = query.getAll("on");
    this.name = make("input", "field small-field", undefined, {
      id: "race-name",
      maxlength: "200",
      placeholder: "after its policies",
    });
    this.name.value = query.get("name") ?? "";
    this.problem = make("p", "refusal", "", { role: "alert" });
    this.boxes = policies
      .filter((one) => !one.archived)
      .map((one) => {
        const box = make("input", "", undefined, { type: "checkbox", id: `race-policy-${one.id}`, value: one.name });
        box.checked = chosen.includes(one.name);
        return box;
      });
    this.search = make("input", "field small-field", undefined, {
      type: "search",
      id: "race-search",
      placeholder: "Name of a policy",
      "aria-label": "Find policies to race",
    });
    this.search.addEventListener("input", () => this.showBoxes());
    this.boxesPlace = make("div", "race-boxes");
    this.showBoxes();
    this.tasks = make("div", "race-tasks");
    this.seeds = this.number("race-seeds", FIRST.seeds, 1, 50);
    this.iterations = this.number("race-iterations", FIRST.iterations, 1, 1e8);
    this.stepSizes = make("input", "field small-field", undefined, { id: "race-step-sizes", autocomplete: "off" });
    this.stepSizes.value = FIRST.stepSizes;
    this.races = make("div", "race-list");
    this.startButton = button("button", "Start the race", () => void this.start());
    place.replaceChildren(
      make("h2", "policy-name", "Race policies"),
      make(
        "p",
        "caption",
        "Every policy trains the same networks on every task, from the same first weights, at equal forward passes. On tasks that a policy was not bred on, the race shows transfer. The runs are ordinary runs: they wait in the queue, and can be watched and compared.",
      ),
      this.problem,
      make(
        "fieldset",
        "race-policies",
        undefined,
        {},
        make("legend", "", "Policies"),
        ...(this.boxes.length > MOST_BOXES ? [this.search] : []),
        this.boxesPlace,
      ),
      make("fieldset", "race-fields", undefined, {}, make("legend", "", "Tasks"), this.tasks),
      make(
        "div",
        "policy-numbers",
        undefined,
        {},
        labelled("Name", this.name),
        labelled("Seeds", this.seeds),
        labelled("Iterations", this.iterations),
        labelled("Step sizes, 0.002; 0.004", this.stepSizes),
      ),
      make("p", "caption", "Each policy is judged on each task at the best of the step sizes."),
      make("div", "policy-actions", undefined, {}, this.startButton),
      make("h3", "", "Races so far"),
      this.races,
    );
    this.startButton.disabled = true; // until there are tasks
    void this.load();
  }

  /** Show those that are chosen, then those that are looked for. */
  showBoxes() {
    const wanted = this.search.value.trim().toLocaleLowerCase();
    const chosen = this.boxes.filter((box) => box.checked);
    const others = this.boxes.filter((box) => !box.checked && box.value.toLocaleLowerCase().includes(wanted));
    const shown = this.boxes.length > MOST_BOXES ? [...chosen, ...others.slice(0, MOST_BOXES)] : this.boxes;
    this.boxesPlace.replaceChildren(...shown.map((box) => checkLabel(box.value, box)));
  }

  /** @param {string} id @param {number} value @param {number} least @param {number} most */
  number(id, value, least, most) {
    const field = make("input", "field small-field", undefined, {
      id,
      type: "number",
      min: String(least),
      max: String(most),
      step: "1",
    });
    field.value = String(value);
    return field;
  }

  async load() {
    try {
      /** @type {[DatasetRead[], RaceSummary[]]} */
      const [datasets, races] = await Promise.all([call("GET", "/api/v1/datasets"), call("GET", API)]);
      this.datasets = datasets;
      this.addTasks();
      this.startButton.disabled = false;
      this.showRaces(races);
    } catch (error) {
      text(this.problem, messageOf(error));
    }
  }

  addTasks() {
    const asked = this.datasetsAsked.map((dataset) => [dataset, dataset === "digits" ? "" : "8"]);
    for (const [dataset, layers] of asked.length ? asked : FIRST.tasks) this.addTask(dataset, layers);
    const more = button("link-button", "Add a task", () => {
      if (this.tasks.querySelectorAll(".race-task").length < MOST_TASKS) this.addTask("circles", "8", more);
    });
    this.tasks.append(more);
  }

  /** @param {string} dataset @param {string} layers @param {Node | null} before */
  addTask(dataset, layers, before = null) {
    const select = make("select", "field small-field", undefined, { "aria-label": "Data set" });
    for (const one of this.datasets ?? []) select.append(new Option(one.name, one.id));
    select.value = dataset;
    const field = make("input", "field small-field", undefined, {
      "aria-label": "Hidden layers, such as 32-16; empty: none",
      placeholder: "no hidden layer",
      autocomplete: "off",
    });
    field.value = layers;
    const row = make("div", "race-task", undefined, {}, select, field);
    row.append(button("button-plain", "Remove", () => row.remove(), { "aria-label": "Remove this task" }));
    this.tasks.insertBefore(row, before);
  }

  /** @param {RaceSummary[]} races */
  showRaces(races) {
    if (!races.length) {
      this.races.replaceChildren(make("p", "caption", "None yet."));
      return;
    }
    const entries = races.map((race) => {
      const link = make("a", "", race.name, { href: url(racePath(race.id)) });
      const words = `${race.policies.length} × ${format.plural(race.tasks.length, "task")}, ${progressWords(race.by_status)}`;
      return make("li", "", undefined, {}, link, make("span", "caption", ` ${words}`));
    });
    this.races.replaceChildren(make("ul", "policy-runs", undefined, {}, ...entries));
  }

  async start() {
    const rows = [...this.tasks.querySelectorAll(".race-task")];
    const tasks = rows.map((row) => {
      const [select, field] = row.children;
      const layers = field instanceof HTMLInputElement ? splitNumbers(field.value.replaceAll("-", ";")) : [];
      return { config: { dataset: select instanceof HTMLSelectElement ? select.value : "", hidden_layers: layers } };
    });
    /** @type {RaceCreate} */
    const body = {
      policies: this.boxes.filter((box) => box.checked).map((box) => box.value),
      tasks,
      seeds: Array.from({ length: Math.max(1, Math.min(50, this.seeds.valueAsNumber || 1)) }, (_, seed) => seed),
      step_sizes: splitNumbers(this.stepSizes.value),
      config: { iterations: this.iterations.valueAsNumber || FIRST.iterations },
      ...(this.name.value.trim() ? { name: this.name.value } : {}),
    };
    if (!body.policies.length || !tasks.length) {
      text(this.problem, "Choose at least one policy and one task.");
      return;
    }
    try {
      /** @type {RaceRead} */
      const race = await call("POST", API, body);
      navigate(racePath(race.id));
    } catch (error) {
      text(this.problem, messageOf(error));
    }
  }
}

/** One race: its matrix, its ranking, and its control. */
export class RaceView {
  /** @param {HTMLElement} place @param {string} id */
  constructor(place, id) {
    this.id = id;
    this.title = make("h2", "policy-name", "Race");
    this.now = make("p", "now", "Loading …", { role: "status" });
    this.problem = make("p", "refusal", "", { role: "alert" });
    this.actions = make("div", "policy-actions");
    this.matrix = make("div", "race-matrix", undefined, {
      tabindex: "0",
      role: "region",
      "aria-label": "Results, policies by tasks",
    });
    this.ranking = make("ol", "policy-words race-ranking");
    this.transfer = make("div", "race-transfer");
    this.timer = 0;
    this.place = place;
    place.replaceChildren(
      this.title,
      this.now,
      this.problem,
      this.actions,
      this.matrix,
      make(
        "p",
        "caption",
        "Mean of the last validation accuracy over the seeds, with its 95 % confidence interval, at the best of the step sizes. A cell opens its runs. ●: the policy was learned or bred on this data set; the other cells show transfer.",
      ),
      make("h3", "", "Ranking over all tasks"),
      this.ranking,
      this.transfer,
    );
    void this.load();
  }

  async load() {
    try {
      /** @type {RaceRead} */
      const race = await call("GET", `${API}/${encodeURIComponent(this.id)}`);
      text(this.problem, "");
      this.show(race);
      if (race.state !== "running") return;
    } catch (error) {
      text(this.problem, messageOf(error));
      if (this.place.dataset.race === undefined) text(this.now, "");
      if (error instanceof Refusal && error.status === 404) return;
    }
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      if (this.place.isConnected && this.matrix.isConnected) void this.load();
    }, POLL_MS);
  }

  /** @param {RaceRead} race */
  show(race) {
    text(this.title, race.name);
    const passes = format.count(race.forward_passes);
    text(
      this.now,
      `${progressWords(race.by_status)} · ${passes} iterations each · ${format.plural(race.seeds.length, "seed")}`,
    );
    this.place.dataset.race = race.state;
    this.showActions(race);
    const head = make("tr", "", undefined, {}, make("th", "", "Policy", { scope: "col" }));
    head.append(...race.tasks.map((name) => make("th", "", name, { scope: "col" })));
    const rows = race.policies.map((policy) => {
      const cells = race.cells.filter((cell) => cell.policy === policy);
      return make(
        "tr",
        "",
        undefined,
        {},
        make("th", "", policy, { scope: "row" }),
        ...cells.map((one) => this.cell(one)),
      );
    });
    const several = race.step_sizes.length > 1;
    this.matrix.dataset.stepSizes = String(several);
    this.matrix.replaceChildren(
      make(
        "table",
        "",
        undefined,
        {},
        make("thead", "", undefined, {}, head),
        make("tbody", "", undefined, {}, ...rows),
      ),
    );
    const ranks = race.ranking.map((rank, i) => make("li", "", rankWords(rank, race.ranking[0].policy, i === 0)));
    this.ranking.replaceChildren(
      ...(ranks.length ? ranks : [make("li", "caption", "No task yet of which every policy has a result.")]),
    );
    const told = race.transfer.map((one) => make("li", "", transferWords(one)));
    this.transfer.replaceChildren(
      ...(told.length ? [make("h3", "", "Transfer"), make("ul", "policy-words", undefined, {}, ...told)] : []),
    );
  }

  /** @param {RaceCell} cell */
  cell(cell) {
    const { value, interval, about, own } = cellWords(cell);
    const link = make("a", "", value, { href: url(`/compare?runs=${cell.run_ids.join(",")}`) });
    return make(
      "td",
      "",
      undefined,
      { "data-complete": String(cell.complete) },
      link,
      make("span", "now", interval),
      make("span", "caption", about),
      make("span", "caption race-own", own),
    );
  }

  /** @param {RaceRead} race */
  showActions(race) {
    const act = (/** @type {string} */ action, /** @type {string} */ words) =>
      button("button-plain", words, async () => {
        try {
          await call("POST", `/api/v1/sweeps/${race.id}/${action}`);
          await this.load();
        } catch (error) {
          text(this.problem, messageOf(error));
        }
      });
    const offered =
      document.body.dataset.role === "viewer" || race.state !== "running" ? [] : ["pause", "resume", "stop"];
    const verbs = { pause: "Pause", resume: "Resume", stop: "Stop" };
    if (this.offered === offered.join()) return;
    this.offered = offered.join();
    this.actions.replaceChildren(
      ...offered.map((action) => act(action, verbs[/** @type {keyof typeof verbs} */ (action)])),
      button("button-plain", "Another race", () => navigate("/policies?race=new")),
    );
  }
}

/** @param {string} id */
export const racePath = (id) => `/policies?race=${encodeURIComponent(id)}`;
