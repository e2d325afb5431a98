// What a teacher hides or locks: controls by their words in the address (hide=table_policy&lock=data), and a panel that
// writes such an address. It keeps a class together; it guards nothing.
import { make } from "../core/dom.js";
import { KEYS } from "../tape/scene.js";

/** @typedef {import("../tape/scene.js").Note} Note */

const PART = "_";
/** Parts of the page that are no setting. @type {Record<string, string>} */
const PARTS = {
  presets: "Presets",
  side: "Side by side",
  draw: "Points drawn by hand",
  inspect: "One decision",
  weight: "Setting a weight",
  table: "Table",
  words: "The decision in words",
  judge: "Was the reward deserved?",
  curves: "Curves and lamps",
  speed: "Speed",
  start: "New start",
  save: "Save",
  list: "All synapses",
};

export class Locks {
  /** @param {HTMLElement} root of the page @param {URLSearchParams} query @param {(name: string) => string} title of a
   * setting @param {() => void} changed */
  constructor(root, query, title, changed) {
    this.root = root;
    this.title = title;
    this.changed = changed;
    /** @type {Note[]} */
    this.notes = [];
    this.hidden = this.read(query, "hide");
    this.locked = this.read(query, "lock");
    this.body = make("tbody");
    const head = ["Control", "Hidden", "Locked"].map((name) => make("th", "", name, { scope: "col" }));
    const table = make("table", "", undefined, {});
    table.append(make("thead", "", undefined, {}, make("tr", "", undefined, {}, ...head)), this.body);
    this.panel = make("details", "playground-more playground-list for-teacher", undefined, {}, table);
    this.panel.prepend(make("summary", "", "For a class: hide or lock controls"));
    this.panel.addEventListener("toggle", () => this.fill());
    this.panel.append(make("p", "caption", "The link carries it. Whoever changes the link gets all back."));
  }

  /** @param {URLSearchParams} query @param {string} key @returns {Set<string>} */
  read(query, key) {
    const names = (query.get(key) ?? "").split(PART).filter(Boolean);
    for (const name of names) {
      if (!known(name)) this.notes.push({ key, given: name, used: "left out", why: "there is no such control here" });
    }
    return new Set(names.filter(known));
  }

  /** Fill the panel, when it is opened first. */
  fill() {
    if (this.body.rows.length) return;
    const there = [.../** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll("[data-control]"))];
    for (const name of new Set(there.map((element) => element.dataset.control ?? ""))) {
      const row = this.body.insertRow();
      const words = PARTS[name] ?? this.title(KEYS[/** @type {keyof typeof KEYS} */ (name)] ?? name);
      row.append(make("th", "", words, { scope: "row" }));
      for (const [set, what] of /** @type {[Set<string>, string][]} */ ([
        [this.hidden, "hide"],
        [this.locked, "lock"],
      ])) {
        const box = make("input", "", undefined, { type: "checkbox", "aria-label": `${what} ${words}` });
        box.checked = set.has(name);
        box.addEventListener("change", () => {
          if (box.checked) set.add(name);
          else set.delete(name);
          this.apply();
          this.changed();
        });
        row.insertCell().append(box);
      }
    }
  }

  /** Hide and lock what is to be; called again when controls were made anew. */
  apply() {
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll("[data-control]"))) {
      const name = element.dataset.control ?? "";
      element.classList.toggle("playground-hidden", this.hidden.has(name));
      const locked = this.locked.has(name);
      if (!locked && !element.hasAttribute("data-locked")) continue;
      element.toggleAttribute("data-locked", locked);
      const fields = element.matches("button, input, select")
        ? [element]
        : element.querySelectorAll("button, input, select");
      for (const field of fields) field.toggleAttribute("disabled", locked);
    }
  }

  /** @returns {string[]} parts of the address */
  query() {
    return [
      ["hide", this.hidden],
      ["lock", this.locked],
    ].flatMap(([key, names]) =>
      /** @type {Set<string>} */ (names).size ? [`${key}=${[.../** @type {Set<string>} */ (names)].join(PART)}`] : [],
    );
  }
}

/** @param {string} name */
function known(name) {
  return name in KEYS || name in PARTS || name === "noise";
}
