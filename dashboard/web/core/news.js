// The message at the bottom of the page: what became of the last action, with the way back. It stays until it is closed:
// an undo that vanishes by itself is none.
import { button, byId, make, writing } from "./dom.js";

/** @typedef {() => unknown} Undo */

/** @type {Undo | null} called by Ctrl+Z */
let undo = null;

/**
 * Say what became of an action.
 *
 * @param {string} words
 * @param {Undo | null} [back] the way back, if there is one
 */
export function say(words, back = null) {
  undo = back;
  /** @type {Node[]} */
  const parts = [make("span", "", words)];
  if (back) parts.push(button("button-plain", "Undo", runUndo, { "aria-keyshortcuts": "Control+Z", title: "Ctrl+Z" }));
  const close = button("icon-button", undefined, hide, { "aria-label": "Close this message" });
  close.append(make("span", "glyph glyph-close"));
  byId("news").replaceChildren(...parts, close);
  document.body.dataset.news = "yes";
}

function hide() {
  undo = null;
  byId("news").replaceChildren();
  delete document.body.dataset.news;
}

function runUndo() {
  const back = undo;
  undo = null;
  back?.();
}

export function watchUndo() {
  document.addEventListener("keydown", (event) => {
    const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (!isUndo || !undo || writing(event.target)) return;
    event.preventDefault();
    runUndo();
  });
}
