// The board's view of each activity: one figure and few words.
import { url } from "../core/address.js";
import { flags, make } from "../core/dom.js";
import { count, percent, plural } from "../core/format.js";
import { curvesFigure, dotsFigure, lamp, lossFigure, moveSign, tableFigure, tableWords, voteBars } from "./figures.js";
import { drawNetwork } from "./network.js";
import { BESIDE_TABLE, FOR_BOARD, HALF_OF_BOARD } from "./plot.js";
import { changeWords, MOVES, VARIED, VOTE_PHASES } from "./words.js";

/** @import { BoardFree, BoardLesson, BoardPooled, BoardSynapse, BoardTable, BoardView, BoardVote } from "../types/schemas.js" */

const LAMPS = 12;

/** @param {BoardView} view @returns {(Node | string)[]} */
export function boardParts({ activity, showing }) {
  if (showing.length) return scenes(showing);
  switch (activity?.kind) {
    case "vote":
      return vote(activity);
    case "synapse":
      return synapse(activity);
    case "table":
      return table(activity);
    case "pooled":
      return pooled(activity);
    case "lesson":
      return lesson(activity);
    case "free":
      return free(activity);
    default:
      return [];
  }
}

/** @param {string} words */
const line = (words) => make("p", "board-line", words);

/** Scenes that the teacher puts up. @param {string[]} addresses */
function scenes(addresses) {
  const frames = addresses.map((address, place) =>
    make("iframe", "board-scene", undefined, {
      name: "board",
      src: url(address),
      title: `Scene ${place + 1}`,
      "data-key": `${place} ${address}`,
    }),
  );
  return [make("div", "board-scenes", undefined, { "data-scenes": String(addresses.length) }, ...frames)];
}

/** @param {BoardVote} activity */
function vote(activity) {
  const { phase, question, answered, asked } = activity;
  const isOpen = phase === "first" || phase === "second";
  return [
    make("p", "board-phase", VOTE_PHASES[phase] ?? phase),
    make("h2", "board-question", question),
    voteBars(activity),
    line(isOpen ? `${answered} of ${asked} have answered` : phase === "revealed" ? changeWords(activity) : ""),
  ];
}

/** @param {BoardSynapse} activity */
function synapse(activity) {
  const { sizes, weights, taken, lamps, accuracy, losses, phase, round, rounds, chosen, asked } = activity;
  const alternative = `The network ${sizes.join("-")}; students move ${taken.length} of ${activity.synapses} weights.`;
  const network = drawNetwork({ sizes, weights, taken, alternative });
  const last = lamps.at(-1);
  const step = phase === "over" ? "The rounds are over" : `Round ${round} of ${rounds}`;
  const state =
    phase === "open"
      ? `${chosen} of ${asked} have chosen`
      : last === undefined
        ? ""
        : last
          ? "The loss fell"
          : "The loss did not fall";
  const lit = lamps.filter(Boolean).length;
  const big =
    last === undefined ? "" : make("p", "board-lamp", undefined, {}, lamp(last, "large"), last ? "on" : "off");
  return [
    make("div", "board-phase", undefined, {}, make("span", "", step), make("span", "board-state", state)),
    make(
      "div",
      "board-halves",
      undefined,
      {},
      make("div", "", undefined, {}, network, moves(activity)),
      make("div", "", undefined, {}, lossFigure(activity, HALF_OF_BOARD), big),
    ),
    make(
      "p",
      "board-line board-lamps",
      undefined,
      {},
      ...lamps.slice(-LAMPS).map((isOn) => lamp(isOn)),
      make(
        "span",
        "",
        lamps.length ? `on in ${lit} of ${lamps.length} rounds` : "One lamp for all weights: on when the loss fell",
      ),
      losses.length > 1 ? make("span", "", `accuracy ${percent(accuracy.at(-1))}`) : "",
    ),
  ];
}

/** @param {BoardSynapse} activity */
function moves({ down_stay_up: done, lamps }) {
  if (!lamps.length) return make("p", "board-moves", "● weights that you move");
  const parts = MOVES.map(({ word }, move) =>
    make("span", "", undefined, { "aria-label": `${done[move]} ${word}` }, moveSign(move), ` ${done[move]}`),
  );
  return make("p", "board-moves", undefined, {}, make("span", "", "last round:"), ...parts);
}

/** @param {BoardTable} activity */
function table(activity) {
  const { counts, decisions, curves, phase, done, of } = activity;
  const hasCurves = curves.some(({ mean }) => mean.length);
  const words = phase === "training" ? `${done} of ${of} runs are trained` : tableWords(counts);
  return [
    make("p", "board-phase", `${count(decisions)} decisions in 36 situations`),
    make(
      "div",
      hasCurves ? "board-table" : "board-one",
      undefined,
      {},
      make("div", "", undefined, {}, tableFigure(counts, hasCurves)),
      hasCurves ? make("div", "", undefined, {}, curvesFigure(curves, "accuracy", BESIDE_TABLE)) : "",
    ),
    line(words),
  ];
}

/** @param {BoardPooled} activity */
function pooled(activity) {
  const { varied, done, of, phase } = activity;
  const words =
    phase === "ready" ? `Each of you has one ${VARIED[varied]}. What will come out?` : `${done} of ${of} results`;
  return [
    make("p", "board-phase", words),
    dotsFigure(activity, FOR_BOARD),
    line(
      varied === "seed"
        ? "A dot is one run: the same settings, another seed."
        : "A dot is one run. Line: mean; band: its 95 % confidence interval.",
    ),
  ];
}

/** @param {BoardLesson} activity */
function lesson({ step, steps, at_step: at }) {
  const most = Math.max(1, ...at);
  const bars = Array.from({ length: steps }, (_, place) => {
    const here = at[place] ?? 0;
    const words = {
      style: `--share:${(here / most).toFixed(2)}`,
      "aria-label": `step ${place + 1}: ${plural(here, "student")}`,
    };
    const now = flags({ "data-now": place === step });
    return make(
      "li",
      "",
      undefined,
      { ...words, ...now },
      make("span", "step-count", undefined, {}, make("span", "", String(here)), make("span", "step-bar")),
      make("span", "step-number", String(place + 1)),
    );
  });
  return [
    make("p", "board-phase", `Step ${step + 1} of ${steps}`),
    make("ol", "board-steps", undefined, {}, ...bars),
    line("How many students are at each step"),
  ];
}

/** @param {BoardFree} activity */
function free({ note }) {
  return [make("p", "board-phase", "What to try"), make("h2", "board-question", note || "Whatever you like.")];
}
