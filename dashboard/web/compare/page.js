// Page of the comparison: keeps what is compared and how in the address, fetches the view of it and shows it. Text of
// people goes onto the page as text, never as HTML.

import { FigureView } from "../charts/figure_view.js";
import { loadPlotly } from "../charts/plotly.js";
import { watchSaving } from "../charts/save.js";
import { swatch } from "../charts/swatch.js";
import { call, messageOf } from "../core/api.js";
import { byId, findId, make, text } from "../core/dom.js";
import { onChange } from "../core/theme.js";
import { queryOf, withMember } from "./address.js";
import { Controls } from "./controls.js";
import { ComparedConfusions, ComparedWeights } from "./networks.js";
import { Picker } from "./picker.js";
import { groupsTable, settingsTable } from "./tables.js";

/** @import { CompareState, ComparisonView } from "../types/schemas.js" */

const LIVE_PAUSE = 3000; // least ms between two looks at runs that still train
const LIVE_SHARE = 8; // times as long as a look takes: a busy server is not asked more
const FIGURES = /** @type {const} */ ([
  "compare-curves",
  "compare-differences",
  "compare-distribution",
  "compare-parallel",
]);

class ComparePage {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @param {string} name */
    const data = (name) => JSON.parse(element.dataset[name] ?? "");
    /** @type {CompareState} */
    this.state = data("state");
    /** @type {ComparisonView | null} */
    this.view = null;
    this.timer = 0;
    /** @type {AbortController | null} the request that is on its way */
    this.asking = null;
    this.figures = FIGURES.map((name) => new FigureView(name));
    this.names = make("ul", "curve-names");
    byId("compare-curves-graph").closest(".plot-frame")?.before(this.names);
    this.weights = new ComparedWeights();
    this.confusions = new ComparedConfusions();
    this.picker = new Picker({
      compared: () => this.state.runs,
      add: (runs) => this.set({ runs: [...this.state.runs, ...runs], sweep: null }),
    });
    this.controls = new Controls(this, { metrics: data("metrics"), axes: data("axes") });
    element.addEventListener("click", (event) => this.clicked(event));
    this.forget = onChange(() => void this.draw());
    history.replaceState(history.state, "", this.address); // without what it could not follow
    if (this.state.runs.length) void this.ask();
    else this.addRuns();
  }

  // -- state and address

  get address() {
    const query = queryOf(this.state);
    return location.pathname + (query && `?${query}`);
  }

  addRuns() {
    void this.picker.open();
  }

  /**
   * Change what is compared or how, and show that.
   *
   * @param {Partial<CompareState>} change
   * @param {number} [wait] milliseconds without another change before the server is asked
   */
  set(change, wait = 0) {
    Object.assign(this.state, change);
    history.replaceState(history.state, "", this.address);
    this.element.dataset.empty = this.state.runs.length ? "false" : "true";
    if (this.state.runs.length) this.askLater(wait);
    else this.addRuns();
  }

  /** @param {number} wait milliseconds */
  askLater(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.element.isConnected) void this.ask();
    }, wait);
  }

  async ask() {
    clearTimeout(this.timer);
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const { address } = this;
    const begun = Date.now();
    this.element.setAttribute("aria-busy", "true");
    try {
      /** @type {ComparisonView} */
      const view = await call("GET", `/compare/view?${queryOf(this.state)}`, undefined, asking.signal);
      if (asking === this.asking && this.element.isConnected) await this.show(view, address);
    } catch (error) {
      if (asking !== this.asking || !this.element.isConnected) return;
      text("compare-problem", messageOf(error));
    }
    if (asking !== this.asking) return;
    this.element.removeAttribute("aria-busy");
    // What still trains is looked at again.
    if (this.view?.live.length) this.askLater(Math.max(LIVE_PAUSE, LIVE_SHARE * (Date.now() - begun)));
  }

  /**
   * @param {ComparisonView} view
   * @param {string} address that it belongs to
   */
  async show(view, address) {
    const problem = view.problem || missing(view.missing.length);
    // The first view leaves the remark of the page on its address.
    if (problem || this.view) text("compare-problem", problem);
    if (!view.runs.length) {
      this.set({ runs: [], sweep: null }); // nothing to draw axes for
      return;
    }
    const before = this.view;
    this.view = view;
    text("compare-headline", view.headline);
    this.names.replaceChildren(...namesOf(view));
    this.showTables(view, before);
    this.controls.update(view);
    await this.draw();
    if (!this.element.isConnected) return; // the page was left meanwhile
    document.body.dataset.compared = address;
    this.weights.show(view.groups);
  }

  /**
   * What did not change stays, with what is selected in it; the keyboard stays at the button that was pressed.
   *
   * @param {ComparisonView} view
   * @param {ComparisonView | null} before
   */
  showTables(view, before) {
    const { pin, members } = document.activeElement instanceof HTMLElement ? document.activeElement.dataset : {};
    const [groups, settings] = [byId("compare-groups"), byId("compare-settings")];
    if (!same(before?.groups, view.groups) || before?.is_pinned !== view.is_pinned) {
      groups.replaceChildren(groupsTable(view));
      const button = pin ? `[data-pin="${pin}"]` : members ? `[data-members="${members}"]` : "";
      if (button) groups.querySelector(/** @type {"button"} */ (button))?.focus({ preventScroll: true });
    }
    if (
      !same(before && [before.runs, before.settings, before.result_title], [
        view.runs,
        view.settings,
        view.result_title,
      ])
    ) {
      settings.replaceChildren(settingsTable(view));
    }
  }

  async draw() {
    const { view } = this;
    if (!view) return;
    for (const figure of this.figures) {
      await figure.show(view.figures[figure.name] ?? null);
      // The next figure after a frame, so that the first is seen at once.
      await new Promise((done) => requestAnimationFrame(done));
    }
    await this.weights.redraw();
    await this.confusions.redraw();
  }

  /** @param {MouseEvent} event */
  clicked({ target }) {
    if (!(target instanceof Element)) return;
    if (target.closest("#compare-confusion-ask") && this.view) void this.confusions.ask(this.view.groups);
    const button = target.closest(/** @type {"button"} */ ("[data-pin], [data-members], [data-remove]"));
    if (!button) return;
    const { pin, members, remove } = button.dataset;
    const isPressed = button.getAttribute("aria-pressed") === "true";
    if (pin) this.set({ baseline: isPressed ? null : pin });
    if (members) this.set({ members: withMember(this.state.members, members, !isPressed) });
    if (remove) this.set({ runs: this.state.runs.filter((run) => run !== remove), sweep: null });
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = null;
    this.forget();
    for (const one of [...this.figures, this.weights, this.confusions]) one.close();
  }
}

/**
 * @param {unknown} one
 * @param {unknown} other
 */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * Names of the curves, for a figure that has no room for them at their ends.
 *
 * @param {ComparisonView} view
 */
function namesOf({ groups }) {
  return groups.map(({ label, style }) => make("li", "", undefined, {}, swatch(style), make("span", "", label)));
}

/** @param {number} count of runs that are not there */
function missing(count) {
  if (!count) return "";
  return `${count === 1 ? "One run is" : `${count} runs are`} not there any more and left out.`;
}

/** @type {ComparePage | null} */
let page = null;

export function mountCompare() {
  page?.close();
  page = null;
  delete document.body.dataset.compared;
  const element = findId("compare-page");
  if (!element) return;
  watchSaving();
  loadPlotly();
  page = new ComparePage(element);
}
