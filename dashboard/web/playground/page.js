// The playground: plays the tape of a scene. The cursor moves over the tape; whatever is shown follows from both.
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { findId, make, text } from "../core/dom.js";
import { onChange } from "../core/theme.js";
import { Curves } from "../tape/curves.js";
import { fromAddress, toAddress } from "../tape/scene.js";
import { SERVER } from "../tape/source.js";
import { AnimationLoop } from "./animation_loop.js";
import { Controls } from "./controls.js";
import { Downloads } from "./downloads.js";
import { Drawing, pointsOf, withoutPoint, withPoint } from "./drawing.js";
import { branched, canBranch, restarted, settled, valueAt } from "./edits.js";
import { Inspector } from "./inspector.js";
import { press } from "./keys.js";
import { layOut } from "./layout.js";
import { SynapseList } from "./list.js";
import { Loader } from "./loader.js";
import { Locks } from "./locks.js";
import { MomentView } from "./moment.js";
import { readSide, writeSide } from "./side.js";
import { SlowMotion } from "./slow_motion.js";
import { Transport } from "./transport.js";

/** @typedef {import("../tape/scene.js").Form} Form */
/** @typedef {import("../tape/scene.js").Scene} Scene */
/** @typedef {import("./details.js").Details} Details */
/** @typedef {import("./network.js").NetworkPicture} NetworkPicture */
/** @typedef {import("./second.js").Second} Second */
/** @typedef {import("./surface.js").Surface} Surface */
/** @typedef {import("../tape/source.js").Source} Source */

const FASTEST = 2000; // iterations a second, if the server trains as fast
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
    const at = Number(new URLSearchParams(search).get("at") ?? 0);
    this.cursor = Number.isFinite(at) ? Math.max(0, Math.round(at)) : 0;
    this.exact = this.cursor; // the cursor between two frames may stand between two iterations
    this.playing = false;
    this.chosen = 1;
    /** @type {Source | null} */
    this.source = null;
    this.last = 0;
    this.loop = new AnimationLoop((now) => this.frame(now));
    this.moment = new MomentView(this);
    this.slowMotion = new SlowMotion(this);
    this.downloads = new Downloads(this);
    this.loader = new Loader(this);
    this.networkPlace = make("div", "playground-network");
    this.canvas = make("canvas", "playground-surface");
    this.above = make("canvas", "playground-above", undefined, { width: "640", height: "640" });
    this.drawing = new Drawing(this.above, (tool, x, y) => this.drawPoint(tool, x, y));
    this.inspector = new Inspector({
      choose: (synapse) => this.choose(synapse),
      setWeight: (value) => this.branch([{ setting: "weight", value: [this.chosen, value] }]),
      edit: (edits) => this.branch(edits),
      saveTable: () => this.downloads.saveTable(),
      beat: (by) => this.slowMotion.goTo(by),
      slowly: () => this.slowMotion.toggle(),
    });
    this.list = new SynapseList((synapse) => this.choose(synapse));
    this.list.element.addEventListener("toggle", () => {
      this.moment.dirty = true;
    });
    /** Whether the cursor may not move, and whether nothing may be changed: a lesson waits for a prediction, or plays it. */
    this.held = false;
    this.frozen = false;
    /** Iteration at which playing stops. */
    this.stopAt = Infinity;
    /** Lesson and step, as in one-synapse.turn, that somebody left for free play. */
    this.lesson = lessonOf(search);
    this.judging = make("input", "", undefined, { type: "checkbox", id: "playground-judging" });
    this.judging.addEventListener("change", () => {
      this.moment.dirty = true;
      if (this.judging.checked) this.tell("judge");
    });
    this.status = make("p", "refusal", undefined, { role: "alert" });
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
      this.loader.loadSecond();
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
    this.transport = new Transport(this, this.downloads.menu.element);
    /** @type {NetworkPicture | null} */
    this.network = null;
    /** @type {Surface | null} */
    this.surface = null;
    /** @type {Details | null} */
    this.details = null;
    layOut(this);
    this.notes.replaceChildren(
      ...notes.map((note) => make("li", "", `${note.key}=${note.given}: ${note.used}; ${note.why}.`)),
    );
    this.notes.hidden = notes.length === 0;
    this.endTheme = onChange(() => this.moment.recolour());
    this.keys = (/** @type {KeyboardEvent} */ event) => press(event, this);
    document.addEventListener("keydown", this.keys);
    void this.loader.load(this.scene);
    this.loop.wake();
  }

  // -- the scene ------------------------------------------------------------------------------------------

  /** @param {string} setting the value in force at the cursor */
  value(setting) {
    return valueAt(this.scene, this.form, setting, this.cursor);
  }

  /** Take another value: a branch of the tape from here on, where the setting allows that, else a new start.
   * @param {string} setting @param {any} value */
  change(setting, value) {
    if (this.frozen) return;
    this.tell("change", { setting, value });
    const edit = { setting, value };
    if (canBranch(this.scene, this.form, edit, this.cursor)) this.branch([edit]);
    else this.beginAnew(restarted(this.scene, this.form, edit, this.cursor));
  }

  /** @param {Scene} scene */
  beginAnew(scene) {
    if (this.frozen) return;
    this.loader.remember();
    this.cursor = 0;
    void this.loader.load(scene);
  }

  /** Draw a point, or take one away: the scene begins anew with it. @param {string} tool @param {number} x
   * @param {number} y */
  drawPoint(tool, x, y) {
    const points = this.source ? pointsOf(this.scene, this.source.header) : (this.scene.added ?? []);
    const drawn =
      tool === "remove" ? withoutPoint(this.scene, points, x, y) : withPoint(this.scene, [x, y, tool === "A" ? 0 : 1]);
    if (drawn) this.beginAnew({ ...settled(this.scene, this.form, this.cursor), ...drawn });
  }

  /** Make changes at the cursor; what was changed later no longer is.
   * @param {import("./edits.js").Edit[]} edits */
  branch(edits) {
    if (this.frozen) return;
    if (edits.some(({ setting }) => setting === "cell")) this.tell("cell");
    this.loader.remember();
    void this.loader.load(branched(this.scene, edits, this.cursor));
  }

  undo() {
    if (!this.frozen) this.loader.undo();
  }

  showSettings() {
    this.controls.show((setting) => this.value(setting));
  }

  // -- the cursor -----------------------------------------------------------------------------------------

  toggle() {
    if (this.held) return;
    this.playing = !this.playing;
    if (!this.playing) this.stopAt = Infinity;
    if (this.slowMotion.beat) this.slowMotion.end();
    this.moment.resting = false;
    this.transport.showPlaying(this.playing);
    this.last = performance.now(); // what passed at rest is not played
    this.moment.dirty = true;
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
    this.moment.dirty = true;
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
    this.moment.wordsAt = 0;
    this.moment.dirty = true;
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
    this.slowMotion.end();
    this.loader.forget();
    this.own = own;
    this.chosen = synapse;
    this.cursor = at;
    return this.loader.load(scene);
  }

  /** Keep the cursor where it is, and everything else as it is. @param {boolean} held @param {boolean} frozen */
  hold(held, frozen) {
    if (held && this.playing) this.toggle();
    this.held = held;
    this.frozen = frozen;
    this.transport.hold(held, this.cursor);
    const { tablePlace, weight } = this.inspector;
    for (const one of [this.settingsPlace, tablePlace, weight, this.drawing.tools]) one.inert = frozen;
    this.root.toggleAttribute("data-held", held);
  }

  /** @param {number} by */
  chooseNext(by) {
    const count = this.source?.header.synapses ?? 1;
    this.choose((this.chosen + by + count) % count);
  }

  /** @param {number} by */
  faster(by) {
    this.transport.faster(by);
  }

  // -- drawing --------------------------------------------------------------------------------------------

  /** @param {number} now milliseconds @returns {boolean} whether the next frame may differ from this one */
  frame(now) {
    if (!this.root.isConnected) {
      this.close();
      return false;
    }
    const seconds = Math.max(0, Math.min(0.25, (now - this.last) / 1000));
    this.last = now;
    const { source } = this;
    if (!source) return false;
    if (this.playing) this.advance(source, seconds);
    const speed = this.playing ? Math.min(this.transport.speed, FASTEST) : 0;
    source.want(this.cursor, speed);
    this.second?.source?.want(this.second.cursorFor(source.header, this.cursor), speed);
    this.slowMotion.tick(now);
    const most = this.judging.checked ? JUDGED_UP_TO : DETAILED_UP_TO;
    if (!this.playing || this.transport.speed <= most) this.details?.want(this.cursor);
    this.moment.frame(now);
    return this.playing || this.slowMotion.nextAt > 0 || this.moment.due();
  }

  /** @param {Source} source @param {number} seconds */
  advance(source, seconds) {
    const { tape } = source;
    if (!tape.has(this.cursor) || this.second?.ready(tape.header, this.cursor) === false) return;
    const fastest = this.exact + seconds * Math.min(this.transport.speed, FASTEST);
    this.exact = Math.min(fastest, tape.reaches(this.cursor), Math.max(this.stopAt, this.cursor));
    const cursor = Math.floor(this.exact);
    if (cursor !== this.cursor) {
      this.cursor = cursor;
      this.moment.dirty = true;
    }
    if (this.cursor >= tape.end || this.cursor >= this.stopAt) {
      this.toggle();
      if (this.cursor >= tape.end && tape.ended) text(this.status, tape.ended);
    }
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
    this.loop.stop();
    this.loader.close();
    this.source?.close();
    this.details?.close();
    this.second?.close();
    this.endTheme();
    document.removeEventListener("keydown", this.keys);
  }
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
