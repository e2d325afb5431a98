// @ts-nocheck
// The tabs of a run's page that the script fills: mistakes, confusion, log. Each when it is seen, for its moment.
import { offer } from "../charts/save.js";
import { call } from "../core/api.js";
import { make, text } from "../core/dom.js";
import * as format from "../core/format.js";

const REST = 250; // ms that a moment must rest before its mistakes are asked for
const AGAIN = 5000; // ms between two looks while a run trains
const SHOWN_VALUES = 8;

export class RunDetails {
  constructor(view) {
    this.view = view;
    this.tab = "mistakes";
    this.seen = {};
    this.shown = {};
    this.withdraw = offer("confusion", () => this.judged && rowsOfConfusion(this.judged));
    this.observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) this.seen[target.id] = isIntersecting;
        this.renew();
      },
      { rootMargin: "200px" },
    );
    for (const id of ["mistakes", "confusion", "run-log"]) this.observer.observe(document.getElementById(id));
  }

  close() {
    this.observer.disconnect();
    this.withdraw();
    clearTimeout(this.timer);
    this.closed = true;
  }

  showDetails(tab) {
    this.tab = tab;
    this.renew();
  }

  // Somebody chose another moment, or there are more of them.
  moment() {
    this.renew();
  }

  stored() {
    this.renew();
  }

  say(run) {
    const news = `${run.status} ${run.requested} ${run.iterations}`;
    if (this.news !== news) this.shown["run-log"] = null;
    this.news = news;
    this.renew();
  }

  // Which snapshot the tabs are about: the chosen one, or the last that is stored.
  get iteration() {
    const { past } = this.view.data;
    return past ? past.iteration : this.view.newestSnapshot;
  }

  renew() {
    if (this.timer || this.closed) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.seen.mistakes) this.load("mistakes", showMistakes);
      if (this.seen.confusion) this.load("confusion", showConfusion);
      if (this.seen["run-log"]) this.loadLog();
    }, REST);
  }

  async load(what, show) {
    const { past, run } = this.view.data;
    const { iteration } = this;
    if (!run || iteration === undefined) return;
    const key = `${iteration} ${this.view.replicate} ${run.started_at}`;
    const soon = !past && run.status === "running" && performance.now() - (this.shown[`${what} at`] || -AGAIN) < AGAIN;
    if (this.shown[what] === key || soon) return;
    this.shown[what] = key;
    this.shown[`${what} at`] = performance.now();
    const slow = setTimeout(() => text(`${what}-now`, "Looking …"), 300);
    const query = `replicate=${this.view.replicate}&iteration=${iteration}`;
    try {
      const answer = await call("GET", `${this.view.api}/${what}?${query}`);
      if (this.closed || this.shown[what] !== key) return;
      document.getElementById(what).replaceChildren(...show(answer));
      if (what === "confusion") this.judged = answer;
      text(`${what}-now`, summary(answer));
    } catch (error) {
      if (this.closed) return;
      if (this.shown[what] === key) text(`${what}-now`, error.message);
    } finally {
      clearTimeout(slow);
    }
  }

  async loadLog() {
    if (this.shown["run-log"]) return;
    this.shown["run-log"] = true;
    const events = await call("GET", `${this.view.api}/log`).catch(() => null);
    if (this.closed || !events) return;
    document.getElementById("run-log").replaceChildren(logTable(events));
  }
}

function summary({ samples, right, iteration }) {
  const wrong = samples - right;
  return `${format.count(wrong)} of ${format.count(samples)} validation samples wrong at iteration ${format.count(iteration)}`;
}

// -- mistakes: pictures, or rows of values

function showMistakes(answer) {
  if (!answer.mistakes.length) return [make("p", "quiet", "Every validation sample is predicted correctly.")];
  if (answer.mistakes[0].picture) return answer.mistakes.map(picture);
  return [valuesTable(answer)];
}

function picture(mistake) {
  const words = `true ${mistake.label_name}, predicted ${mistake.named_name}`;
  const image = make("img", "", undefined, { src: mistake.picture, alt: `Sample ${mistake.sample + 1}: ${words}` });
  return make(
    "figure",
    "mistake",
    undefined,
    {},
    image,
    make(
      "figcaption",
      "",
      undefined,
      {},
      make("span", "", "true "),
      make("strong", "", mistake.label_name),
      make("span", "", ", predicted "),
      make("strong", "", mistake.named_name),
      make("span", "now", ` ${format.percent(mistake.certainty)} sure`),
    ),
  );
}

function valuesTable({ mistakes, feature_names: names }) {
  const inputs = Math.min(mistakes[0].values.length, SHOWN_VALUES);
  const heads = [
    "sample",
    "true",
    "predicted",
    "sure",
    ...Array.from({ length: inputs }, (_, i) => (names[i] ? names[i].replaceAll("_", " ") : `input ${i + 1}`)),
  ];
  const rows = mistakes.map((mistake) =>
    make(
      "tr",
      "",
      undefined,
      {},
      make("th", "", format.count(mistake.sample + 1), { scope: "row" }),
      make("td", "", mistake.label_name),
      make("td", "", mistake.named_name),
      make("td", "number", format.percent(mistake.certainty)),
      ...mistake.values.slice(0, inputs).map((value) => make("td", "number", String(Number(value.toPrecision(3))))),
    ),
  );
  const table = make(
    "table",
    "plain-table",
    undefined,
    {},
    make("caption", "visually-hidden", "The worst mistakes: values as the network sees them"),
    head(heads),
    make("tbody", "", undefined, {}, ...rows),
  );
  return make(
    "div",
    "table-frame",
    undefined,
    { tabindex: "0", role: "region", "aria-label": "The worst mistakes" },
    table,
  );
}

const head = (words) =>
  make(
    "thead",
    "",
    undefined,
    {},
    make("tr", "", undefined, {}, ...words.map((word) => make("th", "", word, { scope: "col" }))),
  );

// -- confusion

function showConfusion({ classes, class_names: names, class_samples: samples, counts, all_classes: all }) {
  const rows = counts.map((row, label) =>
    make(
      "tr",
      "",
      undefined,
      {},
      make("th", "", names[label], { scope: "row" }),
      ...row.map((count, named) => {
        const cell = make("td", count ? "" : "none", count ? format.count(count) : "·");
        cell.dataset.kind = label === named ? "right" : "wrong";
        cell.style.setProperty("--share", (samples[label] ? count / samples[label] : 0).toFixed(3));
        cell.title = `${format.count(count)} of ${format.count(samples[label])} samples of ${names[label]} were predicted as ${names[named]}`;
        return cell;
      }),
    ),
  );
  const table = make(
    "table",
    "confusion-table",
    undefined,
    {},
    make("caption", "", "Rows: the true class. Columns: the predicted class."),
    head(["", ...names]),
    make("tbody", "", undefined, {}, ...rows),
  );
  const rest =
    all > classes.length
      ? [make("p", "caption", `These are the ${classes.length} of ${format.count(all)} classes with most mistakes.`)]
      : [];
  return [
    make("div", "table-frame", undefined, { tabindex: "0", role: "region", "aria-label": "Confusion matrix" }, table),
    ...rest,
  ];
}

// For CSV: every pair of classes.
function rowsOfConfusion({ class_names: names, counts }) {
  const rows = counts.flatMap((row, label) => row.map((count, named) => [names[label], names[named], count]));
  return [["true class", "predicted class", "samples"], ...rows];
}

// -- log

function logTable(events) {
  if (!events.length) return make("p", "quiet", "Nothing has happened yet.");
  const rows = events.map(({ at, words }) => {
    const moment = new Date(format.time(at));
    const time = make("time", "", moment.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" }), {
      datetime: moment.toISOString(),
    });
    return make("tr", "", undefined, {}, make("th", "", undefined, { scope: "row" }, time), make("td", "", words));
  });
  return make(
    "table",
    "plain-table log-table",
    undefined,
    {},
    make("caption", "visually-hidden", "What happened to this run"),
    head(["When", "What happened"]),
    make("tbody", "", undefined, {}, ...rows),
  );
}
