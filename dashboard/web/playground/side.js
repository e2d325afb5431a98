// Side by side: a second scene with the same data, the same first weights and some settings of its own, in lock step with
// the first over forward passes.
import { fromAddress, toAddress } from "../tape/scene.js";

/** @typedef {import("../tape/scene.js").Form} Form */
/** @typedef {import("../tape/scene.js").Note} Note */
/** @typedef {import("../tape/scene.js").Scene} Scene */
/** @typedef {import("../tape/tape.js").Change} Change */
/** @typedef {import("../tape/tape.js").Header} Header */

/** Settings that a second scene may have of its own: they leave data and first weights as they are. */
export const OWN = Object.freeze([
  "method",
  "policy",
  "step_size",
  "exploration",
  "corruption",
  "adaptive",
  "batch_size",
  "truth",
  "bias_step_factor",
  "learning_rate",
  "discount",
  "q_update",
  "optimizer",
  "gradient_learning_rate",
  "momentum",
  "batch_interval",
]);
const ITEM = "*";
const PART = "_";

/** The second scene: the first with its changes, but for the settings it has of its own.
 * @param {Scene} scene @param {Scene} own @returns {Scene} */
export function sideScene(scene, own) {
  const tables = "policy" in own || "method" in own; // cells of another table are other cells
  const changes = (scene.changes ?? []).filter(
    (/** @type {Change} */ { setting }) => !(setting in own) && !(tables && setting === "cell"),
  );
  return { ...scene, ...own, changes };
}

/** Read "policy_random*step_0.05". @param {string} text @param {Form} form @returns {{own: Scene, notes: Note[]}} */
export function readSide(text, form) {
  const items = text ? text.split(ITEM).map((item) => item.replace(PART, "=")) : [];
  const { scene, notes } = fromAddress(items.join("&"), form, true);
  /** @type {Scene} */
  const own = {};
  for (const [name, value] of Object.entries(scene)) {
    if (OWN.includes(name)) own[name] = value;
    else notes.push({ key: "vs", given: name, used: "left out", why: "both networks have the same one" });
  }
  return { own, notes };
}

/** @param {Scene} own @param {Form} form @returns {string} */
export function writeSide(own, form) {
  return toAddress(own, form, true)
    .split("&")
    .map((item) => item.replace("=", PART))
    .join(ITEM);
}

/** Forward passes of training in the first iterations: one each, one to begin, and one for each batch that is drawn.
 * A pass with which gradient descent merely reports its loss is not counted. @param {Header} header
 * @param {number} iterations @returns {number} */
export function forwardPasses({ scene, train }, iterations) {
  if (iterations === 0 || scene.method === "gradient") return iterations;
  const drawn = scene.batch_size < train.length ? Math.floor((iterations - 1) / scene.batch_interval) : 0;
  return 1 + iterations + drawn;
}

/** The last iteration of the second scene that took no more forward passes than the first one at its cursor.
 * @param {Header} first @param {Header} second @param {number} cursor @returns {number} */
export function lockStep(first, second, cursor) {
  const passes = forwardPasses(first, cursor);
  let [low, high] = [0, second.iterations];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (forwardPasses(second, middle) <= passes) low = middle;
    else high = middle - 1;
  }
  return low;
}
