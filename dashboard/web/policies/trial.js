// A network that learns under the table that is edited: always the same one from the same start, on a tape of the
// playground. Curves of the tables before stay, pale.
import { messageOf } from "../core/api.js";
import { make, text } from "../core/dom.js";
import { Curves, sampled } from "../tape/curves.js";
import { describe, Source } from "../tape/source.js";

/** @import { Table } from "./table_edit.js" */

const ITERATIONS = 2000;
const A_SECOND = 250;
const SETTLE_MS = 250; // a table is tried when nobody has changed it for so long
const PALE = 3;
const EXPLORATION = 0.2; // of tables that take the best action always

export class Trial {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.words = make("p", "now policy-trial-now", "", { role: "status" });
    this.problem = make("p", "refusal", "", { role: "alert" });
    this.curvesPlace = make("div", "policy-trial-curves");
    place.replaceChildren(
      make("h3", "", "A network learns under it"),
      make(
        "p",
        "caption",
        "The playground's first network, from the same start each time. Loss: dark, left axis; accuracy on validation points: green, right axis. Pale: the tables before. Tables that always take the best action explore 20 %.",
      ),
      this.problem,
      this.curvesPlace,
      this.words,
    );
    this.curves = new Curves(this.curvesPlace);
    /** @type {Source | null} */
    this.source = null;
    this.cursor = 0;
    this.last = 0;
    this.timer = 0;
    this.loading = new AbortController();
    requestAnimationFrame((now) => this.frame(now));
  }

  close() {
    clearTimeout(this.timer);
    this.loading.abort();
    this.source?.close();
    this.source = null;
  }

  /** @param {Table} table */
  run(table) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.load(table), SETTLE_MS);
  }

  /** @param {Table} table */
  async load({ q, temperature, exploration }) {
    this.loading.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    try {
      // Synapses that take the best action always may never begin to move.
      const random = temperature > 0 || exploration > 0 ? {} : { exploration: EXPLORATION };
      const header = await describe({ policy: { q, temperature, exploration }, ...random }, signal);
      const before = this.source?.tape;
      if (before && this.cursor > 0) {
        this.curves.pale = [...this.curves.pale, sampled(before, this.cursor, 400)].slice(-PALE);
      }
      this.source?.close();
      this.cursor = 0;
      text(this.problem, "");
      this.source = new Source(
        header,
        () => {},
        (words) => text(this.problem, words),
      );
    } catch (error) {
      if (signal.aborted) return;
      this.source?.close();
      this.source = null;
      text(this.words, "");
      text(this.problem, messageOf(error));
    }
  }

  /** @param {number} now */
  frame(now) {
    if (!this.place.isConnected) {
      this.close();
      return;
    }
    requestAnimationFrame((then) => this.frame(then));
    const seconds = Math.min(0.25, (now - this.last) / 1000);
    this.last = now;
    const { source } = this;
    if (!source) return;
    const end = Math.min(ITERATIONS, source.tape.end);
    source.want(Math.floor(this.cursor), this.cursor < end ? A_SECOND : 0);
    if (!source.tape.has(Math.floor(this.cursor))) return;
    const next = Math.min(end, source.tape.reaches(Math.floor(this.cursor)), this.cursor + seconds * A_SECOND);
    if (next === this.cursor && this.cursor > 0) return;
    this.cursor = next;
    const iteration = Math.floor(next);
    this.curves.draw(source.tape, iteration);
    const measured = source.tape.evaluations(iteration);
    const last = measured[measured.length - 1];
    const accuracy = last ? `, accuracy ${(100 * last.values[3]).toFixed(0)} %` : "";
    text(this.words, `Iteration ${iteration.toLocaleString("en")}${accuracy}`);
    this.words.dataset.iteration = String(iteration);
  }
}
