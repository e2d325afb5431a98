// Curves of a network's arms: a figure as the comparison has it, read by pointer and keyboard, saved as SVG, PNG and CSV.
import { FigureView } from "../charts/figure_view.js";
import { CurveKeys } from "../charts/keyboard.js";
import { loadPlotly } from "../charts/plotly.js";
import { watchSaving } from "../charts/save.js";
import { swatch } from "../charts/swatch.js";
import { button, make } from "../core/dom.js";
import * as format from "../core/format.js";
import { onChange } from "../core/theme.js";

/** @import { Trace } from "../types/plotly.js" */
/** @import { NamedId, PlotlyFigure } from "../types/schemas.js" */

const FORMATS = { svg: "SVG, for print", png: "PNG, for slides", csv: "CSV, the numbers" };
const CAPTION =
  "Mean validation accuracy over the trials; the band reaches one standard deviation to either side. The axis of forward passes is logarithmic. Point at the curves, or go along them with the arrow keys, to read their values; drag to zoom in.";

export class PaperCurves {
  /**
   * @param {"784-10" | "784-32-10"} part
   * @param {HTMLElement} into where it stands, hidden until it has a curve
   */
  constructor(part, into) {
    /** @type {NamedId} */
    this.name = `paper-curves-${part}`;
    this.part = part;
    const label = `Validation accuracy over forward passes, ${part}`;
    const heading = make("h4", "", "Validation accuracy over forward passes", { id: `${this.name}-title` });
    const graph = make("div", "plot", undefined, { id: `${this.name}-graph` });
    const alternative = make("p", "visually-hidden", "Not drawn yet.", { id: `${this.name}-alternative` });
    const frame = make("div", "plot-frame", undefined, {}, graph, alternative);
    const tools = make("div", "panel-tools", undefined, {}, this.saveMenu(label));
    this.names = make("ul", "curve-names");
    this.panel = make(
      "section",
      "panel paper-curves",
      undefined,
      { "aria-labelledby": heading.id },
      make("header", "", undefined, {}, heading, tools),
      this.names,
      frame,
      make("p", "caption", CAPTION),
    );
    this.panel.hidden = true;
    into.append(this.panel);
    this.graph = graph;
    this.label = label;
    /** @type {FigureView | null} */
    this.view = null;
    /** @type {() => void} */
    this.forget = () => {};
  }

  /** @param {string} label */
  saveMenu(label) {
    const summary = make("summary", "", "Save", { "aria-label": `Save the figure ${label}` });
    const buttons = Object.entries(FORMATS).map(([kind, words]) =>
      button("save-as", words, () => {}, { "data-save": kind, "data-figure": this.name }),
    );
    return make("details", "save", undefined, {}, summary, make("div", "save-menu", undefined, {}, ...buttons));
  }

  /** @param {PlotlyFigure} figure */
  async show(figure) {
    if (!this.graph.isConnected) return;
    this.showNames(figure);
    if (!this.view) {
      loadPlotly();
      watchSaving();
      const view = new FigureView(this.name);
      this.view = view;
      this.forget = onChange(() => {
        if (this.graph.isConnected) void view.redraw();
        else this.close();
      });
      new CurveKeys(this.graph, {
        label: this.label,
        place: (x) => `${format.count(Math.round(x))} forward passes`,
        value: (y) => `${(100 * y).toFixed(2)} %`,
      });
    }
    await this.view.show(figure);
  }

  /**
   * Names of the curves, for a window that has no room for them at their ends.
   *
   * @param {PlotlyFigure} figure
   */
  showNames({ data }) {
    const traces = /** @type {Trace[]} */ (data);
    const items = traces.flatMap(({ line, meta }) => {
      if (meta?.series?.role !== "mean") return [];
      const style = { colour: meta.paint?.["line.color"] ?? "", dash: line.dash };
      return [make("li", "", undefined, {}, swatch(style), make("span", "", meta.series.label))];
    });
    this.names.replaceChildren(...items);
  }

  close() {
    this.forget();
    this.view?.close();
  }
}
