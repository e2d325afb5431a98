// One reproduction: the verdicts, the table and the curves, which fill as its runs end.
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { button, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { PaperCurves } from "./curves.js";
import {
  becauseWords,
  differenceWords,
  failureWords,
  meanWords,
  PARTS,
  percent,
  progressWords,
  SIGNS,
  trialWords,
} from "./words.js";

/** @import { ArmRead, PlotlyFigure, ReproductionRead, VerdictRead } from "../types/schemas.js" */

const API = "/api/v1/reproductions";
const POLL_MS = 2000;
/** How often curves of long runs are drawn anew though none has ended. */
const DRAW_MS = 30_000;

export class Result {
  /**
   * @param {HTMLElement} place
   * @param {string} id
   * @param {{ onDeleted: () => void }} then
   */
  constructor(place, id, { onDeleted }) {
    this.place = place;
    this.path = `${API}/${encodeURIComponent(id)}`;
    this.id = id;
    this.onDeleted = onDeleted;
    this.title = make("h2", "policy-name", "Loading …");
    this.now = make("p", "now", "", { role: "status" });
    this.bar = make("progress", "breed-progress", undefined, { max: "1", value: "0", "aria-label": "Runs done" });
    this.problem = make("p", "refusal", "", { role: "alert" });
    this.actions = make("div", "policy-actions");
    this.circumstances = make("ul", "policy-words");
    this.verdicts = table("The paper's claims");
    this.verdicts.classList.add("paper-claims");
    this.parts = make("div", "paper-parts-shown");
    this.timer = 0;
    this.drawn = -1;
    this.drawnAt = 0;
    /** @type {string | undefined} */
    this.offered = undefined;
    /** @type {PaperCurves[]} */
    this.figures = [];
    place.replaceChildren(
      this.title,
      this.now,
      this.bar,
      this.problem,
      this.actions,
      this.circumstances,
      this.verdicts,
      this.parts,
    );
    void this.load();
  }

  async load() {
    try {
      /** @type {ReproductionRead} */
      const found = await call("GET", this.path);
      text(this.problem, "");
      this.show(found);
      await this.draw(found);
      if (found.state === "complete") return;
    } catch (error) {
      text(this.problem, messageOf(error));
      if (!this.state) text(this.title, "No reproduction");
    }
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      if (this.bar.isConnected) void this.load();
    }, POLL_MS);
  }

  /** The page is left: follow nothing, and keep no figure. */
  close() {
    clearTimeout(this.timer);
    for (const figure of this.figures) figure.close();
  }

  /** @param {ReproductionRead} found */
  show(found) {
    this.state = found.state;
    text(this.title, found.name);
    text(this.now, progressWords(found));
    this.bar.value = found.done / Math.max(1, found.runs);
    this.bar.hidden = found.state === "complete";
    this.place.dataset.state = found.state;
    this.showActions(found);
    this.circumstances.replaceChildren(...found.circumstances.map((one) => make("li", "", one)));
    fill(this.verdicts, ["Claim", "Paper", "Verdict", "Because"], found.verdicts.map(verdictRow));
    this.showParts(found);
  }

  /** @param {ReproductionRead} found */
  showParts(found) {
    if (this.parts.childElementCount !== found.parts.length) {
      this.tables = found.parts.map((part) => {
        const rows = table(PARTS[part]);
        const place = make("section", "", undefined, {}, make("h3", "", PARTS[part]), rows);
        if (part === "784-10" || part === "784-32-10") this.figures.push(new PaperCurves(part, place));
        return { part, rows, place };
      });
      this.parts.replaceChildren(...this.tables.map((one) => one.place));
    }
    const heads = [
      "Method",
      "The paper",
      "Here, mean ± deviation",
      "Less gradient descent, points [95 %]",
      "Trials",
      "Forward passes",
      "Seconds",
    ];
    for (const { part, rows } of this.tables ?? []) {
      fill(rows, heads, found.arms.filter((arm) => arm.part === part).map(armRow));
    }
  }

  /**
   * Draw the curves anew when more runs have ended.
   *
   * @param {ReproductionRead} found
   */
  async draw(found) {
    const isDue = this.drawn !== found.done || performance.now() - this.drawnAt > DRAW_MS;
    if (!isDue || !this.figures.length) return;
    [this.drawn, this.drawnAt] = [found.done, performance.now()];
    /** @type {Record<string, PlotlyFigure>} */
    const drawn = await call("GET", `/paper/figures/${encodeURIComponent(this.id)}`);
    for (const figure of this.figures) {
      const wanted = drawn[figure.part];
      if (wanted) await figure.show(wanted);
    }
  }

  /** @param {ReproductionRead} found */
  showActions(found) {
    const act = (/** @type {string} */ words, /** @type {() => Promise<unknown>} */ what) =>
      button("button-plain", words, async () => {
        try {
          await what();
          await this.load();
        } catch (error) {
          text(this.problem, messageOf(error));
        }
      });
    const control = (/** @type {string} */ action) => () => call("POST", `/api/v1/sweeps/${this.id}/${action}`);
    const isViewer = document.body.dataset.role === "viewer";
    const key = `${found.state} ${isViewer}`;
    if (this.offered === key) return;
    this.offered = key;
    const offered = isViewer
      ? []
      : found.state === "running"
        ? [act("Pause", control("pause")), act("Stop", control("stop"))]
        : found.state === "complete"
          ? []
          : [act("Go on", () => call("POST", `${this.path}/continue`))];
    const runs = make("a", "button-plain", "Its runs", { href: url(`/?sweep=${this.id}`) });
    const reports = [
      ["html", "Report"],
      ["csv", "CSV"],
      ["tex", "LaTeX"],
    ].map(([format_, words]) =>
      make("a", "button-plain", words, { href: url(`${this.path}/report?format=${format_}`), download: "" }),
    );
    this.actions.replaceChildren(...offered, runs, ...reports);
  }
}

/** @param {string} name */
function table(name) {
  return make("div", "race-matrix paper-table", undefined, { tabindex: "0", role: "region", "aria-label": name });
}

/**
 * @param {HTMLElement} place
 * @param {string[]} heads
 * @param {HTMLElement[]} rows
 */
function fill(place, heads, rows) {
  const head = make("tr", "", undefined, {}, ...heads.map((one) => make("th", "", one, { scope: "col" })));
  place.replaceChildren(
    make("table", "", undefined, {}, make("thead", "", undefined, {}, head), make("tbody", "", undefined, {}, ...rows)),
  );
}

/** @param {VerdictRead} verdict */
function verdictRow(verdict) {
  const claim = make("th", "", verdict.title, { scope: "row", title: verdict.rule });
  const outcome = make(
    "td",
    "paper-outcome",
    undefined,
    { "data-outcome": verdict.outcome },
    make("span", "paper-sign", SIGNS[verdict.outcome], { "aria-hidden": "true" }),
    ` ${verdict.outcome}`,
  );
  const why = make("td", "paper-why", becauseWords(verdict));
  why.append(make("span", "caption", verdict.rule));
  return make("tr", "", undefined, {}, claim, make("td", "", verdict.figure), outcome, why);
}

/** @param {ArmRead} arm */
function armRow(arm) {
  const ids = Object.values(arm.run_ids);
  const words = meanWords(arm);
  const value = ids.length ? make("a", "", words, { href: url(`/compare?runs=${ids.join(",")}`) }) : words;
  const about = [
    percent(arm.paper),
    value,
    differenceWords(arm),
    trialWords(arm),
    format.known(arm.forward_passes) ? format.count(Math.round(arm.forward_passes)) : "",
    format.known(arm.seconds) ? arm.seconds.toFixed(1) : "",
  ];
  const cells = about.map((one) => make("td", "", undefined, {}, one));
  const failed = failureWords(arm).map(({ run, words: why }) =>
    make("a", "paper-failure", why, run ? { href: url(`/runs/${run}`) } : {}),
  );
  return make("tr", "", undefined, {}, make("th", "", arm.title, { scope: "row" }, ...failed), ...cells);
}
