// The inside of a network at one moment: now, or a stored snapshot. A slider chooses the moment (time.js), a click on a
// weight the synapse (synapse.js), and the table shows what all synapses do (policy.js).

import { PolicyTable } from "../charts/policy_table.js";
import { offer } from "../charts/save.js";
import { byId, findId, text, writing } from "../core/dom.js";
import * as format from "../core/format.js";
import { moved, startOfMoves } from "./moves.js";
import { Synapse } from "./synapse.js";
import { Time } from "./time.js";

/** @import { Rows } from "../charts/csv.js" */
/** @import { SynapsePlace } from "../charts/heatmap.js" */
/** @import { Plot } from "../charts/plot.js" */
/** @import { Frame } from "../types/schemas.js" */
/** @import { Source } from "./data.js" */
/** @import { RunView } from "./page.js" */

const NO_CONTROL = 99; // layers, where a network has so few that no control tells how many

export class RunInside {
  /** @param {RunView} view */
  constructor(view) {
    this.view = view;
    this.synapse = findId("synapse") ? new Synapse(view, this) : null;
    this.policy = findId("policy") ? new PolicyTable(byId("policy")) : null;
    this.isShown = false;
    this.hasPictures = byId("run-page").dataset.pictures === "true";
    this.pictures = this.hasPictures;
    this.layers = document.querySelectorAll("#weights-layer input[type=radio]").length || NO_CONTROL;
    this.cells = byId("weights-cells");
    this.keys = (/** @type {KeyboardEvent} */ event) => this.moveSelection(event);
    this.cells.addEventListener("keydown", this.keys);
    this.offered = [
      offer("weights", { rows: () => this.rowsOfWeights() }),
      offer("policy", { rows: () => this.policy?.rows(), table: () => this.policy?.drawing() }),
    ];
    this.time = new Time(view, this);
    view.plot("weights")?.heatmap.show(0, this.layers, this.pictures);
  }

  close() {
    this.time.close();
    for (const end of this.offered) end();
    this.synapse?.close();
    this.cells.removeEventListener("keydown", this.keys);
  }

  /**
   * The heatmap is drawn: a click on it chooses a synapse.
   *
   * @param {Plot} plot
   */
  ready(plot) {
    if (plot.name !== "weights") return;
    plot.graph.on("plotly_click", ({ points }) => {
      const chosen = plot.heatmap.synapseAt(points[0]);
      if (chosen) this.select(chosen);
    });
  }

  /**
   * @param {Partial<Frame>} frame
   * @param {Set<Source>} changed
   */
  receive(frame, changed) {
    if (frame.reset || (frame.run && frame.run.status !== "running")) void this.time.renew();
    if (changed.has("weights")) this.show();
  }

  showWords() {
    this.time.showWords();
    if (!this.isShown) this.show();
  }

  /**
   * @param {number} layer
   * @param {boolean} pictures
   * @param {boolean} change
   */
  showWeights(layer, pictures, change) {
    this.pictures = pictures;
    this.view.data.showsChange = change;
    this.view.plot("weights")?.heatmap.show(layer, this.layers, pictures);
    if (change) void this.time.fetchStart();
    this.show();
  }

  /**
   * For CSV: every synapse of the layer in view, whether drawn as picture or matrix. As coarse as it is drawn: 127 steps
   * from zero to the layer's largest weight.
   *
   * @returns {Rows | null}
   */
  rowsOfWeights() {
    const { cells, snapshot, showsChange } = this.view.data;
    const index = this.view.plot("weights")?.layer ?? 0;
    const shown = cells?.layer(index);
    if (!shown || !snapshot) return null;
    const { iteration } = snapshot;
    const { layer, first } = snapshot.matrices[index];
    /** @type {(unit: number, input: number | "bias", value: number) => (string | number)[]} */
    const row = (unit, input, value) => [iteration, layer + 1, unit + 1, input, Number(value.toPrecision(4))];
    const rows = shown.weights.flatMap((weights, unit) => [
      ...(shown.biases.length ? [row(unit, "bias", shown.biases[unit][0])] : []),
      ...Array.from(weights, (value, input) => row(unit, first + input + 1, value)),
    ]);
    return [["iteration", "layer", "unit", "input", showsChange ? "change" : "weight"], ...rows];
  }

  /** @param {SynapsePlace} synapse */
  select(synapse) {
    this.view.plot("weights")?.heatmap.select(synapse);
    this.synapse?.select(synapse);
  }

  /** Show the snapshot that is in view now: another was chosen, or a newer one came. */
  show() {
    const { cells, run, showsChange, snapshot } = this.view.data;
    if (!snapshot) return;
    this.isShown = true;
    document.body.dataset.moment = String(snapshot.iteration);
    const at = `at iteration ${format.count(snapshot.iteration)}`;
    const replicate = run && run.config.replicates > 1 ? `, replicate ${snapshot.replicate + 1}` : "";
    const weights = showsChange ? "Change of the weights since the start" : "Weights";
    const { lostWords } = snapshot;
    text("weights-now", lostWords ? `${at}: ${lostWords}` : at);
    text(
      "weights-alternative",
      cells
        ? `${weights} ${at}${replicate}, ${snapshot.layers.length} layers; the largest is ${format.number(cells.largest)} in size.`
        : "The weights at the start are being fetched.",
    );
    if (this.policy && snapshot.policy) {
      this.policy.show(snapshot.policy);
      text("policy-now", at);
    }
    this.synapse?.renew();
    this.time.showWords();
  }

  /**
   * The keyboard on the heatmap.
   *
   * @param {KeyboardEvent} event
   */
  moveSelection(event) {
    if (writing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const plot = this.view.plot("weights");
    const matrix = this.view.data.snapshot?.matrices[plot?.layer ?? 0];
    if (!plot || !matrix) return;
    const { first, layer, sources } = matrix;
    const picture = plot.heatmap.mosaic?.width ?? null;
    const shape = { inputs: sources, units: matrix.coded.columns, picture, bias: matrix.kind === "forward" };
    const from = plot.heatmap.selectedIn(matrix);
    const next = from ? moved(event.key, from, shape) : startOfMoves(event.key, layer);
    if (!next) return;
    event.preventDefault();
    this.select({ ...next, input: next.input && next.input + first });
  }
}
