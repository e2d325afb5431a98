// Saves a figure as SVG, PNG or CSV, in the browser: Plotly draws its figures, table_picture.js tables. CSV holds the
// numbers that are drawn, or those that a panel offers where its drawing is no list of numbers.
import { within } from "../core/dom.js";
import { download, downloadText } from "../core/download.js";
import { colour } from "../core/theme.js";
import { csv, rowsOfTraces } from "./csv.js";
import { plotly } from "./plotly.js";
import { tableAsPng, tableAsSvg } from "./table_picture.js";

/** @import { Graph } from "../types/plotly.js" */
/** @import { Rows } from "./csv.js" */

/** @typedef {() => Rows | null | undefined} RowsOf rows for CSV; null while there are none */
/** @typedef {{ name: string, graph: Graph | null, table: HTMLTableElement | null }} Found drawing of a panel */

const SCALE = 2; // pixels of a PNG for each of the screen
const MOST_NAME = 60; // letters of a run's name in the name of a file

/** @type {Map<string, RowsOf>} */
const offers = new Map();

/**
 * Save these rows as the CSV of a panel. Returns a function that ends that.
 *
 * @param {string} name of the panel
 * @param {RowsOf} rows
 */
export function offer(name, rows) {
  offers.set(name, rows);
  return () => {
    if (offers.get(name) === rows) offers.delete(name);
  };
}

/**
 * Draw a figure on the ground of the page: light curves of a dark page would be lost on a white slide.
 *
 * @param {Graph} graph
 * @param {"svg" | "png"} format
 */
async function drawing(graph, format) {
  const library = await plotly();
  const { clientWidth: width, clientHeight: height } = graph;
  const layout = { ...graph.layout, paper_bgcolor: colour("canvas") };
  const scale = format === "png" ? SCALE : 1;
  return library.toImage({ data: graph.data, layout }, { format, width, height, scale });
}

/**
 * Find the drawing of a panel: its figure if Plotly draws it, else its table.
 *
 * @param {string} name
 * @returns {Found}
 */
function find(name) {
  const place = document.getElementById(`${name}-graph`) ?? document.getElementById(name);
  const plot = ".js-plotly-plot";
  const graph = /** @type {Graph | null} */ (place?.matches(plot) ? place : (place?.querySelector(plot) ?? null));
  return { name, graph, table: graph ? null : (place?.querySelector("table") ?? null) };
}

/** @param {Found} found */
function rowsAt({ name, graph }) {
  const offered = offers.get(name);
  return (offered ? offered() : graph ? rowsOfTraces(graph._fullData) : null) ?? [];
}

/**
 * @param {string} name of the panel
 * @param {string} format
 */
async function save(name, format) {
  const found = find(name);
  const file = `${fileName(name)}.${format}`;
  if (format === "csv") downloadText(file, "text/csv", "\ufeff", csv(rowsAt(found)));
  else if (found.graph) download(file, await drawing(found.graph, format === "png" ? "png" : "svg"));
  else if (found.table && format === "svg") downloadText(file, "image/svg+xml", tableAsSvg(found.table));
  else if (found.table) download(file, await tableAsPng(found.table, SCALE));
}

/**
 * On the page of a run its name stands before the figure's.
 *
 * @param {string} figure
 */
function fileName(figure) {
  const heading = document.querySelector("#run-page h1")?.textContent ?? "";
  const run = heading.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, MOST_NAME);
  const parts = ["synrl", run, figure].map((part) => part.replace(/^-+|-+$/g, ""));
  return parts.filter(Boolean).join("-");
}

/**
 * Disable the formats for which a panel has nothing yet.
 *
 * @param {Element} menu
 */
function disableMissing(menu) {
  for (const button of menu.querySelectorAll(/** @type {"button"} */ ("[data-save]"))) {
    const found = find(button.dataset.figure ?? "");
    const isThere = button.dataset.save === "csv" ? rowsAt(found).length > 1 : Boolean(found.graph ?? found.table);
    button.disabled = !isThere;
    button.title = isThere ? "" : "Nothing to save yet";
  }
}

/** @returns {HTMLDetailsElement[]} */
function openMenus() {
  return [...document.querySelectorAll(/** @type {"details"} */ ("details.save[open]"))];
}

/** Listens on the document: panels come and go with their pages. */
export function watchSaving() {
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target instanceof Element && target.matches("details.save[open]")) disableMissing(target);
    },
    true,
  );
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-save]"));
    for (const menu of openMenus()) if (!menu.contains(target) || target.closest(".save-as")) menu.open = false;
    if (button) void save(button.dataset.figure ?? "", button.dataset.save ?? "");
  });
  document.addEventListener("keydown", ({ key, target }) => {
    const menu = openMenus().find((open) => target instanceof Node && open.contains(target));
    if (key !== "Escape" || !menu) return;
    menu.open = false;
    within(menu, "summary").focus();
  });
}
