// What somebody looks at on the page of the runs: filters, grouping, order and columns. It lives in the address, so
// that it can be sent to others, and is remembered by the browser for the next visit.
import { inside } from "../core/address.js";

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

const known = (entries) => Object.fromEntries([...entries].filter(([key, value]) => key in DEFAULTS && value));

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY) || "{}");
  } catch (_) {
    return {}; // Nothing was kept, or storage is forbidden.
  }
}

export class RunsState {
  constructor() {
    const asked = known(new URLSearchParams(location.search));
    const kept = stored();
    // An address that says something says it all; else it is as this browser left it.
    this.values = { ...DEFAULTS, ...(Object.keys(asked).length ? asked : known(Object.entries(kept.values || {}))) };
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
      localStorage.setItem(KEY, JSON.stringify({ values: this.values, columns: this.columns }));
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
