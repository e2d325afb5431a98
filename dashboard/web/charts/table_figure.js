// Tables as figures for Plotly, so that they are saved as pictures the way all other figures are.

/** @import { Attributes, Figure, Trace } from "../types/plotly.js" */

/**
 * @typedef {object} TableCell
 * @property {string} text
 * @property {string} tint role of its colour
 * @property {number} strength from 0, the ground of the page, to 1, the tint itself
 * @property {boolean} [isFramed]
 */

/**
 * @typedef {object} TableDrawing
 * @property {string[]} columns their words
 * @property {string[]} rows their words
 * @property {string} columnTitle
 * @property {string} rowTitle
 * @property {TableCell[][]} cells of each row
 */

/** @typedef {{ font: number, colour: (role: string) => string }} Look size of type in pixels, and colours by role */

const MOST_WORDS = 24; // letters of the words of a row or column
const [LINE, PADDING, EDGE, GAP] = [2.1, 1.6, 8, 2]; // of a cell: in heights and widths of a letter; pixels
const LETTER = 0.58; // width of a letter, in its height

/**
 * The figure of a table, with the size in pixels that it needs. Cells of one tint are a heatmap of their strengths.
 *
 * @param {TableDrawing} table
 * @param {Look} look
 * @returns {Figure & { width: number, height: number }}
 */
export function tableFigure({ cells, columnTitle, columns, rows, rowTitle }, { colour, font }) {
  const letter = LETTER * font;
  const [columnWords, rowWords] = [columns.map(short), rows.map(short)];
  const cellWidth = letter * (longest([...cells.flat().map(({ text }) => text), ...columnWords]) + PADDING) + GAP;
  const cellHeight = LINE * font;
  const left = letter * (longest(rowWords) + PADDING) + 2 * font;
  const top = 4 * font;
  const width = Math.ceil(left + columns.length * cellWidth + 2 * EDGE);
  const height = Math.ceil(top + rows.length * cellHeight + 2 * EDGE);
  const tints = [...new Set(cells.flat().map(({ tint }) => tint))];
  const hidden = { showgrid: false, zeroline: false, showline: false, ticks: "", tickfont: { size: font } };
  /** @type {Attributes} */
  const layout = {
    width,
    height,
    margin: { l: left + EDGE, r: EDGE, t: top + EDGE, b: EDGE, pad: 0 },
    font: { size: font, color: colour("ink") },
    paper_bgcolor: colour("canvas"),
    plot_bgcolor: colour("canvas"),
    xaxis: { ...hidden, ...axis(columnWords, columnTitle), side: "top", tickangle: 0 },
    yaxis: { ...hidden, ...axis(rowWords, rowTitle), autorange: "reversed" },
    shapes: cells.flatMap((row, y) => row.flatMap(({ isFramed }, x) => (isFramed ? [frame(x, y, colour("ink"))] : []))),
  };
  return { data: tints.map((tint) => heatmap(cells, tint, colour)), layout, width, height };
}

/**
 * @param {TableCell[][]} cells
 * @param {string} tint
 * @param {Look["colour"]} colour
 * @returns {Trace}
 */
function heatmap(cells, tint, colour) {
  return {
    type: "heatmap",
    z: cells.map((row) => row.map((cell) => (cell.tint === tint ? cell.strength : null))),
    text: cells.map((row) => row.map((cell) => (cell.tint === tint ? cell.text : ""))),
    texttemplate: "%{text}",
    textfont: { color: colour("ink") },
    colorscale: [
      [0, colour("canvas")],
      [1, colour(tint)],
    ],
    zmin: 0,
    zmax: 1,
    showscale: false,
    hoverongaps: false,
    xgap: GAP,
    ygap: GAP,
  };
}

/**
 * @param {string[]} words
 * @param {string} title
 */
function axis(words, title) {
  return { tickvals: words.map((_, i) => i), ticktext: words, title: { text: title, standoff: EDGE } };
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} color
 */
function frame(x, y, color) {
  return { type: "rect", x0: x - 0.5, x1: x + 0.5, y0: y - 0.5, y1: y + 0.5, line: { color, width: 2 } };
}

/** @param {string[]} words */
const longest = (words) => Math.max(1, ...words.map(({ length }) => length));

/**
 * Plotly reads some HTML in words; a name is none.
 *
 * @param {string} words
 */
function short(words) {
  const cut = words.length > MOST_WORDS ? `${words.slice(0, MOST_WORDS - 1)}…` : words;
  return cut.replaceAll("<", "&lt;");
}
