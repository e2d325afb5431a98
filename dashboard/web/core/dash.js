// The only place that touches Dash's globals: its renderer, its properties, and the functions that its callbacks call.

/**
 * Set properties of a component from outside a callback.
 *
 * @param {string} id
 * @param {object} properties
 */
export function setProps(id, properties) {
  window.dash_clientside.set_props(id, properties);
}

/**
 * Offer functions to Dash's clientside callbacks, as ClientsideFunction("synrl", name). They change the page
 * themselves, so the output of the callback stays as it is.
 *
 * @param {Record<string, (...inputs: never[]) => void>} functions
 */
export function offerToDash(functions) {
  const { no_update: unchanged } = window.dash_clientside;
  const offered = Object.entries(functions).map(([name, act]) => [
    name,
    (/** @type {never[]} */ ...inputs) => {
      act(...inputs);
      return unchanged;
    },
  ]);
  window.dash_clientside.synrl = Object.fromEntries(offered);
}

/**
 * Start Dash, once everything is defined that it may call. Dash would otherwise do so in an inline script of the page,
 * which runs before modules do.
 */
export function startDash() {
  new window.DashRenderer();
}
