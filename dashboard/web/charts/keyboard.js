// Values of curves by the keyboard: the arrow keys go along x, the figure shows what the pointer would show there, and a
// live region says it.
import { make, text } from "../core/dom.js";
import { loadedPlotly } from "./plotly.js";

/** @import { Graph, Trace } from "../types/plotly.js" */

/** Points that a key moves by; Infinity: to the end. @type {Record<string, number>} */
const STEPS = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageDown: -10,
  PageUp: 10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/**
 * @typedef {object} CurveWords
 * @property {string} label of the figure
 * @property {(x: number) => string} place
 * @property {(y: number) => string} value
 */

export class CurveKeys {
  /**
   * @param {HTMLElement} element that Plotly draws into
   * @param {CurveWords} words
   */
  constructor(element, words) {
    this.element = element;
    this.words = words;
    this.at = -1;
    this.said = make("p", "visually-hidden", "", { role: "status" });
    element.after(this.said);
    for (const [name, value] of Object.entries({
      tabindex: "0",
      role: "group",
      "aria-label": `${words.label}. Arrow keys read the values.`,
    })) {
      element.setAttribute(name, value);
    }
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("blur", () => this.leave());
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape") this.leave();
    const step = STEPS[event.key];
    const graph = /** @type {Graph} */ (this.element);
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey || !graph._fullData) return;
    event.preventDefault();
    const curves = graph._fullData.filter((trace) => trace.meta?.series?.role === "mean");
    const places = placesOf(curves);
    if (!places.length) return;
    this.at = Math.max(0, Math.min(places.length - 1, this.at < 0 && step === -1 ? places.length - 1 : this.at + step));
    const x = places[this.at];
    text(this.said, `${this.words.place(x)}: ${curves.map((trace) => this.told(trace, x)).join("; ")}`);
    loadedPlotly().Fx.hover(graph, { xval: x }, "xy");
  }

  /**
   * A curve's value at its point that is nearest to a place.
   *
   * @param {Trace} trace
   * @param {number} x
   */
  told(trace, x) {
    const xs = along(trace);
    const nearest = nearestTo(xs, x);
    const y = trace.y?.[nearest];
    const about = trace.customdata?.[nearest] ?? "";
    return Number.isFinite(y) ? `${trace.name} ${this.words.value(y)}${about}` : `${trace.name} nothing`;
  }

  leave() {
    this.at = -1;
    text(this.said, "");
    const graph = /** @type {Graph} */ (this.element);
    if (graph._fullData) loadedPlotly().Fx.unhover(graph);
  }
}

/**
 * Every x at which one of the curves has a point, once.
 *
 * @param {Trace[]} curves
 */
export function placesOf(curves) {
  const found = new Set(curves.flatMap(along));
  return [...found].filter((x) => x > 0).sort((one, other) => one - other);
}

/**
 * @param {Trace} trace
 * @returns {number[]}
 */
export function along(trace) {
  if (trace.x) return Array.from(trace.x, Number);
  return Array.from(trace.y ?? [], (_, place) => trace.x0 + place * trace.dx);
}

/**
 * @param {number[]} values in order
 * @param {number} wanted
 */
export function nearestTo(values, wanted) {
  let best = 0;
  for (const [place, value] of values.entries()) {
    if (Math.abs(value - wanted) < Math.abs(values[best] - wanted)) best = place;
  }
  return best;
}
