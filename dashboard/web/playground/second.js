// The second network beside the first: its own tape, surface and picture, kept in lock step with the first.
import { make, text } from "../core/dom.js";
import { Source, wrongWith } from "../tape/source.js";
import { NetworkPicture } from "./network.js";
import { forwardPasses, lockStep, sideScene } from "./side.js";
import { Surface } from "./surface.js";

/** @typedef {import("../tape/scene.js").Scene} Scene */
/** @typedef {import("../tape/tape.js").Header} Header */

export class Second {
  /** @param {import("../tape/source.js").Tapes} tapes @param {() => void} arrived
   * @param {(words: string) => void} failed */
  constructor(tapes, arrived, failed) {
    this.tapes = tapes;
    this.arrived = arrived;
    this.failed = failed;
    this.canvas = make("canvas", "playground-surface");
    this.above = make("canvas", "playground-above", undefined, { width: "640", height: "640" });
    this.networkPlace = make("div", "playground-network");
    this.caption = make("figcaption", "caption");
    this.refusal = make("p", "refusal", undefined, { role: "alert" });
    const picture = make("div", "playground-picture", undefined, {}, this.canvas, this.above);
    this.element = make("figure", "playground-figure playground-second", undefined, { "aria-label": "Second network" });
    this.element.append(this.refusal, picture, this.caption, this.networkPlace);
    this.loading = new AbortController();
    /** @type {Source | null} */
    this.source = null;
    /** @type {Surface | null} */
    this.surface = null;
    /** @type {NetworkPicture | null} */
    this.network = null;
    this.shown = -1;
    this.refused = false;
    this.name = "";
  }

  close() {
    this.loading.abort();
    this.source?.close();
    this.element.remove();
  }

  /** @param {Header} first @param {Scene} scene of the first @param {Scene} own @param {string} name */
  async load(first, scene, own, name) {
    this.name = name;
    const { signal } = this.loading;
    try {
      const header = await this.tapes.describe(sideScene(scene, own), signal);
      this.source = new Source(header, this.arrived, this.failed, this.tapes);
      this.surface = new Surface(this.canvas, this.above, header);
      this.network = new NetworkPicture(this.networkPlace, header, () => {});
      this.arrived();
    } catch (error) {
      if (signal.aborted) return;
      const only = first.no_gradient ? " Under gradient descent only the output layer could learn here." : "";
      text(this.refusal, wrongWith(error) + only);
      this.element.toggleAttribute("data-refused", true);
      this.refused = true;
      this.arrived();
    }
  }

  /** Its iteration beside that of the first. @param {Header} first @param {number} cursor */
  cursorFor(first, cursor) {
    return this.source ? Math.min(lockStep(first, this.source.header, cursor), this.source.tape.end) : 0;
  }

  /** Whether it is ready to stand beside the first; one that was refused is not waited for.
   * @param {Header} first @param {number} cursor */
  ready(first, cursor) {
    return !this.source || this.source.tape.has(this.cursorFor(first, cursor));
  }

  /** Whether all there is to see of it beside the first is drawn. @param {Header} first @param {number} cursor */
  complete(first, cursor) {
    return this.refused || (this.source !== null && this.shown === this.cursorFor(first, cursor));
  }

  /** @param {Header} first @param {number} cursor @param {number} side points a side of the surface */
  draw(first, cursor, side) {
    const { source } = this;
    const at = this.cursorFor(first, cursor);
    if (!source?.tape.has(at)) return;
    const { tape, header } = source;
    const moment = tape.seek(at);
    this.shown = at;
    this.surface?.draw(moment.weights, side);
    this.surface?.drawUnits(moment.weights, this.network?.canvases ?? []);
    this.network?.draw(moment.weights, tape.deed(at)?.moves ?? null, -1);
    const measured = tape.evaluations(at);
    const last = measured[measured.length - 1];
    const accuracy = last ? ` · validation ${(100 * last.values[3]).toFixed(0)} %` : "";
    const passes = forwardPasses(header, at).toLocaleString("en");
    const backward = header.scene.method === "gradient" ? ", as many backward" : "";
    text(
      this.caption,
      `${this.name} · loss ${moment.loss.toFixed(4)}${accuracy} · ${passes} forward passes${backward}`,
    );
  }

  recolour() {
    this.surface?.recolour();
  }
}
