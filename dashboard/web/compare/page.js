// @ts-nocheck
// The page of the comparison: keeps what is compared and how in the address, has the server make figures of it, and
// draws them in the colours of the moment. What people called their runs goes onto the page as text, never as HTML.

import { loadPlotly } from "../charts/plotly.js";
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { setProps } from "../core/dash.js";
import { copyLinkButton, make } from "../core/dom.js";
import * as format from "../core/format.js";
import { statusWord } from "../core/status.js";
import { colour, hideDrawing, onChange, scale, template } from "../core/theme.js";

const PATIENCE = 150; // ms without a change before the server is asked
const LIVE_PAUSE = 3000; // least ms between two looks at runs that still train
const LIVE_SHARE = 8; // times as long as a look takes: a busy server is not asked more
const LISTED = 200; // runs that are offered to be added
const DEFAULTS = { metric: "validation_accuracy", x: "iteration", statistic: "final", smoothing: 0 };
const CONFIG = {
  displaylogo: false,
  responsive: true,
  displayModeBar: "hover",
  modeBarButtons: [["resetScale2d"]],
  showTips: false,
};

// Resolve the roles of a trace's colours (dashboard/figures/traces.py) for this scheme.
function painted(trace) {
  const copy = structuredClone(trace);
  for (const [path, role] of Object.entries(trace.meta?.paint || {})) {
    const parents = path.split(".");
    const leaf = parents.pop();
    const part = parents.reduce((inner, name) => (inner[name] = inner[name] || {}), copy);
    part[leaf] = colour(role);
  }
  return copy;
}

// -- a figure

const MOST_MARGIN = 0.42; // of the width: where names at the curves' ends would take more, they are left to the table
const NARROW = 560; // px
const NETWORK_WIDTH = 300; // px of one network beside others, for type of the usual size

// The layout of a figure for type of this size, and for so many pixels.
function fitted(layout, width) {
  const { type } = scale();
  for (const [side, pixels] of Object.entries(layout.margin || {})) layout.margin[side] = Math.round(type * pixels);
  for (const [name, axis] of Object.entries(layout)) {
    if (!/^[xy]axis/.test(name)) continue;
    if (axis.tickfont?.size) axis.tickfont.size *= type;
    if (width < NARROW && name === "xaxis" && axis.title) Object.assign(axis, { nticks: 4, tickangle: 0 });
  }
  return layout;
}

// Leave out the names at the curves' ends where they would take the room of the curves.
function withoutNames(data, layout) {
  layout.margin.r = 16;
  return data.map((trace) => (trace.meta.series.role === "end" ? { ...trace, mode: "markers" } : trace));
}

const networksInARow = (element) => Math.max(1, Math.floor(element.clientWidth / (NETWORK_WIDTH * scale().type)));

class FigureView {
  constructor(name) {
    this.name = name;
    this.figure = null;
    this.drawnWidth = 0;
    this.resizes = null;
    this.element = document.getElementById(`${name}-graph`);
    this.panel = this.element.closest(".panel");
  }

  async show(figure) {
    if (!this.element.isConnected) return; // the page was left
    this.figure = figure;
    this.panel.hidden = !figure;
    if (!figure) return;
    this.element.style.minWidth = `${figure.least}px`;
    this.scrolls(figure.least);
    this.element.style.height = `${Math.round(scale().figures * figure.height)}px`;
    document.getElementById(`${this.name}-alternative`).textContent = figure.said;
    const Plotly = await window.Plotly;
    if (this.figure !== figure || !this.element.isConnected) return;
    const { clientWidth: width } = this.element;
    // Said, as Plotly measures an element only once: it may be narrower than when it was drawn last.
    const layout = { ...fitted(structuredClone(figure.layout), width), template: template(), width };
    const crowded = layout.margin && layout.margin.r > MOST_MARGIN * width;
    const data = crowded ? withoutNames(figure.data, layout) : figure.data;
    await Plotly.react(this.element, data.map(painted), layout, CONFIG);
    hideDrawing(this.element);
    this.drawnWidth = width;
    this.watchWidth();
  }

  // A column is split or joined when a figure beside it comes or goes: the figure is drawn for its new width.
  watchWidth() {
    if (this.resizes) return;
    this.resizes = new ResizeObserver(() => {
      const { clientWidth: width } = this.element;
      if (!this.element.isConnected) this.resizes.disconnect();
      else if (this.figure && width && width !== this.drawnWidth) this.show(this.figure);
    });
    this.resizes.observe(this.element);
  }

  // A frame that is scrolled is reached by the keyboard too.
  scrolls(least) {
    const frame = this.element.parentElement;
    const title = document.getElementById(`${this.name}-title`).textContent;
    const reached = { tabindex: "0", role: "region", "aria-label": title };
    for (const [name, value] of Object.entries(reached)) {
      if (frame.clientWidth < least) frame.setAttribute(name, value);
      else frame.removeAttribute(name);
    }
  }
}

// -- what is compared

class Picker {
  constructor(element, page) {
    Object.assign(this, { element, page });
  }

  // Recent runs to choose from: the whole page while nothing is compared, a dialog afterwards.
  async open() {
    const filter = make("input", "field", undefined, {
      type: "search",
      placeholder: "Name, data set or tag",
      "aria-label": "Find runs",
    });
    const list = make("div", "picker-list", undefined, { role: "group", "aria-label": "Runs" });
    const add = make("button", "button", "Compare", { type: "button", id: "picker-add" });
    const close = make("button", "button-plain", "Cancel", { type: "button" });
    close.addEventListener("click", () => this.close());
    const count = make("span", "now", "", { role: "status" });
    const row = make("div", "picker-actions");
    const bring = make("button", "button-plain", "Import a bundle", { type: "button", "data-import": "bundle" });
    row.append(add, ...(this.page.state.runs.length ? [close] : []), bring, count);
    const heading = this.page.state.runs.length ? "Add runs" : "Choose runs to compare";
    this.element.replaceChildren(make("h2", "", heading), filter, list, row);
    this.element.hidden = false;
    const say = () => {
      const chosen = list.querySelectorAll("input:checked:not(:disabled)").length;
      const total = chosen + this.page.state.runs.length;
      add.disabled = !chosen || total > this.page.most;
      count.textContent = total > this.page.most ? `${total} runs; at most ${this.page.most} can be compared` : "";
    };
    say();
    list.addEventListener("change", say);
    add.addEventListener("click", () => {
      const chosen = [...list.querySelectorAll("input:checked:not(:disabled)")].map((input) => input.value);
      this.close();
      this.page.set({ runs: [...this.page.state.runs, ...chosen], sweep: null });
    });
    list.append(make("p", "now", "Loading the runs …"));
    let answer;
    try {
      answer = await call("GET", `/api/v1/runs?limit=${LISTED}`);
    } catch (error) {
      list.replaceChildren(make("p", "refusal", messageOf(error)));
      return;
    }
    if (!list.isConnected) return;
    list.replaceChildren(...answer.items.map((run) => this.entry(run)));
    if (!answer.items.length) {
      const words = make("p", "caption", "There are no runs yet. ");
      words.append(make("a", "", "Start one", { href: url("/new") }));
      list.replaceChildren(words);
    }
    filter.addEventListener("input", () => {
      const wanted = filter.value.trim().toLowerCase();
      for (const entry of list.children) entry.hidden = wanted && !entry.dataset.words.includes(wanted);
    });
    document.body.dataset.offered = answer.items.length;
    if (this.page.state.runs.length) filter.focus();
  }

  entry(run) {
    const entry = make("label", "picker-run");
    entry.dataset.words = [run.name, run.dataset_name, ...(run.tags || [])].join(" ").toLowerCase();
    const input = make("input", "", undefined, { type: "checkbox", value: run.id });
    if (this.page.state.runs.includes(run.id)) Object.assign(input, { checked: true, disabled: true });
    const about = [
      run.dataset_name,
      statusWord(run.status),
      format.percent(run.validation_accuracy),
      format.ago(run.created_at),
    ];
    entry.append(input, make("span", "picker-name", run.name), make("span", "now", about.join(" · ")));
    return entry;
  }

  close() {
    this.element.hidden = true;
    this.element.replaceChildren();
  }
}

// -- the page

class ComparePage {
  constructor(element, state) {
    this.element = element;
    this.most = Number(element.dataset.most);
    this.state = { ...state };
    this.view = null;
    this.timer = null;
    this.live = null;
    this.figures = ["curves", "differences", "distribution", "parallel"].map(
      (name) => new FigureView(`compare-${name}`),
    );
    this.weights = new FigureView("compare-weights");
    this.confusion = new FigureView("compare-confusion");
    this.layer = 0;
    this.picker = new Picker(document.getElementById("compare-picker"), this);
    this.buildControls();
    element.addEventListener("click", (event) => this.clicked(event));
    this.forget = onChange(() => this.draw());
    this.watchWeights();
    history.replaceState(history.state, "", this.address); // without what it could not follow
    if (this.state.runs.length) this.ask();
    else this.picker.open();
  }

  // -- state and address

  get address() {
    const query = new URLSearchParams();
    const { state } = this;
    if (state.sweep) query.set("sweep", state.sweep);
    else if (state.runs.length) query.set("runs", state.runs.join(","));
    for (const [name, value] of Object.entries(DEFAULTS)) if (state[name] !== value) query.set(name, state[name]);
    if (state.group !== null && state.group !== undefined) query.set("group", state.group);
    for (const name of ["baseline", "members"]) if (state[name]) query.set(name, state[name]);
    for (const name of ["log_x", "log_y"]) if (state[name]) query.set(name, "yes");
    const text = query.toString().replaceAll("%2C", ",");
    return location.pathname + (text ? `?${text}` : "");
  }

  set(change, wait = 0) {
    Object.assign(this.state, change);
    history.replaceState(history.state, "", this.address);
    this.element.dataset.empty = this.state.runs.length ? "false" : "true";
    if (!this.state.runs.length) {
      this.picker.open();
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), wait);
  }

  ask() {
    clearTimeout(this.live);
    this.askedAt = Date.now();
    this.asked = `${this.address} ${this.askedAt}`;
    this.askedFor = this.address;
    this.element.setAttribute("aria-busy", "true");
    setProps("compare-state", { data: { ...this.state, asked: this.asked } });
  }

  async take(view) {
    if (!view || view.empty || (view.asked && view.asked !== this.asked) || !this.element.isConnected) return;
    this.element.removeAttribute("aria-busy");
    const missing = (view.missing || []).length;
    const gone = missing
      ? `${missing === 1 ? "One run is" : `${missing} runs are`} not there any more and left out.`
      : "";
    const problem = view.problem || gone;
    if (problem || this.view) document.getElementById("compare-problem").textContent = problem;
    if (view.problem) return;
    if (!view.runs.length) {
      this.set({ runs: [], sweep: null }); // nothing to draw axes for
      return;
    }
    this.view = view;
    this.updateControls();
    const address = this.askedFor; // while it is drawn, somebody may ask for something else
    await this.draw();
    if (!this.element.isConnected) return; // the page was left meanwhile
    document.body.dataset.compared = address; // what the page shows belongs to this address
    const pause = Math.max(LIVE_PAUSE, LIVE_SHARE * (Date.now() - this.askedAt));
    if (view.live.length) this.live = setTimeout(() => this.element.isConnected && this.ask(), pause);
    this.askWeights();
  }

  async draw() {
    if (!this.view) return;
    for (const figure of this.figures) {
      await figure.show(this.view.figures[figure.name]);
      // The next figure after a frame, so that the first is seen at once.
      await new Promise((done) => requestAnimationFrame(() => done()));
    }
    for (const more of [this.weights, this.confusion]) if (more.figure) await more.show(more.figure);
  }

  // -- controls

  labelled(words, control) {
    const label = make("label", "control");
    label.append(make("span", "", words), control);
    return label;
  }

  select(words, options, name) {
    const select = make("select", "field", undefined, { id: `compare-${name}` });
    for (const [value, label] of options) select.append(new Option(label, value, false, value === this.state[name]));
    select.addEventListener("change", () => this.set({ [name]: select.value }));
    return this.labelled(words, select);
  }

  toggle(words, name) {
    const input = make("input", "", undefined, { type: "checkbox", id: `compare-${name.replace("_", "-")}` });
    input.checked = Boolean(this.state[name]);
    input.addEventListener("change", () => this.set({ [name]: input.checked }));
    const label = make("label", "check");
    label.append(input, words);
    return label;
  }

  buildControls() {
    const box = document.getElementById("compare-controls");
    const entries = (name) => Object.entries(JSON.parse(this.element.dataset[name]));
    const smoothing = make("input", "slider", undefined, {
      type: "range",
      min: "0",
      max: "0.99",
      step: "0.01",
      id: "compare-smoothing",
    });
    smoothing.value = this.state.smoothing;
    const said = make(
      "output",
      "now",
      format.known(this.state.smoothing) ? Number(this.state.smoothing).toFixed(2) : "0",
    );
    smoothing.addEventListener("input", () => {
      said.textContent = Number(smoothing.value).toFixed(2);
      this.set({ smoothing: Number(smoothing.value) }, PATIENCE);
    });
    const slider = this.labelled("Smoothing", smoothing);
    slider.append(said);
    slider.classList.add("with-output");
    this.grouping = make("fieldset", "grouping");
    const actions = make("div", "compare-actions");
    const add = make("button", "button-plain", "Add runs", { type: "button" });
    add.addEventListener("click", () => this.picker.open());
    this.bundle = make("a", "button-plain", "Export", {
      href: "#",
      download: "",
      title: "These runs with their curves and weights, as a bundle that another SynRL imports",
    });
    actions.append(
      add,
      copyLinkButton(() => this.address),
      this.bundle,
    );
    const checks = make("div", "checks");
    checks.append(this.toggle("log x", "log_x"), this.toggle("log y", "log_y"));
    box.replaceChildren(
      this.select("Metric", entries("metrics"), "metric"),
      this.select("Over", entries("axes"), "x"),
      this.select(
        "Compared by",
        [
          ["final", "final value"],
          ["best", "best value"],
        ],
        "statistic",
      ),
      slider,
      checks,
      actions,
      this.grouping,
    );
  }

  // What the runs differ in decides what they can be grouped by.
  updateControls() {
    this.bundle.href = url(`/api/v1/bundles?runs=${this.view.runs.join(",")}`);
    const { settings, grouped_by: grouped } = this.view;
    const alone = this.state.group === "none";
    const said = JSON.stringify([settings, grouped, alone]);
    if (this.groupingSaid === said) return;
    this.groupingSaid = said;
    const focused = this.grouping.contains(document.activeElement) ? document.activeElement.value : null;
    const boxes = settings.map(({ name, title }) => {
      const input = make("input", "", undefined, { type: "checkbox", value: name });
      input.checked = grouped.includes(name) && !alone;
      const label = make("label", "check");
      label.append(input, title);
      return label;
    });
    this.grouping.replaceChildren(make("legend", "", "Group by"), ...boxes);
    this.grouping.hidden = boxes.length === 0;
    this.grouping.onchange = () => {
      const chosen = [...this.grouping.querySelectorAll("input:checked")].map((input) => input.value);
      const usual = settings.map((one) => one.name).filter((name) => name !== "seed");
      const isUsual = chosen.length === usual.length && usual.every((name) => chosen.includes(name));
      const everything = chosen.length === settings.length && chosen.includes("seed");
      this.set({ group: isUsual ? null : everything ? "none" : chosen.join(",") });
    };
    if (alone) this.grouping.querySelectorAll("input").forEach((input) => (input.checked = true));
    const again = focused && [...this.grouping.querySelectorAll("input")].find((input) => input.value === focused);
    if (again) again.focus();
  }

  // Judging loads the data in another process: done when somebody asks.
  askConfusions(button) {
    const groups = this.view.groups.slice(0, 8);
    button.disabled = true;
    button.textContent = "Judging …";
    const wanted = {
      runs: groups.map((group) => group.run),
      labels: groups.map((group) => group.label),
      columns: networksInARow(this.confusion.element),
      asked: Date.now(),
    };
    setProps("compare-confusion-state", { data: wanted });
  }

  async takeConfusions(view) {
    const button = document.getElementById("compare-confusion-ask");
    if (!view || !button) return;
    button.disabled = false;
    button.textContent = "Judge again";
    this.confusion.panel.querySelector(".now").textContent = view.problem || "";
    if (view.figure) await this.confusion.show(view.figure);
    document.body.dataset.comparedConfusions = view.problem ? "problem" : "drawn";
  }

  clicked(event) {
    const ask = event.target.closest("#compare-confusion-ask");
    if (ask && this.view) this.askConfusions(ask);
    const button = event.target.closest("[data-pin], [data-members], [data-remove]");
    if (!button) return;
    const { pin, members, remove } = button.dataset;
    const pressed = button.getAttribute("aria-pressed") === "true";
    if (pin) this.set({ baseline: pressed ? null : pin });
    if (members) {
      const opened = new Set((this.state.members || "").split(",").filter(Boolean));
      if (pressed) opened.delete(members);
      else opened.add(members);
      this.set({ members: [...opened].join(",") });
    }
    if (remove) this.set({ runs: this.state.runs.filter((run) => run !== remove), sweep: null });
  }

  // -- weights: many numbers, so they are fetched when somebody comes near them

  watchWeights() {
    this.near = false;
    const look = (entries) => {
      this.near = entries.at(-1).isIntersecting;
      if (this.near) this.askWeights();
    };
    this.observer = new IntersectionObserver(look, { rootMargin: "300px" });
    this.observer.observe(this.weights.panel);
  }

  askWeights() {
    if (!this.near || !this.view) return;
    const groups = this.view.groups.slice(0, 8);
    const wanted = {
      runs: groups.map((group) => group.run),
      labels: groups.map((group) => group.label),
      layer: this.layer,
      columns: networksInARow(this.weights.element),
    };
    const said = JSON.stringify(wanted);
    if (said === this.weightsAsked) return;
    this.weightsAsked = said;
    setProps("compare-weights-state", { data: wanted });
  }

  async takeWeights(view) {
    const box = document.getElementById("compare-weights-controls");
    if (!view || !box) return;
    if (view.empty) {
      this.weights.panel.hidden = true;
      return;
    }
    const select = make("select", "field", undefined, { "aria-label": "Layer" });
    for (let layer = 0; layer < view.layers; layer++) {
      const words = layer === view.layers - 1 ? `layer ${layer + 1}, to the outputs` : `layer ${layer + 1}`;
      select.append(new Option(words, layer, false, layer === view.layer));
    }
    select.addEventListener("change", () => {
      this.layer = Number(select.value);
      this.askWeights();
    });
    const focused = box.contains(document.activeElement);
    box.replaceChildren(select);
    if (focused) select.focus();
    await this.weights.show(view.figure);
    document.body.dataset.comparedWeights = view.layer;
  }

  close() {
    clearTimeout(this.timer);
    clearTimeout(this.live);
    this.forget();
    this.observer.disconnect();
  }
}

let page = null;

export function mountCompare() {
  const element = document.getElementById("compare-page");
  if (page) page.close();
  page = null;
  delete document.body.dataset.compared;
  if (element) {
    loadPlotly();
    page = new ComparePage(element, JSON.parse(element.dataset.state));
  }
}

export function showComparison(view) {
  if (page) page.take(view);
}

export function showConfusions(view) {
  if (page) page.takeConfusions(view);
}

export function showComparedWeights(view) {
  if (page) page.takeWeights(view);
}
