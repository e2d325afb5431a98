// Saves a figure as SVG, PNG or CSV, in the browser: Plotly draws it, a table too. CSV holds the numbers that are drawn, or
// those that a panel offers where its drawing is no list of numbers.
import { make, within } from "../core/dom.js";
import { download, downloadText } from "../core/download.js";
import { colour, scale, template } from "../core/theme.js";
import { csv, rowsOfTraces } from "./csv.js";
import { plotly } from "./plotly.js";
import { tableFigure } from "./table_figure.js";
import { withTypeface } from "./typeface.js";

/** @import { Figure, Graph } from "../types/plotly.js" */
/** @import { Rows } from "./csv.js" */
/** @import { TableDrawing } from "./table_figure.js" */

/**
 * What a panel offers to save; null while there is nothing.
 *
 * @typedef {object} Offer
 * @property {() => Rows | null | undefined} rows for CSV
 * @property {() => TableDrawing | null | undefined} [table] for pictures, where Plotly does not draw the panel
 */
/** @typedef {Figure & { width: number, height: number }} SizedFigure with its size in pixels */

const SCALE = 2; // pixels of a PNG for each of the screen
const FONT = 12; // px, of a table's words
const MOST_NAME = 60; // letters of a run's name in the name of a file

/** @type {Map<string, Offer>} */
const offers = new Map();

/**
 * Save what a panel offers in place of what Plotly draws there. Returns a function that ends that.
 *
 * @param {string} name of the panel
 * @param {Offer} offered
 */
export function offer(name, offered) {
  offers.set(name, offered);
  return () => {
    if (offers.get(name) === offered) offers.delete(name);
  };
}

/**
 * The graph that Plotly has drawn in a panel; null if there is none.
 *
 * @param {string} name
 * @returns {Graph | null}
 */
function graphOf(name) {
  const place = document.getElementById(`${name}-graph`);
  const plot = ".js-plotly-plot";
  return /** @type {Graph | null} */ (place?.matches(plot) ? place : (place?.querySelector(plot) ?? null));
}

/**
 * The figure of a panel, on the ground of the page: light curves of a dark page would be lost on a white slide.
 *
 * @param {string} name
 * @returns {SizedFigure | null}
 */
function figureOf(name) {
  const graph = graphOf(name);
  if (graph) {
    const { clientHeight: height, clientWidth: width, data, layout } = graph;
    return { data, layout: { ...layout, paper_bgcolor: colour("canvas") }, width, height };
  }
  const table = offers.get(name)?.table?.();
  if (!table) return null;
  const made = tableFigure(table, { font: FONT * scale().type, colour });
  return { ...made, layout: { template: template(), ...made.layout } };
}

/** @param {string} name */
function rowsOf(name) {
  const offered = offers.get(name);
  const graph = graphOf(name);
  return (offered ? offered.rows() : graph ? rowsOfTraces(graph._fullData) : null) ?? [];
}

/**
 * @param {string} name of the panel
 * @param {string} format
 */
async function save(name, format) {
  const file = `${fileName(name)}.${format}`;
  if (format === "csv") {
    downloadText(file, "text/csv", "\ufeff", csv(rowsOf(name)));
    return;
  }
  const figure = figureOf(name);
  if (!figure) return;
  const library = await plotly();
  const { height, width } = figure;
  const drawn = await library.toImage(figure, { format: "svg", width, height, scale: 1 });
  const svg = await withTypeface(decodeURIComponent(drawn.slice(drawn.indexOf(",") + 1)));
  if (format === "svg") downloadText(file, "image/svg+xml", svg);
  else download(file, URL.createObjectURL(await picture(svg, width, height)));
}

/**
 * A drawing as PNG. It is drawn from the SVG, which holds the typeface: Plotly's own PNG is in another one.
 *
 * @param {string} svg
 * @param {number} width pixels of the screen
 * @param {number} height
 * @returns {Promise<Blob>}
 */
async function picture(svg, width, height) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = make("canvas", "", undefined, { width: String(width * SCALE), height: String(height * SCALE) });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made."))), "image/png");
  });
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
    const { figure: name = "", save: format } = button.dataset;
    const isThere = format === "csv" ? rowsOf(name).length > 1 : Boolean(graphOf(name) ?? offers.get(name)?.table?.());
    button.disabled = !isThere;
    button.title = isThere ? "" : "Nothing to save yet";
  }
}

/** @returns {HTMLDetailsElement[]} */
function openMenus() {
  return [...document.querySelectorAll(/** @type {"details"} */ ("details.save[open]"))];
}

let watches = false;

/** Listens on the document, once: panels come and go with their pages. */
export function watchSaving() {
  if (watches) return;
  watches = true;
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
