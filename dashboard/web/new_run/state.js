// State of the form: the text in each field, which fields have a meaning with it, and the requests that follow from it.
import { nearestWord } from "../core/nearest.js";
import { commaSeparated } from "../core/words.js";
import { problemOf, same, shortest, toText, toValues } from "./texts.js";

/** @import { FormField } from "../types/schemas.js" */
/** @import { Choice } from "./texts.js" */

/** @typedef {Record<string, unknown>} Config settings by their names */
/** @typedef {{ config: Config, grid: Record<string, unknown[]> }} FormRequest as /plans and /sweeps take it */
/** @typedef {{ field: string, message: string, value?: unknown, choices?: Choice[] }} FieldProblem */

const PARAMETER = "data."; // begins the name of a parameter of a data set
const DATASET = "dataset";
const OWN_WORDS = ["from", "name", "tags"]; // of the address, that are no fields

/** @param {FormField} field */
const isParameter = ({ name }) => name.startsWith(PARAMETER);

/** @param {FormField} field */
const parameterName = ({ name }) => name.slice(PARAMETER.length);

/**
 * Parameters of the data set in a configuration.
 *
 * @param {Config} config
 */
const parametersOf = (config) => /** @type {Config} */ (config.dataset_parameters ?? {});

export class FormState {
  /**
   * @param {FormField[]} fields
   * @param {Config | null} base settings that differ from the defaults, which the form starts from
   */
  constructor(fields, base) {
    this.fields = fields;
    /** @type {Map<string, FormField>} */
    this.byKey = new Map(fields.map((field) => [field.key, field]));
    this.base = base ?? {};
    /** @type {Map<string, string>} texts by the keys of their fields */
    this.texts = new Map(fields.map((field) => [field.key, toText(field, this.startOf(field))]));
    this.name = "";
    this.tags = "";
  }

  /** The field of the data set. */
  get dataset() {
    const field = this.byKey.get(DATASET);
    if (!field) throw new Error("The form has no field of the data set.");
    return field;
  }

  /**
   * What a field holds before anyone types.
   *
   * @param {FormField} field
   */
  startOf(field) {
    if (!isParameter(field)) return field.name in this.base ? this.base[field.name] : field.default;
    const parameters = parametersOf(this.base);
    const parameter = parameterName(field);
    const isOwn = (this.base.dataset ?? this.dataset.default) === field.applies_to?.dataset[0];
    return isOwn && parameter in parameters ? parameters[parameter] : field.default;
  }

  /** @param {FormField} field */
  textOf(field) {
    return this.texts.get(field.key) ?? "";
  }

  /** @param {FormField} field */
  values(field) {
    return toValues(field, this.textOf(field));
  }

  /** @param {FormField} field */
  problemOf(field) {
    return problemOf(field, this.textOf(field));
  }

  /**
   * What the page itself has to ask or to refuse, as the server tells its problems.
   *
   * @returns {FieldProblem[]}
   */
  problems() {
    return this.fields.flatMap((field) => {
      const problem = this.applies(field) ? this.problemOf(field) : null;
      return problem ? [{ field: field.name, ...problem }] : [];
    });
  }

  /**
   * Whether a field has a meaning with what is chosen in others.
   *
   * @param {FormField} field
   * @returns {boolean}
   */
  applies(field) {
    return Object.entries(field.applies_to ?? {}).every(([name, allowed]) => {
      const other = this.byKey.get(name);
      if (!other) return false;
      // Parameters belong to one data set: with several chosen, each keeps its defaults.
      if (name === DATASET && this.values(other).length > 1) return false;
      return this.applies(other) && this.values(other).some((value) => allowed.includes(value));
    });
  }

  /** @param {FormField} field */
  isChanged(field) {
    return !same(this.values(field), toValues(field, toText(field, this.startOf(field))));
  }

  /** The fields that have a meaning and hold something else than they started with. */
  changed() {
    return this.fields.filter((field) => this.applies(field) && this.isChanged(field));
  }

  /** @returns {FormRequest} */
  request() {
    /** @type {FormRequest} */
    const { config, grid } = { config: {}, grid: {} };
    /** @type {Config[]} */
    let parameters = [{}];
    for (const field of this.fields) {
      if (!this.applies(field) || this.problemOf(field)) continue;
      const values = this.values(field);
      if (isParameter(field)) {
        if (same(values, [field.default])) continue;
        const name = parameterName(field);
        parameters = parameters.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
      } else if (values.length > 1) grid[field.name] = values;
      else if (!same(values[0], field.default)) config[field.name] = values[0];
    }
    if (parameters.length > 1) grid.dataset_parameters = parameters;
    else if (Object.keys(parameters[0]).length) config.dataset_parameters = parameters[0];
    return { config, grid };
  }

  /** The first data set that is chosen, with the first of its parameters. */
  firstDataset() {
    const { config, grid } = this.request();
    const dataset = String(grid.dataset?.[0] ?? config.dataset ?? this.dataset.default);
    const parameters = /** @type {Config} */ (grid.dataset_parameters?.[0] ?? config.dataset_parameters ?? {});
    return { dataset, parameters };
  }

  /**
   * What a clone of the run that the form starts from changes.
   *
   * @returns {Config}
   */
  changes() {
    const changed = this.changed();
    /** @type {Config} */
    const changes = {};
    for (const field of changed) if (!isParameter(field)) changes[field.name] = this.values(field)[0];
    if (changed.some((field) => field.name === DATASET || isParameter(field))) {
      changes.dataset_parameters = this.request().config.dataset_parameters ?? {};
    }
    return changes;
  }

  /** Name and tags, where there are any. */
  labels() {
    const [name, tags] = [this.name.trim(), commaSeparated(this.tags)];
    return { ...(name ? { name } : {}), ...(tags.length ? { tags } : {}) };
  }

  /**
   * The address's query: what differs from where the form started, under readable names.
   *
   * @param {string} [from] id of the run that it starts from
   */
  query(from) {
    const query = new URLSearchParams();
    if (from) query.set("from", from);
    for (const name of /** @type {const} */ (["name", "tags"])) {
      if (this[name].trim()) query.set(name, this[name].trim());
    }
    for (const field of this.changed()) query.set(field.name, shortest(field, this.textOf(field)));
    // Commas, semicolons and colons are readable, and allowed in a query.
    return query.toString().replaceAll("%2C", ",").replaceAll("%3B", ";").replaceAll("%3A", ":");
  }

  /**
   * Fill the form from an address.
   *
   * @param {URLSearchParams} query
   * @returns {string[]} what it has that is no setting, each with the nearest that is one
   */
  readQuery(query) {
    this.name = query.get("name") ?? "";
    this.tags = query.get("tags") ?? "";
    this.texts.set(DATASET, query.get(DATASET) ?? this.textOf(this.dataset));
    const [chosen] = this.values(this.dataset);
    const unknown = [];
    for (const [name, text] of query) {
      const key = name.startsWith(PARAMETER) ? `${chosen}/${name.slice(PARAMETER.length)}` : name;
      if (this.byKey.has(key)) this.texts.set(key, text);
      else if (!OWN_WORDS.includes(name)) unknown.push(this.unknownWord(name));
    }
    return unknown;
  }

  /** @param {string} name */
  unknownWord(name) {
    const near = nearestWord(
      name,
      this.fields.map((field) => field.name),
    );
    return `${name.slice(0, 40)} is no setting${near ? `; did you mean ${near}?` : " here."}`;
  }

  /**
   * Take over a preset's settings; the name and the tags stay.
   *
   * @param {Config} config
   */
  takePreset(config) {
    const parameters = parametersOf(config);
    for (const field of this.fields) {
      const value = isParameter(field) ? parameters[parameterName(field)] : config[field.name];
      this.texts.set(field.key, toText(field, value === undefined ? field.default : value));
    }
  }
}
