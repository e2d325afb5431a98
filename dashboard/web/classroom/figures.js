// Figures of the activities, for seat, board and teacher's page alike.
import { extent } from "../charts/axes.js";
import { make } from "../core/dom.js";
import { count } from "../core/format.js";
import { drawPlot } from "./plot.js";
import { letter, MOVES, measured, VARIED, valueWords } from "./words.js";

/** @import { BoardSynapse, Curve, Dot, Group, OwnRun } from "../types/schemas.js" */
/** @import { Size } from "./plot.js" */

const share = (/** @type {number} */ value) => `${Math.round(100 * value)} %`;
const short = (/** @type {number} */ value) => String(Number(value.toPrecision(3)));
const LOOKS = ["series-1", "series-2", "series-3", "series-4", "series-5", "series-6", "series-7", "series-8"];

/**
 * A reward as a lamp: filled and "on", or empty and "off".
 *
 * @param {boolean} isOn @param {string} [look]
 */
export function lamp(isOn, look = "") {
  const words = { role: "img", "aria-label": isOn ? "lamp on" : "lamp off", "data-on": String(isOn) };
  return make("span", `session-lamp ${look}`, undefined, words);
}

/** @param {number} move code @param {string} [look] */
export function moveSign(move, look = "") {
  const { word, sign } = MOVES[move];
  return make("span", `session-move ${look}`, sign, { role: "img", "aria-label": word, "data-move": word });
}

/**
 * Votes for each option as bars; options alone while there are no votes to be shown.
 *
 * @param {{ options: string[], first?: number[] | null, second?: number[] | null, right?: number | null,
 *   explanations?: string[] | null, own?: (number | null | undefined)[] }} vote
 */
export function voteBars({ options, first, second, right, explanations, own = [] }) {
  const votes = [first, second].filter((one) => one !== null && one !== undefined);
  const names = votes.length === 2 ? ["first", "second"] : [""];
  const rows = options.map((words, option) => {
    const isRight = option === right;
    const bars = votes.map((counted, place) => {
      const all = sum(counted);
      const part = all ? counted[option] / all : 0;
      const bar = make("span", "vote-bar", undefined, {
        style: `--share:${part.toFixed(3)}`,
        "data-vote": names[place],
      });
      const name = names[place] ? make("span", "vote-which", names[place]) : "";
      return make(
        "span",
        "vote-line",
        undefined,
        {},
        name,
        bar,
        make("span", "vote-share", `${share(part)} (${counted[option]})`),
      );
    });
    const chosen = own.flatMap((one, place) => (one === option ? [place ? "second" : "first"] : []));
    return make(
      "li",
      "vote-option",
      undefined,
      isRight ? { "data-right": "true" } : {},
      make("span", "vote-letter", letter(option)),
      make("span", "vote-words", undefined, {}, words, isRight ? make("strong", "vote-right", " ✓ right") : ""),
      chosen.length ? make("span", "vote-own", `your ${chosen.join(" and ")} choice`) : "",
      ...bars,
      explanations?.[option] ? make("span", "vote-why", explanations[option]) : "",
    );
  });
  return make("ol", "vote-options", undefined, {}, ...rows);
}

/** @param {BoardSynapse} activity @param {Size} size */
export function lossFigure({ losses, rounds }, size) {
  const points = losses.map((loss, round) => /** @type {[number, number]} */ ([round, loss]));
  const [least, most] = extent(losses);
  const around = Math.max(0.02, 0.15 * (most - least));
  const last = losses.at(-1) ?? 0;
  return drawPlot(
    {
      alternative: `Loss ${short(last)} after ${losses.length - 1} rounds; it began at ${short(losses[0] ?? 0)}.`,
      xTitle: "round",
      yTitle: "loss",
      x: [0, Math.max(rounds, losses.length - 1)],
      y: [Math.max(0, least - around), most + around],
      xWords: (value) => (Number.isInteger(value) ? String(value) : ""),
      yWords: short,
      lines: [{ points, look: "ink" }],
      dots: points.length ? [{ at: points[points.length - 1], look: "ink" }] : [],
    },
    size,
  );
}

/**
 * Curves of means with their bands: validation accuracy or loss over iterations.
 *
 * @param {Curve[]} curves @param {string} measure @param {Size} size
 */
export function curvesFigure(curves, measure, size) {
  const lines = curves.map(({ iterations, mean, label }, place) => ({
    points: iterations.map((at, i) => /** @type {[number, number]} */ ([at, mean[i]])),
    look: LOOKS[place % LOOKS.length],
    label,
  }));
  const bands = curves.map(({ iterations, low, high, mean }, place) => ({
    points: iterations.map(
      (at, i) => /** @type {[number, number, number]} */ ([at, low[i] ?? mean[i], high[i] ?? mean[i]]),
    ),
    look: LOOKS[place % LOOKS.length],
  }));
  const [, last] = extent(curves.flatMap(({ iterations }) => iterations));
  const all = curves.flatMap(({ mean, high }) => [...mean, ...high.map((one) => one ?? Number.NaN)]);
  const [, most] = extent(all);
  const isShare = measure === "accuracy";
  const ends = curves.filter(({ mean }) => mean.length);
  return drawPlot(
    {
      alternative: ends.length
        ? `${isShare ? "Validation accuracy" : "Validation loss"} at the end: ` +
          `${ends.map(({ label, mean }) => `${label} ${measured(measure, mean[mean.length - 1])}`).join(", ")}.`
        : "No curve yet.",
      xTitle: "iterations",
      yTitle: isShare ? "validation accuracy (%)" : "validation loss",
      x: [0, Number.isFinite(last) ? last : 1],
      y: [0, isShare ? 1 : 1.05 * most],
      xWords: count,
      yWords: isShare ? (value) => String(Math.round(100 * value)) : short,
      lines,
      bands,
      levels: isShare ? [{ y: 0.5, words: "" }] : [],
    },
    size,
  );
}

/**
 * Results of a pooled experiment: a dot a run, means with their confidence intervals, one's own ringed. The axis of
 * the values is there before the first result, for predictions.
 *
 * @param {{ varied: string, measure: "accuracy" | "loss", values: number[], dots: Dot[], groups: Group[],
 *   own?: OwnRun | null }} pooled
 * @param {Size} size
 */
export function dotsFigure({ varied, measure, values, dots, groups, own }, size) {
  const [low, high] = extent(values);
  const isShare = measure === "accuracy";
  const logX = (varied === "step_size" || varied === "learning_rate") && low > 0;
  const [, most] = extent(dots.map(({ y }) => y));
  const means = groups.map(({ x, mean }) => /** @type {[number, number]} */ ([x, mean]));
  const isMany = varied !== "seed" && groups.some(({ runs }) => runs > 1);
  const best = groups.reduce(
    (found, one) => (!found || (isShare ? one.mean > found.mean : one.mean < found.mean) ? one : found),
    /** @type {Group | null} */ (null),
  );
  /** @type {import("./plot.js").Dot[]} */
  const drawn = dots.map(({ x, y }) => ({ at: [x, y], look: "run" }));
  if (own && own.y !== null && own.y !== undefined) {
    drawn.push({ at: [varied === "seed" ? own.seed : own.value, own.y], look: "own" });
  }
  const padded = /** @type {[number, number]} */ (
    logX ? [low / 1.4, high * 1.4] : [low - pad(low, high), high + pad(low, high)]
  );
  return drawPlot(
    {
      alternative: best
        ? `${count(dots.length)} results; best at ${valueWords(varied, best.x)}: ${measured(measure, best.mean)}.`
        : "No result yet.",
      xTitle: VARIED[varied],
      yTitle: isShare ? "validation accuracy at the end (%)" : "validation loss at the end",
      x: values.length ? padded : [0, 1],
      y: [0, isShare ? 1 : 1.1 * most],
      logX,
      xWords: (value) => (values.length && (varied !== "seed" || Number.isInteger(value)) ? short(value) : ""),
      yWords: (value) => (isShare ? String(Math.round(100 * value)) : dots.length ? short(value) : ""),
      lines: varied === "seed" || means.length < 2 ? [] : [{ points: means, look: "ink" }],
      bands: isMany
        ? [{ points: groups.map(({ x, mean, low: from, high: to }) => [x, from ?? mean, to ?? mean]), look: "ink" }]
        : [],
      dots: drawn,
    },
    size,
  );
}

/** @param {number} low @param {number} high */
const pad = (low, high) => (high > low ? 0.06 * (high - low) : 0.5);

/**
 * The class's table: rows are a weight's own last two moves, columns the last two lamps, oldest first. Each cell names
 * what was done most, and how often each was done.
 *
 * @param {number[][][]} counts (9, 4, 3)
 * @param {boolean} [isShort] the sign and the decisions alone, for small screens
 */
export function tableFigure(counts, isShort = false) {
  const most = Math.max(1, ...counts.flat().map(sum));
  const columns = [0, 1, 2, 3].map((lamps) =>
    make("th", "", undefined, { scope: "col", "aria-label": `lamps ${lampWords(lamps)}` }, ...lampsOf(lamps)),
  );
  const corner = make("th", "corner", "own moves ↓ lamps →", { scope: "col" });
  const rows = counts.map((row, moves) => {
    const own = [Math.floor(moves / 3), moves % 3];
    const name = { scope: "row", "aria-label": `moves ${own.map((move) => MOVES[move].word).join(", ")}` };
    const headCell = make("th", "", undefined, name, ...own.map((move) => moveSign(move)));
    return make("tr", "", undefined, {}, headCell, ...row.map((cell) => tableCell(cell, most, isShort)));
  });
  return make(
    "table",
    "class-table",
    undefined,
    {},
    make(
      "caption",
      "visually-hidden",
      "What was done in each situation: last two moves by last two lamps, oldest first.",
    ),
    make("thead", "", undefined, {}, make("tr", "", undefined, {}, corner, ...columns)),
    make("tbody", "", undefined, {}, ...rows),
  );
}

/** @param {number[]} cell @param {number} most @param {boolean} isShort */
function tableCell(cell, most, isShort) {
  const all = sum(cell);
  if (!all) return make("td", "", "", { "aria-label": "never" });
  const mostly = cell.indexOf(Math.max(...cell));
  const words = MOVES.map(({ word }, move) => `${word} ${cell[move]}`).join(", ");
  const style = `--strength:${(0.08 + (0.37 * all) / most).toFixed(2)}`;
  const parts = isShort
    ? [moveSign(mostly), make("span", "cell-count", String(all))]
    : [
        moveSign(mostly),
        make("span", "cell-share", share(cell[mostly] / all)),
        make("span", "cell-count", String(all)),
      ];
  return make("td", "", undefined, { "data-move": MOVES[mostly].word, "aria-label": words, style }, ...parts);
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, one) => total + one, 0);

/** @param {number} lamps older * 2 + newer */
const lampsOf = (lamps) => [lamp(lamps >= 2), lamp(lamps % 2 === 1)];

/** @param {number} lamps */
const lampWords = (lamps) => [lamps >= 2, lamps % 2 === 1].map((isOn) => (isOn ? "on" : "off")).join(", ");

/**
 * Sentences on the class's table that anybody can check: how often a move that was paid was made again.
 *
 * @param {number[][][]} counts
 */
export function tableWords(counts) {
  const after = (/** @type {boolean} */ isLit) => {
    let [again, all] = [0, 0];
    counts.forEach((row, moves) => {
      row.forEach((cell, lamps) => {
        if ((lamps % 2 === 1) !== isLit) return;
        again += cell[moves % 3];
        all += sum(cell);
      });
    });
    return all ? `${Math.round((100 * again) / all)} %` : null;
  };
  const [lit, dark] = [after(true), after(false)];
  if (!lit && !dark) return "No lamp was shown yet.";
  if (!lit) return `No lamp was on; after a dark one the last move was made again in ${dark} of cases.`;
  const first = `After a lit lamp the last move was made again in ${lit} of cases`;
  return dark ? `${first}, after a dark one in ${dark}.` : `${first}; no lamp was off.`;
}
