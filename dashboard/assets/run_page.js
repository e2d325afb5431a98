// The page of a run: listens to its feed and keeps figures, numbers and words up to date.
//
// For tests and the curious: document.body.dataset has points (drawn), iteration, status and connection, and
// synrl.latency holds the newest times from a point's measurement in the worker to its drawing, in milliseconds.
window.synrl = window.synrl || {};
window.synrl.latency = [];

(() => {
  const { format, Feed, RunData, Plot } = window.synrl;
  const LATENCIES = 500;
  const MOST_POINTS = 4000; // beyond that the server is asked for fewer
  const WORDS_PAUSE = 200; // ms between two changes of the numbers in words: faster can't be read
  const PATIENCE = 1500; // ms without connection before the page says so
  // Least milliseconds between two drawings of a figure.
  const PAUSES = { accuracy: 80, actions: 300, loss: 300, layers: 300, weights: 300 };
  const LAYER_KEY = "weights-layer";

  class RunView {
    constructor(runId) {
      this.runId = runId;
      this.data = new RunData();
      this.mounted = false;
      this.plots = [];
      this.frame = null;
      this.wordsTimer = null;
      this.listener = { message: (frame) => this.take(frame), state: (state) => this.connection(state) };
      window.synrl.latency = [];
      this.feed = new Feed(`/api/v1/runs/${encodeURIComponent(runId)}/live`, this.listener);
    }

    // The page's elements are there.
    mount() {
      this.plots.forEach((plot) => plot.close());
      this.mounted = true;
      this.plots = Object.entries(PAUSES)
        .filter(([name]) => document.getElementById(`${name}-graph`))
        .map(([name, pause]) => new Plot(name, pause, () => this.schedule()));
      const page = document.getElementById("run-page");
      this.showWeights(0, page ? page.dataset.pictures === "true" : false);
      this.say();
      this.schedule();
    }

    showWeights(layer, pictures) {
      const plot = this.plots.find((candidate) => candidate.name === "weights");
      const layers = document.querySelectorAll(`#${LAYER_KEY} input`).length;
      if (plot) plot.showWeights(layer, layers, pictures);
    }

    take(frame) {
      if (frame.deleted) {
        this.gone();
        return;
      }
      const changed = this.data.take(frame);
      this.fresh = !frame.reset;
      for (const plot of this.plots) {
        if (!plot.sources || [...plot.sources].some((source) => changed.has(source)) || frame.reset) plot.dirty = true;
      }
      // The end of a run changes the axes too.
      if (frame.run && format.isFinal(frame.run.status)) this.plots.forEach((plot) => (plot.dirty = true));
      document.body.dataset.status = this.data.run ? this.data.run.status : "";
      document.body.dataset.iteration = this.data.run ? this.data.run.iteration : "";
      this.thin(frame.reset);
      this.sayLater();
      this.schedule();
    }

    // Long runs are drawn from fewer points: the server chooses them when the whole state is asked for.
    thin(reset) {
      if (reset) this.thinning = false;
      if (this.data.points <= MOST_POINTS || this.thinning) return;
      this.thinning = true;
      this.feed.restart();
    }

    // -- drawing: one figure an animation frame, the one that waits longest first

    schedule() {
      if (this.mounted && this.frame === null) this.frame = requestAnimationFrame(() => this.drawNext());
    }

    drawNext() {
      this.frame = null;
      const waiting = this.plots.filter((plot) => !plot.element);
      waiting.forEach((plot) => plot.ready());
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
        window.synrl.latency.push(Date.now() - this.data.measuredAt);
        if (window.synrl.latency.length > LATENCIES) window.synrl.latency.shift();
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
      sayStatus(run);
      sayProgress(run);
      sayFigures(run, this.data);
    }

    // -- connection

    connection(state) {
      document.body.dataset.connection = state;
      window.synrl.showConnection(state, PATIENCE);
      if (state === "gone") this.gone();
    }

    gone() {
      this.feed.close();
      document.body.dataset.status = "gone";
      const page = document.getElementById("run-page");
      if (!page) return;
      page.dataset.status = "gone";
      window.dash_clientside.set_props("run-message", { children: "This run was deleted. What you see is what was left." });
    }

    close() {
      this.mounted = false;
      this.feed.close();
      cancelAnimationFrame(this.frame);
      clearTimeout(this.wordsTimer);
      this.plots.forEach((plot) => plot.close());
      window.synrl.showConnection("open", 0);
      for (const key of ["points", "iteration", "status", "connection"]) delete document.body.dataset[key];
    }
  }

  // Write a text where it differs. The elements have no children of React's, or one text that it does not change.
  function text(element, words) {
    const target = typeof element === "string" ? document.getElementById(element) : element;
    if (target && target.textContent !== words) target.textContent = words;
  }

  function sayStatus(run) {
    const page = document.getElementById("run-page");
    page.dataset.status = run.status;
    reportStatus(run);
    const badge = page.querySelector(".run-progress .status");
    badge.dataset.status = run.status;
    text(badge.querySelector(".word"), format.STATUS[run.status]);
    text("run-name", run.name);
    text("run-error", run.error || "");
    const progress = run.status === "running" ? `${Math.floor((100 * run.iteration) / run.iterations)} % · ` : "";
    document.title = `${progress}${run.name} – SynRL`;
  }

  // The server writes what else follows from the status: times, versions, the data's hash.
  function reportStatus(run) {
    const news = `${run.id} ${run.status} ${run.dataset_hash ? "with" : "without"} data`;
    if (view.reported === news) return;
    view.reported = news;
    window.dash_clientside.set_props("run-news", { data: news });
  }

  function sayProgress(run) {
    const share = run.iterations ? run.iteration / run.iterations : 0;
    const of = `${format.count(run.iteration)} of ${format.count(run.iterations)} iterations`;
    const parts = [of];
    if (run.status === "running" && run.iterations_per_second) {
      parts.unshift(`${Math.floor(100 * share)} %`);
      parts.push(format.speed(run.iterations_per_second));
      parts.push(`${format.duration(Math.ceil((run.iterations - run.iteration) / run.iterations_per_second))} left`);
    } else if (format.isFinal(run.status)) {
      parts.push(`${format.duration(run.training_seconds)} of training`);
    }
    text("run-progress-words", parts.join(" · "));
    document.getElementById("run-bar").style.transform = `scaleX(${share})`;
    const bar = document.getElementById("run-progress");
    bar.setAttribute("aria-valuenow", String(Math.floor(100 * share)));
    bar.setAttribute("aria-valuetext", parts.join(", "));
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
        `Accuracy over ${count(data.points)} measurements. Validation ${percent(last("validation_accuracy"))}, ` +
          `training ${percent(last("train_accuracy"))} ${at}; ${best}.`,
      );
      text(
        "loss-alternative",
        `Loss ${at}: validation ${number(last("validation_loss"))}, training ${number(last("train_loss"))}.`,
      );
    }
    sayActions(data);
    sayReward(last("reward_rate"));
    sayWeights(data);
  }

  function sayActions(data) {
    if (!data.shares.iteration.length) return;
    const { percent } = format;
    const words = ["down", "stay", "up"].map((action) => `${action} ${percent(data.shares[action].last)}`);
    text("actions-alternative", `Share of all synapses now: ${words.join(", ")}.`);
    const layers = data.layers.map(
      (layer, index) =>
        `layer ${index + 1}: down ${percent(layer.down)}, stay ${percent(layer.stay)}, up ${percent(layer.up)}`,
    );
    text("layers-alternative", `By layer: ${layers.join("; ")}.`);
  }

  function sayReward(rate) {
    if (!format.known(rate)) return;
    text("reward-now", `+1 in ${format.percent(rate)} of iterations`);
    document.querySelectorAll("#reward-lamps .lamp").forEach((lamp, index) => {
      lamp.dataset.on = index < Math.round(10 * rate) ? "true" : "false";
    });
  }

  function sayWeights(data) {
    if (!data.weights) return;
    text("weights-now", `at iteration ${format.count(data.weights.iteration)}`);
    text(
      "weights-alternative",
      `Weights at iteration ${format.count(data.weights.iteration)}, ${data.weights.coded.length} layers; ` +
        `the largest is ${format.number(data.largestWeight)} in size.`,
    );
  }

  let view = null;

  Object.assign(window.synrl, {
    openRun(runId) {
      if (view && view.runId === runId) return;
      this.closeRun();
      view = new RunView(runId);
    },

    closeRun() {
      if (view) view.close();
      view = null;
    },

    mountRun(runId) {
      window.synrl.openRun(runId);
      view.mount();
      return window.dash_clientside.no_update;
    },

    showWeights(layer, as) {
      if (view) view.showWeights(Number(layer || 0), as === "pictures");
      return window.dash_clientside.no_update;
    },
  });

  window.synrl.look.onChange(() => {
    if (view) view.plots.forEach((plot) => plot.element && plot.paint());
  });
})();
