// Changes of a stored policy: name, notes and tags, archive, deletion. Each tells the page, which loads the library again.
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { openDialog } from "../core/dialog.js";
import { labelled, make, text } from "../core/dom.js";
import { say } from "../core/news.js";
import { commaSeparated } from "../core/words.js";
import { API } from "./words.js";

/** @import { LibraryPolicyDetail, PolicyUpdate } from "../types/schemas.js" */

/** What changes need of the page. @typedef {{problem: HTMLElement, load: () => Promise<void>}} Page */

/** @param {Page} page @param {LibraryPolicyDetail} detail */
export function rename(page, detail) {
  const name = make("input", "field", undefined, { id: "policy-rename", maxlength: "200", required: "" });
  const notes = make("textarea", "field", undefined, { id: "policy-notes", rows: "4" });
  const tags = make("input", "field", undefined, { id: "policy-tags" });
  name.value = detail.name;
  notes.value = detail.notes;
  tags.value = detail.tags.join(", ");
  openDialog({
    title: `Rename ${detail.name}`,
    parts: [
      labelled("Name", name),
      labelled("Notes", notes),
      labelled("Tags, separated by commas", tags),
      make("p", "caption", "Runs that use it keep the name and the table that they were started with."),
    ],
    verb: "Save",
    save: () => change(page, detail, { name: name.value, notes: notes.value, tags: commaSeparated(tags.value) }),
  });
}

/** @param {Page} page @param {LibraryPolicyDetail} detail @param {boolean} archived */
export async function archive(page, detail, archived) {
  try {
    await change(page, detail, { archived });
    say(
      archived ? `“${detail.name}” is archived: kept, and not offered to new runs.` : `“${detail.name}” is back.`,
      () => archive(page, detail, !archived),
    );
  } catch (error) {
    text(page.problem, messageOf(error));
  }
}

/** @param {Page} page @param {LibraryPolicyDetail} detail @param {PolicyUpdate} changes */
async function change(page, detail, changes) {
  await call("PATCH", `${API}/${detail.id}`, changes);
  text(page.problem, "");
  await page.load();
}

/** @param {Page} page @param {LibraryPolicyDetail} detail */
export function remove(page, detail) {
  openDialog({
    title: `Delete ${detail.name}?`,
    parts: [
      make("p", "", "This can't be undone. Download it first to keep a copy; archive it to have it out of the way."),
    ],
    verb: "Delete",
    save: async () => {
      await call("DELETE", `${API}/${detail.id}`);
      history.replaceState({}, "", url("/policies"));
      await page.load();
      say(`“${detail.name}” was deleted.`);
    },
  });
}
