// @ts-nocheck
// The page of a new run: draws the form out of what the server says of each field, keeps the address in step with it,
// asks the server at every change what the run would take, and starts it.
// Whatever a person or an address says goes onto the page as text, never as HTML.
import { navigate, url } from "../core/address.js";
import { call, messageOf, Refusal } from "../core/api.js";
import { copyLinkButton, make } from "../core/dom.js";
import * as format from "../core/format.js";
import { FormState, isRewritten, toText } from "./form.js";

const PATIENCE = 200; // ms without typing before the server is asked
const MOST_COMPARED = 50; // runs that the page of comparison takes
const SVG = "http://www.w3.org/2000/svg";

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// -- one field

class FieldView {
  constructor(field, state, changed) {
    Object.assign(this, { field, state, changed });
    this.id = `field-${field.key.replace(/\W/g, "-")}`;
    this.element = make("div", "form-field", undefined, { "data-field": field.name });
    this.error = make("p", "field-error", "", { id: `${this.id}-error`, role: "alert" });
    this.choices = make("div", "field-choices");
    this.note = make("p", "field-note", "");
    this.meaning = make("p", "field-help", "", { id: `${this.id}-meaning` });
    this.undo = make("button", "field-undo", "", { type: "button" });
    this.undo.addEventListener("click", () => {
      this.state.texts.set(field.key, toText(field, this.state.startOf(field)));
      this.render();
      this.changed();
      this.focus();
    });
    this.render();
  }

  get describedBy() {
    return `${this.id}-error ${this.id}-meaning ${this.id}-help`;
  }

  get text() {
    return this.state.texts.get(this.field.key);
  }

  set text(text) {
    this.state.texts.set(this.field.key, text);
    this.changed();
  }

  render() {
    const { field } = this;
    const several = this.hasOptions && this.state.values(field).length > 1;
    const label = make("label", "field-label", field.title, { for: this.id });
    if (field.symbol) label.append(" ", make("span", "symbol", field.symbol));
    const head = make("div", "field-head");
    head.append(several ? make("span", "field-label", field.title, { id: `${this.id}-label` }) : label, this.undo);
    const control = several ? this.checkboxes() : this.hasOptions ? this.select() : this.input();
    const range = field.range ? ` Allowed: ${field.range}.` : "";
    const help = make("p", "field-help", `${field.help}${range}`, { id: `${this.id}-help` });
    this.element.replaceChildren(head, control, this.error, this.choices, this.note, this.meaning, help);
    this.update();
  }

  get hasOptions() {
    return Boolean(this.field.options) || this.field.kind === "switch";
  }

  get options() {
    return (
      this.field.options || [
        { value: "no", label: "off" },
        { value: "yes", label: "on" },
      ]
    );
  }

  input() {
    const row = make("div", "field-control");
    const input = make("input", "field", undefined, {
      id: this.id,
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      inputmode: this.field.kind === "text" ? "text" : "decimal",
      "aria-describedby": this.describedBy,
    });
    if (this.field.optional) input.placeholder = "empty";
    else input.placeholder = toText(this.field, this.field.default);
    input.value = this.text;
    input.addEventListener("input", () => (this.text = input.value));
    row.append(input);
    if (this.field.unit) row.append(make("span", "unit", this.field.unit));
    this.control = input;
    return row;
  }

  select() {
    const row = make("div", "field-control");
    const select = make("select", "field", undefined, { id: this.id, "aria-describedby": this.describedBy });
    const groups = new Map();
    const [chosen] = this.state.values(this.field).map((value) => toText(this.field, value));
    if (!this.options.some((option) => option.value === chosen)) select.append(new Option(chosen, chosen, true, true));
    for (const option of this.options) {
      const entry = new Option(option.label, option.value, false, option.value === chosen);
      if (!option.group) select.append(entry);
      else {
        if (!groups.has(option.group))
          groups.set(option.group, make("optgroup", "", undefined, { label: option.group }));
        groups.get(option.group).append(entry);
      }
    }
    select.append(...groups.values());
    select.addEventListener("change", () => (this.text = select.value));
    const several = make("button", "field-several", "several", {
      type: "button",
      "aria-label": `Choose several values of ${this.field.title}`,
    });
    several.addEventListener("click", () => {
      const other = this.options.find((option) => option.value !== select.value);
      this.text = `${select.value},${other.value}`;
      this.render();
      this.focus();
    });
    row.append(select, several);
    this.control = select;
    return row;
  }

  checkboxes() {
    const chosen = new Set(this.state.values(this.field).map((value) => toText(this.field, value)));
    const box = make("div", "field-options", undefined, {
      role: "group",
      "aria-labelledby": `${this.id}-label`,
      "aria-describedby": this.describedBy,
    });
    for (const option of this.options) {
      const label = make("label", "field-option");
      const input = make("input", "", undefined, { type: "checkbox", value: option.value });
      input.checked = chosen.has(option.value);
      input.addEventListener("change", () => {
        const all = [...box.querySelectorAll("input")].filter((one) => one.checked).map((one) => one.value);
        if (all.length === 0)
          input.checked = true; // the last one stays
        else this.text = all.join(",");
        if (all.length === 1) {
          this.render();
          this.focus();
        }
      });
      label.append(input, option.label);
      box.append(label);
    }
    this.control = box.querySelector("input");
    return box;
  }

  focus() {
    this.control.focus();
  }

  // What follows from the state: shown or not, changed or not.
  update() {
    const { field, state } = this;
    this.element.hidden = !state.applies(field);
    const changed = state.isChanged(field);
    this.element.classList.toggle("changed", changed);
    this.undo.hidden = !changed;
    const start = toText(field, state.startOf(field));
    const option = this.hasOptions && this.options.find((one) => one.value === start);
    this.undo.textContent = `back to ${(option?.label) || start || "empty"}`;
    const values = state.values(field);
    if (!this.hasOptions && values.length > 1) this.note.textContent = `${values.length} values`;
    else if (isRewritten(field, this.text, values))
      this.note.textContent = `Read as ${field.kind === "integer" ? format.count(values[0]) : values[0]}.`;
    else this.note.textContent = "";
    if (this.hasOptions) this.meaning.textContent = this.meaningOf(values.map((value) => toText(field, value)));
  }

  // What the options mean that are chosen, where they have something to say; of several each with its name.
  meaningOf(chosen) {
    const told = this.options.filter((option) => option.help && chosen.includes(option.value));
    return told.map(({ label, help }) => (chosen.length > 1 ? `${label}: ${help}` : help)).join(" ");
  }

  // A button that writes what was meant into the field.
  choice({ label, text }) {
    const button = make("button", "field-choice", label, { type: "button" });
    button.addEventListener("click", () => {
      this.state.texts.set(this.field.key, text);
      this.render();
      this.changed();
      this.focus();
    });
    return button;
  }

  refuse(problems) {
    const several = this.state.values(this.field).length > 1;
    const words = problems.map(({ message, value }) => {
      // What was typed stays as it was typed.
      const sentence =
        several && value !== undefined && value !== null
          ? `${value}: ${message}`
          : `${message[0].toUpperCase()}${message.slice(1)}`;
      return `${sentence}${/[.!?]$/.test(sentence) ? "" : "."}`;
    });
    const choices = problems.flatMap((problem) => problem.choices || []);
    const said = words.join(" ");
    const asked = choices.map(({ text }) => text).join("\n");
    if (this.error.textContent !== said) this.error.textContent = said;
    if (this.asked !== asked) this.choices.replaceChildren(...choices.map((choice) => this.choice(choice)));
    this.asked = asked;
    this.element.classList.toggle("refused", problems.length > 0);
    if (problems.length) this.control.setAttribute("aria-invalid", "true");
    else this.control.removeAttribute("aria-invalid");
  }
}

// -- what a run would train on and what it would take

const BASIS = {
  runs_like_this: (n) => `measured on ${format.plural(n, "run")} of this size here`,
  runs_of_this_server: (n) => `a model, corrected by what ${format.plural(n, "run")} took here`,
  model: () => "a model measured on another machine; the first run here corrects it",
};

function about(seconds) {
  return seconds < 1 ? "under 1 s" : `about ${format.duration(Number(seconds.toPrecision(2)))}`;
}

function bytes(count) {
  const [unit, size] = count < 2 ** 30 ? ["MB", 2 ** 20] : ["GB", 2 ** 30];
  const value = count / size;
  return `${value < 10 ? Math.max(0.1, value).toFixed(1) : Math.round(value)} ${unit}`;
}

const MOST_DOTS = 9;

// The layers as columns of dots, joined: what is many is cut in the middle.
function networkPicture({ sizes, synapses }) {
  const [width, height, bottom] = [320, 168, 24];
  const columns = sizes.map((size, layer) => {
    const x = sizes.length === 1 ? width / 2 : 24 + (layer * (width - 48)) / (sizes.length - 1);
    const shown = Math.min(size, MOST_DOTS);
    const step = Math.min(16, (height - bottom - 16) / MOST_DOTS);
    const top = (height - bottom) / 2 - ((shown - 1) * step) / 2;
    const ys = Array.from({ length: shown }, (_, i) => top + i * step);
    return { size, x, ys, cut: size > MOST_DOTS };
  });
  const lines = draw("g", { class: "net-lines" });
  const dots = draw("g", { class: "net-dots" });
  const words = draw("g", { class: "net-words" });
  columns.forEach((column, layer) => {
    const middle = column.cut ? Math.floor(MOST_DOTS / 2) : -1;
    const next = columns[layer + 1];
    column.ys.forEach((y, i) => {
      if (i === middle) dots.append(...[-3, 0, 3].map((d) => draw("circle", { cx: column.x, cy: y + d, r: 0.9 })));
      else {
        dots.append(draw("circle", { cx: column.x, cy: y, r: 4 }));
        const skip = next?.cut ? Math.floor(MOST_DOTS / 2) : -1;
        if (next)
          next.ys.forEach(
            (to, j) => j !== skip && lines.append(draw("line", { x1: column.x, y1: y, x2: next.x, y2: to })),
          );
      }
    });
    const text = draw("text", { x: column.x, y: height - 4, "text-anchor": "middle" });
    text.textContent = format.count(column.size);
    words.append(text);
  });
  const said = `Network: ${sizes.map(format.count).join(" → ")} units, ${format.count(synapses)} synapses.`;
  return draw(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": said, class: "net" },
    lines,
    dots,
    words,
  );
}

function networkWithWords(network) {
  const { sizes, synapses, samples, validation_samples: held } = network;
  const words =
    `${sizes.map(format.count).join(" → ")}: ${format.plural(synapses, "synapse")}, each an agent. ` +
    `${format.count(samples)} samples train, ${format.count(held)} are held back.`;
  return [networkPicture(network), make("p", "caption", words)];
}

function pointsPicture(points) {
  const flat = points.flatMap(([x, y]) => [x, y]);
  const [low, high] = [Math.min(...flat), Math.max(...flat)];
  const place = (value) => 3 + (94 * (value - low)) / (high - low || 1);
  const dots = points.map(([x, y, label]) =>
    draw("circle", { cx: place(x).toFixed(1), cy: (100 - place(y)).toFixed(1), r: 1, class: `class-${label % 4}` }),
  );
  return draw("svg", { viewBox: "0 0 100 100", class: "points", "aria-hidden": "true" }, ...dots);
}

function dataPicture(preview) {
  if (preview.points) return pointsPicture(preview.points);
  const box = make("div", "strips");
  if (preview.rows.length) {
    const names = preview.feature_names.slice(0, 3);
    const table = make("table", "rows");
    const line = (cell, cells) => {
      const row = make("tr");
      row.append(...cells.map((words) => make(cell, "", words)));
      return row;
    };
    table.append(line("th", ["class", ...names]));
    for (const row of preview.rows.slice(0, 4))
      table.append(
        line("td", [row.class_name, ...row.values.slice(0, 3).map((value) => Number(value.toPrecision(3)))]),
      );
    return table;
  }
  preview.classes
    .filter((one) => one.picture)
    .slice(0, 10)
    .forEach((one) => {
      const row = make("div", "strip-row");
      row.append(make("span", "strip-class", one.name), make("img", "strip", undefined, { src: one.picture, alt: "" }));
      box.append(row);
    });
  return box;
}

// -- the page

class NewPage {
  constructor(page) {
    const data = (name) => JSON.parse(page.dataset[name]);
    this.page = page;
    this.from = page.dataset.from;
    this.presets = data("presets");
    this.groups = data("groups");
    this.state = new FormState(data("fields"), data("base"));
    this.state.take(new URLSearchParams(location.search));
    this.asked = null;
    this.timer = null;
    this.plan = null;
    this.previewed = null;
    this.build();
    this.changed(0);
  }

  build() {
    const form = make("form", "new-columns", undefined, { novalidate: "", "aria-label": "Settings of the run" });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.start();
    });
    const main = make("div", "new-main");
    main.append(this.presetRow(), ...this.groups.map((group) => this.group(group)).filter(Boolean));
    form.append(main, this.side());
    document.getElementById("new-form").replaceChildren(form);
  }

  presetRow() {
    const row = make("div", "new-presets", undefined, { role: "group", "aria-label": "Presets" });
    row.append(make("span", "now", "Start from"));
    for (const preset of this.presets) {
      const button = make("button", "button-plain", preset.title, { type: "button", title: preset.description });
      button.addEventListener("click", () => {
        this.state.takePreset(preset.config);
        this.views.forEach((view) => view.render());
        this.changed(0);
      });
      row.append(button);
    }
    const bring = make("button", "button-plain", "Import runs", {
      type: "button",
      "data-import": "bundle",
      title: "Runs that another SynRL exported as a bundle",
    });
    row.append(make("span", "now", "or"), bring);
    return row;
  }

  group({ name, title }) {
    this.views = this.views || [];
    const section = make("fieldset", "form-group");
    section.append(make("legend", "", title));
    const [plain, advanced] = [make("div", "form-fields"), make("div", "form-fields")];
    const own = this.state.fields
      .filter((field) => field.group === name)
      .map((field) => new FieldView(field, this.state, () => this.changed()));
    own.forEach((view) => (view.field.advanced ? advanced : plain).append(view.element));
    this.views.push(...own);
    section.append(plain);
    if (advanced.children.length) {
      const more = make("details", "form-more");
      more.append(make("summary", "", "More settings"), advanced);
      more.open = own.some((view) => view.field.advanced && !view.element.hidden && this.state.isChanged(view.field));
      section.append(more);
    }
    (this.sections = this.sections || []).push({ section, own });
    return section;
  }

  side() {
    const side = make("aside", "new-side", undefined, { "aria-label": "What it takes" });
    const labelled = (title, key, value, hint) => {
      const label = make("label", "labelled");
      const input = make("input", "field", undefined, {
        type: "text",
        maxlength: "200",
        placeholder: hint,
        id: `new-${key}`,
      });
      input.value = value;
      input.addEventListener("input", () => {
        this.state[key] = input.value;
        this.writeAddress();
      });
      label.append(make("span", "", title), input);
      return label;
    };
    this.costs = make("dl", "costs", undefined, { id: "new-costs", "aria-live": "polite" });
    this.basis = make("p", "caption");
    this.problem = make("p", "refusal", "", { role: "alert", id: "new-problem" });
    this.button = make("button", "button start", "Start", { type: "submit", id: "new-start" });
    const actions = make("div", "new-actions");
    this.brief = make("span", "now new-brief");
    actions.append(
      this.button,
      copyLinkButton(() => this.address),
      this.brief,
    );
    this.network = make("div", "new-network");
    this.data = make("div", "new-data");
    side.append(
      make("h2", "", "What it takes"),
      this.costs,
      this.basis,
      labelled("Name", "name", this.state.name, "made from the settings"),
      labelled("Tags", "tags", this.state.tags, "words, separated by commas"),
      this.problem,
      actions,
      make("h2", "", "Network"),
      this.network,
      make("h2", "", "Data"),
      this.data,
    );
    return side;
  }

  // Something was typed or chosen.
  changed(wait = PATIENCE) {
    this.views.forEach((view) => view.update());
    this.sections.forEach(({ section, own }) => {
      section.hidden = own.every((view) => view.element.hidden);
      const more = section.querySelector("details");
      if (more) more.hidden = own.every((view) => !view.field.advanced || view.element.hidden);
    });
    this.writeAddress();
    this.plan = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), wait);
  }

  get address() {
    const query = this.state.query(this.from);
    return location.pathname + (query ? `?${query}` : "");
  }

  writeAddress() {
    if (this.page.isConnected) history.replaceState(history.state, "", this.address);
  }

  async ask() {
    if (this.asked) this.asked.abort();
    this.asked = new AbortController();
    const address = this.address;
    const asked = this.asked;
    void this.showData();
    try {
      const plan = await call("POST", "/api/v1/plans", this.state.request(), asked.signal);
      if (asked.signal.aborted || !this.page.isConnected) return null;
      plan.problems.push(...this.state.problems());
      this.plan = plan;
      this.showPlan();
      document.body.dataset.planned = address; // what the page shows belongs to this address
    } catch (error) {
      if (asked.signal.aborted || !this.page.isConnected) return null;
      this.problem.textContent =
        error instanceof Refusal ? error.message : "The server can't be reached. What you typed is in the address.";
    }
    return this.plan;
  }

  showPlan() {
    const { plan } = this;
    const left = this.showProblems(plan.problems);
    this.problem.textContent = left;
    this.button.textContent = plan.runs > 1 ? `Start ${format.count(plan.runs)} runs` : "Start";
    this.button.setAttribute("aria-disabled", plan.problems.length ? "true" : "false");
    this.showCosts(plan);
    if (plan.networks.length) this.network.replaceChildren(...plan.networks.flatMap(networkWithWords));
  }

  // Put each problem beside its field; return what has none.
  showProblems(problems) {
    const unplaced = new Set(problems);
    for (const view of this.views) {
      const own = problems.filter((problem) => !view.element.hidden && view.field.name === placeOf(problem));
      own.forEach((problem) => unplaced.delete(problem));
      view.refuse(own);
      if (own.length && view.field.advanced) view.element.closest("details").open = true;
    }
    return [...unplaced].map(({ field, message }) => (field ? `${field}: ${message}` : message)).join(" ");
  }

  showCosts({ runs, estimate, problems }) {
    const entry = (term, words) => {
      const pair = make("div");
      pair.append(make("dt", "", term), make("dd", "", words));
      return pair;
    };
    if (!estimate || problems.length) {
      const fields = new Set(problems.map((problem) => problem.field)).size;
      const words = `${format.plural(fields, "setting")} can't be used yet`;
      this.costs.replaceChildren(entry("Not ready", words));
      this.basis.textContent = "";
      this.brief.textContent = words;
      return;
    }
    const each = runs > 1 ? ` each at most, ${about(estimate.total_seconds)} in all` : "";
    this.costs.replaceChildren(
      ...(runs > 1 ? [entry("Runs", `${format.count(runs)}, ${format.count(estimate.workers)} at once`)] : []),
      entry("Time", `${about(estimate.seconds)}${each}`),
      entry("Memory", `${bytes(estimate.memory_bytes)} of ${bytes(estimate.memory_available)}`),
      entry("Forward passes", format.count(estimate.forward_passes)),
      ...(estimate.waiting ? [entry("Before it", `${format.plural(estimate.waiting, "run")} in the queue`)] : []),
    );
    this.basis.textContent = `Time: ${BASIS[estimate.basis](estimate.basis_runs)}.`;
    this.brief.textContent = about(estimate.total_seconds);
  }

  async showData() {
    const { config, grid } = this.state.request();
    const [dataset] = grid.dataset || [config.dataset || this.state.byKey.get("dataset").default];
    const parameters = (grid.dataset_parameters || [config.dataset_parameters || {}])[0];
    const query = Object.keys(parameters).length ? `?parameters=${encodeURIComponent(JSON.stringify(parameters))}` : "";
    const path = `/api/v1/datasets/${encodeURIComponent(dataset)}/preview${query}`;
    if (path === this.previewed) return;
    const known = this.state.byKey.get("dataset").options.some((option) => option.value === dataset);
    // A parameter that is out of its range is told by the plan; asking for its picture would be an error.
    const numbers = Object.values(parameters).every((value) => typeof value === "number");
    if (!known || !numbers) return;
    this.previewed = path;
    try {
      const body = { config: { dataset, dataset_parameters: parameters } };
      const plan = query ? await call("POST", "/api/v1/plans", body) : null;
      if (plan?.problems.length) return;
      const preview = await call("GET", path);
      if (this.previewed === path && this.page.isConnected) this.showPreview(preview);
    } catch (error) {
      if (this.previewed !== path || !this.page.isConnected) return;
      this.previewed = null; // the next change asks again
      this.data.replaceChildren(make("p", "caption", messageOf(error)));
    }
  }

  showPreview(preview) {
    const shape = preview.sample_shape.join(" × ");
    const unit = preview.sample_shape.length === 2 ? "pixels" : "inputs";
    const words = `${format.plural(preview.samples, "sample")} · ${shape} ${unit} · ${format.plural(preview.classes.length, "class", "classes")}`;
    this.data.replaceChildren(dataPicture(preview), make("p", "caption", words));
  }

  async start() {
    clearTimeout(this.timer);
    const plan = this.plan || (await this.ask());
    if (!plan) return;
    if (plan.problems.length) {
      const refused = this.views.find((view) => view.element.classList.contains("refused"));
      if (refused) refused.focus();
      return;
    }
    this.button.disabled = true;
    this.button.textContent = "Starting …";
    try {
      const path = plan.runs > 1 ? await this.startSweep(plan) : await this.startRun();
      navigate(url(path));
    } catch (error) {
      this.problem.textContent = error.message;
      this.button.disabled = false;
      this.button.textContent = "Start";
    }
  }

  get labels() {
    const tags = this.state.tags
      .split(",")
      .map((tag) => tag.trim())
      .filter(Boolean);
    return { ...(this.state.name.trim() ? { name: this.state.name.trim() } : {}), ...(tags.length ? { tags } : {}) };
  }

  // A run that starts from another is its clone, so that each knows of the other.
  async startRun() {
    const { name, ...labels } = this.labels;
    const run = this.from
      ? await call("POST", `/api/v1/runs/${encodeURIComponent(this.from)}/clone`, {
          ...(name ? { name } : {}),
          changes: this.state.changes(),
        })
      : await call("POST", "/api/v1/runs", { ...this.labels, config: this.state.request().config });
    if (this.from && labels.tags) await call("PATCH", `/api/v1/runs/${run.id}`, labels);
    return `/runs/${run.id}`;
  }

  async startSweep(plan) {
    const { config, grid } = this.state.request();
    const body = plan.configs ? { configs: plan.configs } : { config, grid };
    const sweep = await call("POST", "/api/v1/sweeps", { ...this.labels, ...body });
    return sweep.run_ids.length <= MOST_COMPARED ? `/compare?sweep=${sweep.id}` : "/";
  }
}

// The field that a problem is about: "hidden_layers[0]" is hidden_layers, "dataset_parameters.noise" is data.noise.
function placeOf({ field }) {
  return field
    .replace(/\[.*$/, "")
    .replace(/^dataset_parameters\.?/, (found) => (found.endsWith(".") ? "data." : "dataset"));
}

export function mountNew() {
  const page = document.getElementById("new-page");
  if (page) new NewPage(page);
}
