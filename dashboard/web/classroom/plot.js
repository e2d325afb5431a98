// Small figures of a session as SVG: curves, bands and points on two axes. Colours come from style sheets, so that light
// and dark need no redrawing.
import { axis } from "../charts/axes.js";
import { shape } from "../charts/svg.js";

/** @typedef {[number, number]} Point */
/** @typedef {{ points: Point[], look: string, label?: string }} Line */
/** @typedef {{ points: [number, number, number][], look: string }} Band x, lower and upper end */
/** @typedef {{ at: Point, look: string }} Dot */
/**
 * @typedef {object} Plot
 * @property {string} alternative what the figure shows, in words
 * @property {string} xTitle
 * @property {string} yTitle
 * @property {[number, number]} x domain
 * @property {[number, number]} y domain
 * @property {boolean} [logX]
 * @property {(value: number) => string} [xWords]
 * @property {(value: number) => string} [yWords]
 * @property {Line[]} [lines]
 * @property {Band[]} [bands]
 * @property {Dot[]} [dots]
 * @property {{ y: number, words: string }[]} [levels] horizontal lines with words on them
 */
/** @typedef {{ width: number, height: number, font: number }} Size in units of the drawing, which is scaled to its place */

export const FOR_BOARD = { width: 1180, height: 430, font: 24 };
export const HALF_OF_BOARD = { width: 640, height: 420, font: 24 };
export const BESIDE_TABLE = { width: 740, height: 470, font: 24 };
export const FOR_SEAT = { width: 380, height: 250, font: 13 };
export const FOR_TEACHER = { width: 760, height: 320, font: 14 };
export const HALF_FOR_TEACHER = { width: 440, height: 260, font: 13 };

/** @param {Plot} plot @param {Size} size */
export function drawPlot(plot, { width, height, font }) {
  const longest = Math.max(0, ...(plot.lines ?? []).map(({ label }) => label?.length ?? 0));
  const [left, bottom, top] = [4.4 * font, height - 3 * font, 2.2 * font];
  const right = width - (longest ? (0.56 * longest + 1) * font : font);
  const x = axis(plot.x, [left, right], {
    log: Boolean(plot.logX),
    count: Math.max(2, Math.round((right - left) / (font * 6))),
  });
  const y = axis(plot.y, [bottom, top], { count: Math.round((bottom - top) / (font * 2.6)) });
  const place = (/** @type {Point} */ [a, b]) => /** @type {Point} */ ([x.at(a), y.at(b)]);
  const drawing = shape("svg", {
    viewBox: `0 0 ${width} ${height}`,
    class: "session-plot",
    role: "img",
    "aria-label": plot.alternative,
    "font-size": font,
  });
  const xWords = plot.xWords ?? String;
  const yWords = plot.yWords ?? String;
  for (const tick of y.ticks) {
    drawing.append(
      shape("line", { x1: left, x2: right, y1: y.at(tick), y2: y.at(tick), class: "grid" }),
      word(left - 0.5 * font, y.at(tick) + 0.35 * font, yWords(tick), "end"),
    );
  }
  for (const tick of x.ticks) drawing.append(word(x.at(tick), bottom + 1.3 * font, xWords(tick), "middle"));
  drawing.append(
    shape("line", { x1: left, x2: right, y1: bottom, y2: bottom, class: "axis" }),
    word((left + right) / 2, height - 0.4 * font, plot.xTitle, "middle"),
    word(0.2 * font, font, plot.yTitle, "start"),
  );
  for (const { y: level, words } of plot.levels ?? []) {
    drawing.append(
      shape("line", { x1: left, x2: right, y1: y.at(level), y2: y.at(level), class: "level" }),
      word(right, y.at(level) - 0.4 * font, words, "end"),
    );
  }
  // A band of few runs may be wider than what can be.
  const inside = (/** @type {number} */ value) => Math.max(y.domain[0], Math.min(y.domain[1], value));
  for (const { points, look } of plot.bands ?? []) {
    const upper = points.map(([a, , high]) => place([a, inside(high)]));
    const lower = points.map(([a, low]) => place([a, inside(low)])).reverse();
    drawing.append(shape("polygon", { points: path([...upper, ...lower]), class: `band ${look}` }));
  }
  for (const { points, look } of plot.lines ?? []) {
    drawing.append(shape("polyline", { points: path(points.map(place)), class: `curve ${look}` }));
  }
  drawing.append(...ends(plot.lines ?? [], place, font, [top, bottom]));
  for (const { at, look } of plot.dots ?? []) {
    const [cx, cy] = place(at);
    drawing.append(shape("circle", { cx, cy, r: 0.33 * font, class: `dot ${look}` }));
  }
  return drawing;
}

/**
 * Names at the ends of the curves, moved apart where they would lie on each other.
 *
 * @param {Line[]} lines @param {(point: Point) => Point} place @param {number} font @param {[number, number]} range
 */
function ends(lines, place, font, [top, bottom]) {
  const named = lines
    .flatMap(({ points, label, look }) => {
      const last = points.at(-1);
      return label && last ? [{ label, look, x: place(last)[0], y: place(last)[1] }] : [];
    })
    .sort((one, other) => one.y - other.y);
  const ys = apart(
    named.map((one) => one.y),
    1.15 * font,
    [top, bottom],
  );
  return named.map(({ label, look, x }, place_) =>
    word(x + 0.5 * font, ys[place_] + 0.35 * font, label, "start", look),
  );
}

/**
 * Places no nearer to each other than a distance, as close as can be to those wanted, which are in order.
 *
 * @param {number[]} wanted @param {number} least @param {[number, number]} range
 */
export function apart(wanted, least, [low, high]) {
  const found = [...wanted];
  for (let i = 0; i < found.length; i++) found[i] = Math.max(found[i], i ? found[i - 1] + least : low);
  for (let i = found.length - 1; i >= 0; i--) {
    found[i] = Math.min(found[i], i === found.length - 1 ? high : found[i + 1] - least);
  }
  return found;
}

/** @param {number} x @param {number} y @param {string} words @param {string} anchor @param {string} [look] */
function word(x, y, words, anchor, look = "") {
  return shape("text", { x: round(x), y: round(y), "text-anchor": anchor, class: look }, words);
}

/** @param {Point[]} points */
const path = (points) => points.map(([x, y]) => `${round(x)},${round(y)}`).join(" ");

/** @param {number} value */
const round = (value) => Math.round(10 * value) / 10;
