// Tapes stored in the page's own file: written by the playground, read without a server (dashboard/standalone.py has the
// page around them).

/** @typedef {import("./details.js").Details} Details */
/** @typedef {import("./scene.js").Form} Form */
/** @typedef {import("../tape/source.js").Source} Source */
/** @typedef {import("../tape/source.js").Tapes} Tapes */
/** @typedef {import("../tape/tape.js").Header} Header */
/** @typedef {import("../tape/tape.js").Tape} Tape */
/** @typedef {{form: Form, header: Header, search: string, chunks: Record<string, string>,
 *   details: Record<string, string>}} Stored chunks by their first iteration, as base64 */

const SLOT = "SCENE"; // what the shell has in place of the content
const PART = 8192; // bytes that are turned into letters at once

/** The last iteration that a tape holds without a gap from the start. @param {Tape} tape */
export function wholeFrom0(tape) {
  return tape.chunks.has(0) ? tape.reaches(0) : 0;
}

/** Put a scene and its tape into the shell. @param {string} shell @param {Form} form @param {Source} source
 * @param {Details | null} details @param {string} search @returns {string} */
export function withTape(shell, form, source, details, search) {
  const { tape, header } = source;
  const end = wholeFrom0(tape);
  /** @type {Stored} */
  const stored = { form, header: { ...header, iterations: end }, search, chunks: {}, details: {} };
  for (const chunk of tape.chunks.values()) if (chunk.start < end) stored.chunks[chunk.start] = base64(chunk.bytes);
  for (const chunk of details?.chunks.values() ?? []) stored.details[chunk.start] = base64(chunk.bytes);
  const json = JSON.stringify(stored).replaceAll("<", "\\u003c");
  return shell.replace(`>${SLOT}<`, () => `>${json}<`);
}

/** @param {Stored} stored @returns {Tapes} */
export function storedTapes({ header, chunks, details }) {
  let described = false;
  return {
    describe: async () => {
      if (described) throw new Error("This file holds one scene. To change it, open the playground on a server.");
      described = true;
      return header;
    },
    bytes: async (_, rest) => {
      const [, kind, query] = /^(\/details)?\?(.*)$/.exec(rest) ?? [];
      const asked = new URLSearchParams(query);
      const from = Number(asked.get("from"));
      if (kind) return joined([details[from]]);
      const to = Number(asked.get("to"));
      const wanted = Object.keys(chunks).map(Number);
      return joined(wanted.filter((start) => start >= from && start < to).map((start) => chunks[start]));
    },
  };
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += PART) letters += String.fromCharCode(...bytes.subarray(at, at + PART));
  return btoa(letters);
}

/** @param {(string | undefined)[]} texts @returns {ArrayBuffer} */
function joined(texts) {
  if (texts.includes(undefined)) throw new Error("The file does not hold this.");
  const letters = texts.map((text) => atob(/** @type {string} */ (text))).join("");
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0)).buffer;
}
