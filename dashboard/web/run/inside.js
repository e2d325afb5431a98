// @ts-nocheck
// What is inside a network at one moment: now, or a stored snapshot. A slider chooses the moment, a click on a weight
// the synapse (run/synapse.js), and the table shows what all synapses do (run/policy.js).
import { offer } from "../charts/save.js";
import { call } from "../core/api.js";
import { button, make, text, writing } from "../core/dom.js";
import * as format from "../core/format.js";
import { Look } from "./data.js";
import { PolicyTable } from "./policy.js";
import { Synapse } from "./synapse.js";

const KEPT_LOOKS = 40;
const PLAY_PAUSE = 180; // ms that a snapshot is shown while they are played
const PLAY_STEPS = 120; // a long run is played in so many steps
const STORED_AFTER = 1000; // ms from a snapshot's iteration until it is asked for

export class RunInside {
  constructor(view) {
    this.view = view;
    this.time = new Time(view, this);
    this.synapse = document.getElementById("synapse") ? new Synapse(view, this) : null;
    this.policy = document.getElementById("policy") ? new PolicyTable(document.getElementById("policy")) : null;
    const page = document.getElementById("run-page");
    this.pictures = page.dataset.pictures === "true";
    this.layers = document.querySelectorAll("#weights-layer input[type=radio]").length || 99;
    this.cells = document.getElementById("weights-cells");
    this.keys = (event) => this.moveSelection(event);
    this.cells.addEventListener("keydown", this.keys);
    this.offered = [offer("weights", () => this.rowsOfWeights()), offer("policy", () => this.policy?.rows())];
    view.plot("weights").showWeights(0, this.layers, this.pictures);
  }

  close() {
    this.time.close();
    this.offered.forEach((end) => end());
    if (this.synapse) this.synapse.close();
    this.cells.removeEventListener("keydown", this.keys);
  }

  // The heatmap is there: a click on it chooses a synapse.
  ready(plot) {
    if (plot.name !== "weights") return;
    plot.element.on("plotly_click", ({ points }) => {
      const chosen = plot.synapseAt(points[0]);
      if (chosen) this.select(chosen);
    });
  }

  take(frame, changed) {
    if (frame.reset || (frame.run && frame.run.status !== "running")) this.time.renew();
    if (changed.has("weights")) this.show();
  }

  say() {
    this.time.say();
    if (!this.said) this.show();
  }

  showWeights(layer, pictures, change) {
    this.pictures = pictures;
    this.view.data.showsChange = change;
    this.view.plot("weights").showWeights(layer, this.layers, pictures);
    if (change) this.time.learnStart();
    this.show();
  }

  // For CSV: every synapse of the layer in view, whether drawn as picture or matrix. As coarse as it is drawn: 127
  // steps from zero to the layer's largest weight.
  rowsOfWeights() {
    const { data } = this.view;
    const { layer } = this.view.plot("weights");
    const cells = data.cells?.layer(layer);
    if (!cells) return null;
    const { iteration } = data.look;
    const row = (unit, input, value) => [iteration, layer + 1, unit + 1, input, Number(value.toPrecision(4))];
    const of = (weights, unit) => [
      row(unit, "bias", cells.biases[unit][0]),
      ...Array.from(weights, (value, input) => row(unit, input + 1, value)),
    ];
    return [
      ["iteration", "layer", "unit", "input", data.showsChange ? "change" : "weight"],
      ...cells.weights.flatMap(of),
    ];
  }

  select(synapse) {
    this.view.plot("weights").select(synapse);
    if (this.synapse) this.synapse.select(synapse);
  }

  // Say and show the look that is in view now: somebody chose another, or a newer one came.
  show() {
    const { data } = this.view;
    const { look } = data;
    if (!look) return;
    this.said = true;
    document.body.dataset.moment = look.iteration;
    const at = `at iteration ${format.count(look.iteration)}`;
    const whose = data.run && data.run.config.replicates > 1 ? `, replicate ${look.replicate + 1}` : "";
    text("weights-now", at);
    const cells = data.cells;
    const what = data.showsChange ? "Change of the weights since the start" : "Weights";
    text(
      "weights-alternative",
      cells
        ? `${what} ${at}${whose}, ${look.coded.length} layers; the largest is ${format.number(cells.largest)} in size.`
        : "The weights at the start are being fetched.",
    );
    if (this.policy && look.policy) {
      this.policy.show(look.policy);
      text("policy-now", at);
    }
    if (this.synapse) this.synapse.renew();
    this.time.say();
  }

  // -- the keyboard on the heatmap

  moveSelection(event) {
    if (writing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const plot = this.view.plot("weights");
    const cells = this.view.data.look?.layer(plot.layer);
    if (!cells) return;
    const chosen = plot.selected && plot.selected.layer === plot.layer ? plot.selected : null;
    const next = chosen ? moved(event.key, chosen, cells, plot.mosaic) : start(event.key, plot.layer);
    if (!next) return;
    event.preventDefault();
    this.select(next);
  }
}

const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Enter", " "];

function start(key, layer) {
  return KEYS.includes(key) ? { layer, input: 1, unit: 0 } : null;
}

// The synapse beside another, in the picture or in the matrix; where there is none, the same.
function moved(key, { layer, input, unit }, cells, mosaic) {
  const across = mosaic ? mosaic.width : 0;
  const steps = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: mosaic ? [-across, 0] : [0, -1],
    ArrowDown: mosaic ? [across, 0] : [0, 1],
    PageUp: [0, -1],
    PageDown: [0, 1],
  };
  if (!steps[key]) return null;
  const [inputs, units] = steps[key];
  const least = mosaic ? 1 : 0;
  const most = cells.weights[0].length;
  return {
    layer,
    input: input + inputs < least || input + inputs > most ? input : input + inputs,
    unit: Math.min(Math.max(unit + units, 0), cells.weights.length - 1),
  };
}

// -- the moment in view

class Time {
  constructor(view, inside) {
    this.view = view;
    this.inside = inside;
    this.snapshots = []; // iterations, ascending
    this.looks = new Map();
    this.wanted = null;
    this.timer = null;
    this.build();
    this.renew();
  }

  close() {
    clearTimeout(this.timer);
    clearTimeout(this.renewTimer);
    this.closed = true;
    this.view.data.past = this.view.data.first = null;
  }

  build() {
    this.slider = make("input", "", undefined, {
      type: "range",
      id: "time-slider",
      min: "0",
      max: "0",
      step: "1",
      "aria-label": "Moment in view",
    });
    this.slider.addEventListener("input", () => {
      this.stop();
      this.go(Number(this.slider.value));
    });
    const icon = (name) => make("span", `glyph glyph-${name}`);
    const small = (id, name, words, pressed) => {
      const made = button("icon-button", undefined, pressed, { id, "aria-label": words, title: words });
      made.append(icon(name));
      return made;
    };
    this.back = small("time-back", "back", "Snapshot before", () => this.step(-1));
    this.play = small("time-play", "play", "Play the snapshots", () => this.togglePlay());
    this.forth = small("time-forth", "forth", "Snapshot after", () => this.step(1));
    this.words = make("span", "now time-words", "", { id: "time-words" });
    this.now = button("toggle", "Live", () => this.goLive(), { id: "time-live", "aria-pressed": "true" });
    const parts = [this.back, this.play, this.forth, this.slider, this.words, this.now];
    document.getElementById("time").replaceChildren(...parts);
  }

  // Whose weights; made once the run is known.
  buildReplicates(count) {
    if (this.replicates || count < 2) return;
    this.replicates = make("select", "field small-field", undefined, { id: "replicate", "aria-label": "Replicate" });
    for (let i = 0; i < count; i++) this.replicates.append(new Option(`Replicate ${i + 1}`, String(i)));
    this.replicates.addEventListener("change", () => this.choose(Number(this.replicates.value)));
    document.getElementById("time").prepend(this.replicates);
  }

  choose(replicate) {
    this.looks.clear();
    this.view.data.first = null;
    this.view.choose(replicate);
    if (this.view.data.showsChange) this.learnStart();
    if (this.view.data.past) this.look(this.view.data.past.iteration);
    if (this.inside.synapse) this.inside.synapse.renew();
  }

  // Ask which snapshots there are, or which are new; one question at a time.
  async renew(anew = true) {
    if (anew) this.snapshots = [];
    clearTimeout(this.renewTimer);
    const after = this.snapshots.length ? this.snapshots.at(-1) + 1 : 0;
    const asked = (this.renewTimer = setTimeout(() => {}, 0));
    const listed = await call("GET", `${this.view.api}/snapshots?from_iteration=${after}`).catch(() => null);
    if (this.closed || asked !== this.renewTimer) return;
    this.renewTimer = null;
    if (listed) this.snapshots.push(...listed.map((snapshot) => snapshot.iteration));
    this.say();
    const { data } = this.view;
    // Of a large network the other replicates are seen in stored snapshots alone.
    if (!data.live && this.snapshots.length && data.run && data.run.config.replicates > 1) this.lookLive();
    this.view.parts.forEach((part) => part.stored?.());
  }

  // The newest snapshot in place of the live look.
  async lookLive() {
    const look = await this.fetch(this.snapshots.at(-1));
    if (this.closed || !look || this.view.data.live) return;
    this.view.data.live = look;
    this.view.redraw(new Set(["weights"]));
    this.inside.show();
  }

  // While the run trains: ask again once another snapshot is due.
  follow(run) {
    const last = this.snapshots.length ? this.snapshots.at(-1) : -1;
    const due = Math.floor(run.iteration / run.config.snapshot_every) * run.config.snapshot_every;
    const open = document.body.dataset.connection === "open";
    if (!open || run.status !== "running" || due <= last || this.renewTimer) return;
    this.renewTimer = setTimeout(() => this.renew(false), STORED_AFTER);
  }

  // Place on the slider that stands for now: the last snapshot's where that is what there is now, else one beyond.
  get nowPlace() {
    const { live } = this.view.data;
    const stored = live && this.snapshots.at(-1) === live.iteration;
    return Math.max(0, this.snapshots.length - (stored ? 1 : 0));
  }

  // Where somebody wants to be, which may still be on its way.
  get place() {
    const wanted = this.wanted === null ? -1 : this.snapshots.indexOf(this.wanted);
    return wanted < 0 ? this.nowPlace : wanted;
  }

  say() {
    const { data } = this.view;
    if (!data.run) return;
    this.buildReplicates(data.run.config.replicates);
    this.follow(data.run);
    const { nowPlace, place } = this;
    if (this.slider.max !== String(nowPlace)) this.slider.max = String(nowPlace);
    if (this.slider.value !== String(place)) this.slider.value = String(place);
    const running = data.run.status === "running";
    const words = data.past
      ? `iteration ${format.count(data.past.iteration)}`
      : running
        ? "now"
        : data.look
          ? `iteration ${format.count(data.look.iteration)}, the last`
          : "nothing stored yet";
    text(this.words, words);
    this.slider.setAttribute("aria-valuetext", words);
    text(this.now, running ? "Live" : "Last");
    this.now.setAttribute("aria-pressed", String(!data.past));
    this.back.disabled = place === 0;
    this.forth.disabled = place >= nowPlace;
    this.play.disabled = nowPlace < 1;
    this.offerExact();
  }

  // The exact weights of the snapshot in view, or of the last one before it.
  offerExact() {
    const { data, api } = this.view;
    const shown = data.look ? data.look.iteration : Infinity;
    const stored = this.snapshots.findLast((iteration) => iteration <= shown);
    const link = document.getElementById("weights-exact");
    link.hidden = stored === undefined;
    if (link.hidden) return;
    link.href = `${api}/snapshots/${stored}?format=npz`;
    text(link, `NPZ, exact, of iteration ${format.count(stored)}`);
  }

  step(by) {
    this.stop();
    this.go(this.place + by);
  }

  go(place) {
    if (place >= this.nowPlace) this.goLive();
    else this.look(this.snapshots[Math.max(place, 0)]);
  }

  goLive() {
    this.stop();
    this.wanted = null;
    this.view.data.past = null;
    this.changed();
  }

  // Show a stored snapshot; of several that were wanted one after the other, the last.
  async look(iteration) {
    this.wanted = iteration;
    const look = await this.fetch(iteration);
    if (this.closed || this.wanted !== iteration) return;
    if (look) {
      this.view.data.past = look;
      this.changed();
      return;
    }
    this.wanted = this.view.data.past ? this.view.data.past.iteration : null;
    text(this.words, `iteration ${format.count(iteration)} can't be read`);
  }

  changed() {
    this.view.redraw(new Set(["weights", "metrics", "shares"]));
    this.inside.show();
    this.say();
    this.view.parts.forEach((part) => part.moment?.());
  }

  async fetch(iteration) {
    const replicate = this.view.replicate;
    if (this.looks.has(iteration)) return this.looks.get(iteration);
    const query = `replicate=${replicate}`;
    const synaptic = this.inside.policy !== null;
    const [weights, policy] = await Promise.all([
      call("GET", `${this.view.api}/snapshots/${iteration}?${query}`).catch(() => null),
      synaptic ? call("GET", `${this.view.api}/policy?iteration=${iteration}&${query}`).catch(() => null) : null,
    ]);
    if (!weights || replicate !== this.view.replicate) return null;
    const look = new Look(weights, policy);
    this.looks.set(iteration, look);
    if (this.looks.size > KEPT_LOOKS) this.looks.delete(this.looks.keys().next().value);
    return look;
  }

  async learnStart() {
    const { data } = this.view;
    if (data.first) return;
    const first = await this.fetch(0);
    if (this.closed || !first) return;
    data.first = first;
    this.view.redraw(new Set(["weights"]));
    this.inside.show();
  }

  // -- played

  get playing() {
    return this.timer !== null;
  }

  togglePlay() {
    if (this.playing) this.stop();
    else this.playFrom(this.place >= this.nowPlace ? 0 : this.place);
  }

  // Show one snapshot after the other, then what is now.
  playFrom(place) {
    const stride = Math.max(1, Math.ceil(this.snapshots.length / PLAY_STEPS));
    const show = async (at) => {
      const begun = performance.now();
      if (at >= this.nowPlace) {
        this.goLive();
        return;
      }
      await this.look(this.snapshots[at]);
      if (this.closed || !this.playing) return;
      this.timer = setTimeout(() => show(at + stride), Math.max(0, PLAY_PAUSE - (performance.now() - begun)));
    };
    this.timer = setTimeout(() => show(place), 0);
    this.sayPlaying();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.sayPlaying();
  }

  sayPlaying() {
    const words = this.playing ? "Pause" : "Play the snapshots";
    this.play.firstChild.className = `glyph glyph-${this.playing ? "pause" : "play"}`;
    this.play.setAttribute("aria-label", words);
    this.play.title = words;
  }
}
