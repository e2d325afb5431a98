// Entry of the page of the runs for a browser that was never here: shows the newest runs as a plain table, and then loads
// Dash with its grid, 1.4 MB of scripts, which wait in a template (dashboard/first_visit.py). The grid takes the table's
// place once it has rows.

import { url } from "./core/address.js";
import { make } from "./core/dom.js";
import * as format from "./core/format.js";
import { statusBadge } from "./core/status.js";

/** @import { RunRow, RunTable } from "./types/schemas.js" */

const ROWS = 15; // those that a window shows
const PATIENCE = 1500; // ms that Dash waits for the table at most
const LOOK = 50; // ms between two looks whether the grid has rows
const LONGEST = 20000; // ms until the page is shown even without rows in its grid
const YEAR = 31536000; // s
const LIST = "first-list";

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

/** @param {RunRow[]} runs @returns {HTMLElement} the list, which is on the page */
function show(runs) {
  const titles = ["Name", "Status", "Best", "Data set", "Created"].map((title) => make("th", "", title));
  const head = make("thead", "", null, {}, make("tr", "", null, {}, ...titles));
  const table = make("table", "", null, {}, head, make("tbody", "", null, {}, ...runs.map(rowOf)));
  const list = make("main", `page ${LIST}`, null, { id: LIST }, make("h1", "", "Runs"), table);
  document.body.prepend(list);
  return list;
}

/** Load what waits in the template, in its order. */
function loadRest() {
  const later = /** @type {HTMLTemplateElement | null} */ (document.querySelector("template#later"));
  if (!later) throw new Error("The page has no template of what comes later.");
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
  const look = setInterval(() => {
    const row = document.querySelector("#runs-grid .run-link");
    if (!row && location.pathname === from && performance.now() - since < LONGEST) return;
    clearInterval(look);
    const focused = list.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    list.remove();
    const same = focused && document.querySelector(`#runs-grid a[href="${CSS.escape(focused)}"]`);
    if (same instanceof HTMLElement) same.focus();
  }, LOOK);
}

/** @type {HTMLElement | null} */
let shown = null;
const waited = new Promise((resolve) => setTimeout(() => resolve([]), PATIENCE));
try {
  const runs = await Promise.race([newest(), waited]);
  if (runs.length) shown = show(runs);
} catch {
  // Without the table the page comes as on later visits, and says what is wrong.
}
// biome-ignore lint/suspicious/noDocumentCookie: the other way to set one is not in every browser
document.cookie = `synrl-visited=1; path=${document.body.dataset.root || "/"}; max-age=${YEAR}; samesite=lax`;
loadRest();
if (shown) giveWay(shown);
