// Source of a scene's tape: its description from the server, and its chunks, asked for ahead of the cursor.
import { url } from "../core/address.js";
import { call, messageOf, Refusal } from "../core/api.js";
import { readChunks, TapeError } from "./chunk.js";
import { Tape } from "./tape.js";

/** Settings that differ from the defaults. @typedef {Record<string, any>} Scene */
/** @typedef {import("./tape.js").Header} Header */

const MOST_CHUNKS = 8; // in one request
const RETRY_MS = 1500;
const AHEAD_SECONDS = 4; // of playing

/** Say what is wrong with a scene, without the scene. @param {unknown} error */
export function wrongWith(error) {
  return messageOf(error)
    .replace(/^body: /, "")
    .replace(/ \(given: [\s\S]*\)$/, "");
}

/** Where descriptions and tapes come from: a server, or the page's own file.
 * @typedef {{describe: (scene: Scene, signal: AbortSignal) => Promise<Header>,
 *   bytes: (header: Header, rest: string, signal: AbortSignal) => Promise<ArrayBuffer>}} Tapes */

/** Describe a scene. @param {Scene} scene @param {AbortSignal} signal @returns {Promise<Header>} */
export function describe(scene, signal) {
  return call("POST", "/api/v1/playground/scenes", scene, signal);
}

export class Source {
  /** @param {Header} header @param {() => void} arrived called when chunks came
   * @param {(words: string) => void} failed called with what is wrong, and with "" when it is no longer
   * @param {Tapes} [tapes] this server's, if not given */
  constructor(header, arrived, failed, tapes = SERVER) {
    this.tapes = tapes;
    this.header = header;
    this.tape = new Tape(header);
    this.arrived = arrived;
    this.failed = failed;
    this.asking = false;
    this.broken = false;
    this.ending = new AbortController();
  }

  close() {
    this.ending.abort();
  }

  /** See that the tape holds the cursor and what is played next.
   * @param {number} cursor @param {number} speed iterations a second, 0 when paused */
  want(cursor, speed) {
    if (this.asking || this.broken || this.ending.signal.aborted) return;
    const { tape, header } = this;
    const from = tape.has(cursor) ? tape.reaches(cursor) : Math.floor(cursor / header.chunk) * header.chunk;
    const ahead = Math.max(header.chunk / 2, Math.min(speed * AHEAD_SECONDS, MOST_CHUNKS * header.chunk));
    if (from >= tape.end || from - cursor > ahead) {
      if (speed === 0) this.fill(cursor);
      return;
    }
    const chunks = speed > header.chunk ? MOST_CHUNKS : 1;
    void this.fetch(from, Math.min(from + chunks * header.chunk, header.iterations));
  }

  /** Ask for what is missing before the cursor, for the curves. @param {number} cursor */
  fill(cursor) {
    const { chunk } = this.header;
    for (let from = 0; from < cursor; from += chunk) {
      if (this.tape.chunks.has(from / chunk)) continue;
      let to = from + chunk;
      while (to < cursor && to - from < MOST_CHUNKS * chunk && !this.tape.chunks.has(to / chunk)) to += chunk;
      void this.fetch(from, Math.min(to, this.header.iterations));
      return;
    }
  }

  /** @param {number} from @param {number} to */
  async fetch(from, to) {
    this.asking = true;
    try {
      this.tape.add(readChunks(await this.bytes(from, to)));
      this.failed("");
      this.asking = false;
      this.arrived();
    } catch (error) {
      this.asking = false;
      if (this.ending.signal.aborted) return;
      this.broken = error instanceof TapeError;
      this.failed(error instanceof Error ? error.message : String(error));
      if (!this.broken) setTimeout(() => this.fetchAgain(from, to), RETRY_MS);
    }
  }

  /** @param {number} from @param {number} to */
  async fetchAgain(from, to) {
    if (!this.asking && !this.ending.signal.aborted) await this.fetch(from, to);
  }

  /** @param {number} from @param {number} to @returns {Promise<ArrayBuffer>} */
  bytes(from, to) {
    return this.tapes.bytes(this.header, `?from=${from}&to=${to}`, this.ending.signal);
  }
}

/** Bytes of a scene's tape, or of what belongs to it. @param {Header} header @param {string} rest of the address
 * @param {AbortSignal} signal @returns {Promise<ArrayBuffer>} */
async function bytesOf(header, rest, signal) {
  const ask = () => fetch(url(`/api/v1/playground/tapes/${header.tape}${rest}`), { signal });
  let answer = await ask().catch((error) => {
    if (signal.aborted) throw error;
    throw new Error("The server can't be reached. Trying again …");
  });
  if (answer.status === 404) {
    // The server was restarted and knows the scene no more: the same scene has the same tape.
    await describe(header.differences, signal);
    answer = await ask();
  }
  if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => null));
  return answer.arrayBuffer();
}

/** This server's. @type {Tapes} */
export const SERVER = { describe, bytes: bytesOf };
