// Tells subscribers that runs were changed from this page, so that lists of runs are fetched again.

const listeners = new Set();

export function onChanged(listener) {
  listeners.add(listener);
}

export function changed() {
  listeners.forEach((listener) => listener());
}
