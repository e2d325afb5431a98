// Draws figures that the server laid out whole: in the colours, the size of type and the width of the moment.
import { byId, findId } from "../core/dom.js";
import { pageData } from "../core/page_data.js";
import { hideDrawing, scale, template } from "../core/theme.js";
import { fitted, isCrowded, withoutNames } from "./fit.js";
import { painted } from "./paint.js";
import { plotly } from "./plotly.js";

/** @import { NamedId, PlotlyFigure } from "../types/schemas.js" */

export class FigureView {
  /** @param {NamedId} name of the panel */
  constructor(name) {
    this.name = name;
    /** @type {PlotlyFigure | null} as it was shown last */
    this.figure = null;
    this.drawnWidth = 0;
    /** @type {ResizeObserver | null} */
    this.resizes = null;
    this.element = byId(`${name}-graph`);
    const panel = this.element.closest(".panel");
    if (!(panel instanceof HTMLElement)) throw new Error(`The figure ${name} stands in no panel.`);
    this.panel = panel;
  }

  /**
   * Draw a figure; null hides its panel.
   *
   * @param {PlotlyFigure | null} figure
   */
  async show(figure) {
    if (!this.element.isConnected) return; // the page was left
    this.figure = figure;
    this.panel.hidden = !figure;
    if (!figure) return;
    this.element.style.minWidth = `${figure.least}px`;
    this.letScroll(figure.least);
    this.element.style.height = `${Math.round(scale().figures * figure.height)}px`;
    byId(`${this.name}-alternative`).textContent = figure.alternative;
    const library = await plotly();
    if (this.figure !== figure || !this.element.isConnected) return;
    const { clientHeight: height, clientWidth: width } = this.element;
    // Told, as Plotly measures an element only once: it may be narrower or higher than when it was drawn last.
    const layout = { ...fitted(figure.layout, width, scale().type), template: template(), width, height };
    const hasRoom = !isCrowded(layout, width);
    this.panel.dataset.crowded = String(!hasRoom);
    const data = hasRoom ? figure.data : withoutNames(figure.data, layout);
    await library.react(this.element, data.map(painted), layout, { ...pageData().figure_tools, responsive: true });
    hideDrawing(this.element);
    this.drawnWidth = width;
    this.watchWidth();
  }

  /** Draw it again: colours or sizes changed. */
  async redraw() {
    if (this.figure) await this.show(this.figure);
  }

  /** A column is split or joined when a figure beside it comes or goes: the figure is drawn for its new width. */
  watchWidth() {
    if (this.resizes) return;
    this.resizes = new ResizeObserver(() => {
      const { clientWidth: width } = this.element;
      if (!this.element.isConnected) this.close();
      else if (width && width !== this.drawnWidth) void this.redraw();
    });
    this.resizes.observe(this.element);
  }

  /**
   * A frame that is scrolled is reached by the keyboard too.
   *
   * @param {number} least width of the figure in pixels
   */
  letScroll(least) {
    const frame = this.element.parentElement;
    if (!frame) return;
    const title = findId(`${this.name}-title`)?.textContent ?? "";
    for (const [name, value] of Object.entries({ tabindex: "0", role: "region", "aria-label": title })) {
      if (frame.clientWidth < least) frame.setAttribute(name, value);
      else frame.removeAttribute(name);
    }
  }

  close() {
    this.resizes?.disconnect();
  }
}
