// Rows, buttons and secrets of accounts, for the pages Class, Settings and the personal code. Text of people goes onto the
// page as text, never as HTML.
import { messageOf } from "./api.js";
import { button, byId, make } from "./dom.js";

/**
 * Do something that a button asked for: once at a time, and errors are shown at the top.
 *
 * @param {HTMLButtonElement | null} pressed
 * @param {() => Promise<unknown>} act
 */
export async function attempt(pressed, act) {
  const refusal = byId("people-refusal");
  refusal.textContent = "";
  if (pressed) pressed.disabled = true;
  try {
    await act();
  } catch (error) {
    refusal.textContent = messageOf(error);
    refusal.scrollIntoView({ block: "nearest" });
  } finally {
    if (pressed) pressed.disabled = false;
  }
}

/**
 * A button that does something once at a time.
 *
 * @param {string} words
 * @param {() => Promise<unknown>} act
 * @param {string} [className]
 */
export function actionButton(words, act, className = "button-plain") {
  const made = button(className, words, () => void attempt(made, act));
  return made;
}

/**
 * Of several buttons with the same words, one that says to a screen reader what it is about.
 *
 * @param {HTMLButtonElement} made
 * @param {string} subject
 */
export function about(made, subject) {
  made.setAttribute("aria-label", `${made.textContent}: ${subject}`);
  return made;
}

/**
 * A table in a frame that scrolls sideways where it does not fit.
 *
 * @param {string} name
 * @param {string[]} heads
 * @param {HTMLTableRowElement[]} rows
 */
export function tableOf(name, heads, rows) {
  const made = make("table", "people-list");
  const head = made.createTHead().insertRow();
  for (const words of heads) head.append(make("th", "", words, { scope: "col" }));
  made.createTBody().append(...rows);
  return make("div", "people-table-frame", undefined, { tabindex: "0", role: "region", "aria-label": name }, made);
}

/** @param {(Node | string)[]} cells */
export function rowOf(cells) {
  const row = make("tr");
  for (const cell of cells) row.insertCell().append(cell);
  return row;
}

/**
 * A button that copies a text. Without TLS browsers keep the clipboard from pages: then it marks what is to be copied.
 *
 * @param {string} words
 * @param {string} text
 * @param {HTMLElement} shown where the text stands on the page
 */
export function copyButton(words, text, shown) {
  const made = button("button-plain", words, async () => {
    const isCopied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    if (!isCopied) window.getSelection()?.selectAllChildren(shown);
    made.textContent = isCopied ? "Copied" : "Marked: press Ctrl+C";
    setTimeout(() => {
      made.textContent = words;
    }, 2000);
  });
  return made;
}

/**
 * A secret that is shown this once, with a button that copies it.
 *
 * @param {string} title
 * @param {string} text
 * @param {string} words
 */
export function secret(title, text, words) {
  const shown = make("code", "code", text);
  const parts = [make("strong", "", title), shown, copyButton("Copy", text, shown), make("p", "caption", words)];
  return make("div", "secret", undefined, { role: "status" }, ...parts);
}
