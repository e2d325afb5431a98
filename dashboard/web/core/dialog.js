// Dialogs with fields and two buttons.
import { messageOf } from "./api.js";
import { button, make } from "./dom.js";

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {(Node | string)[]} parts fields or text
 * @property {string} verb of the button that confirms
 * @property {string} [className] of that button
 * @property {() => void | Promise<void>} save may throw an Error, which is shown; the dialog stays open then
 */

/**
 * Ask a question in a dialog. It closes when it is confirmed and saved, or cancelled; the focus goes back to where it was.
 *
 * @param {Question} question
 * @returns {HTMLDialogElement}
 */
export function openDialog({ title, parts, verb, className = "button", save }) {
  const problem = make("p", "refusal", "", { role: "alert" });
  const confirm = make("button", className, verb, { type: "submit" });
  const cancel = button("button-plain", "Cancel", () => dialog.close());
  const form = make(
    "form",
    "dialog-form",
    undefined,
    { method: "dialog" },
    make("h2", "", title, { id: "dialog-title" }),
    ...parts,
    problem,
    make("div", "dialog-actions", undefined, {}, cancel, confirm),
  );
  const dialog = make("dialog", "dialog", undefined, { "aria-labelledby": "dialog-title" }, form);
  const before = document.activeElement;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    confirm.disabled = true;
    try {
      await save();
      dialog.close();
    } catch (error) {
      problem.textContent = messageOf(error);
      confirm.disabled = false;
    }
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  form.querySelector("input")?.select();
  return dialog;
}
