// Edits of a scene: the scene that a change makes, from the cursor on or with a new start. Nothing here touches the page.
import { actingBy, historyOf } from "../tape/scene.js";

/** @typedef {import("../tape/scene.js").Form} Form */
/** @typedef {import("../tape/scene.js").Scene} Scene */
/** @typedef {import("../tape/tape.js").Change} Change */
/** A setting and its new value. @typedef {{setting: string, value: any}} Edit */

const OF_ONE_NUMBER = ["weight", "cell"]; // changes of one number among many: the value begins with its index
const OF_ONE_DATASET = ["parameters", "added", "removed"];

/** The value of a setting in force at an iteration. @param {Scene} scene @param {Form} form @param {string} setting
 * @param {number} cursor iteration @returns {any} */
export function valueAt(scene, form, setting, cursor) {
  if (setting === "noise") {
    const dataset = scene.dataset ?? form.settings.dataset.default;
    return scene.parameters?.noise ?? form.parameters[dataset].noise?.default ?? 0;
  }
  let value = scene[setting] ?? form.settings[setting].default;
  for (const change of scene.changes ?? []) {
    if (change.setting === setting && change.iteration <= cursor) value = change.value;
  }
  return value;
}

/** Whether a value is a policy that looks at another number of past actions and rewards than the one in force.
 * @param {Scene} scene @param {Form} form @param {Edit} edit @param {number} cursor */
function isOfAnotherHistory(scene, form, { setting, value }, cursor) {
  if (setting !== "policy") return false;
  return historyOf(value, form) !== historyOf(valueAt(scene, form, "policy", cursor), form);
}

/** Whether the tape can go on from the cursor with an edit; otherwise the scene begins anew. A synapse can't remember
 * more on the way, so a policy of another history begins anew. @param {Scene} scene @param {Form} form
 * @param {Edit} edit @param {number} cursor */
export function canBranch(scene, form, edit, cursor) {
  return form.changeable.includes(edit.setting) && cursor > 0 && !isOfAnotherHistory(scene, form, edit, cursor);
}

/** The scene with edits at the cursor, without what was changed later. @param {Scene} scene @param {Edit[]} edits
 * @param {number} cursor @returns {Scene} */
export function branched(scene, edits, cursor) {
  const target = (/** @type {Edit} */ { setting, value }) =>
    OF_ONE_NUMBER.includes(setting) ? `${setting} ${value[0]}` : setting;
  const replaced = new Set(edits.map(target));
  const kept = (scene.changes ?? []).filter(
    (/** @type {Change} */ one) => one.iteration < cursor || (one.iteration === cursor && !replaced.has(target(one))),
  );
  return { ...scene, changes: [...kept, ...edits.map((edit) => ({ iteration: cursor, ...edit }))] };
}

/** The scene that begins with the settings and the table in force at the cursor. @param {Scene} scene
 * @param {Form} form @param {number} cursor @returns {Scene} */
export function settled(scene, form, cursor) {
  /** @type {Scene} */
  const begun = { ...scene };
  for (const name of form.changeable) if (name in form.settings) begun[name] = valueAt(scene, form, name, cursor);
  /** @type {Change[]} */
  const passed = (scene.changes ?? []).filter((/** @type {Change} */ one) => one.iteration <= cursor);
  const sincePolicy = passed.slice(passed.findLastIndex((one) => one.setting === "policy") + 1);
  begun.changes = sincePolicy.filter((one) => one.setting === "cell").map((one) => ({ ...one, iteration: 0 }));
  return begun;
}

/** The scene that begins anew with an edit. @param {Scene} scene @param {Form} form @param {Edit} edit
 * @param {number} cursor @returns {Scene} */
export function restarted(scene, form, edit, cursor) {
  const { setting, value } = edit;
  const begun = settled(scene, form, cursor);
  if (isOfAnotherHistory(scene, form, edit, cursor)) delete begun.changes; // cells of the other table
  if (setting === "noise") begun.parameters = { ...begun.parameters, noise: value };
  else if (setting === "policy") {
    Object.assign(begun, actingBy(value, valueAt(scene, form, "exploration", cursor), form));
  } else begun[setting] = value;
  if (setting === "dataset") for (const name of OF_ONE_DATASET) delete begun[name];
  return begun;
}
