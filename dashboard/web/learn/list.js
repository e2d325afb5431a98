// Progress in the list of lessons: where one stands in each.
import { button, findId, make } from "../core/dom.js";
import { forget, progressOf } from "./progress.js";

export function mountLearn() {
  for (const item of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".lesson-item"))) show(item);
}

/** @param {HTMLElement} item */
function show(item) {
  const { lesson = "", steps = "1" } = item.dataset;
  const progress = progressOf(lesson);
  const place = item.querySelector(".lesson-progress");
  if (!place) return;
  const count = Math.min(progress.done.length, Number(steps));
  if (!count && !progress.finished) {
    place.replaceChildren();
    return;
  }
  const words = progress.finished ? "✓ Finished" : `${count} of ${steps} steps done`;
  const again = button("link-button", "Begin anew", () => {
    forget(lesson);
    show(item);
    /** @type {HTMLElement | null} */ (item.querySelector("a"))?.focus();
  });
  again.setAttribute("aria-label", `Begin anew: ${findId("learn") ? item.querySelector("a")?.textContent : lesson}`);
  place.replaceChildren(make("span", "", words), again);
}
