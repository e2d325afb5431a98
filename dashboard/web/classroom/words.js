// Words and shapes that seat, board and teacher's page share.
import { percent } from "../core/format.js";

/** @import { Place } from "../types/schemas.js" */

/** Moves by their codes. */
export const MOVES = /** @type {const} */ ([
  { word: "down", sign: "▼", key: "ArrowDown" },
  { word: "stay", sign: "–", key: "ArrowRight" },
  { word: "up", sign: "▲", key: "ArrowUp" },
]);

/** Settings that a pooled experiment varies, as axes name them. @type {Record<string, string>} */
export const VARIED = {
  step_size: "step size",
  exploration: "exploration",
  seed: "seed",
  learning_rate: "learning rate",
  discount: "discount",
};

/** Activities by their kinds: name, and what happens in one sentence. @type {Record<string, [string, string]>} */
export const KINDS = {
  vote: ["Vote", "A question is answered alone, talked about, and answered again."],
  synapse: ["Be a synapse", "Each student moves one weight: down, stay or up. One lamp pays all of them."],
  table: ["The class's own table", "What students did in each situation becomes a policy, trained beside two others."],
  pooled: ["Pooled experiment", "Each student gets one value of a setting; the results make one figure."],
  lesson: ["Lesson together", "All take one lesson, at your pace or at their own."],
  free: ["Free play", "All get your scene in the playground, with the controls that you left open."],
};

/** Letters of options, as people name them in talk. */
export const letter = (/** @type {number} */ option) => "ABCDEFGH"[option] ?? String(option + 1);

/** @param {string} measure @param {number} value */
export const measured = (measure, value) => (measure === "accuracy" ? percent(value) : value.toFixed(3));

/** @param {string} varied @param {number} value */
export const valueWords = (varied, value) =>
  varied === "seed" ? `seed ${value}` : `${VARIED[varied]} ${Number(value.toPrecision(3))}`;

/**
 * Name of a weight by its place in the network: "input x to hidden 3".
 *
 * @param {Place} place @param {number[]} sizes
 */
export function placeName({ layer, source, unit }, sizes) {
  const target = unitName(sizes, layer + 1, unit);
  return source === null || source === undefined
    ? `bias of ${target}`
    : `${unitName(sizes, layer, source)} to ${target}`;
}

/** @param {number[]} sizes @param {number} layer 0: inputs @param {number} unit */
function unitName(sizes, layer, unit) {
  if (layer === 0) return sizes[0] === 2 ? `input ${"xy"[unit]}` : `input ${unit + 1}`;
  if (layer === sizes.length - 1) return sizes[layer] === 1 ? "the output" : `output ${letter(unit)}`;
  return sizes.length > 3 ? `hidden ${layer}.${unit + 1}` : `hidden ${unit + 1}`;
}

/**
 * Place of a weight in the network by its number: unit after unit of each layer, the bias first.
 *
 * @param {number} synapse @param {number[]} sizes
 * @returns {Place}
 */
export function placeOf(synapse, sizes) {
  let rest = synapse;
  for (let layer = 0; layer < sizes.length - 1; layer++) {
    const sources = sizes[layer] + 1;
    const held = sources * sizes[layer + 1];
    if (rest < held) {
      const source = (rest % sources) - 1;
      return { layer, source: source < 0 ? null : source, unit: Math.floor(rest / sources) };
    }
    rest -= held;
  }
  throw new Error(`A network of ${sizes.join("-")} has no synapse ${synapse}.`);
}

/** @param {number} seconds left */
export function countdown(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole >= 60 ? `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}` : `${whole} s`;
}

/** Steps of a vote in their order, in the words of the page. @type {Record<string, string>} */
export const VOTE_PHASES = {
  first: "Vote alone",
  first_closed: "The vote is closed",
  talk: "Talk with your neighbours",
  second: "Vote again",
  second_closed: "The vote is closed",
  distribution: "How the class voted",
  revealed: "The answer",
};

/**
 * How a vote changed from first to second: shares that chose the right option, in words; "" where nothing can be said.
 *
 * @param {{ first?: number[] | null, second?: number[] | null, right?: number | null }} vote
 */
export function changeWords({ first, second, right }) {
  if (!first || !second || right === null || right === undefined) return "";
  const share = (/** @type {number[]} */ votes) => {
    const all = votes.reduce((sum, one) => sum + one, 0);
    return all ? `${Math.round((100 * votes[right]) / all)} %` : "nobody";
  };
  return `Chose ${letter(right)}: ${share(first)} at first, ${share(second)} after the talk.`;
}
