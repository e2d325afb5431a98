// Elements that the modules build. Text of people goes onto the page as text, never as HTML.

/** @import { ElementId } from "../types/schemas.js" */
/** @typedef {Record<string, string>} Attributes */

/**
 * An element of the page; an Error if the page has none of this id.
 *
 * @param {ElementId} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element ${id}.`);
  return found;
}

/**
 * An element of the page; null if the page has none of this id.
 *
 * @param {ElementId} id
 */
export function findId(id) {
  return document.getElementById(id);
}

/**
 * The one element within another that matches a selector; an Error if there is none.
 *
 * @template {HTMLElement} [Found=HTMLElement]
 * @param {ParentNode} place
 * @param {string} selector
 * @param {new () => Found} [type]
 * @returns {Found}
 */
export function within(place, selector, type = /** @type {new () => Found} */ (HTMLElement)) {
  const found = place.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`There is no ${selector}.`);
  return found;
}

/**
 * Create an element: make("button", "button", "Keep it", { type: "button" }, child, ...).
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string | null} [words] its text
 * @param {Attributes} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className, words, attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (words !== undefined && words !== null) element.textContent = words;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * Attributes without a value, such as `hidden`: those that are to be there.
 *
 * @param {Record<string, boolean>} named
 * @returns {Attributes}
 */
export function flags(named) {
  return Object.fromEntries(Object.entries(named).flatMap(([name, isThere]) => (isThere ? [[name, ""]] : [])));
}

/**
 * @param {string} className
 * @param {string | undefined} words
 * @param {(event: MouseEvent) => void} pressed
 * @param {Attributes} [attributes]
 */
export function button(className, words, pressed, attributes = {}) {
  const element = make("button", className, words, { type: "button", ...attributes });
  element.addEventListener("click", pressed);
  return element;
}

/**
 * A control with its name above it.
 *
 * @param {string} words
 * @param {HTMLElement} control
 */
export function labelled(words, control) {
  return make("label", "labelled", undefined, { for: control.id }, make("span", "", words), control);
}

/**
 * A checkbox with its name beside it.
 *
 * @param {string} words
 * @param {HTMLInputElement} box
 */
export function checkLabel(words, box) {
  return make("label", "check", undefined, box.id ? { for: box.id } : {}, box, make("span", "", words));
}

/**
 * A button that copies the link to what `address` returns, and says so; without TLS browsers keep pages from it.
 *
 * @param {() => string} address
 */
export function copyLinkButton(address) {
  const words = "Copy link";
  const made = button("button-plain", words, async () => {
    const link = new URL(address(), location.href).href;
    const copying = navigator.clipboard?.writeText(link).then(
      () => true,
      () => false,
    );
    made.textContent = (await copying) ? "Copied" : "Copy it from the address bar";
    setTimeout(() => {
      made.textContent = words;
    }, 2000);
  });
  return made;
}

/**
 * Write a text where it differs. The elements have no children of React's, or one text that it does not change.
 *
 * @param {ElementId | Element | null} target
 * @param {string} words
 */
export function text(target, words) {
  const element = typeof target === "string" ? document.getElementById(target) : target;
  if (element && element.textContent !== words) element.textContent = words;
}

/**
 * Whether a key was meant for a field that someone types in.
 *
 * @param {EventTarget | null} target
 */
export function writing(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

/**
 * Whether the person who looks may change a run; the server says the same (Person.may_change).
 *
 * @param {{ owner: string }} run
 */
export function mayChange(run) {
  const { role, person } = document.body.dataset;
  return role === "teacher" || (role === "student" && run.owner === person);
}
