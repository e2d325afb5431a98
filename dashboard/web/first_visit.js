// Entry of the page of the runs for a browser that was never here: shows the newest runs as a plain table, and then loads
// Dash with its grid, 1.4 MB of scripts, which wait in a template (dashboard/first_visit.py). The grid takes the table's
// place once it has rows.

import { url } from "./core/address.js";
import { make, within } from "./core/dom.js";
import * as format from "./core/format.js";
import { statusBadge } from "./core/status.js";

/** @import { RunRow, RunTable } from "./types/schemas.js" */

const ROWS = 15; // those that a window shows
const PATIENCE = 1500; // ms that Dash waits for the table at most
const CHECK_EVERY = 50; // ms between two checks whether the grid has rows
const LONGEST = 20000; // ms until the page is shown even without rows in its grid

/** The newest runs; none where the address asks for certain ones, or they can't be had. */
async function newest() {
  if (location.search) return [];
  const query = `view=active&by=run&sort=-created_at&offset=0&limit=${ROWS}`;
  const answer = await fetch(url(`/api/v1/runs/table?${query}`));
  if (!answer.ok) return [];
  const { rows } = /** @type {RunTable} */ (await answer.json());
  return rows.filter((row) => row.kind === "run");
}

/** @param {RunRow} run */
function rowOf(run) {
  const link = make("a", "", run.name, { href: url(`/runs/${encodeURIComponent(run.id)}`) });
  return make(
    "tr",
    "",
    null,
    {},
    make("td", "", null, {}, link),
    make("td", "", null, {}, statusBadge(run.status)),
    make("td", "", format.percent(run.best_validation_accuracy)),
    make("td", "", run.dataset_name),
    make("td", "", format.ago(run.created_at)),
  );
}

/** @param {RunRow[]} runs */
function show(runs) {
  const titles = ["Name", "Status", "Best", "Data set", "Created"].map((title) => make("th", "", title));
  const head = make("thead", "", null, {}, make("tr", "", null, {}, ...titles));
  const table = make("table", "", null, {}, head, make("tbody", "", null, {}, ...runs.map(rowOf)));
  const shown = make("main", "page first-list", null, { id: "first-list" }, make("h1", "", "Runs"), table);
  document.body.prepend(shown);
  return shown;
}

/** Load what waits in the template, in its order. */
function loadRest() {
  const later = within(document, "#later", HTMLTemplateElement);
  for (const waiting of later.content.querySelectorAll("link, script")) {
    const element = document.createElement(waiting.localName);
    for (const { name, value } of waiting.attributes) element.setAttribute(name, value);
    element.textContent = waiting.textContent;
    if (element instanceof HTMLScriptElement) element.async = false;
    document.head.append(element);
  }
}

/**
 * Give way to the grid once it has rows; at the latest when the page has another address, or no grid to come.
 *
 * @param {HTMLElement} list
 */
function giveWay(list) {
  const from = location.pathname;
  const since = performance.now();
  const timer = setInterval(() => {
    const row = document.querySelector("#runs-grid .run-link");
    if (!row && location.pathname === from && performance.now() - since < LONGEST) return;
    clearInterval(timer);
    const focused = list.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    list.remove();
    const same = focused && document.querySelector(`#runs-grid a[href="${CSS.escape(focused)}"]`);
    if (same instanceof HTMLElement) same.focus();
  }, CHECK_EVERY);
}

/** @type {HTMLElement | null} */
let early = null;
const waited = new Promise((resolve) => setTimeout(() => resolve([]), PATIENCE));
try {
  const runs = await Promise.race([newest(), waited]);
  if (runs.length) early = show(runs);
} catch {
  // Without the table the page comes as on later visits, and says what is wrong.
}
loadRest();
if (early) giveWay(early);
