// State of the page of the runs: filters, grouping, order and columns. It lives in the address, so that it can be sent to
// others. Order, grouping and columns are remembered for the next visit; filters only as long as the tab is open, since a
// list that hides runs for a forgotten reason is taken for a loss.
import { inside } from "../core/address.js";
import { statusWords } from "../core/status.js";

/** @typedef {"search" | "status" | "dataset" | "owner" | "tag" | "sweep" | "group" | "view"} Filter */
/** @typedef {Filter | "by" | "sort"} Key */
/** @typedef {Record<Key, string>} Values */
/** @typedef {{ shown: Record<string, boolean>, widths: Record<string, number>, order: string[] }} ColumnChoice */

const KEY = "synrl-runs";

/** @type {Values} */
const DEFAULTS = {
  search: "",
  status: "",
  dataset: "",
  owner: "",
  tag: "",
  sweep: "",
  group: "",
  view: "active",
  by: "run",
  sort: "-created_at",
};

/** @type {Filter[]} */
const FILTERS = ["search", "status", "dataset", "owner", "tag", "sweep", "group", "view"];

/** @param {string} key */
const isFilter = (key) => FILTERS.some((filter) => filter === key);

/**
 * Values that a key may have; others may have any.
 *
 * @type {Record<string, () => string[]>}
 */
const ALLOWED = {
  status: () => statusWords().map(([status]) => status),
  view: () => ["active", "archived", "trash"],
  by: () => ["run", "configuration", "sweep"],
};

/**
 * Of the entries of an address or a memory those that mean something here.
 *
 * @param {Iterable<[string, unknown]>} entries
 * @returns {Partial<Values>}
 */
export function known(entries) {
  const isKnown = (/** @type {string} */ key, /** @type {unknown} */ value) =>
    key in DEFAULTS && Boolean(value) && (!(key in ALLOWED) || ALLOWED[key]().some((one) => one === value));
  return Object.fromEntries([...entries].filter(([key, value]) => isKnown(key, value)));
}

/**
 * What differs from the defaults, as a query.
 *
 * @param {Values} values
 */
export function queryOf(values) {
  const query = new URLSearchParams();
  for (const key of /** @type {Key[]} */ (Object.keys(DEFAULTS))) {
    if (values[key] !== DEFAULTS[key]) query.set(key, values[key]);
  }
  return query;
}

/**
 * @param {object} values
 * @param {(key: string) => boolean} wanted
 */
function only(values, wanted) {
  return Object.fromEntries(Object.entries(values).filter(([key]) => wanted(key)));
}

/** @param {"localStorage" | "sessionStorage"} storage */
function stored(storage) {
  try {
    return JSON.parse(window[storage].getItem(KEY) || "{}");
  } catch {
    return {}; // nothing was kept, or storage is forbidden
  }
}

export class RunsState {
  /** @param {{ exactly?: boolean }} [options] exactly: an address that says nothing means the defaults, as after Back */
  constructor({ exactly = false } = {}) {
    const asked = known(new URLSearchParams(location.search));
    const kept = stored("localStorage");
    const arrangement = only(kept.values ?? {}, (key) => !isFilter(key));
    const remembered = { ...arrangement, ...stored("sessionStorage") };
    // An address that says something says it all; else it is as this browser left it.
    const given = exactly || Object.keys(asked).length ? asked : known(Object.entries(remembered));
    /** @type {Values} */
    this.values = { ...DEFAULTS, ...given };
    /** @type {ColumnChoice} */
    this.columns = kept.columns ?? { shown: {}, widths: {}, order: [] };
    /** @type {Set<string>} keys of the open groups */
    this.expanded = new Set();
  }

  /** @param {Key} key */
  get(key) {
    return this.values[key];
  }

  /**
   * @param {Partial<Values>} changes
   * @param {{ isStep?: boolean }} [options] isStep: Back takes them back
   */
  set(changes, { isStep = false } = {}) {
    Object.assign(this.values, changes);
    this.keep(isStep);
  }

  /** Whether anything but order and grouping narrows what is shown. */
  get filtered() {
    return FILTERS.some((key) => this.values[key] !== DEFAULTS[key]);
  }

  clearFilters() {
    this.set(Object.fromEntries(FILTERS.map((key) => [key, DEFAULTS[key]])), { isStep: true });
  }

  /** @param {Partial<ColumnChoice>} changes */
  setColumns(changes) {
    Object.assign(this.columns, changes);
    this.keep();
  }

  query() {
    return queryOf(this.values);
  }

  /** The filters, as the API takes them. */
  filterQuery() {
    const query = new URLSearchParams();
    for (const key of FILTERS) if (this.values[key]) query.set(key, this.values[key]);
    return query;
  }

  keep(isStep = false) {
    try {
      const values = only(this.values, (key) => !isFilter(key));
      localStorage.setItem(KEY, JSON.stringify({ values, columns: this.columns }));
      sessionStorage.setItem(KEY, JSON.stringify(only(this.values, isFilter)));
    } catch {
      // Storage is forbidden: it lasts as long as the page.
    }
    this.writeAddress(isStep);
  }

  writeAddress(isStep = false) {
    if (inside(location.pathname) !== "/") return;
    const query = this.query().toString();
    const address = location.pathname + (query ? `?${query}` : "") + location.hash;
    if (isStep && address !== location.pathname + location.search + location.hash) history.pushState({}, "", address);
    else history.replaceState(history.state, "", address);
  }
}
