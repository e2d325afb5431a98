// The runs that were chosen: they stay chosen from page to page, as long as the tab is open.
import { url } from "../core/address.js";
import { setProps } from "../core/dash.js";
import { findId } from "../core/dom.js";
import { pageData } from "../core/page_data.js";

/** @typedef {{ id: string, name?: string }} NamedRun */

const KEY = "synrl-chosen";

/** @type {Set<() => void>} */
const listeners = new Set();

/** @type {Map<string, string>} names by id */
const names = new Map(stored());

/** @returns {[string, string][]} */
function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) || "[]");
  } catch {
    return []; // storage is forbidden
  }
}

function changed() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...names]));
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
  showChosen();
  for (const listener of listeners) listener();
}

/** The address of the comparison of the chosen runs, as many as can be compared. */
export function comparisonOfChosen() {
  const ids = [...names.keys()].slice(0, mostCompared());
  return url(`/compare?runs=${ids.map(encodeURIComponent).join(",")}`);
}

/** Runs that can be compared at once. */
export const mostCompared = () => pageData().limits.compared;

/** Say in the header how many there are, and lead to their comparison. */
export function showChosen() {
  if (names.size) document.body.dataset.chosen = String(names.size);
  else delete document.body.dataset.chosen;
  if (!findId("nav-compare")) return;
  const children = names.size ? `Compare ${names.size}` : "Compare";
  setProps("nav-compare", { href: comparisonOfChosen(), children });
}

export const chosen = {
  has: (/** @type {string} */ id) => names.has(id),
  ids: () => [...names.keys()],
  name: (/** @type {string} */ id) => names.get(id),
  get size() {
    return names.size;
  },

  /**
   * @param {NamedRun[]} runs
   * @param {boolean} on
   */
  set(runs, on) {
    for (const { id, name = "" } of runs) {
      if (on) names.set(id, name);
      else names.delete(id);
    }
    changed();
  },

  clear() {
    names.clear();
    changed();
  },

  /**
   * Call a listener at every change. Returns a function that ends that.
   *
   * @param {() => void} listener
   */
  subscribe(listener) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};
