// A student's view of each activity.

import { url } from "../core/address.js";
import { flags, make } from "../core/dom.js";
import { count, plural } from "../core/format.js";
import { curvesFigure, dotsFigure, lamp, moveSign, tableFigure, tableWords, voteBars } from "./figures.js";
import { drawNetwork } from "./network.js";
import { drawPlot, FOR_SEAT } from "./plot.js";
import { letter, MOVES, measured, placeName, VOTE_PHASES, valueWords } from "./words.js";

/** @import { StudentFree, StudentLesson, StudentPooled, StudentSynapse, StudentTable, StudentView, StudentVote } from "../types/schemas.js" */
/**
 * @typedef {object} Here what was done on this page and is not known to the server yet
 * @property {number | null} pending value on its way
 * @property {boolean} away whether the server can't be reached
 * @property {string} refusal of the last answer
 * @property {number} gathering how often all were brought here
 * @property {boolean} isFree whether everybody goes at their own pace
 */
/** @typedef {NonNullable<StudentView["activity"]>} Activity */

/** @param {Activity} activity @param {Here} here @returns {(Node | string)[]} */
export function activityParts(activity, here) {
  switch (activity.kind) {
    case "vote":
      return vote(activity, here);
    case "synapse":
      return synapse(activity, here);
    case "table":
      return table(activity);
    case "pooled":
      return pooled(activity, here);
    case "lesson":
      return lesson(activity, here);
    case "free":
      return free(activity, here);
  }
}

/** @param {Here} here */
function sent({ pending, away, refusal }) {
  if (refusal) return make("p", "refusal", refusal, { role: "alert" });
  if (pending === null) return "";
  const words = away ? "Not sent yet: the server can't be reached. It is sent as soon as it can be." : "Sending …";
  return make("p", "seat-sent", words, { role: "status" });
}

/** @param {string | null | undefined} until */
function clock(until) {
  return until ? make("p", "seat-clock", "", { "data-until": until, "data-key": "clock", "data-kept": "" }) : "";
}

// -- vote

/** @param {StudentVote} activity @param {Here} here */
function vote(activity, here) {
  const { phase, question, slot, own_first: first, own_second: second } = activity;
  const isOpen = slot !== null && slot !== undefined;
  const own = (phase.startsWith("second") ? second : first) ?? here.pending;
  const title = make("h1", "seat-step", VOTE_PHASES[phase] ?? phase);
  const asked = make("p", "seat-question", question);
  if (isOpen && own === null) {
    return [title, asked, voteForm(activity), sent(here), clock(activity.closes_at)];
  }
  if (phase === "distribution" || phase === "revealed") {
    return [title, asked, voteBars({ ...activity, own: [first, second] })];
  }
  const chosen = [first, second].map((one, place) => {
    const value = one ?? (isOpen && place === Number(phase === "second") ? here.pending : null);
    if (value === null || value === undefined) return "";
    const which = activity.twice ? (place ? "Your second choice" : "Your first choice") : "Your choice";
    return make("p", "seat-choice", `${which}: ${letter(value)} – ${activity.options[value]}`);
  });
  return [title, asked, ...chosen, make("p", "lead", voteWait(activity, own)), sent(here), clock(activity.closes_at)];
}

/** @param {StudentVote} activity @param {number | null | undefined} own */
function voteWait({ phase, answered, asked }, own) {
  if (phase === "talk") return "Find a neighbour who chose otherwise. Say why you chose yours; then all vote again.";
  if (phase === "first" || phase === "second") return `${answered} of ${asked} have answered. Yours is kept.`;
  return own === null ? "This vote closed without an answer of yours. You are in again at the next one." : "Look up.";
}

/** @param {StudentVote} activity */
function voteForm({ id, slot, options }) {
  const choices = options.map((words, option) => {
    const name = `option-${option}`;
    return make(
      "label",
      "seat-option",
      undefined,
      { for: name },
      make("input", "", undefined, { type: "radio", name: "option", id: name, value: String(option), required: "" }),
      make("span", "vote-letter", letter(option)),
      make("span", "", words),
    );
  });
  return make(
    "form",
    "seat-vote",
    undefined,
    { "data-key": `vote ${id} ${slot}`, "data-submit": "answer" },
    make("fieldset", "", undefined, {}, make("legend", "visually-hidden", "Choose one"), ...choices),
    make("button", "button seat-main", "Commit my answer", { type: "submit" }),
    make("p", "caption", "It can't be changed afterwards."),
  );
}

// -- be a synapse

/** @param {StudentSynapse} activity @param {Here} here */
function synapse(activity, here) {
  const { place, sizes, round, rounds, phase, slot } = activity;
  if (!place || activity.synapse === null || activity.synapse === undefined) {
    return [make("h1", "seat-step", "Be a synapse"), make("p", "lead", "You come in with the next round.")];
  }
  const name = placeName(place, sizes);
  const chosen = activity.chosen_move ?? here.pending;
  const isOpen = slot !== null && slot !== undefined;
  const network = drawNetwork({ sizes, mine: activity.synapse, alternative: `Your weight, ${name}, in the network` });
  const shared = activity.shared_by > 1 ? ` ${plural(activity.shared_by, "student")} move it; most votes decide.` : "";
  const buttons = MOVES.toReversed().map(({ word, sign, key }) => {
    const move = MOVES.findIndex((one) => one.word === word);
    const state = chosen === move ? { "aria-pressed": "true" } : { "aria-pressed": "false" };
    const open = flags({ disabled: !isOpen || chosen !== null });
    const attributes = { type: "button", "data-act": "move", "data-value": String(move), "aria-keyshortcuts": key };
    const parts = [make("span", "move-sign", sign), make("span", "", word)];
    return make("button", "seat-move", undefined, { ...attributes, ...state, ...open, "data-move": word }, ...parts);
  });
  return [
    make("h1", "seat-step", phase === "over" ? "The rounds are over" : `Round ${round} of ${rounds}`),
    make("p", "seat-weight", `You are the weight from ${name}.${shared}`.replace("weight from bias", "bias")),
    make("div", "seat-network", undefined, {}, network),
    history(activity),
    make("div", "seat-moves", undefined, { role: "group", "aria-label": "Your move" }, ...buttons),
    make("p", "lead", synapseWords(activity, chosen), { role: "status" }),
    sent(here),
    clock(activity.closes_at),
  ];
}

/** @param {StudentSynapse} activity */
function history({ last_moves: moves, last_lamps: lamps, played_for: played }) {
  const own = moves.length ? moves.map((move) => moveSign(move)) : ["none yet"];
  const lit = lamps.length ? lamps.map((isOn) => lamp(isOn)) : ["none yet"];
  return make(
    "dl",
    "seat-history",
    undefined,
    {},
    make("dt", "", "Your last moves"),
    make("dd", "", undefined, {}, ...own, played ? make("span", "caption", "the last one by the table") : ""),
    make("dt", "", "The last lamps"),
    make("dd", "", undefined, {}, ...lit),
  );
}

/** @param {StudentSynapse} activity @param {number | null} chosen */
function synapseWords({ phase, chosen: done, asked, last_lamps: lamps }, chosen) {
  if (phase === "over") return "Look up: what did the class do?";
  if (phase === "open") {
    return chosen === null ? "Choose. One lamp tells all whether the loss fell." : `${done} of ${asked} have chosen.`;
  }
  const last = lamps.at(-1);
  if (last === undefined) return "Wait for the first round.";
  return last ? "The lamp is on: the loss fell." : "The lamp is off: the loss did not fall.";
}

// -- the class's own table

/** @param {StudentTable} activity */
function table(activity) {
  const { phase, curves, own, decisions } = activity;
  const mine = own.flat(2).reduce((sum, one) => sum + one, 0);
  /** @type {(Node | string)[]} */
  const parts = [
    make("h1", "seat-step", "The class's own table"),
    make("p", "lead", `${count(decisions)} decisions of the class in 36 situations; ${count(mine)} are yours.`),
  ];
  if (mine) parts.push(make("h2", "", "What you did"), tableFigure(own, true), make("p", "caption", tableWords(own)));
  if (phase !== "counted") {
    parts.push(
      make("h2", "", "What became of the class's table"),
      make("p", "caption", `${activity.done} of ${activity.of} runs are trained.`),
    );
    if (curves.some(({ mean }) => mean.length)) {
      parts.push(make("div", "seat-figure", undefined, {}, curvesFigure(curves, "accuracy", FOR_SEAT)));
    }
  }
  return parts;
}

// -- a pooled experiment

/** @param {StudentPooled} activity @param {Here} here */
function pooled(activity, here) {
  const { own, varied, measure, slot, phase } = activity;
  const isOpen = slot !== null && slot !== undefined && here.pending === null;
  /** @type {(Node | string)[]} */
  const parts = [make("h1", "seat-step", "Pooled experiment")];
  if (own) parts.push(make("p", "seat-question", `Yours: ${ownWords(varied, own)}`));
  else parts.push(make("p", "lead", "Each student gets one value. You joined after they were dealt out; look on."));
  if (isOpen) {
    parts.push(
      make("button", "button seat-main", "Start my run", { type: "button", "data-act": "answer", "data-value": "0" }),
    );
  }
  parts.push(sent(here));
  if (own) parts.push(make("p", "lead", runWords(own, measure, phase), { role: "status" }));
  if (own?.curve.length) parts.push(make("div", "seat-figure", undefined, {}, ownCurve(own, measure)));
  if (activity.dots.length) {
    parts.push(
      make("h2", "", `All results: ${activity.done} of ${activity.of}`),
      make("div", "seat-figure", undefined, {}, dotsFigure(activity, FOR_SEAT)),
      make("p", "caption", "The ringed dot is yours. Line: mean of each value."),
    );
  }
  return parts;
}

/** @param {string} varied @param {{ value: number, seed: number }} own */
const ownWords = (varied, { value, seed }) =>
  varied === "seed" ? `seed ${seed}` : `${valueWords(varied, value)}, seed ${seed}`;

/** @param {NonNullable<StudentPooled["own"]>} own @param {string} measure @param {string} phase */
function runWords({ status, y, error }, measure, phase) {
  if (status === "failed") return `Your run failed: ${error ?? "no reason is known"}`;
  if (status === "done" && y !== null && y !== undefined) return `Your result: ${measured(measure, y)}.`;
  if (status === "running") return "Your run trains …";
  if (status === "waiting") return "Your run waits for its turn …";
  return phase === "ready" ? "What will come out? Think of a number before it starts." : "Your run has not started.";
}

/** @param {NonNullable<StudentPooled["own"]>} own @param {"accuracy" | "loss"} measure */
function ownCurve({ iterations, curve }, measure) {
  const isShare = measure === "accuracy";
  const points = iterations.map((at, i) => /** @type {[number, number]} */ ([at, curve[i]]));
  return drawPlot(
    {
      alternative: `Your run: ${measured(measure, curve[curve.length - 1])} after ${count(iterations.at(-1) ?? 0)} iterations.`,
      xTitle: "iterations",
      yTitle: isShare ? "validation accuracy (%)" : "validation loss",
      x: [0, iterations.at(-1) ?? 1],
      y: [0, isShare ? 1 : 1.05 * Math.max(...curve)],
      xWords: count,
      yWords: isShare ? (value) => String(Math.round(100 * value)) : (value) => String(Number(value.toPrecision(2))),
      lines: [{ points, look: "series-1" }],
    },
    FOR_SEAT,
  );
}

// -- lesson together, free play: pages of their own in a frame, so that pause, hand and "bring all here" stay here

/** @param {StudentLesson} activity @param {Here} here */
function lesson(activity, here) {
  const words = `Lesson: step ${activity.step + 1} of ${activity.steps} with the class`;
  return [make("h1", "seat-step seat-small", activity.title || words), frame(lessonFrame(activity, here), "Lesson")];
}

/** @param {StudentFree} activity @param {Here} here */
function free(activity, here) {
  return [
    make("h1", "seat-step seat-small", activity.title || "Free play"),
    activity.note ? make("p", "seat-question", activity.note) : "",
    frame({ key: `${activity.id} ${activity.address} ${here.gathering}`, address: activity.address }, "Playground"),
  ];
}

/** Addresses of frames that stay where a student takes them, by key. @type {Map<string, string>} */
const opened = new Map();

/**
 * A lesson follows the teacher's step; at a free pace it stays where the student is until all are brought together.
 *
 * @param {StudentLesson} activity @param {Here} here
 */
function lessonFrame({ id, address, step_id: step }, { gathering, isFree }) {
  const there = `${address}?step=${encodeURIComponent(step)}`;
  if (!isFree) return { key: `${id} ${step} ${gathering}`, address: there };
  const key = `${id} free ${gathering}`;
  const first = opened.get(key) ?? there;
  opened.set(key, first);
  return { key, address: first };
}

/** @param {{ key: string, address: string }} shown @param {string} title */
function frame({ key, address }, title) {
  return make("iframe", "seat-frame", undefined, { src: url(address), title, "data-key": `frame ${key}` });
}
