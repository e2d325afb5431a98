// Chunk: a stretch of a tape between two key frames, read from bytes. The layout is that of synrl_core/tape/chunk.py.

const MAGIC = "SYNRTAPE";
const VERSION = 1;
const HEAD = 16; // magic, total length, length of the JSON header

/** @typedef {Float32Array | Float64Array | Uint8Array | Uint16Array | Uint32Array} Numbers */
/** @typedef {{from: number, to: number, random: string, reward_state: number, ended: string | null, every: number,
 *   arrays: [string, string, number[], number][], version: number}} About */

/** Typed array of each dtype that a chunk may hold.
 * @type {Record<string, new (buffer: ArrayBuffer, at: number, length: number) => Numbers>} */
const KINDS = {
  "<f4": Float32Array,
  "<f8": Float64Array,
  "<u4": Uint32Array,
  "<u2": Uint16Array,
  "|u1": Uint8Array,
  "<u1": Uint8Array,
};

export class TapeError extends Error {}

export class Chunk {
  /** @param {About} about @param {Record<string, Numbers>} arrays @param {Uint8Array} bytes that it was read from */
  constructor(about, arrays, bytes) {
    this.bytes = bytes;
    this.start = about.from;
    this.stop = about.to;
    this.random = about.random;
    this.rewardState = about.reward_state;
    this.ended = about.ended;
    this.every = about.every;
    this.arrays = arrays;
  }

  get length() {
    return this.stop - this.start;
  }

  /** Action code (0 down, 1 stay, 2 up) of a synapse in the iteration that begins at `start + row`.
   * @param {number} row @param {number} synapse @returns {number} */
  move(row, synapse) {
    const width = Math.ceil(this.arrays.weights.length / 4);
    return (this.arrays.moves[row * width + (synapse >> 2)] >> (2 * (synapse & 3))) & 3;
  }

  /** Whether the loss fell in the iteration that begins at `start + row`. @param {number} row */
  measured(row) {
    return ((this.arrays.measured[row >> 3] >> (row & 7)) & 1) === 1;
  }

  /** Whether the synapses were told that it fell. @param {number} row */
  told(row) {
    return ((this.arrays.told[row >> 3] >> (row & 7)) & 1) === 1;
  }
}

/** Read chunks that were joined. The chunks' arrays share the buffer's memory.
 * @param {ArrayBuffer} buffer @returns {Chunk[]} */
export function readChunks(buffer) {
  const chunks = [];
  for (let at = 0; at < buffer.byteLength; ) {
    const view = new DataView(buffer, at);
    if (view.byteLength < HEAD || text(buffer, at, MAGIC.length) !== MAGIC) throw damaged(at);
    const total = view.getUint32(8, true);
    const header = view.getUint32(12, true);
    if (total < HEAD + header || at + total > buffer.byteLength) throw damaged(at);
    chunks.push(readChunk(buffer, at, header, total));
    at += total;
  }
  return chunks;
}

/** @param {ArrayBuffer} buffer @param {number} at @param {number} header @param {number} total */
function readChunk(buffer, at, header, total) {
  /** @type {About} */
  const about = JSON.parse(text(buffer, at + HEAD, header));
  if (about.version !== VERSION) {
    throw new TapeError(`The tape has version ${about.version}; this page reads version ${VERSION}. Reload the page.`);
  }
  /** @type {Record<string, Numbers>} */
  const arrays = {};
  for (const [name, kind, shape, offset] of about.arrays) {
    const length = shape.reduce((product, size) => product * size, 1);
    const start = at + HEAD + header + offset;
    const Kind = KINDS[kind];
    if (!Kind || start > at + total) throw damaged(at);
    arrays[name] = new Kind(buffer, start, length);
  }
  return new Chunk(about, arrays, new Uint8Array(buffer, at, total));
}

/** @param {ArrayBuffer} buffer @param {number} at @param {number} length */
function text(buffer, at, length) {
  return new TextDecoder().decode(new Uint8Array(buffer, at, length));
}

/** @param {number} at */
function damaged(at) {
  return new TapeError(`These bytes are no tape, or a damaged one (at byte ${at}). Reload the page.`);
}
