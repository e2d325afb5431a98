// One decision of one synapse, in five beats: state, row of the table, action, weight, loss and reward. All numbers are
// those of the tape, so that a hand calculation agrees.

/** @typedef {import("./tape.js").Header} Header */
/** @typedef {import("./tape.js").Tape} Tape */
/** Where a synapse stands. @typedef {{layer: number, unit: number, source: number}} Place source 0 is the bias */
/** @typedef {{place: Place, actions: number[], rewards: number[], values: number[], chances: number[], code: number,
 *   favoured: number, weightBefore: number, weight: number, step: number, lossBefore: number, loss: number,
 *   measured: boolean, told: boolean, iteration: number}} Decision */

export const ACTION_WORDS = ["down", "stay", "up"];
export const ACTION_SIGNS = ["▼", "–", "▲"];
const REWARD_WORDS = ["off", "none yet", "on"];
const CODES = 3;

/** @param {Header} header @param {number} synapse @returns {Place} */
export function placeOf(header, synapse) {
  const layer = header.layers.findIndex(([at, units, sources]) => synapse < at + units * sources);
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
  const values = Array.from({ length: CODES }, (_, code) => before.table[(code * rows + state) * rows + rewardState]);
  const weightBefore = before.weights[synapse];
  const step = tape.setting("step_size", iteration);
  const policy = tape.acting(iteration);
  const exploration = Math.max(policy.exploration, tape.setting("exploration", iteration));
  const chances = chancesOf(values, policy.temperature, exploration);
  tape.seek(iteration);
  const place = placeOf(header, synapse);
  return {
    place,
    actions: digits(state, header.history),
    rewards: digits(rewardState, header.history),
    values,
    chances,
    code: deed.moves[synapse],
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

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 0)} %`;

/** The five beats as a heading and a text each. @param {Decision} decision @returns {[string, string][]} */
export function beats(decision) {
  const { actions, rewards, values, chances, code, favoured } = decision;
  const past = actions.map((action) => ACTION_WORDS[action]).join(", ");
  const lamps = rewards.map((reward) => REWARD_WORDS[reward]).join(", ");
  const row = values.map(
    (value, action) => `${ACTION_WORDS[action]} ${value.toFixed(3)} (${percent(chances[action])})`,
  );
  const moved = `${decision.weightBefore.toFixed(4)} ${["−", "+ 0 ×", "+"][code]} ${decision.step} = ${decision.weight.toFixed(4)}`;
  const lie = decision.told === decision.measured ? "" : `; told: ${decision.told ? "on" : "off"}`;
  return [
    ["State", `its moves were ${past}; the lamps were ${lamps}`],
    ["Row of the table", row.join(", ")],
    [
      "Action",
      `${ACTION_SIGNS[code]} ${ACTION_WORDS[code]}${code === favoured ? ", as the row favours" : ", by chance"}`,
    ],
    ["Weight", moved],
    [
      "Loss and lamp",
      `${decision.lossBefore.toFixed(5)} → ${decision.loss.toFixed(5)}: lamp ${decision.measured ? "on" : "off"}${lie}`,
    ],
  ];
}

/** The decision as one sentence. @param {Header} header @param {number} synapse @param {Decision} decision */
export function sentence(header, synapse, decision) {
  const name = nameOf(header, synapse);
  const went = ["went down", "stayed", "went up"];
  const past = decision.actions.map((action) => went[action]).join(", then ");
  const lamps = decision.rewards.map((reward) => REWARD_WORDS[reward]).join(", ");
  const lamp = decision.told ? "on" : "off";
  return (
    `${name[0].toUpperCase()}${name.slice(1)} ${past}; the lamps were ${lamps}. Its row says ` +
    `${ACTION_WORDS[decision.favoured]} (${percent(decision.chances[decision.favoured])}); it ${went[decision.code]}: ` +
    `${decision.weightBefore.toFixed(4)} to ${decision.weight.toFixed(4)}. The loss went from ` +
    `${decision.lossBefore.toFixed(5)} to ${decision.loss.toFixed(5)}: lamp ${lamp}.`
  );
}
