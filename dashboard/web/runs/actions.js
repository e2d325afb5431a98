// Actions on runs from lists and menus: one request for all of them, the outcome in words, and the way back.
import { hasPage, navigate } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { openDialog } from "../core/dialog.js";
import { button, checkLabel, labelled, make, mayChange } from "../core/dom.js";
import * as format from "../core/format.js";
import { openMenu } from "../core/menu.js";
import { say } from "../core/news.js";
import { pageData } from "../core/page_data.js";
import { commaSeparated } from "../core/words.js";
import { changed } from "./changes.js";
import { chosen } from "./chosen.js";

/** @import { RunActionResult, RunFacets, RunRead, RunRow, RunsAction, RunsActionResults } from "../types/schemas.js" */

/** @typedef {RunsAction["action"]} Action */
/** @typedef {{ tags?: string[] }} More what goes along with an action: the tags, for tags */
/** @typedef {{ words: string, pressed: () => unknown, offered: boolean }} MenuItem */

const OFFERED_TAGS = 30;
const COMMAS = "Tags, with commas between them";

/** @type {Record<Action, string>} */
const DONE = {
  pause: "paused",
  resume: "queued again",
  stop: "stopped",
  archive: "archived",
  unarchive: "taken back from the archive",
  delete: "moved to the trash",
  restore: "restored",
  tag: "tagged",
  untag: "untagged",
};

/** @type {Partial<Record<Action, Action>>} */
const BACK = {
  archive: "unarchive",
  unarchive: "archive",
  delete: "restore",
  restore: "delete",
  tag: "untag",
  untag: "tag",
};

/** @type {Set<Action>} actions that take a run out of the view it is in */
const MOVES = new Set(["archive", "unarchive", "delete", "restore"]);

/** @param {string} id */
const apiPath = (id) => `/api/v1/runs/${encodeURIComponent(id)}`;

/** @param {number} count */
const runWords = (count) => format.plural(count, "run");

/**
 * Do one thing with several runs. Resolves to the ids it was done with.
 *
 * @param {Action} action
 * @param {string[]} ids
 * @param {More} [more]
 */
export async function actOnRuns(action, ids, more = {}) {
  const most = pageData().limits.at_once;
  /** @type {RunActionResult[]} */
  const results = [];
  try {
    for (let first = 0; first < ids.length; first += most) {
      const body = { action, ids: ids.slice(first, first + most), ...more };
      /** @type {RunsActionResults} */
      const answer = await call("POST", "/api/v1/runs/actions", body);
      results.push(...answer.results);
    }
  } catch (error) {
    say(messageOf(error));
    return [];
  }
  const done = results.filter((result) => !result.problem).map((result) => result.id);
  const back = BACK[action];
  say(summary(action, done.length, results), done.length && back ? () => actOnRuns(back, done, more) : null);
  // They are no longer in the view in which they were chosen: the next action must not meet them unseen.
  if (MOVES.has(action)) release(done);
  changed();
  return done;
}

/**
 * @param {Action} action
 * @param {number} done how many
 * @param {RunActionResult[]} results
 */
export function summary(action, done, results) {
  const problems = results.flatMap((result) => (result.problem ? [result.problem.detail] : []));
  const words = done ? [`${runWords(done)} ${DONE[action]}.`] : [];
  if (problems.length === 1) words.push(problems[0]);
  else if (problems.length) words.push(`Not ${runWords(problems.length)}: ${problems[0]} …`);
  return words.join(" ");
}

/**
 * Move runs into the trash.
 *
 * @param {string[]} ids
 */
export const deleteRuns = (ids) => actOnRuns("delete", ids);

/** @param {string[]} ids */
function release(ids) {
  const runs = ids.map((id) => ({ id }));
  chosen.set(runs, false);
}

/**
 * Delete runs for good: only those in the trash, whatever else is chosen, since this can't be undone.
 *
 * @param {string[]} ids
 */
export async function purgeRuns(ids) {
  let gone = 0;
  try {
    const trash = new Set(/** @type {string[]} */ (await call("GET", "/api/v1/runs/ids?view=trash")));
    for (const id of ids.filter((one) => trash.has(one))) {
      await call("DELETE", `${apiPath(id)}?purge=true`);
      gone += 1;
    }
    say(`${runWords(gone)} deleted for good.`);
  } catch (error) {
    say(`${gone ? `${runWords(gone)} deleted for good. ` : ""}${messageOf(error)}`);
  }
  release(ids);
  changed();
}

// -- dialogs

/**
 * A field for tags with commas between them, and those that are in use to pick from.
 *
 * @param {string} id
 * @param {string} value
 */
function tagField(id, value) {
  const { tag, tags } = pageData().limits;
  const input = make("input", "field", undefined, { id, autocomplete: "off", maxlength: String((tag + 2) * tags) });
  input.value = value;
  const known = make("div", "tags known-tags");
  void offerTags(input, known);
  return { input, parts: [labelled(COMMAS, input), known] };
}

/**
 * @param {HTMLInputElement} input
 * @param {HTMLElement} known
 */
async function offerTags(input, known) {
  /** @type {RunFacets | null} */
  const facets = await call("GET", "/api/v1/runs/facets").catch(() => null); // they are only a help
  for (const tag of (facets?.tags ?? []).slice(0, OFFERED_TAGS)) {
    const pick = () => {
      const typed = commaSeparated(input.value);
      input.value = (typed.includes(tag) ? typed.filter((one) => one !== tag) : [...typed, tag]).join(", ");
    };
    known.append(button("tag tag-button", tag, pick));
  }
}

/** @param {RunRow} row */
export async function editRun(row) {
  /** @type {RunRead} */
  let run;
  try {
    run = await call("GET", apiPath(row.id));
  } catch (error) {
    say(messageOf(error));
    return;
  }
  const { limits } = pageData();
  const name = make("input", "field", undefined, {
    id: "edit-name",
    maxlength: String(limits.name),
    required: "",
    autocomplete: "off",
  });
  name.value = run.name;
  const tags = tagField("edit-tags", run.tags.join(", "));
  const maxlength = String(limits.notes);
  const notes = make("textarea", "field", undefined, { id: "edit-notes", rows: "4", maxlength });
  notes.value = run.notes;
  openDialog({
    title: "Name, tags and notes",
    parts: [labelled("Name", name), ...tags.parts, labelled("Notes", notes)],
    verb: "Save",
    save: async () => {
      const body = { name: name.value, tags: commaSeparated(tags.input.value), notes: notes.value };
      await call("PATCH", apiPath(run.id), body);
      changed();
    },
  });
}

/** @param {string[]} ids */
export function tagRuns(ids) {
  const field = tagField("add-tags", "");
  const remove = make("input", "", undefined, { type: "checkbox", id: "remove-tags" });
  openDialog({
    title: `Tag ${runWords(ids.length)}`,
    parts: [...field.parts, checkLabel("Take these tags away instead", remove)],
    verb: "Save",
    save: async () => {
      const tags = commaSeparated(field.input.value);
      if (!tags.length) throw new Error("Write at least one tag.");
      await actOnRuns(remove.checked ? "untag" : "tag", ids, { tags });
    },
  });
}

// -- the menu of a row

/**
 * @param {RunRow} run
 * @returns {MenuItem[]}
 */
function items(run) {
  /** @param {string} action */
  const allowed = (action) => run.allowed_actions.includes(action);
  const isHere = !allowed("restore");
  const changes = mayChange(run) && isHere;
  /** @type {(words: string, action: Action, offered: boolean) => MenuItem} */
  const one = (words, action, offered) => ({ words, pressed: () => actOnRuns(action, [run.id]), offered });
  const id = encodeURIComponent(run.id);
  const all = [
    { words: "Open", pressed: () => navigate(`/runs/${id}`), offered: isHere },
    { words: "Name, tags and notes …", pressed: () => editRun(run), offered: changes },
    {
      words: "Start another like this …",
      pressed: () => navigate(`/new?from=${id}`),
      offered: allowed("clone") && hasPage("/new"),
    },
    one("Pause", "pause", allowed("pause")),
    one("Resume", "resume", allowed("resume")),
    one("Stop", "stop", allowed("stop")),
    one("Archive", "archive", !run.archived && changes),
    one("Take back from the archive", "unarchive", run.archived && changes),
    one("Delete", "delete", allowed("delete")),
    one("Restore", "restore", allowed("restore")),
    { words: "Delete for good", pressed: () => purgeRuns([run.id]), offered: allowed("restore") },
  ];
  return all.filter(({ offered }) => offered);
}

/**
 * @param {RunRow} run
 * @param {HTMLElement} anchor
 */
export function openRunMenu(run, anchor) {
  const menu = make("div", "menu", undefined, { role: "menu", "aria-label": `More for ${run.name}` });
  if (run.error) menu.append(make("p", "menu-reason", run.error, { role: "none" }));
  for (const { words, pressed } of items(run)) {
    menu.append(button("menu-item", words, pressed, { role: "menuitem", tabindex: "-1" }));
  }
  document.body.append(menu);
  openMenu(menu, anchor, () => menu.remove());
}
