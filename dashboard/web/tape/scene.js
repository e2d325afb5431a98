// Scene <-> address. The address holds only what differs from the defaults, in words a teacher can read and change by
// hand: ?data=xor&hidden=8_8&step=0.01&changes=412_step_0.05. What is unknown or out of its range is set to the nearest
// value that is allowed, and named. Ranges and choices are the server's (synrl_core.tape.form).

import { nearestWord } from "../core/nearest.js";

/** @typedef {{type?: string, default: any, minimum?: number, maximum?: number, exclusiveMinimum?: number,
 *   exclusiveMaximum?: number, enum?: string[], items?: any, maxItems?: number, title?: string}} Setting */
/** @typedef {{settings: Record<string, Setting>, parameters: Record<string, Record<string, Setting>>,
 *   presets: {name: string, title: string, scene: Record<string, any>}[],
 *   policies: {name: string, title: string, history?: number, exploration?: number}[], words: Record<string, Record<string, string>>,
 *   changeable: string[], points: number, synapses: number,
 *   changes: number}} Form */
/** What was not taken as it was given. @typedef {{key: string, given: string, used: string, why: string}} Note */
/** Settings that differ from the defaults. @typedef {Record<string, any>} Scene */

/** Words of the address, and the settings that they stand for. */
export const KEYS = Object.freeze({
  data: "dataset",
  n: "samples",
  points: "data_seed",
  add: "added",
  remove: "removed",
  held: "validation_fraction",
  hidden: "hidden_layers",
  act: "activation",
  loss: "loss",
  p: "loss_exponent",
  init: "initialisation",
  scale: "initial_scale",
  method: "method",
  policy: "policy",
  step: "step_size",
  bias: "bias_step_factor",
  explore: "exploration",
  adaptive: "adaptive",
  lr: "learning_rate",
  discount: "discount",
  order: "q_update",
  optimizer: "optimizer",
  rate: "gradient_learning_rate",
  momentum: "momentum",
  batch: "batch_size",
  keep: "batch_interval",
  seed: "seed",
  lie: "corruption",
  truth: "truth",
});

/** Words of the address that are about the page, not the scene. */
export const PAGE_KEYS = Object.freeze([
  "at",
  "syn",
  "speed",
  "view",
  "hide",
  "lock",
  "projector",
  "lesson",
  "sound",
  "vs",
]);

const CHANGES = "changes";
const ITEM = "*"; // between the items of a list; like "_", a character that addresses need not escape
const PART = "_";
const TABLE = "table";
const OF_DATA = "data_";
const LENGTHS = [27, 243, 2187]; // values of a table: histories 1, 2, 3
const SMALL = 1e-6; // how far the nearest value stands from a bound that is not allowed itself
const EDITS = ["weight", "cell"];

/** Settings by their words, those that changes name included. */
const WORD_OF = Object.fromEntries(
  [...Object.entries(KEYS), ...EDITS.map((name) => [name, name])].map(([word, name]) => [name, word]),
);

/** A policy, with exploration where no synapse would move without any. @param {any} policy name, or a whole table
 * @param {number} exploration in force @param {Form} form @returns {Scene} */
export function actingBy(policy, exploration, form) {
  const needed =
    typeof policy === "object"
      ? ofTable(policy, form)
      : (form.policies.find(({ name }) => name === policy)?.exploration ?? 0);
  return exploration === 0 && needed > 0 ? { policy, exploration: needed } : { policy };
}

/** Exploration of a table that always takes its best action: that of the policies that ship.
 * @param {{temperature?: number, exploration?: number}} table @param {Form} form */
function ofTable({ temperature = 0, exploration = 0 }, form) {
  return temperature > 0 || exploration > 0 ? 0 : Math.max(...form.policies.map((one) => one.exploration ?? 0));
}

/** Past actions and rewards that a policy looks at. @param {any} policy name, or a whole table @param {Form} form */
export function historyOf(policy, form) {
  if (typeof policy === "object") return LENGTHS.indexOf(policy.q.length) + 1;
  return form.policies.find(({ name }) => name === policy)?.history ?? 2;
}

// -- reading ------------------------------------------------------------------------------------------------

/** Read an address.
 * @param {string} search the query, with or without "?"
 * @param {Form} form
 * @param {boolean} [whole] keep values that are the defaults
 * @returns {{scene: Scene, notes: Note[]}} */
export function fromAddress(search, form, whole = false) {
  const reader = new Reader(form, whole);
  const query = new URLSearchParams(search);
  const dataset = reader.one("data", "dataset", query.get("data"));
  const known = form.parameters[dataset ?? form.settings.dataset.default];
  /** @type {Record<string, string | number>} */
  const parameters = {};
  for (const [key, given] of query) {
    const name = /** @type {Record<string, string>} */ (KEYS)[key];
    if (key === "data" || PAGE_KEYS.includes(key) || key === CHANGES) continue;
    if (name) reader.one(key, name, given);
    else if (known[parameterOf(key)]) {
      const parameter = parameterOf(key);
      const value = reader.value(key, given, known[parameter]);
      if (value !== undefined && value !== known[parameter].default) parameters[parameter] = value;
    } else reader.note(key, given, "left out", `there is no such word here${meant(parameterOf(key), known)}`);
  }
  if (Object.keys(parameters).length) reader.scene.parameters = parameters;
  const changes = reader.changes(query.get(CHANGES) ?? "");
  if (changes.length) reader.scene.changes = changes;
  return { scene: reader.scene, notes: reader.notes };
}

/** The word that an unknown one may have stood for: a setting goes by its word.
 * @param {string} unknown @param {Record<string, Setting>} parameters of the data set */
function meant(unknown, parameters) {
  const near = nearestWord(unknown, [
    ...Object.keys(WORD_OF),
    ...Object.values(WORD_OF),
    ...PAGE_KEYS,
    CHANGES,
    ...Object.keys(parameters),
  ]);
  return near ? `; the nearest is ${WORD_OF[near] ?? near}` : "";
}

class Reader {
  /** @param {Form} form @param {boolean} whole */
  constructor(form, whole) {
    this.form = form;
    this.whole = whole;
    /** @type {Scene} */
    this.scene = {};
    /** @type {Note[]} */
    this.notes = [];
  }

  /** @param {string} key @param {string} given @param {string} used @param {string} why */
  note(key, given, used, why) {
    this.notes.push({ key, given: given.length > 40 ? `${given.slice(0, 39)}…` : given, used, why });
  }

  /** Read one setting into the scene. @param {string} key @param {string} name @param {string | null} given
   * @returns {any} the value, undefined where it was left out */
  one(key, name, given) {
    if (given === null) return undefined;
    const setting = this.form.settings[name];
    const value = this.value(key, given, setting, name);
    if (value !== undefined && (this.whole || !equal(value, setting.default))) this.scene[name] = value;
    return value;
  }

  /** Read a value as its setting wants it. @param {string} key @param {string} given @param {Setting} setting
   * @param {string} [name] @returns {any} undefined where it can't be used */
  value(key, given, setting, name) {
    if (name === "policy") return this.policy(key, given);
    if (name === "added") return this.items(key, given, setting, (item) => this.point(key, item, setting));
    if (name === "removed" || name === "hidden_layers") {
      const between = name === "removed" ? ITEM : PART;
      return this.items(key, given, setting, (item) => this.number(key, item, setting.items, "integer"), between);
    }
    if (setting.enum) return this.choice(key, given, setting.enum);
    if (setting.type === "boolean") return this.choice(key, given, ["0", "1"]) === "1";
    return this.number(key, given, setting, setting.type ?? "number");
  }

  /** @param {string} key @param {string} given @param {string[]} choices @returns {string | undefined} */
  choice(key, given, choices) {
    if (choices.includes(given)) return given;
    this.note(key, given, "left out", `it is one of ${choices.join(", ")}`);
    return undefined;
  }

  /** @param {string} key @param {string} given @param {Setting} range @param {string} type
   * @returns {number | undefined} */
  number(key, given, range, type) {
    const number = given.trim() === "" ? Number.NaN : Number(given);
    if (Number.isNaN(number)) {
      this.note(key, given, "left out", "it is a number");
      return undefined;
    }
    const whole = type === "integer" ? Math.round(number) : number;
    const least = range.minimum ?? (range.exclusiveMinimum ?? -Infinity) + (type === "integer" ? 1 : SMALL);
    const most = range.maximum ?? (range.exclusiveMaximum ?? Infinity) - (type === "integer" ? 1 : SMALL);
    const nearest = Math.min(most, Math.max(least, whole));
    if (nearest !== number) {
      const why = nearest === whole ? "it is a whole number" : `it is ${least} to ${most}`;
      this.note(key, given, String(nearest), why);
    }
    return nearest;
  }

  /** @template Item @param {string} key @param {string} given @param {Setting} setting
   * @param {(item: string) => Item | undefined} read @param {string} [between] @returns {Item[]} */
  items(key, given, setting, read, between = ITEM) {
    const items = given === "" ? [] : given.split(between);
    const most = setting.maxItems ?? Infinity;
    if (items.length > most) this.note(key, given, `the first ${most}`, `there are ${most} at most`);
    return items.slice(0, most).flatMap((item) => read(item) ?? []);
  }

  /** @param {string} key @param {string} given @param {Setting} setting @returns {number[] | undefined} */
  point(key, given, setting) {
    const parts = given.split(PART);
    const ranges = setting.items.prefixItems;
    if (parts.length !== ranges.length) {
      this.note(key, given, "left out", "a point is x_y_class");
      return undefined;
    }
    const read = parts.map((part, index) => this.number(key, part, ranges[index], ranges[index].type));
    // In an array of its own: a list of points is flattened once.
    return read.includes(undefined) ? undefined : /** @type {any} */ ([read]);
  }

  /** @param {string} key @param {string} given @returns {any} */
  policy(key, given) {
    if (!given.startsWith(TABLE + PART)) {
      const names = this.form.policies.map((policy) => policy.name);
      return this.choice(key, given, names);
    }
    const [temperature, exploration, ...q] = given.split(PART).slice(1).map(Number);
    if (!LENGTHS.includes(q.length) || [temperature, exploration, ...q].some((value) => !Number.isFinite(value))) {
      this.note(key, given, "left out", `a table is table_temperature_exploration and ${LENGTHS.join(" or ")} numbers`);
      return undefined;
    }
    return { q, temperature, exploration };
  }

  /** @param {string} given @returns {{iteration: number, setting: string, value: any}[]} */
  changes(given) {
    const { settings, changes: most, changeable } = this.form;
    const last = { minimum: 0, maximum: settings.batch_interval.maximum ?? 1, default: 0 };
    const range = { ...last, maximum: last.maximum - 1 };
    return this.items(CHANGES, given, { default: [], maxItems: most }, (item) => {
      const [at, word, ...rest] = item.split(PART);
      const iteration = this.number(CHANGES, at, range, "integer");
      const name = /** @type {Record<string, string>} */ (KEYS)[word] ?? word;
      const value = this.changed(item, name, rest, changeable);
      return iteration === undefined || value === undefined ? undefined : { iteration, setting: name, value };
    });
  }

  /** @param {string} item @param {string} name @param {string[]} rest @param {string[]} changeable @returns {any} */
  changed(item, name, rest, changeable) {
    if (!changeable.includes(name)) {
      this.note(CHANGES, item, "left out", "this setting can't be changed on the way");
      return undefined;
    }
    if (!EDITS.includes(name)) return this.value(CHANGES, rest.join(PART), this.form.settings[name], name);
    const [index, number] = rest.map(Number);
    if (rest.length === 2 && Number.isInteger(index) && index >= 0 && Number.isFinite(number)) return [index, number];
    this.note(CHANGES, item, "left out", `it is iteration_${name}_number_value`);
    return undefined;
  }
}

// -- writing ------------------------------------------------------------------------------------------------

/** Write the settings of a scene that differ from the defaults as a query, without "?".
 * @param {Scene} scene @param {Form} form @param {boolean} [whole] write values that are the defaults
 * @returns {string} */
export function toAddress(scene, form, whole = false) {
  const query = new URLSearchParams();
  for (const [key, name] of Object.entries(KEYS)) {
    const value = scene[name];
    if (value === undefined || (!whole && equal(value, form.settings[name].default))) continue;
    query.set(key, written(name, value));
  }
  const known = form.parameters[scene.dataset ?? form.settings.dataset.default];
  for (const [key, value] of Object.entries(scene.parameters ?? {})) {
    if (value !== known[key]?.default) query.set(addressKey(key), String(value));
  }
  const changes = (scene.changes ?? []).map(
    (/** @type {any} */ { iteration, setting, value }) =>
      `${iteration}${PART}${WORD_OF[setting]}${PART}${written(setting, value)}`,
  );
  if (changes.length) query.set(CHANGES, changes.join(ITEM));
  return query.toString();
}

/** Parameters of data sets go by their own names, those that are words of `KEYS` too after "data_".
 * @param {string} parameter */
function addressKey(parameter) {
  return parameter in KEYS ? OF_DATA + parameter : parameter;
}

/** @param {string} key @returns {string} */
function parameterOf(key) {
  return key.startsWith(OF_DATA) ? key.slice(OF_DATA.length) : key;
}

/** @param {string} name @param {any} value @returns {string} */
function written(name, value) {
  if (name === "policy" && typeof value === "object") {
    return [TABLE, value.temperature ?? 0, value.exploration ?? 0, ...value.q].join(PART);
  }
  if (name === "added") return value.map((/** @type {number[]} */ point) => point.join(PART)).join(ITEM);
  if (name === "removed") return value.join(ITEM);
  if (Array.isArray(value)) return value.join(PART);
  return typeof value === "boolean" ? String(Number(value)) : String(value);
}

/** @param {any} one @param {any} other @returns {boolean} */
function equal(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
