// @ts-nocheck
// The runs that somebody chose: they stay chosen from page to page, as long as the tab is open.
import { url } from "../core/address.js";
import { setProps } from "../core/dash.js";

const KEY = "synrl-chosen";
const MOST_COMPARED = 50;
const listeners = new Set();
let names = new Map(); // id -> name

try {
  names = new Map(JSON.parse(sessionStorage.getItem(KEY) || "[]"));
} catch (_) {
  // Nothing was kept, or storage is forbidden.
}

function changed() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...names]));
  } catch (_) {
    // Storage is forbidden: the choice lasts as long as the page.
  }
  show();
  listeners.forEach((listener) => listener());
}

const comparison = () =>
  url(`/compare?runs=${[...names.keys()].slice(0, MOST_COMPARED).map(encodeURIComponent).join(",")}`);

// Say in the header how many there are, and lead to their comparison.
function show() {
  if (names.size) document.body.dataset.chosen = names.size;
  else delete document.body.dataset.chosen;
  if (!document.getElementById("nav-compare")) return;
  const children = names.size ? `Compare ${names.size}` : "Compare";
  setProps("nav-compare", { href: comparison(), children });
}

export const chosen = {
  MOST_COMPARED,
  comparison,
  show,
  has: (id) => names.has(id),
  ids: () => [...names.keys()],
  name: (id) => names.get(id),
  get size() {
    return names.size;
  },

  set(runs, on) {
    for (const { id, name } of runs) {
      if (on) names.set(id, name);
      else names.delete(id);
    }
    changed();
  },

  clear() {
    names.clear();
    changed();
  },

  // Returns what ends the subscription.
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
