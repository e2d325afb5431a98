// The moment at the cursor, drawn: surface, network, curves, the decision, and the words about them. Figures that cost
// much are drawn less often while the tape plays, and finer once it rests.
import { make, text } from "../core/dom.js";
import { praiseOf } from "./details.js";
import { wholeFrom0 } from "./stored.js";

/** @typedef {import("./page.js").Playground} Playground */
/** @typedef {import("../tape/source.js").Source} Source */

const CURVES_EVERY_MS = 100;
const NETWORK_EVERY_MS = 60; // while playing; the surface is drawn anew in each frame
const WORDS_EVERY_MS = 200;
const SPOKEN_EVERY_MS = 5000;
const SIDE_PLAYING = 50;
const SIDE_AT_REST = 100;

export class MomentView {
  /** @param {Playground} page */
  constructor(page) {
    this.page = page;
    this.praise = make("span", "playground-praise");
    this.spoken = make("p", "visually-hidden", undefined, { role: "status" });
    this.changed = true;
    /** Whether the fine drawing of a cursor at rest is done. */
    this.resting = false;
    this.unshown = false;
    /** Cursor that is drawn, -1 before anything is. */
    this.shown = -1;
    this.curvesAt = 0;
    this.networkAt = 0;
    this.wordsAt = 0;
    this.spokenAt = 0;
  }

  /** The tape that is played; there is one whenever something is drawn. */
  get tape() {
    return /** @type {Source} */ (this.page.source).tape;
  }

  /** Whether something changed since the last drawing: frames come until it is drawn. */
  get dirty() {
    return this.changed;
  }

  set dirty(now) {
    this.changed = now;
    if (now) this.page.loop.wake();
  }

  /** Whether details came that are not shown yet. */
  get detailed() {
    return this.unshown;
  }

  set detailed(now) {
    this.unshown = now;
    if (now) this.page.loop.wake();
  }

  /** A new scene begins: nothing of it is drawn. */
  begin() {
    this.shown = -1;
    delete this.page.root.dataset.rests;
    this.dirty = true;
  }

  /** Draw what is due in a frame. @param {number} now milliseconds */
  frame(now) {
    const { playing, cursor } = this.page;
    if (this.detailed && !this.dirty && !playing && this.shown === cursor) this.showDetails();
    if (this.dirty && this.tape.has(cursor)) this.draw(now);
    else if (!playing && !this.resting && this.tape.has(cursor)) this.drawAtRest();
  }

  /** Whether the next frame has something to draw that is here. @returns {boolean} */
  due() {
    return this.tape.has(this.page.cursor) && (this.dirty || !this.resting);
  }

  /** @param {number} now milliseconds */
  draw(now) {
    const { page, tape } = this;
    const { cursor, playing, transport } = page;
    this.dirty = false;
    this.detailed = false;
    this.shown = cursor;
    const moment = tape.seek(cursor);
    page.surface?.draw(moment.weights, SIDE_PLAYING);
    page.second?.draw(tape.header, cursor, SIDE_PLAYING);
    if (!playing || now - this.networkAt > NETWORK_EVERY_MS) {
      this.networkAt = now;
      page.surface?.drawUnits(moment.weights, page.network?.canvases ?? []);
      this.drawNetwork();
    }
    const iteration = cursor.toLocaleString("en");
    text(transport.now, `iteration ${iteration} · loss ${moment.loss.toFixed(4)}`);
    transport.showReach(cursor, tape.reaches(cursor));
    transport.scrub.setAttribute("aria-valuetext", `iteration ${iteration}`);
    transport.showBack(page.held, cursor);
    if (!playing || now - this.curvesAt > CURVES_EVERY_MS) {
      this.curvesAt = now;
      this.drawCurves();
    }
    if (!playing || now - this.wordsAt > WORDS_EVERY_MS) {
      this.wordsAt = now;
      this.inspect(now);
    }
    this.resting = false;
    delete page.root.dataset.rests;
    Object.assign(page.root.dataset, { iteration: String(cursor), tape: tape.header.tape });
    page.tell("reach", { iteration: cursor });
  }

  drawAtRest() {
    const { page, tape } = this;
    this.resting = true;
    page.surface?.draw(tape.seek(page.cursor).weights, SIDE_AT_REST);
    page.second?.draw(tape.header, page.cursor, SIDE_AT_REST);
    this.markComplete();
  }

  /** Mark on the root element that this moment is drawn completely; tests wait for that. */
  markComplete() {
    const { page, tape } = this;
    const detailed = !tape.synaptic || page.cursor === 0 || page.details?.at(page.cursor);
    const whole = wholeFrom0(tape) >= page.cursor; // the curves need what lies before
    const beside = page.second?.complete(tape.header, page.cursor) ?? true;
    if (this.resting && detailed && whole && beside) page.root.dataset.rests = String(page.cursor);
  }

  /** More of the tape is here. What is drawn already stays: its numbers are the same. */
  arrived() {
    const { page } = this;
    page.loop.wake();
    if (!page.source || this.dirty || page.playing) return;
    if (this.shown !== page.cursor) this.dirty = true;
    else {
      page.transport.showReach(page.cursor, this.tape.reaches(page.cursor));
      this.drawCurves();
      this.markComplete();
    }
  }

  drawCurves() {
    const { second, curves, cursor } = this.page;
    const other = second?.source?.tape;
    curves.draw(this.tape, cursor, other ? { tape: other, cursor: Math.max(0, second.shown) } : null);
  }

  /** Weights, and what the synapses did; with the teacher's switch, whether they did right. */
  drawNetwork() {
    const { page, tape } = this;
    const { cursor, judging } = page;
    const gradient = judging.checked ? (page.details?.at(cursor)?.gradient ?? null) : null;
    const moves = tape.deed(cursor)?.moves ?? null;
    page.network?.draw(tape.seek(cursor).weights, moves, page.chosen, gradient);
    page.list.draw(tape.seek(cursor).weights, moves);
    text(this.praise, judging.checked ? this.praised() : "");
  }

  /** How many moves were right: now, and of those praised in this stretch of the tape. @returns {string} */
  praised() {
    const { page, tape } = this;
    if (tape.header.no_gradient) return tape.header.no_gradient;
    if (!tape.synaptic) return "Under gradient descent every move goes downhill.";
    const chunk = page.details?.chunk(page.cursor);
    if (!chunk || page.cursor <= chunk.start) return "";
    const told = praiseOf(tape, chunk, page.cursor);
    const { right, wrong } = told.now;
    const lamp = told.on ? "praised" : "not praised";
    const all = told.right + told.wrong;
    const share = all ? `${((100 * told.right) / all).toFixed(0)} % of ${all.toLocaleString("en")}` : "none";
    return `Now ${right} of ${right + wrong} moves went downhill, ${lamp}. Right of the moves praised since ${chunk.start}: ${share}.`;
  }

  /** Details that came after the drawing: they add to it. */
  showDetails() {
    this.detailed = false;
    this.drawNetwork();
    this.inspect(this.page.last);
    this.markComplete();
    this.page.tell("reach", { iteration: this.page.cursor });
  }

  /** Show the chosen synapse's decision. @param {number} now milliseconds */
  inspect(now) {
    const { page, tape } = this;
    const { cursor } = page;
    const detail = page.details?.at(cursor) ?? null;
    const told = page.inspector.draw(tape, cursor, page.chosen, detail, page.judging.checked);
    if (cursor && (!page.playing || now - this.spokenAt > SPOKEN_EVERY_MS)) {
      this.spokenAt = now;
      text(this.spoken, `Iteration ${cursor}. ${told}`);
    }
  }

  recolour() {
    this.page.surface?.recolour();
    this.page.second?.recolour();
    this.dirty = true;
  }
}
