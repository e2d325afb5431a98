// A drawn figure that follows the data of a run. A trace notes in its `meta` which series it draws and in which roles its
// colours stand (dashboard/figures/traces.py); nothing here knows a figure.
import { isFinal } from "../core/status.js";
import { colour, hideDrawing, projector, scale, scheme, template } from "../core/theme.js";
import { axisEnd, tickDistance } from "./axis_end.js";
import { DRAW, largest } from "./drawing.js";
import { Heatmap } from "./heatmap.js";
import { paints } from "./paint.js";
import { loadedPlotly } from "./plotly.js";

/** @import { Column } from "../run/column.js" */
/** @import { RunData, Source } from "../run/data.js" */
/** @import { Attributes, Graph, Series } from "../types/plotly.js" */
/** @import { FineWindow } from "./drawing.js" */

/** @typedef {[number, number]} Range first and last iteration in view */

/**
 * @typedef {object} PlotListener
 * @property {() => void} wanted called when the plot has something to draw that no frame of the feed brought
 * @property {(plot: Plot, range: Range | null) => void} zoomed called when someone zoomed in; null: out again
 */

const HOVER_GAP = 5; // px, as Plotly's
const BUSY = 5; // the pause between two drawings is at least so many times as long as one takes
const RELEASES = /** @type {const} */ (["pointerup", "pointercancel", "blur"]);

/** Changes to several traces at once, as Plotly takes them: for each attribute one value a trace; undefined: as it is. */
class TraceChanges {
  /** @param {number} traces */
  constructor(traces) {
    this.traces = traces;
    /** @type {Record<string, unknown[]>} */
    this.attributes = {};
  }

  /**
   * @param {number} trace
   * @param {string} attribute
   * @param {unknown} value
   */
  set(trace, attribute, value) {
    this.attributes[attribute] ??= new Array(this.traces).fill(undefined);
    this.attributes[attribute][trace] = value;
  }
}

export class Plot {
  /**
   * @param {string} name of the panel
   * @param {number} pause least milliseconds between two drawings; more when drawing is slow, so that the page stays free
   * @param {PlotListener} listener
   */
  constructor(name, pause, { wanted, zoomed }) {
    this.name = name;
    this.pause = pause;
    this.wanted = wanted;
    this.listenZoomed = zoomed;
    /** @type {Graph | null} */
    this.element = null;
    /** @type {(Series | null)[]} series of each trace */
    this.series = [];
    /** @type {Set<Source>} */
    this.sources = new Set();
    /** @type {Attributes | null} layout as Dash drew it last */
    this.layout = null;
    /** @type {Record<string, number> | null} */
    this.margin = null;
    this.dirty = false;
    this.due = 0;
    this.zoomed = false;
    /** @type {Range | null} */
    this.range = null;
    this.zoomTimer = 0;
    this.visible = true;
    this.held = false;
    /** @type {number | null} layer in view, or matrix of weights; null: all of them */
    this.layer = null;
    this.heatmap = new Heatmap(this);
    /** @type {number | null} end of the axis as drawn; null: not drawn since Dash drew the figure */
    this.xEnd = null;
    /** @type {number | null} end of the axis when it last followed the run */
    this.followed = null;
    /** @type {FineWindow | null} */
    this.window = null;
    this.shapes = "";
    this.release = () => {
      this.held = false;
    };
    /** @type {IntersectionObserver | null} */
    this.observer = null;
  }

  /** The drawn element; an Error before `ready`. */
  get graph() {
    if (!this.element) throw new Error(`The figure ${this.name} is not drawn yet.`);
    return this.element;
  }

  get size() {
    return this.graph._fullLayout._size;
  }

  /** Find the drawn graph; false while Plotly or React is not done with it. */
  ready() {
    if (this.element) return true;
    const element = /** @type {Graph | null} */ (document.querySelector(`#${this.name}-graph .js-plotly-plot`));
    if (!element?._fullLayout?._size) return false;
    this.element = element;
    this.series = element.data.map((trace) => trace.meta?.series ?? null);
    this.sources = new Set(this.series.flatMap((series) => (series ? [/** @type {Source} */ (series.of)] : [])));
    element.on("plotly_relayout", (change) => this.axesChanged(change));
    element.on("plotly_doubleclick", () => this.unzoom());
    element.on("plotly_afterplot", () => {
      if (element.layout !== this.layout) this.adopt();
    });
    element.on("plotly_hover", () => this.keepEndsInView());
    this.watchVisibility(element);
    this.watchPointer(element);
    this.adopt();
    hideDrawing(element);
    element.closest(".graph-frame")?.classList.add("ready");
    return true;
  }

  get followsIterations() {
    return this.sources.has("metrics") || this.sources.has("shares");
  }

  /**
   * Take over the figure as it came from the server, in light colours: now, and whenever Dash draws it anew, which it
   * does after someone zoomed. Plotly keeps the zoom then (uirevision).
   */
  adopt() {
    this.layout = this.graph.layout;
    this.margin ??= { ...this.layout.margin };
    this.xEnd = null;
    this.shapes = "";
    if (scheme() === "dark" || projector()) this.paint();
    this.heatmap.adopt();
    this.redraw();
  }

  /** @param {Attributes} change */
  axesChanged(change) {
    const [start, end] = [0, 1].map((i) => change[`xaxis.range[${i}]`] ?? change["xaxis.range"]?.[i]);
    if (change["xaxis.autorange"] || this.zoomedOut(change, start, end)) this.unzoom();
    else if (end !== undefined) {
      this.zoomed = true;
      this.listenZoomed(this, [start, end]);
    }
  }

  /**
   * Whether a change of the axes is Plotly's way back, by double click or the button: to the range that the figure came
   * with, or to any that holds all there is.
   *
   * @param {Attributes} change
   * @param {number | undefined} start
   * @param {number | undefined} end
   */
  zoomedOut(change, start, end) {
    if (this.zoomed && change["yaxis.autorange"]) return true;
    return start !== undefined && end !== undefined && start <= 0 && this.followed !== null && end >= this.followed;
  }

  unzoom() {
    if (this.zoomed) this.listenZoomed(this, null);
    this.zoomed = false;
    this.window = null;
    this.xEnd = null;
    this.dirty = true;
    this.wanted();
  }

  /**
   * Plotly puts the numbers under the pointer where there is room, over the words at the curves' ends too: put them to
   * the pointer's left instead.
   */
  keepEndsInView() {
    const hover = this.graph.querySelector(".hoverlayer");
    const box = /** @type {SVGGElement | null} */ (hover?.querySelector(":scope > .legend") ?? null);
    const ground = /** @type {SVGRectElement | null} */ (box?.querySelector(".bg") ?? null);
    if (!hover || !box || !ground || !this.series.some((series) => series?.role === "ends")) return;
    const { l: left, w: width } = this.size;
    const at = box.transform.baseVal.getItem(0).matrix;
    const room = ground.width.baseVal.value;
    if (at.e + room <= left + width) return;
    const pointer = /** @type {SVGLineElement | null} */ (hover.querySelector(":scope > .spikeline"));
    const x = pointer ? pointer.x1.baseVal.value : left + width;
    box.setAttribute("transform", `translate(${Math.max(0, x - room - HOVER_GAP)},${at.f})`);
  }

  /**
   * A figure out of sight is not drawn until it comes into sight.
   *
   * @param {Element} element
   */
  watchVisibility(element) {
    this.observer = new IntersectionObserver(
      (entries) => {
        this.visible = entries.at(-1)?.isIntersecting ?? false;
        if (this.visible) this.wanted();
      },
      { rootMargin: "100px" },
    );
    this.observer.observe(element);
  }

  /**
   * While someone drags a frame to zoom in, the figure is not drawn.
   *
   * @param {HTMLElement} element
   */
  watchPointer(element) {
    element.addEventListener("pointerdown", () => {
      this.held = true;
    });
    for (const end of RELEASES) window.addEventListener(end, this.release);
  }

  /** Whether there is something to draw that can be seen. */
  get waits() {
    return this.dirty && this.visible;
  }

  /** Give the figure the colours and the size of type in view. */
  paint() {
    const changes = new TraceChanges(this.graph.data.length);
    for (const [index, trace] of this.graph.data.entries()) {
      for (const [attribute, value] of paints(trace)) changes.set(index, attribute, value);
    }
    this.update(changes, { template: template(), ...this.margins() });
    this.shapes = "";
    this.redraw();
  }

  /**
   * @param {TraceChanges} changes
   * @param {Attributes} layout
   */
  update(changes, layout) {
    const indices = [...this.graph.data.keys()];
    void loadedPlotly().update(this.graph, changes.attributes, layout, indices);
  }

  /** Room around the figure for type of this size. Figures come with what they need for the usual one. */
  margins() {
    const sides = Object.entries(this.margin ?? {});
    return Object.fromEntries(sides.map(([side, pixels]) => [`margin.${side}`, Math.round(scale().type * pixels)]));
  }

  /** Have it drawn again as soon as there is time. */
  redraw() {
    this.dirty = true;
    this.due = 0;
    this.wanted();
  }

  /** @param {RunData} data */
  draw(data) {
    const begun = performance.now();
    const changes = new TraceChanges(this.series.length);
    for (const [index, series] of this.series.entries()) {
      if (series) DRAW[series.of](data, series, (name, value) => changes.set(index, name, value), this);
    }
    this.update(changes, this.layoutChanges(data));
    this.dirty = false;
    this.due = performance.now() + Math.max(this.pause, BUSY * (performance.now() - begun));
  }

  /** @param {RunData} data */
  layoutChanges(data) {
    /** @type {Attributes} */
    const changes = {};
    if (this.followsIterations && !this.zoomed) {
      const end = data.run ? axisEnd(data.run, isFinal(data.run.status)) : 1;
      if (end !== this.xEnd) Object.assign(changes, { "xaxis.range": [0, end], "xaxis.dtick": tickDistance(end) });
      this.xEnd = end;
      this.followed = end;
    }
    const cells = this.sources.has("weights") ? data.cells : null;
    if (cells) Object.assign(changes, this.heatmap.layoutChanges(cells.layer(this.layer ?? 0), data));
    const shapes = this.sources.has("weights")
      ? this.heatmap.selection()
      : this.followsIterations
        ? momentLine(data)
        : [];
    if (JSON.stringify(shapes) !== this.shapes) changes.shapes = shapes;
    this.shapes = JSON.stringify(shapes);
    return changes;
  }

  /**
   * Show the actions of one layer; null: of all.
   *
   * @param {number | null} layer
   */
  showLayer(layer) {
    this.layer = layer;
    this.redraw();
  }

  /**
   * Ends of the y axis, and how much of it a pixel is. An axis that follows its data will reach from 0 to the largest.
   *
   * @param {(Column | undefined)[]} columns
   */
  yScale(columns) {
    const { range, autorange, _length: pixels } = this.graph._fullLayout.yaxis;
    const [bottom, top] = autorange ? [0, 1.05 * largest(columns)] : [Math.min(...range), Math.max(...range)];
    return { bottom, top, perPixel: (top - bottom) / pixels };
  }

  close() {
    clearTimeout(this.zoomTimer);
    this.observer?.disconnect();
    for (const end of RELEASES) window.removeEventListener(end, this.release);
  }
}

/**
 * A line at the iteration of the weights in view, if that is a stored one.
 *
 * @param {RunData} data
 */
function momentLine({ past }) {
  if (!past) return [];
  const { iteration } = past;
  const line = { color: colour("ink"), width: 1, dash: "dot" };
  return [{ type: "line", xref: "x", yref: "paper", x0: iteration, x1: iteration, y0: 0, y1: 1, line }];
}
