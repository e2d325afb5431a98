// The playground: plays the tape of a scene. The cursor moves over the tape; whatever is shown follows from both.
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { button, checkLabel, copyLinkButton, findId, make, text, writing } from "../core/dom.js";
import { download, downloadText } from "../core/download.js";
import { onChange } from "../core/theme.js";
import { Curves, sampled } from "../tape/curves.js";
import { SERVER, Source, wrongWith } from "../tape/source.js";
import { Controls } from "./controls.js";
import { Details, praiseOf } from "./details.js";
import { Drawing, lacks, pointsOf, withoutPoint, withPoint } from "./drawing.js";
import { Inspector } from "./inspector.js";
import { SynapseList } from "./list.js";
import { Locks } from "./locks.js";
import { NetworkPicture } from "./network.js";
import { policyFile } from "./policy_file.js";
import { SaveMenu } from "./save_menu.js";
import { asPng, curvesCsv, curvesSvg, networkSvg, surfaceSvg } from "./saving.js";
import { actingBy, fromAddress, historyOf, toAddress } from "./scene.js";
import { Second } from "./second.js";
import { readSide, writeSide } from "./side.js";
import { wholeFrom0, withTapes } from "./stored.js";
import { Surface } from "./surface.js";

/** @typedef {import("./scene.js").Form} Form */
/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("../tape/tape.js").Change} Change */

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
const BEATS = 5;
const BEAT_MS = 1250;
/** Speeds, in iterations a second, up to which draws of chance and slopes are asked for while playing. */
const DETAILED_UP_TO = 10;
const JUDGED_UP_TO = 100;

export class Playground {
  /** @param {HTMLElement} root @param {Form} form @param {import("../tape/source.js").Tapes} tapes
   * @param {string} search the address's part after "?" @param {string} address of the page; "" where it has none */
  constructor(root, form, tapes, search, address) {
    this.root = root;
    this.form = form;
    this.tapes = tapes;
    this.page = address;
    const { scene, notes } = fromAddress(search, form);
    /** @type {Scene} */
    this.scene = scene;
    /** The scene that is shown. */
    this.loaded = scene;
    const at = Number(new URLSearchParams(search).get("at") ?? 0);
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
    this.drawing = new Drawing(this.above, (tool, x, y) => this.drawPoint(tool, x, y));
    this.inspector = new Inspector({
      choose: (synapse) => this.choose(synapse),
      setWeight: (value) => this.branch([{ setting: "weight", value: [this.chosen, value] }]),
      edit: (edits) => this.branch(edits),
      saveTable: () => this.saveTable(),
      beat: (by) => this.goToBeat(by),
      slowly: () => this.slowly(),
    });
    this.saving = new SaveMenu([
      { words: "Curves (CSV)", act: () => this.saveCurves() },
      ...["Network", "Surface", "Curves"].flatMap((figure) =>
        ["SVG", "PNG"].map((format) => ({
          words: `${figure} (${format})`,
          act: () => this.saveFigure(figure.toLowerCase(), format.toLowerCase()),
        })),
      ),
      { words: "As one HTML file, with its tape", act: () => this.saveFile(), online: true },
      { words: "As an ordinary run, queued", act: () => this.saveRun(), changes: true, online: true },
    ]);
    this.list = new SynapseList((synapse) => this.choose(synapse));
    this.list.element.addEventListener("toggle", () => {
      this.dirty = true;
    });
    /** Part of the decision that is lit, 1 to 5; 0: none, all are shown alike. */
    this.beat = 0;
    /** Whether the cursor may not move, and whether nothing may be changed: a lesson waits for a prediction, or plays it. */
    this.held = false;
    this.frozen = false;
    /** Iteration at which playing stops. */
    this.stopAt = Infinity;
    /** Lesson and step, as in one-synapse.turn, that somebody left for free play. */
    this.lesson = lessonOf(search);
    /** When the next beat follows by itself; 0: it is waited for. */
    this.nextBeatAt = 0;
    /** Whether details came that are not shown yet. */
    this.detailed = false;
    this.judging = make("input", "", undefined, { type: "checkbox", id: "playground-judging" });
    this.judging.addEventListener("change", () => {
      this.dirty = true;
      if (this.judging.checked) this.tell("judge");
    });
    this.praise = make("span", "playground-praise");
    this.now = make("p", "playground-now");
    this.status = make("p", "refusal", undefined, { role: "alert" });
    this.spoken = make("p", "visually-hidden", undefined, { role: "status" });
    this.notes = make("ul", "playground-notes");
    this.settingsPlace = make("section", "playground-settings", undefined, { "aria-label": "Scene" });
    this.curvesPlace = make("div", "playground-curve-place");
    this.controls = new Controls(this.settingsPlace, form, (setting, value) => this.change(setting, value));
    const side = readSide(new URLSearchParams(search).get("vs") ?? "", form);
    notes.push(...side.notes);
    /** Settings of the second network. @type {Scene | null} */
    this.own = Object.keys(side.own).length ? side.own : null;
    /** @type {Second | null} */
    this.second = null;
    if (address) void this.controls.offerLibrary((words) => text(this.status, words));
    this.controls.offerPresets((preset) => this.beginAnew(preset));
    this.controls.offerSide((own) => {
      this.own = own;
      this.loadSecond();
      this.writeAddress();
      if (own) for (const [setting, value] of Object.entries(own)) this.tell("side", { setting, value });
    });
    this.locks = new Locks(
      root,
      new URLSearchParams(search),
      (name) => form.settings[name]?.title ?? name,
      () => this.writeAddress(),
    );
    notes.push(...this.locks.notes);
    this.curves = new Curves(this.curvesPlace);
    this.playButton = button("button", "Play", () => this.toggle(), { title: "Space" });
    this.backButton = button("button-plain", "Back", () => this.step(-1), { title: "Left; ten with Shift" });
    this.resetButton = button("button-plain", "Reset", () => this.reset(), { title: "Home: the same start" });
    this.stepButton = button("button-plain", "Step", () => this.step(1), { title: "Right; ten with Shift" });
    this.speedField = make("select", "", undefined, {
      id: "playground-speed",
      "aria-label": "Speed, iterations a second",
      "data-control": "speed",
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
    this.undoButton = button("button-plain for-server", "Undo", () => this.undo(), {
      title: "Ctrl+Z: take the last change back",
    });
    /** @type {NetworkPicture | null} */
    this.network = null;
    /** @type {Surface | null} */
    this.surface = null;
    /** @type {Details | null} */
    this.details = null;
    this.build();
    for (const [name, element] of Object.entries({
      network: this.networkPlace,
      lamps: this.curves.lamps,
      "button.back": this.backButton,
      "button.play": this.playButton,
      "button.reset": this.resetButton,
      "button.slow": this.inspector.slow,
      "button.step": this.stepButton,
    })) {
      element.dataset.part = name;
    }
    this.notes.replaceChildren(
      ...notes.map((note) => make("li", "", `${note.key}=${note.given}: ${note.used}; ${note.why}.`)),
    );
    this.notes.hidden = notes.length === 0;
    this.endTheme = onChange(() => this.recolour());
    this.keys = (/** @type {KeyboardEvent} */ event) => this.key(event);
    document.addEventListener("keydown", this.keys);
    void this.load();
    requestAnimationFrame((now) => this.frame(now));
  }

  // -- building -------------------------------------------------------------------------------------------

  build() {
    const pictures = make(
      "div",
      "playground-picture",
      undefined,
      { "data-part": "surface" },
      this.canvas,
      this.above,
      this.drawing.cross,
    );
    const question = checkLabel("Was the reward deserved? (teacher's knowledge)", this.judging);
    question.dataset.control = "judge";
    this.curvesPlace.dataset.control = "curves";
    this.curves.strip.prepend(question, this.praise);
    this.curvesPlace.append(
      this.figureCaption(
        "Loss of the batch (dark, left axis); accuracy on validation points (green) and training points (pale), right axis.",
      ),
    );
    this.root.replaceChildren(
      make("div", "playground-messages", undefined, {}, this.status, this.notes, ...this.wayBack()),
      this.settingsPlace,
      this.figure(this.networkPlace, "Edge: thick large, dashed below zero; click one to follow it."),
      this.figure(pictures, "● class A, ▲ class B; hollow: validation; line: 50 %.", this.drawing.tools),
      this.inspector.element,
      this.inspector.telling,
      this.transport(),
      this.curvesPlace,
      this.list.element,
      this.locks.panel,
      this.spoken,
    );
  }

  /** From free play back to the step of the lesson. @returns {HTMLElement[]} */
  wayBack() {
    if (!this.lesson || !this.page) return [];
    const [lesson, step] = this.lesson.split(".");
    const link = make("a", "", "Back to the lesson", { href: url(`/learn/${lesson}?step=${step}`) });
    return [make("p", "playground-way-back", undefined, {}, "You left a lesson for free play. ", link)];
  }

  /** @param {HTMLElement} content @param {string} caption @param {HTMLElement[]} more */
  figure(content, caption, ...more) {
    return make("figure", "playground-figure", undefined, {}, content, make("figcaption", "caption", caption), ...more);
  }

  /** @param {string} words */
  figureCaption(words) {
    return make("p", "caption", words);
  }

  transport() {
    const bar = make("div", "playground-transport", undefined, { role: "toolbar", "aria-label": "Play" });
    const copying = copyLinkButton(() => this.address(true));
    copying.classList.add("for-server");
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
      this.resetButton,
      this.backButton,
      this.playButton,
      this.stepButton,
      this.speedField,
      this.scrub,
      this.now,
      this.undoButton,
      button("button-plain for-server", "New start", () => this.newStart(), {
        title: "The next seed",
        "data-control": "start",
      }),
      this.saving.element,
      copying,
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
    if (this.frozen) return;
    this.tell("change", { setting, value });
    // A synapse can't remember more on the way: a policy of another history begins anew.
    const isOfAnotherHistory =
      setting === "policy" && historyOf(value, this.form) !== historyOf(this.value("policy"), this.form);
    if (this.form.changeable.includes(setting) && this.cursor > 0 && !isOfAnotherHistory) {
      this.branch([{ setting, value }]);
      return;
    }
    const scene = this.settled();
    if (isOfAnotherHistory) delete scene.changes; // cells of the other table
    if (setting === "noise") scene.parameters = { ...scene.parameters, noise: value };
    else if (setting === "policy") Object.assign(scene, actingBy(value, this.value("exploration"), this.form));
    else scene[setting] = value;
    if (setting === "dataset") for (const name of ["parameters", "added", "removed"]) delete scene[name];
    this.beginAnew(scene);
  }

  /** @param {Scene} scene */
  beginAnew(scene) {
    if (this.frozen) return;
    this.remember();
    this.cursor = 0;
    void this.load(scene);
  }

  /** Draw a point, or take one away: the scene begins anew with it. @param {string} tool @param {number} x
   * @param {number} y */
  drawPoint(tool, x, y) {
    const points = this.source ? pointsOf(this.scene, this.source.header) : (this.scene.added ?? []);
    const drawn =
      tool === "remove" ? withoutPoint(this.scene, points, x, y) : withPoint(this.scene, [x, y, tool === "A" ? 0 : 1]);
    if (drawn) this.beginAnew({ ...this.settled(), ...drawn });
  }

  /** Make changes at the cursor; what was changed later no longer is.
   * @param {{setting: string, value: any}[]} changes */
  branch(changes) {
    if (this.frozen) return;
    if (changes.some(({ setting }) => setting === "cell")) this.tell("cell");
    const target = (/** @type {{setting: string, value: any}} */ { setting, value }) =>
      EDITS.includes(setting) ? `${setting} ${value[0]}` : setting;
    const replaced = new Set(changes.map(target));
    const kept = (this.scene.changes ?? []).filter(
      (/** @type {Change} */ one) =>
        one.iteration < this.cursor || (one.iteration === this.cursor && !replaced.has(target(one))),
    );
    const made = changes.map((change) => ({ iteration: this.cursor, ...change }));
    this.remember();
    void this.load({ ...this.scene, changes: [...kept, ...made] });
  }

  remember() {
    this.past = [...this.past, { scene: this.scene, cursor: this.cursor }].slice(-MOST_UNDONE);
  }

  /** Take the last change back: the scene before it, at the iteration at which it was made. */
  undo() {
    if (this.frozen) return;
    const last = this.past.pop();
    if (!last) return;
    this.cursor = last.cursor;
    void this.load(last.scene);
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
    if (lacks(scene)) {
      this.waitForPoints(scene);
      return;
    }
    try {
      const header = await this.tapes.describe(scene, signal);
      this.keepPale();
      this.source?.close();
      this.scene = this.loaded = header.differences;
      this.exact = this.cursor;
      this.source = new Source(
        header,
        () => this.arrived(),
        (words) => text(this.status, words),
        this.tapes,
      );
      this.begin();
    } catch (error) {
      if (signal.aborted) return;
      text(this.status, wrongWith(error));
      this.scene = this.loaded;
      this.past.pop();
      this.controls.show((setting) => this.value(setting));
    }
  }

  /** Drawn points that are too few to train on: they are shown, and more are waited for. @param {Scene} scene */
  waitForPoints(scene) {
    if (this.playing) this.toggle();
    this.source?.close();
    this.source = null;
    text(this.status, lacks(scene));
    this.surface?.drawPoints(scene.added ?? []);
    if (!this.drawing.tool) this.drawing.choose("A");
    this.controls.show((setting) => this.value(setting));
    this.undoButton.toggleAttribute("disabled", this.past.length === 0);
    this.writeAddress();
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
    this.inspector.begin(header, this.chosen);
    this.list.begin(header);
    this.details?.close();
    this.details = new Details(
      header,
      () => {
        this.detailed = true;
      },
      this.tapes,
    );
    this.controls.show((setting) => this.value(setting));
    this.loadSecond();
    this.locks.apply();
    this.undoButton.toggleAttribute("disabled", this.past.length === 0);
    this.shown = -1;
    delete this.root.dataset.rests;
    this.dirty = true;
    this.writeAddress();
  }

  /** Put a second network beside the first, or take it away. */
  loadSecond() {
    this.second?.close();
    this.second = null;
    this.controls.showSide(this.own);
    this.root.toggleAttribute("data-second", this.own !== null);
    this.dirty = true;
    if (!this.own || !this.source) return;
    const second = new Second(
      this.tapes,
      () => {
        if (this.source && second.shown !== second.cursorFor(this.header, this.cursor)) this.dirty = true;
      },
      (words) => text(this.status, words),
    );
    this.second = second;
    this.inspector.element.before(second.element);
    void second.load(this.header, this.scene, this.own, this.controls.describeSide(this.own));
  }

  get header() {
    return /** @type {Source} */ (this.source).header;
  }

  /** More of the tape is here. What is drawn already stays: its numbers are the same. */
  arrived() {
    const tape = this.source?.tape;
    if (!tape || this.dirty || this.playing) return;
    if (this.shown !== this.cursor) this.dirty = true;
    else {
      this.showReach(tape);
      this.drawCurves();
      this.markComplete();
    }
  }

  drawCurves() {
    const { tape } = /** @type {Source} */ (this.source);
    const other = this.second?.source?.tape;
    const second = other && this.second ? { tape: other, cursor: Math.max(0, this.second.shown) } : null;
    this.curves.draw(tape, this.cursor, second);
  }

  // -- the cursor -----------------------------------------------------------------------------------------

  toggle() {
    if (this.held) return;
    this.playing = !this.playing;
    if (!this.playing) this.stopAt = Infinity;
    if (this.beat) this.endSlowMotion();
    this.resting = false;
    text(this.playButton, this.playing ? "Pause" : "Play");
    this.dirty = true;
    if (this.playing) this.tell("play");
    else this.writeAddress();
  }

  /** Play up to an iteration. @param {number} iteration */
  playTo(iteration) {
    if (!this.playing) this.toggle();
    this.stopAt = iteration;
  }

  /** @param {number} iterations */
  step(iterations) {
    if (this.held) return;
    if (this.playing) this.toggle();
    this.go(this.cursor + iterations);
    this.writeAddress();
    this.tell(iterations > 0 ? "step" : "back");
  }

  /** @param {number} iteration */
  go(iteration) {
    const tape = this.source?.tape;
    if (!tape || this.held) return;
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
    if (this.locks.locked.has("start")) return;
    this.change("seed", this.value("seed") + 1);
  }

  /** @param {number} synapse */
  choose(synapse) {
    this.chosen = synapse;
    this.inspector.synapses.value = String(synapse);
    this.wordsAt = 0;
    this.dirty = true;
    this.tell("choose", { value: synapse });
  }

  // -- lessons --------------------------------------------------------------------------------------------

  /** Tell whoever drives the page what was done on it. @param {string} act
   * @param {{setting?: string, value?: any, iteration?: number}} [detail] */
  tell(act, detail = {}) {
    this.root.dispatchEvent(new CustomEvent("playground-act", { detail: { act, ...detail } }));
  }

  /** Show another scene at an iteration; what was before is no longer there.
   * @param {{scene: Scene, own: Scene | null, at: number, synapse: number}} begin */
  open({ scene, own, at, synapse }) {
    this.hold(false, false);
    if (this.playing) this.toggle();
    this.endSlowMotion();
    this.past = [];
    this.curves.pale = [];
    this.shown = -1; // no curve of what was before stays
    this.own = own;
    this.chosen = synapse;
    this.cursor = at;
    return this.load(scene);
  }

  /** Keep the cursor where it is, and everything else as it is. @param {boolean} held @param {boolean} frozen */
  hold(held, frozen) {
    if (held && this.playing) this.toggle();
    this.held = held;
    this.frozen = frozen;
    for (const one of [this.playButton, this.stepButton, this.resetButton, this.scrub]) {
      one.toggleAttribute("disabled", held);
    }
    this.backButton.toggleAttribute("disabled", held || this.cursor === 0);
    const { tablePlace, weight } = this.inspector;
    for (const one of [this.settingsPlace, tablePlace, weight, this.drawing.tools]) one.inert = frozen;
    this.root.toggleAttribute("data-held", held);
  }

  // -- saving ---------------------------------------------------------------------------------------------

  saveCurves() {
    const tape = this.source?.tape;
    if (tape) downloadText(`${this.fileName("curves")}.csv`, "text/csv", "\ufeff", curvesCsv(tape, this.cursor));
  }

  /** @param {string} figure @param {string} format */
  async saveFigure(figure, format) {
    const svg = this.drawn(figure);
    if (!svg) return;
    const name = `${this.fileName(figure)}.${format}`;
    if (format === "png") download(name, await asPng(svg));
    else downloadText(name, "image/svg+xml", svg);
  }

  /** @param {string} figure @returns {string | null} */
  drawn(figure) {
    if (!this.source || !this.surface || !this.network) return null;
    if (figure === "network") return networkSvg(this.network);
    if (figure === "curves") return curvesSvg(this.curves, () => this.drawCurves());
    return surfaceSvg(this.surface, this.source.tape.seek(this.cursor).weights);
  }

  /** Save the scene with what is here of its tape as a page that needs no server. */
  async saveFile() {
    if (!this.source) return;
    try {
      const answer = await fetch(url("/assets/standalone/playground.html"));
      if (!answer.ok) throw new Error(`The server did not give the page for it (status ${answer.status}).`);
      const other = this.second?.source;
      const played = [{ source: this.source, details: this.details }, ...(other ? [{ source: other }] : [])];
      const file = withTapes(await answer.text(), this.form, played, this.address(true).split("?")[1] ?? "");
      downloadText(`${this.fileName("scene")}.html`, "text/html", file);
      this.saving.say(`It holds iterations 0 to ${wholeFrom0(this.source.tape).toLocaleString("en")}.`);
    } catch (error) {
      this.saving.say(messageOf(error));
    }
  }

  /** Put an ordinary run of the same configuration into the queue. */
  async saveRun() {
    if (!this.source) return;
    const { config, differs } = this.source.header.run;
    try {
      const run = await call("POST", "/api/v1/runs", { config, tags: ["playground"] });
      const without = differs.length ? ` It is without ${differs.join(", ")}: an ordinary run has none.` : "";
      this.saving.say(`It waits in the queue.${without}`, { words: "Open it", address: url(`/runs/${run.id}`) });
    } catch (error) {
      this.saving.say(messageOf(error));
    }
  }

  /** @param {string} what */
  fileName(what) {
    return `synrl-playground-${what}-at-${this.cursor}`;
  }

  saveTable() {
    if (!this.source) return;
    const { tape } = /** @type {Source} */ (this.source);
    const acting = tape.acting(this.cursor + 1);
    const name = `${acting.name}-at-${this.cursor}`;
    const { table } = tape.seek(this.cursor);
    downloadText(`${name}.json`, "application/json", policyFile(table, tape.header.history, acting, name));
  }

  // -- slow motion ----------------------------------------------------------------------------------------

  /** Light up the beat after or before; beyond the last one the next iteration is made. @param {number} by */
  goToBeat(by) {
    if (this.playing) this.toggle();
    const place = this.beat + by;
    if (this.cursor === 0 || place > BEATS) {
      this.go(this.cursor + 1);
      this.beat = 1;
    } else if (this.beat === 0) {
      this.beat = 1;
    } else if (place < 1) {
      if (this.cursor > 1) this.go(this.cursor - 1);
      this.beat = this.cursor > 1 ? BEATS : 1;
    } else {
      this.beat = place;
    }
    if (this.beat === BEATS) this.tell("slow");
    this.showBeat();
    this.writeAddress();
  }

  /** Start slow motion, or end it. */
  slowly() {
    if (this.nextBeatAt) this.endSlowMotion();
    else {
      this.goToBeat(1);
      this.nextBeatAt = performance.now() + BEAT_MS;
      this.showBeat();
    }
  }

  endSlowMotion() {
    this.nextBeatAt = 0;
    this.beat = 0;
    this.showBeat();
  }

  showBeat() {
    this.root.dataset.beat = String(this.beat);
    this.inspector.slow.setAttribute("aria-pressed", String(this.nextBeatAt > 0));
  }

  /** @param {number} by */
  chooseNext(by) {
    const count = this.source?.header.synapses ?? 1;
    this.choose((this.chosen + by + count) % count);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && !writing(event.target)) {
      event.preventDefault();
      this.undo();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
    const on = event.target instanceof Element && event.target.closest("button, a, summary, canvas");
    const many = event.shiftKey ? 10 : 1;
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowRight: () => this.step(many),
      ArrowLeft: () => this.step(-many),
      Home: () => this.reset(),
      End: () => this.step(Infinity),
      ArrowUp: () => this.chooseNext(-1),
      ArrowDown: () => this.chooseNext(1),
      ".": () => this.goToBeat(1),
      ",": () => this.goToBeat(-1),
      Escape: () => this.endSlowMotion(),
      "[": () => this.faster(-1),
      "]": () => this.faster(1),
    };
    if (!on) Object.assign(acts, { " ": () => this.toggle(), Enter: () => this.slowly() });
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
    const speed = this.playing ? Math.min(this.speed, FASTEST) : 0;
    source.want(this.cursor, speed);
    this.second?.source?.want(this.second.cursorFor(source.header, this.cursor), speed);
    if (this.nextBeatAt && now >= this.nextBeatAt) {
      this.goToBeat(1);
      this.nextBeatAt = now + BEAT_MS;
    }
    const most = this.judging.checked ? JUDGED_UP_TO : DETAILED_UP_TO;
    if (!this.playing || this.speed <= most) this.details?.want(this.cursor);
    if (this.detailed && !this.dirty && !this.playing && this.shown === this.cursor) this.showDetails();
    if (this.dirty && source.tape.has(this.cursor)) this.draw(now);
    else if (!this.playing && !this.resting && source.tape.has(this.cursor)) this.drawAtRest();
  }

  /** @param {Source} source @param {number} seconds */
  advance(source, seconds) {
    const { tape } = source;
    if (!tape.has(this.cursor) || this.second?.ready(tape.header, this.cursor) === false) return;
    const fastest = this.exact + seconds * Math.min(this.speed, FASTEST);
    this.exact = Math.min(fastest, tape.reaches(this.cursor), Math.max(this.stopAt, this.cursor));
    const cursor = Math.floor(this.exact);
    if (cursor !== this.cursor) {
      this.cursor = cursor;
      this.dirty = true;
    }
    if (this.cursor >= tape.end || this.cursor >= this.stopAt) {
      this.toggle();
      if (this.cursor >= tape.end && tape.ended) text(this.status, tape.ended);
    }
  }

  /** @param {number} now */
  draw(now) {
    const { tape } = /** @type {Source} */ (this.source);
    this.dirty = false;
    this.detailed = false;
    this.shown = this.cursor;
    const moment = tape.seek(this.cursor);
    this.surface?.draw(moment.weights, SIDE_PLAYING);
    this.second?.draw(tape.header, this.cursor, SIDE_PLAYING);
    if (!this.playing || now - this.networkAt > NETWORK_EVERY_MS) {
      this.networkAt = now;
      this.surface?.drawUnits(moment.weights, this.network?.canvases ?? []);
      this.drawNetwork();
    }
    const iteration = this.cursor.toLocaleString("en");
    text(this.now, `iteration ${iteration} · loss ${moment.loss.toFixed(4)}`);
    this.showReach(tape);
    this.scrub.setAttribute("aria-valuetext", `iteration ${iteration}`);
    this.backButton.toggleAttribute("disabled", this.held || this.cursor === 0);
    if (!this.playing || now - this.curvesAt > CURVES_EVERY_MS) {
      this.curvesAt = now;
      this.drawCurves();
    }
    if (!this.playing || now - this.wordsAt > WORDS_EVERY_MS) {
      this.wordsAt = now;
      this.inspect();
    }
    this.resting = false;
    delete this.root.dataset.rests;
    Object.assign(this.root.dataset, { iteration: String(this.cursor), tape: tape.header.tape });
    this.tell("reach", { iteration: this.cursor });
  }

  /** @param {import("../tape/tape.js").Tape} tape */
  showReach(tape) {
    this.scrub.max = String(Math.max(100, tape.reaches(this.cursor)));
    this.scrub.value = String(this.cursor);
  }

  /** Say on the root element that all there is to see of this moment is drawn; tests wait for that. */
  markComplete() {
    const { tape } = /** @type {Source} */ (this.source);
    const detailed = !tape.synaptic || this.cursor === 0 || this.details?.at(this.cursor);
    const whole = wholeFrom0(tape) >= this.cursor; // the curves need what lies before
    const beside = this.second?.complete(tape.header, this.cursor) ?? true;
    if (this.resting && detailed && whole && beside) this.root.dataset.rests = String(this.cursor);
  }

  drawAtRest() {
    const { tape } = /** @type {Source} */ (this.source);
    this.resting = true;
    this.surface?.draw(tape.seek(this.cursor).weights, SIDE_AT_REST);
    this.second?.draw(tape.header, this.cursor, SIDE_AT_REST);
    this.markComplete();
  }

  /** Weights, and what the synapses did; with the teacher's switch, whether they did right. */
  drawNetwork() {
    const { tape } = /** @type {Source} */ (this.source);
    const gradient = this.judging.checked ? (this.details?.at(this.cursor)?.gradient ?? null) : null;
    const moves = tape.deed(this.cursor)?.moves ?? null;
    this.network?.draw(tape.seek(this.cursor).weights, moves, this.chosen, gradient);
    this.list.draw(tape.seek(this.cursor).weights, moves);
    text(this.praise, this.judging.checked ? this.praised() : "");
  }

  /** How many moves were right: now, and of those praised in this stretch of the tape. @returns {string} */
  praised() {
    const { tape } = /** @type {Source} */ (this.source);
    if (tape.header.no_gradient) return tape.header.no_gradient;
    if (!tape.synaptic) return "Under gradient descent every move goes downhill.";
    const chunk = this.details?.chunk(this.cursor);
    if (!chunk || this.cursor <= chunk.start) return "";
    const told = praiseOf(tape, chunk, this.cursor);
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
    this.inspect();
    this.markComplete();
    this.tell("reach", { iteration: this.cursor });
  }

  inspect() {
    const { tape } = /** @type {Source} */ (this.source);
    const detail = this.details?.at(this.cursor) ?? null;
    const told = this.inspector.draw(tape, this.cursor, this.chosen, detail, this.judging.checked);
    if (this.cursor && (!this.playing || this.last - this.spokenAt > SPOKEN_EVERY_MS)) {
      this.spokenAt = this.last;
      text(this.spoken, `Iteration ${this.cursor}. ${told}`);
    }
  }

  recolour() {
    this.surface?.recolour();
    this.second?.recolour();
    this.dirty = true;
  }

  // -- the address ----------------------------------------------------------------------------------------

  /** @param {boolean} moment */
  address(moment) {
    const query = [
      toAddress(this.scene, this.form),
      this.own ? `vs=${writeSide(this.own, this.form)}` : "",
      ...this.locks.query(),
      this.lesson ? `lesson=${this.lesson}` : "",
      moment && this.cursor ? `at=${this.cursor}` : "",
    ].filter(Boolean);
    return `${this.page}${query.length ? `?${query.join("&")}` : ""}`;
  }

  writeAddress() {
    if (this.page && this.root.isConnected) history.replaceState(history.state, "", this.address(true));
  }

  close() {
    this.loading.abort();
    this.source?.close();
    this.details?.close();
    this.second?.close();
    this.endTheme();
    document.removeEventListener("keydown", this.keys);
  }
}

/** Whether a key is meant for the field that has the focus; a box or a slider takes few keys.
 * @param {KeyboardEvent} event */
function typing({ target, key }) {
  if (target instanceof HTMLCanvasElement) return key.startsWith("Arrow") || key === "Delete";
  if (!(target instanceof Element) || !writing(target)) return false;
  if (target.matches("input[type=checkbox], input[type=radio]")) return key === " " || key.startsWith("Arrow");
  return !target.matches("input[type=range]") || key.startsWith("Arrow") || key === "Home" || key === "End";
}

/** The lesson and the step that an address names. @param {string} search */
function lessonOf(search) {
  const given = new URLSearchParams(search).get("lesson") ?? "";
  return /^[a-z0-9-]{1,40}\.[a-z0-9-]{1,40}$/.test(given) ? given : "";
}

export async function mountPlayground() {
  const root = findId("playground");
  if (!root) return;
  try {
    const form = await call("GET", "/api/v1/playground/form");
    new Playground(root, form, SERVER, location.search, url("/playground"));
  } catch (error) {
    root.replaceChildren(make("p", "refusal", messageOf(error), { role: "alert" }));
  }
}
