// The moment in view: a slider over the stored snapshots of a run, with now at its end.
import { call } from "../core/api.js";
import { button, byId, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { Snapshot } from "./snapshot.js";

/** @import { PolicyRead, RunRead, SnapshotRead, Weights } from "../types/schemas.js" */
/** @import { RunInside } from "./inside.js" */
/** @import { RunView } from "./page.js" */

const KEPT_SNAPSHOTS = 40;
const PLAY_PAUSE = 180; // ms that a snapshot is shown while they are played
const PLAY_STEPS = 120; // a long run is played in so many steps
const STORED_AFTER = 1000; // ms from a snapshot's iteration until it is asked for

export class Time {
  /**
   * @param {RunView} view
   * @param {RunInside} inside
   */
  constructor(view, inside) {
    this.view = view;
    this.inside = inside;
    /** @type {number[]} iterations of the stored snapshots, ascending */
    this.iterations = [];
    /** @type {Map<number, Snapshot>} */
    this.snapshots = new Map();
    /** @type {number | null} iteration of the snapshot that was asked for; null: now */
    this.wanted = null;
    /** @type {number | null} */
    this.playTimer = null;
    /** @type {number | null} until the list is asked for again */
    this.listTimer = null;
    this.listings = 0;
    this.isListing = false;
    this.closed = false;
    /** @type {HTMLSelectElement | null} */
    this.replicates = null;
    this.slider = this.makeSlider();
    this.back = iconButton("time-back", "back", "Snapshot before", () => this.step(-1));
    this.play = iconButton("time-play", "play", "Play the snapshots", () => this.togglePlay());
    this.forth = iconButton("time-forth", "forth", "Snapshot after", () => this.step(1));
    this.words = make("span", "now time-words", "", { id: "time-words" });
    this.now = button("toggle", "Live", () => this.goLive(), { id: "time-live", "aria-pressed": "true" });
    byId("time").replaceChildren(this.back, this.play, this.forth, this.slider, this.words, this.now);
    void this.renew();
  }

  close() {
    this.stopPlaying();
    if (this.listTimer !== null) clearTimeout(this.listTimer);
    this.closed = true;
    this.view.data.past = null;
    this.view.data.first = null;
  }

  makeSlider() {
    const slider = make("input", "", undefined, {
      type: "range",
      id: "time-slider",
      min: "0",
      max: "0",
      step: "1",
      "aria-label": "Moment in view",
    });
    slider.addEventListener("input", () => {
      this.stop();
      this.go(Number(slider.value));
    });
    return slider;
  }

  /**
   * Add the choice of a replicate; made once the run is known.
   *
   * @param {number} count
   */
  buildReplicates(count) {
    if (this.replicates || count < 2) return;
    const select = make("select", "field small-field", undefined, { id: "replicate", "aria-label": "Replicate" });
    for (let i = 0; i < count; i++) select.append(new Option(`Replicate ${i + 1}`, String(i)));
    select.addEventListener("change", () => this.choose(Number(select.value)));
    byId("time").prepend(select);
    this.replicates = select;
  }

  /** @param {number} replicate */
  choose(replicate) {
    const { data } = this.view;
    this.snapshots.clear();
    data.first = null;
    this.view.choose(replicate);
    if (data.showsChange) void this.fetchStart();
    if (data.past) void this.show(data.past.iteration);
    this.inside.synapse?.renew();
  }

  /** Ask which snapshots there are, or which are new. Of several requests only the last one's answer counts. */
  async renew(anew = true) {
    if (anew) this.iterations = [];
    if (this.listTimer !== null) clearTimeout(this.listTimer);
    this.listTimer = null;
    this.listings += 1;
    this.isListing = true;
    const listing = this.listings;
    const after = (this.iterations.at(-1) ?? -1) + 1;
    /** @type {SnapshotRead[] | null} */
    const listed = await call("GET", `${this.view.api}/snapshots?from_iteration=${after}`).catch(() => null);
    if (this.closed || listing !== this.listings) return;
    this.isListing = false;
    if (listed) this.iterations.push(...listed.map((snapshot) => snapshot.iteration));
    this.showWords();
    const { live, run } = this.view.data;
    // Of a large network the other replicates are seen in stored snapshots alone.
    if (!live && this.iterations.length && run && run.config.replicates > 1) void this.showNewest();
    for (const part of this.view.parts) part.stored?.();
  }

  /** Show the newest stored snapshot in place of the live one. */
  async showNewest() {
    const snapshot = await this.fetch(this.iterations.at(-1) ?? 0);
    if (this.closed || !snapshot || this.view.data.live) return;
    this.view.data.live = snapshot;
    this.view.redraw(new Set(["weights"]));
    this.inside.show();
  }

  /**
   * While the run trains: ask again once another snapshot is due.
   *
   * @param {RunRead} run
   */
  follow({ config, iteration, status }) {
    const due = Math.floor(iteration / config.snapshot_every) * config.snapshot_every;
    const isConnected = document.body.dataset.connection === "open";
    if (!isConnected || status !== "running" || due <= (this.iterations.at(-1) ?? -1)) return;
    if (this.isListing || this.listTimer !== null) return;
    this.listTimer = setTimeout(() => this.renew(false), STORED_AFTER);
  }

  /** Place on the slider that stands for now: the last snapshot's where that is the newest, else one beyond. */
  get nowPlace() {
    const { live } = this.view.data;
    const isStored = live !== null && this.iterations.at(-1) === live.iteration;
    return Math.max(0, this.iterations.length - (isStored ? 1 : 0));
  }

  /** Place that was chosen, whose snapshot may still be on its way. */
  get place() {
    const wanted = this.wanted === null ? -1 : this.iterations.indexOf(this.wanted);
    return wanted < 0 ? this.nowPlace : wanted;
  }

  showWords() {
    const { past, run, snapshot } = this.view.data;
    if (!run) return;
    this.buildReplicates(run.config.replicates);
    this.follow(run);
    const { nowPlace, place } = this;
    if (this.slider.max !== String(nowPlace)) this.slider.max = String(nowPlace);
    if (this.slider.value !== String(place)) this.slider.value = String(place);
    const isRunning = run.status === "running";
    const last = isRunning
      ? "now"
      : snapshot
        ? `iteration ${format.count(snapshot.iteration)}, the last`
        : "nothing stored yet";
    const words = past ? `iteration ${format.count(past.iteration)}` : last;
    text(this.words, words);
    this.slider.setAttribute("aria-valuetext", words);
    text(this.now, isRunning ? "Live" : "Last");
    this.now.setAttribute("aria-pressed", String(!past));
    this.back.disabled = place === 0;
    this.forth.disabled = place >= nowPlace;
    this.play.disabled = nowPlace < 1;
    this.offerExact();
  }

  /** Link to the exact weights of the snapshot in view, or of the last one before it. */
  offerExact() {
    const { data, api } = this.view;
    const shown = data.snapshot?.iteration ?? Number.POSITIVE_INFINITY;
    const stored = this.iterations.findLast((iteration) => iteration <= shown);
    const link = byId("weights-exact");
    link.hidden = stored === undefined;
    if (link.hidden) return;
    link.setAttribute("href", `${api}/snapshots/${stored}?format=npz`);
    text(link, `NPZ, exact, of iteration ${format.count(stored)}`);
  }

  /** @param {number} by */
  step(by) {
    this.stop();
    this.go(this.place + by);
  }

  /** @param {number} place */
  go(place) {
    if (place >= this.nowPlace) this.goLive();
    else void this.show(this.iterations[Math.max(place, 0)]);
  }

  goLive() {
    this.stop();
    this.wanted = null;
    this.view.data.past = null;
    this.changed();
  }

  /**
   * Show a stored snapshot; of several that were asked for one after the other, the last.
   *
   * @param {number} iteration
   */
  async show(iteration) {
    this.wanted = iteration;
    const snapshot = await this.fetch(iteration);
    if (this.closed || this.wanted !== iteration) return;
    if (snapshot) {
      this.view.data.past = snapshot;
      this.changed();
      return;
    }
    this.wanted = this.view.data.past?.iteration ?? null;
    text(this.words, `iteration ${format.count(iteration)} can't be read`);
  }

  changed() {
    this.view.redraw(new Set(["weights", "metrics", "shares"]));
    this.inside.show();
    this.showWords();
    for (const part of this.view.parts) part.moment?.();
  }

  /**
   * Fetch a stored snapshot, unless it is kept; null where it can't be had.
   *
   * @param {number} iteration
   */
  async fetch(iteration) {
    const { api, replicate } = this.view;
    const kept = this.snapshots.get(iteration);
    if (kept) return kept;
    const query = `replicate=${replicate}`;
    /** @type {Promise<Weights | null>} */
    const weightsAsked = call("GET", `${api}/snapshots/${iteration}?${query}`);
    /** @type {Promise<PolicyRead | null>} */
    const policyAsked = this.inside.policy
      ? call("GET", `${api}/policy?iteration=${iteration}&${query}`)
      : Promise.resolve(null);
    const [weights, policy] = await Promise.all([weightsAsked.catch(() => null), policyAsked.catch(() => null)]);
    if (!weights || replicate !== this.view.replicate) return null;
    const snapshot = new Snapshot(weights, policy);
    this.snapshots.set(iteration, snapshot);
    const [oldest] = this.snapshots.keys();
    if (this.snapshots.size > KEPT_SNAPSHOTS) this.snapshots.delete(oldest);
    return snapshot;
  }

  /** Fetch the weights at the start, which changes are counted from. */
  async fetchStart() {
    const { data } = this.view;
    if (data.first) return;
    const first = await this.fetch(0);
    if (this.closed || !first) return;
    data.first = first;
    this.view.redraw(new Set(["weights"]));
    this.inside.show();
  }

  // -- played

  togglePlay() {
    if (this.playTimer !== null) this.stop();
    else this.playFrom(this.place >= this.nowPlace ? 0 : this.place);
  }

  /**
   * Show one snapshot after the other, then now.
   *
   * @param {number} place
   */
  playFrom(place) {
    const stride = Math.max(1, Math.ceil(this.iterations.length / PLAY_STEPS));
    /** @param {number} at */
    const show = async (at) => {
      const begun = performance.now();
      if (at >= this.nowPlace) {
        this.goLive();
        return;
      }
      await this.show(this.iterations[at]);
      if (this.closed || this.playTimer === null) return;
      this.playTimer = setTimeout(() => show(at + stride), Math.max(0, PLAY_PAUSE - (performance.now() - begun)));
    };
    this.playTimer = setTimeout(() => show(place), 0);
    this.sayPlaying();
  }

  stopPlaying() {
    if (this.playTimer !== null) clearTimeout(this.playTimer);
    this.playTimer = null;
  }

  stop() {
    this.stopPlaying();
    this.sayPlaying();
  }

  sayPlaying() {
    const isPlaying = this.playTimer !== null;
    const words = isPlaying ? "Pause" : "Play the snapshots";
    this.play.replaceChildren(glyph(isPlaying ? "pause" : "play"));
    this.play.setAttribute("aria-label", words);
    this.play.title = words;
  }
}

/** @param {string} name */
const glyph = (name) => make("span", `glyph glyph-${name}`);

/**
 * @param {string} id
 * @param {string} icon
 * @param {string} words
 * @param {() => void} pressed
 */
function iconButton(id, icon, words, pressed) {
  const made = button("icon-button", undefined, pressed, { id, "aria-label": words, title: words });
  made.append(glyph(icon));
  return made;
}
