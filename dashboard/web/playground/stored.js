// Tapes stored in the page's own file: written by the playground, read without a server (dashboard/standalone.py has the
// page around them).

/** @typedef {import("./details.js").Details} Details */
/** @typedef {import("../tape/scene.js").Form} Form */
/** @typedef {import("../tape/source.js").Source} Source */
/** @typedef {import("../tape/source.js").Tapes} Tapes */
/** @typedef {import("../tape/tape.js").Header} Header */
/** @typedef {import("../tape/tape.js").Tape} Tape */
/** A scene's tape: chunks and details by their first iteration, as base64.
 * @typedef {{header: Header, chunks: Record<string, string>, details: Record<string, string>}} StoredTape */
/** What the file holds: the tape of the first network, and that of the second if there is one.
 * @typedef {{form: Form, search: string, tapes: StoredTape[]}} Stored */
/** A tape with what is here of its details. @typedef {{source: Source, details?: Details | null}} Played */

const SLOT = "SCENE"; // what the shell has in place of the content
const PART = 8192; // bytes that are turned into letters at once

/** The last iteration that a tape holds without a gap from the start. @param {Tape} tape */
export function wholeFrom0(tape) {
  return tape.chunks.has(0) ? tape.reaches(0) : 0;
}

/** Put scenes and their tapes into the shell. @param {string} shell @param {Form} form @param {Played[]} played first
 * network, then the second @param {string} search @returns {string} */
export function withTapes(shell, form, played, search) {
  const tapes = played.map(({ source, details }) => tapeOf(source, details?.chunks.values() ?? []));
  /** @type {Stored} */
  const stored = { form, search, tapes };
  const json = JSON.stringify(stored).replaceAll("<", "\\u003c");
  return shell.replace(`>${SLOT}<`, () => `>${json}<`);
}

/** @param {Source} source @param {Iterable<import("../tape/chunk.js").Chunk>} details @returns {StoredTape} */
function tapeOf({ tape, header }, details) {
  const end = wholeFrom0(tape);
  /** @type {StoredTape} */
  const stored = { header: { ...header, iterations: end }, chunks: {}, details: {} };
  for (const chunk of tape.chunks.values()) if (chunk.start < end) stored.chunks[chunk.start] = base64(chunk.bytes);
  for (const chunk of details) stored.details[chunk.start] = base64(chunk.bytes);
  return stored;
}

/** @param {Stored} stored @returns {Tapes} */
export function storedTapes({ form, tapes }) {
  return {
    describe: async (scene) => {
      const found = tapes.find(({ header }) => isOf(header, scene, form));
      if (!found) throw new Error("This file holds one scene. To change it, open the playground on a server.");
      return found.header;
    },
    bytes: async (header, rest) => {
      const { chunks, details } = /** @type {StoredTape} */ (tapes.find((one) => one.header.tape === header.tape));
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

/** Whether a header describes a scene, which may name its defaults or not.
 * @param {Header} header @param {import("../tape/scene.js").Scene} scene @param {Form} form */
function isOf({ scene: whole, differences }, scene, form) {
  const names = new Set([...Object.keys(scene), ...Object.keys(differences)]);
  const asked = (/** @type {string} */ name) => scene[name] ?? form.settings[name].default ?? {};
  return [...names].every((name) => sorted(asked(name)) === sorted(whole[name]));
}

/** JSON that is the same for equal values. @param {any} value @returns {string} */
function sorted(value) {
  return JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
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
