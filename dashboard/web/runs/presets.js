// Start of a preset, from a card or the menu of the runs page: posts its run, then opens the run's page.
import { navigate } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { byId } from "../core/dom.js";

/** @import { RunRead } from "../types/schemas.js" */

let starting = false;

/**
 * One click starts one run, however often and wherever it is pressed until the run's page opens.
 *
 * @param {HTMLElement} pressed
 */
async function start(pressed) {
  if (starting) return;
  starting = true;
  const refusal = byId("start-error");
  refusal.textContent = "";
  pressed.dataset.starting = "true";
  try {
    /** @type {RunRead} */
    const run = await call("POST", "/api/v1/runs", JSON.parse(pressed.dataset.run ?? "{}"));
    navigate(`/runs/${encodeURIComponent(run.id)}`);
  } catch (error) {
    refusal.textContent = messageOf(error);
  }
  delete pressed.dataset.starting;
  starting = false;
}

/** Listens on the document: the cards come and go with the page. */
export function watchPresets() {
  document.addEventListener("click", ({ target }) => {
    const pressed = target instanceof Element && target.closest("[data-run].preset, [data-run].preset-item");
    if (pressed instanceof HTMLElement) void start(pressed);
  });
}
