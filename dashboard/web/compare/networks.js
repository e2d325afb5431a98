// Networks of a comparison, one of each group: their weights and their confusion matrices side by side.
import { FigureView } from "../charts/figure_view.js";
import { call, messageOf } from "../core/api.js";
import { byId, findId, make, text } from "../core/dom.js";
import { scale } from "../core/theme.js";

/** @import { ComparedGroupRow, ConfusionsView, NetworksView } from "../types/schemas.js" */

const MOST_NETWORKS = 8;
const MOST_LABEL = 200; // letters
const NETWORK_WIDTH = 300; // px of one network beside others, for type of the usual size

/**
 * The query that asks for the first networks, as many in a row as there is room for.
 *
 * @param {ComparedGroupRow[]} groups
 * @param {HTMLElement} element where they are drawn
 */
function queryOf(groups, element) {
  const query = new URLSearchParams();
  for (const { label, runs } of groups.slice(0, MOST_NETWORKS)) {
    query.append("run", runs[0]);
    query.append("label", label.slice(0, MOST_LABEL));
  }
  query.set("columns", String(Math.max(1, Math.floor(element.clientWidth / (NETWORK_WIDTH * scale().type)))));
  return query;
}

/** Weights: many numbers, so they are fetched when someone comes near them. */
export class ComparedWeights {
  constructor() {
    this.view = new FigureView("compare-weights");
    /** @type {ComparedGroupRow[]} */
    this.groups = [];
    this.layer = 0;
    this.asked = "";
    this.isNear = false;
    this.observer = new IntersectionObserver(
      (entries) => {
        this.isNear = entries.at(-1)?.isIntersecting ?? false;
        void this.ask();
      },
      { rootMargin: "300px" },
    );
    this.observer.observe(this.view.panel);
  }

  /** @param {ComparedGroupRow[]} groups */
  show(groups) {
    this.groups = groups;
    void this.ask();
  }

  async ask() {
    if (!this.isNear || !this.groups.length) return;
    const query = queryOf(this.groups, this.view.element);
    query.set("layer", String(this.layer));
    const asked = query.toString();
    if (asked === this.asked) return;
    this.asked = asked;
    try {
      /** @type {NetworksView} */
      const answer = await call("GET", `/compare/networks?${asked}`);
      if (this.asked === asked) await this.draw(answer);
    } catch (error) {
      if (this.asked !== asked) return;
      this.asked = ""; // the next look asks again
      text("compare-weights-now", messageOf(error));
    }
  }

  /** @param {NetworksView} answer */
  async draw({ figure, layer, layers }) {
    const place = findId("compare-weights-controls");
    if (!place) return; // the page was left
    text("compare-weights-now", "");
    if (figure) this.showChoice(place, layers, layer);
    await this.view.show(figure);
    if (figure) document.body.dataset.comparedWeights = String(layer);
  }

  /**
   * @param {HTMLElement} place
   * @param {number} layers
   * @param {number} shown layer
   */
  showChoice(place, layers, shown) {
    const select = make("select", "field", undefined, { "aria-label": "Layer" });
    for (let layer = 0; layer < layers; layer++) {
      const source = layer ? `hidden layer ${layer}` : "input";
      const words = layer === layers - 1 ? `${source} → output` : `from ${layer ? source : "the input"}`;
      select.append(new Option(words, String(layer), false, layer === shown));
    }
    select.addEventListener("change", () => {
      this.layer = Number(select.value);
      void this.ask();
    });
    const focused = place.contains(document.activeElement);
    place.replaceChildren(select);
    if (focused) select.focus();
  }

  redraw() {
    return this.view.redraw();
  }

  close() {
    this.observer.disconnect();
    this.view.close();
  }
}

/** Confusion matrices: judging loads the data in another process, so it is done when someone asks. */
export class ComparedConfusions {
  constructor() {
    this.view = new FigureView("compare-confusion");
  }

  /** @param {ComparedGroupRow[]} groups */
  async ask(groups) {
    const pressed = /** @type {HTMLButtonElement} */ (byId("compare-confusion-ask"));
    pressed.disabled = true;
    pressed.textContent = "Judging …";
    try {
      /** @type {ConfusionsView} */
      const answer = await call("GET", `/compare/confusions?${queryOf(groups, this.view.element)}`);
      await this.draw(answer);
    } catch (error) {
      await this.draw({ figure: null, problem: messageOf(error) });
    } finally {
      pressed.disabled = false;
      pressed.textContent = "Judge again";
    }
  }

  /** @param {ConfusionsView} answer */
  async draw({ figure, problem }) {
    if (!this.view.panel.isConnected) return;
    text("compare-confusion-now", problem);
    if (figure) await this.view.show(figure);
    document.body.dataset.comparedConfusions = figure ? "drawn" : "problem";
  }

  redraw() {
    return this.view.redraw();
  }

  close() {
    this.view.close();
  }
}
