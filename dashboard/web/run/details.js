// The tabs of a run's page that its script fills: mistakes, confusion, log. Each when it comes into sight, for the moment
// in view.
import { offer } from "../charts/save.js";
import { call, mayPass, messageOf } from "../core/api.js";
import { byId, findId, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { tableFrame, tableHead } from "../core/table.js";
import { drawingOfConfusion, rowsOfConfusion, showConfusion } from "./confusion.js";
import { RunStates } from "./states.js";

/** @import { Confusion, LogEntry, Mistake, Mistakes, RunRead } from "../types/schemas.js" */
/** @import { RunView } from "./page.js" */

/** @typedef {"mistakes" | "confusion"} Judged tabs that need the network judged */

const REST = 250; // ms that a moment must rest before its mistakes are asked for
const AGAIN = 5000; // ms between two requests while a run trains, and after one that failed
const SLOW = 300; // ms until the page says that it is waiting
const SHOWN_VALUES = 8;
const TABS = /** @type {const} */ (["states", "mistakes", "confusion", "run-log"]);

export class RunDetails {
  /** @param {RunView} view */
  constructor(view) {
    this.view = view;
    /** @type {Set<string>} ids of the tabs in sight */
    this.visible = new Set();
    /** @type {Map<Judged, { key: string, at: number }>} what each tab shows, and since when */
    this.shown = new Map();
    this.isLogShown = false;
    this.news = "";
    this.timer = 0;
    /** @type {Set<number>} timers of requests that failed */
    this.retries = new Set();
    this.closed = false;
    /** @type {Confusion | null} */
    this.confusion = null;
    this.states = findId("states") ? new RunStates(view) : null;
    this.withdraw = offer("confusion", {
      rows: () => this.confusion && rowsOfConfusion(this.confusion),
      table: () => this.confusion && drawingOfConfusion(this.confusion),
    });
    this.observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) this.visible.add(target.id);
          else this.visible.delete(target.id);
        }
        this.renew();
      },
      { rootMargin: "200px" },
    );
    for (const id of TABS) {
      const tab = findId(id);
      if (tab) this.observer.observe(tab);
    }
  }

  close() {
    this.observer.disconnect();
    this.withdraw();
    this.states?.close();
    clearTimeout(this.timer);
    for (const timer of this.retries) clearTimeout(timer);
    this.closed = true;
  }

  showDetails() {
    this.renew();
  }

  moment() {
    this.renew();
  }

  stored() {
    this.renew();
  }

  /** @param {RunRead} run */
  showWords({ iterations, requested, status }) {
    const news = `${status} ${requested} ${iterations}`;
    if (this.news !== news) this.isLogShown = false;
    this.news = news;
    this.renew();
  }

  /** Iteration of the snapshot that the tabs are about: the chosen one, or the last that is stored. */
  get iteration() {
    return this.view.data.past?.iteration ?? this.view.newestSnapshot;
  }

  renew() {
    if (this.timer || this.closed) return;
    this.timer = setTimeout(() => {
      this.timer = 0;
      if (this.visible.has("states")) void this.states?.load();
      if (this.visible.has("mistakes")) void this.load("mistakes");
      if (this.visible.has("confusion")) void this.load("confusion");
      if (this.visible.has("run-log")) void this.loadLog();
    }, REST);
  }

  /** @param {Judged} tab */
  async load(tab) {
    const { iteration, view } = this;
    const { past, run } = view.data;
    if (!run || iteration === undefined) return;
    const key = `${iteration} ${view.replicate} ${run.started_at}`;
    const shown = this.shown.get(tab);
    const isSoon = !past && run.status === "running" && shown && performance.now() - shown.at < AGAIN;
    if (shown?.key === key || isSoon) return;
    this.shown.set(tab, { key, at: performance.now() });
    const isWanted = () => !this.closed && this.shown.get(tab)?.key === key;
    const slow = setTimeout(() => text(`${tab}-now`, "Looking …"), SLOW);
    const path = `${view.api}/${tab}?replicate=${view.replicate}&iteration=${iteration}`;
    try {
      /** @type {Mistakes | Confusion} */
      const answer = await call("GET", path);
      if (!isWanted()) return;
      if ("mistakes" in answer) byId("mistakes").replaceChildren(...showMistakes(answer));
      else {
        byId("confusion").replaceChildren(...showConfusion(answer));
        this.confusion = answer;
      }
      text(`${tab}-now`, summary(answer));
    } catch (error) {
      if (!isWanted()) return;
      text(`${tab}-now`, messageOf(error));
      if (mayPass(error)) this.retryLater(() => this.shown.delete(tab));
    } finally {
      clearTimeout(slow);
    }
  }

  async loadLog() {
    if (this.isLogShown) return;
    this.isLogShown = true;
    try {
      /** @type {LogEntry[]} */
      const entries = await call("GET", `${this.view.api}/log`);
      if (!this.closed) byId("run-log").replaceChildren(logTable(entries));
    } catch (error) {
      if (mayPass(error)) this.retryLater(() => (this.isLogShown = false));
    }
  }

  /** @param {() => void} forget makes the tab load again */
  retryLater(forget) {
    if (this.closed) return;
    const timer = setTimeout(() => {
      this.retries.delete(timer);
      forget();
      this.renew();
    }, AGAIN);
    this.retries.add(timer);
  }
}

/** @param {Mistakes | Confusion} answer */
function summary({ samples, right, iteration }) {
  const { count } = format;
  return `${count(samples - right)} of ${count(samples)} validation samples wrong at iteration ${count(iteration)}`;
}

// -- mistakes: pictures, or rows of values

/** @param {Mistakes} answer */
function showMistakes({ mistakes, feature_names: names }) {
  if (!mistakes.length) return [make("p", "quiet", "Every validation sample is predicted correctly.")];
  return mistakes[0].picture ? mistakes.map(picture) : [valuesTable(mistakes, names)];
}

/** @param {Mistake} mistake */
function picture({ certainty, label_name: label, named_name: named, picture: source, sample }) {
  const alt = `Sample ${sample + 1}: true ${label}, predicted ${named}`;
  const caption = [
    make("span", "", "true "),
    make("strong", "", label),
    make("span", "", ", predicted "),
    make("strong", "", named),
    make("span", "now", ` ${format.percent(certainty)} sure`),
  ];
  const image = make("img", "", undefined, { src: source ?? "", alt });
  return make("figure", "mistake", undefined, {}, image, make("figcaption", "", undefined, {}, ...caption));
}

/**
 * @param {Mistake[]} mistakes
 * @param {string[]} names of the inputs
 */
function valuesTable(mistakes, names) {
  const inputs = Math.min(mistakes[0].values?.length ?? 0, SHOWN_VALUES);
  const features = Array.from({ length: inputs }, (_, i) => names[i]?.replaceAll("_", " ") || `input ${i + 1}`);
  const rows = mistakes.map(({ certainty, label_name: label, named_name: named, sample, values }) =>
    make(
      "tr",
      "",
      undefined,
      {},
      make("th", "", format.count(sample + 1), { scope: "row" }),
      make("td", "", label),
      make("td", "", named),
      make("td", "number", format.percent(certainty)),
      ...(values ?? []).slice(0, inputs).map((value) => make("td", "number", String(Number(value.toPrecision(3))))),
    ),
  );
  const table = make(
    "table",
    "plain-table",
    undefined,
    {},
    make("caption", "visually-hidden", "The worst mistakes: values as the network sees them"),
    tableHead(["sample", "true", "predicted", "sure", ...features]),
    make("tbody", "", undefined, {}, ...rows),
  );
  return tableFrame("table-frame", "The worst mistakes", table);
}

// -- log

/** @param {LogEntry[]} entries */
function logTable(entries) {
  if (!entries.length) return make("p", "quiet", "Nothing has happened yet.");
  const rows = entries.map(({ at, words }) => {
    const datetime = new Date(format.time(at)).toISOString();
    const time = make("time", "", format.moment(at, { exactly: true }), { datetime });
    return make("tr", "", undefined, {}, make("th", "", undefined, { scope: "row" }, time), make("td", "", words));
  });
  return make(
    "table",
    "plain-table log-table",
    undefined,
    {},
    make("caption", "visually-hidden", "What happened to this run"),
    tableHead(["When", "What happened"]),
    make("tbody", "", undefined, {}, ...rows),
  );
}
