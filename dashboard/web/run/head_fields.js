// Name, tags and notes of a run, changed in place on its page.
import { button, byId, findId, make, mayChange, text } from "../core/dom.js";
import { pageData } from "../core/page_data.js";
import { commaSeparated } from "../core/words.js";

/** @import { RunRead } from "../types/schemas.js" */

/**
 * @typedef {object} Head
 * @property {RunRead | null} run as it is shown
 * @property {(body: Partial<RunRead>) => Promise<void>} change
 */

export class HeadFields {
  /** @param {Head} head */
  constructor(head) {
    this.head = head;
    /** @type {HTMLInputElement | null} field for the name, while it is edited */
    this.naming = null;
    /** @type {string | null} tags as shown */
    this.tags = null;
    /** @type {string | null} notes as shown */
    this.notes = null;
    this.rename = () => this.editName();
    byId("run-rename").addEventListener("click", this.rename);
    byId("run-rename").hidden = true;
  }

  close() {
    findId("run-rename")?.removeEventListener("click", this.rename);
  }

  /** @param {RunRead} run */
  show(run) {
    if (!this.naming) {
      text("run-name", run.name);
      byId("run-rename").hidden = !mayChange(run);
    }
    this.showTags(run);
    this.showNotes(run);
  }

  editName() {
    if (this.naming || !this.head.run) return;
    const [heading, pen] = [byId("run-name"), byId("run-rename")];
    const { name } = this.head.run;
    const attributes = { "aria-label": "Name of this run", maxlength: String(pageData().limits.name) };
    const input = make("input", "field name-field", undefined, attributes);
    input.value = name;
    this.naming = input;
    /** @param {boolean} keep */
    const done = (keep) => {
      if (this.naming !== input) return;
      this.naming = null;
      input.remove();
      heading.hidden = false;
      pen.hidden = false;
      const typed = input.value.trim();
      if (keep && typed && typed !== name) void this.head.change({ name: typed });
    };
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      // The key ends the editing and no more: the pen, which gets the focus, must not be pressed by it.
      event.preventDefault();
      done(event.key === "Enter");
      pen.focus();
    });
    input.addEventListener("blur", () => done(true));
    heading.hidden = true;
    pen.hidden = true;
    heading.after(input);
    input.select();
  }

  /** @param {RunRead} run */
  showTags(run) {
    const { tags } = run;
    const place = byId("run-tags");
    const shown = JSON.stringify(tags);
    if (this.tags === shown && place.childElementCount) return;
    this.tags = shown;
    const isTyping = place.contains(document.activeElement);
    const isMine = mayChange(run);
    const chips = tags.map((tag) => {
      const chip = make("span", "tag", undefined, {}, make("span", "", tag));
      if (isMine) chip.append(this.tagRemover(tag, tags));
      return chip;
    });
    const input = make("input", "tag-field", undefined, {
      "aria-label": "Add a tag",
      placeholder: "Add a tag",
      maxlength: String(pageData().limits.tag),
    });
    input.addEventListener("keydown", (event) => {
      const added = commaSeparated(input.value).filter((tag) => !tags.includes(tag));
      if (event.key === "Enter" && added.length) void this.head.change({ tags: [...tags, ...new Set(added)] });
    });
    place.replaceChildren(...chips, ...(isMine ? [input] : []));
    if (isTyping) input.focus();
  }

  /**
   * @param {string} tag
   * @param {string[]} tags
   */
  tagRemover(tag, tags) {
    const remove = () => this.head.change({ tags: tags.filter((other) => other !== tag) });
    return button("tag-remove", "×", remove, { "aria-label": `Remove tag ${tag}` });
  }

  /** @param {RunRead} run */
  showNotes(run) {
    const place = byId("run-notes");
    if (place.querySelector("textarea") || (this.notes === run.notes && place.childElementCount)) return;
    this.notes = run.notes;
    const edit = button("notes-edit", run.notes ? "Edit notes" : "Add notes", () => this.editNotes(place));
    place.replaceChildren(...(run.notes ? [make("p", "notes", run.notes)] : []), ...(mayChange(run) ? [edit] : []));
  }

  /** @param {HTMLElement} place */
  editNotes(place) {
    const maxlength = String(pageData().limits.notes);
    const area = make("textarea", "field", undefined, { "aria-label": "Notes", rows: "4", maxlength });
    const before = this.head.run?.notes ?? "";
    area.value = before;
    /** @param {boolean} keep */
    const done = (keep) => {
      const typed = area.value.trim();
      place.replaceChildren();
      if (keep && typed !== before) void this.head.change({ notes: typed });
      else if (this.head.run) this.showNotes(this.head.run);
      place.querySelector("button")?.focus();
    };
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") done(false);
    });
    const save = button("button-plain", "Save notes", () => done(true));
    const cancel = button("button-plain", "Cancel", () => done(false));
    place.replaceChildren(area, make("div", "dialog-actions", undefined, {}, cancel, save));
    area.focus();
  }
}
