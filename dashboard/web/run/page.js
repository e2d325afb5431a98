// The page of a run: listens to its feed and keeps figures, numbers and words up to date. What can be done with the run is
// in head.js, the inside of the network in inside.js, the tabs below in details.js.
//
// For tests and measurements: document.body.dataset has points (drawn), iteration, status and connection;
// core/latencies.js has the times until points are drawn.

import { Plot } from "../charts/plot.js";
import { watchSaving } from "../charts/save.js";
import { url } from "../core/address.js";
import { call } from "../core/api.js";
import { showConnection } from "../core/connection.js";
import { findId } from "../core/dom.js";
import { Feed } from "../core/feed.js";
import { addLatency, latencies } from "../core/latencies.js";
import { isFinal } from "../core/status.js";
import { onChange } from "../core/theme.js";
import { RunData, sharesOf } from "./data.js";
import { RunDetails } from "./details.js";
import { RunHead } from "./head.js";
import { RunInside } from "./inside.js";
import { RunOverlays } from "./overlays.js";
import { showProvenance } from "./provenance.js";
import { writeFigures } from "./words.js";

/** @import { FineWindow } from "../charts/drawing.js" */
/** @import { Range } from "../charts/plot.js" */
/** @import { ConnectionState } from "../core/connection.js" */
/** @import { Actions, Frame, Metrics, NamedId, RunRead } from "../types/schemas.js" */
/** @import { Source } from "./data.js" */

/**
 * A part of the page, which is told of what happens as far as it has methods for it.
 *
 * @typedef {object} RunPart
 * @property {() => void} [close] the page is left
 * @property {(frame: Partial<Frame>, changed: Set<Source>) => void} [receive] a frame came
 * @property {(run: RunRead) => void} [showWords] words are to be written again
 * @property {(plot: Plot) => void} [ready] a figure is drawn for the first time
 * @property {() => void} [connected] the server is there again
 * @property {(restorable: boolean) => void} [gone] the run was deleted
 * @property {() => void} [moment] another snapshot is in view
 * @property {() => void} [stored] the list of snapshots is there, or longer
 * @property {(layer: number, pictures: boolean, change: boolean) => void} [showWeights]
 * @property {(layer: number | null) => void} [showActions]
 * @property {(tab: string) => void} [showDetails]
 */

const MOST_POINTS = 4000; // beyond that the server is asked for fewer
const WINDOW_POINTS = 1500; // of what is zoomed in on
const ZOOM_REST = 150; // ms that a zoom must rest before its points are asked for
const WORDS_PAUSE = 200; // ms between two changes of the numbers in words: faster can't be read
const PATIENCE = 1500; // ms without connection before the page says so
// Least milliseconds between two drawings of a figure.
/** @satisfies {Partial<Record<NamedId, number>>} */
const PAUSES = { accuracy: 80, actions: 300, loss: 300, layers: 300, weights: 300 };
const KEPT_ON_BODY = ["points", "iteration", "status", "connection", "moment"];

export class RunView {
  /** @param {string} runId */
  constructor(runId) {
    this.runId = runId;
    this.api = url(`/api/v1/runs/${encodeURIComponent(runId)}`);
    this.data = new RunData();
    this.replicate = 0;
    this.mounted = false;
    /** @type {Plot[]} */
    this.plots = [];
    /** @type {RunPart[]} */
    this.parts = [];
    /** @type {RunInside | null} */
    this.inside = null;
    /** @type {number | null} */
    this.frame = null;
    /** @type {number | null} */
    this.wordsTimer = null;
    this.isNewPoint = false;
    this.isThinned = false;
    /** @type {number | null} */
    this.drawnMeasurement = null;
    latencies.length = 0;
    this.feed = this.listen();
  }

  /** @returns {Feed<Frame>} */
  listen() {
    this.feed?.close();
    const query = this.replicate ? `?replicate=${this.replicate}` : "";
    this.feed = new Feed(`${this.api}/live${query}`, {
      message: (/** @type {Frame} */ frame) => this.receive(frame),
      state: (state) => this.connectionChanged(state),
    });
    return this.feed;
  }

  /** The page's elements are there. */
  mount() {
    this.unmount();
    this.mounted = true;
    const listener = {
      wanted: () => this.schedule(),
      zoomed: (/** @type {Plot} */ plot, /** @type {Range | null} */ range) => this.zoomed(plot, range),
    };
    const names = /** @type {(keyof typeof PAUSES)[]} */ (Object.keys(PAUSES));
    const drawn = names.filter((name) => findId(`${name}-graph`));
    this.plots = drawn.map((name) => new Plot(name, PAUSES[name], listener));
    this.inside = new RunInside(this);
    this.parts = [new RunHead(this), new RunOverlays(this), this.inside, new RunDetails(this)];
    this.showWords();
    this.schedule();
  }

  unmount() {
    for (const plot of this.plots) plot.close();
    for (const part of this.parts) part.close?.();
    this.plots = [];
    this.parts = [];
    this.inside = null;
  }

  /** Iteration of the last stored snapshot; undefined while there is none. */
  get newestSnapshot() {
    return this.inside?.time.iterations.at(-1);
  }

  /** @param {keyof typeof PAUSES} name */
  plot(name) {
    return this.plots.find((plot) => plot.name === name);
  }

  /**
   * Show another replicate's weights and table.
   *
   * @param {number} replicate
   */
  choose(replicate) {
    this.replicate = replicate;
    this.data.live = null;
    this.listen();
  }

  /** @param {Partial<Frame>} frame */
  receive(frame) {
    if (frame.deleted) {
      this.gone(true);
      return;
    }
    const before = this.data.run;
    const changed = this.data.add(frame);
    const { run } = this.data;
    this.isNewPoint = !frame.reset;
    // The end of a run changes the axes too.
    const isOver = Boolean(frame.run && isFinal(frame.run.status));
    this.redraw(changed, frame.reset || isOver);
    document.body.dataset.status = run?.status ?? "";
    document.body.dataset.iteration = run ? String(run.iteration) : "";
    this.thin(Boolean(frame.reset));
    if (frame.run && before && before.status !== frame.run.status) this.showWords();
    else this.sayLater();
    for (const part of this.parts) part.receive?.(frame, changed);
  }

  /**
   * Have the figures drawn again that draw one of these sources.
   *
   * @param {Set<Source>} changed
   */
  redraw(changed, everything = false) {
    for (const plot of this.plots) {
      if (everything || !plot.element || [...plot.sources].some((source) => changed.has(source))) plot.dirty = true;
    }
    this.schedule();
  }

  /**
   * Take over a run as the server answered it: it may be ahead of the feed. If the feed brought the run since it was
   * asked for, the answer may be the older of the two, and the feed brings what it holds.
   *
   * @param {RunRead} run
   * @param {number} asked `RunData.states` when the request was sent
   */
  takeRun(run, asked) {
    if (this.data.states === asked) this.receive({ run });
  }

  /**
   * Long runs are drawn from fewer points: the server chooses them when the whole state is asked for.
   *
   * @param {boolean} isReset
   */
  thin(isReset) {
    if (isReset) this.isThinned = false;
    if (this.data.points <= MOST_POINTS || this.isThinned) return;
    this.isThinned = true;
    this.feed.restart();
  }

  // -- zoom: the part of the curves in view is fetched at full resolution

  /**
   * @param {Plot} plot
   * @param {Range | null} range
   */
  zoomed(plot, range) {
    clearTimeout(plot.zoomTimer);
    plot.range = range;
    if (range && plot.followsIterations) plot.zoomTimer = setTimeout(() => this.refine(plot, range), ZOOM_REST);
  }

  /**
   * @param {Plot} plot
   * @param {Range} range
   */
  async refine(plot, range) {
    const from = Math.max(0, Math.floor(range[0]));
    const to = Math.max(from, Math.ceil(range[1]));
    const query = `from_iteration=${from}&to_iteration=${to}&max_points=${WINDOW_POINTS}`;
    const fine = await this.fetchWindow(plot.sources.has("metrics"), query).catch(() => null);
    if (!fine || plot.range !== range) return;
    plot.window = fine;
    plot.redraw();
  }

  /**
   * @param {boolean} isMetrics
   * @param {string} query
   * @returns {Promise<FineWindow | null>}
   */
  async fetchWindow(isMetrics, query) {
    if (isMetrics) {
      /** @type {Metrics} */
      const metrics = await call("GET", `${this.api}/metrics?${query}`);
      return metrics.iteration.length ? { metrics } : null;
    }
    /** @type {Actions} */
    const actions = await call("GET", `${this.api}/actions?${query}`);
    return actions.iteration.length ? { shares: sharesOf(actions) } : null;
  }

  // -- drawing: one figure an animation frame, the one that waits longest first

  schedule() {
    if (this.mounted && this.frame === null) this.frame = requestAnimationFrame(() => this.drawNext());
  }

  drawNext() {
    this.frame = null;
    for (const plot of this.plots) {
      if (!plot.element && plot.ready()) for (const part of this.parts) part.ready?.(plot);
    }
    const now = performance.now();
    const due = this.plots.filter((plot) => plot.element && plot.waits && !plot.held && plot.due <= now);
    const [next] = due.sort((a, b) => a.due - b.due);
    if (next && this.data.run) this.draw(next);
    if (this.plots.some((plot) => !plot.element || (plot.waits && this.data.run))) this.schedule();
  }

  /** @param {Plot} plot */
  draw(plot) {
    plot.draw(this.data);
    if (plot.name !== "accuracy") return;
    document.body.dataset.points = String(this.data.points);
    const { measuredAt } = this.data;
    if (this.isNewPoint && measuredAt && measuredAt !== this.drawnMeasurement) {
      addLatency(Date.now() - measuredAt);
    }
    this.drawnMeasurement = measuredAt;
  }

  // -- words

  sayLater() {
    this.wordsTimer ??= setTimeout(() => this.showWords(), WORDS_PAUSE);
  }

  showWords() {
    if (this.wordsTimer !== null) clearTimeout(this.wordsTimer);
    this.wordsTimer = null;
    const { run } = this.data;
    if (!run || !this.mounted || !findId("run-page")) return;
    showProvenance(run);
    writeFigures(run, this.data);
    for (const part of this.parts) part.showWords?.(run);
  }

  // -- connection

  /** @param {ConnectionState} state */
  connectionChanged(state) {
    document.body.dataset.connection = state;
    showConnection(state, PATIENCE);
    if (state === "open") for (const part of this.parts) part.connected?.();
    if (state === "gone") this.gone(false);
  }

  /**
   * The run is in the trash, or deleted for good.
   *
   * @param {boolean} restorable
   */
  gone(restorable) {
    this.feed.close();
    document.body.dataset.status = "gone";
    const page = findId("run-page");
    if (!page) return;
    page.dataset.status = "gone";
    for (const part of this.parts) part.gone?.(restorable);
  }

  /**
   * The run is back from the trash.
   *
   * @param {RunRead} run
   */
  back(run) {
    this.receive({ run });
    this.listen();
  }

  close() {
    this.mounted = false;
    this.feed.close();
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    if (this.wordsTimer !== null) clearTimeout(this.wordsTimer);
    this.unmount();
    showConnection("open", 0);
    for (const key of KEPT_ON_BODY) delete document.body.dataset[key];
  }
}

/** @type {RunView | null} */
let view = null;

/** @param {string} runId */
export function openRun(runId) {
  if (view?.runId === runId) return view;
  closeRun();
  view = new RunView(runId);
  return view;
}

export function closeRun() {
  view?.close();
  view = null;
}

/** @param {string} runId */
export function mountRun(runId) {
  watchSaving();
  if (findId("run-page")?.dataset.run === runId) openRun(runId).mount();
}

/**
 * Choices of the heatmap's controls.
 *
 * @param {string | number | null} layer
 * @param {string} as pictures or matrix
 * @param {string} measure weights or their change
 */
export function showWeights(layer, as, measure) {
  for (const part of view?.parts ?? []) part.showWeights?.(Number(layer || 0), as === "pictures", measure === "change");
}

/** @param {string} layer a number, or all */
export function showActions(layer) {
  for (const part of view?.parts ?? []) part.showActions?.(layer === "all" ? null : Number(layer));
}

/** @param {string} tab */
export function showDetails(tab) {
  for (const part of view?.parts ?? []) part.showDetails?.(tab);
}

onChange(() => {
  for (const plot of view?.plots ?? []) if (plot.element) plot.paint();
});
