// Texts of lessons: words between two pairs of asterisks are strong.
import { make } from "../core/dom.js";

/**
 * The parts of a text as elements.
 *
 * @param {string} words
 * @returns {(Node | string)[]}
 */
export function marked(words) {
  return words.split("**").map((part, place) => (place % 2 ? make("strong", "", part) : part));
}

/** @param {string} words @param {string} [className] */
export function paragraph(words, className = "") {
  return make("p", className, undefined, {}, ...marked(words));
}
