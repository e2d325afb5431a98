// One decision of one synapse, in five beats: state, row of the table, action, weight, loss and reward. All numbers are
// those of the tape, so that a hand calculation agrees.

/** @typedef {import("../tape/tape.js").Header} Header */
/** @typedef {import("../tape/tape.js").Tape} Tape */
/** Where a synapse stands. @typedef {{layer: number, unit: number, source: number}} Place source 0 is the bias */
/** Update of the table's cell that a synapse used: value + rate * (reward + discount * best - value) = newValue, where
 * `count` synapses used it and rate = 1 - (1 - learningRate)^count; `inOrder`: each saw what those before it changed.
 * @typedef {{value: number, learningRate: number, count: number, rate: number, reward: number, discount: number,
 *   best: number, newValue: number, inOrder: boolean}} Update */
/** @typedef {{place: Place, state: number, rewardState: number, actions: number[], rewards: number[], values: number[],
 *   chances: number[], temperature: number, exploration: number, code: number, favoured: number, weightBefore: number,
 *   weight: number, step: number, lossBefore: number, loss: number, measured: boolean, told: boolean,
 *   iteration: number, update: Update | null, weights: Float32Array}} Decision weights: all, after the action */

export const ACTION_WORDS = ["down", "stay", "up"];
export const ACTION_SIGNS = ["▼", "–", "▲"];
const REWARD_WORDS = ["off", "none yet", "on"];
const CODES = 3;

/** @param {Header} header @param {number} synapse @returns {Place} */
export function placeOf(header, synapse) {
  const layer = header.layers.findIndex(([first, units, inputs]) => synapse < first + units * inputs);
  const [at, , sources] = header.layers[layer];
  return { layer, unit: Math.floor((synapse - at) / sources), source: (synapse - at) % sources };
}

/** Name a synapse. @param {Header} header @param {number} synapse @returns {string} */
export function nameOf(header, synapse) {
  const { layer, unit, source } = placeOf(header, synapse);
  const last = header.layers.length - 1;
  const target = layer === last ? outputName(header, unit) : unitName(header, layer, unit);
  if (source === 0) return `bias of ${target}`;
  return `${layer === 0 ? `input ${"xy"[source - 1]}` : unitName(header, layer - 1, source - 1)} to ${target}`;
}

/** @param {Header} header @param {number} layer @param {number} unit */
function unitName(header, layer, unit) {
  return header.layers.length > 2 ? `hidden ${layer + 1}.${unit + 1}` : `hidden ${unit + 1}`;
}

/** @param {Header} header @param {number} unit */
function outputName(header, unit) {
  return header.sizes[header.sizes.length - 1] === 1 ? "output" : `output ${"AB"[unit]}`;
}

/** Digits of a number in base 3, the oldest first. @param {number} number @param {number} history */
export function digits(number, history) {
  return Array.from({ length: history }, (_, place) => Math.floor(number / CODES ** (history - 1 - place)) % CODES);
}

/** Chances of each action: by softmax of the values, or all on the highest (ties to the lowest code), mixed with
 * exploration. @param {number[]} values @param {number} temperature @param {number} exploration @returns {number[]} */
export function chancesOf(values, temperature, exploration) {
  const highest = Math.max(...values);
  const best = values.indexOf(highest);
  const powers = values.map((value, code) =>
    temperature > 0 ? Math.exp((value - highest) / temperature) : Number(code === best),
  );
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => ((1 - exploration) * power) / sum + exploration / CODES);
}

/** What a synapse did in the iteration that ended at `iteration`; null at the start or for gradient descent. Leaves the
 * tape at `iteration`. @param {Tape} tape @param {number} synapse @param {number} iteration @returns {Decision | null} */
export function decisionOf(tape, synapse, iteration) {
  const { header } = tape;
  const deed = tape.synaptic && tape.has(iteration - 1) ? tape.deed(iteration) : null;
  if (!deed) return null;
  const before = tape.seek(iteration - 1);
  const rows = tape.actionHistories;
  const state = tape.base3[before.states[synapse]];
  const { rewardState } = before;
  const values = Array.from(
    { length: CODES },
    (_, action) => before.table[(action * rows + state) * rows + rewardState],
  );
  const weightBefore = before.weights[synapse];
  const step = tape.setting("step_size", iteration);
  const policy = tape.acting(iteration);
  const exploration = Math.max(policy.exploration, tape.setting("exploration", iteration));
  const chances = chancesOf(values, policy.temperature, exploration);
  const code = deed.moves[synapse];
  const update = tape.setting("adaptive", iteration) ? updateOf(tape, before, deed, state, code) : null;
  tape.seek(iteration);
  if (update) update.newValue = tape.before.table[(code * rows + state) * rows + rewardState];
  const place = placeOf(header, synapse);
  return {
    place,
    state,
    rewardState,
    update,
    temperature: policy.temperature,
    exploration,
    weights: tape.before.weights.slice(),
    actions: digits(state, header.history),
    rewards: digits(rewardState, header.history),
    values,
    chances,
    code,
    favoured: chances.indexOf(Math.max(...chances)),
    weightBefore,
    weight: tape.before.weights[synapse],
    step: place.source === 0 ? step * header.scene.bias_step_factor : step,
    lossBefore: deed.lossBefore,
    loss: deed.loss,
    measured: deed.measured,
    told: deed.told,
    iteration,
  };
}

/** @param {Tape} tape @param {import("../tape/tape.js").Moment} before @param {import("../tape/tape.js").Deed} deed
 * @param {number} state @param {number} code @returns {Update} */
function updateOf(tape, before, deed, state, code) {
  const rows = tape.actionHistories;
  const { table, rewardState } = before;
  const told = deed.told ? CODES - 1 : 0;
  const nextState = (state * CODES + code) % rows;
  const nextReward = (rewardState * CODES + told) % rows;
  const next = Array.from({ length: CODES }, (_, action) => table[(action * rows + nextState) * rows + nextReward]);
  const learningRate = tape.setting("learning_rate", deed.iteration);
  const count = deed.moves.reduce(
    (sum, move, other) => sum + Number(move === code && tape.base3[before.states[other]] === state),
    0,
  );
  return {
    value: table[(code * rows + state) * rows + rewardState],
    learningRate,
    count,
    rate: 1 - (1 - learningRate) ** count,
    reward: told - 1,
    discount: tape.setting("discount", deed.iteration),
    best: Math.max(...next),
    newValue: Number.NaN,
    inOrder: tape.header.scene.q_update === "sequential" && nextReward === rewardState,
  };
}

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 0)} %`;

/** What else is known of a decision: its draw, 0 to below 1; the loss had this synapse stayed; the slope of the loss
 * along its weight. Undefined where it is not known (yet).
 * @typedef {{draw?: number, stayed?: number, slope?: number}} Known */

/** The five beats as a heading and a text each. @param {Decision} decision @param {Known} known
 * @returns {[string, string][]} */
export function beats(decision, known = {}) {
  const { actions, rewards, values, chances, code } = decision;
  const past = actions.map((action) => ACTION_WORDS[action]).join(", ");
  const lamps = rewards.map((reward) => REWARD_WORDS[reward]).join(", ");
  const row = values.map(
    (value, action) => `${ACTION_WORDS[action]} ${value.toFixed(3)} (${percent(chances[action])})`,
  );
  const moved = `${decision.weightBefore.toFixed(4)} ${["−", "+ 0 ×", "+"][code]} ${decision.step} = ${decision.weight.toFixed(4)}`;
  return [
    ["State", `its moves were ${past}; the lamps were ${lamps}`],
    ["Row of the table", row.join(", ")],
    ["Chance and action", `${chance(decision, known.draw)}: ${ACTION_SIGNS[code]} ${ACTION_WORDS[code]}`],
    ["Weight", moved],
    ["Loss and lamp", outcome(decision, known)],
  ];
}

/** How chance chose. @param {Decision} decision @param {number} [draw] */
function chance({ temperature, exploration, chances, code, favoured }, draw) {
  if (temperature === 0 && exploration === 0) return "no chance, as the row favours";
  if (draw === undefined) return code === favoured ? "as the row favours" : "by chance";
  const drew = `drew ${draw.toFixed(4)}`;
  if (temperature === 0) {
    return draw < exploration
      ? `${drew}, below exploration ${exploration}, so at random`
      : `${drew}, not below exploration ${exploration}, so as the row favours`;
  }
  const from = chances.slice(0, code).reduce((sum, share) => sum + share, 0);
  return `${drew}, within ${from.toFixed(4)} to ${(from + chances[code]).toFixed(4)}`;
}

/** @param {Decision} decision @param {Known} known */
function outcome(decision, { stayed, slope }) {
  const { lossBefore, loss, measured, told, code } = decision;
  const parts = [`${lossBefore.toFixed(5)} → ${loss.toFixed(5)}: lamp ${lampWord(measured)}`];
  if (told !== measured) parts.push(`told: ${lampWord(told)}`);
  if (stayed !== undefined && code !== 1) {
    parts.push(`had this one stayed, the loss would be ${stayed.toFixed(5)}: lamp ${lampWord(stayed < lossBefore)}`);
  }
  if (slope !== undefined) parts.push(`slope ${slope.toFixed(5)}: ${JUDGEMENTS[judge(code, slope)]}`);
  return parts.join("; ");
}

/** @param {boolean} on */
const lampWord = (on) => (on ? "on" : "off");

/** @typedef {"right" | "wrong" | "stayed" | "flat"} Judgement */
/** @type {Record<Judgement, string>} */
const JUDGEMENTS = {
  right: "the move went downhill",
  wrong: "the move went uphill",
  stayed: "it stayed",
  flat: "level here",
};

/** Whether a move went against the slope of the loss, and so was right. @param {number} code @param {number} slope
 * @returns {Judgement} */
export function judge(code, slope) {
  if (code === 1) return "stayed";
  if (slope === 0) return "flat";
  return code - 1 === -Math.sign(slope) ? "right" : "wrong";
}

/** How the table learned from this decision, with its numbers. @param {Decision} decision */
export function learning({ update, code }) {
  if (!update) return "";
  const { value, learningRate, count, rate, reward, discount, best, newValue, inOrder } = update;
  const target = `(${reward} + ${discount} × ${signed(best)} − ${signed(value)})`;
  const result = `${value.toFixed(4)} + ${rate.toFixed(4)} × ${target} = ${newValue.toFixed(4)}`;
  const all = `${count} ${count === 1 ? "synapse" : "synapses"} took this action (${ACTION_WORDS[code]}) in this state`;
  if (inOrder) {
    return `The table learns, synapse after synapse: ${all}; its value ${value.toFixed(4)} becomes ${newValue.toFixed(4)}.`;
  }
  return `The table learns: ${all}, so the rate is 1 − (1 − ${learningRate})^${count} = ${rate.toFixed(4)} and the value ${result}.`;
}

/** @param {number} value */
const signed = (value) => (value < 0 ? `(${value.toFixed(4)})` : value.toFixed(4));

/** The decision as one sentence. @param {Header} header @param {number} synapse @param {Decision} decision */
export function sentence(header, synapse, decision) {
  const { actions, rewards, favoured, chances, code, temperature, exploration } = decision;
  const name = nameOf(header, synapse);
  const went = ["went down", "stayed", "went up"];
  const past = actions.map((action) => went[action]).join(" and then ");
  const lamps = rewards.map((reward) => REWARD_WORDS[reward]).join(" and ");
  const sure = temperature === 0 && exploration === 0;
  const says = `its row favours ${ACTION_WORDS[favoured]}${sure ? "" : ` (${percent(chances[favoured])})`}`;
  const did = code === favoured ? `and it ${went[code]}` : `but by chance it ${went[code]}`;
  const fell = decision.loss < decision.lossBefore ? "fell" : decision.loss > decision.lossBefore ? "rose" : "stayed";
  const lamp = decision.measured === decision.told ? lampWord(decision.told) : `${lampWord(decision.told)}, a lie`;
  return (
    `${name[0].toUpperCase()}${name.slice(1)} ${past} while the lamps were ${lamps}, so ${says}, ${did}, ` +
    `from ${decision.weightBefore.toFixed(4)} to ${decision.weight.toFixed(4)}; all moves together: the loss ${fell} ` +
    `to ${decision.loss.toFixed(5)}, and the lamp was ${lamp}.`
  );
}

/** Moves of an iteration against the slopes before it. @param {Uint8Array} moves @param {Float32Array} gradient
 * @returns {{right: number, wrong: number}} */
export function judged(moves, gradient) {
  const found = { right: 0, wrong: 0 };
  moves.forEach((code, synapse) => {
    const one = judge(code, gradient[synapse]);
    if (one === "right" || one === "wrong") found[one] += 1;
  });
  return found;
}
