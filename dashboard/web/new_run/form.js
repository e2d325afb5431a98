// @ts-nocheck
// Text and values of the form of a run. The text that stands in a field is what the address holds; several values are
// separated by commas. No page here: new_run/page.js draws.

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const THOUSANDS = /^\d{1,3}(,\d{3})+$/; // 20,000 is one number; "20, 100" or "20,100,5" are several
const SPAN = /^(\d+)\s*\.\.\s*(\d+)$/;
const LONGEST_SPAN = 1000;

const NONE = "none";

// A value as it stands in a field.
export function toText(field, value) {
  if (value === null || value === undefined) return field.kind === "choice" ? NONE : "";
  if (field.kind === "layers") return value.length ? value.join("-") : NONE;
  if (field.kind === "switch") return value ? "yes" : "no";
  return String(value);
}

function number(part) {
  return NUMBER.test(part) ? Number(part) : part; // what is no number is refused by the server, in its words
}

function span(part) {
  const [, first, last] = SPAN.exec(part).map(Number);
  if (last < first || last - first >= LONGEST_SPAN) return [part];
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

// 64-32 is a network of two hidden layers; none has none.
function layers(part) {
  if (part === NONE || part === "0") return [];
  return /\d/.test(part)
    ? part
        .split(/[-–x×\s]+/)
        .filter(Boolean)
        .map(number)
    : [part];
}

const ONE = {
  integer: (part) => (SPAN.test(part) ? span(part) : [number(part)]),
  number: (part) => [number(part)],
  layers: (part) => [layers(part)],
  switch: (part) => [part === "yes" ? true : part === "no" ? false : part],
  choice: (part) => [part],
  text: (part) => [part],
};

// The values of a text, in order and each once. Empty: the default, or null where empty is a value.
export function toValues(field, text) {
  const trimmed = text.trim();
  if (!trimmed) return [field.optional ? null : field.kind === "layers" ? [] : field.default];
  const whole = (field.kind === "integer" || field.kind === "number") && THOUSANDS.test(trimmed);
  const parts = whole
    ? [trimmed.replaceAll(",", "")]
    : trimmed
        .split(",")
        .map((part) => part.trim())
        .filter(Boolean);
  const seen = new Map();
  for (const read of parts.flatMap((part) => ONE[field.kind](part))) {
    const value = field.optional && read === NONE ? null : read;
    seen.set(JSON.stringify(value), value);
  }
  return [...seen.values()];
}

export const isThousands = (field, text) =>
  (field.kind === "integer" || field.kind === "number") && THOUSANDS.test(text.trim());

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
      if (!this.applies(field)) continue;
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
    // Commas and slashes are readable, and allowed in a query.
    return query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
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
  const without = text.trim().replace(/\s*,\s*/g, ",");
  return same(toValues(field, without), toValues(field, text)) ? without : text.trim();
}
