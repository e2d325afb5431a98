// Details of a tape, asked for where somebody looks: draws of chance, batches and gradients behind the moves
// (synrl_core.tape.details). They come a chunk at a time; the last few stay.
import { readChunks } from "../tape/chunk.js";
import { judged } from "./decision.js";

/** @typedef {import("../tape/chunk.js").Chunk} Chunk */
/** @typedef {import("../tape/source.js").Tapes} Tapes */
/** @typedef {import("../tape/tape.js").Header} Header */
/** Details of the iteration that ended at a moment: of each synapse its draw, 0 to below 1, and the slope of the loss
 * before the action, if the network has one; the batch as numbers of points.
 * @typedef {{draws: Float32Array, gradient: Float32Array | null, batch: number[]}} Detail */

const MOST_KEPT = 8; // chunks
const RETRY_MS = 1500;
const EVEN = 65536;

/** Read the details of one iteration. @param {Header} header @param {Chunk} chunk @param {number} iteration at its end
 * @returns {Detail} */
export function detailOf(header, chunk, iteration) {
  const { draws, gradients, batches, batch_starts: starts } = chunk.arrays;
  const row = iteration - 1 - chunk.start;
  const of = (/** @type {import("../tape/chunk.js").Numbers} */ array) =>
    array.subarray(row * header.synapses, (row + 1) * header.synapses);
  let batch = 0;
  while (batch + 1 < starts.length && starts[batch + 1] < iteration) batch += 1;
  const size = batches.length / starts.length;
  return {
    draws: Float32Array.from(of(draws), (draw) => draw / EVEN),
    gradient: gradients ? /** @type {Float32Array} */ (of(gradients)) : null,
    batch: Array.from(batches.subarray(batch * size, (batch + 1) * size), (place) => header.train[place]),
  };
}

/** Moves that went downhill and uphill: now, and of all iterations of a chunk up to now whose lamp was on, as told.
 * @param {import("../tape/tape.js").Tape} tape @param {Chunk} chunk of details, with gradients @param {number} iteration now
 * @returns {{now: {right: number, wrong: number}, on: boolean, right: number, wrong: number}} */
export function praiseOf(tape, chunk, iteration) {
  const told = { now: { right: 0, wrong: 0 }, on: false, right: 0, wrong: 0 };
  for (let at = chunk.start + 1; at <= iteration; at++) {
    const deed = tape.deed(at);
    const { gradient } = detailOf(tape.header, chunk, at);
    if (!deed || !gradient) continue;
    told.now = judged(deed.moves, gradient);
    told.on = deed.told;
    if (deed.told) {
      told.right += told.now.right;
      told.wrong += told.now.wrong;
    }
  }
  return told;
}

export class Details {
  /** @param {Header} header @param {() => void} arrived @param {Tapes} tapes */
  constructor(header, arrived, tapes) {
    this.tapes = tapes;
    this.header = header;
    this.arrived = arrived;
    /** By the number of the chunk. @type {Map<number, Chunk>} */
    this.chunks = new Map();
    this.asking = false;
    this.notBefore = 0;
    this.ending = new AbortController();
  }

  close() {
    this.ending.abort();
  }

  /** The chunk that holds the iteration that ended at `iteration`. @param {number} iteration */
  chunk(iteration) {
    const chunk = this.chunks.get(Math.ceil(iteration / this.header.chunk) - 1);
    return chunk && iteration <= chunk.stop ? chunk : null;
  }

  /** @param {number} iteration @returns {Detail | null} null where they are not here */
  at(iteration) {
    const chunk = this.chunk(iteration);
    return chunk && iteration > 0 ? detailOf(this.header, chunk, iteration) : null;
  }

  /** See that the details of an iteration come. @param {number} iteration */
  want(iteration) {
    const number = Math.ceil(iteration / this.header.chunk) - 1;
    if (number < 0 || this.asking || this.chunks.has(number) || performance.now() < this.notBefore) return;
    if (this.header.scene.method === "synaptic") void this.fetch(number);
  }

  /** @param {number} number */
  async fetch(number) {
    this.asking = true;
    try {
      const from = number * this.header.chunk;
      const [chunk] = readChunks(await this.tapes.bytes(this.header, `/details?from=${from}`, this.ending.signal));
      this.chunks.set(number, chunk);
      for (const old of this.chunks.keys()) if (this.chunks.size > MOST_KEPT) this.chunks.delete(old);
      this.asking = false;
      this.arrived();
    } catch {
      // What is missing is told by what is shown; the tape's own source says what is wrong with the server.
      this.asking = false;
      this.notBefore = performance.now() + RETRY_MS;
    }
  }
}
