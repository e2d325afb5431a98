// The menu "Save": what of the playground can be taken away.
import { button, make, text } from "../core/dom.js";

/** @typedef {{words: string, act: () => unknown, changes?: boolean, online?: boolean}} Entry
 * changes: only for those who may start runs; online: only on a server */

export class SaveMenu {
  /** @param {Entry[]} entries */
  constructor(entries) {
    this.note = make("p", "playground-note", undefined, { role: "status" });
    const list = make("div", "playground-save-list");
    for (const { words, act, changes, online } of entries) {
      const marks = `${changes ? " for-changing" : ""}${online ? " for-server" : ""}`;
      list.append(button(`link-button${marks}`, words, act));
    }
    list.append(this.note);
    this.element = make(
      "details",
      "playground-save",
      undefined,
      { "data-control": "save" },
      make("summary", "button-plain", "Save"),
      list,
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.element.open) return;
      this.element.open = false;
      event.stopPropagation();
    });
  }

  /** Say what came of it. @param {string} words @param {{words: string, address: string}} [link] */
  say(words, link) {
    text(this.note, words);
    if (link) this.note.append(" ", make("a", "", link.words, { href: link.address }));
  }
}
