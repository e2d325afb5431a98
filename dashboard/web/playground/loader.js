// Loads scenes into the page: asks for the header of a scene, opens its tape, and remembers earlier scenes for undo.
import { text } from "../core/dom.js";
import { sampled } from "../tape/curves.js";
import { Source, wrongWith } from "../tape/source.js";
import { Details } from "./details.js";
import { lacks } from "./drawing.js";
import { NetworkPicture } from "./network.js";
import { Second } from "./second.js";
import { Surface } from "./surface.js";

/** @typedef {import("./page.js").Playground} Playground */
/** @typedef {import("../tape/scene.js").Scene} Scene */

const MOST_UNDONE = 100;
const PALE = 3; // curves of earlier scenes that stay
const PALE_POINTS = 400; // of each of them

export class Loader {
  /** @param {Playground} page */
  constructor(page) {
    this.page = page;
    this.running = new AbortController();
    /** The scene that is shown. */
    this.loaded = page.scene;
    /** Scenes that were changed, and where their cursors stood: `undo` returns to the last.
     * @type {{scene: Scene, cursor: number}[]} */
    this.past = [];
  }

  remember() {
    const { scene, cursor } = this.page;
    this.past = [...this.past, { scene, cursor }].slice(-MOST_UNDONE);
  }

  /** Return to the scene before the last change, at the iteration at which it was made. */
  undo() {
    const last = this.past.pop();
    if (!last) return;
    this.page.cursor = last.cursor;
    void this.load(last.scene);
  }

  /** Leave nothing of the scenes before: no undo, no pale curves. */
  forget() {
    this.past = [];
    this.page.curves.pale = [];
    this.page.moment.shown = -1;
  }

  /** @param {Scene} scene */
  async load(scene) {
    const { page } = this;
    this.running.abort();
    this.running = new AbortController();
    const { signal } = this.running;
    page.scene = scene; // the next change may come before the answer
    if (lacks(scene)) {
      this.waitForPoints(scene);
      return;
    }
    try {
      const header = await page.tapes.describe(scene, signal);
      this.keepPale();
      page.source?.close();
      page.scene = this.loaded = header.differences;
      page.exact = page.cursor;
      page.source = new Source(
        header,
        () => page.moment.arrived(),
        (words) => text(page.status, words),
        page.tapes,
      );
      this.begin(header);
    } catch (error) {
      if (signal.aborted) return;
      text(page.status, wrongWith(error));
      page.scene = this.loaded;
      this.past.pop();
      page.showSettings();
    }
  }

  /** Drawn points that are too few to train on: they are shown, and more are waited for. @param {Scene} scene */
  waitForPoints(scene) {
    const { page } = this;
    if (page.playing) page.toggle();
    page.source?.close();
    page.source = null;
    text(page.status, lacks(scene));
    page.surface?.drawPoints(scene.added ?? []);
    if (!page.drawing.tool) page.drawing.choose("A");
    page.showSettings();
    page.transport.showUndo(this.past.length > 0);
    page.writeAddress();
  }

  keepPale() {
    const { source, moment, curves } = this.page;
    if (!source || moment.shown < 1) return;
    curves.pale = [...curves.pale, sampled(source.tape, moment.shown, PALE_POINTS)].slice(-PALE);
  }

  /** Show a scene whose tape is open. @param {import("../tape/tape.js").Header} header */
  begin(header) {
    const { page } = this;
    text(page.status, "");
    if (page.chosen >= header.synapses) page.chosen = 1;
    page.network = new NetworkPicture(page.networkPlace, header, (synapse) => page.choose(synapse));
    page.surface = new Surface(page.canvas, page.above, header);
    page.inspector.begin(header, page.chosen);
    page.list.begin(header);
    page.details?.close();
    page.details = new Details(
      header,
      () => {
        page.moment.detailed = true;
      },
      page.tapes,
    );
    page.showSettings();
    this.loadSecond();
    page.locks.apply();
    page.transport.showUndo(this.past.length > 0);
    page.moment.begin();
    page.writeAddress();
  }

  /** Put a second network beside the first, or take it away. */
  loadSecond() {
    const { page } = this;
    page.second?.close();
    page.second = null;
    page.controls.showSide(page.own);
    page.root.toggleAttribute("data-second", page.own !== null);
    page.moment.dirty = true;
    if (!page.own || !page.source) return;
    const { header } = page.source;
    const second = new Second(
      page.tapes,
      () => {
        page.loop.wake();
        if (page.source && second.shown !== second.cursorFor(page.source.header, page.cursor)) page.moment.dirty = true;
      },
      (words) => text(page.status, words),
    );
    page.second = second;
    page.inspector.element.before(second.element);
    void second.load(header, page.scene, page.own, page.controls.describeSide(page.own));
  }

  close() {
    this.running.abort();
  }
}
