// Provenance of a run: what is needed to get the same numbers again. Times, data, versions and machine.
import { findId, make } from "../core/dom.js";
import * as format from "../core/format.js";

/** @import { RunRead } from "../types/schemas.js" */
/** @typedef {[term: string, words: string]} Term */

/** @param {string | null | undefined} text */
const exactly = (text) => format.moment(text, { exactly: true });

const HASH_LETTERS = 16;
/** @type {Record<string, string>} names that are not words */
const NAMES = { synrl: "SynRL", numpy: "NumPy", "scikit learn": "scikit-learn", cpu: "CPU" };

/**
 * Terms and their words, those that the worker told last.
 *
 * @param {RunRead} run
 * @returns {Term[]}
 */
export function provenanceOf(run) {
  return [
    ["Run", run.id],
    ["Created", exactly(run.created_at)],
    ["Started", exactly(run.started_at)],
    ["Ended", exactly(run.finished_at)],
    ["Data (SHA-256)", run.dataset_hash ? run.dataset_hash.slice(0, HASH_LETTERS) : "–"],
    ...flat(run.provenance ?? {}).map(([key, value]) => /** @type {Term} */ ([title(key), words(value)])),
  ];
}

/**
 * Show the provenance of a run, where it is not what is shown already.
 *
 * @param {RunRead} run
 */
export function showProvenance(run) {
  const place = findId("run-provenance");
  const terms = provenanceOf(run);
  const shown = JSON.stringify(terms);
  if (!place || place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  const pairs = terms.map(([term, value]) =>
    make("div", "", undefined, {}, make("dt", "", term), make("dd", "", value)),
  );
  place.replaceChildren(make("h3", "", "Provenance"), make("dl", "", undefined, {}, ...pairs));
}

/** @param {string} key */
function title(key) {
  const plain = key.replaceAll("_", " ");
  return NAMES[plain] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** @param {unknown} value */
function words(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? format.count(value) : String(value);
}

/**
 * Entries of an object, and of the objects in it, whose keys begin with the key of theirs.
 *
 * @param {object} tree
 * @param {string} prefix
 * @returns {[string, unknown][]}
 */
function flat(tree, prefix = "") {
  return Object.entries(tree).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const isTree = value !== null && typeof value === "object" && !Array.isArray(value);
    return isTree ? flat(value, `${name} `) : [/** @type {[string, unknown]} */ ([name, value])];
  });
}
