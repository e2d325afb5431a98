// Measures of a tape, as the lessons' tests take them: what happened, in a number and in words.
import { ACTION_SIGNS, ACTION_WORDS } from "../playground/decision.js";
import { praiseOf } from "../playground/details.js";

/** @typedef {import("../tape/tape.js").Tape} Tape */
/** @typedef {import("../playground/details.js").Details} Details */
/** @typedef {{what: string, of: "first" | "second" | "difference", after: number, until: number, synapse: number}} Measure */

/**
 * @param {Measure} measure
 * @param {{tape: Tape, details: Details | null}} first
 * @param {Tape | null} second
 * @returns {number | null} null while it is not known
 */
export function measured(measure, first, second) {
  if (measure.of === "first") return taken(measure, first.tape, first.details);
  const other = second && taken(measure, second, null);
  if (measure.of === "second" || other === null) return other;
  const mine = taken(measure, first.tape, first.details);
  return mine === null ? null : other - mine;
}

/**
 * @param {Measure} measure
 * @param {Tape} tape
 * @param {Details | null} details
 * @returns {number | null}
 */
function taken({ what, after, until, synapse }, tape, details) {
  if (!tape.has(until)) return null;
  if (what === "validation") {
    const found = tape.evaluations(until);
    return found.length ? found[found.length - 1].values[3] : null;
  }
  if (what === "loss") return tape.deed(until)?.loss ?? null;
  if (what === "action") return tape.deed(until)?.moves[synapse] ?? null;
  if (what === "lamps") return shareOn(tape, after, until);
  if (what === "cells") return differing(tape, after, until);
  if (what === "deserved") {
    const chunk = details?.chunk(until);
    if (!chunk?.arrays.gradients) return null;
    const { right, wrong } = praiseOf(tape, chunk, until);
    return right / (right + wrong);
  }
  return null;
}

/** @param {Tape} tape @param {number} after @param {number} until */
function shareOn(tape, after, until) {
  let on = 0;
  for (let iteration = after + 1; iteration <= until; iteration++) {
    const deed = tape.deed(iteration);
    if (!deed) return null;
    on += Number(deed.measured);
  }
  return on / (until - after);
}

/** @param {Tape} tape @param {number} after @param {number} until */
function differing(tape, after, until) {
  if (!tape.has(after)) return null;
  const at = tape.moment.iteration;
  const before = tape.seek(after).table.slice();
  const { table } = tape.seek(until);
  const count = before.reduce((sum, value, cell) => sum + Number(value !== table[cell]), 0);
  tape.seek(at);
  return count;
}

/** Say a measure in words. @param {Measure} measure @param {number} value @returns {string} */
export function inWords({ what, of }, value) {
  if (what === "action") return `${ACTION_SIGNS[value]} ${ACTION_WORDS[value]}`;
  if (what === "cells") return `${value} cells changed`;
  const size = Math.abs(value);
  if (of === "difference") {
    if (what === "loss") return `the loss of the second is ${size.toFixed(3)} ${value < 0 ? "lower" : "higher"}`;
    return `the ${value < 0 ? "first" : "second"} is ${(100 * size).toFixed(0)} points ahead`;
  }
  if (what === "loss") return `loss ${value.toFixed(3)}`;
  return `${(100 * value).toFixed(0)} %${what === "validation" ? " of the validation points right" : ""}`;
}
