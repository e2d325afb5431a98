// Data that a page holds of a run: columns of numbers that grow, the newest snapshot, and a stored one that was chosen.
import { Column } from "./column.js";
import { Snapshot, WeightChange } from "./snapshot.js";

/** @import { Actions, Frame, LayerActions, Metrics, RunRead } from "../types/schemas.js" */

/** @typedef {Record<string, Column>} Columns */
/** @typedef {keyof LayerActions} Action */
/** @typedef {Record<Action, Column>} ShareColumns columns of shares from 0 to 1 */
/** @typedef {{ iteration: Column, all: ShareColumns, layers: ShareColumns[] }} Shares of all synapses, and by layer */
/** @typedef {{ iteration: number[], values: Record<string, (number | null)[]> }} Curves */
/** @typedef {"metrics" | "shares" | "layers" | "weights" | "replicates" | "baseline"} Source what figures draw */

/** @type {Action[]} */
const ACTIONS = ["down", "stay", "up"];

/** @type {Source[]} */
const OF_FRAMES = ["metrics", "shares", "layers", "weights"];

export class RunData {
  constructor() {
    /** @type {Snapshot | null} a stored one that was chosen; null: now */
    this.past = null;
    /** @type {Snapshot | null} the one at iteration 0, once asked for */
    this.first = null;
    this.showsChange = false;
    /** @type {{ iteration: number[], values: Record<string, (number | null)[][]> } | null} curves of each replicate */
    this.replicates = null;
    /** @type {Curves | null} curves of gradient descent */
    this.baseline = null;
    this.baselineIsOver = false; // it trains no more: its last value holds to the end
    /** @type {RunRead | null} */
    this.run = null;
    this.states = 0; // that the run had so far: an answer to a request that is older than the last may be outdated
    /** @type {WeightChange | null} */
    this.change = null;
    this.metrics = {
      iteration: new Column(),
      values: /** @type {Columns} */ ({}),
      deviation: /** @type {Columns} */ ({}),
    };
    this.shares = emptyShares();
    /** @type {Record<Action, number>[]} newest shares of each layer */
    this.layers = [];
    /** @type {Snapshot | null} the newest */
    this.live = null;
    /** @type {number | null} milliseconds since 1970 at which the newest point was measured */
    this.measuredAt = null;
  }

  clear() {
    this.run = null;
    this.metrics = { iteration: new Column(), values: {}, deviation: {} };
    this.shares = emptyShares();
    this.layers = [];
    this.live = null;
    this.measuredAt = null;
  }

  /**
   * Add a frame of the feed. Returns the sources that have changed.
   *
   * @param {Partial<Frame>} frame
   */
  add(frame) {
    if (frame.reset) this.clear();
    /** @type {Set<Source>} */
    const changed = new Set(frame.reset ? OF_FRAMES : []);
    if (frame.run) {
      this.run = frame.run;
      this.states += 1;
    }
    if (frame.progress && this.run) Object.assign(this.run, frame.progress);
    if (frame.metrics && this.addMetrics(frame.metrics)) changed.add("metrics");
    if (frame.actions && this.addActions(frame.actions)) changed.add("shares").add("layers");
    if (frame.weights) {
      this.live = new Snapshot(frame.weights, frame.policy);
      if (!this.past) changed.add("weights");
    }
    if (frame.measured_at) this.measuredAt = 1000 * frame.measured_at;
    return changed;
  }

  get points() {
    return this.metrics.iteration.length;
  }

  /** @param {Pick<Metrics, "iteration" | "values" | "deviation">} metrics */
  addMetrics({ iteration, values, deviation }) {
    const first = firstNew(iteration, this.metrics.iteration.last);
    for (let i = first; i < iteration.length; i++) this.metrics.iteration.push(iteration[i]);
    addColumns(this.metrics.values, values, first);
    addColumns(this.metrics.deviation, deviation ?? {}, first);
    return first < iteration.length;
  }

  /** @param {Actions} actions counts */
  addActions(actions) {
    const first = firstNew(actions.iteration, this.shares.iteration.last);
    addShares(this.shares, actions, first);
    this.layers = this.shares.iteration.length ? this.shares.layers.map(lastOf) : [];
    return first < actions.iteration.length;
  }

  /** The snapshot in view: the chosen one, or the newest. */
  get snapshot() {
    return this.past ?? this.live;
  }

  /** Weights that the heatmap shows, or their change since the start once the start is known. */
  get cells() {
    const { snapshot, first } = this;
    if (!snapshot || !this.showsChange) return snapshot;
    if (!first || first.replicate !== snapshot.replicate) return null;
    if (this.change?.now !== snapshot || this.change.first !== first) this.change = new WeightChange(first, snapshot);
    return this.change;
  }
}

/**
 * Counts of actions as shares.
 *
 * @param {Actions} actions
 */
export function sharesOf(actions) {
  const shares = emptyShares();
  addShares(shares, actions, 0);
  return shares;
}

/** @returns {Shares} */
function emptyShares() {
  return { iteration: new Column(), all: shareColumns(), layers: [] };
}

/** @returns {ShareColumns} */
function shareColumns() {
  return { down: new Column(), stay: new Column(), up: new Column() };
}

/**
 * @param {ShareColumns} columns
 * @returns {Record<Action, number>}
 */
function lastOf({ down, stay, up }) {
  return { down: down.last, stay: stay.last, up: up.last };
}

/**
 * @param {Columns} columns
 * @param {Record<string, (number | null)[]>} added
 * @param {number} first
 */
function addColumns(columns, added, first) {
  for (const [name, values] of Object.entries(added)) {
    columns[name] ??= new Column();
    for (let i = first; i < values.length; i++) columns[name].push(values[i]);
  }
}

/**
 * @param {Shares} shares
 * @param {Actions} actions
 * @param {number} first
 */
function addShares(shares, { iteration, layers }, first) {
  for (const layer of layers.keys()) shares.layers[layer] ??= shareColumns();
  for (let i = first; i < iteration.length; i++) {
    const counts = layers.map((layer) => ACTIONS.map((action) => layer[action][i]));
    const all = ACTIONS.map((_, code) => sum(counts.map((of) => of[code])));
    if (!sum(all)) continue; // before the first action
    shares.iteration.push(iteration[i]);
    pushShares(shares.all, all);
    for (const [layer, of] of counts.entries()) pushShares(shares.layers[layer], of);
  }
}

/**
 * @param {ShareColumns} columns
 * @param {number[]} counts
 */
function pushShares(columns, counts) {
  const total = sum(counts) || 1;
  for (const [code, action] of ACTIONS.entries()) columns[action].push(counts[code] / total);
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/**
 * Index of the first new point: frames may overlap, and only points beyond the last iteration are new.
 *
 * @param {number[]} iterations
 * @param {number} last NaN before the first point
 */
function firstNew(iterations, last) {
  const first = iterations.findIndex((iteration) => !(iteration <= last));
  return first < 0 ? iterations.length : first;
}
