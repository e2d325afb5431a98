// Tells subscribers that runs were changed from this page, so that lists of runs are fetched again.

/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {() => void} listener */
export function onChanged(listener) {
  listeners.add(listener);
}

export function changed() {
  for (const listener of listeners) listener();
}
