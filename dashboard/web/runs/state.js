// @ts-nocheck
// What somebody looks at on the page of the runs: filters, grouping, order and columns. It lives in the address, so
// that it can be sent to others. Order, grouping and columns are remembered for the next visit; filters only as long as
// the tab is open, since a list that hides runs for a forgotten reason is taken for a loss.
import { inside } from "../core/address.js";
import { statusWords } from "../core/status.js";

const KEY = "synrl-runs";
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
const FILTERS = ["search", "status", "dataset", "owner", "tag", "sweep", "group", "view"];

// Values that a key may have; others may have any.
const allowed = {
  status: () => statusWords().map(([status]) => status),
  view: () => ["active", "archived", "trash"],
  by: () => ["run", "configuration", "sweep"],
};

// What an address or a memory says that means something here.
const known = (entries) =>
  Object.fromEntries(
    [...entries].filter(
      ([key, value]) => key in DEFAULTS && value && (!(key in allowed) || allowed[key]().includes(value)),
    ),
  );

function stored(storage) {
  try {
    return JSON.parse(window[storage].getItem(KEY) || "{}");
  } catch (_) {
    return {}; // Nothing was kept, or storage is forbidden.
  }
}

const only = (values, wanted) => Object.fromEntries(Object.entries(values).filter(([key]) => wanted(key)));
const isFilter = (key) => FILTERS.includes(key);

export class RunsState {
  constructor() {
    const asked = known(new URLSearchParams(location.search));
    const kept = stored("localStorage");
    const arrangement = only(kept.values || {}, (key) => !isFilter(key));
    const remembered = { ...arrangement, ...stored("sessionStorage") };
    // An address that says something says it all; else it is as this browser left it.
    this.values = { ...DEFAULTS, ...(Object.keys(asked).length ? asked : known(Object.entries(remembered))) };
    this.columns = kept.columns || { shown: {}, widths: {}, order: [] };
    this.expanded = new Set();
  }

  get(key) {
    return this.values[key];
  }

  set(changes) {
    Object.assign(this.values, changes);
    this.keep();
  }

  // Whether anything but order and grouping narrows what is shown.
  get filtered() {
    return FILTERS.some((key) => this.values[key] !== DEFAULTS[key]);
  }

  clearFilters() {
    this.set(Object.fromEntries(FILTERS.map((key) => [key, DEFAULTS[key]])));
  }

  // Names of the columns that somebody shows or hides, their widths and order.
  setColumns(changes) {
    Object.assign(this.columns, changes);
    this.keep();
  }

  // What differs from the defaults, as a query.
  query() {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(this.values)) if (value !== DEFAULTS[key]) query.set(key, value);
    return query;
  }

  keep() {
    try {
      localStorage.setItem(
        KEY,
        JSON.stringify({ values: only(this.values, (key) => !isFilter(key)), columns: this.columns }),
      );
      sessionStorage.setItem(KEY, JSON.stringify(only(this.values, isFilter)));
    } catch (_) {
      // Storage is forbidden: it lasts as long as the page.
    }
    this.writeAddress();
  }

  writeAddress() {
    if (inside(location.pathname) !== "/") return;
    const query = this.query().toString();
    history.replaceState(history.state, "", location.pathname + (query ? `?${query}` : "") + location.hash);
  }
}
