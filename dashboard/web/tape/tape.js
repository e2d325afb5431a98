// Tape: the state of training at any iteration, replayed from recorded moves with the engine's own float32 operations.
// A weight moves by fround(fround(code * reach) - reach) * fround(step size), rounded to float32, and the sum is rounded
// to float32 (synrl_core/tape/replay.py is the reference). Every chunk is replayed when it arrives and compared with the
// weights at its end and with the key frames beside it, bit by bit.

import { TapeError } from "./chunk.js";

/** @typedef {import("./chunk.js").Chunk} Chunk */
/** @typedef {{iteration: number, setting: string, value: any}} Change */
/** @typedef {{iteration: number, name: string, title: string, q: number[], temperature: number, exploration: number}}
 *   Acting */
/** What the server tells of a scene: synrl_core.tape.header.
 * @typedef {{tape: string, hash: string, scene: Record<string, any> & {changes: Change[]}, differences:
 *   Record<string, any>, sizes: number[], layers: [number, number, number][], synapses: number, history: number,
 *   adaptive: boolean, points: [number, number, number][], train: number[], validation: number[], policies: Acting[],
 *   chunk: number, evaluate_every: number, iterations: number, no_gradient: string | null,
 *   run: {config: Record<string, any>, differs: string[]}}} Header */

export const DOWN = 0;
export const STAY = 1;
export const UP = 2;

const CODES = 3;
const BITS = 2;

/** A moment of training, after the changes made at its iteration. */
export class Moment {
  /** @param {number} synapses @param {number} cells */
  constructor(synapses, cells) {
    this.iteration = 0;
    this.weights = new Float32Array(synapses);
    /** Last h actions of each synapse, two bits each, the oldest highest. */
    this.states = new Uint8Array(synapses);
    /** Last h reward codes, as told, as a number in base 3, the oldest highest. */
    this.rewardState = 0;
    this.table = new Float64Array(cells);
    this.visits = new Uint32Array(cells);
    /** Loss of the current batch. */
    this.loss = NaN;
  }

  /** @param {Moment} other */
  copy(other) {
    this.iteration = other.iteration;
    this.weights.set(other.weights);
    this.states.set(other.states);
    this.rewardState = other.rewardState;
    this.table.set(other.table);
    this.visits.set(other.visits);
    this.loss = other.loss;
  }
}

/** What one iteration did: from `iteration - 1` completed iterations to `iteration`.
 * @typedef {{iteration: number, moves: Uint8Array, measured: boolean, told: boolean, lossBefore: number, loss: number}}
 *   Deed */

export class Tape {
  /** @param {Header} header */
  constructor(header) {
    this.header = header;
    this.synaptic = header.scene.method === "synaptic";
    /** Chunks by their number: the first begins at iteration 0. @type {Map<number, Chunk>} */
    this.chunks = new Map();
    const rows = CODES ** header.history;
    this.actionHistories = rows;
    this.cells = this.synaptic ? CODES * rows * rows : 0;
    /** Iteration at which training ended because the loss was not finite, and why. */
    this.end = header.iterations;
    /** @type {string | null} */
    this.ended = null;
    /** Place of an action history, packed two bits an action, in base 3. */
    this.base3 = Uint8Array.from({ length: 4 ** header.history }, (_, packed) => inBase3(packed, header.history));
    this.reach = reachOf(header);
    /** @type {Map<number, Change[]>} */
    this.changes = new Map();
    for (const change of header.scene.changes) {
      this.changes.set(change.iteration, [...(this.changes.get(change.iteration) ?? []), change]);
    }
    this.moment = new Moment(header.synapses, this.cells);
    this.before = new Moment(header.synapses, this.cells); // before the changes of its iteration
    this.stepSize = 0;
    this.deltas = new Float32Array(CODES * 2);
    /** Chunk that the moment was replayed from. @type {Chunk | null} */
    this.standing = null;
    /** Next changed cell of that chunk. */
    this.cellsRead = 0;
  }

  // -- chunks ---------------------------------------------------------------------------------------------

  /** Take chunks in, each replayed and compared with its key frames.
   * @param {Chunk[]} chunks
   * @throws {TapeError} where the replay differs in a bit */
  add(chunks) {
    const at = this.moment.iteration;
    const known = this.chunks.size > 0;
    for (const chunk of chunks) {
      const number = chunk.start / this.header.chunk;
      if (this.chunks.has(number)) continue;
      this.chunks.set(number, chunk);
      if (chunk.ended !== null) {
        this.end = chunk.stop;
        this.ended = chunk.ended;
      }
      this.check(chunk);
    }
    if (known && this.has(at)) this.seek(at);
    else if (this.chunks.size) this.seek(this.first());
  }

  /** Whether the state at an iteration can be replayed. @param {number} iteration */
  has(iteration) {
    return this.chunkFor(iteration) !== undefined;
  }

  /** The last iteration of the stretch without gaps that holds `iteration`. @param {number} iteration */
  reaches(iteration) {
    let chunk = this.chunkFor(iteration);
    if (!chunk) return iteration;
    for (;;) {
      const next = this.chunks.get(chunk.start / this.header.chunk + 1);
      if (!next || chunk.length < this.header.chunk) return chunk.stop;
      chunk = next;
    }
  }

  first() {
    return Math.min(...this.chunks.keys()) * this.header.chunk;
  }

  /** The chunk from which a state is replayed: the one it begins, or the one it ends.
   * @param {number} iteration @returns {Chunk | undefined} */
  chunkFor(iteration) {
    const number = Math.floor(iteration / this.header.chunk);
    const chunk = this.chunks.get(number);
    if (chunk && iteration <= chunk.stop) return chunk;
    const ending = this.chunks.get(number - 1);
    return ending && ending.stop === iteration ? ending : undefined;
  }

  // -- the cursor -----------------------------------------------------------------------------------------

  /** Go to an iteration; the same `Moment` is filled anew. Moves on where that is shorter than from the key frame.
   * @param {number} iteration @returns {Moment} */
  seek(iteration) {
    const chunk = this.chunkFor(iteration);
    if (!chunk) throw new RangeError(`Iteration ${iteration} is not on the tape yet.`);
    const moment = this.moment;
    if (this.standing !== chunk || moment.iteration > iteration) this.begin(chunk);
    while (moment.iteration < iteration) this.step(chunk);
    return moment;
  }

  /** What the last iteration before a moment did; null at the start, or where its chunk is not here.
   * @param {number} iteration @returns {Deed | null} */
  deed(iteration) {
    const chunk = this.chunks.get(Math.ceil(iteration / this.header.chunk) - 1);
    const row = chunk ? iteration - 1 - chunk.start : -1;
    if (!chunk || row < 0 || row >= chunk.length) return null;
    const moves = this.synaptic
      ? Uint8Array.from({ length: this.header.synapses }, (_, synapse) => chunk.move(row, synapse))
      : new Uint8Array(0);
    const loss = chunk.arrays.losses[row];
    return {
      iteration,
      moves,
      measured: chunk.measured(row),
      told: chunk.told(row),
      lossBefore: lossBefore(chunk, row),
      loss,
    };
  }

  /** Evaluations on all points: (training loss, training accuracy, validation loss, validation accuracy) at iterations.
   * @param {number} until at most this iteration
   * @returns {{iteration: number, values: Float32Array}[]} in order */
  evaluations(until) {
    const found = [];
    for (const number of [...this.chunks.keys()].sort((one, other) => one - other)) {
      const chunk = /** @type {Chunk} */ (this.chunks.get(number));
      const every = this.header.evaluate_every;
      const first = Math.ceil(chunk.start / every) * every;
      const values = /** @type {Float32Array} */ (chunk.arrays.evaluations);
      for (let row = 0; row < values.length / 4; row++) {
        const iteration = first + row * every;
        if (iteration <= until) found.push({ iteration, values: values.subarray(4 * row, 4 * row + 4) });
      }
    }
    return found;
  }

  // -- replay ---------------------------------------------------------------------------------------------

  /** Stand at a chunk's key frame. @param {Chunk} chunk */
  begin(chunk) {
    const moment = this.moment;
    moment.iteration = chunk.start;
    moment.weights.set(chunk.arrays.weights);
    moment.loss = chunk.arrays.loss[0];
    if (this.synaptic) {
      moment.states.set(chunk.arrays.states);
      moment.visits.set(chunk.arrays.visits);
      moment.rewardState = chunk.rewardState;
      moment.table.set(chunk.arrays.table ?? this.tableAt(chunk.start));
    }
    this.standing = chunk;
    this.cellsRead = 0;
    this.arrive();
  }

  /** Replay one iteration. @param {Chunk} chunk */
  step(chunk) {
    const moment = this.moment;
    const row = moment.iteration - chunk.start;
    if (this.synaptic) {
      this.act(chunk, row);
      this.learn(chunk, row);
      moment.rewardState = (moment.rewardState * CODES + (chunk.told(row) ? UP : DOWN)) % this.actionHistories;
    } else {
      this.showWeights(chunk, moment.iteration + 1);
    }
    moment.loss = chunk.arrays.losses[row];
    moment.iteration += 1;
    this.arrive();
  }

  /** Move every weight, count the cell used, remember the action. @param {Chunk} chunk @param {number} row */
  act(chunk, row) {
    const { weights, states, visits, rewardState } = this.moment;
    const rows = this.actionHistories;
    const mask = 4 ** this.header.history - 1;
    for (let synapse = 0; synapse < weights.length; synapse++) {
      const code = chunk.move(row, synapse);
      weights[synapse] += this.deltas[code + CODES * this.reach[synapse]];
      visits[(code * rows + this.base3[states[synapse]]) * rows + rewardState] += 1;
      states[synapse] = ((states[synapse] << BITS) | code) & mask;
    }
  }

  /** Take over the cells that Q-learning changed, all under the reward history before the action.
   * @param {Chunk} chunk @param {number} row */
  learn(chunk, row) {
    const { cell_counts: counts, cells, values } = chunk.arrays;
    if (!counts) return;
    const { table, rewardState } = this.moment;
    for (let count = counts[row]; count > 0; count--, this.cellsRead++) {
      table[cells[this.cellsRead] * this.actionHistories + rewardState] = values[this.cellsRead];
    }
  }

  /** Gradient descent: show the weights kept last. @param {Chunk} chunk @param {number} iteration */
  showWeights(chunk, iteration) {
    const { weights } = this.moment;
    if (iteration === chunk.stop) weights.set(chunk.arrays.weights_after);
    else if (iteration % chunk.every === 0) {
      const place = iteration / chunk.every - (Math.floor(chunk.start / chunk.every) + 1);
      const kept = /** @type {Float32Array} */ (chunk.arrays.weights_every);
      weights.set(kept.subarray(place * weights.length, (place + 1) * weights.length));
    }
  }

  /** Make the changes of this iteration. */
  arrive() {
    const moment = this.moment;
    this.before.copy(moment);
    for (const change of this.changes.get(moment.iteration) ?? []) {
      if (change.setting === "weight") moment.weights[change.value[0]] = change.value[1];
      if (this.synaptic && (change.setting === "policy" || change.setting === "cell")) {
        changeTable(moment.table, change, this.header.policies);
      }
    }
    const size = this.setting("step_size", moment.iteration + 1);
    if (size === this.stepSize) return;
    this.stepSize = size;
    const factors = [1, Math.fround(this.header.scene.bias_step_factor)];
    for (let code = 0; code < CODES; code++) {
      factors.forEach((reach, kind) => {
        const move = Math.fround(Math.fround(code * reach) - reach);
        this.deltas[code + CODES * kind] = Math.fround(move * Math.fround(size));
      });
    }
  }

  /** Value of a setting after all changes before an iteration. @param {string} name @param {number} iteration */
  setting(name, iteration) {
    let value = this.header.scene[name];
    for (const change of this.header.scene.changes) {
      if (change.iteration < iteration && change.setting === name) value = change.value;
    }
    return value;
  }

  /** The policy that acts in the iteration that ends at `iteration`, at least 1. @param {number} iteration @returns {Acting} */
  acting(iteration) {
    const { policies } = this.header;
    const passed = policies.filter((policy) => policy.iteration < iteration);
    return passed[passed.length - 1] ?? policies[0];
  }

  /** The table before the changes of an iteration, where no synapse changes it. @param {number} iteration */
  tableAt(iteration) {
    const table = Float64Array.from(this.header.policies[0].q);
    for (const change of this.header.scene.changes) {
      if (change.iteration < iteration) changeTable(table, change, this.header.policies);
    }
    return table;
  }

  // -- checks ---------------------------------------------------------------------------------------------

  /** Replay a chunk and compare. @param {Chunk} chunk */
  check(chunk) {
    this.begin(chunk);
    const previous = this.chunks.get(chunk.start / this.header.chunk - 1);
    while (this.moment.iteration < chunk.stop) this.step(chunk);
    const at = chunk.ended === null ? this.before : this.moment;
    same(at.weights, chunk.arrays.weights_after, "weights", chunk.stop);
    const next = this.chunks.get(chunk.start / this.header.chunk + 1);
    if (next) this.meets(next);
    if (previous) {
      this.begin(previous);
      while (this.moment.iteration < previous.stop) this.step(previous);
      this.meets(chunk);
    }
  }

  /** Compare the state with the key frame of the chunk that follows. @param {Chunk} next */
  meets(next) {
    const at = this.before;
    same(at.weights, next.arrays.weights, "weights", next.start);
    if (!this.synaptic) return;
    same(at.states, next.arrays.states, "histories", next.start);
    same(at.visits, next.arrays.visits, "visits", next.start);
    same(Uint32Array.of(at.rewardState), Uint32Array.of(next.rewardState), "rewards", next.start);
    if (next.arrays.table) same(at.table, next.arrays.table, "values of the table", next.start);
  }
}

/** @param {Chunk} chunk @param {number} row @returns {number} */
function lossBefore(chunk, row) {
  const anew = chunk.arrays.measured_anew.indexOf(chunk.start + row);
  if (anew >= 0) return chunk.arrays.losses_anew[anew];
  return row > 0 ? chunk.arrays.losses[row - 1] : chunk.arrays.loss[0];
}

/** Change a table in place. @param {Float64Array} table @param {Change} change @param {Acting[]} policies */
function changeTable(table, change, policies) {
  if (change.setting === "cell") table[change.value[0]] = change.value[1];
  if (change.setting !== "policy") return;
  // The first entry is the policy at the start; a change at iteration 0 comes after it.
  const acting = policies.slice(1).find((policy) => policy.iteration === change.iteration);
  if (acting) table.set(acting.q);
}

/** Whether each synapse is a bias: 1, or 0. @param {Header} header @returns {Uint8Array} */
function reachOf(header) {
  const reach = new Uint8Array(header.synapses);
  for (const [at, units, sources] of header.layers) {
    for (let unit = 0; unit < units; unit++) reach[at + unit * sources] = 1;
  }
  return reach;
}

/** @param {number} packed @param {number} history */
function inBase3(packed, history) {
  let number = 0;
  for (let action = history - 1; action >= 0; action--) number = number * CODES + ((packed >> (BITS * action)) & 3);
  return number;
}

/** Compare bit by bit. @param {import("./chunk.js").Numbers} mine @param {import("./chunk.js").Numbers} told
 * @param {string} what @param {number} iteration */
function same(mine, told, what, iteration) {
  const one = new Uint8Array(mine.buffer, mine.byteOffset, mine.byteLength);
  const other = new Uint8Array(told.buffer, told.byteOffset, told.byteLength);
  if (one.length === other.length && one.every((byte, at) => byte === other[at])) return;
  throw new TapeError(
    `The replay does not meet the key frame at iteration ${iteration}: ${what} differ from the server's. ` +
      "Reload the page; if that does not help, tell whoever runs this server.",
  );
}
