// Dialogs that make a policy of others: cross two, mutate one, freeze one.
import { call } from "../core/api.js";
import { openDialog } from "../core/dialog.js";
import { checkLabel, labelled, make } from "../core/dom.js";

/** @import { DerivedPolicy, LibraryPolicy } from "../types/schemas.js" */
/** @typedef {"cross" | "mutate" | "freeze"} How */

/** @type {Record<How, { title: (name: string) => string, words: string }>} */
const ABOUT = {
  cross: {
    title: (name) => `Cross ${name} with another policy`,
    words:
      "In each state the child acts as one of its parents does, which one is drawn. Mirror images come from the same parent.",
  },
  mutate: {
    title: (name) => `Mutate ${name}`,
    words: "In some states, which are drawn, another action takes the place of the likeliest one.",
  },
  freeze: {
    title: (name) => `Freeze ${name}`,
    words: "The child always takes the best action of the table, as breeding does with tables that runs learned.",
  },
};

/**
 * @param {How} how
 * @param {LibraryPolicy} parent
 * @param {LibraryPolicy[]} policies the others that can be the second parent
 * @param {(child: LibraryPolicy) => void} made
 */
export function openDerive(how, parent, policies, made) {
  const name = make("input", "field", undefined, {
    id: "derive-name",
    maxlength: "200",
    placeholder: "as its parents",
  });
  const other = make("select", "field", undefined, { id: "derive-other" });
  const others = policies.filter((one) => one.id !== parent.id && !one.archived);
  other.append(...others.map((one) => new Option(one.name, one.id)));
  const seed = number("derive-seed", 0, 0);
  const share = number("derive-share", 50, 0, 100);
  const changes = number("derive-changes", 2, 1);
  const symmetric = make("input", "", undefined, { type: "checkbox", id: "derive-symmetric" });
  symmetric.checked = true;
  /** @type {Record<How, HTMLElement[]>} */
  const fields = {
    cross: [labelled("With", other), labelled("Share of the other, %", share), labelled("Seed of what is drawn", seed)],
    mutate: [
      labelled("States that change, mirror images not counted", changes),
      labelled("Seed of what is drawn", seed),
    ],
    freeze: [checkLabel("Make it mirror symmetric first", symmetric)],
  };
  openDialog({
    title: ABOUT[how].title(parent.name),
    parts: [make("p", "caption", ABOUT[how].words), ...fields[how], labelled("Name", name)],
    verb: "Make it",
    save: async () => {
      /** @type {DerivedPolicy} */
      const body = { how, parents: how === "cross" ? [parent.id, other.value] : [parent.id] };
      if (name.value.trim()) body.name = name.value;
      if (how !== "freeze") body.seed = wholeOf(seed, "The seed");
      if (how === "cross") body.share = wholeOf(share, "The share") / 100;
      if (how === "mutate") body.changes = wholeOf(changes, "The number of states");
      if (how === "freeze") body.symmetric = symmetric.checked;
      /** @type {LibraryPolicy} */
      const child = await call("POST", "/api/v1/policies/derived", body);
      made(child);
    },
  });
}

/** @param {string} id @param {number} value @param {number} least @param {number} [most] */
function number(id, value, least, most) {
  const field = make("input", "field", undefined, { id, type: "number", min: String(least), step: "1" });
  if (most !== undefined) field.max = String(most);
  field.value = String(value);
  return field;
}

/** @param {HTMLInputElement} field @param {string} name */
function wholeOf(field, name) {
  const value = field.valueAsNumber;
  if (!Number.isFinite(value)) throw new Error(`${name} should be a number.`);
  return value;
}
