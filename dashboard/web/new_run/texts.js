// Text and values of a field of the form. The text that stands in a field is what the address holds; several values, each
// a run of its own, are separated by semicolons, or by commas with a space.
import { plural } from "../core/format.js";
import { decimalNumber, layers, wholeNumber } from "./numbers.js";

/** @import { FormField } from "../types/schemas.js" */
/** @typedef {Pick<FormField, "kind" | "default"> & Partial<FormField>} Field what is read here of a field */
/** @typedef {{ label: string, text: string }} Choice one thing that a text can mean */
/** @typedef {{ message: string, choices: Choice[] }} TextProblem */
/** @typedef {{ parts?: string[], question?: string, choices?: Choice[] }} Parts texts of values, or a question */

const SPAN = /^(\d+)\s*\.\.\s*(\d+)$/;
const LONGEST_SPAN = 1000;
const NUMERIC = ["integer", "number"];
const NONE = "none";
// Commas that are not within brackets: (64, 32), 16 has one.
const OUTSIDE_BRACKETS = /,(?![^()[\]]*[)\]])/;

/**
 * A value as it stands in a field.
 *
 * @param {Field} field
 * @param {unknown} value
 */
export function toText(field, value) {
  if (value === null || value === undefined) return field.kind === "choice" ? NONE : "";
  if (Array.isArray(value)) return value.length ? value.join("-") : NONE;
  if (field.kind === "switch") return value ? "yes" : "no";
  return String(value);
}

// -- from a text to the texts of its values

/**
 * @param {string} text
 * @param {string | RegExp} separator
 */
const split = (text, separator) =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter(Boolean);

/**
 * The texts of the values of a text or, where it can be meant in several ways, a question with choices.
 *
 * @param {Field} field
 * @param {string} text
 * @returns {Parts}
 */
function partsOf(field, text) {
  if (text.includes(";")) return { parts: split(text, ";") };
  if (field.kind === "layers") return partsOfLayers(text);
  if (field.kind === "integer") return partsOfWhole(text);
  if (field.kind === "number") return partsOfDecimal(field, text);
  return { parts: split(text, ",") };
}

/**
 * One run of two layers, or two runs of one layer?
 *
 * @param {string} text
 * @returns {Parts}
 */
function partsOfLayers(text) {
  const parts = split(text, OUTSIDE_BRACKETS);
  if (parts.length < 2 || parts.some((part) => wholeNumber(part) === null)) return { parts };
  return {
    question: `${text} can be one network of ${parts.length} hidden layers, or ${parts.length} runs of one layer each.`,
    choices: [
      { label: `one network: ${parts.join("-")}`, text: parts.join("-") },
      { label: `${parts.length} runs: ${parts.join("; ")}`, text: parts.join("; ") },
    ],
  };
}

/**
 * @param {string} text
 * @returns {Parts}
 */
function partsOfWhole(text) {
  if (wholeNumber(text) !== null) return { parts: [text] }; // 20,000 is one number
  const parts = split(text, /,\s+/).flatMap((part) => (wholeNumber(part) === null ? split(part, ",") : [part]));
  return parts.some((part) => /^0\d+$/.test(part)) ? { parts: [text] } : { parts }; // 20,000,5: the server asks
}

/**
 * 0,001 is a number with a decimal comma; 0,1 can be two runs.
 *
 * @param {Field} field
 * @param {string} text
 * @returns {Parts}
 */
function partsOfDecimal(field, text) {
  if (/,\s/.test(text)) return { parts: split(text, /,\s+/) };
  const parts = split(text, ",");
  const number = decimalNumber(text);
  if (parts.length < 2 || !parts.every((part) => /^\d+$/.test(part)))
    return { parts: number === null ? parts : [text] };
  const several = { label: `${plural(parts.length, "run")}: ${parts.join("; ")}`, text: parts.join("; ") };
  if (parts.length > 2) return { question: "Separate several values by semicolons.", choices: [several] };
  const { high = Number.POSITIVE_INFINITY, low = Number.NEGATIVE_INFINITY } = field;
  const areAllowed = parts.every((part) => Number(part) >= low && Number(part) <= high);
  if (number === null || /^0\d/.test(parts[1]) || !areAllowed) return { parts: [text] };
  return {
    question: `${text} can be the number ${number}, or two runs with ${parts.join(" and ")}.`,
    choices: [{ label: `one run: ${number}`, text: String(number) }, several],
  };
}

// -- from the text of a value to the value

/**
 * First and last number of a span; null for what is none.
 *
 * @param {string} part
 * @returns {[number, number] | null}
 */
function ends(part) {
  const found = SPAN.exec(part);
  return found && [Number(found[1]), Number(found[2])];
}

/**
 * What is wrong with 3..1, 1.. and 0..100000; empty for what is no span, and for a good one.
 *
 * @param {string} part
 */
function problemOfSpan(part) {
  if (!part.includes("..")) return "";
  const found = ends(part);
  if (!found) return `${part} needs two whole numbers, as in 0..4 for the five values 0, 1, 2, 3 and 4.`;
  const [first, last] = found;
  if (last < first) return `${part} counts down: write ${last}..${first}.`;
  const count = last - first + 1;
  return count > LONGEST_SPAN ? `${part} would be ${count} values. A field takes at most ${LONGEST_SPAN}.` : "";
}

/**
 * @param {string} part
 * @returns {unknown[]}
 */
function wholeNumbers(part) {
  const found = problemOfSpan(part) ? null : ends(part);
  if (!found) return [wholeNumber(part) ?? part];
  const [first, last] = found;
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * The values of one part of a text. What is no number stays text: it is refused by the server, in its words.
 *
 * @type {Record<FormField["kind"], (part: string) => unknown[]>}
 */
const VALUES = {
  integer: wholeNumbers,
  number: (part) => [decimalNumber(part) ?? part],
  layers: (part) => [layers(part) ?? part],
  switch: (part) => [part === "yes" ? true : part === "no" ? false : part],
  choice: (part) => [part],
  text: (part) => [part],
};

/**
 * The values of a text, in order and each once. Empty: the default, or null where empty is a value.
 *
 * @param {Field} field
 * @param {string} text
 * @returns {unknown[]}
 */
export function toValues(field, text) {
  const trimmed = text.trim();
  if (!trimmed) return [field.optional ? null : field.kind === "layers" ? [] : field.default];
  const { parts = [trimmed] } = partsOf(field, trimmed);
  /** @type {Map<string, unknown>} */
  const seen = new Map();
  for (const read of parts.flatMap((part) => VALUES[field.kind](part))) {
    const value = field.optional && read === NONE ? null : read;
    seen.set(JSON.stringify(value), value);
  }
  return [...seen.values()];
}

/**
 * What this page asks about a text, or refuses, before the server sees it; null if nothing.
 *
 * @param {Field} field
 * @param {string} text
 * @returns {TextProblem | null}
 */
export function problemOf(field, text) {
  const trimmed = text.trim();
  const { choices = [], parts = [], question } = trimmed ? partsOf(field, trimmed) : {};
  if (question) return { message: question, choices };
  const message = field.kind === "integer" ? parts.map(problemOfSpan).find(Boolean) : "";
  return message ? { message, choices: [] } : null;
}

/**
 * Whether a number was written otherwise than programs write it, so that the page says how it was read.
 *
 * @param {Field} field
 * @param {string} text
 * @param {unknown[]} values
 */
export function isRewritten(field, text, values) {
  const isNumber = NUMERIC.includes(field.kind) && values.length === 1 && typeof values[0] === "number";
  return isNumber && !/^[-+]?(\d+\.?\d*|\.\d+)$/.test(text.trim());
}

/**
 * Whether two values are the same, lists and objects by what is in them.
 *
 * @param {unknown} one
 * @param {unknown} other
 */
export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * The shortest text with the same values: no spaces around separators.
 *
 * @param {Field} field
 * @param {string} text
 */
export function shortest(field, text) {
  const without = text.trim().replace(/\s*;\s*|,\s+/g, ";");
  return same(toValues(field, without), toValues(field, text)) ? without : text.trim();
}
