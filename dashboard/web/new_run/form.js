// @ts-nocheck
// Text and values of the form of a run. The text that stands in a field is what the address holds; several values, each
// a run of its own, are separated by semicolons, or by commas with a space. No page here: new_run/page.js draws.
import { decimalNumber, layers, wholeNumber } from "./numbers.js";

const SPAN = /^(\d+)\s*\.\.\s*(\d+)$/;
const LONGEST_SPAN = 1000;
const NUMERIC = ["integer", "number"];

const NONE = "none";

// A value as it stands in a field.
export function toText(field, value) {
  if (value === null || value === undefined) return field.kind === "choice" ? NONE : "";
  if (field.kind === "layers") return value.length ? value.join("-") : NONE;
  if (field.kind === "switch") return value ? "yes" : "no";
  return String(value);
}

// -- from a text to the texts of its values

const split = (text, separator) =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter(Boolean);

// Commas that are not within brackets: (64, 32), 16 has one.
const OUTSIDE_BRACKETS = /,(?![^()[\]]*[)\]])/;

const plural = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

// The texts of the values of a text; { parts } or, where it can be meant in several ways, { question, choices }.
export function partsOf(field, text) {
  if (text.includes(";")) return { parts: split(text, ";") };
  if (field.kind === "layers") return partsOfLayers(text);
  if (field.kind === "integer") return partsOfWhole(text);
  if (field.kind === "number") return partsOfDecimal(field, text);
  return { parts: split(text, ",") };
}

// One run of two layers, or two runs of one layer?
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

function partsOfWhole(text) {
  if (wholeNumber(text) !== null) return { parts: [text] }; // 20,000 is one number
  const parts = split(text, /,\s+/).flatMap((part) => (wholeNumber(part) === null ? split(part, ",") : [part]));
  return parts.some((part) => /^0\d+$/.test(part)) ? { parts: [text] } : { parts }; // 20,000,5: the server asks
}

// 0,001 is a number with a decimal comma; 0,1 can be two runs.
function partsOfDecimal(field, text) {
  if (/,\s/.test(text)) return { parts: split(text, /,\s+/) };
  const parts = split(text, ",");
  if (parts.length < 2 || !parts.every((part) => /^\d+$/.test(part)))
    return { parts: decimalNumber(text) === null ? parts : [text] };
  const several = { label: `${plural(parts.length, "run")}: ${parts.join("; ")}`, text: parts.join("; ") };
  if (parts.length > 2) return { question: `Separate several values by semicolons.`, choices: [several] };
  const one = decimalNumber(text);
  const areAllowed = parts.every((part) => Number(part) >= field.low && Number(part) <= field.high);
  if (one === null || /^0\d/.test(parts[1]) || !areAllowed) return { parts: [text] };
  return {
    question: `${text} can be the number ${one}, or two runs with ${parts.join(" and ")}.`,
    choices: [{ label: `one run: ${one}`, text: String(one) }, several],
  };
}

// -- from the text of a value to the value

function span(part) {
  const [, first, last] = SPAN.exec(part).map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

// What is wrong with 3..1, 1.. and 0..100000; empty for what is no span, and for a good one.
function problemOfSpan(part) {
  if (!part.includes("..")) return "";
  const found = SPAN.exec(part);
  if (!found) return `${part} needs two whole numbers, as in 0..4 for the five values 0, 1, 2, 3 and 4.`;
  const [, first, last] = found.map(Number);
  if (last < first) return `${part} counts down: write ${last}..${first}.`;
  const count = last - first + 1;
  return count > LONGEST_SPAN ? `${part} would be ${count} values. A field takes at most ${LONGEST_SPAN}.` : "";
}

// What is no number stays text: it is refused by the server, in its words.
const or = (read, text) => (read === null ? text : read);

const ONE = {
  integer: (part) => (SPAN.test(part) && !problemOfSpan(part) ? span(part) : [or(wholeNumber(part), part)]),
  number: (part) => [or(decimalNumber(part), part)],
  layers: (part) => [or(layers(part), part)],
  switch: (part) => [part === "yes" ? true : part === "no" ? false : part],
  choice: (part) => [part],
  text: (part) => [part],
};

// The values of a text, in order and each once. Empty: the default, or null where empty is a value.
export function toValues(field, text) {
  const trimmed = text.trim();
  if (!trimmed) return [field.optional ? null : field.kind === "layers" ? [] : field.default];
  const { parts = [trimmed] } = partsOf(field, trimmed);
  const seen = new Map();
  for (const read of parts.flatMap((part) => ONE[field.kind](part))) {
    const value = field.optional && read === NONE ? null : read;
    seen.set(JSON.stringify(value), value);
  }
  return [...seen.values()];
}

// What this page asks about a text, or refuses, before the server sees it: { message, choices } or null.
export function problemOf(field, text) {
  const trimmed = text.trim();
  const { parts = [], question, choices = [] } = trimmed ? partsOf(field, trimmed) : {};
  if (question) return { message: question, choices };
  const message = field.kind === "integer" ? parts.map(problemOfSpan).find(Boolean) : "";
  return message ? { message, choices: [] } : null;
}

// Whether a number was written otherwise than programs write it, so that the page says how it was read.
export const isRewritten = (field, text, values) =>
  NUMERIC.includes(field.kind) &&
  values.length === 1 &&
  typeof values[0] === "number" &&
  !/^[-+]?(\d+\.?\d*|\.\d+)$/.test(text.trim());

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// What is typed and which fields have a meaning with it.
export class FormState {
  // base: settings (as JSON) that differ from the defaults, which the form starts from.
  constructor(fields, base) {
    this.fields = fields;
    this.byKey = new Map(fields.map((field) => [field.key, field]));
    this.base = base || {};
    this.texts = new Map();
    this.name = "";
    this.tags = "";
    this.reset();
  }

  reset() {
    for (const field of this.fields) this.texts.set(field.key, toText(field, this.startOf(field)));
  }

  // What a field holds before anybody types.
  startOf(field) {
    if (field.name.startsWith("data.")) {
      const parameters = this.base.dataset_parameters || {};
      const parameter = field.name.slice("data.".length);
      const own = (this.base.dataset || "digits") === field.applies_to.dataset[0];
      return own && parameter in parameters ? parameters[parameter] : field.default;
    }
    return field.name in this.base ? this.base[field.name] : field.default;
  }

  values(field) {
    return toValues(field, this.texts.get(field.key));
  }

  problemOf(field) {
    return problemOf(field, this.texts.get(field.key));
  }

  // What the page itself has to ask or to refuse, as the server tells its problems.
  problems() {
    return this.fields
      .filter((field) => this.applies(field) && this.problemOf(field))
      .map((field) => ({ field: field.name, ...this.problemOf(field) }));
  }

  applies(field) {
    return Object.entries(field.applies_to || {}).every(([name, allowed]) => {
      const other = this.byKey.get(name);
      // Parameters belong to one data set: with several chosen, each keeps its defaults.
      if (name === "dataset" && this.values(other).length > 1) return false;
      return this.applies(other) && this.values(other).some((value) => allowed.includes(value));
    });
  }

  isChanged(field) {
    return !same(this.values(field), toValues(field, toText(field, this.startOf(field))));
  }

  // The fields that have a meaning and hold something else than they started with.
  changed() {
    return this.fields.filter((field) => this.applies(field) && this.isChanged(field));
  }

  // { config, grid } as POST /plans and POST /sweeps take them.
  request() {
    const config = {};
    const grid = {};
    let parameters = [{}];
    for (const field of this.fields) {
      if (!this.applies(field) || this.problemOf(field)) continue;
      const values = this.values(field);
      if (field.name.startsWith("data.")) {
        const name = field.name.slice("data.".length);
        if (same(values, [field.default])) continue;
        parameters = parameters.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
      } else if (values.length > 1) grid[field.name] = values;
      else if (!same(values[0], field.default)) config[field.name] = values[0];
    }
    if (parameters.length > 1) grid.dataset_parameters = parameters;
    else if (Object.keys(parameters[0]).length) config.dataset_parameters = parameters[0];
    return { config, grid };
  }

  // What a clone of the run that the form starts from changes.
  changes() {
    const changed = this.changed();
    const changes = {};
    for (const field of changed) if (!field.name.startsWith("data.")) changes[field.name] = this.values(field)[0];
    const others = (field) => field.name === "dataset" || field.name.startsWith("data.");
    if (changed.some(others)) changes.dataset_parameters = this.request().config.dataset_parameters || {};
    return changes;
  }

  // The address's query: what differs from where the form started, under readable names.
  query(from) {
    const query = new URLSearchParams();
    if (from) query.set("from", from);
    for (const [name, text] of [
      ["name", this.name],
      ["tags", this.tags],
    ])
      if (text.trim()) query.set(name, text.trim());
    for (const field of this.changed()) query.set(field.name, shortest(field, this.texts.get(field.key)));
    // Commas, semicolons and slashes are readable, and allowed in a query.
    return query.toString().replaceAll("%2C", ",").replaceAll("%3B", ";").replaceAll("%3A", ":");
  }

  take(query) {
    this.name = query.get("name") || "";
    this.tags = query.get("tags") || "";
    const dataset = this.byKey.get("dataset");
    if (query.has("dataset")) this.texts.set("dataset", query.get("dataset"));
    const [chosen] = toValues(dataset, this.texts.get("dataset"));
    for (const [name, text] of query) {
      const field = this.byKey.get(name.startsWith("data.") ? `${chosen}/${name.slice(5)}` : name);
      if (field) this.texts.set(field.key, text);
    }
  }

  // Take over a preset's settings; the name and what somebody noted stay.
  takePreset(config) {
    for (const field of this.fields) {
      const inParameters = field.name.startsWith("data.");
      const value = inParameters ? config.dataset_parameters?.[field.name.slice(5)] : config[field.name];
      this.texts.set(field.key, toText(field, value === undefined ? field.default : value));
    }
  }
}

function shortest(field, text) {
  const without = text.trim().replace(/\s*;\s*|,\s+/g, ";");
  return same(toValues(field, without), toValues(field, text)) ? without : text.trim();
}
