// The tab "Over time" of a run with a recurrent or spiking network: what its hidden units do while it reads one validation
// sample, at the moment in view.

import { FigureView } from "../charts/figure_view.js";
import { offer } from "../charts/save.js";
import { call, messageOf } from "../core/api.js";
import { byId, make, text, within } from "../core/dom.js";
import * as format from "../core/format.js";
import { onChange } from "../core/theme.js";
import { inWords, rowsOfStates, statesFigure } from "./states_figure.js";

/** @import { StatesRead } from "../types/schemas.js" */
/** @import { RunView } from "./page.js" */

const SLOW = 300; // ms until the page says that it is waiting
const AGAIN = 2000; // ms between two requests while a run trains

export class RunStates {
  /** @param {RunView} view */
  constructor(view) {
    this.view = view;
    this.place = 0;
    this.shownKey = "";
    this.askedAt = 0;
    this.closed = false;
    /** @type {StatesRead | null} */
    this.states = null;
    this.figure = new FigureView("states");
    this.controls = byId("states-controls");
    this.select = /** @type {HTMLSelectElement} */ (within(this.controls, "select"));
    this.withdraw = offer("states", { rows: () => this.states && rowsOfStates(this.states) });
    this.unwatch = onChange(() => void this.figure.redraw());
    this.controls.addEventListener("click", (event) => this.clicked(event));
    this.select.addEventListener("change", () => this.choose(Number(this.select.value)));
  }

  close() {
    this.closed = true;
    this.withdraw();
    this.unwatch();
    this.figure.close();
  }

  /** @param {MouseEvent} event */
  clicked({ target }) {
    const button = target instanceof Element ? target.closest(/** @type {"button"} */ ("button[data-by]")) : null;
    if (!button || !this.states) return;
    const { samples } = this.states;
    this.choose((this.place + Number(button.dataset.by) + samples) % samples);
  }

  /** @param {number} place of a validation sample */
  choose(place) {
    this.place = place;
    this.askedAt = 0;
    void this.load();
  }

  async load() {
    const { data, newestSnapshot, replicate } = this.view;
    const { past, run } = data;
    const iteration = past?.iteration ?? newestSnapshot;
    if (!run || iteration === undefined || this.closed) return;
    const key = `${iteration} ${replicate} ${run.started_at} ${this.place}`;
    const isSoon = !past && run.status === "running" && performance.now() - this.askedAt < AGAIN;
    if (key === this.shownKey || isSoon) return;
    this.shownKey = key;
    this.askedAt = performance.now();
    const isWanted = () => !this.closed && this.shownKey === key;
    const slow = setTimeout(() => text("states-now", "Looking …"), SLOW);
    const query = `replicate=${replicate}&iteration=${iteration}&place=${this.place}`;
    try {
      /** @type {StatesRead} */
      const states = await call("GET", `${this.view.api}/states?${query}`);
      if (!isWanted()) return;
      this.states = states;
      this.show(states);
      await this.figure.show(statesFigure(states));
    } catch (error) {
      if (!isWanted()) return;
      this.shownKey = ""; // asked again when the moment or the sample changes, or the tab comes into sight
      text("states-now", messageOf(error));
    } finally {
      clearTimeout(slow);
    }
  }

  /** @param {StatesRead} states */
  show(states) {
    const { choices, iteration, label_name: label, named_name: named, place, probabilities, samples } = states;
    text("states-now", `at iteration ${format.count(iteration)}`);
    const options = choices.map((choice) =>
      make("option", "", `class ${choice.name}`, { value: String(choice.place) }),
    );
    if (!choices.some((choice) => choice.place === place))
      options.push(make("option", "", `sample ${format.count(place + 1)}`, { value: String(place) }));
    this.select.replaceChildren(...options);
    this.select.value = String(place);
    const judged = named === label ? "correctly" : "wrongly";
    const words = [
      `Validation sample ${format.count(place + 1)} of ${format.count(samples)}: true ${label}, ${judged} predicted `,
      make("strong", "", named),
      ` (${format.percent(probabilities[0])} sure). ${inWords(states)}`,
    ];
    within(this.controls, "p").replaceChildren(...words);
  }
}
