// @ts-nocheck
// Take a figure along. SVG and PNG are drawn here in the browser: Plotly's figures by Plotly, tables by charts/table_picture.js.
// CSV holds the numbers that are drawn, or those that stand behind a figure whose drawing is no list of numbers.
import { colour } from "../core/theme.js";
import { tableAsPng, tableAsSvg } from "./table_picture.js";

const SCALE = 2; // pixels of a PNG for each of the screen
const MOST_NAME = 60; // letters of a run's name in the name of a file
const offers = new Map();

// Have what is saved of a panel as CSV be what `rows` returns: rows, the first names the columns; null: nothing yet.
// Returns what ends that.
export function offer(name, rows) {
  offers.set(name, rows);
  return () => offers.get(name) === rows && offers.delete(name);
}

// A cell that begins like a formula would be run by a spreadsheet: an apostrophe in front makes it words.
function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  let words = String(value);
  if (/^[=+\-@\t\r]/.test(words)) words = `'${words}`;
  return /[",\n\r]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
}

const csv = (rows) => rows.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");

const NO_DATA = ["end", "ends", "ticks", "rest"]; // words and marks

// Numbers of a trace as they are drawn; Plotly keeps what came as bytes decoded in its own copy.
function rowsOf(trace) {
  const { label, of, role, y: column } = trace.meta?.series || {};
  const name = label || (of === "metrics" || of === "replicates" ? column : trace.name) || "";
  if (NO_DATA.includes(role)) return [];
  if (trace.type === "heatmap") {
    const z = Array.from(trace.z || []);
    const at = (axis, start, i) => (trace[axis] ? trace[axis][i] : (start ?? 0) + i);
    return z.flatMap((line, y) =>
      Array.from(line, (value, x) => [name, role, at("x", trace.x0, x), at("y", trace.y0, y), value]),
    );
  }
  const y = Array.from(trace.y || []);
  const x = trace.x ? Array.from(trace.x) : y.map((_, i) => trace.x0 + i * trace.dx);
  const flat = trace.orientation === "h" ? [y, x] : [x, y];
  if (of === "replicates") return singles(name, x, y);
  return x.map((_, i) => [name, role || "", flat[0][i], flat[1][i]]);
}

// Curves of one trace, parted by gaps.
function singles(name, x, y) {
  let single = 1;
  return x.flatMap((at, i) => (at === null ? (single++, []) : [[name, `replicate ${single}`, at, y[i]]]));
}

function rowsDrawn(graph) {
  const traces = graph._fullData.filter((trace) => trace.visible !== false);
  const cells = traces.some((trace) => trace.type === "heatmap");
  const head = cells ? ["series", "role", "column", "row", "value"] : ["series", "role", "x", "y"];
  return [head, ...traces.flatMap(rowsOf)];
}

function download(name, url) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  if (url.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const downloadText = (name, type, ...parts) => download(name, URL.createObjectURL(new Blob(parts, { type })));

// A figure on the ground of the page: what is light on dark would be lost on a white slide.
async function drawing(graph, format) {
  const Plotly = await window.Plotly;
  const { clientWidth: width, clientHeight: height } = graph;
  const layout = { ...graph.layout, paper_bgcolor: colour("canvas") };
  const scale = format === "png" ? SCALE : 1;
  return Plotly.toImage({ data: graph.data, layout }, { format, width, height, scale });
}

// What a panel's name stands for: where it is, its figure if Plotly draws it, else its table.
function find(name) {
  const place = document.getElementById(`${name}-graph`) || document.getElementById(name);
  const graph = place && (place.matches(".js-plotly-plot") ? place : place.querySelector(".js-plotly-plot"));
  return { name, graph, table: place && !graph && place.querySelector("table") };
}

// Rows of what `find` found; null while there are none.
function rowsAt({ name, graph }) {
  const offered = offers.get(name);
  return offered ? offered() : graph ? rowsDrawn(graph) : null;
}

async function save(name, format) {
  const found = find(name);
  const file = `${fileName(name)}.${format}`;
  if (format === "csv") downloadText(file, "text/csv", "\ufeff", csv(rowsAt(found)));
  else if (found.graph) download(file, await drawing(found.graph, format));
  else if (format === "svg") downloadText(file, "image/svg+xml", tableAsSvg(found.table));
  else download(file, await tableAsPng(found.table, SCALE));
}

// On the page of a run its name stands before the figure's.
function fileName(figure) {
  const heading = document.querySelector("#run-page h1");
  const run = heading ? heading.textContent.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, MOST_NAME) : "";
  return ["synrl", run, figure]
    .map((part) => part.replace(/^-+|-+$/g, ""))
    .filter(Boolean)
    .join("-");
}

// What is not there yet can't be saved.
function offerWhatIsThere(menu) {
  for (const button of menu.querySelectorAll("[data-save]")) {
    const found = find(button.dataset.figure);
    const there = button.dataset.save === "csv" ? (rowsAt(found) || []).length > 1 : found.graph || found.table;
    button.disabled = !there;
    button.title = there ? "" : "Nothing to save yet";
  }
}

document.addEventListener(
  "toggle",
  (event) => event.target.matches("details.save[open]") && offerWhatIsThere(event.target),
  true,
);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save]");
  const open = [...document.querySelectorAll("details.save[open]")];
  open
    .filter((menu) => !menu.contains(event.target) || event.target.closest(".save-as"))
    .forEach((menu) => (menu.open = false));
  if (button) save(button.dataset.figure, button.dataset.save);
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest && event.target.closest("details.save[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

export const figureAsCsv = (graph) => csv(rowsDrawn(graph));
