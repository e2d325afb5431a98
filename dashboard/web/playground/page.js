// The playground: plays the tape of a scene. The cursor moves over the tape; whatever is shown follows from both.
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { button, copyLinkButton, findId, make, text, writing } from "../core/dom.js";
import { downloadText } from "../core/download.js";
import { onChange } from "../core/theme.js";
import { Controls } from "./controls.js";
import { Curves, sampled } from "./curves.js";
import { beats, decisionOf, nameOf, sentence } from "./decision.js";
import { NetworkPicture } from "./network.js";
import { policyFile } from "./policy_file.js";
import { fromAddress, toAddress } from "./scene.js";
import { describe, Source } from "./source.js";
import { Surface } from "./surface.js";
import { TablePicture } from "./table.js";

/** @typedef {import("./scene.js").Form} Form */
/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./tape.js").Change} Change */

const SPEEDS = [1, 10, 100, Infinity];
const FASTEST = 2000; // iterations a second, if the server trains as fast
const CURVES_EVERY_MS = 100;
const NETWORK_EVERY_MS = 60; // while playing; the surface is drawn anew in each frame
const WORDS_EVERY_MS = 200;
const SIDE_PLAYING = 50;
const SIDE_AT_REST = 100;
const EDITS = ["weight", "cell"]; // changes of one number among many
const MOST_UNDONE = 100;
const PALE = 3; // curves of earlier scenes that stay
const SPOKEN_EVERY_MS = 5000;

class Playground {
  /** @param {HTMLElement} root @param {Form} form */
  constructor(root, form) {
    this.root = root;
    this.form = form;
    const { scene, notes } = fromAddress(location.search, form);
    /** @type {Scene} */
    this.scene = scene;
    /** The scene that is shown. */
    this.loaded = scene;
    const at = Number(new URLSearchParams(location.search).get("at") ?? 0);
    this.cursor = Number.isFinite(at) ? Math.max(0, Math.round(at)) : 0;
    this.exact = this.cursor; // the cursor between two frames may stand between two iterations
    this.speed = 100;
    this.playing = false;
    this.chosen = 1;
    /** @type {Source | null} */
    this.source = null;
    this.dirty = true;
    this.resting = false;
    this.last = 0;
    this.curvesAt = 0;
    this.networkAt = 0;
    this.wordsAt = 0;
    this.spokenAt = 0;
    this.loading = new AbortController();
    this.networkPlace = make("div", "playground-network");
    this.canvas = make("canvas", "playground-surface");
    this.above = make("canvas", "playground-above", undefined, { width: "640", height: "640" });
    this.inspector = make("ol", "playground-beats");
    this.sentence = make("p", "playground-sentence");
    this.synapses = make("select", "", undefined, { id: "playground-synapse", "aria-label": "Synapse" });
    this.synapses.addEventListener("change", () => this.choose(Number(this.synapses.value)));
    this.weight = make("input", "", undefined, {
      id: "playground-weight",
      type: "number",
      step: "0.05",
      min: "-100",
      max: "100",
      "aria-label": "Weight; type another to go on with it",
    });
    this.weight.addEventListener("change", () => this.setWeight());
    this.tablePlace = make("div", "playground-table");
    this.now = make("p", "playground-now");
    this.status = make("p", "refusal", undefined, { role: "alert" });
    this.spoken = make("p", "visually-hidden", undefined, { role: "status" });
    this.notes = make("ul", "playground-notes");
    this.settingsPlace = make("section", "playground-settings", undefined, { "aria-label": "Scene" });
    this.curvesPlace = make("div", "playground-curve-place");
    this.controls = new Controls(this.settingsPlace, form, (setting, value) => this.change(setting, value));
    this.curves = new Curves(this.curvesPlace);
    this.playButton = button("button", "Play", () => this.toggle(), { title: "Space" });
    this.backButton = button("button-plain", "Back", () => this.step(-1), { title: "Left; ten with Shift" });
    this.speedField = make("select", "", undefined, {
      id: "playground-speed",
      "aria-label": "Speed, iterations a second",
    });
    this.scrub = make("input", "playground-scrub", undefined, {
      type: "range",
      min: "0",
      max: "100",
      value: "0",
      "aria-label": "Iteration",
    });
    /** Cursor that is drawn, -1 before anything is. */
    this.shown = -1;
    /** Scenes that were changed, and where their cursors stood: `undo` returns to the last.
     * @type {{scene: Scene, cursor: number}[]} */
    this.past = [];
    this.undoButton = button("button-plain", "Undo", () => this.undo(), { title: "Ctrl+Z: take the last change back" });
    /** @type {NetworkPicture | null} */
    this.network = null;
    /** @type {Surface | null} */
    this.surface = null;
    /** @type {TablePicture | null} */
    this.table = null;
    this.build();
    this.notes.replaceChildren(
      ...notes.map((note) => make("li", "", `${note.key}=${note.given}: ${note.used}; ${note.why}.`)),
    );
    this.notes.hidden = notes.length === 0;
    this.endTheme = onChange(() => this.recolour());
    this.keys = (/** @type {KeyboardEvent} */ event) => this.key(event);
    document.addEventListener("keydown", this.keys);
    this.load();
    requestAnimationFrame((now) => this.frame(now));
  }

  // -- building -------------------------------------------------------------------------------------------

  build() {
    const pictures = make("div", "playground-picture", undefined, {}, this.canvas, this.above);
    const looking = make("section", "playground-inspector", undefined, { "aria-label": "One synapse" });
    const chosen = make("div", "playground-chosen", undefined, {}, this.synapses, this.weight);
    looking.append(make("h2", "", "One decision"), chosen, this.inspector, this.sentence, this.tablePlace);
    this.curvesPlace.append(
      this.figureCaption(
        "Loss of the batch (dark, left axis); accuracy on validation points (green) and training points (pale), right axis.",
      ),
    );
    this.root.replaceChildren(
      this.status,
      this.notes,
      this.settingsPlace,
      this.figure(
        this.networkPlace,
        "Edges are weights: thick is large, dashed is below zero. Click one to follow it.",
      ),
      this.figure(pictures, "● class A, ▲ class B; hollow points validate. On the line both classes are as likely."),
      looking,
      this.transport(),
      this.curvesPlace,
      this.spoken,
    );
  }

  /** @param {HTMLElement} content @param {string} caption */
  figure(content, caption) {
    return make("figure", "playground-figure", undefined, {}, content, make("figcaption", "caption", caption));
  }

  /** @param {string} words */
  figureCaption(words) {
    return make("p", "caption", words);
  }

  transport() {
    const bar = make("div", "playground-transport", undefined, { role: "toolbar", "aria-label": "Play" });
    for (const one of SPEEDS) {
      const words = one === Infinity ? "as fast as it goes" : `${one} a second`;
      this.speedField.append(make("option", "", words, { value: String(one) }));
    }
    this.speedField.value = String(this.speed);
    this.speedField.addEventListener("change", () => {
      this.speed = Number(this.speedField.value);
    });
    this.scrub.addEventListener("input", () => this.go(Number(this.scrub.value)));
    bar.append(
      button("button-plain", "Reset", () => this.reset(), { title: "Home: the same start" }),
      this.backButton,
      this.playButton,
      button("button-plain", "Step", () => this.step(1), { title: "Right; ten with Shift" }),
      this.speedField,
      this.scrub,
      this.now,
      this.undoButton,
      button("button-plain", "New start", () => this.newStart(), { title: "The next seed" }),
      copyLinkButton(() => this.address(true)),
    );
    return bar;
  }

  // -- the scene ------------------------------------------------------------------------------------------

  /** @param {string} setting the value in force at the cursor */
  value(setting) {
    const { dataset } = this.form.settings;
    if (setting === "noise") {
      return (
        this.scene.parameters?.noise ?? this.form.parameters[this.scene.dataset ?? dataset.default].noise?.default ?? 0
      );
    }
    let value = this.scene[setting] ?? this.form.settings[setting].default;
    for (const change of this.scene.changes ?? []) {
      if (change.setting === setting && change.iteration <= this.cursor) value = change.value;
    }
    return value;
  }

  /** Take another value: a branch of the tape from here on, where the setting allows that, else a new start.
   * @param {string} setting @param {any} value */
  change(setting, value) {
    if (this.form.changeable.includes(setting) && this.cursor > 0) {
      this.branch([{ setting, value }]);
      return;
    }
    this.remember();
    const scene = this.settled();
    if (setting === "noise") scene.parameters = { ...scene.parameters, noise: value };
    else scene[setting] = value;
    if (setting === "dataset") delete scene.parameters;
    this.cursor = 0;
    this.load(scene);
  }

  /** Make changes at the cursor; what was changed later no longer is.
   * @param {{setting: string, value: any}[]} changes */
  branch(changes) {
    const target = (/** @type {{setting: string, value: any}} */ { setting, value }) =>
      EDITS.includes(setting) ? `${setting} ${value[0]}` : setting;
    const replaced = new Set(changes.map(target));
    const kept = (this.scene.changes ?? []).filter(
      (/** @type {Change} */ one) =>
        one.iteration < this.cursor || (one.iteration === this.cursor && !replaced.has(target(one))),
    );
    const made = changes.map((change) => ({ iteration: this.cursor, ...change }));
    this.remember();
    this.load({ ...this.scene, changes: [...kept, ...made] });
  }

  remember() {
    this.past = [...this.past, { scene: this.scene, cursor: this.cursor }].slice(-MOST_UNDONE);
  }

  /** Take the last change back: the scene before it, at the iteration at which it was made. */
  undo() {
    const last = this.past.pop();
    if (!last) return;
    this.cursor = last.cursor;
    this.load(last.scene);
  }

  /** The scene that begins with the settings and the table in force at the cursor. @returns {Scene} */
  settled() {
    /** @type {Scene} */
    const scene = { ...this.scene };
    for (const name of this.form.changeable) if (name in this.form.settings) scene[name] = this.value(name);
    /** @type {Change[]} */
    const passed = (scene.changes ?? []).filter((/** @type {Change} */ one) => one.iteration <= this.cursor);
    const sincePolicy = passed.slice(passed.findLastIndex((one) => one.setting === "policy") + 1);
    scene.changes = sincePolicy.filter((one) => one.setting === "cell").map((one) => ({ ...one, iteration: 0 }));
    return scene;
  }

  /** @param {Scene} [scene] */
  async load(scene = this.scene) {
    this.loading.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    this.scene = scene; // the next change may come before the answer
    try {
      const header = await describe(scene, signal);
      this.keepPale();
      this.source?.close();
      this.scene = this.loaded = header.differences;
      this.exact = this.cursor;
      this.source = new Source(
        header,
        () => this.arrived(),
        (words) => text(this.status, words),
      );
      this.begin();
    } catch (error) {
      if (signal.aborted) return;
      text(this.status, messageOf(error));
      this.scene = this.loaded;
      this.past.pop();
      this.controls.show((setting) => this.value(setting));
    }
  }

  keepPale() {
    const tape = this.source?.tape;
    if (!tape || this.shown < 1) return;
    this.curves.pale = [...this.curves.pale, sampled(tape, this.shown, 400)].slice(-PALE);
  }

  begin() {
    const { header } = /** @type {Source} */ (this.source);
    text(this.status, "");
    if (this.chosen >= header.synapses) this.chosen = 1;
    this.network = new NetworkPicture(this.networkPlace, header, (synapse) => this.choose(synapse));
    this.surface = new Surface(this.canvas, this.above, header);
    this.table = new TablePicture(this.tablePlace, header, {
      edit: (changes) => this.branch(changes),
      save: () => this.saveTable(),
    });
    this.synapses.replaceChildren(
      ...Array.from({ length: header.synapses }, (_, synapse) =>
        make("option", "", nameOf(header, synapse), { value: String(synapse) }),
      ),
    );
    this.synapses.value = String(this.chosen);
    this.controls.show((setting) => this.value(setting));
    this.undoButton.toggleAttribute("disabled", this.past.length === 0);
    this.shown = -1;
    delete this.root.dataset.rests;
    this.dirty = true;
    this.writeAddress();
  }

  /** More of the tape is here. What is drawn already stays: its numbers are the same. */
  arrived() {
    const tape = this.source?.tape;
    if (!tape || this.dirty || this.playing) return;
    if (this.shown !== this.cursor) this.dirty = true;
    else this.showReach(tape);
  }

  // -- the cursor -----------------------------------------------------------------------------------------

  toggle() {
    this.playing = !this.playing;
    this.resting = false;
    text(this.playButton, this.playing ? "Pause" : "Play");
    this.dirty = true;
    if (!this.playing) this.writeAddress();
  }

  /** @param {number} iterations */
  step(iterations) {
    if (this.playing) this.toggle();
    this.go(this.cursor + iterations);
    this.writeAddress();
  }

  /** @param {number} iteration */
  go(iteration) {
    const tape = this.source?.tape;
    if (!tape) return;
    this.cursor = Math.max(0, Math.min(iteration, tape.end));
    this.exact = this.cursor;
    this.dirty = true;
  }

  reset() {
    if (this.playing) this.toggle();
    this.go(0);
    this.writeAddress();
  }

  newStart() {
    this.change("seed", this.value("seed") + 1);
  }

  /** @param {number} synapse */
  choose(synapse) {
    this.chosen = synapse;
    this.synapses.value = String(synapse);
    this.wordsAt = 0;
    this.dirty = true;
  }

  saveTable() {
    const { tape } = /** @type {Source} */ (this.source);
    const acting = tape.acting(this.cursor + 1);
    const name = `${acting.name}-at-${this.cursor}`;
    const { table } = tape.seek(this.cursor);
    downloadText(`${name}.json`, "application/json", policyFile(table, tape.header.history, acting, name));
  }

  setWeight() {
    const value = Number(this.weight.value);
    if (this.weight.value === "" || !Number.isFinite(value)) return;
    this.branch([{ setting: "weight", value: [this.chosen, Math.max(-100, Math.min(100, value))] }]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && !writing(event.target)) {
      event.preventDefault();
      this.undo();
      return;
    }
    if (writing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const on = event.target instanceof Element && event.target.closest("button, a, summary");
    const many = event.shiftKey ? 10 : 1;
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowRight: () => this.step(many),
      ArrowLeft: () => this.step(-many),
      Home: () => this.reset(),
      End: () => this.step(Infinity),
      "[": () => this.faster(-1),
      "]": () => this.faster(1),
    };
    if (!on) acts[" "] = () => this.toggle();
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** @param {number} by */
  faster(by) {
    const place = Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(this.speed) + by));
    this.speed = SPEEDS[place];
    this.speedField.value = String(this.speed);
  }

  // -- drawing --------------------------------------------------------------------------------------------

  /** @param {number} now milliseconds */
  frame(now) {
    if (!this.root.isConnected) {
      this.close();
      return;
    }
    requestAnimationFrame((next) => this.frame(next));
    const seconds = Math.min(0.25, (now - this.last) / 1000);
    this.last = now;
    const { source } = this;
    if (!source) return;
    if (this.playing) this.advance(source, seconds);
    source.want(this.cursor, this.playing ? Math.min(this.speed, FASTEST) : 0);
    if (this.dirty && source.tape.has(this.cursor)) this.draw(now);
    else if (!this.playing && !this.resting && source.tape.has(this.cursor)) this.drawAtRest();
  }

  /** @param {Source} source @param {number} seconds */
  advance(source, seconds) {
    const { tape } = source;
    if (!tape.has(this.cursor)) return;
    this.exact = Math.min(this.exact + seconds * Math.min(this.speed, FASTEST), tape.reaches(this.cursor));
    const cursor = Math.floor(this.exact);
    if (cursor !== this.cursor) {
      this.cursor = cursor;
      this.dirty = true;
    }
    if (this.cursor >= tape.end) {
      this.toggle();
      if (tape.ended) text(this.status, tape.ended);
    }
  }

  /** @param {number} now */
  draw(now) {
    const { tape } = /** @type {Source} */ (this.source);
    this.dirty = false;
    this.shown = this.cursor;
    const moment = tape.seek(this.cursor);
    this.surface?.draw(moment.weights, SIDE_PLAYING);
    if (!this.playing || now - this.networkAt > NETWORK_EVERY_MS) {
      this.networkAt = now;
      this.surface?.drawUnits(moment.weights, this.network?.canvases ?? []);
      this.network?.draw(moment.weights, tape.deed(this.cursor)?.moves ?? null, this.chosen);
    }
    const iteration = this.cursor.toLocaleString("en");
    text(this.now, `iteration ${iteration} · loss ${moment.loss.toFixed(4)}`);
    this.showReach(tape);
    this.scrub.setAttribute("aria-valuetext", `iteration ${iteration}`);
    this.backButton.toggleAttribute("disabled", this.cursor === 0);
    if (!this.playing || now - this.curvesAt > CURVES_EVERY_MS) {
      this.curvesAt = now;
      this.curves.draw(tape, this.cursor);
    }
    if (!this.playing || now - this.wordsAt > WORDS_EVERY_MS) {
      this.wordsAt = now;
      this.inspect();
    }
    this.resting = false;
    delete this.root.dataset.rests;
    Object.assign(this.root.dataset, { iteration: String(this.cursor), tape: tape.header.tape });
  }

  /** @param {import("./tape.js").Tape} tape */
  showReach(tape) {
    this.scrub.max = String(Math.max(100, tape.reaches(this.cursor)));
    this.scrub.value = String(this.cursor);
  }

  drawAtRest() {
    const { tape } = /** @type {Source} */ (this.source);
    this.resting = true;
    this.surface?.draw(tape.seek(this.cursor).weights, SIDE_AT_REST);
    this.root.dataset.rests = String(this.cursor);
  }

  inspect() {
    const { tape } = /** @type {Source} */ (this.source);
    const decision = decisionOf(tape, this.chosen, this.cursor);
    this.table?.draw(tape, this.cursor, this.chosen);
    if (document.activeElement !== this.weight) {
      this.weight.value = tape.seek(this.cursor).weights[this.chosen].toFixed(4);
    }
    if (!decision) {
      const words = tape.synaptic
        ? "Nothing has happened yet: press Step."
        : "Under gradient descent synapses decide nothing.";
      this.inspector.replaceChildren();
      text(this.sentence, words);
      return;
    }
    this.inspector.replaceChildren(
      ...beats(decision).map(([title, words]) => make("li", "", undefined, {}, make("strong", "", title), ` ${words}`)),
    );
    const told = sentence(tape.header, this.chosen, decision);
    text(this.sentence, told);
    if (!this.playing || this.last - this.spokenAt > SPOKEN_EVERY_MS) {
      this.spokenAt = this.last;
      text(this.spoken, `Iteration ${this.cursor}. ${told}`);
    }
  }

  recolour() {
    this.surface?.recolour();
    this.dirty = true;
  }

  // -- the address ----------------------------------------------------------------------------------------

  /** @param {boolean} moment */
  address(moment) {
    const query = [toAddress(this.scene, this.form), moment && this.cursor ? `at=${this.cursor}` : ""].filter(Boolean);
    return url(`/playground${query.length ? `?${query.join("&")}` : ""}`);
  }

  writeAddress() {
    if (this.root.isConnected) history.replaceState(history.state, "", this.address(true));
  }

  close() {
    this.loading.abort();
    this.source?.close();
    this.endTheme();
    document.removeEventListener("keydown", this.keys);
  }
}

export async function mountPlayground() {
  const root = findId("playground");
  if (!root) return;
  try {
    new Playground(root, await call("GET", "/api/v1/playground/form"));
  } catch (error) {
    root.replaceChildren(make("p", "refusal", messageOf(error), { role: "alert" }));
  }
}
