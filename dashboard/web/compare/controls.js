// Controls of the comparison: metric, axis, smoothing, grouping, and what can be done with the runs.
import { url } from "../core/address.js";
import { button, byId, checkLabel, copyLinkButton, make } from "../core/dom.js";
import { groupingOf } from "./address.js";

/** @import { CompareState, ComparisonView } from "../types/schemas.js" */

const PATIENCE = 150; // ms that a slider rests before the server is asked

/**
 * @typedef {object} Controlled
 * @property {CompareState} state
 * @property {string} address
 * @property {(change: Partial<CompareState>, wait?: number) => void} set
 * @property {() => void} addRuns
 */

/** @typedef {{ metrics: Record<string, string>, axes: Record<string, string> }} Choices words by values */

export class Controls {
  /**
   * @param {Controlled} page
   * @param {Choices} choices
   */
  constructor(page, { axes, metrics }) {
    this.page = page;
    this.grouping = make("fieldset", "grouping");
    this.groupingShown = "";
    this.bundle = make("a", "button-plain", "Export", {
      href: "#",
      download: "",
      title: "These runs with their curves and weights, as a bundle that another SynRL imports",
    });
    const add = button("button-plain", "Add runs", () => page.addRuns());
    const link = copyLinkButton(() => page.address);
    const more = button("button-plain more-controls", "More controls", () => {
      const isOpen = more.getAttribute("aria-expanded") !== "true";
      more.setAttribute("aria-expanded", String(isOpen));
      more.textContent = isOpen ? "Fewer controls" : "More controls";
    });
    more.setAttribute("aria-expanded", "false");
    byId("compare-controls").replaceChildren(
      this.select("Metric", Object.entries(metrics), "metric"),
      this.select("Over", Object.entries(axes), "x"),
      this.select("Compared by", Object.entries({ final: "final value", best: "best value" }), "statistic"),
      more,
      this.smoothing(),
      make("div", "checks", undefined, {}, this.check("log x", "log_x"), this.check("log y", "log_y")),
      make("div", "compare-actions", undefined, {}, add, link, this.bundle),
      this.grouping,
    );
  }

  /**
   * @param {string} words
   * @param {[string, string][]} options value and words of each
   * @param {"metric" | "x" | "statistic"} name
   */
  select(words, options, name) {
    const { page } = this;
    const select = make("select", "field", undefined, { id: `compare-${name}` });
    for (const [value, label] of options) {
      select.append(new Option(label, value, false, value === page.state[name]));
    }
    select.addEventListener("change", () => page.set({ [name]: select.value }));
    return control(words, select);
  }

  smoothing() {
    const { page } = this;
    const slider = make("input", "slider", undefined, {
      type: "range",
      min: "0",
      max: "0.99",
      step: "0.01",
      id: "compare-smoothing",
    });
    slider.value = String(page.state.smoothing);
    const shown = make("output", "now", page.state.smoothing ? page.state.smoothing.toFixed(2) : "0");
    slider.addEventListener("input", () => {
      const smoothing = Number(slider.value);
      shown.textContent = smoothing.toFixed(2);
      page.set({ smoothing }, PATIENCE);
    });
    const label = control("Smoothing", slider, shown);
    label.classList.add("with-output");
    return label;
  }

  /**
   * @param {string} words
   * @param {"log_x" | "log_y"} name
   */
  check(words, name) {
    const { page } = this;
    const box = make("input", "", undefined, { type: "checkbox", id: `compare-${name.replace("_", "-")}` });
    box.checked = page.state[name];
    box.addEventListener("change", () => page.set({ [name]: box.checked }));
    return checkLabel(words, box);
  }

  /**
   * What the runs differ in decides what they can be grouped by.
   *
   * @param {ComparisonView} view
   */
  update({ grouped_by: grouped, runs, settings }) {
    this.bundle.href = url(`/api/v1/bundles?runs=${runs.map(({ id }) => id).join(",")}`);
    const alone = this.page.state.group === "none";
    const shown = JSON.stringify([settings, grouped, alone]);
    if (this.groupingShown === shown) return;
    this.groupingShown = shown;
    const { activeElement: active } = document;
    const focused = active instanceof HTMLInputElement && this.grouping.contains(active) ? active.value : null;
    const boxes = settings.map(({ name }) => {
      const box = make("input", "", undefined, { type: "checkbox", value: name });
      box.checked = alone || grouped.includes(name);
      return box;
    });
    const labels = boxes.map((box, i) => checkLabel(settings[i].title, box));
    this.grouping.replaceChildren(make("legend", "", "Group by"), ...labels);
    this.grouping.hidden = boxes.length === 0;
    this.grouping.onchange = () => {
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      const names = settings.map(({ name }) => name);
      this.page.set({ group: groupingOf(chosen, names) });
    };
    boxes.find((box) => box.value === focused)?.focus();
  }
}

/**
 * A control with its name above it, and what it says beside.
 *
 * @param {string} words
 * @param {HTMLElement[]} parts
 */
function control(words, ...parts) {
  return make("label", "control", undefined, {}, make("span", "", words), ...parts);
}
