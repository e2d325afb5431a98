// Page of a new run: draws the form out of what the server says of each field, keeps the address in step with it, asks the
// server at every change what the run would take, and starts it. Text of people goes onto the page as text, never as HTML.
import { pointsPicture, rowsTable, sizeWords, strip } from "../charts/samples.js";
import { navigate } from "../core/address.js";
import { call, messageOf, Refusal } from "../core/api.js";
import { button, byId, copyLinkButton, findId, labelled, make } from "../core/dom.js";
import * as format from "../core/format.js";
import { pageData } from "../core/page_data.js";
import { costsOf } from "./costs.js";
import { FieldView } from "./field.js";
import { networkWithWords } from "./network_picture.js";
import { FormState } from "./state.js";

/** @import { DatasetPreview, FormField, Plan, RunRead, SweepRead } from "../types/schemas.js" */
/** @import { Config, FieldProblem } from "./state.js" */

/** @typedef {{ title: string, description: string, config: Config }} OfferedPreset */
/** @typedef {{ name: string, title: string }} Group */
/** @typedef {{ element: HTMLElement, more: HTMLDetailsElement | null, views: FieldView[] }} Section */
/** @typedef {Omit<Plan, "problems"> & { problems: FieldProblem[] }} ShownPlan with what the page itself asks or refuses */

const PATIENCE = 200; // ms without typing before the server is asked
const STRIPS = 10; // classes whose samples are shown
const ROWS = { className: "rows", rows: 4, columns: 3 };
const UNREACHED = "The server can't be reached. What you typed is in the address.";

class NewPage {
  /** @param {HTMLElement} page */
  constructor(page) {
    /** @param {string} name */
    const data = (name) => JSON.parse(page.dataset[name] ?? "null");
    this.page = page;
    this.from = page.dataset.from ?? "";
    this.state = new FormState(/** @type {FormField[]} */ (data("fields")), data("base"));
    const unknown = this.state.readQuery(new URLSearchParams(location.search));
    /** @type {AbortController | null} the question that is on its way */
    this.asked = null;
    this.timer = 0;
    /** @type {ShownPlan | null} null while what is typed is not answered */
    this.plan = null;
    this.previewed = "";
    this.costs = make("dl", "costs", undefined, { id: "new-costs", "aria-live": "polite" });
    this.basis = make("p", "caption");
    this.problem = make("p", "refusal", "", { role: "alert", id: "new-problem" });
    this.button = make("button", "button start", "Start", { type: "submit", id: "new-start" });
    this.brief = make("span", "now new-brief");
    this.network = make("div", "new-network");
    this.data = make("div", "new-data");
    this.sections = /** @type {Group[]} */ (data("groups")).map((group) => this.section(group));
    this.views = this.sections.flatMap(({ views }) => views);
    const form = make("form", "new-columns", undefined, { novalidate: "", "aria-label": "Settings of the run" });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.start();
    });
    const sections = this.sections.map(({ element }) => element);
    const main = make("div", "new-main", undefined, {}, this.presetRow(data("presets")), ...sections);
    if (unknown.length) {
      const words = `The address has words that were left out: ${unknown.join(" ")}`;
      main.prepend(make("p", "refusal", words, { role: "alert" }));
    }
    form.append(main, this.side());
    byId("new-form").replaceChildren(form);
    this.changed(0);
  }

  // -- layout

  /** @param {OfferedPreset[]} presets */
  presetRow(presets) {
    const buttons = presets.map(({ config, description, title }) =>
      button("button-plain", title, () => this.takePreset(config), { title: description }),
    );
    const bring = make("button", "button-plain", "Import runs", {
      type: "button",
      "data-import": "bundle",
      title: "Runs that another SynRL exported as a bundle",
    });
    const parts = [make("span", "now", "Start from"), ...buttons, make("span", "now", "or"), bring];
    return make("div", "new-presets", undefined, { role: "group", "aria-label": "Presets" }, ...parts);
  }

  /** @param {Config} config */
  takePreset(config) {
    this.state.takePreset(config);
    for (const view of this.views) view.render();
    this.changed(0);
  }

  /**
   * @param {Group} group
   * @returns {Section}
   */
  section({ name, title }) {
    const own = this.state.fields.filter((field) => field.group === name);
    const views = own.map((field) => new FieldView(field, this.state, () => this.changed()));
    const plain = views.filter(({ field }) => !field.advanced).map((view) => view.element);
    const advanced = views.filter(({ field }) => field.advanced);
    const fields = make("div", "form-fields", undefined, {}, ...plain);
    const element = make("fieldset", "form-group", undefined, {}, make("legend", "", title), fields);
    let more = null;
    if (advanced.length) {
      const others = make("div", "form-fields", undefined, {}, ...advanced.map((view) => view.element));
      more = make("details", "form-more", undefined, {}, make("summary", "", "More settings"), others);
      more.open = advanced.some((view) => !view.element.hidden && this.state.isChanged(view.field));
      element.append(more);
    }
    return { element, more, views };
  }

  side() {
    const actions = make("div", "new-actions");
    actions.append(
      this.button,
      copyLinkButton(() => this.address),
      this.brief,
    );
    return make(
      "aside",
      "new-side",
      undefined,
      { "aria-label": "What it takes" },
      make("h2", "", "What it takes"),
      this.costs,
      this.basis,
      this.label("Name", "name", "made from the settings"),
      this.label("Tags", "tags", "words, separated by commas"),
      this.problem,
      actions,
      make("h2", "", "Network"),
      this.network,
      make("h2", "", "Data"),
      this.data,
    );
  }

  /**
   * @param {string} title
   * @param {"name" | "tags"} key
   * @param {string} placeholder
   */
  label(title, key, placeholder) {
    const { name: limit } = pageData().limits;
    const input = make("input", "field", undefined, {
      type: "text",
      maxlength: String(limit),
      placeholder,
      id: `new-${key}`,
    });
    input.value = this.state[key];
    input.addEventListener("input", () => {
      this.state[key] = input.value;
      this.changed(); // what it takes stays, but is shown for the address as it is now
    });
    return labelled(title, input);
  }

  // -- state and address

  /**
   * Something was typed or chosen.
   *
   * @param {number} [wait] milliseconds without another change before the server is asked
   */
  changed(wait = PATIENCE) {
    for (const view of this.views) view.update();
    for (const { element, more, views } of this.sections) {
      element.hidden = views.every((view) => view.element.hidden);
      if (more) more.hidden = views.every((view) => !view.field.advanced || view.element.hidden);
    }
    this.writeAddress();
    this.plan = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  get address() {
    const query = this.state.query(this.from);
    return location.pathname + (query && `?${query}`);
  }

  writeAddress() {
    if (this.page.isConnected) history.replaceState(history.state, "", this.address);
  }

  // -- what it takes

  async ask() {
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    const { address } = this;
    const isPast = () => asked.signal.aborted || !this.page.isConnected;
    void this.showData();
    try {
      /** @type {Plan} */
      const plan = await call("POST", "/api/v1/plans", this.state.request(), asked.signal);
      if (isPast()) return null;
      this.plan = { ...plan, problems: [...plan.problems, ...this.state.problems()] };
      this.showPlan(this.plan);
      document.body.dataset.planned = address; // what the page shows belongs to this address
    } catch (error) {
      if (isPast()) return null;
      this.problem.textContent = error instanceof Refusal ? error.message : UNREACHED;
    }
    return this.plan;
  }

  /** @param {ShownPlan} plan */
  showPlan(plan) {
    this.problem.textContent = this.showProblems(plan.problems);
    this.button.textContent = plan.runs > 1 ? `Start ${format.count(plan.runs)} runs` : "Start";
    this.button.setAttribute("aria-disabled", String(plan.problems.length > 0));
    const { basis, brief, entries } = costsOf(plan);
    const pairs = entries.map(([term, words]) =>
      make("div", "", undefined, {}, make("dt", "", term), make("dd", "", words)),
    );
    this.costs.replaceChildren(...pairs);
    this.basis.textContent = basis;
    this.brief.textContent = brief;
    if (plan.networks.length) this.network.replaceChildren(...plan.networks.flatMap(networkWithWords));
  }

  /**
   * Put each problem beside its field; return what has none.
   *
   * @param {FieldProblem[]} problems
   */
  showProblems(problems) {
    const unplaced = new Set(problems);
    for (const view of this.views) {
      const own = problems.filter((problem) => !view.element.hidden && view.field.name === placeOf(problem));
      for (const problem of own) unplaced.delete(problem);
      view.refuse(own);
      if (own.length && view.field.advanced) view.reveal();
    }
    return [...unplaced].map(({ field, message }) => (field ? `${field}: ${message}` : message)).join(" ");
  }

  // -- what it would train on

  async showData() {
    const { dataset, parameters } = this.state.firstDataset();
    const query = Object.keys(parameters).length ? `?parameters=${encodeURIComponent(JSON.stringify(parameters))}` : "";
    const path = `/api/v1/datasets/${encodeURIComponent(dataset)}/preview${query}`;
    if (path === this.previewed) return;
    const isKnown = this.state.dataset.options?.some(({ value }) => value === dataset);
    // A parameter that is out of its range is told by the plan; asking for its picture would be an error.
    const areNumbers = Object.values(parameters).every((value) => typeof value === "number");
    if (!isKnown || !areNumbers) return;
    this.previewed = path;
    const isWanted = () => this.previewed === path && this.page.isConnected;
    try {
      const body = { config: { dataset, dataset_parameters: parameters } };
      /** @type {Plan | null} */
      const plan = query ? await call("POST", "/api/v1/plans", body) : null;
      if (plan?.problems.length) return;
      /** @type {DatasetPreview} */
      const preview = await call("GET", path);
      if (isWanted()) this.data.replaceChildren(samplesOf(preview), make("p", "caption", sizeWords(preview)));
    } catch (error) {
      if (!isWanted()) return;
      this.previewed = ""; // the next change asks again
      this.data.replaceChildren(make("p", "caption", messageOf(error)));
    }
  }

  // -- start

  async start() {
    clearTimeout(this.timer);
    const plan = this.plan ?? (await this.ask());
    if (!plan) return;
    if (plan.problems.length) {
      this.views.find((view) => view.isRefused)?.focus();
      return;
    }
    this.button.disabled = true;
    this.button.textContent = "Starting …";
    try {
      navigate(plan.runs > 1 ? await this.startSweep(plan) : await this.startRun());
    } catch (error) {
      this.problem.textContent = messageOf(error);
      this.button.disabled = false;
      this.button.textContent = "Start";
    }
  }

  /** A run that starts from another is its clone, so that each knows of the other. */
  async startRun() {
    const { name, ...labels } = this.state.labels();
    if (!this.from) {
      const body = { ...this.state.labels(), config: this.state.request().config };
      /** @type {RunRead} */
      const run = await call("POST", "/api/v1/runs", body);
      return `/runs/${run.id}`;
    }
    const body = { ...(name ? { name } : {}), changes: this.state.changes() };
    /** @type {RunRead} */
    const clone = await call("POST", `/api/v1/runs/${encodeURIComponent(this.from)}/clone`, body);
    if (labels.tags) await call("PATCH", `/api/v1/runs/${clone.id}`, labels);
    return `/runs/${clone.id}`;
  }

  /** @param {ShownPlan} plan */
  async startSweep({ configs }) {
    const what = configs ? { configs } : this.state.request();
    /** @type {SweepRead} */
    const sweep = await call("POST", "/api/v1/sweeps", { ...this.state.labels(), ...what });
    return sweep.run_ids.length <= pageData().limits.compared ? `/compare?sweep=${sweep.id}` : "/";
  }
}

/** @param {DatasetPreview} preview */
function samplesOf(preview) {
  if (preview.points) return pointsPicture(preview.points);
  if (preview.rows.length) return rowsTable(preview, ROWS);
  const rows = preview.classes
    .filter(({ picture }) => picture)
    .slice(0, STRIPS)
    .map((one) => make("div", "strip-row", undefined, {}, make("span", "strip-class", one.name), strip(one) ?? ""));
  return make("div", "strips", undefined, {}, ...rows);
}

/**
 * The field that a problem is about: "hidden_layers[0]" is hidden_layers, "dataset_parameters.noise" is data.noise.
 *
 * @param {FieldProblem} problem
 */
function placeOf({ field }) {
  return field
    .replace(/\[.*$/, "")
    .replace(/^dataset_parameters\.?/, (found) => (found.endsWith(".") ? "data." : "dataset"));
}

export function mountNew() {
  const page = findId("new-page");
  if (page) new NewPage(page);
}
