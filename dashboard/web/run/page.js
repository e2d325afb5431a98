// @ts-nocheck
// The page of a run: listens to its feed and keeps figures, numbers and words up to date. What can be done with the
// run is in head.js, what is inside the network in inside.js, the tabs below in details.js.
//
// For tests and the curious: document.body.dataset has points (drawn), iteration, status and connection, and
// `latencies` (window.dash_clientside.synrl.latencies) holds the newest times from a point's measurement in the worker to
// its drawing, in milliseconds.

import { Plot } from "../charts/plot.js";
import { url } from "../core/address.js";
import { call } from "../core/api.js";
import { showConnection } from "../core/connection.js";
import { setProps } from "../core/dash.js";
import { text } from "../core/dom.js";
import { Feed } from "../core/feed.js";
import * as format from "../core/format.js";
import { isFinal } from "../core/status.js";
import { onChange } from "../core/theme.js";
import { RunData } from "./data.js";
import { RunDetails } from "./details.js";
import { RunHead } from "./head.js";
import { RunInside } from "./inside.js";
import { RunOverlays } from "./overlays.js";

// Newest last; those of the run in view.
export const latencies = [];
const LATENCIES = 500;
const MOST_POINTS = 4000; // beyond that the server is asked for fewer
const WINDOW_POINTS = 1500; // of what is zoomed in on
const FINER = ["metrics", "shares"]; // series of which the server has more than is drawn
const WINDOW_PAUSE = 150; // ms that a zoom must rest before it is asked for
const WORDS_PAUSE = 200; // ms between two changes of the numbers in words: faster can't be read
const PATIENCE = 1500; // ms without connection before the page says so
// Least milliseconds between two drawings of a figure.
const PAUSES = { accuracy: 80, actions: 300, loss: 300, layers: 300, weights: 300 };

class RunView {
  constructor(runId) {
    this.runId = runId;
    this.api = url(`/api/v1/runs/${encodeURIComponent(runId)}`);
    this.data = new RunData();
    this.replicate = 0;
    this.mounted = false;
    this.plots = [];
    this.parts = [];
    this.frame = null;
    this.wordsTimer = null;
    this.listener = { message: (frame) => this.take(frame), state: (state) => this.connection(state) };
    latencies.length = 0;
    this.listen();
  }

  listen() {
    if (this.feed) this.feed.close();
    const whose = this.replicate ? `?replicate=${this.replicate}` : "";
    this.feed = new Feed(`${this.api}/live${whose}`, this.listener);
  }

  // The page's elements are there.
  mount() {
    this.unmount();
    this.mounted = true;
    const told = { wanted: () => this.schedule(), looked: (plot, range) => this.zoomed(plot, range) };
    this.plots = Object.entries(PAUSES)
      .filter(([name]) => document.getElementById(`${name}-graph`))
      .map(([name, pause]) => new Plot(name, pause, told));
    this.parts = [RunHead, RunOverlays, RunInside, RunDetails].map((Part) => new Part(this));
    this.say();
    this.schedule();
  }

  unmount() {
    this.plots.forEach((plot) => plot.close());
    this.parts.forEach((part) => part.close?.());
    this.plots = [];
    this.parts = [];
  }

  // Iteration of the last stored snapshot; undefined while there is none.
  get newestSnapshot() {
    const inside = this.parts.find((part) => part.time);
    return inside?.time.snapshots.at(-1);
  }

  plot(name) {
    return this.plots.find((candidate) => candidate.name === name);
  }

  // Look at another replicate's weights and table.
  choose(replicate) {
    this.replicate = replicate;
    this.data.live = null;
    this.listen();
  }

  take(frame) {
    if (frame.deleted) {
      this.gone(true);
      return;
    }
    const before = this.data.run;
    const changed = this.data.take(frame);
    this.fresh = !frame.reset;
    this.redraw(changed, frame.reset);
    // The end of a run changes the axes too.
    if (frame.run && isFinal(frame.run.status)) this.plots.forEach((plot) => (plot.dirty = true));
    document.body.dataset.status = this.data.run ? this.data.run.status : "";
    document.body.dataset.iteration = this.data.run ? this.data.run.iteration : "";
    this.thin(frame.reset);
    if (frame.run && before && before.status !== frame.run.status) this.say();
    else this.sayLater();
    this.parts.forEach((part) => part.take?.(frame, changed));
  }

  // Have drawn again what draws one of these series.
  redraw(changed, everything = false) {
    for (const plot of this.plots) {
      if (everything || !plot.sources || [...plot.sources].some((source) => changed.has(source))) plot.dirty = true;
    }
    this.schedule();
  }

  // Take over a run as the server answered it: it may be ahead of the feed.
  takeRun(run) {
    this.take({ run });
  }

  // Long runs are drawn from fewer points: the server chooses them when the whole state is asked for.
  thin(reset) {
    if (reset) this.thinning = false;
    if (this.data.points <= MOST_POINTS || this.thinning) return;
    this.thinning = true;
    this.feed.restart();
  }

  // -- zoom: what is looked at closely is fetched at full resolution

  zoomed(plot, range) {
    clearTimeout(plot.timer);
    plot.range = range;
    if (range && FINER.some((of) => plot.sources.has(of)))
      plot.timer = setTimeout(() => this.refine(plot, range), WINDOW_PAUSE);
  }

  async refine(plot, [first, last]) {
    const from = Math.max(0, Math.floor(first));
    const query = `from_iteration=${from}&to_iteration=${Math.max(from, Math.ceil(last))}&max_points=${WINDOW_POINTS}`;
    const what = plot.sources.has("metrics") ? "metrics" : "actions";
    const fine = await call("GET", `${this.api}/${what}?${query}`).catch(() => null);
    if (!fine?.iteration.length || plot.range === null || plot.range[0] !== first || plot.range[1] !== last) return;
    plot.window = what === "metrics" ? fine : RunData.windowOfShares(fine);
    plot.redraw();
  }

  // -- drawing: one figure an animation frame, the one that waits longest first

  schedule() {
    if (this.mounted && this.frame === null) this.frame = requestAnimationFrame(() => this.drawNext());
  }

  drawNext() {
    this.frame = null;
    const waiting = this.plots.filter((plot) => !plot.element);
    waiting.forEach((plot) => plot.ready() && this.parts.forEach((part) => part.ready?.(plot)));
    const now = performance.now();
    const next = this.data.run
      ? this.plots
          .filter((plot) => plot.element && plot.waits && !plot.held && plot.due <= now)
          .sort((a, b) => a.due - b.due)[0]
      : undefined;
    if (next) this.draw(next);
    const more = (plot) => !plot.element || (plot.waits && this.data.run);
    if (this.plots.some(more)) this.schedule();
  }

  draw(plot) {
    plot.draw(this.data);
    if (plot.name !== "accuracy") return;
    document.body.dataset.points = this.data.points;
    if (this.fresh && this.data.measuredAt && this.data.measuredAt !== this.drawnMeasurement) {
      latencies.push(Date.now() - this.data.measuredAt);
      if (latencies.length > LATENCIES) latencies.shift();
    }
    this.drawnMeasurement = this.data.measuredAt;
  }

  // -- words

  sayLater() {
    if (this.wordsTimer !== null) return;
    this.wordsTimer = setTimeout(() => this.say(), WORDS_PAUSE);
  }

  say() {
    clearTimeout(this.wordsTimer);
    this.wordsTimer = null;
    const { run } = this.data;
    if (!run || !this.mounted || !document.getElementById("run-page")) return;
    this.report(run);
    sayFigures(run, this.data);
    this.parts.forEach((part) => part.say?.(run));
  }

  // The server writes what else follows from the status: times, versions, the data's hash.
  report(run) {
    const news = `${run.id} ${run.status} ${run.iterations} ${run.dataset_hash ? "with" : "without"} data`;
    if (this.reported === news) return;
    this.reported = news;
    setProps("run-news", { data: news });
  }

  // -- connection

  connection(state) {
    document.body.dataset.connection = state;
    showConnection(state, PATIENCE);
    if (state === "open") this.parts.forEach((part) => part.connected && part.connected());
    if (state === "gone") this.gone(false);
  }

  // The run is in the trash, or deleted for good.
  gone(restorable) {
    this.feed.close();
    document.body.dataset.status = "gone";
    const page = document.getElementById("run-page");
    if (!page) return;
    page.dataset.status = "gone";
    this.parts.forEach((part) => part.gone?.(restorable));
  }

  // It is back from the trash.
  back(run) {
    this.takeRun(run);
    this.listen();
  }

  close() {
    this.mounted = false;
    this.feed.close();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.wordsTimer);
    this.unmount();
    showConnection("open", 0);
    for (const key of ["points", "iteration", "status", "connection", "moment"]) delete document.body.dataset[key];
  }
}

function sayFigures(run, data) {
  const { count, percent, number, known } = format;
  const last = (column) => (data.metrics.values[column] ? data.metrics.values[column].last : NaN);
  const at = `at iteration ${count(data.metrics.iteration.last)}`;
  const best = known(run.best_validation_accuracy)
    ? `best ${percent(run.best_validation_accuracy)} at iteration ${count(run.best_iteration)}`
    : "";
  text("accuracy-now", best);
  if (data.points) {
    text(
      "accuracy-alternative",
      `Accuracy up to iteration ${count(data.metrics.iteration.last)}. Validation ${percent(last("validation_accuracy"))}, ` +
        `training ${percent(last("train_accuracy"))} ${at}; ${best}.${sayBaseline(data, "validation_accuracy", percent)}`,
    );
    text(
      "loss-alternative",
      `Loss ${at}: validation ${number(last("validation_loss"))}, training ${number(last("train_loss"))}.` +
        sayBaseline(data, "validation_loss", number),
    );
  }
  sayActions(data);
  sayReward(last("reward_rate"), run.config.evaluate_every);
}

function sayBaseline(data, column, say) {
  if (!data.baseline?.iteration.length) return "";
  return ` Gradient descent on the same data and network: ${say(data.baseline.values[column].at(-1))}.`;
}

function sayActions(data) {
  if (!data.shares.iteration.length) return;
  const { percent } = format;
  const words = ["down", "stay", "up"].map((action) => `${action} ${percent(data.shares.all[action].last)}`);
  text("actions-alternative", `Share of all synapses now: ${words.join(", ")}.`);
  const layers = data.layers.map(
    (layer, index) =>
      `layer ${index + 1}: down ${percent(layer.down)}, stay ${percent(layer.stay)}, up ${percent(layer.up)}`,
  );
  text("layers-alternative", `By layer: ${layers.join("; ")}.`);
}

function sayReward(rate, iterations) {
  if (!format.known(rate)) return;
  text("reward-now", `+1 in ${format.percent(rate)} of the last ${format.count(iterations)} iterations`);
  document.querySelectorAll("#reward-lamps .lamp").forEach((lamp, index) => {
    lamp.dataset.on = index < Math.round(10 * rate) ? "true" : "false";
  });
}

let view = null;
// Pass a choice on the page to a part of the view that knows of it.
const tell = (method, ...chosen) => {
  if (view) view.parts.forEach((part) => part[method]?.(...chosen));
};

export function openRun(runId) {
  if (view && view.runId === runId) return;
  closeRun();
  view = new RunView(runId);
}

export function closeRun() {
  if (view) view.close();
  view = null;
}

export function mountRun(runId) {
  openRun(runId);
  view.mount();
}

export const showWeights = (layer, as, measure) =>
  tell("showWeights", Number(layer || 0), as === "pictures", measure === "change");
export const showActions = (layer) => tell("showActions", layer === "all" ? null : Number(layer));
export const showDetails = (tab) => tell("showDetails", tab);

onChange(() => {
  if (view) view.plots.forEach((plot) => plot.element && plot.paint());
});
