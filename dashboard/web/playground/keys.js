// Keys of the playground.
import { writing } from "../core/dom.js";

const MANY = 10; // iterations at a step with Shift

/** What keys do on the page.
 * @typedef {{undo: () => void, step: (iterations: number) => void, reset: () => void, chooseNext: (by: number) => void,
 *   faster: (by: number) => void, toggle: () => void,
 *   slowMotion: {goTo: (by: number) => void, end: () => void, toggle: () => void}}} Player */

/** Do what a key means, if it means something here. @param {KeyboardEvent} event @param {Player} player */
export function press(event, player) {
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && !writing(event.target)) {
    event.preventDefault();
    player.undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
  const on = event.target instanceof Element && event.target.closest("button, a, summary, canvas");
  const many = event.shiftKey ? MANY : 1;
  const { slowMotion } = player;
  /** @type {Record<string, () => void>} */
  const acts = {
    ArrowRight: () => player.step(many),
    ArrowLeft: () => player.step(-many),
    Home: () => player.reset(),
    End: () => player.step(Infinity),
    ArrowUp: () => player.chooseNext(-1),
    ArrowDown: () => player.chooseNext(1),
    ".": () => slowMotion.goTo(1),
    ",": () => slowMotion.goTo(-1),
    Escape: () => slowMotion.end(),
    "[": () => player.faster(-1),
    "]": () => player.faster(1),
  };
  if (!on) Object.assign(acts, { " ": () => player.toggle(), Enter: () => slowMotion.toggle() });
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

/** Whether a key is meant for the field that has the focus; a box or a slider takes few keys.
 * @param {KeyboardEvent} event */
function typing({ target, key }) {
  if (target instanceof HTMLCanvasElement) return key.startsWith("Arrow") || key === "Delete";
  if (!(target instanceof Element) || !writing(target)) return false;
  if (target.matches("input[type=checkbox], input[type=radio]")) {
    const sends = key === "Enter" && target.closest("form"); // as Enter does in every form
    return key === " " || key.startsWith("Arrow") || Boolean(sends);
  }
  return !target.matches("input[type=range]") || key.startsWith("Arrow") || key === "Home" || key === "End";
}
